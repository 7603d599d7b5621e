//! Strata: the attributes that matter from each state onwards, and the distribution of patients over strata at the
//! start.

use crate::model::dependence::{self, JointShares};
use crate::model::hazard::{self, Reads};
use crate::model::population::{arm_of, chain};
use crate::model::quadrature::{Node, columns, columns_as_one};
use crate::model::reward_lines::RewardAt;
use crate::model::{Model, Situation, Tables, branch_shares, situation};

/// The attributes that distinguish the patients of one state, with the number of values of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// Indices of the attributes, in ascending order. The first column of a table of patients stands for all of its columns.
    pub attributes: Vec<usize>,
    sizes: Vec<usize>,
    /// Columns of the table of patients, if one of them distinguishes the patients.
    columns: Vec<usize>,
}

impl Stratum {
    pub fn new(mut attributes: Vec<usize>, nodes: &[Vec<Node>]) -> Stratum {
        let mut columns = columns(nodes);
        match columns_as_one(&mut attributes, &columns) {
            true => attributes.sort_unstable(),
            false => columns.clear(),
        }
        let sizes = attributes.iter().map(|&a| nodes[a].len()).collect();
        Stratum { attributes, sizes, columns }
    }

    /// Number of strata: all combinations of attribute values.
    pub fn size(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Writes to `into` the node index of each attribute in stratum `index`.
    pub fn decode(&self, mut index: usize, into: &mut [usize]) {
        for (&a, &size) in self.attributes.iter().zip(&self.sizes).rev() {
            into[a] = index % size;
            index /= size;
        }
        if let Some(&first) = self.columns.first() {
            self.columns.iter().for_each(|&a| into[a] = into[first]);
        }
    }

    /// Writes to `into` the value of each attribute in stratum `index`.
    pub fn values(&self, index: usize, nodes: &[Vec<Node>], into: &mut [f64]) {
        let mut at = vec![0; into.len()];
        self.decode(index, &mut at);
        for &a in self.attributes.iter().chain(&self.columns) {
            into[a] = nodes[a][at[a]].value;
        }
    }

    /// Index of the stratum of a patient whose attributes have these node indices.
    pub fn index(&self, at: &[usize]) -> usize {
        let attributes = self.attributes.iter().zip(&self.sizes);
        attributes.fold(0, |k, (&a, &n)| k * n + at[a])
    }

    /// For each stratum: index of the stratum of `coarser` that contains it; `None` if both are the same. `coarser`
    /// must not have any other attributes.
    pub fn project(&self, coarser: &Stratum) -> Option<Vec<u32>> {
        if self == coarser {
            return None;
        }
        let last = self.attributes.iter().chain(&self.columns).max();
        let mut at = vec![0; last.map_or(0, |a| a + 1)];
        let of = |stratum| {
            self.decode(stratum, &mut at);
            coarser.index(&at) as u32
        };
        Some((0..self.size()).map(of).collect())
    }
}

/// Class of a stratum, by a projection onto coarser strata; `None` means that each stratum is its own class.
#[inline(always)]
pub fn class_of(class: &Option<Vec<u32>>, stratum: usize) -> usize {
    class.as_ref().map_or(stratum, |class| class[stratum] as usize)
}

/// For each state: attributes that are read in the state or later under strategy `arm`.
pub fn relevant(tables: &Tables, arm: usize) -> Vec<Vec<usize>> {
    let model = tables.model;
    let paths = model.paths();
    let mut reads: Vec<Reads> = vec![Reads::default(); model.states.len()];
    for (t, transition) in model.transitions.iter().enumerate() {
        let own = hazard::reads(model, arm, t);
        for &s in &transition.from {
            reads[s].merge(&own);
            reads[s].add_shares(&transition.branches);
        }
    }
    for line in &paths.lines {
        let reward = &model.rewards[line.reward];
        let state = match line.at {
            RewardAt::In(state, _) => state,
            RewardAt::Edge(edge) => paths.edges[edge].from,
            RewardAt::Start => continue,
        };
        if reward.given_under(arm) {
            reads[state].merge(&reward.reads());
        }
    }
    // Attributes that matter after a move also matter before it: pass them backwards along the edges until nothing
    // changes.
    let mut changed = true;
    while changed {
        changed = false;
        for edge in &paths.edges {
            if edge.from != edge.to {
                let later = reads[edge.to].clone();
                let before = reads[edge.from].attributes();
                reads[edge.from].merge(&later);
                changed |= reads[edge.from].attributes() != before;
            }
        }
    }
    reads.iter().map(Reads::attributes).collect()
}

/// Patients who follow one arm, at the start: `(state, node index per attribute, share of all patients)`.
pub type Start = Vec<(usize, Vec<usize>, f64)>;

/// Splits the population by the attributes that are `read` anywhere and by the arm that patients follow under
/// `strategy`. Each entry is an arm and its patients.
pub fn arms(tables: &Tables, nodes: &[Vec<Node>], read: &[usize], strategy: usize) -> Vec<(usize, Start)> {
    let model = tables.model;
    let chain = chain(model, strategy);
    let stratum = Stratum::new(read.to_vec(), nodes);
    let mut arms: Vec<(usize, Start)> = Vec::new();
    let dependent = dependence::exists(model);
    let joint = JointShares::new(model, &tables.parameters[0], &stratum.attributes);
    let mut at = vec![0; model.attributes.len()];
    let mut values = vec![0.0; model.attributes.len()];
    for index in 0..stratum.size() {
        stratum.decode(index, &mut at);
        stratum.values(index, nodes, &mut values);
        let weight = joint.share(nodes, &at, &values);
        // Most combinations of values do not occur if some values occur in some cases only.
        if dependent && weight == 0.0 {
            continue;
        }
        for &start in &tables.start {
            let (state, share) = (start.0, joint.start(start, &values));
            let arm = arm_of(tables, &chain, &values, state);
            let entry = (state, at.clone(), weight * share);
            match arms.iter_mut().find(|(a, _)| *a == arm) {
                Some((_, start)) => start.push(entry),
                None => arms.push((arm, vec![entry])),
            }
        }
    }
    if dependent {
        // The values of a part of the population have the shares among all patients.
        let total: f64 = arms.iter().flat_map(|(_, start)| start).map(|(.., share)| share).sum();
        arms.iter_mut().flat_map(|(_, start)| start).for_each(|(.., share)| *share /= total);
    }
    arms
}

/// Patients with the same states, branch and attributes at the start.
pub struct Beginning<'a> {
    /// State at presentation, and state after the procedure at the start.
    pub states: (usize, usize),
    /// Branch of the initial procedure; `None` if the strategy has no initial procedure.
    pub branch: Option<usize>,
    /// Node index of each attribute.
    pub at: &'a [usize],
    /// Share of all patients.
    pub share: f64,
}

