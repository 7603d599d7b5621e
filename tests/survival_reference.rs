//! Survival estimators versus R's `survival` and lifelines on six published data sets; `tests/data/survival/README.md`
//! describes the numbers and their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use arcosim::survival::{
    Interval, KaplanMeier, Limits, LogRank, NelsonAalen, RiskTable, log_rank, log_rank_stratified, rmst,
};

/// Data sets, each with the time horizon of its RMST.
const DATASETS: [(&str, f64); 6] =
    [("aml", 45.0), ("lung", 730.0), ("ovarian", 700.0), ("gehan", 23.0), ("waltons", 60.0), ("rossi", 52.0)];

/// Number of rows of `expected.csv`. No row is skipped: a key that the code below cannot compute fails the test.
const KEYS: usize = 1070;

/// Our value for a key: `Unknown` if the test cannot compute it, `Known(None)` if the value is undefined.
#[derive(Debug)]
enum Answer {
    Unknown,
    Known(Option<f64>),
}

fn records(file: &str) -> Vec<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/survival").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(String::from).collect())
        .collect()
}

struct Curves {
    table: RiskTable,
    kaplan_meier: KaplanMeier,
    nelson_aalen: NelsonAalen,
    tau: f64,
}

impl Curves {
    fn new(table: RiskTable, tau: f64) -> Self {
        let (kaplan_meier, nelson_aalen) = (KaplanMeier::new(&table), NelsonAalen::new(&table));
        Self { table, kaplan_meier, nelson_aalen, tau }
    }

    /// A quantity of the curve at a time, for example `lower_log-log` at 20.
    fn at(&self, quantity: &str, t: f64) -> Answer {
        let estimate = self.kaplan_meier.at(t);
        let limits = |interval: &str| estimate.and_then(|e| e.limits(interval_named(interval)?, 0.95));
        Answer::Known(match quantity.split_once('_') {
            Some(("lower", interval)) => limits(interval).map(|l: Limits| l.lower),
            Some(("upper", interval)) => limits(interval).map(|l: Limits| l.upper),
            Some(("S", "known")) => estimate.map(|e| e.survival),
            None if quantity == "S" => estimate.map(|e| e.survival),
            None if quantity == "se" => estimate.map(|e| e.se()),
            None if quantity == "nrisk" => Some(self.table.at_risk_before(t)),
            None if quantity == "NelsonAalen" => self.nelson_aalen.at(t).map(|h| h.cumulative),
            _ => return Answer::Unknown,
        })
    }

    /// A quantity of the whole curve, for example `median_lcl_plain`.
    fn overall(&self, quantity: &str) -> Answer {
        Answer::Known(match quantity {
            "median" => self.kaplan_meier.median(),
            "rmst" => rmst(&self.table, self.tau).map(|r| r.mean),
            "rmst_se" => rmst(&self.table, self.tau).map(|r| r.se),
            _ => {
                let limit = quantity.strip_prefix("median_").and_then(|q| q.split_once('_'));
                let Some((side, interval)) = limit else {
                    return Answer::Unknown;
                };
                let Some(interval) = interval_named(interval) else {
                    return Answer::Unknown;
                };
                let (lower, upper) = self.kaplan_meier.median_limits(interval, 0.95);
                match side {
                    "lcl" => lower,
                    "ucl" => upper,
                    _ => return Answer::Unknown,
                }
            }
        })
    }
}

fn interval_named(name: &str) -> Option<Interval> {
    match name {
        "plain" => Some(Interval::Plain),
        "log" => Some(Interval::Log),
        "log-log" => Some(Interval::LogLog),
        _ => None,
    }
}

/// A data set: all patients (`ALL`), each group, and the tests between groups.
struct Study {
    curves: BTreeMap<String, Curves>,
    tests: BTreeMap<&'static str, LogRank>,
}

impl Study {
    fn read(name: &str, tau: f64) -> Self {
        let data = records(&format!("{name}_std.csv"));
        let (times, events) = observations(&data);
        let groups: Vec<&str> = data.iter().map(|record| record[2].as_str()).collect();
        let by_group = RiskTable::by_group(&times, &events, &groups).unwrap();
        let tables: Vec<RiskTable> = by_group.iter().map(|(_, table)| table.clone()).collect();
        let mut tests = BTreeMap::from([
            ("logrank", log_rank(&tables, 0.0).unwrap()),
            ("petopeto_rho1", log_rank(&tables, 1.0).unwrap()),
        ]);
        if name == "lung" {
            tests.insert("logrank_sex_strat_ecog", sex_stratified_by_ecog());
        }
        let everybody = RiskTable::from_individuals(&times, &events).unwrap();
        let named = by_group.into_iter().map(|(group, table)| (group.to_string(), table));
        let curves = named
            .chain([("ALL".to_string(), everybody)])
            .map(|(group, table)| (group, Curves::new(table, tau)))
            .collect();
        Self { curves, tests }
    }

