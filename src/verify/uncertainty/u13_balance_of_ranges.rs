use crate::evidence::Totals;
use crate::prelude::*;
use arcosim_analysis::sensitivity::net_benefit::{best, increment, ranked};

pub static U13: Check = Check {
    id: "U13",
    title: "One-way ranges are not all biased in one direction",
    why: "Every parameter is moved to both ends of its range, and what that adds to the net benefit of the leading strategy \
          against the reference is set against what it takes away. If the gains are more than five times the losses, or the \
          losses five times the gains, the ranges were perhaps chosen so that they cannot hurt: base values at the \
          unfavourable end, or ranges that only reach to one side.",
    hint: "Look at the parameters with the longest bars: base should lie between low and high, and both have a source.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts, Need::Ends],
    run,
};

/// One side may outweigh the other so many times.
const LEAN: f64 = 5.0;

/// With fewer ranges that do anything there is no balance to speak of.
const FEW: usize = 4;

fn run(evidence: &Evidence) -> Verdict {
    let Some(decision) = &evidence.scenario.decision else {
        return Verdict::skip(absent::DECISION);
    };
    let (model, threshold) = (evidence.model, decision.threshold());
    let base = evidence.totals();
    let reference = model.reference();
    let leading = ranked(model, decision, &base, threshold).into_iter().find(|&s| s != reference);
    let Some(leading) = leading else {
        return Verdict::skip(absent::CHOICE);
    };
    let worth = |totals: &Totals| increment(decision, totals, (leading, reference), threshold);
    let best_at_base = best(model, decision, &base, threshold);
    let (mut gains, mut losses, mut looked_at, mut changes) = (0.0, 0.0, 0, 0);
    let mut moving: Vec<(usize, f64)> = Vec::new();
    for own in evidence.ends() {
        let by = own.totals.iter().flatten().map(|totals| worth(totals) - worth(&base));
        let by: Vec<f64> = by.collect();
        gains += by.iter().fold(0.0, |sum, x| sum + x.max(0.0));
        losses += by.iter().fold(0.0, |sum, x| sum - x.min(0.0));
        looked_at += by.len();
        changes += own
            .totals
            .iter()
            .flatten()
            .filter(|t| best(model, decision, t, threshold) != best_at_base)
            .count();
        let most = by.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        if most > 1e-9 * worth(&base).abs() {
            moving.push((own.parameter, most));
        }
    }
    if moving.len() < FEW {
        return Verdict::skip(
            "fewer than four parameters with a range or a distribution change the net benefit",
        );
    }
    let mut comparisons = Comparisons::new(
        "ends of ranges that favour the leading strategy and ends that do not weigh about the same",
        0.0,
    );
    let name = &model.strategies[leading].name;
    let ratio = gains.max(losses) / gains.min(losses).max(f64::MIN_POSITIVE);
    comparisons.advisable(name, ratio <= LEAN, || {
        let longest = moving.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |(p, _)| evidence.name(*p));
        format!(
            "the ends of all ranges together add {} to the net benefit of `{name}` against the reference and take {} away; \
             `{longest}` has the longest bar",
            number(gains),
            number(losses)
        )
    });
    comparisons.note(format!(
        "of {looked_at} ends of ranges {changes} change the best strategy; in favour of `{name}` they add {}, against it they take {}",
        number(gains),
        number(losses)
    ));
    comparisons.verdict("no parameter has a range")
}
