//! How long patients stay: states that are left for certain after a fixed time, and moves too fast for the cycle.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Clock, Hazard, Situation, Tables, TimeDistribution};

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

/// Nobody goes past a temporary state.
pub static F26: Check = Check {
    id: "F26",
    title: "Nobody goes past a temporary state in which something happens",
    why: "An operation or a first year is often a state of its own, with its cost and its risk, on the way to another. A transition \
          that leads straight to what comes after it spares patients both, and is often one that names the wrong target.",
    hint: "Look at `to` of the transition that is named; waive this if there is a way without the event.",
    basis: "own",
    quick: true,
    run: f26,
};

fn f26(subject: &Subject) -> Verdict {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let mut tally = Tally::new("what comes after a temporary state is entered through it", 0.0);
    let leads = |t: usize, to: usize| model.transitions[t].branches.iter().any(|b| b.to == Some(to));
    let all = || 0..model.transitions.len();
    let starts = |state: usize| model.start.iter().any(|(s, _)| *s == state);
    for Temporary { state, .. } in temporary(subject, &tables) {
        let leaves = |t: &usize| model.transitions[*t].from.contains(&state);
        let deadly = subject.deadly().into_iter().any(|t| leaves(&t));
        let costs = model.rewards.iter().any(|r| r.when.pays_for_visit(state));
        // Where patients only begin there, nobody else has to pass it.
        let entered = all().any(|t| leads(t, state));
        if !entered || !(deadly || costs) {
            continue;
        }
        for after in subject.living().into_iter().filter(|&s| s != state && !starts(s)) {
            if !all().filter(leaves).any(|t| leads(t, after)) {
                continue;
            }
            for t in all().filter(|&t| leads(t, after)) {
                // From where some go through it and others do not, both ways are meant: with a complication and without.
                let chooses =
                    |s: usize| all().any(|t| model.transitions[t].from.contains(&s) && leads(t, state));
                let past = model.transitions[t].from.iter().any(|&s| s != state && s != after && !chooses(s));
                tally.advisable(&model.transitions[t].name, !past, || {
                    format!(
                        "transition `{}` leads to `{}` past `{}`, through which others go there",
                        model.transitions[t].name, model.states[after].name, model.states[state].name
                    )
                });
            }
        }
    }
    tally.verdict("no temporary state lies on the way to another")
}

/// Time in a state runs from entering it.
pub static F27: Check = Check {
    id: "F27",
    title: "Hazards that change with time in a state do not run on time in the model",
    why: "A time distribution such as a Weibull runs from the event that began it. On the clock of the model it is right for those who \
          are in the state from the start; those who come later would meet the hazard of somebody who has been there all the \
          time.",
    hint: "Take `clock = \"time_in(state)\"`, unless the curve was measured from the start of the model whatever happened.",
    basis: "own",
    quick: true,
    run: f27,
};

/// A share of late arrivals that nobody asks about.
const FEW_LATE: f64 = 0.05;

fn f27(subject: &Subject) -> Verdict {
    let model = subject.model;
    let counts = subject.counts();
    let mut tally =
        Tally::new("time distributions on the clock of the model only where all come at the start", 0.0);
    for transition in &model.transitions {
        let Hazard::Distribution { time, clock: Clock::Time, .. } = &transition.hazard else {
            continue;
        };
        if matches!(time, TimeDistribution::Exponential { .. }) {
            continue;
        }
        let from = &transition.from;
        let (mut all, mut late) = (0.0, 0.0);
        for own in &counts.strategies {
            all += from.iter().map(|&s| own.occupancy[s][0]).sum::<f64>();
            for (edge, moves) in subject.paths.edges.iter().zip(&own.moves) {
                if from.contains(&edge.to) && !from.contains(&edge.from) {
                    all += moves.iter().sum::<f64>();
                    // Whoever comes in the first cycle, such as from an operation, has the clock of the start.
                    late += moves.iter().skip(2).sum::<f64>();
                }
            }
        }
        let share = if all > 0.0 { late / all } else { 0.0 };
        tally.advisable(&transition.name, share <= FEW_LATE, || {
            format!(
                "the time distribution of `{}` runs on time in the model, and {} % of those whom it may befall come later",
                transition.name,
                number(100.0 * share)
            )
        });
    }
    tally.verdict("no time distribution runs on time in the model")
}

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
        let own = model.groups.iter().position(|g| g.states.len() == 1 && g.states[0] == state);
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
    let moves = || row.rest.iter().map(|exit| &model.transitions[exit.transition]);
    let mut branches = moves().flat_map(|transition| &transition.branches);
    if branches.any(|b| b.to.is_none_or(|to| to == state)) {
        return None;
    }
    if moves().any(|transition| matches!(transition.hazard, Hazard::Complement)) {
        return Some(1);
    }
    for exit in &row.rest {
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
                _ => {
                    edges().filter(|(e, _)| e.to == state && e.from != state).map(|(_, moves)| moves[k]).sum()
                }
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
    let mut tally = Tally::new("less than 95 % of a state moves by one rate within one cycle", 0.0);
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
        let moves = number(100.0 * -arcosim_core::math::exp_m1(-w));
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
