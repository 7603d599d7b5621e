//! Settings and explanations for the output folder of a run (`README.txt` and manifest).

use serde_json::{Map, Value, json};

use super::conventions;
use super::cycle_length;
use super::decision;
use super::pages::MOST_DRAWN;
use super::{summary, thin};
use crate::analysis::agreement::INTEGRATION_LIMIT;
use crate::analysis::precision::Precision;
use crate::analysis::run::RunAnswer;
use crate::model::{Clock, Expr, Model, Transition};
use crate::output::record::Record;
use crate::output::{amount, decimals_for, object};
use arcosim_core::words::{counted, grouped};

/// Random number generator and its keys, recorded because they are needed to reproduce a simulation.
const RANDOM: &str = "philox2x64-10 keyed by seed, draw, name, patient, occurrence";

/// The fields of the manifest that are specific to `arcosim run`.
pub fn manifest(run: &RunAnswer, record: &Record) -> Map<String, Value> {
    let simulates = run.options.engine.simulates();
    object(json!({
        "scenario": run.scenario.name,
        "scenario_file": record.originals.place(&run.scenario.files[0].path),
        "title": run.model().title,
        "engine": run.options.engine.name(),
        "patients": run.patients(),
        "seed": simulates.then_some(run.options.seed),
        "random_numbers": simulates.then_some(RANDOM),
        "outcomes": summary::conventions(run),
        "event_histories": run.histories.len() / run.model().strategies.len().max(1),
    }))
}

/// Settings of the run: engine, time, strategies, and how the scenario was read.
pub fn settings(run: &RunAnswer) -> Vec<(String, String)> {
    let model = run.model();
    let mut all: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, text: String| all.push((name.to_string(), text));
    put("engine", engine(run));
    put(
        "time",
        format!(
            "{}, {} per year: {}, from point 0 to point {}",
            counted(model.time.cycles, "cycle", "cycles"),
            model.time.cycles_per_year,
            crate::output::years(model.time.years(model.time.cycles)),
            model.time.cycles
        ),
    );
    if let Some(read) = age_is_read(model) {
        put("age", format!("in formulas, {read}"));
    }
    let mut order_of_events = match model.time.continuous() {
        true => "any number of transitions of each patient, at any time".to_string(),
        false => "at most one transition of each patient, at its end".to_string(),
    };
    for (how, names) in order(model) {
        order_of_events.push_str(&format!("\n{how}: {names}"));
    }
    put("in a cycle", order_of_events);
    let strategies = model.strategies.iter().map(|s| {
        let marks = [(s.reference, "reference"), (s.bound, "bound"), (s.hypothetical, "HYPOTHETICAL")];
        let marks: Vec<&str> = marks.iter().filter(|mark| mark.0).map(|mark| mark.1).collect();
        match marks.is_empty() {
            true => format!("{} ({})", s.name, s.label),
            false => format!("{} ({}) [{}]", s.name, s.label, marks.join(", ")),
        }
    });
    put("strategies", strategies.collect::<Vec<_>>().join("\n"));
    let readings = run.scenario.readings.iter();
    let readings: Vec<String> = readings.map(|(subject, reading)| format!("{subject}: {reading}")).collect();
    if !readings.is_empty() {
        put("input", readings.join("\n"));
    }
    all
}

/// Explanations of how outcomes are counted, how to read the cost-effectiveness results, and how certain the results are.
pub fn explanations(run: &RunAnswer) -> Vec<(&'static str, Vec<String>)> {
    let model = run.model();
    let mut all = Vec::new();
    if !model.outcomes.is_empty() {
        let mut outcomes: Vec<String> =
            model.outcomes.iter().map(|outcome| conventions::words(model, outcome)).collect();
        outcomes.push(
            "All are means per patient over the time horizon; increments are versus the reference strategy."
                .into(),
        );
        all.push(("HOW OUTCOMES ARE COUNTED", outcomes));
    }
    let decision = decision::reading(run);
    if !decision.is_empty() {
        all.push(("HOW TO READ THE COST-EFFECTIVENESS", decision));
    }
    all.push(("HOW CERTAIN THE NUMBERS ARE", certainty(run)));
    all
}

