//! Messages about errors in the parameter table.

use arcosim_core::words::either;

use super::{COLUMNS, Evidence, Kind, distribution, shown};
use crate::diagnostic::{Diagnostic, suggest};
use crate::read::csv::CsvTable;
use crate::read::excel_numbers::Misread;
use crate::read::source::{Sources, Span};

/// Common names of columns in other programs, each with the name of the column here.
const SYNONYMS: [(&str, &str); 12] = [
    ("parameter", "name"),
    ("id", "name"),
    ("type", "kind"),
    ("value", "base"),
    ("mean", "base"),
    ("base case", "base"),
    ("base_case", "base"),
    ("units", "unit"),
    ("reference", "source"),
    ("references", "source"),
    ("source_ids", "source"),
    ("sources", "source"),
];

/// Error for a percent sign on a number that is not a share; `value` is the number as a share of 1.
pub(super) fn no_share(name: &str, kind: Kind, written: &str, value: Option<f64>, place: Span) -> Diagnostic {
    // The percent sign is either part of the number, as in `95%`, or in the column `unit`, as in `in %`.
    let (this, by, unit) = match written.starts_with("in ") {
        true => ("a number in %", "this percentage", "; and remove % from the column `unit`"),
        false => (written, written, ""),
    };
    let (why, help) = match kind {
        Kind::Hr | Kind::Rr | Kind::Or => (
            format!("{this} could be the ratio itself, or a reduction or an increase by {by}"),
            match value.filter(|x| *x > 0.0 && *x < 1.0) {
                Some(x) => {
                    let [same, less, more, percent] =
                        [x, 1.0 - x, 1.0 + x, 100.0 * x].map(|x| shown((1e6 * x).round() / 1e6));
                    format!(
                        "write {same} if this is the ratio itself, {less} for a reduction by {percent}%, or {more} for an increase by {percent}%"
                    )
                }
                None => {
                    "write the ratio without a percent sign, for example 0.95 for a reduction by 5%".into()
                }
            },
        ),
        _ => (
            format!("{this} would be read as a share of 1, not as a change by {by}"),
            "write the value itself without a percent sign, for example 190 for 200 reduced by 5%".into(),
        ),
    };
    Diagnostic::error(
        "E0222",
        format!("parameter `{name}` is of kind `{}` and cannot be {written}", kind.name()),
    )
    .at(place, "a percent sign")
    .why(why)
    .help(format!("{help}{unit}"))
}

pub(super) fn lacking_columns(table: &CsvTable, lacking: &[&str]) -> Diagnostic {
    let quoted: Vec<String> = lacking.iter().map(|name| format!("`{name}`")).collect();
    let (columns, these) =
        if lacking.len() == 1 { ("column", "this column") } else { ("columns", "these columns") };
    let mut renames = Vec::new();
    for cell in &table.header.cells {
        let text = cell.text.to_lowercase();
        if COLUMNS.contains(&text.as_str()) {
            continue;
        }
        let synonym = SYNONYMS.iter().find(|(other, _)| *other == text).map(|(_, name)| *name);
        let near = || suggest(&text, lacking.iter().copied());
        if let Some(meant) = synonym.filter(|name| lacking.contains(name)).or_else(near) {
            renames.push((cell, meant));
        }
    }
    let title = format!("the parameter table lacks the {columns} {}", quoted.join(", "));
    let diagnostic = Diagnostic::error("E0201", title).why(format!(
        "without {these}, the model cannot use the numbers of the table, and reviewers cannot check them"
    ));
    if let [all] = &table.header.cells[..]
        && COLUMNS.iter().filter(|name| all.text.to_lowercase().contains(*name)).count() > 1
    {
        let separator = match table.delimiter {
            '\t' => "tabs".to_string(),
            c => format!("`{c}`"),
        };
        return diagnostic
            .at(all.span, format!("read as one column, with {separator} as separator"))
            .help(match all.span.start < "sep=;".len() {
                // The header is the first line, so there is no line `sep=;` above it.
                true => "separate the cells by commas, as in name,kind,base,unit,source; semicolons or tabs are possible, too",
                false => "separate the cells by commas, semicolons or tabs; if the first line is `sep=;` or similar, it must name the same separator",
            });
    }
    if let Some(cell) = table.header.cells.first().filter(|cell| cell.text.starts_with('<')) {
        return diagnostic
            .at(cell.span, "this is a web page or XML, not a CSV table")
            .help("download or export the table again as CSV; if the web site asks for it, log in first");
    }
    let Some(((first, meant), others)) = renames.split_first() else {
        return diagnostic
            .at(table.header.span, "the columns of this table")
            .help(format!("add {} to the first line", quoted.join(", ")));
    };
    let asked = |meant: &str| format!("did you mean `{meant}`?");
    let instructions: Vec<String> =
        renames.iter().map(|(cell, meant)| format!("rename `{}` to `{meant}`", cell.text)).collect();
    let pointed = others.iter().fold(diagnostic.at(first.span, asked(meant)), |diagnostic, (cell, meant)| {
        diagnostic.also(cell.span, asked(meant))
    });
    pointed.help(instructions.join("; "))
}

