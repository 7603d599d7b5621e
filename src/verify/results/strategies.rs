//! Strategies against each other: what is left when they do the same, and when they change places.

use super::super::check::{Check, Verdict};
use super::super::subject::{Subject, totals_of};
use super::super::tally::{EXACT, Tally, number};
use super::order::reversed;
use arcosim_core::economics::{Status, incremental};
use arcosim_core::model::Model;

/// Why checks that compare strategies are skipped.
const ALONE: &str = "there is only one strategy";

pub static R09: Check = Check {
    id: "R09",
    title: "Strategies that do the same have the same effect",
    why: "Every strategy is given the effects, procedure, eligibility and replaced parameters of the reference, and its rewards \
          in everything but cost. Patients must then live the same lives and gain the same. What is left to tell strategies \
          apart is what they cost by themselves.",
    hint: "Report it: nothing that the scenario says can tell these strategies apart any more.",
    basis: "TECH-VER",
    quick: false,
    run: r09,
};

fn r09(subject: &Subject) -> Verdict {
    let cost = subject.cost();
    let mut tally = Tally::new("the same occupancy and the same effects", EXACT);
    if let Err(reason) = same_as_reference(subject, &mut tally, &|o| Some(o) != cost) {
        return Verdict::skip(reason);
    }
    tally.verdict(ALONE)
}

pub static R10: Check = Check {
    id: "R10",
    title: "Strategies that do and cost the same do not differ in anything",
    why: "As R09, and every strategy pays what the reference pays as well. All totals must be the same, and the comparison of \
          costs and effects must say that the strategies do not differ, instead of a ratio of two nothings.",
    hint: "Report it: nothing that the scenario says can tell these strategies apart any more.",
    basis: "TECH-VER",
    quick: false,
    run: r10,
};

fn r10(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("the same totals, and no ratio", EXACT);
    let totals = match same_as_reference(subject, &mut tally, &|_| true) {
        Ok(totals) => totals,
        Err(reason) => return Verdict::skip(reason),
    };
    if let Some(decision) = &subject.scenario.decision {
        let of = |o: usize| -> Vec<f64> { totals.iter().map(|own| own[o]).collect() };
        let offered: Vec<bool> = subject.model.strategies.iter().map(|s| !s.bound).collect();
        if let Ok(table) = incremental(&of(decision.cost), &of(decision.effect), &offered) {
            let first = table.rows.first().map(|row| row.strategy);
            for row in table.rows.iter().filter(|row| row.status != Status::NotOnOffer) {
                let name = &subject.model.strategies[row.strategy].name;
                let same = Some(row.strategy) == first || matches!(row.status, Status::Equal { .. });
                tally.holds(name, same, || format!("`{name}` is said to differ although it does not"));
            }
        }
    }
    tally.verdict(ALONE)
}

/// Runs the model with all strategies as the reference, and compares occupancy and the chosen outcomes.
fn same_as_reference(
    subject: &Subject,
    tally: &mut Tally,
    chosen: &dyn Fn(usize) -> bool,
) -> Result<Vec<Vec<f64>>, &'static str> {
    let model = subject.model;
    let reference = model.reference();
    if model.strategies.len() < 2 {
        return Err(ALONE);
    }
    if model.strategies[reference].otherwise.is_some() {
        return Err("those who are not eligible for the reference follow another strategy");
    }
    let same = as_reference(model, reference, chosen);
    let counts = subject.solve(&same, &subject.base);
    let totals = totals_of(&same, &counts);
    let gap = |arm: usize| -> f64 {
        let states = counts.strategies[arm].occupancy.iter().zip(&counts.strategies[reference].occupancy);
        let points = states.flat_map(|(a, b)| a.iter().zip(b));
        points.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let mut left = Vec::new();
    for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| *arm != reference) {
        let apart = gap(arm) / counts.patients;
        let what = format!("the largest difference of occupancy under `{}`", strategy.name);
        tally.same_by(&strategy.name, &what, (0.0, apart), 1.0);
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let (expected, observed) = (totals[reference][o], totals[arm][o]);
            if chosen(o) {
                let what = format!("`{}` under `{}`", outcome.name, strategy.name);
                tally.same(&strategy.name, &what, expected, observed);
            } else if expected != observed {
                left.push(format!("{} by `{}`", number(observed - expected), strategy.name));
            }
        }
    }
    if !left.is_empty() {
        tally.note(format!("what remains is the price of doing the same: {}", left.join(", ")));
    }
    Ok(totals)
}

