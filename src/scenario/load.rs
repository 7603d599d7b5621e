//! Loads a scenario from its files: reads and merges them, checks keys, builds the model and checks the whole model. Each
//! step continues after errors as long as its own messages remain meaningful, so that a user sees all errors at once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::checks;
use crate::compile::{
    Context, attributes, components, continuous, counters, course, decision, effects, endless, endpoints,
    events, figures, file_names, followed, formulas, hypothetical, life_tables, matrices, outcomes,
    parameters, patient_table, perspectives, rewards, selection, states, strategies, subgroups, time,
    transitions, uncertainty, verify,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Names;
use crate::key_list;
use crate::parameters::{ParameterRow, warnings};
use crate::read::document::{Document, Files, TomlTable, is_device, read_document};
use crate::read::source::{SourceFile, Sources, Span};
use crate::read::toml_errors;
use crate::read::tree::Tree;
use crate::schema::check::{self, unprintable};
use crate::schema::unread::unread;
use crate::schema::{Key, keys};
use crate::spans::Spans;
use crate::subsets::{self, ComponentSubsets};
use arcosim_core::model::clocks;
use arcosim_core::model::memory::{self, MOST_MEMORY};
use arcosim_core::model::uncertainty::Uncertainty;
use arcosim_core::model::{Decision, MOST_PATIENTS, Model, Parameter, Structure};

pub use crate::compile::figures::FigureSettings;
pub use crate::compile::followed::{Claim, FollowedResult, FollowedResults};
pub use crate::compile::perspectives::{Perspective, Perspectives};
pub use crate::compile::uncertainty::PsaDefaults;
pub use crate::compile::verify::{Plausible, VerifySettings, Waiver};

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name of the output folder, derived from the path: `country/base.toml` becomes "country-base".
    pub name: String,
    /// The compiled model.
    pub model: Model,
    /// Parameter table, in the order of `model.parameters`; `base` is the value after `[set]` and `--set` are applied.
    pub parameters: Vec<ParameterRow>,
    /// Defaults of a run: engine, number of patients and seed.
    pub run: RunDefaults,
    /// Settings of the figures.
    pub figures: FigureSettings,
    /// Decision to analyse: cost, effect and willingness-to-pay thresholds; `None` without `[decision]`.
    pub decision: Option<Decision>,
    /// Who pays the costs of the decision, each with an outcome of its own; empty without `[perspectives]`.
    pub perspectives: Perspectives,
    /// Distributions of the parameters and their correlations.
    pub uncertainty: Uncertainty,
    /// Defaults of the probabilistic sensitivity analysis.
    pub psa: PsaDefaults,
    /// Clinical results that a probabilistic analysis follows through all draws.
    pub followed: FollowedResults,
    /// Settings of the verification, such as accepted findings and plausible ranges.
    pub verify: VerifySettings,
    /// File of expected results with which the results of a run are compared.
    pub expected_file: Option<PathBuf>,
    /// All files that were read, with their contents; the first is the scenario itself.
    pub files: Vec<SourceFile>,
    /// Unit conversions: the name of a parameter and a line for readers, such as "100 EUR per month = 1200 per year".
    pub conversions: Vec<(String, String)>,
    /// Notes for readers on tables (which columns were read) and strategies (who is eligible): the subject, such as
    /// "table `mortality`", and the note.
    pub readings: Vec<(String, String)>,
    /// For an endless horizon: a note on how long the model runs.
    pub endless: Option<String>,
    /// Keys of the scenario (without its parameters) and their values, sorted by key.
    pub keys: Vec<(String, String)>,
    /// Positions at which the parts of the model are declared.
    pub spans: Spans,
    /// For each strategy, the names and labels of the components that its patients use.
    pub uses: Vec<Vec<(String, String)>>,
}

/// Defaults of a run, which command-line options override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDefaults {
    /// Number of simulated patients per strategy.
    pub patients: u64,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Engine: `cohort`, `microsim` or `both`.
    pub engine: String,
}

/// Result of loading a scenario: its files, all messages and, without errors, the scenario.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Every file that was read.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
    /// The scenario; `None` after any error.
    pub scenario: Option<Scenario>,
}

/// Loads a scenario from disk. Files that it refers to must be in its own [`Tree`], and the model must fit into [`MOST_MEMORY`].
/// `overrides` are pairs of a parameter name and a new base value, such as `0.275` or `27.5%`.
pub fn load(path: &Path, overrides: &[(String, String)]) -> Loaded {
    load_within(path, overrides, Tree::of(path), MOST_MEMORY)
}

