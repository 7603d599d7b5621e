//! Transitions: where from, where to, how often.

use super::together::with_its_row;
use super::{Context, REST, SAME_STATE, check_name, label};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Clocks, Expected, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::read::unit::parse_length;
use crate::schema::Key;
use crate::schema::keys::{
    exponential, generalised_gamma, lognormal_time, scenario, shape_rate, shape_scale, time, transition,
    transitions,
};
use arcosim_core::math;
use arcosim_core::model::{Binary, Branch, Clock, Expr, Hazard, Share, TimeDistribution, Transition};

/// A life table as transitions refer to it: its name and the attribute that is its age.
pub struct TableName {
    /// Name.
    pub name: String,
    /// Index of the attribute that is the age at the start; none after an error.
    pub age: Option<usize>,
}

/// Positions of the transitions.
#[derive(Default)]
pub struct TransitionPlaces {
    /// Their names.
    pub names: Vec<Span>,
    /// What says how often they fire.
    pub hazards: Vec<Span>,
    /// Their targets.
    pub targets: Vec<Span>,
}

/// All transitions and their places; `first` is decided by [`mark_first`].
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
        check_name(name, node.key_span, out);
        let from = sources(table, context, out);
        let scope = Scope { states: &from, clocks: Clocks::Cycle, attributes: true, state: true };
        let branches = targets(table, &from, &scope, context, out);
        let hazard = hazard(name, table, tables, &scope, context, out);
        transitions.push(Transition {
            name: name.to_string(),
            label: label(table, name),
            from,
            first: false,
            stated: table.flag(transition::STATED)
                || matches!(hazard, Hazard::Probability(_) | Hazard::Complement),
            hazard,
            branches,
        });
        let stated = transitions::HAZARDS.iter().find_map(|key| table.get(*key));
        places.names.push(node.key_span);
        places.hazards.push(stated.map_or(node.key_span, |node| node.key_span));
        places.targets.push(table.get(transition::TO).map_or(node.key_span, |node| node.span));
    }
    (transitions, places)
}

/// The states that a transition leaves; an absorbing one among them is an error.
fn sources(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<usize> {
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
                true => "absorbing".to_string(),
                false => format!("this group contains `{state}`, which is absorbing"),
            };
            context.unresolved.set(true);
            out.push(
                Diagnostic::error("E0421", format!("a transition leaves the absorbing state `{state}`"))
                    .at(node.span, label)
                    .why("no patient can leave an absorbing state")
                    .help(format!("remove `{state}` from `from`, or remove `absorbing = true`")),
            );
        }
        all.extend(group.states.iter().copied());
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn targets(
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
    for branch in &branches {
        // Transitions out of an absorbing state are reported elsewhere.
        let again = branch.to.filter(|&to| from.contains(&to) && !context.names.states[to].absorbing);
        if let Some(state) = again {
            let state = &context.names.states[state].name;
            out.push(
                Diagnostic::error("E0422", format!("a transition leads from `{state}` to `{state}`"))
                    .at(table.get(transition::FROM).map_or(node.span, |from| from.span), format!("includes `{state}`"))
                    .also(node.span, format!("leads to `{state}`"))
                    .why("it would be unclear whether time in the state starts again")
                    .help(format!(
                        "remove `{state}` from `from`; for an event that leaves patients in their state, write to = \"{SAME_STATE}\""
                    )),
            );
        }
    }
    branches
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
    let time = family.and_then(|(read, numbers)| read(&mut Numbers { numbers, scope, context, out }));
    let clock = clock(table, scope, context, out);
    match (time, clock) {
        (Some(time), Some(clock)) => Hazard::Distribution { time, clock, ratio: ratio(out) },
        _ => UNREADABLE,
    }
}

/// The placeholder for a hazard after an error.
const UNREADABLE: Hazard = Hazard::Rate(Expr::Number(f64::NAN));

/// The life table that a node names, and the attribute that is its age.
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
            out.push(no_life_table(wanted, node));
        }
        None => {
            let known = tables.iter().map(|table| table.name.as_str());
            let help = super::did_you_mean(wanted, known, "declare it under [tables]");
            out.push(context.unknown("E0426", "table", wanted, node.span, help).echo_of(Part::Tables));
        }
    }
    None
}

fn no_life_table(name: &str, node: &TomlNode) -> Diagnostic {
    Diagnostic::error("E0424", format!("table `{name}` is not a life table"))
        .at(node.span, "its kind is neither a mortality rate nor a probability of death")
        .why("`table` takes mortality at attained age, so it needs probabilities or rates of death by age")
        .help(format!("correct `kind` of the table; or use it in a formula: rate = \"lookup({name}, age)\""))
}

