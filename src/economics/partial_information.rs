//! What it is worth to know some of the parameters: the expected value of partial perfect information (EVPPI).
//!
//! M. Strong, J. E. Oakley and A. Brennan, Medical Decision Making 34 (2014) 311–326: the net benefit that a
//! strategy is expected to have once the parameters are known is a regression of its net benefit on them over the
//! draws of the PSA; no model is run again.

use rayon::prelude::*;

use super::expected_loss::evpi;
use super::margin::Margin;
use super::samples::{BadInput, check_table};
use super::smoother::{Estimate, Smoother, one};
use super::surface::surface;

/// Parameters to be known together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Shown with the result.
    pub name: String,
    /// Indices of the parameters in the inputs, at least one. Saying one twice changes nothing.
    pub parameters: Vec<usize>,
}

impl Group {
    /// A group under a name.
    pub fn new(name: impl Into<String>, parameters: impl Into<Vec<usize>>) -> Group {
        Group {
            name: name.into(),
            parameters: parameters.into(),
        }
    }
}

/// EVPPI of one group, money per person.
#[derive(Debug, Clone, PartialEq)]
pub struct Evppi {
    /// The group's.
    pub name: String,
    /// The estimate, within zero and the EVPI of the same draws. Fitted noise makes it too high rather than too low:
    /// of a parameter that does not matter it is above zero by about its standard error when two strategies are
    /// close on average, and zero when they are not.
    pub value: f64,
    /// Standard error by a delete-a-block jackknife at the smoothness of the whole sample. `None` for fewer than
    /// twenty draws. It does not know what the smoother cannot follow, and is too large for Latin hypercube and
    /// Sobol draws.
    pub se: Option<f64>,
    /// The regression gave more than the EVPI of the same draws, which cannot be; the EVPI is given.
    pub above_evpi: bool,
    /// How the expectation was estimated; [`Smoother::Nothing`] if no parameter of the group varies.
    pub smoother: Smoother,
    /// Effective degrees of freedom of the fit, the largest among the strategies.
    pub edf: f64,
}

/// EVPPI of every group, in their order. `inputs` are `[parameter][draw]`, `net_benefit` is `[strategy][draw]` at one
/// threshold. The same bits with any number of threads.
///
/// Each strategy's net benefit less that of the best strategy is fitted by itself; see [`Smoother`] for how.
pub fn evppi(
    inputs: &[Vec<f64>],
    net_benefit: &[Vec<f64>],
    groups: &[Group],
) -> Result<Vec<Evppi>, BadInput> {
    let draws = check_table(net_benefit)?;
    for group in groups {
        if group.parameters.is_empty() {
            return Err(BadInput::Lengths);
        }
        if let Some(&index) = group.parameters.iter().find(|&&p| p >= inputs.len()) {
            return Err(BadInput::Index(index));
        }
    }
    if !inputs.is_empty() && check_table(inputs)? != draws {
        return Err(BadInput::Lengths);
    }
    let perfect = evpi(net_benefit)?;
    let responses = responses(net_benefit, perfect.best);
    let mut used = vec![false; inputs.len()];
    groups.iter().flat_map(|g| &g.parameters).for_each(|&p| used[p] = true);
    let margins: Vec<Option<Margin>> = (inputs.par_iter().zip(&used))
        .map(|(values, used)| used.then(|| Margin::new(values)).flatten())
        .collect();
    Ok((groups.par_iter())
        .map(|group| {
            let mut parameters = group.parameters.clone();
            parameters.sort_unstable();
            parameters.dedup();
            let varying: Vec<&Margin> = parameters.iter().filter_map(|&p| margins[p].as_ref()).collect();
            let estimate = match varying[..] {
                _ if responses.is_empty() => Estimate::NOTHING,
                [] => Estimate::NOTHING,
                [margin] => one(margin, &responses),
                _ => surface(&varying, &responses),
            };
            Evppi {
                name: group.name.clone(),
                value: estimate.value.min(perfect.value).max(0.0),
                se: estimate.se,
                above_evpi: estimate.value > perfect.value * (1.0 + 1e-9),
                smoother: estimate.smoother,
                edf: estimate.edf,
            }
        })
        .collect())
}

/// Net benefits less those of the best strategy, which leaves the noise that strategies share out of the fit.
/// Strategies that never differ from it are left out.
fn responses(net_benefit: &[Vec<f64>], best: usize) -> Vec<Vec<f64>> {
    let less = |values: &Vec<f64>| -> Vec<f64> {
        values.iter().zip(&net_benefit[best]).map(|(value, best)| value - best).collect()
    };
    (net_benefit.iter().enumerate())
        .filter(|(s, _)| *s != best)
        .map(|(_, values)| less(values))
        .filter(|differences| differences.iter().any(|d| *d != 0.0))
        .collect()
}
