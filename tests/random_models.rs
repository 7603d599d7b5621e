//! Invariants of every valid model, tested on random models written as scenarios: rows and occupancies sum to 1, no
//! patient leaves an absorbing state, survival curves never rise, both engines agree, and the order of declarations has
//! no effect.

use crate::common;

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arcosim::analysis::agreement::compare;
use arcosim::analysis::evaluation::{Evaluator, Integration};
use arcosim::engine::cohort;
use arcosim::engine::counts::Counts;
use arcosim::engine::microsim::Settings;
use arcosim::model::hazard::Reads;
use arcosim::model::{Clock, EffectOn, Expr, Function, Hazard, Model, Moves, Tables};
use arcosim::scenario::Scenario;
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::load_text;
use common::dice::Dice;
use common::written::{Written, written};
use common::{agreement, solve};

/// Number of random models. Seeds are the model numbers and never change, so a correct program can fail by chance only
/// when it is first tested: with 4 standard errors for 5,000 headline numbers, many of them nearly the same, with a
/// probability of at most one in three.
const MODELS: u64 = 200;
const PATIENTS: u64 = 4_096;

fn load(files: &[(&str, String)]) -> Result<Scenario, String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let loaded = load_text(&files, &[]);
    let messages = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.ok_or_else(|| format!("{messages}\n{}", shown(&files)))
}

fn shown(files: &[(&str, &str)]) -> String {
    let texts: Vec<String> = files.iter().map(|(name, text)| format!("--- {name}\n{text}")).collect();
    texts.join("\n")
}

/// Calls `holds`, which panics on failure, for every model, and prints the models that fail.
fn every_model(holds: impl Fn(u64, &Written, &Scenario)) {
    let mut failed = Vec::new();
    for number in 0..MODELS {
        let written = written(&mut Dice::new(number));
        let files = written.files();
        let held = load(&files).and_then(|scenario| {
            let held = catch_unwind(AssertUnwindSafe(|| holds(number, &written, &scenario)));
            held.map_err(|panic| {
                let why = panic.downcast_ref::<String>().map_or("it panicked", String::as_str);
                let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
                format!("{why}\n{}", shown(&files))
            })
        });
        failed.extend(held.err().map(|why| format!("model {number}: {why}")));
    }
    let list: Vec<&str> = failed.iter().filter_map(|why| why.lines().next()).collect();
    assert!(
        failed.is_empty(),
        "{}\n\n{} of {MODELS} models failed:\n{}",
        failed[..failed.len().min(3)].join("\n"),
        failed.len(),
        list.join("\n")
    );
}

#[test]
fn every_model_keeps_the_rules_of_counting() {
    let seen = Cell::new([0; 6]);
    every_model(|_, _, scenario| {
        let model = &scenario.model;
        let exact = solve::exact(scenario);
        keeps_patients(model, &exact.solution.counts, "exact");
        for (strategy, curves) in exact.solution.curves.iter().enumerate() {
            for curve in curves.iter().flatten() {
                let survival: Vec<f64> = curve.survival.estimates.iter().map(|e| e.survival).collect();
                let falls = survival.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12);
                let shares = survival.iter().all(|s| (-1e-12..=1.0 + 1e-12).contains(s));
                assert!(falls && shares, "strategy {strategy}: {survival:?}");
            }
        }
        let mut all = seen.get();
        for (n, kind) in all.iter_mut().zip(used(model)) {
            *n += usize::from(kind);
        }
        seen.set(all);
    });
    // Each feature must occur in at least 10 models, because the models are drawn to cover it.
    assert!(seen.get().iter().all(|&n| n >= 10), "{seen:?}");
}

/// Whether the model has re-entry, transitions from groups, two clocks, certain rows, stated rows, effects that wane.
fn used(model: &Model) -> [bool; 6] {
    let back = model.transitions.iter().any(|t| {
        let to = t.branches.iter().filter_map(|b| b.to);
        to.min().is_some_and(|to| t.from.iter().all(|&from| to < from))
    });
    let clocks = model.paths().clocks.len();
    [
        back,
        model.transitions.iter().any(|t| t.from.len() > 1),
        clocks > 1,
        model.transitions.iter().any(|t| matches!(t.hazard, Hazard::Complement)),
        model.transitions.iter().any(|t| t.stated),
        model.strategies.iter().flat_map(|s| &s.effects).any(|e| e.gone_after.is_some()),
    ]
}

