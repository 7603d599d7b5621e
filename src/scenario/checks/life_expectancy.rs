//! Life expectancy implied by each life table. An implausible value shows that the table was read in the wrong unit, from the
//! wrong column or for the wrong age interval.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spans::Spans;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Branch, Clock, Expr, Hazard, LifeTable, Model, categories, decode};

/// Life expectancy, as a fraction of the years until age [`OLD`], that is lower than in any population (error).
const IMPOSSIBLE: f64 = 0.1;
/// Life expectancy, as a fraction of the years until age [`OLD`], that is rare even in famines and epidemics (warning).
const ODD: f64 = 0.45;
/// Reference age: life expectancy is compared with the years until this age.
const OLD: f64 = 75.0;
/// Smallest number of years for the comparison, which is used if a table starts near or above age [`OLD`].
const FEWEST: f64 = 5.0;
/// An expected age at death above this age is implausible (warning).
const OLDEST: f64 = 105.0;
/// An expected age at death above this age is impossible (error).
const NOBODY_EVER: f64 = 150.0;
/// Mortality rate per year that no population reaches below age [`DEADLY_BELOW`].
const DEADLY: f64 = 5.0;
const DEADLY_BELOW: f64 = 90.0;

/// Ages with the lowest and highest plausible life expectancy at that age. No published life table of a whole country for a
/// calendar year is outside these limits.
const AT_OLDER_AGES: [(f64, f64, f64); 3] = [(65.0, 7.0, 27.5), (75.0, 4.0, 19.0), (85.0, 2.0, 10.5)];

/// For each life table used by a transition: its name ("table `mortality`") and its life expectancies in words.
pub fn readings(model: &Model) -> Vec<(String, String)> {
    let used = hazards(model).into_iter();
    used.map(|(table, t)| {
        let table = &model.life_tables[table];
        let mut words = in_words(model, table);
        if let Some((age, of_all)) = age_at_start(model, t)
            && table.ages.first().is_some_and(|first| *first < age)
            && table.ages.last().is_some_and(|last| *last >= OLD)
        {
            let whose = match of_all {
                true => "the age of the patients",
                false => "the median age of the patients",
            };
            words += &format!("; at {}, {whose}: {}", short_age(age), expectations(model, table, age));
        }
        (format!("table `{}`", table.name), words)
    })
    .collect()
}

