//! Documents of a verification: a report for readers, and tables and JSON for programs.

use arcosim_core::words::capital;
use serde_json::{Value, json};

use crate::analysis::verify::{Checked, Finding, GROUPS, Severity, Status, Verification};
use crate::output::columns::scenario as scenario_column;
use crate::output::figures::table::{Column, Table, text, whole};
use crate::output::{json_bytes, without_tags};
use crate::scenario::{Scenario, Waiver};

fn id<'a, R>(check: impl Fn(&R) -> &'a Checked + 'a) -> Column<'a, R> {
    text("id", "Id of the check; never given to another", "", move |row| check(row).check.id)
}

/// Table of all checks with their status.
pub fn checks(scenario: &Scenario, verification: &Verification) -> Table {
    type Ended<'a> = &'a Checked;
    let waived =
        |c: &Ended, of: fn(&Waiver) -> &String| c.waiver.as_ref().map_or(String::new(), |w| of(w).clone());
    let columns = [
        scenario_column(scenario),
        id(|c: &Ended| *c),
        text("group", "Group of the check", "", |c: &Ended| c.check.group()),
        text(
            "title",
            "Title of the check: the statement that is true of a correct model",
            "",
            |c: &Ended| c.check.title,
        ),
        text("basis", "Published checklists that ask for it", "", |c: &Ended| c.check.basis),
        text("status", "How it ended, after waivers", "pass; warn; fail; waived; skip", |c: &Ended| {
            c.status.name()
        }),
        text("expected", "Expected result; empty for a check that was skipped", "", |c: &Ended| {
            &c.verdict.expected
        }),
        text("observed", "Observed result, or the reason why the check was skipped", "", |c: &Ended| {
            c.verdict.skipped.as_ref().unwrap_or(&c.verdict.observed)
        }),
        text("tolerance", "Tolerance; empty for yes-or-no questions", "", |c: &Ended| &c.verdict.tolerance),
        whole("findings", "Number of findings", |c: &Ended| c.verdict.findings.len() as u64),
        whole("accepted", "Number of findings that a waiver covers", |c: &Ended| {
            c.accepted.iter().filter(|a| **a).count() as u64
        }),
        text("hint", "Where to look after a failure", "", |c: &Ended| c.check.hint),
        text("waived_by", "Name of the person who accepts the findings", "", move |c: &Ended| {
            waived(c, |w| &w.by)
        }),
        text("waived_because", "Reason why they are not errors", "", move |c: &Ended| waived(c, |w| &w.why)),
        text("waived_on", "Date of acceptance", "", move |c: &Ended| waived(c, |w| &w.date)),
    ];
    Table::of("verify/checks.csv", "every check and how it ended", columns, &verification.checks)
}

/// A row of the table of findings: a finding with its check.
struct FindingRow<'a> {
    check: &'a Checked,
    finding: &'a Finding,
    accepted: bool,
}

/// Table of all findings: errors and doubts.
pub fn findings(scenario: &Scenario, verification: &Verification) -> Table {
    let columns = [
        scenario_column(scenario),
        id(|r: &FindingRow| r.check),
        text("severity", "Wrong, or to be looked at", "fail; warn", |r: &FindingRow| {
            severity(r.finding.severity)
        }),
        text(
            "subject",
            "Subject of the finding: a name in the scenario, by which it can be waived",
            "",
            |r: &FindingRow| &r.finding.subject,
        ),
        text("finding", "The error or doubt, with the numbers", "", |r: &FindingRow| &r.finding.text),
        text("accepted", "Whether a waiver of the scenario covers it", "yes; no", |r: &FindingRow| {
            if r.accepted { "yes" } else { "no" }
        }),
    ];
    let rows = verification.checks.iter().flat_map(|check| {
        let findings = check.verdict.findings.iter().zip(&check.accepted);
        findings.map(move |(finding, &accepted)| FindingRow { check, finding, accepted })
    });
    Table::of("verify/findings.csv", "everything that is wrong or doubtful", columns, rows)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "fail",
        Severity::Warn => "warn",
    }
}

