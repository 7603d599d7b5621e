//! Reads the parameter table, a CSV file with one number per row and its kind, unit and source.

mod distribution;
mod messages;
pub mod warnings;

pub use distribution::Spread;
pub(crate) use messages::a_multiple;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::csv::{
    CsvCell, CsvRecord, CsvTable, read_table, report_alike_columns, report_unknown_columns, unknown_columns,
};
use crate::read::excel_numbers::{self, Convention, Decimal};
use crate::read::source::{FileId, Sources, Span};
pub use crate::read::unit::parse_duration_years;
use crate::read::unit::{
    Length, Per, cost_per, is_multiple, parse_length, parse_per, time_other_than_a_year,
};
use arcosim_core::model::TimeGrid;

/// Kind of a number, which determines how formulas may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Number of events per unit of time at risk, stored per year.
    Rate,
    /// Share of people with the event within a stated period.
    Probability,
    /// Hazard ratio: multiplies a hazard, never a probability.
    Hr,
    /// Relative risk.
    Rr,
    /// Odds ratio.
    Or,
    /// Mean time to an event, in years.
    MeanTime,
    /// Median time to an event, in years.
    MedianTime,
    /// Money.
    Cost,
    /// Health-related quality of life: 1 is full health, below 0 worse than death.
    Utility,
    /// A loss of utility, as a positive number.
    Disutility,
    /// A share without a period, such as the risk per procedure.
    Proportion,
    /// A number of items.
    Count,
    /// Points on a clinical scale.
    Score,
    /// Regression coefficient.
    Coefficient,
    /// Shape parameter of a time-to-event distribution.
    Shape,
    /// A length of time, in years.
    Duration,
    /// A number of any other kind.
    Number,
}

impl Kind {
    /// Whether a number of this kind may be written with a percent sign: it is a share of something, or a rate.
    pub fn may_be_percent(self) -> bool {
        matches!(
            self,
            Kind::Rate
                | Kind::Probability
                | Kind::Proportion
                | Kind::Utility
                | Kind::Disutility
                | Kind::Number
        )
    }

    /// All kinds with their names in the table.
    pub const NAMES: [(Kind, &'static str); 17] = [
        (Kind::Rate, "rate"),
        (Kind::Probability, "probability"),
        (Kind::Hr, "hr"),
        (Kind::Rr, "rr"),
        (Kind::Or, "or"),
        (Kind::MeanTime, "mean_time"),
        (Kind::MedianTime, "median_time"),
        (Kind::Cost, "cost"),
        (Kind::Utility, "utility"),
        (Kind::Disutility, "disutility"),
        (Kind::Proportion, "proportion"),
        (Kind::Count, "count"),
        (Kind::Score, "score"),
        (Kind::Coefficient, "coefficient"),
        (Kind::Shape, "shape"),
        (Kind::Duration, "duration"),
        (Kind::Number, "number"),
    ];

    /// Name of the kind in the table.
    pub fn name(self) -> &'static str {
        name_of(&Self::NAMES, self)
    }

    /// Whether a value is possible for this kind.
    pub fn allows(self, value: f64) -> bool {
        match self {
            Kind::Rate | Kind::Cost | Kind::Count => value >= 0.0,
            Kind::Hr
            | Kind::Rr
            | Kind::Or
            | Kind::Shape
            | Kind::MeanTime
            | Kind::MedianTime
            | Kind::Duration => value > 0.0,
            Kind::Probability | Kind::Proportion => (0.0..=1.0).contains(&value),
            Kind::Utility => value <= 1.0,
            Kind::Disutility | Kind::Score | Kind::Coefficient | Kind::Number => true,
        }
    }

    fn is_time(self) -> bool {
        matches!(self, Kind::MeanTime | Kind::MedianTime | Kind::Duration)
    }
}

