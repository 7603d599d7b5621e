use super::clocks::{self, Moved};
use super::course_in_continuous_time::Course;
use crate::prelude::*;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{History, Move, Settings};
use arcosim_core::engine::random::Stream;
use arcosim_core::model::hazard::spend;
use arcosim_core::model::{Hazard, Situation, Tables, branch_shares, situation};

pub static F28: Check = Check {
    id: "F28",
    title: "Simulated patients follow the formulas of the scenario",
    why: "The engines read hazards from tables that are calculated in advance. Here, the courses of some patients are \
          recalculated without these tables: eligibility, procedures at the start, the hazards of every cycle and the \
          shares of branches are evaluated from the formulas, with the same random numbers. Every event must occur \
          again in the same cycle, or in continuous time at the same time. Otherwise, simulated results do not follow the formulas that the scenario states.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files and the \
           transition in the finding.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Tolerated rounding error. Decisions that depend on a smaller difference are not compared.
const ROUNDING: f64 = 1e-9;

fn run(evidence: &Evidence) -> Verdict {
    let tables = Tables::new(evidence.model, &evidence.base);
    let settings = Settings::new(patients(evidence), evidence.seed);
    let histories = microsim::histories(&tables, &settings, settings.patients);
    compare(evidence, &settings, &histories)
}

/// Number of patients whose courses are recalculated.
fn patients(evidence: &Evidence) -> u64 {
    if evidence.quick { 30 } else { 100 }
}

/// Compares the simulated courses of patients with the courses that follow from the formulas.
fn compare(evidence: &Evidence, settings: &Settings, histories: &[History]) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same moves in the same cycles", 0.0);
    let (mut moves, mut open) = (0, 0);
    for (arm, strategy) in model.strategies.iter().enumerate() {
        for history in histories.iter().filter(|h| h.strategy == arm) {
            let life = Life::new(evidence, settings, history);
            match life.told() {
                Told::Alike(n) => moves += n,
                Told::Open => open += 1,
                Told::Otherwise { what, formulas, log } => {
                    comparisons.fail(
                        &what,
                        format!(
                            "patient {} under `{}`: according to the formulas, {formulas}; in the simulation, {log}",
                            history.patient + 1,
                            strategy.name
                        ),
                    );
                }
            }
            comparisons.holds(&strategy.name, true, String::new);
        }
    }
    let undecided = match open {
        0 => String::new(),
        n => format!("; {n} courses could not be compared, because rounding decides them"),
    };
    comparisons.note(format!("{} patients, {moves} moves{undecided}", patients(evidence)));
    comparisons.verdict("the model has no strategies")
}

/// Result of recalculating the course of one patient.
enum Told {
    /// All events agree; contains their number.
    Alike(usize),
    /// Not comparable, because rounding decides which event occurs or in which cycle.
    Open,
    /// The courses differ; contains the subject, and both courses in words.
    Otherwise { what: String, formulas: String, log: String },
}

/// Recalculation of the course of one patient.
struct Life<'a> {
    evidence: &'a Evidence<'a>,
    history: &'a History,
    /// Random numbers of each transition. The next three fields also have one entry per transition: the remaining
    /// threshold on the cumulative hazard, the uniform that selects the branch, and the number of times the transition
    /// has fired.
    streams: Vec<Stream>,
    left: Vec<f64>,
    branch: Vec<f64>,
    fired: Vec<u64>,
    procedure: f64,
    /// Cycle in which each group of states was last entered.
    entered: Vec<usize>,
}

/// Event of one cycle, if any.
enum Cycle {
    Nothing,
    Fires(usize),
    Open,
}

