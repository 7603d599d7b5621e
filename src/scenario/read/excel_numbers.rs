//! Reads numbers as written by Excel: decimal commas, thousands separators, percent signs, full-width digits.
//!
//! `1.234` means different numbers in London and in Berlin. The decimal sign is determined from the other cells of
//! the file and never guessed; an ambiguous cell is an error if no other cell determines the decimal sign.

use crate::read::csv::CsvCell;
use crate::read::source::Span;

/// Decimal sign of the numbers in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    /// Decimal point, as in 0.5.
    Point,
    /// Decimal comma, as in 0,5.
    Comma,
}

/// Decimal sign that the cells of a file imply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// All unambiguous cells use this decimal sign.
    Known(Decimal),
    /// No cell is unambiguous.
    Unknown,
    /// Two cells contradict each other: the first with a decimal point, and the first with a decimal comma.
    Mixed(Span, Span),
}

/// A number read from a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numeral {
    /// Value of the number, with a percent sign already applied.
    pub value: f64,
    /// Whether the number was written with a percent sign.
    pub percent: bool,
    /// Whether a point or comma in the number was read as a thousands separator.
    pub grouped: bool,
}

/// Reason why a cell cannot be read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// The number has two possible values, depending on the decimal sign.
    Ambiguous,
    /// Excel converted the number to a date.
    Date,
    /// The cell contains a formula or the error value of a formula.
    Formula,
    /// A limit instead of a value, such as `<0.01`.
    Limit,
    /// A fraction, such as `12/15`.
    Fraction,
    /// A range, such as `0.1-0.3` or `0.2 (0.1 to 0.3)`.
    Range,
    /// A number with a currency or unit.
    WithUnit,
    /// Any other text that is not a number.
    Text,
}

/// Determines the decimal sign from the numeric cells of a file.
///
/// If the cells are separated by commas and no cell is unambiguous, the decimal sign is the point, as in Excel.
pub fn learn<'a>(cells: impl Iterator<Item = &'a CsvCell>, delimiter: char) -> Convention {
    let (mut point, mut comma) = (None, None);
    for cell in cells {
        match parts(&cell.text).map(|parts| parts.digits) {
            Some(Digits::Clear(_, Some(Decimal::Point))) => _ = point.get_or_insert(cell.span),
            Some(Digits::Clear(_, Some(Decimal::Comma))) => _ = comma.get_or_insert(cell.span),
            _ => {}
        }
    }
    match (point, comma) {
        (Some(point), Some(comma)) => Convention::Mixed(point, comma),
        (Some(_), None) => Convention::Known(Decimal::Point),
        (None, Some(_)) => Convention::Known(Decimal::Comma),
        (None, None) if delimiter == ',' => Convention::Known(Decimal::Point),
        (None, None) => Convention::Unknown,
    }
}

/// Reads the number in one cell.
pub fn read(text: &str, convention: Convention) -> Result<Numeral, Misread> {
    let Some(parts) = parts(text) else {
        return Err(misread(text));
    };
    let digits = match (&parts.digits, convention) {
        (Digits::Clear(digits, _), _) => digits,
        (Digits::Either { point, .. }, Convention::Known(Decimal::Point)) => point,
        (Digits::Either { comma, .. }, Convention::Known(Decimal::Comma)) => comma,
        (Digits::Either { .. }, _) => return Err(Misread::Ambiguous),
    };
    let exponent = parts.exponent - if parts.percent { 2 } else { 0 };
    // The percent sign is added to the exponent, so that 27.5% is exactly the number 0.275.
    let value: f64 = format!("{}{digits}e{exponent}", parts.sign).parse().map_err(|_| Misread::Text)?;
    if value.is_finite() {
        Ok(Numeral { value, percent: parts.percent, grouped: marks(text) > marks(digits) })
    } else {
        Err(Misread::Text)
    }
}

/// Number of points and commas in a number.
fn marks(text: &str) -> usize {
    text.chars().filter(|&c| matches!(folded(c), '.' | ',')).count()
}

