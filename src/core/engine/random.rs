//! Counter-based random numbers: a pure function of seed, PSA draw, stream name, patient and occurrence. The numbers of
//! a patient therefore never depend on the order of work, the number of threads or added strategies.
//!
//! The generator is Philox2x64-10 (Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC11,
//! 2011). `StdRng` is not used because its algorithm may change between versions.

use std::convert::Infallible;

use crate::math;

const MULTIPLIER: u64 = 0xD2B7_4407_B1CE_6E93;
const WEYL: u64 = 0x9E37_79B9_7F4A_7C15;

/// Philox2x64 with ten rounds.
#[inline]
pub fn philox2x64(mut counter: [u64; 2], mut key: u64) -> [u64; 2] {
    for _ in 0..10 {
        let product = u128::from(MULTIPLIER) * u128::from(counter[0]);
        counter = [(product >> 64) as u64 ^ key ^ counter[1], product as u64];
        key = key.wrapping_add(WEYL);
    }
    counter
}

/// Random number stream of one transition or attribute, identified by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The stream of `name` for a seed and a PSA draw (0 for the base case).
    pub fn new(seed: u64, draw: u64, name: &str) -> Stream {
        // FNV-1a spreads the name over 64 bits; Philox then mixes seed and draw into it.
        let hash = name
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01B3));
        let mixed = philox2x64([hash, draw], seed);
        Stream { key: mixed[0] ^ mixed[1].rotate_left(32) }
    }

    /// Two uniform random numbers for one occurrence of one patient, each strictly between 0 and 1.
    #[inline]
    pub fn uniforms(&self, patient: u64, occurrence: u64) -> [f64; 2] {
        philox2x64([patient, occurrence], self.key).map(open_unit)
    }

    /// A standard exponential number, used as the threshold that the cumulative hazard must reach, and a uniform number
    /// that chooses the branch.
    #[inline]
    pub fn threshold(&self, patient: u64, occurrence: u64) -> (f64, f64) {
        let [u, v] = self.uniforms(patient, occurrence);
        (-math::ln(u), v)
    }

    /// The random numbers of one patient as a generator of the `rand` crate, for samplers that expect one.
    pub fn generator(&self, patient: u64) -> Generator {
        Generator { key: self.key, patient, block: 0, spare: None }
    }
}

/// Converts 64 random bits to a number strictly between 0 and 1. It uses 52 bits, centred so that neither 0 nor 1 can
/// occur.
#[inline]
fn open_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// Generator of the random numbers of one patient.
#[derive(Clone, Debug)]
pub struct Generator {
    key: u64,
    patient: u64,
    block: u64,
    spare: Option<u64>,
}

impl rand::TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|x| (x >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        if let Some(x) = self.spare.take() {
            return Ok(x);
        }
        let [x, y] = philox2x64([self.patient, self.block], self.key);
        self.block += 1;
        self.spare = Some(y);
        Ok(x)
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers from the Random123 distribution (kat_vectors, philox2x64 10).
    #[test]
    fn known_answers() {
        assert_eq!(philox2x64([0, 0], 0), [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]);
        assert_eq!(
            philox2x64([u64::MAX, u64::MAX], u64::MAX),
            [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]
        );
        assert_eq!(
            philox2x64([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344], 0xa409_3822_299f_31d0),
            [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d]
        );
    }

    #[test]
    fn uniforms_are_uniform_and_never_at_an_end() {
        let stream = Stream::new(1, 0, "death");
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for patient in 0..n {
            for u in stream.uniforms(patient, 0) {
                assert!(u > 0.0 && u < 1.0);
                sum += u;
                squares += u * u;
            }
        }
        let count = 2.0 * n as f64;
        // Standard errors of the mean of u and u^2: sqrt(1/12 / count) and sqrt(4/45 / count).
        assert!((sum / count - 0.5).abs() < 4.0 * (1.0 / 12.0 / count).sqrt());
        assert!((squares / count - 1.0 / 3.0).abs() < 4.0 * (4.0 / 45.0 / count).sqrt());
        assert!(open_unit(0) > 0.0 && open_unit(u64::MAX) < 1.0);
    }
}
