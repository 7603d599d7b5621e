//! The keys of a scenario file, declared once. The check for unknown keys and wrong types ([`super::shape`]) and the
//! JSON Schema for editors ([`super::schema`]) both read this declaration.

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text for people.
    Text,
    /// The name of something else in the scenario, or of a file.
    Name,
    /// A number.
    Number,
    /// A whole number, not negative.
    Count,
    /// `true` or `false`.
    Flag,
    /// A length of time such as "6 months".
    Duration,
    /// An expression: text, or a plain number.
    Expression,
    /// An expression, or the word "rest".
    Share,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of values of one shape.
    List(&'static Shape),
    /// Exactly so many numbers.
    Numbers(usize),
    /// A table with these keys.
    Table(&'static Section),
    /// A table whose keys are names that the scenario chooses.
    Named(&'static Shape),
    /// Any of these; alternatives differ in their TOML type, so that a value can match one only.
    Any(&'static [Shape]),
}

/// A table with known keys.
#[derive(Debug)]
pub struct Section {
    /// How a message calls it: "a transition".
    pub title: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// The shape of keys that the scenario names itself, where the section takes such keys too.
    pub others: Option<&'static Shape>,
    /// Keys of which exactly one must be given. In an overlay, one of them displaces the base's.
    pub one_of: &'static [&'static str],
    /// Keys that exclude each other, and of which one is wanted beside some of the former only. Displaced likewise.
    pub occasions: &'static [&'static str],
    /// Keys that say more about one of these, and are displaced with it.
    pub companions: &'static [&'static str],
}

/// One key of a section.
#[derive(Debug)]
pub struct Key {
    /// Name.
    pub name: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// One line for people, shown by editors.
    pub about: &'static str,
}

const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: false, about }
}

const fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, required: true, about }
}

const fn section(title: &'static str, keys: &'static [Key]) -> Section {
    Section { title, keys, others: None, one_of: &[], occasions: &[], companions: &[] }
}

/// The newest `format` that this version reads.
pub const FORMAT: u64 = 1;

/// One name or a list of names.
const NAMES: Shape = Shape::Any(&[Shape::Name, Shape::List(&Shape::Name)]);

/// Ways to say how often a transition fires; a transition has exactly one.
pub const HAZARDS: &[&str] = &[
    "rate",
    "probability",
    "table",
    "exponential",
    "weibull",
    "gompertz",
    "loglogistic",
    "lognormal",
    "gamma",
    "generalised_gamma",
];

/// Distributions of a continuous attribute.
pub const FAMILIES: &[&str] = &["normal", "lognormal", "uniform", "fixed"];

/// The whole scenario file, as a value.
pub static FILE: Shape = Shape::Table(&SCENARIO);

/// The whole scenario file.
pub static SCENARIO: Section = section(
    "a scenario",
    &[
        required("format", Shape::Count, "Version of the scenario format; this version of arcosim reads 1."),
        optional("title", Shape::Text, "Title for people, printed on every report."),
        optional("extends", Shape::Name, "A scenario that this one changes, relative to this file."),
        optional("parameters", NAMES, "Parameter table (CSV), or a list of them, relative to this file."),
        optional("set", Shape::Named(&SET_VALUE), "Base values that replace those of the parameter table."),
        optional(
            "matrices",
            Shape::Named(&Shape::Table(&MATRIX)),
            "Matrices of transition probabilities over a period of their own.",
        ),
        optional(
            "tables",
            Shape::Named(&Shape::Table(&LIFE_TABLE)),
            "Life tables, and other tables that formulas look up.",
        ),
        optional("time", Shape::Table(&TIME), "Cycle length and horizon."),
        optional("run", Shape::Table(&RUN), "Defaults that the command line overrides."),
        optional("population", Shape::Table(&POPULATION), "Who enters the model, and in which state."),
        optional("states", Shape::Named(&Shape::Table(&STATE)), "Health states."),
        optional("groups", Shape::Named(&GROUP_SHAPE), "Sets of states."),
        optional("transitions", Shape::Named(&Shape::Table(&TRANSITION)), "Moves between states."),
        optional("endpoints", Shape::Named(&Shape::Table(&ENDPOINT)), "Named first events."),
        optional(
            "outcomes",
            Shape::Named(&Shape::Table(&OUTCOME)),
            "Totals that are counted for every patient: costs, QALYs, life-years, events.",
        ),
        optional("rewards", Shape::Named(&Shape::Table(&REWARD)), "What adds to the outcomes."),
        optional(
            "decision",
            Shape::Table(&DECISION),
            "What is paid, what is gained, and what a unit of gain may cost.",
        ),
        optional(
            "uncertainty",
            Shape::Table(&UNCERTAINTY),
            "How parameters are drawn in the probabilistic analysis.",
        ),
        optional("strategies", Shape::Named(&Shape::Table(&STRATEGY)), "Treatment arms."),
        optional("figures", Shape::Table(&FIGURES), "How figures show the model."),
        optional(
            "verify",
            Shape::Table(&VERIFY),
            "What verification should know about the model, and which findings are accepted.",
        ),
        optional("expected", Shape::Table(&EXPECTED), "Numbers that the model is known to give."),
    ],
);

