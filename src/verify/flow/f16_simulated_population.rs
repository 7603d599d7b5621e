use crate::prelude::*;
use crate::transform::without_counting;
use arcosim_core::engine::microsim::{self, Move, Settings};
use arcosim_core::math;
use arcosim_core::model::dependence::{Case, cases, index, ordered};
use arcosim_core::model::quadrature::panels;
use arcosim_core::model::walk::described;
use arcosim_core::model::{AttributeFamily, Model, Tables, situation};

pub static F16: Check = Check {
    id: "F16",
    title: "Simulated patients match the population of the scenario",
    why: "Shares of categories and of starting states, and means and standard deviations of attributes such as age, \
          must lie within 5 standard errors of the values in the scenario, also for each case of the attributes on which \
          one depends (`by`). Apart from that, attributes must be uncorrelated; columns of a table of patients have the \
          correlation of its rows. Limits such as an age range truncate a distribution: if this moves \
          the mean by more than a fifth of a standard deviation, or reduces the standard deviation by more than a \
          quarter, the results are for another population than that of the source.",
    hint: "Widen the limits, or enter the mean and standard deviation that the distribution has before truncation. \
           Without such limits, please report the finding with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

/// Number of standard errors above which a difference is not due to chance.
const LIMIT: f64 = 5.0;

/// Shift of the mean by truncation, in standard deviations, above which a warning is given.
const SHIFT: f64 = 0.2;

/// Ratio of the truncated to the stated standard deviation below which a warning is given.
const SHRINK: f64 = 0.75;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let patients = drawn(evidence);
    let n = patients.len() as f64;
    let mut comparisons =
        Comparisons::new("shares, means and standard deviations as stated, within 5 standard errors", 0.0);
    let mut furthest: f64 = 0.0;
    let mut judge =
        |comparisons: &mut Comparisons, name: &str, what: &str, (due, seen): (f64, f64), se: f64| {
            let off = (seen - due).abs();
            // Without sampling variation, only rounding error is tolerated.
            let z = match se > 0.0 {
                true => off / se,
                false if off <= 1e-9 * due.abs().max(1.0) => 0.0,
                false => f64::INFINITY,
            };
            furthest = furthest.max(z);
            comparisons.holds(name, z <= LIMIT, || {
                format!(
                    "{what} is {} among simulated patients and should be {} ({} standard errors)",
                    number(seen),
                    number(due),
                    number(z)
                )
            });
        };
    let own = &Tables::new(model, &evidence.base);
    let parameters = &own.parameters[0];
    let share = |p: f64| math::sqrt((p * (1.0 - p)).max(0.0) / n);
    for (a, attribute) in model.attributes.iter().enumerate() {
        let name = &attribute.name;
        match attribute.is_number() {
            false => {
                let listed = attribute.listed(model, parameters).unwrap_or_default();
                let due: Vec<f64> = listed.iter().map(|node| node.weight).collect();
                for (c, category) in attribute.categories().iter().enumerate() {
                    let seen = patients.iter().filter(|(x, _)| x[a] as usize == c).count() as f64 / n;
                    let what = format!("the share of patients with {name} = {category}");
                    judge(&mut comparisons, name, &what, (due[c], seen), share(due[c]));
                }
            }
            true => {
                let moments =
                    Moments::of(panels(model, a, parameters, 4).iter().map(|n| (n.value, n.weight)));
                let seen = Moments::of(patients.iter().map(|(x, _)| (x[a], 1.0 / n)));
                let se = moments.sd / math::sqrt(n);
                judge(&mut comparisons, name, &format!("the mean of {name}"), (moments.mean, seen.mean), se);
                // Standard error of a standard deviation, from the fourth central moment.
                let se = match moments.sd > 0.0 {
                    true => {
                        let kurtosis = moments.fourth / (moments.sd * moments.sd);
                        math::sqrt((kurtosis - moments.sd * moments.sd).max(0.0) / n) / 2.0
                    }
                    false => 0.0,
                };
                judge(
                    &mut comparisons,
                    name,
                    &format!("the standard deviation of {name}"),
                    (moments.sd, seen.sd),
                    se,
                );
                if let Some(distribution) = attribute.distribution().filter(|_| attribute.by().is_empty()) {
                    cut(model, distribution, parameters, name, &moments, &mut comparisons);
                }
            }
        }
    }
    for &(state, due) in &own.start {
        let seen = patients.iter().filter(|(_, s)| *s == state).count() as f64 / n;
        let name = &model.states[state].name;
        judge(
            &mut comparisons,
            name,
            &format!("the share of patients who start in `{name}`"),
            (due, seen),
            share(due),
        );
    }
    let by_case: Vec<Vec<CaseMoments>> =
        (0..model.attributes.len()).map(|a| moments_by_case(model, parameters, a)).collect();
    for (a, attribute) in model.attributes.iter().enumerate() {
        let by = attribute.by();
        for CaseMoments { case, mean, sd } in by_case[a].iter().filter(|_| !by.is_empty()) {
            let same = |x: &[f64]| by.iter().all(|&b| x[b] == case.values[b]);
            let own: Vec<f64> = patients.iter().filter(|(x, _)| same(x)).map(|(x, _)| x[a]).collect();
            if !own.is_empty() {
                let seen = own.iter().sum::<f64>() / own.len() as f64;
                let what = format!(
                    "the mean of {} in patients with {}",
                    attribute.name,
                    described(model, &by, &case.values).join(", ")
                );
                let se = sd / math::sqrt(own.len() as f64);
                judge(&mut comparisons, &attribute.name, &what, (*mean, seen), se);
            }
        }
    }
    for b in 0..model.attributes.len() {
        for a in 0..b {
            let (one, other) = (&model.attributes[a].name, &model.attributes[b].name);
            if let Some((due, seen, se)) = association(model, &by_case, (a, b), &patients) {
                let what = format!("the correlation of {one} and {other}");
                judge(&mut comparisons, other, &what, (due, seen), se);
            }
        }
    }
    comparisons.note(format!("{n} patients, largest deviation {} standard errors", number(furthest)));
    comparisons.verdict("the model has no starting population")
}

