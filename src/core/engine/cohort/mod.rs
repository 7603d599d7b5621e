//! Cohort engine (exact): expected occupancy, moves, endpoints and rewards by recursion over cycles. `engine/README.md`
//! explains which recursion runs when.
//!
//! Strata are all combinations of the attributes that the future of a state reads (continuous attributes at quadrature
//! nodes). Results are averaged over strata by weight. Strata merge on entering a state after which nothing reads the
//! attributes that distinguish them. Time in a state or group of states is carried as the cycle of entry, in a sparse
//! list of cells.

mod amounts;
mod arm_cohort;
mod backward;
mod caches;
mod cells;
mod continuous;
mod exit_probabilities;
mod factorised;
mod layout;
mod memory;
pub mod moments;
mod options;
mod rewards;
mod strata;
mod totals;
mod unstratified;

use rayon::prelude::*;

use super::counts::{Counts, StrategyCounts};
use crate::model::population::chain;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

use arm_cohort::ArmCohort;
pub use backward::{MOST_VALUES, spread, spread_of_increments};
use caches::Caches;
use continuous::extrapolation::{change_of_totals, depends_on_cycle, extrapolate, half_tables};
use factorised::Factorised;
use layout::{ArmLayout, StateLayout};
pub use memory::{Kept, arms_of, patients_kept, shares_kept};
pub use options::{Detail, Stopped};
pub use totals::{by_outcome, totals};

/// Runs every strategy. `nodes[attribute]` lists the values of the attribute with their shares (see
/// [`population_nodes`](crate::model::population::population_nodes)). Counts are shares of one patient.
pub fn run(tables: &Tables, nodes: &[Vec<Node>]) -> Counts {
    run_unless(tables, nodes, &|| false).expect("nobody stops it")
}

