//! Compiles `[perspectives]`: who pays the costs of the decision, such as the health service and the patient.
//!
//! Each perspective gets an outcome of its own, `<cost>_<perspective>`, and each cost is divided among them by `paid_by`. The
//! outcome with the whole cost stays as it is, and the others add up to it.

use super::outcomes::OutcomePlaces;
use super::{Context, POPULATION, check_name, did_you_mean, label, or_declare};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::source::Span;
use crate::schema::keys::{decision, reward, scenario};
use arcosim_core::model::{Binary, Expr, Outcome, Share};
use arcosim_core::words::all_of;

/// A payer of costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Perspective {
    /// Name.
    pub name: String,
    /// Label for reports.
    pub label: String,
    /// Index of the outcome with the costs that are paid from this perspective.
    pub cost: usize,
}

/// Name of the perspective of all who pay, which counts the whole cost.
pub const ALL: &str = "all";

/// All perspectives of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Perspectives {
    /// Index of the outcome with the whole cost; `None` without perspectives.
    pub of: Option<usize>,
    /// Perspectives in the order of the scenario; the first pays what no reward assigns.
    pub list: Vec<Perspective>,
}

impl Perspectives {
    /// Those who pay, each with their part of the cost, after all of them together with the whole; empty without perspectives.
    pub fn with_all(&self) -> Vec<Perspective> {
        let whole = self.of.map(|cost| Perspective { name: ALL.into(), label: "Everybody".into(), cost });
        whole.into_iter().chain(self.list.iter().cloned()).collect()
    }
}

/// The perspectives. Their outcomes are added to `outcomes`, with the correction and discounting of the whole cost.
pub fn perspectives(
    root: &TomlTable,
    (outcomes, places): (&mut Vec<Outcome>, &mut OutcomePlaces),
    out: &mut Diagnostics,
) -> Perspectives {
    let declared: Vec<(&str, &TomlNode)> = root.sections(scenario::PERSPECTIVES).collect();
    let Some((_, first)) = declared.first() else { return Perspectives::default() };
    let cost = root.table(scenario::DECISION).and_then(|table| table.get(decision::COST));
    // The decision may be taken from one perspective: `cost_patient` divides `cost`.
    let divided = |outcome: &Outcome| {
        let stated = cost.and_then(TomlNode::text).unwrap_or_default();
        let own = |(name, _): &(&str, &TomlNode)| stated == format!("{}_{name}", outcome.name);
        stated == outcome.name || declared.iter().any(own)
    };
    let Some(of) = outcomes.iter().position(divided) else {
        // An unknown outcome of the decision has its own message.
        if cost.is_none() {
            out.push(
                Diagnostic::error("E0440", "[perspectives] needs a [decision]")
                    .at(first.key_span, "a payer of costs")
                    .why("perspectives divide the cost of the decision, and there is none")
                    .help("add [decision] with `cost`, `effect` and `thresholds`, or remove [perspectives]"),
            );
        }
        return Perspectives::default();
    };
    let mut all = Perspectives { of: Some(of), list: Vec::new() };
    for (name, node) in declared {
        check_name("a perspective", name, node.key_span, out);
        if name == ALL {
            out.push(
                Diagnostic::error("E0409", format!("a perspective cannot be called `{ALL}`"))
                    .at(node.key_span, "this name means all payers together")
                    .why("tables could not tell this perspective from the whole cost")
                    .help("choose another name"),
            );
        }
        let spelt = node.table().map_or(name.to_string(), |table| label(table, name));
        let whole = outcomes[of].clone();
        let own = format!("{}_{name}", whole.name);
        if let Some(o) = outcomes.iter().position(|outcome| outcome.name == own) {
            out.push(super::states::twice(
                "the cost of a perspective",
                &own,
                "an outcome",
                node.key_span,
                places.names[o],
            ));
        }
        all.list.push(Perspective { name: name.to_string(), label: spelt.clone(), cost: outcomes.len() });
        places.names.push(node.key_span);
        places.discounts.push(places.discounts[of].clone());
        outcomes.push(Outcome { name: own, label: format!("{}, {spelt}", whole.label), ..whole });
    }
    all
}

