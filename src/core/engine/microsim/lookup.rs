//! Look-up of the cycle in which a transition fires, in tables of cumulative hazard.

use super::course::{CourseOfHazard, courses};
use super::cumulative::{Cumulative, NEVER};
use crate::model::{AgeColumn, CycleClock, Exit, Form, HazardTable, Model, Tables, categories};

/// Cumulative hazard of a transition, prepared for look-up.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Strides: the class of a patient is the sum of stride times attribute value (stride 0 for attributes that do not
    /// matter).
    strides: Vec<f64>,
    /// Table for each class.
    pub kind: LookupForm,
    /// Course of the hazard within cycles, per class (continuous time and distributions only).
    pub within: Vec<CourseOfHazard>,
}

/// Kinds of lookup, by the clock on which the hazard depends.
#[derive(Clone, Debug)]
pub enum LookupForm {
    /// Hazard that is the same in every cycle, per class.
    Constant(Vec<f64>),
    /// Hazard by whole cycles of model time, per class.
    Time(Vec<Cumulative>),
    /// Hazard by whole cycles in a group of states, per class.
    Residence(usize, Vec<Cumulative>),
    /// Hazard by attained age, per class, with the index of the age attribute.
    Age(usize, Vec<AgeTable>),
    /// Hazard that cannot be tabulated and is evaluated cycle by cycle.
    Walk,
}

/// A column of an age table, for searches from age to cumulative hazard and back.
#[derive(Clone, Debug)]
pub struct AgeTable {
    column: AgeColumn,
    /// Years per unit of cumulative hazard in each age band: the inverse of the rate.
    years: Vec<f64>,
    cumulative: Cumulative,
    /// Whether band limits are consecutive whole years, so that a subtraction finds the band.
    yearly: bool,
}

impl AgeTable {
    fn new(column: &AgeColumn) -> AgeTable {
        let steps = column.cumulative.windows(2).map(|w| w[1] - w[0]);
        let yearly = column.ages.windows(2).all(|w| w[1] - w[0] == 1.0);
        AgeTable {
            cumulative: Cumulative::new(steps),
            yearly,
            years: column.rates.iter().map(|rate| 1.0 / rate).collect(),
            column: column.clone(),
        }
    }

    #[inline]
    pub fn integral(&self, age: f64) -> f64 {
        let column = &self.column;
        let band = if self.yearly {
            ((age - column.ages[0]).max(0.0) as usize).min(column.ages.len() - 1)
        } else {
            column.band(age)
        };
        column.cumulative[band] + column.rates[band] * (age - column.ages[band])
    }

    /// The age at which the cumulative hazard reaches `target`.
    #[inline]
    pub fn inverse(&self, target: f64) -> f64 {
        let column = &self.column;
        let band = match self.cumulative.find(target) {
            // Beyond the last band limit the last rate applies.
            NEVER => column.ages.len() - 1,
            band => band as usize,
        };
        column.ages[band] + (target - column.cumulative[band]) * self.years[band]
    }
}

/// Clocks and attributes of a patient, as lookups read them.
#[derive(Clone, Debug)]
pub struct Clocks {
    /// For each group of states: the cycle of entry.
    pub entry: Vec<u32>,
    /// Attribute values of the patient.
    pub attributes: Vec<f64>,
    /// Cycles in a year.
    pub per_year: f64,
    /// Years in a cycle.
    pub year: f64,
    /// Cycles up to the horizon.
    pub horizon: u32,
}

impl Lookup {
    pub fn new(table: &HazardTable, tables: &Tables) -> Lookup {
        let kind = match &table.form {
            Form::Walk => LookupForm::Walk,
            Form::Age(age, columns) => LookupForm::Age(*age, columns.iter().map(AgeTable::new).collect()),
            Form::Cycles(clock, values) => cycles(*clock, values, tables.model.time.cycles),
        };
        let within = courses(table);
        Lookup { strides: strides(tables.model, &table.categorical), kind, within }
    }

    /// Class of a patient with these attributes.
    #[inline]
    pub fn class(&self, attributes: &[f64]) -> usize {
        let class: f64 = self.strides.iter().zip(attributes).map(|(s, x)| s * x).sum();
        class as usize
    }

