//! The figures of a run, each with a CSV of its data.

use super::decision_figures;
use super::survival::PER;
use super::thin::kept;
use crate::analysis::curves::Source;
use crate::analysis::curves::{Curves, Solution};
use crate::analysis::landmarks::{on_grid, survival};
use crate::analysis::outcomes::Worth;
use crate::analysis::run::RunAnswer;
use crate::engine::counts::StrategyCounts;
use crate::math::sqrt;
use crate::output::figures::{
    AgreementFigure, AgreementPoint, AgreementSeries, Band, Bar, BarsFigure, Curve, Figure, FigureMeta,
    Layer, Occupancy, RiskCount, StackFigure, StackPanel, Strategy, SurvivalFigure, SurvivalSeries,
    TraceFigure, agreement_figure, bars_figure, count, stack_figure, survival_figure, trace_figure,
    year_ticks,
};
use crate::output::hashes::hash_of;
use crate::output::strategies::drawn;
use crate::output::table::{Cell, Column, Table, number, text};
use crate::output::table::{SE, SOURCE, STRATEGY, TIME};
use arcosim_core::words::capital;

/// Strategies that one figure can tell apart.
const MOST: usize = 8;
/// The year whose value stands beside each curve's label.
const LABELLED: f64 = 5.0;

/// One figure to draw: what it shows of which strategies.
pub struct Drawing {
    /// File name without extension.
    pub name: String,
    shows: Shows,
    /// Which strategies, by index.
    pub strategies: Vec<usize>,
    /// Which of how many, where the strategies need several figures.
    page: (usize, usize),
}

enum Shows {
    Survival(usize),
    Trace(usize),
    Stack,
    Outcome(usize),
    Agreement,
    Frontier,
    /// Increment of this outcome under this strategy.
    Waterfall(usize, usize),
}

/// The figures that this run can fill.
pub fn drawings(run: &RunAnswer) -> Vec<Drawing> {
    let model = run.model();
    let all = drawn_strategies(model.strategies.len(), model.reference());
    let reference = all.iter().position(|&s| s == model.reference()).unwrap_or(0);
    let parts: Vec<Vec<usize>> = parts(all.len(), reference)
        .into_iter()
        .map(|part| part.into_iter().map(|at| all[at]).collect())
        .collect();
    let mut drawings = Vec::new();
    let mut split = |name: String, shows: &dyn Fn() -> Shows| {
        for (i, part) in parts.iter().enumerate() {
            let name = match i {
                0 => name.clone(),
                // No name has a hyphen: an endpoint `death_2` has figures of its own.
                _ => format!("{name}-{}", i + 1),
            };
            drawings.push(Drawing {
                name,
                shows: shows(),
                strategies: part.clone(),
                page: (i + 1, parts.len()),
            });
        }
    };
    for (e, endpoint) in model.endpoints.iter().enumerate() {
        split(format!("survival_{}", endpoint.name), &|| Shows::Survival(e));
    }
    split("stack".into(), &|| Shows::Stack);
    if run.breakdown.is_some() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            split(format!("outcome_{}", outcome.name), &|| Shows::Outcome(o));
        }
    }
    if run.results.agreement.is_some() && !model.endpoints.is_empty() {
        split("exact_vs_monte_carlo".into(), &|| Shows::Agreement);
    }
    if let Some((name, strategies)) = decision_figures::frontier_of(run) {
        drawings.push(Drawing { name, shows: Shows::Frontier, strategies, page: (1, 1) });
    }
    for (name, outcome, strategy) in decision_figures::waterfalls(run) {
        drawings.push(Drawing {
            name,
            shows: Shows::Waterfall(outcome, strategy),
            strategies: vec![strategy],
            page: (1, 1),
        });
    }
    drawings.extend(all.iter().map(|&s| Drawing {
        name: format!("trace_{}", model.strategies[s].name),
        shows: Shows::Trace(s),
        strategies: vec![s],
        page: (1, 1),
    }));
    drawings
}

/// Most strategies that figures show: nobody looks at ten thousand, and drawing them takes longer than all the rest.
pub const MOST_DRAWN: usize = 100;

