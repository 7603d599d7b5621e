//! Patients are drawn by the names of categories: their order in a scenario changes nobody.

mod common;

use std::fs;

use common::program::{Folder, code};

const PARAMETERS: &str =
    "name,kind,base,unit,source\nrate.die,rate,0.1,per year,assumed\nhr.frail,hr,3,,assumed\n";

fn scenario(categories: &str) -> String {
    format!(
        "format = 1
title = \"Three kinds of patients\"
parameters = \"parameters.csv\"
[time]
cycle = \"1 year\"
horizon = \"10 years\"
[population.start]
alive = \"rest\"
[population.attributes]
health = {{ {categories} }}
[states]
alive = {{}}
dead = {{ absorbing = true }}
[transitions]
die = {{ from = \"alive\", to = \"dead\", rate = \"rate.die * if(health == frail, hr.frail, 1)\" }}
[strategies.usual]
"
    )
}

#[test]
fn the_order_of_categories_changes_no_patient() {
    let folder = Folder::new();
    let trace = |categories: &str| {
        fs::write(folder.0.join("parameters.csv"), PARAMETERS).unwrap();
        fs::write(folder.0.join("scenario.toml"), scenario(categories)).unwrap();
        let run = [
            "run", ".", "--engine", "microsim", "-n", "3000", "--out", "out", "-q",
        ];
        code(&folder.arcosim(&run), 0);
        fs::read_to_string(folder.0.join("out/trace.csv")).unwrap()
    };
    let sorted = trace("frail = 0.25, robust = \"rest\", weak = 0.125");
    assert_eq!(sorted, trace("weak = 0.125, robust = \"rest\", frail = 0.25"));
    assert_eq!(sorted, trace("robust = \"rest\", frail = 0.25, weak = 0.125"));
    assert_ne!(sorted, trace("frail = 0.125, robust = \"rest\", weak = 0.25"));
}