/// Like [`run`], but calls `stopped` in every cycle and returns `None` if it is true.
pub fn run_unless(tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Option<Counts> {
    let strategies: Vec<usize> = (0..tables.model.strategies.len()).collect();
    let together = strategies.len().div_ceil(rayon::current_num_threads()).max(1);
    let strategies: Option<Vec<(Vec<StrategyCounts>, f64)>> = strategies
        .par_chunks(together)
        .map(|some| {
            let mut cohort = Cohort::new(tables, nodes, some, Detail::Everything);
            cohort.cycles(tables, nodes, stopped)?;
            let error = cohort.half.as_ref().map_or(0.0, |half| half.change);
            Some((cohort.counts, error))
        })
        .collect();
    let (strategies, errors): (Vec<_>, Vec<f64>) = strategies?.into_iter().unzip();
    Some(Counts {
        patients: 1.0,
        strategies: strategies.into_iter().flatten().collect(),
        cycle_error: errors.into_iter().fold(0.0, f64::max),
    })
}

/// The strategies of a cohort with cycles of half the length.
struct HalfCycles {
    model: Model,
    cohort: Cohort,
    /// Largest change that the last extrapolation made.
    change: f64,
}

/// Strategies prepared to run for many vectors of parameter values, as in a PSA. Everything that depends only on the
/// model is computed once, strategies share caches, and memory is reused.
pub struct Cohort {
    strategies: Vec<usize>,
    detail: Detail,
    /// Number of nodes per attribute.
    sizes: Vec<usize>,
    /// For each strategy: attributes that distinguish patients at the start.
    read: Vec<Vec<usize>>,
    caches: Caches,
    /// Layouts of all arms that patients of any strategy can follow.
    layouts: Vec<ArmLayout>,
    arm_cohorts: Vec<ArmCohort>,
    /// Futures of the arms that use the factorised recursion.
    factorised: Factorised,
    counts: Vec<StrategyCounts>,
    /// The same strategies with cycles of half the length, to extrapolate the results (continuous time only).
    half: Option<Box<HalfCycles>>,
    /// The same strategies without the factorised recursion, made when it has a total that is not finite.
    by_cells: Option<Box<Cohort>>,
}

impl Cohort {
    /// Prepares these strategies of a model.
    pub fn new(tables: &Tables, nodes: &[Vec<Node>], strategies: &[usize], detail: Detail) -> Cohort {
        let mut own = Cohort::with(tables, nodes, strategies, detail, detail == Detail::Totals);
        if tables.model.time.continuous() && depends_on_cycle(tables.model) {
            let model = tables.model.with_half_cycles();
            let cohort = Cohort::with(&half_tables(&model, tables), nodes, strategies, detail, false);
            own.half = Some(Box::new(HalfCycles { model, cohort, change: 0.0 }));
        }
        own
    }

    /// Like [`Cohort::new`]; `factorise` allows the factorised recursion.
    fn with(
        tables: &Tables,
        nodes: &[Vec<Node>],
        strategies: &[usize],
        detail: Detail,
        factorise: bool,
    ) -> Cohort {
        let model = tables.model;
        let endpoints = 0..model.endpoints.len();
        // If patients can return to a state in which others are still at risk, occupancy does not show the number at
        // risk. Another cohort then runs in which patients are removed when their time at risk ends.
        let hidden = |e: &usize| detail == Detail::Everything && !model.paths().at_risk_by_state[*e];
        let removal_endpoints: Vec<usize> = endpoints.filter(hidden).collect();
        let mut caches = Caches::default();
        let mut layouts: Vec<ArmLayout> = Vec::new();
        let mut arm_cohorts = Vec::new();
        for (result, &strategy) in strategies.iter().enumerate() {
            for arm in chain(model, strategy) {
                let at = layouts.iter().position(|layout| layout.arm == arm).unwrap_or_else(|| {
                    layouts.push(ArmLayout::new(tables, nodes, arm, &mut caches));
                    layouts.len() - 1
                });
                let own = arm == strategy;
                for removal in std::iter::once(None).chain(removal_endpoints.iter().copied().map(Some)) {
                    arm_cohorts.push(ArmCohort::new(model, &layouts, at, result, own, removal, detail));
                }
            }
        }
        // The recursion of a cohort without strata is faster.
        let wanted = |layout: usize| {
            let mut own = arm_cohorts.iter().filter(|own| own.layout == layout);
            factorise && !model.time.continuous() && own.any(|own| !own.is_unstratified())
        };
        let factorised = Factorised::new(tables, nodes, &layouts, &mut caches, wanted);
        for own in &mut arm_cohorts {
            if factorised.serves(model, strategies[own.result], own.layout, &caches.exit_probabilities) {
                own.factorise();
            }
        }
        // In continuous time rewards are added up with the moves.
        if !model.time.continuous() {
            find_twins(tables, &layouts, &mut arm_cohorts);
        }
        for result in 0..strategies.len() {
            let own = arm_cohorts.iter_mut().filter(|own| own.result == result);
            if let [only] = &mut own.collect::<Vec<_>>()[..] {
                only.alone = true;
            }
        }
        let anywhere = strata::read_anywhere(model);
        let ignored: Vec<Vec<usize>> = (0..layouts.len())
            .map(|layout| factorised.ignored_at_start(model, layout, &caches.exit_probabilities))
            .collect();
        let zero = |(result, &strategy): (usize, &usize)| {
            let mut counts = rewards::zero(model, strategy, detail);
            if arm_cohorts.iter().filter(|own| own.result == result).all(|own| own.factorised) {
                counts.forget_grids();
            }
            counts
        };
        let counts = strategies.iter().enumerate().map(zero).collect();
        Cohort {
            strategies: strategies.to_vec(),
            detail,
            sizes: nodes.iter().map(Vec::len).collect(),
            read: (0..strategies.len())
                .map(|result| read_at_start(&ignored, &anywhere, &arm_cohorts, result))
                .collect(),
            caches,
            layouts,
            arm_cohorts,
            factorised,
            counts,
            half: None,
            by_cells: None,
        }
    }

    /// Number of strategies whose own arm uses the factorised recursion.
    pub fn factorised(&self) -> usize {
        self.arm_cohorts.iter().filter(|own| own.own && own.factorised).count()
    }

    /// Expected totals `[strategy][outcome]` per patient, of the prepared strategies, at the current values of `tables` and `nodes`.
    /// Both must belong to the model for which the cohort was made, with [`Detail::Totals`].
    pub fn totals(&mut self, tables: &Tables, nodes: &[Vec<Node>]) -> Vec<Vec<f64>> {
        self.cycles(tables, nodes, &|| false);
        let mut totals = self.add_up(tables.model);
        // A future that no patient reaches may be undefined, and zero patients times infinity is not zero; the recursion by cells
        // evaluates no state without patients.
        let finite = |own: &Vec<f64>| own.iter().all(|total| total.is_finite());
        if !totals.iter().all(finite) && self.arm_cohorts.iter().any(|own| own.factorised) {
            let new = || Box::new(Cohort::with(tables, nodes, &self.strategies, self.detail, false));
            let plain = self.by_cells.get_or_insert_with(new).totals(tables, nodes);
            let each = totals.iter_mut().zip(plain).filter(|(own, _)| !finite(own));
            each.for_each(|(own, plain)| *own = plain);
        }
        totals
    }

    /// Totals `[strategy][outcome]` per patient of a part of the patients for whom [`Cohort::totals`] was called last. `nodes` has the
    /// same values as in that call (`all`) with the shares of the part, and `tables` the same values with the part's states at
    /// the start. `None` if the part must be run on its own, because background mortality distinguishes it from the others.
    pub fn totals_of_part(
        &mut self,
        tables: &Tables,
        nodes: &[Vec<Node>],
        all: &[Vec<Node>],
    ) -> Option<Vec<Vec<f64>>> {
        let mut by = self.caches.backgrounds.iter().flat_map(|background| &background.stratum.attributes);
        if !self.arm_cohorts.iter().all(|own| own.factorised) || by.any(|&a| nodes[a] != all[a]) {
            return None;
        }
        self.enter(tables, nodes);
        self.finish(tables);
        let totals = self.add_up(tables.model);
        totals.iter().flatten().all(|total| total.is_finite()).then_some(totals)
    }

    /// Totals by outcome from those of the components and from the futures of patients at the start.
    fn add_up(&self, model: &Model) -> Vec<Vec<f64>> {
        let mut totals: Vec<Vec<f64>> =
            self.counts.iter().map(|own| by_outcome(model, &own.components)).collect();
        for own in self.arm_cohorts.iter().filter(|own| own.factorised && own.occupied) {
            self.factorised.add(own.layout, own.cells(), &mut totals[own.result]);
        }
        totals
    }

    /// Runs the strategies at the current values of `tables` and `nodes`; the result has one entry per prepared
    /// strategy. Both must belong to the model for which the cohort was made, with [`Detail::Everything`].
    pub fn run(&mut self, tables: &Tables, nodes: &[Vec<Node>]) -> &[StrategyCounts] {
        self.cycles(tables, nodes, &|| false);
        &self.counts
    }

    /// Runs all cycles and fills the counts; `None` if `stopped` ended the run.
    fn cycles(&mut self, tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Option<()> {
        if !nodes.iter().map(Vec::len).eq(self.sizes.iter().copied()) {
            // Other parameter values can require another number of nodes.
            *self = match self.half {
                None if tables.model.time.continuous() => {
                    Cohort::with(tables, nodes, &self.strategies, self.detail, false)
                }
                _ => Cohort::new(tables, nodes, &self.strategies, self.detail),
            };
        }
        self.set(tables, nodes);
        self.enter(tables, nodes);
        let mut open = Vec::new();
        for (i, own) in self.arm_cohorts.iter_mut().enumerate() {
            if !own.occupied || own.factorised || own.twin.is_some() {
                continue;
            }
            if !own.run_unstratified(tables, &self.layouts[own.layout], &mut self.caches) {
                open.push(i);
            }
        }
        // The remaining cohorts advance together, cycle by cycle, because they share the probabilities of each cycle.
        let cycles = if open.is_empty() { 0 } else { tables.model.time.cycles };
        for cycle in 0..cycles {
            if stopped() {
                return None;
            }
            for &i in &open {
                let own = &mut self.arm_cohorts[i];
                let layout = &self.layouts[own.layout];
                match tables.model.time.continuous() {
                    true => own.flow(tables, layout, &mut self.caches, cycle),
                    false => own.step(tables, layout, &mut self.caches, cycle),
                }
            }
        }
        self.finish(tables);
        self.extrapolate(tables, nodes, stopped)
    }

    /// Extrapolates the counts of the last run to ever shorter cycles, if they depend on the cycle length; `None` if `stopped` ended
    /// the run.
    fn extrapolate(&mut self, tables: &Tables, nodes: &[Vec<Node>], stopped: Stopped) -> Option<()> {
        let Some(half) = &mut self.half else { return Some(()) };
        half.cohort.cycles(&half_tables(&half.model, tables), nodes, stopped)?;
        let pairs = self.counts.iter_mut().zip(&half.cohort.counts);
        let each = pairs.map(|(own, half)| {
            let of_counts = extrapolate(own, half);
            of_counts.max(change_of_totals(tables.model, own, half))
        });
        half.change = each.fold(0.0, f64::max);
        Some(())
    }

    /// Evaluates caches and layouts at the current parameter values.
    fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        let caches = &mut self.caches;
        caches.exit_probabilities.set(tables, nodes);
        if self.arm_cohorts.iter().any(|own| !own.factorised) {
            caches.amounts.set(tables.model, nodes);
        }
        for background in &mut caches.backgrounds {
            background.set(tables, nodes, &mut caches.exit_probabilities);
        }
        if tables.model.time.continuous() {
            caches.discounts.set(tables);
        }
        caches.background_amounts.set(tables, nodes, &caches.backgrounds);
        for layout in &mut self.layouts {
            layout.set(tables, nodes);
        }
        self.factorised.solve(tables, &self.layouts, caches);
    }

    /// Puts all patients into their states at time zero.
    fn enter(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        let none = Vec::new();
        for (result, &strategy) in self.strategies.iter().enumerate() {
            let starts = strata::arms(tables, nodes, &self.read[result], strategy);
            for own in self.arm_cohorts.iter_mut().filter(|own| own.result == result) {
                let layout = &self.layouts[own.layout];
                let start = starts.iter().find(|(arm, _)| *arm == layout.arm);
                own.enter(tables, nodes, layout, start.map_or(&none, |(_, start)| start), &mut self.caches);
            }
        }
    }

    /// Adds up the counts of each strategy at the end of the run.
    fn finish(&mut self, tables: &Tables) {
        for i in 0..self.arm_cohorts.len() {
            let (earlier, rest) = self.arm_cohorts.split_at_mut(i);
            if let Some(twin) = rest[0].twin {
                rest[0].copy_moves(&earlier[twin]);
            }
        }
        for own in self.arm_cohorts.iter().filter(|own| !own.alone) {
            self.counts[own.result].clear();
        }
        for own in self.arm_cohorts.iter_mut().filter(|own| own.occupied) {
            own.finish(tables, &self.layouts[own.layout], &mut self.counts[own.result]);
        }
    }
}

/// Attributes that must distinguish the patients of a strategy at the start: all attributes read `anywhere`, except those that
/// every arm ignores.
fn read_at_start(
    ignored: &[Vec<usize>],
    anywhere: &[usize],
    arm_cohorts: &[ArmCohort],
    result: usize,
) -> Vec<usize> {
    let ignores = |own: &ArmCohort, a: &usize| own.factorised && ignored[own.layout].contains(a);
    let mut read = anywhere.to_vec();
    read.retain(|a| !arm_cohorts.iter().filter(|own| own.result == result).all(|own| ignores(own, a)));
    read
}

/// Marks each cohort that has the same moves as an earlier cohort because their strategies differ only in rewards.
fn find_twins(tables: &Tables, layouts: &[ArmLayout], arm_cohorts: &mut [ArmCohort]) {
    // A cohort qualifies only on the strategy's own arm, because other arms are followed only by ineligible patients,
    // and only if rewards do not differ between patients, because differing rewards are added in every cycle.
    let may = |own: &ArmCohort| {
        own.own && !own.factorised && !layouts[own.layout].states.iter().any(StateLayout::rewards_differ)
    };
    for i in 0..arm_cohorts.len() {
        let (earlier, rest) = arm_cohorts.split_at_mut(i);
        let own = &mut rest[0];
        let same = |other: &ArmCohort| {
            let same_moves = tables.same_lives(layouts[other.layout].arm, layouts[own.layout].arm);
            other.twin.is_none() && other.removal_endpoint == own.removal_endpoint && may(other) && same_moves
        };
        own.twin = may(own).then(|| earlier.iter().position(same)).flatten();
    }
}
