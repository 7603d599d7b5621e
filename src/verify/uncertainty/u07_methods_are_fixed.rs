use crate::prelude::*;
use crate::reading::parameters_in;

pub static U07: Check = Check {
    id: "U07",
    title: "Methodological choices do not vary between draws",
    why: "Discount rates are set by those who decide, not estimated: they belong into scenario analyses. A discount rate with a \
          distribution makes the probabilistic analysis look less certain than the evidence is, and mixes results that answer \
          different questions.",
    hint: "Write `fixed` as the distribution of the discount rate; a low and a high for the one-way analysis may stay.",
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
    let mut comparisons = Comparisons::new("no discount rate has a distribution", 0.0);
    for outcome in &evidence.model.outcomes {
        for (_, rate) in outcome.discount.iter().flat_map(|discount| &discount.rates) {
            let drawn: Vec<usize> =
                parameters_in(rate, None).into_iter().filter(|&p| uncertainty.varies(p)).collect();
            let about = drawn.first().map_or("discount", |&p| evidence.name(p));
            comparisons.holds(about, drawn.is_empty(), || {
                format!("`{about}` discounts `{}` and varies from draw to draw", outcome.name)
            });
        }
    }
    comparisons.verdict("nothing is discounted")
}
