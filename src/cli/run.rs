//! `arcosim run`: simulates the base case of a scenario.

use super::args::{Input, Output, engine, histories, patients, seed};
use super::command_line::{option, record, set};
use super::progress::Progress;
use super::{Exit, check, complain, session};
use crate::analysis::base_case::{Engine, Options};
use crate::analysis::precision;
use crate::analysis::run::{self, RunOptions, RunQuestion};
use crate::output::{README, run as output};
use crate::scenario::{Scenario, SourceFile};

/// Arguments of `arcosim run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub input: Input,
    /// cohort (exact), microsim (individual patients) or both; default: as in the scenario
    #[arg(long, value_parser = engine)]
    engine: Option<Engine>,
    /// Patients to simulate in each strategy
    #[arg(long, short = 'n', allow_negative_numbers = true, value_parser = patients)]
    patients: Option<u64>,
    /// Add patients until a standard error is small enough, for example "se(nmb) < 100" (repeatable); --patients is then the most
    #[arg(long, value_name = "CONDITION")]
    until: Vec<String>,
    /// Seed of the random numbers
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Also write the event histories of the first N simulated patients (at most 100,000)
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = histories)]
    histories: u64,
    #[command(flatten)]
    pub output: Output,
}

/// Runs the base case of a scenario and writes a folder of results.
pub fn run(args: &RunArgs) -> Result<Exit, Exit> {
    let scenario = check::read(&args.input.scenario, &args.input.set)?;
    let options = RunOptions {
        engine: args.engine,
        patients: args.patients,
        seed: args.seed,
        histories: args.histories,
        until: args.until.clone(),
    };
    let target = session::folder(&args.output, &scenario.name, &[&scenario])?;
    let question = RunQuestion::new(&scenario, &options, &args.input.set)?;
    session::pool(args.output.threads)?.install(|| {
        let progress = Progress::new(args.output.quiet, question.options.patients);
        let answer = run::ask(&scenario, &question, &session::session(&progress))?;
        let tables: Vec<SourceFile> = question.expected.iter().map(|(_, file)| file.clone()).collect();
        let record =
            record("run", &[&scenario], &[], &tables, args.resolved(&question.options, answer.patients()));
        session::write(output::report(&answer, record), &target, &progress)?;
        if args.output.quiet {
            output::warnings(&answer).iter().for_each(|warning| complain(warning));
        }
        let printed = session::printed(args.output.quiet, || output::console(&answer), &target, README);
        Ok(printed.or_findings(answer.passes()))
    })
}

impl RunArgs {
    /// Options that determine the results, as recorded in the folder of results.
    fn resolved(&self, options: &Options, simulated: Option<u64>) -> Vec<String> {
        let mut all = vec![option("engine", options.engine.name())];
        if let Some(simulated) = simulated {
            // With a condition, the number of patients that was reached is enough to reach it again.
            all.push(option("patients", simulated));
            all.extend(options.until.iter().map(|own| option("until", own)));
            all.push(option("seed", options.seed));
        }
        if self.histories > 0 {
            all.push(option("histories", self.histories));
        }
        all.extend(set(&self.input.set));
        all
    }

    /// Number of patients simulated per strategy; 1 if only the exact engine runs.
    pub fn simulated(&self, scenario: &Scenario) -> u64 {
        let engine = self.engine.or(Engine::named(&scenario.run.engine)).unwrap_or(Engine::Both);
        match engine.simulates() {
            true if self.until.is_empty() => self.patients.unwrap_or(scenario.run.patients),
            true => self.patients.unwrap_or(precision::MOST),
            false => 1,
        }
    }
}
