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

/// A result that several checks share. Each check declares those that it reads, so that nothing is made which no
/// selected check needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Everything that the exact engine counts at the base values.
    Counts,
    /// Simulated patients.
    Sample,
    /// The model in many draws of its parameters.
    Draws,
    /// Acceptability and value of information, from the draws.
    Answers,
    /// EVPPI of each parameter that varies.
    Information,
    /// The totals with one parameter after another moved by 1 %.
    Nudged,
    /// The totals with one parameter after another at both ends of its range.
    Ends,
}

/// Expected totals `[strategy][outcome]` per patient over the time horizon.
pub type Totals = Vec<Vec<f64>>;

/// The totals with one parameter slightly higher, or slightly lower where higher is impossible.
pub struct Nudged {
    /// Index of the parameter.
    pub parameter: usize,
    /// Its value.
    pub to: f64,
    /// Whether that is higher than base.
    pub up: bool,
    /// The totals there.
    pub totals: Totals,
}

/// The totals with one parameter at the low and at the high end of its range.
pub struct Ends {
    /// Index of the parameter.
    pub parameter: usize,
    /// The totals there; `None` where the model cannot be run.
    pub totals: [Option<Totals>; 2],
}

/// Why there are no draws.
pub enum NoDraws {
    /// No parameter has a distribution.
    NothingVaries,
    /// A draw could not be run.
    Ended(Ended),
}

/// A scenario and what checks look at.
pub struct Evidence<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its model.
    pub model: &'a Model,
    /// Base values of all parameters.
    pub base: Vec<f64>,
    /// Places of the model where events and amounts are counted.
    pub paths: &'a Paths,
    /// How continuous attributes are integrated in every run of a check.
    pub integration: Integration,
    /// Whether this is a quick look: fewer patients and draws.
    pub quick: bool,
    /// Seed of patients and draws: that of the scenario.
    pub seed: u64,
    pub(crate) results: Results,
    stop: &'a AtomicBool,
}

/// The shared results; `None` for those that no selected check needs.
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

/// Gauss nodes on each continuous attribute. Few are enough, because identities hold whatever their number.
const NODES: usize = 6;
/// The same for a quick look.
const FEW_NODES: usize = 2;

impl<'a> Evidence<'a> {
    /// A scenario without any shared results.
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

    /// Whether the user wants the checks to end; their verdicts are then discarded.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The flag that is set when the user wants the checks to end.
    pub fn stop(&self) -> &'a AtomicBool {
        self.stop
    }

    /// Everything that the exact engine counts at the base values.
    pub fn counts(&self) -> &Counts {
        made(&self.results.counts, Need::Counts)
    }

    /// Simulated patients whose ages are drawn from the nodes of the exact engine, so that the two differ by chance only.
    pub fn sample(&self) -> &Simulated {
        made(&self.results.sample, Need::Sample)
    }

    /// The model in many draws; otherwise why there are none, as a reason to skip a check.
    pub fn draws(&self) -> Result<&Psa, String> {
        self.attempted_draws().map_err(|why| match why {
            NoDraws::NothingVaries => "no parameter has a distribution".into(),
            NoDraws::Ended(_) => "the draws cannot be run, which U06 reports".into(),
        })
    }

    /// The model in many draws; otherwise what ended them.
    pub fn attempted_draws(&self) -> Result<&Psa, &NoDraws> {
        made(&self.results.draws, Need::Draws).as_ref()
    }

    /// The draws and what they say about the decision; otherwise why there is nothing, as a reason to skip a check.
    pub fn answers(&self) -> Result<(&Psa, &Answers), String> {
        let answers = made(&self.results.answers, Need::Answers).as_ref().map_err(String::clone)?;
        Ok((self.draws()?, answers))
    }

    /// EVPPI of each parameter that varies, at the leading threshold, in the order of
    /// [`Uncertainty::varying`](arcosim_core::model::uncertainty::Uncertainty::varying); otherwise why there is none.
    pub fn information(&self) -> Result<&[Evppi], &str> {
        made(&self.results.information, Need::Information).as_deref().map_err(String::as_str)
    }

    /// Every parameter that the model reads, moved by 1 % alone.
    pub fn nudged(&self) -> &[Nudged] {
        made(&self.results.nudged, Need::Nudged).as_slice()
    }

    /// Every parameter that the model reads at both ends of its range; where it has none, at the 2.5th and 97.5th
    /// percentile of its distribution.
    pub fn ends(&self) -> &[Ends] {
        made(&self.results.ends, Need::Ends).as_slice()
    }
}

/// A result that was made because a check declares that it needs it.
fn made<T>(result: &Option<T>, need: Need) -> &T {
    result.as_ref().unwrap_or_else(|| panic!("a check reads {need:?} and does not declare it in its needs"))
}
