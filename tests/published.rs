//! Published models, run as scenarios, versus the published numbers to the last digit, and versus an independent
//! computation with all digits.
//!
//! Most of the numbers are in the `expected.csv` of each scenario (also compared by `expected_numbers.rs`). The tests
//! in this file need more than one run: other patients, other corrections, ratios versus another strategy than the
//! reference, single cycles. If a published number is wrong, the test explains the error and requires the correct
//! number.

use crate::common;

use std::path::Path;

use arcosim::analysis::expected;
use arcosim::model::hazard::spend;
use arcosim::model::{Correction, Expr, Moment, Share, Situation};
use arcosim::scenario::diagnostic::render;
use common::published::{Published, is, number, printed, table};
use common::{shipped, solve};

/// Compares all numbers of the scenario's `expected.csv`; `rows` is their number, so that no number is skipped
/// unnoticed.
fn as_expected(published: &Published, rows: usize) {
    let name = &published.model().title;
    let file = published.scenario.expected_file.as_ref().unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let due = expected::read(&text, published.model()).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(due.len(), rows, "{name}");
    let compared = expected::compare(due, published.model(), &published.exact);
    for c in &compared {
        assert!(c.passes(), "{name}: {c:?}");
    }
}

/// Compares the rewards of single cycles with `published_cycles.csv`.
fn cycles(name: &str, published: &Published, rows: usize) {
    let mut tried = 0;
    for row in table("published_cycles.csv").iter().filter(|row| &row[0] == name) {
        let falls = published.falls_at(&row[1], &row[2], number(row, 3) as usize);
        // The table begins with cycle 1, so rewards paid at the start are not included.
        printed(&format!("{row:?}"), falls, number(row, 4), number(row, 5));
        tried += 1;
    }
    assert_eq!(tried, rows, "{name}");
}

#[test]
fn they_load_without_a_word() {
    for path in shipped::files("scenarios/published", "toml") {
        let loaded = arcosim::scenario::load(&path, &[]);
        let message = render(&loaded.diagnostics, &loaded.sources, false);
        assert!(loaded.scenario.is_some() && message.is_empty(), "{message}");
    }
}

#[test]
fn hip_replacement() {
    let hip = Published::new("hip_replacement");
    as_expected(&hip, 192);
    cycles("hip_replacement", &hip, 47);
    // Annual probability of revision from the Weibull regression.
    let model = hip.model();
    let revise = model.transitions.iter().position(|t| t.name == "revise").unwrap();
    let parameters = solve::values(model);
    for (year, standard, np1) in [
        (1, 0.00045587359988585874, 0.00011885569701708398),
        (2, 0.0007926553812591663, 0.00020668743107066234),
        (5, 0.001309944799567142, 0.0003416376814695532),
        (10, 0.0018387973086411158, 0.00047965794112503346),
        (20, 0.002547453193303628, 0.0006646881849140529),
        (30, 0.003073010395425957, 0.0008019740895547356),
    ] {
        let situation = Situation {
            parameters: &parameters,
            // A woman (first category) aged 60.
            attributes: &[60.0, 0.0],
            state: hip.state("primary"),
            cycle: year - 1,
            residence: &[],
            cycles_per_year: 1.0,
            part: 0.0,
        };
        for (strategy, due) in [("standard", standard), ("np1", np1)] {
            let p = spend(model, hip.strategy(strategy), revise, &situation);
            is(&format!("revision in year {year}, {strategy}"), p, due);
        }
    }
}

#[test]
fn hip_replacement_counted_and_discounted_otherwise() {
    let points = Published::new("variants/hip_replacement_59_transitions");
    assert_eq!(points.model().time.cycles, 59);
    as_expected(&points, 10);
    as_expected(&Published::new("variants/hip_replacement_continuous_discounting"), 6);
}

