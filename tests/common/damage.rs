//! Typical damage to files: by an editor, a merge, a spreadsheet, a cut-off download.

use super::dice::Dice;

/// One thing that goes wrong with a file; says what.
pub fn damage(text: &str, dice: &mut Dice) -> (String, String) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = dice.below(lines.len());
    let mut characters: Vec<char> = text.chars().collect();
    let at = dice.below(characters.len());
    let with_line = |new: String| {
        let mut all: Vec<&str> = lines.clone();
        all[line] = &new;
        all.concat()
    };
    let say = |what: &str, place: usize| format!("{what} {place}");
    match dice.below(12) {
        0 => (with_line(String::new()), say("without line", line)),
        1 => (with_line(lines[line].repeat(2)), say("twice line", line)),
        2 => {
            let other = (at + 1) % characters.len();
            characters.swap(at, other);
            (characters.into_iter().collect(), say("swapped character", at))
        }
        3 => (characters[..at].iter().collect(), say("cut off at", at)),
        4 | 5 => {
            // The n-th number becomes a text, or another number.
            let digits: Vec<usize> =
                (0..characters.len()).filter(|&i| characters[i].is_ascii_digit()).collect();
            let instead = ["n/a", "1,5", "-1", "1e308", "NaN", "inf", "03-Mar", "#REF!", "1.234.567", "0"];
            let at = digits[dice.below(digits.len())];
            let instead = instead[dice.below(instead.len())];
            characters.splice(at..=at, instead.chars());
            (characters.into_iter().collect(), format!("{instead} for digit {at}"))
        }
        6 => {
            let stray = [
                '\u{feff}', '\0', '\u{a0}', '\u{200b}', '\r', '"', '\'', '[', '}', '=', ';', '\t', 'é', '😀',
            ];
            let stray = stray[dice.below(stray.len())];
            characters.insert(at, stray);
            (characters.into_iter().collect(), format!("{stray:?} at {at}"))
        }
        7 => {
            characters.remove(at);
            (characters.into_iter().collect(), say("without character", at))
        }
        8 => (format!("\u{feff}{text}"), "byte order mark".into()),
        9 => (text.replace('\n', "\r\n"), "line ends of Windows".into()),
        10 => (with_line(lines[line].replace(['=', ','], "")), say("no separators in line", line)),
        _ => {
            let conflict = format!("<<<<<<< HEAD\n{}=======\n", lines[line]);
            (with_line(conflict), say("unresolved merge at line", line))
        }
    }
}
