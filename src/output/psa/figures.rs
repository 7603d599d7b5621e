//! Figures of a probabilistic sensitivity analysis: cost-effectiveness plane, CEAC, CEAF, expected loss, EVPI, EVPPI, convergence.

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
use crate::output::scenario::parameter_in_words;
use crate::output::strategies::drawn;

/// Largest number of draws shown in a cloud; the table of draws contains all of them.
const SHOWN: usize = 2000;
/// Largest number of strategies that one figure can distinguish.
const MOST: usize = 8;
/// Largest number of bars in the EVPPI ranking.
const BARS: usize = 15;
pub(super) fn meta(run: &PsaAnswer, name: &str, title: &str) -> FigureMeta {
    FigureMeta {
        name: name.into(),
        title: title.into(),
        footer: super::footer(run),
        watermark: (run.model().strategies.iter().any(|s| s.hypothetical))
            .then(|| "HYPOTHETICAL".to_string()),
    }
}

/// A threshold with its unit, with the same number of digits as on the axes.
fn threshold_words(run: &PsaAnswer, value: f64) -> String {
    drawn_price(run.model(), run.decision, value)
}

fn marks(run: &PsaAnswer) -> Vec<Mark> {
    let mark = |&value: &f64| Mark { value, label: threshold_words(run, value) };
    run.answers.thresholds.iter().map(mark).collect()
}

/// The thresholds for vertical lines, labelled without a unit because the axis title contains the unit.
fn short_marks(run: &PsaAnswer) -> Vec<Mark> {
    let mark = |&value: &f64| Mark { value, label: figure_amount(value, 0) };
    run.answers.thresholds.iter().map(mark).collect()
}

fn willingness(run: &PsaAnswer) -> String {
    format!("Willingness to pay ({} per {})", run.money(), singular(run.gain()))
}

/// The figures of `arcosim psa`.
pub fn all(run: &PsaAnswer) -> Vec<Figure> {
    let groups = [planes(run), acceptability(run), expected_loss(run), vec![evpi(run)], convergence(run)];
    groups.into_iter().flatten().collect()
}

