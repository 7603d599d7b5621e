//! Results by subgroup of patients, and the value of treating each subgroup by its own best strategy.
//!
//! Every subgroup is run by the exact engine on its own patients, so its results equal those of a scenario whose
//! population is restricted to the subgroup. The value of a policy by subgroup is the expected gain in net benefit over
//! one strategy for all patients (Coyle, Buxton and O'Brien 2003; Espinoza et al. 2014).

use super::curves;
use super::evaluation::{GroupTotals, Integration};
use super::landmarks;
use super::sensitivity::net_benefit::{benefit, best};
use arcosim_core::engine::cohort;
use arcosim_core::engine::counts::EndpointCounts;
use arcosim_core::engine::microsim::Watch;
use arcosim_core::model::subpopulation::parts;
use arcosim_core::model::{Decision, Model, Tables};

/// Results of one set of divisions: a division alone, or a combination of several.
#[derive(Clone, Debug)]
pub struct SubgroupSet {
    /// Divisions, as indices of `Model::subgroups`.
    pub divisions: Vec<usize>,
    /// Subgroups that contain patients, in the order of the scenario.
    pub groups: Vec<SubgroupResult>,
}

/// Results of one subgroup.
#[derive(Clone, Debug)]
pub struct SubgroupResult {
    /// Index of the subgroup in each division of the set.
    pub groups: Vec<usize>,
    /// Share of all patients.
    pub share: f64,
    /// Expected totals per patient of the subgroup, `[strategy][outcome]`.
    pub totals: Vec<Vec<f64>>,
    /// Cumulative incidence `[strategy][endpoint]` at each landmark, which is `None` beyond the follow-up; `None` as a whole
    /// if no patient is ever at risk.
    pub incidence: Vec<Vec<Option<Vec<Option<f64>>>>>,
}

/// Comparison of the best strategy of each subgroup with the best single strategy for all patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Willingness to pay per unit of effect.
    pub threshold: f64,
    /// Best strategy of each subgroup, in the order of `SubgroupSet::groups`.
    pub best: Vec<usize>,
    /// Best strategy if all patients get the same.
    pub single: usize,
    /// Expected net monetary benefit per patient if every subgroup gets its best strategy.
    pub by_subgroup: f64,
    /// Expected net monetary benefit per patient if all patients get `single`.
    pub of_single: f64,
}

impl Policy {
    /// Expected gain in net monetary benefit per patient from treating by subgroup; exactly zero if one strategy is best
    /// in every subgroup.
    pub fn gain(&self) -> f64 {
        match self.best.iter().all(|&s| s == self.single) {
            true => 0.0,
            false => (self.by_subgroup - self.of_single).max(0.0),
        }
    }
}

impl SubgroupSet {
    /// Name of the set, such as "stage, size".
    pub fn name(&self, model: &Model) -> String {
        model.subgroups.set_name(&self.divisions)
    }

    /// Name of a subgroup of the set, such as "late, small".
    pub fn group_name(&self, model: &Model, group: &SubgroupResult) -> String {
        model.subgroups.group_name(&self.divisions, &group.groups)
    }

    /// Expected totals of all patients, `[strategy][outcome]`: the mean over subgroups, weighted by their shares.
    pub fn totals(&self) -> Vec<Vec<f64>> {
        let mut all: Vec<Vec<f64>> = Vec::new();
        for group in &self.groups {
            add(&mut all, group.share, &group.totals);
        }
        all
    }

    /// Compares treatment by subgroup with one strategy for all; `None` if every strategy is a bound.
    pub fn policy(&self, model: &Model, decision: &Decision, threshold: f64) -> Option<Policy> {
        let all = self.totals();
        let single = best(model, decision, &all, threshold)?;
        let best: Vec<usize> = (self.groups.iter())
            .map(|group| best(model, decision, &group.totals, threshold))
            .collect::<Option<_>>()?;
        let own = self.groups.iter().zip(&best);
        Some(Policy {
            threshold,
            single,
            by_subgroup: own.map(|(g, &s)| g.share * benefit(decision, &g.totals[s], threshold)).sum(),
            of_single: benefit(decision, &all[single], threshold),
            best,
        })
    }
}

/// Adds `weight` times the totals of other patients.
fn add(all: &mut Vec<Vec<f64>>, weight: f64, totals: &[Vec<f64>]) {
    all.resize_with(totals.len(), Vec::new);
    for (all, totals) in all.iter_mut().zip(totals) {
        all.resize(totals.len(), 0.0);
        all.iter_mut().zip(totals).for_each(|(all, x)| *all += weight * x);
    }
}

/// Sums over the parts of a subgroup, each weighted by its share of all patients.
struct Sums {
    groups: Vec<usize>,
    share: f64,
    totals: Vec<Vec<f64>>,
    endpoints: Vec<Vec<EndpointCounts>>,
}

impl Sums {
    /// The sums of a subgroup, which are zero at first.
    fn of(all: &mut Vec<Sums>, groups: Vec<usize>) -> &mut Sums {
        let at = all.iter().position(|sums| sums.groups == groups).unwrap_or_else(|| {
            all.push(Sums { groups, share: 0.0, totals: Vec::new(), endpoints: Vec::new() });
            all.len() - 1
        });
        &mut all[at]
    }

