//! Costs and QALYs in files and console: breakdown of totals, expected numbers, and comparison of both engines.

use crate::common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::agreement::{Agreement, HEADLINE_LIMIT};
use arcosim::analysis::base_case::{self, Engine, Options, Results};
use arcosim::analysis::expected;
use arcosim::analysis::outcomes::{Breakdown, Discounting, Place};
use arcosim::analysis::run::{RunAnswer, RunQuestion};
use arcosim::engine::microsim::Watch;
use arcosim::engine::{StrategyTotals, Total, Totals};
use arcosim::model::*;
use arcosim::output::{self, Originals, Record, write_report};
use arcosim::scenario::Scenario;
use common::program::{Folder, contents};
use common::{Builder, shipped, solve, x};

fn outcome(name: &str, unit: &str, correction: Correction, discount: Option<(f64, Moment)>) -> Outcome {
    Outcome {
        name: name.into(),
        label: name.into(),
        unit: unit.into(),
        correction,
        weighted_once: false,
        discount: discount.map(|(rate, at)| Discount {
            rates: vec![(0.0, x(rate))],
            compounding: Compounding::Annual,
            at,
            from: 0.0,
        }),
    }
}

fn component(outcome: usize, category: &str) -> Component {
    Component { outcome, category: category.into() }
}

fn reward(name: &str, component: usize, amount: f64, when: When) -> Reward {
    Reward { name: name.into(), label: name.into(), component, strategies: None, amount: x(amount), when }
}

/// A model in which ten per cent of the living die in each of three years; a year alive costs 100 and a death
/// 1,000.
fn mortal(correction: Correction, discount: Option<(f64, Moment)>) -> Model {
    let mut model = Builder::new(3, 1.0, &["alive", "dead"])
        .transition("die", &[0], 1, false, Hazard::Probability(x(0.1)))
        .strategy("usual", vec![])
        .strategy("drug", vec![])
        .model;
    model.outcomes = vec![outcome("cost", "GBP", correction, discount)];
    model.components = vec![component(0, "Care"), component(0, "Deaths")];
    model.rewards = vec![
        reward("care", 0, 100.0, When::In(vec![0])),
        reward("death", 1, 1000.0, When::Entering(vec![1])),
        reward("drug", 0, 50.0, When::Starting(None)),
    ];
    model.rewards[2].strategies = Some(vec![1]);
    model
}

/// Amounts in each cycle agree with independent calculations.
#[test]
fn what_each_cycle_adds_is_what_the_outcome_says() {
    let living = [1.0, 0.9, 0.81, 0.729];
    let dying = [0.0, 0.1, 0.09, 0.081];
    // Each year is counted for patients alive at its end, and all amounts are discounted at the end of the year.
    let model = mortal(Correction::End, Some((0.05, Moment::End)));
    let breakdown = Breakdown::new(&model, &solve::at_nodes(&model, &[]));
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{a} is not {b}");
    let mut sum = 50.0;
    near(breakdown.over_time(Discounting::Discounted, 1, 0)[0].1, 50.0);
    for k in 1..=3 {
        let due = (100.0 * living[k] + 1000.0 * dying[k]) * 1.05f64.powi(-(k as i32));
        sum += due;
        let (added, gathered) = breakdown.over_time(Discounting::Discounted, 1, 0)[k];
        near(added, due);
        near(gathered, sum);
        near(breakdown.total(Discounting::Discounted, 1, 0, k), sum);
        near(breakdown.increment(Discounting::Discounted, 1, 0, k), 50.0);
    }
    // Each year is counted for patients alive at its start, but the amount is still reported at the end of the
    // year.
    let model = mortal(Correction::Start, Some((0.05, Moment::Start)));
    let breakdown = Breakdown::new(&model, &solve::at_nodes(&model, &[]));
    for k in 1..=3 {
        let due = (100.0 * living[k - 1] + 1000.0 * dying[k]) * 1.05f64.powi(1 - k as i32);
        near(breakdown.over_time(Discounting::Discounted, 0, 0)[k].0, due);
    }
    // With a correction by points, each amount is reported at its own point.
    let model = mortal(Correction::HalfCycle, Some((0.05, Moment::Point)));
    let breakdown = Breakdown::new(&model, &solve::at_nodes(&model, &[]));
    for k in 0..=3 {
        let half = if k == 0 || k == 3 { 0.5 } else { 1.0 };
        let due = (100.0 * half * living[k] + 1000.0 * dying[k]) * 1.05f64.powi(-(k as i32));
        near(breakdown.over_time(Discounting::Discounted, 0, 0)[k].0, due);
        let plain = 100.0 * half * living[k] + 1000.0 * dying[k];
        near(breakdown.over_time(Discounting::Undiscounted, 0, 0)[k].0, plain);
    }
}

