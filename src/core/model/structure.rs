//! Structure of a model: states, transitions, strategies and rewards, as dense indices into vectors.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use super::attribute::Attribute;
use super::distribution::TimeDistribution;
use super::expression::{Clock, Expr};
use super::life_table::LifeTable;
use super::paths::Paths;
use super::patients::situation;
use super::rewards::{Component, Outcome, Reward, When};

/// A validated model: its [`Structure`], whose fields it shows as its own, and the paths that follow from it.
#[derive(Clone, Debug)]
pub struct Model {
    structure: Structure,
    /// Made when first asked for, so that a model that is refused for its size never takes the memory.
    paths: OnceLock<Paths>,
}

impl Model {
    /// A model of this structure.
    pub fn new(structure: Structure) -> Model {
        Model { structure, paths: OnceLock::new() }
    }

    /// Every edge from state to state and every place of a reward, numbered.
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
        // The paths of a structure that is about to change are forgotten, so that they can never be those of another.
        self.paths.take();
        &mut self.structure
    }
}

/// The parts of a model. `parameters` holds base values; engines take any vector of the same length.
#[derive(Clone, Debug)]
pub struct Structure {
    /// Title for people.
    pub title: String,
    /// The grid of cycles.
    pub time: TimeGrid,
    /// Parameters, in the order of the parameter vector.
    pub parameters: Vec<Parameter>,
    /// Attributes of a patient, sampled once and shared by all strategies.
    pub attributes: Vec<Attribute>,
    /// Health states.
    pub states: Vec<State>,
    /// Sets of states that have a clock or a meaning in output.
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
    /// Totals that are counted for every patient.
    pub outcomes: Vec<Outcome>,
    /// Parts of the outcomes that tables show separately.
    pub components: Vec<Component>,
    /// What adds to them.
    pub rewards: Vec<Reward>,
}

impl Structure {
    /// Base values of all parameters.
    pub fn base_values(&self) -> Vec<f64> {
        self.parameters.iter().map(|p| p.base).collect()
    }

    /// The states in which an amount of this timing is read, ascending.
    pub fn read_in(&self, when: &When) -> Vec<usize> {
        when.read_in(&self.start, &self.transitions, &self.strategies)
    }

    /// Whether some transition or procedure at the start takes patients out of a state.
    pub fn is_left(&self, state: usize) -> bool {
        let moves = |branch: &Branch| branch.to.is_some_and(|to| to != state);
        let by_transition =
            self.transitions.iter().any(|one| one.from.contains(&state) && one.branches.iter().any(moves));
        let mut procedures = self.strategies.iter().flat_map(|one| &one.at_start);
        by_transition || self.start.iter().any(|(start, _)| *start == state) && procedures.any(moves)
    }

    /// Index of the reference strategy, against which increments are taken.
    pub fn reference(&self) -> usize {
        self.strategies.iter().position(|s| s.reference).unwrap_or(0)
    }
}

/// Whole cycles up to the horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeGrid {
    /// Number of cycles up to the horizon; the grid has `cycles + 1` points.
    pub cycles: usize,
    /// Cycles in a year.
    pub cycles_per_year: f64,
}

impl TimeGrid {
    /// Years from the start to the end of cycle `cycle`: never accumulated, always divided.
    pub fn years(&self, cycle: usize) -> f64 {
        cycle as f64 / self.cycles_per_year
    }
}

/// A number that the scenario names.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Dotted name.
    pub name: String,
    /// Base value.
    pub base: f64,
}

/// A share of a whole: stated, or whatever the others leave.
#[derive(Clone, Debug, PartialEq)]
pub enum Share {
    /// A proportion.
    Stated(Expr),
    /// One minus the others.
    Rest,
}

/// A health state.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Name.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// Whether the scenario declares that patients never leave it.
    pub absorbing: bool,
}

/// A set of states.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name (a single state may be a group of its own, named like the state).
    pub name: String,
    /// Label for people.
    pub label: String,
    /// Member states, ascending.
    pub states: Vec<usize>,
}

/// A way from one or more states to others.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Name; also the key of its random stream.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// States it leaves from, ascending; one running threshold serves all of them.
    pub from: Vec<usize>,
    /// Resolved before the rest of the row.
    pub first: bool,
    /// The probability over a cycle holds as stated, and does not compete with others in the row.
    pub stated: bool,
    /// How often it fires.
    pub hazard: Hazard,
    /// Where it leads when it fires.
    pub branches: Vec<Branch>,
}

