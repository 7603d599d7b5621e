//! Scenario files as trees in which every key and value keeps its position, and chains of files (`extends`) that [`overlay`]
//! merges into one tree. A message about an inherited value therefore points into the file that contains the value.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use toml::de::{DeInteger, DeTable, DeValue};

use super::{overlay, toml_errors};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::{FileId, Sources, Span};
use crate::read::tree::Tree;
use crate::schema::{FORMAT, Key, keys};

/// A value with its position in the file.
#[derive(Clone, Debug)]
pub struct TomlNode {
    /// The value.
    pub value: TomlValue,
    /// Position of the value.
    pub span: Span,
    /// Position of the key of the value; for an item of a list, position of the value itself.
    pub key_span: Span,
}

/// Value in a TOML file, by its type.
#[derive(Clone, Debug)]
pub enum TomlValue {
    /// Text.
    Text(String),
    /// A whole number; `None` if it is too large.
    Integer(Option<i64>),
    /// A number.
    Float(f64),
    /// `true` or `false`.
    Flag(bool),
    /// A date or a time, which is never valid in a scenario.
    Date,
    /// A list.
    List(Vec<TomlNode>),
    /// A table, in the order of the file.
    Table(TomlTable),
}

/// A TOML table, whose entries keep the order of the file.
#[derive(Clone, Debug, Default)]
pub struct TomlTable {
    /// Keys and values.
    pub entries: Vec<(String, TomlNode)>,
}

