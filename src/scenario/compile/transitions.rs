//! Transitions: where from, where to, how often.

use super::together::with_its_row;
use super::{Context, REST, SAME_STATE, check_name, label};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Node, Table};
use crate::expression::{Clocks, Expected, Scope};
use crate::keys::HAZARDS;
use crate::source::Span;
use crate::unit::parse_length;
use arcosim_core::math;
use arcosim_core::model::{Binary, Branch, Clock, Expr, Hazard, Share, TimeDistribution, Transition};

/// A life table as transitions refer to it: its name and the attribute that is its age.
pub struct TableName {
    /// Name.
    pub name: String,
    /// Index of the attribute that is the age at the start; none after an error.
    pub age: Option<usize>,
}

/// Where the transitions stand.
#[derive(Default)]
pub struct Places {
    /// Their names.
    pub names: Vec<Span>,
    /// What says how often they fire.
    pub hazards: Vec<Span>,
    /// Their targets.
    pub targets: Vec<Span>,
}

/// All transitions and their places; `first` is decided by [`mark_first`].
pub fn transitions(
    root: &Table,
    tables: &[TableName],
    context: &Context,
    out: &mut Diagnostics,
) -> (Vec<Transition>, Places) {
    let mut transitions = Vec::new();
    let mut places = Places::default();
    for (name, node) in root.sections("transitions") {
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
            stated: table.flag("stated") || matches!(hazard, Hazard::Probability(_) | Hazard::Complement),
            hazard,
            branches,
        });
        let stated = HAZARDS.iter().find_map(|key| table.get(key));
        places.names.push(node.key_span);
        places.hazards.push(stated.map_or(node.key_span, |node| node.key_span));
        places.targets.push(table.get("to").map_or(node.key_span, |node| node.span));
    }
    (transitions, places)
}

