//! Mistakes that only echo another. Where a part of the scenario could not be read, everything that refers to it looks
//! undeclared, and a page of such messages hides the one that matters.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{Node, Table, Value};
use super::source::{BYTE_ORDER_MARK, Sources, Span};

/// What a section declares, and the codes by which others complain that it is not there.
const SECTIONS: [(&[&str], &[&str]); 7] = [
    (&["states"], &["E0308", "E0404", "E0430"]),
    (&["groups"], &["E0308", "E0404", "E0430"]),
    (&["transitions"], &["E0406"]),
    (&["strategies"], &["E0408"]),
    (&["tables"], &["E0426"]),
    (&["outcomes"], &["E0435"]),
    (&["population", "attributes"], &["E0302", "E0307", "E0407"]),
];
/// The same for the parameter tables.
const PARAMETERS: [&str; 2] = ["E0302", "E0307"];
/// Keys that seem to be missing may stand in a line that could not be read, or in a base that was not found.
const INCOMPLETE: &str = "E0402";

/// Takes out what only follows from a part that could not be read. `whole` is false when that is some part of the
/// files themselves.
pub fn remove(root: &Table, whole: bool, parameters_read: bool, sources: &Sources, out: &mut Diagnostics) {
    let mut codes: Vec<&str> = Vec::new();
    for (path, complaints) in SECTIONS {
        if !whole || misread(root, path) {
            codes.extend(complaints);
        }
    }
    if !whole {
        codes.push(INCOMPLETE);
    }
    if !whole || !parameters_read {
        codes.extend(PARAMETERS);
    }
    let broken: Vec<Diagnostic> = out.list.iter().filter(|d| d.code == "E0106").cloned().collect();
    let echo =
        |d: &Diagnostic| codes.contains(&d.code) || broken.iter().any(|rule| same_line(d, rule, sources));
    // The cause is always among the rest; if it were not, an echo would be better than silence.
    if out.list.iter().any(|d| !echo(d)) {
        out.list.retain(|d| !echo(d));
    }
}

/// A complaint about what stands in a line that breaks the rules of TOML. What the parser puts in place of a missing
/// value has no place of its own: it seems to stand before the first character of the file.
fn same_line(d: &Diagnostic, rule: &Diagnostic, sources: &Sources) -> bool {
    let line = |span| sources.line_column(span).0;
    let nowhere = |span: Span| span.start == span.end && span.start <= BYTE_ORDER_MARK.len_utf8();
    match (d.span, rule.span) {
        (Some(a), Some(b)) if d.code != rule.code && a.file == b.file => nowhere(a) || line(a) == line(b),
        _ => false,
    }
}

/// Whether a section, or something declared in it, is of a type from which nothing can be read.
fn misread(root: &Table, path: &[&str]) -> bool {
    let (last, above) = path.split_last().expect("a path has a name");
    let mut table = root;
    for name in above {
        match table.get(name) {
            None => return false,
            Some(node) => match node.table() {
                None => return true,
                Some(inner) => table = inner,
            },
        }
    }
    let Some(section) = table.get(last) else {
        return false;
    };
    let unreadable = |node: &Node| match &node.value {
        Value::Table(_) => false,
        // A group may be a list of names, or one name.
        Value::List(_) | Value::Text(_) => *last != "groups",
        _ => true,
    };
    section.table().is_none_or(|table| table.entries.iter().any(|(_, node)| unreadable(node)))
}
