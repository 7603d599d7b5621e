//! Tables of a probabilistic sensitivity analysis: the draws in the formats of other programs, and the results.

use crate::analysis::psa::PsaAnswer;
use crate::analysis::psa::summary::{DrawnQuantity, SummaryQuantity, summaries};
use crate::analysis::voi::VoiAnswer;
use crate::economics::{Checkpoint, Evpi, Evppi, Plane, Summary, summary};
use crate::model::uncertainty::{Family, Joint, Together};
use crate::output::columns::{parameter_label, scenario, strategy, threshold, warning};
use crate::output::figures::table::{Column, Table, number, text};
use crate::scenario::parameters::ParameterRow;

const OK: &str = "ok";

/// The tables of `arcosim psa`.
pub fn all(run: &PsaAnswer) -> Vec<Table> {
    vec![
        draws(run),
        results(run),
        samples(run, run.decision.cost, "psa/costs.csv"),
        samples(run, run.decision.effect, "psa/effects.csv"),
        parameters(run),
        totals(run),
        acceptability(run),
        evpi(run),
        plane(run),
        convergence(run),
    ]
}

/// The tables of `arcosim voi`.
pub fn of_information(information: &VoiAnswer) -> Vec<Table> {
    let run = &information.psa;
    vec![
        evppi(information),
        evpi(run),
        parameters(run),
        draws(run),
        results(run),
        samples(run, run.decision.cost, "psa/costs.csv"),
        samples(run, run.decision.effect, "psa/effects.csv"),
    ]
}

fn status<'a, R, T: AsRef<str>>(words: impl Fn(&R) -> T + 'a) -> Column<'a, R> {
    text("status", "Why a number is missing; ok if none is", "", words)
}

fn against<'a, R>(run: &'a PsaAnswer) -> Column<'a, R> {
    let model = run.model();
    let name = model.strategies[model.reference()].name.as_str();
    text("against", "Strategy with which it is compared", "", move |_| name)
}

/// Drawn parameters, one column per uncertain parameter and one row per draw, as SAVI and voi read them. Values are in the
/// units of the parameter table, so that the file can be supplied as draws to another analysis.
fn draws(run: &PsaAnswer) -> Table {
    type DrawValues<'a> = &'a Vec<f64>;
    let column = |p: usize| {
        let row = &run.scenario.parameters[p];
        let meaning = format!("Drawn values of this parameter: {}", row.note);
        number(row.name.clone(), row.unit.clone(), meaning, move |values: &DrawValues| {
            row.in_table(values[p])
        })
    };
    let columns: Vec<_> = run.scenario.uncertainty.varying().into_iter().map(column).collect();
    let about = "the drawn parameters: row k is draw k (inputs of BCEA, voi, dampack and SAVI)";
    Table::of("psa/draws.csv", about, columns, &run.psa.values)
}

/// Totals of one draw, indexed by `[strategy][outcome]`.
type DrawTotals<'a> = &'a Vec<Vec<f64>>;

/// Table of all outcomes of all strategies, one row per draw.
fn results(run: &PsaAnswer) -> Table {
    let model = run.model();
    let outcomes = model.outcomes.iter().enumerate();
    let columns = outcomes.flat_map(|(o, outcome)| {
        model.strategies.iter().enumerate().map(move |(s, strategy)| {
            let name = format!("{}_{}", outcome.name, strategy.name);
            let meaning = format!("Mean {} per patient under {}", outcome.label, strategy.label);
            number(name, outcome.unit.clone(), meaning, move |draw: &DrawTotals| draw[s][o])
        })
    });
    let about = "outcomes of every strategy: row k is draw k, columns OUTCOME_STRATEGY";
    Table::of("psa/results.csv", about, columns.collect::<Vec<_>>(), &run.psa.totals)
}

/// One outcome as a matrix for BCEA and SAVI, with one column per decision option. Bounds are in `results.csv` only, because
/// other programs would treat a bound as a decision option.
fn samples(run: &PsaAnswer, outcome: usize, path: &str) -> Table {
    let model = run.model();
    let own = &model.outcomes[outcome];
    let column = |&s: &usize| {
        let strategy = &model.strategies[s];
        let meaning = format!("{} under {}", own.label, strategy.label);
        let value = move |draw: &DrawTotals| draw[s][outcome];
        number(strategy.name.clone(), own.unit.clone(), meaning, value)
    };
    let columns: Vec<_> = run.answers.on_offer.iter().map(column).collect();
    let about =
        format!("{} of every decision option: row k is draw k (a matrix for BCEA and SAVI)", own.label);
    Table::of(path, about, columns, &run.psa.totals)
}

