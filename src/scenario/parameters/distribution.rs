//! Distribution of a parameter, derived from what publications report: the distribution's own parameters, a standard
//! error, a 95 % interval, or counts. All numbers are in the units in which the model uses the parameter.

use super::{Kind, messages};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use arcosim_core::math::{ln, ln_1p, normal, sqrt};
use arcosim_core::model::uncertainty::{Family, Margin};

/// A distribution family, with its name in the parameter table.
struct Named {
    word: &'static str,
    /// Number of the family's own parameters.
    count: usize,
    /// Description, for messages, of the columns with the family's own parameters.
    columns: &'static str,
    /// Creates the family from its own parameters as written; `factor` converts values as written to values as used.
    own: fn(own: [f64; 3], factor: f64) -> Family,
}

const FAMILIES: [Named; 7] = [
    Named {
        word: "beta",
        count: 2,
        columns: "`p1` and `p2` (its two shapes)",
        own: |[alpha, beta, _], _| Family::Beta { alpha, beta },
    },
    Named {
        word: "gamma",
        count: 2,
        columns: "`p1` (shape) and `p2` (scale: mean / shape)",
        own: |[shape, scale, _], factor| Family::Gamma { shape, scale: scale * factor },
    },
    Named {
        word: "lognormal",
        count: 2,
        columns: "`p1` and `p2` (mean and standard deviation of the logarithm)",
        own: |[meanlog, sdlog, _], factor| Family::LogNormal { meanlog: meanlog + ln(factor), sdlog },
    },
    Named {
        word: "normal",
        count: 2,
        columns: "`p1` (mean) and `p2` (standard deviation)",
        own: |[mean, sd, _], factor| Family::Normal { mean: mean * factor, sd: sd * factor },
    },
    Named {
        word: "uniform",
        count: 2,
        columns: "`p1` (lowest value) and `p2` (highest value)",
        own: |[low, high, _], factor| Family::Uniform { low: low * factor, high: high * factor },
    },
    Named {
        word: "triangular",
        count: 3,
        columns: "`p1`, `p2` and `p3` (low, mode, high)",
        own: |[low, mode, high], factor| Family::Triangular {
            low: low * factor,
            mode: mode * factor,
            high: high * factor,
        },
    },
    Named {
        word: "pert",
        count: 3,
        columns: "`p1`, `p2` and `p3` (low, mode, high)",
        own: |[low, mode, high], factor| Family::Pert {
            low: low * factor,
            mode: mode * factor,
            high: high * factor,
        },
    },
];

const DIRICHLET: &str = "dirichlet";
const FIXED: &str = "fixed";

/// All words allowed in the column `distribution`.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|family| family.word).chain([DIRICHLET, FIXED])
}

/// Whether a word is the name of a distribution.
pub(super) fn is_known(word: &str) -> bool {
    words().any(|known| known == word)
}

/// Uncertainty stated by a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Spread {
    /// No uncertainty is stated, or the row states that there is none.
    #[default]
    None,
    /// The parameter has its own distribution.
    Own(Margin),
    /// The parameter is one share of a whole (Dirichlet distribution), stated by counts.
    Share {
        /// Count of this share.
        events: f64,
        /// Sum of the counts of all shares.
        total: f64,
    },
}

/// Cells of a row that describe the uncertainty of its number.
pub(super) struct Stated<'a> {
    pub name: &'a str,
    pub kind: Kind,
    /// Name of the family in lower case; empty if only counts are stated.
    pub word: &'a str,
    pub base: f64,
    /// The columns `p1`, `p2` and `p3` as written.
    pub own: [Option<f64>; 3],
    /// Factor that converts a number as written to the number as used.
    pub factor: f64,
    pub se: Option<f64>,
    /// Position of the standard error in the file; the position of the distribution if there is none.
    pub se_place: Span,
    pub counts: Option<(f64, f64)>,
    pub range: Option<(f64, f64)>,
    pub range_basis: &'a str,
    pub base_is: &'a str,
    /// Position of the cell `base_is`, which may be empty; `None` if the table has no such column.
    pub base_is_place: Option<Span>,
    /// Range to which the distribution is truncated.
    pub cut: (f64, f64),
    /// Position of that range in the file; the position of the distribution if there is none.
    pub cut_place: Span,
    /// Position of the distribution in the file.
    pub place: Span,
}

/// Share of draws with impossible values above which a warning is reported.
const OFTEN: f64 = 0.001;

