use crate::prelude::*;
use crate::reading::parameters_in;

pub static U07: Check = Check {
    id: "U07",
    title: "Methodological choices do not vary between draws",
    why: "Discount rates are set by decision makers and not estimated, so they belong in scenario analyses. A \
          discount rate with a distribution makes the probabilistic analysis look less certain than the evidence is, \
          and mixes results that answer different questions.",
    hint: "Enter `fixed` as the distribution of the discount rate; `low` and `high` for the one-way analysis may stay.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let uncertainty = match evidence.distributions() {
        Ok(uncertainty) => uncertainty,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new("discount rates without a distribution", 0.0);
    for outcome in &evidence.model.outcomes {
        for (_, rate) in outcome.discount.iter().flat_map(|discount| &discount.rates) {
            let drawn: Vec<usize> =
                parameters_in(rate, None).into_iter().filter(|&p| uncertainty.varies(p)).collect();
            let about = drawn.first().map_or("discount", |&p| evidence.name(p));
            comparisons.holds(about, drawn.is_empty(), || {
                format!("the discount rate `{about}` of `{}` varies between draws", outcome.name)
            });
        }
    }
    comparisons.verdict("no outcome is discounted")
}