pub(super) fn mixed_decimals(sources: &Sources, point: Span, comma: Span) -> Diagnostic {
    let (with_point, with_comma) = (sources.slice(point), sources.slice(comma));
    let (later, earlier) = if point.start > comma.start { (point, comma) } else { (comma, point) };
    let label = |span: Span| {
        if span == point { "a decimal point" } else { "a decimal comma" }
    };
    Diagnostic::error(
        "E0212",
        format!("`{with_point}` has a decimal point, but `{with_comma}` has a decimal comma"),
    )
    .at(later, label(later))
    .also(earlier, label(earlier))
    .why("with both in one file `1.234` is ambiguous, and a cost may be wrong by a factor of 1,000")
    .help(format!(
        "{}, and use no thousands separators",
        match with_point.matches('.').count() + with_comma.matches(',').count() == 2
            && !with_point.contains(',')
            && !with_comma.contains('.')
        {
            true => format!(
                "use points in the whole file, as in {} for `{with_comma}`, or commas, as in {} for `{with_point}`",
                with_comma.replace(',', "."),
                with_point.replace('.', ",")
            ),
            false => "write all decimals of the file with a point, as in 0.7, or all with a comma, as in 0,7".into(),
        }
    ))
}

pub(super) fn duplicate(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error("E0202", format!("parameter `{name}` is in the table twice"))
        .at(span, "second row")
        .also(first, "first row")
        .why("the model can use only one of the two values, and it is unclear which of them is correct")
        .help("delete the row with the wrong value, or give one row another name if the model needs both values; if one is for another country, put it into the parameter table of a scenario that extends this one")
}

pub(super) fn differ_in_case((name, span): (&str, Span), (other, first): (&str, Span)) -> Diagnostic {
    let title = format!("parameters `{other}` and `{name}` differ only in upper and lower case");
    Diagnostic::warning("W0538", title)
        .at(span, "second name")
        .also(first, "first name")
        .why("a formula with the wrong spelling would use the other value without a warning")
        .help(format!("if both rows are for the same quantity, delete one; otherwise use names that describe the difference, such as `{name}.men` and `{name}.women`"))
}

pub(super) fn empty_cell(column: &str, name: Option<&str>, span: Span) -> Diagnostic {
    let of = name.map(|name| format!(" of parameter `{name}`")).unwrap_or_default();
    let why = match column {
        "base" => {
            "an empty cell is never read as 0, because that could remove a risk or a cost without a warning"
        }
        "kind" => {
            "the kind determines how formulas may use the number; a rate read as a probability would change the results"
        }
        _ => "formulas refer to a parameter by its name, so a number without a name cannot be used",
    };
    // Many names start with their kind, as in `hr.new`.
    let first = name.and_then(|name| name.split('.').next());
    let likely = Kind::NAMES.iter().find(|(_, word)| Some(*word) == first);
    let help = match column {
        "base" => "write the value, or 0 if 0 is meant; to ignore the row, start the line with #".into(),
        "kind" => match likely {
            Some((kind, word)) => {
                format!("if this is {}, write `{word}`; otherwise {}", spoken(*kind), one_of_the_kinds())
            }
            None => one_of_the_kinds(),
        },
        _ => "write a name of your choice, such as `hr.new`; or, if the model does not need this row, start the line with # to keep it as a comment".into(),
    };
    let label = match column {
        "base" => "expected a number",
        "kind" => "expected a kind",
        _ => "expected a name",
    };
    Diagnostic::error("E0213", format!("the cell `{column}`{of} is empty"))
        .at(span, label)
        .why(why)
        .help(help)
}