static SET_VALUE: Shape = Shape::Any(&[Shape::Number, Shape::Text]);

static MATRIX: Section = section(
    "a matrix",
    &[
        required(
            "period",
            Shape::Duration,
            "The period over which its probabilities hold, e.g. \"3 years\".",
        ),
        required(
            "rows",
            Shape::Named(&Shape::Named(&Shape::Expression)),
            "For each state that is left: the probabilities of being in the others after a period; the rest stay.",
        ),
        optional("source", Shape::Text, "Where the matrix comes from."),
    ],
);

static LIFE_TABLE: Section = section(
    "a table",
    &[
        required("file", Shape::Name, "CSV file, relative to the file that names it."),
        required(
            "by",
            Shape::List(&Shape::Name),
            "Columns that choose a row: the age (or what else is looked up) first, then categorical attributes whose \
             categories are the cells.",
        ),
        optional(
            "age",
            Shape::Name,
            "The continuous attribute that is the age at the start; default \"age\".",
        ),
        required(
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
        ),
        optional(
            "columns",
            Shape::Named(&Shape::Name),
            "Columns of the file that have other names: { age = \"Alter\", value = \"qx\" }; or one for each category: \
             { female = \"Females\", male = \"Males\" }.",
        ),
        optional(
            "per",
            Shape::Number,
            "Rates and probabilities are for so many people: 1_000 or 100_000; default 1.",
        ),
        optional(
            "unit",
            Shape::Text,
            "Of costs: \"EUR\" for what falls once, \"EUR per month\" for what accrues.",
        ),
        optional(
            "time_unit",
            Shape::Text,
            "Of a first column that is a time: \"months\"; default \"years\", as clocks run.",
        ),
        optional("source", Shape::Text, "Where the table comes from."),
    ],
);

static TIME: Section = section(
    "[time]",
    &[
        required(
            "cycle",
            Shape::Duration,
            "Length of a cycle, e.g. \"6 months\"; expressions read it in years as `cycle_length`.",
        ),
        required("horizon", Shape::Duration, "How far the model looks, a whole number of cycles."),
        optional(
            "horizon_counts",
            Shape::Word(&["transitions", "points"]),
            "What the horizon counts: \"transitions\" (default), or \"points\", with one transition less between them.",
        ),
        optional(
            "age",
            Shape::Word(&["start of cycle", "end of cycle"]),
            "What `age` means in formulas that hold for a cycle: the age at its start (default) or at its end.",
        ),
        optional(
            "first",
            Shape::Any(&[Shape::Word(&["into absorbing states", "none"]), Shape::List(&Shape::Name)]),
            "Transitions resolved before the rest of a row: \"into absorbing states\" (default: every transition all \
             of whose branches lead to absorbing states), a list of transitions, or \"none\".",
        ),
    ],
);

/// The engines that a run may use.
pub const ENGINES: &[&str] = &["cohort", "microsim", "both"];

