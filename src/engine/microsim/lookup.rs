//! Inverse cumulative tables: the cycle in which a threshold is used up, found without walking.

use crate::model::{AgeColumn, CycleClock, Exit, Form, Table, Tables, categories};

/// No firing before the end of the table.
pub const NEVER: u32 = u32::MAX;

/// A cumulative table with a guide (Chen and Asau 1974): entry `i` says where to start looking for the i-th
/// part of the total.
#[derive(Clone, Debug)]
pub struct Cumulative {
    sums: Vec<f64>,
    guide: Vec<u32>,
    per_total: f64,
}

const GUIDE: usize = 256;

impl Cumulative {
    /// From increments; the running sum starts at 0.
    pub fn new(increments: impl Iterator<Item = f64>) -> Cumulative {
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for w in increments {
            sum += w;
            sums.push(sum);
        }
        let total = if sum > 0.0 { sum } else { 1.0 };
        let finite = if total.is_finite() {
            total
        } else {
            sums.iter().copied().filter(|s| s.is_finite()).fold(1.0, f64::max)
        };
        let mut guide = Vec::with_capacity(GUIDE + 1);
        let mut at = 0;
        for i in 0..=GUIDE {
            let target = finite * i as f64 / GUIDE as f64;
            while at + 1 < sums.len() && sums[at + 1] <= target {
                at += 1;
            }
            guide.push(at as u32);
        }
        // One ulp less than the exact factor, so that rounding never starts the search too far.
        Cumulative {
            sums,
            guide,
            per_total: GUIDE as f64 / finite * (1.0 - 1e-12),
        }
    }

    /// The interval that holds `target`, or `NEVER` if the table ends before.
    #[inline]
    fn find(&self, target: f64) -> u32 {
        if target >= self.sums[self.sums.len() - 1] {
            return NEVER;
        }
        let part = ((target * self.per_total) as usize).min(GUIDE);
        let mut at = self.guide[part] as usize;
        while self.sums[at + 1] <= target {
            at += 1;
        }
        at as u32
    }

    #[inline]
    fn between(&self, from: usize, to: usize) -> f64 {
        self.sums[to] - self.sums[from]
    }
}

/// What a transition spends, ready to be looked up.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Attributes that choose the class, with their numbers of categories.
    pub classes: Vec<(usize, usize)>,
    /// The table, per class.
    pub kind: Kind,
}

/// Kinds of lookup.
#[derive(Clone, Debug)]
pub enum Kind {
    /// The same in every cycle.
    Constant(Vec<f64>),
    /// By whole cycles of model time.
    Time(Vec<Cumulative>),
    /// By whole cycles in a group.
    Residence(usize, Vec<Cumulative>),
    /// By attained age.
    Age(usize, Vec<AgeTable>),
    /// Evaluated cycle by cycle.
    Walk,
}

/// A column of an age table with guides both ways.
#[derive(Clone, Debug)]
pub struct AgeTable {
    column: AgeColumn,
    cumulative: Cumulative,
    /// Whether band limits are whole years one apart, so that the band is a subtraction.
    yearly: bool,
}

impl AgeTable {
    fn new(column: &AgeColumn) -> AgeTable {
        let steps = column.cumulative.windows(2).map(|w| w[1] - w[0]);
        let yearly = column.ages.windows(2).all(|w| w[1] - w[0] == 1.0);
        AgeTable {
            cumulative: Cumulative::new(steps),
            yearly,
            column: column.clone(),
        }
    }

    #[inline]
    fn integral(&self, age: f64) -> f64 {
        let column = &self.column;
        let band = if self.yearly {
            ((age - column.ages[0]).max(0.0) as usize).min(column.ages.len() - 1)
        } else {
            column.band(age)
        };
        column.cumulative[band] + column.rates[band] * (age - column.ages[band])
    }

    /// The age at which the integral reaches `target`.
    #[inline]
    fn inverse(&self, target: f64) -> f64 {
        let column = &self.column;
        let band = match self.cumulative.find(target) {
            // Beyond the last limit the last rate holds.
            NEVER => column.ages.len() - 1,
            band => band as usize,
        };
        column.ages[band] + (target - column.cumulative[band]) / column.rates[band]
    }
}

/// Where a patient is in time when a sojourn starts or is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// Cycles since the start.
    pub cycle: u32,
    /// Per group: the cycle of entry.
    pub entry: &'a [u32],
    /// Attributes.
    pub attributes: &'a [f64],
    /// Cycles in a year.
    pub per_year: f64,
    /// Cycles up to the horizon.
    pub horizon: u32,
}

impl Lookup {
    pub fn new(table: &Table, tables: &Tables) -> Lookup {
        let classes = table
            .categorical
            .iter()
            .map(|&a| (a, categories(tables.model, a)))
            .collect();
        let kind = match &table.form {
            Form::Walk => Kind::Walk,
            Form::Age(age, columns) => Kind::Age(*age, columns.iter().map(AgeTable::new).collect()),
            Form::Cycles(clock, values) => cycles(*clock, values, tables.model.time.cycles),
        };
        Lookup { classes, kind }
    }

    /// Class of a patient.
    #[inline]
    pub fn class(&self, attributes: &[f64]) -> usize {
        self.classes
            .iter()
            .fold(0, |k, &(a, size)| k * size + attributes[a] as usize)
    }

