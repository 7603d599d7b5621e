use crate::prelude::*;
use arcosim_core::math;
use arcosim_scenario::parameters::Kind;
use arcosim_scenario::read::unit::{Per, parse_per};

pub static S35: Check = Check {
    id: "S35",
    title: "Probabilities say their period in time, not in cycles",
    why: "A probability `per cycle` cannot be held against its source, which knows no cycles, and means something else as soon as the \
          cycle is changed. Where the cycle is not a year, such a number is often a yearly one that nobody converted, or a yearly one \
          divided by the number of cycles, which is no conversion.",
    hint: "Write the probability and the period of the source: `per year`, `per 5 years`. It is then converted as a rate.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let cycles = evidence.model.time.cycles_per_year;
    let mut comparisons = Comparisons::new("probabilities with a period in time", 0.0);
    for row in &evidence.scenario.parameters {
        if row.kind != Kind::Probability || cycles == 1.0 {
            continue;
        }
        let by_cycle = parse_per(&row.unit).0 == Per::Cycle && row.base > 0.0 && row.base < 1.0;
        comparisons.advisable(&row.name, !by_cycle, || {
            let yearly = -math::exp_m1(cycles * math::ln_1p(-row.base));
            let base = number(row.base);
            let divided = match cycles * row.base {
                all if all < 1.0 => format!("; if {} is, it was divided", number(all)),
                _ => String::new(),
            };
            format!(
                "`{}` is {base} in a cycle, which is {} in a year: if {base} is the number of a year, its unit is `per year`{divided}",
                row.name,
                number(yearly),
            )
        });
    }
    comparisons.verdict("cycles are years, or nothing is a probability")
}
