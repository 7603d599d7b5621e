//! `arcosim dsa`: deterministic sensitivity analysis.

use std::path::PathBuf;

use super::args::{Input, Output, money, pair};
use super::command_line::{Reads, option, record, set};
use super::progress::Progress;
use super::{Exit, check, complain, session};
use crate::analysis::ablation::{AblationQuestion, LoadSubsets};
use crate::analysis::sensitivity::{self, DsaOptions, DsaQuestion};
use crate::output::{README, dsa as output, endless_horizon};
use crate::scenario::{ComponentSubsets, Scenario};

/// Arguments of `arcosim dsa`.
#[derive(Debug, clap::Args)]
pub struct DsaArgs {
    #[command(flatten)]
    input: Input,
    /// Two-way analysis over the ranges of two parameters
    #[arg(long, value_name = "A,B", value_parser = pair)]
    two_way: Option<(String, String)>,
    /// Parameters to run a threshold analysis on; default: the ten with the widest swing
    #[arg(long, value_name = "NAME", num_args = 1..)]
    threshold_of: Vec<String>,
    /// Strategy to compare with the reference; default: all
    #[arg(long, value_name = "STRATEGY")]
    strategy: Option<String>,
    /// Comparator of the two-way analysis: the map shows where --strategy is better; default: the best of all
    #[arg(long, value_name = "STRATEGY")]
    against: Option<String>,
    /// Willingness-to-pay threshold for the headline results; default: the scenario's first threshold
    #[arg(long, value_name = "MONEY", allow_negative_numbers = true, value_parser = money)]
    wtp: Option<f64>,
    /// Scenario analysis: other scenarios to compare with this one
    #[arg(long, value_name = "FILE", num_args = 1..)]
    scenarios: Vec<PathBuf>,
    /// Contributions of the components of a strategy: each left out, added alone, and its Shapley value
    #[arg(long, value_name = "STRATEGY")]
    ablation: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// Runs the sensitivity analysis of a scenario and writes a folder of results.
pub fn dsa(args: &DsaArgs) -> Result<Exit, Exit> {
    let path = check::file(&args.input.scenario);
    let scenario = check::read(&path, &args.input.set)?;
    endless_horizon(&scenario).iter().for_each(|(_, note)| complain(note));
    let options = DsaOptions {
        two_way: args.two_way.clone(),
        threshold_of: args.threshold_of.clone(),
        strategy: args.strategy.clone(),
        against: args.against.clone(),
        wtp: args.wtp,
    };
    let components =
        args.ablation.as_deref().map(|name| AblationQuestion::new(&scenario, name)).transpose()?;
    let further = !args.scenarios.is_empty() || components.is_some();
    let question = DsaQuestion::new(&scenario, &options, further)?;
    let target = session::folder(&args.output, &format!("{}-dsa", scenario.name), &[&scenario])?;
    let mut others = Vec::new();
    for file in &args.scenarios {
        others.push((check::file(file), check::read(file, &[])?));
    }
    session::pool(args.output.threads)?.install(|| {
        let progress = Progress::new(args.output.quiet, 0);
        let session = session::session(&progress);
        let load = |subsets: &ComponentSubsets| check::read_subsets(&path, &args.input.set, subsets);
        let subsets = components.map(|question| (question, &load as &LoadSubsets));
        let answer = sensitivity::ask((&path, &scenario), &others, subsets, &question, &session)?;
        let compared: Vec<&Scenario> = others.iter().map(|(_, other)| other).collect();
        let record = record("dsa", &[&scenario], &compared, &[], args.resolved());
        session::write(output::report(&answer, &args.input.set, record), &target, &progress)?;
        Ok(session::printed(args.output.quiet, || output::console(&answer), &target, README))
    })
}

impl DsaArgs {
    /// Options that determine the results, except the other scenarios.
    fn resolved(&self) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.two_way.iter().map(|(a, b)| option("two-way", format!("{a},{b}"))));
        all.extend(self.threshold_of.iter().map(|name| option("threshold-of", name)));
        all.extend(self.strategy.iter().map(|name| option("strategy", name)));
        all.extend(self.against.iter().map(|name| option("against", name)));
        all.extend(self.wtp.iter().map(|money| option("wtp", money)));
        all.extend(self.ablation.iter().map(|name| option("ablation", name)));
        all.extend(set(&self.input.set));
        all
    }

    /// Scenarios that the command reads, and its output folder; changed base values belong to the first scenario.
    pub fn reads(self) -> Reads {
        let mut reads = Reads::one(self.input, self.output);
        reads.scenarios.extend(self.scenarios.into_iter().map(|path| (path, Vec::new())));
        reads
    }
}
