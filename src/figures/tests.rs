//! Tests of all figures with invented data that are difficult on purpose: many strategies, long names, curves that nearly
//! coincide, a bound, a strategy without a curve.

use super::scene::{Anchor, Scene, Shape, Text};
use super::text::width;
use super::*;
use arcosim_core::math::{exp, sqrt};

const NAMES: [&str; 8] = [
    "The reference strategy",
    "Option A",
    "Option A with added component",
    "Option B",
    "Option C",
    "Perfect protection",
    "Option D, repeated every year",
    "Option E",
];

pub(super) fn strategy(index: usize) -> Strategy {
    Strategy {
        index,
        name: format!("strategy_{index}"),
        label: NAMES[index].into(),
        bound: index == 5,
        hypothetical: false,
    }
}

pub(super) fn meta(title: &str) -> FigureMeta {
    FigureMeta {
        name: "figure".into(),
        title: title.into(),
        footer: "base · exact + 40\u{202F}000 patients · seed 7 · no p-values: they would only measure the number simulated · 3f9c1a".into(),
        watermark: None,
    }
}

fn survival_share(index: usize, time: f64) -> f64 {
    let rate = [0.20, 0.12, 0.117, 0.115, 0.0, 0.03, 0.125, 0.16][index];
    0.25 + 0.75 * exp(-rate * time * (1.0 + 2.0 * exp(-time)))
}

pub(super) fn noise(index: usize, step: usize) -> f64 {
    let k = (index * 7919 + step * 104_729) as u32;
    let mixed = (k ^ (k >> 7)).wrapping_mul(2_654_435_761);
    f64::from(mixed >> 8) / f64::from(1u32 << 24) - 0.5
}

fn drift(index: usize, steps: usize) -> Vec<f64> {
    let mut level = 0.0;
    (0..=steps)
        .map(|k| {
            level = 0.97 * level + 0.35 * noise(index, k);
            if k == 0 { 0.0 } else { level }
        })
        .collect()
}

fn survival(count: usize, x_max: f64) -> SurvivalFigure {
    let steps = 1200;
    let times: Vec<f64> = (0..=steps).map(|k| x_max * f64::from(k) / f64::from(steps)).collect();
    let series = (0..count)
        .map(|index| {
            let exact: Vec<(f64, f64)> = times.iter().map(|&t| (t, survival_share(index, t))).collect();
            let error = |p: f64| sqrt(p * (1.0 - p) / 4000.0);
            let wander = drift(index, 1200);
            let limits = |t: f64, p: f64| (p - 3.0 * error(p) * t, (p + 2.5 * error(p) * t).min(1.0));
            let simulated = exact.iter().zip(wander).map(|(&(time, p), z)| SurvivalPoint {
                time,
                survival: p + z * error(p),
                limits: (index < 2).then(|| limits(time, p)),
            });
            let expected =
                exact.iter().map(|&(time, survival)| SurvivalPoint { time, survival, limits: None });
            let at_risk = year_ticks(x_max)
                .into_iter()
                .map(|time| {
                    let events = (500.0 * (1.0 - survival_share(index, time))).round();
                    let censored = (6.0 * time).round();
                    RiskCount { time, at_risk: 500.0 - events - censored, censored, events }
                })
                .collect();
            let none = index == 4;
            SurvivalSeries {
                strategy: strategy(index),
                exact: (!none).then(|| expected.collect()),
                monte_carlo: (!none).then(|| simulated.collect()),
                evidence_until: [Some(8.0), Some(5.0), Some(2.0), Some(1.0), None, None, Some(2.0), None]
                    [index],
                at_risk: if none { Vec::new() } else { at_risk },
            }
        })
        .collect();
    SurvivalFigure {
        meta: meta(&format!("Survival without event under {count} strategies")),
        x_title: "Years since treatment".into(),
        y_title: "Units without event (%)".into(),
        x_max,
        label_at: Some(5.0f64.min(x_max)),
        risk_title: "Number of units (per 500 treated)".into(),
        band: SurvivalBand::MonteCarlo,
        band_note: Some("95\u{202F}% of parameter uncertainty".into()),
        series,
    }
}

