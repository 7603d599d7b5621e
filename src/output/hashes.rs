//! SHA-256 hash that identifies the inputs of an analysis.

use sha2::{Digest, Sha256};

use crate::scenario::Scenario;

/// SHA-256 over the hashes of all input files of the scenarios and over the base values changed on the command line.
pub fn hash_of_inputs(scenarios: &[&Scenario], overrides: &[(String, String)]) -> String {
    let mut all = Sha256::new();
    for file in scenarios.iter().flat_map(|scenario| &scenario.files) {
        all.update(&file.sha256);
    }
    for (name, value) in overrides {
        all.update(format!("\n{name}={value}"));
    }
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
