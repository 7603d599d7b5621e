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
    why: "A model that is valid at its base values may be invalid in some draws: probabilities that add up to more \
          than 1, shares that leave a negative remainder, a negative hazard, or a disutility that becomes a gain. All \
          draws are checked for values that are impossible for their kind and for undefined totals, and many draws \
          for probabilities and shares. The draws with the largest and smallest results are run in full: no patients \
          may be lost or return from death, and QALYs must not exceed life years. Invalid draws bias means and \
          intervals.",
    hint: "Use distributions whose values are always possible (beta for shares, gamma or log-normal for costs and \
           rates), and a `dirichlet` for shares of one whole.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Draws],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("a valid model in every draw", EXACT);
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
    comparisons.verdict("no parameter is drawn")
}

/// Subject and description of the error that ended the draws.
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
                "in draw {draw}, the probabilities in state `{}` under `{}` are invalid from cycle {cycle} on ({}): \
                 the probabilistic analysis stops there",
                model.states[*state].name,
                model.strategies[*strategy].name,
                parts.join(", ")
            );
            Some((model.states[*state].name.clone(), text))
        }
        Ended::Shares { draw, problem, .. } => {
            let text =
                format!("draw {draw} cannot be run: {problem}: the probabilistic analysis stops there");
            Some((subject(problem), text))
        }
        Ended::NotFinite { draw, strategy, outcome, .. } => {
            let (strategy, outcome) = (&model.strategies[*strategy].name, &model.outcomes[*outcome].name);
            let text = format!("in draw {draw}, `{outcome}` under `{strategy}` is not a finite number");
            Some((outcome.clone(), text))
        }
    }
}

/// Checks that no draw has a value that is impossible for the kind of its parameter.
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
                "`{name}` has values that are impossible for a {} in {}% of the draws",
                kind.name(),
                number(impossible)
            )
        });
        // A stated lower limit means that negative values are intended.
        let stated = uncertainty.margins[p].is_some_and(|margin| margin.within.0.is_finite());
        if kind == Kind::Disutility && !stated {
            let gains = share(p, &|x| x < 0.0);
            comparisons.advisable(name, gains <= 1.0, || {
                format!(
                    "the disutility `{name}` is below 0, that is, a gain, in {}% of the draws; use a gamma or beta \
                     distribution, or set `truncate` if gains are intended",
                    number(gains)
                )
            });
        }
    }
}

/// Reports draws that were rejected because probabilities exceeded 1. The remaining draws do not follow the stated
/// distributions.
fn redrawn(psa: &Psa, comparisons: &mut Comparisons) {
    let share = 100.0 * psa.redrawn.len() as f64 / psa.values.len() as f64;
    comparisons.advisable("redraw", share <= 1.0, || {
        format!(
            "{}% of the draws have probabilities that add up to more than 1, and are drawn again: the remaining draws \
             do not follow the stated distributions",
            number(share)
        )
    });
}

/// Checks shares and probabilities. Only some draws are checked, because this takes as long as running the model.
fn possible(evidence: &Evidence, psa: &Psa, comparisons: &mut Comparisons) {
    let most = if evidence.quick { 20 } else { 100 };
    let some = &psa.values[..psa.values.len().min(most)];
    let found: Vec<Option<String>> = some
        .par_iter()
        .map(|values| (!evidence.stopped()).then(|| impossible(evidence.model, values)).flatten())
        .collect();
    let count = found.iter().flatten().count();
    let first = found.iter().enumerate().find_map(|(k, why)| Some((k + 1, why.as_ref()?)));
    let about = first.map_or("start".to_string(), |(_, why)| subject(why));
    comparisons.holds(&about, count == 0, || {
        let (k, why) = first.map_or((0, ""), |(k, why)| (k, why));
        format!("the model is invalid in {count} of {} draws; in draw {k}, {why}", some.len())
    });
}

/// Subject of a message on impossible values: its first name in backticks. Messages on shares at the start have none.
fn subject(message: &str) -> String {
    message.split('`').nth(1).unwrap_or("start").to_string()
}

/// Runs the draws with the largest and smallest results in full.
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
    // Invalid draws are excluded, because they have been reported and their results are meaningless.
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
        // Only the worst point is reported, because patients who are lost at one point are missing at all later points.
        let worst = (0..=model.time.cycles).max_by(|a, b| off(a).total_cmp(&off(b)));
        let point = worst.unwrap_or(0);
        let what =
            format!("the total occupancy under `{}` in draw {draw} after {point} cycles", strategy.name);
        comparisons.same(&strategy.name, &what, counts.patients, sum(point));
        for (state, points) in model.states.iter().zip(&own.occupancy) {
            let negative = points.iter().position(|x| *x < -EXACT * counts.patients);
            comparisons.holds(&state.name, negative.is_none(), || {
                let cycle = negative.unwrap_or(0);
                format!(
                    "in draw {draw}, the number of patients in `{}` under `{}` is negative after {cycle} cycles",
                    state.name, strategy.name
                )
            });
            if state.absorbing {
                let fine = points.windows(2).all(|pair| pair[1] >= pair[0] - EXACT * counts.patients);
                comparisons.holds(&state.name, fine, || {
                    format!(
                        "in draw {draw}, patients leave the absorbing state `{}` under `{}`",
                        state.name, strategy.name
                    )
                });
            }
        }
    }
}

/// Checks that patients accrue at most one QALY per life year.
fn full_health(evidence: &Evidence, psa: &Psa, (counts, d): (&Counts, usize), comparisons: &mut Comparisons) {
    let Some(qaly) = evidence.qaly() else { return };
    let years = evidence.years(counts, &evidence.living(), qaly, &psa.values[d]);
    for ((strategy, own), years) in evidence.model.strategies.iter().zip(&psa.totals[d]).zip(years) {
        comparisons.advisable(&strategy.name, own[qaly] <= years * (1.0 + EXACT), || {
            format!(
                "in draw {}, patients under `{}` accrue {} of `{}` in {} life years, more than in full health",
                d + 1,
                strategy.name,
                number(own[qaly]),
                evidence.model.outcomes[qaly].name,
                number(years)
            )
        });
    }
}

/// Reports draws with negative costs if costs are not negative in the base case.
fn costs(evidence: &Evidence, psa: &Psa, comparisons: &mut Comparisons) {
    let Some(cost) = evidence.cost() else { return };
    let base = evidence.totals();
    for (s, strategy) in evidence.model.strategies.iter().enumerate().filter(|(s, _)| base[*s][cost] >= 0.0) {
        let count = psa.totals.iter().filter(|totals| totals[s][cost] < 0.0).count();
        comparisons.advisable(&strategy.name, count == 0, || {
            format!("the cost of `{}` is negative in {count} of {} draws", strategy.name, psa.totals.len())
        });
    }
}
