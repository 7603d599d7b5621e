//! The recursion where nothing tells the patients of a state apart: one number per state, and the ways in one list.

use super::super::counts::StrategyCounts;
use super::blocks::Blocks;
use super::places::{Place, Places};
use crate::model::Tables;
use crate::model::paths::Paths;

/// One arm as a list of steps.
pub struct Plain {
    sides: Vec<Side>,
    ways: Vec<Way>,
    /// Per state: patients now.
    mass: Vec<f64>,
    /// Per state: those who come at the end of the cycle; and, beyond the states, those who go nowhere.
    arrivals: Vec<f64>,
    /// `[(cycle, way)]`: probability of a way, then those who take it.
    chances: Vec<f64>,
}

struct Side {
    state: usize,
    block: usize,
    /// Number of ways, which follow one another in the list.
    ways: usize,
}

struct Way {
    exit: usize,
    edge: usize,
    /// State entered; beyond the states if nobody enters one.
    to: usize,
    /// 1 if the patient leaves the state.
    leaves: f64,
}

impl Plain {
    /// The steps of an arm, if nothing tells the patients of any state apart: no attribute and no clock.
    pub fn new(places: &Places, paths: &Paths, apart: Option<usize>) -> Option<Plain> {
        // Who fires and stays makes no other move in the cycle.
        let once = |place: &Place| !place.sides.iter().any(|s| s.keeps && s.goes_on);
        // A single value of an attribute that is not fixed may still be read by a reward.
        let alike = |place: &Place| {
            place.clocks.is_empty() && place.stratum.size() == 1 && !place.rewards_differ() && once(place)
        };
        if !places.states.iter().all(alike) {
            return None;
        }
        let states = places.states.len();
        let (mut sides, mut ways) = (Vec::new(), Vec::new());
        for (state, place) in places.states.iter().enumerate() {
            for side in &place.sides {
                sides.push(Side { state, block: side.block, ways: side.ways.len() });
                ways.extend(side.ways.iter().map(|way| {
                    let ends = apart.is_some_and(|e| paths.ends(way.edge, e));
                    Way {
                        exit: way.exit,
                        edge: way.edge,
                        to: if way.to != state && !ends { way.to } else { states },
                        leaves: if way.to != state || ends { 1.0 } else { 0.0 },
                    }
                }));
            }
        }
        Some(Plain {
            sides,
            ways,
            mass: vec![0.0; states],
            arrivals: vec![0.0; states + 1],
            chances: Vec::new(),
        })
    }

    /// Runs all cycles from the occupancy at time zero, with the shares of branches that `places` now hold.
    pub fn run(
        &mut self,
        tables: &Tables,
        places: &Places,
        blocks: &mut Blocks,
        counts: &mut StrategyCounts,
    ) {
        let cycles = tables.model.time.cycles;
        for (mass, occupancy) in self.mass.iter_mut().zip(&counts.occupancy) {
            *mass = occupancy[0];
        }
        self.arrivals.fill(0.0);
        self.set_chances(cycles, places, blocks, tables);
        let width = self.ways.len();
        for cycle in 0..cycles {
            let mut ways = self.ways.iter().zip(&mut self.chances[cycle * width..]);
            for side in &self.sides {
                let mass = self.mass[side.state];
                let mut left = 0.0;
                for (way, chance) in ways.by_ref().take(side.ways) {
                    let p = *chance;
                    // From now on, those who move.
                    *chance = mass * p;
                    self.arrivals[way.to] += *chance;
                    left += p * way.leaves;
                }
                self.mass[side.state] = mass * (1.0 - left).max(0.0);
            }
            let states = self.mass.iter_mut().zip(&mut self.arrivals);
            for ((mass, arrivals), occupancy) in states.zip(&mut counts.occupancy) {
                *mass += std::mem::take(arrivals);
                occupancy[cycle + 1] = *mass;
            }
        }
        for (i, way) in self.ways.iter().enumerate() {
            let moved = self.chances[i..].iter().step_by(width);
            counts.moves[way.edge][1..].iter_mut().zip(moved).for_each(|(own, moved)| *own = *moved);
        }
    }

    /// Lays out the probability of every way in every cycle in the order in which the recursion takes them.
    fn set_chances(&mut self, cycles: usize, places: &Places, blocks: &mut Blocks, tables: &Tables) {
        let width = self.ways.len();
        self.chances.resize(cycles * width, 0.0);
        let shares = places.states.iter().flat_map(|p| &p.sides).flat_map(|side| &side.ways);
        let blocks_of_ways = self.sides.iter().flat_map(|side| std::iter::repeat_n(side.block, side.ways));
        for (i, ((own, way), block)) in self.ways.iter().zip(shares).zip(blocks_of_ways).enumerate() {
            let share = way.share[0];
            let into = self.chances[i..].iter_mut().step_by(width);
            match blocks.series(block, own.exit, tables) {
                [only] => into.for_each(|chance| *chance = only * share),
                all => into.zip(all).for_each(|(chance, p)| *chance = p * share),
            }
        }
    }
}
