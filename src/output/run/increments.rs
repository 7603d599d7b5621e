//! `increment_breakdown.csv`, `increment_by_state.csv` and `increment_beyond_evidence.csv`: sources of the incremental
//! costs and effects of each strategy versus the reference.

use super::outcomes::place_columns;
use crate::analysis::increments::{Beyond, InState, Part, Share, beyond, by_state, parts};
use crate::analysis::outcomes::{Breakdown, Discounting};
use crate::analysis::run::RunAnswer;
use crate::model::Model;
use crate::output::columns::{against, outcome, scenario, strategy, unit, warning};
use crate::output::figures::table::{Table, number, text};

/// The increment of an outcome under a strategy versus the reference.
#[derive(Clone, Copy)]
struct Increment {
    strategy: usize,
    outcome: usize,
}

/// The increments of every outcome under every strategy except the reference.
fn compared<'a>(model: &'a Model, breakdown: &'a Breakdown) -> impl Iterator<Item = Increment> + 'a {
    let others = (0..model.strategies.len()).filter(|&s| s != breakdown.reference);
    others.flat_map(|strategy| (0..model.outcomes.len()).map(move |outcome| Increment { strategy, outcome }))
}

/// An increment with one of its parts.
type PartOf = (Increment, Part);

/// Table of increments decomposed by category and by state or transition.
pub fn by_category(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let model = run.model();
    let [falls, place, branch] = place_columns(model, |r: &PartOf| r.1.place);
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &PartOf| r.0.strategy),
        against(model),
        outcome(model, |r: &PartOf| r.0.outcome),
        unit(model, |r: &PartOf| r.0.outcome),
        text("category", "Part of the outcome", "", |r: &PartOf| &model.components[r.1.component].category),
        falls,
        place,
        branch,
        number(
            "discounted",
            "as `unit`",
            "Expected amount per patient above that under `against` (exact); all rows of a strategy and outcome add to its \
             increment",
            |r: &PartOf| r.1.discounted,
        ),
        number("undiscounted", "as `unit`", "The same with every amount in full", |r: &PartOf| {
            r.1.undiscounted
        }),
        warning(model, |r: &PartOf| r.0.strategy),
    ];
    let rows = compared(model, breakdown).flat_map(|of| {
        parts(model, breakdown, of.strategy, of.outcome).into_iter().map(move |part| (of, part))
    });
    let about =
        "what makes up the increments against the reference, by category and by state or transition (exact)";
    Table::of("increment_breakdown.csv", about, columns, rows)
}

/// A row of the table by state: the part of an increment that accrues in one state.
struct StateRow {
    of: Increment,
    worth: Discounting,
    here: InState,
}

