//! Error messages for draws that cannot be run, with the parameter values that cause the error.

use super::Ended;
use crate::Refusal;
use arcosim_core::model::rows::{RowProblem, RowProblemKind};
use arcosim_core::model::{Expr, Share};
use arcosim_scenario::Scenario;

/// Converts the failure of a draw into an error with a message for the user.
pub fn refusal(ended: Ended, scenario: &Scenario) -> Refusal {
    let model = &scenario.model;
    match ended {
        Ended::Stopped => Refusal::Stopped,
        Ended::Row { draw, problem, values } => {
            Refusal::Question(impossible_row(scenario, draw, &problem, &values))
        }
        Ended::Shares { draw, problem, values } => Refusal::Question(format!(
            "draw {draw} cannot be run: {problem}.\n  Drawn parameters:\n{}\n\
            The program does not rescale shares silently. Give shares of one whole a dirichlet, limit a distribution with `truncate`, or \
            let such draws be drawn again with above_one = \"redraw\" under [uncertainty].\n\
            To look at this draw alone: arcosim psa ... --draw {draw}",
            drawn(scenario, &values, &uncertain_in_shares(scenario))
        )),
        Ended::NotFinite { draw, strategy, outcome, values } => Refusal::Question(format!(
            "draw {draw} gives a result that is not finite for outcome `{}` under strategy `{}`: a formula divides by zero or overflows at \
            these values.\n{}\nTruncate the distribution with `truncate`, or write the formula so that it is valid for all values.",
            model.outcomes[outcome].name,
            model.strategies[strategy].name,
            drawn(scenario, &values, &scenario.uncertainty.varying())
        )),
    }
}

fn impossible_row(scenario: &Scenario, draw: u64, problem: &RowProblem, values: &[f64]) -> String {
    let model = &scenario.model;
    let shares: Vec<String> =
        problem.shares.iter().map(|(t, p)| format!("{} {p:.6}", model.transitions[*t].name)).collect();
    let patient = match problem.patient.is_empty() {
        true => String::new(),
        false => format!(", patients with {}", problem.patient.join(", ")),
    };
    format!(
        "draw {draw} cannot be run: {} in state `{}` under strategy `{}`, cycle {}{patient}.\n  \
        The row: {}\n  Drawn parameters used in it:\n{}\n\
        The program does not rescale probabilities silently. Give shares of one whole a dirichlet, use rates instead of probabilities, or \
        let such draws be drawn again with above_one = \"redraw\" under [uncertainty].\n\
        To look at this draw alone: arcosim psa ... --draw {draw}",
        match problem.kind {
            RowProblemKind::AboveOne => "the probabilities add to more than 1",
            RowProblemKind::Negative => "a probability is negative",
            RowProblemKind::NotFinite => "a probability is not a finite number",
        },
        model.states[problem.state].name,
        model.strategies[problem.strategy].name,
        problem.cycle,
        shares.join(", "),
        drawn(scenario, values, &uncertain_in(scenario, problem))
    )
}

/// Uncertain parameters used by shares of patients: of categories, at the start, and of branches.
fn uncertain_in_shares(scenario: &Scenario) -> Vec<usize> {
    let model = &scenario.model;
    let attributes = model.attributes.iter().flat_map(|attribute| attribute.shares());
    let start = model.start.iter().map(|(_, share)| share);
    let procedures = model.strategies.iter().flat_map(|strategy| &strategy.at_start);
    let transitions = model.transitions.iter().flat_map(|transition| &transition.branches);
    let branches = procedures.chain(transitions).map(|branch| &branch.share);
    let mut read = Vec::new();
    let costs = model.shared_costs.iter().flat_map(|(_, shares)| shares);
    for share in attributes.chain(start).chain(branches).chain(costs) {
        if let Share::Stated(share) = share {
            add_uncertain(scenario, share, &mut read);
        }
    }
    let rates = model.rewards.iter().filter(|reward| model.events.contains(&reward.outcome(model)));
    rates.for_each(|reward| add_uncertain(scenario, &reward.amount, &mut read));
    read
}

/// Uncertain parameters used by the transitions of a row (all exits of a state), in order of first use.
fn uncertain_in(scenario: &Scenario, problem: &RowProblem) -> Vec<usize> {
    let mut read = Vec::new();
    for (t, _) in &problem.shares {
        let transition = &scenario.model.transitions[*t];
        transition.expressions(&mut |e: &Expr| add_uncertain(scenario, e, &mut read));
    }
    read
}

/// Adds the uncertain parameters that an expression uses.
fn add_uncertain(scenario: &Scenario, expression: &Expr, read: &mut Vec<usize>) {
    expression.walk(&mut |e| {
        if let Expr::Parameter(p) = e
            && scenario.uncertainty.varies(*p)
            && !read.contains(p)
        {
            read.push(*p);
        }
    });
}

/// Text with the drawn value and the base value of each of these parameters, one parameter per line.
fn drawn(scenario: &Scenario, values: &[f64], read: &[usize]) -> String {
    let lines = read.iter().map(|&p| {
        let row = &scenario.parameters[p];
        let [drawn, base] = [values[p], row.base].map(|x| row.in_table(x));
        format!("    {} = {drawn} {} (base {base})", row.name, row.unit)
    });
    lines.collect::<Vec<_>>().join("\n")
}
