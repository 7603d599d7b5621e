//! What a check is, and what can come of one.

use crate::evidence::{Evidence, Need};

/// A check that runs on any scenario. What it looks for is told without the source: `verify --explain` prints it.
#[derive(Debug)]
pub struct Check {
    /// Stable id: a letter for its group, and a number. Never given to another check.
    pub id: &'static str,
    /// What holds if all is well, in one line.
    pub title: &'static str,
    /// What is done, and why a model that fails is wrong.
    pub why: &'static str,
    /// Where to look if it fails.
    pub hint: &'static str,
    /// The published checklists that ask for it.
    pub basis: &'static str,
    /// Whether it is cheap enough for a quick look.
    pub quick: bool,
    /// The shared results that it reads.
    pub needs: &'static [Need],
    /// Does it.
    pub run: fn(&Evidence) -> Verdict,
}

/// Groups of checks, by the first letter of their ids.
pub const GROUPS: [(char, &str); 6] = [
    ('S', "Inputs, without a run"),
    ('F', "Flow of patients"),
    ('R', "Costs and effects"),
    ('U', "Uncertainty"),
    ('M', "Monte Carlo"),
    ('D', "Plausibility"),
];

impl Check {
    /// What the group of the check is about.
    pub fn group(&self) -> &'static str {
        let own = GROUPS.iter().find(|(letter, _)| self.id.starts_with(*letter));
        own.map_or("", |(_, words)| words)
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Why it does not apply to this scenario; then there is nothing else.
    pub skipped: Option<String>,
    /// What was expected, in words.
    pub expected: String,
    /// What came out, in words.
    pub observed: String,
    /// How far off it may be, in words; empty where there is no question of it.
    pub tolerance: String,
    /// Everything that is wrong or doubtful, the gravest first.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong or doubtful.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What it is about: the name of a strategy, state, parameter and so on, by which it can be waived.
    pub subject: String,
    /// Whether it is an error, or something to look at.
    pub severity: Severity,
    /// What is wrong, with the numbers.
    pub text: String,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be looked at; may be right.
    Warn,
    /// Wrong.
    Fail,
}

impl Verdict {
    /// The check does not apply; `reason` says why, as a sentence without a full stop.
    pub fn skip(reason: impl Into<String>) -> Verdict {
        Verdict {
            skipped: Some(reason.into()),
            expected: String::new(),
            observed: String::new(),
            tolerance: String::new(),
            findings: Vec::new(),
        }
    }

    /// The gravest of its findings.
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).max()
    }
}
