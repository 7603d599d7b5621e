//! Strata: which attributes matter from each state onwards, and how patients are spread over them at the start.

use crate::model::hazard::{self, Reads};
use crate::model::quadrature::{Node, nodes, single_rule};
use crate::model::reward_lines::Falls;
use crate::model::{AttributeKind, Model, Situation, Tables, branch_shares, shares, situation};

/// Values and shares of every attribute: categories, or `order` Gauss nodes per panel.
pub fn population_nodes(model: &Model, parameters: &[f64], order: usize) -> Vec<Vec<Node>> {
    population(model, parameters, |a| nodes(model, a, parameters, order))
}

/// As [`population_nodes`] with so many nodes of each continuous attribute, kinks or not.
pub fn few_nodes(model: &Model, parameters: &[f64], number: usize) -> Vec<Vec<Node>> {
    population(model, parameters, |a| single_rule(model, a, parameters, number))
}

fn population(model: &Model, parameters: &[f64], continuous: impl Fn(usize) -> Vec<Node>) -> Vec<Vec<Node>> {
    let zero = vec![0.0; model.attributes.len()];
    model
        .attributes
        .iter()
        .enumerate()
        .map(|(a, attribute)| match &attribute.kind {
            AttributeKind::Categorical { shares: stated, .. } => {
                let s = situation(model, parameters, &zero, 0);
                let values = shares(stated.iter(), &s);
                let all = values.iter().enumerate().map(|(i, &weight)| Node { value: i as f64, weight });
                // A category that nobody is in costs as much as any other.
                all.filter(|node| node.weight > 0.0).collect()
            }
            AttributeKind::Continuous(_) => continuous(a),
        })
        .collect()
}

/// The attributes that tell the patients of one state apart, with their number of values.
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
        let state = match line.falls {
            Falls::In(state, _) => state,
            Falls::Edge(edge) => paths.edges[edge].from,
            Falls::Start => continue,
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

/// The arms that patients of a strategy can follow: its own, and what it says that those get who are not eligible.
pub fn chain(model: &Model, strategy: usize) -> Vec<usize> {
    let chain = std::iter::successors(Some(strategy), |&s| model.strategies[s].otherwise);
    chain.take(model.strategies.len() + 1).collect()
}

/// Splits the population, told apart by the attributes that are `read` anywhere, by the arm that it follows under
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

/// Tells `each` how the patients of `start`, who follow `arm`, begin, and in which situation they are.
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
    // What a procedure pays may read the time in a state that it leaves: none has passed.
    let residence = vec![0; model.groups.len()];
    for (state, at, share) in start {
        for (value, (nodes, &at)) in values.iter_mut().zip(nodes.iter().zip(at)) {
            *value = nodes[at].value;
        }
        let s =
            Situation { residence: &residence, ..situation(model, &tables.parameters[arm], &values, *state) };
        let mut tell = |branch, to, share| {
            let states = (*state, to);
            each(&Beginning { states, branch, at, share }, &s);
        };
        if procedure.is_empty() {
            tell(None, *state, *share);
            continue;
        }
        for (b, (branch, p)) in procedure.iter().zip(branch_shares(procedure, &s)).enumerate() {
            tell(Some(b), branch.to.unwrap_or(*state), share * p);
        }
    }
}

/// The first arm of `chain` for which a patient is eligible (the last one if none).
pub fn arm_of(tables: &Tables, chain: &[usize], attributes: &[f64], state: usize) -> usize {
    for &arm in chain {
        let s: Situation = situation(tables.model, &tables.parameters[arm], attributes, state);
        if tables.model.strategies[arm].eligible.value(&s) != 0.0 {
            return arm;
        }
    }
    *chain.last().expect("a chain begins with its own strategy")
}

/// Attributes that anything in the model reads; by the others nobody need be told apart.
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
