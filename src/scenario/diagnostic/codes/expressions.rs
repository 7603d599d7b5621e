//! E03xx: expressions.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "E0301",
        title: "an expression cannot be understood",
        explanation: "\
An expression is arithmetic over names: + - * / and brackets, comparisons, `and`, `or`, `not`, `in`, functions
such as `if(condition, then, else)`, and a choice by category in square brackets. Here something is missing or stands
where it cannot stand; most often it is a bracket that was not closed or a multiplication sign left out.",
        wrong: "rate = \"severity rate.relapse\"",
        right: "rate = \"severity * rate.relapse\"",
    },
    Code {
        code: "E0302",
        title: "a name in an expression is not known",
        explanation: "\
Every name in an expression is a parameter of the table, an attribute of the patient, a clock such as `time` or `age`,
or the constant `cycle_length`. This one is none of them. It is usually a spelling mistake or a row that was renamed in
Excel. The program never takes an unknown name for zero: that would switch off a cost or a risk in silence.",
        wrong: "rate = \"rate.relapes\"",
        right: "rate = \"rate.relapse\"",
    },
    Code {
        code: "E0303",
        title: "parameters of a strategy refer to each other in a circle",
        explanation: "\
`parameters` of a strategy says what stands in for a row of the table under it. That expression may read other rows,
also those that are replaced themselves, but each must be computable from what is known before it. In a circle
none comes first. Excel has the same rule, but lets you switch it off by iterating; a model that needs this has no single
answer. Take one of the parameters out of the circle.",
        wrong: "[strategies.new.parameters]\n\"rate.relapse\" = \"2 * rate.late\"\n\"rate.late\"    = \"rate.relapse / 2\"",
        right: "[strategies.new.parameters]\n\"rate.relapse\" = \"2 * rate.late\"\n\"rate.late\"    = \"0.5 * rate.early\"",
    },
    Code {
        code: "E0304",
        title: "a hazard ratio is applied to a probability",
        explanation: "\
A hazard ratio multiplies a hazard. Multiplying a probability by it overstates the effect, and the more so the
larger the risk: halving the hazard of an event with an 80 % risk leaves a risk of 55 %, not 40 %. With a ratio
above 1 the product can even exceed 1. Turn the probability into a rate by
`rate(probability)`, which takes the period from the parameter table, apply the ratio, and turn the result back by `prob(...)` if a probability is needed. If the paper reports a relative risk,
its kind is `rr`, and it belongs to the period for which it was reported; in an effect it is a `relative_risk`.",
        wrong: "probability = \"p.relapse * hr.new\"",
        right: "rate = \"rate(p.relapse) * hr.new\"",
    },
    Code {
        code: "E0305",
        title: "numbers of these kinds do not go together",
        explanation: "\
Kinds keep a model honest: a cost plus a utility, a rate plus a probability, or a utility used as a cost has no
meaning, though the arithmetic would work. Check that the right parameter is named. Between rates and
probabilities there are two bridges: `prob(rate)` and `rate(probability)`. A cost per month or year is spent over time, and does not fall once.",
        wrong: "utility = \"utility.ill - cost.visit\"",
        right: "utility = \"utility.ill - disutility.visit\"",
    },
    Code {
        code: "E0306",
        title: "a function has the wrong number of arguments",
        explanation: "\
Each function takes a fixed number of arguments, divided by commas: `if` takes a condition and two values, `min` and
`max` take two or more. A decimal comma inside an expression also adds an argument: expressions use the
decimal point whatever the language of your Excel.",
        wrong: "rate = \"if(time < 5, rate.early)\"",
        right: "rate = \"if(time < 5, rate.early, rate.late)\"",
    },
    Code {
        code: "E0307",
        title: "a category of an attribute is not known",
        explanation: "\
An attribute such as sex or severity has the categories that [population.attributes] gives it. A comparison with
another word would never be true, and a choice by category needs one number for each of them. Either the word is
misspelt, or a parameter row for one category is missing.",
        wrong: "rate = \"if(sex == man, rate.a, rate.b)\"",
        right: "rate = \"if(sex == male, rate.a, rate.b)\"",
    },
    Code {
        code: "E0308",
        title: "a state in an expression is not known",
        explanation: "\
`state == ...` and `time_in(...)` name a state or a group of states that the scenario declares. A name that is not
declared would make the condition false for everyone, so that an effect or a cost would quietly never apply.",
        wrong: "utility = \"if(time_in(il) < 1, utility.first_year, utility.ill)\"",
        right: "utility = \"if(time_in(ill) < 1, utility.first_year, utility.ill)\"",
    },
    Code {
        code: "E0309",
        title: "text stands where a number is meant",
        explanation: "\
A category is a word, not a number, even if it looks like one: stages 1, 2 and 3 are not 1, 2 and 3 times as much of
anything. To let a number depend on a category, give one parameter for each category and choose in square
brackets.",
        wrong: "rate = \"severity * 0.1\"            (severity is low or high)",
        right: "rate = \"rate.relapse[severity]\"    (rows rate.relapse.low and rate.relapse.high)",
    },
    Code {
        code: "E0310",
        title: "a function is not known",
        explanation: "\
Expressions know the functions that the documentation lists, such as exp, ln, min, max, if, prob and rate. Functions of Excel
or R are not among them unless they are listed: LOG means base 10 in Excel and base e in R, and guessing which
is meant would change the result.",
        wrong: "rate = \"log(2) / median.survival\"",
        right: "rate = \"ln(2) / median.survival\"",
    },
    Code {
        code: "E0311",
        title: "a condition is meant here",
        explanation: "\
`if`, `and`, `or`, `not` and `eligible` ask a question that is true or false, such as `age < 65` or `state in early`. A
number is neither. Excel takes every number but 0 for true; a misplaced parameter would then make everyone
eligible.",
        wrong: "eligible = \"age\"",
        right: "eligible = \"age < 65\"",
    },
    Code {
        code: "E0312",
        title: "a clock or attribute cannot be read here",
        explanation: "\
Some places are computed before a patient exists or before time runs: shares at the start know no `time`, an attribute
cannot depend on one that is drawn after it, and what stands in for a parameter under a strategy is one value for all
patients. Use what is known at that place, or move the expression to a transition, an effect or a reward, where it
can be read.",
        wrong: "[population.start]\nill = \"0.1 * time\"",
        right: "[population.start]\nill = \"share.start.ill\"",
    },
    Code {
        code: "E0313",
        title: "an expression gives an impossible value",
        explanation: "\
With the values of this scenario the expression gives something that its place does not allow: a negative rate, a
probability above 1, a share below 0, or no number at all, as after a division by zero. The message says where and when
it happened. Results are never clipped to the allowed range: that would hide the mistake and bias the model.",
        wrong: "rate = \"rate.relapse - rate.recovery\"     (0.1 - 0.3)",
        right: "two transitions, one with rate.relapse and one with rate.recovery",
    },
    Code {
        code: "E0314",
        title: "a probability belongs to another period than the cycle",
        explanation: "\
A transition given as a probability holds for one cycle. A probability over another period must not be put there as it
stands, nor divided by the number of cycles: 80 % in 5 years is not 8 % each half-year but 14.9 %. Turn it into a
rate by name, and the model does the rest.",
        wrong: "cycle = \"6 months\"\nprobability = \"p.relapse\"            (per 5 years)",
        right: "cycle = \"6 months\"\nrate = \"rate(p.relapse)\"",
    },
    Code {
        code: "E0315",
        title: "an expression is too long or nested too deeply",
        explanation: "\
An expression may have 10,000 characters, 1,000 parts and brackets nested 100 deep. Nobody can check a formula near these
limits, least of all a reviewer. Choose parameters by category in square brackets instead of nested `if`s, or split
the transition.",
        wrong: "rate = \"if(severity == a, rate.a, if(severity == b, rate.b, if(... 100 times ...)))\"",
        right: "rate = \"rate.relapse[severity]\"",
    },
    Code {
        code: "E0316",
        title: "a probability is used as a rate",
        explanation: "\
A probability belongs to a period, and those who have had the event are no longer at risk: 80 % in 5 years is a rate
of 0.322 a year, not 0.8 and not 0.16. Dividing a probability by its years is the most common error in published
models. `rate(p)` converts it with the period that the parameter table gives; `rate(0.8, 5 years)` converts a number
whose period is stated in place.",
        wrong: "rate = \"p.relapse / 5\"",
        right: "rate = \"rate(p.relapse)\"",
    },
    Code {
        code: "E0317",
        title: "a rate is used as a probability",
        explanation: "\
A rate counts events per year at risk and can exceed 1; a probability holds for one cycle and cannot. Over a short cycle
the two are close, which hides the mistake until the cycle is changed. `prob(rate)` gives the probability of at
least one event in a cycle. Often it is simpler to give the transition a `rate`.",
        wrong: "probability = \"rate.relapse\"",
        right: "probability = \"prob(rate.relapse)\"",
    },
    Code {
        code: "E0318",
        title: "a relative risk or odds ratio is used like a hazard ratio",
        explanation: "\
Three ratios look alike and act on different things. A hazard ratio multiplies a rate. A relative risk multiplies the
probability over the period for which it was reported. An odds ratio multiplies the odds p / (1 - p). For rare events
they agree; at a risk of 50 % a relative risk of 0.5 is a hazard ratio of 0.42, and an odds ratio of 0.5 is one of
0.58. An effect may have a `relative_risk` on transitions whose probability holds as stated. `rate(p * rr)` and `rate(odds_ratio(p, or))` take either to a rate by way of the risk at which it was observed.",
        wrong: "rate = \"rate.relapse * rr.new\"",
        right: "rate = \"rate(p.relapse * rr.new)\"",
    },
    Code {
        code: "E0319",
        title: "a name in an expression has two meanings",
        explanation: "\
A parameter has the same name as an attribute or as something that every expression knows, such as `time`, `age` or
`state`. Which of the two is read would change the result, and whoever reads the scenario could not tell. Give the
parameter a longer name: names may have dots, as in `age.mean`.",
        wrong: "time,duration,2,years            (in the parameter table)",
        right: "time.to_surgery,duration,2,years",
    },
];
