use crate::prelude::*;

pub static U17: Check = Check {
    id: "U17",
    title: "The width of each distribution agrees with the range of its parameter",
    why: "If a parameter has both a distribution and a range (`low` and `high`), the 95% interval of the distribution \
          is compared with the range. A much wider or narrower interval is based on another number than the range: a \
          standard deviation between patients or the width of an interval that was entered as a standard error, or a \
          variance that was entered as a standard deviation. The probabilistic analysis then shows too much or too \
          little uncertainty.",
    hint: "Check whether the source reports a standard error, a standard deviation or an interval. If the range is \
           not a 95% interval, state its basis in `range_basis`.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Ratio of widths above which a warning is given. Entering an interval, or half of it, as a standard error changes the
/// width by a factor of 3.92 or 1.96.
const WIDER: f64 = 1.6;

fn run(evidence: &Evidence) -> Verdict {
    let uncertainty = match evidence.distributions() {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new(
        "intervals of distributions that are 0.6 to 1.6 times as wide as the stated ranges",
        0.0,
    );
    for p in uncertainty.varying() {
        let row = &evidence.scenario.parameters[p];
        let (Some(low), Some(high), Some(own)) = (row.low, row.high, evidence.distribution(p)) else {
            continue;
        };
        // A base value that was changed after reading the table has moved its distribution, but not its range.
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
                "the {}% interval of the distribution of `{name}` is {} to {}, {} times as wide as its range of {} to \
                 {}",
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