/// All checks and findings as JSON, for programs.
pub fn json(scenario: &Scenario, verification: &Verification) -> Vec<u8> {
    let check = |c: &Checked| {
        let findings = c.verdict.findings.iter().zip(&c.accepted);
        let findings: Vec<Value> = findings
            .map(|(finding, accepted)| {
                json!({
                    "severity": severity(finding.severity),
                    "subject": finding.subject,
                    "finding": finding.text,
                    "accepted": accepted,
                })
            })
            .collect();
        json!({
            "id": c.check.id,
            "group": c.check.group(),
            "title": c.check.title,
            "basis": c.check.basis,
            "status": c.status.name(),
            "expected": (c.verdict.skipped.is_none()).then_some(&c.verdict.expected),
            "observed": (c.verdict.skipped.is_none()).then_some(&c.verdict.observed),
            "reason": c.verdict.skipped,
            "tolerance": c.verdict.tolerance,
            "hint": c.check.hint,
            "findings": findings,
            "waiver": c.waiver.as_ref().map(|w| json!({ "by": w.by, "why": w.why, "date": w.date, "of": w.of })),
        })
    };
    let mut counts = serde_json::Map::new();
    for status in [Status::Pass, Status::Warn, Status::Fail, Status::Waived, Status::Skip] {
        counts.insert(status.name().into(), verification.count(status).into());
    }
    json_bytes(&json!({
        "scenario": scenario.name,
        "title": scenario.model.title,
        "passes": verification.passes(),
        "counts": counts,
        "checks": verification.checks.iter().map(check).collect::<Vec<_>>(),
    }))
}

/// Number of checks by status, in words: "none failed, 1 to look at, 52 passed, 12 skipped".
pub fn counted(verification: &Verification) -> String {
    let words = [
        (Status::Fail, "failed"),
        (Status::Warn, "to look at"),
        (Status::Waived, "accepted by a waiver"),
        (Status::Pass, "passed"),
        (Status::Skip, "skipped"),
    ];
    let part = |(status, word): (Status, &str)| match (verification.count(status), status) {
        (0, Status::Fail) => Some(format!("none {word}")),
        (0, _) => None,
        (n, _) => Some(format!("{n} {word}")),
    };
    words.into_iter().filter_map(part).collect::<Vec<_>>().join(", ")
}

/// Questions on validity that need human judgement and that no check can answer.
const QUESTIONS: [&str; 5] = [
    "Are the states and transitions those that the decision needs, and would a clinician recognise the course that the figures show?",
    "Is every strategy described as it is given in practice, and is every relevant alternative there, also doing nothing?",
    "Does the evidence behind each effect come from patients like these, and is its follow-up long enough for the horizon?",
    "Are the results of the scenario analyses plausible one by one, and do they include those that speak against the new treatment?",
    "Do the groups of parameters in the value of information correspond to feasible studies?",
];

