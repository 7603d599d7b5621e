//! Totals and what they are made of: parts, time and cycles.

use super::super::check::{Check, Verdict};
use super::super::subject::{Subject, totals_of};
use super::super::tally::{EXACT, Tally, number};
use super::super::transform::without_discounting;
use super::apart::{Apart, mixed};
use arcosim_analysis::outcomes::{Breakdown, Discounting};
use arcosim_analysis::sensitivity::net_benefit::best;
use arcosim_core::model::{Clock, Correction, Expr, Function, Hazard, Model, Tables, impossible};
use arcosim_scenario::parameters::Kind;

pub static R13: Check = Check {
    id: "R13",
    title: "Parts add up to the totals",
    why: "What every reward adds in every state, with every move and at the start, by category and over time, must add up to the \
          total that is reported: whoever adds up the tables must find the headline.",
    hint: "Report it: the tables and the totals are worked out apart, and must agree.",
    basis: "TECH-VER",
    quick: true,
    run: r13,
};

fn r13(subject: &Subject) -> Verdict {
    let model = subject.model;
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    let apart = Apart::plain(model, &all);
    let parts = apart.totals(subject, &subject.base);
    let breakdown = Breakdown::new(model, subject.counts());
    let mut tally = Tally::new("rewards by place, categories and years add up to the totals", EXACT);
    for (s, (strategy, totals)) in model.strategies.iter().zip(subject.totals()).enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let own = apart.items.iter().zip(&parts[s]);
            let own = own.filter(|(item, _)| item.outcome == o && item.reward.is_some());
            let size: f64 = own.map(|(_, x)| x.abs()).sum();
            let sum = apart.sum(&parts[s], o, |item| item.reward.is_some());
            let what = format!("`{}` under `{}`, added up", outcome.name, strategy.name);
            tally.same_by(&outcome.name, &format!("{what} over rewards and places"), (totals[o], sum), size);
            let gathered = breakdown.total(Discounting::Discounted, s, o, model.time.cycles);
            tally.same_by(
                &outcome.name,
                &format!("{what} over categories and cycles"),
                (totals[o], gathered),
                size,
            );
        }
    }
    tally.verdict("nothing is counted")
}

pub static R15: Check = Check {
    id: "R15",
    title: "A shorter horizon changes nothing before it ends, and nothing grows",
    why: "The model is run to half its horizon. Occupancy must be the same up to then, and no reward may add more in less time. \
          A model that behaves otherwise looks into its own future.",
    hint: "Look for amounts that are gains at one time and losses at another; everything else is for us to repair: report it.",
    basis: "TECH-VER",
    quick: false,
    run: r15,
};

fn r15(subject: &Subject) -> Verdict {
    let model = without_discounting(subject.model);
    // An even number, as Simpson's rule wants it.
    let cycles = model.time.cycles / 2 / 2 * 2;
    if cycles == 0 {
        return Verdict::skip("the horizon is too short to be halved");
    }
    let mut short = model.clone();
    short.time.cycles = cycles;
    for outcome in &mut short.outcomes {
        if let Correction::Weights(weights) = &mut outcome.correction {
            weights.truncate(cycles + 1);
        }
    }
    let long = subject.counts();
    let counts = subject.solve(&short, &subject.base);
    let mut tally = Tally::new("the same occupancy up to half the horizon, and no more of anything", EXACT);
    let mut late = Vec::new();
    let totals = totals_of(&short, &counts);
    let whole = subject.totals_of(&model, &subject.base);
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let states = counts.strategies[arm].occupancy.iter().zip(&long.strategies[arm].occupancy);
        let gaps = states.flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| (a - b).abs());
        let gap = gaps.fold(0.0, f64::max) / counts.patients;
        let what = format!("the largest difference of occupancy under `{}`", strategy.name);
        tally.same_by(&strategy.name, &what, (0.0, gap), 1.0);
        for (o, outcome) in model.outcomes.iter().enumerate() {
            if mixed(subject, arm, |line| line.outcome(&model) == o) {
                continue;
            }
            let what = format!("`{}` under `{}` by half the horizon", outcome.name, strategy.name);
            tally.at_most(&strategy.name, &what, whole[arm][o].abs(), totals[arm][o].abs());
            if arm == model.reference() && whole[arm][o] != 0.0 {
                let share = 100.0 * (1.0 - totals[arm][o] / whole[arm][o]);
                late.push(format!("{} % of `{}`", number(share), outcome.name));
            }
        }
    }
    if !late.is_empty() {
        tally.note(format!("the second half of the horizon adds {}", late.join(", ")));
    }
    tally.verdict("nothing runs")
}

