//! Shapley values, for example of the changes between two scenarios or the components of a treatment: exact from all
//! subsets of up to ten players, or estimated from sampled orders if there are more.

use std::collections::BTreeMap;

use arcosim_core::engine::random::Stream;
use arcosim_core::math;

/// Largest number of changes for which all 2^n subsets are evaluated.
pub const MOST_EXACT: usize = 10;
/// Number of sampled pairs, each a random order and its reverse, for more than [`MOST_EXACT`] changes.
pub const PAIRS: usize = 50;
/// Fixed seed of the random orders, so that the attribution is reproducible.
const SEED: u64 = 1;

/// Method by which Shapley values are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Exact, from all subsets of the changes.
    Exact,
    /// Estimated from this many pairs of a random order and its reverse (Castro, Gómez and Tejada 2009; antithetic
    /// after Mitchell and colleagues 2022).
    Sampled(usize),
}

/// A Shapley value, with its standard error if orders were sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The Shapley value.
    pub value: f64,
    /// Standard error; `None` if exact.
    pub se: Option<f64>,
}

/// Shapley values of one quantity, by sample (a single sample if exact) and player.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    samples: Vec<Vec<f64>>,
}

impl Shares {
    /// The Shapley value of every player.
    pub fn estimates(&self) -> Vec<Estimate> {
        let n = self.samples.len() as f64;
        let players = self.samples.first().map_or(0, Vec::len);
        let estimate = |player: usize| {
            let all = || self.samples.iter().map(|sample| sample[player]);
            let value = all().sum::<f64>() / n;
            let squares: f64 = all().map(|x| (x - value) * (x - value)).sum();
            let se = (n > 1.0).then(|| math::sqrt(squares / (n - 1.0) / n));
            Estimate { value, se }
        };
        (0..players).map(estimate).collect()
    }

    /// Shapley values of a linear function of two quantities.
    pub fn combine(&self, other: &Shares, linear: impl Fn(f64, f64) -> f64) -> Shares {
        let samples = self.samples.iter().zip(&other.samples);
        let combine = |(own, other): (&Vec<f64>, &Vec<f64>)| {
            own.iter().zip(other).map(|(x, y)| linear(*x, *y)).collect()
        };
        Shares { samples: samples.map(combine).collect() }
    }
}

/// Values of all evaluated subsets of the players.
pub struct Values<V> {
    players: usize,
    values: BTreeMap<Vec<bool>, V>,
    /// Pairs of an order of the players and its reverse; empty if all subsets were evaluated.
    orders: Vec<[Vec<usize>; 2]>,
}

impl<V> Values<V> {
    /// Shapley values of one quantity, which `quantity` extracts from the value of a subset.
    pub fn pick(&self, quantity: impl Fn(&V) -> f64) -> Shares {
        let value = |set: &[bool]| quantity(&self.values[set]);
        let samples = match self.orders.is_empty() {
            true => vec![exact(self.players, value)],
            false => self.orders.iter().map(|pair| sampled(self.players, pair, &value)).collect(),
        };
        Shares { samples }
    }

    /// Whether a condition is true for every evaluated subset.
    pub fn all(&self, condition: impl Fn(&V) -> bool) -> bool {
        self.values.values().all(condition)
    }

    /// Number of players.
    pub fn players(&self) -> usize {
        self.players
    }

    /// The value of a subset that was evaluated.
    pub fn of(&self, set: &[bool]) -> &V {
        &self.values[set]
    }
}

/// The subsets of players that the Shapley values of a game need; `set[player]` is true for members.
#[derive(Clone, Debug)]
pub struct Subsets {
    players: usize,
    /// The subsets, sorted and without repetition.
    pub sets: Vec<Vec<bool>>,
    orders: Vec<[Vec<usize>; 2]>,
}

