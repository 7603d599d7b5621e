//! Compiles `[population]`: the attributes of patients and the states in which they start.

use super::patient_table::{self, PatientTable};
use super::{Context, POPULATION, check_name, check_plain_name, dependence, label};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Expected, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::keys::{attribute, fixed, lognormal, normal, population, scenario, start, uniform};
use arcosim_core::model::{Attribute, AttributeDistribution, AttributeFamily, AttributeKind, Expr, Share};

/// Attributes with names and categories but without shares, because the expressions of shares can be compiled only afterwards.
pub fn outline(
    root: &TomlTable,
    patients: Option<&PatientTable>,
    out: &mut Diagnostics,
) -> (Vec<Attribute>, Vec<Span>) {
    let mut attributes = Vec::new();
    let mut spans = Vec::new();
    for (name, node, table) in declared(root) {
        check_name("an attribute", name, node.key_span, out);
        let kind = if let Some(column) = table.get(attribute::COLUMN) {
            let read = patient_table::values(name, column, patients, root, out);
            read.unwrap_or(AttributeKind::Column { categories: Vec::new(), rows: Vec::new() })
        } else if family(table).is_some() {
            let family = AttributeFamily::Fixed { value: Expr::Number(f64::NAN) };
            AttributeKind::Continuous(AttributeDistribution { family, within: within(table) })
        } else {
            let categories: Vec<String> =
                categories(table).map(|(category, _)| category.to_string()).collect();
            for (category, node) in self::categories(table) {
                check_plain_name("a category", category, node.key_span, out);
            }
            if categories.is_empty() {
                out.push(
                    Diagnostic::error(
                        "E0402",
                        format!("attribute `{name}` has neither a distribution nor categories"),
                    )
                    .echo_of(Part::Files)
                    .at(node.key_span, "patients would have no value of this attribute")
                    .help("write a distribution, { normal = { mean = 60, sd = 10 } }, or categories with their shares, { male = 0.5, female = \"rest\" }"),
                );
            }
            let shares = vec![Share::Rest; categories.len()];
            AttributeKind::Categorical { categories, shares }
        };
        attributes.push(Attribute { name: name.to_string(), label: label(table, name), kind });
        spans.push(node.key_span);
    }
    (attributes, spans)
}

/// Scope of the formulas of attributes and of the states at the start, if they depend on other attributes.
const DEPENDENT: Scope = Scope { attributes: true, ..POPULATION };

