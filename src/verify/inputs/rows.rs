//! The ways out of each state, and where people start.

use super::super::check::{Check, Verdict};
use super::super::situations;
use super::super::subject::Subject;
use super::super::tally::Tally;
use super::worth::each_worth;
use arcosim_core::model::hazard::{self, Reads, stated};
use arcosim_core::model::{
    AttributeFamily, AttributeKind, Hazard, Model, Share, Situation, branch_shares, shares, situation,
};
use arcosim_scenario::parameters::Kind;

/// Probabilities may miss 1 by this much.
const ROUNDING: f64 = 1e-12;

pub static S03: Check = Check {
    id: "S03",
    title: "The ways out of every state add to one",
    why: "For every strategy, state, kind of patient and cycle the hazards and probabilities are worked out as both engines read \
          them, set against one another, split over their branches and added to the share that stays. The sum must be 1, and \
          no part may be negative or no number: otherwise patients are made or lost on the way.",
    hint: "The finding names strategy, state and cycle, and the transitions with their probabilities there.",
    basis: "TECH-VER, assertHE",
    quick: true,
    run: s03,
};

fn s03(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("the probabilities of leaving and of staying add to 1", ROUNDING);
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &subject.base);
        for (state, own) in model.states.iter().enumerate() {
            let exits: Vec<usize> = exits(model, state);
            if exits.is_empty() {
                continue;
            }
            let mut reads = Reads::default();
            for &t in &exits {
                reads.merge(&hazard::reads(model, s, t));
                reads.add_shares(&model.transitions[t].branches);
            }
            // The worst row: how far off, the sum, and how it is made up.
            let mut worst = (-1.0, 1.0, String::new());
            situations::each(model, &parameters, state, &reads, !subject.quick, |situation| {
                let row = row(model, s, &exits, situation);
                let off = row.off();
                if off > worst.0 {
                    worst = (off, row.sum, described(model, &exits, &row, situation));
                }
            });
            let what = format!("the sum in state `{}` under `{}` ({})", own.name, strategy.name, worst.2);
            let sum = if worst.0.is_finite() { worst.1 } else { f64::NAN };
            tally.same(&own.name, &what, 1.0, sum);
        }
    }
    tally.verdict("no transition leads out of any state")
}

/// A row of probabilities.
struct Probabilities {
    /// Per exit.
    exits: Vec<f64>,
    /// Of all ways out and of staying.
    sum: f64,
    /// Whether a part is negative or no number.
    broken: bool,
}

impl Probabilities {
    fn off(&self) -> f64 {
        match self.broken || self.sum.is_nan() {
            true => f64::INFINITY,
            false => (self.sum - 1.0).abs(),
        }
    }
}

/// What happens in one cycle to those in a state: first what is decided first, then the rest among those who are left;
/// what competes shares by its hazards.
fn row(model: &Model, strategy: usize, exits: &[usize], s: &Situation) -> Probabilities {
    let mut row = Probabilities { exits: vec![0.0; exits.len()], sum: 0.0, broken: false };
    let mut left = 1.0;
    for first in [true, false] {
        let part: Vec<usize> =
            (0..exits.len()).filter(|&i| model.transitions[exits[i]].first == first).collect();
        let spent: Vec<f64> = part.iter().map(|&i| hazard::spend(model, strategy, exits[i], s)).collect();
        row.broken |= spent.iter().any(|w| w.is_nan() || *w < 0.0);
        let sum: f64 = spent.iter().sum();
        let as_stated = part.iter().any(|&i| model.transitions[exits[i]].stated);
        let leaves = if as_stated { sum } else { stated(sum) };
        for (&i, w) in part.iter().zip(&spent) {
            row.exits[i] = match sum > 0.0 {
                true => left * leaves * (w / sum),
                false => 0.0,
            };
        }
        row.broken |= leaves > 1.0 + ROUNDING;
        left *= 1.0 - leaves;
    }
    row.sum = left;
    for (&t, &p) in exits.iter().zip(&row.exits) {
        let split = branch_shares(&model.transitions[t].branches, s);
        row.broken |= split.iter().any(|share| share.is_nan() || *share < -ROUNDING);
        row.sum += p * split.iter().sum::<f64>();
    }
    row
}

fn described(model: &Model, exits: &[usize], row: &Probabilities, s: &Situation) -> String {
    let parts: Vec<String> = exits
        .iter()
        .zip(&row.exits)
        .map(|(&t, p)| format!("{} {}", model.transitions[t].name, super::number(*p)))
        .collect();
    format!("cycle {}: {}", s.cycle + 1, parts.join(", "))
}

