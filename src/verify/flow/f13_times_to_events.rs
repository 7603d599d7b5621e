use crate::prelude::*;
use arcosim_core::engine::counts::Counts;
use arcosim_core::math;

pub static F13: Check = Check {
    id: "F13",
    title: "Simulated times to events follow the distribution in the model",
    why: "The simulated times to the first event of every endpoint, and to death, are compared with their exact \
          distributions by the Kolmogorov–Smirnov test, with a probability of a false alarm of 1 in 10,000 for all \
          tests together. A difference is reported only if a second sample of patients confirms it. Simulated costs \
          and effects are biased if events occur too early or too late.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Sample],
    run,
};

/// Probability of a false alarm in the first sample, for all tests together.
const LEVEL: f64 = 1e-4;

fn run(evidence: &Evidence) -> Verdict {
    let sample = evidence.sample();
    let exact = evidence.counts();
    let mut comparisons = Comparisons::new("differences that chance explains (Kolmogorov–Smirnov test)", 0.0);
    let distances = distances(evidence, exact, &sample.counts);
    // Critical value of the Kolmogorov–Smirnov test for one curve, at the level of all curves divided by their number.
    // It is asymptotic, and cautious for times on a grid.
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
                "{} under `{}` differs from the exact share by up to {}, {} times the limit for chance",
                distance.what,
                distance.strategy,
                number(distance.most),
                number(distance.scaled / limit)
            )
        });
    }
    comparisons.note(format!(
        "{} patients, largest difference {} times the limit for chance",
        evidence.patients(),
        number(worst / limit)
    ));
    comparisons.verdict("the model has neither endpoints nor death states")
}

/// Largest difference between the simulated and the exact distribution of one event time.
struct Distance {
    subject: String,
    what: String,
    strategy: String,
    most: f64,
    /// Statistic of Kolmogorov and Smirnov: largest difference between the simulated and the expected distribution of times, times the square root of the number of patients.
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
            add(
                &endpoint.name,
                format!("the share of simulated patients who have had `{}`", endpoint.name),
                most,
            );
        }
        for &s in &evidence.scenario.verify.dead {
            let pairs = e.occupancy[s].iter().zip(&m.occupancy[s]);
            let most = pairs.map(|(p, count)| (p - count / n).abs()).fold(0.0, f64::max);
            let name = &model.states[s].name;
            add(name, format!("the share of simulated patients in `{name}`"), most);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, multiply, with_evidence};

    /// Compares exact counts with patients who were simulated at other parameter values.
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
