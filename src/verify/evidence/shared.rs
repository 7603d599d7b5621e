//! The scenario under verification, and the results that several checks share.

use std::sync::atomic::{AtomicBool, Ordering};

use arcosim_analysis::evaluation::Integration;
use arcosim_analysis::psa::answers::Answers;
use arcosim_analysis::psa::{Ended, Psa};
use arcosim_core::economics::Evppi;
use arcosim_core::engine::counts::Counts;
use arcosim_core::engine::microsim::Simulated;
use arcosim_core::model::Model;
use arcosim_core::model::paths::Paths;
use arcosim_scenario::Scenario;

/// A result that several checks share. Each check declares the results that it uses, so that only results that a
/// selected check needs are calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// All expected counts of the exact engine at the base values.
    Counts,
    /// Simulated patients.
    Sample,
    /// Runs of the model with random draws of the uncertain parameters.
    Draws,
    /// Acceptability and value of information, calculated from the draws.
    Answers,
    /// EVPPI of each uncertain parameter.
    Information,
    /// Totals after changing each parameter by 1%, one at a time.
    Nudged,
    /// Totals at both ends of the range of each parameter, one at a time.
    Ends,
}

/// Expected totals `[strategy][outcome]` per patient over the time horizon.
pub type Totals = Vec<Vec<f64>>;

/// Totals after increasing one parameter slightly, or after decreasing it if a higher value is impossible.
pub struct Nudged {
    /// Index of the parameter.
    pub parameter: usize,
    /// Changed value of the parameter.
    pub to: f64,
    /// Whether the changed value is higher than the base value.
    pub up: bool,
    /// Totals at the changed value.
    pub totals: Totals,
}

/// Totals at the low and the high end of the range of one parameter.
pub struct Ends {
    /// Index of the parameter.
    pub parameter: usize,
    /// Totals at the low and the high end; `None` at an end at which the model cannot be run.
    pub totals: [Option<Totals>; 2],
}

/// Reason why the probabilistic analysis has no draws.
pub enum NoDraws {
    /// No parameter has a distribution.
    NothingVaries,
    /// A draw could not be run.
    Ended(Ended),
}

/// The scenario under verification, with the results that the checks use.
pub struct Evidence<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Model of the scenario.
    pub model: &'a Model,
    /// Base values of all parameters.
    pub base: Vec<f64>,
    /// Places in the model at which events and amounts are counted.
    pub paths: &'a Paths,
    /// Integration method for continuous attributes in all runs of the checks.
    pub integration: Integration,
    /// Whether this is a quick verification, with fewer patients and draws.
    pub quick: bool,
    /// Seed of the scenario, for simulated patients and for draws.
    pub seed: u64,
    pub(crate) results: Results,
    stop: &'a AtomicBool,
}

/// Shared results; `None` for results that no selected check needs.
#[derive(Default)]
pub(crate) struct Results {
    pub counts: Option<Counts>,
    pub sample: Option<Simulated>,
    pub draws: Option<Result<Psa, NoDraws>>,
    pub answers: Option<Result<Answers, String>>,
    pub information: Option<Result<Vec<Evppi>, String>>,
    pub nudged: Option<Vec<Nudged>>,
    pub ends: Option<Vec<Ends>>,
}

/// Number of Gauss nodes for each continuous attribute. A few nodes are enough, because the identities that are checked
/// are exact for any number of nodes.
const NODES: usize = 6;
/// Number of Gauss nodes in a quick verification.
const FEW_NODES: usize = 2;

impl<'a> Evidence<'a> {
    /// Evidence without any shared results.
    pub(super) fn new(scenario: &'a Scenario, quick: bool, stop: &'a AtomicBool) -> Evidence<'a> {
        let model = &scenario.model;
        Evidence {
            scenario,
            model,
            base: model.base_values(),
            paths: model.paths(),
            integration: Integration::Nodes(if quick { FEW_NODES } else { NODES }),
            quick,
            seed: scenario.run.seed,
            results: Results::default(),
            stop,
        }
    }

    /// Whether the user has stopped the verification; all verdicts are then discarded.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Flag that is set when the user stops the verification.
    pub fn stop(&self) -> &'a AtomicBool {
        self.stop
    }

    /// All expected counts of the exact engine at the base values.
    pub fn counts(&self) -> &Counts {
        made(&self.results.counts, Need::Counts)
    }

    /// Simulated patients whose ages are drawn from the nodes of the exact engine, so that the two engines differ by
    /// chance only.
    pub fn sample(&self) -> &Simulated {
        made(&self.results.sample, Need::Sample)
    }

    /// Runs of the model with random parameter draws, or the reason for skipping the check.
    pub fn draws(&self) -> Result<&Psa, String> {
        self.attempted_draws().map_err(|why| match why {
            NoDraws::NothingVaries => "no parameter has a distribution".into(),
            NoDraws::Ended(_) => "the probabilistic analysis cannot be run (see U06)".into(),
        })
    }

    /// Runs of the model with random parameter draws, or the error that ended the draws.
    pub fn attempted_draws(&self) -> Result<&Psa, &NoDraws> {
        made(&self.results.draws, Need::Draws).as_ref()
    }

    /// Draws with acceptability and value of information, or the reason for skipping the check.
    pub fn answers(&self) -> Result<(&Psa, &Answers), String> {
        let answers = made(&self.results.answers, Need::Answers).as_ref().map_err(String::clone)?;
        Ok((self.draws()?, answers))
    }

    /// EVPPI of each uncertain parameter at the first threshold, in the order of
    /// [`Uncertainty::varying`](arcosim_core::model::uncertainty::Uncertainty::varying), or the reason why it was not
    /// calculated.
    pub fn information(&self) -> Result<&[Evppi], &str> {
        made(&self.results.information, Need::Information).as_deref().map_err(String::as_str)
    }

    /// Totals after changing each parameter that the model uses by 1%, one at a time.
    pub fn nudged(&self) -> &[Nudged] {
        made(&self.results.nudged, Need::Nudged).as_slice()
    }

    /// Totals at both ends of the range of each parameter that the model uses, one at a time. Parameters without a
    /// range are evaluated at the 2.5th and 97.5th percentiles of their distributions.
    pub fn ends(&self) -> &[Ends] {
        made(&self.results.ends, Need::Ends).as_slice()
    }
}

/// A shared result. Panics if the check does not declare the result in its needs.
fn made<T>(result: &Option<T>, need: Need) -> &T {
    result.as_ref().unwrap_or_else(|| panic!("a check reads {need:?} and does not declare it in its needs"))
}
