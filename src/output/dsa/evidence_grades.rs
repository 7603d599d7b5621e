//! Incremental net benefit by grade of evidence: table and text for the console.

use super::tables::against;
use crate::analysis::evidence_grades::EvidenceGrades;
use crate::analysis::sensitivity::DsaAnswer;
use crate::analysis::sensitivity::net_benefit::{ROUNDING, increment};
use crate::output::amounts::{amount, places};
use crate::output::columns::{scenario, strategy, threshold, warning};
use crate::output::figures::table::{Table, number, text};
use crate::output::singular;
use crate::scenario::parameters::Evidence;

/// Name of what is left without any of a strategy's own numbers.
const STRUCTURE: &str = "structure";

/// Part of the incremental net benefit of a strategy that has one grade.
struct GradeRow {
    strategy: usize,
    threshold: f64,
    /// Grade of the part; `None` for what is left without numbers.
    grade: Option<Evidence>,
    part: f64,
    whole: f64,
}

/// Rows of all strategies that are compared, at one threshold; grades without a part are left out.
fn rows(run: &DsaAnswer, found: &EvidenceGrades, threshold: f64) -> Vec<GradeRow> {
    let decision = run.setting.decision;
    let reference = run.model().reference();
    let of = |&strategy: &usize| {
        let pair = (strategy, reference);
        let (shares, none) = found.shares(decision, pair, threshold);
        let whole = increment(decision, &run.one_way.base, pair, threshold);
        let size: f64 = shares.iter().map(|share| share.abs()).sum();
        let rest = match size > 0.0 {
            true if none.abs() <= ROUNDING * size => 0.0,
            true => none,
            false => whole,
        };
        // The shares are worked out with few nodes; each takes up its part of the difference to the increment of the run.
        let error = whole - rest - shares.iter().sum::<f64>();
        let part = |share: f64| if size > 0.0 { share + error * share.abs() / size } else { share };
        let shares = shares.into_iter().map(part);
        let parts = found.grades.iter().copied().map(Some).zip(shares).chain([(None, rest)]);
        parts
            .filter(|(_, part)| *part != 0.0)
            .map(|(grade, part)| GradeRow { strategy, threshold, grade, part, whole })
            .collect::<Vec<_>>()
    };
    run.question.strategies.iter().flat_map(of).collect()
}

fn name(grade: Option<Evidence>) -> &'static str {
    match grade {
        None => STRUCTURE,
        Some(Evidence::Unstated) => "not stated",
        Some(grade) => grade.name(),
    }
}

/// Table of incremental net benefit by grade, at every threshold.
pub fn table(run: &DsaAnswer, found: &EvidenceGrades) -> Table {
    let model = run.model();
    let names = |row: &GradeRow| {
        let follows = |s: usize| model.strategies[s].otherwise;
        let chain: Vec<usize> =
            std::iter::successors(Some(row.strategy), |s| follows(*s)).take(model.strategies.len()).collect();
        let own =
            found.numbers.iter().filter(|own| chain.contains(&own.strategy) && Some(own.grade) == row.grade);
        let mut all: Vec<&str> =
            own.flat_map(|own| &own.parameters).map(|&p| run.setting.rows[p].name.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        all.join("; ")
    };
    let columns = [
        scenario(run.scenario),
        strategy(model, |r: &GradeRow| r.strategy),
        against(model, |_| model.reference()),
        threshold(|r: &GradeRow| r.threshold),
        text(
            "grade",
            "Weakest grade of evidence of the numbers; `structure` is what is left without them, such as branches at the start",
            "",
            |r: &GradeRow| name(r.grade),
        ),
        number(
            "incremental_nmb",
            "cost",
            "Part of the incremental net monetary benefit (Shapley value); the parts sum to it",
            |r: &GradeRow| r.part,
        ),
        number("whole_incremental_nmb", "cost", "Sum of all parts", |r: &GradeRow| r.whole),
        text(
            "parameters",
            "Parameters of this grade by which the strategy differs: effects, replaced parameters and own amounts",
            "",
            names,
        ),
        warning(model, |r: &GradeRow| r.strategy),
    ];
    let all = run.setting.thresholds.iter().flat_map(|&threshold| rows(run, found, threshold));
    let about =
        "incremental net benefit by the grade of evidence of the numbers by which the strategy differs";
    Table::of("tables/evidence_grades.csv", about, columns, all)
}

/// Text for the console: the parts at the leading threshold.
pub fn console(text: &mut String, run: &DsaAnswer, found: &EvidenceGrades) {
    let threshold = run.setting.thresholds[0];
    let all = rows(run, found, threshold);
    let Some(largest) = all.iter().map(|row| row.part.abs()).reduce(f64::max) else { return };
    text.push_str(&format!(
        "\nIncremental net benefit by grade of evidence at {} {} per {}\n",
        amount(threshold, 0),
        run.money(),
        singular(run.gain())
    ));
    let digits = places(run.money(), largest);
    for &strategy in &run.question.strategies {
        let own = all.iter().filter(|row| row.strategy == strategy);
        let parts: Vec<String> = own
            .map(|row| format!("{} {}", name(row.grade).replace('_', " "), amount(row.part, digits)))
            .collect();
        if !parts.is_empty() {
            text.push_str(&format!("  {}: {}\n", run.model().strategies[strategy].label, parts.join(", ")));
        }
    }
}
