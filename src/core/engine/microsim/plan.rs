//! Plan of a simulation: everything that does not change between patients, prepared for look-up.

use std::borrow::Cow;

use super::super::random::Stream;
use super::lookup::{Lookup, LookupForm, stated};
use super::population::{Population, cumulative};
use super::settings::{Rule, Settings};
use crate::model::clocks::counters;
use crate::model::hazard::Reads;
use crate::model::paths::Paths;
use crate::model::{Branch, CycleClock, Exit, ExitRow, Expr, Form, Share, Tables, branch_shares, situation};

/// Everything in a simulation that does not change between patients.
pub struct Plan<'a> {
    pub tables: &'a Tables<'a>,
    pub paths: &'a Paths,
    pub rule: Rule,
    pub population: Population,
    /// Per transition: the counters that it moves, with their largest numbers.
    pub counters: Vec<Vec<(usize, u32)>>,
    /// Random number stream of each transition.
    pub thresholds: Vec<Stream>,
    /// Random number stream of the procedures at the start.
    pub procedure: Stream,
    pub lookups: Vec<Lookup>,
    /// All different rows; strategies with the same row share it.
    pub rows: Vec<PlannedRow>,
    /// `row[strategy][state]`: index into `rows`.
    pub row: Vec<Vec<u32>>,
    /// Branch proportions.
    pub shares: Vec<PlannedShares>,
    /// For each strategy: the arms that its patients may follow, first its own and then the alternatives for ineligible
    /// patients.
    pub arms: Vec<Vec<usize>>,
    /// Groups of strategies under which all patients live the same lives, because the strategies differ only in the
    /// amounts of rewards. Only the first of each group is simulated.
    pub alike: Vec<Vec<usize>>,
    /// For each strategy: index of the branch proportions of its procedure at the start; `None` without a procedure.
    pub procedures: Vec<Option<u32>>,
}

/// The exits of a state under one strategy.
#[derive(Default)]
pub struct PlannedRow {
    /// Exit to which a patient is exposed in every state through the same table, for example background mortality. Its
    /// cycle of firing is looked up once for the whole life. It is resolved before all other exits and is not part of
    /// `all`.
    pub lifelong: Option<PlannedExit>,
    /// All other exits, beginning with the exits that are resolved first.
    pub all: Vec<PlannedExit>,
    /// Number of exits in `all` that are resolved first.
    pub firsts: usize,
    /// Whether the row is simulated cycle by cycle because some exit cannot be looked up.
    pub walked: bool,
    pub first_stated: bool,
    pub rest_stated: bool,
}

impl PlannedRow {
    /// Whether patients never leave the state.
    #[inline]
    pub fn no_exits(&self) -> bool {
        self.all.is_empty() && self.lifelong.is_none()
    }

    /// Exits that are resolved first.
    pub fn first(&self) -> &[PlannedExit] {
        &self.all[..self.firsts]
    }

    /// Exits that are resolved after the first ones.
    pub fn rest(&self) -> &[PlannedExit] {
        &self.all[self.firsts..]
    }
}

/// One exit of a state. The struct is small because lives access exits in random order, and small structs stay in the
/// cache.
pub struct PlannedExit {
    /// Cycles per unit of hazard, if the hazard is the same for all patients in every cycle.
    pub steady: Option<f64>,
    pub transition: u32,
    /// Index into `Plan::lookups`.
    pub lookup: u32,
    /// Edge of the first branch of the exit.
    pub edge: u32,
    /// Index into `Plan::shares`, if the exit has several branches.
    pub branches: Option<u32>,
    /// Index into `Tables::pool`.
    pub table: u32,
    /// Whether all branches lead to absorbing states.
    pub absorbing: bool,
    /// Group of states whose clock the hazard reads, if it reads one.
    pub group: Option<u32>,
    /// Other exits of the row, by position, to which the patient may be exposed again after this exit fires. The
    /// cumulative hazard that they have used up must be stored; the thresholds of all others are never needed again.
    pub losers: Box<[u32]>,
}

/// Branch proportions: known in advance, or evaluated for each patient.
pub enum PlannedShares {
    Known(Vec<f64>),
    Read,
}

