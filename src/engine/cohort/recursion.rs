//! The recursion over cycles for one arm.

use super::super::counts::StrategyCounts;
use super::super::paths::{AtStart, Meaning, Paths, start_of};
use super::MOST_CLOCKS;
use super::blocks::Block;
use super::strata::{Start, Stratum, relevant};
use crate::model::quadrature::Node;
use crate::model::{Branch, Exit, Tables, branch_shares, situation};

/// Patients of one state who entered their groups in the same cycles: mass per stratum.
struct Cell {
    entry: [u32; MOST_CLOCKS],
    mass: Vec<f64>,
}

/// Everything about one state that does not change from cycle to cycle.
struct Place {
    stratum: Stratum,
    /// Groups whose clock its patients carry.
    clocks: Vec<usize>,
    first: Option<Side>,
    rest: Option<Side>,
}

/// One set of exits of a state: its block and the state's strata as classes of the block.
struct Side {
    block: usize,
    class: Vec<u32>,
    ways: Vec<Way>,
}

/// One branch of an exit.
struct Way {
    /// Exit's position in the block.
    exit: usize,
    edge: usize,
    to: usize,
    /// One share for all strata, or one for each.
    share: Vec<f64>,
    /// Stratum of the target state per stratum here.
    target: Vec<u32>,
    /// Per clock of the target: the position here of the clock that is carried on, or none: it starts anew.
    carried: Vec<Option<usize>>,
}

/// Runs one arm from `start`. With `apart`, patients leave the model when their time at risk of that endpoint
/// ends, and only its counts mean anything.
pub fn run(
    tables: &Tables,
    paths: &Paths,
    nodes: &[Vec<Node>],
    arm: usize,
    start: &Start,
    apart: Option<usize>,
) -> StrategyCounts {
    let model = tables.model;
    let n = model.time.cycles;
    let branches = &model.strategies[arm].at_start;
    let mut counts = StrategyCounts::zero(
        model.states.len(),
        paths.edges.len(),
        branches.len(),
        model.endpoints.len(),
        n,
    );
    let (places, mut blocks) = places(tables, paths, nodes, arm);
    let mut cells: Vec<Vec<Cell>> = (0..model.states.len()).map(|_| Vec::new()).collect();
    let mut arrivals: Vec<Vec<Cell>> = (0..model.states.len()).map(|_| Vec::new()).collect();
    enter(
        tables,
        nodes,
        arm,
        start,
        &places,
        &mut cells,
        &mut counts,
        paths,
        apart,
    );
    let record = |cells: &[Vec<Cell>], counts: &mut StrategyCounts, cycle: usize| {
        for (s, list) in cells.iter().enumerate() {
            counts.occupancy[s][cycle] = list.iter().map(|c| c.mass.iter().sum::<f64>()).sum();
        }
    };
    record(&cells, &mut counts, 0);
    let mut residence = vec![0usize; model.groups.len()];
    let mut left = Vec::new();
    for cycle in 0..n {
        for (s, place) in places.iter().enumerate() {
            for cell in &mut cells[s] {
                for (k, &g) in place.clocks.iter().enumerate() {
                    residence[g] = cycle - cell.entry[k] as usize;
                }
                for side in [&place.first, &place.rest].into_iter().flatten() {
                    let block = &mut blocks[side.block];
                    block.fill(tables, cycle, &residence);
                    let classes = block.total.len();
                    for way in &side.ways {
                        let p = &block.probability[way.exit * classes..(way.exit + 1) * classes];
                        let ends =
                            apart.is_some_and(|e| paths.meanings[way.edge].iter().any(|(f, _)| *f == e));
                        let moved = if way.to == s || ends {
                            // Nobody changes state (or everybody leaves the model): count the firings.
                            flow(&cell.mass, &side.class, p, way, None)
                        } else {
                            let mut entry = [0; MOST_CLOCKS];
                            for (k, carried) in way.carried.iter().enumerate() {
                                entry[k] = carried.map_or(cycle as u32 + 1, |c| cell.entry[c]);
                            }
                            let into = arrival(&mut arrivals[way.to], entry, places[way.to].stratum.size());
                            flow(&cell.mass, &side.class, p, way, Some(into))
                        };
                        if moved > 0.0 {
                            counts.moves[way.edge][cycle + 1] += moved;
                            count(&mut counts, model, paths, way.edge, moved, cycle + 1, &residence);
                        }
                    }
                    stay(&mut cell.mass, side, block, s, apart, paths, &mut left);
                }
            }
        }
        for (s, list) in arrivals.iter_mut().enumerate() {
            for cell in list.drain(..) {
                // Cells are few at the end of the list: those who entered lately.
                match cells[s].iter_mut().rev().find(|c| c.entry == cell.entry) {
                    Some(own) => own.mass.iter_mut().zip(&cell.mass).for_each(|(a, b)| *a += b),
                    None => cells[s].push(cell),
                }
            }
        }
        record(&cells, &mut counts, cycle + 1);
    }
    finish(model, &places, &cells, &mut counts, n);
    counts
}

