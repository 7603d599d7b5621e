//! Labels beside a curve's end, moved apart just enough not to overlap.

/// Where labels of the given heights go so that none overlap inside `low..=high` and the sum of squared
/// moves from the wished centres is smallest. Returns the centres in the order of the input.
///
/// Measured from the running sum of heights, "no overlap" means "never decreasing", so the answer is an
/// isotonic regression (pool adjacent violators), and the bounds clamp it.
pub(super) fn spread(wished: &[f64], heights: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wished.len()).collect();
    order.sort_by(|&a, &b| wished[a].total_cmp(&wished[b]));
    let mut offsets = vec![0.0; wished.len()];
    let mut used = 0.0;
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for &index in &order {
        offsets[index] = used + heights[index] / 2.0;
        used += heights[index];
        pools.push((wished[index] - offsets[index], 1));
        while let [.., (before, m), (last, n)] = pools[..]
            && before > last
        {
            pools.truncate(pools.len() - 2);
            pools.push(((before * m as f64 + last * n as f64) / (m + n) as f64, m + n));
        }
    }
    let highest = (high - used).max(low);
    let starts = pools
        .iter()
        .flat_map(|&(start, members)| std::iter::repeat_n(start, members));
    let mut centres = vec![0.0; wished.len()];
    for (&index, start) in order.iter().zip(starts) {
        centres[index] = start.clamp(low, highest) + offsets[index];
    }
    centres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0], &[10.0, 10.0], 0.0, 100.0), vec![50.0, 10.0]);
    }

    #[test]
    fn crowded_labels_move_apart_evenly_and_stay_inside() {
        let centres = spread(&[50.0, 50.0, 51.0], &[10.0, 10.0, 10.0], 0.0, 100.0);
        assert!(
            (centres[1] - centres[0] - 10.0).abs() < 1e-9 && (centres[2] - centres[1] - 10.0).abs() < 1e-9
        );
        assert!((centres.iter().sum::<f64>() - 151.0).abs() < 1e-9);
        let low = spread(&[99.0, 98.0, 2.0], &[10.0, 12.0, 10.0], 0.0, 100.0);
        assert_eq!(low, vec![95.0, 84.0, 5.0]);
    }
}