/// Attributes and starting state of each simulated patient.
fn drawn(evidence: &Evidence) -> Vec<(Vec<f64>, usize)> {
    let mut still: Model = without_counting(evidence.model);
    still.transitions.clear();
    still.strategies.truncate(1);
    for strategy in &mut still.strategies {
        strategy.effects.clear();
        strategy.at_start.clear();
        strategy.otherwise = None;
    }
    let tables = Tables::new(&still, &evidence.base);
    let patients = evidence.patients();
    let settings = Settings::new(patients, evidence.seed);
    let histories = microsim::histories(&tables, &settings, patients);
    histories
        .into_iter()
        .filter_map(|history| match history.moves.first() {
            Some(Move::Start { from, .. }) => Some((history.attributes, *from)),
            _ => None,
        })
        .collect()
}

/// Warns if the limits of a distribution change the population noticeably.
fn cut(
    model: &Model,
    distribution: &arcosim_core::model::AttributeDistribution,
    parameters: &[f64],
    name: &str,
    within: &Moments,
    comparisons: &mut Comparisons,
) {
    let (AttributeFamily::Normal { mean, sd }, Some((low, high))) =
        (&distribution.family, distribution.within)
    else {
        return;
    };
    let s = situation(model, parameters, &[], 0);
    let (mean, sd) = (mean.value(&s), sd.value(&s));
    let fine = (within.mean - mean).abs() <= SHIFT * sd && within.sd >= SHRINK * sd;
    comparisons.advisable(name, fine, || {
        format!(
            "truncated to {} to {}, {name} has a mean of {} and a standard deviation of {}, but the scenario states \
             {} and {}",
            number(low),
            number(high),
            number(within.mean),
            number(within.sd),
            number(mean),
            number(sd)
        )
    });
}

/// Mean, standard deviation and fourth moment of a distribution.
struct Moments {
    mean: f64,
    sd: f64,
    /// Fourth central moment.
    fourth: f64,
}

impl Moments {
    fn of(weighted: impl Iterator<Item = (f64, f64)> + Clone) -> Moments {
        let mean: f64 = weighted.clone().map(|(x, w)| x * w).sum();
        let (mut square, mut fourth) = (0.0, 0.0);
        for (x, w) in weighted {
            let off = (x - mean) * (x - mean);
            square += off * w;
            fourth += off * off * w;
        }
        Moments { mean, sd: math::sqrt(square), fourth }
    }
}

