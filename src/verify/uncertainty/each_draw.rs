//! Whether the model holds together in every draw, and not only at base.

use rayon::prelude::*;

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::shared::{attempted, name};
use arcosim_analysis::psa::{Ended, Psa};
use arcosim_core::engine::counts::Counts;
use arcosim_core::model::{RowProblem, impossible};
use arcosim_scenario::parameters::Kind;

pub static U06: Check = Check {
    id: "U06",
    title: "The model holds together in every draw",
    why: "A model that is sound at its base values may be impossible in some draws: probabilities that add to more than one, \
          shares that leave less than nothing to the rest, a negative hazard, a disutility that turns into a gain. Every draw \
          is looked at for values that its kind does not allow and for totals that are no numbers; many are looked at for \
          rows and shares; and those with the largest and smallest results are run in full and must neither lose patients nor \
          raise the dead nor give more than one year of full health a year.",
    hint: "Take distributions that stay inside what is possible (beta for shares, gamma or lognormal for costs and rates), and a \
           dirichlet for shares of one whole.",
    basis: "TECH-VER",
    quick: true,
    run: u06,
};

fn u06(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("what holds at base holds in every draw", EXACT);
    match attempted(subject) {
        None => return Verdict::skip("no parameter has a distribution"),
        Some(Err(ended)) => match reported(subject, ended) {
            Some((about, text)) => tally.fail(&about, text),
            None => return Verdict::skip("stopped"),
        },
        Some(Ok(psa)) => {
            values(subject, psa, &mut tally);
            redrawn(psa, &mut tally);
            possible(subject, psa, &mut tally);
            extremes(subject, psa, &mut tally);
            costs(subject, psa, &mut tally);
        }
    }
    tally.verdict("nothing is drawn")
}

/// What ended the draws, and what it is about.
fn reported(subject: &Subject, ended: &Ended) -> Option<(String, String)> {
    let model = subject.model;
    match ended {
        Ended::Stopped => None,
        Ended::Row { draw, problem, .. } => {
            let RowProblem { strategy, state, cycle, shares, .. } = problem.as_ref();
            let parts: Vec<String> = shares
                .iter()
                .map(|(t, p)| format!("`{}` {}", model.transitions[*t].name, number(*p)))
                .collect();
            let text = format!(
                "in draw {draw} the probabilities in state `{}` under `{}` are impossible from cycle {cycle} on ({}): the \
                 probabilistic analysis stops there",
                model.states[*state].name,
                model.strategies[*strategy].name,
                parts.join(", ")
            );
            Some((model.states[*state].name.clone(), text))
        }
        Ended::NotFinite { draw, strategy, outcome, .. } => {
            let (strategy, outcome) = (&model.strategies[*strategy].name, &model.outcomes[*outcome].name);
            let text = format!("in draw {draw} `{outcome}` under `{strategy}` is no number");
            Some((outcome.clone(), text))
        }
    }
}

/// Values that the kind of a parameter does not allow.
fn values(subject: &Subject, psa: &Psa, tally: &mut Tally) {
    let uncertainty = &subject.scenario.uncertainty;
    let share = |p: usize, odd: &dyn Fn(f64) -> bool| {
        let count = psa.values.iter().filter(|values| odd(values[p])).count();
        100.0 * count as f64 / psa.values.len() as f64
    };
    for p in uncertainty.varying() {
        let (name, kind) = (name(subject, p), subject.kind(p));
        let impossible = share(p, &|x| !kind.allows(x));
        tally.holds(name, impossible == 0.0, || {
            format!(
                "`{name}` has values that no {} can have in {} % of the draws",
                kind.name(),
                number(impossible)
            )
        });
        // Who writes a lower end below 0 has thought of it.
        let stated = uncertainty.margins[p].is_some_and(|margin| margin.within.0.is_finite());
        if kind == Kind::Disutility && !stated {
            let gains = share(p, &|x| x < 0.0);
            tally.advisable(name, gains <= 1.0, || {
                format!(
                    "the disutility `{name}` is below 0, and so a gain, in {} % of the draws; if that is meant, say so in \
                     `truncate`, otherwise take a gamma or beta",
                    number(gains)
                )
            });
        }
    }
}

/// Draws that were thrown away because a row was over 1: the others are no longer those of the distributions.
fn redrawn(psa: &Psa, tally: &mut Tally) {
    let share = 100.0 * psa.redrawn.len() as f64 / psa.values.len() as f64;
    tally.advisable("redraw", share <= 1.0, || {
        format!(
            "{} % of the draws have rows of probabilities above 1 and are drawn again: what is left follows other \
             distributions than were stated",
            number(share)
        )
    });
}