/// A row of the table of uncertain parameters.
struct Uncertain<'a> {
    index: usize,
    row: &'a ParameterRow,
    family: Option<Family>,
    joint: Option<&'a Joint>,
    distribution: String,
    numbers: [Option<f64>; 3],
    drawn: Option<Summary>,
    /// Whether there are enough draws for an interval.
    interval: bool,
}

impl Uncertain<'_> {
    /// A statistic of the parameter's draws, in the unit of the parameter table.
    fn drawn(&self, of: fn(&Summary) -> f64) -> Option<f64> {
        Some(self.row.in_table(of(self.drawn.as_ref()?)))
    }
}

/// Every uncertain parameter with its distribution and a summary of its draws.
fn parameters(run: &PsaAnswer) -> Table {
    let uncertainty = &run.scenario.uncertainty;
    let columns = [
        text("parameter", "Uncertain parameter", "", |r: &Uncertain| &r.row.name),
        parameter_label(|r: &Uncertain| r.row),
        text("unit", "Unit as written in the parameter table", "", |r: &Uncertain| &r.row.unit),
        number("base", "as `unit`", "Base value, as `--set` would read it", |r: &Uncertain| {
            r.row.in_table(r.row.base)
        }),
        text("distribution", "Its distribution as it was drawn from", "", |r: &Uncertain| {
            r.distribution.clone()
        }),
        number(
            "p1",
            "as `unit`; meanlog of a value in `unit`; alpha and shape have none",
            "First parameter: mean, meanlog, alpha, shape or low",
            |r: &Uncertain| r.numbers[0],
        ),
        number(
            "p2",
            "as `unit`; sdlog and beta have none",
            "Second: sd, sdlog, beta, scale, mode or high",
            |r: &Uncertain| r.numbers[1],
        ),
        number("p3", "as `unit`", "Third: high", |r: &Uncertain| r.numbers[2]),
        text(
            "cut_to",
            "Range to which draws are cut, in `unit`; empty if nothing is cut",
            "",
            |r: &Uncertain| {
                uncertainty.margins[r.index].map_or(String::new(), |margin| cut_to(margin.within, r.row))
            },
        ),
        text("drawn_with", "Parameters that it is drawn together with, and how", "", |r: &Uncertain| {
            r.joint.map_or(String::new(), |joint| drawn_with(run, joint, r.index))
        }),
        number(
            "mean",
            "as `unit`",
            "Mean of the distribution before anything is cut; empty if it has none of its own",
            |r: &Uncertain| r.family.map(|f| r.row.in_table(f.mean())),
        ),
        number("sd", "as `unit`", "Standard deviation of the distribution, likewise", |r: &Uncertain| {
            r.family.map(|f| r.row.difference_in_table(f.sd()))
        }),
        number("drawn_mean", "as `unit`", "Mean of the draws", |r: &Uncertain| r.drawn(|d| d.mean)),
        number("drawn_sd", "as `unit`", "Standard deviation of the draws", |r: &Uncertain| {
            Some(r.row.difference_in_table(r.drawn?.sd?))
        }),
        number("drawn_lower", "as `unit`", "2.5th percentile of the draws", |r: &Uncertain| {
            r.drawn(|d| d.lower).filter(|_| r.interval)
        }),
        number("drawn_upper", "as `unit`", "97.5th percentile of the draws", |r: &Uncertain| {
            r.drawn(|d| d.upper).filter(|_| r.interval)
        }),
        text("source", "Where the number comes from", "", |r: &Uncertain| &r.row.source),
        text("evidence", "Grade of the evidence", "", |r: &Uncertain| r.row.evidence.name()),
    ];
    let rows = uncertainty.varying().into_iter().map(|p| {
        let row = &run.scenario.parameters[p];
        let joint = uncertainty.joint_of(p);
        let family = uncertainty.margins[p].map(|margin| margin.family);
        let (distribution, numbers) = match (family, joint) {
            (Some(family), _) => (family.name().to_string(), family.columns(|x| row.in_table(x))),
            (None, Some(joint)) => of_joint(joint, p),
            (None, None) => (String::new(), [None; 3]),
        };
        let drawn = summary(&run.psa.parameter(p));
        let interval = run.has_intervals();
        Uncertain { index: p, row, family, joint, distribution, numbers, drawn, interval }
    });
    let about = "every uncertain parameter: the distribution as it was drawn from, and what was drawn";
    Table::of("tables/psa_parameters.csv", about, columns, rows)
}

