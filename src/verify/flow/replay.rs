//! Lives of single patients, told event by event, reckoned up again by hand.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally};
use arcosim_core::engine::microsim::{self, History, Move, Settings, Simulated};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Situation, Tables};

/// The log of events is what was counted.
pub static F12: Check = Check {
    id: "F12",
    title: "The log of every patient's events adds up to what is counted",
    why: "Some hundred patients are simulated twice: once for the counts, and once with a log of all that happens to each. Every \
          event in the log must leave the state that the patient is in, later than the one before, and the logs together must \
          give the moves and the patients in each state exactly.",
    hint: "Report it: the log and the counts come from the same lives.",
    basis: "own",
    quick: true,
    run: f12,
};

/// Costs and effects follow from the log.
pub static F14: Check = Check {
    id: "F14",
    title: "Costs and effects follow from the log of events",
    why: "For some hundred patients every reward is reckoned from the log by the plainest way there is: cycle by cycle, each formula \
          evaluated as it stands, a sum over the life. It must give the totals of the microsimulation, which adds up \
          stays at once from tables.",
    hint: "Report it with the outcome that is named: one of its rewards is not added up as it is written.",
    basis: "own",
    quick: true,
    run: f14,
};

/// Patients whose lives are told.
fn patients(subject: &Subject) -> u64 {
    if subject.quick { 60 } else { 300 }
}

fn lives(subject: &Subject, tables: &Tables) -> (Vec<History>, Option<Simulated>) {
    let patients = patients(subject);
    let settings = Settings::new(patients, subject.seed);
    let histories = microsim::histories(tables, &settings, patients);
    let simulated = microsim::run(tables, &settings, &subject.watch());
    (histories, simulated)
}

fn f12(subject: &Subject) -> Verdict {
    let tables = Tables::new(subject.model, &subject.base);
    let (histories, simulated) = lives(subject, &tables);
    let Some(simulated) = simulated else {
        return Verdict::skip("stopped");
    };
    compare_events(subject, &histories, &simulated)
}

/// Compares the log with the counts.
fn compare_events(subject: &Subject, histories: &[History], simulated: &Simulated) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("the same moves and the same patients in each state", 0.0);
    let points = model.time.cycles + 1;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let counted = &simulated.counts.strategies[arm];
        let mut moves = vec![vec![0.0; points]; subject.paths.edges.len()];
        let mut occupancy = vec![vec![0.0; points]; model.states.len()];
        let mut orderly = true;
        for history in histories.iter().filter(|h| h.strategy == arm) {
            let path = Path::of(history, subject, points);
            orderly &= path.orderly;
            for (k, &state) in path.states.iter().enumerate() {
                occupancy[state][k] += 1.0;
            }
            for (edge, cycle) in path.fired {
                moves[edge][cycle] += 1.0;
            }
        }
        let name = &strategy.name;
        tally.holds(name, orderly, || {
            format!("under `{name}` the log moves a patient out of a state in which the patient is not, or twice in a cycle")
        });
        tally.holds(name, moves == counted.moves, || {
            format!("under `{name}` the log has other moves than the counts")
        });
        tally.holds(name, occupancy == counted.occupancy, || {
            format!("under `{name}` the log puts patients into other states than the counts")
        });
    }
    tally.note(format!("{} patients", patients(subject)));
    tally.verdict("there is no strategy")
}

/// A life on the grid.
struct Path {
    /// State at each point in time.
    states: Vec<usize>,
    /// Edge and cycle of every event.
    fired: Vec<(usize, usize)>,
    orderly: bool,
}

impl Path {
    fn of(history: &History, subject: &Subject, points: usize) -> Path {
        let mut path = Path { states: Vec::with_capacity(points), fired: Vec::new(), orderly: true };
        let (mut state, mut last) = (0, 0);
        for one in &history.moves {
            match *one {
                Move::Start { to, .. } => state = to,
                Move::Fired { edge, cycle } => {
                    let way = &subject.paths.edges[edge];
                    path.orderly &= way.from == state && cycle > last && cycle < points;
                    path.states.resize(cycle.max(path.states.len()), state);
                    path.fired.push((edge, cycle));
                    (state, last) = (way.to, cycle);
                }
            }
        }
        path.states.resize(points, state);
        path
    }
}

fn f14(subject: &Subject) -> Verdict {
    if subject.model.rewards.is_empty() {
        return Verdict::skip("nothing has a price or a value");
    }
    let tables = Tables::new(subject.model, &subject.base);
    let (histories, simulated) = lives(subject, &tables);
    let Some(simulated) = simulated else {
        return Verdict::skip("stopped");
    };
    compare_amounts(subject, &tables, &histories, &simulated)
}

