//! Endless horizons: `horizon = "endless"` in `[time]`.

use crate::common;

use arcosim::scenario::load_text;
use common::program::{Folder, code};
use common::{shipped, solve};
use std::fs;

const BASE: &str = r#"
format = 1
title  = "For ever"

[time]
cycle   = "1 month"
horizon = "endless"
moves   = "continuous"

[population.start]
well = "rest"

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[transitions]
fall_ill = { from = "well", to = "ill", rate = 0.1 }
recover  = { from = "ill", to = "well", rate = 0.5 }
die_well = { from = "well", to = "dead", rate = 0.05 }
die_ill  = { from = "ill", to = "dead", rate = 0.25 }

[strategies.usual]
reference = true

[outcomes.cost]
unit     = "EUR"
discount = { rate = "3 %" }

[outcomes.years]
unit     = "years"
discount = "none"

[rewards]
well = { outcome = "years", per_year = 1, in = "well" }
ill  = { outcome = "years", per_year = 1, in = "ill" }
care = { outcome = "cost", per_year = 1000, in = "ill" }
"#;

/// Totals of a Markov process with constant rates over an endless horizon: the start times the inverse of (force of discounting - Q).
#[test]
fn totals_are_those_of_the_inverse_of_the_generator() {
    for cycle in ["1 month", "1 year"] {
        let text = BASE.replace("1 month", cycle);
        let scenario = shipped::from_texts(&[("scenario.toml", &text)], &[]);
        let totals = solve::exact(&scenario).solution.totals;
        let determinant = |force: f64| (0.15 + force) * (0.75 + force) - 0.1 * 0.5;
        let force = 1.03_f64.ln();
        let due = [1000.0 * 0.1 / determinant(force), (0.75 + 0.1) / determinant(0.0)];
        for (own, due) in totals.strategies[0].outcomes.iter().zip(due) {
            assert!((own.mean - due).abs() < 1e-10 * due, "{cycle}: {} against {due}", own.mean);
        }
    }
}

/// With one move a cycle: the mean number of cycles until a geometric time of death, and its discounted sum.
#[test]
fn totals_with_one_move_a_cycle_are_those_of_a_geometric_sum() {
    let text = BASE
        .replace("moves   = \"continuous\"\n", "")
        .replace("discount = \"none\"", "discount = \"none\"\ncorrection = \"start\"");
    let text = text
        .replace(
            "discount = { rate = \"3 %\" }",
            "discount = { rate = \"3 %\", at = \"start\" }\ncorrection = \"start\"",
        )
        .replace(
            "fall_ill = { from = \"well\", to = \"ill\", rate = 0.1 }",
            "fall_ill = { from = \"well\", to = \"ill\", probability = 0.01 }",
        )
        .replace("recover  = { from = \"ill\", to = \"well\", rate = 0.5 }\n", "")
        .replace("rate = 0.05", "probability = 0.004")
        .replace("rate = 0.25", "probability = 0.02");
    let text = text.replace("[time]", "[time]\nfirst = \"none\"");
    let scenario = shipped::from_texts(&[("scenario.toml", &text)], &[]);
    let totals = solve::exact(&scenario).solution.totals;
    // Cycles in `well` and in `ill` from the start; amounts at the start of each cycle of a month.
    let (well, ill) = (1.0 / 0.014, 0.01 / 0.014 / 0.02);
    let v = 1.03_f64.powf(-1.0 / 12.0);
    let discounted_ill = 0.01 * v / (1.0 - 0.986 * v) / (1.0 - 0.98 * v);
    let due = [1000.0 / 12.0 * discounted_ill, (well + ill) / 12.0];
    for (own, due) in totals.strategies[0].outcomes.iter().zip(due) {
        assert!((own.mean - due).abs() < 1e-10 * due, "{} against {due}", own.mean);
    }
}

/// Sensitivity analyses use the horizon of the base values, and say so; patients who move twice in a cycle are no error of the model.
#[test]
fn analyses_say_that_they_end_with_the_base_values() {
    let folder = Folder::new();
    let decision = "\n[decision]\ncost = \"cost\"\neffect = \"years\"\nthresholds = [{ value = 20_000, date = \"2026\", source = \"x\" }]\n";
    let text = BASE
        .replace("title  =", "parameters = \"parameters.csv\"\ntitle  =")
        .replace("rate = 0.25", "rate = \"rate.die\"");
    let drug = "\n[strategies.drug]\n\n[[strategies.drug.effects]]\non = \"fall_ill\"\nhazard_ratio = 0.5\n";
    fs::write(folder.0.join("scenario.toml"), format!("{text}{drug}{decision}")).unwrap();
    let row = "rate.die,rate,0.25,per year,0.2,0.3,95CI,gamma,x,rct,";
    fs::write(
        folder.0.join("parameters.csv"),
        format!("name,kind,base,unit,low,high,range_basis,distribution,source,evidence,note\n{row}\n"),
    )
    .unwrap();
    for command in [&["psa", "--draws", "20"][..], &["dsa"]] {
        let output = folder.arcosim(&[command, &["--out", command[0]]].concat());
        code(&output, 0);
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("are cut off at this horizon"),
            "{command:?}"
        );
        let readme = fs::read_to_string(folder.0.join(command[0]).join("README.txt")).unwrap();
        let words = readme.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("live longer than at base values are cut off"), "{readme}");
    }
    let output = folder.arcosim(&["verify", "--only", "F04", "--out", "verified"]);
    code(&output, 0);
}

#[test]
fn the_end_is_stated_and_a_model_without_an_end_is_refused() {
    let scenario = shipped::from_texts(&[("scenario.toml", BASE)], &[]);
    let stated = scenario
        .readings
        .iter()
        .any(|(_, reading)| reading.starts_with("endless horizon: the model runs for"));
    assert!(stated, "{:?}", scenario.readings);
    let codes = |text: &str| -> Vec<&str> {
        let loaded = load_text(&[("scenario.toml", text)], &[]);
        loaded.diagnostics.list.iter().map(|d| d.code).collect()
    };
    let for_ever = BASE
        .replace("dead = { absorbing = true }", "dead = { absorbing = true }\nhome = {}\naway = {}")
        .replace("recover  = { from = \"ill\", to = \"well\"", "leave = { from = \"home\", to = \"away\", rate = 1 }\nreturn = { from = \"away\", to = \"home\", rate = 2 }\nrecover  = { from = \"ill\", to = \"home\"");
    assert_eq!(codes(&for_ever), ["E0465"]);
    let weights = BASE.replace("moves   = \"continuous\"\n", "").replace(
        "discount = { rate = \"3 %\" }",
        "correction = { first = 0.5, repeat = [1], last = 0.5 }\ndiscount = { rate = \"3 %\", at = \"start\" }",
    );
    assert!(codes(&weights).contains(&"E0437"), "{:?}", codes(&weights));
    assert_eq!(codes(&BASE.replace("endless", "endles")), ["E0209"]);
    // Landmarks are compared with the end that was found.
    let landmark = |years: u32| format!("{BASE}\n[figures]\nlandmarks = [{years}]\n");
    assert_eq!(codes(&landmark(160)), [] as [&str; 0]);
    assert_eq!(codes(&landmark(2_000)), ["E0424"]);
}
