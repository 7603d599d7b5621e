//! Benchmark on published models with rewards: the exact engine with parameters re-evaluated, and the microsimulation.
//! Prints rates as medians of several runs; no time is asserted.

use std::path::Path;
use std::time::Instant;

use arcosim::engine::cohort::{Cohort, Detail};
use arcosim::engine::microsim::{self, Settings, Watch};
use arcosim::model::population;
use arcosim::model::{Model, Tables};
use rayon::prelude::*;

fn main() {
    // `cargo bench --bench published -- residence` runs only the part `residence`.
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let runs = |part: &str| wanted.as_ref().is_none_or(|w| w == part);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores; medians of 5 runs");
    for threads in [1, cores] {
        if runs("hip") {
            exact("hip_replacement", 4_000, threads);
        }
        if runs("residence") {
            exact("sick_sicker_state_residence", 400, threads);
        }
        if runs("persons") {
            persons("sick_sicker_microsimulation", threads);
        }
    }
}

fn load(name: &str) -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/published");
    let loaded = arcosim::scenario::load(&folder.join(format!("{name}.toml")), &[]);
    let Some(scenario) = loaded.scenario else {
        let text = arcosim::scenario::diagnostic::render(&loaded.diagnostics, &loaded.sources, false);
        println!("{text}");
        std::process::exit(2);
    };
    scenario.model
}

fn median(threads: usize, mut run: impl FnMut() + Send) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let mut seconds: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            pool.install(&mut run);
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[2]
}

/// Times the totals of all strategies for `sets` parameter vectors. All values differ slightly between vectors, except
/// patient characteristics and discount rates, which an uncertainty analysis also keeps fixed.
fn exact(name: &str, sets: u32, threads: usize) {
    let model = load(name);
    let values = |i: u32| -> Vec<f64> {
        let fixed = |name: &str| ["age.", "share.", "discount."].iter().any(|f| name.starts_with(f));
        let scale = |name: &str| {
            if fixed(name) { 1.0 } else { 1.0 - 1e-6 * f64::from(i + 1) }
        };
        model.parameters.iter().map(|p| p.base * scale(&p.name)).collect()
    };
    let strategies: Vec<usize> = (0..model.strategies.len()).collect();
    let seconds = median(threads, || {
        // Each thread prepares the strategies once and runs them for many parameter vectors.
        let ready = || {
            let tables = Tables::new(&model, &values(0));
            let nodes = population::population_nodes(&model, &values(0), 1);
            (Cohort::new(&tables, &nodes, &strategies, Detail::Totals), tables)
        };
        (0..sets).into_par_iter().for_each_init(ready, |(cohort, tables), i| {
            let values = values(i);
            tables.set(&values);
            let nodes = population::population_nodes(&model, &values, 1);
            std::hint::black_box(cohort.totals(tables, &nodes));
        });
    });
    let cycles = strategies.len() * model.time.cycles;
    println!(
        "exact, {name}, {threads} thread(s): {:.4} ms for a set of parameters, {:.1} million strategy-cycles per second",
        seconds / f64::from(sets) * 1e3,
        f64::from(sets) * cycles as f64 / seconds / 1e6
    );
}

/// Times the microsimulation of patients under all strategies, including their totals.
fn persons(name: &str, threads: usize) {
    let model = load(name);
    let parameters: Vec<f64> = model.parameters.iter().map(|p| p.base).collect();
    let tables = Tables::new(&model, &parameters);
    let patients = 200_000;
    let seconds = median(threads, || {
        let simulated = microsim::run(&tables, &Settings::new(patients, 1), &Watch::default());
        std::hint::black_box(simulated.expect("nobody stops it"));
    });
    let lives = patients as f64 * model.strategies.len() as f64;
    println!(
        "microsimulation, {name}, {threads} thread(s): {:.0} million person-cycles per second ({:.0} ns a life)",
        lives * model.time.cycles as f64 / seconds / 1e6,
        seconds / lives * 1e9
    );
}
