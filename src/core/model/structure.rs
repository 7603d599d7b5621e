//! Structure of a model: states, transitions, strategies and rewards, as dense indices into vectors.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use super::attribute::Attribute;
use super::expression::{Clock, Expr};
use super::life_table::LifeTable;
use super::paths::Paths;
use super::patients::situation;
use super::rewards::{Component, Outcome, Reward, When};
use super::subgroups::Subgroups;
use super::time_to_event::TimeToEvent;

/// A validated model: a [`Structure`], whose fields are accessible directly (by `Deref`), and the paths derived
/// from the structure.
#[derive(Clone, Debug)]
pub struct Model {
    structure: Structure,
    /// Computed on first use, because a model that is refused for its size must not allocate the memory.
    paths: OnceLock<Paths>,
}

impl Model {
    /// Creates a model with the given structure.
    pub fn new(structure: Structure) -> Model {
        Model { structure, paths: OnceLock::new() }
    }

    /// Edges between states and places at which rewards are paid, all numbered.
    pub fn paths(&self) -> &Paths {
        self.paths.get_or_init(|| Paths::new(&self.structure))
    }
}

impl Deref for Model {
    type Target = Structure;

    fn deref(&self) -> &Structure {
        &self.structure
    }
}

impl DerefMut for Model {
    fn deref_mut(&mut self) -> &mut Structure {
        // The cached paths are dropped, because the structure is about to change and the paths would no longer
        // match.
        self.paths.take();
        &mut self.structure
    }
}

/// The parts of a model. `parameters` contains base-case values; the engines accept any vector of the same length.
#[derive(Clone, Debug)]
pub struct Structure {
    /// Title shown in reports.
    pub title: String,
    /// Cycle length and time horizon.
    pub time: TimeGrid,
    /// Parameters, in the order of the parameter vector.
    pub parameters: Vec<Parameter>,
    /// Attributes of patients, sampled once per patient and shared by all strategies.
    pub attributes: Vec<Attribute>,
    /// Health states.
    pub states: Vec<State>,
    /// Named sets of states, used for clocks, formulas, endpoints and figures.
    pub groups: Vec<Group>,
    /// Share of patients who start in each listed state.
    pub start: Vec<(usize, Share)>,
    /// Life tables.
    pub life_tables: Vec<LifeTable>,
    /// Transitions.
    pub transitions: Vec<Transition>,
    /// Strategies in the order of the scenario.
    pub strategies: Vec<Strategy>,
    /// Endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Outcomes: totals per patient, for example costs and QALYs.
    pub outcomes: Vec<Outcome>,
    /// Parts of the outcomes that tables show separately.
    pub components: Vec<Component>,
    /// Rewards: amounts that contribute to the outcomes.
    pub rewards: Vec<Reward>,
    /// Outcomes that count events beside moves, ascending: the amounts of their rewards are rates, which must not be negative.
    pub events: Vec<usize>,
    /// Costs that perspectives share: name of the reward, and the shares, which must add up to 1.
    pub shared_costs: Vec<(String, Vec<Share>)>,
    /// Subgroups of patients for which results are reported.
    pub subgroups: Subgroups,
}

impl Structure {
    /// Base-case values of all parameters.
    pub fn base_values(&self) -> Vec<f64> {
        self.parameters.iter().map(|p| p.base).collect()
    }

    /// States in which an amount with timing `when` is evaluated, ascending.
    pub fn read_in(&self, when: &When) -> Vec<usize> {
        when.read_in(&self.start, &self.transitions, &self.strategies)
    }

    /// Whether any transition or procedure at the start moves patients out of `state`.
    pub fn is_left(&self, state: usize) -> bool {
        let moves = |branch: &Branch| branch.to.is_some_and(|to| to != state);
        let enters = |branch: &Branch| branch.to.is_some();
        let by_transition =
            self.transitions.iter().any(|one| one.from.contains(&state) && one.branches.iter().any(enters));
        let mut procedures = self.strategies.iter().flat_map(|one| &one.at_start);
        by_transition || self.start.iter().any(|(start, _)| *start == state) && procedures.any(moves)
    }