impl Subsets {
    /// All subsets of up to [`MOST_EXACT`] players, or those of sampled orders.
    pub fn new(players: usize) -> Subsets {
        let exact = players <= MOST_EXACT;
        let orders = if exact { Vec::new() } else { orders(players) };
        let mut sets: Vec<Vec<bool>> = match exact {
            true => (0..1usize << players)
                .map(|mask| (0..players).map(|player| mask >> player & 1 == 1).collect())
                .collect(),
            false => orders.iter().flatten().flat_map(|order| along(players, order)).collect(),
        };
        sets.sort();
        sets.dedup();
        Subsets { players, sets, orders }
    }

    /// Adds the subsets with one player, and those without one player.
    pub fn with_single_players(mut self) -> Subsets {
        for player in 0..self.players {
            for alone in [true, false] {
                self.sets.push((0..self.players).map(|other| (other == player) == alone).collect());
            }
        }
        self.sets.sort();
        self.sets.dedup();
        self
    }

    /// The values of all subsets, in the order of [`Subsets::sets`].
    pub fn with_values<V>(self, values: Vec<V>) -> (Method, Values<V>) {
        let method = match self.orders.is_empty() {
            true => Method::Exact,
            false => Method::Sampled(self.orders.len()),
        };
        let values = self.sets.into_iter().zip(values).collect();
        (method, Values { players: self.players, values, orders: self.orders })
    }
}

/// Evaluates the subsets that the Shapley values of a game need. `evaluate` returns the value of each subset. `None`
/// (interrupted) and errors of `evaluate` are passed on.
pub fn shapley<V>(
    players: usize,
    evaluate: impl FnOnce(&[Vec<bool>]) -> Option<Result<Vec<V>, String>>,
) -> Option<Result<(Method, Values<V>), String>> {
    let subsets = Subsets::new(players);
    Some(evaluate(&subsets.sets)?.map(|values| subsets.with_values(values)))
}

/// Subsets that form when players join in this order, from the empty set to all players.
fn along(players: usize, order: &[usize]) -> Vec<Vec<bool>> {
    let mut set = vec![false; players];
    let mut sets = vec![set.clone()];
    for &player in order {
        set[player] = true;
        sets.push(set.clone());
    }
    sets
}

/// Random orders of the players, each with its reverse.
fn orders(players: usize) -> Vec<[Vec<usize>; 2]> {
    let stream = Stream::new(SEED, 0, "order of changes");
    (0..PAIRS)
        .map(|pair| {
            let key = |player: usize| stream.uniforms(pair as u64, player as u64)[0];
            let mut order: Vec<usize> = (0..players).collect();
            order.sort_by(|&a, &b| key(a).total_cmp(&key(b)));
            let reverse = order.iter().rev().copied().collect();
            [order, reverse]
        })
        .collect()
}

/// Mean contribution of every player over an order and its reverse.
fn sampled(players: usize, pair: &[Vec<usize>; 2], value: &impl Fn(&[bool]) -> f64) -> Vec<f64> {
    let mut shares = vec![0.0; players];
    for order in pair {
        let sets = along(players, order);
        for (&player, step) in order.iter().zip(sets.windows(2)) {
            shares[player] += 0.5 * (value(&step[1]) - value(&step[0]));
        }
    }
    shares
}