fn of_joint(joint: &Joint, p: usize) -> (String, [Option<f64>; 3]) {
    match &joint.how {
        Together::Shares { counts, rest } => {
            let own = joint.members.iter().position(|&q| q == p).map(|i| counts[i]);
            let total = counts.iter().sum::<f64>() + rest;
            ("dirichlet (p1 of p2 counted)".into(), [own, Some(total), None])
        }
        Together::Given(rows) => (format!("{} draws of {}", rows.len(), joint.name), [None; 3]),
        Together::Copula(_) => (String::new(), [None; 3]),
    }
}

fn cut_to((low, high): (f64, f64), row: &ParameterRow) -> String {
    let end = |x: f64| match x.is_finite() && x != f64::MIN_POSITIVE {
        true => row.in_table(x).to_string(),
        false if x == f64::MIN_POSITIVE => "0".into(),
        false => String::new(),
    };
    match (low, high) {
        (f64::NEG_INFINITY, f64::INFINITY) => String::new(),
        (low, high) => format!("{}..{}", end(low), end(high)),
    }
}

fn drawn_with(run: &PsaAnswer, joint: &Joint, p: usize) -> String {
    let others = joint.members.iter().filter(|&&q| q != p);
    let names: Vec<&str> = others.map(|&q| run.scenario.parameters[q].name.as_str()).collect();
    let how = match &joint.how {
        Together::Copula(_) => "correlated normal scores",
        Together::Shares { .. } => "shares of one whole",
        Together::Given(_) => "rows of a file",
    };
    match names.is_empty() {
        true => how.to_string(),
        false => format!("{}: {} ({how})", joint.name, names.join("; ")),
    }
}

/// Summaries over draws of cost, effect and net benefit: for every strategy, and for every strategy versus the reference.
fn totals(run: &PsaAnswer) -> Table {
    let model = run.model();
    let interval = run.has_intervals();
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &DrawnQuantity| r.strategy),
        text(
            "against",
            "Strategy that is subtracted; empty for the strategy itself",
            "",
            |r: &DrawnQuantity| r.against.map_or("", |s| &model.strategies[s].name),
        ),
        text(
            "quantity",
            "Cost, effect, or net monetary benefit at `threshold`",
            "cost; effect; net_benefit",
            |r: &DrawnQuantity| match r.quantity {
                SummaryQuantity::Cost => "cost",
                SummaryQuantity::Effect => "effect",
                SummaryQuantity::NetBenefit(_) => "net_benefit",
            },
        ),
        threshold(|r: &DrawnQuantity| match r.quantity {
            SummaryQuantity::NetBenefit(threshold) => Some(threshold),
            _ => None,
        }),
        text("unit", "Unit of the numbers of this row", "", |r: &DrawnQuantity| match r.quantity {
            SummaryQuantity::Effect => run.gain(),
            _ => run.money(),
        }),
        number("mean", "as `unit`", "Mean over draws", |r: &DrawnQuantity| Some(r.summary?.mean)),
        number("sd", "as `unit`", "Standard deviation between draws", |r: &DrawnQuantity| r.summary?.sd),
        number(
            "mcse",
            "as `unit`",
            "Monte Carlo standard error of the mean, for independent draws; too large for Latin hypercube and Sobol draws",
            |r: &DrawnQuantity| r.summary?.mcse,
        ),
        number("lower", "as `unit`", "2.5th percentile", |r: &DrawnQuantity| {
            Some(r.summary?.lower).filter(|_| interval)
        }),
        number("median", "as `unit`", "Median", |r: &DrawnQuantity| Some(r.summary?.median)),
        number("upper", "as `unit`", "97.5th percentile", |r: &DrawnQuantity| {
            Some(r.summary?.upper).filter(|_| interval)
        }),
        number(
            "probability_positive",
            "",
            "Share of draws above 0; for rows with `against`",
            |r: &DrawnQuantity| r.against.map(|_| r.positive),
        ),
        number(
            "at_base",
            "as `unit`",
            "The deterministic answer: all parameters at base; that of `arcosim run` on the exact engine",
            |r: &DrawnQuantity| r.at_base,
        ),
        number(
            "gap",
            "as `unit`",
            "mean less the deterministic answer integrated as the draws are: what skewed distributions and a curved model add",
            |r: &DrawnQuantity| r.gap,
        ),
        number(
            "noise_share",
            "",
            "Share of the variance that simulated patients added, estimated from the spread within draws; empty on the exact engine",
            |r: &DrawnQuantity| r.noise_share,
        ),
        number(
            "sd_without_noise",
            "as `unit`",
            "sd with that share taken out (O'Hagan, Stevenson and Madan 2007); empty on the exact engine",
            |r: &DrawnQuantity| r.sd_without_noise,
        ),
        status(|r: &DrawnQuantity| match r.draws {
            1 => "one draw has no spread and no interval",
            _ if interval => OK,
            _ => "fewer than 100 draws: no 95 % interval",
        }),
        warning(model, |r: &DrawnQuantity| r.strategy),
    ];
    let about = "means and 95 % intervals over draws, and how far the deterministic answer is from them";
    Table::of("tables/psa_summary.csv", about, columns, summaries(run))
}

