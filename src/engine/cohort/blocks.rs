//! Probabilities of leaving, evaluated once per cycle for each class of patients that a set of exits tells
//! apart, however many states and strata share it.

use super::strata::Stratum;
use crate::math;
use crate::model::hazard::{Reads, factor, spend};
use crate::model::quadrature::Node;
use crate::model::{CycleClock, Exit, Form, Model, Situation, Tables, situation};

/// A set of exits that compete, with the classes of patients that they read.
pub struct Block {
    /// Exits.
    pub exits: Vec<Exit>,
    stated: bool,
    strategy: usize,
    state: usize,
    /// Classes.
    pub stratum: Stratum,
    /// Whether probabilities depend on time in a group, so that each cell needs its own.
    pub by_residence: bool,
    sources: Vec<Source>,
    /// Cycle that the values below hold for (`usize::MAX`: none yet, or per cell).
    filled: usize,
    /// `probability[exit * classes + class]`, given that nothing before this block fired.
    pub probability: Vec<f64>,
    /// Sum over exits per class.
    pub total: Vec<f64>,
    constant: bool,
}

/// Where an exit's value comes from.
enum Source {
    /// Cycle table: per block class the table class and the multiplier.
    Cycles {
        clock: CycleClock,
        class: Vec<u32>,
        scale: Vec<f64>,
    },
    /// Age table: per block class the column, the multiplier and the age at the start.
    Age {
        column: Vec<u32>,
        scale: Vec<f64>,
        start: Vec<f64>,
    },
    /// Evaluated for each class: its attribute values.
    Walk(Vec<Vec<f64>>),
}

impl Block {
    pub fn new(
        tables: &Tables,
        nodes: &[Vec<Node>],
        strategy: usize,
        state: usize,
        exits: &[Exit],
        stated: bool,
    ) -> Block {
        let model = tables.model;
        let mut reads = Reads::default();
        for exit in exits {
            let parts = factor(model, strategy, exit.transition);
            reads.merge(&parts.rest);
            parts.multiplier.iter().for_each(|e| reads.add(e));
        }
        let stratum = Stratum::new(reads.attributes(), nodes);
        let classes = stratum.size();
        let mut values = vec![vec![0.0; model.attributes.len()]; classes];
        values
            .iter_mut()
            .enumerate()
            .for_each(|(i, v)| stratum.values(i, nodes, v));
        let sources: Vec<Source> = exits
            .iter()
            .map(|exit| source(tables, strategy, state, exit, &values))
            .collect();
        let constant = exits.iter().all(|exit| {
            matches!(&tables.pool[exit.table].form, Form::Cycles(_, v) if v.iter().all(|c| c.len() == 1))
        });
        let by_residence = !constant && !reads.residence.is_empty();
        Block {
            exits: exits.to_vec(),
            stated,
            strategy,
            state,
            by_residence,
            sources,
            filled: usize::MAX,
            probability: vec![0.0; exits.len() * classes],
            total: vec![0.0; classes],
            stratum,
            constant,
        }
    }

    /// Evaluates the block for the cycle that begins `cycle` cycles after the start. `residence` holds cycles
    /// in each group of the cell at hand.
    pub fn fill(&mut self, tables: &Tables, cycle: usize, residence: &[usize]) {
        if self.filled == cycle || self.constant && self.filled != usize::MAX {
            return;
        }
        self.filled = if self.by_residence { usize::MAX } else { cycle };
        let classes = self.total.len();
        for (e, source) in self.sources.iter().enumerate() {
            let into = &mut self.probability[e * classes..(e + 1) * classes];
            let exit = self.exits[e];
            match (source, &tables.pool[exit.table].form) {
                (Source::Cycles { clock, class, scale }, Form::Cycles(_, values)) => {
                    let k = match clock {
                        CycleClock::Time => cycle,
                        CycleClock::Residence(g) => residence[*g],
                    };
                    for ((p, &class), scale) in into.iter_mut().zip(class).zip(scale) {
                        let values = &values[class as usize];
                        *p = scale * if values.len() == 1 { values[0] } else { values[k] };
                    }
                }
                (Source::Age { column, scale, start }, Form::Age(_, columns)) => {
                    let per_year = tables.model.time.cycles_per_year;
                    let (from, to) = (cycle as f64 / per_year, (cycle + 1) as f64 / per_year);
                    for (i, p) in into.iter_mut().enumerate() {
                        let column = &columns[column[i] as usize];
                        *p = scale[i] * (column.integral(start[i] + to) - column.integral(start[i] + from));
                    }
                }
                (Source::Walk(values), _) => {
                    for (p, attributes) in into.iter_mut().zip(values) {
                        let s = Situation {
                            parameters: &tables.parameters[self.strategy],
                            attributes,
                            state: self.state,
                            cycle,
                            residence,
                            cycles_per_year: tables.model.time.cycles_per_year,
                        };
                        *p = spend(tables.model, self.strategy, exit.transition, &s);
                    }
                }
                _ => unreachable!("a source is made for its table's form"),
            }
        }
        self.total.fill(0.0);
        for exit in self.probability.chunks_exact(classes.max(1)) {
            self.total.iter_mut().zip(exit).for_each(|(t, p)| *t += p);
        }
        if !self.stated {
            self.compete(classes);
        }
    }

    /// Cumulative hazards to probabilities: d happens with w_d / W (1 - exp(-W)).
    fn compete(&mut self, classes: usize) {
        for class in 0..classes {
            let w = self.total[class];
            if w > 0.0 {
                let any = -math::exp_m1(-w);
                for e in 0..self.exits.len() {
                    self.probability[e * classes + class] *= any / w;
                }
                self.total[class] = any;
            }
        }
    }
}

fn source(tables: &Tables, strategy: usize, state: usize, exit: &Exit, values: &[Vec<f64>]) -> Source {
    let table = &tables.pool[exit.table];
    let model: &Model = tables.model;
    let class = || -> Vec<u32> {
        values
            .iter()
            .map(|v| {
                table
                    .categorical
                    .iter()
                    .fold(0, |k, &a| k * crate::model::categories(model, a) + v[a] as usize)
                    as u32
            })
            .collect()
    };
    let scale = || -> Vec<f64> {
        values
            .iter()
            .map(|v| {
                let s = situation(model, &tables.parameters[strategy], v, state);
                table.multiplier.iter().map(|e| e.value(&s)).product()
            })
            .collect()
    };
    match &table.form {
        Form::Cycles(clock, _) => Source::Cycles {
            clock: *clock,
            class: class(),
            scale: scale(),
        },
        Form::Age(age, _) => Source::Age {
            column: class(),
            scale: scale(),
            start: values.iter().map(|v| v[*age]).collect(),
        },
        Form::Walk => Source::Walk(values.to_vec()),
    }
}
