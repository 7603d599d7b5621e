//! Console output of `arcosim psa` and `arcosim voi`.

use super::threshold_words;
use crate::analysis::psa::{OneDraw, PsaAnswer, PsaQuestion};
use crate::analysis::voi::VoiAnswer;
use crate::economics::{Evppi, Summary, summary};
use crate::output::scenario::parameter_in_words_with_name;
use crate::output::strategies::stub;
use crate::output::{amount, error, places};
use crate::scenario::Scenario;
use arcosim_core::words::grouped;

/// Text for the console: means with intervals, probabilities of being most cost-effective, and the ranking.
pub fn console(run: &PsaAnswer) -> String {
    let model = &run.scenario.model;
    let answers = &run.answers;
    let reference = model.reference();
    let mut text = format!("\n{}\n", model.title);
    let (labels, width) = stub(model);
    let threshold = answers.thresholds[0];
    let intervals = match run.has_intervals() {
        true => "Means of {} draws and 95% intervals",
        false if run.question.draws == 1 => "One draw (95% intervals need at least 100)",
        false => "Means of {} draws (95% intervals need at least 100)",
    };
    text.push_str(&format!(
        "\n{}, versus \"{}\"\n",
        intervals.replace("{}", &grouped(run.question.draws)),
        model.strategies[reference].label
    ));
    let most = answers.costs.iter().flatten().fold(0.0f64, |m, x| m.max(x.abs()));
    let (money, gain) = (places(run.money(), most), places(run.gain(), 0.0));
    text.push_str(&format!(
        "  {:width$}{:>34}{:>32}{:>34}\n",
        "",
        format!("incremental cost ({})", run.money()),
        format!("incremental {}", run.gain()),
        format!("net benefit at {}", amount(threshold, 0))
    ));
    for s in (0..model.strategies.len()).filter(|&s| s != reference) {
        let cell = |values: Option<Summary>, digits: usize| {
            values.map_or("-".to_string(), |v| match run.has_intervals() {
                false => amount(v.mean, digits),
                true => format!(
                    "{} ({} to {})",
                    amount(v.mean, digits),
                    amount(v.lower, digits),
                    amount(v.upper, digits)
                ),
            })
        };
        let benefits: Vec<f64> = answers
            .net_benefit(s, threshold)
            .iter()
            .zip(answers.net_benefit(reference, threshold))
            .map(|(a, b)| a - b)
            .collect();
        text.push_str(&format!(
            "  {:width$}{:>34}{:>32}{:>34}\n",
            labels[s],
            cell(answers.increment(&answers.costs, s, reference), money),
            cell(answers.increment(&answers.effects, s, reference), gain),
            cell(summary(&benefits), money)
        ));
    }
    text.push_str(&format!("\nProbability most cost-effective\n  {:width$}", ""));
    for &t in &answers.thresholds {
        text.push_str(&format!("{:>12}", amount(t, 0)));
    }
    text.push('\n');
    for (i, &s) in answers.on_offer.iter().enumerate() {
        text.push_str(&format!("  {:width$}", labels[s]));
        for &t in &answers.thresholds {
            let k = answers.at(t);
            let best = answers.acceptability.frontier[k].strategy == i;
            let p = format!("{:.3}{}", answers.acceptability.probability[i][k], if best { "*" } else { " " });
            text.push_str(&format!("{p:>12}"));
        }
        text.push('\n');
    }
    text.push_str(&format!("  {:width$}", "EVPI"));
    for &t in &answers.thresholds {
        let evpi = answers.loss.evpi[answers.at(t)].value;
        text.push_str(&format!("{:>12}", format!("{} ", amount(evpi, money))));
    }
    text.push_str("\n  * highest mean net benefit\n");
    let followed = super::followed::lines(run);
    if !followed.is_empty() {
        text.push_str(&format!("\n{}\n", followed.join("\n")));
    }
    if let Some(last) = answers.convergence.last()
        && let Some(p) = last.probability_best_at_least
    {
        text.push_str(&format!(
            "\nAt {} \"{}\" has the highest expected net benefit; {}.\n",
            threshold_words(run, threshold),
            model.strategies[answers.compared[last.best]].label,
            ranking(run.question.draws, p, run.has_intervals())
        ));
    }
    if let Some(off) = run.integration_error.filter(|off| *off > 0.0) {
        text.push_str(&format!(
            "Numerical error of incremental net benefit (base case): at most {} {}.\n",
            error(off, money),
            run.money()
        ));
    }
    text.push('\n');
    text
}

