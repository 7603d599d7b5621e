//! Automatic verification of any scenario with the checks that reviewers make by hand (TECH-VER, Büyükkaramikli et al.,
//! PharmacoEconomics 37 (2019) 1391–1408; AdViSHE, Vemer et al., PharmacoEconomics 34 (2016) 349–361). Most checks are
//! metamorphic: the model is altered so that its result is known (no deaths, all utilities 1, two strategies swapped),
//! run, and compared.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod absent;
mod answer;
mod catalogue;
mod check;
mod comparisons;
mod direction_of_effects;
mod distribution;
mod evidence;
mod flow;
mod inputs;
mod monte_carlo;
mod plausibility;
mod prelude;
mod reading;
mod results;
mod situations;
mod statistics;
#[cfg(test)]
mod testing;
mod transform;
mod uncertainty;
mod yearly_amounts;

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rayon::prelude::*;

pub use answer::{ask, count};
pub use catalogue::{all, explain, find};
pub use check::{Check, Finding, GROUPS, Severity, Verdict};

use arcosim_scenario::{Scenario, Waiver};
use evidence::{Need, gather};

/// Selection of checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Ids of checks, or first letters of groups; empty for all.
    pub only: Vec<String>,
    /// Run quick checks only.
    pub quick: bool,
}

/// Status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No findings.
    Pass,
    /// At least one error.
    Fail,
    /// Warnings only.
    Warn,
    /// Not applicable, or not selected.
    Skip,
    /// All findings have been accepted in the scenario.
    Waived,
}

impl Status {
    /// Name of the status in output files.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Warn => "warn",
            Status::Skip => "skip",
            Status::Waived => "waived",
        }
    }
}

/// A check and its result.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The check.
    pub check: &'static Check,
    /// Status of the check, after waivers.
    pub status: Status,
    /// Verdict of the check, with all findings.
    pub verdict: Verdict,
    /// Waiver of the check in the scenario, if any.
    pub waiver: Option<Waiver>,
    /// For each finding, whether the waiver covers it.
    pub accepted: Vec<bool>,
    /// Run time. Not written to files, because the same run must write identical files.
    pub took: Duration,
}

/// All checks of a scenario.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Checks with their results, in the order of the catalogue.
    pub checks: Vec<Checked>,
}

impl Verification {
    /// Number of checks with this status.
    pub fn count(&self, status: Status) -> usize {
        self.checks.iter().filter(|c| c.status == status).count()
    }

    /// Whether no check failed.
    pub fn passes(&self) -> bool {
        self.count(Status::Fail) == 0
    }
}

/// Runs the selected checks and calls `done` after each; `None` if the user stopped the verification. An error lists
/// unknown ids among the selected and the waived checks.
pub fn verify(
    scenario: &Scenario,
    options: &Options,
    stop: &AtomicBool,
    done: &(dyn Fn(&'static Check) + Sync),
) -> Result<Option<Verification>, String> {
    let asked = asked(options)?;
    readable(scenario)?;
    let is_run = |check: &Check| check.quick || !options.quick;
    let needs = asked.iter().filter(|check| is_run(check)).flat_map(|check| check.needs);
    let needs: Vec<Need> = needs.copied().collect();
    let Some(evidence) = gather(scenario, options.quick, stop, &needs) else {
        return Ok(None);
    };
    let checks: Vec<Checked> = asked
        .into_par_iter()
        .map(|check| {
            let began = Instant::now();
            let verdict = match () {
                () if evidence.stopped() => Verdict::skip("stopped"),
                () if !is_run(check) => Verdict::skip(absent::QUICK),
                () => (check.run)(&evidence),
            };
            done(check);
            judged(check, verdict, &scenario.verify.waivers, began.elapsed())
        })
        .collect();
    Ok((!evidence.stopped()).then_some(Verification { checks }))
}

/// Checks that all names under `[verify]` exist: checks, strategies, endpoints, states, outcomes. An error lists all
/// unknown names, one per line.
pub fn readable(scenario: &Scenario) -> Result<(), String> {
    let waivers = scenario.verify.waivers.iter();
    let mut problems: Vec<String> = waivers
        .filter(|waiver| find(&waiver.check).is_none())
        .map(|waiver| unknown("[verify.waive] of the scenario", &waiver.check))
        .collect();
    problems.extend(plausibility::ranges(scenario).err());
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n")),
    }
}

/// Status of a verdict after waivers.
fn judged(check: &'static Check, verdict: Verdict, waivers: &[Waiver], took: Duration) -> Checked {
    let waiver = waivers.iter().find(|w| w.check == check.id).cloned();
    let covers = |finding: &Finding| {
        let waiver = waiver.as_ref();
        waiver.is_some_and(|w| w.of.is_empty() || w.of.contains(&finding.subject))
    };
    let accepted: Vec<bool> = verdict.findings.iter().map(covers).collect();
    let open = verdict.findings.iter().zip(&accepted).filter(|(_, accepted)| !**accepted);
    let status = match open.map(|(finding, _)| finding.severity).max() {
        Some(Severity::Fail) => Status::Fail,
        Some(Severity::Warn) => Status::Warn,
        None if verdict.skipped.is_some() => Status::Skip,
        None if accepted.is_empty() => Status::Pass,
        None => Status::Waived,
    };
    Checked { check, status, verdict, waiver, accepted, took }
}

/// The selected checks, in the order of the catalogue.
fn asked(options: &Options) -> Result<Vec<&'static Check>, String> {
    let is_group =
        |word: &str| GROUPS.iter().any(|(letter, _)| word.eq_ignore_ascii_case(&letter.to_string()));
    for word in &options.only {
        if !is_group(word) && find(word).is_none() {
            return Err(unknown("--only", word));
        }
    }
    let wanted = |check: &&Check| {
        options.only.is_empty()
            || options.only.iter().any(|word| {
                check.id.eq_ignore_ascii_case(word)
                    || is_group(word) && check.id[..1].eq_ignore_ascii_case(word)
            })
    };
    Ok(all().iter().copied().filter(wanted).collect())
}

fn unknown(place: &str, word: &str) -> String {
    let groups: Vec<String> = GROUPS.iter().map(|(letter, words)| format!("{letter} ({words})")).collect();
    format!(
        "{place} names `{word}`, but there is no such check; groups are {}; `arcosim verify --list` prints all checks",
        groups.join(", ")
    )
}
