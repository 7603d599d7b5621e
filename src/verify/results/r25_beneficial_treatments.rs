use super::health_outcomes::gained_outcomes;
use crate::direction_of_effects::{Acts, acts};
use crate::prelude::*;

pub static R25: Check = Check {
    id: "R25",
    title: "A treatment that only slows the disease reduces neither life years nor QALYs",
    why: "Under a strategy whose effects all slow moves for the worse or speed moves for the better, patients should live no shorter \
          than under the reference and gain no less. Where they do, what it slows leads to something better, its procedure harms \
          more than its effects help, or patients stay longer in a state with a lower utility than the state that is delayed.",
    hint: "See the time effect and the value effect in each state (`increment_by_state.csv` of a run), and the utilities \
           before and after the moves that are slowed.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let reference = model.reference();
    if !model.strategies[reference].effects.is_empty() {
        return Verdict::skip("the reference has effects of its own");
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
    let mut comparisons = Comparisons::new("strategies that only help add life and quality of life", 0.0);
    for (s, strategy) in model.strategies.iter().enumerate().filter(|(s, _)| helps(*s)) {
        let mut compare = |what: &str, own: f64, others: f64| {
            let fine = own >= others - EXACT * own.abs().max(others.abs());
            comparisons.advisable(&strategy.name, fine, || {
                format!(
                    "`{}` only slows what is bad and speeds what is good, and gives {} {what} where the reference gives {}",
                    strategy.name,
                    number(own),
                    number(others)
                )
            });
        };
        let years = |arm: usize| evidence.years_alive(counts, arm);
        compare("years of life", years(s), years(reference));
        for o in gained_outcomes(evidence) {
            let what = format!("of `{}`", model.outcomes[o].name);
            compare(&what, totals[s][o], totals[reference][o]);
        }
    }
    comparisons.verdict("no strategy has effects that all slow what is bad or speed what is good")
}
