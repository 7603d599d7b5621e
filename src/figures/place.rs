//! Placement of labels inside a plot: each label is as near its point as markers and other labels allow.

use super::frame::{SMALL_SIZE, leading};
use super::scene::{Anchor, Point, Scene, Stroke};
use super::style::{Rgb, WHITE};
use super::text::{Weight, width};

/// A rectangle on the page: left, top, right and bottom.
pub(super) type Box4 = (f64, f64, f64, f64);

/// A label to be placed, with the point that it belongs to.
pub(super) struct Wish {
    pub at: Point,
    /// Half the width of the mark at the point.
    pub clear: f64,
    pub lines: Vec<String>,
    pub weight: Weight,
    pub colour: Rgb,
}

impl Wish {
    fn size(&self) -> (f64, f64) {
        let widths = self.lines.iter().map(|line| width(line, SMALL_SIZE, self.weight));
        (widths.fold(0.0, f64::max) + 3.0, self.lines.len() as f64 * leading(SMALL_SIZE) + 2.0)
    }
}

/// Areas and lines that limit the placement of labels.
pub(super) struct Around<'a> {
    /// The area that must contain every label.
    pub room: Box4,
    /// Areas of markers and other words, which no label may cover.
    pub solid: Vec<Box4>,
    /// Lines that labels avoid if possible.
    pub lines: &'a [(Point, Point)],
}

/// Directions from a point to its label, in order of preference.
const SIDES: [Point; 16] = [
    (1.0, 0.0),
    (1.0, -1.0),
    (1.0, 1.0),
    (-1.0, 0.0),
    (-1.0, -1.0),
    (-1.0, 1.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (1.0, -0.5),
    (1.0, 0.5),
    (-1.0, -0.5),
    (-1.0, 0.5),
    (0.5, -1.0),
    (0.5, 1.0),
    (-0.5, -1.0),
    (-0.5, 1.0),
];

const DISTANCES: [f64; 10] = [2.0, 5.0, 10.0, 17.0, 26.0, 38.0, 54.0, 74.0, 100.0, 140.0];

/// Writes the labels on white, so that they are readable over other marks, with a hairline to the point of each distant
/// label. Returns the place of each label; none if no place was free.
pub(super) fn draw(scene: &mut Scene, mut around: Around<'_>, wishes: &[Wish]) -> Vec<Option<Box4>> {
    around.solid.extend(wishes.iter().map(|wish| square(wish.at, wish.clear)));
    let mut places: Vec<Option<Box4>> = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let placed: Vec<Box4> = places.iter().copied().flatten().collect();
        let place = best(&around, &placed, wish);
        around.solid.extend(place);
        places.push(place);
    }
    // All hairlines are drawn before the words, so that no hairline crosses the words of another label.
    for (wish, place) in wishes.iter().zip(&places) {
        if let Some((left, top, right, bottom)) = *place {
            let nearest = nearest(wish.at, (left, top, right, bottom));
            let away = distance(nearest, wish.at);
            if away > wish.clear + 6.0 {
                let share = wish.clear / away;
                let (dx, dy) = (nearest.0 - wish.at.0, nearest.1 - wish.at.1);
                let edge = (wish.at.0 + share * dx, wish.at.1 + share * dy);
                scene.line(vec![edge, nearest], Stroke::solid(wish.colour, 0.4));
            }
        }
    }
    for (wish, place) in wishes.iter().zip(&places) {
        if let Some((left, top, right, bottom)) = *place {
            scene.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], WHITE, 0.75);
            let (middle, mut y) = ((left + right) / 2.0, top - 1.3);
            let (x, anchor) = match wish.at.0 {
                x if x <= left + 1.0 => (left + 1.5, Anchor::Start),
                x if x >= right - 1.0 => (right - 1.5, Anchor::End),
                _ => (middle, Anchor::Middle),
            };
            for line in &wish.lines {
                y += leading(SMALL_SIZE);
                scene.styled((x, y), line, SMALL_SIZE, wish.weight, wish.colour, anchor);
            }
        }
    }
    places
}

/// The point of the box nearest to `at`.
fn nearest(at: Point, (left, top, right, bottom): Box4) -> Point {
    (at.0.clamp(left, right), at.1.clamp(top, bottom))
}

/// The square with half width `radius` around a point.
pub(super) fn square((x, y): Point, radius: f64) -> Box4 {
    (x - radius, y - radius, x + radius, y + radius)
}

