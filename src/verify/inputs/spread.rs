//! What is not known about the numbers: ranges, distributions, and what is drawn together.

use super::super::check::{Check, Verdict};
use super::super::reading::parameters_in;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use arcosim_core::model::uncertainty::{Family, Together};
use arcosim_core::model::{AttributeKind, Share};
use arcosim_scenario::parameters::Kind;

pub static S09: Check = Check {
    id: "S09",
    title: "Base values lie inside their ranges",
    why: "Each base value must lie between its low and high: a range is about the number that it stands beside. Whether it lies in \
          the middle of its distribution is asked by U02.",
    hint: "Compare base, `low` and `high` with the source; one of them is of another number, or in another unit.",
    basis: "TECH-VER",
    quick: true,
    run: s09,
};

fn s09(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("low, base and high in order", 0.0);
    for row in &subject.scenario.parameters {
        let name = &row.name;
        if let (Some(low), Some(high)) = (row.low, row.high) {
            tally.holds(name, low <= row.table_base && row.table_base <= high, || {
                format!(
                    "`{name}` is {} and its range {} to {}",
                    number(row.table_base),
                    number(low),
                    number(high)
                )
            });
        }
    }
    tally.verdict("no parameter has a range")
}

pub static S10: Check = Check {
    id: "S10",
    title: "Each distribution suits what it describes",
    why: "Utilities and probabilities are drawn from a beta, costs from a gamma or log-normal, ratios from a log-normal, \
          coefficients from a normal. Another family is asked about where one draw in a thousand or more would be a value that \
          cannot be (a negative cost, a utility above 1), before anything is cut off, or where the family has the wrong range: \
          a beta for a cost or a ratio, a log-normal or gamma for a probability or a coefficient.",
    hint: "Take the family that is usual for the kind, with the same mean and standard error.",
    basis: "TECH-VER",
    quick: true,
    run: s10,
};

/// A larger share of impossible draws is asked about.
const IMPOSSIBLE: f64 = 0.001;

fn s10(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("families that suit the kind of the parameter", 0.0);
    for (p, row) in subject.scenario.parameters.iter().enumerate() {
        let Some(Some(margin)) = subject.scenario.uncertainty.margins.get(p) else {
            continue;
        };
        let family = margin.family;
        let (low, high) = limits(row.kind);
        let below = if low.is_finite() { family.cdf(low) } else { 0.0 };
        let above = if high.is_finite() { 1.0 - family.cdf(high) } else { 0.0 };
        let beyond = below + above.max(0.0);
        let bounded = matches!(family, Family::Beta { .. });
        let positive = matches!(family, Family::LogNormal { .. } | Family::Gamma { .. });
        let unsuited = match row.kind {
            Kind::Cost
            | Kind::Hr
            | Kind::Rr
            | Kind::Or
            | Kind::MeanTime
            | Kind::MedianTime
            | Kind::Duration => bounded,
            Kind::Coefficient => bounded || positive,
            _ => false,
        };
        tally.advisable(&row.name, beyond <= IMPOSSIBLE, || {
            format!(
                "{} % of the {} distribution of `{}` are values that no {} can have{}",
                number(100.0 * beyond),
                family.name(),
                row.name,
                row.kind.name().replace('_', " "),
                if margin.within == (f64::NEG_INFINITY, f64::INFINITY) { "" } else { "; they are cut off" }
            )
        });
        tally.advisable(&row.name, !unsuited, || {
            format!(
                "the {} `{}` is drawn from a {}",
                row.kind.name().replace('_', " "),
                row.name,
                family.name()
            )
        });
    }
    tally.verdict("no parameter has a distribution of its own")
}

