//! Where patients of one arm can be and how they can leave, laid out for the recursion.

use super::amounts::{Amounts, Entry};
use super::blocks::{BlockExit, block_exits};
use super::strata::{Stratum, relevant};
use super::{MOST_CLOCKS, Pools};
use crate::model::hazard::Reads;
use crate::model::paths::Meaning;
use crate::model::quadrature::Node;
use crate::model::reward_lines::Falls;
use crate::model::{Branch, Exit, Tables, branch_shares, situation};

/// Where patients of one arm can be, and what they gather whoever they are.
pub struct Places {
    /// One place for each state.
    pub states: Vec<Place>,
    /// Rewards of being somewhere and of moves in which all patients are alike.
    pub common: Vec<Common>,
}

/// A reward in which all patients of a place are alike.
pub struct Common {
    /// Line.
    pub line: usize,
    /// Whether it depends on model time.
    pub varies: bool,
}

/// One state under one arm.
pub struct Place {
    /// What tells its patients apart.
    pub stratum: Stratum,
    /// Groups whose clock its patients carry.
    pub clocks: Vec<usize>,
    /// Sets of exits, in the order in which they are resolved.
    pub sides: Vec<Side>,
    /// Rewards of being here that differ between its patients.
    pub rewards: Vec<Entry>,
}

impl Place {
    /// Whether any reward of being here or of leaving differs between its patients.
    pub fn rewards_differ(&self) -> bool {
        let ways = self.sides.iter().flat_map(|side| &side.ways);
        !self.rewards.is_empty() || ways.into_iter().any(|way| !way.rewards.is_empty())
    }
}

/// One set of exits that compete.
pub struct Side {
    /// Position in the pool of blocks.
    pub block: usize,
    /// Per stratum: the class of the block; `None` if they are the same.
    pub class: Option<Vec<u32>>,
    /// Branches of all exits.
    pub ways: Vec<Way>,
    /// Whether some way keeps the patient in the state.
    pub keeps: bool,
    /// Whether another side is resolved after it, for those who have not fired.
    pub goes_on: bool,
}

/// One branch of an exit.
pub struct Way {
    /// Exit's position in the block.
    pub exit: usize,
    transition: usize,
    /// Edge.
    pub edge: usize,
    /// State entered.
    pub to: usize,
    /// Share of the firings, one for all strata or one for each, at the present values.
    pub share: Vec<f64>,
    /// Per stratum: the stratum of the target state; `None` if they are the same.
    pub target: Option<Vec<u32>>,
    /// Per clock of the target: the position here of the clock that is carried on, or none: it starts anew.
    pub carried: Vec<Option<usize>>,
    /// What it means for endpoints that are counted from entry into a group: endpoint, group and meaning.
    pub timed: Vec<(usize, usize, Meaning)>,
    /// Rewards of going this way that differ between patients.
    pub rewards: Vec<Entry>,
}

impl Way {
    /// Cycles of entry of those who take this way at grid point `cycle`, out of a cell with cycles `from`.
    #[inline]
    pub fn entry(&self, from: &[u32; MOST_CLOCKS], cycle: usize) -> [u32; MOST_CLOCKS] {
        let mut entry = [0; MOST_CLOCKS];
        for (entry, carried) in entry.iter_mut().zip(&self.carried) {
            *entry = carried.map_or(cycle as u32, |clock| from[clock]);
        }
        entry
    }
}

