//! Amounts of rewards as cumulative tables, so that the reward of a stay is the difference of two entries.
//!
//! An amount is split into a sum of products of a part that depends on the patient and a part that depends on a clock
//! (see [`crate::model::separable`]). The patient's part is evaluated once per patient. The clock's part is tabulated
//! if it is the same for all patients of a class: by model time, by time in a group of states, or by both. Any other
//! amount is evaluated at each grid point.

use super::case_table::{CaseRun, CaseTable, few_runs, residence_choices};
use super::lookup::strides;
use crate::model::clocks::counters;
use crate::model::hazard::Reads;
use crate::model::paths::Paths;
use crate::model::reward_lines::{RewardAt, RewardLine};
use crate::model::rewards::Reward;
use crate::model::separable::{Factor, Term, same_product, separate};
use crate::model::{
    Expr, Model, Situation, Tables, categories, decode, fixed_attributes, parameters_of, situation,
};

/// Maximum number of entries, over all classes, of a table by model time and time in a group of states.
const MOST_ENTRIES: usize = 1 << 16;

/// Rewards of all stays and moves, prepared once for all patients.
pub struct AmountTables<'a> {
    pub tables: &'a Tables<'a>,
    pub paths: &'a Paths,
    /// Rewards of being in a state; states and arms with equal rewards share them.
    stays: Vec<StayRewards<'a>>,
    /// `[arm][state]`: index into `stays`.
    stay_of: Vec<Vec<usize>>,
    /// `starts[arm]`: rewards at time zero.
    pub starts: Vec<Vec<StartReward<'a>>>,
    /// `moves[arm][edge]`: rewards of the move.
    pub moves: Vec<Vec<Vec<MoveReward<'a>>>>,
    /// Products of factors that depend only on the patient.
    pub products: Vec<Product>,
    /// Per transition: the counters that it moves.
    pub counters: Vec<Vec<(usize, usize)>>,
}

/// A product of factors that depend only on the patient.
pub struct Product {
    pub factors: Vec<Factor>,
    /// State at which the product is evaluated; other states and arms with the same values share the result.
    pub state: usize,
    pub arm: usize,
}

/// Rewards of being in a state under one arm.
#[derive(Default, PartialEq)]
pub struct StayRewards<'a> {
    /// `[(grid point, component)]`: running sums of the rewards that are the same for all patients; empty if the state
    /// has no rewards of this kind.
    pub common: Vec<f64>,
    /// Rewards that differ between patients and are tabulated by case.
    pub by_case: Vec<CaseTable>,
    /// All other rewards that differ between patients.
    pub rewards: Vec<PatientReward<'a>>,
}

/// A reward that differs between patients.
#[derive(PartialEq)]
pub struct PatientReward<'a> {
    pub component: usize,
    pub line: &'a RewardLine,
    pub amount: &'a Expr,
    pub weights: &'a [f64],
    /// Index of the product that depends on the patient; `None` for a factor of 1.
    pub product: Option<usize>,
    /// Mixed-radix strides: the class of a patient is the sum of stride times category.
    pub strides: Vec<f64>,
    pub table: AmountTable,
}

/// The part of an amount that depends on a clock, if it is not tabulated by case.
#[derive(PartialEq)]
pub enum AmountTable {
    /// By whole cycles in a group of states: the group, running sums of the weights over grid points, and for each
    /// class the runs of cycles with the same amount, each run with its first cycle.
    Residence(usize, Vec<f64>, Vec<Vec<(usize, f64)>>),
    /// By model time and whole cycles in a group of states: for each class, running sums over grid points for each
    /// cycle of entry, `[(entry, point)]`.
    Both(usize, Vec<Vec<f64>>),
    /// Not tabulated: evaluated at each grid point.
    Walk,
}

/// A reward that is paid at time zero.
pub struct StartReward<'a> {
    pub reward: &'a Reward,
    /// Weight of the amount in the total of the outcome.
    pub weight: f64,
    /// Weighted amount; `None` if it differs between patients or states.
    pub value: Option<f64>,
}

/// A reward that is paid once, when a move takes place.
pub struct MoveReward<'a> {
    pub component: usize,
    pub outcome: usize,
    pub amount: &'a Expr,
    /// Weighted amount at each grid point; or the weight alone if the amount differs between patients. In continuous time, where the
    /// discount factor is that of the time of the move, the weight is 1.
    pub values: Vec<f64>,
    pub differs: bool,
}