/// `clock`, `hazard_ratio` and `stated` with a hazard that does not read them.
fn superfluous(name: &str, table: &TomlTable, out: &mut Diagnostics) {
    let Some(sort) = transitions::HAZARDS.iter().find(|key| table.get(**key).is_some()) else { return };
    let is = |key: Key| sort.name == key.name;
    if let Some(node) = table.get(transition::STATED).filter(|_| is(transition::PROBABILITY)) {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has a probability and `stated`"))
                .at(node.key_span, "has no meaning here: a probability is always used as stated")
                .help("remove `stated`, which is for rates; if other transitions compete with this one, write rate = \"rate(p)\" instead"),
        );
    }
    if let Some(node) = table.get(transition::HAZARD_RATIO) {
        if is(transition::RATE) {
            out.push(
                Diagnostic::error("E0427", format!("transition `{name}` has a rate and a `hazard_ratio`"))
                    .at(node.key_span, "used only with a life table or a time distribution")
                    .help("multiply in the formula: rate = \"... * ...\""),
            );
        } else if is(transition::PROBABILITY) {
            out.push(
                Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
                    .at(node.key_span, format!("`{name}` has a stated probability"))
                    .why("a hazard ratio multiplies a hazard: halving the hazard reduces a risk of 80% to 55%, not to 40%")
                    .help("write a rate instead: rate = \"rate(p) * hr\"; add stated = true if its probability per cycle must not compete"),
            );
        }
    }
    let has_clock = FAMILIES.iter().any(|(key, _)| is(*key));
    if let Some(node) = table.get(transition::CLOCK).filter(|_| !has_clock) {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has a {} and a `clock`", sort.name))
                .at(node.key_span, "used only with a time distribution")
                .help(match is(transition::TABLE) {
                    true => "a life table always uses attained age; remove `clock`",
                    false => "use the clock in the formula, or remove `clock`",
                }),
        );
    }
}

/// Reads the numbers of a family.
type ReadFamily = fn(&mut Numbers) -> Option<TimeDistribution<Expr>>;

/// The families of times to an event: the key of each, and how its numbers are read.
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

/// The numbers of a time distribution.
struct Numbers<'a, 'c> {
    numbers: &'a TomlTable,
    scope: &'a Scope<'a>,
    context: &'a Context<'c>,
    out: &'a mut Diagnostics,
}

impl Numbers<'_, '_> {
    fn read(&mut self, key: Key, expected: Expected) -> Option<Expr> {
        // Parameters of a distribution are fixed for the sojourn: the clock enters through the distribution alone.
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

    /// The location of the logarithm of a time: ln of a time in years is that of the same time in months less ln 12.
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
        // A distribution is integrated over the cycle, whichever of its ages formulas read.
        Expr::Clock(Clock::AgeAtEnd(attribute)) => Some(Clock::Age(attribute)),
        Expr::Clock(clock @ Clock::TimeIn(group)) => {
            let group = &context.names.groups[group];
            let outside = scope.states.iter().find(|state| !group.states.contains(state));
            if let Some(&state) = outside {
                out.push(outside_clock(node, &group.name, &context.names.states[state].name));
            }
            Some(clock)
        }
        // The placeholder of an expression that has been reported already.
        Expr::Number(x) if x.is_nan() => None,
        _ => {
            out.push(
                Diagnostic::error("E0424", "`clock` of a distribution must be a clock in years")
                    .at(node.span, "not a clock in years")
                    .help("write `time`, `age` or `time_in(...)` with a state or group"),
            );
            None
        }
    }
}

fn outside_clock(node: &TomlNode, group: &str, state: &str) -> Diagnostic {
    Diagnostic::error("E0312", format!("`time_in({group})` does not run in `{state}`"))
        .at(node.span, format!("the transition also leaves `{state}`, which is not part of `{group}`"))
        .why(
            "outside the group this clock stays at 0, so the hazard would never change",
        )
        .help("use the transition only for states of the group, or use the clock of a group that contains all its states")
}

/// Marks the transitions that are resolved before the rest of a row. By default these are the transitions all of whose
/// branches lead to absorbing states: one that may also lead elsewhere (an operation that some do not survive) competes
/// with the rest, and so does one whose hazard was converted together with theirs.
pub fn mark_first(
    root: &TomlTable,
    transitions: &mut [Transition],
    context: &Context,
    out: &mut Diagnostics,
) {
    let node = root.table(scenario::TIME).and_then(|time| time.get(time::FIRST));
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
    for (name, place) in node.map(TomlNode::names).unwrap_or_default() {
        if let Some(i) = index(name, place.span, transitions, context, out) {
            transitions[i].first = true;
            if with_its_row(&transitions[i].hazard) {
                out.push(
                    Diagnostic::warning("W0531", format!("`{name}` was converted together with its row, but is resolved first"))
                        .at(place.span, "the other transitions then apply to the remaining patients only")
                        .why("the published probabilities are reproduced only if all transitions of the row are resolved together")
                        .help("remove it from `first`; such transitions are not resolved first by default"),
                );
            }
        }
    }
}

/// The index of a transition.
pub fn index(
    name: &str,
    place: Span,
    transitions: &[Transition],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<usize> {
    let found = transitions.iter().position(|transition| transition.name == name);
    if found.is_none() {
        let known = transitions.iter().map(|transition| transition.name.as_str());
        let help = super::did_you_mean(name, known, "declare it under [transitions]");
        out.push(context.unknown("E0406", "transition", name, place, help).echo_of(Part::Transitions));
    }
    found
}
