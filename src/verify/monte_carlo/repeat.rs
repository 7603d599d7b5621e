//! The same patients whatever happens around them: other numbers of threads, more patients, other strategies.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally};
use super::super::transform::{with_copy, without_strategy};
use arcosim_core::engine::counts::StrategyCounts;
use arcosim_core::engine::microsim::{self, BLOCK, Move, Settings, Simulated};
use arcosim_core::engine::totals::StrategyTotals;
use arcosim_core::model::{Model, Tables};

/// The same numbers on any machine.
pub static M01: Check = Check {
    id: "M01",
    title: "The same scenario and seed give the same numbers with any number of threads",
    why: "Patients are simulated with one, two and three threads, and every count and every total must be the same to the last \
          bit. Then (but for a quick look) one patient more is simulated, which must add exactly the life that this patient \
          lives when told alone. A result that depends on the machine cannot be reproduced by a reviewer.",
    hint: "Report it with the scenario: results depend on the order of work.",
    basis: "own",
    quick: true,
    run: m01,
};

/// Strategies do not disturb one another.
pub static M05: Check = Check {
    id: "M05",
    title: "Adding or removing a strategy leaves the numbers of the others as they are",
    why: "A copy of a strategy is added, and then one strategy after another is taken out. The simulated patients of all others must \
          have the same lives, costs and effects to the last bit, and so must their exact expectations to nine \
          digits: differences between strategies must come from strategies and not from other luck.",
    hint: "Look for amounts or formulas that depend on how many strategies there are; if there are none, report it.",
    basis: "own",
    quick: true,
    run: m05,
};

fn m01(subject: &Subject) -> Verdict {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let patients = if subject.quick { BLOCK + 100 } else { 2 * BLOCK + 100 };
    let simulate = |patients: u64| {
        let settings = Settings::new(patients, subject.seed);
        microsim::run(&tables, &settings, &subject.watch())
    };
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()?;
        pool.install(|| simulate(patients))
    };
    let Some(one) = with_threads(1) else {
        return Verdict::skip("stopped, or no threads to be had");
    };
    let mut tally = Tally::new("every bit the same with another number of threads", 0.0);
    let others: &[usize] = if subject.quick { &[3] } else { &[2, 3] };
    for &threads in others {
        let Some(other) = with_threads(threads) else {
            return Verdict::skip("stopped, or no threads to be had");
        };
        same_bits(subject, &one, &other, threads, &mut tally);
    }
    if !subject.quick
        && let Some(more) = simulate(patients + 1)
    {
        one_more(subject, &tables, patients, (&one, &more), &mut tally);
    }
    tally.note(format!("{patients} patients"));
    tally.verdict("there is no strategy")
}

/// Whether another number of threads gives the same.
fn same_bits(subject: &Subject, one: &Simulated, other: &Simulated, threads: usize, tally: &mut Tally) {
    for (arm, strategy) in subject.model.strategies.iter().enumerate() {
        let same = one.counts.strategies[arm] == other.counts.strategies[arm]
            && one.totals.strategies.get(arm) == other.totals.strategies.get(arm);
        tally.holds(&strategy.name, same, || {
            format!("`{}` has other numbers with {threads} threads than with 1", strategy.name)
        });
    }
}

/// The last patient adds a life to the counts, and nobody else's changes.
fn one_more(
    subject: &Subject,
    tables: &Tables,
    patients: u64,
    (fewer, more): (&Simulated, &Simulated),
    tally: &mut Tally,
) {
    let model = subject.model;
    let settings = Settings::new(patients + 1, subject.seed);
    let told = microsim::histories_of(tables, &settings, patients..patients + 1);
    for history in told {
        let name = &model.strategies[history.strategy].name;
        let (a, b) = (&fewer.counts.strategies[history.strategy], &more.counts.strategies[history.strategy]);
        let mut due = a.moves.clone();
        for one in &history.moves {
            if let Move::Fired { edge, cycle } = *one {
                due[edge][cycle] += 1.0;
            }
        }
        tally.holds(name, due == b.moves, || {
            format!(
                "under `{name}` patient {} changes what others do, or does something else alone",
                patients + 1
            )
        });
    }
}

fn m05(subject: &Subject) -> Verdict {
    let model = subject.model;
    if model.strategies.is_empty() {
        return Verdict::skip("there is no strategy");
    }
    let patients = if subject.quick { 500 } else { 2000 };
    let Some(own) = subject.simulate(model, &subject.base, patients) else {
        return Verdict::skip("stopped");
    };
    let mut tally = Tally::new("the others as before, to the last bit; expectations to nine digits", EXACT);
    let everyone: Vec<usize> = (0..model.strategies.len()).collect();
    for of in 0..model.strategies.len() {
        let copied = with_copy(model, of, &format!("copy of {}", model.strategies[of].name));
        if of == 0 || !subject.quick {
            unchanged(subject, &copied, (&own, patients), &everyone, "is added", of, &mut tally);
        }
        let others: Vec<usize> = everyone.iter().copied().filter(|s| *s != of).collect();
        let last = of + 1 == model.strategies.len();
        if let Some(fewer) = without_strategy(model, of).filter(|fewer| !fewer.strategies.is_empty())
            && (last || !subject.quick)
            && !subject.stopped()
        {
            unchanged(subject, &fewer, (&own, patients), &others, "is taken out", of, &mut tally);
        }
    }
    tally.note(format!("{patients} patients"));
    tally.verdict("there is no strategy")
}

