//! Kaplan–Meier and Aalen–Johansen curves from the counts of either engine. Expected counts are evaluated with the same
//! estimators as simulated patients, because a ratio of expected counts is the limit of the estimate as the number of
//! patients grows.

use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::{Counts, EndpointCounts};
use arcosim_core::model::TimeGrid;
use arcosim_core::survival::{AalenJohansen, CompetingTable, KaplanMeier, RiskTable};

/// Engine that computed a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The exact cohort engine, which computes expected values.
    Exact,
    /// The microsimulation, which estimates values from simulated patients.
    Microsimulation,
}

impl Source {
    /// Name of the engine in output files.
    pub fn name(self) -> &'static str {
        match self {
            Source::Exact => "exact",
            Source::Microsimulation => "microsimulation",
        }
    }
}

/// Share of entrants still at risk below which follow-up ends, because a ratio of two expected counts this small is
/// rounding error.
const NOBODY: f64 = 1e-9;

/// Survival and cumulative incidence of one endpoint under one strategy.
#[derive(Clone, Debug)]
pub struct Curves {
    /// Risk table: events of the endpoint, with all other exits counted as censored.
    pub table: RiskTable,
    /// Competing events at each time of the risk table, which counts them as censored.
    pub competing: Vec<f64>,
    /// Kaplan–Meier survival, with competing events censored.
    pub survival: KaplanMeier,
    /// Cumulative incidence: cause 0 is the event, cause 1 is any competing event.
    pub incidence: AalenJohansen,
}

/// The curves of every strategy and endpoint from one engine.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Numbers of patients by state and endpoint, from the engine.
    pub counts: Counts,
    /// `curves[strategy][endpoint]`; `None` if no patient is ever at risk.
    pub curves: Vec<Vec<Option<Curves>>>,
    /// Totals of costs and effects over the horizon.
    pub totals: Totals,
}

impl Solution {
    /// Estimates every curve from the counts of an engine.
    pub fn new(counts: Counts, totals: Totals, time: &TimeGrid) -> Solution {
        let curves = counts
            .strategies
            .iter()
            .map(|s| s.endpoints.iter().map(|e| curves(e, counts.patients, time)).collect())
            .collect();
        Solution { counts, curves, totals }
    }
}

/// Estimates the curves of one endpoint; `None` if no patient is ever at risk.
pub fn curves(counts: &EndpointCounts, patients: f64, time: &TimeGrid) -> Option<Curves> {
    if counts.entered <= NOBODY * patients {
        return None;
    }
    let mut at_risk = counts.at_risk();
    let followed = at_risk.partition_point(|n| *n > NOBODY * counts.entered);
    at_risk.truncate(followed);
    let cut = |column: &[f64]| column[..followed].to_vec();
    let times: Vec<f64> = (0..followed).map(|k| time.years(k)).collect();
    let ends: Vec<f64> = (0..followed).map(|k| counts.competing[k] + counts.censored[k]).collect();
    let table = RiskTable {
        times: times.clone(),
        at_risk: at_risk.clone(),
        events: cut(&counts.events),
        censored: ends,
    };
    let competing = CompetingTable {
        times,
        at_risk,
        events: vec![cut(&counts.events), cut(&counts.competing)],
        censored: cut(&counts.censored),
    };
    // In continuous time events happen within cycles; with one move a cycle, at their ends.
    let (survival, incidence) = match time.continuous() {
        true => (
            KaplanMeier::new(&table.within_intervals()).joined(),
            AalenJohansen::new(&competing.within_intervals()),
        ),
        false => (KaplanMeier::new(&table), AalenJohansen::new(&competing)),
    };
    Some(Curves { survival, incidence, competing: cut(&counts.competing), table })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arcosim_core::model::Moves;

    const YEARLY: TimeGrid = TimeGrid { cycles: 3, cycles_per_year: 1.0, moves: Moves::OnceACycle };

    fn counts(events: [f64; 4], competing: [f64; 4], censored: [f64; 4], entered: f64) -> EndpointCounts {
        EndpointCounts {
            beyond: 0.0,
            entered,
            events: events.to_vec(),
            competing: competing.to_vec(),
            censored: censored.to_vec(),
        }
    }

    #[test]
    fn competing_events_are_censored_in_survival_and_not_in_incidence() {
        let c = counts([0.0, 10.0, 8.0, 0.0], [0.0, 10.0, 0.0, 0.0], [0.0, 0.0, 0.0, 72.0], 100.0);
        let curves = curves(&c, 100.0, &YEARLY).unwrap();
        assert!((curves.survival.at(2.0).unwrap().survival - 0.9 * 0.9).abs() < 1e-15);
        assert!((curves.incidence.at(0, 2.0).unwrap().probability - 0.18).abs() < 1e-15);
        assert!((curves.incidence.at(1, 2.0).unwrap().probability - 0.10).abs() < 1e-15);
    }

    #[test]
    fn a_fatal_procedure_is_an_event_at_time_zero() {
        let c = counts([5.0, 0.0, 0.0, 0.0], [0.0; 4], [0.0, 0.0, 0.0, 95.0], 100.0);
        let curves = curves(&c, 100.0, &YEARLY).unwrap();
        assert_eq!(curves.survival.at(0.0).unwrap().survival, 0.95);
    }

    #[test]
    fn nobody_at_risk_has_no_curve_and_a_vanished_tail_no_estimate() {
        assert!(curves(&counts([0.0; 4], [0.0; 4], [0.0; 4], 0.0), 100.0, &YEARLY).is_none());
        let c = counts([0.0, 1.0 - 1e-12, 5e-13, 0.0], [0.0; 4], [0.0; 4], 1.0);
        let curves = curves(&c, 1.0, &YEARLY).unwrap();
        assert_eq!(curves.table.times, [0.0, 1.0]);
    }
}
