//! Discounting within cycles: for each cycle, its parts with a constant force of discounting.

use crate::model::{DiscountProfiles, Piece, Tables};

/// Parts of all cycles.
#[derive(Default)]
pub struct DiscountSteps {
    pub profiles: DiscountProfiles,
    /// Parts of each cycle.
    pub cycles: Vec<Vec<DiscountStep>>,
}

/// A part of a cycle in which no force of discounting changes.
pub struct DiscountStep {
    /// Length, as a share of the cycle.
    pub length: f64,
    /// Per profile: discount factor at the beginning of the part.
    pub factors: Vec<f64>,
    /// Per profile: force of discounting per cycle.
    pub forces: Vec<f64>,
}

impl DiscountSteps {
    /// Prepares the parts of all cycles for the current discount rates.
    pub fn set(&mut self, tables: &Tables) {
        let profiles = DiscountProfiles::new(tables);
        if profiles == self.profiles && !self.cycles.is_empty() {
            return;
        }
        let time = &tables.model.time;
        let steps = |k| steps(&profiles.pieces(time.years(k), time.years(k + 1)), time.cycles_per_year);
        self.cycles = (0..time.cycles).map(steps).collect();
        self.profiles = profiles;
    }
}

/// The parts of one cycle, from the pieces of each profile.
fn steps(pieces: &[Vec<Piece>], cycles_per_year: f64) -> Vec<DiscountStep> {
    let mut ends: Vec<f64> = Vec::new();
    for own in pieces {
        let mut at = 0.0;
        for piece in &own[..own.len() - 1] {
            at += piece.years;
            ends.push(at);
        }
    }
    ends.sort_by(f64::total_cmp);
    ends.dedup_by(|a, b| (*a - *b) * cycles_per_year < 1e-6);
    ends.push(pieces[0].iter().map(|piece| piece.years).sum());
    let mut begins = 0.0;
    let mut step = |end: f64| {
        let middle = 0.5 * (begins + end);
        let at = |own: &Vec<Piece>| {
            let mut start = 0.0;
            let piece = own.iter().find(|piece| {
                let here = middle < start + piece.years;
                start += if here { 0.0 } else { piece.years };
                here
            });
            let piece = piece.unwrap_or(&own[own.len() - 1]);
            (
                piece.factor * crate::math::exp(-piece.force * (begins - start).max(0.0)),
                piece.force / cycles_per_year,
            )
        };
        let (factors, forces) = pieces.iter().map(at).unzip();
        let step = DiscountStep { length: (end - begins) * cycles_per_year, factors, forces };
        begins = end;
        step
    };
    ends.into_iter().map(&mut step).collect()
}