/// Derives the uncertainty from the cells of a row; `Spread::None` after an error.
pub(super) fn spread(row: &Stated, out: &mut Diagnostics) -> Spread {
    if row.word == FIXED {
        return Spread::None;
    }
    if row.word == DIRICHLET {
        return share(row, out);
    }
    let ways = [
        ("`p1` and `p2`", row.own.iter().any(Option::is_some)),
        ("`events` and `total`", row.counts.is_some()),
        ("`se`", row.se.is_some()),
    ];
    let given: Vec<&str> = ways.iter().filter(|(_, there)| *there).map(|(way, _)| *way).collect();
    if given.len() > 1 {
        out.push(contradiction(row, &given));
        return Spread::None;
    }
    let family = match given.first() {
        Some(&("`p1` and `p2`" | "`se`")) if row.word.is_empty() => Err(Fault::Unnamed),
        Some(&"`p1` and `p2`") => own(row),
        Some(&"`se`") => row.se.ok_or(Fault::Lacking).and_then(|se| from_error(row, se)),
        Some(_) => row.counts.ok_or(Fault::Lacking).and_then(|counts| from_counts(row, counts)),
        None => from_range(row),
    };
    match family {
        Err(fault) => {
            out.push(fault.message(row));
            Spread::None
        }
        Ok(None) => Spread::None,
        Ok(Some(family)) => within(row, family, out),
    }
}

