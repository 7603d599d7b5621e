use super::health_outcomes::gained_outcomes;
use crate::direction_of_effects::{Acts, acts};
use crate::prelude::*;

pub static R25: Check = Check {
    id: "R25",
    title: "A treatment that only slows the disease reduces neither life years nor QALYs",
    why: "If all effects of a strategy slow harmful transitions or speed up beneficial ones, its patients should not \
          have fewer life years or QALYs than under the reference. Otherwise, the delayed event leads to a better \
          state, the procedure harms more than the effects help, or patients stay longer in a state with a low \
          utility. Each of these makes a good treatment look harmful.",
    hint: "Check the time effect and the value effect in each state (`increment_by_state.csv` of a run), and the \
           utilities before and after the delayed transitions.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let reference = model.reference();
    if !model.strategies[reference].effects.is_empty() {
        return Verdict::skip("the reference strategy has treatment effects");
    }
    let told = acts(evidence);
    let helps = |s: usize| {
        let effects = &model.strategies[s].effects;
        let places = effects.iter().map(|e| e.transitions.len()).sum::<usize>();
        let mut own = told.iter().filter(|acts| acts.strategy == s);
        places > 0 && own.clone().count() == places && !own.any(Acts::harms)
    };
    let counts = evidence.counts();
    let totals = evidence.totals();
    let mut comparisons =
        Comparisons::new("no fewer life years and QALYs under strategies with only beneficial effects", 0.0);
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| helps(*s)) {
        let mut compare = |what: &str, own: f64, others: f64| {
            let fine = own >= others - EXACT * own.abs().max(others.abs());
            comparisons.advisable(&strategy.name, fine, || {
                format!(
                    "`{}` has only beneficial effects, but results in {} {what}, compared with {} under the reference",
                    strategy.name,
                    number(own),
                    number(others)
                )
            });
        };
        let years = |arm: usize| evidence.years_alive(counts, arm);
        compare("life years", years(s), years(reference));
        for o in gained_outcomes(evidence) {
            let what = format!("units of `{}`", model.outcomes[o].name);
            compare(&what, totals[s][o], totals[reference][o]);
        }
    }
    comparisons.verdict("no strategy has only beneficial effects")
}
