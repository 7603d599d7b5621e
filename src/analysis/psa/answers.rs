//! Decision uncertainty from the draws: acceptability curves, expected loss, EVPI, the cost-effectiveness plane and
//! convergence.

use super::Psa;
use arcosim_core::economics::{
    Acceptability, BadSamples, Checkpoint, ExpectedLoss, ParameterGroup, Plane, Samples, Summary,
    SwitchPoint, acceptability, checkpoints, convergence, expected_loss, incremental, nmb, plane, summary,
};
use arcosim_core::model::{Decision, Model};
use arcosim_scenario::Scenario;

/// Number of steps of the grid of evenly spaced thresholds, which covers at least 0 to three times the leading
/// threshold.
const STEPS: usize = 60;

/// Results for the decision over all draws.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Cost of every strategy in every draw, `[strategy][draw]`.
    pub costs: Vec<Vec<f64>>,
    /// Effect of every strategy in every draw, `[strategy][draw]`.
    pub effects: Vec<Vec<f64>>,
    /// Indices of the decision options; the strategies of all curves are in this order.
    pub on_offer: Vec<usize>,
    /// Willingness-to-pay thresholds of the decision, the leading threshold first.
    pub thresholds: Vec<f64>,
    /// Willingness-to-pay thresholds of the curves, ascending from 0, including the thresholds of the decision.
    pub grid: Vec<f64>,
    /// Thresholds at which the strategy with the highest mean net benefit changes; strategies are given as positions in
    /// `on_offer`.
    pub switches: Vec<SwitchPoint>,
    /// Acceptability curves over `grid`; strategies are given as positions in `on_offer`.
    pub acceptability: Acceptability,
    /// Expected loss and EVPI over `grid`; strategies are given as positions in `on_offer`.
    pub loss: ExpectedLoss,
    /// Strategies other than the reference, with their distribution over the cost-effectiveness plane at the leading
    /// threshold.
    pub planes: Vec<(usize, Plane)>,
    /// Running means of incremental net benefit at the leading threshold; strategies are given as positions in
    /// `compared`.
    pub convergence: Vec<Checkpoint>,
    /// Indices of the strategies in `convergence`, the reference first.
    pub compared: Vec<usize>,
}

impl Answers {
    /// Computes all results for the decision from the draws; `lead` replaces the leading threshold.
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
        let thresholds = crate::sensitivity::net_benefit::thresholds(decision, lead);
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

    /// Position in `grid` of a threshold of the decision.
    pub fn at(&self, threshold: f64) -> usize {
        let found = self.grid.iter().position(|x| *x == threshold);
        found.expect("the grid contains the decision's thresholds")
    }

    /// Net monetary benefit of a strategy in every draw.
    pub fn net_benefit(&self, strategy: usize, threshold: f64) -> Vec<f64> {
        let pairs = self.costs[strategy].iter().zip(&self.effects[strategy]);
        pairs.map(|(&cost, &effect)| nmb(cost, effect, threshold)).collect()
    }

    /// Summary over all draws of the difference in a quantity between two strategies.
    pub fn increment(&self, values: &[Vec<f64>], strategy: usize, against: usize) -> Option<Summary> {
        let pairs = values[strategy].iter().zip(&values[against]);
        summary(&pairs.map(|(a, b)| a - b).collect::<Vec<f64>>())
    }

    /// Net benefits of the decision options at a threshold, `[option][draw]`.
    pub fn benefits(&self, threshold: f64) -> Vec<Vec<f64>> {
        self.on_offer.iter().map(|&s| self.net_benefit(s, threshold)).collect()
    }
}

/// Thresholds of the curves: evenly spaced values, with the decision's thresholds and the switch points inserted.
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

/// Parameters and groups for EVPPI: each uncertain parameter, each group of the parameter table and each set of jointly
/// drawn parameters. Groups with fewer than two uncertain parameters are omitted. `inputs` are the indices of the
/// uncertain parameters.
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
