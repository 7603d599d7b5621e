//! Costs and QALYs: both engines versus closed forms, versus an independent recursion, and versus each other.

use crate::common;

use arcosim::engine::cohort::moments::Moments;
use arcosim::engine::microsim::{self, Settings, Watch};
use arcosim::engine::{Totals, cohort};
use arcosim::model::*;
use common::{Builder, age, categorical, life_table, x};

/// Adds an outcome with one component to a model.
fn outcome(model: &mut Structure, name: &str, correction: Correction, discount: Option<Discount>) -> usize {
    model.outcomes.push(Outcome {
        name: name.into(),
        label: name.into(),
        unit: "units".into(),
        correction,
        weighted_once: false,
        discount,
    });
    model.components.push(Component { outcome: model.outcomes.len() - 1, category: name.into() });
    model.components.len() - 1
}

fn reward(model: &mut Structure, component: usize, amount: Expr, when: When) {
    model.rewards.push(Reward {
        name: format!("reward {}", model.rewards.len()),
        label: "reward".into(),
        component,
        strategies: None,
        amount,
        when,
    });
}

fn annual(rate: f64, at: Moment) -> Option<Discount> {
    Some(Discount { rates: vec![(0.0, x(rate))], compounding: Compounding::Annual, at, from: 0.0 })
}

fn both(a: Expr, operator: Binary, b: Expr) -> Expr {
    Expr::Binary(operator, Box::new([a, b]))
}

/// Exact totals with their moments between patients, for one set of nodes.
fn exact(model: &Model, nodes: &[Vec<quadrature::Node>]) -> (Totals, Vec<Vec<Moments>>) {
    let tables = Tables::new(model, &[]);
    let counts = cohort::run(&tables, nodes);
    let spread = cohort::spread(&tables, nodes, &|| false);
    let totals = cohort::totals(model, &counts.strategies, &spread);
    (totals, spread.into_iter().map(Option::unwrap).collect())
}

/// With two states and a constant risk p, years lived have a geometric distribution, so that all moments are known.
#[test]
fn a_geometric_life_has_the_moments_of_the_textbook() {
    let (p, n) = (0.1, 400);
    let mut model = Builder::new(n, 1.0, &["alive", "dead"])
        .transition("die", &[0], 1, true, Hazard::Probability(x(p)))
        .strategy("only", vec![])
        .model;
    let years = outcome(&mut model, "years", Correction::End, None);
    reward(&mut model, years, x(1.0), When::In(vec![0]));
    let deaths = outcome(&mut model, "deaths", Correction::End, None);
    reward(&mut model, deaths, x(1.0), When::Entering(vec![1]));
    let (totals, spread) = exact(&model, &[]);
    let q: f64 = 1.0 - p;
    let own = spread[0][0];
    assert!((totals.strategies[0].outcomes[0].mean - q / p).abs() < 1e-12);
    assert!((own.mean - q / p).abs() < 1e-12);
    assert!((own.variance - q / (p * p)).abs() < 1e-10);
    assert!((own.third - q * (1.0 + q) / p.powi(3)).abs() < 1e-8);
    assert!((own.fourth - q * (1.0 + 7.0 * q + q * q) / p.powi(4)).abs() < 2e-6, "{}", own.fourth);
    assert!((totals.strategies[0].outcomes[1].mean - 1.0).abs() < 1e-12);
    assert!(spread[0][1].variance < 1e-15);
}

