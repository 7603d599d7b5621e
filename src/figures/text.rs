//! The bundled font, the measurement and wrapping of text, and the formatting of numbers.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// Source Sans 3, bundled so that figures are byte-identical even on a machine without any font.
pub(super) const REGULAR: &[u8] = include_bytes!("../../assets/fonts/SourceSans3-Regular.ttf");
/// Source Sans 3 SemiBold, for titles and strategy names.
pub(super) const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/SourceSans3-SemiBold.ttf");

/// Name of the font within the plotting crate; without digits, because an unquoted SVG font name cannot contain a word
/// that starts with a digit.
pub(super) const FAMILY: &str = "SourceSans";

/// Ratio of the bundled font's height to its em size (ascent 1024, descent 400, em 1000), because the plotting crate
/// sets the height of a font and a page its em size.
const HEIGHT_PER_EM: f64 = 1.424;

/// Font size at which widths are measured before scaling down, because the plotting crate truncates widths to whole pixels.
const MEASURE_EM: f64 = 1000.0;

/// Narrow no-break space, used between digit groups and before the percent sign.
pub(super) const THIN: char = '\u{202F}';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    SemiBold,
}

impl Weight {
    pub(super) fn style(self) -> FontStyle {
        match self {
            Weight::Regular => FontStyle::Normal,
            Weight::SemiBold => FontStyle::Bold,
        }
    }
}

/// Width of `text` in points at `size` points. A character that the font lacks has the width of the font's placeholder.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = *REGISTERED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, SEMI_BOLD).is_ok()
    });
    assert!(registered, "the bundled fonts are valid");
    let font = FontDesc::new(FontFamily::Name(FAMILY), MEASURE_EM * HEIGHT_PER_EM, weight.style());
    let ((left, _), (right, _)) = font.layout_box(text).expect("the bundled font is registered");
    f64::from(right - left) / MEASURE_EM * size
}

/// Breaks `text` into lines no wider than `limit`: at spaces, and within a word that is wider than `limit`.
pub(super) fn wrap(text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    fill(&pieces(text, size, weight, limit), size, weight, limit)
}

/// The words of `text`; a word wider than `limit` is split into pieces that fit.
fn pieces(text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let mut pieces = Vec::new();
    // Text is broken at ordinary spaces only, so the narrow no-break space in "52 %" keeps number and sign on one line.
    for mut rest in text.split(' ').filter(|word| !word.is_empty()) {
        while let Some(at) = overflow(rest, size, weight, limit) {
            pieces.push(rest[..at].to_string());
            rest = &rest[at..];
        }
        pieces.push(rest.to_string());
    }
    pieces
}

/// Byte position of the first character that exceeds `limit`, if any; the first character of the word always counts as fitting.
fn overflow(word: &str, size: f64, weight: Weight, limit: f64) -> Option<usize> {
    if width(word, size, weight) <= limit {
        return None;
    }
    let mut starts = word.char_indices().map(|(at, _)| at).skip(1);
    starts.find(|&at| {
        let next = word[at..].chars().next().map_or(0, char::len_utf8);
        width(&word[..at + next], size, weight) > limit
    })
}

/// `text` on one line no wider than `limit`, shortened with an ellipsis if necessary.
pub(super) fn cut(text: &str, size: f64, weight: Weight, limit: f64) -> String {
    if width(text, size, weight) <= limit {
        return text.to_string();
    }
    let room = limit - width("…", size, weight);
    let at = overflow(text, size, weight, room).unwrap_or(text.len());
    format!("{}…", text[..at].trim_end())
}

/// Like [`wrap_evenly`], but shortened with an ellipsis to at most `most` lines.
pub(super) fn wrap_at_most(most: usize, text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let lines = wrap(text, size, weight, limit);
    if lines.len() <= most {
        return wrap_evenly(text, size, weight, limit);
    }
    let (kept, rest) = lines.split_at(most - 1);
    let last = cut(&rest.join(" "), size, weight, limit);
    kept.iter().cloned().chain([last]).collect()
}

/// Arranges words in lines no wider than `limit`.
fn fill(words: &[String], size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if width(&longer, size, weight) <= limit {
                *line = longer;
                continue;
            }
        }
        lines.push(word.clone());
    }
    lines
}

/// Like [`wrap`], but with lines of similar length, so that the last line is not a single word.
pub(super) fn wrap_evenly(text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let words = pieces(text, size, weight, limit);
    let mut lines = fill(&words, size, weight, limit);
    let mut narrower = limit;
    while lines.len() > 1 {
        narrower *= 0.96;
        let next = fill(&words, size, weight, narrower);
        let overflows = next.iter().any(|line| width(line, size, weight) > narrower);
        if next.len() > lines.len() || overflows {
            break;
        }
        lines = next;
    }
    lines
}

