use crate::prelude::*;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{AttributeFamily, Share, shares, situation};

pub static S05: Check = Check {
    id: "S05",
    title: "The starting distribution adds up to one, and all patients start alive",
    why: "The shares of patients in the starting states, in the categories of every attribute and in the branches of \
          procedures at the start must each lie between 0 and 1 and add up to 1. No state may be listed twice, and \
          no patient may start dead.",
    hint: "Check [population.start], [population.attributes] and `at_start` of the strategies.",
    basis: "assertHE",
    quick: true,
    needs: &[],
    run,
};

/// Tolerated rounding error of a sum of probabilities.
const ROUNDING: f64 = 1e-12;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("shares between 0 and 1 that add up to 1", 1e-9);
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &evidence.base);
        let attributes = arcosim_core::model::fixed_attributes(model, &parameters);
        let mut at_start = situation(model, &parameters, &attributes, model.start.first().map_or(0, |x| x.0));
        let residence = vec![0; model.groups.len()];
        at_start.residence = &residence;
        let mut add_up = |name: &str, what: &str, all: &[&Share]| {
            let split = shares(all.iter().copied(), &at_start);
            let fine = split.iter().all(|x| (-ROUNDING..=1.0 + 1e-9).contains(x));
            comparisons.holds(name, fine, || format!("one of {what} is outside 0 to 1"));
            comparisons.same(name, &format!("the sum of {what}"), 1.0, split.iter().sum());
        };
        if s == 0 {
            let start: Vec<&Share> = model.start.iter().map(|(_, share)| share).collect();
            add_up("start", "the shares at the start", &start);
            for attribute in &model.attributes {
                let shares = attribute.shares();
                if !shares.is_empty() {
                    let what = format!("the shares of attribute `{}`", attribute.name);
                    add_up(&attribute.name, &what, &shares.iter().collect::<Vec<_>>());
                }
            }
        }
        let reads_patients = strategy.at_start.iter().any(|b| match &b.share {
            Share::Stated(e) => !Reads::of(e).attributes().is_empty(),
            Share::Rest => false,
        });
        if !strategy.at_start.is_empty() && !reads_patients {
            let branches: Vec<&Share> = strategy.at_start.iter().map(|b| &b.share).collect();
            let what = format!("the branches at the start of strategy `{}`", strategy.name);
            add_up(&strategy.name, &what, &branches);
        }
    }
    for attribute in &model.attributes {
        if let Some(distribution) = attribute.distribution()
            && let (Some((low, high)), AttributeFamily::Normal { mean, .. }) =
                (distribution.within, &distribution.family)
        {
            let mean = mean.value(&situation(model, &evidence.base, &[], 0));
            comparisons.advisable(&attribute.name, (low..=high).contains(&mean), || {
                format!("the mean of `{}` is {mean}, outside its limits {low} to {high}", attribute.name)
            });
        }
    }
    for (i, (state, _)) in model.start.iter().enumerate() {
        let name = &model.states[*state].name;
        let again = model.start[..i].iter().any(|(earlier, _)| earlier == state);
        comparisons.holds(name, !again, || format!("state `{name}` is listed twice at the start"));
        comparisons.holds(name, !evidence.is_dead(*state), || format!("patients start dead, in `{name}`"));
    }
    comparisons.verdict("the model has no starting population")
}
