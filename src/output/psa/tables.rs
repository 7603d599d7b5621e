//! The tables of a probabilistic analysis: the draws as other programs read them, and what they say.

use crate::analysis::psa::PsaAnswer;
use crate::analysis::voi::VoiAnswer;
use crate::economics::{Summary, nmb, summary};
use crate::math::sqrt;
use crate::model::uncertainty::{Joint, Together};
use crate::output::columns::{SCENARIO, STRATEGY};
use crate::output::strategies::mark;
use crate::output::table::{Cell, Column, Table, named_number, number, text};
use crate::scenario::parameters::ParameterRow;

const THRESHOLD: Column = number("threshold", "cost per unit of effect", "What a unit of effect may cost");
const STATUS: Column = text("status", "Why a number is missing; ok if none is", "");
const EVIDENCE: Column = text("warning", "Not empty for a strategy that is hypothetical or a bound", "");
const OK: &str = "ok";
/// Why `lower` and `upper` are empty.
const TOO_FEW: &str = "fewer than 100 draws: no 95 % interval";

/// One column per uncertain parameter, one row per draw: what SAVI and voi take for the inputs. In the units of the
/// parameter table, so that the file may serve as given draws.
pub fn draws(run: &PsaAnswer) -> Table {
    let rows = &run.scenario.parameters;
    let varying = run.scenario.uncertainty.varying();
    let columns: Vec<Column> = varying
        .iter()
        .map(|&p| {
            let row = &rows[p];
            let meaning = format!("Drawn values of this parameter: {}", row.note);
            named_number(row.name.clone(), row.unit.clone(), meaning)
        })
        .collect();
    let mut table = Table::new(
        "psa/draws.csv",
        "the drawn parameters: row k is draw k (inputs of BCEA, voi, dampack and SAVI)",
        columns,
    );
    for values in &run.psa.values {
        let as_written = |&p: &usize| Cell::Number(rows[p].in_table(values[p]));
        table.row(&varying.iter().map(as_written).collect::<Vec<_>>());
    }
    table
}

/// All outcomes of all strategies, one row per draw.
pub fn results(run: &PsaAnswer) -> Table {
    let model = run.model();
    let mut columns = Vec::new();
    for outcome in &model.outcomes {
        for strategy in &model.strategies {
            columns.push(named_number(
                format!("{}_{}", outcome.name, strategy.name),
                outcome.unit.clone(),
                format!("Mean {} per patient under {}", outcome.label, strategy.label),
            ));
        }
    }
    let mut table = Table::new(
        "psa/results.csv",
        "outcomes of every strategy: row k is draw k, columns OUTCOME_STRATEGY",
        columns,
    );
    for draw in &run.psa.totals {
        let all = (0..model.outcomes.len()).flat_map(|o| draw.iter().map(move |own| Cell::Number(own[o])));
        table.row(&all.collect::<Vec<_>>());
    }
    table
}

/// One outcome, one column per strategy that can be chosen: the matrices that BCEA and SAVI ask for. A bound would be
/// one more choice for a program that reads them; its numbers are in `results.csv`.
pub fn samples(run: &PsaAnswer, outcome: usize, path: &str) -> Table {
    let model = run.model();
    let own = &model.outcomes[outcome];
    let offered = &run.answers.on_offer;
    let columns: Vec<Column> = (offered.iter().map(|&s| &model.strategies[s]))
        .map(|s| named_number(s.name.clone(), own.unit.clone(), format!("{} under {}", own.label, s.label)))
        .collect();
    let about =
        format!("{} of every strategy on offer: row k is draw k (a matrix for BCEA and SAVI)", own.label);
    let mut table = Table::new(path, about, columns);
    for draw in &run.psa.totals {
        let cells = offered.iter().map(|&s| Cell::Number(draw[s][outcome]));
        table.row(&cells.collect::<Vec<_>>());
    }
    table
}

