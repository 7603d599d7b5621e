//! Meaning of the parameters, outcomes and states of a scenario: which outcome is the cost, and which states are death
//! states.

use super::shared::Evidence;
use crate::distribution::{self, Distribution};
use crate::reading::parameters_in;
use arcosim_core::model::Hazard;
use arcosim_core::model::uncertainty::Uncertainty;
use arcosim_scenario::parameters::Kind;

impl<'a> Evidence<'a> {
    /// Name of a parameter.
    pub fn name(&self, parameter: usize) -> &str {
        &self.model.parameters[parameter].name
    }

    /// Kind of a parameter.
    pub fn kind(&self, parameter: usize) -> Kind {
        self.scenario.parameters[parameter].kind
    }

    /// Whether a parameter is a ratio of hazards, risks or odds.
    pub fn is_ratio(&self, parameter: usize) -> bool {
        matches!(self.kind(parameter), Kind::Hr | Kind::Rr | Kind::Or)
    }

    /// Indices of all parameters of a kind.
    pub fn of_kind(&self, kind: Kind) -> Vec<usize> {
        (0..self.base.len()).filter(|&p| self.kind(p) == kind).collect()
    }

    /// Base values, with `value` applied to every parameter of these kinds.
    pub fn with_kinds(&self, kinds: &[Kind], value: impl Fn(f64) -> f64) -> Vec<f64> {
        let values = self.base.iter().enumerate();
        values.map(|(p, &x)| if kinds.contains(&self.kind(p)) { value(x) } else { x }).collect()
    }

    /// Distributions of the uncertain parameters, or the reason for skipping the check if no parameter is uncertain.
    pub fn distributions(&self) -> Result<&'a Uncertainty, String> {
        let uncertainty = &self.scenario.uncertainty;
        match uncertainty.varying().is_empty() {
            true => Err("no parameter has a distribution".into()),
            false => Ok(uncertainty),
        }
    }

    /// Distribution of a parameter; `None` if the parameter is fixed.
    pub fn distribution(&self, parameter: usize) -> Option<Distribution> {
        distribution::of(&self.scenario.uncertainty, parameter)
    }

    /// The cost outcome: the cost of the decision or, without a decision, the only outcome with parameters of kind
    /// cost.
    pub fn cost(&self) -> Option<usize> {
        let decided = self.scenario.decision.as_ref().map(|d| d.cost);
        decided.or_else(|| self.only_outcome_reading(&[Kind::Cost]))
    }

    /// The QALY outcome: the only outcome with utilities or disutilities.
    pub fn qaly(&self) -> Option<usize> {
        self.only_outcome_reading(&[Kind::Utility, Kind::Disutility])
    }

    /// The effect outcome: the effect of the decision or, without a decision, the QALY outcome.
    pub fn effect(&self) -> Option<usize> {
        let decided = self.scenario.decision.as_ref().map(|d| d.effect);
        decided.or_else(|| self.qaly())
    }

    fn only_outcome_reading(&self, kinds: &[Kind]) -> Option<usize> {
        let mut all = (0..self.model.outcomes.len()).filter(|&o| self.outcome_reads(o, kinds));
        let first = all.next();
        first.filter(|_| all.next().is_none())
    }

    /// Whether any reward of an outcome uses a parameter of these kinds.
    pub fn outcome_reads(&self, outcome: usize, kinds: &[Kind]) -> bool {
        let own = self.model.rewards.iter().filter(|r| r.outcome(self.model) == outcome);
        let read = own.flat_map(|r| parameters_in(&r.amount, None));
        read.into_iter().any(|p| kinds.contains(&self.kind(p)))
    }

    /// Whether a state is a death state.
    pub fn is_dead(&self, state: usize) -> bool {
        self.scenario.verify.dead.contains(&state)
    }

    /// Whether a state is certainly a death state. If the scenario does not list the death states, every absorbing
    /// state is treated as one, which is certain only if no rewards accrue per year in the state, or if transitions
    /// lead into it from every living state.
    pub fn is_surely_dead(&self, state: usize) -> bool {
        let model = self.model;
        let accrues = model.rewards.iter().any(|reward| reward.when.in_state(state));
        let leads_here = |s: &usize| {
            let mut exits = model.transitions.iter().filter(|t| t.from.contains(s));
            exits.any(|t| t.branches.iter().any(|b| b.to == Some(state)))
        };
        self.is_dead(state)
            && (self.scenario.verify.dead_is_said || !accrues || self.living().iter().all(leads_here))
    }

    /// Whether a reward accrues in death states only, such as a disutility of bereaved carers, so that it is intended.
    pub fn only_of_the_dead(&self, reward: usize) -> bool {
        let when = &self.model.rewards[reward].when;
        when.accrues() && when.states().iter().all(|&s| self.is_dead(s))
    }

    /// Indices of the living states.
    pub fn living(&self) -> Vec<usize> {
        (0..self.model.states.len()).filter(|&s| !self.is_dead(s)).collect()
    }

    /// Transitions whose branches all lead to death states.
    pub fn only_deadly(&self) -> Vec<usize> {
        let only = |t: &usize| {
            let mut branches = self.model.transitions[*t].branches.iter();
            branches.all(|b| b.to.is_some_and(|to| self.is_dead(to)))
        };
        (0..self.model.transitions.len()).filter(only).collect()
    }

    /// Transitions with at least one branch that leads to a death state.
    pub fn deadly(&self) -> Vec<usize> {
        let leads = |t: &usize| {
            let mut branches = self.model.transitions[*t].branches.iter();
            branches.any(|b| b.to.is_some_and(|to| self.is_dead(to)))
        };
        (0..self.model.transitions.len()).filter(leads).collect()
    }

    /// Whether the model includes deaths from any cause: deaths follow a life table, or occur in more than one living
    /// state.
    pub fn of_any_cause(&self) -> bool {
        let deadly = self.only_deadly();
        let by_table = |t: &usize| matches!(self.model.transitions[*t].hazard, Hazard::LifeTable { .. });
        let dies = |s: &usize| deadly.iter().any(|&t| self.model.transitions[t].from.contains(s));
        deadly.iter().any(by_table) || self.living().iter().filter(|s| dies(s)).count() > 1
    }
}
