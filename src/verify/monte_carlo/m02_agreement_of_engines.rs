use crate::prelude::*;
use arcosim_analysis::agreement::{CELL_LIMIT, Cell, HEADLINE_LIMIT, Quantity, compare};
use arcosim_analysis::landmarks::grid_point;
use arcosim_core::engine::cohort;
use arcosim_core::engine::microsim::Simulated;
use arcosim_core::model::{Model, Tables};

pub static M02: Check = Check {
    id: "M02",
    title: "Simulated results agree with the exact solution",
    why: "Both engines calculate the same results: survival, events and totals at the landmarks must agree within 4 \
          standard errors, and the occupancy of every state at every time within 5. Ages are drawn from the \
          integration points of the exact engine, so that only chance separates the two. A difference is reported \
          only if a second sample of patients confirms it. It means that one of the engines has wrong results.",
    hint: "This is an error in arcosim, not in the scenario, because the engines share only the model; please report \
           it with the scenario files.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts, Need::Sample],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let sample = evidence.sample();
    let tables = Tables::new(model, &evidence.base);
    let nodes = evidence.integration.nodes(model, &evidence.base);
    let counts = evidence.counts();
    // Quick verification omits the spread between patients, and therefore the comparison of totals.
    let spread = match model.outcomes.is_empty() || evidence.quick {
        true => Vec::new(),
        false => cohort::spread(&tables, &nodes, &|| evidence.stopped()),
    };
    let totals = cohort::totals(model, &counts.strategies, &spread);
    let years = evidence.scenario.figures.landmarks.iter();
    let landmarks: Vec<usize> = years.map(|&y| grid_point(&model.time, y)).collect();
    let judge = |simulated: &Simulated| {
        let mut agreement = compare(model, counts, &simulated.counts, &landmarks, 0.0);
        agreement.compare_totals(model, &totals, &simulated.totals, simulated.counts.patients);
        agreement
    };
    let first = judge(sample);
    let mut comparisons =
        Comparisons::new("headline results within 4 standard errors, and every cell within 5", 0.0);
    let second = (!first.engines_agree())
        .then(|| evidence.sample_of(!evidence.seed, evidence.patients()))
        .flatten()
        .map(|other| judge(&other));
    let seen = second.as_ref().unwrap_or(&first);
    let mut say = |cell: Option<Cell>, limit: f64| {
        let Some(cell) = cell else { return };
        let name = &model.strategies[cell.strategy].name;
        comparisons.holds(name, cell.z <= limit, || {
            format!(
                "{} under `{name}` after {} years is {} in the simulation, but {} in the exact solution: a difference \
                 of {} standard errors",
                what(model, cell.quantity),
                number(model.time.years(cell.cycle)),
                number(cell.simulated),
                number(cell.exact),
                number(cell.z)
            )
        });
    };
    say(seen.worst_headline(), HEADLINE_LIMIT);
    say(seen.worst_cell, CELL_LIMIT);
    let z = |cell: Option<Cell>| number(cell.map_or(0.0, |cell| cell.z));
    comparisons.note(format!(
        "{} patients{}: largest difference among {} headline results {} standard errors, among {} cells {}",
        evidence.patients(),
        if second.is_some() { " of a second sample" } else { "" },
        seen.headlines.len(),
        z(seen.worst_headline()),
        seen.cells,
        z(seen.worst_cell)
    ));
    comparisons.verdict("the model has no strategies")
}

/// Description of the quantity in a cell.
fn what(model: &Model, quantity: Quantity) -> String {
    let endpoint = |e: usize| &model.endpoints[e].name;
    match quantity {
        Quantity::Occupancy(s) => format!("the share of patients in `{}`", model.states[s].name),
        Quantity::Incidence(e) => format!("the share of patients who have had `{}`", endpoint(e)),
        Quantity::Competing(e) => {
            format!("the share of patients with a competing event before `{}`", endpoint(e))
        }
        Quantity::Survival(e) => format!("Kaplan-Meier survival of `{}`", endpoint(e)),
        Quantity::Total(o) => format!("`{}` per patient", model.outcomes[o].name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, multiply, with_evidence};

    /// Compares exact counts with patients who were simulated at other parameter values.
    #[test]
    fn engines_that_disagree_are_found() {
        with_evidence(&mended(MENDED), M02.needs, |evidence| {
            assert!(run(evidence).severity().is_none());
        });
        with_evidence(&mended(MENDED), M02.needs, |evidence| {
            multiply(evidence, "rate.fall", 1.2);
            evidence.results.sample = evidence.sample_of(evidence.seed, evidence.patients());
            let verdict = run(evidence);
            assert!(verdict.severity().is_some(), "{verdict:?}");
        });
    }
}
