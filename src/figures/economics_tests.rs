//! Tests of the figures of the economic evaluation with invented data that are difficult on purpose: many strategies with
//! long names, overlapping clouds, nearly equal values, values that are not finite, and no data at all.

use super::scene::Scene;
use super::tests::{meta, noise, strategy};
use super::*;
use arcosim_core::math::{exp, normal, pow, sqrt};

fn normal_noise(index: usize, k: usize) -> f64 {
    normal::quantile((noise(index, k) + 0.5).clamp(1e-4, 1.0 - 1e-4))
}

fn mark(value: f64, label: &str) -> Mark {
    Mark { value, label: label.into() }
}

fn long(index: usize) -> Strategy {
    let mut strategy = strategy(index);
    strategy.label = format!("{} with the most expensive of the additions", strategy.label);
    strategy
}

fn wtp() -> Vec<Mark> {
    vec![mark(25_000.0, "GBP 25\u{202F}000 per QALY"), mark(35_000.0, "GBP 35\u{202F}000 per QALY")]
}

/// Mean QALYs and costs of eight strategies.
const MEANS: [(f64, f64); 8] = [
    (14.02, 21_300.0),
    (14.21, 24_900.0),
    (14.38, 29_600.0),
    (14.36, 33_100.0),
    (13.91, 26_000.0),
    (14.95, 18_000.0),
    (14.39, 31_400.0),
    (14.22, 25_100.0),
];

fn draws(index: usize, count: usize) -> Vec<(f64, f64)> {
    let (q, c) = (MEANS[index].0 - MEANS[0].0, MEANS[index].1 - MEANS[0].1);
    (0..count)
        .map(|k| {
            let (a, b) = (normal_noise(index, k), normal_noise(index + 11, k));
            (q + 0.16 * a, c + 2400.0 * (0.9 * b - 0.43 * a))
        })
        .collect()
}

fn cloud(index: usize, count: usize) -> Cloud {
    let points = draws(index, count);
    let n = count as f64;
    let mean = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let moment = |f: &dyn Fn(f64, f64) -> f64| {
        points.iter().map(|p| f(p.0 - mean.0, p.1 - mean.1)).sum::<f64>() / (n - 1.0)
    };
    Cloud {
        strategy: strategy(index),
        covariance: Some((moment(&|x, _| x * x), moment(&|x, y| x * y), moment(&|_, y| y * y))),
        points,
        mean,
        cells: ["61\u{202F}%", "12\u{202F}%", "9\u{202F}%", "18\u{202F}%", "47\u{202F}%"]
            .map(String::from)
            .to_vec(),
    }
}

fn plane(indices: &[usize], count: usize) -> CePlaneFigure {
    CePlaneFigure {
        meta: meta("Cost-effectiveness plane against the reference strategy"),
        x_title: "Incremental QALYs against the reference strategy".into(),
        y_title: "Incremental cost against the reference strategy (GBP)".into(),
        places: (2, 0),
        thresholds: wtp(),
        shaded: Some(0),
        clouds: indices.iter().map(|k| cloud(*k, count)).collect(),
        columns: [
            "More QALYs, higher cost",
            "More QALYs, lower cost",
            "Fewer QALYs, lower cost",
            "Fewer QALYs, higher cost",
            "Worth its cost at GBP 25\u{202F}000",
        ]
        .map(String::from)
        .to_vec(),
    }
}

fn frontier() -> FrontierFigure {
    let status = |index: usize| match index {
        0..=2 => FrontierStatus::Frontier,
        5 => FrontierStatus::NotOffered,
        _ => FrontierStatus::Dominated,
    };
    FrontierFigure {
        meta: meta("Efficiency frontier"),
        x_title: "QALYs per person (discounted at 3.5\u{202F}%)".into(),
        y_title: "Cost per person (GBP, discounted at 3.5\u{202F}%)".into(),
        cost_unit: "GBP".into(),
        effect_unit: "QALYs".into(),
        places: (2, 0),
        points: (0..8)
            .map(|index| FrontierPoint {
                strategy: if index > 5 { long(index) } else { strategy(index) },
                qaly: MEANS[index].0,
                cost: MEANS[index].1,
                icer: match index {
                    1 => Some(mark(18_947.0, "GBP 18\u{202F}947 per QALY")),
                    2 => Some(mark(27_647.0, "GBP 27\u{202F}647 per QALY")),
                    _ => None,
                },
                status: status(index),
                status_words: String::new(),
            })
            .collect(),
    }
}

