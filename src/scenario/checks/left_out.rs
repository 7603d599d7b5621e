//! Warns about a factor that one state lacks.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spans::Spans;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Binary, Expr, Model};

/// An amount per year: the index of its reward, its states, and its factors as found by [`scaling`].
struct Yearly<'m> {
    reward: usize,
    states: &'m [usize],
    factors: Vec<&'m Expr>,
}

impl Yearly<'_> {
    fn has(&self, factor: &Expr) -> bool {
        self.factors.iter().any(|own| own.same_formula(factor))
    }
}

/// Warns about a factor that adjusts amounts for age, time or the patient in several states, but is missing in another state.
pub fn factors(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (o, outcome) in model.outcomes.iter().enumerate() {
        let of_outcome = model.rewards.iter().enumerate().filter(|(_, reward)| reward.outcome(model) == o);
        let yearly: Vec<Yearly> = of_outcome
            .filter(|(_, reward)| reward.when.accrues())
            .map(|(r, reward)| Yearly {
                reward: r,
                states: reward.when.states(),
                factors: scaling(&reward.amount),
            })
            .collect();
        let mut seen: Vec<&Expr> = Vec::new();
        for &factor in yearly.iter().flat_map(|one| &one.factors) {
            if seen.iter().any(|known| known.same_formula(factor)) {
                continue;
            }
            seen.push(factor);
            lacking(model, &outcome.name, &yearly, factor, spans, out);
        }
    }
}

/// Reports constant amounts of states in which no reward is multiplied by `factor`, although this factor is used in most other states.
fn lacking(
    model: &Model,
    outcome: &str,
    yearly: &[Yearly],
    factor: &Expr,
    spans: &Spans,
    out: &mut Diagnostics,
) {
    // A reward of some strategies only describes their treatment, for example how long it lasts, and is no rule for the states.
    let general = |one: &&Yearly| model.rewards[one.reward].strategies.is_none();
    let scaled: Vec<usize> = (0..model.states.len())
        .filter(|state| {
            yearly.iter().filter(general).any(|one| one.states.contains(state) && one.has(factor))
        })
        .collect();
    let without: Vec<&Yearly> = yearly
        .iter()
        .filter(|one| one.factors.is_empty() && one.states.iter().all(|state| !scaled.contains(state)))
        .collect();
    let mut left_out: Vec<usize> = without.iter().flat_map(|one| one.states).copied().collect();
    left_out.sort_unstable();
    left_out.dedup();
    // If as many states lack the factor as have it, the factor is not the rule, and nothing is reported.
    let Some(example) = yearly.iter().filter(general).find(|one| one.has(factor)) else {
        return;
    };
    if scaled.len() < 2 || left_out.len() >= scaled.len() {
        return;
    }
    let reads = Reads::of(factor);
    let mut by: Vec<String> = Vec::new();
    by.extend(reads.age.then(|| "age".to_string()));
    by.extend(reads.time.then(|| "time".to_string()));
    by.extend((!reads.residence.is_empty()).then(|| "the time in a state".to_string()));
    if by.is_empty() {
        by.extend(reads.attributes().iter().map(|&a| format!("`{}`", model.attributes[a].name)));
    }
    let by = by.join(" and ");
    for one in without {
        let reward = &model.rewards[one.reward];
        let names: Vec<String> =
            one.states.iter().map(|&state| format!("`{}`", model.states[state].name)).collect();
        let noun = if names.len() == 1 { "state" } else { "states" };
        out.push(
            Diagnostic::warning(
                "W0536",
                format!("reward `{}` is not adjusted for {by}, unlike the rewards of outcome `{outcome}` in {} other states", reward.name, scaled.len()),
            )
            .at(spans.rewards[one.reward], format!("no reward in {noun} {} has this adjustment", names.join(", ")))
            .also(spans.rewards[example.reward], "an amount with the adjustment")
            .why("a state without the adjustment of the others is favoured or penalised without a reason")
            .help(format!("multiply this amount by the same factor for {by} as the amount of reward `{}`; if the difference is intended, ignore this warning", model.rewards[example.reward].name)),
        );
    }
}

/// Factors of a product that depend on age, time or attributes and consist of at least [`SMALLEST`] parts.
fn scaling(amount: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    product(amount, &mut found);
    found.retain(|factor| {
        let reads = Reads::of(factor);
        let mut parts = 0;
        factor.walk(&mut |_| parts += 1);
        parts >= SMALLEST && (reads.age || reads.time || !reads.attributes().is_empty())
    });
    found
}

/// Smallest factor to be compared between states, in parts of a formula; smaller factors (`age`, or one of two numbers by `sex`)
/// are often intended for some states only.
const SMALLEST: usize = 4;

fn product<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary(Binary::Multiply | Binary::Divide, sides) => {
            sides.iter().for_each(|side| product(side, into))
        }
        _ => into.push(expr),
    }
}