/// Help text with all kinds of parameters.
fn one_of_the_kinds() -> String {
    let names: Vec<&str> = Kind::NAMES.iter().map(|(_, name)| *name).collect();
    format!(
        "write one of {}; `hr` is a hazard ratio, `rr` a relative risk and `or` an odds ratio, and `number` is for any other number",
        either(&names)
    )
}

pub(super) fn unusable_name(name: &str, span: Span) -> Diagnostic {
    let repaired: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '.' { c } else { '_' }).collect();
    let repaired = repaired.trim_matches(['.', '_']);
    let diagnostic = Diagnostic::error("E0214", format!("`{name}` cannot be used as a name"))
        .why("a formula would not read this as one name: `a-b` is a difference, and `a b` is two names");
    if super::is_parameter_name(repaired) && repaired != name {
        diagnostic
            .at(span, "only letters, digits and underscores are allowed, with dots between parts")
            .help(format!("write `{repaired}`, here and in the formulas that use it"))
    } else {
        diagnostic
            .at(span, "not a name")
            .help("start with a letter, and use letters, digits and underscores, with dots between parts")
    }
}

pub(super) fn unknown_kind(text: &str, span: Span) -> Diagnostic {
    let lower = text.to_lowercase();
    let names = || Kind::NAMES.iter().map(|(_, name)| *name);
    let common = match lower.as_str() {
        "prob" | "p" | "risk" | "probabilities" => Some("probability"),
        "hazard ratio" | "hazard_ratio" => Some("hr"),
        "relative risk" | "risk ratio" => Some("rr"),
        "odds ratio" | "odds_ratio" => Some("or"),
        "hazard" | "incidence" => Some("rate"),
        "qol" | "qaly" => Some("utility"),
        "share" | "percentage" | "fraction" => Some("proportion"),
        "decrement" => Some("disutility"),
        "time" | "period" => Some("duration"),
        _ => None,
    };
    let diagnostic = Diagnostic::error("E0203", format!("`{text}` is not a kind of parameter"))
        .why("the kind determines how formulas may use the number: for example, a hazard ratio multiplies a rate, never a probability");
    match common.or_else(|| suggest(&lower, names())) {
        Some(meant) => {
            diagnostic.at(span, format!("did you mean `{meant}`?")).help(format!("write `{meant}`"))
        }
        None => diagnostic.at(span, "unknown kind").help(one_of_the_kinds()),
    }
}

