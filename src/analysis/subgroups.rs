//! Results by subgroup of patients, and the value of treating each subgroup by its own best strategy.
//!
//! Every subgroup is run by the exact engine on its own patients, so its results equal those of a scenario whose
//! population is restricted to the subgroup. The value of a policy by subgroup is the expected gain in net benefit over
//! one strategy for all patients (Coyle, Buxton and O'Brien 2003; Espinoza et al. 2014).

use super::curves;
use super::evaluation::Integration;
use super::landmarks;
use super::sensitivity::net_benefit::{benefit, best};
use arcosim_core::engine::cohort;
use arcosim_core::engine::counts::EndpointCounts;
use arcosim_core::engine::microsim::Watch;
use arcosim_core::model::subpopulation::{Part, parts};
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
    /// Cumulative incidence `[strategy][endpoint][landmark]`; `None` beyond the follow-up, or if no patient is at risk.
    pub incidence: Vec<Vec<Vec<Option<f64>>>>,
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
        let names = self.divisions.iter().map(|&d| model.subgroups.divisions[d].name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// Name of a subgroup of the set, such as "late, small".
    pub fn group_name(&self, model: &Model, group: &SubgroupResult) -> String {
        let pairs = self.divisions.iter().zip(&group.groups);
        let names = pairs.map(|(&d, &g)| model.subgroups.divisions[d].groups[g].name.as_str());
        names.collect::<Vec<_>>().join(", ")
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

/// Adds `share` times the totals of other patients.
fn add(all: &mut Vec<Vec<f64>>, share: f64, totals: &[Vec<f64>]) {
    all.resize_with(totals.len(), Vec::new);
    for (all, totals) in all.iter_mut().zip(totals) {
        all.resize(totals.len(), 0.0);
        all.iter_mut().zip(totals).for_each(|(all, x)| *all += share * x);
    }
}

/// Sums over the parts of a subgroup, each weighted by its share of all patients.
struct Sums {
    groups: Vec<usize>,
    share: f64,
    totals: Vec<Vec<f64>>,
    endpoints: Vec<Vec<EndpointCounts>>,
}

/// Runs all subgroups of the model on the exact engine at base values, with cumulative incidences at `years`; `None` if
/// interrupted.
pub fn run(model: &Model, years: &[f64], watch: &Watch) -> Option<Vec<SubgroupSet>> {
    let sets = model.subgroups.sets();
    let values = model.base_values();
    let nodes = Integration::RUN.nodes(model, &values);
    let mut tables = Tables::new(model, &values);
    // A set that is contained in another is the sum over the larger one, so only the largest sets are run.
    let contained = |set: &Vec<usize>, other: &Vec<usize>| set.iter().all(|d| other.contains(d));
    let largest: Vec<&Vec<usize>> = sets
        .iter()
        .enumerate()
        .filter(|(i, set)| {
            let mut others = sets.iter().enumerate();
            !others.any(|(j, other)| j != *i && contained(set, other) && (other.len() > set.len() || j < *i))
        })
        .map(|(_, set)| set)
        .collect();
    let mut run: Vec<(&Vec<usize>, Vec<Sums>)> = Vec::new();
    for set in largest {
        let start = tables.start.clone();
        let mut sums: Vec<Sums> = Vec::new();
        for part in parts(model, &values, &nodes, &start, set) {
            let own = of_part(&mut tables, &part, watch)?;
            gather(&mut sums, own);
        }
        run.push((set, sums));
    }
    let found = sets.iter().map(|set| {
        let (all, sums) =
            run.iter().find(|(other, _)| contained(set, other)).expect("a largest set contains it");
        let mut coarse: Vec<Sums> = Vec::new();
        for own in sums {
            let at = |d| all.iter().position(|other| other == d).expect("contained");
            let groups = set.iter().map(|d| own.groups[at(d)]).collect();
            let Sums { share, ref totals, ref endpoints, .. } = *own;
            gather(&mut coarse, Sums { groups, share, totals: totals.clone(), endpoints: endpoints.clone() });
        }
        coarse.sort_by(|a, b| a.groups.cmp(&b.groups));
        let groups = coarse.iter().map(|sums| result(model, sums, years)).collect();
        SubgroupSet { divisions: set.clone(), groups }
    });
    Some(found.collect())
}

/// Runs one part; its sums are weighted by its share of all patients.
fn of_part(tables: &mut Tables, part: &Part, watch: &Watch) -> Option<Sums> {
    let model = tables.model;
    let stopped = || watch.stopped();
    let counts =
        tables.starting_in(&part.start, |tables| cohort::run_unless(tables, &part.nodes, &stopped))?;
    let totals = cohort::totals(model, &counts.strategies, &[]);
    let means =
        totals.strategies.iter().map(|own| own.outcomes.iter().map(|o| part.share * o.mean).collect());
    let grid = model.time.cycles + 1;
    let endpoints = counts.strategies.iter().map(|own| {
        let weighted = own.endpoints.iter().map(|counts| {
            let mut all = EndpointCounts::zero(grid);
            all.add_share(part.share, counts);
            all
        });
        weighted.collect()
    });
    Some(Sums {
        groups: part.groups.clone(),
        share: part.share,
        totals: means.collect(),
        endpoints: endpoints.collect(),
    })
}

/// Adds sums to those of the same subgroup.
fn gather(all: &mut Vec<Sums>, own: Sums) {
    let Some(sums) = all.iter_mut().find(|sums| sums.groups == own.groups) else {
        all.push(own);
        return;
    };
    sums.share += own.share;
    add(&mut sums.totals, 1.0, &own.totals);
    let pairs = sums.endpoints.iter_mut().flatten().zip(own.endpoints.iter().flatten());
    pairs.for_each(|(sum, own)| sum.add_share(1.0, own));
}

fn result(model: &Model, sums: &Sums, years: &[f64]) -> SubgroupResult {
    let mean = |totals: &Vec<f64>| totals.iter().map(|x| x / sums.share).collect();
    let incidence = |counts: &EndpointCounts| {
        let curves = curves::curves(counts, sums.share, &model.time);
        let at = |&y: &f64| {
            let own = curves.as_ref()?;
            let found = landmarks::incidence(own, curves::Source::Exact, landmarks::on_grid(&model.time, y))?;
            Some(found.estimate)
        };
        years.iter().map(at).collect()
    };
    SubgroupResult {
        groups: sums.groups.clone(),
        share: sums.share,
        totals: sums.totals.iter().map(mean).collect(),
        incidence: (sums.endpoints.iter()).map(|own| own.iter().map(incidence).collect()).collect(),
    }
}
