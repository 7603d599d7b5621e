//! `subgroups.csv`, `subgroup_net_benefit.csv` and `subgroup_policy.csv`: results by subgroup of patients.

use crate::analysis::run::RunAnswer;
use crate::analysis::subgroups::{Policy, SubgroupResult, SubgroupSet};
use crate::economics::nmb;
use crate::model::Decision;
use crate::output::columns::{against, scenario, strategy, warning};
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
        number("time_years", "years", "Landmark; empty for a total", |r: &Quantity| r.years),
        number("value", "as `unit`", "Value under the strategy", |r: &Quantity| r.value),
        number(
            "increment",
            "as `unit`",
            "Value minus that of the reference strategy in the same subgroup",
            |r: &Quantity| Some(r.value? - r.reference?),
        ),
        text("status", "Whether the value exists, or why not", "ok; beyond the follow-up", |r: &Quantity| {
            match r.value {
                Some(_) => "ok",
                None => "beyond the follow-up",
            }
        }),
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
                reference: Some(of.group.totals[reference][o]),
            });
        }
        for (e, endpoint) in model.endpoints.iter().enumerate() {
            for (k, &years) in run.landmarks().iter().enumerate() {
                rows.push(Quantity {
                    of,
                    strategy: s,
                    quantity: "cumulative_incidence",
                    subject: &endpoint.name,
                    unit: "proportion",
                    years: Some(years),
                    value: of.group.incidence[s][e][k],
                    reference: of.group.incidence[reference][e][k],
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
    let [cost_unit, _] = units(model, decision);
    let at = move |r: &NetBenefit, s: usize| {
        let own = &r.of.group.totals[s];
        nmb(own[decision.cost], own[decision.effect], r.threshold)
    };
    let columns = [
        scenario(run.scenario),
        division,
        name,
        share,
        number("threshold", "cost_unit per unit of effect", "Willingness to pay", |r: &NetBenefit| {
            r.threshold
        }),
        strategy(model, |r: &NetBenefit| r.strategy),
        against(model),
        text("cost_unit", "Unit of net monetary benefit", "", move |_| cost_unit),
        number(
            "nmb",
            "as `cost_unit`",
            "Net monetary benefit per patient of the subgroup",
            move |r: &NetBenefit| at(r, r.strategy),
        ),
        number(
            "incremental_nmb",
            "as `cost_unit`",
            "Net monetary benefit minus that of the reference strategy",
            move |r: &NetBenefit| at(r, r.strategy) - at(r, model.reference()),
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
    let [cost_unit, _] = units(model, decision);
    let columns = [
        scenario(run.scenario),
        text("division", "Division of the patients by which treatment is chosen", "", |r: &Row| {
            r.0.name(model)
        }),
        number("threshold", "cost_unit per unit of effect", "Willingness to pay", |r: &Row| r.1.threshold),
        text("cost_unit", "Unit of net monetary benefit", "", move |_| cost_unit),
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