pub(super) fn not_a_number(text: &str, span: Span, column: &str, name: &str, why: Misread) -> Diagnostic {
    let title = format!("`{text}` in `{column}` of parameter `{name}` is not a number");
    let error = |label: &str| Diagnostic::error("E0205", title.clone()).at(span, label);
    let sign = if text.contains(['.', '．']) { "point" } else { "comma" };
    match why {
        Misread::Ambiguous => Diagnostic::error("E0212", format!("`{text}` in `{column}` of parameter `{name}` is ambiguous"))
            .at(span, "thousands or decimals?")
            .why(format!(
                "no other number in this file shows whether the {sign} separates thousands or decimals, and the two readings differ by a factor of 1,000"
            ))
            .help(format!(
                "write {} if the {sign} separates thousands, or {text}0, with one more digit, if it is a decimal {sign}",
                text.replace(['.', ','], "")
            )),
        Misread::Date => Diagnostic::error("E0211", format!("`{text}` in `{column}` of parameter `{name}` is a date"))
            .at(span, "Excel has turned a number into a date")
            .why("the original entry, such as 1-5 or 5/1, is no longer in the file, so the number is unknown")
            .help("in Excel format the column as Text, and type the number from the source again; if it is a range such as 1-5, write 1 into `low`, 5 into `high` and a value between them into `base`"),
        Misread::Formula if text.starts_with('=') => error("a formula, not its result")
            .why("arcosim does not calculate formulas in the cells of a table")
            .help("write the result of the formula, or open the file in Excel and save it again as CSV, which stores the results"),
        Misread::Formula => error("an error value of Excel")
            .why("a CSV file stores what Excel displayed, and a broken formula has no value")
            .help("correct the formula in the workbook, or type the number into the cell, and save the file again as CSV"),
        Misread::Limit if text.starts_with('±') && column == "base" => error("a margin, not a value")
            .why("the base case needs the value itself, not the margin around it")
            .help("write the value here; the ends of a range belong in `low` and `high`, and a standard error in `se`"),
        Misread::Limit if text.starts_with(['~', '≈', '±']) => error("a number with a sign before it")
            .why("the sign could change the meaning of the number, so it cannot be ignored")
            .help("write only the number here, and remarks into `note`"),
        Misread::Limit if column != "base" => error("a limit, not a value")
            .why("the value itself may be far from the limit")
            .help("choose a value, and explain the choice in `note`"),
        Misread::Fraction if column != "base" => error("a fraction, not a single number")
            .why("each cell of this column needs a single number")
            .help("write the result of the division"),
        Misread::Range if column != "base" => error("more than one number")
            .why("each cell of this column needs a single number")
            .help("write one number here; the ends of a range belong in `low` and `high`"),
        Misread::Limit => error("a limit, not a value")
            .why("the base case needs a single number, and a limit may be far from it")
            .help(match (text.strip_prefix('<'), text.strip_prefix('>')) {
                (Some(limit), _) => format!("write one number below {} here, and explain the choice in `note`", limit.trim_start_matches(['=', ' '])),
                (_, Some(limit)) => format!("write one number above {} here, and explain the choice in `note`", limit.trim_start_matches(['=', ' '])),
                _ => "write one number within this limit here, and explain the choice in `note`".into(),
            }),
        Misread::Fraction => error("a fraction, not a single number")
            .why("the base case needs a single number; counts have columns of their own")
            .help(match text.split_once('/').map(|(events, total)| (events.trim(), total.trim())) {
                Some((events, total)) => {
                    let result = match (events.parse::<f64>(), total.parse::<f64>()) {
                        (Ok(events), Ok(total)) if total > 0.0 => format!(", {},", shown(events / total)),
                        _ => String::new(),
                    };
                    format!("write the result of the division{result} here; if the two numbers are counts, also write {events} into `events` and {total} into `total`")
                }
                None => "write the result of the division here".into(),
            }),
        Misread::Range => error("more than one number")
            .why("the base case needs a single number; the range is for sensitivity analysis")
            .help(split_range(text).unwrap_or_else(|| {
                "write the base value here, and the ends of the range into the columns `low` and `high` (add them to the header if they are missing)".into()
            })),
        Misread::WithUnit => error("a number together with other text")
            .why("the text may be a unit or a limit that changes the value, so it cannot be ignored")
            .help("write only the number here, the unit or currency into `unit`, and remarks into `note`"),
        Misread::Text => error("expected one number")
            .why("arcosim never guesses a number, because a wrong one could change the results")
            .help(match column {
                "base" => "write one number, such as 0.12, 27.5% or 18500, and remarks into `note`; if the value is not known yet, write an assumed number, and `assumption` into `evidence`",
                _ => "write one number, such as 0.12, 27.5% or 18500, and remarks into `note`",
            }),
    }
}

