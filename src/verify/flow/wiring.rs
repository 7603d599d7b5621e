//! Whether everything that the scenario declares takes part: states, transitions, strategies, effects.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally};
use super::super::transform::alone_under;
use arcosim_core::engine::counts::StrategyCounts;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Binary, Expr, Situation, Tables, situation};
use arcosim_core::words::listed;

/// Every state is visited, and every transition fires.
pub static F20: Check = Check {
    id: "F20",
    title: "Every state is visited, and every transition fires",
    why: "A state that nobody ever visits, or a transition that never fires, under any strategy, is a part of the disease that the model \
          declares and does not have: a hazard that is zero, a condition that is never true, or a way in that is missing.",
    hint: "Look at the hazard and its conditions; if the part is switched off on purpose, accept the finding and say so.",
    basis: "own",
    quick: true,
    run: f20,
};

/// No event is declared twice.
pub static F21: Check = Check {
    id: "F21",
    title: "No event is declared twice",
    why: "Two transitions that lead from one state to the same places with the same hazard for all patients at all times are most likely one \
          event that was entered twice: it then happens twice as often.",
    hint: "Remove one of the two, or one of the states that it leaves from.",
    basis: "own",
    quick: true,
    run: f21,
};

/// Every strategy does something.
pub static F22: Check = Check {
    id: "F22",
    title: "Every strategy and every effect makes a difference",
    why: "Under two strategies that differ, patients must live other lives or gather other costs or effects; and if the ratio of a \
          declared effect is changed, moves must change. A treatment that changes nothing is not connected: it acts on \
          transitions that nobody makes, ends before it begins, or its rewards are given to another strategy.",
    hint: "Look at the transitions that the effect names, at full_until and gone_after, and at `strategies` of the rewards.",
    basis: "own",
    quick: true,
    run: f22,
};

fn f20(subject: &Subject) -> Verdict {
    let (model, counts) = (subject.model, subject.counts());
    let mut tally = Tally::new("somebody in every state, by every transition", 0.0);
    let some = |of: &dyn Fn(&StrategyCounts) -> f64| counts.strategies.iter().any(|own| of(own) > 0.0);
    let visited: Vec<bool> =
        (0..model.states.len()).map(|s| some(&|own| own.occupancy[s].iter().sum())).collect();
    for (state, visited) in model.states.iter().zip(&visited) {
        tally.advisable(&state.name, *visited, || {
            format!("nobody is ever in `{}`, under any strategy", state.name)
        });
    }
    for (t, transition) in model.transitions.iter().enumerate() {
        // Of a state that nobody visits it has been told.
        if !transition.from.iter().any(|&s| visited[s]) {
            continue;
        }
        let edges = || (0..subject.paths.edges.len()).filter(|&i| subject.paths.edges[i].transition == t);
        let fires = some(&|own| edges().map(|i| own.moves[i].iter().sum::<f64>()).sum());
        tally.advisable(&transition.name, fires, || {
            format!("`{}` never fires, under any strategy", transition.name)
        });
        let silent: Vec<&str> = transition
            .from
            .iter()
            .filter(|&&s| fires && visited[s])
            .filter(|&&s| {
                let own = |own: &StrategyCounts| {
                    let from = edges().filter(|&i| subject.paths.edges[i].from == s);
                    from.map(|i| own.moves[i].iter().sum::<f64>()).sum()
                };
                !some(&own)
            })
            .map(|&s| model.states[s].name.as_str())
            .collect();
        tally.advisable(&transition.name, silent.is_empty(), || {
            format!(
                "`{}` leaves from {} by its declaration, and nobody ever goes that way",
                transition.name,
                listed(silent.iter().copied())
            )
        });
    }
    tally.verdict("there is no state")
}

/// Cycles and stays at which two hazards are compared.
const POINTS: usize = 12;

fn f21(subject: &Subject) -> Verdict {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let mut tally =
        Tally::new("no two transitions from a state with the same targets and the same hazard", 0.0);
    for b in 0..model.transitions.len() {
        for a in 0..b {
            let (one, other) = (&model.transitions[a], &model.transitions[b]);
            let targets = |t: usize| {
                let mut to: Vec<Option<usize>> = model.transitions[t].branches.iter().map(|b| b.to).collect();
                to.sort_unstable();
                to
            };
            let common: Vec<usize> = one.from.iter().copied().filter(|s| other.from.contains(s)).collect();
            if common.is_empty() || targets(a) != targets(b) {
                continue;
            }
            let same = same_hazard(subject, &tables, (a, b), &common);
            let written = format!("{:?}", one.hazard) == format!("{:?}", other.hazard);
            let text = || {
                format!(
                    "`{}` and `{}` lead from {} to the same places with the same hazard{}",
                    one.name,
                    other.name,
                    listed(common.iter().map(|&s| model.states[s].name.as_str())),
                    if written { "" } else { ", by different formulas" }
                )
            };
            match written {
                true => tally.holds(&other.name, !same, text),
                false => tally.advisable(&other.name, !same, text),
            };
        }
    }
    tally.verdict("no two transitions lead from one state to the same places")
}

