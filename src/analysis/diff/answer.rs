//! Checks that two scenarios can be compared, and runs the comparison.

use std::time::Instant;

use super::{Difference, difference};
use crate::evaluation::{Evaluator, Integration};
use crate::sensitivity::NODES;
use crate::sensitivity::net_benefit::{acceptable_error, thresholds};
use crate::{Refusal, Session, named};
use arcosim_scenario::Scenario;
use arcosim_scenario::diagnostic::did_you_mean;

/// Settings of a comparison of two scenarios.
#[derive(Clone, Debug)]
pub struct DiffQuestion {
    /// Names of the strategies to compare, which exist in both scenarios. The reference of the first scenario is the
    /// comparator.
    pub strategies: Vec<String>,
    /// Willingness-to-pay thresholds, the leading threshold first.
    pub thresholds: Vec<f64>,
}

impl DiffQuestion {
    /// Selects the strategies that exist in both scenarios (or the chosen strategy) and the thresholds of the first
    /// scenario, with `lead` in front. Returns an error if the scenarios cannot be compared, for example because of
    /// different currencies.
    pub fn new(
        scenarios: [&Scenario; 2],
        strategy: Option<&str>,
        lead: Option<f64>,
    ) -> Result<DiffQuestion, Refusal> {
        Ok(DiffQuestion {
            strategies: strategies(scenarios, strategy)?,
            thresholds: shared_thresholds(scenarios, lead)?,
        })
    }
}

fn shared_thresholds([a, b]: [&Scenario; 2], lead: Option<f64>) -> Result<Vec<f64>, Refusal> {
    let (before, after) = (named::decision(a)?, named::decision(b)?);
    for (what, [own, other]) in
        [("costs", [before.cost, after.cost]), ("effects", [before.effect, after.effect])]
    {
        let (own, other) = (&a.model.outcomes[own].unit, &b.model.outcomes[other].unit);
        if own != other {
            return Err(Refusal::Question(format!(
                "the {what} of `{}` are in {own}, those of `{}` in {other}: a difference between the two units would be meaningless",
                a.name, b.name
            )));
        }
    }
    Ok(thresholds(before, lead))
}

fn strategies([a, b]: [&Scenario; 2], chosen: Option<&str>) -> Result<Vec<String>, Refusal> {
    let reference = &a.model.strategies[a.model.reference()].name;
    let in_b = |name: &str| b.model.strategies.iter().any(|s| s.name == name);
    if !in_b(reference) {
        return Err(Refusal::Question(format!(
            "`{reference}`, the reference of `{}`, is not a strategy of `{}`",
            a.name, b.name
        )));
    }
    let names = a.model.strategies.iter().map(|s| &s.name);
    let common: Vec<String> = names.filter(|name| *name != reference && in_b(name)).cloned().collect();
    match chosen {
        Some(name) if common.iter().any(|own| own == name) => Ok(vec![name.to_string()]),
        Some(name) => {
            let hint = did_you_mean(name, common.iter().map(String::as_str));
            Err(Refusal::Question(format!(
                "`{name}` cannot be compared with the reference `{reference}`: it is not another strategy of both scenarios{hint}"
            )))
        }
        None if common.is_empty() => Err(Refusal::Question(format!(
            "the scenarios have only the reference `{reference}` in common, so there is nothing to compare"
        ))),
        None => Ok(common),
    }
}

/// A finished comparison of two scenarios.
pub struct DiffAnswer<'a> {
    /// The first and the second scenario.
    pub scenarios: [&'a Scenario; 2],
    /// Settings of the comparison.
    pub question: &'a DiffQuestion,
    /// Differences between the scenarios, with the contribution of each change.
    pub found: Difference,
    /// Integration over continuous attributes between the two scenarios.
    pub integration: Integration,
}

/// Compares two scenarios.
pub fn ask<'a>(
    scenarios: [&'a Scenario; 2],
    question: &'a DiffQuestion,
    session: &Session,
) -> Result<DiffAnswer<'a>, Refusal> {
    let [a, b] = scenarios;
    session.afford_exact(&a.model)?;
    session.afford_exact(&b.model)?;
    let began = Instant::now();
    session.observer.say("Running", &format!("{} to {}: contribution of each change, exact", a.name, b.name));
    let few = Integration::Nodes(NODES);
    let integration = match scenarios.iter().all(|scenario| is_enough(few, scenario, question)) {
        true => few,
        false => Integration::RUN,
    };
    let found = difference(scenarios, &question.strategies, integration, session.stop);
    let found = found.ok_or(Refusal::Stopped)?.map_err(Refusal::Question)?;
    session.observer.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    Ok(DiffAnswer { scenarios, question, found, integration })
}

/// Whether the error of few nodes is small in the results of a scenario at its base values.
fn is_enough(few: Integration, scenario: &Scenario, question: &DiffQuestion) -> bool {
    let model = &scenario.model;
    let Some(decision) = &scenario.decision else { return true };
    let strategies: Vec<usize> = (0..model.strategies.len())
        .filter(|&s| question.strategies.contains(&model.strategies[s].name))
        .collect();
    let totals = |integration| Evaluator::new(model, integration).totals(&model.base_values());
    let pair = [&totals(few)[..], &totals(Integration::RUN)[..]];
    acceptable_error(decision, pair, &strategies, model.reference(), question.thresholds[0]).is_some()
}