pub static R19: Check = Check {
    id: "R19",
    title: "What falls once counts in full",
    why: "Within-cycle correction is about time spent in a state. A sum that is paid once, such as a vaccination, is paid in full \
          whenever it falls; a model that multiplies it by the weight of a cycle turns 4,000 into 3,960.",
    hint: "Take `one_off` out of the outcome, unless a published model is to be repeated as it was printed.",
    basis: "TECH-VER",
    quick: true,
    run: r19,
};

fn r19(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut full = model.clone();
    full.outcomes.iter_mut().for_each(|o| o.weighted_once = false);
    let mut tally = Tally::new("one-off amounts are not weighted", 0.0);
    let weighted = model.outcomes.iter().any(|o| o.weighted_once);
    let totals = weighted.then(|| (subject.totals(), subject.totals_of(&full, &subject.base)));
    for (o, outcome) in model.outcomes.iter().enumerate() {
        let once = model.rewards.iter().filter(|r| r.outcome(model) == o && !r.when.accrues());
        if once.count() == 0 {
            continue;
        }
        let change = totals.as_ref().map_or(0.0, |(own, full)| {
            let arms = own.iter().zip(full).map(|(a, b)| b[o] - a[o]);
            arms.fold(0.0, |most: f64, x| if x.abs() > most.abs() { x } else { most })
        });
        tally.advisable(&outcome.name, !outcome.weighted_once, || {
            format!(
                "amounts that fall once are multiplied by the weights of cycles in `{}`; in full they would change a total by up \
                 to {}",
                outcome.name,
                number(change)
            )
        });
    }
    for (o, s, counted) in first_cycle_only(subject) {
        let (outcome, state) = (&model.outcomes[o].name, &model.states[s].name);
        tally.advisable(outcome, (counted - 1.0).abs() < 0.01, || {
            format!(
                "everybody leaves `{state}` after the first cycle, which counts in `{outcome}` as {} of a cycle: what is paid there \
                 falls once, at the start",
                number(counted)
            )
        });
    }
    tally.verdict("nothing falls once")
}

/// States with an amount per year of an outcome in which patients are at the start and never after, with the share of a
/// cycle for which they count.
fn first_cycle_only(subject: &Subject) -> Vec<(usize, usize, f64)> {
    let model = without_discounting(subject.model);
    let tables = Tables::new(&model, &subject.base);
    let strategies = &subject.counts().strategies;
    let mut found = Vec::new();
    for s in 0..model.states.len() {
        let occupied = |at: &dyn Fn(&[f64]) -> f64| {
            let arms = strategies.iter().map(|own| at(&own.occupancy[s]));
            arms.fold(0.0, f64::max)
        };
        let (first, rest) = (occupied(&|own| own[0]), occupied(&|own| own[1..].iter().sum::<f64>()));
        if first < 1e-9 || rest > 1e-12 {
            continue;
        }
        // Quality of life is lived in the first cycle as in any other; a price is what may have been meant to fall once.
        for o in (0..model.outcomes.len()).filter(|&o| subject.outcome_reads(o, &[Kind::Cost])) {
            let mut rewards = model.rewards.iter().filter(|r| r.outcome(&model) == o);
            if rewards.any(|r| r.when.in_state(s)) {
                found.push((o, s, tables.weights[o].both[0] * model.time.cycles_per_year));
            }
        }
    }
    found
}

pub static R20: Check = Check {
    id: "R20",
    title: "Half the length of a cycle gives nearly the same results",
    why: "The model is run with cycles of half the length; amounts per year, rates and clocks stay as they are. Results change by \
          what the length of the cycle costs in accuracy. A change of more than 5 % in a total or 10 % in a difference against the reference, or \
          another best choice means that the cycle is too long for the rates, or that something counts cycles where it should count years.",
    hint: "Try a shorter cycle in [time]; look for amounts that depend on the number of cycles.",
    basis: "own",
    quick: false,
    run: r20,
};

