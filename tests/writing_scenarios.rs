//! Ways to write a scenario shorter: named formulas, overlays that remove or extend, selections of strategies, and complete
//! copies of strategies. Each must give the model that results when everything is written out.

use crate::common;

use arcosim::model::Model;
use arcosim::scenario::Scenario;
use common::shipped;

const BASE: &str = r#"
format = 1
title = "Two drugs"
parameters = "parameters.csv"
[time]
cycle = "1 year"
horizon = "10 years"
[population.start]
well = "rest"
[population.attributes]
age = { normal = { mean = 60, sd = 5 } }
[states]
well = { label = "Well" }
ill = { label = "Ill" }
dead = { label = "Dead", absorbing = true }
[groups]
alive = ["well", "ill"]
[transitions]
fall_ill = { from = "well", to = "ill", rate = "rate.ill * exp(0.02 * (age_at_start - 60))" }
die_well = { from = "well", to = "dead", rate = 0.02 }
die_ill = { from = "ill", to = { dead = 0.9, well = "rest" }, rate = 0.1 }
[strategies.usual]
label = "Usual care"
[strategies.drug]
eligible = "age_at_start < 70"
otherwise = "usual"
at_start = { reaction = { share = 0.1, to = "same state" }, none = { share = "rest", to = "same state" } }
[[strategies.drug.effects]]
on = ["fall_ill"]
hazard_ratio = 0.5
[outcomes.cost]
unit = "EUR"
correction = "half-cycle"
discount = "none"
[rewards.care]
outcome = "cost"
per_year = "cost.care * exp(0.02 * (age_at_start - 60))"
in = ["alive"]
[rewards.price]
outcome = "cost"
strategies = ["drug"]
once = 1000
at_start = true
[rewards.reaction]
outcome = "cost"
strategies = "drug"
once = 300
at_start = true
branches = "reaction"
"#;

const PARAMETERS: &str =
    "name,kind,base,unit,source\nrate.ill,rate,0.2,per year,x\ncost.care,cost,500,EUR per year,x\n";

/// The scenario with the given text after the base, as one file.
fn whole(text: &str) -> Scenario {
    loaded(&[("a.toml", text), ("parameters.csv", PARAMETERS)])
}

/// An overlay over the base.
fn overlay(text: &str) -> Scenario {
    let text = format!("format = 1\nextends = \"base.toml\"\n{text}");
    loaded(&[("a.toml", &text), ("base.toml", BASE), ("parameters.csv", PARAMETERS)])
}

fn loaded(files: &[(&str, &str)]) -> Scenario {
    shipped::from_texts(files, &[])
}

/// Everything that decides the results.
fn content(model: &Model) -> String {
    format!(
        "{:#?}",
        (&model.attributes, &model.transitions, &model.strategies, &model.rewards, &model.components)
    )
}

fn same(one: &Scenario, other: &Scenario) {
    assert_eq!(content(&one.model), content(&other.model));
}

#[test]
fn a_named_formula_is_the_formula_written_out_in_brackets() {
    let factor = "exp(0.02 * (age_at_start - 60))";
    let named = BASE.replace(factor, "older")
        + "[define]\nolder = \"exp(slope * years)\"\nslope = 0.02\nyears = \"age_at_start - 60\"\n";
    assert!(named.contains("rate.ill * older") && named.contains("cost.care * older"));
    same(&whole(&named), &whole(BASE));
}

#[test]
fn what_is_removed_was_never_there() {
    let gone = overlay("remove = [\"strategies.drug\"]");
    let without = BASE.split("[strategies.drug]").next().unwrap().to_string()
        + "[outcomes.cost]"
        + BASE.split("[outcomes.cost]").nth(1).unwrap().split("[rewards.price]").next().unwrap();
    same(&gone, &whole(&without));
}

#[test]
fn branches_are_replaced_after_their_removal() {
    let replaced = overlay(
        "remove = [\"transitions.die_ill.to\"]\n[transitions.die_ill]\nto = { dead = 0.8, well = \"rest\" }",
    );
    same(&replaced, &whole(&BASE.replace("dead = 0.9", "dead = 0.8")));
}

#[test]
fn a_list_keeps_the_items_of_the_base() {
    let second = "[strategies.second]\nlabel = \"Second\"\n";
    let kept = overlay(&format!(
        "{second}[rewards.price]\nstrategies = [\"...\", \"second\"]\n[rewards.reaction]\nstrategies = [\"...\"]\n"
    ));
    let written = BASE.replace("strategies = [\"drug\"]", "strategies = [\"drug\", \"second\"]");
    same(&kept, &whole(&format!("{written}{second}")));
    let effects = "[strategies.drug]\neffects = [\"...\", { on = [\"die_ill\"], hazard_ratio = 0.9 }]\n";
    let all = overlay(effects);
    assert_eq!(all.model.strategies[1].effects.len(), 2);
}

#[test]
fn a_selection_of_strategies_is_the_model_without_the_others() {
    let third = "[strategies.third]\nlabel = \"Third\"\n[rewards.third]\noutcome = \"cost\"\ncategory = \"Third\"\nstrategies = \"third\"\nonce = 1\nat_start = true\n";
    let selected = overlay(&format!("{third}[run]\nstrategies = [\"drug\", \"usual\"]"));
    same(&selected, &whole(BASE));
    let notes: Vec<&str> = selected.readings.iter().map(|(_, note)| note.as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("leaves out `third`")), "{notes:?}");
}

#[test]
fn a_copy_has_everything_of_its_original() {
    let copied = overlay("[strategies.copy]\nlike = \"drug\"\n[strategies.copy_of_copy]\nlike = \"copy\"\n");
    let model = &copied.model;
    for copy in 2..4 {
        let (one, other) = (&model.strategies[1], &model.strategies[copy]);
        assert_eq!(format!("{:?}", one.effects), format!("{:?}", other.effects));
        assert_eq!((&one.eligible, one.otherwise), (&other.eligible, other.otherwise));
        for reward in &model.rewards {
            assert_eq!(reward.given_under(1), reward.given_under(copy), "{}", reward.name);
            for branch in 0..2 {
                let paid = |arm| reward.given_at_start(arm, Some(branch), 0, 0);
                assert_eq!(paid(1), paid(copy), "{}, branch {branch}", reward.name);
            }
        }
    }
    assert!(
        copied
            .readings
            .iter()
            .any(|(of, note)| of == "strategy `copy`" && note.contains("`price` and `reaction`"))
    );
}

#[test]
fn an_own_reward_of_a_copy_replaces_the_copied_one() {
    let copied = overlay(
        "[strategies.copy]\nlike = \"drug\"\n[rewards.price]\ncategory = \"Price\"\n[rewards.own]\noutcome = \"cost\"\n\
         category = \"Price\"\nstrategies = \"copy\"\nonce = 2000\nat_start = true\n",
    );
    let given = |name: &str| {
        let reward = copied.model.rewards.iter().find(|reward| reward.name == name).unwrap();
        reward.strategies.clone().unwrap()
    };
    assert_eq!((given("price"), given("own"), given("reaction")), (vec![1], vec![2], vec![1, 2]));
}