/// Compares what follows from the log with the totals.
fn compare_amounts(
    subject: &Subject,
    tables: &Tables,
    histories: &[History],
    simulated: &Simulated,
) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("totals as reckoned from the log", EXACT);
    let n = patients(subject) as f64;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        // Per component: the sum over patients, and the size of what it is made of.
        let mut sums = vec![(0.0, 0.0); model.components.len()];
        for history in histories.iter().filter(|h| h.strategy == arm) {
            reckon(subject, tables, history, &mut |component: usize, amount: f64| {
                sums[component].0 += amount;
                sums[component].1 += amount.abs();
            });
        }
        for (c, component) in model.components.iter().enumerate() {
            let outcome = &model.outcomes[component.outcome];
            let counted = simulated.totals.strategies[arm].components[c];
            let what =
                format!("{} of `{}` per patient under `{}`", component.category, outcome.name, strategy.name);
            let (sum, size) = sums[c];
            tally.same_by(&outcome.name, &what, (sum / n, counted), size / n);
        }
    }
    tally.note(format!("{} patients", patients(subject)));
    tally.verdict("there is no strategy")
}

/// Tells `add` every amount of a life, by component, discounted and weighted as its outcome says.
fn reckon(subject: &Subject, tables: &Tables, history: &History, add: &mut impl FnMut(usize, f64)) {
    let model = subject.model;
    let points = model.time.cycles + 1;
    let path = Path::of(history, subject, points);
    let Some(&Move::Start { from, to, arm, branch }) = history.moves.first() else {
        return;
    };
    // Per group: the cycle in which it was entered from outside, at each event.
    let mut entered = vec![0; model.groups.len()];
    let mut events = path.fired.iter().peekable();
    let value = |reward: usize, state: usize, cycle: usize, point: usize, entered: &[usize]| {
        let residence: Vec<usize> = entered.iter().map(|e| point.saturating_sub(*e)).collect();
        let s = Situation {
            parameters: &tables.parameters[arm],
            attributes: &history.attributes,
            state,
            cycle,
            residence: &residence,
            cycles_per_year: model.time.cycles_per_year,
        };
        model.rewards[reward].amount.value(&s)
    };
    let given: Vec<usize> = (0..model.rewards.len()).filter(|&r| model.rewards[r].given_under(arm)).collect();
    let reads: Vec<Reads> = model.rewards.iter().map(|reward| reward.reads()).collect();
    let weights = |r: usize| &tables.weights[model.rewards[r].outcome(model)];
    for &r in &given {
        let reward = &model.rewards[r];
        if reward.when.at_start(arm, branch, from, to) {
            add(reward.component, weights(r).once[0] * value(r, from, 0, 0, &entered));
        }
    }
    for point in 0..points {
        if let Some(&(edge, _)) = events.next_if(|(_, cycle)| *cycle == point) {
            let way = &subject.paths.edges[edge];
            for &r in &given {
                let reward = &model.rewards[r];
                if reward.when.on_edge(way) {
                    let amount = value(r, way.from, point - 1, point - 1, &entered);
                    add(reward.component, weights(r).once[point] * amount);
                }
            }
            for (group, since) in model.groups.iter().zip(&mut entered) {
                if group.states.contains(&way.to) && !group.states.contains(&way.from) {
                    *since = point;
                }
            }
        }
        let state = path.states[point];
        for &r in &given {
            let reward = &model.rewards[r];
            if !reward.when.in_state(state) {
                continue;
            }
            // The cycle that begins at this point, and the one that ends there.
            let w = weights(r);
            let dated = reads[r].time || reads[r].age;
            let mut amount = 0.0;
            if w.start[point] != 0.0 {
                amount += w.start[point] * value(r, state, point, point, &entered);
            }
            if w.end[point] != 0.0 {
                let cycle = if dated { point - 1 } else { point };
                amount += w.end[point] * value(r, state, cycle, point, &entered);
            }
            add(reward.component, amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{MENDED, mended, with_subject};
    use super::*;

    /// A log with an event too few, an event out of another state, a life that ends elsewhere.
    #[test]
    fn a_log_that_is_not_what_was_counted_is_found() {
        with_subject(&mended(MENDED), |subject| {
            let tables = Tables::new(subject.model, &subject.base);
            let (histories, simulated) = lives(subject, &tables);
            let simulated = simulated.expect("nobody stops it");
            assert!(compare_events(subject, &histories, &simulated).severity().is_none());
            let longest = (0..histories.len()).max_by_key(|&i| histories[i].moves.len()).expect("some");
            let mut fewer = histories.clone();
            fewer[longest].moves.pop();
            assert!(compare_events(subject, &fewer, &simulated).severity().is_some());
            let mut swapped = histories.clone();
            let last = swapped[longest].moves.len() - 1;
            swapped[longest].moves.swap(last - 1, last);
            let verdict = compare_events(subject, &swapped, &simulated);
            assert!(verdict.findings.iter().any(|f| f.text.contains("twice in a cycle")), "{verdict:?}");
        });
    }

    #[test]
    fn totals_that_do_not_follow_from_the_log_are_found() {
        with_subject(&mended(MENDED), |subject| {
            let tables = Tables::new(subject.model, &subject.base);
            let (histories, simulated) = lives(subject, &tables);
            let mut simulated = simulated.expect("nobody stops it");
            assert!(compare_amounts(subject, &tables, &histories, &simulated).severity().is_none());
            simulated.totals.strategies[1].components[0] *= 1.0 + 1e-6;
            let verdict = compare_amounts(subject, &tables, &histories, &simulated);
            let outcome = &subject.model.outcomes[subject.model.components[0].outcome].name;
            assert_eq!(verdict.findings.len(), 1);
            assert_eq!(&verdict.findings[0].subject, outcome);
        });
    }
}
