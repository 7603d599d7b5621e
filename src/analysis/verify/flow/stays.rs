//! How long patients stay: states that are left for certain after a fixed time, and moves too fast for the cycle.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use crate::model::hazard::{reads, spend};
use crate::model::walk::patients;
use crate::model::{Hazard, Situation, Tables};

/// Temporary states are left in time.
pub static F05: Check = Check {
    id: "F05",
    title: "Whoever enters a temporary state leaves it in time",
    why: "A temporary state (a first year, the cycle of an operation) is one that patients leave for certain after a fixed number \
          of cycles. Nobody may be in it who came earlier than that. The number of cycles is worked out from the transitions and \
          printed in years: a state meant for one year that holds patients for one and a half is a common slip when the \
          cycle is not a year.",
    hint: "Compare the length that is printed with the one that is meant; `time_in(state)` is 0 in the first cycle of a stay.",
    basis: "TECH-VER",
    quick: true,
    run: f05,
};

/// Cycles are short enough for the rates.
pub static F24: Check = Check {
    id: "F24",
    title: "Cycles are short enough for the rates",
    why: "A patient makes at most one move a cycle. A rate so high that almost everybody (95 in 100) moves within one cycle is \
          delayed by the cycle, and often is a rate of another unit of time, or a percentage.",
    hint: "Check the unit of the rate (per month, per year); if it is right, shorten the cycle, or state the move as certain.",
    basis: "own",
    quick: true,
    run: f24,
};

/// A state that is left for certain.
struct Temporary {
    state: usize,
    /// Cycles after which everybody has left.
    cycles: usize,
}

/// Temporary states of the living, with the longest stay under any strategy.
fn temporary(subject: &Subject, tables: &Tables) -> Vec<Temporary> {
    let model = subject.model;
    let living = subject.living().into_iter();
    let found = living.filter_map(|state| {
        let own = model
            .groups
            .iter()
            .position(|g| g.states.len() == 1 && g.states[0] == state);
        let stays = (0..model.strategies.len()).map(|arm| stay(subject, tables, arm, state, own));
        let longest: Option<Vec<usize>> = stays.collect();
        let cycles = longest?.into_iter().max()?;
        Some(Temporary { state, cycles })
    });
    found.collect()
}

/// States that are left for certain after a fixed time.
pub fn temporary_states(subject: &Subject, tables: &Tables) -> Vec<usize> {
    let all = temporary(subject, tables).into_iter();
    all.map(|own| own.state).collect()
}

/// Cycles after which everybody has left a state under a strategy; `None` if that is not certain, or if other things
/// than the time in the state have a say in it.
fn stay(subject: &Subject, tables: &Tables, arm: usize, state: usize, own: Option<usize>) -> Option<usize> {
    let model = subject.model;
    let row = &tables.rows[arm][state];
    if !row.rest_stated || row.rest.is_empty() {
        return None;
    }
    for exit in &row.rest {
        let transition = &model.transitions[exit.transition];
        if transition
            .branches
            .iter()
            .any(|b| b.to.is_none_or(|to| to == state))
        {
            return None;
        }
        if matches!(transition.hazard, Hazard::Complement) {
            return Some(1);
        }
        let own_reads = reads(model, arm, exit.transition);
        let others = own_reads.residence.iter().any(|g| Some(*g) != own);
        if others || own_reads.time || own_reads.age || !own_reads.attributes().is_empty() {
            return None;
        }
    }
    let attributes = vec![0.0; model.attributes.len()];
    (0..model.time.cycles).find_map(|spent| {
        let residence = vec![spent; model.groups.len()];
        let s = Situation {
            parameters: &tables.parameters[arm],
            attributes: &attributes,
            state,
            cycle: spent,
            residence: &residence,
            cycles_per_year: model.time.cycles_per_year,
        };
        let leaves: f64 = row.rest.iter().map(|e| spend(model, arm, e.transition, &s)).sum();
        (leaves >= 1.0 - EXACT).then_some(spent + 1)
    })
}

