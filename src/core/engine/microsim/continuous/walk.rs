//! Competing exits in continuous time, piece by piece, for rows whose hazards cannot be tabulated. Within a piece no clock completes a
//! cycle, so that formulas are constant. This is the definition that look-ups must reproduce.

use super::super::life::Life;
use super::super::plan::{PlannedExit, PlannedRow};
use super::pieces::{SLIVER, end_of_piece};
use crate::model::hazard::spend;
use crate::model::within_cycle::WithinCycle;
use crate::model::{Clock, Hazard};

/// Hazard of one exit in a piece.
struct PieceHazard {
    /// Hazard of the cycle of the exit's clock that contains the piece.
    whole: f64,
    /// Parts of that cycle at which the piece begins and ends.
    from: f64,
    to: f64,
    /// Course of the hazard in that cycle, and the number of the cycle; `None` if the hazard is constant.
    within: Option<(WithinCycle, usize)>,
}

impl PieceHazard {
    fn share(&self, u: f64) -> f64 {
        self.within.as_ref().map_or(u, |(within, k)| within.share(*k, u))
    }

    /// Hazard between the beginning of the piece and part `u` of the cycle.
    fn spent(&self, u: f64) -> f64 {
        self.whole * (self.share(u) - self.share(self.from))
    }

    /// Time after the beginning of the piece at which the hazard `due` is spent; `None` if it is not in this piece.
    fn fires(&self, due: f64) -> Option<f64> {
        if self.whole <= 0.0 || due >= self.spent(self.to) {
            return None;
        }
        let share = self.share(self.from) + due / self.whole;
        let u = self.within.as_ref().map_or(share, |(within, k)| within.part(*k, share));
        Some((u - self.from).max(0.0))
    }
}

impl<'a> Life<'a> {
    /// The exit that fires first among the exits of a state, for a patient exposed since `from`, and the time at which it fires.
    pub fn walk_continuously(
        &mut self,
        row: &'a PlannedRow,
        arm: usize,
        state: usize,
        from: f64,
    ) -> Option<(&'a PlannedExit, f64)> {
        let horizon = f64::from(self.clocks.horizon);
        let mut now = from;
        while now < horizon {
            let end = end_of_piece(self.plan.paths, state, &self.entered, now).min(horizon);
            if end - now < SLIVER {
                now = end;
                continue;
            }
            let hazards = self.piece(row, arm, state, now, end);
            let mut winner: Option<(usize, f64)> = None;
            for (i, (exit, hazard)) in row.all.iter().zip(&hazards).enumerate() {
                let due = self.threshold(exit.transition).left;
                if let Some(after) =
                    hazard.fires(due).filter(|after| winner.is_none_or(|(_, least)| *after < least))
                {
                    winner = Some((i, after));
                }
            }
            let passed = winner.map_or(end - now, |(_, after)| after);
            for (i, (exit, hazard)) in row.all.iter().zip(&hazards).enumerate() {
                if winner.is_none_or(|(winner, _)| winner != i) {
                    let spent = hazard.spent((hazard.from + passed).min(1.0));
                    let threshold = self.threshold(exit.transition);
                    threshold.left = (threshold.left - spent).max(0.0);
                    threshold.fresh = false;
                }
            }
            if let Some((i, after)) = winner {
                return Some((&row.all[i], (now + after).min(horizon)));
            }
            now = end;
        }
        None
    }

    fn piece(&mut self, row: &PlannedRow, arm: usize, state: usize, now: f64, end: f64) -> Vec<PieceHazard> {
        let model = self.plan.tables.model;
        let middle = 0.5 * (now + end);
        self.set_residence(middle);
        let s = self.situation(arm, state, middle as usize);
        let of = |exit: &PlannedExit| {
            let transition = exit.transition as usize;
            let (origin, k) = match &model.transitions[transition].hazard {
                Hazard::Distribution { clock: Clock::TimeIn(g), .. } => (self.entered[*g], s.residence[*g]),
                _ => (0.0, s.cycle),
            };
            let begins = origin + k as f64;
            PieceHazard {
                whole: spend(model, arm, transition, &s),
                from: (now - begins).max(0.0),
                to: (end - begins).min(1.0),
                within: WithinCycle::of(model, arm, transition, &s).map(|within| (within, k)),
            }
        };
        row.all.iter().map(of).collect()
    }
}