/// A subgroup has other values of two parameters. The numbers printed by hesim are means of 500 draws of an uncertainty
/// analysis, discounted continuously. They show that the subgroup is the same, but do not agree digit by digit.
#[test]
fn hip_replacement_in_subgroups() {
    let rows = table("hip_replacement_subgroups.csv");
    let solved = |share: f64, age: f64| {
        Published::with("hip_replacement", &[("share.female", share), ("age.start", age)])
    };
    for group in rows.chunks(5) {
        let own = solved(number(&group[0], 0), number(&group[0], 1));
        for row in group {
            let value = match &row[2] {
                "standard_cost" => own.total("standard", "cost"),
                "standard_qaly" => own.total("standard", "qaly"),
                "inc_cost" => own.more("np1", "standard", "cost"),
                "inc_qaly" => own.more("np1", "standard", "qaly"),
                "icer" => own.ratio("np1", "standard", "qaly"),
                other => panic!("{other}"),
            };
            is(&format!("{row:?}"), value, number(row, 3));
            if !row[4].is_empty() {
                printed(&format!("{row:?}"), value, number(row, 4), number(row, 5));
            }
        }
    }
    assert_eq!(rows.len(), 50);
    // At every age 65 % are women, so one run has the mean over both sexes.
    let ages = [(55.0, 0.05), (60.0, 0.10), (65.0, 0.40), (70.0, 0.25), (75.0, 0.20)];
    let mut mix = [0.0; 4];
    for (age, share) in ages {
        let own = solved(0.65, age);
        let totals = [("standard", "cost"), ("standard", "qaly"), ("np1", "cost"), ("np1", "qaly")];
        for (sum, (strategy, outcome)) in mix.iter_mut().zip(totals) {
            *sum += share * own.total(strategy, outcome);
        }
    }
    is("standard, cost", mix[0], 487.0597652120167);
    is("standard, QALYs", mix[1], 10.732329396522852);
    is("NP1, cost", mix[2], 603.6349003896776);
    is("NP1, QALYs", mix[3], 10.76110869281082);
    is("ratio", (mix[2] - mix[0]) / (mix[3] - mix[1]), 4050.6596829609207);
    printed("hesim, cost", mix[2] - mix[0], 118.0, 8.0);
    printed("hesim, QALYs", mix[3] - mix[1], 0.028, 0.004);
}

#[test]
fn sick_sicker() {
    let model = Published::new("sick_sicker");
    as_expected(&model, 156);
    prevalence("sick_sicker", &model, 40);
    is("AB over B, cost", model.more("a_and_b", "b", "cost"), 119774.78777748768);
    is("AB over B, QALYs", model.more("a_and_b", "b", "qaly"), 0.9523789941571152);
    is("AB over B, ratio", model.ratio("a_and_b", "b", "qaly"), 125763.78575368733);
    printed("AB over B, cost", model.more("a_and_b", "b", "cost"), 119_775.0, 0.5);
    printed("AB over B, QALYs", model.more("a_and_b", "b", "qaly"), 0.952, 0.0005);
    printed("AB over B, ratio", model.ratio("a_and_b", "b", "qaly"), 125_764.0, 0.5);
    as_expected(&Published::new("variants/sick_sicker_half_cycle"), 12);
}

#[test]
fn sick_sicker_age_dependent() {
    let model = Published::new("sick_sicker_age_dependent");
    as_expected(&model, 68);
    prevalence("sick_sicker_age_dependent", &model, 60);
    printed("AB over B, cost", model.more("a_and_b", "b", "cost"), 93_764.0, 0.5);
    printed("AB over B, QALYs", model.more("a_and_b", "b", "qaly"), 0.898, 0.0005);
    printed("AB over B, ratio", model.ratio("a_and_b", "b", "qaly"), 104_461.0, 0.5);
    is("AB over B, ratio", model.ratio("a_and_b", "b", "qaly"), 104460.51413103298);
    // The tutorial reports 40.8 years, the mean of its uncertainty analysis. The base case of the model is 40.7.
    let years = model.total("usual", "life_expectancy");
    assert!((years - 40.8).abs() > 0.05);
    is("life expectancy", years, 40.70043919241875);
}

#[test]
fn sick_sicker_state_residence() {
    let model = Published::new("sick_sicker_state_residence");
    as_expected(&model, 153);
    is("AB over B, ratio", model.ratio("a_and_b", "b", "qaly"), 88667.9580752411);
    // Mean time since falling ill among the sick, computed by an outcome that counts time at each grid point.
    let residence = shipped::load(Path::new("tests/scenarios/sick_sicker_cycles_sick.toml"), &[]);
    prevalence("sick_sicker_state_residence", &Published::of(residence), 28);
}

/// Compares the prevalence among patients who are alive, and the mean time in a state.
fn prevalence(name: &str, model: &Published, rows: usize) {
    let mut tried = 0;
    for row in table("sick_sicker_prevalence.csv").iter().filter(|row| &row[0] == name) {
        let (strategy, year) = (&row[1], number(row, 3) as usize);
        let share = |state: &str| model.occupancy(strategy, state, year);
        let alive = 1.0 - share("dead");
        let value = match &row[2] {
            "ill" => (share("sick") + share("sicker")) / alive,
            "cycles_sick" => model.falls_at(strategy, "cycles_sick", year) / share("sick"),
            state => share(state) / alive,
        };
        printed(&format!("{row:?}"), value, number(row, 4), 1e-9 * number(row, 4).max(1e-3));
        tried += 1;
    }
    assert_eq!(tried, rows, "{name}");
}

