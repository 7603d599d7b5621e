//! Reads the manifest of a folder of results and checks the files against it. No file name may lead outside the folder and
//! no link is followed, because the folder may be from an unknown source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::folder::{FileError, MARK, contents, failed};
use super::record::INPUTS;

/// Upper limit on the size of a manifest in bytes; manifests written by arcosim are far smaller.
const LONGEST_MANIFEST: u64 = 64 << 20;
/// Upper limit on the size of an input file in bytes.
const LONGEST_INPUT: u64 = 1 << 30;

/// Reason why a folder or an archive cannot be used.
#[derive(Debug)]
pub enum Unusable {
    /// The folder or archive was not written by this program, or is damaged; the text explains the problem.
    Foreign(String),
    /// A file could not be read or written.
    File(FileError),
    /// The command was interrupted.
    Stopped,
}

impl From<FileError> for Unusable {
    fn from(error: FileError) -> Unusable {
        Unusable::File(error)
    }
}

/// The contents of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Version of the program that wrote the folder.
    pub version: String,
    /// Formats of the figures.
    pub figures: Vec<String>,
    /// Arguments of the command line, without the name of the program.
    pub command_line: Vec<String>,
    /// SHA-256 hashes of the inputs, by their path in the folder.
    pub inputs: BTreeMap<String, String>,
    /// SHA-256 hashes of all files, by their path in the folder; `None` for the manifest itself.
    pub files: BTreeMap<String, Option<String>>,
}

impl Recorded {
    /// Reads the manifest of a folder.
    pub fn read(folder: &Path) -> Result<Recorded, Unusable> {
        let shown = folder.display();
        let path = folder.join(MARK);
        let foreign = |why: &str| {
            Unusable::Foreign(format!("`{shown}` is not a folder of results that arcosim wrote: {why}"))
        };
        let about = match fs::symlink_metadata(&path) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => {
                return Err(foreign(&format!("it has no {MARK}")));
            }
            Err(error) => return Err(failed("cannot read", &path)(error).into()),
        };
        if !about.is_file() || about.len() > LONGEST_MANIFEST {
            return Err(foreign(&format!("its {MARK} is not a regular file of a plausible size")));
        }
        let text = fs::read(&path).map_err(failed("cannot read", &path))?;
        let about: Value = serde_json::from_slice(&text)
            .map_err(|error| foreign(&format!("its {MARK} cannot be read: {error}")))?;
        if about["program"] != "arcosim" {
            return Err(foreign(&format!("its {MARK} does not name the program")));
        }
        if about.get("command_line").is_none() {
            return Err(Unusable::Foreign(format!(
                "`{shown}` was written by arcosim {}, which did not keep copies of the inputs; run the scenario again",
                arcosim_core::words::printable(about["version"].as_str().unwrap_or("?"))
            )));
        }
        Recorded::of(&about).map_err(|why| foreign(&format!("its {MARK} is damaged: {why}")))
    }

    /// Checks the fields of a manifest and converts them to a [`Recorded`].
    fn of(about: &Value) -> Result<Recorded, String> {
        let words = |key: &str| -> Result<Vec<String>, String> {
            let list = about[key].as_array().ok_or(format!("`{key}` is not a list"))?;
            let words = list.iter().map(|word| word.as_str().map(str::to_string));
            words.collect::<Option<_>>().ok_or(format!("`{key}` is not a list of texts"))
        };
        let name = |name: &str| match safe(name) {
            true => Ok(name.to_string()),
            false => Err(format!(
                "`{}` is not a name of a file in this folder",
                arcosim_core::words::printable(name)
            )),
        };
        let hash = |value: &Value| {
            let hash = value.as_str().filter(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()));
            hash.map(str::to_string).ok_or("a hash is not a SHA-256".to_string())
        };
        let listed = words("files")?.iter().map(|file| name(file)).collect::<Result<BTreeSet<_>, _>>()?;
        let hashes = about["files_sha256"].as_object().ok_or("`files_sha256` is not a table")?;
        let mut files = BTreeMap::from([(MARK.to_string(), None)]);
        for (file, value) in hashes {
            files.insert(name(file)?, Some(hash(value)?));
        }
        if listed.iter().ne(files.keys()) {
            return Err("`files` and `files_sha256` do not name the same files".into());
        }
        let mut inputs = BTreeMap::new();
        for input in about["inputs"].as_array().ok_or("`inputs` is not a list")? {
            let place = name(input["path"].as_str().unwrap_or_default())?;
            let hash = hash(&input["sha256"])?;
            if !place.starts_with(&format!("{INPUTS}/")) || files.get(&place) != Some(&Some(hash.clone())) {
                return Err(format!("the input `{place}` is not among the files"));
            }
            inputs.insert(place, hash);
        }
        Ok(Recorded {
            version: about["version"].as_str().unwrap_or("?").to_string(),
            figures: words("figures")?,
            command_line: words("command_line")?,
            inputs,
            files,
        })
    }

    /// The files among `names` that do not match the manifest, each with the reason.
    pub fn altered<'a>(
        &'a self,
        folder: &Path,
        names: impl Iterator<Item = &'a String>,
    ) -> Result<Vec<(&'a str, &'static str)>, FileError> {
        let mut found = Vec::new();
        for name in names {
            let wanted = self.files.get(name).and_then(Option::as_ref);
            match hash(folder, name)? {
                None => found.push((name.as_str(), "is missing")),
                Some(hash) if wanted.is_some_and(|wanted| *wanted != hash) => {
                    found.push((name.as_str(), "was changed after it was written"));
                }
                Some(_) => {}
            }
        }
        Ok(found)
    }

    /// Paths and texts of the inputs, which must have been checked against the manifest before.
    pub fn texts(&self, folder: &Path) -> Result<Vec<(String, String)>, Unusable> {
        let text = |place: &String| {
            let bytes = bytes(folder, place, LONGEST_INPUT)?;
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            let text = text.ok_or_else(|| {
                Unusable::Foreign(format!("the input `{place}` is too large, or is not UTF-8 text"))
            })?;
            Ok((place.clone(), text))
        };
        self.inputs.keys().map(text).collect()
    }

    /// Paths of the files in the folder that the manifest does not list, with `/` as separator, in printable form.
    pub fn added(&self, folder: &Path) -> Result<Vec<String>, FileError> {
        let name = |path: &PathBuf| {
            let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        let all = contents(folder)?;
        let all = all.iter().filter(|path| !folder.join(path).is_dir()).map(name);
        Ok(all.filter(|name| !self.files.contains_key(name)).collect())
    }
}

