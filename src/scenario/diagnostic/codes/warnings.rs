//! Codes W05xx: problems that do not stop a run, but that a reviewer would question.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "W0501",
        title: "a parameter is never used",
        explanation: "\
No formula of the scenario uses this parameter, so changing it has no effect, and a sensitivity analysis
would show it as unimportant. Often a row was renamed in one place only, or an effect or a cost is missing
from the scenario. Use the parameter, delete the row, or start its line with #.",
        wrong: "disutility.injection is in the table, and no utility mentions it",
        right: "utility = \"utility.ill - disutility.injection\"",
    },
    Code {
        code: "W0502",
        title: "an annual value looks like a risk over a longer period",
        explanation: "\
With an annual rate or probability this high, nearly all patients have the event within a few years: 80% per
year is 99.97% within 5 years, and a rate of 0.8 per year is 98.2%. If the source reports `80% within 5
years`, use a probability with the unit `per 5 years`, which is a rate of 0.322 per year. A rate with a
percent sign is usually a probability, too. If the number is correct, no change is needed.",
        wrong: "rate.relapse,rate,80%,per year,Smith 2019",
        right: "p.relapse,probability,80%,per 5 years,Smith 2019",
    },
    Code {
        code: "W0503",
        title: "patients become older than the last age of a life table",
        explanation: "\
Beyond the last row of the table the last rate is used. With a table that ends at age 85, mortality of the
very old is too low, and a lifetime horizon overestimates life-years; with a table that ends at 100 or later
the difference is small. Add rows for higher ages, or shorten the horizon.",
        wrong: "life table to age 85, horizon 60 years, mean age 50",
        right: "life table to age 110",
    },
    Code {
        code: "W0504",
        title: "a range is an arbitrary percentage of the base value",
        explanation: "\
low and high are the same percentage below and above the base value, for example plus or minus 20%. Such a
range does not describe the evidence: it makes well-measured numbers look as uncertain as guesses, and the
tornado diagram shows how strongly the result depends on a parameter, but not how uncertain the parameter
is. Guidelines on good modelling practice ask for ranges from evidence, such as confidence intervals. If
there is none, write `arbitrary` into range_basis to have it shown in the report.",
        wrong: "cost.visit,cost,100,EUR,80,120,tariff 2023      (base, unit, low, high)",
        right: "cost.visit,cost,100,EUR,88,115,tariff 2023      (95CI)",
    },
    Code {
        code: "W0505",
        title: "parameters are based on weak evidence",
        explanation: "\
Evidence from animals, laboratories or manufacturers' claims does not show effects in patients. A strategy whose
effects, replaced parameters or health outcomes use such a number is marked as hypothetical in all tables and
figures, and `check` says so. The numbers in this warning are used elsewhere, for example as prices or in all
strategies alike, so no strategy is marked because of them. A better source removes the warning.",
        wrong: "hr.new,hr,0.40,,brochure,promotional      (columns source and evidence)",
        right: "hr.new,hr,0.78,,Smith 2019,rct",
    },
    Code {
        code: "W0507",
        title: "a declaration is never used",
        explanation: "\
A group, a table or an attribute is declared, but nothing refers to it, so it has no effect on the results.
Often a reference is missing or misspelt, or the declaration is left over from an earlier version.",
        wrong: "[groups]\nsevere = [\"ill\"]      (and nothing mentions severe)",
        right: "[endpoints]\nfirst_severe = { enters = \"severe\" }",
    },
    Code {
        code: "W0508",
        title: "an effect changes faster than the cycles",
        explanation: "\
The strength of an effect at the start of a cycle is used for the whole cycle (in continuous time, the strength
in the middle of the cycle). With a cycle of one year, an `onset` of 3 months leaves the whole first year
without effect, and an effect that wanes within two cycles ends in a step. This biases the results for or against the treatment, and more so with longer cycles. Use a
cycle that is short compared with these times, or remove the gradual change.",
        wrong: "cycle = \"1 year\"      and, in an effect: onset = \"3 months\"",
        right: "cycle = \"1 month\"     and, in an effect: onset = \"3 months\"",
    },
    Code {
        code: "W0509",
        title: "rows of a life table apply to no patients",
        explanation: "\
The table has rows for a category that the attribute does not have. They are not used. Published tables
often contain more rows than needed, for example for both sexes together, and then nothing is wrong. But if
the word is a different spelling of a category, patients of that category use other rows or have none.",
        wrong: "sex = { male = \"0.5\", female = \"rest\" }      with rows male, female and total in the table",
        right: "sex = { male = \"0.5\", female = \"rest\" }      with rows male and female in the table",
    },
    Code {
        code: "W0510",
        title: "a number has a thousands separator that could be a decimal sign",
        explanation: "\
In this file the meaning is clear: in `1.064,5` only the comma can be the decimal sign, and if other cells
have decimal commas, the point in `1.064` separates thousands. But if `1.064` is copied to a file with
decimal points, it becomes 1.064. The message shows how the number was read; if this is correct, write it
without the separator.",
        wrong: "cost.stay;cost;1.064,5;EUR;tariff 2023",
        right: "cost.stay;cost;1064,5;EUR;tariff 2023",
    },
    Code {
        code: "W0511",
        title: "the weights of a correction do not add up to the number of cycles",
        explanation: "\
Weights are in cycles, so they should add up to the number of cycles, because a patient who survives to the
horizon has lived that long. With a different sum every total is too large or too small in proportion. Some
published rules differ by up to one cycle, which causes no warning.",
        wrong: "correction = { first = 0.5, repeat = [0.5], last = 0.5 }",
        right: "correction = { first = 0.5, repeat = [1], last = 0.5 }",
    },
    Code {
        code: "W0512",
        title: "a cost and its outcome are in different currencies",
        explanation: "\
The units of the outcome and of the cost have different currency codes. The amounts are added without
conversion. Convert costs from several countries to one currency and price year in the parameter table, and
explain the conversion in the note of the row.",
        wrong: "unit = \"EUR\"      and, in the table: cost.drug,cost,90,USD per month,Smith 2019",
        right: "unit = \"EUR\"      and, in the table: cost.drug,cost,81,EUR per month,Smith 2019",
    },
    Code {
        code: "W0513",
        title: "costs and utilities add to one outcome",
        explanation: "\
A reward with utilities adds to an outcome in money or with other rewards in money, or the reverse. The
total would have no meaning. Most often `outcome` of the reward is wrong. An exception is a net monetary
benefit, in which utilities are multiplied by a willingness to pay; if this is a parameter of kind cost, the
program recognises both as money.",
        wrong: "[rewards.quality_of_life]\noutcome = \"cost\"\nper_year = \"utility[state]\"",
        right: "[rewards.quality_of_life]\noutcome = \"qaly\"\nper_year = \"utility[state]\"",
    },
    Code {
        code: "W0514",
        title: "an amount leaves its plausible range",
        explanation: "\
For some patients or times a cost becomes negative, a loss becomes negative, or a utility exceeds 1. The
formula is correct for most cases but not for these: for example a discount that exceeds the price, a trend
that continues for ever, or utilities that are added instead of multiplied. A sign that is written in the
formula is accepted.",
        wrong: "per_year = \"cost.drug - 100 * time\"",
        right: "per_year = \"max(0, cost.drug - 100 * time)\"",
    },
    Code {
        code: "W0515",
        title: "a table is looked up before its first row",
        explanation: "\
A row of a table applies from its first value to the next row, and the last row has no end. Below the first
row there is no value, and the first row is used: children would have the utilities of adults, or a time
that starts at 0 would use the row of year 1. Perhaps the rows are numbered from 1 and `cycle` should be
used, or patients are younger than the table.",
        wrong: "lookup(norms, age)      with ages from 16, and a table from age 18",
        right: "lookup(norms, max(age, 18))",
    },
    Code {
        code: "W0516",
        title: "a distribution includes impossible values",
        explanation: "\
A cost below 0 or a share above 1 is impossible, so the distribution is truncated at the limit of its kind.
The mean of the draws then differs from base. Use a beta distribution for shares and utilities, gamma for
costs and lognormal for ratios; to truncate deliberately, use `truncate`.",
        wrong: "name,kind,base,unit,distribution,se,source\ncost.visit,cost,40,EUR,normal,30,Smith 2019",
        right: "name,kind,base,unit,distribution,se,source\ncost.visit,cost,40,EUR,gamma,30,Smith 2019",
    },
    Code {
        code: "W0517",
        title: "a distribution is not centred on its base value",
        explanation: "\
The base value is more than half a standard deviation away from both the mean and the median of the
distribution, so the probabilistic analysis and the base case would differ for no stated reason. Often a
number was updated in one column only. If the source really differs, write `neither` into `base_is`.",
        wrong: "name,kind,base,unit,distribution,p1,p2,source\nu.ill,utility,0.60,,beta,80,20,Smith 2019",
        right: "name,kind,base,unit,distribution,p1,p2,source\nu.ill,utility,0.80,,beta,80,20,Smith 2019",
    },
    Code {
        code: "W0518",
        title: "shares of one whole are drawn independently",
        explanation: "\
If one share of a whole is larger, the others must be smaller. Independent beta draws ignore this, and in
some draws the shares may add up to more than 1, which stops the analysis. With counts of patients, use a
Dirichlet distribution, which draws all shares jointly.",
        wrong: "share.a,proportion,0.5,beta\nshare.b,proportion,0.4,beta",
        right: "name,kind,base,distribution,events,total,group,source\nshare.a,proportion,0.5,dirichlet,50,100,mix,S\nshare.b,proportion,0.4,dirichlet,40,100,mix,S",
    },
    Code {
        code: "W0519",
        title: "some rows of a table start slightly too late for their cycle",
        explanation: "\
Each row of a table by time applies from its own time on. If the rows are meant to be the cycles but their
times were rounded (0.1667 for two months), some rows start slightly after their cycle, and the previous row
is used. Times with all digits (0.166666666666667) are matched to the cycle.",
        wrong: "time,value\n0,100\n0.0833,120\n0.1667,140",
        right: "cycle,value\n1,100\n2,120\n3,140",
    },
    Code {
        code: "W0521",
        title: "a life table implies an unusual life expectancy",
        explanation: "\
`check` calculates the life expectancy implied by every life table. No real population has this one. Often
probabilities over five or ten years were read as annual, rates were read as probabilities, or the wrong
column was used.",
        wrong: "[tables.mortality]\nfile = \"abridged.csv\"      # ages 0, 1, 5, 10, ... with the probability of each group\nby = [\"age\"]\nkind = \"annual probability\"",
        right: "[tables.mortality]\nfile = \"abridged.csv\"\nby = [\"age\"]\nkind = \"probability over the age group\"",
    },
    Code {
        code: "W0531",
        title: "probabilities out of one state are converted one by one",
        explanation: "\
Two probabilities from the same source and with the same period leave the same state, and each is converted
to a rate as if it were the only event. In a published row they already allow for competing risks: 40% and
40% would become 32% and 32%. `rate_among` converts a row jointly; [matrices] converts a whole matrix by its
logarithm or a power.",
        wrong: "[transitions.relapse]\nfrom = \"well\"\nto = \"ill\"\nrate = \"rate(p.relapse)\"\n\n[transitions.die]\nfrom = \"well\"\nto = \"dead\"\nrate = \"rate(p.die)\"",
        right: "rate = \"rate_among(p.relapse, p.relapse + p.die)\"",
    },
    Code {
        code: "W0534",
        title: "an event that leaves patients in their state blocks other transitions",
        explanation: "\
A patient has at most one transition per cycle. An event that leads to the same state counts as this
transition, so in that cycle the patient cannot have a competing one. The more frequent the event and the
longer the cycle, the more the disease is slowed down. Shorter cycles reduce this bias; a reward per year
(rate times amount) avoids it.",
        wrong: "[transitions.flare]\nfrom = \"ill\"\nto = \"same state\"\nrate = \"rate.flare\"\n\n[rewards.flare]\noutcome = \"cost\"\nonce = \"cost.flare\"\non = [\"flare\"]",
        right: "[rewards.flare]\noutcome = \"cost\"\nper_year = \"rate.flare * cost.flare\"\nin = [\"ill\"]",
    },
    Code {
        code: "W0535",
        title: "a strategy that few patients receive",
        explanation: "\
Ineligible patients receive the strategy in `otherwise`, but are counted in the results of this strategy:
its costs, QALYs and curves are means over all patients. If most patients receive the other strategy, the
results mostly describe that one, and a small difference may hide a large effect. `check` and README.txt
report how many patients are eligible for each such strategy.",
        wrong: "[strategies.surgery]\neligible = \"age_at_start < 40\"     # few of the cohort\notherwise = \"usual\"",
        right: "[population.attributes.age]\nnormal = { mean = \"age.young\", sd = 4, within = [18, 40] }",
    },
    Code {
        code: "W0536",
        title: "an amount lacks a factor that the others have",
        explanation: "\
In other states the amounts of this outcome are multiplied by the same formula of age, time or patient
attributes (for example an age adjustment of utilities), but not in this state. Most often the factor was
forgotten when a state was added, which favours or penalises strategies that lead to it.",
        wrong: "[rewards.well]\nper_year = \"utility.well * norm(...)\"\n\n[rewards.ill]\nper_year = \"utility.ill * norm(...)\"\n\n[rewards.treated]\nper_year = \"utility.treated\"",
        right: "[rewards.treated]\nper_year = \"utility.treated * norm(...)\"",
    },
    Code {
        code: "W0537",
        title: "a limit without a unit looks like months, weeks or days",
        explanation: "\
`time` and `time_in(...)` are in years, and a plain number that is compared with them is in years too. A
limit such as 12, 24 or 365 was probably meant in months or days. Write the unit (`12 months`, `12 years`)
to make it clear.",
        wrong: "rate = \"if(time_in(treated) < 12, rate.early, rate.late)\"",
        right: "rate = \"if(time_in(treated) < 12 months, rate.early, rate.late)\"",
    },
    Code {
        code: "W0538",
        title: "the names of two parameters differ only in upper and lower case",
        explanation: "\
`rate.ill` and `Rate.Ill` are two different parameters, so a formula could use the wrong one without anyone
noticing. Often a row was copied, or a spreadsheet changed the case.",
        wrong: "name,kind,base,unit,source\nrate.ill,rate,0.10,per year,Smith 2019\nRate.Ill,rate,0.12,per year,Jones 2021",
        right: "name,kind,base,unit,source\nrate.ill.men,rate,0.10,per year,Smith 2019\nrate.ill.women,rate,0.12,per year,Jones 2021",
    },
    Code {
        code: "W0539",
        title: "the costs of a table have no unit",
        explanation: "\
Without a unit, the values of a table of costs are read as costs per year in `per_year` and as one-off costs
in `once`. With `unit` they are converted and checked like parameters: \"EUR per month\" accrues over time,
\"EUR\" is a one-off cost.",
        wrong: "[tables.care]\nfile = \"care.csv\"\nby = [\"age\"]\nkind = \"cost\"",
        right: "[tables.care]\nfile = \"care.csv\"\nby = [\"age\"]\nkind = \"cost\"\nunit = \"EUR per month\"",
    },
    Code {
        code: "W0540",
        title: "a number with a unit of time is not converted",
        explanation: "\
Only rates, probabilities, costs and times are converted by their units. A number in `mg per day` is used as
written, so a formula that multiplies it by a yearly cost has to convert it.",
        wrong: "dose,number,20,mg per day,Smith 2019",
        right: "dose,number,7305,mg per year,Smith 2019",
    },
    Code {
        code: "W0541",
        title: "a subgroup has no patients",
        explanation: "\
No patient of the population meets the condition of this subgroup, so there is nothing to report for it. The
condition may contain a mistake, or a share of the population is 0.",
        wrong: "[population.attributes]\nsex = { female = \"0\", male = \"rest\" }\n\n[subgroups]\nsex = \"sex\"",
        right: "[population.attributes]\nsex = { female = \"0.5\", male = \"rest\" }\n\n[subgroups]\nsex = \"sex\"",
    },
    Code {
        code: "W0542",
        title: "an effect on users of a component that is not used",
        explanation: "\
`users_of` restricts an effect to the patients who use all of the listed components. A strategy that does not
use one of them has no such patients, so the effect never acts.",
        wrong: "[strategies.programme]\nuses = [\"exercise\"]\n\n[[strategies.programme.effects]]\non = [\"relapse\"]\nhazard_ratio = 0.9\nusers_of = [\"exercise\", \"diet\"]",
        right: "[strategies.programme]\nuses = [\"exercise\", \"diet\"]",
    },
    Code {
        code: "W0543",
        title: "a limit within a cycle in continuous time",
        explanation: "\
In continuous time a formula is evaluated once for each cycle of the clock that it reads, in the middle of the
cycle. A limit within a cycle, such as `time < 1.3` with cycles of half a year, therefore applies from the start
or the end of that cycle, and results change with the cycle length. Use limits of whole cycles, or a shorter cycle.",
        wrong: "[time]\ncycle = \"6 months\"\nmoves = \"continuous\"\n\n[rewards.drug]\nper_year = \"if(time < 1.3, cost.drug, 0)\"",
        right: "[time]\ncycle = \"6 months\"\nmoves = \"continuous\"\n\n[rewards.drug]\nper_year = \"if(time < 1.5, cost.drug, 0)\"",
    },
    Code {
        code: "W0544",
        title: "a hazard ratio on a hazard that grows without limit",
        explanation: "\
A hazard ratio multiplies the hazard at each time. If the hazard itself grows until the event is certain, as with
times that all lie between 1 and 5 years, a ratio of 0.5 only delays the event by a few months at the end: after
5 years nobody is spared, treated or not. Studies of such treatments usually report that fewer patients have the
event, or that they have it later. Write a lower share of patients who have the event (`never` in the transition,
`never_odds_ratio` in the effect), or a longer time to the event (`time_ratio`).",
        wrong: "[transitions.relapse]\nweibull = { shape = 9, scale = \"4 years\" }\n\n[[strategies.drug.effects]]\non = \"relapse\"\nhazard_ratio = \"hr.drug\"",
        right: "[transitions.relapse]\nweibull = { shape = 9, scale = \"4 years\" }\nnever = \"share.never\"\n\n[[strategies.drug.effects]]\non = \"relapse\"\nnever_odds_ratio = \"or.never\"",
    },
];
