//! Evidence follows use: net benefit by grade, and strategies that are hypothetical because of what moves them.

use crate::common;

use arcosim::scenario::Scenario;
use common::program::{Folder, code, columns, numbers, stdout};
use common::published::Published;
use common::{psa, shipped};

const MODEL: &str = r#"
format     = 1
title      = "What a drug gains, by grade"
parameters = "parameters.csv"

[time]
cycle   = "1 year"
horizon = "20 years"

[population.start]
well = "rest"

[states]
well = {}
dead = { absorbing = true }

[transitions]
die = { from = "well", to = "dead", rate = "rate.death" }

[strategies.usual]
label = "Usual care"

[strategies.drug]
label = "Drug"

[[strategies.drug.effects]]
on           = "die"
hazard_ratio = "hr.drug"

[strategies.cheap]
label = "Cheap drug"
like  = "drug"

[rewards.cheap]
outcome    = "cost"
category   = "Drug"
strategies = "cheap"
once       = 100
at_start   = true

[strategies.prompt]
label      = "Prompt care"
parameters = { "rate.death" = "rate.death.prompt" }

[outcomes.cost]
unit       = "EUR"
correction = "start"
discount   = "none"

[outcomes.years]
unit       = "years"
correction = "start"
discount   = "none"

[rewards.drug]
outcome    = "cost"
category   = "Drug"
strategies = "drug"
once       = "cost.drug"
at_start   = true

[rewards.comfort]
outcome    = "years"
strategies = "drug"
once       = "gain.comfort"
at_start   = true

[rewards.care]
outcome  = "cost"
per_year = "cost.care"
in       = "well"

[rewards.life]
outcome  = "years"
per_year = 1
in       = "well"

[decision]
cost       = "cost"
effect     = "years"
thresholds = [{ value = 1_000, date = "2026-11", source = "assumption" }]
"#;

fn parameters(effect: &str, price: &str, comfort: &str) -> String {
    format!(
        "\
name,kind,unit,base,low,high,range_basis,evidence,source,note
rate.death,rate,per year,0.1,0.05,0.2,expert,registry,test,
rate.death.prompt,rate,per year,0.08,0.05,0.1,expert,cohort,test,
hr.drug,hr,,0.5,0.3,0.8,expert,{effect},test,
cost.drug,cost,EUR,2000,1000,3000,expert,{price},test,
gain.comfort,number,,0.25,0,1,expert,{comfort},test,
cost.care,cost,EUR per year,50,20,80,expert,promotional,test,
"
    )
}

fn scenario(effect: &str, price: &str, comfort: &str) -> Scenario {
    shipped::from_text(MODEL, &parameters(effect, price, comfort))
}

#[test]
fn strategies_are_hypothetical_because_of_their_effects() {
    for (effect, price, comfort, marked) in [
        ("rct", "assumption", "expert", [false, false, false]),
        ("rct", "promotional", "assumption", [false, false, false]),
        ("animal", "assumption", "expert", [true, true, false]),
        ("rct", "assumption", "in_vitro", [true, true, false]),
    ] {
        let scenario = scenario(effect, price, comfort);
        let of = |name: &str| scenario.model.strategies[psa::strategy(&scenario, name)].hypothetical;
        assert_eq!(["drug", "cheap", "prompt"].map(of), marked, "{effect} {price} {comfort}");
        assert!(!of("usual"), "the comparator is never marked");
        let said =
            scenario.readings.iter().filter(|(_, note)| note.contains("marked as hypothetical")).count();
        assert_eq!(said, marked.iter().filter(|own| **own).count());
    }
}

