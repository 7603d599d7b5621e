//! What can be typed.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, Subcommand};

use crate::analysis::base_case::Engine;
use crate::model::MOST_PATIENTS;
use crate::model::uncertainty::{MOST_DRAWS, Sampling};

/// Simulates how a chronic disease moves through stages under competing treatments.
#[derive(Debug, Parser)]
#[command(
    name = "arcosim",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 findings (a check of the results failed); 2 bad scenario or usage; \
                  3 the system refuses a file or the threads; 4 internal error; 130 interrupted.\n\n\
                  Start here:\n  arcosim new my-study\n  arcosim run my-study/scenario.toml"
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Let scenarios read files anywhere below this folder; default: their own folders only
    #[arg(long, global = true, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Memory that a run may take, in GB; default: three quarters of what the machine has, at most 16
    #[arg(long, global = true, value_name = "GB", allow_negative_numbers = true, value_parser = gigabytes)]
    pub memory: Option<f64>,
    /// End when stdin ends, which is when the program that started this one does
    #[arg(long, global = true, hide = true)]
    pub tied: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a small, commented scenario to start from
    New {
        /// Folder to create
        folder: PathBuf,
    },
    /// Read a scenario and say everything that is wrong with it
    Check {
        /// Scenario file, or a folder with a scenario.toml
        #[arg(default_value = "scenario.toml")]
        scenario: PathBuf,
        /// Change a base value: name=value (repeatable)
        #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
        set: Vec<(String, String)>,
    },
    /// Simulate a scenario and write tables and figures
    Run(Run),
    /// Probabilistic analysis: the model at many draws of its uncertain parameters
    Psa(Psa),
    /// Value of information: what it would be worth to know the parameters
    Voi(Voi),
    /// Deterministic sensitivity analysis: what other values of the parameters do to the decision
    Dsa(Dsa),
    /// Run the published verification checklists on a scenario
    Verify(Verify),
    /// What changed between two scenarios, and what each change did to net benefit and ICER
    Diff(Diff),
    /// Run a folder of results again from the inputs that it holds, and compare every file byte for byte
    Reproduce(Reproduce),
    /// Pack a folder of results and its inputs into one archive that a reviewer can run again
    Bundle(Bundle),
    /// Explain a diagnostic code such as E0204, a check such as R01, or a parameter of a scenario
    Explain {
        /// Code, check, or name of a parameter
        what: String,
        /// Scenario whose parameter it is
        #[arg(long)]
        scenario: Option<PathBuf>,
    },
    /// Print the JSON Schema of scenario files, for editors
    Schema,
}

#[derive(Debug, clap::Args)]
pub struct Run {
    /// Scenario file, or a folder with a scenario.toml
    #[arg(default_value = "scenario.toml")]
    pub scenario: PathBuf,
    /// cohort (exact), microsim (individual patients) or both; the scenario says the default
    #[arg(long, value_parser = engine)]
    pub engine: Option<Engine>,
    /// Patients to simulate in each strategy
    #[arg(long, short = 'n', allow_negative_numbers = true, value_parser = patients)]
    pub patients: Option<u64>,
    /// Seed of the random numbers
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// Change a base value: name=value (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Folder to write; default: output/<scenario name>
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Also write the event histories of the first N simulated patients (at most 100,000)
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true, value_parser = histories)]
    pub histories: u64,
    /// No progress, no tables: only warnings, and which file to open
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct Psa {
    /// Scenario file, or a folder with a scenario.toml
    #[arg(default_value = "scenario.toml")]
    pub scenario: PathBuf,
    /// Number of draws; the scenario says the default
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = draws)]
    pub draws: Option<u64>,
    /// How draws are spread: random, "latin hypercube" or sobol
    #[arg(long, value_parser = sampling)]
    pub sampling: Option<Sampling>,
    /// cohort (exact, the default) or microsim (fresh patients in every draw)
    #[arg(long, value_parser = engine)]
    pub engine: Option<Engine>,
    /// Patients of each draw and strategy, with --engine microsim
    #[arg(long, short = 'n', allow_negative_numbers = true, value_parser = patients)]
    pub patients: Option<u64>,
    /// Seed of the draws (and of the patients)
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Only show draw K: its parameters and results; writes nothing
    #[arg(long, value_name = "K", allow_negative_numbers = true, value_parser = draws)]
    pub draw: Option<u64>,
    /// What a unit of effect may cost, to lead with; default: the first threshold of the scenario
    #[arg(long, value_name = "MONEY", allow_negative_numbers = true, value_parser = money)]
    pub wtp: Option<f64>,
    /// Change a base value: name=value (repeatable); its distribution moves with it
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// Folder to write; default: output/<scenario name>-psa, or -voi
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// No progress, no tables: only warnings, and which file to open
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct Voi {
    #[command(flatten)]
    pub psa: Psa,
}

fn draws(text: &str) -> Result<u64, String> {
    whole(text, 1..=MOST_DRAWS)
}

