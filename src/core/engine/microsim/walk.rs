//! Competing exits simulated cycle by cycle, for rows whose hazards cannot be tabulated. This is the definition that
//! look-ups must reproduce.

use super::life::Life;
use super::lookup::weight;
use super::plan::{PlannedExit, PlannedRow};
use super::settings::Rule;
use crate::model::hazard::spend;

/// Hazard of each exit of a row in one cycle.
struct Spends {
    each: Vec<f64>,
    /// Whether stated probabilities sum to 1, so that one exit always fires.
    certain: bool,
}

impl<'a> Life<'a> {
    /// The exit that fires first among the exits of a state entered at cycle `from`, and the cycle in which it fires.
    pub fn walk(
        &mut self,
        row: &'a PlannedRow,
        arm: usize,
        state: usize,
        from: u32,
    ) -> Option<(&'a PlannedExit, u32)> {
        for cycle in from..self.plan.tables.model.time.cycles as u32 {
            let firsts = self.increments(arm, state, row.first(), row.first_stated, cycle);
            if let Some(winner) = self.cycle(row.first(), &firsts) {
                return Some((winner, cycle));
            }
            let rests = self.increments(arm, state, row.rest(), row.rest_stated, cycle);
            if let Some(winner) = self.cycle(row.rest(), &rests) {
                return Some((winner, cycle));
            }
        }
        None
    }

    /// Evaluates the hazard of each exit in one cycle.
    fn increments(
        &mut self,
        arm: usize,
        state: usize,
        exits: &[PlannedExit],
        stated: bool,
        cycle: u32,
    ) -> Spends {
        let tables = self.plan.tables;
        self.residence_at(cycle);
        let s = self.situation(arm, state, cycle as usize);
        let values: Vec<f64> =
            exits.iter().map(|w| spend(tables.model, arm, w.transition as usize, &s)).collect();
        if !stated {
            return Spends { each: values, certain: false };
        }
        let sum: f64 = values.iter().sum();
        if sum >= 1.0 - 1e-12 {
            return Spends { each: values, certain: true };
        }
        Spends { each: values.iter().map(|q| weight(*q, sum)).collect(), certain: false }
    }

    /// Simulates one cycle of competing exits and returns the winner, if any exit fires.
    fn cycle(&mut self, exits: &'a [PlannedExit], spends: &Spends) -> Option<&'a PlannedExit> {
        let w = &spends.each;
        let mut best: Option<(usize, f64)> = None;
        for (i, exit) in exits.iter().enumerate() {
            let u = self.threshold(exit.transition).left / w[i];
            if w[i] > 0.0 && (u < 1.0 || spends.certain) {
                let better = match best {
                    None => true,
                    Some((j, _))
                        if self.plan.rule == Rule::AbsorbingWins && exit.absorbing != exits[j].absorbing =>
                    {
                        exit.absorbing
                    }
                    Some((_, least)) => u < least,
                };
                if better {
                    best = Some((i, u));
                }
            }
        }
        let share = match (best, self.plan.rule) {
            (Some(_), Rule::LosersSpendTheCycle) | (None, _) => 1.0,
            (Some((_, u)), _) => u,
        };
        for (i, exit) in exits.iter().enumerate() {
            if best.is_none_or(|(winner, _)| winner != i) {
                let threshold = self.threshold(exit.transition);
                threshold.left = (threshold.left - share * w[i]).max(0.0);
                threshold.fresh = false;
            }
        }
        best.map(|(i, _)| &exits[i])
    }
}
