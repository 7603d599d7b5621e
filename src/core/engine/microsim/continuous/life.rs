//! Life of one simulated patient in continuous time.

use super::super::life::{Life, Move};
use super::super::plan::{PlannedExit, PlannedRow};
use super::super::settings::Rule;

impl<'a> Life<'a> {
    /// Simulates the patient's life under `strategy` and calls `seen` with every move.
    pub fn live_continuously(&mut self, strategy: usize, seen: &mut impl FnMut(Move)) {
        let plan = self.plan;
        let (arm, mut state) = self.start(strategy, seen);
        let mut now = 0.0;
        self.entered.fill(0.0);
        loop {
            let row = &plan.rows[plan.row[arm][state] as usize];
            if row.no_exits() {
                break;
            }
            let fired = match row.walked {
                true => self.walk_continuously(row, arm, state, now),
                false => self.next_firing(row, arm, state, now),
            };
            let Some((exit, at)) = fired else { break };
            now = at;
            let edge = self.fire(exit, |own| {
                own.set_residence(at);
                own.situation(arm, state, at as usize)
            });
            seen(Move::Fired { edge, cycle: (now.ceil() as usize).max(1), time: now });
            for &g in &plan.paths.enters[edge] {
                self.entered[g] = now;
            }
            state = plan.paths.edges[edge].to;
        }
    }

    /// The exit that fires first among the exits of a state, for a patient exposed since `now`, and the time at which it fires;
    /// `None` if none fires before the horizon.
    #[inline]
    fn next_firing(
        &mut self,
        row: &'a PlannedRow,
        arm: usize,
        state: usize,
        now: f64,
    ) -> Option<(&'a PlannedExit, f64)> {
        let horizon = f64::from(self.clocks.horizon);
        let mut winner: Option<(&PlannedExit, f64)> = None;
        for exit in &row.all {
            let at = self.fires_at(exit, arm, state, now);
            let wins = match winner {
                None => at < horizon,
                // A deliberate error for tests: a death in the same cycle comes first.
                Some((other, least))
                    if self.plan.rule == Rule::AbsorbingWins
                        && at.min(horizon).floor() == least.floor()
                        && exit.absorbing != other.absorbing =>
                {
                    exit.absorbing
                }
                Some((_, least)) => at < least,
            };
            if wins {
                winner = Some((exit, at));
            }
        }
        let (exit, at) = winner?;
        for &loser in &exit.losers {
            let other = &row.all[loser as usize];
            // A deliberate error for tests: losing exits spend the hazard of the whole cycle.
            let until = if self.plan.rule == Rule::LosersSpendTheCycle { at.ceil() } else { at };
            let origin = self.origin(other);
            let known = self.known(other, arm, state);
            let (class, scale) = (known.class as usize, known.scale);
            let lookup = &self.plan.lookups[other.lookup as usize];
            let spent = scale * lookup.spent_between(class, now - origin, until - origin, &self.clocks);
            let threshold = self.threshold(other.transition);
            threshold.left = (threshold.left - spent).max(0.0);
            threshold.fresh = false;
        }
        Some((exit, at))
    }

    /// Time at which the clock of an exit started.
    #[inline]
    fn origin(&self, exit: &PlannedExit) -> f64 {
        exit.group.map_or(0.0, |g| self.entered[g as usize])
    }

    /// Time at which the threshold of an exit is used up, for a patient exposed since `now`.
    #[inline(always)]
    fn fires_at(&mut self, exit: &PlannedExit, arm: usize, state: usize, now: f64) -> f64 {
        let threshold = self.threshold(exit.transition);
        let (left, fresh) = (threshold.left, threshold.fresh);
        if let Some(cycles) = exit.steady {
            return now + left * cycles;
        }
        // For a threshold from which no hazard has been subtracted, all strategies look up the same value on the exit's own clock, so
        // the last result is used again.
        let origin = self.origin(exit);
        let from = now - origin;
        let at = exit.lookup as usize;
        let (patient, last_from, last) = self.last_fired[at];
        if fresh && patient == self.patient && last_from == from {
            return origin + last;
        }
        let known = self.known(exit, arm, state);
        let (class, due) = (known.class as usize, left * known.per_scale);
        let fires = self.plan.lookups[at].fires_at(class, due, from, &self.clocks);
        if fresh {
            self.last_fired[at] = (self.patient, from, fires);
        }
        // Rounding must not move a firing before the start of the exposure.
        (origin + fires).max(now)
    }

    /// Sets the completed cycles in each group of states at a time.
    pub fn set_residence(&mut self, time: f64) {
        for (residence, entered) in self.residence.iter_mut().zip(&self.entered) {
            *residence = (time - entered).max(0.0) as usize;
        }
    }
}
