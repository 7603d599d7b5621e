//! Formatting of amounts for readers: decimals, thousands separators and units of costs, QALYs and parameters.

use crate::scenario::parameters::ParameterRow;
use arcosim_core::words::{grouped, rounded};

/// Currency codes. A unit that contains one of these codes as a word is money.
const CURRENCIES: [&str; 20] = [
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "JPY", "KRW", "NOK",
    "NZD", "PLN", "SEK", "SGD", "USD",
];

/// Number of decimals for a set of amounts in the given unit, of which `largest` is the largest amount.
pub fn places(unit: &str, largest: f64) -> usize {
    let is_code = |word: &str| CURRENCIES.contains(&word);
    let money =
        unit.contains(['£', '$', '€', '¥']) || unit.split(|c: char| !c.is_alphanumeric()).any(is_code);
    match largest.abs() {
        size if size >= 1000.0 => 0,
        _ if money => 2,
        size if size >= 100.0 => 2,
        _ => 4,
    }
}

/// Size from which amounts are shown in scientific notation, because most of their digits would be meaningless.
const LONGEST: f64 = 1e15;

/// A number of years in words, such as `1 year` or `2.5 years`.
pub fn years(x: f64) -> String {
    let rounded = (1e4 * x).round() / 1e4;
    format!("{rounded} {}", if rounded == 1.0 { "year" } else { "years" })
}

/// An amount with thousands separators.
pub fn amount(x: f64, places: usize) -> String {
    if !x.is_finite() {
        return "-".into();
    }
    if x.abs() >= LONGEST {
        return format!("{x:.6e}");
    }
    let text = format!("{:.places$}", x.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    // An amount that is rounded to zero is printed without a sign.
    let sign = match x < 0.0 && text.contains(|c| ('1'..='9').contains(&c)) {
        true => "-",
        false => "",
    };
    let whole = whole.parse().map_or(whole.to_string(), grouped);
    format!("{sign}{whole}{rest}")
}

/// A standard error with the decimals of its amount, or more if needed to show two significant digits.
pub fn error(se: f64, places: usize) -> String {
    amount(se, decimals_for(se, 2).clamp(places, places + 3))
}

/// Singular of a unit: `QALY` for `QALYs`.
pub fn singular(unit: &str) -> &str {
    let plural = unit.len() > 3 && !unit.ends_with("ss");
    unit.strip_suffix('s').filter(|_| plural).unwrap_or(unit)
}

/// Number of decimals needed to show `digits` significant digits of `x`.
pub fn decimals_for(x: f64, digits: i32) -> usize {
    if x == 0.0 || !x.is_finite() {
        return 0;
    }
    // The exponent is read from the formatted text, which is the same on every machine (a logarithm is not).
    let text = format!("{x:e}");
    let exponent = text.split('e').nth(1).and_then(|e| e.parse::<i32>().ok());
    (digits - 1 - exponent.unwrap_or(0)).max(0) as usize
}

/// A parameter value with its unit, both as in the parameter table.
pub fn value_with_unit(row: &ParameterRow, used: f64) -> String {
    with_unit(&short(row.in_table(used)), row)
}

/// A number with at most six significant digits, without trailing zeros.
pub fn short(x: f64) -> String {
    let places = crate::output::decimals_for(x, 6).min(12);
    rounded(x, places)
}

/// A number with the unit of a parameter; there is no space before `%`.
pub fn with_unit(number: &str, row: &ParameterRow) -> String {
    match row.unit.as_str() {
        "" => number.to_string(),
        unit if unit.starts_with('%') => format!("{number}{unit}"),
        unit => format!("{number} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_quality_of_life_have_their_own_digits() {
        assert_eq!(places("GBP", 44_663.4), 0);
        assert_eq!(places("GBP 1995", 394.0), 2);
        assert_eq!(places("£", 12.0), 2);
        assert_eq!(places("QALYs", 8.937), 4);
        assert_eq!(places("LYG", 8.937), 4);
        assert_eq!(amount(-44_663.45, 0), "-44,663");
        assert_eq!(amount(1234.567, 2), "1,234.57");
        assert_eq!(amount(-0.001, 2), "0.00");
        assert_eq!(amount(f64::NAN, 2), "-");
        assert_eq!(amount(-1.5e40, 2), "-1.500000e40");
    }

    #[test]
    fn a_unit_has_a_singular() {
        assert_eq!(singular("QALYs"), "QALY");
        assert_eq!(singular("life years"), "life year");
        assert_eq!(singular("LYG"), "LYG");
        assert_eq!(singular("QALY"), "QALY");
        assert_eq!(singular("illness"), "illness");
    }

    #[test]
    fn one_year_is_not_one_years() {
        assert_eq!(years(1.0), "1 year");
        assert_eq!(years(1.0 / 12.0), "0.0833 years");
        assert_eq!(years(60.0), "60 years");
    }

    #[test]
    fn a_small_error_is_not_zero() {
        assert_eq!(error(123.4, 0), "123");
        assert_eq!(error(0.1234, 0), "0.12");
        assert_eq!(error(0.004_56, 4), "0.0046");
        assert_eq!(decimals_for(0.01, 2), 3);
        assert_eq!(decimals_for(2e-6, 2), 7);
        assert_eq!(decimals_for(20.0, 2), 0);
    }
}
