//! `arcosim dsa`.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::args::Dsa as Args;
use super::progress::Progress;
use super::work::{afford_exact, folder, interruptible, pool, unwritten};
use super::{Exit, again, check, print};
use crate::analysis::evaluation::Integration;
use crate::analysis::sensitivity::one_way::{OneWay, one_way};
use crate::analysis::sensitivity::scenarios::{self, exact};
use crate::analysis::sensitivity::threshold::{GRID, Turning, turning_values};
use crate::analysis::sensitivity::two_way::{STEPS, TwoWay, evenly, two_way};
use crate::analysis::sensitivity::worth::increment;
use crate::analysis::sensitivity::{NODES, Outcome, Setting, Totals};
use crate::model::{Decision, Model};
use crate::output::sensitivity::{self as tables, Variant, short, turning_status, value_with_unit};
use crate::output::sensitivity_figures::{Drawn, Frame, Swept, lines, map, tornados};
use crate::output::{
    Report, amount, error, exact_engine, hash, outcome_name, places, relative, singular, write_report,
};
use crate::scenario::Scenario;
use crate::scenario::diagnostic::suggest;
use crate::scenario::parameters::ParameterRow;

/// Parameters whose turning values are looked for if none is named.
const TURNED: usize = 10;
/// Bars of a tornado on the console.
const BARS: usize = 12;

