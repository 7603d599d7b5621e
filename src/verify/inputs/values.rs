//! Single numbers: their source, and whether they can be what they are said to be.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_scenario::parameters::{Evidence, Kind};

pub static S01: Check = Check {
    id: "S01",
    title: "Every parameter has a value and a source",
    why: "Each row of the parameter table is looked at for a finite value and a source that says more than \"to be done\". A \
          number that nobody can trace cannot be defended, and a placeholder is easily forgotten in a model that runs.",
    hint: "Fill in the column `source`: a reference, or `assumption` if it is one.",
    basis: "own",
    quick: true,
    run: s01,
};

/// Words that people leave where a source is still to be filled in.
const PLACEHOLDERS: [&str; 14] =
    ["todo", "to do", "tbd", "tbc", "tba", "?", "??", "???", "xx", "xxx", "n/a", "na", "unknown", "source"];

fn s01(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("a finite value and a source for every parameter", 0.0);
    for (row, &base) in subject.scenario.parameters.iter().zip(&subject.base) {
        tally.holds(&row.name, base.is_finite(), || {
            format!("parameter `{}` is {base}, which is no number", row.name)
        });
        let source = row.source.trim();
        // An assumption is its own source; the note has the reasoning.
        let assumed = row.evidence == Evidence::Assumption;
        tally.holds(&row.name, assumed || !source.is_empty(), || {
            format!("parameter `{}` has no source", row.name)
        });
        let left_open = PLACEHOLDERS.contains(&source.to_lowercase().as_str());
        tally.advisable(&row.name, !left_open, || {
            format!("the source of parameter `{}` is still open: it says `{source}`", row.name)
        });
    }
    tally.verdict("there are no parameters")
}

pub static S02: Check = Check {
    id: "S02",
    title: "Values are possible for what they are, and believable",
    why: "Probabilities and proportions lie between 0 and 1; rates, costs and times are not negative; utilities are at most 1. \
          Beyond what is possible, values are asked about that are nearly always slips: more than 5 events a year, a mean \
          time longer than the model runs, a ratio of more than 20 or less than 0.05, a utility below 0, a loss of utility \
          with a minus sign (losses are entered as positive numbers), or one above 1.",
    hint: "Compare the value and its unit with the source: per month or per year, percent or share, gain or loss.",
    basis: "TECH-VER",
    quick: true,
    run: s02,
};

fn s02(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("values that their kind allows, and that are not nearly always slips", 0.0);
    let horizon = subject.model.time.years(subject.model.time.cycles);
    for (row, &base) in subject.scenario.parameters.iter().zip(&subject.base) {
        let (name, shown) = (&row.name, number(base));
        tally.holds(name, row.kind.allows(base), || {
            format!("`{name}` is {shown}, which no {} can be", row.kind.name())
        });
        let odd = match row.kind {
            Kind::Rate if base > 5.0 => {
                Some(format!("{shown} events a year: one every {} days", number(365.25 / base)))
            }
            Kind::MeanTime | Kind::MedianTime if base > horizon => {
                Some(format!("{shown} years, longer than the {} years of the model", number(horizon)))
            }
            Kind::Hr | Kind::Rr | Kind::Or if !(0.05..=20.0).contains(&base) => {
                Some(format!("{shown}: a ratio that moves a risk more than twentyfold"))
            }
            Kind::Utility if base < 0.0 => Some(format!("{shown}: a state worse than death")),
            Kind::Disutility if base < 0.0 => {
                Some(format!("{shown}: a loss is entered as a positive number, and this one is a gain"))
            }
            Kind::Disutility if base > 1.0 => Some(format!("{shown}: more than the whole worth of a year")),
            _ => None,
        };
        tally.advisable(name, odd.is_none(), || {
            format!("{} `{name}` is {}", row.kind.name().replace('_', " "), odd.unwrap_or_default())
        });
    }
    tally.verdict("there are no parameters")
}
