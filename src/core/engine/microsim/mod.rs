//! The microsimulation: individual patients, event by event, with running thresholds.
//!
//! Each transition of a patient has one Exp(1) threshold, which every exposed cycle spends by the cumulative
//! hazard and which is renewed only when the transition fires. Strategies see the same thresholds (common
//! random numbers). The cost grows with the events of a life, not with its cycles: where a hazard is a
//! multiplier times a baseline on one clock, the firing cycle is looked up in a table that all patients share.

mod account;
mod cumulative;
mod gather;
mod life;
mod lookup;
mod plan;
mod population;
mod prices;
mod race;
mod tally;
mod walk;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::counts::Counts;
use super::totals::Totals;
use crate::model::Tables;
use crate::model::quadrature::Node;

use account::Account;
use gather::Gathering;
use life::Life;
pub use life::Move;
use plan::Plan;
pub use plan::Rule;
use prices::Prices;
use tally::Tally;

/// Patients per block: the unit of work, of progress and of cancellation.
pub const BLOCK: u64 = 4096;

/// How to simulate.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Number of patients.
    pub patients: u64,
    /// Seed.
    pub seed: u64,
    /// Number of the PSA draw; 0 for the base case.
    pub draw: u64,
    /// Draw continuous attributes from these nodes instead of their distributions (to test the chain itself
    /// without integration error).
    pub nodes: Option<Vec<Vec<Node>>>,
    /// How losers and ties are treated; anything but `Correct` is an error planted by a test.
    #[doc(hidden)]
    pub rule: Rule,
}

impl Settings {
    /// Plain settings.
    pub fn new(patients: u64, seed: u64) -> Settings {
        Settings { patients, seed, draw: 0, nodes: None, rule: Rule::Correct }
    }
}

/// What happens while a simulation runs.
#[derive(Default)]
pub struct Watch<'a> {
    /// Called with the number of patients of each finished block.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
    /// Set by someone else to stop.
    pub stop: Option<&'a AtomicBool>,
}

impl Watch<'_> {
    /// Whether somebody wants the run to end.
    pub fn stopped(&self) -> bool {
        self.stop.is_some_and(|s| s.load(Ordering::Relaxed))
    }
}

/// What came of simulated patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// What happened to them.
    pub counts: Counts,
    /// What they gathered.
    pub totals: Totals,
}

/// Simulates all patients under all strategies; `None` if it was stopped.
pub fn run(tables: &Tables, settings: &Settings, watch: &Watch) -> Option<Simulated> {
    let model = tables.model;
    let plan = Plan::new(tables, settings);
    // Nothing is added up where nothing has a price.
    let prices = (!model.outcomes.is_empty()).then(|| Prices::new(tables));
    let blocks = settings.patients.div_ceil(BLOCK);
    let stopped = || watch.stopped();
    let ready = || Worker {
        tally: Tally::new(model),
        life: Life::new(&plan),
        accounts: prices.as_ref().map(|prices| {
            let each = (0..model.strategies.len()).map(|_| Account::new(prices));
            (each.collect(), Gathering::new(model))
        }),
        gathered: Vec::new(),
    };
    // Events are whole numbers, so that any order of adding blocks gives the same bits; totals are added up block by
    // block in the end.
    let (tally, gathered) = (0..blocks)
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
        .map(|worker| (worker.tally, worker.gathered))
        .reduce(
            || (Tally::new(model), Vec::new()),
            |(tally, mut gathered), (other, more)| {
                gathered.extend(more);
                (tally.merge(other), gathered)
            },
        );
    (!stopped()).then(|| Simulated {
        counts: tally.counts(settings.patients as f64, &plan.alike),
        totals: gather::totals(model, gathered),
    })
}

/// What one thread works with.
struct Worker<'a> {
    tally: Tally<'a>,
    life: Life<'a>,
    /// One account for each strategy.
    accounts: Option<(Vec<Account<'a>>, Gathering<'a>)>,
    /// Finished blocks.
    gathered: Vec<(u64, gather::Gathered)>,
}

impl Worker<'_> {
    /// Simulates the patients of one block.
    fn block(&mut self, number: u64, patients: std::ops::Range<u64>) {
        let Worker { tally, life, accounts, .. } = self;
        let plan = life.plan;
        for patient in patients {
            life.begin(patient);
            for strategies in &plan.alike {
                tally.patient(strategies[0]);
                match accounts {
                    None => life.live(strategies[0], &mut |m| tally.count(m)),
                    Some((accounts, gathering)) => {
                        for &strategy in strategies {
                            accounts[strategy].patient(&life.clocks.attributes);
                        }
                        life.live(strategies[0], &mut |m| {
                            tally.count(m);
                            for &strategy in strategies {
                                accounts[strategy].count(m.under(strategies[0], strategy));
                            }
                        });
                        for &strategy in strategies {
                            let account = &mut accounts[strategy];
                            account.end();
                            gathering.life(strategy, &account.totals);
                        }
                    }
                }
                tally.end();
            }
            if let Some((_, gathering)) = accounts {
                gathering.patient();
            }
        }
        if let Some((_, gathering)) = accounts {
            self.gathered.push((number, gathering.block()));
        }
    }
}

/// The event histories of the first `patients` patients, in order of patient and strategy.
pub fn histories(tables: &Tables, settings: &Settings, patients: u64) -> Vec<History> {
    histories_of(tables, settings, 0..patients.min(settings.patients))
}

/// The event histories of these patients, in order of patient and strategy: any patient can be told alone.
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

/// What happened to one patient under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Number of the patient.
    pub patient: u64,
    /// Strategy.
    pub strategy: usize,
    /// Attribute values at the start.
    pub attributes: Vec<f64>,
    /// What happened, in order; the first is the start.
    pub moves: Vec<Move>,
}
