//! Outcomes with the same discounting share a profile, so that discounting within cycles is computed once for all of them.

use super::{Discounting, Piece, Tables};

/// The different discountings of the outcomes of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiscountProfiles {
    /// Discounting of each profile; profile 0 is undiscounted.
    all: Vec<Option<Discounting>>,
    /// Profile of each outcome.
    pub of_outcome: Vec<usize>,
}

impl DiscountProfiles {
    /// The profiles at the current discount rates.
    pub fn new(tables: &Tables) -> DiscountProfiles {
        let mut all = vec![None];
        let of = |outcome| {
            let own = tables.discounting(outcome).cloned();
            all.iter().position(|other| *other == own).unwrap_or_else(|| {
                all.push(own);
                all.len() - 1
            })
        };
        let of_outcome = (0..tables.model.outcomes.len()).map(of).collect();
        DiscountProfiles { all, of_outcome }
    }

    /// Number of profiles.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Per profile: the pieces with a constant force of discounting from `from` to `to`, in years after the start.
    pub fn pieces(&self, from: f64, to: f64) -> Vec<Vec<Piece>> {
        let of = |profile: &Option<Discounting>| match profile {
            None => vec![Piece { years: to - from, factor: 1.0, force: 0.0 }],
            Some(discounting) => discounting.pieces(from, to),
        };
        self.all.iter().map(of).collect()
    }
}
