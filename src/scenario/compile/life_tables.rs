//! Compiles `[tables]`: life tables and lookup tables, from the rows of a file to one list of values per combination of categories.

use std::sync::Arc;

use super::transitions::TableName;
use super::{check_plain_name, did_you_mean};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::Lookup;
use crate::parameters::a_multiple;
use crate::read::document::{Files, TomlNode, TomlTable};
use crate::read::life_table_file::{Column, TableKind, TableRow, read_rows};
use crate::read::source::Sources;
use crate::read::table_layout::{TableLayout, is_age};
use crate::read::unit::{Length, Per, cost_per, is_multiple, parse_length};
use crate::schema::keys;
use arcosim_core::math;
use arcosim_core::model::{Attribute, LifeTable, Listing};

/// Default name of the attribute that is the age of patients.
const AGE: &str = "age";

/// Rate per year that represents certain death (qx = 1 in the last row of a table). It is so high that no patient survives a
/// cycle, but unlike infinity it can be multiplied and divided.
const CERTAIN: f64 = 700.0;

/// Reads the files of all tables into `sources`. The result has one entry per table, which is `None` if its file cannot be read.
pub fn read_files(
    root: &TomlTable,
    files: &Files,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<Option<usize>> {
    root.sections(keys::scenario::TABLES)
        .map(|(_, node)| files.read_named(node.table()?.get(keys::table::FILE)?, sources, out))
        .collect()
}

/// Attribute whose attained value is the clock `age`: the attribute called `age`, or else the age in the first life table.
pub fn age_attribute(root: &TomlTable, attributes: &[Attribute]) -> Option<usize> {
    let continuous = |name: &str| attributes.iter().position(|one| one.name == name && one.is_number());
    continuous(AGE).or_else(|| {
        root.sections(keys::scenario::TABLES)
            .find_map(|(_, node)| continuous(node.table()?.text(keys::table::AGE).unwrap_or(AGE)))
    })
}

/// All tables that could be read.
#[derive(Default)]
pub struct Tables {
    /// Life tables, for the model.
    pub life: Vec<LifeTable>,
    /// Name and age attribute of each life table, for transitions that refer to it.
    pub names: Vec<TableName>,
    /// All tables that formulas can look up, including life tables.
    pub lookups: Vec<Lookup>,
    /// Notes for readers on how each table was read: the subject ("table `mortality`") and the note.
    pub readings: Vec<(String, String)>,
}

/// Layout of the file of a table, as stated in the scenario.
fn layout(root: &TomlTable, name: &str, table: &TomlTable, kind: TableKind) -> TableLayout {
    let of_age = table.names(keys::table::BY).iter().any(|(name, _)| is_age(name));
    let columns = table.sections(keys::table::COLUMNS);
    TableLayout {
        kind,
        life: kind.is_mortality() && (of_age || is_hazard(root, name)),
        per: table.number(keys::table::PER).unwrap_or(1.0),
        columns: columns
            .filter_map(|(meant, node)| Some((meant.to_string(), node.text()?.to_string(), node.span)))
            .collect(),
    }
}

/// Compiles all tables of a scenario.
pub fn tables(
    root: &TomlTable,
    files: &[Option<usize>],
    sources: &Sources,
    attributes: &[Attribute],
    out: &mut Diagnostics,
) -> Tables {
    let mut tables = Tables::default();
    for ((name, node), file) in root.sections(keys::scenario::TABLES).zip(files) {
        let Some(table) = node.table() else { continue };
        check_plain_name("a table", name, node.key_span, out);
        let kind = table.text(keys::table::KIND).and_then(TableKind::parse);
        let layout = layout(root, name, table, kind.unwrap_or(TableKind::RatePerYear));
        check_per(name, table, kind, out);
        let by = categorical(table, &layout, attributes, out);
        let (rows, columns_read) = match (file, kind) {
            (Some(file), Some(_)) => {
                let columns = looked_up_by(table, attributes);
                read_rows(sources, *file, &columns, &layout, out)
            }
            _ => Default::default(),
        };
        let read = match by.as_deref() {
            Some(by) if !rows.is_empty() => {
                columns(node, by, attributes, &rows, kind.map(|_| layout.kind_in_words()), out)
            }
            _ => None,
        };
        // A table of unknown kind is treated as a life table, so that references to it are not reported as errors too.
        let kind = layout.kind;
        let cost = cost_unit(name, table, kind, out);
        let time = time_unit(name, table, &layout, out);
        let read = read.map(|columns| in_years(columns, time, cost));
        let read = match read {
            Some(read) if kind == TableKind::GroupProbability => by_the_year(name, node, read, out),
            read => read,
        };
        if let Some(node) = table.get(keys::table::AGE).filter(|_| !kind.is_mortality()) {
            out.push(
                Diagnostic::error("E0427", format!("table `{name}` has `age`, but is not a life table"))
                    .at(node.key_span, "used only by life tables, so it would be ignored here")
                    .help(format!(
                        "remove it, and write the looked-up value into the formula: lookup({name}, age)"
                    )),
            );
        }
        if !columns_read.is_empty() {
            // The path is shown as written in the scenario, because results must not contain paths of the computer.
            let file = table.text(keys::table::FILE).unwrap_or_default();
            tables
                .readings
                .push((format!("table `{name}`"), reading(table, file, &columns_read, &layout, rows.len())));
        }
        if layout.life {
            let age = match is_hazard(root, name) {
                true => age(name, node, table, attributes, out),
                false => None,
            };
            tables.names.push(TableName { name: name.to_string(), age });
            tables.life.push(life_table(name, by.as_deref(), read.as_ref(), kind));
        }
        let sizes = |by: &[usize]| by.iter().map(|&a| (a, attributes[a].classes())).collect();
        tables.lookups.push(Lookup {
            name: name.to_string(),
            kind,
            time_unit: time.and_then(|_| table.text(keys::table::TIME_UNIT).map(str::to_string)),
            by: table.names(keys::table::BY).first().map_or(String::new(), |(name, _)| name.to_string()),
            unit: table.text(keys::table::UNIT).unwrap_or_default().to_string(),
            per_year: cost.map(|length| length.is_some()),
            listing: by.zip(read).map(|(by, (bounds, values))| {
                Arc::new(Listing { name: name.to_string(), by: sizes(&by), bounds, values })
            }),
        });
    }
    tables
}

/// Reports an invalid `per`. The key is possible only for rates and probabilities, such as deaths per 1,000 people.
fn check_per(name: &str, table: &TomlTable, kind: Option<TableKind>, out: &mut Diagnostics) {
    let Some(node) = table.get(keys::table::PER) else { return };
    let sound = node.number().is_some_and(|per| per >= 1.0);
    let other_kind = kind.is_some_and(|kind| !kind.is_mortality());
    if !sound || other_kind {
        let (title, label, help) = match other_kind {
            true => (
                format!(
                    "table `{name}` has `per`, but its `kind` is neither a rate nor a probability of death"
                ),
                "used only for rates and probabilities of death",
                "remove `per`, or correct `kind`, for example kind = \"annual probability\"",
            ),
            false => (
                format!("`per` of table `{name}` must be at least 1"),
                "not a possible number of people",
                "write the number of people to which the values refer, for example per = 100_000; or remove `per` if they refer to one person",
            ),
        };
        out.push(Diagnostic::error("E0427", title).at(node.span, label).help(help));
    }
}

/// Unit of a table of costs: `None` if it is not stated, `Some(None)` for one-off costs, and `Some(Some(period))` for costs that
/// accrue over time, such as EUR per month.
fn cost_unit(
    name: &str,
    table: &TomlTable,
    kind: TableKind,
    out: &mut Diagnostics,
) -> Option<Option<Length>> {
    let Some(node) = table.get(keys::table::UNIT) else {
        if let Some(place) = table.get(keys::table::KIND).filter(|_| kind == TableKind::Cost) {
            out.push(
                Diagnostic::warning("W0539", format!("the costs of table `{name}` have no `unit`"))
                    .at(place.span, "per year, or per event?")
                    .why("without a unit, a value counts as a cost per year in `per_year` and as a one-off cost in `once`")
                    .help("add the unit: unit = \"EUR per month\" for costs that accrue over time, unit = \"EUR\" for one-off costs"),
            );
        }
        return None;
    };
    let wrong = |title: String, label: &str, help: &str| {
        Diagnostic::error("E0427", title).at(node.span, label).help(help)
    };
    if kind != TableKind::Cost {
        out.push(wrong(
            format!("table `{name}` has `unit`, but its values are not costs"),
            "used only for costs, so it would be ignored here",
            "if the values are costs, write kind = \"cost\"; otherwise remove `unit`; the unit of times in the first column is `time_unit`",
        ));
        return None;
    }
    if is_multiple(node.text()?) {
        let per =
            node.text()?.split_once(" per ").map_or(String::new(), |(_, period)| format!(" per {period}"));
        let help = format!(
            "write the full amounts into the table, and a plain unit here, such as unit = \"EUR{per}\""
        );
        out.push(a_multiple(&format!("the unit `{}` of table `{name}`", node.text()?), node.span, &help));
    }
    match cost_per(node.text()?) {
        Per::Time(length) | Per::PersonTime(length) => Some(Some(length)),
        Per::Cycle => {
            out.push(wrong(
                format!("the costs of table `{name}` cannot be per cycle"),
                "the length of a cycle is not stated in the table",
                "write the length of the cycle to which the costs refer, for example unit = \"EUR per 6 months\"",
            ));
            None
        }
        _ => Some(None),
    }
}

/// Unit of the times in the first column of a lookup table; `None` if it is not stated or cannot be used.
fn time_unit(name: &str, table: &TomlTable, layout: &TableLayout, out: &mut Diagnostics) -> Option<Length> {
    let node = table.get(keys::table::TIME_UNIT)?;
    let by_cycle = table.names(keys::table::BY).first().is_some_and(|(name, _)| *name == "cycle");
    let length = node.text().and_then(parse_length).filter(|_| !by_cycle);
    if layout.life || length.is_none() {
        let column = match node.text() {
            Some("months") => "month",
            Some("weeks") => "week",
            Some("days") => "day",
            _ => "year",
        };
        let instead = format!(
            "if the first column contains cycle numbers, remove `time_unit`; if it contains times, change its name from `cycle` to, for example, `{column}`, in `by` and in the file"
        );
        let (title, label, help) = match layout.life {
            false if by_cycle => (
                format!("table `{name}` has `time_unit`, but its first column contains cycle numbers"),
                "used only for times, so it would be ignored here",
                instead.as_str(),
            ),
            true => (
                format!("life table `{name}` has `time_unit`"),
                "ages are always in years",
                "remove it; if the file has ages in months, divide them by 12",
            ),
            false => (
                format!("`time_unit` of table `{name}` is not a unit of time"),
                "expected a unit such as years or months",
                "write time_unit = \"years\", \"months\", \"weeks\" or \"days\"",
            ),
        };
        out.push(Diagnostic::error("E0427", title).at(node.span, label).help(help));
        return None;
    }
    length
}

/// Converts times to years, and costs per period to costs per year.
fn in_years((bounds, values): Columns, time: Option<Length>, cost: Option<Option<Length>>) -> Columns {
    let bounds = match time {
        // Calculated in the same way as clocks, so that times in months coincide exactly with the grid of monthly cycles.
        Some(length) => bounds.iter().map(|t| t * length.number / length.in_a_year).collect(),
        None => bounds,
    };
    let values = match cost.flatten() {
        Some(length) => {
            values.iter().map(|column| column.iter().map(|x| length.yearly(*x)).collect()).collect()
        }
        None => values,
    };
    (bounds, values)
}

/// Age from which the risk of death increases with age in every population.
const OLD: f64 = 60.0;

/// Converts probabilities over age groups to annual probabilities, with a constant hazard within each group.
fn by_the_year(
    name: &str,
    node: &TomlNode,
    (bounds, values): Columns,
    out: &mut Diagnostics,
) -> Option<Columns> {
    let widths: Vec<f64> = bounds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let last_is_certain = values.iter().any(|column| column.last().is_some_and(|q| *q >= 1.0));
    let place =
        node.table().and_then(|table| table.get(keys::table::KIND)).map_or(node.key_span, |kind| kind.span);
    let (Some(&width), false) = (widths.last(), last_is_certain) else {
        out.push(
            Diagnostic::error("E0447", format!("the last probability of life table `{name}` cannot be converted to a probability per year"))
                .at(place, "the last age group has no upper limit, so its length in years is unknown")
                .why(match widths.is_empty() {
                    true => "with only one row, the table does not show over how many years the probability applies",
                    false => "a probability of 1 over an open age group does not show when people die; as an annual probability, it would mean that all patients die in the first year of the group",
                })
                .help(match widths.is_empty() {
                    true => "write one row for each age group; or, if the value is annual, write kind = \"annual probability\"".to_string(),
                    false => format!("if the file has a column of rates, such as `mx`, write kind = \"rate per year\" and columns = {{ value = \"mx\" }} under [tables.{name}]. Otherwise replace the 1 in the last row by the result of 1 - exp(-w / e), where w is the length of the previous age group in years and e the life expectancy at the first age of the last group"),
                }),
        );
        return None;
    };
    // A decrease at old ages shows that the last value is a rate, because the probability of death in an age group increases with age.
    let falls = |column: &Vec<f64>| column.len() > 1 && column[column.len() - 1] < column[column.len() - 2];
    if values.iter().any(falls) && bounds.last().is_some_and(|age| *age >= OLD) {
        out.push(
            Diagnostic::error("E0447", format!("the last probability of `{name}` is lower than the previous one"))
                .at(place, "read as probabilities over age groups")
                .why("the value of the open group is probably a rate; read as a probability, it would make the oldest live several times as long")
                .help("set the last row to 1 - exp(-w m), where w is the width of the previous group and m the annual rate of the open group; or use the column of rates (mx): kind = \"rate per year\""),
        );
        return None;
    }
    let yearly = |(i, q): (usize, &f64)| {
        let years = widths.get(i).copied().unwrap_or(width);
        -math::exp_m1(math::ln_1p(-q) / years)
    };
    let values = values.iter().map(|column| column.iter().enumerate().map(yearly).collect());
    Some((bounds, values.collect()))
}

/// Note of one line on the columns that were read and their meaning.
fn reading(table: &TomlTable, file: &str, columns: &[String], layout: &TableLayout, rows: usize) -> String {
    let listed: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    let kind = TableKind::NAMES.iter().find(|(kind, _)| *kind == layout.kind).map_or("", |(_, name)| *name);
    let per = match layout.per {
        1.0 => String::new(),
        per => format!(" per {per} people"),
    };
    let unit = table.text(keys::table::UNIT).map_or(String::new(), |unit| format!(" in {unit}"));
    let time = table.text(keys::table::TIME_UNIT).map_or(String::new(), |unit| format!(", by {unit}"));
    let word = if columns.len() == 1 { "column" } else { "columns" };
    format!("{word} {} of {file} read as {kind}{per}{unit}{time}, {rows} values", listed.join(", "))
}

/// Whether a transition uses this table as its mortality (`table = ...`); only then do patients need an age.
fn is_hazard(root: &TomlTable, name: &str) -> bool {
    let mut transitions = root.sections(keys::scenario::TRANSITIONS).filter_map(|(_, node)| node.table());
    transitions.any(|transition| transition.text(keys::transition::TABLE) == Some(name))
}

/// Life table of the model, with its values converted to rates per year.
fn life_table(name: &str, by: Option<&[usize]>, read: Option<&Columns>, kind: TableKind) -> LifeTable {
    let rate = |value: &f64| match kind {
        TableKind::AnnualProbability | TableKind::GroupProbability => (-math::ln_1p(-value)).min(CERTAIN),
        _ => *value,
    };
    let (ages, values) = read.cloned().unwrap_or_default();
    LifeTable {
        name: name.to_string(),
        by: by.unwrap_or_default().to_vec(),
        ages,
        rates: values.iter().map(|column| column.iter().map(rate).collect()).collect(),
    }
}

/// Lookup columns of a table, with the categories that are possible in their cells.
fn looked_up_by(table: &TomlTable, attributes: &[Attribute]) -> Vec<Column> {
    let categories = |name: &str| {
        let attribute = attributes.iter().find(|one| one.name == name)?;
        (!attribute.is_number()).then(|| attribute.categories().to_vec())
    };
    table
        .names(keys::table::BY)
        .into_iter()
        .map(|(name, _)| Column { name: name.to_string(), categories: categories(name) })
        .collect()
}

/// Index of the attribute that is the age in a life table; a missing or categorical attribute is reported.
fn age(
    name: &str,
    node: &TomlNode,
    table: &TomlTable,
    attributes: &[Attribute],
    out: &mut Diagnostics,
) -> Option<usize> {
    let wanted = table.text(keys::table::AGE).unwrap_or(AGE);
    let place = table.get(keys::table::AGE).map_or(node.key_span, |node| node.span);
    match attributes.iter().position(|one| one.name == wanted) {
        Some(i) if attributes[i].is_number() => Some(i),
        Some(_) => {
            out.push(
                Diagnostic::error("E0407", format!("life table `{name}` needs a continuous age"))
                    .echo_of(Part::Attributes)
                    .at(place, format!("attribute `{wanted}` has categories, so mortality at each age cannot be looked up"))
                    .help("give the attribute a distribution of ages in years, for example { normal = { mean = 60, sd = 10 } }"),
            );
            None
        }
        None => {
            let known = attributes.iter().map(|one| one.name.as_str());
            let otherwise =
                super::or_declare(wanted, "{ normal = { mean = 60, sd = 10 } }", "[population.attributes]");
            let help = did_you_mean(wanted, known, &otherwise);
            out.push(
                Diagnostic::error("E0407", format!("life table `{name}` needs the attribute `{wanted}`"))
                    .echo_of(Part::Attributes)
                    .at(
                        place,
                        "patients have no attribute with this name, so their mortality cannot be looked up",
                    )
                    .help(help),
            );
            None
        }
    }
}

/// Categorical attributes of a table: all names in `by` except the age (life tables) or the first name (other tables).
fn categorical(
    table: &TomlTable,
    layout: &TableLayout,
    attributes: &[Attribute],
    out: &mut Diagnostics,
) -> Option<Vec<usize>> {
    let mut by = Vec::new();
    let mut complete = true;
    let life = layout.life;
    if life && !table.names(keys::table::BY).iter().any(|(name, _)| is_age(name)) {
        // A life table without `age` in `by` is reported when its columns are read.
        return None;
    }
    let looked_up = |i: usize, name: &str| match life {
        true => name.eq_ignore_ascii_case(AGE),
        false => i == 0,
    };
    let names = table.names(keys::table::BY).into_iter().enumerate();
    for (_, (name, node)) in names.filter(|(i, (name, _))| !looked_up(*i, name)) {
        match attributes.iter().position(|one| one.name == name) {
            Some(i) if !attributes[i].is_number() => by.push(i),
            found => {
                let (title, label) = match found {
                    Some(_) => ("is an attribute without categories", "this attribute is a number"),
                    None => {
                        ("is not an attribute of this scenario", "not declared under [population.attributes]")
                    }
                };
                let known = attributes.iter().filter(|one| !one.is_number()).map(|one| one.name.as_str());
                let example = match name {
                    "sex" => "female = \"0.5\", male = \"rest\"",
                    _ => "a = \"0.5\", b = \"rest\"",
                };
                let help = did_you_mean(
                    name,
                    known,
                    &format!(
                        "declare `{name}` under [population.attributes] with the categories of the table and their shares, such as {name} = {{ {example} }}"
                    ),
                );
                out.push(
                    Diagnostic::error(
                        "E0407",
                        format!("`{name}` in `by` {title}"),
                    )
                    .echo_of(Part::Attributes)
                    .at(node.span, label)
                    .why(match life {
                        true => format!("mortality is looked up by `{name}`, so each patient needs a category of `{name}`"),
                        false => format!("the values are looked up by `{name}`, so each patient needs a category of `{name}`"),
                    })
                    .help(help),
                );
                complete = false;
            }
        }
    }
    complete.then_some(by)
}

/// Lower bounds of the rows, and the list of values of each column.
type Columns = (Vec<f64>, Vec<Vec<f64>>);

/// One column of values for each combination of categories; the first attribute varies slowest.
fn columns(
    node: &TomlNode,
    by: &[usize],
    attributes: &[Attribute],
    rows: &[TableRow],
    kind: Option<TableKind>,
    out: &mut Diagnostics,
) -> Option<Columns> {
    // Only rows of categories in the scenario contribute bounds, because rows of other categories may extend to other ages.
    let mut bounds: Vec<f64> = Vec::new();
    let mut values = Vec::new();
    let mut missing: Vec<String> = Vec::new();
    for combination in combinations(by, attributes) {
        let matching: Vec<&TableRow> =
            rows.iter().filter(|row| row.categories.iter().eq(combination.iter())).collect();
        if matching.is_empty() {
            missing.push(combination.join(", "));
            continue;
        }
        let mut sorted = matching;
        sorted.sort_by(|a, b| a.from.total_cmp(&b.from));
        bounds.extend(sorted.iter().map(|row| row.from));
        values.push(sorted.iter().map(|row| row.value).collect());
    }
    if !missing.is_empty() {
        let place =
            node.table().and_then(|table| table.get(keys::table::FILE)).map_or(node.key_span, |n| n.span);
        let known = combinations(by, attributes);
        out.push(without_rows(&missing, &known, rows, kind).at(place, "these rows are missing in this file"));
        return None;
    }
    bounds.sort_unstable_by(f64::total_cmp);
    bounds.dedup();
    Some((bounds, values))
}

fn without_rows(
    missing: &[String],
    known: &[Vec<String>],
    rows: &[TableRow],
    kind: Option<TableKind>,
) -> Diagnostic {
    let kind = kind.unwrap_or(TableKind::RatePerYear);
    let mut there: Vec<String> = rows.iter().map(|row| row.categories.join(", ")).collect();
    there.sort();
    there.dedup();
    let foreign: Vec<String> =
        there.iter().filter(|one| known.iter().all(|row| row.join(", ") != **one)).cloned().collect();
    let names = |all: &[String]| arcosim_core::words::listed(all.iter().map(String::as_str));
    Diagnostic::error("E0428", format!("the {} has no rows for {}", kind.noun(), names(missing)))
        .why(match kind.is_mortality() {
            true => "these patients would have no mortality from this table",
            false => "the table has no value for these patients, so their costs, utilities or rates could not be calculated",
        })
        .note(format!("the file has rows for {}", names(&there)))
        .help(match foreign.is_empty() {
            true => "add the missing rows to the file".to_string(),
            false => format!(
                "if the file has other names for these patients, change {} in the file to the names in the scenario that \
                 mean the same; otherwise add the missing rows to the file",
                names(&foreign)
            ),
        })
}

/// Category names of every combination; the first attribute varies slowest.
fn combinations(by: &[usize], attributes: &[Attribute]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for &attribute in by {
        let categories = attributes[attribute].categories();
        if categories.is_empty() {
            continue;
        }
        all = all
            .into_iter()
            .flat_map(|head: Vec<String>| {
                categories.iter().map(move |category| {
                    let mut longer = head.clone();
                    longer.push(category.clone());
                    longer
                })
            })
            .collect();
    }
    all
}
