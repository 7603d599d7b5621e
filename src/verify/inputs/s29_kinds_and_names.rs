use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S29: Check = Check {
    id: "S29",
    title: "The prefix of every parameter name matches its kind",
    why: "Names such as `hr.drug`, `rr.drug`, `rate.relapse` and `p.relapse` indicate the kind of number. If the \
          kind in the table differs, one of them is wrong. A rate used as a probability, or a hazard ratio used as a \
          relative risk, produces plausible but wrong results.",
    hint: "Check the number in its source; correct the kind or rename the parameter.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("kinds that match the names", 0.0);
    for row in &evidence.scenario.parameters {
        let Some((word, kinds)) = promised(&row.name) else {
            continue;
        };
        comparisons.advisable(&row.name, kinds.contains(&row.kind), || {
            format!("the name of `{}` indicates {word}, but its kind is {}", row.name, row.kind.name())
        });
    }
    comparisons.verdict("no parameter name indicates a kind")
}

/// The kinds that the first part of a name indicates.
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
