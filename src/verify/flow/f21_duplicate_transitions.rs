use crate::prelude::*;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Situation, Tables};
use arcosim_core::words::listed;

pub static F21: Check = Check {
    id: "F21",
    title: "Every event is declared once",
    why: "Two transitions that lead from the same state to the same targets, with the same hazard for all patients at \
          all times, are probably one event that was entered twice. The event then occurs twice as often as intended.",
    hint: "Remove one of the two transitions, or remove the state from the `from` of one of them.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Approximate number of cycles in which two hazards are compared.
const POINTS: usize = 12;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let mut comparisons =
        Comparisons::new("no two transitions from a state with the same targets and the same hazard", 0.0);
    for b in 0..model.transitions.len() {
        for a in 0..b {
            let (one, other) = (&model.transitions[a], &model.transitions[b]);
            let targets = |t: usize| {
                let mut to: Vec<Option<usize>> = model.transitions[t].branches.iter().map(|b| b.to).collect();
                to.sort_unstable();
                to
            };
            let common: Vec<usize> = one.from.iter().copied().filter(|s| other.from.contains(s)).collect();
            if common.is_empty() || targets(a) != targets(b) {
                continue;
            }
            let same = same_hazard(evidence, &tables, (a, b), &common);
            let written = format!("{:?}", one.hazard) == format!("{:?}", other.hazard);
            let text = || {
                format!(
                    "transitions `{}` and `{}` lead from {} to the same targets with the same hazard{}",
                    one.name,
                    other.name,
                    listed(common.iter().map(|&s| model.states[s].name.as_str())),
                    if written { "" } else { ", written as different formulas" }
                )
            };
            match written {
                true => comparisons.holds(&other.name, !same, text),
                false => comparisons.advisable(&other.name, !same, text),
            };
        }
    }
    comparisons.verdict("no two transitions lead from one state to the same targets")
}

/// Whether two transitions have the same hazard in all compared situations, and not always zero.
fn same_hazard(evidence: &Evidence, tables: &Tables, (a, b): (usize, usize), states: &[usize]) -> bool {
    let model = evidence.model;
    let mut fires = false;
    // Only the reference strategy is compared, because treatment effects may act on one of the transitions alone.
    {
        let arm = model.reference();
        let mut relevant = reads(model, arm, a).attributes();
        relevant.extend(reads(model, arm, b).attributes());
        relevant.sort_unstable();
        relevant.dedup();
        let last = model.time.cycles - 1;
        for attributes in patients(model, &tables.parameters[arm], &relevant) {
            for &state in states {
                for cycle in (0..=last).step_by((last / POINTS).max(1)) {
                    for spent in [0, cycle] {
                        let residence = vec![spent; model.groups.len()];
                        let s = Situation {
                            parameters: &tables.parameters[arm],
                            attributes: &attributes,
                            state,
                            cycle,
                            residence: &residence,
                            cycles_per_year: model.time.cycles_per_year,
                            part: model.time.part(),
                        };
                        let (x, y) = (spend(model, arm, a, &s), spend(model, arm, b, &s));
                        if (x - y).abs() > EXACT * x.abs().max(y.abs()) {
                            return false;
                        }
                        fires |= x > 0.0;
                    }
                }
            }
        }
    }
    fires
}