    /// Index of the reference strategy, the comparator of incremental results.
    pub fn reference(&self) -> usize {
        self.strategies.iter().position(|s| s.reference).unwrap_or(0)
    }
}

/// Time grid: whole cycles up to the time horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeGrid {
    /// Number of cycles up to the horizon; the grid has `cycles + 1` points.
    pub cycles: usize,
    /// Number of cycles per year.
    pub cycles_per_year: f64,
    /// Times at which patients may move.
    pub moves: Moves,
}

/// Times at which patients may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// At most one move a cycle, which takes effect at the end of the cycle.
    OnceACycle,
    /// Any number of moves at any time. The cycle is then only the step at which formulas are evaluated and results are
    /// recorded.
    Continuous,
}

impl TimeGrid {
    /// Whether patients may move at any time.
    pub fn continuous(&self) -> bool {
        self.moves == Moves::Continuous
    }

    /// Share of a cycle that has passed when formulas are evaluated: none with one move a cycle, half of it in
    /// continuous time, where the middle of a cycle stands for the whole cycle (the midpoint rule, which makes the
    /// error of the cycle length second order).
    pub fn part(&self) -> f64 {
        match self.moves {
            Moves::OnceACycle => 0.0,
            Moves::Continuous => 0.5,
        }
    }

    /// Years from the start of the model to the end of cycle `cycle`. Computed by one division, because adding up
    /// cycle lengths would accumulate rounding errors.
    pub fn years(&self, cycle: usize) -> f64 {
        cycle as f64 / self.cycles_per_year
    }
}

/// A parameter of the scenario: a named number.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name, with dots between its parts.
    pub name: String,
    /// Base-case value.
    pub base: f64,
}

/// A share of a whole: a stated proportion, or the remainder after the other shares.
#[derive(Clone, Debug, PartialEq)]
pub enum Share {
    /// A stated proportion.
    Stated(Expr),
    /// One minus the sum of the other shares.
    Rest,
}

/// A health state.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Name.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// Whether the scenario declares the state absorbing, so that patients never leave it.
    pub absorbing: bool,
}

/// A named set of states.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name. A single state may form a group with the same name as the state.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// Member states, ascending.
    pub states: Vec<usize>,
    /// For a counter: what it counts. A counter is a group of all states whose clock shows a number of occurrences in place of the
    /// time in the group.
    pub counter: Option<Counter>,
}

/// Counts how often a transition has fired for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Index of the transition.
    pub transition: usize,
    /// Largest number that is told apart: more occurrences count as this many.
    pub most: usize,
}

impl Counter {
    /// Name of the counter of a transition: with a space, so that no group of a scenario has it.
    pub fn name(transition: &str) -> String {
        format!("count {transition}")
    }
}

impl Group {
    /// What the group's clock shows at grid point `k`, in whole cycles: the time since `entered`, or the number of occurrences, which a
    /// counter keeps in its place.
    #[inline]
    pub fn elapsed(&self, k: usize, entered: usize) -> usize {
        match self.counter {
            None => k.saturating_sub(entered),
            Some(_) => entered,
        }
    }

    /// A value of the clock after `spent` cycles for checks: a counter never shows more than its largest number.
    pub fn at_most(&self, spent: usize) -> usize {
        self.counter.map_or(spent, |counter| spent.min(counter.most))
    }
}

/// A transition from one or more states to other states.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Name; also the key of the transition's random-number stream.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// States from which the transition can fire, ascending. In the microsimulation, one random threshold of the
    /// cumulative hazard serves all of these states.
    pub from: Vec<usize>,
    /// Whether the transition is resolved before the other transitions of its row (a row is all exits of a state
    /// in a cycle).
    pub first: bool,
    /// Whether the transition has a stated probability per cycle, which competing transitions of the row do not
    /// reduce.
    pub stated: bool,
    /// Hazard, or probability per cycle, with which the transition fires.
    pub hazard: Hazard,
    /// Patients for whom the transition never fires; `None` if it can fire for all.
    pub never: Option<Never>,
    /// Possible destinations when the transition fires, with their proportions.
    pub branches: Vec<Branch>,
}

