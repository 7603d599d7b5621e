//! The clocks of a cell of patients in one cycle.

use super::super::layout::StateLayout;
use crate::model::clocks::MOST_CLOCKS;

/// Completed cycles of the clock of each group of states. Patients entered a group at the start of the model, or at a uniformly
/// distributed time in their cycle of entry; in the second case a cycle has an early part, before the clock of the group completes
/// another cycle, and a late part.
#[derive(Default)]
pub struct CellClocks {
    pub early: Vec<usize>,
    pub late: Vec<usize>,
}

impl CellClocks {
    /// Clocks of this number of groups.
    pub fn new(groups: usize) -> CellClocks {
        CellClocks { early: vec![0; groups], late: vec![0; groups] }
    }

    /// Sets the clocks of patients who entered the groups of a state in these cycles (0: at the start; k: in cycle k - 1).
    pub fn set(&mut self, here: &StateLayout, entry: &[u32; MOST_CLOCKS], cycle: usize) {
        for (&g, &entered) in here.clocks.iter().zip(entry) {
            self.late[g] = match entered {
                0 => cycle,
                entered => cycle + 1 - entered as usize,
            };
            self.early[g] = if entered == 0 { cycle } else { self.late[g].saturating_sub(1) };
        }
    }

    /// Whether no clock completes a cycle within this one.
    pub fn same(&self) -> bool {
        self.early == self.late
    }
}
