//! The same model with other cycles: half as long, or another number of them.

use super::Model;

impl Model {
    /// The model with this number of cycles.
    pub fn with_horizon(&self, cycles: usize) -> Model {
        let mut own = self.clone();
        own.time.cycles = cycles;
        own
    }

    /// The model with cycles of half the length and everything else as it is: times that count cycles count twice as many. Formulas
    /// stay as they are, also where they read the cycle length, which may belong to a number of the data.
    pub fn with_half_cycles(&self) -> Model {
        let mut own = self.clone();
        own.time.cycles *= 2;
        own.time.cycles_per_year *= 2.0;
        for effect in own.strategies.iter_mut().flat_map(|s| &mut s.effects) {
            effect.onset *= 2.0;
            effect.full_until = effect.full_until.map(|k| 2.0 * k);
            effect.gone_after = effect.gone_after.map(|k| 2.0 * k);
        }
        own
    }
}
