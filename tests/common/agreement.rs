//! Judging exact against Monte Carlo, and seeds that nobody chose.

use arcosim::analysis::agreement::{Cell, compare};
use arcosim::engine::counts::Counts;
use arcosim::scenario::Scenario;
use sha2::{Digest, Sha256};

use super::solve;

/// A seed that nobody picked because it passes: the first bytes of a hash of what it is for.
pub fn seed(purpose: &str, index: u64) -> u64 {
    let hash = Sha256::digest(format!("agreement of both engines: {purpose}, {index}"));
    u64::from_le_bytes(hash[..8].try_into().unwrap())
}

/// Requires both engines to agree by the criteria of the library, and prints what was furthest off.
pub fn judge(scenario: &Scenario, exact: &Counts, simulated: &Counts, integration_error: f64, which: &str) {
    let landmarks = solve::landmarks(scenario);
    let agreement = compare(&scenario.model, exact, simulated, &landmarks, integration_error);
    let text = format!(
        "{which}, {} patients, integration error {integration_error:e}\n  worst of {} headlines: {}\n  worst of {} cells: {}",
        simulated.patients,
        agreement.headlines.len(),
        described(scenario, agreement.worst_headline()),
        agreement.cells,
        described(scenario, agreement.worst_cell)
    );
    println!("{text}");
    assert!(agreement.passes(), "{text}");
}

/// Adds other patients.
pub fn pool(all: &mut Counts, other: &Counts) {
    all.patients += other.patients;
    for (mine, theirs) in all.strategies.iter_mut().zip(&other.strategies) {
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
