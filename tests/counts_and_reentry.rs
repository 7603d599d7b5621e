//! States that are entered again, and counts of occurrences. Both equal the model with one state for each occurrence written out.

use crate::common;

use arcosim::analysis::base_case::{Engine, Options, run};
use arcosim::engine::microsim::Watch;
use arcosim::scenario::Scenario;
use common::program::{Folder, code};
use common::published::Published;
use common::{agreement, shipped};

const CYCLES: usize = 24;

const HEAD: &str = r#"
format     = 1
title      = "An implant that is renewed"
parameters = "parameters.csv"

[time]
cycle   = "6 months"
horizon = "12 years"

[population.attributes]
sex = { female = 0.4, male = "rest" }

[strategies.usual]
label = "Usual care"

[strategies.better]
label = "Better implant"

[[strategies.better.effects]]
on           = [RENEW]
hazard_ratio = 0.7

[outcomes.cost]
unit       = "EUR"
correction = "life-table"
discount   = { rate = "3 %", at = "middle" }

[outcomes.renewals]
unit       = "renewals"
correction = "start"
discount   = "none"
"#;

const PARAMETERS: &str = "\
name,kind,unit,base,evidence,source,note
rate.death,rate,per year,0.05,assumption,test,
rate.fall,rate,per year,0.3,assumption,test,
";

/// One state that is entered again.
fn renewed() -> String {
    HEAD.replace("RENEW", "\"renew\"")
        + r#"
[population.start]
implant = 0.9
waiting = "rest"

[states]
waiting = {}
implant = {}
dead    = { absorbing = true }

[transitions.receive]
from = "waiting"
to   = "implant"
rate = 0.8

[transitions.renew]
from    = "implant"
to      = { dead = 0.02, implant = { share = "rest", again = true } }
weibull = { shape = 1.7, scale = 4 }
clock   = "time_in(implant)"
hazard_ratio = "if(sex == male, 1.3, 1)"

[transitions.die]
from = ["waiting", "implant"]
to   = "dead"
rate = "rate.death"

[endpoints.renewal]
enters    = "implant"
competing = "dead"

[endpoints.death]
enters = "dead"

[rewards.care]
outcome  = "cost"
per_year = "100 + 50 * time_in(implant)"
in       = "implant"

[rewards.first_year]
outcome  = "cost"
per_year = "if(time_in(implant) < 1 year, 300, 0)"
in       = "implant"

[rewards.operation]
outcome     = "cost"
once        = "2000 + 10 * time"
on_entering = "implant"

[rewards.removal]
outcome    = "cost"
once       = 70
on_leaving = "implant"

[rewards.renewals]
outcome = "renewals"
once    = 1
on      = "renew"
"#
}

