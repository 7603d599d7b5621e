//! Subgroups: their shares and results add up to all patients, each equals the run of a population that is restricted to
//! it, and treating by subgroup has the value that separate runs found.

use crate::common;

use std::path::Path;
use std::sync::OnceLock;

use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::analysis::sensitivity::net_benefit::{benefit, increment};
use arcosim::analysis::subgroups::{self, SubgroupResult, SubgroupSet};
use arcosim::engine::microsim::Watch;
use arcosim::scenario::Scenario;
use common::psa::strategy;
use common::shipped;

/// With the slowing in one step that the model had when the expected values were found.
const PATHWAYS: &str = "tests/scenarios/pathways_with_a_corner.toml";

/// Expected totals `[strategy][outcome]`.
type Totals = Vec<Vec<f64>>;

/// Totals of all patients, by the recursion of the exact engine for totals only.
fn overall(scenario: &Scenario) -> Totals {
    let model = &scenario.model;
    Evaluator::new(model, Integration::RUN).totals(&model.base_values())
}

/// Totals of all patients, and the results of all subgroups.
fn run(scenario: &Scenario) -> (Totals, Vec<SubgroupSet>) {
    let sets = subgroups::run(&scenario.model, &scenario.figures.landmarks, &Watch::default());
    (overall(scenario), sets.expect("nobody stops it"))
}

/// The pathways of osteonecrosis, which several tests read, run once.
fn pathways() -> &'static (Scenario, Totals, Vec<SubgroupSet>) {
    static RUN: OnceLock<(Scenario, Totals, Vec<SubgroupSet>)> = OnceLock::new();
    RUN.get_or_init(|| {
        let scenario = shipped::load(Path::new(PATHWAYS), &[]);
        let (totals, sets) = run(&scenario);
        (scenario, totals, sets)
    })
}

fn set<'a>(scenario: &Scenario, sets: &'a [SubgroupSet], name: &str) -> &'a SubgroupSet {
    sets.iter().find(|set| set.name(&scenario.model) == name).expect("the set is reported")
}

fn group<'a>(scenario: &Scenario, set: &'a SubgroupSet, name: &str) -> &'a SubgroupResult {
    let found = set.groups.iter().find(|group| set.group_name(&scenario.model, group) == name);
    found.unwrap_or_else(|| panic!("{name} is reported"))
}

/// Largest relative difference between two sets of totals.
fn difference(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs() / b.abs().max(1e-3)).fold(0.0, f64::max)
}

/// A model with every kind of condition: a category, a number with a limit, the state at the start, and a condition that is
/// not a product of them. Some patients are not eligible, and mortality depends on age.
const SCENARIO: &str = r#"
format     = 1
title      = "Subgroups"
parameters = "parameters.csv"
[time]
cycle   = "1 year"
horizon = "40 years"
[population.attributes]
age = { normal = { mean = 60, sd = 10 }, within = [30, 85] }
sex = { female = 0.6, male = "rest" }
[population.start]
well = 0.7
ill  = "rest"
[states]
well = {}
ill  = {}
dead = { absorbing = true }
[transitions.sicken]
from = "well"
to   = "ill"
rate = "rate.sicken * if(sex == male, 1.5, 1)"
[transitions.die]
from = ["well", "ill"]
to   = "dead"
rate = "rate.die * exp(0.08 * (age - 60)) * if(state == ill, 3, 1)"
[endpoints.death]
enters = "dead"
[strategies.care]
reference = true
[strategies.drug]
eligible  = "age_at_start < 75"
otherwise = "care"
[[strategies.drug.effects]]
on = ["sicken"]
hazard_ratio = 0.6
[outcomes.cost]
unit = "EUR"
correction = "life-table"
discount = "none"
[outcomes.life]
unit = "years"
correction = "life-table"
discount = "none"
[rewards.life]
outcome = "life"
in = ["well", "ill"]
per_year = 1
[rewards.care]
outcome = "cost"
in = "ill"
per_year = 3000
[rewards.drug]
outcome = "cost"
in = "well"
strategies = "drug"
per_year = "if(age_at_start < 75, 500, 0)"
[decision]
cost = "cost"
effect = "life"
thresholds = [{ value = 20_000, date = "2026-01", source = "test" }]
[figures]
landmarks = [5, 10]
[subgroups]
sex     = "sex"
age     = { young = "age_at_start < 52.5", old = "age_at_start >= 70", middle = "rest" }
risk    = { high = "state == ill or age_at_start > 65 and sex == male", low = "rest" }
crossed = [["sex", "age"], ["age", "risk"]]
"#;
const PARAMETERS: &str =
    "name,kind,base,unit,source\nrate.sicken,rate,0.08,per year,test\nrate.die,rate,0.01,per year,test\n";