static RUN: Section = section(
    "[run]",
    &[
        optional("patients", Shape::Count, "Patients to simulate in each strategy; default 100,000."),
        optional("seed", Shape::Count, "Seed of the random numbers; default 1."),
        optional("engine", Shape::Word(ENGINES), "cohort (exact), microsim (Monte Carlo) or both (default)."),
    ],
);

static POPULATION: Section = section(
    "[population]",
    &[
        optional("attributes", Shape::Named(&Shape::Table(&ATTRIBUTE)), "What patients differ in."),
        optional("start", Shape::Named(&Shape::Share), "Share of patients who start in each state."),
    ],
);

static ATTRIBUTE: Section = Section {
    title: "an attribute",
    keys: &[
        optional("label", Shape::Text, "Label for people."),
        optional("normal", Shape::Table(&NORMAL), "A normal distribution."),
        optional("lognormal", Shape::Table(&LOGNORMAL), "A log-normal distribution."),
        optional("uniform", Shape::Table(&UNIFORM), "A uniform distribution."),
        optional("fixed", Shape::Table(&FIXED), "One value for everyone."),
        optional("within", Shape::Numbers(2), "Smallest and largest value; the distribution is cut to them."),
    ],
    others: Some(&Shape::Share),
    one_of: FAMILIES,
    occasions: &[],
    companions: &["within"],
};

static NORMAL: Section = section(
    "a normal distribution",
    &[required("mean", Shape::Expression, "Mean."), required("sd", Shape::Expression, "Standard deviation.")],
);
static LOGNORMAL: Section = section(
    "a log-normal distribution",
    &[
        required("meanlog", Shape::Expression, "Mean of the logarithm."),
        required("sdlog", Shape::Expression, "Standard deviation of the logarithm."),
    ],
);
/// Units of a time whose logarithm a distribution is given by.
pub const TIME_UNITS: &[&str] = &["years", "months", "weeks", "days"];

static LOGNORMAL_TIME: Section = section(
    "a log-normal time distribution",
    &[
        required(
            "time_unit",
            Shape::Word(TIME_UNITS),
            "the unit of the times whose logarithm `meanlog` is: \"years\", \"months\", \"weeks\" or \"days\".",
        ),
        required("meanlog", Shape::Expression, "Mean of the logarithm of time."),
        required("sdlog", Shape::Expression, "Standard deviation of the logarithm of time."),
    ],
);
static UNIFORM: Section = section(
    "a uniform distribution",
    &[
        required("low", Shape::Expression, "Lowest value."),
        required("high", Shape::Expression, "Highest value."),
    ],
);
static FIXED: Section =
    section("a fixed value", &[required("value", Shape::Expression, "The value that everyone has.")]);

static STATE: Section = section(
    "a state",
    &[
        optional("label", Shape::Text, "Label for people."),
        optional("absorbing", Shape::Flag, "Whether nobody leaves it; default false."),
    ],
);

static GROUP_SHAPE: Shape = Shape::Any(&[Shape::List(&Shape::Name), Shape::Table(&GROUP)]);
static GROUP: Section = Section {
    title: "a group",
    keys: &[
        optional("label", Shape::Text, "Label for people."),
        optional("states", Shape::List(&Shape::Name), "Its states."),
        optional("except", Shape::List(&Shape::Name), "All states but these."),
    ],
    others: None,
    one_of: &["states", "except"],
    occasions: &[],
    companions: &[],
};

static BRANCH: Shape = Shape::Any(&[Shape::Share, Shape::Table(&section("a branch", BRANCH_KEYS))]);
const BRANCH_KEYS: &[Key] = &[
    required("share", Shape::Share, "Proportion that takes this branch, or \"rest\"."),
    required("to", Shape::Name, "The state it leads to, or \"same state\"."),
];

