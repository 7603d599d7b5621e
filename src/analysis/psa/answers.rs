//! What the draws say about the decision: acceptability, expected loss, the cost-effectiveness plane, convergence.

use super::Psa;
use arcosim_core::economics::{
    Acceptability, BadSamples, Checkpoint, ExpectedLoss, ParameterGroup, Plane, Samples, Summary,
    SwitchPoint, acceptability, checkpoints, convergence, expected_loss, incremental, nmb, plane, summary,
};
use arcosim_core::model::{Decision, Model};
use arcosim_scenario::Scenario;

/// Thresholds of curves: so many steps from 0 to three times the leading threshold.
const STEPS: usize = 60;

/// The decision in all draws.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Cost `[strategy][draw]`.
    pub costs: Vec<Vec<f64>>,
    /// Effect `[strategy][draw]`.
    pub effects: Vec<Vec<f64>>,
    /// Strategies that can be chosen; curves are of these, in this order.
    pub on_offer: Vec<usize>,
    /// The decision's thresholds; the first leads.
    pub thresholds: Vec<f64>,
    /// Thresholds of the curves, ascending from 0; the decision's own are among them.
    pub grid: Vec<f64>,
    /// Where the strategy with the highest mean net benefit changes; strategies are positions in `on_offer`.
    pub switches: Vec<SwitchPoint>,
    /// Acceptability over `grid`; strategies are positions in `on_offer`.
    pub acceptability: Acceptability,
    /// Expected loss and EVPI over `grid`; likewise.
    pub loss: ExpectedLoss,
    /// Strategies other than the reference with their place in the plane around it, at the leading threshold.
    pub planes: Vec<(usize, Plane)>,
    /// Running means of incremental net benefit at the leading threshold; strategies are positions in `compared`.
    pub convergence: Vec<Checkpoint>,
    /// The strategies of `convergence`, the reference first.
    pub compared: Vec<usize>,
}

impl Answers {
    /// Works them out; `lead` replaces the leading threshold.
    pub fn new(
        model: &Model,
        decision: &Decision,
        psa: &Psa,
        lead: Option<f64>,
    ) -> Result<Answers, BadSamples> {
        let costs = psa.outcome(decision.cost);
        let effects = psa.outcome(decision.effect);
        let strategies = 0..model.strategies.len();
        let on_offer: Vec<usize> = strategies.clone().filter(|&s| !model.strategies[s].bound).collect();
        let thresholds = crate::sensitivity::worth::thresholds(decision, lead);
        let reference = model.reference();
        let samples = Samples::new(&costs, &effects)?;
        let choices = samples.only(&on_offer)?;
        let means =
            incremental(&choices.mean_costs(), &choices.mean_effects(), &vec![true; choices.strategies()])?;
        let switches = means.switch_points();
        let grid = grid(&thresholds, &switches);
        let compared: Vec<usize> =
            std::iter::once(reference).chain(on_offer.iter().copied().filter(|&s| s != reference)).collect();
        let benefit = samples.only(&compared)?.net_benefit(thresholds[0])?;
        let planes = strategies
            .filter(|&s| s != reference)
            .map(|s| Ok((s, plane(&samples, s, reference, thresholds[0])?)))
            .collect::<Result<Vec<_>, BadSamples>>()?;
        Ok(Answers {
            acceptability: acceptability(&choices, &grid)?,
            loss: expected_loss(&choices, &grid)?,
            planes,
            convergence: convergence(&benefit, 0, &checkpoints(samples.draws()))?,
            switches,
            costs,
            effects,
            on_offer,
            thresholds,
            grid,
            compared,
        })
    }

    /// Position of a threshold in the grid.
    pub fn at(&self, threshold: f64) -> usize {
        let found = self.grid.iter().position(|x| *x == threshold);
        found.expect("the grid holds the decision's thresholds")
    }

    /// Net monetary benefit of a strategy in every draw.
    pub fn net_benefit(&self, strategy: usize, threshold: f64) -> Vec<f64> {
        let pairs = self.costs[strategy].iter().zip(&self.effects[strategy]);
        pairs.map(|(&cost, &effect)| nmb(cost, effect, threshold)).collect()
    }

    /// A quantity less that of another strategy in the same draws, summarised.
    pub fn increment(&self, values: &[Vec<f64>], strategy: usize, against: usize) -> Option<Summary> {
        let pairs = values[strategy].iter().zip(&values[against]);
        summary(&pairs.map(|(a, b)| a - b).collect::<Vec<f64>>())
    }

    /// Net benefits of the strategies on offer at a threshold, `[strategy][draw]`.
    pub fn benefits(&self, threshold: f64) -> Vec<Vec<f64>> {
        self.on_offer.iter().map(|&s| self.net_benefit(s, threshold)).collect()
    }
}

/// Evenly spaced thresholds with the decision's own among them, and those at which the best strategy on average changes.
fn grid(thresholds: &[f64], switches: &[SwitchPoint]) -> Vec<f64> {
    let most = thresholds.iter().copied().fold(0.0, f64::max).max(3.0 * thresholds[0]);
    let mut grid: Vec<f64> = (0..=STEPS).map(|i| most * i as f64 / STEPS as f64).collect();
    grid.extend(thresholds);
    let within = |t: &f64| *t > 0.0 && *t < most;
    grid.extend(switches.iter().map(|s| s.threshold).filter(within));
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    grid
}

/// The parameters whose value of information is asked for: each that varies, and each group of the parameter table and of
/// parameters drawn together that holds several of them. `inputs` are indices of parameters.
pub fn groups(scenario: &Scenario, inputs: &[usize]) -> Vec<ParameterGroup> {
    let at = |p: usize| inputs.iter().position(|&q| q == p);
    let mut groups: Vec<ParameterGroup> = (inputs.iter().enumerate())
        .map(|(i, &p)| ParameterGroup::new(scenario.parameters[p].name.clone(), [i]))
        .collect();
    let mut add = |name: String, members: Vec<usize>| {
        let known = groups.iter().any(|g| g.parameters == members);
        if members.len() > 1 && !known {
            groups.push(ParameterGroup::new(name, members));
        }
    };
    let mut names: Vec<&str> = Vec::new();
    for row in &scenario.parameters {
        if !row.group.is_empty() && !names.contains(&row.group.as_str()) {
            names.push(&row.group);
        }
    }
    for name in names {
        let of_group = |&p: &usize| scenario.parameters[p].group == name;
        let members = (0..scenario.parameters.len()).filter(of_group).filter_map(at).collect();
        add(format!("group: {name}"), members);
    }
    for joint in &scenario.uncertainty.joint {
        let mut members: Vec<usize> = joint.members.iter().filter_map(|&p| at(p)).collect();
        members.sort_unstable();
        add(format!("drawn together: {}", joint.name), members);
    }
    groups
}
