//! Discounting: what a sum is worth later, and how much later amounts lose.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::super::transform::without_discounting;
use super::apart::{Apart, mixed};
use arcosim_core::math;
use arcosim_core::model::grid::HAIR;
use arcosim_core::model::{Compounding, Discount, Expr, Model, Moment, Tables, situation};

/// Why checks of discounting are skipped.
const NOTHING: &str = "nothing is discounted";

/// Outcomes that are discounted.
fn discounted(model: &Model) -> Vec<(usize, &Discount)> {
    let outcomes = model.outcomes.iter().enumerate();
    outcomes.filter_map(|(o, outcome)| Some((o, outcome.discount.as_ref()?))).collect()
}

/// The first rate of a discount.
fn rate_of(subject: &Subject, discount: &Discount) -> f64 {
    let s = situation(subject.model, &subject.base, &[], 0);
    discount.rates.first().map_or(0.0, |(_, rate)| rate.value(&s))
}

pub static R06: Check = Check {
    id: "R06",
    title: "At a discount rate of 0 nothing is discounted",
    why: "The parameters that are discount rates are set to 0, and all totals must be those without discounting. Where they are \
          not, a discount rate is read by something else as well, or is more than a plain rate.",
    hint: "Look at the formula of the discount rate, and at what else reads the parameter.",
    basis: "TECH-VER",
    quick: true,
    run: r06,
};

fn r06(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut values = subject.base.clone();
    let mut zero = model.clone();
    for discount in zero.outcomes.iter_mut().filter_map(|o| o.discount.as_mut()) {
        for (_, rate) in &mut discount.rates {
            match parameters_in(rate, None)[..] {
                [] => *rate = Expr::Number(0.0),
                ref own => own.iter().for_each(|&p| values[p] = 0.0),
            }
        }
    }
    let mut tally = Tally::new("totals at a rate of 0 are those without discounting", EXACT);
    let plain = subject.totals_of(&without_discounting(model), &subject.base);
    let at_zero = subject.totals_of(&zero, &values);
    for (o, _) in discounted(model) {
        let outcome = &model.outcomes[o];
        for ((strategy, expected), observed) in model.strategies.iter().zip(&plain).zip(&at_zero) {
            let what = format!("`{}` under `{}` at a discount rate of 0", outcome.name, strategy.name);
            tally.same(&outcome.name, &what, expected[o], observed[o]);
        }
    }
    tally.verdict(NOTHING)
}

pub static R07: Check = Check {
    id: "R07",
    title: "The higher the discount rate, the less later amounts count",
    why: "What each reward adds is compared without discounting, as the scenario discounts it, and at twice the rates: it must \
          shrink each time. At an extreme rate only what falls at once is left.",
    hint: "Look at the sign of the discount rate, and at the year from which discounting counts.",
    basis: "TECH-VER",
    quick: false,
    run: r07,
};

fn r07(subject: &Subject) -> Verdict {
    let model = subject.model;
    let outcomes: Vec<usize> = discounted(model).into_iter().map(|(o, _)| o).collect();
    if outcomes.is_empty() {
        return Verdict::skip(NOTHING);
    }
    let with = |change: &dyn Fn(&mut Discount)| {
        let mut altered = model.clone();
        altered.outcomes.iter_mut().filter_map(|o| o.discount.as_mut()).for_each(change);
        altered
    };
    let twice = |discount: &mut Discount| {
        for (_, rate) in &mut discount.rates {
            let own = std::mem::replace(rate, Expr::Number(2.0));
            *rate = own.times(Expr::Number(2.0));
        }
    };
    let extreme = |discount: &mut Discount| {
        discount.rates = vec![(0.0, Expr::Number(1e300))];
        if discount.compounding == Compounding::Annual {
            discount.compounding = Compounding::Continuous;
        }
    };
    let models = [without_discounting(model), model.clone(), with(&twice), with(&extreme)];
    let apart: Vec<Apart> = models.iter().map(|own| Apart::plain(own, &outcomes)).collect();
    let totals: Vec<_> = apart.iter().map(|own| own.totals(subject, &subject.base)).collect();
    let mut tally = Tally::new("amounts shrink as the rate grows", EXACT);
    for (i, item) in apart[0].items.iter().enumerate() {
        let Some(r) = item.reward else { continue };
        let outcome = &model.outcomes[item.outcome].name;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            // A reward that gives and takes may grow when what it takes comes later.
            if mixed(subject, arm, |line| line.reward == r) {
                continue;
            }
            let [plain, base, twice, extreme] = [0, 1, 2, 3].map(|m: usize| totals[m][arm][i].abs());
            let name = &model.rewards[r].name;
            let what = |rate: &str| format!("what `{name}` adds under `{}` {rate}", strategy.name);
            tally.at_most(outcome, &what("discounted"), plain, base);
            tally.at_most(outcome, &what("at twice the rate"), base, twice);
            tally.at_most(outcome, &what("at an extreme rate"), twice, extreme);
        }
    }
    tally.verdict("no reward adds to what is discounted")
}

