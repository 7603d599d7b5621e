use super::changes::{largest_change, sizes};
use crate::prelude::*;
use arcosim_analysis::evaluation::Evaluator;
use arcosim_analysis::psa::Psa;
use arcosim_core::model::ParametersRead;
use arcosim_core::model::uncertainty::Together;

pub static U15: Check = Check {
    id: "U15",
    title: "Every parameter that is used or drawn affects a result",
    why: "Each parameter that the model uses is changed alone: by 1%, by larger factors and, if it has a \
          distribution, by exchanging values between draws. At least one cost, effect or number of patients in a \
          state must change. A parameter that changes nothing is not connected to the results: usually the formula \
          that should use it uses another parameter, or a condition excludes it. Its sensitivity analysis is then \
          meaningless.",
    hint: "Search the scenario for the name of the parameter, and check whether it is multiplied by 0 or used only in \
           a state that patients never enter.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Draws, Need::Nudged],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let psa = evidence.draws().ok();
    let mut comparisons = Comparisons::new("a change in a result for every parameter", 0.0);
    let base = evidence.totals();
    let sizes = sizes(&base);
    let moves = |p: usize| {
        let own = evidence.nudged().iter().find(|own| own.parameter == p);
        own.is_some_and(|own| largest_change(&own.totals, &base, &sizes) > 1e-12)
    };
    let read = ParametersRead::of(evidence.model);
    let mut evaluator = evidence.evaluator();
    let drawn = evidence.scenario.uncertainty.varying();
    for p in 0..evidence.base.len() {
        let in_draws = psa.filter(|_| drawn.contains(&p));
        let alive = match (read.anywhere[p], in_draws) {
            // An unused parameter without a distribution is not reported again, because `check` and S14 report it.
            (false, None) => continue,
            (false, Some(_)) => false,
            (true, _) if moves(p) => true,
            (true, Some(psa)) => moves_in_draws(evidence, psa, &mut evaluator, p),
            (true, None) => moves_far(evidence, &mut evaluator, p),
        };
        comparisons.advisable(evidence.name(p), alive, || {
            let what = match (read.anywhere[p], in_draws.is_some()) {
                (true, true) => "is drawn, but changes no cost, effect or number of patients in a state",
                (true, false) => "is used, but changes no cost, effect or number of patients in a state",
                (false, _) => "is drawn, but the model does not use it",
            };
            format!("`{}` {what}", evidence.name(p))
        });
    }
    comparisons.verdict("the model uses no parameters")
}

/// Whether a large change of a parameter changes a total or the course of patients. A time limit, for example, has no
/// effect until it reaches another cycle. A parameter that can have no other value counts as effective.
fn moves_far(evidence: &Evidence, evaluator: &mut Evaluator, p: usize) -> bool {
    let base = evidence.totals();
    let mut somewhere = false;
    let moved = [0.5, 2.0, 0.1, 10.0].into_iter().any(|factor| {
        let mut values = evidence.base.clone();
        values[p] *= factor;
        if values[p] == evidence.base[p] || !evidence.kind(p).allows(values[p]) {
            return false;
        }
        let Ok(totals) = evidence.evaluate(evaluator, &values) else {
            return false;
        };
        somewhere = true;
        largest_change(&totals, &base, &sizes(&base)) > 1e-12
            || evidence.solve(evidence.model, &values) != *evidence.counts()
    });
    moved || !somewhere
}

/// Whether a total or any occupancy changes if the values of parameter `p` are exchanged between two draws.
fn moves_in_draws(evidence: &Evidence, psa: &Psa, evaluator: &mut Evaluator, p: usize) -> bool {
    let n = psa.values.len();
    let exchanged = |d: usize| {
        let mut values = psa.values[d].clone();
        let other = &psa.values[(d + n / 3 + 1) % n];
        values[p] = other[p];
        // Shares of one whole are exchanged together, because they may be unable to change alone.
        if let Some(joint) = evidence.scenario.uncertainty.joint_of(p)
            && matches!(joint.how, Together::Shares { .. })
        {
            joint.members.iter().for_each(|&q| values[q] = other[q]);
        }
        values
    };
    let in_totals = [0, n / 3, 2 * n / 3].into_iter().any(|d| {
        let totals = evidence.evaluate(evaluator, &exchanged(d));
        totals.is_ok_and(|totals| largest_change(&totals, &psa.totals[d], &sizes(&psa.totals[d])) > 1e-12)
    });
    in_totals
        || evidence.solve(evidence.model, &exchanged(0)) != evidence.solve(evidence.model, &psa.values[0])
}
