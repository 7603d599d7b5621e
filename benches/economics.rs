//! Benchmark of EVPPI: regression with standard errors on 10,000 draws of six strategies at one threshold. Prints the
//! median of five runs, on one core and on all cores; no time is asserted.

use std::time::Instant;

use arcosim::economics::{ParameterGroup, evppi};
use arcosim::math::{exp, normal};

const DRAWS: usize = 10_000;
const PARAMETERS: usize = 40;
const STRATEGIES: usize = 6;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores; {DRAWS} draws, {STRATEGIES} strategies; medians of 5 runs");
    let (inputs, benefit) = sample();
    let singles: Vec<ParameterGroup> =
        (0..PARAMETERS).map(|p| ParameterGroup::new(format!("p{p}"), [p])).collect();
    let group = |size: usize| vec![ParameterGroup::new("group", (0..size).collect::<Vec<_>>())];
    for threads in [1, cores] {
        report("40 single parameters", threads, &inputs, &benefit, &singles);
        for size in [2, 5, 10, 20, 40] {
            report(&format!("a group of {size}"), threads, &inputs, &benefit, &group(size));
        }
    }
    for (name, groups) in [("p0", &singles[..1]), ("p7", &singles[7..8]), ("five", &group(5))] {
        for got in evppi(&inputs, &benefit, groups).expect("a sample without faults") {
            println!("{name}: {:.1} (SE {:.1}), {}", got.value, got.se.unwrap_or(0.0), got.smoother);
        }
    }
}

/// Test data: normal and lognormal parameters, and net benefits with curvature and interactions.
fn sample() -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut state = 2026_u64;
    let mut uniform = || {
        // Uniform random numbers by SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::EPSILON
    };
    let inputs: Vec<Vec<f64>> = (0..PARAMETERS)
        .map(|p| {
            (0..DRAWS)
                .map(|_| normal::quantile(uniform()))
                .map(|z| if p % 3 == 0 { exp(0.5 * z) } else { z })
                .collect()
        })
        .collect();
    let benefit = (0..STRATEGIES)
        .map(|s| {
            (0..DRAWS)
                .map(|i| {
                    let linear: f64 = (0..PARAMETERS).map(|p| inputs[p][i] / (1 + (p + s) % 9) as f64).sum();
                    1000.0 * (linear + inputs[s][i] * inputs[s + 1][i])
                })
                .collect()
        })
        .collect();
    (inputs, benefit)
}

fn report(what: &str, threads: usize, inputs: &[Vec<f64>], benefit: &[Vec<f64>], groups: &[ParameterGroup]) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let mut seconds: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            let results = pool.install(|| evppi(inputs, benefit, groups));
            assert!(results.is_ok_and(|results| results.len() == groups.len()));
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!("{what:>22}, {threads} threads: {:.3} s", seconds[2]);
}
