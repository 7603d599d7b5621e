//! Accuracy of the integration over ages in the exact engine, for age limits in any part of a scenario and for rates
//! that increase with age. Reference values are integrated in this file, with the age limits as panel ends.

use crate::common;

use arcosim::scenario::Scenario;
use common::{shipped, solve};

const MEAN: f64 = 55.0;
const SD: f64 = 10.0;
const WITHIN: (f64, f64) = (20.0, 90.0);

const PARAMETERS: &str = "name,kind,base,unit,source\nrate.fall,rate,0.3,per year,A\nlimit,number,LIMIT,years,A\n\
     limit.of.male,number,LIMIT,years,A\nlimit.of.female,number,48.4,years,A\n";

/// Scenario with two strategies. `fall` is the target and hazard of the tested transition, and `treated` defines the
/// second strategy.
fn scenario(limit: f64, fall: &str, treated: &str) -> Scenario {
    let text = format!(
        "format = 1\nparameters = \"parameters.csv\"\n\
         [time]\ncycle = \"1 year\"\nhorizon = \"20 years\"\nfirst = \"none\"\n\
         [population.attributes]\nage = {{ normal = {{ mean = {MEAN}, sd = {SD} }}, within = [{}, {}] }}\n\
         sex = {{ male = 0.3, female = \"rest\" }}\ndelay = {{ uniform = {{ low = 0.0, high = 5.0 }} }}\n\
         size = {{ lognormal = {{ meanlog = 1.0, sdlog = 1.0 }} }}\n\
         [population.start]\nwell = \"rest\"\n\
         [states]\nwell = {{}}\nill = {{ absorbing = true }}\nelsewhere = {{ absorbing = true }}\n\
         [transitions.fall]\nfrom = \"well\"\n{fall}\n\
         [transitions.move]\nfrom = \"well\"\nto = \"elsewhere\"\nrate = 0.01\n\
         [endpoints.illness]\nlabel = \"Ill\"\nfree = \"Well\"\nenters = \"ill\"\ncompeting = [\"elsewhere\"]\n\
         [strategies.usual]\n[strategies.treated]\n{treated}\n",
        WITHIN.0, WITHIN.1
    );
    shipped::from_text(
        &text.replace("LIMIT", &limit.to_string()),
        &PARAMETERS.replace("LIMIT", &limit.to_string()),
    )
}

