//! Sums of products in a fixed order of addition, so that results are identical to the last bit on every machine.

/// Sums of products `a * b`, one for each row of `size` numbers.
pub fn dots(a: &[f64], b: &[f64], size: usize, into: &mut [f64]) {
    if size == 1 {
        let each = into.iter_mut().zip(a.iter().zip(b));
        each.for_each(|(own, (a, b))| *own = a * b);
        return;
    }
    let rows = a.chunks_exact(size).zip(b.chunks_exact(size));
    into.iter_mut().zip(rows).for_each(|(own, (a, b))| *own = dot(a, b));
}

/// Sum of products in eight interleaved parts, which a processor can add in parallel. The order of addition is fixed.
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
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
