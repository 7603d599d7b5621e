//! Texts of all files of a scenario, kept unchanged so that every message can point into them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;

/// Index of a file in [`Sources::files`].
pub type FileId = usize;

/// A range of bytes in the original text of a file, which includes the byte-order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Index of the file.
    pub file: FileId,
    /// Index of the first byte.
    pub start: usize,
    /// Index after the last byte.
    pub end: usize,
}

/// One file with its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path as shown to the user.
    pub path: PathBuf,
    /// Complete text, including the byte-order mark and line ends.
    pub text: String,
    /// SHA-256 of the bytes in hexadecimal, which is written to the manifest.
    pub sha256: String,
}

impl SourceFile {
    /// Creates a file from its path and text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> SourceFile {
        let text = text.into();
        let sha256 = Sha256::digest(text.as_bytes());
        SourceFile {
            path: path.into(),
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
            text,
        }
    }
}

/// All files that were read for a scenario.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files in the order of reading; a [`FileId`] is an index into this list.
    pub files: Vec<SourceFile>,
}

/// The byte-order mark that Excel writes at the start of a UTF-8 file.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

impl Sources {
    /// Reads a text file; on failure, returns a diagnostic without a position.
    #[expect(clippy::result_large_err, reason = "once per file, and the message is what the user came for")]
    pub fn read(&mut self, path: &Path) -> Result<FileId, Diagnostic> {
        let shown = path.display();
        if path.is_dir() {
            let folder = path.file_name().map_or("folder".into(), |name| name.to_string_lossy());
            return Err(Diagnostic::error("E0102", format!("`{shown}` is a folder, not a file"))
                .why("a folder can contain several files, and a guess could choose the wrong one")
                .help(format!(
                    "add the name of the file to the end of the path: for a scenario such as `{folder}/scenario.toml`, for a table such as `{folder}/parameters.csv`"
                )));
        }
        // Reading a pipe or a device could block or never end.
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(Diagnostic::error(
                "E0104",
                format!("`{shown}` is not a file but a pipe or a device"),
            )
            .why("a pipe or device has different contents each time, so results could not be reproduced")
            .help("save the contents as a file, and write the name of that file instead"));
        }
        let bytes = contents(path)?;
        let text = decode(path, bytes)?;
        if text.trim_start_matches(BYTE_ORDER_MARK).trim().is_empty() {
            return Err(Diagnostic::error("E0101", format!("`{shown}` is empty"))
                .why("the study needs the contents of this file, which may have been lost when the file was saved")
                .help("restore the file from a copy, or save it again from the program that created it"));
        }
        Ok(self.add(path, text))
    }

    /// Adds a text that was not read from disk, such as a text of a test.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        self.files.push(SourceFile::new(path, text));
        self.files.len() - 1
    }

    /// Line and column of the start of a span, both counted from 1. Columns count characters, without the byte-order
    /// mark.
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let before = &self.files[span.file].text[..span.start];
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let column = before[line_start..].chars().filter(|&c| c != BYTE_ORDER_MARK).count() + 1;
        (line_breaks(before) + 1, column)
    }

    /// Text within a span.
    pub fn slice(&self, span: Span) -> &str {
        &self.files[span.file].text[span.start..span.end]
    }
}

/// Maximum size of a table file in bytes: far above the tables of any study, and far below the memory of a computer.
const LARGEST: u64 = 64 << 20;

/// Maximum size of a scenario file in bytes.
const LARGEST_SCENARIO: u64 = 16 << 20;

/// Reads the bytes of a file up to a limit; a larger file is an error. The limit applies while reading, because the
/// file may grow.
#[expect(clippy::result_large_err, reason = "once per file, and the message is what the user came for")]
fn contents(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let failed = |error| unreadable(path, &error);
    let file = fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = match path.extension().is_some_and(|extension| extension == "toml") {
        true => LARGEST_SCENARIO,
        false => LARGEST,
    };
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 <= most {
        return Ok(bytes);
    }
    Err(Diagnostic::error("E0116", format!("`{}` is larger than {} MB", path.display(), most >> 20))
        .why("study files are never this large; this is probably the wrong file")
        .help("if this is the wrong file, write the name of the right one; otherwise delete the columns and rows that the model does not use"))
}

/// Number of line ends; CRLF counts as one, and so does the single CR of old Macintosh files.
pub fn line_breaks(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends_line =
        |at: usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    (0..bytes.len()).filter(|&at| ends_line(at)).count()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let shown = path.display();
    match error.kind() {
        std::io::ErrorKind::NotFound => Diagnostic::error("E0103", format!("there is no file `{shown}`"))
            .help(similar_file(path).unwrap_or_else(|| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let folder = match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    Some(folder) => format!("the folder `{}`", folder.display()),
                    None => "this folder".to_string(),
                };
                format!("copy the file `{name}` into {folder}; if it exists under another path, write that path (in a scenario, relative to the folder of the scenario)")
            })),
        _ => Diagnostic::error("E0104", format!("`{shown}` cannot be read: {error}")).help(
            "check that the file is not locked by another program and that you have permission to read it",
        ),
    }
}

/// Maximum number of scenarios that a message lists.
const MOST_NAMED: usize = 5;

