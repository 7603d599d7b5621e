use rayon::prelude::*;

use crate::evidence::NoDraws;
use crate::prelude::*;
use arcosim_analysis::psa::{Ended, Psa};
use arcosim_core::engine::counts::Counts;
use arcosim_core::model::{RowProblem, impossible};
use arcosim_scenario::parameters::Kind;

pub static U06: Check = Check {
    id: "U06",
    title: "The model is valid in every draw",
    why: "A model that is sound at its base values may be impossible in some draws: probabilities that add to more than one, \
          shares that leave less than nothing to the rest, a negative hazard, a disutility that turns into a gain. Every draw \
          is looked at for values that its kind does not allow and for totals that are no numbers; many are looked at for \
          rows and shares; and those with the largest and smallest results are run in full and must neither lose patients nor \
          raise the dead nor give more than one year of full health a year.",
    hint: "Take distributions that stay inside what is possible (beta for shares, gamma or lognormal for costs and rates), and a \
           dirichlet for shares of one whole.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Draws],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("what holds at base holds in every draw", EXACT);
    match evidence.attempted_draws() {
        Err(NoDraws::NothingVaries) => return Verdict::skip("no parameter has a distribution"),
        Err(NoDraws::Ended(ended)) => match reported(evidence, ended) {
            Some((about, text)) => comparisons.fail(&about, text),
            None => return Verdict::skip("stopped"),
        },
        Ok(psa) => {
            values(evidence, psa, &mut comparisons);
            redrawn(psa, &mut comparisons);
            possible(evidence, psa, &mut comparisons);
            extremes(evidence, psa, &mut comparisons);
            costs(evidence, psa, &mut comparisons);
        }
    }
    comparisons.verdict("nothing is drawn")
}

/// What ended the draws, and what it is about.
fn reported(evidence: &Evidence, ended: &Ended) -> Option<(String, String)> {
    let model = evidence.model;
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
fn values(evidence: &Evidence, psa: &Psa, comparisons: &mut Comparisons) {
    let uncertainty = &evidence.scenario.uncertainty;
    let share = |p: usize, odd: &dyn Fn(f64) -> bool| {
        let count = psa.values.iter().filter(|values| odd(values[p])).count();
        100.0 * count as f64 / psa.values.len() as f64
    };
    for p in uncertainty.varying() {
        let (name, kind) = (evidence.name(p), evidence.kind(p));
        let impossible = share(p, &|x| !kind.allows(x));
        comparisons.holds(name, impossible == 0.0, || {
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
            comparisons.advisable(name, gains <= 1.0, || {
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
fn redrawn(psa: &Psa, comparisons: &mut Comparisons) {
    let share = 100.0 * psa.redrawn.len() as f64 / psa.values.len() as f64;
    comparisons.advisable("redraw", share <= 1.0, || {
        format!(
            "{} % of the draws have rows of probabilities above 1 and are drawn again: what is left follows other \
             distributions than were stated",
            number(share)
        )
    });
}

/// Shares and rows. As long as to run a draw, so that not all are looked at.
fn possible(evidence: &Evidence, psa: &Psa, comparisons: &mut Comparisons) {
    let most = if evidence.quick { 20 } else { 100 };
    let some = &psa.values[..psa.values.len().min(most)];
    let found: Vec<Option<String>> = some
        .par_iter()
        .map(|values| (!evidence.stopped()).then(|| impossible(evidence.model, values)).flatten())
        .collect();
    let count = found.iter().flatten().count();
    let first = found.iter().enumerate().find_map(|(k, why)| Some((k + 1, why.as_ref()?)));
    // What it is about stands first among the names in the message; the shares at the start have none.
    let about = first.and_then(|(_, why)| why.split('`').nth(1)).unwrap_or("start").to_string();
    comparisons.holds(&about, count == 0, || {
        let (k, why) = first.map_or((0, ""), |(k, why)| (k, why));
        format!("the model is impossible in {count} of {} draws; in draw {k} {why}", some.len())
    });
}

/// Draws with the largest and smallest results, run in full.
fn extremes(evidence: &Evidence, psa: &Psa, comparisons: &mut Comparisons) {
    let mut draws: Vec<usize> = Vec::new();
    let watched = [evidence.effect(), evidence.cost()];
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
    draws.truncate(if evidence.quick { 2 } else { 4 });
    // What is impossible has been reported, and runs to nonsense.
    draws.retain(|&d| impossible(evidence.model, &psa.values[d]).is_none());
    for d in draws {
        let counts = evidence.solve(evidence.model, &psa.values[d]);
        flow(evidence, &counts, d + 1, comparisons);
        full_health(evidence, psa, (&counts, d), comparisons);
    }
}

fn flow(evidence: &Evidence, counts: &Counts, draw: usize, comparisons: &mut Comparisons) {
    let model = evidence.model;
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        let sum = |point: usize| own.occupancy.iter().map(|state| state[point]).sum::<f64>();
        let off = |point: &usize| (sum(*point) - counts.patients).abs();
        // One finding is enough: what is lost at one point is missing ever after.
        let worst = (0..=model.time.cycles).max_by(|a, b| off(a).total_cmp(&off(b)));
        let point = worst.unwrap_or(0);
        let what = format!("occupancy under `{}` in draw {draw} after {point} cycles", strategy.name);
        comparisons.same(&strategy.name, &what, counts.patients, sum(point));
        for (state, points) in model.states.iter().zip(&own.occupancy) {
            let negative = points.iter().position(|x| *x < -EXACT * counts.patients);
            comparisons.holds(&state.name, negative.is_none(), || {
                let cycle = negative.unwrap_or(0);
                format!(
                    "in draw {draw} fewer than no patients are in `{}` under `{}` after {cycle} cycles",
                    state.name, strategy.name
                )
            });
            if state.absorbing {
                let fine = points.windows(2).all(|pair| pair[1] >= pair[0] - EXACT * counts.patients);
                comparisons.holds(&state.name, fine, || {
                    format!("in draw {draw} patients leave `{}` under `{}`", state.name, strategy.name)
                });
            }
        }
    }
}

/// Nobody can gather more quality-adjusted life than years.
fn full_health(evidence: &Evidence, psa: &Psa, (counts, d): (&Counts, usize), comparisons: &mut Comparisons) {
    let Some(qaly) = evidence.qaly() else { return };
    let years = evidence.years(counts, &evidence.living(), qaly, &psa.values[d]);
    for ((strategy, own), years) in evidence.model.strategies.iter().zip(&psa.totals[d]).zip(years) {
        comparisons.advisable(&strategy.name, own[qaly] <= years * (1.0 + EXACT), || {
            format!(
                "in draw {} patients under `{}` gather {} of `{}` in {} years of life, more than full health would give",
                d + 1,
                strategy.name,
                number(own[qaly]),
                evidence.model.outcomes[qaly].name,
                number(years)
            )
        });
    }
}

/// Costs below 0, where they are not so at base.
fn costs(evidence: &Evidence, psa: &Psa, comparisons: &mut Comparisons) {
    let Some(cost) = evidence.cost() else { return };
    let base = evidence.totals();
    for (s, strategy) in evidence.model.strategies.iter().enumerate().filter(|(s, _)| base[*s][cost] >= 0.0) {
        let count = psa.totals.iter().filter(|totals| totals[s][cost] < 0.0).count();
        comparisons.advisable(&strategy.name, count == 0, || {
            format!("`{}` costs less than nothing in {count} of {} draws", strategy.name, psa.totals.len())
        });
    }
}
