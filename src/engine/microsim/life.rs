//! The life of one patient under one strategy.

use super::super::cohort::{MOST_CLOCKS, arm_of};
use super::super::paths::Paths;
use super::super::random::Stream;
use super::Settings;
use super::lookup::{Kind, Lookup, NEVER, Position, stated, weight};
use super::population::{Population, choose, cumulative};
use crate::model::{Branch, Exit, Expr, Situation, Tables, branch_shares, situation};

const _: () = assert!(MOST_CLOCKS > 0);

/// Something that happened to a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Presents in `from` and, after the procedure at the start if there is one, begins in `to`.
    Start {
        /// State of presentation.
        from: usize,
        /// State after the procedure.
        to: usize,
        /// Branch of the procedure.
        branch: Option<usize>,
    },
    /// A transition fired; the move takes effect at the end of the cycle: grid point `cycle`.
    Fired {
        /// Edge.
        edge: usize,
        /// Grid point.
        cycle: usize,
    },
}

/// How losers and ties are treated. The others are the classic errors, which tests plant to see that the
/// comparison with the exact engine finds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// The least u wins; losers spend w u.
    #[default]
    Correct,
    /// Losers spend the whole cycle.
    LosersSpendTheCycle,
    /// A transition into an absorbing state wins every cycle in which it is used up, although it competes.
    AbsorbingWins,
}

/// Everything that does not change between patients.
pub struct Plan<'a> {
    tables: &'a Tables<'a>,
    paths: &'a Paths,
    rule: Rule,
    population: Population,
    thresholds: Vec<Stream>,
    procedure: Stream,
    lookups: Vec<Lookup>,
    /// `rows[strategy][state]`.
    rows: Vec<Vec<Ways>>,
    arms: Vec<Vec<usize>>,
    procedures: Vec<Option<Shares>>,
}

/// The exits of a state under a strategy.
#[derive(Default)]
struct Ways {
    first: Vec<Way>,
    rest: Vec<Way>,
    /// Whether some exit cannot be looked up, so that the row is walked.
    walked: bool,
    first_stated: bool,
    rest_stated: bool,
}

struct Way {
    transition: usize,
    exit: Exit,
    lookup: usize,
    edge: usize,
    absorbing: bool,
    branches: Shares,
    /// Whether its threshold can be of use after this sojourn, so that what is spent must be booked.
    keeps: bool,
    /// The patient has been exposed to it, through the same table, ever since the start: its firing cycle is
    /// the same in whatever sojourn it is asked for.
    lifelong: bool,
}

/// Proportions of branches: known beforehand, or to be read from the patient's attributes.
enum Shares {
    One,
    Known(Vec<f64>),
    Read,
}

