//! Tests of the values of expressions.

use super::*;
use arcosim_core::math;
use arcosim_core::model::{Clock, Selector};

fn near(text: &str, wanted: f64) {
    let found = value(text);
    assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0), "{text}: {found}, not {wanted}");
}

#[test]
fn precedence() {
    near("1 + 2 * 3", 7.0);
    near("(1 + 2) * 3", 9.0);
    near("2^3^2", 512.0);
    near("-2^2", -4.0);
    near("2^-1", 0.5);
    near("-2 * 3", -6.0);
    near("8 / 4 / 2", 1.0);
    near("8 - 4 - 2", 2.0);
    near("+3 - -3", 6.0);
    near("1 < 2 and 2 < 1 or 3 > 2", 1.0);
    near("1 > 2 and (2 > 1 or 3 > 2)", 0.0);
    near("not 1 > 2", 1.0);
    near("not 1 > 2 and 1 > 2", 0.0);
    near("1 + 1 == 2", 1.0);
    near("1 != 1", 0.0);
    near("2 <= 2 and 2 >= 2", 1.0);
}

#[test]
fn numbers() {
    near("80 %", 0.8);
    near("1_000 + .5 + 1e-3", 1000.501);
    near("2E2", 200.0);
    near("6 months + 1 year + 26 weeks", 2.0);
    near("731 days / 365.25", 731.0 / 365.25 / 365.25);
}

#[test]
fn names_and_clocks() {
    near("number", 3.0);
    near("time", 2.0);
    near("cycle", 5.0);
    near("cycle_length", 0.5);
    near("time_in(ill) + cycle_length", 2.0);
    near("cycle * cycle_length", 2.5);
    near("age", 52.0);
    near("age_at_start", 50.0);
    near("weight + weight_at_start", 140.0);
    near("time_in(ill)", 1.5);
    near("time_in(sick)", 2.0);
}

#[test]
fn tables() {
    // The patient is a woman of age 52, so the row that starts at age 50 applies.
    near("lookup(norms, age)", 0.8);
    near("lookup(norms, age_at_start - 1)", 0.9);
    near("lookup(norms, age + 8)", 0.7);
    near("lookup('norms', 500) * 2", 1.4);
    // Below the first row, the first row applies.
    near("lookup(norms, -1)", 0.9);
}

/// `age` can be the age at the end of the cycle; at a point in time, only one age exists.
#[test]
fn age_at_the_end_of_a_cycle() {
    let world = world();
    let names = Names { age_at_end: true, ..world.names() };
    let place = Place { span: world.rows[0].row_span, escaped: true };
    let read = |clocks| {
        let scope = Scope { clocks, ..EVERYTHING };
        compile("age", &place, Expected::Number, &scope, &names, &mut Diagnostics::default())
    };
    assert_eq!(read(Clocks::Cycle), Some(Expr::Clock(Clock::AgeAtEnd(0))));
    assert_eq!(read(Clocks::Model), Some(Expr::Clock(Clock::AgeAtEnd(0))));
    assert_eq!(read(Clocks::Point), Some(Expr::Clock(Clock::Age(0))));
}

#[test]
fn costs_with_and_without_a_period() {
    let read = |text: &str, expected| compiled(text, expected, &EVERYTHING, &world()).0.is_some();
    for (text, per_year, once) in [
        ("cost.visit", false, true),
        ("cost.month", true, false),
        ("cost.cycle + cost.visit", false, false),
        ("cost.month * 6 months", false, true),
        ("cost.visit * rate.relapse", true, false),
        ("if(time < 2, cost.month, 0)", true, false),
        ("utility.ill * 2 weeks", true, true),
        ("rate.relapse", false, false),
        ("p.cycle", false, false),
        ("t.lag", false, false),
        ("time < 2", false, false),
    ] {
        let found = (read(text, Expected::AmountPerYear), read(text, Expected::Amount));
        assert_eq!(found, (per_year, once), "{text}");
    }
    // A cycle is half a year, so a cost of 10 per cycle is 20 per year.
    assert_eq!(value_as("cost.cycle", Expected::AmountPerYear), 20.0);
}