/// The strategies that figures show, in their order: the first, and the reference.
fn drawn_strategies(strategies: usize, reference: usize) -> Vec<usize> {
    let first = strategies.min(MOST_DRAWN);
    let mut drawn: Vec<usize> = (0..first).collect();
    if let Some(last) = drawn.last_mut().filter(|last| **last < reference) {
        *last = reference;
    }
    drawn
}

/// The strategies of each figure: all in one, or the reference on every page before its share of the others.
fn parts(strategies: usize, reference: usize) -> Vec<Vec<usize>> {
    if strategies <= MOST {
        return vec![(0..strategies).collect()];
    }
    let others: Vec<usize> = (0..strategies).filter(|&s| s != reference).collect();
    let pages = others.len().div_ceil(MOST - 1);
    let pages = others.chunks(others.len().div_ceil(pages));
    pages.map(|page| [&[reference], page].concat()).collect()
}

impl Drawing {
    /// Draws it, and gathers the numbers in it.
    pub fn draw(&self, run: &RunAnswer) -> (Figure, Table) {
        match self.shows {
            Shows::Survival(e) => self.survival(run, e),
            Shows::Trace(s) => self.trace(run, s),
            Shows::Stack => self.stack(run),
            Shows::Outcome(o) => self.outcome(run, o),
            Shows::Agreement => self.agreement(run),
            Shows::Frontier => decision_figures::frontier(run, self),
            Shows::Waterfall(o, s) => decision_figures::waterfall(run, self, o, s),
        }
    }

    /// What stands around its data.
    pub fn meta(&self, run: &RunAnswer, title: String) -> FigureMeta {
        let hypothetical = self.strategies.iter().any(|&s| run.model().strategies[s].hypothetical);
        FigureMeta {
            title: match self.page {
                (_, 1) => title,
                (page, pages) => format!("{title} ({page} of {pages})"),
            },
            footer: footer(run),
            watermark: hypothetical.then(|| "HYPOTHETICAL".to_string()),
        }
    }

    fn survival(&self, run: &RunAnswer, e: usize) -> (Figure, Table) {
        let mut table = self.table("the curves of this figure", SURVIVAL);
        let model = run.model();
        let endpoint = &model.endpoints[e];
        let x_max = run.scenario.figures.years;
        let exact = run.results.exact.as_ref().map(|x| &x.solution);
        let simulated = run.results.simulated.as_ref();
        let series = self
            .strategies
            .iter()
            .map(|&s| {
                let own = |solution: Option<&'_ Solution>| solution.and_then(|x| x.curves[s][e].clone());
                let (exact, simulated) = (own(exact), own(simulated));
                let mut curve = |source, curves: &Option<Curves>| {
                    let points = points(run, curves.as_ref()?, source, x_max);
                    for p in &points {
                        table.row(&[
                            Cell::Text(&model.strategies[s].name),
                            Cell::Text(source.name()),
                            Cell::Number(p.time),
                            Cell::Number(p.survival),
                            Cell::Maybe(p.limits.map(|l| l.0)),
                            Cell::Maybe(p.limits.map(|l| l.1)),
                        ]);
                    }
                    Some(points)
                };
                let exact_points = curve(Source::Exact, &exact);
                let simulated_points = curve(Source::Microsimulation, &simulated);
                // A cohort of patients falls in steps; beneath the smooth exact line it is only a backdrop.
                let step = exact_points.is_none();
                let line = |points: &Vec<Point>, step| Curve {
                    points: points.iter().map(|p| (p.time, p.survival)).collect(),
                    step,
                };
                let band = simulated_points.as_ref().map(|points| Band {
                    points: points
                        .iter()
                        .filter_map(|p| p.limits.map(|(low, high)| (p.time, low, high)))
                        .collect(),
                    step,
                });
                SurvivalSeries {
                    strategy: shown(run, s),
                    exact: exact_points.as_ref().map(|points| line(points, false)),
                    monte_carlo: simulated_points.as_ref().map(|points| line(points, step)),
                    band,
                    // Follow-up of a strategy counts from the start, not from an endpoint's own origin.
                    evidence_until: model.strategies[s].evidence_until.filter(|_| endpoint.since.is_none()),
                    value_text: None,
                    at_risk: exact
                        .as_ref()
                        .or(simulated.as_ref())
                        .map_or(Vec::new(), |c| risk_counts(run, c, x_max)),
                }
            })
            .collect();
        let within = |years: &f64| *years <= x_max;
        let figure = survival_figure(&SurvivalFigure {
            meta: self.meta(run, endpoint.free_label.clone()),
            x_title: match endpoint.since {
                Some(group) => format!("Years since entering “{}”", model.groups[group].label),
                None => "Years since the start".into(),
            },
            y_title: format!("{} (% of {})", endpoint.free_label, run.scenario.figures.unit),
            x_max,
            label_at: run
                .landmarks()
                .iter()
                .copied()
                .filter(within)
                .filter(|years| *years <= LABELLED)
                .reduce(f64::max),
            risk_title: format!(
                "Number of {} (per {PER} who enter the time at risk)",
                run.scenario.figures.unit
            ),
            band_note: simulated.map(|x| {
                format!("95\u{202F}% Monte Carlo interval of {} patients", count(x.counts.patients))
            }),
            series,
        });
        (figure, table)
    }

