//! Compares a folder of results with a new run of the same command, file by file: identical, changed later, or not reproduced.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::folder::FileError;
use super::recorded::{Recorded, bytes, hash};

/// Largest size in bytes at which the first difference is searched for; larger files are compared by hash only.
const LONGEST: u64 = 256 << 20;
/// Largest number of characters of a value that are shown.
const SHOWN: usize = 80;

/// The problem with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The file was written, but is missing now.
    Missing,
    /// The file was changed after it was written; the new run reproduces the original.
    Changed,
    /// The file was changed after it was written, and the new run does not reproduce the original.
    ChangedAndDiffers,
    /// The file is unchanged, but the new run produces a different file.
    Differs,
    /// The file equals the file of the new run, but the manifest contains a different hash.
    WrongHash,
    /// The manifest lists the file, but the new run does not write it.
    NotWritten,
    /// The new run writes the file, but the manifest does not list it.
    NotListed,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Missing => "is missing",
            Kind::Changed => "was changed after it was written; the new run reproduces the original",
            Kind::ChangedAndDiffers => {
                "was changed after it was written, and the new run does not reproduce the original either"
            }
            Kind::Differs => "differs in the new run",
            Kind::WrongHash => "is the same in the new run, but the manifest has another hash for it",
            Kind::NotWritten => "is listed in the manifest, but not written by the new run",
            Kind::NotListed => "is written by the new run, but not listed in the manifest",
        }
    }
}

/// A file that differs from the manifest or from the new run.
pub struct Finding {
    /// Name of the file in the folder.
    pub name: String,
    /// The problem with the file.
    pub kind: Kind,
    /// Description of the first difference, if known.
    pub first: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", arcosim_core::words::printable(&self.name), self.kind.words())?;
        match &self.first {
            Some(first) => write!(f, "\n    {first}"),
            None => Ok(()),
        }
    }
}

/// Result of the comparison of two folders.
pub struct Compared {
    /// Number of identical files.
    pub same: usize,
    /// Number of files in the union of both folders.
    pub all: usize,
    /// Files that differ, by name.
    pub findings: Vec<Finding>,
}

/// Compares a folder (recorded as `before`) with the folder `again` (recorded as `after`).
pub fn compare(
    (folder, before): (&Path, &Recorded),
    (again, after): (&Path, &Recorded),
) -> Result<Compared, FileError> {
    let names: BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
    let mut findings = Vec::new();
    for name in &names {
        let found = [hash(folder, name)?, hash(again, name)?];
        let recorded = before.files.get(*name).map(Option::as_deref);
        let Some(kind) = judged(recorded, &found) else {
            continue;
        };
        let differ = matches!(&found, [Some(a), Some(b)] if a != b);
        let texts = match differ {
            true => bytes(folder, name, LONGEST)?.zip(bytes(again, name, LONGEST)?),
            false => None,
        };
        findings.push(Finding {
            name: name.to_string(),
            kind,
            first: texts.map(|(a, b)| first_difference(name, &a, &b)),
        });
    }
    Ok(Compared { same: names.len() - findings.len(), all: names.len(), findings })
}

/// The problem with a file, if any, from its hash in the manifest (`None` if the file is not listed, `Some(None)` if listed
/// without a hash) and its hashes in the folder and in the new run.
fn judged(recorded: Option<Option<&str>>, found: &[Option<String>; 2]) -> Option<Kind> {
    let [here, again] = found.each_ref().map(Option::as_deref);
    match (recorded, here, again) {
        (None, _, _) => Some(Kind::NotListed),
        (Some(_), None, _) => Some(Kind::Missing),
        (Some(_), _, None) => Some(Kind::NotWritten),
        (Some(None), here, again) => (here != again).then_some(Kind::Differs),
        (Some(written), here, again) => match (here == written, again == written, here == again) {
            (true, true, _) => None,
            (true, false, _) => Some(Kind::Differs),
            (false, true, _) => Some(Kind::Changed),
            (false, false, true) => Some(Kind::WrongHash),
            (false, false, false) => Some(Kind::ChangedAndDiffers),
        },
    }
}

