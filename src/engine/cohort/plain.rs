//! The recursion where nothing tells the patients of a state apart: one number per state, and the ways in one list.

use super::super::counts::StrategyCounts;
use super::super::paths::Paths;
use super::blocks::Blocks;
use super::places::{Place, Places};
use crate::model::Tables;

/// One arm as a list of steps.
pub struct Plain {
    sides: Vec<Side>,
    ways: Vec<Way>,
    /// Per state: patients now, and those who come at the end of the cycle.
    mass: Vec<f64>,
    arrivals: Vec<f64>,
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
    /// State entered, if somebody leaves for one.
    to: Option<usize>,
    /// Whether the patient leaves the state.
    leaves: bool,
    share: f64,
}

impl Plain {
    /// The steps of an arm, if nothing tells the patients of any state apart: no attribute and no clock.
    pub fn new(places: &Places, paths: &Paths, apart: Option<usize>) -> Option<Plain> {
        // A single value of an attribute that is not fixed may still be read by a reward.
        let same = |place: &Place| {
            place.rewards.is_empty()
                && place
                    .sides
                    .iter()
                    .flat_map(|s| &s.ways)
                    .all(|w| w.rewards.is_empty())
        };
        let alike = |place: &Place| place.clocks.is_empty() && place.stratum.size() == 1 && same(place);
        if !places.0.iter().all(alike) {
            return None;
        }
        let states = places.0.len();
        let (mut sides, mut ways) = (Vec::new(), Vec::new());
        for (state, place) in places.0.iter().enumerate() {
            for side in &place.sides {
                sides.push(Side {
                    state,
                    block: side.block,
                    ways: side.ways.len(),
                });
                ways.extend(side.ways.iter().map(|way| {
                    let ends = apart.is_some_and(|e| paths.ends(way.edge, e));
                    Way {
                        exit: way.exit,
                        edge: way.edge,
                        to: (way.to != state && !ends).then_some(way.to),
                        leaves: way.to != state || ends,
                        share: 0.0,
                    }
                }));
            }
        }
        Some(Plain {
            sides,
            ways,
            mass: vec![0.0; states],
            arrivals: vec![0.0; states],
        })
    }

    /// Starts from the occupancy at time zero, with the shares of branches that `places` now hold.
    pub fn enter(&mut self, places: &Places, counts: &StrategyCounts) {
        for (mass, occupancy) in self.mass.iter_mut().zip(&counts.occupancy) {
            *mass = occupancy[0];
        }
        let sides = places.0.iter().flat_map(|p| &p.sides);
        let shares = sides.flat_map(|side| side.ways.iter().map(|way| way.share[0]));
        for (way, share) in self.ways.iter_mut().zip(shares) {
            way.share = share;
        }
    }

    /// One cycle.
    pub fn step(
        &mut self,
        tables: &Tables,
        blocks: &mut Blocks,
        residence: &[usize],
        cycle: usize,
        counts: &mut StrategyCounts,
    ) {
        let mut ways = self.ways.iter();
        for side in &self.sides {
            let slot = blocks.slot(side.block, tables, cycle, residence);
            let mass = self.mass[side.state];
            let mut left = 0.0;
            for way in ways.by_ref().take(side.ways) {
                let p = slot.exit(way.exit)[0] * way.share;
                let moved = mass * p;
                if let Some(to) = way.to {
                    self.arrivals[to] += moved;
                }
                if way.leaves {
                    left += p;
                }
                counts.moves[way.edge][cycle + 1] = moved;
            }
            self.mass[side.state] = mass * (1.0 - left).max(0.0);
        }
        let states = self.mass.iter_mut().zip(&mut self.arrivals);
        for ((mass, arrivals), occupancy) in states.zip(&mut counts.occupancy) {
            *mass += std::mem::take(arrivals);
            occupancy[cycle + 1] = *mass;
        }
    }
}
