use crate::prelude::*;
use crate::situations;
use crate::yearly_amounts::{per_year, yearly_quality};
use arcosim_core::model::hazard;
use arcosim_core::model::hazard::Reads;

pub static D01: Check = Check {
    id: "D01",
    title: "Utility decreases along the disease progression, and later states are not better than the first",
    why: "The utility of a year is compared along the progression of the scenario, for the same patients at the same \
          time. It should not increase from one state to the next. If a state after the progression, for example \
          after an operation, typically has a higher utility than the first state of the disease, any treatment that \
          delays it loses quality of life. This can be correct, but it determines the result and should be \
          confirmed.",
    hint: "Compare the utilities of the two states in the finding with their sources.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let order = &evidence.scenario.verify.progression;
    if order.len() < 2 {
        return Verdict::skip(absent::PROGRESSION);
    }
    let Some(outcome) = yearly_quality(evidence).into_iter().next() else {
        return Verdict::skip("no utilities accrue in this model");
    };
    let mut comparisons =
        Comparisons::new("utilities that do not increase along the progression or after it", 0.0);
    for pair in order.windows(2) {
        let (a, b) = (&model.states[pair[0]].name, &model.states[pair[1]].name);
        let Some(most) = rise(evidence, outcome, pair[0], pair[1]) else {
            continue;
        };
        comparisons.advisable(b, most.rise <= 1e-9, || {
            format!(
                "the utility in `{b}` is {}, but in `{a}`, the state before it, only {} (in cycle {})",
                number(most.before + most.rise),
                number(most.before),
                most.cycle + 1
            )
        });
    }
    let first = order[0];
    for state in beyond(evidence) {
        let mut all = compared(evidence, outcome, first, state);
        all.sort_by(|x, y| x.rise.total_cmp(&y.rise));
        let Some(typical) = all.get(all.len() / 2) else {
            continue;
        };
        let name = &model.states[state].name;
        comparisons.advisable(name, typical.rise <= 1e-9, || {
            format!(
                "the utility in `{name}` is typically {}, but in `{}`, the first state of the disease, only {}: \
                 delaying it loses quality of life; please confirm",
                number(typical.before + typical.rise),
                model.states[first].name,
                number(typical.before)
            )
        });
    }
    comparisons.verdict("nothing to compare")
}

/// Difference in utility between two states, for one patient at one time.
struct Rise {
    rise: f64,
    before: f64,
    cycle: usize,
}

/// The situation with the largest increase in utility from an earlier state to a later one; `None` if one of the states
/// has no utility.
fn rise(evidence: &Evidence, outcome: usize, earlier: usize, later: usize) -> Option<Rise> {
    let all = compared(evidence, outcome, earlier, later).into_iter();
    all.max_by(|x, y| x.rise.total_cmp(&y.rise))
}

/// Compares two states for the same patients at the same times under the reference strategy.
fn compared(evidence: &Evidence, outcome: usize, earlier: usize, later: usize) -> Vec<Rise> {
    let model = evidence.model;
    let strategy = model.reference();
    let mut all = Vec::new();
    let amount = |state: usize| per_year(model, outcome, strategy, state);
    if let (Some(before), Some(after)) = (amount(earlier), amount(later)) {
        let mut reads = Reads::of(&before);
        reads.add(&after);
        let parameters = model.strategies[strategy].parameters(model, &evidence.base);
        situations::each(model, &parameters, earlier, &reads, false, |s| {
            let mut then = *s;
            then.state = later;
            let before = before.value(s);
            all.push(Rise { rise: after.value(&then) - before, before, cycle: s.cycle });
        });
    }
    all
}

/// Living states outside the progression that are reached from it. States with a transition into the progression are
/// excluded, because they are states before the disease.
fn beyond(evidence: &Evidence) -> Vec<usize> {
    let order = &evidence.scenario.verify.progression;
    let transitions = &evidence.model.transitions;
    let leads_in = |state: usize| {
        let mut own = transitions.iter().filter(|t| t.from.contains(&state));
        own.any(|t| t.branches.iter().any(|b| b.to.is_some_and(|to| order.contains(&to))))
    };
    let mut found = Vec::new();
    for transition in transitions {
        if transition.from.iter().any(|s| order.contains(s)) {
            let targets = transition.branches.iter().filter_map(|b| b.to);
            let outside = |to: &usize| !order.contains(to) && !evidence.is_dead(*to) && !leads_in(*to);
            targets.filter(outside).for_each(|to| hazard::insert(&mut found, to));
        }
    }
    found
}
