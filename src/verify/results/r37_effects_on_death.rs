use crate::prelude::*;
use arcosim_core::words::listed;

pub static R37: Check = Check {
    id: "R37",
    title: "A treatment reduces mortality only where it has other effects",
    why: "Where one ratio acts on the course of the disease and on death alike, it should lower death only in states in which it has \
          something else to act on, or nothing else can happen. A drug that slows the step from ill to worse and makes the healthy \
          live longer as well was put on the wrong transitions, or claims more than its trial.",
    hint: "Take death out of `on`, or split it by state and give the effect on death a ratio and a source of its own.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let deadly: Vec<usize> =
        evidence.deadly().into_iter().filter(|&t| model.transitions[t].branches.len() == 1).collect();
    let mut comparisons = Comparisons::new("no ratio acts on death where it acts on nothing else", 0.0);
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
                    "`{}` lowers death in {} by the ratio that acts on {}, of which nothing leaves there",
                    strategy.name,
                    listed(idle.iter().map(|&s| &model.states[s].name[..])),
                    listed(course.iter().map(|&t| &model.transitions[t].name[..]))
                )
            });
        }
    }
    comparisons.verdict("no ratio acts on the course of the disease")
}
