//! Checks of rows (all exits of a state in a cycle) at given parameter values: hazards that are negative or not
//! finite, and probabilities that sum to more than 1.

use super::hazard::spend;
use super::tables::Tables;
use super::walk::{described, patients};
use super::{Form, Hazard, Model, Situation};

/// A problem in a row (all exits of a state in a cycle) that makes a run impossible.
#[derive(Clone, Debug, PartialEq)]
pub struct RowProblem {
    /// Index of the strategy.
    pub strategy: usize,
    /// Index of the state.
    pub state: usize,
    /// 1-based number of the first cycle with the problem.
    pub cycle: usize,
    /// Number of cycles that the patient has already completed in the state.
    pub residence: usize,
    /// Transitions of the row with their probability (or cumulative hazard) in the cycle of the problem.
    pub shares: Vec<(usize, f64)>,
    /// Attributes of the patient, as `name = value`.
    pub patient: Vec<String>,
    /// Kind of problem.
    pub kind: RowProblemKind,
}

/// Kind of problem in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowProblemKind {
    /// The stated probabilities sum to more than 1 + 1e-12.
    AboveOne,
    /// A hazard or probability is negative.
    Negative,
    /// A hazard or probability is not a finite number.
    NotFinite,
}

/// Checks every row of every strategy over the time horizon, for every class of patients (continuous attributes at
/// the ends and the middle of their range), and returns the first problem of each row.
pub fn check_rows(model: &Model, parameters: &[f64]) -> Vec<RowProblem> {
    let tables = Tables::new(model, parameters);
    let mut problems = Vec::new();
    for (strategy, rows) in tables.rows.iter().enumerate() {
        for (state, row) in rows.iter().enumerate() {
            let parts = [(&row.first, row.first_stated), (&row.rest, row.rest_stated)];
            // Evaluating every patient in every cycle is slow, and the tables alone show that most rows are valid.
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

/// The first problem in a row of stated probabilities at the parameter values of `tables`. Rows whose
/// probabilities cannot add to more than 1 in any cycle are skipped, because this check runs for every draw of an
/// uncertainty analysis.
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

/// Whether all values in the tables of these exits are finite and not negative and, for stated probabilities, the
/// largest values add to no more than 1.
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

/// Whether the multiplier of a table is finite and not negative, for patients at the ends and in the middle of the
/// range of each continuous attribute.
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

/// Largest number of cycles, or of lengths of stay, that are evaluated. Models with more cycles (for example
/// weekly) are sampled at regular intervals.
const POINTS: usize = 150;

fn first_offence(model: &Model, tables: &Tables, strategy: usize, state: usize) -> Option<RowProblem> {
    let row = &tables.rows[strategy][state];
    let parts = [(&row.first, row.first_stated), (&row.rest, row.rest_stated)];
    // Only attributes and clocks that a transition of the row reads are varied.
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
                let residence: Vec<usize> = model.groups.iter().map(|g| g.at_most(spent)).collect();
                let s = Situation {
                    parameters: &tables.parameters[strategy],
                    attributes: patient,
                    state,
                    cycle,
                    residence: &residence,
                    cycles_per_year: model.time.cycles_per_year,
                    part: model.time.part(),
                };
                for (exits, stated) in parts {
                    let values: Vec<(usize, f64)> = exits
                        .iter()
                        .map(|e| (e.transition, spend(model, strategy, e.transition, &s)))
                        .collect();
                    // Complements are excluded, because a complement is negative whenever the other probabilities
                    // add to more than 1.
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