fn grid() -> Vec<f64> {
    (0..=75).map(|k| 1000.0 * f64::from(k)).collect()
}

fn benefit(index: usize, threshold: f64) -> f64 {
    threshold * (MEANS[index].0 - 14.0) - (MEANS[index].1 - 21_000.0)
}

fn ceac(count: usize, frontier_only: bool) -> CeacFigure {
    let x = grid();
    let offered: Vec<usize> = (0..8).filter(|k| *k != 5).take(count).collect();
    let shares = |threshold: f64| -> Vec<f64> {
        let weights: Vec<f64> = offered.iter().map(|k| exp(benefit(*k, threshold) / 3000.0)).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|w| w / total).collect()
    };
    let probability: Vec<Vec<f64>> = x.iter().map(|t| shares(*t)).collect();
    let best: Vec<usize> = x
        .iter()
        .map(|t| {
            let values = offered.iter().map(|k| benefit(*k, *t) + if *k == 1 { 1500.0 } else { 0.0 });
            let all: Vec<f64> = values.collect();
            (0..all.len()).max_by(|a, b| all[*a].total_cmp(&all[*b])).unwrap_or(0)
        })
        .collect();
    let switches = best.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
    CeacFigure {
        meta: meta("How likely each strategy is the most cost-effective"),
        x_title: "Willingness to pay (GBP per QALY)".into(),
        y_title: CEAC_TITLE.into(),
        switches: switches
            .map(|(k, _)| mark(x[k + 1], &format!("GBP {} per QALY", count_of(x[k + 1]))))
            .collect(),
        series: offered
            .iter()
            .enumerate()
            .map(|(k, index)| CeacSeries {
                strategy: if count > 5 { long(*index) } else { strategy(*index) },
                probability: probability.iter().map(|p| p[k]).collect(),
                on_frontier: best.iter().map(|best| *best == k).collect(),
            })
            .collect(),
        x,
        thresholds: wtp(),
        frontier_only,
    }
}

fn count_of(value: f64) -> String {
    super::count(value)
}

fn loss(count: usize, y_max: Option<f64>) -> ExpectedLossFigure {
    let data = ceac(count, false);
    let lost = |index: usize, t: f64| {
        let best = (0..8).filter(|k| *k != 5).map(|k| benefit(k, t)).fold(f64::MIN, f64::max);
        best - benefit(index, t) + 300.0 * exp(-(benefit(index, t) - best) * (benefit(index, t) - best) / 9e6)
    };
    ExpectedLossFigure {
        meta: meta("Expected loss of choosing now"),
        x_title: data.x_title,
        y_title: "Expected loss per person (GBP)".into(),
        series: data
            .series
            .iter()
            .map(|series| LossSeries {
                strategy: series.strategy.clone(),
                loss: data.x.iter().map(|t| lost(series.strategy.index, *t)).collect(),
            })
            .collect(),
        x: data.x,
        envelope: "EVPI (lowest expected loss)".into(),
        thresholds: wtp(),
        y_max,
    }
}

fn evpi(population: bool) -> EvpiFigure {
    EvpiFigure {
        meta: meta("Expected value of perfect information"),
        x_title: "Willingness to pay (GBP per QALY)".into(),
        y_title: "EVPI per person (GBP)".into(),
        places: 0,
        points: grid()
            .into_iter()
            .map(|t| (t, 900.0 * exp(-(t - 21_000.0) * (t - 21_000.0) / 2e8) + 0.006 * t))
            .collect(),
        population: population.then(|| PopulationAxis {
            title: "EVPI for 21\u{202F}400 persons over ten years (GBP million)".into(),
            persons: 21_400.0,
            unit: 1e6,
        }),
        thresholds: wtp(),
    }
}

