//! Outcomes (costs, QALYs, life-years, events) and the rewards that contribute to each outcome.

use super::discounting::{Discount, Discounting, Moment};
use super::expression::Expr;
use super::hazard::Reads;
use super::paths::Edge;
use super::structure::{Branch, Model, Share, Strategy, Structure, TimeGrid, Transition};

/// An outcome: a total per patient, for example costs or QALYs.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Name.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// Unit as printed in tables: "GBP", "QALYs".
    pub unit: String,
    /// Within-cycle correction: the grid points at which state rewards are counted, and the weights of these
    /// points.
    pub correction: Correction,
    /// Whether one-off amounts are multiplied by the correction's weight at the grid point at which they occur.
    pub weighted_once: bool,
    /// Discounting of the outcome; `None` for an undiscounted outcome.
    pub discount: Option<Discount>,
}

/// Within-cycle correction: the rule that integrates state rewards, which are known only at the grid points, over
/// time.
#[derive(Clone, Debug, PartialEq)]
pub enum Correction {
    /// Each cycle is counted by the occupancy at its start: points 0..n-1.
    Start,
    /// Each cycle is counted by the occupancy at its end: points 1..n.
    End,
    /// Each cycle is counted by the mean of the occupancy at its start and at its end (the life-table method,
    /// Barendregt 2009).
    LifeTable,
    /// Points 0..n with weights 1/2, 1, ..., 1, 1/2 (half-cycle correction, the trapezoidal rule).
    HalfCycle,
    /// Points 0..n with weights 1/3, 4/3, 2/3, ..., 4/3, 1/3 (Elbasha and Chhatwal 2016); n must be even.
    Simpson,
    /// Points 0..n with the weights in this vector.
    Weights(Vec<f64>),
}

impl Correction {
    /// Whether the correction assigns a weight to each grid point, rather than to each cycle.
    pub fn by_points(&self) -> bool {
        matches!(self, Correction::HalfCycle | Correction::Simpson | Correction::Weights(_))
    }

    /// Weights of the grid points 0..=n; all zero for a correction by cycles.
    fn of_points(&self, n: usize) -> Vec<f64> {
        let ends = |end: f64, inner: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let at = |k| if k == 0 || k == n { end } else { inner(k) };
            (0..=n).map(at).collect()
        };
        match self {
            Correction::HalfCycle => ends(0.5, &|_| 1.0),
            Correction::Simpson => ends(1.0 / 3.0, &|k| if k % 2 == 1 { 4.0 / 3.0 } else { 2.0 / 3.0 }),
            Correction::Weights(weights) => weights.clone(),
            _ => vec![0.0; n + 1],
        }
    }
}

/// A part of an outcome that tables show separately.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Index into `Model::outcomes`.
    pub outcome: usize,
    /// Label shown in reports, for example "Drugs".
    pub category: String,
}

/// An amount that contributes to an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Reward {
    /// Name.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// Index into `Model::components`.
    pub component: usize,
    /// Strategies whose patients receive the reward; `None` for all strategies. Ineligible patients, who follow
    /// another strategy, receive the rewards of the strategy that they follow.
    pub strategies: Option<Vec<usize>>,
    /// Amount, negative for a loss: per year if the timing [accrues](When::accrues), otherwise per occurrence.
    pub amount: Expr,
    /// Timing of the reward.
    pub when: When,
}

impl Reward {
    /// Whether patients who follow strategy `arm` receive the reward.
    pub fn given_under(&self, arm: usize) -> bool {
        self.strategies.as_ref().is_none_or(|all| all.contains(&arm))
    }

    /// Whether a patient receives the reward at time zero. The patient presents in state `from`, follows strategy
    /// `arm`, and is in state `to` after branch `branch` of the procedure at the start.
    pub fn given_at_start(&self, arm: usize, branch: Option<usize>, from: usize, to: usize) -> bool {
        self.given_under(arm) && self.when.at_start(arm, branch, from, to)
    }

    /// Attributes, clocks and other quantities that the amount reads.
    pub fn reads(&self) -> Reads {
        Reads::of(&self.amount)
    }

    /// Index of the outcome to which the reward contributes.
    pub fn outcome(&self, model: &Structure) -> usize {
        model.components[self.component].outcome
    }

    /// Whether the amount can differ between patients who are in the same state at the same time.
    pub fn differs(&self, model: &Model) -> bool {
        let reads = self.reads();
        !(reads.residence.is_empty() && reads.categorical.is_empty() && reads.same_numbers(model))
    }
}

