//! Formulas: numbers typed into them, and names that speak of something else than where they are read.

use super::super::check::{Check, Verdict};
use super::super::reading::{Reading, readings};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::model::{AttributeKind, Binary, Expr, Model};

pub static S25: Check = Check {
    id: "S25",
    title: "Numbers that matter stand in the parameter table, not in formulas",
    why: "Rates, ratios and amounts are searched for numbers that were typed into them. Such a number has no source, no unit and no \
          range: it takes no part in any sensitivity analysis, and nobody sees it. Whole numbers up to 100, powers of ten, \
          months, weeks and days of a year, exponents, and limits of conditions are left alone.",
    hint: "Give the number a row in the parameter table and name it in the formula.",
    basis: "own",
    quick: true,
    run: s25,
};

fn s25(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("no typed numbers in rates, ratios and amounts", 0.0);
    let mut look = |name: &str, place: String, expr: &Expr| {
        let mut typed = Vec::new();
        collect(model, expr, true, &mut typed);
        tally.advisable(name, typed.is_empty(), || {
            let typed: Vec<String> = typed.iter().map(|x| number(*x)).collect();
            format!("{place} has {} typed into its formula", typed.join(", "))
        });
    };
    for transition in &model.transitions {
        transition
            .expressions(&mut |e| look(&transition.name, format!("transition `{}`", transition.name), e));
    }
    for strategy in &model.strategies {
        let place = |what: &str| format!("{what} of strategy `{}`", strategy.name);
        for effect in &strategy.effects {
            look(&strategy.name, place("an effect"), &effect.ratio);
        }
        for (_, expr) in &strategy.substitutions {
            look(&strategy.name, place("a replaced parameter"), expr);
        }
    }
    for reward in &model.rewards {
        look(&reward.name, format!("reward `{}`", reward.name), &reward.amount);
    }
    tally.verdict("there are no formulas")
}

/// Numbers of a formula that look like data; `alone` if the number is all there is.
fn collect(model: &Model, expr: &Expr, alone: bool, into: &mut Vec<f64>) {
    match expr {
        // A case that cannot come about.
        Expr::Number(x) if x.is_nan() => {}
        Expr::Number(x) => {
            let plain = match alone {
                true => [0.0, 1.0, -1.0].contains(x),
                false => harmless(model, *x),
            };
            if !plain {
                into.push(*x);
            }
        }
        Expr::Binary(operator, _) if operator.is_comparison() => {}
        Expr::Binary(Binary::Power, parts) => collect(model, &parts[0], false, into),
        Expr::If(parts) => {
            // A value of a case is as good as alone.
            collect(model, &parts[1], alone, into);
            collect(model, &parts[2], alone, into);
        }
        Expr::Select(_, cases) => cases.iter().for_each(|e| collect(model, e, alone, into)),
        Expr::Lookup(..) => {}
        _ => expr.children().iter().for_each(|e| collect(model, e, false, into)),
    }
}

/// Whether a number in the middle of a formula is one of counting, scaling or converting.
fn harmless(model: &Model, x: f64) -> bool {
    let size = x.abs();
    let cycles = model.time.cycles_per_year;
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
    let known = [2.0, 4.0, 12.0, 24.0, 52.0, 365.0, 365.25, 100.0, 1000.0, 10_000.0, 100_000.0, 1e6, cycles];
    let whole = size.fract() == 0.0 && size <= 100.0;
    whole || known.iter().any(|k| close(size, *k) || size > 0.0 && close(1.0 / size, *k))
}

pub static S26: Check = Check {
    id: "S26",
    title: "Parameters are read where their names say",
    why: "Many parameters are named for a state or a strategy: `cost.sick`, `hr.new`. Where no place that reads such a parameter \
          has to do with that state or strategy, it is often a slip of copying: the costs of two states swapped, the effect of \
          one strategy given to another. A reward that is named for a strategy and not given to it is asked about too.",
    hint: "Compare the name with the place that the finding gives; rename the parameter if the place is right.",
    basis: "own",
    quick: true,
    run: s26,
};

fn s26(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("parameters named for a state or strategy are read there", 0.0);
    let all = readings(model);
    for (p, parameter) in model.parameters.iter().enumerate() {
        let own: Vec<&Reading> = all.iter().filter(|r| r.parameter == p).collect();
        if own.is_empty() {
            continue;
        }
        let places = || {
            let mut places: Vec<&str> = own.iter().map(|r| r.place.as_str()).collect();
            places.dedup();
            places.truncate(3);
            places.join("; ")
        };
        for part in parameter.name.split('.').skip(1) {
            if is_ambiguous(model, part) {
                continue;
            }
            if let Some(state) = model.states.iter().position(|s| s.name == part) {
                let there = own.iter().any(|r| r.states.is_empty() || r.states.contains(&state));
                tally.advisable(&parameter.name, there, || {
                    format!(
                        "`{}` has nothing to do with state `{part}` where it is read: {}",
                        parameter.name,
                        places()
                    )
                });
            }
            if let Some(strategy) = model.strategies.iter().position(|s| s.name == part) {
                let there = own.iter().any(|r| {
                    r.strategies.as_ref().is_none_or(|all| all.iter().any(|&s| akin(model, s, strategy)))
                });
                tally.advisable(&parameter.name, there, || {
                    format!(
                        "`{}` is not read under strategy `{part}`, but here: {}",
                        parameter.name,
                        places()
                    )
                });
            }
        }
    }
    for reward in &model.rewards {
        let Some(given) = &reward.strategies else { continue };
        for part in reward.name.split('_') {
            if is_ambiguous(model, part) {
                continue;
            }
            if let Some(strategy) = model.strategies.iter().position(|s| s.name == part) {
                tally.advisable(&reward.name, given.iter().any(|&s| akin(model, s, strategy)), || {
                    format!("reward `{}` is not given under strategy `{part}`", reward.name)
                });
            }
        }
    }
    tally.verdict("no parameter is named for a state or strategy")
}

/// Whether a word names more than one thing of the model, so that a name with it says little.
fn is_ambiguous(model: &Model, word: &str) -> bool {
    let states = model.states.iter().filter(|s| s.name == word).count();
    let strategies = model.strategies.iter().filter(|s| s.name == word).count();
    let of_patients = model.attributes.iter().any(|a| match &a.kind {
        AttributeKind::Categorical { categories, .. } => categories.iter().any(|c| c == word),
        AttributeKind::Continuous(_) => a.name == word,
    });
    states + strategies > 1 || of_patients
}

/// Whether a strategy is another one or is named after it, as `new_early` is after `new`.
fn akin(model: &Model, strategy: usize, other: usize) -> bool {
    let (own, of) = (&model.strategies[strategy].name, &model.strategies[other].name);
    own == of || own.split('_').any(|part| part == of)
}
