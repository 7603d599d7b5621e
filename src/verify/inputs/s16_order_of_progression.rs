use crate::prelude::*;

pub static S16: Check = Check {
    id: "S16",
    title: "The disease does not regress",
    why: "The scenario lists the states of the disease in order of progression, best first. No transition may lead \
          from one of them to an earlier one, because a reversed arrow lets patients recover from an irreversible \
          disease.",
    hint: "Swap `from` and `to` of the transition; if the disease can regress, remove it from `progression`.",
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
    let place = |state: usize| order.iter().position(|&s| s == state);
    let mut comparisons =
        Comparisons::new("no transition from a later state of the progression to an earlier one", 0.0);
    for transition in &model.transitions {
        for &from in &transition.from {
            for to in transition.branches.iter().filter_map(|b| b.to) {
                if let (Some(a), Some(b)) = (place(from), place(to)) {
                    comparisons.holds(&transition.name, b >= a, || {
                        format!(
                            "transition `{}` leads back from `{}` to `{}`",
                            transition.name, model.states[from].name, model.states[to].name
                        )
                    });
                }
            }
        }
    }
    comparisons.verdict("no transition connects two states of the progression")
}
