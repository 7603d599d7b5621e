use crate::prelude::*;
use arcosim_core::model::{Binary, Expr, impossible};

pub static R18: Check = Check {
    id: "R18",
    title: "A stronger treatment effect increases the gain",
    why: "The effects of all strategies are halved and doubled on the logarithmic scale, and what each gains over the reference is \
          reported; about half and twice as much is to be expected, less where effects wane or no patients are left to benefit. A \
          strategy that gains less the stronger it works has its ratio the wrong way up, or acts on the wrong transitions, or \
          shows that postponing an event that makes life better is no gain.",
    hint: "Look at the hazard ratios of the strategy and the transitions they act on, and at the utilities before and after.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts],
    run,
};

/// Why checks of directions are skipped.
const NO_EFFECT: &str =
    "there is no outcome that is gained: no [decision], and utilities add to none or several";

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(effect) = evidence.effect() else {
        return Verdict::skip(NO_EFFECT);
    };
    let powered = |power: f64| {
        let mut altered = model.clone();
        for own in altered.strategies.iter_mut().flat_map(|s| &mut s.effects) {
            let ratio = std::mem::replace(&mut own.ratio, Expr::Number(1.0));
            own.ratio = Expr::Binary(Binary::Power, Box::new([ratio, Expr::Number(power)]));
        }
        altered
    };
    let acts = |s: usize| !model.strategies[s].effects.is_empty();
    if !(0..model.strategies.len()).any(acts) {
        return Verdict::skip("no strategy has an effect on hazards");
    }
    let twice = powered(2.0);
    if let Some(problem) = impossible(&twice, &evidence.base) {
        return Verdict::skip(format!("with the effects doubled {problem}"));
    }
    let (half, base) = (evidence.totals_of(&powered(0.5), &evidence.base), evidence.totals());
    let twice = evidence.totals_of(&twice, &evidence.base);
    let reference = model.reference();
    let mut comparisons = Comparisons::new("stronger effects gain more", 0.0);
    let mut notes = Vec::new();
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| acts(*s)) {
        // The reference may have effects of its own, which are none of the strategy's.
        let over = |totals: &Vec<Vec<f64>>| totals[s][effect] - base[reference][effect];
        let gains = [over(&half), over(&base), over(&twice)];
        let tiny = 1e-9 * base[s][effect].abs();
        let name = &model.outcomes[effect].name;
        let [a, b, c] = gains.map(number);
        comparisons.advisable(&strategy.name, gains[2] >= gains[0] - tiny, || {
            format!(
                "`{}` gains {a}, {b} and {c} of `{name}` with its effects halved, as they are and doubled",
                strategy.name
            )
        });
        notes.push(format!("`{}` {a}, {b}, {c}", strategy.name));
    }
    comparisons.note(format!("gained with effects halved, as they are, doubled: {}", notes.join("; ")));
    comparisons.verdict("no strategy has an effect on hazards")
}
