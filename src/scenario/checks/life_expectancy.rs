//! The expectation of life that a life table implies: the number by which a person sees that a table is in other units, of
//! another column, or of another interval than it was taken for.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spans::Spans;
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::{Branch, Clock, Expr, Hazard, LifeTable, Model, categories, decode};

/// People of whom a table leaves less than this part of the years to an age of [`OLD`] are in no population.
const IMPOSSIBLE: f64 = 0.1;
/// Less than this part is rare even in famines and epidemics.
const ODD: f64 = 0.45;
/// The age against which expectations are held.
const OLD: f64 = 75.0;
/// Smallest plausible life expectancy at a younger age, for the same comparison.
const FEWEST: f64 = 5.0;
/// Nobody is expected to grow older than this.
const OLDEST: f64 = 105.0;
/// Nor has anybody been.
const NOBODY_EVER: f64 = 150.0;
/// A yearly rate at which survival is short; tables have no rate this high below this age.
const DEADLY: f64 = 5.0;
const DEADLY_BELOW: f64 = 90.0;

/// Ages, and the years that people of that age have to live, at the least and at the most: no table of a whole population, of those that
/// have been published for a country and a year, lies outside.
const AT_OLDER_AGES: [(f64, f64, f64); 3] = [(65.0, 7.0, 27.5), (75.0, 4.0, 19.0), (85.0, 2.0, 10.5)];

/// Per life table that some transition has: the table ("table `mortality`") and the expectations of life in words.
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

/// Life tables whose people would live impossibly or oddly short or long.
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
                // Certain death closes many tables.
                **rate > DEADLY && **rate < 600.0 && **age < DEADLY_BELOW
            });
        let ways_out = "check the unit (per = 100_000), the column (columns = { value = \"qx\" }), the kind (rates or probabilities) \
                        and the interval (kind = \"probability over the age group\" in an abridged table)";
        let title = |title: String| format!("life table `{}` {title}", table.name);
        let found = if let Some((rate, age)) = deadly {
            Diagnostic::error("E0448", title(format!("has a rate of {} per year at age {age}", short(*rate))))
                .at(place, format!("half of these people would be dead after {} days", short(253.0 / rate)))
        } else if least < IMPOSSIBLE * due {
            Diagnostic::error(
                "E0448",
                title(format!("gives a life expectancy of {} years at age {first}", short(least))),
            )
            .at(place, "lower than in any population")
        } else if most + first > NOBODY_EVER && *table.ages.last().unwrap_or(&0.0) >= OLD {
            Diagnostic::error(
                "E0448",
                title(format!("gives a life expectancy of {} years at age {first}", short(most))),
            )
            .at(place, "longer than any human life")
        } else if of_whole_groups(table) {
            Diagnostic::warning(
                "W0521",
                title("seems to have probabilities over age groups, but they are read as annual".into()),
            )
            .at(place, "about three times as high as in any population, with rows several years apart")
        } else if least < ODD * due {
            Diagnostic::warning(
                "W0521",
                title(format!("gives a life expectancy of only {} years at age {first}", short(least))),
            )
            .at(place, "shorter than in nearly any population")
        } else if most + first > OLDEST && *table.ages.last().unwrap_or(&0.0) >= OLD {
            Diagnostic::warning(
                "W0521",
                title(format!("gives a life expectancy of {} years at age {first}", short(most))),
            )
            .at(place, "longer than in nearly any population")
        } else if let Some((age, years, odd)) = odd_when_old(table) {
            Diagnostic::warning(
                "W0521",
                title(format!("gives a life expectancy of {} years at age {age}", short(years))),
            )
            .at(place, format!("{odd} than in nearly any population"))
        } else {
            continue;
        };
        out.push(
            found
                .why("background mortality determines how many life-years can be gained")
                .note(in_words(model, table))
                .help(ways_out),
        );
    }
}

/// An age at which people live shorter or longer than anywhere, with the years that they have. A table that ends before [`OLDEST_BAND`] says
/// nothing of the old.
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

/// Where the last band of many abridged tables begins.
const OLDEST_BAND: f64 = 85.0;

/// Whether the table is abridged and most of its groups of old people die so fast that their yearly probabilities are rather
/// those of the groups. A yearly probability is about 0.012 exp(0.095 (age - 60)) between 60 and 85, three times less or more in
/// any country of the Human Mortality Database.
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

/// Life tables by which some transition leads to death, with the first of these: as its hazard, or looked up at attained age by its
/// formula.
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

/// The age of patients at the start as a transition reads it: the median, and whether all have it.
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
    let distribution = model.attributes[attribute?].density(model, &model.base_values())?;
    let fixed = distribution.fixed();
    Some((fixed.unwrap_or_else(|| distribution.quantile(0.5)), fixed.is_some()))
}

/// At most one decimal.
fn short_age(age: f64) -> f64 {
    (age * 10.0).round() / 10.0
}

/// `life expectancy at age 0: 79.3 years (male), 83.1 years (female)`.
fn in_words(model: &Model, table: &LifeTable) -> String {
    match (table.ages.first(), table.ages.last()) {
        (Some(_), Some(&last)) if last < OLD => {
            format!("ends at age {last}, so life expectancy cannot be calculated")
        }
        (Some(&first), _) => format!("life expectancy at age {first}: {}", expectations(model, table, first)),
        _ => String::new(),
    }
}

/// Years to live from an age on, per group of people: `79.3 years (male), 83.1 years (female)`.
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

/// Three digits or one decimal.
fn short(x: f64) -> String {
    match x {
        x if !x.is_finite() => "any number of".into(),
        x if x < 10.0 => format!("{x:.2}"),
        x => format!("{x:.1}"),
    }
}
