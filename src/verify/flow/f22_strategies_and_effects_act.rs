use crate::prelude::*;
use crate::transform::alone_under;
use arcosim_core::engine::counts::StrategyCounts;
use arcosim_core::model::{Binary, Expr, situation};
use arcosim_core::words::listed;

pub static F22: Check = Check {
    id: "F22",
    title: "Every strategy and every treatment effect makes a difference",
    why: "Two strategies must differ in the course of patients, in costs or in effects, and changing the ratio of a \
          treatment effect must change the moves between states. A treatment that changes nothing is not connected to \
          the model: it acts on transitions that no patient makes, ends before it begins, or its rewards are assigned \
          to another strategy. Its comparison with other strategies is then meaningless.",
    hint: "Check the transitions under `on` of the effect, its `full_until` and `gone_after`, and the `strategies` of \
           the rewards.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons = Comparisons::new(
        "a difference between any two strategies, and moves that respond to every effect",
        0.0,
    );
    let totals = evidence.totals();
    for b in 0..model.strategies.len() {
        for a in 0..b {
            let (one, other) = (&counts.strategies[a], &counts.strategies[b]);
            let gathers = totals[a] == totals[b] && one.components == other.components;
            let lives = one.occupancy == other.occupancy && one.moves == other.moves;
            let (x, y) = (&model.strategies[a].name, &model.strategies[b].name);
            comparisons.holds(y, !(gathers && lives), || {
                format!(
                    "patients under `{y}` have the same lives, costs and effects as under `{x}`: the strategy changes \
                     nothing"
                )
            });
        }
    }
    effects_act(evidence, &mut comparisons);
    substitutions_act(evidence, &mut comparisons);
    comparisons.verdict("the model has only one strategy, without effects")
}

/// Checks that moves between states respond to every effect.
fn effects_act(evidence: &Evidence, comparisons: &mut Comparisons) {
    let model = evidence.model;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let mut plain = None;
        for (e, effect) in strategy.effects.iter().enumerate() {
            if evidence.stopped() {
                return;
            }
            let plain = plain.get_or_insert_with(|| evidence.solve(&alone_under(model, arm), &evidence.base));
            let mut altered = alone_under(model, arm);
            let own = &mut altered.strategies[0].effects[e];
            // The ratio is halved, or set to 0.5 if it is 0, because half of 0 is no change.
            let ratio = std::mem::replace(&mut own.ratio, Expr::Number(1.0));
            let is_zero = Expr::Binary(Binary::Equal, Box::new([ratio.clone(), Expr::Number(0.0)]));
            let half = ratio.times(Expr::Number(0.5));
            own.ratio = Expr::If(Box::new([is_zero, Expr::Number(0.5), half]));
            let names = || {
                let names = effect.transitions.iter().map(|&t| model.transitions[t].name.as_str());
                listed(names)
            };
            let other = evidence.solve(&altered, &evidence.base);
            let acts = other.strategies[0].moves != plain.strategies[0].moves;
            comparisons.holds(&strategy.name, acts, || {
                format!(
                    "changing the effect of `{}` on {} changes no moves between states",
                    strategy.name,
                    names()
                )
            });
            if acts && effect.transitions.len() > 1 {
                each_transition_acts(evidence, (arm, e), &other.strategies[0], comparisons);
            }
        }
    }
}

/// Checks, for an effect on several transitions, that treated patients make each of them.
fn each_transition_acts(
    evidence: &Evidence,
    (arm, e): (usize, usize),
    other: &StrategyCounts,
    comparisons: &mut Comparisons,
) {
    let model = evidence.model;
    let strategy = &model.strategies[arm];
    for &t in &strategy.effects[e].transitions {
        let edges = evidence.paths.edges.iter().enumerate();
        let fires = edges
            .filter(|(_, edge)| edge.transition == t)
            .any(|(i, _)| other.moves[i].iter().any(|x| *x > 0.0));
        let name = &model.transitions[t].name;
        comparisons.advisable(&strategy.name, fires, || {
            format!(
                "`{}` has an effect on transition `{name}`, which no patient makes under this strategy",
                strategy.name
            )
        });
    }
}

/// Checks that a strategy gives at least one of its replaced parameters another value.
fn substitutions_act(evidence: &Evidence, comparisons: &mut Comparisons) {
    let model = evidence.model;
    for strategy in &model.strategies {
        if strategy.substitutions.is_empty() {
            continue;
        }
        let own = |expr: &Expr| expr.value(&situation(model, &evidence.base, &[], 0));
        let changes = strategy.substitutions.iter().any(|(p, expr)| own(expr) != evidence.base[*p]);
        comparisons.advisable(&strategy.name, changes, || {
            let names = strategy.substitutions.iter();
            format!(
                "`{}` replaces {}, but with the same values",
                strategy.name,
                listed(names.map(|(p, _)| model.parameters[*p].name.as_str()))
            )
        });
    }
}
