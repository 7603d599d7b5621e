//! Parts of the population in which all patients are in the same subgroups.
//!
//! A part is a product: some values of each attribute, and some states at the start, in any combination. The engines
//! therefore run on a part as they run on the population, and the results of a subgroup are the mean of its parts,
//! weighted by their shares.

use super::dependence::{self, JointShares, ordered};
use super::hazard::Reads;
use super::patients::situation;
use super::quadrature::{Node, columns, columns_as_one};
use super::structure::Model;

/// A part of the population: a product of attribute values and states at the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Subgroup of the patients in each of the divisions for which the population was divided.
    pub groups: Vec<usize>,
    /// Share of all patients.
    pub share: f64,
    /// Values of each attribute with their shares among the patients of the part.
    pub nodes: Vec<Vec<Node>>,
    /// States at the start with their shares among the patients of the part.
    pub start: Vec<(usize, f64)>,
    /// For each attribute: indices of the part's values among those of the population; `None` if all.
    chosen: Vec<Option<Vec<usize>>>,
}

impl Part {
    /// Values of each attribute as in the population, `nodes`, with their shares among the patients of the part: zero for values
    /// that no patient of the part has.
    pub fn among(&self, nodes: &[Vec<Node>]) -> Vec<Vec<Node>> {
        let each = nodes.iter().zip(&self.nodes).zip(&self.chosen);
        each.map(|((all, own), chosen)| {
            let Some(chosen) = chosen else {
                return own.clone();
            };
            let mut all: Vec<Node> = all.iter().map(|node| Node { weight: 0.0, ..*node }).collect();
            chosen.iter().zip(own).for_each(|(&i, node)| all[i] = *node);
            all
        })
        .collect()
    }
}

/// The values by which conditions distinguish patients: attributes, and the state at the start.
struct Axes {
    attributes: Vec<usize>,
    /// Number of values of each attribute, then of states at the start (1 if no condition reads the state).
    sizes: Vec<usize>,
    /// Shares of the values together.
    joint: JointShares,
    /// For each attribute of the axes: whether it depends on another one or another one on it. Its values keep their shares among all
    /// patients in a part, because the engine works out the shares of the combinations.
    tied: Vec<bool>,
    /// Columns of the table of patients; the first one is an axis for all of them.
    columns: Vec<usize>,
}

impl Axes {
    fn new(
        model: &Model,
        parameters: &[f64],
        nodes: &[Vec<Node>],
        start: &[(usize, f64)],
        divisions: &[usize],
    ) -> Axes {
        let mut reads = Reads::default();
        let groups = divisions.iter().flat_map(|&d| &model.subgroups.divisions[d].groups);
        groups.filter_map(|group| group.condition.as_ref()).for_each(|c| reads.merge(&Reads::of(c)));
        let start_by = if reads.state { dependence::start_by(model) } else { Vec::new() };
        let mut attributes = ordered(model, &[reads.attributes(), start_by].concat());
        let columns = columns(nodes);
        // The rows of a table of patients are one axis.
        columns_as_one(&mut attributes, &columns);
        attributes.sort_unstable();
        let states = if reads.state { start.len() } else { 1 };
        let sizes = attributes.iter().map(|&a| nodes[a].len()).chain([states]).collect();
        Axes {
            joint: JointShares::new(model, parameters, &attributes),
            tied: attributes.iter().map(|&a| dependence::is_tied(model, a)).collect(),
            columns,
            attributes,
            sizes,
        }
    }

    /// Share of all patients in a block.
    fn share(&self, block: &[Vec<usize>], nodes: &[Vec<Node>], start: &[(usize, f64)]) -> f64 {
        let mut values = vec![0.0; nodes.len()];
        let mut sum = 0.0;
        self.every(|at| {
            if block.iter().zip(at).all(|(chosen, i)| chosen.contains(i)) {
                sum += self.patient(at, nodes, start, &mut values).1;
            }
        });
        sum
    }

    /// Calls `each` with the index of every value on every axis, the last axis varying fastest.
    fn every(&self, mut each: impl FnMut(&[usize])) {
        let mut at = vec![0; self.sizes.len()];
        if self.sizes.contains(&0) {
            return;
        }
        loop {
            each(&at);
            let Some(axis) = (0..at.len()).rev().find(|&axis| at[axis] + 1 < self.sizes[axis]) else {
                return;
            };
            at[axis] += 1;
            at[axis + 1..].fill(0);
        }
    }

    /// Values of all attributes and the state at these indices.
    fn patient(
        &self,
        at: &[usize],
        nodes: &[Vec<Node>],
        start: &[(usize, f64)],
        into: &mut [f64],
    ) -> (usize, f64) {
        let mut chosen = vec![0; nodes.len()];
        for (&a, &i) in self.attributes.iter().zip(at) {
            into[a] = nodes[a][i].value;
            chosen[a] = i;
            if self.columns.first() == Some(&a) {
                self.columns.iter().for_each(|&column| into[column] = nodes[column][i].value);
            }
        }
        let share = self.joint.share(nodes, &chosen, into);
        let last = at[at.len() - 1];
        match self.sizes[at.len() - 1] {
            1 => (start[0].0, share),
            _ => (start[last].0, share * self.joint.start(start[last], into)),
        }
    }
}