impl<'a> Plan<'a> {
    pub fn new(tables: &'a Tables<'a>, settings: &Settings) -> Plan<'a> {
        let model = tables.model;
        let stream = |name: &str| Stream::new(settings.seed, settings.draw, name);
        let mut rows =
            Rows { lookups: tables.pool.iter().map(|t| Lookup::new(t, tables)).collect(), ..Rows::default() };
        let row = (0..model.strategies.len()).map(|s| rows.of_strategy(tables, s)).collect();
        let arms = (0..model.strategies.len())
            .map(|s| {
                std::iter::successors(Some(s), |&s| match model.strategies[s].eligible {
                    // If all patients are eligible, none of them follows a later arm.
                    Expr::Number(x) if x != 0.0 => None,
                    _ => model.strategies[s].otherwise,
                })
                .take(model.strategies.len() + 1)
                .collect()
            })
            .collect();
        let procedures = (0..model.strategies.len())
            .map(|s| {
                let branches = &model.strategies[s].at_start;
                (!branches.is_empty()).then(|| rows.shares(tables, s, None, branches))
            })
            .collect();
        let mut alike: Vec<Vec<usize>> = Vec::new();
        for strategy in 0..model.strategies.len() {
            match alike.iter_mut().find(|all| tables.same_lives(all[0], strategy)) {
                Some(all) => all.push(strategy),
                None => alike.push(vec![strategy]),
            }
        }
        Plan {
            tables,
            alike,
            paths: model.paths(),
            counters: counters(model)
                .into_iter()
                .map(|own| own.into_iter().map(|(g, most)| (g, most as u32)).collect())
                .collect(),
            rule: settings.rule,
            population: Population::new(tables, settings),
            thresholds: model.transitions.iter().map(|t| stream(&format!("transition {}", t.name))).collect(),
            procedure: stream("procedure at the start"),
            lookups: rows.lookups,
            rows: rows.rows,
            row,
            shares: rows.shares,
            arms,
            procedures,
        }
    }
}

/// Rows, lookups and branch proportions, collected while the plan is built.
#[derive(Default)]
struct Rows {
    lookups: Vec<Lookup>,
    rows: Vec<PlannedRow>,
    /// For each row: its state, its exits, and whether any row of the strategy is simulated cycle by cycle.
    made_for: Vec<(usize, ExitRow, bool)>,
    shares: Vec<PlannedShares>,
}

impl Rows {
    fn of_strategy(&mut self, tables: &Tables, strategy: usize) -> Vec<u32> {
        let rows = &tables.rows[strategy];
        let walks = rows.iter().any(|row| walked(row, tables));
        (0..rows.len())
            .map(|state| {
                let key = (state, rows[state].clone(), walks);
                let at = self.made_for.iter().position(|k| *k == key).unwrap_or_else(|| {
                    let mut row = self.row(tables, strategy, state);
                    // A lifelong exit is looked up once per life. Rows simulated cycle by cycle subtract its hazard in
                    // every cycle, so that one strategy cannot use both.
                    if !walks {
                        take_lifelong(&mut row, &rows[state], |exit| lifelong(tables, strategy, exit));
                    }
                    self.rows.push(row);
                    self.made_for.push(key);
                    self.rows.len() - 1
                });
                at as u32
            })
            .collect()
    }

    fn row(&mut self, tables: &Tables, strategy: usize, state: usize) -> PlannedRow {
        let model = tables.model;
        let row = &tables.rows[strategy][state];
        let mut all = Vec::new();
        for (exits, is_stated) in [(&row.first, row.first_stated), (&row.rest, row.rest_stated)] {
            let weights = if is_stated { stated(exits, tables) } else { None };
            for (e, exit) in exits.iter().enumerate() {
                let lookup = match &weights {
                    Some(own) => {
                        self.lookups.push(own[e].clone());
                        self.lookups.len() - 1
                    }
                    None => exit.table,
                };
                let kind = &self.lookups[lookup].kind;
                let branches = &model.transitions[exit.transition].branches;
                let absorbs = |b: &Branch| b.to.is_some_and(|s| model.states[s].absorbing);
                all.push(PlannedExit {
                    steady: steady(kind, &tables.pool[exit.table].multiplier),
                    transition: exit.transition as u32,
                    lookup: lookup as u32,
                    edge: model.paths().first_edge(exit.transition, state) as u32,
                    table: exit.table as u32,
                    absorbing: branches.iter().all(absorbs),
                    group: match kind {
                        LookupForm::Residence(g, _) => Some(*g as u32),
                        _ => None,
                    },
                    losers: losers(tables, state, exit.transition),
                    branches: (branches.len() > 1)
                        .then(|| self.shares(tables, strategy, Some(state), branches)),
                });
            }
        }
        PlannedRow {
            lifelong: None,
            all,
            firsts: row.first.len(),
            walked: walked(row, tables),
            first_stated: row.first_stated,
            rest_stated: row.rest_stated,
        }
    }

