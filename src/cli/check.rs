//! `arcosim check`: checks a scenario. Also contains the function that reads the scenarios of all commands.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::args::Input;
use super::{Exit, print};
use crate::analysis::{Refusal, verify};
use crate::output;
use crate::scenario::diagnostic::{Severity, render};
use crate::scenario::{ComponentSubsets, Loaded, Scenario, Tree, load_subsets, load_within};

/// Arguments of `arcosim check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    input: Input,
}

/// Codes of errors in reading a file, which lead to exit code 3 (other errors in a scenario lead to exit code 2).
const UNREADABLE: [&str; 2] = ["E0103", "E0104"];

/// Folder given with `--root`, below which scenarios may read files.
static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Sets the folder below which scenarios may read files.
pub fn allow(root: Option<PathBuf>) {
    if let Some(root) = root {
        // The folder is set only once, because a process has only one command line.
        let _ = ROOT.set(root);
    }
}

/// Files that the scenario in `file` may read.
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

/// Reads a scenario that has been read before, with further strategies for subsets of components. Its messages are not repeated.
pub fn read_subsets(
    path: &Path,
    set: &[(String, String)],
    subsets: &ComponentSubsets,
) -> Result<Scenario, Refusal> {
    let changed = || Refusal::question("a file of the scenario changed while the analysis was running");
    let tree = tree(path).map_err(|_| changed())?;
    let loaded = load_subsets(path, set, tree, super::session::memory(), subsets);
    loaded.scenario.ok_or_else(|| Refusal::Question(render(&loaded.diagnostics, &loaded.sources, false)))
}

/// Path of the scenario file: if `path` is a folder, its `scenario.toml`.
pub fn file(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join("scenario.toml"),
        false => path.to_path_buf(),
    }
}

/// Checks a scenario.
pub fn check(args: &CheckArgs) -> Result<Exit, Exit> {
    let scenario = read(&args.input.scenario, &args.input.set)?;
    // The [verify] section is read too, so that its mistakes are reported here and not only by `arcosim verify`.
    verify::readable(&scenario).map_err(Exit::Usage)?;
    Ok(print(&output::summary(&scenario)))
}