const PARAMETERS: &[Column] = &[
    text("parameter", "Uncertain parameter", ""),
    text("unit", "Unit as written in the parameter table", ""),
    number("base", "as `unit`", "Base value, as `--set` would read it"),
    text("distribution", "Its distribution as it was drawn from", ""),
    number(
        "p1",
        "as `unit`; meanlog of a value in `unit`; alpha and shape have none",
        "First parameter: mean, meanlog, alpha, shape or low",
    ),
    number("p2", "as `unit`; sdlog and beta have none", "Second: sd, sdlog, beta, scale, mode or high"),
    number("p3", "as `unit`", "Third: high"),
    text("cut_to", "Range to which draws are cut, in `unit`; empty if nothing is cut", ""),
    text("drawn_with", "Parameters that it is drawn together with, and how", ""),
    number(
        "mean",
        "as `unit`",
        "Mean of the distribution before anything is cut; empty if it has none of its own",
    ),
    number("sd", "as `unit`", "Standard deviation of the distribution, likewise"),
    number("drawn_mean", "as `unit`", "Mean of the draws"),
    number("drawn_sd", "as `unit`", "Standard deviation of the draws"),
    number("drawn_lower", "as `unit`", "2.5th percentile of the draws"),
    number("drawn_upper", "as `unit`", "97.5th percentile of the draws"),
    text("source", "Where the number comes from", ""),
    text("evidence", "Grade of the evidence", ""),
];

