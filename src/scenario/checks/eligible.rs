//! Eligibility: the share of patients who receive each strategy, and the strategies that ineligible patients receive instead.

use crate::compile::strategies::stated;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::TomlTable;
use crate::schema::keys::{scenario, strategy};
use crate::spans::Spans;
use arcosim_core::model::dependence::{ordered, start_by};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::quadrature::columns_as_one;
use arcosim_core::model::{Model, categories, decode, shares, situation};

/// Number of quantiles by which a continuous attribute is represented; it determines the precision of the shares of patients.
const STEPS: usize = 1_000;
/// Maximum number of combinations of quantiles of all attributes.
const MOST: usize = 200_000;
/// Share of recipients below which a strategy is reported, because its results then mostly describe patients on other strategies.
const FEW: f64 = 0.5;

/// Name of each strategy with an eligibility condition, with a sentence on which share of patients receives which strategy.
pub fn readings(model: &Model, all: &[Parted]) -> Vec<(String, String)> {
    all.iter()
        .map(|parted| {
            let line = match parted.own() {
                1.0 => format!("all patients are eligible; none receive {} instead", parted.otherwise(model)),
                own => format!(
                    "{} of patients are eligible; {}, and are counted in this strategy",
                    parted.percent(own),
                    parted.others(model)
                ),
            };
            (format!("strategy `{}`", model.strategies[parted.strategy].name), line)
        })
        .collect()
}

/// Warns about strategies that are received by less than half of the patients.
pub fn few(model: &Model, all: &[Parted], root: &TomlTable, spans: &Spans, out: &mut Diagnostics) {
    for parted in all.iter().filter(|parted| parted.own() < FEW) {
        let name = &model.strategies[parted.strategy].name;
        let own = parted.percent(parted.own());
        let eligible = root.table(scenario::STRATEGIES).and_then(|all| stated(all, name, strategy::ELIGIBLE));
        let place = eligible.map_or(spans.strategies[parted.strategy], |node| node.key_span);
        out.push(
            Diagnostic::warning("W0535", format!("fewer than half of the patients receive strategy `{name}`: {own}"))
                .at(place, format!("{}, but are counted in this strategy", parted.others(model)))
                .why("costs, QALYs and curves of a strategy are means over all patients, so here they mostly describe patients who do not receive it")
                .help("if too few patients meet the condition, correct it; if the decision is about eligible patients only, restrict [population] to them, and remove `eligible` and `otherwise`; in all other cases, ignore this warning"),
        );
    }
}

/// Patients of one strategy, divided by the strategy that they receive.
pub struct Parted {
    strategy: usize,
    /// Share of patients who receive each strategy of the model.
    shares: Vec<f64>,
    /// Whether the shares are approximate, because eligibility depends on a continuous attribute.
    about: bool,
}

impl Parted {
    fn own(&self) -> f64 {
        self.shares[self.strategy]
    }

    /// Text on the patients who receive other strategies, such as "40% receive `usual` and 20% receive `drug`".
    fn others(&self, model: &Model) -> String {
        let others = model.strategies.iter().zip(&self.shares).enumerate();
        let others = others.filter(|(s, (_, share))| *s != self.strategy && **share > 0.0);
        let others: Vec<String> = others
            .map(|(_, (other, share))| format!("{} receive `{}`", self.percent(*share), other.name))
            .collect();
        others.join(" and ")
    }

    fn otherwise(&self, model: &Model) -> String {
        let otherwise = model.strategies[self.strategy].otherwise;
        otherwise.map_or(String::new(), |other| format!("`{}`", model.strategies[other].name))
    }

    fn percent(&self, share: f64) -> String {
        let digits = if self.about { 1.0 } else { 10.0 };
        match (100.0 * share * digits).round() / digits {
            0.0 if share > 0.0 => format!("less than {}%", 1.0 / digits),
            100.0 if share < 1.0 => format!("more than {}%", 100.0 - 1.0 / digits),
            value => format!("{value}%"),
        }
    }
}

/// All strategies with `otherwise`, with their shares of patients at base values.
pub fn parted(model: &Model) -> Vec<Parted> {
    (0..model.strategies.len())
        .filter(|&s| model.strategies[s].otherwise.is_some())
        .map(|s| shares_of(model, s))
        .collect()
}