/// Help text for a cell such as `0.5 (0.3-0.8)`, with each of its three numbers.
fn split_range(text: &str) -> Option<String> {
    let (base, range) = text.split_once(['(', '['])?;
    let (low, high) = range.trim_end_matches([')', ']']).split_once(['-', ';'])?;
    let (base, low, high) = (base.trim(), low.trim(), high.trim());
    let number = |part: &str| part.parse::<f64>().ok();
    let ordered = number(low)? <= number(base)? && number(base)? <= number(high)?;
    ordered.then(|| format!("write {base} here, {low} into `low` and {high} into `high`"))
}

/// Sentence that shows how a missing or wrong period would change this number.
fn period_matters(value: Option<f64>) -> String {
    match value.filter(|p| *p > 0.0 && *p < 1.0) {
        Some(p) => format!(
            "the same number can mean different risks: {} per 5 years, for example, is only {} in the first year",
            shown(p),
            shown(1.0 - libm::pow(1.0 - p, 0.2)),
        ),
        None => "the same risk within one year or within five years describes very different diseases".into(),
    }
}

pub(super) fn no_period(name: &str, unit: &str, span: Span, value: Option<f64>) -> Diagnostic {
    let label =
        if unit.is_empty() { "the cell `unit` is empty".into() } else { format!("`{unit}` is not a period") };
    Diagnostic::error("E0204", format!("probability `{name}` has no period"))
        .at(span, label)
        .why(period_matters(value))
        .help("write the period into `unit`, for example `per year` or `per 5 years`; for a risk per occasion, such as an operation, use the kind `proportion`")
}

pub(super) fn per_occasion(unit: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0219", format!("`{unit}` is not a period of time for a probability"))
        .at(span, "an event, not a length of time")
        .why("only a risk over a period can be converted to a rate; a risk per event has no period")
        .help("write `proportion` into the column `kind`, and keep the unit")
}

pub(super) fn per_person_time(name: &str, unit: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0209", format!("probability `{name}` has the unit of a rate: `{unit}`"))
        .at(span, "events per person-time")
        .why("events per person-time can exceed 1; a probability cannot")
        .help("write `rate` into the column `kind`, and keep the unit")
}

pub(super) fn no_time_unit(name: &str, kind: Kind, span: Span, value: Option<f64>) -> Diagnostic {
    let number = value.map_or("0.2".into(), shown);
    let (why, help) = if kind == Kind::Rate {
        (
            format!("{number} per month is twelve times as fast as {number} per year"),
            "write the unit of the source into the column `unit`: for example `per year`, `per month` or `per 100 person-years`",
        )
    } else {
        (
            format!("{number} years and {number} months differ by a factor of 12"),
            "write the unit of the source into the column `unit`: `years`, `months`, `weeks` or `days`",
        )
    };
    Diagnostic::error("E0218", format!("{} `{name}` has no unit of time", kind.name().replace('_', " ")))
        .at(span, "no unit")
        .why(why)
        .help(help)
}

pub(super) fn unknown_time_unit(unit: &str, kind: Kind, span: Span) -> Diagnostic {
    let (why, help) = if kind == Kind::Rate {
        (
            "the unit determines how often the event happens in the model",
            "write only `per` and a length of time: `per year`, `per 6 months`, `per 100 person-years`; write remarks into `note`",
        )
    } else {
        (
            "the unit determines how long this time is in the model",
            "write `years`, `months`, `weeks` or `days`; write remarks into `note`",
        )
    };
    let label = match kind {
        Kind::Rate => "expected a unit such as `per year`",
        _ => "expected a unit such as `years`",
    };
    Diagnostic::error("E0209", format!("`{unit}` is not a unit of time")).at(span, label).why(why).help(help)
}

