//! List of all commands with their help texts, and the function that runs a command.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::args::gigabytes;
use super::command_line::{Reads, Work};
use super::{Exit, bundle, check, diff, dsa, explain, new, psa, reproduce, run, schema, session, verify};
use crate::scenario::Scenario;

/// Simulates disease progression under competing treatments, and reports survival, cost-effectiveness and the value of
/// further research
#[derive(Debug, Parser)]
#[command(
    name = "arcosim",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 findings (a check of the results failed); 2 bad scenario or usage; \
    3 the system refused a file or the threads; 4 internal error; 130 interrupted.\n\n\
    Start here:\n  arcosim new my-study\n  arcosim run my-study/scenario.toml"
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Let scenarios read files anywhere below this folder; default: their own folders only
    #[arg(long, global = true, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Memory limit in GB; default: three quarters of the machine's memory, at most 16
    #[arg(long, global = true, value_name = "GB", allow_negative_numbers = true, value_parser = gigabytes)]
    pub memory: Option<f64>,
    /// Stop when stdin closes, that is, when the parent process ends
    #[arg(long, global = true, hide = true)]
    pub tied: bool,
}

/// A command with its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a small, commented scenario to start from
    New(new::NewArgs),
    /// Check a scenario and report all errors and warnings
    Check(check::CheckArgs),
    /// Simulate a scenario (base case) and write tables and figures
    Run(run::RunArgs),
    /// Probabilistic sensitivity analysis (PSA) over draws of the uncertain parameters
    Psa(psa::PsaArgs),
    /// Value of information: EVPI, and EVPPI of parameters and groups
    Voi(psa::PsaArgs),
    /// Treatment by subgroup: the best strategy of each subgroup, its value and its probability (PSA with subgroups)
    Policy(psa::PsaArgs),
    /// Deterministic sensitivity analysis: tornado, threshold, two-way and scenario analysis
    Dsa(dsa::DsaArgs),
    /// Run the published verification checklists on a scenario
    Verify(verify::VerifyArgs),
    /// Compare two scenarios: the contribution of each change to net benefit and ICER
    Diff(diff::DiffArgs),
    /// Run a folder of results again from its inputs, and compare every file byte for byte
    Reproduce(reproduce::ReproduceArgs),
    /// Pack a folder of results and its inputs into one archive that a reviewer can run again
    Bundle(bundle::BundleArgs),
    /// Explain a diagnostic code such as E0204, a check such as R01, or a parameter of a scenario
    Explain(explain::ExplainArgs),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
}

/// Runs a command.
pub fn dispatch(args: Args) -> Result<Exit, Exit> {
    check::allow(args.root);
    session::allow(args.memory);
    if args.tied {
        session::end_with_stdin();
    }
    match args.command {
        Command::New(args) => new::new(&args),
        Command::Check(args) => check::check(&args),
        Command::Run(args) => run::run(&args),
        Command::Psa(args) => psa::psa(&args),
        Command::Voi(args) => psa::voi(&args),
        Command::Policy(args) => psa::policy(&args),
        Command::Dsa(args) => dsa::dsa(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Diff(args) => diff::diff(&args),
        Command::Reproduce(args) => reproduce::reproduce(&args),
        Command::Bundle(args) => bundle::bundle(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Schema => schema(),
    }
}

impl Command {
    /// Inputs and output folder of the command, which `arcosim reproduce` needs; an error if the command writes no
    /// folder.
    pub fn reads(self) -> Result<Reads, String> {
        match self {
            Command::Run(args) => Ok(Reads::one(args.input, args.output)),
            Command::Psa(args) | Command::Voi(args) | Command::Policy(args) => args.reads(),
            Command::Dsa(args) => Ok(args.reads()),
            Command::Verify(args) => args.reads(),
            Command::Diff(args) => Ok(args.reads()),
            Command::New(_)
            | Command::Check(_)
            | Command::Reproduce(_)
            | Command::Bundle(_)
            | Command::Explain(_)
            | Command::Schema => Err("this command writes no folder of results".into()),
        }
    }

    /// Amount of computation of the command for this scenario. Commands without draws or simulated patients count as
    /// one run, because they run the exact engine a bounded number of times.
    pub fn work(&self, scenario: &Scenario) -> Work {
        let (draws, patients) = match self {
            Command::Run(args) => (1, args.simulated(scenario)),
            Command::Psa(args) | Command::Voi(args) | Command::Policy(args) => args.simulated(scenario),
            _ => (1, 1),
        };
        let model = &scenario.model;
        Work { draws, patients, cycles: (model.strategies.len() * model.time.cycles) as u64 }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Guards against a new command that writes a folder but is missing in [`Command::reads`], because its folder could
    /// not be reproduced.
    #[test]
    fn every_command_with_a_folder_of_results_can_be_reproduced() {
        let mut writing = 0;
        for command in Args::command().get_subcommands() {
            let has = |name: &str| command.get_arguments().any(|arg| arg.get_id() == name);
            // Two commands are exempt, because `bundle` writes an archive and `reproduce` a copy.
            if !has("out") || command.get_name() == "bundle" {
                continue;
            }
            writing += 1;
            let name = command.get_name();
            let positional = command.get_positionals().filter(|arg| arg.is_required_set()).map(|_| "x.toml");
            let line: Vec<&str> = ["arcosim", name].into_iter().chain(positional).collect();
            let args = Args::try_parse_from(&line).expect(name);
            let reads = args.command.reads();
            assert!(reads.is_ok(), "`arcosim reproduce` cannot run `{name}` again: {reads:?}");
        }
        assert!(writing >= 6);
    }
}