static TRANSITION: Section = Section {
    title: "a transition",
    keys: &[
        optional("label", Shape::Text, "Label for people."),
        required("from", NAMES, "State, group, or list of these."),
        required(
            "to",
            Shape::Any(&[Shape::Name, BRANCHES_SHAPE]),
            "A state, or branches with their proportions: { dead = \"mortality.operation\", home = \"rest\" }.",
        ),
        optional("rate", Shape::Expression, "Rate per year, read at the start of each cycle."),
        optional(
            "probability",
            Shape::Share,
            "Probability per cycle, which holds as stated; or \"rest\": what the other transitions of the state leave.",
        ),
        optional(
            "stated",
            Shape::Flag,
            "The probability over a cycle holds as stated beside the others of its state, and does not compete; \
             default false.",
        ),
        optional("table", Shape::Name, "Mortality of a life table at attained age."),
        optional("exponential", Shape::Table(&EXPONENTIAL), "Exponential time to event."),
        optional("weibull", Shape::Table(&SHAPE_SCALE), "Weibull time to event, H(t) = (t / scale)^shape."),
        optional("gompertz", Shape::Table(&SHAPE_RATE), "Gompertz time to event."),
        optional("loglogistic", Shape::Table(&SHAPE_SCALE), "Log-logistic time to event."),
        optional("lognormal", Shape::Table(&LOGNORMAL_TIME), "Log-normal time to event."),
        optional("gamma", Shape::Table(&SHAPE_RATE), "Gamma time to event."),
        optional(
            "generalised_gamma",
            Shape::Table(&GENERALISED_GAMMA),
            "Generalised gamma (Prentice) time to event.",
        ),
        optional(
            "clock",
            Shape::Name,
            "The clock of a distribution: time (default), age or time_in(state or group).",
        ),
        optional("hazard_ratio", Shape::Expression, "Multiplies the hazard of a table or a distribution."),
    ],
    others: None,
    one_of: HAZARDS,
    occasions: &[],
    companions: &["clock", "hazard_ratio", "stated"],
};
const BRANCHES_SHAPE: Shape = Shape::Named(&BRANCH);

static EXPONENTIAL: Section =
    section("an exponential distribution", &[required("rate", Shape::Expression, "Rate per year.")]);
static SHAPE_SCALE: Section = section(
    "a time distribution with shape and scale",
    &[
        required("shape", Shape::Expression, "Shape."),
        required("scale", Shape::Expression, "Scale in years."),
    ],
);
static SHAPE_RATE: Section = section(
    "a time distribution with shape and rate",
    &[required("shape", Shape::Expression, "Shape."), required("rate", Shape::Expression, "Rate per year.")],
);
static GENERALISED_GAMMA: Section = section(
    "a generalised gamma distribution",
    &[
        required(
            "time_unit",
            Shape::Word(TIME_UNITS),
            "the unit of the times whose logarithm `mu` is: \"years\", \"months\", \"weeks\" or \"days\".",
        ),
        required("mu", Shape::Expression, "Location of ln time."),
        required("sigma", Shape::Expression, "Scale of ln time."),
        required("q", Shape::Expression, "Shape Q."),
    ],
);

static ENDPOINT: Section = section(
    "an endpoint",
    &[
        optional("label", Shape::Text, "Label of the event."),
        optional("free", Shape::Text, "Label of being free of it, for the survival curve."),
        optional("enters", NAMES, "Entering one of these states or groups is the event."),
        optional("fires", NAMES, "A firing of one of these transitions is the event, wherever it leads."),
        optional("competing", NAMES, "Entering one of these ends the time at risk without the event."),
        optional("since", Shape::Name, "Time counts from entry into this state or group."),
    ],
);

static STRATEGY: Section = section(
    "a strategy",
    &[
        optional("label", Shape::Text, "Label for people."),
        optional("reference", Shape::Flag, "The comparator; exactly one strategy, the first by default."),
        optional("bound", Shape::Flag, "A bound rather than a treatment on offer; default false."),
        optional("hypothetical", Shape::Flag, "Rests on animal or promotional evidence; default false."),
        optional(
            "evidence_until",
            Shape::Duration,
            "Follow-up behind the effects; curves are shaded beyond.",
        ),
        optional("eligible", Shape::Expression, "Who gets it, read at the start; default everyone."),
        optional("otherwise", Shape::Name, "The strategy that the ineligible get."),
        optional("at_start", BRANCHES_SHAPE, "What happens at time zero: branches with their proportions."),
        optional("parameters", Shape::Named(&Shape::Expression), "Parameters that read otherwise under it."),
        optional("like", Shape::Name, "A strategy whose effects and start it takes over."),
        optional("effects", Shape::List(&Shape::Table(&EFFECT)), "Hazard ratios on named transitions."),
    ],
);

