//! Errors of analyses: the reasons why an analysis has no result.

/// Reason why an analysis has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The settings or the scenario do not allow a result; the text contains the reason and the remedy.
    Question(String),
    /// A required file cannot be read; the text contains the name of the file and the reason.
    File(String),
    /// The analysis was interrupted.
    Stopped,
}

impl Refusal {
    /// Builds a [`Refusal::Question`].
    pub fn question(why: impl Into<String>) -> Refusal {
        Refusal::Question(why.into())
    }

    /// Error for a scenario that cannot be run at its base values.
    pub fn cannot_run(scenario: &str, why: &str) -> Refusal {
        Refusal::Question(format!("scenario `{scenario}` cannot be run: {why}"))
    }
}
