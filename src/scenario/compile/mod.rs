//! Compiles the merged scenario document into the parts of a [`arcosim_core::model::Model`], with one module per section. Every
//! module continues after an error, so that all errors are reported at once; a part that cannot be built becomes a placeholder
//! that never leaves this layer, because a scenario with errors yields no model.

pub mod attributes;
pub mod combination;
pub mod components;
pub mod continuous;
pub mod copied_rewards;
pub mod counters;
pub mod course;
pub mod decision;
pub mod dependence;
pub mod effects;
pub mod endless;
pub mod endpoints;
pub mod events;
pub mod figures;
pub mod followed;
pub mod formulas;
pub mod hypothetical;
pub mod life_tables;
pub mod matrices;
pub mod outcomes;
pub mod parameters;
pub mod patient_table;
pub mod perspectives;
pub mod procedures;
pub mod rewards;
pub mod selection;
pub mod states;
pub mod strategies;
pub mod subgroups;
pub mod substitutions;
pub mod time;
pub mod together;
pub mod transitions;
pub mod uncertainty;
pub mod verify;

use std::cell::Cell;

use crate::diagnostic::{Diagnostic, Diagnostics, Part, suggest};
use crate::expression::{self, Clocks, Expected, Names, Place, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::{Sources, Span};
use crate::schema::{Key, keys};
use arcosim_core::model::{Branch, Expr, Share};

/// Data that the compilation of every section needs.
pub struct Context<'a> {
    /// Names that expressions can use, such as parameters, attributes, states and tables.
    pub names: Names<'a>,
    /// Names of the events beside moves.
    pub events: Vec<&'a str>,
    /// Source files, which are needed to locate an expression inside its quotation marks.
    pub sources: &'a Sources,
    /// True after a name could not be resolved; checks of the whole model are then skipped, because they would repeat the error.
    pub unresolved: &'a Cell<bool>,
}

/// Word for a share that is 1 minus all other shares.
pub const REST: &str = "rest";
/// Target that leaves patients in their current state.
pub const SAME_STATE: &str = "same state";

/// Scope of shares and distributions of the population: their formulas can use parameters, but nothing about a patient.
pub const POPULATION: Scope =
    Scope { states: &[], clocks: Clocks::None, attributes: false, state: false, value_of: None };

impl Context<'_> {
    /// Compiles the expression in a node; after an error the result is the placeholder NaN.
    pub fn compile(&self, node: &TomlNode, expected: Expected, scope: &Scope, out: &mut Diagnostics) -> Expr {
        let compiled = match (node.text(), node.number()) {
            (Some(text), _) => expression::compile(
                text,
                &place(node.span, text, self.sources),
                expected,
                scope,
                &self.names,
                out,
            ),
            // Numbers that are not finite have already been reported by the check of all keys.
            (_, Some(number)) if number.is_finite() => {
                let place = Place { span: node.span, escaped: true };
                expression::compile(&number.to_string(), &place, expected, scope, &self.names, out)
            }
            _ => None,
        };
        compiled.unwrap_or(Expr::Number(f64::NAN))
    }

    /// Compiles a share, which is an expression or "rest".
    pub fn share(&self, node: &TomlNode, scope: &Scope, out: &mut Diagnostics) -> Share {
        match node.text() {
            Some(text) if text.trim() == REST => Share::Rest,
            _ => Share::Stated(self.compile(node, Expected::Proportion, scope, out)),
        }
    }

    /// Index of a state by its name; an unknown name is reported.
    pub fn state(&self, name: &str, place: Span, out: &mut Diagnostics) -> Option<usize> {
        let states = self.names.states;
        let found = states.iter().position(|state| state.name == name);
        if found.is_none() {
            let help = match self.names.groups.iter().any(|group| group.name == name) {
                true => format!("`{name}` is a group of states; write the name of one state instead"),
                false => did_you_mean(name, states.iter().map(|s| s.name.as_str()), &or_declare_state(name)),
            };
            out.push(self.unknown_state("state", name, place, help));
        }
        found
    }

    /// Index of a group by its name, which is a declared group or a single state; an unknown name is reported.
    pub fn group(&self, name: &str, place: Span, out: &mut Diagnostics) -> Option<usize> {
        let groups = self.names.groups;
        let found = groups.iter().position(|group| group.name == name);
        if found.is_none() {
            let candidates = groups.iter().map(|g| g.name.as_str());
            let members: Vec<String> =
                self.names.states.iter().take(2).map(|state| format!("\"{}\"", state.name)).collect();
            let otherwise = format!(
                "{} for a state, or {} = [{}] under [groups] for a group of your states",
                or_declare_state(name),
                new_name(name),
                members.join(", ")
            );
            let help = did_you_mean(name, candidates, &otherwise);
            out.push(self.unknown_state("state or group", name, place, help));
        }
        found
    }

    /// Indices of all states in a list of states and groups, ascending and without repetition.
    pub fn states(&self, names: &[(&str, &TomlNode)], out: &mut Diagnostics) -> Vec<usize> {
        let groups = names.iter().filter_map(|(name, node)| self.group(name, node.span, out));
        let mut states: Vec<usize> =
            groups.flat_map(|g| self.names.groups[g].states.iter().copied()).collect();
        states.sort_unstable();
        states.dedup();
        states
    }

    /// Error for the name of a state or group that is not declared.
    pub fn unknown_state(&self, what: &str, name: &str, place: Span, help: String) -> Diagnostic {
        self.unknown("E0404", what, name, place, help).echo_of(Part::States).echo_of(Part::Groups)
    }

    /// Error for a name that is not declared. The caller adds the section that would declare it ([`Diagnostic::echo_of`]).
    pub fn unknown(
        &self,
        code: &'static str,
        what: &str,
        name: &str,
        place: Span,
        help: String,
    ) -> Diagnostic {
        self.unresolved.set(true);
        let title = match name.trim().is_empty() {
            true => format!("the name of {what} is empty"),
            false => format!("there is no {what} `{name}`"),
        };
        Diagnostic::error(code, title)
            .at(place, "this name is not declared, so it cannot be used in the model")
            .help(help)
    }

    /// Branches of a transition, or of a strategy at the start.
    pub fn branches(&self, table: &TomlTable, scope: &Scope, out: &mut Diagnostics) -> Vec<Branch> {
        let mut branches = Vec::new();
        for (name, node) in &table.entries {
            let (share, target, place) = match node.table() {
                None => (node, name.as_str(), node.key_span),
                Some(inner) => match (inner.get(keys::branch::SHARE), inner.get(keys::branch::TO)) {
                    (Some(share), Some(to)) => (share, to.text().unwrap_or_default(), to.span),
                    (Some(share), None) => (share, name.as_str(), node.key_span),
                    _ => continue,
                },
            };
            let to = match target {
                SAME_STATE => Some(None),
                _ => self.state(target, place, out).map(Some),
            };
            let share = self.share(share, scope, out);
            if let Some(to) = to {
                branches.push(Branch { name: name.clone(), to, share });
            }
        }
        branches
    }
}

