//! `arcosim diff`.

use std::path::Path;
use std::time::Instant;

use super::args::Diff as Args;
use super::dsa::decision;
use super::progress::Progress;
use super::work::{afford_exact, folder, interruptible, pool, unwritten};
use super::{Exit, again, check, print};
use crate::analysis::diff::{Comparison, Difference, Estimate, difference};
use crate::analysis::evaluation::Integration;
use crate::analysis::sensitivity::NODES;
use crate::analysis::sensitivity::worth::thresholds;
use crate::output::difference::{by_step, changes, method, steps, written};
use crate::output::difference_figures::waterfalls;
use crate::output::{Report, amount, error, exact_engine, hash, places, singular, write_report};
use crate::scenario::Scenario;
use crate::scenario::diagnostic::suggest;

/// Compares two scenarios and writes a folder.
pub fn diff(args: &Args) -> Exit {
    match in_pool(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn in_pool(args: &Args) -> Result<Exit, Exit> {
    let paths = [&args.before, &args.after].map(|path| check::file(path));
    let [a, b] = [check::read(&paths[0], &[])?, check::read(&paths[1], &[])?];
    let names = strategies([&a, &b], args.strategy.as_deref())?;
    let limits = limits([&a, &b], args.wtp)?;
    let target = folder(args.out.as_deref(), &format!("{}-to-{}", a.name, b.name), &[&a, &b])?;
    pool(args.threads)?.install(|| compare(args, [&a, &b], &names, &limits, &target))
}

/// The thresholds of the scenario before, the one asked for in front; money in two currencies is not compared.
fn limits([a, b]: [&Scenario; 2], lead: Option<f64>) -> Result<Vec<f64>, Exit> {
    let (before, after) = (decision(a)?, decision(b)?);
    for (what, [own, other]) in
        [("costs", [before.cost, after.cost]), ("effects", [before.effect, after.effect])]
    {
        let (own, other) = (&a.model.outcomes[own].unit, &b.model.outcomes[other].unit);
        if own != other {
            return Err(Exit::Usage(format!(
                "the {what} of `{}` are in {own}, those of `{}` in {other}: the difference of both means nothing",
                a.name, b.name
            )));
        }
    }
    Ok(thresholds(before, lead))
}

/// The strategies that both scenarios have, without the reference, or the one that was asked for.
fn strategies([a, b]: [&Scenario; 2], chosen: Option<&str>) -> Result<Vec<String>, Exit> {
    let reference = &a.model.strategies[a.model.reference()].name;
    let in_b = |name: &str| b.model.strategies.iter().any(|s| s.name == name);
    if !in_b(reference) {
        return Err(Exit::Usage(format!(
            "`{reference}`, the reference of `{}`, is no strategy of `{}`",
            a.name, b.name
        )));
    }
    let names = a.model.strategies.iter().map(|s| &s.name);
    let common: Vec<String> = names.filter(|name| *name != reference && in_b(name)).cloned().collect();
    match chosen {
        Some(name) if common.iter().any(|own| own == name) => Ok(vec![name.to_string()]),
        Some(name) => {
            let near = suggest(name, common.iter().map(String::as_str));
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            Err(Exit::Usage(format!(
                "`{name}` is not a strategy of both scenarios that is compared with the reference `{reference}`{hint}"
            )))
        }
        None if common.is_empty() => Err(Exit::Usage(format!(
            "the scenarios have no strategy in common but the reference `{reference}`"
        ))),
        None => Ok(common),
    }
}

fn compare(
    args: &Args,
    scenarios: [&Scenario; 2],
    names: &[String],
    limits: &[f64],
    target: &Path,
) -> Result<Exit, Exit> {
    let stop = interruptible();
    let [a, b] = scenarios;
    afford_exact(&a.model)?;
    afford_exact(&b.model)?;
    let progress = Progress::new(args.quiet, 0);
    let began = Instant::now();
    progress.say("Running", &format!("{} to {}: what each change did, exact", a.name, b.name));
    let found = difference(scenarios, names, Integration::Nodes(NODES), stop).ok_or(Exit::Interrupted)?;
    let found = found.map_err(Exit::Usage)?;
    progress.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    let thresholds: Vec<String> = limits.iter().map(|x| amount(*x, 0)).collect();
    let settings = [
        ("reference", found.reference.clone()),
        ("thresholds", format!("{}; the first leads", thresholds.join(", "))),
        ("attribution", method(&found)),
        (
            "integration",
            format!(
                "both scenarios as in a run; {NODES} Gauss nodes on each continuous attribute in between"
            ),
        ),
    ];
    let report = Report {
        command: "diff",
        title: format!("{} to {}: what changed, and what it did", a.name, b.name),
        scenarios: scenarios.to_vec(),
        record: again::record("diff", &scenarios, &[], &[], args.resolved()),
        engine: exact_engine(),
        overrides: &[],
        settings: settings.map(|(name, value)| (name.to_string(), value)).to_vec(),
        remarks: REMARKS.map(str::to_string).to_vec(),
        texts: Vec::new(),
        tables: vec![steps(scenarios, &found, limits), changes(scenarios, &found)],
        figures: waterfalls(
            scenarios,
            &found,
            limits[0],
            &format!(
                "{} \u{b7} {} \u{b7} exact \u{b7} {}",
                hash(a)[..8].to_owned(),
                &hash(b)[..8],
                method(&found)
            ),
        ),
    };
    let files = write_report(report, target, stop).map_err(unwritten)?;
    progress.say("Wrote", &format!("{files} files"));
    let mut text = match args.quiet {
        true => String::new(),
        false => console(scenarios, &found, limits[0]),
    };
    text.push_str(&format!("Open {}\n", target.join("README.txt").display()));
    Ok(print(&text))
}

const REMARKS: [&str; 2] = [
    "What a change does depends on what was changed before it. Each gets the mean over all orders (the Shapley value): \
     what two changes only do together is halved between them, and all parts add to the whole difference.",
    "Net benefit is threshold x effect - cost. The ICER is divided the same way only where every mix of the two \
     scenarios is dearer and more effective; elsewhere a ratio has no meaning that could be divided.",
];

fn console([a, b]: [&Scenario; 2], found: &Difference, threshold: f64) -> String {
    let mut text = format!("\n{} to {}\n", a.name, b.name);
    if found.steps.is_empty() {
        let inert = found.changes.len();
        text.push_str(&match inert {
            0 => "\nNothing that counts differs.\n\n".to_string(),
            n => format!(
                "\nNothing that changes a total differs ({n} other differences in tables/changes.csv).\n\n"
            ),
        });
        return text;
    }
    let Some(decision) = &a.decision else { return text };
    let [cost, effect] = [decision.cost, decision.effect].map(|o| a.model.outcomes[o].unit.as_str());
    for comparison in &found.comparisons {
        let label = |name: &str| {
            let found = a.model.strategies.iter().find(|s| s.name == name);
            found.map_or(name.to_string(), |s| s.label.clone())
        };
        text.push_str(&format!(
            "\n\"{}\" against \"{}\", net benefit at {} {cost} per {}\n",
            label(&comparison.strategy),
            label(&found.reference),
            amount(threshold, 0),
            singular(effect)
        ));
        rows(&mut text, found, comparison, threshold, [cost, effect]);
    }
    text.push_str(&format!("\n{}.\n\n", method(found)));
    text
}

fn rows(text: &mut String, found: &Difference, comparison: &Comparison, threshold: f64, units: [&str; 2]) {
    let benefit = comparison.benefit(threshold);
    let largest = |pair: [f64; 2]| pair[0].abs().max(pair[1].abs());
    let digits = [
        places(units[0], largest(benefit)),
        places(units[0], largest(comparison.cost)),
        places(units[1], largest(comparison.effect)),
    ];
    let width = found.steps.iter().map(|s| s.name.chars().count()).max().unwrap_or(0).max(12);
    text.push_str(&format!("  {:width$}{:>16}{:>16}{:>16}\n", "", "net benefit", "cost", "effect"));
    let mut line = |name: &str, numbers: [Estimate; 3], more: String| {
        text.push_str(&format!("  {name:width$}"));
        for (number, digits) in numbers.iter().zip(digits) {
            let shown = match number.se {
                None => amount(number.value, digits),
                Some(se) => format!("{} \u{b1} {}", amount(number.value, digits), error(se, digits)),
            };
            text.push_str(&format!("{shown:>16}"));
        }
        text.push_str(&format!("{more}\n"));
    };
    let plain = |value: f64| Estimate { value, se: None };
    let end = |i: usize| [benefit[i], comparison.cost[i], comparison.effect[i]].map(plain);
    let ratio = |i: usize| match comparison.ratio[i].value() {
        Some(ratio) => format!("  ICER {}", amount(ratio, places(units[0], ratio))),
        None => format!("  {}", comparison.ratio[i].words()),
    };
    line("before", end(0), ratio(0));
    for (i, step) in found.steps.iter().enumerate() {
        let [numbers @ .., icer] = by_step(comparison, threshold, i);
        let values = match written(found, &step.changes) {
            ["", ""] => String::new(),
            [before, after] => format!("  {before} to {after}"),
        };
        let icer = icer.map_or(String::new(), |x| format!("  ICER {}", signed(x.value, units[0])));
        line(&step.name, numbers.map(|x| x.unwrap_or(plain(0.0))), format!("{icer}{values}"));
    }
    line("after", end(1), ratio(1));
}

fn signed(x: f64, unit: &str) -> String {
    let text = amount(x, places(unit, x));
    if text.starts_with('-') { text } else { format!("+{text}") }
}
