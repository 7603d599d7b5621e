//! The recursion beside a background (see [`super::background`]): how patients move between states as long as they are
//! still there, told apart only by what else has moved them so far or will.
//!
//! Where the exits of a state read the time `r` since it was entered (and attributes `x`) and no other clock, those who
//! entered in cycle `e` are the same share of who came for ever after, and occupancy and moves are convolutions of
//! arrivals,
//!
//! ```text
//! N(x, k) = sum over e of arrivals(x, e) R(x, k - e),   R(x, 0) = 1,   R(x, r + 1) = R(x, r) (1 - p(x, r)),
//! moves(x, k + 1) = sum over e of arrivals(x, e) R(x, k - e) p(x, k - e),
//! ```
//!
//! so that nobody need be followed by the cycle of entry. Only totals are counted in this way; endpoints are not.

use super::super::counts::StrategyCounts;
use super::Pools;
use super::background::{Background, View};
use super::blocks::Blocks;
use super::cells::{Cells, sum};
use super::pay::Pay;
use super::places::{Place, Places, Side, Way};
use super::strata::{self, Stratum};
use crate::model::hazard::{self, Reads, insert};
use crate::model::paths::Paths;
use crate::model::quadrature::Node;
use crate::model::reward_lines::Falls;
use crate::model::{Exit, Model, Tables};

/// One arm beside its background.
pub struct Course {
    background: usize,
    /// Per state; none for those that nobody leaves.
    stations: Vec<Option<Station>>,
    pays: Vec<Pay>,
    work: Work,
    /// What the background reads, if nothing at the start does.
    pub blind: Vec<usize>,
}

/// Working space, one number per stratum: those who take an exit, those of them who go on to one state, and the
/// probability of leaving.
#[derive(Default)]
struct Work {
    moved: Vec<f64>,
    shared: Vec<f64>,
    left: Vec<f64>,
}

/// One state that can be left.
pub struct Station {
    /// Number of strata: what tells its patients apart.
    pub size: usize,
    /// Its view of the background, and per stratum the class in it; `None` if they are the same.
    pub view: usize,
    pub seen: Option<Vec<u32>>,
    /// Strata of its place to those attributes that the background does not read, and from there to its own.
    start: (Option<Vec<u32>>, Option<Vec<u32>>),
    /// Exits, apart from the background.
    rest: Option<Rest>,
    /// The clock that rest or rewards read, if they do: patients are convolved from arrivals.
    pub sojourn: Option<Sojourn>,
    now: Vec<f64>,
    arrivals: Vec<f64>,
    /// `[(k, class of the view)]`.
    pub present: Vec<f64>,
}

/// What is known of patients by the time since they came. Each stratum has one number per cycle; shares stand in the
/// order of arrivals that they meet, those of the longest stay first.
pub struct Sojourn {
    clock: usize,
    cycles: usize,
    /// `[(stratum, e)]`: arrivals.
    entered: Vec<f64>,
    /// Nobody came from this cycle on, so far.
    until: usize,
    /// `[(stratum, cycles - r)]`: share who are still there.
    stay: Vec<f64>,
    /// `[exit][(stratum, cycles - r)]`: share who leave in the cycle after.
    fire: Vec<Vec<f64>>,
    /// From so many cycles on nobody is still there.
    pub longest: usize,
}

struct Rest {
    block: usize,
    /// Per stratum: the class of the block; `None` if they are the same.
    class: Option<Vec<u32>>,
    exits: Vec<Leave>,
}

struct Leave {
    /// Position in the block.
    exit: usize,
    branches: Vec<Branch>,
}

/// One branch of an exit.
struct Branch {
    /// Position among the ways of the side.
    way: usize,
    edge: usize,
    leaves: bool,
    /// The state entered, unless nobody leaves it or the patient stays.
    to: Option<usize>,
    /// Per stratum here: that of those which tell apart both here and there; then per stratum there.
    shared: Option<Vec<u32>>,
    shared_size: usize,
    there: Option<Vec<u32>>,
}

