//! Random scenarios with independent results. One program drew the scenarios from the reference of the format. A second
//! program, written in Python from the same reference only, computed `expected.csv` by a dense recursion over states,
//! times since entry and categories, with the mean and mean square of every outcome. These scenarios are a small
//! selection of several hundred that together use nearly every feature.

use crate::common;

use arcosim::analysis::expected;
use arcosim::engine::microsim::Settings;
use common::{agreement, shipped, solve};

const PATIENTS: u64 = 20_000;

#[test]
fn random_scenarios_give_what_an_independent_program_gives() {
    let all = shipped::files("tests/scenarios/random", "toml");
    assert!(all.len() >= 10);
    for path in all {
        let name = shipped::relative(&path);
        let scenario = shipped::load(&path, &[]);
        // On a single thread all strategies run together and share caches.
        let together = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let exact = together.install(|| solve::exact(&scenario));
        let file = scenario.expected_file.as_ref().expect("numbers are expected");
        let rows = expected::read(&std::fs::read_to_string(file).unwrap(), &scenario.model).unwrap();
        let missed: Vec<String> = expected::compare(rows, &scenario.model, &exact.solution)
            .iter()
            .filter(|c| !c.passes())
            .map(|c| format!("{c:?}"))
            .collect();
        assert!(missed.is_empty(), "{name}\n{}", missed.join("\n"));

        let seed = agreement::seed(&name, 0);
        agreement::judge(
            &scenario,
            (&exact.solution.counts, &exact.solution.totals),
            &solve::simulation(&scenario.model, &Settings::new(PATIENTS, seed)),
            exact.integration_error,
            &format!("{name}, seed {seed}"),
        );
    }
}
