use crate::prelude::*;

pub static S09: Check = Check {
    id: "S09",
    title: "Base values lie inside their ranges",
    why: "Each base value must lie between its low and high: a range is about the number that it stands beside. Whether it lies in \
          the middle of its distribution is asked by U02.",
    hint: "Compare base, `low` and `high` with the source; one of them is of another number, or in another unit.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let mut comparisons = Comparisons::new("low, base and high in order", 0.0);
    for row in &evidence.scenario.parameters {
        let name = &row.name;
        if let (Some(low), Some(high)) = (row.low, row.high) {
            comparisons.holds(name, low <= row.table_base && row.table_base <= high, || {
                format!(
                    "`{name}` is {} and its range {} to {}",
                    number(row.table_base),
                    number(low),
                    number(high)
                )
            });
        }
    }
    comparisons.verdict("no parameter has a range")
}