/// Sum of what takes one way; spread over the target's strata if there is one.
fn flow(mass: &[f64], class: &[u32], p: &[f64], way: &Way, into: Option<&mut [f64]>) -> f64 {
    let mut sum = 0.0;
    let share = |i: usize| {
        if way.share.len() == 1 {
            way.share[0]
        } else {
            way.share[i]
        }
    };
    match into {
        Some(into) => {
            for (i, m) in mass.iter().enumerate() {
                let moved = m * p[class[i] as usize] * share(i);
                into[way.target[i] as usize] += moved;
                sum += moved;
            }
        }
        None => {
            for (i, m) in mass.iter().enumerate() {
                sum += m * p[class[i] as usize] * share(i);
            }
        }
    }
    sum
}

/// Leaves in `mass` those who did not move (branches that keep the patient leave them where they are).
fn stay(
    mass: &mut [f64],
    side: &Side,
    block: &Block,
    state: usize,
    apart: Option<usize>,
    paths: &Paths,
    left: &mut Vec<f64>,
) {
    let keeps = side.ways.iter().any(|w| w.to == state);
    if !keeps {
        mass.iter_mut()
            .zip(&side.class)
            .for_each(|(m, &c)| *m *= (1.0 - block.total[c as usize]).max(0.0));
        return;
    }
    let classes = block.total.len();
    left.clear();
    left.resize(mass.len(), 0.0);
    for way in &side.ways {
        let ends = apart.is_some_and(|e| paths.ends(way.edge, e));
        if way.to != state || ends {
            for (i, l) in left.iter_mut().enumerate() {
                let share = if way.share.len() == 1 {
                    way.share[0]
                } else {
                    way.share[i]
                };
                *l += block.probability[way.exit * classes + side.class[i] as usize] * share;
            }
        }
    }
    mass.iter_mut()
        .zip(left.iter())
        .for_each(|(m, l)| *m *= (1.0 - l).max(0.0));
}

fn arrival(list: &mut Vec<Cell>, entry: [u32; MOST_CLOCKS], size: usize) -> &mut [f64] {
    let at = list.iter().position(|c| c.entry == entry).unwrap_or_else(|| {
        list.push(Cell {
            entry,
            mass: vec![0.0; size],
        });
        list.len() - 1
    });
    &mut list[at].mass
}

/// Books a move for every endpoint that it means something for.
fn count(
    counts: &mut StrategyCounts,
    model: &crate::model::Model,
    paths: &Paths,
    edge: usize,
    moved: f64,
    cycle: usize,
    residence: &[usize],
) {
    for &(e, meaning) in &paths.meanings[edge] {
        let time = match model.endpoints[e].since {
            Some(g) => residence[g] + 1,
            None => cycle,
        };
        let endpoint = &mut counts.endpoints[e];
        match meaning {
            Meaning::Event => endpoint.events[time] += moved,
            Meaning::Competing => endpoint.competing[time] += moved,
            Meaning::Leaves => endpoint.censored[time] += moved,
            Meaning::Origin => endpoint.entered += moved,
        }
    }
}

/// Puts the population into its states at time zero, procedures included.
#[allow(clippy::too_many_arguments)]
fn enter(
    tables: &Tables,
    nodes: &[Vec<Node>],
    arm: usize,
    start: &Start,
    places: &[Place],
    cells: &mut [Vec<Cell>],
    counts: &mut StrategyCounts,
    paths: &Paths,
    apart: Option<usize>,
) {
    let model = tables.model;
    let procedure: &[Branch] = &model.strategies[arm].at_start;
    let mut values = vec![0.0; model.attributes.len()];
    for (state, at, share) in start {
        values
            .iter_mut()
            .enumerate()
            .for_each(|(a, v)| *v = nodes[a][at[a]].value);
        let s = situation(model, &tables.parameters[arm], &values, *state);
        let outcomes: Vec<(usize, f64)> = if procedure.is_empty() {
            vec![(*state, 1.0)]
        } else {
            let shares = branch_shares(procedure, &s);
            shares
                .iter()
                .enumerate()
                .for_each(|(b, p)| counts.procedure[b] += share * p);
            procedure
                .iter()
                .map(|b| b.to.unwrap_or(*state))
                .zip(shares)
                .collect()
        };
        for (to, p) in outcomes {
            let mass = share * p;
            let mut stays = true;
            for (e, endpoint) in model.endpoints.iter().enumerate() {
                let at_risk = start_of(endpoint, paths, *state, to);
                let own = &mut counts.endpoints[e];
                match at_risk {
                    AtStart::Beyond => own.beyond += mass,
                    AtStart::AtRisk => own.entered += mass,
                    AtStart::Event => {
                        own.entered += mass;
                        own.events[0] += mass;
                    }
                    AtStart::Later => {}
                }
                stays &= apart != Some(e) || at_risk == AtStart::AtRisk;
            }
            if stays && mass > 0.0 {
                let place = &places[to];
                let stratum = &place.stratum;
                let index = stratum
                    .attributes
                    .iter()
                    .fold(0, |k, &a| k * nodes[a].len() + at[a]);
                arrival(&mut cells[to], [0; MOST_CLOCKS], stratum.size())[index] += mass;
            }
        }
    }
}

