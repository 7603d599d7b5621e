//! Compiles `[rewards]`: costs, utilities and other amounts, the strategies in which they accrue, and their timing.

use super::components::{self, Users};
use super::copied_rewards::{ListedReward, with_copies};
use super::events::{self, Event};
use super::perspectives::{self, PaidBy, Perspectives};
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
    /// Events beside moves.
    pub events: &'a [Event<'a>],
    /// Who pays the costs.
    pub perspectives: &'a Perspectives,
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
    /// Costs that perspectives share, with their shares as stated.
    pub shared_costs: Vec<(String, Vec<Share>)>,
    /// Positions of these shares.
    pub payers: Vec<Span>,
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

/// A reward as the scenario declares it.
struct Declared<'a> {
    name: &'a str,
    label: String,
    table: &'a TomlTable,
    /// Position of the amount.
    place: Span,
    /// Outcome and category; `None` if the outcome is not declared, which has been reported.
    component: Option<Component>,
    /// Who pays it.
    paid_by: PaidBy,
}

impl Rewards {
    /// Compiles a reward for each group of recipients.
    fn add(
        &mut self,
        declared: &Declared,
        occasion: &Occasion,
        recipients: &[Recipients],
        parts: &RewardTargets,
        context: &Context,
        out: &mut Diagnostics,
    ) {
        for given in recipients {
            let outcome = declared.component.as_ref().map(|component| component.outcome);
            let Some((amount, when)) = falls(occasion, declared.table, given, outcome, parts, context, out)
            else {
                break;
            };
            let Some(component) = &declared.component else { break };
            let reward = Reward {
                name: given.reward_name(declared.name, recipients.len(), parts.strategies),
                label: declared.label.clone(),
                component: self.component(component),
                strategies: given.strategies.clone(),
                amount: given.users.share_of(amount),
                when,
            };
            self.rewards.push(reward.clone());
            self.amounts.push(declared.place);
            self.divide(&reward, component, declared, parts.perspectives);
        }
    }

    /// Adds what each perspective pays of a reward.
    fn divide(
        &mut self,
        reward: &Reward,
        component: &Component,
        declared: &Declared,
        perspectives: &Perspectives,
    ) {
        let shares = match &declared.paid_by {
            PaidBy::Nobody => Vec::new(),
            PaidBy::First => vec![(0, Expr::Number(1.0))],
            PaidBy::Stated(shares) => perspectives::with_rest(shares),
        };
        for (p, share) in shares {
            let payer = &perspectives.list[p];
            let own = Component { outcome: payer.cost, category: component.category.clone() };
            let component = self.component(&own);
            self.rewards.push(Reward {
                name: format!("{} ({})", reward.name, payer.name),
                component,
                amount: reward.amount.clone().times(share),
                ..reward.clone()
            });
            self.amounts.push(declared.place);
        }
    }

