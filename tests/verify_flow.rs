//! Checks of patient flow and of the microsimulation: planted errors are found and named, and correct scenarios pass.

use crate::common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Checked, Options, Severity, Status, verify};
use arcosim::scenario::Scenario;
use common::shipped;

/// A small correct model with two strategies, a life table and a temporary state.
const SOUND: &str = include_str!("scenarios/mended/scenario.toml");
const NUMBERS: &str = include_str!("scenarios/mended/numbers.csv");
const LIFE_TABLE: &str = include_str!("scenarios/mended/life_table.csv");

/// The correct scenario with some of its text replaced.
fn altered(edits: &[(&str, &str)]) -> Scenario {
    let (mut scenario, mut numbers) = (SOUND.to_string(), NUMBERS.to_string());
    for (from, to) in edits {
        assert!(scenario.contains(from) || numbers.contains(from), "`{from}` is not there");
        scenario = scenario.replace(from, to);
        numbers = numbers.replace(from, to);
    }
    let files = [
        ("scenario.toml", scenario.as_str()),
        ("numbers.csv", numbers.as_str()),
        ("life_table.csv", LIFE_TABLE),
    ];
    shipped::from_texts(&files, &[])
}

/// Requires that a check finds an error of this severity about this subject, and returns its text.
fn found(edits: &[(&str, &str)], id: &str, severity: Severity, subject: &str) -> String {
    let checked = run(&altered(edits), &[id], false).remove(0);
    let all = &checked.verdict.findings;
    let own = all.iter().find(|f| f.subject == subject && f.severity == severity);
    let own = own.unwrap_or_else(|| panic!("{id} {}: {:?}", checked.status.name(), checked.verdict));
    println!("{id}: {}", own.text);
    own.text.clone()
}

/// Results of these checks (ids, or letters of groups).
fn run(scenario: &Scenario, only: &[&str], quick: bool) -> Vec<Checked> {
    let options = Options { only: only.iter().map(|id| id.to_string()).collect(), quick };
    let verification = verify(scenario, &options, &AtomicBool::new(false), &|_| {});
    verification.expect("known checks").expect("nobody stops it").checks
}

#[test]
fn a_sound_model_passes() {
    for checked in run(&altered(&[]), &["F", "M"], false) {
        let status = checked.status;
        let skipped = &checked.verdict.skipped;
        println!("{} {} {:?}", checked.check.id, status.name(), checked.verdict);
        assert!(status == Status::Pass || skipped.is_some(), "{}", checked.check.id);
    }
}

#[test]
fn a_quick_look_passes_too() {
    for checked in run(&altered(&[]), &["F", "M"], true) {
        assert!(
            matches!(checked.status, Status::Pass | Status::Skip),
            "{}: {:?}",
            checked.check.id,
            checked.verdict
        );
    }
}

/// A state without mortality is found by the checks of survival, of deaths and of extreme values.
#[test]
fn a_state_without_mortality_is_named() {
    let edits = [
        ("from = \"alive\"\nto = \"dead\"", "from = [\"well\", \"ill\", \"mended\"]\nto = \"dead\""),
        ("later = {}", "later = {}\nlast = {}"),
        (
            "[transitions.die]",
            "[transitions.age]\nfrom = \"later\"\nto = \"last\"\nrate = \"rate.fall / 10\"\n[transitions.end]\nfrom = \"last\"\nto = \"dead\"\nrate = \"rate.fall\"\n[transitions.die]",
        ),
    ];
    // A single cause is reported only once.
    found(&edits, "S20", Severity::Fail, "later");
    for other in ["F18", "F08"] {
        let checked = run(&altered(&edits), &[other], false).remove(0);
        assert!(checked.verdict.findings.iter().all(|f| f.subject != "later"), "{other}");
    }
    let text = found(&edits, "F11", Severity::Fail, "usual");
    assert!(text.contains("`later`"), "{text}");
}

/// Mortality of one state is separate from the life table and below the mortality of all people of the same age.
#[test]
fn a_state_with_too_little_mortality_is_named() {
    let edits = [
        ("from = \"alive\"\nto = \"dead\"", "from = [\"well\", \"ill\", \"mended\"]\nto = \"dead\""),
        (
            "[transitions.die]",
            "[transitions.die_later]\nfrom = \"later\"\nto = \"dead\"\nrate = \"rate.fall / 100\"\n[transitions.die]",
        ),
    ];
    found(&edits, "F18", Severity::Fail, "later");
}

