//! From the merged document to the parts of a [`arcosim_core::model::Model`], one file a subject. Every builder goes on after
//! a mistake, so that all of them are reported at once; a part that cannot be built is filled with a placeholder that
//! never leaves this layer, because a scenario with errors yields no model.

pub mod attributes;
pub mod decision;
pub mod endpoints;
pub mod figures;
pub mod life_tables;
pub mod matrices;
pub mod outcomes;
pub mod parameters;
pub mod rewards;
pub mod states;
pub mod strategies;
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

/// What every section may refer to.
pub struct Context<'a> {
    /// The names that expressions know.
    pub names: Names<'a>,
    /// The files, for places inside texts.
    pub sources: &'a Sources,
    /// Set when a name could not be resolved: checks of the whole model would then only repeat the mistake.
    pub unresolved: &'a Cell<bool>,
}

/// The word that takes what other shares leave.
pub const REST: &str = "rest";
/// The target that keeps patients where they are.
pub const SAME_STATE: &str = "same state";

/// Nothing about a patient may be read: shares and distributions of the population.
pub const POPULATION: Scope = Scope { states: &[], clocks: Clocks::None, attributes: false, state: false };

impl Context<'_> {
    /// Compiles the expression under a key's node; a mistake in it gives a placeholder.
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
            // That it is not finite has been said where all keys are checked.
            (_, Some(number)) if number.is_finite() => {
                let place = Place { span: node.span, escaped: true };
                expression::compile(&number.to_string(), &place, expected, scope, &self.names, out)
            }
            _ => None,
        };
        compiled.unwrap_or(Expr::Number(f64::NAN))
    }

    /// A share: an expression or "rest".
    pub fn share(&self, node: &TomlNode, scope: &Scope, out: &mut Diagnostics) -> Share {
        match node.text() {
            Some(text) if text.trim() == REST => Share::Rest,
            _ => Share::Stated(self.compile(node, Expected::Proportion, scope, out)),
        }
    }

    /// The index of a state.
    pub fn state(&self, name: &str, place: Span, out: &mut Diagnostics) -> Option<usize> {
        let states = self.names.states;
        let found = states.iter().position(|state| state.name == name);
        if found.is_none() {
            let help = match self.names.groups.iter().any(|group| group.name == name) {
                true => format!("`{name}` is a group; give the name of a single state"),
                false => {
                    did_you_mean(name, states.iter().map(|s| s.name.as_str()), "declare it under [states]")
                }
            };
            out.push(self.unknown_state("state", name, place, help));
        }
        found
    }

    /// The index of a state's own group or of a declared group.
    pub fn group(&self, name: &str, place: Span, out: &mut Diagnostics) -> Option<usize> {
        let groups = self.names.groups;
        let found = groups.iter().position(|group| group.name == name);
        if found.is_none() {
            let candidates = groups.iter().map(|g| g.name.as_str());
            let help = did_you_mean(name, candidates, "declare it under [states] or [groups]");
            out.push(self.unknown_state("state or group", name, place, help));
        }
        found
    }

    /// The states of a list of states and groups, ascending, each once.
    pub fn states(&self, names: &[(&str, &TomlNode)], out: &mut Diagnostics) -> Vec<usize> {
        let groups = names.iter().filter_map(|(name, node)| self.group(name, node.span, out));
        let mut states: Vec<usize> =
            groups.flat_map(|g| self.names.groups[g].states.iter().copied()).collect();
        states.sort_unstable();
        states.dedup();
        states
    }

    /// Says that a state, or a group of states, is not declared.
    pub fn unknown_state(&self, what: &str, name: &str, place: Span, help: String) -> Diagnostic {
        self.unknown("E0404", what, name, place, help).echo_of(Part::States).echo_of(Part::Groups)
    }

    /// Says that a name is not declared. The caller adds which part would declare it ([`Diagnostic::echo_of`]).
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
            true => format!("the name of a {what} is empty"),
            false => format!("there is no {what} `{name}`"),
        };
        Diagnostic::error(code, title).at(place, "not declared").help(help)
    }

    /// Branches: of a transition, or of what happens at the start.
    pub fn branches(&self, table: &TomlTable, scope: &Scope, out: &mut Diagnostics) -> Vec<Branch> {
        let mut branches = Vec::new();
        for (name, node) in &table.entries {
            let (share, target, place) = match node.table() {
                None => (node, name.as_str(), node.key_span),
                Some(inner) => match (inner.get(keys::branch::SHARE), inner.get(keys::branch::TO)) {
                    (Some(share), Some(to)) => (share, to.text().unwrap_or_default(), to.span),
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

/// Position of the text of an expression: inside its quotation marks.
fn place(span: Span, text: &str, sources: &Sources) -> Place {
    let written = sources.slice(span);
    let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
    // After a syntax error the span may hold anything, also no quotation marks at all.
    if written.get(quotes..written.len().saturating_sub(quotes)) == Some(text) {
        let inner = Span { start: span.start + quotes, end: span.end - quotes, ..span };
        Place { span: inner, escaped: false }
    } else {
        Place { span, escaped: true }
    }
}

/// "did you mean", or what to do if nothing is near.
pub fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone, otherwise: &str) -> String {
    if let Some(near) = suggest(name, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let all: Vec<&str> = known.collect();
    match all.len() {
        1..=12 => format!(
            "{otherwise}; declared are {}",
            arcosim_core::words::either(&all).replace(" or ", " and ")
        ),
        _ => otherwise.to_string(),
    }
}

/// The label under a key, or one made from the name: `after_fall` reads "After fall".
/// Refuses two states that have one label; each comes with its label and the place of its name.
pub fn check_labels<'a>(labelled: impl Iterator<Item = (&'a str, Span)>, out: &mut Diagnostics) {
    let mut first_of = std::collections::BTreeMap::new();
    for (label, place) in labelled {
        if let Some(&first) = first_of.get(label) {
            out.push(
                Diagnostic::error("E0118", format!("two states have the label `{label}`"))
                    .at(place, "the same label again")
                    .also(first, "first used here")
                    .why("tables and figures show labels, so a reader could not tell the two states apart")
                    .help("change the `label` of one of them"),
            );
        } else {
            first_of.insert(label, place);
        }
    }
}

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

/// Whether a word has a meaning of its own, in expressions or in a scenario, and can name nothing.
fn is_taken(name: &str) -> bool {
    expression::is_word(name) || name == REST || name == keys::LABEL.name
}

/// Longest name, in characters.
const LONGEST: usize = 60;

/// Longest name, in bytes: file names have 255 of them, and some hold two names. A letter has up to four.
pub const MOST_BYTES: usize = 120;

/// Sections whose names become file names.
const IN_FILE_NAMES: [(Key, &str); 3] = [
    (keys::scenario::ENDPOINTS, "endpoint"),
    (keys::scenario::OUTCOMES, "outcome"),
    (keys::scenario::STRATEGIES, "strategy"),
];

/// Names of which files would overwrite each other where capitals make no difference.
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
                    .at(node.key_span, "second")
                    .also(*place, "first")
                    .why("on Windows and macOS their figures would have the same file name, and one would overwrite the other")
                    .help("rename one of them; `label` sets the text in tables and figures"),
                ),
                None => known.push((folded, name, node.key_span)),
            }
        }
    }
}

/// Checks that a name can be used in expressions and as part of a file name.
pub fn check_name(name: &str, place: Span, out: &mut Diagnostics) {
    let letters = name.starts_with(|c: char| c.is_alphabetic())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let problem = if !letters {
        "a name must start with a letter and contain only letters, digits and `_`"
    } else if is_taken(name) {
        "this word is reserved"
    } else if name.chars().count() > LONGEST {
        "at most 60 characters, because names become part of file names"
    } else if name.len() > MOST_BYTES {
        "at most 120 bytes (about 40 non-Latin letters), because names become part of file names"
    } else {
        return;
    };
    let title = match name.trim().is_empty() {
        true => "a name is empty".to_string(),
        false if name.chars().count() > LONGEST || name.len() > MOST_BYTES => {
            "a name is too long".to_string()
        }
        false => format!("`{name}` cannot be a name"),
    };
    out.push(
        Diagnostic::error("E0423", title)
            .at(place, problem)
            .help("choose another name; `label` sets the text in tables and figures"),
    );
}
