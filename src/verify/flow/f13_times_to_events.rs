use crate::prelude::*;
use arcosim_core::engine::counts::Counts;
use arcosim_core::math;

pub static F13: Check = Check {
    id: "F13",
    title: "Simulated times to events follow the distribution in the model",
    why: "Times to the first event of every endpoint, and to death, are compared with their exact distribution by the \
          test of Kolmogorov and Smirnov, at a probability of 1 in 10,000 for all of them together. Whoever misses is looked at \
          again among other patients, and is wrong only if it misses again.",
    hint: "Report it: both engines read the same hazards.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Sample],
    run,
};

/// The probability of a false alarm, before the second look.
const LEVEL: f64 = 1e-4;

fn run(evidence: &Evidence) -> Verdict {
    let sample = evidence.sample();
    let exact = evidence.counts();
    let mut comparisons = Comparisons::new("distances that chance explains, by Kolmogorov and Smirnov", 0.0);
    let distances = distances(evidence, exact, &sample.counts);
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
                let other = evidence.sample_of(!evidence.seed, evidence.patients());
                other.map(|other| self::distances(evidence, exact, &other.counts))
            });
            fine = again.as_ref().is_none_or(|again| again[i].scaled <= limit);
        }
        comparisons.holds(&distance.subject, fine, || {
            format!(
                "{} under `{}` is off by {} of the patients at most, which is {} times what chance allows",
                distance.what,
                distance.strategy,
                number(distance.most),
                number(distance.scaled / limit)
            )
        });
    }
    comparisons.note(format!(
        "{} patients, largest distance {} of what chance allows",
        evidence.patients(),
        number(worst / limit)
    ));
    comparisons.verdict("there are neither endpoints nor states of the dead")
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

fn distances(evidence: &Evidence, exact: &Counts, simulated: &Counts) -> Vec<Distance> {
    let model = evidence.model;
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
        for &s in &evidence.scenario.verify.dead {
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
    use super::*;
    use crate::testing::{MENDED, mended, multiply, with_evidence};

    /// Exact counts of one set of parameter values, patients of another.
    #[test]
    fn times_of_another_distribution_are_found() {
        with_evidence(&mended(MENDED), F13.needs, |evidence| {
            assert!(run(evidence).severity().is_none());
        });
        with_evidence(&mended(MENDED), F13.needs, |evidence| {
            multiply(evidence, "rate.operate", 3.0);
            evidence.results.sample = evidence.sample_of(evidence.seed, evidence.patients());
            let findings = run(evidence).findings;
            assert!(findings.iter().any(|f| f.subject == "operation"), "{findings:?}");
            assert!(findings.iter().all(|f| f.subject != "illness"), "{findings:?}");
        });
    }
}
