//! Life tables, and other tables that formulas look up: from rows of a file to columns by category.

use std::sync::Arc;

use super::transitions::TableName;
use super::{check_name, did_you_mean};
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

/// The attribute that is the age where a table does not name one.
const AGE: &str = "age";

/// Rate per year that represents certain death (qx = 1 in a table's last row): no patient survives a cycle of it, and unlike
/// infinity it can be multiplied and divided.
const CERTAIN: f64 = 700.0;

/// The files of the tables, read into `sources`: one entry per table, none for a file that cannot be read.
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

/// The attribute whose attained value is the clock `age`: the one of that name, else the age of the first life table.
pub fn age_attribute(root: &TomlTable, attributes: &[Attribute]) -> Option<usize> {
    let continuous = |name: &str| attributes.iter().position(|one| one.name == name && one.is_number());
    continuous(AGE).or_else(|| {
        root.sections(keys::scenario::TABLES)
            .find_map(|(_, node)| continuous(node.table()?.text(keys::table::AGE).unwrap_or(AGE)))
    })
}

/// All tables, as far as they could be read.
#[derive(Default)]
pub struct Tables {
    /// Life tables, for the model.
    pub life: Vec<LifeTable>,
    /// How transitions refer to each of them.
    pub names: Vec<TableName>,
    /// What formulas can look up: life tables and others.
    pub lookups: Vec<Lookup>,
    /// How each table was read, for people: the table ("table `mortality`") and a line.
    pub readings: Vec<(String, String)>,
}

/// What a table's file holds, as the scenario says.
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

/// Reads all tables.
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
        check_name(name, node.key_span, out);
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
            Some(by) if !rows.is_empty() => columns(node, by, attributes, &rows, kind, out),
            _ => None,
        };
        // A table of an unknown kind is taken for a life table, so that its name is known where it is used.
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
                Diagnostic::error("E0427", format!("table `{name}` has `age`, but is no life table"))
                    .at(node.key_span, "used only by life tables")
                    .help(format!("remove it; the formula names what is looked up: lookup({name}, age)")),
            );
        }
        if !columns_read.is_empty() {
            // The path as written in the scenario, because results must not contain paths of a machine.
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

/// Only what happens to people is counted per so many of them.
fn check_per(name: &str, table: &TomlTable, kind: Option<TableKind>, out: &mut Diagnostics) {
    let Some(node) = table.get(keys::table::PER) else { return };
    let sound = node.number().is_some_and(|per| per >= 1.0);
    if !sound || kind.is_some_and(|kind| !kind.is_mortality()) {
        out.push(
            Diagnostic::error("E0427", format!("`per` of table `{name}` cannot be used"))
                .at(node.span, "only for rates and probabilities, such as 1_000 or 100_000")
                .help("remove it, or correct `kind`"),
        );
    }
}

/// The unit of a table of costs: none if it is not said, and within, the time that the costs are per.
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
            "used only for costs",
            "remove it; use `kind` and `per` for rates and probabilities, and `time_unit` for times in the first column",
        ));
        return None;
    }
    if is_multiple(node.text()?) {
        let help = "write the full amounts in units of the currency";
        out.push(a_multiple(&format!("the unit of table `{name}`"), node.span, help));
    }
    match cost_per(node.text()?) {
        Per::Time(length) | Per::PersonTime(length) => Some(Some(length)),
        Per::Cycle => {
            out.push(wrong(
                format!("the costs of table `{name}` are per cycle"),
                "a table has no cycle length",
                "write the length of time, for example `EUR per 6 months`",
            ));
            None
        }
        _ => Some(None),
    }
}

/// The unit of the times by which a table is looked up.
fn time_unit(name: &str, table: &TomlTable, layout: &TableLayout, out: &mut Diagnostics) -> Option<Length> {
    let node = table.get(keys::table::TIME_UNIT)?;
    let by_cycle = table.names(keys::table::BY).first().is_some_and(|(name, _)| *name == "cycle");
    let length = node.text().and_then(parse_length).filter(|_| !by_cycle);
    if layout.life || length.is_none() {
        let (title, label, help) = match layout.life {
            true => (
                format!("life table `{name}` has `time_unit`"),
                "ages are always in years",
                "remove it; if the file has ages in months, divide them by 12",
            ),
            false => (
                format!("`time_unit` of table `{name}` cannot be used"),
                "not a unit of time for this table",
                "write \"years\", \"months\", \"weeks\" or \"days\"; remove it if the table is looked up by cycle number",
            ),
        };
        out.push(Diagnostic::error("E0427", title).at(node.span, label).help(help));
        return None;
    }
    length
}