struct NumeralParts {
    sign: &'static str,
    digits: Digits,
    exponent: i32,
    percent: bool,
}

/// Digits of a number, with a decimal point if the number has one.
enum Digits {
    /// Only one reading is possible; with the decimal sign that this reading implies, if any.
    Clear(String, Option<Decimal>),
    /// Two readings are possible, one for each decimal sign.
    Either { point: String, comma: String },
}

fn parts(text: &str) -> Option<NumeralParts> {
    let folded: String = text.trim().chars().map(folded).collect();
    let (body, percent) = match folded.strip_suffix('%') {
        Some(body) => (body.trim_end(), true),
        None => (folded.as_str(), false),
    };
    let (sign, body) = match body.strip_prefix('-') {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", body.strip_prefix('+').unwrap_or(body)),
    };
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, Some(exponent.parse::<i32>().ok().filter(|e| e.abs() < 400)?))
        }
        None => (body, None),
    };
    let digits = match digits(mantissa)? {
        // Scientific notation has one digit before the decimal sign, so the mark cannot separate thousands.
        Digits::Either { .. } if exponent.is_some() => {
            let sign = if mantissa.contains(',') { Decimal::Comma } else { Decimal::Point };
            Digits::Clear(mantissa.replace(',', "."), Some(sign))
        }
        digits => digits,
    };
    Some(NumeralParts { sign, digits, exponent: exponent.unwrap_or(0), percent })
}

/// Replaces East Asian and typographic characters by the ASCII characters of numbers.
fn folded(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '．' => '.',
        '，' => ',',
        '％' => '%',
        '＋' => '+',
        '−' | '－' | '–' | '‐' | '‑' => '-',
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}' | '\u{3000}' => ' ',
        '’' | '＇' => '\'',
        c => c,
    }
}

fn digits(mantissa: &str) -> Option<Digits> {
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\'');
    if !mantissa.chars().all(allowed) || !mantissa.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let marks: Vec<char> = mantissa.chars().filter(|c| !c.is_ascii_digit()).collect();
    let groups = marks.iter().filter(|c| matches!(c, ' ' | '\'')).count();
    match (marks.as_slice(), marks.last()) {
        ([], _) => Some(Digits::Clear(mantissa.to_owned(), None)),
        // Blanks and apostrophes can only separate thousands.
        (_, _) if groups == marks.len() => {
            marks.iter().all(|mark| *mark == marks[0]).then_some(())?;
            Some(Digits::Clear(ungrouped(mantissa, marks[0])?, None))
        }
        (&[sign], _) => {
            let (whole, fraction) = mantissa.split_once(sign)?;
            let point = format!("{whole}.{fraction}");
            let may_group = fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
            Some(match (may_group, decimal(sign)) {
                (false, sign) => Digits::Clear(point, Some(sign)),
                (true, Decimal::Point) => Digits::Either { point, comma: format!("{whole}{fraction}") },
                (true, Decimal::Comma) => {
                    Digits::Either { point: format!("{whole}{fraction}"), comma: point }
                }
            })
        }
        // Several marks of one kind separate thousands, so the other mark is the decimal sign.
        (_, Some(&mark)) if marks.iter().all(|other| *other == mark) => {
            let other = if mark == ',' { Decimal::Point } else { Decimal::Comma };
            Some(Digits::Clear(ungrouped(mantissa, mark)?, Some(other)))
        }
        // Marks of one kind separate thousands, and the last mark is the decimal sign.
        (_, Some(&sign)) if matches!(sign, '.' | ',') => {
            let (whole, fraction) = mantissa.rsplit_once(sign)?;
            let mark = marks[0];
            Some(Digits::Clear(format!("{}.{fraction}", ungrouped(whole, mark)?), Some(decimal(sign))))
        }
        _ => None,
    }
}

fn decimal(sign: char) -> Decimal {
    if sign == ',' { Decimal::Comma } else { Decimal::Point }
}

