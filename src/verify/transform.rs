//! Altered copies of a model whose results are known in advance.

use arcosim_core::model::{Branch, EffectOn, Expr, Function, Hazard, Model, Share};

/// Factor that makes any positive hazard practically certain.
pub const BEYOND: f64 = 1e9;

/// Copy of the model without discounting.
pub fn without_discounting(model: &Model) -> Model {
    let mut altered = model.clone();
    for outcome in &mut altered.outcomes {
        outcome.discount = None;
    }
    altered
}

/// Copy of the model without outcomes, rewards and endpoints, to save time if only states and transitions are needed.
pub fn without_counting(model: &Model) -> Model {
    let mut altered = model.clone();
    altered.outcomes.clear();
    altered.components.clear();
    altered.rewards.clear();
    altered.endpoints.clear();
    altered
}

/// Copy of the model in which some transitions never fire. Their probability is added to the remainder of the row.
pub fn without_moves(model: &Model, transitions: &[usize]) -> Model {
    let mut altered = model.clone();
    for &t in transitions {
        let own = &mut altered.transitions[t];
        own.hazard = match own.stated {
            true => Hazard::Probability(Expr::Number(0.0)),
            false => Hazard::Rate(Expr::Number(0.0)),
        };
    }
    altered
}

/// Copy of the model without deaths: transitions to the `dead` states never fire, surviving branches of mixed
/// transitions take over the share of deaths, and patients who would die of a procedure at the start remain in their
/// state.
pub fn without_death(model: &Model, dead: &[usize]) -> Model {
    let deadly = |branch: &Branch| branch.to.is_some_and(|to| dead.contains(&to));
    let only_deadly: Vec<usize> =
        (0..model.transitions.len()).filter(|&t| model.transitions[t].branches.iter().all(deadly)).collect();
    let mut altered = without_moves(model, &only_deadly);
    let procedures = altered.strategies.iter_mut().flat_map(|s| &mut s.at_start);
    procedures.filter(|b| deadly(b)).for_each(|b| b.to = None);
    for branches in altered.transitions.iter_mut().map(|t| &mut t.branches) {
        // If every branch is death, no branch can take over its share; the transition was switched off above.
        let Some(survives) = branches.iter().rposition(|b| !deadly(b)) else {
            continue;
        };
        let mut deaths = branches.iter_mut().filter(|b| deadly(b)).peekable();
        if deaths.peek().is_none() {
            continue;
        }
        deaths.for_each(|b| b.share = Share::Stated(Expr::Number(0.0)));
        if !branches.iter().any(|b| b.share == Share::Rest) {
            branches[survives].share = Share::Rest;
        }
    }
    altered
}

/// Copy of the model in which all patients start in these states in equal shares, are eligible, and have no procedures
/// at the start.
pub fn starting_in(model: &Model, states: &[usize]) -> Model {
    let mut altered = model.clone();
    let share = |_| Share::Stated(Expr::Number(1.0 / states.len() as f64));
    altered.start = states.iter().map(|&s| (s, share(s))).collect();
    for strategy in &mut altered.strategies {
        strategy.at_start.clear();
        strategy.eligible = Expr::Number(1.0);
        strategy.otherwise = None;
    }
    altered
}

/// Copy of the model in which only these transitions can fire, as competing risks at their own rates times `factor`. A
/// probability per cycle is converted to its rate, and a remainder to 0.
pub fn only_these_times(model: &Model, transitions: &[usize], factor: f64) -> Model {
    let per_year = Expr::Number(model.time.cycles_per_year);
    let mut altered = model.clone();
    for (t, own) in altered.transitions.iter_mut().enumerate() {
        let hazard = std::mem::replace(&mut own.hazard, Hazard::Rate(Expr::Number(0.0)));
        (own.stated, own.first) = (false, false);
        if !transitions.contains(&t) {
            continue;
        }
        let more = |e: Expr| e.times(Expr::Number(factor));
        own.hazard = match hazard {
            Hazard::Rate(rate) => Hazard::Rate(more(rate)),
            Hazard::Distribution { time, clock, ratio } => {
                Hazard::Distribution { time, clock, ratio: more(ratio) }
            }
            Hazard::LifeTable { table, age, ratio } => Hazard::LifeTable { table, age, ratio: more(ratio) },
            Hazard::Probability(p) => {
                // For a probability of 1, the rate is limited to a value high enough for all patients to leave.
                let rate = Expr::Call(Function::Rate, vec![p, Expr::Number(1.0)]);
                let finite = Expr::Call(Function::Min, vec![rate, Expr::Number(1e3)]);
                Hazard::Rate(more(finite.times(per_year.clone())))
            }
            Hazard::Complement => Hazard::Rate(Expr::Number(0.0)),
        };
    }
    for strategy in &mut altered.strategies {
        strategy.effects.retain(|e| e.on != EffectOn::Probability);
    }
    altered
}

/// Copy of the model with an additional strategy `name` that is identical to strategy `of` in hazards, procedures and
/// rewards.
pub fn with_copy(model: &Model, of: usize, name: &str) -> Model {
    let mut altered = model.clone();
    let copy = altered.strategies.len();
    let mut strategy = model.strategies[of].clone();
    strategy.name = name.into();
    strategy.reference = false;
    altered.strategies.push(strategy);
    for reward in &mut altered.rewards {
        if let Some(all) = &mut reward.strategies
            && all.contains(&of)
        {
            all.push(copy);
        }
        if let Some(branches) = reward.when.procedures_mut() {
            let own = branches.iter().filter(|(s, _)| *s == of);
            let also: Vec<(usize, usize)> = own.map(|&(_, b)| (copy, b)).collect();
            branches.extend(also);
        }
    }
    altered
}

/// Copy of the model without strategy `gone`; `None` if it is the alternative for ineligible patients of another
/// strategy.
pub fn without_strategy(model: &Model, gone: usize) -> Option<Model> {
    if model.strategies.iter().any(|s| s.otherwise == Some(gone)) {
        return None;
    }
    let mut altered = model.clone();
    altered.strategies.remove(gone);
    let moved = |s: usize| if s > gone { s - 1 } else { s };
    for strategy in &mut altered.strategies {
        strategy.otherwise = strategy.otherwise.map(moved);
    }
    for reward in &mut altered.rewards {
        if let Some(all) = &mut reward.strategies {
            all.retain(|s| *s != gone);
            all.iter_mut().for_each(|s| *s = moved(*s));
        }
        if let Some(branches) = reward.when.procedures_mut() {
            branches.retain(|(s, _)| *s != gone);
            branches.iter_mut().for_each(|(s, _)| *s = moved(*s));
        }
    }
    Some(altered)
}

/// Copy of the model with this strategy only, applied to all patients, and without outcomes, rewards and endpoints.
pub fn alone_under(model: &Model, strategy: usize) -> Model {
    let mut altered = without_counting(model);
    let mut own = altered.strategies.swap_remove(strategy);
    own.eligible = Expr::Number(1.0);
    own.otherwise = None;
    altered.strategies = vec![own];
    altered
}
