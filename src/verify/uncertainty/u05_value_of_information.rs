use crate::prelude::*;

pub static U05: Check = Check {
    id: "U05",
    title: "EVPI is at least as high as any EVPPI, and neither is negative",
    why: "The expected value of perfect information is worked out again from the net benefits of the draws: the mean of the best \
          less the best of the means. It cannot be negative, and the value of knowing one parameter cannot exceed that of knowing all \
          of them. A full verification names the parameters with the highest EVPPI.",
    hint: "Report it: the values follow from the draws, whatever the scenario says.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Answers, Need::Information],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (psa, answers) = match evidence.answers() {
        Ok(found) => found,
        Err(why) => return Verdict::skip(why),
    };
    if answers.on_offer.len() < 2 {
        return Verdict::skip(absent::CHOICE);
    }
    let mut comparisons =
        Comparisons::new("EVPI is not negative, as the draws have it, and not below any EVPPI", EXACT);
    let draws = psa.totals.len();
    for &threshold in &answers.thresholds {
        let benefits = answers.benefits(threshold);
        let best: f64 = (0..draws).map(|d| benefits.iter().map(|b| b[d]).fold(f64::MIN, f64::max)).sum();
        let means = benefits.iter().map(|b| b.iter().sum::<f64>());
        let by_hand = (best - means.fold(f64::MIN, f64::max)) / draws as f64;
        let scale = benefits.iter().flatten().fold(0.0, |most: f64, b| most.max(b.abs()));
        let evpi = answers.loss.evpi[answers.at(threshold)].value;
        let what = format!("the EVPI at a threshold of {}", number(threshold));
        comparisons.same_by("EVPI", &what, (by_hand, evpi), scale);
        comparisons.holds("EVPI", evpi >= 0.0, || format!("{what} is {}", number(evpi)));
    }
    if !evidence.quick {
        let lead = answers.thresholds[0];
        let evpi = answers.loss.evpi[answers.at(lead)].value;
        match evidence.information() {
            Err(why) => comparisons
                .fail("EVPPI", format!("the value of partial information cannot be worked out: {why}")),
            Ok(all) => {
                for own in all {
                    let what = format!("EVPPI of `{}`", own.name);
                    comparisons.at_most(&own.name, &what, evpi, own.value);
                    comparisons
                        .holds(&own.name, own.value >= 0.0, || format!("{what} is {}", number(own.value)));
                }
                let mut largest: Vec<_> = all.iter().filter(|own| own.value > 0.0).collect();
                largest.sort_by(|a, b| b.value.total_cmp(&a.value));
                let words = largest.iter().take(3).map(|own| format!("`{}` {}", own.name, number(own.value)));
                let words: Vec<String> = words.collect();
                comparisons.note(format!(
                    "at a threshold of {} EVPI is {} per patient{}",
                    number(lead),
                    number(evpi),
                    if words.is_empty() {
                        String::new()
                    } else {
                        format!(", and most of it {}", words.join(", "))
                    }
                ));
            }
        }
    }
    comparisons.verdict("nothing is on offer")
}
