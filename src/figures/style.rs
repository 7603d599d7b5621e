//! Colours and dashes of strategies: the same in every figure, and never distinguished by colour alone.

use super::text::{Weight, wrap, wrap_evenly};

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub u8, pub u8, pub u8);

pub(super) const INK: Rgb = Rgb(0x22, 0x22, 0x22);
pub(super) const GREY: Rgb = Rgb(0x6B, 0x6B, 0x6B);
pub(super) const GRID: Rgb = Rgb(0xE2, 0xE2, 0xE2);
pub(super) const SHADE: Rgb = Rgb(0xF3, 0xF3, 0xF3);
pub(super) const ABSORBING: Rgb = Rgb(0xDA, 0xDA, 0xDA);
pub(super) const WHITE: Rgb = Rgb(0xFF, 0xFF, 0xFF);

/// Okabe and Ito's palette with black for the reference; grey replaces yellow, which is too pale for a line.
const STRATEGY_COLOURS: [Rgb; 8] = [
    Rgb(0x00, 0x00, 0x00),
    Rgb(0x56, 0xB4, 0xE9),
    Rgb(0x00, 0x72, 0xB2),
    Rgb(0xD5, 0x5E, 0x00),
    Rgb(0x00, 0x9E, 0x73),
    Rgb(0xCC, 0x79, 0xA7),
    Rgb(0xE6, 0x9F, 0x00),
    Rgb(0x80, 0x80, 0x80),
];

const DASHES: [&[f64]; 8] = [
    &[],
    &[6.0, 2.0],
    &[2.0, 2.0],
    &[8.0, 2.0, 2.0, 2.0],
    &[12.0, 2.0],
    &[4.0, 1.5, 1.0, 1.5],
    &[3.0, 1.5],
    &[8.0, 2.0, 1.5, 2.0, 1.5, 2.0],
];

const BOUND_DASH: &[f64] = &[4.0, 4.0];

/// A strategy in a figure. Its position in the scenario determines its colour and dashes in every figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strategy {
    /// Position of the strategy in the run; 0 is the reference strategy, drawn black and solid.
    pub index: usize,
    /// Name in the scenario.
    pub name: String,
    /// Name as printed.
    pub label: String,
    /// Whether the strategy is an analytical limit rather than a real option; drawn dashed and labelled "(bound)".
    pub bound: bool,
    /// Whether the strategy depends on hypothetical inputs; labelled "(hypothetical)".
    pub hypothetical: bool,
}

impl Strategy {
    /// The label with a mark such as "(bound)" or "(hypothetical)", as printed in figures.
    pub fn printed(&self) -> String {
        format!("{}{}", self.label, self.mark())
    }

    fn mark(&self) -> &'static str {
        match (self.hypothetical, self.bound) {
            (true, _) => " (hypothetical)",
            (false, true) => " (bound)",
            (false, false) => "",
        }
    }

    /// The strategy's printed name, with the label shortened until the name `fits`; the mark is never cut off.
    pub(super) fn name_that(&self, fits: impl Fn(&str) -> bool) -> String {
        let mut name = self.printed();
        let mut label = self.label.clone();
        while !fits(&name) && label.pop().is_some() {
            name = format!("{}…{}", label.trim_end(), self.mark());
        }
        name
    }

    /// The strategy's name, broken into at most `most` lines and shortened if necessary.
    pub(super) fn name_lines(&self, most: usize, size: f64, limit: f64) -> Vec<String> {
        let bold = Weight::SemiBold;
        let name = self.name_that(|name| wrap(name, size, bold, limit).len() <= most);
        wrap_evenly(&name, size, bold, limit)
    }

    /// Index of the strategy's colour and dashes. No other strategy shares those of the reference, however many strategies
    /// there are, so a figure can show the reference with any seven consecutive strategies.
    fn look(&self) -> usize {
        match self.index {
            0 => 0,
            other => 1 + (other - 1) % (STRATEGY_COLOURS.len() - 1),
        }
    }

    pub(super) fn colour(&self) -> Rgb {
        STRATEGY_COLOURS[self.look()]
    }

    /// The strategy's colour, darkened until small text in it is readable on white.
    pub(super) fn text_colour(&self) -> Rgb {
        let mut colour = self.colour();
        while luminance(colour) > TEXT_LUMINANCE {
            colour = mix(colour, Rgb(0, 0, 0), 0.04);
        }
        colour
    }

    pub(super) fn dash(&self) -> &'static [f64] {
        if self.bound { BOUND_DASH } else { DASHES[self.look()] }
    }

    /// Width of the strategy's curve in points.
    pub(super) fn line_width(&self) -> f64 {
        if self.bound { 0.9 } else { 1.2 }
    }
}

