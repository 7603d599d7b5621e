//! Exit probabilities of competing exits. Each is evaluated once for every class of patients that the exits
//! distinguish, no matter how many states, strata and strategies share it.

use super::strata::Stratum;
use crate::math;
use crate::model::hazard::{self, Reads, spend};
use crate::model::quadrature::Node;
use crate::model::{CycleClock, Exit, Form, Model, Situation, Tables, branch_shares, situation};

/// Maximum number of probabilities kept for one set of exits. A larger set is evaluated again for each cell.
const MOST_KEPT: usize = 1 << 22;

/// Probabilities of all sets of exits of the strategies that run together. Methods identify a set by its index.
#[derive(Default)]
pub struct ExitProbabilities(pub(super) Vec<CompetingExits>);

impl ExitProbabilities {
    /// Returns the index of a set of exits, and adds the set if it is new.
    pub fn position(
        &mut self,
        tables: &Tables,
        nodes: &[Vec<Node>],
        strategy: usize,
        state: usize,
        exits: &[CompetingExit],
        stated: bool,
    ) -> usize {
        self.0.iter().position(|set| set.exits == exits).unwrap_or_else(|| {
            self.0.push(CompetingExits::new(tables, nodes, strategy, state, exits, stated));
            self.0.len() - 1
        })
    }

    /// Classes of patients with the same probabilities.
    pub fn stratum(&self, cached: usize) -> &Stratum {
        &self.0[cached].stratum
    }

    /// All attributes and clocks that the exits read.
    pub fn reads(&self, cached: usize) -> Reads {
        let mut reads = Reads::default();
        self.0[cached].sources.iter().for_each(|source| reads.merge(&source.reads));
        reads
    }

    /// Prepares all sets for the current values of `tables` and `nodes`.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        self.0.iter_mut().for_each(|set| set.set(tables, nodes));
    }

    /// Probabilities of an exit in every cycle, or a single value if they never change. The set must have only one
    /// class.
    pub fn series(&mut self, cached: usize, exit: usize, tables: &Tables) -> &[f64] {
        let set = &mut self.0[cached];
        if set.series.is_empty() {
            set.fill_series(tables);
        }
        let length = set.series.len() / set.exits.len();
        &set.series[exit * length..][..length]
    }

    /// Probabilities in the cycle after `cycle` completed cycles, for patients who have been in each group for
    /// `residence` cycles.
    #[inline(always)]
    pub fn in_cycle(
        &mut self,
        cached: usize,
        tables: &Tables,
        cycle: usize,
        residence: &[usize],
    ) -> CycleProbabilities<'_> {
        self.0[cached].in_cycle(tables, cycle, residence)
    }
}

/// An exit that competes with others, or one branch of an exit whose branch proportions change with a clock. The branch
/// has its proportion of the exit's hazard (or stated probability) in each cycle, so that the clocks of proportions are
/// carried like the clocks of hazards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompetingExit {
    /// Exit that competes.
    pub exit: Exit,
    /// Branch and the state that it leaves, if the branch competes separately; its proportion may read the state.
    pub branch: Option<(usize, usize)>,
}

/// Lists the competing exits from `state`, each with the branches that it represents. Branches whose proportions read a
/// clock are listed one by one, all others together with their exit.
pub fn competing_exits(model: &Model, state: usize, exits: &[Exit]) -> Vec<(CompetingExit, Vec<usize>)> {
    let mut all = Vec::new();
    for &exit in exits {
        let branches = &model.transitions[exit.transition].branches;
        let mut reads = Reads::default();
        reads.add_shares(branches);
        let each = 0..branches.len();
        if reads.clocks() > 0 {
            let alone = |b| (CompetingExit { exit, branch: Some((b, state)) }, vec![b]);
            all.extend(each.map(alone));
        } else {
            all.push((CompetingExit { exit, branch: None }, each.collect()));
        }
    }
    all
}