/// The free place with the lowest cost: near its point, off the lines, with a hairline that crosses no words already `placed`.
fn best(around: &Around<'_>, placed: &[Box4], wish: &Wish) -> Option<Box4> {
    let (w, h) = wish.size();
    let beside = DISTANCES.iter().flat_map(|away| {
        let away = away + wish.clear;
        SIDES.iter().enumerate().map(move |(rank, side)| {
            let x = wish.at.0 + side.0 * (away + w / 2.0);
            let y = wish.at.1 + side.1 * (away + h / 2.0);
            (away + 0.3 * rank as f64, boxed(x, y, w, h))
        })
    });
    // A grid of places all over the available area: a label far from its point is better than no label.
    let (left, top, right, bottom) = around.room;
    let rows = (0..40).map(|k| top + f64::from(k) / 39.0 * (bottom - top));
    let anywhere = rows.flat_map(|y| {
        let columns = (0..20).map(move |k| left + f64::from(k) / 19.0 * (right - left));
        columns.map(move |x| (300.0 + distance((x, y), wish.at), boxed(x, y, w, h)))
    });
    let cost = |(away, place): (f64, Box4)| {
        let end = nearest(wish.at, place);
        let struck = placed.iter().filter(|words| runs_through(**words, wish.at, end)).count();
        (away + 70.0 * (crossings(place, around.lines) + struck) as f64, place)
    };
    beside
        .chain(anywhere)
        .filter(|(_, place)| inside(*place, around.room))
        .filter(|(_, place)| !around.solid.iter().any(|other| overlap(*place, *other)))
        .map(cost)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, place)| place)
}

fn boxed(x: f64, y: f64, w: f64, h: f64) -> Box4 {
    (x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0)
}

fn inside(a: Box4, room: Box4) -> bool {
    a.0 >= room.0 && a.1 >= room.1 && a.2 <= room.2 && a.3 <= room.3
}

fn overlap(a: Box4, b: Box4) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// The number of lines that cross the box.
fn crossings(place: Box4, lines: &[(Point, Point)]) -> usize {
    lines.iter().filter(|(a, b)| runs_through(place, *a, *b)).count()
}

/// Whether the segment crosses the box: some part of the segment is left after clipping at all four edges
/// (Liang and Barsky).
fn runs_through((left, top, right, bottom): Box4, a: Point, b: Point) -> bool {
    let (mut from, mut to) = (0.0f64, 1.0f64);
    let sides = [
        (a.0 - b.0, a.0 - left),
        (b.0 - a.0, right - a.0),
        (a.1 - b.1, a.1 - top),
        (b.1 - a.1, bottom - a.1),
    ];
    for (pace, room) in sides {
        if pace == 0.0 {
            if room <= 0.0 {
                return false;
            }
        } else if pace < 0.0 {
            from = from.max(room / pace);
        } else {
            to = to.min(room / pace);
        }
    }
    from < to
}

fn distance(a: Point, b: Point) -> f64 {
    arcosim_core::math::sqrt((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1))
}

#[cfg(test)]
mod tests {
    use super::super::style::INK;
    use super::*;

    #[test]
    fn labels_of_points_at_one_place_all_find_their_own() {
        let mut scene = Scene::new(100, "A");
        let wish = |k: usize| Wish {
            at: (100.0, 100.0 + k as f64),
            clear: 3.0,
            lines: vec!["A label of one line".into(), "and another".into()],
            weight: Weight::Regular,
            colour: INK,
        };
        let around = Around { room: (0.0, 0.0, 250.0, 250.0), solid: Vec::new(), lines: &[] };
        let wishes: Vec<Wish> = (0..8).map(wish).collect();
        let places: Vec<Box4> = draw(&mut scene, around, &wishes).into_iter().flatten().collect();
        assert_eq!(places.len(), 8);
        assert!(runs_through((0.0, 0.0, 2.0, 2.0), (-1.0, 1.5), (5.0, 1.0)));
        assert!(!runs_through((0.0, 0.0, 2.0, 2.0), (-1.0, 1.5), (1.0, 4.0)));
        assert!(!runs_through((0.0, 0.0, 2.0, 2.0), (3.0, 0.0), (3.0, 4.0)));
        for (k, a) in places.iter().enumerate() {
            assert!(places[k + 1..].iter().all(|b| !overlap(*a, *b)));
        }
    }
}
