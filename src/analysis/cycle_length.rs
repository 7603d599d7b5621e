//! What the cycle length costs: the change in results with cycles of half the length.
//!
//! Patients move once a cycle, at its end, so the error of the cycle length is about proportional to it. The results of cycles of
//! length `h` and `h / 2` then extrapolate to ever shorter cycles: `x(0) = x(h) + 2 (x(h / 2) - x(h))` (L. F. Richardson 1911).
//! In continuous time the error is at most about second order, and the change is multiplied by 4/3 in place of 2.

use crate::base_case::Results;
use crate::curves::{Curves, Solution, Source};
use crate::landmarks;
use crate::sensitivity::net_benefit::best;
use arcosim_core::engine::cohort;
use arcosim_core::engine::microsim::Watch;
use arcosim_core::model::population::few_nodes;
use arcosim_core::model::{
    Clock, Correction, Decision, EffectOn, Expr, Function, Hazard, Model, Share, Tables, impossible,
};

/// Nodes for each continuous attribute. The change that the cycle length makes hardly depends on their number, and both lengths
/// are computed on the same nodes.
const NODES: usize = 3;

/// Largest number of shares of patients, over all cycles, for which the change is computed in every run.
const MOST_SHARES: f64 = 2e7;

/// The effect of the cycle length, or the reason why it is not known.
#[derive(Clone, Debug)]
pub enum CycleLength {
    /// Changes with cycles of half the length.
    Known(CycleChange),
    /// Why the changes are not known.
    Unknown(String),
}

/// Changes in results with cycles of half the length.
#[derive(Clone, Debug)]
pub struct CycleChange {
    /// Factor by which changes are multiplied to extrapolate to ever shorter cycles.
    pub factor: f64,
    /// `[strategy][outcome]`: change in the total per patient.
    pub totals: Vec<Vec<f64>>,
    /// `[strategy][endpoint][landmark]`: change in the cumulative incidence; `None` beyond the follow-up.
    pub incidence: Vec<Vec<Vec<Option<f64>>>>,
}

/// A result with the given cycles, with cycles of half the length, and extrapolated to ever shorter cycles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ByCycle {
    /// Result with the given cycles.
    pub value: f64,
    /// Result with cycles of half the length.
    pub halved: f64,
    /// Factor by which the change is multiplied to extrapolate to ever shorter cycles.
    pub factor: f64,
}

impl ByCycle {
    /// Change with cycles of half the length.
    pub fn change(self) -> f64 {
        self.halved - self.value
    }

    /// Value extrapolated to ever shorter cycles.
    pub fn extrapolated(self) -> f64 {
        self.value + self.factor * self.change()
    }
}

impl CycleChange {
    /// Totals `[strategy][outcome]` with each cycle length.
    pub fn totals(&self, results: &Results) -> Option<Vec<Vec<ByCycle>>> {
        let exact = results.exact.as_ref()?;
        let each = exact.solution.totals.strategies.iter().zip(&self.totals);
        let totals = each.map(|(own, changes)| {
            let outcomes = own.outcomes.iter().zip(changes);
            outcomes
                .map(|(total, change)| ByCycle {
                    value: total.mean,
                    halved: total.mean + change,
                    factor: self.factor,
                })
                .collect()
        });
        Some(totals.collect())
    }

    /// Best strategy at a threshold with the given cycles, and with totals extrapolated to ever shorter cycles; `None` if every
    /// strategy is a bound.
    pub fn best(
        &self,
        model: &Model,
        decision: &Decision,
        results: &Results,
        threshold: f64,
    ) -> Option<(usize, usize)> {
        let totals = self.totals(results)?;
        let of = |value: fn(&ByCycle) -> f64| -> Option<usize> {
            let totals: Vec<Vec<f64>> = totals.iter().map(|own| own.iter().map(value).collect()).collect();
            best(model, decision, &totals, threshold)
        };
        Some((of(|x| x.value)?, of(|x| x.extrapolated())?))
    }
}

