//! `cycle_length.csv` and its sentences: what results would be with shorter cycles.

use crate::analysis::cycle_length::{ByCycle, CycleChange, CycleLength};
use crate::analysis::landmarks;
use crate::analysis::run::RunAnswer;
use crate::analysis::sensitivity::net_benefit::benefit;
use crate::model::Decision;
use crate::output::amounts::{amount, places, years};
use crate::output::columns::{scenario, strategy, threshold, time};
use crate::output::figures::table::{Table, number, text};
use crate::output::prices::price;

/// A result with each cycle length.
struct CycleRow<'a> {
    strategy: usize,
    quantity: &'static str,
    name: &'a str,
    /// The outcome or endpoint in words.
    label: &'a str,
    unit: &'a str,
    years: Option<f64>,
    threshold: Option<f64>,
    value: ByCycle,
}

/// The changes that the cycle length makes, if they are known.
pub fn known<'a>(run: &'a RunAnswer) -> Option<&'a CycleChange> {
    match &run.cycle_length {
        Some(CycleLength::Known(change)) => Some(change),
        _ => None,
    }
}

/// Table `cycle_length.csv`.
pub fn table(run: &RunAnswer, change: &CycleChange) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &CycleRow| r.strategy),
        text(
            "quantity",
            "Result per patient: total of an outcome, net benefit, or cumulative incidence; increments are over the reference strategy",
            "total; increment; net_benefit; incremental_net_benefit; cumulative_incidence",
            |r: &CycleRow| r.quantity,
        ),
        text(
            "outcome_or_endpoint",
            "Outcome or endpoint of the result; empty for a net benefit",
            "",
            |r: &CycleRow| r.name,
        ),
        text("unit", "Unit of the values of this row", "", |r: &CycleRow| r.unit),
        time(|r: &CycleRow| r.years),
        threshold(|r: &CycleRow| r.threshold),
        number("value", "as `unit`", "Result with the cycles of the scenario (exact)", |r: &CycleRow| {
            r.value.value
        }),
        number("change", "as `unit`", "Change with cycles of half the length", |r: &CycleRow| {
            r.value.change()
        }),
        number(
            "extrapolated",
            "as `unit`",
            "Result extrapolated to ever shorter cycles: the value plus twice the change (4/3 of it in continuous time)",
            |r: &CycleRow| r.value.extrapolated(),
        ),
    ];
    let about =
        "change in results with cycles of half the length, and results extrapolated to ever shorter cycles";
    Table::of("cycle_length.csv", about, columns, rows(run, change))
}

fn rows<'a>(run: &'a RunAnswer, change: &CycleChange) -> Vec<CycleRow<'a>> {
    let model = run.model();
    let reference = model.reference();
    let mut rows = Vec::new();
    let totals = change.totals(&run.results).unwrap_or_default();
    for (s, own) in totals.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let row = |quantity, value| CycleRow {
                strategy: s,
                quantity,
                name: &outcome.name,
                label: &outcome.label,
                unit: &outcome.unit,
                years: None,
                threshold: None,
                value,
            };
            rows.push(row("total", own[o]));
            if s != reference {
                rows.push(row("increment", minus(own[o], totals[reference][o])));
            }
        }
        if let Some((decision, _)) = run.decided() {
            for threshold in decision.thresholds.iter().map(|threshold| threshold.value) {
                let row = |quantity, value| CycleRow {
                    strategy: s,
                    quantity,
                    name: "",
                    label: "",
                    unit: &model.outcomes[decision.cost].unit,
                    years: None,
                    threshold: Some(threshold),
                    value,
                };
                let own = net_benefit(decision, own, threshold);
                rows.push(row("net_benefit", own));
                if s != reference {
                    let other = net_benefit(decision, &totals[reference], threshold);
                    rows.push(row("incremental_net_benefit", minus(own, other)));
                }
            }
        }
    }
    rows.extend(incidences(run, change));
    rows
}

fn incidences<'a>(run: &'a RunAnswer, change_of: &CycleChange) -> Vec<CycleRow<'a>> {
    let model = run.model();
    let Some((source, solution)) = run.results.main() else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (s, (curves, changes)) in solution.curves.iter().zip(&change_of.incidence).enumerate() {
        for (e, (curves, changes)) in curves.iter().zip(changes).enumerate() {
            for (&years, change) in run.options.landmarks.iter().zip(changes) {
                let years = landmarks::on_grid(&model.time, years);
                let now = curves.as_ref().and_then(|curves| landmarks::incidence(curves, source, years));
                if let (Some(now), Some(change)) = (now, change) {
                    rows.push(CycleRow {
                        strategy: s,
                        quantity: "cumulative_incidence",
                        name: &model.endpoints[e].name,
                        label: &model.endpoints[e].label,
                        unit: "proportion",
                        years: Some(years),
                        threshold: None,
                        value: ByCycle {
                            value: now.estimate,
                            halved: now.estimate + change,
                            factor: change_of.factor,
                        },
                    });
                }
            }
        }
    }
    rows
}

