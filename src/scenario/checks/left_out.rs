//! Warns about incomplete copies: a strategy that is `like` another but lacks its costs, and a factor that one state lacks.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::keys;
use crate::spans::Spans;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Binary, Expr, Model, Reward};

/// Warns about strategies that copy the effects of another strategy but not its costs: `like` copies effects, branches at the
/// start and parameters, whereas rewards list their strategies themselves. A missing reward is not reported if the copy has its
/// own reward in the same component (outcome and category), because that reward replaces the missing one.
pub fn copied(root: &TomlTable, model: &Model, out: &mut Diagnostics) {
    for (name, node) in root.sections(keys::scenario::STRATEGIES) {
        let Some(like) = node.table().and_then(|table| table.get(keys::strategy::LIKE)) else {
            continue;
        };
        let index = |name: &str| model.strategies.iter().position(|one| one.name == name);
        let (Some(own), Some(other)) = (index(name), like.text().and_then(index)) else {
            continue;
        };
        let of_one = |reward: &&Reward, one: usize, not: usize| {
            let given = reward.strategies.as_ref();
            given.is_some_and(|given| given.contains(&one) && !given.contains(&not))
        };
        // A reward that the copy shares with an unrelated strategy does not replace the missing one, because it pays for something else.
        let kin = copies(root, name);
        let of_kin = |&s: &usize| kin.contains(&model.strategies[s].name.as_str());
        let replaced = |component: usize| {
            let mut own_rewards = model.rewards.iter().filter(|reward| of_one(reward, own, other));
            own_rewards
                .any(|reward| reward.component == component && reward.strategies.iter().flatten().all(of_kin))
        };
        let missing: Vec<String> = model
            .rewards
            .iter()
            .filter(|reward| of_one(reward, other, own) && !replaced(reward.component))
            .map(|reward| format!("`{}`", reward.name))
            .collect();
        let (eligible, whole) = (&model.strategies[other].eligible, &model.strategies[own].eligible);
        let said = node.table().is_some_and(|table| table.get(keys::strategy::ELIGIBLE).is_some());
        let for_all = !said && eligible != whole;
        let other = &model.strategies[other].name;
        if for_all {
            out.push(
                Diagnostic::warning(
                    "W0533",
                    format!("strategy `{name}` is like `{other}`, but has no `eligible`"),
                )
                .at(like.span, format!("`like` does not copy `eligible` of `{other}`"))
                .why("ineligible patients would receive the treatment and its effects")
                .help("repeat `eligible` and `otherwise` here; if all patients are meant, write eligible = \"1 == 1\""),
            );
        }
        if missing.is_empty() {
            continue;
        }
        let missing = missing.join(", ");
        out.push(
            Diagnostic::warning("W0533", format!("strategy `{name}` is like `{other}`, but without its rewards"))
                .at(like.span, "`like` copies effects, `at_start` and parameters, but not rewards")
                .note(format!("these rewards have `{other}` but not `{name}` in `strategies`: {missing}"))
                .why("the effects of the treatment would be counted without its costs, so the strategy would look too cheap")
                .help(format!(
                    "add \"{name}\" to `strategies` of these rewards; if an amount differs for `{name}`, define a separate reward with the same `outcome` and `category`"
                )),
        );
    }
}

/// A strategy and all its copies by `like`, including copies of copies.
fn copies<'t>(root: &'t TomlTable, name: &'t str) -> Vec<&'t str> {
    let mut all = vec![name];
    let mut i = 0;
    while i < all.len() {
        let of = all[i];
        let like =
            |node: &TomlNode| node.table().and_then(|table| table.text(keys::strategy::LIKE)) == Some(of);
        let next: Vec<&str> = root
            .sections(keys::scenario::STRATEGIES)
            .filter(|(other, node)| like(node) && !all.contains(other))
            .map(|(other, _)| other)
            .collect();
        all.extend(next);
        i += 1;
    }
    all
}

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
    let scaled: Vec<usize> = (0..model.states.len())
        .filter(|state| yearly.iter().any(|one| one.states.contains(state) && one.has(factor)))
        .collect();
    let without: Vec<&Yearly> = yearly
        .iter()
        .filter(|one| one.factors.is_empty() && one.states.iter().all(|state| !scaled.contains(state)))
        .collect();
    let mut left_out: Vec<usize> = without.iter().flat_map(|one| one.states).copied().collect();
    left_out.sort_unstable();
    left_out.dedup();
    // If as many states lack the factor as have it, the factor is not the rule, and nothing is reported.
    let Some(example) = yearly.iter().find(|one| one.has(factor)) else {
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
        out.push(
            Diagnostic::warning(
                "W0536",
                format!("reward `{}` is not adjusted for {by}, unlike the rewards of `{outcome}` in {} other states", reward.name, scaled.len()),
            )
            .at(spans.rewards[one.reward], format!("no reward in {} has this adjustment", names.join(", ")))
            .also(spans.rewards[example.reward], "an amount with the adjustment")
            .why("a state without the adjustment of the others is favoured or penalised without a reason")
            .help(format!("adjust this amount by the same factor for {by} as the amount of reward `{}`; if the difference is intended, explain it in a comment", model.rewards[example.reward].name)),
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
