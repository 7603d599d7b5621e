//! Exact against Monte Carlo on every scenario that ships, with ages as they are (continuous), at seeds that
//! nobody chose.
//!
//! Several runs and thousands of cells: how likely is it that a correct program fails here? A run of the base case
//! has 276 headlines and 18,054 cells. Were they normal, chance would take one beyond its limit (4 and 5 standard
//! errors) with a probability of at most 276 * 6.3e-5 + 18,054 * 5.7e-7 = 2.8 % (Bonferroni), and of less in truth:
//! strategies share their patients' luck and a curve hardly moves in half a year. Measured, 13 of 1,400 runs with other
//! seeds (12 of 1,000 with 40,000 patients, 1 of 400 with 100,000) had something beyond a limit, which is 0.9 %: a
//! headline each time, and once a cell too.
//!
//! So the six comparisons below fail a correct program with a probability of about 5 % per scenario, once: the seeds
//! come from the scenario's name and never change. That is small enough to take a failure for a defect first, and no
//! reason to widen a limit. To tell chance from defect, run the scenario with 16 times the patients and another seed:
//! a defect stands out four times as far. If it was chance, let `PATIENTS` grow for good; do not look for a seed that
//! passes.

use crate::common;

use arcosim::engine::microsim::{Settings, Simulated};
use common::{agreement, shipped, solve};

const PATIENTS: u64 = 100_000;
const SEEDS: u64 = 5;

#[test]
fn engines_agree_on_every_shipped_scenario() {
    for (name, scenario) in shipped::models() {
        let exact = solve::exact(&scenario);
        let error = exact.integration_error;
        let judge = |simulated: &Simulated, which: &str| {
            agreement::judge(
                &scenario,
                (&exact.solution.counts, &exact.solution.totals),
                simulated,
                error,
                &format!("{name}, {which}"),
            );
        };
        let mut pooled: Option<Simulated> = None;
        for index in 0..SEEDS {
            let seed = agreement::seed(&name, index);
            let simulated = solve::simulation(&scenario.model, &Settings::new(PATIENTS, seed));
            judge(&simulated, &format!("seed {seed}"));
            match &mut pooled {
                None => pooled = Some(simulated),
                Some(all) => agreement::pool(all, &simulated),
            }
        }
        // Other seeds are other patients: together they are one larger run, which sees a smaller bias.
        judge(&pooled.expect("at least one seed"), "all seeds");
    }
}
