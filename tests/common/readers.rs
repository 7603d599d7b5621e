//! Properties of the readers for any input: they return, and whatever they accept can be run. Each function takes one
//! input as bytes; the fuzzers of `tests/fuzz` and the regression tests call them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use arcosim::analysis::base_case::{self, Engine, Options};
use arcosim::analysis::expected;
use arcosim::engine::Totals;
use arcosim::engine::counts::Counts;
use arcosim::engine::microsim::Watch;
use arcosim::model::{Model, Situation};
use arcosim::scenario::diagnostic::{Diagnostics, Severity, render};
use arcosim::scenario::expression::{Clocks, Expected, Names, Place, Scope, compile};
use arcosim::scenario::read::csv::CsvCell;
use arcosim::scenario::read::excel_numbers::{Convention, Decimal, learn, read};
use arcosim::scenario::read::source::{Sources, Span};
use arcosim::scenario::{Loaded, Scenario, load_text};

/// What takes one input.
pub type Reader = fn(&[u8]);

/// Every reader by the name of its fuzzer.
pub const READERS: [(&str, Reader); 9] = [
    ("scenario", scenario),
    ("parameters", parameters),
    ("life_table", life_table),
    ("lookup_table", lookup_table),
    ("draws", draws),
    ("expected_numbers", expected_numbers),
    ("expression", expression),
    ("numeral", numeral),
    ("run", run),
];

/// The reader of this name.
pub fn by_name(name: &str) -> Reader {
    let found = READERS.iter().find(|(own, _)| *own == name);
    found.unwrap_or_else(|| panic!("there is no reader {name}")).1
}

/// Begins the name of the next file in an input of several files.
pub const NEXT_FILE: &str = "@@ ";

const SCENARIO: &str = include_str!("../fuzz/frame/scenario.toml");
const PARAMETERS: &str = include_str!("../fuzz/frame/parameters.csv");
const SOUND: &str = include_str!("../broken/sound/scenario.toml");
const SOUND_PARAMETERS: &str = include_str!("../broken/sound/parameters.csv");
const COUNTED: &str = include_str!("../broken/sound/counted.toml");
const COUNTED_PARAMETERS: &str = include_str!("../broken/sound/counted.csv");
const LIFE_TABLE: &str = include_str!("../fuzz/frame/life_table.csv");
const NORMS: &str = include_str!("../fuzz/frame/norms.csv");
const EXPECTED: &str = include_str!("../fuzz/frame/expected.csv");
/// A scenario as small as can be, in which tables are read quickly.
const TABLES: &str = include_str!("../fuzz/frame/tables.toml");
const SHORT: &str = include_str!("../fuzz/frame/short.csv");
const DRAWS: &str = include_str!("../fuzz/frame/draws.csv");

/// Larger models are read and not run.
const MOST_CYCLES: usize = 24;
const MOST_STATES: usize = 12;
const MOST_STRATEGIES: usize = 4;
/// Messages that are laid out.
const SHOWN: usize = 2;
/// Patients of each strategy.
const PATIENTS: u64 = 64;

/// A scenario, and files beside it: a line `@@ name` begins the file of that name. What the input does not bring comes from
/// the frame. The lines of a file `set` are `name=value`, as on the command line.
fn scenario(input: &[u8]) {
    load_input(input);
}

fn load_input(input: &[u8]) -> Option<Scenario> {
    let text = String::from_utf8_lossy(input);
    let mut files = split(&text);
    let set = files.iter().position(|(name, _)| *name == "set");
    let set = set.map_or("", |at| files.remove(at).1);
    let overrides: Vec<(String, String)> = set
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    files.extend(frame());
    let loaded = load_text(&files, &overrides);
    checked(loaded)
}

/// The files of an input.
fn split(text: &str) -> Vec<(&str, &str)> {
    let mut files = Vec::new();
    let (mut name, mut begin, mut at) = ("scenario.toml", 0, 0);
    for line in text.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix(NEXT_FILE) {
            files.push((name, &text[begin..at]));
            (name, begin) = (next.trim_end(), at + line.len());
        }
        at += line.len();
    }
    files.push((name, &text[begin..]));
    files
}

