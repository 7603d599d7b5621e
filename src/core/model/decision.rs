//! Decision problem: the outcome that is paid, the outcome that is gained, and the willingness to pay for a unit of it.

/// The decision that a scenario is made for.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Index of the outcome that is paid.
    pub cost: usize,
    /// Index of the outcome that is gained.
    pub effect: usize,
    /// What a unit of effect may cost, at least one; reports lead with the first.
    pub thresholds: Vec<Threshold>,
    /// For how many people is decided, if that is known.
    pub beneficiaries: Option<Beneficiaries>,
}

/// What a unit of effect may cost, in the unit of the cost, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Money per unit of effect, above 0.
    pub value: f64,
    /// Since when it holds, as written.
    pub date: String,
    /// Who set it.
    pub source: String,
    /// Remark.
    pub note: String,
}

/// The people whom a decision concerns: new ones every year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beneficiaries {
    /// New patients a year.
    pub per_year: f64,
    /// For how many years the decision holds.
    pub years: f64,
    /// Discount rate per year.
    pub discount: f64,
}

impl Decision {
    /// The threshold with which reports lead.
    pub fn threshold(&self) -> f64 {
        self.thresholds[0].value
    }
}