/// Checks that the number of patients is constant, patients stay in absorbing states, moves explain all changes in
/// occupancy, no share is negative, and every patient with an event was at risk of it.
fn keeps_patients(model: &Model, counts: &Counts, what: &str) {
    let paths = model.paths();
    for (s, own) in counts.strategies.iter().enumerate() {
        let what = format!("{what}, strategy {s}");
        for cycle in 0..=model.time.cycles {
            let here = |state: usize| own.occupancy[state][cycle];
            let all: f64 = (0..model.states.len()).map(here).sum();
            assert!((all - 1.0).abs() < 1e-12, "{what}: {all} in cycle {cycle}");
            assert!((0..model.states.len()).all(|state| here(state) >= -1e-15), "{what}, cycle {cycle}");
            if cycle == 0 {
                continue;
            }
            for (state, declared) in model.states.iter().enumerate() {
                let before = own.occupancy[state][cycle - 1];
                if declared.absorbing {
                    assert!(here(state) >= before - 1e-15, "{what}: {} in cycle {cycle}", declared.name);
                }
                let (mut came, mut left, mut fired) = (0.0, 0.0, 0.0);
                for (edge, moves) in paths.edges.iter().zip(&own.moves) {
                    let stays = edge.from == edge.to;
                    came += if edge.to == state && !stays { moves[cycle] } else { 0.0 };
                    left += if edge.from == state && !stays { moves[cycle] } else { 0.0 };
                    fired += if edge.from == state { moves[cycle] } else { 0.0 };
                }
                let due = before + came - left;
                assert!(
                    (here(state) - due).abs() < 1e-12,
                    "{what}, cycle {cycle}: {} in {}, not {due}",
                    here(state),
                    declared.name
                );
                // The patients who leave a state cannot be more than the patients in the state; in continuous time, patients may
                // come and leave in the same cycle.
                assert!(
                    fired <= before + 1e-12 || model.time.continuous(),
                    "{what}, cycle {cycle}: {fired} of {before} leave {}",
                    declared.name
                );
            }
        }
        for endpoint in &own.endpoints {
            let ended = |grid: &[f64]| {
                assert!(grid.iter().all(|&x| x >= -1e-15), "{what}: {grid:?}");
                grid.iter().sum::<f64>()
            };
            let all = ended(&endpoint.events) + ended(&endpoint.competing) + ended(&endpoint.censored);
            let entered = endpoint.entered;
            assert!((all - entered).abs() < 1e-12, "{what}: {all} of {entered} at risk");
            assert!(entered + endpoint.beyond <= 1.0 + 1e-12, "{what}");
        }
    }
}

#[test]
fn engines_agree_on_every_model() {
    every_model(|number, _, scenario| {
        let exact = solve::exact(scenario);
        let seed = agreement::seed("random models", number);
        let simulated = solve::simulation(&scenario.model, &Settings::new(PATIENTS, seed));
        keeps_patients(&scenario.model, &shares(&simulated.counts), "simulated");
        agreement::judge(
            scenario,
            (&exact.solution.counts, &exact.solution.totals),
            &simulated,
            exact.integration_error,
            &format!("model {number}, seed {seed}"),
        );
    });
}

