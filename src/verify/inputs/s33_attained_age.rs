use crate::prelude::*;
use arcosim_core::model::Expr;

pub static S33: Check = Check {
    id: "S33",
    title: "Age-dependent tables use attained age",
    why: "A table that is looked up at the starting age returns the same value in every cycle, as if patients did \
          not age. Mortality at the starting age makes life expectancy far too long.",
    hint: "Use `age` (attained age) instead of the starting age, unless the value really depends on the starting \
           age.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("tables looked up at attained age", 0.0);
    let mut look = |place: String, expr: &Expr| {
        expr.walk(&mut |e| {
            let Expr::Lookup(table, at) = e else { return };
            let (mut start, mut clock) = (false, false);
            at[0].walk(&mut |e| {
                start |= matches!(e, Expr::Attribute(_));
                clock |= matches!(e, Expr::Clock(_));
            });
            comparisons.advisable(&table.name, clock || !start, || {
                format!("{place} looks up table `{}` at the starting value in every cycle", table.name)
            });
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut |e| look(format!("transition `{}`", transition.name), e));
    }
    for reward in model.rewards.iter().filter(|r| r.when.accrues()) {
        look(format!("reward `{}`", reward.name), &reward.amount);
    }
    comparisons.verdict("no hazard or amount uses a table")
}