/// Compares strategies `kept`, which come first and in this order in the altered model, with what they were.
fn unchanged(
    subject: &Subject,
    altered: &Model,
    (own, patients): (&Simulated, u64),
    kept: &[usize],
    change: &str,
    of: usize,
    tally: &mut Tally,
) {
    let model = subject.model;
    let Some(simulated) = subject.simulate(altered, &subject.base, patients) else {
        return;
    };
    let exact = subject.totals_of(altered, &subject.base);
    let base = subject.totals();
    for (now, &before) in kept.iter().enumerate() {
        let name = &model.strategies[before].name;
        let counts = |of: &Simulated, arm: usize| of.counts.strategies[arm].clone();
        let outcomes =
            |of: &Simulated, arm: usize| of.totals.strategies.get(arm).map(|own| own.outcomes.clone());
        let same = same_counts(&counts(own, before), &counts(&simulated, now))
            && outcomes(own, before) == outcomes(&simulated, now);
        tally.holds(name, same, || {
            format!(
                "simulated patients under `{name}` fare otherwise when `{}` {change}",
                model.strategies[of].name
            )
        });
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what =
                format!("{} under `{name}` when `{}` {change}", outcome.name, model.strategies[of].name);
            // Totals may be differences of larger amounts.
            let size: f64 = base.iter().map(|own| own[o].abs()).fold(0.0, f64::max);
            tally.same_by(name, &what, (base[before][o], exact[now][o]), size);
        }
    }
}

fn same_counts(a: &StrategyCounts, b: &StrategyCounts) -> bool {
    a.occupancy == b.occupancy
        && a.moves == b.moves
        && a.endpoints == b.endpoints
        && a.procedure == b.procedure
}

/// Whether two strategies of a simulation have the same patients, lives and amounts.
pub fn identical(simulated: &Simulated, a: usize, b: usize) -> bool {
    let (x, y) = (&simulated.counts.strategies[a], &simulated.counts.strategies[b]);
    // Where nothing has a price there are no totals.
    let (t, u) = (simulated.totals.strategies.get(a), simulated.totals.strategies.get(b));
    let amounts = |of: Option<&StrategyTotals>| of.map(|of| (of.outcomes.clone(), of.components.clone()));
    same_counts(x, y) && amounts(t) == amounts(u)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{MENDED, mended, with_subject};
    use super::*;

    #[test]
    fn a_bit_that_differs_is_found() {
        with_subject(&mended(MENDED), |subject| {
            let one = subject.simulate(subject.model, &subject.base, 100).expect("nobody stops it");
            let mut other = one.clone();
            let mean = &mut other.totals.strategies[1].outcomes[0].mean;
            *mean = f64::from_bits(mean.to_bits() + 1);
            let mut tally = Tally::new("", 0.0);
            same_bits(subject, &one, &other, 2, &mut tally);
            let findings = tally.verdict("").findings;
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].subject, subject.model.strategies[1].name);
        });
    }

    #[test]
    fn a_patient_who_disturbs_others_is_found() {
        with_subject(&mended(MENDED), |subject| {
            let tables = Tables::new(subject.model, &subject.base);
            let fewer = subject.simulate(subject.model, &subject.base, 100).expect("nobody stops it");
            let more = subject.simulate(subject.model, &subject.base, 101).expect("nobody stops it");
            let found = |more: &Simulated| {
                let mut tally = Tally::new("", 0.0);
                one_more(subject, &tables, 100, (&fewer, more), &mut tally);
                tally.verdict("").findings.len()
            };
            assert_eq!(found(&more), 0);
            let mut other = more.clone();
            other.counts.strategies[0].moves[0][3] += 1.0;
            assert_eq!(found(&other), 1);
        });
    }

    /// Strategies that disturb one another: the altered model has another hazard in all of them.
    #[test]
    fn strategies_that_change_with_others_are_found() {
        with_subject(&mended(MENDED), |subject| {
            let own = subject.simulate(subject.model, &subject.base, 300).expect("nobody stops it");
            let mut altered = with_copy(subject.model, 0, "copy");
            altered.transitions[0].name = "other luck".into();
            let mut tally = Tally::new("", EXACT);
            unchanged(subject, &altered, (&own, 300), &[0, 1], "is added", 0, &mut tally);
            let findings = tally.verdict("").findings;
            assert_eq!(findings.len(), 2, "{findings:?}");
        });
    }
}
