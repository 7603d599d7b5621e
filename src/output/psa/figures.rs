//! The figures of a probabilistic analysis, each with its data.

use crate::analysis::psa::PsaAnswer;
use crate::analysis::voi::VoiAnswer;
use crate::economics::quantile;
use crate::output::amounts::{places, singular};
use crate::output::figures::{
    CEAC_TITLE, CePlaneFigure, CeacFigure, CeacSeries, Cloud, ConvergenceFigure, ConvergencePoint,
    ConvergenceSeries, EvpiFigure, EvppiBar, EvppiFigure, ExpectedLossFigure, Figure, FigureMeta, LossSeries,
    Mark, PopulationAxis, ce_plane_figure, ceac_figure, convergence_figure, count, evpi_figure, evppi_figure,
    expected_loss_figure, figure_amount,
};
use crate::output::prices::drawn_price;
use crate::output::report::Drawn;
use crate::output::strategies::drawn;
use crate::output::table::STRATEGY;
use crate::output::table::{Cell, Column, Table, number, text};

/// Points that one cloud shows; the table of the draws has all.
const SHOWN: usize = 2000;
/// Strategies that one figure can tell apart.
const MOST: usize = 8;
/// Bars of a ranking.
const BARS: usize = 15;
/// Half the width of a 95 % interval in standard errors.
const Z: f64 = 1.96;

const THRESHOLD: Column = number("threshold", "cost per unit of effect", "What a unit of effect may cost");

fn meta(run: &PsaAnswer, title: String) -> FigureMeta {
    FigureMeta {
        title,
        footer: super::footer(run),
        watermark: (run.model().strategies.iter().any(|s| s.hypothetical))
            .then(|| "HYPOTHETICAL".to_string()),
    }
}

/// A threshold with its unit, in the digits of the axes.
fn threshold_words(run: &PsaAnswer, value: f64) -> String {
    drawn_price(run.model(), run.decision, value)
}

fn marks(run: &PsaAnswer) -> Vec<Mark> {
    let mark = |&value: &f64| Mark { value, label: threshold_words(run, value) };
    run.answers.thresholds.iter().map(mark).collect()
}

/// The thresholds as upright lines, labelled by value: their unit stands at the axis.
fn short_marks(run: &PsaAnswer) -> Vec<Mark> {
    let mark = |&value: &f64| Mark { value, label: figure_amount(value, 0) };
    run.answers.thresholds.iter().map(mark).collect()
}

fn willingness(run: &PsaAnswer) -> String {
    format!("Willingness to pay ({} per {})", run.money(), singular(run.gain()))
}

