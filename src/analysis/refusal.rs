//! Reasons for which an analysis gives no result.

/// The reason why an analysis gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The question or the scenario does not allow a result; the text gives the reason and the remedy.
    Question(String),
    /// A required file cannot be read; the text names the file and gives the reason.
    File(String),
    /// The analysis was interrupted.
    Stopped,
}

impl Refusal {
    /// Builds a [`Refusal::Question`].
    pub fn question(why: impl Into<String>) -> Refusal {
        Refusal::Question(why.into())
    }

    /// The refusal for a scenario that cannot be run at its base values.
    pub fn cannot_run(scenario: &str, why: &str) -> Refusal {
        Refusal::Question(format!("scenario `{scenario}` cannot be run: {why}"))
    }
}