/// Analyses a scenario and writes its folder.
pub fn dsa(args: &Args) -> Exit {
    match in_pool(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn in_pool(args: &Args) -> Result<Exit, Exit> {
    let path = check::file(&args.scenario);
    let scenario = check::read(&path, &args.set)?;
    let decision = decision(&scenario)?;
    let chosen = args.strategy.as_deref().map(|name| strategy(&scenario.model, name));
    let asked = Asked {
        strategies: compared(&scenario.model, chosen.transpose()?)?,
        chosen: args.strategy.is_some(),
        two_way: match &args.two_way {
            None => None,
            Some((a, b)) => Some([parameter(&scenario, a)?, parameter(&scenario, b)?]),
        },
        threshold_of: args
            .threshold_of
            .iter()
            .map(|name| parameter(&scenario, name))
            .collect::<Result<_, _>>()?,
    };
    let ranges = scenario.parameters.iter().any(|row| row.low.is_some());
    if !ranges && asked.threshold_of.is_empty() && args.scenarios.is_empty() {
        return Err(Exit::Usage(format!(
            "no parameter of scenario `{}` has a range, so there is nothing to vary.\n\
             Give `low` and `high` in its parameter table, and say in `range_basis` what they are (such as 95CI); or \
             look for turning values with --threshold-of NAME, or compare scenarios with --scenarios FILE",
            scenario.name
        )));
    }
    let target = folder(args.out.as_deref(), &format!("{}-dsa", scenario.name), &[&scenario])?;
    let mut others = Vec::new();
    for file in &args.scenarios {
        others.push((file.clone(), check::read(file, &[])?));
    }
    pool(args.threads)?.install(|| analyse(args, &path, &scenario, decision, &asked, &others, &target))
}

/// What was asked for, by index.
struct Asked {
    /// Strategies to compare with the reference.
    strategies: Vec<usize>,
    /// Whether one was named.
    chosen: bool,
    two_way: Option<[usize; 2]>,
    threshold_of: Vec<usize>,
}

/// The decision of a scenario, without which net benefit cannot be told.
pub fn decision(scenario: &Scenario) -> Result<&Decision, Exit> {
    scenario.decision.as_ref().ok_or_else(|| {
        Exit::Usage(format!(
            "scenario `{}` has no [decision]: net benefit needs to know what is paid, what is gained, and what a unit \
             of it may cost.\nAdd for example\n\n  [decision]\n  cost       = \"cost\"\n  effect     = \"qaly\"\n  \
             thresholds = [{{ value = 25_000, date = \"2026-04\", source = \"...\" }}]\n\n\
             where `cost` and `effect` name outcomes of the scenario",
            scenario.name
        ))
    })
}

/// The index of a strategy that is not the reference.
fn strategy(model: &Model, name: &str) -> Result<usize, Exit> {
    let names = || model.strategies.iter().map(|s| s.name.as_str());
    match names().position(|own| own == name) {
        Some(s) if s == model.reference() => Err(Exit::Usage(format!(
            "`{name}` is the reference; name one of the strategies that are compared with it"
        ))),
        Some(s) => Ok(s),
        None => {
            let near = suggest(name, names());
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            Err(Exit::Usage(format!("the scenario has no strategy `{name}`{hint}")))
        }
    }
}

fn compared(model: &Model, chosen: Option<usize>) -> Result<Vec<usize>, Exit> {
    let reference = model.reference();
    let all = (0..model.strategies.len()).filter(|&s| s != reference && chosen.is_none_or(|one| one == s));
    let all: Vec<usize> = all.collect();
    match all.is_empty() {
        false => Ok(all),
        true => Err(Exit::Usage("the scenario has one strategy only, and a decision needs two".into())),
    }
}

fn parameter(scenario: &Scenario, name: &str) -> Result<usize, Exit> {
    let names = || scenario.parameters.iter().map(|row| row.name.as_str());
    names().position(|own| own == name).ok_or_else(|| {
        let near = suggest(name, names());
        let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        Exit::Usage(format!("the scenario has no parameter `{name}`{hint}"))
    })
}

fn analyse(
    args: &Args,
    path: &Path,
    scenario: &Scenario,
    decision: &Decision,
    asked: &Asked,
    others: &[(PathBuf, Scenario)],
    target: &Path,
) -> Result<Exit, Exit> {
    let stop = interruptible();
    afford_exact(&scenario.model)?;
    let progress = Progress::new(args.quiet, 0);
    let began = Instant::now();
    progress.say("Running", &format!("{}: sensitivity analysis, exact", scenario.name));
    let impossible = |why: String| Exit::Usage(format!("scenario `{}` cannot be run: {why}", scenario.name));
    let base = exact(scenario).map_err(impossible)?;
    let few = Setting::new(scenario, decision, args.wtp, Integration::Nodes(NODES), stop);
    let off = off(&few, &base, &asked.strategies).map_err(impossible)?;
    let setting = few.anchored(&base).map_err(impossible)?;
    let one = one_way(&setting, &together(scenario)).ok_or(Exit::Interrupted)?.map_err(impossible)?;
    let grid = match asked.two_way {
        None => None,
        Some(pair) => {
            let grid = two_way(&setting, pair, STEPS).ok_or(Exit::Interrupted)?;
            Some(grid.map_err(Exit::Usage)?)
        }
    };
    let turned = turned(&setting, &one, asked);
    let chosen = asked.chosen.then(|| asked.strategies[0]);
    let turning = turning_values(&setting, &one.base, &turned, chosen).ok_or(Exit::Interrupted)?;
    let variants = variants((path, scenario, decision, &base), others, args, stop)?;
    progress.say("Finished", &format!("in {:.2} s", began.elapsed().as_secs_f64()));

    let swept = swept(&setting, &turned).ok_or(Exit::Interrupted)?;
    let found = Found {
        scenario,
        setting: &setting,
        one: &one,
        grid: grid.as_ref(),
        turning: &turning,
        off,
        variants: &variants,
        strategies: &asked.strategies,
        named: !asked.threshold_of.is_empty(),
    };
    let beside: Vec<&Scenario> = others.iter().map(|(_, other)| other).collect();
    let report = Report {
        command: "dsa",
        title: format!("{}: deterministic sensitivity analysis", scenario.model.title),
        scenarios: [&[scenario], &beside[..]].concat(),
        record: again::record("dsa", &[scenario], &beside, &[], args.resolved()),
        engine: exact_engine(),
        overrides: &args.set,
        settings: found.settings(),
        remarks: found.remarks(),
        texts: Vec::new(),
        tables: found.tables(),
        figures: found.figures(&swept),
    };
    let files = write_report(report, target, stop).map_err(unwritten)?;
    progress.say("Wrote", &format!("{files} files"));
    let mut text = match args.quiet {
        true => String::new(),
        false => found.console(),
    };
    text.push_str(&format!("Open {}\n", target.join("README.txt").display()));
    Ok(print(&text))
}

/// The parameters whose turning values are looked for: those that were named, or those with the widest swings.
fn turned(setting: &Setting, one: &OneWay, asked: &Asked) -> Vec<usize> {
    if !asked.threshold_of.is_empty() {
        return asked.threshold_of.clone();
    }
    // By the widest swing in any comparison at the leading threshold.
    let mut widest: Vec<(usize, f64)> = Vec::new();
    for &s in &asked.strategies {
        let swings = one.swings(setting, (s, setting.model.reference()), setting.thresholds[0]);
        for (p, swing) in swings.iter().filter_map(|s| Some((s.parameter, s.swing?))) {
            match widest.iter_mut().find(|(q, _)| *q == p) {
                Some((_, widest)) => *widest = widest.max(swing),
                None => widest.push((p, swing)),
            }
        }
    }
    widest.retain(|(_, swing)| *swing > 0.0);
    widest.sort_by(|a, b| b.1.total_cmp(&a.1));
    widest.iter().take(TURNED).map(|(p, _)| *p).collect()
}

/// The table of scenarios, the base first; empty if none was asked for.
fn variants<'a>(
    (path, scenario, decision, totals): (&Path, &'a Scenario, &'a Decision, &Totals),
    others: &'a [(PathBuf, Scenario)],
    args: &Args,
    stop: &AtomicBool,
) -> Result<Vec<Variant<'a>>, Exit> {
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let base = (scenario, decision, totals);
    let root = path.parent().unwrap_or(Path::new("."));
    let mut variants = vec![Variant {
        file: relative(root, path),
        scenario,
        lines: Ok(scenarios::lines(base, base, args.wtp)),
    }];
    for (file, other) in others {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Exit::Interrupted);
        }
        let found = |decision| {
            let totals: Outcome = exact(other);
            totals.map(|totals| scenarios::lines((other, decision, &totals), base, args.wtp))
        };
        variants.push(Variant {
            file: relative(root, &check::file(file)),
            scenario: other,
            lines: match &other.decision {
                None => Err("the scenario has no [decision]".into()),
                Some(decision) => found(decision),
            },
        });
    }
    Ok(variants)
}

