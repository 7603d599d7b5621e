//! Components: what a strategy uses, with shares of users. A share is a mixture of patients, so every total must be the mixture
//! of the totals of strategies that are written out by hand.

use crate::common;

use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::scenario::Scenario;
use common::program::{Folder, code};
use common::shipped;

const BASE: &str = r#"
format = 1
title = "A programme"
parameters = "parameters.csv"
[time]
cycle = "6 months"
horizon = "20 years"
[population.start]
well = 0.7
ill = "rest"
[population.attributes]
sex = { female = 0.5, male = "rest" }
[states]
well = { label = "Well" }
ill = { label = "Ill" }
dead = { label = "Dead", absorbing = true }
[groups]
alive = ["well", "ill"]
[transitions]
fall_ill = { from = "well", to = "ill", rate = "0.2 * if(sex == male, 1.5, 1)" }
die_well = { from = "well", to = "dead", rate = 0.02 }
die_ill = { from = "ill", to = "dead", rate = 0.1 }
[strategies.usual]
label = "Usual care"
[outcomes.cost]
unit = "EUR"
correction = "half-cycle"
discount = { rate = "3 %" }
[outcomes.qaly]
unit = "QALYs"
correction = "life-table"
discount = { rate = "3 %", at = "end" }
[rewards.care]
outcome = "cost"
per_year = 500
in = ["alive"]
[rewards.quality]
outcome = "qaly"
per_year = "if(state == ill, 0.6, 0.9)"
in = ["alive"]
"#;

const COMPONENTS: &str = r#"
[components.drug]
evidence_until = "2 years"
[[components.drug.effects]]
on = ["fall_ill"]
hazard_ratio = "hr.drug"
full_until = "5 years"
[rewards.drug]
outcome = "cost"
components = "drug"
per_year = "if(time < 5 years, 300, 0)"
in = ["alive"]
[components.operation]
[components.operation.at_start]
death = { share = 0.02, to = "dead" }
fracture = { share = 0.1, to = "same state" }
fine = { share = "rest", to = "same state" }
[[components.operation.effects]]
on = ["fall_ill", "die_ill"]
hazard_ratio = "if(state == ill, 0.9, 0.5)"
[rewards.operation]
outcome = "cost"
components = "operation"
once = 4000
at_start = true
[rewards.fracture]
outcome = "qaly"
components = "operation"
once = 0.1
loss = true
at_start = true
branches = "fracture"
[components.massage]
[rewards.massage]
outcome = "cost"
components = "massage"
per_year = 120
in = ["alive"]
"#;

/// The same as `uses = ["drug", "operation"]`, without components.
const BY_HAND: &str = r#"
[strategies.both]
evidence_until = "2 years"
at_start = { death = { share = 0.02, to = "dead" }, fracture = { share = 0.1, to = "same state" }, fine = { share = "rest", to = "same state" } }
[[strategies.both.effects]]
on = ["fall_ill"]
hazard_ratio = "hr.drug"
full_until = "5 years"
[[strategies.both.effects]]
on = ["fall_ill", "die_ill"]
hazard_ratio = "if(state == ill, 0.9, 0.5)"
[rewards.drug]
outcome = "cost"
strategies = ["both"]
per_year = "if(time < 5 years, 300, 0)"
in = ["alive"]
[rewards.operation]
outcome = "cost"
strategies = ["both"]
once = 4000
at_start = true
[rewards.fracture]
outcome = "qaly"
strategies = ["both"]
once = 0.1
loss = true
at_start = true
branches = "fracture"
"#;

const PARAMETERS: &str = "name,kind,base,unit,source\nhr.drug,hr,0.6,,x\nshare.drug,proportion,0.3,,x\nshare.operation,proportion,0.45,,x\nhr.synergy,hr,0.8,,x\n";

fn loaded(text: &str) -> Scenario {
    let text = format!("{BASE}{text}");
    shipped::from_text(&text, PARAMETERS)
}

/// Expected totals of a strategy: cost and QALYs.
fn totals(scenario: &Scenario, strategy: &str) -> Vec<f64> {
    let model = &scenario.model;
    let s = model.strategies.iter().position(|one| one.name == strategy).unwrap();
    let mut evaluator = Evaluator::new(model, Integration::Panels(8));
    evaluator.run(&model.base_values())[s].clone()
}

fn uses(text: &str) -> Scenario {
    loaded(&format!("{COMPONENTS}[strategies.both]\nuses = {text}\n"))
}

