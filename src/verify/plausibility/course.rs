//! The course of the disease: quality of life along it, effects beyond their evidence, deaths below the population's.

use super::super::check::{Check, Verdict};
use super::super::inputs::slips::mortality_by_sex;
use super::super::inputs::worth::{per_year, quality};
use super::super::situations;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::model::hazard::{self, Reads};
use arcosim_core::model::{Hazard, Model};

pub static D01: Check = Check {
    id: "D01",
    title: "Quality of life falls as the disease goes on, and nothing beyond it is better than its beginning",
    why: "The worth of a year is compared along the progression that the scenario names, for the same patients at the same time. \
          It should not rise from one state to the next. And where a state beyond the progression, such as that after an \
          operation, is typically worth more than the state in which the disease begins, whatever delays it loses quality of \
          life: that may be right, but it decides the result and should be confirmed.",
    hint: "Compare the utilities of the two states, with their sources; the finding gives both values.",
    basis: "own",
    quick: true,
    run: d01,
};

fn d01(subject: &Subject) -> Verdict {
    let model = subject.model;
    let order = &subject.scenario.verify.progression;
    if order.len() < 2 {
        return Verdict::skip(
            "the scenario does not say in which order the disease goes through its states ([verify] progression)",
        );
    }
    let Some(outcome) = quality(subject).into_iter().next() else {
        return Verdict::skip("quality of life is not counted");
    };
    let mut tally =
        Tally::new("quality of life that does not rise along the progression, nor beyond it", 0.0);
    for pair in order.windows(2) {
        let (a, b) = (&model.states[pair[0]].name, &model.states[pair[1]].name);
        let Some(most) = rise(subject, outcome, pair[0], pair[1]) else {
            continue;
        };
        tally.advisable(b, most.rise <= 1e-9, || {
            format!(
                "a year in `{b}` is worth {} and one in `{a}`, before it, {} (in cycle {})",
                number(most.before + most.rise),
                number(most.before),
                most.cycle + 1
            )
        });
    }
    let first = order[0];
    for state in beyond(subject) {
        let mut all = compared(subject, outcome, first, state);
        all.sort_by(|x, y| x.rise.total_cmp(&y.rise));
        let Some(typical) = all.get(all.len() / 2) else {
            continue;
        };
        let name = &model.states[state].name;
        tally.advisable(name, typical.rise <= 1e-9, || {
            format!(
                "a year in `{name}` is typically worth {} and one in `{}`, where the disease begins, {}: delaying it loses quality of life; confirm",
                number(typical.before + typical.rise),
                model.states[first].name,
                number(typical.before)
            )
        });
    }
    tally.verdict("nothing to compare")
}

/// By how much a year in one state is worth more than one in another, for one patient at one time.
struct Rise {
    rise: f64,
    before: f64,
    cycle: usize,
}

/// The situation in which a year in a later state is worth most beyond one in an earlier state; `None` where nothing is
/// counted in one of them.
fn rise(subject: &Subject, outcome: usize, earlier: usize, later: usize) -> Option<Rise> {
    let all = compared(subject, outcome, earlier, later).into_iter();
    all.max_by(|x, y| x.rise.total_cmp(&y.rise))
}

/// Compares two states for the same patients at the same times under the reference strategy.
fn compared(subject: &Subject, outcome: usize, earlier: usize, later: usize) -> Vec<Rise> {
    let model = subject.model;
    let strategy = model.reference();
    let mut all = Vec::new();
    let amount = |state: usize| per_year(model, outcome, strategy, state);
    if let (Some(before), Some(after)) = (amount(earlier), amount(later)) {
        let mut reads = Reads::of(&before);
        reads.add(&after);
        let parameters = model.strategies[strategy].parameters(model, &subject.base);
        situations::each(model, &parameters, earlier, &reads, false, |s| {
            let mut then = *s;
            then.state = later;
            let before = before.value(s);
            all.push(Rise { rise: after.value(&then) - before, before, cycle: s.cycle });
        });
    }
    all
}

/// Living states outside the progression to which a transition leads from it, and from which none leads into it: a
/// state before the disease is no state beyond it.
fn beyond(subject: &Subject) -> Vec<usize> {
    let order = &subject.scenario.verify.progression;
    let transitions = &subject.model.transitions;
    let leads_in = |state: usize| {
        let mut own = transitions.iter().filter(|t| t.from.contains(&state));
        own.any(|t| t.branches.iter().any(|b| b.to.is_some_and(|to| order.contains(&to))))
    };
    let mut found = Vec::new();
    for transition in transitions {
        if transition.from.iter().any(|s| order.contains(s)) {
            let targets = transition.branches.iter().filter_map(|b| b.to);
            let outside = |to: &usize| !order.contains(to) && !subject.is_dead(*to) && !leads_in(*to);
            targets.filter(outside).for_each(|to| hazard::insert(&mut found, to));
        }
    }
    found
}

pub static D03: Check = Check {
    id: "D03",
    title: "Effects end where their evidence does not go on for ever",
    why: "A strategy that says how long its studies followed their patients, and whose effect is full until the horizon, takes for \
          granted what nobody has seen: an effect that never wanes.",
    hint: "Say until when the effect is full (`full_until`) and when it is gone (`gone_after`), or waive this with the reason.",
    basis: "own",
    quick: true,
    run: d03,
};

