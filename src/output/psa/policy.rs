//! Treatment by subgroup under parameter uncertainty: tables, the figure "treat whom", and text for the console.

use super::figures::meta;
use super::threshold_words;
use crate::analysis::policy::{DrawnGroup, DrawnPolicy, PolicyAnswer, SetDraws};
use crate::output::amounts::{amount, places};
use crate::output::columns::{against, scenario, strategy, threshold, warning};
use crate::output::figures::table::{Table, number, text};
use crate::output::figures::{Figure, SubgroupDivision, SubgroupRow, TreatWhomFigure, treat_whom_figure};
use crate::output::prices::drawn_price;
use crate::output::strategies::drawn;

/// Largest number of strategies that the figure can distinguish.
const MOST: usize = 8;
/// Smallest probability that can be seen in the figure.
const SMALLEST: f64 = 0.005;
/// Largest number of rows of the figure, which is one page high.
const MOST_ROWS: usize = 40;

/// The policies of all sets of divisions at all thresholds.
fn policies<'a>(run: &'a PolicyAnswer) -> Vec<(&'a SetDraws, DrawnPolicy)> {
    let psa = &run.psa;
    let thresholds = &psa.answers.thresholds;
    let of_set = |set: &'a SetDraws| {
        thresholds.iter().filter_map(move |&t| Some((set, set.policy(psa.model(), psa.decision, t)?)))
    };
    run.sets.iter().flat_map(of_set).collect()
}

/// One strategy in one subgroup at one threshold.
struct GroupRow<'a> {
    set: &'a SetDraws,
    name: String,
    threshold: f64,
    group: &'a DrawnGroup,
    strategy: usize,
}

/// All tables: the value of each policy, and every strategy in every subgroup.
pub fn tables(run: &PolicyAnswer) -> Vec<Table> {
    let all = policies(run);
    vec![policy_table(run, &all), group_table(run, &all)]
}

