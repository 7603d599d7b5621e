//! Lists of planted modelling errors: tests that every edit can be applied and that every error changes the
//! scenario or is refused.

use crate::common;

use std::collections::{BTreeMap, BTreeSet};

use arcosim::scenario::Scenario;
use arcosim::scenario::diagnostic::render;
use common::mutations::{CLASSES, Edit, Mutation, list, load, original, shipped_texts};

const CLASSIC: &str = "tests/mutations/classic.toml";

/// Complete content of a scenario, without the positions in its files.
fn content(scenario: &Scenario) -> [String; 4] {
    let parameters: Vec<String> = scenario
        .parameters
        .iter()
        .map(|row| {
            format!(
                "{} {:?} {} {:?} {} {:?} {:?} {} {:?} {}",
                row.name,
                row.kind,
                row.base,
                row.period_years,
                row.unit,
                row.low,
                row.high,
                row.distribution,
                row.spread,
                row.group
            )
        })
        .collect();
    [
        format!("{:?}", scenario.model),
        parameters.join("\n"),
        format!("{:?} {:?}", scenario.uncertainty, scenario.psa),
        format!("{:?}", scenario.decision),
    ]
}

#[test]
fn names_and_classes_are_in_order() {
    let mutations = list(CLASSIC);
    let mut ids = BTreeSet::new();
    let mut scenarios = BTreeSet::new();
    let mut classes = BTreeSet::new();
    for Mutation { id, error, class, scenario, edits, .. } in &mutations {
        assert!(ids.insert(id), "two are called {id}");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(!id.is_empty() && id.chars().all(plain), "{id}");
        assert!(error.ends_with('.') && !error.contains('\n'), "{id}: {error}");
        assert!(CLASSES.contains(&class.as_str()), "{id}: {class}");
        assert!(!edits.is_empty(), "{id} changes nothing");
        scenarios.insert(scenario);
        classes.insert(class.as_str());
    }
    assert!(mutations.len() >= 40, "{}", mutations.len());
    assert!(scenarios.len() >= 5, "{scenarios:?}");
    assert_eq!(classes.len(), CLASSES.len(), "{classes:?}");
}

#[test]
fn every_error_changes_what_the_scenario_says_or_is_refused() {
    let shipped = shipped_texts();
    let mut sound = BTreeMap::new();
    let (mut silent, mut warned, mut refused) = (0, 0, 0);
    for mutation in list(CLASSIC) {
        let id = &mutation.id;
        let before = sound.entry(mutation.scenario.clone()).or_insert_with(|| {
            let loaded = load(&original(&mutation.scenario, &shipped));
            let message = render(&loaded.diagnostics, &loaded.sources, false);
            assert_eq!(message, "", "{}", mutation.scenario);
            let scenario = loaded.scenario.expect("a scenario without messages");
            assert!(scenario.expected_file.is_none(), "{} knows its results", mutation.scenario);
            content(&scenario)
        });
        let loaded = load(&mutation.planted(&shipped));
        match &loaded.scenario {
            None => refused += 1,
            Some(scenario) => {
                let after = content(scenario);
                assert!(after != *before, "{id}: the model, its numbers and its decision are as they were");
                assert!(scenario.expected_file.is_none(), "{id} knows its results");
                match loaded.diagnostics.list.len() {
                    0 => silent += 1,
                    _ => warned += 1,
                }
            }
        }
    }
    println!("{refused} refused, {warned} with a warning, {silent} without a word");
    // Most errors must pass the reader, because a list of refused errors would not test the checks that come after
    // reading.
    assert!(silent > refused + warned, "{silent} of {refused} and {warned}");
}

#[test]
fn edits_that_do_not_fit_are_refused() {
    let shipped = shipped_texts();
    let mutation = |file: &str, find: &str, all| Mutation {
        id: "test".into(),
        error: "A test.".into(),
        class: CLASSES[0].into(),
        scenario: "published/heart_valve.toml".into(),
        edits: vec![Edit { file: file.into(), find: find.into(), replace: "here".into(), all }],
        note: String::new(),
    };
    let valve = "published/heart_valve.toml";
    let problem = |file: &str, find: &str, all| mutation(file, find, all).try_planted(&shipped).err();
    assert!(problem("published/none.toml", "well", false).is_some());
    assert!(problem(valve, "no such text", false).is_some());
    assert!(problem(valve, "no such text", true).is_some());
    assert!(problem(valve, "", true).is_some());
    assert!(problem(valve, "utility[state]", false).is_some_and(|p| p.contains("3 times")));
    assert!(problem(valve, "utility[state]", true).is_none());
    assert!(problem(valve, "p.die[state]", false).is_none());
    // `original` removes the section [expected] and keeps the section that follows, [decision].
    let texts = original("onfh/base.toml", &shipped);
    assert!(!texts[0].1.contains("expected.csv") && texts[0].1.contains("[decision]"));
}
