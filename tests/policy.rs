//! Treatment by subgroup under parameter uncertainty: every draw adds up to all patients, every subgroup is the draw of a
//! restricted population, and the value of the policy is that of a separate computation.

use crate::common;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use arcosim::analysis::evaluation::{Evaluator, GroupTotals, Integration};
use arcosim::analysis::psa::{self, DrawEngine, Psa};
use arcosim::analysis::sensitivity::net_benefit::benefit;
use arcosim::analysis::session::{Observer, Session};
use arcosim::analysis::{policy, subgroups};
use arcosim::model::uncertainty::Sampling;
use arcosim::model::{AttributeKind, Expr, Share};
use arcosim::scenario::Scenario;
use common::program::{Folder, code};
use common::psa::{draws, exact};
use common::shipped;

const PATHWAYS: &str = "scenarios/onfh/variants/pathways.toml";
const DRAWS: u64 = 12;

struct Quiet;

impl Observer for Quiet {
    fn say(&self, _: &str, _: &str) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

fn pathways() -> Scenario {
    shipped::load(Path::new(PATHWAYS), &[])
}

/// Draws with the totals of the largest sets of subgroups.
fn drawn(scenario: &Scenario) -> (Vec<Vec<usize>>, Psa) {
    let sets = subgroups::largest_sets(&scenario.model);
    let draws = draws(scenario, &scenario.uncertainty, Sampling::LatinHypercube, (1, DRAWS));
    let go_on = AtomicBool::new(false);
    let how = (exact(scenario), false);
    let psa = psa::run_with_subgroups(
        &scenario.model,
        &draws,
        how,
        (&sets, &psa::followed::Plan::default()),
        &|_| {},
        &go_on,
    )
    .unwrap();
    (sets, psa)
}

fn close(one: &[Vec<f64>], other: &[Vec<f64>], limit: f64) {
    for (a, b) in one.iter().flatten().zip(other.iter().flatten()) {
        assert!((a - b).abs() <= limit * b.abs().max(1e-3), "{a} and {b}");
    }
}

#[test]
fn the_subgroups_of_every_draw_add_up_to_all_patients() {
    let scenario = pathways();
    let (_, psa) = drawn(&scenario);
    let plain = common::psa::run(&scenario, Sampling::LatinHypercube, (1, DRAWS));
    assert_eq!(psa.values, plain.values);
    for k in 0..DRAWS as usize {
        let groups = &psa.subgroups[k][0];
        assert_eq!(groups.len(), 6);
        let shares: f64 = groups.iter().map(|group| group.share).sum();
        assert!((shares - 1.0).abs() < 1e-12, "{shares}");
        close(&subgroups::of_all(groups), &plain.totals[k], 1e-12);
        close(&psa.totals[k], &plain.totals[k], 1e-12);
    }
}

#[test]
fn a_subgroup_of_a_draw_is_the_draw_of_a_restricted_population() {
    let scenario = pathways();
    let model = &scenario.model;
    let (sets, psa) = drawn(&scenario);
    let size = model.subgroups.divisions.iter().position(|one| one.name == "size").unwrap();
    let attribute = model.attributes.iter().position(|one| one.name == "lesion").unwrap();
    for category in 0..3 {
        let mut only = model.clone();
        if let AttributeKind::Categorical { shares, .. } = &mut only.attributes[attribute].kind {
            for (i, share) in shares.iter_mut().enumerate() {
                *share = Share::Stated(Expr::Number(f64::from(i == category)));
            }
        }
        for k in [0, 7] {
            let groups = subgroups::joined(&psa.subgroups[k][0], &sets[0], &[size]);
            let own = groups.iter().find(|group| group.groups == [category]).unwrap();
            let restricted =
                Evaluator::new(&only, Integration::Nodes(scenario.psa.nodes)).totals(&psa.values[k]);
            close(&own.totals, &restricted, 1e-12);
        }
    }
}

#[test]
fn the_value_of_a_policy_is_that_of_a_separate_computation() {
    let scenario = pathways();
    let model = &scenario.model;
    let decision = scenario.decision.as_ref().unwrap();
    let options = psa::PsaOptions { draws: Some(DRAWS), ..Default::default() };
    let question = psa::PsaQuestion::new(&scenario, &options).unwrap();
    let question = policy::question(&scenario, question).unwrap();
    let go_on = AtomicBool::new(false);
    let session = Session { stop: &go_on, memory: f64::INFINITY, observer: &Quiet };
    let answer = policy::ask(&scenario, &question, &session).unwrap();
    let set = answer.sets.iter().find(|set| set.name(model) == "stage, size").unwrap();
    let mut all: Vec<Vec<Vec<GroupTotals>>> = answer.psa.psa.subgroups.clone();
    all.iter_mut().for_each(|draw| draw[0].sort_by(|a, b| a.groups.cmp(&b.groups)));
    for threshold in [25_000.0, 35_000.0, 60_000.0] {
        let found = set.policy(model, decision, threshold).unwrap();
        let offered: Vec<usize> =
            (0..model.strategies.len()).filter(|&s| !model.strategies[s].bound).collect();
        // Net benefit [draw][group][strategy] per patient of the whole population.
        let value =
            |group: &GroupTotals, s: usize| group.share * benefit(decision, &group.totals[s], threshold);
        let of_group =
            |g: usize, s: usize| all.iter().map(|draw| value(&draw[0][g], s)).sum::<f64>() / DRAWS as f64;
        let most = |f: &dyn Fn(usize) -> f64| {
            offered.iter().copied().max_by(|&a, &b| f(a).total_cmp(&f(b))).unwrap()
        };
        let best: Vec<usize> = (0..6).map(|g| most(&|s| of_group(g, s))).collect();
        let single = most(&|s| (0..6).map(|g| of_group(g, s)).sum());
        let own: Vec<usize> = found.groups.iter().map(|group| group.best).collect();
        assert_eq!((own, found.single), (best.clone(), single), "{threshold}");
        let gain = |draw: &Vec<Vec<GroupTotals>>| -> f64 {
            (0..6).map(|g| value(&draw[0][g], best[g]) - value(&draw[0][g], single)).sum()
        };
        let gains: Vec<f64> = all.iter().map(gain).collect();
        let mean = gains.iter().sum::<f64>() / DRAWS as f64;
        assert!((found.gain - mean).abs() < 1e-6 && found.gain >= 0.0, "{} and {mean}", found.gain);
        match best.iter().all(|&s| s == single) {
            true => assert_eq!((found.gain, found.probability), (0.0, None)),
            false => {
                let better = gains.iter().filter(|gain| **gain > 0.0).count() as f64 / DRAWS as f64;
                assert!((found.probability.unwrap() - better).abs() < 1e-12);
            }
        }
        for group in &found.groups {
            assert!((group.probability.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn a_condition_on_a_number_is_integrated_with_its_limit() {
    let scenario = pathways();
    let options = psa::PsaOptions { draws: Some(2), ..Default::default() };
    let question = psa::PsaQuestion::new(&scenario, &options).unwrap();
    let by_category = policy::question(&scenario, question.clone()).unwrap();
    assert_eq!(by_category.engine, question.engine);
    let mut by_age = scenario.clone();
    let age = by_age.model.attributes.iter().position(|one| one.name == "age").unwrap();
    let young =
        Expr::Binary(arcosim::model::Binary::Less, Box::new([Expr::Attribute(age), Expr::Number(40.0)]));
    by_age.model.subgroups.divisions[0].groups[0].condition = Some(young);
    let question = policy::question(&by_age, question).unwrap();
    assert_eq!(question.engine, DrawEngine::Cohort(Integration::RUN));
}

#[test]
fn the_command_writes_its_tables_and_refuses_what_it_cannot_answer() {
    let folder = Folder::new();
    let pathways = Path::new(shipped::ROOT).join(PATHWAYS);
    let pathways = pathways.to_str().unwrap();
    let base = Path::new(shipped::ROOT).join("scenarios/onfh/base.toml");
    let run = ["policy", pathways, "--draws", "100", "--out", "out", "-q", "--root", shipped::ROOT];
    code(&folder.arcosim(&run), 0);
    for file in ["tables/policy.csv", "tables/policy_subgroups.csv", "figures/treat_whom.svg"] {
        assert!(folder.0.join("out").join(file).exists(), "{file}");
    }
    let without = ["policy", base.to_str().unwrap(), "--out", "none", "--root", shipped::ROOT];
    let refused = folder.arcosim(&without);
    code(&refused, 2);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("has no subgroups"));
    let simulated = [&run[..4], &["--engine", "microsim", "--out", "none", "--root", shipped::ROOT]].concat();
    code(&folder.arcosim(&simulated), 2);
    assert!(!folder.0.join("none").exists());
}

#[test]
fn the_subgroups_of_all_draws_count_as_memory() {
    let folder = Folder::new();
    let pathways = Path::new(shipped::ROOT).join(PATHWAYS);
    let pathways = pathways.to_str().unwrap();
    let run = ["policy", pathways, "--draws", "1000000", "--memory", "1", "--root", shipped::ROOT];
    let output = folder.arcosim(&run);
    code(&output, 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("costs and effects in the subgroups in each of 1000000 draws"), "{said}");
}
