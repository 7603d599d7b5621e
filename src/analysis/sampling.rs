//! Monte Carlo errors of what the microsimulation reports: of shares of patients, and of means over them.

use crate::landmarks::LEVEL;
use arcosim_core::engine::Total;
use arcosim_core::math::{normal, sqrt};

/// Standard error of a share of `patients`: each is counted or not, so their number is binomial.
pub fn share_error(share: f64, patients: f64) -> f64 {
    sqrt((share * (1.0 - share)).max(0.0) / patients)
}

/// The Monte Carlo error of a mean over simulated patients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// Standard error; none where the spread is not known.
    pub se: Option<f64>,
    /// 95 % limits.
    pub limits: Option<(f64, f64)>,
}

/// The Monte Carlo error of a mean over so many patients, with normal limits.
pub fn sampled(total: &Total, patients: f64) -> Sampled {
    let se = total.sd.map(|sd| sd / sqrt(patients));
    let reach = normal::quantile(0.5 + LEVEL / 2.0);
    Sampled { se, limits: se.map(|se| (total.mean - reach * se, total.mean + reach * se)) }
}
