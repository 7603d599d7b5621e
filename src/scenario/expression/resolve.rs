//! Resolves names in expressions: parameter, attribute, clock, category or state.

use super::kinds::Quantity;
use super::lexer::{KEYWORDS, Local};
use super::lower::{Lowering, Value};
use super::parser::{Node, NodeKind, Word};
use super::{Clocks, functions, unknown};
use crate::diagnostic::{Diagnostic, Part, suggest};
use crate::parameters::Kind;
use crate::read::unit::{Per, cost_per};
use arcosim_core::model::{Clock, Counter, Expr, Function, Selector};

/// Meaning of a name that is not a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Clock(Clock),
    State,
    /// Length of a cycle in years, which is a constant of the scenario.
    CycleLength,
    /// Value of a continuous attribute at the start.
    Start(usize),
    Categorical(usize),
}

/// Words with the same meaning in every scenario.
const WORDS: [(&str, Meaning); 4] = [
    ("time", Meaning::Clock(Clock::Time)),
    ("cycle", Meaning::Clock(Clock::Cycle)),
    ("cycle_length", Meaning::CycleLength),
    ("state", Meaning::State),
];
/// Name of attained age, in scenarios with an age.
pub(super) const AGE: &str = "age";
/// Name of age at the start, in scenarios with an age.
const AGE_AT_START: &str = "age_at_start";

/// All words with the same meaning in every scenario.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(word, _)| *word)
}

/// Whether a word has a fixed meaning in expressions, so that no part of a scenario may have this name.
pub fn is_word(name: &str) -> bool {
    words().chain(KEYWORDS).chain(functions::names()).any(|word| word == name)
}

/// Whether an expression could read this name without a parameter, so that no parameter may have this name.
pub fn is_reserved(name: &str) -> bool {
    words().chain(KEYWORDS).chain([AGE, AGE_AT_START]).any(|word| word == name)
}

