use super::temporary_states::temporary_states;
use crate::prelude::*;
use arcosim_core::math;
use arcosim_core::model::hazard::{reads, spend};
use arcosim_core::model::walk::patients;
use arcosim_core::model::{Clock, Expr, Hazard, Model, Situation, Tables, Transition};
use arcosim_core::words::listed;

pub static F18: Check = Check {
    id: "F18",
    title: "Mortality in every state is at least that of the starting states",
    why: "Patients in a state with too little mortality live too long, and treatments that keep patients in the state \
          look better than they are. In every living state, the hazard of death is compared with that in the starting \
          states and with age-dependent mortality, for the same patients at the same time.",
    hint: "Add the state of the finding to the `from` of the transition to death from any cause. If the state has its \
           own mortality, make sure that it includes deaths from other causes.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Shares of patients below this are treated as zero.
const NOBODY: f64 = 1e-9;

/// Approximate number of cycles in which hazards are compared.
const CYCLES: usize = 40;

fn run(evidence: &Evidence) -> Verdict {
    if evidence.scenario.verify.dead.is_empty() {
        return Verdict::skip(absent::DEAD);
    }
    let (model, counts) = (evidence.model, evidence.counts());
    let mut comparisons =
        Comparisons::new("a hazard of death in every state, no lower than in other states", 0.0);
    let (deadly, some) = (evidence.only_deadly(), evidence.deadly());
    let tables = Tables::new(model, &evidence.base);
    let temporary = temporary_states(evidence, &tables);
    for s in evidence.living() {
        let name = &model.states[s].name;
        let occupied = counts.strategies.iter().any(|own| own.occupancy[s].iter().any(|x| *x > NOBODY));
        let leaves = |t: &usize| model.transitions[*t].from.contains(&s);
        if !occupied {
            continue;
        }
        let dies = deadly.iter().any(leaves);
        if !dies && !some.iter().any(leaves) {
            // S20 reports states in which patients cannot die at all.
            continue;
        }
        let text = || {
            format!(
                "patients in `{name}` can die only from a procedure that moves them out of the state, \
                               and not from other causes"
            )
        };
        // If the model includes only deaths from the disease, patients without the disease may rightly die from
        // procedures alone.
        match temporary.contains(&s) || !evidence.of_any_cause() {
            true => comparisons.advisable(name, dies, text),
            false => comparisons.holds(name, dies, text),
        };
        if dies {
            compare(evidence, &tables, &deadly, s, &mut comparisons);
        }
    }
    comparisons.verdict("no patient spends time in a living state")
}

/// Compares the hazard of death in a state with that in the starting states, and with age-dependent mortality.
fn compare(
    evidence: &Evidence,
    tables: &Tables,
    deadly: &[usize],
    state: usize,
    comparisons: &mut Comparisons,
) {
    let (model, counts) = (evidence.model, evidence.counts());
    let name = &model.states[state].name;
    let by_age: Vec<usize> =
        deadly.iter().copied().filter(|&t| goes_with_age(&model.transitions[t])).collect();
    let has_its_own = by_age.iter().any(|&t| model.transitions[t].from.contains(&state));
    for (arm, own) in counts.strategies.iter().enumerate() {
        // A state in which patients start is not compared with other starting states, because one of them must have the
        // lowest mortality.
        let begins_here = own.occupancy[state][0] > NOBODY;
        let begins: Vec<usize> =
            evidence.living().into_iter().filter(|&s| !begins_here && own.occupancy[s][0] > NOBODY).collect();
        let mut lower = Lower::default();
        let mut relevant: Vec<usize> =
            deadly.iter().flat_map(|&t| reads(model, arm, t).attributes()).collect();
        relevant.sort_unstable();
        relevant.dedup();
        let people = patients(model, &tables.parameters[arm], &relevant);
        let last = model.time.cycles - 1;
        for k in (0..=last).step_by((last / CYCLES).max(1)) {
            if own.occupancy[state][k] <= NOBODY {
                continue;
            }
            for attributes in &people {
                for spent in [0, k] {
                    let residence = vec![spent; model.groups.len()];
                    let at = |state: usize| Situation {
                        parameters: &tables.parameters[arm],
                        attributes,
                        state,
                        cycle: k,
                        residence: &residence,
                        cycles_per_year: model.time.cycles_per_year,
                        part: model.time.part(),
                    };
                    let here = deaths(model, arm, deadly, &at(state));
                    let there = |s: &usize| {
                        (own.occupancy[*s][k] > NOBODY).then(|| deaths(model, arm, deadly, &at(*s)))
                    };
                    if let Some(least) = begins.iter().filter_map(there).reduce(f64::min) {
                        lower.than_begun.see(here, least, k);
                    }
                    // Lowest age-dependent mortality in other states, if this state has no age-dependent mortality.
                    let least = by_age
                        .iter()
                        .filter(|_| !has_its_own)
                        .flat_map(|&t| model.transitions[t].from.iter().map(move |&s| (t, s)))
                        .map(|(t, s)| deaths(model, arm, &[t], &at(s)))
                        .reduce(f64::min);
                    if let Some(least) = least {
                        lower.than_by_age.see(here, least, k);
                    }
                }
            }
        }
        let under = &model.strategies[arm].name;
        let years = model.time.cycles_per_year;
        if let Some((here, there, k)) = lower.than_by_age.found() {
            let text = format!(
                "the death rate in `{name}` under `{under}` is {} per year in cycle {}, lower than the age-dependent \
                 mortality of {} per year that applies in other states but not in this one",
                number(here * years),
                k + 1,
                number(there * years)
            );
            comparisons.fail(name, text);
            return;
        }
        if let Some((here, there, k)) = lower.than_begun.always() {
            let text = format!(
                "the death rate in `{name}` under `{under}` is {} per year in cycle {}, lower than the {} per year in \
                 {}, where patients start",
                number(here * years),
                k + 1,
                number(there * years),
                listed(begins.iter().map(|&s| model.states[s].name.as_str()))
            );
            comparisons.warn(name, text);
            return;
        }
    }
}

/// Comparisons of the hazard of death with the starting states and with age-dependent mortality.
#[derive(Default)]
struct Lower {
    than_begun: Seen,
    than_by_age: Seen,
}

/// Number of comparisons, number in which the hazard is lower, and the comparison with the largest relative difference.
#[derive(Default)]
struct Seen {
    all: usize,
    lower: usize,
    most: Option<(f64, f64, usize)>,
}

impl Seen {
    fn see(&mut self, here: f64, there: f64, cycle: usize) {
        self.all += 1;
        if here < there * (1.0 - EXACT) {
            self.lower += 1;
            if self.most.is_none_or(|(h, t, _)| here * t < h * there) {
                self.most = Some((here, there, cycle));
            }
        }
    }

    /// The comparison with the largest relative difference, if the hazard is lower in any comparison.
    fn found(&self) -> Option<(f64, f64, usize)> {
        self.most
    }

    /// The comparison with the largest relative difference, if the hazard is lower in every comparison.
    fn always(&self) -> Option<(f64, f64, usize)> {
        self.most.filter(|_| self.lower == self.all)
    }
}

/// Cumulative hazard of death in one cycle from some transitions.
fn deaths(model: &Model, arm: usize, deadly: &[usize], s: &Situation) -> f64 {
    let own = deadly.iter().filter(|&&t| model.transitions[t].from.contains(&s.state));
    own.map(|&t| {
        let w = spend(model, arm, t, s);
        match model.transitions[t].stated {
            true => -math::ln_1p(-w.min(1.0 - EXACT)),
            false => w,
        }
    })
    .sum()
}

/// Whether the hazard of a transition depends on attained age.
fn goes_with_age(transition: &Transition) -> bool {
    if let Hazard::LifeTable { .. } = transition.hazard {
        return true;
    }
    let mut reads = false;
    if let Hazard::Distribution { clock, .. } = transition.hazard {
        reads |= matches!(clock, Clock::Age(_) | Clock::AgeAtEnd(_));
    }
    transition.expressions(&mut |e| {
        e.walk(&mut |e| reads |= matches!(e, Expr::Clock(Clock::Age(_) | Clock::AgeAtEnd(_))));
    });
    reads
}
