//! Events that move nobody, and take a move away: a patient moves once in a cycle, and an event that leaves them where they are
//! is that one move.

use crate::model::hazard::spend;
use crate::model::walk::patients;
use crate::model::{Hazard, Model, Situation, Transition};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::spans::Spans;

/// Transitions that leave everybody where they are while others wait to move them.
pub fn suppressing(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (t, transition) in model.transitions.iter().enumerate() {
        let places: Vec<(usize, Vec<usize>)> = transition
            .from
            .iter()
            .map(|&state| (state, held_back(model, t, state)))
            .filter(|(_, held_back)| !held_back.is_empty())
            .collect();
        if places.is_empty() {
            continue;
        }
        let name = &transition.name;
        let mut found = Diagnostic::warning("W0534", format!("`{name}` moves nobody, but holds back what would"))
            .at(spans.targets[t], "stays in the same state")
            .why("a patient moves once in a cycle: in a cycle in which this happens, nothing else does")
            .help(
                "shorten the cycle, so that few have both in one; or count its costs and losses as a reward per year (rate times amount) \
                 instead of as a transition",
            );
        for (state, held_back) in places {
            found = found.note(consequence(model, t, state, &held_back));
        }
        out.push(found);
    }
}

/// The transitions that an event of one state holds back; none for one that moves its patients.
fn held_back(model: &Model, t: usize, state: usize) -> Vec<usize> {
    let event = &model.transitions[t];
    if !stays(event, state) {
        return Vec::new();
    }
    let moves = |one: &Transition| one.from.contains(&state) && !stays(one, state) && waits(one, event);
    (0..model.transitions.len())
        .filter(|&other| moves(&model.transitions[other]))
        .collect()
}

/// What it holds back in one state, in words, with the first cycle as an example.
fn consequence(model: &Model, t: usize, state: usize, held_back: &[usize]) -> String {
    let names: Vec<String> = held_back
        .iter()
        .map(|&other| format!("`{}`", model.transitions[other].name))
        .collect();
    let (from, names) = (&model.states[state].name, names.join(", "));
    match chances(model, t, state, held_back) {
        Some((with, without)) => format!(
            "in the first cycle {} leave `{from}` by {names}, and {} would without it",
            percent(with),
            percent(without)
        ),
        None => format!("in `{from}` it competes with {names}"),
    }
}

/// Whether a transition leaves patients of a state there, whatever branch it takes.
fn stays(transition: &Transition, state: usize) -> bool {
    let mut branches = transition.branches.iter();
    branches.all(|branch| branch.to.is_none_or(|to| to == state))
}

/// Whether `one` happens only in cycles in which `event` does not.
fn waits(one: &Transition, event: &Transition) -> bool {
    match (event.first, event.stated) {
        (true, _) => !one.first,
        // Probabilities that hold as stated leave the others their own.
        (false, true) => false,
        (false, false) => !one.first && !one.stated,
    }
}

/// The probability in the first cycle of leaving by the others, with the event and without, for the patient in the middle; none
/// where a clock of the state decides or nothing happens yet.
fn chances(model: &Model, event: usize, state: usize, others: &[usize]) -> Option<(f64, f64)> {
    let plain = |t: usize| !matches!(model.transitions[t].hazard, Hazard::Complement);
    if !plain(event) || !others.iter().all(|&t| plain(t) && !model.transitions[t].stated) {
        return None;
    }
    let parameters = model.strategies[model.reference()].parameters(model, &model.base_values());
    let attributes: Vec<usize> = (0..model.attributes.len()).collect();
    let all = patients(model, &parameters, &attributes);
    let s = Situation {
        parameters: &parameters,
        attributes: all.get(all.len() / 2)?,
        state,
        cycle: 0,
        residence: &vec![0; model.groups.len()],
        cycles_per_year: model.time.cycles_per_year,
    };
    let hazard: f64 = others
        .iter()
        .map(|&t| spend(model, model.reference(), t, &s))
        .sum();
    let own = spend(model, model.reference(), event, &s);
    let alone = 1.0 - (-hazard).exp();
    let beside = match (model.transitions[event].first, model.transitions[event].stated) {
        (true, true) => (1.0 - own) * alone,
        (true, false) => (-own).exp() * alone,
        _ => hazard / (hazard + own) * (1.0 - (-(hazard + own)).exp()),
    };
    (hazard > 0.0 && own > 0.0 && (hazard + own).is_finite()).then_some((beside, alone))
}

fn percent(share: f64) -> String {
    let digits = if share < 0.01 { 3 } else { 1 };
    format!("{:.digits$} %", 100.0 * share)
}
