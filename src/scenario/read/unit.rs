//! Units of time: lengths such as `6 months`, and the period of a rate or probability.
//!
//! A month is 1/12 of a year, a week 1/52 and a day 1/365.25, so that twelve months or fifty-two weeks make a year.

/// Period or occasion stated by the unit of a rate or probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Per {
    /// A length of time.
    Time(Length),
    /// Time at risk summed over people, such as `per 100 person-years`.
    PersonTime(Length),
    /// One cycle of the model.
    Cycle,
    /// An occasion without a length of time, such as `per procedure`.
    Occasion,
    /// The unit states no period.
    Unsaid,
    /// The unit states a period that is not recognised.
    Unknown,
}

/// A length of time, kept as written so that a conversion rounds only once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Length {
    /// Number of units.
    pub number: f64,
    /// Number of units in one year.
    pub in_a_year: f64,
}

impl Length {
    /// The length in years.
    pub fn years(self) -> f64 {
        self.number / self.in_a_year
    }

    /// Converts a rate per this length to a rate per year.
    pub fn yearly(self, rate: f64) -> f64 {
        rate * self.in_a_year / self.number
    }
}

/// Length in years of a text such as `6 months`; the number must be present and above 0.
pub fn parse_duration_years(text: &str) -> Option<f64> {
    let words = words(text);
    words.first()?.starts_with(|c: char| c.is_ascii_digit() || c == '.').then_some(())?;
    length(&words).map(Length::years)
}

/// Length of a unit without a number: `months` is one month.
pub fn parse_length(text: &str) -> Option<Length> {
    length(&words(text))
}

/// Reads units such as `per 5 years`, `/month`, `% per year`, `annual` or `per 100 person-years`. The flag states
/// whether the numbers are percentages.
pub fn parse_per(text: &str) -> (Per, bool) {
    let lower = text.trim().to_lowercase().replace('％', "%");
    let (rest, percent) = ["%", "percent", "per cent"]
        .iter()
        .find_map(|sign| lower.strip_prefix(sign).map(|rest| (rest.trim_start().to_owned(), true)))
        .unwrap_or((lower, false));
    (per(&rest), percent)
}

/// Period stated in the unit of a cost, such as `GBP per month`, `USD/year`, `EUR per patient per cycle` or `GBP annually`.
pub fn cost_per(unit: &str) -> Per {
    let lower = unit.to_lowercase();
    // Remarks such as `(2019 prices)` do not state a period.
    let said = lower.split(['(', ',', ';']).next().unwrap_or_default().trim();
    let tail = match (said.rfind(" per "), said.rfind('/')) {
        (None, _) if said.starts_with("per ") => said,
        (Some(at), _) => &said[at + 1..],
        (None, Some(at)) => &said[at..],
        _ => said.rsplit(' ').next().unwrap_or_default(),
    };
    per(tail)
}

/// Whether the unit of a number that is never converted contains a time other than a year, such as `months`, `per 10
/// years of age`, `QALYs per month` or `months since diagnosis`.
pub fn time_other_than_a_year(unit: &str) -> bool {
    let lower = unit.trim().to_lowercase();
    let said = lower.split(['(', ',', ';']).next().unwrap_or_default();
    let said = said.trim_start_matches('%').split(" of ").next().unwrap_or_default().trim();
    let other = |per: Per| match per {
        Per::Time(length) | Per::PersonTime(length) => Some((length.years() - 1.0).abs() > 1e-12),
        Per::Cycle => Some(true),
        _ => None,
    };
    let known = parse_length(said)
        .and_then(|length| other(Per::Time(length)))
        .or_else(|| other(per(said)))
        .or_else(|| other(cost_per(said)));
    // A unit that is not recognised may still contain a time, such as "per ten years" or "gestational weeks".
    let names_one = || {
        let mut words = said.split(|c: char| !c.is_alphanumeric() && c != '-');
        words.any(|word| word != "year" && length(&[word.to_string()]).is_some() && word.len() > 2)
    };
    known.unwrap_or_else(names_one)
}

