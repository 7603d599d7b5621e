//! Converts positions within an expression to diagnostics that point into the file.

use super::Place;
use super::lexer::Local;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::read::source::Span;

/// Maximum number of syntax errors per expression, because further errors are only consequences of the first ones.
const MOST_SYNTAX_ERRORS: usize = 5;

/// Collects the messages about one expression.
pub(super) struct Report<'r> {
    /// Text of the expression.
    pub(super) text: &'r str,
    place: &'r Place,
    out: &'r mut Diagnostics,
    /// Where the named formula with this text is used; `None` for the expression itself.
    used_at: Option<Span>,
    syntax_errors: usize,
    errors: usize,
}

impl<'r> Report<'r> {
    pub(super) fn new(text: &'r str, place: &'r Place, out: &'r mut Diagnostics) -> Self {
        Self { text, place, out, used_at: None, syntax_errors: 0, errors: 0 }
    }

    /// A report about the named formula `text`, which the expression of this report uses at `at`.
    pub(super) fn of_named<'n>(&'n mut self, text: &'n str, place: &'n Place, at: Local) -> Report<'n> {
        let used_at = Some(self.used_at.unwrap_or(self.span(at)));
        Report { text, place, out: self.out, used_at, syntax_errors: 0, errors: 0 }
    }

    /// Counts an error that has been reported for another expression.
    pub(super) fn reported_elsewhere(&mut self) {
        self.errors += 1;
    }

    /// Position in the file; the whole expression if TOML escapes make inner positions inexact.
    pub(super) fn span(&self, at: Local) -> Span {
        let whole = self.place.span;
        if self.place.escaped {
            return whole;
        }
        // A message about the end of the text underlines the last character instead of the quotation mark after it.
        let last = self.text.char_indices().next_back().map_or(0, |(i, _)| i);
        let start = at.start.min(last);
        let end = at.end.min(self.text.len()).max(start + usize::from(at.end > start));
        Span { file: whole.file, start: whole.start + start, end: whole.start + end }
    }

    /// Text at a position.
    pub(super) fn slice(&self, at: Local) -> &'r str {
        self.text.get(at.start..at.end).unwrap_or("").trim()
    }

    /// Adds an error or a warning about this expression.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        self.out.push(match self.used_at {
            Some(place) => diagnostic.also(place, "used here"),
            None => diagnostic,
        });
    }

    /// Whether this expression has an error.
    pub(super) fn failed(&self) -> bool {
        self.errors > 0
    }

    /// Adds a syntax error.
    pub(super) fn syntax(
        &mut self,
        code: &'static str,
        title: impl Into<String>,
        at: Local,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors += 1;
        self.syntax_errors += 1;
        if self.syntax_errors <= MOST_SYNTAX_ERRORS {
            self.out.push(Diagnostic::error(code, title).at(self.span(at), label).help(help));
        }
    }
}