/// Grade of the evidence for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Randomised trial, or a synthesis of randomised trials.
    Rct,
    /// Cohort study.
    Cohort,
    /// Registry.
    Registry,
    /// Case series.
    CaseSeries,
    /// Animal experiment.
    Animal,
    /// Laboratory (in vitro) study.
    InVitro,
    /// Expert opinion.
    Expert,
    /// Assumption of the modeller.
    Assumption,
    /// Promotional claim of a manufacturer or provider.
    Promotional,
    /// No grade is stated.
    Unstated,
}

impl Evidence {
    /// All grades with their names in the table.
    pub const NAMES: [(Evidence, &'static str); 9] = [
        (Evidence::Rct, "rct"),
        (Evidence::Cohort, "cohort"),
        (Evidence::Registry, "registry"),
        (Evidence::CaseSeries, "case_series"),
        (Evidence::Animal, "animal"),
        (Evidence::InVitro, "in_vitro"),
        (Evidence::Expert, "expert"),
        (Evidence::Assumption, "assumption"),
        (Evidence::Promotional, "promotional"),
    ];

    /// Name of the grade in the table; empty if no grade is stated.
    pub fn name(self) -> &'static str {
        name_of(&Self::NAMES, self)
    }

    /// Whether the evidence shows no effect in patients: from animals, laboratories or promotion.
    pub fn is_weak(self) -> bool {
        matches!(self, Evidence::Animal | Evidence::InVitro | Evidence::Promotional)
    }

    /// Place in the order of grades from the strongest, 0, to the weakest; a grade that is not stated comes last.
    pub fn weakness(self) -> usize {
        use Evidence::*;
        let order =
            [Rct, Cohort, Registry, CaseSeries, Expert, Assumption, Animal, InVitro, Promotional, Unstated];
        order.iter().position(|grade| *grade == self).unwrap_or(order.len())
    }
}

