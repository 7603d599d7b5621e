//! Command line recorded in a folder of results: written with all options resolved and without anything specific to the
//! machine, and parsed again for `arcosim reproduce`.

use std::path::{Path, PathBuf};

use clap::Parser;

use super::args::{Input, Output};
use super::commands::Args;
use crate::output::{Originals, Record};
use crate::scenario::{Scenario, SourceFile};
use arcosim_core::words::printable;

/// Builds the record of a command: `scenarios` are positional arguments, `others` follow as options, and `files` are
/// further input files.
pub fn record(
    command: &str,
    scenarios: &[&Scenario],
    others: &[&Scenario],
    files: &[SourceFile],
    options: Vec<String>,
) -> Record {
    let originals = Originals::new(&[scenarios, others].concat(), files);
    let place = |scenario: &&Scenario| originals.place(&scenario.files[0].path);
    let mut command_line = vec![command.to_string()];
    command_line.extend(scenarios.iter().map(place));
    command_line.extend(options);
    command_line.extend(others.iter().map(|other| format!("--scenarios={}", place(other))));
    Record { command_line, originals }
}

/// Writes an option and its value as one word, so that a value is never mistaken for an option.
pub fn option(name: &str, value: impl std::fmt::Display) -> String {
    format!("--{name}={value}")
}

/// Writes changed base values as `--set` options.
pub fn set(pairs: &[(String, String)]) -> Vec<String> {
    let pairs = pairs.iter();
    pairs.map(|(name, value)| option("set", format!("{name}={value}"))).collect()
}

/// Changed base values, as pairs of name and value.
pub type Changes = Vec<(String, String)>;

/// Inputs and output folder of a command that writes a folder of results.
#[derive(Debug)]
pub struct Reads {
    /// The scenarios, each with its changed base values.
    pub scenarios: Vec<(PathBuf, Changes)>,
    /// The output folder, if given.
    pub out: Option<PathBuf>,
}

impl Reads {
    /// Inputs and output folder of a command with one scenario.
    pub fn one(input: Input, output: Output) -> Reads {
        Reads { scenarios: vec![(input.scenario, input.set)], out: output.out }
    }
}

/// Scenarios of a recorded command line (as paths within the folder), with their changed base values. A folder may be
/// from an unknown source, so only commands that write a folder are accepted, and options for output folder, root or
/// memory are refused.
pub fn reads(command_line: &[String]) -> Result<Vec<(String, Changes)>, String> {
    let args = parsed(command_line)?;
    if args.root.is_some() || args.memory.is_some() || args.tied {
        return Err("it sets what may be read, how much memory may be used, or when to stop".into());
    }
    let reads = args.command.reads()?;
    if reads.out.is_some() {
        return Err("it sets the output folder".into());
    }
    let named = reads.scenarios.into_iter().map(|(path, set)| Some((path.to_str()?.to_string(), set)));
    let named: Option<Vec<_>> = named.collect();
    named.ok_or("a path is not UTF-8 text".into())
}

fn parsed(command_line: &[String]) -> Result<Args, String> {
    let words = ["arcosim"].into_iter().chain(command_line.iter().map(String::as_str));
    Args::try_parse_from(words).map_err(|error| {
        let text = error.to_string();
        text.lines().next().unwrap_or_default().to_string()
    })
}

/// Amount of computation of a command line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// Number of draws; 1 for a base case.
    pub draws: u64,
    /// Patients simulated in each draw and strategy; 1 for the exact engine.
    pub patients: u64,
    /// Number of strategies times number of cycles.
    pub cycles: u64,
}

impl Work {
    /// Number of patient-cycles. The exact engine counts as one patient, which is a lower bound.
    pub fn size(&self) -> f64 {
        self.draws as f64 * self.patients as f64 * self.cycles as f64
    }
}

/// Amount of computation of a recorded command line; missing options are taken from the scenario.
pub fn work(command_line: &[String], scenario: &Scenario) -> Result<Work, String> {
    Ok(parsed(command_line)?.command.work(scenario))
}

/// Command line as the user would type it in a shell.
pub fn typed(command_line: &[String]) -> String {
    let quoted = |word: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+%".contains(c);
        match word.chars().all(plain) {
            true => word.clone(),
            false => format!("\"{}\"", printable(word)),
        }
    };
    let words: Vec<String> = command_line.iter().map(quoted).collect();
    format!("arcosim {}", words.join(" "))
}

/// Last component of the absolute path of a folder.
pub fn name_of(folder: &Path) -> String {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let absolute = absolute.canonicalize().unwrap_or(absolute);
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "results".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_string).collect()
    }

    #[test]
    fn only_a_command_that_writes_a_folder_and_does_not_say_where() {
        let dsa = words(
            "dsa inputs/a/x.toml --threshold-of=-a --threshold-of=b --set=a=1 --scenarios=inputs/a/y.toml",
        );
        let found = reads(&dsa).unwrap();
        assert_eq!(found[0], ("inputs/a/x.toml".into(), vec![("a".into(), "1".into())]));
        assert_eq!(found[1], ("inputs/a/y.toml".into(), vec![]));
        for (line, why) in [
            ("run inputs/a/x.toml --out=/etc", "sets the output folder"),
            ("psa inputs/a/x.toml --draw=3", "writes no folder"),
            ("run inputs/a/x.toml --root=/", "what may be read"),
            ("run inputs/a/x.toml --tied", "when to stop"),
            ("new x", "writes no folder"),
            ("reproduce x", "writes no folder"),
            ("run inputs/a/x.toml --engine=steam", "choose cohort"),
            ("--help", ""),
            ("", ""),
        ] {
            let said = reads(&words(line)).unwrap_err();
            assert!(said.contains(why), "{line}: {said}");
        }
    }
}