impl<'a> AmountTables<'a> {
    /// Prepares all rewards of a model.
    pub fn new(tables: &'a Tables<'a>) -> AmountTables<'a> {
        let model = tables.model;
        let paths = model.paths();
        let arms = 0..model.strategies.len();
        let mut products = Vec::new();
        let mut stays: Vec<StayRewards> = Vec::new();
        let mut position = |stay: StayRewards<'a>| {
            stays.iter().position(|other| *other == stay).unwrap_or_else(|| {
                stays.push(stay);
                stays.len() - 1
            })
        };
        let stay_of = arms
            .clone()
            .map(|arm| {
                let each = 0..model.states.len();
                each.map(|s| position(stay(tables, arm, s, &mut products))).collect()
            })
            .collect();
        AmountTables {
            tables,
            paths,
            stays,
            stay_of,
            starts: arms.clone().map(|arm| starts(tables, arm)).collect(),
            products,
            counters: counters(model),
            moves: arms.map(|arm| (0..paths.edges.len()).map(|e| once(tables, arm, e)).collect()).collect(),
        }
    }
}

impl<'a> AmountTables<'a> {
    /// Rewards of being in a state under an arm.
    #[inline]
    pub fn stay(&self, arm: usize, state: usize) -> &StayRewards<'a> {
        &self.stays[self.stay_of[arm][state]]
    }
}

/// Rewards at time zero under one arm.
fn starts<'a>(tables: &'a Tables<'a>, arm: usize) -> Vec<StartReward<'a>> {
    let model = tables.model;
    let start = own(model, arm, |at| at == RewardAt::Start).map(|line| {
        let reward = &model.rewards[line.reward];
        let weight = tables.weights[line.outcome(model)].once[0];
        let parameters = &tables.parameters[arm];
        let attributes = fixed_attributes(model, parameters);
        let differs = reward.differs(model) || reward.reads().state;
        let s = situation(model, parameters, &attributes, 0);
        StartReward { reward, weight, value: (!differs).then(|| weight * reward.amount.value(&s)) }
    });
    start.collect()
}

/// Reward lines under one arm at the places that `at` accepts.
fn own<'a>(
    model: &'a Model,
    arm: usize,
    at: impl Fn(RewardAt) -> bool + 'a,
) -> impl Iterator<Item = &'a RewardLine> {
    let given = move |line: &&RewardLine| at(line.at) && model.rewards[line.reward].given_under(arm);
    model.paths().lines.iter().filter(given)
}

fn stay<'a>(
    tables: &'a Tables<'a>,
    arm: usize,
    state: usize,
    products: &mut Vec<Product>,
) -> StayRewards<'a> {
    let model = tables.model;
    let mut stay = StayRewards::default();
    for line in own(model, arm, move |at| matches!(at, RewardAt::In(s, _) if s == state)) {
        let reward = &model.rewards[line.reward];
        let weights = line.weights(&tables.weights[line.outcome(model)]);
        let place = StateLine { tables, line, arm, state, weights };
        let reward_of = |product, strides, table| PatientReward {
            component: reward.component,
            line,
            amount: &reward.amount,
            weights,
            product,
            strides,
            table,
        };
        match place.terms() {
            Some(terms) => {
                for (factors, strides, table) in terms {
                    let product = (!factors.is_empty()).then(|| place.product(factors, products));
                    match table {
                        Tabulated::ByCase(table) => {
                            let rewards = vec![(reward.component, product)];
                            stay.add_by_case(model, CaseTable { rewards, strides, ..table });
                        }
                        Tabulated::Otherwise(table) => stay.add(reward_of(product, strides, table)),
                    }
                }
            }
            None => stay.rewards.push(reward_of(None, Vec::new(), AmountTable::Walk)),
        }
    }
    stay.join();
    stay
}

impl<'a> StayRewards<'a> {
    /// Adds the table of a single reward, if possible to the running sums of another reward.
    fn add_by_case(&mut self, model: &Model, new: CaseTable) {
        let component = new.rewards[0].0;
        if let (None, None, [same_for_all]) = (new.clock, new.rewards[0].1, &new.classes[..]) {
            let components = model.components.len();
            self.common.resize((model.time.cycles + 2) * components, 0.0);
            for (k, sum) in same_for_all[0].sums.iter().enumerate() {
                self.common[k * components + component] += sum;
            }
            return;
        }
        let same = |own: &&mut CaseTable| own.rewards == new.rewards && own.same_cases(&new);
        match self.by_case.iter_mut().find(same) {
            Some(own) => {
                let each = own.classes.iter_mut().flatten().zip(new.classes.iter().flatten());
                each.for_each(|(own, more)| add(&mut own.sums, &more.sums));
            }
            None => self.by_case.push(new),
        }
    }