#[test]
fn subgroups_add_up_to_all_patients() {
    let scenario = shipped::from_text(SCENARIO, PARAMETERS);
    let (totals, sets) = run(&scenario);
    let (onfh, of_onfh, by) = pathways();
    for (scenario, overall, sets) in [(&scenario, &totals, &sets), (onfh, of_onfh, by)] {
        assert!(sets.len() >= 3);
        for set in sets {
            let name = set.name(&scenario.model);
            let share: f64 = set.groups.iter().map(|group| group.share).sum();
            assert!((share - 1.0).abs() < 1e-12, "{name}: shares add up to {share}");
            let gap = difference(&set.totals(), overall);
            // Subgroups by age are integrated in panels that end at their limits, so the nodes are the same.
            assert!(gap < 1e-12, "{name}: {gap:e}");
        }
    }
}

/// The same model in which all patients belong to a subgroup has the totals and incidences of the subgroup.
#[test]
fn a_subgroup_is_a_population_restricted_to_it() {
    let scenario = shipped::from_text(SCENARIO, PARAMETERS);
    let (_, sets) = run(&scenario);
    let restricted = |edits: &[(&str, &str)]| {
        let text = edits.iter().fold(SCENARIO.to_string(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        // Subgroups without patients are only a warning.
        overall(&shipped::from_text(&text, PARAMETERS))
    };
    let female = ("female = 0.6, male = \"rest\"", "female = 1, male = 0");
    let young = ("within = [30, 85]", "within = [30, 52.5]");
    let old = ("within = [30, 85]", "within = [70, 85]");
    let ill = ("well = 0.7\nill  = \"rest\"", "well = 0\nill = 1");
    for (division, name, edits) in [
        ("sex", "female", vec![female]),
        ("age", "young", vec![young]),
        ("age", "old", vec![old]),
        ("sex, age", "female, old", vec![female, old]),
        ("age, risk", "young, high", vec![young, ill]),
    ] {
        let found = group(&scenario, set(&scenario, &sets, division), name);
        let gap = difference(&found.totals, &restricted(&edits));
        // The truncated distribution has its own panels, so the numbers agree only to the error of the integration.
        assert!(gap < 1e-8, "{division}, {name}: {gap:e}");
    }
    let (onfh, _, sets) = pathways();
    let by = set(onfh, sets, "stage, size");
    for (name, stage, small, medium) in
        [("stage I, medium lesion", 1.0, 0.0, 1.0), ("stage II, large lesion", 0.0, 0.0, 0.0)]
    {
        let all = [("share.start.arco_1", stage), ("share.lesion.A", small), ("share.lesion.B", medium)];
        let overrides: Vec<_> = all.iter().map(|(name, x)| (name.to_string(), x.to_string())).collect();
        let own = shipped::load(Path::new(PATHWAYS), &overrides);
        let gap = difference(&group(onfh, by, name).totals, &overall(&own));
        assert!(gap < 1e-12, "{name}: {gap:e}");
    }
}

/// Values by stage and size of lesion that were found by one run for each subgroup, before subgroups existed.
#[test]
fn treating_by_stage_and_size_has_the_value_found_by_separate_runs() {
    let (scenario, _, sets) = pathways();
    let by = set(scenario, sets, "stage, size");
    let decision = scenario.decision.as_ref().expect("the scenario has a decision");
    let names = ["cd", "cd_bmsc", "infusion", "tha_at_collapse"].map(|name| strategy(scenario, name));
    let reference = scenario.model.reference();
    for (name, share, benefits) in [
        ("stage I, small lesion", 0.0287, [-3106.0, -3225.0, -2712.0, 628.0]),
        ("stage II, small lesion", 0.0513, [-3507.0, -3122.0, -2472.0, 1091.0]),
        ("stage I, medium lesion", 0.0970, [-879.0, 2514.0, 1414.0, 3993.0]),
        ("stage II, medium lesion", 0.1730, [-2992.0, 212.0, 295.0, 5010.0]),
        ("stage I, large lesion", 0.2335, [-1865.0, 2136.0, -68.0, 6200.0]),
        ("stage II, large lesion", 0.4165, [-3746.0, -3317.0, -2988.0, 6723.0]),
    ] {
        let own = group(scenario, by, name);
        assert!((own.share - share).abs() <= 0.5e-4, "{name}: {}", own.share);
        for (&s, due) in names.iter().zip(benefits) {
            let found = increment(decision, &own.totals, (s, reference), 25_000.0);
            assert!((found - due).abs() <= 0.5, "{name}, {s}: {found} for {due}");
        }
    }
    // Without prompt replacement on offer, treating by stage and size is worth something; with it, nothing.
    let gains = |offer: &[&str], threshold: f64| {
        let mut scenario = scenario.clone();
        for strategy in &mut scenario.model.strategies {
            strategy.bound = !offer.contains(&strategy.name.as_str());
        }
        let policy = by.policy(&scenario.model, decision, threshold).expect("something is on offer");
        let of_reference = benefit(decision, &by.totals()[reference], threshold);
        (policy.by_subgroup - of_reference, policy.of_single - of_reference)
    };
    let near = |found: (f64, f64), due: (f64, f64)| {
        assert!((found.0 - due.0).abs() < 0.05 && (found.1 - due.1).abs() < 0.05, "{found:?} for {due:?}");
    };
    let procedures = ["conservative", "cd", "cd_bmsc", "infusion"];
    near(gains(&procedures, 25_000.0), (793.6, 0.0));
    near(gains(&procedures, 35_000.0), (1732.4, 435.6));
    let with_prompt = ["conservative", "cd", "cd_bmsc", "infusion", "tha_at_collapse"];
    near(gains(&with_prompt, 25_000.0), (5575.9, 5575.9));
}

/// The pathway of cells and then prompt replacement is on the frontier, at the price found by separate runs, and is the
/// decompression with cells of the base case if all replacements are prompt.
#[test]
fn cells_then_prompt_replacement_has_its_price() {
    let (scenario, of_all, sets) = pathways();
    let (cells, prompt) = (strategy(scenario, "cd_bmsc_prompt"), strategy(scenario, "tha_at_collapse"));
    let decision = scenario.decision.as_ref().expect("the scenario has a decision");
    let price = |totals: &[Vec<f64>]| {
        let gain = |o: usize| totals[cells][o] - totals[prompt][o];
        gain(decision.cost) / gain(decision.effect)
    };
    let by = set(scenario, sets, "stage, size");
    for (found, due) in [
        (price(of_all), 55_663.0),
        (price(&group(scenario, by, "stage I, medium lesion").totals), 23_318.0),
        (price(&group(scenario, by, "stage I, large lesion").totals), 25_784.0),
    ] {
        assert!((found - due).abs() <= 0.5, "{found} for {due}");
    }
    // Another way to the same numbers: base case with the rates of prompt replacement for every strategy.
    let base = Path::new("tests/scenarios/base_with_a_corner.toml");
    let timely = shipped::load(base, &[]);
    let rate = timely.parameters.iter().find(|row| row.name == "rate.tha.timely").expect("a parameter").base;
    let everywhere = ["rate.tha.arco_3a", "rate.tha.arco_3b", "rate.tha.arco_4"];
    let overrides: Vec<_> = everywhere.iter().map(|name| (name.to_string(), rate.to_string())).collect();
    let other = shipped::load(base, &overrides);
    let by_hand = overall(&other);
    for (pathway, first) in [
        ("tha_at_collapse", "conservative"),
        ("cd_prompt", "cd"),
        ("cd_bmsc_prompt", "cd_bmsc"),
        ("infusion_prompt", "infusion"),
    ] {
        let own = vec![of_all[strategy(scenario, pathway)].clone()];
        let gap = difference(&own, &[by_hand[strategy(&other, first)].clone()]);
        assert!(gap < 1e-12, "{pathway}: {gap:e}");
    }
}
