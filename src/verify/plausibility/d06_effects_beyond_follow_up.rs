use crate::prelude::*;

pub static D06: Check = Check {
    id: "D06",
    title: "Full effects do not extend beyond the follow-up of their studies",
    why: "Each strategy states the length of follow-up of its studies (`evidence_until`). A full effect after that \
          time, or until the time horizon if no end is specified, is an extrapolation. It may be correct, but the \
          additional benefit is not based on evidence.",
    hint: "Let the effect wane, report the result without extrapolation as a scenario analysis, or waive the finding \
           with a reason.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let year = model.time.cycles_per_year;
    let mut comparisons = Comparisons::new("full effects only within the follow-up of their studies", 0.0);
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
                "the effect of `{}` is full for {} years, but its follow-up ends after {}",
                strategy.name,
                number(full),
                number(evidence)
            )
        });
    }
    comparisons.verdict("no strategy with an effect states its length of follow-up")
}
