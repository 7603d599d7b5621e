//! Judges the agreement of exact and Monte Carlo results, with seeds derived from names.

use arcosim::analysis::agreement::{Cell, compare};
use arcosim::engine::Totals;
use arcosim::engine::counts::Counts;
use arcosim::engine::microsim::Simulated;
use arcosim::scenario::Scenario;
use sha2::{Digest, Sha256};

use super::solve;

/// A seed that nobody picked because it passes: the first bytes of a hash of what it is for.
pub fn seed(purpose: &str, index: u64) -> u64 {
    let hash = Sha256::digest(format!("agreement of both engines: {purpose}, {index}"));
    u64::from_le_bytes(hash[..8].try_into().unwrap())
}

/// Requires both engines to agree by the criteria of the library, and prints what was furthest off.
pub fn judge(
    scenario: &Scenario,
    (exact, totals): (&Counts, &Totals),
    simulated: &Simulated,
    integration_error: f64,
    which: &str,
) {
    let landmarks = solve::landmarks(scenario);
    let model = &scenario.model;
    let patients = simulated.counts.patients;
    let mut agreement = compare(model, exact, &simulated.counts, &landmarks, integration_error);
    agreement.compare_totals(model, totals, &simulated.totals, patients);
    let text = format!(
        "{which}, {patients} patients, integration error {integration_error:e}\n  worst of {} headlines: {}\n  worst of {} cells: {}",
        agreement.headlines.len(),
        described(scenario, agreement.worst_headline()),
        agreement.cells,
        described(scenario, agreement.worst_cell)
    );
    println!("{text}");
    assert!(agreement.passes(), "{text}");
}

/// Adds other patients; of what they gather, the means.
pub fn pool(all: &mut Simulated, other: &Simulated) {
    let share = other.counts.patients / (all.counts.patients + other.counts.patients);
    for (mine, theirs) in all.totals.strategies.iter_mut().zip(&other.totals.strategies) {
        for (mine, theirs) in mine.outcomes.iter_mut().zip(&theirs.outcomes) {
            mine.mean += share * (theirs.mean - mine.mean);
        }
    }
    all.counts.patients += other.counts.patients;
    for (mine, theirs) in all.counts.strategies.iter_mut().zip(&other.counts.strategies) {
        mine.add_moves(theirs);
        let endpoints = mine.endpoints.iter_mut().zip(&theirs.endpoints);
        endpoints.for_each(|(mine, theirs)| mine.add(theirs));
    }
}

fn described(scenario: &Scenario, cell: Option<Cell>) -> String {
    cell.map_or("none".into(), |c| {
        let strategy = &scenario.model.strategies[c.strategy].name;
        format!(
            "{strategy} {:?} at cycle {}: exact {}, simulated {}, {:.2} standard errors",
            c.quantity, c.cycle, c.exact, c.simulated, c.z
        )
    })
}
