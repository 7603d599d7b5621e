//! `[matrices]` and `[tables]`.

use super::*;

pub mod matrix {
    use super::*;

    pub const PERIOD: Key = required(
        "period",
        Shape::Duration,
        "The period over which its probabilities hold, e.g. \"3 years\".",
    );
    pub const ROWS: Key = required(
        "rows",
        Shape::Named(&Shape::Named(&Shape::Expression)),
        "For each state that is left: the probabilities of being in the others after a period; the rest stay.",
    );
    pub const SOURCE: Key = optional("source", Shape::Text, "Where the matrix comes from.");
    pub const SECTION: Section = section("a matrix", &[PERIOD, ROWS, SOURCE]);
}

pub mod table {
    use super::*;

    pub const FILE: Key = required("file", Shape::Name, "CSV file, relative to the file that names it.");
    pub const BY: Key = required(
        "by",
        Shape::List(&Shape::Name),
        "Columns that choose a row: the age (or what else is looked up) first, then categorical attributes whose \
             categories are the cells.",
    );
    pub const AGE: Key = optional(
        "age",
        Shape::Name,
        "The continuous attribute that is the age at the start; default \"age\".",
    );
    pub const KIND: Key = required(
        "kind",
        Shape::Word(&[
            "annual probability",
            "rate per year",
            "probability over the age group",
            "cost",
            "utility",
            "number",
        ]),
        "What the values are; looked up by age, the first three make a life table.",
    );
    pub const COLUMNS: Key = optional(
        "columns",
        Shape::Named(&Shape::Name),
        "Columns of the file that have other names: { age = \"Alter\", value = \"qx\" }; or one for each category: \
             { female = \"Females\", male = \"Males\" }.",
    );
    pub const PER: Key = optional(
        "per",
        Shape::Number,
        "Rates and probabilities are for so many people: 1_000 or 100_000; default 1.",
    );
    pub const UNIT: Key = optional(
        "unit",
        Shape::Term,
        "Of costs: \"EUR\" for what falls once, \"EUR per month\" for what accrues.",
    );
    pub const TIME_UNIT: Key = optional(
        "time_unit",
        Shape::Term,
        "Of a first column that is a time: \"months\"; default \"years\", as clocks run.",
    );
    pub const SOURCE: Key = optional("source", Shape::Text, "Where the table comes from.");
    pub const SECTION: Section =
        section("a table", &[FILE, BY, AGE, KIND, COLUMNS, PER, UNIT, TIME_UNIT, SOURCE]);
}
