use super::event_log::{LoggedLife, lives, patients};
use crate::prelude::*;
use arcosim_core::engine::microsim::{History, Simulated};
use arcosim_core::model::Tables;

pub static F12: Check = Check {
    id: "F12",
    title: "Counts agree with the event logs of the patients",
    why: "Some hundred patients are simulated twice: once for the counts, and once with a log of all that happens to each. Every \
          event in the log must leave the state that the patient is in, later than the one before, and the logs together must \
          give the moves and the patients in each state exactly.",
    hint: "Report it: the log and the counts come from the same lives.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let tables = Tables::new(evidence.model, &evidence.base);
    let (histories, simulated) = lives(evidence, &tables);
    let Some(simulated) = simulated else {
        return Verdict::skip("stopped");
    };
    compare_events(evidence, &histories, &simulated)
}

/// Compares the log with the counts.
fn compare_events(evidence: &Evidence, histories: &[History], simulated: &Simulated) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same moves and the same patients in each state", 0.0);
    let points = model.time.cycles + 1;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let counted = &simulated.counts.strategies[arm];
        let mut moves = vec![vec![0.0; points]; evidence.paths.edges.len()];
        let mut occupancy = vec![vec![0.0; points]; model.states.len()];
        let mut orderly = true;
        for history in histories.iter().filter(|h| h.strategy == arm) {
            let path = LoggedLife::of(history, evidence, points);
            orderly &= path.orderly;
            for (k, &state) in path.states.iter().enumerate() {
                occupancy[state][k] += 1.0;
            }
            for (edge, cycle) in path.fired {
                moves[edge][cycle] += 1.0;
            }
        }
        let name = &strategy.name;
        comparisons.holds(name, orderly, || {
            format!("under `{name}` the log moves a patient out of a state in which the patient is not, or twice in a cycle")
        });
        comparisons.holds(name, moves == counted.moves, || {
            format!("under `{name}` the log has other moves than the counts")
        });
        comparisons.holds(name, occupancy == counted.occupancy, || {
            format!("under `{name}` the log puts patients into other states than the counts")
        });
    }
    comparisons.note(format!("{} patients", patients(evidence)));
    comparisons.verdict("there is no strategy")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    /// A log with an event too few, an event out of another state, a life that ends elsewhere.
    #[test]
    fn a_log_that_is_not_what_was_counted_is_found() {
        with_evidence(&mended(MENDED), &[], |evidence| {
            let tables = Tables::new(evidence.model, &evidence.base);
            let (histories, simulated) = lives(evidence, &tables);
            let simulated = simulated.expect("nobody stops it");
            assert!(compare_events(evidence, &histories, &simulated).severity().is_none());
            let longest = (0..histories.len()).max_by_key(|&i| histories[i].moves.len()).expect("some");
            let mut fewer = histories.clone();
            fewer[longest].moves.pop();
            assert!(compare_events(evidence, &fewer, &simulated).severity().is_some());
            let mut swapped = histories.clone();
            let last = swapped[longest].moves.len() - 1;
            swapped[longest].moves.swap(last - 1, last);
            let verdict = compare_events(evidence, &swapped, &simulated);
            assert!(verdict.findings.iter().any(|f| f.text.contains("twice in a cycle")), "{verdict:?}");
        });
    }
}