/// Timing of a reward.
///
/// Engines and other callers use only the methods below and never match on the cases. To add a timing, add a case
/// with its answers here, its key in the schema, and its reading in `scenario/compile/rewards.rs`. The engines
/// support three kinds of payment: per year in a state, once on a move along an edge, and once at the start.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// Accrues for as long as the patient is in one of these states (indices, ascending).
    In(Vec<usize>),
    /// On entering one of these states from another state (also by a procedure at the start).
    Entering(Vec<usize>),
    /// On leaving one of these states for another state (also by a procedure at the start).
    Leaving(Vec<usize>),
    /// When a transition fires and takes one of these branches: `(transition, branch)`.
    Firing(Vec<(usize, usize)>),
    /// At time zero: to all patients (`None`), or to patients who take one of these branches of the procedure at
    /// the start: `(strategy, branch)`.
    Starting(Option<Vec<(usize, usize)>>),
}

/// Methods that the engines use to pay rewards.
impl When {
    /// Whether the reward accrues over time in a state; otherwise the reward is paid once, on a move or at the
    /// start.
    pub fn accrues(&self) -> bool {
        matches!(self, When::In(_))
    }

    /// States in which the reward accrues; empty for one-off rewards.
    pub fn states(&self) -> &[usize] {
        match self {
            When::In(states) => states,
            _ => &[],
        }
    }

    /// Whether the reward accrues in `state`.
    pub fn in_state(&self, state: usize) -> bool {
        self.states().contains(&state)
    }

    /// Whether the reward is paid on a move along `edge`.
    pub fn on_edge(&self, edge: &Edge) -> bool {
        match self {
            When::Firing(all) => all.contains(&(edge.transition, edge.branch)),
            _ => edge.moves && self.for_move(edge.from, edge.to),
        }
    }

    /// Whether the reward is paid at time zero to a patient who presents in state `from`, follows strategy `arm`,
    /// and is in state `to` after branch `branch` of the procedure at the start.
    pub fn at_start(&self, arm: usize, branch: Option<usize>, from: usize, to: usize) -> bool {
        match self {
            When::Starting(None) => true,
            When::Starting(Some(branches)) => branch.is_some_and(|b| branches.contains(&(arm, b))),
            _ => from != to && self.for_move(from, to),
        }
    }

    /// Whether the reward may be paid at time zero under any of `strategies`.
    pub fn may_be_at_start(&self, strategies: &[Strategy]) -> bool {
        match self {
            When::Starting(_) => true,
            When::In(_) | When::Firing(_) => false,
            // A procedure at the start may move patients into or out of a state.
            _ => strategies.iter().any(|s| !s.at_start.is_empty()),
        }
    }

    /// Whether the reward is paid only at time zero.
    pub fn only_at_start(&self) -> bool {
        matches!(self, When::Starting(_))
    }

    /// Whether the reward is paid on every move from state `from` to state `to`, whatever the cause of the move.
    fn for_move(&self, from: usize, to: usize) -> bool {
        match self {
            When::Entering(states) => states.contains(&to),
            When::Leaving(states) => states.contains(&from),
            _ => false,
        }
    }
}

/// Methods for checks, memory estimates and altered copies of a model.
impl When {
    /// States in which the amount is evaluated, ascending. A reward of a move is evaluated in the state that the
    /// patient leaves.
    pub fn read_in(
        &self,
        start: &[(usize, Share)],
        transitions: &[Transition],
        strategies: &[Strategy],
    ) -> Vec<usize> {
        let starts = || start.iter().map(|(state, _)| *state);
        let mut states: Vec<usize> = match self {
            When::In(states) | When::Leaving(states) => states.clone(),
            When::Firing(all) => {
                let from = all.iter().flat_map(|(t, _)| &transitions[*t].from);
                from.copied().collect()
            }
            When::Starting(_) => starts().collect(),
            When::Entering(into) => {
                let enters = |branch: &Branch| branch.to.is_some_and(|to| into.contains(&to));
                let moves = transitions.iter().filter(|one| one.branches.iter().any(enters));
                let mut procedures = strategies.iter().flat_map(|one| &one.at_start);
                let at_start = procedures.any(enters);
                let from = moves.flat_map(|one| &one.from).copied();
                from.chain(starts().filter(|_| at_start)).collect()
            }
        };
        states.sort_unstable();
        states.dedup();
        states
    }

