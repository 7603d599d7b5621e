//! The record for reproduction in a folder of results: copies of the inputs as read, and the command line. With this record
//! the analysis can be repeated on another machine, or after the original files have changed.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde_json::{Map, Value, json};

use super::folder::{FileError, MARK, Partial};
use crate::scenario::{Scenario, SourceFile, VARIANTS};
use arcosim_core::words::{is_printable, printable};

/// Name of the folder with copies of the inputs.
pub const INPUTS: &str = "inputs";

/// Inputs and command line of an analysis, as needed to reproduce it.
pub struct Record {
    /// Command line without the program name: paths of the inputs within the folder, and every option that affects the
    /// results.
    pub command_line: Vec<String>,
    /// Copies of the inputs.
    pub originals: Originals,
}

impl Record {
    /// Writes the copies of the inputs into the folder.
    pub fn write(&self, folder: &Partial) -> Result<(), FileError> {
        let mut files = self.originals.files.iter();
        files.try_for_each(|(place, file)| folder.write(place, file.text.as_bytes()))
    }

    /// Writes the manifest: `about`, command line, inputs, and the hashes of all files except the manifest.
    pub fn write_manifest(
        &self,
        mut about: Map<String, Value>,
        folder: &Partial,
    ) -> Result<usize, FileError> {
        let inputs = self.originals.files.iter();
        let inputs: Vec<Value> =
            inputs.map(|(place, file)| json!({ "path": place, "sha256": file.sha256 })).collect();
        let mut files = folder.written();
        files.push(MARK.into());
        files.sort_unstable();
        about.insert("figures".into(), json!(formats()));
        about.insert("command_line".into(), json!(self.command_line));
        about.insert("inputs".into(), json!(inputs));
        about.insert("files".into(), json!(files));
        about.insert("files_sha256".into(), json!(folder.hashes()));
        folder.write(MARK, &super::json_bytes(&Value::Object(about)))?;
        Ok(files.len())
    }
}

/// The formats of figures that this program writes.
pub fn formats() -> &'static [&'static str] {
    &["svg", "png"]
}

/// The title of the scenario whose results the folder contains, if this is a different scenario, with another title and no
/// input in common. `None` otherwise, or if the folder has no readable manifest.
pub fn of_another(folder: &Path, scenarios: &[&Scenario]) -> Option<String> {
    let manifest = std::fs::read(folder.join(MARK)).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    let originals = Originals::new(scenarios, &[]);
    // The manifest of a run contains the title at the top level, other manifests contain titles in a list of scenarios.
    let titles: Vec<&str> = match manifest["scenarios"].as_array() {
        Some(all) => all.iter().filter_map(|one| one["title"].as_str()).collect(),
        None => manifest["title"].as_str().into_iter().collect(),
    };
    let same_title = scenarios.iter().any(|s| titles.contains(&s.model.title.as_str()));
    let inputs = manifest["inputs"].as_array().into_iter().flatten();
    let mut inputs = inputs.filter_map(|one| Some((one["path"].as_str()?, one["sha256"].as_str()?)));
    let same_input =
        inputs.any(|(path, hash)| originals.files.get(path).is_some_and(|own| own.sha256 == hash));
    let first = titles.first().filter(|_| !same_title && !same_input)?;
    Some(first.to_string())
}

/// Copies of the inputs as read, with their paths in the folder.
pub struct Originals {
    /// Number of leading path components that all files share and that are dropped.
    common: usize,
    /// Whether a folder `scenarios` is inserted as the parent of a scenario at the root of a disk, which has no folder.
    stand_in: bool,
    files: BTreeMap<String, SourceFile>,
}

impl Originals {
    /// The files of the scenarios, and other files read with them. All files keep their layout below the deepest folder
    /// that contains all scenario folders and all other files, because a scenario is named after its folder.
    pub fn new(scenarios: &[&Scenario], others: &[SourceFile]) -> Originals {
        let own = scenarios.iter().flat_map(|scenario| &scenario.files);
        let files: Vec<(Vec<String>, &SourceFile)> =
            own.chain(others).map(|file| (parts(&file.path), file)).collect();
        let mut folders: Vec<&[String]> = files.iter().map(|(parts, _)| &parts[..parts.len() - 1]).collect();
        let named: Vec<Vec<String>> =
            scenarios.iter().map(|scenario| parts(&scenario.files[0].path)).collect();
        folders
            .extend(named.iter().map(|parts| &parts[..parts.len().saturating_sub(named_by(parts)).max(1)]));
        let common = match folders.split_first() {
            Some((first, rest)) => (0..first.len())
                .take_while(|&i| rest.iter().all(|folder| folder.get(i) == first.get(i)))
                .count(),
            None => 0,
        };
        let mut all = Originals {
            common,
            // A scenario at the root of a disk has no folder, and would otherwise be named after the folder `inputs`.
            stand_in: named.iter().any(|parts| parts.len() <= common + 1),
            files: BTreeMap::new(),
        };
        for (parts, file) in files {
            all.files.insert(all.place_of(&parts), file.clone());
        }
        all
    }