fn tornado(count: usize) -> TornadoFigure {
    let bars = (0..count).map(|k| {
        let swing = 4200.0 * exp(-0.28 * k as f64);
        let (at_low, at_high) = match k {
            3 => (900.0 + 0.4 * swing, 900.0 + swing),
            6 => (900.0 - swing, 900.0 - 0.1 * swing),
            9 => (900.0, 900.0 + swing),
            k if k % 2 == 0 => (900.0 - swing, 900.0 + 0.8 * swing),
            _ => (900.0 + swing, 900.0 - 0.7 * swing),
        };
        TornadoBar {
            parameter: format!("parameter_{k}"),
            unit: String::new(),
            name: [
                "Hazard ratio of progression, new combination against usual procedure",
                "Utility a year after the operation",
                "Cost of cells (GBP)",
                "Discount rate",
            ][k % 4]
                .into(),
            at_low,
            at_high,
            low: mark(0.0, ["0.42", "0.61", "GBP 4\u{202F}200", "0.0\u{202F}%"][k % 4]),
            high: mark(1.0, ["1.10", "0.89", "GBP 18\u{202F}750", "6.0\u{202F}%"][k % 4]),
            flips: at_low.min(at_high) < 0.0,
        }
    });
    TornadoFigure {
        meta: meta("What moves the decision"),
        x_title: "Incremental net monetary benefit of option A against the reference at GBP 25\u{202F}000 per QALY (GBP)".into(),
        places: 0,
        base: 900.0,
        base_label: "Base: 900".into(),
        zero_label: Some("No difference".into()),
        ends: ("Low value of the parameter".into(), "High value of the parameter".into()),
        flip_note: "the best strategy changes within the range".into(),
        bars: bars.collect(),
    }
}

fn lines(count: usize) -> SensitivityLinesFigure {
    let points = |index: usize| {
        (0..=40)
            .map(|k| {
                let x = 0.3 + 0.025 * f64::from(k);
                (x, Some(benefit(index, 25_000.0) + index as f64 * 9000.0 * (0.75 - x)))
            })
            .collect()
    };
    SensitivityLinesFigure {
        meta: meta("Net benefit over the hazard ratio of worsening"),
        x_title: "Hazard ratio of worsening, option A against the reference".into(),
        y_title: "Net monetary benefit at GBP 25\u{202F}000 per QALY (GBP)".into(),
        places: 0,
        series: (0..count)
            .map(|index| SensitivityLine {
                strategy: if count > 5 { long(index) } else { strategy(index) },
                points: points(index),
            })
            .collect(),
        base: Some(mark(0.62, "Base: 0.62")),
        switches: vec![
            mark(0.71, "0.71: option A no longer best"),
            mark(0.94, "0.94: option B no longer best"),
        ],
    }
}

fn two_way(side: usize) -> TwoWayFigure {
    let x: Vec<f64> = (0..side).map(|k| 0.3 + 0.9 * k as f64 / side as f64).collect();
    let y: Vec<f64> = (0..side).map(|k| 2000.0 + 18_000.0 * k as f64 / side as f64).collect();
    let best = |x: f64, y: f64| {
        let values = [
            0.0,
            9000.0 * (1.0 - x) - 0.25 * y,
            16_000.0 * (0.9 - x) - 0.5 * y,
            2450.0 - 4000.0 * (x - 0.55) * (x - 0.55) - 0.12 * y,
            -1e9,
        ];
        (0..5).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0)
    };
    TwoWayFigure {
        meta: meta("The best strategy over two parameters"),
        x_title: "Hazard ratio of worsening".into(),
        y_title: "Cost of cells (GBP)".into(),
        best: y.iter().map(|y| x.iter().map(|x| best(*x, *y)).collect()).collect(),
        x,
        y,
        strategies: (0..5).map(|k| if k == 1 { long(k) } else { strategy(k) }).collect(),
        base: Some(((0.62, 9000.0), "Base values (0.62 and GBP 9\u{202F}000)".into())),
    }
}

fn evppi(count: usize) -> EvppiFigure {
    let bars = (0..count).map(|k| {
        let value = 640.0 * exp(-0.4 * k as f64);
        EvppiBar {
            parameters: format!("p{k}"),
            label: tornado(count).bars[k].name.clone(),
            value,
            standard_error: (k != 2).then_some(12.0 + 0.05 * value),
            text: super::count(value),
            as_evpi: k == 0,
        }
    });
    EvppiFigure {
        meta: meta("Which uncertainty is worth resolving"),
        x_title: "EVPPI per person at GBP 25\u{202F}000 per QALY (GBP)".into(),
        bars: bars.collect(),
        evpi: Some(mark(640.0, "EVPI: 640")),
        flag_note: "the estimate was above EVPI and is reported as EVPI".into(),
    }
}

