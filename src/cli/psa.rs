//! `arcosim psa`, `arcosim voi` and `arcosim policy`: probabilistic sensitivity analysis, value of information, and treatment by
//! subgroup.

use super::args::{Input, Output, draws, engine, money, patients, sampling, seed};
use super::command_line::{Reads, option, record, set};
use super::progress::Progress;
use super::{Exit, check, complain, print, session};
use crate::analysis::base_case::Engine;
use crate::analysis::limits::Sampling;
use crate::analysis::policy;
use crate::analysis::psa::{self, DrawEngine, PsaOptions, PsaQuestion};
use crate::analysis::voi;
use crate::output::{README, endless_horizon, psa as output};
use crate::scenario::Scenario;

/// Arguments of `arcosim psa`, `arcosim voi` and `arcosim policy`.
#[derive(Debug, clap::Args)]
pub struct PsaArgs {
    #[command(flatten)]
    pub input: Input,
    /// Number of draws; default: as in the scenario
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = draws)]
    draws: Option<u64>,
    /// Sampling method: random, "latin hypercube" or sobol
    #[arg(long, value_parser = sampling)]
    sampling: Option<Sampling>,
    /// cohort (exact, the default) or microsim (new patients in every draw)
    #[arg(long, value_parser = engine)]
    engine: Option<Engine>,
    /// Patients per draw and strategy, with --engine microsim
    #[arg(long, short = 'n', allow_negative_numbers = true, value_parser = patients)]
    patients: Option<u64>,
    /// Seed of the draws (and of the patients)
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Show only draw K, its parameters and results; writes no files
    #[arg(long, value_name = "K", allow_negative_numbers = true, value_parser = draws)]
    draw: Option<u64>,
    /// Willingness-to-pay threshold for the headline results; default: the scenario's first threshold
    #[arg(long, value_name = "MONEY", allow_negative_numbers = true, value_parser = money)]
    wtp: Option<f64>,
    #[command(flatten)]
    pub output: Output,
}

/// Runs the probabilistic analysis of a scenario and writes a folder of results.
pub fn psa(args: &PsaArgs) -> Result<Exit, Exit> {
    let (scenario, question) = args.asked()?;
    if let Some(k) = args.draw {
        return one_draw(args, &scenario, &question, k);
    }
    let target = session::folder(&args.output, &format!("{}-psa", scenario.name), &[&scenario])?;
    session::pool(args.output.threads)?.install(|| {
        let progress = Progress::counting(args.output.quiet, question.draws, "draws");
        let answer = psa::ask(&scenario, &question, &session::session(&progress))?;
        let record = record("psa", &[&scenario], &[], &[], args.resolved(&question));
        session::write(output::report(&answer, &args.input.set, record), &target, &progress)?;
        Ok(session::printed(args.output.quiet, || output::console(&answer), &target, README))
    })
}

/// Runs the probabilistic analysis of a scenario, estimates the value of further information, and writes a folder of
/// results.
pub fn voi(args: &PsaArgs) -> Result<Exit, Exit> {
    let (scenario, question) = args.asked()?;
    if args.draw.is_some() {
        return Err(Exit::Usage(
            "--draw belongs to `arcosim psa`: the value of information needs all draws".into(),
        ));
    }
    voi::enough_draws(&question)?;
    let target = session::folder(&args.output, &format!("{}-voi", scenario.name), &[&scenario])?;
    session::pool(args.output.threads)?.install(|| {
        let progress = Progress::counting(args.output.quiet, question.draws, "draws");
        let answer = voi::ask(&scenario, &question, &session::session(&progress))?;
        let record = record("voi", &[&scenario], &[], &[], args.resolved(&question));
        session::write(output::value_report(&answer, &args.input.set, record), &target, &progress)?;
        Ok(session::printed(args.output.quiet, || output::value_console(&answer), &target, README))
    })
}

/// Runs the probabilistic analysis with subgroups, and writes a folder with the value of treatment by subgroup.
pub fn policy(args: &PsaArgs) -> Result<Exit, Exit> {
    let (scenario, question) = args.asked()?;
    if args.draw.is_some() {
        return Err(Exit::Usage("--draw belongs to `arcosim psa`: a policy needs all draws".into()));
    }
    let question = policy::question(&scenario, question)?;
    let target = session::folder(&args.output, &format!("{}-policy", scenario.name), &[&scenario])?;
    session::pool(args.output.threads)?.install(|| {
        let progress = Progress::counting(args.output.quiet, question.draws, "draws");
        let answer = policy::ask(&scenario, &question, &session::session(&progress))?;
        let record = record("policy", &[&scenario], &[], &[], args.resolved(&question));
        session::write(output::policy_report(&answer, &args.input.set, record), &target, &progress)?;
        Ok(session::printed(args.output.quiet, || output::policy_console(&answer), &target, README))
    })
}

fn one_draw(args: &PsaArgs, scenario: &Scenario, question: &PsaQuestion, k: u64) -> Result<Exit, Exit> {
    session::pool(args.output.threads)?.install(|| {
        let draw = psa::one_draw(scenario, question, k, &session::session(&Progress::Quiet))?;
        let printed = print(&output::one_draw(scenario, question, k, &draw));
        draw.totals?;
        Ok(printed)
    })
}

impl PsaArgs {
    fn asked(&self) -> Result<(Scenario, PsaQuestion), Exit> {
        let scenario = check::read(&self.input.scenario, &self.input.set)?;
        endless_horizon(&scenario).iter().for_each(|(_, note)| complain(note));
        let options = PsaOptions {
            draws: self.draws,
            sampling: self.sampling,
            engine: self.engine,
            patients: self.patients,
            seed: self.seed,
            wtp: self.wtp,
        };
        let question = PsaQuestion::new(&scenario, &options)?;
        Ok((scenario, question))
    }

    /// Options that determine the results, as recorded in the folder of results.
    fn resolved(&self, question: &PsaQuestion) -> Vec<String> {
        let mut all = vec![
            option("draws", question.draws),
            option("sampling", question.sampling.name()),
            option("seed", question.seed),
        ];
        match question.engine {
            DrawEngine::Cohort(_) => all.push(option("engine", Engine::Cohort.name())),
            DrawEngine::Microsim { patients, .. } => {
                all.push(option("engine", Engine::Microsim.name()));
                all.push(option("patients", patients));
            }
        }
        all.extend(self.wtp.iter().map(|money| option("wtp", money)));
        all.extend(set(&self.input.set));
        all
    }

    /// Scenario that the command reads, and its output folder; an error if the command writes no folder.
    pub fn reads(self) -> Result<Reads, String> {
        match self.draw {
            Some(_) => Err("--draw writes no folder".into()),
            None => Ok(Reads::one(self.input, self.output)),
        }
    }

    /// Number of draws, and number of patients simulated per draw and strategy (1 for the exact engine).
    pub fn simulated(&self, scenario: &Scenario) -> (u64, u64) {
        let draws = self.draws.unwrap_or(scenario.psa.draws);
        let simulates = self.engine.or(Engine::named(&scenario.run.engine)) == Some(Engine::Microsim);
        let patients = self.patients.unwrap_or(scenario.psa.patients);
        (draws, if simulates { patients } else { 1 })
    }
}
