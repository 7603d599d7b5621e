//! Results by subgroup of patients: `subgroups.csv`, `subgroup_net_benefit.csv`, `subgroup_policy.csv`, and sentences about
//! them.

use super::survival::NOBODY;
use crate::analysis::landmarks::on_grid;
use crate::analysis::run::RunAnswer;
use crate::analysis::sensitivity::net_benefit::{benefit, increment};
use crate::analysis::subgroups::{Policy, SubgroupResult, SubgroupSet};
use crate::model::{Decision, Threshold};
use crate::output::amounts::{amount, places};
use crate::output::columns::{against, scenario, strategy, threshold, time, warning};
use crate::output::figures::table::{Column, Table, number, text};
use crate::output::prices::units;

/// A subgroup with the set of divisions to which it belongs.
#[derive(Clone, Copy)]
struct Of<'a> {
    set: &'a SubgroupSet,
    group: &'a SubgroupResult,
}

fn each<'a>(run: &'a RunAnswer) -> impl Iterator<Item = Of<'a>> + 'a {
    run.subgroups.iter().flat_map(|set| set.groups.iter().map(move |group| Of { set, group }))
}

/// The decision, if the run has subgroups to decide for.
pub fn decided<'a>(run: &RunAnswer<'a>) -> Option<&'a Decision> {
    run.decided().map(|(decision, _)| decision).filter(|_| !run.subgroups.is_empty())
}

/// The decision and its first threshold, at which subgroups are described and drawn, if the run has subgroups to decide for.
pub fn lead<'a>(run: &RunAnswer<'a>) -> Option<(&'a Decision, &'a Threshold)> {
    let decision = decided(run)?;
    Some((decision, decision.thresholds.first()?))
}

/// For each division of the patients, what treating by subgroup gains at the first threshold, and the best strategies.
pub fn sentences(run: &RunAnswer) -> Vec<String> {
    let Some((decision, threshold)) = lead(run) else {
        return Vec::new();
    };
    let model = run.model();
    let label = |s: usize| model.strategies[s].label.as_str();
    let sentence = |set: &SubgroupSet| {
        let policy = set.policy(model, decision, threshold.value)?;
        let division = set.name(model);
        if policy.gain() == 0.0 {
            return Some(format!(
                "By {division}: {} is the best choice in every subgroup.",
                label(policy.single)
            ));
        }
        let unit = &model.outcomes[decision.cost].unit;
        let mut chosen: Vec<usize> = policy.best.clone();
        chosen.sort_unstable();
        chosen.dedup();
        let choices: Vec<String> = chosen
            .iter()
            .map(|&s| {
                let own = set.groups.iter().zip(&policy.best).filter(|(_, best)| **best == s);
                let names: Vec<String> = own.map(|(group, _)| set.group_name(model, group)).collect();
                format!("{} for {}", label(s), names.join("; "))
            })
            .collect();
        Some(format!(
            "By {division}: {}. This gains {unit} {} per patient over {} for all.",
            choices.join(" | "),
            amount(policy.gain(), places(unit, policy.gain())),
            label(policy.single)
        ))
    };
    run.subgroups.iter().filter_map(sentence).collect()
}

/// The column of the unit of costs.
fn cost_unit<'a, R>(run: &RunAnswer<'a>, decision: &Decision) -> Column<'a, R> {
    let [cost, _] = units(run.model(), decision);
    text("cost_unit", "Unit of net monetary benefit", "", move |_| cost)
}

/// Columns that name a subgroup: its division, its name and its share of patients.
fn subgroup<'a, R>(run: &'a RunAnswer, of: impl Fn(&R) -> Of<'a> + Copy + 'a) -> [Column<'a, R>; 3] {
    let model = run.model();
    [
        text(
            "division",
            "Division of the patients, as `[subgroups]` names it; several if crossed",
            "",
            move |r| of(r).set.name(model),
        ),
        text("subgroup", "Subgroup of the division", "", move |r| of(r).set.group_name(model, of(r).group)),
        number("share", "proportion", "Share of all patients who are in the subgroup", move |r| {
            of(r).group.share
        }),
    ]
}

/// A quantity of one strategy in one subgroup.
struct Quantity<'a> {
    of: Of<'a>,
    strategy: usize,
    quantity: &'static str,
    subject: &'a str,
    unit: &'a str,
    years: Option<f64>,
    value: Option<f64>,
    /// Reason for a missing value.
    missing: &'static str,
    /// Value of the reference strategy in the same subgroup.
    reference: Option<f64>,
}

/// Table of totals and cumulative incidences by subgroup.
pub fn subgroups(run: &RunAnswer) -> Table {
    let model = run.model();
    let [division, name, share] = subgroup(run, |r: &Quantity| r.of);
    let columns = [
        scenario(run.scenario),
        division,
        name,
        share,
        strategy(model, |r: &Quantity| r.strategy),
        against(model),
        text(
            "quantity",
            "Quantity: the mean total of an outcome by the horizon (discounted as the outcome says), or the cumulative incidence \
             of an endpoint",
            "total; cumulative_incidence",
            |r: &Quantity| r.quantity,
        ),
        text("subject", "Outcome or endpoint, as the scenario names it", "", |r: &Quantity| r.subject),
        text("unit", "Unit of the value", "", |r: &Quantity| r.unit),
        time(|r: &Quantity| r.years),
        number("value", "as `unit`", "Value under the strategy", |r: &Quantity| r.value),
        number(
            "increment",
            "as `unit`",
            "Value minus that of the reference strategy in the same subgroup",
            |r: &Quantity| Some(r.value? - r.reference?),
        ),
        text(
            "status",
            "Whether the value exists, or why not",
            "ok; beyond the follow-up; nobody is ever at risk: no curve",
            |r: &Quantity| match r.value {
                Some(_) => "ok",
                None => r.missing,
            },
        ),
        warning(model, |r: &Quantity| r.strategy),
    ];
    let about = "totals and cumulative incidences by subgroup of patients (exact)";
    Table::of("subgroups.csv", about, columns, each(run).flat_map(|of| quantities(run, of)))
}