/// Position of the text of an expression, without its quotation marks.
fn place(span: Span, text: &str, sources: &Sources) -> Place {
    let written = sources.slice(span);
    let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
    // After a syntax error the span may contain any text, even without quotation marks.
    if written.get(quotes..written.len().saturating_sub(quotes)) == Some(text) {
        let inner = Span { start: span.start + quotes, end: span.end - quotes, ..span };
        Place { span: inner, escaped: false }
    } else {
        Place { span, escaped: true }
    }
}

/// Help for an unknown name: the most similar known name or, if no name is similar, `otherwise` and a list of all known names.
pub fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone, otherwise: &str) -> String {
    if let Some(near) = suggest(name, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    or_known(known, otherwise)
}

/// Help for an unknown name without a similar known name: `otherwise` and a list of all known names.
pub fn or_known<'a>(known: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    let all: Vec<&str> = known.collect();
    match all.len() {
        1..=12 => format!("{otherwise}; declared names: {}", arcosim_core::words::all_of(&all)),
        _ => otherwise.to_string(),
    }
}

/// Advice about a name that is not declared, with an example of its declaration in `section`.
pub fn or_declare(name: &str, example: &str, section: &str) -> String {
    format!("correct the name, or declare it under {section}, such as {} = {example}", new_name(name))
}

/// Advice about the name of a state that is not declared.
pub fn or_declare_state(name: &str) -> String {
    or_declare(name, &format!("{{ label = \"{}\" }}", spelt_out(new_name(name))), "[states]")
}

/// Advice about the name of a strategy that is not declared.
pub fn or_declare_strategy(name: &str) -> String {
    or_declare(name, &format!("{{ label = \"{}\" }}", spelt_out(new_name(name))), "[strategies]")
}

/// The name itself if it can be declared, otherwise a placeholder.
fn new_name(name: &str) -> &str {
    match !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        true => name,
        false => "new_name",
    }
}

/// Reports two states with the same label; `labelled` yields the label of each state and its position.
pub fn check_labels<'a>(labelled: impl Iterator<Item = (&'a str, Span)>, out: &mut Diagnostics) {
    let mut first_of = std::collections::BTreeMap::new();
    for (label, place) in labelled {
        if let Some(&first) = first_of.get(label) {
            out.push(
                Diagnostic::error("E0118", format!("two states have the label `{label}`"))
                    .at(place, "the same label again")
                    .also(first, "first used here")
                    .why("tables and figures show labels, so a reader could not distinguish the results of the two states")
                    .help(format!(
                        "choose a different text for one of them, for example label = \"{} (2)\"",
                        label.replace(['"', '\\'], "")
                    )),
            );
        } else {
            first_of.insert(label, place);
        }
    }
}

/// Label of a section, or one derived from its name: `after_fall` becomes "After fall".
pub fn label(table: &TomlTable, name: &str) -> String {
    table.text(keys::LABEL).map(str::to_string).unwrap_or_else(|| spelt_out(name))
}