impl Course {
    /// The course of an arm, if it has a background and nothing in it asks for more than a course can tell.
    pub fn new(
        tables: &Tables,
        nodes: &[Vec<Node>],
        (places, arm): (&Places, usize),
        strategy: usize,
        pools: &mut Pools,
    ) -> Option<Course> {
        let model = tables.model;
        let (block, exits) = common_block(places)?;
        if !pools.blocks.reads(block).residence.is_empty() || !starts_alike(model, strategy, pools, block) {
            return None;
        }
        let by = pools.blocks.stratum(block).attributes.clone();
        let reads: Vec<Reads> = (0..model.states.len()).map(|s| rest_reads(tables, arm, s)).collect();
        let before = read_before(model.paths(), &reads, &by);
        let all = &mut pools.backgrounds;
        let background = all.iter().position(|b| b.block == block).unwrap_or_else(|| {
            all.push(Background::new(block, exits, &pools.blocks));
            all.len() - 1
        });
        let own = &mut all[background];
        let (apart, strata): (Vec<Stratum>, Vec<Stratum>) = places
            .states
            .iter()
            .zip(&before)
            .map(|(place, before)| {
                let others = place.stratum.attributes.iter().copied();
                let mut attributes: Vec<usize> = others.filter(|a| !by.contains(a)).collect();
                let apart = Stratum::new(attributes.clone(), nodes);
                before.iter().for_each(|&a| insert(&mut attributes, a));
                (apart, Stratum::new(attributes, nodes))
            })
            .unzip();
        let mut stations = Vec::new();
        let mut pays = Vec::new();
        for (s, place) in places.states.iter().enumerate() {
            if place.sides.is_empty() {
                if place.rewards_differ() {
                    return None;
                }
                stations.push(None);
                continue;
            }
            if place.sides.iter().flat_map(|side| &side.ways).any(|way| !way.rewards.is_empty()) {
                return None;
            }
            let shares_differ = |exit: &Exit| {
                let mut reads = Reads::default();
                reads.add_shares(&model.transitions[exit.transition].branches);
                !reads.attributes().is_empty() || reads.clocks() > 0
            };
            if tables.rows[arm][s].rest.iter().any(shares_differ) {
                return None;
            }
            let rest = place.sides.get(1).map(|side| {
                let between = |to: usize| {
                    let mut attributes = apart[to].attributes.clone();
                    before[s].iter().for_each(|&a| insert(&mut attributes, a));
                    Stratum::new(attributes, nodes)
                };
                Rest::new(side, s, places, (&strata, &pools.blocks), between)
            });
            let mut clocks = reads[s].residence.clone();
            for entry in &place.rewards {
                let reward = &model.rewards[model.paths().lines[entry.line].reward];
                reward.reads().residence.iter().for_each(|&g| insert(&mut clocks, g));
            }
            let sojourn = match clocks[..] {
                [] => None,
                [g] if !reads[s].time && !reads[s].age && starts_anew(places, s, g) => Some(Sojourn {
                    clock: g,
                    cycles: model.time.cycles,
                    entered: Vec::new(),
                    until: 0,
                    stay: Vec::new(),
                    fire: Vec::new(),
                    longest: 0,
                }),
                _ => return None,
            };
            let view = own.view(Stratum::new(before[s].clone(), nodes));
            for entry in &place.rewards {
                pays.push(Pay::new(model, (arm, s, entry.line), (background, own, view), &mut pools.norms)?);
            }
            stations.push(Some(Station {
                size: strata[s].size(),
                view,
                seen: strata[s].project(&own.views[view].stratum),
                start: (place.stratum.project(&apart[s]), strata[s].project(&apart[s])),
                rest,
                sojourn,
                now: Vec::new(),
                arrivals: Vec::new(),
                present: Vec::new(),
            }));
        }
        Some(Course {
            background,
            stations,
            pays,
            work: Work::default(),
            blind: if paid_alike(model, &by) { by } else { Vec::new() },
        })
    }

