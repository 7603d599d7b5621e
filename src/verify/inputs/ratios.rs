//! Hazards and what multiplies them: whether they act the way round that their names say.

use super::super::check::{Check, Verdict};
use super::super::reading::{Reading, readings};
use super::super::situations;
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use super::worth::mean_worths;
use arcosim_core::model::hazard::{self, Reads};
use arcosim_core::model::{EffectOn, Hazard, Model, TimeDistribution, branch_shares};
use arcosim_scenario::parameters::Kind;

/// By how much a parameter is raised to see where it leads.
const RAISED: f64 = 1.1;

pub static S06: Check = Check {
    id: "S06",
    title: "A higher hazard ratio, risk or rate makes more events",
    why: "Each ratio, rate and probability that transitions read is raised by a tenth, each mean or median time is shortened, and \
          the chance of the transitions that read it is worked out for all kinds of patients and cycles. It must rise \
          somewhere. Where it only falls, the number works the other way round than its kind says: it divides where it should \
          multiply, or is the inverse of what was published.",
    hint: "Look at the formula of the transition or effect; if the number was published the other way round, enter its reciprocal.",
    basis: "TECH-VER",
    quick: true,
    run: s06,
};

fn s06(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new(
        "raised by a tenth, every ratio and rate makes the transitions that read it likelier",
        0.0,
    );
    let places = readings(model);
    for (p, row) in subject.scenario.parameters.iter().enumerate() {
        let longer = matches!(row.kind, Kind::MeanTime | Kind::MedianTime);
        let moves = matches!(row.kind, Kind::Rate | Kind::Probability | Kind::Hr | Kind::Rr | Kind::Or);
        let base = subject.base[p];
        if !(longer || moves) || base <= 0.0 || base >= 1.0 && row.kind == Kind::Probability {
            continue;
        }
        let mut raised = subject.base.clone();
        raised[p] = match row.kind {
            Kind::Probability => (base * RAISED).min(1.0),
            _ if longer => base / RAISED,
            _ => base * RAISED,
        };
        let own: Vec<&Reading> = places.iter().filter(|r| r.parameter == p).collect();
        let (mut rose, mut fell) = (0, None);
        for (t, transition) in model.transitions.iter().enumerate() {
            if !own.iter().any(|r| r.transition == Some(t)) || matches!(transition.hazard, Hazard::Complement)
            {
                continue;
            }
            for s in strategies_apart(model, t) {
                for change in changes(subject, s, t, &raised) {
                    match change {
                        change if change > 0.0 => rose += 1,
                        _ => fell = Some((t, s)),
                    }
                }
            }
        }
        if rose == 0 && fell.is_none() {
            continue;
        }
        let fine = rose > 0;
        let text = || {
            let (t, s) = fell.unwrap_or((0, 0));
            format!(
                "{} of {} `{}` makes `{}` rarer under `{}`: it acts the other way round",
                if longer { "a shorter value" } else { "a higher value" },
                row.kind.name().replace('_', " "),
                row.name,
                model.transitions[t].name,
                model.strategies[s].name
            )
        };
        match row.kind {
            // `1 - p` is what a probability of staying well may honestly be used for.
            Kind::Probability => tally.advisable(&row.name, fine, text),
            _ => tally.holds(&row.name, fine, text),
        };
    }
    tally.verdict("no transition reads a ratio, rate or probability of the table")
}

/// Strategies under which a transition may have hazards of its own, and the first.
fn strategies_apart(model: &Model, t: usize) -> Vec<usize> {
    let apart = |s: &usize| {
        let strategy = &model.strategies[*s];
        *s == 0 || !strategy.substitutions.is_empty() || hazard::effects_on(model, *s, t).next().is_some()
    };
    (0..model.strategies.len()).filter(apart).collect()
}

/// By how much the chance of a transition changes with the values, wherever it does.
fn changes(subject: &Subject, strategy: usize, t: usize, values: &[f64]) -> Vec<f64> {
    let model = subject.model;
    let before = model.strategies[strategy].parameters(model, &subject.base);
    let after = model.strategies[strategy].parameters(model, values);
    let mut changes = Vec::new();
    if before == after && subject.base == values {
        return changes;
    }
    let reads = hazard::reads(model, strategy, t);
    for &state in &model.transitions[t].from {
        situations::each(model, &before, state, &reads, false, |s| {
            let was = hazard::spend(model, strategy, t, s);
            let mut then = *s;
            then.parameters = &after;
            let is = hazard::spend(model, strategy, t, &then);
            if (is - was).abs() > 1e-12 * was.abs() {
                changes.push(is - was);
            }
        });
        if !reads.state {
            break;
        }
    }
    changes
}

