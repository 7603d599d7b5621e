//! A small scenario and helpers for the tests of the expression language.

mod errors;
mod random;
mod values;

use std::cell::RefCell;
use std::collections::HashMap;

use super::*;
use crate::diagnostic::render;
use crate::parameters::{Evidence, Kind};
use crate::read::source::Sources;
use arcosim_core::model::{AttributeDistribution, AttributeFamily, AttributeKind, Share, Situation};

/// A small scenario: cycles of half a year, the states well, ill, worse and dead, the group `sick` (ill and worse), and
/// the attributes sex and age.
struct World {
    parameters: HashMap<String, usize>,
    rows: Vec<ParameterRow>,
    attributes: Vec<Attribute>,
    states: Vec<State>,
    groups: Vec<Group>,
    tables: Vec<Lookup>,
}

const WELL: usize = 0;
const ILL: usize = 1;
const WORSE: usize = 2;

const ROWS: [(&str, Kind, f64, Option<f64>); 26] = [
    ("rate.relapse", Kind::Rate, 0.2, None),
    ("rate.by.female", Kind::Rate, 0.1, None),
    ("rate.by.male", Kind::Rate, 0.3, None),
    ("rate.half.female", Kind::Rate, 0.1, None),
    ("rate.mixed.female", Kind::Rate, 0.1, None),
    ("rate.mixed.male", Kind::Hr, 0.5, None),
    ("hr.new", Kind::Hr, 0.5, None),
    ("hr.in.ill", Kind::Hr, 0.7, None),
    ("hr.in.worse", Kind::Hr, 0.9, None),
    ("hr.both.ill.female", Kind::Hr, 0.6, None),
    ("hr.both.ill.male", Kind::Hr, 0.4, None),
    ("rr.new", Kind::Rr, 0.5, None),
    ("or.new", Kind::Or, 0.5, None),
    ("p.five", Kind::Probability, 0.8, Some(5.0)),
    ("p.cycle", Kind::Probability, 0.1, None),
    ("t.mean", Kind::MeanTime, 4.0, None),
    ("t.median", Kind::MedianTime, 4.0, None),
    ("t.lag", Kind::Duration, 2.0, None),
    ("share", Kind::Proportion, 0.25, None),
    ("b.age", Kind::Coefficient, 0.02, None),
    ("cost.visit", Kind::Cost, 100.0, None),
    ("cost.month", Kind::Cost, 100.0, None),
    ("cost.cycle", Kind::Cost, 10.0, None),
    ("utility.ill", Kind::Utility, 0.7, None),
    ("number", Kind::Number, 3.0, None),
    ("time", Kind::Number, 1.0, None),
];

fn world() -> World {
    let nowhere = Span { file: 0, start: 0, end: 0 };
    let rows: Vec<ParameterRow> = ROWS
        .iter()
        .map(|&(name, kind, base, period_years)| ParameterRow {
            name: name.into(),
            label: String::new(),
            kind,
            base,
            written: base.to_string(),
            unit: match name {
                "cost.month" => "EUR per month".into(),
                "cost.cycle" => "EUR/cycle".into(),
                _ => String::new(),
            },
            period_years,
            low: None,
            high: None,
            range_basis: String::new(),
            distribution: String::new(),
            spread: Default::default(),
            base_is_mean: false,
            table_base: base,
            factor: 1.0,
            group: String::new(),
            source: String::new(),
            evidence: Evidence::Assumption,
            note: String::new(),
            conversion: None,
            name_span: nowhere,
            base_span: nowhere,
            row_span: nowhere,
        })
        .collect();
    let continuous = AttributeKind::Continuous(AttributeDistribution {
        family: AttributeFamily::Fixed { value: Expr::Number(50.0) },
        within: None,
    });
    let categorical = AttributeKind::Categorical {
        categories: vec!["female".into(), "male".into(), "not known".into()],
        shares: vec![Share::Rest, Share::Rest, Share::Rest],
    };
    let two = AttributeKind::Categorical {
        categories: vec!["female".into(), "male".into()],
        shares: vec![Share::Rest, Share::Rest],
    };
    let attribute = |name: &str, kind| Attribute { name: name.into(), label: name.into(), kind };
    let names = ["well", "ill", "worse", "dead"];
    let group = |name: &str, states: &[usize]| Group {
        name: name.into(),
        label: name.into(),
        states: states.into(),
        counter: None,
    };
    World {
        // A parameter `time` would clash with the clock, so only the test of that message adds it to the names.
        parameters: rows.iter().map(|r| r.name.clone()).zip(0..).filter(|(n, _)| n != "time").collect(),
        rows,
        attributes: vec![
            attribute("age", continuous.clone()),
            attribute("sex", two),
            attribute("weight", continuous),
            attribute("sex3", categorical),
        ],
        states: names
            .iter()
            .map(|n| State { name: (*n).into(), label: (*n).into(), absorbing: *n == "dead" })
            .collect(),
        groups: names
            .iter()
            .enumerate()
            .map(|(i, n)| group(n, &[i]))
            .chain([group("sick", &[ILL, WORSE])])
            .collect(),
        tables: vec![Lookup {
            name: "norms".into(),
            kind: TableKind::Utility,
            time_unit: None,
            by: "age".into(),
            unit: String::new(),
            per_year: None,
            listing: Some(Arc::new(Listing {
                name: "norms".into(),
                by: vec![(1, 2)],
                bounds: vec![0.0, 50.0, 60.0],
                values: vec![vec![0.9, 0.8, 0.7], vec![0.95, 0.85, 0.75]],
            })),
        }],
    }
}

