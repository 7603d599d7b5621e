//! The microsimulation against the exact engine, and against itself.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_analysis::agreement::{CELL_LIMIT, Cell, HEADLINE_LIMIT, Quantity, compare};
use arcosim_analysis::landmarks::grid_point;
use arcosim_core::engine::cohort;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{Settings, Simulated};
use arcosim_core::engine::totals::Total;
use arcosim_core::math;
use arcosim_core::model::{Model, Tables};

/// Both engines agree.
pub static M02: Check = Check {
    id: "M02",
    title: "Simulated patients agree with the exact solution",
    why: "Both engines answer the same questions: survival, events and totals at the landmarks must lie within 4 standard errors, and \
          the patients in every state at every time within 5. Ages are drawn from the points at which the exact engine \
          integrates, so that chance alone is between them. Whoever misses is looked at again among other patients, and is wrong \
          only if it misses again.",
    hint: "Report it: the engines share the model and nothing else.",
    basis: "own",
    quick: true,
    run: m02,
};

/// The luck of the seed, and the standard errors that tell of it.
pub static M04: Check = Check {
    id: "M04",
    title: "Two seeds agree, and more patients bring the error down as they should",
    why: "Means under two seeds must lie within 4 standard errors of their difference, and the Monte Carlo standard error must fall with the square \
          root of the number of patients. Where it does not, a few patients make the whole of a total, and more are needed \
          than the standard error says.",
    hint: "Look for a rare event with a huge amount; simulate more patients, or report the exact result.",
    basis: "TECH-VER, own",
    quick: false,
    run: m04,
};

fn m02(subject: &Subject) -> Verdict {
    let model = subject.model;
    let Some(sample) = subject.sample() else {
        return Verdict::skip("stopped");
    };
    let tables = Tables::new(model, &subject.base);
    let nodes = subject.integration.nodes(model, &subject.base);
    let counts = subject.counts();
    // A quick look does without the spread between patients, and hence without totals.
    let spread = match model.outcomes.is_empty() || subject.quick {
        true => Vec::new(),
        false => cohort::spread(&tables, &nodes, &|| subject.stopped()),
    };
    let totals = cohort::totals(model, &counts.strategies, &spread);
    let years = subject.scenario.figures.landmarks.iter();
    let landmarks: Vec<usize> = years.map(|&y| grid_point(&model.time, y)).collect();
    let judge = |simulated: &Simulated| {
        let mut agreement = compare(model, counts, &simulated.counts, &landmarks, 0.0);
        agreement.compare_totals(model, &totals, &simulated.totals, simulated.counts.patients);
        agreement
    };
    let first = judge(sample);
    let mut tally = Tally::new("headlines within 4 standard errors, every cell within 5", 0.0);
    let second = (!first.engines_agree())
        .then(|| subject.sample_of(!subject.seed, subject.patients()))
        .flatten()
        .map(|other| judge(&other));
    let seen = second.as_ref().unwrap_or(&first);
    let mut say = |cell: Option<Cell>, limit: f64| {
        let Some(cell) = cell else { return };
        let name = &model.strategies[cell.strategy].name;
        tally.holds(name, cell.z <= limit, || {
            format!(
                "{} under `{name}` after {} years is {} among simulated patients and {} exactly: {} standard errors",
                what(model, cell.quantity),
                number(model.time.years(cell.cycle)),
                number(cell.simulated),
                number(cell.exact),
                number(cell.z)
            )
        });
    };
    say(seen.worst_headline(), HEADLINE_LIMIT);
    say(seen.worst_cell, CELL_LIMIT);
    let z = |cell: Option<Cell>| number(cell.map_or(0.0, |cell| cell.z));
    tally.note(format!(
        "{} patients{}: worst of {} headlines {} standard errors, worst of {} cells {}",
        subject.patients(),
        if second.is_some() { ", other patients than at first" } else { "" },
        seen.headlines.len(),
        z(seen.worst_headline()),
        seen.cells,
        z(seen.worst_cell)
    ));
    tally.verdict("nothing runs")
}

