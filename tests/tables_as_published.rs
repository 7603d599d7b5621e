//! Life tables in the layouts of statistical agencies: every supported layout has the life-years of a direct sum over
//! the table, and every ambiguous layout is rejected.

use crate::common;

use arcosim::scenario::diagnostic::render;
use arcosim::scenario::{Loaded, Scenario, load_text};
use common::solve;

const HORIZON: usize = 60;
const AGE: usize = 50;

/// Deaths per person-year at an age (a Gompertz curve).
fn rate(age: usize) -> f64 {
    0.00021 * (0.091 * (age as f64 - 20.0)).exp()
}

/// Annual probability of death at an age.
fn risk(age: usize) -> f64 {
    1.0 - (-rate(age)).exp()
}

fn loaded(table: &str, keys: &str, sex: bool) -> Loaded {
    let sex = if sex { "sex = { male = 0.3, female = \"rest\" }" } else { "" };
    let text = format!(
        r#"format = 1
title = "Tables as published"
[time]
cycle = "1 year"
horizon = "{HORIZON} years"
[population.attributes]
age = {{ fixed = {{ value = {AGE} }} }}
{sex}
[population.start]
alive = "rest"
[states]
alive = {{}}
dead = {{ absorbing = true }}
[tables.mortality]
file = "mortality.csv"
source = "assumption"
{keys}
[transitions.die]
from = "alive"
to = "dead"
table = "mortality"
[outcomes.years]
unit = "years"
correction = "half-cycle"
discount = "none"
[rewards.years]
outcome = "years"
per_year = 1
in = "alive"
[strategies.none]
reference = true
"#
    );
    load_text(&[("scenario.toml", &text), ("mortality.csv", table)], &[])
}

fn years(scenario: &Scenario) -> f64 {
    let totals = solve::totals_at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
    totals.strategies[0].outcomes[0].mean
}

/// Years lived at these annual rates, with half weights for the first and the last point.
fn sum(rate: impl Fn(usize) -> f64) -> f64 {
    let mut alive = vec![1.0];
    for k in 0..HORIZON {
        alive.push(alive[k] * (-rate(AGE + k)).exp());
    }
    alive.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).sum()
}

/// Checks the life-years of a table looked up by these keys, and returns the line that `check` prints about the table.
fn read(table: &str, keys: &str, sex: bool, wanted: f64) -> String {
    let loaded = loaded(table, keys, sex);
    let said = render(&loaded.diagnostics, &loaded.sources, false);
    let scenario = loaded.scenario.unwrap_or_else(|| panic!("{keys}\n{said}"));
    assert!(said.is_empty(), "{keys}\n{said}");
    let found = years(&scenario);
    assert!((found - wanted).abs() < 1e-5 * wanted, "{keys}: {found}, wanted {wanted}");
    scenario.readings[0].1.clone()
}

fn rows(header: &str, row: impl Fn(usize) -> String) -> String {
    (0..=110).fold(format!("{header}\n"), |text, age| text + &row(age) + "\n")
}

