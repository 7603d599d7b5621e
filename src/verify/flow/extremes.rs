//! Hazards set to nothing or beyond all measure: then it is known who goes where.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::super::transform::{
    only_these_times, starting_in, without_counting, without_death, without_discounting, without_moves,
};
use super::stays::temporary_states;
use arcosim_core::model::{Expr, Hazard, Model, Tables, situation};
use arcosim_core::words::listed;

/// Without mortality nobody dies.
pub static F07: Check = Check {
    id: "F07",
    title: "Without mortality nobody dies, and everybody lives as long as the horizon",
    why: "Every way to die is closed: transitions to the dead, deadly branches of others, deaths from procedures at the start. \
          Then everybody must be alive throughout, and outcomes that count years of life must come to exactly the horizon. \
          They do not where a state is forgotten in the list of those who are alive, is listed twice, or holds the dead.",
    hint: "Look at the states in which the outcome that is named is counted: all of the living, each once.",
    basis: "TECH-VER, epicR",
    quick: true,
    run: f07,
};

/// With mortality beyond measure nobody lives.
pub static F08: Check = Check {
    id: "F08",
    title: "With mortality beyond measure nobody lives",
    why: "Patients are put into every state of the living, and every hazard that leads to nothing but death is multiplied by a \
          thousand million. Nobody may be left after the time in which patients of that state can die at all. Somebody who is \
          left is in a state that no mortality reaches.",
    hint: "Let the transition that stands for death leave from the state that is named as well.",
    basis: "TECH-VER",
    quick: true,
    run: f08,
};

/// Without disease nobody moves.
pub static F09: Check = Check {
    id: "F09",
    title: "Without disease nobody leaves the state in which they begin, but by death",
    why: "Every transition that leads to other states of the living is stopped. Then nobody may be found in a state of the living \
          other than the one in which the procedure at the start left them.",
    hint: "Report it: moves happen only by transitions.",
    basis: "own",
    quick: true,
    run: f09,
};

/// Every transition answers to its hazard.
pub static F10: Check = Check {
    id: "F10",
    title: "Every transition moves everybody if its hazard is beyond measure",
    why: "One transition after another gets its hazard multiplied by a thousand million while all others are stopped, and patients \
          begin in the states that it leaves from. All must move, but for those whose hazard is zero at all times. A transition \
          that does not answer to its hazard would answer to no treatment either.",
    hint: "Look at the conditions in the hazard of the transition that is named; if they are as meant, report it.",
    basis: "own",
    quick: false,
    run: f10,
};

/// A hazard times this is beyond measure.
const BEYOND: f64 = 1e9;

fn f07(subject: &Subject) -> Verdict {
    let dead = &subject.scenario.verify.dead;
    if dead.is_empty() || subject.deadly().is_empty() {
        return Verdict::skip("nobody can die in this model");
    }
    let model = subject.model;
    let mut tally = Tally::new("everybody alive at every point, years of life equal the horizon", EXACT);
    let immortal = without_death(model, dead);
    let counts = subject.solve(&without_counting(&immortal), &subject.base);
    let start: f64 = Tables::new(model, &subject.base)
        .start
        .iter()
        .filter(|(s, _)| !subject.is_dead(*s))
        .map(|(_, share)| share)
        .sum();
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for k in 0..=model.time.cycles {
            let alive: f64 = subject.living().iter().map(|&s| own.occupancy[s][k]).sum();
            let what = format!("share alive under `{}` after {k} cycles", strategy.name);
            if !tally.same(&strategy.name, &what, start, alive) {
                break;
            }
        }
    }
    years_of_life(subject, &immortal, start, &mut tally);
    tally.verdict("nothing runs")
}

/// Outcomes that count years of life: what everybody gains in the states of the living is 1 a year, and the name says
/// that it is life which is counted.
fn counting_life(model: &Model) -> Vec<usize> {
    let says = |o: &usize| {
        let outcome = &model.outcomes[*o];
        [&outcome.name, &outcome.label].iter().any(|words| {
            let words = words.to_lowercase();
            words.contains("life") && !words.contains("qual")
        })
    };
    let counts = |o: &usize| {
        let mut own = model.rewards.iter().filter(|r| r.outcome(model) == *o).peekable();
        own.peek().is_some()
            && own.all(|r| {
                let plain = r.when.accrues() && r.strategies.is_none();
                plain && r.amount == Expr::Number(1.0)
            })
    };
    (0..model.outcomes.len()).filter(says).filter(counts).collect()
}

/// Years of life of those who cannot die.
fn years_of_life(subject: &Subject, immortal: &Model, start: f64, tally: &mut Tally) {
    let model = subject.model;
    let outcomes = counting_life(model);
    if outcomes.is_empty() {
        return;
    }
    let plain = without_discounting(immortal);
    let tables = Tables::new(&plain, &subject.base);
    let totals = subject.totals_of(&plain, &subject.base);
    for o in outcomes {
        let name = &model.outcomes[o].name;
        let horizon: f64 = tables.weights[o].both.iter().sum::<f64>() * start;
        let mut off = false;
        for (strategy, own) in model.strategies.iter().zip(&totals) {
            if (own[o] - horizon).abs() <= EXACT * horizon {
                let what = format!("`{name}` under `{}` without mortality", strategy.name);
                tally.same(name, &what, horizon, own[o]);
                continue;
            }
            if !std::mem::replace(&mut off, true) {
                let text = format!(
                    "without mortality `{name}` under `{}` is {} years and the horizon {}: {}",
                    strategy.name,
                    number(own[o]),
                    number(horizon),
                    miscounted(subject, o)
                );
                tally.fail(name, text);
            }
        }
    }
}

