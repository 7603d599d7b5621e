//! Compiles `[components]` and the use of components by strategies.
//!
//! A component that only a share of patients uses divides the patients: a hidden attribute says who uses it, and the effects,
//! branches at the start and amounts of the component depend on this attribute. The engines know nothing of components. The
//! users of a component that moves nobody need not be told apart, so its amounts are multiplied by the share of users.

use super::effects::{CompiledEffect, EffectTargets, effects};
use super::strategies::{branches_at_start, with_originals};
use super::{Context, POPULATION, check_name, did_you_mean, label, or_declare, time};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Expected, Scope, at_base};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::keys::{effect, scenario, strategy};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Attribute, AttributeKind, Branch, Expr, Selector, Share, Strategy};
use arcosim_core::words::{all_of, rounded};

/// A component as compiled, before a strategy uses it.
pub struct TreatmentComponent {
    /// Name.
    pub name: String,
    /// Label for reports.
    pub label: String,
    /// Whether it rests on animal, laboratory or promotional evidence.
    pub hypothetical: bool,
    /// Years of follow-up of its evidence.
    pub evidence_until: Option<f64>,
    /// Branches at time zero; empty without a procedure.
    pub at_start: Vec<Branch>,
    /// Effects on transitions.
    pub effects: Vec<CompiledEffect>,
}

impl TreatmentComponent {
    /// Name and label.
    pub fn name_and_label(&self) -> (String, String) {
        (self.name.clone(), self.label.clone())
    }
}

/// The use of a component by the patients of a strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// Index of the component.
    pub component: usize,
    /// Who uses it.
    pub users: Users,
}

/// The patients of a strategy who use a component.
#[derive(Clone, Debug, PartialEq)]
pub enum Users {
    /// All patients.
    All,
    /// The patients in the first category of the attribute with this index.
    Drawn(usize),
    /// A share of patients who are not told apart.
    Average(Expr),
}

impl Users {
    /// The condition that a patient uses the component; `None` if all patients do.
    pub fn condition(&self) -> Option<Expr> {
        match self {
            Users::Drawn(attribute) => Some(Expr::Among(Selector::Attribute(*attribute), vec![0])),
            Users::All | Users::Average(_) => None,
        }
    }

    /// An amount of the component per patient of the strategy.
    pub fn share_of(&self, amount: Expr) -> Expr {
        match self {
            Users::All => amount,
            Users::Drawn(_) => only_if(self.condition(), amount, 0.0),
            Users::Average(share) => amount.times(share.clone()),
        }
    }
}

/// `value` for patients who meet the condition, and `otherwise` for all others.
pub fn only_if(condition: Option<Expr>, value: Expr, otherwise: f64) -> Expr {
    match condition {
        Some(condition) => Expr::If(Box::new([condition, value, Expr::Number(otherwise)])),
        None => value,
    }
}

/// A share of users that divides the patients, with the hidden attribute that says who is a user.
pub struct DrawnUsers<'t> {
    component: &'t str,
    text: String,
    share: &'t TomlNode,
}

/// All components that only some patients use and that move patients, once for each different share.
pub fn drawn_users(root: &TomlTable) -> Vec<DrawnUsers<'_>> {
    let interacting: Vec<&str> = root
        .sections(scenario::STRATEGIES)
        .chain(root.sections(scenario::COMPONENTS))
        .filter_map(|(_, node)| node.table()?.get(strategy::EFFECTS))
        .flat_map(TomlNode::items)
        .filter_map(TomlNode::table)
        .flat_map(|effect| effect.names(effect::USERS_OF))
        .map(|(name, _)| name)
        .collect();
    let moves = |name: &str| {
        let table = root.table(scenario::COMPONENTS).and_then(|all| all.entry(name)?.table());
        let has = |key| table.is_some_and(|table: &TomlTable| table.get(key).is_some());
        has(strategy::EFFECTS) || has(strategy::AT_START) || interacting.contains(&name)
    };
    let mut all: Vec<DrawnUsers> = Vec::new();
    for (_, node) in root.sections(scenario::STRATEGIES) {
        let uses = node.table().and_then(|table| table.table(strategy::USES));
        for (component, share) in uses.into_iter().flat_map(|uses| &uses.entries) {
            let text = written(share);
            let known = all.iter().any(|one| one.component == component && one.text == text);
            if !known && whole(&text).is_none() && moves(component) {
                all.push(DrawnUsers { component, text, share });
            }
        }
    }
    all
}

