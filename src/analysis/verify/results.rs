//! Checks of costs and effects.

use super::check::{Check, Verdict};
use super::subject::Subject;
use super::tally::{EXACT, Tally};
use crate::scenario::parameters::Kind;

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![&R04]
}

static R04: Check = Check {
    id: "R04",
    title: "Without any cost, nothing costs",
    why: "All parameters of kind cost are set to 0, and every strategy must cost exactly nothing. What is left is an amount that \
          somebody typed into a formula, where no sensitivity analysis finds it and no source explains it.",
    hint: "Look for numbers in the amounts of the rewards that add to the cost, and give each a row in the parameter table.",
    basis: "TECH-VER, epicR",
    quick: true,
    run: r04,
};

fn r04(subject: &Subject) -> Verdict {
    let Some(cost) = subject.cost() else {
        return Verdict::skip(
            "no outcome counts money: there is no [decision], and costs add to none or several",
        );
    };
    let mut tally = Tally::new("every strategy costs 0", EXACT);
    let base = subject.totals();
    let totals = subject.totals_of(subject.model, &subject.with_kinds(&[Kind::Cost], |_| 0.0));
    for ((strategy, own), base) in subject.model.strategies.iter().zip(&totals).zip(&base) {
        let what = format!("the cost under `{}`", strategy.name);
        tally.same_by(&strategy.name, &what, (0.0, own[cost]), base[cost]);
    }
    tally.verdict("nothing costs")
}
