use super::health_outcomes::gained_outcomes;
use crate::prelude::*;
use arcosim_analysis::evaluation::Evaluator;
use arcosim_core::model::{Branch, Expr, Share};

pub static R17: Check = Check {
    id: "R17",
    title: "Complications incur costs and losses, and never gains",
    why: "The share of each complication, and of deaths from procedures, is set to 0. No strategy may then lose \
          health, because a complication must not be beneficial. A complication that leaves patients in their state \
          must also change at least one total. Otherwise, its costs and losses are missing or have the wrong sign, \
          and the procedure looks too good.",
    hint: "Check the rewards with the complication in their `branches`, and the signs of their amounts.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("no loss of health without the complication, and at least one changed total", EXACT);
    let mut evaluator = Evaluator::new(model, evidence.integration);
    let base = evaluator.totals(&evidence.base);
    let effects = gained_outcomes(evidence);
    for one in complications(evidence) {
        let name = &model.parameters[one.parameter].name;
        if evidence.base[one.parameter] == 0.0 {
            continue;
        }
        let mut values = evidence.base.clone();
        values[one.parameter] = 0.0;
        let without = evaluator.totals(&values);
        let place = one.places.first().map_or("", |place| place);
        let more = match one.places.len() {
            1 => String::new(),
            2 => " (and at one more place)".into(),
            n => format!(" (and at {} more places)", n - 1),
        };
        for &o in &effects {
            let worse: Vec<usize> = (0..model.strategies.len())
                .filter(|&arm| without[arm][o] < base[arm][o] - EXACT * base[arm][o].abs())
                .collect();
            // This is a warning for deaths, because a death in surgery may avoid years in a state worse than death.
            let text = || {
                format!(
                    "without {place}{more}, `{}` decreases under {}: the complication counts as a gain instead of a \
                     loss",
                    model.outcomes[o].name,
                    arms(model, &worse)
                )
            };
            match one.fatal {
                true => comparisons.advisable(name, worse.is_empty(), text),
                false => comparisons.holds(name, worse.is_empty(), text),
            };
        }
        let same = |a: &f64, b: &f64| (a - b).abs() <= 1e-13 * b.abs().max(1e-9);
        let idle = without.iter().zip(&base).all(|(a, b)| a.iter().zip(b).all(|(x, y)| same(x, y)));
        comparisons.advisable(name, !idle, || {
            format!("{place}{more} has no consequences: setting its share `{name}` to 0 changes no total")
        });
    }
    comparisons.verdict("no procedure or transition has a complication whose share is a parameter")
}

/// A complication: a branch whose share is a parameter, while another branch takes the remainder.
struct Complication {
    parameter: usize,
    /// Descriptions of the procedures and transitions with this complication.
    places: Vec<String>,
    /// Whether the complication is fatal; otherwise patients stay in their state.
    fatal: bool,
}

fn complications(evidence: &Evidence) -> Vec<Complication> {
    let model = evidence.model;
    let mut found: Vec<Complication> = Vec::new();
    let mut look = |branches: &[Branch], place: &dyn Fn(&Branch) -> String| {
        let rest = branches.iter().any(|b| b.share == Share::Rest);
        for branch in branches.iter().filter(|_| rest) {
            let Share::Stated(Expr::Parameter(p)) = branch.share else {
                continue;
            };
            let fatal = branch.to.is_some_and(|to| evidence.is_dead(to));
            if branch.to.is_some() && !fatal {
                continue;
            }
            match found.iter_mut().find(|one| one.parameter == p && one.fatal == fatal) {
                Some(one) => one.places.push(place(branch)),
                None => found.push(Complication { parameter: p, places: vec![place(branch)], fatal }),
            }
        }
    };
    for strategy in &model.strategies {
        look(&strategy.at_start, &|b| format!("`{}` at the start of `{}`", b.name, strategy.name));
    }
    for transition in &model.transitions {
        look(&transition.branches, &|b| format!("`{}` of `{}`", b.name, transition.name));
    }
    found
}
