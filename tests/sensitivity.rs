//! Deterministic sensitivity analysis versus closed forms, and `arcosim dsa` end to end.

use crate::common;

use std::fs;
use std::sync::atomic::AtomicBool;

use arcosim::analysis::evaluation::Integration;
use arcosim::analysis::sensitivity::net_benefit::Ratio;
use arcosim::analysis::sensitivity::one_way::{Direction, OneWay, Swing, one_way};
use arcosim::analysis::sensitivity::scenarios::{exact, lines};
use arcosim::analysis::sensitivity::threshold::{Switching, switching_values};
use arcosim::analysis::sensitivity::two_way::{STEPS, two_way};
use arcosim::analysis::sensitivity::{NODES, Setting};
use arcosim::scenario::Scenario;

use common::decision::{BASE, NUMBERS, Numbers, SCENARIO, scenario};
use common::program::{Folder, code, contents};

static GO: AtomicBool = AtomicBool::new(false);
const LEAD: f64 = 20_000.0;
const DRUG: (usize, usize) = (1, 0);

fn setting(scenario: &Scenario) -> Setting<'_> {
    let decision = scenario.decision.as_ref().unwrap();
    Setting::new(scenario, decision, None, Integration::Nodes(NODES), &GO)
}

fn index(scenario: &Scenario, name: &str) -> usize {
    scenario.parameters.iter().position(|row| row.name == name).unwrap()
}

fn bar(scenario: &Scenario, found: &OneWay, name: &str, threshold: f64) -> Swing {
    let swings = found.swings(&setting(scenario), DRUG, threshold);
    let p = index(scenario, name);
    swings.into_iter().find(|s| s.parameter == p).unwrap()
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "{found} for {expected}");
}

#[test]
fn ends_of_ranges_give_the_closed_form() {
    let scenario = scenario("", &[]);
    let found = one_way(&setting(&scenario), &[]).unwrap().unwrap();
    type Change = fn(f64) -> Numbers;
    let cases: [(&str, [f64; 2], Change, Direction); 6] = [
        ("rr.drug", [0.3, 1.0], |rr| Numbers { rr, ..BASE }, Direction::Lowers),
        ("utility", [0.7, 0.95], |utility| Numbers { utility, ..BASE }, Direction::Raises),
        ("cost.care", [900.0, 1300.0], |care| Numbers { care, ..BASE }, Direction::Lowers),
        ("cost.severe", [200.0, 600.0], |severe| Numbers { severe, ..BASE }, Direction::Lowers),
        ("cost.drug", [100.0, 2000.0], |drug| Numbers { drug, ..BASE }, Direction::Lowers),
        ("share.severe", [0.1, 0.4], |share| Numbers { share, ..BASE }, Direction::Lowers),
    ];
    for threshold in [LEAD, 5000.0] {
        for (name, ends, change, direction) in &cases {
            let bar = bar(&scenario, &found, name, threshold);
            near(bar.base, BASE.benefit(threshold));
            let expected = ends.map(|x| change(x).benefit(threshold));
            near(bar.at[0].unwrap(), expected[0]);
            near(bar.at[1].unwrap(), expected[1]);
            near(bar.swing.unwrap(), (expected[1] - expected[0]).abs());
            assert_eq!(bar.direction, *direction, "{name}");
            // The strategy `ideal` is always best but not available, so only the other two decide.
            let changes = expected.iter().any(|x| (*x > 0.0) != (BASE.benefit(threshold) > 0.0));
            assert_eq!(bar.decision_changes, Some(changes), "{name} at {threshold}");
        }
    }
    let swings = found.swings(&setting(&scenario), DRUG, LEAD);
    let sizes: Vec<f64> = swings.iter().filter_map(|s| s.swing).collect();
    assert!(sizes.windows(2).all(|w| w[0] >= w[1]));
    assert_eq!(swings.len(), 10, "nothing is left out");
}

#[test]
fn what_has_no_range_or_is_impossible_says_so() {
    let scenario = scenario("", &[]);
    let setting = setting(&scenario);
    let correlated = vec![vec![index(&scenario, "utility"), index(&scenario, "rr.drug")]];
    let found = one_way(&setting, &correlated).unwrap().unwrap();
    let moved = |name: &str| {
        let p = index(&scenario, name);
        found.moved.iter().find(|m| m.parameter == p).unwrap()
    };
    assert!(moved("p.die").ends.is_none());
    assert_eq!(bar(&scenario, &found, "p.die", LEAD).swing, None);
    // Shares of 0.9 mild and 0.3 severe sum to more than 1, so the high end cannot be run. The low end, 0.2 mild,
    // changes no result.
    let [low, high] = moved("share.mild").ends.as_ref().unwrap();
    assert!(low.1.is_ok());
    let why = high.1.as_ref().unwrap_err();
    assert!(why.contains("severity") && why.contains("1.2"), "{why}");
    let bar = bar(&scenario, &found, "share.mild", LEAD);
    assert_eq!((bar.at[1], bar.direction), (None, Direction::Nothing));
    assert_eq!(moved("utility").belongs_to, [index(&scenario, "rr.drug")]);
    assert!(moved("cost.care").belongs_to.is_empty());
    assert!(moved("cost.drug").belongs_to.is_empty());
}