/// What a cell counts, in words.
fn what(model: &Model, quantity: Quantity) -> String {
    let endpoint = |e: usize| &model.endpoints[e].name;
    match quantity {
        Quantity::Occupancy(s) => format!("the share of patients in `{}`", model.states[s].name),
        Quantity::Incidence(e) => format!("the share of patients who have had `{}`", endpoint(e)),
        Quantity::Competing(e) => format!("the share of patients lost to `{}` by other events", endpoint(e)),
        Quantity::Survival(e) => format!("Kaplan-Meier survival of `{}`", endpoint(e)),
        Quantity::Total(o) => format!("`{}` per patient", model.outcomes[o].name),
    }
}

/// Fewer patients than this among all with an amount, and a mean is no normal number.
const FEW: f64 = 100.0;

fn m04(subject: &Subject) -> Verdict {
    let model = subject.model;
    if model.outcomes.is_empty() {
        return Verdict::skip("nothing is counted");
    }
    let patients = subject.patients();
    let other = subject.sample_of(subject.seed.wrapping_add(1), patients);
    let (Some(one), Some(other)) = (subject.sample(), other) else {
        return Verdict::skip("stopped");
    };
    let n = patients as f64;
    let mut tally = Tally::new("seeds within 4 standard errors, errors with the power -0.5 +- 0.1", 0.0);
    let mut furthest: f64 = 0.0;
    for (arm, strategy) in model.strategies.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let of = |all: &Simulated| all.totals.strategies[arm].outcomes[o];
            let (a, b) = (of(one), of(&other));
            let Some((x, y)) = a.sd.zip(b.sd) else { continue };
            if n * share_of_many(a).min(share_of_many(b)) < FEW && x.max(y) > 0.0 {
                continue;
            }
            let se = math::sqrt((x * x + y * y) / n);
            let off = (a.mean - b.mean).abs();
            let z = match off <= 1e-9 * a.mean.abs() {
                true => 0.0,
                false => off / se,
            };
            furthest = furthest.max(z);
            tally.holds(&strategy.name, z <= HEADLINE_LIMIT, || {
                format!(
                    "`{}` under `{}` is {} with one seed and {} with another: {} standard errors",
                    outcome.name,
                    strategy.name,
                    number(a.mean),
                    number(b.mean),
                    number(z)
                )
            });
        }
    }
    let slopes = slopes(subject, one, &mut tally);
    tally.note(format!("{patients} patients, furthest {} standard errors{slopes}", number(furthest)));
    tally.verdict("nothing is counted that varies")
}

/// The share of patients who would have to have the same amount each, all others nothing, for such a total.
fn share_of_many(total: Total) -> f64 {
    let sd = total.sd.unwrap_or(0.0);
    let (mean, variance) = (total.mean * total.mean, sd * sd);
    if mean + variance > 0.0 { mean / (mean + variance) } else { 0.0 }
}

