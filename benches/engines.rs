//! Benchmark of both engines: prints rates as medians of several runs, on one core and on all cores.
//!
//! `cargo bench` runs the shipped base case with half-yearly and weekly cycles, and a five-state model with
//! time-dependent hazards on the exact engine, with parameters re-evaluated in each run. No time is asserted because
//! machines differ; compare ratios within one run.

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::Path;
use std::time::Instant;

use arcosim::engine::cohort::{Cohort, Detail};
use arcosim::engine::microsim::{Settings, Watch};
use arcosim::engine::{cohort, microsim};
use arcosim::model::*;
use common::{Builder, x};

fn main() {
    // `cargo bench -- lifetimes` runs only the part `lifetimes`.
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let runs = |part: &str| wanted.as_ref().is_none_or(|w| w == part);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores; medians of 5 runs");
    let base = load("half_yearly.toml");
    if runs("lifetimes") {
        let half_yearly = lifetimes("half-yearly cycles", &base);
        let weekly = lifetimes("weekly cycles", &load("weekly.toml"));
        println!("a weekly cycle costs {:.2} times a half-yearly one", weekly / half_yearly);
    }
    if runs("exact") {
        exact(&base);
    }
    if runs("five") {
        for varying in [false, true] {
            five_states(1, varying);
            five_states(cores, varying);
        }
    }
}

fn load(file: &str) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(file);
    let loaded = arcosim::scenario::load(&path, &[]);
    let Some(scenario) = loaded.scenario else {
        let text = arcosim::scenario::diagnostic::render(&loaded.diagnostics, &loaded.sources, false);
        println!("{text}");
        std::process::exit(2);
    };
    scenario.model
}

fn parameters(model: &Model) -> Vec<f64> {
    model.parameters.iter().map(|p| p.base).collect()
}

fn median(mut run: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[2]
}

/// Nanoseconds per patient-lifetime (one patient under one strategy) on one core.
fn lifetimes(name: &str, model: &Model) -> f64 {
    let values = parameters(model);
    let tables = Tables::new(model, &values);
    let settings = Settings::new(100_000, 1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let seconds = median(|| {
        pool.install(|| microsim::run(&tables, &settings, &Watch::default())).expect("nobody stops it");
    });
    let lives = 1e5 * model.strategies.len() as f64;
    println!(
        "microsimulation, {name}: {:.2} million patient-lifetimes per second and core ({:.0} ns each, {} cycles)",
        lives / seconds / 1e6,
        seconds / lives * 1e9,
        model.time.cycles
    );
    seconds
}

fn exact(model: &Model) {
    let values = parameters(model);
    for order in [1, 2] {
        let seconds = median(|| {
            let tables = Tables::new(model, &values);
            let nodes = population::population_nodes(model, &values, order);
            cohort::run(&tables, &nodes);
        });
        println!("exact, base case, {order} Gauss node(s) per panel: {:.0} ms", seconds * 1e3);
    }
}

/// Strategy-cycles per second with five states and two strategies, with parameters re-evaluated in each run. Hazards
/// are constant or, if `varying`, a Weibull hazard for each strategy and mortality that changes in steps over time.
fn five_states(threads: usize, varying: bool) {
    use rayon::prelude::*;
    let cycles = 60;
    let parameter = |i: usize| Expr::Parameter(i);
    let mortality = Expr::If(Box::new([
        Expr::Binary(Binary::Less, Box::new([Expr::Clock(Clock::Time), x(5.0)])),
        x(0.01),
        Expr::If(Box::new([
            Expr::Binary(Binary::Less, Box::new([Expr::Clock(Clock::Time), x(15.0)])),
            x(0.03),
            x(0.1),
        ])),
    ]));
    let mut model = Builder::new(cycles, 1.0, &["new", "working", "failed", "repaired", "dead"])
        .transition("done", &[0], 1, false, Hazard::Rate(x(4.0)))
        .transition(
            "wear",
            &[1],
            2,
            false,
            if varying {
                Hazard::Distribution {
                    time: TimeDistribution::Weibull { shape: parameter(0), scale: parameter(1) }.into(),
                    clock: Clock::Time,
                    ratio: x(1.0),
                }
            } else {
                Hazard::Rate(parameter(2))
            },
        )
        .transition("repaired", &[2], 3, false, Hazard::Rate(x(4.0)))
        .transition("again", &[3], 2, false, Hazard::Rate(parameter(2)))
        .transition("die", &[0, 1, 2, 3], 4, true, Hazard::Rate(if varying { mortality } else { x(0.03) }))
        .strategy("standard", vec![])
        .strategy(
            "new",
            vec![Effect {
                transitions: vec![1],
                on: EffectOn::Hazard,
                ratio: x(0.26),
                onset: 0.0,
                full_until: None,
                gone_after: None,
            }],
        )
        .model;
    for (name, base) in [("shape", 1.45), ("scale", 45.0), ("again", 0.04)] {
        model.parameters.push(Parameter { name: name.into(), base });
    }
    let sets = 4_000;
    let values = |i: u32| [1.45 + 1e-5 * f64::from(i), 45.0, 0.04];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let seconds = median(|| {
        pool.install(|| {
            // Each thread prepares the strategies once and runs them for many parameter vectors.
            let ready = || {
                let tables = Tables::new(&model, &values(0));
                let nodes = population::population_nodes(&model, &values(0), 1);
                (Cohort::new(&tables, &nodes, &[0, 1], Detail::Totals), tables)
            };
            (0..sets).into_par_iter().for_each_init(ready, |(cohort, tables), i| {
                tables.set(&values(i));
                let nodes = population::population_nodes(&model, &values(i), 1);
                std::hint::black_box(cohort.totals(tables, &nodes));
            });
        });
    });
    println!(
        "exact, five states, {} hazards, parameters re-evaluated, {threads} thread(s): {:.1} million strategy-cycles per second",
        if varying { "varying" } else { "constant" },
        f64::from(sets) * 2.0 * cycles as f64 / seconds / 1e6
    );
}