/// The states in which an outcome that counts years of life is not counted once, in words.
fn miscounted(subject: &Subject, outcome: usize) -> String {
    let model = subject.model;
    let own = || model.rewards.iter().filter(|r| r.outcome(model) == outcome);
    let mut words = Vec::new();
    for (s, state) in model.states.iter().enumerate() {
        let times = own().filter(|r| r.when.in_state(s)).count();
        match (subject.is_dead(s), times) {
            (false, 0) => words.push(format!("it is not counted in `{}`", state.name)),
            (false, 1) | (true, 0) => {}
            (false, n) => words.push(format!("it is counted {n} times in `{}`", state.name)),
            (true, _) => words.push(format!("it is counted for those in `{}`", state.name)),
        }
    }
    words.join(", ")
}

fn f08(subject: &Subject) -> Verdict {
    let (model, deadly) = (subject.model, subject.only_deadly());
    if deadly.is_empty() {
        return Verdict::skip("no transition leads to nothing but death");
    }
    let living = subject.living();
    let mut tally = Tally::new("nobody left in any state of the living", 0.0);
    let altered = only_these_times(model, &deadly, BEYOND);
    let counts = subject.solve(&starting_in(&without_counting(&altered), &living), &subject.base);
    let last = model.time.cycles;
    let temporary = temporary_states(subject, &Tables::new(model, &subject.base));
    let exits = |s: usize, ways: &[usize]| ways.iter().any(|&t| model.transitions[t].from.contains(&s));
    let deaths = subject.deadly();
    for &s in &living {
        let name = &model.states[s].name;
        if !exits(s, &deaths) {
            // S20 reports a state in which nobody can die at all.
            continue;
        }
        // Under a strategy that prevents deaths altogether they are not multiplied up.
        let prevents = |arm: &usize| {
            let strategy = &model.strategies[*arm];
            let own = strategy.parameters(model, &subject.base);
            strategy.effects.iter().any(|effect| {
                let ratio =
                    effect.ratio.value(&situation(model, &own, &vec![0.0; model.attributes.len()], s));
                ratio == 0.0 && effect.transitions.iter().any(|t| deadly.contains(t))
            })
        };
        let (arm, left) = (0..model.strategies.len())
            .filter(|arm| !prevents(arm))
            .map(|arm| (arm, counts.strategies[arm].occupancy[s][last] * living.len() as f64))
            .fold((0, 0.0), |most, own| if own.1 > most.1 { own } else { most });
        let text = || {
            format!(
                "of those who are put into `{name}` {} % are alive at the horizon under `{}`, though mortality is beyond measure",
                number(100.0 * left),
                model.strategies[arm].name
            )
        };
        match temporary.contains(&s) || !subject.of_any_cause() {
            true => tally.advisable(name, left <= 1e-6, text),
            false => tally.holds(name, left <= 1e-6, text),
        };
    }
    tally.verdict("there is no state of the living")
}

fn f09(subject: &Subject) -> Verdict {
    let model = subject.model;
    let deadly = subject.only_deadly();
    let others: Vec<usize> = (0..model.transitions.len()).filter(|t| !deadly.contains(t)).collect();
    if others.is_empty() {
        return Verdict::skip("no transition leads to states of the living");
    }
    let mut tally = Tally::new("nobody in a state of the living in which nobody begins", EXACT);
    let still = without_moves(&without_counting(model), &others);
    let counts = subject.solve(&still, &subject.base);
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for s in subject.living() {
            let begin = own.occupancy[s][0];
            let most = own.occupancy[s].iter().copied().fold(0.0, f64::max);
            let what = format!(
                "the largest share of patients in `{}` under `{}`",
                model.states[s].name, strategy.name
            );
            tally.same_by(&model.states[s].name, &what, (begin, most), counts.patients);
        }
    }
    tally.verdict("there is no state of the living")
}

fn f10(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("all who can move by a transition do", 0.0);
    let base = subject.counts();
    for (t, transition) in model.transitions.iter().enumerate() {
        if matches!(transition.hazard, Hazard::Complement) || subject.stopped() {
            continue;
        }
        let moved_by = |factor: f64| {
            let alone = only_these_times(&without_counting(model), &[t], factor);
            subject.solve(&starting_in(&alone, &transition.from), &subject.base)
        };
        let counts = moved_by(BEYOND);
        let mut plain = None;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            let own = |moves: &[Vec<f64>]| -> f64 {
                let edges = subject.paths.edges.iter().zip(moves);
                let all = edges.filter(|(e, _)| e.transition == t);
                all.map(|(_, moves)| moves.iter().sum::<f64>()).sum()
            };
            // Of a transition that never fires, another check tells.
            if own(&base.strategies[arm].moves) <= 0.0 {
                continue;
            }
            let moved = own(&counts.strategies[arm].moves);
            // Of some patients, or in some of the states, the hazard may be zero at all times: more must move all the same.
            let answers = moved >= 1.0 - 1e-6 || {
                let plain = plain.get_or_insert_with(|| moved_by(1.0));
                moved > own(&plain.strategies[arm].moves) * (1.0 + EXACT)
            };
            tally.holds(&transition.name, answers, || {
                format!(
                    "with its hazard multiplied by a thousand million, `{}` moves {} % of those in {} under `{}`",
                    transition.name,
                    number(100.0 * moved),
                    listed(transition.from.iter().map(|&s| model.states[s].name.as_str())),
                    strategy.name
                )
            });
        }
    }
    tally.verdict("no transition has a hazard of its own")
}
