//! Compiles `by` of attributes and of `[population.start]`: the attributes on which shares and distributions depend.

use super::{Context, attributes, did_you_mean, or_declare};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::keys::attribute;
use arcosim_core::model::Expr;
use arcosim_core::model::hazard::Reads;
use arcosim_core::words::all_of;

/// Indices of the attributes that `by` lists. Names that are not declared, and attributes without categories, are reported.
pub fn by(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<usize> {
    let mut all = Vec::new();
    for (name, node) in table.names(attribute::BY) {
        let known = context.names.attributes.iter().map(|one| one.name.as_str());
        match known.clone().position(|known| known == name) {
            Some(a) if context.names.attributes[a].is_number() => out.push(
                Diagnostic::error("E0468", format!("nothing can depend on `{name}`, which is a number"))
                    .at(node.span, "an attribute with a distribution, not with categories")
                    .why("the population would be a mixture of endlessly many cases")
                    .help(format!("divide `{name}` into categories, and let these decide")),
            ),
            Some(a) => all.push(a),
            None => {
                let example = "{ yes = 0.5, no = \"rest\" }";
                let help = did_you_mean(name, known, &or_declare(name, example, "[population.attributes]"));
                out.push(
                    context.unknown("E0407", "attribute", name, node.span, help).echo_of(Part::Attributes),
                );
            }
        }
    }
    all
}

/// Reports attributes that depend on one another in a circle. `by` has the attributes on which each declared one depends.
pub fn circles(root: &TomlTable, by: &[Vec<usize>], context: &Context, out: &mut Diagnostics) {
    for (a, (name, _, table)) in attributes::declared(root).enumerate() {
        let Some(place) = table.get(attribute::BY) else { continue };
        let mut seen = vec![a];
        let mut open = by[a].clone();
        while let Some(other) = open.pop() {
            if other == a {
                let through: Vec<&str> =
                    seen.iter().map(|&i| context.names.attributes[i].name.as_str()).collect();
                out.push(
                    Diagnostic::error("E0468", format!("attribute `{name}` depends on itself"))
                        .at(place.span, format!("a circle of {}", all_of(&through)))
                        .why("each of these attributes could be drawn only after the others")
                        .help(
                            "remove an attribute from one of these lists, so that one of them is drawn first",
                        ),
                );
                return;
            }
            if !seen.contains(&other) {
                seen.push(other);
                open.extend(by.get(other).into_iter().flatten());
            }
        }
    }
}

/// Reports attributes that the formulas of `what` read without listing them in `by`, and those that it lists and none reads.
pub fn check(
    what: &str,
    formulas: &[&Expr],
    (by, place): (&[usize], &TomlNode),
    context: &Context,
    out: &mut Diagnostics,
) {
    let name = |&a: &usize| context.names.attributes[a].name.as_str();
    let mut reads = Reads::default();
    formulas.iter().for_each(|e| reads.add(e));
    let read = reads.attributes();
    let numbers: Vec<&str> =
        read.iter().filter(|&&a| context.names.attributes[a].is_number()).map(name).collect();
    if !numbers.is_empty() {
        out.push(
            Diagnostic::error("E0468", format!("the formulas of {what} read {}", all_of(&numbers)))
                .at(place.span, "only attributes with categories can be read here")
                .why("the population would be a mixture of endlessly many cases")
                .help("let an attribute with categories decide"),
        );
    }
    let missing: Vec<&str> =
        (read.iter().filter(|a| !by.contains(a) && !context.names.attributes[**a].is_number()))
            .map(name)
            .collect();
    if !missing.is_empty() {
        out.push(
            Diagnostic::error("E0468", format!("the formulas of {what} read {} too", all_of(&missing)))
                .at(place.span, "not in this list")
                .why("`by` says which attributes must be drawn first")
                .help(format!("add {} to `by`", all_of(&missing))),
        );
    }
    let idle: Vec<&str> = by.iter().filter(|a| !read.contains(a)).map(name).collect();
    // After an error a formula may be compiled only in part.
    if !idle.is_empty() && !out.has_errors() {
        out.push(
            Diagnostic::error("E0468", format!("{what} does not depend on {}", all_of(&idle)))
                .at(place.span, "no formula of its shares or its distribution reads it")
                .why("`by` says that the values differ between its categories, and they do not")
                .help("write the attribute in square brackets behind a parameter, such as `share.x[sex]`, or remove it from `by`"),
        );
    }
}
