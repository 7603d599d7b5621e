//! Health economics on plain slices: incremental analysis, net benefit, acceptability and value of information. The
//! source of costs and effects does not matter: a base case, the draws of a PSA and a published data set are all
//! passed in as numbers per strategy.
//!
//! Costs are in money, effects in units of health gained (QALYs, life years), and thresholds in money per unit of
//! effect. Net monetary benefit is threshold × effect − cost. Samples are `[strategy][draw]`. Strategies that are
//! theoretical bounds rather than decision options are excluded with [`Samples::only`] or the mask of [`incremental`].
//!
//! Undefined results, such as the ratio of two strategies that do not differ or the standard error of one draw, are
//! `None` or a variant of an enum, never NaN.

mod acceptability;
mod convergence;
mod expected_loss;
mod incremental;
mod jackknife;
mod linear;
mod margin;
mod pairwise;
mod partial_information;
mod samples;
mod smoother;
mod surface;
mod uncertainty;

pub use acceptability::{
    Acceptability, FrontierPoint, PROBABILITY_LABEL, PairwiseAcceptability, acceptability,
    pairwise_acceptability,
};
pub use convergence::{Checkpoint, checkpoints, convergence};
pub use expected_loss::{DecisionPopulation, Evpi, ExpectedLoss, evpi, expected_loss};
pub use incremental::{Incremental, IncrementalRow, Status, Step, SwitchPoint, best, incremental, nhb, nmb};
pub use pairwise::{Comparison, CostEffect, Pairwise, Quadrant, pairwise};
pub use partial_information::{Evppi, ParameterGroup, evppi};
pub use samples::{BadSamples, Samples};
pub use smoother::Smoother;
pub use uncertainty::{Ellipse, Plane, QuadrantShares, Summary, plane, quantile, summary};
