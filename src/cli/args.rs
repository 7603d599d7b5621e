//! Command-line arguments shared by several commands, and their parsers.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use crate::analysis::base_case::Engine;
use crate::analysis::limits::{MOST_DRAWS, MOST_PATIENTS, Sampling};

/// The scenario of a command, with changed base values.
#[derive(Debug, clap::Args)]
pub struct Input {
    /// Scenario file, or a folder with a scenario.toml
    #[arg(default_value = "scenario.toml")]
    pub scenario: PathBuf,
    /// Change a base value: name=value (repeatable); its distribution moves with it
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

/// Output folder, threads and verbosity of a command.
#[derive(Debug, clap::Args)]
pub struct Output {
    /// Number of threads (does not affect the results); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u16>,
    /// Folder to write; default: a folder in output/, named after the scenario and the command
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Print only warnings and the file to open: no progress, no tables
    #[arg(long, short)]
    pub quiet: bool,
}

/// Parses a willingness-to-pay threshold.
pub fn money(text: &str) -> Result<f64, String> {
    let number = text.replace('_', "").parse::<f64>().ok();
    let number = number.filter(|x| x.is_finite() && *x > 0.0);
    number.ok_or_else(|| "write an amount of money above 0, for example 25000".into())
}

/// Parses an amount of memory in gigabytes.
pub fn gigabytes(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|x| *x > 0.0 && *x <= 1e6);
    number.ok_or_else(|| "write a number of gigabytes above 0, for example 24".into())
}

/// Parses a changed base value, written as name=value.
pub fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_string(), value.trim().to_string()))
        }
        _ => Err("write name=value, for example rate.death=0.02".into()),
    }
}

/// Parses two parameter names separated by a comma.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once(',').map(|(a, b)| (a.trim(), b.trim()));
    match pair {
        Some((a, b)) if !a.is_empty() && !b.is_empty() && !b.contains(',') => Ok((a.into(), b.into())),
        _ => Err("write two parameters separated by a comma, for example cost.drug,hr.drug".into()),
    }
}

/// Parses a number of simulated patients.
pub fn patients(text: &str) -> Result<u64, String> {
    whole(text, 1..=MOST_PATIENTS)
}

/// Parses a number of draws, or the number of a single draw.
pub fn draws(text: &str) -> Result<u64, String> {
    whole(text, 1..=MOST_DRAWS)
}

/// Parses the seed of the random numbers.
pub fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0..=u64::MAX)
}

/// Parses a number of threads.
pub fn threads(text: &str) -> Result<u16, String> {
    whole(text, 1..=1024)
}

/// Parses the number of patients whose event histories are kept.
pub fn histories(text: &str) -> Result<u64, String> {
    whole(text, 0..=100_000)
}

/// Parses a whole number within limits. The error message of the standard library is not used, because for `-1` it is
/// "invalid digit found in string".
fn whole<T>(text: &str, limits: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let number = text.parse().ok().filter(|number| limits.contains(number));
    number.ok_or_else(|| format!("write a whole number from {} to {}", limits.start(), limits.end()))
}

/// Parses the name of an engine.
pub fn engine(text: &str) -> Result<Engine, String> {
    Engine::named(text).ok_or_else(|| "choose cohort, microsim or both".into())
}

/// Parses the name of a sampling method.
pub fn sampling(text: &str) -> Result<Sampling, String> {
    let named =
        Sampling::NAMES.iter().find(|(_, name)| name.replace(' ', "-") == text.replace([' ', '_'], "-"));
    named.map(|(sampling, _)| *sampling).ok_or_else(|| "choose random, \"latin hypercube\" or sobol".into())
}