    /// States to which an amount evaluated in `state` relates: `state` itself, and the states that the move enters
    /// or leaves.
    pub fn about(&self, state: usize, transitions: &[Transition]) -> Vec<usize> {
        match self {
            When::In(_) => vec![state],
            When::Entering(states) | When::Leaving(states) => {
                states.iter().copied().chain(std::iter::once(state)).collect()
            }
            When::Firing(all) => {
                let own = all.iter().filter(|(t, _)| transitions[*t].from.contains(&state));
                let to = |t: usize| transitions[t].branches.iter().filter_map(|b| b.to);
                own.flat_map(|(t, _)| std::iter::once(state).chain(to(*t))).collect()
            }
            When::Starting(_) => Vec::new(),
        }
    }

    /// For a reward that can never be paid: the verb of the missing move ("enters" or "leaves") and the states of
    /// the reward. `None` for other rewards.
    pub fn missing_move(&self, model: &Model) -> Option<(&'static str, &[usize])> {
        match self {
            When::Entering(states) if model.read_in(self).is_empty() => Some(("enters", states)),
            When::Leaving(states) if !states.iter().any(|&state| model.is_left(state)) => {
                Some(("leaves", states))
            }
            _ => None,
        }
    }

    /// Whether the reward is paid for entering `state` or for being in `state`.
    pub fn pays_for_visit(&self, state: usize) -> bool {
        match self {
            When::Entering(states) => states.contains(&state),
            _ => self.in_state(state),
        }
    }

    /// Whether any branch of a procedure at the start may be a move for which the reward is paid.
    pub fn may_pay_for_moves_of(&self, procedure: &[Branch]) -> bool {
        match self {
            When::Entering(states) => procedure.iter().any(|b| b.to.is_some_and(|to| states.contains(&to))),
            When::Leaving(_) => !procedure.is_empty(),
            _ => false,
        }
    }

    /// Upper limit of the number of places (states, edges, the start) at which the reward is paid.
    pub fn most_places(&self, transitions: &[Transition]) -> f64 {
        let edges = |t: &Transition| t.from.len() as f64 * t.branches.len() as f64;
        match self {
            When::In(states) => states.len() as f64,
            When::Starting(_) => 1.0,
            When::Firing(all) => all.iter().map(|&(t, _)| transitions[t].from.len() as f64).sum(),
            When::Entering(_) | When::Leaving(_) => transitions.iter().map(edges).sum(),
        }
    }

    /// Branches of procedures at the start for which the reward is paid, as `(strategy, branch)`; `None` if the
    /// timing lists no branches.
    pub fn procedures(&self) -> Option<&[(usize, usize)]> {
        match self {
            When::Starting(Some(branches)) => Some(branches),
            _ => None,
        }
    }

    /// [`When::procedures`] as a mutable vector, for changes of the strategies of a model.
    pub fn procedures_mut(&mut self) -> Option<&mut Vec<(usize, usize)>> {
        match self {
            When::Starting(Some(branches)) => Some(branches),
            _ => None,
        }
    }

    /// Maps states, transitions and strategies to new indices, and sorts the lists again.
    pub fn renumber(
        &mut self,
        state: impl Fn(usize) -> usize,
        transition: impl Fn(usize) -> usize,
        strategy: impl Fn(usize) -> usize,
    ) {
        match self {
            When::In(states) | When::Entering(states) | When::Leaving(states) => {
                states.iter_mut().for_each(|s| *s = state(*s));
                states.sort_unstable();
            }
            When::Firing(all) => {
                all.iter_mut().for_each(|(t, _)| *t = transition(*t));
                all.sort_unstable();
            }
            When::Starting(Some(all)) => {
                all.iter_mut().for_each(|(s, _)| *s = strategy(*s));
                all.sort_unstable();
            }
            When::Starting(None) => {}
        }
    }
}

/// Contribution of one unit at each grid point to the total of an outcome.
///
/// A total is a sum over the grid points `k` of three products: `start[k]` times the state reward per year
/// evaluated with the clocks of the cycle that begins at `k`, `end[k]` times the state reward per year evaluated
/// with the clocks of the cycle that ends at `k`, and `once[k]` times the one-off amounts at the end of cycle `k`.
/// Corrections by points evaluate state rewards with the clocks of the point itself, and use `start` but not
/// `end`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Per grid point: discounted years counted for the cycle that begins at the point.
    pub start: Vec<f64>,
    /// Per grid point: discounted years counted for the cycle that ends at the point.
    pub end: Vec<f64>,
    /// Sum of `start` and `end`, for rewards whose amount is the same in both cycles.
    pub both: Vec<f64>,
    /// Per grid point: discount factor of one-off amounts, times the weight of the point if
    /// [`Outcome::weighted_once`] is set.
    pub once: Vec<f64>,
}

