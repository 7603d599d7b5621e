//! Deterministic random numbers that depend only on a key and on the number of draws so far.

use arcosim::engine::random::philox2x64;

pub struct Dice {
    key: u64,
    rolls: u64,
}

impl Dice {
    pub fn new(key: u64) -> Dice {
        Dice { key, rolls: 0 }
    }

    fn roll(&mut self) -> u64 {
        self.rolls += 1;
        philox2x64([self.rolls, 0], self.key)[0]
    }

    /// A number below `n`; 0 where there is none.
    pub fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }

    /// Whether something with these chances in a hundred happens.
    pub fn percent(&mut self, chances: usize) -> bool {
        self.below(100) < chances
    }

    /// A number in steps of a hundredth of the way from `low` to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        let value = low + (high - low) * self.below(101) as f64 / 100.0;
        // As people write numbers.
        (value * 1e4).round() / 1e4
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// The same things in another order.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for i in (1..things.len()).rev() {
            let j = self.below(i + 1);
            things.swap(i, j);
        }
    }
}
