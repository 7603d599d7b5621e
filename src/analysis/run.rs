//! `arcosim run`: the base case with breakdown, cost-effectiveness, comparison with expected numbers, and patient
//! histories.

use std::fmt::Display;
use std::io::ErrorKind;
use std::time::Instant;

use crate::base_case::{self, Engine, Options, Results};
use crate::cost_effectiveness::{CostEffectiveness, cost_effectiveness};
use crate::cycle_length::{CycleLength, cycle_length};
use crate::expected::{self, Expected, ExpectedComparison};
use crate::outcomes::Breakdown;
use crate::precision::{self, Precision};
use crate::session::need_of_run;
use crate::subgroups::{self, SubgroupSet};
use crate::{Refusal, Session};
use arcosim_core::engine::microsim::{self, History, Settings, Watch};
use arcosim_core::model::{Decision, Model, Tables};
use arcosim_core::words::grouped;
use arcosim_scenario::{Perspective, Scenario, SourceFile};

/// Options of a run given by the user; options that are `None` are taken from the scenario.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Engines to run.
    pub engine: Option<Engine>,
    /// Patients to simulate in each strategy.
    pub patients: Option<u64>,
    /// Seed of the microsimulation.
    pub seed: Option<u64>,
    /// Number of patients whose event histories are kept.
    pub histories: u64,
    /// Conditions such as `se(nmb) < 100`: patients are added until all hold, up to `patients`.
    pub until: Vec<String>,
}

/// Settings of a run, with all options resolved.
#[derive(Debug)]
pub struct RunQuestion {
    /// Engines, number of patients, seed and landmark years.
    pub options: Options,
    /// Number of patients whose event histories are kept.
    pub histories: u64,
    /// Base values replaced with `--set`: name and value.
    pub overrides: Vec<(String, String)>,
    /// Expected numbers of the scenario and the file that contains them; `None` if the scenario refers to no file.
    pub expected: Option<(Vec<Expected>, SourceFile)>,
}

impl RunQuestion {
    /// Resolves the options for a scenario, and reads its expected numbers.
    pub fn new(
        scenario: &Scenario,
        options: &RunOptions,
        overrides: &[(String, String)],
    ) -> Result<RunQuestion, Refusal> {
        let named = Engine::named(&scenario.run.engine).unwrap_or(Engine::Both);
        let engine = options.engine.unwrap_or(named);
        if options.histories > 0 && !engine.simulates() {
            return Err(Refusal::question(
                "--histories needs simulated patients: use --engine microsim or both",
            ));
        }
        if !options.until.is_empty() && !engine.simulates() {
            return Err(Refusal::question("--until needs simulated patients: use --engine microsim or both"));
        }
        let (model, decision) = (&scenario.model, scenario.decision.as_ref());
        let until = options.until.iter().map(|text| Precision::read(text, model, decision));
        let until = until.collect::<Result<Vec<Precision>, Refusal>>()?;
        let patients = match until.is_empty() {
            true => scenario.run.patients,
            false => precision::MOST,
        };
        Ok(RunQuestion {
            options: Options {
                engine,
                cost_and_effect: decision.map(|decision| (decision.cost, decision.effect)),
                until,
                ..Options::new(
                    engine,
                    options.patients.unwrap_or(patients),
                    options.seed.unwrap_or(scenario.run.seed),
                    scenario.figures.landmarks.clone(),
                )
            },
            histories: options.histories,
            overrides: overrides.to_vec(),
            expected: expected_rows(scenario)?,
        })
    }
}

/// Results of a finished run.
pub struct RunAnswer<'a> {
    /// Scenario that was run.
    pub scenario: &'a Scenario,
    /// Settings of the run.
    pub options: &'a Options,
    /// Base values replaced with `--set`: name and value.
    pub overrides: &'a [(String, String)],
    /// Results of the engines.
    pub results: Results,
    /// Comparison with the scenario's expected numbers; `None` if the scenario has no expected numbers, the exact
    /// engine did not run, or base values were changed.
    pub expected: Option<Vec<ExpectedComparison>>,
    /// Breakdown of the outcomes; `None` if the model has no outcomes or the exact engine did not run.
    pub breakdown: Option<Breakdown>,
    /// Cost-effectiveness, or the reason why it is undefined; `None` if the scenario has no decision.
    pub economics: Option<Result<CostEffectiveness, String>>,
    /// The decision as each other perspective sees it, and its cost-effectiveness; empty without perspectives.
    pub perspectives: Vec<(Perspective, Decision, CostEffectiveness)>,
    /// Results by subgroup; empty if the scenario has no `[subgroups]` or the exact engine did not run.
    pub subgroups: Vec<SubgroupSet>,
    /// Effect of the cycle length; `None` if the exact engine did not run.
    pub cycle_length: Option<CycleLength>,
    /// Event histories of patients; empty unless requested.
    pub histories: Vec<History>,
}