fn policy_table(run: &PolicyAnswer, all: &[(&SetDraws, DrawnPolicy)]) -> Table {
    let psa = &run.psa;
    let model = psa.model();
    type Row<'a> = &'a (&'a SetDraws, DrawnPolicy);
    let columns = [
        scenario(psa.scenario),
        text("division", "Division of the patients by which treatment is chosen", "", |r: &Row| {
            r.0.name(model)
        }),
        threshold(|r: &Row| r.1.threshold),
        text("cost_unit", "Unit of the gain", "", |_: &Row| psa.money()),
        text(
            "single_strategy",
            "Strategy with the highest expected net benefit for all patients",
            "",
            |r: &Row| &model.strategies[r.1.single].name,
        ),
        number(
            "expected_gain",
            "as `cost_unit`",
            "Expected gain per patient if every subgroup gets the strategy with its highest expected net benefit, before the \
             cost of finding out the subgroup",
            |r: &Row| r.1.gain,
        ),
        number("gain_low", "as `cost_unit`", "2.5th percentile of the gain over the draws", |r: &Row| {
            r.1.interval[0]
        }),
        number("gain_high", "as `cost_unit`", "97.5th percentile of the gain over the draws", |r: &Row| {
            r.1.interval[1]
        }),
        number(
            "probability_of_gain",
            "proportion",
            "Probability that treatment by subgroup has a higher net benefit than the single strategy; empty if both are the same",
            |r: &Row| r.1.probability,
        ),
    ];
    let about =
        "what treating each subgroup by its own best strategy is expected to gain, and how certain this is";
    Table::of("tables/policy.csv", about, columns, all)
}

fn group_table(run: &PolicyAnswer, all: &[(&SetDraws, DrawnPolicy)]) -> Table {
    let psa = &run.psa;
    let model = psa.model();
    let columns = [
        scenario(psa.scenario),
        text("division", "Division of the patients", "", |r: &GroupRow| r.set.name(model)),
        text("subgroup", "Subgroup of the division", "", |r: &GroupRow| r.name.clone()),
        number("share", "proportion", "Mean share of all patients over the draws", |r: &GroupRow| {
            r.group.share
        }),
        threshold(|r: &GroupRow| r.threshold),
        strategy(model, |r: &GroupRow| r.strategy),
        against(model),
        text("cost_unit", "Unit of net monetary benefit", "", |_: &GroupRow| psa.money()),
        number(
            "incremental_nmb",
            "as `cost_unit`",
            "Expected net monetary benefit per patient of the subgroup minus that of the reference strategy",
            |r: &GroupRow| r.group.increment[r.strategy].0,
        ),
        number(
            "incremental_nmb_low",
            "as `cost_unit`",
            "Its 2.5th percentile over the draws",
            |r: &GroupRow| r.group.increment[r.strategy].1[0],
        ),
        number(
            "incremental_nmb_high",
            "as `cost_unit`",
            "Its 97.5th percentile over the draws",
            |r: &GroupRow| r.group.increment[r.strategy].1[1],
        ),
        number(
            "probability_best",
            "proportion",
            "Probability that the strategy has the highest net benefit of all decision options in the subgroup",
            |r: &GroupRow| r.group.probability[r.strategy],
        ),
        text(
            "best",
            "Whether the strategy has the highest expected net benefit of all decision options in the subgroup",
            "yes; no",
            |r: &GroupRow| if r.group.best == r.strategy { "yes" } else { "no" },
        ),
        warning(model, |r: &GroupRow| r.strategy),
    ];
    let rows = all.iter().flat_map(|(set, policy)| {
        policy.groups.iter().enumerate().flat_map(move |(g, group)| {
            let row = move |strategy| GroupRow {
                set,
                name: set.group_name(model, g),
                threshold: policy.threshold,
                group,
                strategy,
            };
            (0..model.strategies.len()).map(row)
        })
    });
    let about = "expected net benefit of every strategy in every subgroup, with its uncertainty";
    Table::of("tables/policy_subgroups.csv", about, columns, rows)
}

/// The figure at the leading threshold; none if it would be higher than a page.
pub fn figures(run: &PolicyAnswer) -> Vec<Figure> {
    let psa = &run.psa;
    let model = psa.model();
    let lead = psa.answers.thresholds[0];
    let of_set = |set| SetDraws::policy(set, model, psa.decision, lead).map(|policy| (set, policy));
    let sets: Vec<(&SetDraws, DrawnPolicy)> = run.sets.iter().filter_map(of_set).collect();
    let rows: usize = sets.iter().map(|(_, policy)| 1 + policy.groups.len()).sum();
    if sets.is_empty() || rows > MOST_ROWS {
        return Vec::new();
    }
    let most = |s: &usize| {
        let groups = sets.iter().flat_map(|(_, policy)| &policy.groups);
        groups.map(|group| group.probability[*s]).fold(0.0, f64::max)
    };
    let mut shown: Vec<usize> = (0..model.strategies.len()).filter(|s| most(s) >= SMALLEST).collect();
    shown.sort_by(|a, b| most(b).total_cmp(&most(a)));
    let left_out = shown.len().saturating_sub(MOST);
    shown.truncate(MOST);
    shown.sort_unstable();
    let division = |(set, policy): &(&SetDraws, DrawnPolicy)| SubgroupDivision {
        name: set.name(model),
        rows: (policy.groups.iter().enumerate())
            .map(|(g, group)| SubgroupRow {
                name: set.group_name(model, g),
                share: group.share,
                values: shown.iter().map(|&s| group.probability[s]).collect(),
                best: drawn(model, group.best),
            })
            .collect(),
    };
    let mut notes = vec![
        "Percentages are shares of all patients. Differences between subgroups are calculated from the parameters, and \
         were observed only if a parameter was measured in the subgroup."
            .to_string(),
    ];
    if left_out > 0 {
        notes.push(format!("{left_out} strategies with small probabilities are not drawn."));
    }
    vec![treat_whom_figure(&TreatWhomFigure {
        meta: meta(
            psa,
            "treat_whom",
            "Treat whom: the best strategy of each subgroup, and how certain it is",
        ),
        x_title: format!(
            "Probability of the highest net benefit at {} (%)",
            drawn_price(model, psa.decision, lead)
        ),
        strategies: shown.iter().map(|&s| drawn(model, s)).collect(),
        divisions: sets.iter().map(division).collect(),
        notes,
    })]
}

/// Text for the console: for each division, the best strategy of every subgroup at the leading threshold, and the gain.
pub fn console(run: &PolicyAnswer) -> String {
    let psa = &run.psa;
    let model = psa.model();
    let lead = psa.answers.thresholds[0];
    let mut text = format!("\n{}\n\nTreatment by subgroup at {}\n", model.title, threshold_words(psa, lead));
    for set in &run.sets {
        let Some(policy) = set.policy(model, psa.decision, lead) else { continue };
        let names: Vec<String> = (0..policy.groups.len()).map(|g| set.group_name(model, g)).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(12);
        text.push_str(&format!(
            "\n  {:width$}{:>8}  {}\n",
            set.name(model),
            "share",
            "best expected choice (probability that it is best)"
        ));
        for (name, group) in names.iter().zip(&policy.groups) {
            text.push_str(&format!(
                "  {name:width$}{:>7.1}%  {} ({:.2})\n",
                100.0 * group.share,
                psa.label(group.best),
                group.probability[group.best]
            ));
        }
        text.push_str(&format!("  {}\n", gain(run, &policy)));
    }
    text.push_str("\nA subgroup with few patients or with assumed parameters says little; differences are calculated, not observed.\n\n");
    text
}

/// What a policy gains, in one sentence.
fn gain(run: &PolicyAnswer, policy: &DrawnPolicy) -> String {
    let psa = &run.psa;
    let single = psa.label(policy.single);
    match policy.probability {
        None => format!("{single} has the highest expected net benefit in every subgroup."),
        Some(probability) => {
            let places = places(psa.money(), policy.gain);
            format!(
                "Compared with {single} for all: {} {} per patient (95% interval {} to {}), a gain with a probability of {probability:.2}.",
                psa.money(),
                amount(policy.gain, places),
                amount(policy.interval[0], places),
                amount(policy.interval[1], places)
            )
        }
    }
}

/// The results in words, for README.txt.
pub fn sentences(run: &PolicyAnswer) -> Vec<String> {
    let psa = &run.psa;
    let lead = psa.answers.thresholds[0];
    let sentence = |set: &SetDraws| {
        let policy = set.policy(psa.model(), psa.decision, lead)?;
        Some(format!("By {}: {}", set.name(psa.model()), gain(run, &policy)))
    };
    run.sets.iter().filter_map(sentence).collect()
}
