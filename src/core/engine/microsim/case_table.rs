//! Tables of amounts by model time, for rewards that read the time in a group of states only to choose between cases, such as
//! `if(time_in(treated) < 1, 0.1, 0)`.
//!
//! The reward of a stay is then a sum over runs of cycles in the group, and for each run a difference of two running sums over grid
//! points. The tables grow with the number of cycles and not with its square.

use crate::model::choices::{choices, taken};
use crate::model::hazard::Reads;
use crate::model::{Expr, Situation};

/// Maximum number of entries, over all classes, of a table by model time and cases of the time in a group of states.
const MOST_CASE_ENTRIES: usize = 1 << 20;

/// Amounts of several rewards by model time, if the time in a group of states only chooses between cases.
#[derive(PartialEq)]
pub struct CaseTable {
    /// The group of states whose clock chooses; `None` if there is one case for all times.
    pub clock: Option<usize>,
    /// Strides of the classes of patients.
    pub strides: Vec<f64>,
    /// For each reward: its component, and the index of the product that depends on the patient (`None` for 1).
    pub rewards: Vec<(usize, Option<usize>)>,
    /// For each class: the runs of cycles in the group, in ascending order.
    pub classes: Vec<Vec<CaseRun>>,
}

/// Consecutive numbers of cycles in a group of states that belong to the same case.
#[derive(PartialEq)]
pub struct CaseRun {
    /// First number of cycles in the group; the run ends where the next one begins.
    pub first: usize,
    /// `[(grid point, reward)]`: running sums over grid points.
    pub sums: Vec<f64>,
}

impl CaseTable {
    /// Whether two tables distinguish the same patients and times.
    pub fn same_cases(&self, other: &CaseTable) -> bool {
        let firsts = |own: &CaseTable| -> Vec<Vec<usize>> {
            own.classes.iter().map(|runs| runs.iter().map(|run| run.first).collect()).collect()
        };
        self.clock == other.clock && self.strides == other.strides && firsts(self) == firsts(other)
    }

    /// Adds the rewards of a table with the same cases.
    pub fn join(&mut self, other: CaseTable) {
        let (width, more) = (self.rewards.len(), other.rewards.len());
        self.rewards.extend(other.rewards);
        let each = self.classes.iter_mut().flatten().zip(other.classes.iter().flatten());
        for (own, other) in each {
            let rows = own.sums.chunks_exact(width).zip(other.sums.chunks_exact(more));
            own.sums = rows.flat_map(|(own, other)| own.iter().chain(other).copied()).collect();
        }
    }
}

/// The comparisons by which an amount reads the time in a group of states; `None` if it reads this time in any other way, or in
/// comparisons with model time.
pub fn residence_choices(clock: &Expr) -> Option<Vec<Expr>> {
    let mut all = Vec::new();
    let by_residence = |e: &Expr| !Reads::of(e).residence.is_empty();
    let only = choices(clock, &by_residence, &mut all) && all.len() <= 64;
    let alone = |e: &Expr| {
        let reads = Reads::of(e);
        !reads.time && !reads.age
    };
    (only && all.iter().all(alone)).then_some(all)
}

/// For each class: first number of cycles of each run; `None` if the tables of all runs would be too large.
pub fn few_runs<'s>(
    choices: &[Expr],
    g: usize,
    points: usize,
    residence: &mut [usize],
    classes: impl Iterator<Item = Situation<'s>>,
) -> Option<Vec<Vec<usize>>> {
    let all: Vec<Vec<usize>> = classes.map(|s| case_runs(choices, g, points - 1, residence, &s)).collect();
    let runs: usize = all.iter().map(Vec::len).sum();
    (runs * points <= MOST_CASE_ENTRIES).then_some(all)
}

/// First number of cycles in group `g` of each run of `count` numbers for which the same comparisons hold.
fn case_runs(choices: &[Expr], g: usize, count: usize, residence: &mut [usize], s: &Situation) -> Vec<usize> {
    let mut firsts = Vec::new();
    let mut last = None;
    for spent in 0..count {
        residence[g] = spent;
        let now = Some(taken(choices, &Situation { residence, ..*s }));
        if now != last {
            firsts.push(spent);
            last = now;
        }
    }
    firsts
}
