//! If all deaths are from the life table, overall survival under every strategy equals the life table averaged
//! over the population, because treatments and stages must neither prevent nor cause deaths.
//!
//! This test reads the life table directly from its file; `life_table_identity.toml` lists the cases.

use crate::common;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use arcosim::analysis::curves::Solution;
use arcosim::model::{AttributeKind, Model};
use arcosim::scenario::Scenario;
use common::{shipped, solve};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    scenario: String,
    endpoint: String,
    table: String,
    age: String,
    by: String,
    ratio: f64,
    set: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    let text =
        std::fs::read_to_string(Path::new(shipped::ROOT).join("tests/life_table_identity.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().case
}

/// Annual probabilities of death by category, from age 0 in steps of one year.
struct LifeTable(HashMap<String, Vec<f64>>);

impl LifeTable {
    fn read(case: &Case) -> LifeTable {
        let mut reader = csv::Reader::from_path(Path::new(shipped::ROOT).join(&case.table)).unwrap();
        let headers = reader.headers().unwrap().clone();
        let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
        let (age, by, value) = (column(&case.age), column(&case.by), column("value"));
        let mut table: HashMap<String, Vec<f64>> = HashMap::new();
        for record in reader.records() {
            let record = record.unwrap();
            let column = table.entry(record[by].to_string()).or_default();
            assert_eq!(record[age].parse::<usize>().unwrap(), column.len(), "ages go up by one year");
            column.push(record[value].parse().unwrap());
        }
        LifeTable(table)
    }

    /// Probability of survival from `age` to `age + years`. The hazard is constant within a year of age, so a part
    /// f of the year is survived with probability (1 - q)^f. The last row of the table applies to all higher ages.
    fn survival(&self, category: &str, age: f64, years: f64, ratio: f64) -> f64 {
        let column = &self.0[category];
        let (mut at, end, mut survival) = (age, age + years, 1.0);
        while at < end {
            let next = (at.floor() + 1.0).min(end);
            let q = column[(at.floor() as usize).min(column.len() - 1)];
            survival *= (1.0 - q).powf((next - at) * ratio);
            at = next;
        }
        survival
    }
}

/// The scenario in which the life table is the only cause of death, and the indices of age, category and endpoint.
fn prepared(case: &Case) -> (Scenario, usize, usize, usize) {
    let set: Vec<(String, String)> = case.set.clone().into_iter().collect();
    let scenario = shipped::load(Path::new(&case.scenario), &set);
    let model = &scenario.model;
    let attribute = |name: &str| model.attributes.iter().position(|a| a.name == name).unwrap();
    let (age, by) = (attribute(&case.age), attribute(&case.by));
    let endpoint = model.endpoints.iter().position(|e| e.name == case.endpoint).unwrap();
    (scenario, age, by, endpoint)
}

fn categories(model: &Model, attribute: usize) -> &[String] {
    model.attributes[attribute].categories()
}

/// The largest difference between the overall survival of any strategy and `alive` (survival by cycle).
fn furthest(model: &Model, solution: &Solution, endpoint: usize, alive: &[f64]) -> f64 {
    let mut furthest: f64 = 0.0;
    for (strategy, counts) in solution.counts.strategies.iter().enumerate() {
        for (cycle, due) in alive.iter().enumerate() {
            let dead: f64 =
                model.endpoints[endpoint].enters.iter().map(|&state| counts.occupancy[state][cycle]).sum();
            furthest = furthest.max((1.0 - dead - due).abs());
        }
        let curves = solution.curves[strategy][endpoint].as_ref();
        let curves = curves.expect("somebody is at risk");
        for (cycle, time) in curves.table.times.iter().enumerate() {
            let survival = curves.survival.at(*time).unwrap().survival;
            furthest = furthest.max((survival - alive[cycle]).abs());
        }
    }
    furthest
}

#[test]
fn overall_survival_is_the_life_table_under_every_strategy() {
    for case in cases() {
        let table = LifeTable::read(&case);
        let (scenario, age, by, endpoint) = prepared(&case);
        let model = &scenario.model;
        let nodes = solve::nodes(model, 2);
        let solution = Solution::new(solve::at_nodes(model, &nodes), Default::default(), &model.time);
        let alive: Vec<f64> = (0..=model.time.cycles)
            .map(|cycle| {
                let years = cycle as f64 / model.time.cycles_per_year;
                let mut alive = 0.0;
                for category in &nodes[by] {
                    let name = &categories(model, by)[category.value as usize];
                    for a in &nodes[age] {
                        let survival = table.survival(name, a.value, years, case.ratio);
                        alive += category.weight * a.weight * survival;
                    }
                }
                alive
            })
            .collect();
        assert!(alive[model.time.cycles] < 0.01, "the horizon is long enough to be a test");
        let off = furthest(model, &solution, endpoint, &alive);
        println!("{} ratio {}: {off:e}", case.scenario, case.ratio);
        assert!(off < 1e-12, "{}: {off:e}", case.scenario);
    }
}

/// The same test over the whole age distribution, which is integrated in this test: the quadrature error of the
/// engine is small.
#[test]
fn the_mixture_over_ages_is_integrated() {
    // Three-point Gauss-Legendre rule in each panel. Panels end at the limits of life-table bands and of cycles,
    // where survival has kinks.
    let rule = [(-(0.6f64).sqrt(), 5.0 / 9.0), (0.0, 8.0 / 9.0), ((0.6f64).sqrt(), 5.0 / 9.0)];
    for case in cases() {
        let table = LifeTable::read(&case);
        let (scenario, age, by, endpoint) = prepared(&case);
        let model = &scenario.model;
        let AttributeKind::Continuous(distribution) = &model.attributes[age].kind else {
            panic!("age is continuous");
        };
        let distribution = distribution.evaluate(model, &solve::values(model), &[]);
        let (low, high) = distribution.range();
        let panels = ((high - low) * model.time.cycles_per_year).round() as usize;
        let width = (high - low) / panels as f64;
        let mut ages = Vec::new();
        for panel in 0..panels {
            for (x, w) in rule {
                let a = low + width * (panel as f64 + 0.5 + 0.5 * x);
                ages.push((a, w * distribution.density(a)));
            }
        }
        let total: f64 = ages.iter().map(|a| a.1).sum();
        let shares = &solve::nodes(model, 1)[by];
        let alive: Vec<f64> = (0..=model.time.cycles)
            .map(|cycle| {
                let years = cycle as f64 / model.time.cycles_per_year;
                let one = |category: &str| -> f64 {
                    let parts = ages.iter();
                    parts.map(|(a, w)| w / total * table.survival(category, *a, years, case.ratio)).sum()
                };
                shares.iter().map(|s| s.weight * one(&categories(model, by)[s.value as usize])).sum()
            })
            .collect();
        let off = furthest(model, &solve::exact(&scenario).solution, endpoint, &alive);
        println!("{} ratio {}: {off:e}", case.scenario, case.ratio);
        // The error of two Gauss nodes on a panel of h years is h^4 / 4320 times the fourth derivative of survival
        // by age, which is at most about 0.001 per year to the fourth power.
        let h = 1.0 / model.time.cycles_per_year;
        assert!(off < h.powi(4) / 4320.0 * 0.001, "{}: {off:e}", case.scenario);
    }
}
