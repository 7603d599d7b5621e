//! SHA-256 hashes of the inputs of a scenario.

use sha2::{Digest, Sha256};

use crate::scenario::Scenario;

/// SHA-256 over the hashes of all inputs of a scenario.
pub fn hash_of_scenario(scenario: &Scenario) -> String {
    hash_of(scenario.files.iter().map(|file| file.sha256.as_str()), &[])
}

/// SHA-256 over hashes of inputs and over the changed base values.
pub fn hash_of<'a>(hashes: impl Iterator<Item = &'a str>, overrides: &[(String, String)]) -> String {
    let mut all = Sha256::new();
    for hash in hashes {
        all.update(hash);
    }
    for (name, value) in overrides {
        all.update(format!("\n{name}={value}"));
    }
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