impl<'r> Lowering<'_, 'r> {
    /// Meaning of a name that is not a parameter.
    fn meaning(&self, name: &str) -> Option<Meaning> {
        let attribute = |wanted: &str| self.names.attributes.iter().position(|a| a.name == wanted);
        if let Some((_, meaning)) = WORDS.iter().find(|(word, _)| *word == name) {
            return Some(*meaning);
        }
        match (name, self.names.age) {
            (AGE, Some(age)) => return Some(Meaning::Clock(self.age(age))),
            (AGE_AT_START, Some(age)) => return Some(Meaning::Start(age)),
            _ => {}
        }
        if let Some(index) = attribute(name) {
            return Some(match self.names.attributes[index].is_number() {
                false => Meaning::Categorical(index),
                // The age attribute of the life tables means attained age, even if the attribute is not called `age`.
                true if self.names.age == Some(index) => Meaning::Clock(self.age(index)),
                true => Meaning::Start(index),
            });
        }
        let index = attribute(name.strip_suffix("_at_start")?)?;
        self.names.attributes[index].is_number().then_some(Meaning::Start(index))
    }

    /// The clock `age` for this expression; at a point in time, the start and the end of a cycle are not
    /// distinguished.
    fn age(&self, attribute: usize) -> Clock {
        match self.names.age_at_end && self.scope.clocks != Clocks::Point {
            true => Clock::AgeAtEnd(attribute),
            false => Clock::Age(attribute),
        }
    }

    /// Compiles a name without brackets or arguments.
    pub(super) fn name(&mut self, name: &str, at: Local) -> Option<Value> {
        let meaning = self.meaning(name);
        if let Some(index) = self.formula(name) {
            let other = match (self.names.parameters.get(name), meaning) {
                (Some(_), _) => "of a parameter",
                (None, Some(_)) if is_reserved(name) => "a built-in name",
                (None, Some(_)) => "of an attribute",
                (None, None) => return self.named(index, at),
            };
            let diagnostic = self.formula_and(index, other, at);
            self.report.push(diagnostic);
            return None;
        }
        match (self.names.parameters.get(name), meaning) {
            (Some(_), Some(_)) => self.error(
                "E0319",
                format!("`{name}` has two meanings"),
                at,
                match is_reserved(name) {
                    true => "the name of a parameter, and also a built-in name",
                    false => "the name of a parameter, and also of an attribute",
                },
                |d| {
                    d.why("the result depends on which of the two is used")
                        .help(format!("rename the parameter in the parameter table, for example to `{name}.value`, and write the new name in the formulas that mean the parameter"))
                },
            ),
            (Some(&index), None) => Some(self.parameter(index)),
            (None, Some(meaning)) => self.read(name, meaning, at),
            (None, None) => {
                let diagnostic = unknown::name(name, at, self);
                self.report.push(diagnostic);
                None
            }
        }
    }

    /// Compiles a parameter and marks it as used.
    fn parameter(&mut self, index: usize) -> Value {
        if let Some(used) = self.names.used.borrow_mut().get_mut(index) {
            *used = true;
        }
        let row = &self.names.rows[index];
        let cycle = self.names.cycle_years;
        let read = Expr::Parameter(index);
        match (row.kind, cost_per(&row.unit)) {
            // Costs per month and similar units are converted when the table is read; costs per cycle are converted
            // here, because the cycle length is known only here.
            (Kind::Cost, Per::Cycle) => {
                Value::new(read.times(Expr::Number(1.0 / cycle)), Quantity::CostPerYear)
            }
            (Kind::Cost, Per::Time(_) | Per::PersonTime(_)) => Value::new(read, Quantity::CostPerYear),
            _ => Value::new(read, Quantity::of(row.kind, row.period_years, cycle)),
        }
    }

    fn read(&mut self, name: &str, meaning: Meaning, at: Local) -> Option<Value> {
        match meaning {
            Meaning::Clock(clock) => {
                let quantity = if clock == Clock::Cycle { Quantity::Number } else { Quantity::Clock };
                if clock == Clock::Cycle && self.scope.clocks == Clocks::Point {
                    return self.no_cycle(at);
                }
                if clock == Clock::Cycle && self.names.continuous {
                    return self.error("E0464", "`cycle` is the number of the cycle, but patients may move at any time".to_string(), at, "has no meaning with moves = \"continuous\"", |d| {
                        d.why("in continuous time the cycle is only the step of the calculation, and results must not depend on it")
                            .help("write `time` for the years since the start, for example `time < 1` in place of a number of cycles that is a year")
                    });
                }
                self.allowed(self.scope.clocks != Clocks::None, name, at)?;
                Some(Value::new(Expr::Clock(clock), quantity))
            }
            Meaning::CycleLength => {
                Some(Value::new(Expr::CycleLength(self.names.cycle_years), Quantity::Time))
            }
            Meaning::Start(index) => {
                self.allowed(self.scope.attributes, name, at)?;
                let age = self.names.age == Some(index);
                let quantity = if age { Quantity::Clock } else { Quantity::Number };
                Some(Value::new(Expr::Attribute(index), quantity))
            }
            Meaning::State | Meaning::Categorical(_) => {
                let cases = self.cases(meaning);
                let example = cases.first().map_or("..", String::as_str);
                let rows: Vec<String> = cases.iter().map(|case| format!("factor.{case}")).collect();
                let (what, one, values) = match meaning {
                    Meaning::State => ("", "state", "states"),
                    _ => ("attribute ", "category", "categories"),
                };
                let title = format!("{what}`{name}` is not a number: its values are {values}");
                self.error("E0309", title, at, "used as a number", |d| {
                    d.why("a category, such as a stage of disease, has no numerical value, so the formula would have no result")
                        .help(format!("for a condition write `{name} == {example}`; for one number per {one} write for example `factor[{name}]`, with these rows in the parameter table: {}", unknown::list(&rows)))
                })
            }
        }
    }

    /// Reports a name that may not be used in this expression.
    pub(super) fn allowed(&mut self, allowed: bool, name: &str, at: Local) -> Option<()> {
        if allowed {
            return Some(());
        }
        let per_patient = self.scope.attributes;
        let age = self.names.age.is_some() && name == AGE && per_patient;
        let label = match self.meaning(name) {
            _ if per_patient => "changes over time",
            Some(Meaning::Clock(Clock::Time | Clock::Cycle)) => "changes over time",
            Some(Meaning::Start(_) | Meaning::Categorical(_)) => "differs between patients",
            _ => "differs between patients and changes over time",
        };
        if let Some(parameter) = self.scope.value_of {
            return self.one_value_for_all(name, parameter, at, label);
        }
        let (by_state, meaning) = (self.scope.state, self.meaning(name));
        let clock = if name.starts_with("time_in") { name } else { "time" };
        let title = format!("`{name}` cannot be used in a formula that is evaluated only once");
        self.error("E0312", title, at, label, |d| {
            let d = d.why(if per_patient && !by_state {
                "this formula is evaluated only once for each patient, so a value that changes over time would never be updated"
            } else if per_patient {
                "this formula is evaluated only once for each patient and state, so a value that changes over time would never be updated"
            } else {
                "this formula is evaluated only once, before the simulation starts, so it cannot depend on the patient or on time"
            });
            if age {
                d.help("`age` is attained age, which changes with time; write `age_at_start`")
            } else if per_patient {
                let usable = match by_state {
                    true => "parameters, attributes and `state`",
                    false => "parameters and attributes",
                };
                if name == "state" {
                    return d.help(format!("write a formula without `state`, from {usable} only; to let a risk or an amount depend on the state, write `state` into the `rate` of a transition or the `per_year` of a reward"));
                }
                d.help(format!("write a formula without `{name}`, from {usable} only; to let a risk or an amount change over time, write `{clock}` into the `rate` of a transition or the `per_year` of a reward, such as rate = \"if({clock} < 5 years, 0.1, 0.2)\""))
            } else if let Some(Meaning::Categorical(_)) = meaning {
                d.help(format!("in an attribute or in [population.start], write by = \"{name}\" beside the shares or the distribution; elsewhere write a formula without `{name}`, from parameters only, and let the `rate` of a transition depend on it, such as rate = \"rate.x[{name}]\""))
            } else {
                d.help(format!("write a formula without `{name}`, from parameters only; to let a risk depend on patients or time, write attributes or `time` into the `rate` of a transition, such as rate = \"if(time < 5 years, 0.1, 0.2)\""))
            }
        })
    }

    /// Reports that the new value of a parameter depends on the patient or on time.
    fn one_value_for_all(&mut self, name: &str, parameter: &str, at: Local, label: &str) -> Option<()> {
        let condition = match self.meaning(name) {
            Some(meaning @ (Meaning::State | Meaning::Categorical(_))) => {
                format!("{name} == {}", self.cases(meaning).first().map_or("...", String::as_str))
            }
            Some(Meaning::Clock(Clock::Time)) => format!("{name} < 5 years"),
            _ if name.starts_with("time_in(") => format!("{name} < 5 years"),
            _ => format!("{name} < 65"),
        };
        let title = format!("`{name}` cannot be used in the value of parameter `{parameter}`");
        self.error("E0312", title, at, label, |d| {
            d.why("a parameter has one value per strategy, the same for all patients and at all times").help(format!(
                "write a value without `{name}` here; in the formulas that use `{parameter}`, write for example \
                 `{parameter} * if({condition}, 1, 2)`, with your own condition and factors"
            ))
        })
    }

    /// Names of the categories of an attribute, or of the states.
    fn cases(&self, meaning: Meaning) -> Vec<String> {
        match meaning {
            Meaning::Categorical(index) => self.names.attributes[index].categories().to_vec(),
            _ => self.names.states.iter().map(|s| s.name.clone()).collect(),
        }
    }

    /// Selector (the state or a categorical attribute) to which a node refers; `None` for other nodes.
    pub(super) fn selector(&self, node: &Node) -> Option<Selector> {
        let NodeKind::Name(name) = node.kind else {
            return None;
        };
        match self.meaning(name)? {
            Meaning::State => Some(Selector::State),
            Meaning::Categorical(index) => Some(Selector::Attribute(index)),
            _ => None,
        }
    }

    /// Compiles `sex == female`: a selector compared with one word.
    pub(super) fn equality(&mut self, selector: &Node<'r>, other: &Node<'r>, negated: bool) -> Option<Value> {
        let text = self.report.slice(other.at);
        let word = match other.kind {
            NodeKind::Name(text) | NodeKind::Quoted(text) => Word { text, at: other.at },
            NodeKind::Number(_) => Word { text, at: other.at },
            _ => {
                let name = self.report.slice(selector.at);
                let (noun, meaning) = match self.selector(selector) {
                    Some(Selector::Attribute(index)) => ("category", Meaning::Categorical(index)),
                    _ => ("state", Meaning::State),
                };
                let cases = self.cases(meaning);
                let example = cases.first().map_or("...", String::as_str);
                let several = cases.get(..2).map_or_else(|| example.to_owned(), |two| two.join(", "));
                let title = format!("`{name}` is compared with `{text}`, which is not the name of a {noun}");
                return self.error("E0309", title, other.at, format!("must be the name of a {noun}"), |d| {
                    d.help(format!("write the name of a {noun}, such as `{name} == {example}`, or a list of names: `{name} in ({several})`"))
                });
            }
        };
        self.among(selector, &[word], negated, false)
    }

    /// Compiles `selector in members`.
    pub(super) fn membership(&mut self, subject: &Node<'r>, words: &[Word], negated: bool) -> Option<Value> {
        if self.selector(subject).is_some() {
            return self.among(subject, words, negated, true);
        }
        self.node(subject)?;
        let text = self.report.slice(subject.at);
        self.error(
            "E0301",
            format!("`in` needs a categorical attribute or `state`, but `{text}` is neither"),
            subject.at,
            "has no categories",
            |d| {
                d.help(format!(
                    "compare `{text}` with numbers instead of a list, such as `{text} >= 50 and {text} < 60`"
                ))
            },
        )
    }

    fn among(&mut self, subject: &Node<'r>, words: &[Word], negated: bool, groups: bool) -> Option<Value> {
        let selector = self.selector(subject)?;
        let name = self.report.slice(subject.at).trim_matches(['(', ')']).to_owned();
        let may = if selector == Selector::State { self.scope.state } else { self.scope.attributes };
        let allowed = self.allowed(may, &name, subject.at);
        let mut members = vec![];
        let mut complete = !words.is_empty();
        for word in words {
            match self.members(selector, &name, *word, groups) {
                Some(found) => members.extend(found),
                None => complete = false,
            }
        }
        members.sort_unstable();
        members.dedup();
        allowed?;
        let among = complete.then_some(Expr::Among(selector, members))?;
        let expr = if negated { Expr::Call(Function::Not, vec![among]) } else { among };
        Some(Value::new(expr, Quantity::Condition))
    }

    /// Categories or states to which one word refers.
    fn members(&mut self, selector: Selector, name: &str, word: Word, groups: bool) -> Option<Vec<usize>> {
        let meaning = match selector {
            Selector::Attribute(index) => Meaning::Categorical(index),
            Selector::State => Meaning::State,
        };
        let cases = self.cases(meaning);
        if let Some(index) = cases.iter().position(|case| case == word.text) {
            return Some(vec![index]);
        }
        let group = self.names.groups.iter().find(|g| selector == Selector::State && g.name == word.text);
        let text = word.text;
        match group {
            Some(group) if groups => Some(group.states.clone()),
            Some(_) => self.error(
                "E0308",
                format!("`{text}` is a group of states, not a state"),
                word.at,
                "`==` and `!=` need a single state",
                |d| {
                    d.help(format!(
                        "write `state in {text}` for all states of the group, or `state not in {text}` for all other states"
                    ))
                    .echo_of(Part::States)
                    .echo_of(Part::Groups)
                },
            ),
            None => {
                let names =
                    self.names.groups.iter().map(|g| g.name.as_str()).filter(|_| selector == Selector::State);
                let near = suggest(text, cases.iter().map(String::as_str).chain(names));
                let all: Vec<String> = self.names.groups.iter().map(|g| g.name.clone()).collect();
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if selector == Selector::State && groups => {
                        format!("write one of the states or groups: {}", unknown::list(&all))
                    }
                    None if selector == Selector::State => {
                        format!("write one of the states: {}", unknown::list(&cases))
                    }
                    None => format!("write one of the categories of `{name}`: {}", unknown::list(&cases)),
                };
                let (code, what, label, parts) = match selector {
                    Selector::State => (
                        "E0308",
                        "state or group".to_owned(),
                        match near {
                            Some(_) => format!("the states and groups are {}", unknown::list(&all)),
                            None => "no state or group has this name".to_owned(),
                        },
                        [Part::States, Part::Groups],
                    ),
                    Selector::Attribute(_) => (
                        "E0307",
                        format!("category of attribute `{name}`"),
                        match near {
                            Some(_) => format!("the categories are {}", unknown::list(&cases)),
                            None => format!("no category of `{name}` has this name"),
                        },
                        [Part::Parameters, Part::Attributes],
                    ),
                };
                self.error(code, format!("`{text}` is not a {what}"), word.at, label, |d| {
                    let within = if selector == Selector::State { "in " } else { "" };
                    let why = format!("no patient would ever be {within}`{text}`, so the condition would not select the patients that you mean");
                    let d = d.why(why).help(help);
                    parts.into_iter().fold(d, Diagnostic::echo_of)
                })
            }
        }
    }

    /// Compiles `count(transition)`, written at `call`.
    pub(super) fn count(&mut self, argument: &Node<'r>, call: Local) -> Option<Value> {
        let text = self.report.slice(argument.at);
        let counters = || self.names.groups.iter().enumerate().filter(|(_, group)| group.counter.is_some());
        let named = |name: &str| counters().find(|(_, group)| group.name == Counter::name(name));
        let known = match argument.kind {
            NodeKind::Name(name) | NodeKind::Quoted(name) => named(name).map(|(g, _)| g),
            _ => None,
        };
        let Some(group) = known else {
            let title = format!("`{text}` is not a transition that is counted");
            return self.error("E0308", title, argument.at, "no transition with this name has `counted_up_to`", |d| {
                d.why("each number of occurrences that a formula tells apart divides the patients")
                    .help(format!("write counted_up_to = 3 in the section of transition `{text}`, with the number from which on more occurrences make no difference"))
            });
        };
        let name = format!("count({text})");
        self.allowed(self.scope.clocks != Clocks::None, &name, call)?;
        Some(Value::new(Expr::Clock(Clock::Count(group)), Quantity::Number))
    }

    /// Compiles `time_in(group)`, written at `call`.
    pub(super) fn time_in(&mut self, argument: &Node<'r>, call: Local) -> Option<Value> {
        let text = self.report.slice(argument.at);
        let known = match argument.kind {
            NodeKind::Name(name) | NodeKind::Quoted(name) => {
                self.names.groups.iter().position(|g| g.name == name)
            }
            _ => None,
        };
        let Some(group) = known else {
            let groups = self.names.groups.iter().filter(|group| group.counter.is_none());
            let groups: Vec<String> = groups.map(|group| group.name.clone()).collect();
            let near = suggest(text, groups.iter().map(String::as_str));
            let title = format!("`{text}` is not a state or group");
            let label = format!("the states and groups are {}", unknown::list(&groups));
            return self.error("E0308", title, argument.at, label, |d| {
                d.help(match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write one of these names in the brackets".to_owned(),
                })
                .echo_of(Part::States)
                .echo_of(Part::Groups)
            });
        };
        let name = format!("time_in({text})");
        let others = if self.names.age.is_some() { "`time` or `age`" } else { "`time`" };
        if self.scope.clocks == Clocks::Model {
            return self.error(
                "E0312",
                format!("`{name}` cannot be used in an amount on entering a state"),
                call,
                "may have no value when the amount is calculated",
                |d| {
                    d.why(format!("an amount on entering a state is calculated in the state that the patient leaves, which may be outside `{text}`"))
                        .help(format!("if the amount depends on the time in `{text}`, write on = [\"...\"] instead of `on_entering`, with the names of transitions out of `{text}` in place of the dots; otherwise write {others} instead of `{name}`"))
                },
            );
        }
        self.allowed(self.scope.clocks != Clocks::None, &name, call)?;
        self.runs(group, &name, argument.at)?;
        Some(Value::new(Expr::Clock(Clock::TimeIn(group)), Quantity::Clock))
    }

    /// Reports `cycle` in a correction by points, where a patient is counted at points in time and each point belongs
    /// to two cycles.
    fn no_cycle(&mut self, at: Local) -> Option<Value> {
        let title = "`cycle` is used in an amount that is evaluated at the boundaries between cycles";
        self.error("E0312", title, at, "the number of the cycle is ambiguous here", |d| {
            d.why("the end of one cycle is the start of the next, so it is unclear which of the two numbers `cycle` would be")
                .help(
                    "to count the amount once per cycle, write correction = \"life-table\" in the section of the outcome to which the \
                     reward adds; to keep counting it at the boundaries, write `time` (the years since the start) instead of `cycle`",
                )
        })
    }

    /// Reports a clock that does not run in any of the states of this expression.
    fn runs(&mut self, group: usize, name: &str, at: Local) -> Option<()> {
        let states = self.scope.states;
        let inside = |state: &usize| self.names.groups[group].states.contains(state);
        if states.is_empty() || states.iter().any(inside) {
            return Some(());
        }
        let named: Vec<String> = states.iter().map(|&s| self.names.states[s].name.clone()).collect();
        let group = self.names.groups[group].name.clone();
        let example = named[0].clone();
        let title = format!("`{name}` is always 0 here");
        self.error("E0312", title, at, format!("this formula is used only in {}", unknown::list(&named)), |d| {
            d.why(format!("the time is counted only while a patient is in `{group}`, so here it would never increase"))
                .help(format!("write a state or group in which the formula is used, such as `time_in({example})`"))
        })
    }

    /// Compiles `base[selector, ...]`, which needs one parameter for each category or state.
    pub(super) fn choice(&mut self, base: Word, selectors: &[Word], at: Local) -> Option<Value> {
        let mut meanings = vec![];
        let mut complete = !selectors.is_empty();
        for word in selectors {
            match self.meaning(word.text) {
                Some(meaning @ (Meaning::State | Meaning::Categorical(_))) => {
                    let may =
                        if meaning == Meaning::State { self.scope.state } else { self.scope.attributes };
                    complete &= self.allowed(may, word.text, word.at).is_some();
                    meanings.push(meaning);
                }
                other => {
                    complete = false;
                    let diagnostic = unknown::selector(base.text, *word, other.is_some(), self);
                    self.report.push(diagnostic);
                }
            }
        }
        let mut found = Found::default();
        let expr = complete.then(|| self.pick(base.text, &meanings, &mut found))?;
        if !found.missing.is_empty() {
            let diagnostic = unknown::cases(base, selectors, &found.missing, found.present.len(), self);
            self.report.push(diagnostic);
            return None;
        }
        if found.present.is_empty() {
            return Some(Value::new(expr, Quantity::Number));
        }
        let quantity = self.shared(&found.present, at)?;
        Some(Value::new(expr, quantity))
    }

    /// Builds the choice by the first selector and, within each case, by the other selectors.
    fn pick(&mut self, name: &str, selectors: &[Meaning], found: &mut Found) -> Expr {
        let Some((first, rest)) = selectors.split_first() else {
            return match self.names.parameters.get(name) {
                Some(&index) => {
                    let value = self.parameter(index);
                    found.present.push((value.quantity, name.to_owned()));
                    value.expr
                }
                None => {
                    found.missing.push(name.to_owned());
                    Expr::Number(f64::NAN)
                }
            };
        };
        let selector = match first {
            Meaning::Categorical(index) => Selector::Attribute(*index),
            _ => Selector::State,
        };
        let cases = self.cases(*first).into_iter().enumerate().map(|(index, case)| {
            // The expression is never evaluated in other states; NaN reveals an error in the program if it is.
            if selector == Selector::State && !self.scope.states.contains(&index) {
                return Expr::Number(f64::NAN);
            }
            self.pick(&format!("{name}.{case}"), rest, found)
        });
        Expr::Select(selector, cases.collect())
    }
}

/// Parameters found and missing for a choice.
#[derive(Default)]
struct Found {
    present: Vec<(Quantity, String)>,
    missing: Vec<String>,
}