#[test]
fn an_upside_down_mortality_ratio_is_found() {
    let edits = [("if(state == ill, hr.death.ill, 1)", "if(state == ill, 1, 1 / hr.death.ill)")];
    let text = found(&edits, "F11", Severity::Fail, "usual");
    assert!(text.contains("ratio"), "{text}");
    let healthier = [("if(state == ill, hr.death.ill, 1)", "if(state == ill, 1 / hr.death.ill, 1)")];
    found(&healthier, "F18", Severity::Warn, "ill");
}

/// If death competes with other exits, every move prevents deaths in its cycle. This effect is distinguished from
/// missing mortality.
#[test]
fn what_the_cycle_adds_is_no_error() {
    let text = found(
        &[
            ("first = [\"die\"]", "first = \"none\""),
            (
                "probability = \"if(time_in(mended) + cycle_length >= 0.999, 1, 0)\"",
                "rate = \"rate.operate\"",
            ),
            ("cycle = \"6 months\"", "cycle = \"1 year\""),
            ("if(state == ill, hr.death.ill, 1)", "1"),
        ],
        "F11",
        Severity::Warn,
        "usual",
    );
    assert!(text.contains("length of the cycle"), "{text}");
}

#[test]
fn mortality_counted_twice_is_found() {
    let again = "[transitions.die_ill]\nfrom = \"ill\"\nto = \"dead\"\ntable = \"mortality\"\nhazard_ratio = \"hr.death.ill\"\n[transitions.die]";
    found(&[("[transitions.die]", again)], "F19", Severity::Fail, "ill");
    let constant = "[transitions.all_causes]\nfrom = \"alive\"\nto = \"dead\"\nrate = \"rate.fall / 10\"\n[transitions.die]";
    found(
        &[("[transitions.die]", constant), ("first = [\"die\"]", "first = [\"die\", \"all_causes\"]")],
        "F19",
        Severity::Warn,
        "all_causes",
    );
}

#[test]
fn years_of_life_that_forget_a_state_are_found() {
    let edits = [("per_year = 1\nin = \"alive\"", "per_year = 1\nin = [\"well\", \"ill\", \"later\"]")];
    let text = found(&edits, "F07", Severity::Fail, "life_years");
    assert!(text.contains("not counted in `mended`"), "{text}");
}

#[test]
fn the_dead_do_not_come_back() {
    let edits = [
        ("dead = { absorbing = true }", "dead = {}\ngone = { absorbing = true }"),
        ("except = [\"dead\"]", "except = [\"dead\", \"gone\"]"),
        (
            "[transitions.die]",
            "[transitions.back]\nfrom = \"dead\"\nto = \"well\"\nrate = \"rate.fall\"\n[transitions.bury]\nfrom = \"dead\"\nto = \"gone\"\nrate = \"rate.fall\"\n[transitions.die]",
        ),
        ("[decision]", "[verify]\ndead = [\"dead\", \"gone\"]\n[decision]"),
    ];
    found(&edits, "F03", Severity::Fail, "back");
}

#[test]
fn a_horizon_that_is_too_short_is_told() {
    let text =
        found(&[("horizon = \"80 years\"", "horizon = \"20 years\"")], "F06", Severity::Warn, "horizon");
    assert!(text.contains("QALYs"), "{text}");
}

#[test]
fn an_endpoint_that_keeps_the_dead_at_risk_is_found() {
    let edits = [("enters = \"ill\"\ncompeting = [\"dead\"]", "enters = \"ill\"")];
    found(&edits, "F25", Severity::Fail, "illness");
}

#[test]
fn a_population_cut_by_its_limits_is_told() {
    found(&[("within = [20, 90]", "within = [50, 90]")], "F16", Severity::Warn, "age");
}

#[test]
fn what_never_happens_is_named() {
    let never = "if(time_in(mended) > 200, 1, 0)";
    found(&[("if(time_in(mended) + cycle_length >= 0.999, 1, 0)", never)], "F20", Severity::Warn, "later");
    found(&[("rate.fall * hr.fall[sex]", "rate.fall * 0 * hr.fall[sex]")], "F20", Severity::Warn, "fall_ill");
}

#[test]
fn an_event_declared_twice_is_found() {
    let twice = "[transitions.sicken]\nfrom = \"well\"\nto = \"ill\"\nrate = \"hr.fall[sex] * rate.fall\"\n[transitions.operate]";
    found(&[("[transitions.operate]", twice)], "F21", Severity::Warn, "sicken");
    let twice = "[transitions.operate_too]\nfrom = \"ill\"\nto = { dead = \"mortality.operation\", mended = \"rest\" }\nrate = \"rate.operate\"\n[transitions.operate]";
    found(&[("[transitions.operate]", twice)], "F21", Severity::Fail, "operate");
}

