//! Compiles `[rewards]`: costs, utilities and other amounts, the strategies in which they accrue, and their timing.

use super::components::{self, Users};
use super::copied_rewards::{ListedReward, with_copies};
use super::strategies::Strategies;
use super::{Context, check_name, did_you_mean, label, or_declare, or_declare_strategy, transitions};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope};
use crate::read::document::{TomlNode, TomlTable, TomlValue};
use crate::read::source::Span;
use crate::schema::keys::{reward, rewards, scenario};
use crate::schema::{Key, names};
use arcosim_core::model::{Component, Expr, Function, Outcome, Reward, Share, Transition, When};
use arcosim_core::words::either;

/// The parts of the model that rewards refer to.
pub struct RewardTargets<'a> {
    /// States in which patients start, with their shares.
    pub start: &'a [(usize, Share)],
    /// Transitions of the model.
    pub transitions: &'a [Transition],
    /// Strategies of the model, complete with everything that they copy or use.
    pub strategies: &'a Strategies,
    /// Outcomes of the model.
    pub outcomes: &'a [Outcome],
}

/// Rewards of a scenario, with their components and positions.
#[derive(Default)]
pub struct Rewards {
    /// Rewards in the order of declaration.
    pub rewards: Vec<Reward>,
    /// Components (outcome and category) to which the rewards belong.
    pub components: Vec<Component>,
    /// Positions of the amounts of the rewards.
    pub amounts: Vec<Span>,
    /// For readers: the strategies that also have the rewards of the strategy that they copy with `like`.
    pub readings: Vec<(String, String)>,
}

impl Rewards {
    /// Removes the rewards that no strategy has, and the components that no other reward has.
    pub fn without_recipients(&mut self) {
        let has_any: Vec<bool> = self
            .rewards
            .iter()
            .map(|reward| reward.strategies.as_ref().is_none_or(|all| !all.is_empty()))
            .collect();
        let mut kept = has_any.iter();
        self.rewards.retain(|_| *kept.next().unwrap_or(&true));
        let mut kept = has_any.iter();
        self.amounts.retain(|_| *kept.next().unwrap_or(&true));
        let used: Vec<bool> = (0..self.components.len())
            .map(|c| self.rewards.iter().any(|reward| reward.component == c))
            .collect();
        for reward in &mut self.rewards {
            reward.component = used[..reward.component].iter().filter(|used| **used).count();
        }
        let mut kept = used.iter();
        self.components.retain(|_| *kept.next().unwrap_or(&true));
    }
}

/// Compiles all rewards of a scenario.
pub fn rewards(root: &TomlTable, parts: &RewardTargets, context: &Context, out: &mut Diagnostics) -> Rewards {
    let mut all = Rewards::default();
    let unresolved = context.unresolved.get();
    let declared: Vec<(&str, &TomlNode, &TomlTable)> = root
        .sections(scenario::REWARDS)
        .filter_map(|(name, node)| Some((name, node, node.table()?)))
        .collect();
    let listed = |&(name, _, table): &(&str, &TomlNode, &TomlTable), out: &mut Diagnostics| ListedReward {
        name: name.to_string(),
        outcome: outcome(table, parts, context, out),
        category: table.text(reward::CATEGORY).map_or_else(|| label(table, name), str::to_string),
        strategies: strategies(table, parts, context, out),
    };
    let mut listed: Vec<ListedReward> = declared.iter().map(|one| listed(one, out)).collect();
    let strategies = &parts.strategies.list;
    all.readings = with_copies(&mut listed, &super::strategies::copies(root), strategies);
    for ((name, node, table), listed) in declared.into_iter().zip(listed) {
        check_name("a reward", name, node.key_span, out);
        let recipients = match table.get(reward::COMPONENTS) {
            Some(_) => users(name, table, parts, context, out),
            None => vec![Recipients { strategies: listed.strategies, component: None, users: Users::All }],
        };
        let occasion = occasion(name, table, out);
        names_something(name, table, out);
        let Some(occasion) = occasion else { continue };
        for given in &recipients {
            let Some((amount, when)) = falls(&occasion, table, given, listed.outcome, parts, context, out)
            else {
                break;
            };
            // An undeclared outcome has already been reported.
            let Some(outcome) = listed.outcome else { break };
            let component = Component { outcome, category: listed.category.clone() };
            let index = all.components.iter().position(|known| *known == component);
            let index = index.unwrap_or_else(|| {
                all.components.push(component);
                all.components.len() - 1
            });
            all.rewards.push(Reward {
                name: given.reward_name(name, recipients.len(), parts.strategies),
                label: label(table, name),
                component: index,
                strategies: given.strategies.clone(),
                amount: given.users.share_of(amount),
                when,
            });
            let amount = table.get(reward::PER_YEAR).or(table.get(reward::ONCE));
            all.amounts.push(amount.map_or(node.key_span, |node| node.span));
        }
    }
    // The flag is restored, because unknown names in rewards cannot hide other errors: rewards do not move patients.
    context.unresolved.set(unresolved);
    all
}