/// Reports life tables with an impossible or implausible life expectancy.
pub fn life_expectancy(model: &Model, spans: &Spans, out: &mut Diagnostics) {
    for (t, transition) in hazards(model) {
        let table = &model.life_tables[t];
        let Some(&first) = table.ages.first() else {
            continue;
        };
        let place = spans.hazards[transition];
        let expected: Vec<f64> = (0..table.rates.len()).map(|c| table.expectation(c, first)).collect();
        let least = expected.iter().copied().fold(f64::INFINITY, f64::min);
        let most = expected.iter().copied().fold(0.0, f64::max);
        let due = (OLD - first).max(FEWEST);
        let deadly =
            table.rates.iter().flat_map(|rates| rates.iter().zip(&table.ages)).find(|(rate, age)| {
                // Rates of 600 or more represent certain death, with which many tables end.
                **rate > DEADLY && **rate < 600.0 && **age < DEADLY_BELOW
            });
        let ways_out = format!(
            "correct the settings under [tables.{}]: if the values are per 100,000 people, add per = 100_000; if they are not what `kind` says \
             (annual probabilities, probabilities over the age group or rates), correct `kind`; if they are in another column, write its name, such as columns = {{ value = \"qx\" }}",
            table.name
        );
        let title = |title: String| format!("life table `{}` {title}", table.name);
        let found = if let Some((rate, age)) = deadly {
            Diagnostic::error("E0448", title(format!("has a rate of {} per year at age {age}", short(*rate))))
                .at(
                    place,
                    format!(
                        "at this rate, half of the people would be dead after {} days",
                        short(253.0 / rate)
                    ),
                )
        } else if least < IMPOSSIBLE * due {
            Diagnostic::error(
                "E0448",
                title(format!("implies a life expectancy of {} years at age {first}", short(least))),
            )
            .at(place, "lower than in any population")
        } else if most + first > NOBODY_EVER && *table.ages.last().unwrap_or(&0.0) >= OLD {
            Diagnostic::error(
                "E0448",
                title(format!("implies a life expectancy of {} years at age {first}", short(most))),
            )
            .at(place, "longer than any human life")
        } else if of_whole_groups(table) {
            Diagnostic::warning(
                "W0521",
                title("seems to have probabilities over age groups, but they are read as annual".into()),
            )
            .at(
                place,
                "mortality about three times as high as in any population, with rows several years apart",
            )
            .help(format!("if each value is for a whole age group, write kind = \"probability over the age group\"; if the values are annual, check `columns` and `per` under [tables.{}]", table.name))
        } else if least < ODD * due {
            Diagnostic::warning(
                "W0521",
                title(format!("implies a life expectancy of only {} years at age {first}", short(least))),
            )
            .at(place, "shorter than in nearly any population")
        } else if most + first > OLDEST && *table.ages.last().unwrap_or(&0.0) >= OLD {
            Diagnostic::warning(
                "W0521",
                title(format!("implies a life expectancy of {} years at age {first}", short(most))),
            )
            .at(place, "longer than in nearly any population")
        } else if let Some((age, years, odd)) = odd_when_old(table) {
            Diagnostic::warning(
                "W0521",
                title(format!("implies a life expectancy of {} years at age {age}", short(years))),
            )
            .at(place, format!("{odd} than in nearly any population"))
        } else {
            continue;
        };
        let mut found = found
            .why("background mortality determines how many life-years a treatment can gain")
            .note(in_words(model, table));
        found.help.get_or_insert(ways_out);
        out.push(found);
    }
}

/// An age with a life expectancy outside the plausible limits, with the years and the direction. Tables that end before age
/// [`OLDEST_BAND`] are skipped, because they contain no data on old people.
fn odd_when_old(table: &LifeTable) -> Option<(f64, f64, &'static str)> {
    let (first, last) = (*table.ages.first()?, *table.ages.last()?);
    let ages = AT_OLDER_AGES.iter().filter(|(age, ..)| first <= *age && last >= OLDEST_BAND);
    ages.flat_map(|&limits| (0..table.rates.len()).map(move |column| (limits, column))).find_map(
        |((age, least, most), column)| {
            let years = table.expectation(column, age);
            match years {
                years if years < least => Some((age, years, "shorter")),
                years if years > most => Some((age, years, "longer")),
                _ => None,
            }
        },
    )
}

/// First age of the last, open age group in many abridged life tables.
const OLDEST_BAND: f64 = 85.0;

/// Whether an abridged table probably contains probabilities over age groups that were read as annual probabilities: most groups
/// between ages 60 and 85 have more than three times the usual mortality. The usual annual probability is about
/// 0.012 exp(0.095 (age - 60)); every country of the Human Mortality Database is within a factor of three of this formula.
fn of_whole_groups(table: &LifeTable) -> bool {
    let old =
        |i: &usize| (60.0..=85.0).contains(&table.ages[*i]) && table.ages[i + 1] - table.ages[*i] >= 4.0;
    let groups: Vec<usize> = (0..table.ages.len().saturating_sub(1)).filter(old).collect();
    let too_high = |i: &&usize| {
        let usual = 0.012 * arcosim_core::math::exp(0.095 * (table.ages[**i] - 60.0));
        table.rates.iter().all(|rates| rates[**i] > 3.0 * usual)
    };
    groups.len() >= 3 && 2 * groups.iter().filter(too_high).count() > groups.len()
}