static EFFECT: Section = Section {
    title: "an effect",
    keys: &[
        required("on", NAMES, "Transitions that it acts on."),
        optional("hazard_ratio", Shape::Expression, "The full hazard ratio."),
        optional(
            "relative_risk",
            Shape::Expression,
            "The full relative risk, of transitions whose probability holds as stated.",
        ),
        optional("onset", Shape::Duration, "Time over which it builds up; default at once."),
        optional("full_until", Shape::Duration, "Time up to which it is full; default for ever."),
        optional("gone_after", Shape::Duration, "Time after which it is gone; default full_until."),
    ],
    others: None,
    one_of: &["hazard_ratio", "relative_risk"],
    occasions: &[],
    companions: &[],
};

/// Within-cycle corrections that have a name.
pub const CORRECTIONS: &[&str] = &["start", "end", "half-cycle", "life-table", "simpson"];

static OUTCOME: Section = section(
    "an outcome",
    &[
        optional("label", Shape::Text, "Label for people."),
        required("unit", Shape::Text, "Its unit as tables print it: \"GBP\", \"QALYs\"."),
        required(
            "correction",
            Shape::Any(&[Shape::Word(CORRECTIONS), Shape::Table(&WEIGHTS)]),
            "Within-cycle correction: \"start\", \"end\", \"half-cycle\", \"life-table\", \"simpson\", or weights.",
        ),
        required(
            "discount",
            Shape::Any(&[Shape::Word(&["none"]), Shape::Table(&DISCOUNT)]),
            "\"none\", or { rate = \"3.5 %\", at = \"start\" }.",
        ),
        optional(
            "one_off",
            Shape::Word(&["as they fall", "weighted with the arrival cycle"]),
            "Whether one-off amounts count in full (\"as they fall\", default) or with the weight of the point at \
             which they fall.",
        ),
    ],
);

static WEIGHTS: Section = Section {
    title: "a list of weights",
    keys: &[
        optional(
            "weights",
            Shape::List(&Shape::Expression),
            "One weight for each point of the grid, one more than there are cycles.",
        ),
        optional("first", Shape::Expression, "Weight of the first point."),
        optional("repeat", Shape::List(&Shape::Expression), "Weights of the points in between, in turn."),
        optional("last", Shape::Expression, "Weight of the last point."),
    ],
    others: None,
    one_of: &[],
    occasions: &["weights", "repeat"],
    companions: &["first", "last"],
};

static DISCOUNT: Section = section(
    "a discount",
    &[
        required("rate", Shape::Expression, "Rate per year, e.g. \"3.5 %\"."),
        optional(
            "at",
            Shape::Word(&["start", "middle", "end", "point"]),
            "The moment of a cycle that stands for it, or the \"point\" at which something is counted.",
        ),
        optional(
            "compounding",
            Shape::Word(&["annual", "continuous", "whole years"]),
            "How a rate becomes a factor: (1 + r)^-t (\"annual\", default), exp(-r t), or (1 + r)^-t for whole years.",
        ),
        optional(
            "from",
            Shape::Duration,
            "Time from which discounting counts; default the start of the model.",
        ),
        optional("later", Shape::List(&Shape::Table(&LATER)), "Rates of later times, ascending."),
    ],
);
static LATER: Section = section(
    "a later rate",
    &[
        required("after", Shape::Duration, "Time from which the rate holds."),
        required("rate", Shape::Expression, "Rate per year."),
    ],
);

/// The occasions on which a reward may fall once; it has exactly one.
pub const OCCASIONS: &[&str] = &["on_entering", "on_leaving", "on", "at_start"];

