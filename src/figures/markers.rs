//! Marks for single results: discs, diamonds, squares, and the 95 % ellipse of a cloud of draws.

use super::scene::{Point, Scene, Stroke};
use super::style::{Rgb, WHITE};

/// Sine and cosine of five degrees.
const TURN: (f64, f64) = (0.087_155_742_747_658_17, 0.996_194_698_091_745_5);

/// Unit vectors around the circle in steps of five degrees, by repeated rotation so that the bits are equal on every machine.
fn directions() -> Vec<Point> {
    let (sin, cos) = TURN;
    let turned = |&(x, y): &Point| Some((x * cos - y * sin, x * sin + y * cos));
    std::iter::successors(Some((1.0, 0.0)), turned).take(72).collect()
}

/// The corners of a polygon that approximates a disc.
pub(super) fn disc((x, y): Point, radius: f64) -> Vec<Point> {
    directions().into_iter().step_by(4).map(|(dx, dy)| (x + radius * dx, y + radius * dy)).collect()
}

/// The corners of a diamond.
pub(super) fn diamond((x, y): Point, radius: f64) -> Vec<Point> {
    vec![(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)]
}

/// The corners of a square.
pub(super) fn square((x, y): Point, radius: f64) -> Vec<Point> {
    let (left, right, top, bottom) = (x - radius, x + radius, y - radius, y + radius);
    vec![(left, top), (right, top), (right, bottom), (left, bottom)]
}

/// The outline through `corners`, closed by repeating the first corner.
pub(super) fn closed(mut corners: Vec<Point>) -> Vec<Point> {
    corners.extend(corners.first().copied());
    corners
}

/// Draws a filled mark with a rim.
pub(super) fn draw(scene: &mut Scene, corners: Vec<Point>, fill: Rgb, rim: Stroke) {
    scene.area(corners.clone(), fill, 1.0);
    scene.line(closed(corners), rim);
}

/// Draws a white mark with a coloured rim.
pub(super) fn draw_hollow(scene: &mut Scene, corners: Vec<Point>, rim: Stroke) {
    draw(scene, corners, WHITE, rim);
}

/// The ellipse that contains 95 % of a bivariate normal distribution with the given mean, variances of x and y, and
/// covariance: the circle of radius sqrt(-2 ln 0.05) transformed by the Cholesky factor.
pub(super) fn ellipse(mean: Point, (xx, xy, yy): (f64, f64, f64)) -> Vec<Point> {
    const RADIUS: f64 = 2.447_746_830_680_816;
    let a = arcosim_core::math::sqrt(xx.max(0.0));
    let b = if a > 0.0 { xy / a } else { 0.0 };
    let c = arcosim_core::math::sqrt((yy - b * b).max(0.0));
    let outline = directions().into_iter().map(|(u, v)| {
        let (u, v) = (RADIUS * u, RADIUS * v);
        (mean.0 + a * u, mean.1 + b * u + c * v)
    });
    outline.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ellipse_lies_at_one_distance_from_the_mean() {
        let (mean, (xx, xy, yy)) = ((1.0, -20.0), (0.04, 1.2, 90.0));
        let determinant = xx * yy - xy * xy;
        for (x, y) in ellipse(mean, (xx, xy, yy)) {
            let (dx, dy) = (x - mean.0, y - mean.1);
            let distance = (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / determinant;
            assert!((distance + 2.0 * arcosim_core::math::ln(0.05)).abs() < 1e-9, "{distance}");
        }
        assert!(ellipse(mean, (0.0, 0.0, 0.0)).iter().all(|point| *point == mean));
    }
}
