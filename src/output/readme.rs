//! `README.txt`: the first file that somebody opens who was sent the folder.

use std::collections::BTreeSet;

use super::drawings::MOST_DRAWN;
use super::run::{HYPOTHETICAL, Run};
use super::table::Table;
use super::thin;
use crate::model::{Clock, Expr, Model, Transition};
use arcosim_core::words::grouped;
use arcosim_core::words::wrapped;

/// The text. It does not say when the run was: the same run writes the same bytes.
pub fn readme(run: &Run, tables: &[Table], figures: &[String], missing: &BTreeSet<char>) -> String {
    let model = run.model();
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("{}\n{}\n\n", model.title, "=".repeat(model.title.chars().count()));
    let mut line = |s: String| {
        text.push_str(&s);
        text.push('\n');
    };
    if run.hypothetical() {
        line(format!(
            "WARNING: some strategies are {HYPOTHETICAL}.\nThey are marked in every table and figure and are not for decisions.\n"
        ));
    }
    line("WHAT WAS RUN".into());
    line(format!("  scenario    {}", run.scenario.name));
    line(format!("  program     arcosim {version}"));
    line(format!("  engine      {}", engine(run)));
    line(format!(
        "  time        {}, {} to a year: {}, from point 0 to point {}",
        counted(model.time.cycles as f64, "cycle"),
        model.time.cycles_per_year,
        counted(model.time.years(model.time.cycles), "year"),
        model.time.cycles
    ));
    if let Some(read) = age_is_read(model) {
        line(format!("  age         in formulas, {read}"));
    }
    line("  in a cycle  at most one transition of each patient, at its end".into());
    for (how, names) in order(model) {
        for (i, part) in wrapped(&names, 76).iter().enumerate() {
            let how = if i == 0 { how } else { "" };
            line(format!("              {how:10}  {}", part.trim_start()));
        }
    }
    let mut strategies = String::new();
    for s in &model.strategies {
        let notes: Vec<&str> =
            [(s.reference, "reference"), (s.bound, "bound"), (s.hypothetical, "HYPOTHETICAL")]
                .iter()
                .filter(|n| n.0)
                .map(|n| n.1)
                .collect();
        let notes = match notes.is_empty() {
            true => String::new(),
            false => format!(" [{}]", notes.join(", ")),
        };
        strategies.push_str(&format!("\n              {} ({}){notes}", s.name, s.label));
    }
    line(format!("  strategies{}", strategies.trim_start_matches('\n').replacen("            ", "", 1)));
    if !run.overrides.is_empty() {
        line("  changed on the command line:".into());
        for (name, value) in run.overrides {
            line(format!("              {name} = {value}"));
        }
    }
    if !run.scenario.readings.is_empty() {
        line("  how it was read:".into());
        for (subject, reading) in &run.scenario.readings {
            for (i, part) in wrapped(&format!("{subject}: {reading}"), 84).iter().enumerate() {
                let indent = if i == 0 { "" } else { "  " };
                line(format!("              {indent}{}", part.trim_start()));
            }
        }
    }
    if !model.outcomes.is_empty() {
        line("\nHOW OUTCOMES ARE COUNTED".into());
        for outcome in &model.outcomes {
            for part in super::conventions::lines(model, outcome, 98) {
                line(format!("  {part}"));
            }
        }
        line(
            "  All are means per patient by the horizon; increments are against the reference strategy."
                .into(),
        );
    }
    let reading = super::cost_effectiveness::reading(run);
    if !reading.is_empty() {
        line("\nHOW TO READ THE COST-EFFECTIVENESS".into());
        for part in reading {
            line(format!("  {part}"));
        }
    }
    line("\nHOW SURE THE NUMBERS ARE".into());
    if let Some(exact) = &run.results.exact {
        line("  The exact numbers are expectations.".into());
        if exact.integration_error > 0.0 {
            line(format!(
                "  Integrating over continuous attributes may put them off by {:.1e}.",
                exact.integration_error
            ));
        }
    }
    if run.results.simulated.is_some() {
        line("  The standard errors and limits of the microsimulation are those of a finite number of patients only.".into());
    }
    line(
        "  How uncertain the parameters are is not in them; parameters_used.csv has the evidence for each."
            .into(),
    );
    if !model.endpoints.is_empty() {
        line(
            "  Survival curves censor competing events; where death competes, read the cumulative incidence too."
                .into(),
        );
    }
    let every = thin::every(&model.time);
    if every > 1 {
        line(format!(
            "  {} keep one cycle in {every}, all landmarks and the last; nothing was averaged.",
            match run.breakdown {
                Some(_) => "survival.csv, trace.csv and outcomes_over_time.csv",
                None => "survival.csv and trace.csv",
            }
        ));
    }
    line("\nFILES".into());
    let mut files: Vec<(String, String)> = vec![
        ("README.txt".into(), "this text".into()),
        ("summary.json".into(), "the main results for programs".into()),
        (
            "manifest.json".into(),
            "version, command line, hashes of all files: what it takes to reproduce the run".into(),
        ),
    ];
    let own = tables.iter().filter(|t| !t.path.starts_with("figures/"));
    files.extend(own.map(|t| (t.path.clone(), t.about.clone())));
    files.push(("data_dictionary.csv".into(), "every column of every CSV file of results".into()));
    files.push((
        format!("{}/", super::record::INPUTS),
        "every file that was read, as it was; `arcosim reproduce` runs it again and compares".into(),
    ));
    files.push((
        "figures/".into(),
        "each as .svg (vector) and .png (300 dpi) with a .csv of its data; alt_text.md describes them".into(),
    ));
    let width = files.iter().map(|f| f.0.len()).max().unwrap_or(0);
    for (name, about) in &files {
        line(format!("  {name:width$}  {about}"));
    }
    for name in figures {
        line(format!("  {:width$}  {name}", ""));
    }
    if model.strategies.len() > MOST_DRAWN {
        line(format!(
            "\n  Figures show {MOST_DRAWN} of the {} strategies: the first, and the reference. Tables have all of them.",
            grouped(model.strategies.len() as u64)
        ));
    }
    if !missing.is_empty() {
        line(format!(
            "\n  The font of the figures lacks these characters, so they are boxes in the .png files: {}\n  \
             The .svg files show them wherever another font has them.",
            missing.iter().collect::<String>()
        ));
    }
    line("\n  An empty cell is a number that does not exist; the column `status` says why.".into());
    line("  A text that a spreadsheet would take for a formula begins with an apostrophe.".into());
    line(
        "  What you add to this folder stays when a run writes it anew; changes to the files above do not."
            .into(),
    );
    line("\nHOW TO CITE".into());
    line(format!(
        "  arcosim {version}, scenario \"{}\", inputs {}{}.",
        run.scenario.name,
        &super::manifest::inputs_hash(run)[..16],
        match run.options.engine.simulates() {
            true => format!(", {} patients, seed {}", grouped(run.options.patients), run.options.seed),
            false => String::new(),
        }
    ));
    line("  Cite the sources of the parameters as well: they stand in parameters_used.csv.".into());
    text
}

