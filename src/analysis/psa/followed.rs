//! Clinical results in every draw of a probabilistic analysis: single results, curves with bands, and claims with their probability.

use crate::Refusal;
use crate::curves::{Curves, Solution, curves};
use crate::expected::{ExpectedQuantity, asked, result};
use crate::outcomes::Breakdown;
use arcosim_core::economics::{Summary, summary};
use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::Counts;
use arcosim_core::model::memory::Need;
use arcosim_core::model::{Model, situation};
use arcosim_scenario::{FollowedResult, FollowedResults, Scenario};

/// Largest number of times at which a curve is followed.
const MOST_TIMES: usize = 200;

/// A clinical result under one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// Index of the result in the scenario.
    pub result: usize,
    /// Index of the strategy.
    pub strategy: usize,
    /// The quantity.
    pub quantity: ExpectedQuantity,
    /// Years since the start or, for an endpoint, since its origin.
    pub years: f64,
}

/// A curve that is followed through all draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowedCurve {
    /// Index of the endpoint.
    pub endpoint: usize,
    /// Index of the strategy.
    pub strategy: usize,
    /// Whether the curve is the cumulative incidence; otherwise it is Kaplan–Meier survival.
    pub incidence: bool,
}

/// What is followed through all draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Results, `result * strategies + strategy`.
    pub results: Vec<Followed>,
    /// Curves: for each endpoint and strategy, survival and cumulative incidence.
    pub curves: Vec<FollowedCurve>,
    /// Grid points at which curves are followed, ascending.
    pub points: Vec<usize>,
}

/// Followed results of one draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FollowedDraw {
    /// One number for each followed result; not a number where the result is undefined.
    pub results: Vec<f64>,
    /// `[(curve, point)]`; not a number where nobody is at risk any more.
    pub curves: Vec<f64>,
}

impl Plan {
    /// What a scenario follows. An error names the result with a quantity or subject that is unknown.
    pub fn new(scenario: &Scenario) -> Result<Plan, Refusal> {
        let (model, own) = (&scenario.model, &scenario.followed);
        let mut results = Vec::new();
        for (i, followed) in own.results.iter().enumerate() {
            for s in 0..model.strategies.len() {
                let (strategy, quantity, years) = resolved(model, followed, &model.strategies[s].name)
                    .map_err(|why| {
                        Refusal::Question(format!(
                            "[uncertainty.follow.{}] of the scenario: {why}",
                            followed.name
                        ))
                    })?;
                results.push(Followed { result: i, strategy, quantity, years });
            }
        }
        let of_endpoint = |&endpoint: &usize| {
            let strategies = 0..model.strategies.len();
            strategies.flat_map(move |strategy| {
                [false, true].map(|incidence| FollowedCurve { endpoint, strategy, incidence })
            })
        };
        let shown = (0..=model.time.cycles).filter(|&k| model.time.years(k) <= scenario.figures.years + 1e-9);
        let shown: Vec<usize> = shown.collect();
        let step = shown.len().div_ceil(MOST_TIMES).max(1);
        let points = match own.curves.is_empty() {
            true => Vec::new(),
            false => shown.iter().copied().filter(|k| k % step == 0 || Some(k) == shown.last()).collect(),
        };
        Ok(Plan { results, curves: own.curves.iter().flat_map(of_endpoint).collect(), points })
    }

    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty() && self.curves.is_empty()
    }

    /// Memory for the followed results of all draws, and their tables.
    pub fn need(&self, draws: u64) -> Need {
        let mut need = Need::default();
        if !self.is_empty() {
            let numbers = 3 * self.results.len() + self.curves.len() * self.points.len();
            need.add(
                draws as f64 * (64.0 + 8.0 * numbers as f64),
                format!("the followed results and curves in each of {draws} draws"),
            );
        }
        need
    }

    /// The followed results from the counts of an engine.
    pub fn follow(&self, model: &Model, counts: Counts) -> FollowedDraw {
        // Only followed endpoints need curves.
        let needs = |e: usize| {
            let of = |quantity: ExpectedQuantity| matches!(quantity, ExpectedQuantity::Survival(own) | ExpectedQuantity::Incidence(own) if own == e);
            self.curves.iter().any(|curve| curve.endpoint == e)
                || self.results.iter().any(|own| of(own.quantity))
        };
        let wanted: Vec<bool> = (0..model.endpoints.len()).map(needs).collect();
        let of_strategy = |own: &arcosim_core::engine::counts::StrategyCounts| {
            let each = own.endpoints.iter().zip(&wanted);
            each.map(|(e, wanted)| wanted.then(|| curves(e, counts.patients, &model.time)).flatten())
                .collect()
        };
        let all: Vec<Vec<Option<Curves>>> = counts.strategies.iter().map(of_strategy).collect();
        let solution = Solution { curves: all, totals: Totals::default(), counts };
        let at = |curve: &FollowedCurve, years: f64| -> Option<f64> {
            let own = solution.curves[curve.strategy][curve.endpoint].as_ref()?;
            match curve.incidence {
                true => Some(own.incidence.at(0, years)?.probability),
                false => Some(own.survival.at(years)?.survival),
            }
        };
        let times: Vec<f64> = self.points.iter().map(|&k| model.time.years(k)).collect();
        let along = |curve| times.iter().map(move |&years| (curve, years));
        let drawn = self.curves.iter().flat_map(along);
        let curves = drawn.map(|(curve, years)| at(curve, years).unwrap_or(f64::NAN)).collect();
        let breakdown = (!self.results.is_empty()).then(|| Breakdown::new(model, &solution.counts));
        let value = |own: &Followed| {
            let found =
                result(own.quantity, (own.strategy, own.years), model, &solution, breakdown.as_ref()?);
            Some(found.unwrap_or(f64::NAN))
        };
        FollowedDraw { results: self.results.iter().filter_map(value).collect(), curves }
    }
}

