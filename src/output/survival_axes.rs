//! Axes and labels that all survival figures share.

use crate::model::{Endpoint, Model};
use crate::scenario::Scenario;

/// Latest year at which survival is printed in the label of each curve.
const LABELLED: f64 = 5.0;

/// Title of the time axis of an endpoint.
pub fn time_title(model: &Model, endpoint: &Endpoint) -> String {
    match endpoint.since {
        Some(group) => format!("Years since entering “{}”", model.groups[group].label),
        None => "Years since the start".into(),
    }
}

/// Title of the axis of the share who are free of an endpoint.
pub fn share_title(scenario: &Scenario, endpoint: &Endpoint) -> String {
    format!("{} (% of {})", endpoint.free_label, scenario.figures.unit)
}

/// Year at which survival is printed in the label of each curve, before the survival at the end: the last landmark of the first years.
pub fn labelled(scenario: &Scenario, landmarks: &[f64]) -> Option<f64> {
    let last = scenario.figures.years.min(LABELLED);
    landmarks.iter().copied().filter(|years| *years <= last).reduce(f64::max)
}

/// Follow-up behind a strategy. It is shown only for endpoints that are measured from the start, because follow-up is measured from the
/// start too.
pub fn evidence_until(model: &Model, strategy: usize, endpoint: &Endpoint) -> Option<f64> {
    model.strategies[strategy].evidence_until.filter(|_| endpoint.since.is_none())
}
