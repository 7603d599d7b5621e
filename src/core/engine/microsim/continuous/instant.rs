//! Discounting at any time: the discount factor, and the discounted time since the last grid point.

use crate::model::{DiscountProfiles, Piece, Tables};

/// Discounting of all outcomes.
pub struct DiscountClock {
    /// Profile of each outcome.
    pub of_outcome: Vec<usize>,
    /// Per cycle and profile.
    cycles: Vec<Vec<DiscountedCycle>>,
    year: f64,
}

/// Discounting within one cycle.
struct DiscountedCycle {
    pieces: Vec<Piece>,
    /// Integral of the discount factor over the cycle, in years.
    whole: f64,
}

/// A time, with what rewards need to know about it.
#[derive(Clone, Debug, Default)]
pub struct Instant {
    /// Time in cycles since the start.
    pub time: f64,
    /// Cycle that contains the time.
    pub cycle: usize,
    /// Per profile: share of the discounted time of the cycle that has passed.
    pub shares: Vec<f64>,
}

impl DiscountClock {
    pub fn new(tables: &Tables) -> DiscountClock {
        let time = &tables.model.time;
        let profiles = DiscountProfiles::new(tables);
        let discounted = |pieces: Vec<Piece>| DiscountedCycle {
            whole: pieces.iter().map(|piece| piece.factor * piece.worth(piece.years)).sum(),
            pieces,
        };
        let cycle = |k| {
            let pieces = profiles.pieces(time.years(k), time.years(k + 1));
            pieces.into_iter().map(discounted).collect()
        };
        let cycles = (0..time.cycles).map(cycle).collect();
        DiscountClock { cycles, of_outcome: profiles.of_outcome, year: 1.0 / time.cycles_per_year }
    }

    /// Sets `into` to a time in cycles since the start.
    #[inline]
    pub fn at(&self, time: f64, into: &mut Instant) {
        into.time = time;
        into.cycle = (time as usize).min(self.cycles.len() - 1);
        let u = (time - into.cycle as f64).clamp(0.0, 1.0);
        let profiles = &self.cycles[into.cycle];
        into.shares.resize(profiles.len(), 0.0);
        for (share, own) in into.shares.iter_mut().zip(profiles) {
            *share = match &own.pieces[..] {
                [only] if only.force == 0.0 => u,
                [only] => only.factor * only.worth(u * self.year) / own.whole,
                pieces => among(pieces, u * self.year) / own.whole,
            };
        }
    }

    /// Discount factor of a profile at a time in cycles since the start.
    #[inline]
    pub fn factor(&self, profile: usize, time: f64) -> f64 {
        let cycle = (time as usize).min(self.cycles.len() - 1);
        let mut years = (time - cycle as f64) * self.year;
        let pieces = &self.cycles[cycle][profile].pieces;
        for (i, piece) in pieces.iter().enumerate() {
            if i + 1 == pieces.len() || years < piece.years {
                return piece.factor * crate::math::exp(-piece.force * years);
            }
            years -= piece.years;
        }
        1.0
    }
}

/// Integral of the discount factor over the first `years` of several pieces.
fn among(pieces: &[Piece], years: f64) -> f64 {
    let mut left = years;
    let mut sum = 0.0;
    for piece in pieces {
        let own = left.min(piece.years);
        sum += piece.factor * piece.worth(own);
        left -= own;
        if left <= 0.0 {
            break;
        }
    }
    sum
}
