//! The value of treating every subgroup by its own best strategy, under parameter uncertainty: expected gain over the best single
//! strategy, and the probability that it is a gain (Coyle, Buxton and O'Brien 2003; Espinoza et al. 2014).

use super::evaluation::{GroupTotals, Integration};
use super::psa::{self, DrawEngine, PsaAnswer, PsaQuestion};
use super::sensitivity::net_benefit::benefit;
use super::subgroups::{containing, joined, largest_sets};
use crate::{Refusal, Session};
use arcosim_core::economics::summary;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Decision, Model};
use arcosim_scenario::Scenario;

/// A finished analysis of treatment by subgroup.
pub struct PolicyAnswer<'a> {
    /// Probabilistic analysis of all patients, with the totals of subgroups by draw.
    pub psa: PsaAnswer<'a>,
    /// Every set of divisions, in the order of the scenario.
    pub sets: Vec<SetDraws>,
}

/// Results of one set of divisions in all draws.
pub struct SetDraws {
    /// Divisions, as indices of `Model::subgroups`.
    pub divisions: Vec<usize>,
    /// Subgroups that have patients in at least one draw, as indices in each division.
    pub groups: Vec<Vec<usize>>,
    /// `draws[draw][group]`: totals of every subgroup; `None` without patients in this draw.
    draws: Vec<Vec<Option<GroupTotals>>>,
}

/// Treatment of every subgroup by the strategy with the highest expected net benefit, at one threshold.
pub struct DrawnPolicy {
    /// Willingness to pay per unit of effect.
    pub threshold: f64,
    /// Subgroups, in the order of [`SetDraws::groups`].
    pub groups: Vec<DrawnGroup>,
    /// Strategy with the highest expected net benefit if all patients get the same.
    pub single: usize,
    /// Expected gain in net benefit per patient over `single`; exactly zero if it is best in every subgroup.
    pub gain: f64,
    /// 95 % interval of the gain over the draws.
    pub interval: [f64; 2],
    /// Probability that treatment by subgroup has a higher net benefit than `single`; `None` if both are the same.
    pub probability: Option<f64>,
}

/// One subgroup under parameter uncertainty.
pub struct DrawnGroup {
    /// Mean share of all patients.
    pub share: f64,
    /// Strategy with the highest expected net benefit.
    pub best: usize,
    /// For each strategy, the probability that it has the highest net benefit; zero for bounds.
    pub probability: Vec<f64>,
    /// For each strategy, the expected incremental net benefit versus the reference, and its 95 % interval.
    pub increment: Vec<(f64, [f64; 2])>,
}

/// Runs the probabilistic analysis with subgroups on the exact engine.
pub fn ask<'a>(
    scenario: &'a Scenario,
    question: &'a PsaQuestion,
    session: &Session,
) -> Result<PolicyAnswer<'a>, Refusal> {
    let model = &scenario.model;
    let largest = largest_sets(model);
    let psa = psa::ask_with_subgroups(scenario, question, &largest, session)?;
    let of_set = |set: Vec<usize>| {
        let larger = containing(&set, &largest);
        let each = psa.psa.subgroups.iter();
        let draws: Vec<Vec<GroupTotals>> =
            each.map(|draw| joined(&draw[larger], &largest[larger], &set)).collect();
        let mut groups: Vec<Vec<usize>> = draws.iter().flatten().map(|group| group.groups.clone()).collect();
        groups.sort();
        groups.dedup();
        let aligned = |draw: Vec<GroupTotals>| {
            groups.iter().map(|own| draw.iter().find(|group| group.groups == *own).cloned()).collect()
        };
        let draws = draws.into_iter().map(aligned).collect();
        SetDraws { divisions: set, groups, draws }
    };
    let sets = model.subgroups.sets().into_iter().map(of_set).collect();
    Ok(PolicyAnswer { psa, sets })
}

/// Settings for draws with subgroups, from those of a probabilistic analysis; an error without subgroups or with the
/// microsimulation.
pub fn question(scenario: &Scenario, asked: PsaQuestion) -> Result<PsaQuestion, Refusal> {
    let model = &scenario.model;
    if model.subgroups.divisions.is_empty() {
        return Err(Refusal::Question(format!(
            "scenario `{}` has no subgroups, so there is only one policy for all patients.\n\
             Declare them, for example [subgroups] with sex = \"sex\", or age = {{ young = \"age_at_start < 50\", old = \"rest\" }}",
            scenario.name
        )));
    }
    match asked.engine {
        // Conditions on a continuous attribute divide its range, so each part needs quadrature nodes of its own.
        DrawEngine::Cohort(_) if reads_numbers(model) => {
            Ok(PsaQuestion { engine: DrawEngine::Cohort(Integration::RUN), ..asked })
        }
        DrawEngine::Cohort(_) => Ok(asked),
        DrawEngine::Microsim { .. } => {
            Err(Refusal::question("treatment by subgroup is evaluated on the exact engine: --engine cohort"))
        }
    }
}

