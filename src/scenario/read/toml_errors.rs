//! Explains violations of the TOML syntax in words for people who do not know TOML.

use std::collections::BTreeSet;

use toml::de::Error;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::{TomlTable, TomlValue};
use crate::read::source::{BYTE_ORDER_MARK, FileId, Sources, Span};

/// Code of all messages about invalid TOML.
const BROKEN: &str = "E0106";

/// Label of a line such as `name: value`; the message points at the colon.
const COLON: &str = "a colon instead of an equals sign";

/// Maximum number of invalid lines that are reported; a file with more is probably not a scenario.
const MOST_LINES: usize = 200;

/// Reports the errors of the TOML parser, one message per line, because a single mistake causes several parser
/// errors. `shift` is the number of bytes skipped at the start of the file, and `tree` the part that could be read.
pub fn report(
    errors: &[Error],
    tree: &TomlTable,
    file: FileId,
    shift: usize,
    sources: &Sources,
    out: &mut Diagnostics,
) {
    let text = sources.files[file].text.as_str();
    let mut lines = BTreeSet::new();
    let mut repeated_header: Option<Span> = None;
    for error in errors {
        if lines.len() == MOST_LINES {
            break;
        }
        let range = error.span().unwrap_or(0..0);
        let span = Span { file, start: range.start + shift, end: range.end + shift };
        let span = visible(span, text);
        if !lines.insert(sources.line_column(span).0) {
            continue;
        }
        let duplicate = error.message().contains("duplicate key");
        // Below a repeated header, every key may be repeated too.
        if duplicate && repeated_header.is_some_and(|header| !text[header.end..span.start].contains("\n[")) {
            continue;
        }
        repeated_header = (duplicate && heads_a_section(span, text)).then_some(span);
        out.push(match duplicate {
            true => repetition(span, text, tree),
            // An empty range has no text that could be the cause.
            false if range.is_empty() => broken_rule(error.message(), "", text, span),
            false => broken_rule(error.message(), &text[span.start..span.end], text, span),
        });
    }
}

/// Removes all other messages about lines with invalid TOML, because they are consequences of the syntax error. If the
/// parser inserts a value for a missing one, this value has no position of its own and appears at the start of the file.
pub fn remove_echoes(sources: &Sources, out: &mut Diagnostics) {
    let broken: Vec<Span> = out.list.iter().filter(|d| d.code == BROKEN).filter_map(|d| d.span).collect();
    let line = |span| sources.line_column(span).0;
    let nowhere = |span: Span| span.start == span.end && span.start <= BYTE_ORDER_MARK.len_utf8();
    let in_broken_line = |span: Span| {
        broken.iter().any(|rule| span.file == rule.file && (nowhere(span) || line(span) == line(*rule)))
    };
    out.list.retain(|d| d.code == BROKEN || !d.span.is_some_and(in_broken_line));
}

fn repetition(span: Span, text: &str, tree: &TomlTable) -> Diagnostic {
    let name = &text[span.start..span.end];
    // In a header, such as [states.sick], the name of its section shows what kind of thing is defined.
    let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let header = text[line..span.end].trim_start().trim_start_matches('[').trim_start();
    // A line of a list can start with a bracket, too, but it has braces around keys.
    let path = if heads_a_section(span, text) && !header.contains('{') { header } else { name };
    let found = Diagnostic::error("E0409", format!("`{path}` is defined twice"))
        .at(span, "second definition")
        .why("the two definitions may differ, and the model can use only one of them")
        .help("delete one of the two definitions; or, if they are for two different things, give one of them a new name");
    let mut places = Vec::new();
    keys_called(name, tree, &mut places);
    places.retain(|place| place.start < span.start);
    match (same_header(span, text), &places[..]) {
        (Some(first), _) | (None, &[first]) => found.also(first, "first definition"),
        // Several sections have a key with this name, and the parser does not report which of the keys is repeated.
        _ => found.note(format!("the first definition of `{name}` is higher up in the same file")),
    }
}

