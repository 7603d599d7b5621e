use super::same_as_reference::{ONE_STRATEGY, same_as_reference};
use crate::prelude::*;
use arcosim_core::economics::{Status, incremental};

pub static R10: Check = Check {
    id: "R10",
    title: "Strategies with the same effects and costs have identical results",
    why: "As R09, and every strategy pays what the reference pays as well. All totals must be the same, and the comparison of \
          costs and effects must say that the strategies do not differ, instead of a ratio of two nothings.",
    hint: "Report it: nothing in the scenario distinguishes these strategies any more.",
    basis: "TECH-VER",
    quick: false,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("the same totals, and no ratio", EXACT);
    let totals = match same_as_reference(evidence, &mut comparisons, &|_| true) {
        Ok(totals) => totals,
        Err(reason) => return Verdict::skip(reason),
    };
    if let Some(decision) = &evidence.scenario.decision {
        let of = |o: usize| -> Vec<f64> { totals.iter().map(|own| own[o]).collect() };
        let offered: Vec<bool> = evidence.model.strategies.iter().map(|s| !s.bound).collect();
        if let Ok(table) = incremental(&of(decision.cost), &of(decision.effect), &offered) {
            let first = table.rows.first().map(|row| row.strategy);
            for row in table.rows.iter().filter(|row| row.status != Status::NotOnOffer) {
                let name = &evidence.model.strategies[row.strategy].name;
                let same = Some(row.strategy) == first || matches!(row.status, Status::Equal { .. });
                comparisons.holds(name, same, || format!("`{name}` is said to differ although it does not"));
            }
        }
    }
    comparisons.verdict(ONE_STRATEGY)
}
