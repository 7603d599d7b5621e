use crate::prelude::*;
use crate::reading::{Reading, readings};
use arcosim_core::model::Model;

pub static S26: Check = Check {
    id: "S26",
    title: "Parameters are read where their names say",
    why: "Many parameters are named for a state or a strategy: `cost.sick`, `hr.new`. Where no place that reads such a parameter \
          has to do with that state or strategy, it is often a slip of copying: the costs of two states swapped, the effect of \
          one strategy given to another. A reward that is named for a strategy and not given to it is asked about too.",
    hint: "Compare the name with the place that the finding gives; rename the parameter if the place is right.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("parameters named for a state or strategy are read there", 0.0);
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
                        "`{}` has nothing to do with state `{part}` where it is read: {}",
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
                        "`{}` is not read under strategy `{part}`, but here: {}",
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
                    format!("reward `{}` is not given under strategy `{part}`", reward.name)
                });
            }
        }
    }
    comparisons.verdict("no parameter is named for a state or strategy")
}

/// Whether a word names more than one thing of the model, so that a name with it says little.
fn is_ambiguous(model: &Model, word: &str) -> bool {
    let states = model.states.iter().filter(|s| s.name == word).count();
    let strategies = model.strategies.iter().filter(|s| s.name == word).count();
    let of_patients = model.attributes.iter().any(|a| match a.is_number() {
        false => a.categories().iter().any(|c| c == word),
        true => a.name == word,
    });
    states + strategies > 1 || of_patients
}

/// Whether a strategy is another one or is named after it, as `new_early` is after `new`.
fn akin(model: &Model, strategy: usize, other: usize) -> bool {
    let (own, of) = (&model.strategies[strategy].name, &model.strategies[other].name);
    own == of || own.split('_').any(|part| part == of)
}