/// Every uncertain parameter with its distribution and what was drawn.
pub fn parameters(run: &PsaAnswer) -> Table {
    let mut table = Table::new(
        "tables/psa_parameters.csv",
        "every uncertain parameter: the distribution as it was drawn from, and what was drawn",
        PARAMETERS,
    );
    let uncertainty = &run.scenario.uncertainty;
    for p in uncertainty.varying() {
        let row = &run.scenario.parameters[p];
        let joint = uncertainty.joint_of(p);
        let family = uncertainty.margins[p].map(|margin| margin.family);
        let (name, numbers) = match (family, joint) {
            (Some(family), _) => (family.name().to_string(), family.columns(|x| row.in_table(x))),
            (None, Some(joint)) => of_joint(joint, p),
            (None, None) => (String::new(), [None; 3]),
        };
        let cut = uncertainty.margins[p].map_or(String::new(), |margin| cut_to(margin.within, row));
        let with = joint.map_or(String::new(), |joint| drawn_with(run, joint, p));
        let drawn = summary(&run.psa.parameter(p));
        let interval = drawn.filter(|_| run.has_intervals());
        let [p1, p2, p3] = numbers;
        table.row(&[
            Cell::Text(&row.name),
            Cell::Text(&row.unit),
            Cell::Number(row.in_table(row.base)),
            Cell::Text(&name),
            Cell::Maybe(p1),
            Cell::Maybe(p2),
            Cell::Maybe(p3),
            Cell::Text(&cut),
            Cell::Text(&with),
            Cell::Maybe(family.map(|f| row.in_table(f.mean()))),
            Cell::Maybe(family.map(|f| row.difference_in_table(f.sd()))),
            Cell::Maybe(drawn.map(|d| row.in_table(d.mean))),
            Cell::Maybe(drawn.and_then(|d| d.sd).map(|sd| row.difference_in_table(sd))),
            Cell::Maybe(interval.map(|d| row.in_table(d.lower))),
            Cell::Maybe(interval.map(|d| row.in_table(d.upper))),
            Cell::Text(&row.source),
            Cell::Text(row.evidence.name()),
        ]);
    }
    table
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

const SUMMARY: &[Column] = &[
    SCENARIO,
    STRATEGY,
    text("against", "Strategy that is subtracted; empty for the strategy itself", ""),
    text("quantity", "Cost, effect, or net monetary benefit at `threshold`", "cost; effect; net_benefit"),
    THRESHOLD,
    text("unit", "Unit of the numbers of this row", ""),
    number("mean", "as `unit`", "Mean over draws"),
    number("sd", "as `unit`", "Standard deviation between draws"),
    number(
        "mcse",
        "as `unit`",
        "Monte Carlo standard error of the mean, for independent draws; too large for Latin hypercube and Sobol draws",
    ),
    number("lower", "as `unit`", "2.5th percentile"),
    number("median", "as `unit`", "Median"),
    number("upper", "as `unit`", "97.5th percentile"),
    number("probability_positive", "", "Share of draws above 0; for rows with `against`"),
    number(
        "at_base",
        "as `unit`",
        "The deterministic answer: all parameters at base; that of `arcosim run` on the exact engine",
    ),
    number(
        "gap",
        "as `unit`",
        "mean less the deterministic answer integrated as the draws are: what skewed distributions and a curved model add",
    ),
    number(
        "noise_share",
        "",
        "Share of the variance that simulated patients added, estimated from the spread within draws; empty on the exact engine",
    ),
    number(
        "sd_without_noise",
        "as `unit`",
        "sd with that share taken out (O'Hagan, Stevenson and Madan 2007); empty on the exact engine",
    ),
    STATUS,
    EVIDENCE,
];

/// The quantities that are summarised, with their thresholds.
fn quantities(run: &PsaAnswer) -> Vec<(&'static str, Option<f64>)> {
    let mut all = vec![("cost", None), ("effect", None)];
    all.extend(run.answers.thresholds.iter().map(|t| ("net_benefit", Some(*t))));
    all
}

/// Every strategy, and every strategy against the reference.
pub fn totals(run: &PsaAnswer) -> Table {
    let mut table = Table::new(
        "tables/psa_summary.csv",
        "means and 95 % intervals over draws, and how far the deterministic answer is from them",
        SUMMARY,
    );
    let model = run.model();
    let reference = model.reference();
    for (quantity, threshold) in quantities(run) {
        let value = |totals: &[f64]| match (quantity, threshold) {
            ("cost", _) => totals[run.decision.cost],
            ("effect", _) => totals[run.decision.effect],
            (_, t) => nmb(totals[run.decision.cost], totals[run.decision.effect], t.unwrap_or_default()),
        };
        let unit = if quantity == "effect" { run.gain() } else { run.money() };
        for against in [None, Some(reference)] {
            for s in (0..model.strategies.len()).filter(|&s| Some(s) != against) {
                let difference = |all: &[Vec<f64>]| value(&all[s]) - against.map_or(0.0, |r| value(&all[r]));
                let values: Vec<f64> = run.psa.totals.iter().map(|draw| difference(draw)).collect();
                let found = summary(&values);
                let [base, as_drawn] = [&run.base, &run.base_as_drawn].map(|all| difference(all));
                let noise = noise(run, (quantity, threshold), s, against.is_some());
                let share = noise.zip(found.and_then(|f| f.sd)).map(|(noise, sd)| noise / (sd * sd));
                let clean =
                    noise.zip(found.and_then(|f| f.sd)).map(|(noise, sd)| sqrt((sd * sd - noise).max(0.0)));
                let positive = values.iter().filter(|x| **x > 0.0).count() as f64 / values.len() as f64;
                let get = |of: fn(&Summary) -> f64| found.as_ref().map(of);
                table.row(&[
                    Cell::Text(&run.scenario.name),
                    Cell::Text(&model.strategies[s].name),
                    Cell::Text(against.map_or("", |r| &model.strategies[r].name)),
                    Cell::Text(quantity),
                    Cell::Maybe(threshold),
                    Cell::Text(unit),
                    Cell::Maybe(get(|f| f.mean)),
                    Cell::Maybe(found.and_then(|f| f.sd)),
                    Cell::Maybe(found.and_then(|f| f.mcse)),
                    Cell::Maybe(get(|f| f.lower).filter(|_| run.has_intervals())),
                    Cell::Maybe(get(|f| f.median)),
                    Cell::Maybe(get(|f| f.upper).filter(|_| run.has_intervals())),
                    Cell::Maybe(against.map(|_| positive)),
                    Cell::Number(base),
                    Cell::Maybe(get(|f| f.mean).map(|mean| mean - as_drawn)),
                    Cell::Maybe(share),
                    Cell::Maybe(clean),
                    Cell::Text(match values.len() {
                        1 => "one draw has no spread and no interval",
                        _ if run.has_intervals() => OK,
                        _ => TOO_FEW,
                    }),
                    Cell::Text(mark(model, s)),
                ]);
            }
        }
    }
    table
}

/// Mean variance that simulated patients add to a mean, where it is known: of cost and effect each for itself. What they
/// add to a net benefit depends on how both go together, which is not kept.
fn noise(run: &PsaAnswer, (quantity, _): (&str, Option<f64>), s: usize, increment: bool) -> Option<f64> {
    let all = match increment {
        true => &run.psa.increment_noise,
        false => &run.psa.noise,
    };
    let outcome = match quantity {
        "cost" => run.decision.cost,
        "effect" => run.decision.effect,
        _ => return None,
    };
    let sum: f64 = all.iter().map(|draw| draw[s][outcome]).sum();
    (!all.is_empty()).then(|| sum / all.len() as f64)
}

const ACCEPTABILITY: &[Column] = &[
    SCENARIO,
    STRATEGY,
    THRESHOLD,
    number(
        "probability_most_cost_effective",
        "",
        "Probability most cost-effective: share of draws in which the strategy has the highest net benefit of those on offer",
    ),
    number("se", "", "Monte Carlo standard error of the probability, for independent draws"),
    text(
        "on_frontier",
        "Whether it has the highest mean net benefit (the acceptability frontier)",
        "yes; no",
    ),
    number("expected_loss", "cost per person", "Mean of the highest net benefit in the draw less its own"),
    EVIDENCE,
];

/// CEAC, CEAF and expected loss.
pub fn acceptability(run: &PsaAnswer) -> Table {
    let mut table = Table::new(
        "tables/ceac.csv",
        "probability most cost-effective, frontier and expected loss over thresholds",
        ACCEPTABILITY,
    );
    let answers = &run.answers;
    for (k, &threshold) in answers.grid.iter().enumerate() {
        for (i, &s) in answers.on_offer.iter().enumerate() {
            let p = answers.acceptability.probability[i][k];
            let best = answers.acceptability.frontier[k].strategy == i;
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Text(&run.model().strategies[s].name),
                Cell::Number(threshold),
                Cell::Number(p),
                Cell::Number(answers.acceptability.standard_error(p)),
                Cell::Text(if best { "yes" } else { "no" }),
                Cell::Number(answers.loss.loss[i][k]),
                Cell::Text(mark(run.model(), s)),
            ]);
        }
    }
    table
}

