//! Event histories of patients, for every shipped scenario: they obey the rules of a cycle model, and counts made
//! from the histories reproduce the tables.

use crate::common;

use std::collections::BTreeMap;
use std::path::Path;

use arcosim::engine::counts::{EndpointCounts, StrategyCounts};
use arcosim::engine::microsim::Settings;
use arcosim::model::{Endpoint, Model};
use arcosim::scenario::Scenario;
use common::program::{Folder, code};
use common::solve::Life;
use common::{shipped, solve};

const PATIENTS: u64 = 2000;

#[test]
fn lives_obey_the_rules() {
    obey(shipped::originals());
}

#[test]
#[ignore = "all overlays"]
fn lives_of_overlays_obey_the_rules() {
    obey(shipped::overlays());
}

fn obey(scenarios: Vec<(String, Scenario)>) {
    for (name, scenario) in scenarios {
        let model = &scenario.model;
        let lives = solve::lives(model, &Settings::new(PATIENTS, 5), PATIENTS);
        assert_eq!(lives.len(), PATIENTS as usize * model.strategies.len());
        for life in &lives {
            let (mut state, mut cycle) = (life.begins, 0);
            for event in &life.events {
                let what = || format!("{name}: {event:?} of {life:?}");
                // In continuous time patients may move several times in a cycle.
                let later = if model.time.continuous() { event.cycle >= cycle } else { event.cycle > cycle };
                assert!(later, "at most one move a cycle, {}", what());
                assert_eq!(event.from, state, "{}", what());
                assert!(model.transitions[event.transition].from.contains(&state), "{}", what());
                let leads = |b: &arcosim::model::Branch| b.to.unwrap_or(state) == event.to;
                assert!(model.transitions[event.transition].branches.iter().any(leads), "{}", what());
                assert!(!model.states[state].absorbing, "{}", what());
                (state, cycle) = (event.to, event.cycle);
            }
            assert!(cycle <= model.time.cycles, "{name}: {life:?}");
        }
        // The patient is the same under every strategy, and a run with fewer patients reproduces the first
        // histories.
        for (patient, lives) in lives.chunks(model.strategies.len()).enumerate() {
            for (strategy, life) in lives.iter().enumerate() {
                assert_eq!((life.patient, life.strategy), (patient as u64, strategy));
                assert_eq!((&life.attributes, life.presents), (&lives[0].attributes, lives[0].presents));
            }
        }
        let few = solve::lives(model, &Settings::new(100, 5), 100);
        assert_eq!(few[..], lives[..few.len()], "{name}");
    }
}

#[test]
fn lives_counted_by_hand_are_the_counts() {
    counted_by_hand(shipped::originals());
}

#[test]
#[ignore = "all overlays"]
fn lives_of_overlays_counted_by_hand_are_the_counts() {
    counted_by_hand(shipped::overlays());
}

fn counted_by_hand(scenarios: Vec<(String, Scenario)>) {
    for (name, scenario) in scenarios {
        let model = &scenario.model;
        let settings = Settings::new(PATIENTS, 5);
        let counts = solve::simulated(model, &settings);
        let lives = solve::lives(model, &settings, PATIENTS);
        for (strategy, counted) in counts.strategies.iter().enumerate() {
            let branches = model.strategies[strategy].at_start.len();
            let mut own = StrategyCounts::zero(model, branches);
            for life in lives.iter().filter(|l| l.strategy == strategy) {
                count(model, life, &mut own);
            }
            assert_eq!(own.occupancy, counted.occupancy, "{name}, occupancy");
            assert_eq!(own.moves, counted.moves, "{name}, moves");
            assert_eq!(own.procedure, counted.procedure, "{name}, procedures");
            for (e, endpoint) in model.endpoints.iter().enumerate() {
                assert_eq!(own.endpoints[e], counted.endpoints[e], "{name}, {}", endpoint.name);
            }
        }
    }
}

fn count(model: &Model, life: &Life, counts: &mut StrategyCounts) {
    if let Some(branch) = life.procedure {
        counts.procedure[branch] += 1.0;
    }
    let mut events = life.events.iter().peekable();
    let mut state = life.begins;
    for cycle in 0..=model.time.cycles {
        while let Some(event) = events.next_if(|e| e.cycle == cycle) {
            counts.moves[event.edge][cycle] += 1.0;
            state = event.to;
        }
        counts.occupancy[state][cycle] += 1.0;
    }
    for (endpoint, own) in model.endpoints.iter().zip(&mut counts.endpoints) {
        match endpoint.since {
            None => from_the_start(model, endpoint, life, own),
            Some(group) => since_entry(model, endpoint, &model.groups[group].states, life, own),
        }
    }
}