/// Whether two transitions have the same hazard, not zero, in all situations that are looked at.
fn same_hazard(subject: &Subject, tables: &Tables, (a, b): (usize, usize), states: &[usize]) -> bool {
    let model = subject.model;
    let mut fires = false;
    // Without the effects of a treatment, which may act on one of them alone.
    {
        let arm = model.reference();
        let mut relevant = reads(model, arm, a).attributes();
        relevant.extend(reads(model, arm, b).attributes());
        relevant.sort_unstable();
        relevant.dedup();
        let last = model.time.cycles - 1;
        for attributes in patients(model, &tables.parameters[arm], &relevant) {
            for &state in states {
                for cycle in (0..=last).step_by((last / POINTS).max(1)) {
                    for spent in [0, cycle] {
                        let residence = vec![spent; model.groups.len()];
                        let s = Situation {
                            parameters: &tables.parameters[arm],
                            attributes: &attributes,
                            state,
                            cycle,
                            residence: &residence,
                            cycles_per_year: model.time.cycles_per_year,
                        };
                        let (x, y) = (spend(model, arm, a, &s), spend(model, arm, b, &s));
                        if (x - y).abs() > EXACT * x.abs().max(y.abs()) {
                            return false;
                        }
                        fires |= x > 0.0;
                    }
                }
            }
        }
    }
    fires
}

fn f22(subject: &Subject) -> Verdict {
    let (model, counts) = (subject.model, subject.counts());
    let mut tally = Tally::new(
        "other lives, costs or effects under every strategy; moves that answer to every effect",
        0.0,
    );
    let totals = subject.totals();
    for b in 0..model.strategies.len() {
        for a in 0..b {
            let (one, other) = (&counts.strategies[a], &counts.strategies[b]);
            let gathers = totals[a] == totals[b] && one.components == other.components;
            let lives = one.occupancy == other.occupancy && one.moves == other.moves;
            let (x, y) = (&model.strategies[a].name, &model.strategies[b].name);
            tally.holds(y, !(gathers && lives), || {
                format!(
                    "`{y}` gives the same lives, costs and effects as `{x}`: it is not connected to anything"
                )
            });
        }
    }
    effects_act(subject, &mut tally);
    substitutions_act(subject, &mut tally);
    tally.verdict("there is one strategy, without effects")
}

/// Whether moves answer to every effect.
fn effects_act(subject: &Subject, tally: &mut Tally) {
    let model = subject.model;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let mut plain = None;
        for (e, effect) in strategy.effects.iter().enumerate() {
            if subject.stopped() {
                return;
            }
            let plain = plain.get_or_insert_with(|| subject.solve(&alone_under(model, arm), &subject.base));
            let mut altered = alone_under(model, arm);
            let own = &mut altered.strategies[0].effects[e];
            // Half of it, or of 1 where it is 0: a perfect effect acts too.
            let ratio = std::mem::replace(&mut own.ratio, Expr::Number(1.0));
            let is_zero = Expr::Binary(Binary::Equal, Box::new([ratio.clone(), Expr::Number(0.0)]));
            let half = ratio.times(Expr::Number(0.5));
            own.ratio = Expr::If(Box::new([is_zero, Expr::Number(0.5), half]));
            let names = || {
                let names = effect.transitions.iter().map(|&t| model.transitions[t].name.as_str());
                listed(names)
            };
            let other = subject.solve(&altered, &subject.base);
            let acts = other.strategies[0].moves != plain.strategies[0].moves;
            tally.holds(&strategy.name, acts, || {
                format!(
                    "the effect of `{}` on {} changes no move, whatever its ratio",
                    strategy.name,
                    names()
                )
            });
            if acts && effect.transitions.len() > 1 {
                each_transition_acts(subject, (arm, e), &other.strategies[0], tally);
            }
        }
    }
}

/// Of an effect on several transitions: whether somebody who is treated ever makes each of them.
fn each_transition_acts(
    subject: &Subject,
    (arm, e): (usize, usize),
    other: &StrategyCounts,
    tally: &mut Tally,
) {
    let model = subject.model;
    let strategy = &model.strategies[arm];
    for &t in &strategy.effects[e].transitions {
        let edges = subject.paths.edges.iter().enumerate();
        let fires = edges
            .filter(|(_, edge)| edge.transition == t)
            .any(|(i, _)| other.moves[i].iter().any(|x| *x > 0.0));
        let name = &model.transitions[t].name;
        tally.advisable(&strategy.name, fires, || {
            format!("`{}` acts on `{name}`, by which nobody moves under it", strategy.name)
        });
    }
}

/// Whether parameters that a strategy replaces get another value.
fn substitutions_act(subject: &Subject, tally: &mut Tally) {
    let model = subject.model;
    for strategy in &model.strategies {
        if strategy.substitutions.is_empty() {
            continue;
        }
        let own = |expr: &Expr| expr.value(&situation(model, &subject.base, &[], 0));
        let changes = strategy.substitutions.iter().any(|(p, expr)| own(expr) != subject.base[*p]);
        tally.advisable(&strategy.name, changes, || {
            let names = strategy.substitutions.iter();
            format!(
                "`{}` replaces {} by the same values",
                strategy.name,
                listed(names.map(|(p, _)| model.parameters[*p].name.as_str()))
            )
        });
    }
}
