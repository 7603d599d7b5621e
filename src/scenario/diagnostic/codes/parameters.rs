//! Codes E02xx: the parameter table.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0201",
        title: "the parameter table lacks a column",
        explanation: "\
A parameter table needs the columns name, kind, base, unit and source, in any order. The kind determines how
formulas may use a number, the unit gives its period or currency, and the source is needed for review.
Further columns (low, high, range_basis, distribution, group, evidence, note) are optional.",
        wrong: "name,kind,value,source\nrate.relapse,rate,0.12,Smith 2019",
        right: "name,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0202",
        title: "two parameters have the same name",
        explanation: "\
Each name must refer to one number. If two rows have the same name, only one of them can be used, and an
outdated value may go unnoticed. To change a value for one country, put the row into the parameter table of
an overlay that `extends` the base scenario.",
        wrong: "cost.visit,cost,80,EUR,tariff 2019\ncost.visit,cost,95,EUR,tariff 2023",
        right: "cost.visit,cost,95,EUR,tariff 2023",
    },
    Code {
        code: "E0203",
        title: "the kind of a parameter is unknown",
        explanation: "\
The kind determines how formulas may use a number: a hazard ratio multiplies a rate but never a probability,
and a cost is not a utility. The kinds are rate, probability, hr (hazard ratio), rr (relative risk), or
(odds ratio), mean_time, median_time, cost, utility, disutility, proportion, count, score, coefficient,
shape, duration and number.",
        wrong: "p.relapse,prob,0.2,per year,Smith 2019",
        right: "p.relapse,probability,0.2,per year,Smith 2019",
    },
    Code {
        code: "E0204",
        title: "a probability has no period",
        explanation: "\
A probability has no meaning without its period. A risk of 80% in 5 years is a rate of 0.322 per year: 27.5%
have the event in the first year. A risk of 80% in 1 year is a rate of 1.61: 99.97% have the event within 5
years. Dividing 80% by 5 does not help: 16% per year is 58% after 5 years, not 80%. Write the period into
`unit`, and the model converts the probability to a rate. For a risk per occasion, such as the risk of death
in an operation, use the kind `proportion`.",
        wrong: "name,kind,base,unit,source\np.relapse,probability,0.80,,Smith 2019",
        right: "name,kind,base,unit,source\np.relapse,probability,0.80,per 5 years,Smith 2019",
    },
    Code {
        code: "E0205",
        title: "a cell cannot be read as a number",
        explanation: "\
The cells base, low and high each contain one number. `27.5%`, `1 200`, `1,200.50` (with warning W0510) and,
in a file with decimal commas, `0,12` can be read. Currencies (write them into `unit`), limits such as
`<0.01`, ranges such as `0.1-0.3` (use low and high), fractions such as `12/15`, and error values such as
`#REF!` cannot. They are not guessed, because that would put an unchecked number into the model.",
        wrong: "cost.visit,cost,EUR 80,,tariff 2023",
        right: "cost.visit,cost,80,EUR,tariff 2023",
    },
    Code {
        code: "E0206",
        title: "a value is outside the limits of its kind",
        explanation: "\
A probability or proportion is between 0 and 1; a utility is at most 1 (full health); rates, costs and
counts are not negative; ratios, shapes and lengths of time are above 0. A value outside these limits is
usually a percentage without its sign (20 for 20%), a loss with the wrong sign, or a number in the wrong
row. The limits also apply to low and high, because sensitivity analysis runs the model at both.",
        wrong: "p.relapse,probability,20,per year,Smith 2019",
        right: "p.relapse,probability,20%,per year,Smith 2019",
    },
    Code {
        code: "E0207",
        title: "low, base and high are not in order",
        explanation: "\
low is the smallest plausible value, high the largest, and the base value must lie between them. Otherwise
low and high were swapped, they are in a different unit from base, or base was updated without its range. A
sensitivity analysis on such a range would not include the base case.",
        wrong: "hr.new,hr,0.70,,0.80,0.95,Smith 2019      (base, unit, low, high)",
        right: "hr.new,hr,0.88,,0.80,0.95,Smith 2019",
    },
    Code {
        code: "E0208",
        title: "a parameter has no source",
        explanation: "\
Every number of a model must be justified, and copying errors are among the most common errors in submitted
models. The report prints the source next to the number. If there is no source, write `assumption` into the
column evidence, and the report lists the number among the assumptions.",
        wrong: "name,kind,base,unit,source,evidence\nutility.ill,utility,0.61,,,",
        right: "name,kind,base,unit,source,evidence\nutility.ill,utility,0.61,,Smith 2019 table 3,cohort",
    },
    Code {
        code: "E0209",
        title: "a unit of time is not recognised",
        explanation: "\
Rates and probabilities need `per` and a length of time: per year, per month, per 5 years, per 100
person-years. Times and durations need years, months, weeks or days. A month is 1/12 of a year, a week 1/52,
a day 1/365.25. The unit determines how fast events happen: 0.2 per month is twelve times as fast as 0.2 per
year.",
        wrong: "rate.relapse,rate,0.2,per yr?,Smith 2019",
        right: "rate.relapse,rate,0.2,per year,Smith 2019",
    },
    Code {
        code: "E0210",
        title: "a distribution is incomplete",
        explanation: "\
Probabilistic sensitivity analysis needs a measure of the uncertainty of each parameter with a distribution.
Give low and high with the range_basis `95CI`, a standard error, or counts. A range without a distribution
is used in one-way sensitivity analysis only. `fixed` means that the number has no uncertainty.",
        wrong: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,,,lognormal,Smith 2019",
        right: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,0.55,0.89,lognormal,Smith 2019",
    },
    Code {
        code: "E0211",
        title: "Excel has changed a number to a date",
        explanation: "\
If you type `1-5` or `5/1` into Excel, it becomes 5 January, and the original entry is lost. Format the
column as Text and type the entry again, or write a range into the columns low and high. Check the other
cells of the column too, because Excel changes all similar entries.",
        wrong: "count.visits,count,5-Jan,per year,clinic log",
        right: "count.visits,count,3,per year,clinic log      (low 1, high 5)",
    },
    Code {
        code: "E0212",
        title: "a number is ambiguous",
        explanation: "\
`1.234` is slightly more than one with a decimal point, and one thousand two hundred and thirty-four with a
decimal comma. The decimal sign is determined from the other cells of the file, but here they disagree, or
none of them shows it. An error by a factor of 1,000 would be too serious for a guess. Use the same decimal
sign in the whole file, preferably without thousands separators.",
        wrong: "cost.stay;cost;1.234;EUR;tariff 2023\nrate.relapse;rate;0,12;per year;Smith 2019\nutility.ill;utility;0.61;;Smith 2019",
        right: "cost.stay;cost;1234;EUR;tariff 2023\nrate.relapse;rate;0,12;per year;Smith 2019\nutility.ill;utility;0,61;;Smith 2019",
    },
    Code {
        code: "E0213",
        title: "a required cell is empty",
        explanation: "\
Name, kind and base are required in every row. An empty cell is not read as 0: a missing cost would make a
strategy look cheap, and a missing rate would make a disease look harmless. Write 0 if 0 is meant. To ignore
a row, start its line with #.",
        wrong: "cost.visit,cost,,EUR,tariff 2023",
        right: "cost.visit,cost,80,EUR,tariff 2023",
    },
    Code {
        code: "E0214",
        title: "a parameter has a name that formulas cannot use",
        explanation: "\
Formulas refer to parameters by name. A name must start with a letter and consist of letters, digits and
underscores; points divide it into parts, as in `cost.visit.first`. Spaces, hyphens and brackets would be
read as two names, a minus sign or a choice.",
        wrong: "cost-of visit,cost,80,EUR,tariff 2023",
        right: "cost.of_visit,cost,80,EUR,tariff 2023",
    },
    Code {
        code: "E0215",
        title: "an evidence grade is unknown",
        explanation: "\
The grades are rct, cohort, registry, case_series, animal, in_vitro, expert, assumption and promotional.
Reports show the grade with each number, and list numbers with animal, laboratory or promotional evidence
(W0505). A misspelt grade would remove a number from this list.",
        wrong: "hr.new,hr,0.78,,Smith 2019,randomized      (columns source and evidence)",
        right: "hr.new,hr,0.78,,Smith 2019,rct",
    },
    Code {
        code: "E0216",
        title: "a distribution is unknown",
        explanation: "\
The distributions are beta (shares and utilities), gamma (costs and counts), lognormal (rates and ratios),
normal, uniform, triangular, pert, dirichlet and fixed. The distribution should suit the parameter: a normal
distribution for a probability gives draws below 0 and above 1.",
        wrong: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,0.55,0.89,log-norm,Smith 2019",
        right: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,0.55,0.89,lognormal,Smith 2019",
    },
    Code {
        code: "E0217",
        title: "a range has only one end",
        explanation: "\
low and high are needed together. With only one of them a tornado diagram would show half a bar, as if the
value were uncertain in one direction only, and no distribution could be fitted. Fill in the other end, or
leave both empty.",
        wrong: "name,kind,base,unit,low,high,source\nhr.new,hr,0.70,,0.55,,Smith 2019",
        right: "name,kind,base,unit,low,high,source\nhr.new,hr,0.70,,0.55,0.89,Smith 2019",
    },
    Code {
        code: "E0218",
        title: "a rate or time has no unit of time",
        explanation: "\
A rate is a number of events per time at risk, and a time is a number of years, months, weeks or days. Without the unit,
0.2 may be 0.2 or 2.4 per year. Write the unit of the source; the number is converted, and the conversion is shown.",
        wrong: "rate.relapse,rate,0.2,,Smith 2019",
        right: "rate.relapse,rate,0.2,per month,Smith 2019",
    },
    Code {
        code: "E0219",
        title: "a probability per event is a proportion",
        explanation: "\
The kind `probability` always has a period, because only then it can be converted to a rate. A risk per event, such as the
risk of death in an operation, has no period. Use the kind `proportion`.",
        wrong: "p.death_in_surgery,probability,0.004,per procedure,registry 2021",
        right: "p.death_in_surgery,proportion,0.004,per procedure,registry 2021",
    },
    Code {
        code: "E0220",
        title: "a distribution cannot be used",
        explanation: "\
The uncertainty of a parameter is given in one way: by the parameters of its distribution (p1, p2, p3), a
standard error (se), counts (events, total), or low and high as a 95% interval. For a lognormal around base,
base_is states whether base is its median or its mean, unless the interval shows that base is the median.
Shares of one whole need a dirichlet with the count of every share. The smallest and largest published value
(range) are not an interval of an estimate. `truncate` limits draws to a range such as 0..1.",
        wrong: "name,kind,base,unit,distribution,se,base_is,source\nhr.new,hr,0.70,,lognormal,0.09,,Smith 2019",
        right: "name,kind,base,unit,distribution,se,base_is,source\nhr.new,hr,0.70,,lognormal,0.09,median,Smith 2019",
    },
    Code {
        code: "E0221",
        title: "a column is unknown",
        explanation: "\
A parameter table has fixed column names, and additional columns of your own whose names start with `note`.
Any other column is an error, because a misspelt column would otherwise be ignored without notice.",
        wrong: "name,kind,base,unit,lwo,high,source",
        right: "name,kind,base,unit,low,high,source,note_checked_by",
    },
    Code {
        code: "E0222",
        title: "a percent sign on a number that is not a share",
        explanation: "\
Probabilities, proportions, rates and utilities can be written as percentages: 5% is 0.05. A cost, a time or
a ratio cannot: `--set cost.visit=5%` would set the cost to 0.05, not reduce it by 5%.",
        wrong: "hr.new,hr,95%,,Smith 2019",
        right: "hr.new,hr,0.95,,Smith 2019",
    },
    Code {
        code: "E0223",
        title: "a unit of time is not converted",
        explanation: "\
Rates, probabilities, costs and times are converted by their units. Numbers of other kinds are used without
conversion, although clocks, rates and amounts are in years. A coefficient per month that multiplies `time`,
a number of months that is compared with `time`, or a loss of quality of life per month would be wrong by a
factor of 12.",
        wrong: "settle.after,number,18,months,Smith 2019",
        right: "settle.after,duration,18,months,Smith 2019",
    },
    Code {
        code: "E0224",
        title: "a unit of thousands or millions",
        explanation: "\
The unit of a cost gives its currency, its price year, and the period over which it accrues. Numbers are
used as written, so thousands of euros would be read as euros. `2019 EUR` is read as a price year.",
        wrong: "cost.stay,cost,4.2,kEUR,,,Smith 2019",
        right: "cost.stay,cost,4200,EUR,,,Smith 2019",
    },
];
