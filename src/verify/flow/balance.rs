//! Whether patients are conserved: sums, bounds, who stays dead, and balance of every state.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use arcosim_core::math;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::paths::Edge;
use arcosim_core::model::{Exit, Expr, Situation, Tables};

/// Patients are neither lost nor made.
pub static F01: Check = Check {
    id: "F01",
    title: "Patients are neither lost nor made",
    why: "At every point in time the shares of patients in all states must add to one. Where they do not, somebody has left \
          without arriving anywhere, or is counted twice, and every total is wrong by as much.",
    hint: "Report it: the engines cannot lose patients of a scenario that the reader accepts.",
    basis: "TECH-VER, assertHE",
    quick: true,
    run: f01,
};

/// Shares of patients lie between none and all.
pub static F02: Check = Check {
    id: "F02",
    title: "No state holds fewer than no patients, or more than all",
    why: "At every point in time every state must hold between none and all of the patients, and so must every move from one \
          state to another. A negative share offsets costs and effects of real patients without being seen in a sum.",
    hint: "Look for a probability or hazard that is negative or above 1 in some cycle of the state that is named.",
    basis: "TECH-VER",
    quick: true,
    run: f02,
};

/// The dead stay dead.
pub static F03: Check = Check {
    id: "F03",
    title: "The dead stay dead, and what has happened has happened",
    why: "The share of the dead, and of those who have had the event of an endpoint, can only grow. It falls where a transition \
          leads from the dead back to the living, which a copied list of states can bring about.",
    hint: "Look at the transition that is named: take the dead out of its `from`, or mend [verify] dead.",
    basis: "TECH-VER, assertHE",
    quick: true,
    run: f03,
};

/// Every state gains what flows in and loses what flows out.
pub static F04: Check = Check {
    id: "F04",
    title: "Every state changes by what flows in less what flows out",
    why: "In every cycle the change in the number of patients in a state must be the number who arrive less the number who \
          leave. Costs and effects of events are counted on moves, and those of states on stays: if the two do not match, one \
          of them is wrong.",
    hint: "Report it: the engine takes stays and moves from the same patients.",
    basis: "TECH-VER",
    quick: true,
    run: f04,
};

fn f01(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("occupancy adds to 1 at every point in time", EXACT);
    let counts = subject.counts();
    for (strategy, own) in subject.model.strategies.iter().zip(&counts.strategies) {
        for point in 0..=subject.model.time.cycles {
            let sum: f64 = own.occupancy.iter().map(|state| state[point]).sum();
            let what = format!("occupancy under `{}` after {point} cycles", strategy.name);
            if !tally.same(&strategy.name, &what, counts.patients, sum) {
                break;
            }
        }
    }
    tally.verdict("nothing runs")
}

fn f02(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("shares of patients from 0 to 1", 0.0);
    let (model, counts) = (subject.model, subject.counts());
    let all = counts.patients;
    let fine = |x: &f64| (-EXACT * all..=(1.0 + EXACT) * all).contains(x);
    let looks = |shares: &[f64]| shares.iter().position(|x| !fine(x));
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for (state, shares) in model.states.iter().zip(&own.occupancy) {
            let bad = looks(shares);
            tally.holds(&state.name, bad.is_none(), || {
                let k = bad.unwrap_or(0);
                format!(
                    "under `{}`, state `{}` holds a share of {} of the patients after {k} cycles",
                    strategy.name,
                    state.name,
                    number(shares[k])
                )
            });
        }
        for (edge, shares) in subject.paths.edges.iter().zip(&own.moves) {
            let transition = &model.transitions[edge.transition];
            let bad = looks(shares);
            tally.holds(&transition.name, bad.is_none(), || {
                let k = bad.unwrap_or(0);
                format!(
                    "under `{}`, transition `{}` moves a share of {} of the patients out of `{}` in cycle {k}",
                    strategy.name,
                    transition.name,
                    number(shares[k]),
                    model.states[edge.from].name
                )
            });
        }
    }
    tally.verdict("nothing runs")
}

fn f03(subject: &Subject) -> Verdict {
    let (model, counts) = (subject.model, subject.counts());
    let mut tally = Tally::new("no way back from the dead, shares that only grow", 0.0);
    for edge in &subject.paths.edges {
        if !subject.is_dead(edge.from) {
            continue;
        }
        let transition = &model.transitions[edge.transition];
        tally.holds(&transition.name, subject.is_dead(edge.to), || {
            format!(
                "transition `{}` leads from `{}`, which is a state of the dead, to `{}`, which is not",
                transition.name, model.states[edge.from].name, model.states[edge.to].name
            )
        });
    }
    let grows = |shares: &[f64]| {
        let least = EXACT * counts.patients;
        shares.windows(2).position(|pair| pair[1] < pair[0] - least)
    };
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        if !subject.scenario.verify.dead.is_empty() {
            let dead: Vec<f64> = (0..=model.time.cycles)
                .map(|k| subject.scenario.verify.dead.iter().map(|&s| own.occupancy[s][k]).sum())
                .collect();
            let falls = grows(&dead);
            tally.holds(&strategy.name, falls.is_none(), || {
                let k = falls.unwrap_or(0);
                format!(
                    "under `{}`, the share of the dead falls from {} to {} in cycle {}",
                    strategy.name,
                    number(dead[k]),
                    number(dead[k + 1]),
                    k + 1
                )
            });
        }
        for (endpoint, events) in model.endpoints.iter().zip(&own.endpoints) {
            let fewer = events.events.iter().position(|x| *x < -EXACT * counts.patients);
            tally.holds(&endpoint.name, fewer.is_none(), || {
                format!(
                    "under `{}`, fewer have had `{}` after cycle {} than before",
                    strategy.name,
                    endpoint.name,
                    fewer.unwrap_or(0)
                )
            });
        }
    }
    tally.verdict("there are neither states of the dead nor endpoints")
}