/// What an input may rest on: the frame as `base.toml`, and what the broken scenarios extend.
fn frame() -> [(&'static str, &'static str); 10] {
    [
        ("sound/scenario.toml", SOUND),
        ("sound/parameters.csv", SOUND_PARAMETERS),
        ("sound/counted.toml", COUNTED),
        ("sound/counted.csv", COUNTED_PARAMETERS),
        ("base.toml", SCENARIO),
        ("parameters.csv", PARAMETERS),
        ("life_table.csv", LIFE_TABLE),
        ("norms.csv", NORMS),
        ("draws.csv", DRAWS),
        ("expected.csv", EXPECTED),
    ]
}

/// A parameter table.
fn parameters(input: &[u8]) {
    among_tables("parameters.csv", input);
}

/// A life table.
fn life_table(input: &[u8]) {
    among_tables("life_table.csv", input);
}

/// A table that formulas look up.
fn lookup_table(input: &[u8]) {
    among_tables("norms.csv", input);
}

/// Draws that are given.
fn draws(input: &[u8]) {
    among_tables("draws.csv", input);
}

/// The small scenario with one of its tables given.
fn among_tables(name: &str, input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let files = [
        ("tables.toml", TABLES),
        (name, &text),
        ("parameters.csv", SHORT),
        ("life_table.csv", LIFE_TABLE),
        ("norms.csv", NORMS),
        ("draws.csv", DRAWS),
    ];
    checked(load_text(&files, &[]));
}

/// The frame, read once.
static FRAME: LazyLock<Scenario> = LazyLock::new(|| {
    let mut files = vec![("scenario.toml", SCENARIO)];
    files.extend(frame());
    let loaded = load_text(&files, &[]);
    let messages = render(&loaded.diagnostics, &loaded.sources, false);
    loaded.scenario.unwrap_or_else(|| panic!("the frame is a scenario\n{messages}"))
});

/// The frame as exact results, to compare expected numbers with.
static RESULTS: LazyLock<base_case::Results> =
    LazyLock::new(|| solved(&FRAME.model, Engine::Cohort).expect("nobody stops it"));

fn solved(model: &Model, engine: Engine) -> Option<base_case::Results> {
    let options = Options::new(engine, PATIENTS, 1, vec![1.0]);
    base_case::run(model, &options, &Watch::default())
}

/// A table of expected numbers.
fn expected_numbers(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match expected::read(&text, &FRAME.model) {
        Err(problem) => assert!(!problem.trim().is_empty()),
        Ok(rows) => {
            let exact = RESULTS.exact.as_ref().expect("the exact engine answered");
            for comparison in expected::compare(rows, &FRAME.model, &exact.solution) {
                assert!(comparison.result.is_none_or(f64::is_finite), "{comparison:?}");
                assert!(!comparison.status().is_empty());
            }
        }
    }
}

/// What the places ask for that expressions stand in.
const PLACES: [Expected; 11] = [
    Expected::Rate,
    Expected::ProbabilityPerCycle,
    Expected::Ratio,
    Expected::Proportion,
    Expected::Condition,
    Expected::Number,
    Expected::Time,
    Expected::RelativeRisk,
    Expected::DiscountRate,
    Expected::AmountPerYear,
    Expected::Amount,
];

/// An expression. The first byte chooses where it stands.
fn expression(input: &[u8]) {
    let Some((&choice, rest)) = input.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    let model = &FRAME.model;
    let names = Names {
        parameters: &INDEX,
        rows: &FRAME.parameters,
        attributes: &model.attributes,
        states: &model.states,
        groups: &model.groups,
        tables: &[],
        matrices: Vec::new(),
        matrices_read: Default::default(),
        formulas: &[],
        age: Some(0),
        age_at_end: choice >= 128,
        cycle_years: 0.5,
        continuous: false,
        used: RefCell::new(vec![false; FRAME.parameters.len()]),
    };
    let everything = choice % 4 > 0;
    let scope = Scope {
        states: if everything { &[1, 2] } else { &[] },
        clocks: match choice % 4 {
            0 => Clocks::None,
            1 => Clocks::Model,
            2 => Clocks::Point,
            _ => Clocks::Cycle,
        },
        attributes: everything,
        state: everything,
        value_of: None,
    };
    let before = "rate = \"";
    let mut sources = Sources::default();
    let file = sources.add("scenario.toml", format!("{before}{text}\"\n"));
    let place = Place {
        span: Span { file, start: before.len(), end: before.len() + text.len() },
        escaped: choice % 8 == 7,
    };
    let mut out = Diagnostics::default();
    let wanted = PLACES[usize::from(choice / 4) % PLACES.len()];
    let compiled = compile(&text, &place, wanted, &scope, &names, &mut out);
    assert_eq!(compiled.is_none(), out.has_errors(), "{text}");
    shown(out, &sources);
    let Some(compiled) = compiled else { return };
    // Whatever compiles has a value, which may be none that can be used.
    let base = model.base_values();
    let residence: Vec<usize> = (0..model.groups.len()).collect();
    for state in [1, 2] {
        let situation = Situation {
            parameters: &base,
            attributes: &[71.5, 1.0],
            state,
            cycle: 3,
            residence: &residence,
            cycles_per_year: 2.0,
            part: 0.0,
        };
        compiled.value(&situation);
    }
}

