//! E04xx: the structure of a scenario.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0401",
        title: "a key is not known",
        explanation: "\
The scenario says something that this program has no ear for. Skipping it would let you believe that it took
effect: a misspelt `gone_after` would let a treatment work for ever. The message lists the keys that are known in
this section, and the nearest of them.",
        wrong: "[[strategies.new.effects]]\non = [\"relapse\"]\nhazard_ratio = \"hr.new\"\ngone_aftr = \"5 years\"",
        right: "[[strategies.new.effects]]\non = [\"relapse\"]\nhazard_ratio = \"hr.new\"\ngone_after = \"5 years\"",
    },
    Code {
        code: "E0402",
        title: "a key is missing",
        explanation: "\
Something that the model cannot do without is not said, and there is no default that would be right for every
study. A horizon, for instance, decides how many of the later costs and life-years count.",
        wrong: "[time]\ncycle = \"6 months\"",
        right: "[time]\ncycle = \"6 months\"\nhorizon = \"60 years\"",
    },
    Code {
        code: "E0403",
        title: "a value is of the wrong type",
        explanation: "\
The key is known, but its value is a number where text is meant, a list where one name is meant, or the like.
Lengths of time and expressions are text in quotation marks; numbers of patients are plain numbers; several names
stand in square brackets.",
        wrong: "patients = \"many\"",
        right: "patients = 100_000",
    },
    Code {
        code: "E0404",
        title: "a state or group of states is not declared",
        explanation: "\
Every state is declared once under [states], and every group of states under [groups]; everything else refers to them by
that name. A transition into an undeclared state would send patients nowhere, and the state occupancies would no longer
add to 1; in an undeclared group there is nobody.",
        wrong: "relapse = { from = \"wel\", to = \"ill\", rate = \"rate.relapse\" }",
        right: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }",
    },
    Code {
        code: "E0406",
        title: "a transition is not declared",
        explanation: "\
An effect of a strategy, an endpoint or `first` names a transition that [transitions] does not declare. An effect on a
transition that does not exist would change nothing, and the strategy would look useless.",
        wrong: "on = [\"relapses\"]\nhazard_ratio = \"hr.new\"",
        right: "on = [\"relapse\"]\nhazard_ratio = \"hr.new\"",
    },
    Code {
        code: "E0407",
        title: "an attribute is not declared",
        explanation: "\
The attributes of patients, such as age or sex, are declared under [population.attributes]. A life table looked up
by sex needs an attribute of that name, or every patient would die at the same rate.",
        wrong: "by = [\"age\", \"gender\"]",
        right: "by = [\"age\", \"sex\"]",
    },
    Code {
        code: "E0408",
        title: "a strategy is not declared",
        explanation: "\
Every strategy has a section [strategies.NAME]. Another place names one that has none: what the ineligible get
(`otherwise`), the strategy whose effects are taken over (`like`), or those that give a reward (`strategies`). Nobody could say what those patients receive.",
        wrong: "otherwise = \"usual_car\"",
        right: "otherwise = \"usual_care\"",
    },
    Code {
        code: "E0409",
        title: "one name is declared twice",
        explanation: "\
States, groups, attributes and parameters are referred to by name in expressions, so a name must mean one thing. A group called like a state would let a reader see one and the
model see the other. Names of endpoints, outcomes and strategies become file names, and must differ in more than capitals.",
        wrong: "[states]\nill = { }\n[groups]\nill = [\"mild\", \"severe\"]",
        right: "[states]\nill = { }\n[groups]\nany_illness = [\"mild\", \"severe\"]",
    },
    Code {
        code: "E0410",
        title: "shares do not add to 1",
        explanation: "\
Shares of a whole, such as the states at the start, the categories of an attribute or the branches of a
transition, must add to 1. They are never rescaled: if two of them are 0.4 and 0.7, one is wrong, and
rescaling would hide which. Write `rest` for one of them, and it takes what is left.",
        wrong: "sex = { male = \"0.6\", female = \"0.5\" }",
        right: "sex = { male = \"0.6\", female = \"rest\" }",
    },
    Code {
        code: "E0411",
        title: "no patient can ever reach a state",
        explanation: "\
Nobody starts in this state and no transition leads into it from a state that somebody can reach. Its costs and
utilities count for nothing. Usually a transition was forgotten or leads elsewhere.",
        wrong: "[states]\nwell = {}\nill = {}\ndead = { absorbing = true }\n[transitions]\ndie = { from = \"well\", to = \"dead\", rate = \"rate.death\" }",
        right: "[transitions]\nrelapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }\ndie = { from = [\"well\", \"ill\"], to = \"dead\", rate = \"rate.death\" }",
    },
    Code {
        code: "E0412",
        title: "no way leads out of a state that is not declared absorbing",
        explanation: "\
Patients who enter this state stay in it for ever, collecting its costs and its utility, and never die. If that is
meant, say `absorbing = true`. If not, a transition is missing, most often death: a state that patients cannot
die from makes whatever leads into it look beneficial.",
        wrong: "[states]\ncured = { label = \"Cured\" }      (and no transition from it)",
        right: "[transitions]\ndie = { from = \"alive\", to = \"dead\", table = \"mortality\" }      (alive includes cured)",
    },
    Code {
        code: "E0413",
        title: "the horizon is not a whole number of cycles",
        explanation: "\
The model moves in cycles, so the horizon must fall on the end of one. Rounding would add or drop part of a cycle of
costs and life-years without saying so. Change the horizon or the cycle.",
        wrong: "cycle = \"5 months\"\nhorizon = \"1 year\"",
        right: "cycle = \"6 months\"\nhorizon = \"1 year\"",
    },
    Code {
        code: "E0414",
        title: "rates and probabilities stand side by side in one state",
        explanation: "\
The exits of a state in a cycle are either rates, which compete with each other, or probabilities, which hold as
stated. A mixture has no agreed meaning: has the probability already allowed for those who leave by the rate? Turn the
probabilities into rates by `rate(probability)`; or, where a publication states whole rows, say `stated = true` for the rates, whose
probabilities over a cycle then hold as they are. Transitions marked `first`, by default those
into absorbing states, are resolved before the others and may be of either sort.",
        wrong: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }\nmove    = { from = \"well\", to = \"away\", probability = \"p.move\" }",
        right: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }\nmove    = { from = \"well\", to = \"away\", rate = \"rate(p.move)\" }",
    },
    Code {
        code: "E0415",
        title: "the probabilities out of a state add to more than 1",
        explanation: "\
More than everybody would leave. It happens when published probabilities from different sources are put together,
when an effect multiplies a probability that is already large, or when a yearly probability is used in a shorter cycle.
Rows are never rescaled, because that would change every exit of the state, also those that are right. Competing risks are best
resolved on hazards: give rates.",
        wrong: "relapse = { from = \"well\", to = \"ill\",  probability = \"0.7\" }\nmove    = { from = \"well\", to = \"away\", probability = \"0.4\" }",
        right: "relapse = { from = \"well\", to = \"ill\",  rate = \"rate(p.relapse)\" }\nmove    = { from = \"well\", to = \"away\", rate = \"rate(p.move)\" }",
    },
    Code {
        code: "E0416",
        title: "an endpoint cannot be computed as it is declared",
        explanation: "\
An endpoint is the first time that something happens: a state or group is entered, or a transition fires. It must name
at least one such event, must be possible, and must not compete with itself. An endpoint that cannot happen would
draw a survival curve flat at 100 %.",
        wrong: "[endpoints]\nfirst_relapse = { enters = \"ill\", competing = [\"ill\", \"dead\"] }",
        right: "[endpoints]\nfirst_relapse = { enters = \"ill\", competing = [\"dead\"] }",
    },
    Code {
        code: "E0417",
        title: "there is nothing to simulate",
        explanation: "\
A model needs at least one state, one strategy, somebody in a state at the start, and one cycle. One of
these is missing. An overlay gets them from the scenario that it `extends`: perhaps that line is missing.",
        wrong: "format = 1\ntitle = \"Country adaptation\"",
        right: "format = 1\ntitle = \"Country adaptation\"\nextends = \"../base.toml\"",
    },
    Code {
        code: "E0418",
        title: "the columns of a table are not what the scenario says",
        explanation: "\
A life table, or another table that formulas look up, has one column for each name in `by`, such as age and sex, and one column `value`; a column
with another name is said by `columns`, and if there is only one column of numbers beside those in `by`, it holds the values. A column that is missing or misspelt
leaves nothing to look up.",
        wrong: "Age_group,Gender,qx\n0,M,0.0063",
        right: "age,sex,value\n0,male,0.0063",
    },
    Code {
        code: "E0419",
        title: "the ages of a table have gaps or are out of order",
        explanation: "\
Ages are whole years in ascending order, once each for every group. A table by single years must not skip one: the row
before the gap would stand in for the missing ages, and those patients would die too seldom. Abridged tables
are fine as long as every group has the same ages; each row then holds from its age up to the next. In tables that are looked up at
something else, such as a year of treatment, the same holds for that, and it need not be whole.",
        wrong: "age,sex,value\n60,male,0.010\n62,male,0.012\n61,male,0.011",
        right: "age,sex,value\n60,male,0.010\n61,male,0.011\n62,male,0.012",
    },
    Code {
        code: "E0420",
        title: "a value of a table is out of range",
        explanation: "\
An annual probability of death (qx) lies between 0 and 1; a rate (mx) or a cost is not negative, and a utility is at most 1. Tables are also published per
1 000 or per 100 000 people: divide first. Numbers of survivors (lx) or life expectancies (ex) are other columns of
the same publication, and not what is meant here.",
        wrong: "age,sex,value\n60,male,10.3",
        right: "age,sex,value\n60,male,0.0103",
    },
    Code {
        code: "E0421",
        title: "a transition leaves an absorbing state",
        explanation: "\
Absorbing means that nobody leaves. A transition out of such a state contradicts that: either the state is not
absorbing, or the transition starts from a group that should not include it. The dead do not relapse.",
        wrong: "relapse = { from = [\"well\", \"dead\"], to = \"ill\", rate = \"rate.relapse\" }",
        right: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }",
    },
    Code {
        code: "E0422",
        title: "a transition leads from a state to itself",
        explanation: "\
Staying is not a transition: whoever makes no move stays. In published transition matrices the diagonal is what is left
over; leave it out here. If something happens that costs money but does not change the state, give it a state
of its own, or write to = \"same state\" if it moves nobody.",
        wrong: "stay = { from = \"well\", to = \"well\", probability = \"0.9\" }",
        right: "relapse = { from = \"well\", to = \"ill\", probability = \"0.1\" }",
    },
    Code {
        code: "E0423",
        title: "a name cannot be used here",
        explanation: "\
Names of states, strategies and the rest begin with a letter and consist of letters, digits and underscores, so that
expressions and file names can carry them; 60 characters are the most. Words of the language such as `if`, `and`, `time`, `age` in the sense of
the clock, or `rest` are taken. Use `label` for what tables and figures show.",
        wrong: "[states]\nrest = { }",
        right: "[states]\nat_rest = { label = \"Rest\" }",
    },
    Code {
        code: "E0424",
        title: "a setting has an impossible value",
        explanation: "\
The setting is understood, but nothing can be made of it: a label with a line break, a cycle of no length, less than one patient, an age range whose
end lies before its start, a year beyond the horizon. The message says what is allowed.",
        wrong: "[run]\npatients = 0",
        right: "[run]\npatients = 100_000",
    },
    Code {
        code: "E0425",
        title: "several strategies are the reference",
        explanation: "\
Differences in cost and QALYs, and hazard ratios between arms, are taken against one strategy, usually current care. Mark it by
`reference = true`; without a mark it is the first strategy. With several marked, the tables would have no common ground.",
        wrong: "[strategies.usual_care]\nreference = true\n[strategies.new]\nreference = true",
        right: "[strategies.usual_care]\nreference = true\n[strategies.new]\nlabel = \"New\"",
    },
    Code {
        code: "E0426",
        title: "a table is not declared",
        explanation: "\
`table = \"...\"` in a transition, or `lookup(...)` in a formula, names a table declared under [tables] with its file, the columns by which it is looked up and what it
holds. Without it nobody would die of what the table describes.",
        wrong: "die = { from = \"alive\", to = \"dead\", table = \"mortalty\" }",
        right: "[tables]\nmortality = { file = \"life_table.csv\", by = [\"age\", \"sex\"], kind = \"annual probability\" }",
    },
    Code {
        code: "E0427",
        title: "two ways of saying the same thing exclude each other",
        explanation: "\
A transition has one hazard: a rate, a probability, a time distribution or a life table. An effect has one form. With two
of them given, one would have to be ignored, and a reader could not tell which. Keep one; a multiplier goes into `hazard_ratio`.",
        wrong: "die = { from = \"alive\", to = \"dead\", rate = \"rate.death\", table = \"mortality\" }",
        right: "die = { from = \"alive\", to = \"dead\", table = \"mortality\", hazard_ratio = \"smr\" }",
    },
    Code {
        code: "E0428",
        title: "a life table has no rows for some patients",
        explanation: "\
Every category by which a table is looked up needs its own rows: a table by sex needs rows for each category of the attribute sex,
spelt as the scenario spells it. `M` and `male` are two words. Patients without rows would have no
mortality. A single cell that is mistyped takes one age away from those whom it means, and is shown where it stands.",
        wrong: "sex = { male = \"0.5\", female = \"rest\" }      with rows M and F in the table",
        right: "sex = { male = \"0.5\", female = \"rest\" }      with rows male and female in the table",
    },
    Code {
        code: "E0429",
        title: "strategies follow each other in a circle",
        explanation: "\
`otherwise` says which strategy the ineligible get, `like` from which one something is taken over. Here the chain returns to where it began, so that the first
patient who is not eligible for any of them would be passed round for ever. Let every chain end in a strategy
that everybody may have.",
        wrong: "[strategies.a]\notherwise = \"b\"\n[strategies.b]\notherwise = \"a\"",
        right: "[strategies.a]\notherwise = \"usual_care\"\n[strategies.b]\notherwise = \"usual_care\"",
    },
    Code {
        code: "E0430",
        title: "a group has no states",
        explanation: "\
A group that contains no state can neither be entered nor left. Conditions on it are never true, and transitions out of it
never fire. Name its states, or use `except` to name the states that are not in it.",
        wrong: "[groups]\nalive = []",
        right: "[groups]\nalive = { except = [\"dead\"] }",
    },
    Code {
        code: "E0431",
        title: "patients can be younger than the first age of a life table",
        explanation: "\
A life table is looked up by the age at or below the patient's. Below the first row there is nothing to take, and mortality
at other ages is no substitute: infants and children differ most. Extend the table downwards, or limit the age of the
population by `within`.",
        wrong: "age = { normal = { mean = \"40\", sd = \"12\" }, within = [0, 90] }      table from age 18",
        right: "age = { normal = { mean = \"40\", sd = \"12\" }, within = [18, 90] }",
    },
    Code {
        code: "E0432",
        title: "a figure cannot be drawn as it is declared",
        explanation: "\
A figure that stacks states shows how all patients are spread over them, so every state appears once and only once.
With a state twice the areas add to more than everybody; with one left out they add to less, and a reader
takes the gap for deaths. The message names the state.",
        wrong: "stack = [\"well\", \"ill\", \"ill\", \"dead\"]",
        right: "stack = [\"well\", \"ill\", \"dead\"]",
    },
    Code {
        code: "E0433",
        title: "nobody has a value within the limits of an attribute",
        explanation: "\
`within` cuts a distribution: patients are drawn from what lies between the limits. Here that is less than a
millionth of the distribution, so that there is nothing to draw from, and whoever is drawn stands at a limit.
Usually mean and limits are in different units or belong to different populations, sd is far too small, or a
logarithm is wanted (`meanlog`) where the value itself was written. A number set by `--set` or [set] counts as it is used.",
        wrong: "age = { normal = { mean = 20, sd = 1 }, within = [30, 90] }",
        right: "age = { normal = { mean = 60, sd = 10 }, within = [30, 90] }",
    },
    Code {
        code: "E0434",
        title: "a transition that takes the rest cannot do so here",
        explanation: "\
`probability = \"rest\"` gives a transition what the others of its state leave, so that everybody leaves in every cycle. There
can be one of them in a state, and nothing may be resolved after it: transitions into absorbing states are resolved first, and if one
of those took the rest, nobody would be left for the others. Say first = \"none\" where a publication states whole rows. An effect
cannot act on the rest either; it acts on the others, and the rest follows.",
        wrong: "recover = { from = \"ill\", to = \"well\", probability = 0.7 }\ndie     = { from = \"ill\", to = \"dead\", probability = \"rest\" }",
        right: "[time]\nfirst = \"none\"      (and the same transitions)",
    },
    Code {
        code: "E0435",
        title: "an outcome is not declared",
        explanation: "\
Every outcome has a section [outcomes.NAME] with its unit, its within-cycle correction and its discount. A reward that adds
to an outcome without one would be counted nowhere, and a cost would silently be missing from the totals.",
        wrong: "[rewards.drug]\noutcome = \"costs\"",
        right: "[outcomes.cost]\nunit = \"EUR\"\ncorrection = \"half-cycle\"\ndiscount = { rate = \"3 %\" }\n[rewards.drug]\noutcome = \"cost\"",
    },
    Code {
        code: "E0436",
        title: "a reward does not say clearly when it falls",
        explanation: "\
A reward is counted per year spent in states (`per_year` with `in`), or once on an occasion (`once` with exactly one of
`on_entering`, `on_leaving`, `on` and `at_start`). Without the occasion a cost would fall never or always; with two of them a patient
to whom both happen might pay twice. An occasion that never comes, such as entering a state that nobody enters, is an error too. `branches` says which branches of a transition or of the start are meant.",
        wrong: "[rewards.operation]\noutcome = \"cost\"\nonce = \"cost.operation\"",
        right: "[rewards.operation]\noutcome = \"cost\"\nonce = \"cost.operation\"\non = [\"operate\"]",
    },
    Code {
        code: "E0437",
        title: "a within-cycle correction does not fit the model",
        explanation: "\
Simpson's rule takes two cycles at a time, and so needs an even number of them. Weights that are written out need one number, not negative, for
each point of the grid: a model of 10 cycles has 11 points, the start and the horizon included. `first`, `repeat` and `last`
fill any length. With an odd number of cycles, published models that say Simpson use other weights; write those out.",
        wrong: "cycle = \"1 year\"\nhorizon = \"75 years\"\ncorrection = \"simpson\"",
        right: "correction = { first = \"1/3\", repeat = [\"2/3\", \"4/3\"], last = \"1/3\" }",
    },
    Code {
        code: "E0438",
        title: "a discount cannot be applied as it is declared",
        explanation: "\
A discount rate lies between 0 and 50 % a year; 3.5 without a percent sign is 350 %, after which nothing that happens later counts.
Rates of later times are given in ascending order. Where a correction counts cycles (start, end, life-table), `at` says which moment
of a cycle is discounted; where it counts points (half-cycle, simpson, weights) each is discounted at its own time.",
        wrong: "discount = { rate = 3.5, at = \"start\" }",
        right: "discount = { rate = \"3.5 %\", at = \"start\" }",
    },
    Code {
        code: "E0439",
        title: "a branch is not declared",
        explanation: "\
`branches` of a reward names branches of the transitions in `on`, or of what strategies do at the start. A branch has the name of the
state it leads to, unless the scenario gives it another. A name that none of them has would mean that the reward never falls.",
        wrong: "[rewards.death_in_surgery]\nonce = \"cost.death\"\non = [\"operate\"]\nbranches = [\"died\"]",
        right: "[rewards.death_in_surgery]\nonce = \"cost.death\"\non = [\"operate\"]\nbranches = [\"dead\"]",
    },
    Code {
        code: "E0440",
        title: "the decision cannot be made as it is declared",
        explanation: "\
[decision] says which outcome is paid (`cost`), which is gained (`effect`), and what a unit of the gain may cost (`thresholds`, each with
its date and who set it). The two outcomes are different, there is at least one threshold, and thresholds are more than 0. The people
concerned (`population`) are new patients a year and the years for which the decision holds, both more than 0.",
        wrong: "[decision]\ncost = \"cost\"\neffect = \"cost\"\nthresholds = []",
        right: "[decision]\ncost = \"cost\"\neffect = \"qaly\"\nthresholds = [{ value = 25_000, date = \"2026-04\", source = \"NICE\" }]",
    },
    Code {
        code: "E0441",
        title: "parameters cannot be drawn together as declared",
        explanation: "\
Parameters are drawn together in one of three ways: correlated normal scores ([uncertainty.correlated.NAME], with one correlation, pairs, a matrix or a
covariance), shares of one whole (distribution dirichlet, with the counts and one group), or rows of a file ([uncertainty.given]). A
parameter is in one of them at most. Correlations lie between -1 and 1 and must not contradict each other, and only what varies can
be correlated.",
        wrong: "[uncertainty.correlated.access]\nparameters = [\"rate.a\", \"rate.b\"]\ncorrelation = 80",
        right: "[uncertainty.correlated.access]\nparameters = [\"rate.a\", \"rate.b\"]\ncorrelation = 0.8",
    },
    Code {
        code: "E0442",
        title: "verification is told something it cannot use",
        explanation: "\
[verify] says what a program cannot know about a model: the order of its stages, ranges in which results should lie, and findings that
somebody has looked at and accepted. A range runs from a smaller to a larger number. A waiver is printed in every report, so it says who
accepts the finding, why it is no error, and when.",
        wrong: "[verify.waive.F06]\nby = \"\"\nwhy = \"fine\"\ndate = \"2026-11-21\"",
        right: "[verify.waive.F06]\nby = \"A. Modeller\"\nwhy = \"the horizon of 20 years is that of the decision\"\ndate = \"2026-11-21\"",
    },
    Code {
        code: "E0443",
        title: "more clocks run in one state than can be followed",
        explanation: "\
A clock that a hazard or a reward reads, or that an endpoint counts by, runs in every state of its group. The exact engine tells patients apart by the
cycles in which they entered each of these groups, so that every clock more multiplies the number of situations. Four can run at once. Clocks of groups
that are always entered together say the same: one of them is enough. `time` and attained age cost nothing.",
        wrong: "rate = \"a * time_in(early) + b * time_in(ill) + c * time_in(treated) + d * time_in(alive) + e * time_in(mild)\"",
        right: "rate = \"a * time_in(early) + b * time_in(ill) + c * time_in(treated) + d * time + e * time_in(mild)\"",
    },
    Code {
        code: "E0447",
        title: "it is not clear what a column of a table holds",
        explanation: "\
Published life tables hold rates, probabilities, survivors and life expectancies side by side, often one column for each sex. The values are
those of the column `value`, or of the only column of numbers that is there; where several could be meant, `columns` says which. Names in
`by` are columns too, or are said likewise. A column for each category is said by the names of the categories. An open age group
at the end of a table of probabilities over age groups has no width, and cannot be read.",
        wrong: "[tables.mortality]\nfile = \"national.csv\"      # Age,Males,Females\nby = [\"age\"]\nkind = \"annual probability\"",
        right: "[tables.mortality]\nfile = \"national.csv\"\nby = [\"age\", \"sex\"]\ncolumns = { male = \"Males\", female = \"Females\" }\nkind = \"annual probability\"",
    },
    Code {
        code: "E0448",
        title: "nobody could live by this life table",
        explanation: "\
The expectation of life that the table implies is a small part of any that was ever seen. The numbers are in another unit than the
scenario says (deaths per 100,000 people as rates per person), of another column (life expectancies, survivors), or of another interval.
`per` says for how many people rates and probabilities are.",
        wrong: "[tables.mortality]\nfile = \"deaths_per_100000.csv\"\nby = [\"age\"]\nkind = \"rate per year\"",
        right: "[tables.mortality]\nfile = \"deaths_per_100000.csv\"\nby = [\"age\"]\nkind = \"rate per year\"\nper = 100_000",
    },
    Code {
        code: "E0449",
        title: "a probability is not among those that it competes with",
        explanation: "\
`rate_among(p, sum)` splits the rate of all ways out of a state by the share that each has of their sum. The sum is that of the probabilities of
all ways out, this one included; a probability that is left out of it, or is larger, would get more than there is.",
        wrong: "rate = \"rate_among(p.relapse, p.die + p.recover)\"",
        right: "rate = \"rate_among(p.relapse, p.relapse + p.die + p.recover)\"",
    },
    Code {
        code: "E0454",
        title: "a matrix cannot be converted to another period",
        explanation: "\
The rates of a matrix are its logarithm, and its probabilities per cycle are a power of it. Of some matrices neither exists, or has a
negative number in it: no process with constant rates has these probabilities over that period. Often a step was possible in the study
only by way of another state, or the matrix was rounded. The root may exist where the rates do not; cycles of the matrix's own period always do.",
        wrong: "[matrices.panel]\nperiod = \"3 years\"\n\n[matrices.panel.rows]\nwell = { ill = 0.9 }\nill = { well = 0.9 }",
        right: "[time]\ncycle = \"3 years\"\nhorizon = \"30 years\"",
    },
];
