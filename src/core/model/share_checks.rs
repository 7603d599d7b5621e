//! Checks of proportions (of branches, categories and states at the start): each between 0 and 1, and together 1.
//! Proportions of branches may read clocks, and are checked in every cycle.

use std::ops::ControlFlow;

use super::hazard::Reads;
use super::walk::{Walk, described};
use super::{Expr, Function, Model, Share};

/// Shares may miss 1 by this much: what is left of printed decimals.
const TOLERANCE: f64 = 1e-9;

/// Proportions that cannot be.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareProblem {
    /// The stated proportions.
    pub values: Vec<f64>,
    /// What is wrong with them.
    pub kind: ShareProblemKind,
    /// 1-based cycle of the first offence, if they read a clock.
    pub cycle: Option<usize>,
    /// Attributes of the patient, `name = value`, as far as they are read.
    pub patient: Vec<String>,
}

/// What is wrong with proportions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShareProblemKind {
    /// One of them is not between 0 and 1.
    Outside(f64),
    /// They add to more than 1, and leave less than nothing to the rest.
    AboveOne(f64),
    /// There is no rest, and they do not add to 1.
    NotOne(f64),
}

/// The first offence of `shares` under `strategy`, for patients in `states`, over `cycles` cycles (1: only at the start).
/// `None` if they are sound.
pub fn share_problem<'s>(
    model: &Model,
    base: &[f64],
    strategy: usize,
    states: &[usize],
    cycles: usize,
    shares: impl Iterator<Item = &'s Share> + Clone,
) -> Option<ShareProblem> {
    let stated: Vec<Expr> = shares
        .clone()
        .filter_map(|share| match share {
            Share::Stated(e) => Some(e.clone()),
            Share::Rest => None,
        })
        .collect();
    if stated.is_empty() {
        return None;
    }
    let has_rest = stated.len() < shares.count();
    // One expression that reads what any of them reads, so that they are walked through together.
    let together = Expr::Call(Function::Max, stated.clone());
    let reads = Reads::of(&together);
    let walk = Walk {
        expr: &together,
        strategies: vec![strategy],
        states: states.to_vec(),
        last: cycles - 1,
        at_end: false,
    };
    let mut problem = None;
    walk.each(model, base, |_, s| {
        let values: Vec<f64> = stated.iter().map(|e| e.value(s)).collect();
        let sum: f64 = values.iter().sum();
        let kind = match values.iter().find(|x| !(0.0..=1.0).contains(*x)) {
            Some(x) => ShareProblemKind::Outside(*x),
            None if has_rest && sum > 1.0 + TOLERANCE => ShareProblemKind::AboveOne(sum),
            None if !has_rest && (sum - 1.0).abs() > TOLERANCE => ShareProblemKind::NotOne(sum),
            None => return ControlFlow::Continue(()),
        };
        problem = Some(ShareProblem {
            values,
            kind,
            cycle: (reads.clocks() > 0).then_some(s.cycle + 1),
            patient: described(model, &reads.attributes(), s.attributes),
        });
        ControlFlow::Break(())
    });
    problem
}