impl World {
    fn names(&self) -> Names<'_> {
        Names {
            parameters: &self.parameters,
            rows: &self.rows,
            attributes: &self.attributes,
            states: &self.states,
            groups: &self.groups,
            tables: &self.tables,
            matrices: Vec::new(),
            matrices_read: RefCell::default(),
            formulas: &[],
            age: Some(0),
            age_at_end: false,
            cycle_years: 0.5,
            continuous: false,
            used: RefCell::new(vec![false; self.rows.len()]),
        }
    }
}

const EVERYTHING: Scope =
    Scope { states: &[ILL, WORSE], clocks: Clocks::Cycle, attributes: true, state: true, value_of: None };
const PARAMETERS_ONLY: Scope =
    Scope { states: &[], clocks: Clocks::None, attributes: false, state: false, value_of: None };

/// A key of a scenario file whose value is of this kind, so that messages look as in a scenario.
fn key_of(expected: Expected, scope: &Scope) -> &'static str {
    match expected {
        Expected::Rate => "rate",
        Expected::ProbabilityPerCycle => "probability",
        Expected::Ratio => "hazard_ratio",
        Expected::Proportion => "share",
        Expected::Condition => "eligible",
        Expected::Number if scope.clocks == Clocks::None => "mean",
        Expected::Number => "shape",
        Expected::Time => "scale",
        Expected::RelativeRisk => "relative_risk",
        Expected::TimeRatio => "time_ratio",
        Expected::OddsRatio => "never_odds_ratio",
        Expected::DiscountRate => "discount",
        Expected::AmountPerYear => "per_year",
        Expected::Amount => "once",
        Expected::ProbabilityOver => "matrix",
    }
}

/// Compiles `text` as in a scenario file; returns the expression and the printed messages.
fn compiled(text: &str, expected: Expected, scope: &Scope, world: &World) -> (Option<Expr>, String) {
    let mut sources = Sources::default();
    let before = format!("{} = \"", key_of(expected, scope));
    let file = sources.add("scenario.toml", format!("{before}{text}\"\n"));
    let span = Span { file, start: before.len(), end: before.len() + text.len() };
    let mut out = Diagnostics::default();
    let expr = compile(text, &Place { span, escaped: false }, expected, scope, &world.names(), &mut out);
    assert_eq!(expr.is_none(), out.has_errors(), "{text}");
    (expr, render(&out, &sources, false))
}

/// Value of an expression in state `ill` after 4 cycles for a woman who was 50 years old at the start, weighs 70 kg, and
/// has spent 3 cycles in `ill` and 4 in the group `sick`.
fn value_as(text: &str, expected: Expected) -> f64 {
    let world = world();
    let (expr, messages) = compiled(text, expected, &EVERYTHING, &world);
    let parameters: Vec<f64> = world.rows.iter().map(|r| r.base).collect();
    let situation = Situation {
        parameters: &parameters,
        attributes: &[50.0, 0.0, 70.0, 2.0],
        state: ILL,
        cycle: 4,
        residence: &[0, 3, 0, 0, 4],
        cycles_per_year: 2.0,
        part: 0.0,
    };
    expr.unwrap_or_else(|| panic!("{text}:\n{messages}")).value(&situation)
}

fn value(text: &str) -> f64 {
    value_as(text, Expected::Number)
}

/// Printed messages about the expression `text`.
fn messages(text: &str, expected: Expected) -> String {
    compiled(text, expected, &EVERYTHING, &world()).1
}