/// What values of a kind can be.
fn limits(kind: Kind) -> (f64, f64) {
    match kind {
        Kind::Probability | Kind::Proportion => (0.0, 1.0),
        // The distribution function of a value that is never below 0 is 0 there.
        Kind::Rate
        | Kind::Cost
        | Kind::Count
        | Kind::Hr
        | Kind::Rr
        | Kind::Or
        | Kind::MeanTime
        | Kind::MedianTime
        | Kind::Duration
        | Kind::Shape => (0.0, f64::INFINITY),
        Kind::Utility => (f64::NEG_INFINITY, 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

pub static S11: Check = Check {
    id: "S11",
    title: "Distributions are as wide as a mean is uncertain, not as patients differ",
    why: "A distribution should be as wide as the standard error of the estimate. Taken from the standard deviation between \
          patients, it is far too wide: more than 60 % of a cost or time, more than 0.15 of a utility, a 95 % interval of a \
          ratio that spans more than fiftyfold. And one that is narrower than a thousandth of its mean is hardly one at all.",
    hint: "Divide the standard deviation by the square root of the number of patients; check p1 and p2 of the distribution.",
    basis: "TECH-VER",
    quick: true,
    run: s11,
};

fn s11(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("standard errors of the size that estimates have", 0.0);
    for (p, row) in subject.scenario.parameters.iter().enumerate() {
        let Some(Some(margin)) = subject.scenario.uncertainty.margins.get(p) else {
            continue;
        };
        let (mean, sd) = (margin.family.mean(), margin.family.sd());
        let relative = sd / mean.abs();
        let (name, kind) = (&row.name, row.kind.name().replace('_', " "));
        match row.kind {
            Kind::Cost | Kind::MeanTime | Kind::MedianTime | Kind::Duration | Kind::Score | Kind::Count => {
                tally.advisable(name, relative <= 0.6, || {
                    format!(
                        "the standard error of {kind} `{name}` is {} % of its mean: is it the standard deviation between patients?",
                        number((100.0 * relative).round())
                    )
                });
            }
            Kind::Utility | Kind::Disutility => {
                tally.advisable(name, sd <= 0.15, || {
                    format!(
                        "the standard error of {kind} `{name}` is {}: is it the standard deviation between patients?",
                        number(sd)
                    )
                });
            }
            Kind::Hr | Kind::Rr | Kind::Or => {
                let (low, high) = (margin.quantile(0.025), margin.quantile(0.975));
                tally.advisable(name, high <= 50.0 * low, || {
                    format!(
                        "the 95 % interval of {kind} `{name}` goes from {} to {}",
                        number(low),
                        number(high)
                    )
                });
            }
            _ => {}
        }
        tally.advisable(name, relative >= 0.001 || mean == 0.0, || {
            format!(
                "the standard error of {kind} `{name}` is only {} of a mean of {}",
                number(sd),
                number(mean)
            )
        });
    }
    tally.verdict("no parameter has a distribution of its own")
}

pub static S12: Check = Check {
    id: "S12",
    title: "What belongs together is drawn together",
    why: "Shares of one whole must be drawn as one (a Dirichlet distribution), and the coefficients of one regression with their \
          covariance: each drawn for itself, they make populations and curves that no data support. A matrix of correlations \
          must be complete, with ones on its diagonal.",
    hint: "Give shares of one whole `dirichlet` and one group; list coefficients under [uncertainty.correlated].",
    basis: "TECH-VER",
    quick: true,
    run: s12,
};

fn s12(subject: &Subject) -> Verdict {
    let model = subject.model;
    let uncertainty = &subject.scenario.uncertainty;
    let mut tally = Tally::new("joint distributions for what belongs together", 1e-9);
    for joint in &uncertainty.joint {
        if let Together::Copula(factor) = &joint.how {
            for (i, row) in factor.iter().enumerate() {
                let square: f64 = row.iter().map(|x| x * x).sum();
                let what = format!("the correlation of member {} of `{}` with itself", i + 1, joint.name);
                tally.same(&joint.name, &what, 1.0, square);
                let whole =
                    joint.members.iter().all(|m| uncertainty.margins.get(*m).is_some_and(Option::is_some));
                tally.holds(&joint.name, whole, || {
                    format!("a member of `{}` has no distribution", joint.name)
                });
            }
        }
    }
    // Which joint distribution draws a parameter that varies; `None` for one that is drawn for itself.
    let apart = |parameters: &[usize]| -> Vec<usize> {
        let varying = parameters.iter().copied().filter(|&p| uncertainty.varies(p));
        let varying: Vec<usize> = varying.collect();
        let joints = varying.iter().map(|&p| uncertainty.joint_of(p).map(|j| j.name.as_str()));
        let joints: Vec<Option<&str>> = joints.collect();
        match varying.len() >= 2 && joints.iter().any(|j| j.is_none() || *j != joints[0]) {
            true => varying,
            false => Vec::new(),
        }
    };
    let named = |parameters: &[usize]| {
        let names: Vec<String> =
            parameters.iter().map(|&p| format!("`{}`", model.parameters[p].name)).collect();
        names.join(", ")
    };
    let mut wholes: Vec<(String, Vec<usize>)> = Vec::new();
    let plain = |share: &Share| match share {
        Share::Stated(arcosim_core::model::Expr::Parameter(p)) => Some(*p),
        _ => None,
    };
    for attribute in &model.attributes {
        if let AttributeKind::Categorical { shares, .. } = &attribute.kind {
            let own = shares.iter().filter_map(plain).collect();
            wholes.push((attribute.name.clone(), own));
        }
    }
    wholes.push(("start".into(), model.start.iter().filter_map(|(_, share)| plain(share)).collect()));
    for (name, shares) in &wholes {
        let loose = apart(shares);
        tally.advisable(name, loose.is_empty(), || {
            format!("the shares {} of `{name}` are drawn each for itself", named(&loose))
        });
    }
    for transition in &model.transitions {
        let mut coefficients = Vec::new();
        transition.expressions(&mut |e| {
            let own = parameters_in(e, None).into_iter();
            coefficients.extend(own.filter(|&p| subject.kind(p) == Kind::Coefficient));
        });
        coefficients.sort_unstable();
        coefficients.dedup();
        let loose = apart(&coefficients);
        tally.advisable(&transition.name, loose.is_empty(), || {
            format!("the coefficients {} of `{}` are drawn each for itself", named(&loose), transition.name)
        });
    }
    match uncertainty.varying().is_empty() {
        true => Verdict::skip("nothing is uncertain in this scenario"),
        false => tally.verdict("nothing belongs together"),
    }
}