/// Calls `each` with every group of patients of `start` with the same start on `arm`, and with their situation.
pub fn begin(
    tables: &Tables,
    nodes: &[Vec<Node>],
    arm: usize,
    start: &Start,
    mut each: impl FnMut(&Beginning, &Situation),
) {
    let model = tables.model;
    let procedure = &model.strategies[arm].at_start;
    let mut values = vec![0.0; model.attributes.len()];
    // Zero, because the reward of a procedure may read the time in the state before it, and no time has passed yet.
    let residence = vec![0; model.groups.len()];
    for (state, at, share) in start {
        for (value, (nodes, &at)) in values.iter_mut().zip(nodes.iter().zip(at)) {
            *value = nodes[at].value;
        }
        let s =
            Situation { residence: &residence, ..situation(model, &tables.parameters[arm], &values, *state) };
        let mut begin = |branch, to, share| {
            let states = (*state, to);
            each(&Beginning { states, branch, at, share }, &s);
        };
        if procedure.is_empty() {
            begin(None, *state, *share);
            continue;
        }
        for (b, (branch, p)) in procedure.iter().zip(branch_shares(procedure, &s)).enumerate() {
            begin(Some(b), branch.to.unwrap_or(*state), share * p);
        }
    }
}

/// Attributes that any part of the model reads, or on which those depend. The other attributes need not distinguish patients.
pub fn read_anywhere(model: &Model) -> Vec<usize> {
    let mut reads = Reads::default();
    for (strategy, arm) in model.strategies.iter().enumerate() {
        reads.add(&arm.eligible);
        reads.add_shares(&arm.at_start);
        for (t, transition) in model.transitions.iter().enumerate() {
            reads.merge(&hazard::reads(model, strategy, t));
            reads.add_shares(&transition.branches);
        }
    }
    model.rewards.iter().for_each(|reward| reads.add(&reward.amount));
    let mut all = dependence::ordered(model, &[reads.attributes(), dependence::start_by(model)].concat());
    all.sort_unstable();
    all
}