    fn trace(&self, run: &RunAnswer, s: usize) -> (Figure, Table) {
        let mut table = self.table("the bands of this figure", TRACE);
        let model = run.model();
        let order = &run.scenario.figures.order;
        let states: Vec<Vec<usize>> = order.iter().map(|&state| vec![state]).collect();
        let occupancy = occupancy(run, s, &states);
        for (k, &time) in occupancy.times.iter().enumerate() {
            for (&state, values) in order.iter().zip(&occupancy.values) {
                table.row(&[
                    Cell::Number(time),
                    Cell::Text(&model.states[state].name),
                    Cell::Number(values[k]),
                ]);
            }
        }
        let figure = trace_figure(&TraceFigure {
            meta: self.meta(run, shown(run, s).name()),
            x_title: "Years since the start".into(),
            y_title: format!("{} in each state (%)", capital(&run.scenario.figures.unit)),
            x_max: run.scenario.figures.years,
            layers: order
                .iter()
                .map(|&state| Layer {
                    label: model.states[state].label.clone(),
                    absorbing: model.states[state].absorbing,
                })
                .collect(),
            occupancy,
        });
        (figure, table)
    }

    fn stack(&self, run: &RunAnswer) -> (Figure, Table) {
        let mut table = self.table("the bands of this figure", STACK);
        let model = run.model();
        let stack = &run.scenario.figures.stack;
        let groups: Vec<Vec<usize>> = stack.iter().map(|&g| model.groups[g].states.clone()).collect();
        let mut panels = Vec::new();
        for &s in &self.strategies {
            let occupancy = occupancy(run, s, &groups);
            for (k, &time) in occupancy.times.iter().enumerate() {
                for (&group, values) in stack.iter().zip(&occupancy.values) {
                    table.row(&[
                        Cell::Text(&model.strategies[s].name),
                        Cell::Number(time),
                        Cell::Text(&model.groups[group].name),
                        Cell::Number(values[k]),
                    ]);
                }
            }
            panels.push(StackPanel { strategy: shown(run, s), occupancy });
        }
        let figure = stack_figure(&StackFigure {
            meta: self.meta(run, format!("What happens to 100 {}", run.scenario.figures.unit)),
            x_title: "Years since the start".into(),
            y_title: format!("{} (%)", capital(&run.scenario.figures.unit)),
            x_max: run.scenario.figures.years,
            layers: stack
                .iter()
                .map(|&g| Layer {
                    label: model.groups[g].label.clone(),
                    absorbing: model.groups[g].states.iter().all(|&s| model.states[s].absorbing),
                })
                .collect(),
            panels,
        });
        (figure, table)
    }

