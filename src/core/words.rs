//! Texts for readers: rounding, thousands separators, counts, lists, printable characters and line breaks.

/// A number rounded to at most `decimals` decimals, without trailing zeros.
///
/// ```
/// use arcosim_core::words::rounded;
/// assert_eq!(rounded(2.50001, 3), "2.5");
/// assert_eq!(rounded(12.0, 3), "12");
/// assert_eq!(rounded(0.1 + 0.2, 10), "0.3");
/// ```
pub fn rounded(x: f64, decimals: usize) -> String {
    without_trailing_zeros(format!("{x:.decimals$}"))
}

/// Removes trailing zeros from the text of a decimal number.
///
/// ```
/// use arcosim_core::words::without_trailing_zeros;
/// assert_eq!(without_trailing_zeros("2.50".into()), "2.5");
/// assert_eq!(without_trailing_zeros("200".into()), "200");
/// ```
pub fn without_trailing_zeros(text: String) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

/// A whole number with a comma between thousands.
///
/// ```
/// use arcosim_core::words::grouped;
/// assert_eq!(grouped(1234567), "1,234,567");
/// assert_eq!(grouped(999), "999");
/// ```
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// A count with its noun in the singular or plural.
///
/// ```
/// use arcosim_core::words::counted;
/// assert_eq!(counted(1, "state", "states"), "1 state");
/// assert_eq!(counted(3, "state", "states"), "3 states");
/// ```
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The text with its first letter capitalised.
///
/// ```
/// assert_eq!(arcosim_core::words::capital("costs fall"), "Costs fall");
/// ```
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Names in back quotes as alternatives, joined by "or".
///
/// ```
/// use arcosim_core::words::either;
/// assert_eq!(either(&["a", "b", "c"]), "`a`, `b` or `c`");
/// assert_eq!(either(&["a"]), "`a`");
/// ```
pub fn either(names: &[&str]) -> String {
    joined(names, "or")
}

/// Names in back quotes, joined by "and".
///
/// ```
/// use arcosim_core::words::all_of;
/// assert_eq!(all_of(&["a", "b", "c"]), "`a`, `b` and `c`");
/// ```
pub fn all_of(names: &[&str]) -> String {
    joined(names, "and")
}

fn joined(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// Names in back quotes, joined by "and". If there are more than four names, only the first three are listed, with the
/// number of the others.
///
/// ```
/// use arcosim_core::words::listed;
/// assert_eq!(listed(["a", "b"]), "`a` and `b`");
/// assert_eq!(listed(["a", "b", "c", "d", "e"]), "`a`, `b`, `c` and 2 others");
/// assert_eq!(listed([]), "none");
/// ```
pub fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.len() {
        0 => "none".into(),
        1..=4 => all_of(&names),
        all => {
            let first: Vec<String> = names[..3].iter().map(|name| format!("`{name}`")).collect();
            format!("{} and {} others", first.join(", "), all - 3)
        }
    }
}

/// Whether a character is safe to print: not invisible, not a control character, and without effect on the text
/// direction.
///
/// ```
/// use arcosim_core::words::is_printable;
/// assert!(is_printable('é') && is_printable(' '));
/// assert!(!is_printable('\u{1b}') && !is_printable('\u{202e}') && !is_printable('\u{200b}'));
/// ```
pub fn is_printable(c: char) -> bool {
    let changes_direction =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let invisible = matches!(c, '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}');
    !(c.is_control() || changes_direction || invisible)
}

/// A text that is safe to print in a terminal, with unprintable characters written as escapes.
///
/// ```
/// assert_eq!(arcosim_core::words::printable("a\u{1b}[31mb"), "a\\u{1b}[31mb");
/// ```
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match is_printable(c) {
            true => safe.push(c),
            false => safe.extend(c.escape_default()),
        }
    }
    safe
}

/// A paragraph broken into lines at spaces; words longer than the width are not broken.
///
/// ```
/// assert_eq!(arcosim_core::words::wrap("one two three", 7), "one two\nthree");
/// ```
pub fn wrap(paragraph: &str, width: usize) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// Breaks a text into lines of at most `width` characters, indented from the second line on. A number and its percent
/// sign stay on one line.
///
/// ```
/// use arcosim_core::words::wrapped;
/// assert_eq!(wrapped("discounted at 3.5 % a year", 18), ["discounted at", "  3.5 % a year"]);
/// assert_eq!(wrapped("discounted at 3.5 % a year", 20), ["discounted at 3.5 %", "  a year"]);
/// ```
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    const TIED: &str = "\u{a0}%";
    let mut lines: Vec<String> = Vec::new();
    for word in text.replace(" %", TIED).split(' ') {
        let word = &word.replace(TIED, " %");
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.clone()),
        }
    }
    lines
}