/// Error for a unit with a time other than a year, for a kind of number that is never converted.
pub(super) fn not_converted(unit: &str, kind: Kind, span: Span) -> Diagnostic {
    let help = match kind {
        Kind::Coefficient => {
            "convert the coefficient to one year: multiply a coefficient per month by 12, or divide one per 10 years by 10; then write the unit `per year`"
        }
        Kind::Utility | Kind::Disutility => {
            "write the number for a full year: for example, 0.12 QALYs per year instead of 0.01 QALYs per month"
        }
        Kind::Proportion => {
            "for a share over a period, write the kind `probability`, which has a period as unit"
        }
        Kind::Number | Kind::Count | Kind::Score => {
            "use the kind `duration` for a length of time or `rate` for events per time; both are converted"
        }
        _ => "if the number depends on time, convert it to years; then remove the time from the unit",
    };
    Diagnostic::error("E0223", format!("a parameter of kind `{}` cannot have the unit `{unit}`", kind.name()))
        .at(span, "for this kind, the only possible unit of time is one year")
        .why(
            "formulas count time in years, so they would use the number as if its unit of time were one year",
        )
        .help(help)
}

/// Error for a unit of thousands or millions.
pub fn a_multiple(what: &str, span: Span, help: &str) -> Diagnostic {
    Diagnostic::error("E0224", format!("{what} is in thousands or millions"))
        .at(span, "the thousands or millions would be ignored")
        .why("numbers are used as written, so the cost would be too low by a factor of 1,000 or more")
        .help(help)
}

/// A value that is outside the range of its kind.
pub(super) struct OutOfRange<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub column: &'a str,
    /// Value as written in the cell.
    pub written: &'a str,
    /// Value as used by the model.
    pub value: f64,
    /// Whether the cell or its unit states that the value is a percentage.
    pub percent: bool,
    /// Whether the file uses decimal commas.
    pub comma: bool,
    /// Whether the unit is person-time, as in `per 100 person-years`, although the kind is `probability`.
    pub person_time: bool,
}

pub(super) fn out_of_range(found: &OutOfRange, span: Span) -> Diagnostic {
    let &OutOfRange { name, kind, column, written, value, percent, comma, person_time } = found;
    let (limits, why) = match kind {
        Kind::Probability | Kind::Proportion if value > 1.0 => {
            ("between 0 and 1", "a value above 1 would mean more than 100% of patients")
        }
        Kind::Probability | Kind::Proportion => {
            ("between 0 and 1", "a value below 0 would mean a negative number of patients")
        }
        Kind::Utility => ("at most 1", "a utility of 1 is full health; a higher one would overstate QALYs"),
        Kind::Disutility => {
            ("0 or more", "a disutility is a positive number; a negative one would add quality of life")
        }
        Kind::Rate => ("0 or more", "a negative rate would mean a negative number of events"),
        Kind::Cost => ("0 or more", "a negative cost would count as a saving"),
        Kind::Count => {
            ("0 or more", "a negative count would reverse the sign of the amounts that it multiplies")
        }
        Kind::Hr | Kind::Rr | Kind::Or if value < 0.0 => {
            ("above 0", "a ratio of two rates, risks or odds cannot be negative")
        }
        Kind::Hr | Kind::Rr | Kind::Or => ("above 0", "a ratio of 0 would mean that the event never happens"),
        Kind::Shape => ("above 0", "there is no time distribution with a shape of 0 or less"),
        Kind::MeanTime | Kind::MedianTime => {
            ("above 0", "with a time of 0 or less, the hazard would be infinite or negative")
        }
        _ => ("above 0", "a length of time of 0 or less has no meaning in the model"),
    };
    // Numbers to write are shown with the decimal sign of the file.
    let as_written = |x: f64| if comma { shown(x).replace('.', ",") } else { shown(x) };
    let percentage = !percent
        && match kind {
            Kind::Probability | Kind::Proportion => (1.0..=100.0).contains(&value),
            Kind::Utility => (10.0..=100.0).contains(&value),
            _ => false,
        };
    let ratio = matches!(kind, Kind::Hr | Kind::Rr | Kind::Or);
    let help = if person_time && value > 1.0 {
        format!(
            "if this is a number of events per person-time, as the unit says, change `kind` to `rate`; otherwise write a period, such as `per year`, into `unit` and a value from 0 to 1 into `{column}`"
        )
    } else if percentage {
        format!(
            "if this is a percentage, write `{}%` or {}; otherwise check the value against its source",
            as_written(value),
            as_written(value / 100.0)
        )
    } else if ratio && value < 0.0 {
        format!(
            "if this is a log ratio, write the ratio, exp({written}) = {}; otherwise check the value against its source",
            as_written(libm::exp(value))
        )
    } else if ratio && value == 0.0 {
        "if the ratio was rounded to 0, write it with more digits; otherwise check the value against its source"
            .into()
    } else if kind == Kind::Cost {
        "check the value against its source; if it is a saving, write a positive number, and add `loss = true` to its reward in the scenario file, which subtracts the amount".into()
    } else if kind == Kind::Disutility {
        format!("write {}", as_written(-value))
    } else if kind == Kind::Shape {
        "check the value against its source; for the shape of a Gompertz distribution, which may be negative, use the kind `coefficient`".into()
    } else if kind == Kind::Utility {
        "check the value against its source; if it is the score of a questionnaire and not a utility, change `kind` to `score`".into()
    } else if kind == Kind::Rate {
        "check the value against its source; if it is a regression coefficient, such as a log rate, change `kind` to `coefficient` and empty `unit`".into()
    } else {
        format!("check the value against its source, and check whether `{}` is the right kind", kind.name())
    };
    Diagnostic::error(
        "E0206",
        format!("`{column}` of parameter `{name}` is {written}, but {} is {limits}", spoken(kind)),
    )
    .at(span, format!("must be {limits}"))
    .why(why)
    .help(help)
}