static REWARD: Section = Section {
    title: "a reward",
    keys: &[
        required("outcome", Shape::Name, "The outcome that it adds to."),
        optional(
            "category",
            Shape::Text,
            "The part of the outcome that tables show apart; default its label.",
        ),
        optional("label", Shape::Text, "Label for people."),
        optional("strategies", NAMES, "Strategies that give it; default all."),
        optional("loss", Shape::Flag, "The amount is a loss, written as a positive number; default false."),
        optional("per_year", Shape::Expression, "Amount per year."),
        optional("in", NAMES, "States or groups in which `per_year` is counted."),
        optional("once", Shape::Expression, "Amount each time it falls."),
        optional(
            "on_entering",
            NAMES,
            "`once` falls on entering one of these states or groups from another state.",
        ),
        optional(
            "on_leaving",
            NAMES,
            "`once` falls on leaving one of these states or groups for another state.",
        ),
        optional("on", NAMES, "`once` falls when one of these transitions fires."),
        optional("at_start", Shape::Flag, "`once` falls at time zero."),
        optional(
            "branches",
            NAMES,
            "Only if these branches are taken, of the transitions or of what happens at the start.",
        ),
    ],
    others: None,
    one_of: &["per_year", "once"],
    occasions: OCCASIONS,
    companions: &["in", "on_entering", "on_leaving", "on", "at_start", "branches"],
};

static DECISION: Section = section(
    "[decision]",
    &[
        required("cost", Shape::Name, "The outcome that is paid."),
        required("effect", Shape::Name, "The outcome that is gained."),
        required(
            "thresholds",
            Shape::List(&Shape::Table(&THRESHOLD)),
            "What a unit of effect may cost; reports lead with the first.",
        ),
        optional(
            "population",
            Shape::Table(&BENEFICIARIES),
            "For how many people is decided, for the value of information.",
        ),
    ],
);

static VERIFY: Section = section(
    "[verify]",
    &[
        optional("dead", NAMES, "States of the dead; default: all absorbing states."),
        optional(
            "progression",
            Shape::List(&Shape::Name),
            "States in the order in which the disease goes through them, best first: nobody may go back.",
        ),
        optional(
            "waive",
            Shape::Named(&Shape::Table(&WAIVER)),
            "Findings that are accepted, by the id of the check: [verify.waive.F11].",
        ),
        optional(
            "plausible",
            Shape::Named(&Shape::Table(&PLAUSIBLE)),
            "Ranges in which results should lie, as those who know the disease see it.",
        ),
    ],
);

static WAIVER: Section = section(
    "a waiver",
    &[
        required("by", Shape::Text, "Who accepts the finding."),
        required("why", Shape::Text, "Why it is no error."),
        required("date", Shape::Text, "When it was accepted, such as \"2026-11-21\"."),
        optional(
            "of",
            NAMES,
            "Only findings about these: names of strategies, states, parameters and so on, as the report names them; \
             default: all findings of the check.",
        ),
    ],
);

static PLAUSIBLE: Section = section(
    "a plausible range",
    &[
        required("strategy", Shape::Name, "Strategy."),
        required(
            "quantity",
            Shape::Name,
            "What is meant, as in the table of expected numbers: \"cumulative_incidence\", \"occupancy\", \"outcome\", ...",
        ),
        required("subject", Shape::Name, "The endpoint, state, outcome or transition that is meant."),
        optional(
            "years",
            Shape::Number,
            "Years since the start (or since the endpoint's origin); default: the horizon.",
        ),
        required("low", Shape::Number, "Smallest plausible value."),
        required("high", Shape::Number, "Largest plausible value."),
        required("source", Shape::Text, "Who says so."),
        optional("note", Shape::Text, "Remark."),
    ],
);

/// Ways to spread draws.
pub const SAMPLINGS: &[&str] = &["random", "latin hypercube", "sobol"];

