//! Monte Carlo standard errors of the microsimulation, for shares of patients and means over patients.

use crate::landmarks::LEVEL;
use arcosim_core::engine::Total;
use arcosim_core::math::{normal, sqrt};

/// Standard error of a share of `patients`, which is binomial because each patient either counts or does not.
pub fn share_error(share: f64, patients: f64) -> f64 {
    sqrt((share * (1.0 - share)).max(0.0) / patients)
}

/// Monte Carlo error of a mean over simulated patients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// Standard error; `None` if the spread between patients is unknown.
    pub se: Option<f64>,
    /// 95 % confidence limits of the mean.
    pub limits: Option<(f64, f64)>,
}

/// Monte Carlo error of a mean over this number of patients, with limits from the normal distribution.
pub fn sampled(total: &Total, patients: f64) -> Sampled {
    let se = total.sd.map(|sd| sd / sqrt(patients));
    let reach = normal::quantile(0.5 + LEVEL / 2.0);
    Sampled { se, limits: se.map(|se| (total.mean - reach * se, total.mean + reach * se)) }
}
