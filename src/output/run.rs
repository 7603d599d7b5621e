//! What the files of a run are written from.

use std::path::{Path, PathBuf};

use super::amounts::singular;
use super::cost_effectiveness::units;
use super::figures::{Strategy, figure_amount};
use crate::analysis::base_case::{Options, Results};
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::curves::Source;
use crate::analysis::expected::Comparison;
use crate::analysis::outcomes::Breakdown;
use crate::engine::microsim::History;
use crate::model::{Decision, Model};
use crate::scenario::Scenario;
use crate::scenario::diagnostic::printable;

/// A finished run.
pub struct Run<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// How it was run.
    pub options: &'a Options,
    /// What came out.
    pub results: &'a Results,
    /// Base values changed on the command line.
    pub overrides: &'a [(String, String)],
    /// Comparison with the scenario's expected numbers, if it has any and was run as written.
    pub expected: Option<&'a [Comparison]>,
    /// What makes up the outcomes, if the model has any and the exact engine answered.
    pub breakdown: Option<Breakdown>,
    /// What that says about the decision, or why it cannot be told; none if the scenario has no decision.
    pub economics: Option<Result<CostEffectiveness, String>>,
    /// Event histories, if they were asked for.
    pub histories: &'a [History],
    /// Folder of the scenario: paths of inputs are told from here.
    pub root: PathBuf,
}

impl<'a> Run<'a> {
    /// The decision and what the base case says about it, where both are there.
    pub fn decided(&self) -> Option<(&'a Decision, &CostEffectiveness)> {
        let found = self.economics.as_ref()?.as_ref().ok()?;
        Some((self.scenario.decision.as_ref()?, found))
    }

    /// What makes up the increments between strategies, where there is a decision that they matter for.
    pub fn increments(&self) -> Option<&Breakdown> {
        let (_, found) = self.decided()?;
        self.breakdown.as_ref().filter(|_| found.pairs.len() > 1)
    }
}

impl Run<'_> {
    /// The model.
    pub fn model(&self) -> &Model {
        &self.scenario.model
    }

    /// Landmark years.
    pub fn landmarks(&self) -> &[f64] {
        &self.options.landmarks
    }

    /// Whether any strategy is hypothetical.
    pub fn hypothetical(&self) -> bool {
        self.model().strategies.iter().any(|s| s.hypothetical)
    }

    /// The path of an input as seen from the scenario's folder, with `/`.
    pub fn relative(&self, path: &Path) -> String {
        relative(&self.root, path)
    }
}

/// A path as seen from the folder `root`, with `/`.
pub fn relative(root: &Path, path: &Path) -> String {
    // The folder of a file that was named alone has no name.
    let absolute = |p: &Path| match p.as_os_str().is_empty() {
        true => std::path::absolute("."),
        false => std::path::absolute(p),
    };
    let absolute = |p: &Path| absolute(p).unwrap_or_else(|_| p.to_path_buf());
    let (root, path) = (tidy(&absolute(root)), tidy(&absolute(path)));
    let common = root.iter().zip(&path).take_while(|(a, b)| a == b).count();
    // Nothing in common is another drive: only the name can be told without saying where it stood.
    if common == 0 {
        return printable(path.last().map_or("", String::as_str));
    }
    let up = std::iter::repeat_n("..".to_string(), root.len() - common);
    let parts: Vec<String> = up.chain(path[common..].iter().cloned()).collect();
    printable(&parts.join("/"))
}

/// Parts of a path without `.` and `..`.
fn tidy(path: &Path) -> Vec<String> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                parts.pop();
            }
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts
}

/// The watermark of a hypothetical strategy, in words.
pub const HYPOTHETICAL: &str = "hypothetical: rests on animal or promotional evidence";

/// The mark in the column `evidence`.
pub fn mark(model: &Model, strategy: usize) -> &'static str {
    let strategy = &model.strategies[strategy];
    match (strategy.hypothetical, strategy.bound) {
        (true, _) => HYPOTHETICAL,
        (false, true) => "bound: a limit, not a treatment on offer",
        (false, false) => "",
    }
}

/// A strategy as figures know it.
pub fn drawn(model: &Model, s: usize) -> Strategy {
    let strategy = &model.strategies[s];
    let reference = model.reference();
    Strategy {
        index: match s {
            _ if s == reference => 0,
            _ if s < reference => s + 1,
            _ => s,
        },
        label: strategy.label.clone(),
        bound: strategy.bound,
        hypothetical: strategy.hypothetical,
    }
}

/// Money per unit of effect in the digits of the axes of figures.
pub fn drawn_price(model: &Model, decision: &Decision, value: f64) -> String {
    let [cost, effect] = units(model, decision);
    format!("{cost} {} per {}", figure_amount(value, 0), singular(effect))
}

/// Status of a number from this source.
pub fn status(source: Source) -> &'static str {
    match source {
        Source::Exact => "exact: no sampling error",
        Source::Microsimulation => "ok",
    }
}
