//! Plan of a simulation: everything that does not change between patients, laid out for look-up.

use super::super::random::Stream;
use super::lookup::{Lookup, LookupForm, stated};
use super::population::{Population, cumulative};
use super::settings::{Rule, Settings};
use crate::model::hazard::Reads;
use crate::model::paths::Paths;
use crate::model::{Branch, CycleClock, Exit, ExitRow, Expr, Form, Share, Tables, branch_shares, situation};

/// Everything that does not change between patients.
pub struct Plan<'a> {
    pub tables: &'a Tables<'a>,
    pub paths: &'a Paths,
    pub rule: Rule,
    pub population: Population,
    /// Streams of the transitions.
    pub thresholds: Vec<Stream>,
    /// Stream of the procedures at the start.
    pub procedure: Stream,
    pub lookups: Vec<Lookup>,
    /// Different rows: strategies share those that they have in common.
    pub rows: Vec<PlannedRow>,
    /// `row[strategy][state]`: position in `rows`.
    pub row: Vec<Vec<u32>>,
    /// Proportions of branches.
    pub shares: Vec<PlannedShares>,
    /// Per strategy: itself and what the ineligible follow instead.
    pub arms: Vec<Vec<usize>>,
    /// Strategies under which all patients live the same lives, the first of each standing for the others: they differ in
    /// only the amounts of rewards.
    pub alike: Vec<Vec<usize>>,
    /// Per strategy: how the branches of its procedure at the start are chosen.
    pub procedures: Vec<Option<u32>>,
}

/// The exits of a state under a strategy.
#[derive(Default)]
pub struct PlannedRow {
    /// The exit that a patient has been exposed to, through the same table, ever since the start: its firing cycle
    /// is looked up once for a whole life. It is resolved before all others and has no place among them.
    pub lifelong: Option<PlannedExit>,
    /// Those resolved first, then the others.
    pub all: Vec<PlannedExit>,
    /// Number of those resolved first.
    pub firsts: usize,
    /// Whether some exit cannot be looked up, so that the row is walked.
    pub walked: bool,
    pub first_stated: bool,
    pub rest_stated: bool,
}

impl PlannedRow {
    /// Whether patients never leave.
    #[inline]
    pub fn no_exits(&self) -> bool {
        self.all.is_empty() && self.lifelong.is_none()
    }

    /// Exits resolved first.
    pub fn first(&self) -> &[PlannedExit] {
        &self.all[..self.firsts]
    }

    /// The others.
    pub fn rest(&self) -> &[PlannedExit] {
        &self.all[self.firsts..]
    }
}

/// One exit of a state. Small, because lives jump between them at random.
pub struct PlannedExit {
    /// Cycles that one unit of hazard takes, where it is the same for all patients in every cycle.
    pub steady: Option<f64>,
    pub transition: u32,
    /// Position in `Plan::lookups`.
    pub lookup: u32,
    /// Edge of its first branch.
    pub edge: u32,
    /// Position in `Plan::shares`, if there are several branches.
    pub branches: Option<u32>,
    /// Position in `Tables::pool`.
    pub table: u32,
    /// All branches end in absorbing states.
    pub absorbing: bool,
    /// The group whose clock it runs on, if it runs on one.
    pub group: Option<u32>,
    /// Exits that may be asked again after this one has won (positions in its row): the hazard that they have spent must
    /// be booked. Thresholds that no later state asks for are left alone.
    pub losers: Box<[u32]>,
}

/// Proportions of branches: known beforehand, or to be read from the patient.
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
                    // All patients are eligible: no later arm is reached.
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

/// Rows, lookups and branch shares as they are made.
#[derive(Default)]
struct Rows {
    lookups: Vec<Lookup>,
    rows: Vec<PlannedRow>,
    /// Per row: its state, its exits, and whether it belongs to a strategy in which rows are walked.
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
                    // Walking books what is spent cycle by cycle, looking up a whole life does not: no mixture.
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

    /// Registers the proportions of branches. Those of a procedure at the start belong to no state: patients may
    /// present in several.
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

/// Whether some exit of the row cannot be looked up.
fn walked(row: &ExitRow, tables: &Tables) -> bool {
    row.first_stated && stated(&row.first, tables).is_none()
        || row.rest_stated && stated(&row.rest, tables).is_none()
        || row.first.iter().chain(&row.rest).any(|exit| matches!(tables.pool[exit.table].form, Form::Walk))
}

/// Positions, among the exits of `state`, of those that a patient who has taken `transition` may be exposed to again.
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

fn steady(kind: &LookupForm, multiplier: &[&Expr]) -> Option<f64> {
    match kind {
        LookupForm::Constant(w) if w.len() == 1 && multiplier.is_empty() => Some(1.0 / w[0]),
        _ => None,
    }
}

/// Moves the lifelong exit, if there is one, out of the list of those that are asked in every sojourn.
fn take_lifelong(planned: &mut PlannedRow, row: &ExitRow, is_lifelong: impl Fn(&Exit) -> bool) {
    if row.first_stated || !row.first.first().is_some_and(is_lifelong) {
        return;
    }
    for exit in &mut planned.all {
        // It spends every cycle whole: nothing to book. The others move up by one place.
        exit.losers = exit.losers.iter().filter_map(|i| i.checked_sub(1)).collect();
    }
    planned.lifelong = Some(planned.all.remove(0));
    planned.firsts = 0;
}

/// Whether every state with a way out is exposed to the exit through one and the same table, as its only
/// `first`: then it spends every cycle whole, whatever else happens. (A loser spends only part of a cycle.)
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
