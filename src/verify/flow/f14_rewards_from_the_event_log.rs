use super::clocks::{self, Moved};
use super::course_in_continuous_time::end_of_piece;
use super::event_log::{LoggedLife, lives, patients};
use crate::prelude::*;
use arcosim_core::engine::microsim::{History, Move, Simulated};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Situation, Tables};

pub static F14: Check = Check {
    id: "F14",
    title: "Costs and effects agree with the event logs",
    why: "For a few hundred simulated patients, every reward is recalculated from the event log in the simplest way: \
          each formula is evaluated in every cycle, and the amounts are added up. The sum must equal the total of the \
          microsimulation, which uses precomputed tables for whole stays. If the two differ, reported costs or \
          effects do not follow the formulas of the scenario.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files and the outcome \
           in the finding.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    if evidence.model.rewards.is_empty() {
        return Verdict::skip("the model has no rewards");
    }
    let tables = Tables::new(evidence.model, &evidence.base);
    let (histories, simulated) = lives(evidence, &tables);
    let Some(simulated) = simulated else {
        return Verdict::skip("stopped");
    };
    compare_amounts(evidence, &tables, &histories, &simulated)
}

/// Compares amounts from the event log with the simulated totals.
fn compare_amounts(
    evidence: &Evidence,
    tables: &Tables,
    histories: &[History],
    simulated: &Simulated,
) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("totals equal to the sums from the event log", EXACT);
    let n = patients(evidence) as f64;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        // For each component, the sum over patients and the sum of absolute amounts.
        let mut sums = vec![(0.0, 0.0); model.components.len()];
        for history in histories.iter().filter(|h| h.strategy == arm) {
            reckon(evidence, tables, history, &mut |component: usize, amount: f64| {
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
            comparisons.same_by(&outcome.name, &what, (sum / n, counted), size / n);
        }
    }
    comparisons.note(format!("{} patients", patients(evidence)));
    comparisons.verdict("the model has no strategies")
}

/// Calls `add` with every amount of a patient and its component, discounted and weighted as the outcome specifies.
fn reckon(evidence: &Evidence, tables: &Tables, history: &History, add: &mut impl FnMut(usize, f64)) {
    let model = evidence.model;
    if model.time.continuous() {
        return reckon_continuously(evidence, tables, history, add);
    }
    let points = model.time.cycles + 1;
    let path = LoggedLife::of(history, evidence, points);
    let Some(&Move::Start { from, to, arm, branch }) = history.moves.first() else {
        return;
    };
    // For each group of states, the cycle in which the patient last entered it from outside.
    let mut entered = vec![0; model.groups.len()];
    let mut events = path.fired.iter().peekable();
    let value = |reward: usize, state: usize, cycle: usize, point: usize, entered: &[usize]| {
        let residence = clocks::shown(model, entered, point);
        let s = Situation {
            parameters: &tables.parameters[arm],
            attributes: &history.attributes,
            state,
            cycle,
            residence: &residence,
            cycles_per_year: model.time.cycles_per_year,
            part: model.time.part(),
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
            let way = &evidence.paths.edges[edge];
            for &r in &given {
                let reward = &model.rewards[r];
                if reward.when.on_edge(way) {
                    let amount = value(r, way.from, point - 1, point - 1, &entered);
                    add(reward.component, weights(r).once[point] * amount);
                }
            }
            let moved = Moved { transition: way.transition, from: way.from, to: way.to, enters: way.moves };
            clocks::after(model, &moved, point, &mut entered);
        }
        let state = path.states[point];
        for &r in &given {
            let reward = &model.rewards[r];
            if !reward.when.in_state(state) {
                continue;
            }
            // A point in time belongs to two cycles, the one that ends there and the one that starts there, so the amounts of both are added.
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

/// [`reckon`] in continuous time: each stay is divided wherever a clock completes a cycle, and each part has its amount times the
/// integral of the discount factor.
fn reckon_continuously(
    evidence: &Evidence,
    tables: &Tables,
    history: &History,
    add: &mut impl FnMut(usize, f64),
) {
    let model = evidence.model;
    let Some(&Move::Start { from, to, arm, branch }) = history.moves.first() else {
        return;
    };
    let per_year = model.time.cycles_per_year;
    let mut entered = vec![0.0; model.groups.len()];
    // The amount at a time, and at the start of the model with clocks at zero.
    let value = |r: usize, state: usize, time: f64, entered: &[f64], part: f64| {
        let residence: Vec<usize> = entered.iter().map(|e| (time - e).max(0.0) as usize).collect();
        model.rewards[r].amount.value(&Situation {
            parameters: &tables.parameters[arm],
            attributes: &history.attributes,
            state,
            cycle: time as usize,
            residence: &residence,
            cycles_per_year: per_year,
            part,
        })
    };
    let discounting = |r: usize| tables.discounting(model.rewards[r].outcome(model));
    let given: Vec<usize> = (0..model.rewards.len()).filter(|&r| model.rewards[r].given_under(arm)).collect();
    for &r in given.iter().filter(|&&r| model.rewards[r].when.at_start(arm, branch, from, to)) {
        add(model.rewards[r].component, value(r, from, 0.0, &entered, 0.0));
    }
    let horizon = model.time.cycles as f64;
    let (mut state, mut now) = (to, 0.0);
    let fired = history.moves.iter().filter_map(|m| match m {
        Move::Fired { edge, time, .. } => Some((Some(*edge), *time)),
        Move::Start { .. } => None,
    });
    for (edge, until) in fired.chain(std::iter::once((None, horizon))) {
        while now < until {
            let end = end_of_piece(&entered, now, until);
            let years = (now / per_year, end / per_year);
            for &r in given.iter().filter(|&&r| model.rewards[r].when.in_state(state)) {
                let worth = discounting(r).map_or(years.1 - years.0, |d| d.integral(years.0, years.1));
                add(
                    model.rewards[r].component,
                    worth * value(r, state, 0.5 * (now + end), &entered, model.time.part()),
                );
            }
            now = end;
        }
        let Some(edge) = edge else { break };
        let way = &evidence.paths.edges[edge];
        for &r in given.iter().filter(|&&r| model.rewards[r].when.on_edge(way)) {
            let factor = discounting(r).map_or(1.0, |d| d.factor(until / per_year));
            add(model.rewards[r].component, factor * value(r, way.from, until, &entered, model.time.part()));
        }
        for (group, since) in model.groups.iter().zip(&mut entered) {
            if group.states.contains(&way.to) && !group.states.contains(&way.from) {
                *since = until;
            }
        }
        state = way.to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    #[test]
    fn totals_that_do_not_follow_from_the_log_are_found() {
        with_evidence(&mended(MENDED), &[], |evidence| {
            let tables = Tables::new(evidence.model, &evidence.base);
            let (histories, simulated) = lives(evidence, &tables);
            let mut simulated = simulated.expect("nobody stops it");
            assert!(compare_amounts(evidence, &tables, &histories, &simulated).severity().is_none());
            simulated.totals.strategies[1].components[0] *= 1.0 + 1e-6;
            let verdict = compare_amounts(evidence, &tables, &histories, &simulated);
            let outcome = &evidence.model.outcomes[evidence.model.components[0].outcome].name;
            assert_eq!(verdict.findings.len(), 1);
            assert_eq!(&verdict.findings[0].subject, outcome);
        });
    }
}