#[test]
fn layouts_of_agencies_give_the_years_of_the_table() {
    let wanted = sum(rate);
    let every_column = rows("Year,Age,mx,qx,ax,lx,dx,Lx,Tx,ex", |age| {
        let open = if age == 110 { "+" } else { "" };
        format!(
            "2019,{age}{open},{:.9},{:.9},0.5,{},900,{},4,3.2",
            rate(age),
            risk(age),
            1000 - age,
            999 - age
        )
    });
    let risks = "by = [\"age\"]\nkind = \"annual probability\"";
    let rates = "by = [\"age\"]\nkind = \"rate per year\"";
    let said = read(&every_column, &format!("{risks}\ncolumns = {{ value = \"qx\" }}"), false, wanted);
    assert!(said.contains("column `qx` of mortality.csv read as annual probability"), "{said}");
    // 80.9 is the integral of survival, computed in Python by the trapezium rule over months.
    assert!(said.contains("life expectancy at age 0: 80.9 years"), "{said}");
    read(&every_column, &format!("{rates}\ncolumns = {{ value = \"mx\" }}"), false, wanted);
    // A column can be named even if another column has the same name in other capitals.
    let loaded =
        loaded(&every_column, &format!("{rates}\nper = 1_000\ncolumns = {{ value = \"lx\" }}"), false);
    assert!(render(&loaded.diagnostics, &loaded.sources, false).contains("E0448"));
    // If the table has only one column of numbers, this column is used whatever its name.
    read(&rows("age,qx", |age| format!("{age},{:.9}", risk(age))), risks, false, wanted);
    let german = rows("Alter;Geschlecht;qx", |age| {
        let of = |sex| format!("{age};{sex};{:.9}", risk(age)).replace('.', ",");
        format!("{}\n{}", of("male"), of("female"))
    });
    let both = "by = [\"age\", \"sex\"]\nkind = \"annual probability\"";
    read(&german, &format!("{both}\ncolumns = {{ age = \"Alter\", sex = \"Geschlecht\" }}"), true, wanted);
    // A separate column for each sex; women have 0.7 times the rate.
    let wide = rows("Age (x),Males,Females", |age| {
        format!("{age},{:.9},{:.9}", risk(age), 1.0 - (-0.7 * rate(age)).exp())
    });
    let mixed = 0.3 * wanted + 0.7 * sum(|age| 0.7 * rate(age));
    let columns = "columns = { age = \"Age (x)\", male = \"Males\", female = \"Females\" }";
    let said = read(&wide, &format!("{both}\n{columns}"), true, mixed);
    assert!(said.contains("columns `Males`, `Females`"), "{said}");
    let per = rows("age,value", |age| format!("{age},{:.6}", 1e5 * rate(age)));
    read(&per, &format!("{rates}\nper = 100_000"), false, wanted);
    let per = rows("age,value", |age| format!("{age},{:.6}", 1e3 * risk(age)));
    read(&per, &format!("{risks}\nper = 1_000"), false, wanted);
}

/// Probabilities over five years, each computed from the mean rate of its age group.
#[test]
fn an_abridged_table_says_its_groups() {
    let group = |age: usize| age / 5 * 5;
    let mean = |age: usize| (0..5).map(|k| rate(group(age) + k)).sum::<f64>() / 5.0;
    let abridged = (0..=100).step_by(5).fold("age,nqx\n".to_string(), |text, age| {
        text + &format!("{age},{:.9}\n", 1.0 - (-5.0 * mean(age)).exp())
    });
    let keys = "by = [\"age\"]\nkind = \"probability over the age group\"";
    // The last age group is open-ended, so its rate applies to all later ages.
    let wanted = sum(|age| mean(age.min(100)));
    read(&abridged, keys, false, wanted);
    // The same numbers, declared as annual probabilities, cause a warning.
    let loaded = loaded(&abridged, "by = [\"age\"]\nkind = \"annual probability\"", false);
    assert!(render(&loaded.diagnostics, &loaded.sources, false).contains("W0521"));
    let found = years(&loaded.scenario.expect("a warning only"));
    assert!(found < 0.7 * wanted, "{found} {wanted}");
}

/// Other tables: steps of any width, open groups at the end, and annual probabilities looked up by cycle.
#[test]
fn a_table_of_steps_is_read_by_cycle_and_group() {
    let text = r#"format = 1
title = "Risk by cycle and group"
[time]
cycle = "1 year"
horizon = "6 years"
[population.attributes]
group = { young = 0.4, old = "rest" }
[population.start]
well = "rest"
[states]
well = {}
ill = { absorbing = true }
[tables.risk]
file = "risk.csv"
by = ["year", "group"]
kind = "annual probability"
source = "assumption"
[transitions.fall_ill]
from = "well"
to = "ill"
probability = "lookup(risk, cycle)"
[strategies.none]
reference = true
"#;
    // The table has rows for cycles 1, 2 and 4, so the row of cycle 2 also applies to cycle 3.
    let table = "year,group,value\n1,young,0.031\n1,old,0.042\n2,young,0.053\n2,old,0.064\n4+,young,0.11\n4+,old,0.12\n";
    let loaded = load_text(&[("scenario.toml", text), ("risk.csv", table)], &[]);
    let said = render(&loaded.diagnostics, &loaded.sources, false);
    let scenario = loaded.scenario.unwrap_or_else(|| panic!("{said}"));
    assert_eq!(said, "");
    let counts = solve::at_nodes(&scenario.model, &solve::nodes(&scenario.model, 1));
    let left = |risks: [f64; 6]| risks.iter().map(|p| 1.0 - p).product::<f64>();
    let wanted = 0.4 * left([0.031, 0.053, 0.053, 0.11, 0.11, 0.11])
        + 0.6 * left([0.042, 0.064, 0.064, 0.12, 0.12, 0.12]);
    let found = counts.strategies[0].occupancy[0][6];
    assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
}
