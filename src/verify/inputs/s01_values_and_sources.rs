use crate::prelude::*;
use arcosim_scenario::parameters::Evidence as Grade;

pub static S01: Check = Check {
    id: "S01",
    title: "Every parameter has a value and a source",
    why: "Each row of the parameter table is looked at for a finite value and a source that says more than \"to be done\". A \
          number that nobody can trace cannot be defended, and a placeholder is easily forgotten in a model that runs.",
    hint: "Fill in the column `source`: a reference, or `assumption` if it is one.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Words that people leave where a source is still to be filled in.
const PLACEHOLDERS: [&str; 14] =
    ["todo", "to do", "tbd", "tbc", "tba", "?", "??", "???", "xx", "xxx", "n/a", "na", "unknown", "source"];

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("a finite value and a source for every parameter", 0.0);
    for (row, &base) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        comparisons.holds(&row.name, base.is_finite(), || {
            format!("parameter `{}` is {base}, which is no number", row.name)
        });
        let source = row.source.trim();
        // An assumption is its own source; the note has the reasoning.
        let assumed = row.evidence == Grade::Assumption;
        comparisons.holds(&row.name, assumed || !source.is_empty(), || {
            format!("parameter `{}` has no source", row.name)
        });
        let left_open = PLACEHOLDERS.contains(&source.to_lowercase().as_str());
        comparisons.advisable(&row.name, !left_open, || {
            format!("the source of parameter `{}` is still open: it says `{source}`", row.name)
        });
    }
    comparisons.verdict("there are no parameters")
}
