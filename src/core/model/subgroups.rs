//! Subgroups of patients: divisions of the population by what is known of each patient at the start.

use super::expression::{Expr, Situation};

/// Subgroups for which results are reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subgroups {
    /// Divisions of the patients.
    pub divisions: Vec<Division>,
    /// Combinations of divisions whose subgroups are reported too, as indices of `divisions`.
    pub crossed: Vec<Vec<usize>>,
}

/// A division of all patients into subgroups, such as by sex. Every patient is in exactly one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Division {
    /// Name.
    pub name: String,
    /// Subgroups in the order of the scenario.
    pub groups: Vec<Subgroup>,
}

/// One subgroup of a division.
#[derive(Clone, Debug, PartialEq)]
pub struct Subgroup {
    /// Name, which tables and figures print.
    pub name: String,
    /// Condition on attributes and on the state at presentation; `None` for all patients who are in no other subgroup.
    pub condition: Option<Expr>,
}

impl Subgroups {
    /// All sets of divisions that are reported: each division alone, then the combinations.
    pub fn sets(&self) -> Vec<Vec<usize>> {
        (0..self.divisions.len()).map(|d| vec![d]).chain(self.crossed.iter().cloned()).collect()
    }

    /// Name of a set of divisions, such as "stage, size".
    pub fn set_name(&self, divisions: &[usize]) -> String {
        let names = divisions.iter().map(|&d| self.divisions[d].name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// Name of a subgroup of a set of divisions, such as "late, small". `groups` has its index in each of the divisions.
    pub fn group_name(&self, divisions: &[usize], groups: &[usize]) -> String {
        let pairs = divisions.iter().zip(groups);
        let names = pairs.map(|(&d, &g)| self.divisions[d].groups[g].name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }
}

impl Division {
    /// Subgroups whose condition holds for a patient at the start. More than one is an overlap.
    pub fn matching(&self, s: &Situation) -> Vec<usize> {
        let holds = |&g: &usize| self.groups[g].condition.as_ref().is_some_and(|c| c.value(s) != 0.0);
        (0..self.groups.len()).filter(holds).collect()
    }

    /// Subgroup of a patient at the start; `None` if no condition holds and no subgroup takes the others.
    pub fn group_of(&self, s: &Situation) -> Option<usize> {
        let rest = self.groups.iter().position(|group| group.condition.is_none());
        self.matching(s).first().copied().or(rest)
    }
}