/// Transitions that leave a state.
pub fn exits(model: &Model, state: usize) -> Vec<usize> {
    let all = model.transitions.iter().enumerate();
    all.filter(|(_, t)| t.from.contains(&state)).map(|(t, _)| t).collect()
}

pub static S04: Check = Check {
    id: "S04",
    title: "Nobody comes back from the dead",
    why: "The states of the dead (those named in `dead` under [verify], or else all absorbing ones) must have no way out, and a \
          state in which nothing of life is counted, neither years nor quality, must be one of them. A way out of death gives years, \
          costs and quality of life to people who have none.",
    hint: "Take the state out of the `from` of the transition; name the states of the dead under [verify]; count what the living have.",
    basis: "assertHE",
    quick: true,
    run: s04,
};

/// A state other than those of the dead in which nothing of any effect is counted, while it is for others: what it is worth tells it from
/// a state of the living, whatever its name.
fn worth_nothing(subject: &Subject) -> Vec<usize> {
    let model = subject.model;
    let effects: Vec<usize> =
        (0..model.outcomes.len()).filter(|&o| !subject.outcome_reads(o, &[Kind::Cost])).collect();
    let counts = |state: usize| {
        let mut something = false;
        for &outcome in &effects {
            for strategy in 0..model.strategies.len() {
                each_worth(subject, (outcome, strategy, state), |worth, _| something |= worth != 0.0);
            }
        }
        something
    };
    let (worthy, nothing): (Vec<usize>, Vec<usize>) = subject.living().into_iter().partition(|&s| counts(s));
    if worthy.is_empty() { Vec::new() } else { nothing }
}

fn s04(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("no way leads out of the states of the dead", 0.0);
    let nothing = worth_nothing(subject);
    for (s, state) in model.states.iter().enumerate() {
        if subject.is_dead(s) {
            let ways: Vec<String> =
                exits(model, s).into_iter().map(|t| format!("`{}`", model.transitions[t].name)).collect();
            tally.holds(&state.name, ways.is_empty(), || {
                format!("the dead in `{}` leave it by {}", state.name, ways.join(", "))
            });
        } else if nothing.contains(&s) {
            let mut ways = exits(model, s).into_iter();
            let back = ways.find(|&t| {
                let mut targets = model.transitions[t].branches.iter().filter_map(|b| b.to);
                targets.any(|to| !subject.is_dead(to) && !nothing.contains(&to))
            });
            // An outcome such as years without a relapse may well leave out states of the living.
            tally.advisable(&state.name, false, || match back {
                Some(t) => format!(
                    "nothing of life is counted in `{}`, and people leave it by `{}`, to live again",
                    state.name, model.transitions[t].name
                ),
                None => format!(
                    "nothing of life is counted in `{}`, which counts as a state of the living",
                    state.name
                ),
            });
        }
    }
    tally.advisable("[verify]", (0..model.states.len()).any(|s| subject.is_dead(s)), || {
        "no state is one of the dead: every state can be left".to_string()
    });
    tally.verdict("there are no states")
}

pub static S05: Check = Check {
    id: "S05",
    title: "Everybody starts somewhere, once, and alive",
    why: "The shares of patients in the states at the start, in the categories of every attribute, and in the branches of what a \
          strategy does at the start are worked out and must each lie between 0 and 1 and add to 1; no state may be listed \
          twice, and nobody should start dead.",
    hint: "Look at [population.start], [population.attributes] and `at_start` of the strategies.",
    basis: "assertHE",
    quick: true,
    run: s05,
};

