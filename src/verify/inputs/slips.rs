//! Slips of names, copies and tables: what says one thing and does another.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::model::{AttributeKind, Binary, Expr, Model, Share};
use arcosim_scenario::parameters::Kind;

pub static S29: Check = Check {
    id: "S29",
    title: "Parameters are of the kind that their names begin with",
    why: "Names such as `hr.drug`, `rr.drug`, `rate.relapse` and `p.relapse` say what the number is. Where the kind in the table \
          says something else, one of them is wrong, and a rate that is used as a probability, or a hazard ratio as a \
          relative risk, gives results that look right.",
    hint: "Look the number up in its source; correct the kind, or rename the parameter.",
    basis: "own",
    quick: true,
    run: s29,
};

/// What the first part of a name promises.
fn promised(name: &str) -> Option<(&'static str, &'static [Kind])> {
    let first = name.split(['.', '_']).next().unwrap_or_default();
    let times = &[Kind::Rate, Kind::MeanTime, Kind::MedianTime];
    let shares = &[Kind::Probability, Kind::Proportion];
    let (word, kinds): (_, &'static [Kind]) = match first {
        "hr" => ("a hazard ratio", &[Kind::Hr, Kind::Coefficient]),
        "rr" => ("a relative risk", &[Kind::Rr, Kind::Coefficient]),
        "or" => ("an odds ratio", &[Kind::Or, Kind::Coefficient]),
        "rate" => ("a rate", times),
        "p" | "prob" | "probability" => ("a probability", shares),
        "cost" => ("a cost", &[Kind::Cost, Kind::Number, Kind::Coefficient]),
        "utility" => ("a utility", &[Kind::Utility, Kind::Disutility, Kind::Coefficient]),
        _ => return None,
    };
    Some((word, kinds))
}

fn s29(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("kinds that agree with names", 0.0);
    for row in &subject.scenario.parameters {
        let Some((word, kinds)) = promised(&row.name) else {
            continue;
        };
        tally.advisable(&row.name, kinds.contains(&row.kind), || {
            format!("`{}` is called {word} and is of kind {}", row.name, row.kind.name())
        });
    }
    tally.verdict("no parameter has a name that says what it is")
}

pub static S30: Check = Check {
    id: "S30",
    title: "Shares and replaced parameters stand where their names say",
    why: "A share that is named for one category (`share.female`) and given to another, and a parameter that takes the place of \
          another one than its name begins with (`utility.mild_with_drug` for `utility.severe`), are slips of copying that no \
          sum gives away.",
    hint: "Compare both names; swap the shares, or name the parameter that was meant to be replaced.",
    basis: "own",
    quick: true,
    run: s30,
};

fn s30(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("names that agree", 0.0);
    let mut share = |what: &str, own: &str, all: &[&str], share: &Share| {
        let Share::Stated(expr) = share else { return };
        for p in parameters_in(expr, None) {
            let name = &model.parameters[p].name;
            let parts: Vec<&str> = name.split('.').collect();
            let another = all.iter().find(|other| **other != own && parts.contains(other));
            tally.advisable(name, another.is_none() || parts.contains(&own), || {
                let another = another.copied().unwrap_or_default();
                format!("`{name}` is named for {what} `{another}` and is the share of `{own}`")
            });
        }
    };
    for attribute in &model.attributes {
        if let AttributeKind::Categorical { categories, shares } = &attribute.kind {
            let all: Vec<&str> = categories.iter().map(String::as_str).collect();
            for (own, of_own) in categories.iter().zip(shares) {
                share("the category", own, &all, of_own);
            }
        }
    }
    let states: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
    for (state, of_own) in &model.start {
        share("the state", states[*state], &states, of_own);
    }
    for strategy in &model.strategies {
        for (replaced, expr) in &strategy.substitutions {
            let Expr::Parameter(by) = expr else { continue };
            let name = |p: usize| model.parameters[p].name.as_str();
            let continues = |p: usize| {
                let rest = name(*by).strip_prefix(name(p));
                p != *by && rest.is_some_and(|rest| rest.starts_with(['.', '_']))
            };
            let meant = (0..model.parameters.len()).find(|&p| p != *replaced && continues(p));
            tally.advisable(&strategy.name, meant.is_none() || continues(*replaced), || {
                format!(
                    "under `{}` `{}` takes the place of `{}`, and by its name it belongs to `{}`",
                    strategy.name,
                    name(*by),
                    name(*replaced),
                    meant.map_or("", name)
                )
            });
        }
    }
    tally.verdict("no share or replaced parameter has a name to compare")
}