/// Counts an endpoint from the start. A patient who presents after the event, or whose time at risk ends at the
/// procedure at the start, is never at risk.
fn from_the_start(model: &Model, endpoint: &Endpoint, life: &Life, own: &mut EndpointCounts) {
    let (enters, competing) = (&endpoint.enters, &endpoint.competing);
    if enters.contains(&life.presents) || competing.contains(&life.presents) {
        own.beyond += 1.0;
        return;
    }
    let by_procedure = enters.contains(&life.begins);
    if !by_procedure && competing.contains(&life.begins) {
        own.beyond += 1.0;
        return;
    }
    own.entered += 1.0;
    if by_procedure {
        own.events[0] += 1.0;
        return;
    }
    for event in &life.events {
        let moves = event.to != event.from;
        if endpoint.fires.contains(&event.transition) || moves && enters.contains(&event.to) {
            own.events[event.cycle] += 1.0;
            return;
        }
        if moves && competing.contains(&event.to) {
            own.competing[event.cycle] += 1.0;
            return;
        }
    }
    own.censored[model.time.cycles] += 1.0;
}

/// Counts an endpoint from the first entry into a group of states, and only while the patient is in the group.
fn since_entry(model: &Model, endpoint: &Endpoint, group: &[usize], life: &Life, own: &mut EndpointCounts) {
    let entry = match group.contains(&life.begins) {
        true => Some(0),
        false => life.events.iter().find(|e| group.contains(&e.to)).map(|e| e.cycle),
    };
    let Some(since) = entry else { return };
    own.entered += 1.0;
    for event in life.events.iter().filter(|e| e.cycle > since) {
        let moves = event.to != event.from;
        let time = event.cycle - since;
        if endpoint.fires.contains(&event.transition) || moves && endpoint.enters.contains(&event.to) {
            own.events[time] += 1.0;
            return;
        }
        if moves && endpoint.competing.contains(&event.to) {
            own.competing[time] += 1.0;
            return;
        }
        if !group.contains(&event.to) {
            own.censored[time] += 1.0;
            return;
        }
    }
    own.censored[model.time.cycles - since] += 1.0;
}

/// A table from the output of a run: each row maps the names of columns to values.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// The same test with the output files: the histories of all patients reproduce the trace and the event counts.
#[test]
fn the_file_of_histories_gives_the_trace_and_the_events() {
    let folder = Folder::new();
    for (name, scenario) in shipped::originals() {
        let path = Path::new(shipped::ROOT).join(&name);
        let all = PATIENTS.to_string();
        let run =
            ["run", path.to_str().unwrap(), "--engine", "microsim", "--seed", "9", "--out", "out", "-q"];
        let output = folder.arcosim(&[&run[..], &["-n", all.as_str(), "--histories", all.as_str()]].concat());
        code(&output, 0);
        let out = folder.0.join("out");
        let histories = table(&out.join("patients/event_histories.csv"));
        // Change in occupancy of each state in each cycle: number of entries minus number of exits.
        let mut change: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
        let mut fired: BTreeMap<[String; 3], Vec<f64>> = BTreeMap::new();
        let per_year = scenario.model.time.cycles_per_year;
        for row in &histories {
            let years: f64 = row["time_years"].parse().unwrap();
            let cycle = match scenario.model.time.continuous() {
                true => (years * per_year - 1e-9).ceil() as usize,
                false => (years * per_year).round() as usize,
            };
            let mut add = |state: &str, by: i64| {
                let key = (row["strategy"].clone(), state.to_string());
                let grid = change.entry(key).or_insert_with(|| vec![0; scenario.model.time.cycles + 1]);
                grid[cycle] += by;
            };
            add(&row["to"], 1);
            let key = if row["event"] == "start" {
                [row["strategy"].clone(), String::new(), row["branch"].clone()]
            } else {
                add(&row["from"], -1);
                [row["strategy"].clone(), row["event"].clone(), row["branch"].clone()]
            };
            fired.entry(key).or_default().push(years);
        }
        let trace = table(&out.join("trace.csv"));
        for row in &trace {
            let cycle = (row["time_years"].parse::<f64>().unwrap() * per_year).round() as usize;
            let grid = change.get(&(row["strategy"].clone(), row["state"].clone()));
            let there: i64 = grid.map_or(0, |g| g[..=cycle].iter().sum());
            let share = there as f64 / PATIENTS as f64;
            assert_eq!(row["proportion"].parse::<f64>().unwrap(), share, "{name}: {row:?}");
        }
        let events = table(&out.join("events.csv"));
        for row in &events {
            let until: f64 = row["until_years"].parse().unwrap();
            let key = [row["strategy"].clone(), row["transition"].clone(), row["branch"].clone()];
            let happened = fired.get(&key).map_or(0, |times| times.iter().filter(|t| **t <= until).count());
            let per_100 = 100.0 * happened as f64 / PATIENTS as f64;
            let written: f64 = row["per_100_patients"].parse().unwrap();
            // The numbers are ratios of whole numbers, so only rounding errors may differ.
            assert!((written - per_100).abs() < 1e-9, "{name}: {per_100} by hand, {row:?}");
        }
        println!(
            "{name}: {} histories, {} rows of trace, {} of events",
            histories.len(),
            trace.len(),
            events.len()
        );
        assert!(trace.len() > 50 && events.len() > 10);
    }
}