const EVPI: &[Column] = &[
    SCENARIO,
    THRESHOLD,
    text("best", "Strategy on offer with the highest mean net benefit", ""),
    number("evpi", "cost per person", "Expected value of perfect information"),
    number(
        "se",
        "cost per person",
        "Its Monte Carlo standard error, the choice of the strategy taken as given",
    ),
    number("persons", "persons", "Discounted number of people whom the decision concerns"),
    number("population_evpi", "cost", "evpi times persons"),
    STATUS,
];

/// EVPI over thresholds.
pub fn evpi(run: &PsaAnswer) -> Table {
    let mut table = Table::new(
        "tables/evpi.csv",
        "expected value of perfect information over thresholds, per person and for the population",
        EVPI,
    );
    let persons = run.persons();
    for (&threshold, evpi) in run.answers.grid.iter().zip(&run.answers.loss.evpi) {
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Number(threshold),
            Cell::Text(&run.model().strategies[run.answers.on_offer[evpi.best]].name),
            Cell::Number(evpi.value),
            Cell::Maybe(evpi.se),
            Cell::Maybe(persons),
            Cell::Maybe(persons.map(|n| n * evpi.value)),
            Cell::Text(match persons {
                Some(_) => OK,
                None => "the scenario's [decision] has no population",
            }),
        ]);
    }
    table
}

const PLANE: &[Column] = &[
    SCENARIO,
    STRATEGY,
    text("against", "Strategy with which it is compared", ""),
    THRESHOLD,
    number("north_east", "", "Share of draws: costs more, gains more"),
    number("north_west", "", "Share of draws: costs more, loses effect"),
    number("south_east", "", "Share of draws: costs less, gains more"),
    number("south_west", "", "Share of draws: costs less, loses effect"),
    number("no_difference", "", "Share of draws in which cost or effect does not differ"),
    number(
        "worth_its_cost",
        "",
        "Share of draws with a positive incremental net benefit: below the line of the threshold",
    ),
    EVIDENCE,
];

