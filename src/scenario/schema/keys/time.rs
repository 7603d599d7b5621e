//! Keys of `[time]`: cycle length and time horizon.

use super::*;

pub const CYCLE: Key = required(
    "cycle",
    Shape::Duration,
    "Cycle length, e.g. \"6 months\"; in formulas `cycle_length`, in years.",
);
/// The horizon of a model that runs until nobody is left.
pub const ENDLESS: &str = "endless";
pub const HORIZON: Key = required(
    "horizon",
    Shape::DurationOr(ENDLESS),
    "Time horizon, a whole number of cycles; or \"endless\": until nobody is left outside absorbing states.",
);
pub const HORIZON_COUNTS: Key = optional(
    "horizon_counts",
    Shape::Word(&["transitions", "points"]),
    "Whether the horizon is a number of \"transitions\" (default) or of \"points\", with one transition less.",
);
pub const AGE: Key = optional(
    "age",
    Shape::Word(&["start of cycle", "end of cycle"]),
    "Whether `age` in formulas is the age at the start (default) or the end of the cycle.",
);
pub const FIRST: Key = optional(
    "first",
    Shape::Any(&[Shape::Word(&["into absorbing states", "none"]), Shape::List(&Shape::Name)]),
    "Transitions resolved before the others of a state: \"into absorbing states\" (default: transitions whose \
             branches all lead to absorbing states), a list of transitions, or \"none\".",
);
pub const MOVES: Key = optional(
    "moves",
    Shape::Word(&["once a cycle", "continuous"]),
    "When patients may move: at most once a cycle, at its end (default), or at any time (\"continuous\").",
);
pub const SECTION: Section = section("[time]", &[CYCLE, HORIZON, HORIZON_COUNTS, AGE, FIRST, MOVES]);