pub static S18: Check = Check {
    id: "S18",
    title: "The scale of each effect fits the curve that it acts on",
    why: "A hazard ratio comes from a model of proportional hazards. On a curve that was fitted as accelerated failure time \
          (log-logistic, log-normal, gamma, generalised gamma) it is not what the regression means, and an odds ratio is \
          neither a hazard ratio nor a relative risk unless the event is rare. A relative risk holds for the time over which it \
          was measured, and multiplied onto the probability of every cycle it becomes another one.",
    hint: "Take the treatment as a covariate of the curve itself, or show that hazards are proportional; convert odds ratios; take a \
           hazard ratio in place of a relative risk.",
    basis: "TECH-VER",
    quick: true,
    run: s18,
};

fn s18(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally =
        Tally::new("ratios on hazards where hazards are proportional, no odds ratios as factors", 0.0);
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                let transition = &model.transitions[t];
                let family = match &transition.hazard {
                    Hazard::Distribution { time, .. } => match time {
                        TimeDistribution::LogLogistic { .. } => Some("log-logistic"),
                        TimeDistribution::LogNormal { .. } => Some("log-normal"),
                        TimeDistribution::Gamma { .. } => Some("gamma"),
                        TimeDistribution::GeneralisedGamma { .. } => Some("generalised gamma"),
                        _ => None,
                    },
                    _ => None,
                };
                tally.advisable(&strategy.name, family.is_none() || effect.on != EffectOn::Hazard, || {
                    format!(
                        "strategy `{}` multiplies the hazard of `{}`, whose {} curve has no proportional hazards",
                        strategy.name,
                        transition.name,
                        family.unwrap_or_default()
                    )
                });
                let mut odds = None;
                for p in super::super::reading::parameters_in(&effect.ratio, None) {
                    if subject.kind(p) == Kind::Or {
                        odds = Some(p);
                    }
                }
                tally.advisable(&strategy.name, odds.is_none(), || {
                    format!(
                        "the odds ratio `{}` is part of the factor of strategy `{}` on `{}`",
                        model.parameters[odds.unwrap_or(0)].name,
                        strategy.name,
                        transition.name
                    )
                });
            }
        }
    }
    let mut seen = Vec::new();
    for reading in super::super::reading::readings(model) {
        let p = reading.parameter;
        let Some(t) = reading.transition.filter(|_| subject.kind(p) == Kind::Rr && !seen.contains(&p)) else {
            continue;
        };
        seen.push(p);
        let name = &model.parameters[p].name;
        tally.advisable(name, subject.base[p] == 1.0, || {
            format!(
                "the relative risk `{name}` multiplies probabilities in every cycle, such as that of `{}`: it means that only if it was \
                 measured over one cycle; a hazard ratio holds for any time",
                model.transitions[t].name
            )
        });
    }
    tally.verdict("no strategy has an effect on a transition, and there is no relative risk")
}

pub static S21: Check = Check {
    id: "S21",
    title: "Effects of strategies slow what is bad and speed what is good",
    why: "Each effect is worked out at the base values, and each transition that it acts on is told good or bad: by the order of \
          the progression if one is declared, by death, and otherwise by the quality of life before and after. An effect that \
          makes a bad transition likelier, or a good one rarer, harms patients. That may be so, but often a ratio is upside \
          down, sits in the wrong strategy, or was put on recovery along with the rest.",
    hint: "See which transitions are listed under `on` and which way round the ratio was published; waive it if harm is meant.",
    basis: "own",
    quick: true,
    run: s21,
};

fn s21(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("no strategy makes a bad transition likelier or a good one rarer", 0.0);
    for told in acts(subject) {
        let name = &model.strategies[told.strategy].name;
        tally.advisable(name, !told.harms(), || {
            let (words, ratio) = match told.bad {
                true => ("worse", told.high),
                false => ("better", told.low),
            };
            format!(
                "strategy `{name}` multiplies `{}`, a change for the {words}, by {}",
                model.transitions[told.transition].name,
                number(ratio)
            )
        });
    }
    tally.verdict("no strategy has an effect on a transition for the better or the worse")
}