/// A model with every kind of reward: by state, time, age, time in a group, category, and a modifier drawn once per
/// patient; on entering, on leaving, on a transition and one of its branches, and at the start.
fn everything() -> Model {
    let time_in = |group| Expr::Clock(Clock::TimeIn(group));
    let effect = Effect {
        transitions: vec![0],
        on: EffectOn::Hazard,
        ratio: x(0.5),
        onset: 0.0,
        full_until: Some(10.0),
        gone_after: Some(20.0),
    };
    let mut model = Builder::new(60, 2.0, &["well", "ill", "cured", "dead"])
        .attribute(age(60.0, 9.0, (40.0, 80.0)))
        .attribute(categorical("sex", &[("female", 0.6), ("male", 0.4)]))
        .attribute(Attribute {
            name: "frailty".into(),
            label: "Frailty".into(),
            kind: AttributeKind::Continuous(AttributeDistribution {
                family: AttributeFamily::Uniform { low: x(0.8), high: x(1.2) },
                within: None,
            }),
        })
        .group("not well", &[1, 2])
        .transition("fall ill", &[0, 2], 1, false, Hazard::Rate(x(0.25)))
        .transition("treat", &[1], 2, false, Hazard::Rate(x(0.5)))
        .branch(Some(3), 0.1)
        .transition(
            "die",
            &[0, 1, 2],
            3,
            true,
            Hazard::LifeTable {
                table: 0,
                age: 0,
                ratio: Expr::Select(Selector::State, vec![x(1.0), x(4.0), x(1.5), x(0.0)]),
            },
        )
        .strategy("usual", vec![])
        .strategy("new", vec![effect])
        .model;
    model.life_tables.push(life_table());
    model.strategies[1].at_start = vec![
        Branch { name: "dead".into(), to: Some(3), share: Share::Stated(x(0.02)) },
        Branch { name: "fine".into(), to: None, share: Share::Rest },
    ];
    let cost = outcome(&mut model, "cost", Correction::LifeTable, annual(0.035, Moment::Middle));
    let qaly = outcome(&mut model, "qaly", Correction::HalfCycle, annual(0.015, Moment::Point));
    model.outcomes[0].weighted_once = true;
    let first_year = |group, a, b| {
        let early = both(time_in(group), Binary::Less, x(1.0));
        Expr::If(Box::new([early, x(a), x(b)]))
    };
    // Rewards by time in steps, by attained age, and by category.
    let early = both(Expr::Clock(Clock::Time), Binary::Less, x(5.0));
    reward(&mut model, cost, Expr::If(Box::new([early, x(300.0), x(200.0)])), When::In(vec![0, 2]));
    let by_sex = Expr::Select(Selector::Attribute(1), vec![x(900.0), x(1200.0)]);
    reward(&mut model, cost, by_sex, When::In(vec![1]));
    // Rewards by time in a group, and with a modifier drawn once per patient.
    reward(&mut model, cost, first_year(4, 1500.0, 100.0), When::In(vec![1, 2]));
    let own = both(Expr::Attribute(2), Binary::Multiply, x(0.85));
    reward(&mut model, qaly, own, When::In(vec![0]));
    let norm = both(x(1.0), Binary::Subtract, both(x(0.003), Binary::Multiply, Expr::Clock(Clock::Age(0))));
    reward(&mut model, qaly, both(norm, Binary::Multiply, first_year(4, 0.6, 0.75)), When::In(vec![1, 2]));
    // One-off rewards.
    reward(&mut model, cost, x(2500.0), When::Entering(vec![2, 3]));
    reward(&mut model, cost, both(x(100.0), Binary::Multiply, time_in(1)), When::Leaving(vec![1]));
    reward(
        &mut model,
        cost,
        both(x(10.0), Binary::Multiply, Expr::Attribute(2)),
        When::Firing(vec![(1, 0), (1, 1)]),
    );
    reward(&mut model, qaly, x(-0.1), When::Firing(vec![(1, 0)]));
    reward(&mut model, cost, x(400.0), When::Starting(None));
    reward(&mut model, cost, x(5000.0), When::Starting(Some(vec![(1, 0), (1, 1)])));
    model.rewards.last_mut().unwrap().strategies = Some(vec![1]);
    model
}

/// Mean and standard deviation between simulated patients agree with the exact values; ages and frailty are drawn from
/// the nodes.
#[test]
fn both_engines_agree_on_every_kind_of_reward() {
    let model = everything();
    let tables = Tables::new(&model, &[]);
    // A small number of ages keeps the recursion short, because states with two clocks have many cells per stratum.
    let listed = |values: &[(f64, f64)]| -> Vec<quadrature::Node> {
        values.iter().map(|&(value, weight)| quadrature::Node { value, weight, given: 0 }).collect()
    };
    let mut nodes = population::population_nodes(&model, &[], 1);
    nodes[0] = listed(&[(52.3, 0.3), (66.6, 0.7)]);
    nodes[2] = listed(&[(0.85, 0.4), (1.1, 0.6)]);
    let (totals, spread) = exact(&model, &nodes);
    let n = 200_000;
    let settings = Settings { nodes: Some(nodes), ..Settings::new(n, 3) };
    let simulated = microsim::run(&tables, &settings, &Watch::default()).unwrap().totals;
    for (s, spread) in spread.iter().enumerate() {
        for (o, moments) in spread.iter().enumerate() {
            let (exact, own) = (totals.strategies[s].outcomes[o], simulated.strategies[s].outcomes[o]);
            assert!(
                (exact.mean - moments.mean).abs() < 1e-9 * exact.mean,
                "forwards and backwards: {exact:?} {moments:?}"
            );
            let se = moments.sd() / (n as f64).sqrt();
            assert!((own.mean - exact.mean).abs() < 4.0 * se, "{s} {o}: {own:?} {exact:?} {se}");
            let off = (own.sd.unwrap() - moments.sd()).abs();
            assert!(off < 4.0 * moments.se_of_sd(n as f64), "{s} {o}: {own:?} {exact:?}");
            let parts: f64 = own_components(&model, &simulated, s, o);
            assert!((parts - own.mean).abs() < 1e-9 * own.mean);
        }
    }
    // Increments between lives of the same patient under both strategies.
    let more = simulated.strategies[1].increments[1];
    let apart = simulated.strategies[1].outcomes[1].mean - simulated.strategies[0].outcomes[1].mean;
    assert!((more.mean - apart).abs() < 1e-12);
    let [a, b] = [0, 1].map(|s: usize| simulated.strategies[s].outcomes[1].sd.unwrap());
    assert!(
        more.sd.unwrap() < (a * a + b * b).sqrt() / 1.5,
        "common random numbers couple the arms: {more:?}"
    );
}

