use crate::prelude::*;
use arcosim_core::model::paths::Meaning;
use arcosim_core::words::listed;

pub static F25: Check = Check {
    id: "F25",
    title: "Dead patients are not at risk of any event",
    why: "Death must be part of an endpoint or a competing event. Otherwise, patients who die remain at risk until \
          the time horizon, and the survival curve shows them as free of the event: the more patients die, the better \
          the curve looks.",
    hint: "Add the death state to `competing` of the endpoint, or to `enters` if death is part of the event.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let dead = &evidence.scenario.verify.dead;
    if dead.is_empty() {
        return Verdict::skip(absent::DEAD);
    }
    let (model, paths, counts) = (evidence.model, evidence.paths, evidence.counts());
    let mut comparisons = Comparisons::new("death as the end of the time at risk of every endpoint", 0.0);
    for (e, endpoint) in model.endpoints.iter().enumerate() {
        // Death states that patients enter while they are still at risk of the endpoint.
        let stay = |s: &&usize| {
            let deaths =
                (0..paths.edges.len()).filter(|&i| paths.edges[i].to == **s && paths.edges[i].from != **s);
            let unseen = |i: &usize| {
                let from = paths.edges[*i].from;
                let before = paths.edges.iter().enumerate().any(|(j, other)| {
                    other.from == from
                        && paths.meanings[j].iter().any(|(f, m)| *f == e && *m == Meaning::Event)
                });
                before && !paths.ends(*i, e)
            };
            let moved = |i: usize| counts.strategies.iter().any(|own| own.moves[i].iter().any(|x| *x > 0.0));
            deaths.filter(unseen).any(moved)
        };
        let staying: Vec<&usize> = dead.iter().filter(stay).collect();
        let text = || {
            let least = counts.strategies.iter().map(|own| {
                let all: f64 = staying.iter().map(|&&s| own.occupancy[s][model.time.cycles]).sum();
                all / counts.patients
            });
            format!(
                "patients who enter {} remain at risk of `{}`; by the time horizon, these are up to {}% of all patients",
                listed(staying.iter().map(|&&s| model.states[s].name.as_str())),
                endpoint.name,
                number(100.0 * least.fold(0.0, f64::max))
            )
        };
        // If the endpoint includes death from one cause, deaths from other causes may be omitted on purpose.
        match dead.iter().any(|s| endpoint.enters.contains(s)) {
            true => comparisons.advisable(&endpoint.name, staying.is_empty(), text),
            false => comparisons.holds(&endpoint.name, staying.is_empty(), text),
        };
    }
    comparisons.verdict("the model has no endpoints")
}
