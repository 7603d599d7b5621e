use crate::prelude::*;
use crate::transform::without_counting;
use arcosim_core::engine::microsim::{self, Move, Settings};
use arcosim_core::math;
use arcosim_core::model::quadrature::panels;
use arcosim_core::model::{AttributeFamily, Model, Tables, situation};

pub static F16: Check = Check {
    id: "F16",
    title: "Simulated patients match the population of the scenario",
    why: "Shares of categories and of starting states, and means and standard deviations of attributes such as age, \
          must lie within 5 standard errors of the values in the scenario. Attributes must be uncorrelated, because \
          the scenario specifies no correlations. Limits such as an age range truncate a distribution: if this moves \
          the mean by more than a fifth of a standard deviation, or reduces the standard deviation by more than a \
          quarter, the results are for another population than that of the source.",
    hint: "Widen the limits, or enter the mean and standard deviation that the distribution has before truncation. \
           Without such limits, please report the finding with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// Number of standard errors above which a difference is not due to chance.
const LIMIT: f64 = 5.0;

/// Shift of the mean by truncation, in standard deviations, above which a warning is given.
const SHIFT: f64 = 0.2;

/// Ratio of the truncated to the stated standard deviation below which a warning is given.
const SHRINK: f64 = 0.75;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let patients = drawn(evidence);
    let n = patients.len() as f64;
    let mut comparisons =
        Comparisons::new("shares, means and standard deviations as stated, within 5 standard errors", 0.0);
    let mut furthest: f64 = 0.0;
    let mut judge =
        |comparisons: &mut Comparisons, name: &str, what: &str, (due, seen): (f64, f64), se: f64| {
            let off = (seen - due).abs();
            // Without sampling variation, only rounding error is tolerated.
            let z = match se > 0.0 {
                true => off / se,
                false if off <= 1e-9 * due.abs().max(1.0) => 0.0,
                false => f64::INFINITY,
            };
            furthest = furthest.max(z);
            comparisons.holds(name, z <= LIMIT, || {
                format!(
                    "{what} is {} among simulated patients and should be {} ({} standard errors)",
                    number(seen),
                    number(due),
                    number(z)
                )
            });
        };
    let own = &Tables::new(model, &evidence.base);
    let parameters = &own.parameters[0];
    let share = |p: f64| math::sqrt((p * (1.0 - p)).max(0.0) / n);
    for (a, attribute) in model.attributes.iter().enumerate() {
        let name = &attribute.name;
        match attribute.is_number() {
            false => {
                let listed = attribute.listed(model, parameters).unwrap_or_default();
                let due: Vec<f64> = listed.iter().map(|node| node.weight).collect();
                for (c, category) in attribute.categories().iter().enumerate() {
                    let seen = patients.iter().filter(|(x, _)| x[a] as usize == c).count() as f64 / n;
                    let what = format!("the share of patients with {name} = {category}");
                    judge(&mut comparisons, name, &what, (due[c], seen), share(due[c]));
                }
            }
            true => {
                let moments =
                    Moments::of(panels(model, a, parameters, 4).iter().map(|n| (n.value, n.weight)));
                let seen = Moments::of(patients.iter().map(|(x, _)| (x[a], 1.0 / n)));
                let se = moments.sd / math::sqrt(n);
                judge(&mut comparisons, name, &format!("the mean of {name}"), (moments.mean, seen.mean), se);
                // Standard error of a standard deviation, from the fourth central moment.
                let se = match moments.sd > 0.0 {
                    true => {
                        let kurtosis = moments.fourth / (moments.sd * moments.sd);
                        math::sqrt((kurtosis - moments.sd * moments.sd).max(0.0) / n) / 2.0
                    }
                    false => 0.0,
                };
                judge(
                    &mut comparisons,
                    name,
                    &format!("the standard deviation of {name}"),
                    (moments.sd, seen.sd),
                    se,
                );
                if let Some(distribution) = attribute.distribution().filter(|_| attribute.by().is_empty()) {
                    cut(model, distribution, parameters, name, &moments, &mut comparisons);
                }
            }
        }
    }
    for &(state, due) in &own.start {
        let seen = patients.iter().filter(|(_, s)| *s == state).count() as f64 / n;
        let name = &model.states[state].name;
        judge(
            &mut comparisons,
            name,
            &format!("the share of patients who start in `{name}`"),
            (due, seen),
            share(due),
        );
    }
    for b in 0..model.attributes.len() {
        for a in 0..b {
            let r = correlation(patients.iter().map(|(x, _)| (x[a], x[b])));
            let (one, other) = (&model.attributes[a].name, &model.attributes[b].name);
            if let Some(r) = r {
                judge(
                    &mut comparisons,
                    other,
                    &format!("the correlation of {one} and {other}"),
                    (0.0, r),
                    1.0 / math::sqrt(n),
                );
            }
        }
    }
    comparisons.note(format!("{n} patients, largest deviation {} standard errors", number(furthest)));
    comparisons.verdict("the model has no starting population")
}