fn layers(labels: &[&str]) -> Vec<Layer> {
    let layer = |label: &&str| Layer {
        name: label.to_lowercase(),
        label: (*label).into(),
        absorbing: *label == "Dead",
    };
    labels.iter().map(layer).collect()
}

/// Occupancy of a cohort that moves along a chain of states at a constant rate, with deaths on the way.
fn chain(states: usize, rate: f64, x_max: f64) -> Occupancy {
    let steps = 600;
    let step = x_max / f64::from(steps);
    let mut share = vec![0.0; states];
    share[0] = 0.7;
    share[1] = 0.3;
    let mut values = vec![Vec::new(); states];
    for _ in 0..=steps {
        for (row, &now) in values.iter_mut().zip(&share) {
            row.push(now);
        }
        for state in (0..states - 1).rev() {
            let speed = if state == 3 { 12.0 * rate } else { rate };
            let onwards = if state + 2 < states { share[state] * speed * step } else { 0.0 };
            let dying = share[state] * 0.02 * step;
            share[state] -= onwards + dying;
            share[state + 1] += onwards;
            share[states - 1] += dying;
        }
    }
    Occupancy { times: (0..=steps).map(|k| f64::from(k) * step).collect(), values }
}

fn trace() -> TraceFigure {
    let labels = [
        "Stage A1",
        "Stage A2",
        "Stage B",
        "Between stages B and C",
        "Stage C",
        "Stage D after stage C",
        "Dead",
    ];
    TraceFigure {
        meta: FigureMeta {
            watermark: Some("ILLUSTRATIVE INPUTS".into()),
            ..meta("The reference strategy: where the units are")
        },
        x_title: "Years since treatment".into(),
        y_title: "Units in each state (%)".into(),
        x_max: 20.0,
        layers: layers(&labels),
        occupancy: chain(7, 0.13, 20.0),
    }
}

fn stack(count: usize) -> StackFigure {
    StackFigure {
        meta: meta("What happens to 100 units under each strategy"),
        x_title: "Years since treatment".into(),
        y_title: "Units (%)".into(),
        x_max: 20.0,
        layers: layers(&[
            "Alive, without event",
            "Event, own unit kept",
            "Event, being evaluated",
            "Awaiting C",
            "Stage C",
            "Dead",
        ]),
        panels: (0..count)
            .map(|index| StackPanel {
                strategy: strategy(index),
                occupancy: chain(6, 0.22 - 0.025 * index as f64, 20.0),
            })
            .collect(),
    }
}

fn agreement(count: usize) -> AgreementFigure {
    let series = (0..count)
        .map(|index| {
            let wander = drift(index, 240);
            let points = (0..=240)
                .map(|k| {
                    let time = 10.0 * f64::from(k) / 240.0;
                    let exact = survival_share(index, time);
                    let standard_error = sqrt(exact * (1.0 - exact) / 40_000.0);
                    let monte_carlo = exact + wander[k as usize] * standard_error;
                    AgreementPoint { time, exact, monte_carlo, standard_error }
                })
                .collect();
            AgreementSeries { strategy: strategy(index), points }
        })
        .collect();
    AgreementFigure {
        meta: meta("Monte Carlo agrees with the exact solution"),
        x_title: "Years since treatment".into(),
        y_title: "Monte Carlo minus exact (percentage points)".into(),
        x_max: 10.0,
        series,
    }
}

