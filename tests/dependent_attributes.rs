//! Attributes that depend on others. The population is then a mixture, so every result is the mean of the results of populations
//! without dependence, weighted by the shares of the cases.

use crate::common;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::analysis::subgroups;
use arcosim::engine::microsim::{Move, Settings, Watch, histories};
use arcosim::model::Tables;
use arcosim::scenario::Scenario;
use common::published::Published;
use common::{agreement, psa, shipped, solve};

const MODEL: &str = r#"
format     = 1
title      = "Patients whose attributes go together"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "60 years"

[population.attributes]
ATTRIBUTES

[population.start]
START

[states]
well = {}
ill  = {}
dead = { absorbing = true }

[groups]
alive = ["well", "ill"]

[tables.mortality]
file   = "mortality.csv"
by     = ["age", "sex"]
columns = { female = "female", male = "male" }
kind   = "rate per year"
source = "made up"

[transitions]
fall_ill = { from = "well", to = "ill", rate = "rate.ill * hr.cause[cause] * if(size == large, 2, 1) * if(age_at_start < 50, 1, 1.5)" }
die      = { from = "alive", to = "dead", table = "mortality", hazard_ratio = "if(state == ill, 1.5, 1)" }

[endpoints.illness]
enters    = "ill"
competing = "dead"

[strategies.usual]
label = "Usual care"

[strategies.drug]
eligible  = "age_at_start < 60 and size == large and state == well"
otherwise = "usual"

[[strategies.drug.effects]]
on           = "fall_ill"
hazard_ratio = 0.6

[outcomes.years]
unit       = "years"
correction = "life-table"
discount   = { rate = "3 %", at = "middle" }

[rewards.life]
outcome  = "years"
per_year = "if(state == ill, 0.6, 0.9) - 0.001 * age"
in       = "alive"

[subgroups]
cause = "cause"
age   = { "under 50" = "age_at_start < 50", "50 and over" = "rest" }
state = { well = "state == well", ill = "rest" }
"#;

const DEPENDENT: &str = r#"
size  = { by = ["cause"], small = "share.small[cause]", large = "rest" }
age   = { by = "sex", normal = { mean = "age.mean[sex]", sd = "age.sd[sex]" }, within = [20, 90] }
cause = { by = ["sex"], drink = "share.drink[sex]", other = "rest" }
sex   = { female = "share.female", male = "rest" }
"#;

const START: &str = r#"
by   = "size"
well = "share.well[size]"
ill  = "rest"
"#;

const PARAMETERS: &str = "\
name,kind,unit,base,evidence,source,note
share.female,proportion,,0.3,assumption,test,
share.drink.female,proportion,,0.1,assumption,test,
share.drink.male,proportion,,0.5,assumption,test,
share.small.drink,proportion,,0.25,assumption,test,
share.small.other,proportion,,0.75,assumption,test,
share.well.small,proportion,,0.9,assumption,test,
share.well.large,proportion,,0.4,assumption,test,
age.mean.female,number,,58,assumption,test,
age.mean.male,number,,45,assumption,test,
age.sd.female,number,,9,assumption,test,
age.sd.male,number,,12,assumption,test,
rate.ill,rate,per year,0.1,assumption,test,
hr.cause.drink,hr,,1.7,assumption,test,
hr.cause.other,hr,,1,assumption,test,
";

const MORTALITY: &str = "\
age,female,male
0,0.002,0.004
40,0.005,0.01
60,0.02,0.04
75,0.1,0.15
90,0.4,0.5
";

fn scenario(attributes: &str, start: &str) -> Scenario {
    let text = MODEL.replace("ATTRIBUTES", attributes).replace("START", start);
    let files =
        [("scenario.toml", text.as_str()), ("parameters.csv", PARAMETERS), ("mortality.csv", MORTALITY)];
    shipped::from_texts(&files, &[])
}

fn dependent() -> Scenario {
    scenario(DEPENDENT, START)
}