    /// Takes patients over as they begin, from `cells`.
    pub fn enter(
        &mut self,
        tables: &Tables,
        places: &Places,
        cells: &[Cells],
        pools: &mut Pools,
        counts: &mut StrategyCounts,
    ) {
        let cycles = tables.model.time.cycles;
        let background = &pools.backgrounds[self.background];
        for (s, (station, cells)) in self.stations.iter_mut().zip(cells).enumerate() {
            let Some(station) = station else {
                counts.occupancy[s][0] = cells.total();
                continue;
            };
            let (from, to) = &station.start;
            let mut apart = vec![0.0; station.size];
            for (_, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
                for (x, mass) in mass.iter().enumerate() {
                    apart[at(from, x)] += mass;
                }
            }
            station.now.clear();
            station.now.extend((0..station.size).map(|u| apart[at(to, u)]));
            station.arrivals.clear();
            station.arrivals.resize(station.size, 0.0);
            station.present.clear();
            station.present.resize((cycles + 1) * background.views[station.view].size, 0.0);
            if let Some(sojourn) = &mut station.sojourn {
                let side = places.states[s].sides.get(1);
                sojourn.set(tables, (station.size, station.rest.as_ref()), side, &mut pools.blocks);
                sojourn.entered.resize(station.size * (cycles + 1), 0.0);
                sojourn.until = 0;
                sojourn.arrive(0, &station.now);
            }
            station.note(0, background);
        }
    }

    /// One cycle.
    pub fn step(
        &mut self,
        tables: &Tables,
        places: &Places,
        pools: &mut Pools,
        counts: &mut StrategyCounts,
        cycle: usize,
    ) {
        let background = &pools.backgrounds[self.background];
        for s in 0..self.stations.len() {
            let Some(mut station) = self.stations[s].take() else {
                continue;
            };
            if station.rest.is_some() {
                let view = &background.views[station.view];
                let side = &places.states[s].sides[1];
                self.leave(tables, (&mut station, side, view), &mut pools.blocks, counts, cycle);
            }
            self.stations[s] = Some(station);
        }
        for station in self.stations.iter_mut().flatten() {
            station.arrive(cycle + 1);
            station.note(cycle + 1, background);
        }
    }

    /// Moves those who take one of the ways out of a station.
    fn leave(
        &mut self,
        tables: &Tables,
        (station, side, view): (&mut Station, &Side, &View),
        blocks: &mut Blocks,
        counts: &mut StrategyCounts,
        cycle: usize,
    ) {
        let Some(rest) = &station.rest else {
            return;
        };
        let size = station.size;
        let alive = view.alive(cycle + 1);
        let slot = match &station.sojourn {
            None => Some(blocks.slot(rest.block, tables, cycle, &[])),
            Some(_) => None,
        };
        let Work { moved, shared, left } = &mut self.work;
        moved.clear();
        moved.resize(size, 0.0);
        left.clear();
        left.resize(size, 0.0);
        for (e, exit) in rest.exits.iter().enumerate() {
            match (&station.sojourn, &slot) {
                (Some(sojourn), _) => sojourn.convolve(&sojourn.fire[e], cycle, moved),
                (None, Some(slot)) => {
                    let p = slot.exit(exit.exit);
                    let leaves = exit.leaves(side);
                    let each = moved.iter_mut().zip(&station.now).zip(left.iter_mut());
                    if let [p] = p {
                        each.for_each(|((moved, now), left)| (*moved, *left) = (now * p, *left + p * leaves));
                    } else {
                        for (u, ((moved, now), left)) in each.enumerate() {
                            let p = p[at(&rest.class, u)];
                            (*moved, *left) = (now * p, *left + p * leaves);
                        }
                    }
                }
                (None, None) => {}
            }
            let all = sum(moved);
            let fired: f64 = match (&station.seen, alive) {
                (_, [alive]) => all * alive,
                (None, _) => dot(moved, alive),
                (Some(class), _) => moved.iter().zip(class).map(|(m, &c)| m * alive[c as usize]).sum(),
            };
            for branch in &exit.branches {
                let share = side.ways[branch.way].share[0];
                counts.moves[branch.edge][cycle + 1] += share * fired;
                let Some(target) = branch.to.and_then(|to| self.stations[to].as_mut()) else {
                    continue;
                };
                if branch.shared_size == 1 {
                    target.arrivals.iter_mut().for_each(|a| *a += share * all);
                    continue;
                }
                let those = match &branch.shared {
                    None => &*moved,
                    Some(class) => {
                        shared.clear();
                        shared.resize(branch.shared_size, 0.0);
                        moved.iter().zip(class).for_each(|(m, &c)| shared[c as usize] += m);
                        &*shared
                    }
                };
                match &branch.there {
                    None => (target.arrivals.iter_mut().zip(those)).for_each(|(a, m)| *a += share * m),
                    Some(class) => {
                        let each = target.arrivals.iter_mut().zip(class);
                        each.for_each(|(a, &c)| *a += share * those[c as usize]);
                    }
                }
            }
        }
        let stay = |(now, left): (&mut f64, &f64)| *now *= (1.0 - left).max(0.0);
        station.now.iter_mut().zip(&*left).for_each(stay);
    }

