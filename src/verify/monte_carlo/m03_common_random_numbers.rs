use super::identical_lives::identical;
use crate::prelude::*;
use crate::transform::with_copy;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{History, Move, Settings};
use arcosim_core::model::{Expr, Model, Share, Tables};

pub static M03: Check = Check {
    id: "M03",
    title: "Every patient has the same random numbers under every strategy",
    why: "Under two copies of one strategy, every patient must have the same course. Under two different strategies, \
          the courses of a patient must be the same until the first state in which hazards differ. Otherwise, \
          differences between strategies are partly due to chance. The report states how much smaller the variance of \
          an increment is than with independent patients for each strategy.",
    hint: "If the variance is larger than with independent patients, the treatment itself may increase differences \
           between patients, as an operation for all patients does; then simulate more patients. Please report any \
           other finding with the scenario files.",
    basis: "TECH-VER, own",
    quick: true,
    needs: &[Need::Sample],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same courses until hazards differ", 0.0);
    copies(evidence, &mut comparisons);
    until_they_differ(evidence, &mut comparisons);
    let sample = evidence.sample();
    if let Some(effect) = evidence.effect() {
        let reference = model.reference();
        let of = |arm: usize| sample.totals.strategies[arm].outcomes[effect].sd.unwrap_or(0.0);
        let mut factors = Vec::new();
        for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| *arm != reference) {
            let increment = &sample.totals.strategies[arm].increments;
            let Some(paired) = increment.get(effect).and_then(|own| own.sd) else {
                continue;
            };
            let apart = of(arm) * of(arm) + of(reference) * of(reference);
            factors.push(match paired > 0.0 {
                true => format!("`{}` {}", strategy.name, number(apart / (paired * paired))),
                false => format!("`{}` without any variance", strategy.name),
            });
        }
        if !factors.is_empty() {
            comparisons.note(format!(
                "variance of increments in {} smaller by a factor of: {}",
                model.outcomes[effect].label,
                factors.join(", ")
            ));
        }
    }
    comparisons.verdict("the model has no strategies")
}

/// Checks that patients have the same courses under each strategy and its copy.
fn copies(evidence: &Evidence, comparisons: &mut Comparisons) {
    let model = evidence.model;
    let patients = if evidence.quick { 500 } else { 2000 };
    let mut altered: Model = model.clone();
    let arms = model.strategies.len();
    for arm in 0..arms {
        let name = format!("copy of {}", model.strategies[arm].name);
        altered = with_copy(&altered, arm, &name);
    }
    let Some(simulated) = evidence.simulate(&altered, &evidence.base, patients) else {
        return;
    };
    for (arm, strategy) in model.strategies.iter().enumerate() {
        comparisons.holds(&strategy.name, identical(&simulated, arm, arms + arm), || {
            format!(
                "the courses of patients under a copy of `{}` differ from those under the original",
                strategy.name
            )
        });
    }
}

/// Checks that patients have the same courses under a strategy and the reference until hazards differ.
fn until_they_differ(evidence: &Evidence, comparisons: &mut Comparisons) {
    let model = evidence.model;
    let patients = if evidence.quick { 200 } else { 1000 };
    let tables = Tables::new(model, &evidence.base);
    let settings = Settings::new(patients, evidence.seed);
    let histories = microsim::histories(&tables, &settings, patients);
    let reference = model.reference();
    let plain = |arm: usize| {
        let strategy = &model.strategies[arm];
        strategy.at_start.is_empty() && matches!(strategy.eligible, Expr::Number(x) if x != 0.0)
    };
    for (arm, strategy) in model.strategies.iter().enumerate() {
        if arm == reference || !plain(arm) || !plain(reference) || branches_differ(&tables, arm, reference) {
            continue;
        }
        let differs: Vec<bool> =
            (0..model.states.len()).map(|s| tables.rows[arm][s] != tables.rows[reference][s]).collect();
        let own = |of: usize| histories.iter().filter(move |h| h.strategy == of);
        let mut pairs = own(reference).zip(own(arm));
        let apart = pairs.find(|(one, other)| !alike(evidence, one, other, &differs));
        comparisons.holds(&strategy.name, apart.is_none(), || {
            format!(
                "the course of patient {} under `{}` differs from that under the reference before any hazard differs",
                apart.map_or(0, |(one, _)| one.patient + 1),
                strategy.name
            )
        });
    }
}

/// Whether the shares of branches use a parameter whose value differs between two strategies.
fn branches_differ(tables: &Tables, a: usize, b: usize) -> bool {
    let mut differ = false;
    let transitions = &tables.model.transitions;
    for branch in transitions.iter().flat_map(|t| &t.branches) {
        if let Share::Stated(share) = &branch.share {
            share.walk(&mut |e| {
                if let Expr::Parameter(p) = e {
                    differ |= tables.parameters[a][*p] != tables.parameters[b][*p];
                }
            });
        }
    }
    differ
}

/// Whether two courses of a patient are the same up to the first state in which hazards differ.
fn alike(evidence: &Evidence, one: &History, other: &History, differs: &[bool]) -> bool {
    let begins = |life: &History| match life.moves.first() {
        Some(Move::Start { from, to, .. }) => Some((*from, *to)),
        _ => None,
    };
    let (Some(start), Some(with)) = (begins(one), begins(other)) else {
        return false;
    };
    if start != with || one.attributes != other.attributes {
        return false;
    }
    let mut state = start.1;
    let mut pairs = (1..).map(|i| (one.moves.get(i), other.moves.get(i)));
    loop {
        if differs[state] {
            return true;
        }
        match pairs.next() {
            Some((Some(a), Some(b))) if a == b => {
                if let Move::Fired { edge, .. } = a {
                    state = evidence.paths.edges[*edge].to;
                }
            }
            Some((None, None)) | None => return true,
            _ => return false,
        }
    }
}