/// Solves the model with the given cycles and with cycles of half the length at base values; `None` if interrupted.
/// Cumulative incidences are compared at `years`.
pub fn cycle_length(model: &Model, years: &[f64], watch: &Watch) -> Option<CycleLength> {
    let values = model.base_values();
    let short = match halved(model) {
        Ok(short) => short,
        Err(reason) => return Some(CycleLength::Unknown(reason.into())),
    };
    if let Some(problem) = impossible(&short, &values) {
        return Some(CycleLength::Unknown(format!("with cycles of half the length, {problem}")));
    }
    let nodes = few_nodes(model, &values, NODES);
    let (long_tables, short_tables) = (Tables::new(model, &values), Tables::new(&short, &values));
    let strategies = model.strategies.len() as f64;
    if cohort::shares_kept(&short_tables, &nodes) * short.time.cycles as f64 * strategies > MOST_SHARES {
        return Some(CycleLength::Unknown(
            "the model with cycles of half the length is too large to be solved in every run; `arcosim verify` solves it (R20)"
                .into(),
        ));
    }
    let stopped = || watch.stopped();
    let solve = |tables: &Tables| {
        let counts = cohort::run_unless(tables, &nodes, &stopped)?;
        let totals = cohort::totals(tables.model, &counts.strategies, &[]);
        Some(Solution::new(counts, totals, &tables.model.time))
    };
    let (long, short) = rayon::join(|| solve(&long_tables), || solve(&short_tables));
    let (long, short) = (long?, short?);
    let totals = long.totals.strategies.iter().zip(&short.totals.strategies).map(|(long, short)| {
        long.outcomes.iter().zip(&short.outcomes).map(|(long, short)| short.mean - long.mean).collect()
    });
    // Landmarks are those of the given cycles; both grids have these points.
    let years: Vec<f64> = years.iter().map(|&years| landmarks::on_grid(&model.time, years)).collect();
    let at = |curves: &Option<Curves>, years: f64| {
        Some(landmarks::incidence(curves.as_ref()?, Source::Exact, years)?.estimate)
    };
    let incidence = long.curves.iter().zip(&short.curves).map(|(long, short)| {
        let endpoints = long.iter().zip(short);
        endpoints
            .map(|(long, short)| years.iter().map(|&y| Some(at(short, y)? - at(long, y)?)).collect())
            .collect()
    });
    Some(CycleLength::Known(CycleChange {
        factor: to_shorter_cycles(model),
        totals: totals.collect(),
        incidence: incidence.collect(),
    }))
}

/// Factor by which a change with cycles of half the length is multiplied to extrapolate to ever shorter cycles.
pub fn to_shorter_cycles(model: &Model) -> f64 {
    if model.time.continuous() { 4.0 / 3.0 } else { 2.0 }
}

/// Copy of the model with cycles of half the length, or the reason why the cycles cannot be halved. Yearly amounts, rates and
/// clocks stay the same; a stated probability per cycle becomes that of half a cycle at the same rate.
pub fn halved(model: &Model) -> Result<Model, &'static str> {
    let mut own = model.with_half_cycles();
    // Nothing happens once a cycle, and the cycle length that a formula reads belongs to the number that it converts.
    if model.time.continuous() {
        return Ok(own);
    }
    let counts = |expr: &Expr| {
        let mut found = false;
        expr.walk(&mut |e| found |= matches!(e, Expr::Clock(Clock::Cycle | Clock::AgeAtEnd(_))));
        found
    };
    for outcome in &model.outcomes {
        if matches!(outcome.correction, Correction::Weights(_)) {
            return Err("an outcome lists the weights of its cycles");
        }
    }
    for reward in &mut own.rewards {
        if counts(&reward.amount) {
            return Err("an amount uses the number of the cycle");
        }
        reward.amount = with_half_cycle(&reward.amount);
    }
    for transition in &mut own.transitions {
        let mut reads = false;
        transition.expressions(&mut |e| reads |= counts(e));
        if reads {
            return Err("a transition uses the number of the cycle");
        }
        for branch in &mut transition.branches {
            if let Share::Stated(share) = &mut branch.share {
                *share = with_half_cycle(share);
            }
        }
        if let Some(never) = &mut transition.never {
            never.share = with_half_cycle(&never.share);
        }
        match &mut transition.hazard {
            Hazard::Rate(e) | Hazard::Distribution { ratio: e, .. } | Hazard::LifeTable { ratio: e, .. } => {
                *e = with_half_cycle(e)
            }
            Hazard::Complement => {
                return Err("a transition takes the remaining probability of a cycle, whatever the \
                                              cycle length");
            }
            Hazard::Probability(p) => {
                let mut waits = false;
                p.walk(&mut |e| waits |= matches!(e, Expr::Clock(Clock::TimeIn(_))));
                let sure = matches!(p, Expr::Number(x) if *x >= 1.0 - 1e-12);
                if sure {
                    return Err("patients leave a state after one cycle, whatever the cycle length");
                }
                *p = with_half_cycle(p);
                if !waits {
                    let own = std::mem::replace(p, Expr::Number(0.0));
                    let rate = Expr::Call(Function::Rate, vec![own, Expr::Number(1.0)]);
                    *p = Expr::Call(Function::Prob, vec![rate, Expr::Number(0.5)]);
                }
            }
        }
    }
    for strategy in &mut own.strategies {
        for (_, expr) in &mut strategy.substitutions {
            *expr = with_half_cycle(expr);
        }
    }
    for effect in own.strategies.iter_mut().flat_map(|s| &mut s.effects) {
        effect.ratio = with_half_cycle(&effect.ratio);
        if effect.on == EffectOn::Probability {
            return Err("a relative risk acts on the probability per cycle, whatever the cycle length");
        }
    }
    Ok(own)
}

/// The expression with cycles of half the length.
fn with_half_cycle(expr: &Expr) -> Expr {
    expr.rewritten(&|part| match part {
        Expr::CycleLength(years) => Expr::CycleLength(years / 2.0),
        other => other,
    })
}