/// The same with a state for each implant.
fn written_out() -> String {
    let states: Vec<String> = (0..=CYCLES).map(|i| format!("implant_{i}")).collect();
    let renew: Vec<String> = (0..CYCLES).map(|i| format!("\"renew_{i}\"")).collect();
    let quoted = |names: &[String]| names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let mut text = HEAD.replace("RENEW", &renew.join(", "));
    text += "\n[population.start]\nimplant_0 = 0.9\nwaiting = \"rest\"\n\n[states]\nwaiting = {}\n";
    states.iter().for_each(|name| text += &format!("{name} = {{}}\n"));
    text += "dead = { absorbing = true }\n\n[groups]\n";
    text += &format!("implants = [{}]\n", quoted(&states));
    text += "\n[transitions]\nreceive = { from = \"waiting\", to = \"implant_0\", rate = 0.8 }\n";
    text += "die = { from = [\"waiting\", \"implants\"], to = \"dead\", rate = \"rate.death\" }\n";
    for i in 0..CYCLES {
        text += &format!(
            "
[transitions.renew_{i}]
from    = \"implant_{i}\"
to      = {{ dead = 0.02, implant_{} = \"rest\" }}
weibull = {{ shape = 1.7, scale = 4 }}
clock   = \"time_in(implant_{i})\"
hazard_ratio = \"if(sex == male, 1.3, 1)\"
",
            i + 1
        );
    }
    for (i, name) in states.iter().enumerate() {
        text += &format!(
            "
[rewards.care_{i}]
outcome  = \"cost\"
category = \"Care\"
per_year = \"100 + 50 * time_in({name})\"
in       = \"{name}\"
[rewards.first_year_{i}]
outcome  = \"cost\"
category = \"First year\"
per_year = \"if(time_in({name}) < 1 year, 300, 0)\"
in       = \"{name}\"
"
        );
    }
    text + &format!(
        "
[endpoints.death]
enters = \"dead\"
[rewards.operation]
outcome     = \"cost\"
once        = \"2000 + 10 * time\"
on_entering = [{0}]
[rewards.removal]
outcome    = \"cost\"
once       = 70
on_leaving = [{0}]
[rewards.renewals]
outcome = \"renewals\"
once    = 1
on      = [{1}]
",
        quoted(&states),
        renew.join(", ")
    )
}

/// Renewals and falls whose number raises the risk; `again` has one state, otherwise a state for each number.
fn counted(again: bool) -> String {
    let states = ["implant", "implant_1", "implant_2", "implant_3"];
    let head = HEAD.replace(
        "RENEW",
        if again { "\"renew\"" } else { "\"renew_0\", \"renew_1\", \"renew_2\", \"renew_3\"" },
    );
    let common = "
[endpoints.death]
enters = \"dead\"
[population.start]
implant = \"rest\"
";
    let mut text = head + common;
    if again {
        return text
            + r#"
[states]
implant = {}
dead    = { absorbing = true }

[transitions.renew]
from    = "implant"
to      = { dead = "if(count(renew) == 0, 0.01, 0.05)", implant = { share = "rest", again = true } }
rate    = "rate.fall * (1 + 0.5 * count(renew))"
counted_up_to = 3

[transitions.die]
from = "implant"
to   = "dead"
rate = "rate.death * if(count(renew) >= 2, 2, 1)"

[rewards.care]
outcome  = "cost"
per_year = "100 * (1 + count(renew)) + 20 * time_in(implant)"
in       = "implant"

[rewards.operation]
outcome = "cost"
once    = "1000 * (1 + count(renew))"
on      = "renew"

[rewards.renewals]
outcome = "renewals"
once    = 1
on      = "renew"
"#;
    }
    text += "\n[states]\n";
    states.iter().for_each(|name| text += &format!("{name} = {{}}\n"));
    // Whoever has the largest number is renewed into one of two states in turn, so that the time in it starts anew.
    text += "implant_4 = {}\ndead = { absorbing = true }\n\n";
    for (i, (name, next)) in
        [("implant", "implant_1"), ("implant_1", "implant_2"), ("implant_2", "implant_3")].iter().enumerate()
    {
        text += &format!(
            "[transitions.renew_{i}]\nfrom = \"{name}\"\nto = {{ dead = {}, {next} = \"rest\" }}\nrate = \"rate.fall * {}\"\n",
            if i == 0 { 0.01 } else { 0.05 },
            1.0 + 0.5 * i as f64
        );
    }
    text += "
[transitions.renew_3]
from = \"implant_3\"
to = { dead = 0.05, implant_4 = \"rest\" }
rate = \"rate.fall * 2.5\"
[transitions.renew_4]
from = \"implant_4\"
to = { dead = 0.05, implant_3 = \"rest\" }
rate = \"rate.fall * 2.5\"
[[strategies.better.effects]]
on = \"renew_4\"
hazard_ratio = 0.7
[transitions.die_early]
from = [\"implant\", \"implant_1\"]
to = \"dead\"
rate = \"rate.death\"
[transitions.die_late]
from = [\"implant_2\", \"implant_3\", \"implant_4\"]
to = \"dead\"
rate = \"rate.death * 2\"
";
    for (i, (name, number)) in
        [("implant", 0), ("implant_1", 1), ("implant_2", 2), ("implant_3", 3), ("implant_4", 3)]
            .iter()
            .enumerate()
    {
        text += &format!(
            "
[rewards.care_{i}]
outcome = \"cost\"
category = \"Care\"
per_year = \"100 * {0} + 20 * time_in({name})\"
in = \"{name}\"
[rewards.operation_{i}]
outcome = \"cost\"
category = \"Operation\"
once = \"1000 * {0}\"
on = \"renew_{i}\"
[rewards.renewals_{i}]
outcome = \"renewals\"
category = \"Renewals\"
once = 1
on = \"renew_{i}\"
",
            1 + number
        );
    }
    text
}

fn load(text: &str) -> Scenario {
    shipped::from_text(text, PARAMETERS)
}

/// Totals, their spread between patients, and survival of both models.
fn same(one: &str, other: &str) {
    let (one, other) = (Published::of(load(one)), Published::of(load(other)));
    for strategy in ["usual", "better"] {
        for outcome in ["cost", "renewals"] {
            let (a, b) = (one.total(strategy, outcome), other.total(strategy, outcome));
            assert!((a - b).abs() < 1e-10 * b.max(1.0), "{strategy} {outcome}: {a}, written out {b}");
            let sd = |own: &Published| {
                let of = &own.exact.totals.strategies[own.strategy(strategy)];
                of.outcomes[own.outcome(outcome)].sd.expect("a spread between patients")
            };
            let (a, b) = (sd(&one), sd(&other));
            assert!((a - b).abs() < 1e-7 * b.max(1.0), "{strategy} sd of {outcome}: {a}, written out {b}");
        }
        for point in [0, 1, 5, CYCLES] {
            let (a, b) = (one.occupancy(strategy, "dead", point), other.occupancy(strategy, "dead", point));
            assert!((a - b).abs() < 1e-12, "{strategy} dead at {point}: {a}, written out {b}");
        }
    }
}

#[test]
fn a_state_that_is_entered_again_is_a_chain_of_states() {
    same(&renewed(), &written_out());
}

#[test]
fn a_count_is_a_state_for_each_number() {
    same(&counted(true), &counted(false));
}

/// A count of an event that leaves patients where they are, without a new start of the clock.
#[test]
fn events_without_a_move_are_counted_too() {
    let fall = "
[transitions.fall]
from = \"implant\"
to   = \"same state\"
rate = \"rate.fall\"
counted_up_to = 2
[rewards.fear]
outcome  = \"cost\"
per_year = \"10 * count(fall) + time_in(implant)\"
in       = \"implant\"
";
    let text = counted(true).replace(" + 20 * time_in(implant)", "") + fall;
    let own = Published::of(load(&text));
    // Without renewals and deaths in between, the number of falls by a cycle is binomial, as a patient makes one move a cycle.
    let quiet =
        text.replace("rate    = \"rate.fall * (1 + 0.5 * count(renew))\"", "rate    = \"0 * rate.fall\"");
    let quiet =
        quiet.replace("rate = \"rate.death * if(count(renew) >= 2, 2, 1)\"", "rate = \"0 * rate.death\"");
    let quiet = quiet.replace("discount   = { rate = \"3 %\", at = \"middle\" }", "discount = \"none\"");
    let quiet = Published::of(load(&quiet));
    let p = 1.0 - (-0.15f64).exp();
    let mut due = 0.0;
    let mean = |k: usize| {
        let none = (1.0 - p).powi(k as i32);
        let one = if k == 0 { 0.0 } else { k as f64 * p * (1.0 - p).powi(k as i32 - 1) };
        10.0 * (one + 2.0 * (1.0 - none - one)) + k as f64 / 2.0
    };
    for cycle in 0..CYCLES {
        due += 0.25 * (mean(cycle) + mean(cycle + 1));
    }
    let fear = quiet.component("usual", "cost", "Fear");
    assert!((fear - due).abs() < 1e-9 * due, "{fear}, due {due}");
    assert!(own.component("usual", "cost", "Fear") > 0.0);
}

#[test]
fn engines_agree() {
    for (i, text) in [renewed(), counted(true)].iter().enumerate() {
        let scenario = load(text);
        let seed = agreement::seed("counts and entering again", i as u64);
        let options = Options::new(Engine::Both, 200_000, seed, vec![1.0, 5.0, 10.0]);
        let results = run(&scenario.model, &options, &Watch::default()).unwrap().agreement.unwrap();
        assert!(results.engines_agree(), "{:?} {:?}", results.worst_headline(), results.worst_cell);
    }
}

/// The replays of `verify`, which follow single patients apart from the engines, agree too.
#[test]
fn verification_agrees() {
    for text in [renewed(), counted(true)] {
        let folder = Folder::new();
        std::fs::write(folder.0.join("model.toml"), &text).unwrap();
        std::fs::write(folder.0.join("parameters.csv"), PARAMETERS).unwrap();
        code(&folder.arcosim(&["verify", "model.toml", "--out", "verify", "-q"]), 0);
    }
}