    /// The cycle in which the cumulative hazard since the start of cycle `from` reaches `due`. Cycles are counted on
    /// the lookup's own clock: from the start of the model, or from entry into its group of states.
    #[inline]
    pub fn fires(&self, class: usize, due: f64, from: u32, clocks: &Clocks) -> u32 {
        match &self.kind {
            LookupForm::Constant(w) => {
                let k = due / w[class];
                if k < f64::from(clocks.horizon - from) { from + k as u32 } else { NEVER }
            }
            LookupForm::Time(tables) | LookupForm::Residence(_, tables) => {
                let table = &tables[class];
                table.find(table.before(from) + due)
            }
            LookupForm::Age(age, tables) => {
                let table = &tables[class];
                let start = clocks.attributes[*age];
                let now = start + f64::from(from) * clocks.year;
                let reached = table.inverse(table.integral(now) + due);
                let cycle = (reached - start) * clocks.per_year;
                if cycle < f64::from(clocks.horizon) { (cycle as u32).max(from) } else { NEVER }
            }
            LookupForm::Walk => unreachable!("walked rows are not looked up"),
        }
    }

    /// Cumulative hazard from the start of cycle `from` to the start of cycle `to`, times `scale`.
    #[inline]
    pub fn spent(&self, class: usize, scale: f64, from: u32, to: u32, clocks: &Clocks) -> f64 {
        scale
            * match &self.kind {
                LookupForm::Constant(w) => w[class] * f64::from(to - from),
                LookupForm::Time(tables) => tables[class].between(from, to),
                LookupForm::Residence(g, tables) => {
                    let entry = clocks.entry[*g];
                    tables[class].between(from - entry, to - entry)
                }
                LookupForm::Age(age, tables) => {
                    let table = &tables[class];
                    let start = clocks.attributes[*age];
                    table.integral(start + f64::from(to) * clocks.year)
                        - table.integral(start + f64::from(from) * clocks.year)
                }
                LookupForm::Walk => unreachable!("walked rows are not looked up"),
            }
    }
}

/// Mixed-radix strides over categorical attributes; the first attribute varies slowest.
pub fn strides(model: &Model, categorical: &[usize]) -> Vec<f64> {
    let mut strides = vec![0.0; model.attributes.len()];
    let mut stride = 1;
    for &a in categorical.iter().rev() {
        strides[a] = stride as f64;
        stride *= categories(model, a);
    }
    strides
}

fn cycles(clock: CycleClock, values: &[Vec<f64>], n: usize) -> LookupForm {
    if values.iter().all(|v| v.len() == 1) {
        return LookupForm::Constant(values.iter().map(|v| v[0]).collect());
    }
    let full = |v: &Vec<f64>| Cumulative::new((0..n).map(|k| if v.len() == 1 { v[0] } else { v[k] }));
    let tables = values.iter().map(full).collect();
    match clock {
        CycleClock::Time => LookupForm::Time(tables),
        CycleClock::Residence(g) => LookupForm::Residence(g, tables),
    }
}

/// Converts stated probabilities to cumulative hazards that reproduce exactly these probabilities when they compete:
/// w_d = -ln(1 - Q) q_d / Q, where Q is the sum of the row. `None` if the row must be simulated cycle by cycle, because
/// it reads several clocks or because Q is 1 with more than one possible exit.
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
        table.categorical.iter().for_each(|&a| crate::model::hazard::insert(&mut categorical, a));
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
                    let values = &values[table.class(&attributes)];
                    if values.len() == 1 { values[0] } else { values[k] }
                })
                .collect();
            for (own, w) in weights.iter_mut().zip(weigh(&q)?) {
                own[class][k] = w;
            }
        }
    }
    let clock = clock.unwrap_or(CycleClock::Time);
    Some(
        weights
            .iter()
            .map(|values| Lookup {
                strides: strides(tables.model, &categorical),
                kind: cycles(clock, values, n),
                within: Vec::new(),
            })
            .collect(),
    )
}

/// Cumulative hazards that reproduce one row of stated probabilities; infinite for an exit that is certain.
fn weigh(q: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = q.iter().sum();
    if sum >= 1.0 - 1e-12 {
        let ways = q.iter().filter(|p| **p > 0.0).count();
        return (ways == 1).then(|| q.iter().map(|p| if *p > 0.0 { f64::INFINITY } else { 0.0 }).collect());
    }
    Some(q.iter().map(|p| weight(*p, sum)).collect())
}

/// Cumulative hazard that reproduces a stated probability `q` in a row whose sum is less than 1.
pub fn weight(q: f64, sum: f64) -> f64 {
    if q > 0.0 { -crate::math::ln_1p(-sum) * q / sum } else { 0.0 }
}