/// Where the draws lie around the reference.
pub fn plane(run: &PsaAnswer) -> Table {
    let mut table = Table::new(
        "tables/psa_plane.csv",
        "shares of draws in the quadrants of the cost-effectiveness plane, each strategy against the reference",
        PLANE,
    );
    let model = run.model();
    for (s, plane) in &run.answers.planes {
        let shares = plane.shares;
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(&model.strategies[*s].name),
            Cell::Text(&model.strategies[model.reference()].name),
            Cell::Number(run.answers.thresholds[0]),
            Cell::Number(shares.north_east),
            Cell::Number(shares.north_west),
            Cell::Number(shares.south_east),
            Cell::Number(shares.south_west),
            Cell::Number(shares.on_axis),
            Cell::Number(plane.below_line),
            Cell::Text(mark(model, *s)),
        ]);
    }
    table
}

const CONVERGENCE: &[Column] = &[
    SCENARIO,
    number("draws", "draws", "So many draws from the first"),
    STRATEGY,
    text("against", "Strategy with which it is compared", ""),
    THRESHOLD,
    number("incremental_net_benefit", "cost", "Mean over these draws"),
    number("se", "cost", "Its Monte Carlo standard error, for independent draws"),
    text("best", "Strategy with the highest mean so far", ""),
    number(
        "probability_best",
        "",
        "Probability, at least, that it is truly above every other, by the standard errors",
    ),
    STATUS,
];

/// Running means of incremental net benefit.
pub fn convergence(run: &PsaAnswer) -> Table {
    let mut table = Table::new(
        "tables/psa_convergence.csv",
        "running means of incremental net benefit: whether more draws would change the decision",
        CONVERGENCE,
    );
    let (model, answers) = (run.model(), &run.answers);
    for point in &answers.convergence {
        for (i, &s) in answers.compared.iter().enumerate().skip(1) {
            let se = point.se.as_ref().map(|se| se[i]);
            table.row(&[
                Cell::Text(&run.scenario.name),
                Cell::Number(point.draws as f64),
                Cell::Text(&model.strategies[s].name),
                Cell::Text(&model.strategies[model.reference()].name),
                Cell::Number(answers.thresholds[0]),
                Cell::Number(point.incremental[i]),
                Cell::Maybe(se),
                Cell::Text(&model.strategies[answers.compared[point.best]].name),
                Cell::Maybe(point.probability_best_at_least),
                Cell::Text(match point.probability_best_at_least {
                    Some(_) => OK,
                    None => "no two strategies differ, or there is one draw",
                }),
            ]);
        }
    }
    table
}

const EVPPI: &[Column] = &[
    SCENARIO,
    text("parameters", "Parameter, or the name of a group", ""),
    THRESHOLD,
    number("evppi", "cost per person", "Expected value of knowing it, and nothing else"),
    number(
        "se",
        "cost per person",
        "Standard error by a delete-a-block jackknife; it does not know what the smoother cannot follow",
    ),
    number("share_of_evpi", "", "evppi over the EVPI of the same draws"),
    number("population_evppi", "cost", "evppi times the discounted number of people"),
    text("smoother", "How the expectation given the parameters was estimated", ""),
    number("edf", "", "Effective degrees of freedom of the fit"),
    STATUS,
];

/// The value of knowing parameters and groups, the most valuable first.
pub fn evppi(information: &VoiAnswer) -> Table {
    let run = &information.psa;
    let mut table = Table::new(
        "tables/evppi.csv",
        "expected value of knowing single parameters and groups of them, ranked",
        EVPPI,
    );
    let evpi = run.answers.loss.evpi[run.answers.at(information.threshold)].value;
    let mut ranked: Vec<_> = information.values.iter().collect();
    ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
    for value in ranked {
        table.row(&[
            Cell::Text(&run.scenario.name),
            Cell::Text(&value.name),
            Cell::Number(information.threshold),
            Cell::Number(value.value),
            Cell::Maybe(value.se),
            Cell::Maybe((evpi > 0.0).then(|| value.value / evpi)),
            Cell::Maybe(information.persons.map(|n| n * value.value)),
            Cell::Text(&value.smoother.to_string()),
            Cell::Number(value.edf),
            Cell::Text(match (value.above_evpi, value.se) {
                (true, _) => "estimated above EVPI, which cannot be: reported as EVPI",
                (false, None) => "too few draws for a standard error",
                (false, Some(_)) => OK,
            }),
        ]);
    }
    table
}
