//! Sums of products in a fixed order of addition, so that results are identical to the last bit on every machine.

/// Sum of products in eight interleaved parts, which a processor can add in parallel. The order of addition is fixed.
/// The shorter of the two slices ends the sum.
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    let (x, y) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = x.remainder().iter().zip(y.remainder()).map(|(x, y)| x * y).sum();
    if a.len() < 8 {
        return rest;
    }
    let mut parts = [0.0; 8];
    for (x, y) in x.zip(y) {
        for i in 0..8 {
            parts[i] += x[i] * y[i];
        }
    }
    let [a, b, c, d, e, f, g, h] = parts;
    rest + (((a + e) + (c + g)) + ((b + f) + (d + h)))
}