/// The first difference between two files: a cell of a table, a line of a text, or a byte of any other file.
pub fn first_difference(name: &str, here: &[u8], again: &[u8]) -> String {
    let texts = std::str::from_utf8(here).ok().zip(std::str::from_utf8(again).ok());
    let place = texts.and_then(|(a, b)| {
        let cell = name.ends_with(".csv").then(|| first_cell(a, b)).flatten();
        cell.or_else(|| first_line(a, b))
    });
    place.unwrap_or_else(|| {
        let at = here.iter().zip(again).take_while(|(a, b)| a == b).count();
        format!("from byte {} on; {} bytes here, {} again", at + 1, here.len(), again.len())
    })
}

/// Description of the first cell that differs, with its row number below the header and its column name.
fn first_cell(here: &str, again: &str) -> Option<String> {
    let rows = |text: &str| -> Option<Vec<csv::StringRecord>> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().collect::<Result<_, _>>().ok()
    };
    let (a, b) = (rows(here)?, rows(again)?);
    let row = a.iter().zip(&b).position(|(a, b)| a != b);
    let Some(row) = row else {
        let counts = (a.len() != b.len()).then(|| format!("{} rows here, {} again", a.len(), b.len()));
        return counts;
    };
    let (x, y) = (&a[row], &b[row]);
    let column = (0..x.len().max(y.len())).find(|&i| x.get(i) != y.get(i))?;
    let heading = a[0].get(column).filter(|_| row > 0 && a[0] == b[0]);
    let cell = |row: &csv::StringRecord| match row.get(column) {
        Some(value) => format!("`{}`", cut(value)),
        None => "nothing".into(),
    };
    Some(format!(
        "{}, {}: {} here, {} again",
        match row {
            0 => "in the header".to_string(),
            row => format!("row {row}"),
        },
        match heading {
            Some(heading) => format!("column `{}`", cut(heading)),
            None => format!("column {}", column + 1),
        },
        cell(x),
        cell(y)
    ))
}

fn first_line(here: &str, again: &str) -> Option<String> {
    let (mut a, mut b) = (here.split('\n'), again.split('\n'));
    for number in 1.. {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                let line = |text: Option<&str>| match text {
                    Some(text) => format!("`{}`", cut(text.trim())),
                    None => "nothing".into(),
                };
                return Some(format!("line {number}: {} here, {} again", line(x), line(y)));
            }
        }
    }
    None
}

/// The first characters of a text, without control characters.
fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    arcosim_core::words::printable(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_file() {
        let judge = |recorded, here: &str, again: &str| {
            let hash = |text: &str| (!text.is_empty()).then(|| text.to_string());
            judged(recorded, &[hash(here), hash(again)])
        };
        let a = Some(Some("a"));
        assert_eq!(judge(a, "a", "a"), None);
        assert_eq!(judge(a, "a", "b"), Some(Kind::Differs));
        assert_eq!(judge(a, "b", "a"), Some(Kind::Changed));
        assert_eq!(judge(a, "b", "b"), Some(Kind::WrongHash));
        assert_eq!(judge(a, "b", "c"), Some(Kind::ChangedAndDiffers));
        assert_eq!(judge(a, "", "a"), Some(Kind::Missing));
        assert_eq!(judge(a, "a", ""), Some(Kind::NotWritten));
        assert_eq!(judge(None, "", "a"), Some(Kind::NotListed));
        assert_eq!(judge(Some(None), "a", "a"), None);
        assert_eq!(judge(Some(None), "a", "b"), Some(Kind::Differs));
    }

    #[test]
    fn the_first_difference_is_a_cell_a_line_or_a_byte() {
        let first = |name, a: &str, b: &str| first_difference(name, a.as_bytes(), b.as_bytes());
        assert_eq!(
            first("t.csv", "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,5\n"),
            "row 2, column `b`: `4` here, `5` again"
        );
        assert_eq!(
            first("t.csv", "a,b\n1,2\n", "a,c\n1,2\n"),
            "in the header, column 2: `b` here, `c` again"
        );
        assert_eq!(first("t.csv", "a\n1\n", "a\n1\n2\n"), "2 rows here, 3 again");
        assert_eq!(first("t.csv", "a\n1\n", "a\r\n1\n"), "line 1: `a` here, `a` again");
        assert_eq!(first("t.txt", "x\ny", "x\nz\n"), "line 2: `y` here, `z` again");
        assert_eq!(first("t.txt", "x\u{1b}[2J", "x"), "line 1: `x\\u{1b}[2J` here, `x` again");
        assert_eq!(
            first_difference("p.png", &[0xff, 1, 2], &[0xff, 1, 3, 4]),
            "from byte 3 on; 3 bytes here, 4 again"
        );
    }
}