/// How the standard error falls from a quarter and a half of the patients, other ones, to all of them. What is off is
/// looked at again among other patients, since a standard error is an estimate too.
fn slopes(subject: &Subject, all: &Simulated, tally: &mut Tally) -> String {
    let model = subject.model;
    let tables = Tables::new(model, &subject.base);
    let simulate = |part: u64, draw: u64| {
        let mut settings = Settings::new(subject.patients() / part, subject.seed);
        // Patients of another draw: nobody is in two of the samples.
        settings.draw = draw;
        microsim::run(&tables, &settings, &subject.watch())
    };
    let [Some(quarter), Some(half)] = [simulate(4, 1), simulate(2, 2)] else {
        return String::new();
    };
    let mut second: Option<Option<[Simulated; 3]>> = None;
    let (mut flattest, mut steepest) = (f64::NEG_INFINITY, f64::INFINITY);
    for (arm, strategy) in model.strategies.iter().enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let Some(mut own) = slope_of([&quarter, &half, all], arm, o) else {
                continue;
            };
            if (own + 0.5).abs() > OFF {
                let again =
                    second.get_or_insert_with(|| Some([simulate(4, 3)?, simulate(2, 4)?, simulate(1, 5)?]));
                let again = again.as_ref().and_then(|[a, b, c]| slope_of([a, b, c], arm, o));
                own = again.map_or(own, |again| if (again + 0.5).abs() <= OFF { again } else { own });
            }
            (flattest, steepest) = (flattest.max(own), steepest.min(own));
            tally.advisable(&strategy.name, (own + 0.5).abs() <= OFF, || {
                format!(
                    "the standard error of `{}` under `{}` falls with the power {} of the number of patients, and not -0.5: a few patients make most of its spread",
                    outcome.name,
                    strategy.name,
                    number(own)
                )
            });
        }
    }
    match flattest.is_finite() {
        true => format!(", errors fall with powers from {} to {}", number(steepest), number(flattest)),
        false => String::new(),
    }
}

/// A power may be off by this.
const OFF: f64 = 0.1;

/// The power with which the standard error of an outcome falls; `None` where few patients have any of it.
fn slope_of(samples: [&Simulated; 3], arm: usize, outcome: usize) -> Option<f64> {
    let point = |sample: &Simulated| {
        let total = sample.totals.strategies[arm].outcomes[outcome];
        let (n, sd) = (sample.counts.patients, total.sd.filter(|sd| *sd > 0.0)?);
        let many = n * share_of_many(total) >= FEW;
        many.then(|| (math::ln(n), math::ln(sd / math::sqrt(n))))
    };
    let [a, b, c] = samples;
    Some(slope(&[point(a)?, point(b)?, point(c)?]))
}

/// The slope of the line of least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), (a, b)| (x + a / n, y + b / n));
    let (mut xx, mut xy) = (0.0, 0.0);
    for (a, b) in points {
        xx += (a - x) * (a - x);
        xy += (a - x) * (b - y);
    }
    xy / xx
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{MENDED, mended, multiply, with_subject};
    use super::*;

    /// Exact counts of one set of parameter values, patients of another.
    #[test]
    fn engines_that_disagree_are_found() {
        with_subject(&mended(MENDED), |subject| {
            assert!(m02(subject).severity().is_none());
        });
        with_subject(&mended(MENDED), |subject| {
            subject.counts();
            multiply(subject, "rate.fall", 1.2);
            let verdict = m02(subject);
            assert!(verdict.severity().is_some(), "{verdict:?}");
        });
    }

    /// Patients who gather more under one seed than under another.
    #[test]
    fn seeds_that_disagree_are_found() {
        with_subject(&mended(MENDED), |subject| {
            let mut sample = subject.sample().expect("nobody stops it").clone();
            sample.totals.strategies[0].outcomes[1].mean *= 1.1;
            subject.pretend_sample(sample);
            let found = m04(subject).findings;
            assert!(found.iter().any(|f| f.subject == "usual"), "{found:?}");
        });
    }

    /// A standard error that stays as it is however many patients there are falls with the power 0.
    #[test]
    fn errors_that_do_not_fall_are_seen() {
        with_subject(&mended(MENDED), |subject| {
            let few = subject.sample_of(1, 2000).expect("nobody stops it");
            let mut many = subject.sample_of(1, 8000).expect("nobody stops it");
            let plain = slope_of([&few, &few, &many], 0, 1).expect("everybody gains");
            assert!((plain + 0.5).abs() < OFF, "{plain}");
            let sd = few.totals.strategies[0].outcomes[1].sd.expect("patients differ");
            many.totals.strategies[0].outcomes[1].sd = Some(2.0 * sd);
            let flat = slope_of([&few, &few, &many], 0, 1).expect("everybody gains");
            assert!(flat.abs() < 1e-9, "{flat}");
        });
    }
}