/// The model in continuous time: probabilities per cycle become rates. `None` if it cannot be written so.
fn in_continuous_time(model: &Model) -> Option<Model> {
    let mut own = model.clone();
    own.time.moves = Moves::Continuous;
    let mut counts = false;
    let per_year = model.time.cycles_per_year;
    let mut read = |e: &Expr| {
        e.walk(&mut |e| {
            counts |= matches!(e, Expr::Clock(Clock::Cycle | Clock::AgeAtEnd(_)));
            // A limit within a cycle applies to the whole cycle, so that it moves when the cycle is halved.
            if let Expr::Binary(operator, sides) = e
                && operator.is_comparison()
                && sides.iter().any(|side| Reads::of(side).clocks() > 0)
            {
                let on_grid = |x: f64| (x * per_year - (x * per_year).round()).abs() < 1e-6;
                counts |= !sides.iter().any(|side| matches!(side, Expr::Number(x) if on_grid(*x)));
            }
        });
    };
    model.transitions.iter().for_each(|t| t.expressions(&mut read));
    model.rewards.iter().for_each(|reward| read(&reward.amount));
    let cycle = Expr::Number(1.0 / model.time.cycles_per_year);
    for transition in &mut own.transitions {
        (transition.first, transition.stated) = (false, false);
        match &transition.hazard {
            Hazard::Complement => return None,
            Hazard::Probability(Expr::Number(p)) if *p >= 1.0 => return None,
            Hazard::Probability(p) => {
                transition.hazard = Hazard::Rate(Expr::Call(Function::Rate, vec![p.clone(), cycle.clone()]));
            }
            _ => {}
        }
    }
    for effect in own.strategies.iter_mut().flat_map(|s| &mut s.effects) {
        effect.on = EffectOn::Hazard;
    }
    (!counts).then_some(own)
}

#[test]
fn engines_agree_on_models_in_continuous_time() {
    let tested = Cell::new(0);
    every_model(|number, _, scenario| {
        let Some(model) = in_continuous_time(&scenario.model).filter(|_| number % 2 == 0) else { return };
        let scenario = Scenario { model, ..scenario.clone() };
        let exact = solve::exact(&scenario);
        keeps_patients(&scenario.model, &exact.solution.counts, "exact");
        let seed = agreement::seed("random models in continuous time", number);
        let simulated = solve::simulation(&scenario.model, &Settings::new(PATIENTS, seed));
        keeps_patients(&scenario.model, &shares(&simulated.counts), "simulated");
        // The error of the cycle length is no deviation of the engines, but it must not hide one either.
        assert!(exact.integration_error < 0.05, "the error of the cycle is {}", exact.integration_error);
        let landmarks = solve::landmarks(&scenario);
        let compared = compare(
            &scenario.model,
            &exact.solution.counts,
            &simulated.counts,
            &landmarks,
            exact.integration_error,
        );
        assert!(
            compared.engines_agree(),
            "seed {seed}, error {}: {:?} {:?}",
            exact.integration_error,
            compared.worst_headline(),
            compared.worst_cell
        );
        tested.set(tested.get() + 1);
    });
    assert!(tested.get() >= 40, "only {} models can be written in continuous time", tested.get());
}

/// Converts numbers of patients to shares.
fn shares(counts: &Counts) -> Counts {
    let mut own = counts.clone();
    let n = counts.patients;
    for strategy in &mut own.strategies {
        let endpoints = strategy.endpoints.iter_mut().flat_map(|e| {
            e.beyond /= n;
            e.entered /= n;
            [&mut e.events, &mut e.competing, &mut e.censored]
        });
        let grids = strategy.occupancy.iter_mut().chain(&mut strategy.moves).chain(endpoints);
        grids.flatten().for_each(|x| *x /= n);
    }
    own
}

#[test]
fn totals_alone_are_those_of_the_full_count() {
    every_model(|_, _, scenario| {
        let model = &scenario.model;
        for integration in [Integration::Nodes(3), Integration::Panels(1)] {
            let mut evaluator = Evaluator::new(model, integration);
            let base = model.base_values();
            // Other values and then the first values again, because cached results must stay valid.
            for factor in [1.0, 0.98, 1.0] {
                let values: Vec<f64> = base.iter().map(|x| x * factor).collect();
                let nodes = integration.nodes(model, &values);
                let full = cohort::run(&Tables::new(model, &values), &nodes);
                let due = cohort::totals(model, &full.strategies, &[]);
                let totals = evaluator.totals(&values);
                for (strategy, (own, due)) in totals.iter().zip(&due.strategies).enumerate() {
                    for (outcome, (own, due)) in own.iter().zip(&due.outcomes).enumerate() {
                        let near = (own - due.mean).abs() <= 1e-11 * due.mean.abs().max(1.0);
                        let due = due.mean;
                        assert!(near, "strategy {strategy}, outcome {outcome}: {own}, not {due}");
                    }
                }
            }
        }
    });
}