/// The places of parameters.
static INDEX: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let rows = FRAME.parameters.iter().enumerate();
    rows.map(|(i, row)| (row.name.clone(), i)).collect()
});

/// Numbers as cells of a table, one in a line.
fn numeral(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let nowhere = Span { file: 0, start: 0, end: 0 };
    let cells: Vec<CsvCell> =
        text.lines().map(|line| CsvCell { text: line.trim().into(), span: nowhere }).collect();
    let conventions = [
        learn(cells.iter(), ','),
        learn(cells.iter(), ';'),
        Convention::Known(Decimal::Point),
        Convention::Known(Decimal::Comma),
        Convention::Unknown,
    ];
    for cell in &cells {
        for convention in conventions {
            if let Ok(numeral) = read(&cell.text, convention) {
                assert!(numeral.value.is_finite(), "{:?}: {numeral:?}", cell.text);
            }
        }
    }
}

/// A scenario as in [`scenario`]; one that is let through and is small runs on both engines.
fn run(input: &[u8]) {
    let Some(scenario) = load_input(input) else {
        return;
    };
    let model = &scenario.model;
    if model.time.cycles > MOST_CYCLES
        || model.states.len() > MOST_STATES
        || model.strategies.len() > MOST_STRATEGIES
    {
        return;
    }
    let results = solved(model, Engine::Both).expect("nobody stops it");
    for (source, solution) in results.solutions() {
        let what = format!("{source:?}");
        counted(model, &solution.counts, &what);
        gathered(&solution.totals, &what);
    }
}

/// Occupancy is a share, and everybody is somewhere.
fn counted(model: &Model, counts: &Counts, what: &str) {
    for (own, strategy) in counts.strategies.iter().zip(&model.strategies) {
        for cycle in 0..=model.time.cycles {
            let all: f64 = own.occupancy.iter().map(|state| state[cycle]).sum();
            let off = (all / counts.patients - 1.0).abs();
            let name = &strategy.name;
            assert!(off < 1e-9, "{what}, {name}: {all} patients after {cycle} cycles");
            let sound = own.occupancy.iter().all(|state| state[cycle] >= -1e-9);
            assert!(sound, "{what}, {name}: less than nobody after {cycle} cycles");
        }
    }
}

/// Totals are numbers: checks refuse amounts that are none.
fn gathered(totals: &Totals, what: &str) {
    for own in &totals.strategies {
        for outcome in &own.outcomes {
            assert!(outcome.mean.is_finite(), "{what}: a total is {}", outcome.mean);
        }
    }
}

/// What must hold of a scenario that was read, or refused; the scenario, if there is one.
pub fn checked(loaded: Loaded) -> Option<Scenario> {
    let errors = loaded.diagnostics.list.iter();
    let errors = errors.filter(|d| d.severity == Severity::Error);
    let errors =
        errors.inspect(|d| assert!(!d.title.trim().is_empty() && !d.code.is_empty(), "{d:?}")).count();
    assert_eq!(loaded.scenario.is_none(), errors > 0, "{errors} errors");
    shown(loaded.diagnostics, &loaded.sources);
    if let Some(scenario) = &loaded.scenario {
        let model = &scenario.model;
        assert!(!model.states.is_empty() && !model.strategies.is_empty());
        assert!(model.parameters.iter().all(|p| p.base.is_finite()));
    }
    loaded.scenario
}

/// Messages can be shown. Of many, a few that depend on the input: to lay out all of them takes longer than to find them.
fn shown(mut messages: Diagnostics, sources: &Sources) {
    let (all, length) = (messages.list.len(), sources.files.iter().map(|f| f.text.len()).sum::<usize>());
    if all > SHOWN {
        messages.list.rotate_left(length % all);
        messages.list.truncate(SHOWN);
    }
    let text = render(&messages, sources, false);
    assert_eq!(text.trim().is_empty(), messages.list.is_empty(), "{text}");
}
