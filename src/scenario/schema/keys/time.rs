//! `[time]`.

use super::*;

pub const CYCLE: Key = required(
    "cycle",
    Shape::Duration,
    "Length of a cycle, e.g. \"6 months\"; expressions read it in years as `cycle_length`.",
);
pub const HORIZON: Key =
    required("horizon", Shape::Duration, "How far the model looks, a whole number of cycles.");
pub const HORIZON_COUNTS: Key = optional(
    "horizon_counts",
    Shape::Word(&["transitions", "points"]),
    "What the horizon counts: \"transitions\" (default), or \"points\", with one transition less between them.",
);
pub const AGE: Key = optional(
    "age",
    Shape::Word(&["start of cycle", "end of cycle"]),
    "What `age` means in formulas that hold for a cycle: the age at its start (default) or at its end.",
);
pub const FIRST: Key = optional(
    "first",
    Shape::Any(&[Shape::Word(&["into absorbing states", "none"]), Shape::List(&Shape::Name)]),
    "Transitions resolved before the rest of a row: \"into absorbing states\" (default: every transition all \
             of whose branches lead to absorbing states), a list of transitions, or \"none\".",
);
pub const SECTION: Section = section("[time]", &[CYCLE, HORIZON, HORIZON_COUNTS, AGE, FIRST]);
