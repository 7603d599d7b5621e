//! Whether effects of treatments point the right way.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use super::super::transform::starting_in;
use crate::model::hazard::reads;
use crate::model::walk::patients;
use crate::model::{EffectOn, Tables, situation};

/// Effects point the right way.
pub static F23: Check = Check {
    id: "F23",
    title: "Treatments slow moves for the worse, and do not slow moves for the better",
    why: "A ratio above 1 on a way to death or to a worse state is the sign of a ratio that was entered upside down (control \
          against treatment), and one below 1 on a way to a better state of an effect on the wrong transition. A state is worse than \
          another if it comes later in the order of [verify] progression; where this does not say, if patients who begin \
          in it under the reference strategy gain less effect by the horizon, by 5 % or more.",
    hint: "Check which arm stands in the denominator of the source, and the transitions that the effect names; accept the \
           finding if the treatment does harm, or if the worse state is a way to a cure.",
    basis: "own",
    quick: true,
    run: f23,
};

/// Where a transition leads, from all of its states.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    Worse,
    Better,
}

fn f23(subject: &Subject) -> Verdict {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let mut worths: Vec<Option<Option<f64>>> = vec![None; model.states.len()];
    let mut tally = Tally::new(
        "ratios of at most 1 on ways to worse states, of at least 1 on ways to better ones",
        0.0,
    );
    for (arm, strategy) in model.strategies.iter().enumerate().filter(|(_, s)| !s.reference) {
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                let transition = &model.transitions[t];
                let relevant = reads(model, arm, t).attributes();
                let people = patients(model, &tables.parameters[arm], &relevant);
                let parameters = &tables.parameters[arm];
                let ratios: Vec<f64> = people
                    .iter()
                    .flat_map(|attributes| {
                        let at = move |&state: &usize| situation(model, parameters, attributes, state);
                        transition.from.iter().map(at).map(|s| effect.ratio.value(&s))
                    })
                    .collect();
                let Some(leads) = leads(subject, t, &mut worths) else {
                    continue;
                };
                let kind = match effect.on {
                    EffectOn::Hazard => "hazard ratio",
                    EffectOn::Probability => "relative risk",
                };
                let most = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
                let (fine, ratio, words) = match leads {
                    Leads::Worse => (most <= 1.0, most, "worse states: patients get there sooner"),
                    Leads::Better => (least >= 1.0, least, "better states: patients get there later"),
                };
                tally.advisable(&strategy.name, fine, || {
                    format!(
                        "`{}` has a {kind} of {} on `{}`, which leads to {words} than without it",
                        strategy.name,
                        number(ratio),
                        transition.name
                    )
                });
            }
        }
    }
    tally.verdict("no effect acts on a move of which it is known whether it is for the worse")
}

/// Where a transition leads; `None` if that is not known, or not the same for all of its states.
fn leads(subject: &Subject, t: usize, worths: &mut [Option<Option<f64>>]) -> Option<Leads> {
    let transition = &subject.model.transitions[t];
    let targets: Vec<usize> = transition.branches.iter().filter_map(|b| b.to).collect();
    if targets.iter().all(|&to| subject.is_dead(to)) {
        return (!targets.is_empty()).then_some(Leads::Worse);
    }
    let mut all = None;
    for &from in &transition.from {
        // A procedure that some do not survive leads to where it leads those who do.
        for &to in targets.iter().filter(|&&to| !subject.is_dead(to) && to != from) {
            let own = compare(subject, from, to, worths)?;
            if all.is_some_and(|before| before != own) {
                return None;
            }
            all = Some(own);
        }
    }
    all
}

/// A state is no worse than another for less than this share of what patients gain.
const CLEARLY: f64 = 0.05;

fn compare(subject: &Subject, from: usize, to: usize, worths: &mut [Option<Option<f64>>]) -> Option<Leads> {
    let progression = &subject.scenario.verify.progression;
    let place = |state: usize| progression.iter().position(|s| *s == state);
    let worse = match place(from).zip(place(to)) {
        Some((from, to)) => to > from,
        None => {
            let (before, after) = (worth(subject, from, worths)?, worth(subject, to, worths)?);
            if (before - after).abs() <= CLEARLY * before.abs().max(after.abs()) {
                return None;
            }
            after < before
        }
    };
    Some(if worse { Leads::Worse } else { Leads::Better })
}

/// What patients who begin in a state gain by the horizon under the reference strategy.
fn worth(subject: &Subject, state: usize, worths: &mut [Option<Option<f64>>]) -> Option<f64> {
    *worths[state].get_or_insert_with(|| {
        let effect = subject.effect()?;
        let model = starting_in(subject.model, &[state]);
        Some(subject.totals_of(&model, &subject.base)[model.reference()][effect])
    })
}
