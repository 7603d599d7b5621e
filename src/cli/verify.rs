//! `arcosim verify`: runs verification checks on a scenario, lists them or explains one.

use super::args::{Input, Output};
use super::command_line::{Reads, option, record, set};
use super::progress::Progress;
use super::{Exit, check, print, session};
use crate::analysis::verify::{self, GROUPS, Options};
use crate::output::verify::{self as output, hanging};
use crate::scenario::diagnostic::suggest;

/// Arguments of `arcosim verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    input: Input,
    /// Run only these checks or groups (by letter): R01,F or R01 F
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Run only fast checks, with fewer patients and draws
    #[arg(long)]
    quick: bool,
    /// Explain a check instead of running any
    #[arg(long, value_name = "ID")]
    explain: Option<String>,
    /// List all checks instead of running any
    #[arg(long)]
    list: bool,
    /// Output on stdout: text, or json for programs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    output: Output,
}

/// Format of the output on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text for people.
    Text,
    /// JSON for programs.
    Json,
}

/// Verifies a scenario and writes a folder of results, or lists or explains checks.
pub fn verify(args: &VerifyArgs) -> Result<Exit, Exit> {
    if let Some(id) = &args.explain {
        return explain(id);
    }
    if args.list {
        return Ok(list());
    }
    let set = &args.input.set;
    let scenario = check::read(&args.input.scenario, set)?;
    let target = session::folder(&args.output, &format!("{}-verify", scenario.name), &[&scenario])?;
    session::pool(args.output.threads)?.install(|| {
        let options = Options { only: args.only.clone(), quick: args.quick };
        let json = args.format == Format::Json;
        let progress = Progress::counting(args.output.quiet || json, verify::count(), "checks");
        let found = verify::ask(&scenario, &options, &session::session(&progress))?;
        let record = record("verify", &[&scenario], &[], &[], args.resolved());
        let report = output::report(&scenario, &options, &found, set, record);
        session::write(report, &target, &progress)?;
        let printed = match json {
            true => print(&String::from_utf8_lossy(&output::json(&scenario, &found))),
            false => {
                let tables = || output::console(&scenario, &found);
                session::printed(args.output.quiet, tables, &target, output::REPORT)
            }
        };
        Ok(printed.or_findings(found.passes()))
    })
}

fn explain(id: &str) -> Result<Exit, Exit> {
    match verify::explain(id) {
        Some(text) => Ok(print(&text.lines().map(|line| hanging(line, "")).collect::<String>())),
        None => {
            let near = suggest(&id.to_uppercase(), verify::all().iter().map(|c| c.id));
            let hint = near.map_or(String::new(), |id| format!(" Did you mean {id}?"));
            Err(Exit::Usage(format!(
                "there is no check `{id}`.{hint}\n`arcosim verify --list` prints all of them"
            )))
        }
    }
}

fn list() -> Exit {
    let mut text = String::new();
    for (letter, words) in GROUPS {
        text.push_str(&format!("{letter}  {words}\n"));
        for check in verify::all().iter().filter(|c| c.id.starts_with(letter)) {
            let quick = if check.quick { "quick" } else { "" };
            text.push_str(&format!("  {:4}{quick:7}{}\n", check.id, check.title));
        }
    }
    print(&text)
}

impl VerifyArgs {
    /// Options that determine the results, as recorded in the folder of results.
    fn resolved(&self) -> Vec<String> {
        let mut all: Vec<String> = self.only.iter().map(|id| option("only", id)).collect();
        all.extend(self.quick.then(|| "--quick".to_string()));
        all.extend(set(&self.input.set));
        all
    }

    /// Scenario that the command reads, and its output folder; an error if the command writes no folder.
    pub fn reads(self) -> Result<Reads, String> {
        match self.explain.is_some() || self.list {
            true => Err("it writes no folder of results".into()),
            false => Ok(Reads::one(self.input, self.output)),
        }
    }
}
