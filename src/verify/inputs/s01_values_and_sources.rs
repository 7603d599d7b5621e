use crate::prelude::*;
use arcosim_scenario::parameters::Evidence as Grade;

pub static S01: Check = Check {
    id: "S01",
    title: "Every parameter has a value and a source",
    why: "Every row of the parameter table needs a finite value and a source other than a placeholder such as \"to \
          be done\". A value without a traceable source cannot be defended, and a placeholder is easily overlooked \
          in a model that runs.",
    hint: "Fill in the column `source` with a reference, or with `assumption` if the value is assumed.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Placeholders for a source that has not been filled in yet.
const PLACEHOLDERS: [&str; 14] =
    ["todo", "to do", "tbd", "tbc", "tba", "?", "??", "???", "xx", "xxx", "n/a", "na", "unknown", "source"];

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("a finite value and a source for every parameter", 0.0);
    for (row, &base) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        comparisons.holds(&row.name, base.is_finite(), || {
            format!("parameter `{}` is {base}, which is not a number", row.name)
        });
        let source = row.source.trim();
        // An assumption needs no source because its note explains the reasoning.
        let assumed = row.evidence == Grade::Assumption;
        comparisons.holds(&row.name, assumed || !source.is_empty(), || {
            format!("parameter `{}` has no source", row.name)
        });
        let left_open = PLACEHOLDERS.contains(&source.to_lowercase().as_str());
        comparisons.advisable(&row.name, !left_open, || {
            format!("the source of parameter `{}` is still open: `{source}` is a placeholder", row.name)
        });
    }
    comparisons.verdict("there are no parameters")
}
