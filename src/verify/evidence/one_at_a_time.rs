//! Totals of the model after changing one parameter at a time.

use rayon::prelude::*;

use super::shared::{Ends, Evidence, Nudged};
use arcosim_analysis::evaluation::Evaluator;
use arcosim_analysis::sensitivity::finite;
use arcosim_core::model::{ParametersRead, impossible};

/// Totals after changing each parameter that the model uses by 1%, one at a time.
pub fn nudged(evidence: &Evidence) -> Vec<Nudged> {
    let read = ParametersRead::of(evidence.model);
    let parameters: Vec<usize> = (0..evidence.base.len()).filter(|&p| read.anywhere[p]).collect();
    let one = |evaluator: &mut Evaluator, p: usize| {
        let step = match evidence.base[p].abs() {
            0.0 => 0.01,
            size => 0.01 * size,
        };
        [(true, step), (false, -step)].into_iter().find_map(|(up, step)| {
            let mut values = evidence.base.clone();
            values[p] += step;
            let allowed = evidence.kind(p).allows(values[p]) && !evidence.stopped();
            let possible = allowed && (!read.by_lives[p] || impossible(evidence.model, &values).is_none());
            let totals = possible.then(|| finite(evaluator.totals(&values)).ok()).flatten()?;
            Some(Nudged { parameter: p, to: values[p], up, totals })
        })
    };
    let of_each = parameters.par_iter().with_min_len(8);
    let nudged = of_each.map_init(|| evidence.evaluator(), |evaluator, &p| one(evaluator, p));
    nudged.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Totals at both ends of the range of each parameter that the model uses, one at a time. Parameters without a range
/// are evaluated at the 2.5th and 97.5th percentiles of their distributions.
pub fn ends(evidence: &Evidence) -> Vec<Ends> {
    let read = ParametersRead::of(evidence.model);
    let range = |p: usize| {
        let row = &evidence.scenario.parameters[p];
        let drawn = || evidence.distribution(p).map(|d| (d.quantile(0.025), d.quantile(0.975)));
        row.low.zip(row.high).or_else(drawn)
    };
    let parameters = (0..evidence.base.len()).filter(|&p| read.anywhere[p]);
    let ranges: Vec<(usize, (f64, f64))> = parameters.filter_map(|p| Some((p, range(p)?))).collect();
    let at = |evaluator: &mut Evaluator, p: usize, value: f64| {
        let mut values = evidence.base.clone();
        values[p] = value;
        let evaluated = (!evidence.stopped()).then(|| evidence.evaluate(evaluator, &values));
        evaluated.and_then(Result::ok)
    };
    let of_each = ranges.par_iter().with_min_len(8);
    let both = of_each.map_init(
        || evidence.evaluator(),
        |evaluator, &(parameter, (low, high))| Ends {
            parameter,
            totals: [low, high].map(|value| at(evaluator, parameter, value)),
        },
    );
    both.collect()
}
