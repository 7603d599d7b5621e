//! Look-up of the time at which a transition fires.

use super::super::course::CourseOfHazard;
use super::super::cumulative::{Cumulative, NEVER};
use super::super::lookup::{Clocks, Lookup, LookupForm};
use crate::model::within_cycle::WithinCycle;

impl Lookup {
    /// The time at which the cumulative hazard since `from` reaches `due`, both times on the lookup's own clock in cycles; infinite
    /// if it does not within the horizon.
    #[inline]
    pub fn fires_at(&self, class: usize, due: f64, from: f64, clocks: &Clocks) -> f64 {
        match (&self.kind, self.within.get(class)) {
            (_, Some(CourseOfHazard { within, ratio: Some(ratio) })) => within.reaches(from, due / ratio),
            (LookupForm::Constant(w), _) => from + due / w[class],
            (LookupForm::Time(tables) | LookupForm::Residence(_, tables), course) => {
                let (table, within) = (&tables[class], course.map(|course| &course.within));
                reaches(table, within, spent_to(table, within, from) + due)
            }
            (LookupForm::Age(age, tables), _) => {
                let table = &tables[class];
                let start = clocks.attributes[*age];
                let now = start + from * clocks.year;
                (table.inverse(table.integral(now) + due) - start) * clocks.per_year
            }
            (LookupForm::Walk, _) => unreachable!("walked rows are not looked up"),
        }
    }

    /// Cumulative hazard between two times on the lookup's own clock, in cycles.
    #[inline]
    pub fn spent_between(&self, class: usize, from: f64, to: f64, clocks: &Clocks) -> f64 {
        match (&self.kind, self.within.get(class)) {
            (_, Some(CourseOfHazard { within, ratio: Some(ratio) })) => ratio * within.between(from, to),
            (LookupForm::Constant(w), _) => w[class] * (to - from),
            (LookupForm::Time(tables) | LookupForm::Residence(_, tables), course) => {
                let (table, within) = (&tables[class], course.map(|course| &course.within));
                spent_to(table, within, to) - spent_to(table, within, from)
            }
            (LookupForm::Age(age, tables), _) => {
                let table = &tables[class];
                let start = clocks.attributes[*age];
                table.integral(start + to * clocks.year) - table.integral(start + from * clocks.year)
            }
            (LookupForm::Walk, _) => unreachable!("walked rows are not looked up"),
        }
    }
}

/// Cumulative hazard up to `time`.
#[inline]
fn spent_to(table: &Cumulative, within: Option<&WithinCycle>, time: f64) -> f64 {
    let k = (time as u32).min(table.last());
    let before = table.before(k);
    let u = time - f64::from(k);
    if u == 0.0 {
        return before;
    }
    let share = within.map_or(u, |within| within.share(k as usize, u));
    before + share * (table.before(k + 1) - before)
}

/// Time at which the cumulative hazard reaches `target`.
#[inline]
fn reaches(table: &Cumulative, within: Option<&WithinCycle>, target: f64) -> f64 {
    let k = table.find(target);
    if k == NEVER {
        return f64::INFINITY;
    }
    let before = table.before(k);
    let share = ((target - before) / (table.before(k + 1) - before)).clamp(0.0, 1.0);
    f64::from(k) + within.map_or(share, |within| within.part(k as usize, share))
}