impl<'a> Life<'a> {
    fn new(evidence: &'a Evidence, settings: &Settings, history: &'a History) -> Life<'a> {
        let model = evidence.model;
        let stream = |name: &str| Stream::new(settings.seed, settings.draw, name);
        let transitions = model.transitions.len();
        let mut life = Life {
            evidence,
            history,
            streams: model.transitions.iter().map(|t| stream(&format!("transition {}", t.name))).collect(),
            left: vec![0.0; transitions],
            branch: vec![0.0; transitions],
            fired: vec![0; transitions],
            procedure: stream("procedure at the start").uniforms(history.patient, 0)[0],
            entered: vec![0; model.groups.len()],
        };
        (0..transitions).for_each(|t| life.draw(t));
        life
    }

    fn draw(&mut self, t: usize) {
        (self.left[t], self.branch[t]) = self.streams[t].threshold(self.history.patient, self.fired[t]);
    }

    /// Strategy that the patient follows, from the eligibility conditions as written.
    fn strategy(&self, state: usize) -> usize {
        let model = self.evidence.model;
        let mut arm = self.history.strategy;
        // The loop is limited, because alternative strategies cannot form a circle.
        for _ in 0..model.strategies.len() {
            let parameters = model.strategies[arm].parameters(model, &self.evidence.base);
            let s = situation(model, &parameters, &self.history.attributes, state);
            match model.strategies[arm].otherwise {
                Some(other) if model.strategies[arm].eligible.value(&s) == 0.0 => arm = other,
                _ => break,
            }
        }
        arm
    }

    fn told(mut self) -> Told {
        let model = self.evidence.model;
        let Some(&Move::Start { from, to, arm, branch }) = self.history.moves.first() else {
            return self.otherwise("start", "the course begins".into(), "the course never begins".into());
        };
        let own = self.strategy(from);
        if own != arm {
            let name = |arm: usize| format!("strategy `{}` is followed", model.strategies[arm].name);
            return self.otherwise(&model.strategies[self.history.strategy].name, name(own), name(arm));
        }
        let parameters = model.strategies[arm].parameters(model, &self.evidence.base);
        let at_start = &model.strategies[arm].at_start;
        if !at_start.is_empty() {
            let s = situation(model, &parameters, &self.history.attributes, from);
            let Some(chosen) = chosen(&branch_shares(at_start, &s), self.procedure) else {
                return Told::Open;
            };
            if branch != Some(chosen) || at_start[chosen].to.unwrap_or(from) != to {
                let name = |b: usize| format!("the course begins with `{}`", at_start[b].name);
                return self.otherwise(&model.strategies[arm].name, name(chosen), name(branch.unwrap_or(0)));
            }
        }
        if model.time.continuous() {
            return self.told_continuously(arm, &parameters, to);
        }
        let mut state = to;
        let mut events = self.history.moves[1..].iter();
        let mut alike = 1;
        for cycle in 0..model.time.cycles {
            let event = match self.cycle(arm, &parameters, state, cycle) {
                Cycle::Nothing => continue,
                Cycle::Open => return Told::Open,
                Cycle::Fires(t) => t,
            };
            let transition = &model.transitions[event];
            let residence = self.residence(cycle);
            let s = self.situation(&parameters, state, cycle, &residence);
            let Some(b) = chosen(&branch_shares(&transition.branches, &s), self.branch[event]) else {
                return Told::Open;
            };
            let next = transition.branches[b].to.unwrap_or(state);
            let log = events.next();
            let same = matches!(log, Some(&Move::Fired { edge, cycle: at, .. }) if at == cycle + 1 && {
                let way = &self.evidence.paths.edges[edge];
                (way.transition, way.branch, way.from, way.to) == (event, b, state, next)
            });
            if !same {
                let words = |t: usize, b: usize, cycle: usize| {
                    let one = &model.transitions[t];
                    format!("`{}` occurs in cycle {cycle} and leads to `{}`", one.name, one.branches[b].name)
                };
                let log = match log {
                    Some(&Move::Fired { edge, cycle, .. }) => {
                        let way = &self.evidence.paths.edges[edge];
                        words(way.transition, way.branch, cycle)
                    }
                    _ => "no further event occurs".into(),
                };
                return self.otherwise(&transition.name, words(event, b, cycle + 1), log);
            }
            alike += 1;
            self.fired[event] += 1;
            self.draw(event);
            let enters = transition.branches[b].to.is_some();
            let moved = Moved { transition: event, from: state, to: next, enters };
            clocks::after(model, &moved, cycle + 1, &mut self.entered);
            state = next;
        }
        match events.next() {
            None => Told::Alike(alike),
            Some(&Move::Fired { edge, cycle, .. }) => {
                let name = &model.transitions[self.evidence.paths.edges[edge].transition].name;
                self.otherwise(
                    name,
                    "no further event occurs".into(),
                    format!("`{name}` occurs in cycle {cycle}"),
                )
            }
            Some(Move::Start { .. }) => {
                self.otherwise("start", "the course begins once".into(), "the course begins twice".into())
            }
        }
    }

    /// Continuous time: every event must occur again at the same time.
    fn told_continuously(self, arm: usize, parameters: &[f64], start: usize) -> Told {
        let model = self.evidence.model;
        let course = Course {
            evidence: self.evidence,
            attributes: &self.history.attributes,
            arm,
            parameters,
            streams: &self.streams,
            patient: self.history.patient,
        };
        let words = |t: usize, time: f64| {
            let years = time / model.time.cycles_per_year;
            format!("`{}` occurs after {years:.6} years", model.transitions[t].name)
        };
        let none = || "no further event occurs".to_string();
        let due = course.events(start);
        let log = self.history.moves[1..].iter().filter_map(|m| match m {
            Move::Fired { edge, time, .. } => Some((&self.evidence.paths.edges[*edge], *time)),
            Move::Start { .. } => None,
        });
        let log: Vec<_> = log.collect();
        for i in 0..due.len().max(log.len()) {
            let (due, log) = (due.get(i), log.get(i));
            let same = due.zip(log).is_some_and(|(due, (way, time))| {
                // A life table may be read by whole cycles, so that a death within a cycle is moved a little.
                let table = matches!(model.transitions[due.transition].hazard, Hazard::LifeTable { .. });
                let allowed = if table { 1e-2 } else { 1e-6 };
                (due.transition, due.branch) == (way.transition, way.branch)
                    && (due.time - time).abs() <= allowed
            });
            if !same {
                let what = due.map(|own| own.transition).or(log.map(|(way, _)| way.transition)).unwrap_or(0);
                let formulas = due.map_or_else(none, |own| words(own.transition, own.time));
                let log = log.map_or_else(none, |(way, time)| words(way.transition, *time));
                return self.otherwise(&model.transitions[what].name, formulas, log);
            }
        }
        Told::Alike(due.len() + 1)
    }

    fn otherwise(&self, what: &str, formulas: String, log: String) -> Told {
        Told::Otherwise { what: what.to_string(), formulas, log }
    }

    fn residence(&self, cycle: usize) -> Vec<usize> {
        clocks::shown(self.evidence.model, &self.entered, cycle)
    }

    fn situation<'s>(
        &'s self,
        parameters: &'s [f64],
        state: usize,
        cycle: usize,
        residence: &'s [usize],
    ) -> Situation<'s> {
        Situation {
            cycle,
            residence,
            ..situation(self.evidence.model, parameters, &self.history.attributes, state)
        }
    }

    /// Recalculates one cycle: transitions marked `first` are resolved first, and all others only if none of them
    /// fires.
    fn cycle(&mut self, arm: usize, parameters: &[f64], state: usize, cycle: usize) -> Cycle {
        for first in [true, false] {
            match self.race(arm, parameters, (state, cycle), first) {
                Cycle::Nothing => {}
                decided => return decided,
            }
        }
        Cycle::Nothing
    }

    /// Resolves competing transitions out of a state: the transition whose threshold is reached first within the cycle
    /// fires.
    fn race(&mut self, arm: usize, parameters: &[f64], (state, cycle): (usize, usize), first: bool) -> Cycle {
        let model = self.evidence.model;
        let ways: Vec<usize> = (0..model.transitions.len())
            .filter(|&t| model.transitions[t].first == first && model.transitions[t].from.contains(&state))
            .collect();
        let residence = self.residence(cycle);
        let s = self.situation(parameters, state, cycle, &residence);
        let mut spent: Vec<f64> = ways.iter().map(|&t| spend(model, arm, t, &s)).collect();
        let mut certain = false;
        if ways.iter().any(|&t| model.transitions[t].stated) {
            // Converts stated probabilities to hazards that reproduce the probabilities when all exits compete.
            let sum: f64 = spent.iter().sum();
            certain = sum >= 1.0 - 1e-12;
            if !certain {
                let all = -arcosim_core::math::ln_1p(-sum);
                spent.iter_mut().for_each(|q| *q = if *q > 0.0 { all * *q / sum } else { 0.0 });
            }
        }
        // For each exit with a hazard: the share of the cycle after which its cumulative hazard reaches the patient's
        // threshold, and the index of the exit.
        let mut reached: Vec<(f64, usize)> = ways
            .iter()
            .zip(&spent)
            .filter(|(_, w)| **w > 0.0)
            .map(|(&t, &w)| (self.left[t] / w, t))
            .collect();
        reached.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at_the_end = |share: &f64| !certain && (share - 1.0).abs() < ROUNDING;
        let winner = match reached[..] {
            [(share, _), ..] if at_the_end(&share) => return Cycle::Open,
            [(a, _), (b, _), ..] if (a < 1.0 || certain) && (b - a).abs() < ROUNDING * (1.0 + b) => {
                return Cycle::Open;
            }
            [(share, t), ..] if share < 1.0 || certain => Some((share, t)),
            _ => None,
        };
        let passed = winner.map_or(1.0, |(share, _)| share);
        for (&t, w) in ways.iter().zip(&spent) {
            if winner.is_none_or(|(_, fires)| fires != t) {
                self.left[t] = (self.left[t] - passed * w).max(0.0);
            }
        }
        winner.map_or(Cycle::Nothing, |(_, t)| Cycle::Fires(t))
    }
}