fn mixed(parts: &[(f64, Vec<f64>)]) -> Vec<f64> {
    (0..2).map(|o| parts.iter().map(|(weight, totals)| weight * totals[o]).sum()).collect()
}

fn close(one: &[f64], other: &[f64]) {
    for (a, b) in one.iter().zip(other) {
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0), "{one:?} and {other:?}");
    }
}

#[test]
fn a_component_of_all_patients_is_the_strategy_written_out() {
    let (own, by_hand) = (uses("[\"operation\", \"drug\"]"), loaded(BY_HAND));
    let content = |scenario: &Scenario| {
        format!("{:?}", (&scenario.model.attributes, &scenario.model.strategies, &scenario.model.rewards))
    };
    assert_eq!(content(&own), content(&by_hand));
    assert_eq!(totals(&own, "both"), totals(&by_hand, "both"));
}

#[test]
fn nothing_used_is_the_reference() {
    for none in ["{ drug = 0, operation = 0, massage = 0 }", "[]"] {
        let scenario = uses(none);
        assert_eq!(totals(&scenario, "both"), totals(&scenario, "usual"));
    }
}

#[test]
fn a_share_is_a_mixture_of_patients() {
    let [with, without] = ["[\"operation\"]", "[]"].map(|text| totals(&uses(text), "both"));
    close(
        &totals(&uses("{ operation = \"share.operation\" }"), "both"),
        &mixed(&[(0.45, with), (0.55, without)]),
    );
}

#[test]
fn shares_of_several_components_are_independent() {
    let all = |list: &str| totals(&uses(list), "both");
    let due = mixed(&[
        (0.3 * 0.45, all("[\"drug\", \"operation\"]")),
        (0.3 * 0.55, all("[\"drug\"]")),
        (0.7 * 0.45, all("[\"operation\"]")),
        (0.7 * 0.55, all("[]")),
    ]);
    close(&all("{ drug = \"share.drug\", operation = \"share.operation\" }"), &due);
}

#[test]
fn two_procedures_at_the_start_are_combined() {
    let second = "[components.injection.at_start]\npain = { share = 0.3, to = \"same state\" }\nworse = { share = 0.05, to = \"ill\" }\n\
                  none = { share = \"rest\", to = \"same state\" }\n[rewards.pain]\noutcome = \"qaly\"\ncomponents = \"injection\"\nonce = 0.2\n\
                  loss = true\nat_start = true\nbranches = \"pain\"\n";
    let scenario = |uses: &str| loaded(&format!("{COMPONENTS}{second}[strategies.both]\nuses = {uses}\n"));
    let both = scenario("[\"operation\", \"injection\"]");
    assert_eq!(both.model.strategies[1].at_start.len(), 9);
    // Written out: all combinations by hand, in which death takes precedence.
    let by_hand = format!(
        "{}[[strategies.both.effects]]\non = [\"fall_ill\", \"die_ill\"]\nhazard_ratio = \"if(state == ill, 0.9, 0.5)\"\n{}",
        "[strategies.both.at_start]\ndead = 0.02\nfracture_pain = { share = \"0.1 * 0.3\", to = \"same state\" }\n\
         fracture_worse = { share = \"0.1 * 0.05\", to = \"ill\" }\nfracture = { share = \"0.1 * 0.65\", to = \"same state\" }\n\
         pain = { share = \"0.88 * 0.3\", to = \"same state\" }\nworse = { share = \"0.88 * 0.05\", to = \"ill\" }\n\
         fine = { share = \"rest\", to = \"same state\" }\n",
        "[rewards.operation]\noutcome = \"cost\"\nstrategies = \"both\"\nonce = 4000\nat_start = true\n\
         [rewards.fracture]\noutcome = \"qaly\"\nstrategies = \"both\"\nonce = \"0.1 + 0.2 * 0\"\nloss = true\nat_start = true\n\
         branches = [\"fracture\", \"fracture_pain\", \"fracture_worse\"]\n\
         [rewards.pain]\noutcome = \"qaly\"\nstrategies = \"both\"\nonce = 0.2\nloss = true\nat_start = true\nbranches = [\"pain\", \"fracture_pain\"]\n\
         [rewards.pain_of_the_dead]\noutcome = \"qaly\"\nstrategies = \"both\"\nonce = \"0.2 * 0.3\"\nloss = true\nat_start = true\nbranches = \"dead\"\n",
    );
    close(&totals(&both, "both"), &totals(&loaded(&by_hand), "both"));
    // With a share of users, the others have no procedure.
    let [with, without] =
        ["[\"operation\", \"injection\"]", "[\"operation\"]"].map(|uses| totals(&scenario(uses), "both"));
    let some = totals(&scenario("{ operation = 1, injection = 0.4 }"), "both");
    close(&some, &mixed(&[(0.4, with), (0.6, without)]));
}

