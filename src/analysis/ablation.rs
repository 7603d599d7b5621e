//! What each component of a strategy contributes: left out of the strategy, added alone, and its Shapley value, which shares
//! interactions equally among the components that take part in them.

use std::time::Instant;

use rayon::prelude::*;

use crate::evaluation::{Evaluator, Integration};
use crate::sensitivity::{Totals, difference, finite};
use crate::shapley::{Estimate, Method, Subsets, Values};
use crate::{Refusal, Session, named};
use arcosim_scenario::{ComponentSubsets, Scenario};

/// The strategy whose components are left out and added.
#[derive(Clone, Debug)]
pub struct AblationQuestion {
    /// Index of the strategy.
    pub strategy: usize,
    /// Names of its components.
    pub components: Vec<String>,
    /// Their labels.
    pub labels: Vec<String>,
    name: String,
    subsets: Subsets,
}

impl AblationQuestion {
    /// The components of the strategy with this name; an error if the name is unknown or the strategy uses none.
    pub fn new(scenario: &Scenario, name: &str) -> Result<AblationQuestion, Refusal> {
        named::decision(scenario)?;
        let strategy = named::compared_strategy(&scenario.model, name)?;
        let used = &scenario.uses[strategy];
        if used.is_empty() {
            return Err(Refusal::Question(format!(
                "strategy `{name}` uses no components, so there is nothing to leave out.\n\
                 Declare its parts under [components], and list them under `uses` of the strategy"
            )));
        }
        let (components, labels): (Vec<String>, Vec<String>) = used.iter().cloned().unzip();
        let subsets = Subsets::new(components.len()).with_single_players();
        Ok(AblationQuestion { strategy, components, labels, name: name.to_string(), subsets })
    }
}

/// Expected totals of a strategy with every subset of its components that was evaluated.
pub struct Ablation {
    /// The question.
    pub question: AblationQuestion,
    /// How the Shapley values were computed.
    pub method: Method,
    /// Totals by outcome of every subset of the components.
    values: Values<Vec<f64>>,
}

/// What a component contributes to one quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The strategy with all components minus the strategy without this one.
    pub left_out: f64,
    /// The strategy with this component alone minus the strategy with none.
    pub alone: f64,
    /// Shapley value; the values of all components sum to the difference between all and none.
    pub shapley: Estimate,
}

impl Ablation {
    /// The contribution of every component to a quantity that is linear in the totals, such as a cost or a net benefit.
    pub fn contributions(&self, quantity: impl Fn(&[f64]) -> f64) -> Vec<Contribution> {
        let players = self.values.players();
        let shapley = self.values.pick(|totals| quantity(totals)).estimates();
        let value = |set: Vec<bool>| quantity(self.values.of(&set));
        let only = |player: usize, on: bool| (0..players).map(|other| (other == player) == on).collect();
        let [none, all] = self.ends(&quantity);
        let of = |(player, shapley)| Contribution {
            left_out: all - value(only(player, false)),
            alone: value(only(player, true)) - none,
            shapley,
        };
        shapley.into_iter().enumerate().map(of).collect()
    }

    /// The quantity for the strategy with no component and with all of them.
    pub fn ends(&self, quantity: impl Fn(&[f64]) -> f64) -> [f64; 2] {
        [false, true].map(|on| quantity(self.values.of(&vec![on; self.values.players()])))
    }
}

/// Number of subsets that are evaluated together as strategies of one model, which limits the memory that they need.
const TOGETHER: usize = 32;

/// Loads the scenario with one more strategy for each subset of components ([`arcosim_scenario::load_subsets`]).
pub type LoadSubsets<'l> = dyn Fn(&ComponentSubsets) -> Result<Scenario, Refusal> + Sync + 'l;

/// Evaluates every subset of the components, with `integration` for continuous attributes. `base` are the totals of `arcosim run`; the
/// integration error of the strategy at base values is subtracted from all subsets, as in the other analyses.
pub fn ask(
    question: AblationQuestion,
    (base, integration): (&Totals, Integration),
    load: &LoadSubsets,
    session: &Session,
) -> Result<Ablation, Refusal> {
    let began = Instant::now();
    let sets = &question.subsets.sets;
    let evaluate = |sets: &[Vec<bool>]| {
        session.go_on()?;
        let subsets = ComponentSubsets { strategy: &question.name, components: &question.components, sets };
        let expanded = load(&subsets)?;
        let model = &expanded.model;
        let totals = finite(Evaluator::new(model, integration).totals(&model.base_values()));
        let totals = totals.map_err(|why| Refusal::cannot_run(&expanded.name, &why))?;
        let position = |name: &str| model.strategies.iter().position(|one| one.name == name);
        let of = |i: usize| {
            let found = position(&subsets.name(i)).map(|s| totals[s].clone());
            found.ok_or_else(|| Refusal::cannot_run(&expanded.name, "a subset of the components is missing"))
        };
        (0..sets.len()).map(of).collect::<Result<Vec<_>, _>>()
    };
    let values: Vec<Vec<Vec<f64>>> = sets.par_chunks(TOGETHER).map(evaluate).collect::<Result<_, _>>()?;
    let mut values = values.concat();
    let whole = sets.iter().position(|set| set.iter().all(|on| *on)).map(|i| values[i].clone());
    let error =
        difference(&base[question.strategy..=question.strategy].to_vec(), &whole.into_iter().collect());
    for totals in &mut values {
        totals.iter_mut().zip(error.iter().flatten()).for_each(|(own, error)| *own += error);
    }
    let (count, seconds) = (sets.len(), began.elapsed().as_secs_f64());
    let (method, values) = question.subsets.clone().with_values(values);
    session.observer.say("Finished", &format!("{count} subsets of the components in {seconds:.2} s"));
    Ok(Ablation { question, method, values })
}
