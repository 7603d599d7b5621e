use crate::prelude::*;
use arcosim_core::model::{Expr, Function, situation};
use arcosim_scenario::parameters::Kind;
use arcosim_scenario::read::excel_numbers;
use arcosim_scenario::read::excel_numbers::Convention;

pub static S07: Check = Check {
    id: "S07",
    title: "Rates and probabilities survive conversion there and back",
    why: "Each rate of the table is turned into a probability over a cycle and back, each probability into a rate and from there \
          to a cycle and back to its own period, and the number as written, times what its unit says, must be the number that \
          is used. A slip between months and years, or a probability that was divided by the number of cycles, moves every \
          event in time.",
    hint: "Compare the unit in the table with that of the source.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// What conversions may lose.
const CONVERSION: f64 = 1e-12;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let cycle = 1.0 / model.time.cycles_per_year;
    let call = |f: Function, x: f64, years: f64| {
        let s = situation(model, &[], &[], 0);
        Expr::Call(f, vec![Expr::Number(x), Expr::Number(years)]).value(&s)
    };
    let mut comparisons = Comparisons::new("the same number after a conversion there and back", CONVERSION);
    for (row, &base) in evidence.scenario.parameters.iter().zip(&evidence.base) {
        match row.kind {
            Kind::Rate => {
                let p = call(Function::Prob, base, cycle);
                // Where nearly everybody has the event, its probability says little about the rate.
                if p < 0.999 {
                    let what = format!("rate `{}` after a probability per cycle", row.name);
                    comparisons.same(&row.name, &what, base, call(Function::Rate, p, cycle));
                }
            }
            Kind::Probability if base < 1.0 => {
                let period = row.period_years.unwrap_or(cycle);
                let rate = call(Function::Rate, base, period);
                let per_cycle = call(Function::Prob, rate, cycle);
                if per_cycle < 0.999 {
                    let again = call(Function::Rate, per_cycle, cycle);
                    let what = format!("probability `{}` after a probability per cycle", row.name);
                    comparisons.same(&row.name, &what, base, call(Function::Prob, again, period));
                }
            }
            _ => {}
        }
        // `1,234` may be read in two ways; such numbers are left to the reader.
        let plain = !row.written.contains([',', '%', '％', ' ']);
        if plain
            && row.factor != 1.0
            && let Ok(written) = excel_numbers::read(&row.written, Convention::Unknown)
        {
            let what = format!("`{}`, written as {} {}", row.name, row.written, row.unit);
            let due = written.value * row.factor;
            // What was written may have been set anew since.
            let used = match (due - base).abs() < (due - row.table_base).abs() {
                true => base,
                false => row.table_base,
            };
            comparisons.same(&row.name, &what, due, used);
        }
    }
    comparisons.verdict("the table has no rates and probabilities")
}