/// Whether a unit states that the numbers are multiples, such as `1000 EUR`, `thousand EUR per year`, `kEUR` or `EUR
/// million`. The year of a price (`2019 EUR`) is not a multiple.
pub fn is_multiple(unit: &str) -> bool {
    let said = unit.split(['(', ';']).next().unwrap_or_default();
    // A period such as "per 100 person-years" is converted, so its number is not a multiple.
    let said = match cost_per(unit) {
        Per::Unknown | Per::Unsaid | Per::Occasion => said,
        _ if said.starts_with("per ") => "",
        _ => said.split(" per ").next().unwrap_or_default(),
    };
    said.split(|c: char| c.is_whitespace() || c == '/').any(|word| {
        let digits: String = word.chars().filter(|c| !matches!(c, ',' | '.' | '_' | '\'')).collect();
        let power_of_ten =
            digits.len() >= 3 && digits.starts_with('1') && digits[1..].bytes().all(|b| b == b'0');
        let prefixed = word.strip_prefix(['k', 'K', 'm', 'M']).is_some_and(|rest| {
            rest.starts_with(['€', '$', '£'])
                || rest.len() == 3 && rest.bytes().all(|b| b.is_ascii_uppercase())
        });
        let lower = word.to_lowercase();
        let named = [
            "thousand",
            "thousands",
            "million",
            "millions",
            "tsd",
            "tsd.",
            "mio",
            "mio.",
            "tausend",
            "millier",
            "milliers",
        ];
        power_of_ten || prefixed || named.contains(&lower.as_str())
    })
}

fn per(text: &str) -> Per {
    if text.is_empty() {
        return Per::Unsaid;
    }
    match text {
        "annual" | "yearly" | "annually" | "p.a." => {
            return Per::Time(Length { number: 1.0, in_a_year: 1.0 });
        }
        "monthly" => {
            return Per::Time(Length { number: 1.0, in_a_year: 12.0 });
        }
        "weekly" => {
            return Per::Time(Length { number: 1.0, in_a_year: 52.0 });
        }
        "daily" => {
            return Per::Time(Length { number: 1.0, in_a_year: 365.25 });
        }
        _ => {}
    }
    let leads = ["per ", "/", "in ", "over ", "within ", "each ", "every ", "a "];
    let Some(rest) = leads.iter().find_map(|lead| text.strip_prefix(lead)) else {
        return Per::Unknown;
    };
    let mut words = words(rest);
    if words == ["cycle"] {
        return Per::Cycle;
    }
    if let [only] = words.as_slice()
        && OCCASIONS.contains(&only.as_str())
    {
        return Per::Occasion;
    }
    let people =
        words.iter().position(|word| matches!(word.as_str(), "person" | "patient" | "persons" | "patients"));
    if let Some(at) = people {
        words.remove(at);
        return length(&words).map_or(Per::Unknown, Per::PersonTime);
    }
    length(&words).map_or(Per::Unknown, Per::Time)
}

/// Occasions to which published risks refer. A probability per any other word needs a period.
const OCCASIONS: &[&str] = &[
    "procedure",
    "operation",
    "surgery",
    "intervention",
    "admission",
    "stay",
    "visit",
    "treatment",
    "injection",
    "infusion",
    "dose",
    "test",
    "event",
    "episode",
    "case",
    "patient",
    "person",
    "use",
    "occasion",
];

