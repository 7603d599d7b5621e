//! The files of a probabilistic analysis and of the value of information.

mod figures;
mod tables;

use super::cost_effectiveness::price;
use super::figures::Figure;
use super::table::Table;
use crate::analysis::psa::answers::Answers;
use crate::analysis::psa::{Draws, Psa};
use crate::economics::{Evppi, Population};
use crate::model::{Decision, Model};
use crate::scenario::Scenario;

/// A finished analysis.
pub struct Uncertain<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its decision.
    pub decision: &'a Decision,
    /// How the draws were made.
    pub draws: &'a Draws<'a>,
    /// Values and totals of all draws.
    pub psa: &'a Psa,
    /// What they say.
    pub answers: &'a Answers,
    /// Totals `[strategy][outcome]` at base values: on the exact engine those of a run.
    pub base: &'a [Vec<f64>],
    /// The same with the integration of the draws, with which their mean is compared.
    pub base_as_drawn: &'a [Vec<f64>],
    /// Provenance in the figures.
    pub footer: String,
}

/// The value of knowing parameters and groups, at one threshold.
pub struct Information<'a> {
    /// The draws that it is told from.
    pub uncertain: &'a Uncertain<'a>,
    /// The threshold.
    pub threshold: f64,
    /// What each is worth, in the order in which they were asked for.
    pub values: &'a [Evppi],
    /// Discounted number of people whom the decision concerns, if that is known.
    pub persons: Option<f64>,
}

/// A figure: its file name without extension, what is drawn, and its data.
pub type Drawn = (String, Figure, Table);

/// Draws from which 2.5 % on either side can be told.
pub const INTERVAL_DRAWS: usize = 100;

impl Uncertain<'_> {
    /// Whether there are enough draws for a 95 % interval.
    pub fn has_intervals(&self) -> bool {
        self.psa.totals.len() >= INTERVAL_DRAWS
    }

    fn model(&self) -> &Model {
        &self.scenario.model
    }

    /// Unit of cost.
    pub fn money(&self) -> &str {
        &self.model().outcomes[self.decision.cost].unit
    }

    /// Unit of effect.
    pub fn gain(&self) -> &str {
        &self.model().outcomes[self.decision.effect].unit
    }

    /// `GBP 25,000 per QALY`.
    pub fn threshold(&self, value: f64) -> String {
        price(self.model(), self.decision, value)
    }

    /// Discounted number of people whom the decision concerns, if that is known.
    pub fn persons(&self) -> Option<f64> {
        let people = self.decision.beneficiaries?;
        let population =
            Population { annual: people.per_year, years: people.years, discount_rate: people.discount };
        population.persons()
    }

    fn label(&self, strategy: usize) -> &str {
        &self.model().strategies[strategy].label
    }

    /// The tables of `arcosim psa`.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            tables::draws(self),
            tables::results(self),
            tables::samples(self, self.decision.cost, "psa/costs.csv"),
            tables::samples(self, self.decision.effect, "psa/effects.csv"),
            tables::parameters(self),
            tables::totals(self),
            tables::acceptability(self),
            tables::evpi(self),
            tables::plane(self),
            tables::convergence(self),
        ]
    }

    /// The figures of `arcosim psa`.
    pub fn figures(&self) -> Vec<Drawn> {
        let mut all = figures::planes(self);
        all.extend(figures::acceptability(self));
        all.extend(figures::expected_loss(self));
        all.push(figures::evpi(self));
        all.extend(figures::convergence(self));
        all
    }
}

impl Information<'_> {
    /// The tables of `arcosim voi`.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            tables::evppi(self),
            tables::evpi(self.uncertain),
            tables::parameters(self.uncertain),
            tables::draws(self.uncertain),
            tables::results(self.uncertain),
            tables::samples(self.uncertain, self.uncertain.decision.cost, "psa/costs.csv"),
            tables::samples(self.uncertain, self.uncertain.decision.effect, "psa/effects.csv"),
        ]
    }

    /// The figures of `arcosim voi`.
    pub fn figures(&self) -> Vec<Drawn> {
        let mut all = vec![figures::evppi(self)];
        all.push(figures::evpi(self.uncertain));
        all
    }
}
