//! Cost-effectiveness of the base case: increments and ICERs versus the reference, the full incremental analysis
//! (dominance, frontier), and net benefit at every threshold.

use super::base_case::Results;
use super::curves::Source;
use super::outcomes::{Breakdown, Discounting};
use super::sensitivity::net_benefit::{ROUNDING, ranked};
use arcosim_core::economics::{
    CostEffect, Incremental, Pairwise, SwitchPoint, incremental, nhb, nmb, pairwise,
};
use arcosim_core::engine::{StrategyTotals, Totals};
use arcosim_core::math::sqrt;
use arcosim_core::model::{Decision, Model};

/// Cost-effectiveness of all strategies; every `[strategy]` index follows the order of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct CostEffectiveness {
    /// The engine that computed the means.
    pub source: Source,
    /// Index of the reference strategy.
    pub reference: usize,
    /// Mean cost and effect per patient, discounted as the outcomes specify, `[strategy]`.
    pub totals: Vec<CostEffect>,
    /// Comparison of every strategy with the reference, `[strategy]`; the entry of the reference is "no difference".
    pub pairs: Vec<Pairwise>,
    /// Monte Carlo standard errors of incremental cost and incremental effect, `[strategy]`; `None` if the means are
    /// expected values from the exact engine.
    pub errors: Vec<[Option<f64>; 2]>,
    /// Full incremental analysis of all decision options, without strategies that only serve as bounds.
    pub table: Incremental,
    /// Willingness-to-pay thresholds at which the optimal strategy changes, ascending.
    pub switches: Vec<SwitchPoint>,
    /// Net benefit of every strategy at every threshold of the decision, `[strategy][threshold]`.
    pub benefits: Vec<Vec<Benefit>>,
    /// Decision options with the highest net benefit at every threshold, `[threshold]`; several options if their net
    /// benefits are equal.
    pub best: Vec<Vec<usize>>,
}

/// Net benefit of a strategy at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benefit {
    /// Net monetary benefit: threshold × effect − cost.
    pub nmb: f64,
    /// Net health benefit: effect − cost / threshold; `None` unless the threshold is positive.
    pub nhb: Option<f64>,
    /// Incremental net monetary benefit versus the reference; exactly zero if neither cost nor effect differs.
    pub incremental_nmb: f64,
    /// Monte Carlo standard error of `incremental_nmb`; `None` if the means are expected values from the exact engine.
    pub se_incremental_nmb: Option<f64>,
    /// Incremental net health benefit versus the reference; `None` unless the threshold is positive.
    pub incremental_nhb: Option<f64>,
}

/// Computes the cost-effectiveness of a run, or the reason why it is undefined; `None` if no engine ran.
pub fn cost_effectiveness(
    model: &Model,
    decision: &Decision,
    results: &Results,
    breakdown: Option<&Breakdown>,
) -> Option<Result<CostEffectiveness, String>> {
    let (source, solution) = results.main()?;
    let strategies = 0..model.strategies.len();
    // The totals of the exact engine are taken from the breakdown, so that all tables agree to the last digit.
    let mean = |s: usize, o: usize| match (source, breakdown) {
        (Source::Exact, Some(breakdown)) => breakdown.total(Discounting::Discounted, s, o, model.time.cycles),
        _ => solution.totals.strategies[s].outcomes[o].mean,
    };
    let outcomes = |s: usize| (0..model.outcomes.len()).map(|o| mean(s, o)).collect();
    let means: Vec<Vec<f64>> = strategies.clone().map(outcomes).collect();
    let root = sqrt(solution.counts.patients);
    let sampled = (source == Source::Microsimulation).then_some((&solution.totals, root));
    Some(of_means(model, decision, (source, &means), sampled))
}

/// Cost-effectiveness from mean outcomes `[strategy][outcome]`; `sampled` has the totals of simulated patients and the square root of
/// their number.
fn of_means(
    model: &Model,
    decision: &Decision,
    (source, means): (Source, &[Vec<f64>]),
    sampled: Option<(&Totals, f64)>,
) -> Result<CostEffectiveness, String> {
    let totals: Vec<CostEffect> = (means.iter())
        .map(|of| CostEffect { cost: of[decision.cost], effect: of[decision.effect] })
        .collect();
    if let Some(s) = (totals.iter()).position(|t| !(t.cost.is_finite() && t.effect.is_finite())) {
        return Err(format!(
            "the mean cost or effect of \"{}\" is not a finite number: a formula of its rewards divides by zero or overflows",
            model.strategies[s].label
        ));
    }
    let on_offer: Vec<bool> = model.strategies.iter().map(|s| !s.bound).collect();
    if !on_offer.contains(&true) {
        return Err("every strategy is a bound, so there is no decision option to choose".into());
    }
    let costs: Vec<f64> = totals.iter().map(|t| t.cost).collect();
    let effects: Vec<f64> = totals.iter().map(|t| t.effect).collect();
    let table = incremental(&costs, &effects, &on_offer).map_err(|error| error.to_string())?;
    let reference = model.reference();
    let pairs: Vec<Pairwise> = totals.iter().map(|t| pairwise(*t, totals[reference])).collect();
    let error = |s: usize, sd: &dyn Fn(&StrategyTotals) -> Option<f64>| {
        let (totals, root) = sampled?;
        Some(sd(&totals.strategies[s])? / root)
    };
    let errors = (0..totals.len())
        .map(|s| [decision.cost, decision.effect].map(|o| error(s, &|own| own.increments.get(o)?.sd)))
        .collect();
    let benefits = (totals.iter().zip(&pairs).enumerate())
        .map(|(s, (own, pair))| {
            let at = |threshold: f64| {
                let sd =
                    |own: &StrategyTotals| own.sd_of_net_benefit(decision.cost, decision.effect, threshold);
                benefit(own, pair, threshold, error(s, &sd))
            };
            decision.thresholds.iter().map(|threshold| at(threshold.value)).collect()
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

fn benefit(own: &CostEffect, pair: &Pairwise, threshold: f64, se: Option<f64>) -> Benefit {
    Benefit {
        nmb: nmb(own.cost, own.effect, threshold),
        nhb: nhb(own.cost, own.effect, threshold),
        incremental_nmb: nmb(pair.cost, pair.effect, threshold),
        se_incremental_nmb: se,
        incremental_nhb: nhb(pair.cost, pair.effect, threshold),
    }
}

/// Decision options with the highest net benefit, in the order of the scenario; several options if their net benefits
/// are equal.
fn best(model: &Model, decision: &Decision, means: &[Vec<f64>], threshold: f64) -> Vec<usize> {
    let net_benefit = |s: usize| nmb(means[s][decision.cost], means[s][decision.effect], threshold);
    let ranked = ranked(model, decision, means, threshold);
    let Some(&first) = ranked.first() else {
        return Vec::new();
    };
    let most = net_benefit(first);
    let as_good =
        |&s: &usize| (most - net_benefit(s)).abs() <= ROUNDING * most.abs().max(net_benefit(s).abs());
    let mut best: Vec<usize> = ranked.into_iter().filter(as_good).collect();
    best.sort_unstable();
    best
}
