use crate::evidence::Ends;
use crate::prelude::*;
use crate::statistics::rank_correlation;
use arcosim_analysis::sensitivity::net_benefit::increment;

pub static U14: Check = Check {
    id: "U14",
    title: "Parameters with a high EVPPI also influence the one-way results",
    why: "Parameters are ranked by EVPPI and by the length of their bars in the one-way analysis. The rankings need \
          not agree, but a high EVPPI with almost no bar is suspicious: the range may be much narrower than the \
          distribution, so that the one-way analysis understates the influence of the parameter, or the parameter \
          matters only in combination with others.",
    hint: "Compare the range of the parameter with its distribution; if both are correct, state in the report that \
           the parameter acts in combination with others.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Answers, Need::Information, Need::Ends],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let answers = match evidence.answers() {
        Ok((_, answers)) => answers,
        Err(why) => return Verdict::skip(why),
    };
    let Some(decision) = &evidence.scenario.decision else {
        return Verdict::skip(absent::DECISION);
    };
    let lead = answers.thresholds[0];
    let evpi = answers.loss.evpi[answers.at(lead)].value;
    if evpi <= 0.0 || answers.on_offer.len() < 2 {
        return Verdict::skip("one strategy is best in every draw, so that further information has no value");
    }
    let Ok(known) = evidence.information() else {
        return Verdict::skip("the EVPPI cannot be calculated (see U05)");
    };
    // Length of the longest bar of a parameter: the range of the incremental net benefit of any strategy over the
    // first.
    let bar = |own: &Ends| {
        let length = |&s: &usize| {
            let at =
                own.totals.iter().flatten().map(|t| increment(decision, t, (s, answers.on_offer[0]), lead));
            let at: Vec<f64> = at.collect();
            at.iter().copied().fold(f64::MIN, f64::max) - at.iter().copied().fold(f64::MAX, f64::min)
        };
        answers.on_offer[1..].iter().map(length).fold(0.0, f64::max)
    };
    let varying = evidence.scenario.uncertainty.varying();
    let pairs = varying.iter().zip(known).filter_map(|(&p, known)| {
        let own = evidence.ends().iter().find(|own| own.parameter == p)?;
        Some((p, bar(own), known))
    });
    let pairs: Vec<_> = pairs.collect();
    if pairs.len() < 3 {
        return Verdict::skip("fewer than three parameters vary");
    }
    let mut comparisons = Comparisons::new(
        "no parameter has both an EVPPI above a tenth of the EVPI and a bar below 2% of the longest",
        0.0,
    );
    let longest = pairs.iter().map(|(_, bar, _)| *bar).fold(0.0, f64::max);
    for (p, bar, known) in &pairs {
        let worth = known.value > 0.1 * evpi && known.se.is_some_and(|se| known.value > 4.0 * se);
        comparisons.advisable(evidence.name(*p), !worth || *bar >= 0.02 * longest, || {
            format!(
                "the EVPPI of `{}` is {}, compared with an EVPI of {}, but the length of its bar is only {}, compared \
                 with {} for the longest bar",
                evidence.name(*p),
                number(known.value),
                number(evpi),
                number(*bar),
                number(longest)
            )
        });
    }
    let bars: Vec<f64> = pairs.iter().map(|(_, bar, _)| *bar).collect();
    let values: Vec<f64> = pairs.iter().map(|(_, _, known)| known.value).collect();
    let r = rank_correlation(&bars, &values);
    comparisons
        .note(format!("the rank correlation of bars and EVPPI is {}", number((100.0 * r).round() / 100.0)));
    comparisons.verdict("no parameter varies")
}