/// Mean of `f` over the distribution of ages, by Simpson's rule between consecutive `limits`, where `f` must be smooth.
fn over_ages(limits: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let density = |a: f64| (-0.5 * ((a - MEAN) / SD).powi(2)).exp();
    let integral = |from: f64, to: f64, g: &dyn Fn(f64) -> f64| {
        let n = 2000;
        let h = (to - from) / f64::from(n);
        // Both ends are moved slightly inwards, so that `f` is evaluated on the inner side of a limit.
        let at = |i: i32| (from + h * f64::from(i)).clamp(from + 1e-9, to - 1e-9);
        let weight = |i: i32| match i {
            0 => 1.0,
            i if i == n => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (0..=n).map(|i| weight(i) * g(at(i)) * density(at(i))).sum::<f64>() * h / 3.0
    };
    let mut ends = vec![WITHIN.0, WITHIN.1];
    ends.extend(limits);
    ends.sort_by(f64::total_cmp);
    let all = |g: &dyn Fn(f64) -> f64| ends.windows(2).map(|p| integral(p[0], p[1], g)).sum::<f64>();
    all(&f) / all(&|_| 1.0)
}

/// Age limits in different parts of a quadrature panel.
const LIMITS: [f64; 3] = [57.15, 58.9, 61.0];

/// Compares the share of patients in state `well` under the second strategy with the mean of `well(limit, age, years)`
/// over ages.
#[track_caller]
fn check(fall: &str, treated: &str, well: impl Fn(f64, f64, i32) -> f64) {
    check_between(fall, treated, |limit| vec![limit], well);
}

/// Same as `check`, for a `limit` from which several `limits` of the starting age follow.
#[track_caller]
fn check_between(
    fall: &str,
    treated: &str,
    limits: impl Fn(f64) -> Vec<f64>,
    well: impl Fn(f64, f64, i32) -> f64,
) {
    for limit in LIMITS {
        let exact = solve::exact(&scenario(limit, fall, treated));
        for years in [1, 5, 20] {
            let due = over_ages(&limits(limit), |age| well(limit, age, years));
            let got = exact.solution.counts.strategies[1].occupancy[0][years as usize];
            let (off, said) = ((got - due).abs(), exact.integration_error);
            let place =
                format!("limit {limit}, year {years}: {got} instead of {due}, said to be off by {said:e}");
            assert!(off < 2e-8, "{place}");
            assert!(off <= said + 1e-12, "more than it said: {place}");
            // The stated error must not be too large, because every comparison of the engines would then be reported as
            // a finding.
            assert!(said < 1e-5, "{place}");
        }
    }
}

/// Probability of remaining in `well` for `years` years at an annual `rate` of illness, in addition to the rate of
/// moving elsewhere.
fn at_rate(rate: f64, years: i32) -> f64 {
    (-(rate + 0.01) * f64::from(years)).exp()
}

const PLAIN: &str = "to = \"ill\"\nrate = \"rate.fall\"";

#[test]
fn a_limit_in_a_rate() {
    let fall = "to = \"ill\"\nrate = \"if(age_at_start < LIMIT, 0.03, 0.3)\"";
    check(fall, "", |limit, age, years| at_rate(if age < limit { 0.03 } else { 0.3 }, years));
}

#[test]
fn a_limit_that_is_a_parameter() {
    let fall = "to = \"ill\"\nrate = \"if(age_at_start < limit, 0.03, 0.3)\"";
    check(fall, "", |limit, age, years| at_rate(if age < limit { 0.03 } else { 0.3 }, years));
}

#[test]
fn a_rate_that_bends() {
    let fall = "to = \"ill\"\nrate = \"0.01 * max(0, age_at_start - LIMIT)\"";
    check(fall, "", |limit, age, years| at_rate(0.01 * (age - limit).max(0.0), years));
}

#[test]
fn a_limit_of_eligibility() {
    let treated = "eligible = \"age_at_start < LIMIT\"\notherwise = \"usual\"\n\
                   [[strategies.treated.effects]]\non = [\"fall\"]\nhazard_ratio = 0.1";
    check(PLAIN, treated, |limit, age, years| at_rate(if age < limit { 0.03 } else { 0.3 }, years));
}

#[test]
fn a_limit_of_an_effect() {
    let treated = "[[strategies.treated.effects]]\non = [\"fall\"]\nhazard_ratio = \"if(age_at_start < LIMIT, 0.1, 1)\"";
    check(PLAIN, treated, |limit, age, years| at_rate(if age < limit { 0.03 } else { 0.3 }, years));
}

#[test]
fn a_limit_in_a_procedure() {
    let treated = "[strategies.treated.at_start]\nill = \"if(age_at_start < LIMIT, 0.1, 0.9)\"\nfine = { share = \"rest\", to = \"same state\" }";
    check(PLAIN, treated, |limit, age, years| (if age < limit { 0.9 } else { 0.1 }) * at_rate(0.3, years));
}

#[test]
fn a_limit_in_a_branch() {
    // The transition leads to `ill`, or with the rest of its probability to no change of state.
    let fall = "to = { ill = \"if(age_at_start < LIMIT, 0.1, 1)\", nothing = { share = \"rest\", to = \"same state\" } }\nrate = \"rate.fall\"";
    check(fall, "", |limit, age, years| {
        let fires = 0.3 / 0.31 * (1.0 - (-0.31f64).exp());
        let stays = (-0.31f64).exp() + fires * if age < limit { 0.9 } else { 0.0 };
        stays.powi(years)
    });
}

/// Gompertz mortality written as a rate expression, as in most models, instead of a life table.
#[test]
fn a_rate_that_grows_with_attained_age() {
    let fall = "to = \"ill\"\nrate = \"0.01 * exp(0.1 * (age - 50))\"";
    check(fall, "", |_, age, years| {
        let spent: f64 = (0..years).map(|k| 0.01 * (0.1 * (age + f64::from(k) - 50.0)).exp()).sum();
        (-spent).exp() * at_rate(0.0, years)
    });
}

#[test]
fn a_rate_that_grows_with_age_at_the_start() {
    let fall = "to = \"ill\"\nrate = \"0.01 * exp(0.1 * (age_at_start - 50))\"";
    check(fall, "", |_, age, years| at_rate(0.01 * (0.1 * (age - 50.0)).exp(), years));
}

#[test]
fn a_narrow_window() {
    let fall = "to = \"ill\"\nrate = \"if(abs(age_at_start - LIMIT) < 0.01, 0.3, 0.03)\"";
    let ends = |limit: f64| vec![limit - 0.01, limit + 0.01];
    check_between(fall, "", ends, |limit, age, years| {
        at_rate(if (age - limit).abs() < 0.01 { 0.3 } else { 0.03 }, years)
    });
}

/// For a skewed attribute, quadrature nodes must be dense where most patients are, in a small part of the range.
#[test]
fn a_skewed_attribute() {
    let nodes = &solve::nodes(&scenario(50.0, PLAIN, "").model, 2)[3];
    let moment = |power| nodes.iter().map(|n| n.weight * n.value.powi(power)).sum::<f64>();
    for (power, due) in [(1, 1.5f64.exp()), (2, 4f64.exp()), (3, 7.5f64.exp())] {
        let got = moment(power);
        assert!((got / due - 1.0).abs() < 1e-5, "moment {power}: {got} instead of {due}");
    }
}

/// Starting ages from which attained age equals `limit` at the beginning of a cycle.
fn attained(limit: f64) -> Vec<f64> {
    (0..20).map(|k| limit - f64::from(k)).collect()
}

#[test]
fn a_limit_of_attained_age() {
    let fall = "to = \"ill\"\nrate = \"if(age < LIMIT, 0.03, 0.3)\"";
    check_between(fall, "", attained, |limit, age, years| {
        let rate = |k| if age + f64::from(k) < limit { 0.03 } else { 0.3 };
        (0..years).map(|k| at_rate(rate(k), 1)).product()
    });
}

#[test]
fn a_limit_that_the_strategy_moves() {
    let fall = "to = \"ill\"\nrate = \"if(age_at_start < limit, 0.03, 0.3)\"";
    let treated = "[strategies.treated.parameters]\nlimit = \"limit.of.male - 2.35\"";
    let moved = |limit: f64| limit - 2.35;
    check_between(
        fall,
        treated,
        |limit| vec![moved(limit)],
        |limit, age, years| at_rate(if age < moved(limit) { 0.03 } else { 0.3 }, years),
    );
}

#[test]
fn a_limit_that_depends_on_a_category() {
    let fall = "to = \"ill\"\nrate = \"if(age_at_start < limit.of[sex], 0.03, 0.3)\"";
    check_between(
        fall,
        "",
        |limit| vec![limit, 48.4],
        |limit, age, years| {
            let below = |limit: f64| at_rate(if age < limit { 0.03 } else { 0.3 }, years);
            0.3 * below(limit) + 0.7 * below(48.4)
        },
    );
}

/// Limit on a combination of two clocks: attained age and time in a state.
#[test]
fn a_limit_on_two_clocks() {
    let fall = "to = \"ill\"\nrate = \"if(age - time_in(well) / 2 < LIMIT, 0.03, 0.3)\"";
    let halves = |limit: f64| (0..20).map(|k| limit - f64::from(k) / 2.0).collect();
    check_between(fall, "", halves, |limit, age, years| {
        let rate = |k| {
            if age + f64::from(k) / 2.0 < limit { 0.03 } else { 0.3 }
        };
        (0..years).map(|k| at_rate(rate(k), 1)).product()
    });
}

/// Requires the stated integration error to cover the actual error, for expressions whose kinks cannot be panel ends.
#[track_caller]
fn owned_up_to(fall: &str, well: impl Fn(f64, i32) -> f64) {
    for limit in LIMITS {
        let exact = solve::exact(&scenario(limit, fall, ""));
        let occupancy = &exact.solution.counts.strategies[0].occupancy[0];
        let off = |years: i32| (occupancy[years as usize] - well(limit, years)).abs();
        let most = [1, 5, 20].into_iter().map(off).fold(0.0, f64::max);
        let said = exact.integration_error;
        println!("limit {limit}: off by {most:e}, said to be {said:e}");
        assert!(most > 1e-6, "limit {limit}: off by {most:e} only: nothing to own up to");
        assert!(most < 1e-2, "limit {limit}: off by {most:e}");
        assert!(most <= said, "limit {limit}: off by {most:e}, said to be {said:e}");
    }
}

/// A limit that depends on two attributes cannot be a panel end of one attribute.
#[test]
fn a_limit_of_two_attributes_is_owned_up_to() {
    let fall = "to = \"ill\"\nrate = \"if(age_at_start + delay < LIMIT, 0.03, 0.3)\"";
    owned_up_to(fall, |limit, years| {
        let n = 400;
        let below = |i| limit - 5.0 * (f64::from(i) + 0.5) / f64::from(n);
        let mean = |limit| over_ages(&[limit], |age| at_rate(if age < limit { 0.03 } else { 0.3 }, years));
        (0..n).map(|i| mean(below(i))).sum::<f64>() / f64::from(n)
    });
}

/// A sawtooth function of age with 1,400 teeth has too many jumps for panel ends at each of them.
#[test]
fn teeth_without_number_are_owned_up_to() {
    let fall = "to = \"ill\"\nrate = \"0.2 * (20 * age_at_start - floor(20 * age_at_start))\"";
    // The mean over one tooth is used for all ages, because the density of ages is almost constant within a tooth.
    owned_up_to(fall, |_, years| {
        let spent = 0.2 * f64::from(years);
        at_rate(0.0, years) * (1.0 - (-spent).exp()) / spent
    });
}
