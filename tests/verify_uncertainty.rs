//! The checks of uncertainty on models with planted errors, and on the sound models beside them.

mod common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Options, Severity, Status, Verification, verify};
use arcosim::scenario::Scenario;
use common::shipped;

fn run(scenario: &Scenario, only: &str, quick: bool) -> Verification {
    let options = Options {
        only: vec![only.to_string()],
        quick,
    };
    let never = AtomicBool::new(false);
    let done = verify(scenario, &options, &never, &|_| ()).expect("ids that exist");
    done.expect("nobody stops it")
}

/// What is printed of a verification: everything that did not pass.
fn words(verification: &Verification) -> String {
    let mut text = String::new();
    for own in &verification.checks {
        text.push_str(&format!("{} {} ({:?})", own.check.id, own.status.name(), own.took));
        if let Some(why) = &own.verdict.skipped {
            text.push_str(&format!(": {why}"));
        } else if own.verdict.findings.is_empty() {
            text.push_str(&format!(": {}", own.verdict.observed));
        }
        text.push('\n');
        for finding in &own.verdict.findings {
            text.push_str(&format!("    {:?} [{}] {}\n", finding.severity, finding.subject, finding.text));
        }
    }
    text
}

#[test]
fn shipped_scenarios_have_no_failure() {
    for (name, scenario) in shipped::scenarios() {
        let found = run(&scenario, "U", true);
        println!("{name}\n{}", words(&found));
        assert!(found.passes(), "{name}\n{}", words(&found));
    }
}
