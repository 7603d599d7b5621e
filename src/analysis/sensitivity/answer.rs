//! Runs a deterministic sensitivity analysis: one-way, two-way, threshold and scenario analysis.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::net_benefit::acceptable_error;
use super::one_way::{OneWay, one_way};
use super::scenarios::{Variant, exact, lines};
use super::threshold::{Switching, switching_values};
use super::two_way::{STEPS, TwoWay, evenly, two_way};
use super::{NODES, Outcome, Setting, Totals};
use crate::ablation::{self, Ablation, AblationQuestion, LoadSubsets};
use crate::evaluation::Integration;
use crate::evidence_grades::{self, EvidenceGrades};
use crate::{Refusal, Session, named};
use arcosim_core::model::Model;
use arcosim_scenario::Scenario;

/// Number of parameters in the threshold analysis if the user selects none.
const ANALYSED: usize = 10;
/// Number of parameters whose results are shown over the whole range.
const DRAWN: usize = 3;

/// Options of a deterministic analysis given by the user; strategies and parameters are given by name.
#[derive(Clone, Debug, Default)]
pub struct DsaOptions {
    /// Two parameters for a two-way analysis.
    pub two_way: Option<(String, String)>,
    /// Parameters to run a threshold analysis on.
    pub threshold_of: Vec<String>,
    /// The strategy to compare with the reference; all strategies if `None`.
    pub strategy: Option<String>,
    /// The strategy with which the two-way analysis compares `strategy`; all decision options if `None`.
    pub against: Option<String>,
    /// Willingness to pay used for the headline results.
    pub wtp: Option<f64>,
}

/// Settings of a deterministic analysis, with all names resolved to indices.
#[derive(Clone, Debug)]
pub struct DsaQuestion {
    /// Strategies to compare with the reference.
    pub strategies: Vec<usize>,
    /// Whether the user selected a single strategy.
    pub chosen: bool,
    /// Two parameters for a two-way analysis.
    pub two_way: Option<[usize; 2]>,
    /// The only two strategies of the two-way analysis; `None` for all decision options.
    pub pair: Option<(usize, usize)>,
    /// Parameters to run a threshold analysis on; if empty, the parameters with the widest swing.
    pub threshold_of: Vec<usize>,
    /// Willingness to pay used for the headline results.
    pub wtp: Option<f64>,
}

impl DsaQuestion {
    /// Resolves the names in the options. Returns an error if the analysis has nothing to vary, unless a scenario analysis with
    /// other scenarios, or an analysis of components, is requested (`compares_scenarios`).
    pub fn new(
        scenario: &Scenario,
        options: &DsaOptions,
        compares_scenarios: bool,
    ) -> Result<DsaQuestion, Refusal> {
        named::decision(scenario)?;
        let chosen = options.strategy.as_deref().map(|name| named::compared_strategy(&scenario.model, name));
        let chosen = chosen.transpose()?;
        let pair = match (&options.against, chosen, &options.two_way) {
            (None, ..) => None,
            (Some(against), Some(strategy), Some(_)) => {
                let against = named::strategy(&scenario.model, against)?;
                if against == strategy {
                    return Err(Refusal::question("--strategy and --against name the same strategy"));
                }
                Some((strategy, against))
            }
            _ => {
                return Err(Refusal::question(
                    "--against is the comparator of a two-way analysis of one strategy: use it with --two-way A,B and --strategy",
                ));
            }
        };
        let parameter = |name: &String| named::parameter(scenario, name);
        let question = DsaQuestion {
            strategies: compared(&scenario.model, chosen)?,
            pair,
            chosen: options.strategy.is_some(),
            two_way: match &options.two_way {
                None => None,
                Some((a, b)) => Some([parameter(a)?, parameter(b)?]),
            },
            threshold_of: options.threshold_of.iter().map(parameter).collect::<Result<_, _>>()?,
            wtp: options.wtp,
        };
        let ranges = scenario.parameters.iter().any(|row| row.low.is_some());
        if !ranges && question.threshold_of.is_empty() && !compares_scenarios {
            return Err(Refusal::Question(format!(
                "no parameter of scenario `{}` has a range, so there is nothing to vary.\n\
                Give `low` and `high` in its parameter table, and their meaning in `range_basis` (such as 95CI); or \
                run a threshold analysis with --threshold-of NAME, or compare scenarios with --scenarios FILE",
                scenario.name
            )));
        }
        Ok(question)
    }
}

