use crate::prelude::*;
use crate::transform::without_counting;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Branch, Expr, Hazard, Model, Share, State, Transition};
use arcosim_core::words::listed;

pub static F11: Check = Check {
    id: "F11",
    title: "Survival does not exceed that of the general population",
    why: "The same patients are followed with the mortality of the life table alone, at a mortality ratio of 1. If \
          more patients are alive under a strategy at any time, its life years are overestimated. Where deaths \
          compete with other transitions instead of being resolved first, every move protects patients from death for \
          the rest of its cycle; the finding distinguishes this effect of the cycle length from mortality that is \
          missing or too low.",
    hint: "Check for states in which the life table does not apply, for a mortality ratio below 1, and for `first = \
           \"none\"` in [time].",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Tolerated rounding error of a share of patients.
const ROUNDING: f64 = 1e-9;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly = evidence.only_deadly();
    let by_table: Vec<usize> = deadly
        .iter()
        .copied()
        .filter(|&t| matches!(model.transitions[t].hazard, Hazard::LifeTable { .. }))
        .collect();
    if by_table.is_empty() {
        return Verdict::skip("no transition to death follows a life table");
    }
    let counts = evidence.counts();
    let begin = alive(evidence, model, &counts.strategies[model.reference()].occupancy)[0].max(ROUNDING);
    let general = general_population(evidence, &by_table);
    let mut comparisons = Comparisons::new("survival no higher than with the life table alone", 0.0);
    let first = strictly_first(model, &deadly);
    let mut solved = None;
    // A mortality ratio that depends on age or attributes may intentionally be below 1 for some patients.
    let by_formula = by_table.iter().any(|&t| match &model.transitions[t].hazard {
        Hazard::LifeTable { ratio, .. } => {
            let reads = Reads::of(ratio);
            reads.clocks() > 0 || !reads.attributes().is_empty()
        }
        _ => false,
    });
    let year = model.time.years(1);
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let own = alive(evidence, model, &counts.strategies[arm].occupancy);
        let gained = |own: &[f64]| over(own, &general, begin) * year;
        let more = gained(&own);
        if more <= 0.0 {
            comparisons.holds(&strategy.name, true, String::new);
            continue;
        }
        let years = number(more);
        let exact = first.as_ref().map(|first| {
            let counts =
                solved.get_or_insert_with(|| evidence.solve(&without_counting(first), &evidence.base));
            gained(&alive(evidence, model, &counts.strategies[arm].occupancy))
        });
        match exact {
            Some(0.0) => comparisons.advisable(&strategy.name, false, || {
                format!(
                    "patients under `{}` live {years} years longer than the life table allows. The length of the \
                     cycle alone causes this difference: each move protects patients from death for the rest of its \
                     cycle",
                    strategy.name
                )
            }),
            _ => {
                let text = || {
                    format!(
                        "patients under `{}` live {years} years longer than the life table allows{}",
                        strategy.name,
                        where_lower(evidence, &by_table)
                    )
                };
                match by_formula {
                    true => comparisons.advisable(&strategy.name, false, text),
                    false => comparisons.holds(&strategy.name, false, text),
                }
            }
        };
    }
    let expectancy: f64 = general.iter().skip(1).zip(&general).map(|(a, b)| (a + b) / 2.0).sum();
    comparisons.note(format!(
        "with the mortality of the life table alone, patients would live {} years up to the time horizon",
        number(expectancy * year)
    ));
    comparisons.verdict("the model has no strategies")
}

/// Share of patients alive at each point in time.
fn alive(evidence: &Evidence, model: &Model, occupancy: &[Vec<f64>]) -> Vec<f64> {
    let living = evidence.living();
    let at = |k: usize| living.iter().map(|&s| occupancy[s][k]).sum();
    (0..=model.time.cycles).map(at).collect()
}

/// Sum over cycles of the differences by which one survival curve exceeds another; 0 up to rounding.
fn over(own: &[f64], general: &[f64], begin: f64) -> f64 {
    let pairs = own.iter().zip(general);
    pairs.map(|(own, general)| own - begin * general).filter(|more| *more > ROUNDING).sum()
}

/// Survival of the same patients with life-table mortality alone; with several life tables, the highest survival at
/// each time.
fn general_population(evidence: &Evidence, by_table: &[usize]) -> Vec<f64> {
    let mut best = vec![0.0f64; evidence.model.time.cycles + 1];
    let mut done: Vec<(usize, usize)> = Vec::new();
    for &t in by_table {
        let Hazard::LifeTable { table, age, .. } = evidence.model.transitions[t].hazard else {
            continue;
        };
        if done.contains(&(table, age)) {
            continue;
        }
        done.push((table, age));
        let counts = evidence.solve(&alone(evidence.model, table, age), &evidence.base);
        let own = &counts.strategies[0].occupancy[0];
        best.iter_mut().zip(own).for_each(|(best, own)| *best = best.max(*own));
    }
    best
}

/// Copy of the model with the same patients and one life table as the only transition.
fn alone(model: &Model, table: usize, age: usize) -> Model {
    let mut altered = without_counting(model);
    let state = |name: &str, absorbing| State { name: name.into(), label: name.into(), absorbing };
    altered.states = vec![state("alive", false), state("dead", true)];
    altered.groups.clear();
    altered.start = vec![(0, Share::Rest)];
    altered.transitions = vec![Transition {
        name: "death".into(),
        label: "death".into(),
        from: vec![0],
        first: true,
        stated: false,
        hazard: Hazard::LifeTable { table, age, ratio: Expr::Number(1.0) },
        never: None,
        branches: vec![Branch { name: "dead".into(), to: Some(1), share: Share::Rest }],
    }];
    altered.strategies.truncate(1);
    for strategy in &mut altered.strategies {
        strategy.eligible = Expr::Number(1.0);
        strategy.otherwise = None;
        strategy.at_start.clear();
        strategy.effects.clear();
        strategy.substitutions.clear();
    }
    altered
}

/// Copy of the model in which all deaths are resolved before other transitions; `None` if they already are, or if this
/// is impossible because rates and stated probabilities would be mixed.
fn strictly_first(model: &Model, deadly: &[usize]) -> Option<Model> {
    let stated = model.transitions[*deadly.first()?].stated;
    let one_kind = deadly.iter().all(|&t| model.transitions[t].stated == stated);
    let already = deadly.iter().all(|&t| model.transitions[t].first);
    let others = (0..model.transitions.len()).any(|t| model.transitions[t].first && !deadly.contains(&t));
    if already || others || !one_kind {
        return None;
    }
    let mut altered = model.clone();
    for &t in deadly {
        // The remainder of a row is unknown until the other transitions of the row are resolved.
        if let Hazard::Complement = altered.transitions[t].hazard {
            return None;
        }
        altered.transitions[t].first = true;
    }
    Some(altered)
}

/// Describes where mortality is missing or too low.
fn where_lower(evidence: &Evidence, by_table: &[usize]) -> String {
    let model = evidence.model;
    let outside: Vec<usize> = evidence
        .living()
        .into_iter()
        .filter(|s| !by_table.iter().any(|&t| model.transitions[t].from.contains(s)))
        .collect();
    match outside.is_empty() {
        true => "; the life table applies in every state, so a mortality ratio or an effect must be below 1"
            .into(),
        false => format!(
            "; the life table does not apply in {}",
            listed(outside.iter().map(|&s| model.states[s].name.as_str()))
        ),
    }
}
