//! Looks up the decision, a strategy or a parameter of a scenario by name, with a helpful error if it is missing.

use crate::Refusal;
use arcosim_core::model::{Decision, Model};
use arcosim_scenario::Scenario;
use arcosim_scenario::diagnostic::did_you_mean;

/// Decision of a scenario; an error if the scenario has none, because net benefit is then undefined.
pub fn decision(scenario: &Scenario) -> Result<&Decision, Refusal> {
    scenario.decision.as_ref().ok_or_else(|| {
        Refusal::Question(format!(
            "scenario `{}` has no [decision]: net benefit needs the outcome that is the cost, the outcome that is the \
            effect, and the willingness to pay for a unit of effect.\nAdd for example\n\n  [decision]\n  cost       = \"cost\"\n  effect     = \"qaly\"\n  \
            thresholds = [{{ value = 25_000, date = \"2026-04\", source = \"...\" }}]\n\n\
            where `cost` and `effect` name outcomes of the scenario",
            scenario.name
        ))
    })
}

/// Index of the strategy with this name; an error if the name is unknown.
pub fn strategy(model: &Model, name: &str) -> Result<usize, Refusal> {
    let names = || model.strategies.iter().map(|s| s.name.as_str());
    names().position(|own| own == name).ok_or_else(|| {
        let hint = did_you_mean(name, names());
        Refusal::Question(format!("the scenario has no strategy `{name}`{hint}"))
    })
}

/// Index of the strategy with this name; an error if the name is unknown or is the reference.
pub fn compared_strategy(model: &Model, name: &str) -> Result<usize, Refusal> {
    match strategy(model, name)? {
        s if s == model.reference() => Err(Refusal::Question(format!(
            "`{name}` is the reference, and has no increment against itself; name another strategy"
        ))),
        s => Ok(s),
    }
}

/// Index of the parameter with this name; an error if the name is unknown.
pub fn parameter(scenario: &Scenario, name: &str) -> Result<usize, Refusal> {
    let names = || scenario.parameters.iter().map(|row| row.name.as_str());
    names().position(|own| own == name).ok_or_else(|| {
        let hint = did_you_mean(name, names());
        Refusal::Question(format!("the scenario has no parameter `{name}`{hint}"))
    })
}