/// Populations in which nothing depends on anything, with their shares: one for each sex, cause and size.
fn cases() -> Vec<(f64, Scenario)> {
    let mut all = Vec::new();
    for (sex, of_sex, drink, (mean, sd)) in [("female", 0.3, 0.1, (58, 9)), ("male", 0.7, 0.5, (45, 12))] {
        for (cause, of_cause, small) in [("drink", drink, 0.25), ("other", 1.0 - drink, 0.75)] {
            for (size, of_size, well) in [("small", small, 0.9), ("large", 1.0 - small, 0.4)] {
                let one = |category: &str, own: &str| f64::from(u8::from(category == own));
                let attributes = format!(
                    "size = {{ small = {}, large = \"rest\" }}
                     age = {{ normal = {{ mean = {mean}, sd = {sd} }}, within = [20, 90] }}
                     cause = {{ drink = {}, other = \"rest\" }}
                     sex = {{ female = {}, male = \"rest\" }}",
                    one("small", size),
                    one("drink", cause),
                    one("female", sex),
                );
                let start = format!("well = {well}\nill = \"rest\"");
                all.push((of_sex * of_cause * of_size, scenario(&attributes, &start)));
            }
        }
    }
    all
}

fn close(what: &str, is: f64, due: f64) {
    assert!((is - due).abs() < 1e-12 * due.abs().max(1.0), "{what}: {is}, due {due}");
}

#[test]
fn results_are_the_mean_of_the_cases() {
    let (whole, cases) = (Published::of(dependent()), cases());
    let cases: Vec<(f64, Published)> = cases.into_iter().map(|(w, s)| (w, Published::of(s))).collect();
    for strategy in ["usual", "drug"] {
        let due: f64 = cases.iter().map(|(w, own)| w * own.total(strategy, "years")).sum();
        close(strategy, whole.total(strategy, "years"), due);
        for state in ["well", "ill", "dead"] {
            for point in [0, 1, 7, 40, 119] {
                let due: f64 = cases.iter().map(|(w, own)| w * own.occupancy(strategy, state, point)).sum();
                close(state, whole.occupancy(strategy, state, point), due);
            }
        }
        // The spread between patients: E[x²] is the mean of the cases too.
        let square = |own: &Published| {
            let outcome = &own.exact.totals.strategies[own.strategy(strategy)].outcomes[0];
            outcome.sd.expect("a spread").powi(2) + outcome.mean * outcome.mean
        };
        let due: f64 = cases.iter().map(|(w, own)| w * square(own)).sum();
        assert!((square(&whole) - due).abs() < 1e-9 * due, "{}, due {due}", square(&whole));
    }
}

#[test]
fn draws_are_evaluated_as_the_base_case_is() {
    let scenario = dependent();
    let values = solve::values(&scenario.model);
    let totals = Evaluator::new(&scenario.model, Integration::RUN).totals(&values);
    let exact = solve::exact(&scenario).solution.totals;
    for (totals, exact) in totals.iter().zip(&exact.strategies) {
        close("years", totals[0], exact.outcomes[0].mean);
    }
}

/// Where background mortality has nothing to do with what depends on each other, draws take the short cut, also for subgroups.
#[test]
fn the_short_cut_holds_beside_a_dependence() {
    let attributes =
        DEPENDENT.replace("by = [\"sex\"], drink = \"share.drink[sex]\"", "drink = \"share.drink.male\"");
    let attributes = attributes.replace(
        "by = \"sex\", normal = { mean = \"age.mean[sex]\", sd = \"age.sd[sex]\" }",
        "normal = { mean = 50, sd = 10 }",
    );
    let text = MODEL.replace("ATTRIBUTES", &attributes).replace("START", START);
    let text = text.replace("age_at_start < 60 and ", "").replace(" * if(age_at_start < 50, 1, 1.5)", "");
    let text =
        text.replace("age   = { \"under 50\" = \"age_at_start < 50\", \"50 and over\" = \"rest\" }\n", "");
    let text = text.replace(", hazard_ratio = \"if(state == ill, 1.5, 1)\"", "");
    let files =
        [("scenario.toml", text.as_str()), ("parameters.csv", PARAMETERS), ("mortality.csv", MORTALITY)];
    let loaded = shipped::from_texts(&files, &[]);
    let model = &loaded.model;
    let values = solve::values(model);
    let mut evaluator = Evaluator::new(model, Integration::RUN);
    let totals = evaluator.totals(&values);
    assert!(evaluator.takes_short_cuts());
    let exact = solve::exact(&loaded).solution.totals;
    for (totals, exact) in totals.iter().zip(&exact.strategies) {
        close("years", totals[0], exact.outcomes[0].mean);
    }
    let sets = model.subgroups.sets();
    let found = subgroups::run(model, &[5.0], &Watch::default()).expect("nobody stops it");
    for (set, own) in found.iter().zip(evaluator.run_subgroups(&values, &sets)) {
        for (group, fast) in set.groups.iter().zip(own) {
            close("share", fast.share, group.share);
            close("years of a subgroup", fast.totals[1][0], group.totals[1][0]);
        }
    }
}

#[test]
fn subgroups_are_those_of_the_cases_and_add_up() {
    let (model, cases) = (dependent().model, cases());
    let sets = subgroups::run(&model, &[5.0], &Watch::default()).expect("nobody stops it");
    let of_cases: Vec<(f64, Vec<subgroups::SubgroupSet>)> = cases
        .iter()
        .map(|(w, own)| (*w, subgroups::run(&own.model, &[5.0], &Watch::default()).expect("nobody stops it")))
        .collect();
    let whole = Published::of(dependent());
    for (i, set) in sets.iter().enumerate() {
        let everyone: f64 = set.groups.iter().map(|group| group.share).sum();
        close("the shares of a division", everyone, 1.0);
        let mean: f64 = set.groups.iter().map(|group| group.share * group.totals[1][0]).sum();
        close("the mean of the subgroups", mean, whole.total("drug", "years"));
        for group in &set.groups {
            let (mut share, mut total, mut ill) = (0.0, 0.0, 0.0);
            for (w, sets) in &of_cases {
                for own in sets[i].groups.iter().filter(|own| own.groups == group.groups) {
                    share += w * own.share;
                    total += w * own.share * own.totals[1][0];
                    ill += w
                        * own.share
                        * own.incidence[1][0].as_ref().and_then(|years| years[0]).unwrap_or(0.0);
                }
            }
            close("share", group.share, share);
            close("years", group.totals[1][0], total / share);
            if set.divisions != [2] {
                // Who starts ill is never at risk, so the weights of the cases are those of the patients at risk.
                continue;
            }
            if let Some(Some(years)) = group.incidence[1][0].as_ref().map(|years| years[0]) {
                close("illness by 5 years", years, ill / share);
            }
        }
    }
}

#[test]
fn engines_agree() {
    for moves in ["", "moves = \"continuous\"\n"] {
        let text = MODEL.replace("ATTRIBUTES", DEPENDENT).replace("START", START);
        let text = text.replace("horizon = \"60 years\"", &format!("horizon = \"60 years\"\n{moves}"));
        let text = match moves {
            "" => text,
            _ => text.replace("correction = \"life-table\"\n", "").replace(", at = \"middle\"", ""),
        };
        let files =
            [("scenario.toml", text.as_str()), ("parameters.csv", PARAMETERS), ("mortality.csv", MORTALITY)];
        let scenario = shipped::from_texts(&files, &[]);
        let seed = agreement::seed("dependent attributes", moves.len() as u64);
        let options = Options::new(Engine::Both, 200_000, seed, vec![1.0, 5.0, 20.0]);
        let results = run(&scenario.model, &options, &Watch::default()).unwrap().agreement.unwrap();
        assert!(results.engines_agree(), "{:?} {:?}", results.worst_headline(), results.worst_cell);
    }
}

/// Attributes are drawn by their names, so the order of declaration does not matter, and a dependence of one attribute changes no other.
#[test]
fn the_same_patients_whatever_the_order() {
    let lines: Vec<&str> = DEPENDENT.trim().lines().collect();
    let turned: Vec<&str> = lines.iter().rev().copied().collect();
    let [one, other] = [&lines, &turned].map(|lines| scenario(&lines.join("\n"), START));
    let lives = |scenario: &Scenario| {
        let model = &scenario.model;
        let tables = Tables::new(model, &solve::values(model));
        let all = histories(&tables, &Settings::new(500, 7), 500);
        let sex = psa_attribute(scenario, "sex");
        let age = psa_attribute(scenario, "age");
        all.into_iter().map(|own| (own.attributes[sex], own.attributes[age], own.moves)).collect::<Vec<_>>()
    };
    let (first, second) = (lives(&one), lives(&other));
    for ((sex, age, moves), (other_sex, other_age, other_moves)) in first.iter().zip(&second) {
        assert_eq!((sex, age), (other_sex, other_age));
        let states = |moves: &[Move]| moves.len();
        assert_eq!(states(moves), states(other_moves));
    }
    close("years", Published::of(one).total("drug", "years"), Published::of(other).total("drug", "years"));
}

fn psa_attribute(scenario: &Scenario, name: &str) -> usize {
    scenario.model.attributes.iter().position(|own| own.name == name).expect("an attribute")
}

/// The program says who is eligible, with the dependence.
#[test]
fn the_eligible_are_counted_with_the_dependence() {
    let (whole, cases) = (dependent(), cases());
    let share = |scenario: &Scenario| {
        let counts = solve::exact(scenario).solution;
        let usual = &counts.totals.strategies[psa::strategy(scenario, "usual")].outcomes[0].mean;
        let drug = &counts.totals.strategies[psa::strategy(scenario, "drug")].outcomes[0].mean;
        drug - usual
    };
    let due: f64 = cases.iter().map(|(w, own)| w * share(own)).sum();
    close("gain", share(&whole), due);
    let said = whole.readings.iter().find(|(subject, _)| subject == "strategy `drug`").expect("a note");
    // Large and well: 0.75 · 0.4 in drinkers and 0.25 · 0.4 in others, with the ages of each sex below 60.
    let below = |mean: f64, sd: f64| {
        let p = |x: f64| statrs_normal((x - mean) / sd);
        (p(60.0) - p(20.0)) / (p(90.0) - p(20.0))
    };
    let of_sex = |drink: f64, age: f64| (drink * 0.75 + (1.0 - drink) * 0.25) * 0.4 * age;
    let eligible = 0.3 * of_sex(0.1, below(58.0, 9.0)) + 0.7 * of_sex(0.5, below(45.0, 12.0));
    let percent = format!("{:.0}", 100.0 * eligible);
    assert!(said.1.contains(&percent), "{} should say {percent} %", said.1);
}

fn statrs_normal(z: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::new(0.0, 1.0).expect("a distribution").cdf(z)
}