/// The three-state test scenario with costs, QALYs and life-years added.
fn with_outcomes() -> Scenario {
    let mut scenario = shipped::load("tests/scenarios/three_states/scenario.toml".as_ref(), &[]);
    let model = &mut scenario.model;
    model.outcomes = vec![
        outcome("cost", "GBP", Correction::End, Some((0.06, Moment::End))),
        outcome("qaly", "QALYs", Correction::HalfCycle, Some((0.015, Moment::Point))),
        outcome("ly", "life-years", Correction::LifeTable, None),
    ];
    model.components = vec![
        component(0, "Care"),
        component(0, "Operations"),
        component(0, "Savings"),
        component(1, "Life"),
        component(2, "Life"),
    ];
    model.rewards = vec![
        reward("living", 0, 900.0, When::In(vec![0])),
        reward("illness", 0, 4200.0, When::In(vec![1])),
        reward("diagnosis", 0, 800.0, When::Firing(vec![(0, 0)])),
        reward("operation", 1, 9000.0, When::Starting(Some(vec![(1, 0), (1, 1)]))),
        reward("savings", 2, -150.0, When::In(vec![1])),
        reward("utility", 3, 0.85, When::In(vec![0])),
        reward("utility_ill", 3, 0.55, When::In(vec![1])),
        reward("years", 4, 1.0, When::In(vec![0, 1])),
    ];
    // The amount depends on the year, so that one place of a reward has more than one reward line.
    let early = Expr::Binary(Binary::Less, Box::new([Expr::Clock(Clock::Time), x(2.0)]));
    model.rewards[7].amount = Expr::If(Box::new([early, x(1.0), x(1.0)]));
    scenario
}

fn run(scenario: &Scenario, engine: Engine) -> (Options, Results) {
    let options = Options::new(engine, 20_000, 11, scenario.figures.landmarks.clone());
    let results = base_case::run(&scenario.model, &options, &Watch::default());
    (options, results.expect("nobody stops it"))
}

#[test]
fn parts_add_up_to_the_totals_of_the_engine() {
    let scenario = with_outcomes();
    let (_, results) = run(&scenario, Engine::Cohort);
    let model = &scenario.model;
    let exact = &results.exact.as_ref().unwrap().solution;
    let breakdown = Breakdown::new(model, &exact.counts);
    let end = model.time.cycles;
    let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} is not {b}");
    // The breakdown has one row for each place, even if the engine has several reward lines for the place.
    assert_eq!(breakdown.entries.len(), 9);
    assert_eq!(breakdown.entries[2].place, Place::Branch(0, 0));
    for s in 0..2 {
        let totals = &exact.totals.strategies[s];
        for o in 0..3 {
            near(breakdown.total(Discounting::Discounted, s, o, end), totals.outcomes[o].mean);
            for worth in Discounting::BOTH {
                let own = breakdown.entries.iter().enumerate().filter(|(_, e)| {
                    let component = model.rewards[e.reward].component;
                    model.components[component].outcome == o
                });
                let parts: f64 = own.map(|(e, _)| breakdown.entry(worth, s, e)).sum();
                let total = breakdown.total(worth, s, o, end);
                near(parts, total);
                near(breakdown.over_time(worth, s, o)[end].1, total);
            }
        }
        for c in 0..5 {
            near(breakdown.component(Discounting::Discounted, s, c, end), totals.components[c]);
        }
        // An undiscounted outcome has the same total with and without discounting.
        let years = breakdown.total(Discounting::Discounted, s, 2, end);
        near(years, breakdown.total(Discounting::Undiscounted, s, 2, end));
        let more = breakdown.increment(Discounting::Discounted, s, 0, end);
        assert!((more - totals.increments[0].mean).abs() < 1e-9, "{more}");
    }
}

