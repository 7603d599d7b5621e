//! Collects the comparisons of one check into a verdict.

use arcosim_core::words::{listed, without_trailing_zeros};
use std::collections::HashSet;

use crate::check::{Finding, Severity, Verdict};
use arcosim_core::model::Model;

/// Comparisons of one check. A check without any comparison is reported as skipped, never as passed.
pub struct Comparisons {
    expected: String,
    tolerance: f64,
    compared: usize,
    /// The largest relative deviation.
    worst: Option<f64>,
    findings: Vec<Finding>,
    note: String,
}

/// Relative tolerance of exact identities, which differ by rounding only.
pub const EXACT: f64 = 1e-9;

impl Comparisons {
    /// `expected` describes the expected result. `tolerance` is relative to the size of the compared numbers (0 for
    /// yes-or-no comparisons).
    pub fn new(expected: impl Into<String>, tolerance: f64) -> Comparisons {
        Comparisons {
            expected: expected.into(),
            tolerance,
            compared: 0,
            worst: None,
            findings: Vec::new(),
            note: String::new(),
        }
    }

    /// Adds an error unless two numbers are equal relative to `scale`, the size of the numbers from which they were
    /// calculated. Without `scale`, the rounding error of a difference of large numbers would be reported.
    pub fn same_by(
        &mut self,
        subject: &str,
        what: &str,
        (expected, observed): (f64, f64),
        scale: f64,
    ) -> bool {
        let scale = scale.abs().max(expected.abs()).max(observed.abs());
        let deviation = (observed - expected).abs();
        let fine = deviation <= self.tolerance * scale;
        self.deviates(deviation / scale.max(f64::MIN_POSITIVE));
        if !fine {
            let text = format!("{what} is {} and should be {}", number(observed), number(expected));
            self.fail(subject, text);
        }
        fine
    }

    /// Adds an error unless two numbers are equal.
    pub fn same(&mut self, subject: &str, what: &str, expected: f64, observed: f64) -> bool {
        self.same_by(subject, what, (expected, observed), 0.0)
    }

    /// Adds an error if a number exceeds a limit by more than rounding error.
    pub fn at_most(&mut self, subject: &str, what: &str, limit: f64, observed: f64) -> bool {
        let over = (observed - limit).max(0.0);
        let scale = limit.abs().max(observed.abs());
        let fine = over <= self.tolerance * scale;
        self.deviates(over / scale.max(f64::MIN_POSITIVE));
        if !fine {
            let text = format!("{what} is {} and should be at most {}", number(observed), number(limit));
            self.fail(subject, text);
        }
        fine
    }

    /// Counts a comparison, and adds an error if the condition is false.
    pub fn holds(&mut self, subject: &str, fine: bool, otherwise: impl FnOnce() -> String) -> bool {
        self.compared += 1;
        if !fine {
            self.fail(subject, otherwise());
        }
        fine
    }

    /// Counts a comparison, and adds a warning if the condition is false.
    pub fn advisable(&mut self, subject: &str, fine: bool, otherwise: impl FnOnce() -> String) -> bool {
        self.compared += 1;
        if !fine {
            self.warn(subject, otherwise());
        }
        fine
    }

    /// Adds an error.
    pub fn fail(&mut self, subject: &str, text: impl Into<String>) {
        self.add(Severity::Fail, subject, text.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, subject: &str, text: impl Into<String>) {
        self.add(Severity::Warn, subject, text.into());
    }

    /// Sets a remark that is reported even if the check passes.
    pub fn note(&mut self, note: impl Into<String>) {
        self.note = note.into();
    }

    fn add(&mut self, severity: Severity, subject: &str, text: String) {
        self.findings.push(Finding { subject: subject.to_string(), severity, text });
    }

    fn deviates(&mut self, relative: f64) {
        self.compared += 1;
        // NaN is treated as an infinite deviation.
        let relative = if relative.is_nan() { f64::INFINITY } else { relative };
        self.worst = Some(self.worst.map_or(relative, |worst| worst.max(relative)));
    }

    /// The verdict; `nothing` is the reason for skipping the check if nothing was compared.
    pub fn verdict(mut self, nothing: &str) -> Verdict {
        if self.compared == 0 && self.findings.is_empty() {
            return Verdict::skip(nothing);
        }
        // Identical findings are reported once.
        let mut told = HashSet::new();
        self.findings.retain(|f| told.insert((f.severity, f.subject.clone(), f.text.clone())));
        // A stable sort: findings of one severity stay in the order in which they were found.
        self.findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
        let mut observed = match (self.findings.len(), self.worst) {
            (0, Some(worst)) if worst > 0.0 => {
                format!("{}, all equal within {}", compared(self.compared), number(worst))
            }
            (0, _) => format!("{}, all as expected", compared(self.compared)),
            (1, _) => format!("1 finding in {}", compared(self.compared)),
            (n, _) => format!("{n} findings in {}", compared(self.compared)),
        };
        if !self.note.is_empty() {
            observed.push_str("; ");
            observed.push_str(&self.note);
        }
        Verdict {
            skipped: None,
            expected: self.expected,
            observed,
            tolerance: match self.tolerance {
                0.0 => String::new(),
                tolerance => format!("relative {}", number(tolerance)),
            },
            findings: self.findings,
        }
    }
}

fn compared(n: usize) -> String {
    match n {
        1 => "1 comparison".into(),
        n => format!("{n} comparisons"),
    }
}

/// A number with six significant digits, for readers.
pub fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let size = x.abs();
    if !(1e-4..1e9).contains(&size) {
        let text = format!("{x:.3e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e{exponent}");
    }
    let scientific = format!("{size:.5e}");
    let exponent = scientific.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok());
    let decimals = (5 - exponent.unwrap_or(0)).clamp(0, 9) as usize;
    let text = format!("{x:.decimals$}");
    without_trailing_zeros(text)
}

/// Names of strategies for readers: "every strategy" or a list.
pub fn arms(model: &Model, strategies: &[usize]) -> String {
    match strategies.len() == model.strategies.len() && strategies.len() > 1 {
        true => "every strategy".into(),
        false => listed(strategies.iter().map(|&s| &model.strategies[s].name[..])),
    }
}