/// Costs with a part too narrow for its number, negative savings, and a strategy without any costs.
fn bars(count: usize) -> BarsFigure {
    let bars = (0..count).map(|index| {
        let size = 1.0 + 0.17 * index as f64;
        Bar {
            strategy: Strategy { hypothetical: index == 2, ..strategy(index) },
            amounts: match index {
                4 => vec![0.0; 5],
                _ => vec![8200.0 * size, 31_000.0, 40.0 * size, 12_500.0 / size, -1850.0 * size],
            },
        }
    });
    BarsFigure {
        meta: FigureMeta { watermark: Some("HYPOTHETICAL".into()), ..meta("What makes up cost (GBP)") },
        x_title: "Cost (GBP): mean by 60 years, discounted".into(),
        unit: "GBP".into(),
        places: 0,
        categories: ["Drugs", "Operations and stays in hospital", "Diagnosis", "Care at home", "Savings"]
            .map(String::from)
            .to_vec(),
        bars: bars.collect(),
    }
}

fn unbroken() -> SurvivalFigure {
    let mut data = survival(8, 20.0);
    for series in &mut data.series {
        series.strategy.label = "Radiochemoimmunotherapy".repeat(8);
        series.strategy.hypothetical = series.strategy.index % 2 == 1;
    }
    data.y_title = "Progression".repeat(20);
    data
}

fn unbroken_stack() -> StackFigure {
    let mut data = stack(8);
    for panel in &mut data.panels {
        panel.strategy.label = "Radiochemoimmunotherapy".repeat(8);
    }
    data.layers[2].label = "Evaluation".repeat(20);
    data
}

fn all() -> Vec<(&'static str, Scene)> {
    let mut all = outcomes();
    all.extend(super::economics_tests::all());
    all
}

fn outcomes() -> Vec<(&'static str, Scene)> {
    vec![
        ("survival_1", super::survival::scene(&survival(1, 5.0))),
        ("survival_6", super::survival::scene(&survival(6, 10.0))),
        ("survival_words", super::survival::scene(&unbroken())),
        ("survival_8", super::survival::scene(&survival(8, 20.0))),
        ("trace", super::trace::scene(&trace())),
        ("trace_fast", super::trace::scene(&TraceFigure { occupancy: chain(7, 0.9, 20.0), ..trace() })),
        ("stack_6", super::stack::scene(&stack(6))),
        ("stack_words", super::stack::scene(&unbroken_stack())),
        ("stack_8", super::stack::scene(&stack(8))),
        ("agreement_6", super::agreement::scene(&agreement(6))),
        ("agreement_2", super::agreement::scene(&agreement(2))),
        ("bars_2", super::bars::scene(&bars(2))),
        ("bars_8", super::bars::scene(&bars(8))),
        (
            "bars_qaly",
            super::bars::scene(&BarsFigure {
                x_title: "QALYs: mean by 60 years, discounted".into(),
                places: 4,
                categories: vec!["QALYs".into()],
                bars: bars(3)
                    .bars
                    .into_iter()
                    .map(|bar| Bar { amounts: vec![bar.amounts[0] / 1100.0], ..bar })
                    .collect(),
                ..bars(3)
            }),
        ),
    ]
}

fn texts(scene: &Scene) -> impl Iterator<Item = &Text> {
    scene.shapes.iter().filter_map(|shape| if let Shape::Text(text) = shape { Some(text) } else { None })
}

/// Bounding box of a text: left, top, right and bottom.
type Bounds = (f64, f64, f64, f64);

/// Bounding box of a horizontal or upward text; none for the slanted watermark.
fn bounds(text: &Text) -> Option<Bounds> {
    let length = width(&text.text, text.size, text.weight);
    let before = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => length / 2.0,
        Anchor::End => length,
    };
    let (x, y) = text.at;
    let (up, down) = (0.72 * text.size, 0.2 * text.size);
    match text.turn {
        0.0 => Some((x - before, y - up, x - before + length, y + down)),
        -90.0 => Some((x - up, y + before - length, x + down, y + before)),
        _ => None,
    }
}

