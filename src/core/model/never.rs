//! Patients for whom a transition never fires (a cure fraction). Each patient has a hidden uniform number, and the transition never
//! fires if the number is less than the share of these patients. Strategies therefore keep the same patients from the event, and an
//! odds ratio adds patients to them or takes patients away.

use super::hazard::effects_on;
use super::{Binary, EffectOn, Expr, Model, Situation};

/// 0 if transition `t` never fires for the patient, 1 otherwise.
pub fn factor(model: &Model, strategy: usize, t: usize, s: &Situation) -> f64 {
    expression(model, strategy, t).map_or(1.0, |factor| factor.value(s))
}

/// [`factor`] as an expression; `None` if the transition can fire for all patients.
pub fn expression(model: &Model, strategy: usize, t: usize) -> Option<Expr> {
    let never = model.transitions[t].never.as_ref()?;
    let binary = |operator, a: Expr, b: Expr| Expr::Binary(operator, Box::new([a, b]));
    let ratios = effects_on(model, strategy, t).filter(|e| e.on == EffectOn::NeverOdds);
    let share = match ratios.map(|e| e.ratio.clone()).reduce(Expr::times) {
        None => never.share.clone(),
        Some(ratio) => {
            let odds = never.share.clone().times(ratio);
            let others = binary(Binary::Subtract, Expr::Number(1.0), never.share.clone());
            binary(Binary::Divide, odds.clone(), binary(Binary::Add, others, odds))
        }
    };
    let spared = binary(Binary::Less, Expr::Attribute(never.chance), share);
    Some(Expr::If(Box::new([spared, Expr::Number(0.0), Expr::Number(1.0)])))
}