fn net_benefit(decision: &Decision, totals: &[ByCycle], threshold: f64) -> ByCycle {
    let of = |value: fn(&ByCycle) -> f64| {
        benefit(decision, &totals.iter().map(value).collect::<Vec<f64>>(), threshold)
    };
    ByCycle {
        value: of(|x| x.value),
        halved: of(|x| x.halved),
        factor: totals.first().map_or(2.0, |x| x.factor),
    }
}

fn minus(a: ByCycle, b: ByCycle) -> ByCycle {
    ByCycle { value: a.value - b.value, halved: a.halved - b.halved, factor: a.factor }
}

/// Sentences on the effect of the cycle length.
pub fn sentences(run: &RunAnswer) -> Vec<String> {
    let change = match &run.cycle_length {
        None => return Vec::new(),
        Some(CycleLength::Unknown(reason)) => {
            return vec![format!("The effect of the cycle length is not known: {reason}.")];
        }
        Some(CycleLength::Known(change)) => change,
    };
    let model = run.model();
    let rows = rows(run, change);
    let of = |row: &CycleRow| &model.strategies[row.strategy].label;
    let largest = |quantity: &str, size: &dyn Fn(&CycleRow) -> f64| {
        let own = rows.iter().filter(|row| row.quantity == quantity && size(row).is_finite());
        own.max_by(|a, b| size(a).total_cmp(&size(b)))
    };
    let absolute = |row: &CycleRow| row.value.change().abs();
    let relative = |row: &CycleRow| absolute(row) / row.value.value.abs();
    let mut parts = Vec::new();
    if let Some(row) = largest("total", &relative) {
        parts.push(format!("totals by up to {:.2}% ({}, {})", 100.0 * relative(row), row.label, of(row)));
    }
    if let Some((row, decision)) =
        largest("incremental_net_benefit", &absolute).zip(run.scenario.decision.as_ref())
    {
        parts.push(format!(
            "incremental net benefits by up to {} {} ({} at {})",
            amount(absolute(row), places(row.unit, row.value.value)),
            row.unit,
            of(row),
            price(model, decision, row.threshold.unwrap_or_default())
        ));
    }
    if let Some(row) = largest("cumulative_incidence", &absolute) {
        parts.push(format!(
            "cumulative incidences by up to {:.2} percentage points ({} by {}, {})",
            100.0 * absolute(row),
            row.label,
            years(row.years.unwrap_or_default()),
            of(row)
        ));
    }
    if parts.is_empty() {
        return Vec::new();
    }
    let moves = match model.time.continuous() {
        true => {
            "Patients move at any time; hazards and amounts that change within a cycle are evaluated once for each cycle."
        }
        false => "Patients move only at the end of a cycle.",
    };
    if model.time.continuous() && rows.iter().all(|row| row.value.change() == 0.0) {
        return vec!["Patients move at any time, and no hazard or amount changes with time: the cycle length has no effect.".into()];
    }
    let mut all = vec![format!(
        "{moves} Cycles of half the length would change {}; cycle_length.csv lists every change, and results extrapolated to ever \
         shorter cycles.",
        parts.join("; ")
    )];
    if run.scenario.decision.is_some() {
        match warnings(run) {
            none if none.is_empty() => {
                all.push("The best strategy at each threshold does not depend on the cycle length.".into());
            }
            warnings => all.extend(warnings),
        }
    }
    all
}

/// One warning for each threshold at which the best strategy depends on the cycle length.
pub fn warnings(run: &RunAnswer) -> Vec<String> {
    let model = run.model();
    let Some((change, decision)) = known(run).zip(run.scenario.decision.as_ref()) else {
        return Vec::new();
    };
    let label = |s: usize| &model.strategies[s].label;
    let warning = |threshold: f64| {
        let (now, then) = change.best(model, decision, &run.results, threshold)?;
        (now != then).then(|| {
            format!(
                "WARNING: at {} the best strategy depends on the cycle length: it is {} here, and {} with ever shorter cycles.",
                price(model, decision, threshold),
                label(now),
                label(then)
            )
        })
    };
    decision.thresholds.iter().filter_map(|threshold| warning(threshold.value)).collect()
}