/// A proportion as a whole percentage; a proportion strictly between 0 and 1 is never printed as 0 or 100.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    match value {
        v if !v.is_finite() => "–".into(),
        v if v > 0.0 && v < 0.5 => format!("<1{THIN}%"),
        v if (99.5..100.0 - 1e-9).contains(&v) => format!(">99{THIN}%"),
        v => format!("{:.0}{THIN}%", v.abs()),
    }
}

/// A count with thin spaces between thousands.
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && digits.len() > 3 {
            out.push(THIN);
        }
        out.push(digit);
    }
    if value <= -0.5 { format!("\u{2212}{out}") } else { out }
}

/// A number with `places` decimals and a typographic minus sign.
pub(super) fn decimal(value: f64, places: usize) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "∞".into() } else { "\u{2212}∞".into() };
    }
    if value.is_nan() {
        return "–".into();
    }
    let text = format!("{:.places$}", value.abs());
    let negative = value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    if negative { format!("\u{2212}{text}") } else { text }
}

/// An amount with `places` decimals; thousands are separated if `places` is 0.
pub fn amount(value: f64, places: usize) -> String {
    match places {
        0 => count(value),
        _ => decimal(value, places),
    }
}

/// A number of years with at most two decimals, without trailing zeros.
pub(super) fn years(value: f64) -> String {
    let text = decimal(value, 2);
    arcosim_core::words::without_trailing_zeros(text)
}

/// A number with the singular or plural of the counted noun.
pub(super) fn counted(value: f64, one: &str, many: &str) -> String {
    let word = if value == 1.0 { one } else { many };
    format!("{} {word}", years(value))
}

/// Shares as whole percentages that add up to 100 whenever the shares add up to 1 (largest remainders).
pub(super) fn whole_percentages(shares: &[f64]) -> Vec<u32> {
    let exact: Vec<f64> =
        shares.iter().map(|s| if s.is_finite() { s.max(0.0) * 100.0 } else { 0.0 }).collect();
    let mut whole: Vec<u32> = exact.iter().map(|e| e.floor() as u32).collect();
    let total = exact.iter().sum::<f64>().round() as u32;
    let mut order: Vec<usize> = (0..exact.len()).collect();
    order.sort_by(|&a, &b| (exact[b] - exact[b].floor()).total_cmp(&(exact[a] - exact[a].floor())));
    let missing = total.saturating_sub(whole.iter().sum()) as usize;
    for &index in order.iter().take(missing) {
        whole[index] += 1;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_set_as_in_print() {
        assert_eq!(percent(0.523), "52\u{202F}%");
        assert_eq!(percent(0.001), "<1\u{202F}%");
        assert_eq!(percent(0.999), ">99\u{202F}%");
        assert_eq!(percent(1.0), "100\u{202F}%");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(count(1234567.0), "1\u{202F}234\u{202F}567");
        assert_eq!(count(500.0), "500");
        assert_eq!(decimal(-0.25, 1), "\u{2212}0.2");
        assert_eq!(decimal(-0.01, 1), "0.0");
        assert_eq!(years(5.0), "5");
        assert_eq!(years(2.5), "2.5");
    }

    #[test]
    fn percentages_add_up() {
        assert_eq!(whole_percentages(&[1.0 / 3.0; 3]).iter().sum::<u32>(), 100);
        assert_eq!(whole_percentages(&[0.5, 0.5]), vec![50, 50]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken_or_cut() {
        let narrow = |line: &String| width(line, 8.0, Weight::Regular) <= 60.0;
        let word = "Chemoimmunoradiotherapieverlaufskontrolle";
        for lines in [wrap(word, 8.0, Weight::Regular, 60.0), wrap_evenly(word, 8.0, Weight::Regular, 60.0)] {
            assert!(lines.len() > 1 && lines.iter().all(narrow));
            assert_eq!(lines.concat(), word);
        }
        let lines = wrap_at_most(2, word, 8.0, Weight::Regular, 60.0);
        assert!(lines.len() == 2 && lines.iter().all(narrow) && lines[1].ends_with('…'));
        assert_eq!(wrap("W", 8.0, Weight::Regular, 1.0), ["W"]);
    }

    #[test]
    fn lines_break_at_spaces() {
        let lines = wrap("a strategy with a rather long name", 8.0, Weight::Regular, 60.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 8.0, Weight::Regular) <= 60.0));
        assert_eq!(lines.join(" "), "a strategy with a rather long name");
        assert_eq!(wrap("every second year", 8.0, Weight::Regular, 55.0), ["every second", "year"]);
        assert_eq!(wrap_evenly("every second year", 8.0, Weight::Regular, 55.0), ["every", "second year"]);
    }
}
