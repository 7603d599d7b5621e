//! Keys of `[matrices]` (transition probabilities) and `[tables]` (life tables and other tables).

use super::*;

pub mod matrix {
    use super::*;

    pub const PERIOD: Key =
        required("period", Shape::Duration, "Period of the probabilities, e.g. \"3 years\".");
    pub const ROWS: Key = required(
        "rows",
        Shape::Named(&Shape::Named(&Shape::Expression)),
        "For each state: the probabilities of the other states after one period; the remainder stays.",
    );
    pub const SOURCE: Key = optional("source", Shape::Text, "Source of the matrix.");
    pub const SECTION: Section = section("a matrix", &[PERIOD, ROWS, SOURCE]);
}

pub mod table {
    use super::*;

    pub const FILE: Key = required("file", Shape::Name, "CSV file; path relative to this file.");
    pub const BY: Key = required(
        "by",
        Shape::List(&Shape::Name),
        "Columns by which a row is looked up: first the age (or another number), then categorical attributes, with \
             their categories as cells.",
    );
    pub const AGE: Key =
        optional("age", Shape::Name, "Continuous attribute that is the age at the start; default \"age\".");
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
        "Kind of the values; with the first three, a table by age is a life table.",
    );
    pub const COLUMNS: Key = optional(
        "columns",
        Shape::Named(&Shape::Name),
        "Columns with other names in the file: { age = \"Alter\", value = \"qx\" }; or one for each category: \
             { female = \"Females\", male = \"Males\" }.",
    );
    pub const PER: Key = optional(
        "per",
        Shape::Number,
        "Number of people to which rates and probabilities refer: 1_000 or 100_000; default 1.",
    );
    pub const UNIT: Key = optional(
        "unit",
        Shape::Term,
        "Unit of costs: \"EUR per month\" for costs that accrue over time, \"EUR\" for one-off costs.",
    );
    pub const TIME_UNIT: Key = optional(
        "time_unit",
        Shape::Term,
        "Unit of times in the first column, e.g. \"months\"; default \"years\".",
    );
    pub const SOURCE: Key = optional("source", Shape::Text, "Source of the table.");
    pub const SECTION: Section =
        section("a table", &[FILE, BY, AGE, KIND, COLUMNS, PER, UNIT, TIME_UNIT, SOURCE]);
}