/// Times in years and costs per year.
fn in_years((bounds, values): Columns, time: Option<Length>, cost: Option<Option<Length>>) -> Columns {
    let bounds = match time {
        // Divided as clocks are, so that months meet the grid of a monthly cycle.
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

/// From this age on the risk of dying grows with age in every population.
const OLD: f64 = 60.0;

/// Probabilities over age groups as probabilities of a year with the same constant hazard.
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
            Diagnostic::error("E0447", format!("the last, open age group of `{name}` has no width"))
                .at(place, "probabilities over age groups; the last group is open-ended")
                .why("a probability of 1 in an open age group does not say when people die; read as an annual probability, it would end every life at the first age of the group")
                .help("use the column of rates (mx) if the file has one: kind = \"rate per year\". Otherwise set the last row to 1 - exp(-w / e), where w is the width of the previous group and e the life expectancy at the first age of the open group"),
        );
        return None;
    };
    // A rate in a column of probabilities: the risk of dying in a group never decreases with age among the old.
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

/// What was read, in a line.
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

/// Whether some transition has the mortality of this table: only then must patients have an age.
fn is_hazard(root: &TomlTable, name: &str) -> bool {
    let mut transitions = root.sections(keys::scenario::TRANSITIONS).filter_map(|(_, node)| node.table());
    transitions.any(|transition| transition.text(keys::transition::TABLE) == Some(name))
}

/// A life table: the values as rates per year.
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

/// The columns of a table, with the categories that a cell may name.
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

/// The attribute that is the age of a table.
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
                    .at(place, format!("attribute `{wanted}` has categories"))
                    .help("give the attribute a distribution of ages in years"),
            );
            None
        }
        None => {
            let known = attributes.iter().map(|one| one.name.as_str());
            let help = did_you_mean(wanted, known, "declare it under [population.attributes]");
            out.push(
                Diagnostic::error("E0407", format!("life table `{name}` needs the attribute `{wanted}`"))
                    .echo_of(Part::Attributes)
                    .at(place, "patients have no such attribute")
                    .help(help),
            );
            None
        }
    }
}

/// The categorical attributes of a table: the names in `by` but the age, or whatever else is looked up.
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
        // What a life table is looked up by is said where its columns are found.
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
                let label = if found.is_some() { "has no categories" } else { "not declared" };
                let known = attributes.iter().filter(|one| !one.is_number()).map(|one| one.name.as_str());
                let help = did_you_mean(name, known, "declare it under [population.attributes]");
                out.push(
                    Diagnostic::error("E0407", format!("there is no attribute `{name}` with categories"))
                        .echo_of(Part::Attributes)
                        .at(node.span, label)
                        .why(match life {
                            true => "without it, mortality would not depend on this attribute",
                            false => "without it, the looked-up value would not depend on this attribute",
                        })
                        .help(help),
                );
                complete = false;
            }
        }
    }
    complete.then_some(by)
}

/// Lower bounds, and the values of each column.
type Columns = (Vec<f64>, Vec<Vec<f64>>);

/// One column of values per combination of categories, the first attribute varying slowest.
fn columns(
    node: &TomlNode,
    by: &[usize],
    attributes: &[Attribute],
    rows: &[TableRow],
    kind: Option<TableKind>,
    out: &mut Diagnostics,
) -> Option<Columns> {
    // Rows of categories that the scenario does not have may reach further than those that are used.
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
        out.push(without_rows(&missing, rows, kind).at(place, "read from this file"));
        return None;
    }
    bounds.sort_unstable_by(f64::total_cmp);
    bounds.dedup();
    Some((bounds, values))
}

fn without_rows(missing: &[String], rows: &[TableRow], kind: Option<TableKind>) -> Diagnostic {
    let kind = kind.unwrap_or(TableKind::RatePerYear);
    let mut there: Vec<String> = rows.iter().map(|row| row.categories.join(", ")).collect();
    there.sort();
    there.dedup();
    Diagnostic::error("E0428", format!("the {} has no rows for {}", kind.noun(), missing.join("; ")))
        .why(match kind.is_mortality() {
            true => "these patients would have no mortality from this table",
            false => "for these patients the table has no value",
        })
        .note(format!("the file has rows for {}", there.join("; ")))
        .help("use the same spelling of the categories in the file and in the scenario")
}

/// Category names of every combination, the first attribute varying slowest.
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