#[test]
fn a_treatment_that_is_not_connected_is_found() {
    let text = found(
        &[
            ("[outcomes.cost]", "[strategies.other]\nlike = \"drug\"\n[outcomes.cost]"),
            ("strategies = [\"drug\"]", "strategies = [\"drug\", \"other\"]"),
        ],
        "F22",
        Severity::Fail,
        "other",
    );
    assert!(text.contains("the same lives"), "{text}");
    found(
        &[
            ("later = {}", "later = {}\nnever = {}"),
            (
                "[transitions.die]",
                "[transitions.unseen]\nfrom = \"later\"\nto = \"never\"\nrate = \"rate.fall * 0\"\n[transitions.die]",
            ),
            ("on = [\"fall_ill\"]", "on = [\"unseen\"]"),
        ],
        "F22",
        Severity::Fail,
        "drug",
    );
}

#[test]
fn a_rate_per_month_is_told() {
    found(
        &[("rate.operate,rate,0.4,per year", "rate.operate,rate,0.9,per month")],
        "F24",
        Severity::Warn,
        "operate",
    );
}

/// The duration of a temporary state is printed, because only the user can judge it.
#[test]
fn the_length_of_a_temporary_state_is_told() {
    let checked = run(&altered(&[]), &["F05"], false).remove(0);
    assert_eq!(checked.status, Status::Pass);
    assert!(
        checked.verdict.observed.contains("`mended` is left after 2 cycles (1 years)"),
        "{}",
        checked.verdict.observed
    );
    let late = ("time_in(mended) + cycle_length >= 0.999", "time_in(mended) >= 0.999");
    let checked = run(&altered(&[late]), &["F05"], false).remove(0);
    assert!(checked.verdict.observed.contains("3 cycles (1.5 years)"), "{}", checked.verdict.observed);
}

/// A check without anything to examine is skipped; it does not pass.
#[test]
fn what_a_scenario_has_not_is_skipped() {
    let without = altered(&[
        (
            "table = \"mortality\"\nhazard_ratio = \"if(state == ill, hr.death.ill, 1)\"",
            "rate = \"lookup(mortality, age) * if(state == ill, hr.death.ill, 1)\"",
        ),
        ("if(time_in(mended) + cycle_length >= 0.999, 1, 0)", "0.5"),
    ]);
    for id in ["F11", "F05"] {
        let checked = run(&without, &[id], false).remove(0);
        assert_eq!(checked.status, Status::Skip, "{id}: {:?}", checked.verdict);
    }
}

/// Requires that no check fails.
fn passes(scenarios: Vec<(String, Scenario)>, checks: &[&str]) {
    for (name, scenario) in scenarios {
        for checked in run(&scenario, checks, true) {
            assert_ne!(checked.status, Status::Fail, "{name} {}: {:?}", checked.check.id, checked.verdict);
        }
    }
}

#[test]
fn no_false_alarm_on_shipped_scenarios() {
    passes(shipped::originals(), &["F", "M"]);
}

#[test]
#[ignore = "all overlays"]
fn no_false_alarm_on_shipped_overlays() {
    passes(shipped::overlays(), &["F", "M"]);
}

/// Prints the findings of all checks in every shipped scenario.
#[test]
#[ignore = "for people who want to look"]
fn survey() {
    let only = std::env::var("ONLY").unwrap_or_else(|_| "F,M".into());
    let only: Vec<&str> = only.split(',').collect();
    let folders = std::env::var("FOLDERS").unwrap_or_else(|_| "scenarios".into());
    for path in shipped::files(&folders, "toml") {
        let loaded = arcosim::scenario::load(&path, &[]);
        let Some(scenario) = loaded.scenario else {
            println!("== {} cannot be read", shipped::relative(&path));
            continue;
        };
        let began = std::time::Instant::now();
        let checks = run(&scenario, &only, std::env::var("QUICK").is_ok());
        println!("== {} {:.2} s", shipped::relative(&path), began.elapsed().as_secs_f64());
        for checked in &checks {
            let verdict = &checked.verdict;
            let quiet =
                matches!(checked.status, Status::Pass | Status::Skip) && std::env::var("ALL").is_err();
            if quiet {
                continue;
            }
            let (id, status, took) = (checked.check.id, checked.status.name(), checked.took.as_secs_f64());
            match &verdict.skipped {
                Some(reason) => println!("  {id} {status} {reason}"),
                None => println!("  {id} {status} {took:.2} s: {}", verdict.observed),
            }
            for finding in &verdict.findings {
                println!("      {:?} {}: {}", finding.severity, finding.subject, finding.text);
            }
        }
    }
}
