//! `arcosim psa` and `arcosim voi`: the same draws, and what they say or what it is worth to know more.

use std::path::Path;
use std::time::Instant;

use super::args::{Psa as Args, Voi};
use super::console::stub;
use super::dsa::decision;
use super::progress::Progress;
use super::work::{afford, folder, interruptible, pool, unwritten};
use super::{Exit, again, check, print};
use crate::analysis::base_case::Engine;
use crate::analysis::evaluation::{Evaluator, Integration};
use crate::analysis::psa::answers::{Answers, groups};
use crate::analysis::psa::draws::MOST_SOBOL;
use crate::analysis::psa::{self, DrawEngine, Draws, Ended, Psa};
use crate::analysis::sensitivity::worth::increment;
use crate::economics::{Evppi, evppi, summary};
use crate::engine::memory;
use crate::engine::microsim::{self, Settings, Watch};
use crate::engine::paths::Paths;
use crate::model::uncertainty::Sampling;
use crate::model::{Decision, Expr, Model, Tables};
use crate::output::psa::{INTERVAL_DRAWS, Information, Uncertain};
use crate::output::{Report, amount, exact_engine, hash, places, write_report};
use crate::scenario::Scenario;
use arcosim_core::words::grouped;

/// Runs the draws of a scenario and writes their folder.
pub fn psa(args: &Args) -> Exit {
    match psa_in_pool(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

/// Runs the draws of a scenario and tells what it is worth to know its parameters.
pub fn voi(args: &Voi) -> Exit {
    match voi_in_pool(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn psa_in_pool(args: &Args) -> Result<Exit, Exit> {
    let path = check::file(&args.scenario);
    let scenario = check::read(&path, &args.set)?;
    let plan = plan(args, &scenario)?;
    if let Some(k) = args.draw {
        return pool(args.threads)?.install(|| one_draw(&scenario, &plan, k));
    }
    let decision = decision(&scenario)?;
    let target = folder(args.out.as_deref(), &format!("{}-psa", scenario.name), &[&scenario])?;
    pool(args.threads)?.install(|| {
        let progress = Progress::counting(args.quiet, plan.count, "draws");
        let ran = run(&scenario, decision, &plan, args.wtp, &progress)?;
        let uncertain = ran.uncertain(&scenario, decision, &plan);
        let report = Report {
            command: "psa",
            title: format!("{}: probabilistic analysis", scenario.model.title),
            scenarios: vec![&scenario],
            record: again::record("psa", &[&scenario], &[], &[], args.resolved(&plan)),
            engine: engine_words(&plan),
            overrides: &args.set,
            settings: settings(&uncertain, &plan),
            remarks: ran.remarks(&uncertain, &plan),
            texts: vec![(
                "psa/decision.R",
                "reads costs, effects and parameters in R, and asks BCEA, voi and dampack",
                script(&uncertain),
            )],
            tables: uncertain.tables(),
            figures: uncertain.figures(),
        };
        let text = console(&uncertain, &plan, &ran);
        finish(report, &target, args.quiet, &progress, text)
    })
}

fn voi_in_pool(voi: &Voi) -> Result<Exit, Exit> {
    let args = &voi.psa;
    let path = check::file(&args.scenario);
    let scenario = check::read(&path, &args.set)?;
    let plan = plan(args, &scenario)?;
    if args.draw.is_some() {
        return Err(Exit::Usage(
            "--draw belongs to `arcosim psa`: one draw tells nothing about the value of information".into(),
        ));
    }
    if plan.count < INTERVAL_DRAWS as u64 {
        return Err(Exit::Usage(format!(
            "{} draws are too few for the value of information: EVPI and EVPPI depend on the rare draws in which another strategy \
             would be the better choice, and few draws have none of them, which reads as \"nothing is worth knowing\".\n\
             Use --draws {INTERVAL_DRAWS} at the very least; 1,000 or more for results to report",
            grouped(plan.count)
        )));
    }
    let decision = decision(&scenario)?;
    let target = folder(args.out.as_deref(), &format!("{}-voi", scenario.name), &[&scenario])?;
    pool(args.threads)?.install(|| {
        let progress = Progress::counting(args.quiet, plan.count, "draws");
        let ran = run(&scenario, decision, &plan, args.wtp, &progress)?;
        let uncertain = ran.uncertain(&scenario, decision, &plan);
        let began = Instant::now();
        let threshold = ran.answers.thresholds[0];
        let varying = scenario.uncertainty.varying();
        let inputs: Vec<Vec<f64>> = varying.iter().map(|&p| ran.psa.parameter(p)).collect();
        let groups = groups(&scenario, &varying);
        let values = evppi(&inputs, &ran.answers.benefits(threshold), &groups)
            .map_err(|why| Exit::Usage(format!("the value of information cannot be told: {why}")))?;
        progress.say(
            "Finished",
            &format!("EVPPI of {} parameters and groups in {:.2} s", groups.len(), began.elapsed().as_secs_f64()),
        );
        let information = Information {
            uncertain: &uncertain,
            threshold,
            values: &values,
            persons: uncertain.persons(),
        };
        let mut remarks = ran.remarks(&uncertain, &plan);
        remarks.push(
            "EVPPI is estimated by regression of net benefit on the draws of the parameters (Strong, Oakley and Brennan 2014); \
             the column smoother says how. Fitted noise makes small values too high rather than too low: a parameter that does \
             not matter has about its standard error. No study buys perfect information: EVPPI is the most that a study of \
             these parameters could be worth."
                .into(),
        );
        let report = Report {
            command: "voi",
            title: format!("{}: value of information", scenario.model.title),
            scenarios: vec![&scenario],
            record: again::record("voi", &[&scenario], &[], &[], args.resolved(&plan)),
            engine: engine_words(&plan),
            overrides: &args.set,
            settings: settings(&uncertain, &plan),
            remarks,
            texts: vec![(
                "psa/decision.R",
                "reads costs, effects and parameters in R, and asks BCEA, voi and dampack",
                script(&uncertain),
            )],
            tables: information.tables(),
            figures: information.figures(),
        };
        let text = value_console(&information);
        finish(report, &target, args.quiet, &progress, text)
    })
}

fn finish(
    report: Report,
    target: &Path,
    quiet: bool,
    progress: &Progress,
    text: String,
) -> Result<Exit, Exit> {
    let files = write_report(report, target, interruptible()).map_err(unwritten)?;
    progress.say("Wrote", &format!("{files} files"));
    let mut text = if quiet { String::new() } else { text };
    text.push_str(&format!("Open {}\n", target.join("README.txt").display()));
    Ok(print(&text))
}

impl Args {
    /// The options that decide about the results.
    fn resolved(&self, plan: &Plan) -> Vec<String> {
        let mut all = vec![
            again::option("draws", plan.count),
            again::option("sampling", plan.sampling.name()),
            again::option("seed", plan.seed),
        ];
        match plan.engine {
            DrawEngine::Cohort(_) => all.push(again::option("engine", Engine::Cohort.name())),
            DrawEngine::Microsim { patients, .. } => {
                all.push(again::option("engine", Engine::Microsim.name()));
                all.push(again::option("patients", patients));
            }
        }
        all.extend(self.wtp.iter().map(|money| again::option("wtp", money)));
        all.extend(again::set(&self.set));
        all
    }
}

/// The draws in R, with the strategies, the reference and the thresholds of this analysis: the answers of other programs
/// must be those of this one.
fn script(run: &Uncertain) -> String {
    let model = &run.scenario.model;
    let offered = &run.answers.on_offer;
    let at = offered.iter().position(|&s| s == model.reference());
    let quoted = |&s: &usize| format!("\"{}\"", model.strategies[s].label.replace(['\\', '"', '\n'], "'"));
    let labels: Vec<String> = offered.iter().map(quoted).collect();
    let wtp: Vec<String> = run.answers.thresholds.iter().map(f64::to_string).collect();
    let note = match at {
        Some(_) => "",
        None => "  # the reference of the scenario is a bound; the decision does not depend on `ref`",
    };
    format!(
        "# Run this in the folder of the analysis. One row is one draw, one column a strategy on offer.\n\
         costs         <- as.matrix(read.csv(\"psa/costs.csv\", check.names = FALSE))\n\
         effects       <- as.matrix(read.csv(\"psa/effects.csv\", check.names = FALSE))\n\
         inputs        <- read.csv(\"psa/draws.csv\", check.names = FALSE)\n\
         interventions <- c({})\n\
         ref           <- {}{note}\n\
         wtp           <- c({})  # the first leads\n\
         \n\
         bcea <- BCEA::bcea(e = effects, c = costs, ref = ref, interventions = interventions, wtp = sort(wtp))\n\
         summary(bcea, wtp = wtp[1])\n\
         evppi <- voi::evppi(list(c = costs, e = effects, k = wtp[1]), inputs = inputs, pars = as.list(names(inputs)))\n\
         psa <- dampack::make_psa_obj(cost = as.data.frame(costs), effectiveness = as.data.frame(effects),\n                             \
         parameters = inputs, strategies = interventions)\n",
        labels.join(", "),
        at.map_or(1, |i| i + 1),
        wtp.join(", ")
    )
}

/// How the draws will be made.
struct Plan {
    count: u64,
    sampling: Sampling,
    seed: u64,
    engine: DrawEngine,
    redraw: bool,
}

fn plan(args: &Args, scenario: &Scenario) -> Result<Plan, Exit> {
    let defaults = &scenario.psa;
    if scenario.uncertainty.varying().is_empty() {
        return Err(Exit::Usage(format!(
            "no parameter of scenario `{}` has a distribution, so that every draw would be the base case.\n\
             Fill in the column `distribution` of its parameter table, and how uncertain each number is: a standard error (se), \
             a 95 % interval (low, high), counts (events, total) or the distribution's own parameters (p1, p2)",
            scenario.name
        )));
    }
    let seed = args.seed.unwrap_or(scenario.run.seed);
    let patients = args.patients.unwrap_or(defaults.patients);
    // A scenario that asks for patients gets patients.
    let named = Engine::named(&scenario.run.engine).filter(|engine| *engine == Engine::Microsim);
    if args.patients.is_some() && args.engine.or(named) != Some(Engine::Microsim) {
        return Err(Exit::Usage("--patients needs --engine microsim: the exact engine has none".into()));
    }
    let engine = match args.engine.or(named) {
        None | Some(Engine::Cohort) => DrawEngine::Cohort(Integration::Nodes(defaults.nodes)),
        Some(Engine::Microsim) => DrawEngine::Microsim { patients, seed },
        Some(Engine::Both) => {
            return Err(Exit::Usage(
                "a probabilistic analysis runs on one engine: --engine cohort (default) or microsim".into(),
            ));
        }
    };
    let plan = Plan {
        count: args.draws.unwrap_or(defaults.draws),
        sampling: args.sampling.unwrap_or(defaults.sampling),
        seed,
        engine,
        redraw: defaults.redraw,
    };
    let dimension = scenario.uncertainty.varying().len() + scenario.uncertainty.joint.len();
    if plan.sampling == Sampling::Sobol && dimension > MOST_SOBOL {
        return Err(Exit::Usage(format!(
            "Sobol's sequence has {MOST_SOBOL} dimensions, and this scenario draws {dimension} numbers: take --sampling \"latin hypercube\""
        )));
    }
    if let Some(k) = args.draw.filter(|k| *k > plan.count) {
        return Err(Exit::Usage(format!("there is no draw {k}: the analysis has {}", grouped(plan.count))));
    }
    Ok(plan)
}

/// A finished analysis before it is written.
struct Ran<'a> {
    draws: Draws<'a>,
    psa: Psa,
    answers: Answers,
    base: Vec<Vec<f64>>,
    /// The totals at base values with the integration of the draws, if that is another one.
    base_as_drawn: Option<Vec<Vec<f64>>>,
    /// By how much the nodes of the draws put the incremental net benefit at base values off, at the leading threshold.
    off: Option<f64>,
}

fn draws<'a>(scenario: &'a Scenario, plan: &Plan) -> Draws<'a> {
    let model = &scenario.model;
    let base = model.base_values();
    Draws::new(model, &base, &scenario.uncertainty, plan.sampling, (plan.seed, plan.count))
}

/// Refuses draws that would not fit into the memory.
fn affordable(scenario: &Scenario, paths: &Paths, plan: &Plan) -> Result<(), Exit> {
    let model = &scenario.model;
    let tables = Tables::new(model, &model.base_values());
    let threads = rayon::current_num_threads();
    let patients = match plan.engine {
        DrawEngine::Cohort(_) => None,
        DrawEngine::Microsim { patients, .. } => Some(patients),
    };
    let mut need = memory::run(&tables, paths, patients.is_none(), patients, threads);
    let varying = scenario.uncertainty.varying().len();
    let draws = psa::need(model, varying, plan.count, patients.is_some());
    need.parts.extend(draws.parts);
    afford(&need)
}

fn run<'a>(
    scenario: &'a Scenario,
    decision: &Decision,
    plan: &Plan,
    wtp: Option<f64>,
    progress: &Progress,
) -> Result<Ran<'a>, Exit> {
    let stop = interruptible();
    let model = &scenario.model;
    let paths = Paths::new(model);
    affordable(scenario, &paths, plan)?;
    let draws = draws(scenario, plan);
    let began = Instant::now();
    progress.say(
        "Running",
        &format!("{}: {}", scenario.name, described(plan, &draws, scenario.uncertainty.varying().len())),
    );
    let advance = |n| progress.advance(n);
    let psa = psa::run(model, &paths, &draws, (plan.engine, plan.redraw), &advance, stop);
    progress.finish();
    let psa = psa.map_err(|ended| explained(ended, scenario))?;
    progress.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));
    let values = model.base_values();
    let exact = |integration| Evaluator::new(model, &paths, integration).totals(&values);
    let (base, base_as_drawn) = match plan.engine {
        DrawEngine::Cohort(integration) => (exact(Integration::RUN), Some(exact(integration))),
        DrawEngine::Microsim { patients, seed } => {
            (simulated(model, &paths, &values, (patients, seed, 0))?, None)
        }
    };
    let answers = Answers::new(model, decision, &psa, wtp).map_err(|why| {
        Exit::Usage(format!("the draws of scenario `{}` decide nothing: {why}", scenario.name))
    })?;
    let off = base_as_drawn.as_ref().map(|few| {
        let (reference, threshold) = (model.reference(), answers.thresholds[0]);
        let gain = |totals: &[Vec<f64>], s| increment(decision, totals, (s, reference), threshold);
        let gaps = (0..model.strategies.len()).map(|s| (gain(few, s) - gain(&base, s)).abs());
        gaps.fold(0.0, f64::max)
    });
    Ok(Ran { draws, psa, answers, base, base_as_drawn, off })
}