/// The same three models with other within-cycle corrections, which a scenario selects by one key.
#[test]
fn sick_sicker_by_other_corrections() {
    let rows = table("sick_sicker_corrections.csv");
    let mut solved: Vec<(String, Published)> = Vec::new();
    for row in &rows {
        let key = format!("{} {}", &row[0], &row[1]);
        if !solved.iter().any(|(k, _)| *k == key) {
            let (correction, at) = match &row[1] {
                "every point" => (Correction::Weights(vec![1.0; 76]), Moment::Point),
                "half-cycle" => (Correction::HalfCycle, Moment::Point),
                "start" => (Correction::Start, Moment::Start),
                "end" => (Correction::End, Moment::End),
                other => panic!("{other}"),
            };
            let own = Published::new(&row[0]).changed(|model| {
                for outcome in &mut model.outcomes {
                    outcome.correction = correction.clone();
                    if let Some(discount) = &mut outcome.discount {
                        discount.at = at;
                    }
                }
            });
            solved.push((key.clone(), own));
        }
        let (_, own) = solved.iter().find(|(k, _)| *k == key).unwrap();
        is(&format!("{row:?}"), own.total(&row[2], &row[3]), number(row, 4));
    }
    assert_eq!(rows.len(), 64);
}

/// The tutorial calls its weights Simpson's rule. The true rule is impossible with 75 cycles. With 76 cycles it agrees
/// closely with the half-cycle correction, whereas the tutorial's weights differ from both by a third of a QALY.
#[test]
fn sick_sicker_with_the_true_rule_of_simpson() {
    let qaly = |correction: Correction| {
        let own = Published::new("sick_sicker").changed(|model| {
            model.time.cycles = 76;
            for outcome in &mut model.outcomes {
                outcome.correction = correction.clone();
            }
        });
        own.total("usual", "qaly")
    };
    let swapped = |k: usize| match k {
        0 | 76 => 1.0 / 3.0,
        _ if k % 2 == 1 => 2.0 / 3.0,
        _ => 4.0 / 3.0,
    };
    let (half, simpson) = (qaly(Correction::HalfCycle), qaly(Correction::Simpson));
    let tutorial = qaly(Correction::Weights((0..=76).map(swapped).collect()));
    assert!((simpson - half).abs() < 0.02, "{simpson}, {half}");
    assert!(half - tutorial > 0.3, "{tutorial}, {half}");
}

#[test]
fn sick_sicker_microsimulation() {
    as_expected(&Published::new("sick_sicker_microsimulation"), 64);
}

#[test]
fn hiv_combination_therapy() {
    let hiv = Published::new("hiv_combination_therapy");
    as_expected(&hiv, 79);
    cycles("hiv_combination_therapy", &hiv, 12);
    let undiscounted = hiv.changed(|model| model.outcomes.iter_mut().for_each(|o| o.discount = None));
    for (strategy, category, due, digits) in [
        ("monotherapy", "Care", 45541.24389814043, 45541.24),
        ("combination", "Care", 48082.83452921567, 48082.83),
        ("monotherapy", "Drugs", 18203.968739225522, 18203.97),
        ("combination", "Drugs", 24492.27541907356, 24492.28),
    ] {
        let value = undiscounted.component(strategy, "cost", category);
        is(category, value, due);
        printed(category, value, digits, 0.005);
    }
    as_expected(&Published::new("variants/hiv_life_table_counting"), 18);
}

/// The vignette of rdecision reports 6,264 and 6,295 per life-year, because its matrix for the combination divides one
/// row by the total of another row. With this mistake arcosim has the vignette's numbers; without it, the numbers of
/// the book.
#[test]
fn hiv_with_the_mistake_that_another_program_makes() {
    let mistaken = Published::of(shipped::load(Path::new("tests/scenarios/hiv_miscounted_row.toml"), &[]));
    let half_cycle = "life_years_half_cycle";
    let total = |outcome| mistaken.total("combination", outcome);
    let ratio = |effect| mistaken.ratio("combination", "monotherapy", effect);
    for (what, value, due, digits, half_a_digit) in [
        ("cost", total("cost"), 50607.148917880324, 50_607.0, 0.5),
        ("life-years", total("life_years"), 8.940071860328436, 8.94, 0.005),
        ("half-cycle", total(half_cycle), 9.41945631496896, 9.419, 0.0005),
        ("ratio", ratio("life_years"), 6264.003847367945, 6264.0, 0.5),
        ("ratio, half-cycle", ratio(half_cycle), 6295.4108471695245, 6295.0, 0.5),
    ] {
        is(what, value, due);
        printed(what, value, digits, half_a_digit);
    }
    let book = Published::new("hiv_combination_therapy");
    is("the book's ratio", book.ratio("combination", "monotherapy", "life_years"), 6275.955603531776);
}

