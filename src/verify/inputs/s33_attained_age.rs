use crate::prelude::*;
use arcosim_core::model::Expr;

pub static S33: Check = Check {
    id: "S33",
    title: "Tables by age follow patients as they grow older",
    why: "A table that is looked up at the age at the start gives the same number in every cycle: nobody grows older. Mortality \
          that stays that of the age at the start makes lives far too long.",
    hint: "Write `age` (attained age) in place of the age at the start, unless the number belongs to the start for good.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("tables read at attained age", 0.0);
    let mut look = |place: String, expr: &Expr| {
        expr.walk(&mut |e| {
            let Expr::Lookup(table, at) = e else { return };
            let (mut start, mut clock) = (false, false);
            at[0].walk(&mut |e| {
                start |= matches!(e, Expr::Attribute(_));
                clock |= matches!(e, Expr::Clock(_));
            });
            comparisons.advisable(&table.name, clock || !start, || {
                format!("{place} reads table `{}` at the value at the start in every cycle", table.name)
            });
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut |e| look(format!("transition `{}`", transition.name), e));
    }
    for reward in model.rewards.iter().filter(|r| r.when.accrues()) {
        look(format!("reward `{}`", reward.name), &reward.amount);
    }
    comparisons.verdict("no hazard or amount looks anything up in a table")
}
