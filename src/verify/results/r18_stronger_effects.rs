use crate::prelude::*;
use arcosim_core::model::{Binary, Expr, impossible};

pub static R18: Check = Check {
    id: "R18",
    title: "A stronger treatment effect increases the gain",
    why: "The effects of all strategies are halved and doubled on the logarithmic scale, and the gain of each \
          strategy over the reference is reported. About half and twice the gain is expected, or less if effects wane \
          or no patients are left to benefit. If a strategy gains less the stronger its effects are, its ratio is \
          inverted or acts on the wrong transitions, or the event that it delays improves quality of life.",
    hint: "Check the ratios of the strategy, the transitions on which they act, and the utilities before and after \
           these transitions.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts],
    run,
};

/// Reason for skipping the check if the effect outcome is unknown.
const NO_EFFECT: &str = "the effect outcome is unknown: the scenario has no [decision], and utilities add to no outcome or to several";

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
        return Verdict::skip(format!("with doubled effects, {problem}"));
    }
    let (half, base) = (evidence.totals_of(&powered(0.5), &evidence.base), evidence.totals());
    let twice = evidence.totals_of(&twice, &evidence.base);
    let reference = model.reference();
    let mut comparisons = Comparisons::new("larger gains with stronger effects", 0.0);
    let mut notes = Vec::new();
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| acts(*s)) {
        // The reference strategy is kept unchanged, because changes in its own effects are not gains of another
        // strategy.
        let over = |totals: &Vec<Vec<f64>>| totals[s][effect] - base[reference][effect];
        let gains = [over(&half), over(&base), over(&twice)];
        let tiny = 1e-9 * base[s][effect].abs();
        let name = &model.outcomes[effect].name;
        let [a, b, c] = gains.map(number);
        comparisons.advisable(&strategy.name, gains[2] >= gains[0] - tiny, || {
            format!(
                "`{}` gains {a}, {b} and {c} of `{name}` over the reference with its effects halved, unchanged and \
                 doubled",
                strategy.name
            )
        });
        notes.push(format!("`{}` {a}, {b}, {c}", strategy.name));
    }
    comparisons.note(format!(
        "gains over the reference with effects halved, unchanged and doubled: {}",
        notes.join("; ")
    ));
    comparisons.verdict("no strategy has an effect on hazards")
}