    /// The model cycle in which a threshold of `left` is used up, from `at` on.
    #[inline]
    pub fn fires(&self, class: usize, scale: f64, left: f64, at: &Position) -> u32 {
        match &self.kind {
            Kind::Constant(w) => {
                let k = left / (w[class] * scale);
                if k < f64::from(at.horizon - at.cycle) {
                    at.cycle + k as u32
                } else {
                    NEVER
                }
            }
            Kind::Time(tables) => {
                let table = &tables[class];
                table.find(table.sums[at.cycle as usize] + left / scale)
            }
            Kind::Residence(g, tables) => {
                let table = &tables[class];
                let entry = at.entry[*g];
                match table.find(table.sums[(at.cycle - entry) as usize] + left / scale) {
                    NEVER => NEVER,
                    k if entry + k < at.horizon => entry + k,
                    _ => NEVER,
                }
            }
            Kind::Age(age, tables) => {
                let table = &tables[class];
                let start = at.attributes[*age];
                let now = start + f64::from(at.cycle) / at.per_year;
                let reached = table.inverse(table.integral(now) + left / scale);
                let cycle = (reached - start) * at.per_year;
                if cycle < f64::from(at.horizon) {
                    (cycle as u32).max(at.cycle)
                } else {
                    NEVER
                }
            }
            Kind::Walk => unreachable!("walked rows are not looked up"),
        }
    }

    /// What is spent from `at` to the start of cycle `to`.
    #[inline]
    pub fn spent(&self, class: usize, scale: f64, at: &Position, to: u32) -> f64 {
        scale
            * match &self.kind {
                Kind::Constant(w) => w[class] * f64::from(to - at.cycle),
                Kind::Time(tables) => tables[class].between(at.cycle as usize, to as usize),
                Kind::Residence(g, tables) => {
                    let entry = at.entry[*g];
                    tables[class].between((at.cycle - entry) as usize, (to - entry) as usize)
                }
                Kind::Age(age, tables) => {
                    let table = &tables[class];
                    let start = at.attributes[*age];
                    table.integral(start + f64::from(to) / at.per_year)
                        - table.integral(start + f64::from(at.cycle) / at.per_year)
                }
                Kind::Walk => unreachable!("walked rows are not looked up"),
            }
    }
}

fn cycles(clock: CycleClock, values: &[Vec<f64>], n: usize) -> Kind {
    if values.iter().all(|v| v.len() == 1) {
        return Kind::Constant(values.iter().map(|v| v[0]).collect());
    }
    let full = |v: &Vec<f64>| Cumulative::new((0..n).map(|k| if v.len() == 1 { v[0] } else { v[k] }));
    let tables = values.iter().map(full).collect();
    match clock {
        CycleClock::Time => Kind::Time(tables),
        CycleClock::Residence(g) => Kind::Residence(g, tables),
    }
}

/// Stated probabilities as weights that give exactly those probabilities when they compete:
/// w_d = -ln(1 - Q) q_d / Q with Q the row's sum. `None` if the row must be walked (it reads several clocks, or
/// is certain with more than one way out).
pub fn stated(exits: &[Exit], tables: &Tables) -> Option<Vec<Lookup>> {
    let n = tables.model.time.cycles;
    let mut categorical = Vec::new();
    let mut clock: Option<CycleClock> = None;
    let mut varies = false;
    for exit in exits {
        let table = &tables.pool[exit.table];
        let Form::Cycles(own, values) = &table.form else {
            return None;
        };
        if values.iter().any(|v| v.len() > 1) {
            if clock.is_some_and(|c| c != *own) {
                return None;
            }
            clock = Some(*own);
            varies = true;
        }
        table
            .categorical
            .iter()
            .for_each(|&a| crate::model::hazard::insert(&mut categorical, a));
    }
    let sizes: Vec<usize> = categorical.iter().map(|&a| categories(tables.model, a)).collect();
    let classes: usize = sizes.iter().product();
    let length = if varies { n } else { 1 };
    let mut weights = vec![vec![vec![0.0; length]; classes]; exits.len()];
    let mut attributes = vec![0.0; tables.model.attributes.len()];
    for class in 0..classes {
        crate::model::decode(class, &categorical, &sizes, &mut attributes);
        for k in 0..length {
            let q: Vec<f64> = exits
                .iter()
                .map(|exit| {
                    let table = &tables.pool[exit.table];
                    let Form::Cycles(_, values) = &table.form else {
                        return 0.0;
                    };
                    let own = table.categorical.iter().fold(0, |c, &a| {
                        c * categories(tables.model, a) + attributes[a] as usize
                    });
                    let values = &values[own];
                    if values.len() == 1 { values[0] } else { values[k] }
                })
                .collect();
            for (own, w) in weights.iter_mut().zip(weigh(&q)?) {
                own[class][k] = w;
            }
        }
    }
    let classes: Vec<(usize, usize)> = categorical.into_iter().zip(sizes).collect();
    let clock = clock.unwrap_or(CycleClock::Time);
    Some(
        weights
            .iter()
            .map(|values| Lookup {
                classes: classes.clone(),
                kind: cycles(clock, values, n),
            })
            .collect(),
    )
}

/// Weights of one row, infinite for the only way out of a certain row.
fn weigh(q: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = q.iter().sum();
    if sum >= 1.0 - 1e-12 {
        let ways = q.iter().filter(|p| **p > 0.0).count();
        return (ways == 1).then(|| {
            q.iter()
                .map(|p| if *p > 0.0 { f64::INFINITY } else { 0.0 })
                .collect()
        });
    }
    Some(q.iter().map(|p| weight(*p, sum)).collect())
}

/// Weight of a stated probability in a row that sums to less than 1.
pub fn weight(q: f64, sum: f64) -> f64 {
    if q > 0.0 {
        -crate::math::ln_1p(-sum) * q / sum
    } else {
        0.0
    }
}