fn f04(subject: &Subject) -> Verdict {
    let (model, counts) = (subject.model, subject.counts());
    let mut tally = Tally::new("change = arrivals - departures, in every state and cycle", EXACT);
    for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
        for (s, state) in model.states.iter().enumerate() {
            let edges = || subject.paths.edges.iter().zip(&own.moves);
            for k in 1..=model.time.cycles {
                let within = |here: bool| {
                    edges()
                        .filter(|(e, _)| e.from != e.to && if here { e.to == s } else { e.from == s })
                        .map(|(_, moves)| moves[k])
                        .sum::<f64>()
                };
                let due = own.occupancy[s][k - 1] + within(true) - within(false);
                let what = format!("patients in `{}` under `{}` after {k} cycles", state.name, strategy.name);
                if !tally.same_by(&state.name, &what, (due, own.occupancy[s][k]), counts.patients) {
                    break;
                }
            }
        }
    }
    first_cycle(subject, &mut tally);
    tally.verdict("nothing runs")
}

/// Those who leave a state in the first cycle, reckoned anew from its hazards where these tell nobody apart: a state whose
/// hazards read neither attributes nor a time in a state.
fn first_cycle(subject: &Subject, tally: &mut Tally) {
    let (model, counts) = (subject.model, subject.counts());
    let tables = Tables::new(model, &subject.base);
    let residence = vec![0; model.groups.len()];
    let attributes = vec![0.0; model.attributes.len()];
    for (strategy, own) in counts.strategies.iter().enumerate() {
        let arm = &model.strategies[strategy];
        if arm.eligible != Expr::Number(1.0) {
            continue;
        }
        for state in 0..model.states.len() {
            let row = &tables.rows[strategy][state];
            let exits: Vec<usize> = row.first.iter().chain(&row.rest).map(|e| e.transition).collect();
            let plain = |&t: &usize| {
                let reads = reads(model, strategy, t);
                reads.attributes().is_empty() && reads.residence.is_empty()
            };
            let keeps = |&t: &usize| model.transitions[t].branches.iter().any(|b| b.to.is_none());
            if exits.is_empty() || !exits.iter().all(plain) || exits.iter().any(keeps) {
                continue;
            }
            let s = Situation {
                parameters: &tables.parameters[strategy],
                attributes: &attributes,
                state,
                cycle: 0,
                residence: &residence,
                cycles_per_year: model.time.cycles_per_year,
            };
            let stays = |exits: &[Exit], stated: bool| {
                let sum: f64 = exits.iter().map(|e| spend(model, strategy, e.transition, &s)).sum();
                if stated { 1.0 - sum } else { math::exp(-sum) }
            };
            let left = 1.0 - stays(&row.first, row.first_stated) * stays(&row.rest, row.rest_stated);
            let from = |e: &&Edge| e.from == state;
            let edges = subject.paths.edges.iter().zip(&own.moves);
            let moved: f64 = edges.filter(|(e, _)| from(e)).map(|(_, moves)| moves[1]).sum();
            let what = format!(
                "patients who leave `{}` in the first cycle under `{}`",
                model.states[state].name, arm.name
            );
            let due = own.occupancy[state][0] * left;
            tally.same_by(&model.states[state].name, &what, (due, moved), counts.patients);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{MENDED, mended, with_subject};
    use super::*;
    use arcosim_core::engine::counts::Counts;

    /// What a check says of counts with an error in them.
    fn of(check: &Check, plant: impl FnOnce(&mut Counts)) -> Vec<String> {
        let mut names = Vec::new();
        with_subject(&mended(MENDED), |subject| {
            assert!((check.run)(subject).severity().is_none(), "{}", check.id);
            let mut counts = subject.counts().clone();
            plant(&mut counts);
            subject.pretend(counts);
            let findings = (check.run)(subject).findings;
            names = findings.into_iter().map(|f| f.subject).collect();
        });
        names
    }

    #[test]
    fn patients_who_are_lost_or_made_are_found() {
        let lost = |counts: &mut Counts| counts.strategies[1].occupancy[2][7] += 1e-6;
        assert_eq!(of(&F01, lost), ["drug"]);
        assert_eq!(of(&F04, lost), ["mended"]);
    }

    #[test]
    fn shares_beyond_all_are_found() {
        assert_eq!(of(&F02, |counts| counts.strategies[0].occupancy[1][3] = -1e-6), ["ill"]);
        assert_eq!(of(&F02, |counts| counts.strategies[0].moves[0][3] = 1.1), ["fall_ill"]);
    }

    #[test]
    fn the_dead_who_become_fewer_are_found() {
        assert_eq!(of(&F03, |counts| counts.strategies[0].occupancy[4][9] = 0.0), ["usual"]);
        assert_eq!(of(&F03, |counts| counts.strategies[0].endpoints[0].events[9] = -0.1), ["illness"]);
    }
}