/// Removes thousands separators if they are in the right places; `None` if they are not.
fn ungrouped(whole: &str, mark: char) -> Option<String> {
    let groups: Vec<&str> = whole.split(mark).collect();
    let digits = |group: &&str| group.bytes().all(|b| b.is_ascii_digit());
    let sound = groups.iter().all(digits)
        && (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3);
    sound.then(|| groups.concat())
}

fn misread(text: &str) -> Misread {
    let text: String = text.trim().chars().map(folded).collect();
    let number = |part: &str| parts(part.trim()).is_some();
    if text.starts_with(['=', '#']) {
        Misread::Formula
    } else if is_date(&text) {
        Misread::Date
    } else if text.starts_with(['<', '>', '~', '≈', '≤', '≥', '±']) {
        Misread::Limit
    } else if text.split_once('/').is_some_and(|(a, b)| number(a) && number(b)) {
        Misread::Fraction
    } else if is_range(&text) {
        Misread::Range
    } else if number(text.trim_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '-' | '%')))
    {
        Misread::WithUnit
    } else {
        Misread::Text
    }
}

fn is_range(text: &str) -> bool {
    let number = |part: &str| parts(part.trim()).is_some();
    let lower = text.to_lowercase();
    let divided = ["-", " to ", ";", "..", "—"].iter().any(|between| {
        lower.char_indices().skip(1).any(|(at, _)| {
            lower[at..].strip_prefix(between).is_some_and(|after| number(&lower[..at]) && number(after))
        })
    });
    divided || lower.split_once(['(', '[', '±']).is_some_and(|(before, _)| number(before))
}

/// Whether a text is a date, such as `5-Jan`, `Jan-05`, `05.01.2024`, `2024-01-05` or `1月5日`.
fn is_date(text: &str) -> bool {
    if text.contains('月') {
        return true;
    }
    let lower = text.to_lowercase();
    let pieces: Vec<&str> = lower.split(['-', '/', '.', ' ']).filter(|piece| !piece.is_empty()).collect();
    let numeric = |piece: &str| piece.len() <= 4 && piece.bytes().all(|b| b.is_ascii_digit());
    let month =
        |piece: &str| piece.chars().count() <= 9 && MONTHS.iter().any(|month| piece.starts_with(month));
    let named = (2..=3).contains(&pieces.len())
        && pieces.iter().filter(|piece| month(piece)).count() == 1
        && pieces.iter().all(|piece| month(piece) || numeric(piece));
    let written_out = pieces.len() == 3
        && pieces.iter().all(|piece| numeric(piece))
        && (pieces[0].len() == 4 || (pieces[0].len() <= 2 && pieces[1].len() <= 2));
    named || written_out
}

