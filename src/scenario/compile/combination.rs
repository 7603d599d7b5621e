//! The effects of a strategy and of the components that it uses.

use super::components::{TreatmentComponent, Usage, only_if};
use super::effects::CompiledEffect;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use arcosim_core::model::{Binary, Effect, EffectOn, Expr, Function};
use arcosim_core::words::all_of;

/// All effects of a strategy: its own, then those of its components, which act on the users only.
///
/// Effects on the same transition multiply. With `strongest`, the effects of components on a transition are replaced by the
/// smallest ratio below 1 times the largest ratio above 1.
pub fn combined_effects(
    own: &[CompiledEffect],
    usages: &[Usage],
    components: &[TreatmentComponent],
    strongest: bool,
    place: Span,
    out: &mut Diagnostics,
) -> Vec<Effect> {
    let mut all: Vec<Effect> = own.iter().filter_map(|one| on_users(one, None, usages)).collect();
    let of_components = usages.iter().flat_map(|usage| {
        let own = &components[usage.component];
        let effects = own.effects.iter().filter_map(|one| on_users(one, Some(usage.component), usages));
        effects.map(|effect| (own.name.as_str(), effect))
    });
    let (names, effects): (Vec<&str>, Vec<Effect>) = of_components.unzip();
    match strongest {
        true => {
            // Ratios of different quantities cannot be compared.
            for on in [EffectOn::Hazard, EffectOn::Probability, EffectOn::Time, EffectOn::NeverOdds] {
                let own = names.iter().zip(&effects).filter(|(_, effect)| effect.on == on);
                let (names, effects): (Vec<&str>, Vec<Effect>) =
                    own.map(|(name, effect)| (*name, effect.clone())).unzip();
                all.extend(strongest_of(&names, &effects, place, out));
            }
        }
        false => all.extend(effects),
    }
    all
}

/// An effect restricted to the patients who use the component that has it and all components in `users_of`; `None` if a component
/// is not part of the strategy.
fn on_users(one: &CompiledEffect, of: Option<usize>, usages: &[Usage]) -> Option<Effect> {
    let mut conditions = Vec::new();
    for component in of.iter().chain(&one.users_of) {
        let usage = usages.iter().find(|usage| usage.component == *component)?;
        conditions.extend(usage.users.condition());
    }
    conditions.dedup();
    let both = |a, b| Expr::Binary(Binary::And, Box::new([a, b]));
    let ratio = only_if(conditions.into_iter().reduce(both), one.effect.ratio.clone(), 1.0);
    Some(Effect { ratio, ..one.effect.clone() })
}

/// One effect for each set of transitions on which the same effects act; `names` are the components of the effects.
fn strongest_of(names: &[&str], effects: &[Effect], place: Span, out: &mut Diagnostics) -> Vec<Effect> {
    let mut transitions: Vec<usize> =
        effects.iter().flat_map(|one| one.transitions.iter().copied()).collect();
    transitions.sort_unstable();
    transitions.dedup();
    let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for t in transitions {
        let acting: Vec<usize> =
            (0..effects.len()).filter(|&e| effects[e].transitions.contains(&t)).collect();
        match groups.iter_mut().find(|(known, _)| *known == acting) {
            Some((_, on)) => on.push(t),
            None => groups.push((acting, vec![t])),
        }
    }
    let mut differ: Option<Vec<&str>> = None;
    let joined = groups.into_iter().map(|(acting, transitions)| {
        let first = &effects[acting[0]];
        let timing = |one: &Effect| (one.on, one.onset, one.full_until, one.gone_after);
        if acting.iter().any(|&e| timing(&effects[e]) != timing(first)) {
            differ.get_or_insert(acting.iter().map(|&e| names[e]).collect());
        }
        let ratios = || acting.iter().map(|&e| effects[e].ratio.clone());
        let of =
            |function| Expr::Call(function, std::iter::once(Expr::Number(1.0)).chain(ratios()).collect());
        let ratio = match &acting[..] {
            [_] => first.ratio.clone(),
            _ => of(Function::Min).times(of(Function::Max)),
        };
        Effect { transitions, ratio, ..first.clone() }
    });
    let joined: Vec<Effect> = joined.collect();
    if let Some(names) = differ {
        out.push(
            Diagnostic::error(
                "E0461",
                format!("combine = \"strongest\" cannot be used for the effects of components {}", all_of(&names)),
            )
            .at(place, "the effects of these components have different `onset`, `full_until` or `gone_after`")
            .why("which of the effects is the strongest would change over time")
            .help("write the same `onset`, `full_until` and `gone_after` for the effects of these components, or write combine = \"multiply\" here"),
        );
    }
    joined
}
