use arcosim_core::model::{Expr, Hazard, Model, Selector, Share};

/// Copy of the model with states, transitions, strategies, parameters and rewards renamed and in reverse order.
pub fn reversed(model: &Model) -> Model {
    let sizes = Sizes {
        states: model.states.len(),
        transitions: model.transitions.len(),
        strategies: model.strategies.len(),
        parameters: model.parameters.len(),
    };
    let mut own = model.clone();
    own.states.reverse();
    own.transitions.reverse();
    let last = own.transitions.len().saturating_sub(1);
    let counters = own.groups.iter_mut().filter_map(|group| group.counter.as_mut());
    counters.for_each(|counter| counter.transition = last - counter.transition);
    own.strategies.reverse();
    own.parameters.reverse();
    own.rewards.reverse();
    sizes.expressions(&mut own);
    for group in &mut own.groups {
        sizes.states(&mut group.states);
    }
    for (state, _) in &mut own.start {
        *state = back(*state, sizes.states);
    }
    for transition in &mut own.transitions {
        sizes.states(&mut transition.from);
        for to in transition.branches.iter_mut().filter_map(|b| b.to.as_mut()) {
            *to = back(*to, sizes.states);
        }
    }
    for strategy in &mut own.strategies {
        if let Some(otherwise) = &mut strategy.otherwise {
            *otherwise = back(*otherwise, sizes.strategies);
        }
        for to in strategy.at_start.iter_mut().filter_map(|b| b.to.as_mut()) {
            *to = back(*to, sizes.states);
        }
        for effect in &mut strategy.effects {
            sorted(&mut effect.transitions, sizes.transitions);
        }
        for (parameter, _) in &mut strategy.substitutions {
            *parameter = back(*parameter, sizes.parameters);
        }
    }
    for endpoint in &mut own.endpoints {
        sizes.states(&mut endpoint.enters);
        sizes.states(&mut endpoint.competing);
        sorted(&mut endpoint.fires, sizes.transitions);
    }
    for reward in &mut own.rewards {
        if let Some(strategies) = &mut reward.strategies {
            sorted(strategies, sizes.strategies);
        }
        reward.when.renumber(
            |s| back(s, sizes.states),
            |t| back(t, sizes.transitions),
            |s| back(s, sizes.strategies),
        );
    }
    rename(&mut own);
    own
}

struct Sizes {
    states: usize,
    transitions: usize,
    strategies: usize,
    parameters: usize,
}

fn back(i: usize, of: usize) -> usize {
    of - 1 - i
}

fn sorted(all: &mut [usize], of: usize) {
    all.iter_mut().for_each(|i| *i = back(*i, of));
    all.sort_unstable();
}

impl Sizes {
    fn states(&self, all: &mut [usize]) {
        sorted(all, self.states);
    }

    fn expression(&self, expr: &mut Expr) {
        let own = expr.rewritten(&|part| match part {
            Expr::Parameter(p) => Expr::Parameter(back(p, self.parameters)),
            Expr::Select(Selector::State, mut cases) => {
                cases.reverse();
                Expr::Select(Selector::State, cases)
            }
            Expr::Among(Selector::State, mut members) => {
                self.states(&mut members);
                Expr::Among(Selector::State, members)
            }
            other => other,
        });
        *expr = own;
    }

    fn share(&self, share: &mut Share) {
        if let Share::Stated(expr) = share {
            self.expression(expr);
        }
    }

    fn expressions(&self, model: &mut Model) {
        for attribute in &mut model.attributes {
            attribute.expressions_mut().into_iter().for_each(|expr| self.expression(expr));
        }
        model.start.iter_mut().for_each(|(_, share)| self.share(share));
        for transition in &mut model.transitions {
            match &mut transition.hazard {
                Hazard::Rate(e) | Hazard::Probability(e) => self.expression(e),
                Hazard::LifeTable { ratio, .. } => self.expression(ratio),
                Hazard::Distribution { time, ratio, .. } => {
                    *time = time.map(|e| {
                        let mut own = e.clone();
                        self.expression(&mut own);
                        own
                    });
                    self.expression(ratio);
                }
                Hazard::Complement => {}
            }
            if let Some(never) = &mut transition.never {
                self.expression(&mut never.share);
            }
            transition.branches.iter_mut().for_each(|b| self.share(&mut b.share));
        }
        for strategy in &mut model.strategies {
            self.expression(&mut strategy.eligible);
            strategy.at_start.iter_mut().for_each(|b| self.share(&mut b.share));
            strategy.effects.iter_mut().for_each(|e| self.expression(&mut e.ratio));
            strategy.substitutions.iter_mut().for_each(|(_, e)| self.expression(e));
        }
        model.rewards.iter_mut().for_each(|r| self.expression(&mut r.amount));
        let discounts = model.outcomes.iter_mut().filter_map(|o| o.discount.as_mut());
        for (_, rate) in discounts.flat_map(|d| &mut d.rates) {
            self.expression(rate);
        }
    }
}

/// Renames all named parts of the model.
fn rename(model: &mut Model) {
    let mut n = 0;
    let mut other = |name: &mut String| {
        n += 1;
        *name = format!("x{n}");
    };
    model.states.iter_mut().for_each(|s| other(&mut s.name));
    model.transitions.iter_mut().for_each(|t| other(&mut t.name));
    model.strategies.iter_mut().for_each(|s| other(&mut s.name));
    model.parameters.iter_mut().for_each(|p| other(&mut p.name));
    model.rewards.iter_mut().for_each(|r| other(&mut r.name));
    model.groups.iter_mut().for_each(|g| other(&mut g.name));
    model.attributes.iter_mut().for_each(|a| other(&mut a.name));
}
