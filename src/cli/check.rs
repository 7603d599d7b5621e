//! `arcosim check`, and the reading of scenarios for all commands.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::args::Input;
use super::{Exit, print};
use crate::analysis::verify;
use crate::output;
use crate::scenario::diagnostic::{Severity, render};
use crate::scenario::{Loaded, Scenario, Tree, load_within};

/// Arguments of `arcosim check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    input: Input,
}

/// Codes of errors that are file errors (exit code 3) rather than scenario errors.
const UNREADABLE: [&str; 2] = ["E0103", "E0104"];

/// Folder given with `--root`; scenarios may read files below it.
static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Sets the folder below which scenarios may read.
pub fn allow(root: Option<PathBuf>) {
    if let Some(root) = root {
        // Set once, because a process has one command line.
        let _ = ROOT.set(root);
    }
}

/// The files that the scenario in `file` may read.
fn tree(file: &Path) -> Result<Tree, Exit> {
    let Some(root) = ROOT.get() else {
        return Ok(Tree::of(file));
    };
    Tree::below(root)
        .map_err(|error| Exit::Usage(format!("--root: cannot find `{}`: {error}", root.display())))
}

/// Reads a scenario and prints all diagnostics to stderr.
pub fn read(path: &Path, set: &[(String, String)]) -> Result<Scenario, Exit> {
    let path = file(path);
    let Loaded { sources, diagnostics, scenario } =
        load_within(&path, set, tree(&path)?, super::session::memory());
    if !diagnostics.list.is_empty() {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let text = render(&diagnostics, &sources, colour);
        let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
        if let Some(first) = diagnostics.list.iter().find(|d| d.severity == Severity::Error) {
            let _ = writeln!(std::io::stderr(), "More about a message: arcosim explain {}", first.code);
        }
    }
    scenario.ok_or_else(|| {
        let unreadable = diagnostics.list.iter().any(|d| UNREADABLE.contains(&d.code));
        match unreadable {
            true => Exit::System(String::new()),
            false => Exit::Usage(String::new()),
        }
    })
}

/// The scenario file of a path: for a folder, its `scenario.toml`.
pub fn file(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join("scenario.toml"),
        false => path.to_path_buf(),
    }
}

/// Checks a scenario.
pub fn check(args: &CheckArgs) -> Result<Exit, Exit> {
    let scenario = read(&args.input.scenario, &args.input.set)?;
    // Also reads the [verify] section, so that its mistakes are reported here and not only by `arcosim verify`.
    verify::readable(&scenario).map_err(Exit::Usage)?;
    Ok(print(&output::summary(&scenario)))
}