/// What a reward says about who pays it.
pub enum PaidBy {
    /// It is no cost of the decision, or there are no perspectives.
    Nobody,
    /// It does not say, so the first perspective pays.
    First,
    /// Shares of the perspectives, by their positions in the list.
    Stated(Vec<(usize, Share)>),
}

/// Who pays a reward of the outcome with index `outcome`.
pub fn paid_by(
    name: &str,
    table: &TomlTable,
    outcome: Option<usize>,
    perspectives: &Perspectives,
    context: &Context,
    out: &mut Diagnostics,
) -> PaidBy {
    let cost = perspectives.of.is_some() && outcome == perspectives.of;
    let Some(node) = table.get(reward::PAID_BY) else {
        return if cost { PaidBy::First } else { PaidBy::Nobody };
    };
    if !cost {
        if outcome.is_some() {
            let help = match perspectives.of {
                None => {
                    "declare who may pay, for example patient = { label = \"Patient\" } under [perspectives], or remove `paid_by`"
                }
                Some(_) => "remove `paid_by`, which divides the cost of [decision] only",
            };
            out.push(
                Diagnostic::error("E0427", format!("`paid_by` of reward `{name}` divides nothing"))
                    .at(node.key_span, "not a cost that perspectives share")
                    .why("it would be ignored, although you may expect it to divide the amount")
                    .help(help),
            );
        }
        return PaidBy::Nobody;
    }
    let shares: Vec<(&str, Span, Share)> = match node.table() {
        Some(shares) => shares
            .entries
            .iter()
            .map(|(name, share)| (name.as_str(), share.key_span, context.share(share, &POPULATION, out)))
            .collect(),
        None => node.text().map(|name| (name, node.span, Share::Rest)).into_iter().collect(),
    };
    let mut stated: Vec<(usize, Share)> = Vec::new();
    for (payer, place, share) in shares {
        let known = perspectives.list.iter().map(|one| one.name.as_str());
        match known.clone().position(|known| known == payer) {
            Some(p) => stated.push((p, share)),
            None => {
                let help =
                    did_you_mean(payer, known, &or_declare(payer, "{ label = \"...\" }", "[perspectives]"));
                out.push(context.unknown("E0467", "perspective", payer, place, help));
            }
        }
    }
    PaidBy::Stated(stated)
}

/// The shares as formulas: a rest is 1 minus all others.
pub fn with_rest(stated: &[(usize, Share)]) -> Vec<(usize, Expr)> {
    let others: Vec<Expr> = stated
        .iter()
        .filter_map(|(_, share)| match share {
            Share::Stated(share) => Some(share.clone()),
            Share::Rest => None,
        })
        .collect();
    let of = |share: &Share| match share {
        Share::Stated(share) => share.clone(),
        Share::Rest => others.iter().fold(Expr::Number(1.0), |left, share| {
            Expr::Binary(Binary::Subtract, Box::new([left, share.clone()]))
        }),
    };
    stated.iter().map(|(p, share)| (*p, of(share))).collect()
}

/// For readers: the costs that no reward assigns.
pub fn readings(
    perspectives: &Perspectives,
    outcomes: &[Outcome],
    unassigned: &[String],
) -> Vec<(String, String)> {
    let (Some(of), Some(first)) = (perspectives.of, perspectives.list.first()) else { return Vec::new() };
    let names: Vec<&str> = unassigned.iter().map(String::as_str).collect();
    let who = match names.len() {
        0 => "every reward says who pays it".to_string(),
        1 => format!("{} does not say who pays (`paid_by`), so `{}` pays", all_of(&names), first.name),
        _ => format!("{} do not say who pays (`paid_by`), so `{}` pays", all_of(&names), first.name),
    };
    let parts: Vec<&str> = perspectives.list.iter().map(|one| outcomes[one.cost].name.as_str()).collect();
    let note = format!("{} add up to `{}`; {who}", all_of(&parts), outcomes[of].name);
    vec![("perspectives".to_string(), note)]
}