/// `cycle_length` is a length of time that is also known where no clock can be read.
#[test]
fn the_length_of_a_cycle_is_a_constant() {
    let world = world();
    let (number, _) = compiled("cycle_length", Expected::Time, &PARAMETERS_ONLY, &world);
    assert_eq!(number, Some(Expr::CycleLength(0.5)));
    let (rate, _) = compiled("rate(share, cycle_length)", Expected::Rate, &PARAMETERS_ONLY, &world);
    let as_data = compiled("rate(share, 0.5)", Expected::Rate, &PARAMETERS_ONLY, &world).0;
    assert_eq!(rate, as_data, "a period belongs to the data");
    near("prob(rate.relapse * cycle_length)", value("prob(rate.relapse)"));
    assert!(is_reserved("cycle_length"));
}

#[test]
fn choices_and_membership() {
    near("rate.by[sex]", 0.1);
    near("hr.in[state]", 0.7);
    near("sex == female", 1.0);
    near("female == sex", 1.0);
    near("sex != female", 0.0);
    near("sex in (female, male)", 1.0);
    near("sex not in (female, male)", 0.0);
    near("sex3 == 'not known'", 1.0);
    near("state == ill", 1.0);
    near("state in sick", 1.0);
    near("state in (well, sick)", 1.0);
    near("not state in (well, dead)", 1.0);
    near("if(state == ill and age >= 52, 1, 2)", 1.0);
}

#[test]
fn functions() {
    near("exp(0) + ln(1) + sqrt(4) + abs(-1) + floor(1.9)", 5.0);
    near("min(3, 1, 2) + max(3, 1, 2)", 4.0);
    near("prob(rate.relapse)", -math::exp_m1(-0.1));
    near("prob(rate.relapse, 5)", -math::exp_m1(-1.0));
    near("rate(p.five)", 1.6094379124341003 / 5.0);
    near("rate(p.cycle)", -2.0 * math::ln_1p(-0.1));
    near("rate(0.8, 5 years)", 1.6094379124341003 / 5.0);
    near("rate(share, 1)", -math::ln_1p(-0.25));
    near("prob(rate(p.five), 5)", 0.8);
    near("prob(rate(p.five) * hr.new, 5)", 1.0 - math::sqrt(0.2));
    near("odds_ratio(p.five, or.new)", 2.0 / 3.0);
    near("weibull_cumhaz(4, 2, 2)", 4.0);
    near("gompertz_cumhaz(2, 0, 0.1)", 0.2);
    near("gompertz_cumhaz(2, 0.5, 0.1)", 0.2 * math::exp_m1(1.0));
    // The result is exact for a tiny shape, for which exp(x) - 1 would lose half of the digits.
    near("gompertz_cumhaz(2, 1e-12, 0.1)", 0.2 * (1.0 + 1e-12));
    // A cumulative hazard already includes its period, so `prob` needs no years.
    near("prob(weibull_cumhaz(4, 2, 2))", -math::exp_m1(-4.0));
    near("prob(rate.relapse * t.lag)", -math::exp_m1(-0.4));
}

