//! What a folder keeps of how it came about: the inputs as they were read, and the command line that they were read for.
//! With it the folder can be run again when the originals have changed, or on another machine.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde_json::{Map, Value, json};

use super::folder::{FileError, MARK, Partial};
use crate::scenario::{Scenario, SourceFile, VARIANTS};
use arcosim_core::words::{is_printable, printable};

/// The folder of the inputs.
pub const INPUTS: &str = "inputs";

/// What it takes to run a command again.
pub struct Record {
    /// The command line, without the name of the program: inputs by their place in the folder, and every option that
    /// decides about the results.
    pub command_line: Vec<String>,
    /// The inputs.
    pub originals: Originals,
}

impl Record {
    /// Writes the inputs.
    pub fn write(&self, folder: &Partial) -> Result<(), FileError> {
        let mut files = self.originals.files.iter();
        files.try_for_each(|(place, file)| folder.write(place, file.text.as_bytes()))
    }

    /// Writes the manifest: `about`, and what it takes to run the command again and to see that nothing differs. It does
    /// not have its own hash.
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

/// The title of the scenario whose results a folder holds, if it is none of these: another title, and no input in common.
/// `None` if the folder has no readable manifest.
pub fn of_another(folder: &Path, scenarios: &[&Scenario]) -> Option<String> {
    let manifest = std::fs::read(folder.join(MARK)).ok()?;
    let manifest: Value = serde_json::from_slice(&manifest).ok()?;
    let originals = Originals::new(scenarios, &[]);
    // A run names its scenario at the top, other analyses in a list.
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

/// Files as they were read, by their place in the folder.
pub struct Originals {
    /// Leading parts of paths that all files have.
    common: usize,
    /// Whether a folder stands in for the one that a scenario lacks.
    stand_in: bool,
    files: BTreeMap<String, SourceFile>,
}

impl Originals {
    /// The files of these scenarios, and others that were read for them. They keep their layout, from the deepest folder
    /// that holds the folders of all scenarios and all other files: a scenario is named after its folder.
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
            // A scenario at the top of a disk has no folder, and must not be named after ours.
            stand_in: named.iter().any(|parts| parts.len() <= common + 1),
            files: BTreeMap::new(),
        };
        for (parts, file) in files {
            all.files.insert(all.place_of(&parts), file.clone());
        }
        all
    }

    /// The place of an input in the folder, with `/`.
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

/// Parts at the end of a scenario's path that make its name.
fn named_by(parts: &[String]) -> usize {
    let folder = parts.iter().rev().nth(1);
    if folder.is_some_and(|folder| folder == VARIANTS) { 3 } else { 2 }
}

/// A part of a path as the name of a folder: the letter of a drive and nothing of the root behind it, if it is one; and
/// nothing that commands a terminal.
fn plain(at: usize, part: &str) -> String {
    let names_a_drive = part.ends_with(':') || part.starts_with('\\') || part == "/";
    match names_a_drive && at < 2 {
        true => part.chars().filter(char::is_ascii_alphanumeric).collect(),
        // No text of a scenario names such a file, so that it is found under its new name.
        false => part.chars().map(|c| if is_printable(c) { c } else { '_' }).collect(),
    }
}

/// Parts of the absolute path, without `.` and `..`; never none.
fn parts(path: &Path) -> Vec<String> {
    // The folder of a file that was named alone has no name.
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

/// A path as seen from the folder `root`, with `/`.
pub fn relative(root: &Path, path: &Path) -> String {
    let (root, path) = (parts(root), parts(path));
    let common = root.iter().zip(&path).take_while(|(a, b)| a == b).count();
    // Nothing in common is another drive: only the name can be told without saying where it stood.
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
