//! Outcomes (costs, QALYs, life-years, events), and the rewards that add to them.

use super::discounting::{Discount, Moment};
use super::expression::Expr;
use super::hazard::Reads;
use super::paths::Edge;
use super::structure::{Branch, Model, Share, Strategy, Structure, TimeGrid, Transition};

/// A total that is counted for every patient.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Name.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// Unit, as tables print it: "GBP", "QALYs".
    pub unit: String,
    /// At which points of the grid state rewards are counted, and with what weight.
    pub correction: Correction,
    /// Whether one-off amounts are multiplied by the weight of the point at which they arrive.
    pub weighted_once: bool,
    /// Discounting of later amounts; `None` if there is none.
    pub discount: Option<Discount>,
}

/// Within-cycle correction: how a rate per year, known at the points of the grid, is added up over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Correction {
    /// A cycle counts for those who are in the state at its start: points 0..n-1.
    Start,
    /// A cycle counts for those who are in the state at its end: points 1..n.
    End,
    /// A cycle counts for the mean of start and end (the life-table method, Barendregt 2009).
    LifeTable,
    /// Points 0..n with weights 1/2, 1, ..., 1, 1/2 (half-cycle correction, the trapezoidal rule).
    HalfCycle,
    /// Points 0..n with weights 1/3, 4/3, 2/3, ..., 4/3, 1/3 (Elbasha and Chhatwal 2016); n must be even.
    Simpson,
    /// Points 0..n with these weights.
    Weights(Vec<f64>),
}

impl Correction {
    /// Whether occupancy is counted at points in time, each with a weight of its own, and not cycle by cycle.
    pub fn by_points(&self) -> bool {
        matches!(self, Correction::HalfCycle | Correction::Simpson | Correction::Weights(_))
    }

    /// Weights of the points 0..=n, for a correction by points.
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
    /// Label for people: "Drugs".
    pub category: String,
}

/// An amount that adds to an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Reward {
    /// Name.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// Index into `Model::components`.
    pub component: usize,
    /// Strategies whose patients get it (those who follow another strategy instead do not); `None` for all.
    pub strategies: Option<Vec<usize>>,
    /// The amount, losses with a minus sign: per year if the timing [accrues](When::accrues), once otherwise.
    pub amount: Expr,
    /// Timing.
    pub when: When,
}

impl Reward {
    /// Whether patients who follow strategy `arm` get it.
    pub fn given_under(&self, arm: usize) -> bool {
        self.strategies.as_ref().is_none_or(|all| all.contains(&arm))
    }

    /// Whether a patient who presents in `from`, follows `arm` and leaves its procedure at the start in `to` by `branch`
    /// gets it at time zero.
    pub fn given_at_start(&self, arm: usize, branch: Option<usize>, from: usize, to: usize) -> bool {
        self.given_under(arm) && self.when.at_start(arm, branch, from, to)
    }

    /// Everything that the amount reads.
    pub fn reads(&self) -> Reads {
        Reads::of(&self.amount)
    }

    /// Index of the outcome that it adds to.
    pub fn outcome(&self, model: &Structure) -> usize {
        model.components[self.component].outcome
    }

    /// Whether the amount differs between patients who are in one state at one time.
    pub fn differs(&self, model: &Model) -> bool {
        let reads = self.reads();
        !(reads.residence.is_empty() && reads.categorical.is_empty() && reads.same_numbers(model))
    }
}

/// Timing of a reward.
///
/// A timing answers for itself: engines and all readers ask the methods below, and none of them looks at the cases. To add a
/// timing, add a case with its answers here, its key in the schema, and its reading in `scenario/compile/rewards.rs`. The
/// engines know three ways to pay: per year in a state, once with a move along an edge, and once at the start.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// At all times in these states, ascending.
    In(Vec<usize>),
    /// On entering one of these states from another (also by a procedure at the start).
    Entering(Vec<usize>),
    /// On leaving one of these states for another (also by a procedure at the start).
    Leaving(Vec<usize>),
    /// When a transition fires and takes this branch: `(transition, branch)`.
    Firing(Vec<(usize, usize)>),
    /// At time zero, to everybody, or to those who take a branch of the procedure at the start: `(strategy, branch)`.
    Starting(Option<Vec<(usize, usize)>>),
}

/// How the engines pay a reward.
impl When {
    /// Whether it accrues over time in states; otherwise it is paid once, with a move or at the start.
    pub fn accrues(&self) -> bool {
        matches!(self, When::In(_))
    }

    /// The states in which it accrues; none for one-off rewards.
    pub fn states(&self) -> &[usize] {
        match self {
            When::In(states) => states,
            _ => &[],
        }
    }

    /// Whether it accrues in a state.
    pub fn in_state(&self, state: usize) -> bool {
        self.states().contains(&state)
    }

    /// Whether it is paid with a move along an edge.
    pub fn on_edge(&self, edge: &Edge) -> bool {
        match self {
            When::Firing(all) => all.contains(&(edge.transition, edge.branch)),
            _ => self.on_move(edge.from, edge.to),
        }
    }

    /// Whether it is paid at time zero to a patient who presents in `from`, follows `arm` and leaves its procedure at the
    /// start in `to` by `branch`.
    pub fn at_start(&self, arm: usize, branch: Option<usize>, from: usize, to: usize) -> bool {
        match self {
            When::Starting(None) => true,
            When::Starting(Some(branches)) => branch.is_some_and(|b| branches.contains(&(arm, b))),
            _ => self.on_move(from, to),
        }
    }

    /// Whether it may be paid at time zero.
    pub fn may_be_at_start(&self, strategies: &[Strategy]) -> bool {
        match self {
            When::Starting(_) => true,
            When::In(_) | When::Firing(_) => false,
            // A procedure at the start may enter or leave a state.
            _ => strategies.iter().any(|s| !s.at_start.is_empty()),
        }
    }

