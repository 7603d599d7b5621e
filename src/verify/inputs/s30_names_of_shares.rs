use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::{Expr, Share};

pub static S30: Check = Check {
    id: "S30",
    title: "Shares and replaced parameters match their names",
    why: "A share that is named after one category (`share.female`) and assigned to another, or a parameter that \
          replaces a different parameter than its name indicates (`utility.mild_with_drug` replacing \
          `utility.severe`), is a copying error that no sum reveals.",
    hint: "Compare both names; swap the shares, or replace the intended parameter.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("matching names", 0.0);
    let mut share = |what: &str, own: &str, all: &[&str], share: &Share| {
        let Share::Stated(expr) = share else { return };
        for p in parameters_in(expr, None) {
            let name = &model.parameters[p].name;
            let parts: Vec<&str> = name.split('.').collect();
            let another = all.iter().find(|other| **other != own && parts.contains(other));
            comparisons.advisable(name, another.is_none() || parts.contains(&own), || {
                let another = another.copied().unwrap_or_default();
                format!("`{name}` is named after {what} `{another}`, but is the share of `{own}`")
            });
        }
    };
    for attribute in &model.attributes {
        let all: Vec<&str> = attribute.categories().iter().map(String::as_str).collect();
        for (own, of_own) in attribute.categories().iter().zip(attribute.shares()) {
            share("the category", own, &all, of_own);
        }
    }
    let states: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
    for (state, of_own) in &model.start {
        share("the state", states[*state], &states, of_own);
    }
    for strategy in &model.strategies {
        for (replaced, expr) in &strategy.substitutions {
            let Expr::Parameter(by) = expr else { continue };
            let name = |p: usize| model.parameters[p].name.as_str();
            let continues = |p: usize| {
                let rest = name(*by).strip_prefix(name(p));
                p != *by && rest.is_some_and(|rest| rest.starts_with(['.', '_']))
            };
            let meant = (0..model.parameters.len()).find(|&p| p != *replaced && continues(p));
            comparisons.advisable(&strategy.name, meant.is_none() || continues(*replaced), || {
                format!(
                    "under `{}`, `{}` replaces `{}`, although its name refers to `{}`",
                    strategy.name,
                    name(*by),
                    name(*replaced),
                    meant.map_or("", name)
                )
            });
        }
    }
    comparisons.verdict("no share or replaced parameter has a comparable name")
}
