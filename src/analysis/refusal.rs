//! Why a question has no answer.

/// Why an analysis gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The question or the scenario does not allow one; the text says why, and what to change.
    Question(String),
    /// A file that the question needs cannot be read; the text says which, and why.
    File(String),
    /// It was stopped from outside.
    Stopped,
}

impl Refusal {
    /// A question that cannot be answered as it was asked.
    pub fn question(why: impl Into<String>) -> Refusal {
        Refusal::Question(why.into())
    }

    /// A scenario that cannot be run at its base values.
    pub fn cannot_run(scenario: &str, why: &str) -> Refusal {
        Refusal::Question(format!("scenario `{scenario}` cannot be run: {why}"))
    }
}