/// Share of patients for whom a transition never fires, however long they live: the same patients under every strategy,
/// unless a strategy changes the share.
#[derive(Clone, Debug)]
pub struct Never {
    /// Share of patients for whom the transition never fires, without effects.
    pub share: Expr,
    /// Index of the attribute that decides: it is uniform between 0 and 1, and the transition never fires for patients in whom it is
    /// less than the share.
    pub chance: usize,
}

impl Never {
    /// Shares of the patients for whom the transition never fires, and of all others.
    pub fn shares(&self) -> [Share; 2] {
        [Share::Stated(self.share.clone()), Share::Rest]
    }
}

/// Hazard, or probability per cycle, of a transition.
#[derive(Clone, Debug)]
pub enum Hazard {
    /// A rate per year, evaluated at the start of each cycle.
    Rate(Expr),
    /// A time-to-event distribution on a clock, times a hazard ratio evaluated at the start of each cycle.
    Distribution {
        /// Distribution family, its parameters and the delay, which must not read clocks.
        time: TimeToEvent<Expr>,
        /// Clock on which the distribution runs.
        clock: Clock,
        /// Hazard ratio.
        ratio: Expr,
    },
    /// Mortality of a life table at attained age, times a hazard ratio evaluated at the start of each cycle.
    LifeTable {
        /// Index into `Model::life_tables`.
        table: usize,
        /// Index of the continuous attribute with the age at the start.
        age: usize,
        /// Hazard ratio (a mortality ratio).
        ratio: Expr,
    },
    /// A probability per cycle, for which [`Transition::stated`] is always true.
    Probability(Expr),
    /// One minus the probabilities of the other transitions of the row (always [`Transition::stated`]).
    Complement,
}

/// One possible destination after a transition or a procedure at the start, with its proportion.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Name; by default the name of the target state.
    pub name: String,
    /// Index of the target state; `None` if the patient stays in the current state. A transition whose target is the current state
    /// enters it again.
    pub to: Option<usize>,
    /// Proportion of patients who take this branch.
    pub share: Share,
}

/// A treatment arm.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// Name.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// Whether the strategy is the reference, the comparator of incremental results.
    pub reference: bool,
    /// Whether the strategy is a theoretical bound rather than an available treatment; bounds are dashed in
    /// figures and labelled in reports.
    pub bound: bool,
    /// Years of follow-up that support the treatment effects; figures shade curves beyond this time.
    pub evidence_until: Option<f64>,
    /// Whether the strategy rests on animal or promotional evidence; the results then carry a watermark.
    pub hypothetical: bool,
    /// Condition for eligibility, evaluated at the start; ineligible patients follow the strategy `otherwise`.
    pub eligible: Expr,
    /// Index of the strategy that ineligible patients follow.
    pub otherwise: Option<usize>,
    /// Branches of the procedure at time zero, for example its complications; empty if the strategy has no
    /// procedure.
    pub at_start: Vec<Branch>,
    /// Treatment effects on hazards and probabilities.
    pub effects: Vec<Effect>,
    /// Parameters that this strategy replaces: index of the parameter, and the expression that replaces it.
    pub substitutions: Vec<(usize, Expr)>,
}

/// Treatment effect: a ratio on a list of transitions, which may build up and wane linearly on the ln scale.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Indices of the transitions on which the effect acts.
    pub transitions: Vec<usize>,
    /// Quantity that the ratio multiplies.
    pub on: EffectOn,
    /// Ratio at full effect; the expression must not read clocks.
    pub ratio: Expr,
    /// Number of cycles over which the effect builds up linearly on the ln scale; 0 for full effect at once.
    pub onset: f64,
    /// Number of cycles from the start of treatment until which the effect is full; `None` for a lasting effect.
    pub full_until: Option<f64>,
    /// Number of cycles from the start of treatment after which no effect remains. The effect wanes linearly on
    /// the ln scale between `full_until` and `gone_after`.
    pub gone_after: Option<f64>,
}

