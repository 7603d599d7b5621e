//! Warns about events without a change of state that reduce other transitions: a patient has at most one transition per cycle, so
//! an event that leaves the patient in the same state precludes all others in that cycle.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spans::Spans;
use arcosim_core::model::hazard::{self, Reads};
use arcosim_core::model::walk::{described, patients};
use arcosim_core::model::{Hazard, Model, Situation, Transition, branch_shares};

/// Events that preclude less than this share of other transitions are not reported.
const LEAST: f64 = 0.001;

/// Warns about transitions that leave most patients in their state and thereby reduce other transitions out of this state.
pub fn suppressing(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (t, transition) in model.transitions.iter().enumerate() {
        let found: Vec<String> =
            transition.from.iter().filter_map(|&state| consequence(model, t, state)).collect();
        if found.is_empty() {
            continue;
        }
        let name = &transition.name;
        let warning = Diagnostic::warning("W0534", format!("transition `{name}` leaves patients in their state and blocks other transitions in the same cycle"))
            .at(spans.targets[t], "these patients have had their one transition in the cycle")
            .why("a patient has at most one transition per cycle, so too few patients have the other transitions")
            .help(
                "if the event only adds costs or losses, replace the transition by a reward whose `per_year` is the rate of the event times \
                 its cost or loss; otherwise shorten the cycle, so that few patients have both events in one cycle",
            );
        out.push(found.into_iter().fold(warning, Diagnostic::note));
    }
}

/// Describes by how much an event reduces the other transitions out of a state, for a typical patient in the first cycle; `None` if
/// it does not reduce them.
fn consequence(model: &Model, event: usize, state: usize) -> Option<String> {
    let parameters = model.strategies[model.reference()].parameters(model, &model.base_values());
    let transition = &model.transitions[event];
    let others: Vec<usize> = (0..model.transitions.len())
        .filter(|&other| {
            let one = &model.transitions[other];
            other != event && one.from.contains(&state) && !always_stays(one, state) && waits(one, transition)
        })
        .collect();
    let mut reads = Reads::default();
    for &t in others.iter().chain([&event]) {
        reads.merge(&hazard::reads(model, model.reference(), t));
    }
    reads.add_shares(&transition.branches);
    let attributes = reads.attributes();
    let all = patients(model, &parameters, &attributes);
    let patient = all.get(all.len() / 2)?;
    let s = Situation {
        parameters: &parameters,
        attributes: patient,
        state,
        cycle: 0,
        residence: &vec![0; model.groups.len()],
        cycles_per_year: model.time.cycles_per_year,
        part: model.time.part(),
    };
    let stays: f64 = branch_shares(&transition.branches, &s)
        .iter()
        .zip(&transition.branches)
        .filter(|(_, branch)| branch.to.is_none_or(|to| to == state))
        .map(|(share, _)| share)
        .sum();
    if others.is_empty() || stays < MOST_STAY {
        return None;
    }
    let names: Vec<String> =
        others.iter().map(|&other| format!("`{}`", model.transitions[other].name)).collect();
    let (from, names) = (&model.states[state].name, names.join(", "));
    let who = match described(model, &attributes, patient) {
        about if about.is_empty() => String::new(),
        about => format!(" of patients with {}", about.join(", ")),
    };
    // Transitions that are resolved before the event; both percentages are for the patients whom they do not move.
    let earlier: Vec<String> = (0..model.transitions.len())
        .filter(|&other| other != event && !others.contains(&other))
        .map(|other| &model.transitions[other])
        .filter(|one| one.from.contains(&state) && !always_stays(one, state))
        .map(|one| format!("`{}`", one.name))
        .collect();
    let among = match earlier.is_empty() {
        true => String::new(),
        false => format!(". Both shares are for patients without {} in this cycle", earlier.join(" or ")),
    };
    let name = &transition.name;
    match chances(model, event, &others, &s) {
        Some((with, without)) if without - with < LEAST * without => None,
        Some((with, without)) => Some(format!(
            "in the first cycle, {}{who} leave `{from}` by {names}; without `{name}` it would be {}{among}",
            percent(with),
            percent(without)
        )),
        None => Some(format!("in state `{from}`, `{name}` competes with {names}")),
    }
}

/// Share of patients who stay in their state from which an event counts as an event without a change of state.
const MOST_STAY: f64 = 0.5;

/// Whether all branches of a transition leave patients in the given state.
fn always_stays(transition: &Transition, state: usize) -> bool {
    let mut branches = transition.branches.iter();
    branches.all(|branch| branch.to.is_none_or(|to| to == state))
}

/// Whether the transition `one` can happen only in cycles in which `event` does not happen.
fn waits(one: &Transition, event: &Transition) -> bool {
    match (event.first, event.stated) {
        (true, _) => !one.first,
        // A stated probability does not reduce the stated probabilities of other transitions.
        (false, true) => false,
        (false, false) => !one.first && !one.stated,
    }
}

/// Probability that any of the other transitions happens in the first cycle, with the event and without it; `None` for stated
/// probabilities, or if a hazard is 0 in the first cycle.
fn chances(model: &Model, event: usize, others: &[usize], s: &Situation) -> Option<(f64, f64)> {
    let plain = |t: usize| !matches!(model.transitions[t].hazard, Hazard::Complement);
    if !plain(event) || !others.iter().all(|&t| plain(t) && !model.transitions[t].stated) {
        return None;
    }
    let spent = |t: usize| hazard::spend(model, model.reference(), t, s);
    let (hazard, own): (f64, f64) = (others.iter().map(|&t| spent(t)).sum(), spent(event));
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
    format!("{:.digits$}%", 100.0 * share)
}