fn resolved(
    model: &Model,
    followed: &FollowedResult,
    strategy: &str,
) -> Result<(usize, ExpectedQuantity, f64), String> {
    let found = asked(model, [strategy, &followed.quantity, &followed.subject], followed.years)?;
    match found.1 {
        ExpectedQuantity::OutcomeSd(_) => {
            Err("`outcome_sd` cannot be followed, because a draw has no patients of its own".into())
        }
        _ => Ok(found),
    }
}

/// Followed results of all draws, with those at base values.
#[derive(Clone, Debug)]
pub struct FollowedAnswer {
    /// What is followed.
    pub plan: Plan,
    /// Results at base values.
    pub base: FollowedDraw,
    /// Results of each draw.
    pub draws: Vec<FollowedDraw>,
    /// `[(curve, point)]`: summary of the curve over all draws at this point; `None` if it is undefined in some draw.
    bands: Vec<Option<Summary>>,
}

impl FollowedAnswer {
    /// Follows the counts at base values, and summarises the curves of all draws.
    pub fn new(model: &Model, plan: Plan, base: Counts, draws: Vec<FollowedDraw>) -> FollowedAnswer {
        let of_point = |at: usize| summary(&draws.iter().map(|draw| draw.curves[at]).collect::<Vec<_>>());
        let bands = (0..plan.curves.len() * plan.points.len()).map(of_point).collect();
        FollowedAnswer { base: plan.follow(model, base), plan, draws, bands }
    }

    /// Summary of one followed result over all draws in which it is defined; `None` if it is in none.
    pub fn summary(&self, result: usize) -> Option<Summary> {
        let defined = |draw: &FollowedDraw| Some(draw.results[result]).filter(|x| x.is_finite());
        summary(&self.draws.iter().filter_map(defined).collect::<Vec<_>>())
    }

    /// Summary of a curve at a point over all draws, at this time by itself; `None` if it is undefined in some draw.
    pub fn band(&self, curve: usize, point: usize) -> Option<&Summary> {
        self.bands[curve * self.plan.points.len() + point].as_ref()
    }

    /// Value of a curve at a point at base values; `None` if nobody is at risk.
    pub fn at_base(&self, curve: usize, point: usize) -> Option<f64> {
        Some(self.base.curves[curve * self.plan.points.len() + point]).filter(|x| x.is_finite())
    }

    /// For each claim: share of the draws in which it is true, and whether it is true at base values. A claim about a result that is
    /// undefined is not true.
    pub fn claims(&self, model: &Model, followed: &FollowedResults) -> Vec<(f64, bool)> {
        let holds = |claim: &arcosim_scenario::Claim, draw: &FollowedDraw| {
            claim.says.value(&situation(model, &draw.results, &[], 0)) == 1.0
        };
        let each = followed.claims.iter().map(|claim| {
            let count = self.draws.iter().filter(|draw| holds(claim, draw)).count();
            (count as f64 / self.draws.len() as f64, holds(claim, &self.base))
        });
        each.collect()
    }
}
