//! The procedure at the start of a strategy that uses components: all combinations of the branches of its own procedure and of
//! those of its components.

use super::components::{TreatmentComponent, Usage, Users, only_if};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::source::Span;
use arcosim_core::model::{Binary, Branch, Expr, Share, State};

/// Names of the branches that one branch of a procedure combines: each with its component, or `None` for a branch of the
/// strategy itself.
pub type Combined = Vec<(Option<usize>, String)>;

/// One possible course of a procedure.
#[derive(Clone)]
struct Course {
    names: Combined,
    to: Option<usize>,
    share: Share,
}

/// The branches of all procedures of a strategy, combined, with the names that each of them combines. A single procedure of all
/// patients stays as it is. Procedures are independent of each other.
pub fn combined(
    own: &[Branch],
    usages: &[Usage],
    components: &[TreatmentComponent],
    (states, place): (&[State], Span),
    out: &mut Diagnostics,
) -> (Vec<Branch>, Vec<Combined>) {
    let mut procedures: Vec<Vec<Course>> = Vec::new();
    if !own.is_empty() {
        procedures.push(own.iter().map(|branch| course(branch, None)).collect());
    }
    for usage in usages {
        let branches = &components[usage.component].at_start;
        if !branches.is_empty() {
            procedures.push(of_users(branches, usage));
        }
    }
    let mut procedures = procedures.into_iter();
    let Some(first) = procedures.next() else { return (Vec::new(), Vec::new()) };
    let all = procedures.fold(first, |all, next| pairs(&all, &next, components, (states, place), out));
    let joined = |names: &Combined| match names.is_empty() {
        true => "none".to_string(),
        false => names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" + "),
    };
    let branches =
        all.iter().map(|one| Branch { name: joined(&one.names), to: one.to, share: one.share.clone() });
    (branches.collect(), all.iter().map(|one| one.names.clone()).collect())
}

fn course(branch: &Branch, component: Option<usize>) -> Course {
    Course { names: vec![(component, branch.name.clone())], to: branch.to, share: branch.share.clone() }
}

/// The courses of a component's procedure: its branches for users, and nothing for all others.
fn of_users(branches: &[Branch], usage: &Usage) -> Vec<Course> {
    let courses = branches.iter().map(|branch| course(branch, Some(usage.component)));
    let mut all: Vec<Course> = courses.collect();
    if let Users::Drawn(_) = usage.users {
        let user = || usage.users.condition();
        for one in &mut all {
            if let Share::Stated(share) = &mut one.share {
                *share = only_if(user(), share.clone(), 0.0);
            }
        }
        let other = user().map(|user| only_if(Some(user), Expr::Number(0.0), 1.0));
        all.extend(other.map(|share| Course { names: Vec::new(), to: None, share: Share::Stated(share) }));
    }
    all
}

/// All pairs of courses of two independent procedures.
fn pairs(
    one: &[Course],
    other: &[Course],
    components: &[TreatmentComponent],
    (states, place): (&[State], Span),
    out: &mut Diagnostics,
) -> Vec<Course> {
    let mut all = Vec::with_capacity(one.len() * other.len());
    for a in one {
        for b in other {
            let share = match (&a.share, &b.share) {
                (Share::Rest, Share::Rest) => Share::Rest,
                _ => Share::Stated(stated(a, one).times(stated(b, other))),
            };
            let to = match (a.to, b.to) {
                (Some(to), None) | (None, Some(to)) => Some(to),
                (Some(to), Some(also)) if to == also || states[to].absorbing && !states[also].absorbing => {
                    Some(to)
                }
                (Some(to), Some(also)) if states[also].absorbing && !states[to].absorbing => Some(also),
                (Some(to), Some(also)) => {
                    out.push(two_moves([a, b], [to, also], components, states, place));
                    Some(to)
                }
                (None, None) => None,
            };
            let names = a.names.iter().chain(&b.names).cloned().collect();
            all.push(Course { names, to, share });
        }
    }
    all
}

/// The share of a course as a formula, also if it is the rest of its procedure.
fn stated(course: &Course, procedure: &[Course]) -> Expr {
    let others = procedure.iter().filter_map(|one| match &one.share {
        Share::Stated(share) => Some(share.clone()),
        Share::Rest => None,
    });
    match &course.share {
        Share::Stated(share) => share.clone(),
        Share::Rest => others
            .fold(Expr::Number(1.0), |left, share| Expr::Binary(Binary::Subtract, Box::new([left, share]))),
    }
}

fn two_moves(
    courses: [&Course; 2],
    to: [usize; 2],
    components: &[TreatmentComponent],
    states: &[State],
    place: Span,
) -> Diagnostic {
    let [a, b] = courses.map(|course| match course.names.last() {
        Some((Some(component), name)) => {
            format!("branch `{name}` of component `{}`", components[*component].name)
        }
        Some((None, name)) => format!("branch `{name}` of this strategy"),
        None => String::new(),
    });
    let [first, second] = to.map(|state| &states[state].name);
    Diagnostic::error("E0460", "two procedures at the start move the same patient to different states")
        .at(place, format!("{a} leads to state `{first}`, and {b} to state `{second}`"))
        .why("a patient who has both could be in only one of the two states")
        .help("if only one of the two decides the state, write to = \"same state\" in the branches of the other; otherwise remove both, and write one procedure under `at_start` of the strategy, with a branch for each combined result")
}