fn waterfall(count: usize, start: Option<f64>) -> WaterfallFigure {
    let names = [
        "Before illness",
        "After illness, awaiting operation",
        "After the first of operations",
        "One-off decrements of operations and complications, all kinds",
        "Relapses",
    ];
    let steps: Vec<WaterfallStep> = (0..count)
        .map(|k| WaterfallStep {
            name: names[k % 5].into(),
            change: [0.41, -0.12, -0.37, -0.004, 0.0, 0.09, -0.2][k % 7],
        })
        .collect();
    let end = start.unwrap_or(0.0) + steps.iter().map(|step| step.change).sum::<f64>();
    WaterfallFigure {
        meta: meta("Where the QALYs of option A against the reference come from"),
        of: WaterfallOf::NetBenefit,
        x_title: "QALYs per person, option A minus the reference".into(),
        places: 3,
        start: start.map(|value| ("The reference strategy".into(), value)),
        steps,
        end: ("Option A".into(), end),
        directions: ("Gain".into(), "Loss".into()),
    }
}

fn convergence(count: usize) -> ConvergenceFigure {
    let points = |index: usize| {
        let mut sum = 0.0;
        let mut points = Vec::new();
        for k in 1..=4000usize {
            sum += 700.0 * index as f64 - 900.0 + 4000.0 * normal_noise(index, k);
            if k >= 10 && (k % 40 == 0 || k < 200) {
                let value = sum / k as f64;
                let standard_error = 4000.0 / sqrt(k as f64);
                points.push(ConvergencePoint { count: k as f64, value, standard_error });
            }
        }
        points
    };
    ConvergenceFigure {
        meta: meta("Would more draws change the answer?"),
        x_title: "Draws (logarithmic scale)".into(),
        y_title: "Incremental net monetary benefit against the reference at GBP 25\u{202F}000 per QALY (GBP)"
            .into(),
        places: 0,
        band_note: "95\u{202F}% Monte Carlo intervals".into(),
        series: (1..=count)
            .map(|index| ConvergenceSeries { strategy: strategy(index), points: points(index) })
            .collect(),
        stopped: Some(mark(pow(10.0, 3.3), "Stopping rule met after 2\u{202F}000 draws")),
    }
}

pub(super) fn all() -> Vec<(&'static str, Scene)> {
    vec![
        ("plane_1", super::ce_plane::scene(&plane(&[1], 1000))),
        ("plane_3", super::ce_plane::scene(&plane(&[1, 2, 3], 2000))),
        ("plane_7", super::ce_plane::scene(&plane(&[1, 2, 3, 4, 5, 6, 7], 1400))),
        ("frontier_8", super::frontier::scene(&frontier())),
        ("ceac_4", super::ceac::scene(&ceac(4, false))),
        ("ceac_7", super::ceac::scene(&ceac(7, false))),
        ("ceaf", super::ceac::scene(&ceac(7, true))),
        ("loss_4", super::expected_loss::scene(&loss(4, None))),
        ("loss_7", super::expected_loss::scene(&loss(7, Some(6000.0)))),
        ("evpi", super::evpi::scene(&evpi(false))),
        ("evpi_population", super::evpi::scene(&evpi(true))),
        ("tornado_4", super::tornado::scene(&tornado(4))),
        ("tornado_15", super::tornado::scene(&tornado(15))),
        ("lines_4", super::sensitivity_lines::scene(&lines(4))),
        ("lines_8", super::sensitivity_lines::scene(&lines(8))),
        ("two_way_12", super::two_way::scene(&two_way(12))),
        ("two_way_80", super::two_way::scene(&two_way(80))),
        ("evppi_12", super::evppi::scene(&evppi(12))),
        ("waterfall_7", super::waterfall::scene(&waterfall(7, None))),
        ("waterfall_20", super::waterfall::scene(&waterfall(20, Some(14.02)))),
        ("convergence_3", super::convergence::scene(&convergence(3))),
    ]
}

#[test]
fn ten_thousand_dots_are_small() {
    let data = plane(&[1, 2, 3, 4, 6], 2000);
    let svg = ce_plane_figure(&data).svg;
    assert!(svg.len() < 250_000, "{} bytes", svg.len());
    assert!(svg.matches('h').count() > 9500);
}

