//! What several checks of uncertainty need: the model in many draws, and with one parameter moved at a time.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::super::subject::{Subject, Totals, apart};
use arcosim_analysis::evaluation::Evaluator;
use arcosim_analysis::psa::{self, DrawEngine, Draws, Ended, Psa};
use arcosim_analysis::sensitivity::finite;
use arcosim_core::economics::{BadSamples, Evppi, ParameterGroup, evppi};
use arcosim_core::model::uncertainty::{Sampling, Uncertainty};
use arcosim_core::model::{ParametersRead, impossible};
use arcosim_scenario::parameters::Kind;

/// Draws that are run through the model.
const DRAWS: u64 = 400;
/// The same for a quick look.
const FEW_DRAWS: u64 = 50;

/// Filled by the check that comes first.
#[derive(Default)]
pub struct Shared {
    draws: OnceLock<Option<Result<Psa, Ended>>>,
    nudged: OnceLock<Vec<Nudged>>,
    ends: OnceLock<Vec<Ends>>,
    evppi: OnceLock<Result<Vec<Evppi>, BadSamples>>,
}

/// The totals with one parameter a little higher, or a little lower where higher is impossible.
pub struct Nudged {
    /// Index of the parameter.
    pub parameter: usize,
    /// Its value.
    pub to: f64,
    /// Whether that is higher than base.
    pub up: bool,
    /// The totals there.
    pub totals: Totals,
}

/// The totals with one parameter at the low and at the high end of its range.
pub struct Ends {
    /// Index of the parameter.
    pub parameter: usize,
    /// The totals there; `None` where the model cannot be run.
    pub totals: [Option<Totals>; 2],
}

/// How many draws are run: fewer of large models that have no short cut. It depends on the model alone, so that every
/// machine finds the same.
pub fn number_of_draws(subject: &Subject) -> u64 {
    let model = subject.model;
    let mut evaluator = evaluator(subject);
    let patients: usize = subject.integration.nodes(model, &subject.base).iter().map(Vec::len).product();
    let size = patients * model.states.len() * model.time.cycles * model.strategies.len();
    let is_quick = size < LARGE || {
        evaluator.totals(&subject.base);
        evaluator.takes_short_cuts()
    };
    match subject.quick || !is_quick {
        true => FEW_DRAWS,
        false => DRAWS,
    }
}

/// Patients told apart, times states, cycles and strategies, from which the exact engine takes tens of milliseconds.
const LARGE: usize = 100_000;

/// The distributions of a scenario; why there are none, otherwise.
pub fn distributions<'a>(subject: &Subject<'a>) -> Result<&'a Uncertainty, String> {
    let uncertainty = &subject.scenario.uncertainty;
    match uncertainty.varying().is_empty() {
        true => Err("no parameter has a distribution".into()),
        false => Ok(uncertainty),
    }
}

/// The model in many draws; `None` if nothing is drawn.
pub fn attempted<'s>(subject: &'s Subject) -> Option<&'s Result<Psa, Ended>> {
    let run = || {
        distributions(subject).ok().map(|_| apart(|| run(subject, subject.seed, number_of_draws(subject))))
    };
    subject.uncertainty.draws.get_or_init(run).as_ref()
}

/// So many draws with a seed.
pub fn run(subject: &Subject, seed: u64, count: u64) -> Result<Psa, Ended> {
    let (model, scenario) = (subject.model, subject.scenario);
    let all = (seed, count);
    let draws = Draws::new(model, &subject.base, &scenario.uncertainty, Sampling::Random, all);
    let how = (DrawEngine::Cohort(subject.integration), scenario.psa.redraw);
    psa::run(model, &draws, how, &|_| (), subject.stop())
}

/// The model in many draws; why there are none, otherwise.
pub fn sampled<'s>(subject: &'s Subject) -> Result<&'s Psa, String> {
    match attempted(subject) {
        None => Err("no parameter has a distribution".into()),
        Some(Err(_)) => Err("the draws cannot be run, which U06 reports".into()),
        Some(Ok(psa)) => Ok(psa),
    }
}

/// The totals at these values; why there are none, otherwise.
pub fn evaluate(evaluator: &mut Evaluator, subject: &Subject, values: &[f64]) -> Result<Totals, String> {
    match impossible(subject.model, values) {
        Some(why) => Err(why),
        None => finite(evaluator.totals(values)),
    }
}