fn sampling(text: &str) -> Result<Sampling, String> {
    let named =
        Sampling::NAMES.iter().find(|(_, name)| name.replace(' ', "-") == text.replace([' ', '_'], "-"));
    named
        .map(|(sampling, _)| *sampling)
        .ok_or_else(|| "there are random, \"latin hypercube\" and sobol".into())
}

#[derive(Debug, clap::Args)]
pub struct Dsa {
    /// Scenario file, or a folder with a scenario.toml
    #[arg(default_value = "scenario.toml")]
    pub scenario: PathBuf,
    /// Also map the ranges of two parameters
    #[arg(long, value_name = "A,B", value_parser = pair)]
    pub two_way: Option<(String, String)>,
    /// Parameters whose turning values are looked for; default: the ten with the widest swing
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub threshold_of: Vec<String>,
    /// Strategy to compare with the reference; default: every one
    #[arg(long, value_name = "STRATEGY")]
    pub strategy: Option<String>,
    /// What a unit of effect may cost, to lead with; default: the first threshold of the scenario
    #[arg(long, value_name = "MONEY", allow_negative_numbers = true, value_parser = money)]
    pub wtp: Option<f64>,
    /// Other scenarios to set beside this one
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub scenarios: Vec<PathBuf>,
    /// Change a base value: name=value (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// Folder to write; default: output/<scenario name>-dsa
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// No progress, no tables: only warnings, and which file to open
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Scenario file, or a folder with a scenario.toml
    #[arg(default_value = "scenario.toml")]
    pub scenario: PathBuf,
    /// Only these checks, or groups of them by their letter: R01,F or R01 F
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub only: Vec<String>,
    /// Only what is cheap, with fewer patients and draws
    #[arg(long)]
    pub quick: bool,
    /// Say what a check does and why, and check nothing
    #[arg(long, value_name = "ID")]
    pub explain: Option<String>,
    /// List all checks, and check nothing
    #[arg(long)]
    pub list: bool,
    /// What goes to stdout: text, or json for programs
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Change a base value: name=value (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// Folder to write; default: output/<scenario name>-verify
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// No progress, no list of checks: only warnings, and which file to open
    #[arg(long, short)]
    pub quiet: bool,
}

/// What a command prints to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Diff {
    /// The scenario before
    pub before: PathBuf,
    /// The scenario after
    pub after: PathBuf,
    /// Strategy to compare with the reference; default: every one that both have
    #[arg(long, value_name = "STRATEGY")]
    pub strategy: Option<String>,
    /// What a unit of effect may cost, to lead with; default: the first threshold of the scenario before
    #[arg(long, value_name = "MONEY", allow_negative_numbers = true, value_parser = money)]
    pub wtp: Option<f64>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// Folder to write; default: output/<before>-to-<after>
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// No progress, no tables: only warnings, and which file to open
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct Reproduce {
    /// Folder that a command has written, its manifest.json, or an archive of it
    pub folder: PathBuf,
    /// Run it however long it takes; without, more work than that of some hours is refused
    #[arg(long)]
    pub allow_long: bool,
    /// Keep the new run in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// No progress: only what came of it
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, clap::Args)]
pub struct Bundle {
    /// Folder that a command has written
    pub folder: PathBuf,
    /// Archive to write; default: <folder>.zip beside it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once(',').map(|(a, b)| (a.trim(), b.trim()));
    match pair {
        Some((a, b)) if !a.is_empty() && !b.is_empty() && !b.contains(',') => Ok((a.into(), b.into())),
        _ => Err("write two parameters with a comma, for example cost.drug,hr.drug".into()),
    }
}

fn money(text: &str) -> Result<f64, String> {
    let number = text.replace('_', "").parse::<f64>().ok();
    let number = number.filter(|x| x.is_finite() && *x > 0.0);
    number.ok_or_else(|| "write an amount of money above 0, for example 25000".into())
}

fn gigabytes(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|x| *x > 0.0 && *x <= 1e6);
    number.ok_or_else(|| "write a number of gigabytes above 0, for example 24".into())
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_string(), value.trim().to_string()))
        }
        _ => Err("write name=value, for example rate.death=0.02".into()),
    }
}

fn patients(text: &str) -> Result<u64, String> {
    whole(text, 1..=MOST_PATIENTS)
}

fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0..=u64::MAX)
}

fn threads(text: &str) -> Result<u16, String> {
    whole(text, 1..=1024)
}

fn histories(text: &str) -> Result<u64, String> {
    whole(text, 0..=100_000)
}

/// A whole number within limits; that of the standard library says of `-1` that it has an invalid digit.
fn whole<T>(text: &str, limits: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let number = text.parse().ok().filter(|number| limits.contains(number));
    number.ok_or_else(|| format!("write a whole number from {} to {}", limits.start(), limits.end()))
}

fn engine(text: &str) -> Result<Engine, String> {
    Engine::named(text).ok_or_else(|| "there are cohort, microsim and both".into())
}