#[test]
fn every_text_lies_on_the_page_and_none_overlap() {
    for (name, scene) in all() {
        let boxes: Vec<(&str, Bounds)> =
            texts(&scene).filter_map(|text| Some((text.text.as_str(), bounds(text)?))).collect();
        for (text, (left, top, right, bottom)) in &boxes {
            let inside = *left >= 0.0 && *top >= 0.0 && *right <= scene.width() && *bottom <= scene.height();
            assert!(inside, "{name}: {text:?} leaves the page");
        }
        for (k, (one, a)) in boxes.iter().enumerate() {
            for (other, b) in &boxes[k + 1..] {
                let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
                assert!(apart, "{name}: {one:?} overlaps {other:?}");
            }
        }
    }
}

#[test]
fn numbers_at_risk_stand_exactly_under_the_ticks() {
    for (count, x_max) in [(1, 5.0), (6, 10.0), (8, 20.0)] {
        let scene = super::survival::scene(&survival(count, x_max));
        let middle = |at_row: &dyn Fn(&&Text) -> bool| -> Vec<f64> {
            texts(&scene)
                .filter(|t| t.anchor == Anchor::Middle && t.turn == 0.0)
                .filter(at_row)
                .map(|t| t.at.0)
                .collect()
        };
        let axis =
            texts(&scene).find(|t| t.text == "0" && t.anchor == Anchor::Middle).expect("a tick at 0").at.1;
        let ticks = middle(&|t| t.at.1 == axis);
        assert_eq!(ticks.len(), year_ticks(x_max).len());
        for row in texts(&scene).filter(|t| ["At risk", "Censored", "Events"].contains(&t.text.as_str())) {
            assert_eq!(middle(&|t| t.at.1 == row.at.1), ticks);
        }
    }
}

#[test]
fn the_documents_are_small_and_sound() {
    for (name, scene) in all() {
        let svg = super::svg::render(&scene);
        let broken = ["NaN", "\"inf", ">inf", "-inf", " inf\""];
        assert!(!broken.iter().any(|word| svg.contains(word)), "{name}");
        assert!(svg.len() < 200_000, "{name}: {} bytes", svg.len());
        assert!(svg.starts_with("<svg width=\"180mm\"") && svg.ends_with("</svg>\n"), "{name}");
        assert!(
            !scene.alt.is_empty() && !scene.alt.contains("..") && !scene.alt.contains("NaN"),
            "{}",
            scene.alt
        );
        assert_eq!(svg, super::svg::render(&scene));
    }
}

#[test]
fn a_strategy_without_a_curve_is_named_and_a_bound_is_marked() {
    let figure = survival_figure(&survival(6, 10.0));
    assert!(figure.svg.contains("Not drawn (none at risk): Option C."));
    assert!(figure.svg.contains("(bound)") && figure.alt_text.contains("Perfect protection (bound)"));
}

/// Bounding box of a text slanted by 20 degrees.
fn slanted(text: &Text) -> Bounds {
    let (sin, cos) = (0.342, 0.94);
    let half = width(&text.text, text.size, text.weight) / 2.0;
    let (x, y) = text.at;
    let (up, across) = (0.72 * text.size * cos, 0.72 * text.size * sin);
    (x - half * cos - across, y - half * sin - up, x + half * cos, y + half * sin)
}

#[test]
fn the_watermark_stays_inside_the_plots_of_hypothetical_strategies() {
    let mut survival = survival(6, 10.0);
    let mut stack = stack(6);
    survival.series[1].strategy.hypothetical = true;
    stack.panels[1].strategy.hypothetical = true;
    survival.meta.watermark = Some("HYPOTHETICAL".into());
    stack.meta.watermark = Some("HYPOTHETICAL".into());
    for scene in [super::survival::scene(&survival), super::stack::scene(&stack)] {
        let (marks, others): (Vec<&Text>, Vec<&Text>) = texts(&scene).partition(|t| t.turn == -20.0);
        assert_eq!(marks.len(), 1);
        let a = slanted(marks[0]);
        for text in others {
            let b = bounds(text).expect("an upright text");
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "the watermark runs over {:?}", text.text);
        }
        // The mark "(hypothetical)" is in a label of the figure and in the alternative text.
        let named = texts(&scene).filter(|t| t.text.contains("(hypothetical)")).count();
        assert!(named >= 1 && scene.alt.contains("Option A (hypothetical)"));
    }
}

