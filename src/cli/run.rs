//! `arcosim run`.

use std::path::Path;
use std::time::Instant;

use super::args::Run as Args;
use super::progress::Progress;
use super::work::{afford, folder, interruptible, pool, unwritten};
use super::{Exit, again, check, console, print};
use crate::analysis::base_case::{self, Engine, Options, Results};
use crate::analysis::cost_effectiveness::cost_effectiveness;
use crate::analysis::expected::{self, Comparison};
use crate::analysis::outcomes::Breakdown;
use crate::engine::memory;
use crate::engine::microsim::{self, History, Settings, Watch};
use crate::engine::paths::Paths;
use crate::model::{Model, Tables};
use crate::output::{self, Record, Run};
use crate::scenario::{Scenario, SourceFile};
use arcosim_core::words::grouped;

/// Runs a scenario and writes its folder.
pub fn run(args: &Args) -> Exit {
    match in_pool(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn in_pool(args: &Args) -> Result<Exit, Exit> {
    let path = check::file(&args.scenario);
    let scenario = check::read(&path, &args.set)?;
    let options = options(args, &scenario)?;
    let target = folder(args.out.as_deref(), &scenario.name, &[&scenario])?;
    let (expected, table) = expected_rows(&scenario)?.unzip();
    let tables: Vec<SourceFile> = table.into_iter().collect();
    let record = again::record("run", &[&scenario], &[], &tables, args.resolved(&options));
    pool(args.threads)?.install(|| simulate(args, &scenario, &options, expected, record, &target))
}

fn options(args: &Args, scenario: &Scenario) -> Result<Options, Exit> {
    let named = Engine::named(&scenario.run.engine).unwrap_or(Engine::Both);
    let options = Options {
        engine: args.engine.unwrap_or(named),
        patients: args.patients.unwrap_or(scenario.run.patients),
        seed: args.seed.unwrap_or(scenario.run.seed),
        landmarks: scenario.figures.landmarks.clone(),
    };
    if args.histories > 0 && !options.engine.simulates() {
        return Err(Exit::Usage(
            "--histories needs simulated patients: use --engine microsim or both".into(),
        ));
    }
    Ok(options)
}

/// Refuses a run that would not fit into the memory.
fn affordable(model: &Model, options: &Options) -> Result<(), Exit> {
    let tables = Tables::new(model, &model.base_values());
    let patients = options.engine.simulates().then_some(options.patients);
    let threads = rayon::current_num_threads();
    afford(&memory::run(&tables, &Paths::new(model), options.engine.exact(), patients, threads))
}

/// Largest table of expected numbers that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The scenario's expected numbers and their file, if it names any.
fn expected_rows(scenario: &Scenario) -> Result<Option<(Vec<expected::Expected>, SourceFile)>, Exit> {
    let Some(path) = &scenario.expected_file else {
        return Ok(None);
    };
    let shown = path.display();
    let unreadable = |why: &dyn std::fmt::Display| {
        Exit::System(format!("cannot read the expected numbers in `{shown}`: {why}"))
    };
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return Err(unreadable(&"it is not a file"));
    }
    if path.metadata().is_ok_and(|there| there.len() > LARGEST) {
        return Err(unreadable(&"it is larger than any table of results"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => unreadable(&"there is no such file"),
        std::io::ErrorKind::InvalidData => unreadable(
            &"it is not UTF-8 text; in Excel choose File > Save As > `CSV UTF-8 (Comma delimited)`",
        ),
        _ => unreadable(&error),
    })?;
    let rows = expected::read(&text, &scenario.model);
    rows.map(|rows| Some((rows, SourceFile::new(path, text))))
        .map_err(|problem| Exit::Usage(format!("expected numbers in `{shown}`: {problem}")))
}

fn simulate(
    args: &Args,
    scenario: &Scenario,
    options: &Options,
    expected: Option<Vec<expected::Expected>>,
    record: Record,
    target: &Path,
) -> Result<Exit, Exit> {
    let stop = interruptible();
    let model = &scenario.model;
    affordable(model, options)?;
    let progress = Progress::new(args.quiet, options.patients);
    let began = Instant::now();
    progress.say("Running", &started(scenario, options));
    let advance = |patients| progress.advance(patients);
    let watch = Watch { progress: Some(&advance), stop: Some(stop) };
    let results = base_case::run(model, options, &watch);
    progress.finish();
    let results = results.ok_or(Exit::Interrupted)?;
    progress.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));

    let compared = compared(args, model, &results, expected);
    let histories = histories(model, options, args.histories);
    let exact = results.exact.as_ref().filter(|_| !model.outcomes.is_empty());
    let breakdown = exact.map(|exact| Breakdown::new(model, &exact.solution.counts));
    let economics = (scenario.decision.as_ref())
        .and_then(|decision| cost_effectiveness(model, decision, &results, breakdown.as_ref()));
    let run = Run {
        scenario,
        options,
        results: &results,
        overrides: &args.set,
        expected: compared.as_deref(),
        breakdown,
        economics,
        histories: &histories,
        record,
    };
    let began = Instant::now();
    let files = output::write(&run, target, stop).map_err(unwritten)?;
    let seconds = began.elapsed().as_secs_f64();
    progress.say("Wrote", &format!("{files} files in {seconds:.2} s"));

    let mut text = match args.quiet {
        true => String::new(),
        false => console::report(&run),
    };
    text.push_str(&format!("Open {}\n", target.join("README.txt").display()));
    let written = print(&text);
    let agrees = results.agreement.as_ref().is_none_or(|a| a.passes());
    let as_expected = !compared.iter().flatten().any(Comparison::misses);
    Ok(match written {
        Exit::Done if !(agrees && as_expected) => Exit::Findings,
        other => other,
    })
}

/// The expected numbers hold for the scenario as written, and only the exact answer is compared with them.
fn compared(
    args: &Args,
    model: &Model,
    results: &Results,
    expected: Option<Vec<expected::Expected>>,
) -> Option<Vec<Comparison>> {
    let exact = results.exact.as_ref()?;
    let rows = expected.filter(|_| args.set.is_empty())?;
    Some(expected::compare(rows, model, &exact.solution))
}

fn histories(model: &Model, options: &Options, patients: u64) -> Vec<History> {
    if patients == 0 {
        return Vec::new();
    }
    let parameters = model.base_values();
    let tables = Tables::new(model, &parameters);
    let settings = Settings::new(options.patients, options.seed);
    microsim::histories(&tables, &Paths::new(model), &settings, patients)
}

fn started(scenario: &Scenario, options: &Options) -> String {
    let how = match (options.engine.exact(), options.engine.simulates()) {
        (true, false) => "exact".to_string(),
        (exact, _) => format!(
            "{}{} patients x {} strategies, seed {}",
            if exact { "exact, and " } else { "" },
            grouped(options.patients),
            scenario.model.strategies.len(),
            options.seed
        ),
    };
    format!("{}: {how}", scenario.name)
}