    /// Adds a reward, if possible to the running sums of another reward.
    fn add(&mut self, new: PatientReward<'a>) {
        for other in &mut self.rewards {
            let same = (other.component, other.product) == (new.component, new.product);
            if let (AmountTable::Both(g, own), AmountTable::Both(h, more)) = (&mut other.table, &new.table)
                && same
                && g == h
                && other.strides == new.strides
            {
                own.iter_mut().zip(more).for_each(|(own, more)| add(own, more));
                return;
            }
        }
        self.rewards.push(new);
    }

    /// Puts rewards with the same cases into one table, so that one look-up finds the amounts of all of them.
    fn join(&mut self) {
        for table in std::mem::take(&mut self.by_case) {
            match self.by_case.iter_mut().find(|own| own.same_cases(&table)) {
                Some(own) => own.join(table),
                None => self.by_case.push(table),
            }
        }
    }
}

fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// Factors that depend on the patient, strides of the classes, and the table by which the factors are multiplied.
type TablePart = (Vec<Factor>, Vec<f64>, Tabulated);

/// The part of an amount that depends on a clock.
enum Tabulated {
    ByCase(CaseTable),
    Otherwise(AmountTable),
}

/// One reward line in one state under one arm.
struct StateLine<'a> {
    tables: &'a Tables<'a>,
    line: &'a RewardLine,
    arm: usize,
    state: usize,
    weights: &'a [f64],
}

impl StateLine<'_> {
    /// Splits the amount into parts that can be tabulated; `None` if the amount must be evaluated at each grid point.
    fn terms(&self) -> Option<Vec<TablePart>> {
        let model = self.tables.model;
        // A counter does not run with the grid points.
        let own = &model.rewards[self.line.reward];
        if own.reads().residence.iter().any(|&g| model.groups[g].counter.is_some()) {
            return None;
        }
        let differs = |a: usize| categories(model, a) == 1 && !model.attributes[a].is_fixed();
        let amount = &model.rewards[self.line.reward].amount;
        let terms = separate(amount, model.time.cycles_per_year, &differs)?;
        let each = terms.into_iter().map(|Term { patient, clock }| {
            let (strides, kind) = self.table(&clock)?;
            Some((patient, strides, kind))
        });
        each.collect()
    }

    /// Tabulates the clock part of an amount for each class of patients, and returns the strides of the classes with
    /// the table; `None` if the part cannot be tabulated.
    fn table(&self, clock: &Expr) -> Option<(Vec<f64>, Tabulated)> {
        let model = self.tables.model;
        let parameters = &self.tables.parameters[self.arm];
        let reads = Reads::of(clock);
        let sizes: Vec<usize> = reads.categorical.iter().map(|&a| categories(model, a)).collect();
        let classes: usize = sizes.iter().product();
        let points = model.time.cycles + 2;
        let mut attributes = fixed_attributes(model, parameters);
        let mut residence = vec![0; model.groups.len()];
        let situations: Vec<Vec<f64>> = (0..classes)
            .map(|class| {
                decode(class, &reads.categorical, &sizes, &mut attributes);
                attributes.clone()
            })
            .collect();
        let part = model.time.part();
        let of_classes =
            situations.iter().map(|own| Situation { part, ..situation(model, parameters, own, self.state) });
        let weighted = |k: usize, s: &Situation| match self.line.cycle_read(model, k) {
            Some(cycle) if self.weights[k] != 0.0 => {
                self.weights[k] * clock.value(&Situation { cycle, ..*s })
            }
            _ => 0.0,
        };
        let strides = strides(model, &reads.categorical);
        let by_case = |clock, classes| {
            Tabulated::ByCase(CaseTable { clock, strides: Vec::new(), rewards: Vec::new(), classes })
        };
        let kind = match (&reads.residence[..], reads.time || reads.age) {
            ([], _) => {
                let run = |s| CaseRun { first: 0, sums: running((0..points - 1).map(|k| weighted(k, &s))) };
                by_case(None, of_classes.map(|s| vec![run(s)]).collect())
            }
            (&[g], _)
                if let Some(choices) = residence_choices(clock)
                    && let Some(runs) = few_runs(&choices, g, points, &mut residence, of_classes.clone()) =>
            {
                let by_class = of_classes.zip(runs).map(|(s, firsts)| {
                    let run = |first| {
                        residence[g] = first;
                        let at = Situation { residence: &residence, ..s };
                        // No patient has been in the group longer than since the start.
                        let amount = |k| if k < first { 0.0 } else { weighted(k, &at) };
                        CaseRun { first, sums: running((0..points - 1).map(amount)) }
                    };
                    firsts.into_iter().map(run).collect()
                });
                by_case(Some(g), by_class.collect())
            }
            (&[g], false) => {
                let by_residence = of_classes.map(|s| {
                    let each = (0..points - 1).map(|spent| {
                        residence[g] = spent;
                        clock.value(&Situation { residence: &residence, ..s })
                    });
                    runs(&each.collect::<Vec<f64>>())
                });
                let weights = running(self.weights.iter().copied());
                Tabulated::Otherwise(AmountTable::Residence(g, weights, by_residence.collect()))
            }
            // In continuous time patients enter between grid points too.
            (&[g], true) if !model.time.continuous() && classes * points * points <= MOST_ENTRIES => {
                let by_entry = of_classes.map(|s| {
                    let mut sums = Vec::with_capacity((points - 1) * points);
                    for entry in 0..points - 1 {
                        sums.extend(running((0..points - 1).map(|k| {
                            if k < entry {
                                return 0.0;
                            }
                            residence[g] = k - entry;
                            weighted(k, &Situation { residence: &residence, ..s })
                        })));
                    }
                    sums
                });
                Tabulated::Otherwise(AmountTable::Both(g, by_entry.collect()))
            }
            _ => return None,
        };
        // A single undefined amount would spoil the running sums at all later grid points, so the table is rejected.
        let all_finite = |sums: &[f64]| sums.iter().all(|x| x.is_finite());
        let finite = match &kind {
            Tabulated::ByCase(table) => table.classes.iter().flatten().all(|run| all_finite(&run.sums)),
            Tabulated::Otherwise(AmountTable::Both(_, sums)) => sums.iter().all(|own| all_finite(own)),
            Tabulated::Otherwise(AmountTable::Residence(_, _, runs)) => {
                runs.iter().flatten().all(|(_, x)| x.is_finite())
            }
            Tabulated::Otherwise(AmountTable::Walk) => true,
        };
        finite.then_some((strides, kind))
    }

    /// Returns the index of a product, and adds the product if it is new.
    fn product(&self, factors: Vec<Factor>, products: &mut Vec<Product>) -> usize {
        let by_state = factors.iter().any(|(factor, _)| Reads::of(factor).state);
        let parameters = parameters_of(factors.iter().map(|(factor, _)| factor));
        let value = |arm: usize, p: usize| self.tables.parameters[arm][p];
        let found = products.iter().position(|other| {
            (other.state == self.state || !by_state)
                && parameters.iter().all(|&p| value(other.arm, p) == value(self.arm, p))
                && same_product(&other.factors, &factors)
        });
        found.unwrap_or_else(|| {
            products.push(Product { factors, state: self.state, arm: self.arm });
            products.len() - 1
        })
    }
}