/// Greatest luminance of small text on white: a contrast of about 4.5 : 1, the accessibility guideline.
const TEXT_LUMINANCE: f64 = 0.43;

/// Approximate perceived lightness between 0 and 1, accurate enough to choose between black and white text.
fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)) / 255.0
}

/// The text colour that is readable on `background`.
pub(super) fn text_on(background: Rgb) -> Rgb {
    if luminance(background) > 0.55 { INK } else { WHITE }
}

/// The colour at the fraction `share` of the way between two colours.
pub(super) fn mix(from: Rgb, to: Rgb, share: f64) -> Rgb {
    let channel = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    Rgb(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}

/// Colours of severity from light to dark, in steps that are distinct in greyscale and for colour-blind readers.
const SEVERITY: [Rgb; 6] = [
    Rgb(0xE4, 0xF4, 0xB8),
    Rgb(0x9D, 0xD8, 0xB8),
    Rgb(0x4F, 0xBB, 0xC4),
    Rgb(0x22, 0x8F, 0xBF),
    Rgb(0x22, 0x5A, 0xA5),
    Rgb(0x10, 0x2A, 0x6B),
];

/// Colour of layer `rank` of `count` layers ordered by severity.
pub(super) fn severity_colour(rank: usize, count: usize) -> Rgb {
    let last = (SEVERITY.len() - 1) as f64;
    let at = if count < 2 { 0.0 } else { rank as f64 / (count - 1) as f64 * last };
    let lower = (at.floor() as usize).min(SEVERITY.len() - 2);
    mix(SEVERITY[lower], SEVERITY[lower + 1], at - lower as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_has_its_own_look_and_readable_text() {
        let all: Vec<Strategy> = (0..8)
            .map(|index| Strategy {
                index,
                name: "a".into(),
                label: "A".into(),
                bound: false,
                hypothetical: false,
            })
            .collect();
        let ninth = Strategy { index: 8, ..all[0].clone() };
        assert!(ninth.colour() != all[0].colour() && ninth.dash() != all[0].dash());
        for a in &all {
            assert!(luminance(a.text_colour()) <= TEXT_LUMINANCE);
            for b in all.iter().filter(|b| b.index != a.index) {
                assert!(a.colour() != b.colour() && a.dash() != b.dash());
            }
        }
    }

    #[test]
    fn a_long_name_is_cut_but_keeps_its_mark() {
        let strategy = Strategy {
            index: 1,
            name: "a".into(),
            label: "A very long name ".repeat(20),
            bound: false,
            hypothetical: true,
        };
        let lines = strategy.name_lines(3, 8.0, 100.0);
        assert!(lines.len() <= 3, "{lines:?}");
        let name = lines.join(" ");
        assert!(name.starts_with("A very") && name.ends_with("… (hypothetical)"), "{name}");
    }

    #[test]
    fn severity_darkens_step_by_step() {
        for rank in 1..9 {
            assert!(luminance(severity_colour(rank, 9)) < luminance(severity_colour(rank - 1, 9)));
        }
    }
}