/// Shares and rows. As long as to run a draw, so that not all are looked at.
fn possible(subject: &Subject, psa: &Psa, tally: &mut Tally) {
    let most = if subject.quick { 20 } else { 100 };
    let some = &psa.values[..psa.values.len().min(most)];
    let found: Vec<Option<String>> = some
        .par_iter()
        .map(|values| (!subject.stopped()).then(|| impossible(subject.model, values)).flatten())
        .collect();
    let count = found.iter().flatten().count();
    let first = found.iter().enumerate().find_map(|(k, why)| Some((k + 1, why.as_ref()?)));
    // What it is about stands first among the names in the message; the shares at the start have none.
    let about = first.and_then(|(_, why)| why.split('`').nth(1)).unwrap_or("start").to_string();
    tally.holds(&about, count == 0, || {
        let (k, why) = first.map_or((0, ""), |(k, why)| (k, why));
        format!("the model is impossible in {count} of {} draws; in draw {k} {why}", some.len())
    });
}

/// Draws with the largest and smallest results, run in full.
fn extremes(subject: &Subject, psa: &Psa, tally: &mut Tally) {
    let mut draws: Vec<usize> = Vec::new();
    let watched = [subject.effect(), subject.cost()];
    for outcome in watched.into_iter().flatten() {
        let total = |d: &usize| psa.totals[*d].iter().map(|own| own[outcome]).sum::<f64>();
        let all = 0..psa.totals.len();
        draws.extend(all.clone().max_by(|a, b| total(a).total_cmp(&total(b))));
        draws.extend(all.min_by(|a, b| total(a).total_cmp(&total(b))));
    }
    if draws.is_empty() {
        draws.push(0);
    }
    draws.sort_unstable();
    draws.dedup();
    draws.truncate(if subject.quick { 2 } else { 4 });
    // What is impossible has been reported, and runs to nonsense.
    draws.retain(|&d| impossible(subject.model, &psa.values[d]).is_none());
    for d in draws {
        let counts = subject.solve(subject.model, &psa.values[d]);
        flow(subject, &counts, d + 1, tally);
        full_health(subject, psa, (&counts, d), tally);
    }
}

fn flow(subject: &Subject, counts: &Counts, draw: usize, tally: &mut Tally) {
    let model = subject.model;
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        let sum = |point: usize| own.occupancy.iter().map(|state| state[point]).sum::<f64>();
        let off = |point: &usize| (sum(*point) - counts.patients).abs();
        // One finding is enough: what is lost at one point is missing ever after.
        let worst = (0..=model.time.cycles).max_by(|a, b| off(a).total_cmp(&off(b)));
        let point = worst.unwrap_or(0);
        let what = format!("occupancy under `{}` in draw {draw} after {point} cycles", strategy.name);
        tally.same(&strategy.name, &what, counts.patients, sum(point));
        for (state, points) in model.states.iter().zip(&own.occupancy) {
            let negative = points.iter().position(|x| *x < -EXACT * counts.patients);
            tally.holds(&state.name, negative.is_none(), || {
                let cycle = negative.unwrap_or(0);
                format!(
                    "in draw {draw} fewer than no patients are in `{}` under `{}` after {cycle} cycles",
                    state.name, strategy.name
                )
            });
            if state.absorbing {
                let fine = points.windows(2).all(|pair| pair[1] >= pair[0] - EXACT * counts.patients);
                tally.holds(&state.name, fine, || {
                    format!("in draw {draw} patients leave `{}` under `{}`", state.name, strategy.name)
                });
            }
        }
    }
}

/// Nobody can gather more quality-adjusted life than years.
fn full_health(subject: &Subject, psa: &Psa, (counts, d): (&Counts, usize), tally: &mut Tally) {
    let Some(qaly) = subject.qaly() else { return };
    let years = subject.years(counts, &subject.living(), qaly, &psa.values[d]);
    for ((strategy, own), years) in subject.model.strategies.iter().zip(&psa.totals[d]).zip(years) {
        tally.advisable(&strategy.name, own[qaly] <= years * (1.0 + EXACT), || {
            format!(
                "in draw {} patients under `{}` gather {} of `{}` in {} years of life, more than full health would give",
                d + 1,
                strategy.name,
                number(own[qaly]),
                subject.model.outcomes[qaly].name,
                number(years)
            )
        });
    }
}

/// Costs below 0, where they are not so at base.
fn costs(subject: &Subject, psa: &Psa, tally: &mut Tally) {
    let Some(cost) = subject.cost() else { return };
    let base = subject.totals();
    for (s, strategy) in subject.model.strategies.iter().enumerate().filter(|(s, _)| base[*s][cost] >= 0.0) {
        let count = psa.totals.iter().filter(|totals| totals[s][cost] < 0.0).count();
        tally.advisable(&strategy.name, count == 0, || {
            format!("`{}` costs less than nothing in {count} of {} draws", strategy.name, psa.totals.len())
        });
    }
}