/// The states that a transition leaves; an absorbing one among them is an error.
fn sources(table: &Table, context: &Context, out: &mut Diagnostics) -> Vec<usize> {
    let mut all = Vec::new();
    for (name, node) in table.names("from") {
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
                    .why("absorbing means that nobody leaves: the dead do not relapse")
                    .help(format!("take `{state}` out of `from`, or do not declare it absorbing")),
            );
        }
        all.extend(group.states.iter().copied());
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn targets(
    table: &Table,
    from: &[usize],
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Branch> {
    let Some(node) = table.get("to") else {
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
        // That nobody leaves an absorbing state is said already.
        let again = branch.to.filter(|&to| from.contains(&to) && !context.names.states[to].absorbing);
        if let Some(state) = again {
            let state = &context.names.states[state].name;
            out.push(
                Diagnostic::error("E0422", format!("a transition leads from `{state}` to `{state}`"))
                    .at(table.get("from").map_or(node.span, |from| from.span), format!("includes `{state}`"))
                    .also(node.span, format!("leads to `{state}`"))
                    .why("staying is no move; and it would be unclear whether the clock of the state starts again")
                    .help(format!(
                        "take `{state}` out of `from`; for an event that moves nobody write to = \"{SAME_STATE}\""
                    )),
            );
        }
    }
    branches
}

fn hazard(
    name: &str,
    table: &Table,
    tables: &[TableName],
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Hazard {
    let placeholder = Hazard::Rate(Expr::Number(f64::NAN));
    let Some((sort, node)) = HAZARDS.iter().find_map(|key| Some((*key, table.get(key)?))) else {
        return placeholder;
    };
    superfluous(name, sort, table, out);
    let ratio = |out: &mut Diagnostics| match table.get("hazard_ratio") {
        Some(node) => context.compile(node, Expected::Ratio, scope, out),
        None => Expr::Number(1.0),
    };
    match sort {
        "rate" => Hazard::Rate(context.compile(node, Expected::Rate, scope, out)),
        "probability" if node.text().is_some_and(|text| text.trim() == REST) => Hazard::Complement,
        "probability" => {
            Hazard::Probability(context.compile(node, Expected::ProbabilityPerCycle, scope, out))
        }
        "table" => {
            let wanted = node.text().unwrap_or_default();
            let ratio = ratio(out);
            match tables.iter().position(|known| known.name == wanted) {
                Some(table) => match tables[table].age {
                    Some(age) => Hazard::LifeTable { table, age, ratio },
                    None => placeholder,
                },
                None if context.names.tables.iter().any(|one| one.name == wanted) => {
                    out.push(no_life_table(wanted, node));
                    placeholder
                }
                None => {
                    let known = tables.iter().map(|table| table.name.as_str());
                    let help = super::did_you_mean(wanted, known, "declare it under [tables]");
                    context.unknown("E0426", "table", wanted, node.span, help, out);
                    placeholder
                }
            }
        }
        _ => {
            let time = node.table().and_then(|numbers| distribution(sort, numbers, scope, context, out));
            let clock = clock(table, scope, context, out);
            match (time, clock) {
                (Some(time), Some(clock)) => Hazard::Distribution { time, clock, ratio: ratio(out) },
                _ => placeholder,
            }
        }
    }
}

fn no_life_table(name: &str, node: &Node) -> Diagnostic {
    Diagnostic::error("E0424", format!("table `{name}` holds no mortality"))
        .at(node.span, "not a life table")
        .why("a hazard is integrated over the ages of a cycle, which takes probabilities or rates of dying")
        .help(format!(
            "give the table the kind that it has; or read it in a formula: rate = \"lookup({name}, age)\""
        ))
}

/// `clock`, `hazard_ratio` and `stated` beside a hazard that does not read them.
fn superfluous(name: &str, sort: &str, table: &Table, out: &mut Diagnostics) {
    if let Some(node) = table.get("stated").filter(|_| sort == "probability") {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has a probability and `stated`"))
                .at(node.key_span, "says nothing here: a probability always holds as stated")
                .help("take `stated` out; for a hazard that competes give a rate: rate = \"rate(p)\""),
        );
    }
    if let Some(node) = table.get("hazard_ratio") {
        match sort {
            "rate" => out.push(
                Diagnostic::error("E0427", format!("transition `{name}` has a rate and a `hazard_ratio`"))
                    .at(node.key_span, "read only with a life table or a time distribution")
                    .help("multiply inside the expression: rate = \"... * ...\""),
            ),
            "probability" => out.push(
                Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
                    .at(node.key_span, format!("`{name}` has a stated probability"))
                    .why("a hazard ratio multiplies a hazard: halving the hazard turns a risk of 80 % into 55 %, not 40 %")
                    .help("state a rate instead: rate = \"rate(p) * hr\"; it holds as stated too with stated = true"),
            ),
            _ => {}
        }
    }
    if let Some(node) = table.get("clock").filter(|_| matches!(sort, "rate" | "probability" | "table")) {
        out.push(
            Diagnostic::error("E0427", format!("transition `{name}` has a {sort} and a `clock`"))
                .at(node.key_span, "read only with a time distribution")
                .help(match sort {
                    "table" => "a life table always runs on attained age; take `clock` out",
                    _ => "read the clock inside the expression, or take `clock` out",
                }),
        );
    }
}

fn distribution(
    family: &str,
    numbers: &Table,
    scope: &Scope,
    context: &Context,
    out: &mut Diagnostics,
) -> Option<TimeDistribution<Expr>> {
    // Parameters of a distribution are fixed for the sojourn: the clock enters through the distribution alone.
    let still = Scope { clocks: Clocks::None, ..*scope };
    let mut read = |key, expected| Some(context.compile(numbers.get(key)?, expected, &still, out));
    let number = Expected::Number;
    // ln of a time in years is that of the same time in months less ln 12.
    let unit = numbers.text("time_unit").and_then(parse_length).map_or(1.0, |unit| unit.in_a_year);
    let in_years = |location: Expr| match unit {
        1.0 => location,
        unit => Expr::Binary(Binary::Subtract, Box::new([location, Expr::Number(math::ln(unit))])),
    };
    Some(match family {
        "exponential" => TimeDistribution::Exponential { rate: read("rate", Expected::Rate)? },
        "weibull" => {
            TimeDistribution::Weibull { shape: read("shape", number)?, scale: read("scale", Expected::Time)? }
        }
        "gompertz" => {
            TimeDistribution::Gompertz { shape: read("shape", number)?, rate: read("rate", Expected::Rate)? }
        }
        "loglogistic" => TimeDistribution::LogLogistic {
            shape: read("shape", number)?,
            scale: read("scale", Expected::Time)?,
        },
        "lognormal" => TimeDistribution::LogNormal {
            meanlog: in_years(read("meanlog", number)?),
            sdlog: read("sdlog", number)?,
        },
        "gamma" => {
            TimeDistribution::Gamma { shape: read("shape", number)?, rate: read("rate", Expected::Rate)? }
        }
        _ => TimeDistribution::GeneralisedGamma {
            mu: in_years(read("mu", number)?),
            sigma: read("sigma", number)?,
            q: read("q", number)?,
        },
    })
}

/// The clock of a distribution: one of `time`, `age`, `time_in(...)`.
fn clock(table: &Table, scope: &Scope, context: &Context, out: &mut Diagnostics) -> Option<Clock> {
    let Some(node) = table.get("clock") else {
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
                Diagnostic::error("E0424", "a distribution runs on one clock, in years")
                    .at(node.span, "not a clock in years")
                    .help("possible are `time`, `age` and `time_in(...)` with a state or group"),
            );
            None
        }
    }
}

fn outside_clock(node: &Node, group: &str, state: &str) -> Diagnostic {
    Diagnostic::error("E0312", format!("`time_in({group})` does not run in `{state}`"))
        .at(node.span, format!("the transition also leaves `{state}`, which is not in `{group}`"))
        .why(
            "outside the group the clock stands at 0, and the hazard of the first moment would hold for ever",
        )
        .help("leave only states of the group, or take a clock of a group that holds all of them")
}

/// Marks the transitions that are resolved before the rest of a row. By default these are the transitions all of whose
/// branches lead to absorbing states: one that may also lead elsewhere (an operation that some do not survive) competes
/// with the rest, and so does one whose hazard was converted together with theirs.
pub fn mark_first(root: &Table, transitions: &mut [Transition], context: &Context, out: &mut Diagnostics) {
    let node = root.table("time").and_then(|time| time.get("first"));
    match node.and_then(Node::text) {
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
    for (name, place) in node.map(Node::names).unwrap_or_default() {
        if let Some(i) = index(name, place.span, transitions, context, out) {
            transitions[i].first = true;
            if with_its_row(&transitions[i].hazard) {
                out.push(
                    Diagnostic::warning("W0531", format!("`{name}` was converted with the rest of its row, and is resolved before it"))
                        .at(place.span, "the others compete for those who are left")
                        .why("the row as it was published comes out only if all of its ways out are resolved together")
                        .help("take it out of `first`; by default such transitions are not among them"),
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
        context.unknown("E0406", "transition", name, place, help, out);
    }
    found
}
