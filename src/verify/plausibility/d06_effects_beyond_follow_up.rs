use crate::prelude::*;

pub static D06: Check = Check {
    id: "D06",
    title: "Effects last no longer than patients were followed",
    why: "Each strategy says how long the studies behind it followed their patients (`evidence_until`). An effect that is still \
          full after that, or for ever where no end is given, is an extrapolation: it may be right, but what it adds is not \
          evidence.",
    hint: "Let the effect wane, show the result without it in a variant, or waive this with the reason.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let year = model.time.cycles_per_year;
    let mut comparisons =
        Comparisons::new("effects that are full no longer than the follow-up of their evidence", 0.0);
    for strategy in &model.strategies {
        let Some(evidence) = strategy.evidence_until else {
            continue;
        };
        let horizon = model.time.cycles as f64;
        let longest = strategy.effects.iter().map(|e| e.full_until.unwrap_or(horizon).min(horizon));
        let Some(full) = longest.reduce(f64::max) else {
            continue;
        };
        let full = full / year;
        comparisons.advisable(&strategy.name, full <= evidence * (1.0 + 1e-9), || {
            format!(
                "the effect of `{}` is full for {} years, and its evidence ends after {}",
                strategy.name,
                number(full),
                number(evidence)
            )
        });
    }
    comparisons.verdict("no strategy with an effect says how far its evidence reaches")
}
