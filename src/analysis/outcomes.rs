//! Breakdown of outcomes: expected amounts of all rewards by place (state, transition or start), by component and over
//! time, discounted and undiscounted.

use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::{Counts, StrategyCounts};
use arcosim_core::model::reward_lines::{Reading, RewardAt, RewardLine};
use arcosim_core::model::{Model, Weights};

/// Whether amounts are discounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discounting {
    /// Amounts discounted as the outcome specifies.
    Discounted,
    /// Amounts without discounting.
    Undiscounted,
}

impl Discounting {
    /// Both settings, discounted first.
    pub const BOTH: [Discounting; 2] = [Discounting::Discounted, Discounting::Undiscounted];

    /// Name of the setting in output files.
    pub fn name(self) -> &'static str {
        match self {
            Discounting::Discounted => "discounted",
            Discounting::Undiscounted => "undiscounted",
        }
    }
}

/// Place where a reward accrues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Time in the state with this index.
    State(usize),
    /// Move by the transition and branch with these indices, from any state.
    Branch(usize, usize),
    /// Start of the model (time zero).
    Start,
}

/// One reward at one place: a row of the breakdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Index of the reward in `Model::rewards`.
    pub reward: usize,
    /// State, transition or start where the reward accrues.
    pub place: Place,
}

/// Expected amounts per patient of all rewards, for all strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// All rewards at all places, in the order of the scenario.
    pub entries: Vec<Entry>,
    /// Indices of the components (categories) of each outcome.
    pub components: Vec<Vec<usize>>,
    /// Index of the reference strategy.
    pub reference: usize,
    points: usize,
    strategies: Vec<StrategyBreakdown>,
}

/// Expected amounts under one strategy; the first index of each array is a [`Discounting`].
#[derive(Clone, Debug, PartialEq)]
struct StrategyBreakdown {
    /// `entries[discounting][entry]`: amount of the entry over the horizon.
    entries: [Vec<f64>; 2],
    /// `components[discounting][component][point]`: amount added to the component at each grid point.
    components: [Vec<Vec<f64>>; 2],
    /// `years[discounting][outcome][state]`: years in the state over the horizon, weighted as for the outcome.
    years: [Vec<Vec<f64>>; 2],
}