/// Reason why no distribution can be derived.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// No measure of uncertainty is stated.
    Lacking,
    /// Parameters of a distribution are stated without its name.
    Unnamed,
    /// The number of parameters is wrong. The fields are the correct number and the columns of the parameters.
    Number(usize, &'static str),
    /// The standard error is not above 0.
    NoSpread,
    /// The standard error is too large for a beta distribution with this mean.
    TooWide,
    /// No distribution of the family has these values.
    Impossible(&'static str),
    /// The range describes observed values instead of the uncertainty of an estimate.
    NotAnInterval,
    /// It is unclear whether the base value is the median or the mean.
    MedianOrMean,
}

impl Fault {
    fn message(self, row: &Stated) -> Diagnostic {
        let word = row.word;
        match self {
            Fault::Lacking => messages::incomplete_distribution(row.name, word, row.place),
            Fault::Unnamed => Diagnostic::error(
                "E0220",
                format!("parameter `{}` has numbers for a distribution, but `distribution` is empty", row.name),
            )
            .at(row.place, "which distribution?")
            .why("the same numbers mean different things in different distributions, and none is assumed")
            .help("write the distribution that the source used, such as `normal`, `lognormal`, `beta` or `gamma`"),
            Fault::Number(wanted, columns) => {
                let filled: Vec<&str> = ["`p1`", "`p2`", "`p3`"]
                    .into_iter()
                    .zip(row.own)
                    .filter_map(|(column, number)| number.map(|_| column))
                    .collect();
                let (needed, empty) = match wanted {
                    2 => ("`p1` and `p2`", ", and leave `p3` empty"),
                    _ => ("`p1`, `p2` and `p3`", ""),
                };
                Diagnostic::error("E0220", format!("the {word} distribution of parameter `{}` needs {needed}", row.name))
                    .at(row.place, format!("filled in: {}", filled.join(", ")))
                    .why(format!("a {word} distribution is defined by exactly {wanted} numbers"))
                    .help(format!("fill in {columns}{empty}"))
            }
            Fault::NoSpread => Diagnostic::error(
                "E0220",
                match row.se {
                    Some(se) if se < 0.0 => format!("the standard error of parameter `{}` is negative", row.name),
                    Some(_) => format!("the standard error of parameter `{}` is 0", row.name),
                    None => format!("`low` and `high` of parameter `{}` are equal", row.name),
                },
            )
            .at(row.se_place, if row.se.is_some() { "`se` must be above 0" } else { "`high` must be above `low`" })
            .why("without a spread, every draw would be the same number")
            .help(format!(
                "write the {}; or, if the base value is certain, write `fixed` into the column `distribution`",
                match row.se {
                    Some(_) => "standard error of the source into `se`",
                    None => "interval of the source into `low` and `high`",
                }
            )),
            Fault::TooWide => Diagnostic::error(
                "E0220",
                match row.se {
                    Some(_) => format!("the standard error of parameter `{}` is too large for a {word} distribution", row.name),
                    None => format!("the interval of parameter `{}` is too wide for a {word} distribution", row.name),
                },
            )
            .at(
                row.se_place,
                format!(
                    "for a mean of {}, the standard error must be below {}",
                    super::shown(row.base),
                    super::shown((1e4 * sqrt(row.base * (1.0 - row.base))).round() / 1e4)
                ),
            )
            .why("the values of a beta distribution are between 0 and 1, which limits their standard error")
            .help(match row.se {
                Some(_) => "if `se` is the standard deviation between patients, divide it by the square root of their number; otherwise correct `base` or `se` from the source",
                None => "check the columns `base`, `low`, `high` and `range_basis` against the source; the spread of patients is not a confidence interval",
            }),
            Fault::Impossible(why) => Diagnostic::error(
                "E0220",
                format!("no {word} distribution fits the numbers of parameter `{}`", row.name),
            )
            .at(row.place, why)
            .help("check the numbers against the source, and whether a different distribution was meant"),
            Fault::NotAnInterval => Diagnostic::error(
                "E0220",
                format!("the {word} distribution of parameter `{}` cannot be fitted to a range", row.name),
            )
            .at(row.place, format!("`range_basis` is `{}`: the extremes of published values", row.range_basis))
            .why("the smallest and the largest published value are not a confidence interval, so the draws would be too wide or too narrow")
            .help(
                "write a 95% confidence interval into `low` and `high`, and `95CI` into `range_basis`; or, to keep this range, \
                 write `triangular` into `distribution`",
            ),
            Fault::MedianOrMean => Diagnostic::error(
                "E0220",
                format!("it is unclear whether the base value of parameter `{}` is the median or the mean", row.name),
            )
            .at(
                row.base_is_place.unwrap_or(row.place),
                match row.base_is_place {
                    Some(_) => "must be `median` or `mean`",
                    None => "needs `median` or `mean` in a column `base_is`",
                },
            )
            .why("the mean of a lognormal distribution is above its median, so the two readings lead to different draws")
            .help({
                let column = match row.base_is_place {
                    Some(_) => "the column `base_is`",
                    None => "a new column `base_is`",
                };
                match row.kind {
                    Kind::Hr | Kind::Rr | Kind::Or => format!(
                        "write `median` into {column}, as is usual for ratios; write `mean` only if the source reports the mean"
                    ),
                    Kind::Cost | Kind::Rate => format!(
                        "write `mean` into {column}, as is usual for costs and rates; write `median` only if the source reports the median"
                    ),
                    _ => format!("write `median` or `mean` into {column}, whichever the source reports"),
                }
            }),
        }
    }
}

type Fitted = Result<Option<Family>, Fault>;

/// Creates the family from the parameters in `p1`, `p2` and `p3`.
fn own(row: &Stated) -> Fitted {
    let family = FAMILIES.iter().find(|family| family.word == row.word).ok_or(Fault::Lacking)?;
    let given = row.own.iter().take_while(|p| p.is_some()).count();
    if given != family.count || row.own.iter().flatten().count() != given {
        return Err(Fault::Number(family.count, family.columns));
    }
    positive((family.own)(row.own.map(|p| p.unwrap_or(f64::NAN)), row.factor))
}

/// Returns the family if its parameters are possible, such as a standard deviation above 0.
fn positive(family: Family) -> Fitted {
    let sound = match family {
        Family::Normal { sd, .. } => (sd > 0.0).then_some(()).ok_or("the standard deviation must be above 0"),
        Family::LogNormal { sdlog, .. } => {
            (sdlog > 0.0).then_some(()).ok_or("the standard deviation must be above 0")
        }
        Family::Beta { alpha, beta } => {
            (alpha > 0.0 && beta > 0.0).then_some(()).ok_or("both shape parameters of a beta must be above 0")
        }
        Family::Gamma { shape, scale } => {
            (shape > 0.0 && scale > 0.0).then_some(()).ok_or("shape and scale of a gamma must be above 0")
        }
        Family::Uniform { low, high } => {
            (low < high).then_some(()).ok_or("the lowest value must be below the highest")
        }
        Family::Triangular { low, mode, high } | Family::Pert { low, mode, high } => {
            (low <= mode && mode <= high && low < high)
                .then_some(())
                .ok_or("low, mode and high must be in ascending order")
        }
    };
    sound.map(|()| Some(family)).map_err(Fault::Impossible)
}

/// Derives the distribution from the base value and a standard error, by the method of moments.
fn from_error(row: &Stated, se: f64) -> Fitted {
    let base = row.base;
    if se <= 0.0 {
        return Err(Fault::NoSpread);
    }
    match row.word {
        "normal" => positive(Family::Normal { mean: base, sd: se }),
        "lognormal" => {
            let relative = (se / base) * (se / base);
            match row.base_is {
                // Mean m and variance se²: sdlog² = ln(1 + se²/m²).
                "mean" => around_mean(base, sqrt(ln_1p(relative))),
                // Median m: with x = exp(sdlog²), x² − x = se²/m².
                "median" => positive(Family::LogNormal {
                    meanlog: ln(base),
                    sdlog: sqrt(ln(0.5 * (1.0 + sqrt(1.0 + 4.0 * relative)))),
                }),
                _ => Err(Fault::MedianOrMean),
            }
        }
        "beta" if base <= 0.0 || base >= 1.0 => {
            Err(Fault::Impossible("the base value of a beta must be above 0 and below 1"))
        }
        "beta" => {
            let n = base * (1.0 - base) / (se * se) - 1.0;
            match n > 0.0 {
                true => positive(Family::Beta { alpha: base * n, beta: (1.0 - base) * n }),
                false => Err(Fault::TooWide),
            }
        }
        "gamma" if base > 0.0 => {
            positive(Family::Gamma { shape: (base / se) * (base / se), scale: se * se / base })
        }
        "gamma" => Err(Fault::Impossible("a gamma cannot have a mean of 0")),
        _ => Err(Fault::Impossible("this distribution is defined by low and high, not by a standard error")),
    }
}

fn around_mean(mean: f64, sdlog: f64) -> Fitted {
    positive(Family::LogNormal { meanlog: ln(mean) - 0.5 * sdlog * sdlog, sdlog })
}

/// Derives the distribution from counts: a beta distribution for a share, a gamma distribution for a rate (posteriors
/// without prior information).
fn from_counts(row: &Stated, (events, total): (f64, f64)) -> Fitted {
    match (row.word, row.kind) {
        ("beta", _) | ("", Kind::Proportion | Kind::Probability | Kind::Utility) => {
            positive(Family::Beta { alpha: events, beta: total - events })
        }
        ("gamma", _) | ("", Kind::Rate) => {
            positive(Family::Gamma { shape: events, scale: row.factor / total })
        }
        _ => Err(Fault::Impossible("counts can be used for a beta (shares), a gamma (rates) or a dirichlet")),
    }
}

/// Derives the distribution from the base value and its range.
fn from_range(row: &Stated) -> Fitted {
    if row.word.is_empty() {
        return Ok(None);
    }
    let (low, high) = row.range.ok_or(Fault::Lacking)?;
    match row.word {
        "uniform" => return positive(Family::Uniform { low, high }),
        "triangular" => return positive(Family::Triangular { low, mode: row.base, high }),
        "pert" => return positive(Family::Pert { low, mode: row.base, high }),
        _ => {}
    }
    // Half the width of the interval as a number of standard errors.
    let z = match row.range_basis.to_lowercase().replace([' ', '%', '-'], "").as_str() {
        "90ci" => normal::quantile(0.95),
        "99ci" => normal::quantile(0.995),
        "iqr" => normal::quantile(0.75),
        "range" | "minmax" => return Err(Fault::NotAnInterval),
        _ => normal::quantile(0.975),
    };
    if row.word != "lognormal" {
        return from_error(row, (high - low) / (2.0 * z));
    }
    if low <= 0.0 {
        return Err(Fault::Impossible("a lognormal must be above 0"));
    }
    let sdlog = ln(high / low) / (2.0 * z);
    let middle = 0.5 * (ln(low) + ln(high));
    let symmetric = (ln(row.base) - middle).abs() <= 0.1 * sdlog;
    match row.base_is {
        "mean" => around_mean(row.base, sdlog),
        // The interval implies that the base value is its midpoint on the log scale.
        "median" => positive(Family::LogNormal { meanlog: ln(row.base), sdlog }),
        _ if symmetric => positive(Family::LogNormal { meanlog: ln(row.base), sdlog }),
        _ => Err(Fault::MedianOrMean),
    }
}

/// Uncertainty of one share of a whole.
fn share(row: &Stated, out: &mut Diagnostics) -> Spread {
    let problem = match row.counts {
        Some((events, total)) if events > 0.0 && events <= total => {
            // A single share has a beta distribution; a whole that consists of one share has no uncertainty.
            if events < total {
                let (alpha, beta) = (events, total - events);
                is_around_base(row, &Family::Beta { alpha, beta }, out);
            }
            return Spread::Share { events, total };
        }
        Some((0.0, _)) => {
            out.push(
                Diagnostic::error("E0220", format!("the count of `{}` in its dirichlet distribution is 0", row.name))
                    .at(row.place, "no patients counted")
                    .why("with a count of 0 every draw of this share would be exactly 0, which no sample can show")
                    .help(
                        "if the event is impossible, keep base at 0 and leave distribution, events, total and group empty in this row; if it was \
                         not observed, add the same number, such as 0.5, to the count of every share, and add the sum of these to `total`",
                    ),
            );
            return Spread::None;
        }
        Some(_) => "`events` must be above 0 and at most `total`",
        None => "`events` and `total` are missing",
    };
    out.push(
        Diagnostic::error("E0220", format!("the dirichlet distribution of parameter `{}` needs counts", row.name))
            .at(row.place, problem)
            .why("the uncertainty of the shares depends on the number of patients counted")
            .help("write the number of patients in this category into `events`, and the number in all categories together into `total`"),
    );
    Spread::None
}

fn contradiction(row: &Stated, given: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "E0220",
        format!("the distribution of parameter `{}` is given in more than one way", row.name),
    )
    .at(row.place, format!("by {}", given.join(", and again by ")))
    .why("each of these defines a distribution by itself, and the draws can follow only one of them")
    .help(format!(
        "keep only {}, whichever the source reports, and empty the other cells{}",
        given.join(", or only "),
        if row.range.is_some() { "; `low` and `high` may stay for the deterministic analysis" } else { "" }
    ))
}

