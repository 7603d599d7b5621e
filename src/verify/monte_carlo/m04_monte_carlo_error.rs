use crate::prelude::*;
use arcosim_analysis::agreement::HEADLINE_LIMIT;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{Settings, Simulated};
use arcosim_core::engine::totals::Total;
use arcosim_core::math;
use arcosim_core::model::Tables;

pub static M04: Check = Check {
    id: "M04",
    title: "Two seeds agree, and the Monte Carlo error decreases with the number of patients",
    why: "Means under two seeds must agree within 4 standard errors of their difference, and the Monte Carlo standard \
          error must decrease with the square root of the number of patients. If it does not, a few patients dominate \
          a total, so that the reported standard error is too small and more patients are needed.",
    hint: "Check for a rare event with a very large amount; simulate more patients, or report the exact result.",
    basis: "TECH-VER, own",
    quick: false,
    needs: &[Need::Sample],
    run,
};

/// Minimum effective number of patients with an amount. With fewer patients, a mean is not normally distributed.
const FEW: f64 = 100.0;

/// Tolerated deviation of the exponent from -0.5.
const OFF: f64 = 0.1;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    if model.outcomes.is_empty() {
        return Verdict::skip("the model has no outcomes");
    }
    let patients = evidence.patients();
    let other = evidence.sample_of(evidence.seed.wrapping_add(1), patients);
    let (one, Some(other)) = (evidence.sample(), other) else {
        return Verdict::skip("stopped");
    };
    let n = patients as f64;
    let mut comparisons = Comparisons::new(
        "seeds within 4 standard errors, and errors that decrease with an exponent of -0.5 ± 0.1",
        0.0,
    );
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
            comparisons.holds(&strategy.name, z <= HEADLINE_LIMIT, || {
                format!(
                    "`{}` under `{}` is {} with one seed and {} with another: a difference of {} standard errors",
                    outcome.name,
                    strategy.name,
                    number(a.mean),
                    number(b.mean),
                    number(z)
                )
            });
        }
    }
    let slopes = slopes(evidence, one, &mut comparisons);
    comparisons.note(format!(
        "{patients} patients, largest difference {} standard errors{slopes}",
        number(furthest)
    ));
    comparisons.verdict("no outcome varies between patients")
}

/// Effective share of patients with an amount: a total with this mean and variance, in which these patients have equal
/// amounts and all others none.
fn share_of_many(total: Total) -> f64 {
    let sd = total.sd.unwrap_or(0.0);
    let (mean, variance) = (total.mean * total.mean, sd * sd);
    if mean + variance > 0.0 { mean / (mean + variance) } else { 0.0 }
}

/// Exponents with which standard errors decrease from a quarter and a half of the patients, in separate samples, to all
/// patients. A deviation must be confirmed in further samples, because a standard error is an estimate, too.
fn slopes(evidence: &Evidence, all: &Simulated, comparisons: &mut Comparisons) -> String {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let simulate = |part: u64, draw: u64| {
        let mut settings = Settings::new(evidence.patients() / part, evidence.seed);
        // Each sample has its own draw number and therefore other patients.
        settings.draw = draw;
        microsim::run(&tables, &settings, &evidence.watch())
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
            comparisons.advisable(&strategy.name, (own + 0.5).abs() <= OFF, || {
                format!(
                    "the standard error of `{}` under `{}` decreases with the number of patients to the power of {} \
                     instead of -0.5: a few patients cause most of its variance",
                    outcome.name,
                    strategy.name,
                    number(own)
                )
            });
        }
    }
    match flattest.is_finite() {
        true => {
            format!(", exponents of the standard errors from {} to {}", number(steepest), number(flattest))
        }
        false => String::new(),
    }
}

/// Exponent with which the standard error of an outcome decreases with the number of patients; `None` if few patients
/// have an amount.
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

/// Slope of the least-squares line.
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
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};

    /// Raises a mean under one of the two seeds.
    #[test]
    fn seeds_that_disagree_are_found() {
        with_evidence(&mended(MENDED), M04.needs, |evidence| {
            let mut sample = evidence.sample().clone();
            sample.totals.strategies[0].outcomes[1].mean *= 1.1;
            evidence.results.sample = Some(sample);
            let found = run(evidence).findings;
            assert!(found.iter().any(|f| f.subject == "usual"), "{found:?}");
        });
    }

    /// A standard error that does not depend on the number of patients has an exponent of 0.
    #[test]
    fn errors_that_do_not_fall_are_seen() {
        with_evidence(&mended(MENDED), M04.needs, |evidence| {
            let few = evidence.sample_of(1, 2000).expect("nobody stops it");
            let mut many = evidence.sample_of(1, 8000).expect("nobody stops it");
            let plain = slope_of([&few, &few, &many], 0, 1).expect("everybody gains");
            assert!((plain + 0.5).abs() < OFF, "{plain}");
            let sd = few.totals.strategies[0].outcomes[1].sd.expect("patients differ");
            many.totals.strategies[0].outcomes[1].sd = Some(2.0 * sd);
            let flat = slope_of([&few, &few, &many], 0, 1).expect("everybody gains");
            assert!(flat.abs() < 1e-9, "{flat}");
        });
    }
}
