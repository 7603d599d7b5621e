//! Options of a cohort run: how much it counts, and whether it should stop.

/// How much a run counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Occupancy, moves and totals by component.
    Totals,
    /// Also endpoints, and every reward line at every point of the grid.
    Everything,
}

/// Asked in every cycle: whether the run should end.
pub type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);
