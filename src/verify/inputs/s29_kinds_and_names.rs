use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S29: Check = Check {
    id: "S29",
    title: "Parameters are of the kind that their names begin with",
    why: "Names such as `hr.drug`, `rr.drug`, `rate.relapse` and `p.relapse` say what the number is. Where the kind in the table \
          says something else, one of them is wrong, and a rate that is used as a probability, or a hazard ratio as a \
          relative risk, gives results that look right.",
    hint: "Look the number up in its source; correct the kind, or rename the parameter.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("kinds that agree with names", 0.0);
    for row in &evidence.scenario.parameters {
        let Some((word, kinds)) = promised(&row.name) else {
            continue;
        };
        comparisons.advisable(&row.name, kinds.contains(&row.kind), || {
            format!("`{}` is called {word} and is of kind {}", row.name, row.kind.name())
        });
    }
    comparisons.verdict("no parameter has a name that says what it is")
}

/// What the first part of a name promises.
fn promised(name: &str) -> Option<(&'static str, &'static [Kind])> {
    let first = name.split(['.', '_']).next().unwrap_or_default();
    let times = &[Kind::Rate, Kind::MeanTime, Kind::MedianTime];
    let shares = &[Kind::Probability, Kind::Proportion];
    let (word, kinds): (_, &'static [Kind]) = match first {
        "hr" => ("a hazard ratio", &[Kind::Hr, Kind::Coefficient]),
        "rr" => ("a relative risk", &[Kind::Rr, Kind::Coefficient]),
        "or" => ("an odds ratio", &[Kind::Or, Kind::Coefficient]),
        "rate" => ("a rate", times),
        "p" | "prob" | "probability" => ("a probability", shares),
        "cost" => ("a cost", &[Kind::Cost, Kind::Number, Kind::Coefficient]),
        "utility" => ("a utility", &[Kind::Utility, Kind::Disutility, Kind::Coefficient]),
        _ => return None,
    };
    Some((word, kinds))
}
