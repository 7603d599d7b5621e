//! Microsimulation: individual patients, event by event, with running thresholds.
//!
//! Each transition of a patient has one Exp(1) threshold, which every exposed cycle spends by the cumulative
//! hazard and which is renewed only when the transition fires. Strategies see the same thresholds (common
//! random numbers). The cost grows with the events of a life, not with its cycles: where a hazard is a
//! multiplier times a baseline on one clock, the firing cycle is looked up in a table that all patients share.

mod amount_tables;
mod cumulative;
mod event_counts;
mod life;
mod life_rewards;
mod lookup;
mod plan;
mod population;
mod race;
mod settings;
mod totals_sum;
mod walk;

use rayon::prelude::*;

use super::counts::Counts;
use super::totals::Totals;
use crate::model::Tables;

use amount_tables::AmountTables;
use event_counts::EventCounts;
use life::Life;
pub use life::Move;
use life_rewards::LifeRewards;
use plan::Plan;
pub use settings::{BLOCK, Rule, Settings, Watch};
use totals_sum::TotalsSum;

/// Results of simulated patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Counts of their moves and endpoints.
    pub counts: Counts,
    /// Their rewards.
    pub totals: Totals,
}

/// Simulates all patients under all strategies; `None` if it was stopped.
pub fn run(tables: &Tables, settings: &Settings, watch: &Watch) -> Option<Simulated> {
    let model = tables.model;
    let plan = Plan::new(tables, settings);
    // Without outcomes there are no rewards to add up.
    let amounts = (!model.outcomes.is_empty()).then(|| AmountTables::new(tables));
    let blocks = settings.patients.div_ceil(BLOCK);
    let stopped = || watch.stopped();
    let ready = || Worker {
        counts: EventCounts::new(model),
        life: Life::new(&plan),
        rewards: amounts.as_ref().map(|amounts| {
            let each = (0..model.strategies.len()).map(|_| LifeRewards::new(amounts));
            (each.collect(), TotalsSum::new(model))
        }),
        blocks: Vec::new(),
    };
    // Events are whole numbers, so that any order of adding blocks gives the same bits; totals are added up block by
    // block in the end.
    let (counts, totals) = (0..blocks)
        .into_par_iter()
        .fold(ready, |mut worker, block| {
            if !stopped() {
                let from = block * BLOCK;
                let to = (from + BLOCK).min(settings.patients);
                worker.block(block, from..to);
                if let Some(progress) = watch.progress {
                    progress(to - from);
                }
            }
            worker
        })
        .map(|worker| (worker.counts, worker.blocks))
        .reduce(
            || (EventCounts::new(model), Vec::new()),
            |(counts, mut totals), (other, more)| {
                totals.extend(more);
                (counts.merge(other), totals)
            },
        );
    (!stopped()).then(|| Simulated {
        counts: counts.counts(settings.patients as f64, &plan.alike),
        totals: totals_sum::totals(model, totals),
    })
}

/// Working space of one thread.
struct Worker<'a> {
    counts: EventCounts<'a>,
    life: Life<'a>,
    /// Rewards of one life for each strategy, and their sums over patients.
    rewards: Option<(Vec<LifeRewards<'a>>, TotalsSum<'a>)>,
    /// Finished blocks.
    blocks: Vec<(u64, totals_sum::BlockTotals)>,
}

impl Worker<'_> {
    /// Simulates the patients of one block.
    fn block(&mut self, number: u64, patients: std::ops::Range<u64>) {
        let Worker { counts, life, rewards, .. } = self;
        let plan = life.plan;
        for patient in patients {
            life.begin(patient);
            for strategies in &plan.alike {
                counts.patient(strategies[0]);
                match rewards {
                    None => life.live(strategies[0], &mut |m| counts.count(m)),
                    Some((rewards, totals)) => {
                        for &strategy in strategies {
                            rewards[strategy].patient(&life.clocks.attributes);
                        }
                        life.live(strategies[0], &mut |m| {
                            counts.count(m);
                            for &strategy in strategies {
                                rewards[strategy].count(m.under(strategies[0], strategy));
                            }
                        });
                        for &strategy in strategies {
                            let own = &mut rewards[strategy];
                            own.end();
                            totals.life(strategy, &own.totals);
                        }
                    }
                }
                counts.end();
            }
            if let Some((_, totals)) = rewards {
                totals.patient();
            }
        }
        if let Some((_, totals)) = rewards {
            self.blocks.push((number, totals.block()));
        }
    }
}

/// The event histories of the first `patients` patients, in order of patient and strategy.
pub fn histories(tables: &Tables, settings: &Settings, patients: u64) -> Vec<History> {
    histories_of(tables, settings, 0..patients.min(settings.patients))
}

/// The event histories of these patients, in order of patient and strategy: any patient can be replayed alone.
pub fn histories_of(tables: &Tables, settings: &Settings, patients: std::ops::Range<u64>) -> Vec<History> {
    let plan = Plan::new(tables, settings);
    let mut life = Life::new(&plan);
    let mut histories = Vec::new();
    for patient in patients {
        life.begin(patient);
        for strategy in 0..tables.model.strategies.len() {
            let mut moves = Vec::new();
            life.live(strategy, &mut |m| moves.push(m));
            histories.push(History { patient, strategy, attributes: life.clocks.attributes.clone(), moves });
        }
    }
    histories
}

/// The events of one patient under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Number of the patient.
    pub patient: u64,
    /// Strategy.
    pub strategy: usize,
    /// Attribute values at the start.
    pub attributes: Vec<f64>,
    /// Moves in order; the first is the start.
    pub moves: Vec<Move>,
}
