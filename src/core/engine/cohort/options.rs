//! Options of a cohort run: which results it counts, and when it should stop.

/// Which results a run counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Only totals.
    Totals,
    /// Also occupancy, moves, endpoints, and every reward line at every grid point.
    Everything,
}

/// Callback that returns true if the run should end; called in every cycle.
pub type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);