    /// Index of a component, which is added if it is new.
    fn component(&mut self, component: &Component) -> usize {
        self.components.iter().position(|known| known == component).unwrap_or_else(|| {
            self.components.push(component.clone());
            self.components.len() - 1
        })
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
    // Events are copied with a strategy as rewards are.
    listed.extend(parts.events.iter().map(|event| ListedReward {
        name: event.name.to_string(),
        outcome: Some(event.outcome),
        category: event.label.clone(),
        strategies: strategies(event.table, parts, context, out),
    }));
    all.readings = with_copies(&mut listed, &super::strategies::copies(root), &parts.strategies.list);
    let of_events = listed.split_off(declared.len());
    let mut happening: Vec<Vec<Recipients>> = Vec::new();
    let mut unassigned: Vec<String> = Vec::new();
    for (event, own) in parts.events.iter().zip(of_events) {
        let recipients = recipients(event.name, event.table, own.strategies, parts, context, out);
        let before = out.counts().0;
        let counting = Declared {
            name: event.name,
            label: event.label.clone(),
            table: event.table,
            place: event.rate.span,
            component: Some(Component { outcome: event.outcome, category: event.label.clone() }),
            paid_by: PaidBy::Nobody,
        };
        all.add(&counting, &Occasion::Event(None, event), &recipients, parts, context, out);
        // An error in the event has been reported, and its rewards would repeat it.
        happening.push(if out.counts().0 > before { Vec::new() } else { recipients });
    }
    for ((name, node, table), own) in declared.into_iter().zip(listed) {
        check_name("a reward", name, node.key_span, out);
        let on_events = events::of_reward(name, table, parts.events, out);
        let occasion = occasion(name, table, out);
        names_something(name, table, out);
        let Some(occasion) = occasion else { continue };
        let amount = table.get(reward::PER_YEAR).or(table.get(reward::ONCE));
        let paid_by = perspectives::paid_by(name, table, own.outcome, parts.perspectives, context, out);
        match &paid_by {
            PaidBy::First => unassigned.push(name.to_string()),
            PaidBy::Stated(shares) => {
                all.shared_costs
                    .push((name.to_string(), shares.iter().map(|(_, share)| share.clone()).collect()));
                all.payers.push(table.get(reward::PAID_BY).map_or(node.key_span, |node| node.span));
            }
            PaidBy::Nobody => {}
        }
        let declared = Declared {
            paid_by,
            name,
            label: label(table, name),
            table,
            place: amount.map_or(node.key_span, |node| node.span),
            component: own.outcome.map(|outcome| Component { outcome, category: own.category.clone() }),
        };
        let (Occasion::Once(amount, ..), false) = (&occasion, on_events.is_empty()) else {
            let recipients = recipients(name, table, own.strategies, parts, context, out);
            all.add(&declared, &occasion, &recipients, parts, context, out);
            continue;
        };
        for (e, event) in on_events {
            let both: Vec<Recipients> =
                happening[e].iter().filter_map(|one| one.within(own.strategies.as_deref())).collect();
            if both.is_empty() && !happening[e].is_empty() {
                let place = table.get(reward::STRATEGIES).map_or(node.key_span, |node| node.span);
                out.push(
                    Diagnostic::error("E0436", format!("reward `{name}` can never be counted"))
                        .at(place, format!("`{}` does not happen under these strategies", event.name))
                        .also(event.place, "happens only under other strategies")
                        .why("its amount would be missing from every total")
                        .help("correct `strategies` here or in the section of the event"),
                );
            }
            all.add(&declared, &Occasion::Event(Some(amount), event), &both, parts, context, out);
        }
    }
    all.readings.extend(perspectives::readings(parts.perspectives, parts.outcomes, &unassigned));
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
        if let Some(node) = table.get(key).filter(is_empty_list) {
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

/// Whether a key has an empty list.
pub fn is_empty_list(node: &&TomlNode) -> bool {
    matches!(&node.value, TomlValue::List(items) if items.is_empty())
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
    /// Those of the recipients whose strategy is in `strategies` (`None`: all of them); `None` if there are none.
    fn within(&self, strategies: Option<&[usize]>) -> Option<Recipients> {
        let both = match (&self.strategies, strategies) {
            (own, None) => own.clone(),
            (None, Some(others)) => Some(others.to_vec()),
            (Some(own), Some(others)) => {
                Some(own.iter().copied().filter(|s| others.contains(s)).collect::<Vec<usize>>())
            }
        };
        let nobody = both.as_ref().is_some_and(Vec::is_empty);
        (!nobody).then(|| Recipients {
            strategies: both,
            component: self.component,
            users: self.users.clone(),
        })
    }

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

/// The recipients of a reward or event: the patients of these strategies, or the users of the components that it lists.
fn recipients(
    name: &str,
    table: &TomlTable,
    strategies: Option<Vec<usize>>,
    parts: &RewardTargets,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Recipients> {
    match table.get(reward::COMPONENTS) {
        Some(_) => users(name, table, parts, context, out),
        None => vec![Recipients { strategies, component: None, users: Users::All }],
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
            Diagnostic::error("E0427", format!("`{name}` has both `strategies` and `components`"))
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

/// Timing of a reward: `per_year` with its states, or `once` with the key of its event. `Event` is an event beside moves with the
/// amount of each; without an amount the events are counted.
enum Occasion<'a> {
    PerYear(&'a TomlNode, &'a TomlNode),
    Once(&'a TomlNode, Key, &'a TomlNode),
    Event(Option<&'a TomlNode>, &'a Event<'a>),
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
    let over_time = if by_points { Clocks::Point } else { Clocks::Cycle };
    let (amount, clocks, when) = match occasion {
        Occasion::PerYear(amount, states) => {
            let when = When::In(context.states(&states.names(), out));
            (Some((*amount, Expected::AmountPerYear)), over_time, when)
        }
        Occasion::Once(amount, key, place) => {
            let (clocks, when) = once(*key, place, table, given, parts, context, out)?;
            (Some((*amount, Expected::Amount)), clocks, when)
        }
        Occasion::Event(amount, event) => {
            let when = When::In(event.states.clone());
            (amount.map(|amount| (amount, Expected::Amount)), over_time, when)
        }
    };
    let states = when.read_in(parts.start, parts.transitions, &parts.strategies.list);
    let scope = Scope { states: &states, clocks, attributes: true, state: true, value_of: None };
    let mut compile = |(node, expected)| context.compile(node, expected, &scope, out);
    let each = amount.map(&mut compile);
    let rate = match occasion {
        Occasion::Event(_, event) => Some(compile((event.rate, Expected::Rate))),
        _ => None,
    };
    if out.counts().0 > before {
        return None;
    }
    let each = match (each, amount) {
        (Some(each), Some((node, _))) if table.flag(reward::LOSS) => loss(each, node, context, out)?,
        (each, _) => each.unwrap_or(Expr::Number(1.0)),
    };
    let amount = match rate {
        Some(rate) => rate.times(each),
        None => each,
    };
    Some((amount, when))
}

/// The amount of a loss, which the scenario states as a positive number, with a minus sign.
fn loss(each: Expr, node: &TomlNode, context: &Context, out: &mut Diagnostics) -> Option<Expr> {
    let value = match &each {
        Expr::Number(x) => *x,
        Expr::Parameter(p) => context.names.rows[*p].base,
        _ => 0.0,
    };
    if value < 0.0 {
        let positive = match &each {
            Expr::Parameter(p) => {
                format!("write the base value of `{}` as {}", context.names.rows[*p].name, -value)
            }
            _ => format!("write {}", -value),
        };
        out.push(
            Diagnostic::error("E0313", format!("`loss = true` is combined with the negative amount {value}"))
                .at(node.span, "below 0")
                .why("`loss = true` subtracts the amount, so a negative amount would count as a gain")
                .help(format!(
                    "{positive}, or keep {value} and remove `loss = true`: both count a loss of {}",
                    -value
                )),
        );
        return None;
    }
    Some(lost(each))
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