/// Table of increments by state, each split into an effect of time in the state and an effect of value per year.
pub fn states(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &StateRow| r.of.strategy),
        against(model),
        outcome(model, |r: &StateRow| r.of.outcome),
        unit(model, |r: &StateRow| r.of.outcome),
        text("state", "State, as the scenario names it", "", |r: &StateRow| &model.states[r.here.state].name),
        text(
            "discounting",
            "Whether later years and amounts count for less",
            "discounted; undiscounted",
            |r: &StateRow| r.worth.name(),
        ),
        number(
            "years",
            "years",
            "Mean years in the state by the horizon under `strategy`, as the outcome counts and discounts them",
            |r: &StateRow| r.here.years.0,
        ),
        number("years_against", "years", "The same under `against`", |r: &StateRow| r.here.years.1),
        number("difference_in_years", "years", "`years` - `years_against`", |r: &StateRow| {
            r.here.years.0 - r.here.years.1
        }),
        number(
            "value_per_year",
            "`unit` per year",
            "Mean of what a year in the state gives under `strategy`",
            |r: &StateRow| r.here.value.0,
        ),
        number("value_per_year_against", "`unit` per year", "The same under `against`", |r: &StateRow| {
            r.here.value.1
        }),
        number(
            "increment",
            "as `unit`",
            "Increment versus `against` that accrues in the state: `from_time` + `from_value`; without one-off amounts",
            |r: &StateRow| r.here.increment,
        ),
        number(
            "from_time",
            "as `unit`",
            "More or fewer years, at the mean of the two values: (years - years_against) x (value + value_against) / 2",
            |r: &StateRow| r.here.from_time,
        ),
        number(
            "from_value",
            "as `unit`",
            "Years of another value: (value - value_against) x (years + years_against) / 2",
            |r: &StateRow| r.here.from_value,
        ),
        text(
            "status",
            "Why a value is missing",
            "ok; nobody is in the state; nobody is in the state under the strategy; nobody is in the state under the reference",
            |r: &StateRow| match r.here.value {
                (Some(_), Some(_)) => "ok",
                (None, None) => "nobody is in the state",
                (None, _) => "nobody is in the state under the strategy",
                (_, None) => "nobody is in the state under the reference",
            },
        ),
        warning(model, |r: &StateRow| r.of.strategy),
    ];
    let rows = compared(model, breakdown).flat_map(|of| {
        // An outcome without discounting has only one row, because discounted and undiscounted amounts are equal.
        let worths = match model.outcomes[of.outcome].discount {
            Some(_) => &Discounting::BOTH[..],
            None => &[Discounting::Undiscounted],
        };
        worths.iter().flat_map(move |&worth| {
            let states = by_state(model, breakdown, worth, of.strategy, of.outcome);
            states.into_iter().map(move |here| StateRow { of, worth, here })
        })
    });
    let about = "years in each state and what a year there gives, against the reference: increments from time and from value (exact)";
    Table::of("increment_by_state.csv", about, columns, rows)
}

/// A row of the table on extrapolation: an increment and its part beyond the follow-up of the evidence.
struct BeyondRow {
    of: Increment,
    increment: f64,
    found: Option<Beyond>,
}

/// Table of the part of each increment that accrues beyond the follow-up of the evidence.
pub fn beyond_evidence(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let model = run.model();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &BeyondRow| r.of.strategy),
        against(model),
        outcome(model, |r: &BeyondRow| r.of.outcome),
        unit(model, |r: &BeyondRow| r.of.outcome),
        number(
            "evidence_until",
            "years",
            "Last data point: the follow-up behind `strategy` or `against`, whichever is the shorter of those that are stated",
            |r: &BeyondRow| Some(r.found?.until),
        ),
        number("increment", "as `unit`", "Discounted increment by the horizon (exact)", |r: &BeyondRow| {
            r.increment
        }),
        number("before", "as `unit`", "Part that accrues up to the last data point", |r: &BeyondRow| {
            Some(r.found?.before)
        }),
        number("after", "as `unit`", "Part that accrues after the last data point", |r: &BeyondRow| {
            Some(r.found?.after)
        }),
        number(
            "share_beyond",
            "%",
            "`after` as a share of `increment`; only where both parts have its sign",
            |r: &BeyondRow| match r.found?.share {
                Share::Percent(share) => Some(share),
                _ => None,
            },
        ),
        text(
            "status",
            "Why there is no share",
            "ok; no share: there is no increment; no share: the increment has the other sign at the last data point; \
             no share: what comes after the last data point takes part of the increment back; \
             no share: the scenario does not say how far the evidence reaches",
            |r: &BeyondRow| match r.found.map(|found| found.share) {
                Some(Share::Percent(_)) => "ok",
                Some(Share::NoIncrement) => "no share: there is no increment",
                Some(Share::SignTurns) => "no share: the increment has the other sign at the last data point",
                Some(Share::TakenBack) => {
                    "no share: what comes after the last data point takes part of the increment back"
                }
                None => "no share: the scenario does not say how far the evidence reaches",
            },
        ),
        warning(model, |r: &BeyondRow| r.of.strategy),
    ];
    let rows = compared(model, breakdown).map(|of| BeyondRow {
        of,
        increment: breakdown.increment(Discounting::Discounted, of.strategy, of.outcome, model.time.cycles),
        found: beyond(model, breakdown, of.strategy, of.outcome),
    });
    let about = "how much of each increment against the reference lies beyond the last data point (exact)";
    Table::of("increment_beyond_evidence.csv", about, columns, rows)
}