/// How often a transition fires.
#[derive(Clone, Debug)]
pub enum Hazard {
    /// A rate per year, read at the start of each cycle.
    Rate(Expr),
    /// A time-to-event distribution on a clock, times a hazard ratio read at the start of each cycle.
    Distribution {
        /// Family and its parameters (free of clocks).
        time: TimeDistribution<Expr>,
        /// The clock it runs on.
        clock: Clock,
        /// Hazard ratio.
        ratio: Expr,
    },
    /// Mortality of a life table at attained age, times a hazard ratio read at the start of each cycle.
    LifeTable {
        /// Index into `Model::life_tables`.
        table: usize,
        /// Index of the continuous attribute that is the age at the start.
        age: usize,
        /// Hazard ratio (a mortality ratio).
        ratio: Expr,
    },
    /// A probability per cycle (always [`Transition::stated`]).
    Probability(Expr),
    /// The probability per cycle that the other transitions of the row leave (always [`Transition::stated`]).
    Complement,
}

/// One outcome of a transition or of a procedure at the start.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Name; the target state's name unless the scenario gives another.
    pub name: String,
    /// Target; `None` keeps the patient where they are.
    pub to: Option<usize>,
    /// Proportion of firings that take this branch.
    pub share: Share,
}

/// A treatment arm.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// Name.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// The comparator.
    pub reference: bool,
    /// A bound rather than a treatment on offer: drawn dashed and said to be one.
    pub bound: bool,
    /// Years of follow-up behind the effects: curves are shaded beyond.
    pub evidence_until: Option<f64>,
    /// Rests on animal or promotional evidence: output carries a watermark.
    pub hypothetical: bool,
    /// Who gets it, read at the start; the others follow `otherwise`.
    pub eligible: Expr,
    /// What the ineligible get.
    pub otherwise: Option<usize>,
    /// What happens at time zero (a procedure and its complications); empty for nothing.
    pub at_start: Vec<Branch>,
    /// Effects on hazards.
    pub effects: Vec<Effect>,
    /// Parameters that read otherwise under this strategy.
    pub substitutions: Vec<(usize, Expr)>,
}

/// A ratio on named transitions, fading in and out on the ln scale.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Indices of the transitions.
    pub transitions: Vec<usize>,
    /// What it multiplies.
    pub on: EffectOn,
    /// The full ratio (free of clocks).
    pub ratio: Expr,
    /// Cycles over which the effect builds up linearly on the ln scale; 0 is at once.
    pub onset: f64,
    /// Cycles from the start of treatment up to which the effect is full; `None` is for ever.
    pub full_until: Option<f64>,
    /// Cycles after which it is gone, linear on the ln scale in between.
    pub gone_after: Option<f64>,
}

/// What an effect multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectOn {
    /// A hazard ratio multiplies the hazard.
    Hazard,
    /// A relative risk multiplies the probability per cycle of a transition that is [`Transition::stated`].
    Probability,
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
        for branch in &self.branches {
            if let Share::Stated(e) = &branch.share {
                visit(e);
            }
        }
    }
}

impl Strategy {
    /// The parameter values that hold under this strategy: substitutions read the base values.
    pub fn parameters(&self, model: &Model, base: &[f64]) -> Vec<f64> {
        let mut own = Vec::new();
        self.parameters_into(model, base, &mut own);
        own
    }

    /// [`Strategy::parameters`] into a vector that there is already.
    pub fn parameters_into(&self, model: &Model, base: &[f64], own: &mut Vec<f64>) {
        own.clear();
        own.extend_from_slice(base);
        for (parameter, expr) in &self.substitutions {
            own[*parameter] = expr.value(&situation(model, base, &[], 0));
        }
    }
}

impl Effect {
    /// Share of the full ln ratio that acts in the cycle that begins `cycle` cycles after treatment.
    pub fn strength(&self, cycle: usize) -> f64 {
        let t = cycle as f64;
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

/// A named first event.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Name.
    pub name: String,
    /// Label of the event, e.g. of its cumulative incidence.
    pub label: String,
    /// Label of being free of it, e.g. of its survival curve.
    pub free_label: String,
    /// Entering one of these states is the event.
    pub enters: Vec<usize>,
    /// A firing of one of these transitions is the event, wherever it leads.
    pub fires: Vec<usize>,
    /// Entering one of these states ends the time at risk without the event: censored in Kaplan–Meier,
    /// competing in Aalen–Johansen.
    pub competing: Vec<usize>,
    /// Time counts from entry into this group, and only inside it; `None` counts from the start.
    pub since: Option<usize>,
}