/// Position of the name in an earlier header of the same section; the tree contains only the later header.
fn same_header(span: Span, text: &str) -> Option<Span> {
    if !heads_a_section(span, text) {
        return None;
    }
    let begin = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[begin..].lines().next()?;
    let mut at = 0;
    for earlier in text[..begin].split_inclusive('\n') {
        if earlier.trim_end() == line.trim_end() {
            let start = at + span.start - begin;
            let end = start + span.end - span.start;
            return Some(Span { start, end, ..span });
        }
        at += earlier.len();
    }
    None
}

/// Collects the positions of all keys with a name, at any depth.
fn keys_called(name: &str, table: &TomlTable, places: &mut Vec<Span>) {
    for (key, node) in &table.entries {
        if key == name {
            places.push(node.key_span);
        }
        if let TomlValue::Table(inner) = &node.value {
            keys_called(name, inner, places);
        }
    }
}

/// The line in which a span starts.
fn line_at(span: Span, text: &str) -> &str {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// A line such as `name: value` of another language, in TOML.
fn with_equals_sign(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || value.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    match value.trim_matches('"') {
        inner if inner.contains(['"', '\'', '#', '[', '{', '\\', ',']) => None,
        _ if quoted || value.parse::<f64>().is_ok() || ["true", "false"].contains(&value) => {
            Some(format!("{name} = {value}"))
        }
        _ => Some(format!("{name} = \"{value}\"")),
    }
}

fn broken_rule(message: &str, written: &str, text: &str, span: Span) -> Diagnostic {
    let line = line_at(span, text);
    let (label, help) = in_words(message, written, line);
    let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let span = match line.find(':') {
        Some(at) if label == COLON => Span { start: line_start + at, end: line_start + at + 1, ..span },
        _ => span,
    };
    Diagnostic::error("E0106", "this line is not valid TOML, the format of scenario files")
        .at(span, label)
        .why("the line may define part of the model, and without it the results would be those of a different model")
        .help(help)
}

/// Explanation of a parser error, and the text to write instead. For very rare errors the parser's own message is
/// used.
fn in_words(message: &str, written: &str, line: &str) -> (String, String) {
    let what = message.split(", expected").next().unwrap_or(message);
    let (label, help) = match what {
        "string values must be quoted" if written.is_empty() => (
            "the value is missing here",
            format!(
                "write the value after the equals sign, in quotation marks if it is a text; if `{}` is not needed, delete the line",
                line.split('=').next().unwrap_or_default().trim()
            ),
        ),
        "string values must be quoted" if written.contains(['“', '”', '„', '‘', '’', '«', '»']) => (
            "typographic quotation marks, as set by word processors",
            straightened(written),
        ),
        "string values must be quoted" => (
            "text needs quotation marks",
            format!("write \"{}\"", written.trim()),
        ),
        "unclosed table" => (
            "the closing `]` is missing",
            match line.trim() {
                start if start.starts_with('[') && !start.contains(['#', ']']) => {
                    format!("write the closing bracket: {start}]")
                }
                _ => "write the closing bracket: a section starts with a line such as [states]".into(),
            },
        ),
        "unclosed array table" => (
            "the closing `]]` is missing",
            "write both closing brackets: an item of a list starts with a line such as [[strategies.new.effects]]".into(),
        ),
        "key with no value" | "invalid key-value pair" | "unexpected key or value" | "missing value for key" => {
            match with_equals_sign(line) {
                Some(corrected) => (COLON, format!("write {corrected}")),
                None => (
                    "expected `name = value` here",
                    "write a name, an equals sign and a value, such as cycle = \"6 months\"; if this is a comment, start the line with #".into(),
                ),
            }
        }
        "missing value" | "invalid value" => (
            "the value is missing here",
            "write the value after the equals sign, such as from = \"well\"; if the line is not needed, delete it".into(),
        ),
        "extra `=`" | "extra assignment between key-value pairs" => (
            "one equals sign too many",
            match line.split_once("==") {
                Some((name, value)) if !name.contains(['=', '"']) && !value.contains('=') && !value.trim().is_empty() => {
                    format!("write a single equals sign: {} = {}", name.trim(), value.trim())
                }
                _ => "write a single equals sign, and only one name and value per line: from = \"well\"".into(),
            },
        ),
        "unquoted keys cannot be empty" => (
            "a name is missing here",
            "write the missing name, such as `cycle` in cycle = \"6 months\"".into(),
        ),
        "invalid unquoted key" | "invalid key" => (
            "not allowed in a name without quotation marks",
            match line.split_once('=').map(|(name, _)| name.trim()) {
                Some(name) if name.contains('.') && name.is_ascii() && !name.contains(['"', '\'', '[', '{', ' ']) => format!(
                    "remove this character, and put the name in quotation marks because it contains a dot: \"{}\"",
                    name.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'), "")
                ),
                _ => "remove this character: a name has letters without accents, digits, `_` and `-`, and also dots if the whole name is in straight quotation marks, such as \"rate.relapse\"".into(),
            },
        ),
        "missing comma between array elements" => (
            "a comma is missing before this",
            match line.contains("\" \"") && !line.contains('#') {
                true => format!("write a comma between the items: {}", line.trim().replace("\" \"", "\", \"")),
                false => "separate the items of the list by commas, as in [\"a\", \"b\"]".into(),
            },
        ),
        "missing comma between key-value pairs" => (
            "a comma is missing before this",
            "separate the settings in braces by commas, as in { a = 1, b = 2 }".into(),
        ),
        "extra comma in array" | "extra comma in inline table" => ("one comma too many", "remove this comma".into()),
        "unclosed array" => (
            "the closing `]` of this list is missing",
            match line.trim() {
                start if start.contains('[') && !start.contains([']', '{', '#']) && !start.ends_with(['[', ',']) => {
                    format!("write the closing bracket: {start}]")
                }
                _ => "write `]` at the end of the list, as in [\"a\", \"b\"]".into(),
            },
        ),
        "unclosed inline table" => (
            "the closing `}` is missing",
            "write `}` at the end of the settings, as in well = { label = \"Well\" }".into(),
        ),
        "invalid basic string" | "invalid literal string" | "invalid multi-line basic string"
        | "invalid multi-line literal string" => (
            "this text has no closing quotation mark",
            match line.split_once('=').map(|(_, value)| value.trim()) {
                Some(value) if value.len() > 1 && value.starts_with(['"', '\'']) && !value[1..].contains(['"', '\'', '#', '\\']) => {
                    format!("write the closing quotation mark: {value}{}", &value[..1])
                }
                _ => "end the text with the quotation mark with which it starts, as in \"10 years\" or '10 years'".into(),
            },
        ),
        "cannot recurse further; max recursion depth met" | "recursion limit" => (
            "brackets are nested too deeply",
            "reduce the number of nested brackets or points".into(),
        ),
        "unexpected leading zero" => ("a number must not start with 0", "write the number without the zero, for example 5 instead of 05".into()),
        // Cause: `x = { .. }` followed by `[x]` or `x.y = ..` further down.
        _ if what.starts_with("cannot extend value") => (
            "this section was already defined above and cannot be extended here",
            "write all keys of the section in one place".into(),
        ),
        _ => return (
            message.to_string(),
            "write text in straight quotation marks, and several settings in braces, as in well = { label = \"Well\" }".into(),
        ),
    };
    (label.to_string(), help)
}

/// Help text for a value in typographic quotation marks.
fn straightened(written: &str) -> String {
    let inner = written.trim().trim_matches(['“', '”', '„', '‘', '’', '«', '»']).trim();
    match inner.contains(['“', '”', '„', '‘', '’', '«', '»', '"', '\\']) {
        true => "use straight quotation marks, as in \"6 months\"".to_string(),
        false => format!("use straight quotation marks: \"{inner}\""),
    }
}

/// Whether the line of a position starts with a square bracket.
fn heads_a_section(span: Span, text: &str) -> bool {
    let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    text[line..].trim_start().starts_with('[')
}

/// A span that underlines at least one character of the text, and at most one line.
fn visible(span: Span, text: &str) -> Span {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    let end = text[start..end].find(['\r', '\n']).map_or(end, |length| start + length);
    if start < end {
        return Span { start, end, ..span };
    }
    match text[start..].chars().next() {
        Some(c) if !c.is_whitespace() => Span { start, end: start + c.len_utf8(), ..span },
        // At the end of a line, the last character before the position is underlined because it is visible.
        _ => {
            let last = text[..start].trim_end().char_indices().next_back();
            last.map_or(Span { start, end: start, ..span }, |(at, c)| Span {
                start: at,
                end: at + c.len_utf8(),
                ..span
            })
        }
    }
}