/// Share of patients for whom no condition of division `division` holds, and share for whom several hold.
pub fn faults(
    model: &Model,
    parameters: &[f64],
    nodes: &[Vec<Node>],
    start: &[(usize, f64)],
    division: usize,
) -> (f64, f64) {
    let axes = Axes::new(model, parameters, nodes, start, &[division]);
    let own = &model.subgroups.divisions[division];
    let mut values = vec![0.0; model.attributes.len()];
    let (mut none, mut several) = (0.0, 0.0);
    axes.every(|at| {
        let (state, share) = axes.patient(at, nodes, start, &mut values);
        let s = situation(model, parameters, &values, state);
        if own.group_of(&s).is_none() {
            none += share;
        }
        if own.matching(&s).len() > 1 {
            several += share;
        }
    });
    (none, several)
}

/// Divides the population by the subgroups of `divisions` (indices into `model.subgroups.divisions`). Parts without
/// patients, and patients who are in no subgroup, are left out. `nodes` lists the values of every attribute with their
/// shares, `start` the states at the start with theirs.
pub fn parts(
    model: &Model,
    parameters: &[f64],
    nodes: &[Vec<Node>],
    start: &[(usize, f64)],
    divisions: &[usize],
) -> Vec<Part> {
    let axes = Axes::new(model, parameters, nodes, start, divisions);
    let mut values = vec![0.0; model.attributes.len()];
    // A block lists the groups of its patients and, for every axis, the indices that belong to it.
    type Block = (Vec<usize>, Vec<Vec<usize>>);
    let mut blocks: Vec<Block> = Vec::new();
    axes.every(|at| {
        let (state, share) = axes.patient(at, nodes, start, &mut values);
        if share <= 0.0 {
            return;
        }
        let s = situation(model, parameters, &values, state);
        let groups: Option<Vec<usize>> =
            divisions.iter().map(|&d| model.subgroups.divisions[d].group_of(&s)).collect();
        if let Some(groups) = groups {
            blocks.push((groups, at.iter().map(|&i| vec![i]).collect()));
        }
    });
    // Blocks that differ in a single axis are merged, axis by axis, so that few and large products remain.
    for axis in (0..axes.sizes.len()).rev() {
        let mut merged: Vec<Block> = Vec::new();
        let mut at = std::collections::HashMap::new();
        for (groups, block) in blocks {
            let mut others = block.clone();
            let own = std::mem::take(&mut others[axis]);
            match at.get(&(groups.clone(), others.clone())) {
                Some(&i) => {
                    let (_, into): &mut Block = &mut merged[i];
                    into[axis].extend(own);
                }
                None => {
                    at.insert((groups.clone(), others), merged.len());
                    merged.push((groups, block));
                }
            }
        }
        blocks = merged;
    }
    blocks.into_iter().map(|(groups, block)| part(&axes, groups, &block, nodes, start)).collect()
}

fn part(
    axes: &Axes,
    groups: Vec<usize>,
    block: &[Vec<usize>],
    nodes: &[Vec<Node>],
    start: &[(usize, f64)],
) -> Part {
    let mut own = nodes.to_vec();
    let mut all_chosen = vec![None; nodes.len()];
    let mut share = 1.0;
    for ((&a, chosen), tied) in axes.attributes.iter().zip(block).zip(&axes.tied) {
        if *tied {
            let with_it = if axes.columns.first() == Some(&a) { &axes.columns[..] } else { &[a] };
            for &a in with_it {
                own[a] = chosen.iter().map(|&i| nodes[a][i]).collect();
                all_chosen[a] = Some(chosen.clone());
            }
            continue;
        }
        let total: f64 = chosen.iter().map(|&i| nodes[a][i].weight).sum();
        share *= total;
        let node = |&i: &usize| Node { weight: nodes[a][i].weight / total, ..nodes[a][i] };
        own[a] = chosen.iter().map(node).collect();
        all_chosen[a] = Some(chosen.clone());
    }
    let (states, all_starts) = (&block[block.len() - 1], start);
    let start = match axes.sizes[block.len() - 1] {
        1 => start.to_vec(),
        _ => {
            let total: f64 = states.iter().map(|&i| start[i].1).sum();
            share *= total;
            states.iter().map(|&i| (start[i].0, start[i].1 / total)).collect()
        }
    };
    if axes.tied.contains(&true) {
        share = axes.share(block, nodes, all_starts);
    }
    Part { groups, share, nodes: own, start, chosen: all_chosen }
}