    /// What makes up the expected total of an outcome.
    fn outcome(&self, run: &RunAnswer, o: usize) -> (Figure, Table) {
        let mut table = self.table("the parts of the bars of this figure", OUTCOME);
        let model = run.model();
        let outcome = &model.outcomes[o];
        let end = model.time.cycles;
        let mut bars = Vec::new();
        let mut categories = Vec::new();
        if let Some(breakdown) = &run.breakdown {
            let category = |&c: &usize| model.components[c].category.clone();
            categories = breakdown.components[o].iter().map(category).collect();
            for &s in &self.strategies {
                let amount = |&c: &usize| breakdown.component(Worth::Discounted, s, c, end);
                let amounts: Vec<f64> = breakdown.components[o].iter().map(amount).collect();
                for (category, &amount) in categories.iter().zip(&amounts) {
                    table.row(&[
                        Cell::Text(&model.strategies[s].name),
                        Cell::Text(category),
                        Cell::Text(&outcome.unit),
                        Cell::Number(amount),
                    ]);
                }
                bars.push(Bar { strategy: shown(run, s), amounts });
            }
        }
        let totals = bars.iter().map(|bar| bar.amounts.iter().sum::<f64>().abs());
        let figure = bars_figure(&BarsFigure {
            meta: self.meta(
                run,
                match categories.len() {
                    1 => super::conventions::name(outcome),
                    _ => format!("{}: what makes up the total", super::conventions::name(outcome)),
                },
            ),
            x_title: format!(
                "{}: mean by {}{}",
                super::conventions::name(outcome),
                crate::output::amounts::years(model.time.years(end)),
                match outcome.discount {
                    Some(_) => ", discounted",
                    None => ", not discounted",
                }
            ),
            places: crate::output::amounts::places(&outcome.unit, totals.fold(0.0, f64::max)),
            categories,
            bars,
        });
        (figure, table)
    }

    /// The cumulative incidence of the first endpoint in both answers: a plain share of all patients, whose
    /// standard error is the binomial one.
    fn agreement(&self, run: &RunAnswer) -> (Figure, Table) {
        let mut table =
            self.table("exact and simulated cumulative incidence of the first endpoint", AGREEMENT);
        let model = run.model();
        let x_max = run.scenario.figures.years;
        let both = run.results.exact.as_ref().zip(run.results.simulated.as_ref());
        let mut series = Vec::new();
        for &s in &self.strategies {
            let mut points = Vec::new();
            if let Some((exact, simulated)) = both {
                let n = simulated.counts.patients;
                let sums = |counts: &StrategyCounts| {
                    let mut sum = 0.0;
                    let events = counts.endpoints[0].events.iter();
                    events
                        .map(|x| {
                            sum += x;
                            sum
                        })
                        .collect::<Vec<f64>>()
                };
                let expected = sums(&exact.solution.counts.strategies[s]);
                let observed = sums(&simulated.counts.strategies[s]);
                for k in visible(run) {
                    let p = expected[k];
                    points.push(AgreementPoint {
                        time: model.time.years(k),
                        exact: p,
                        monte_carlo: observed[k] / n,
                        standard_error: sqrt((p * (1.0 - p)).max(0.0) / n),
                    });
                }
            }
            for p in &points {
                table.row(&[
                    Cell::Text(&model.strategies[s].name),
                    Cell::Number(p.time),
                    Cell::Number(p.exact),
                    Cell::Number(p.monte_carlo),
                    Cell::Number(p.standard_error),
                ]);
            }
            series.push(AgreementSeries { strategy: shown(run, s), points });
        }
        let figure = agreement_figure(&AgreementFigure {
            meta: self
                .meta(run, format!("{}: Monte Carlo against the exact solution", model.endpoints[0].label)),
            x_title: "Years since the start".into(),
            y_title: "Monte Carlo minus exact (percentage points)".into(),
            x_max,
            series,
        });
        (figure, table)
    }

    /// The table of its numbers.
    pub fn table(&self, about: &str, columns: &'static [Column]) -> Table {
        Table::new(format!("figures/{}.csv", self.name), about, columns)
    }
}

const PROPORTION: Column = number("proportion", "proportion", "Share of all patients");

const SURVIVAL: &[Column] = &[
    STRATEGY,
    SOURCE,
    TIME,
    number("survival", "proportion", "Kaplan-Meier survival, competing events censored"),
    number("low", "proportion", "Lower 95 % limit of the Monte Carlo error"),
    number("high", "proportion", "Upper 95 % limit of the Monte Carlo error"),
];

const TRACE: &[Column] = &[TIME, text("state", "State, as the scenario names it", ""), PROPORTION];

const STACK: &[Column] =
    &[STRATEGY, TIME, text("group", "State or group of states, as the scenario names it", ""), PROPORTION];

const OUTCOME: &[Column] = &[
    STRATEGY,
    text("category", "Part of the outcome", ""),
    text("unit", "Unit of the amount", ""),
    number(
        "amount",
        "as `unit`",
        "Expected amount per patient by the horizon, discounted as the outcome says",
    ),
];