/// A strategy, followed by the strategies that ineligible patients receive instead, in the order in which they are tried.
fn chain(model: &Model, strategy: usize) -> Vec<usize> {
    let next = |&s: &usize| model.strategies[s].otherwise;
    std::iter::successors(Some(strategy), next).take(model.strategies.len()).collect()
}

/// Shares of the patients of `strategy` by the strategy that they receive.
fn shares_of(model: &Model, strategy: usize) -> Parted {
    let chain = chain(model, strategy);
    let own: Vec<Vec<f64>> =
        chain.iter().map(|&s| model.strategies[s].parameters(model, &model.base_values())).collect();
    let mut reads = Reads::default();
    chain.iter().for_each(|&s| reads.add(&model.strategies[s].eligible));
    let parameters = model.base_values();
    let start = start_by(model);
    let mut read = ordered(model, &[reads.attributes(), start].concat());
    let columns: Vec<usize> =
        (0..model.attributes.len()).filter(|&a| model.attributes[a].rows().is_some()).collect();
    // The rows of a table of patients are read together, and before what depends on them.
    columns_as_one(&mut read, &columns);
    let distributed =
        |a: usize| model.attributes[a].distribution().is_some() && !model.attributes[a].is_fixed();
    let continuous = read.iter().filter(|&&a| distributed(a));
    let about = continuous.clone().count() > 0;
    let steps = match continuous.count() {
        0 | 1 => STEPS,
        n => (MOST as f64).powf(1.0 / n as f64) as usize,
    };
    let sizes: Vec<usize> = read
        .iter()
        .map(|&a| match (model.attributes[a].is_number(), model.attributes[a].is_fixed()) {
            _ if let Some(rows) = model.attributes[a].rows() => rows.len(),
            (true, true) => 1,
            (true, false) => steps,
            (false, _) => categories(model, a),
        })
        .collect();
    let indices: Vec<usize> = (0..read.len()).collect();
    let (mut attributes, mut picks) = (vec![0.0; model.attributes.len()], vec![0.0; read.len()]);
    let mut followed = vec![0.0; model.strategies.len()];
    for class in 0..sizes.iter().product() {
        decode(class, &indices, &sizes, &mut picks);
        let mut weight = 1.0;
        // Each attribute comes after those on which it depends.
        for ((&a, &pick), &size) in read.iter().zip(&picks).zip(&sizes) {
            let attribute = &model.attributes[a];
            if let Some(rows) = attribute.rows() {
                weight *= rows[pick as usize].1;
                for &column in &columns {
                    attributes[column] =
                        model.attributes[column].rows().map_or(0.0, |rows| rows[pick as usize].0);
                }
                continue;
            }
            let (value, part) = match attribute.density_given(model, &parameters, &attributes) {
                None => {
                    let listed = attribute.listed_given(model, &parameters, &attributes).unwrap_or_default();
                    listed.get(pick as usize).map_or((0.0, 0.0), |node| (node.value, node.weight))
                }
                Some(density) => match density.fixed() {
                    Some(value) => (value, 1.0 / size as f64),
                    None => (density.quantile((pick + 0.5) / size as f64), 1.0 / size as f64),
                },
            };
            attributes[a] = value;
            weight *= part;
        }
        let at_start = situation(model, &parameters, &attributes, 0);
        let starts = shares(model.start.iter().map(|(_, share)| share), &at_start);
        for ((state, _), part) in model.start.iter().zip(&starts) {
            let gets = |i: &usize| {
                let s = situation(model, &own[*i], &attributes, *state);
                model.strategies[chain[*i]].eligible.value(&s) != 0.0
            };
            let arm = (0..chain.len()).find(gets).unwrap_or(chain.len() - 1);
            followed[chain[arm]] += weight * part;
        }
    }
    // Removes the rounding error of shares that are exactly 1.
    for share in &mut followed {
        if (*share - 1.0).abs() < 1e-9 {
            *share = 1.0;
        }
    }
    Parted { strategy, shares: followed, about }
}
