use crate::prelude::*;
use crate::transform::alone_under;
use arcosim_core::engine::counts::StrategyCounts;
use arcosim_core::model::{Binary, Expr, situation};
use arcosim_core::words::listed;

pub static F22: Check = Check {
    id: "F22",
    title: "Every strategy and every effect makes a difference",
    why: "Under two strategies that differ, patients must live other lives or gather other costs or effects; and if the ratio of a \
          declared effect is changed, moves must change. A treatment that changes nothing is not connected: it acts on \
          transitions that no patient makes, ends before it begins, or its rewards are given to another strategy.",
    hint: "Look at the transitions that the effect names, at full_until and gone_after, and at `strategies` of the rewards.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons = Comparisons::new(
        "other lives, costs or effects under every strategy; moves that answer to every effect",
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
                    "`{y}` gives the same lives, costs and effects as `{x}`: it is not connected to anything"
                )
            });
        }
    }
    effects_act(evidence, &mut comparisons);
    substitutions_act(evidence, &mut comparisons);
    comparisons.verdict("there is one strategy, without effects")
}

/// Whether moves answer to every effect.
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
            // Half of it, or of 1 where it is 0: a perfect effect acts too.
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
                    "the effect of `{}` on {} changes no move, whatever its ratio",
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

/// Of an effect on several transitions: whether somebody who is treated ever makes each of them.
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
            format!("`{}` acts on `{name}`, which no patient makes under this strategy", strategy.name)
        });
    }
}

/// Whether parameters that a strategy replaces get another value.
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
                "`{}` replaces {} by the same values",
                strategy.name,
                listed(names.map(|(p, _)| model.parameters[*p].name.as_str()))
            )
        });
    }
}
