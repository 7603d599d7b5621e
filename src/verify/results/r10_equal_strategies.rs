use super::same_as_reference::{ONE_STRATEGY, same_as_reference};
use crate::prelude::*;
use arcosim_core::economics::{Status, incremental};

pub static R10: Check = Check {
    id: "R10",
    title: "Strategies with the same effects and costs have identical results",
    why: "Every strategy is given all inputs of the reference strategy: effects, procedures, eligibility, replaced \
          parameters, costs and other rewards. All totals must then be equal, and the incremental analysis must \
          classify the strategies as equal. Otherwise, cost-effectiveness ratios are calculated from differences that \
          do not exist.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: false,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("equal totals, and no cost-effectiveness ratio", EXACT);
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
                comparisons.holds(name, same, || format!("the incremental analysis does not classify `{name}` as \
                                                          equal to the other strategies, although all inputs are the \
                                                          same"));
            }
        }
    }
    comparisons.verdict(ONE_STRATEGY)
}
