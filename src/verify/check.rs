//! Checks, their verdicts and their findings.

use crate::evidence::{Evidence, Need};

/// A check that runs on any scenario. Its texts are printed by `verify --explain`.
#[derive(Debug)]
pub struct Check {
    /// Stable id: the letter of its group and a number. Ids are never reused.
    pub id: &'static str,
    /// Property of a correct model, in one line.
    pub title: &'static str,
    /// Explanation of the check, and of why a failure indicates an error in the model.
    pub why: &'static str,
    /// Likely causes of a failure, and how to correct them.
    pub hint: &'static str,
    /// Published checklists that require the check.
    pub basis: &'static str,
    /// Whether the check is fast enough for quick verification.
    pub quick: bool,
    /// Shared results that the check needs.
    pub needs: &'static [Need],
    /// Runs the check.
    pub run: fn(&Evidence) -> Verdict,
}

/// Groups of checks, by the first letter of the id.
pub const GROUPS: [(char, &str); 6] = [
    ('S', "Model inputs"),
    ('F', "Flow of patients"),
    ('R', "Costs and effects"),
    ('U', "Uncertainty"),
    ('M', "Monte Carlo"),
    ('D', "Plausibility"),
];

impl Check {
    /// Title of the group of the check.
    pub fn group(&self) -> &'static str {
        let own = GROUPS.iter().find(|(letter, _)| self.id.starts_with(*letter));
        own.map_or("", |(_, words)| words)
    }
}

/// Result of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Reason why the check does not apply to this scenario; all other fields are then empty.
    pub skipped: Option<String>,
    /// Expected result, in words.
    pub expected: String,
    /// Observed result, in words.
    pub observed: String,
    /// Tolerance, in words; empty for checks without one.
    pub tolerance: String,
    /// All findings, the most severe first.
    pub findings: Vec<Finding>,
}

/// One error or warning.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Name of the strategy, state or parameter concerned, by which the finding can be waived.
    pub subject: String,
    /// Whether the finding is an error or a warning.
    pub severity: Severity,
    /// Description of the problem, with its numbers.
    pub text: String,
}

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be reviewed; may be correct.
    Warn,
    /// An error.
    Fail,
}

impl Verdict {
    /// The check does not apply; `reason` is a sentence without a full stop.
    pub fn skip(reason: impl Into<String>) -> Verdict {
        Verdict {
            skipped: Some(reason.into()),
            expected: String::new(),
            observed: String::new(),
            tolerance: String::new(),
            findings: Vec::new(),
        }
    }

    /// Highest severity of all findings.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).max()
    }
}