/// Whether a name with `/` as separator can only refer to a file inside the folder.
pub fn safe(name: &str) -> bool {
    safe_on(cfg!(windows), name)
}

fn safe_on(windows: bool, name: &str) -> bool {
    let part = |part: &str| {
        let odd = |c: char| c.is_control() || c == '\\' || windows && ":*?\"<>|".contains(c);
        // Windows ignores dots and spaces at the end of a name, so different names could refer to the same file.
        let other = windows && (part.ends_with(['.', ' ']) || device(part));
        !["", ".", ".."].contains(&part) && !part.contains(odd) && !other
    };
    name.len() <= 1000 && name.split('/').all(part)
}

/// Whether Windows treats the name as a device, such as `CON` or `COM1`.
fn device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_uppercase();
    let numbered = |kind: &str| {
        let rest = stem.strip_prefix(kind);
        rest.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

/// Opens a file of the folder; `None` if the file is missing or reached through a link. The name must be [`safe`].
fn open(folder: &Path, name: &str) -> Result<Option<File>, FileError> {
    let mut path = folder.to_path_buf();
    let parts: Vec<&str> = name.split('/').collect();
    for (i, part) in parts.iter().enumerate() {
        path.push(part);
        let right = match fs::symlink_metadata(&path) {
            Ok(about) if i + 1 == parts.len() => about.is_file(),
            Ok(about) => about.is_dir(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                false
            }
            Err(error) => return Err(failed("cannot read", &path)(error)),
        };
        if !right {
            return Ok(None);
        }
    }
    File::open(&path).map(Some).map_err(failed("cannot read", &path))
}

/// The SHA-256 hash of a file of the folder; `None` if the file is missing.
pub fn hash(folder: &Path, name: &str) -> Result<Option<String>, FileError> {
    let Some(mut file) = open(folder, name)? else {
        return Ok(None);
    };
    let mut all = Sha256::new();
    io::copy(&mut file, &mut all).map_err(failed("cannot read", &folder.join(name)))?;
    Ok(Some(all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// The contents of a file of the folder; `None` if the file is missing or longer than `most` bytes.
pub fn bytes(folder: &Path, name: &str, most: u64) -> Result<Option<Vec<u8>>, FileError> {
    let Some(file) = open(folder, name)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(failed("cannot read", &folder.join(name)))?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_a_folder_are_none() {
        for windows in [false, true] {
            for name in ["a.csv", "inputs/a b/c.toml", "inputs/b\u{fc}ro/\u{e9}.csv", "com/null.txt", "COM10"]
            {
                assert!(safe_on(windows, name), "{name}");
            }
            for name in [
                "",
                "/etc/passwd",
                "..",
                "a/../b",
                "./a",
                "a//b",
                "a/",
                "C:\\a",
                "a\\..\\b",
                "\\\\host\\a",
                "a\0b",
                "a\u{1b}[31m",
            ] {
                assert!(!safe_on(windows, name), "{name:?}");
            }
        }
        for name in ["C:/a", "C:a", "a/con", "NUL.txt", "lpt1", "a.", "a ", "a:stream", "what if?"] {
            assert!(!safe_on(true, name) && safe_on(false, name), "{name:?}");
        }
    }

    #[test]
    fn a_manifest_that_contradicts_itself_is_damaged() {
        let sum = "0".repeat(64);
        let sound = serde_json::json!({
            "program": "arcosim", "version": "1", "figures": ["svg"], "command_line": ["run", "inputs/a/x.toml"],
            "inputs": [{ "path": "inputs/a/x.toml", "sha256": sum }],
            "files": ["inputs/a/x.toml", "manifest.json", "out.csv"],
            "files_sha256": { "inputs/a/x.toml": sum, "out.csv": sum },
        });
        let found = Recorded::of(&sound).unwrap();
        assert_eq!((found.files.len(), found.inputs.len()), (3, 1));
        let damaged = |change: &dyn Fn(&mut Value), why: &str| {
            let mut about = sound.clone();
            change(&mut about);
            let said = Recorded::of(&about).unwrap_err();
            assert!(said.contains(why), "{said}");
        };
        damaged(&|m| m["files"][2] = "../out.csv".into(), "not a name of a file");
        damaged(&|m| m["files"][2] = 3.into(), "not a list of texts");
        damaged(&|m| m["files_sha256"]["out.csv"] = "abc".into(), "not a SHA-256");
        damaged(&|m| m["files"][2] = "other.csv".into(), "do not name the same files");
        damaged(&|m| m["inputs"][0]["path"] = "out.csv".into(), "not among the files");
        damaged(&|m| m["inputs"][0]["sha256"] = "1".repeat(64).into(), "not among the files");
        damaged(&|m| m["inputs"] = Value::Null, "not a list");
        damaged(&|m| m["command_line"] = "run".into(), "not a list");
    }
}
