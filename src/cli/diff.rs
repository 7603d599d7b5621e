//! `arcosim diff`: compares two scenarios.

use std::path::PathBuf;

use super::args::{Output, money};
use super::command_line::{Reads, option, record};
use super::progress::Progress;
use super::{Exit, check, session};
use crate::analysis::diff::{self, DiffQuestion};
use crate::output::{README, diff as output};

/// Arguments of `arcosim diff`.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// First scenario (before the changes)
    before: PathBuf,
    /// Second scenario (after the changes)
    after: PathBuf,
    /// Strategy to compare with the reference; default: all strategies that both scenarios have
    #[arg(long, value_name = "STRATEGY")]
    strategy: Option<String>,
    /// Willingness-to-pay threshold for the headline results; default: the first threshold of the first scenario
    #[arg(long, value_name = "MONEY", allow_negative_numbers = true, value_parser = money)]
    wtp: Option<f64>,
    #[command(flatten)]
    output: Output,
}

/// Compares two scenarios and writes a folder of results.
pub fn diff(args: &DiffArgs) -> Result<Exit, Exit> {
    let [a, b] = [check::read(&args.before, &[])?, check::read(&args.after, &[])?];
    let scenarios = [&a, &b];
    let question = DiffQuestion::new(scenarios, args.strategy.as_deref(), args.wtp)?;
    let target = session::folder(&args.output, &format!("{}-to-{}", a.name, b.name), &scenarios)?;
    session::pool(args.output.threads)?.install(|| {
        let progress = Progress::new(args.output.quiet, 0);
        let answer = diff::ask(scenarios, &question, &session::session(&progress))?;
        let record = record("diff", &scenarios, &[], &[], args.resolved());
        session::write(output::report(&answer, record), &target, &progress)?;
        Ok(session::printed(args.output.quiet, || output::console(&answer), &target, README))
    })
}

impl DiffArgs {
    /// Options that determine the results, as recorded in the folder of results.
    fn resolved(&self) -> Vec<String> {
        let strategy = self.strategy.iter().map(|name| option("strategy", name));
        strategy.chain(self.wtp.iter().map(|money| option("wtp", money))).collect()
    }

    /// Scenarios that the command reads, and its output folder.
    pub fn reads(self) -> Reads {
        let scenarios = [self.before, self.after].map(|path| (path, Vec::new()));
        Reads { scenarios: scenarios.to_vec(), out: self.output.out }
    }
}
