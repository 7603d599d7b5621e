use crate::prelude::*;
use arcosim_core::model::paths::{AtStart, Meaning};

pub static F15: Check = Check {
    id: "F15",
    title: "Curves of nested events never cross",
    why: "If an event can only follow another (a relapse can only follow a remission), the share of patients who have \
          had the later event must never exceed the share who have had the earlier one. If an event includes death, \
          all patients free of it must be alive. The order of events is derived from the transitions. If curves \
          cross, the definition of an endpoint is wrong, and so is its reported incidence.",
    hint: "Compare the states and transitions that define the endpoints in the finding.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons = Comparisons::new("no later event without the earlier one", EXACT);
    let from_start: Vec<usize> =
        (0..model.endpoints.len()).filter(|&e| model.endpoints[e].since.is_none()).collect();
    let mut nested = Vec::new();
    for &later in &from_start {
        for &earlier in &from_start {
            if later == earlier || !presupposes(evidence, later, earlier) {
                continue;
            }
            let (a, b) = (&model.endpoints[later].name, &model.endpoints[earlier].name);
            nested.push(format!("`{a}` after `{b}`"));
            for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
                let (mut few, mut many) = (0.0, own.endpoints[earlier].beyond);
                for k in 0..=model.time.cycles {
                    few += own.endpoints[later].events[k];
                    many += own.endpoints[earlier].events[k];
                    let over = (few - many).max(0.0);
                    let what = format!(
                        "the share of patients under `{}` who have had `{a}` but not `{b}` after {k} cycles",
                        strategy.name
                    );
                    if !comparisons.same_by(a, &what, (0.0, over), counts.patients) {
                        break;
                    }
                }
            }
        }
    }
    // Patients who are free of an event that includes death must be alive.
    let dead = &evidence.scenario.verify.dead;
    for &e in &from_start {
        let endpoint = &model.endpoints[e];
        if dead.is_empty() || !dead.iter().all(|s| endpoint.enters.contains(s)) {
            continue;
        }
        for (strategy, own) in model.strategies.iter().zip(&counts.strategies) {
            let mut free = own.endpoints[e].entered;
            for k in 0..=model.time.cycles {
                free -= own.endpoints[e].events[k];
                let alive: f64 = evidence.living().iter().map(|&s| own.occupancy[s][k]).sum();
                let over = (free - own.endpoints[e].competing[..=k].iter().sum::<f64>() - alive).max(0.0);
                let what = format!(
                    "the share of patients under `{}` who are free of `{}` but not alive after {k} cycles",
                    strategy.name, endpoint.name
                );
                if !comparisons.same_by(&endpoint.name, &what, (0.0, over), counts.patients) {
                    break;
                }
            }
        }
    }
    if !nested.is_empty() {
        comparisons.note(nested.join(", "));
    }
    comparisons.verdict("no event requires an earlier one, and no event includes death")
}

/// Whether every patient with the event `later` must have had the event `earlier` before or at the same time.
fn presupposes(evidence: &Evidence, later: usize, earlier: usize) -> bool {
    let (model, paths) = (evidence.model, evidence.paths);
    let means = |edge: usize, e: usize| {
        let own = paths.meanings[edge].iter().find(|(f, _)| *f == e);
        own.map(|(_, meaning)| *meaning)
    };
    // Visited combinations of a state and of being at risk of the earlier event.
    let mut reached = vec![[false; 2]; model.states.len()];
    let mut open = Vec::new();
    for (presents, begins) in starts(evidence) {
        let stands = |e: usize| paths.start_of(&model.endpoints[e], presents, begins);
        match (stands(earlier), stands(later)) {
            (AtStart::Event, _) => {}
            // Patients who had the earlier event before the start of the model are counted separately, and always as
            // having had the event.
            (AtStart::Beyond, _) if model.endpoints[earlier].enters.contains(&presents) => {}
            (_, AtStart::Event) => return false,
            (AtStart::AtRisk, _) => open.push((begins, true)),
            (AtStart::Beyond | AtStart::Later, _) => open.push((begins, false)),
        }
    }
    while let Some((state, at_risk)) = open.pop() {
        if std::mem::replace(&mut reached[state][usize::from(at_risk)], true) {
            continue;
        }
        for (i, edge) in paths.edges.iter().enumerate().filter(|(_, e)| e.from == state) {
            let before = means(i, earlier).filter(|_| at_risk);
            if before == Some(Meaning::Event) {
                continue;
            }
            if means(i, later) == Some(Meaning::Event) {
                return false;
            }
            open.push((edge.to, at_risk && before.is_none()));
        }
    }
    // An event that no transition causes does not require any other event.
    (0..paths.edges.len()).any(|i| means(i, later) == Some(Meaning::Event))
}

/// Pairs of the starting state and the state after procedures at the start.
fn starts(evidence: &Evidence) -> Vec<(usize, usize)> {
    let model = evidence.model;
    let mut all = Vec::new();
    for &(from, _) in &model.start {
        for strategy in &model.strategies {
            match strategy.at_start.is_empty() {
                true => all.push((from, from)),
                false => all.extend(strategy.at_start.iter().map(|b| (from, b.to.unwrap_or(from)))),
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
