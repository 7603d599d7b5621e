use crate::evidence::totals_of;
use crate::prelude::*;
use arcosim_core::model::{AttributeDistribution, AttributeFamily, AttributeKind, Expr, Model};

pub static F29: Check = Check {
    id: "F29",
    title: "Almost identical patients have almost identical results",
    why: "Every continuous attribute, such as age, is first fixed at one value for all patients, and then varied by \
          one part in 100 million around this value. The results of both runs must agree. They are calculated by \
          different tables and sums, because patients in the second run differ. A difference means that a value for \
          one patient is used for others, so that results are wrong whenever patients differ.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files and the outcome \
           in the finding.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Quantile at which each attribute is fixed. It avoids round numbers, at which formulas may have a limit.
const PLACE: f64 = 0.414_213_56;

/// Half the width of the narrow distribution, relative to the value.
const NARROW: f64 = 1e-8;

/// Tolerated relative change of results under the narrow distribution.
const TOLERANCE: f64 = 1e-6;

fn run(evidence: &Evidence) -> Verdict {
    let (alike, narrow) = (held(evidence, 0.0), held(evidence, NARROW));
    if alike.1.is_empty() {
        return Verdict::skip("the population has no continuous attribute");
    }
    compare(evidence, &alike.0, &narrow.0, &alike.1)
}

/// Compares the results of two models that should be the same.
fn compare(evidence: &Evidence, alike: &Model, narrow: &Model, values: &str) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same occupancy and the same totals", TOLERANCE);
    let [one, other] = [alike, narrow].map(|model| evidence.solve(model, &evidence.base));
    let totals = [totals_of(alike, &one), totals_of(narrow, &other)];
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let [a, b] = [&one, &other].map(|counts| counts.strategies[arm].occupancy.iter().flatten());
        let gap = a.zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let what = format!(
            "the largest difference in occupancy under `{}` between identical and almost identical \
                            patients",
            strategy.name
        );
        comparisons.same_by(&strategy.name, &what, (0.0, gap), 1.0);
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what = format!("`{}` under `{}` for almost identical patients", outcome.name, strategy.name);
            comparisons.same_by(&outcome.name, &what, (totals[0][arm][o], totals[1][arm][o]), 1.0);
        }
    }
    comparisons.note(values);
    comparisons.verdict("the model has no strategies")
}

/// Copy of the model in which every continuous attribute is limited to a relative distance `hair` from one value, and a
/// description of these values.
fn held(evidence: &Evidence, hair: f64) -> (Model, String) {
    let mut model = evidence.model.clone();
    let mut words = Vec::new();
    for attribute in &mut model.attributes {
        if attribute.fixed_value(evidence.model, &evidence.base).is_some() {
            continue;
        }
        let Some(value) = attribute.quantile(evidence.model, &evidence.base, PLACE) else {
            continue;
        };
        words.push(format!("`{}` fixed at {}", attribute.name, number(value)));
        let half = hair * value.abs().max(1.0);
        attribute.kind = AttributeKind::Continuous(AttributeDistribution {
            within: None,
            family: match half > 0.0 {
                true => AttributeFamily::Uniform {
                    low: Expr::Number(value - half),
                    high: Expr::Number(value + half),
                },
                false => AttributeFamily::Fixed { value: Expr::Number(value) },
            },
        });
    }
    (model, words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    /// A distribution that is not narrow must change the results.
    #[test]
    fn patients_who_differ_are_told_from_those_who_do_not() {
        with_evidence(&mended(MENDED), &[], |evidence| {
            let (alike, words) = held(evidence, 0.0);
            let compared = |hair: f64| compare(evidence, &alike, &held(evidence, hair).0, &words);
            assert_eq!(compared(NARROW).severity(), None);
            let wide = compared(0.2);
            assert!(!wide.findings.is_empty(), "{wide:?}");
        });
    }
}
