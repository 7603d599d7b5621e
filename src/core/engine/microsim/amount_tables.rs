//! Amounts of rewards as cumulative tables, so that the reward of a stay is the difference of two entries.
//!
//! An amount is split into a sum of products of a part that depends on the patient and a part that depends on a clock
//! (see [`crate::model::separable`]). The patient's part is evaluated once per patient. The clock's part is tabulated
//! if it is the same for all patients of a class: by model time, by time in a group of states, or by both. Any other
//! amount is evaluated at each grid point.

use super::lookup::strides;
use crate::model::choices::{choices, taken};
use crate::model::hazard::Reads;
use crate::model::paths::Paths;
use crate::model::reward_lines::{RewardAt, RewardLine};
use crate::model::separable::{Factor, Term, same_product, separate};
use crate::model::{Expr, Model, Situation, Tables, categories, decode, fixed_attributes, situation};

/// Maximum number of entries, over all classes, of a table by model time and cases of the time in a group of states.
const MOST_CASE_ENTRIES: usize = 1 << 20;

/// Maximum number of entries, over all classes, of a table by model time and time in a group of states.
const MOST_ENTRIES: usize = 1 << 16;

/// Rewards of all stays and moves, prepared once for all patients.
pub struct AmountTables<'a> {
    pub tables: &'a Tables<'a>,
    pub paths: &'a Paths,
    /// `stays[arm][state]`: rewards of being in the state.
    pub stays: Vec<Vec<StayRewards<'a>>>,
    /// `moves[arm][edge]`: rewards of the move.
    pub moves: Vec<Vec<Vec<MoveReward<'a>>>>,
    /// Products of factors that depend only on the patient.
    pub products: Vec<Product>,
}

/// A product of factors that depend only on the patient.
pub struct Product {
    pub factors: Vec<Factor>,
    /// State at which the product is evaluated; other states and arms with the same values share the result.
    pub state: usize,
    pub arm: usize,
}

/// Rewards of being in a state under one arm.
#[derive(Default)]
pub struct StayRewards<'a> {
    /// `[(grid point, component)]`: running sums of the rewards that are the same for all patients; empty if the state
    /// has no rewards of this kind.
    pub common: Vec<f64>,
    /// Rewards that differ between patients.
    pub rewards: Vec<PatientReward<'a>>,
}

/// A reward that differs between patients.
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

/// The part of an amount that depends on a clock.
pub enum AmountTable {
    /// By model time: for each class, running sums over grid points.
    Points(Vec<Vec<f64>>),
    /// By whole cycles in a group of states: the group, running sums of the weights over grid points, and for each
    /// class the runs of cycles with the same amount, each run with its first cycle.
    Residence(usize, Vec<f64>, Vec<Vec<(usize, f64)>>),
    /// By model time and whole cycles in a group of states, if cycles in the group only choose between cases: the group, and for
    /// each class the runs of cycles of the same case.
    Cases(usize, Vec<Vec<CaseRun>>),
    /// By model time and whole cycles in a group of states, in any other way: for each class, running sums over grid points for
    /// each cycle of entry, `[(entry, point)]`.
    Both(usize, Vec<Vec<f64>>),
    /// Not tabulated: evaluated at each grid point.
    Walk,
}

/// Consecutive numbers of cycles in a group of states for which an amount depends on model time in the same way.
pub struct CaseRun {
    /// First number of cycles in the group; the run ends where the next one begins.
    pub first: usize,
    /// Running sums over grid points.
    pub sums: Vec<f64>,
}

/// A reward that is paid once, when a move takes place.
pub struct MoveReward<'a> {
    pub component: usize,
    pub amount: &'a Expr,
    /// Weighted amount at each grid point; or the weight alone if the amount differs between patients.
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
        let stays = arms
            .clone()
            .map(|arm| (0..model.states.len()).map(|s| stay(tables, arm, s, &mut products)).collect())
            .collect();
        AmountTables {
            tables,
            paths,
            stays,
            products,
            moves: arms.map(|arm| (0..paths.edges.len()).map(|e| once(tables, arm, e)).collect()).collect(),
        }
    }
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
                    stay.add(model, reward_of(product, strides, table));
                }
            }
            None => stay.rewards.push(reward_of(None, Vec::new(), AmountTable::Walk)),
        }
    }
    stay
}

impl<'a> StayRewards<'a> {
    /// Adds a reward, if possible to the running sums of another reward.
    fn add(&mut self, model: &Model, new: PatientReward<'a>) {
        if let (None, AmountTable::Points(classes)) = (new.product, &new.table)
            && let [same_for_all] = &classes[..]
        {
            let components = model.components.len();
            self.common.resize((model.time.cycles + 2) * components, 0.0);
            for (k, sum) in same_for_all.iter().enumerate() {
                self.common[k * components + new.component] += sum;
            }
            return;
        }
        for other in &mut self.rewards {
            let same = (other.component, other.product) == (new.component, new.product)
                && other.strides == new.strides;
            let (sums, more) = match (&mut other.table, &new.table) {
                (AmountTable::Points(sums), AmountTable::Points(more)) => (sums, more),
                (AmountTable::Both(g, sums), AmountTable::Both(own, more)) if g == own => (sums, more),
                _ => continue,
            };
            if same {
                let each = sums.iter_mut().flatten().zip(more.iter().flatten());
                each.for_each(|(sum, more)| *sum += more);
                return;
            }
        }
        self.rewards.push(new);
    }
}

