//! Precision on request: conditions on Monte Carlo standard errors, for which patients are added to a simulation.

use std::fmt;

use crate::Refusal;
use arcosim_core::engine::StrategyTotals;
use arcosim_core::engine::microsim::{BLOCK, Settings, Simulated, Simulation, Watch};
use arcosim_core::math::sqrt;
use arcosim_core::model::{Decision, Model, Tables};
use arcosim_core::words::either;
use arcosim_scenario::diagnostic::did_you_mean;

/// Name of the net monetary benefit in a condition.
const NET_BENEFIT: &str = "nmb";

/// A condition on a standard error, such as `se(nmb) < 100`.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Number whose standard error is limited.
    of: Limited,
    /// Name of this number in the condition.
    name: String,
    /// Limit, in the unit of the number.
    below: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Limited {
    /// Incremental net monetary benefit at the first threshold of the decision: cost, effect and threshold.
    NetBenefit(usize, usize, f64),
    /// Increment of this outcome; its mean if there is only one strategy.
    Outcome(usize),
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "se({}) < {}", self.name, self.below)
    }
}

impl Precision {
    /// Reads a condition: `se(NAME) < NUMBER`, where NAME is `nmb` or an outcome of the model.
    pub fn read(text: &str, model: &Model, decision: Option<&Decision>) -> Result<Precision, Refusal> {
        let (name, limit) = parts(text).ok_or_else(|| {
            Refusal::question(format!(
                "--until \"{text}\" cannot be read: write a standard error and its limit, for example --until \"se({}) < 100\"",
                if decision.is_some() { NET_BENEFIT } else { model.outcomes.first().map_or("cost", |o| &o.name) }
            ))
        })?;
        let below = limit.replace('_', "").parse::<f64>().ok().filter(|x| x.is_finite() && *x > 0.0);
        let below = below.ok_or_else(|| {
            Refusal::question(format!("--until \"{text}\": `{limit}` is not a number above 0; write the largest standard error that is acceptable"))
        })?;
        let of = match (model.outcomes.iter().position(|outcome| outcome.name == name), decision) {
            (Some(outcome), _) => Limited::Outcome(outcome),
            (None, Some(decision)) if name == NET_BENEFIT => {
                if model.strategies.len() < 2 {
                    return Err(Refusal::question(format!(
                        "--until \"{text}\": `{NET_BENEFIT}` is the net benefit of a strategy minus that of the reference, but the scenario has only one strategy; name an outcome instead"
                    )));
                }
                Limited::NetBenefit(decision.cost, decision.effect, decision.thresholds[0].value)
            }
            (None, None) if name == NET_BENEFIT => {
                return Err(Refusal::question(format!(
                    "--until \"{text}\": net benefit needs a [decision] with a threshold, which the scenario does not have; name an outcome instead"
                )));
            }
            _ => {
                let names = decision.map(|_| NET_BENEFIT).into_iter();
                let names = names.chain(model.outcomes.iter().map(|outcome| outcome.name.as_str()));
                let names: Vec<&str> = names.collect();
                let hint = did_you_mean(name, names.iter().copied());
                let hint = match (names.is_empty(), hint.is_empty()) {
                    (true, _) => ", and no other one".to_string(),
                    (_, true) => format!("; write {}", either(&names)),
                    (_, false) => hint,
                };
                return Err(Refusal::question(format!(
                    "--until \"{text}\": the scenario has no outcome `{name}`{hint}"
                )));
            }
        };
        Ok(Precision { of, name: name.to_string(), below })
    }

    /// The largest standard error of any strategy that is on offer; bounds are not.
    pub fn standard_error(&self, model: &Model, totals: &[StrategyTotals], patients: u64) -> f64 {
        let of = |own: &StrategyTotals| match self.of {
            Limited::NetBenefit(cost, effect, threshold) => own.sd_of_net_benefit(cost, effect, threshold),
            Limited::Outcome(outcome) if totals.len() > 1 => own.increments[outcome].sd,
            Limited::Outcome(outcome) => own.outcomes[outcome].sd,
        };
        let on_offer = totals.iter().zip(&model.strategies).filter(|(_, strategy)| !strategy.bound);
        let sd = on_offer.map(|(own, _)| of(own).unwrap_or(f64::INFINITY)).fold(0.0, f64::max);
        sd / sqrt(patients as f64)
    }

    /// What is limited, in words.
    pub fn meaning(&self, model: &Model) -> String {
        match self.of {
            Limited::NetBenefit(..) => {
                "incremental net monetary benefit versus the reference at the first threshold, for every strategy on offer".into()
            }
            Limited::Outcome(o) if model.strategies.len() > 1 => {
                format!("increment of {} versus the reference, for every strategy on offer", model.outcomes[o].label)
            }
            Limited::Outcome(o) => format!("mean of {}", model.outcomes[o].label),
        }
    }

    /// Whether this standard error is small enough.
    pub fn holds(&self, error: f64) -> bool {
        error < self.below
    }
}

/// Name and limit in `se(name) < limit`.
fn parts(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim().strip_prefix("se")?.trim_start().strip_prefix('(')?;
    let (name, rest) = inner.split_once(')')?;
    let limit = rest.trim_start().strip_prefix('<')?;
    Some((name.trim(), limit.trim()))
}

/// Largest number of patients, unless the user gives another.
pub const MOST: u64 = 100_000_000;

/// Patients simulated before the precision is looked at for the first time.
const FIRST: u64 = 16 * BLOCK;

/// Patients are at most multiplied by this number from one look to the next.
const MOST_TIMES: f64 = 8.0;

/// Simulates patients until all conditions hold or there are `settings.patients`; `None` if the run was stopped. The result is that of
/// a run with the number of patients reached.
pub fn simulate(
    tables: &Tables,
    settings: &Settings,
    until: &[Precision],
    watch: &Watch,
) -> Option<Simulated> {
    let mut simulation = Simulation::new(tables, settings);
    let mut patients = if until.is_empty() { settings.patients } else { FIRST.min(settings.patients) };
    loop {
        if let Some(expect) = watch.expect {
            expect(patients);
        }
        simulation.extend(patients, watch)?;
        if patients == settings.patients {
            break;
        }
        let totals = simulation.totals().strategies;
        let excess = |own: &Precision| own.standard_error(tables.model, &totals, patients) / own.below;
        let most = until.iter().map(excess).fold(0.0, f64::max);
        if most < 1.0 {
            break;
        }
        // A standard error falls with the square root of the number of patients; a little more saves a further look.
        let needed = patients as f64 * (1.02 * most * most).min(MOST_TIMES);
        let blocks = (needed as u64).div_ceil(BLOCK).max(patients / BLOCK + 1);
        patients = (blocks * BLOCK).min(settings.patients);
    }
    Some(simulation.simulated())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_taken_apart() {
        assert_eq!(parts("se(nmb) < 100"), Some(("nmb", "100")));
        assert_eq!(parts(" se ( qaly )<0.01 "), Some(("qaly", "0.01")));
        for wrong in
            ["", "nmb < 100", "se nmb < 100", "se(nmb) <= 100 ".trim_end_matches("= 100 "), "se(nmb) > 100"]
        {
            assert!(parts(wrong).is_none_or(|(_, limit)| limit.is_empty()), "{wrong}");
        }
    }
}