/// Truncates a family to the stated range and to the values that the kind allows, and checks that the distribution
/// fits the base value.
fn within(row: &Stated, family: Family, out: &mut Diagnostics) -> Spread {
    let (low, high) = row.cut;
    if low >= high {
        out.push(
            Diagnostic::error("E0220", format!("`truncate` of parameter `{}` excludes all values", row.name))
                .at(row.cut_place, "the lower limit is not below the upper limit")
                .why("no value could be drawn")
                .help("write the lower limit first, such as 0..1, or only one limit: 0.. or ..1"),
        );
        return Spread::None;
    }
    let possible = possible(row.kind);
    let natural = Margin { family, within: possible };
    let outside = natural.cut_off();
    let stated = low > f64::NEG_INFINITY || high < f64::INFINITY;
    if outside > OFTEN && !stated {
        out.push(
            Diagnostic::warning(
                "W0516",
                format!(
                    "{}% of the distribution of parameter `{}` is outside the possible values",
                    super::shown((1000.0 * outside).round() / 10.0),
                    row.name
                ),
            )
            .at(row.place, format!("a parameter of kind `{}` must be {}", row.kind.name(), limits(possible)))
            .why("impossible values are never drawn, so the mean of the draws will differ from `base`")
            .help(match (possible.0 > f64::NEG_INFINITY, possible.1 < f64::INFINITY) {
                (true, true) => {
                    "use a beta distribution, which stays between 0 and 1; \
                     or, to keep this distribution and accept the difference, write 0..1 into the column `truncate`"
                }
                (false, true) => {
                    "use a beta distribution if no value can be negative; \
                     or, to keep this distribution and accept the difference, write ..1 into the column `truncate`"
                }
                _ => {
                    "use a gamma or lognormal distribution, which stays above 0; \
                     or, to keep this distribution and accept the difference, write 0.. into the column `truncate`"
                }
            }),
        );
    }
    is_around_base(row, &family, out);
    let within = (low.max(possible.0), high.min(possible.1));
    let reach = |p| family.quantile(p);
    // A limit outside the range of the family needs no truncation.
    let within = (
        if reach(0.0) >= within.0 { f64::NEG_INFINITY } else { within.0 },
        if reach(1.0) <= within.1 { f64::INFINITY } else { within.1 },
    );
    Spread::Own(Margin { family, within })
}