#[test]
fn evidence_for_a_bound_does_not_count_as_evidence() {
    let grey = |data: &SurvivalFigure| {
        let scene = super::survival::scene(data);
        let word = texts(&scene).any(|t| t.text == "extrapolated");
        (word, texts(&scene).any(|t| t.text.contains("bounds excluded")))
    };
    let mut data = survival(6, 10.0);
    assert_eq!(grey(&data), (true, false));
    data.series[5].evidence_until = Some(10.0);
    assert_eq!(grey(&data), (true, true));
    data.series[0].evidence_until = Some(10.0);
    assert_eq!(grey(&data), (false, false));
}

#[test]
fn markup_in_names_is_escaped() {
    let mut data = survival(1, 5.0);
    data.series[0].strategy.label = "A <b> & \"C\"".into();
    data.meta.title = data.series[0].strategy.label.clone();
    let svg = survival_figure(&data).svg;
    assert!(svg.contains("A &lt;b&gt; &amp; &quot;C&quot;") && !svg.contains("<b>"));
}

#[test]
fn empty_and_broken_data_still_give_a_page() {
    let mut broken = survival(2, 5.0);
    let point = |(time, survival)| SurvivalPoint { time, survival, limits: None };
    broken.series[0].exact = Some([(0.0, 1.0), (f64::NAN, 0.5), (5.0, f64::NAN)].map(point).to_vec());
    broken.series[1].at_risk[0].events = f64::NAN;
    let empty = StackFigure { panels: Vec::new(), layers: Vec::new(), ..stack(1) };
    let silent = AgreementFigure { series: Vec::new(), ..agreement(1) };
    let nobody = TraceFigure { occupancy: Occupancy::default(), ..trace() };
    let mut impossible = bars(2);
    impossible.bars[0].amounts = vec![f64::NAN, f64::INFINITY, 0.0, 0.0, 0.0];
    let bare = BarsFigure { bars: Vec::new(), categories: Vec::new(), ..bars(1) };
    for figure in [
        bars_figure(&impossible),
        bars_figure(&bare),
        survival_figure(&broken),
        survival_figure(&survival(0, 5.0)),
        stack_figure(&empty),
        agreement_figure(&silent),
        trace_figure(&nobody),
    ] {
        assert!(figure.svg.ends_with("</svg>\n") && !figure.svg.contains("NaN"));
    }
}

/// Also writes the figures to the folder in `FIGURES_TO` for visual inspection.
#[test]
fn every_figure_becomes_a_bitmap_with_words() {
    let folder = std::env::var_os("FIGURES_TO").map(std::path::PathBuf::from);
    for (name, scene) in all() {
        let start = std::time::Instant::now();
        let svg = super::svg::render(&scene);
        let drawn = start.elapsed();
        let png = super::png::render(&scene).expect("a valid figure");
        let foreign = svg.chars().filter(|c| !c.is_ascii()).collect();
        assert!(missing_glyphs(&foreign).is_empty(), "{name}");
        println!("{name}: svg {drawn:?} {} B, with png {:?} {} B", svg.len(), start.elapsed(), png.len());
        assert_eq!(&png[1..4], b"PNG");
        let wordless = Scene {
            shapes: scene.shapes.iter().filter(|shape| !matches!(shape, Shape::Text(_))).cloned().collect(),
            ..scene.clone()
        };
        // The picture without words must differ, because the font database once dropped all words without a warning.
        assert_ne!(png, super::png::render(&wordless).expect("a valid figure"));
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.svg")), &svg).expect("a writable folder");
            std::fs::write(folder.join(format!("{name}.png")), &png).expect("a writable folder");
        }
    }
}