/// All attributes, with the shares of their categories or their distributions.
pub fn attributes(root: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<Attribute> {
    let mut attributes = context.names.attributes.to_vec();
    let by: Vec<Vec<usize>> =
        declared(root).map(|(_, _, table)| dependence::by(table, context, out)).collect();
    dependence::circles(root, &by, context, out);
    for (i, ((name, node, table), attribute)) in declared(root).zip(&mut attributes).enumerate() {
        let depends = table.get(attribute::BY).is_some();
        let scope = if depends { DEPENDENT } else { POPULATION };
        match &mut attribute.kind {
            AttributeKind::Categorical { shares, .. } => {
                for ((_, node), share) in categories(table).zip(shares) {
                    *share = context.share(node, &scope, out);
                }
                if let Some(within) = table.get(attribute::WITHIN) {
                    out.push(
                        Diagnostic::error("E0427", format!("attribute `{name}` has both categories and `within`"))
                            .at(
                                within.key_span,
                                "`within` truncates a distribution; categories have no range",
                            )
                            .help("remove `within`; it is only for a distribution, such as normal = { mean = 60, sd = 10 }"),
                    );
                }
            }
            AttributeKind::Column { .. } => {
                let other = categories(table).next().map(|(_, node)| node);
                if let Some(place) = other.or(table.get(attribute::WITHIN)).or(table.get(attribute::BY)) {
                    out.push(
                        Diagnostic::error(
                            "E0427",
                            format!("attribute `{name}` is a column of the table of patients"),
                        )
                        .at(place.key_span, "not possible beside `column`")
                        .why("the table has a value for each patient")
                        .help("remove one of the two"),
                    );
                }
                continue;
            }
            AttributeKind::Continuous(distribution) => {
                if let Some(read) = distribution_of(table, &scope, context, out) {
                    distribution.family = read;
                }
                both_sorts(name, node, table, out);
                if distribution.within.is_some_and(|(low, high)| low >= high) {
                    let place = table.get(attribute::WITHIN).map_or(node.key_span, |node| node.span);
                    out.push(
                        Diagnostic::error(
                            "E0424",
                            format!("the range `within` of attribute `{name}` contains no value"),
                        )
                        .at(
                            place,
                            "no patient can have a value in this range: write the smaller number first",
                        ),
                    );
                }
            }
        }
        if let Some(place) = table.get(attribute::BY) {
            let what = format!("attribute `{name}`");
            dependence::check(&what, &attribute.expressions(), (&by[i], place), context, out);
        }
    }
    attributes
}

/// Reports an attribute with both categories and a distribution, because one of the two would be ignored.
fn both_sorts(name: &str, node: &TomlNode, table: &TomlTable, out: &mut Diagnostics) {
    if let Some((category, place)) = categories(table).next() {
        out.push(
            Diagnostic::error("E0427", format!("attribute `{name}` has both a distribution and categories"))
                .at(place.key_span, format!("`{category}` would be read as a category"))
                .also(node.key_span, "this attribute also has a distribution")
                .help("keep either the distribution or the categories; if this category is a misspelt key, correct its spelling"),
        );
    }
}

/// Share of patients who start in each state.
pub fn start(root: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<(usize, Share)> {
    let start = root.table(scenario::POPULATION).and_then(|population| population.table(population::START));
    let Some(start) = start else { return Vec::new() };
    let depends = start.get(start::BY);
    let scope = if depends.is_some() { DEPENDENT } else { POPULATION };
    let mut shares = Vec::new();
    for (name, node) in start.entries.iter().filter(|(name, _)| name != start::BY.name) {
        let state = context.state(name, node.key_span, out);
        let share = context.share(node, &scope, out);
        shares.extend(state.map(|state| (state, share)));
    }
    if let Some(place) = depends {
        let by = dependence::by(start, context, out);
        let stated = shares.iter().filter_map(|(_, share)| match share {
            Share::Stated(e) => Some(e),
            Share::Rest => None,
        });
        dependence::check("[population.start]", &stated.collect::<Vec<_>>(), (&by, place), context, out);
    }
    shares
}

pub fn declared(root: &TomlTable) -> impl Iterator<Item = (&str, &TomlNode, &TomlTable)> {
    root.table(scenario::POPULATION)
        .into_iter()
        .flat_map(|population| population.sections(population::ATTRIBUTES))
        .filter_map(|(name, node)| Some((name, node, node.table()?)))
}

fn categories(table: &TomlTable) -> impl Iterator<Item = (&str, &TomlNode)> {
    let reserved = |name: &str| attribute::SECTION.key(name).is_some();
    table
        .entries
        .iter()
        .filter(move |(name, node)| !reserved(name) && (node.text().is_some() || node.number().is_some()))
        .map(|(name, node)| (name.as_str(), node))
}

/// Table of the distribution of a continuous attribute, such as `{ mean = 60, sd = 10 }`; `None` for categories.
fn family(table: &TomlTable) -> Option<&TomlTable> {
    population::FAMILIES.iter().find_map(|key| table.table(*key))
}

fn within(table: &TomlTable) -> Option<(f64, f64)> {
    match table.get(attribute::WITHIN)?.items() {
        [low, high] => Some((low.number()?, high.number()?)),
        _ => None,
    }
}

fn distribution_of(
    table: &TomlTable,
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<AttributeFamily> {
    let numbers = family(table)?;
    let mut number = |key| Some(context.compile(numbers.get(key)?, Expected::Number, scope, out));
    if table.get(attribute::NORMAL).is_some() {
        return Some(AttributeFamily::Normal { mean: number(normal::MEAN)?, sd: number(normal::SD)? });
    }
    if table.get(attribute::LOGNORMAL).is_some() {
        let meanlog = number(lognormal::MEANLOG)?;
        return Some(AttributeFamily::LogNormal { meanlog, sdlog: number(lognormal::SDLOG)? });
    }
    if table.get(attribute::UNIFORM).is_some() {
        return Some(AttributeFamily::Uniform { low: number(uniform::LOW)?, high: number(uniform::HIGH)? });
    }
    if table.get(attribute::GAMMA).is_some() {
        return Some(AttributeFamily::Gamma { mean: number(normal::MEAN)?, sd: number(normal::SD)? });
    }
    if table.get(attribute::BETA).is_some() {
        return Some(AttributeFamily::Beta { mean: number(normal::MEAN)?, sd: number(normal::SD)? });
    }
    Some(AttributeFamily::Fixed { value: number(fixed::VALUE)? })
}