/// Attributes and starting state of each simulated patient.
fn drawn(evidence: &Evidence) -> Vec<(Vec<f64>, usize)> {
    let mut still: Model = without_counting(evidence.model);
    still.transitions.clear();
    still.strategies.truncate(1);
    for strategy in &mut still.strategies {
        strategy.effects.clear();
        strategy.at_start.clear();
        strategy.otherwise = None;
    }
    let tables = Tables::new(&still, &evidence.base);
    let patients = evidence.patients();
    let settings = Settings::new(patients, evidence.seed);
    let histories = microsim::histories(&tables, &settings, patients);
    histories
        .into_iter()
        .filter_map(|history| match history.moves.first() {
            Some(Move::Start { from, .. }) => Some((history.attributes, *from)),
            _ => None,
        })
        .collect()
}

/// Warns if the limits of a distribution change the population noticeably.
fn cut(
    model: &Model,
    distribution: &arcosim_core::model::AttributeDistribution,
    parameters: &[f64],
    name: &str,
    within: &Moments,
    comparisons: &mut Comparisons,
) {
    let (AttributeFamily::Normal { mean, sd }, Some((low, high))) =
        (&distribution.family, distribution.within)
    else {
        return;
    };
    let s = situation(model, parameters, &[], 0);
    let (mean, sd) = (mean.value(&s), sd.value(&s));
    let fine = (within.mean - mean).abs() <= SHIFT * sd && within.sd >= SHRINK * sd;
    comparisons.advisable(name, fine, || {
        format!(
            "truncated to {} to {}, {name} has a mean of {} and a standard deviation of {}, but the scenario states \
             {} and {}",
            number(low),
            number(high),
            number(within.mean),
            number(within.sd),
            number(mean),
            number(sd)
        )
    });
}

/// Mean, standard deviation and fourth moment of a distribution.
struct Moments {
    mean: f64,
    sd: f64,
    /// Fourth central moment.
    fourth: f64,
}

impl Moments {
    fn of(weighted: impl Iterator<Item = (f64, f64)> + Clone) -> Moments {
        let mean: f64 = weighted.clone().map(|(x, w)| x * w).sum();
        let (mut square, mut fourth) = (0.0, 0.0);
        for (x, w) in weighted {
            let off = (x - mean) * (x - mean);
            square += off * w;
            fourth += off * off * w;
        }
        Moments { mean, sd: math::sqrt(square), fourth }
    }
}

/// Correlation of pairs of values; `None` if one of the variables does not vary.
fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let n = pairs.clone().count() as f64;
    let (x, y) = pairs.clone().fold((0.0, 0.0), |(x, y), (a, b)| (x + a / n, y + b / n));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        xx += (a - x) * (a - x);
        yy += (b - y) * (b - y);
        xy += (a - x) * (b - y);
    }
    let small = |square: f64, mean: f64| square <= 1e-18 * n * mean.abs().max(1.0);
    (!small(xx, x) && !small(yy, y)).then(|| xy / math::sqrt(xx * yy))
}