fn name_of<T: PartialEq + Copy>(names: &[(T, &'static str)], wanted: T) -> &'static str {
    names.iter().find(|(value, _)| *value == wanted).map_or("", |(_, name)| name)
}

fn named<T: Copy>(names: &[(T, &str)], text: &str) -> Option<T> {
    let text = text.to_lowercase().replace([' ', '-'], "_");
    names.iter().find(|(_, name)| *name == text).map(|(value, _)| *value)
}

/// One row of the parameter table.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterRow {
    /// Name by which expressions refer to the parameter.
    pub name: String,
    /// Description in a few words for figures and tables; empty if the table has none.
    pub label: String,
    /// Kind of the number.
    pub kind: Kind,
    /// Value as used by the model: rates per year, probabilities over their period, times in years, and costs of a
    /// period per year (but costs per cycle as written).
    pub base: f64,
    /// The cell `base` as written.
    pub written: String,
    /// The cell `unit` as written.
    pub unit: String,
    /// Period of a probability in years; `None` if its unit is `per cycle`, because the cycle length is not part of
    /// the parameter table.
    pub period_years: Option<f64>,
    /// Lower end of the range, in the unit of `base`.
    pub low: Option<f64>,
    /// Upper end of the range, in the unit of `base`.
    pub high: Option<f64>,
    /// Meaning of the range, for example `95CI`.
    pub range_basis: String,
    /// Name of the distribution for the PSA, as written.
    pub distribution: String,
    /// Uncertainty around the value of the table.
    pub spread: Spread,
    /// Whether the base value is the mean of a lognormal distribution instead of its median.
    pub base_is_mean: bool,
    /// Value of the table, before `[set]` and `--set`.
    pub table_base: f64,
    /// Factor that converts a number as written to the number as used.
    pub factor: f64,
    /// Name of the group to which the parameter belongs.
    pub group: String,
    /// Source of the number.
    pub source: String,
    /// Grade of the evidence.
    pub evidence: Evidence,
    /// Free-text remark.
    pub note: String,
    /// Text about the conversion of the unit, such as `0.2 per month = 2.4 per year`; `None` without conversion.
    pub conversion: Option<String>,
    /// Position of the name.
    pub name_span: Span,
    /// Position of the base value.
    pub base_span: Span,
    /// Position of the whole row.
    pub row_span: Span,
}

impl ParameterRow {
    /// A number that no file declares.
    pub fn undeclared(name: String, kind: Kind, base: f64) -> ParameterRow {
        let nowhere = Span { file: 0, start: 0, end: 0 };
        ParameterRow {
            name,
            label: String::new(),
            kind,
            base,
            written: String::new(),
            unit: String::new(),
            period_years: None,
            low: None,
            high: None,
            range_basis: String::new(),
            distribution: String::new(),
            spread: Spread::default(),
            base_is_mean: false,
            table_base: base,
            factor: 1.0,
            group: String::new(),
            source: String::new(),
            evidence: Evidence::Unstated,
            note: String::new(),
            conversion: None,
            name_span: nowhere,
            base_span: nowhere,
            row_span: nowhere,
        }
    }

    /// The label, or the name of a parameter without a label.
    pub fn in_words(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// The label with the name after it, by which `--set` finds the parameter; only the name without a label.
    pub fn in_words_with_name(&self) -> String {
        match self.label.as_str() {
            "" => self.name.clone(),
            label => format!("{label} [{}]", self.name),
        }
    }

    /// Converts a value as used to the unit of the table, in which `--set` and the table state it. Every parameter
    /// value that a user sees is converted by this function.
    pub fn in_table(&self, used: f64) -> f64 {
        used / self.factor
    }

    /// Converts a difference between two values, such as a standard deviation, to the unit of the table.
    pub fn difference_in_table(&self, used: f64) -> f64 {
        used / self.factor
    }

    /// Text about the conversion of a cost per cycle to a cost per year, which depends on the cycle length.
    pub fn per_cycle(&self, grid: &TimeGrid) -> Option<String> {
        let costs = self.kind == Kind::Cost && cost_per(&self.unit) == Per::Cycle;
        let yearly = shown(self.base * grid.cycles_per_year);
        (costs && grid.cycles_per_year != 1.0)
            .then(|| format!("{} {} = {yearly} per year", self.written, self.unit))
    }
}

/// Columns of a parameter table.
pub const COLUMNS: [&str; 21] = [
    "name",
    "label",
    "kind",
    "base",
    "unit",
    "low",
    "high",
    "range_basis",
    "distribution",
    "p1",
    "p2",
    "p3",
    "se",
    "events",
    "total",
    "base_is",
    "truncate",
    "group",
    "source",
    "evidence",
    "note",
];
/// Columns that every parameter table must have.
pub const REQUIRED_COLUMNS: [&str; 5] = ["name", "kind", "base", "unit", "source"];

/// Reads a parameter table and reports all errors at once.
///
/// A row with an error is kept, with a placeholder for an unreadable value, so that its name stays known and one error
/// does not cause further errors in every expression that uses the name. The error itself prevents the run.
pub fn read_parameters(sources: &Sources, file: FileId, out: &mut Diagnostics) -> Vec<ParameterRow> {
    let mut shape = Diagnostics::default();
    let table = read_table(sources, file, &COLUMNS, &mut shape);
    let lacking: Vec<&str> = REQUIRED_COLUMNS
        .into_iter()
        .filter(|name| table.as_ref().is_some_and(|table| table.column(name).is_none()))
        .collect();
    // If the first line is not a header, messages about missing rows and surplus cells would only be consequences.
    let echo = |d: &Diagnostic| !lacking.is_empty() && matches!(d.code, "E0111" | "E0112");
    shape.list.retain(|d| !echo(d));
    out.list.append(&mut shape.list);
    let Some(table) = table else {
        return Vec::new();
    };
    if !lacking.is_empty() {
        out.push(messages::lacking_columns(&table, &lacking));
        return Vec::new();
    }
    report_alike_columns(&table, COLUMNS.into_iter(), out);
    report_unknown_columns(&table, &COLUMNS, out);
    let reader = ParameterReader::new(sources, &table);
    if let Convention::Mixed(point, comma) = reader.convention {
        out.push(messages::mixed_decimals(sources, point, comma));
    }
    let mut rows: Vec<ParameterRow> = Vec::new();
    let mut readable: Vec<bool> = Vec::new();
    let mut first_of = std::collections::BTreeMap::new();
    let mut in_any_case = std::collections::BTreeMap::new();
    for record in &table.rows {
        // If a cell was split in two, other errors of the row are consequences of that error, which has been
        // reported.
        let mut unheard = Diagnostics::default();
        let cut = table.has_surplus_cells(record);
        let heard = if cut { &mut unheard } else { &mut *out };
        let Some((row, sound)) = reader.row(record, heard) else {
            continue;
        };
        if let Some(&first) = first_of.get(&row.name) {
            out.push(messages::duplicate(&row.name, row.name_span, first));
            continue;
        }
        first_of.insert(row.name.clone(), row.name_span);
        let alike = (row.name.clone(), row.name_span);
        if let Some((name, first)) = in_any_case.insert(row.name.to_lowercase(), alike) {
            out.push(messages::differ_in_case((&row.name, row.name_span), (&name, first)));
        }
        rows.push(row);
        readable.push(sound && !cut);
    }
    warnings::thousands(numbers(&table), reader.convention, out);
    warnings::report(&rows, &readable, out);
    rows
}

/// Whether a text can be the name of a parameter: parts separated by points, each of letters, digits and underscores,
/// and the first part starting with a letter or underscore.
pub fn is_parameter_name(name: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.split('.').all(sound)
}

/// Filled cells of the columns that contain numbers.
fn numbers(table: &CsvTable) -> impl Iterator<Item = &CsvCell> {
    let columns = ["base", "low", "high"].map(|name| table.column(name));
    table.rows.iter().flat_map(move |record| columns.map(|column| record.filled(column))).flatten()
}

struct ParameterReader<'a> {
    sources: &'a Sources,
    convention: Convention,
    columns: [Option<usize>; COLUMNS.len()],
    /// Columns that the table lacks, but for which an unknown column may be meant; that column is reported.
    misspelt: Vec<&'static str>,
}

/// A number of a row before its conversion.
#[derive(Clone, Copy)]
struct Read {
    value: f64,
    percent: bool,
    span: Span,
}

/// Converts the numbers of a row from values as written to values as used.
struct Conversion {
    /// Whether the unit is a percentage.
    percent: bool,
    /// Conversion of a period, which depends on the kind; `None` if values are used as written.
    convert: Option<(Length, bool)>,
    period_years: Option<f64>,
    /// Whether the unit of a probability is person-time, which is an error.
    person_time: bool,
}

impl Conversion {
    /// Factor from a number as written to the number as used, such as 0.01 for a percentage.
    fn factor(&self) -> f64 {
        let percent = if self.percent { 0.01 } else { 1.0 };
        percent
            * match self.convert {
                Some((length, true)) => length.yearly(1.0),
                Some((length, false)) => length.years(),
                None => 1.0,
            }
    }

    fn apply(&self, read: Read) -> f64 {
        let value = if self.percent && !read.percent { read.value / 100.0 } else { read.value };
        match self.convert {
            Some((length, true)) => length.yearly(value),
            Some((length, false)) => value * length.years(),
            None => value,
        }
    }
}

impl<'a> ParameterReader<'a> {
    fn new(sources: &'a Sources, table: &CsvTable) -> Self {
        let convention = excel_numbers::learn(numbers(table), table.delimiter);
        let misspelt = unknown_columns(table, &COLUMNS).filter_map(|(_, meant)| meant).collect();
        Self { sources, convention, columns: COLUMNS.map(|name| table.column(name)), misspelt }
    }

    fn cell<'r>(&self, record: &'r CsvRecord, column: &str) -> Option<&'r CsvCell> {
        let index = COLUMNS.iter().position(|name| *name == column)?;
        record.filled(self.columns[index])
    }

    fn text(&self, record: &CsvRecord, column: &str) -> String {
        self.cell(record, column).map(|cell| cell.text.clone()).unwrap_or_default()
    }

    /// Position of a column in this row, even if its cell is empty or absent.
    fn place(&self, record: &CsvRecord, column: &str) -> Span {
        let index = COLUMNS.iter().position(|name| *name == column).and_then(|index| self.columns[index]);
        let end = Span { start: record.span.end, ..record.span };
        index.and_then(|index| record.cells.get(index)).map_or(end, |cell| cell.span)
    }

    /// Reads a row; the flag states whether its numbers could be read, because placeholders need no further checks.
    fn row(&self, record: &CsvRecord, out: &mut Diagnostics) -> Option<(ParameterRow, bool)> {
        let Some(name) = self.cell(record, "name") else {
            out.push(messages::empty_cell("name", None, self.place(record, "name")));
            return None;
        };
        if !is_parameter_name(&name.text) {
            out.push(messages::unusable_name(&name.text, name.span));
        }
        let before = out.counts().0;
        let kind = self.kind(record, &name.text, out);
        let base = self.base(record, &name.text, out);
        let conversion = self.conversion(record, kind, &name.text, base, out);
        let [low, high] =
            ["low", "high"].map(|column| self.number(self.cell(record, column)?, column, &name.text, out));
        self.check_values(
            kind.map(|kind| (kind, &conversion)),
            &name.text,
            [("base", base), ("low", low), ("high", high)],
            out,
        );
        let as_used = |read: Option<Read>| read.map(|read| conversion.apply(read));
        let range = self.range(record, &name.text, [low, base, high], as_used, out);
        // If the decimal signs of the file contradict each other, a number is unreadable without a message of its own.
        let readable = base.is_some() && out.counts().0 == before;
        let spread = match (kind, base) {
            (Some(kind), Some(base)) if readable => self.spread(
                record,
                kind,
                &name.text,
                (as_used(Some(base)).unwrap_or(1.0), range),
                &conversion,
                out,
            ),
            _ => Spread::None,
        };
        let evidence = self.evidence(record, out);
        if self.cell(record, "source").is_none() && evidence != Evidence::Assumption {
            out.push(messages::no_source(&name.text, self.place(record, "source")));
        }
        let written = self.text(record, "base");
        let unit = self.text(record, "unit");
        let shown = kind.zip(base).and_then(|(kind, base)| {
            conversion_line(kind, &written, &unit, conversion.apply(base), &conversion)
        });
        let row = ParameterRow {
            name: name.text.clone(),
            label: self.text(record, "label"),
            kind: kind.unwrap_or(Kind::Number),
            base: base.map_or(1.0, |base| conversion.apply(base)),
            written,
            unit,
            period_years: conversion.period_years,
            low: range.map(|(low, _)| low),
            high: range.map(|(_, high)| high),
            range_basis: self.text(record, "range_basis"),
            distribution: self.text(record, "distribution"),
            spread,
            base_is_mean: self.text(record, "base_is").eq_ignore_ascii_case("mean"),
            table_base: base.map_or(1.0, |base| conversion.apply(base)),
            factor: conversion.factor(),
            group: self.text(record, "group"),
            source: self.text(record, "source"),
            evidence,
            note: self.text(record, "note"),
            conversion: shown,
            name_span: name.span,
            base_span: self.place(record, "base"),
            row_span: record.span,
        };
        Some((row, readable))
    }

    fn kind(&self, record: &CsvRecord, name: &str, out: &mut Diagnostics) -> Option<Kind> {
        let Some(cell) = self.cell(record, "kind") else {
            out.push(messages::empty_cell("kind", Some(name), self.place(record, "kind")));
            return None;
        };
        let kind = named(&Kind::NAMES, &cell.text);
        if kind.is_none() {
            out.push(messages::unknown_kind(&cell.text, cell.span));
        }
        kind
    }

    fn base(&self, record: &CsvRecord, name: &str, out: &mut Diagnostics) -> Option<Read> {
        let Some(cell) = self.cell(record, "base") else {
            out.push(messages::empty_cell("base", Some(name), self.place(record, "base")));
            return None;
        };
        self.number(cell, "base", name, out)
    }

    fn number(&self, cell: &CsvCell, column: &str, name: &str, out: &mut Diagnostics) -> Option<Read> {
        match excel_numbers::read(&cell.text, self.convention) {
            Ok(numeral) => Some(Read { value: numeral.value, percent: numeral.percent, span: cell.span }),
            // Contradicting decimal signs are reported once, and not at every ambiguous cell.
            Err(excel_numbers::Misread::Ambiguous) if matches!(self.convention, Convention::Mixed(..)) => {
                None
            }
            Err(why) => {
                out.push(
                    self.with_decimal_note(messages::not_a_number(&cell.text, cell.span, column, name, why)),
                );
                None
            }
        }
    }

    /// Adds a note that `0,80` in the table and 0.80 in the message are the same number.
    fn with_decimal_note(&self, diagnostic: Diagnostic) -> Diagnostic {
        if self.convention == Convention::Known(Decimal::Comma) {
            diagnostic.note("this file uses decimal commas: `0,80` is read as 0.80, and `1.234` as 1234")
        } else {
            diagnostic
        }
    }

    fn conversion(
        &self,
        record: &CsvRecord,
        kind: Option<Kind>,
        name: &str,
        base: Option<Read>,
        out: &mut Diagnostics,
    ) -> Conversion {
        let unit = self.text(record, "unit");
        let span = self.place(record, "unit");
        let (per, percent) = parse_per(&unit);
        let mut conversion = Conversion { percent, convert: None, period_years: None, person_time: false };
        let Some(kind) = kind else { return conversion };
        if percent && !kind.may_be_percent() {
            let share = base.map(|base| conversion.apply(base));
            out.push(messages::no_share(name, kind, &format!("in {unit}"), share, span));
            return conversion;
        }
        let value = base.map(|base| conversion.apply(base));
        match (kind, per) {
            (Kind::Rate, Per::Time(length) | Per::PersonTime(length)) => {
                conversion.convert = Some((length, true))
            }
            (Kind::Rate, Per::Unsaid) => out.push(messages::no_time_unit(name, kind, span, value)),
            (Kind::Rate, _) => out.push(messages::unknown_time_unit(&unit, kind, span)),
            (Kind::Probability, Per::Time(length)) => conversion.period_years = Some(length.years()),
            (Kind::Probability, Per::Cycle) => {}
            (Kind::Probability, Per::Unsaid) => out.push(messages::no_period(name, &unit, span, value)),
            (Kind::Probability, Per::Occasion) => out.push(messages::per_occasion(&unit, span)),
            (Kind::Probability, Per::PersonTime(_)) => {
                conversion.person_time = true;
                out.push(messages::per_person_time(name, &unit, span))
            }
            (Kind::Probability, Per::Unknown) => out.push(messages::no_period(name, &unit, span, value)),
            (Kind::Cost, _) => {
                if is_multiple(&unit) {
                    let help = "write the full amount and a plain unit, such as 4200 and `EUR` instead of 4.2 and `kEUR`";
                    out.push(a_multiple(&format!("the unit `{unit}`"), span, help));
                }
                if let Per::Time(length) | Per::PersonTime(length) = cost_per(&unit) {
                    conversion.convert = Some((length, true));
                }
            }
            (kind, _) if kind.is_time() => match parse_length(&unit) {
                Some(length) => conversion.convert = Some((length, false)),
                None if unit.is_empty() => out.push(messages::no_time_unit(name, kind, span, value)),
                None => out.push(messages::unknown_time_unit(&unit, kind, span)),
            },
            _ => {
                // Units of the kinds number, count and score are checked where a formula uses the number.
                let anything = matches!(kind, Kind::Number | Kind::Count | Kind::Score);
                if !anything && time_other_than_a_year(&unit) {
                    out.push(messages::not_converted(&unit, kind, span));
                }
            }
        }
        conversion
    }

    fn check_values(
        &self,
        kind: Option<(Kind, &Conversion)>,
        name: &str,
        values: [(&str, Option<Read>); 3],
        out: &mut Diagnostics,
    ) {
        let Some((kind, conversion)) = kind else { return };
        let [(_, base), (_, low), (_, high)] = values;
        let ends_lost_percent = base.is_some_and(|base| base.percent)
            && [low, high].iter().all(|end| end.is_some_and(|end| !end.percent && end.value > 1.0));
        for (column, read) in values {
            let Some(read) = read else { continue };
            if read.percent && !kind.may_be_percent() {
                let written = self.sources.slice(read.span);
                out.push(messages::no_share(name, kind, written, Some(read.value), read.span));
                continue;
            }
            let value = conversion.apply(read);
            // A negative loss is nearly always a sign error in the base value, but a range may include zero.
            let possible =
                kind.allows(value) && !(kind == Kind::Disutility && column == "base" && value < 0.0);
            // In a range from 20 to 35 around `27.5%`, two percent signs are missing. The wrong order of the range is
            // reported, so the ends are not reported again.
            let reported = column != "base" && ends_lost_percent;
            if !possible && !reported {
                let written = self.sources.slice(read.span);
                let percent = read.percent || conversion.percent;
                let comma = self.convention == Convention::Known(Decimal::Comma);
                let person_time = conversion.person_time;
                let found =
                    messages::OutOfRange { name, kind, column, written, value, percent, comma, person_time };
                out.push(self.with_decimal_note(messages::out_of_range(&found, read.span)));
            }
        }
    }

    /// Lower and upper end of the range as used, if both exist and the base value is between them.
    fn range(
        &self,
        record: &CsvRecord,
        name: &str,
        [low, base, high]: [Option<Read>; 3],
        as_used: impl Fn(Option<Read>) -> Option<f64>,
        out: &mut Diagnostics,
    ) -> Option<(f64, f64)> {
        let filled = ["low", "high"].map(|column| self.cell(record, column).is_some());
        if filled[0] != filled[1] {
            let (there, missing) = if filled[0] { ("low", "high") } else { ("high", "low") };
            self.report_half(record, name, there, missing, out);
            return None;
        }
        let ends = as_used(low).zip(as_used(high))?;
        let (low, high) = low.zip(high)?;
        if let Some((base, value)) = base.zip(as_used(base))
            && !(ends.0 <= value && value <= ends.1)
        {
            let percent_lost = base.percent && !(low.percent && high.percent);
            let texts = [low, base, high].map(|read| (self.sources.slice(read.span), read.span));
            out.push(self.with_decimal_note(messages::disorder(name, texts, ends, percent_lost)));
            return None;
        }
        Some(ends)
    }

    /// Reports that only one of two columns that belong together is filled in, unless the other column is misspelt.
    fn report_half(
        &self,
        record: &CsvRecord,
        name: &str,
        there: &str,
        missing: &'static str,
        out: &mut Diagnostics,
    ) {
        if !self.misspelt.contains(&missing) {
            out.push(messages::half_a_range(name, there, missing, self.place(record, missing)));
        }
    }

    /// Uncertainty stated by the row. The base value and the range are those that the model uses, after conversion of
    /// units.
    fn spread(
        &self,
        record: &CsvRecord,
        kind: Kind,
        name: &str,
        (base, range): (f64, Option<(f64, f64)>),
        conversion: &Conversion,
        out: &mut Diagnostics,
    ) -> Spread {
        let before = out.counts().0;
        let written = self.text(record, "distribution").to_lowercase();
        let place = self.place(record, "distribution");
        let word = written.trim();
        let counted = word.split_once('/').filter(|_| !word.contains(char::is_alphabetic));
        if !word.is_empty() && counted.is_none() && !distribution::is_known(word) {
            out.push(messages::unknown_distribution(&written, word, place));
            return Spread::None;
        }
        let read = |column: &str| self.number(self.cell(record, column)?, column, name, out);
        let [p1, p2, p3, se, events, total] = ["p1", "p2", "p3", "se", "events", "total"].map(read);
        let plain = |read: Option<Read>| read.map(|read| read.value);
        let counts = match counted {
            Some((events, total)) => events.trim().parse().ok().zip(total.trim().parse().ok()),
            None => plain(events).zip(plain(total)),
        };
        if events.is_some() != total.is_some() && out.counts().0 == before {
            let (there, missing) = if events.is_some() { ("events", "total") } else { ("total", "events") };
            self.report_half(record, name, there, missing, out);
        }
        let cut = self.cell(record, "truncate").and_then(|cell| {
            let number = |text: &str| {
                let numeral = excel_numbers::read(text, self.convention).ok()?;
                Some(conversion.apply(Read {
                    value: numeral.value,
                    percent: numeral.percent,
                    span: cell.span,
                }))
            };
            let cut = distribution::parse_cut(&cell.text, number);
            if cut.is_none() {
                out.push(messages::not_a_cut(&cell.text, cell.span, name));
            }
            cut
        });
        let base_is = self.text(record, "base_is").to_lowercase();
        if let (false, Some(cell)) =
            (matches!(base_is.as_str(), "" | "median" | "mean" | "neither"), self.cell(record, "base_is"))
        {
            out.push(messages::neither_median_nor_mean(&cell.text, cell.span));
        }
        // A range with an error has already been reported, so it is not reported as missing.
        let ends_given = self.cell(record, "low").is_some() || self.cell(record, "high").is_some();
        if out.counts().0 > before || (range.is_none() && ends_given) {
            return Spread::None;
        }
        let base_is_column =
            COLUMNS.iter().position(|name| *name == "base_is").and_then(|index| self.columns[index]);
        let stated = distribution::Stated {
            name,
            kind,
            word: if counted.is_some() { "" } else { word },
            base,
            own: [plain(p1), plain(p2), plain(p3)],
            factor: conversion.factor(),
            se: se.map(|se| conversion.apply(se)),
            se_place: se.map_or(place, |se| se.span),
            counts,
            range,
            range_basis: &self.text(record, "range_basis"),
            base_is: &base_is,
            base_is_place: base_is_column.map(|_| self.place(record, "base_is")),
            cut: cut.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
            cut_place: self.cell(record, "truncate").map_or(place, |cell| cell.span),
            place,
        };
        distribution::spread(&stated, out)
    }

    fn evidence(&self, record: &CsvRecord, out: &mut Diagnostics) -> Evidence {
        let Some(cell) = self.cell(record, "evidence") else {
            return Evidence::Unstated;
        };
        named(&Evidence::NAMES, &cell.text).unwrap_or_else(|| {
            out.push(messages::unknown_evidence(&cell.text, cell.span));
            Evidence::Unstated
        })
    }
}

