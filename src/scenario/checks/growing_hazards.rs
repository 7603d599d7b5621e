//! Warns about hazard ratios on hazards that grow so much that no ratio can save anybody.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spans::Spans;
use arcosim_core::model::hazard::stretched;
use arcosim_core::model::{EffectOn, Hazard, Model, Situation, fixed_attributes, situation};
use arcosim_core::words::{all_of, rounded};

/// Hazard per year, with the effect, above which practically nobody is spared for another year.
const CERTAIN: f64 = 7.0;

/// Hazard per year up to which the event is no matter of weeks from the start of its clock.
const MODERATE: f64 = 1.0;

/// Warns about each transition whose hazard is moderate at first and later exceeds, even when reduced by a hazard ratio, what anybody
/// can escape: the treated then have the event at nearly the same time as everybody else. Evaluated at base values, for one patient.
pub fn growing(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    let base = model.base_values();
    let attributes = fixed_attributes(model, &base);
    let just_entered = vec![0; model.groups.len()];
    for (t, (transition, &place)) in model.transitions.iter().zip(&spans.hazards).enumerate() {
        let Hazard::Distribution { time, ratio, .. } = &transition.hazard else { continue };
        let mut found: Option<(f64, Vec<&str>)> = None;
        for (s, strategy) in model.strategies.iter().enumerate() {
            let parameters = strategy.parameters(model, &base);
            let state = transition.from.first().copied().unwrap_or(0);
            let now =
                Situation { residence: &just_entered, ..situation(model, &parameters, &attributes, state) };
            let reduces = |effect: &&arcosim_core::model::Effect| {
                effect.on == EffectOn::Hazard
                    && effect.transitions.contains(&t)
                    && effect.full_until.is_none()
            };
            let reduced: f64 = strategy.effects.iter().filter(reduces).map(|e| e.ratio.value(&now)).product();
            if !(reduced > 0.0 && reduced < 1.0) {
                continue;
            }
            let time = stretched(time, model, s, t, &now);
            let ratio = reduced * ratio.value(&now);
            let over = |year: f64| ratio * time.hazard_between(year, year + 1.0);
            let last = model.time.years(model.time.cycles).floor() as usize;
            let certain = (1..last).map(|year| year as f64).find(|year| over(*year) > CERTAIN);
            if let Some(year) = certain.filter(|_| over(0.0) <= MODERATE) {
                let (first, names) = found.get_or_insert((year, Vec::new()));
                *first = first.min(year);
                names.push(&strategy.name);
            }
        }
        let Some((year, names)) = found else { continue };
        out.push(
            Diagnostic::warning(
                "W0544",
                format!("the hazard of `{}` grows so much that a hazard ratio saves nobody after year {}", transition.name, rounded(year, 6)),
            )
            .at(place, format!("the ratio acts under {}", all_of(&names)))
            .why("all patients have the event within about a year from then on, treated or not, so the treatment only seems to have no lasting effect")
            .help("write the effect as `time_ratio`, which delays the event; or write the share of patients who never have it (`never`), and the effect as `never_odds_ratio`; or check the unit of the scale or the rates"),
        );
    }
}
