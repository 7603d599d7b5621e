use crate::prelude::*;
use crate::transform::{without_counting, without_death, without_discounting};
use arcosim_core::model::{Expr, Model, Tables};

pub static F07: Check = Check {
    id: "F07",
    title: "Without mortality, all patients survive to the horizon",
    why: "All deaths are removed: transitions to death states, fatal branches of other transitions, and deaths from \
          procedures at the start. All patients must then be alive throughout, and every outcome of life years must \
          equal the time horizon. If it does not, the outcome omits a living state, counts one twice or includes a \
          death state, and life years are also wrong in the base case.",
    hint: "Check the states in which the outcome is counted: it needs every living state once, and no death state.",
    basis: "TECH-VER, epicR",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let dead = &evidence.scenario.verify.dead;
    if dead.is_empty() || evidence.deadly().is_empty() {
        return Verdict::skip("patients cannot die in this model");
    }
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("all patients alive throughout, and life years equal to the time horizon", EXACT);
    let immortal = without_death(model, dead);
    let counts = evidence.solve(&without_counting(&immortal), &evidence.base);
    let start: f64 = Tables::new(model, &evidence.base)
        .start
        .iter()
        .filter(|(s, _)| !evidence.is_dead(*s))
        .map(|(_, share)| share)
        .sum();
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for k in 0..=model.time.cycles {
            let alive: f64 = evidence.living().iter().map(|&s| own.occupancy[s][k]).sum();
            let what = format!(
                "the share of patients alive under `{}` after {k} cycles without mortality",
                strategy.name
            );
            if !comparisons.same(&strategy.name, &what, start, alive) {
                break;
            }
        }
    }
    years_of_life(evidence, &immortal, start, &mut comparisons);
    comparisons.verdict("the model has no strategies")
}

/// Outcomes that count life years: their rewards are 1 per year for all strategies, and their name or label contains
/// "life".
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

/// Compares life years without mortality with the time horizon.
fn years_of_life(evidence: &Evidence, immortal: &Model, start: f64, comparisons: &mut Comparisons) {
    let model = evidence.model;
    let outcomes = counting_life(model);
    if outcomes.is_empty() {
        return;
    }
    let plain = without_discounting(immortal);
    let tables = Tables::new(&plain, &evidence.base);
    let totals = evidence.totals_of(&plain, &evidence.base);
    for o in outcomes {
        let name = &model.outcomes[o].name;
        let horizon: f64 = tables.weights[o].both.iter().sum::<f64>() * start;
        let mut off = false;
        for (strategy, own) in model.strategies.iter().zip(&totals) {
            if (own[o] - horizon).abs() <= EXACT * horizon {
                let what = format!("`{name}` under `{}` without mortality", strategy.name);
                comparisons.same(name, &what, horizon, own[o]);
                continue;
            }
            if !std::mem::replace(&mut off, true) {
                let text = format!(
                    "without mortality, `{name}` under `{}` is {} years, but the time horizon is {}: {}",
                    strategy.name,
                    number(own[o]),
                    number(horizon),
                    miscounted(evidence, o)
                );
                comparisons.fail(name, text);
            }
        }
    }
}

/// Describes the living states that an outcome of life years omits or counts twice, and the death states that it
/// includes.
fn miscounted(evidence: &Evidence, outcome: usize) -> String {
    let model = evidence.model;
    let own = || model.rewards.iter().filter(|r| r.outcome(model) == outcome);
    let mut words = Vec::new();
    for (s, state) in model.states.iter().enumerate() {
        let times = own().filter(|r| r.when.in_state(s)).count();
        match (evidence.is_dead(s), times) {
            (false, 0) => words.push(format!("it is not counted in `{}`", state.name)),
            (false, 1) | (true, 0) => {}
            (false, n) => words.push(format!("it is counted {n} times in `{}`", state.name)),
            (true, _) => words.push(format!("it is counted in the death state `{}`", state.name)),
        }
    }
    words.join(", ")
}
