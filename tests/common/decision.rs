//! A scenario with a decision whose net benefit is known in closed form: patients live at most two years, and a drug
//! lowers the probability of death in the first.
//!
//! A cycle counts patients who are alive at its start, so a patient lives 2 - p years in the model, where p is the
//! probability of death. With a relative risk r the drug gains p (1 - r) years, each with a net benefit of threshold x
//! utility minus the cost of care, and costs its price.

use super::shipped;
use arcosim::scenario::Scenario;

pub const SCENARIO: &str = r#"format = 1
title = "A drug, and none"
parameters = "numbers.csv"

[time]
cycle = "1 year"
horizon = "2 years"

[population.attributes]
severity = { mild = "share.mild", severe = "share.severe", none = "rest" }

[population.start]
alive = "rest"

[states]
alive = {}
dead = { absorbing = true }

[transitions.die]
from = "alive"
to = "dead"
probability = "p.die"

[strategies.usual]
label = "Usual care"
reference = true

[strategies.drug]
label = "Drug"
[[strategies.drug.effects]]
on = ["die"]
relative_risk = "rr.drug"

[strategies.ideal]
label = "Ideal"
bound = true
[[strategies.ideal.effects]]
on = ["die"]
relative_risk = "0.01"

[outcomes.cost]
label = "Cost"
unit = "GBP"
correction = "start"
discount = "none"

[outcomes.qaly]
label = "QALYs"
unit = "QALYs"
correction = "start"
discount = "none"

[rewards.care]
outcome = "cost"
per_year = "cost.care + if(severity == severe, cost.severe, 0)"
in = ["alive"]

[rewards.drug]
outcome = "cost"
strategies = ["drug"]
once = "cost.drug + fee.scale * (dose - 1) * (dose - 3)"
at_start = true

[rewards.life]
outcome = "qaly"
per_year = "utility"
in = ["alive"]

[decision]
cost = "cost"
effect = "qaly"
thresholds = [{ value = 20_000, date = "2026-04", source = "test" }, { value = 5_000, date = "2026-04", source = "test" }]
"#;

pub const NUMBERS: &str = "\
name,kind,base,unit,low,high,range_basis,group,source
p.die,probability,0.2,per year,,,,,test
rr.drug,rr,0.5,,0.3,1,95CI,,test
utility,utility,0.8,,0.7,0.95,95CI,,test
cost.care,cost,1000,GBP per year,900,1300,95CI,care,test
cost.severe,cost,500,GBP per year,200,600,95CI,care,test
cost.drug,cost,500,GBP,100,2000,95CI,,test
fee.scale,cost,0,GBP,,,,,test
dose,number,1,,0,5,range of doses,,test
share.mild,proportion,0.5,,0.2,0.9,95CI,,test
share.severe,proportion,0.3,,0.1,0.4,95CI,,test
";

/// The numbers of the scenario.
#[derive(Clone, Copy)]
pub struct Numbers {
    pub die: f64,
    pub rr: f64,
    pub utility: f64,
    pub care: f64,
    pub severe: f64,
    pub drug: f64,
    pub share: f64,
}

pub const BASE: Numbers =
    Numbers { die: 0.2, rr: 0.5, utility: 0.8, care: 1000.0, severe: 500.0, drug: 500.0, share: 0.3 };

impl Numbers {
    /// Incremental cost and effect of the drug.
    pub fn increments(&self) -> (f64, f64) {
        let years = self.die * (1.0 - self.rr);
        let cost = self.drug + (self.care + self.share * self.severe) * years;
        (cost, self.utility * years)
    }

    /// Incremental net benefit of the drug.
    pub fn benefit(&self, threshold: f64) -> f64 {
        let (cost, effect) = self.increments();
        threshold * effect - cost
    }
}

/// The scenario with some base values set, and with more lines at its end or instead of it.
pub fn scenario(overlay: &str, set: &[(&str, &str)]) -> Scenario {
    let set: Vec<(String, String)> = set.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let extended = format!("extends = \"base.toml\"\n{overlay}");
    let files = [("overlay.toml", extended.as_str()), ("base.toml", SCENARIO), ("numbers.csv", NUMBERS)];
    shipped::from_texts(&files, &set)
}