    /// Whether it is never paid after time zero.
    pub fn only_at_start(&self) -> bool {
        matches!(self, When::Starting(_))
    }

    /// Whether it is paid with every move from one state to another, whatever makes the patient move.
    fn on_move(&self, from: usize, to: usize) -> bool {
        from != to
            && match self {
                When::Entering(states) => states.contains(&to),
                When::Leaving(states) => states.contains(&from),
                _ => false,
            }
    }
}

/// What checks, memory estimates and altered copies of a model ask of a timing.
impl When {
    /// The states in which the amount is read, ascending: for rewards of a move, the state that is left.
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

    /// The states that an amount read in `state` belongs to: that state, and those that a move leads to.
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

    /// For a reward that can never be paid: the verb of the move that is missing ("enters"), and its states.
    pub fn missing_move(&self, model: &Model) -> Option<(&'static str, &[usize])> {
        match self {
            When::Entering(states) if model.read_in(self).is_empty() => Some(("enters", states)),
            When::Leaving(states) if !states.iter().any(|&state| model.is_left(state)) => {
                Some(("leaves", states))
            }
            _ => None,
        }
    }

    /// Whether it is paid for coming into a state, or for being there.
    pub fn pays_for_visit(&self, state: usize) -> bool {
        match self {
            When::Entering(states) => states.contains(&state),
            _ => self.in_state(state),
        }
    }

    /// Whether some branch of a procedure at the start may be a move for which it is paid.
    pub fn may_pay_for_moves_of(&self, procedure: &[Branch]) -> bool {
        match self {
            When::Entering(states) => procedure.iter().any(|b| b.to.is_some_and(|to| states.contains(&to))),
            When::Leaving(_) => !procedure.is_empty(),
            _ => false,
        }
    }

    /// The most places (states, edges, the start) at which it is paid.
    pub fn most_places(&self, transitions: &[Transition]) -> f64 {
        let edges = |t: &Transition| t.from.len() as f64 * t.branches.len() as f64;
        match self {
            When::In(states) => states.len() as f64,
            When::Starting(_) => 1.0,
            When::Firing(all) => all.iter().map(|&(t, _)| transitions[t].from.len() as f64).sum(),
            When::Entering(_) | When::Leaving(_) => transitions.iter().map(edges).sum(),
        }
    }

    /// The branches of procedures at the start for which it is paid, if it names some: `(strategy, branch)`.
    pub fn procedures(&self) -> Option<&[(usize, usize)]> {
        match self {
            When::Starting(Some(branches)) => Some(branches),
            _ => None,
        }
    }

    /// [`When::procedures`], to be changed with the strategies of a model.
    pub fn procedures_mut(&mut self) -> Option<&mut Vec<(usize, usize)>> {
        match self {
            When::Starting(Some(branches)) => Some(branches),
            _ => None,
        }
    }

    /// Renumbers states, transitions and strategies, and sorts them again.
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

/// What one unit at each point of the grid adds to an outcome's total.
///
/// A total is the sum over points `k` of `start[k]` times the state reward per year read there with the clocks of the
/// cycle that begins, `end[k]` times the one read with the clocks of the cycle that ends, and `once[k]` times what
/// falls once at the end of cycle `k`. Corrections by points read clocks at the point itself, and use `start` alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Years (discounted) of the cycle that begins at each point.
    pub start: Vec<f64>,
    /// Years (discounted) of the cycle that ends at each point.
    pub end: Vec<f64>,
    /// The sum of both, for what makes no difference between them.
    pub both: Vec<f64>,
    /// Discount factor of one-off amounts, with the weight of the point if the outcome wants it.
    pub once: Vec<f64>,
}

impl Outcome {
    /// The weights of this outcome; `factor(years)` is the discount factor, 1 for undiscounted totals.
    ///
    /// Counted by cycles, each cycle is discounted at its start, middle or end, or each point at its own time, as the
    /// scenario says; by points always the latter.
    pub fn weights(&self, time: &TimeGrid, factor: impl Fn(f64) -> f64) -> Weights {
        let n = time.cycles;
        let year = 1.0 / time.cycles_per_year;
        let moment = self.discount.as_ref().map_or(Moment::Point, |d| d.at);
        // The factor of cycle k (1..=n) for what is counted at point `point`.
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

    const FOUR: TimeGrid = TimeGrid { cycles: 4, cycles_per_year: 2.0 };

    #[test]
    fn whoever_lives_to_the_horizon_has_lived_it() {
        for correction in [
            Correction::Start,
            Correction::End,
            Correction::LifeTable,
            Correction::HalfCycle,
            Correction::Simpson,
        ] {
            let weights = outcome(correction.clone()).weights(&FOUR, |_| 1.0);
            let sum: f64 = weights.start.iter().chain(&weights.end).sum();
            assert!((sum - 2.0).abs() < 1e-15, "{correction:?}: {sum}");
        }
    }

    #[test]
    fn simpsons_rule_has_its_own_weights() {
        let weights = outcome(Correction::Simpson).weights(&FOUR, |_| 1.0);
        let due = [1.0, 4.0, 2.0, 4.0, 1.0].map(|w| 0.5 * w / 3.0);
        assert_eq!(weights.start, due);
    }

    #[test]
    fn one_off_amounts_are_weighted_only_on_request() {
        let mut own = outcome(Correction::HalfCycle);
        assert_eq!(own.weights(&FOUR, |_| 1.0).once, [1.0; 5]);
        own.weighted_once = true;
        // What happens at the start is no arrival.
        assert_eq!(own.weights(&FOUR, |_| 1.0).once, [1.0, 1.0, 1.0, 1.0, 0.5]);
    }
}
