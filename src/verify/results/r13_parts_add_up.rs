use super::itemised::Itemised;
use crate::prelude::*;
use arcosim_analysis::outcomes::{Breakdown, Discounting};

pub static R13: Check = Check {
    id: "R13",
    title: "Components add up to the totals",
    why: "The amounts of all rewards in each state, with each move and at the start must add up to the reported \
          total, and so must the amounts by category and over time. Otherwise, the tables of the report contradict \
          the headline results.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let all: Vec<usize> = (0..model.outcomes.len()).collect();
    let itemised = Itemised::plain(model, &all);
    let parts = itemised.totals(evidence, &evidence.base);
    let breakdown = Breakdown::new(model, evidence.counts());
    let mut comparisons =
        Comparisons::new("rewards by place, categories and years that add up to the totals", EXACT);
    for (s, (strategy, totals)) in model.strategies.iter().zip(evidence.totals()).enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let own = itemised.items.iter().zip(&parts[s]);
            let own = own.filter(|(item, _)| item.outcome == o && item.reward.is_some());
            let size: f64 = own.map(|(_, x)| x.abs()).sum();
            let sum = itemised.sum(&parts[s], o, |item| item.reward.is_some());
            let what = format!("the sum of `{}` under `{}`", outcome.name, strategy.name);
            comparisons.same_by(
                &outcome.name,
                &format!("{what} over rewards and places"),
                (totals[o], sum),
                size,
            );
            let gathered = breakdown.total(Discounting::Discounted, s, o, model.time.cycles);
            comparisons.same_by(
                &outcome.name,
                &format!("{what} over categories and cycles"),
                (totals[o], gathered),
                size,
            );
        }
    }
    comparisons.verdict("the model has no outcomes")
}