/// The verification report in Markdown, written for readers who know neither the source code nor the scenario.
pub fn report(scenario: &Scenario, verification: &Verification) -> String {
    let mut all = format!("# Verification of {}\n\n", plain(&scenario.name));
    let mut line = |text: String| {
        all.push_str(text.trim_end_matches(' '));
        all.push('\n');
    };
    line(format!("{}\n", plain(&scenario.model.title)));
    line(format!("**{}.** {}\n", capital(&counted(verification)), judgement(verification)));
    line("| Group | Passed | To look at | Failed | Accepted | Skipped |".into());
    line("|---|---:|---:|---:|---:|---:|".into());
    for (letter, words) in GROUPS {
        let own = |status| {
            let checks = verification.checks.iter();
            checks.filter(|c| c.check.id.starts_with(letter) && c.status == status).count()
        };
        let of = [Status::Pass, Status::Warn, Status::Fail, Status::Waived, Status::Skip].map(own);
        if of.iter().sum::<usize>() > 0 {
            let [pass, warn, fail, waived, skip] = of;
            line(format!("| {letter}: {words} | {pass} | {warn} | {fail} | {waived} | {skip} |"));
        }
    }
    line(String::new());
    line(
        "Most checks change the model so that its answer is known in advance, run it, and compare: with all utilities at 1, a QALY must equal a life year; \
         if two strategies swap their inputs, their results must swap as well. `arcosim verify --explain ID` explains each check."
            .into(),
    );
    let sections = [
        (Status::Fail, "Failures"),
        (Status::Warn, "Warnings"),
        (Status::Waived, "Findings reviewed and accepted"),
    ];
    for (status, title) in sections {
        let mut own = verification.checks.iter().filter(|c| c.status == status).peekable();
        if own.peek().is_some() {
            line(format!("\n## {title}"));
            own.for_each(|c| line(in_full(c)));
        }
    }
    let tables = [
        (Status::Pass, "Passed", ["Statement", "Observed"]),
        (Status::Skip, "Not applicable", ["Statement", "Reason"]),
    ];
    for (status, title, [holds, seen]) in tables {
        let mut own = verification.checks.iter().filter(|c| c.status == status).peekable();
        if own.peek().is_some() {
            line(format!("\n## {title}\n"));
            line(format!("| Check | {holds} | {seen} |\n|---|---|---|"));
        }
        for c in own {
            let seen = c.verdict.skipped.as_ref().unwrap_or(&c.verdict.observed);
            line(format!("| {} | {} | {} |", c.check.id, cell(c.check.title), cell(seen)));
        }
    }
    line("\n## Questions for a person\n".into());
    for question in QUESTIONS {
        line(format!("- {question}"));
    }
    line("\n## Sources of the checks\n".into());
    line(
        "TECH-VER: Büyükkaramikli, Rutten-van Mölken, Severens and Al, PharmacoEconomics 37 (2019) 1391-1408. AdViSHE: Vemer, Corro Ramos, van Voorn, Al and \
         Feenstra, PharmacoEconomics 34 (2016) 349-361. assertHE and epicR: R packages of those names. The wording is our own."
            .into(),
    );
    all
}

fn judgement(verification: &Verification) -> &'static str {
    match (verification.count(Status::Fail), verification.count(Status::Warn)) {
        (0, 0) => "No check found a problem.",
        (0, _) => "No check failed. Warnings may be justified; you should be able to explain each of them.",
        _ => {
            "Do not use the results of this model until the failures are corrected or shown to be justified."
        }
    }
}

/// Largest number of findings per check in the report; the table contains all findings.
const SPELT_OUT: usize = 12;

fn in_full(c: &Checked) -> String {
    let mut all = format!("\n### {} {}\n\n{}\n", c.check.id, c.check.title, c.check.why);
    let mut item = |what: &str, text: &str| {
        if !text.is_empty() {
            all.push_str(&format!("\n- {what}: {}", plain(text)));
        }
    };
    item("expected", &c.verdict.expected);
    item("observed", &c.verdict.observed);
    item("tolerance", &c.verdict.tolerance);
    item("where to look", c.check.hint);
    if let Some(waiver) = c.waiver.as_ref().filter(|_| c.accepted.contains(&true)) {
        item("accepted by", &format!("{}, {}: {}", waiver.by, waiver.date, waiver.why));
    }
    all.push('\n');
    for (finding, accepted) in c.verdict.findings.iter().zip(&c.accepted).take(SPELT_OUT) {
        let mark = if *accepted { " (accepted)" } else { "" };
        all.push_str(&format!(
            "\n  - `{}`{mark}: {}",
            finding.subject.replace('`', "'"),
            plain(&finding.text)
        ));
    }
    if c.verdict.findings.len() > SPELT_OUT {
        let more = c.verdict.findings.len() - SPELT_OUT;
        all.push_str(&format!("\n  - and {more} more in `findings.csv`"));
    }
    all
}

/// Escapes text from a scenario, so that it contains no tag and no control code. Back quotes are not escaped, because findings
/// put names between back quotes, where Markdown recognises no tags.
fn plain(text: &str) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    without_tags(&one_line).replace("\\`", "`")
}

/// Text escaped for a cell of a Markdown table.
fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|")
}