/// Results of a run, each under a name that identifies it.
fn by_names(model: &Model, counts: &Counts, totals: &[(String, f64)]) -> HashMap<String, f64> {
    let paths = model.paths();
    let mut all: HashMap<String, f64> = totals.iter().cloned().collect();
    let mut put = |name: String, grid: &[f64]| {
        for (cycle, value) in grid.iter().enumerate() {
            assert!(all.insert(format!("{name}, cycle {cycle}"), *value).is_none(), "{name}");
        }
    };
    for (own, strategy) in counts.strategies.iter().zip(&model.strategies) {
        let x = &strategy.name;
        for (state, grid) in model.states.iter().zip(&own.occupancy) {
            put(format!("{x}: in {}", state.name), grid);
        }
        for (edge, grid) in paths.edges.iter().zip(&own.moves) {
            let (transition, from) = (&model.transitions[edge.transition], &model.states[edge.from].name);
            let branch = &transition.branches[edge.branch].name;
            put(format!("{x}: {} from {from}, branch {branch}", transition.name), grid);
        }
        for (endpoint, own) in model.endpoints.iter().zip(&own.endpoints) {
            let name = &endpoint.name;
            put(format!("{x}: {name}"), &own.events);
            put(format!("{x}: competing with {name}"), &own.competing);
            put(format!("{x}: censored in {name}"), &own.censored);
            put(format!("{x}: at risk of {name}"), &[own.beyond, own.entered]);
        }
    }
    all
}

fn totals_by_names(model: &Model, totals: &arcosim::engine::Totals) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    for (own, strategy) in totals.strategies.iter().zip(&model.strategies) {
        let x = &strategy.name;
        for (outcome, total) in model.outcomes.iter().zip(&own.outcomes) {
            all.push((format!("{x}: {}", outcome.name), total.mean));
            all.extend(total.sd.map(|sd| (format!("{x}: sd of {}", outcome.name), sd)));
        }
        for (component, mean) in model.components.iter().zip(&own.components) {
            let outcome = &model.outcomes[component.outcome].name;
            all.push((format!("{x}: {outcome}, {}", component.category), *mean));
        }
    }
    all
}

#[test]
fn order_of_declarations_is_of_no_matter() {
    every_model(|number, written, scenario| {
        let mut dice = Dice::new(1_000_000 + number);
        let other = written.shuffled(&mut dice);
        let files = other.files();
        let other = load(&files).unwrap_or_else(|why| panic!("shuffled: {why}"));
        let texts = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let shuffled = shown(&texts[..2]);
        let settings = Settings::new(512, number);
        let results = [scenario, &other].map(|scenario| {
            let model = &scenario.model;
            let exact = solve::exact(scenario).solution;
            let simulated = solve::simulation(model, &settings);
            (
                by_names(model, &exact.counts, &totals_by_names(model, &exact.totals)),
                by_names(model, &simulated.counts, &[]),
            )
        });
        let [(exact, simulated), (other_exact, other_simulated)] = results;
        assert_eq!(exact.len(), other_exact.len());
        for (name, &value) in &exact {
            let now = other_exact[name];
            // Sums are added in another order. Standard deviations need more tolerance because each is the root of a
            // difference of sums.
            let within = if name.contains("sd of") { 1e-6 } else { 1e-12 };
            let near = (now - value).abs() <= within * value.abs().max(1.0);
            assert!(near, "{name}: {now}, not {value}; shuffled:\n{shuffled}");
        }
        for (name, &value) in &simulated {
            assert_eq!(other_simulated[name], value, "{name}, simulated; shuffled:\n{shuffled}");
        }
    });
}
