//! E02xx: the parameter table.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0201",
        title: "the parameter table lacks a column",
        explanation: "\
A parameter table needs the columns name, kind, base, unit and source, in any order. The kind says what may be
done with a number, the unit says per what, and the source is what a reviewer asks for first. Further columns
(low, high, range_basis, distribution, group, evidence, note) may be left out.",
        wrong: "name,kind,value,source\nrate.relapse,rate,0.12,Smith 2019",
        right: "name,kind,base,unit,source\nrate.relapse,rate,0.12,per year,Smith 2019",
    },
    Code {
        code: "E0202",
        title: "two parameters have the same name",
        explanation: "\
Each name stands for one number. With two rows of the same name the model would use one of them, and the other
would look as if it were used: this is how an outdated value survives in a submitted model. To change a value
for one country, put the row into the table of an overlay that `extends` the base scenario.",
        wrong: "cost.visit,cost,80,EUR,tariff 2019\ncost.visit,cost,95,EUR,tariff 2023",
        right: "cost.visit,cost,95,EUR,tariff 2023",
    },
    Code {
        code: "E0203",
        title: "the kind of a parameter is not known",
        explanation: "\
The kind says what a number is, and so what may be done with it: a hazard ratio multiplies a rate but never a
probability; a cost is not a utility. The kinds are rate, probability, hr (hazard ratio), rr (relative risk),
or (odds ratio), mean_time, median_time, cost, utility, disutility, proportion, count, score, coefficient,
shape, duration and number.",
        wrong: "p.relapse,prob,0.2,per year,Smith 2019",
        right: "p.relapse,probability,0.2,per year,Smith 2019",
    },
    Code {
        code: "E0204",
        title: "a probability has no period",
        explanation: "\
A probability says little until it says over how long. An 80 % risk in 5 years is a rate of 0.322 a year: 27.5 %
have the event in the first year. An 80 % risk in 1 year is a rate of 1.61: after 5 years 99.97 % have had it.
Dividing 80 % by 5 to get 16 % a year is wrong as well: it gives 58 % after 5 years, not 80 %.
Write the period into `unit`: the model then converts through the rate. If the number belongs to an occasion
and not to a length of time, such as the risk of dying in an operation, its kind is `proportion`.",
        wrong: "name,kind,base,unit,source\np.relapse,probability,0.80,,Smith 2019",
        right: "name,kind,base,unit,source\np.relapse,probability,0.80,per 5 years,Smith 2019",
    },
    Code {
        code: "E0205",
        title: "a cell cannot be read as a number",
        explanation: "\
The cells base, low and high hold one number each. `27.5%`, `1 200`, `1,200.50` (with a warning, W0510) and, in a
file with decimal commas, `0,12` are all read. Not read are currencies (write them into `unit`), limits such as `<0.01`, ranges
such as `0.1-0.3` (use the columns low and high), fractions such as `12/15`, and what a broken formula leaves
behind, such as `#REF!`. Guessing what is meant would put a number into the model that nobody has checked.",
        wrong: "cost.visit,cost,EUR 80,,tariff 2023",
        right: "cost.visit,cost,80,EUR,tariff 2023",
    },
    Code {
        code: "E0206",
        title: "a value lies outside what its kind allows",
        explanation: "\
A probability or proportion lies between 0 and 1; a utility is at most 1, which is full health; rates, costs and
counts are not negative; ratios, shapes and lengths of time are above 0. A value outside is usually a percentage
without its sign (20 for 20 %), a loss with the wrong sign, or a number in the wrong row. Low and high are held
to the same limits, because one-way sensitivity analysis runs the model at both.",
        wrong: "p.relapse,probability,20,per year,Smith 2019",
        right: "p.relapse,probability,20%,per year,Smith 2019",
    },
    Code {
        code: "E0207",
        title: "low, base and high are not in order",
        explanation: "\
low is the smallest plausible value, high the largest, and the base case lies between them. When it does not,
the columns were swapped, low and high are in another unit than base, or the base value was updated and its
range was not. A sensitivity analysis on such a range says nothing about the base case.",
        wrong: "hr.new,hr,0.70,,0.80,0.95,Smith 2019      (base, unit, low, high)",
        right: "hr.new,hr,0.88,,0.80,0.95,Smith 2019",
    },
    Code {
        code: "E0208",
        title: "a parameter has no source",
        explanation: "\
Every number of a model must be defended to a reviewer, and copying errors are among the commonest faults of
submitted models. The source is printed beside the number in the report. If nobody has measured it, say so:
write `assumption` into the column evidence, and the report will list it among the assumptions.",
        wrong: "name,kind,base,unit,source,evidence\nutility.ill,utility,0.61,,,",
        right: "name,kind,base,unit,source,evidence\nutility.ill,utility,0.61,,Smith 2019 table 3,cohort",
    },
    Code {
        code: "E0209",
        title: "a unit of time is not known",
        explanation: "\
Rates and probabilities need `per` and a length of time: per year, per month, per 5 years, per 100 person-years.
Times and durations need years, months, weeks or days. A month is 1/12 of a year, a week 1/52, a day 1/365.25.
The unit decides how fast events happen: the same 0.2 is a slow disease per year and a fast one per month.",
        wrong: "rate.relapse,rate,0.2,per yr?,Smith 2019",
        right: "rate.relapse,rate,0.2,per year,Smith 2019",
    },
    Code {
        code: "E0210",
        title: "a distribution is not complete",
        explanation: "\
A distribution in probabilistic sensitivity analysis needs to know how uncertain the number is. Give low and
high with the range_basis `95CI`, and the distribution is fitted to them with its mean at base. A range
without a distribution is fine: it is used one way at a time. `fixed` says that the number has no uncertainty.",
        wrong: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,,,lognormal,Smith 2019",
        right: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,0.55,0.89,lognormal,Smith 2019",
    },
    Code {
        code: "E0211",
        title: "Excel has turned a number into a date",
        explanation: "\
Type `1-5` or `5/1` into Excel and it becomes 5 January; the number that stood there is gone from the file.
Type it again, after formatting the column as Text, or write a range into the columns low and high. Look at the
other cells of the column too: Excel changes all of them that look alike.",
        wrong: "count.visits,count,5-Jan,per year,clinic log",
        right: "count.visits,count,3,per year,clinic log      (low 1, high 5)",
    },
    Code {
        code: "E0212",
        title: "a number can be read in two ways",
        explanation: "\
`1.234` is one and a bit where the decimal sign is a point, and one thousand two hundred and thirty-four where
it is a comma. The program learns which it is from the other cells of the file. Here they disagree, or there
are none to learn from. A factor of a thousand in a cost decides a submission, so it is not guessed.
Write every number of the file in one way, best without a thousands separator.",
        wrong: "cost.stay;cost;1.234;EUR;tariff 2023\nrate.relapse;rate;0,12;per year;Smith 2019\nutility.ill;utility;0.61;;Smith 2019",
        right: "cost.stay;cost;1234;EUR;tariff 2023\nrate.relapse;rate;0,12;per year;Smith 2019\nutility.ill;utility;0,61;;Smith 2019",
    },
    Code {
        code: "E0213",
        title: "a cell that must be filled is empty",
        explanation: "\
Name, kind and base must be filled in every row. An empty cell is not a zero: a missing cost would make a strategy
look cheap, and a missing rate would make a disease look harmless. Write 0 if you mean 0. To keep a row for
later, begin its line with #.",
        wrong: "cost.visit,cost,,EUR,tariff 2023",
        right: "cost.visit,cost,80,EUR,tariff 2023",
    },
    Code {
        code: "E0214",
        title: "a parameter has a name that expressions cannot use",
        explanation: "\
Expressions refer to parameters by name, so a name must not look like something else. It begins with a letter and
consists of letters, digits and underscores; points divide it into parts, as in `cost.visit.first`. Spaces,
hyphens and brackets would be read as two names, a minus sign or a choice.",
        wrong: "cost-of visit,cost,80,EUR,tariff 2023",
        right: "cost.of_visit,cost,80,EUR,tariff 2023",
    },
    Code {
        code: "E0215",
        title: "an evidence grade is not known",
        explanation: "\
The grades are rct, cohort, registry, case_series, animal, in_vitro, expert, assumption and promotional. They say how far
a number can be believed, and are written beside it. Numbers of animal, laboratory or promotional evidence are
listed whenever the scenario is read (W0505); a misspelt grade would keep one of them off that list.",
        wrong: "hr.new,hr,0.78,,Smith 2019,randomized      (columns source and evidence)",
        right: "hr.new,hr,0.78,,Smith 2019,rct",
    },
    Code {
        code: "E0216",
        title: "a distribution is not known",
        explanation: "\
The distributions are beta (shares and utilities), gamma (costs and counts), lognormal (rates and ratios), normal,
uniform, triangular, dirichlet and fixed. The choice should fit the kind of number: a normal distribution on
a probability gives draws below 0 and above 1.",
        wrong: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,0.55,0.89,log-norm,Smith 2019",
        right: "name,kind,base,unit,low,high,distribution,source\nhr.new,hr,0.70,,0.55,0.89,lognormal,Smith 2019",
    },
    Code {
        code: "E0217",
        title: "a range has only one end",
        explanation: "\
low and high belong together. With only one of them, one-way sensitivity analysis would show half a bar, which
reads as if the number could err in one direction only, and no distribution can be fitted. Fill in the other end, or
leave both empty.",
        wrong: "name,kind,base,unit,low,high,source\nhr.new,hr,0.70,,0.55,,Smith 2019",
        right: "name,kind,base,unit,low,high,source\nhr.new,hr,0.70,,0.55,0.89,Smith 2019",
    },
    Code {
        code: "E0218",
        title: "a rate or time has no unit of time",
        explanation: "\
A rate is events per time at risk, and a time is a number of years, months, weeks or days. Without the unit, 0.2 may be
0.2 a year or 2.4 a year, a twelvefold difference in how fast patients move through the model. Write the
unit as the paper gives it; it is converted, and the conversion is shown.",
        wrong: "rate.relapse,rate,0.2,,Smith 2019",
        right: "rate.relapse,rate,0.2,per month,Smith 2019",
    },
    Code {
        code: "E0219",
        title: "a probability per occasion is a proportion",
        explanation: "\
A probability in this program always belongs to a length of time, because that is what makes it convertible into a
rate. A risk that belongs to an occasion, such as dying in an operation, has no such period: it happens or
does not happen when the occasion comes. Its kind is `proportion`.",
        wrong: "p.death_in_surgery,probability,0.004,per procedure,registry 2021",
        right: "p.death_in_surgery,proportion,0.004,per procedure,registry 2021",
    },
    Code {
        code: "E0220",
        title: "a distribution cannot be drawn from",
        explanation: "\
The uncertainty of a parameter is given in one way: by the distribution's own parameters (p1, p2, p3), by a standard error (se), by counts (events,
total), or by low and high as a 95 % interval. A lognormal around base says whether base is its median or its mean (base_is), unless the
interval shows that base is its middle. Shares of one whole are a dirichlet with the count of every share; the range of values that studies
saw is no interval of an estimate. `truncate` cuts draws to a range such as 0..1.",
        wrong: "name,kind,base,unit,distribution,se,base_is,source\nhr.new,hr,0.70,,lognormal,0.09,,Smith 2019",
        right: "name,kind,base,unit,distribution,se,base_is,source\nhr.new,hr,0.70,,lognormal,0.09,median,Smith 2019",
    },
    Code {
        code: "E0221",
        title: "a column is not known",
        explanation: "\
A parameter table has the columns that the program knows, and columns of your own whose names begin with `note`. Any other column is an
error, because cells that are skipped would let you believe that they took effect.",
        wrong: "name,kind,base,unit,lwo,high,source",
        right: "name,kind,base,unit,low,high,source,note_checked_by",
    },
    Code {
        code: "E0222",
        title: "a percent sign on something that is no share",
        explanation: "\
Probabilities, proportions, rates and utilities can be written in percent: 5% is 0.05. A cost, a time or a ratio cannot, because 5 % of what is not
said: `--set cost.visit=5%` would make the visit cost 0.05, and not 5 % less.",
        wrong: "hr.new,hr,95%,,Smith 2019",
        right: "hr.new,hr,0.95,,Smith 2019",
    },
    Code {
        code: "E0223",
        title: "a unit of time that is not converted",
        explanation: "\
Rates, probabilities, costs and times are converted by their units. Numbers of other kinds are used as they stand, while everything around them is
in years: a coefficient per month that multiplies `time`, a number of months that `time` is compared with, or a loss of quality of life per month
would be off by a factor of 12.",
        wrong: "settle.after,number,18,months,Smith 2019",
        right: "settle.after,duration,18,months,Smith 2019",
    },
    Code {
        code: "E0224",
        title: "a unit of thousands or millions",
        explanation: "\
The unit of a cost names its currency, the year of its prices, and the period over which it accrues. Numbers are used as they are written: in
thousands of euros they would count as euros. `2019 EUR` is a year of prices, and is read as one.",
        wrong: "cost.stay,cost,4.2,kEUR,,,Smith 2019",
        right: "cost.stay,cost,4200,EUR,,,Smith 2019",
    },
];
