use crate::prelude::*;

pub static D04: Check = Check {
    id: "D04",
    title: "Patients come before the disease has run its course",
    why: "Where the scenario says through which states the disease goes, nobody should start in the last of them: what is compared \
          cannot help there, and a start that was written beside the wrong state is easily overlooked.",
    hint: "Look at [population.start]; waive this if late patients are meant.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(&last) = evidence.scenario.verify.progression.last() else {
        return Verdict::skip("[verify] names no progression");
    };
    let mut comparisons = Comparisons::new("nobody starts in the last state of the progression", 0.0);
    let tables = arcosim_core::model::Tables::new(model, &evidence.base);
    let share: f64 = tables.start.iter().filter(|(s, _)| *s == last).map(|(_, share)| share).sum();
    let name = &model.states[last].name;
    comparisons.advisable(name, share <= 0.0, || {
        format!(
            "{} % of patients start in `{name}`, the last state of the progression",
            number(100.0 * share)
        )
    });
    comparisons.verdict("nobody starts")
}
