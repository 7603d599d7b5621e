//! What the files of a run are written from.

use std::path::Path;

use super::amounts::singular;
use super::cost_effectiveness::units;
use super::figures::{Strategy, figure_amount};
use super::record::{Record, parts};
use crate::analysis::base_case::{Options, Results};
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::curves::Source;
use crate::analysis::expected::Comparison;
use crate::analysis::outcomes::Breakdown;
use crate::engine::microsim::History;
use crate::model::{Decision, Model};
use crate::scenario::Scenario;
use arcosim_core::words::printable;

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
    /// What it takes to run it again.
    pub record: Record,
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
}

/// A path as seen from the folder `root`, with `/`.
pub fn relative(root: &Path, path: &Path) -> String {
    let (root, path) = (parts(root), parts(path));
    let common = root.iter().zip(&path).take_while(|(a, b)| a == b).count();
    // Nothing in common is another drive: only the name can be told without saying where it stood.
    if common == 0 {
        return printable(path.last().map_or("", String::as_str));
    }
    let up = std::iter::repeat_n("..".to_string(), root.len() - common);
    let parts: Vec<String> = up.chain(path[common..].iter().cloned()).collect();
    printable(&parts.join("/"))
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
