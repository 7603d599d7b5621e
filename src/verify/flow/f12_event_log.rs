use super::event_log::{LoggedLife, lives, patients};
use crate::prelude::*;
use arcosim_core::engine::microsim::{History, Simulated};
use arcosim_core::model::Tables;

pub static F12: Check = Check {
    id: "F12",
    title: "Counts agree with the event logs of the patients",
    why: "A few hundred patients are simulated twice: once for the counts, and once with a log of all events of each \
          patient. In the log, every event must leave the state that the patient is in, at most once per cycle, and \
          the logs together must reproduce the counted moves and occupancy exactly. If they differ, the results of \
          the simulation are not those of its patients.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
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

/// Compares the event logs with the counts.
fn compare_events(evidence: &Evidence, histories: &[History], simulated: &Simulated) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same moves and the same occupancy", 0.0);
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
            format!("under `{name}`, the log moves a patient out of a state that the patient is not in, or more often than \
                     is possible")
        });
        comparisons.holds(name, moves == counted.moves, || {
            format!("under `{name}`, the moves in the log differ from the counts")
        });
        comparisons.holds(name, occupancy == counted.occupancy, || {
            format!("under `{name}`, the occupancy according to the log differs from the counts")
        });
    }
    comparisons.note(format!("{} patients", patients(evidence)));
    comparisons.verdict("the model has no strategies")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    /// Plants a missing event, and then two events in the wrong order.
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
            assert!(verdict.findings.iter().any(|f| f.text.contains("more often than")), "{verdict:?}");
        });
    }
}