    /// Adds up, after the last cycle: who was where, who left by the background, and what differs between patients.
    pub fn finish(&mut self, tables: &Tables, places: &Places, pools: &Pools, counts: &mut StrategyCounts) {
        let model = tables.model;
        let cycles = model.time.cycles;
        let background = &pools.backgrounds[self.background];
        for (s, (station, place)) in self.stations.iter().zip(&places.states).enumerate() {
            let Some(station) = station else {
                continue;
            };
            let view = &background.views[station.view];
            dots(&station.present, &view.alive, view.size, &mut counts.occupancy[s]);
            for way in &place.sides[0].ways {
                let moves = &mut counts.moves[way.edge][1..];
                dots(&station.present, view.fires(way.exit, cycles), view.size, moves);
            }
        }
        for (s, station) in self.stations.iter().enumerate() {
            if station.is_some() {
                continue;
            }
            let inside = &mut counts.occupancy[s];
            for (_, moves) in (model.paths().edges.iter().zip(&counts.moves)).filter(|(edge, _)| edge.to == s)
            {
                inside[1..].iter_mut().zip(&moves[1..]).for_each(|(own, moves)| *own += moves);
            }
            for k in 1..=cycles {
                inside[k] += inside[k - 1];
            }
        }
        for pay in &mut self.pays {
            if let Some(station) = &self.stations[pay.state] {
                pay.add(tables, station, (background, &pools.norms), counts);
            }
        }
    }
}

impl Station {
    /// Takes up who comes at the end of a cycle.
    fn arrive(&mut self, k: usize) {
        match &mut self.sojourn {
            None => self.now.iter_mut().zip(&self.arrivals).for_each(|(now, a)| *now += a),
            Some(sojourn) => {
                sojourn.arrive(k, &self.arrivals);
                sojourn.convolve(&sojourn.stay, k, &mut self.now);
            }
        }
        self.arrivals.fill(0.0);
    }

    /// Notes who is here at grid point `k`.
    fn note(&mut self, k: usize, background: &Background) {
        let size = background.views[self.view].size;
        let present = &mut self.present[k * size..][..size];
        match &self.seen {
            None => present.copy_from_slice(&self.now),
            Some(class) => (self.now.iter().zip(class)).for_each(|(now, &c)| present[c as usize] += now),
        }
    }
}