/// A parameter with the unit of its table.
fn named(row: &ParameterRow) -> String {
    match row.unit.as_str() {
        "" => row.name.clone(),
        unit => format!("{} ({unit})", row.name),
    }
}

/// By how much the nodes of the sweeps put incremental net benefit at base off, beside a run.
fn off(few: &Setting, run: &Totals, strategies: &[usize]) -> Result<f64, String> {
    let (decision, threshold, reference) = (few.decision, few.thresholds[0], few.model.reference());
    let few = few.at_base()?;
    let gain = |totals: &Totals, s| increment(decision, totals, (s, reference), threshold);
    let gaps = strategies.iter().map(|&s| (gain(&few, s) - gain(run, s)).abs());
    Ok(gaps.fold(0.0, f64::max))
}

/// Everything that was found.
struct Found<'a> {
    scenario: &'a Scenario,
    setting: &'a Setting<'a>,
    one: &'a OneWay,
    grid: Option<&'a TwoWay>,
    turning: &'a [Turning],
    /// What few nodes put incremental net benefit at base values off, before it was taken off.
    off: f64,
    variants: &'a [Variant<'a>],
    strategies: &'a [usize],
    /// Whether parameters were named whose turning values are looked for.
    named: bool,
}

/// Blocks of parameters that are drawn together in the probabilistic analysis.
fn together(scenario: &Scenario) -> Vec<Vec<usize>> {
    let joint = scenario.uncertainty.joint.iter();
    joint.map(|joint| joint.members.clone()).collect()
}