    /// Adds `weight` times the totals and counts of patients who make up `share` of all patients.
    fn add<'c>(
        &mut self,
        (share, weight): (f64, f64),
        totals: &[Vec<f64>],
        endpoints: impl Iterator<Item = &'c Vec<EndpointCounts>>,
    ) {
        self.share += share;
        add(&mut self.totals, weight, totals);
        for (s, own) in endpoints.enumerate() {
            if self.endpoints.len() == s {
                let zero = |counts: &EndpointCounts| EndpointCounts::zero(counts.events.len());
                self.endpoints.push(own.iter().map(zero).collect());
            }
            self.endpoints[s].iter_mut().zip(own).for_each(|(sum, own)| sum.add_share(weight, own));
        }
    }
}

/// Sets of divisions that are contained in no other set, the largest first. The results of a contained set are sums over the
/// subgroups of the larger one.
pub fn largest_sets(model: &Model) -> Vec<Vec<usize>> {
    let mut by_size = model.subgroups.sets();
    by_size.sort_by_key(|set| std::cmp::Reverse(set.len()));
    let mut largest: Vec<Vec<usize>> = Vec::new();
    for set in by_size {
        if !largest.iter().any(|other| contained(&set, other)) {
            largest.push(set);
        }
    }
    largest
}

fn contained(set: &[usize], other: &[usize]) -> bool {
    set.iter().all(|d| other.contains(d))
}

/// Index of one of the [`largest_sets`] that contains a set.
pub fn containing(set: &[usize], largest: &[Vec<usize>]) -> usize {
    largest.iter().position(|other| contained(set, other)).expect("a largest set contains every set")
}

/// Subgroup of `set` that contains a subgroup of a set `larger`, whose indices are `groups`.
fn coarser(groups: &[usize], larger: &[usize], set: &[usize]) -> Vec<usize> {
    let at = |d: &usize| larger.iter().position(|other| other == d).expect("the larger set contains it");
    set.iter().map(|d| groups[at(d)]).collect()
}

/// Totals of all patients from those of all subgroups of a set.
pub fn of_all(groups: &[GroupTotals]) -> Vec<Vec<f64>> {
    let mut all = Vec::new();
    for group in groups {
        add(&mut all, group.share, &group.totals);
    }
    all
}

/// The subgroups of `set` from those of a set `larger` that contains it.
pub fn joined(groups: &[GroupTotals], larger: &[usize], set: &[usize]) -> Vec<GroupTotals> {
    let mut all: Vec<GroupTotals> = Vec::new();
    for group in groups {
        let own = coarser(&group.groups, larger, set);
        match all.iter_mut().find(|known| known.groups == own) {
            Some(known) => known.add(group.share, &group.totals),
            None => all.push(GroupTotals { groups: own, ..group.clone() }),
        }
    }
    all.sort_by(|a, b| a.groups.cmp(&b.groups));
    all
}

/// Runs all subgroups of the model on the exact engine at base values, with cumulative incidences at `years`; `None` if
/// interrupted. Empty if the model has no subgroups.
pub fn run(model: &Model, years: &[f64], watch: &Watch) -> Option<Vec<SubgroupSet>> {
    let sets = model.subgroups.sets();
    if sets.is_empty() {
        return Some(Vec::new());
    }
    let values = model.base_values();
    let nodes = Integration::RUN.nodes(model, &values);
    let mut tables = Tables::new(model, &values);
    let start = tables.start.clone();
    let stopped = || watch.stopped();
    let largest = largest_sets(model);
    let mut sums_of: Vec<Vec<Sums>> = Vec::new();
    for set in &largest {
        let mut sums: Vec<Sums> = Vec::new();
        for part in parts(model, &values, &nodes, &start, set) {
            let run = |tables: &Tables| cohort::run_unless(tables, &part.nodes, &stopped);
            let counts = tables.starting_in(&part.start, run)?.strategies;
            let totals = cohort::totals(model, &counts, &[]).strategies;
            let means: Vec<Vec<f64>> =
                totals.iter().map(|own| own.outcomes.iter().map(|o| o.mean).collect()).collect();
            let endpoints = counts.iter().map(|own| &own.endpoints);
            Sums::of(&mut sums, part.groups).add((part.share, part.share), &means, endpoints);
        }
        sums_of.push(sums);
    }
    let found = sets.into_iter().map(|set| {
        let larger = containing(&set, &largest);
        let mut coarse: Vec<Sums> = Vec::new();
        for own in &sums_of[larger] {
            let groups = coarser(&own.groups, &largest[larger], &set);
            Sums::of(&mut coarse, groups).add((own.share, 1.0), &own.totals, own.endpoints.iter());
        }
        coarse.sort_by(|a, b| a.groups.cmp(&b.groups));
        SubgroupSet { groups: coarse.iter().map(|sums| result(model, sums, years)).collect(), divisions: set }
    });
    Some(found.collect())
}

fn result(model: &Model, sums: &Sums, years: &[f64]) -> SubgroupResult {
    let mean = |totals: &Vec<f64>| totals.iter().map(|x| x / sums.share).collect();
    let incidence = |counts: &EndpointCounts| {
        let curves = curves::curves(counts, sums.share, &model.time)?;
        let at = |&years: &f64| {
            let years = landmarks::on_grid(&model.time, years);
            Some(landmarks::incidence(&curves, curves::Source::Exact, years)?.estimate)
        };
        Some(years.iter().map(at).collect())
    };
    SubgroupResult {
        groups: sums.groups.clone(),
        share: sums.share,
        totals: sums.totals.iter().map(mean).collect(),
        incidence: (sums.endpoints.iter()).map(|own| own.iter().map(incidence).collect()).collect(),
    }
}
