use super::identical_lives::same_counts;
use crate::prelude::*;
use crate::transform::{with_copy, without_strategy};
use arcosim_core::engine::microsim::Simulated;
use arcosim_core::model::Model;

pub static M05: Check = Check {
    id: "M05",
    title: "Adding or removing a strategy does not change the results of the others",
    why: "A copy of each strategy is added, and each strategy is removed, one at a time. The courses, costs and \
          effects of simulated patients under all other strategies must stay the same to the last bit, and exact \
          expected values to nine digits. Otherwise, the comparison of two strategies depends on which other \
          strategies are in the scenario.",
    hint: "Check for formulas that depend on the number of strategies; if there are none, please report the finding \
           with the scenario files.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    if model.strategies.is_empty() {
        return Verdict::skip("the model has no strategies");
    }
    let patients = if evidence.quick { 500 } else { 2000 };
    let Some(own) = evidence.simulate(model, &evidence.base, patients) else {
        return Verdict::skip("stopped");
    };
    let mut comparisons = Comparisons::new(
        "unchanged results of all other strategies: identical simulations, and expected values to \
                          nine digits",
        EXACT,
    );
    let everyone: Vec<usize> = (0..model.strategies.len()).collect();
    for of in 0..model.strategies.len() {
        let copied = with_copy(model, of, &format!("copy of {}", model.strategies[of].name));
        if of == 0 || !evidence.quick {
            unchanged(evidence, &copied, (&own, patients), &everyone, "is copied", of, &mut comparisons);
        }
        let others: Vec<usize> = everyone.iter().copied().filter(|s| *s != of).collect();
        let last = of + 1 == model.strategies.len();
        if let Some(fewer) = without_strategy(model, of).filter(|fewer| !fewer.strategies.is_empty())
            && (last || !evidence.quick)
            && !evidence.stopped()
        {
            unchanged(evidence, &fewer, (&own, patients), &others, "is removed", of, &mut comparisons);
        }
    }
    comparisons.note(format!("{patients} patients"));
    comparisons.verdict("the model has no strategies")
}

/// Compares the strategies `kept`, which are the first strategies of the altered model in the same order, with their
/// original results.
fn unchanged(
    evidence: &Evidence,
    altered: &Model,
    (own, patients): (&Simulated, u64),
    kept: &[usize],
    change: &str,
    of: usize,
    comparisons: &mut Comparisons,
) {
    let model = evidence.model;
    let Some(simulated) = evidence.simulate(altered, &evidence.base, patients) else {
        return;
    };
    let exact = evidence.totals_of(altered, &evidence.base);
    let base = evidence.totals();
    for (now, &before) in kept.iter().enumerate() {
        let name = &model.strategies[before].name;
        let counts = |of: &Simulated, arm: usize| of.counts.strategies[arm].clone();
        let outcomes =
            |of: &Simulated, arm: usize| of.totals.strategies.get(arm).map(|own| own.outcomes.clone());
        let same = same_counts(&counts(own, before), &counts(&simulated, now))
            && outcomes(own, before) == outcomes(&simulated, now);
        comparisons.holds(name, same, || {
            format!("simulated results under `{name}` change when `{}` {change}", model.strategies[of].name)
        });
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what =
                format!("{} under `{name}` when `{}` {change}", outcome.name, model.strategies[of].name);
            // The tolerance is relative to the largest total, because totals may be differences of larger amounts.
            let size: f64 = base.iter().map(|own| own[o].abs()).fold(0.0, f64::max);
            comparisons.same_by(name, &what, (base[before][o], exact[now][o]), size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    /// Renames a transition, which changes the random numbers of all strategies.
    #[test]
    fn strategies_that_change_with_others_are_found() {
        with_evidence(&mended(MENDED), &[Need::Counts], |evidence| {
            let own = evidence.simulate(evidence.model, &evidence.base, 300).expect("nobody stops it");
            let mut altered = with_copy(evidence.model, 0, "copy");
            altered.transitions[0].name = "other luck".into();
            let mut comparisons = Comparisons::new("", EXACT);
            unchanged(evidence, &altered, (&own, 300), &[0, 1], "is copied", 0, &mut comparisons);
            let findings = comparisons.verdict("").findings;
            assert_eq!(findings.len(), 2, "{findings:?}");
        });
    }
}
