//! What the base case says about the decision: which strategies are worth choosing at some threshold, what each
//! costs and gains against the reference, and what it is worth at every threshold.

use super::base_case::Results;
use super::curves::Source;
use super::outcomes::{Breakdown, Worth};
use super::sensitivity::worth::{ROUNDING, ranked};
use arcosim_core::economics::{
    CostEffect, Incremental, Pairwise, SwitchPoint, incremental, nhb, nmb, pairwise,
};
use arcosim_core::math::sqrt;
use arcosim_core::model::{Decision, Model};

/// The cost-effectiveness of the base case. Everything `[strategy]` is in the order of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct CostEffectiveness {
    /// Which engine the means are from.
    pub source: Source,
    /// Index of the reference strategy.
    pub reference: usize,
    /// Mean cost and effect per patient, discounted as the outcomes say, `[strategy]`.
    pub totals: Vec<CostEffect>,
    /// Every strategy against the reference, `[strategy]`; the reference does not differ from itself.
    pub pairs: Vec<Pairwise>,
    /// Monte Carlo standard errors of the increments of cost and of effect, `[strategy]`; none where the means are
    /// expectations.
    pub errors: Vec<[Option<f64>; 2]>,
    /// All strategies at once; bounds take no part.
    pub table: Incremental,
    /// Where the best choice changes, by increasing threshold.
    pub switches: Vec<SwitchPoint>,
    /// Net benefit, `[strategy][threshold of the decision]`.
    pub benefits: Vec<Vec<Benefit>>,
    /// The strategies on offer with the highest net benefit, `[threshold]`: one, or several that do not differ.
    pub best: Vec<Vec<usize>>,
}

/// What a strategy is worth at a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benefit {
    /// Net monetary benefit: threshold × effect − cost.
    pub nmb: f64,
    /// Net health benefit: effect − cost / threshold; none without a positive threshold.
    pub nhb: Option<f64>,
    /// Net monetary benefit above that of the reference; exactly zero where cost and effect do not differ.
    pub incremental_nmb: f64,
    /// Net health benefit above that of the reference.
    pub incremental_nhb: Option<f64>,
}

/// The cost-effectiveness of a run, or why it cannot be told. None if no engine answered.
pub fn cost_effectiveness(
    model: &Model,
    decision: &Decision,
    results: &Results,
    breakdown: Option<&Breakdown>,
) -> Option<Result<CostEffectiveness, String>> {
    let (source, solution) = results.main()?;
    let strategies = 0..model.strategies.len();
    // The exact totals as all tables show them, to the last digit.
    let mean = |s: usize, o: usize| match (source, breakdown) {
        (Source::Exact, Some(breakdown)) => breakdown.total(Worth::Discounted, s, o, model.time.cycles),
        _ => solution.totals.strategies[s].outcomes[o].mean,
    };
    let outcomes = |s: usize| (0..model.outcomes.len()).map(|o| mean(s, o)).collect();
    let means: Vec<Vec<f64>> = strategies.clone().map(outcomes).collect();
    let errors = strategies.map(|s| {
        [decision.cost, decision.effect].map(|o| {
            let increment = solution.totals.strategies[s].increments.get(o);
            let sd = increment.and_then(|total| total.sd);
            sd.filter(|_| source == Source::Microsimulation).map(|sd| sd / sqrt(solution.counts.patients))
        })
    });
    let errors = errors.collect();
    Some(of_means(model, decision, (source, &means), errors))
}

/// The cost-effectiveness of mean outcomes, `[strategy][outcome]`.
fn of_means(
    model: &Model,
    decision: &Decision,
    (source, means): (Source, &[Vec<f64>]),
    errors: Vec<[Option<f64>; 2]>,
) -> Result<CostEffectiveness, String> {
    let totals: Vec<CostEffect> = (means.iter())
        .map(|of| CostEffect { cost: of[decision.cost], effect: of[decision.effect] })
        .collect();
    if let Some(s) = (totals.iter()).position(|t| !(t.cost.is_finite() && t.effect.is_finite())) {
        return Err(format!(
            "the mean cost or effect of \"{}\" is no number: a formula of its rewards divides by zero or overflows",
            model.strategies[s].label
        ));
    }
    let on_offer: Vec<bool> = model.strategies.iter().map(|s| !s.bound).collect();
    if !on_offer.contains(&true) {
        return Err("every strategy is a bound, and none is on offer".into());
    }
    let costs: Vec<f64> = totals.iter().map(|t| t.cost).collect();
    let effects: Vec<f64> = totals.iter().map(|t| t.effect).collect();
    let table = incremental(&costs, &effects, &on_offer).map_err(|error| error.to_string())?;
    let reference = model.reference();
    let pairs: Vec<Pairwise> = totals.iter().map(|t| pairwise(*t, totals[reference])).collect();
    let benefits = (totals.iter().zip(&pairs))
        .map(|(own, pair)| {
            let thresholds = decision.thresholds.iter();
            thresholds.map(|threshold| benefit(own, pair, threshold.value)).collect()
        })
        .collect();
    let thresholds = decision.thresholds.iter();
    let best = thresholds.map(|t| best(model, decision, means, t.value)).collect();
    Ok(CostEffectiveness {
        source,
        reference,
        totals,
        pairs,
        errors,
        switches: table.switch_points(),
        table,
        benefits,
        best,
    })
}

fn benefit(own: &CostEffect, pair: &Pairwise, threshold: f64) -> Benefit {
    Benefit {
        nmb: nmb(own.cost, own.effect, threshold),
        nhb: nhb(own.cost, own.effect, threshold),
        incremental_nmb: nmb(pair.cost, pair.effect, threshold),
        incremental_nhb: nhb(pair.cost, pair.effect, threshold),
    }
}

/// The strategies on offer that are worth most, in the order of the scenario: those that do not differ are all best.
fn best(model: &Model, decision: &Decision, means: &[Vec<f64>], threshold: f64) -> Vec<usize> {
    let worth = |s: usize| nmb(means[s][decision.cost], means[s][decision.effect], threshold);
    let ranked = ranked(model, decision, means, threshold);
    let Some(&first) = ranked.first() else {
        return Vec::new();
    };
    let most = worth(first);
    let as_good = |&s: &usize| (most - worth(s)).abs() <= ROUNDING * most.abs().max(worth(s).abs());
    let mut best: Vec<usize> = ranked.into_iter().filter(as_good).collect();
    best.sort_unstable();
    best
}
