//! The future of a state as seen from the states that lead to it.

/// Rewards in a state and later, for patients who enter it from states that distinguish other strata.
pub struct View {
    /// Index of the state.
    pub state: usize,
    /// For each stratum of the state: its class by the attributes that distinguish patients in both states; `None` if
    /// classes and strata are the same.
    pub class: Option<Vec<u32>>,
    /// Number of classes.
    pub size: usize,
    /// `[(outcome, class)]`: rewards from the grid point solved last. An entrant of a class of the smaller model is in every
    /// stratum of the class, because background mortality alone gives their shares.
    pub values: Vec<f64>,
}

impl View {
    /// Takes the values of the state, `[(outcome, stratum)]`.
    pub fn set(&mut self, values: &[f64]) {
        self.values.clear();
        let Some(class) = &self.class else {
            self.values.extend_from_slice(values);
            return;
        };
        self.values.resize(values.len() / class.len() * self.size, 0.0);
        for (own, values) in self.values.chunks_exact_mut(self.size).zip(values.chunks_exact(class.len())) {
            values.iter().zip(class).for_each(|(value, &c)| own[c as usize] += value);
        }
    }
}