#[test]
fn both_ends_on_one_side_turn() {
    let scenario = scenario("", &[("fee.scale", "100"), ("dose", "2")]);
    let found = one_way(&setting(&scenario), &[]).unwrap().unwrap();
    let bar = bar(&scenario, &found, "dose", LEAD);
    // The fee is 100 (d - 1)(d - 3): 300 at d = 0, 800 at d = 5 and -100 at d = 2.
    assert_eq!(bar.direction, Direction::Turns);
    near(bar.base - bar.at[0].unwrap(), 400.0);
    near(bar.swing.unwrap(), 900.0);
}

#[test]
fn a_grid_over_two_parameters_gives_the_closed_form() {
    let scenario = scenario("", &[]);
    let setting = setting(&scenario);
    let pair = ["cost.drug", "rr.drug"].map(|name| index(&scenario, name));
    let grid = two_way(&setting, pair, None, STEPS).unwrap().unwrap();
    assert_eq!((grid.cells.len(), grid.cells[0].len()), (STEPS, STEPS));
    let mut decisions = [0, 0];
    for i in 0..STEPS {
        for j in 0..STEPS {
            let [drug, rr] = [grid.values[0][i], grid.values[1][j]];
            let expected = Numbers { drug, rr, ..BASE }.benefit(LEAD);
            near(grid.increment(&setting, (i, j), DRUG, LEAD).unwrap(), expected);
            let best = grid.best(&setting, (i, j), LEAD).unwrap();
            assert_eq!(best, usize::from(expected > 0.0));
            decisions[best] += 1;
        }
    }
    assert!(decisions[0] > 0 && decisions[1] > 0);
    assert_eq!((grid.values[0][0], grid.values[0][STEPS - 1]), (100.0, 2000.0));
    let no_range = [pair[0], index(&scenario, "p.die")];
    assert!(two_way(&setting, no_range, None, STEPS).unwrap().unwrap_err().contains("p.die"));
}

fn switching(scenario: &Scenario, name: &str) -> Switching {
    let setting = setting(scenario);
    let base = setting.at_base().unwrap();
    let all = switching_values(&setting, &base, &[index(scenario, name)], Some(1)).unwrap();
    // The best and the second-best strategy are the same pair at both thresholds, so each threshold has only one row.
    assert_eq!(all.len(), 2);
    all.into_iter().find(|t| t.threshold == LEAD).unwrap()
}

#[test]
fn the_price_at_which_it_stops_being_worth_it() {
    let scenario = scenario("", &[]);
    let years = BASE.die * (1.0 - BASE.rr);
    let worth = LEAD * BASE.utility - BASE.care - BASE.share * BASE.severe;
    let price = switching(&scenario, "cost.drug");
    near(price.at_base, BASE.benefit(LEAD));
    assert_eq!(price.values.len(), 1);
    near(price.values[0].value, worth * years);
    assert!(!price.values[0].better_above && price.note.is_empty());
    let rr = switching(&scenario, "rr.drug");
    near(rr.values[0].value, 1.0 - BASE.drug / (worth * BASE.die));
    // A relative risk above 5 makes the probability larger than 1.
    assert!(rr.note.contains("cannot be run"), "{}", rr.note);
    let nothing = switching(&scenario, "share.mild");
    assert!(nothing.values.is_empty());
    assert_eq!((nothing.searched.low, nothing.searched.high), (0.0, 1.0));
}

#[test]
fn all_switching_values_are_found() {
    let scenario = scenario("", &[("fee.scale", "1000")]);
    let dose = switching(&scenario, "dose");
    // Switching values solve 1000 (d - 1)(d - 3) = benefit without the fee.
    let half = (1.0 + BASE.benefit(LEAD) / 1000.0).sqrt();
    let values: Vec<f64> = dose.values.iter().map(|v| v.value).collect();
    assert_eq!(values.len(), 2);
    near(values[0], 2.0 - half);
    near(values[1], 2.0 + half);
    assert!(dose.values[0].better_above && !dose.values[1].better_above);
}

#[test]
fn scenarios_stand_beside_each_other() {
    let base = scenario("", &[]);
    let dear = scenario("[set]\n\"cost.drug\" = 2000\n", &[]);
    let cheap = scenario("[set]\n\"cost.drug\" = 0\n\"cost.care\" = 0\n\"cost.severe\" = 0\n", &[]);
    let line = |other: &Scenario| {
        let [own, totals] = [other, &base].map(|s| exact(s).unwrap());
        let decision = |s: &Scenario| s.decision.clone().unwrap();
        let all = lines((other, &decision(other), &own), (&base, &decision(&base), &totals), None);
        assert_eq!(all.len(), 4);
        all.into_iter().next().unwrap()
    };
    let (cost, effect) = BASE.increments();
    let same = line(&base);
    near(same.cost, cost);
    near(same.effect, effect);
    near(same.ratio.value().unwrap(), cost / effect);
    assert_eq!(same.decision_changes, Some(false));
    assert_eq!(line(&dear).decision_changes, Some(true));
    assert_eq!(line(&cheap).ratio, Ratio::Dominant);
}

