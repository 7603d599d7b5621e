//! Stacked areas: the share of a cohort in each state, or group of states, over time.

use super::curve::Curve;
use super::scene::{Panel, Point, Scene, Stroke};
use super::simplify::simplify;
use super::style::{ABSORBING, Rgb, WHITE, severity_colour};
use super::table::{Column, number};

/// A state or group of states shown as one band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Name in the scenario.
    pub name: String,
    /// Name as printed.
    pub label: String,
    /// Whether the state is absorbing (death); drawn grey above all other layers.
    pub absorbing: bool,
}

/// State occupancy over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Occupancy {
    /// Times in years, increasing.
    pub times: Vec<f64>,
    /// Occupancy (0 to 1) of each layer, in the order of the layers, at each time; the occupancies at one time sum to 1.
    pub values: Vec<Vec<f64>>,
}

/// The share of patients in one layer at one time.
pub(super) struct Share<'a> {
    pub time: f64,
    pub layer: &'a Layer,
    pub share: Option<f64>,
}

/// The table column of a layer's share of all patients.
pub(super) fn proportion<'a, R>(share: impl Fn(&R) -> Option<f64> + 'a) -> Column<'a, R> {
    number("proportion", "proportion", "Share of all patients", share)
}

impl Occupancy {
    fn share(&self, layer: usize, time: usize) -> f64 {
        let value = self.values.get(layer).and_then(|row| row.get(time)).copied().unwrap_or(0.0);
        if value.is_finite() { value.max(0.0) } else { 0.0 }
    }

    /// All shares, time by time, in the order of the layers.
    pub(super) fn shares<'a>(&'a self, layers: &'a [Layer]) -> impl Iterator<Item = Share<'a>> {
        self.times.iter().enumerate().flat_map(move |(k, &time)| {
            let shares = layers.iter().zip(&self.values);
            shares.map(move |(layer, values)| Share { time, layer, share: values.get(k).copied() })
        })
    }

    /// The share of one layer as a curve.
    pub(super) fn layer(&self, layer: usize) -> Curve {
        let points = self.times.iter().enumerate().map(|(k, &time)| (time, self.share(layer, k))).collect();
        Curve { points, step: false }
    }
}

/// The stacking order of the layers: by severity as given, with absorbing layers last.
pub(super) struct Stack {
    /// Indices of layers from the bottom up.
    pub order: Vec<usize>,
    /// Colours of the layers, in the stacking order.
    pub colours: Vec<Rgb>,
}

impl Stack {
    pub fn new(layers: &[Layer]) -> Self {
        let (absorbing, transient): (Vec<usize>, Vec<usize>) =
            (0..layers.len()).partition(|&k| layers[k].absorbing);
        let mut colours: Vec<Rgb> =
            (0..transient.len()).map(|k| severity_colour(k, transient.len())).collect();
        colours.extend(absorbing.iter().enumerate().map(|(k, _)| {
            let darker = 22 * k.min(4) as u8;
            Rgb(ABSORBING.0 - darker, ABSORBING.1 - darker, ABSORBING.2 - darker)
        }));
        Self { order: transient.into_iter().chain(absorbing).collect(), colours }
    }

    /// The edges of the bands from the bottom edge (zero throughout) upwards; one edge more than bands.
    pub fn edges(&self, occupancy: &Occupancy) -> Vec<Curve> {
        let mut sums = vec![0.0; occupancy.times.len()];
        let edge = |sums: &[f64]| Curve {
            points: occupancy.times.iter().copied().zip(sums.iter().copied()).collect(),
            step: false,
        };
        let mut edges = vec![edge(&sums)];
        for &layer in &self.order {
            for (time, sum) in sums.iter_mut().enumerate() {
                *sum += occupancy.share(layer, time);
            }
            edges.push(edge(&sums));
        }
        edges
    }

    /// Draws the bands. Adjacent bands share one simplified edge, so no gap can open between them.
    pub fn draw(&self, scene: &mut Scene, panel: &Panel, edges: &[Curve]) {
        let placed: Vec<Vec<Point>> =
            edges.iter().map(|edge| simplify(&panel.place(&edge.until(panel.x.end())))).collect();
        for (pair, &colour) in placed.windows(2).zip(&self.colours) {
            let outline = pair[1].iter().chain(pair[0].iter().rev()).copied().collect();
            scene.area(outline, colour, 1.0);
        }
        for edge in placed.iter().skip(1).take(placed.len().saturating_sub(2)) {
            scene.line(edge.clone(), Stroke::solid(WHITE, 0.3));
        }
    }
}

/// The position between two edges at which a text of `label_width` x `label_height` points has the most free space around it.
pub(super) fn room_inside(
    panel: &Panel,
    lower: &Curve,
    upper: &Curve,
    label_width: f64,
    label_height: f64,
) -> Option<Point> {
    const SAMPLES: usize = 120;
    let columns: Vec<(f64, f64, f64)> = (0..=SAMPLES)
        .filter_map(|k| {
            let time = panel.x.end() * k as f64 / SAMPLES as f64;
            Some((panel.x.map(time), panel.y.map(lower.at(time)?), panel.y.map(upper.at(time)?)))
        })
        .collect();
    let mut best: Option<(f64, Point)> = None;
    for &(centre, ..) in &columns {
        let (from, to) = (centre - label_width / 2.0 - 3.0, centre + label_width / 2.0 + 3.0);
        if from < panel.left || to > panel.right {
            continue;
        }
        let under = columns.iter().filter(|column| column.0 >= from && column.0 <= to);
        let (floor, ceiling) =
            under.fold((f64::MAX, f64::MIN), |(floor, ceiling), c| (floor.min(c.1), ceiling.max(c.2)));
        let clearance = floor - ceiling - label_height;
        if clearance > 0.0 && best.is_none_or(|(most, _)| clearance > most) {
            best = Some((clearance, (centre, (floor + ceiling) / 2.0)));
        }
    }
    best.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absorbing_layers_are_stacked_last_and_edges_reach_the_whole() {
        let layer = |label: &str, absorbing| Layer { name: label.into(), label: label.into(), absorbing };
        let stack = Stack::new(&[layer("dead", true), layer("A", false), layer("B", false)]);
        assert_eq!(stack.order, vec![1, 2, 0]);
        let occupancy = Occupancy { times: vec![0.0], values: vec![vec![0.2], vec![0.5], vec![0.3]] };
        let tops: Vec<f64> = stack.edges(&occupancy).iter().map(|edge| edge.points[0].1).collect();
        assert_eq!(tops, vec![0.0, 0.5, 0.8, 1.0]);
    }
}
