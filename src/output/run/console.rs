//! Console output of `arcosim run`; all printed results are also written to files.

use super::{about, console_decision};
use super::{conventions, outcome_name, quantity};
use crate::analysis::agreement::{Agreement, INTEGRATION_LIMIT};
use crate::analysis::base_case::Exact;
use crate::analysis::curves::{Curves, Source};
use crate::analysis::expected::{Expected, ExpectedComparison};
use crate::analysis::landmarks::{Value, incidence, on_grid, survival};
use crate::analysis::run::RunAnswer;
use crate::analysis::sampling::sampled;
use crate::engine::Total;
use crate::output::strategies::stub;
use crate::output::{amount, decimals_for, error, places, years};
use arcosim_core::words::grouped;

/// Text for the console: all tables and notes of a run.
pub fn console(run: &RunAnswer) -> String {
    let model = run.model();
    let mut text = format!("\n{}\n", model.title);
    for (e, endpoint) in model.endpoints.iter().enumerate() {
        let since = match endpoint.since {
            Some(group) => format!(", years since entering: {}", model.groups[group].label),
            None => String::new(),
        };
        let title = format!("{}, % (Kaplan-Meier{since})", endpoint.free_label);
        table(&mut text, run, e, &title, survival);
        if e == 0 {
            let title = format!("{}, % (100 - Kaplan-Meier{since})", endpoint.label);
            table(&mut text, run, e, &title, |curves, source, years| {
                let value = survival(curves, source, years)?;
                let estimate = 1.0 - value.estimate;
                Some(Value { estimate, ..value })
            });
            let title = format!("{}, % (cumulative incidence: other events compete)", endpoint.label);
            table(&mut text, run, e, &title, incidence);
        }
        not_at_risk(&mut text, run, e);
    }
    if !model.outcomes.is_empty() {
        outcomes(&mut text, run);
        console_decision::table(&mut text, run);
    }
    notes(&mut text, run);
    if let Some(agreement) = &run.results.agreement {
        self::agreement(&mut text, run, agreement);
    }
    if let Some(rows) = &run.expected {
        expected(&mut text, run, rows);
    } else if run.scenario.expected_file.is_some() {
        let why = match run.overrides.is_empty() {
            true => "they apply to the exact engine",
            false => "--set changed the scenario",
        };
        text.push_str(&format!("Expected numbers of the scenario were not compared: {why}.\n"));
    }
    text.push('\n');
    text
}

type Estimator = fn(&Curves, Source, f64) -> Option<Value>;

/// Adds a table with a row per strategy and a column per landmark: the exact result and, below it, the simulated result with
/// its standard error.
fn table(text: &mut String, run: &RunAnswer, e: usize, title: &str, estimator: Estimator) {
    let model = run.model();
    let years: Vec<f64> = run.landmarks().iter().map(|&y| on_grid(&model.time, y)).collect();
    let (labels, width) = stub(model);
    text.push_str(&format!("\n{title}\n  {:width$}", ""));
    for y in &years {
        text.push_str(&format!("{:>14}", format!("{} y", short(*y))));
    }
    text.push('\n');
    for (s, label) in labels.iter().enumerate() {
        let mut head = label.as_str();
        for (source, solution) in run.results.solutions() {
            text.push_str(&format!("  {head:width$}"));
            head = "  Monte Carlo";
            match &solution.curves[s][e] {
                Some(curves) => {
                    for y in &years {
                        text.push_str(&format!("{:>14}", cell(estimator(curves, source, *y))));
                    }
                }
                None => text.push_str("   no patient is ever at risk"),
            }
            text.push('\n');
        }
    }
}

fn cell(value: Option<Value>) -> String {
    match value {
        None => "-".into(),
        Some(Value { estimate, se: None, .. }) => format!("{:.1}", 100.0 * estimate),
        Some(Value { estimate, se: Some(se), .. }) => {
            format!("{:.1} \u{b1} {:.2}", 100.0 * estimate, 100.0 * se)
        }
    }
}

/// Largest number of outcomes in one table.
const ABREAST: usize = 4;

/// Adds totals by strategy and outcome, increments versus the reference, and how each outcome is counted.
fn outcomes(text: &mut String, run: &RunAnswer) {
    let model = run.model();
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    let reference = model.reference();
    let end = years(model.time.years(model.time.cycles));
    for outcomes in all.chunks(ABREAST) {
        let discounted = match outcomes.iter().any(|&o| model.outcomes[o].discount.is_some()) {
            true => " (discounting: see below)",
            false => "",
        };
        let title = format!("Mean per patient over a time horizon of {end}{discounted}");
        totals(text, run, &title, outcomes, None);
        if model.strategies.len() > 1 {
            let title = format!("Increments versus \"{}\"", model.strategies[reference].label);
            totals(text, run, &title, outcomes, Some(reference));
        }
    }
    text.push('\n');
    for outcome in &model.outcomes {
        for line in conventions::lines(model, outcome, 100) {
            text.push_str(&format!("{line}\n"));
        }
    }
}

