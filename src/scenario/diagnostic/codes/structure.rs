//! Codes E04xx: the structure of a scenario.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0401",
        title: "a key is unknown",
        explanation: "\
arcosim does not recognise this key. An unknown key is an error, because you may expect it to have an
effect: with a misspelt `gone_after`, a treatment effect would last for ever. The message lists the keys of
this section and suggests the nearest one.",
        wrong: "[[strategies.new.effects]]\non = [\"relapse\"]\nhazard_ratio = \"hr.new\"\ngone_aftr = \"5 years\"",
        right: "[[strategies.new.effects]]\non = [\"relapse\"]\nhazard_ratio = \"hr.new\"\ngone_after = \"5 years\"",
    },
    Code {
        code: "E0402",
        title: "a required key is missing",
        explanation: "\
The model needs this information, and no default would be right for every study. For example, the time
horizon determines how much of the later costs and life-years is counted.",
        wrong: "[time]\ncycle = \"6 months\"",
        right: "[time]\ncycle = \"6 months\"\nhorizon = \"60 years\"",
    },
    Code {
        code: "E0403",
        title: "a value has the wrong type",
        explanation: "\
The key exists, but its value has the wrong type, for example a number instead of text, or a list instead of
a single name. Lengths of time and formulas are text in quotation marks; numbers of patients are plain
numbers; several names form a list in square brackets.",
        wrong: "patients = \"many\"",
        right: "patients = 100_000",
    },
    Code {
        code: "E0404",
        title: "a state or group is not declared",
        explanation: "\
States are declared under [states] and groups of states under [groups]; all other sections refer to them by
name. A transition to an undeclared state would make patients disappear, so that state occupancy would no
longer add up to 1.",
        wrong: "relapse = { from = \"wel\", to = \"ill\", rate = \"rate.relapse\" }",
        right: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }",
    },
    Code {
        code: "E0406",
        title: "a transition is not declared",
        explanation: "\
An effect of a strategy, an endpoint or `first` names a transition that is not declared under [transitions].
An effect on a transition that does not exist would change nothing.",
        wrong: "on = [\"relapses\"]\nhazard_ratio = \"hr.new\"",
        right: "on = [\"relapse\"]\nhazard_ratio = \"hr.new\"",
    },
    Code {
        code: "E0407",
        title: "an attribute is not declared",
        explanation: "\
Attributes of patients, such as age or sex, are declared under [population.attributes]. A life table by sex
needs an attribute of that name; otherwise all patients would have the same mortality.",
        wrong: "by = [\"age\", \"gender\"]",
        right: "by = [\"age\", \"sex\"]",
    },
    Code {
        code: "E0408",
        title: "a strategy is not declared",
        explanation: "\
Every strategy has a section [strategies.NAME]. Here a key refers to a strategy without one: `otherwise`
(the strategy of ineligible patients), `like` (the strategy that is copied), or `strategies` of a reward.",
        wrong: "otherwise = \"usual_car\"",
        right: "otherwise = \"usual_care\"",
    },
    Code {
        code: "E0409",
        title: "a name is used twice",
        explanation: "\
Formulas refer to states, groups, attributes and parameters by name, so each name must be unique. Names of
endpoints, outcomes and strategies become file names and must differ in more than upper and lower case.",
        wrong: "[states]\nill = { }\n[groups]\nill = [\"mild\", \"severe\"]",
        right: "[states]\nill = { }\n[groups]\nany_illness = [\"mild\", \"severe\"]",
    },
    Code {
        code: "E0410",
        title: "shares do not add up to 1",
        explanation: "\
The shares of a whole, such as the states at the start, the categories of an attribute or the branches of a
transition, must add up to 1. They are not rescaled: if two shares are 0.4 and 0.7, one of them is wrong,
and rescaling would hide which. Write `rest` for one of them to give it the remainder.",
        wrong: "sex = { male = \"0.6\", female = \"0.5\" }",
        right: "sex = { male = \"0.6\", female = \"rest\" }",
    },
    Code {
        code: "E0411",
        title: "no patient can reach a state",
        explanation: "\
No patients start in this state, and no transition leads to it from a state that patients can reach. Its
costs and utilities have no effect on the results. Most often a transition is missing or has the wrong
target.",
        wrong: "[states]\nwell = {}\nill = {}\ndead = { absorbing = true }\n[transitions]\ndie = { from = \"well\", to = \"dead\", rate = \"rate.death\" }",
        right: "[transitions]\nrelapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }\ndie = { from = [\"well\", \"ill\"], to = \"dead\", rate = \"rate.death\" }",
    },
    Code {
        code: "E0412",
        title: "no transition leads out of a state that is not absorbing",
        explanation: "\
Patients who enter this state stay in it, accrue its costs and utility, and never die. If this is intended,
write `absorbing = true`. Otherwise a transition is missing, most often death; strategies that lead to such
a state would look too beneficial.",
        wrong: "[states]\ncured = { label = \"Cured\" }      (and no transition from it)",
        right: "[transitions]\ndie = { from = \"alive\", to = \"dead\", table = \"mortality\" }      (alive includes cured)",
    },
    Code {
        code: "E0413",
        title: "the horizon is not a whole number of cycles",
        explanation: "\
The horizon must be a whole number of cycles. Rounding would silently add or remove part of a cycle of costs
and life-years. Change the horizon or the cycle length.",
        wrong: "cycle = \"5 months\"\nhorizon = \"1 year\"",
        right: "cycle = \"6 months\"\nhorizon = \"1 year\"",
    },
    Code {
        code: "E0414",
        title: "a state has both rates and probabilities",
        explanation: "\
The transitions out of a state are either rates, which are competing risks, or probabilities, which are used
as stated. A mixture has no clear meaning, because the probability may or may not already allow for the
competing rate. Convert the probabilities with `rate(probability)`; or, to reproduce a published row, add
`stated = true` to the rates, so that their probabilities per cycle are used as they are. Transitions in
`first`, by default those into absorbing states, are resolved before the others and may be of either type.",
        wrong: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }\nmove    = { from = \"well\", to = \"away\", probability = \"p.move\" }",
        right: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }\nmove    = { from = \"well\", to = \"away\", rate = \"rate(p.move)\" }",
    },
    Code {
        code: "E0415",
        title: "the probabilities out of a state add up to more than 1",
        explanation: "\
More than 100% of patients would leave. This happens when published probabilities from different sources are
combined, when an effect multiplies a large probability, or when an annual probability is used with a
shorter cycle. Rows are not rescaled, because that would also change the correct transitions. Use rates,
which are resolved as competing risks.",
        wrong: "relapse = { from = \"well\", to = \"ill\",  probability = \"0.7\" }\nmove    = { from = \"well\", to = \"away\", probability = \"0.4\" }",
        right: "relapse = { from = \"well\", to = \"ill\",  rate = \"rate(p.relapse)\" }\nmove    = { from = \"well\", to = \"away\", rate = \"rate(p.move)\" }",
    },
    Code {
        code: "E0416",
        title: "an endpoint cannot be calculated",
        explanation: "\
An endpoint is the first occurrence of an event: entering a state or group, or a transition. It must name at
least one event, the event must be possible, and it must not be its own competing event. The survival curve
of an impossible endpoint would stay at 100%.",
        wrong: "[endpoints]\nfirst_relapse = { enters = \"ill\", competing = [\"ill\", \"dead\"] }",
        right: "[endpoints]\nfirst_relapse = { enters = \"ill\", competing = [\"dead\"] }",
    },
    Code {
        code: "E0417",
        title: "the scenario is incomplete",
        explanation: "\
A model needs at least one state, one transition, one strategy, patients in a state at the start, and a
cycle length with a horizon. At least one of these is missing. An overlay inherits them from the scenario in
`extends`; perhaps this key is missing.",
        wrong: "format = 1\ntitle = \"Country adaptation\"",
        right: "format = 1\ntitle = \"Country adaptation\"\nextends = \"../base.toml\"",
    },
    Code {
        code: "E0418",
        title: "the columns of a table do not match the scenario",
        explanation: "\
A life table, or any other table for formulas, has one column for each name in `by`, such as age and sex,
and one column `value`. `columns` assigns columns with different names; if there is only one further column
of numbers, it contains the values. If a column is missing or misspelt, the table cannot be looked up.",
        wrong: "Age_group,Gender,qx\n0,M,0.0063",
        right: "age,sex,value\n0,male,0.0063",
    },
    Code {
        code: "E0419",
        title: "the ages of a table have gaps or are out of order",
        explanation: "\
Ages are whole years in ascending order, once for each group. A table by single years must not skip an age,
because the previous row would be used for the missing ages and mortality would be too low. Abridged tables
are possible if every group has the same ages; each row then applies from its age to the next. The same
applies to tables that are looked up by something else, such as the year of treatment, which need not be
whole numbers.",
        wrong: "age,sex,value\n60,male,0.010\n62,male,0.012\n61,male,0.011",
        right: "age,sex,value\n60,male,0.010\n61,male,0.011\n62,male,0.012",
    },
    Code {
        code: "E0420",
        title: "a value of a table is out of range",
        explanation: "\
An annual probability of death (qx) is between 0 and 1; a rate (mx) or a cost is not negative, and a utility
is at most 1. If the table is per 1,000 or per 100,000 people, use `per`. Do not use the columns of
survivors (lx) or life expectancies (ex).",
        wrong: "age,sex,value\n60,male,10.3",
        right: "age,sex,value\n60,male,0.0103",
    },
    Code {
        code: "E0421",
        title: "a transition leaves an absorbing state",
        explanation: "\
No patient can leave an absorbing state. Either the state is not absorbing, or the transition starts from a
group that should not include it.",
        wrong: "relapse = { from = [\"well\", \"dead\"], to = \"ill\", rate = \"rate.relapse\" }",
        right: "relapse = { from = \"well\", to = \"ill\", rate = \"rate.relapse\" }",
    },
    Code {
        code: "E0422",
        title: "a transition leads from a state to itself",
        explanation: "\
Patients without a transition stay in their state. The diagonal of a published transition matrix is the
remainder of each row and is not needed here. For an event that causes costs but does not change the state,
use a separate state, or write to = \"same state\".",
        wrong: "stay = { from = \"well\", to = \"well\", probability = \"0.9\" }",
        right: "relapse = { from = \"well\", to = \"ill\", probability = \"0.1\" }",
    },
    Code {
        code: "E0423",
        title: "a name cannot be used",
        explanation: "\
Names of states, strategies and other items start with a letter and consist of letters, digits and
underscores, with at most 60 characters, so that formulas and file names can use them. Reserved words such
as `if`, `and`, `time` or `rest` are not possible. Use `label` for the text in tables and figures.",
        wrong: "[states]\nrest = { }",
        right: "[states]\nat_rest = { label = \"Rest\" }",
    },
    Code {
        code: "E0424",
        title: "a setting has an impossible value",
        explanation: "\
The key is known, but its value cannot be used: for example a label with a line break, a cycle of length 0,
no patients, an age range that ends before it starts, or a year beyond the horizon. The message says which
values are possible.",
        wrong: "[run]\npatients = 0",
        right: "[run]\npatients = 100_000",
    },
    Code {
        code: "E0425",
        title: "several strategies are marked as the reference",
        explanation: "\
Increments in costs and QALYs, and hazard ratios between arms, are calculated against one strategy, usually
current care. Mark it with `reference = true`; otherwise the first strategy is the reference.",
        wrong: "[strategies.usual_care]\nreference = true\n[strategies.new]\nreference = true",
        right: "[strategies.usual_care]\nreference = true\n[strategies.new]\nlabel = \"New\"",
    },
    Code {
        code: "E0426",
        title: "a table is not declared",
        explanation: "\
`table = \"...\"` of a transition, and `lookup(...)` in a formula, need a table that is declared under
[tables] with its file, the columns by which it is looked up, and its kind.",
        wrong: "die = { from = \"alive\", to = \"dead\", table = \"mortalty\" }",
        right: "[tables]\nmortality = { file = \"life_table.csv\", by = [\"age\", \"sex\"], kind = \"annual probability\" }",
    },
    Code {
        code: "E0427",
        title: "two keys exclude each other",
        explanation: "\
A transition has one hazard: a rate, a probability, a time distribution or a life table. Other sections have
similar alternatives. If two are given, only one can be used. Keep one of them; to multiply the hazard of a
table or a distribution, use `hazard_ratio`.",
        wrong: "die = { from = \"alive\", to = \"dead\", rate = \"rate.death\", table = \"mortality\" }",
        right: "die = { from = \"alive\", to = \"dead\", table = \"mortality\", hazard_ratio = \"smr\" }",
    },
    Code {
        code: "E0428",
        title: "a life table has no rows for some patients",
        explanation: "\
A table needs rows for each category by which it is looked up, with the same spelling as in the scenario:
`M` and `male` are different words. Patients without rows would have no mortality. The message also shows
single misspelt cells.",
        wrong: "sex = { male = \"0.5\", female = \"rest\" }      with rows M and F in the table",
        right: "sex = { male = \"0.5\", female = \"rest\" }      with rows male and female in the table",
    },
    Code {
        code: "E0429",
        title: "strategies refer to each other in a cycle",
        explanation: "\
`otherwise` names the strategy of ineligible patients, and `like` names the strategy that is copied. Here
the chain leads back to its start, so it never reaches a strategy that is fully defined. End each chain with
a strategy that refers to no other.",
        wrong: "[strategies.a]\notherwise = \"b\"\n[strategies.b]\notherwise = \"a\"",
        right: "[strategies.a]\notherwise = \"usual_care\"\n[strategies.b]\notherwise = \"usual_care\"",
    },
    Code {
        code: "E0430",
        title: "a group has no states",
        explanation: "\
A group without states cannot be entered or left: conditions on it are never true, and transitions from it
never happen. List its states, or use `except` to list the states that are not part of it.",
        wrong: "[groups]\nalive = []",
        right: "[groups]\nalive = { except = [\"dead\"] }",
    },
    Code {
        code: "E0431",
        title: "patients can be younger than the first age of a life table",
        explanation: "\
Each patient uses the row of a life table at or below their age. Below the first row there is no rate, and
rates at other ages cannot replace it, because mortality of infants and children differs strongly. Add rows
for younger ages to the table, or truncate the age of the population with `within`.",
        wrong: "age = { normal = { mean = \"40\", sd = \"12\" }, within = [0, 90] }      table from age 18",
        right: "age = { normal = { mean = \"40\", sd = \"12\" }, within = [18, 90] }",
    },
    Code {
        code: "E0432",
        title: "a figure cannot be drawn",
        explanation: "\
A stacked figure shows how all patients are distributed over the states, so every state must appear exactly
once. If a state appears twice, the areas add up to more than 100%; if one is missing, to less, and the gap
could be mistaken for deaths. The message names the state.",
        wrong: "stack = [\"well\", \"ill\", \"ill\", \"dead\"]",
        right: "stack = [\"well\", \"ill\", \"dead\"]",
    },
    Code {
        code: "E0433",
        title: "no patient can have a value within the limits of an attribute",
        explanation: "\
`within` truncates a distribution: patients are drawn from the part between the limits. Here this is less
than one millionth of the distribution. Most often the mean and the limits are in different units or from
different populations, sd is far too small, or `meanlog` contains the value instead of its logarithm. Values
from `--set` or [set] are included.",
        wrong: "age = { normal = { mean = 20, sd = 1 }, within = [30, 90] }",
        right: "age = { normal = { mean = 60, sd = 10 }, within = [30, 90] }",
    },
    Code {
        code: "E0434",
        title: "a transition cannot have \"rest\" here",
        explanation: "\
`probability = \"rest\"` gives a transition the remainder of the probabilities of its state, so that all
patients leave in every cycle. A state can have only one such transition, and no transition may be resolved
after it: transitions into absorbing states are resolved first by default, so \"rest\" on one of those would
leave no patients for the others. Write first = \"none\" to reproduce published rows. An effect cannot act
on \"rest\"; apply it to the other transitions.",
        wrong: "recover = { from = \"ill\", to = \"well\", probability = 0.7 }\ndie     = { from = \"ill\", to = \"dead\", probability = \"rest\" }",
        right: "[time]\nfirst = \"none\"      (and the same transitions)",
    },
    Code {
        code: "E0435",
        title: "an outcome is not declared",
        explanation: "\
Every outcome has a section [outcomes.NAME] with its unit, within-cycle correction and discounting. A reward
for an undeclared outcome would not be counted, so a cost would be missing from the totals.",
        wrong: "[rewards.drug]\noutcome = \"costs\"",
        right: "[outcomes.cost]\nunit = \"EUR\"\ncorrection = \"half-cycle\"\ndiscount = { rate = \"3 %\" }\n[rewards.drug]\noutcome = \"cost\"",
    },
    Code {
        code: "E0436",
        title: "it is unclear when a reward is counted",
        explanation: "\
A reward is counted per year spent in states (`per_year` with `in`), or once at an event (`once` with
exactly one of `on_entering`, `on_leaving`, `on` and `at_start`). Two events in the same cycle could count
an amount twice. An event that can never happen, such as entering a state that is never entered, is an error
too. `branches` selects branches of a transition or of the start.",
        wrong: "[rewards.operation]\noutcome = \"cost\"\nonce = \"cost.operation\"",
        right: "[rewards.operation]\noutcome = \"cost\"\nonce = \"cost.operation\"\non = [\"operate\"]",
    },
    Code {
        code: "E0437",
        title: "a within-cycle correction does not fit the model",
        explanation: "\
Simpson's rule combines cycles in pairs and needs an even number of cycles. A list of weights needs one
number, not negative, for each point: a model with 10 cycles has 11 points, including the start and the
horizon. `first`, `repeat` and `last` fit any length. Published models with an odd number of cycles that
report Simpson's rule used different weights; write these out.",
        wrong: "cycle = \"1 year\"\nhorizon = \"75 years\"\ncorrection = \"simpson\"",
        right: "correction = { first = \"1/3\", repeat = [\"2/3\", \"4/3\"], last = \"1/3\" }",
    },
    Code {
        code: "E0438",
        title: "a discount cannot be applied",
        explanation: "\
A discount rate is between 0 and 50% per year; 3.5 without a percent sign is 350%. Later rates are in
ascending order of time. With a correction by cycle (start, end, life-table), `at` selects the moment of the
cycle that is discounted; with a correction by points (half-cycle, simpson, weights), each point is
discounted at its own time.",
        wrong: "discount = { rate = 3.5, at = \"start\" }",
        right: "discount = { rate = \"3.5 %\", at = \"start\" }",
    },
    Code {
        code: "E0439",
        title: "a branch is not declared",
        explanation: "\
`branches` of a reward names branches of the transitions in `on`, or of `at_start` of strategies. A branch
has the name of the state to which it leads, unless the scenario gives it a different name. With an unknown
name the reward would never be counted.",
        wrong: "[rewards.death_in_surgery]\nonce = \"cost.death\"\non = [\"operate\"]\nbranches = [\"died\"]",
        right: "[rewards.death_in_surgery]\nonce = \"cost.death\"\non = [\"operate\"]\nbranches = [\"dead\"]",
    },
    Code {
        code: "E0440",
        title: "a decision is not defined properly",
        explanation: "\
[decision] names the outcome in money (`cost`), the health outcome (`effect`), and the willingness to pay
per unit of effect (`thresholds`, each with its date and source). The two outcomes must differ, and at least
one threshold above 0 is needed. `population` gives the number of new patients per year and the years for
which the decision applies, both above 0.",
        wrong: "[decision]\ncost = \"cost\"\neffect = \"cost\"\nthresholds = []",
        right: "[decision]\ncost = \"cost\"\neffect = \"qaly\"\nthresholds = [{ value = 25_000, date = \"2026-04\", source = \"NICE\" }]",
    },
    Code {
        code: "E0441",
        title: "parameters cannot be drawn jointly",
        explanation: "\
Parameters are drawn jointly in one of three ways: by correlated normal scores
([uncertainty.correlated.NAME] with a correlation, pairs, a matrix or a covariance), as shares of one whole
(distribution dirichlet with counts and one group), or as rows of a file ([uncertainty.given]). Each
parameter can be in one of them only. Correlations are between -1 and 1 and must be consistent, and only
parameters with a distribution can be correlated.",
        wrong: "[uncertainty.correlated.access]\nparameters = [\"rate.a\", \"rate.b\"]\ncorrelation = 80",
        right: "[uncertainty.correlated.access]\nparameters = [\"rate.a\", \"rate.b\"]\ncorrelation = 0.8",
    },
    Code {
        code: "E0442",
        title: "a setting for verification cannot be used",
        explanation: "\
[verify] describes what cannot be derived from a model: the order of disease stages, plausible ranges of
results, and findings that have been reviewed and accepted. The first number of a range must be the smaller
one. Reports print every waiver, so it needs the name of the person who accepts the finding, the reason and
the date.",
        wrong: "[verify.waive.F06]\nby = \"\"\nwhy = \"fine\"\ndate = \"2026-11-21\"",
        right: "[verify.waive.F06]\nby = \"A. Modeller\"\nwhy = \"the horizon of 20 years is that of the decision\"\ndate = \"2026-11-21\"",
    },
    Code {
        code: "E0443",
        title: "too many clocks run in one state",
        explanation: "\
A clock that a hazard, a reward or an endpoint uses runs in every state of its group. The exact engine
tracks the cycles in which patients entered each of these groups, so each additional clock multiplies the
size of the model. At most four clocks can run at once. Groups that are always entered at the same time can
share a clock. `time` and attained age need no tracking.",
        wrong: "rate = \"a * time_in(early) + b * time_in(ill) + c * time_in(treated) + d * time_in(alive) + e * time_in(mild)\"",
        right: "rate = \"a * time_in(early) + b * time_in(ill) + c * time_in(treated) + d * time + e * time_in(mild)\"",
    },
    Code {
        code: "E0447",
        title: "the column of values is unclear",
        explanation: "\
Published life tables contain rates, probabilities, survivors and life expectancies side by side, often with
one column for each sex. The values are in the column `value`, or in the only further column of numbers;
otherwise `columns` assigns them. The columns in `by` can be assigned in the same way. If each category has
its own column, assign it to the name of the category. An open age group at the end of a table of
probabilities over age groups has no width and cannot be used.",
        wrong: "[tables.mortality]\nfile = \"national.csv\"      # Age,Males,Females\nby = [\"age\"]\nkind = \"annual probability\"",
        right: "[tables.mortality]\nfile = \"national.csv\"\nby = [\"age\", \"sex\"]\ncolumns = { male = \"Males\", female = \"Females\" }\nkind = \"annual probability\"",
    },
    Code {
        code: "E0448",
        title: "a life table implies an impossible life expectancy",
        explanation: "\
The life expectancy of this table is far below any that has been observed. The numbers are in a different
unit from that of the scenario (for example deaths per 100,000 people read as rates per person), from the
wrong column (life expectancies, survivors), or over a different interval. `per` gives the number of people
to which rates and probabilities refer.",
        wrong: "[tables.mortality]\nfile = \"deaths_per_100000.csv\"\nby = [\"age\"]\nkind = \"rate per year\"",
        right: "[tables.mortality]\nfile = \"deaths_per_100000.csv\"\nby = [\"age\"]\nkind = \"rate per year\"\nper = 100_000",
    },
    Code {
        code: "E0449",
        title: "a probability is not part of its sum",
        explanation: "\
`rate_among(p, sum)` divides the total rate out of a state in proportion to the probabilities. `sum` must be
the sum of the probabilities of all transitions out of the state, including `p`. A probability that is
missing from the sum, or larger than it, would get too high a rate.",
        wrong: "rate = \"rate_among(p.relapse, p.die + p.recover)\"",
        right: "rate = \"rate_among(p.relapse, p.relapse + p.die + p.recover)\"",
    },
    Code {
        code: "E0454",
        title: "a matrix cannot be converted to a different period",
        explanation: "\
The rates of a matrix are its logarithm, and its probabilities per cycle are a power of it. For some
matrices neither exists, or it contains negative numbers: no process with constant rates has these
probabilities over this period. Often a transition was only possible through another state, or the matrix
was rounded. The power may exist where the logarithm does not; a cycle length equal to the period of the
matrix is always possible.",
        wrong: "[matrices.panel]\nperiod = \"3 years\"\n\n[matrices.panel.rows]\nwell = { ill = 0.9 }\nill = { well = 0.9 }",
        right: "[time]\ncycle = \"3 years\"\nhorizon = \"30 years\"",
    },
    Code {
        code: "E0455",
        title: "subgroups do not divide the patients",
        explanation: "\
Every division of `[subgroups]` puts each patient into exactly one subgroup, so that the results of the
subgroups, weighted by their shares, are those of all patients. A division is the name of an attribute with
categories, or conditions on attributes and on the state at the start; \"rest\" takes all other patients.
`crossed` combines divisions.",
        wrong: "[subgroups]\nage = { young = \"age_at_start < 40\", old = \"age_at_start > 60\" }",
        right: "[subgroups]\nage = { young = \"age_at_start < 40\", old = \"age_at_start > 60\", middle = \"rest\" }",
    },
    Code {
        code: "E0456",
        title: "an overlay removes something that is not there",
        explanation: "\
`remove` of an overlay lists parts of the base scenario that are taken out before the overlay is merged. Each
path is a section and a name with a point between them, and may go further down. To replace a whole list,
all branches of a transition or all settings of a section, remove it and write it anew in the same overlay. A
removed strategy also disappears from `strategies` of the rewards.",
        wrong: "extends = \"../base.toml\"\nremove  = [\"strategies.olddrug\"]",
        right: "extends = \"../base.toml\"\nremove  = [\"strategies.old_drug\", \"transitions.relapse.to\"]",
    },
    Code {
        code: "E0457",
        title: "a list refers to a base that does not exist",
        explanation: "\
In an overlay the item \"...\" of a list stands for all items of the same list in the base scenario, so that
the overlay only adds to it. Without \"...\" the list replaces that of the base. The base must have a list, or
a single name, at the same place.",
        wrong: "[rewards.drug_cost]\nstrategies = [\"...\", \"second_line\"]   # the reward is called `drug`",
        right: "[rewards.drug]\nstrategies = [\"...\", \"second_line\"]",
    },
    Code {
        code: "E0458",
        title: "a selected strategy needs another one",
        explanation: "\
`strategies` of `[run]` selects the strategies of the model. Patients who are not eligible for a strategy
follow its `otherwise`, so that strategy must be selected too.",
        wrong: "[run]\nstrategies = [\"surgery\"]   # otherwise = \"usual_care\"",
        right: "[run]\nstrategies = [\"usual_care\", \"surgery\"]",
    },
    Code {
        code: "E0459",
        title: "a component does not exist",
        explanation: "\
`uses` of a strategy, `components` of a reward and `users_of` of an effect refer to components, which
`[components]` declares. Check the spelling.",
        wrong: "[strategies.programme]\nuses = [\"excercise\"]",
        right: "[components.exercise]\nlabel = \"Exercise\"\n\n[strategies.programme]\nuses = [\"exercise\"]",
    },
    Code {
        code: "E0460",
        title: "two procedures at the start move the same patient",
        explanation: "\
A strategy combines its own branches at the start with those of the components that it uses: a patient can
have one branch of each. If two of them lead to different states, the patient could be in only one of them.
(A branch that leads to an absorbing state, such as death, takes precedence.) Let only one of the
procedures move patients, or write one procedure with all its branches in the strategy.",
        wrong: "[components.a]\nat_start = { cured = 0.1, ill = \"rest\" }\n\n[components.b]\nat_start = { well = 0.2, ill = \"rest\" }",
        right: "[components.a]\nat_start = { cured = 0.1, none = { share = \"rest\", to = \"same state\" } }\n\n[components.b]\nlabel = \"B, without a procedure\"",
    },
    Code {
        code: "E0461",
        title: "the strongest effect changes over time",
        explanation: "\
With `combine = \"strongest\"` the smallest ratio below 1 of all components acts on a transition, times the
largest ratio above 1. The effects must have the same `onset`, `full_until` and `gone_after`, because
otherwise another effect would be the strongest at other times.",
        wrong: "[strategies.programme]\nuses    = [\"a\", \"b\"]    # a: full_until = \"2 years\"\ncombine = \"strongest\"",
        right: "[strategies.programme]\nuses    = [\"a\", \"b\"]\ncombine = \"multiply\"",
    },
    Code {
        code: "E0462",
        title: "too many components are used by shares of the patients",
        explanation: "\
A share of users is a mixture of patients: users and others are calculated separately, because they have
different risks. Every component with effects or branches at the start doubles the number of kinds of
patients. Components without them (only costs, or a gain of quality of life) do not count, because the
average of their amounts is exact.",
        wrong: "uses = { a = 0.5, b = 0.4, c = 0.3, d = 0.3, e = 0.3, f = 0.3, g = 0.3, h = 0.3, i = 0.2 }",
        right: "uses = { a = 1, b = 1, c = 0.3, d = 0.3, e = 0.3, f = 0.3, g = 0.3, h = 0.3, i = 0.2 }",
    },
    Code {
        code: "E0463",
        title: "a strategy changes the share of users of a component",
        explanation: "\
The users of a component with effects are drawn from the patients, who are the same in all strategies. A
strategy that replaces a parameter (`parameters`) on which the share depends would therefore not change the
share. Write the other share into `uses` of the strategy.",
        wrong: "[strategies.wide]\nuses = { exercise = \"share.exercise\" }\nparameters = { \"share.exercise\" = \"share.high\" }",
        right: "[strategies.wide]\nuses = { exercise = \"share.high\" }",
    },
    Code {
        code: "E0464",
        title: "something has no meaning in continuous time",
        explanation: "\
With moves = \"continuous\" in [time], patients move at any time, and the cycle is only the step of the
calculation. A probability per cycle, the probability that is left over (\"rest\"), the number of the cycle and
the age at the end of the cycle belong to models with one move a cycle. Write rates or distributions of the time
to the event; rate(p, cycle_length) is the constant rate at which the probability p is reached in a cycle if
nothing else happens.",
        wrong: "[time]\nmoves = \"continuous\"\n\n[transitions.progress]\nprobability = \"p.progress\"",
        right: "[time]\nmoves = \"continuous\"\n\n[transitions.progress]\nrate = \"rate(p.progress, cycle_length)\"",
    },
    Code {
        code: "E0465",
        title: "an endless horizon without an end",
        explanation: "\
With horizon = \"endless\" in [time], the model runs until practically nobody is left: until at most 1e-12 of the
patients are outside absorbing states under every strategy, at base values. In this scenario some patients
never reach an absorbing state, so life-years, costs and QALYs grow without limit, or the model would have to
run for thousands of years. Usually death from other causes is missing in one of the states, or a state in
which patients stay for ever is not marked as absorbing.",
        wrong: "[time]\nhorizon = \"endless\"\n\n[states]\nwell = {}\ncured = {}",
        right: "[time]\nhorizon = \"endless\"\n\n[states]\nwell = {}\ncured = { absorbing = true }",
    },
    Code {
        code: "E0466",
        title: "an endpoint is not declared",
        explanation: "\
`curves` in [uncertainty] lists the endpoints whose survival and cumulative incidence get bands. Each name must
be that of an endpoint declared under [endpoints].",
        wrong: "[uncertainty]\ncurves = [\"relaps\"]\n\n[endpoints.relapse]\nenters = \"ill\"",
        right: "[uncertainty]\ncurves = [\"relapse\"]\n\n[endpoints.relapse]\nenters = \"ill\"",
    },
    Code {
        code: "E0467",
        title: "a perspective is not declared",
        explanation: "\
`paid_by` of a reward divides a cost among the perspectives that are declared under [perspectives], such as the
health service and the patient. The cost of an undeclared one would be in no perspective's total.",
        wrong: "[perspectives]\npayer = {}\npatient = {}\n\n[rewards.visits]\npaid_by = \"pacient\"",
        right: "[perspectives]\npayer = {}\npatient = {}\n\n[rewards.visits]\npaid_by = \"patient\"",
    },
    Code {
        code: "E0468",
        title: "an attribute depends on others in a way that cannot be drawn",
        explanation: "\
`by` lists the attributes on which the shares or the distribution of an attribute, or the states at the start,
depend. They must have categories, they are drawn first, so no attribute may depend on itself through others, and
the formulas must read exactly those that are listed.",
        wrong: "age = { normal = { mean = \"age.mean[sex]\", sd = 10 } }",
        right: "age = { by = \"sex\", normal = { mean = \"age.mean[sex]\", sd = 10 } }",
    },
    Code {
        code: "E0469",
        title: "a table of patients cannot be used",
        explanation: "\
`table` in [population] names a file with one real patient in a row; an attribute with `column` takes its values
from there, numbers or categories. Every patient needs a value in every column that is used, and weights of 0
or above. A missing value would have to be guessed, so the program asks for it.",
        wrong: "[population.attributes]\nage = { column = \"AGE\" }",
        right: "[population]\ntable = \"patients.csv\"\n\n[population.attributes]\nage = { column = \"AGE\" }",
    },
];