/// Runs the base case of a scenario.
pub fn ask<'a>(
    scenario: &'a Scenario,
    question: &'a RunQuestion,
    session: &Session,
) -> Result<RunAnswer<'a>, Refusal> {
    let (model, options) = (&scenario.model, &question.options);
    let patients = options.engine.simulates().then_some(options.patients);
    session.afford(&need_of_run(model, options.engine.exact(), patients))?;
    let began = Instant::now();
    session.observer.say("Running", &described(scenario, options));
    let advance = |patients| session.observer.advance(patients);
    let expect = |patients| session.observer.expect(patients);
    let watch = Watch { progress: Some(&advance), expect: Some(&expect), stop: Some(session.stop) };
    let results = base_case::run(model, options, &watch);
    let (found, cycle) = match options.engine.exact() {
        true => (
            subgroups::run(model, &options.landmarks, &watch),
            cycle_length(model, &options.landmarks, &watch).map(Some),
        ),
        false => (Some(Vec::new()), Some(None)),
    };
    session.observer.finish();
    let ((results, found), cycle) = results.zip(found).zip(cycle).ok_or(Refusal::Stopped)?;
    session.observer.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    Ok(RunAnswer { cycle_length: cycle, ..RunAnswer::new(scenario, question, results, found) })
}

impl<'a> RunAnswer<'a> {
    /// Derives the breakdown, cost-effectiveness and comparisons from the results of the engines.
    pub fn new(
        scenario: &'a Scenario,
        question: &'a RunQuestion,
        results: Results,
        subgroups: Vec<SubgroupSet>,
    ) -> RunAnswer<'a> {
        let model = &scenario.model;
        let exact = results.exact.as_ref();
        let breakdown = exact
            .filter(|_| !model.outcomes.is_empty())
            .map(|exact| Breakdown::new(model, &exact.solution.counts));
        let decide = |decision: &Decision| cost_effectiveness(model, decision, &results, breakdown.as_ref());
        let economics = scenario.decision.as_ref().and_then(decide);
        let others = scenario.perspectives.with_all().into_iter().filter_map(|one| {
            let own = scenario.decision.clone().filter(|own| own.cost != one.cost)?;
            let decision = Decision { cost: one.cost, ..own };
            let found = decide(&decision)?.ok()?;
            Some((one, decision, found))
        });
        let perspectives = others.collect();
        // Expected numbers are compared only with exact results at the base values of the scenario.
        let expected = question.expected.as_ref().filter(|_| question.overrides.is_empty());
        let expected = exact
            .zip(expected)
            .map(|(exact, (rows, _))| expected::compare(rows.clone(), model, &exact.solution));
        RunAnswer {
            scenario,
            options: &question.options,
            overrides: &question.overrides,
            expected,
            breakdown,
            economics,
            perspectives,
            histories: histories(model, &results, &question.options, question.histories),
            subgroups,
            cycle_length: None,
            results,
        }
    }

    /// Model of the scenario.
    pub fn model(&self) -> &'a Model {
        &self.scenario.model
    }

    /// Number of patients simulated under each strategy; `None` if none were.
    pub fn patients(&self) -> Option<u64> {
        self.results.patients()
    }

    /// Each precision asked for, with the standard error reached.
    pub fn precision(&self) -> Vec<(&Precision, f64)> {
        let Some(simulated) = &self.results.simulated else { return Vec::new() };
        let patients = simulated.counts.patients as u64;
        let reached =
            |own: &Precision| own.standard_error(self.model(), &simulated.totals.strategies, patients);
        self.options.until.iter().map(|own| (own, reached(own))).collect()
    }

    /// Landmark years of the run.
    pub fn landmarks(&self) -> &[f64] {
        &self.options.landmarks
    }

    /// The decision and its cost-effectiveness, if both are available.
    pub fn decided(&self) -> Option<(&'a Decision, &CostEffectiveness)> {
        let found = self.economics.as_ref()?.as_ref().ok()?;
        Some((self.scenario.decision.as_ref()?, found))
    }

    /// The decision of the scenario, and then that of each other perspective, with the names of the perspectives, if they are
    /// available.
    pub fn decided_from_all(&self) -> Vec<(String, &Decision, &CostEffectiveness)> {
        let named =
            |cost: usize| self.scenario.perspectives.with_all().into_iter().find(|one| one.cost == cost);
        let own = self.decided().map(|(decision, found)| {
            let name = named(decision.cost).map_or_else(String::new, |one| one.name);
            (name, decision, found)
        });
        let others =
            self.perspectives.iter().map(|(one, decision, found)| (one.name.clone(), decision, found));
        own.into_iter().chain(others).collect()
    }

    /// Breakdown of the increments; `None` without a decision or with only one strategy.
    pub fn increments(&self) -> Option<&Breakdown> {
        let (_, found) = self.decided()?;
        self.breakdown.as_ref().filter(|_| found.pairs.len() > 1)
    }

    /// Whether the engines agree, every expected number is reproduced, and every precision asked for is reached.
    pub fn passes(&self) -> bool {
        let agrees = self.results.agreement.as_ref().is_none_or(|a| a.passes());
        let precise = self.precision().iter().all(|(asked, reached)| asked.holds(*reached));
        agrees && precise && !self.expected.iter().flatten().any(ExpectedComparison::misses)
    }
}