#[test]
fn expected_numbers_of_outcomes_are_read_and_compared() {
    let scenario = with_outcomes();
    let model = &scenario.model;
    let (_, results) = run(&scenario, Engine::Cohort);
    let exact = &results.exact.as_ref().unwrap().solution;
    let table = "strategy,quantity,subject,years,expected,tolerance\n\
                 surgery,outcome,cost,,1,0\n\
                 surgery,outcome,cost,10,1,0\n\
                 surgery,outcome_undiscounted,qaly,,1,0\n\
                 surgery,outcome_sd,qaly,,1,0\n\
                 surgery,increment,cost,,-1,0\n\
                 surgery,incremental_ratio,cost/qaly,,1,0\n\
                 surgery,component,cost: Operations,,9000,1e-9\n\
                 surgery,firings,fall,,1,0\n\
                 usual,incremental_ratio,cost/qaly,,1,0\n\
                 usual,occupancy,dead,,1,0.5\n";
    let rows = expected::read(table, model).unwrap();
    assert_eq!(rows[0].years, 40.0);
    let compared = expected::compare(rows, model, exact);
    let breakdown = Breakdown::new(model, &exact.counts);
    let got: Vec<Option<f64>> = compared.iter().map(|c| c.result).collect();
    let total = |s, o| breakdown.total(Discounting::Discounted, s, o, 80);
    assert_eq!(got[0], Some(total(1, 0)));
    assert_eq!(got[1], Some(breakdown.total(Discounting::Discounted, 1, 0, 20)));
    assert_eq!(got[2], Some(breakdown.total(Discounting::Undiscounted, 1, 1, 80)));
    assert_eq!(got[3], exact.totals.strategies[1].outcomes[1].sd);
    assert_eq!(got[4], Some(total(1, 0) - total(0, 0)));
    assert_eq!(got[5], Some((total(1, 0) - total(0, 0)) / (total(1, 1) - total(0, 1))));
    assert!(compared[6].passes(), "{:?}", compared[6]);
    assert_eq!(got[7], Some(exact.counts.strategies[1].moves[0].iter().sum()));
    assert_eq!((got[8], compared[8].status()), (None, "no difference to divide by"));
    assert!(compared[9].passes() && !compared[0].passes());

    let problem = |row: &str| {
        let head = "strategy,quantity,endpoint_or_state,years,expected,tolerance";
        expected::read(&format!("{head}\n{row}\n"), model).unwrap_err()
    };
    for (row, says) in [
        ("usual,outcome,costs,,1,0", "no outcome `costs`"),
        ("usual,component,cost,,1,0", "write `cost: Drugs`"),
        ("usual,component,cost: Drugs,,1,0", "it has `Care`, `Operations`, `Savings`"),
        ("usual,incremental_ratio,cost,,1,0", "write `cost/qaly`"),
        ("usual,outcome_sd,cost,5,1,0", "leave `years` empty"),
        ("usual,firings,rise,,1,0", "no transition `rise`"),
        ("usual,occupancy,dead,1,-0.1,0", "is negative"),
        ("usual,outcome,cost,,1,-1", "not a number of 0 or more"),
        ("usual,icer,cost,,1,0", "component or firings"),
    ] {
        let problem = problem(row);
        assert!(problem.starts_with("line 2: ") && problem.contains(says), "{problem}");
    }
}

/// Totals of a single strategy and a single outcome.
fn totals(mean: f64, sd: Option<f64>) -> Totals {
    Totals {
        strategies: vec![StrategyTotals { outcomes: vec![Total { mean, sd }], ..StrategyTotals::default() }],
    }
}

