use crate::prelude::*;
use crate::reading::{Reading, readings};
use arcosim_core::model::Model;

pub static S26: Check = Check {
    id: "S26",
    title: "Parameters are used in the states and strategies in their names",
    why: "Many parameters are named after a state or a strategy: `cost.sick`, `hr.new`. If a parameter is not used \
          in that state or strategy, this is often a copying error: the costs of two states are swapped, or the \
          effect of one strategy is applied to another. A reward that is named after a strategy but does not apply \
          to it is also reported.",
    hint: "Compare the name with the place in the finding; rename the parameter if the place is correct.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("parameters used in the states and strategies in their names", 0.0);
    let all = readings(model);
    for (p, parameter) in model.parameters.iter().enumerate() {
        let own: Vec<&Reading> = all.iter().filter(|r| r.parameter == p).collect();
        if own.is_empty() {
            continue;
        }
        let places = || {
            let mut places: Vec<&str> = own.iter().map(|r| r.place.as_str()).collect();
            places.dedup();
            places.truncate(3);
            places.join("; ")
        };
        for part in parameter.name.split('.').skip(1) {
            if is_ambiguous(model, part) {
                continue;
            }
            if let Some(state) = model.states.iter().position(|s| s.name == part) {
                let there = own.iter().any(|r| r.states.is_empty() || r.states.contains(&state));
                comparisons.advisable(&parameter.name, there, || {
                    format!(
                        "`{}` is used where it has nothing to do with state `{part}`: {}",
                        parameter.name,
                        places()
                    )
                });
            }
            if let Some(strategy) = model.strategies.iter().position(|s| s.name == part) {
                let there = own.iter().any(|r| {
                    r.strategies.as_ref().is_none_or(|all| all.iter().any(|&s| akin(model, s, strategy)))
                });
                comparisons.advisable(&parameter.name, there, || {
                    format!(
                        "`{}` is not used under strategy `{part}`, but here: {}",
                        parameter.name,
                        places()
                    )
                });
            }
        }
    }
    for reward in &model.rewards {
        let Some(given) = &reward.strategies else { continue };
        for part in reward.name.split('_') {
            if is_ambiguous(model, part) {
                continue;
            }
            if let Some(strategy) = model.strategies.iter().position(|s| s.name == part) {
                comparisons.advisable(&reward.name, given.iter().any(|&s| akin(model, s, strategy)), || {
                    format!("reward `{}` does not apply to strategy `{part}`", reward.name)
                });
            }
        }
    }
    comparisons.verdict("no parameter is named after a state or strategy")
}

/// Whether a word is the name of several parts of the model, so that it does not identify one.
fn is_ambiguous(model: &Model, word: &str) -> bool {
    let states = model.states.iter().filter(|s| s.name == word).count();
    let strategies = model.strategies.iter().filter(|s| s.name == word).count();
    let of_patients = model.attributes.iter().any(|a| match a.is_number() {
        false => a.categories().iter().any(|c| c == word),
        true => a.name == word,
    });
    states + strategies > 1 || of_patients
}

/// Whether two strategies are the same, or one is named after the other (`new_early` after `new`).
fn akin(model: &Model, strategy: usize, other: usize) -> bool {
    let (own, of) = (&model.strategies[strategy].name, &model.strategies[other].name);
    own == of || own.split('_').any(|part| part == of)
}