impl Places {
    /// Lays out the places of patients who follow `arm`; what is evaluated for them and not there yet is added to the
    /// pools.
    pub fn new(
        tables: &Tables,
        nodes: &[Vec<Node>],
        arm: usize,
        Pools { blocks, amounts, .. }: &mut Pools,
    ) -> Places {
        let model = tables.model;
        let paths = model.paths();
        let strata: Vec<Stratum> =
            relevant(tables, arm).into_iter().map(|a| Stratum::new(a, nodes)).collect();
        let clocks_of = |s: usize| -> Vec<usize> {
            let carried = paths.clocks.iter().copied();
            let here: Vec<usize> = carried.filter(|&g| paths.inside[g][s]).collect();
            // A clock that is left out would stand still, and nothing would show it.
            assert!(here.len() <= MOST_CLOCKS, "a scenario with more clocks is refused");
            here
        };
        let clocks: Vec<Vec<usize>> = (0..model.states.len()).map(clocks_of).collect();
        let mut side = |s: usize, exits: &[Exit], stated: bool, amounts: &mut Amounts| -> Option<Side> {
            if exits.is_empty() {
                return None;
            }
            let (exits, branches): (Vec<BlockExit>, Vec<Vec<usize>>) =
                block_exits(model, s, exits).into_iter().unzip();
            let block = blocks.position(tables, nodes, arm, s, &exits, stated);
            let mut ways = Vec::new();
            for (e, (exit, branches)) in exits.iter().zip(branches).enumerate() {
                let transition = exit.exit.transition;
                for b in branches {
                    let to = model.transitions[transition].branches[b].to.unwrap_or(s);
                    let edge = paths.first_edge(transition, s) + b;
                    let position = |g: &usize| clocks[s].iter().position(|h| h == g);
                    let timed = |&(e, meaning): &(usize, Meaning)| {
                        let since = model.endpoints[e].since?;
                        Some((e, since, meaning))
                    };
                    ways.push(Way {
                        exit: e,
                        transition,
                        edge,
                        to,
                        share: Vec::new(),
                        target: strata[s].project(&strata[to]),
                        carried: clocks[to].iter().map(position).collect(),
                        timed: paths.meanings[edge].iter().filter_map(timed).collect(),
                        rewards: amounts
                            .entries(model, nodes, (arm, s, &strata[s]), |falls| falls == Falls::Edge(edge)),
                    });
                }
            }
            Some(Side {
                block,
                class: strata[s].project(blocks.stratum(block)),
                keeps: ways.iter().any(|w| w.to == s),
                ways,
                goes_on: false,
            })
        };
        let states = (0..model.states.len())
            .map(|s| {
                let row = &tables.rows[arm][s];
                let mut first = side(s, &row.first, row.first_stated, amounts);
                let rest = side(s, &row.rest, row.rest_stated, amounts);
                if let (Some(first), Some(_)) = (&mut first, &rest) {
                    first.goes_on = true;
                }
                let here = (arm, s, &strata[s]);
                let in_it = |falls| matches!(falls, Falls::In(state, _) if state == s);
                Place {
                    rewards: amounts.entries(model, nodes, here, in_it),
                    stratum: strata[s].clone(),
                    clocks: clocks[s].clone(),
                    sides: first.into_iter().chain(rest).collect(),
                }
            })
            .collect();
        let common = paths.lines.iter().enumerate().filter_map(|(l, line)| {
            let reward = &model.rewards[line.reward];
            let reads = reward.reads();
            let here = line.falls != Falls::Start && reward.given_under(arm) && !reward.differs(model);
            here.then_some(Common { line: l, varies: reads.time || reads.age })
        });
        Places { states, common: common.collect() }
    }

    /// Reads the shares of branches at the values that `tables` now hold.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>], arm: usize) {
        let model = tables.model;
        let mut values = vec![0.0; model.attributes.len()];
        for (state, place) in self.states.iter_mut().enumerate() {
            let stratum = &place.stratum;
            let ways = place.sides.iter_mut().map(|side| &mut side.ways);
            // The branches of one exit follow one another.
            for branches_of_exit in ways.flat_map(|ways| ways.chunk_by_mut(|a, b| a.exit == b.exit)) {
                let branches: &[Branch] = &model.transitions[branches_of_exit[0].transition].branches;
                branches_of_exit.iter_mut().for_each(|way| way.share.clear());
                // The only branch, or one that competes for itself.
                if let [only] = branches_of_exit {
                    only.share.push(1.0);
                    continue;
                }
                let mut reads = Reads::default();
                reads.add_shares(branches);
                let alike = reads.attributes().is_empty();
                for i in 0..if alike { 1 } else { stratum.size() } {
                    stratum.values(i, nodes, &mut values);
                    let s = situation(model, &tables.parameters[arm], &values, state);
                    let shares = branch_shares(branches, &s);
                    let each = branches_of_exit.iter_mut().zip(shares);
                    each.for_each(|(way, share)| way.share.push(share));
                }
                for way in branches_of_exit {
                    if way.share.iter().all(|p| *p == way.share[0]) {
                        way.share.truncate(1);
                    }
                }
            }
        }
    }
}
