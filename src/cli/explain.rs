//! `arcosim explain`: the documentation of a diagnostic code or check, or the record of a parameter.

use std::path::{Path, PathBuf};

use super::{Exit, check, print};
use crate::analysis::{named, verify};
use crate::output;
use crate::scenario::codes;
use crate::scenario::diagnostic::suggest;

/// Arguments of `arcosim explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// Diagnostic code, verification check or name of a parameter
    what: String,
    /// Scenario that contains the parameter
    #[arg(long)]
    scenario: Option<PathBuf>,
}

/// Explains a code, a check or a parameter.
pub fn explain(args: &ExplainArgs) -> Result<Exit, Exit> {
    let what = &args.what;
    if let Some(path) = &args.scenario {
        return parameter(what, path);
    }
    match codes::explain(what).or_else(|| verify::explain(what)) {
        Some(text) => Ok(print(&format!("{}\n", text.trim_end()))),
        None => {
            let near = suggest(what, codes::all().iter().map(|c| c.code));
            let hint = near.map_or(String::new(), |code| format!(" Did you mean {code}?"));
            Err(Exit::Usage(format!(
                "there is no diagnostic code `{what}`.{hint}\nFor a parameter, name the scenario: arcosim explain {what} --scenario scenario.toml"
            )))
        }
    }
}

fn parameter(name: &str, path: &Path) -> Result<Exit, Exit> {
    let scenario = check::read(path, &[])?;
    let row = &scenario.parameters[named::parameter(&scenario, name)?];
    Ok(print(&output::parameter(row)))
}
