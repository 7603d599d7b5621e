use crate::prelude::*;

pub static S09: Check = Check {
    id: "S09",
    title: "Every base value lies within its range",
    why: "The base value of a parameter must lie between `low` and `high`, because a range describes the uncertainty \
          around the base value. Check U02 compares it with the mean of the distribution.",
    hint: "Compare base, `low` and `high` with the source; one of them may be a different quantity or in a different \
           unit.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("base values between `low` and `high`", 0.0);
    for row in &evidence.scenario.parameters {
        let name = &row.name;
        if let (Some(low), Some(high)) = (row.low, row.high) {
            comparisons.holds(name, low <= row.table_base && row.table_base <= high, || {
                format!(
                    "`{name}` is {}, outside its range of {} to {}",
                    number(row.table_base),
                    number(low),
                    number(high)
                )
            });
        }
    }
    comparisons.verdict("no parameter has a range")
}
