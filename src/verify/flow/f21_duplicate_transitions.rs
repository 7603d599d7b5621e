use crate::prelude::*;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Situation, Tables};
use arcosim_core::words::listed;

pub static F21: Check = Check {
    id: "F21",
    title: "Every event is declared once",
    why: "Two transitions that lead from one state to the same places with the same hazard for all patients at all times are most likely one \
          event that was entered twice: it then happens twice as often.",
    hint: "Remove one of the two, or one of the states that it leaves from.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Cycles and stays at which two hazards are compared.
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
                    "`{}` and `{}` lead from {} to the same places with the same hazard{}",
                    one.name,
                    other.name,
                    listed(common.iter().map(|&s| model.states[s].name.as_str())),
                    if written { "" } else { ", by different formulas" }
                )
            };
            match written {
                true => comparisons.holds(&other.name, !same, text),
                false => comparisons.advisable(&other.name, !same, text),
            };
        }
    }
    comparisons.verdict("no two transitions lead from one state to the same places")
}

/// Whether two transitions have the same hazard, not zero, in all situations that are looked at.
fn same_hazard(evidence: &Evidence, tables: &Tables, (a, b): (usize, usize), states: &[usize]) -> bool {
    let model = evidence.model;
    let mut fires = false;
    // Without the effects of a treatment, which may act on one of them alone.
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