/// Running sums of `values`, starting with 0.
fn running(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let sums = values.map(|x| {
        sum += x;
        sum
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// Runs of equal values, each with the position of its first value.
fn runs(values: &[f64]) -> Vec<(usize, f64)> {
    let mut runs: Vec<(usize, f64)> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        if runs.last().is_none_or(|(_, last)| last != value) {
            runs.push((i, *value));
        }
    }
    runs
}

fn once<'a>(tables: &'a Tables<'a>, arm: usize, edge: usize) -> Vec<MoveReward<'a>> {
    let model = tables.model;
    let parameters = &tables.parameters[arm];
    let lines = own(model, arm, move |at| at == RewardAt::Edge(edge));
    lines
        .map(|line| {
            let reward = &model.rewards[line.reward];
            let weights = line.weights(&tables.weights[line.outcome(model)]);
            let differs = reward.differs(model);
            let attributes = fixed_attributes(model, parameters);
            let part = model.time.part();
            let s = Situation {
                part,
                ..situation(model, parameters, &attributes, model.paths().edges[edge].from)
            };
            let weight = |w: &f64| if model.time.continuous() { 1.0 } else { *w };
            let value = |(k, w): (usize, &f64)| match line.cycle_read(model, k) {
                Some(cycle) if !differs => weight(w) * reward.amount.value(&Situation { cycle, ..s }),
                _ => weight(w),
            };
            MoveReward {
                component: reward.component,
                outcome: line.outcome(model),
                amount: &reward.amount,
                values: weights.iter().enumerate().map(value).collect(),
                differs,
            }
        })
        .collect()
}
