use crate::prelude::*;
use crate::situations;
use crate::yearly_amounts::{per_year, yearly_quality};
use arcosim_core::model::hazard;
use arcosim_core::model::hazard::Reads;

pub static D01: Check = Check {
    id: "D01",
    title: "Quality of life falls as the disease goes on, and nothing beyond it is better than its beginning",
    why: "The worth of a year is compared along the progression that the scenario names, for the same patients at the same time. \
          It should not rise from one state to the next. And where a state beyond the progression, such as that after an \
          operation, is typically worth more than the state in which the disease begins, whatever delays it loses quality of \
          life: that may be right, but it decides the result and should be confirmed.",
    hint: "Compare the utilities of the two states, with their sources; the finding gives both values.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let order = &evidence.scenario.verify.progression;
    if order.len() < 2 {
        return Verdict::skip(
            "the scenario does not say in which order the disease goes through its states ([verify] progression)",
        );
    }
    let Some(outcome) = yearly_quality(evidence).into_iter().next() else {
        return Verdict::skip("quality of life is not counted");
    };
    let mut comparisons =
        Comparisons::new("quality of life that does not rise along the progression, nor beyond it", 0.0);
    for pair in order.windows(2) {
        let (a, b) = (&model.states[pair[0]].name, &model.states[pair[1]].name);
        let Some(most) = rise(evidence, outcome, pair[0], pair[1]) else {
            continue;
        };
        comparisons.advisable(b, most.rise <= 1e-9, || {
            format!(
                "a year in `{b}` is worth {} and one in `{a}`, before it, {} (in cycle {})",
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
                "a year in `{name}` is typically worth {} and one in `{}`, where the disease begins, {}: delaying it loses quality of life; confirm",
                number(typical.before + typical.rise),
                model.states[first].name,
                number(typical.before)
            )
        });
    }
    comparisons.verdict("nothing to compare")
}

/// By how much a year in one state is worth more than one in another, for one patient at one time.
struct Rise {
    rise: f64,
    before: f64,
    cycle: usize,
}

/// The situation in which a year in a later state is worth most beyond one in an earlier state; `None` where nothing is
/// counted in one of them.
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

/// Living states outside the progression to which a transition leads from it, and from which none leads into it: a
/// state before the disease is no state beyond it.
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
