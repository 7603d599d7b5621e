//! Altered copies of a model, of which a check knows what must come out.

use crate::model::{Expr, Hazard, Model, When};

/// Nothing is discounted.
pub fn without_discounting(model: &Model) -> Model {
    let mut altered = model.clone();
    for outcome in &mut altered.outcomes {
        outcome.discount = None;
    }
    altered
}

/// The hazards of some transitions are multiplied. Of stated probabilities, that is 1 - (1 - p)^factor.
pub fn with_hazards_times(model: &Model, transitions: &[usize], factor: f64) -> Model {
    let mut altered = model.clone();
    for &t in transitions {
        let times = |e: &mut Expr| {
            let own = std::mem::replace(e, Expr::Number(1.0));
            *e = own.times(Expr::Number(factor));
        };
        match &mut altered.transitions[t].hazard {
            Hazard::Rate(rate) => times(rate),
            Hazard::Distribution { ratio, .. } | Hazard::LifeTable { ratio, .. } => times(ratio),
            Hazard::Probability(p) if factor == 0.0 => *p = Expr::Number(0.0),
            Hazard::Probability(p) => {
                use crate::model::Function::{Prob, Rate};
                let own = std::mem::replace(p, Expr::Number(0.0));
                let rate = Expr::Call(Rate, vec![own, Expr::Number(1.0)]);
                *p = Expr::Call(Prob, vec![rate.times(Expr::Number(factor)), Expr::Number(1.0)]);
            }
            // What the others leave follows them.
            Hazard::Complement => {}
        }
    }
    altered
}

/// The amounts that add to an outcome are multiplied, by reward: `factor` gets its index.
pub fn with_amounts_times(model: &Model, outcome: usize, factor: impl Fn(usize) -> f64) -> Model {
    let mut altered = model.clone();
    for r in 0..altered.rewards.len() {
        if altered.rewards[r].outcome(model) == outcome {
            let own = std::mem::replace(&mut altered.rewards[r].amount, Expr::Number(0.0));
            altered.rewards[r].amount = own.times(Expr::Number(factor(r)));
        }
    }
    altered
}

/// Without the rewards that fall otherwise than by staying in a state.
pub fn without_one_off(model: &Model, outcome: usize) -> Model {
    let mut altered = model.clone();
    altered
        .rewards
        .retain(|r| r.outcome(model) != outcome || matches!(r.when, When::In(_)));
    altered
}
