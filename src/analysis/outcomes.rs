//! What makes up the outcomes: the expected amounts of all rewards, by the place where they fall, by component and
//! over time, discounted and not.

use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::{Counts, StrategyCounts};
use arcosim_core::model::reward_lines::{Reading, RewardAt, RewardLine};
use arcosim_core::model::{Model, Weights};

/// Whether later amounts count for less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// As the outcome says.
    Discounted,
    /// Every amount in full.
    Undiscounted,
}

impl Worth {
    /// Both, the discounted first.
    pub const BOTH: [Worth; 2] = [Worth::Discounted, Worth::Undiscounted];

    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Worth::Discounted => "discounted",
            Worth::Undiscounted => "undiscounted",
        }
    }
}

/// Where a reward falls, as people speak of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this state.
    State(usize),
    /// With this branch of this transition, whatever state it left.
    Branch(usize, usize),
    /// At time zero.
    Start,
}

/// One reward at one place: a row of the breakdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Index into `Model::rewards`.
    pub reward: usize,
    /// Where it falls.
    pub place: Place,
}

/// Expected amounts per patient, of all strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// All rewards at all places, in the order of the scenario.
    pub entries: Vec<Entry>,
    /// Components of each outcome.
    pub components: Vec<Vec<usize>>,
    /// Index of the reference strategy.
    pub reference: usize,
    points: usize,
    strategies: Vec<StrategyBreakdown>,
}

/// Amounts of one strategy; the first index is [`Worth`].
#[derive(Clone, Debug, PartialEq)]
struct StrategyBreakdown {
    /// `entries[worth][entry]`, by the horizon.
    entries: [Vec<f64>; 2],
    /// `components[worth][component][point]`: what is added at each point.
    components: [Vec<Vec<f64>>; 2],
    /// `years[worth][outcome][state]`, by the horizon.
    years: [Vec<Vec<f64>>; 2],
}

impl Breakdown {
    /// Takes apart what the exact engine counted.
    ///
    /// A cycle's amounts stand at its end, whichever moments the outcome counts it at, so that what is gathered up to
    /// a point is what whole cycles have given; those of an outcome that is counted by points stand at the points.
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
        let of_outcome = |o: usize| {
            let components = model.components.iter().enumerate();
            components.filter(|(_, c)| c.outcome == o).map(|(i, _)| i).collect()
        };
        let strategy = |counts: &StrategyCounts| {
            let mut all = StrategyBreakdown {
                entries: [(); 2].map(|()| vec![0.0; entries.len()]),
                components: [(); 2].map(|()| vec![vec![0.0; model.time.cycles + 1]; model.components.len()]),
                years: Worth::BOTH.map(|worth| {
                    let of_outcome = weights[worth as usize].iter();
                    of_outcome.map(|weights| years(weights, counts, exact.patients)).collect()
                }),
            };
            for ((line, &entry), amounts) in paths.lines.iter().zip(&own).zip(&counts.lines) {
                let component = model.rewards[line.reward].component;
                let outcome = line.outcome(model);
                for worth in Worth::BOTH {
                    let w = worth as usize;
                    let by_points = model.outcomes[outcome].correction.by_points();
                    let mut sum = 0.0;
                    for (k, into) in all.components[w][component].iter_mut().enumerate() {
                        let amount =
                            added(line, &weights[w][outcome], by_points, amounts, k) / exact.patients;
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

    /// What an entry adds by the horizon under a strategy.
    pub fn entry(&self, worth: Worth, strategy: usize, entry: usize) -> f64 {
        self.strategies[strategy].entries[worth as usize][entry]
    }

    /// Years in a state by the horizon as an outcome counts them: what a reward of 1 a year there would add.
    pub fn years(&self, worth: Worth, strategy: usize, outcome: usize, state: usize) -> f64 {
        self.strategies[strategy].years[worth as usize][outcome][state]
    }

    /// What a component adds up to grid point `to`, itself included.
    pub fn component(&self, worth: Worth, strategy: usize, component: usize, to: usize) -> f64 {
        let points = &self.strategies[strategy].components[worth as usize][component];
        points.iter().take(to + 1).sum()
    }

    /// What patients have gathered of an outcome up to grid point `to`.
    pub fn total(&self, worth: Worth, strategy: usize, outcome: usize, to: usize) -> f64 {
        let parts = self.components[outcome].iter();
        parts.map(|&c| self.component(worth, strategy, c, to)).sum()
    }

    /// How much more that is than under the reference strategy.
    pub fn increment(&self, worth: Worth, strategy: usize, outcome: usize, to: usize) -> f64 {
        self.total(worth, strategy, outcome, to) - self.total(worth, self.reference, outcome, to)
    }

    /// What is added to an outcome at every point of the grid, and what has been gathered so far.
    pub fn over_time(&self, worth: Worth, strategy: usize, outcome: usize) -> Vec<(f64, f64)> {
        let components = &self.strategies[strategy].components[worth as usize];
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

/// Weights of all outcomes, discounted and not.
fn weights(model: &Model) -> [Vec<Weights>; 2] {
    let base = model.base_values();
    let weigh = |worth| {
        let outcomes = model.outcomes.iter().map(|outcome| match &outcome.discount {
            Some(discount) if worth == Worth::Discounted => {
                let discounting = discount.evaluate(model, &base);
                outcome.weights(&model.time, |years| discounting.factor(years))
            }
            _ => outcome.weights(&model.time, |_| 1.0),
        });
        outcomes.collect()
    };
    Worth::BOTH.map(weigh)
}

/// Years in every state, by the weights of an outcome.
fn years(weights: &Weights, counts: &StrategyCounts, patients: f64) -> Vec<f64> {
    let in_state = |occupancy: &Vec<f64>| {
        let points = occupancy.iter().zip(&weights.both);
        points.map(|(share, weight)| share * weight).sum::<f64>() / patients
    };
    counts.occupancy.iter().map(in_state).collect()
}

/// What a line adds at point `k`: by points what is counted there, otherwise what the cycle that ends there gives.
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

/// How large the totals of an outcome are under any strategy: what an error of them is measured against. Gains and
/// losses may cancel in a mean, but not in the spread between patients.
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
            // Where all is zero there is nothing that could be off.
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
        // The spread counts too, and is there where gains and losses cancel.
        let before = totals(&[(0.0, Some(10.0))]);
        let after = totals(&[(0.5, Some(9.0))]);
        assert_eq!(change_of_totals(&before, &after), 1.0 / 9.5);
        let nothing = totals(&[(0.0, Some(0.0))]);
        assert_eq!(change_of_totals(&nothing, &nothing), 0.0);
        assert_eq!(change_of_totals(&Totals::default(), &Totals::default()), 0.0);
    }
}