fn compared(model: &Model, chosen: Option<usize>) -> Result<Vec<usize>, Refusal> {
    let reference = model.reference();
    let all = (0..model.strategies.len()).filter(|&s| s != reference && chosen.is_none_or(|one| one == s));
    let all: Vec<usize> = all.collect();
    match all.is_empty() {
        false => Ok(all),
        true => {
            Err(Refusal::question("the scenario has only one strategy, and a decision needs at least two"))
        }
    }
}

/// One parameter varied over its range, all others at base values.
pub struct Swept {
    /// Index of the parameter.
    pub parameter: usize,
    /// Values of the parameter, ascending.
    pub values: Vec<f64>,
    /// Totals at each value of the parameter.
    pub outcomes: Vec<Outcome>,
}

/// A finished deterministic sensitivity analysis.
pub struct DsaAnswer<'a> {
    /// Scenario that was analysed.
    pub scenario: &'a Scenario,
    /// Settings of the analysis.
    pub question: &'a DsaQuestion,
    /// Model, decision and numerical integration of the analysis.
    pub setting: Setting<'a>,
    /// One-way analysis: each parameter at both ends of its range.
    pub one_way: OneWay,
    /// Two-way analysis; `None` unless requested.
    pub two_way: Option<TwoWay>,
    /// Threshold analysis: the switching values of the parameters.
    pub switching: Vec<Switching>,
    /// Results for the most influential parameters, each varied over its range.
    pub swept: Vec<Swept>,
    /// Integration error of the incremental net benefit at base values, before the correction by `Setting::anchored`.
    pub integration_error: f64,
    /// Scenario analysis: results of the base scenario and the other scenarios; empty without other scenarios.
    pub variants: Vec<Variant<'a>>,
    /// Contributions of the components of a strategy; `None` unless requested.
    pub ablation: Option<Ablation>,
    /// Shares of the grades of evidence in the increments; `None` if strategies have no numbers of their own.
    pub grades: Option<EvidenceGrades>,
}

/// Runs the deterministic sensitivity analysis of the scenario in `path`; `others` are the other scenarios of the
/// scenario analysis. `subsets` is the question about the components of a strategy, with the function that loads the
/// scenario with strategies for subsets of them.
pub fn ask<'a>(
    (path, scenario): (&Path, &'a Scenario),
    others: &'a [(PathBuf, Scenario)],
    subsets: Option<(AblationQuestion, &LoadSubsets)>,
    question: &'a DsaQuestion,
    session: &Session<'a>,
) -> Result<DsaAnswer<'a>, Refusal> {
    let decision = named::decision(scenario)?;
    session.afford_exact(&scenario.model)?;
    let began = Instant::now();
    session.observer.say("Running", &format!("{}: sensitivity analysis, exact", scenario.name));
    let impossible = |why: String| Refusal::cannot_run(&scenario.name, &why);
    let base = exact(scenario).map_err(impossible)?;
    let with = |integration| Setting::new(scenario, decision, question.wtp, integration, session.stop);
    let few = with(Integration::Nodes(NODES));
    let totals = few.at_base().map_err(impossible)?;
    let pair = [&totals[..], &base[..]];
    let error =
        acceptable_error(decision, pair, &question.strategies, scenario.model.reference(), few.thresholds[0]);
    // Subtracting an error that is large, and changes with the parameters, would correct nothing.
    let (setting, integration_error) = match error {
        Some(error) => (few.anchored(&base, &totals), error),
        None => (with(Integration::RUN), 0.0),
    };
    let one_way =
        one_way(&setting, &drawn_together(scenario)).ok_or(Refusal::Stopped)?.map_err(impossible)?;
    let two_way = match question.two_way {
        None => None,
        Some(pair) => {
            let grid = two_way(&setting, pair, question.pair, STEPS).ok_or(Refusal::Stopped)?;
            Some(grid.map_err(Refusal::Question)?)
        }
    };
    let analysed = analysed(&setting, &one_way, question);
    let chosen = question.chosen.then(|| question.strategies[0]);
    let switching = switching_values(&setting, &one_way.base, &analysed, chosen).ok_or(Refusal::Stopped)?;
    let ablation = subsets
        .map(|(question, load)| ablation::ask(question, (&base, setting.integration), load, session))
        .transpose()?;
    let grades = evidence_grades::ask(scenario, setting.integration, session)?;
    let variants = variants((path, scenario), &base, others, question.wtp, session)?;
    session.observer.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    let swept = swept(&setting, &analysed).ok_or(Refusal::Stopped)?;
    Ok(DsaAnswer {
        scenario,
        question,
        setting,
        one_way,
        two_way,
        switching,
        swept,
        integration_error,
        variants,
        ablation,
        grades,
    })
}

