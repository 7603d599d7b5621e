//! Which way out of a state fires first, cycle by cycle: the definition itself, for rows that no table holds.

use super::life::Life;
use super::lookup::weight;
use super::plan::{Rule, Way, Ways};
use crate::model::Situation;
use crate::model::hazard::spend;

impl<'a> Life<'a> {
    /// The way that fires first among the exits of a state entered at cycle `from`, and the cycle in which it does.
    pub fn walk(&mut self, row: &'a Ways, arm: usize, state: usize, from: u32) -> Option<(&'a Way, u32)> {
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

    /// What each way spends in one cycle, and whether the row is certain.
    fn increments(
        &mut self,
        arm: usize,
        state: usize,
        ways: &[Way],
        stated: bool,
        cycle: u32,
    ) -> (Vec<f64>, bool) {
        let tables = self.plan.tables;
        for (g, &entry) in self.clocks.entry.iter().enumerate() {
            self.residence[g] = cycle.saturating_sub(entry) as usize;
        }
        let s = Situation {
            parameters: &tables.parameters[arm],
            attributes: &self.clocks.attributes,
            state,
            cycle: cycle as usize,
            residence: &self.residence,
            cycles_per_year: tables.model.time.cycles_per_year,
        };
        let values: Vec<f64> =
            ways.iter().map(|w| spend(tables.model, arm, w.transition as usize, &s)).collect();
        if !stated {
            return (values, false);
        }
        let sum: f64 = values.iter().sum();
        if sum >= 1.0 - 1e-12 {
            return (values, true);
        }
        (values.iter().map(|q| weight(*q, sum)).collect(), false)
    }

    /// One cycle of ways that compete; the winner, if one fires.
    fn cycle(&mut self, ways: &'a [Way], (w, certain): &(Vec<f64>, bool)) -> Option<&'a Way> {
        let mut best: Option<(usize, f64)> = None;
        for (i, way) in ways.iter().enumerate() {
            let u = self.threshold(way.transition).left / w[i];
            if w[i] > 0.0 && (u < 1.0 || *certain) {
                let better = match best {
                    None => true,
                    Some((j, _))
                        if self.plan.rule == Rule::AbsorbingWins && way.absorbing != ways[j].absorbing =>
                    {
                        way.absorbing
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
        for (i, way) in ways.iter().enumerate() {
            if best.is_none_or(|(winner, _)| winner != i) {
                let threshold = self.threshold(way.transition);
                threshold.left = (threshold.left - share * w[i]).max(0.0);
                threshold.fresh = false;
            }
        }
        best.map(|(i, _)| &ways[i])
    }
}