/// Adds a table with a row per strategy and a column per outcome: the exact mean and, below it, the simulated mean with its
/// standard error. The table shows increments if a reference is given.
fn totals(text: &mut String, run: &RunAnswer, title: &str, outcomes: &[usize], reference: Option<usize>) {
    let model = run.model();
    let (labels, width) = stub(model);
    let heads: Vec<String> = outcomes.iter().map(|&o| outcome_name(&model.outcomes[o])).collect();
    let digits: Vec<usize> =
        outcomes.iter().map(|&o| places(&model.outcomes[o].unit, largest(run, o))).collect();
    let columns: Vec<usize> = heads.iter().map(|h| h.chars().count().max(20) + 2).collect();
    text.push_str(&format!("\n{title}\n  {:width$}", ""));
    for (head, column) in heads.iter().zip(&columns) {
        text.push_str(&format!("{head:>column$}"));
    }
    text.push('\n');
    for (s, label) in labels.iter().enumerate().filter(|(s, _)| Some(*s) != reference) {
        let mut head = label.as_str();
        for (source, solution) in run.results.solutions() {
            text.push_str(&format!("  {head:width$}"));
            head = "  Monte Carlo";
            for ((&o, column), &places) in outcomes.iter().zip(&columns).zip(&digits) {
                let own = solution.totals.strategies.get(s);
                let total = own.and_then(|t| match reference {
                    None => t.outcomes.get(o),
                    Some(_) => t.increments.get(o),
                });
                let shown = match (source, total) {
                    (_, None) => "-".into(),
                    (Source::Exact, Some(total)) => amount(total.mean, places),
                    (Source::Microsimulation, Some(total)) => mean(total, solution.counts.patients, places),
                };
                text.push_str(&format!("{shown:>column$}"));
            }
            text.push('\n');
        }
    }
}

/// A simulated mean with its standard error.
fn mean(total: &Total, patients: f64, places: usize) -> String {
    match sampled(total, patients).se {
        None => amount(total.mean, places),
        Some(se) => format!("{} \u{b1} {}", amount(total.mean, places), error(se, places)),
    }
}

/// The largest total of an outcome, which determines the number of decimals.
fn largest(run: &RunAnswer, o: usize) -> f64 {
    let strategies = run.results.main().map(|(_, solution)| &solution.totals.strategies);
    let totals = strategies.into_iter().flatten().filter_map(|t| t.outcomes.get(o));
    totals.map(|t| t.mean.abs()).fold(0.0, f64::max)
}

/// Adds a note on patients who are never at risk of an endpoint and are therefore excluded from its curves.
fn not_at_risk(text: &mut String, run: &RunAnswer, e: usize) {
    let Some((_, solution)) = run.results.main() else {
        return;
    };
    let unit = &run.scenario.figures.unit;
    for (s, counts) in solution.counts.strategies.iter().enumerate() {
        let share = counts.endpoints[e].beyond / solution.counts.patients;
        if share > 0.0 {
            text.push_str(&format!(
                "  Note: {}% of {unit} under \"{}\" have passed this endpoint at the start and are never at risk.\n",
                short((1e6 * share).round() / 1e4),
                run.model().strategies[s].label
            ));
        }
    }
}

fn notes(text: &mut String, run: &RunAnswer) {
    text.push('\n');
    if run.model().strategies.iter().any(|s| s.hypothetical) {
        text.push_str("WARNING: strategies marked hypothetical rest on animal or promotional evidence.\n");
    }
    if let Some(patients) = run.patients() {
        text.push_str(&format!(
            "\u{b1} is one Monte Carlo standard error of {} patients per strategy (seed {}).\n",
            grouped(patients),
            run.options.seed
        ));
    }
    for sentence in about::precision(run) {
        text.push_str(&format!("{sentence}\n"));
    }
    if let Some(exact) = &run.results.exact {
        text.push_str(&match exact.integration_error {
            0.0 => "Numerical error of the exact results: none.\n".to_string(),
            error => {
                format!("Numerical error of the exact results: {error:.1e} ({}).\n", source_of_error(exact))
            }
        });
    }
}