    fn answer(&self, key: &[&str]) -> Answer {
        let everybody = &self.curves["ALL"].table;
        match *key {
            ["n"] => Answer::Known(Some(everybody.initial())),
            ["events"] => Answer::Known(Some(everybody.total_events())),
            [test, ref rest @ ..] if self.tests.contains_key(test) => of_test(&self.tests[test], rest),
            [group, ref rest @ ..] => match (self.curves.get(group), rest) {
                (Some(curves), [quantity]) => curves.overall(quantity),
                (Some(curves), [quantity, t]) => curves.at(quantity, t.parse().unwrap()),
                _ => Answer::Unknown,
            },
            [] => Answer::Unknown,
        }
    }
}

fn of_test(test: &LogRank, key: &[&str]) -> Answer {
    let group = |values: &[f64], g: &str| values.get(g.parse::<usize>().unwrap() - 1).copied();
    match *key {
        ["chisq"] => Answer::Known(Some(test.chi_square)),
        ["p"] => Answer::Known(Some(test.p_value)),
        ["observed", g] => Answer::Known(group(&test.observed, g)),
        ["expected", g] => Answer::Known(group(&test.expected, g)),
        _ => Answer::Unknown,
    }
}

fn observations(data: &[Vec<String>]) -> (Vec<f64>, Vec<bool>) {
    data.iter().map(|record| (record[0].parse::<f64>().unwrap(), record[1] == "1")).unzip()
}

/// Log-rank test of sex in the lung data, stratified by ECOG score. Patients without a score are excluded, as in R.
fn sex_stratified_by_ecog() -> LogRank {
    let mut strata: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for record in records("lung_strat.csv") {
        if record[3].parse::<f64>().is_ok() {
            strata.entry(record[3].clone()).or_default().push(record);
        }
    }
    let sexes_in = |data: &Vec<Vec<String>>| {
        ["1", "2"].map(|sex| {
            let of_sex: Vec<_> = data.iter().filter(|record| record[2] == sex).cloned().collect();
            let (times, events) = observations(&of_sex);
            RiskTable::from_individuals(&times, &events).unwrap()
        })
    };
    let strata: Vec<[RiskTable; 2]> = strata.values().map(sexes_in).collect();
    log_rank_stratified(&strata, 0.0).unwrap()
}

#[test]
fn every_reference_value_is_reproduced() {
    let studies: BTreeMap<&str, Study> =
        DATASETS.iter().map(|&(name, tau)| (name, Study::read(name, tau))).collect();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for record in records("expected.csv") {
        let (key, tolerance) = (&record[0], record[2].parse::<f64>().unwrap());
        let parts: Vec<&str> = key.split('.').collect();
        let want = (!record[1].is_empty()).then(|| record[1].parse::<f64>().unwrap());
        let answer = studies.get(parts[0]).map_or(Answer::Unknown, |study| study.answer(&parts[1..]));
        let agrees = match (&answer, want) {
            (Answer::Known(Some(got)), Some(want)) => (got - want).abs() <= tolerance * want.abs(),
            (Answer::Known(None), None) => true,
            _ => false,
        };
        compared += 1;
        if !agrees {
            wrong.push(format!("{key}: {answer:?}, expected {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(compared, KEYS, "lines were lost from expected.csv");
}

/// Numbers printed in the public documentation of R `survival` and lifelines.
#[test]
fn printed_statistics_are_reproduced() {
    let chi_square = |name: &str| Study::read(name, 1.0).tests["logrank"].chi_square;
    for (name, printed, half_digit) in
        [("aml", 3.4, 0.05), ("lung", 10.3, 0.05), ("gehan", 16.79, 0.005), ("waltons", 122.25, 0.005)]
    {
        assert!((chi_square(name) - printed).abs() <= half_digit, "{name}");
    }
}

/// Delayed entry, tested by its defining property: if each observation is split at an arbitrary time and the second
/// part enters late, no estimate of the hazard changes.
#[test]
fn cutting_observations_in_two_changes_nothing() {
    let data = records("lung_std.csv");
    let (times, events) = observations(&data);
    let (mut starts, mut stops, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for (i, (&time, &event)) in times.iter().zip(&events).enumerate() {
        let cut = (20 + 37 * (i % 11)) as f64;
        if cut < time {
            starts.extend([0.0, cut]);
            stops.extend([cut, time]);
            ends.extend([false, event]);
        } else {
            starts.push(0.0);
            stops.push(time);
            ends.push(event);
        }
    }
    let whole = RiskTable::from_individuals(&times, &events).unwrap();
    let pieces = RiskTable::from_delayed_entry(&starts, &stops, &ends).unwrap();
    let (one, other) = (KaplanMeier::new(&whole), KaplanMeier::new(&pieces));
    for &t in &whole.times {
        assert_eq!(whole.at_risk_before(t), pieces.at_risk_before(t));
        assert_eq!(one.at(t), other.at(t));
    }
    assert_eq!(one.median(), other.median());
    assert_eq!(rmst(&whole, 730.0).map(|r| r.se > 0.0), Some(true));
    let (a, b) = (rmst(&whole, 730.0).unwrap(), rmst(&pieces, 730.0).unwrap());
    assert!((a.mean - b.mean).abs() < 1e-9 && (a.se - b.se).abs() < 1e-9);
}