/// Help text with a similar file in the same folder or, for a scenario, with the other scenarios of the folder.
fn similar_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = match path.parent()? {
        parent if parent.as_os_str().is_empty() => Path::new("."),
        parent => parent,
    };
    let mut names: Vec<String> =
        fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    if let Some(found) = crate::diagnostic::suggest(wanted, names.iter().map(String::as_str)) {
        return Some(format!("did you mean `{found}` in the same folder?"));
    }
    if !wanted.ends_with(".toml") {
        return None;
    }
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    Some(scenarios_there(&names, path.parent()?))
}

/// Help text for a folder that contains these scenarios.
fn scenarios_there(names: &[String], folder: &Path) -> String {
    let shown: Vec<String> =
        names.iter().take(MOST_NAMED).map(|name| format!("`{}`", folder.join(name).display())).collect();
    match names.len() {
        0 => "this folder contains no .toml file; `arcosim new my-study` creates a scenario to start from"
            .into(),
        1 => format!("name the scenario file; this folder contains {}", shown[0]),
        n if n > MOST_NAMED => format!(
            "name the scenario file; this folder contains {} and {} more .toml files",
            shown.join(", "),
            n - MOST_NAMED
        ),
        _ => format!("name the scenario file; this folder contains {}", shown.join(", ")),
    }
}

#[expect(clippy::result_large_err, reason = "once per file, and the message is what the user came for")]
fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let error = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => return Ok(text),
        Ok(text) => return Err(not_utf8(path, text.as_bytes(), text.find('\0').unwrap_or(0))),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    Err(not_utf8(path, error.as_bytes(), at))
}

fn not_utf8(path: &Path, bytes: &[u8], at: usize) -> Diagnostic {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Diagnostic::error("E0105", format!("`{}` is an Excel workbook, not a CSV file", path.display()))
            .why("arcosim reads tables only as text, so it cannot find the numbers in a workbook")
            .help("in Excel choose File > Save As > `CSV UTF-8 (Comma delimited)`, and use the saved file in place of the workbook");
    }
    let line = 1 + bytes[..at].iter().filter(|&&b| b == b'\n').count();
    let d = Diagnostic::error("E0105", format!("`{}` is not UTF-8 text", path.display()))
        .why("in the wrong encoding, letters such as ü become garbled, and names with these letters are no longer found");
    let zeros = bytes.iter().take(4096).filter(|&&b| b == 0).count();
    if bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
        || zeros * 3 > bytes.len().min(4096)
    {
        d.note("the file seems to be in the encoding UTF-16, which Excel calls `Unicode Text`")
            .help("in Excel choose File > Save As > `CSV UTF-8 (Comma delimited)`")
    } else if bytes[at] >= 0x80 {
        d.note(format!("the first character that is not UTF-8 is in line {line}, after `{}`", before(bytes, at)))
            .note("the file seems to be in the encoding Windows-1252, which Excel and some editors use for plain `CSV`")
            .help("in Excel choose File > Save As > `CSV UTF-8 (Comma delimited)`; in a text editor, save the file in the encoding UTF-8")
    } else {
        d.note(format!("line {line} contains a zero byte, which is not text, after `{}`", before(bytes, at)))
            .help("save the file as plain text in UTF-8")
    }
}

/// The last characters of the line before a position, so that users can find the position in a text editor.
fn before(bytes: &[u8], at: usize) -> String {
    let line = bytes[..at].rsplit(|&b| b == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let from = line.char_indices().rev().nth(19).map_or(0, |(from, _)| from);
    line[from..].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, render};

    /// Message about a file with these bytes, without the path of the folder.
    fn complaint(name: &str, bytes: &[u8]) -> String {
        let own = std::env::temp_dir().join(format!("arcosim-source-{}-{name}", std::process::id()));
        let folder = own.join("study");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("table.csv"), bytes).unwrap();
        let wanted = match name {
            "folder" => folder.clone(),
            "missing" => folder.join("tabel.csv"),
            _ => folder.join("table.csv"),
        };
        let result = Sources::default().read(&wanted);
        fs::remove_dir_all(&own).unwrap();
        let all = Diagnostics { list: vec![result.unwrap_err()] };
        render(&all, &Sources::default(), false).replace(&folder.display().to_string(), "study")
    }

    #[test]
    fn files_that_cannot_be_read() {
        let utf16: Vec<u8> = "name;base".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let all = [
            complaint("folder", b""),
            complaint("missing", b""),
            complaint("empty", "\u{feff}\r\n  \n".as_bytes()),
            complaint("latin", b"name;source\na;M\xfcller\n"),
            complaint("utf16bom", &[&[0xFF, 0xFE], utf16.as_slice()].concat()),
            complaint("utf16", &utf16),
            complaint("workbook", b"PK\x03\x04\x00\xff"),
        ];
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn lines_and_columns_of_every_line_end() {
        let mut sources = Sources::default();
        let file = sources.add("a", "\u{feff}one\r\ntwo\rthree\nfür x");
        let place = |text: &str| {
            let start = sources.files[file].text.find(text).unwrap();
            sources.line_column(Span { file, start, end: start + text.len() })
        };
        assert_eq!(
            [place("one"), place("two"), place("three"), place("x")],
            [(1, 1), (2, 1), (3, 1), (4, 5)]
        );
        assert_eq!(sources.files[file].sha256.len(), 64);
    }
}
