use crate::evidence::Totals;
use crate::prelude::*;
use arcosim_analysis::sensitivity::net_benefit::{best, increment, ranked};

pub static U13: Check = Check {
    id: "U13",
    title: "One-way ranges are not all biased in one direction",
    why: "Every parameter is set to both ends of its range. All increases in the net benefit of the leading strategy \
          over the reference are added up, and so are all decreases. If one sum is more than five times the other, \
          base values may lie at one end of their ranges, or ranges may extend to one side only. The sensitivity \
          analysis then favours one strategy by design.",
    hint: "Check the parameters with the longest bars: the base value should lie between `low` and `high`, and both \
           need a source.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts, Need::Ends],
    run,
};

/// Ratio of increases to decreases, or the reverse, above which a warning is given.
const LEAN: f64 = 5.0;

/// Minimum number of influential ranges for this check.
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
        "similar sums of increases and decreases in the net benefit of the leading strategy",
        0.0,
    );
    let name = &model.strategies[leading].name;
    let ratio = gains.max(losses) / gains.min(losses).max(f64::MIN_POSITIVE);
    comparisons.advisable(name, ratio <= LEAN, || {
        let longest = moving.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |(p, _)| evidence.name(*p));
        format!(
            "all ranges together increase the net benefit of `{name}` over the reference by {}, but decrease it by \
             {}; `{longest}` has the longest bar",
            number(gains),
            number(losses)
        )
    });
    comparisons.note(format!(
        "{changes} of {looked_at} ends of ranges change the best strategy; the increases in the net benefit of \
         `{name}` add up to {}, the decreases to {}",
        number(gains),
        number(losses)
    ));
    comparisons.verdict("no parameter has a range")
}
