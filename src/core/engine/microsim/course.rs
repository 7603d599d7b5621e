//! Course of the hazard of distributions within cycles, for look-up in continuous time.

use crate::model::within_cycle::WithinCycle;
use crate::model::{Form, HazardTable};

/// Course of the hazard of a distribution for one class of patients.
#[derive(Clone, Debug)]
pub struct CourseOfHazard {
    pub within: WithinCycle,
    /// Ratio that multiplies the hazard of the distribution, if it is the same in all cycles.
    pub ratio: Option<f64>,
}

/// Per class: the course of the hazard, if the table has a distribution in continuous time; otherwise empty.
pub fn courses(table: &HazardTable) -> Vec<CourseOfHazard> {
    let Form::Cycles(_, values) = &table.form else {
        return Vec::new();
    };
    let course = |(within, values): (&WithinCycle, &Vec<f64>)| CourseOfHazard {
        within: within.clone(),
        ratio: within.ratio(values),
    };
    table.within.iter().zip(values).map(course).collect()
}
