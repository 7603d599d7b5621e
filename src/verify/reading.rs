//! Index of the states and strategies in which each parameter is used.

use arcosim_core::model::hazard::insert;
use arcosim_core::model::{Binary, Expr, Function, Model, Reward, Selector, Share};
use arcosim_scenario::parameters::Kind;

/// Kinds of parameters that rewards count: costs and quality of life.
pub const COUNTED: [Kind; 3] = [Kind::Cost, Kind::Utility, Kind::Disutility];

/// One use of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Index of the parameter.
    pub parameter: usize,
    /// Description of the place: "transition `die`".
    pub place: String,
    /// States in which the parameter is used, and target states of the transition. Empty if the use does not depend on
    /// the state.
    pub states: Vec<usize>,
    /// Strategies to which the use is limited; `None` for all strategies.
    pub strategies: Option<Vec<usize>>,
    /// Index of the transition whose hazard or effect uses the parameter.
    pub transition: Option<usize>,
}

/// All uses of parameters, except in the definition of the population, which has no state or strategy.
pub fn readings(model: &Model) -> Vec<Reading> {
    let mut all = Vec::new();
    let at = |place: String, strategies: Option<Vec<usize>>, transition: Option<usize>| Reading {
        parameter: 0,
        place,
        states: Vec::new(),
        strategies,
        transition,
    };
    for (t, transition) in model.transitions.iter().enumerate() {
        let place = at(format!("transition `{}`", transition.name), None, Some(t));
        transition.expressions(&mut |expr| {
            let of_state = |from: usize| in_transition(model, t, from);
            add(&mut all, &place, expr, &transition.from, of_state);
        });
    }
    for (s, strategy) in model.strategies.iter().enumerate() {
        let name = &strategy.name;
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                let transition = &model.transitions[t];
                let words = format!("the effect of strategy `{name}` on `{}`", transition.name);
                let place = at(words, Some(vec![s]), Some(t));
                let of_state = |from: usize| in_transition(model, t, from);
                add(&mut all, &place, &effect.ratio, &transition.from, of_state);
            }
        }
        let place = at(format!("procedures of strategy `{name}` at the start"), Some(vec![s]), None);
        let starts: Vec<usize> = model.start.iter().map(|(state, _)| *state).collect();
        for branch in &strategy.at_start {
            if let Share::Stated(expr) = &branch.share {
                add(&mut all, &place, expr, &starts, |_| Vec::new());
            }
        }
    }
    for reward in &model.rewards {
        let place = at(format!("reward `{}`", reward.name), given_to(model, reward), None);
        let read_in = model.read_in(&reward.when);
        let of_state = |state: usize| reward.when.about(state, &model.transitions);
        add(&mut all, &place, &reward.amount, &read_in, of_state);
    }
    // A substitute is used wherever the parameter that it replaces is used.
    let direct = all.clone();
    for (s, strategy) in model.strategies.iter().enumerate() {
        for (replaced, expr) in &strategy.substitutions {
            let here = |r: &&Reading| {
                let given = r.strategies.as_ref().is_none_or(|own| own.contains(&s));
                r.parameter == *replaced && given
            };
            for parameter in parameters_in(expr, None) {
                all.extend(direct.iter().filter(here).map(|r| Reading {
                    parameter,
                    place: format!("strategy `{}`, in {}", strategy.name, r.place),
                    strategies: Some(vec![s]),
                    ..r.clone()
                }));
            }
        }
    }
    all
}

/// Adds the uses of parameters in `expr`, state by state.
fn add(
    all: &mut Vec<Reading>,
    place: &Reading,
    expr: &Expr,
    read_in: &[usize],
    about: impl Fn(usize) -> Vec<usize>,
) {
    let mut read: Vec<Reading> = Vec::new();
    for &state in read_in {
        for parameter in parameters_in(expr, Some(state)) {
            let found = read.iter().position(|r| r.parameter == parameter);
            let at = found.unwrap_or_else(|| {
                read.push(Reading { parameter, ..place.clone() });
                read.len() - 1
            });
            about(state).into_iter().for_each(|s| insert(&mut read[at].states, s));
        }
    }
    all.append(&mut read);
}

fn in_transition(model: &Model, t: usize, from: usize) -> Vec<usize> {
    let targets = model.transitions[t].branches.iter().filter_map(|b| b.to);
    std::iter::once(from).chain(targets).collect()
}

/// Strategies to which a reward is limited; `None` for all strategies.
fn given_to(model: &Model, reward: &Reward) -> Option<Vec<usize>> {
    let by_branch = reward.when.procedures().map(|all| all.iter().map(|(s, _)| *s).collect::<Vec<usize>>());
    let mut own = match (&reward.strategies, by_branch) {
        (Some(own), _) => own.clone(),
        (None, Some(own)) => own,
        (None, None) => return None,
    };
    own.sort_unstable();
    own.dedup();
    (own.len() < model.strategies.len()).then_some(own)
}

/// Parameters that an expression uses in a state, in ascending order; in any state if `None`.
pub fn parameters_in(expr: &Expr, state: Option<usize>) -> Vec<usize> {
    let mut found = Vec::new();
    walk_in(expr, state, &mut |e| {
        if let Expr::Parameter(p) = e {
            insert(&mut found, *p);
        }
    });
    found
}

/// Calls `visit` on the parts of an expression that apply in a state; on all of them if `None`.
pub fn walk_in(expr: &Expr, state: Option<usize>, visit: &mut impl FnMut(&Expr)) {
    visit(expr);
    match (expr, state) {
        (Expr::Select(Selector::State, cases), Some(s)) => walk_in(&cases[s], state, visit),
        (Expr::If(parts), Some(s)) => {
            let [condition, yes, no] = parts.as_ref();
            walk_in(condition, state, visit);
            match decided(condition, s) {
                Some(true) => walk_in(yes, state, visit),
                Some(false) => walk_in(no, state, visit),
                None => [yes, no].into_iter().for_each(|e| walk_in(e, state, visit)),
            }
        }
        _ => expr.children().iter().for_each(|e| walk_in(e, state, visit)),
    }
}

/// Value of a condition in a state; `None` if it does not depend on the state alone.
fn decided(condition: &Expr, state: usize) -> Option<bool> {
    match condition {
        Expr::Among(Selector::State, members) => Some(members.contains(&state)),
        Expr::Number(x) => Some(*x != 0.0),
        Expr::Call(Function::Not, parts) => Some(!decided(&parts[0], state)?),
        Expr::Binary(operator @ (Binary::And | Binary::Or), parts) => {
            let settles = *operator == Binary::Or;
            match (decided(&parts[0], state), decided(&parts[1], state)) {
                (Some(a), _) if a == settles => Some(settles),
                (_, Some(b)) if b == settles => Some(settles),
                (Some(_), Some(_)) => Some(!settles),
                _ => None,
            }
        }
        _ => None,
    }
}