/// Sets of parameters that are drawn together in the probabilistic analysis.
fn drawn_together(scenario: &Scenario) -> Vec<Vec<usize>> {
    let joint = scenario.uncertainty.joint.iter();
    joint.map(|joint| joint.members.clone()).collect()
}

/// Parameters of the threshold analysis: the user's selection or, if empty, the parameters with the widest swing in any
/// comparison at the leading threshold.
fn analysed(setting: &Setting, one_way: &OneWay, question: &DsaQuestion) -> Vec<usize> {
    if !question.threshold_of.is_empty() {
        return question.threshold_of.clone();
    }
    let mut widest: Vec<(usize, f64)> = Vec::new();
    for &s in &question.strategies {
        let swings = one_way.swings(setting, (s, setting.model.reference()), setting.thresholds[0]);
        for (p, swing) in swings.iter().filter_map(|s| Some((s.parameter, s.swing?))) {
            match widest.iter_mut().find(|(q, _)| *q == p) {
                Some((_, widest)) => *widest = widest.max(swing),
                None => widest.push((p, swing)),
            }
        }
    }
    widest.retain(|(_, swing)| *swing > 0.0);
    widest.sort_by(|a, b| b.1.total_cmp(&a.1));
    widest.iter().take(ANALYSED).map(|(p, _)| *p).collect()
}

/// Results of the scenario analysis, base scenario first; empty without other scenarios.
fn variants<'a>(
    (path, scenario): (&Path, &'a Scenario),
    totals: &Totals,
    others: &'a [(PathBuf, Scenario)],
    lead: Option<f64>,
    session: &Session,
) -> Result<Vec<Variant<'a>>, Refusal> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let base = (scenario, named::decision(scenario)?, totals);
    let mut variants =
        vec![Variant { path: path.to_path_buf(), scenario, lines: Ok(lines(base, base, lead)) }];
    for (path, other) in others {
        session.go_on()?;
        let lines = match &other.decision {
            None => Err("the scenario has no [decision]".into()),
            Some(decision) => exact(other).map(|totals| lines((other, decision, &totals), base, lead)),
        };
        variants.push(Variant { path: path.clone(), scenario: other, lines });
    }
    Ok(variants)
}

/// Varies up to [`DRAWN`] parameters that have a range, one at a time, with all others at base values; `None` if
/// interrupted.
fn swept(setting: &Setting, parameters: &[usize]) -> Option<Vec<Swept>> {
    let range = |p: usize| setting.rows[p].low.zip(setting.rows[p].high).filter(|(low, high)| low < high);
    let with_range = parameters.iter().filter_map(|&p| Some((p, range(p)?)));
    let sweep = |(parameter, (low, high)): (usize, (f64, f64))| {
        let values = evenly(low, high, STEPS);
        let points: Vec<Vec<(usize, f64)>> = values.iter().map(|&x| vec![(parameter, x)]).collect();
        Some(Swept { parameter, outcomes: setting.sweep(&points)?, values })
    };
    with_range.take(DRAWN).map(sweep).collect()
}

impl DsaAnswer<'_> {
    /// Model of the scenario.
    pub fn model(&self) -> &Model {
        &self.scenario.model
    }

    /// Unit of the cost outcome, for example a currency.
    pub fn money(&self) -> &str {
        &self.model().outcomes[self.setting.decision.cost].unit
    }

    /// Unit of the effect outcome, for example QALYs.
    pub fn gain(&self) -> &str {
        &self.model().outcomes[self.setting.decision.effect].unit
    }
}
