//! Perspectives: each cost is divided among those who pay it, and their costs add up to the whole.

use crate::common;

use arcosim::scenario::Scenario;
use common::program::{Folder, code, columns, numbers, stdout};
use common::published::Published;
use common::shipped;

const MODEL: &str = r#"
format     = 1
title      = "Who pays"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "10 years"

[population.start]
well = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[groups]
alive = ["well", "ill"]

[transitions]
fall_ill = { from = "well", to = "ill", rate = 0.2 }
die      = { from = "alive", to = "dead", rate = 0.05 }

[events.fall]
in   = "ill"
rate = 2

[components.drug]
label = "Drug"

[strategies.usual]
label = "Usual care"

[strategies.drug]
uses       = { drug = 0.5 }
parameters = { "share.own" = "share.own.drug" }

[outcomes.cost]
unit       = "EUR"
correction = "life-table"
discount   = { rate = "3 %", at = "middle" }

[outcomes.years]
unit       = "years"
correction = "life-table"
discount   = "none"

[rewards.care]
outcome  = "cost"
per_year = 500
in       = "alive"

[rewards.drug]
outcome    = "cost"
components = "drug"
per_year   = 1000
in         = "alive"
PAID_DRUG

[rewards.falls]
outcome = "cost"
once    = 80
on      = "fall"
PAID_FALLS

[rewards.illness]
outcome = "cost"
once    = 3000
on      = "fall_ill"
PAID_ILLNESS

[rewards.life]
outcome  = "years"
per_year = 1
in       = "alive"

[decision]
cost       = "DECIDED"
effect     = "years"
thresholds = [{ value = 20_000, date = "2026-11", source = "assumption" }]
"#;

const PERSPECTIVES: &str = r#"
[perspectives]
payer    = { label = "Health service" }
patient  = { label = "Patient" }
employer = { label = "Employer" }
"#;

const PARAMETERS: &str = "\
name,kind,unit,base,evidence,source,note
share.own,proportion,,0.1,assumption,test,
share.own.drug,proportion,,0.8,assumption,test,
";

const PAID: [&str; 3] = [
    "paid_by = { patient = \"share.own\", employer = 0.05, payer = \"rest\" }",
    "paid_by = \"patient\"",
    "paid_by = { patient = \"share.own\", payer = \"rest\" }",
];

fn text(paid: [&str; 3], perspectives: &str, decided: &str) -> String {
    let text = MODEL.replace("PAID_DRUG", paid[0]).replace("PAID_FALLS", paid[1]);
    text.replace("PAID_ILLNESS", paid[2]).replace("DECIDED", decided) + perspectives
}

fn scenario(paid: [&str; 3], perspectives: &str) -> Scenario {
    shipped::from_text(&text(paid, perspectives, "cost"), PARAMETERS)
}

#[test]
fn the_costs_of_the_perspectives_add_up() {
    let all = Published::of(scenario(PAID, PERSPECTIVES));
    let without = Published::of(scenario([""; 3], ""));
    for strategy in ["usual", "drug"] {
        let of = |payer: &str| all.total(strategy, &format!("cost_{payer}"));
        let whole = all.total(strategy, "cost");
        let sum = of("payer") + of("patient") + of("employer");
        assert!((sum - whole).abs() < 1e-9 * whole, "{strategy}: {sum}, whole {whole}");
        assert_eq!(whole, without.total(strategy, "cost"));
        let own = if strategy == "drug" { 0.8 } else { 0.1 };
        let [drug, falls, illness] =
            ["Drug", "Falls", "Illness"].map(|category| all.component(strategy, "cost", category));
        let due = own * drug + falls + own * illness;
        assert!((of("patient") - due).abs() < 1e-9 * due, "{strategy}: {}, due {due}", of("patient"));
        assert!((of("employer") - 0.05 * drug).abs() < 1e-9 * drug.max(1.0));
    }
}

#[test]
fn a_cost_without_a_payer_is_listed_and_paid_by_the_first() {
    let none = Published::of(scenario([""; 3], PERSPECTIVES));
    for strategy in ["usual", "drug"] {
        assert_eq!(none.total(strategy, "cost_payer"), none.total(strategy, "cost"));
        assert_eq!(none.total(strategy, "cost_patient"), 0.0);
    }
    let said = |scenario: &Scenario| {
        let found = scenario.readings.iter().find(|(subject, _)| subject == "perspectives");
        found.expect("a note").1.clone()
    };
    let note = said(&none.scenario);
    assert!(note.contains("`care`, `drug`, `falls` and `illness` do not say who pays"), "{note}");
    let note = said(&scenario(PAID, PERSPECTIVES));
    assert!(note.contains("`care` does not say who pays (`paid_by`), so `payer` pays"), "{note}");
}

