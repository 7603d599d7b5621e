use super::changes::{largest_change, sizes};
use crate::prelude::*;
use arcosim_analysis::evaluation::Evaluator;
use arcosim_analysis::psa::Psa;
use arcosim_core::model::ParametersRead;
use arcosim_core::model::uncertainty::Together;

pub static U15: Check = Check {
    id: "U15",
    title: "Every parameter that is read or drawn affects a result",
    why: "Each parameter that the model reads is changed alone, a little and by half, those that have a distribution also in several draws, and \
          something must change: a cost, an effect, or at least how many patients are where. A parameter that changes nothing is read for \
          nothing; usually the expression that should read it reads another, or a condition keeps it out.",
    hint: "Search the scenario for the name. If it is multiplied by a 0 or read in a state that patients never enter, that is the place.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Draws, Need::Nudged],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let psa = evidence.draws().ok();
    let mut comparisons = Comparisons::new("changing any parameter alone changes a result", 0.0);
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
            // That nothing reads it is said once, by `check` and by S14.
            (false, None) => continue,
            (false, Some(_)) => false,
            (true, _) if moves(p) => true,
            (true, Some(psa)) => moves_in_draws(evidence, psa, &mut evaluator, p),
            (true, None) => moves_far(evidence, &mut evaluator, p),
        };
        comparisons.advisable(evidence.name(p), alive, || {
            let what = match (read.anywhere[p], in_draws.is_some()) {
                (true, true) => "is drawn and changes nothing that is counted",
                (true, false) => "is read, and changes nothing that is counted",
                (false, _) => "is drawn and nothing reads it",
            };
            format!("`{}` {what}", evidence.name(p))
        });
    }
    comparisons.verdict("nothing is read")
}

/// Whether a value far from its own changes a total, or the way of patients through the states: a limit of time, for instance, moves
/// nothing until it reaches another cycle. One that can have no other value is believed.
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

/// Whether exchanging one value between draws changes a total, or the way of patients through the states.
fn moves_in_draws(evidence: &Evidence, psa: &Psa, evaluator: &mut Evaluator, p: usize) -> bool {
    let n = psa.values.len();
    let exchanged = |d: usize| {
        let mut values = psa.values[d].clone();
        let other = &psa.values[(d + n / 3 + 1) % n];
        values[p] = other[p];
        // Shares of one whole cannot always move alone.
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