/// Means of simulated patients at these values: so many, with this seed, of this draw (0 for the base case).
fn simulated(
    model: &Model,
    paths: &Paths,
    values: &[f64],
    (patients, seed, draw): (u64, u64, u64),
) -> Result<Vec<Vec<f64>>, Exit> {
    let watch = Watch { progress: None, stop: Some(interruptible()) };
    let settings = Settings { draw, ..Settings::new(patients, seed) };
    let tables = Tables::new(model, values);
    let found = microsim::run(&tables, paths, &settings, &watch).ok_or(Exit::Interrupted)?;
    let strategies = found.totals.strategies.iter();
    Ok(strategies.map(|s| s.outcomes.iter().map(|t| t.mean).collect()).collect())
}

fn described(plan: &Plan, draws: &Draws, varying: usize) -> String {
    let engine = match plan.engine {
        DrawEngine::Cohort(_) => "exact".to_string(),
        DrawEngine::Microsim { patients, .. } => format!("{} patients each", grouped(patients)),
    };
    format!(
        "{} draws of {} uncertain parameters ({} random numbers a draw, {}), {engine}, seed {}",
        grouped(plan.count),
        varying,
        draws.dimension(),
        plan.sampling.words(),
        plan.seed
    )
}

fn engine_words(plan: &Plan) -> (&'static str, String) {
    match plan.engine {
        DrawEngine::Cohort(_) => exact_engine(),
        DrawEngine::Microsim { patients, .. } => (
            "microsim",
            format!(
                "microsimulation, {} fresh patients in every draw and strategy; the noise that they add is estimated \
                 (noise_share) and taken out (sd_without_noise)",
                grouped(patients)
            ),
        ),
    }
}

