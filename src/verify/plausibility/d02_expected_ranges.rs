use crate::prelude::*;
use arcosim_analysis::curves::Solution;
use arcosim_analysis::expected::{Expected, ExpectedQuantity, asked, compare};
use arcosim_core::engine::cohort;
use arcosim_core::model::{Model, Tables};
use arcosim_scenario::{Plausible, Scenario};

pub static D02: Check = Check {
    id: "D02",
    title: "Results are within the ranges expected by experts",
    why: "A scenario may specify a plausible range for a result, with its source: the number of patients who are ill \
          after five years, or survival at ten years. Each result is calculated exactly and compared with its range. \
          A result outside its range is not necessarily wrong, but either the model or the expectation needs an \
          explanation.",
    hint: "Check [verify.plausible] of the scenario: the range, its source, and the parameters that determine the \
           result.",
    basis: "AdViSHE",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let plausible = &evidence.scenario.verify.plausible;
    if plausible.is_empty() {
        return Verdict::skip("the scenario has no plausible ranges ([verify.plausible])");
    }
    let rows: Result<Vec<Expected>, String> = plausible.iter().map(|range| row(range, model)).collect();
    let rows = match rows {
        Ok(rows) => rows,
        Err(problem) => return Verdict::skip(problem),
    };
    let mut comparisons = Comparisons::new("every result within its plausible range", 0.0);
    let solution = solve(evidence, &rows);
    for (range, compared) in plausible.iter().zip(compare(rows, model, &solution)) {
        let result = compared.result;
        let fine = result.is_some_and(|x| (range.low..=range.high).contains(&x));
        comparisons.advisable(&range.name, fine, || {
            let by =
                range.years.map_or("by the horizon".to_string(), |y| format!("after {} years", number(y)));
            format!(
                "{} of `{}` under `{}` {by} is {}, expected {} to {} ({})",
                range.quantity.replace('_', " "),
                range.subject,
                range.strategy,
                result.map_or("undefined".to_string(), number),
                number(range.low),
                number(range.high),
                range.source
            )
        });
    }
    comparisons.verdict("nothing to compare")
}

/// The exact results. Standard deviations between patients are slow, so they are calculated only if a range needs them.
fn solve(evidence: &Evidence, rows: &[Expected]) -> Solution {
    let model = evidence.model;
    let counts = evidence.counts().clone();
    let spread = match rows.iter().any(|row| matches!(row.quantity, ExpectedQuantity::OutcomeSd(_))) {
        true => {
            let nodes = evidence.integration.nodes(model, &evidence.base);
            let tables = Tables::new(model, &evidence.base);
            cohort::spread(&tables, &nodes, &|| evidence.stopped())
        }
        false => Vec::new(),
    };
    let totals = cohort::totals(model, &counts.strategies, &spread);
    Solution::new(counts, totals, &model.time)
}

fn row(range: &Plausible, model: &Model) -> Result<Expected, String> {
    let names = [&range.strategy, &range.quantity, &range.subject].map(String::as_str);
    let (strategy, quantity, years) = asked(model, names, range.years)?;
    Ok(Expected {
        strategy,
        quantity,
        years,
        expected: 0.5 * (range.low + range.high),
        tolerance: 0.5 * (range.high - range.low),
        source: range.source.clone(),
        note: range.note.clone(),
    })
}

/// Validates the plausible ranges of a scenario; the error identifies the range with an unknown name.
pub fn ranges(scenario: &Scenario) -> Result<(), String> {
    for range in &scenario.verify.plausible {
        row(range, &scenario.model)
            .map_err(|problem| format!("[verify.plausible.{}] of the scenario: {problem}", range.name))?;
    }
    Ok(())
}