/// Life tables that are used for mortality, each with the first transition that uses it: by the key `table`, or by a lookup at
/// attained age in its formula.
fn hazards(model: &Model) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = Vec::new();
    let mut add = |table: usize, t: usize| {
        if all.iter().all(|(other, _)| *other != table) {
            all.push((table, t));
        }
    };
    for (t, transition) in model.transitions.iter().enumerate() {
        let absorbs = |b: &Branch| b.to.is_some_and(|s| model.states[s].absorbing);
        if !transition.branches.iter().all(absorbs) {
            continue;
        }
        if let Hazard::LifeTable { table, .. } = transition.hazard {
            add(table, t);
        }
        transition.expressions(&mut |expr| {
            expr.walk(&mut |part| {
                if let Expr::Lookup(listing, at) = part
                    && Reads::of(&at[0]).age
                    && let Some(table) = model.life_tables.iter().position(|one| one.name == listing.name)
                {
                    add(table, t);
                }
            });
        });
    }
    all
}

/// Age of patients at the start, for the age attribute of a transition: the median, and whether all patients have this age.
fn age_at_start(model: &Model, transition: usize) -> Option<(f64, bool)> {
    let transition = &model.transitions[transition];
    let mut attribute = match transition.hazard {
        Hazard::LifeTable { age, .. } => Some(age),
        _ => None,
    };
    transition.expressions(&mut |expr| {
        expr.walk(&mut |part| {
            if let Expr::Clock(Clock::Age(a) | Clock::AgeAtEnd(a)) = part {
                attribute = attribute.or(Some(*a));
            }
        });
    });
    let (attribute, values) = (&model.attributes[attribute?], model.base_values());
    let fixed = attribute.fixed_value(model, &values);
    Some((fixed.map_or_else(|| attribute.quantile(model, &values, 0.5), Some)?, fixed.is_some()))
}

/// Rounds an age to one decimal.
fn short_age(age: f64) -> f64 {
    (age * 10.0).round() / 10.0
}

/// Life expectancies in words, such as `life expectancy at age 0: 79.3 years (male), 83.1 years (female)`.
fn in_words(model: &Model, table: &LifeTable) -> String {
    match (table.ages.first(), table.ages.last()) {
        (Some(_), Some(&last)) if last < OLD => {
            format!("ends at age {last}, so life expectancy cannot be calculated")
        }
        (Some(&first), _) => format!("life expectancy at age {first}: {}", expectations(model, table, first)),
        _ => String::new(),
    }
}

/// Life expectancy at an age for each group of people, such as `79.3 years (male), 83.1 years (female)`.
fn expectations(model: &Model, table: &LifeTable, age: f64) -> String {
    let sizes: Vec<usize> = table.by.iter().map(|&a| categories(model, a)).collect();
    let mut values = vec![0.0; model.attributes.len()];
    let each = (0..table.rates.len()).map(|column| {
        decode(column, &table.by, &sizes, &mut values);
        let who = arcosim_core::model::walk::described(model, &table.by, &values);
        let who: Vec<&str> = who.iter().filter_map(|text| text.split(" = ").last()).collect();
        let years = short(table.expectation(column, age));
        match who.is_empty() {
            true => format!("{years} years"),
            false => format!("{years} years ({})", who.join(", ")),
        }
    });
    let mut each: Vec<String> = each.collect();
    if each.len() > MOST_SHOWN {
        let more = each.len() - MOST_SHOWN;
        each.truncate(MOST_SHOWN);
        each.push(format!("and {more} more groups"));
    }
    each.join(", ")
}

const MOST_SHOWN: usize = 6;

/// Text of a number with two decimals if it is below 10, else with one decimal.
fn short(x: f64) -> String {
    match x {
        x if !x.is_finite() => "any number of".into(),
        x if x < 10.0 => format!("{x:.2}"),
        x => format!("{x:.1}"),
    }
}
