use crate::prelude::*;
use arcosim_core::model::{Expr, Function, situation};
use arcosim_scenario::parameters::Kind;
use arcosim_scenario::read::excel_numbers;
use arcosim_scenario::read::excel_numbers::Convention;

pub static S07: Check = Check {
    id: "S07",
    title: "Rates and probabilities are unchanged by conversion and back-conversion",
    why: "Every rate of the parameter table is converted to a probability per cycle and back, and every probability \
          to a rate, to the cycle length and back to its own period. The number as written, converted by its unit, \
          must equal the number used by the model. An error between months and years, or a probability divided by \
          the number of cycles, shifts every event in time.",
    hint: "Compare the unit in the table with the unit in the source.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// Tolerated relative error of a conversion.
const CONVERSION: f64 = 1e-12;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let cycle = 1.0 / model.time.cycles_per_year;
    let call = |f: Function, x: f64, years: f64| {
        let s = situation(model, &[], &[], 0);
        Expr::Call(f, vec![Expr::Number(x), Expr::Number(years)]).value(&s)
    };
    let mut comparisons =
        Comparisons::new("the same number after conversion and back-conversion", CONVERSION);
    for (row, &base) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        match row.kind {
            Kind::Rate => {
                let p = call(Function::Prob, base, cycle);
                // If nearly all patients have the event, the rate cannot be recovered precisely from its probability.
                if p < 0.999 {
                    let what = format!("rate `{}`, converted to a probability per cycle and back,", row.name);
                    comparisons.same(&row.name, &what, base, call(Function::Rate, p, cycle));
                }
            }
            Kind::Probability if base < 1.0 => {
                let period = row.period_years.unwrap_or(cycle);
                let rate = call(Function::Rate, base, period);
                let per_cycle = call(Function::Prob, rate, cycle);
                if per_cycle < 0.999 {
                    let again = call(Function::Rate, per_cycle, cycle);
                    let what =
                        format!("probability `{}`, converted to a probability per cycle and back,", row.name);
                    comparisons.same(&row.name, &what, base, call(Function::Prob, again, period));
                }
            }
            _ => {}
        }
        // `1,234` is ambiguous (thousands or decimals), so it is not checked.
        let plain = !row.written.contains([',', '%', '％', ' ']);
        if plain
            && row.factor != 1.0
            && let Ok(written) = excel_numbers::read(&row.written, Convention::Unknown)
        {
            let what = format!("`{}`, written as {} {}", row.name, row.written, row.unit);
            let due = written.value * row.factor;
            // The written value may have been replaced since, for example on the command line.
            let used = match (due - base).abs() < (due - row.table_base).abs() {
                true => base,
                false => row.table_base,
            };
            comparisons.same(&row.name, &what, due, used);
        }
    }
    comparisons.verdict("the parameter table has no rates or probabilities")
}
