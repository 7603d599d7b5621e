//! Benchmark of the probabilistic analysis on the exact engine: time for the draws of shipped scenarios, and the share
//! of this time used for sampling parameters. `cargo bench --bench psa -- onfh` runs only the part `onfh`. No time is
//! asserted.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use arcosim::analysis::evaluation::Integration;
use arcosim::analysis::psa::{self, DrawEngine, Draws};
use arcosim::model::uncertainty::Sampling;

fn main() {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    let runs = |part: &str| wanted.as_ref().is_none_or(|w| w == part);
    for (part, file, count) in [
        ("onfh", "onfh/base.toml", 1_000),
        ("hip", "published/hip_replacement.toml", 10_000),
        ("sick", "published/sick_sicker.toml", 10_000),
    ] {
        if runs(part) {
            draws(file, count);
        }
    }
}

fn draws(file: &str, count: u64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let loaded = arcosim::scenario::load(&path, &[]);
    let Some(scenario) = loaded.scenario else {
        let text = arcosim::scenario::diagnostic::render(&loaded.diagnostics, &loaded.sources, false);
        println!("{text}");
        std::process::exit(2);
    };
    let model = &scenario.model;
    let base = model.base_values();
    let draws = Draws::new(model, &base, &scenario.uncertainty, Sampling::Random, (1, count));
    let start = Instant::now();
    for k in 1..=count {
        std::hint::black_box(draws.values(k, 0));
    }
    let drawing = start.elapsed().as_secs_f64();
    let engine = DrawEngine::Cohort(Integration::Nodes(scenario.psa.nodes));
    let mut seconds: Vec<f64> = (0..3)
        .map(|_| {
            let start = Instant::now();
            let psa = psa::run(model, &draws, (engine, false), &|_| {}, &AtomicBool::new(false));
            std::hint::black_box(psa.is_ok());
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "{file}: {} uncertain parameters, {:.3} ms a draw on {} threads (10,000 draws: {:.2} s); drawing alone {:.4} ms on one",
        draws.dimension(),
        seconds[1] / count as f64 * 1e3,
        rayon::current_num_threads(),
        seconds[1] / count as f64 * 1e4,
        drawing / count as f64 * 1e3,
    );
}