#[test]
fn users_of_a_component_that_moves_nobody_are_not_told_apart() {
    let scenario = uses("{ massage = 0.25 }");
    assert_eq!(scenario.model.attributes.len(), 1);
    let [with, without] = ["[\"massage\"]", "[]"].map(|text| totals(&uses(text), "both"));
    close(&totals(&scenario, "both"), &mixed(&[(0.25, with), (0.75, without)]));
}

#[test]
fn an_interaction_acts_on_patients_who_use_both() {
    let effect = "[[strategies.both.effects]]\non = [\"fall_ill\"]\nhazard_ratio = \"hr.synergy\"\nusers_of = [\"drug\", \"operation\"]\n";
    let scenario =
        |uses: &str, effect: &str| loaded(&format!("{COMPONENTS}[strategies.both]\nuses = {uses}\n{effect}"));
    let always = "[[strategies.both.effects]]\non = [\"fall_ill\"]\nhazard_ratio = \"hr.synergy\"\n";
    let both = totals(&scenario("[\"drug\", \"operation\"]", effect), "both");
    close(&both, &totals(&scenario("[\"drug\", \"operation\"]", always), "both"));
    for one in ["[\"drug\"]", "[\"operation\"]"] {
        assert_eq!(totals(&scenario(one, effect), "both"), totals(&scenario(one, ""), "both"));
    }
    let shares = totals(&scenario("{ drug = 0.3, operation = 1 }", effect), "both");
    let operation = totals(&uses("[\"operation\"]"), "both");
    close(&shares, &mixed(&[(0.3, both), (0.7, operation)]));
}

#[test]
fn the_strongest_effect_is_the_smallest_ratio() {
    let with = |ratios: [f64; 3], combine: &str| {
        let component = |i: usize| {
            format!("[[components.c{i}.effects]]\non = [\"fall_ill\"]\nhazard_ratio = {}\n", ratios[i])
        };
        let all: String = (0..3).map(component).collect();
        let uses = "uses = [\"c2\", \"c0\", \"c1\"]";
        totals(&loaded(&format!("{all}[strategies.both]\n{uses}\ncombine = \"{combine}\"\n")), "both")
    };
    close(&with([0.5, 0.8, 1.2], "strongest"), &with([0.5, 1.0, 1.2], "multiply"));
    close(&with([0.9, 0.8, 1.0], "strongest"), &with([1.0, 0.8, 1.0], "multiply"));
}

#[test]
fn a_copy_uses_what_its_original_uses() {
    let text = format!(
        "{COMPONENTS}[strategies.both]\nuses = {{ drug = 0.3, operation = 1 }}\n[strategies.copy]\nlike = \"both\"\n\
         [strategies.less]\nlike = \"both\"\nuses = [\"operation\"]\n"
    );
    let scenario = loaded(&text);
    assert_eq!(totals(&scenario, "copy"), totals(&scenario, "both"));
    close(&totals(&scenario, "less"), &totals(&uses("[\"operation\"]"), "both"));
}

#[test]
fn a_copy_with_another_component_keeps_the_rewards_of_its_branches() {
    let text = format!(
        "{COMPONENTS}[components.injection.at_start]\npain = {{ share = 0.3, to = \"same state\" }}\n\
         none = {{ share = \"rest\", to = \"same state\" }}\n\
         [strategies.surgery]\nat_start = {{ dead = 0.02, fine = {{ share = \"rest\", to = \"same state\" }} }}\n\
         [rewards.surgery]\noutcome = \"cost\"\nstrategies = \"surgery\"\nonce = 500\nat_start = true\nbranches = \"fine\"\n\
         [strategies.copy]\nlike = \"surgery\"\nuses = [\"injection\"]\n\
         [strategies.half]\nlike = \"surgery\"\nuses = {{ injection = 0.5 }}\n"
    );
    let scenario = loaded(&text);
    for copy in ["copy", "half"] {
        close(&totals(&scenario, copy), &totals(&scenario, "surgery"));
    }
}

