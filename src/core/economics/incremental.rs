//! Fully incremental analysis: cost-effectiveness frontier, dominance and ICERs.
//!
//! M. F. Drummond et al., Methods for the Economic Evaluation of Health Care Programmes, 4th ed. (2015), ch. 4; M.
//! Paulden, PharmacoEconomics 38 (2020) 785–807 on why no ICER is reported for a dominated strategy.

use super::samples::{BadSamples, check_threshold, first_largest};

/// Costs (or effects) are treated as equal if they differ by less than this share of the largest absolute value.
const SAME: f64 = 1e-12;

/// Result of the incremental analysis for one strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// On the frontier: the strategy has the highest net benefit at some threshold.
    Frontier,
    /// Dominated: another strategy has at least as much effect at no more cost, and is strictly better in effect or
    /// cost.
    Dominated {
        /// Index of the dominating strategy with the most effect, or the cheapest of several; this strategy is not
        /// dominated itself.
        by: usize,
    },
    /// Extendedly dominated: a mix of two other strategies has more effect at the same cost, so the ICER of this
    /// strategy is above the ICER of the next strategy on the frontier.
    ExtendedlyDominated {
        /// Indices of the strategies on the frontier with the next lower and the next higher effect.
        between: (usize, usize),
    },
    /// Same cost and same effect as another strategy, which represents both and is not dominated.
    Equal {
        /// Index of the strategy that represents both, the lower of the two indices.
        to: usize,
    },
    /// Theoretical bound that cannot be chosen, such as a best case; excluded from the analysis.
    NotOnOffer,
}

/// Step along the frontier from one strategy to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Index of the previous strategy on the frontier.
    pub against: usize,
    /// Incremental cost versus the previous strategy; positive.
    pub cost: f64,
    /// Incremental effect versus the previous strategy; positive.
    pub effect: f64,
    /// Incremental cost-effectiveness ratio (ICER): money per unit of effect gained.
    pub icer: f64,
}

/// Row of one strategy in the incremental table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncrementalRow {
    /// Index of the strategy in the input.
    pub strategy: usize,
    /// Mean cost, as passed in.
    pub cost: f64,
    /// Mean effect, as passed in.
    pub effect: f64,
    /// Whether the strategy is on the frontier, dominated, extendedly dominated, equal to another, or not a decision
    /// option.
    pub status: Status,
    /// Step from the previous strategy on the frontier; `None` for the first strategy on the frontier and for
    /// strategies off it.
    pub step: Option<Step>,
}

/// Threshold at which the best choice changes from one strategy to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwitchPoint {
    /// Willingness to pay at which the best choice changes, in money per unit of effect.
    pub threshold: f64,
    /// Index of the strategy with the highest net benefit just below the threshold.
    pub from: usize,
    /// Index of the strategy with the highest net benefit just above the threshold.
    pub to: usize,
}

/// Table of a fully incremental analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Incremental {
    /// Rows sorted by cost (for equal costs, the most effect first); strategies that cannot be chosen are last.
    pub rows: Vec<IncrementalRow>,
}

impl Incremental {
    /// Indices of the strategies on the frontier, by increasing cost and effect.
    pub fn frontier(&self) -> Vec<usize> {
        (self.rows.iter()).filter(|row| row.status == Status::Frontier).map(|row| row.strategy).collect()
    }

    /// Thresholds at which the best choice changes, in increasing order. A strategy that is best only at a single
    /// threshold, where three or more strategies tie, is skipped. Below the first switch point the cheapest strategy is
    /// best.
    pub fn switch_points(&self) -> Vec<SwitchPoint> {
        let mut points: Vec<SwitchPoint> = Vec::new();
        for row in &self.rows {
            let Some(step) = row.step else { continue };
            match points.last_mut() {
                Some(last) if step.icer <= last.threshold * (1.0 + SAME) => last.to = row.strategy,
                _ => points.push(SwitchPoint { threshold: step.icer, from: step.against, to: row.strategy }),
            }
        }
        points
    }
}

