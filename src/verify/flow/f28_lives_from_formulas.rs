use crate::prelude::*;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{History, Move, Settings};
use arcosim_core::engine::random::Stream;
use arcosim_core::model::hazard::spend;
use arcosim_core::model::{Situation, Tables, branch_shares, situation};

pub static F28: Check = Check {
    id: "F28",
    title: "Simulated lives agree with the formulas of the scenario",
    why: "Both engines read what each transition spends in a cycle from tables that are made beforehand. Here the lives of some patients are \
          lived again without them: who is eligible, what happens at the start, every hazard in every cycle and the shares of branches \
          are worked out from the formulas for the patient as they are then, with the same random numbers. Every move must come out again, \
          in the same cycle.",
    hint: "Report it with the transition that is named: its table is not what its formula says for this patient.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Sums in another order differ by this much, and what is decided by less is not compared.
const ROUNDING: f64 = 1e-9;

fn run(evidence: &Evidence) -> Verdict {
    let tables = Tables::new(evidence.model, &evidence.base);
    let settings = Settings::new(patients(evidence), evidence.seed);
    let histories = microsim::histories(&tables, &settings, settings.patients);
    compare(evidence, &settings, &histories)
}

/// Patients whose lives are lived again.
fn patients(evidence: &Evidence) -> u64 {
    if evidence.quick { 30 } else { 100 }
}

/// Compares lives as they were simulated with those that the formulas give.
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
                            "patient {} under `{}`: by the formulas {formulas}; simulated: {log}",
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
        n => format!(", of which {n} could not be distinguished from their neighbours"),
    };
    comparisons.note(format!("{} patients, {moves} moves{undecided}", patients(evidence)));
    comparisons.verdict("there is no strategy")
}

/// What came of a life lived again.
enum Told {
    /// So many moves, all the same.
    Alike(usize),
    /// A threshold was reached so exactly at a boundary that rounding decides.
    Open,
    /// Another life.
    Otherwise { what: String, formulas: String, log: String },
}

/// A life as it is lived again.
struct Life<'a> {
    evidence: &'a Evidence<'a>,
    history: &'a History,
    /// Per transition: its random numbers, the cumulative hazard that is left to be spent, the uniform of its branch, and how often it
    /// has fired.
    streams: Vec<Stream>,
    left: Vec<f64>,
    branch: Vec<f64>,
    fired: Vec<u64>,
    procedure: f64,
    /// Per group: the cycle in which it was entered.
    entered: Vec<usize>,
}

/// What happens in a cycle.
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

    /// The strategy that the patient follows, by the conditions as they are written.
    fn strategy(&self, state: usize) -> usize {
        let model = self.evidence.model;
        let mut arm = self.history.strategy;
        // Strategies are no circle: nobody goes through more than there are.
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
            return self.otherwise("start", "it begins".into(), "it never begins".into());
        };
        let own = self.strategy(from);
        if own != arm {
            let name = |arm: usize| format!("`{}` is followed", model.strategies[arm].name);
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
                let name = |b: usize| format!("it begins with `{}`", at_start[b].name);
                return self.otherwise(&model.strategies[arm].name, name(chosen), name(branch.unwrap_or(0)));
            }
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
            let same = matches!(log, Some(&Move::Fired { edge, cycle: at }) if at == cycle + 1 && {
                let way = &self.evidence.paths.edges[edge];
                (way.transition, way.branch, way.from, way.to) == (event, b, state, next)
            });
            if !same {
                let words = |t: usize, b: usize, cycle: usize| {
                    let one = &model.transitions[t];
                    format!("`{}` fires in cycle {cycle}, to `{}`", one.name, one.branches[b].name)
                };
                let log = match log {
                    Some(&Move::Fired { edge, cycle }) => {
                        let way = &self.evidence.paths.edges[edge];
                        words(way.transition, way.branch, cycle)
                    }
                    _ => "nothing more happens".into(),
                };
                return self.otherwise(&transition.name, words(event, b, cycle + 1), log);
            }
            alike += 1;
            self.fired[event] += 1;
            self.draw(event);
            for (group, entered) in model.groups.iter().zip(&mut self.entered) {
                if group.states.contains(&next) && !group.states.contains(&state) {
                    *entered = cycle + 1;
                }
            }
            state = next;
        }
        match events.next() {
            None => Told::Alike(alike),
            Some(&Move::Fired { edge, cycle }) => {
                let name = &model.transitions[self.evidence.paths.edges[edge].transition].name;
                self.otherwise(
                    name,
                    "nothing more happens".into(),
                    format!("`{name}` fires in cycle {cycle}"),
                )
            }
            Some(Move::Start { .. }) => {
                self.otherwise("start", "it begins once".into(), "it begins twice".into())
            }
        }
    }

    fn otherwise(&self, what: &str, formulas: String, log: String) -> Told {
        Told::Otherwise { what: what.to_string(), formulas, log }
    }

    fn residence(&self, cycle: usize) -> Vec<usize> {
        self.entered.iter().map(|entered| cycle.saturating_sub(*entered)).collect()
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

    /// One cycle: first the transitions that are resolved first, then, if none fires, the others.
    fn cycle(&mut self, arm: usize, parameters: &[f64], state: usize, cycle: usize) -> Cycle {
        for first in [true, false] {
            match self.race(arm, parameters, (state, cycle), first) {
                Cycle::Nothing => {}
                decided => return decided,
            }
        }
        Cycle::Nothing
    }

    /// The transitions out of a state that compete with each other: the one whose threshold is reached first within the cycle fires.
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
            // Hazards under which each of these probabilities comes out beside the others.
            let sum: f64 = spent.iter().sum();
            certain = sum >= 1.0 - 1e-12;
            if !certain {
                let all = -arcosim_core::math::ln_1p(-sum);
                spent.iter_mut().for_each(|q| *q = if *q > 0.0 { all * *q / sum } else { 0.0 });
            }
        }
        // Shares of the cycle that pass before each threshold is reached.
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

/// The branch that a uniform chooses; none if rounding decides.
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

    /// Tables of one transition after another hold a fifth more, or of another age, than the formulas say.
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