/// A decision option at a threshold, as indices into the decision options and into the thresholds of the curves.
struct AtThreshold {
    offered: usize,
    threshold: usize,
}

/// Table of CEAC, CEAF and expected loss over thresholds.
fn acceptability(run: &PsaAnswer) -> Table {
    let (model, answers) = (run.model(), &run.answers);
    let probability = |r: &AtThreshold| answers.acceptability.probability[r.offered][r.threshold];
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &AtThreshold| answers.on_offer[r.offered]),
        threshold(|r: &AtThreshold| answers.grid[r.threshold]),
        number(
            "probability_most_cost_effective",
            "",
            "Probability most cost-effective: share of draws in which the strategy has the highest net benefit of all decision options",
            probability,
        ),
        number(
            "se",
            "",
            "Monte Carlo standard error of the probability, for independent draws",
            move |r: &AtThreshold| answers.acceptability.standard_error(probability(r)),
        ),
        text(
            "on_frontier",
            "Whether it has the highest mean net benefit (the acceptability frontier)",
            "yes; no",
            |r: &AtThreshold| match answers.acceptability.frontier[r.threshold].strategy == r.offered {
                true => "yes",
                false => "no",
            },
        ),
        number(
            "expected_loss",
            "cost per person",
            "Mean of the highest net benefit in the draw less its own",
            |r: &AtThreshold| answers.loss.loss[r.offered][r.threshold],
        ),
        warning(model, |r: &AtThreshold| answers.on_offer[r.offered]),
    ];
    let rows = (0..answers.grid.len()).flat_map(|threshold| {
        (0..answers.on_offer.len()).map(move |offered| AtThreshold { offered, threshold })
    });
    let about = "probability most cost-effective, frontier and expected loss over thresholds";
    Table::of("tables/ceac.csv", about, columns, rows)
}

/// Table of EVPI over thresholds, per person and for the population.
fn evpi(run: &PsaAnswer) -> Table {
    let persons = run.persons();
    type EvpiAt<'a> = (f64, &'a Evpi);
    let columns = [
        scenario(run.scenario),
        threshold(|r: &EvpiAt| r.0),
        text("best", "Decision option with the highest mean net benefit", "", |r: &EvpiAt| {
            &run.model().strategies[run.answers.on_offer[r.1.best]].name
        }),
        number("evpi", "cost per person", "Expected value of perfect information", |r: &EvpiAt| r.1.value),
        number(
            "se",
            "cost per person",
            "Its Monte Carlo standard error, the choice of the strategy taken as given",
            |r: &EvpiAt| r.1.se,
        ),
        number(
            "persons",
            "persons",
            "Discounted number of people whom the decision concerns",
            |_: &EvpiAt| persons,
        ),
        number("population_evpi", "cost", "evpi times persons", |r: &EvpiAt| Some(persons? * r.1.value)),
        status(|_: &EvpiAt| match persons {
            Some(_) => OK,
            None => "the scenario's [decision] has no population",
        }),
    ];
    let rows = run.answers.grid.iter().copied().zip(&run.answers.loss.evpi);
    let about = "expected value of perfect information over thresholds, per person and for the population";
    Table::of("tables/evpi.csv", about, columns, rows)
}

