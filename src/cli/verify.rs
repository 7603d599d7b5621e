//! `arcosim verify`.

use std::path::Path;
use std::time::Instant;

use super::args::{Format, Verify as Args};
use super::progress::Progress;
use super::work::{afford_exact, folder, interruptible, pool, unwritten};
use super::{Exit, again, check, print};
use crate::analysis::verify::{self, Checked, GROUPS, Options, Status, Verification};
use crate::output::verification::{checks, counted, findings, json, report};
use crate::output::{Report, write_report};
use crate::scenario::Scenario;
use crate::scenario::diagnostic::suggest;
use arcosim_core::words::wrapped;

/// Checks a scenario and writes a folder, or tells about the checks.
pub fn verify(args: &Args) -> Exit {
    if let Some(id) = &args.explain {
        return explain(id);
    }
    if args.list {
        return list();
    }
    match in_pool(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn explain(id: &str) -> Exit {
    match verify::explain(id) {
        Some(text) => print(&text.lines().map(|line| wrap(line, "")).collect::<String>()),
        None => {
            let near = suggest(&id.to_uppercase(), verify::all().iter().map(|c| c.id));
            let hint = near.map_or(String::new(), |id| format!(" Did you mean {id}?"));
            Exit::Usage(format!(
                "there is no check `{id}`.{hint}\n`arcosim verify --list` prints all of them"
            ))
        }
    }
}

fn list() -> Exit {
    let mut text = String::new();
    for (letter, words) in GROUPS {
        text.push_str(&format!("{letter}  {words}\n"));
        for check in verify::all().iter().filter(|c| c.id.starts_with(letter)) {
            let quick = if check.quick { "quick" } else { "" };
            text.push_str(&format!("  {:4}{quick:7}{}\n", check.id, check.title));
        }
    }
    print(&text)
}

fn in_pool(args: &Args) -> Result<Exit, Exit> {
    let path = check::file(&args.scenario);
    let scenario = check::read(&path, &args.set)?;
    let target = folder(args.out.as_deref(), &format!("{}-verify", scenario.name), &[&scenario])?;
    pool(args.threads)?.install(|| run(args, &scenario, &target))
}

fn run(args: &Args, scenario: &Scenario, target: &Path) -> Result<Exit, Exit> {
    let stop = interruptible();
    let options = Options { only: args.only.clone(), quick: args.quick };
    afford_exact(&scenario.model)?;
    let quiet = args.quiet || args.format == Format::Json;
    let progress = Progress::counting(quiet, verify::all().len() as u64, "checks");
    let began = Instant::now();
    progress.say("Verifying", &scenario.name);
    let found = verify::verify(scenario, &options, stop, &|_| progress.advance(1));
    progress.finish();
    let found = found.map_err(Exit::Usage)?.ok_or(Exit::Interrupted)?;
    let seconds = began.elapsed().as_secs_f64();
    progress.say("Finished", &format!("{} checks in {seconds:.2} s", found.checks.len()));
    let files = write_report(folder_of(args, scenario, &found), target, stop).map_err(unwritten)?;
    progress.say("Wrote", &format!("{files} files"));
    let text = match (args.format, args.quiet) {
        (Format::Json, _) => String::from_utf8_lossy(&json(scenario, &found)).into_owned(),
        (Format::Text, quiet) => {
            let mut text = if quiet { String::new() } else { console(scenario, &found) };
            text.push_str(&format!("Open {}\n", target.join("verify/report.md").display()));
            text
        }
    };
    Ok(match print(&text) {
        Exit::Done if !found.passes() => Exit::Findings,
        other => other,
    })
}

fn folder_of<'a>(args: &'a Args, scenario: &'a Scenario, found: &Verification) -> Report<'a> {
    let only = match args.only.is_empty() {
        true => "all".to_string(),
        false => args.only.join(", "),
    };
    let extent = match args.quick {
        true => "a quick look: what is cheap, with fewer patients and draws",
        false => "in full",
    };
    let settings = [
        ("checks", only),
        ("extent", extent.to_string()),
        ("seed", scenario.run.seed.to_string()),
        ("outcome", counted(found)),
    ];
    Report {
        command: "verify",
        title: format!("{}: verification", scenario.name),
        scenarios: vec![scenario],
        record: again::record("verify", &[scenario], &[], &[], args.resolved()),
        engine: (
            "both",
            "exact cohort solution; checks of group M and some of group F also simulate patients".to_string(),
        ),
        overrides: &args.set,
        settings: settings.map(|(name, value)| (name.to_string(), value)).to_vec(),
        remarks: REMARKS.map(str::to_string).to_vec(),
        texts: vec![
            ("verify/report.md", "what was checked and what was found, for people", report(scenario, found)),
            (
                "verify/checks.json",
                "the same for programs",
                String::from_utf8_lossy(&json(scenario, found)).into_owned(),
            ),
        ],
        tables: vec![checks(scenario, found), findings(scenario, found)],
        figures: Vec::new(),
    }
}

const REMARKS: [&str; 4] = [
    "Begin with verify/report.md: it says what is wrong, what is to be looked at, what was accepted and by whom, what passed, and what does not apply.",
    "A check that fails is wrong whatever the model is about. A warning may be right, and whoever defends the model should be able to say why.",
    "A check that a scenario cannot have is skipped, and says why; it is never counted as passed.",
    "A finding is accepted in the scenario itself, in [verify.waive.ID], with a name, a reason and a date.",
];

/// Findings of one check that the console shows.
const SHOWN: usize = 4;

fn console(scenario: &Scenario, found: &Verification) -> String {
    let mut text = format!("\nVerification of {}: {}\n", scenario.name, counted(found));
    for status in [Status::Waived, Status::Warn, Status::Fail] {
        for c in found.checks.iter().filter(|c| c.status == status) {
            text.push_str(&in_short(c));
        }
    }
    text.push('\n');
    text
}

fn in_short(c: &Checked) -> String {
    let status = c.status.name().to_uppercase();
    let mut text = wrap(&format!("{}  {}", c.check.id, c.check.title), &format!("\n{status:>7}  "));
    if let Some(waiver) = c.waiver.as_ref().filter(|_| c.status == Status::Waived) {
        let accepted = format!("accepted by {}, {}: {}", waiver.by, waiver.date, waiver.why);
        text.push_str(&wrap(&accepted, "              "));
        return text;
    }
    let open: Vec<&str> = c
        .verdict
        .findings
        .iter()
        .zip(&c.accepted)
        .filter(|(_, accepted)| !**accepted)
        .map(|(finding, _)| finding.text.as_str())
        .collect();
    for finding in open.iter().take(SHOWN) {
        text.push_str(&wrap(finding, "            - "));
    }
    if open.len() > SHOWN {
        text.push_str(&format!("            - and {} more\n", open.len() - SHOWN));
    }
    text.push_str(&wrap(&format!("look: {}", c.check.hint), "              "));
    text
}

/// Lines of at most 110 characters; the first begins with `lead`, the others stand below its end.
fn wrap(text: &str, lead: &str) -> String {
    let indent = lead.trim_start_matches('\n').chars().count();
    let lines = wrapped(text, 110usize.saturating_sub(indent).max(40));
    let mut all = String::new();
    for (i, line) in lines.iter().enumerate() {
        match i {
            0 => all.push_str(lead),
            _ => all.push_str(&" ".repeat(indent)),
        }
        all.push_str(line.trim_start());
        all.push('\n');
    }
    match all.is_empty() {
        true => "\n".into(),
        false => all,
    }
}