/// Cost and effect of one strategy. Values that differ only by rounding have been set equal, so that comparisons are
/// exact and transitive.
#[derive(Clone, Copy)]
struct CostEffectPoint {
    strategy: usize,
    cost: f64,
    effect: f64,
}

/// Fully incremental analysis of all strategies; `on_offer` is true for the strategies that can be chosen.
///
/// A strategy with the same effect at more cost, or with less effect at the same cost, is dominated. A strategy exactly
/// on the line between two others is not dominated, because all three have the same net benefit at one threshold.
pub fn incremental(costs: &[f64], effects: &[f64], on_offer: &[bool]) -> Result<Incremental, BadSamples> {
    if costs.len() != effects.len() || costs.len() != on_offer.len() {
        return Err(BadSamples::Lengths);
    }
    if let Some(i) = (0..costs.len()).find(|&i| !(costs[i].is_finite() && effects[i].is_finite())) {
        return Err(BadSamples::NotFinite(i, 0));
    }
    let offered: Vec<usize> = (0..costs.len()).filter(|&i| on_offer[i]).collect();
    if offered.is_empty() {
        return Err(BadSamples::NoStrategies);
    }
    let points = sorted_points(costs, effects, &offered);
    let mut status = vec![Status::NotOnOffer; costs.len()];
    let choices = drop_dominated(&points, &mut status);
    let frontier = hull(&choices);
    for point in &choices {
        let after = frontier.partition_point(|f| f.effect <= point.effect);
        if frontier[after - 1].strategy != point.strategy {
            let between = (frontier[after - 1].strategy, frontier[after].strategy);
            status[point.strategy] = Status::ExtendedlyDominated { between };
        }
    }

    let mut before: Option<usize> = None;
    let mut rows: Vec<IncrementalRow> = (points.iter())
        .map(|point| {
            let strategy = point.strategy;
            let mut row = row(strategy, costs, effects, status[strategy]);
            if row.status == Status::Frontier {
                row.step = before.map(|against| {
                    let (cost, effect) = (row.cost - costs[against], row.effect - effects[against]);
                    Step { against, cost, effect, icer: cost / effect }
                });
                before = Some(strategy);
            }
            row
        })
        .collect();
    let mut bounds: Vec<usize> = (0..costs.len()).filter(|&i| !on_offer[i]).collect();
    bounds.sort_by(|&a, &b| costs[a].total_cmp(&costs[b]));
    rows.extend((bounds.iter()).map(|&i| row(i, costs, effects, Status::NotOnOffer)));
    Ok(Incremental { rows })
}

fn row(strategy: usize, costs: &[f64], effects: &[f64], status: Status) -> IncrementalRow {
    IncrementalRow { strategy, cost: costs[strategy], effect: effects[strategy], status, step: None }
}

/// Points of the strategies on offer, sorted by increasing cost, then by decreasing effect, then by index.
fn sorted_points(costs: &[f64], effects: &[f64], offered: &[usize]) -> Vec<CostEffectPoint> {
    let (costs, effects) = (merged(costs, offered), merged(effects, offered));
    let mut points: Vec<CostEffectPoint> = (offered.iter().zip(costs.iter().zip(&effects)))
        .map(|(&strategy, (&cost, &effect))| CostEffectPoint { strategy, cost, effect })
        .collect();
    points.sort_by(|a, b| (a.cost.total_cmp(&b.cost)).then(b.effect.total_cmp(&a.effect)));
    points
}

/// Values of the strategies in `offered`, with values that differ only by rounding set equal.
fn merged(values: &[f64], offered: &[usize]) -> Vec<f64> {
    let size = offered.iter().fold(0.0_f64, |size, &i| size.max(values[i].abs()));
    let mut sorted: Vec<f64> = offered.iter().map(|&i| values[i]).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup_by(|next, kept| *next - *kept <= SAME * size);
    // Each value is replaced by the largest kept number that is not above the value. Adding 0.0 turns -0.0 into 0.0,
    // because `total_cmp` distinguishes the two.
    (offered.iter())
        .map(|&i| sorted[sorted.partition_point(|&kept| kept <= values[i]).max(1) - 1] + 0.0)
        .collect()
}