#[test]
fn shares_of_a_copy_are_merged_and_a_list_replaces_them() {
    let text = format!(
        "{COMPONENTS}[strategies.both]\nuses = {{ drug = 0.3, operation = 0.45 }}\n\
         [strategies.more]\nlike = \"both\"\nuses = {{ drug = 1 }}\n[strategies.none]\nlike = \"both\"\nuses = {{ drug = 0 }}\n\
         [strategies.list]\nlike = \"both\"\nuses = [\"drug\"]\n"
    );
    let scenario = loaded(&text);
    let written = |list: &str| totals(&uses(list), "both");
    close(&totals(&scenario, "more"), &written("{ drug = 1, operation = 0.45 }"));
    close(&totals(&scenario, "none"), &written("{ operation = 0.45 }"));
    close(&totals(&scenario, "list"), &written("[\"drug\"]"));
}

/// Every subset of the components of a strategy, which may copy another one, is the strategy that uses only these.
#[test]
fn contributions_are_those_of_strategies_written_out() {
    let folder = Folder::new();
    let decision = "[decision]\ncost = \"cost\"\neffect = \"qaly\"\nthresholds = [{ value = 20000, date = \"2026-01\", source = \"x\" }]\n";
    let strategies = "[strategies.both]\nuses = { drug = 0.3, operation = 0.45, massage = 0.5 }\n[strategies.copy]\nlike = \"both\"\n\
                      uses = { drug = 1 }\n";
    std::fs::write(folder.0.join("a.toml"), format!("{BASE}{COMPONENTS}{strategies}{decision}")).unwrap();
    std::fs::write(folder.0.join("parameters.csv"), PARAMETERS).unwrap();
    code(&folder.arcosim(&["dsa", "a.toml", "--ablation", "copy", "--out", "out", "-q"]), 0);
    let table = std::fs::read_to_string(folder.0.join("out/tables/ablation.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 3);
    let cell = |row: &csv::StringRecord, name: &str| -> f64 {
        row[headers.iter().position(|header| header == name).unwrap()].parse().unwrap()
    };
    let cost = |list: &str| totals(&uses(list), "both")[0];
    let share = |name: &str| match name {
        "drug" => "drug = 1",
        "operation" => "operation = 0.45",
        _ => "massage = 0.5",
    };
    let names = ["drug", "operation", "massage"];
    let of = |kept: &dyn Fn(&str) -> bool| {
        let parts: Vec<&str> = names.iter().filter(|name| kept(name)).map(|name| share(name)).collect();
        cost(&format!("{{ {} }}", parts.join(", ")))
    };
    let (all, none) = (of(&|_| true), of(&|_| false));
    let mut sum = 0.0;
    for row in &rows {
        let name = &row[headers.iter().position(|header| header == "component").unwrap()];
        let left_out = all - of(&|other| other != name);
        let alone = of(&|other| other == name) - none;
        assert!((cell(row, "cost_left_out") - left_out).abs() < 1e-6, "{name}: {left_out}");
        assert!((cell(row, "cost_alone") - alone).abs() < 1e-6, "{name}: {alone}");
        sum += cell(row, "cost_shapley");
    }
    assert!((sum - (all - none)).abs() < 1e-6, "{sum} and {}", all - none);
}

#[test]
fn branches_may_depend_on_the_patient() {
    let by_sex = COMPONENTS
        .replace("fracture = { share = 0.1, to", "fracture = { share = \"if(sex == female, 0.2, 0.1)\", to");
    let text = |uses: &str| loaded(&format!("{by_sex}[strategies.both]\nuses = {uses}\n"));
    let [with, without] = ["[\"operation\"]", "[]"].map(|uses| totals(&text(uses), "both"));
    close(&totals(&text("{ operation = 0.5 }"), "both"), &mixed(&[(0.5, with), (0.5, without)]));
}

/// The evidence of a copy ends where that of its original or of a component added to it ends, whichever is earlier.
#[test]
fn the_evidence_of_a_copy_with_a_component_ends_with_the_shortest() {
    let strategies = "
[strategies.old]
evidence_until = \"5 years\"
[strategies.copy]
like = \"old\"
uses = [\"drug\"]
[strategies.stated]
like = \"old\"
uses = [\"drug\"]
evidence_until = \"4 years\"
";
    let scenario = shipped::from_text(&format!("{BASE}{COMPONENTS}{strategies}"), PARAMETERS);
    let ends: Vec<Option<f64>> = scenario.model.strategies.iter().map(|one| one.evidence_until).collect();
    assert_eq!(ends[ends.len() - 3..], [Some(5.0), Some(2.0), Some(4.0)]);
}
