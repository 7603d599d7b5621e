use crate::prelude::*;
use arcosim_core::model::{Expr, Hazard, Model, Transition};

pub static F19: Check = Check {
    id: "F19",
    title: "Each cause of death is counted once",
    why: "Where two transitions take patients of one state to the dead by the same life table, everybody is exposed to it twice, \
          and life is too short. A second cause of death in all states of the living, in addition to a life table, is a question \
          too, since the life table holds deaths from all causes.",
    hint: "Keep one of the transitions in the state, and put what a disease adds into its hazard ratio.",
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
        Comparisons::new("one life table in every state, and no other mortality in all of them", 0.0);
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
                        "in `{}` both `{}` and `{}` take patients to the dead by the table `{}`: its deaths are counted twice",
                        model.states[s].name,
                        one.name,
                        other.name,
                        both.clone().unwrap_or_default()
                    )
                });
                if both.is_some() || said.contains(&(a, b)) {
                    continue;
                }
                // Both in all states of the living, one of them by age: which deaths does the other stand for?
                let everywhere = |t: &Transition| living.iter().all(|s| t.from.contains(s));
                let by_table = |t: &Transition| !tables_read(model, t).is_empty();
                let doubtful = everywhere(one) && everywhere(other) && (by_table(one) || by_table(other));
                let (plain, table) = if by_table(one) { (other, one) } else { (one, other) };
                comparisons.advisable(&plain.name, !doubtful, || {
                    said.push((a, b));
                    format!(
                        "`{}` causes death in every state of the living, in addition to `{}`, whose life table contains deaths from all causes",
                        plain.name, table.name
                    )
                });
            }
        }
    }
    if deadly.is_empty() {
        return Verdict::skip("no transition leads to nothing but death");
    }
    comparisons.verdict("there is no state of the living")
}

/// Names of the life tables, and of other tables by age, that a hazard reads.
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