/// How an effect of a strategy acts on a transition of which it is known whether it is for the worse.
pub struct Acts {
    /// Index of the strategy.
    pub strategy: usize,
    /// Index of the transition.
    pub transition: usize,
    /// Whether the transition is a change for the worse.
    pub bad: bool,
    /// The least ratio among all patients and states.
    pub low: f64,
    /// The greatest ratio.
    pub high: f64,
}

impl Acts {
    /// Whether it makes something bad likelier, or something good rarer, for anybody.
    pub fn harms(&self) -> bool {
        match self.bad {
            true => self.high > 1.0 + 1e-9,
            false => self.low < 1.0 - 1e-9,
        }
    }
}

/// All effects of strategies, on each transition.
pub fn acts(subject: &Subject) -> Vec<Acts> {
    let model = subject.model;
    let worth = mean_worths(subject);
    let mut all = Vec::new();
    for (s, strategy) in model.strategies.iter().enumerate() {
        let parameters = strategy.parameters(model, &subject.base);
        for effect in &strategy.effects {
            let reads = Reads::of(&effect.ratio);
            for &t in &effect.transitions {
                let Some(bad) = is_bad(subject, &parameters, t, &worth) else {
                    continue;
                };
                let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
                for &state in &model.transitions[t].from {
                    situations::each(model, &parameters, state, &reads, false, |situation| {
                        let ratio = effect.ratio.value(situation);
                        (low, high) = (low.min(ratio), high.max(ratio));
                    });
                }
                all.push(Acts { strategy: s, transition: t, bad, low, high });
            }
        }
    }
    all
}

/// Whether a transition is a change for the worse; `None` if that cannot be said.
fn is_bad(subject: &Subject, parameters: &[f64], t: usize, worth: &[Option<f64>]) -> Option<bool> {
    let model = subject.model;
    let transition = &model.transitions[t];
    let mut verdicts = transition.from.iter().filter_map(|&from| {
        let to = main_target(model, parameters, t, from)?;
        let place = |s: usize| subject.scenario.verify.progression.iter().position(|&p| p == s);
        match (place(from), place(to)) {
            _ if subject.is_dead(to) => Some(true),
            (Some(a), Some(b)) => Some(b > a),
            _ => {
                let (a, b) = (worth[from]?, worth[to]?);
                ((a - b).abs() > 1e-9).then_some(b < a)
            }
        }
    });
    let first = verdicts.next()?;
    verdicts.all(|other| other == first).then_some(first)
}

/// The state to which most who take a transition come.
fn main_target(model: &Model, parameters: &[f64], t: usize, from: usize) -> Option<usize> {
    let branches = &model.transitions[t].branches;
    if let [only] = branches.as_slice() {
        return only.to;
    }
    let mut reads = Reads::default();
    reads.add_shares(branches);
    let mut best: Option<(f64, Option<usize>)> = None;
    let mut seen = false;
    situations::each(model, parameters, from, &reads, false, |s| {
        if seen {
            return;
        }
        seen = true;
        for (branch, share) in branches.iter().zip(branch_shares(branches, s)) {
            if best.is_none_or(|(most, _)| share > most) {
                best = Some((share, branch.to));
            }
        }
    });
    best.and_then(|(_, to)| to)
}

pub static S23: Check = Check {
    id: "S23",
    title: "Strategies leave the deaths of the general population alone",
    why: "A life table says how people die of anything. A strategy that multiplies it claims to change deaths from all causes, \
          which few trials show; usually the effect was meant for the deaths of the disease, or listed one transition too many.",
    hint: "Take the transition off the list `on` of the effect, or give the disease's deaths a transition of their own.",
    basis: "own",
    quick: true,
    run: s23,
};

fn s23(subject: &Subject) -> Verdict {
    let model = subject.model;
    let mut tally = Tally::new("no effect of a strategy on mortality from a life table", 0.0);
    let from_table = |t: usize| matches!(model.transitions[t].hazard, Hazard::LifeTable { .. });
    if !(0..model.transitions.len()).any(from_table) {
        return Verdict::skip("no transition follows a life table");
    }
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            for &t in &effect.transitions {
                tally.advisable(&strategy.name, !from_table(t), || {
                    format!(
                        "strategy `{}` acts on `{}`, the mortality of the general population",
                        strategy.name, model.transitions[t].name
                    )
                });
            }
        }
    }
    tally.verdict("no strategy has an effect on a transition")
}