/// Loads a scenario like [`load`], with two limits: files that the scenario refers to must be in `tree`, and the model must fit
/// into `memory` bytes.
pub fn load_within(path: &Path, overrides: &[(String, String)], tree: Tree, memory: f64) -> Loaded {
    load_from(&Files::Disk(tree), path, overrides, memory, None)
}

/// Loads a scenario like [`load_within`], with further strategies that use subsets of the components of one strategy.
pub fn load_subsets(
    path: &Path,
    overrides: &[(String, String)],
    tree: Tree,
    memory: f64,
    subsets: &ComponentSubsets,
) -> Loaded {
    load_from(&Files::Disk(tree), path, overrides, memory, Some(subsets))
}

/// Loads a scenario from texts in memory. Each file is a pair of name and text; the first file is the scenario itself.
pub fn load_text(files: &[(&str, &str)], overrides: &[(String, String)]) -> Loaded {
    let path = files.first().map_or("", |(name, _)| name);
    load_from(&Files::Memory(files), Path::new(path), overrides, MOST_MEMORY, None)
}

fn load_from(
    files: &Files,
    path: &Path,
    overrides: &[(String, String)],
    memory: f64,
    subsets: Option<&ComponentSubsets>,
) -> Loaded {
    let mut sources = Sources::default();
    let mut out = Diagnostics::default();
    let scenario = read_document(files, path, &mut sources, &mut out)
        .filter(|document| !document.newer)
        .map(|mut document| {
            if let Some(subsets) = subsets {
                subsets::add(&mut document.root, subsets);
            }
            let name = scenario_name(&resolved(files, path));
            let checked = subsets.is_some();
            scenario(&document, &name, overrides, (files, memory, checked), &mut sources, &mut out)
        })
        .filter(|_| !out.has_errors());
    out.sort();
    Loaded { sources, diagnostics: out, scenario }
}