fn spelt_out(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

/// Whether a word is reserved in expressions or in scenario files, and so cannot be used as a name.
fn is_taken(name: &str) -> bool {
    expression::is_word(name) || name == REST || name == keys::LABEL.name
}

/// Maximum length of a name in characters.
const LONGEST: usize = 60;

/// Maximum length of a name in bytes. A file name has at most 255 bytes and can contain two names; a letter takes up to four bytes.
pub const MOST_BYTES: usize = 120;

/// Sections in which the names become part of file names.
const IN_FILE_NAMES: [(Key, &str); 3] = [
    (keys::scenario::ENDPOINTS, "endpoint"),
    (keys::scenario::OUTCOMES, "outcome"),
    (keys::scenario::STRATEGIES, "strategy"),
];

/// Reports names that differ only in upper and lower case, because on Windows and macOS their files would overwrite each other.
pub fn file_names(root: &TomlTable, out: &mut Diagnostics) {
    for (section, what) in IN_FILE_NAMES {
        let mut known: Vec<(String, &str, Span)> = Vec::new();
        for (name, node) in root.sections(section) {
            let folded = name.to_lowercase();
            match known.iter().find(|(other, ..)| *other == folded) {
                Some((_, other, place)) => out.push(
                    Diagnostic::error(
                        "E0409",
                        format!("{what} `{name}` differs from {what} `{other}` only in upper and lower case"),
                    )
                    .at(node.key_span, "second name")
                    .also(*place, "first name")
                    .why("on Windows and macOS their figures would have the same file name, and one would overwrite the other")
                    .help(format!("if both are the same {what}, write `{other}` in both places; otherwise rename `{name}`, for example to `{name}_2` with label = \"{name}\" for tables and figures")),
                ),
                None => known.push((folded, name, node.key_span)),
            }
        }
    }
}

/// Checks that a name can be used in expressions and as part of a file name.
pub fn check_name(what: &str, name: &str, place: Span, out: &mut Diagnostics) {
    let more = format!("; for the text in tables and figures, add label = \"{}\"", label_for(name));
    check_letters(what, name, place, &more, out);
}

/// Checks the name of a group that is written as a list of states, which must become a section to have a label.
pub fn check_name_of_list(name: &str, node: &TomlNode, out: &mut Diagnostics) {
    let listed: Vec<String> = node.names().iter().map(|(state, _)| format!("\"{state}\"")).collect();
    let more = format!(
        "; for the text in tables and figures, write {{ states = [{}], label = \"{}\" }} instead of the list",
        listed.join(", "),
        label_for(name)
    );
    check_letters("a group", name, node.key_span, &more, out);
}

/// Label in an example: the words of a name, or dots if the name cannot be quoted or has no letters.
fn label_for(name: &str) -> String {
    let quotable = !name.contains(['"', '\\']) && !name.contains(char::is_control);
    match quotable && name.contains(char::is_alphanumeric) {
        true => spelt_out(name),
        false => "...".to_string(),
    }
}

/// Checks the name of something that cannot have a label, such as a category.
pub fn check_plain_name(what: &str, name: &str, place: Span, out: &mut Diagnostics) {
    check_letters(what, name, place, "", out);
}

/// Checks the name of a part of the scenario, such as "a state"; `more` is further advice.
fn check_letters(what: &str, name: &str, place: Span, more: &str, out: &mut Diagnostics) {
    let letters = name.starts_with(|c: char| c.is_alphabetic())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let problem = if !letters {
        "a name must start with a letter and contain only letters, digits and `_`"
    } else if is_taken(name) {
        "this word already has a meaning in formulas or scenario files"
    } else if name.chars().count() > LONGEST {
        "at most 60 characters, because names become part of file names"
    } else if name.len() > MOST_BYTES {
        "at most 120 bytes (about 40 non-Latin letters), because names become part of file names"
    } else {
        return;
    };
    let length = name.chars().count();
    let (title, choose) = match name.trim().is_empty() {
        true => (format!("the name of {what} is empty"), "write a name"),
        false if length > LONGEST || name.len() > MOST_BYTES => {
            (format!("the name of {what} is too long: {length} characters"), "choose a shorter name")
        }
        false => (format!("`{name}` cannot be the name of {what}"), "choose a different name"),
    };
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let plain = plain.trim_matches('_');
    // A name that starts with a digit: `2nd_part` becomes `part_2nd`.
    let turned = plain.split_once('_').map(|(first, others)| format!("{others}_{first}"));
    let usable =
        |name: &String| name.starts_with(|c: char| c.is_alphabetic()) && !is_taken(name) && length <= LONGEST;
    let plain = [Some(plain.to_string()), turned].into_iter().flatten().find(usable);
    let plain = plain.unwrap_or_else(|| "stage_2".to_string());
    let start = match letters {
        false => format!(" that starts with a letter, such as `{plain}`"),
        true if is_taken(name) => format!(", such as `{name}_2`"),
        true => String::new(),
    };
    out.push(
        Diagnostic::error("E0423", title)
            .at(place, problem)
            .help(format!("{choose} of letters, digits and `_`{start}{more}")),
    );
}