/// Whether the largest error of the exact results is that of the cycle length (in continuous time).
fn error_is_of_cycle(exact: &Exact) -> bool {
    exact.solution.counts.cycle_error > 0.0 && exact.solution.counts.cycle_error >= exact.integration_error
}

/// What the numerical error of the exact results is.
fn source_of_error(exact: &Exact) -> &'static str {
    match error_is_of_cycle(exact) {
        true => "estimated error of the cycle length after extrapolation to ever shorter cycles",
        false => "largest change when the integration nodes are doubled",
    }
}

fn agreement(text: &mut String, run: &RunAnswer, agreement: &Agreement) {
    let distance = |z: Option<f64>| match z {
        Some(z) if z.is_finite() => format!("{z:.1} SE"),
        Some(_) => "more than chance allows".into(),
        None => "none".into(),
    };
    text.push_str(&format!(
        "Exact versus Monte Carlo: largest difference {} among {} headline results, {} among {} cells{}\n",
        distance(agreement.worst_headline().map(|c| c.z)),
        grouped(agreement.headlines.len() as u64),
        distance(agreement.worst_cell.map(|c| c.z)),
        grouped(agreement.cells as u64),
        if agreement.engines_agree() { "." } else { ": THEY DISAGREE." }
    ));
    if !agreement.integration_is_good() {
        let by_cycle = run.results.exact.as_ref().is_some_and(error_is_of_cycle);
        let remedy = match by_cycle {
            true => "Shorten the cycle.",
            false => "Look for limits that depend on two continuous attributes at once.",
        };
        text.push_str(&format!(
            "  The numerical error is above {INTEGRATION_LIMIT:.0e}: the exact results are not accurate to four digits and cannot serve\n  \
             as a reference. {remedy}\n"
        ));
    }
    if agreement.engines_agree() {
        return;
    }
    for cell in agreement.worst_headline().into_iter().chain(agreement.worst_cell) {
        let (quantity, subject) = quantity(run.model(), &cell);
        text.push_str(&format!(
            "  {} {quantity} {subject} at {}: exact {:.5}, Monte Carlo {:.5}, {}\n",
            run.model().strategies[cell.strategy].name,
            years(run.model().time.years(cell.cycle)),
            cell.exact,
            cell.simulated,
            distance(Some(cell.z))
        ));
    }
}

/// Adds the comparison with expected numbers: all documented numbers, and other numbers only if outside their tolerance.
fn expected(text: &mut String, run: &RunAnswer, rows: &[ExpectedComparison]) {
    let model = run.model();
    let missed = rows.iter().filter(|c| c.misses()).count();
    let unknown = rows.iter().filter(|c| c.not_worked_out()).count();
    let documented = rows.iter().any(|c| c.row.is_documented());
    if documented || missed > 0 {
        text.push_str(&format!(
            "\nExpected numbers\n  {:62}{:>14}{:>10}{:>14}\n",
            "", "expected", "within", "result"
        ));
    }
    const MOST: usize = 20;
    let shown = rows.iter().filter(|c| c.row.is_documented());
    let misses = rows.iter().filter(|c| !c.row.is_documented() && c.misses()).take(MOST);
    for c in shown.chain(misses) {
        let what = format!(
            "{}: {} of {}, {} y",
            model.strategies[c.row.strategy].label,
            c.row.quantity.name().replace('_', " "),
            c.row.quantity.subject(model),
            short(c.row.years)
        );
        let result = c.result.map_or("-".into(), |r| digits(r, &c.row));
        text.push_str(&format!(
            "  {what:62}{:>14}{:>10}{result:>14}  {}\n",
            digits(c.row.expected, &c.row),
            format!("{}", c.row.tolerance),
            if c.misses() { "MISS" } else { c.verdict() }
        ));
    }
    text.push_str(&format!(
        "Expected numbers of the scenario: {} of {} within their tolerance.\n",
        rows.len() - missed - unknown,
        rows.len()
    ));
    if let Some(one) = rows.iter().find(|c| c.not_worked_out()) {
        text.push_str(&format!(
            "  {unknown} standard deviation(s): {}; compare them in a model with longer cycles or a shorter horizon.\n",
            one.status()
        ));
    }
}

/// A number with enough digits to show a difference as small as the tolerance.
fn digits(x: f64, row: &Expected) -> String {
    amount(x, decimals_for(row.tolerance.max(1e-9), 2))
}

/// A number with at most four decimals, without trailing zeros.
fn short(x: f64) -> String {
    format!("{}", (1e4 * x).round() / 1e4)
}