/// Branch that a uniform random number selects; `None` if rounding decides.
fn chosen(shares: &[f64], u: f64) -> Option<usize> {
    let mut sum = 0.0;
    for (i, share) in shares.iter().enumerate().take(shares.len() - 1) {
        sum += share;
        if (sum - u).abs() < ROUNDING && *share > 0.0 {
            return None;
        }
        if u < sum {
            return Some(i);
        }
    }
    Some(shares.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{MENDED, mended, with_evidence};
    use arcosim_core::model::Form;

    /// Raises the table of one transition after another by a fifth, so that it no longer agrees with its formula.
    #[test]
    fn a_table_that_is_not_what_the_formulas_say_is_found() {
        with_evidence(&mended(MENDED), &[], |evidence| {
            let mut settings = Settings::new(400, evidence.seed);
            settings.draw = 0;
            let lives = |tables: &Tables| microsim::histories(tables, &settings, settings.patients);
            let tables = Tables::new(evidence.model, &evidence.base);
            let verdict = compare(evidence, &settings, &lives(&tables));
            assert_eq!(verdict.severity(), None, "{:?}", verdict.findings);
            let mut planted = 0;
            for i in 0..tables.pool.len() {
                let mut wrong = Tables::new(evidence.model, &evidence.base);
                match &mut wrong.pool[i].form {
                    Form::Cycles(_, classes) => {
                        classes.iter_mut().flatten().for_each(|w| *w *= 1.2);
                    }
                    Form::Age(_, columns) => {
                        for column in columns {
                            column.rates.iter_mut().chain(&mut column.cumulative).for_each(|w| *w *= 1.2);
                        }
                    }
                    Form::Walk => continue,
                }
                let name = &evidence.model.transitions[wrong.pool[i].transition].name;
                let changed = lives(&wrong);
                if changed == lives(&tables) {
                    continue;
                }
                planted += 1;
                let verdict = compare(evidence, &settings, &changed);
                assert!(
                    verdict.findings.iter().any(|f| f.subject == *name),
                    "{name}: {:?}",
                    verdict.findings
                );
            }
            assert!(planted >= 3, "{planted}");
        });
    }
}