/// Exact Shapley value of every player: the sum over all sets S without the player of |S|! (n - |S| - 1)! / n! times
/// the value that the player adds to S.
fn exact(players: usize, value: impl Fn(&[bool]) -> f64) -> Vec<f64> {
    // weights[size] = size! (n - size - 1)! / n!, computed recursively from 1 / n.
    let n = players as f64;
    let mut weights = Vec::with_capacity(players);
    for size in 0..players {
        weights.push(match weights.last() {
            None => 1.0 / n,
            Some(before) => before * size as f64 / (n - size as f64),
        });
    }
    let set_of = |mask: usize| -> Vec<bool> { (0..players).map(|i| mask >> i & 1 == 1).collect() };
    let values: Vec<f64> = (0..1usize << players).map(|mask| value(&set_of(mask))).collect();
    let share = |player: usize| {
        (0..values.len())
            .filter(|mask| mask >> player & 1 == 0)
            .map(|mask| {
                let more = values[mask | 1 << player] - values[mask];
                weights[mask.count_ones() as usize] * more
            })
            .sum()
    };
    (0..players).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shapley values of a game defined by the value of each subset.
    fn of(players: usize, value: impl Fn(&[bool]) -> f64) -> (Method, Vec<Estimate>) {
        let found = shapley(players, |sets| Some(Ok(sets.iter().map(|set| value(set)).collect())));
        let (method, values) = found.unwrap().unwrap();
        (method, values.pick(|x: &f64| *x).estimates())
    }

    fn sum(shares: &[Estimate]) -> f64 {
        shares.iter().map(|share| share.value).sum()
    }

    #[test]
    fn what_adds_up_goes_to_each_and_what_two_do_together_is_halved() {
        let effects = [3.0, -1.5, 0.25];
        let (method, shares) = of(3, |set| {
            let own: f64 = set.iter().zip(effects).map(|(on, x)| if *on { x } else { 0.0 }).sum();
            own + if set[0] && set[2] { 8.0 } else { 0.0 }
        });
        assert_eq!(method, Method::Exact);
        for (share, expected) in shares.iter().zip([7.0, -1.5, 4.25]) {
            assert!((share.value - expected).abs() < 1e-12, "{share:?}");
            assert_eq!(share.se, None);
        }
    }

    /// In the glove game, two players have a left glove, one has a right glove, and a pair has the value 1 (Shapley
    /// values 1/6, 1/6, 4/6).
    #[test]
    fn the_glove_game() {
        let (_, shares) = of(3, |set| f64::from((set[0] || set[1]) && set[2]));
        for (share, expected) in shares.iter().zip([1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]) {
            assert!((share.value - expected).abs() < 1e-12, "{share:?}");
        }
    }

    /// In a game of pairs, the Shapley value of player i is half the sum of the values of the player's pairs.
    /// Antithetic orders have no sampling error, because i precedes j either in the order or in its reverse.
    #[test]
    fn pairs_are_exact_even_when_orders_are_sampled() {
        let n = 14;
        let pair_value = |i: usize, j: usize| ((i * 7 + j * 13) % 11) as f64 - 5.0;
        let (method, shares) = of(n, |set| {
            let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
            pairs.filter(|&(i, j)| set[i] && set[j]).map(|(i, j)| pair_value(i, j)).sum()
        });
        assert_eq!(method, Method::Sampled(PAIRS));
        for (i, share) in shares.iter().enumerate() {
            let expected: f64 =
                (0..n).filter(|&j| j != i).map(|j| pair_value(i.max(j), i.min(j)) / 2.0).sum();
            assert!((share.value - expected).abs() < 1e-10, "{share:?} {expected}");
        }
    }

    /// A game without a simple solution (the cube of a sum), by both methods.
    #[test]
    fn sampled_shares_add_up_and_lie_within_their_errors() {
        let n = 12;
        let root = |set: &[bool]| {
            let sum: f64 = set.iter().enumerate().map(|(i, on)| if *on { (i + 1) as f64 } else { 0.0 }).sum();
            sum * sum * sum
        };
        let (_, shares) = of(n, root);
        let total = root(&vec![true; n]);
        assert!((sum(&shares) - total).abs() < 1e-9 * total);
        let truth = exact(n, root);
        for (share, expected) in shares.iter().zip(truth) {
            let se = share.se.unwrap();
            assert!(se > 0.0 && (share.value - expected).abs() < 4.5 * se, "{share:?} {expected}");
        }
    }

    #[test]
    fn nobody_and_nothing_are_no_trouble() {
        assert!(of(0, |_| 5.0).1.is_empty());
        let (_, shares) = of(2, |_| 5.0);
        assert!(shares.iter().all(|share| share.value == 0.0));
    }
}