const AGREEMENT: &[Column] = &[
    STRATEGY,
    TIME,
    number("exact", "proportion", "Cumulative incidence by the cohort engine, of all patients"),
    number("monte_carlo", "proportion", "Cumulative incidence by the microsimulation, of all patients"),
    SE,
];

struct Point {
    time: f64,
    survival: f64,
    limits: Option<(f64, f64)>,
}

fn points(run: &RunAnswer, curves: &Curves, source: Source, x_max: f64) -> Vec<Point> {
    let times = visible(run).into_iter().map(|k| run.model().time.years(k));
    times
        .take_while(|time| *time <= x_max + 1e-9)
        .map_while(|time| {
            let value = survival(curves, source, time)?;
            Some(Point { time, survival: value.estimate, limits: value.limits.map(|l| (l.lower, l.upper)) })
        })
        .collect()
}

/// Grid points on the time axis of figures.
fn visible(run: &RunAnswer) -> Vec<usize> {
    let time = &run.model().time;
    let mut points = kept(time, run.landmarks());
    points.retain(|&k| time.years(k) <= run.scenario.figures.years + 1e-9);
    points
}

fn occupancy(run: &RunAnswer, s: usize, layers: &[Vec<usize>]) -> Occupancy {
    let points = visible(run);
    let time = &run.model().time;
    let Some((_, solution)) = run.results.main() else {
        return Occupancy::default();
    };
    let counts = &solution.counts.strategies[s].occupancy;
    let share = |states: &[usize], k: usize| {
        let sum: f64 = states.iter().map(|&state| counts[state][k]).sum();
        sum / solution.counts.patients
    };
    Occupancy {
        times: points.iter().map(|&k| time.years(k)).collect(),
        values: layers.iter().map(|states| points.iter().map(|&k| share(states, k)).collect()).collect(),
    }
}

/// The table under the curves, in whole numbers that add up.
fn risk_counts(run: &RunAnswer, curves: &Curves, x_max: f64) -> Vec<RiskCount> {
    let ticks = year_ticks(x_max);
    let snapped: Vec<f64> = ticks.iter().map(|&t| on_grid(&run.model().time, t)).collect();
    let scale = PER / curves.table.initial();
    let time = &run.model().time;
    let rows = crate::analysis::at_risk::at_risk(curves, &snapped, time.years(time.cycles));
    ticks
        .iter()
        .zip(rows)
        .map(|(&time, row)| {
            let events = (scale * row.events).round();
            let censored = (scale * row.censored).round().min(PER - events);
            RiskCount { time, at_risk: PER - events - censored, censored, events }
        })
        .collect()
}

/// The reference strategy comes first in colours, wherever the scenario has it.
pub fn shown(run: &RunAnswer, s: usize) -> Strategy {
    drawn(run.model(), s)
}

fn footer(run: &RunAnswer) -> String {
    let options = run.options;
    let engine = match (options.engine.exact(), options.engine.simulates()) {
        (true, false) => "exact".to_string(),
        (exact, _) => format!(
            "{}{} patients \u{b7} seed {}",
            if exact { "exact + " } else { "" },
            count(options.patients as f64),
            options.seed
        ),
    };
    let hash = hash_of(run.scenario.files.iter().map(|file| file.sha256.as_str()), run.overrides);
    format!("{} \u{b7} {engine} \u{b7} {}", run.scenario.name, &hash[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_ten_thousand_strategies_the_first_are_drawn_and_the_reference() {
        assert_eq!(drawn_strategies(3, 2), [0, 1, 2]);
        let many = drawn_strategies(10_000, 5_000);
        assert_eq!((many.len(), many[98], many[99]), (MOST_DRAWN, 98, 5_000));
        assert_eq!(drawn_strategies(10_000, 7)[99], 99);
    }

    #[test]
    fn the_reference_stands_on_every_page() {
        assert_eq!(parts(8, 3), [(0..8).collect::<Vec<_>>()]);
        assert_eq!(parts(9, 1), [vec![1, 0, 2, 3, 4], vec![1, 5, 6, 7, 8]]);
        let many = parts(30, 0);
        assert!(many.iter().all(|page| page[0] == 0 && page.len() <= MOST));
        assert_eq!(many.iter().map(|page| page.len() - 1).sum::<usize>(), 29);
    }
}