/// Whether a condition of a subgroup reads an attribute with a continuous distribution.
fn reads_numbers(model: &Model) -> bool {
    let groups = model.subgroups.divisions.iter().flat_map(|division| &division.groups);
    let conditions = groups.filter_map(|group| group.condition.as_ref());
    let attributes = conditions.flat_map(|condition| Reads::of(condition).attributes());
    attributes.into_iter().any(|a| model.attributes[a].is_number())
}

impl SetDraws {
    /// Name of the set, such as "stage, size".
    pub fn name(&self, model: &Model) -> String {
        model.subgroups.set_name(&self.divisions)
    }

    /// Name of a subgroup, such as "late, small".
    pub fn group_name(&self, model: &Model, group: usize) -> String {
        model.subgroups.group_name(&self.divisions, &self.groups[group])
    }

    /// The policy at one threshold; `None` if every strategy is a bound.
    pub fn policy(&self, model: &Model, decision: &Decision, threshold: f64) -> Option<DrawnPolicy> {
        let offered: Vec<usize> =
            (0..model.strategies.len()).filter(|&s| !model.strategies[s].bound).collect();
        let strategies = model.strategies.len();
        // Net benefit of a subgroup's patients, per patient of the whole population.
        let weighted = |group: &Option<GroupTotals>, s: usize| {
            group.as_ref().map_or(0.0, |group| group.share * benefit(decision, &group.totals[s], threshold))
        };
        let highest =
            |values: &[f64]| offered.iter().copied().reduce(|a, b| if values[b] > values[a] { b } else { a });
        let n = self.draws.len() as f64;
        let mut expected = vec![vec![0.0; strategies]; self.groups.len()];
        for draw in &self.draws {
            for (own, group) in expected.iter_mut().zip(draw) {
                own.iter_mut().enumerate().for_each(|(s, sum)| *sum += weighted(group, s) / n);
            }
        }
        let best: Vec<usize> = expected.iter().map(|own| highest(own)).collect::<Option<_>>()?;
        let of_all: Vec<f64> = (0..strategies).map(|s| expected.iter().map(|own| own[s]).sum()).collect();
        let single = highest(&of_all)?;
        let gains: Vec<f64> = self
            .draws
            .iter()
            .map(|draw| draw.iter().zip(&best).map(|(g, &s)| weighted(g, s) - weighted(g, single)).sum())
            .collect();
        let same = best.iter().all(|&s| s == single);
        let mean = gains.iter().sum::<f64>() / n;
        let better = gains.iter().filter(|gain| **gain > 0.0).count() as f64 / n;
        let groups = best
            .iter()
            .enumerate()
            .map(|(g, &best)| self.group(model, decision, threshold, (g, best), &highest));
        Some(DrawnPolicy {
            threshold,
            groups: groups.collect(),
            single,
            gain: if same { 0.0 } else { mean },
            interval: interval(&gains),
            probability: (!same).then_some(better),
        })
    }

    fn group(
        &self,
        model: &Model,
        decision: &Decision,
        threshold: f64,
        (g, best): (usize, usize),
        highest: &impl Fn(&[f64]) -> Option<usize>,
    ) -> DrawnGroup {
        let strategies = model.strategies.len();
        let reference = model.reference();
        let present: Vec<&GroupTotals> = self.draws.iter().filter_map(|draw| draw[g].as_ref()).collect();
        let mut probability = vec![0.0; strategies];
        let mut increments = vec![Vec::with_capacity(present.len()); strategies];
        for group in &present {
            let values: Vec<f64> =
                group.totals.iter().map(|totals| benefit(decision, totals, threshold)).collect();
            if let Some(s) = highest(&values) {
                probability[s] += 1.0 / present.len() as f64;
            }
            increments.iter_mut().zip(&values).for_each(|(all, value)| all.push(value - values[reference]));
        }
        let share = present.iter().map(|group| group.share).sum::<f64>() / self.draws.len() as f64;
        let mean = |all: &Vec<f64>| all.iter().sum::<f64>() / all.len() as f64;
        let increment = increments.iter().map(|all| (mean(all), interval(all))).collect();
        DrawnGroup { share, best, probability, increment }
    }
}

/// The 2.5th and 97.5th percentiles.
fn interval(values: &[f64]) -> [f64; 2] {
    summary(values).map_or([f64::NAN; 2], |all| [all.lower, all.upper])
}