/// Factors that depend on the patient, strides of the classes, and the table by which the factors are multiplied.
type TablePart = (Vec<Factor>, Vec<f64>, AmountTable);

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
    fn table(&self, clock: &Expr) -> Option<(Vec<f64>, AmountTable)> {
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
        let of_classes = situations.iter().map(|own| situation(model, parameters, own, self.state));
        let weighted = |k: usize, s: &Situation| match self.line.cycle_read(model, k) {
            Some(cycle) if self.weights[k] != 0.0 => {
                self.weights[k] * clock.value(&Situation { cycle, ..*s })
            }
            _ => 0.0,
        };
        let kind = match (&reads.residence[..], reads.time || reads.age) {
            ([], _) => AmountTable::Points(
                of_classes.map(|s| running((0..points - 1).map(|k| weighted(k, &s)))).collect(),
            ),
            (&[g], false) => {
                let by_residence = of_classes.map(|s| {
                    let each = (0..points - 1).map(|spent| {
                        residence[g] = spent;
                        clock.value(&Situation { residence: &residence, ..s })
                    });
                    runs(&each.collect::<Vec<f64>>())
                });
                let weights = running(self.weights.iter().copied());
                AmountTable::Residence(g, weights, by_residence.collect())
            }
            (&[g], true) if let Some(choices) = residence_choices(clock) => {
                let mut entries = 0;
                let by_case = of_classes.map(|s| {
                    let firsts = case_runs(&choices, g, points - 1, &mut residence, &s);
                    entries += firsts.len() * points;
                    let most = MOST_CASE_ENTRIES / points;
                    let sums = firsts.into_iter().take(most).map(|first| {
                        residence[g] = first;
                        let at = Situation { residence: &residence, ..s };
                        // No patient has been in the group longer than since the start.
                        let amount = |k| if k < first { 0.0 } else { weighted(k, &at) };
                        CaseRun { first, sums: running((0..points - 1).map(amount)) }
                    });
                    sums.collect()
                });
                let table = AmountTable::Cases(g, by_case.collect());
                if entries > MOST_CASE_ENTRIES {
                    return None;
                }
                table
            }
            (&[g], true) if classes * points * points <= MOST_ENTRIES => {
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
                AmountTable::Both(g, by_entry.collect())
            }
            _ => return None,
        };
        // A single undefined amount would spoil the running sums at all later grid points, so the table is rejected.
        let finite = match &kind {
            AmountTable::Points(sums) | AmountTable::Both(_, sums) => {
                sums.iter().flatten().all(|x| x.is_finite())
            }
            AmountTable::Cases(_, runs) => {
                runs.iter().flatten().flat_map(|run| &run.sums).all(|x| x.is_finite())
            }
            AmountTable::Residence(_, _, runs) => runs.iter().flatten().all(|(_, x)| x.is_finite()),
            AmountTable::Walk => true,
        };
        finite.then(|| (strides(model, &reads.categorical), kind))
    }

    /// Returns the index of a product, and adds the product if it is new.
    fn product(&self, factors: Vec<Factor>, products: &mut Vec<Product>) -> usize {
        let mut by_state = false;
        let mut parameters = Vec::new();
        for (factor, _) in &factors {
            by_state |= Reads::of(factor).state;
            factor.walk(&mut |e| {
                if let Expr::Parameter(p) = e {
                    parameters.push(*p);
                }
            });
        }
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

/// The comparisons by which an amount reads the time in a group of states; `None` if it reads this time in any other way, or in
/// comparisons with model time.
fn residence_choices(clock: &Expr) -> Option<Vec<Expr>> {
    let mut all = Vec::new();
    let by_residence = |e: &Expr| !Reads::of(e).residence.is_empty();
    let only = choices(clock, &by_residence, &mut all) && all.len() <= 64;
    let alone = |e: &Expr| {
        let reads = Reads::of(e);
        !reads.time && !reads.age
    };
    (only && all.iter().all(alone)).then_some(all)
}

/// First number of cycles in group `g` of each run of `count` numbers for which the same comparisons hold.
fn case_runs(choices: &[Expr], g: usize, count: usize, residence: &mut [usize], s: &Situation) -> Vec<usize> {
    let mut firsts = Vec::new();
    let mut last = None;
    for spent in 0..count {
        residence[g] = spent;
        let now = Some(taken(choices, &Situation { residence, ..*s }));
        if now != last {
            firsts.push(spent);
            last = now;
        }
    }
    firsts
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
            let s = situation(model, parameters, &attributes, model.paths().edges[edge].from);
            let value = |(k, w): (usize, &f64)| match line.cycle_read(model, k) {
                Some(cycle) if !differs => w * reward.amount.value(&Situation { cycle, ..s }),
                _ => *w,
            };
            MoveReward {
                component: reward.component,
                amount: &reward.amount,
                values: weights.iter().enumerate().map(value).collect(),
                differs,
            }
        })
        .collect()
}