/// The figures of `arcosim voi`.
pub fn of_information(information: &VoiAnswer) -> Vec<Figure> {
    vec![evppi(information), evpi(&information.psa)]
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// The cost-effectiveness plane (F07), without bounds.
fn planes(run: &PsaAnswer) -> Vec<Figure> {
    let (model, answers) = (run.model(), &run.answers);
    let reference = run.label(model.reference());
    let offered: Vec<_> = answers.planes.iter().filter(|(s, _)| !model.strategies[*s].bound).collect();
    if offered.is_empty() || answers.costs[0].len() < 2 {
        return Vec::new();
    }
    let pages: Vec<_> = offered.chunks(MOST).collect();
    let page = |(i, page): (usize, &&[&(usize, crate::economics::Plane)])| {
        let name = if i == 0 { "ce_plane".to_string() } else { format!("ce_plane-{}", i + 1) };
        let clouds = page.iter().map(|(s, plane)| {
            let points: Vec<(f64, f64)> =
                plane.effects.iter().copied().zip(plane.costs.iter().copied()).take(SHOWN).collect();
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
        ce_plane_figure(&CePlaneFigure {
            clouds: clouds.collect(),
            meta: meta(run, &name, "Cost-effectiveness plane"),
            x_title: format!("Incremental {} versus {reference}", run.gain()),
            y_title: format!("Incremental cost versus {reference} ({})", run.money()),
            places: (4, places(run.money(), 1000.0)),
            thresholds: marks(run).into_iter().take(2).collect(),
            shaded: Some(0),
            columns: ["North-east", "North-west", "South-east", "South-west"]
                .map(String::from)
                .into_iter()
                .chain([format!("Below {}", threshold_words(run, answers.thresholds[0]))])
                .collect(),
        })
    };
    pages.iter().enumerate().map(page).collect()
}

/// Acceptability curves (F09) and their frontier (F10). If there are too many strategies, those with the highest peak
/// probability are shown.
fn acceptability(run: &PsaAnswer) -> Vec<Figure> {
    let answers = &run.answers;
    // Strategies with a low probability at all thresholds are left out, because their curves are flat lines near zero.
    let mut order: Vec<usize> = (0..answers.on_offer.len()).collect();
    if order.len() > MOST {
        let most = |i: &usize| answers.acceptability.probability[*i].iter().fold(0.0f64, |m, p| m.max(*p));
        order.sort_by(|a, b| most(b).total_cmp(&most(a)));
        order.truncate(MOST);
        order.sort_unstable();
    }
    let frontier: Vec<usize> = answers.acceptability.frontier.iter().map(|f| f.strategy).collect();
    let complete = frontier.iter().all(|best| order.contains(best));
    let switches: Vec<Mark> = (answers.switches.iter())
        .filter(|s| s.threshold > 0.0 && Some(&s.threshold) < answers.grid.last())
        .map(|s| Mark { value: s.threshold, label: figure_amount(s.threshold, 0) })
        .collect();
    let series = |&i: &usize| CeacSeries {
        strategy: drawn(run.model(), answers.on_offer[i]),
        probability: answers.acceptability.probability[i].clone(),
        on_frontier: frontier.iter().map(|best| *best == i).collect(),
    };
    let draw = |name: &str, title: &str, frontier_only: bool| {
        ceac_figure(&CeacFigure {
            meta: meta(run, name, title),
            x_title: willingness(run),
            y_title: CEAC_TITLE.into(),
            x: answers.grid.clone(),
            series: order.iter().map(series).collect(),
            thresholds: short_marks(run),
            frontier_only,
            switches: if frontier_only { switches.clone() } else { Vec::new() },
        })
    };
    let mut all = vec![draw("ceac", "Cost-effectiveness acceptability curves", false)];
    if complete {
        all.push(draw("ceaf", "Cost-effectiveness acceptability frontier", true));
    }
    all
}

/// Expected loss over thresholds (F11).
fn expected_loss(run: &PsaAnswer) -> Vec<Figure> {
    let answers = &run.answers;
    if answers.on_offer.len() < 2 {
        return Vec::new();
    }
    let shown = answers.on_offer.len().min(MOST);
    let mut all: Vec<f64> = answers.loss.loss[..shown].concat();
    all.sort_by(f64::total_cmp);
    vec![expected_loss_figure(&ExpectedLossFigure {
        meta: meta(run, "expected_loss", "Expected loss of each strategy"),
        x_title: willingness(run),
        y_title: format!("Expected loss per person ({})", run.money()),
        x: answers.grid.clone(),
        series: (answers.on_offer.iter().enumerate())
            .take(shown)
            .map(|(i, &s)| LossSeries { strategy: drawn(run.model(), s), loss: answers.loss.loss[i].clone() })
            .collect(),
        envelope: "EVPI (lowest expected loss)".into(),
        thresholds: short_marks(run),
        // The axis ends at the 90 % quantile of all losses, because a strategy with a very large loss would flatten all other lines.
        y_max: quantile(&all, 0.9).filter(|x| *x > 0.0),
    })]
}

/// EVPI over thresholds (F14).
fn evpi(run: &PsaAnswer) -> Figure {
    let answers = &run.answers;
    let persons = run.persons();
    let points: Vec<(f64, f64)> =
        answers.grid.iter().copied().zip(answers.loss.evpi.iter().map(|e| e.value)).collect();
    let most = points.iter().fold(0.0f64, |m, p| m.max(p.1));
    let population = persons.map(|n| {
        let (unit, scale) = match n * most {
            x if x >= 1e6 => (format!("{} million", run.money()), 1e6),
            _ => (run.money().to_string(), 1.0),
        };
        PopulationAxis {
            title: format!("EVPI for {} persons ({unit})", count(n.round())),
            persons: n,
            unit: scale,
        }
    });
    evpi_figure(&EvpiFigure {
        meta: meta(run, "evpi", "Expected value of perfect information"),
        x_title: willingness(run),
        y_title: format!("EVPI per person ({})", run.money()),
        places: places(run.money(), most.max(1000.0)),
        points,
        population,
        thresholds: short_marks(run),
    })
}

/// Convergence of incremental net benefit (F19).
fn convergence(run: &PsaAnswer) -> Vec<Figure> {
    let (model, answers) = (run.model(), &run.answers);
    let compared = &answers.compared[..answers.compared.len().min(MOST + 1)];
    if compared.len() < 2 || answers.convergence.len() < 2 {
        return Vec::new();
    }
    let mut most: f64 = 0.0;
    let series = compared.iter().enumerate().skip(1).map(|(i, &s)| {
        let points = answers.convergence.iter().filter_map(|point| {
            let (value, standard_error) = (point.incremental[i], point.se.as_ref()?[i]);
            most = most.max(value.abs());
            Some(ConvergencePoint { count: point.draws as f64, value, standard_error })
        });
        ConvergenceSeries { points: points.collect(), strategy: drawn(model, s) }
    });
    let series: Vec<ConvergenceSeries> = series.collect();
    vec![convergence_figure(&ConvergenceFigure {
        series,
        meta: meta(run, "psa_convergence", "Convergence of incremental net benefit"),
        x_title: "Draws (logarithmic scale)".into(),
        y_title: format!(
            "Incremental net benefit versus {} at {} ({})",
            run.label(model.reference()),
            threshold_words(run, answers.thresholds[0]),
            run.money()
        ),
        places: places(run.money(), most),
        band_note: "95 % Monte Carlo intervals of the mean, as for independent draws".into(),
        stopped: None,
    })]
}

/// EVPPI of parameters and groups (F15), by decreasing value.
fn evppi(information: &VoiAnswer) -> Figure {
    let run = &information.psa;
    let mut ranked: Vec<_> = information.values.iter().collect();
    ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
    let evpi = run.answers.loss.evpi[run.answers.at(information.threshold)].value;
    let digits = places(run.money(), evpi.max(1.0));
    let bars = ranked.iter().take(BARS).map(|value| EvppiBar {
        parameters: value.name.clone(),
        label: parameter_in_words(run.scenario, &value.name),
        value: value.value,
        standard_error: value.se,
        text: figure_amount(value.value, digits),
        as_evpi: value.above_evpi,
    });
    let bars: Vec<EvppiBar> = bars.collect();
    evppi_figure(&EvppiFigure {
        bars,
        meta: meta(run, "evppi", "Expected value of partial perfect information (EVPPI)"),
        x_title: format!(
            "EVPPI per person at {} ({})",
            threshold_words(run, information.threshold),
            run.money()
        ),
        evpi: Some(Mark { value: evpi, label: format!("EVPI: {}", figure_amount(evpi, digits)) }),
        flag_note: "estimated above EVPI and reported as EVPI".into(),
    })
}
