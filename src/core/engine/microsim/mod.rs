//! Microsimulation: individual patients, event by event, with running thresholds.
//!
//! Each transition of a patient has one Exp(1) threshold. Every cycle of exposure subtracts its cumulative hazard from
//! the threshold, and a new threshold is drawn only after the transition has fired. Strategies share the same
//! thresholds (common random numbers). Run time grows with the number of events in a life, not with the number of
//! cycles: if a hazard is a multiplier times a baseline on one clock, the cycle of firing is looked up in a table that
//! all patients share.

mod amount_tables;
mod case_table;
mod continuous;
mod course;
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
use continuous::instant::DiscountClock;
use continuous::rewards::ContinuousRewards;
use event_counts::EventCounts;
use life::Life;
pub use life::Move;
use life_rewards::{LifeRewards, PatientAmounts};
use plan::Plan;
pub use settings::{BLOCK, Rule, Settings, Watch};
use totals_sum::TotalsSum;

/// Results of a simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Moves and endpoints of all patients.
    pub counts: Counts,
    /// Totals of rewards per patient.
    pub totals: Totals,
}

/// Simulates all patients under all strategies; `None` if the run was stopped.
pub fn run(tables: &Tables, settings: &Settings, watch: &Watch) -> Option<Simulated> {
    let mut simulation = Simulation::new(tables, settings);
    simulation.extend(settings.patients, watch)?;
    Some(simulation.simulated())
}

/// A simulation to which patients can be added.
pub struct Simulation<'a> {
    tables: &'a Tables<'a>,
    plan: Plan<'a>,
    amounts: Option<AmountTables<'a>>,
    discounts: Option<DiscountClock>,
    together: Option<(usize, usize)>,
    patients: u64,
    counts: EventCounts<'a>,
    /// Totals of all blocks, each with its block number.
    blocks: Vec<(u64, totals_sum::BlockTotals)>,
}

impl<'a> Simulation<'a> {
    /// Prepares a simulation without patients.
    pub fn new(tables: &'a Tables<'a>, settings: &Settings) -> Simulation<'a> {
        let model = tables.model;
        Simulation {
            tables,
            plan: Plan::new(tables, settings),
            // A model without outcomes has no rewards.
            amounts: (!model.outcomes.is_empty()).then(|| AmountTables::new(tables)),
            discounts: model.time.continuous().then(|| DiscountClock::new(tables)),
            together: settings.together,
            patients: 0,
            counts: EventCounts::new(model),
            blocks: Vec::new(),
        }
    }

    /// Number of patients simulated so far under each strategy.
    pub fn patients(&self) -> u64 {
        self.patients
    }

    /// Adds patients until there are `patients`; `None` if the run was stopped. Only the last extension may end within a block: the
    /// number of patients before each other one must be a multiple of [`BLOCK`].
    pub fn extend(&mut self, patients: u64, watch: &Watch) -> Option<()> {
        assert!(self.patients.is_multiple_of(BLOCK), "patients are added after whole blocks");
        let model = self.tables.model;
        let blocks = self.patients / BLOCK..patients.div_ceil(BLOCK);
        let stopped = || watch.stopped();
        let ready = || Worker {
            counts: EventCounts::new(model),
            life: Life::new(&self.plan),
            rewards: self.amounts.as_ref().map(|amounts| {
                let of = |_| Rewards::new(amounts, self.discounts.as_ref());
                let rewards = (0..model.strategies.len()).map(of).collect();
                (rewards, PatientAmounts::new(amounts), TotalsSum::new(model, self.together))
            }),
            blocks: Vec::new(),
        };
        // Events are whole numbers, so blocks can be added in any order with identical results. Totals are floating-point
        // numbers and are added block by block at the end.
        let (counts, totals) = blocks
            .into_par_iter()
            .fold(ready, |mut worker, block| {
                if !stopped() {
                    let from = block * BLOCK;
                    let to = (from + BLOCK).min(patients);
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
                    (counts.merge(&other), totals)
                },
            );
        if stopped() {
            return None;
        }
        self.counts.add(&counts);
        self.blocks.extend(totals);
        self.patients = patients;
        Some(())
    }

    /// Totals of rewards per patient so far.
    pub fn totals(&mut self) -> Totals {
        totals_sum::totals(self.tables.model, self.together, &mut self.blocks)
    }

    /// Results so far.
    pub fn simulated(&mut self) -> Simulated {
        Simulated {
            counts: self.counts.counts(self.patients as f64, &self.plan.alike),
            totals: self.totals(),
        }
    }
}

