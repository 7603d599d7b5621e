//! Numbers at risk at chosen times, as they are printed under survival curves.

use crate::curves::Curves;
use arcosim_core::survival::number_at_risk;

/// Where those who entered are at one time: `at_risk + censored + events` is their number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtRisk {
    /// Years.
    pub time: f64,
    /// Still at risk just after this time; when the run ends: still observed.
    pub at_risk: f64,
    /// Censored by then, competing events among them.
    pub censored: f64,
    /// Censored by a competing event.
    pub competing: f64,
    /// With the event.
    pub events: f64,
}

/// The numbers at risk at `times`. Patients whom only the end of the run censors were observed until then, so at the horizon
/// they count as still at risk.
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

/// How many are censored at the horizon without a competing event.
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
    use arcosim_core::model::TimeGrid;

    #[test]
    fn only_the_end_of_the_run_leaves_people_at_risk() {
        let time = TimeGrid { cycles: 3, cycles_per_year: 1.0 };
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