/// Writes the scenario, its parameter table and an overlay to a temporary folder.
fn folder(scenario: &str, numbers: &str) -> Folder {
    let folder = Folder::new();
    fs::write(folder.0.join("base.toml"), scenario).unwrap();
    fs::write(folder.0.join("numbers.csv"), numbers).unwrap();
    let dear = "extends = \"base.toml\"\ntitle = \"Dear\"\n[set]\n\"cost.drug\" = 2000\n";
    fs::write(folder.0.join("dear.toml"), dear).unwrap();
    folder
}

#[test]
fn dsa_writes_a_folder_that_explains_itself() {
    let folder = folder(SCENARIO, NUMBERS);
    for threads in ["1", "2"] {
        let args = ["dsa", "base.toml", "--two-way", "cost.drug,rr.drug", "--scenarios", "dear.toml"];
        let output = folder.arcosim(&[&args[..], &["--threads", threads, "--out", threads]].concat());
        code(&output, 0);
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains("preferred below 1485 GBP"), "{stdout}");
        assert!(stdout.contains("changes the decision"), "{stdout}");
        assert!(stdout.lines().last().unwrap().ends_with("README.txt"));
    }
    let files = contents(&folder.0.join("1"));
    assert!(files == contents(&folder.0.join("2")), "threads show");
    let dictionary = fs::read_to_string(folder.0.join("1/data_dictionary.csv")).unwrap();
    let names: Vec<&str> = files.iter().map(|f| f.0.as_str()).collect();
    for name in ["owsa", "two_way", "thresholds", "scenarios"] {
        assert!(names.contains(&format!("tables/{name}.csv").as_str()), "{names:?}");
    }
    for (name, bytes) in &files {
        // Images are not text; they were compared byte by byte above.
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        assert!(!text.contains("/tmp/"), "{name}");
        if name.ends_with(".csv") && !name.starts_with("inputs/") {
            for column in text.lines().next().unwrap().split(',') {
                assert!(dictionary.contains(&format!("{name},{column},")), "{name} {column}");
            }
            let bad = |cell: &str| ["nan", "inf", "-inf"].contains(&cell.to_lowercase().as_str());
            assert!(!text.lines().flat_map(|l| l.split(',')).any(bad), "{name}");
        }
    }
    let owsa = fs::read_to_string(folder.0.join("1/tables/owsa.csv")).unwrap();
    let of = |name: &str| owsa.lines().find(|l| l.contains(&format!(",{name},"))).unwrap();
    assert!(of("p.die").contains("no range"));
    assert!(of("share.mild").contains("impossible at high"));
}

#[test]
fn dsa_says_what_it_needs() {
    let message = |folder: &Folder, args: &[&str]| {
        let output = folder.arcosim(args);
        code(&output, 2);
        assert!(!folder.names().contains(&"output".to_string()));
        String::from_utf8(output.stderr).unwrap()
    };
    let whole = folder(SCENARIO, NUMBERS);
    let unknown = message(&whole, &["dsa", "base.toml", "--threshold-of", "cost.drag"]);
    assert!(unknown.contains("did you mean `cost.drug`"), "{unknown}");
    assert!(message(&whole, &["dsa", "base.toml", "--strategy", "usual"]).contains("reference"));
    assert!(message(&whole, &["dsa", "base.toml", "--two-way", "dose"]).contains("comma"));
    assert!(
        message(&whole, &["dsa", "base.toml", "--two-way", "dose,dose"]).contains("two different parameters")
    );
    assert!(message(&whole, &["dsa", "base.toml", "--wtp", "-5"]).contains("above 0"));
    let undecided = SCENARIO.split("[decision]").next().unwrap();
    let undecided = message(&folder(undecided, NUMBERS), &["dsa", "base.toml"]);
    assert!(undecided.contains("has no [decision]"), "{undecided}");
    let lines = NUMBERS.lines().map(|line| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if cells[0] != "name" {
            cells[4..7].fill("");
        }
        cells.join(",") + "\n"
    });
    let bare = folder(SCENARIO, &lines.collect::<String>());
    let ranges = message(&bare, &["dsa", "base.toml"]);
    assert!(ranges.contains("has a range"), "{ranges}");
    // Threshold analyses of prices need no ranges.
    code(&bare.arcosim(&["dsa", "base.toml", "--threshold-of", "cost.drug", "-q"]), 0);
}
