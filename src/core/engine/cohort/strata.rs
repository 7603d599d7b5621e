//! Strata: the attributes that matter from each state onwards, and the distribution of patients over them at the start.

use crate::model::hazard::{self, Reads};
use crate::model::population::{arm_of, chain};
use crate::model::quadrature::Node;
use crate::model::reward_lines::RewardAt;
use crate::model::{Model, Situation, Tables, branch_shares, situation};

/// The attributes that distinguish the patients of one state, with their number of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// Attributes, ascending.
    pub attributes: Vec<usize>,
    sizes: Vec<usize>,
}

impl Stratum {
    pub fn new(attributes: Vec<usize>, nodes: &[Vec<Node>]) -> Stratum {
        let sizes = attributes.iter().map(|&a| nodes[a].len()).collect();
        Stratum { attributes, sizes }
    }

    /// Number of strata.
    pub fn size(&self) -> usize {
        self.sizes.iter().product()
    }

    /// Writes the node index of each attribute of stratum `index`.
    pub fn decode(&self, mut index: usize, into: &mut [usize]) {
        for (&a, &size) in self.attributes.iter().zip(&self.sizes).rev() {
            into[a] = index % size;
            index /= size;
        }
    }

    /// Writes the attribute values of stratum `index`.
    pub fn values(&self, index: usize, nodes: &[Vec<Node>], into: &mut [f64]) {
        let mut at = vec![0; into.len()];
        self.decode(index, &mut at);
        for &a in &self.attributes {
            into[a] = nodes[a][at[a]].value;
        }
    }

    /// The stratum of a patient with these nodes per attribute.
    pub fn index(&self, at: &[usize]) -> usize {
        let attributes = self.attributes.iter().zip(&self.sizes);
        attributes.fold(0, |k, (&a, &n)| k * n + at[a])
    }

    /// Per stratum: the stratum of `coarser` (which reads no other attribute) that holds it; `None` if they are the
    /// same.
    pub fn project(&self, coarser: &Stratum) -> Option<Vec<u32>> {
        if self == coarser {
            return None;
        }
        let mut at = vec![0; self.attributes.last().map_or(0, |a| a + 1)];
        let of = |stratum| {
            self.decode(stratum, &mut at);
            coarser.index(&at) as u32
        };
        Some((0..self.size()).map(of).collect())
    }
}

/// The class of a stratum, by a projection to coarser strata.
#[inline(always)]
pub fn class_of(class: &Option<Vec<u32>>, stratum: usize) -> usize {
    class.as_ref().map_or(stratum, |class| class[stratum] as usize)
}

/// Attributes that matter in and after each state under strategy `arm`.
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
    // Pass what matters backwards along the edges until nothing changes.
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

/// Share of all patients who start in a state with given attribute nodes: `(state, node index per attribute,
/// share)`, for those who follow arm `.0`.
pub type Start = Vec<(usize, Vec<usize>, f64)>;

/// Splits the population by the attributes that are `read` anywhere and by the arm that it follows under
/// `strategy`.
pub fn arms(tables: &Tables, nodes: &[Vec<Node>], read: &[usize], strategy: usize) -> Vec<(usize, Start)> {
    let model = tables.model;
    let chain = chain(model, strategy);
    let stratum = Stratum::new(read.to_vec(), nodes);
    let mut arms: Vec<(usize, Start)> = Vec::new();
    let mut at = vec![0; model.attributes.len()];
    let mut values = vec![0.0; model.attributes.len()];
    for index in 0..stratum.size() {
        stratum.decode(index, &mut at);
        stratum.values(index, nodes, &mut values);
        let weight: f64 = stratum.attributes.iter().map(|&a| nodes[a][at[a]].weight).product();
        for &(state, share) in &tables.start {
            let arm = arm_of(tables, &chain, &values, state);
            let entry = (state, at.clone(), weight * share);
            match arms.iter_mut().find(|(a, _)| *a == arm) {
                Some((_, start)) => start.push(entry),
                None => arms.push((arm, vec![entry])),
            }
        }
    }
    arms
}

/// Patients who begin alike.
pub struct Beginning<'a> {
    /// State in which they present, and the one in which the procedure at the start leaves them.
    pub states: (usize, usize),
    /// Branch of the procedure, if there is one.
    pub branch: Option<usize>,
    /// Node index of each attribute.
    pub at: &'a [usize],
    /// Share of all patients.
    pub share: f64,
}

/// Calls `each` with every group of patients of `start` who begin alike, and their situation; they follow `arm`.
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
    // The reward of a procedure may read the time in a state that it leaves: none has passed.
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

/// Attributes that anything in the model reads; patients need not be distinguished by the others.
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
    reads.attributes()
}
