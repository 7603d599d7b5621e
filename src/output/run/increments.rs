//! `increment_breakdown.csv`, `increment_by_state.csv` and `increment_beyond_evidence.csv`: why a strategy costs or
//! gains more than the reference.

use super::outcomes::place;
use crate::analysis::increments::{Share, beyond, by_state, parts};
use crate::analysis::outcomes::{Breakdown, Worth};
use crate::analysis::run::RunAnswer;
use crate::model::Model;
use crate::output::columns::AGAINST;
use crate::output::columns::{EVIDENCE, SCENARIO, STRATEGY};
use crate::output::columns::{OUTCOME, UNIT};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, number, text};

const BREAKDOWN: &[Column] = &[
    SCENARIO,
    STRATEGY,
    AGAINST,
    OUTCOME,
    UNIT,
    text("category", "Part of the outcome", ""),
    text("falls", "While in a state, with a transition, or at time zero", "state; transition; start"),
    text("state_or_transition", "Where it falls, as the scenario names it; empty at the start", ""),
    text("branch", "Branch of the transition; empty elsewhere", ""),
    number(
        "discounted",
        "as `unit`",
        "Expected amount per patient above that under `against` (exact); all rows of a strategy and outcome add to its \
         increment",
    ),
    number("undiscounted", "as `unit`", "The same with every amount in full"),
    EVIDENCE,
];

/// Strategies that are compared with the reference, each with every outcome.
fn compared<'a>(model: &'a Model, breakdown: &'a Breakdown) -> impl Iterator<Item = (usize, usize)> + 'a {
    let others = (0..model.strategies.len()).filter(|&s| s != breakdown.reference);
    others.flat_map(|s| (0..model.outcomes.len()).map(move |o| (s, o)))
}

/// Increments by category and place.
pub fn by_category(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let mut table = Table::new(
        "increment_breakdown.csv",
        "what makes up the increments against the reference, by category and by state or transition (exact)",
        BREAKDOWN,
    );
    let model = run.model();
    for (s, o) in compared(model, breakdown) {
        for part in parts(model, breakdown, s, o) {
            let (falls, place, branch) = place(model, part.place);
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Text(&model.strategies[s].name),
                Cell::Text(&model.strategies[breakdown.reference].name),
                Cell::Text(&model.outcomes[o].name),
                Cell::Text(&model.outcomes[o].unit),
                Cell::Text(&model.components[part.component].category),
                Cell::Text(falls),
                Cell::Text(place),
                Cell::Text(branch),
                Cell::Number(part.discounted),
                Cell::Number(part.undiscounted),
                Cell::Text(mark(model, s)),
            ]);
        }
    }
    table
}

const BY_STATE: &[Column] = &[
    SCENARIO,
    STRATEGY,
    AGAINST,
    OUTCOME,
    UNIT,
    text("state", "State, as the scenario names it", ""),
    text("discounting", "Whether later years and amounts count for less", "discounted; undiscounted"),
    number(
        "years",
        "years",
        "Mean years in the state by the horizon under `strategy`, as the outcome counts and discounts them",
    ),
    number("years_against", "years", "The same under `against`"),
    number("difference_in_years", "years", "`years` - `years_against`"),
    number("value_per_year", "`unit` per year", "Mean of what a year in the state gives under `strategy`"),
    number("value_per_year_against", "`unit` per year", "The same under `against`"),
    number(
        "increment",
        "as `unit`",
        "What is gathered in the state above `against`: `from_time` + `from_value`; what falls once is not in it",
    ),
    number(
        "from_time",
        "as `unit`",
        "More or fewer years, at the mean of the two values: (years - years_against) x (value + value_against) / 2",
    ),
    number(
        "from_value",
        "as `unit`",
        "Years of another value: (value - value_against) x (years + years_against) / 2",
    ),
    text(
        "status",
        "Why a value is missing",
        "ok; nobody is in the state; nobody is in the state under the strategy; nobody is in the state under the reference",
    ),
    EVIDENCE,
];

