//! Discounting within cycles: for each cycle, its parts with a constant force of discounting.

use crate::model::{Discounting, Piece, Tables};

/// Parts of all cycles. Outcomes with the same discounting share a profile; profile 0 is undiscounted.
#[derive(Default)]
pub struct DiscountSteps {
    profiles: Vec<Option<Discounting>>,
    /// Profile of each outcome.
    pub of_outcome: Vec<usize>,
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
        let model = tables.model;
        let outcomes = 0..model.outcomes.len();
        let mut profiles = vec![None];
        let of = |outcome| {
            let own = tables.discounting(outcome).cloned();
            profiles.iter().position(|other| *other == own).unwrap_or_else(|| {
                profiles.push(own);
                profiles.len() - 1
            })
        };
        self.of_outcome = outcomes.map(of).collect();
        if profiles == self.profiles && !self.cycles.is_empty() {
            return;
        }
        let time = &model.time;
        let steps = |k| steps(&profiles, time.years(k), time.years(k + 1), time.cycles_per_year);
        self.cycles = (0..time.cycles).map(steps).collect();
        self.profiles = profiles;
    }

    /// Number of profiles.
    pub fn profiles(&self) -> usize {
        self.profiles.len()
    }
}

/// The parts of one cycle, from `from` to `to` years after the start.
fn steps(profiles: &[Option<Discounting>], from: f64, to: f64, cycles_per_year: f64) -> Vec<DiscountStep> {
    let of = |profile: &Option<Discounting>| match profile {
        None => vec![Piece { years: to - from, factor: 1.0, force: 0.0 }],
        Some(discounting) => discounting.pieces(from, to),
    };
    let pieces: Vec<Vec<Piece>> = profiles.iter().map(of).collect();
    let mut ends: Vec<f64> = Vec::new();
    for own in &pieces {
        let mut at = 0.0;
        for piece in &own[..own.len() - 1] {
            at += piece.years;
            ends.push(at);
        }
    }
    ends.sort_by(f64::total_cmp);
    ends.dedup_by(|a, b| (*a - *b) * cycles_per_year < 1e-6);
    ends.push(to - from);
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