impl Outcome {
    /// The weights of this outcome, discounted by `discounting`; `None` for undiscounted totals.
    ///
    /// With a correction by cycles, each cycle is discounted at its start, middle or end, or each point at its own
    /// time, as the scenario specifies. With a correction by points, each point is discounted at its own time. In
    /// continuous time, the weight of a cycle is the integral of the discount factor over the cycle.
    pub fn weights(&self, time: &TimeGrid, discounting: Option<&Discounting>) -> Weights {
        let factor = |years: f64| discounting.map_or(1.0, |d| d.factor(years));
        let n = time.cycles;
        if time.continuous() {
            let of_cycle = |k: usize| match discounting {
                _ if k == n => 0.0,
                Some(d) => d.integral(time.years(k), time.years(k + 1)),
                None => 1.0 / time.cycles_per_year,
            };
            let start: Vec<f64> = (0..=n).map(of_cycle).collect();
            let once = (0..=n).map(|k| factor(time.years(k))).collect();
            return Weights { end: vec![0.0; n + 1], both: start.clone(), start, once };
        }
        let year = 1.0 / time.cycles_per_year;
        let moment = self.discount.as_ref().map_or(Moment::Point, |d| d.at);
        // Discount factor of cycle k (1..=n) for amounts that are counted at grid point `point`.
        let of_cycle = |k: usize, point: usize| match moment {
            Moment::Point => factor(time.years(point)),
            Moment::Start => factor(time.years(k - 1)),
            Moment::Middle => factor((k as f64 - 0.5) / time.cycles_per_year),
            Moment::End => factor(time.years(k)),
        };
        let by_points = self.correction.by_points();
        // Share of a cycle that is counted at its start and at its end.
        let (at_start, at_end) = match self.correction {
            Correction::Start => (1.0, 0.0),
            Correction::End => (0.0, 1.0),
            Correction::LifeTable => (0.5, 0.5),
            _ => (0.0, 0.0),
        };
        let points = self.correction.of_points(n);
        let mut weights = Weights {
            start: vec![0.0; n + 1],
            end: vec![0.0; n + 1],
            both: Vec::new(),
            once: vec![0.0; n + 1],
        };
        for (k, &point) in points.iter().enumerate() {
            if by_points {
                weights.start[k] = year * point * factor(time.years(k));
            } else {
                if k < n && at_start > 0.0 {
                    weights.start[k] = year * at_start * of_cycle(k + 1, k);
                }
                if k > 0 && at_end > 0.0 {
                    weights.end[k] = year * at_end * of_cycle(k, k);
                }
            }
            let arrival = match self.weighted_once && k > 0 {
                true if by_points => point,
                true => at_end + if k < n { at_start } else { 0.0 },
                false => 1.0,
            };
            let once = if k == 0 || by_points { factor(time.years(k)) } else { of_cycle(k, k) };
            weights.once[k] = arrival * once;
        }
        weights.both = weights.start.iter().zip(&weights.end).map(|(a, b)| a + b).collect();
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Moves;

    fn outcome(correction: Correction) -> Outcome {
        Outcome {
            name: "qaly".into(),
            label: "QALYs".into(),
            unit: "QALYs".into(),
            correction,
            weighted_once: false,
            discount: None,
        }
    }

    const FOUR: TimeGrid = TimeGrid { cycles: 4, cycles_per_year: 2.0, moves: Moves::OnceACycle };

    #[test]
    fn whoever_lives_to_the_horizon_has_lived_it() {
        for correction in [
            Correction::Start,
            Correction::End,
            Correction::LifeTable,
            Correction::HalfCycle,
            Correction::Simpson,
        ] {
            let weights = outcome(correction.clone()).weights(&FOUR, None);
            let sum: f64 = weights.start.iter().chain(&weights.end).sum();
            assert!((sum - 2.0).abs() < 1e-15, "{correction:?}: {sum}");
        }
    }

    #[test]
    fn simpsons_rule_has_its_own_weights() {
        let weights = outcome(Correction::Simpson).weights(&FOUR, None);
        let due = [1.0, 4.0, 2.0, 4.0, 1.0].map(|w| 0.5 * w / 3.0);
        assert_eq!(weights.start, due);
    }

    #[test]
    fn one_off_amounts_are_weighted_only_on_request() {
        let mut own = outcome(Correction::HalfCycle);
        assert_eq!(own.weights(&FOUR, None).once, [1.0; 5]);
        own.weighted_once = true;
        // The amount at time zero (first entry) always has weight 1.
        assert_eq!(own.weights(&FOUR, None).once, [1.0, 1.0, 1.0, 1.0, 0.5]);
    }
}
