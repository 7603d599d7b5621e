//! Competing exits by look-up: which exit of a state fires first, and how much hazard the other exits have spent.

use super::cumulative::NEVER;
use super::life::Life;
use super::plan::{PlannedExit, PlannedRow};
use super::settings::Rule;

/// A stay in a state, from the cycle of entry to the cycle in which an exit fires.
pub struct Exposure {
    pub arm: usize,
    pub state: usize,
    pub from: u32,
    pub at: u32,
}

impl<'a> Life<'a> {
    /// Cycle in which the threshold of an exit is used up, for a patient exposed since `cycle`.
    #[inline(always)]
    fn fires(&mut self, exit: &PlannedExit, arm: usize, state: usize, cycle: u32) -> u32 {
        let threshold = self.threshold(exit.transition);
        let (left, fresh) = (threshold.left, threshold.fresh);
        if let Some(cycles) = exit.steady {
            let k = left * cycles;
            // The comparison in floating point also returns `NEVER` for an infinite `k`, as from a hazard of zero.
            return if k < f64::from(self.clocks.horizon - cycle) { cycle + k as u32 } else { NEVER };
        }
        // For a threshold from which no hazard has been subtracted, all strategies look up the same value on the exit's
        // own clock, so the last result is used again.
        let origin = exit.group.map_or(0, |g| self.clocks.entry[g as usize]);
        let from = cycle - origin;
        let known = self.known(exit, arm, state);
        if fresh && known.from == from {
            return known.fires.saturating_add(origin);
        }
        let (class, due) = (known.class as usize, left * known.per_scale);
        let plan = self.plan;
        let lookup = &plan.lookups[exit.lookup as usize];
        let fires = lookup.fires(class, due, from, &self.clocks);
        if fresh {
            let known = &mut self.known[exit.lookup as usize];
            known.from = from;
            known.fires = fires;
        }
        fires.saturating_add(origin)
    }

    /// First cycle, from `cycle` on, in which the lifelong exit of a row fires; `NEVER` if the row has no lifelong
    /// exit.
    pub fn lifelong(&mut self, row: &PlannedRow, arm: usize, state: usize, cycle: u32) -> u32 {
        match &row.lifelong {
            Some(exit) => self.fires(exit, arm, state, cycle),
            None => NEVER,
        }
    }

    /// The exit that fires first among the exits of a state entered at `cycle`, and the cycle in which it fires. `last`
    /// is the cycle in which the lifelong exit fires.
    #[inline]
    pub fn look_up(
        &mut self,
        row: &'a PlannedRow,
        arm: usize,
        state: usize,
        cycle: u32,
        last: u32,
    ) -> Option<(&'a PlannedExit, u32)> {
        // Sort key: by cycle and, within a cycle, the exits resolved first before the other exits.
        let order = |fires: u32, first: bool| u64::from(fires) << 1 | u64::from(!first);
        let mut earliest = order(NEVER, false);
        let mut at = 0;
        let mut tied = false;
        for (i, exit) in row.all.iter().enumerate() {
            let fires = order(self.fires(exit, arm, state, cycle), i < row.firsts);
            let earlier = fires < earliest;
            tied = fires == earliest || tied && !earlier;
            at = if earlier { i } else { at };
            earliest = fires.min(earliest);
        }
        if let Some(exit) = &row.lifelong
            && order(last, true) <= earliest
        {
            if last >= self.clocks.horizon {
                return None;
            }
            if !exit.losers.is_empty() {
                let sojourn = Exposure { arm, state, from: cycle, at: last };
                self.book(row, exit, true, None, &sojourn);
            }
            return Some((exit, last));
        }
        let mut winner = row.all.get(at)?;
        let in_first = earliest & 1 == 0;
        let at = (earliest >> 1) as u32;
        if at >= self.clocks.horizon {
            return None;
        }
        if tied || !winner.losers.is_empty() {
            let sojourn = Exposure { arm, state, from: cycle, at };
            let mut u = None;
            if tied {
                let exits = if in_first { row.first() } else { row.rest() };
                let (least, share) = self.least(exits, &sojourn);
                winner = least;
                u = Some(share);
            }
            self.book(row, winner, in_first, u, &sojourn);
        }
        Some((winner, at))
    }

    /// Among exits that fire in the same cycle, the exit that fires first within the cycle, and the fraction of the
    /// cycle before it fires.
    #[inline(never)]
    fn least(&mut self, exits: &'a [PlannedExit], sojourn: &Exposure) -> (&'a PlannedExit, f64) {
        let mut best: Option<(&PlannedExit, f64)> = None;
        for exit in exits {
            if self.fires(exit, sojourn.arm, sojourn.state, sojourn.from) != sojourn.at {
                continue;
            }
            let u = self.share_of_cycle(exit, sojourn);
            let better = match best {
                None => true,
                Some((other, _))
                    if self.plan.rule == Rule::AbsorbingWins && exit.absorbing != other.absorbing =>
                {
                    exit.absorbing
                }
                Some((_, least)) => u < least,
            };
            if better {
                best = Some((exit, u));
            }
        }
        best.expect("exits that tie fire in the earliest cycle")
    }

    /// Subtracts the hazard that other exits have spent when `winner` fires, for all exits to which the patient may be
    /// exposed again.
    #[inline(never)]
    fn book(
        &mut self,
        row: &PlannedRow,
        winner: &PlannedExit,
        in_first: bool,
        u: Option<f64>,
        sojourn: &Exposure,
    ) {
        let mut u = u;
        for &i in &winner.losers {
            let i = i as usize;
            let exit = &row.all[i];
            // Exits of the winner's own set spend hazard until the winner fires. If the winner belongs to the set
            // resolved first, the other exits spend nothing in this cycle; if not, the exits resolved first have spent
            // the whole cycle.
            let share = match ((i < row.firsts) == in_first, self.plan.rule) {
                (true, Rule::LosersSpendTheCycle) => 1.0,
                (true, _) => *u.get_or_insert_with(|| self.share_of_cycle(winner, sojourn)),
                (false, _) if in_first => 0.0,
                (false, _) => 1.0,
            };
            let spent = self.spent(exit, sojourn, sojourn.from, sojourn.at, share);
            let threshold = self.threshold(exit.transition);
            threshold.left = (threshold.left - spent).max(0.0);
            threshold.fresh = false;
        }
    }

    /// Fraction of the cycle of firing that passes before `exit` fires.
    fn share_of_cycle(&mut self, exit: &PlannedExit, sojourn: &Exposure) -> f64 {
        let threshold = *self.threshold(exit.transition);
        let before = self.spent(exit, sojourn, sojourn.from, sojourn.at, 0.0);
        let whole = self.spent(exit, sojourn, sojourn.from, sojourn.at, 1.0);
        if whole.is_finite() && whole > before {
            ((threshold.left - before) / (whole - before)).max(0.0)
        } else {
            0.0
        }
    }

    /// Cumulative hazard of `exit` from the start of cycle `from` to the start of cycle `to`, plus the fraction `share`
    /// of cycle `to`.
    pub fn spent(&mut self, exit: &PlannedExit, sojourn: &Exposure, from: u32, to: u32, share: f64) -> f64 {
        let known = self.known(exit, sojourn.arm, sojourn.state);
        let (class, scale) = (known.class as usize, known.scale);
        let lookup = &self.plan.lookups[exit.lookup as usize];
        let mut spent = lookup.spent(class, scale, from, to, &self.clocks);
        if share > 0.0 {
            spent += share * lookup.spent(class, scale, to, to + 1, &self.clocks);
        }
        spent
    }
}