fn outcome(
    table: &TomlTable,
    parts: &RewardTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<usize> {
    let node = table.get(reward::OUTCOME)?;
    let name = node.text()?;
    let found = parts.outcomes.iter().position(|one| one.name == name);
    if found.is_none() {
        let known = parts.outcomes.iter().map(|one| one.name.as_str());
        let example = "{ unit = \"...\", correction = \"half-cycle\", discount = \"none\" }";
        let help = did_you_mean(name, known, &or_declare(name, example, "[outcomes]"));
        out.push(context.unknown("E0435", "outcome", name, node.span, help).echo_of(Part::Outcomes));
    }
    found
}

/// Reports empty lists, such as `in = []`, because a reward without states or events never accrues.
fn names_something(name: &str, table: &TomlTable, out: &mut Diagnostics) {
    for key in [
        reward::STRATEGIES,
        reward::COMPONENTS,
        reward::IN,
        reward::ON_ENTERING,
        reward::ON_LEAVING,
        reward::ON,
        reward::BRANCHES,
    ] {
        let empty = |node: &&TomlNode| matches!(&node.value, TomlValue::List(items) if items.is_empty());
        if let Some(node) = table.get(key).filter(empty) {
            let otherwise = match key.name {
                "strategies" => "remove `strategies` to count the reward in every strategy",
                "branches" => "remove `branches` to count the reward for every branch",
                _ => "remove the reward",
            };
            let what = match key.name {
                "strategies" => "strategy",
                "components" => "component",
                "on" => "transition",
                "branches" => "branch",
                _ => "state or group",
            };
            out.push(
                Diagnostic::error("E0436", format!("`{}` of reward `{name}` is empty", key.name))
                    .at(node.span, format!("at least one {what} is needed here"))
                    .why("the reward would never be counted, so its amount would be missing from every total")
                    .help(format!(
                        "write the name of at least one {what}: {} = [\"...\"]; or {otherwise}",
                        key.name
                    )),
            );
        }
    }
}

/// The patients who have a reward.
struct Recipients {
    /// Strategies in which it accrues; `None` for all strategies.
    strategies: Option<Vec<usize>>,
    /// The component to whose users it belongs.
    component: Option<usize>,
    /// The users of the component among the patients of these strategies.
    users: Users,
}

impl Recipients {
    /// Name of the reward: that of the scenario, with the strategies if it is divided by the shares of users.
    fn reward_name(&self, name: &str, groups: usize, strategies: &Strategies) -> String {
        let component = self.component.map(|c| strategies.components[c].name.as_str());
        match groups {
            1 => name.to_string(),
            _ => {
                let given = self.strategies.iter().flatten().map(|&s| strategies.list[s].name.as_str());
                let who: Vec<&str> = component.into_iter().chain(given).collect();
                format!("{name} ({})", who.join(", "))
            }
        }
    }
}

/// The users of the components that a reward lists: for each component, the strategies with the same share of users together.
fn users(
    name: &str,
    table: &TomlTable,
    parts: &RewardTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Recipients> {
    if let (Some(node), Some(listed)) = (table.get(reward::STRATEGIES), table.get(reward::COMPONENTS)) {
        out.push(
            Diagnostic::error("E0427", format!("reward `{name}` has both `strategies` and `components`"))
                .at(listed.key_span, "the users of a component, in every strategy that uses it")
                .also(node.key_span, "the patients of these strategies")
                .why("it is unclear whether the reward is for all patients of the strategies or for users only")
                .help("if all patients of these strategies have the reward, remove `components`; if only users of the component have it, remove `strategies`"),
        );
    }
    let names: Vec<&str> = parts.strategies.components.iter().map(|one| one.name.as_str()).collect();
    let mut all: Vec<Recipients> = Vec::new();
    for (name, node) in table.names(reward::COMPONENTS) {
        let Some(component) = components::index(name, node.span, &names, context, out) else { continue };
        for (s, usages) in parts.strategies.usages.iter().enumerate() {
            let Some(usage) = usages.iter().find(|usage| usage.component == component) else { continue };
            let known =
                all.iter_mut().find(|one| one.component == Some(component) && one.users == usage.users);
            match known {
                Some(known) => known.strategies.get_or_insert_default().push(s),
                None => all.push(Recipients {
                    strategies: Some(vec![s]),
                    component: Some(component),
                    users: usage.users.clone(),
                }),
            }
        }
    }
    all
}

/// Strategies in which a reward accrues; `None` for all strategies.
fn strategies(
    table: &TomlTable,
    parts: &RewardTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<Vec<usize>> {
    table.get(reward::STRATEGIES)?;
    let mut found = Vec::new();
    for (name, node) in table.names(reward::STRATEGIES) {
        match parts.strategies.list.iter().position(|one| one.name == name) {
            Some(i) if found.contains(&i) => {}
            Some(i) => found.push(i),
            None => {
                let known = parts.strategies.list.iter().map(|one| one.name.as_str());
                let otherwise = or_declare_strategy(name);
                let help = did_you_mean(name, known, &otherwise);
                out.push(
                    context.unknown("E0408", "strategy", name, node.span, help).echo_of(Part::Strategies),
                );
            }
        }
    }
    found.sort_unstable();
    Some(found)
}

/// Timing of a reward: `per_year` with its states, or `once` with the key of its event.
enum Occasion<'a> {
    PerYear(&'a TomlNode, &'a TomlNode),
    Once(&'a TomlNode, Key, &'a TomlNode),
}

/// The amount of a reward and the single key for its timing; a missing or additional key is an error.
fn occasion<'a>(name: &str, table: &'a TomlTable, out: &mut Diagnostics) -> Option<Occasion<'a>> {
    let wrong = |title: String, place: Span, label: &str, help: String, out: &mut Diagnostics| {
        out.push(Diagnostic::error("E0436", title).at(place, label).help(help));
    };
    let given: Vec<(Key, &TomlNode)> =
        rewards::OCCASIONS.iter().filter_map(|key| Some((*key, table.get(*key)?))).collect();
    let places = either(&names(rewards::OCCASIONS));
    match (table.get(reward::PER_YEAR), table.get(reward::ONCE)) {
        (Some(amount), None) => {
            let branches = table.get(reward::BRANCHES).map(|node| (reward::BRANCHES, node));
            for (key, place) in given.iter().copied().chain(branches) {
                let title = format!("reward `{name}` has both `per_year` and `{}`", key.name);
                let help = format!(
                    "remove `{}`; or, for a one-off amount, write `once` instead of `per_year`",
                    key.name
                );
                wrong(title, place.key_span, "used only with `once`, so it would be ignored here", help, out);
            }
            let Some(states) = table.get(reward::IN) else {
                let title = format!("reward `{name}` has `per_year` but no `in`");
                let help = "add the states or groups in which the amount accrues: for example in = [\"alive\"], if `alive` is your group of all living states"
                    .to_string();
                wrong(title, amount.key_span, "the states in which this accrues are missing", help, out);
                return None;
            };
            given.is_empty().then_some(Occasion::PerYear(amount, states))
        }
        (None, Some(amount)) => {
            if let Some(place) = table.get(reward::IN) {
                let title = format!("reward `{name}` has both `once` and `in`");
                let state = place.names().first().map_or("...", |(state, _)| *state);
                let help = format!(
                    "for an amount that accrues over time in states, write `per_year` instead of `once`; for a one-off amount, replace `in` with its event ({places}), for example on_entering = \"{state}\""
                );
                wrong(
                    title,
                    place.key_span,
                    "used only with `per_year`, so it would be ignored here",
                    help,
                    out,
                );
                return None;
            }
            match given[..] {
                [] => {
                    let title = format!("reward `{name}` has `once`, but no event at which it is counted");
                    let help = "add one of these: on_entering = \"...\" or on_leaving = \"...\" with the name of a state, on = \"...\" \
                                with the name of a transition, or at_start = true for an amount at the start of the model"
                        .to_string();
                    wrong(title, amount.key_span, "the event of this one-off amount is missing", help, out);
                    None
                }
                [(key, place)] => Some(Occasion::Once(amount, key, place)),
                [(first, one), (second, other), ..] => {
                    out.push(
                        Diagnostic::error("E0436", format!("reward `{name}` has both `{}` and `{}`", first.name, second.name))
                            .at(other.key_span, "second event")
                            .also(one.key_span, "first event")
                            .why("if both happen in the same cycle, it is unclear whether the amount is counted once or twice")
                            .help("keep one of the two keys; to count the amount at both events, define a second reward with the other key, and the same `category` to show both in one row of the tables"),
                    );
                    None
                }
            }
        }
        // A reward with neither or both of `per_year` and `once` has already been reported by the check of all keys.
        _ => None,
    }
}