    /// The path of an input within the folder of results, with `/` as separator.
    pub fn place(&self, path: &Path) -> String {
        self.place_of(&parts(path))
    }

    fn place_of(&self, parts: &[String]) -> String {
        let stand_in = self.stand_in.then_some("scenarios".to_string());
        let own = parts.iter().enumerate().skip(self.common).map(|(i, part)| plain(i, part));
        let own = own.filter(|part| !part.is_empty());
        let all = [INPUTS.to_string()].into_iter().chain(stand_in).chain(own);
        all.collect::<Vec<_>>().join("/")
    }
}

/// Number of trailing components of a scenario's path that determine its name.
fn named_by(parts: &[String]) -> usize {
    let folder = parts.iter().rev().nth(1);
    if folder.is_some_and(|folder| folder == VARIANTS) { 3 } else { 2 }
}

/// A path component as a folder name: a drive is reduced to its letter, a root is dropped, and control characters are replaced.
fn plain(at: usize, part: &str) -> String {
    let names_a_drive = part.ends_with(':') || part.starts_with('\\') || part == "/";
    match names_a_drive && at < 2 {
        true => part.chars().filter(char::is_ascii_alphanumeric).collect(),
        // Control characters can be replaced, because no scenario file can refer to a name that contains them.
        false => part.chars().map(|c| if is_printable(c) { c } else { '_' }).collect(),
    }
}

/// Components of the absolute path, without `.` and `..`; never empty.
fn parts(path: &Path) -> Vec<String> {
    // An empty path, the parent of a bare file name, means the current folder.
    let absolute = match path.as_os_str().is_empty() {
        true => std::path::absolute("."),
        false => std::path::absolute(path),
    };
    let absolute = absolute.unwrap_or_else(|_| path.to_path_buf());
    let mut parts = Vec::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    if parts.is_empty() {
        parts.push(String::new());
    }
    parts
}

/// The path relative to the folder `root`, with `/` as separator.
pub fn relative(root: &Path, path: &Path) -> String {
    let (root, path) = (parts(root), parts(path));
    let common = root.iter().zip(&path).take_while(|(a, b)| a == b).count();
    // Paths on different drives have no common part, so only the file name is shown, to avoid revealing a location.
    if common == 0 {
        return printable(path.last().map_or("", String::as_str));
    }
    let up = std::iter::repeat_n("..".to_string(), root.len() - common);
    let parts: Vec<String> = up.chain(path[common..].iter().cloned()).collect();
    printable(&parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(scenarios: &[&[&str]], others: &[&str]) -> Vec<String> {
        let text = include_str!("../cli/template/scenario.toml");
        let numbers = include_str!("../cli/template/parameters.csv");
        let loaded = crate::scenario::load_text(&[("scenario.toml", text), ("parameters.csv", numbers)], &[]);
        let one = loaded.scenario.expect("the template is a scenario");
        let made: Vec<Scenario> = scenarios
            .iter()
            .map(|paths| Scenario {
                files: paths.iter().map(|path| SourceFile::new(*path, "")).collect(),
                ..one.clone()
            })
            .collect();
        let others: Vec<SourceFile> = others.iter().map(|path| SourceFile::new(*path, "")).collect();
        let all = Originals::new(&made.iter().collect::<Vec<_>>(), &others);
        all.files.keys().cloned().collect()
    }

    #[test]
    fn inputs_keep_their_layout_and_a_scenario_its_folder() {
        assert_eq!(
            places(&[&["/a/study/scenario.toml", "/a/study/numbers.csv"]], &[]),
            ["inputs/study/numbers.csv", "inputs/study/scenario.toml"]
        );
        assert_eq!(
            places(
                &[&["/a/study/more/x.toml", "/a/study/base.toml", "/a/tables/t.csv"]],
                &["/a/study/e.csv"]
            ),
            [
                "inputs/study/base.toml",
                "inputs/study/e.csv",
                "inputs/study/more/x.toml",
                "inputs/tables/t.csv"
            ]
        );
        assert_eq!(
            places(&[&["/a/one/scenario.toml"], &["/a/two/../other/scenario.toml"]], &[]),
            ["inputs/one/scenario.toml", "inputs/other/scenario.toml"]
        );
    }

    #[test]
    fn a_scenario_at_the_top_of_a_disk_is_not_named_after_our_folder() {
        assert_eq!(
            places(&[&["/scenario.toml", "/numbers.csv"]], &[]),
            ["inputs/scenarios/numbers.csv", "inputs/scenarios/scenario.toml"]
        );
    }
}
