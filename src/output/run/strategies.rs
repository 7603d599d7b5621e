//! `strategies.csv`: what each strategy does, in one place: who is eligible, what happens at the start, its effects on the course,
//! the parameters that it changes, and the amounts that only some strategies have.

use std::ops::ControlFlow;

use crate::analysis::evidence_grades::{OwnNumbers, own_numbers};
use crate::analysis::run::RunAnswer;
use crate::model::walk::Walk;
use crate::model::{Effect, EffectOn, Expr, Model, OwnPart, Share};
use crate::output::amounts::years;
use crate::output::columns::{scenario, strategy};
use crate::output::figures::table::{Table, number, text};

/// One line about a strategy.
struct Line {
    strategy: usize,
    part: &'static str,
    what: String,
    details: String,
    /// Smallest and largest value at base values of the parameters, over patients and states.
    values: Option<(f64, f64)>,
    /// What the numbers of the line do, to find their grade of evidence.
    numbers: Option<OwnPart>,
}

/// Table of what each strategy does.
pub fn table(run: &RunAnswer) -> Table {
    let model = run.model();
    let all = own_numbers(run.scenario);
    let numbers =
        |line: &Line| all.iter().find(|own| own.strategy == line.strategy && Some(own.part) == line.numbers);
    let columns = [
        scenario(run.scenario),
        strategy(model, |line: &Line| line.strategy),
        text("label", "Label of the strategy", "", |line: &Line| &model.strategies[line.strategy].label),
        text(
            "part",
            "Part of the strategy",
            "eligible; otherwise; component; at start; effect; parameter; amount; none",
            |line: &Line| line.part,
        ),
        text("what", "Branch, transitions, parameter, component or amount", "", |line: &Line| {
            line.what.clone()
        }),
        text(
            "details",
            "Where a branch leads, how long an effect lasts, or the outcome of an amount",
            "",
            |line: &Line| line.details.clone(),
        ),
        number(
            "value",
            "",
            "Share of a branch, ratio of an effect at full strength, or value of a parameter; the smallest if patients differ",
            |line: &Line| line.values.map(|(low, _)| low),
        ),
        number("value_to", "", "The largest if patients differ, otherwise as `value`", |line: &Line| {
            line.values.map(|(_, high)| high)
        }),
        text(
            "evidence",
            "Weakest grade of evidence of the numbers: of those that are uncertain, or of all if none is",
            "rct; cohort; registry; case_series; expert; assumption; animal; in_vitro; promotional; empty if there is none",
            |line: &Line| numbers(line).map_or("", |own| own.grade.name()),
        ),
        text("parameters", "Names of these numbers", "", |line: &Line| {
            let names = |own: &OwnNumbers| {
                let each = own.parameters.iter().map(|&p| model.parameters[p].name.as_str());
                each.collect::<Vec<_>>().join("; ")
            };
            numbers(line).map(names).unwrap_or_default()
        }),
    ];
    let rows: Vec<Line> = (0..model.strategies.len()).flat_map(|s| lines(run, s)).collect();
    let about =
        "what each strategy does: who is eligible, the start, effects, changed parameters and own amounts";
    Table::of("strategies.csv", about, columns, rows)
}