impl Sojourn {
    /// Evaluates who stays and who leaves, by the time since they came.
    fn set(
        &mut self,
        tables: &Tables,
        (size, rest): (usize, Option<&Rest>),
        side: Option<&Side>,
        blocks: &mut Blocks,
    ) {
        let cycles = self.cycles;
        let mut residence = vec![0; tables.model.groups.len()];
        self.longest = cycles + 1;
        self.stay.resize(size * (cycles + 1), 0.0);
        // Of those who have just come, everybody; what is not reached below is never read.
        self.stay.fill(1.0);
        let (Some(rest), Some(side)) = (rest, side) else {
            return;
        };
        self.fire.resize(rest.exits.len(), Vec::new());
        for fire in &mut self.fire {
            fire.resize(size * (cycles + 1), 0.0);
        }
        let leaves: Vec<f64> = rest.exits.iter().map(|exit| exit.leaves(side)).collect();
        for r in 0..cycles {
            residence[self.clock] = r;
            let slot = blocks.slot(rest.block, tables, 0, &residence);
            let mut anybody = false;
            for u in 0..size {
                let place = u * (cycles + 1) + cycles - r;
                let here = self.stay[place];
                let mut left = 0.0;
                for ((fire, exit), leaves) in self.fire.iter_mut().zip(&rest.exits).zip(&leaves) {
                    let p = slot.exit(exit.exit)[at(&rest.class, u)];
                    fire[place] = here * p;
                    left += p * leaves;
                }
                let stays = here * (1.0 - left).max(0.0);
                self.stay[place - 1] = stays;
                anybody |= stays != 0.0;
            }
            if !anybody {
                self.longest = r + 1;
                break;
            }
        }
    }

    /// Takes up who comes in a cycle.
    fn arrive(&mut self, cycle: usize, arrivals: &[f64]) {
        let own = self.entered[cycle..].iter_mut().step_by(self.cycles + 1);
        own.zip(arrivals).for_each(|(own, new)| *own = *new);
        if arrivals.iter().any(|new| *new != 0.0) {
            self.until = cycle + 1;
        }
    }

    /// Share of patients of a stratum who entered in cycle `e` and are still there `r` cycles later.
    #[inline]
    pub fn there(&self, stratum: usize, e: usize, r: usize) -> f64 {
        let row = stratum * (self.cycles + 1);
        self.entered[row + e] * self.stay[row + self.cycles - r]
    }

    /// Per stratum: the sum over cycles of entry of those who came times the share at the time since, `k` cycles after the
    /// start.
    fn convolve(&self, shares: &[f64], k: usize, into: &mut [f64]) {
        let first = (k + 1).saturating_sub(self.longest);
        let until = self.until.min(k + 1).max(first);
        let rows = shares.chunks_exact(self.cycles + 1);
        let rows = self.entered.chunks_exact(self.cycles + 1).zip(rows);
        for (into, (entered, shares)) in into.iter_mut().zip(rows) {
            let shares = &shares[self.cycles - k + first..][..until - first];
            *into = dot(&entered[first..until], shares);
        }
    }
}

impl Leave {
    /// Share of those who take this exit that leave the state.
    fn leaves(&self, side: &Side) -> f64 {
        let leaving = self.branches.iter().filter(|branch| branch.leaves);
        leaving.map(|branch| side.ways[branch.way].share[0]).sum()
    }
}

impl Rest {
    fn new(
        side: &Side,
        state: usize,
        places: &Places,
        (strata, blocks): (&[Stratum], &Blocks),
        between: impl Fn(usize) -> Stratum,
    ) -> Rest {
        let branch = |(way, own): (usize, &Way)| {
            let goes_on = own.to != state && !places.states[own.to].sides.is_empty();
            let shared = goes_on.then(|| between(own.to));
            Branch {
                way,
                edge: own.edge,
                leaves: own.to != state,
                to: goes_on.then_some(own.to),
                shared_size: shared.as_ref().map_or(0, Stratum::size),
                there: shared.as_ref().and_then(|shared| strata[own.to].project(shared)),
                shared: shared.and_then(|shared| strata[state].project(&shared)),
            }
        };
        let mut exits: Vec<Leave> = Vec::new();
        for (way, own) in side.ways.iter().enumerate() {
            match exits.last_mut() {
                Some(last) if last.exit == own.exit => last.branches.push(branch((way, own))),
                _ => exits.push(Leave { exit: own.exit, branches: vec![branch((way, own))] }),
            }
        }
        Rest { block: side.block, class: strata[state].project(blocks.stratum(side.block)), exits }
    }
}