/// The share as text, so that equal shares can be recognised.
fn written(share: &TomlNode) -> String {
    match share.number() {
        Some(number) => number.to_string(),
        None => share.text().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Whether all patients (`true`) or none (`false`) use a component with this share; `None` for other shares.
fn whole(text: &str) -> Option<bool> {
    match text.parse::<f64>() {
        Ok(1.0) => Some(true),
        Ok(0.0) => Some(false),
        _ => None,
    }
}

/// Hidden attributes of the users of components, without their shares, and their positions. Their names contain a space, so that
/// no attribute of the scenario has them, and no formula can read them: a formula is evaluated in every strategy, but each share
/// of users belongs to some strategies only.
pub fn outline(root: &TomlTable, drawn: &[DrawnUsers]) -> Vec<(Attribute, Span)> {
    let mut all: Vec<(Attribute, Span)> = Vec::new();
    for one in drawn {
        let table = root.table(scenario::COMPONENTS).and_then(|all| all.entry(one.component)?.table());
        let spelt = table.map_or(one.component.to_string(), |table| label(table, one.component));
        let plain = format!("uses {}", one.component);
        let same = drawn.iter().take_while(|other| !std::ptr::eq(*other, one));
        let name = match same.filter(|other| other.component == one.component).count() {
            0 => plain,
            others => format!("{plain} {}", others + 1),
        };
        let kind = AttributeKind::Categorical {
            categories: vec!["yes".to_string(), "no".to_string()],
            shares: vec![Share::Rest; 2],
        };
        all.push((Attribute { name, label: format!("Uses: {spelt}"), kind }, one.share.span));
    }
    all
}

/// Sets the shares of the hidden attributes, which are the last ones of `attributes`.
pub fn set_shares(
    attributes: &mut [Attribute],
    drawn: &[DrawnUsers],
    context: &Context,
    out: &mut Diagnostics,
) {
    let first = attributes.len() - drawn.len();
    for (attribute, one) in attributes[first..].iter_mut().zip(drawn) {
        if let AttributeKind::Categorical { shares, .. } = &mut attribute.kind {
            shares[0] = Share::Stated(context.compile(one.share, Expected::Proportion, &POPULATION, out));
        }
    }
}

/// Compiles all components.
pub fn components(
    root: &TomlTable,
    parts: &EffectTargets,
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<TreatmentComponent> {
    let names = names(root);
    let declared =
        root.sections(scenario::COMPONENTS).filter_map(|(name, node)| Some((name, node, node.table()?)));
    declared
        .map(|(name, node, table)| {
            check_name("a component", name, node.key_span, out);
            let at_start = branches_at_start(table, scope, context, out);
            check_branches(name, &at_start, table, context, out);
            TreatmentComponent {
                name: name.to_string(),
                label: label(table, name),
                hypothetical: table.flag(strategy::HYPOTHETICAL),
                evidence_until: table.get(strategy::EVIDENCE_UNTIL).and_then(time::years),
                at_start,
                effects: effects(table, parts, &names, context, out),
            }
        })
        .collect()
}

/// Reports branches that do not share out all users, because a combination with other procedures would hide their place.
fn check_branches(
    name: &str,
    branches: &[Branch],
    table: &TomlTable,
    context: &Context,
    out: &mut Diagnostics,
) {
    let Some(node) = table.get(strategy::AT_START).filter(|_| !branches.is_empty()) else { return };
    // Shares that depend on the patient are checked with those of the strategies that use the component.
    let depends = |branch: &Branch| match &branch.share {
        Share::Stated(share) => {
            let reads = Reads::of(share);
            reads.state || !reads.attributes().is_empty()
        }
        Share::Rest => false,
    };
    if branches.iter().any(depends) {
        return;
    }
    let values: Vec<f64> = context.names.rows.iter().map(|row| row.base).collect();
    let rests = branches.iter().filter(|branch| branch.share == Share::Rest).count();
    let stated: Vec<f64> = branches
        .iter()
        .filter_map(|branch| match &branch.share {
            Share::Stated(share) => Some(at_base(share, &values)),
            Share::Rest => None,
        })
        .collect();
    let sum: f64 = stated.iter().sum();
    let amiss = rests > 1 || rests == 0 && (sum - 1.0).abs() > 1e-9;
    if amiss {
        let total = rounded(sum, 6);
        let parts: Vec<String> = stated.iter().map(|&share| rounded(share, 6)).collect();
        let (label, why, help) = match rests {
            0 if sum < 1.0 => (
                format!("{} = {total}", parts.join(" + ")),
                "the other patients who use the component would have no branch",
                "correct the shares, or write \"rest\" for one of them, so that it is 1 minus all others",
            ),
            0 => (
                format!("{} = {total}", parts.join(" + ")),
                "some patients who use the component would have several branches at once",
                "correct the shares, or write \"rest\" for one of them, so that it is 1 minus all others",
            ),
            _ => (
                "more than one \"rest\"".to_string(),
                "it is unclear how the remaining patients are divided between these branches",
                "write \"rest\" for one branch only",
            ),
        };
        out.push(
            Diagnostic::error(
                "E0410",
                format!("the shares of the branches at the start of component `{name}` do not add up to 1"),
            )
            .at(node.key_span, label)
            .why(why)
            .help(help),
        );
    }
}

/// Names of the components that can be read.
pub fn names(root: &TomlTable) -> Vec<&str> {
    root.sections(scenario::COMPONENTS)
        .filter(|(_, node)| node.table().is_some())
        .map(|(name, _)| name)
        .collect()
}

/// Index of a component by its name; an unknown name is reported.
pub fn index(
    name: &str,
    place: Span,
    names: &[&str],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<usize> {
    let found = names.iter().position(|known| *known == name);
    if found.is_none() {
        let help = did_you_mean(
            name,
            names.iter().copied(),
            &or_declare(name, "{ label = \"...\" }", "[components]"),
        );
        out.push(context.unknown("E0459", "component", name, place, help).echo_of(Part::Components));
    }
    found
}

/// Maximum number of components of a strategy whose users are told apart. With eight, a run of a model of nine states and 176
/// cycles takes half a minute.
const MOST_DRAWN: usize = 8;

/// The components that a strategy uses, in the order of their declaration so that the order in `uses` does not matter.
/// `first_drawn` is the index of the first hidden attribute.
pub fn usages(
    table: &TomlTable,
    names: &[&str],
    (drawn, first_drawn): (&[DrawnUsers], usize),
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Usage> {
    let Some(node) = table.get(strategy::USES) else { return Vec::new() };
    let mut all: Vec<Usage> = Vec::new();
    if let Some(shares) = node.table() {
        for (name, share) in &shares.entries {
            let Some(component) = index(name, share.key_span, names, context, out) else { continue };
            let text = written(share);
            let known = drawn.iter().position(|one| one.component == name && one.text == text);
            let users = match (whole(&text), known) {
                (Some(true), _) => Users::All,
                (Some(false), _) => continue,
                (None, Some(i)) => Users::Drawn(first_drawn + i),
                (None, None) => {
                    let expr = context.compile(share, Expected::Proportion, &POPULATION, out);
                    check_share(name, &expr, share.span, context, out);
                    Users::Average(expr)
                }
            };
            all.push(Usage { component, users });
        }
    } else {
        for (name, place) in node.names() {
            let found = index(name, place.span, names, context, out);
            all.extend(found.map(|component| Usage { component, users: Users::All }));
        }
    }
    all.sort_by_key(|usage| usage.component);
    all.dedup_by_key(|usage| usage.component);
    all
}

/// Warns about an effect on users of a component that the strategy does not use, and reports an effect on users of nothing.
pub fn check_interactions(
    strategy: &str,
    table: &TomlTable,
    usages: &[Usage],
    names: &[&str],
    out: &mut Diagnostics,
) {
    let effects = table.get(strategy::EFFECTS).map(TomlNode::items).unwrap_or_default();
    for node in effects.iter().filter_map(TomlNode::table).filter_map(|effect| effect.get(effect::USERS_OF)) {
        if node.names().is_empty() {
            out.push(
                Diagnostic::error("E0459", format!("`users_of` of an effect of strategy `{strategy}` is empty"))
                    .at(node.span, "at least one component is needed here")
                    .why("the effect would act on all patients")
                    .help("write the components whose users have the effect, or remove `users_of` for an effect on all patients"),
            );
        }
        for (name, place) in node.names() {
            let is_used = usages.iter().any(|usage| names[usage.component] == name);
            if !is_used && names.contains(&name) {
                out.push(
                    Diagnostic::warning(
                        "W0542",
                        format!("strategy `{strategy}` does not use component `{name}`"),
                    )
                    .at(place.span, "no patient of the strategy uses it, so this effect never acts")
                    .why("the scenario lists the effect, but the results would not contain it")
                    .help(format!("add `{name}` to `uses` of strategy `{strategy}`, or remove this effect")),
                );
            }
        }
    }
}

/// Reports a share of users that reads a parameter which the strategy changes: the patients of all strategies are the same, so a
/// share that divides them has one value.
pub fn check_changed_shares(
    strategy: &Strategy,
    usages: &[Usage],
    (drawn, first_drawn): (&[DrawnUsers], usize),
    context: &Context,
    (strategies, place): (&TomlTable, Span),
    out: &mut Diagnostics,
) {
    for usage in usages {
        let Users::Drawn(attribute) = usage.users else { continue };
        let Some(one) = drawn.get(attribute - first_drawn) else { continue };
        // Errors in the share have been reported with the attribute.
        let share =
            context.compile(one.share, Expected::Proportion, &POPULATION, &mut Diagnostics::default());
        let mut changed = None;
        share.walk(&mut |part| {
            if let Expr::Parameter(p) = part
                && strategy.substitutions.iter().any(|(left, _)| left == p)
            {
                changed = Some(*p);
            }
        });
        if let Some(p) = changed {
            let (name, row) = (&strategy.name, &context.names.rows[p].name);
            let changed = with_originals(strategies, name)
                .find_map(|own| own.table(strategy::PARAMETERS)?.entry(row))
                .map_or(place, |node| node.key_span);
            out.push(
                Diagnostic::error("E0463", format!("strategy `{name}` changes parameter `{row}`, on which its share of users of component `{}` depends", one.component))
                    .at(changed, "changed here")
                    .also(one.share.span, "the share of users")
                    .why("shares of users are calculated without the `parameters` of a strategy, so the changed value would be ignored")
                    .help(format!("add a parameter for the share in this strategy, for example `{row}.{name}`, and write its name instead of `{row}` in `uses`")),
            );
        }
    }
}

/// Reports more components with shares of users than can be calculated: in one strategy, or in all strategies together, because
/// the patients at the start are divided by all of them.
pub fn check_number(strategies: &[(&str, Span, &[Usage])], out: &mut Diagnostics) {
    let drawn = |usages: &[Usage]| -> Vec<usize> {
        let attribute = |usage: &Usage| match usage.users {
            Users::Drawn(attribute) => Some(attribute),
            Users::All | Users::Average(_) => None,
        };
        usages.iter().filter_map(attribute).collect()
    };
    let why = "each of these components doubles the number of patient groups that are calculated separately";
    let help = "write the share 1 for components that nearly all patients use; or combine components that are given together; components that have neither effects nor branches at the start do not count";
    for (name, place, usages) in strategies {
        let number = drawn(usages).len();
        if number > MOST_DRAWN {
            out.push(
                Diagnostic::error("E0462", format!("strategy `{name}` has {number} components with effects that only a share of patients use, and at most {MOST_DRAWN} are allowed"))
                    .at(*place, format!("users and non-users of {number} components are 2^{number} groups of patients"))
                    .why(why)
                    .help(help),
            );
            return;
        }
    }
    let mut all: Vec<usize> = strategies.iter().flat_map(|(_, _, usages)| drawn(usages)).collect();
    all.sort_unstable();
    all.dedup();
    let number = all.len();
    if let Some((_, place, _)) = strategies.iter().rfind(|(_, _, usages)| !drawn(usages).is_empty())
        && number > MOST_DRAWN_TOGETHER
    {
        out.push(
            Diagnostic::error("E0462", format!("the strategies have {number} different shares of users of components with effects, and at most {MOST_DRAWN_TOGETHER} are allowed"))
                .at(*place, "the last strategy with such a share")
                .why(why)
                .help(format!("use the same shares in several strategies, or compare fewer strategies with `strategies` under [run]; {help}")),
        );
    }
}

/// Maximum number of different shares of users that are told apart, in all strategies together.
const MOST_DRAWN_TOGETHER: usize = 16;

/// Reports a share of users outside 0 to 1. Shares of hidden attributes are checked with all attributes.
fn check_share(name: &str, share: &Expr, place: Span, context: &Context, out: &mut Diagnostics) {
    let values: Vec<f64> = context.names.rows.iter().map(|row| row.base).collect();
    let value = at_base(share, &values);
    if value.is_finite() && !(0.0..=1.0).contains(&value) {
        out.push(
            Diagnostic::error("E0313", format!("the share of patients who use `{name}` is {value}"))
                .at(place, "must be between 0 and 1")
                .help("correct this number, or the formula or parameter that gives it"),
        );
    }
}

/// Warns about components that no strategy uses.
pub fn unused(root: &TomlTable, usages: &[Vec<Usage>], out: &mut Diagnostics) {
    let declared = root.sections(scenario::COMPONENTS).filter(|(_, node)| node.table().is_some());
    for (i, (name, node)) in declared.enumerate() {
        if usages.iter().flatten().all(|usage| usage.component != i) {
            out.push(
                Diagnostic::warning("W0507", format!("component `{name}` is never used"))
                    .at(node.key_span, "no strategy uses it")
                    .why("it has no effect on the results, but a reader would expect one")
                    .help(format!(
                        "add it to a strategy: uses = [\"{name}\"]; or remove the component and its rewards"
                    )),
            );
        }
    }
}

/// Lines for readers: which components the patients of each strategy use.
pub fn readings(
    names: &[String],
    usages: &[Vec<Usage>],
    components: &[TreatmentComponent],
) -> Vec<(String, String)> {
    let line = |usages: &[Usage]| {
        let of = |wanted: fn(&Users) -> bool| -> Vec<&str> {
            let chosen = usages.iter().filter(|usage| wanted(&usage.users));
            chosen.map(|usage| components[usage.component].name.as_str()).collect()
        };
        let (all, drawn) = (of(|u| *u == Users::All), of(|u| matches!(u, Users::Drawn(_))));
        let average = of(|u| matches!(u, Users::Average(_)));
        let mut parts = Vec::new();
        if !all.is_empty() {
            parts.push(format!("all patients use {}", all_of(&all)));
        }
        if !drawn.is_empty() {
            let independent = if drawn.len() > 1 { ", independently of each other" } else { "" };
            parts.push(format!(
                "a share of patients, who are told apart{independent}, use {}",
                all_of(&drawn)
            ));
        }
        if !average.is_empty() {
            parts.push(format!(
                "a share of patients use {}: it moves nobody, so every patient has the average amount",
                all_of(&average)
            ));
        }
        parts.join("; ")
    };
    let used = names.iter().zip(usages).filter(|(_, usages)| !usages.is_empty());
    used.map(|(name, usages)| (format!("strategy `{name}`"), line(usages))).collect()
}