fn f05(subject: &Subject) -> Verdict {
    let (model, counts) = (subject.model, subject.counts());
    let mut tally = Tally::new("no stay longer than the state allows", EXACT);
    let mut lengths = Vec::new();
    let tables = Tables::new(model, &subject.base);
    for Temporary { state, cycles } in temporary(subject, &tables) {
        let name = &model.states[state].name;
        lengths.push(format!(
            "`{name}` is left after {cycles} cycle{} ({} years)",
            if cycles == 1 { "" } else { "s" },
            number(model.time.years(cycles))
        ));
        for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
            let edges = || subject.paths.edges.iter().zip(&own.moves);
            let arrivals = |k: usize| match k {
                0 => own.occupancy[state][0],
                _ => edges()
                    .filter(|(e, _)| e.to == state && e.from != state)
                    .map(|(_, moves)| moves[k])
                    .sum(),
            };
            for k in 0..=model.time.cycles {
                let lately: f64 = ((k + 1).saturating_sub(cycles)..=k).map(arrivals).sum();
                // A difference of shares of all patients is exact as far as these are.
                let over = (own.occupancy[state][k] - lately).max(0.0);
                let what = format!(
                    "patients in `{name}` under `{}` after {k} cycles who came more than {cycles} cycles ago",
                    strategy.name
                );
                if !tally.same_by(name, &what, (0.0, over), counts.patients) {
                    break;
                }
            }
        }
    }
    if !lengths.is_empty() {
        tally.note(lengths.join(", "));
    }
    tally.verdict("no state is left for certain after a fixed time")
}

/// Of those who could, 95 in 100 move within a cycle.
const NEARLY_ALL: f64 = 3.0;

fn f24(subject: &Subject) -> Verdict {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let counts = subject.counts();
    let mut tally = Tally::new(
        "less than 95 % of a state moves by one rate within one cycle",
        0.0,
    );
    let mut highest: Option<(f64, String)> = None;
    for (t, transition) in model.transitions.iter().enumerate() {
        if !matches!(transition.hazard, Hazard::Rate(_)) || transition.stated {
            continue;
        }
        let mut most: Option<(f64, usize, usize)> = None;
        for (arm, own) in counts.strategies.iter().enumerate() {
            let relevant = reads(model, arm, t).attributes();
            for patient in patients(model, &tables.parameters[arm], &relevant) {
                for &state in &transition.from {
                    if own.occupancy[state][0] <= 0.0 && own.occupancy[state].iter().all(|x| *x <= 0.0) {
                        continue;
                    }
                    let residence = vec![0; model.groups.len()];
                    let s = Situation {
                        parameters: &tables.parameters[arm],
                        attributes: &patient,
                        state,
                        cycle: 0,
                        residence: &residence,
                        cycles_per_year: model.time.cycles_per_year,
                    };
                    let w = spend(model, arm, t, &s);
                    if most.is_none_or(|(highest, _, _)| w > highest) {
                        most = Some((w, state, arm));
                    }
                }
            }
        }
        let Some((w, state, arm)) = most else { continue };
        let moves = number(100.0 * -crate::math::exp_m1(-w));
        let rate = number(w * model.time.cycles_per_year);
        tally.advisable(&transition.name, w <= NEARLY_ALL, || {
            format!(
                "`{}` has a rate of {rate} a year in `{}` under `{}`: {moves} % move within one cycle of {} years",
                transition.name,
                model.states[state].name,
                model.strategies[arm].name,
                number(model.time.years(1))
            )
        });
        if highest.as_ref().is_none_or(|(h, _)| w > *h) {
            highest = Some((w, format!("highest: `{}`, {moves} % in a cycle", transition.name)));
        }
    }
    if let Some((_, words)) = highest {
        tally.note(words);
    }
    tally.verdict("no transition has a rate that competes")
}