/// Why the draws ended early, with everything that it takes to see the mistake.
fn explained(ended: Ended, scenario: &Scenario) -> Exit {
    let model = &scenario.model;
    let drawn = |values: &[f64], read: &[usize]| {
        let lines = read.iter().map(|&p| {
            let row = &scenario.parameters[p];
            let [drawn, base] = [values[p], row.base].map(|x| row.in_table(x));
            format!("    {} = {drawn} {} (base {base})", row.name, row.unit)
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    match ended {
        Ended::Stopped => Exit::Interrupted,
        Ended::Row { draw, problem, values } => {
            let mut read = Vec::new();
            for (t, _) in &problem.shares {
                model.transitions[*t].expressions(&mut |e: &Expr| {
                    e.walk(&mut |e| {
                        if let Expr::Parameter(p) = e
                            && scenario.uncertainty.varies(*p)
                            && !read.contains(p)
                        {
                            read.push(*p);
                        }
                    })
                });
            }
            let shares: Vec<String> = problem
                .shares
                .iter()
                .map(|(t, p)| format!("{} {p:.6}", model.transitions[*t].name))
                .collect();
            let patient = match problem.patient.is_empty() {
                true => String::new(),
                false => format!(", patients with {}", problem.patient.join(", ")),
            };
            Exit::Usage(format!(
                "draw {draw} cannot be run: {} in state `{}` under strategy `{}`, cycle {}{patient}.\n  \
                 The row: {}\n  Drawn parameters that it reads:\n{}\n\
                 Nothing is rescaled in silence. Make shares of one whole a dirichlet, state rates instead of probabilities, or \
                 let such draws be drawn again with above_one = \"redraw\" under [uncertainty].\n\
                 To look at this draw alone: arcosim psa ... --draw {draw}",
                match problem.kind {
                    crate::model::rows::RowProblemKind::AboveOne => "the probabilities add to more than 1",
                    crate::model::rows::RowProblemKind::Negative => "a probability is negative",
                    crate::model::rows::RowProblemKind::NotFinite => "a probability is not a finite number",
                },
                model.states[problem.state].name,
                model.strategies[problem.strategy].name,
                problem.cycle,
                shares.join(", "),
                drawn(&values, &read)
            ))
        }
        Ended::NotFinite { draw, strategy, outcome, values } => Exit::Usage(format!(
            "draw {draw} gives no finite number for outcome `{}` under strategy `{}`: a formula divides by zero or overflows at \
             these values.\n{}\nCut the distribution with `truncate`, or write the formula so that it holds for all values.",
            model.outcomes[outcome].name,
            model.strategies[strategy].name,
            drawn(&values, &scenario.uncertainty.varying())
        )),
    }
}

impl Ran<'_> {
    fn uncertain<'b>(&'b self, scenario: &'b Scenario, decision: &'b Decision, plan: &Plan) -> Uncertain<'b> {
        let engine = match plan.engine {
            DrawEngine::Cohort(_) => "exact".to_string(),
            DrawEngine::Microsim { patients, .. } => format!("{} patients a draw", grouped(patients)),
        };
        Uncertain {
            scenario,
            decision,
            draws: &self.draws,
            psa: &self.psa,
            answers: &self.answers,
            base: &self.base,
            base_as_drawn: self.base_as_drawn.as_ref().unwrap_or(&self.base),
            footer: format!(
                "{} \u{b7} {} draws ({}) \u{b7} {engine} \u{b7} seed {} \u{b7} {}",
                scenario.name,
                grouped(plan.count),
                plan.sampling.words(),
                plan.seed,
                &hash(scenario)[..8]
            ),
        }
    }

    fn remarks(&self, run: &Uncertain, plan: &Plan) -> Vec<String> {
        let mut remarks = vec![
            "Every row of psa/draws.csv, psa/results.csv, psa/costs.csv and psa/effects.csv is one draw. The columns of costs.csv \
             and effects.csv are the strategies on offer; bounds are in results.csv only, because a program that reads them would \
             take them for choices. psa/decision.R reads them in R and asks BCEA, voi and dampack; SAVI takes costs.csv, effects.csv \
             and draws.csv as they are."
                .to_string(),
            "Probability most cost-effective is the share of draws in which a strategy has the highest net benefit of those on \
             offer; bounds are not on offer. The frontier follows the highest mean, which is the better choice when the two differ."
                .to_string(),
            "at_base is the deterministic answer; gap is how far the mean of the draws is from it, both integrated as the draws are: lognormals whose base is the median \
             have a higher mean, and models are curved."
                .to_string(),
        ];
        let money = places(run.money(), 1000.0);
        if let Some(off) = self.off.filter(|off| *off > 0.0) {
            remarks.push(format!(
                "Integrating with few nodes puts incremental net benefit at base values off by at most {} {}.",
                crate::output::error(off, money),
                run.money()
            ));
        }
        if plan.sampling != Sampling::Random {
            remarks.push(
                "Monte Carlo standard errors hold for independent draws; with Latin hypercube or Sobol sampling the true errors are smaller."
                    .into(),
            );
        }
        if !self.psa.redrawn.is_empty() {
            let times: u64 = self.psa.redrawn.iter().map(|(_, n)| n).sum();
            remarks.push(format!(
                "{} draws pushed a row of probabilities over 1 and were drawn again ({} attempts in all), as the scenario says; the \
                 distributions are cut by that.",
                self.psa.redrawn.len(),
                times
            ));
        }
        remarks
    }
}