/// Compiles the amount of a reward and its timing.
fn falls(
    occasion: &Occasion,
    table: &TomlTable,
    given: &Recipients,
    outcome: Option<usize>,
    parts: &RewardTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<(Expr, When)> {
    let before = out.counts().0;
    let by_points = outcome.is_some_and(|outcome| parts.outcomes[outcome].correction.by_points());
    let (amount, expected, clocks, when) = match occasion {
        Occasion::PerYear(amount, states) => {
            let clocks = if by_points { Clocks::Point } else { Clocks::Cycle };
            let when = When::In(context.states(&states.names(), out));
            (*amount, Expected::AmountPerYear, clocks, when)
        }
        Occasion::Once(amount, key, place) => {
            let (clocks, when) = once(*key, place, table, given, parts, context, out)?;
            (*amount, Expected::Amount, clocks, when)
        }
    };
    let states = when.read_in(parts.start, parts.transitions, &parts.strategies.list);
    let scope = Scope { states: &states, clocks, attributes: true, state: true, value_of: None };
    let expr = context.compile(amount, expected, &scope, out);
    if out.counts().0 > before {
        return None;
    }
    if !table.flag(reward::LOSS) {
        return Some((expr, when));
    }
    let value = match &expr {
        Expr::Number(x) => *x,
        Expr::Parameter(p) => context.names.rows[*p].base,
        _ => 0.0,
    };
    if value < 0.0 {
        let positive = match &expr {
            Expr::Parameter(p) => {
                format!("write the base value of `{}` as {}", context.names.rows[*p].name, -value)
            }
            _ => format!("write {}", -value),
        };
        out.push(
            Diagnostic::error("E0313", format!("`loss = true` is combined with the negative amount {value}"))
                .at(amount.span, "below 0")
                .why("`loss = true` subtracts the amount, so a negative amount would count as a gain")
                .help(format!(
                    "{positive}, or keep {value} and remove `loss = true`: both count a loss of {}",
                    -value
                )),
        );
        return None;
    }
    Some((lost(expr), when))
}

/// Timing of a one-off reward, and the clocks that its amount can use.
fn once(
    key: Key,
    place: &TomlNode,
    table: &TomlTable,
    given: &Recipients,
    parts: &RewardTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<(Clocks, When)> {
    let branches = table.get(reward::BRANCHES);
    let is = |one: Key| key.name == one.name;
    if let Some(node) = branches.filter(|_| is(reward::ON_ENTERING) || is(reward::ON_LEAVING)) {
        out.push(
            Diagnostic::error("E0436", format!("a reward with `{}` cannot have `branches`", key.name))
                .at(node.key_span, "used only with `on` and `at_start`, so it would be ignored here")
                .help(format!("remove `branches`; or, to count the reward only for these branches, replace `{}` with the transitions to which they belong: on = [\"...\"]", key.name)),
        );
    }
    if is(reward::ON_ENTERING) {
        return Some((Clocks::Model, When::Entering(context.states(&place.names(), out))));
    }
    if is(reward::ON_LEAVING) {
        return Some((Clocks::Cycle, When::Leaving(context.states(&place.names(), out))));
    }
    if is(reward::ON) {
        let listed = place.names();
        let fired: Vec<usize> = listed
            .iter()
            .filter_map(|(name, node)| {
                transitions::index(name, node.span, &listed, parts.transitions, context, out)
            })
            .collect();
        let named = |t: usize| parts.transitions[t].branches.iter().map(|branch| branch.name.as_str());
        let all: Vec<((usize, usize), &str)> = sorted(fired)
            .into_iter()
            .flat_map(|t| named(t).enumerate().map(move |(b, name)| ((t, b), name)))
            .collect();
        let taken = chosen(&all, &[], branches, "the transitions in `on`", context, out);
        return Some((Clocks::Cycle, When::Firing(taken)));
    }
    if !table.flag(reward::AT_START) {
        out.push(
            Diagnostic::error("E0436", "`at_start = false` does not say when the reward is counted")
                .at(place.span, "the event at which to count it is missing")
                .help("to count the reward at the start, write at_start = true; for another event, write instead on_entering = \"...\" or on_leaving = \"...\" with the name of a state, or on = \"...\" with the name of a transition"),
        );
        return None;
    }
    let receives = |arm: &usize| given.strategies.as_ref().is_none_or(|all| all.contains(arm));
    // A branch of combined procedures has the names of all branches that it combines; a component knows only its own names.
    let known = |of: &Option<usize>| given.component.is_none() || *of == given.component;
    let all: Vec<((usize, usize), &str)> = (0..parts.strategies.list.len())
        .filter(receives)
        .flat_map(|arm| {
            let branches = parts.strategies.branches[arm].iter().enumerate();
            branches.flat_map(move |(b, names)| {
                names.iter().filter(move |(of, _)| known(of)).map(move |(_, name)| ((arm, b), name.as_str()))
            })
        })
        .collect();
    let of_others = names_of_other_components(table, given, parts);
    let taken = branches.map(|_| {
        let whose = "`at_start` of the strategies with this reward";
        chosen(&all, &of_others, branches, whose, context, out)
    });
    Some((Clocks::None, When::Starting(taken)))
}

/// Names of the branches at the start of the components of a reward, which lists several of them and their branches together.
fn names_of_other_components<'a>(
    table: &TomlTable,
    given: &Recipients,
    parts: &'a RewardTargets,
) -> Vec<&'a str> {
    let listed: Vec<&str> = table.names(reward::COMPONENTS).into_iter().map(|(name, _)| name).collect();
    let components = parts.strategies.components.iter().enumerate();
    let others =
        components.filter(|(i, one)| Some(*i) != given.component && listed.contains(&one.name.as_str()));
    others.flat_map(|(_, one)| &one.at_start).map(|branch| branch.name.as_str()).collect()
}

/// The branches listed in a reward; all branches if the reward has no list. Branches `of_others` belong to other patients.
fn chosen(
    all: &[((usize, usize), &str)],
    of_others: &[&str],
    node: Option<&TomlNode>,
    whose: &str,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<(usize, usize)> {
    let Some(node) = node else {
        return all.iter().map(|(i, _)| *i).collect();
    };
    let mut taken = Vec::new();
    for (name, place) in node.names() {
        let found = all.iter().filter(|(_, known)| *known == name).map(|(i, _)| *i);
        let before = taken.len();
        taken.extend(found);
        if taken.len() == before && !of_others.contains(&name) {
            let known = sorted(all.iter().map(|(_, known)| *known).collect());
            let known = known.iter().copied();
            let help = did_you_mean(
                name,
                known,
                &format!(
                    "write a branch of {whose}, or remove `branches` to count the reward for every branch"
                ),
            );
            out.push(context.unknown("E0439", "branch", name, place.span, help));
        }
    }
    sorted(taken)
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}

/// The amount with a minus sign, for a loss.
fn lost(amount: Expr) -> Expr {
    match amount {
        Expr::Number(x) => Expr::Number(-x),
        amount => Expr::Call(Function::Negate, vec![amount]),
    }
}
