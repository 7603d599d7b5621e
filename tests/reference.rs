//! The reference of the scenario format, `scenarios/README.md`, lists every existing key, column and kind, and no
//! others.

use std::collections::BTreeSet;

use arcosim::scenario::json_schema;
use arcosim::scenario::parameters::{COLUMNS, Evidence, Kind};
use serde_json::Value;

fn reference() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/README.md");
    std::fs::read_to_string(path).unwrap()
}

/// All words of the reference, because keys may occur in prose, in tables or in examples.
fn words(text: &str) -> BTreeSet<&str> {
    let apart = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    text.split(apart).collect()
}

/// Collects the names of all properties in a schema, at any depth.
fn keys<'a>(schema: &'a Value, into: &mut BTreeSet<&'a str>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                into.extend(properties.keys().map(String::as_str));
            }
            map.values().for_each(|inner| keys(inner, into));
        }
        Value::Array(list) => list.iter().for_each(|inner| keys(inner, into)),
        _ => {}
    }
}

#[test]
fn every_key_column_and_kind_is_in_the_reference() {
    let (text, schema) = (reference(), json_schema());
    let words = words(&text);
    let mut due = BTreeSet::new();
    keys(&schema, &mut due);
    due.extend(COLUMNS);
    due.extend(Kind::NAMES.map(|(_, name)| name));
    due.extend(Evidence::NAMES.map(|(_, name)| name));
    let missing: Vec<&&str> = due.iter().filter(|key| !words.contains(**key)).collect();
    assert!(missing.is_empty(), "not in scenarios/README.md: {missing:?}");
}

/// Parameters that the examples use but do not define.
const PARAMETERS: &str = "name,kind,base,unit,source,distribution,se
age.mean,number,50,years,A,,
age.sd,number,10,years,A,,
share.female,proportion,0.5,,A,,
severity,hr,1.2,,A,,
severity.drug,hr,1.1,,A,,
rate.relapse.female,rate,0.1,per year,A,gamma,0.02
rate.relapse.male,rate,0.2,per year,A,gamma,0.02
rate.improve,rate,0.3,per year,A,,
rr.drug,rr,1.2,,A,,
discount.cost,proportion,3.5%,,A,,
cost.care.ill,cost,200,EUR per month,A,,
cost.care.better,cost,500,EUR per year,A,,
cost.operation,cost,6000,EUR,A,,
rate.bleeding,rate,0.3,per year,A,,
cost.bleeding,cost,1500,EUR,A,,
share.own,proportion,0.2,,A,,
cost.drug,cost,40,EUR per cycle,A,,
utility.well,utility,1,,A,,
utility.ill,utility,0.7,,A,,
utility.better,utility,0.9,,A,,
disutility.trauma,disutility,0.2,,A,,
smr,hr,1.1,,A,,
mortality.operation,proportion,0.01,,A,,
shape.operation,shape,1.5,,A,,
hr.drug.well,hr,0.5,,A,,
";
const LIFE_TABLE: &str = "age,sex,value\n0,female,0.002\n60,female,0.012\n75,female,0.05\n85,female,0.14\n100,female,0.35\n0,male,0.002\n60,male,0.015\n75,male,0.06\n85,male,0.16\n100,male,0.35\n";
const NORMS: &str = "age,value\n0,0.95\n60,0.85\n";

/// All examples of the reference together are one valid scenario.
#[test]
fn the_examples_are_a_scenario() {
    let text = reference();
    let blocks: Vec<&str> =
        text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    // The last block is an overlay on the other blocks. The `extends` of the first block is commented out, because its
    // base file does not exist here.
    let (overlay, whole) = blocks.split_last().unwrap();
    let whole = whole.join("\n").replace("extends ", "# extends ");
    let folder = std::env::temp_dir().join(format!("arcosim-reference-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("country")).unwrap();
    for (file, text) in [
        ("base.toml", whole.as_str()),
        ("parameters.csv", PARAMETERS),
        ("life_table.csv", LIFE_TABLE),
        ("norms.csv", NORMS),
        ("country/overlay.toml", overlay),
    ] {
        std::fs::write(folder.join(file), text).unwrap();
    }
    let said = ["base.toml", "country/overlay.toml"].map(|file| {
        let loaded = arcosim::scenario::load(&folder.join(file), &[]);
        arcosim::scenario::diagnostic::render(&loaded.diagnostics, &loaded.sources, false)
    });
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(said, [String::new(), String::new()], "{}", said.join("\n"));
}
