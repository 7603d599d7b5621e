//! Exit probabilities, evaluated once for each class of patients that a set of competing exits reads, however many states,
//! strata and strategies share it.

use super::strata::Stratum;
use crate::math;
use crate::model::hazard::{self, Reads, spend};
use crate::model::quadrature::Node;
use crate::model::{CycleClock, Exit, Form, Model, Situation, Tables, branch_shares, situation};

/// Most probabilities that are kept for one set of exits; a set that would need more is evaluated anew for each cell.
const MOST_KEPT: usize = 1 << 22;

/// Probabilities of all sets of exits of the strategies that run together. Methods take a set by its position.
#[derive(Default)]
pub struct ExitProbabilities(Vec<CompetingExits>);

impl ExitProbabilities {
    /// Position of a set of exits, added if it is not there yet.
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

    /// Everything that the exits read.
    pub fn reads(&self, cached: usize) -> Reads {
        let mut reads = Reads::default();
        self.0[cached].sources.iter().for_each(|source| reads.merge(&source.reads));
        reads
    }

    /// Reads the values that `tables` and `nodes` now hold.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        self.0.iter_mut().for_each(|set| set.set(tables, nodes));
    }

    /// The probabilities of an exit in all cycles, or a single one if they never change; the set has one class.
    pub fn series(&mut self, cached: usize, exit: usize, tables: &Tables) -> &[f64] {
        let set = &mut self.0[cached];
        if set.series.is_empty() {
            set.fill_series(tables);
        }
        let length = set.series.len() / set.exits.len();
        &set.series[exit * length..][..length]
    }

    /// Probabilities in the cycle that begins `cycle` cycles after the start, for patients who have been in each group for
    /// so many cycles.
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

/// An exit that competes with others, or one branch of an exit whose proportions change with a clock. Such a branch has its
/// proportion of the exit's hazard (or of its stated probability) in each cycle, so that the clocks of proportions are
/// carried in the same way as those of hazards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompetingExit {
    /// The exit.
    pub exit: Exit,
    /// The branch, and the state that it leaves, which its proportion may read.
    pub branch: Option<(usize, usize)>,
}

/// Lists the competing exits from `state`, each with the branches that it represents: branches whose proportions read
/// a clock one by one, all others by exit.
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

/// A set of exits that compete, and the classes of patients that they distinguish.
struct CompetingExits {
    exits: Vec<CompetingExit>,
    stated: bool,
    /// A strategy and a state for which the exits' tables hold.
    strategy: usize,
    state: usize,
    stratum: Stratum,
    classes: usize,
    /// One per exit.
    sources: Vec<ExitSource>,
    by: DependsOn,
    /// Per entry of the cache: the cycle that it is filled for, plus one; 0 if it is empty.
    filled: Vec<usize>,
    /// `probability[(entry, exit, class)]`, given that no exit of an earlier set fired.
    probability: Vec<f64>,
    /// `total[(entry, class)]`: sum over exits.
    total: Vec<f64>,
    /// `series[(exit, cycle)]`, if asked for.
    series: Vec<f64>,
}

/// What probabilities depend on besides the class; this decides how many entries the cache has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DependsOn {
    Nothing,
    /// The cycle.
    Time,
    /// Whole cycles in this group: an entry for each.
    Residence(usize),
    /// More than one clock: evaluated for each cell.
    Cell,
}

/// The values of one exit by class.
struct ExitSource {
    reads: Reads,
    /// Per class: the class of the table.
    class: Vec<u32>,
    /// Per class: the multiplier; empty if there is none.
    scale: Vec<f64>,
    /// Per class: attribute values, where the table asks for more than its class.
    values: Vec<Vec<f64>>,
}

/// Probabilities of a set of exits in one cycle.
#[derive(Clone, Copy)]
pub struct CycleProbabilities<'a> {
    probability: &'a [f64],
    /// Per class: sum over exits.
    pub total: &'a [f64],
}

impl<'a> CycleProbabilities<'a> {
    /// Per class: probability of an exit.
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
            stated,
            strategy,
            state,
            classes: stratum.size(),
            stratum,
            sources,
            by: DependsOn::Cell,
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
    fn in_cycle(&mut self, tables: &Tables, cycle: usize, residence: &[usize]) -> CycleProbabilities<'_> {
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

    /// Fills the series of a set of one class. Tables are read whole where possible, because that is much faster than filling
    /// the cache cycle by cycle.
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

/// Cumulative hazards to probabilities: d happens with w_d / W (1 - exp(-W)).
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