/// Something that evaluates the scenario's model at one set of values after another.
pub fn evaluator<'s>(subject: &'s Subject) -> Evaluator<'s> {
    Evaluator::new(subject.model, subject.integration)
}

/// Every parameter that the model reads, moved by 1 % alone.
pub fn nudged<'s>(subject: &'s Subject) -> &'s [Nudged] {
    let work = || {
        let read = ParametersRead::of(subject.model);
        let parameters: Vec<usize> = (0..subject.base.len()).filter(|&p| read.anywhere[p]).collect();
        let one = |evaluator: &mut Evaluator, p: usize| {
            let step = match subject.base[p].abs() {
                0.0 => 0.01,
                size => 0.01 * size,
            };
            [(true, step), (false, -step)].into_iter().find_map(|(up, step)| {
                let mut values = subject.base.clone();
                values[p] += step;
                let allowed = subject.kind(p).allows(values[p]) && !subject.stopped();
                let possible = allowed && (!read.by_lives[p] || impossible(subject.model, &values).is_none());
                let totals = possible.then(|| finite(evaluator.totals(&values)).ok()).flatten()?;
                Some(Nudged { parameter: p, to: values[p], up, totals })
            })
        };
        let of_each = parameters.par_iter().with_min_len(8);
        let nudged = of_each.map_init(|| evaluator(subject), |evaluator, &p| one(evaluator, p));
        nudged.collect::<Vec<_>>().into_iter().flatten().collect()
    };
    subject.uncertainty.nudged.get_or_init(|| apart(work))
}

/// Every parameter that the model reads at both ends of its range; where it has none, at the 2.5th and 97.5th percentile
/// of its distribution.
pub fn ends<'s>(subject: &'s Subject) -> &'s [Ends] {
    let work = || {
        let read = ParametersRead::of(subject.model);
        let range = |p: usize| {
            let row = &subject.scenario.parameters[p];
            let drawn =
                || super::distribution::of(subject, p).map(|d| (d.quantile(0.025), d.quantile(0.975)));
            row.low.zip(row.high).or_else(drawn)
        };
        let parameters = (0..subject.base.len()).filter(|&p| read.anywhere[p]);
        let ranges: Vec<(usize, (f64, f64))> = parameters.filter_map(|p| Some((p, range(p)?))).collect();
        let at = |evaluator: &mut Evaluator, p: usize, value: f64| {
            let mut values = subject.base.clone();
            values[p] = value;
            let evaluated = (!subject.stopped()).then(|| evaluate(evaluator, subject, &values));
            evaluated.and_then(Result::ok)
        };
        let of_each = ranges.par_iter().with_min_len(8);
        let both = of_each.map_init(
            || evaluator(subject),
            |evaluator, &(parameter, (low, high))| Ends {
                parameter,
                totals: [low, high].map(|value| at(evaluator, parameter, value)),
            },
        );
        both.collect()
    };
    subject.uncertainty.ends.get_or_init(|| apart(work))
}

/// What it would be worth to know each parameter that is drawn, at the leading threshold, in the order of
/// [`Uncertainty::varying`]; `benefit` is `[strategy][draw]`.
pub fn information<'s>(
    subject: &'s Subject,
    psa: &Psa,
    benefit: &[Vec<f64>],
) -> &'s Result<Vec<Evppi>, BadSamples> {
    let work = || {
        let varying = subject.scenario.uncertainty.varying();
        let inputs: Vec<Vec<f64>> = varying.iter().map(|&p| psa.parameter(p)).collect();
        let single = |(i, &p): (usize, &usize)| ParameterGroup::new(name(subject, p), [i]);
        let groups: Vec<ParameterGroup> = varying.iter().enumerate().map(single).collect();
        evppi(&inputs, benefit, &groups)
    };
    subject.uncertainty.evppi.get_or_init(|| apart(work))
}

/// Name of a parameter.
pub fn name<'s>(subject: &'s Subject, parameter: usize) -> &'s str {
    &subject.model.parameters[parameter].name
}

/// Whether the kind is a ratio of hazards, risks or odds.
pub fn is_ratio(kind: Kind) -> bool {
    matches!(kind, Kind::Hr | Kind::Rr | Kind::Or)
}

/// How large each outcome is under any strategy.
pub fn sizes(totals: &Totals) -> Vec<f64> {
    let outcomes = totals.first().map_or(0, Vec::len);
    let largest = |o: usize| totals.iter().map(|own| own[o].abs()).fold(0.0, f64::max);
    (0..outcomes).map(largest).collect()
}
