//! Keys of `[uncertainty]`: settings of the PSA, and correlations between parameters.

use super::*;

/// Names of sampling schemes for the PSA.
pub const SAMPLINGS: &[&str] = &["random", "latin hypercube", "sobol"];

pub const DRAWS: Key = optional("draws", Shape::Count, "Number of draws; default 1000.");
pub const SAMPLING: Key = optional(
    "sampling",
    Shape::Word(SAMPLINGS),
    "Sampling scheme: \"random\" (default), \"latin hypercube\" or \"sobol\".",
);
pub const NODES: Key =
    optional("nodes", Shape::Count, "Gauss nodes of each continuous attribute in a draw; default 8.");
pub const PATIENTS: Key =
    optional("patients", Shape::Count, "Patients per draw in the microsimulation; default 1000.");
pub const ABOVE_ONE: Key = optional(
    "above_one",
    Shape::Word(&["stop", "redraw"]),
    "What to do if the probabilities of a row add up to more than 1 in a draw: \"stop\" (default) or \"redraw\".",
);
pub const CORRELATED: Key = optional(
    "correlated",
    Shape::Named(&Shape::Table(&correlated::SECTION)),
    "Groups of correlated parameters (drawn with correlated normal scores).",
);
pub const GIVEN: Key = optional(
    "given",
    Shape::Table(&given::SECTION),
    "Draws from a file, such as a posterior sample: one column per parameter, one row per draw.",
);
pub const FOLLOW: Key = optional(
    "follow",
    Shape::Named(&Shape::Table(&follow::SECTION)),
    "Clinical results that are worked out in every draw, under every strategy.",
);
pub const CURVES: Key = optional(
    "curves",
    NAMES,
    "Endpoints whose survival and cumulative incidence get bands of the uncertainty of the parameters.",
);
pub const CLAIMS: Key = optional(
    "claims",
    Shape::Named(&Shape::Table(&claim::SECTION)),
    "Statements about followed results, whose probability is the share of draws in which they are true.",
);
pub const SECTION: Section = section(
    "[uncertainty]",
    &[DRAWS, SAMPLING, NODES, PATIENTS, ABOVE_ONE, CORRELATED, GIVEN, FOLLOW, CURVES, CLAIMS],
);

pub mod follow {
    use super::*;

    pub use crate::schema::keys::plausible::{QUANTITY, SUBJECT, YEARS};

    pub const SECTION: Section = section("a followed result", &[LABEL, QUANTITY, SUBJECT, YEARS]);
}

pub mod claim {
    use super::*;

    pub const SAYS: Key = required(
        "says",
        Shape::Expression,
        "Condition on followed results, each named with its strategy: \"ill_5.drug < ill_5.usual\".",
    );
    pub const SECTION: Section = section("a claim", &[LABEL, SAYS]);
}

pub mod correlated {
    use super::*;

    pub const PARAMETERS: Key =
        optional("parameters", Shape::List(&Shape::Name), "Names of parameters; not needed with `pairs`.");
    pub const CORRELATION: Key =
        optional("correlation", Shape::Number, "Correlation of every pair, from -1 to 1.");
    pub const PAIRS: Key = optional(
        "pairs",
        Shape::List(&Shape::Table(&pair::SECTION)),
        "Pairs that are correlated; all others are not.",
    );
    pub const MATRIX: Key = optional(
        "matrix",
        Shape::List(&Shape::List(&Shape::Number)),
        "Correlation matrix, in the order of `parameters`.",
    );
    pub const COVARIANCE: Key = optional(
        "covariance",
        Shape::List(&Shape::List(&Shape::Number)),
        "Covariance matrix of a multivariate normal (of the logarithms, for lognormals), in the units of the table.",
    );
    pub const SECTION: Section = Section {
        title: "a correlated group",
        keys: &[PARAMETERS, CORRELATION, PAIRS, MATRIX, COVARIANCE],
        others: None,
        one_of: &[CORRELATION, PAIRS, MATRIX, COVARIANCE],
        occasions: &[],
        companions: &[],
    };
}

pub mod pair {
    use super::*;

    pub const OF: Key = required("of", Shape::List(&Shape::Name), "Two parameters.");
    pub const IS: Key = required("is", Shape::Number, "Correlation, from -1 to 1.");
    pub const SECTION: Section = section("a pair", &[OF, IS]);
}

pub mod given {
    use super::*;

    pub const FILE: Key = required(
        "file",
        Shape::Name,
        "CSV file, in the units of the parameter table; path relative to this file.",
    );
    pub const SECTION: Section = section("draws from a file", &[FILE]);
}