/// A sentence on whether the number of draws is enough for the ranking. `p` is a lower bound of the probability that the
/// strategy with the highest mean in these draws is truly the best.
fn ranking(draws: u64, p: f64, enough: bool) -> String {
    let count = grouped(draws);
    let error = 1.0 - p;
    match () {
        () if !enough => format!("{count} draws are too few to be sure of this ranking"),
        () if error < 0.001 => {
            format!("{count} draws are enough to be sure of this ranking (probability of error below 0.001)")
        }
        () if error < 0.05 => {
            format!("{count} draws support this ranking (probability of error at most {error:.3})")
        }
        () => format!(
            "more draws are needed to be sure of this ranking (probability of error up to {error:.2})"
        ),
    }
}

/// Largest number of parameters in the EVPPI ranking.
const RANKED: usize = 12;

/// Text for the console: EVPI, and the parameters with the highest EVPPI.
pub fn value_console(information: &VoiAnswer) -> String {
    let run = &information.psa;
    let answers = &run.answers;
    let evpi = answers.loss.evpi[answers.at(information.threshold)];
    let digits = places(run.money(), evpi.value.max(1.0));
    let mut text = format!(
        "\n{}\n\nValue of information at {}, {} per person\n  expected value of perfect information (EVPI): {} \u{b1} {}",
        run.scenario.model.title,
        threshold_words(run, information.threshold),
        run.money(),
        amount(evpi.value, digits),
        evpi.se.map_or("-".into(), |se| error(se, digits))
    );
    if let Some(persons) = information.persons {
        text.push_str(&format!(
            "; for {} people {} {}",
            amount(persons, 0),
            amount(persons * evpi.value, 0),
            run.money()
        ));
    }
    text.push('\n');
    let mut ranked: Vec<&Evppi> = information.values.iter().collect();
    ranked.sort_by(|a, b| b.value.total_cmp(&a.value));
    let named = |value: &Evppi| parameter_in_words_with_name(run.scenario, &value.name);
    let width = ranked.iter().take(RANKED).map(|v| named(v).chars().count()).max().unwrap_or(0).max(10);
    text.push_str(&format!("\n  {:width$}{:>14}{:>12}\n", "EVPPI", run.money(), "se"));
    let positive = ranked.iter().filter(|value| value.value > 0.0);
    for value in positive.clone().take(RANKED) {
        text.push_str(&format!(
            "  {:width$}{:>14}{:>12}{}\n",
            named(value),
            amount(value.value, digits),
            value.se.map_or("-".into(), |se| error(se, digits)),
            if value.above_evpi { "  reported as EVPI" } else { "" }
        ));
    }
    let single = run.scenario.uncertainty.varying().len();
    let none = |n: usize| format!("EVPPI is zero for the remaining {n}");
    text.push_str(&format!(
        "  (EVPPI was estimated for {single} uncertain parameters and {} groups of parameters)\n",
        ranked.len().saturating_sub(single)
    ));
    let more = positive.count().saturating_sub(RANKED);
    let nothing = ranked.iter().filter(|value| value.value <= 0.0).count();
    text.push_str(&match (more, nothing) {
        (0, 0) => String::new(),
        (0, n) => format!("  {}\n", none(n)),
        (m, 0) => format!("  and {m} more in tables/evppi.csv\n"),
        (m, n) => format!("  and {m} more in tables/evppi.csv; {}\n", none(n)),
    });
    text.push('\n');
    text
}

/// Text for the console on a single draw: its parameters and totals.
pub fn one_draw(scenario: &Scenario, question: &PsaQuestion, k: u64, draw: &OneDraw) -> String {
    let model = &scenario.model;
    let mut text = format!(
        "\n{}\n\nDraw {k} of {} ({}, seed {})\n",
        model.title,
        grouped(question.draws),
        question.sampling.words(),
        question.seed
    );
    let varying = scenario.uncertainty.varying();
    let named = |p: usize| scenario.parameters[p].in_words_with_name();
    let width = varying.iter().map(|&p| named(p).chars().count()).max().unwrap_or(0);
    for &p in &varying {
        let row = &scenario.parameters[p];
        let [drawn, base] = [draw.values[p], row.base].map(|x| row.in_table(x));
        text.push_str(&format!("  {:width$}  {drawn} {} (base {base})\n", named(p), row.unit));
    }
    let Ok(totals) = &draw.totals else { return text };
    text.push('\n');
    for (s, own) in totals.iter().enumerate() {
        let cells: Vec<String> = model
            .outcomes
            .iter()
            .zip(own)
            .map(|(outcome, x)| format!("{} {x} {}", outcome.name, outcome.unit))
            .collect();
        text.push_str(&format!("  {}: {}\n", model.strategies[s].name, cells.join(", ")));
    }
    text
}