fn described(scenario: &Scenario, options: &Options) -> String {
    let how = match (options.engine.exact(), options.engine.simulates()) {
        (true, false) => "exact".to_string(),
        (exact, _) => format!(
            "{}{} patients x {} strategies{}, seed {}",
            if exact { "exact, and " } else { "" },
            match options.until.is_empty() {
                true => grouped(options.patients),
                false => format!("at most {}", grouped(options.patients)),
            },
            scenario.model.strategies.len(),
            match &conditions(options)[..] {
                "" => String::new(),
                all => format!(" until {all}"),
            },
            options.seed
        ),
    };
    format!("{}: {how}", scenario.name)
}

/// The conditions of a run on its precision, in one line; empty without any.
pub fn conditions(options: &Options) -> String {
    let all: Vec<String> = options.until.iter().map(Precision::to_string).collect();
    all.join(" and ")
}

fn histories(model: &Model, results: &Results, options: &Options, patients: u64) -> Vec<History> {
    let Some(simulated) = results.patients().filter(|_| patients > 0) else {
        return Vec::new();
    };
    let tables = Tables::new(model, &model.base_values());
    let settings = Settings::new(simulated, options.seed);
    microsim::histories(&tables, &settings, patients)
}

/// Size limit for a table of expected numbers, in bytes.
const LARGEST: u64 = 64 << 20;

/// Reads the scenario's expected numbers; `None` if the scenario refers to no file.
fn expected_rows(scenario: &Scenario) -> Result<Option<(Vec<Expected>, SourceFile)>, Refusal> {
    let Some(path) = &scenario.expected_file else {
        return Ok(None);
    };
    let shown = path.display();
    let unreadable =
        |why: &dyn Display| Refusal::File(format!("cannot read the expected numbers in `{shown}`: {why}"));
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return Err(unreadable(&"it is not a file"));
    }
    if path.metadata().is_ok_and(|there| there.len() > LARGEST) {
        return Err(unreadable(&"it is larger than 64 MB, more than any table of results"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => unreadable(&"there is no such file"),
        ErrorKind::InvalidData => unreadable(
            &"it is not UTF-8 text; in Excel choose File > Save As > `CSV UTF-8 (Comma delimited)`",
        ),
        _ => unreadable(&error),
    })?;
    let rows = expected::read(&text, &scenario.model);
    rows.map(|rows| Some((rows, SourceFile::new(path, text))))
        .map_err(|problem| Refusal::Question(format!("expected numbers in `{shown}`: {problem}")))
}
