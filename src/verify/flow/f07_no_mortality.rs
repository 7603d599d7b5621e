use crate::prelude::*;
use crate::transform::{without_counting, without_death, without_discounting};
use arcosim_core::model::{Expr, Model, Tables};

pub static F07: Check = Check {
    id: "F07",
    title: "Without mortality, all patients survive to the horizon",
    why: "Every way to die is closed: transitions to the dead, deadly branches of others, deaths from procedures at the start. \
          Then everybody must be alive throughout, and outcomes that count years of life must come to exactly the horizon. \
          They do not where a state is forgotten in the list of those who are alive, is listed twice, or holds the dead.",
    hint: "Look at the states in which the outcome that is named is counted: all of the living, each once.",
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
        Comparisons::new("everybody alive at every point, years of life equal the horizon", EXACT);
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
            let what = format!("share alive under `{}` after {k} cycles", strategy.name);
            if !comparisons.same(&strategy.name, &what, start, alive) {
                break;
            }
        }
    }
    years_of_life(evidence, &immortal, start, &mut comparisons);
    comparisons.verdict("nothing runs")
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
                    "without mortality `{name}` under `{}` is {} years and the horizon {}: {}",
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

/// The states in which an outcome that counts years of life is not counted once, in words.
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
            (true, _) => words.push(format!("it is counted for those in `{}`", state.name)),
        }
    }
    words.join(", ")
}