/// No half-yearly transition matrix, applied twice, equals the yearly matrix, because no process in continuous time has
/// this yearly matrix. Annual probabilities are therefore never used for another cycle length.
#[test]
fn hiv_probabilities_belong_to_their_year() {
    let hiv = Published::new("hiv_combination_therapy");
    let states = ["a", "b", "c", "dead"];
    let p = |from: &str, to: &str| -> f64 {
        let name = format!("p.{from}.{to}");
        let parameter = hiv.model().parameters.iter().find(|p| p.name == name);
        parameter.map_or(0.0, |p| p.base)
    };
    // Square root of a triangular matrix, computed diagonal by diagonal.
    let mut root = [[0.0f64; 4]; 4];
    for gap in 0..4 {
        for i in 0..4 - gap {
            let j = i + gap;
            root[i][j] = match gap {
                0 => (1.0 - states.iter().map(|to| p(states[i], to)).sum::<f64>()).sqrt(),
                _ => {
                    let via: f64 = (i + 1..j).map(|k| root[i][k] * root[k][j]).sum();
                    (p(states[i], states[j]) - via) / (root[i][i] + root[j][j])
                }
            };
        }
    }
    printed("dying in b in half a year", root[1][3], -0.0122, 0.0001);

    let published = |file: &str| {
        let path = Path::new(shipped::ROOT).join("scenarios/published").join(file);
        std::fs::read_to_string(path).unwrap()
    };
    let half_years = r#"
        format  = 1
        title   = "Half-years"
        extends = "hiv_combination_therapy.toml"
        [time]
        cycle   = "6 months"
    "#;
    let (model, numbers) = ("hiv_combination_therapy.toml", "data/hiv_combination_therapy.csv");
    let files = [
        ("half_years.toml", half_years.to_string()),
        (model, published(model)),
        (numbers, published(numbers)),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let loaded = arcosim::scenario::load_text(&files, &[]);
    let message = render(&loaded.diagnostics, &loaded.sources, false);
    assert!(loaded.scenario.is_none(), "it runs");
    assert!(message.contains("E0314") && message.contains("p.a.b"), "{message}");
}

#[test]
fn heart_valve() {
    let valve = Published::new("heart_valve");
    as_expected(&valve, 118);
    cycles("heart_valve", &valve, 27);
    // The article rounds to whole patients, so its table differs by 2.5 QALYs per 10,000 patients after 24 cycles.
    let after_24: f64 = (1..=24).map(|k| valve.falls_at("valve", "qaly", k)).sum();
    printed("QALYs of 10,000 after 24 cycles", 1e4 * after_24, 23749.489439410794, 1e-6);
    assert!((1e4 * after_24 - 23_752.0).abs() > 2.0);
}

/// With an unlimited horizon the fundamental matrix has 2.5 cycles in `well` and 1.25 cycles in `disabled`, including
/// the cycle at the start.
#[test]
fn heart_valve_for_ever() {
    let valve = Published::new("heart_valve").changed(|model| {
        model.time.cycles = 200;
        for outcome in &mut model.outcomes {
            if let Correction::Weights(weights) = &mut outcome.correction {
                *weights = vec![1.0; 201];
            }
        }
    });
    is("end of cycle", valve.total("valve", "qaly"), 2.375);
    is("from the start", valve.total("valve", "qaly_from_start"), 3.375);
    is("half-cycle", valve.total("valve", "qaly_half_cycle"), 2.875);
    for (state, due) in [("well", 2.5), ("disabled", 1.25)] {
        let own = &valve.exact.counts.strategies[0].occupancy[valve.state(state)];
        is(state, own.iter().sum(), due);
    }
    // Patients who begin in `disabled` stay for 2.5 cycles.
    let state = valve.state("disabled");
    let disabled = valve.changed(|model| model.start = vec![(state, Share::Stated(Expr::Number(1.0)))]);
    is("disabled", disabled.exact.counts.strategies[0].occupancy[state].iter().sum(), 2.5);
}