impl Breakdown {
    /// Computes the breakdown from the counts of the exact engine.
    ///
    /// The amount of a cycle is assigned to the end of that cycle, whatever within-cycle correction the outcome uses,
    /// so that the sum up to a grid point covers whole cycles. Outcomes that are counted at grid points keep their
    /// amounts at those points.
    pub fn new(model: &Model, exact: &Counts) -> Breakdown {
        let paths = model.paths();
        let place = |line: &RewardLine| match line.at {
            RewardAt::In(state, _) => Place::State(state),
            RewardAt::Edge(e) => Place::Branch(paths.edges[e].transition, paths.edges[e].branch),
            RewardAt::Start => Place::Start,
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut own = Vec::new();
        for line in &paths.lines {
            let entry = Entry { reward: line.reward, place: place(line) };
            own.push(entries.iter().position(|e| *e == entry).unwrap_or_else(|| {
                entries.push(entry);
                entries.len() - 1
            }));
        }
        let weights = weights(model);
        let continuous = model.time.continuous();
        let of_outcome = |o: usize| {
            let components = model.components.iter().enumerate();
            components.filter(|(_, c)| c.outcome == o).map(|(i, _)| i).collect()
        };
        let strategy = |counts: &StrategyCounts| {
            let mut all = StrategyBreakdown {
                entries: [(); 2].map(|()| vec![0.0; entries.len()]),
                components: [(); 2].map(|()| vec![vec![0.0; model.time.cycles + 1]; model.components.len()]),
                years: Discounting::BOTH.map(|discounting| {
                    let of_outcome = weights[discounting as usize].iter();
                    let each = of_outcome.enumerate().map(|(o, weights)| match (continuous, discounting) {
                        (true, Discounting::Discounted) => counts.accrued.years[o].clone(),
                        (true, Discounting::Undiscounted) => counts.accrued.undiscounted_years.clone(),
                        (false, _) => years(weights, counts, exact.patients),
                    });
                    each.collect()
                }),
            };
            for (l, ((line, &entry), amounts)) in paths.lines.iter().zip(&own).zip(&counts.lines).enumerate()
            {
                let component = model.rewards[line.reward].component;
                let outcome = line.outcome(model);
                for discounting in Discounting::BOTH {
                    let w = discounting as usize;
                    let by_points = model.outcomes[outcome].correction.by_points();
                    // In continuous time the engine has added up the amounts of each cycle.
                    let accrued = match discounting {
                        Discounting::Discounted => counts.accrued.discounted.get(l),
                        Discounting::Undiscounted => Some(amounts).filter(|_| continuous),
                    };
                    let mut sum = 0.0;
                    for (k, into) in all.components[w][component].iter_mut().enumerate() {
                        let amount = match accrued {
                            Some(accrued) => accrued[k],
                            None => added(line, &weights[w][outcome], by_points, amounts, k),
                        } / exact.patients;
                        *into += amount;
                        sum += amount;
                    }
                    all.entries[w][entry] += sum;
                }
            }
            all
        };
        Breakdown {
            components: (0..model.outcomes.len()).map(of_outcome).collect(),
            reference: model.reference(),
            points: model.time.cycles + 1,
            strategies: exact.strategies.iter().map(strategy).collect(),
            entries,
        }
    }

    /// Amount of an entry of the breakdown under a strategy, over the horizon.
    pub fn entry(&self, discounting: Discounting, strategy: usize, entry: usize) -> f64 {
        self.strategies[strategy].entries[discounting as usize][entry]
    }

    /// Years in a state over the horizon, counted and discounted as for this outcome: the total of a reward of 1 per
    /// year in that state.
    pub fn years(&self, discounting: Discounting, strategy: usize, outcome: usize, state: usize) -> f64 {
        self.strategies[strategy].years[discounting as usize][outcome][state]
    }

    /// Amount of a component up to and including grid point `to`.
    pub fn component(&self, discounting: Discounting, strategy: usize, component: usize, to: usize) -> f64 {
        let points = &self.strategies[strategy].components[discounting as usize][component];
        points.iter().take(to + 1).sum()
    }

    /// Amount of an outcome up to and including grid point `to`.
    pub fn total(&self, discounting: Discounting, strategy: usize, outcome: usize, to: usize) -> f64 {
        let parts = self.components[outcome].iter();
        parts.map(|&c| self.component(discounting, strategy, c, to)).sum()
    }

    /// Increment of an outcome versus the reference strategy up to grid point `to`.
    pub fn increment(&self, discounting: Discounting, strategy: usize, outcome: usize, to: usize) -> f64 {
        self.total(discounting, strategy, outcome, to) - self.total(discounting, self.reference, outcome, to)
    }

    /// Amount added to an outcome at each grid point, and the running total.
    pub fn over_time(&self, discounting: Discounting, strategy: usize, outcome: usize) -> Vec<(f64, f64)> {
        let components = &self.strategies[strategy].components[discounting as usize];
        let mut gathered = 0.0;
        (0..self.points)
            .map(|k| {
                let added: f64 = self.components[outcome].iter().map(|&c| components[c][k]).sum();
                gathered += added;
                (added, gathered)
            })
            .collect()
    }
}

/// Weights of all outcomes at all grid points, discounted and undiscounted.
fn weights(model: &Model) -> [Vec<Weights>; 2] {
    let base = model.base_values();
    let weigh = |discounting| {
        let outcomes = model.outcomes.iter().map(|outcome| match &outcome.discount {
            Some(discount) if discounting == Discounting::Discounted => {
                let discounting = discount.evaluate(model, &base);
                outcome.weights(&model.time, Some(&discounting))
            }
            _ => outcome.weights(&model.time, None),
        });
        outcomes.collect()
    };
    Discounting::BOTH.map(weigh)
}

/// Years per patient in every state, weighted as for an outcome.
fn years(weights: &Weights, counts: &StrategyCounts, patients: f64) -> Vec<f64> {
    let in_state = |occupancy: &Vec<f64>| {
        let points = occupancy.iter().zip(&weights.both);
        points.map(|(share, weight)| share * weight).sum::<f64>() / patients
    };
    counts.occupancy.iter().map(in_state).collect()
}

/// Amount that a reward line adds at grid point `k`: the amount at that point if the outcome is counted at grid points,
/// otherwise the amount of the cycle that ends at the point.
fn added(line: &RewardLine, weights: &Weights, by_points: bool, amounts: &[f64], k: usize) -> f64 {
    let RewardAt::In(_, reading) = line.at else {
        return match line.at {
            RewardAt::Start if k > 0 => 0.0,
            _ => amounts[k] * weights.once[k],
        };
    };
    if by_points {
        return amounts[k] * weights.start[k];
    }
    if k == 0 {
        return 0.0;
    }
    let begins = match reading {
        Reading::Ends => 0.0,
        _ => amounts[k - 1] * weights.start[k - 1],
    };
    let ends = match reading {
        Reading::Begins => 0.0,
        _ => amounts[k] * weights.end[k],
    };
    begins + ends
}

/// Size of an outcome (the largest over all strategies), by which errors are divided. The size includes the spread
/// between patients, because gains and losses may cancel in the mean.
pub fn scale(totals: &Totals, outcome: usize) -> f64 {
    let all = totals.strategies.iter().filter_map(|s| s.outcomes.get(outcome));
    all.map(|t| t.mean.abs() + t.sd.unwrap_or(0.0)).fold(0.0, f64::max)
}

/// Largest change of any mean or standard deviation from `a` to `b`, as a share of the outcome's [`scale`].
pub fn change_of_totals(a: &Totals, b: &Totals) -> f64 {
    let mut most: f64 = 0.0;
    for (of_a, of_b) in a.strategies.iter().zip(&b.strategies) {
        for (o, (x, y)) in of_a.outcomes.iter().zip(&of_b.outcomes).enumerate() {
            let spread = x.sd.zip(y.sd).map_or(0.0, |(x, y)| (x - y).abs());
            let change = (x.mean - y.mean).abs().max(spread);
            // Without a change the error is zero; the scale could then be zero too.
            if change > 0.0 {
                most = most.max(change / scale(b, o));
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use arcosim_core::engine::{StrategyTotals, Total};

    fn totals(means: &[(f64, Option<f64>)]) -> Totals {
        let strategy = |&(mean, sd): &(f64, Option<f64>)| StrategyTotals {
            outcomes: vec![Total { mean, sd }],
            ..StrategyTotals::default()
        };
        Totals { strategies: means.iter().map(strategy).collect() }
    }

    #[test]
    fn a_change_is_measured_against_what_there_is() {
        let before = totals(&[(90.0, None), (200.0, None)]);
        let after = totals(&[(91.0, None), (200.0, None)]);
        assert_eq!(change_of_totals(&before, &after), 1.0 / 200.0);
        // The scale includes the spread between patients, which remains if gains and losses cancel in the mean.
        let before = totals(&[(0.0, Some(10.0))]);
        let after = totals(&[(0.5, Some(9.0))]);
        assert_eq!(change_of_totals(&before, &after), 1.0 / 9.5);
        let nothing = totals(&[(0.0, Some(0.0))]);
        assert_eq!(change_of_totals(&nothing, &nothing), 0.0);
        assert_eq!(change_of_totals(&Totals::default(), &Totals::default()), 0.0);
    }
}
