use crate::prelude::*;

pub static D04: Check = Check {
    id: "D04",
    title: "No patient starts in the last state of the disease",
    why: "If the scenario lists the states of disease progression, no patient should start in the last one, because \
          treatments cannot delay progression there. A starting share assigned to the wrong state is easily \
          overlooked.",
    hint: "Check [population.start]; waive the finding if patients with end-stage disease are intended.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(&last) = evidence.scenario.verify.progression.last() else {
        return Verdict::skip(absent::PROGRESSION);
    };
    let mut comparisons = Comparisons::new("no patients who start in the last state of the progression", 0.0);
    let tables = arcosim_core::model::Tables::new(model, &evidence.base);
    let share: f64 = tables.start.iter().filter(|(s, _)| *s == last).map(|(_, share)| share).sum();
    let name = &model.states[last].name;
    comparisons.advisable(name, share <= 0.0, || {
        format!("{}% of patients start in `{name}`, the last state of the progression", number(100.0 * share))
    });
    comparisons.verdict("the model has no starting population")
}