/// Completes the path of a scenario by the name of its folder: `scenario.toml`, opened inside the folder `study`, becomes
/// `.../study/scenario.toml`, so that the scenario has the same name from everywhere. The path of a text in memory is unchanged.
fn resolved(files: &Files, path: &Path) -> PathBuf {
    let (Files::Disk(_), Some(file)) = (files, path.file_name()) else {
        return path.to_path_buf();
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    // A folder that is written by name keeps this name, even if it is a symbolic link; `.`, `..` and an empty path are not names.
    let mut names = folder.components().rev();
    let named = matches!(names.next(), Some(Component::Normal(_)));
    // A folder called `variants` does not identify the model, because many models have one; the folder above is needed too.
    let model = !folder.ends_with(VARIANTS) || matches!(names.next(), Some(Component::Normal(_)));
    if named && model {
        return path.to_path_buf();
    }
    let here = Path::new(".").join(folder).canonicalize();
    here.map_or_else(|_| path.to_path_buf(), |folder| folder.join(file))
}

fn scenario(
    document: &Document,
    name: &str,
    overrides: &[(String, String)],
    (files, memory, checked): (&Files, f64, bool),
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Scenario {
    let root = &document.root;
    // The scenario itself is the last file in the chain of `extends`; missing sections are reported at its first line.
    let top = beginning(document.chain.last().copied().unwrap_or(0), sources);
    check::check(root, &keys::scenario::SECTION, "the scenario", top, document.whole, out);
    let (rows, parameters_read) = parameters::parameters(document, overrides, files, sources, out);
    let table_files = life_tables::read_files(root, files, sources, out);
    let draws_file = uncertainty::read_file(root, files, sources, out);
    let patient_file = patient_table::read_file(root, files, sources, out);
    if document.whole {
        something_to_simulate(root, top, out);
    }
    let sources = &*sources;

    let grid = time::grid(root, out);
    let before_names = out.counts().0;
    let (state_list, state_spans) = states::states(root, out);
    let (mut groups, mut group_spans) = states::groups(root, &state_list, &state_spans, out);
    for (counter, span) in counters::counters(root, state_list.len(), grid.continuous(), out) {
        groups.push(counter);
        group_spans.push(span);
    }
    let patients = patient_table::patients(root, patient_file, sources, out);
    let (mut outline, mut attribute_spans) = attributes::outline(root, patients.as_ref(), out);
    let drawn_users = components::drawn_users(root);
    let hidden = course::chances(root).into_iter().chain(components::outline(root, &drawn_users));
    for (attribute, span) in hidden {
        outline.push(attribute);
        attribute_spans.push(span);
    }
    let tables = life_tables::tables(root, &table_files, sources, &outline, out);
    let index: HashMap<String, usize> =
        rows.iter().enumerate().map(|(i, row)| (row.name.clone(), i)).collect();
    let formulas = formulas::formulas(root, sources, out);
    let unresolved = Cell::new(!document.whole || out.counts().0 > before_names);
    let mut context = Context {
        names: Names {
            parameters: &index,
            rows: &rows,
            attributes: &outline,
            states: &state_list,
            groups: &groups,
            tables: &tables.lookups,
            matrices: Vec::new(),
            matrices_read: RefCell::default(),
            formulas: &formulas,
            age: life_tables::age_attribute(root, &outline),
            age_at_end: time::age_at_end(root),
            cycle_years: 1.0 / grid.cycles_per_year,
            continuous: grid.continuous(),
            used: RefCell::new(vec![false; rows.len()]),
        },
        events: root.sections(keys::scenario::EVENTS).map(|(name, _)| name).collect(),
        sources,
        unresolved: &unresolved,
    };
    checks::names(&context, &attribute_spans, &group_spans, out);
    context.names.matrices = matrices::matrices(root, &context, out);
    let context = context;
    let mut attribute_list = attributes::attributes(root, &context, out);
    components::set_shares(&mut attribute_list, &drawn_users, &context, out);
    let start = attributes::start(root, &context, out);
    let (mut moves, move_places) = transitions::transitions(root, &tables.names, &context, out);
    transitions::mark_first(root, &mut moves, &context, out);
    continuous::check(root, &moves, &move_places, out);
    endless::check(root, out);
    let targets = effects::EffectTargets::new(root, &grid, &moves, &move_places);
    let strategies = strategies::strategies(root, &targets, &drawn_users, &context, out);
    let (endpoint_list, endpoint_spans) = endpoints::endpoints(root, &moves, &context, out);
    let (mut outcome_list, mut outcome_places) = outcomes::outcomes(root, &grid, &context, out);
    let counted = (&mut outcome_list, &mut outcome_places);
    let event_list = events::events(root, &grid, (&moves, &move_places), counted, &context, out);
    let payers = perspectives::perspectives(root, (&mut outcome_list, &mut outcome_places), out);
    let parts = rewards::RewardTargets {
        start: &start,
        transitions: &moves,
        strategies: &strategies,
        outcomes: &outcome_list,
        events: &event_list,
        perspectives: &payers,
    };
    file_names(root, out);
    let mut reward_list = rewards::rewards(root, &parts, &context, out);
    let strategies::Strategies {
        list: mut strategy_list, spans: mut strategy_spans, usages, components, ..
    } = strategies;
    let strategy_names: Vec<String> = strategy_list.iter().map(|one| one.name.clone()).collect();
    let left_out = selection::select(root, &mut strategy_list, &mut strategy_spans, &mut reward_list, out);
    let is_kept = |(name, _): &(&String, &Vec<components::Usage>)| !left_out.contains(name);
    let kept = strategy_names.iter().zip(&usages).filter(is_kept);
    let counted: Vec<(&str, Span, &[components::Usage])> = kept
        .clone()
        .zip(&strategy_spans)
        .map(|((name, usages), &place)| (name.as_str(), place, usages.as_slice()))
        .collect();
    components::check_number(&counted, out);
    let named = |usage: &components::Usage| components[usage.component].name_and_label();
    let uses = kept.map(|(_, usages)| usages.iter().map(named).collect()).collect();
    let decision = decision::decision(root, &outcome_list, &context, out);
    let mut money: Vec<usize> = payers.of.into_iter().chain(payers.list.iter().map(|one| one.cost)).collect();
    money.extend(decision.as_ref().map(|decision| decision.cost));
    let (marking, marked) = hypothetical::mark(
        &mut strategy_list,
        &moves,
        (&reward_list.rewards, &reward_list.components),
        &money,
        &rows,
    );
    warnings::weak_evidence(&rows, &marking, out);
    let (subgroups, subgroup_places) = subgroups::subgroups(root, &context, out);
    let followed = followed::followed(root, &endpoint_list, (&strategy_names, &strategy_list), &context, out);
    let mut figures = figures::figures(root, &grid, &context, out);
    let mut verify = verify::verify(root, &context, out);
    verify.plausible.retain(|range| !left_out.contains(&range.strategy));

    let spans = Spans {
        attributes: attribute_spans,
        states: state_spans,
        groups: group_spans,
        transitions: move_places.names,
        hazards: move_places.hazards,
        targets: move_places.targets,
        strategies: strategy_spans,
        endpoints: endpoint_spans,
        outcomes: outcome_places.names,
        discounts: outcome_places.discounts,
        rewards: reward_list.amounts,
        shared_costs: reward_list.payers,
        start: root
            .table(keys::scenario::POPULATION)
            .and_then(|population| population.sections(keys::population::START).next())
            .map(|(_, node)| node.key_span),
    };
    let used = context.names.used.take();
    if !out.has_errors() {
        matrices::check(root, &context, &context.names.matrices_read.borrow(), out);
    }
    let model = Model::new(Structure {
        title: root.text(keys::scenario::TITLE).map_or_else(|| name.to_string(), str::to_string),
        time: grid,
        parameters: rows.iter().map(|row| Parameter { name: row.name.clone(), base: row.base }).collect(),
        attributes: attribute_list,
        states: state_list.clone(),
        groups: groups.clone(),
        start,
        life_tables: tables.life.clone(),
        transitions: moves,
        strategies: strategy_list,
        endpoints: endpoint_list,
        outcomes: outcome_list,
        components: reward_list.components,
        rewards: reward_list.rewards,
        events: event_list.iter().map(|event| event.outcome).collect(),
        shared_costs: reward_list.shared_costs,
        subgroups,
    });
    checks::structure(&model, &spans, unresolved.get(), out);
    // Memory is estimated only for a model without structural errors, because the estimate might not end for a faulty model.
    if !out.has_errors() {
        too_large(&model, root, memory, out);
    }
    // Values are checked for every kind of patient in every strategy. Subsets of the components of a checked strategy need no check.
    if !checked {
        checks::values(&model, &spans, out);
    }
    let (mut model, end) = match out.has_errors() {
        true => (model, None),
        false => endless::resolved(model, root, memory, out),
    };
    if end.is_some() {
        figures.end(root, &model.time, out);
        too_large(&model, root, memory, out);
    }
    let psa = uncertainty::defaults(root, out);
    let uncertainty = uncertainty::uncertainty(root, &rows, &model, draws_file, sources, out);
    out.remove_echoes(&unread(root, document.whole, parameters_read));
    toml_errors::remove_echoes(sources, out);
    let mut readings = tables.readings;
    readings.extend(reward_list.readings);
    readings.extend(continuous::readings(root));
    readings.extend(end.clone().map(|note| ("time".to_string(), note)));
    readings.extend(components::readings(&strategy_names, &usages, &components));
    readings.extend(marked);
    readings.extend(selection::reading(&left_out, &model.strategies));
    readings.extend(followed.reading());
    readings.extend(events::readings(&event_list));
    readings.extend(patient_table::reading(root, patients.as_ref()));
    // After an error an expression may be compiled only in part, so it is unknown which parameters and tables it would use.
    if !out.has_errors() && !checked {
        checks::subgroups::subgroups(&model, &subgroup_places, out);
        match root.get(keys::scenario::REMOVE) {
            None => checks::unused::parameters(&rows, &used, out),
            Some(_) => readings.extend(checks::unused::after_removal(&rows, &used)),
        }
        checks::unused::declarations(root, out);
        components::unused(root, &usages, out);
        checks::unused::outcomes(&model, &payers.list, &spans, out);
        checks::rewards::currencies(&model, &rows, &tables.lookups, &spans, out);
        checks::meanings::meanings(&model, &rows, &tables.lookups, &spans, out);
        checks::left_out::factors(&model, &spans, out);
        checks::within_cycle::limits(&model, &spans, out);
        checks::growing_hazards::growing(&model, &spans, out);
        checks::same_state::suppressing(&model, &spans, out);
        let parted = checks::eligible::parted(&model);
        checks::eligible::few(&model, &parted, root, &spans, out);
        for (table, expectation) in checks::life_expectancy::readings(&model) {
            if let Some((_, line)) = readings.iter_mut().find(|(subject, _)| *subject == table) {
                line.push_str(&format!("; {expectation}"));
            }
        }
        readings.extend(checks::eligible::readings(&model, &parted));
        readings.extend(course::readings(&model));
    }
    // After the checks, whose messages name the clock that the scenario reads.
    clocks::stop_outside(&mut model);
    clocks::read_model_time(&mut model);
    Scenario {
        readings,
        endless: end,
        name: name.to_string(),
        run: run(root, out),
        figures,
        verify,
        decision,
        perspectives: payers,
        uncertainty,
        psa,
        followed,
        expected_file: expected_file(document, files, sources, out),
        files: sources.files.clone(),
        conversions: rows
            .iter()
            .filter_map(|row| {
                let line = row.conversion.clone().or_else(|| row.per_cycle(&grid))?;
                Some((row.name.clone(), line))
            })
            .collect(),
        parameters: rows,
        keys: key_list::keys(root, &table_files, sources),
        uses,
        model,
        spans,
    }
}

/// Reports a model that needs more than `memory` bytes, before its tables are allocated.
fn too_large(model: &Model, root: &TomlTable, memory: f64, out: &mut Diagnostics) {
    let need = memory::least(model);
    let Some((_, largest)) = need.largest().filter(|_| need.bytes() > memory) else {
        return;
    };
    let horizon = root.table(keys::scenario::TIME).and_then(|time| time.get(keys::time::HORIZON));
    let title = format!(
        "this model needs at least {} of memory, and the limit is {}",
        memory::gigabytes(need.bytes()),
        memory::gigabytes(memory)
    );
    let factor = (need.bytes() / memory).ceil();
    let smaller = format!(
        "make `cycle` at least {factor} times as long, shorten `horizon` to 1/{factor}, or divide the strategies among several scenarios"
    );
    let found = Diagnostic::error("E0117", title)
        .note(format!("most of the memory is needed for {largest}"))
        .why("a computer that runs out of memory stops responding or ends the program, so there would be no results")
        .help(match (need.bytes() / 1e9).ceil() + 1.0 {
            // The largest limit that the command accepts is 1,000,000 GB.
            limit if limit <= 1e6 => format!(
                "if the computer has more than {limit} GB of memory, add --memory {limit} to the command; otherwise {smaller}"
            ),
            _ => smaller,
        });
    out.push(match horizon {
        Some(node) => {
            found.at(node.span, format!("{} cycles", arcosim_core::words::grouped(model.time.cycles as u64)))
        }
        None => found,
    });
}

/// Position of the first line of a file that is not blank.
fn beginning(file: usize, sources: &Sources) -> Span {
    let text = sources.files[file].text.as_str();
    let start = text.find(|c: char| !c.is_whitespace() && c != '\u{feff}').unwrap_or(0);
    let end = text[start..].find(['\r', '\n']).map_or(text.len(), |length| start + length);
    Span { file, start, end }
}

/// Reports required sections that are missing or empty.
fn something_to_simulate(root: &TomlTable, top: Span, out: &mut Diagnostics) {
    // A section of the wrong type does not count as missing, because the check of keys reports its type.
    let empty = |section: &Key| {
        root.get(*section).is_none_or(|node| node.table().is_some_and(|table| table.entries.is_empty()))
    };
    let needed = [keys::scenario::STATES, keys::scenario::TRANSITIONS, keys::scenario::STRATEGIES];
    let missing = needed.into_iter().filter(empty).map(|section| section.name);
    let population = root.get(keys::scenario::POPULATION).map(|node| node.table());
    let nobody = match population {
        None => true,
        Some(None) => false,
        Some(Some(population)) => population
            .get(keys::population::START)
            .is_none_or(|start| start.table().is_some_and(|start| start.entries.is_empty())),
    };
    let no_time = root.get(keys::scenario::TIME).is_none();
    let missing: Vec<&str> = no_time
        .then_some("time")
        .into_iter()
        .chain(nobody.then_some("population.start"))
        .chain(missing)
        .collect();
    if missing.is_empty() {
        return;
    }
    let sections: Vec<String> = missing.iter().map(|section| format!("[{section}]")).collect();
    out.push(
        Diagnostic::error("E0417", "the scenario lacks required sections")
            .at(top, format!("missing: {}", sections.join(", ")))
            .why("without these sections there is no model to run")
            .help("write each of them as a line in square brackets with its keys below, for example [time] with cycle = \"1 year\" and horizon = \"20 years\"; or, if another scenario has them, inherit them with the name of its file: extends = \"base.toml\""),
    );
}

fn run(root: &TomlTable, out: &mut Diagnostics) -> RunDefaults {
    let empty = TomlTable::default();
    let table = root.table(keys::scenario::RUN).unwrap_or(&empty);
    if let (Some(n), Some(node)) = (table.count(keys::run::PATIENTS), table.get(keys::run::PATIENTS)) {
        if n == 0 {
            out.push(
                Diagnostic::error("E0424", "`patients` must be at least 1")
                    .at(node.span, "with 0 patients a simulation has no results"),
            );
        }
        if n > MOST_PATIENTS {
            let most = format!("the largest possible number is {MOST_PATIENTS}");
            out.push(Diagnostic::error("E0424", "`patients` is too large").at(node.span, most));
        }
    }
    RunDefaults {
        patients: table.count(keys::run::PATIENTS).unwrap_or(100_000),
        seed: table.count(keys::run::SEED).unwrap_or(1),
        engine: table.text(keys::run::ENGINE).unwrap_or("both").to_string(),
    }
}

/// The file of expected results, if the scenario itself states it. An overlay does not inherit the file, because its results differ.
fn expected_file(
    document: &Document,
    files: &Files,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Option<PathBuf> {
    let node = document.root.table(keys::scenario::EXPECTED)?.get(keys::expected::FILE)?;
    let own = document.chain.last() == Some(&node.span.file);
    own.then(|| files.path_named(node, sources, out))?
}

/// Name of the folder that contains the overlays of a model; the same for every model.
pub const VARIANTS: &str = "variants";

/// Name of the output folder of a scenario, formed from the names of its folder and file without the words `scenario(s)`.
pub fn scenario_name(path: &Path) -> String {
    let text = |part: Option<&std::ffi::OsStr>| part.and_then(|p| p.to_str()).unwrap_or_default().to_string();
    let stem = text(path.file_stem());
    let folder = text(path.parent().and_then(Path::file_name));
    harmless(&match (folder.as_str(), stem.as_str()) {
        ("" | "." | "scenarios", _) => stem,
        (_, "scenario") => folder,
        // A folder called `variants` may belong to any model, so the name of the model's folder is needed as well.
        (VARIANTS, _) => {
            match text(path.parent().and_then(Path::parent).and_then(Path::file_name)).as_str() {
                "" => format!("{folder}-{stem}"),
                model => format!("{model}-{folder}-{stem}"),
            }
        }
        _ => format!("{folder}-{stem}"),
    })
}

/// Maximum length of a scenario name in bytes, because the name of a folder can contain two of them.
const LONGEST_NAME: usize = 100;

/// Turns a text into a folder name that is valid on every system and cannot lead to a different folder.
fn harmless(name: &str) -> String {
    let kept = |c: char| {
        let taken = unprintable(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        if taken { '_' } else { c }
    };
    let name: String = name.trim_matches(['.', ' ']).chars().map(kept).collect();
    let end = name.char_indices().map(|(at, c)| at + c.len_utf8());
    let name = &name[..end.take_while(|&end| end <= LONGEST_NAME).last().unwrap_or(0)];
    match name.trim_end_matches(['.', ' ']) {
        "" => "scenario".into(),
        name if is_device(name) => format!("_{name}"),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;
    use arcosim_core::model::{Compounding, Correction, Expr, Hazard, Moment, When};

    const BASE: &str = r#"
format = 1
parameters = "parameters.csv"
[time]
cycle = "6 months"
horizon = "5 years"
[population.start]
well = "rest"
[states]
well = {}
sick = {}
dead = { absorbing = true }
[groups]
alive = { except = ["dead"] }
[transitions]
fall_ill = { from = "well", to = "sick", rate = "rate.ill" }
operate = { from = "sick", to = { dead = "p.operation", well = "rest" }, rate = 0.5 }
die = { from = "alive", to = "dead", rate = "rate.death" }
[strategies]
usual = {}
"#;
    const NUMBERS: &str = "name,kind,base,unit,source\n\
        rate.ill,rate,0.1,per month,A\nrate.death,rate,0.02,per year,A\np.operation,proportion,1%,,A\n";

    fn sound(files: &[(&str, &str)], overrides: &[(&str, &str)]) -> Scenario {
        let overrides: Vec<(String, String)> =
            overrides.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let loaded = load_text(files, &overrides);
        let message = render(&loaded.diagnostics, &loaded.sources, false);
        loaded.scenario.unwrap_or_else(|| panic!("{message}"))
    }

    fn base(scenario: &Scenario, name: &str) -> f64 {
        scenario.model.parameters.iter().find(|p| p.name == name).expect("a parameter").base
    }

    #[test]
    fn states_are_groups_too_and_only_certain_deaths_come_first() {
        let scenario = sound(&[("base.toml", BASE), ("parameters.csv", NUMBERS)], &[]);
        let model = &scenario.model;
        assert_eq!(
            model.time,
            arcosim_core::model::TimeGrid {
                cycles: 10,
                cycles_per_year: 2.0,
                moves: arcosim_core::model::Moves::OnceACycle
            }
        );
        let groups: Vec<&str> = model.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(groups, ["well", "sick", "dead", "alive"]);
        let first: Vec<bool> = model.transitions.iter().map(|transition| transition.first).collect();
        // Only `die` is resolved first: `operate`, which some patients survive, competes with the other transitions.
        assert_eq!(first, [false, false, true]);
        assert_eq!(model.transitions[2].from, [0, 1]);
        assert!(model.strategies[0].reference);
        assert_eq!(scenario.figures.landmarks, [1.0, 2.0, 3.0, 5.0]);
        assert_eq!(scenario.figures.years, 5.0);
        assert_eq!(scenario.name, "base");
    }

    #[test]
    fn an_overlay_changes_what_it_names_and_inherits_the_rest() {
        let overlay = r#"
extends = "../base.toml"
parameters = "local.csv"
[set]
"rate.death" = 0.03
[transitions.fall_ill]
gompertz = { shape = 0.1, rate = 0.2 }
clock = "time_in(well)"
"#;
        let local = "name;kind;base;unit;source\np.operation;proportion;2,5%;;B\n";
        let scenario = sound(
            &[
                ("country/x.toml", overlay),
                ("base.toml", BASE),
                ("parameters.csv", &NUMBERS.replace("rate.ill,rate,0.1,per month,A\n", "")),
                ("country/local.csv", local),
            ],
            &[],
        );
        assert!(matches!(scenario.model.transitions[0].hazard, Hazard::Distribution { .. }));
        assert_eq!(base(&scenario, "p.operation"), 0.025);
        assert_eq!(base(&scenario, "rate.death"), 0.03);
        assert_eq!(scenario.name, "country-x");
        assert_eq!(scenario.files.len(), 4);
    }

    #[test]
    fn expected_numbers_are_not_inherited() {
        let named = format!("{BASE}\n[expected]\nfile = \"expected.csv\"\n");
        let files = [("base.toml", named.as_str()), ("parameters.csv", NUMBERS)];
        assert!(sound(&files, &[]).expected_file.is_some());
        let overlay = "extends = \"base.toml\"\n[set]\n\"rate.death\" = 0.03\n";
        let files = [("x.toml", overlay), files[0], files[1]];
        assert!(sound(&files, &[]).expected_file.is_none());
    }

    #[test]
    fn line_ends_of_every_system_are_read() {
        for ends in ["\r\n", "\r"] {
            let [base, numbers] = [BASE, NUMBERS].map(|text| text.replace('\n', ends));
            sound(&[("base.toml", &base), ("parameters.csv", &numbers)], &[]);
        }
    }

    #[test]
    fn the_command_line_sets_values_in_the_unit_of_the_table() {
        let files = [("base.toml", BASE), ("parameters.csv", NUMBERS)];
        let scenario = sound(&files, &[("rate.ill", "0.2"), ("p.operation", "27.5%")]);
        assert_eq!(base(&scenario, "rate.ill"), 0.2 * 12.0);
        assert_eq!(base(&scenario, "p.operation"), 0.275);
    }

    #[test]
    fn the_command_line_is_checked_like_the_table() {
        let overrides = [("rate.il", "1"), ("p.operation", "2"), ("rate.death", "often")]
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let loaded = load_text(&[("base.toml", BASE), ("parameters.csv", NUMBERS)], &overrides);
        let codes: Vec<&str> = loaded.diagnostics.list.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["E0302", "E0205", "E0206"]);
    }

    #[test]
    fn the_command_line_sets_a_value_once() {
        let overrides = [("rate.death", "0.03"), ("rate.ill", "0.2"), ("rate.death", "0.04")]
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let loaded = load_text(&[("base.toml", BASE), ("parameters.csv", NUMBERS)], &overrides);
        let message = render(&loaded.diagnostics, &loaded.sources, false);
        assert!(message.contains("E0427"), "{message}");
        for setting in ["`--set rate.death=0.03`", "`--set rate.death=0.04`"] {
            assert!(message.contains(setting), "{message}");
        }
        assert_eq!(loaded.diagnostics.counts().0, 1);
    }

    const COUNTED: &str = r#"
[outcomes.cost]
unit = "EUR"
correction = { weights = [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5] }
discount = { rate = "3 %", from = "1 year", compounding = "whole years", later = [{ after = "4 years", rate = "rate.death" }] }
[rewards.stay]
outcome = "cost"
category = "Care"
per_year = "cost.stay"
in = "sick"
[rewards.test]
outcome = "cost"
category = "Care"
once = 20
on = "operate"
branches = "well"
"#;
    const COSTS: &str = "cost.stay,cost,100,EUR per month,A\n";

    #[test]
    fn rewards_gather_in_components() {
        let (text, numbers) = (format!("{BASE}{COUNTED}"), format!("{NUMBERS}{COSTS}"));
        let scenario = sound(&[("base.toml", &text), ("parameters.csv", &numbers)], &[]);
        let model = &scenario.model;
        let outcome = &model.outcomes[0];
        assert_eq!((outcome.name.as_str(), outcome.label.as_str()), ("cost", "Cost"));
        assert!(matches!(&outcome.correction, Correction::Weights(weights) if weights.len() == 11));
        let discount = outcome.discount.as_ref().unwrap();
        assert_eq!((discount.at, discount.compounding), (Moment::Point, Compounding::WholeYears));
        let begins: Vec<f64> = discount.rates.iter().map(|(from, _)| *from).collect();
        assert_eq!((discount.from, begins), (1.0, vec![0.0, 4.0]));
        assert_eq!(model.components.len(), 1);
        assert_eq!(model.components[0].category, "Care");
        assert_eq!(model.rewards[0].when, When::In(vec![1]));
        assert_eq!(model.rewards[1].when, When::Firing(vec![(1, 1)]));
        assert_eq!(base(&scenario, "cost.stay"), 1200.0);
        assert_eq!(scenario.conversions[1].1, "100 EUR per month = 1200 per year");
    }

    /// An overlay replaces the timing of a reward and the weights of an outcome, even if it states them with different keys.
    #[test]
    fn an_overlay_displaces_occasions_and_weights() {
        let overlay = r#"
extends = "base.toml"
[time]
horizon_counts = "points"
age = "end of cycle"
[outcomes.cost]
correction = { first = 0, repeat = [1, "2/1"], last = "1/2" }
[rewards.stay]
once = 5
on_entering = "dead"
loss = true
[rewards.test]
on_leaving = "sick"
"#;
        let (text, numbers) = (format!("{BASE}{COUNTED}"), format!("{NUMBERS}{COSTS}"));
        let files = [("over.toml", overlay), ("base.toml", text.as_str()), ("parameters.csv", &numbers)];
        let model = sound(&files, &[]).model;
        assert_eq!(model.time.cycles, 9);
        let weights = vec![0.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 0.5];
        assert_eq!(model.outcomes[0].correction, Correction::Weights(weights));
        assert_eq!(model.rewards[0].when, When::Entering(vec![2]));
        assert_eq!(model.rewards[0].amount, Expr::Number(-5.0));
        assert_eq!(model.rewards[1].when, When::Leaving(vec![1]));
    }

    /// If the cycle length cannot be read, the times of an effect are not compared with it.
    #[test]
    fn a_cycle_that_cannot_be_read_has_no_echo_in_effects() {
        let effects =
            "[[strategies.usual.effects]]\non = \"fall_ill\"\nhazard_ratio = 0.5\nonset = \"3 months\"\n";
        for (cycle, expected) in [("\"6 months\"", "W0508"), ("6", "E0403")] {
            let text = format!("{BASE}{effects}").replace("usual = {}\n", "").replace("\"6 months\"", cycle);
            let loaded = load_text(&[("base.toml", &text), ("parameters.csv", NUMBERS)], &[]);
            let codes: Vec<&str> = loaded.diagnostics.list.iter().map(|d| d.code).collect();
            assert_eq!(codes, [expected]);
        }
    }

    #[test]
    fn output_folders_are_named_after_folder_and_file() {
        let named = |path: &str| scenario_name(Path::new(path));
        assert_eq!(named("scenarios/country/base.toml"), "country-base");
        assert_eq!(named("scenarios/base.toml"), "base");
        assert_eq!(named("study/scenario.toml"), "study");
        // Variants of different models can have the same file name.
        assert_eq!(named("heart/variants/old.toml"), "heart-variants-old");
        assert_eq!(named("lung/variants/old.toml"), "lung-variants-old");
        assert_eq!(named("variants/old.toml"), "variants-old");
        assert_eq!(named("./base.toml"), "base");
        assert_eq!(named("base.toml"), "base");
        // No file name leads to a folder outside `output`.
        for (path, name) in [
            ("...toml", "scenario"),
            ("..toml", "scenario"),
            ("study/...toml", "study-"),
            ("con.toml", "_con"),
            ("NUL.x.toml", "_NUL.x"),
            ("a\u{1b}[31m.toml", "a_[31m"),
            ("a\\..\\b.toml", "a_.._b"),
            ("x:y.toml", "x_y"),
        ] {
            assert_eq!(named(path), name, "{path:?}");
        }
        assert_eq!(named(&format!("{}.toml", "\u{6f22}".repeat(90))).len(), 99);
        let resolved = |path: &str| resolved(&Files::Disk(Tree::of(Path::new(path))), Path::new(path));
        assert_eq!(resolved("study/base.toml"), Path::new("study/base.toml"));
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(resolved("base.toml"), here.join("base.toml"));
        assert_eq!(resolved("./base.toml"), here.join("base.toml"));
        assert_eq!(resolved("checks/../base.toml"), here.join("base.toml"));
    }

    #[test]
    fn the_schema_knows_every_section() {
        let schema = crate::json_schema();
        let transition = &schema["properties"]["transitions"]["additionalProperties"];
        assert_eq!(transition["additionalProperties"], false);
        assert!(transition["properties"]["weibull"]["properties"]["shape"].is_object());
        let attribute =
            &schema["properties"]["population"]["properties"]["attributes"]["additionalProperties"];
        assert_eq!(attribute["additionalProperties"]["type"][0], "string");
    }
}
