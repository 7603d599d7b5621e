//! Memory estimates: a run that needs too much memory is refused at once, and the estimate matches the memory that
//! runs use.

mod common;

use std::fmt::Write;
use std::fs;
use std::time::Instant;

use common::program::{Folder, code};

/// Text of a scenario: a chain of `states` states over `cycles` daily cycles, under `strategies` strategies that
/// all have the same effect, with one reward and one endpoint.
fn chain(states: usize, cycles: usize, strategies: usize) -> String {
    let mut text = format!(
        "format = 1\n[time]\ncycle = \"1 day\"\nhorizon = \"{cycles} days\"\n[population.start]\ns0 = \"rest\"\n[states]\n"
    );
    for s in 0..states {
        let absorbing = if s + 1 == states { "absorbing = true" } else { "" };
        writeln!(text, "s{s} = {{ {absorbing} }}").unwrap();
    }
    for s in 1..states {
        writeln!(
            text,
            "[transitions.t{s}]\nfrom = \"s{}\"\nto = \"s{s}\"\nrate = \"0.1 + 0.01 * time\"",
            s - 1
        )
        .unwrap();
    }
    for s in 0..strategies {
        writeln!(text, "[strategies.a{s}]\n[[strategies.a{s}.effects]]\non = \"t1\"\nhazard_ratio = {}", 0.9)
            .unwrap();
    }
    write!(
        text,
        "[endpoints.end]\nenters = \"s{}\"\n[outcomes.years]\nunit = \"years\"\ncorrection = \"start\"\ndiscount = \"none\"\n\
         [rewards.life]\noutcome = \"years\"\nper_year = 1\nin = \"s0\"\n",
        states - 1
    )
    .unwrap();
    text
}

#[test]
fn a_hundred_gigabytes_are_refused_at_once_with_the_reason() {
    let folder = Folder::new();
    fs::write(folder.0.join("large.toml"), chain(30, 1_000_000, 300)).unwrap();
    for command in ["check", "run"] {
        let began = Instant::now();
        let output = folder.arcosim(&[command, "large.toml", "--memory", "16"]);
        let seconds = began.elapsed().as_secs_f64();
        code(&output, 2);
        let said = String::from_utf8(output.stderr).unwrap();
        println!("{said}");
        for words in [
            "E0117",
            "GB of memory",
            "the limit is 16 GB",
            "large.toml:4:",
            "300 strategies",
            "1,000,001 points in time",
        ] {
            assert!(said.contains(words), "{words} is not in\n{said}");
        }
        assert!(seconds < 1.0, "{command} took {seconds} s");
    }
    // The numbers of draws and patients, which are command-line options, can also make a run too large.
    fs::write(folder.0.join("small.toml"), chain(3, 100, 2)).unwrap();
    code(&folder.arcosim(&["check", "small.toml"]), 0);
    let output = folder.arcosim(&["run", "small.toml", "-n", "4000000000", "--memory", "0.01"]);
    code(&output, 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("4000000000 patients") && said.contains("--memory GB"), "{said}");
    assert!(!folder.0.join("output").exists());
}

#[cfg(target_os = "linux")]
mod measured {
    use super::*;
    use arcosim::analysis::base_case::{self, Engine, Options};
    use arcosim::engine::memory;
    use arcosim::engine::microsim::Watch;
    use arcosim::model::{Model, Tables};

    /// Value in bytes of one line of `/proc/self/status`.
    fn status(line: &str) -> f64 {
        let text = fs::read_to_string("/proc/self/status").unwrap();
        let value = text.lines().find_map(|l| l.strip_prefix(line)).unwrap();
        1024.0 * value.trim().trim_end_matches(" kB").parse::<f64>().unwrap()
    }

    fn model(text: &str) -> Model {
        common::shipped::from_texts(&[("m.toml", text)], &[]).model
    }

    /// Text of a scenario in which every hazard reads the time in its state, so that patients are distinguished by
    /// the cycle of entry.
    fn clocked(states: usize, cycles: usize) -> String {
        let mut text = chain(states, cycles, 2);
        for s in 1..states {
            let by_clock = format!("rate = \"0.1 + 0.01 * time_in(s{})\"", s - 1);
            text = text.replacen("rate = \"0.1 + 0.01 * time\"", &by_clock, 1);
        }
        text
    }

    fn cases() -> [(&'static str, String, Engine, u64); 5] {
        [
            ("many strategies, exact", chain(20, 2_000, 60), Engine::Cohort, 1),
            ("many cycles, exact", chain(20, 30_000, 4), Engine::Cohort, 1),
            ("time in states, exact", clocked(12, 1_000), Engine::Cohort, 1),
            ("many strategies, simulated", chain(20, 2_000, 60), Engine::Microsim, 20_000),
            ("both", chain(20, 4_000, 20), Engine::Both, 20_000),
        ]
    }

    /// Environment variable with the index of the case that a separate process runs.
    const CASE: &str = "ARCOSIM_TEST_CASE";

    /// Runs one case, and prints the estimated memory and the memory that the run used, in bytes.
    #[test]
    #[ignore = "a part of `what_is_told_is_what_runs_take`, in a process of its own"]
    fn one_case() {
        let Ok(case) = std::env::var(CASE) else { return };
        let (_, text, engine, patients) = &cases()[case.parse::<usize>().unwrap()];
        let model = model(text);
        let simulated = engine.simulates().then_some(*patients);
        let told = {
            let tables = Tables::new(&model, &model.base_values());
            memory::run(&tables, engine.exact(), simulated, 2)
        };
        let options = Options::new(*engine, *patients, 1, vec![1.0]);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let before = status("VmRSS:");
        pool.install(|| base_case::run(&model, &options, &Watch::default())).unwrap();
        println!("TAKEN {} {}", told.bytes(), status("VmHWM:") - before);
    }

    #[test]
    fn what_is_told_is_what_runs_take() {
        let mut told_less = 0;
        for (case, (what, ..)) in cases().iter().enumerate() {
            let output = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "measured::one_case", "--ignored", "--nocapture"])
                .env(CASE, case.to_string())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            // The line may begin with output of the test harness.
            let numbers = said.split("TAKEN ").nth(1).and_then(|rest| rest.lines().next());
            let numbers: Vec<f64> = numbers.expect(&said).split(' ').map(|n| n.parse().unwrap()).collect();
            let [told, taken] = numbers[..] else { panic!("{said}") };
            println!("{what}: told {:.1} MB, taken {:.1} MB, {:.2}", told / 1e6, taken / 1e6, told / taken);
            assert!(taken > 10e6, "{what}: too small to be told from noise");
            assert!(told > 0.5 * taken && told < 2.5 * taken, "{what}");
            told_less += usize::from(told < taken);
        }
        assert!(told_less <= 1, "mostly above");
    }
}
