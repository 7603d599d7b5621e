use super::itemised::Itemised;
use crate::prelude::*;
use arcosim_analysis::outcomes::{Breakdown, Discounting};

pub static R13: Check = Check {
    id: "R13",
    title: "Components add up to the totals",
    why: "What every reward adds in every state, with every move and at the start, by category and over time, must add up to the \
          total that is reported, so that the tables add up to the headline.",
    hint: "Report it: the tables and the totals are computed independently and must agree.",
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
        Comparisons::new("rewards by place, categories and years add up to the totals", EXACT);
    for (s, (strategy, totals)) in model.strategies.iter().zip(evidence.totals()).enumerate() {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let own = itemised.items.iter().zip(&parts[s]);
            let own = own.filter(|(item, _)| item.outcome == o && item.reward.is_some());
            let size: f64 = own.map(|(_, x)| x.abs()).sum();
            let sum = itemised.sum(&parts[s], o, |item| item.reward.is_some());
            let what = format!("`{}` under `{}`, added up", outcome.name, strategy.name);
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
    comparisons.verdict("nothing is counted")
}