/// The block that every state which can be left resolves first, with its number of exits: single branches that lead to
/// states which cannot be left.
fn common_block(places: &Places) -> Option<(usize, usize)> {
    let mut firsts = places.states.iter().filter_map(|place| place.sides.first());
    let block = firsts.clone().next()?.block;
    let sink = |way: &Way| places.states[way.to].sides.is_empty();
    let single = |side: &Side| side.ways.iter().enumerate().all(|(i, way)| way.exit == i && sink(way));
    let exits = firsts.clone().next()?.ways.len();
    firsts.all(|side| side.block == block && single(side)).then_some((block, exits))
}

/// Whether where patients begin has nothing to do with what the background reads.
fn starts_alike(model: &Model, strategy: usize, pools: &Pools, block: usize) -> bool {
    let mut reads = Reads::default();
    for arm in strata::chain(model, strategy) {
        reads.add(&model.strategies[arm].eligible);
        reads.add_shares(&model.strategies[arm].at_start);
    }
    let by = &pools.blocks.stratum(block).attributes;
    !reads.attributes().iter().any(|a| by.contains(a))
}

/// Whether what falls at the start has nothing to do with the attributes `by`.
fn paid_alike(model: &Model, by: &[usize]) -> bool {
    let mut at_start = model.paths().lines.iter().filter(|line| line.falls == Falls::Start);
    at_start.all(|line| {
        let read = model.rewards[line.reward].reads().attributes();
        !read.iter().any(|a| by.contains(a))
    })
}

/// What the exits of a state read that are not resolved first.
fn rest_reads(tables: &Tables, arm: usize, state: usize) -> Reads {
    let mut reads = Reads::default();
    for exit in &tables.rows[arm][state].rest {
        reads.merge(&hazard::reads(tables.model, arm, exit.transition));
    }
    reads
}

/// Per state: which of the attributes `by` have had a say in how patients came to be in it or whether they stayed.
fn read_before(paths: &Paths, reads: &[Reads], by: &[usize]) -> Vec<Vec<usize>> {
    let own = |reads: &Reads| -> Vec<usize> {
        let all = reads.attributes().into_iter();
        all.filter(|a| by.contains(a)).collect()
    };
    let mut before: Vec<Vec<usize>> = reads.iter().map(own).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for edge in &paths.edges {
            for a in before[edge.from].clone() {
                changed |= !before[edge.to].contains(&a);
                insert(&mut before[edge.to], a);
            }
        }
    }
    before
}

/// Whether everybody who enters a state begins to count the time in group `g` there.
fn starts_anew(places: &Places, state: usize, g: usize) -> bool {
    let Some(clock) = places.states[state].clocks.iter().position(|c| *c == g) else {
        return false;
    };
    let all = places.states.iter().enumerate();
    let sides =
        all.flat_map(|(from, place): (usize, &Place)| place.sides.iter().map(move |side| (from, side)));
    let mut ways = sides.flat_map(|(from, side)| side.ways.iter().map(move |way| (from, way)));
    ways.all(|(from, way)| from == state || way.to != state || way.carried[clock].is_none())
}

/// The class of a stratum.
#[inline(always)]
pub fn at(class: &Option<Vec<u32>>, stratum: usize) -> usize {
    class.as_ref().map_or(stratum, |class| class[stratum] as usize)
}

/// Sums of products, row by row of `size` numbers.
fn dots(a: &[f64], b: &[f64], size: usize, into: &mut [f64]) {
    if size == 1 {
        let each = into.iter_mut().zip(a.iter().zip(b));
        each.for_each(|(own, (a, b))| *own = a * b);
        return;
    }
    let rows = a.chunks_exact(size).zip(b.chunks_exact(size));
    into.iter_mut().zip(rows).for_each(|(own, (a, b))| *own = dot(a, b));
}

/// Sum of products in eight interleaved parts, which a processor adds at once; always in the same order.
#[inline]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (x, y) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(x, y)| x * y).sum();
    if a.len() < 8 {
        return rest;
    }
    let mut parts = [0.0; 8];
    for (x, y) in x.zip(y) {
        for i in 0..8 {
            parts[i] += x[i] * y[i];
        }
    }
    let [a, b, c, d, e, f, g, h] = parts;
    rest + (((a + e) + (c + g)) + ((b + f) + (d + h)))
}