fn spoken(kind: Kind) -> String {
    match kind {
        Kind::Hr => "a hazard ratio".into(),
        Kind::Rr => "a relative risk".into(),
        Kind::Or => "an odds ratio".into(),
        kind => format!("a {}", kind.name().replace('_', " ")),
    }
}

pub(super) fn half_a_range(name: &str, there: &str, missing: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0217", format!("parameter `{name}` has `{there}` but not `{missing}`"))
        .at(span, format!("`{missing}` is missing"))
        .why(match there {
            "low" | "high" => {
                "a range needs both ends, because sensitivity analyses vary the parameter between them"
            }
            _ => "the uncertainty of the parameter follows from both numbers together",
        })
        .help(format!("fill in `{missing}`; or, if it is not known, delete the value in `{there}`"))
}

pub(super) fn disorder(
    name: &str,
    texts: [(&str, Span); 3],
    ends: (f64, f64),
    percent_lost: bool,
) -> Diagnostic {
    let [(low, low_span), (base, base_span), (high, high_span)] = texts;
    let with_percent = |end: &str| format!("{}%", end.trim_end_matches('%').trim_end());
    // Shares up to 1 need no percent sign, so their order is wrong for another reason.
    let percent_lost = percent_lost && ends.0.max(ends.1) > 1.0;
    let help = if percent_lost {
        format!("write {} into `low` and {} into `high`", with_percent(low), with_percent(high))
    } else if ends.0 > ends.1 {
        "swap `low` and `high`".into()
    } else {
        format!(
            "if `base` was updated, write the range from its new source into `low` and `high`; otherwise correct `base`: it must be from {low} to {high}"
        )
    };
    let title = match percent_lost {
        true => format!(
            "parameter `{name}` has base {base} with a percent sign, but low {low} and high {high} do not both have one"
        ),
        false => {
            format!(
                "parameter `{name}` has low {low}, base {base} and high {high}, which are not in ascending order"
            )
        }
    };
    let (label, why) = match percent_lost {
        true => (
            "a percentage",
            "a number without a percent sign is not read as a percentage, so the base case would be outside the range",
        ),
        false => (
            "expected: low <= base <= high",
            "a sensitivity analysis over this range would not include the base case",
        ),
    };
    Diagnostic::error("E0207", title)
        .at(base_span, label)
        .also(low_span, "low")
        .also(high_span, "high")
        .why(why)
        .help(help)
}

pub(super) fn no_source(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0208", format!("parameter `{name}` has no source"))
        .at(span, "the cell `source` is empty")
        .why("without a source, reviewers cannot check the number; the report prints the source next to the number")
        .help("write the source into this cell; if there is none, write `assumption` into the column `evidence` (add it to the header if it is missing)")
}

