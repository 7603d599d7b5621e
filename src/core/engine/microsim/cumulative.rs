//! Cumulative hazard by whole cycles, and the search for the cycle in which a threshold is used up.

/// Result of a look-up if the transition does not fire before the end of the table.
pub const NEVER: u32 = u32::MAX;

/// Maximum number of entries of a guide table.
const GUIDE: usize = 1024;

/// Tables with no more runs than this are searched from the start, without a guide.
const FEW: usize = 8;

/// Cumulative hazard over cycles `0..n`, stored as runs of cycles with the same hazard. A guide table (Chen and Asau
/// 1974) makes the search fast: its entry `i` is the run at which the search for the i-th part of the total starts.
#[derive(Clone, Debug)]
pub struct Cumulative {
    /// All runs of cycles, then an end marker: cycle `n` with the total.
    runs: Vec<Run>,
    total: f64,
    guide: Vec<u32>,
    per_total: f64,
    /// Whether every run is a single cycle.
    single: bool,
}

/// Consecutive cycles with the same hazard.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Cumulative hazard before the run.
    before: f64,
    /// Hazard in each cycle of the run; equal in all of them.
    rate: f64,
    /// Cycles per unit of cumulative hazard: the inverse of `rate`.
    cycles: f64,
    /// First cycle of the run.
    start: u32,
}

impl Cumulative {
    /// Builds the table from the hazard in each cycle, which may be infinite.
    pub fn new(increments: impl Iterator<Item = f64>) -> Cumulative {
        let mut runs: Vec<Run> = Vec::new();
        let mut last = f64::NAN;
        let mut n = 0;
        let spent_by = |runs: &[Run], n: u32| match runs.last() {
            Some(run) => run.before + run.rate * f64::from(n - run.start),
            None => 0.0,
        };
        for w in increments {
            if w != last {
                runs.push(Run { before: spent_by(&runs, n), rate: w, cycles: 1.0 / w, start: n });
                last = w;
            }
            n += 1;
        }
        let single = runs.len() == n as usize;
        let total = spent_by(&runs, n);
        runs.push(Run { before: total, rate: 0.0, cycles: f64::INFINITY, start: n });
        let finite = runs.iter().map(|r| r.before).filter(|s| s.is_finite()).fold(0.0, f64::max);
        let scale = if finite > 0.0 { finite } else { 1.0 };
        let mut guide = Vec::new();
        if runs.len() > FEW {
            let parts = (2 * runs.len()).next_power_of_two().min(GUIDE);
            let mut at = 0;
            for i in 0..=parts {
                let target = scale * i as f64 / parts as f64;
                while at + 2 < runs.len() && runs[at + 1].before <= target {
                    at += 1;
                }
                guide.push(at as u32);
            }
        }
        Cumulative {
            // Slightly smaller than exact, so that rounding never starts the search behind the run that it looks for.
            per_total: guide.len().saturating_sub(1) as f64 / scale * (1.0 - 1e-12),
            runs,
            total,
            guide,
            single,
        }
    }

    /// The cycle in which the cumulative hazard exceeds `target`, or `NEVER` if it does not do so within the table.
    #[inline]
    pub fn find(&self, target: f64) -> u32 {
        if target >= self.total {
            return NEVER;
        }
        let mut at = 0;
        if let Some(last) = self.guide.len().checked_sub(1) {
            at = self.guide[((target * self.per_total) as usize).min(last)] as usize;
        }
        // The first step avoids a branch that the processor could mispredict, because more than one step is rare.
        at += usize::from(self.runs[at + 1].before <= target);
        while self.runs[at + 1].before <= target {
            at += 1;
        }
        let run = self.runs[at];
        if self.single {
            return run.start;
        }
        let last = self.runs[at + 1].start - 1;
        (run.start + ((target - run.before) * run.cycles) as u32).min(last)
    }

    /// Last cycle of the table.
    #[inline]
    pub fn last(&self) -> u32 {
        self.runs[self.runs.len() - 1].start - 1
    }

    /// Cumulative hazard before the start of `cycle`.
    #[inline]
    pub fn before(&self, cycle: u32) -> f64 {
        if self.single {
            return self.runs[cycle as usize].before;
        }
        let at = self.runs[1..].iter().take_while(|r| r.start <= cycle).count();
        let run = self.runs[at];
        if cycle == run.start {
            return run.before;
        }
        run.before + run.rate * f64::from(cycle - run.start)
    }

    /// Cumulative hazard from the start of cycle `from` to the start of cycle `to`.
    #[inline]
    pub fn between(&self, from: u32, to: u32) -> f64 {
        self.before(to) - self.before(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table agrees with a sum cycle by cycle for all kinds of runs.
    #[test]
    fn runs_agree_with_cycles() {
        let infinite = f64::INFINITY;
        for increments in [
            vec![0.1; 40],
            vec![0.0, 0.0, 0.5, 0.5, 0.5, 0.0, 0.25, 0.125],
            (0..300).map(|k| f64::from(k) * 0.001).collect(),
            vec![0.0, 0.0, infinite, infinite],
            vec![0.25, infinite, infinite],
        ] {
            let table = Cumulative::new(increments.iter().copied());
            let mut sum = 0.0;
            for (k, w) in increments.iter().enumerate() {
                let k = k as u32;
                if sum == infinite {
                    break;
                }
                assert!((table.before(k) - sum).abs() < 1e-12);
                if *w > 0.0 {
                    let middle = if w.is_finite() { sum + 0.5 * w } else { sum + 7.0 };
                    assert_eq!(table.find(middle), k, "{middle} in {increments:?}");
                }
                sum += w;
            }
            if sum.is_finite() {
                assert_eq!(table.find(sum + 1e-9), NEVER);
            }
        }
    }
}