/// The tables have a row for each perspective, which is the result of a decision that counts its costs.
#[test]
fn tables_tell_perspectives_apart() {
    let folder = Folder::new();
    let files = [
        ("whole.toml", text(PAID, PERSPECTIVES, "cost"), "Patient"),
        ("own.toml", text(PAID, PERSPECTIVES, "cost_patient"), "Everybody"),
    ];
    std::fs::write(folder.0.join("parameters.csv"), PARAMETERS).unwrap();
    for (name, text, other) in &files {
        std::fs::write(folder.0.join(name), text).unwrap();
        let out = name.trim_end_matches(".toml");
        let run = folder.arcosim(&["run", name, "--engine", "cohort", "--out", out]);
        code(&run, 0);
        assert!(stdout(&run).contains(&format!("{other} pays: At EUR 20,000 per year")), "{}", stdout(&run));
    }
    let read = |out: &str, file: &str| columns(&folder.0.join(out).join(file));
    for (file, value) in [
        ("net_benefit.csv", "incremental_nmb"),
        ("pairwise.csv", "incremental_cost"),
        ("incremental.csv", "cost"),
    ] {
        let (whole, own) = (read("whole", file), read("own", file));
        let of = |table: &std::collections::BTreeMap<String, Vec<String>>, perspective: &str| {
            let rows = table["perspective"].iter().zip(&table["strategy"]).zip(&table[value]);
            let mut rows: Vec<(String, String)> = rows
                .filter(|((own, _), _)| *own == perspective)
                .map(|((_, strategy), value)| (strategy.clone(), value.clone()))
                .collect();
            rows.sort();
            rows
        };
        for perspective in ["all", "patient", "employer"] {
            assert_eq!(of(&whole, perspective), of(&own, perspective), "{file} {perspective}");
            assert!(!of(&whole, perspective).is_empty());
        }
        assert_eq!(numbers(&whole[value]).len(), whole["strategy"].len());
    }
}

/// Shares that add up at base values need not do so in a draw, or at an end of a range: nothing is rescaled, and nothing is reported
/// as a cost.
#[test]
fn shares_that_do_not_add_up_end_a_draw() {
    let folder = Folder::new();
    let parameters = "\
name,kind,unit,base,low,high,range_basis,se,distribution,evidence,source
share.own,proportion,,0.1,,,,,,assumption,test
share.own.drug,proportion,,0.8,,,,,,assumption,test
share.a,proportion,,0.5,0.3,0.9,range,0.2,beta,assumption,test
share.b,proportion,,0.5,0.2,0.8,range,0.2,beta,assumption,test
";
    std::fs::write(folder.0.join("parameters.csv"), parameters).unwrap();
    for (name, shares, said) in [
        ("two.toml", "paid_by = { patient = \"share.a\", payer = \"share.b\" }", "not to 1"),
        (
            "rest.toml",
            "paid_by = { patient = \"share.a\", employer = \"share.b\", payer = \"rest\" }",
            "leave less than nothing to the rest",
        ),
    ] {
        std::fs::write(folder.0.join(name), text([PAID[0], PAID[1], shares], PERSPECTIVES, "cost")).unwrap();
        let psa = folder.arcosim(&["psa", name, "--draws", "50", "--out", "psa"]);
        code(&psa, 2);
        let text = common::program::stderr(&psa);
        assert!(text.contains(said) && text.contains("share.a ="), "{text}");
        code(&folder.arcosim(&["dsa", name, "--out", "dsa", "-q"]), 0);
        let owsa = columns(&folder.0.join("dsa/tables/owsa.csv"));
        let rows = owsa["parameter"].iter().zip(&owsa["status"]).filter(|(p, _)| *p == "share.a");
        for (_, status) in rows {
            assert!(status.contains("impossible at high") && status.contains(said), "{status}");
        }
    }
}

/// Spending above 40 % of a lognormal income has the probability Φ((ln(price / 0.4) - ln(median)) / sd) at the start; with an argument of
/// -0.3607 it is 0.3592.
#[test]
fn catastrophic_spending_has_its_closed_form() {
    let median = 5_500.0 / 0.4 * (0.3607f64 * 0.6).exp();
    let path = std::path::Path::new("scenarios/onfh/variants/self_pay.toml");
    let scenario = shipped::load(path, &[("income.median".to_string(), median.to_string())]);
    let exact = Published::of(scenario);
    let share = exact.total("cd_bmsc", "catastrophic");
    assert!((share - 0.3592).abs() < 5e-5, "{share}");
    assert_eq!(exact.total("tha_at_collapse", "catastrophic"), 0.0);
}