#[test]
fn means_are_judged_by_the_spread_between_patients() {
    let model = mortal(Correction::End, None);
    let judge = |exact: Totals, simulated: f64, integration_error: f64| {
        let mut agreement =
            Agreement { headlines: Vec::new(), worst_cell: None, cells: 0, integration_error };
        agreement.compare_totals(&model, &exact, &totals(simulated, None), 10_000.0);
        agreement.headlines.first().map(|c| c.z)
    };
    // The standard error of 10,000 patients is 2.
    let exact = || totals(1000.0, Some(200.0));
    assert_eq!(judge(exact(), 1007.0, 0.0), Some(3.5));
    assert!(judge(exact(), 1009.0, 0.0).unwrap() > HEADLINE_LIMIT);
    // An integration error of a thousandth of the outcome's scale (mean plus standard deviation) is allowed for.
    assert!((judge(exact(), 1009.0, 1e-3).unwrap() - (9.0 - 1.2) / 2.0).abs() < 1e-9);
    // Without variation between patients the means must be equal, and with an unknown standard deviation no score
    // exists.
    assert_eq!(judge(totals(1000.0, Some(0.0)), 1000.0 + 1e-8, 0.0), Some(0.0));
    assert_eq!(judge(totals(1000.0, Some(0.0)), 1000.1, 0.0), Some(f64::INFINITY));
    assert_eq!(judge(totals(0.0, Some(0.0)), 0.0, 0.0), Some(0.0));
    assert_eq!(judge(totals(1000.0, None), 1.0, 0.0), None);
    // If ten patients in ten thousand cost a million each, the mean is not normally distributed, so no score
    // exists.
    assert_eq!(judge(totals(1000.0, Some(31_600.0)), 4000.0, 0.0), None);
    assert!(judge(totals(1000.0, Some(200.0)), f64::NAN, 0.0).unwrap().is_nan());
}

#[test]
fn a_run_with_outcomes_writes_them_down() {
    let scenario = with_outcomes();
    let folder = Folder::new();
    for engine in [Engine::Both, Engine::Cohort, Engine::Microsim] {
        let (options, results) = run(&scenario, engine);
        let question = RunQuestion { options, histories: 0, overrides: Vec::new(), expected: None };
        let run = RunAnswer::new(&scenario, &question, results, Vec::new());
        let record = Record { command_line: Vec::new(), originals: Originals::new(&[&scenario], &[]) };
        let target = folder.0.join(engine.name());
        write_report(output::run::report(&run, record), &target, &AtomicBool::new(false)).unwrap();
        let files = contents(&target);
        let text = |name: &str| {
            let file = files.iter().find(|f| f.0 == name);
            file.map(|f| String::from_utf8(f.1.clone()).unwrap())
        };
        let outcomes = text("outcomes.csv").unwrap();
        let count = |what: &str| outcomes.lines().filter(|l| l.contains(what)).count();
        // The file contains three outcomes for two strategies, one of which has increments.
        let rows = |exact: usize, simulated: usize| {
            assert_eq!(count(",exact,"), exact);
            assert_eq!(count(",microsimulation,"), simulated);
        };
        match engine {
            Engine::Both => rows(18, 9),
            Engine::Cohort => rows(18, 0),
            Engine::Microsim => rows(0, 9),
        }
        assert_eq!(text("outcome_breakdown.csv").is_some(), engine.exact());
        assert_eq!(text("outcomes_over_time.csv").is_some(), engine.exact());
        assert!(!outcomes.to_lowercase().contains("nan"));
        let readme = text("README.txt").unwrap();
        let says = "cost (GBP): counted at the end of each cycle; discounted at 6% per year from the end of each cycle";
        let unwrapped = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unwrapped(&readme).contains(says), "{readme}");
        let report = output::run::console(&run);
        let conventions = readme.lines().skip_while(|l| !l.contains("OUTCOMES ARE"));
        let conventions: Vec<&str> =
            conventions.skip(1).take_while(|l| !l.contains("All are means")).collect();
        let conventions = unwrapped(&conventions.join(" "));
        assert!(conventions.contains(says) && unwrapped(&report).contains(&conventions), "{report}");
        assert!(report.contains("Increments versus \"Usual care\""), "{report}");
        let manifest = text("manifest.json").unwrap();
        assert!(manifest.contains("\"correction\": \"half-cycle\""), "{manifest}");
        let summary: serde_json::Value = serde_json::from_str(&text("summary.json").unwrap()).unwrap();
        let cost = &summary["strategies"][1]["outcomes"]["cost"];
        assert_eq!(cost["exact"]["total"].is_number(), engine.exact());
        assert_eq!(cost["microsimulation"]["increment"]["se"].is_number(), engine.simulates());
        if let Some(agreement) = &run.results.agreement {
            assert_eq!(text("agreement.csv").unwrap().matches(",outcome,").count(), 6);
            assert!(agreement.engines_agree(), "{:?}", agreement.worst_headline());
        }
    }
}