/// First letters of month names in the languages in which Excel is used most.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär", "mai", "okt",
    "dez", "fév", "avr", "juin", "juil", "aoû", "déc", "ene", "abr", "ago", "dic", "gen", "mag", "giu",
    "lug", "set", "ott", "fev", "out", "mrt", "maa", "mei",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, decimal: Decimal) -> Result<f64, Misread> {
        read(text, Convention::Known(decimal)).map(|numeral| numeral.value)
    }

    #[test]
    fn numbers_of_every_country() {
        for (text, value) in [
            ("0.12", 0.12),
            (".5", 0.5),
            ("5.", 5.0),
            ("18500", 18500.0),
            ("18,500", 18500.0),
            ("18 500", 18500.0),
            ("18\u{a0}500.25", 18500.25),
            ("1\u{202f}234\u{202f}567", 1_234_567.0),
            ("18'500", 18500.0),
            ("18’500.5", 18500.5),
            ("1,234,567.89", 1_234_567.89),
            ("27.5%", 0.275),
            ("27.5 %", 0.275),
            ("０．２５", 0.25),
            ("２７％", 0.27),
            ("−0.4", -0.4),
            ("–0.4", -0.4),
            ("+3", 3.0),
            ("1.2E-05", 1.2e-5),
            ("1.234E+05", 123_400.0),
            ("0.123", 0.123),
            ("1.234", 1.234),
        ] {
            assert_eq!(with(text, Decimal::Point), Ok(value), "{text}");
        }
        for (text, value) in [
            ("0,12", 0.12),
            ("27,5 %", 0.275),
            ("1.234,5", 1234.5),
            ("1.234", 1234.0),
            ("1,234", 1.234),
            ("1.234.567", 1_234_567.0),
            ("18 500,25", 18500.25),
            ("１，５", 1.5),
            ("1,2E-05", 1.2e-5),
        ] {
            assert_eq!(with(text, Decimal::Comma), Ok(value), "{text}");
        }
    }

    #[test]
    fn thousands_separators_that_could_be_decimal_signs_are_noticed() {
        let grouped = |text, decimal| read(text, Convention::Known(decimal)).map(|numeral| numeral.grouped);
        for (text, expected) in [
            ("1.064,5", true),
            ("1.064", true),
            ("1.064.000", true),
            ("1,064", false),
            ("1 064,5", false),
            ("1064", false),
            ("1,2E-05", false),
            ("1,064.5", true),
        ] {
            assert_eq!(grouped(text, Decimal::Comma), Ok(expected), "{text}");
        }
        assert_eq!(grouped("1.064", Decimal::Point), Ok(false));
        assert_eq!(grouped("18,500", Decimal::Point), Ok(true));
    }

    #[test]
    fn what_is_not_a_number_says_why() {
        for (text, why) in [
            ("5-Jan", Misread::Date),
            ("Jan-05", Misread::Date),
            ("5. Mär", Misread::Date),
            ("05/01/2024", Misread::Date),
            ("05.01.2024", Misread::Date),
            ("2024-01-05", Misread::Date),
            ("1月5日", Misread::Date),
            ("#REF!", Misread::Formula),
            ("=1/3", Misread::Formula),
            ("<0.01", Misread::Limit),
            ("12/15", Misread::Fraction),
            ("0.1-0.3", Misread::Range),
            ("0.1 to 0.3", Misread::Range),
            ("0.1–0.3", Misread::Range),
            ("0.5 (0.3-0.8)", Misread::Range),
            ("EUR 80", Misread::WithUnit),
            ("£6,000", Misread::WithUnit),
            ("80 €", Misread::WithUnit),
            ("5 years", Misread::WithUnit),
            ("n/a", Misread::Text),
            ("NaN", Misread::Text),
            ("inf", Misread::Text),
            ("1e999", Misread::Text),
            ("12 15", Misread::Text),
            ("1,23,4", Misread::Text),
            ("1.2.3", Misread::Date),
        ] {
            assert_eq!(with(text, Decimal::Point), Err(why), "{text}");
        }
        assert_eq!(read("1.234", Convention::Unknown), Err(Misread::Ambiguous));
    }

    fn learnt(texts: &[&str], delimiter: char) -> Convention {
        let span = Span { file: 0, start: 0, end: 0 };
        let cells: Vec<CsvCell> = texts.iter().map(|text| CsvCell { text: (*text).into(), span }).collect();
        learn(cells.iter(), delimiter)
    }

    #[test]
    fn the_decimal_sign_is_learnt_from_the_file() {
        assert_eq!(learnt(&["1.234", "0,5"], ';'), Convention::Known(Decimal::Comma));
        assert_eq!(learnt(&["1,234", "0.5"], ';'), Convention::Known(Decimal::Point));
        assert_eq!(learnt(&["1.234", "7"], ';'), Convention::Unknown);
        assert_eq!(learnt(&["1.234", "7"], ','), Convention::Known(Decimal::Point));
        assert_eq!(learnt(&["1.234.567"], ';'), Convention::Known(Decimal::Comma));
        assert!(matches!(learnt(&["0,5", "0.5"], ';'), Convention::Mixed(..)));
    }
}