/// Amounts have the same totals in both engines, whether they are separated into a part of the patient and a part of
/// the clock or evaluated at each grid point.
#[test]
fn amounts_are_worth_the_same_taken_apart_or_not() {
    let mut model = everything();
    let norm = |age: Expr| {
        let base = Expr::Select(Selector::Attribute(1), vec![x(0.95), x(0.97)]);
        let square = both(age, Binary::Power, x(2.0));
        both(base, Binary::Subtract, both(x(0.00003), Binary::Multiply, square))
    };
    let ratio = |age: Clock| both(norm(Expr::Clock(age)), Binary::Divide, norm(Expr::Attribute(0)));
    let early = both(Expr::Clock(Clock::Time), Binary::Less, x(5.0));
    let recent = both(Expr::Clock(Clock::TimeIn(4)), Binary::Less, x(1.0));
    let by_both = Expr::If(Box::new([both(early, Binary::Or, recent), Expr::Attribute(2), x(0.7)]));
    for component in 0..2 {
        let rest = both(ratio(Clock::AgeAtEnd(0)), Binary::Multiply, by_both.clone());
        reward(&mut model, component, ratio(Clock::Age(0)), When::In(vec![0, 1, 2]));
        reward(&mut model, component, rest.clone(), When::In(vec![1, 2]));
        reward(&mut model, component, rest, When::Leaving(vec![1]));
    }
    let mut whole = model.clone();
    for reward in &mut whole.rewards {
        // A factor of 1 that cannot be separated.
        let nothing = both(x(0.0), Binary::Multiply, Expr::Clock(Clock::Age(0)));
        let one = Expr::Call(Function::Exp, vec![nothing]);
        reward.amount = both(reward.amount.clone(), Binary::Multiply, one);
    }
    // A small number of ages, so that moments between patients can be computed in time.
    let nodes = population::few_nodes(&model, &[], 3);
    let run = |model: &Model| {
        let tables = Tables::new(model, &[]);
        let lives = microsim::run(&tables, &Settings::new(20_000, 5), &Watch::default()).unwrap();
        let (totals, spread) = exact(model, &nodes);
        let variances = spread.into_iter().flatten().map(|m| m.variance).collect();
        (lives.totals, totals, variances)
    };
    let (lives, totals, variances): (Totals, Totals, Vec<f64>) = run(&model);
    let (lives_whole, totals_whole, variances_whole) = run(&whole);
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-11 * a.abs().max(b.abs());
    for (own, due) in [(&lives, &lives_whole), (&totals, &totals_whole)] {
        for (own, due) in own.strategies.iter().zip(&due.strategies) {
            let parts = own.components.iter().zip(&due.components);
            parts.for_each(|(own, due)| assert!(near(*own, *due), "{own} {due}"));
        }
    }
    let each = lives.strategies.iter().zip(&lives_whole.strategies);
    for (own, due) in each.flat_map(|(a, b)| a.outcomes.iter().zip(&b.outcomes)) {
        assert!(near(own.sd.unwrap(), due.sd.unwrap()), "{own:?} {due:?}");
    }
    for (own, due) in variances.into_iter().zip(variances_whole) {
        assert!(near(own, due), "{own} {due}");
    }
}

fn own_components(model: &Model, totals: &Totals, strategy: usize, outcome: usize) -> f64 {
    let each = model.components.iter().zip(&totals.strategies[strategy].components);
    each.filter(|(c, _)| c.outcome == outcome).map(|(_, mean)| mean).sum()
}

/// Totals are identical to the last bit with any number of threads.
#[test]
fn threads_change_nothing() {
    let model = everything();
    let tables = Tables::new(&model, &[]);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| microsim::run(&tables, &Settings::new(30_000, 5), &Watch::default()).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

/// If a `first` transition fires and the patient stays, this is still the only move of the cycle, in both engines and
/// in the backward recursion.
#[test]
fn whoever_fires_first_and_stays_makes_no_other_move() {
    let mut model = Builder::new(10, 1.0, &["well", "ill"])
        .transition("visit", &[0], 0, true, Hazard::Probability(x(0.4)))
        .transition("fall ill", &[0], 1, false, Hazard::Probability(x(0.5)))
        .strategy("only", vec![])
        .model;
    model.transitions[0].branches[0].to = None;
    let visits = outcome(&mut model, "visits", Correction::End, None);
    reward(&mut model, visits, x(1.0), When::Firing(vec![(0, 0)]));
    let (totals, spread) = exact(&model, &[]);
    // In each cycle 0.4 of the well have a visit, and 0.3 of the well fall ill.
    let due: f64 = (0..10).map(|k| 0.4 * 0.7f64.powi(k)).sum();
    assert!((totals.strategies[0].outcomes[0].mean - due).abs() < 1e-12);
    assert!((spread[0][0].mean - due).abs() < 1e-12);
    let n = 100_000;
    let tables = Tables::new(&model, &[]);
    let simulated = microsim::run(&tables, &Settings::new(n, 9), &Watch::default());
    let own = simulated.unwrap().totals.strategies[0].outcomes[0];
    assert!((own.mean - due).abs() < 4.0 * spread[0][0].sd() / (n as f64).sqrt(), "{own:?} instead of {due}");
}