pub static S31: Check = Check {
    id: "S31",
    title: "No hazard adds the same rate twice",
    why: "A hazard such as `rate.die + rate.die * hr.sick` counts the deaths of the healthy twice where the ratio is of death from \
          any cause, which is the usual meaning. Terms of a mix, which hold a share or a difference, are left alone.",
    hint: "Multiply the rate by the ratio alone; add only what comes on top of it, such as an excess rate of its own.",
    basis: "own",
    quick: true,
    run: s31,
};

fn s31(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("every rate once in a sum", 0.0);
    for transition in &subject.model.transitions {
        transition.expressions(&mut |expr| {
            let twice = added_twice(subject, expr);
            tally.advisable(&transition.name, twice.is_none(), || {
                format!(
                    "transition `{}` adds {} to a multiple of itself",
                    transition.name,
                    twice.unwrap_or_default()
                )
            });
        });
    }
    tally.verdict("no transition has a formula")
}

/// Summands of a formula.
fn terms<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary(Binary::Add, parts) => parts.iter().for_each(|part| terms(part, into)),
        other => into.push(other),
    }
}

/// A rate, probability or table that two summands anywhere in a formula have in common.
fn added_twice(subject: &Subject, expr: &Expr) -> Option<String> {
    let mut sums: Vec<&Expr> = Vec::new();
    terms(expr, &mut sums);
    let mixes = |term: &Expr| {
        let mut mixes = false;
        term.walk(&mut |e| {
            mixes |= match e {
                Expr::Parameter(p) => subject.kind(*p) == Kind::Proportion,
                Expr::Binary(Binary::Subtract, _) | Expr::If(_) | Expr::Among(..) => true,
                _ => false,
            }
        });
        mixes
    };
    let rates = |term: &Expr| {
        let mut names = Vec::new();
        term.walk(&mut |e| match e {
            Expr::Parameter(p) if matches!(subject.kind(*p), Kind::Rate | Kind::Probability) => {
                names.push(format!("`{}`", subject.model.parameters[*p].name));
            }
            Expr::Lookup(table, _) => names.push(format!("table `{}`", table.name)),
            _ => {}
        });
        names
    };
    if sums.len() > 1 && !sums.iter().any(|term| mixes(term)) {
        for (i, term) in sums.iter().enumerate() {
            let own = rates(term);
            let again = |other: &&Expr| rates(other).into_iter().find(|name| own.contains(name));
            if let Some(name) = sums[..i].iter().find_map(again) {
                return Some(name);
            }
        }
    }
    let inner = match sums.len() {
        1 => expr.children().iter().collect(),
        _ => sums,
    };
    inner.into_iter().find_map(|part| added_twice(subject, part))
}

pub static S32: Check = Check {
    id: "S32",
    title: "A limit of time that several hazards share is the same in all of them",
    why: "Where two hazards change alike after so many years (`if(time < 5, 1, late_slowing)`), the number of years stands in both \
          formulas. If it was changed in one and forgotten in the other, neither is what the source says.",
    hint: "Make the limit a parameter of kind duration, and name it in both places.",
    basis: "own",
    quick: true,
    run: s32,
};

fn s32(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("the same limit wherever the same change is read", 0.0);
    let mut seen: Vec<(String, f64, &str)> = Vec::new();
    for transition in &model.transitions {
        transition.expressions(&mut |expr| {
            expr.walk(&mut |e| {
                let Some((change, limit)) = change_at_a_limit(e) else {
                    return;
                };
                let other = seen.iter().find(|(known, ..)| *known == change);
                tally.advisable(&transition.name, other.is_none_or(|(_, x, _)| *x == limit), || {
                    let (_, x, place) = other.map_or(("", 0.0, ""), |(c, x, place)| (c, *x, place));
                    format!(
                        "transition `{}` changes at {} and transition `{place}` changes in the same way at {}",
                        transition.name,
                        number(limit),
                        number(x)
                    )
                });
                if other.is_none() {
                    seen.push((change, limit, &transition.name));
                }
            });
        });
    }
    tally.verdict("no hazard changes at a limit of time")
}

/// What a choice by a clock chooses from, and the limit, where parameters are among it.
fn change_at_a_limit(expr: &Expr) -> Option<(String, f64)> {
    let Expr::If(parts) = expr else { return None };
    let [condition, yes, no] = parts.as_ref();
    let Expr::Binary(operator, sides) = condition else {
        return None;
    };
    let [Expr::Clock(clock), Expr::Number(limit)] = sides.as_ref() else {
        return None;
    };
    let named = [yes, no].iter().any(|e| !parameters_in(e, None).is_empty());
    named.then(|| (format!("{operator:?} {clock:?} {yes:?} {no:?}"), *limit))
}