fn table(name: &str, about: &str, columns: &'static [Column]) -> Table {
    Table::new(format!("figures/{name}.csv"), about, columns)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

const POINTS: &[Column] = &[
    STRATEGY,
    number("draw", "", "Number of the draw"),
    number("incremental_effect", "effect", "Against the reference"),
    number("incremental_cost", "cost", "Against the reference"),
];

/// The cost-effectiveness plane (F07); bounds are left out.
pub fn planes(run: &PsaAnswer) -> Vec<Drawn> {
    let (model, answers) = (run.model(), &run.answers);
    let reference = run.label(model.reference());
    let offered: Vec<_> = answers.planes.iter().filter(|(s, _)| !model.strategies[*s].bound).collect();
    if offered.is_empty() || answers.costs[0].len() < 2 {
        return Vec::new();
    }
    let pages: Vec<_> = offered.chunks(MOST).collect();
    let page = |(i, page): (usize, &&[&(usize, crate::economics::Plane)])| {
        let name = if i == 0 { "ce_plane".to_string() } else { format!("ce_plane-{}", i + 1) };
        let mut data = table(&name, "the points of the cost-effectiveness plane", POINTS);
        let clouds = page.iter().map(|(s, plane)| {
            let points: Vec<(f64, f64)> =
                plane.effects.iter().copied().zip(plane.costs.iter().copied()).take(SHOWN).collect();
            for (k, (effect, cost)) in points.iter().enumerate() {
                data.row(&[
                    Cell::Text(&model.strategies[*s].name),
                    Cell::Whole(k as u64 + 1),
                    Cell::Number(*effect),
                    Cell::Number(*cost),
                ]);
            }
            let n = plane.costs.len() as f64;
            let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
            let shares = plane.shares;
            Cloud {
                strategy: drawn(model, *s),
                points,
                mean: (mean(&plane.effects), mean(&plane.costs)),
                covariance: plane.ellipse.map(|e| (e.variance_effect, e.covariance, e.variance_cost)),
                cells: [
                    shares.north_east,
                    shares.north_west,
                    shares.south_east,
                    shares.south_west,
                    plane.below_line,
                ]
                .map(percent)
                .to_vec(),
            }
        });
        let figure = ce_plane_figure(&CePlaneFigure {
            clouds: clouds.collect(),
            meta: meta(run, "Cost-effectiveness plane".into()),
            x_title: format!("Incremental {} against {reference}", run.gain()),
            y_title: format!("Incremental cost against {reference} ({})", run.money()),
            places: (4, places(run.money(), 1000.0)),
            thresholds: marks(run).into_iter().take(2).collect(),
            shaded: Some(0),
            columns: ["North-east", "North-west", "South-east", "South-west"]
                .map(String::from)
                .into_iter()
                .chain([format!("Below {}", threshold_words(run, answers.thresholds[0]))])
                .collect(),
        });
        (name, figure, data.into())
    };
    pages.iter().enumerate().map(page).collect()
}

const CEAC: &[Column] = &[
    STRATEGY,
    THRESHOLD,
    number("probability", "", "Probability most cost-effective"),
    text("on_frontier", "Whether it has the highest mean net benefit", "yes; no"),
];

/// Acceptability curves (F09) and their frontier (F10), of the first strategies where there are many.
pub fn acceptability(run: &PsaAnswer) -> Vec<Drawn> {
    let answers = &run.answers;
    // One that is never best stands at the bottom of the figure; those most often best are shown.
    let mut order: Vec<usize> = (0..answers.on_offer.len()).collect();
    if order.len() > MOST {
        let most = |i: &usize| answers.acceptability.probability[*i].iter().fold(0.0f64, |m, p| m.max(*p));
        order.sort_by(|a, b| most(b).total_cmp(&most(a)));
        order.truncate(MOST);
        order.sort_unstable();
    }
    let frontier: Vec<usize> = answers.acceptability.frontier.iter().map(|f| f.strategy).collect();
    let best: Vec<usize> = frontier.iter().filter_map(|s| order.iter().position(|i| i == s)).collect();
    let complete = best.len() == frontier.len();
    let switches: Vec<Mark> = (answers.switches.iter())
        .filter(|s| s.threshold > 0.0 && Some(&s.threshold) < answers.grid.last())
        .map(|s| Mark { value: s.threshold, label: figure_amount(s.threshold, 0) })
        .collect();
    let draw = |name: &str, title: &str, frontier_only: bool| {
        let mut data = table(name, "the curves of this figure", CEAC);
        for &i in &order {
            for (k, (&threshold, &p)) in
                answers.grid.iter().zip(&answers.acceptability.probability[i]).enumerate()
            {
                data.row(&[
                    Cell::Text(&run.model().strategies[answers.on_offer[i]].name),
                    Cell::Number(threshold),
                    Cell::Number(p),
                    Cell::Text(if frontier[k] == i { "yes" } else { "no" }),
                ]);
            }
        }
        let figure = ceac_figure(&CeacFigure {
            meta: meta(run, title.into()),
            x_title: willingness(run),
            y_title: CEAC_TITLE.into(),
            x: answers.grid.clone(),
            series: order
                .iter()
                .map(|&i| CeacSeries {
                    strategy: drawn(run.model(), answers.on_offer[i]),
                    probability: answers.acceptability.probability[i].clone(),
                })
                .collect(),
            best: if complete { best.clone() } else { Vec::new() },
            thresholds: short_marks(run),
            frontier_only,
            switches: if frontier_only { switches.clone() } else { Vec::new() },
        });
        (name.to_string(), figure, data.into())
    };
    let mut all = vec![draw("ceac", "Cost-effectiveness acceptability curves", false)];
    if complete {
        all.push(draw("ceaf", "Cost-effectiveness acceptability frontier", true));
    }
    all
}

const LOSS: &[Column] = &[
    STRATEGY,
    THRESHOLD,
    number("expected_loss", "cost per person", "Expected loss of choosing this strategy"),
];

/// Expected loss over thresholds (F11).
pub fn expected_loss(run: &PsaAnswer) -> Vec<Drawn> {
    let answers = &run.answers;
    if answers.on_offer.len() < 2 {
        return Vec::new();
    }
    let mut data = table("expected_loss", "the curves of this figure", LOSS);
    let shown = answers.on_offer.len().min(MOST);
    let mut all = Vec::new();
    for (i, &s) in answers.on_offer.iter().enumerate().take(shown) {
        for (&threshold, &loss) in answers.grid.iter().zip(&answers.loss.loss[i]) {
            data.row(&[
                Cell::Text(&run.model().strategies[s].name),
                Cell::Number(threshold),
                Cell::Number(loss),
            ]);
            all.push(loss);
        }
    }
    all.sort_by(f64::total_cmp);
    let figure = expected_loss_figure(&ExpectedLossFigure {
        meta: meta(run, "Expected loss of each strategy".into()),
        x_title: willingness(run),
        y_title: format!("Expected loss per person ({})", run.money()),
        x: answers.grid.clone(),
        series: (answers.on_offer.iter().enumerate())
            .take(shown)
            .map(|(i, &s)| LossSeries { strategy: drawn(run.model(), s), loss: answers.loss.loss[i].clone() })
            .collect(),
        envelope: "EVPI (lowest expected loss)".into(),
        thresholds: short_marks(run),
        // What loses far more than the rest would press the others against the axis.
        y_max: quantile(&all, 0.9).filter(|x| *x > 0.0),
    });
    vec![("expected_loss".to_string(), figure, data.into())]
}

const EVPI: &[Column] = &[
    THRESHOLD,
    number("evpi", "cost per person", "Expected value of perfect information"),
    number(
        "population_evpi",
        "cost",
        "The same for all people whom the decision concerns; empty if their number is not known",
    ),
];

/// EVPI over thresholds (F14).
pub fn evpi(run: &PsaAnswer) -> Drawn {
    let answers = &run.answers;
    let persons = run.persons();
    let mut data = table("evpi", "the curve of this figure", EVPI);
    let points: Vec<(f64, f64)> =
        answers.grid.iter().copied().zip(answers.loss.evpi.iter().map(|e| e.value)).collect();
    for (threshold, value) in &points {
        data.row(&[Cell::Number(*threshold), Cell::Number(*value), Cell::Maybe(persons.map(|n| n * value))]);
    }
    let most = points.iter().fold(0.0f64, |m, p| m.max(p.1));
    let population = persons.map(|n| {
        let (unit, scale) = match n * most {
            x if x >= 1e6 => (format!("{} million", run.money()), 1e6),
            _ => (run.money().to_string(), 1.0),
        };
        PopulationAxis { title: format!("EVPI for {} persons ({unit})", count(n.round())), factor: n / scale }
    });
    let figure = evpi_figure(&EvpiFigure {
        meta: meta(run, "Expected value of perfect information".into()),
        x_title: willingness(run),
        y_title: format!("EVPI per person ({})", run.money()),
        places: places(run.money(), most.max(1000.0)),
        points,
        population,
        thresholds: short_marks(run),
    });
    ("evpi".to_string(), figure, data.into())
}

const CONVERGED: &[Column] = &[
    STRATEGY,
    number("draws", "draws", "So many draws from the first"),
    number("incremental_net_benefit", "cost", "Mean over these draws"),
    number("se", "cost", "Its Monte Carlo standard error"),
];

/// Convergence of incremental net benefit (F19).
pub fn convergence(run: &PsaAnswer) -> Vec<Drawn> {
    let (model, answers) = (run.model(), &run.answers);
    let compared = &answers.compared[..answers.compared.len().min(MOST + 1)];
    if compared.len() < 2 || answers.convergence.len() < 2 {
        return Vec::new();
    }
    let mut data = table("psa_convergence", "the running means of this figure", CONVERGED);
    let mut most: f64 = 0.0;
    let series = compared.iter().enumerate().skip(1).map(|(i, &s)| {
        let points = answers.convergence.iter().filter_map(|point| {
            let (value, se) = (point.incremental[i], point.se.as_ref()?[i]);
            data.row(&[
                Cell::Text(&model.strategies[s].name),
                Cell::Number(point.draws as f64),
                Cell::Number(value),
                Cell::Number(se),
            ]);
            most = most.max(value.abs());
            Some(ConvergencePoint {
                count: point.draws as f64,
                value,
                interval: (value - Z * se, value + Z * se),
            })
        });
        ConvergenceSeries { points: points.collect(), strategy: drawn(model, s) }
    });
    let series: Vec<ConvergenceSeries> = series.collect();
    let figure: Figure = convergence_figure(&ConvergenceFigure {
        series,
        meta: meta(run, "Convergence of incremental net benefit".into()),
        x_title: "Draws (logarithmic scale)".into(),
        y_title: format!(
            "Incremental net benefit against {} at {} ({})",
            run.label(model.reference()),
            threshold_words(run, answers.thresholds[0]),
            run.money()
        ),
        places: places(run.money(), most),
        band_note: "95 % Monte Carlo intervals of the mean, as for independent draws".into(),
        stopped: None,
    });
    vec![("psa_convergence".to_string(), figure, data.into())]
}

const EVPPI: &[Column] = &[
    text("parameters", "Parameter, or the name of a group", ""),
    number("evppi", "cost per person", "Expected value of knowing it"),
    number("se", "cost per person", "Standard error"),
];

/// The value of knowing parameters (F15), the most valuable first.
pub fn evppi(information: &VoiAnswer) -> Drawn {
    let run = &information.psa;
    let mut data = table("evppi", "the bars of this figure", EVPPI);
    let mut ranked: Vec<_> = information.values.iter().collect();
    ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
    let evpi = run.answers.loss.evpi[run.answers.at(information.threshold)].value;
    let digits = places(run.money(), evpi.max(1.0));
    let bars = ranked.iter().take(BARS).map(|value| {
        data.row(&[Cell::Text(&value.name), Cell::Number(value.value), Cell::Maybe(value.se)]);
        EvppiBar {
            name: value.name.clone(),
            value: value.value,
            standard_error: value.se,
            text: figure_amount(value.value, digits),
            as_evpi: value.above_evpi,
        }
    });
    let bars: Vec<EvppiBar> = bars.collect();
    let figure = evppi_figure(&EvppiFigure {
        bars,
        meta: meta(run, "What it is worth to know: parameters and groups".into()),
        x_title: format!(
            "EVPPI per person at {} ({})",
            threshold_words(run, information.threshold),
            run.money()
        ),
        evpi: Some(Mark { value: evpi, label: format!("EVPI: {}", figure_amount(evpi, digits)) }),
        flag_note: "estimated above EVPI and reported as EVPI".into(),
    });
    ("evppi".to_string(), figure, data.into())
}
