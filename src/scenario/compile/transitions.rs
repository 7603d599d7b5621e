//! Compiles `[transitions]`: source states, target states and hazards.

use super::together::with_its_row;
use super::{Context, REST, SAME_STATE, check_name, course, label};
use crate::diagnostic::{Diagnostic, Diagnostics, Part, suggest};
use crate::expression::{Clocks, Expected, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::read::unit::parse_length;
use crate::schema::Key;
use crate::schema::keys::{
    branch, exponential, generalised_gamma, lognormal_time, scenario, shape_rate, shape_scale, time,
    transition, transitions,
};
use arcosim_core::math;
use arcosim_core::model::{
    Binary, Branch, Clock, Expr, Hazard, Share, TimeDistribution, TimeToEvent, Transition,
};

/// Name of a life table, and the attribute that is the age of patients in this table.
pub struct TableName {
    /// Name of the life table.
    pub name: String,
    /// Index of the attribute that is the age at the start; `None` after an error.
    pub age: Option<usize>,
}

/// Positions of the transitions in the scenario files.
#[derive(Default)]
pub struct TransitionPlaces {
    /// Positions of the names.
    pub names: Vec<Span>,
    /// Positions of the hazards: of a formula or number, or otherwise of the key, such as `weibull`.
    pub hazards: Vec<Span>,
    /// Positions of the targets (`to`).
    pub targets: Vec<Span>,
}

/// All transitions and their positions; the field `first` is set afterwards by [`mark_first`].
pub fn transitions(
    root: &TomlTable,
    tables: &[TableName],
    context: &Context,
    out: &mut Diagnostics,
) -> (Vec<Transition>, TransitionPlaces) {
    let mut transitions = Vec::new();
    let mut places = TransitionPlaces::default();
    for (name, node) in root.sections(scenario::TRANSITIONS) {
        let Some(table) = node.table() else { continue };
        check_name("a transition", name, node.key_span, out);
        let from = sources(name, table, context, out);
        let scope =
            Scope { states: &from, clocks: Clocks::Cycle, attributes: true, state: true, value_of: None };
        let branches = targets(name, table, &from, &scope, context, out);
        let hazard = hazard(name, table, tables, &scope, context, out);
        let never = course::never(name, table, context, out);
        transitions.push(Transition {
            name: name.to_string(),
            label: label(table, name),
            from,
            first: false,
            stated: !super::time::is_continuous(root)
                && (table.flag(transition::STATED)
                    || matches!(hazard, Hazard::Probability(_) | Hazard::Complement)),
            hazard,
            never,
            branches,
        });
        let stated = transitions::HAZARDS.iter().find_map(|key| table.get(*key));
        places.names.push(node.key_span);
        let formula = |node: &TomlNode| node.text().is_some() || node.number().is_some();
        places.hazards.push(match stated {
            Some(value) if formula(value) => value.span,
            other => other.unwrap_or(node).key_span,
        });
        places.targets.push(table.get(transition::TO).map_or(node.key_span, |node| node.span));
    }
    (transitions, places)
}

/// The states that a transition leaves; an absorbing state among them is reported as an error.
fn sources(own: &str, table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<usize> {
    let mut all = Vec::new();
    for (name, node) in table.names(transition::FROM) {
        let Some(group) = context.group(name, node.span, out) else {
            continue;
        };
        let group = &context.names.groups[group];
        let absorbing = group.states.iter().find(|&&state| context.names.states[state].absorbing);
        if let Some(&state) = absorbing {
            let state = &context.names.states[state].name;
            let label = match *state == group.name {
                true => "this state is absorbing".to_string(),
                false => format!("this group contains `{state}`, which is absorbing"),
            };
            let instead = match &left_without_absorbing(table, context)[..] {
                left @ [_, ..] if left.len() <= 6 => format!("write from = [{}]", left.join(", ")),
                _ => "write in `from` only states that patients can leave".to_string(),
            };
            context.unresolved.set(true);
            out.push(
                Diagnostic::error("E0421", format!("transition `{own}` leaves the absorbing state `{state}`"))
                    .at(node.span, label)
                    .why("patients in an absorbing state stay there until the horizon, so this transition could never happen")
                    .help(format!("{instead}; or, if patients can leave `{state}`, remove absorbing = true from this state")),
            );
        }
        all.extend(group.states.iter().copied());
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The states in `from` that are not absorbing, in quotation marks.
fn left_without_absorbing(table: &TomlTable, context: &Context) -> Vec<String> {
    let names = table.names(transition::FROM);
    let listed = |group: &str| names.iter().any(|(name, _)| *name == group);
    let groups = context.names.groups.iter().filter(|group| listed(&group.name));
    let mut states: Vec<usize> = groups.flat_map(|group| group.states.iter().copied()).collect();
    states.sort_unstable();
    states.dedup();
    let states = states.into_iter().map(|state| &context.names.states[state]);
    states.filter(|state| !state.absorbing).map(|state| format!("\"{}\"", state.name)).collect()
}

fn targets(
    name: &str,
    table: &TomlTable,
    from: &[usize],
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Branch> {
    let Some(node) = table.get(transition::TO) else {
        return Vec::new();
    };
    let branches = match (node.text(), node.table()) {
        (Some(SAME_STATE), _) => {
            vec![Branch { name: SAME_STATE.to_string(), to: None, share: Share::Rest }]
        }
        (Some(name), _) => match context.state(name, node.span, out) {
            Some(to) => vec![Branch { name: name.to_string(), to: Some(to), share: Share::Rest }],
            None => Vec::new(),
        },
        (_, Some(table)) => context.branches(table, scope, out),
        _ => Vec::new(),
    };
    let says_again = |branch: &Branch| {
        let own = node.table().and_then(|table| table.entry(&branch.name)?.table());
        own.filter(|own| own.flag(branch::AGAIN)).and_then(|own| own.get(branch::AGAIN))
    };
    for branch in &branches {
        // A transition out of an absorbing state is reported by `sources`.
        let again = branch.to.filter(|&to| from.contains(&to) && !context.names.states[to].absorbing);
        if let Some(place) = says_again(branch) {
            if branch.to.is_none() {
                out.push(
                    Diagnostic::error(
                        "E0422",
                        format!("transition `{name}` enters no state again in branch `{}`", branch.name),
                    )
                    .at(
                        place.key_span,
                        format!("with to = \"{SAME_STATE}\" patients stay, and their clocks go on"),
                    )
                    .why("`again` is for patients who are in the target state and enter it anew")
                    .help("write the name of the state in `to`, or remove `again`"),
                );
            } else if again.is_none() {
                out.push(
                    Diagnostic::error(
                        "E0422",
                        format!("no patient of transition `{name}` can enter `{}` again", branch.name),
                    )
                    .at(place.key_span, "the transition does not start in this state")
                    .why("`again` is for patients who are in the target state and enter it anew")
                    .help(format!("remove `again`, or add the state to `from` of `{name}`")),
                );
            }
            continue;
        }
        if let Some(state) = again {
            let state = &context.names.states[state].name;
            out.push(
                Diagnostic::error("E0422", format!("transition `{name}` leads from `{state}` to `{state}`"))
                    .at(table.get(transition::FROM).map_or(node.span, |from| from.span), format!("includes `{state}`"))
                    .also(node.span, format!("leads to `{state}`"))
                    .why("it would be unclear whether the time in the state starts again at 0, so hazards and costs that depend on it would be undefined")
                    .help(format!(
                        "{}; or, for an event that leaves patients in their state, write to = \"{SAME_STATE}\"; or, if the time in the state starts anew, write to = {{ {state} = {{ share = \"rest\", again = true }} }}",
                        match (from, branches.len()) {
                            ([_], 1) => format!("remove this transition, because patients stay in `{state}` without it"),
                            ([_], _) => format!("remove the branch to `{state}`, because patients without an event stay there"),
                            _ => format!("change `from` so that it does not include `{state}`{}", without(from, &branches, context)),
                        }
                    )),
            );
        }
    }
    branches
}

/// Example of `from` with only the states to which no branch leads, as the end of a sentence; empty without such states.
fn without(from: &[usize], branches: &[Branch], context: &Context) -> String {
    let free = |state: usize| branches.iter().all(|branch| branch.to != Some(state));
    let left = from.iter().filter(|&&state| free(state) && !context.names.states[state].absorbing);
    let names: Vec<String> = left.map(|&state| format!("\"{}\"", context.names.states[state].name)).collect();
    match names.len() {
        1..=6 => format!(": from = [{}]", names.join(", ")),
        _ => String::new(),
    }
}

fn hazard(
    name: &str,
    table: &TomlTable,
    tables: &[TableName],
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Hazard {
    superfluous(name, table, out);
    let ratio = |out: &mut Diagnostics| match table.get(transition::HAZARD_RATIO) {
        Some(node) => context.compile(node, Expected::Ratio, scope, out),
        None => Expr::Number(1.0),
    };
    if let Some(node) = table.get(transition::RATE) {
        return Hazard::Rate(context.compile(node, Expected::Rate, scope, out));
    }
    if let Some(node) = table.get(transition::PROBABILITY) {
        return match node.text() {
            Some(text) if text.trim() == REST => Hazard::Complement,
            _ => Hazard::Probability(context.compile(node, Expected::ProbabilityPerCycle, scope, out)),
        };
    }
    if let Some(node) = table.get(transition::TABLE) {
        let ratio = ratio(out);
        let found = life_table(node, tables, context, out);
        return found.map_or(UNREADABLE, |(table, age)| Hazard::LifeTable { table, age, ratio });
    }
    let family = FAMILIES.iter().find_map(|(key, read)| Some((read, table.get(*key)?.table()?)));
    let time = match table.get(transition::TABULATED) {
        Some(node) => course::tabulated(node, context, out),
        None => family.and_then(|(read, numbers)| read(&mut Numbers { numbers, scope, context, out })),
    };
    let clock = clock(table, scope, context, out);
    match (time, clock) {
        (Some(family), Some(clock)) => {
            let delay = course::delay(name, table, clock, scope, context, out);
            Hazard::Distribution { time: TimeToEvent { family, delay }, clock, ratio: ratio(out) }
        }
        _ => UNREADABLE,
    }
}

/// Placeholder for a hazard that could not be read.
const UNREADABLE: Hazard = Hazard::Rate(Expr::Number(f64::NAN));

/// Index of the life table in a node, and of the attribute that is the age of patients.
fn life_table(
    node: &TomlNode,
    tables: &[TableName],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<(usize, usize)> {
    let wanted = node.text().unwrap_or_default();
    match tables.iter().position(|known| known.name == wanted) {
        Some(table) => return tables[table].age.map(|age| (table, age)),
        None if context.names.tables.iter().any(|one| one.name == wanted) => {
            let known: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
            out.push(no_life_table(wanted, &known, node));
        }
        None => {
            let known = tables.iter().map(|table| table.name.as_str());
            let example = "{ file = \"mortality.csv\", by = [\"age\"], kind = \"rate per year\" }";
            let help = super::did_you_mean(wanted, known, &super::or_declare(wanted, example, "[tables]"));
            out.push(context.unknown("E0426", "table", wanted, node.span, help).echo_of(Part::Tables));
        }
    }
    None
}

fn no_life_table(name: &str, known: &[&str], node: &TomlNode) -> Diagnostic {
    let instead = match known.is_empty() {
        true => "declare a life table under [tables], and write its name here".to_string(),
        false => format!("write the name of a life table here: {}", arcosim_core::words::either(known)),
    };
    Diagnostic::error("E0424", format!("table `{name}` is not a life table"))
        .at(node.span, "its kind is neither a mortality rate nor a probability of death")
        .why("the key `table` uses the values as mortality at attained age, so values of another kind would lead to meaningless survival")
        .help(format!("{instead}; if `{name}` does contain mortality, write kind = \"rate per year\" (for mx) or kind = \"annual probability\" (for qx) under [tables.{name}]"))
}

/// Reports a `clock`, `hazard_ratio` or `stated` in a transition for whose kind of hazard the key has no meaning.
fn superfluous(name: &str, table: &TomlTable, out: &mut Diagnostics) {
    let Some(sort) = transitions::HAZARDS.iter().find(|key| table.get(**key).is_some()) else { return };
    let is = |key: Key| sort.name == key.name;
    if let Some(node) = table.get(transition::STATED).filter(|_| is(transition::PROBABILITY)) {
        let formula = table
            .get(transition::PROBABILITY)
            .and_then(|p| p.number().map(|x| x.to_string()).or_else(|| Some(p.text()?.trim().to_string())));
        let rate = match formula.filter(|text| text != REST && !text.contains(['"', '\n'])) {
            Some(formula) => format!("rate = \"rate({formula}, cycle_length)\""),
            None => "rate = \"rate(p, cycle_length)\" with the probability in place of p".to_string(),
        };
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has both a probability and `stated`"))
                .at(node.key_span, "has no effect here: `stated` turns a rate into a probability per cycle, but this is already one")
                .help(format!("remove `stated`; if other transitions out of the state have rates, also replace the probability with a rate: {rate}")),
        );
    }
    if let Some(node) = table.get(transition::HAZARD_RATIO) {
        if is(transition::RATE) {
            out.push(
                Diagnostic::error("E0427", format!("transition `{name}` has both a rate and a `hazard_ratio`"))
                    .at(node.key_span, "used only with a life table or a time distribution, so it would be ignored here")
                    .help("remove `hazard_ratio`, and multiply by the ratio in the formula of the rate: rate = \"rate.x * hr.x\""),
            );
        } else if is(transition::PROBABILITY) {
            out.push(
                Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
                    .at(node.key_span, format!("`{name}` has a probability, not a hazard"))
                    .why("a hazard ratio multiplies a hazard: halving the hazard reduces a risk of 80% to 55%, not to 40%")
                    .help("write a rate instead: rate = \"rate(p) * hr\"; if the model has one move a cycle and other transitions must not reduce its probability per cycle, add stated = true"),
            );
        }
    }
    let has_clock = is(transition::TABULATED) || FAMILIES.iter().any(|(key, _)| is(*key));
    if let Some(node) = table.get(transition::DELAY).filter(|_| !has_clock) {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has both `{}` and `delay`", sort.name))
                .at(node.key_span, "a delay is used only with a time distribution, such as `weibull`, so it would be ignored here")
                .help(match is(transition::RATE) {
                    true => "for a constant rate after the delay write exponential = { rate = \"rate.x\" } instead of `rate`; for any other, write the delay into the formula: rate = \"if(time < 1, 0, rate.x)\"",
                    false => "remove `delay`, or give the transition a time distribution",
                }),
        );
    }
    if let Some(node) = table.get(transition::CLOCK).filter(|_| !has_clock) {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has both `{}` and `clock`", sort.name))
                .at(node.key_span, "a clock is used only with a time distribution, such as `weibull`, so it would be ignored here")
                .help(match is(transition::TABLE) {
                    true => "a life table always uses attained age; remove `clock`",
                    false => "use the clock in the formula, for example rate = \"rate.x * (1 + 0.1 * time)\", or remove `clock`",
                }),
        );
    }
}

/// Function that reads the parameters of one family of time distributions.
type ReadFamily = fn(&mut Numbers) -> Option<TimeDistribution<Expr>>;

/// Families of time-to-event distributions: the key of each family and the function that reads its parameters.
const FAMILIES: [(Key, ReadFamily); 7] = [
    (transition::EXPONENTIAL, |numbers| {
        Some(TimeDistribution::Exponential { rate: numbers.rate(exponential::RATE)? })
    }),
    (transition::WEIBULL, |numbers| {
        let shape = numbers.number(shape_scale::SHAPE)?;
        Some(TimeDistribution::Weibull { shape, scale: numbers.time(shape_scale::SCALE)? })
    }),
    (transition::GOMPERTZ, |numbers| {
        let shape = numbers.number(shape_rate::SHAPE)?;
        Some(TimeDistribution::Gompertz { shape, rate: numbers.rate(shape_rate::RATE)? })
    }),
    (transition::LOGLOGISTIC, |numbers| {
        let shape = numbers.number(shape_scale::SHAPE)?;
        Some(TimeDistribution::LogLogistic { shape, scale: numbers.time(shape_scale::SCALE)? })
    }),
    (transition::LOGNORMAL, |numbers| {
        let meanlog = numbers.log_time(lognormal_time::MEANLOG, lognormal_time::TIME_UNIT)?;
        Some(TimeDistribution::LogNormal { meanlog, sdlog: numbers.number(lognormal_time::SDLOG)? })
    }),
    (transition::GAMMA, |numbers| {
        let shape = numbers.number(shape_rate::SHAPE)?;
        Some(TimeDistribution::Gamma { shape, rate: numbers.rate(shape_rate::RATE)? })
    }),
    (transition::GENERALISED_GAMMA, |numbers| {
        let mu = numbers.log_time(generalised_gamma::MU, generalised_gamma::TIME_UNIT)?;
        let sigma = numbers.number(generalised_gamma::SIGMA)?;
        Some(TimeDistribution::GeneralisedGamma { mu, sigma, q: numbers.number(generalised_gamma::Q)? })
    }),
];

/// Reader of the parameters of a time distribution.
struct Numbers<'a, 'c> {
    numbers: &'a TomlTable,
    scope: &'a Scope<'a>,
    context: &'a Context<'c>,
    out: &'a mut Diagnostics,
}

impl Numbers<'_, '_> {
    fn read(&mut self, key: Key, expected: Expected) -> Option<Expr> {
        // Parameters of a distribution cannot depend on clocks, because time enters a hazard only through the distribution itself.
        let still = Scope { clocks: Clocks::None, ..*self.scope };
        Some(self.context.compile(self.numbers.get(key)?, expected, &still, self.out))
    }

    fn number(&mut self, key: Key) -> Option<Expr> {
        self.read(key, Expected::Number)
    }

    fn rate(&mut self, key: Key) -> Option<Expr> {
        self.read(key, Expected::Rate)
    }

    fn time(&mut self, key: Key) -> Option<Expr> {
        self.read(key, Expected::Time)
    }

    /// Location parameter on the scale of log time, converted to years: for times in months, ln 12 is subtracted.
    fn log_time(&mut self, key: Key, unit: Key) -> Option<Expr> {
        let location = self.number(key)?;
        Some(match self.numbers.text(unit).and_then(parse_length).map_or(1.0, |unit| unit.in_a_year) {
            1.0 => location,
            unit => Expr::Binary(Binary::Subtract, Box::new([location, Expr::Number(math::ln(unit))])),
        })
    }
}

/// The clock of a distribution: one of `time`, `age`, `time_in(...)`.
fn clock(table: &TomlTable, scope: &Scope, context: &Context, out: &mut Diagnostics) -> Option<Clock> {
    let Some(node) = table.get(transition::CLOCK) else {
        return Some(Clock::Time);
    };
    match context.compile(node, Expected::Number, scope, out) {
        Expr::Clock(clock @ (Clock::Time | Clock::Age(_))) => Some(clock),
        // The age at the start of the cycle is used even if formulas use the age at its end, because the hazard of a distribution is
        // integrated from the start to the end of the cycle.
        Expr::Clock(Clock::AgeAtEnd(attribute)) => Some(Clock::Age(attribute)),
        Expr::Clock(clock @ Clock::TimeIn(group)) => {
            let is_state = group < context.names.states.len();
            let group = &context.names.groups[group];
            let outside = scope.states.iter().find(|state| !group.states.contains(state));
            if let Some(&state) = outside {
                let state = &context.names.states[state].name;
                out.push(outside_clock(node, &group.name, is_state, state, scope.states.len() == 1));
            }
            Some(clock)
        }
        // NaN is the placeholder of an expression whose error has already been reported.
        Expr::Number(x) if x.is_nan() => None,
        _ => {
            out.push(
                Diagnostic::error("E0424", "`clock` of a distribution must be a clock in years")
                    .at(node.span, "neither `time`, `age` nor `time_in(...)`")
                    .help("write clock = \"time\", clock = \"age\", or clock = \"time_in(...)\" with a state or group"),
            );
            None
        }
    }
}

fn outside_clock(node: &TomlNode, group: &str, is_state: bool, state: &str, only: bool) -> Diagnostic {
    let label = match is_state {
        true => format!("the transition leaves `{state}`, which is a different state"),
        false => format!("the transition leaves `{state}`, which is not part of `{group}`"),
    };
    let other = "write `time_in(...)` with a state or group that contains all states of `from`";
    let help = match is_state {
        _ if only => format!(
            "write clock = \"time_in({state})\"; or, if the transition should not leave `{state}`, correct `from`"
        ),
        true => {
            format!(
                "write from = \"{group}\", and add a second transition without this clock from the other states; or, to count the time in all \
                 states of `from`, write in place of `{group}` a group that contains them"
            )
        }
        false => format!("list only states of `{group}` in `from`, or {other}"),
    };
    Diagnostic::error("E0312", format!("`time_in({group})` is always 0 in state `{state}`"))
        .at(node.span, label)
        .why(format!("for patients in state `{state}` the hazard would never change over time"))
        .help(help)
}

/// Marks the transitions that are resolved before all others out of a state. By default these are the transitions of which all
/// branches lead to absorbing states. A transition that can also lead to other states (an operation with a risk of death)
/// competes with the others, and so does a transition whose hazard was converted jointly with theirs.
pub fn mark_first(
    root: &TomlTable,
    transitions: &mut [Transition],
    context: &Context,
    out: &mut Diagnostics,
) {
    let node = root.table(scenario::TIME).and_then(|time| time.get(time::FIRST));
    // In continuous time no two transitions fire at the same time.
    if super::time::is_continuous(root) {
        return;
    }
    match node.and_then(TomlNode::text) {
        Some("none") => return,
        Some(_) | None if node.is_none_or(|node| node.items().is_empty()) => {
            for transition in transitions {
                transition.first = !with_its_row(&transition.hazard)
                    && !transition.branches.is_empty()
                    && transition
                        .branches
                        .iter()
                        .all(|branch| branch.to.is_some_and(|to| context.names.states[to].absorbing));
            }
            return;
        }
        _ => {}
    }
    let listed = node.map(TomlNode::names).unwrap_or_default();
    for &(name, place) in &listed {
        if let Some(i) = index(name, place.span, &listed, transitions, context, out) {
            transitions[i].first = true;
            if with_its_row(&transitions[i].hazard) {
                out.push(
                    Diagnostic::warning("W0531", format!("`{name}` was converted jointly with the other transitions out of its state, but is resolved first"))
                        .at(place.span, "the other transitions then apply to the remaining patients only")
                        .why("the published probabilities are reproduced only if all transitions out of the state are resolved together")
                        .help("remove it from `first`; by default, jointly converted transitions are not resolved first"),
                );
            }
        }
    }
}

/// Index of a transition by its name; an unknown name is reported. `listed` is the list with this name: its other names are not
/// suggested again.
pub fn index(
    name: &str,
    place: Span,
    listed: &[(&str, &TomlNode)],
    transitions: &[Transition],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<usize> {
    let found = transitions.iter().position(|transition| transition.name == name);
    if found.is_none() {
        let known = transitions.iter().map(|transition| transition.name.as_str());
        let example = match context.names.states {
            [from, to, ..] => {
                format!(
                    "{{ from = \"{}\", to = \"{}\", rate = 0.1 }} with your states and rate",
                    from.name, to.name
                )
            }
            _ => "{ from = \"...\", to = \"...\", rate = \"...\" }".to_string(),
        };
        let unlisted = known.clone().filter(|other| listed.iter().all(|(name, _)| name != other));
        let help = match suggest(name, unlisted) {
            _ if context.events.contains(&name) => format!(
                "`{name}` is an event beside moves of [events]: it is no transition, so it cannot end a time at risk and no effect acts on it; to change its rate under a strategy, replace a parameter of the rate with `parameters` of the strategy, and write an event that moves patients as a transition"
            ),
            Some(near) => format!("did you mean `{near}`?"),
            None => super::or_known(known, &super::or_declare(name, &example, "[transitions]")),
        };
        out.push(context.unknown("E0406", "transition", name, place, help).echo_of(Part::Transitions));
    }
    found
}