impl<'a> Plan<'a> {
    pub fn new(tables: &'a Tables<'a>, paths: &'a Paths, settings: &Settings) -> Plan<'a> {
        let model = tables.model;
        let stream = |name: &str| Stream::new(settings.seed, settings.draw, name);
        let mut lookups: Vec<Lookup> = tables.pool.iter().map(|t| Lookup::new(t, tables)).collect();
        let rows = (0..model.strategies.len())
            .map(|strategy| {
                (0..model.states.len())
                    .map(|state| ways(tables, paths, strategy, state, &mut lookups))
                    .collect()
            })
            .collect();
        let arms = (0..model.strategies.len())
            .map(|s| {
                std::iter::successors(Some(s), |&s| match model.strategies[s].eligible {
                    // Everybody is eligible: nobody looks further.
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
                (!branches.is_empty()).then(|| branch_table(tables, s, 0, branches))
            })
            .collect();
        Plan {
            tables,
            paths,
            rule: settings.rule,
            population: Population::new(tables, settings),
            thresholds: model
                .transitions
                .iter()
                .map(|t| stream(&format!("transition {}", t.name)))
                .collect(),
            procedure: stream("procedure at the start"),
            lookups,
            rows,
            arms,
            procedures,
        }
    }
}

fn ways(tables: &Tables, paths: &Paths, strategy: usize, state: usize, lookups: &mut Vec<Lookup>) -> Ways {
    let model = tables.model;
    let row = &tables.rows[strategy][state];
    let mut walked = false;
    let mut side = |exits: &[Exit], is_stated: bool| -> Vec<Way> {
        let weights = if is_stated { stated(exits, tables) } else { None };
        walked |= is_stated && weights.is_none();
        exits
            .iter()
            .enumerate()
            .map(|(e, exit)| {
                let lookup = match &weights {
                    Some(own) => {
                        lookups.push(own[e].clone());
                        lookups.len() - 1
                    }
                    None => exit.table,
                };
                walked |= matches!(lookups[lookup].kind, Kind::Walk);
                let transition = &model.transitions[exit.transition];
                let absorbing = transition
                    .branches
                    .iter()
                    .all(|b| b.to.is_some_and(|s| model.states[s].absorbing));
                Way {
                    transition: exit.transition,
                    exit: *exit,
                    lookup,
                    edge: paths.first_edge(exit.transition, state),
                    absorbing,
                    branches: branch_table(tables, strategy, state, &transition.branches),
                    keeps: keeps(tables, paths, state, exit.transition),
                    lifelong: !is_stated && lifelong(tables, strategy, exit),
                }
            })
            .collect()
    };
    let first = side(&row.first, row.first_stated);
    let rest = side(&row.rest, row.rest_stated);
    Ways {
        first,
        rest,
        walked,
        first_stated: row.first_stated,
        rest_stated: row.rest_stated,
    }
}

/// Whether a patient who leaves `state` (or stays by a branch) can be exposed to `transition` again.
fn keeps(tables: &Tables, paths: &Paths, state: usize, transition: usize) -> bool {
    let states = tables.model.states.len();
    let next: Vec<usize> = paths
        .edges
        .iter()
        .filter(|e| e.from == state)
        .map(|e| e.to)
        .collect();
    let reached = paths.reach(&next, states, |_| true);
    tables.model.transitions[transition]
        .from
        .iter()
        .any(|&s| reached[s])
}

/// Whether every state with a way out is exposed to the exit through one and the same table, as its only
/// `first`: then it spends every cycle whole, whatever else happens. (A loser spends only part of a cycle.)
fn lifelong(tables: &Tables, strategy: usize, exit: &Exit) -> bool {
    use crate::model::{CycleClock, Form};
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

fn branch_table(tables: &Tables, strategy: usize, state: usize, branches: &[Branch]) -> Shares {
    use crate::model::Share;
    use crate::model::hazard::Reads;
    if branches.len() == 1 {
        return Shares::One;
    }
    let reads = branches.iter().any(|b| match &b.share {
        Share::Stated(e) => !Reads::of(e).attributes().is_empty(),
        Share::Rest => false,
    });
    if reads {
        return Shares::Read;
    }
    let model = tables.model;
    let none = vec![0.0; model.attributes.len()];
    let shares = branch_shares(
        branches,
        &situation(model, &tables.parameters[strategy], &none, state),
    );
    Shares::Known(cumulative(shares.into_iter()))
}

/// A threshold as it stands in one life.
#[derive(Clone, Copy)]
struct Threshold {
    run: u64,
    left: f64,
    branch: f64,
    occurrence: u64,
    fresh: bool,
}

/// The last firing cycle looked up for a table: strategies that agree so far ask the same again.
#[derive(Clone, Copy)]
struct Memo {
    patient: u64,
    from: u32,
    fires: u32,
}

#[derive(Clone, Copy)]
struct PatientClass {
    patient: u64,
    class: u32,
    scale: f64,
}

/// Working space for one patient after another.
pub struct Life<'a> {
    plan: &'a Plan<'a>,
    patient: u64,
    run: u64,
    attributes: Vec<f64>,
    start: usize,
    /// Thresholds of the first occurrence, shared by all strategies.
    base: Vec<(u64, f64, f64)>,
    thresholds: Vec<Threshold>,
    memos: Vec<Memo>,
    classes: Vec<PatientClass>,
    entry: Vec<u32>,
    fires: Vec<u32>,
    residence: Vec<usize>,
}

const NOBODY: u64 = u64::MAX;

impl<'a> Life<'a> {
    pub fn new(plan: &'a Plan<'a>) -> Life<'a> {
        let model = plan.tables.model;
        let transitions = model.transitions.len();
        let threshold = Threshold {
            run: 0,
            left: 0.0,
            branch: 0.0,
            occurrence: 0,
            fresh: true,
        };
        Life {
            plan,
            patient: NOBODY,
            run: 0,
            attributes: vec![0.0; model.attributes.len()],
            start: 0,
            base: vec![(NOBODY, 0.0, 0.0); transitions],
            thresholds: vec![threshold; transitions],
            memos: vec![
                Memo {
                    patient: NOBODY,
                    from: 0,
                    fires: 0
                };
                plan.lookups.len()
            ],
            classes: vec![
                PatientClass {
                    patient: NOBODY,
                    class: 0,
                    scale: 1.0
                };
                plan.lookups.len()
            ],
            entry: vec![0; model.groups.len()],
            fires: Vec::new(),
            residence: vec![0; model.groups.len()],
        }
    }

    /// Draws patient number `patient`.
    pub fn begin(&mut self, patient: u64) {
        self.patient = patient;
        self.start = self.plan.population.draw(patient, &mut self.attributes);
    }

    /// Attribute values of the patient at hand.
    pub fn attributes(&self) -> &[f64] {
        &self.attributes
    }

    /// Lives the patient's life under `strategy`, telling `seen` what happens.
    pub fn live(&mut self, strategy: usize, seen: &mut impl FnMut(Move)) {
        self.run += 1;
        let plan = self.plan;
        let chain = &plan.arms[strategy];
        let arm = if chain.len() == 1 {
            chain[0]
        } else {
            arm_of(plan.tables, chain, &self.attributes, self.start)
        };
        let mut state = self.start;
        let mut branch = None;
        if let Some(shares) = &plan.procedures[arm] {
            let branches = &plan.tables.model.strategies[arm].at_start;
            let [u, _] = plan.procedure.uniforms(self.patient, 0);
            let b = self.choose_branch(shares, branches, arm, state, u);
            state = branches[b].to.unwrap_or(state);
            // A procedure of another arm is not one of this strategy's branches.
            branch = (arm == strategy).then_some(b);
        }
        seen(Move::Start {
            from: self.start,
            to: state,
            branch,
        });
        let horizon = plan.tables.model.time.cycles as u32;
        let mut cycle = 0u32;
        self.entry.fill(0);
        while cycle < horizon {
            let row = &plan.rows[arm][state];
            let fired = if row.walked {
                self.walk(arm, state, row, cycle, horizon)
            } else {
                self.look_up(row, arm, state, cycle, horizon)
            };
            let Some((way, at)) = fired else { break };
            let transition = way.transition;
            let branches = &plan.tables.model.transitions[transition].branches;
            let b = match way.branches {
                Shares::One => 0,
                _ => {
                    let u = self.threshold(transition).branch;
                    self.choose_branch(&way.branches, branches, arm, state, u)
                }
            };
            self.renew(transition);
            cycle = at + 1;
            seen(Move::Fired {
                edge: way.edge + b,
                cycle: cycle as usize,
            });
            let to = branches[b].to.unwrap_or(state);
            for &g in &plan.paths.clocks {
                let inside = &plan.paths.inside[g];
                if inside[to] && !inside[state] {
                    self.entry[g] = cycle;
                }
            }
            state = to;
        }
    }

    fn choose_branch(&self, shares: &Shares, branches: &[Branch], arm: usize, state: usize, u: f64) -> usize {
        match shares {
            Shares::One => 0,
            Shares::Known(cumulative) => choose(cumulative, u),
            Shares::Read => {
                let tables = self.plan.tables;
                let s = situation(tables.model, &tables.parameters[arm], &self.attributes, state);
                choose(&cumulative(branch_shares(branches, &s).into_iter()), u)
            }
        }
    }

    /// The threshold of a transition as it stands, drawn if this life has not met it yet.
    #[inline]
    fn threshold(&mut self, t: usize) -> &mut Threshold {
        if self.thresholds[t].run != self.run {
            if self.base[t].0 != self.patient {
                let (left, branch) = self.plan.thresholds[t].threshold(self.patient, 0);
                self.base[t] = (self.patient, left, branch);
            }
            let (_, left, branch) = self.base[t];
            self.thresholds[t] = Threshold {
                run: self.run,
                left,
                branch,
                occurrence: 0,
                fresh: true,
            };
        }
        &mut self.thresholds[t]
    }

    /// The next occurrence of a transition that has fired.
    fn renew(&mut self, t: usize) {
        let occurrence = self.threshold(t).occurrence + 1;
        let (left, branch) = self.plan.thresholds[t].threshold(self.patient, occurrence);
        self.thresholds[t] = Threshold {
            run: self.run,
            left,
            branch,
            occurrence,
            fresh: false,
        };
    }

    /// Class and multiplier of the patient for a lookup.
    #[inline]
    fn class(&mut self, way: &Way, arm: usize, state: usize) -> (usize, f64) {
        let known = self.classes[way.lookup];
        if known.patient == self.patient {
            return (known.class as usize, known.scale);
        }
        let plan = self.plan;
        let class = plan.lookups[way.lookup].class(&self.attributes);
        let multiplier = &plan.tables.pool[way.exit.table].multiplier;
        let scale = if multiplier.is_empty() {
            1.0
        } else {
            let tables = plan.tables;
            let s = situation(tables.model, &tables.parameters[arm], &self.attributes, state);
            multiplier.iter().map(|e| e.value(&s)).product()
        };
        self.classes[way.lookup] = PatientClass {
            patient: self.patient,
            class: class as u32,
            scale,
        };
        (class, scale)
    }

    /// The cycle in which a way is used up, seen from the start of the sojourn.
    #[inline]
    fn fires(&mut self, way: &Way, arm: usize, state: usize, cycle: u32, horizon: u32) -> u32 {
        let threshold = *self.threshold(way.transition);
        // Exposed since the start and never fired: ask for the whole life, once for all sojourns and strategies.
        let from = if way.lifelong && threshold.fresh { 0 } else { cycle };
        let memo = self.memos[way.lookup];
        if threshold.fresh && memo.patient == self.patient && memo.from == from {
            return memo.fires;
        }
        let (class, scale) = self.class(way, arm, state);
        let plan = self.plan;
        let position = Position {
            cycle: from,
            entry: &self.entry,
            attributes: &self.attributes,
            per_year: plan.tables.model.time.cycles_per_year,
            horizon,
        };
        let fires = plan.lookups[way.lookup].fires(class, scale, threshold.left, &position);
        // A clock that starts within the life is not part of the memo's key.
        if threshold.fresh && !matches!(plan.lookups[way.lookup].kind, Kind::Residence(..)) {
            self.memos[way.lookup] = Memo {
                patient: self.patient,
                from,
                fires,
            };
        }
        fires
    }

    fn look_up(
        &mut self,
        row: &'a Ways,
        arm: usize,
        state: usize,
        cycle: u32,
        horizon: u32,
    ) -> Option<(&'a Way, u32)> {
        let mut fires = std::mem::take(&mut self.fires);
        fires.clear();
        let mut first = NEVER;
        let mut rest = NEVER;
        for way in &row.first {
            let k = self.fires(way, arm, state, cycle, horizon);
            fires.push(k);
            first = first.min(k);
        }
        for way in &row.rest {
            let k = self.fires(way, arm, state, cycle, horizon);
            fires.push(k);
            rest = rest.min(k);
        }
        let at = first.min(rest);
        let won_first = first <= rest;
        let result = (at < horizon).then(|| {
            let (ways, when) = if won_first {
                (&row.first, &fires[..row.first.len()])
            } else {
                (&row.rest, &fires[row.first.len()..])
            };
            let (winner, u) = self.winner(ways, when, arm, state, cycle, at, horizon);
            for (way, in_play) in row
                .first
                .iter()
                .map(|w| (w, won_first))
                .chain(row.rest.iter().map(|w| (w, !won_first)))
            {
                let lost = !std::ptr::eq(way, winner);
                if lost && way.keeps && !(way.lifelong && self.threshold(way.transition).fresh) {
                    // Resolved before the rest: the rest spends nothing in a cycle in which a first fires, and a
                    // first that did not fire has spent the whole of it.
                    let share = match (in_play, self.plan.rule) {
                        (true, Rule::LosersSpendTheCycle) => 1.0,
                        (true, _) => u,
                        (false, _) if won_first => 0.0,
                        (false, _) => 1.0,
                    };
                    let spent = self.spent(way, arm, state, cycle, at, share, horizon);
                    let threshold = self.threshold(way.transition);
                    threshold.left = (threshold.left - spent).max(0.0);
                    threshold.fresh = false;
                }
            }
            (winner, at)
        });
        self.fires = fires;
        result
    }

    /// Among those used up in cycle `at`, the one with the least u, and that u.
    #[allow(clippy::too_many_arguments)]
    fn winner(
        &mut self,
        ways: &'a [Way],
        when: &[u32],
        arm: usize,
        state: usize,
        cycle: u32,
        at: u32,
        horizon: u32,
    ) -> (&'a Way, f64) {
        let mut best: Option<(&Way, f64)> = None;
        let alone = when.iter().filter(|k| **k == at).count() == 1;
        // The u of a sole winner matters only to losers that keep what they have left.
        let needed = !alone || ways.iter().any(|w| w.keeps);
        for (way, &k) in ways.iter().zip(when) {
            if k != at {
                continue;
            }
            if !needed {
                return (way, 0.0);
            }
            let mut from = cycle;
            let threshold = *self.threshold(way.transition);
            if way.lifelong && threshold.fresh {
                from = 0;
            }
            let before = self.spent(way, arm, state, from, at, 0.0, horizon);
            let whole = self.spent(way, arm, state, from, at, 1.0, horizon);
            let u = if whole.is_finite() && whole > before {
                ((threshold.left - before) / (whole - before)).max(0.0)
            } else {
                0.0
            };
            let better = match best {
                None => true,
                Some((other, _))
                    if self.plan.rule == Rule::AbsorbingWins && way.absorbing != other.absorbing =>
                {
                    way.absorbing
                }
                Some((_, least)) => u < least,
            };
            if better {
                best = Some((way, u));
            }
        }
        best.expect("one of the ways fires in the earliest cycle")
    }

    /// Spent by `way` from `cycle` to the start of cycle `to`, and `share` of cycle `to` itself.
    #[allow(clippy::too_many_arguments)]
    fn spent(
        &mut self,
        way: &Way,
        arm: usize,
        state: usize,
        cycle: u32,
        to: u32,
        share: f64,
        horizon: u32,
    ) -> f64 {
        let (class, scale) = self.class(way, arm, state);
        let plan = self.plan;
        let mut position = Position {
            cycle,
            entry: &self.entry,
            attributes: &self.attributes,
            per_year: plan.tables.model.time.cycles_per_year,
            horizon,
        };
        let lookup = &plan.lookups[way.lookup];
        let mut spent = lookup.spent(class, scale, &position, to);
        if share > 0.0 {
            position.cycle = to;
            spent += share * lookup.spent(class, scale, &position, to + 1);
        }
        spent
    }

    /// Cycle by cycle, for rows that no table holds: the definition itself.
    fn walk(
        &mut self,
        arm: usize,
        state: usize,
        row: &'a Ways,
        from: u32,
        horizon: u32,
    ) -> Option<(&'a Way, u32)> {
        // Lifelong thresholds were not booked while they were looked up.
        self.catch_up(arm, state, row, from, horizon);
        for cycle in from..horizon {
            let firsts = self.increments(arm, state, &row.first, row.first_stated, cycle);
            if let Some(winner) = self.cycle(&row.first, &firsts) {
                return Some((winner, cycle));
            }
            let rests = self.increments(arm, state, &row.rest, row.rest_stated, cycle);
            if let Some(winner) = self.cycle(&row.rest, &rests) {
                return Some((winner, cycle));
            }
        }
        None
    }

    fn catch_up(&mut self, arm: usize, state: usize, row: &Ways, from: u32, horizon: u32) {
        for way in row.first.iter().chain(&row.rest) {
            if way.lifelong && self.threshold(way.transition).fresh {
                let spent = self.spent(way, arm, state, 0, from, 0.0, horizon);
                let threshold = self.threshold(way.transition);
                threshold.left -= spent;
                threshold.fresh = false;
            }
        }
    }

    /// What each way spends in one cycle, and whether the row is certain.
    fn increments(
        &mut self,
        arm: usize,
        state: usize,
        ways: &[Way],
        stated: bool,
        cycle: u32,
    ) -> (Vec<f64>, bool) {
        let tables = self.plan.tables;
        for (g, &entry) in self.entry.iter().enumerate() {
            self.residence[g] = cycle.saturating_sub(entry) as usize;
        }
        let s = Situation {
            parameters: &tables.parameters[arm],
            attributes: &self.attributes,
            state,
            cycle: cycle as usize,
            residence: &self.residence,
            cycles_per_year: tables.model.time.cycles_per_year,
        };
        let values: Vec<f64> = ways.iter().map(|w| tables.spend(arm, &w.exit, &s)).collect();
        if !stated {
            return (values, false);
        }
        let sum: f64 = values.iter().sum();
        if sum >= 1.0 - 1e-12 {
            return (values, true);
        }
        (values.iter().map(|q| weight(*q, sum)).collect(), false)
    }

    /// One cycle of ways that compete; the winner, if one fires.
    fn cycle(&mut self, ways: &'a [Way], (w, certain): &(Vec<f64>, bool)) -> Option<&'a Way> {
        let mut best: Option<(usize, f64)> = None;
        for (i, way) in ways.iter().enumerate() {
            let u = self.threshold(way.transition).left / w[i];
            if w[i] > 0.0 && (u < 1.0 || *certain) {
                let better = match best {
                    None => true,
                    Some((j, _))
                        if self.plan.rule == Rule::AbsorbingWins && way.absorbing != ways[j].absorbing =>
                    {
                        way.absorbing
                    }
                    Some((_, least)) => u < least,
                };
                if better {
                    best = Some((i, u));
                }
            }
        }
        let share = match (best, self.plan.rule) {
            (Some(_), Rule::LosersSpendTheCycle) | (None, _) => 1.0,
            (Some((_, u)), _) => u,
        };
        for (i, way) in ways.iter().enumerate() {
            if best.is_none_or(|(winner, _)| winner != i) {
                let threshold = self.threshold(way.transition);
                threshold.left = (threshold.left - share * w[i]).max(0.0);
                threshold.fresh = false;
            }
        }
        best.map(|(i, _)| &ways[i])
    }
}
