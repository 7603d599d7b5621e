//! Codes E03xx: expressions.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0301",
        title: "a formula cannot be read",
        explanation: "\
A formula consists of names and numbers with + - * / and brackets, comparisons, `and`, `or`, `not`, `in`,
functions such as `if(condition, then, else)`, and choices by category in square brackets. Here something is
missing or in the wrong place, most often a closing bracket or a multiplication sign.",
        wrong: "rate = \"severity rate.relapse\"",
        right: "rate = \"severity * rate.relapse\"",
    },
    Code {
        code: "E0302",
        title: "a name in a formula is unknown",
        explanation: "\
Every name in a formula is a parameter of the table, an attribute of the patient, a clock such as `time` or
`age`, or the constant `cycle_length`. This name is none of these, usually because of a misspelling or
because a row was renamed in Excel. An unknown name is never read as 0, because that would silently remove a
cost or a risk.",
        wrong: "rate = \"rate.relapes\"",
        right: "rate = \"rate.relapse\"",
    },
    Code {
        code: "E0303",
        title: "formulas refer to each other in a circle",
        explanation: "\
A formula of `[define]` may use other formulas of `[define]`, but not itself, directly or through others.
`parameters` of a strategy replaces rows of the parameter table for that strategy. The formula of a
replaced row may use other rows, including replaced ones, but not in a cycle, because then no value can be
calculated first. Change one of the formulas.",
        wrong: "[strategies.new.parameters]\n\"rate.relapse\" = \"2 * rate.late\"\n\"rate.late\"    = \"rate.relapse / 2\"",
        right: "[strategies.new.parameters]\n\"rate.relapse\" = \"2 * rate.late\"\n\"rate.late\"    = \"0.5 * rate.early\"",
    },
    Code {
        code: "E0304",
        title: "a hazard ratio is applied to a probability",
        explanation: "\
A hazard ratio multiplies a hazard. Multiplying a probability by it overstates the effect, especially for
large risks: halving the hazard of an event with a risk of 80% gives a risk of 55%, not 40%. With a ratio
above 1 the product can exceed 1. Convert the probability to a rate with `rate(probability)`, which uses the
period of the parameter table, multiply by the ratio, and convert back with `prob(...)` if a probability is
needed. If the source reports a relative risk, use the kind `rr`; it applies to the period for which it was
reported, and in an effect it is a `relative_risk`.",
        wrong: "probability = \"p.relapse * hr.new\"",
        right: "rate = \"rate(p.relapse) * hr.new\"",
    },
    Code {
        code: "E0305",
        title: "numbers of these kinds cannot be combined",
        explanation: "\
Kinds prevent meaningless results: a cost plus a utility, a rate plus a probability, or a utility used as a
cost. Check that the right parameter is used. Convert between rates and probabilities with `prob(rate)` and
`rate(probability)`. A cost per month or year accrues over time and is not a one-off cost.",
        wrong: "utility = \"utility.ill - cost.visit\"",
        right: "utility = \"utility.ill - disutility.visit\"",
    },
    Code {
        code: "E0306",
        title: "a function has the wrong number of arguments",
        explanation: "\
Each function has a fixed number of arguments, separated by commas: `if` has a condition and two values,
`min` and `max` have two or more. A decimal comma in a formula also adds an argument: formulas always use
the decimal point.",
        wrong: "rate = \"if(time < 5, rate.early)\"",
        right: "rate = \"if(time < 5, rate.early, rate.late)\"",
    },
    Code {
        code: "E0307",
        title: "a category of an attribute is unknown",
        explanation: "\
The categories of an attribute such as sex or severity are defined in [population.attributes]. A comparison
with any other word would never be true, and a choice by category needs a parameter for each category.
Either the word is misspelt, or the parameter of one category is missing.",
        wrong: "rate = \"if(sex == man, rate.a, rate.b)\"",
        right: "rate = \"if(sex == male, rate.a, rate.b)\"",
    },
    Code {
        code: "E0308",
        title: "a state in a formula is unknown",
        explanation: "\
`state == ...` and `time_in(...)` need a state or a group of states of the scenario. With an unknown name
the condition would be false for all patients, so that an effect or a cost would never apply.",
        wrong: "utility = \"if(time_in(il) < 1, utility.first_year, utility.ill)\"",
        right: "utility = \"if(time_in(ill) < 1, utility.first_year, utility.ill)\"",
    },
    Code {
        code: "E0309",
        title: "text is used as a number",
        explanation: "\
A category has no numerical value, even if its name looks like a number: stage 3 is not three times stage 1.
To let a number depend on a category, define one parameter for each category and choose among them in square
brackets.",
        wrong: "rate = \"severity * 0.1\"            (severity is low or high)",
        right: "rate = \"rate.relapse[severity]\"    (rows rate.relapse.low and rate.relapse.high)",
    },
    Code {
        code: "E0310",
        title: "a function is unknown",
        explanation: "\
Formulas can use the functions of the documentation, such as exp, ln, min, max, if, prob and rate. Other
functions of Excel or R are not available: for example, LOG means base 10 in Excel and base e in R, so a
guess could change the result.",
        wrong: "rate = \"log(2) / median.survival\"",
        right: "rate = \"ln(2) / median.survival\"",
    },
    Code {
        code: "E0311",
        title: "a condition is expected",
        explanation: "\
`if`, `and`, `or`, `not` and `eligible` need a condition that is true or false, such as `age < 65` or `state
in early`. A number is neither. Excel reads every number except 0 as true, which would make all patients
eligible.",
        wrong: "eligible = \"age\"",
        right: "eligible = \"age < 65\"",
    },
    Code {
        code: "E0312",
        title: "a clock or attribute cannot be used here",
        explanation: "\
Some values are calculated once, before the simulation starts: shares at the start cannot depend on `time`, an
attribute cannot depend on one that is drawn later, and a parameter of a strategy has one value for all
patients. Use only what is available there, or move the formula to a transition, an effect or a reward.",
        wrong: "[population.start]\nill = \"0.1 * time\"",
        right: "[population.start]\nill = \"share.start.ill\"",
    },
    Code {
        code: "E0313",
        title: "the value of a formula is impossible",
        explanation: "\
With the values of this scenario the formula has a value that is not allowed: a negative rate, a
probability above 1, a share below 0, or no number at all, for example after a division by zero. The message
says where and when. Results are not limited to the allowed range, because that would hide the error and
bias the model.",
        wrong: "rate = \"rate.relapse - rate.recovery\"     (0.1 - 0.3)",
        right: "two transitions, one with rate.relapse and one with rate.recovery",
    },
    Code {
        code: "E0314",
        title: "a probability has a different period from the cycle",
        explanation: "\
The probability of a transition applies to one cycle. A probability over a different period cannot be used
directly, nor divided by the number of cycles: 80% in 5 years is 14.9% per half-year, not 8%. Convert it to
a rate with `rate(...)`. If patients can return to the state, the probabilities of all states belong together:
[matrices.m] with period = \"5 years\", and [matrices.m.rows] with a line such as
well = { ill = \"p.well.ill\", dead = \"p.well.dead\" } for each state; then write
rate = \"matrix_rate(m, well, ill)\".",
        wrong: "cycle = \"6 months\"\nprobability = \"p.relapse\"            (per 5 years)",
        right: "cycle = \"6 months\"\nrate = \"rate(p.relapse)\"",
    },
    Code {
        code: "E0315",
        title: "a formula is too long or nested too deeply",
        explanation: "\
A formula can have at most 10,000 characters, 1,000 parts and 100 nested brackets. Longer formulas cannot be
reviewed. Choose parameters by category in square brackets instead of nested `if`s, or split the transition.",
        wrong: "rate = \"if(severity == a, rate.a, if(severity == b, rate.b, if(... 100 times ...)))\"",
        right: "rate = \"rate.relapse[severity]\"",
    },
    Code {
        code: "E0316",
        title: "a probability is used as a rate",
        explanation: "\
A probability applies to a period, and patients with the event are no longer at risk: 80% in 5 years is a
rate of 0.322 per year, not 0.8 and not 0.16. Dividing a probability by its years is one of the most common
errors in published models. `rate(p)` converts it with the period of the parameter table; `rate(0.8, 5
years)` converts a number with a stated period.",
        wrong: "rate = \"p.relapse / 5\"",
        right: "rate = \"rate(p.relapse)\"",
    },
    Code {
        code: "E0317",
        title: "a rate is used as a probability",
        explanation: "\
A rate is a number of events per year at risk and can exceed 1; a probability applies to one cycle and
cannot. With short cycles the two are similar, which hides the error until the cycle length is changed.
`prob(rate)` gives the probability of at least one event in a cycle. Most often it is simpler to give the
transition a `rate`.",
        wrong: "probability = \"rate.relapse\"",
        right: "probability = \"prob(rate.relapse)\"",
    },
    Code {
        code: "E0318",
        title: "a relative risk or odds ratio is used like a hazard ratio",
        explanation: "\
A hazard ratio multiplies a rate. A relative risk multiplies the probability over the period for which it
was reported. An odds ratio multiplies the odds p / (1 - p). For rare events they are similar; at a risk of
50% a relative risk of 0.5 corresponds to a hazard ratio of 0.42, and an odds ratio of 0.5 to one of 0.58.
An effect can use `relative_risk` on transitions with a stated probability. `rate(p * rr)` and
`rate(odds_ratio(p, or))` convert both to a rate, with the risk at which they were observed.",
        wrong: "rate = \"rate.relapse * rr.new\"",
        right: "rate = \"rate(p.relapse * rr.new)\"",
    },
    Code {
        code: "E0319",
        title: "a name in a formula has two meanings",
        explanation: "\
A parameter has the same name as an attribute or a word of the formula language, such as `time`, `age` or
`state`. The result depends on which of the two is used. Give the parameter a longer name, for example
`age.mean`.",
        wrong: "time,duration,2,years            (in the parameter table)",
        right: "time.to_surgery,duration,2,years",
    },
];