pub static S33: Check = Check {
    id: "S33",
    title: "Tables by age follow patients as they grow older",
    why: "A table that is looked up at the age at the start gives the same number in every cycle: nobody grows older. Mortality \
          that stays that of the age at the start makes lives far too long.",
    hint: "Write `age` (attained age) in place of the age at the start, unless the number belongs to the start for good.",
    basis: "own",
    quick: true,
    run: s33,
};

fn s33(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("tables read at attained age", 0.0);
    let mut look = |place: String, expr: &Expr| {
        expr.walk(&mut |e| {
            let Expr::Lookup(table, at) = e else { return };
            let (mut start, mut clock) = (false, false);
            at[0].walk(&mut |e| {
                start |= matches!(e, Expr::Attribute(_));
                clock |= matches!(e, Expr::Clock(_));
            });
            tally.advisable(&table.name, clock || !start, || {
                format!("{place} reads table `{}` at the value at the start in every cycle", table.name)
            });
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut |e| look(format!("transition `{}`", transition.name), e));
    }
    for reward in model.rewards.iter().filter(|r| r.when.accrues()) {
        look(format!("reward `{}`", reward.name), &reward.amount);
    }
    tally.verdict("no hazard or amount looks anything up in a table")
}

pub static S34: Check = Check {
    id: "S34",
    title: "Tables of risks are used as they are read",
    why: "A table of probabilities holds shares: dividing it by 1,000, or by the number of cycles in a year, is a slip of the unit, \
          or a probability that was rescaled by division, which only rates can be.",
    hint: "Take the number out of the formula; to change the period, use `prob(rate(p, 1), years)`.",
    basis: "own",
    quick: true,
    run: s34,
};

fn s34(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("no constant factors on tables in hazards", 0.0);
    for transition in &model.transitions {
        transition.expressions(&mut |expr| {
            expr.walk(&mut |e| {
                if let Expr::Lookup(table, _) = e {
                    tally.advisable(&table.name, true, String::new);
                }
                if let Some((table, factor)) = scaled(e) {
                    tally.warn(
                        &transition.name,
                        format!(
                            "transition `{}` multiplies table `{table}` by {}",
                            transition.name,
                            number(factor)
                        ),
                    );
                }
            });
        });
    }
    tally.verdict("no hazard looks anything up in a table")
}

/// A table and the plain number that multiplies it.
fn scaled(expr: &Expr) -> Option<(&str, f64)> {
    let Expr::Binary(operator, sides) = expr else {
        return None;
    };
    let (table, factor) = match (operator, sides.as_ref()) {
        (Binary::Multiply, [Expr::Lookup(table, _), Expr::Number(x)]) => (table, *x),
        (Binary::Multiply, [Expr::Number(x), Expr::Lookup(table, _)]) => (table, *x),
        (Binary::Divide, [Expr::Lookup(table, _), Expr::Number(x)]) => (table, 1.0 / x),
        _ => return None,
    };
    (factor != 1.0).then_some((table.name.as_str(), factor))
}

/// Mortality by sex, from tables that hazards of death read: name of the table, ages, and the rates of men and of women.
pub fn mortality_by_sex(subject: &Subject) -> Vec<(String, Vec<f64>, [Vec<f64>; 2])> {
    let model: &Model = subject.model;
    let place = |attribute: usize, sex: &str| match &model.attributes[attribute].kind {
        AttributeKind::Categorical { categories, .. } => categories.iter().position(|c| c == sex),
        AttributeKind::Continuous(_) => None,
    };
    let sexes = |attribute: usize| Some([place(attribute, "male")?, place(attribute, "female")?]);
    let mut found = Vec::new();
    for table in &model.life_tables {
        if let [attribute] = table.by[..]
            && let Some(sexes) = sexes(attribute)
        {
            let rates = sexes.map(|column| table.rates[column].clone());
            found.push((table.name.clone(), table.ages.clone(), rates));
        }
    }
    for t in subject.deadly() {
        model.transitions[t].expressions(&mut |expr| {
            expr.walk(&mut |e| {
                if let Expr::Lookup(table, _) = e
                    && let [(attribute, _)] = table.by[..]
                    && let Some(sexes) = sexes(attribute)
                    && !found.iter().any(|(name, ..)| *name == table.name)
                {
                    let rates = sexes.map(|column| table.values[column].clone());
                    found.push((table.name.clone(), table.bounds.clone(), rates));
                }
            });
        });
    }
    found
}
