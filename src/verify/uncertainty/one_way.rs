//! The one-way analysis: whether it is balanced, and whether it agrees with the value of information.

use super::super::check::{Check, Verdict};
use super::super::subject::{Subject, Totals};
use super::super::tally::{Tally, number};
use super::decision::answers;
use super::distribution::rank_correlation;
use super::shared::{Ends, ends, information, name};
use arcosim_analysis::sensitivity::net_benefit::{best, increment, ranked};

pub static U13: Check = Check {
    id: "U13",
    title: "One-way ranges do not all lean to one side",
    why: "Every parameter is moved to both ends of its range, and what that adds to the net benefit of the leading strategy \
          against the reference is set against what it takes away. If the gains are more than five times the losses, or the \
          losses five times the gains, the ranges were perhaps chosen so that they cannot hurt: base values at the \
          unfavourable end, or ranges that only reach to one side.",
    hint: "Look at the parameters with the longest bars: base should lie between low and high, and both have a source.",
    basis: "TECH-VER",
    quick: false,
    run: u13,
};

/// One side may outweigh the other so many times.
const LEAN: f64 = 5.0;
/// With fewer ranges that do anything there is no balance to speak of.
const FEW: usize = 4;

fn u13(subject: &Subject) -> Verdict {
    let Some(decision) = &subject.scenario.decision else {
        return Verdict::skip("there is no [decision]");
    };
    let (model, threshold) = (subject.model, decision.threshold());
    let base = subject.totals();
    let reference = model.reference();
    let leading = ranked(model, decision, &base, threshold).into_iter().find(|&s| s != reference);
    let Some(leading) = leading else {
        return Verdict::skip("there is nothing to choose between");
    };
    let worth = |totals: &Totals| increment(decision, totals, (leading, reference), threshold);
    let best_at_base = best(model, decision, &base, threshold);
    let (mut gains, mut losses, mut looked_at, mut changes) = (0.0, 0.0, 0, 0);
    let mut moving: Vec<(usize, f64)> = Vec::new();
    for own in ends(subject) {
        let by = own.totals.iter().flatten().map(|totals| worth(totals) - worth(&base));
        let by: Vec<f64> = by.collect();
        gains += by.iter().fold(0.0, |sum, x| sum + x.max(0.0));
        losses += by.iter().fold(0.0, |sum, x| sum - x.min(0.0));
        looked_at += by.len();
        changes += own
            .totals
            .iter()
            .flatten()
            .filter(|t| best(model, decision, t, threshold) != best_at_base)
            .count();
        let most = by.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        if most > 1e-9 * worth(&base).abs() {
            moving.push((own.parameter, most));
        }
    }
    if moving.len() < FEW {
        return Verdict::skip(
            "fewer than four parameters with a range or a distribution change the net benefit",
        );
    }
    let mut tally = Tally::new(
        "ends of ranges that favour the leading strategy and ends that do not weigh about the same",
        0.0,
    );
    let name = &model.strategies[leading].name;
    let ratio = gains.max(losses) / gains.min(losses).max(f64::MIN_POSITIVE);
    tally.advisable(name, ratio <= LEAN, || {
        let longest = moving.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or("", |(p, _)| super::shared::name(subject, *p));
        format!(
            "the ends of all ranges together add {} to the net benefit of `{name}` against the reference and take {} away; \
             `{longest}` has the longest bar",
            number(gains),
            number(losses)
        )
    });
    tally.note(format!(
        "of {looked_at} ends of ranges {changes} change the best strategy; in favour of `{name}` they add {}, against it they take {}",
        number(gains),
        number(losses)
    ));
    tally.verdict("no parameter has a range")
}

pub static U14: Check = Check {
    id: "U14",
    title: "What is worth knowing is what moves the results",
    why: "Parameters are ranked by what it would be worth to know them and by the length of their bars in the one-way analysis. \
          The two need not agree, but a parameter that is worth knowing and has next to no bar is odd: its range may be far \
          narrower than its distribution, or it matters only together with others.",
    hint: "Compare the range of the parameter with its distribution; if both are right, say in the report that it acts together with others.",
    basis: "TECH-VER",
    quick: false,
    run: u14,
};

fn u14(subject: &Subject) -> Verdict {
    let (psa, answers) = match answers(subject) {
        Ok(found) => found,
        Err(why) => return Verdict::skip(why),
    };
    let Some(decision) = &subject.scenario.decision else {
        return Verdict::skip("there is no [decision]");
    };
    let lead = answers.thresholds[0];
    let evpi = answers.loss.evpi[answers.at(lead)].value;
    if evpi <= 0.0 || answers.on_offer.len() < 2 {
        return Verdict::skip("one strategy is best in every draw, so that there is nothing to learn");
    }
    let Ok(known) = information(subject, psa, &answers.benefits(lead)) else {
        return Verdict::skip("the value of partial information cannot be worked out, which U05 reports");
    };
    // The longest bar of any strategy on offer against the first.
    let bar = |own: &Ends| {
        let length = |&s: &usize| {
            let at =
                own.totals.iter().flatten().map(|t| increment(decision, t, (s, answers.on_offer[0]), lead));
            let at: Vec<f64> = at.collect();
            at.iter().copied().fold(f64::MIN, f64::max) - at.iter().copied().fold(f64::MAX, f64::min)
        };
        answers.on_offer[1..].iter().map(length).fold(0.0, f64::max)
    };
    let varying = subject.scenario.uncertainty.varying();
    let pairs = varying.iter().zip(known).filter_map(|(&p, known)| {
        let own = ends(subject).iter().find(|own| own.parameter == p)?;
        Some((p, bar(own), known))
    });
    let pairs: Vec<_> = pairs.collect();
    if pairs.len() < 3 {
        return Verdict::skip("fewer than three parameters vary");
    }
    let mut tally =
        Tally::new("no parameter is worth a tenth of the EVPI and has less than 2 % of the longest bar", 0.0);
    let longest = pairs.iter().map(|(_, bar, _)| *bar).fold(0.0, f64::max);
    for (p, bar, known) in &pairs {
        let worth = known.value > 0.1 * evpi && known.se.is_some_and(|se| known.value > 4.0 * se);
        tally.advisable(name(subject, *p), !worth || *bar >= 0.02 * longest, || {
            format!(
                "to know `{}` is worth {} of an EVPI of {}, and its bar is {} where the longest is {}",
                name(subject, *p),
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
    tally.note(format!(
        "the rank correlation of bars and values of information is {}",
        number((100.0 * r).round() / 100.0)
    ));
    tally.verdict("nothing varies")
}
