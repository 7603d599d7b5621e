use crate::prelude::*;
use arcosim_core::model::uncertainty::Family;
use arcosim_scenario::parameters::Kind;

pub static S10: Check = Check {
    id: "S10",
    title: "Each distribution suits what it describes",
    why: "Utilities and probabilities are drawn from a beta, costs from a gamma or log-normal, ratios from a log-normal, \
          coefficients from a normal. Another family is asked about where one draw in a thousand or more would be a value that \
          cannot be (a negative cost, a utility above 1), before anything is cut off, or where the family has the wrong range: \
          a beta for a cost or a ratio, a log-normal or gamma for a probability or a coefficient.",
    hint: "Take the family that is usual for the kind, with the same mean and standard error.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// A larger share of impossible draws is asked about.
const IMPOSSIBLE: f64 = 0.001;

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("families that suit the kind of the parameter", 0.0);
    for (p, row) in evidence.scenario.parameters.iter().enumerate() {
        let Some(Some(margin)) = evidence.scenario.uncertainty.margins.get(p) else {
            continue;
        };
        let family = margin.family;
        let (low, high) = limits(row.kind);
        let below = if low.is_finite() { family.cdf(low) } else { 0.0 };
        let above = if high.is_finite() { 1.0 - family.cdf(high) } else { 0.0 };
        let beyond = below + above.max(0.0);
        let bounded = matches!(family, Family::Beta { .. });
        let positive = matches!(family, Family::LogNormal { .. } | Family::Gamma { .. });
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
                "{} % of the {} distribution of `{}` are values that no {} can have{}",
                number(100.0 * beyond),
                family.name(),
                row.name,
                row.kind.name().replace('_', " "),
                if margin.within == (f64::NEG_INFINITY, f64::INFINITY) { "" } else { "; they are cut off" }
            )
        });
        comparisons.advisable(&row.name, !unsuited, || {
            format!(
                "the {} `{}` is drawn from a {}",
                row.kind.name().replace('_', " "),
                row.name,
                family.name()
            )
        });
    }
    comparisons.verdict("no parameter has a distribution of its own")
}

/// What values of a kind can be.
fn limits(kind: Kind) -> (f64, f64) {
    match kind {
        Kind::Probability | Kind::Proportion => (0.0, 1.0),
        // The distribution function of a value that is never below 0 is 0 there.
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