pub static R08: Check = Check {
    id: "R08",
    title: "A sum that falls in two years is worth (1 + rate)^-2",
    why: "What one unit that falls once, two years after the start, adds to each outcome is compared with the formula of the \
          textbooks, worked out from the rate alone. A rate for another period, or one given in per cent, shows here.",
    hint: "Give the discount rate per year, as a proportion or with a % sign.",
    basis: "TECH-VER",
    quick: true,
    run: r08,
};

fn r08(subject: &Subject) -> Verdict {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let point = (2.0 * model.time.cycles_per_year).round() as usize;
    let point = point.clamp(1, model.time.cycles.max(1));
    let mut tally = Tally::new("(1 + rate) to the power of minus the years", EXACT);
    let mut notes = Vec::new();
    for (o, discount) in discounted(model) {
        let outcome = &model.outcomes[o];
        if discount.from > 0.0 || discount.rates.len() > 1 || outcome.weighted_once {
            continue;
        }
        let moment = match discount.at {
            _ if outcome.correction.by_points() => point as f64,
            Moment::Start => point as f64 - 1.0,
            Moment::Middle => point as f64 - 0.5,
            Moment::End | Moment::Point => point as f64,
        };
        let years = moment / model.time.cycles_per_year;
        let rate = rate_of(subject, discount);
        let due = match discount.compounding {
            Compounding::Annual => math::pow(1.0 + rate, -years),
            Compounding::WholeYears => {
                math::pow(1.0 + rate, -(years + HAIR / model.time.cycles_per_year).floor())
            }
            Compounding::Continuous => math::exp(-rate * years),
        };
        let what = format!("one unit of `{}` that falls once after {} years", outcome.name, number(years));
        tally.same(&outcome.name, &what, due, tables.weights[o].once[point]);
        notes.push(format!(
            "one unit of `{}` in 10 years is worth {}",
            outcome.name,
            number(discount.evaluate(model, &subject.base).factor(10.0))
        ));
    }
    tally.note(notes.join(", "));
    tally.verdict("nothing is discounted at one rate from the start")
}

pub static R30: Check = Check {
    id: "R30",
    title: "Discount rates are usual, and both sides of the decision are discounted",
    why: "Agencies ask for no discounting, or for rates from 1 to about 6 % a year. A rate above 10 % or below 0.5 % is mostly a slip of the \
          decimal point or of the percent sign (35 % or 0.035 % for 3.5 %), a negative one makes later amounts worth more, and a rate that is a formula was often fitted to \
          cycles. If only the cost or only the effect is discounted, the ratio of \
          both depends on when they fall.",
    hint: "Look at `discount` of the outcomes that are decided on, and at the guidance of the agency.",
    basis: "own",
    quick: true,
    run: r30,
};

/// Rates of discount that some agency asks for lie well between these, or are 0.
const LEAST_USUAL: f64 = 0.005;
const MOST_USUAL: f64 = 0.1;

fn r30(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("no rate or one from 0.5 to 10 % a year, for cost and effect", 0.0);
    let s = situation(model, &subject.base, &[], 0);
    for (o, discount) in discounted(model) {
        let outcome = &model.outcomes[o];
        for (_, rate) in &discount.rates {
            let rate = rate.value(&s);
            let shown = || format!("`{}` is discounted at {} % a year", outcome.name, number(100.0 * rate));
            if tally.holds(&outcome.name, (0.0..=0.2).contains(&rate), shown) {
                let usual = rate == 0.0 || (LEAST_USUAL..=MOST_USUAL).contains(&rate);
                tally.advisable(&outcome.name, usual, shown);
            }
        }
        let formula = |(_, rate): &(f64, Expr)| !matches!(rate, Expr::Number(_) | Expr::Parameter(_));
        tally.advisable(&outcome.name, !discount.rates.iter().any(formula), || {
            format!(
                "the discount rate of `{}` is a formula, which comes to {} % a year",
                outcome.name,
                number(100.0 * rate_of(subject, discount))
            )
        });
        tally.advisable(&outcome.name, discount.from <= 1.0, || {
            format!("`{}` is not discounted before year {}", outcome.name, number(discount.from))
        });
    }
    if let Some(decision) = &subject.scenario.decision {
        let long = model.time.years(model.time.cycles) > 1.0;
        let rates = [decision.cost, decision.effect].map(|o| {
            let rate = model.outcomes[o].discount.as_ref().map(|d| rate_of(subject, d));
            rate.filter(|r| *r != 0.0)
        });
        let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o].name);
        tally.advisable(effect, !long || rates[0].is_some() == rates[1].is_some(), || {
            let (with, without) = if rates[0].is_some() { (cost, effect) } else { (effect, cost) };
            format!("`{with}` is discounted and `{without}` is not")
        });
        if let [Some(a), Some(b)] = rates
            && a != b
        {
            tally.advisable(effect, b < a, || {
                format!(
                    "`{effect}` is discounted at {} %, more than `{cost}` at {} %: agencies that have two rates ask for the opposite",
                    number(100.0 * b),
                    number(100.0 * a)
                )
            });
            tally.note(format!(
                "`{cost}` is discounted at {} %, `{effect}` at {} %",
                number(100.0 * a),
                number(100.0 * b)
            ));
        }
    }
    tally.verdict(NOTHING)
}
