use crate::prelude::*;
use arcosim_core::math;
use arcosim_scenario::parameters::Kind;
use arcosim_scenario::read::unit::{Per, parse_per};

pub static S35: Check = Check {
    id: "S35",
    title: "Probabilities state their period in time units, not in cycles",
    why: "A probability `per cycle` cannot be compared with its source and changes its meaning when the cycle length \
          is changed. If the cycle is not a year, it is often an unconverted annual probability, or an annual \
          probability divided by the number of cycles, which is not a valid conversion.",
    hint: "Enter the probability with the period of the source: `per year`, `per 5 years`. It is then converted as a \
           rate.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let cycles = evidence.model.time.cycles_per_year;
    let mut comparisons = Comparisons::new("probabilities with a period in time units", 0.0);
    for row in &evidence.scenario.parameters {
        if row.kind != Kind::Probability || cycles == 1.0 {
            continue;
        }
        let by_cycle = parse_per(&row.unit).0 == Per::Cycle && row.base > 0.0 && row.base < 1.0;
        comparisons.advisable(&row.name, !by_cycle, || {
            let yearly = -math::exp_m1(cycles * math::ln_1p(-row.base));
            let base = number(row.base);
            let divided = match cycles * row.base {
                all if all < 1.0 => format!("; if the annual number is {}, it was converted by division", number(all)),
                _ => String::new(),
            };
            format!(
                "`{}` is {base} per cycle, equivalent to {} per year; if {base} is the annual number, its unit is `per year`{divided}",
                row.name,
                number(yearly),
            )
        });
    }
    comparisons.verdict("cycles are one year long, or the model has no probabilities")
}