/// Those still at risk at the horizon are censored there.
fn finish(
    model: &crate::model::Model,
    places: &[Place],
    cells: &[Vec<Cell>],
    counts: &mut StrategyCounts,
    n: usize,
) {
    for (e, endpoint) in model.endpoints.iter().enumerate() {
        let own = &mut counts.endpoints[e];
        match endpoint.since {
            None => {
                let gone: f64 = own
                    .events
                    .iter()
                    .zip(&own.competing)
                    .map(|(d, c)| d + c)
                    .sum::<f64>();
                own.censored[n] += (own.entered - gone).max(0.0);
            }
            Some(g) => {
                for (place, list) in places.iter().zip(cells) {
                    if let Some(k) = place.clocks.iter().position(|c| *c == g) {
                        for cell in list {
                            own.censored[n - cell.entry[k] as usize] += cell.mass.iter().sum::<f64>();
                        }
                    }
                }
            }
        }
    }
}

fn places(tables: &Tables, paths: &Paths, nodes: &[Vec<Node>], arm: usize) -> (Vec<Place>, Vec<Block>) {
    let model = tables.model;
    let attributes = model.attributes.len();
    let strata: Vec<Stratum> = relevant(tables, paths, arm)
        .into_iter()
        .map(|a| Stratum::new(a, nodes))
        .collect();
    let clocks: Vec<Vec<usize>> = (0..model.states.len())
        .map(|s| {
            paths
                .clocks
                .iter()
                .copied()
                .filter(|&g| paths.inside[g][s])
                .collect()
        })
        .collect();
    let mut blocks: Vec<Block> = Vec::new();
    let mut side = |s: usize, exits: &[Exit], stated: bool| -> Option<Side> {
        if exits.is_empty() {
            return None;
        }
        let block = blocks
            .iter()
            .position(|b: &Block| b.exits == exits)
            .unwrap_or_else(|| {
                blocks.push(Block::new(tables, nodes, arm, s, exits, stated));
                blocks.len() - 1
            });
        let class = strata[s].project(&blocks[block].stratum, attributes);
        let mut ways = Vec::new();
        for (e, exit) in exits.iter().enumerate() {
            let branches = &model.transitions[exit.transition].branches;
            let shares = shares_by_stratum(tables, nodes, arm, s, branches, &strata[s]);
            for (b, (branch, share)) in branches.iter().zip(shares).enumerate() {
                let to = branch.to.unwrap_or(s);
                ways.push(Way {
                    exit: e,
                    edge: paths.first_edge(exit.transition, s) + b,
                    to,
                    share,
                    target: strata[s].project(&strata[to], attributes),
                    carried: clocks[to]
                        .iter()
                        .map(|g| clocks[s].iter().position(|h| h == g))
                        .collect(),
                });
            }
        }
        Some(Side { block, class, ways })
    };
    let places = (0..model.states.len())
        .map(|s| {
            let row = &tables.rows[arm][s];
            Place {
                first: side(s, &row.first, row.first_stated),
                rest: side(s, &row.rest, row.rest_stated),
                stratum: strata[s].clone(),
                clocks: clocks[s].clone(),
            }
        })
        .collect();
    (places, blocks)
}

/// Per branch: one share if it is the same for all strata, else one for each.
fn shares_by_stratum(
    tables: &Tables,
    nodes: &[Vec<Node>],
    arm: usize,
    state: usize,
    branches: &[Branch],
    stratum: &Stratum,
) -> Vec<Vec<f64>> {
    let model = tables.model;
    let mut values = vec![0.0; model.attributes.len()];
    let mut shares: Vec<Vec<f64>> = vec![Vec::new(); branches.len()];
    for i in 0..stratum.size() {
        stratum.values(i, nodes, &mut values);
        let s = situation(model, &tables.parameters[arm], &values, state);
        branch_shares(branches, &s)
            .into_iter()
            .zip(&mut shares)
            .for_each(|(p, list)| list.push(p));
    }
    for list in &mut shares {
        if list.iter().all(|p| *p == list[0]) {
            list.truncate(1);
        }
    }
    shares
}