/// The price has the grade of an assumption and takes exactly its amount; the effect has that of a trial and gains the rest.
#[test]
fn the_grades_share_the_increment() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("model.toml"), MODEL).unwrap();
    std::fs::write(folder.0.join("parameters.csv"), parameters("rct", "assumption", "expert")).unwrap();
    let run = folder.arcosim(&["dsa", "model.toml", "--out", "dsa"]);
    code(&run, 0);
    let text = stdout(&run);
    assert!(text.contains("Incremental net benefit by grade of evidence at 1,000 EUR per year"), "{text}");
    let table = columns(&folder.0.join("dsa/tables/evidence_grades.csv"));
    let (parts, wholes) = (numbers(&table["incremental_nmb"]), numbers(&table["whole_incremental_nmb"]));
    let rows = |strategy: &str| -> Vec<(String, f64, f64)> {
        let all = table["strategy"].iter().zip(&table["grade"]).zip(parts.iter().zip(&wholes));
        all.filter(|((own, _), _)| *own == strategy)
            .map(|((_, grade), (part, whole))| (grade.clone(), *part, *whole))
            .collect()
    };
    let exact = Published::of(scenario("rct", "assumption", "expert"));
    for strategy in ["drug", "cheap", "prompt"] {
        let benefit =
            1_000.0 * exact.more(strategy, "usual", "years") - exact.more(strategy, "usual", "cost");
        let own = rows(strategy);
        let sum: f64 = own.iter().map(|(_, part, _)| part).sum();
        assert!((sum - benefit).abs() < 1e-6, "{strategy}: {sum}, due {benefit}");
        assert!(own.iter().all(|(.., whole)| (whole - benefit).abs() < 1e-6));
    }
    let drug = rows("drug");
    let of = |grade: &str| drug.iter().find(|(own, ..)| own == grade).map(|(_, part, _)| *part);
    assert!((of("assumption").unwrap() + 2_000.0).abs() < 1e-9, "{drug:?}");
    assert!((of("expert").unwrap() - 250.0).abs() < 1e-9, "{drug:?}");
    assert!(of("rct").unwrap() > 1_000.0 && of("structure").is_none(), "{drug:?}");
    assert_eq!(rows("prompt").iter().map(|(grade, ..)| grade.as_str()).collect::<Vec<_>>(), ["cohort"]);
    // The amount of the cheap drug is typed into its formula, so it has no grade.
    assert!(
        rows("cheap").iter().any(|(grade, part, _)| grade == "not stated" && (part + 100.0).abs() < 1e-9)
    );
    assert_eq!(table["parameters"][0].split("; ").next(), Some("hr.drug"));
}

#[test]
fn a_run_says_on_what_each_part_of_a_strategy_rests() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("model.toml"), MODEL).unwrap();
    std::fs::write(folder.0.join("parameters.csv"), parameters("animal", "assumption", "expert")).unwrap();
    code(&folder.arcosim(&["run", "model.toml", "--engine", "cohort", "--out", "run", "-q"]), 0);
    let table = columns(&folder.0.join("run/strategies.csv"));
    let rows =
        table["strategy"].iter().zip(&table["part"]).zip(table["evidence"].iter().zip(&table["parameters"]));
    let found: Vec<_> = rows.map(|((a, b), (c, d))| [a, b, c, d].map(String::as_str)).collect();
    assert!(found.contains(&["drug", "effect", "animal", "hr.drug"]), "{found:?}");
    assert!(found.contains(&["drug", "amount", "assumption", "cost.drug"]), "{found:?}");
    assert!(found.contains(&["prompt", "parameter", "cohort", "rate.death.prompt"]), "{found:?}");
}