/// Quantity that an effect multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectOn {
    /// The effect multiplies the hazard by a hazard ratio.
    Hazard,
    /// The probability per cycle of a transition that is [`Transition::stated`], which is multiplied by a relative
    /// risk.
    Probability,
    /// Time to event, which is stretched by a time ratio (accelerated failure time).
    Time,
    /// Odds that the transition [never](Never) fires, which are multiplied by an odds ratio.
    NeverOdds,
}

impl EffectOn {
    /// Whether a ratio above 1 makes the event later or rarer; for the other quantities it makes the event earlier or more frequent.
    pub fn spares(self) -> bool {
        matches!(self, EffectOn::Time | EffectOn::NeverOdds)
    }
}

impl Transition {
    /// Calls `visit` on every expression of the hazard and of the branches.
    pub fn expressions<'m>(&'m self, visit: &mut impl FnMut(&'m Expr)) {
        match &self.hazard {
            Hazard::Rate(e) | Hazard::Probability(e) => visit(e),
            Hazard::Distribution { time, ratio, .. } => {
                time.expressions().into_iter().for_each(&mut *visit);
                visit(ratio);
            }
            Hazard::LifeTable { ratio, .. } => visit(ratio),
            Hazard::Complement => {}
        }
        if let Some(never) = &self.never {
            visit(&never.share);
        }
        for branch in &self.branches {
            if let Share::Stated(e) = &branch.share {
                visit(e);
            }
        }
    }
}

impl Strategy {
    /// Parameter values under this strategy, after its substitutions. Substitutions are evaluated at the `base`
    /// values.
    pub fn parameters(&self, model: &Model, base: &[f64]) -> Vec<f64> {
        let mut own = Vec::new();
        self.parameters_into(model, base, &mut own);
        own
    }

    /// The expression with the parameters that this strategy replaces written out.
    pub fn written_out(&self, expr: &Expr) -> Expr {
        expr.rewritten(&|part| match part {
            Expr::Parameter(p) => {
                let own = self.substitutions.iter().find(|(replaced, _)| *replaced == p);
                own.map_or(Expr::Parameter(p), |(_, value)| value.clone())
            }
            other => other,
        })
    }

    /// [`Strategy::parameters`], written to the existing vector `own` to avoid an allocation.
    pub fn parameters_into(&self, model: &Model, base: &[f64], own: &mut Vec<f64>) {
        own.clear();
        own.extend_from_slice(base);
        for (parameter, expr) in &self.substitutions {
            own[*parameter] = expr.value(&situation(model, base, &[], 0));
        }
    }
}

impl Effect {
    /// Share of the full log ratio that applies `t` cycles after the start of treatment.
    pub fn strength(&self, t: f64) -> f64 {
        let rise = if t < self.onset { t / self.onset } else { 1.0 };
        let fall = match (self.full_until, self.gone_after) {
            (Some(full), _) if t < full => 1.0,
            (Some(full), Some(gone)) if t < gone => (gone - t) / (gone - full),
            (Some(_), _) => 0.0,
            (None, _) => 1.0,
        };
        rise.min(fall)
    }
}

/// An endpoint: the first occurrence of a named event.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Name.
    pub name: String,
    /// Label of the event, for example on a cumulative-incidence curve.
    pub label: String,
    /// Label of freedom from the event, for example on a survival curve.
    pub free_label: String,
    /// States; entering one of these states is the event.
    pub enters: Vec<usize>,
    /// Transitions; the firing of one of these transitions is the event, whatever its destination.
    pub fires: Vec<usize>,
    /// States; entering one of these states ends the time at risk without the event (censored in Kaplan–Meier,
    /// competing in Aalen–Johansen).
    pub competing: Vec<usize>,
    /// Group of states in which time at risk is counted, from entry into the group; `None` counts time from the
    /// start of the model.
    pub since: Option<usize>,
}
