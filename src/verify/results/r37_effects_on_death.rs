use crate::prelude::*;
use arcosim_core::words::listed;

pub static R37: Check = Check {
    id: "R37",
    title: "A treatment reduces mortality only where it has other effects",
    why: "If one ratio acts on both disease progression and death, it should reduce mortality only in states in which \
          it also acts on progression, or from which patients can only die. A drug that slows progression and also \
          prolongs the life of healthy people acts on the wrong transitions or exceeds the evidence of its trial. Its \
          gain in life years is then overestimated.",
    hint: "Remove the transition to death from `on`, or split it by state and give the effect on mortality its own \
           ratio and source.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly: Vec<usize> =
        evidence.deadly().into_iter().filter(|&t| model.transitions[t].branches.len() == 1).collect();
    let mut comparisons =
        Comparisons::new("no ratio that acts on death in states in which it acts on nothing else", 0.0);
    for strategy in &model.strategies {
        for effect in &strategy.effects {
            let same = strategy.effects.iter().filter(|other| other.ratio.same_formula(&effect.ratio));
            let course: Vec<usize> =
                same.flat_map(|other| &other.transitions).copied().filter(|t| !deadly.contains(t)).collect();
            let deaths = effect.transitions.iter().filter(|t| deadly.contains(t));
            if course.is_empty() {
                continue;
            }
            let leaves = |t: usize, s: usize| model.transitions[t].from.contains(&s);
            let mut idle: Vec<usize> =
                deaths.flat_map(|&t| model.transitions[t].from.iter().copied()).collect();
            idle.retain(|&s| {
                let mut others =
                    (0..model.transitions.len()).filter(|t| !deadly.contains(t) && leaves(*t, s));
                others.next().is_some() && !course.iter().any(|&t| leaves(t, s))
            });
            comparisons.advisable(&strategy.name, idle.is_empty(), || {
                format!(
                    "`{}` reduces mortality in {} by the ratio that acts on {}, although none of these transitions \
                     leaves from there",
                    strategy.name,
                    listed(idle.iter().map(|&s| &model.states[s].name[..])),
                    listed(course.iter().map(|&t| &model.transitions[t].name[..]))
                )
            });
        }
    }
    comparisons.verdict("no effect acts on the course of the disease")
}