fn d03(subject: &Subject) -> Verdict {
    let model = subject.model;
    let horizon = model.time.years(model.time.cycles);
    let mut tally = Tally::new("effects with an end", 0.0);
    for strategy in &model.strategies {
        let Some(evidence) = strategy.evidence_until.filter(|years| *years < horizon) else {
            continue;
        };
        for effect in &strategy.effects {
            tally.advisable(&strategy.name, effect.full_until.is_some(), || {
                format!(
                    "an effect of `{}` is full for all of {} years, and its evidence ends after {}",
                    strategy.name,
                    number(horizon),
                    number(evidence)
                )
            });
        }
    }
    tally.verdict("no strategy with an effect says how far its evidence reaches")
}

pub static D04: Check = Check {
    id: "D04",
    title: "Patients come before the disease has run its course",
    why: "Where the scenario says through which states the disease goes, nobody should start in the last of them: what is compared \
          cannot help there, and a start that was written beside the wrong state is easily overlooked.",
    hint: "Look at [population.start]; waive this if late patients are meant.",
    basis: "own",
    quick: true,
    run: d04,
};

fn d04(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(&last) = subject.scenario.verify.progression.last() else {
        return Verdict::skip("[verify] names no progression");
    };
    let mut tally = Tally::new("nobody starts in the last state of the progression", 0.0);
    let tables = arcosim_core::model::Tables::new(model, &subject.base);
    let share: f64 = tables.start.iter().filter(|(s, _)| *s == last).map(|(_, share)| share).sum();
    let name = &model.states[last].name;
    tally.advisable(name, share <= 0.0, || {
        format!(
            "{} % of patients start in `{name}`, the last state of the progression",
            number(100.0 * share)
        )
    });
    tally.verdict("nobody starts")
}

pub static D08: Check = Check {
    id: "D08",
    title: "Men die earlier than women",
    why: "In every country men have a higher mortality than women at almost every age. A table of mortality in which it is the other \
          way round has its columns swapped.",
    hint: "Compare the columns of the life table with its source.",
    basis: "own",
    quick: true,
    run: d08,
};

fn d08(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("higher mortality of men in most bands of age from 30 to 90", 0.0);
    for (name, ages, [men, women]) in mortality_by_sex(subject) {
        let bands: Vec<usize> = (0..ages.len()).filter(|&b| (30.0..90.0).contains(&ages[b])).collect();
        let higher = bands.iter().filter(|&&b| men[b] > women[b]).count();
        if !bands.is_empty() {
            tally.advisable(&name, 2 * higher > bands.len(), || {
                format!(
                    "in table `{name}` men have the higher mortality in {higher} of {} bands of age",
                    bands.len()
                )
            });
        }
    }
    tally.verdict("no mortality differs between men and women")
}

pub static D06: Check = Check {
    id: "D06",
    title: "Effects last no longer than patients were followed",
    why: "Each strategy says how long the studies behind it followed their patients (`evidence_until`). An effect that is still \
          full after that, or for ever where no end is given, is an extrapolation: it may be right, but what it adds is not \
          evidence.",
    hint: "Let the effect wane, show the result without it in a variant, or waive this with the reason.",
    basis: "own",
    quick: true,
    run: d06,
};

fn d06(subject: &Subject) -> Verdict {
    let model = subject.model;
    let year = model.time.cycles_per_year;
    let mut tally = Tally::new("effects that are full no longer than the follow-up of their evidence", 0.0);
    for strategy in &model.strategies {
        let Some(evidence) = strategy.evidence_until else {
            continue;
        };
        let horizon = model.time.cycles as f64;
        let longest = strategy.effects.iter().map(|e| e.full_until.unwrap_or(horizon).min(horizon));
        let Some(full) = longest.reduce(f64::max) else {
            continue;
        };
        let full = full / year;
        tally.advisable(&strategy.name, full <= evidence * (1.0 + 1e-9), || {
            format!(
                "the effect of `{}` is full for {} years, and its evidence ends after {}",
                strategy.name,
                number(full),
                number(evidence)
            )
        });
    }
    tally.verdict("no strategy with an effect says how far its evidence reaches")
}

pub static D07: Check = Check {
    id: "D07",
    title: "Patients do not die less often than the general population",
    why: "Where deaths follow a life table, all that multiplies it is worked out for every living state, strategy and kind of \
          patient. Less than 1 says that patients die less often than their neighbours, which is rarely meant for the sick.",
    hint: "See the mortality ratio of the transition and the effects on it.",
    basis: "TECH-VER",
    quick: true,
    run: d07,
};

fn d07(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("ratios of at least 1 on mortality from a life table", 0.0);
    for (t, transition) in model.transitions.iter().enumerate() {
        if !matches!(transition.hazard, Hazard::LifeTable { .. }) {
            continue;
        }
        for &state in &transition.from {
            let least = least_ratio(subject, t, state);
            let name = &model.states[state].name;
            tally.advisable(name, least >= 1.0 - 1e-9, || {
                format!(
                    "those in `{name}` die by `{}` at {} times the rate of the life table",
                    transition.name,
                    number(least)
                )
            });
        }
    }
    tally.verdict("no transition follows a life table")
}

/// The smallest factor on a life table in a state.
fn least_ratio(subject: &Subject, t: usize, state: usize) -> f64 {
    let model: &Model = subject.model;
    let Hazard::LifeTable { ratio, .. } = &model.transitions[t].hazard else {
        return 1.0;
    };
    let mut least = f64::INFINITY;
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &subject.base);
        let mut reads = Reads::of(ratio);
        for effect in hazard::effects_on(model, s, t) {
            reads.add(&effect.ratio);
        }
        situations::each(model, &parameters, state, &reads, false, |at| {
            let effects: f64 = hazard::effects_on(model, s, t).map(|e| e.ratio.value(at)).product();
            least = least.min(ratio.value(at) * effects);
        });
    }
    least
}
