//! Discounting at any time: the discount factor, and the discounted time since the last grid point.

use crate::model::{Discounting, Piece, Tables};

/// Discounting of all outcomes; outcomes with the same discounting share a profile.
pub struct DiscountClock {
    /// Profile of each outcome.
    pub of_outcome: Vec<usize>,
    profiles: Vec<Profile>,
    year: f64,
    cycles: usize,
}

/// Discounting within each cycle.
struct Profile {
    discounting: Option<Discounting>,
    /// Per cycle: its pieces.
    pieces: Vec<Vec<Piece>>,
    /// Per cycle: integral of the discount factor over the cycle, in years.
    whole: Vec<f64>,
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
        let model = tables.model;
        let time = &model.time;
        let mut profiles: Vec<Profile> = Vec::new();
        let of = |outcome| {
            let own = tables.discounting(outcome).cloned();
            profiles.iter().position(|other| other.discounting == own).unwrap_or_else(|| {
                let pieces = |k| match &own {
                    Some(discounting) => discounting.pieces(time.years(k), time.years(k + 1)),
                    None => vec![Piece { years: 1.0 / time.cycles_per_year, factor: 1.0, force: 0.0 }],
                };
                let pieces: Vec<Vec<Piece>> = (0..time.cycles).map(pieces).collect();
                let worth =
                    |own: &Vec<Piece>| own.iter().map(|piece| piece.factor * piece.worth(piece.years)).sum();
                let whole = pieces.iter().map(worth).collect();
                profiles.push(Profile { discounting: own, pieces, whole });
                profiles.len() - 1
            })
        };
        let of_outcome = (0..model.outcomes.len()).map(of).collect();
        DiscountClock { of_outcome, profiles, year: 1.0 / time.cycles_per_year, cycles: time.cycles }
    }

    /// Sets `into` to a time in cycles since the start.
    #[inline]
    pub fn at(&self, time: f64, into: &mut Instant) {
        into.time = time;
        into.cycle = (time as usize).min(self.cycles - 1);
        let u = (time - into.cycle as f64).clamp(0.0, 1.0);
        into.shares.resize(self.profiles.len(), 0.0);
        for (share, profile) in into.shares.iter_mut().zip(&self.profiles) {
            *share = match &profile.pieces[into.cycle][..] {
                [only] if only.force == 0.0 => u,
                [only] => only.factor * only.worth(u * self.year) / profile.whole[into.cycle],
                pieces => among(pieces, u * self.year) / profile.whole[into.cycle],
            };
        }
    }

    /// Discount factor of a profile at a time in cycles since the start.
    #[inline]
    pub fn factor(&self, profile: usize, time: f64) -> f64 {
        let cycle = (time as usize).min(self.cycles - 1);
        let mut years = (time - cycle as f64) * self.year;
        let pieces = &self.profiles[profile].pieces[cycle];
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