fn quantities<'a>(run: &'a RunAnswer, of: Of<'a>) -> Vec<Quantity<'a>> {
    let model = run.model();
    let reference = model.reference();
    let mut rows = Vec::new();
    for s in 0..model.strategies.len() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            rows.push(Quantity {
                of,
                strategy: s,
                quantity: "total",
                subject: &outcome.name,
                unit: &outcome.unit,
                years: None,
                value: Some(of.group.totals[s][o]),
                missing: "",
                reference: Some(of.group.totals[reference][o]),
            });
        }
        for (e, endpoint) in model.endpoints.iter().enumerate() {
            let curve = |s: usize| of.group.incidence[s][e].as_ref();
            for (k, &years) in run.landmarks().iter().enumerate() {
                rows.push(Quantity {
                    of,
                    strategy: s,
                    quantity: "cumulative_incidence",
                    subject: &endpoint.name,
                    unit: "proportion",
                    years: Some(on_grid(&model.time, years)),
                    value: curve(s).and_then(|at| at[k]),
                    missing: if curve(s).is_none() { NOBODY } else { "beyond the follow-up" },
                    reference: curve(reference).and_then(|at| at[k]),
                });
            }
        }
    }
    rows
}

/// Net benefit of one strategy in one subgroup at one threshold.
struct NetBenefit<'a> {
    of: Of<'a>,
    strategy: usize,
    threshold: f64,
    best: bool,
}

/// Table of net benefit by subgroup, and which strategy is optimal.
pub fn net_benefit(run: &RunAnswer, decision: &Decision) -> Table {
    let model = run.model();
    let [division, name, share] = subgroup(run, |r: &NetBenefit| r.of);
    let reference = model.reference();
    let columns = [
        scenario(run.scenario),
        division,
        name,
        share,
        threshold(|r: &NetBenefit| r.threshold),
        strategy(model, |r: &NetBenefit| r.strategy),
        against(model),
        cost_unit(run, decision),
        number(
            "nmb",
            "as `cost_unit`",
            "Net monetary benefit per patient of the subgroup",
            |r: &NetBenefit| benefit(decision, &r.of.group.totals[r.strategy], r.threshold),
        ),
        number(
            "incremental_nmb",
            "as `cost_unit`",
            "Net monetary benefit minus that of the reference strategy",
            |r: &NetBenefit| increment(decision, &r.of.group.totals, (r.strategy, reference), r.threshold),
        ),
        text(
            "best",
            "Whether the strategy has the highest net benefit of all decision options in the subgroup",
            "yes; no",
            |r: &NetBenefit| if r.best { "yes" } else { "no" },
        ),
        warning(model, |r: &NetBenefit| r.strategy),
    ];
    let mut rows = Vec::new();
    for set in &run.subgroups {
        for threshold in decision.thresholds.iter().map(|t| t.value) {
            let Some(policy) = set.policy(model, decision, threshold) else { continue };
            for (group, &best) in set.groups.iter().zip(&policy.best) {
                let of = Of { set, group };
                let row = |strategy| NetBenefit { of, strategy, threshold, best: strategy == best };
                rows.extend((0..model.strategies.len()).map(row));
            }
        }
    }
    let about = "net benefit by subgroup of patients, and which strategy is the best in each (exact)";
    Table::of("subgroup_net_benefit.csv", about, columns, rows)
}

/// Table of the value of treating by subgroup.
pub fn policy(run: &RunAnswer, decision: &Decision) -> Table {
    let model = run.model();
    type Row<'a> = (&'a SubgroupSet, Policy);
    let columns = [
        scenario(run.scenario),
        text("division", "Division of the patients by which treatment is chosen", "", |r: &Row| {
            r.0.name(model)
        }),
        threshold(|r: &Row| r.1.threshold),
        cost_unit(run, decision),
        text("single_strategy", "Best strategy if all patients get the same", "", |r: &Row| {
            &model.strategies[r.1.single].name
        }),
        number(
            "nmb_single",
            "as `cost_unit`",
            "Net monetary benefit per patient of this strategy",
            |r: &Row| r.1.of_single,
        ),
        number(
            "nmb_by_subgroup",
            "as `cost_unit`",
            "Net monetary benefit per patient if every subgroup gets its best strategy",
            |r: &Row| r.1.by_subgroup,
        ),
        number(
            "gain",
            "as `cost_unit`",
            "Expected gain per patient from treating by subgroup, before the cost of finding out the subgroup",
            |r: &Row| r.1.gain(),
        ),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for set in &run.subgroups {
        let thresholds = decision.thresholds.iter();
        rows.extend(thresholds.filter_map(|t| Some((set, set.policy(model, decision, t.value)?))));
    }
    let about = "what treating each subgroup by its own best strategy gains over one strategy for all patients (exact)";
    Table::of("subgroup_policy.csv", about, columns, rows)
}