#[test]
fn kinds_that_go_together() {
    use Expected::*;
    for (text, expected) in [
        ("rate.relapse * hr.new * exp(b.age * (age - 50))", Rate),
        ("rate.relapse * (1 + 0.1 * time)", Rate),
        ("rate.relapse * (1 - time / t.lag)", Rate),
        ("hr.new * (time / t.lag)", Ratio),
        ("rate.relapse * if(time < 5 years, 1, hr.new)", Rate),
        ("rate.relapse * (time < 5)", Rate),
        ("max(0, rate.relapse - 0.1)", Rate),
        ("share * rate.by.female + (1 - share) * rate.by.male", Rate),
        ("1 / t.mean", Rate),
        ("ln(2) / t.median", Rate),
        ("hr.new / t.mean", Rate),
        ("rate(p.five) * hr.new + rate.relapse", Rate),
        ("rate(p.five * rr.new)", Rate),
        ("rate(odds_ratio(p.five, or.new))", Rate),
        ("(weibull_cumhaz(time + 0.5, 2, 5) - weibull_cumhaz(time, 2, 5)) / 0.5", Rate),
        ("prob(weibull_cumhaz(time + 0.5, 2, 5) - weibull_cumhaz(time, 2, 5))", ProbabilityPerCycle),
        ("p.cycle", ProbabilityPerCycle),
        ("1 - p.cycle", ProbabilityPerCycle),
        ("p.cycle * share * rr.new", ProbabilityPerCycle),
        ("prob(rate(p.five) * hr.new)", ProbabilityPerCycle),
        ("prob(rate.relapse)", ProbabilityPerCycle),
        ("hr.new ^ share", Ratio),
        ("1 - share", Ratio),
        ("share * hr.new + (1 - share)", Ratio),
        ("rate.by.male / rate.by.female", Ratio),
        ("rate(p.five * rr.new) / rate(p.five)", Ratio),
        ("share", Proportion),
        ("1 - share", Proportion),
        ("state in sick and sex == female", Condition),
        ("t.mean + 1", Time),
        ("rr.new", Number),
    ] {
        assert!(value_as(text, expected).is_finite(), "{text}");
    }
}

#[test]
fn compiled_forms() {
    let world = world();
    let form = |text| compiled(text, Expected::Number, &EVERYTHING, &world).0.unwrap();
    let index = |name: &str| Expr::Parameter(world.parameters[name]);
    assert_eq!(form("age"), Expr::Clock(Clock::Age(0)));
    assert_eq!(form("time_in(worse)"), Expr::Clock(Clock::TimeIn(WORSE)));
    assert_eq!(form("state in (sick, ill)"), Expr::Among(Selector::State, vec![ILL, WORSE]));
    let by = vec![index("rate.by.female"), index("rate.by.male")];
    assert_eq!(form("rate.by[sex]"), Expr::Select(Selector::Attribute(1), by));
    // Constant operations are replaced by their values.
    assert_eq!(form("2 * 3 + ln(1)"), Expr::Number(6.0));
    assert_eq!(form("if(1 < 2, number, time)"), index("number"));
    assert_eq!(form("number * (3 - 2)"), index("number"));
    // States outside the scope are never evaluated, so they contain NaN.
    let Expr::Select(Selector::State, cases) = form("hr.in[state]") else { panic!() };
    assert!(matches!(cases[WELL], Expr::Number(x) if x.is_nan()));
    assert_eq!(cases[WORSE], index("hr.in.worse"));
    // Two selectors are nested, with the first one outside.
    let scope = Scope { states: &[ILL], ..EVERYTHING };
    let both = compiled("hr.both[state, sex]", Expected::Ratio, &scope, &world).0.unwrap();
    let Expr::Select(Selector::State, cases) = both else { panic!() };
    let inner = vec![index("hr.both.ill.female"), index("hr.both.ill.male")];
    assert_eq!(cases[ILL], Expr::Select(Selector::Attribute(1), inner));
}

#[test]
fn marks_what_is_used() {
    let world = world();
    let names = world.names();
    let place = Place { span: Span { file: 0, start: 0, end: 0 }, escaped: true };
    let text = "rate.by[sex] * hr.in[state] * if(1 > 2, number, 1) * nothing";
    compile(text, &place, Expected::Rate, &EVERYTHING, &names, &mut Diagnostics::default());
    let used = names.used.borrow();
    let found: Vec<&str> =
        ROWS.iter().zip(used.iter()).filter(|(_, used)| **used).map(|(row, _)| row.0).collect();
    assert_eq!(found, ["rate.by.female", "rate.by.male", "hr.in.ill", "hr.in.worse", "number"]);
}
