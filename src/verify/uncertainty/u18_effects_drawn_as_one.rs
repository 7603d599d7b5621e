use crate::prelude::*;
use crate::reading::parameters_in;
use crate::statistics::rank_correlation;
use arcosim_core::model::uncertainty::Together;

pub static U18: Check = Check {
    id: "U18",
    title: "Effects of different strategies are drawn independently",
    why: "If the effects of two strategies have the same ranks in all draws, their comparison has no uncertainty: \
          whenever one is effective, so is the other. This is right for one drug in two doses, but wrong for \
          estimates from two separate trials, and makes the decision look too certain. Columns of a file of draws \
          that are identical have usually been copied by mistake.",
    hint: "Check the correlation of the two parameters, or the columns of the file.",
    basis: "own",
    quick: true,
    needs: &[Need::Draws],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let psa = match evidence.draws() {
        Ok(psa) => psa,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons =
        Comparisons::new("no two strategies with effects of the same rank in all draws", 0.0);
    let (model, uncertainty) = (evidence.model, &evidence.scenario.uncertainty);
    for joint in &uncertainty.joint {
        let Together::Given(rows) = &joint.how else {
            continue;
        };
        for i in 0..joint.members.len() {
            for j in 0..i {
                let (a, b) = (joint.members[j], joint.members[i]);
                let same = rows.len() > 1
                    && rows.iter().all(|row| row[i] == row[j])
                    && rows[0][i] != rows[rows.len() - 1][i];
                comparisons.advisable(evidence.name(b), !same, || {
                    format!(
                        "`{}` and `{}` have the same value in every row of `{}`",
                        evidence.name(a),
                        evidence.name(b),
                        joint.name
                    )
                });
            }
        }
    }
    // Strategies with an effect that uses ratio `p`.
    let acts = |p: usize| -> Vec<usize> {
        let under = |s: &usize| {
            model.strategies[*s].effects.iter().any(|e| parameters_in(&e.ratio, None).contains(&p))
        };
        (0..model.strategies.len()).filter(under).collect()
    };
    let ratios = uncertainty.varying().into_iter().filter(|&p| evidence.is_ratio(p));
    let ratios: Vec<(usize, Vec<usize>)> =
        ratios.map(|p| (p, acts(p))).filter(|(_, arms)| !arms.is_empty()).collect();
    for (i, (a, arms_a)) in ratios.iter().enumerate() {
        for (b, arms_b) in &ratios[i + 1..] {
            if arms_a.iter().any(|s| arms_b.contains(s)) {
                continue;
            }
            let r = rank_correlation(&psa.parameter(*a), &psa.parameter(*b));
            comparisons.advisable(evidence.name(*b), r.abs() < 0.99, || {
                format!(
                    "`{}` under `{}` and `{}` under `{}` are drawn with a rank correlation of {}: the comparison of \
                     the two strategies has no uncertainty",
                    evidence.name(*a),
                    model.strategies[arms_a[0]].name,
                    evidence.name(*b),
                    model.strategies[arms_b[0]].name,
                    number(r)
                )
            });
        }
    }
    comparisons.verdict("no two strategies have effects with distributions")
}
