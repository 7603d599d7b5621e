//! Checks of rows at parameter values: hazards that are not finite or negative, and probabilities that sum to more than 1.

use super::hazard::spend;
use super::tables::Tables;
use super::walk::{described, patients};
use super::{Form, Hazard, Model, Situation};

/// A row that cannot be run.
#[derive(Clone, Debug, PartialEq)]
pub struct RowProblem {
    /// Strategy.
    pub strategy: usize,
    /// State.
    pub state: usize,
    /// 1-based cycle of the first offence.
    pub cycle: usize,
    /// Cycles spent in the state by then.
    pub residence: usize,
    /// Transitions of the row with their probability (or cumulative hazard) in that cycle.
    pub shares: Vec<(usize, f64)>,
    /// Attributes of the patient, `name = value`.
    pub patient: Vec<String>,
    /// What is wrong.
    pub kind: RowProblemKind,
}

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowProblemKind {
    /// The stated probabilities sum to more than 1 + 1e-12.
    AboveOne,
    /// A hazard or probability is negative.
    Negative,
    /// A hazard or probability is not a finite number.
    NotFinite,
}

/// Walks every row of every strategy over the horizon, for every class of patient (continuous attributes at
/// the ends and the middle of their range) and reports the first offence of each row.
pub fn check_rows(model: &Model, parameters: &[f64]) -> Vec<RowProblem> {
    let tables = Tables::new(model, parameters);
    let mut problems = Vec::new();
    for (strategy, rows) in tables.rows.iter().enumerate() {
        for (state, row) in rows.iter().enumerate() {
            let parts = [(&row.first, row.first_stated), (&row.rest, row.rest_stated)];
            // Walking every patient through every cycle is slow; most rows are sound by their tables alone.
            if parts.iter().all(|(exits, stated)| surely_sound(model, &tables, exits, *stated)) {
                continue;
            }
            if let Some(problem) = first_offence(model, &tables, strategy, state) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// The first row of stated probabilities that cannot be run at the values that `tables` hold. Rows whose probabilities
/// cannot add to more than 1 in any cycle are not walked: this is asked for every draw of an uncertainty analysis.
pub fn check_stated_rows(model: &Model, tables: &Tables) -> Option<RowProblem> {
    for (strategy, rows) in tables.rows.iter().enumerate() {
        for (state, row) in rows.iter().enumerate() {
            let parts = [(&row.first, row.first_stated), (&row.rest, row.rest_stated)];
            let stated = parts.iter().filter(|(_, stated)| *stated).map(|(exits, _)| *exits);
            if stated.clone().all(|exits| surely_sound(model, tables, exits, true)) {
                continue;
            }
            if let Some(problem) = first_offence(model, tables, strategy, state) {
                return Some(problem);
            }
        }
    }
    None
}

/// Whether the tables of these exits hold nothing negative and nothing that is no number and, if they are stated
/// probabilities, their largest values add to no more than 1.
fn surely_sound(model: &Model, tables: &Tables, exits: &[super::Exit], stated: bool) -> bool {
    let mut sum = 0.0;
    for exit in exits {
        if let Hazard::Complement = model.transitions[exit.transition].hazard {
            continue;
        }
        let table = &tables.pool[exit.table];
        let sound = |x: &f64| x.is_finite() && *x >= 0.0;
        match &table.form {
            Form::Cycles(_, classes) if classes.iter().flatten().all(sound) => {
                sum += classes.iter().flatten().fold(0.0, |most: f64, x| most.max(*x));
            }
            Form::Age(_, columns) if !stated && columns.iter().flat_map(|c| &c.rates).all(sound) => {}
            _ => return false,
        }
        if stated && !table.multiplier.is_empty() || !multiplies_soundly(model, tables, table) {
            return false;
        }
    }
    !stated || sum <= 1.0 + 1e-12
}

/// Whether what multiplies a table is a number that is not negative, for patients at the ends and in the middle of their
/// continuous attributes.
fn multiplies_soundly(model: &Model, tables: &Tables, table: &super::HazardTable) -> bool {
    if table.multiplier.is_empty() {
        return true;
    }
    let mut reads = super::hazard::Reads::default();
    table.multiplier.iter().for_each(|e| reads.add(e));
    let parameters = &tables.parameters[table.strategy];
    patients(model, &tables.parameters[0], &reads.attributes()).iter().all(|patient| {
        let s = super::situation(model, parameters, patient, table.state);
        let values = table.multiplier.iter().map(|e| e.value(&s));
        values.clone().all(|x| x.is_finite() && x >= 0.0)
    })
}

/// Longest stretch of cycles and of residence that is walked: rows of weekly models are sampled.
const POINTS: usize = 150;

fn first_offence(model: &Model, tables: &Tables, strategy: usize, state: usize) -> Option<RowProblem> {
    let row = &tables.rows[strategy][state];
    let parts = [(&row.first, row.first_stated), (&row.rest, row.rest_stated)];
    // What nothing reads need not be walked.
    let mut reads = super::hazard::Reads::default();
    for exit in row.first.iter().chain(&row.rest) {
        reads.merge(&super::hazard::reads(model, strategy, exit.transition));
    }
    let step = model.time.cycles.div_ceil(POINTS).max(1);
    let cycles = if reads.time || reads.age { model.time.cycles } else { 1 };
    let relevant = reads.attributes();
    for patient in &patients(model, &tables.parameters[0], &relevant) {
        for cycle in (0..cycles).step_by(step) {
            let residences = if reads.residence.is_empty() { 1 } else { model.time.cycles };
            for spent in (0..residences).step_by(step * if cycles > 1 { 8 } else { 1 }) {
                let residence = vec![spent; model.groups.len()];
                let s = Situation {
                    parameters: &tables.parameters[strategy],
                    attributes: patient,
                    state,
                    cycle,
                    residence: &residence,
                    cycles_per_year: model.time.cycles_per_year,
                };
                for (exits, stated) in parts {
                    let values: Vec<(usize, f64)> = exits
                        .iter()
                        .map(|e| (e.transition, spend(model, strategy, e.transition, &s)))
                        .collect();
                    // What is left for a complement is negative where the others are too much.
                    let given =
                        |(t, _): &&(usize, f64)| !matches!(model.transitions[*t].hazard, Hazard::Complement);
                    let given = || values.iter().filter(given);
                    let sum: f64 = given().map(|v| v.1).sum();
                    let kind = if values.iter().any(|v| !v.1.is_finite()) {
                        RowProblemKind::NotFinite
                    } else if given().any(|v| v.1 < 0.0) {
                        RowProblemKind::Negative
                    } else if stated && sum > 1.0 + 1e-12 {
                        RowProblemKind::AboveOne
                    } else {
                        continue;
                    };
                    return Some(RowProblem {
                        strategy,
                        state,
                        cycle: cycle + 1,
                        residence: spent,
                        shares: values,
                        patient: described(model, &relevant, patient),
                        kind,
                    });
                }
            }
        }
    }
    None
}