/// Shares of draws in each quadrant of the cost-effectiveness plane around the reference.
fn plane(run: &PsaAnswer) -> Table {
    let model = run.model();
    type Cloud<'a> = &'a (usize, Plane);
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &Cloud| r.0),
        against(run),
        threshold(|_: &Cloud| run.answers.thresholds[0]),
        number("north_east", "", "Share of draws: costs more, gains more", |r: &Cloud| r.1.shares.north_east),
        number("north_west", "", "Share of draws: costs more, loses effect", |r: &Cloud| {
            r.1.shares.north_west
        }),
        number("south_east", "", "Share of draws: costs less, gains more", |r: &Cloud| r.1.shares.south_east),
        number("south_west", "", "Share of draws: costs less, loses effect", |r: &Cloud| {
            r.1.shares.south_west
        }),
        number("no_difference", "", "Share of draws in which cost or effect does not differ", |r: &Cloud| {
            r.1.shares.on_axis
        }),
        number(
            "worth_its_cost",
            "",
            "Share of draws with a positive incremental net benefit: below the line of the threshold",
            |r: &Cloud| r.1.below_line,
        ),
        warning(model, |r: &Cloud| r.0),
    ];
    let about = "shares of draws in the quadrants of the cost-effectiveness plane, each strategy against the reference";
    Table::of("tables/psa_plane.csv", about, columns, &run.answers.planes)
}

/// The running mean of one compared strategy at one number of draws.
struct Running<'a> {
    point: &'a Checkpoint,
    compared: usize,
}

/// Table of running means of incremental net benefit, to check convergence.
fn convergence(run: &PsaAnswer) -> Table {
    let (model, answers) = (run.model(), &run.answers);
    let columns = [
        scenario(run.scenario),
        number("draws", "draws", "So many draws from the first", |r: &Running| r.point.draws as f64),
        strategy(model, |r: &Running| answers.compared[r.compared]),
        against(run),
        threshold(|_: &Running| answers.thresholds[0]),
        number("incremental_net_benefit", "cost", "Mean over these draws", |r: &Running| {
            r.point.incremental[r.compared]
        }),
        number("se", "cost", "Its Monte Carlo standard error, for independent draws", |r: &Running| {
            r.point.se.as_ref().map(|se| se[r.compared])
        }),
        text("best", "Strategy with the highest mean so far", "", |r: &Running| {
            &model.strategies[answers.compared[r.point.best]].name
        }),
        number(
            "probability_best",
            "",
            "Probability, at least, that it is truly above every other, by the standard errors",
            |r: &Running| r.point.probability_best_at_least,
        ),
        status(|r: &Running| match r.point.probability_best_at_least {
            Some(_) => OK,
            None => "no two strategies differ, or there is one draw",
        }),
    ];
    let rows = answers
        .convergence
        .iter()
        .flat_map(|point| (1..answers.compared.len()).map(move |compared| Running { point, compared }));
    let about = "running means of incremental net benefit: whether more draws would change the decision";
    Table::of("tables/psa_convergence.csv", about, columns, rows)
}

/// EVPPI of parameters and groups, by decreasing value.
fn evppi(information: &VoiAnswer) -> Table {
    let run = &information.psa;
    let evpi = run.answers.loss.evpi[run.answers.at(information.threshold)].value;
    let columns = [
        scenario(run.scenario),
        text("parameters", "Parameter, or the name of a group", "", |r: &&Evppi| r.name.clone()),
        text(
            "label",
            "Description of the parameter; empty for a group or without a label",
            "",
            |r: &&Evppi| {
                let parameters = &run.scenario.parameters;
                parameters.iter().find(|row| row.name == r.name).map_or("", |row| &row.label)
            },
        ),
        threshold(|_: &&Evppi| information.threshold),
        number("evppi", "cost per person", "Expected value of knowing it, and nothing else", |r: &&Evppi| {
            r.value
        }),
        number(
            "se",
            "cost per person",
            "Standard error by a delete-a-block jackknife; it does not know what the smoother cannot follow",
            |r: &&Evppi| r.se,
        ),
        number("share_of_evpi", "", "evppi over the EVPI of the same draws", |r: &&Evppi| {
            (evpi > 0.0).then(|| r.value / evpi)
        }),
        number("population_evppi", "cost", "evppi times the discounted number of people", |r: &&Evppi| {
            Some(information.persons? * r.value)
        }),
        text("smoother", "How the expectation given the parameters was estimated", "", |r: &&Evppi| {
            r.smoother.to_string()
        }),
        number("edf", "", "Effective degrees of freedom of the fit", |r: &&Evppi| r.edf),
        status(|r: &&Evppi| match (r.above_evpi, r.se) {
            (true, _) => "estimated above EVPI, which cannot be: reported as EVPI",
            (false, None) => "too few draws for a standard error",
            (false, Some(_)) => OK,
        }),
    ];
    let mut ranked: Vec<&Evppi> = information.values.iter().collect();
    ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
    let about = "expected value of knowing single parameters and groups of them, ranked";
    Table::of("tables/evppi.csv", about, columns, ranked)
}
