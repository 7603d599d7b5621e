use crate::prelude::*;
use crate::reading::readings;
use arcosim_scenario::parameters::Kind;

pub static S17: Check = Check {
    id: "S17",
    title: "Strategies based on animal, laboratory or promotional evidence are marked hypothetical",
    why: "Parameters with animal, laboratory or promotional evidence, other than prices, are traced to the strategies \
          whose effects, procedures, replaced parameters or rewards use them. These strategies must be hypothetical, so \
          that every table and figure marks them; otherwise an unproven claim looks like a clinical result.",
    hint: "Set `hypothetical = true` for the strategy, or use evidence from patients.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("weak evidence only in strategies marked hypothetical", 0.0);
    let mut told: Vec<(usize, usize)> = Vec::new();
    for reading in readings(model) {
        let row = &evidence.scenario.parameters[reading.parameter];
        // A price makes no treatment hypothetical.
        if !row.evidence.is_weak() || row.kind == Kind::Cost {
            continue;
        }
        let grade = row.evidence.name().replace('_', " ");
        match &reading.strategies {
            Some(own) => {
                for &s in own {
                    let strategy = &model.strategies[s];
                    if strategy.hypothetical || !told.contains(&(s, reading.parameter)) {
                        told.push((s, reading.parameter));
                        comparisons.holds(&strategy.name, strategy.hypothetical, || {
                            format!(
                                "strategy `{}` depends on `{}`, whose evidence is {grade}, but is not marked hypothetical",
                                strategy.name, row.name
                            )
                        });
                    }
                }
            }
            None if !told.contains(&(usize::MAX, reading.parameter)) => {
                told.push((usize::MAX, reading.parameter));
                let marked = model.strategies.iter().all(|s| s.hypothetical);
                comparisons.advisable(&row.name, marked, || {
                    format!(
                        "every strategy depends on `{}`, whose evidence is {grade}: {}",
                        row.name, reading.place
                    )
                });
            }
            None => {}
        }
    }
    comparisons.verdict("no parameter in use has animal, laboratory or promotional evidence")
}
