use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S10: Check = Check {
    id: "S10",
    title: "The distribution of every parameter suits its kind",
    why: "Usual choices are beta distributions for utilities and probabilities, gamma or log-normal for costs, \
          log-normal for ratios and normal for coefficients. A warning is given if at least 1 draw in 1,000 would be \
          impossible before truncation (a negative cost, a utility above 1), or if the family has the wrong range, \
          such as a beta for a cost or a ratio, or a log-normal or gamma for a coefficient.",
    hint: "Use the family that is usual for the kind, with the same mean and standard error.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// Share of impossible draws above which a warning is given.
const IMPOSSIBLE: f64 = 0.001;

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("distribution families that suit the kind of parameter", 0.0);
    for (p, row) in evidence.scenario.parameters.iter().enumerate() {
        let Some(Some(margin)) = evidence.scenario.uncertainty.margins.get(p) else {
            continue;
        };
        let family = margin.family;
        let (low, high) = limits(row.kind);
        let below = if low.is_finite() { family.cdf(low) } else { 0.0 };
        let above = if high.is_finite() { 1.0 - family.cdf(high) } else { 0.0 };
        let beyond = below + above.max(0.0);
        let bounded = family.range() == Some((0.0, 1.0));
        let positive = family.range() == Some((0.0, f64::INFINITY));
        let unsuited = match row.kind {
            Kind::Cost
            | Kind::Hr
            | Kind::Rr
            | Kind::Or
            | Kind::MeanTime
            | Kind::MedianTime
            | Kind::Duration => bounded,
            Kind::Coefficient => bounded || positive,
            _ => false,
        };
        comparisons.advisable(&row.name, beyond <= IMPOSSIBLE, || {
            format!(
                "{}% of the {} distribution of `{}` is outside the values that a {} can have{}",
                number(100.0 * beyond),
                family.name(),
                row.name,
                row.kind.name().replace('_', " "),
                if margin.within == (f64::NEG_INFINITY, f64::INFINITY) { "" } else { "; it is truncated" }
            )
        });
        comparisons.advisable(&row.name, !unsuited, || {
            format!(
                "the {} `{}` has an unsuitable distribution: {}",
                row.kind.name().replace('_', " "),
                row.name,
                family.name()
            )
        });
    }
    comparisons.verdict("no parameter has its own distribution")
}

/// Possible values of a kind.
fn limits(kind: Kind) -> (f64, f64) {
    match kind {
        Kind::Probability | Kind::Proportion => (0.0, 1.0),
        // A limit of 0 has no effect on families without negative values, because their distribution function at 0 is
        // 0.
        Kind::Rate
        | Kind::Cost
        | Kind::Count
        | Kind::Hr
        | Kind::Rr
        | Kind::Or
        | Kind::MeanTime
        | Kind::MedianTime
        | Kind::Duration
        | Kind::Shape => (0.0, f64::INFINITY),
        Kind::Utility => (f64::NEG_INFINITY, 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}