#[test]
fn broken_economic_data_still_give_a_page() {
    let nan = f64::NAN;
    let mut clouds = plane(&[1, 2], 10);
    clouds.clouds[0].points = vec![(nan, 1.0), (0.1, f64::INFINITY), (0.1, 2.0)];
    clouds.clouds[0].covariance = Some((nan, 0.0, 1.0));
    clouds.clouds[1].mean = (nan, nan);
    clouds.clouds[1].points = vec![(0.0, 0.0); 50];
    clouds.thresholds = vec![mark(nan, "A"), mark(0.0, "B"), mark(-5.0, "C"), mark(1e300, "D")];
    let mut point = plane(&[1], 1);
    point.clouds[0].covariance = Some((0.0, 0.0, 0.0));
    point.clouds[0].mean = (0.0, 0.0);
    point.clouds[0].points = vec![(0.0, 0.0)];
    let mut equal = frontier();
    for point in &mut equal.points {
        (point.qaly, point.cost) = (1.0, -2.0);
    }
    equal.points[3].qaly = nan;
    let mut alone = frontier();
    alone.points.truncate(1);
    let mut bare = frontier();
    bare.points.clear();
    let mut acceptability = ceac(3, false);
    acceptability.series[0].probability[3] = nan;
    acceptability.series[2].on_frontier.clear();
    acceptability.series[1].probability.clear();
    let mut nobody = ceac(2, true);
    nobody.series.clear();
    nobody.x.clear();
    let mut losses = loss(2, Some(nan));
    losses.series[0].loss = vec![nan; 5];
    losses.series[1].loss = vec![-1.0, 0.0, 1e300];
    let mut information = evpi(true);
    information.points = vec![(0.0, 0.0)];
    let mut nothing = evpi(true);
    nothing.points.clear();
    let mut storm = tornado(6);
    storm.base = nan;
    storm.bars[0].at_low = f64::INFINITY;
    let mut calm = tornado(3);
    for bar in &mut calm.bars {
        (bar.at_low, bar.at_high) = (900.0, 900.0);
    }
    let mut flat = lines(3);
    for series in &mut flat.series {
        series.points = vec![(0.5, Some(1.0)), (0.6, None)];
    }
    let mut map = two_way(1);
    map.best = vec![vec![7]];
    let mut empty_map = two_way(0);
    empty_map.strategies.clear();
    let mut values = evppi(3);
    values.bars[0].value = nan;
    values.bars[1].value = -5.0;
    values.bars[2].standard_error = Some(nan);
    let mut steps = waterfall(5, Some(nan));
    steps.steps[1].change = nan;
    let mut running = convergence(2);
    running.series[0].points.truncate(1);
    running.series[1].points[0].count = 0.0;
    running.series[1].points[1].value = nan;
    for (name, figure) in [
        ("clouds", ce_plane_figure(&clouds)),
        ("point", ce_plane_figure(&point)),
        ("no clouds", ce_plane_figure(&plane(&[], 0))),
        ("equal", frontier_figure(&equal)),
        ("alone", frontier_figure(&alone)),
        ("bare", frontier_figure(&bare)),
        ("acceptability", ceac_figure(&acceptability)),
        ("nobody", ceac_figure(&nobody)),
        ("losses", expected_loss_figure(&losses)),
        ("information", evpi_figure(&information)),
        ("nothing", evpi_figure(&nothing)),
        ("storm", tornado_figure(&storm)),
        ("calm", tornado_figure(&calm)),
        ("no bars", tornado_figure(&tornado(0))),
        ("flat", sensitivity_lines_figure(&flat)),
        ("no lines", sensitivity_lines_figure(&lines(0))),
        ("map", two_way_figure(&map)),
        ("empty map", two_way_figure(&empty_map)),
        ("values", evppi_figure(&values)),
        ("no values", evppi_figure(&evppi(0))),
        ("steps", waterfall_figure(&steps)),
        ("no steps", waterfall_figure(&waterfall(0, None))),
        ("running", convergence_figure(&running)),
        ("no draws", convergence_figure(&convergence(0))),
    ] {
        assert!(figure.svg.ends_with("</svg>\n"), "{name}");
        assert!(!figure.svg.contains("NaN") && !figure.svg.contains("\"inf"), "{name}");
    }
}

#[test]
fn the_frontier_changes_where_it_is_said_to() {
    let figure = ceac_figure(&ceac(7, true));
    assert!(figure.svg.contains("Probability most cost-effective"));
    assert!(figure.alt_text.contains("Highest mean net benefit as the threshold rises:"));
    for switch in ceac(7, true).switches {
        assert!(figure.svg.contains(&switch.label));
    }
}

#[test]
fn bars_that_change_the_decision_are_marked() {
    let mut data = tornado(4);
    let diamonds = |data: &TornadoFigure| tornado_figure(data).svg.contains("Diamond: the best strategy");
    assert!(diamonds(&data));
    data.bars.iter_mut().for_each(|bar| bar.flips = false);
    assert!(!diamonds(&data));
}