static UNCERTAINTY: Section = section(
    "[uncertainty]",
    &[
        optional("draws", Shape::Count, "Number of draws; default 1000."),
        optional(
            "sampling",
            Shape::Word(SAMPLINGS),
            "How draws are spread: \"random\" (default), \"latin hypercube\" or \"sobol\".",
        ),
        optional("nodes", Shape::Count, "Gauss nodes of each continuous attribute in a draw; default 8."),
        optional(
            "patients",
            Shape::Count,
            "Patients of each draw where the microsimulation runs it; default 1000.",
        ),
        optional(
            "above_one",
            Shape::Word(&["stop", "redraw"]),
            "What happens when a draw pushes a row of probabilities over 1: \"stop\" (default) or \"redraw\".",
        ),
        optional(
            "correlated",
            Shape::Named(&Shape::Table(&CORRELATED)),
            "Groups of parameters whose normal scores are correlated.",
        ),
        optional(
            "given",
            Shape::Table(&GIVEN),
            "Draws from a file, such as a posterior sample: one column per parameter, one row per draw.",
        ),
    ],
);

static CORRELATED: Section = Section {
    title: "a correlated group",
    keys: &[
        optional(
            "parameters",
            Shape::List(&Shape::Name),
            "Names of parameters; where `pairs` are given, those of the pairs are enough.",
        ),
        optional("correlation", Shape::Number, "The correlation of every pair, from -1 to 1."),
        optional(
            "pairs",
            Shape::List(&Shape::Table(&PAIR)),
            "Pairs that are correlated; the others are not.",
        ),
        optional(
            "matrix",
            Shape::List(&Shape::List(&Shape::Number)),
            "The correlation matrix, in the order of `parameters`.",
        ),
        optional(
            "covariance",
            Shape::List(&Shape::List(&Shape::Number)),
            "Covariance matrix of a multivariate normal (of the logarithms, for lognormals), in the units of the table.",
        ),
    ],
    others: None,
    one_of: &["correlation", "pairs", "matrix", "covariance"],
    occasions: &[],
    companions: &[],
};

static PAIR: Section = section(
    "a pair",
    &[
        required("of", Shape::List(&Shape::Name), "Two parameters."),
        required("is", Shape::Number, "Their correlation, from -1 to 1."),
    ],
);

static GIVEN: Section = section(
    "draws from a file",
    &[required(
        "file",
        Shape::Name,
        "CSV file, relative to the file that names it; in the units of the parameter table.",
    )],
);

static THRESHOLD: Section = section(
    "a threshold",
    &[
        required("value", Shape::Number, "Money per unit of effect."),
        required("date", Shape::Text, "Since when it holds, e.g. \"2026-04\"."),
        required("source", Shape::Text, "Who set it, or \"assumption\"."),
        optional("note", Shape::Text, "Remark."),
    ],
);

static BENEFICIARIES: Section = section(
    "the population of a decision",
    &[
        required("per_year", Shape::Number, "New patients a year."),
        required("years", Shape::Number, "Years for which the decision holds."),
        optional("discount", Shape::Expression, "Discount rate per year, e.g. \"3.5 %\"."),
    ],
);

static FIGURES: Section = section(
    "[figures]",
    &[
        optional("order", Shape::List(&Shape::Name), "Order of the states in figures."),
        optional(
            "stack",
            Shape::List(&Shape::Name),
            "States and groups that together hold every state once.",
        ),
        optional("unit", Shape::Text, "What one patient is called, in the plural; default \"patients\"."),
        optional(
            "landmarks",
            Shape::List(&Shape::Number),
            "Years at which tables report; default 1, 2, 3, 5, 10.",
        ),
        optional("years", Shape::Number, "Length of the time axis of survival figures; default 20."),
    ],
);

static EXPECTED: Section = section(
    "[expected]",
    &[required("file", Shape::Name, "CSV of expected results, relative to this file.")],
);

impl Shape {
    /// Whether a value of this shape may be a table.
    pub fn takes_tables(&self) -> bool {
        match self {
            Shape::Table(_) | Shape::Named(_) => true,
            Shape::List(Shape::Table(_)) => true,
            Shape::Any(shapes) => shapes.iter().any(Shape::takes_tables),
            _ => false,
        }
    }
}

impl Section {
    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}
