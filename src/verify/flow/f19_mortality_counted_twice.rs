use crate::prelude::*;
use arcosim_core::model::{Expr, Hazard, Model, Transition};

pub static F19: Check = Check {
    id: "F19",
    title: "Each cause of death is counted once",
    why: "If two transitions lead from the same state to death by the same life table, its deaths are counted twice \
          and life expectancy is too short. A second cause of death in all living states, in addition to a life \
          table, is reported as a warning, because a life table already includes deaths from all causes.",
    hint: "Keep only one of the transitions in the state, and include the excess mortality of the disease in its \
           hazard ratio.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly = evidence.only_deadly();
    let living = evidence.living();
    let mut comparisons =
        Comparisons::new("one life table in every state, and no other mortality in all living states", 0.0);
    let mut said: Vec<(usize, usize)> = Vec::new();
    for &s in &living {
        let own: Vec<usize> =
            deadly.iter().copied().filter(|&t| model.transitions[t].from.contains(&s)).collect();
        if own.len() < 2 {
            comparisons.holds(&model.states[s].name, true, String::new);
            continue;
        }
        for (i, &a) in own.iter().enumerate() {
            for &b in &own[i + 1..] {
                let (one, other) = (&model.transitions[a], &model.transitions[b]);
                let theirs = tables_read(model, other);
                let both = tables_read(model, one).into_iter().find(|name| theirs.contains(name));
                comparisons.holds(&model.states[s].name, both.is_none(), || {
                    format!(
                        "in `{}`, both `{}` and `{}` lead to death by table `{}`, so its deaths are counted twice",
                        model.states[s].name,
                        one.name,
                        other.name,
                        both.clone().unwrap_or_default()
                    )
                });
                if both.is_some() || said.contains(&(a, b)) {
                    continue;
                }
                // If both transitions apply in all living states and one of them uses a table, the table may already
                // include the deaths of the other.
                let everywhere = |t: &Transition| living.iter().all(|s| t.from.contains(s));
                let by_table = |t: &Transition| !tables_read(model, t).is_empty();
                let doubtful = everywhere(one) && everywhere(other) && (by_table(one) || by_table(other));
                let (plain, table) = if by_table(one) { (other, one) } else { (one, other) };
                comparisons.advisable(&plain.name, !doubtful, || {
                    said.push((a, b));
                    format!(
                        "`{}` causes deaths in every living state, in addition to `{}`, whose life table already \
                         includes deaths from all causes",
                        plain.name, table.name
                    )
                });
            }
        }
    }
    if deadly.is_empty() {
        return Verdict::skip("no transition leads only to death");
    }
    comparisons.verdict("the model has no living states")
}

/// Names of the life tables and other tables that a hazard uses.
fn tables_read(model: &Model, transition: &Transition) -> Vec<String> {
    let mut names = Vec::new();
    if let Hazard::LifeTable { table, .. } = transition.hazard {
        names.push(model.life_tables[table].name.clone());
    }
    transition.expressions(&mut |e| {
        e.walk(&mut |e| {
            if let Expr::Lookup(table, _) = e {
                names.push(table.name.clone());
            }
        });
    });
    names.sort();
    names.dedup();
    names
}
