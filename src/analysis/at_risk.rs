//! Numbers at risk at chosen times, as printed under Kaplan–Meier survival curves.

use crate::curves::Curves;
use arcosim_core::survival::number_at_risk;

/// Status at one time of the patients who entered the risk set; `at_risk + censored + events` is the number who
/// entered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtRisk {
    /// Time in years.
    pub time: f64,
    /// Patients still at risk just after this time; at the end of the run, patients still under observation.
    pub at_risk: f64,
    /// Patients censored by this time, including those with a competing event.
    pub censored: f64,
    /// Patients censored by a competing event by this time.
    pub competing: f64,
    /// Patients who have had the event by this time.
    pub events: f64,
}

/// Numbers at risk at `times`. Patients who are censored only by the end of the run were observed until then, so they
/// count as still at risk at the horizon.
pub fn at_risk(curves: &Curves, times: &[f64], horizon: f64) -> Vec<AtRisk> {
    let observed = observed_to(curves, horizon);
    let rows = number_at_risk(&curves.table, times).into_iter().map(|row| {
        let steps = curves.table.times.partition_point(|t| *t <= row.time);
        let counted = AtRisk {
            time: row.time,
            at_risk: row.at_risk,
            censored: row.censored,
            competing: curves.competing[..steps].iter().sum(),
            events: row.events,
        };
        match row.time >= horizon {
            false => counted,
            true => AtRisk {
                censored: (row.censored - observed).max(0.0),
                at_risk: row.at_risk + observed,
                ..counted
            },
        }
    });
    rows.collect()
}

/// Number of patients who are censored at the horizon without a competing event.
fn observed_to(curves: &Curves, horizon: f64) -> f64 {
    let last = curves.table.rows().zip(&curves.competing).next_back();
    last.filter(|(row, _)| row.time >= horizon)
        .map_or(0.0, |(row, competing)| (row.censored - competing).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::curves;
    use arcosim_core::engine::counts::EndpointCounts;
    use arcosim_core::model::{Moves, TimeGrid};

    #[test]
    fn only_the_end_of_the_run_leaves_people_at_risk() {
        let time = TimeGrid { cycles: 3, cycles_per_year: 1.0, moves: Moves::OnceACycle };
        let counts = EndpointCounts {
            beyond: 0.0,
            entered: 100.0,
            events: vec![0.0, 10.0, 5.0, 4.0],
            competing: vec![0.0, 3.0, 0.0, 2.0],
            censored: vec![0.0, 0.0, 6.0, 70.0],
        };
        let curves = curves(&counts, 100.0, &time).unwrap();
        assert_eq!(observed_to(&curves, 3.0), 70.0);
        assert_eq!(observed_to(&curves, 4.0), 0.0);
        let end = at_risk(&curves, &[3.0], 3.0)[0];
        assert_eq!([end.at_risk, end.censored, end.competing, end.events], [70.0, 11.0, 5.0, 19.0]);
    }
}
