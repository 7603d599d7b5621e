use crate::prelude::*;

pub static U05: Check = Check {
    id: "U05",
    title: "EVPI is at least as high as any EVPPI, and neither is negative",
    why: "The expected value of perfect information (EVPI) is recalculated from the net benefits of the draws: the \
          mean of the highest net benefit minus the highest mean net benefit. It must not be negative, and the value \
          of knowing one parameter (EVPPI) must not exceed the value of knowing all parameters. Otherwise, the \
          reported value of further research is wrong. A full verification also lists the parameters with the highest \
          EVPPI.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
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
        Comparisons::new("a non-negative EVPI that agrees with the draws and is not below any EVPPI", EXACT);
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
        comparisons
            .holds("EVPI", evpi >= 0.0, || format!("{what} is {}, but must not be negative", number(evpi)));
    }
    if !evidence.quick {
        let lead = answers.thresholds[0];
        let evpi = answers.loss.evpi[answers.at(lead)].value;
        match evidence.information() {
            Err(why) => comparisons.fail("EVPPI", format!("the EVPPI cannot be calculated: {why}")),
            Ok(all) => {
                for own in all {
                    let what = format!("the EVPPI of `{}`", own.name);
                    comparisons.at_most(&own.name, &what, evpi, own.value);
                    comparisons.holds(&own.name, own.value >= 0.0, || {
                        format!("{what} is {}, but must not be negative", number(own.value))
                    });
                }
                let mut largest: Vec<_> = all.iter().filter(|own| own.value > 0.0).collect();
                largest.sort_by(|a, b| b.value.total_cmp(&a.value));
                let words = largest.iter().take(3).map(|own| format!("`{}` {}", own.name, number(own.value)));
                let words: Vec<String> = words.collect();
                comparisons.note(format!(
                    "at a threshold of {}, the EVPI is {} per patient{}",
                    number(lead),
                    number(evpi),
                    if words.is_empty() {
                        String::new()
                    } else {
                        format!("; the highest EVPPI: {}", words.join(", "))
                    }
                ));
            }
        }
    }
    comparisons.verdict("the decision has no strategies to choose from")
}
