use crate::prelude::*;

pub static U17: Check = Check {
    id: "U17",
    title: "The width of each distribution agrees with the range of its parameter",
    why: "Where a row has both a distribution and low and high, the 95 % interval of the distribution is compared with the range. \
          One that is much wider or narrower comes from another number than the range: a standard deviation between patients \
          typed as a standard error, the width of an interval typed as a standard error, a variance for a standard deviation. \
          The probabilistic analysis is then too unsure or too sure.",
    hint: "Look up in the source whether it gives a standard error, a standard deviation or an interval. If the range is no 95 % \
           interval, say what it is in `range_basis`.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Widths further apart than this do not come from the same number: an interval is 3.92 standard errors wide, and half
/// of it 1.96.
const WIDER: f64 = 1.6;

fn run(evidence: &Evidence) -> Verdict {
    let uncertainty = match evidence.distributions() {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new(
        "intervals of distributions are between 0.6 and 1.6 times as wide as the stated ranges",
        0.0,
    );
    for p in uncertainty.varying() {
        let row = &evidence.scenario.parameters[p];
        let (Some(low), Some(high), Some(own)) = (row.low, row.high, evidence.distribution(p)) else {
            continue;
        };
        // A base that was set has moved its distribution and not its range.
        if row.base != row.table_base || low >= high {
            continue;
        }
        let basis = row.range_basis.to_lowercase().replace([' ', '%', '-'], "");
        let (inside, is_interval) = match basis.as_str() {
            "90ci" => (0.90, true),
            "99ci" => (0.99, true),
            "iqr" => (0.5, true),
            "range" | "minmax" => (0.95, false),
            _ => (0.95, true),
        };
        let ends = [0.5 - 0.5 * inside, 0.5 + 0.5 * inside].map(|share| own.quantile(share));
        let ratio = (ends[1] - ends[0]) / (high - low);
        let fine = ratio <= WIDER && (ratio >= 1.0 / WIDER || !is_interval);
        let name = evidence.name(p);
        comparisons.advisable(name, fine, || {
            format!(
                "the {} % interval of the distribution of `{name}` is {} to {}, {} times as wide as its range of {} to {}",
                number(100.0 * inside),
                number(ends[0]),
                number(ends[1]),
                number(ratio),
                number(low),
                number(high)
            )
        });
    }
    comparisons.verdict("no parameter has both a distribution and a range")
}