fn settings(run: &Uncertain, plan: &Plan) -> Vec<(String, String)> {
    let pair = |name: &str, value: String| (name.to_string(), value);
    let thresholds: Vec<String> = run.answers.thresholds.iter().map(|t| run.threshold(*t)).collect();
    let mut all = vec![
        pair("draws", plan.count.to_string()),
        pair("sampling", plan.sampling.words().to_string()),
        pair("seed", plan.seed.to_string()),
        pair("parameters", format!("{} uncertain", run.scenario.uncertainty.varying().len())),
        pair("thresholds", format!("{}; the first leads", thresholds.join(", "))),
    ];
    match plan.engine {
        DrawEngine::Cohort(Integration::Nodes(n)) => {
            all.push(pair("integration", format!("{n} Gauss nodes on each continuous attribute")))
        }
        DrawEngine::Cohort(Integration::Panels(n)) => {
            all.push(pair("integration", format!("{n} Gauss nodes a panel")))
        }
        DrawEngine::Microsim { patients, .. } => {
            all.push(pair("patients", format!("{patients} in each draw")))
        }
    }
    all
}

/// Means, intervals and probabilities for people who read along.
fn console(run: &Uncertain, plan: &Plan, ran: &Ran) -> String {
    let model = &run.scenario.model;
    let answers = run.answers;
    let reference = model.reference();
    let mut text = format!("\n{}\n", model.title);
    let (labels, width) = stub(model);
    let threshold = answers.thresholds[0];
    let intervals = match run.has_intervals() {
        true => "Means of {} draws and 95 % intervals",
        false if plan.count == 1 => "One draw (95 % intervals need at least 100)",
        false => "Means of {} draws (95 % intervals need at least 100)",
    };
    text.push_str(&format!(
        "\n{}, versus \"{}\"\n",
        intervals.replace("{}", &grouped(plan.count)),
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
        let cell = |values: Option<crate::economics::Summary>, digits: usize| {
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
    if let Some(last) = answers.convergence.last()
        && let Some(p) = last.probability_best_at_least
    {
        text.push_str(&format!(
            "\nAt {} \"{}\" has the highest expected net benefit; {}.\n",
            run.threshold(threshold),
            model.strategies[answers.compared[last.best]].label,
            ranking(plan.count, p, run.has_intervals())
        ));
    }
    if let Some(off) = ran.off.filter(|off| *off > 0.0) {
        text.push_str(&format!(
            "Integrating with few nodes puts incremental net benefit at base values off by at most {} {}.\n",
            crate::output::error(off, money),
            run.money()
        ));
    }
    text.push('\n');
    text
}

/// Whether the draws are enough to be sure which strategy has the highest mean; `p` is the probability, at least, that it
/// is the one that has it in these draws.
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

/// Parameters of the ranking on the console.
const RANKED: usize = 12;

fn value_console(information: &Information) -> String {
    let run = information.uncertain;
    let answers = run.answers;
    let evpi = answers.loss.evpi[answers.at(information.threshold)];
    let digits = places(run.money(), evpi.value.max(1.0));
    let mut text = format!(
        "\n{}\n\nValue of information at {}, {} per person\n  perfect information (EVPI) {} \u{b1} {}",
        run.scenario.model.title,
        run.threshold(information.threshold),
        run.money(),
        amount(evpi.value, digits),
        evpi.se.map_or("-".into(), |se| crate::output::error(se, digits))
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
    let width = ranked.iter().take(RANKED).map(|v| v.name.chars().count()).max().unwrap_or(0).max(10);
    text.push_str(&format!("\n  {:width$}{:>14}{:>12}\n", "EVPPI", run.money(), "se"));
    let worth = ranked.iter().filter(|value| value.value > 0.0);
    for value in worth.clone().take(RANKED) {
        text.push_str(&format!(
            "  {:width$}{:>14}{:>12}{}\n",
            value.name,
            amount(value.value, digits),
            value.se.map_or("-".into(), |se| crate::output::error(se, digits)),
            if value.above_evpi { "  reported as EVPI" } else { "" }
        ));
    }
    let single = run.scenario.uncertainty.varying().len();
    let none = |n: usize| format!("EVPPI is zero for the remaining {n}");
    text.push_str(&format!(
        "  ({single} uncertain parameters and {} groups of them were looked at)\n",
        ranked.len().saturating_sub(single)
    ));
    let more = worth.count().saturating_sub(RANKED);
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

/// One draw alone: its parameters and what they give.
fn one_draw(scenario: &Scenario, plan: &Plan, k: u64) -> Result<Exit, Exit> {
    let model = &scenario.model;
    let paths = Paths::new(model);
    let draws = draws(scenario, plan);
    let values = draws.values(k, 0);
    let mut text = format!(
        "\n{}\n\nDraw {k} of {} ({}, seed {})\n",
        model.title,
        grouped(plan.count),
        plan.sampling.words(),
        plan.seed
    );
    let varying = scenario.uncertainty.varying();
    let width = varying.iter().map(|&p| model.parameters[p].name.chars().count()).max().unwrap_or(0);
    for &p in &varying {
        let row = &scenario.parameters[p];
        let [drawn, base] = [values[p], row.base].map(|x| row.in_table(x));
        text.push_str(&format!("  {:width$}  {drawn} {} (base {base})\n", row.name, row.unit));
    }
    let totals = match plan.engine {
        DrawEngine::Cohort(integration) => {
            let mut evaluator = Evaluator::new(model, &paths, integration);
            if let Some(problem) = crate::model::rows::check_stated_rows(model, evaluator.set(&values)) {
                let _ = print(&text);
                let ended = Ended::Row { draw: k, problem: Box::new(problem), values };
                return Err(explained(ended, scenario));
            }
            evaluator.run(&values)
        }
        DrawEngine::Microsim { patients, seed } => simulated(model, &paths, &values, (patients, seed, k))?,
    };
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
    Ok(print(&text))
}