/// Mean and standard deviation of an attribute among the patients of a case.
struct CaseMoments {
    case: Case,
    mean: f64,
    sd: f64,
}

/// For each case of the attributes on which `a` depends: its mean and standard deviation.
fn moments_by_case(model: &Model, parameters: &[f64], a: usize) -> Vec<CaseMoments> {
    let attribute = &model.attributes[a];
    let by = attribute.by();
    let all = match attribute.is_number() && attribute.rows().is_none() {
        true => panels(model, a, parameters, 4),
        false => Vec::new(),
    };
    let of = |case: Case| {
        let own = index(model, &by, &case.values) as u32;
        let nodes = match all.is_empty() {
            true => attribute.listed_given(model, parameters, &case.values).unwrap_or_default(),
            false => all.iter().filter(|node| node.given == own).copied().collect(),
        };
        let sum: f64 = nodes.iter().map(|node| node.weight).sum();
        let moments = Moments::of(nodes.iter().map(|node| (node.value, node.weight / sum)));
        CaseMoments { case, mean: moments.mean, sd: moments.sd }
    };
    cases(model, parameters, &by).into_iter().map(of).collect()
}

/// Correlation of two attributes: due, seen, and its standard error; `None` if one of them does not vary. Columns of a table of
/// patients have that of its rows. Otherwise one of the two is taken as its difference from the mean of its case: given the
/// attributes on which it depends, it has nothing to do with others that do not depend on it.
fn association(
    model: &Model,
    by_case: &[Vec<CaseMoments>],
    (a, b): (usize, usize),
    patients: &[(Vec<f64>, usize)],
) -> Option<(f64, f64, f64)> {
    let n = patients.len() as f64;
    if let (Some(one), Some(other)) = (model.attributes[a].rows(), model.attributes[b].rows()) {
        let rows = one.iter().zip(other).map(|(&(x, share), &(y, _))| (x, y, share));
        let (due, se) = correlation(rows)?;
        let (seen, _) = correlation(patients.iter().map(|(x, _)| (x[a], x[b], 1.0 / n)))?;
        return Some((due, seen, se / math::sqrt(n)));
    }
    let (other, own) = match ordered(model, &[a]).contains(&b) {
        true => (b, a),
        false => (a, b),
    };
    let by = model.attributes[own].by();
    let mean = |x: &[f64]| {
        let found = by_case[own].iter().find(|one| by.iter().all(|&b| x[b] == one.case.values[b]));
        found.map_or(0.0, |one| one.mean)
    };
    let pairs = patients.iter().map(|(x, _)| (x[other], x[own] - mean(x), 1.0 / n));
    let (seen, se) = correlation(pairs)?;
    let se = if by.is_empty() { 1.0 } else { se };
    Some((0.0, seen, se / math::sqrt(n)))
}

/// Correlation of weighted pairs of values, and the standard deviation of its influence function, which is the standard error times
/// the root of the number of pairs; `None` if one of the variables does not vary.
fn correlation(pairs: impl Iterator<Item = (f64, f64, f64)> + Clone) -> Option<(f64, f64)> {
    let (x, y) = pairs.clone().fold((0.0, 0.0), |(x, y), (a, b, w)| (x + a * w, y + b * w));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b, w) in pairs.clone() {
        xx += w * (a - x) * (a - x);
        yy += w * (b - y) * (b - y);
        xy += w * (a - x) * (b - y);
    }
    let small = |square: f64, mean: f64| square <= 1e-18 * mean.abs().max(1.0);
    if small(xx, x) || small(yy, y) {
        return None;
    }
    let r = xy / math::sqrt(xx * yy);
    let influence = |(a, b, w): (f64, f64, f64)| {
        let (u, v) = ((a - x) / math::sqrt(xx), (b - y) / math::sqrt(yy));
        let z = u * v - 0.5 * r * (u * u + v * v);
        w * z * z
    };
    Some((r, math::sqrt(pairs.map(influence).sum())))
}
