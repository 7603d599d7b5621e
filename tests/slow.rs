//! Tests that are too slow for every day but fast enough for every merge: `cargo test --release --test slow --
//! --ignored`.

mod common;

use arcosim::engine::microsim::Settings;
use common::{agreement, shipped, solve};

/// Ten million patients of the shipped study, whose ages are the quadrature nodes: nothing is left to integration, and a bias of a
/// thousandth of a percentage point in a rare state shows. The limits stay 4 and 5 standard errors.
#[test]
#[ignore = "millions of patients of every model: minutes on two cores"]
fn engines_agree_at_millions_of_patients() {
    for (name, scenario) in shipped::models() {
        let model = &scenario.model;
        let nodes = solve::nodes(model, 1);
        let exact = solve::at_nodes(model, &nodes);
        let totals = solve::totals_at_nodes(model, &nodes);
        // A published model has few states and one class of patients, and a country has the structure of its base: fewer
        // will do. (The United States were 4.55 standard errors off with one million and this seed, by chance: 1.8 at
        // most with sixty million of thirty other seeds, and the seven million after its first were 0.8 off. So, as
        // `agreement.rs` asks, they have grown for good.)
        let patients = match () {
            () if name.ends_with("/base.toml") => 10_000_000,
            () if name.contains("onfh") => 4_000_000,
            () => 1_000_000,
        };
        let settings = Settings {
            nodes: Some(nodes.clone()),
            ..Settings::new(patients, agreement::seed(&format!("{name} at nodes"), 0))
        };
        let simulated = solve::simulation(model, &settings);
        agreement::judge(
            &scenario,
            (&exact, &totals),
            &simulated,
            0.0,
            &format!("{name} seed {}", settings.seed),
        );
    }
}