/// Marks equal and dominated strategies, and returns the others by increasing cost and effect.
fn drop_dominated(points: &[CostEffectPoint], status: &mut [Status]) -> Vec<CostEffectPoint> {
    let mut kept: Vec<CostEffectPoint> = Vec::new();
    for &point in points {
        // Points are sorted by cost, so the last point kept has the most effect of all points with a lower or equal
        // cost.
        status[point.strategy] = match kept.last() {
            Some(best) if best.cost == point.cost && best.effect == point.effect => {
                Status::Equal { to: best.strategy }
            }
            Some(best) if best.effect >= point.effect => Status::Dominated { by: best.strategy },
            _ => {
                kept.push(point);
                Status::Frontier
            }
        };
    }
    kept
}

/// Frontier of points with increasing cost and effect: their lower convex hull.
fn hull(points: &[CostEffectPoint]) -> Vec<CostEffectPoint> {
    let mut hull: Vec<CostEffectPoint> = Vec::new();
    for &next in points {
        while let [.., a, b] = hull[..] {
            let first = (b.cost - a.cost) * (next.effect - b.effect);
            let second = (next.cost - b.cost) * (b.effect - a.effect);
            // Point b is removed as extendedly dominated if the ICER of the step to b is above the ICER of the step
            // from b.
            if first <= second * (1.0 + SAME) {
                break;
            }
            hull.pop();
        }
        hull.push(next);
    }
    hull
}

/// Net monetary benefit: threshold × effect − cost.
pub fn nmb(cost: f64, effect: f64, threshold: f64) -> f64 {
    threshold * effect - cost
}

/// Net health benefit: effect − cost / threshold. `None` unless the threshold is positive.
pub fn nhb(cost: f64, effect: f64, threshold: f64) -> Option<f64> {
    (threshold > 0.0).then(|| effect - cost / threshold)
}