fn s05(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("shares between 0 and 1 that add to 1", 1e-9);
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &subject.base);
        let attributes = arcosim_core::model::fixed_attributes(model, &parameters);
        let mut at_start = situation(model, &parameters, &attributes, model.start.first().map_or(0, |x| x.0));
        let residence = vec![0; model.groups.len()];
        at_start.residence = &residence;
        let mut add_up = |name: &str, what: &str, all: &[&Share]| {
            let split = shares(all.iter().copied(), &at_start);
            let fine = split.iter().all(|x| (-ROUNDING..=1.0 + 1e-9).contains(x));
            tally.holds(name, fine, || format!("one of {what} lies outside 0 to 1"));
            tally.same(name, &format!("the sum of {what}"), 1.0, split.iter().sum());
        };
        if s == 0 {
            let start: Vec<&Share> = model.start.iter().map(|(_, share)| share).collect();
            add_up("start", "the shares at the start", &start);
            for attribute in &model.attributes {
                if let AttributeKind::Categorical { shares, .. } = &attribute.kind {
                    let what = format!("the shares of attribute `{}`", attribute.name);
                    add_up(&attribute.name, &what, &shares.iter().collect::<Vec<_>>());
                }
            }
        }
        let reads_patients = strategy.at_start.iter().any(|b| match &b.share {
            Share::Stated(e) => !Reads::of(e).attributes().is_empty(),
            Share::Rest => false,
        });
        if !strategy.at_start.is_empty() && !reads_patients {
            let branches: Vec<&Share> = strategy.at_start.iter().map(|b| &b.share).collect();
            let what = format!("the branches at the start of strategy `{}`", strategy.name);
            add_up(&strategy.name, &what, &branches);
        }
    }
    for attribute in &model.attributes {
        if let AttributeKind::Continuous(distribution) = &attribute.kind
            && let (Some((low, high)), AttributeFamily::Normal { mean, .. }) =
                (distribution.within, &distribution.family)
        {
            let mean = mean.value(&situation(model, &subject.base, &[], 0));
            tally.advisable(&attribute.name, (low..=high).contains(&mean), || {
                format!("the mean of `{}` is {mean}, outside its limits {low} to {high}", attribute.name)
            });
        }
    }
    for (i, (state, _)) in model.start.iter().enumerate() {
        let name = &model.states[*state].name;
        let again = model.start[..i].iter().any(|(earlier, _)| earlier == state);
        tally.holds(name, !again, || format!("state `{name}` is listed twice at the start"));
        tally.holds(name, !subject.is_dead(*state), || format!("people start dead, in `{name}`"));
    }
    tally.verdict("nobody starts")
}

pub static S14: Check = Check {
    id: "S14",
    title: "Every state is used, every transition happens, every parameter is read",
    why: "The model is run at the base values. A state that nobody is ever in, a transition that never fires under any strategy, \
          a living state that nobody leaves, or a parameter that nothing reads is usually a wire that was cut: a wrong \
          `from`, a condition that never holds, a name that was replaced. So is a strategy that nobody is eligible for.",
    hint: "See what leads to the state or transition, and whether its hazard is 0 by mistake.",
    basis: "own",
    quick: true,
    run: s14,
};

fn s14(subject: &Subject) -> Verdict {
    let model = subject.model;
    let counts = subject.counts();
    let mut tally = Tally::new("nothing that is declared lies idle", 0.0);
    for (s, state) in model.states.iter().enumerate() {
        let somebody = counts.strategies.iter().any(|own| own.occupancy[s].iter().any(|n| *n > 0.0));
        tally.advisable(&state.name, somebody, || {
            format!("nobody is ever in state `{}`, under any strategy", state.name)
        });
        let stuck = exits(model, s).is_empty() && !subject.is_dead(s);
        tally.advisable(&state.name, !stuck, || {
            format!("nobody leaves state `{}`, not even by death", state.name)
        });
    }
    for (t, transition) in model.transitions.iter().enumerate() {
        let mut fired = 0.0;
        for own in &counts.strategies {
            let edges = subject.paths.edges.iter().zip(&own.moves);
            let moves = edges.filter(|(edge, _)| edge.transition == t);
            fired += moves.flat_map(|(_, moves)| moves).sum::<f64>();
        }
        let left_over = matches!(transition.hazard, Hazard::Complement);
        tally.advisable(&transition.name, fired > 0.0 || left_over, || {
            format!("transition `{}` never fires, under any strategy", transition.name)
        });
    }
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &subject.base);
        let mut somebody = false;
        for (state, _) in &model.start {
            let reads = Reads::of(&strategy.eligible);
            situations::each(model, &parameters, *state, &reads, false, |at| {
                somebody |= strategy.eligible.value(at) != 0.0;
            });
        }
        tally.advisable(&strategy.name, somebody, || {
            format!("nobody who starts is eligible for strategy `{}`", model.strategies[s].name)
        });
    }
    let read = arcosim_core::model::ParametersRead::of(model).anywhere;
    for (parameter, read) in model.parameters.iter().zip(read) {
        tally.advisable(&parameter.name, read, || format!("nothing reads parameter `{}`", parameter.name));
    }
    tally.verdict("there are no states")
}