fn r20(subject: &Subject) -> Verdict {
    let model = subject.model;
    let halved = match halved(model) {
        Ok(halved) => halved,
        Err(reason) => return Verdict::skip(reason),
    };
    if let Some(problem) = impossible(&halved, &subject.base) {
        return Verdict::skip(format!("with half cycles {problem}"));
    }
    let (base, totals) = (subject.totals(), subject.totals_of(&halved, &subject.base));
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    let apart = Apart::plain(model, &all);
    let parts = apart.totals(subject, &subject.base);
    let mut tally =
        Tally::new("totals change by less than 5 %, differences between strategies by less than 10 %", 0.0);
    let mut changes = Vec::new();
    for (o, outcome) in model.outcomes.iter().enumerate() {
        let mut most: f64 = 0.0;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            let (old, new) = (base[arm][o], totals[arm][o]);
            // Where gains and losses nearly cancel, a small change of either is a large one of their sum.
            let own = apart.items.iter().zip(&parts[arm]);
            let own = own.filter(|(item, _)| item.outcome == o && item.reward.is_some());
            let size: f64 = own.map(|(_, x)| x.abs()).sum();
            if old.abs() <= 0.2 * size || old == 0.0 {
                continue;
            }
            let change = (new - old) / old;
            if change.abs() > most.abs() {
                most = change;
            }
            tally.advisable(&outcome.name, change.abs() < 0.05, || {
                format!(
                    "with half cycles `{}` under `{}` is {} and was {}",
                    outcome.name,
                    strategy.name,
                    number(new),
                    number(old)
                )
            });
        }
        changes.push(format!("`{}` by {} %", outcome.name, number(100.0 * most)));
    }
    let reference = model.reference();
    let mut differences: (f64, &str) = (0.0, "");
    for (arm, strategy) in model.strategies.iter().enumerate().filter(|(arm, _)| *arm != reference) {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let difference = |of: &[Vec<f64>]| of[arm][o] - of[reference][o];
            let (old, new) = (difference(&base), difference(&totals));
            if old.abs() <= SMALLEST_DIFFERENCE * base[reference][o].abs() {
                continue;
            }
            let change = (new - old) / old;
            if change.abs() > differences.0.abs() {
                differences = (change, &outcome.name);
            }
            tally.advisable(&outcome.name, change.abs() < 0.1, || {
                format!(
                    "with half cycles `{}` under `{}` differs from `{}` by {}, and did by {}",
                    outcome.name,
                    strategy.name,
                    model.strategies[reference].name,
                    number(new),
                    number(old)
                )
            });
        }
    }
    if let Some(decision) = &subject.scenario.decision {
        let best = |of: &[Vec<f64>]| best(model, decision, of, decision.threshold()).unwrap_or(reference);
        let (old, new) = (best(&base), best(&totals));
        tally.advisable("[decision]", old == new, || {
            format!(
                "with half cycles `{}` is the best choice, and was `{}`",
                model.strategies[new].name, model.strategies[old].name
            )
        });
    }
    if differences.0 != 0.0 {
        let (change, outcome) = differences;
        changes.push(format!("a difference in `{outcome}` by {} %", number(100.0 * change)));
    }
    tally.note(format!("the largest changes: {}", changes.join(", ")));
    tally.verdict("gains and losses cancel in every outcome")
}

/// Differences between strategies below this part of the total are nearly none, and any change of them is a large one.
const SMALLEST_DIFFERENCE: f64 = 0.005;

/// The model with cycles of half the length, or why it cannot be had.
fn halved(model: &Model) -> Result<Model, &'static str> {
    let mut own = model.clone();
    own.time.cycles *= 2;
    own.time.cycles_per_year *= 2.0;
    let counts = |expr: &Expr| {
        let mut found = false;
        expr.walk(&mut |e| found |= matches!(e, Expr::Clock(Clock::Cycle | Clock::AgeAtEnd(_))));
        found
    };
    for outcome in &model.outcomes {
        if matches!(outcome.correction, Correction::Weights(_)) {
            return Err("an outcome lists the weights of its cycles");
        }
    }
    for reward in &model.rewards {
        if counts(&reward.amount) {
            return Err("an amount reads the number of the cycle");
        }
    }
    for transition in &mut own.transitions {
        let mut reads = false;
        transition.expressions(&mut |e| reads |= counts(e));
        if reads {
            return Err("a transition reads the number of the cycle");
        }
        match &mut transition.hazard {
            Hazard::Complement => return Err("a row takes the rest of a cycle, whatever its length"),
            Hazard::Probability(p) => {
                let mut waits = false;
                p.walk(&mut |e| waits |= matches!(e, Expr::Clock(Clock::TimeIn(_))));
                let sure = matches!(p, Expr::Number(x) if *x >= 1.0 - 1e-12);
                if sure {
                    return Err("a state is left after one cycle, whatever its length");
                }
                if !waits {
                    let own = std::mem::replace(p, Expr::Number(0.0));
                    let rate = Expr::Call(Function::Rate, vec![own, Expr::Number(1.0)]);
                    *p = Expr::Call(Function::Prob, vec![rate, Expr::Number(0.5)]);
                }
            }
            _ => {}
        }
    }
    for effect in own.strategies.iter_mut().flat_map(|s| &mut s.effects) {
        if effect.on == arcosim_core::model::EffectOn::Probability {
            return Err("a relative risk acts on the probability of a cycle, whatever its length");
        }
        effect.onset *= 2.0;
        effect.full_until = effect.full_until.map(|k| 2.0 * k);
        effect.gone_after = effect.gone_after.map(|k| 2.0 * k);
    }
    Ok(own)
}