/// Parameters whose range is drawn.
const DRAWN: usize = 3;

/// The ranges of the first of these parameters that have one, all others at base.
fn swept(setting: &Setting, turned: &[usize]) -> Option<Vec<Swept>> {
    let range = |p: usize| setting.rows[p].low.zip(setting.rows[p].high).filter(|(low, high)| low < high);
    let with_range = turned.iter().filter_map(|&p| Some((p, range(p)?)));
    let sweep = |(parameter, (low, high)): (usize, (f64, f64))| {
        let values = evenly(low, high, STEPS);
        let points: Vec<Vec<(usize, f64)>> = values.iter().map(|&x| vec![(parameter, x)]).collect();
        Some(Swept { parameter, outcomes: setting.sweep(&points)?, values })
    };
    with_range.take(DRAWN).map(sweep).collect()
}

impl Found<'_> {
    /// Tornados, net benefit over the parameters that matter most, and the map.
    fn figures(&self, swept: &[Swept]) -> Vec<Drawn> {
        let frame = Frame {
            setting: self.setting,
            footer: format!("{} \u{b7} exact \u{b7} {}", self.scenario.name, &hash(self.scenario)[..8]),
        };
        let mut all = tornados(&frame, self.one, self.strategies);
        all.extend(lines(&frame, swept));
        all.extend(self.grid.and_then(|grid| map(&frame, grid)));
        all
    }

    fn model(&self) -> &Model {
        &self.scenario.model
    }

    fn tables(&self) -> Vec<crate::output::Table> {
        let (scenario, setting) = (self.scenario, self.setting);
        let mut all = vec![tables::one_way(scenario, setting, self.one, self.strategies)];
        all.extend(self.grid.map(|grid| tables::two_way(scenario, setting, grid, self.strategies)));
        if !self.turning.is_empty() {
            all.push(tables::thresholds(scenario, setting, self.turning));
        }
        if !self.variants.is_empty() {
            all.push(tables::scenarios(self.variants));
        }
        all
    }

    fn settings(&self) -> Vec<(String, String)> {
        let thresholds = self.setting.thresholds.iter().map(|x| amount(*x, 0)).collect::<Vec<_>>();
        let mut settings = vec![
            ("decision".to_string(), format!("pays {}, gains {}", self.outcome(true), self.outcome(false))),
            (
                "thresholds".to_string(),
                format!(
                    "{} {} per {}; the first leads",
                    thresholds.join(", "),
                    self.unit(true),
                    singular(self.unit(false))
                ),
            ),
            ("reference".to_string(), self.model().strategies[self.model().reference()].name.clone()),
            (
                "integration".to_string(),
                format!(
                    "base values and tables of scenarios as in a run; {NODES} Gauss nodes on each continuous attribute for changes"
                ),
            ),
        ];
        if let Some(grid) = self.grid {
            let [a, b] = grid.parameters.map(|p| self.setting.rows[p].name.as_str());
            settings.push(("two-way".into(), format!("{a} by {b}, {STEPS} values each")));
        }
        settings
    }

    fn unit(&self, cost: bool) -> &str {
        let decision = self.setting.decision;
        &self.model().outcomes[if cost { decision.cost } else { decision.effect }].unit
    }

    fn outcome(&self, cost: bool) -> String {
        let decision = self.setting.decision;
        outcome_name(&self.model().outcomes[if cost { decision.cost } else { decision.effect }])
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = vec![
            "Everything is incremental net monetary benefit (threshold x effect - cost) against the reference, never a \
             ratio. The best strategy is that with the highest net benefit on offer; a bound is not on offer."
                .to_string(),
            "Each parameter is moved to the ends of the range that its table states; range_basis says what the range is. \
             Bars of ranges with another basis are not comparable. Where a parameter takes from a rest, the rest gives \
             it; a value that leaves less than nothing is impossible, and said to be."
                .to_string(),
        ];
        if !self.turning.is_empty() {
            remarks.push(format!(
                "Turning values are looked for on a grid of {GRID} values over what the kind of the parameter allows \
                 (searched_from, searched_to), and narrowed down by the method of Brent; two that lie between \
                 neighbours of the grid would be missed. All other parameters stay at base."
            ));
        }
        if self.off > 0.0 {
            let places = places(self.unit(true), 0.0);
            remarks.push(format!(
                "Base values give the numbers of `arcosim run`. Elsewhere few nodes are used, and what they put the totals off \
                 at base values (incremental net benefit: at most {} {}) is taken off, so that only its change with the \
                 parameter remains.",
                error(self.off, places),
                self.unit(true)
            ));
        }
        remarks
    }

    fn console(&self) -> String {
        let mut text = format!("\n{}\n", self.model().title);
        for &s in self.strategies {
            self.tornado(&mut text, s);
        }
        self.ranges(&mut text);
        if let Some(grid) = self.grid {
            self.map(&mut text, grid);
        }
        self.turning(&mut text);
        self.variants(&mut text);
        text.push('\n');
        text
    }

    fn tornado(&self, text: &mut String, strategy: usize) {
        let (model, setting) = (self.model(), self.setting);
        let reference = model.reference();
        let threshold = setting.thresholds[0];
        let swings = self.one.swings(setting, (strategy, reference), threshold);
        let known: Vec<_> = swings.iter().filter(|swing| swing.swing.is_some()).collect();
        let Some(first) = known.first() else { return };
        let largest = known.iter().flat_map(|s| s.at).flatten().fold(first.base.abs(), |m, x| m.max(x.abs()));
        let digits = places(self.unit(true), largest);
        text.push_str(&format!(
            "\nIncremental net benefit of \"{}\" against \"{}\" at {} {} per {}: {} at base\n",
            model.strategies[strategy].label,
            model.strategies[reference].label,
            amount(threshold, 0),
            self.unit(true),
            singular(self.unit(false)),
            amount(first.base, digits)
        ));
        let width = known.iter().map(|s| named(&setting.rows[s.parameter]).chars().count());
        let width = width.max().unwrap_or(0).max(9);
        text.push_str(&format!(
            "  {:width$}{:>12}{:>12}{:>14}{:>14}{:>14}\n",
            "parameter", "low", "high", "at low", "at high", "swing"
        ));
        for swing in known.iter().take(BARS) {
            let row = &setting.rows[swing.parameter];
            let number = |x: Option<f64>| x.map_or("-".to_string(), |x| short(row.in_table(x)));
            let money = |x: Option<f64>| x.map_or("impossible".to_string(), |x| amount(x, digits));
            let mark = match swing.decision_changes {
                Some(true) => "  changes the decision",
                _ => "",
            };
            let alone = match self.one.moved[swing.moved].belongs_to.is_empty() {
                true => "",
                false => "  (drawn with others)",
            };
            text.push_str(&format!(
                "  {:width$}{:>12}{:>12}{:>14}{:>14}{:>14}{mark}{alone}\n",
                named(row),
                number(row.low),
                number(row.high),
                money(swing.at[0]),
                money(swing.at[1]),
                money(swing.swing)
            ));
        }
        if known.len() > BARS {
            text.push_str(&format!("  and {} more in tables/owsa.csv\n", known.len() - BARS));
        }
    }

    fn ranges(&self, text: &mut String) {
        let without = self.one.moved.iter().filter(|moved| moved.ends.is_none()).count();
        if without > 0 {
            let of = self.one.moved.len();
            text.push_str(&format!(
                "\n{without} of the {of} parameters that the model reads have no range and were not moved; owsa.csv lists them.\n"
            ));
        }
    }

    /// The share of the grid in which each strategy is best.
    fn map(&self, text: &mut String, grid: &TwoWay) {
        let [a, b] = grid.parameters.map(|p| self.setting.rows[p].name.as_str());
        text.push_str(&format!("\nBest strategy over the ranges of {a} and {b}\n"));
        let sizes = [grid.values[0].len(), grid.values[1].len()];
        let cells: Vec<Option<usize>> = (0..sizes[0])
            .flat_map(|i| (0..sizes[1]).map(move |j| (i, j)))
            .map(|cell| grid.best(self.setting, cell, self.setting.thresholds[0]))
            .collect();
        let mut line = |label: &str, best: Option<usize>| {
            let own = cells.iter().filter(|cell| **cell == best).count();
            if own > 0 {
                let share = 100.0 * own as f64 / cells.len() as f64;
                text.push_str(&format!("  {share:>5.1} % of the grid  {label}\n"));
            }
        };
        for (s, strategy) in self.model().strategies.iter().enumerate() {
            line(&strategy.label, Some(s));
        }
        line("impossible", None);
    }

    fn turning(&self, text: &mut String) {
        let (model, setting) = (self.model(), self.setting);
        let lead = setting.thresholds[0];
        let shown: Vec<&Turning> = self.turning.iter().filter(|t| t.threshold == lead).collect();
        if shown.is_empty() {
            return;
        }
        text.push_str(&format!(
            "\nSwitching values at {} {} per {}\n",
            amount(lead, 0),
            self.unit(true),
            singular(self.unit(false))
        ));
        for turning in shown.iter().filter(|t| self.named || !t.values.is_empty()) {
            let row = &setting.rows[turning.parameter];
            let [own, other] = [turning.pair.0, turning.pair.1].map(|s| model.strategies[s].label.as_str());
            let head = format!(
                "  {} (base {}), \"{own}\" against \"{other}\"",
                row.name,
                value_with_unit(row, row.base)
            );
            let values: Vec<String> = turning
                .values
                .iter()
                .map(|v| {
                    let side = if v.better_above { "above" } else { "below" };
                    format!("preferred {side} {}", value_with_unit(row, v.value))
                })
                .collect();
            let said = match values.is_empty() {
                true => turning_status(row, turning),
                false => values.join(", "),
            };
            text.push_str(&format!("{head}: {said}\n"));
        }
        let none = shown.iter().filter(|t| t.values.is_empty()).count();
        if none > 0 && !self.named {
            text.push_str(&format!(
                "  {none} of {} comparisons have no such value where it was looked for (tables/thresholds.csv)\n",
                shown.len()
            ));
        }
    }

    fn variants(&self, text: &mut String) {
        if self.variants.is_empty() {
            return;
        }
        text.push_str("\nScenarios, at the threshold with which each leads\n");
        for variant in self.variants {
            text.push_str(&format!("  {} ({})\n", variant.scenario.name, variant.scenario.model.title));
            let lines = match &variant.lines {
                Ok(lines) => lines,
                Err(why) => {
                    text.push_str(&format!("    {why}\n"));
                    continue;
                }
            };
            let model = &variant.scenario.model;
            let Some(decision) = &variant.scenario.decision else {
                continue;
            };
            let [cost, effect] = [decision.cost, decision.effect].map(|o| model.outcomes[o].unit.as_str());
            for line in lines.iter().filter(|line| line.leads) {
                let money = places(cost, line.cost);
                let ratio = match line.ratio.value() {
                    Some(ratio) => format!("{} per unit", amount(ratio, places(cost, ratio))),
                    None => line.ratio.words().to_string(),
                };
                let changes = match line.decision_changes {
                    Some(true) => ", changes the decision",
                    _ => "",
                };
                text.push_str(&format!(
                    "    {}: {} {cost}, {} {effect}, {ratio}, net benefit {}{changes}\n",
                    model.strategies[line.strategy].label,
                    amount(line.cost, money),
                    amount(line.effect, places(effect, line.effect)),
                    amount(line.benefit, places(cost, line.benefit))
                ));
            }
        }
    }
}