pub(super) fn unknown_distribution(text: &str, word: &str, span: Span) -> Diagnostic {
    let squeezed = word.replace(['-', '_'], "");
    let meant = distribution::words().find(|name| *name == squeezed || name.starts_with(&squeezed));
    let meant = meant.filter(|_| squeezed.len() > 2).or_else(|| suggest(&squeezed, distribution::words()));
    let diagnostic = Diagnostic::error("E0216", format!("arcosim has no distribution `{text}`"))
        .why("the distribution determines the draws of the probabilistic sensitivity analysis");
    match meant {
        Some(meant) => {
            diagnostic.at(span, format!("did you mean `{meant}`?")).help(format!("write `{meant}`"))
        }
        None => {
            let words: Vec<&str> = distribution::words().collect();
            diagnostic.at(span, "unknown distribution").help(format!(
                "write one of {}; usual are `lognormal` for ratios, `beta` for shares and utilities, and `gamma` for costs and rates",
                either(&words)
            ))
        }
    }
}

pub(super) fn incomplete_distribution(name: &str, word: &str, span: Span) -> Diagnostic {
    let (needs, fill_in) = match word {
        "uniform" | "triangular" | "pert" => ("needs `low` and `high`", "`low` and `high`"),
        "beta" | "gamma" => (
            "needs `se`, an interval or counts",
            "what the source reports: `se` (standard error), or `low`, `high` and `range_basis` (such as 95CI), or `events` and `total`",
        ),
        _ => (
            "needs `se` or an interval",
            "what the source reports: `se` (standard error), or `low`, `high` and `range_basis` (such as 95CI)",
        ),
    };
    Diagnostic::error(
        "E0210",
        format!("the {word} distribution of parameter `{name}` has no measure of uncertainty"),
    )
    .at(span, needs)
    .why(
        "without a measure of uncertainty, no values can be drawn for the probabilistic sensitivity analysis",
    )
    .help(format!("fill in {fill_in}; if the number is certain, write `fixed` into `distribution`"))
}

pub(super) fn not_a_cut(text: &str, span: Span, name: &str) -> Diagnostic {
    Diagnostic::error("E0220", format!("`truncate` of parameter `{name}` cannot be `{text}`"))
        .at(span, "expected two numbers with `..` between them")
        .help("write both limits, such as 0..1, or only one of them: 0.. or ..1")
}

pub(super) fn neither_median_nor_mean(text: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0220", format!("`base_is` cannot be `{text}`"))
        .at(span, "must be `median`, `mean` or `neither`")
        .why("the draws depend on whether the base value is the median or the mean of the distribution")
        .help("write `median` or `mean` if the base value is one of these; write `neither` if it is another value of the distribution, such as the most likely value")
}

pub(super) fn unknown_evidence(text: &str, span: Span) -> Diagnostic {
    let names = || Evidence::NAMES.iter().map(|(_, name)| *name);
    let lower = text.to_lowercase();
    let common = match lower.as_str() {
        "trial" | "randomised" | "randomized" | "randomised trial" | "randomised study"
        | "randomized trial" | "randomized study" | "meta-analysis" | "ma" => Some("rct"),
        "assumed" => Some("assumption"),
        "opinion" | "expert opinion" => Some("expert"),
        "observational" => Some("cohort"),
        "lab" | "laboratory" => Some("in_vitro"),
        _ => None,
    };
    let diagnostic = Diagnostic::error("E0215", format!("`{text}` is not an evidence grade"))
        .why("reports list weak evidence by this grade, so the number could be missing from that list");
    match common.or_else(|| suggest(&lower, names())) {
        Some(meant) => {
            diagnostic.at(span, format!("did you mean `{meant}`?")).help(format!("write `{meant}`"))
        }
        None => diagnostic
            .at(span, "expected a type of study or other source")
            .help(format!("write the type of the source: {}", either(&names().collect::<Vec<_>>()))),
    }
}