/// Splits a unit into words. A hyphen within a word separates like a blank (`5-year`, `person-years`), but at the
/// start it is a minus sign. A blank may separate thousands.
fn words(text: &str) -> Vec<String> {
    let lower = text.trim().to_lowercase();
    let lower: String =
        lower.char_indices().map(|(at, c)| if c == '-' && at > 0 { ' ' } else { c }).collect();
    let mut words: Vec<String> = Vec::new();
    for word in lower.split_whitespace() {
        let grouped = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
        match words.last_mut() {
            Some(number) if grouped(word) && number.bytes().all(|b| b.is_ascii_digit()) => {
                number.push_str(word)
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn length(words: &[String]) -> Option<Length> {
    let (number, unit) = match words {
        [half, unit] if half == "half" && unit.starts_with("year") => ("0.5", unit.as_str()),
        [unit] => split_number(unit),
        [number, unit] => (number.as_str(), unit.as_str()),
        _ => return None,
    };
    let number = if number.is_empty() { 1.0 } else { plain_number(number)? };
    let in_a_year = match unit {
        "year" | "years" | "yr" | "yrs" | "y" | "annum" => 1.0,
        "month" | "months" | "mo" => 12.0,
        "week" | "weeks" | "wk" | "wks" => 52.0,
        "day" | "days" | "d" => 365.25,
        "quarter" | "quarters" => 4.0,
        "half-year" | "half-years" | "halfyear" => 2.0,
        "fortnight" | "fortnights" => 26.0,
        "decade" | "decades" => 0.1,
        _ => return None,
    };
    (number > 0.0 && number.is_finite()).then_some(Length { number, in_a_year })
}

/// Splits a number from its unit: `6months` becomes `6` and `months`.
fn split_number(word: &str) -> (&str, &str) {
    word.split_at(word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len()))
}

/// Reads digits with at most one decimal point, and with commas only between thousands.
fn plain_number(text: &str) -> Option<f64> {
    let groups: Vec<&str> = text.split(',').collect();
    if groups.len() > 1 && (groups[0].is_empty() || groups[1..].iter().any(|group| group.len() != 3)) {
        return None;
    }
    let joined = groups.concat();
    joined.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| joined.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, years) in [
            ("6 months", Some(0.5)),
            ("5 years", Some(5.0)),
            ("1 week", Some(1.0 / 52.0)),
            ("2 weeks", Some(2.0 / 52.0)),
            ("365.25 days", Some(1.0)),
            ("1.5 Years", Some(1.5)),
            ("6months", Some(0.5)),
            ("12-month", Some(1.0)),
            ("year", None),
            ("0 years", None),
            ("-1 year", None),
            ("5", None),
            ("1,5 years", None),
            ("inf years", None),
            ("5 parsecs", None),
            ("", None),
        ] {
            assert_eq!(parse_duration_years(text), years, "{text}");
        }
    }

    #[test]
    fn what_a_cost_is_per() {
        let time = |number, in_a_year| Per::Time(Length { number, in_a_year });
        for (unit, expected) in [
            ("GBP", Per::Unknown),
            ("", Per::Unsaid),
            ("GBP per month", time(1.0, 12.0)),
            ("2019 USD/year", time(1.0, 1.0)),
            ("EUR per patient per 3 months (2020 prices)", time(3.0, 12.0)),
            ("EUR per year, 2020", time(1.0, 1.0)),
            ("EUR annually", time(1.0, 1.0)),
            ("EUR per cycle", Per::Cycle),
            ("EUR per visit", Per::Occasion),
            ("EUR 2019/20", Per::Unknown),
        ] {
            assert_eq!(cost_per(unit), expected, "{unit}");
        }
    }

    #[test]
    fn what_a_number_is_per() {
        let time = |number, in_a_year| Per::Time(Length { number, in_a_year });
        for (text, expected) in [
            ("per year", (time(1.0, 1.0), false)),
            ("% per year", (time(1.0, 1.0), true)),
            ("per 5 years", (time(5.0, 1.0), false)),
            ("/month", (time(1.0, 12.0), false)),
            ("Per 6 Months", (time(6.0, 12.0), false)),
            ("annual", (time(1.0, 1.0), false)),
            ("per 1,000 patient-years", (Per::PersonTime(Length { number: 1000.0, in_a_year: 1.0 }), false)),
            (
                "per 100 000 person years",
                (Per::PersonTime(Length { number: 100_000.0, in_a_year: 1.0 }), false),
            ),
            ("per cycle", (Per::Cycle, false)),
            ("per procedure", (Per::Occasion, false)),
            ("per ?", (Per::Unknown, false)),
            ("EUR", (Per::Unknown, false)),
            ("%", (Per::Unsaid, true)),
            ("", (Per::Unsaid, false)),
        ] {
            assert_eq!(parse_per(text), expected, "{text}");
        }
    }
}