/// What a strategy does is what its formulas say after its own values are written in: a ratio that it replaces is not its evidence, a
/// price is none, and its ineligible patients take theirs from the strategy that they follow.
#[test]
fn evidence_is_that_of_the_numbers_in_use() {
    let others = r#"
[strategies.replaced]
like       = "drug"
parameters = { "hr.drug" = "hr.other", "gain.comfort" = "gain.other" }

[strategies.dear]
parameters = { "cost.care" = "cost.care.promoted" }

[strategies.instead]
eligible  = "hr.other > 1"
otherwise = "drug"

[strategies.risky]
at_start = { dead = { to = "dead", share = "share.dead" }, alive = { to = "same state", share = "rest" } }
"#;
    let rows = "hr.other,hr,,0.6,0.4,0.9,expert,rct,test,\ngain.other,number,,0.1,0,1,expert,expert,test,\n\
                cost.care.promoted,cost,EUR per year,40,20,80,expert,promotional,test,\n\
                share.dead,proportion,,0.02,0.01,0.05,expert,animal,test,\n";
    let (text, table) =
        (format!("{MODEL}{others}"), format!("{}{rows}", parameters("animal", "assumption", "expert")));
    let scenario = shipped::from_text(&text, &table);
    let marked = ["drug", "replaced", "dear", "instead", "risky"]
        .map(|name| scenario.model.strategies[psa::strategy(&scenario, name)].hypothetical);
    assert_eq!(marked, [true, false, false, true, true], "{:?}", scenario.readings);
    let folder = Folder::new();
    std::fs::write(folder.0.join("model.toml"), text).unwrap();
    std::fs::write(folder.0.join("parameters.csv"), table).unwrap();
    code(&folder.arcosim(&["dsa", "model.toml", "--out", "dsa", "-q"]), 0);
    let table = columns(&folder.0.join("dsa/tables/evidence_grades.csv"));
    let grades = |strategy: &str| -> Vec<(&str, &str)> {
        let all = table["strategy"].iter().zip(table["grade"].iter().zip(&table["parameters"]));
        let own = all.filter(|(own, _)| *own == strategy);
        own.map(|(_, (grade, names))| (grade.as_str(), names.as_str())).collect()
    };
    let replaced = grades("replaced");
    assert!(replaced.contains(&("rct", "hr.other")), "{replaced:?}");
    assert!(replaced.iter().all(|(grade, _)| *grade != "animal"), "{replaced:?}");
    assert!(grades("instead").contains(&("animal", "hr.drug")), "{:?}", grades("instead"));
    assert_eq!(grades("risky"), [("structure", "")]);
}

/// A limit of age inside the range of ages is not integrated well with few nodes: the analysis then uses those of the base case, so a
/// strategy that is one hazard ratio has no other part, and is the same as the comparator at a ratio of exactly 1.
#[test]
fn few_nodes_are_used_only_where_they_are_enough() {
    let text = MODEL
        .replace("rate = \"rate.death\" }", "rate = \"rate.death * exp(0.1 * (age - 60))\" }")
        .replace(
            "[population.start]",
            "[population.attributes]\nage = { normal = { mean = 60, sd = 12 } }\n\n[population.start]",
        )
        .replace(
            "label = \"Drug\"",
            "label = \"Drug\"\neligible = \"age_at_start < 62\"\notherwise = \"usual\"",
        );
    let rewards = ["drug", "comfort"].map(|name| {
        let start = text.find(&format!("[rewards.{name}]")).unwrap();
        let end = start + text[start..].find("at_start   = true").unwrap() + "at_start   = true".len();
        text[start..end].to_string()
    });
    let text = rewards.iter().fold(text.clone(), |text, reward| text.replace(reward, ""));
    let folder = Folder::new();
    std::fs::write(folder.0.join("model.toml"), text).unwrap();
    std::fs::write(folder.0.join("parameters.csv"), parameters("rct", "assumption", "expert")).unwrap();
    code(&folder.arcosim(&["dsa", "model.toml", "--strategy", "drug", "--out", "dsa", "-q"]), 0);
    let table = columns(&folder.0.join("dsa/tables/evidence_grades.csv"));
    let own = table["strategy"].iter().zip(&table["grade"]).filter(|(own, _)| *own == "drug");
    assert_eq!(own.map(|(_, grade)| grade.as_str()).collect::<Vec<_>>(), ["rct"]);
    let table = columns(&folder.0.join("dsa/tables/thresholds.csv"));
    let at = table["parameter"].iter().position(|name| name == "hr.drug").expect("a row");
    let value: f64 = table["value"][at].parse().unwrap();
    assert!((value - 1.0).abs() < 1e-6, "{value}");
    let said = std::fs::read_to_string(folder.0.join("dsa/README.txt")).unwrap();
    assert!(said.contains("as in `arcosim run` for all values"), "{said}");
}