fn certainty(run: &RunAnswer) -> Vec<String> {
    let model = run.model();
    let mut all: Vec<String> = Vec::new();
    if let Some(exact) = &run.results.exact {
        all.push("The exact numbers are expected values, with no sampling error.".into());
        if exact.integration_error > 0.0 {
            all.push(format!(
                "The error of integrating over continuous attributes is at most about {:.1e}.",
                exact.integration_error
            ));
        }
    }
    all.extend(cycle_length::sentences(run));
    all.extend(precision(run));
    if run.results.simulated.is_some() {
        all.push(
            "The standard errors and limits of the microsimulation reflect the finite number of patients only.".into(),
        );
    }
    all.push(
        "Neither includes parameter uncertainty: `arcosim psa` does. parameters_used.csv lists the evidence for each parameter."
            .into(),
    );
    if !model.endpoints.is_empty() {
        all.push(
            "Survival curves censor competing events; where death competes, read the cumulative incidence as well."
                .into(),
        );
    }
    let every = thin::every(&model.time);
    if every > 1 {
        let files = match run.breakdown {
            Some(_) => "survival.csv, trace.csv and outcomes_over_time.csv",
            None => "survival.csv and trace.csv",
        };
        all.push(format!(
            "{files} list every {every}th cycle, all landmarks and the last cycle, without averaging."
        ));
    }
    all
}

/// A sentence on each precision that was asked for.
pub fn precision(run: &RunAnswer) -> Vec<String> {
    run.precision().into_iter().map(|(asked, reached)| on_precision(run, asked, reached)).collect()
}

/// What makes a run end with exit code 1: precision that was not reached, engines that differ, expected numbers that are missed.
pub fn warnings(run: &RunAnswer) -> Vec<String> {
    let missed = run.precision().into_iter().filter(|(asked, reached)| !asked.holds(*reached));
    let mut all: Vec<String> = missed.map(|(asked, reached)| on_precision(run, asked, reached)).collect();
    if let Some(agreement) = run.results.agreement.as_ref().filter(|agreement| !agreement.passes()) {
        all.push(match agreement.engines_agree() {
            false => "WARNING: the exact results and the simulated ones differ by more than chance allows; see agreement.csv.".into(),
            true => format!(
                "WARNING: the numerical error of the exact results is above {INTEGRATION_LIMIT:.0e}; see agreement.csv."
            ),
        });
    }
    let rows = run.expected.as_deref().unwrap_or_default();
    let outside = rows.iter().filter(|c| c.misses()).count();
    if outside > 0 {
        all.push(format!(
            "WARNING: {outside} of {} expected numbers are outside their tolerance; see expected.csv.",
            rows.len()
        ));
    }
    all
}

fn on_precision(run: &RunAnswer, asked: &Precision, reached: f64) -> String {
    let patients = grouped(run.patients().unwrap_or(0));
    let (meaning, error) = (asked.meaning(run.model()), amount(reached, decimals_for(reached, 3)));
    match asked.holds(reached) {
        true => format!("Patients were added until {asked} ({meaning}): {error} with {patients} patients."),
        false => format!(
            "WARNING: {asked} ({meaning}) was not reached: {error} with {patients} patients, the most allowed. Raise --patients, or the limit."
        ),
    }
}

/// A note on the strategies that figures leave out, if any.
pub fn notes(run: &RunAnswer) -> Vec<String> {
    let strategies = run.model().strategies.len();
    match strategies > MOST_DRAWN {
        true => vec![format!(
            "Figures show {MOST_DRAWN} of the {} strategies: the first ones, and the reference. Tables list all of them.",
            grouped(strategies as u64)
        )],
        false => Vec::new(),
    }
}

/// Identification of the run for citations: scenario, number of patients and seed.
pub fn cite(run: &RunAnswer) -> String {
    let patients = match run.patients() {
        Some(patients) => format!(", {} patients, seed {}", grouped(patients), run.options.seed),
        None => String::new(),
    };
    format!("scenario \"{}\"{patients}", run.scenario.name)
}

/// Names of the transitions grouped by how transitions out of a state are combined: resolved first, taken as stated, or
/// competing.
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

/// The point of the cycle at which formulas read the attained age, in words; none if no formula reads the age.
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
        _ if model.time.continuous() => Some("that in the middle of a cycle"),
        (true, false) => Some("that at the start of a cycle"),
        (_, true) => Some("that at the end of a cycle"),
    }
}

fn engine(run: &RunAnswer) -> String {
    let patients = format!(
        "microsimulation of {} patients per strategy, seed {}",
        grouped(run.patients().unwrap_or(0)),
        run.options.seed
    );
    match (run.options.engine.exact(), run.options.engine.simulates()) {
        (true, true) => format!("exact cohort solution, and {patients}"),
        (true, false) => "exact cohort solution".into(),
        _ => patients,
    }
}