impl TomlTable {
    /// The value of a key whose name the scenario chose, such as the name of a state.
    pub fn entry(&self, name: &str) -> Option<&TomlNode> {
        self.entries.iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// The value of a key.
    pub fn get(&self, key: Key) -> Option<&TomlNode> {
        self.entry(key.name)
    }

    /// The tables inside the table of a key, with their names: `[states.a]` and `[states.b]` for the key `states`.
    pub fn sections(&self, key: Key) -> impl Iterator<Item = (&str, &TomlNode)> {
        self.table(key).into_iter().flat_map(|table| &table.entries).map(|(name, node)| (name.as_str(), node))
    }

    /// The value of a key, if it is a table.
    pub fn table(&self, key: Key) -> Option<&TomlTable> {
        self.get(key)?.table()
    }

    /// The value of a key, if it is text.
    pub fn text(&self, key: Key) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The value of a key, if it is a number.
    pub fn number(&self, key: Key) -> Option<f64> {
        self.get(key)?.number()
    }

    /// The value of a key, if it is a whole number that is not negative.
    pub fn count(&self, key: Key) -> Option<u64> {
        match self.get(key)?.value {
            TomlValue::Integer(Some(i)) => u64::try_from(i).ok(),
            _ => None,
        }
    }

    /// Whether the value of a key is `true`.
    pub fn flag(&self, key: Key) -> bool {
        matches!(self.get(key), Some(TomlNode { value: TomlValue::Flag(true), .. }))
    }

    /// The names under a key, which is one text or a list of texts.
    pub fn names(&self, key: Key) -> Vec<(&str, &TomlNode)> {
        self.get(key).map(TomlNode::names).unwrap_or_default()
    }
}

impl TomlNode {
    /// The value as a table; `None` for other kinds.
    pub fn table(&self) -> Option<&TomlTable> {
        match &self.value {
            TomlValue::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The value as text; `None` for other kinds.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            TomlValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a number; `None` for other kinds.
    pub fn number(&self) -> Option<f64> {
        match self.value {
            TomlValue::Integer(Some(i)) => Some(i as f64),
            TomlValue::Float(x) => Some(x),
            _ => None,
        }
    }

    /// The items of a list; empty for other kinds.
    pub fn items(&self) -> &[TomlNode] {
        match &self.value {
            TomlValue::List(items) => items,
            _ => &[],
        }
    }

    /// The names in one text or a list of texts, with their positions.
    pub fn names(&self) -> Vec<(&str, &TomlNode)> {
        match self.text() {
            Some(text) => vec![(text, self)],
            None => self.items().iter().filter_map(|item| Some((item.text()?, item))).collect(),
        }
    }

    /// Kind of the value in the words of messages, such as "a list".
    pub fn found(&self) -> &'static str {
        match self.value {
            TomlValue::Text(_) => "text",
            TomlValue::Integer(_) => "a whole number",
            TomlValue::Float(_) => "a number",
            TomlValue::Flag(_) => "true or false",
            TomlValue::Date => "a date",
            TomlValue::List(_) => "a list",
            TomlValue::Table(_) => "a section",
        }
    }
}

/// Storage from which files are read: a disk, or memory (in tests and in the browser).
pub enum Files<'a> {
    /// Files on disk, limited to the folders that the scenario may read.
    Disk(Tree),
    /// Named texts in memory instead of files.
    Memory(&'a [(&'a str, &'a str)]),
}

impl Files<'_> {
    /// Reads a file into `sources`, only once: a second request for the same file returns the same index. An error
    /// points at `named`, the position in the scenario of the name of the file.
    pub fn read(
        &self,
        path: &Path,
        named: Option<Span>,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<FileId> {
        if let Some(known) = sources.files.iter().position(|file| file.path == path) {
            return Some(known);
        }
        let problem = match self {
            Files::Disk(_) => match sources.read(path) {
                Ok(file) => return Some(file),
                Err(problem) => problem,
            },
            Files::Memory(files) => match files.iter().find(|(name, _)| Path::new(name) == path) {
                Some((_, text)) if !text.trim().is_empty() => return Some(sources.add(path, *text)),
                Some(_) => Diagnostic::error("E0101", format!("`{}` is empty", path.display())),
                None => Diagnostic::error("E0103", format!("there is no file `{}`", path.display())),
            },
        };
        out.push(match named {
            Some(place) => problem.at(place, "the scenario needs this file"),
            None => problem,
        });
        None
    }

    /// Reads the file to which a value of a scenario refers, relative to the folder of the scenario. An error points at
    /// the value.
    pub fn read_named(
        &self,
        node: &TomlNode,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Option<FileId> {
        let path = self.path_named(node, sources, out)?;
        self.read(&path, Some(node.span), sources, out)
    }

    /// Path of the file to which a value of a scenario refers, relative to the folder of the scenario. A file that the
    /// scenario may not read is reported at the value.
    pub fn path_named(&self, node: &TomlNode, sources: &Sources, out: &mut Diagnostics) -> Option<PathBuf> {
        let name = node.text()?;
        if name.trim().is_empty() {
            out.push(
                Diagnostic::error("E0424", "the name of a file is empty")
                    .at(node.span, "no name between the quotation marks")
                    .help("write the name of the file, such as \"tables/costs.csv\"; or, if no file is needed, remove this entry"),
            );
            return None;
        }
        let drive = name.as_bytes().get(1) == Some(&b':');
        if Path::new(name).is_absolute() || name.starts_with('\\') || drive {
            let mut parts = name.rsplit(['/', '\\', ':']);
            let file = parts.find(|part| !part.trim().is_empty()).unwrap_or("parameters.csv");
            out.push(
                Diagnostic::error("E0110", format!("the path `{name}` exists on one computer only"))
                    .at(node.span, "a path that starts at a drive or at the root folder")
                    .why("others who receive the study could not run it")
                    .help(format!("copy the file into the folder of the scenario and write only its name: \"{file}\"; for a subfolder write for example \"tables/{file}\"")),
            );
            return None;
        }
        if name.contains('\\') {
            let portable = name.replace('\\', "/");
            out.push(
                Diagnostic::error("E0110", format!("the path `{name}` contains backslashes"))
                    .at(node.span, "a path that works only on Windows")
                    .why("others who receive the study could not run it on macOS or Linux")
                    .help(format!("write \"{portable}\", with `/` between the folders")),
            );
            return None;
        }
        if name.split('/').any(is_device) {
            out.push(
                Diagnostic::error("E0110", format!("the file name `{name}` is not possible on Windows"))
                    .at(node.span, "the name of a device on Windows")
                    .why("others who receive the study could not run it")
                    .help("give the file a different name, such as `costs.csv`, and write this name here"),
            );
            return None;
        }
        let path = beside(&sources.files[node.span.file].path, name);
        if let Files::Disk(tree) = self
            && let Err(refused) = tree.allows(&path)
        {
            out.push(refused.message(name).at(node.span, "the scenario may not read this file"));
            return None;
        }
        Some(path)
    }
}

/// Whether Windows treats this file name as a device, whatever its extension.
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|n| {
            n.chars().count() == 1 && n.contains(|c: char| "0123456789\u{b9}\u{b2}\u{b3}".contains(c))
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

/// Path of `name` relative to the folder of `file`, without `..`, so that each file has only one path.
pub fn beside(file: &Path, name: &str) -> PathBuf {
    let mut path = file.parent().map(Path::to_path_buf).unwrap_or_default();
    for part in Path::new(name).components() {
        use std::path::Component::*;
        match part {
            CurDir => {}
            ParentDir if path.file_name().is_some() => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// A scenario merged with the scenarios that it extends.
pub struct Document {
    /// The merged tree.
    pub root: TomlTable,
    /// Files of the chain of `extends`, from the base to the scenario itself.
    pub chain: Vec<FileId>,
    /// Value of `parameters` in each file that has this key, in the order of the chain.
    pub parameter_files: Vec<TomlNode>,
    /// Whether a file is written in a newer format, in which case no other messages are reliable.
    pub newer: bool,
    /// Whether every file is free of syntax errors. If not, parts that seem to be missing may be in a part that could
    /// not be read.
    pub whole: bool,
}

/// Maximum number of scenarios in a chain of `extends`; a longer chain is probably a mistake.
const DEPTH: usize = 16;

/// Reads a scenario and all scenarios that it extends.
pub fn read_document(
    files: &Files,
    path: &Path,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Option<Document> {
    let mut layers = Vec::new();
    let mut whole = true;
    let mut newer = false;
    let mut chain: Vec<FileId> = Vec::new();
    let mut next = Some(files.read(path, None, sources, out)?);
    while let Some(file) = next.take() {
        chain.push(file);
        let (table, clean) = parse(file, sources, out);
        whole &= clean;
        newer |= is_newer(&table, out);
        if let Some(extends) = table.get(keys::scenario::EXTENDS) {
            match files.read_named(extends, sources, out) {
                Some(base) if chain.contains(&base) => out.push(circular(&chain, base, extends, sources)),
                Some(_) if chain.len() >= DEPTH => out.push(
                    Diagnostic::error(
                        "E0114",
                        format!("the chain of `extends` has more than {DEPTH} scenarios"),
                    )
                    .at(extends.span, "this would be one scenario too many")
                    .why("a model spread over so many files cannot be reviewed")
                    .help("combine several of these scenarios into one file that extends the base scenario directly, as in extends = \"base.toml\""),
                ),
                Some(base) => next = Some(base),
                None => {}
            }
            // Without the base, all parts that the base defines are missing too, and messages about the missing parts
            // would not help.
            whole &= next.is_some();
        }
        layers.push(table);
    }
    layers.reverse();
    chain.reverse();
    let parameter_files =
        layers.iter().filter_map(|layer| layer.get(keys::scenario::PARAMETERS).cloned()).collect();
    let mut root = TomlTable::default();
    for (position, layer) in layers.into_iter().enumerate() {
        overlay::lay_over(&mut root, layer, position == 0, out);
    }
    Some(Document { root, chain, parameter_files, newer, whole })
}

fn is_newer(table: &TomlTable, out: &mut Diagnostics) -> bool {
    let (Some(node), Some(format)) = (table.get(keys::scenario::FORMAT), table.count(keys::scenario::FORMAT))
    else {
        return false;
    };
    if format == 0 {
        out.push(
            Diagnostic::error("E0424", "there is no format 0")
                .at(node.span, "the first format is 1")
                .help(format!("write format = {FORMAT}")),
        );
    }
    if format <= FORMAT {
        return false;
    }
    out.push(
        Diagnostic::error("E0108", format!("format {format} is too new for this version of arcosim"))
            .at(node.span, format!("the newest format of this version is {FORMAT}"))
            .why("this version would ignore keys that it does not know, and these may change the results")
            .help("install a newer version of arcosim"),
    );
    true
}

fn circular(chain: &[FileId], base: FileId, extends: &TomlNode, sources: &Sources) -> Diagnostic {
    let from = chain.iter().position(|&file| file == base).unwrap_or(0);
    let names: Vec<String> = chain[from..]
        .iter()
        .chain([&base])
        .map(|&file| format!("`{}`", sources.files[file].path.display()))
        .collect();
    Diagnostic::error("E0109", "this scenario extends itself")
        .at(extends.span, "leads back to this scenario")
        .note(format!("the `extends` lines form a circle: {}", names.join(" extends ")))
        .why("a scenario with `extends` contains only changes to another scenario; in a circle, no scenario contains the whole model")
        .help("delete the line `extends = ...` in the scenario that is meant to be the base scenario")
}

/// Parses one file; the flag states whether the file was free of syntax errors.
fn parse(file: FileId, sources: &Sources, out: &mut Diagnostics) -> (TomlTable, bool) {
    let text = sources.files[file].text.as_str();
    // The parser reads a byte-order mark as part of a key, so the mark is skipped and all offsets are shifted.
    let shift = if text.starts_with(crate::read::source::BYTE_ORDER_MARK) { 3 } else { 0 };
    let lines = with_line_feeds(&text[shift..]);
    let (tree, errors) = DeTable::parse_recoverable(&lines);
    let tree = TreeBuilder { file, shift }.table(tree.get_ref());
    toml_errors::report(&errors, &tree, file, shift, sources, out);
    (tree, errors.is_empty())
}

/// Replaces single carriage returns, with which old Macintosh programs end lines, by line feeds, because TOML does
/// not know them. All offsets stay the same.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    match text.contains('\r') && !text.contains('\n') {
        true => Cow::Owned(text.replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}

/// Builds the positioned tree from the parser's tree.
struct TreeBuilder {
    file: FileId,
    shift: usize,
}

impl TreeBuilder {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span { file: self.file, start: range.start + self.shift, end: range.end + self.shift }
    }

    fn table(&self, table: &DeTable) -> TomlTable {
        let mut entries: Vec<(String, TomlNode)> = table
            .iter()
            .map(|(key, value)| {
                (key.get_ref().to_string(), self.node(value.get_ref(), value.span(), Some(key.span())))
            })
            .collect();
        // The parser sorts keys by name, but users expect the order in which they wrote them.
        entries.sort_by_key(|(_, node)| node.key_span.start);
        TomlTable { entries }
    }

    fn node(
        &self,
        value: &DeValue,
        range: std::ops::Range<usize>,
        key: Option<std::ops::Range<usize>>,
    ) -> TomlNode {
        let span = self.span(range);
        let value = match value {
            DeValue::String(text) => TomlValue::Text(text.to_string()),
            DeValue::Integer(digits) => TomlValue::Integer(whole(digits)),
            DeValue::Float(digits) => TomlValue::Float(digits.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => TomlValue::Flag(*flag),
            DeValue::Datetime(_) => TomlValue::Date,
            DeValue::Array(items) => TomlValue::List(
                items.iter().map(|item| self.node(item.get_ref(), item.span(), None)).collect(),
            ),
            DeValue::Table(table) => TomlValue::Table(self.table(table)),
        };
        TomlNode { value, span, key_span: key.map_or(span, |key| self.span(key)) }
    }
}

fn whole(digits: &DeInteger) -> Option<i64> {
    i64::from_str_radix(digits.as_str(), digits.radix()).ok()
}