/// Warns if a distribution is not centred near its base value, unless the row states this on purpose.
fn is_around_base(row: &Stated, family: &Family, out: &mut Diagnostics) {
    let (mean, median, sd) = (family.mean(), family.quantile(0.5), family.sd());
    let far = |centre: f64| (row.base - centre).abs() > 0.5 * sd;
    if row.base_is == "neither" || !far(mean) || !far(median) {
        return;
    }
    let [mean, median, base] = [mean, median, row.base].map(super::shown);
    out.push(
        Diagnostic::warning(
            "W0517",
            format!("the distribution of parameter `{}` is not centred on its base value", row.name),
        )
        .at(row.place, format!("mean {mean}, median {median}, base {base}"))
        .why("the draws of the probabilistic analysis would lie around a value other than `base`, so its mean results would differ from the base case")
        .help("compare both with the source: correct `base` if it is wrong, or the numbers of the distribution if they are wrong; if both are right, write `neither` into the column `base_is` (`base` is neither the mean nor the median)"),
    );
}

/// Range of values that a kind allows.
fn possible(kind: Kind) -> (f64, f64) {
    let top = match kind {
        Kind::Probability | Kind::Proportion | Kind::Utility => 1.0,
        _ => f64::INFINITY,
    };
    let bottom = match kind {
        Kind::Utility | Kind::Disutility | Kind::Score | Kind::Coefficient | Kind::Number => {
            f64::NEG_INFINITY
        }
        // Values of these kinds must be above 0; the value 0 itself is excluded.
        Kind::Hr | Kind::Rr | Kind::Or | Kind::Shape | Kind::MeanTime | Kind::MedianTime | Kind::Duration => {
            f64::MIN_POSITIVE
        }
        _ => 0.0,
    };
    (bottom, top)
}