/// The transitions by what decides between those of a state: some are resolved before the others, some hold as
/// stated, the rest compete.
fn order(model: &Model) -> Vec<(&'static str, String)> {
    let how = |t: &Transition| match (t.first, t.stated) {
        (true, _) => "first",
        (false, true) => "as stated",
        (false, false) => "competing",
    };
    let names = |kind: &str| {
        let own = model.transitions.iter().filter(|t| how(t) == kind);
        own.map(|t| t.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let rows = ["first", "as stated", "competing"].map(|kind| (kind, names(kind)));
    rows.into_iter().filter(|(_, names)| !names.is_empty()).collect()
}

/// When formulas read the attained age, if any does.
fn age_is_read(model: &Model) -> Option<&'static str> {
    let (mut at_start, mut at_end) = (false, false);
    let mut look = |expr: &Expr| {
        expr.walk(&mut |e| match e {
            Expr::Clock(Clock::Age(_)) => at_start = true,
            Expr::Clock(Clock::AgeAtEnd(_)) => at_end = true,
            _ => {}
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut look);
    }
    model.rewards.iter().for_each(|reward| look(&reward.amount));
    match (at_start, at_end) {
        (false, false) => None,
        (true, false) => Some("that at the start of a cycle"),
        (_, true) => Some("that at the end of a cycle"),
    }
}

fn counted(number: f64, word: &str) -> String {
    format!("{number} {word}{}", if number == 1.0 { "" } else { "s" })
}

fn engine(run: &Run) -> String {
    let patients = format!(
        "microsimulation of {} patients per strategy, seed {}",
        grouped(run.options.patients),
        run.options.seed
    );
    match (run.options.engine.exact(), run.options.engine.simulates()) {
        (true, true) => format!("exact cohort solution, and {patients}"),
        (true, false) => "exact cohort solution".into(),
        _ => patients,
    }
}
