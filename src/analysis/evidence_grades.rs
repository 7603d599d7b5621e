//! Incremental net benefit by grade of evidence: how much of what a strategy gains rests on trials, and how much on assumptions.
//!
//! A strategy differs from the reference by its own numbers: ratios of its effects, parameters that it replaces, and amounts that
//! only some strategies have. Each of them has the weakest grade of the numbers that it reads. The grades share the increment by
//! Shapley values (Shapley 1953) over which grades act: without a grade, its effects are 1, its amounts 0 and its parameters
//! those of the reference.

use rayon::prelude::*;

use crate::Refusal;
use crate::evaluation::{Evaluator, Integration};
use crate::sensitivity::net_benefit::increment;
use crate::sensitivity::{Totals, finite};
use crate::session::Session;
use crate::shapley::{Subsets, Values};
use arcosim_core::model::{Decision, Expr, Model, OwnPart, own_parts, parameters_of};
use arcosim_scenario::Scenario;
use arcosim_scenario::parameters::Evidence;

/// A number, or several in one formula, by which a strategy differs from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnNumbers {
    /// Index of the strategy.
    pub strategy: usize,
    /// What the numbers do.
    pub part: OwnPart,
    /// Indices of the parameters: those that are uncertain, or all if none is.
    pub parameters: Vec<usize>,
    /// The weakest grade among them.
    pub grade: Evidence,
}

/// All numbers by which strategies differ, in the order of the scenario.
pub fn own_numbers(scenario: &Scenario) -> Vec<OwnNumbers> {
    let model = &scenario.model;
    let mut all = Vec::new();
    for (s, strategy) in model.strategies.iter().enumerate() {
        for (part, expr) in own_parts(strategy, s, &model.rewards) {
            let (parameters, grade) = graded(scenario, &expr);
            if parameters.is_empty() && matches!(part, OwnPart::AtStart(_)) {
                continue;
            }
            all.push(OwnNumbers { strategy: s, part, parameters, grade });
        }
    }
    all
}

/// Parameters of a formula that are uncertain (all, if none is), and their weakest grade.
fn graded(scenario: &Scenario, expr: &Expr) -> (Vec<usize>, Evidence) {
    let read = parameters_of([expr]);
    let uncertain: Vec<usize> =
        read.iter().copied().filter(|&p| scenario.uncertainty.margins[p].is_some()).collect();
    let parameters = if uncertain.is_empty() { read } else { uncertain };
    let grades = parameters.iter().map(|&p| scenario.parameters[p].evidence);
    let weakest = grades.max_by_key(|grade| grade.weakness()).unwrap_or(Evidence::Unstated);
    (parameters, weakest)
}

/// Shares of grades in the increments of all strategies.
pub struct EvidenceGrades {
    /// Grades that occur, from the strongest to the weakest.
    pub grades: Vec<Evidence>,
    /// Numbers by which strategies differ.
    pub numbers: Vec<OwnNumbers>,
    values: Values<Totals>,
}

impl EvidenceGrades {
    /// Incremental net benefit of a strategy by grade, and what is left without any of its own numbers (branches of its procedure at
    /// the start); the sum is the incremental net benefit.
    pub fn shares(&self, decision: &Decision, pair: (usize, usize), threshold: f64) -> (Vec<f64>, f64) {
        let gain = |totals: &Totals| increment(decision, totals, pair, threshold);
        let shares = self.values.pick(gain).estimates();
        let none = gain(self.values.of(&vec![false; self.grades.len()]));
        (shares.into_iter().map(|share| share.value).collect(), none)
    }
}

/// Evaluates the model with every subset of the grades; `None` if no strategy has numbers of its own.
pub fn ask(
    scenario: &Scenario,
    integration: Integration,
    session: &Session,
) -> Result<Option<EvidenceGrades>, Refusal> {
    // Without its branches a procedure at the start is not possible: they stay, as structure.
    let mut numbers = own_numbers(scenario);
    numbers.retain(|own| !matches!(own.part, OwnPart::AtStart(_)));
    let mut grades: Vec<Evidence> = numbers.iter().map(|own| own.grade).collect();
    grades.sort_by_key(|grade| grade.weakness());
    grades.dedup();
    if grades.is_empty() {
        return Ok(None);
    }
    let subsets = Subsets::new(grades.len());
    let evaluate = |set: &Vec<bool>| {
        session.go_on()?;
        let acts = |grade: Evidence| grades.iter().zip(set).any(|(own, on)| *own == grade && *on);
        let model = without(&scenario.model, &numbers, acts);
        let totals = Evaluator::new(&model, integration).totals(&model.base_values());
        finite(totals).map_err(|why| Refusal::cannot_run(&scenario.name, &why))
    };
    let values = subsets.sets.par_iter().map(evaluate).collect::<Result<Vec<Totals>, Refusal>>()?;
    let (_, values) = subsets.with_values(values);
    Ok(Some(EvidenceGrades { grades, numbers, values }))
}

/// The model without the numbers whose grade does not act.
fn without(model: &Model, numbers: &[OwnNumbers], acts: impl Fn(Evidence) -> bool) -> Model {
    let mut own = model.clone();
    let out = numbers.iter().filter(|numbers| !acts(numbers.grade));
    let mut replaced: Vec<(usize, usize)> = Vec::new();
    for numbers in out {
        let strategy = &mut own.strategies[numbers.strategy];
        match numbers.part {
            OwnPart::Effect(i) => strategy.effects[i].ratio = Expr::Number(1.0),
            OwnPart::Replaced(i) => replaced.push((numbers.strategy, i)),
            OwnPart::AtStart(_) => {}
            OwnPart::Amount(r) => own.rewards[r].amount = Expr::Number(0.0),
        }
    }
    // From the last, so that the positions of the others stay.
    for (strategy, i) in replaced.into_iter().rev() {
        own.strategies[strategy].substitutions.remove(i);
    }
    own
}
