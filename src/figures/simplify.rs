//! Line simplification: removes points from dense curves if the printed line is the same without them.

use super::scene::Point;

/// Greatest deviation of the simplified line in points: a tenth of a pixel at 300 dpi.
const TOLERANCE: f64 = 0.024;

/// Greatest number of points of a line in a figure.
pub(super) const MOST_POINTS: usize = 400;

/// The line without the points that deviate invisibly from it (Ramer, Douglas and Peucker).
pub(super) fn simplify(points: &[Point]) -> Vec<Point> {
    let mut tolerance = TOLERANCE;
    let mut kept = within(points, tolerance);
    while kept.len() > MOST_POINTS {
        tolerance *= 1.5;
        kept = within(&kept, tolerance);
    }
    kept
}

fn within(points: &[Point], tolerance: f64) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let last = points.len() - 1;
    let mut keep = vec![false; points.len()];
    (keep[0], keep[last]) = (true, true);
    let mut stretches = vec![(0, last)];
    while let Some((from, to)) = stretches.pop() {
        let farthest = (from + 1..to)
            .map(|k| (k, distance(points[k], points[from], points[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((k, away)) = farthest
            && away > tolerance
        {
            keep[k] = true;
            stretches.push((from, k));
            stretches.push((k, to));
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

/// Distance of `p` from the segment between `a` and `b`.
fn distance(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    let (x, y) = (p.0 - a.0 - along * dx, p.1 - a.1 - along * dy);
    arcosim_core::math::sqrt(x * x + y * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_runs_shrink_and_corners_stay() {
        let line: Vec<Point> = (0..1000).map(|k| (f64::from(k), if k < 500 { 0.0 } else { 10.0 })).collect();
        assert_eq!(simplify(&line), vec![(0.0, 0.0), (499.0, 0.0), (500.0, 10.0), (999.0, 10.0)]);
    }

    #[test]
    fn no_line_is_longer_than_the_limit() {
        let jagged: Vec<Point> = (0..5000).map(|k| (f64::from(k) * 0.1, f64::from(k % 7))).collect();
        assert!(simplify(&jagged).len() <= MOST_POINTS);
    }
}
