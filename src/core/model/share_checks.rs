//! Checks of proportions (of branches, categories and states at the start): each must be between 0 and 1, and
//! their sum must be 1. Proportions of branches may read clocks, and are therefore checked in every cycle.

use std::ops::ControlFlow;

use super::hazard::Reads;
use super::walk::{Walk, described};
use super::{Expr, Function, Model, Share};

/// Tolerance for the sum of shares, because decimals in a scenario are rounded.
const TOLERANCE: f64 = 1e-9;

/// Invalid proportions, and the situation in which they are invalid.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareProblem {
    /// The stated proportions.
    pub values: Vec<f64>,
    /// Kind of problem.
    pub kind: ShareProblemKind,
    /// 1-based number of the first cycle with the problem; `None` if the proportions read no clock.
    pub cycle: Option<usize>,
    /// Attributes of the patient that the proportions read, as `name = value`.
    pub patient: Vec<String>,
}

/// Kind of problem with proportions, with the invalid number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShareProblemKind {
    /// A proportion is not between 0 and 1.
    Outside(f64),
    /// The stated proportions add to more than 1, so that the rest would be negative.
    AboveOne(f64),
    /// The proportions do not add to 1, although no proportion is defined as the rest.
    NotOne(f64),
}

/// The first problem with `shares` under `strategy`, for patients in `states`, over `cycles` cycles (1: only at
/// the start). `None` if the shares are valid.
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
    // All shares are combined in one expression, so that one walk covers everything that any share reads.
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