    /// Registers branch proportions and returns their index. `state` is `None` for a procedure at the start, because
    /// patients may present in several states.
    fn shares(&mut self, tables: &Tables, strategy: usize, state: Option<usize>, branches: &[Branch]) -> u32 {
        let model = tables.model;
        let reads = branches.iter().any(|b| match &b.share {
            Share::Stated(e) => {
                let reads = Reads::of(e);
                !reads.attributes().is_empty() || reads.clocks() > 0 || reads.state && state.is_none()
            }
            Share::Rest => false,
        });
        self.shares.push(if reads {
            PlannedShares::Read
        } else {
            let none = vec![0.0; model.attributes.len()];
            let s = situation(model, &tables.parameters[strategy], &none, state.unwrap_or(0));
            PlannedShares::Known(cumulative(branch_shares(branches, &s).into_iter()))
        });
        (self.shares.len() - 1) as u32
    }
}

/// Whether the row must be simulated cycle by cycle because some exit cannot be looked up.
fn walked(row: &ExitRow, tables: &Tables) -> bool {
    row.first_stated && stated(&row.first, tables).is_none()
        || row.rest_stated && stated(&row.rest, tables).is_none()
        || row.first.iter().chain(&row.rest).any(|exit| matches!(tables.pool[exit.table].form, Form::Walk))
}

/// Positions, among the exits of `state`, of the exits to which a patient may be exposed again after taking
/// `transition`.
fn losers(tables: &Tables, state: usize, transition: usize) -> Box<[u32]> {
    let model = tables.model;
    let branches = &model.transitions[transition].branches;
    let next: Vec<usize> = branches.iter().map(|b| b.to.unwrap_or(state)).collect();
    let reached = model.paths().reach(&next, model.states.len(), |_| true);
    let again = |t: usize| t != transition && model.transitions[t].from.iter().any(|&s| reached[s]);
    // All strategies have the same exits in the same order.
    let row = &tables.rows[0][state];
    let exits = row.first.iter().chain(&row.rest).enumerate();
    exits.filter(|(_, exit)| again(exit.transition)).map(|(i, _)| i as u32).collect()
}

fn steady(kind: &LookupForm, multiplier: &[Cow<Expr>]) -> Option<f64> {
    match kind {
        LookupForm::Constant(w) if w.len() == 1 && multiplier.is_empty() => Some(1.0 / w[0]),
        _ => None,
    }
}

/// Moves the lifelong exit, if the row has one, out of the list of exits that are looked up in every sojourn.
fn take_lifelong(planned: &mut PlannedRow, row: &ExitRow, is_lifelong: impl Fn(&Exit) -> bool) {
    if row.first_stated || !row.first.first().is_some_and(is_lifelong) {
        return;
    }
    for exit in &mut planned.all {
        // The lifelong exit at position 0 always spends whole cycles, so its spent hazard needs no record. All other
        // positions decrease by one.
        exit.losers = exit.losers.iter().filter_map(|i| i.checked_sub(1)).collect();
    }
    planned.lifelong = Some(planned.all.remove(0));
    planned.firsts = 0;
}

/// Whether every state with exits is exposed to this exit through the same table, as the only exit resolved first. The
/// exit then spends the whole hazard of every cycle whatever else happens; an exit that loses a competition would spend
/// only part.
fn lifelong(tables: &Tables, strategy: usize, exit: &Exit) -> bool {
    let clock_goes_on = match &tables.pool[exit.table].form {
        Form::Age(..) | Form::Cycles(CycleClock::Time, _) => true,
        Form::Cycles(CycleClock::Residence(_), values) => values.iter().all(|v| v.len() == 1),
        Form::Walk => false,
    };
    clock_goes_on
        && tables.rows[strategy]
            .iter()
            .all(|row| row.first.is_empty() && row.rest.is_empty() || row.first == [*exit])
}