/// All strategies do what the reference does, and get its rewards in the chosen outcomes.
fn as_reference(model: &Model, reference: usize, chosen: &dyn Fn(usize) -> bool) -> Model {
    let mut same = model.clone();
    let pattern = model.strategies[reference].clone();
    for strategy in &mut same.strategies {
        strategy.eligible = pattern.eligible.clone();
        strategy.otherwise = pattern.otherwise;
        strategy.at_start = pattern.at_start.clone();
        strategy.effects = pattern.effects.clone();
        strategy.substitutions = pattern.substitutions.clone();
    }
    same.rewards.retain(|reward| !chosen(reward.outcome(model)) || reward.given_under(reference));
    for reward in &mut same.rewards {
        if chosen(reward.outcome(model)) {
            reward.strategies = None;
        }
        if let Some(branches) = reward.when.procedures_mut() {
            let own: Vec<usize> = branches.iter().filter(|(s, _)| *s == reference).map(|(_, b)| *b).collect();
            let arms = 0..model.strategies.len();
            *branches = arms.flat_map(|arm| own.iter().map(move |&b| (arm, b))).collect();
        }
    }
    same
}

pub static R11: Check = Check {
    id: "R11",
    title: "Two strategies that change places change their results",
    why: "All that two strategies do, cost and gain is swapped, and their results must swap as well: nothing may hang on the place \
          of a strategy in the scenario.",
    hint: "Report it: results depend on the order of strategies.",
    basis: "TECH-VER",
    quick: false,
    run: r11,
};

fn r11(subject: &Subject) -> Verdict {
    let model = subject.model;
    let (a, b) = (0, model.strategies.len().saturating_sub(1));
    if a == b {
        return Verdict::skip(ALONE);
    }
    let other = |s: usize| match s {
        _ if s == a => b,
        _ if s == b => a,
        s => s,
    };
    let mut swapped = model.clone();
    swapped.strategies.swap(a, b);
    for s in [a, b] {
        // The names and what is said of them stay where they are.
        swapped.strategies[s].name = model.strategies[s].name.clone();
        swapped.strategies[s].reference = model.strategies[s].reference;
    }
    for otherwise in swapped.strategies.iter_mut().filter_map(|s| s.otherwise.as_mut()) {
        *otherwise = other(*otherwise);
    }
    for reward in &mut swapped.rewards {
        if let Some(strategies) = &mut reward.strategies {
            strategies.iter_mut().for_each(|s| *s = other(*s));
            strategies.sort_unstable();
        }
        if let Some(branches) = reward.when.procedures_mut() {
            branches.iter_mut().for_each(|(s, _)| *s = other(*s));
            branches.sort_unstable();
        }
    }
    let mut tally = Tally::new("the results of the two strategies are swapped, all others stay", EXACT);
    let base = subject.totals();
    let totals = subject.totals_of(&swapped, &subject.base);
    for (s, strategy) in model.strategies.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what = format!("`{}` in the place of `{}`", outcome.name, strategy.name);
            tally.same(&strategy.name, &what, base[other(s)][o], totals[s][o]);
        }
    }
    tally.verdict("nothing is counted")
}

pub static R12: Check = Check {
    id: "R12",
    title: "Names and order make no difference",
    why: "States, transitions, strategies, parameters and rewards are put in reverse order under other names, and every total must \
          be the same: a result that hangs on the order of rows is the mark of a look-up that hits the wrong one.",
    hint: "Report it: the exact engine must not depend on names or order.",
    basis: "own",
    quick: false,
    run: r12,
};

fn r12(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut values = subject.base.clone();
    values.reverse();
    let mut totals = subject.totals_of(&reversed(model), &values);
    totals.reverse();
    let mut tally = Tally::new("the same totals in reverse order under other names", EXACT);
    for ((strategy, expected), observed) in model.strategies.iter().zip(subject.totals()).zip(totals) {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what = format!("`{}` under `{}`", outcome.name, strategy.name);
            tally.same(&strategy.name, &what, expected[o], observed[o]);
        }
    }
    tally.verdict("nothing is counted")
}