/// A set of competing exits, and the classes of patients that they distinguish.
pub(super) struct CompetingExits {
    pub(super) exits: Vec<CompetingExit>,
    stated: bool,
    /// Strategy at which expressions are evaluated; every other strategy with the same exits has the same tables.
    pub(super) strategy: usize,
    pub(super) state: usize,
    stratum: Stratum,
    pub(super) classes: usize,
    /// Hazard source of each exit.
    pub(super) sources: Vec<ExitSource>,
    pub(super) by: DependsOn,
    /// Continuous time: mean hazards of patients who entered a group during a cycle, by completed cycles of its clock,
    /// `[cycles][(exit, class)]`; `None` until needed.
    pub(super) means: Vec<Option<Vec<f64>>>,
    /// Per entry of the cache: 1 plus the cycle for which the entry is filled, or 0 if the entry is empty.
    filled: Vec<usize>,
    /// `probability[(entry, exit, class)]`, for patients in whom no exit of an earlier set has fired.
    probability: Vec<f64>,
    /// `total[(entry, class)]`: sum of the probabilities of all exits.
    total: Vec<f64>,
    /// `series[(exit, cycle)]`: probabilities in all cycles; empty until needed.
    series: Vec<f64>,
}

/// Inputs of the probabilities other than the class, which decide how many entries the cache has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DependsOn {
    Nothing,
    /// Model time: one entry, evaluated again in each cycle.
    Time,
    /// Whole cycles in this group of states: one entry for each number of cycles.
    Residence(usize),
    /// More than one clock: one entry, evaluated again for each cell.
    Cell,
}

/// Hazard (or stated probability) of one exit for each class of patients.
pub(super) struct ExitSource {
    pub(super) reads: Reads,
    /// For each class: the class of the hazard table.
    pub(super) class: Vec<u32>,
    /// For each class: the multiplier of the hazard; empty if the hazard has no multiplier.
    scale: Vec<f64>,
    /// For each class: attribute values; empty if the class of the table is enough to find the hazard.
    pub(super) values: Vec<Vec<f64>>,
}

/// Probabilities of a set of competing exits in one cycle.
#[derive(Clone, Copy)]
pub struct CycleProbabilities<'a> {
    pub(super) probability: &'a [f64],
    /// For each class: sum of the probabilities of all exits.
    pub total: &'a [f64],
}

impl<'a> CycleProbabilities<'a> {
    /// Probability of an exit for each class.
    #[inline]
    pub fn exit(&self, exit: usize) -> &'a [f64] {
        let classes = self.total.len();
        &self.probability[exit * classes..(exit + 1) * classes]
    }
}

impl CompetingExits {
    fn new(
        tables: &Tables,
        nodes: &[Vec<Node>],
        strategy: usize,
        state: usize,
        exits: &[CompetingExit],
        stated: bool,
    ) -> CompetingExits {
        let reads_of = |exit: &CompetingExit| {
            let transition = exit.exit.transition;
            let mut reads = hazard::reads(tables.model, strategy, transition);
            if exit.branch.is_some() {
                reads.add_shares(&tables.model.transitions[transition].branches);
            }
            reads
        };
        let source = |exit: &CompetingExit| ExitSource {
            reads: reads_of(exit),
            class: Vec::new(),
            scale: Vec::new(),
            values: Vec::new(),
        };
        let sources: Vec<ExitSource> = exits.iter().map(source).collect();
        let mut reads = Reads::default();
        sources.iter().for_each(|source| reads.merge(&source.reads));
        let stratum = Stratum::new(reads.attributes(), nodes);
        CompetingExits {
            exits: exits.to_vec(),
            // In continuous time the hazards are needed as they are.
            stated: stated || tables.model.time.continuous(),
            strategy,
            state,
            classes: stratum.size(),
            stratum,
            sources,
            by: DependsOn::Cell,
            means: Vec::new(),
            filled: Vec::new(),
            probability: Vec::new(),
            total: Vec::new(),
            series: Vec::new(),
        }
    }

    fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        let model = tables.model;
        let mut values = vec![0.0; model.attributes.len()];
        for (exit, source) in self.exits.iter().zip(&mut self.sources) {
            let table = &tables.pool[exit.exit.table];
            let asks = !matches!(table.form, Form::Cycles(..)) || exit.branch.is_some();
            source.class.clear();
            source.scale.clear();
            source.values.clear();
            for class in 0..self.classes {
                self.stratum.values(class, nodes, &mut values);
                source.class.push(table.class(&values) as u32);
                if !table.multiplier.is_empty() {
                    let s = situation(model, &tables.parameters[self.strategy], &values, self.state);
                    source.scale.push(table.multiplier.iter().map(|e| e.value(&s)).product());
                }
                if asks {
                    source.values.push(values.clone());
                }
            }
        }
        self.series.clear();
        self.means.clear();
        self.by = self.depends_on(tables);
        let entries = match self.by {
            DependsOn::Residence(_) => model.time.cycles,
            _ => 1,
        };
        self.filled.clear();
        self.filled.resize(entries, 0);
        self.probability.resize(entries * self.exits.len() * self.classes, 0.0);
        self.total.resize(entries * self.classes, 0.0);
    }

    fn depends_on(&self, tables: &Tables) -> DependsOn {
        let mut all = DependsOn::Nothing;
        for (exit, source) in self.exits.iter().zip(&self.sources) {
            let reads = &source.reads;
            let own = match &tables.pool[exit.exit.table].form {
                Form::Cycles(_, values) if exit.branch.is_none() && values.iter().all(|v| v.len() == 1) => {
                    DependsOn::Nothing
                }
                _ => match (reads.time || reads.age, &reads.residence[..]) {
                    (false, []) => DependsOn::Nothing,
                    (true, []) => DependsOn::Time,
                    (false, &[g]) => DependsOn::Residence(g),
                    _ => DependsOn::Cell,
                },
            };
            all = match (all, own) {
                (DependsOn::Nothing, by) | (by, DependsOn::Nothing) => by,
                (by, own) if by == own => by,
                _ => DependsOn::Cell,
            };
        }
        let kept = tables.model.time.cycles * self.exits.len() * self.classes;
        match all {
            DependsOn::Residence(_) if kept > MOST_KEPT => DependsOn::Cell,
            by => by,
        }
    }

    #[inline(always)]
    pub(super) fn in_cycle(
        &mut self,
        tables: &Tables,
        cycle: usize,
        residence: &[usize],
    ) -> CycleProbabilities<'_> {
        let (entry, due) = match self.by {
            DependsOn::Nothing => (0, 1),
            DependsOn::Time => (0, cycle + 1),
            DependsOn::Residence(g) => (residence[g], 1),
            DependsOn::Cell => (0, 0),
        };
        if self.filled[entry] != due || due == 0 {
            self.fill(tables, entry, cycle, residence);
            self.filled[entry] = due;
        }
        let size = self.exits.len() * self.classes;
        CycleProbabilities {
            probability: &self.probability[entry * size..(entry + 1) * size],
            total: &self.total[entry * self.classes..(entry + 1) * self.classes],
        }
    }

    /// Fills the series of a set with one class. Whole tables are copied where possible, because this is much faster
    /// than filling the cache cycle by cycle.
    fn fill_series(&mut self, tables: &Tables) {
        let exits = self.exits.len();
        let length = match self.by {
            DependsOn::Nothing => 1,
            _ => tables.model.time.cycles,
        };
        let mut series = std::mem::take(&mut self.series);
        let looked_up = |exit: &CompetingExit| {
            let form = &tables.pool[exit.exit.table].form;
            exit.branch.is_none() && matches!(form, Form::Cycles(CycleClock::Time, _))
        };
        if self.exits.iter().all(looked_up) {
            for (exit, source) in self.exits.iter().zip(&self.sources) {
                let Form::Cycles(_, values) = &tables.pool[exit.exit.table].form else {
                    continue;
                };
                let values = &values[source.class[0] as usize];
                match values[..] {
                    [only] => series.resize(series.len() + length, only),
                    _ => series.extend_from_slice(values),
                }
                if let [scale] = source.scale[..] {
                    let from = series.len() - length;
                    series[from..].iter_mut().for_each(|p| *p *= scale);
                }
            }
            if !self.stated {
                let mut total = vec![0.0; length];
                for own in series.chunks(length) {
                    total.iter_mut().zip(own).for_each(|(t, p)| *t += p);
                }
                compete(&mut series, &mut total, exits);
            }
        } else {
            series.resize(exits * length, 0.0);
            for cycle in 0..length {
                self.fill(tables, 0, cycle, &[]);
                for exit in 0..exits {
                    series[exit * length + cycle] = self.probability[exit];
                }
            }
            self.filled[0] = 0;
        }
        self.series = series;
    }

    #[inline(never)]
    fn fill(&mut self, tables: &Tables, entry: usize, cycle: usize, residence: &[usize]) {
        let size = self.exits.len() * self.classes;
        let probability = &mut self.probability[entry * size..(entry + 1) * size];
        let total = &mut self.total[entry * self.classes..(entry + 1) * self.classes];
        let per_year = tables.model.time.cycles_per_year;
        total.fill(0.0);
        for (e, (exit, source)) in self.exits.iter().zip(&self.sources).enumerate() {
            let into = &mut probability[e * self.classes..(e + 1) * self.classes];
            let situation = |attributes| Situation {
                parameters: &tables.parameters[self.strategy],
                attributes,
                state: self.state,
                cycle,
                residence,
                cycles_per_year: per_year,
                part: tables.model.time.part(),
            };
            match &tables.pool[exit.exit.table].form {
                Form::Cycles(clock, values) => {
                    let k = match clock {
                        CycleClock::Time => cycle,
                        CycleClock::Residence(g) => residence[*g],
                    };
                    for (p, &class) in into.iter_mut().zip(&source.class) {
                        let values = &values[class as usize];
                        *p = if values.len() == 1 { values[0] } else { values[k] };
                    }
                }
                Form::Age(age, columns) => {
                    let (from, to) = (cycle as f64 / per_year, (cycle + 1) as f64 / per_year);
                    for (p, (&class, values)) in into.iter_mut().zip(source.class.iter().zip(&source.values))
                    {
                        let column = &columns[class as usize];
                        let start = values[*age];
                        *p = column.integral(start + to) - column.integral(start + from);
                    }
                }
                Form::Walk => {
                    for (p, attributes) in into.iter_mut().zip(&source.values) {
                        let transition = exit.exit.transition;
                        *p = spend(tables.model, self.strategy, transition, &situation(attributes));
                    }
                }
            }
            if let Some((branch, _)) = exit.branch {
                let branches = &tables.model.transitions[exit.exit.transition].branches;
                for (p, attributes) in into.iter_mut().zip(&source.values) {
                    *p *= branch_shares(branches, &situation(attributes))[branch];
                }
            }
            if !source.scale.is_empty() {
                into.iter_mut().zip(&source.scale).for_each(|(p, x)| *p *= x);
            }
            total.iter_mut().zip(&*into).for_each(|(t, p)| *t += p);
        }
        if !self.stated {
            compete(probability, total, self.exits.len());
        }
    }
}

/// Converts cumulative hazards to probabilities: exit d has the probability w_d / W (1 - exp(-W)), where W is the sum
/// of all w_d.
#[inline]
fn compete(probability: &mut [f64], total: &mut [f64], exits: usize) {
    let classes = total.len();
    for (class, total) in total.iter_mut().enumerate() {
        let w = *total;
        if w > 0.0 {
            *total = -math::exp_m1(-w);
            let each = *total / w;
            for exit in 0..exits {
                probability[exit * classes + class] *= each;
            }
        }
    }
}