/// Index of the strategy with the highest net monetary benefit, the first on ties.
pub fn best(costs: &[f64], effects: &[f64], threshold: f64) -> Result<usize, BadSamples> {
    check_threshold(threshold)?;
    if costs.len() != effects.len() {
        return Err(BadSamples::Lengths);
    }
    let benefits: Vec<f64> =
        (costs.iter().zip(effects)).map(|(&cost, &effect)| nmb(cost, effect, threshold)).collect();
    if let Some(i) = benefits.iter().position(|b| !b.is_finite()) {
        return Err(BadSamples::NotFinite(i, 0));
    }
    first_largest(&benefits).ok_or(BadSamples::NoStrategies)
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    /// Textbook example from the HERC course of the US Department of Veterans Affairs.
    #[test]
    fn the_textbook_example_has_its_icers() {
        let (e, d, c, b, a, usual) = (0, 1, 2, 3, 4, 5);
        let costs = [55000.0, 35000.0, 25000.0, 10000.0, 12000.0, 5000.0];
        let effects = [5.0, 4.0, 3.0, 2.0, 1.5, 1.0];
        let table = incremental(&costs, &effects, &[true; 6]).unwrap();
        assert_eq!(table.frontier(), [usual, b, d, e]);
        let order: Vec<usize> = table.rows.iter().map(|r| r.strategy).collect();
        assert_eq!(order, [usual, b, a, c, d, e]);
        assert_eq!(table.rows[2].status, Status::Dominated { by: b });
        assert_eq!(table.rows[3].status, Status::ExtendedlyDominated { between: (b, d) });
        let icers: Vec<f64> = table.rows.iter().filter_map(|r| r.step).map(|s| s.icer).collect();
        assert_eq!(icers, [5000.0, 12500.0, 20000.0]);
        let points = table.switch_points();
        assert_eq!(points.iter().map(|p| p.threshold).collect::<Vec<_>>(), icers);
        assert_eq!((points[1].from, points[1].to), (b, d));
        for (threshold, winner) in [(0.0, usual), (4999.0, usual), (5001.0, b), (12501.0, d), (1e6, e)] {
            assert_eq!(best(&costs, &effects, threshold), Ok(winner));
        }
        // A bound is listed in the table but does not affect the frontier.
        let masked = incremental(&costs, &effects, &[true, false, true, true, true, true]).unwrap();
        assert_eq!(masked.frontier(), [usual, b, c, e]);
        assert_eq!(masked.rows[5].strategy, d);
        assert_eq!(masked.rows[5].status, Status::NotOnOffer);
    }

    #[test]
    fn ties_are_told_apart() {
        let status = |costs: &[f64], effects: &[f64]| {
            let table = incremental(costs, effects, &vec![true; costs.len()]).unwrap();
            let mut status = vec![Status::NotOnOffer; costs.len()];
            for row in table.rows {
                status[row.strategy] = row.status;
            }
            status
        };
        use Status::*;
        // Three cases: same cost with less effect, same effect at more cost, and differences within rounding error.
        assert_eq!(status(&[1.0, 1.0], &[1.0, 2.0]), [Dominated { by: 1 }, Frontier]);
        assert_eq!(status(&[2.0, 1.0], &[1.0, 1.0]), [Dominated { by: 1 }, Frontier]);
        assert_eq!(
            status(&[0.1 + 0.2, 0.3, 0.3], &[1.0, 1.0, 0.1]),
            [Frontier, Equal { to: 0 }, Dominated { by: 0 }]
        );
        // An effect that differs only by rounding must not produce an ICER of 1e15.
        assert_eq!(status(&[1.0, 2.0], &[1.0, 1.0 + 1e-15]), [Frontier, Dominated { by: 0 }]);
        assert_eq!(status(&[0.0, -0.0], &[0.0, 0.0]), [Frontier, Equal { to: 0 }]);
        assert_eq!(status(&[-0.0, 0.0], &[1.0, 2.0]), [Dominated { by: 1 }, Frontier]);
        // If several strategies dominate, the dominating strategy with the most effect is reported.
        assert_eq!(status(&[1.0, 2.0, 3.0], &[2.0, 3.0, 1.0]), [Frontier, Frontier, Dominated { by: 1 }]);
        // A strategy on the line between two others is on the frontier.
        let line = incremental(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0], &[true; 3]).unwrap();
        assert_eq!(line.frontier(), [0, 1, 2]);
        assert_eq!(line.switch_points(), [SwitchPoint { threshold: 1.0, from: 0, to: 2 }]);
    }

    #[test]
    fn bad_input_is_an_error_and_ratios_without_meaning_are_none() {
        assert_eq!(incremental(&[], &[], &[]), Err(BadSamples::NoStrategies));
        assert_eq!(incremental(&[1.0], &[1.0], &[false]), Err(BadSamples::NoStrategies));
        assert_eq!(incremental(&[1.0], &[f64::NAN], &[true]), Err(BadSamples::NotFinite(0, 0)));
        assert_eq!(incremental(&[1.0], &[], &[true]), Err(BadSamples::Lengths));
        assert_eq!(best(&[], &[], 1.0), Err(BadSamples::NoStrategies));
        assert_eq!(nhb(100.0, 2.0, 0.0), None);
        assert_eq!(nhb(100.0, 2.0, 50.0), Some(0.0));
        assert_eq!(nmb(100.0, 2.0, 50.0), 0.0);
    }

    /// All strategies with the highest net benefit at some positive threshold, found by brute force: net benefits are
    /// evaluated at every threshold where two strategies tie, between ties, below the first tie and above the last.
    /// Only the first of equal strategies is returned.
    fn by_sweep(costs: &[f64], effects: &[f64], on_offer: &[bool]) -> Vec<usize> {
        let n = costs.len();
        let mut ties: Vec<f64> = (0..n)
            .flat_map(|i| (0..n).map(move |j| (i, j)))
            .map(|(i, j)| (costs[i] - costs[j]) / (effects[i] - effects[j]))
            .filter(|t| t.is_finite() && *t > 0.0)
            .collect();
        ties.sort_by(f64::total_cmp);
        let mut thresholds = vec![1.0];
        thresholds.extend(ties.first().map(|t| t / 2.0));
        thresholds.extend(ties.last().map(|t| t * 2.0));
        thresholds.extend(ties.windows(2).map(|t| f64::midpoint(t[0], t[1])));
        thresholds.extend(&ties);
        let mut chosen = vec![false; n];
        for threshold in thresholds {
            let benefit = |i: usize| threshold * effects[i] - costs[i];
            let top = (0..n).filter(|&i| on_offer[i]).map(benefit).fold(f64::MIN, f64::max);
            for i in (0..n).filter(|&i| on_offer[i]) {
                let size = threshold * effects[i].abs() + costs[i].abs() + 1.0;
                chosen[i] |= benefit(i) >= top - 1e-11 * size;
            }
        }
        (0..n)
            .filter(|&i| chosen[i])
            .filter(|&i| !(0..i).any(|j| on_offer[j] && costs[j] == costs[i] && effects[j] == effects[i]))
            .collect()
    }

    #[test]
    fn a_sweep_of_net_benefit_finds_the_same_frontier() {
        let mut numbers = Numbers(15);
        let (mut longest, mut equal, mut extended) = (0, 0, 0);
        for set in 0..1000 {
            let n = 1 + numbers.below(12);
            // One third of the sets is on a coarse grid with many ties, equal strategies and straight lines; one third
            // is uniformly random; one third is near a curve of diminishing returns, which has long frontiers.
            let mut strategy = || match set % 3 {
                0 => (numbers.below(7) as f64 - 3.0, numbers.below(7) as f64 - 3.0),
                1 => (1e5 * (numbers.uniform() - 0.5), 20.0 * (numbers.uniform() - 0.5)),
                _ => {
                    let effect = 20.0 * (numbers.uniform() - 0.5);
                    let above = 1e3 * numbers.uniform();
                    ((effect + 10.0) * (effect + 10.0) * 500.0 - 2e4 + above, effect)
                }
            };
            let (mut costs, mut effects): (Vec<f64>, Vec<f64>) = (0..n).map(|_| strategy()).unzip();
            // One strategy is a copy of another, or of itself.
            let (copy, of) = (numbers.below(n), numbers.below(n));
            (costs[copy], effects[copy]) = (costs[of], effects[of]);
            let mut on_offer: Vec<bool> = (0..n).map(|_| numbers.below(8) > 0).collect();
            on_offer[0] = true;
            let table = incremental(&costs, &effects, &on_offer).unwrap();
            let mut frontier = table.frontier();
            assert_eq!(table.rows.len(), n);
            for row in &table.rows {
                equal += usize::from(matches!(row.status, Status::Equal { .. }));
                extended += usize::from(matches!(row.status, Status::ExtendedlyDominated { .. }));
                if let Some(step) = row.step {
                    assert!(step.cost > 0.0 && step.effect > 0.0 && step.icer.is_finite());
                }
            }
            // Between two switch points, the strategy stated by the switch points must have the highest net benefit.
            let points = table.switch_points();
            for pair in points.windows(2) {
                assert!(pair[0].threshold < pair[1].threshold && pair[0].to == pair[1].from);
                let between = f64::midpoint(pair[0].threshold, pair[1].threshold);
                let benefit = |i: usize| nmb(costs[i], effects[i], between);
                let top = (0..n).filter(|&i| on_offer[i]).map(benefit).fold(f64::MIN, f64::max);
                assert_eq!(benefit(pair[0].to), top);
            }
            longest = longest.max(frontier.len());
            frontier.sort_unstable();
            assert_eq!(frontier, by_sweep(&costs, &effects, &on_offer), "set {set}: {costs:?} {effects:?}");
        }
        assert!(longest >= 8 && equal > 100 && extended > 100, "{longest} {equal} {extended}");
    }
}