/// Increments by state: how much of each is time and how much is value.
pub fn states(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let mut table = Table::new(
        "increment_by_state.csv",
        "years in each state and what a year there gives, against the reference: increments from time and from value (exact)",
        BY_STATE,
    );
    let model = run.model();
    for (s, o) in compared(model, breakdown) {
        // What is not discounted says the same twice.
        let worths = match model.outcomes[o].discount {
            Some(_) => &Worth::BOTH[..],
            None => &[Worth::Undiscounted],
        };
        for &worth in worths {
            for row in by_state(model, breakdown, worth, s, o) {
                table.row(&[
                    Cell::Text(&run.scenario.name),
                    Cell::Text(&model.strategies[s].name),
                    Cell::Text(&model.strategies[breakdown.reference].name),
                    Cell::Text(&model.outcomes[o].name),
                    Cell::Text(&model.outcomes[o].unit),
                    Cell::Text(&model.states[row.state].name),
                    Cell::Text(worth.name()),
                    Cell::Number(row.years.0),
                    Cell::Number(row.years.1),
                    Cell::Number(row.years.0 - row.years.1),
                    Cell::Maybe(row.value.0),
                    Cell::Maybe(row.value.1),
                    Cell::Number(row.increment),
                    Cell::Number(row.from_time),
                    Cell::Number(row.from_value),
                    Cell::Text(match row.value {
                        (Some(_), Some(_)) => "ok",
                        (None, None) => "nobody is in the state",
                        (None, _) => "nobody is in the state under the strategy",
                        (_, None) => "nobody is in the state under the reference",
                    }),
                    Cell::Text(mark(model, s)),
                ]);
            }
        }
    }
    table
}

const BEYOND: &[Column] = &[
    SCENARIO,
    STRATEGY,
    AGAINST,
    OUTCOME,
    UNIT,
    number(
        "evidence_until",
        "years",
        "Last data point: the follow-up behind `strategy` or `against`, whichever is the shorter of those that are stated",
    ),
    number("increment", "as `unit`", "Discounted increment by the horizon (exact)"),
    number("before", "as `unit`", "What of it is gathered up to the last data point"),
    number("after", "as `unit`", "What of it is gathered beyond"),
    number("share_beyond", "%", "`after` as a share of `increment`; only where both parts have its sign"),
    text(
        "status",
        "Why there is no share",
        "ok; no share: there is no increment; no share: the increment has the other sign at the last data point; \
         no share: what comes after the last data point takes part of the increment back; \
         no share: the scenario does not say how far the evidence reaches",
    ),
    EVIDENCE,
];

/// Which share of the increments no data have seen.
pub fn beyond_evidence(run: &RunAnswer, breakdown: &Breakdown) -> Table {
    let mut table = Table::new(
        "increment_beyond_evidence.csv",
        "how much of each increment against the reference lies beyond the last data point (exact)",
        BEYOND,
    );
    let model = run.model();
    for (s, o) in compared(model, breakdown) {
        let found = beyond(model, breakdown, s, o);
        let (share, status) = match found.map(|b| b.share) {
            Some(Share::Percent(share)) => (Some(share), "ok"),
            Some(Share::NoIncrement) => (None, "no share: there is no increment"),
            Some(Share::SignTurns) => {
                (None, "no share: the increment has the other sign at the last data point")
            }
            Some(Share::TakenBack) => {
                (None, "no share: what comes after the last data point takes part of the increment back")
            }
            None => (None, "no share: the scenario does not say how far the evidence reaches"),
        };
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(&model.strategies[s].name),
            Cell::Text(&model.strategies[breakdown.reference].name),
            Cell::Text(&model.outcomes[o].name),
            Cell::Text(&model.outcomes[o].unit),
            Cell::Maybe(found.map(|b| b.until)),
            Cell::Number(breakdown.increment(Worth::Discounted, s, o, model.time.cycles)),
            Cell::Maybe(found.map(|b| b.before)),
            Cell::Maybe(found.map(|b| b.after)),
            Cell::Maybe(share),
            Cell::Text(status),
            Cell::Text(mark(model, s)),
        ]);
    }
    table
}
