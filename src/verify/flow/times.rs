//! When things happen to simulated patients, against the exact distribution.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::engine::counts::Counts;
use arcosim_core::math;

/// Simulated times follow the distribution that the model gives.
pub static F13: Check = Check {
    id: "F13",
    title: "Simulated times to events follow the distribution that the model gives",
    why: "Times to the first event of every endpoint, and to death, are compared with their exact distribution by the \
          test of Kolmogorov and Smirnov, at a probability of 1 in 10,000 for all of them together. Whoever misses is looked at \
          again among other patients, and is wrong only if it misses again.",
    hint: "Report it: both engines read the same hazards.",
    basis: "TECH-VER",
    quick: true,
    run: f13,
};

/// The probability of a false alarm, before the second look.
const LEVEL: f64 = 1e-4;

fn f13(subject: &Subject) -> Verdict {
    let Some(sample) = subject.sample() else {
        return Verdict::skip("stopped");
    };
    let exact = subject.counts();
    let mut tally = Tally::new("distances that chance explains, by Kolmogorov and Smirnov", 0.0);
    let distances = distances(subject, exact, &sample.counts);
    // The distance that is exceeded by chance so often, for one curve among all (asymptotic, and less often on a grid).
    let each = LEVEL / distances.len().max(1) as f64;
    let limit = math::sqrt(-math::ln(each / 2.0) / 2.0);
    let mut second = None;
    let mut worst: f64 = 0.0;
    for (i, distance) in distances.iter().enumerate() {
        worst = worst.max(distance.scaled);
        let mut fine = distance.scaled <= limit;
        if !fine {
            let again = second.get_or_insert_with(|| {
                let other = subject.sample_of(!subject.seed, subject.patients());
                other.map(|other| self::distances(subject, exact, &other.counts))
            });
            fine = again.as_ref().is_none_or(|again| again[i].scaled <= limit);
        }
        tally.holds(&distance.subject, fine, || {
            format!(
                "{} under `{}` is off by {} of the patients at most, which is {} times what chance allows",
                distance.what,
                distance.strategy,
                number(distance.most),
                number(distance.scaled / limit)
            )
        });
    }
    tally.note(format!(
        "{} patients, largest distance {} of what chance allows",
        subject.patients(),
        number(worst / limit)
    ));
    tally.verdict("there are neither endpoints nor states of the dead")
}

/// The largest distance between two distributions.
struct Distance {
    subject: String,
    what: String,
    strategy: String,
    most: f64,
    /// Times the square root of the number of patients.
    scaled: f64,
}

fn distances(subject: &Subject, exact: &Counts, simulated: &Counts) -> Vec<Distance> {
    let model = subject.model;
    let n = simulated.patients;
    let mut all = Vec::new();
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let (e, m) = (&exact.strategies[arm], &simulated.strategies[arm]);
        let mut add = |name: &str, what: String, most: f64| {
            all.push(Distance {
                subject: name.into(),
                what,
                strategy: strategy.name.clone(),
                most,
                scaled: most * math::sqrt(n),
            });
        };
        for (k, endpoint) in model.endpoints.iter().enumerate() {
            let (mut p, mut count, mut most) = (0.0, 0.0, 0.0f64);
            for (exact, seen) in e.endpoints[k].events.iter().zip(&m.endpoints[k].events) {
                p += exact;
                count += seen;
                most = most.max((p - count / n).abs());
            }
            add(&endpoint.name, format!("the share of those who have had `{}`", endpoint.name), most);
        }
        for &s in &subject.scenario.verify.dead {
            let pairs = e.occupancy[s].iter().zip(&m.occupancy[s]);
            let most = pairs.map(|(p, count)| (p - count / n).abs()).fold(0.0, f64::max);
            let name = &model.states[s].name;
            add(name, format!("the share of those in `{name}`"), most);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{MENDED, mended, multiply, with_subject};
    use super::*;

    /// Exact counts of one set of parameter values, patients of another.
    #[test]
    fn times_of_another_distribution_are_found() {
        with_subject(&mended(MENDED), |subject| {
            assert!(f13(subject).severity().is_none());
        });
        with_subject(&mended(MENDED), |subject| {
            subject.counts();
            multiply(subject, "rate.operate", 3.0);
            let findings = f13(subject).findings;
            assert!(findings.iter().any(|f| f.subject == "operation"), "{findings:?}");
            assert!(findings.iter().all(|f| f.subject != "illness"), "{findings:?}");
        });
    }
}
