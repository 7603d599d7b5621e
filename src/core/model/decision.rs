//! Decision problem of a scenario: cost outcome, effect outcome and willingness to pay per unit of effect.

/// Decision problem of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Index of the outcome that measures cost.
    pub cost: usize,
    /// Index of the outcome that measures effect.
    pub effect: usize,
    /// Willingness-to-pay thresholds, at least one; reports use the first for their headline results.
    pub thresholds: Vec<Threshold>,
    /// Number of patients whom the decision concerns; `None` if unknown.
    pub beneficiaries: Option<Beneficiaries>,
}

/// Willingness-to-pay threshold, in the unit of the cost per unit of effect, with its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Money per unit of effect, above 0.
    pub value: f64,
    /// Date from which the threshold applies, as written in the scenario.
    pub date: String,
    /// Organisation or publication that set the threshold.
    pub source: String,
    /// Free-text remark on the threshold.
    pub note: String,
}

/// Patients whom a decision concerns: a number of new patients every year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beneficiaries {
    /// Number of new patients per year.
    pub per_year: f64,
    /// Number of years for which the decision applies.
    pub years: f64,
    /// Discount rate per year, for patients of later years.
    pub discount: f64,
}

impl Decision {
    /// The first willingness-to-pay threshold, which reports use for their headline results.
    pub fn threshold(&self) -> f64 {
        self.thresholds[0].value
    }
}
