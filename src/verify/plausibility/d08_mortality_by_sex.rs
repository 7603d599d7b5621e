use crate::prelude::*;
use arcosim_core::model::{Expr, Model};

pub static D08: Check = Check {
    id: "D08",
    title: "Men have higher mortality than women",
    why: "In every country men have higher mortality than women at almost every age. If a mortality table shows the \
          opposite, its columns are probably swapped.",
    hint: "Compare the columns of the life table with its source.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("higher mortality of men in most age bands from 30 to 90", 0.0);
    for (name, ages, [men, women]) in mortality_by_sex(evidence) {
        let bands: Vec<usize> = (0..ages.len()).filter(|&b| (30.0..90.0).contains(&ages[b])).collect();
        let higher = bands.iter().filter(|&&b| men[b] > women[b]).count();
        if !bands.is_empty() {
            comparisons.advisable(&name, 2 * higher > bands.len(), || {
                format!(
                    "in table `{name}`, men have the higher mortality in only {higher} of {} age bands",
                    bands.len()
                )
            });
        }
    }
    comparisons.verdict("no mortality table differs by sex")
}

/// Mortality by sex from the tables used by transitions to death: table name, ages, and rates of men and women.
pub fn mortality_by_sex(evidence: &Evidence) -> Vec<(String, Vec<f64>, [Vec<f64>; 2])> {
    let model: &Model = evidence.model;
    let place =
        |attribute: usize, sex: &str| model.attributes[attribute].categories().iter().position(|c| c == sex);
    let sexes = |attribute: usize| Some([place(attribute, "male")?, place(attribute, "female")?]);
    let mut found = Vec::new();
    for table in &model.life_tables {
        if let [attribute] = table.by[..]
            && let Some(sexes) = sexes(attribute)
        {
            let rates = sexes.map(|column| table.rates[column].clone());
            found.push((table.name.clone(), table.ages.clone(), rates));
        }
    }
    for t in evidence.deadly() {
        model.transitions[t].expressions(&mut |expr| {
            expr.walk(&mut |e| {
                if let Expr::Lookup(table, _) = e
                    && let [(attribute, _)] = table.by[..]
                    && let Some(sexes) = sexes(attribute)
                    && !found.iter().any(|(name, ..)| *name == table.name)
                {
                    let rates = sexes.map(|column| table.values[column].clone());
                    found.push((table.name.clone(), table.bounds.clone(), rates));
                }
            });
        });
    }
    found
}