fn lines(run: &RunAnswer, s: usize) -> Vec<Line> {
    let model = run.model();
    let own = &model.strategies[s];
    let base = model.base_values();
    let mut all = Vec::new();
    let mut add = |part, what: String, details: String, values, numbers| {
        all.push(Line { strategy: s, part, what, details, values, numbers });
    };
    if own.eligible != Expr::Number(1.0) {
        let key = format!("strategies.{}.eligible", own.name);
        let said = run.scenario.keys.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        let copied = "patients who are eligible for the strategy that this one is like";
        add("eligible", said.unwrap_or(copied.to_string()), "condition at the start".into(), None, None);
    }
    if let Some(other) = own.otherwise {
        let label = &model.strategies[other].label;
        add(
            "otherwise",
            model.strategies[other].name.clone(),
            format!("patients who are not eligible: {label}"),
            None,
            None,
        );
    }
    for (name, label) in &run.scenario.uses[s] {
        add("component", name.clone(), label.clone(), None, None);
    }
    let start: Vec<usize> = model.start.iter().map(|(state, _)| *state).collect();
    for (i, branch) in own.at_start.iter().enumerate() {
        let to = branch.to.map_or("same state".to_string(), |to| format!("to {}", model.states[to].label));
        let values = match &branch.share {
            Share::Stated(share) => range(model, &base, share, s, &start),
            Share::Rest => None,
        };
        let to = if branch.share == Share::Rest { format!("{to}; all others") } else { to };
        add("at start", branch.name.clone(), to, values, Some(OwnPart::AtStart(i)));
    }
    for (i, effect) in own.effects.iter().enumerate() {
        let labels: Vec<&str> =
            effect.transitions.iter().map(|&t| model.transitions[t].label.as_str()).collect();
        let mut from: Vec<usize> =
            effect.transitions.iter().flat_map(|&t| model.transitions[t].from.iter().copied()).collect();
        from.sort_unstable();
        from.dedup();
        let values = range(model, &base, &effect.ratio, s, &from);
        add("effect", labels.join("; "), timing(model, effect), values, Some(OwnPart::Effect(i)));
    }
    let changed = own.parameters(model, &base);
    for (i, (p, _)) in own.substitutions.iter().enumerate() {
        let row = &run.scenario.parameters[*p];
        let details = format!("{}; base value {} {}", row.in_words(), row.in_table(row.base), row.unit);
        let value = row.in_table(changed[*p]);
        let details = details.trim_end().to_string();
        add("parameter", row.name.clone(), details, Some((value, value)), Some(OwnPart::Replaced(i)));
    }
    for (r, reward) in model.rewards.iter().enumerate() {
        let some = reward.strategies.as_ref().is_some_and(|given| given.len() < model.strategies.len());
        if some && reward.given_under(s) {
            let outcome = &model.outcomes[reward.outcome(model)].label;
            let details = format!("{outcome}: {}", reward.label);
            add("amount", reward.name.clone(), details, None, Some(OwnPart::Amount(r)));
        }
    }
    if all.is_empty() {
        let (what, details) = ("course of the model".to_string(), "changes nothing".to_string());
        all.push(Line { strategy: s, part: "none", what, details, values: None, numbers: None });
    }
    all
}

/// Kind of ratio of an effect, and how its strength changes over time.
fn timing(model: &Model, effect: &Effect) -> String {
    let at = |cycles: f64| years(cycles / model.time.cycles_per_year);
    let mut parts = vec![match effect.on {
        EffectOn::Hazard => "hazard ratio".to_string(),
        EffectOn::Probability => "relative risk".to_string(),
        EffectOn::Time => "time ratio".to_string(),
        EffectOn::NeverOdds => "odds ratio of never".to_string(),
    }];
    if effect.onset > 0.0 {
        parts.push(format!("builds up over {}", at(effect.onset)));
    }
    match (effect.full_until, effect.gone_after) {
        (Some(full), Some(gone)) => parts.push(format!("full until {}, gone after {}", at(full), at(gone))),
        (Some(full), None) => parts.push(format!("until {}", at(full))),
        (None, _) => parts.push("for ever".into()),
    }
    parts.join("; ")
}

/// Smallest and largest value of an expression under strategy `s` at base values, over patients and states.
fn range(model: &Model, base: &[f64], expr: &Expr, s: usize, states: &[usize]) -> Option<(f64, f64)> {
    let walk = Walk { expr, strategies: vec![s], states: states.to_vec(), last: 0, at_end: false };
    let mut found: Option<(f64, f64)> = None;
    walk.each(model, base, |_, situation| {
        let value = expr.value(situation);
        found = Some(found.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
        ControlFlow::Continue(())
    });
    found
}
