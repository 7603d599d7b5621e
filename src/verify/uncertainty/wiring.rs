//! Whether what varies is what should vary, and whether it is wired to anything.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::{Subject, Totals};
use super::super::tally::{Tally, number};
use super::shared::{distributions, evaluate, evaluator, name, nudged, sampled, sizes};
use arcosim_analysis::evaluation::Evaluator;
use arcosim_analysis::psa::Psa;
use arcosim_core::model::uncertainty::Together;
use arcosim_core::model::{Model, ParametersRead};
use arcosim_scenario::parameters::Spread;

pub static U07: Check = Check {
    id: "U07",
    title: "Nothing that is a choice of method varies from draw to draw",
    why: "Discount rates are set by those who decide, not estimated: they belong into scenario analyses. A discount rate with a \
          distribution makes the probabilistic analysis look less certain than the evidence is, and mixes results that answer \
          different questions.",
    hint: "Write `fixed` as the distribution of the discount rate; a low and a high for the one-way analysis may stay.",
    basis: "TECH-VER",
    quick: true,
    run: u07,
};

fn u07(subject: &Subject) -> Verdict {
    let uncertainty = match distributions(subject) {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut tally = Tally::new("no discount rate has a distribution", 0.0);
    for outcome in &subject.model.outcomes {
        for (_, rate) in outcome.discount.iter().flat_map(|discount| &discount.rates) {
            let drawn: Vec<usize> =
                parameters_in(rate, None).into_iter().filter(|&p| uncertainty.varies(p)).collect();
            let about = drawn.first().map_or("discount", |&p| name(subject, p));
            tally.holds(about, drawn.is_empty(), || {
                format!("`{about}` discounts `{}` and varies from draw to draw", outcome.name)
            });
        }
    }
    tally.verdict("nothing is discounted")
}

pub static U09: Check = Check {
    id: "U09",
    title: "Every parameter that matters has a distribution, a range, or says that it is fixed",
    why: "Each parameter is moved by 1 %. One that moves the results more than most of the uncertain ones do, and whose row says \
          nothing about how uncertain it is, is missing from the sensitivity analyses: they will look complete, and the one \
          number that might change the decision is held still in all of them.",
    hint: "Give the row a standard error, a distribution or low and high; write `fixed` if it is certain by nature, such as a price.",
    basis: "TECH-VER",
    quick: true,
    run: u09,
};

/// So many are named.
const NAMED: usize = 3;

fn u09(subject: &Subject) -> Verdict {
    let rows = &subject.scenario.parameters;
    let varies = |p: usize| subject.scenario.uncertainty.varies(p);
    let has_range = |p: usize| rows[p].low.is_some() && rows[p].high.is_some();
    let is_silent = |p: usize| {
        let says = &rows[p].distribution;
        !varies(p) && !has_range(p) && says.trim().is_empty() && rows[p].spread == Spread::None
    };
    let base = subject.totals();
    let sizes = sizes(&base);
    let effects =
        nudged(subject).iter().map(|own| (own.parameter, largest_change(&own.totals, &base, &sizes)));
    let effects: Vec<(usize, f64)> = effects.collect();
    let known = effects.iter().filter(|(p, _)| varies(*p) || has_range(*p));
    let mut known: Vec<f64> = known.map(|(_, effect)| *effect).collect();
    if known.len() < 3 {
        return Verdict::skip("fewer than three parameters that do anything have a distribution or a range");
    }
    known.sort_by(f64::total_cmp);
    let usual = known[known.len() / 2];
    let methods = discounting(subject.model);
    let mut tally = Tally::new(
        "no parameter without a distribution or a range moves the results more than most of those that have one",
        0.0,
    );
    let mut silent: Vec<&(usize, f64)> = Vec::new();
    for own in &effects {
        tally.advisable("parameters", true, String::new);
        if is_silent(own.0) && own.1 > usual && own.1 > 1e-9 && !methods.contains(&own.0) {
            silent.push(own);
        }
    }
    silent.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (p, effect) in silent.iter().take(NAMED) {
        tally.warn(
            name(subject, *p),
            format!(
                "moving `{}` by 1 % changes a result by {} %, more than most uncertain parameters do ({} %), and its row says \
                 nothing about its uncertainty",
                name(subject, *p),
                number(100.0 * effect),
                number(100.0 * usual)
            ),
        );
    }
    if silent.len() > NAMED {
        tally.note(format!("{} parameters in all", silent.len()));
    }
    tally.verdict("nothing is read")
}

/// The largest change of any total, as a share of the size of its outcome.
fn largest_change(totals: &Totals, base: &Totals, sizes: &[f64]) -> f64 {
    let pairs = totals.iter().zip(base).flat_map(|(own, base)| own.iter().zip(base).enumerate());
    let relative = |(o, (x, y)): (usize, (&f64, &f64))| {
        if sizes[o] > 0.0 { (x - y).abs() / sizes[o] } else { (x - y).abs() }
    };
    pairs.map(relative).fold(0.0, f64::max)
}

/// Parameters that discount.
fn discounting(model: &Model) -> Vec<usize> {
    let discounts = model.outcomes.iter().filter_map(|outcome| outcome.discount.as_ref());
    discounts.flat_map(|discount| &discount.rates).flat_map(|(_, rate)| parameters_in(rate, None)).collect()
}

pub static U15: Check = Check {
    id: "U15",
    title: "Every parameter that is read or drawn changes something",
    why: "Each parameter that the model reads is changed alone, a little and by half, those that have a distribution also in several draws, and \
          something must change: a cost, an effect, or at least how many patients are where. A parameter that changes nothing is read for \
          nothing; usually the expression that should read it reads another, or a condition keeps it out.",
    hint: "Search the scenario for the name. If it is multiplied by a 0 or read in a state that nobody enters, that is the place.",
    basis: "TECH-VER",
    quick: true,
    run: u15,
};

fn u15(subject: &Subject) -> Verdict {
    let psa = sampled(subject).ok();
    let mut tally = Tally::new("changing any parameter alone changes a result", 0.0);
    let base = subject.totals();
    let sizes = sizes(&base);
    let moves = |p: usize| {
        let own = nudged(subject).iter().find(|own| own.parameter == p);
        own.is_some_and(|own| largest_change(&own.totals, &base, &sizes) > 1e-12)
    };
    let read = ParametersRead::of(subject.model);
    let mut evaluator = evaluator(subject);
    let drawn = subject.scenario.uncertainty.varying();
    for p in 0..subject.base.len() {
        let in_draws = psa.filter(|_| drawn.contains(&p));
        let alive = match (read.anywhere[p], in_draws) {
            // That nothing reads it is said once, by `check` and by S14.
            (false, None) => continue,
            (false, Some(_)) => false,
            (true, _) if moves(p) => true,
            (true, Some(psa)) => moves_in_draws(subject, psa, &mut evaluator, p),
            (true, None) => moves_far(subject, &mut evaluator, p),
        };
        tally.advisable(name(subject, p), alive, || {
            let what = match (read.anywhere[p], in_draws.is_some()) {
                (true, true) => "is drawn and changes nothing that is counted",
                (true, false) => "is read, and changes nothing that is counted",
                (false, _) => "is drawn and nothing reads it",
            };
            format!("`{}` {what}", name(subject, p))
        });
    }
    tally.verdict("nothing is read")
}

/// Whether a value far from its own changes a total, or the way of patients through the states: a limit of time, for instance, moves
/// nothing until it reaches another cycle. One that can have no other value is believed.
fn moves_far(subject: &Subject, evaluator: &mut Evaluator, p: usize) -> bool {
    let base = subject.totals();
    let mut somewhere = false;
    let moved = [0.5, 2.0, 0.1, 10.0].into_iter().any(|factor| {
        let mut values = subject.base.clone();
        values[p] *= factor;
        if values[p] == subject.base[p] || !subject.kind(p).allows(values[p]) {
            return false;
        }
        let Ok(totals) = evaluate(evaluator, subject, &values) else {
            return false;
        };
        somewhere = true;
        largest_change(&totals, &base, &sizes(&base)) > 1e-12
            || subject.solve(subject.model, &values) != *subject.counts()
    });
    moved || !somewhere
}

/// Whether exchanging one value between draws changes a total, or the way of patients through the states.
fn moves_in_draws(subject: &Subject, psa: &Psa, evaluator: &mut Evaluator, p: usize) -> bool {
    let n = psa.values.len();
    let exchanged = |d: usize| {
        let mut values = psa.values[d].clone();
        let other = &psa.values[(d + n / 3 + 1) % n];
        values[p] = other[p];
        // Shares of one whole cannot always move alone.
        if let Some(joint) = subject.scenario.uncertainty.joint_of(p)
            && matches!(joint.how, Together::Shares { .. })
        {
            joint.members.iter().for_each(|&q| values[q] = other[q]);
        }
        values
    };
    let in_totals = [0, n / 3, 2 * n / 3].into_iter().any(|d| {
        let totals = evaluate(evaluator, subject, &exchanged(d));
        totals.is_ok_and(|totals| largest_change(&totals, &psa.totals[d], &sizes(&psa.totals[d])) > 1e-12)
    });
    in_totals || subject.solve(subject.model, &exchanged(0)) != subject.solve(subject.model, &psa.values[0])
}
