//! Course of one patient in continuous time, recalculated from the formulas of the scenario: no tables, and times of events by
//! bisection.

use crate::prelude::*;
use arcosim_core::engine::random::Stream;
use arcosim_core::math::root::root;
use arcosim_core::model::hazard::{Effects, stretched};
use arcosim_core::model::never;
use arcosim_core::model::{Clock, EffectOn, Hazard, Situation, branch_shares};

/// Attributes, thresholds and clocks of the patient.
pub struct Course<'a> {
    pub evidence: &'a Evidence<'a>,
    pub attributes: &'a [f64],
    pub arm: usize,
    pub parameters: &'a [f64],
    pub streams: &'a [Stream],
    pub patient: u64,
}

/// An event: transition, branch, and time in cycles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub transition: usize,
    pub branch: usize,
    pub time: f64,
}

impl Course<'_> {
    /// All events of the patient, who begins in `state`.
    pub fn events(&self, mut state: usize) -> Vec<Event> {
        let model = self.evidence.model;
        let transitions = model.transitions.len();
        let mut fired = vec![0; transitions];
        let draw = |t: usize, fired: u64| self.streams[t].threshold(self.patient, fired);
        let mut thresholds: Vec<(f64, f64)> = (0..transitions).map(|t| draw(t, 0)).collect();
        let mut entered = vec![0.0; model.groups.len()];
        let mut now = 0.0;
        let mut events = Vec::new();
        let horizon = model.time.cycles as f64;
        while now < horizon {
            let end = end_of_piece(&entered, now, horizon);
            let middle = 0.5 * (now + end);
            let residence: Vec<usize> = entered.iter().map(|e| (middle - e) as usize).collect();
            let s = Situation {
                parameters: self.parameters,
                attributes: self.attributes,
                state,
                cycle: middle as usize,
                residence: &residence,
                cycles_per_year: model.time.cycles_per_year,
                part: model.time.part(),
            };
            let exits = (0..transitions).filter(|&t| model.transitions[t].from.contains(&state));
            let mut first: Option<(usize, f64)> = None;
            for t in exits.clone() {
                let due = thresholds[t].0;
                let spent = |to: f64| self.spent(t, &s, &entered, (now, to));
                let all = spent(end);
                if all > due {
                    let at =
                        root(|to| Some(spent(to) - due), [now, -due], [end, all - due], 1e-12).unwrap_or(end);
                    if first.is_none_or(|(_, least)| at < least) {
                        first = Some((t, at));
                    }
                }
            }
            let until = first.map_or(end, |(_, at)| at);
            for t in exits.filter(|t| first.is_none_or(|(winner, _)| winner != *t)) {
                thresholds[t].0 = (thresholds[t].0 - self.spent(t, &s, &entered, (now, until))).max(0.0);
            }
            if let Some((t, at)) = first {
                let branches = &model.transitions[t].branches;
                let mut left = thresholds[t].1;
                let shares = branch_shares(branches, &s);
                let chosen = shares.iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                let branch = chosen.unwrap_or(branches.len() - 1);
                events.push(Event { transition: t, branch, time: at });
                let to = branches[branch].to.unwrap_or(state);
                for (group, entered) in model.groups.iter().zip(&mut entered) {
                    if group.states.contains(&to) && !group.states.contains(&state) {
                        *entered = at;
                    }
                }
                state = to;
                fired[t] += 1;
                thresholds[t] = draw(t, fired[t]);
            }
            now = until;
        }
        events
    }

    /// Cumulative hazard between two times within one piece.
    fn spent(&self, t: usize, s: &Situation, entered: &[f64], (from, to): (f64, f64)) -> f64 {
        let model = self.evidence.model;
        let years = |cycles: f64| cycles / s.cycles_per_year;
        let effects = Effects::new(model, self.arm, t, s).ratio(EffectOn::Hazard, s.cycle as f64 + s.part);
        let plain = match &model.transitions[t].hazard {
            Hazard::Rate(rate) => rate.value(s) * years(to - from),
            Hazard::Distribution { time, clock, ratio } => {
                let origin = match clock {
                    Clock::TimeIn(g) => -years(entered[*g]),
                    Clock::Age(a) => s.attributes[*a],
                    _ => 0.0,
                };
                let time = stretched(time, model, self.arm, t, s);
                time.hazard_between(origin + years(from), origin + years(to)) * ratio.value(s)
            }
            Hazard::LifeTable { table, age, ratio } => {
                let table = &model.life_tables[*table];
                let start = s.attributes[*age];
                let mortality = table.cumulative(table.column(s.attributes, model));
                mortality.between(start + years(from), start + years(to)) * ratio.value(s)
            }
            Hazard::Probability(_) | Hazard::Complement => 0.0,
        };
        plain * effects * never::factor(model, self.arm, t, s)
    }
}

/// End of the piece that begins at `now`, in cycles: the next time at which a clock completes a cycle, or the horizon. Clocks started
/// at the times in `entered`, and that of model time at zero.
pub fn end_of_piece(entered: &[f64], now: f64, horizon: f64) -> f64 {
    let next = |start: f64| {
        let next = start + (now - start).floor() + 1.0;
        if next - now < 1e-11 { next + 1.0 } else { next }
    };
    entered.iter().map(|start| next(*start)).fold(next(0.0), f64::min).min(horizon)
}
