//! Runs the verification of a scenario for a command, with progress messages.

use std::time::Instant;

use crate::{Options, Verification, all, verify};
use arcosim_analysis::{Refusal, Session};
use arcosim_scenario::Scenario;

/// Verifies a scenario, after checking that there is enough memory.
pub fn ask(scenario: &Scenario, options: &Options, session: &Session) -> Result<Verification, Refusal> {
    session.afford_exact(&scenario.model)?;
    let began = Instant::now();
    session.observer.say("Verifying", &scenario.name);
    let found = verify(scenario, options, session.stop, &|_| session.observer.advance(1));
    session.observer.finish();
    let found = found.map_err(Refusal::Question)?.ok_or(Refusal::Stopped)?;
    let seconds = began.elapsed().as_secs_f64();
    session.observer.say("Finished", &format!("{} checks in {seconds:.2} s", found.checks.len()));
    Ok(found)
}

/// The total number of checks, for progress messages.
pub fn count() -> u64 {
    all().len() as u64
}
