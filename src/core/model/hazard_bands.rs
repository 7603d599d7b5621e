//! Hazards from a table: constant within bands of time, with one column for each class of patients.

use super::life_table::Listing;

/// Hazards by bands of time on a clock, with their integrals.
#[derive(Clone, Debug, PartialEq)]
pub struct HazardBands {
    /// The table: lower bounds of the bands in years, and rates per year for each column. The first rate also applies before the
    /// first bound, the last rate after the last one.
    listing: Listing,
    /// `integrals[column][band]`: cumulative hazard at the lower bound of the band.
    integrals: Vec<Vec<f64>>,
}

impl HazardBands {
    /// Hazards from the rates per year in a table.
    pub fn new(listing: Listing) -> HazardBands {
        let bounds = &listing.bounds;
        let integrals = listing.values.iter().map(|rates| {
            let mut sum = rates[0] * bounds[0].max(0.0);
            let widths = bounds.windows(2).map(|pair| pair[1] - pair[0].max(0.0));
            let mut all = vec![sum];
            for (rate, width) in rates.iter().zip(widths) {
                sum += rate * width.max(0.0);
                all.push(sum);
            }
            all
        });
        HazardBands { integrals: integrals.collect(), listing }
    }

    /// The table.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Cumulative hazard of a column `t` years after the clock started.
    pub fn cumulative(&self, column: usize, t: f64) -> f64 {
        let band = self.listing.band(t);
        let from = self.listing.bounds[band].max(0.0);
        self.integrals[column][band] + self.listing.values[column][band] * (t - from)
    }

    /// Time in years at which the cumulative hazard of a column is `h`; infinite if it never is.
    pub fn time_of(&self, column: usize, h: f64) -> f64 {
        let integrals = &self.integrals[column];
        let band = integrals.partition_point(|sum| *sum < h).saturating_sub(1);
        let from = self.listing.bounds[band].max(0.0);
        let left = h - integrals[band];
        if left == 0.0 { from } else { from + left / self.listing.values[column][band] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_inverse_of_the_integral() {
        let listing = Listing {
            name: "hazards".to_string(),
            by: Vec::new(),
            bounds: vec![0.0, 1.0, 3.0, 4.0],
            values: vec![vec![0.2, 0.0, 1.5, 0.1]],
        };
        let bands = HazardBands::new(listing);
        for (t, due) in [(0.5, 0.1), (1.0, 0.2), (2.9, 0.2), (3.5, 0.95), (4.0, 1.7), (14.0, 2.7)] {
            assert!((bands.cumulative(0, t) - due).abs() < 1e-15, "{t}");
        }
        for (h, due) in [(0.1, 0.5), (0.2 + 1e-12, 3.0), (0.95, 3.5), (2.7, 14.0)] {
            assert!((bands.time_of(0, h) - due).abs() < 1e-9, "{h}");
        }
    }
}