/// Text that shows how a number was converted; `None` if the number is used as written.
fn conversion_line(
    kind: Kind,
    written: &str,
    unit: &str,
    value: f64,
    conversion: &Conversion,
) -> Option<String> {
    let converted = match kind {
        Kind::Rate | Kind::Cost => match conversion.convert? {
            (length, _) if length.years() == 1.0 && !conversion.percent => return None,
            // Amounts of money are shown with two decimals, because four significant digits would hide the cents.
            _ if kind == Kind::Cost && value.abs() >= 1.0 => {
                format!("{} per year", (100.0 * value).round() / 100.0)
            }
            _ => format!("{} per year", shown(value)),
        },
        Kind::Probability => {
            let years = conversion.period_years?;
            if !(0.0..1.0).contains(&value) {
                return None;
            }
            // The probability is used as written. The rate is shown for comparison with published rates.
            let rate = shown(-libm::log1p(-value) / years);
            return Some(format!("{written} {unit}, kept as it is; as a constant rate {rate} per year"));
        }
        kind if kind.is_time() && conversion.convert?.0.years() != 1.0 => format!("{} years", shown(value)),
        _ if conversion.percent => shown(value),
        _ => return None,
    };
    Some(format!("{written} {unit} = {converted}"))
}

/// A number for readers, with at most four significant digits unless it is a whole number.
pub(super) fn shown(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 {
        return format!("{value}");
    }
    let magnitude = libm::floor(libm::log10(value.abs())) as i32;
    let decimals = (3 - magnitude).clamp(0, 12) as usize;
    arcosim_core::words::rounded(value, decimals)
}

#[cfg(test)]
mod tests;
