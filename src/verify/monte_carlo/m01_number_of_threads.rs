use crate::prelude::*;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{BLOCK, Move, Settings, Simulated};
use arcosim_core::model::Tables;

pub static M01: Check = Check {
    id: "M01",
    title: "Results do not depend on the number of threads",
    why: "Patients are simulated with one, two and three threads, and every count and total must be the same to the \
          last bit. A full verification also simulates one more patient, who must add exactly the events that this \
          patient has when simulated alone. A reviewer could not reproduce results that depend on the machine.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let patients = if evidence.quick { BLOCK + 100 } else { 2 * BLOCK + 100 };
    let simulate = |patients: u64| {
        let settings = Settings::new(patients, evidence.seed);
        microsim::run(&tables, &settings, &evidence.watch())
    };
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()?;
        pool.install(|| simulate(patients))
    };
    let Some(one) = with_threads(1) else {
        return Verdict::skip("the verification was stopped, or no threads were available");
    };
    let mut comparisons = Comparisons::new("identical results with any number of threads", 0.0);
    let others: &[usize] = if evidence.quick { &[3] } else { &[2, 3] };
    for &threads in others {
        let Some(other) = with_threads(threads) else {
            return Verdict::skip("the verification was stopped, or no threads were available");
        };
        same_bits(evidence, &one, &other, threads, &mut comparisons);
    }
    if !evidence.quick
        && let Some(more) = simulate(patients + 1)
    {
        one_more(evidence, &tables, patients, (&one, &more), &mut comparisons);
    }
    comparisons.note(format!("{patients} patients"));
    comparisons.verdict("the model has no strategies")
}

/// Compares the results of two numbers of threads.
fn same_bits(
    evidence: &Evidence,
    one: &Simulated,
    other: &Simulated,
    threads: usize,
    comparisons: &mut Comparisons,
) {
    for (arm, strategy) in evidence.model.strategies.iter().enumerate() {
        let same = one.counts.strategies[arm] == other.counts.strategies[arm]
            && one.totals.strategies.get(arm) == other.totals.strategies.get(arm);
        comparisons.holds(&strategy.name, same, || {
            format!("results under `{}` differ between {threads} threads and 1 thread", strategy.name)
        });
    }
}

/// Checks that one more patient adds only the events of that patient to the counts.
fn one_more(
    evidence: &Evidence,
    tables: &Tables,
    patients: u64,
    (fewer, more): (&Simulated, &Simulated),
    comparisons: &mut Comparisons,
) {
    let model = evidence.model;
    let settings = Settings::new(patients + 1, evidence.seed);
    let told = microsim::histories_of(tables, &settings, patients..patients + 1);
    for history in told {
        let name = &model.strategies[history.strategy].name;
        let (a, b) = (&fewer.counts.strategies[history.strategy], &more.counts.strategies[history.strategy]);
        let mut due = a.moves.clone();
        for one in &history.moves {
            if let Move::Fired { edge, cycle, .. } = *one {
                due[edge][cycle] += 1.0;
            }
        }
        comparisons.holds(name, due == b.moves, || {
            format!(
                "under `{name}`, adding patient {} changes the events of other patients, or the patient has other \
                 events when simulated alone",
                patients + 1
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    #[test]
    fn a_bit_that_differs_is_found() {
        with_evidence(&mended(MENDED), &[], |evidence| {
            let one = evidence.simulate(evidence.model, &evidence.base, 100).expect("nobody stops it");
            let mut other = one.clone();
            let mean = &mut other.totals.strategies[1].outcomes[0].mean;
            *mean = f64::from_bits(mean.to_bits() + 1);
            let mut comparisons = Comparisons::new("", 0.0);
            same_bits(evidence, &one, &other, 2, &mut comparisons);
            let findings = comparisons.verdict("").findings;
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].subject, evidence.model.strategies[1].name);
        });
    }

    #[test]
    fn a_patient_who_disturbs_others_is_found() {
        with_evidence(&mended(MENDED), &[], |evidence| {
            let tables = Tables::new(evidence.model, &evidence.base);
            let fewer = evidence.simulate(evidence.model, &evidence.base, 100).expect("nobody stops it");
            let more = evidence.simulate(evidence.model, &evidence.base, 101).expect("nobody stops it");
            let found = |more: &Simulated| {
                let mut comparisons = Comparisons::new("", 0.0);
                one_more(evidence, &tables, 100, (&fewer, more), &mut comparisons);
                comparisons.verdict("").findings.len()
            };
            assert_eq!(found(&more), 0);
            let mut other = more.clone();
            other.counts.strategies[0].moves[0][3] += 1.0;
            assert_eq!(found(&other), 1);
        });
    }
}