/// Rewards of the current life under one strategy, for either rule of moves.
enum Rewards<'a> {
    OnceACycle(LifeRewards<'a>),
    Continuous(ContinuousRewards<'a>),
}

impl<'a> Rewards<'a> {
    /// Starts with no rewards; `discounts` is given if time is continuous.
    fn new(amounts: &'a AmountTables<'a>, discounts: Option<&'a DiscountClock>) -> Rewards<'a> {
        match discounts {
            None => Rewards::OnceACycle(LifeRewards::new(amounts)),
            Some(discounts) => Rewards::Continuous(ContinuousRewards::new(amounts, discounts)),
        }
    }

    #[inline]
    fn count(&mut self, m: Move, patient: &mut PatientAmounts) {
        match self {
            Rewards::OnceACycle(own) => own.count(m, patient),
            Rewards::Continuous(own) => own.count(m, patient),
        }
    }

    /// Adds the last stay, and returns the total of each component.
    #[inline]
    fn end(&mut self, patient: &mut PatientAmounts) -> &[f64] {
        match self {
            Rewards::OnceACycle(own) => own.end(patient),
            Rewards::Continuous(own) => own.end(patient),
        }
    }
}

/// Working space of one thread, with its results so far.
struct Worker<'a> {
    counts: EventCounts<'a>,
    life: Life<'a>,
    /// Rewards of the current life under each strategy, what they share of the patient, and their sums over patients.
    rewards: Option<(Vec<Rewards<'a>>, PatientAmounts<'a>, TotalsSum<'a>)>,
    /// Totals of finished blocks, each with its block number.
    blocks: Vec<(u64, totals_sum::BlockTotals)>,
}

impl Worker<'_> {
    /// Simulates the patients of one block.
    fn block(&mut self, number: u64, patients: std::ops::Range<u64>) {
        let Worker { counts, life, rewards, .. } = self;
        let plan = life.plan;
        for patient in patients {
            life.begin(patient);
            if let Some((_, amounts, _)) = rewards {
                amounts.begin(&life.clocks.attributes);
            }
            for strategies in &plan.alike {
                counts.patient(strategies[0]);
                match rewards {
                    None => life.live(strategies[0], &mut |m| counts.count(m)),
                    Some((rewards, amounts, totals)) => {
                        life.live(strategies[0], &mut |m| {
                            counts.count(m);
                            for &strategy in strategies {
                                rewards[strategy].count(m.under(strategies[0], strategy), amounts);
                            }
                        });
                        for &strategy in strategies {
                            totals.life(strategy, rewards[strategy].end(amounts));
                        }
                    }
                }
                counts.end();
            }
            if let Some((_, _, totals)) = rewards {
                totals.patient();
            }
        }
        if let Some((_, _, totals)) = rewards {
            self.blocks.push((number, totals.block()));
        }
    }
}

/// The event histories of the first `patients` patients, in order of patient and strategy.
pub fn histories(tables: &Tables, settings: &Settings, patients: u64) -> Vec<History> {
    histories_of(tables, settings, 0..patients.min(settings.patients))
}

/// The event histories of these patients, in order of patient and strategy. Any patient can be replayed without the
/// others.
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
    /// Number of the patient, which identifies the random numbers.
    pub patient: u64,
    /// Index of the strategy.
    pub strategy: usize,
    /// Attribute values at the start.
    pub attributes: Vec<f64>,
    /// Moves in order of time; the first is the start.
    pub moves: Vec<Move>,
}