fn limits((low, high): (f64, f64)) -> &'static str {
    match (low > f64::NEG_INFINITY, high < f64::INFINITY) {
        (true, true) => "between 0 and 1",
        (false, true) => "at most 1",
        _ if low > 0.0 => "above 0",
        _ => "0 or above",
    }
}

/// Reads a range such as `0..1`, `0..` or `..1`.
pub(super) fn parse_cut(text: &str, number: impl Fn(&str) -> Option<f64>) -> Option<(f64, f64)> {
    let (low, high) = text.split_once("..")?;
    let end = |text: &str, open: f64| match text.trim() {
        "" => Some(open),
        text => number(text),
    };
    Some((end(low, f64::NEG_INFINITY)?, end(high, f64::INFINITY)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arcosim_core::math::exp;

    fn row(kind: Kind, word: &str, base: f64) -> Stated<'_> {
        Stated {
            name: "x",
            kind,
            word,
            base,
            own: [None; 3],
            factor: 1.0,
            se: None,
            se_place: Span { file: 0, start: 0, end: 0 },
            counts: None,
            range: None,
            range_basis: "95CI",
            base_is: "",
            base_is_place: None,
            cut: (f64::NEG_INFINITY, f64::INFINITY),
            cut_place: Span { file: 0, start: 0, end: 0 },
            place: Span { file: 0, start: 0, end: 0 },
        }
    }

    fn family(row: &Stated) -> Family {
        let mut out = Diagnostics::default();
        match spread(row, &mut out) {
            Spread::Own(margin) => margin.family,
            other => panic!("{other:?}"),
        }
    }

    fn codes(row: &Stated) -> Vec<&'static str> {
        let mut out = Diagnostics::default();
        spread(row, &mut out);
        out.list.iter().map(|d| d.code).collect()
    }

    #[test]
    fn a_standard_error_comes_back() {
        for (kind, word, base, se, base_is) in [
            (Kind::Number, "normal", 3.0, 0.4, ""),
            (Kind::Hr, "lognormal", 0.7, 0.1, "mean"),
            (Kind::Hr, "lognormal", 0.7, 0.1, "median"),
            (Kind::Utility, "beta", 0.82, 0.04, ""),
            (Kind::Cost, "gamma", 7000.0, 2800.0, ""),
        ] {
            let fitted = family(&Stated { se: Some(se), base_is, ..row(kind, word, base) });
            assert!((fitted.sd() / se - 1.0).abs() < 1e-9, "{fitted:?}");
            let centre = if base_is == "median" { fitted.quantile(0.5) } else { fitted.mean() };
            assert!((centre / base - 1.0).abs() < 1e-9, "{fitted:?}");
        }
    }

    #[test]
    fn an_interval_comes_back() {
        let fitted = family(&Stated { range: Some((0.2522, 0.8174)), ..row(Kind::Hr, "lognormal", 0.454) });
        assert!((fitted.quantile(0.025) / 0.2522 - 1.0).abs() < 1e-3);
        assert!((fitted.quantile(0.975) / 0.8174 - 1.0).abs() < 1e-3);
        let narrow =
            Stated { range: Some((1.0, 3.0)), range_basis: "90CI", ..row(Kind::Number, "normal", 2.0) };
        assert!((family(&narrow).quantile(0.05) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn counts_and_parameters_are_taken_as_they_are() {
        let counted = Stated { counts: Some((12.0, 15.0)), ..row(Kind::Proportion, "", 0.8) };
        assert_eq!(family(&counted), Family::Beta { alpha: 12.0, beta: 3.0 });
        // 12 events in 150 person-months are 0.96 events per year.
        let counted = Stated { counts: Some((12.0, 150.0)), factor: 12.0, ..row(Kind::Rate, "", 0.96) };
        assert!((family(&counted).mean() - 0.96).abs() < 1e-12);
        let stated = Stated { own: [Some(-0.7897), Some(0.3), None], ..row(Kind::Hr, "lognormal", 0.454) };
        assert_eq!(family(&stated), Family::LogNormal { meanlog: -0.7897, sdlog: 0.3 });
    }

    #[test]
    fn what_cannot_be_is_said() {
        let lacking = row(Kind::Hr, "lognormal", 0.7);
        assert_eq!(codes(&lacking), ["E0210"]);
        let unsaid = Stated { se: Some(0.1), ..row(Kind::Hr, "lognormal", 0.7) };
        assert_eq!(codes(&unsaid), ["E0220"]);
        let twice = Stated { se: Some(0.1), counts: Some((7.0, 10.0)), ..row(Kind::Proportion, "beta", 0.7) };
        assert_eq!(codes(&twice), ["E0220"]);
        let wide = Stated { se: Some(0.6), ..row(Kind::Proportion, "beta", 0.7) };
        assert_eq!(codes(&wide), ["E0220"]);
        let seen =
            Stated { range: Some((0.5, 0.9)), range_basis: "range", ..row(Kind::Proportion, "beta", 0.7) };
        assert_eq!(codes(&seen), ["E0220"]);
        let unnamed = Stated { own: [Some(0.1), Some(0.2), None], ..row(Kind::Rate, "", 0.1) };
        assert_eq!(codes(&unnamed), ["E0220"]);
        let uncounted = row(Kind::Proportion, "dirichlet", 0.3);
        assert_eq!(codes(&uncounted), ["E0220"]);
        let impossible = Stated { se: Some(0.3), ..row(Kind::Cost, "normal", 0.4) };
        assert_eq!(codes(&impossible), ["W0516"]);
        let elsewhere = Stated { own: [Some(2.0), Some(0.1), None], ..row(Kind::Number, "normal", 1.0) };
        assert_eq!(codes(&elsewhere), ["W0517"]);
        let knowingly = Stated { base_is: "neither", ..elsewhere };
        assert!(codes(&knowingly).is_empty());
        let counted = Stated { counts: Some((30.0, 100.0)), ..row(Kind::Proportion, "dirichlet", 0.6) };
        assert_eq!(codes(&counted), ["W0517"]);
    }

    #[test]
    fn a_cut_has_one_end_or_two() {
        let number = |text: &str| text.parse().ok();
        assert_eq!(parse_cut("0..1", number), Some((0.0, 1.0)));
        assert_eq!(parse_cut(" .. 1", number), Some((f64::NEG_INFINITY, 1.0)));
        assert_eq!(parse_cut("0.5..", number), Some((0.5, f64::INFINITY)));
        assert_eq!(parse_cut("1", number), None);
        assert_eq!(parse_cut("a..1", number), None);
    }

    /// The mean of the fitted lognormal, exp(meanlog + sdlog²/2), is the base value.
    #[test]
    fn base_may_be_the_mean_of_a_lognormal() {
        let fitted =
            family(&Stated { range: Some((0.5, 1.4)), base_is: "mean", ..row(Kind::Hr, "lognormal", 0.9) });
        let Family::LogNormal { meanlog, sdlog } = fitted else { panic!("{fitted:?}") };
        assert!((exp(meanlog + 0.5 * sdlog * sdlog) - 0.9).abs() < 1e-12);
    }
}
