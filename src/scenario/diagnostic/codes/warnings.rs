//! W05xx: what does not stop a run, but a reviewer would ask about.

use super::Code;

pub(super) const CODES: &[Code] = &[
    Code {
        code: "W0501",
        title: "a parameter is never used",
        explanation: "\
The table holds a number that no expression of the scenario reads. Changing it changes nothing. Often this means that a
row was renamed on one side only, or that an effect or a cost was forgotten in the scenario; a sensitivity analysis
would show it as unimportant, which is misleading. Use it, delete it, or begin its line with #.",
        wrong: "disutility.injection is in the table, and no utility mentions it",
        right: "utility = \"utility.ill - disutility.injection\"",
    },
    Code {
        code: "W0502",
        title: "a yearly value looks like a risk over a longer period",
        explanation: "\
A rate or a yearly probability this high means that nearly everybody has the event within a few years: 80 % per year is
99.97 % after 5 years, and a rate of 0.8 per year is 98.2 %. Papers often report `80 % within 5 years`; in the table that is a
probability with the unit `per 5 years`, a rate of 0.322 a year. A rate written with a percent sign usually is a
probability too. If the number is what you mean, nothing needs to change.",
        wrong: "rate.relapse,rate,80%,per year,Smith 2019",
        right: "p.relapse,probability,80%,per 5 years,Smith 2019",
    },
    Code {
        code: "W0503",
        title: "patients grow older than the last age of a life table",
        explanation: "\
Beyond the last row the last rate holds. With a table that ends at 85 the very old die too seldom, and a lifetime horizon
collects life-years that nobody lives; with one that ends at 100 or later it hardly matters. Extend the table, or
shorten the horizon.",
        wrong: "life table to age 85, horizon 60 years, mean age 50",
        right: "life table to age 110",
    },
    Code {
        code: "W0504",
        title: "a range is an arbitrary percentage of the base value",
        explanation: "\
low and high lie the same percentage below and above the base value, as in plus or minus 20 %. Such a range says
nothing about what is known: it makes well-measured numbers look as uncertain as guesses, and the tornado
then ranks parameters by their size and not by their uncertainty. Guidelines on good modelling practice ask for ranges from evidence, such
as a confidence interval. If there is none, say `arbitrary` in range_basis so that the report shows it.",
        wrong: "cost.visit,cost,100,EUR,80,120,tariff 2023      (base, unit, low, high)",
        right: "cost.visit,cost,100,EUR,88,115,tariff 2023      (95CI)",
    },
    Code {
        code: "W0505",
        title: "parameters rest on weak evidence",
        explanation: "\
Numbers from animals, the laboratory or a seller's own claims do not show what happens to patients. Give every strategy
that rests on them `hypothetical = true`: its tables and figures then say so. The program does not know which results
a number drives, so it lists the numbers here, and nobody learns of them first from a reviewer. A better source makes the
warning go away; the mark does not.",
        wrong: "hr.new,hr,0.40,,brochure,promotional      (columns source and evidence)",
        right: "hr.new,hr,0.78,,Smith 2019,rct",
    },
    Code {
        code: "W0507",
        title: "something is declared and never used",
        explanation: "\
A group, a life table or an attribute is declared, but nothing refers to it. It changes no result. Often a
reference to it was forgotten, or it is left over from an earlier version; a reader of the file will
believe that it matters.",
        wrong: "[groups]\nsevere = [\"ill\"]      (and nothing mentions severe)",
        right: "[endpoints]\nfirst_severe = { enters = \"severe\" }",
    },
    Code {
        code: "W0508",
        title: "an effect changes faster than the cycles can follow",
        explanation: "\
The strength of an effect is read at the start of each cycle and holds for the whole of it. With a cycle of a year, an
`onset` of 3 months leaves the first year without any effect, although the treatment works for most of it; an
effect that wears off within less than two cycles ends in a step. The bias goes against the treatment, or for it, and grows
with the cycle. Choose a cycle that is short against these times, or leave the gradual change out.",
        wrong: "cycle = \"1 year\"      and, in an effect: onset = \"3 months\"",
        right: "cycle = \"1 month\"     and, in an effect: onset = \"3 months\"",
    },
    Code {
        code: "W0509",
        title: "rows of a life table hold for nobody",
        explanation: "\
The table has rows for a category that the attribute does not have. They are not used. A published table often has
more than a study needs, such as rows for both sexes together, and then nothing is wrong. But if the word stands for some
of the patients in another spelling, those patients die by other rows, or have none.",
        wrong: "sex = { male = \"0.5\", female = \"rest\" }      with rows male, female and total in the table",
        right: "sex = { male = \"0.5\", female = \"rest\" }      with rows male and female in the table",
    },
    Code {
        code: "W0510",
        title: "a number has a thousands separator that others read as a decimal sign",
        explanation: "\
In this file it is clear what is meant: in `1.064,5` only the comma can be the decimal sign, and where other cells
have decimal commas, the point of `1.064` divides thousands. But the same `1.064` copied into a file with decimal
points is 1.064, and whoever typed it here may have meant that. The message says as what it was read; if that is right,
write it without the separator, and it is right everywhere.",
        wrong: "cost.stay;cost;1.064,5;EUR;tariff 2023",
        right: "cost.stay;cost;1064,5;EUR;tariff 2023",
    },
    Code {
        code: "W0511",
        title: "the weights of a correction do not add to the length of the model",
        explanation: "\
Weights are in cycles: those of all points add to the number of cycles, or nearly so, because whoever lives to the horizon
has lived that long. With another sum every total is too large or too small in proportion. Some published rules miss it by a
cycle or less, which brings no warning.",
        wrong: "correction = { first = 0.5, repeat = [0.5], last = 0.5 }",
        right: "correction = { first = 0.5, repeat = [1], last = 0.5 }",
    },
    Code {
        code: "W0512",
        title: "a cost is in another currency than the outcome that it adds to",
        explanation: "\
The unit of the outcome and the unit of a cost name different currencies by their three letters. Nothing is converted: the numbers are
added as they stand. Costs from several countries are brought to one currency and one year of prices before they go into the table, and the
note of the row says how.",
        wrong: "unit = \"EUR\"      and, in the table: cost.drug,cost,90,USD per month,Smith 2019",
        right: "unit = \"EUR\"      and, in the table: cost.drug,cost,81,EUR per month,Smith 2019",
    },
    Code {
        code: "W0513",
        title: "costs and utilities add to one outcome",
        explanation: "\
A reward that reads utilities adds to an outcome in money or beside rewards that read costs, or the other way round. Nothing is
converted, so that the total is a number without a meaning. Usually `outcome` of the reward names the wrong one. A net monetary benefit
is the exception: there utilities are multiplied by what a QALY is worth, and with a parameter of the kind cost for that, the program
sees that both are money.",
        wrong: "[rewards.quality_of_life]\noutcome = \"cost\"\nper_year = \"utility[state]\"",
        right: "[rewards.quality_of_life]\noutcome = \"qaly\"\nper_year = \"utility[state]\"",
    },
    Code {
        code: "W0514",
        title: "an amount leaves the range that such amounts have",
        explanation: "\
For some patients or at some time a cost falls below zero, a loss becomes a gain, or a year counts for more than a year in full health. The
formula is right for most cases, and nobody looked at these: a discount that exceeds the price, a trend that goes on for ever, two
utilities that are added where they should be multiplied. A sign that stands in the formula is taken as meant.",
        wrong: "per_year = \"cost.drug - 100 * time\"",
        right: "per_year = \"max(0, cost.drug - 100 * time)\"",
    },
    Code {
        code: "W0515",
        title: "a table is looked up before its first row",
        explanation: "\
A row holds from its bound up to the next one, and the last row for ever. Before the first row there is nothing; the first row is taken, so that
children have the quality of life of adults, or a time that begins at 0 reads the row of year 1. Perhaps the rows are numbered from 1 and the
clock is `cycle`, or the population is younger than the table.",
        wrong: "lookup(norms, age)      with ages from 16, and a table from age 18",
        right: "lookup(norms, max(age, 18))",
    },
    Code {
        code: "W0516",
        title: "a distribution reaches values that cannot be",
        explanation: "\
A cost below zero or a share above one cannot be used, so that the part of a distribution beyond the limit of its kind is cut off. What is
left has another mean than base. Distributions that stay inside by themselves are beta for shares and utilities, gamma for costs and
lognormal for ratios; where a cut is meant, `truncate` says so.",
        wrong: "name,kind,base,unit,distribution,se,source\ncost.visit,cost,40,EUR,normal,30,Smith 2019",
        right: "name,kind,base,unit,distribution,se,source\ncost.visit,cost,40,EUR,gamma,30,Smith 2019",
    },
    Code {
        code: "W0517",
        title: "a parameter is drawn around another value than its base",
        explanation: "\
The base value lies more than half a standard deviation from both the mean and the median of its distribution. The probabilistic analysis
would then answer another question than the base case, and differ from it for no reason that anybody stated. Often a number was
updated in one column and not in the others. Where the source has it so, `neither` in `base_is` says that it is known.",
        wrong: "name,kind,base,unit,distribution,p1,p2,source\nu.ill,utility,0.60,,beta,80,20,Smith 2019",
        right: "name,kind,base,unit,distribution,p1,p2,source\nu.ill,utility,0.80,,beta,80,20,Smith 2019",
    },
    Code {
        code: "W0518",
        title: "shares of one whole are drawn each for itself",
        explanation: "\
Where several shares of a whole are uncertain, more in one means less in the others. Drawn each from a beta of its own they ignore that,
and in some draws they may add to more than the whole, which stops the analysis. Counts of people make a Dirichlet distribution,
which draws all shares at once and keeps the sum.",
        wrong: "share.a,proportion,0.5,beta\nshare.b,proportion,0.4,beta",
        right: "name,kind,base,distribution,events,total,group,source\nshare.a,proportion,0.5,dirichlet,50,100,mix,S\nshare.b,proportion,0.4,dirichlet,40,100,mix,S",
    },
    Code {
        code: "W0519",
        title: "a table is read one row too early",
        explanation: "\
A table looked up by time holds each row from its own time on. Where the rows are meant to be the cycles and their times were
rounded (0.1667 for two months), some begin a little after their cycle does, and in that cycle the row before is used. Times with all
the digits that a spreadsheet or R writes (0.166666666666667) are taken for the grid point that they mean.",
        wrong: "time,value\n0,100\n0.0833,120\n0.1667,140",
        right: "cycle,value\n1,100\n2,120\n3,140",
    },
    Code {
        code: "W0521",
        title: "people would live oddly short or long by a life table",
        explanation: "\
`check` works out the expectation of life that every life table implies. No population lives as this one does. Often the numbers are
probabilities over five or ten years that were taken for yearly ones, rates that were taken for probabilities, or those of another column.",
        wrong: "[tables.mortality]\nfile = \"abridged.csv\"      # ages 0, 1, 5, 10, ... with the probability of each group\nby = [\"age\"]\nkind = \"annual probability\"",
        right: "[tables.mortality]\nfile = \"abridged.csv\"\nby = [\"age\"]\nkind = \"probability over the age group\"",
    },
    Code {
        code: "W0531",
        title: "probabilities of one row are converted one by one",
        explanation: "\
Two probabilities of the same source and period leave the same state, and each is turned into a rate as if it were the only way out. In a
published row they already compete, so that each is smaller than it would be alone: 40 % and 40 % would become 32 % and 32 %. `rate_among`
converts a row together; a whole matrix is converted by its logarithm or its root ([matrices]).",
        wrong: "[transitions.relapse]\nfrom = \"well\"\nto = \"ill\"\nrate = \"rate(p.relapse)\"\n\n[transitions.die]\nfrom = \"well\"\nto = \"dead\"\nrate = \"rate(p.die)\"",
        right: "rate = \"rate_among(p.relapse, p.relapse + p.die)\"",
    },
    Code {
        code: "W0533",
        title: "a strategy copies what another does, but not what it costs",
        explanation: "\
`like` takes over the effects of a strategy, what happens at its start, and its parameters. Rewards name the strategies that give them, and a
copy is not among them until it is named. Without it the copy has the benefit of the treatment free of charge. A copy that pays
another price has a reward of its own, of the same outcome and category.",
        wrong: "[strategies.both]\nlike = \"drug\"\n\n[rewards.price]\noutcome = \"cost\"\nstrategies = [\"drug\"]\nonce = \"cost.drug\"\nat_start = true",
        right: "[rewards.price]\noutcome = \"cost\"\nstrategies = [\"drug\", \"both\"]\nonce = \"cost.drug\"\nat_start = true",
    },
    Code {
        code: "W0534",
        title: "an event that moves nobody holds back those that do",
        explanation: "\
In a cycle a patient makes one move at most. An event that leaves its patients where they are counts as that move: in the same cycle
they cannot get worse, or better, by a transition that competes with it. The more frequent the event and the longer the cycle, the more
the disease is slowed down. Shorter cycles make this smaller; a reward per year (the rate times the amount) counts the same costs
without it.",
        wrong: "[transitions.flare]\nfrom = \"ill\"\nto = \"same state\"\nrate = \"rate.flare\"\n\n[rewards.flare]\noutcome = \"cost\"\nonce = \"cost.flare\"\non = [\"flare\"]",
        right: "[rewards.flare]\noutcome = \"cost\"\nper_year = \"rate.flare * cost.flare\"\nin = [\"ill\"]",
    },
    Code {
        code: "W0535",
        title: "a strategy that few patients get",
        explanation: "\
Who is not eligible follows the strategy in `otherwise`, and stays in the results of the strategy: its costs, QALYs and curves are means over
both. Where most get the other strategy, the results are mostly those of the other, and a small difference may hide a large one.
`check` and README.txt say for every such strategy how many are eligible.",
        wrong: "[strategies.surgery]\neligible = \"age_at_start < 40\"     # few of the cohort\notherwise = \"usual\"",
        right: "[population.attributes.age]\nnormal = { mean = \"age.young\", sd = 4, within = [18, 40] }",
    },
    Code {
        code: "W0536",
        title: "an amount lacks a factor that the others have",
        explanation: "\
In other states the amounts of this outcome are multiplied by one and the same formula of age, time or the patient (a norm by age, growth of
prices), and in this state they are not. Usually the formula was forgotten when a state was added, and the strategies that lead to it gain
or lose by it.",
        wrong: "[rewards.well]\nper_year = \"utility.well * norm(...)\"\n\n[rewards.ill]\nper_year = \"utility.ill * norm(...)\"\n\n[rewards.treated]\nper_year = \"utility.treated\"",
        right: "[rewards.treated]\nper_year = \"utility.treated * norm(...)\"",
    },
    Code {
        code: "W0537",
        title: "a limit without a unit looks like months, weeks or days",
        explanation: "\
`time` and `time_in(...)` run in years, and a number that they are compared with is one of years. A limit such as 12, 24 or 365 was more
often meant in months or days. With its unit (`12 months`, `12 years`) a length of time says what it is, and is never converted
twice.",
        wrong: "rate = \"if(time_in(treated) < 12, rate.early, rate.late)\"",
        right: "rate = \"if(time_in(treated) < 12 months, rate.early, rate.late)\"",
    },
    Code {
        code: "W0538",
        title: "the names of two parameters differ only in case",
        explanation: "\
`rate.ill` and `Rate.Ill` are two parameters. Formulas that mean one and name the other read another number, and nothing looks wrong. Often a
row was copied and a spreadsheet has changed its case.",
        wrong: "name,kind,base,unit,source\nrate.ill,rate,0.10,per year,Smith 2019\nRate.Ill,rate,0.12,per year,Jones 2021",
        right: "name,kind,base,unit,source\nrate.ill.men,rate,0.10,per year,Smith 2019\nrate.ill.women,rate,0.12,per year,Jones 2021",
    },
    Code {
        code: "W0539",
        title: "the costs of a table have no period",
        explanation: "\
A table of costs that does not say its unit is used wherever it is read: as yearly costs in `per_year`, as prices in `once`. With `unit` it is
converted and kept apart as parameters are: \"EUR per month\" accrues, \"EUR\" falls once.",
        wrong: "[tables.care]\nfile = \"care.csv\"\nby = [\"age\"]\nkind = \"cost\"",
        right: "[tables.care]\nfile = \"care.csv\"\nby = [\"age\"]\nkind = \"cost\"\nunit = \"EUR per month\"",
    },
    Code {
        code: "W0540",
        title: "a number per time is used as it stands",
        explanation: "\
Only rates, probabilities, costs and times are converted by their units. A number `mg per day` is used as it is written, and a formula that
multiplies it by a yearly cost has to convert it.",
        wrong: "dose,number,20,mg per day,Smith 2019",
        right: "dose,number,7305,mg per year,Smith 2019",
    },
];
