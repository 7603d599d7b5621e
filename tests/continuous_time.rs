//! Continuous time: the exact engine against closed forms and renewal equations, and the microsimulation against the exact engine.

use arcosim::analysis::agreement::compare;
use arcosim::analysis::base_case::{self, Engine, Options};
use arcosim::analysis::curves::Source;
use arcosim::analysis::landmarks;
use arcosim::engine::microsim::{Move, Rule, Settings, Watch, histories, run};
use arcosim::engine::{cohort, counts::Counts};
use arcosim::model::population::population_nodes;
use arcosim::model::{Model, Tables};
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::load_text;

use crate::common;

use std::fs;
use std::path::Path;

use common::program::{Folder, code};
use common::shipped;

/// A scenario without a parameter table.
fn model(text: &str) -> Model {
    let loaded = load_text(&[("scenario.toml", text)], &[]);
    let Some(scenario) = loaded.scenario else {
        panic!("{}", render(&loaded.diagnostics, &loaded.sources, false))
    };
    scenario.model
}

fn exact(model: &Model) -> (Counts, Vec<Vec<f64>>) {
    let parameters = model.base_values();
    let tables = Tables::new(model, &parameters);
    let counts = cohort::run(&tables, &population_nodes(model, &parameters, 2));
    let totals = counts.strategies.iter().map(|own| cohort::by_outcome(model, &own.components)).collect();
    (counts, totals)
}

/// The illness-death models of `validation/11_ctmc_exact`, with a rate of return, and discounting by an annual rate whose force is
/// `force`.
fn illness_death(cycle: &str, years: u32, back: f64, force: f64) -> Model {
    model(&illness_death_text(cycle, years, back, force))
}

fn illness_death_text(cycle: &str, years: u32, back: f64, force: f64) -> String {
    let rate = force.exp_m1();
    let recover = match back > 0.0 {
        true => format!("[transitions.recover]\nfrom = \"ill\"\nto = \"well\"\nrate = {back}\n"),
        false => String::new(),
    };
    format!(
        "format = 1\n[time]\ncycle = \"{cycle}\"\nhorizon = \"{years} years\"\nmoves = \"continuous\"\n\
        [population.start]\nwell = \"rest\"\n[states]\nwell = {{}}\nill = {{}}\ndead = {{ absorbing = true }}\n\
        [transitions.fall_ill]\nfrom = \"well\"\nto = \"ill\"\nrate = 0.15\n{recover}\
        [transitions.die_well]\nfrom = \"well\"\nto = \"dead\"\nrate = 0.04\n\
        [transitions.die_ill]\nfrom = \"ill\"\nto = \"dead\"\nrate = 0.25\n[strategies]\nnone = {{}}\n\
        [outcomes.qaly]\nunit = \"QALYs\"\ncorrection = \"start\"\ndiscount = {{ rate = {rate}, at = \"start\" }}\n\
        [outcomes.cost]\nunit = \"EUR\"\ncorrection = \"start\"\ndiscount = {{ rate = {rate}, at = \"start\" }}\n\
        [outcomes.visits]\nunit = \"visits\"\ncorrection = \"start\"\ndiscount = {{ rate = {rate}, at = \"start\" }}\n\
        [rewards.well]\noutcome = \"qaly\"\nper_year = 0.9\nin = \"well\"\n\
        [rewards.ill]\noutcome = \"qaly\"\nper_year = 0.6\nin = \"ill\"\n\
        [rewards.onset]\noutcome = \"cost\"\nonce = 2500\non = \"fall_ill\"\n\
        [rewards.death]\noutcome = \"cost\"\nonce = 4000\non_entering = \"dead\"\n\
        [rewards.visit]\noutcome = \"visits\"\nonce = 1\non = \"fall_ill\"\n"
    )
}

fn near(value: f64, due: f64, relative: f64) {
    assert!((value - due).abs() <= relative * due.abs() + 1e-12, "{value} is not {due}");
}

/// Values with full precision from `validation/11_ctmc_exact` (matrix exponentials checked against 40-digit arithmetic), met at
/// every cycle length.
#[test]
fn constant_rates_have_no_error_of_the_cycle() {
    for cycle in ["1 week", "1 month", "6 months", "1 year", "10 years"] {
        let (counts, totals) = exact(&illness_death(cycle, 10, 0.0, 0.03));
        let own = &counts.strategies[0];
        let last = own.occupancy[0].len() - 1;
        for (state, due) in
            [0.149_568_619_222_635_06, 0.168_709_051_496_840_65, 0.681_722_329_280_524_2].iter().enumerate()
        {
            near(own.occupancy[state][last], *due, 1e-12);
        }
        near(totals[0][0], 4.668_954_516_994_051, 1e-12);
        near(totals[0][1], 3_881.250_169_927_899, 1e-12);
        let (counts, _) = exact(&illness_death(cycle, 20, 0.3, 0.0));
        let own = &counts.strategies[0];
        for (state, due) in
            [0.131_332_956_967_624_2, 0.042_992_632_762_019_66, 0.825_674_410_270_356_2].iter().enumerate()
        {
            let last = own.occupancy[state].len() - 1;
            near(own.occupancy[state][last], *due, 1e-12);
        }
        // A horizon of 400 years stands for an endless one.
        let (_, totals) = exact(&illness_death(cycle, 400, 0.3, 0.035));
        near(totals[0][0], 7.116_883_116_883_116, 1e-9);
        near(totals[0][2], 1.012_987_012_987_012_9, 1e-9);
    }
}

/// Patients go back and forth 1,000 times a year, and die at the mean of the two rates of death: the fast process is in balance.
#[test]
fn a_thousand_moves_a_year_are_no_more_difficult() {
    let fast = |cycle: &str| {
        model(&format!(
            "format = 1\n[time]\ncycle = \"{cycle}\"\nhorizon = \"10 years\"\nmoves = \"continuous\"\n\
            [population.start]\na = \"rest\"\n[states]\na = {{}}\nb = {{}}\ndead = {{ absorbing = true }}\n\
            [transitions.go]\nfrom = \"a\"\nto = \"b\"\nrate = 1000\n[transitions.back]\nfrom = \"b\"\nto = \"a\"\nrate = 500\n\
            [transitions.die_a]\nfrom = \"a\"\nto = \"dead\"\nrate = 0.1\n[transitions.die_b]\nfrom = \"b\"\nto = \"dead\"\nrate = 0.4\n\
            [strategies]\nnone = {{}}\n"
        ))
    };
    // Eigenvalues of the generator of the two transient states, in closed form.
    let (q1, q2) = (1000.1_f64, 500.4_f64);
    let root = ((q1 - q2) * (q1 - q2) + 4.0 * 1000.0 * 500.0).sqrt();
    let (slow, quick) = (0.5 * (-(q1 + q2) + root), 0.5 * (-(q1 + q2) - root));
    let at = |t: f64| {
        let c = (-q1 - quick) / (slow - quick);
        let a = c * (slow * t).exp() + (1.0 - c) * (quick * t).exp();
        let b = 1000.0 * ((slow * t).exp() - (quick * t).exp()) / (slow - quick);
        (a, b)
    };
    for cycle in ["1 week", "6 months", "1 year", "5 years"] {
        let (counts, _) = exact(&fast(cycle));
        let own = &counts.strategies[0];
        let last = own.occupancy[0].len() - 1;
        let (a, b) = at(10.0);
        near(own.occupancy[0][last], a, 1e-9);
        near(own.occupancy[1][last], b, 1e-9);
    }
}

/// Patients who fall ill, recover and die, with Weibull hazards whose clocks start anew at each move.
fn renewal(cycle: &str, due: &Renewal) -> Model {
    let Renewal { fall, back, die, .. } = due;
    let (back, die) = (
        format!("{{ shape = {}, scale = {} }}", back.0, back.1),
        format!("{{ shape = {}, scale = {} }}", die.0, die.1),
    );
    model(&format!(
        "format = 1\n[time]\ncycle = \"{cycle}\"\nhorizon = \"12 years\"\nmoves = \"continuous\"\n\
        [population.start]\nwell = \"rest\"\n[states]\nwell = {{}}\nill = {{}}\ndead = {{ absorbing = true }}\n\
        [transitions.fall_ill]\nfrom = \"well\"\nto = \"ill\"\nweibull = {{ shape = {fall}, scale = 3 }}\nclock = \"time_in(well)\"\n\
        [transitions.recover]\nfrom = \"ill\"\nto = \"well\"\nweibull = {back}\nclock = \"time_in(ill)\"\n\
        [transitions.die_well]\nfrom = \"well\"\nto = \"dead\"\nrate = 0.02\n\
        [transitions.die_ill]\nfrom = \"ill\"\nto = \"dead\"\nweibull = {die}\nclock = \"time_in(ill)\"\n\
        [strategies]\nnone = {{}}\n\
        [outcomes.qaly]\nunit = \"QALYs\"\ncorrection = \"start\"\ndiscount = {{ rate = 0.035, at = \"start\" }}\n\
        [rewards.well]\noutcome = \"qaly\"\nper_year = 0.9\nin = \"well\"\n\
        [rewards.ill]\noutcome = \"qaly\"\nper_year = 0.5\nin = \"ill\"\n\
        [rewards.first_months]\noutcome = \"qaly\"\nper_year = \"if(time_in(ill) < 1, -0.2, 0)\"\nin = \"ill\"\n\
        [endpoints.death]\nlabel = \"Death\"\nfree = \"Alive\"\nenters = \"dead\"\n\
        [endpoints.illness]\nlabel = \"Illness\"\nfree = \"Free\"\nenters = \"ill\"\ncompeting = [\"dead\"]\n"
    ))
}

/// Values of numerical renewal equations for the two sets of shapes, found by two unrelated methods that agree to 5e-12: collocation
/// on a graded mesh (`data/renewal_equations.c`) and fractional power series with 80 digits.
struct Renewal {
    back: (f64, f64),
    fall: f64,
    die: (f64, f64),
    /// Patients well and ill after 1, 5 and 12 years.
    states: [(f64, f64); 3],
    /// Cumulative incidence of the first illness after 1, 5 and 12 years.
    first_illness: [f64; 3],
    illnesses: f64,
    qalys: [f64; 3],
    years: (f64, f64),
}

const SINGULAR: Renewal = Renewal {
    fall: 0.8,
    back: (0.7, 1.5),
    die: (0.6, 8.0),
    states: [
        (0.745_540_490_28, 0.187_266_973_74),
        (0.494_130_175_46, 0.195_232_998_20),
        (0.294_340_264_49, 0.120_176_219_81),
    ],
    first_illness: [0.337_056_642_88, 0.753_545_308_68, 0.903_122_666_77],
    illnesses: 1.862_410_306_88,
    qalys: [4.517_716_942_70, 0.850_527_430_30, -0.173_592_016_35],
    years: (5.911_718_561_33, 2.050_602_497_17),
};

const SMOOTH: Renewal = Renewal {
    fall: 1.6,
    back: (2.2, 1.5),
    die: (1.3, 8.0),
    states: [
        (0.836_418_857_07, 0.141_767_114_19),
        (0.565_386_758_66, 0.280_202_181_40),
        (0.434_400_212_18, 0.212_318_738_85),
    ],
    first_illness: [0.156_484_872_61, 0.856_433_159_04, 0.948_103_273_79],
    illnesses: 2.419_350_146_93,
    qalys: [5.259_151_057_68, 1.169_453_043_39, -0.330_985_936_88],
    years: (6.960_879_406_31, 2.874_444_696_56),
};

/// Largest error of any share of patients and of any total of the exact engine, for cycles of this length.
fn errors(cycle: &str, due: &Renewal) -> (f64, f64, f64) {
    let model = renewal(cycle, due);
    let (counts, totals) = exact(&model);
    let own = &counts.strategies[0];
    let mut shares: f64 = 0.0;
    for (years, ((well, ill), first)) in [1.0, 5.0, 12.0].iter().zip(due.states.iter().zip(due.first_illness))
    {
        let at = (years * model.time.cycles_per_year).round() as usize;
        let events: f64 = own.endpoints[1].events[..=at].iter().sum();
        for (value, due) in [(own.occupancy[0][at], *well), (own.occupancy[1][at], *ill), (events, first)] {
            shares = shares.max((value - due).abs());
        }
    }
    let fall_ill = model.paths().first_edge(0, 0);
    let illnesses: f64 = own.moves[fall_ill].iter().sum();
    let total: f64 = due.qalys.iter().sum();
    let mut relative = ((totals[0][0] - total) / total).abs().max((illnesses / due.illnesses - 1.0).abs());
    for (value, due) in own.components.iter().zip(due.qalys) {
        relative = relative.max((value / due - 1.0).abs());
    }
    let years = &own.accrued.undiscounted_years;
    relative = relative.max((years[0] / due.years.0 - 1.0).abs()).max((years[1] / due.years.1 - 1.0).abs());
    (shares, ((totals[0][0] - total) / total).abs(), relative)
}

#[test]
fn clock_reset_distributions_meet_renewal_equations() {
    // Hazards that are infinite when their clock starts: errors below 1e-4 with monthly cycles.
    let (shares, qalys, parts) = errors("1 month", &SINGULAR);
    assert!(shares < 1e-4 && qalys < 1e-4 && parts < 1e-3, "{shares} {qalys} {parts}");
    let (shares, qalys, parts) = errors("1 week", &SINGULAR);
    assert!(shares < 1e-5 && qalys < 1e-5 && parts < 1e-4, "{shares} {qalys} {parts}");
    // Shapes above 1 are more accurate with cycles of any length.
    let (shares, qalys, parts) = errors("3 months", &SMOOTH);
    assert!(shares < 1e-4 && qalys < 1e-4 && parts < 1e-3, "{shares} {qalys} {parts}");
    let (shares, qalys, parts) = errors("1 month", &SMOOTH);
    assert!(shares < 1e-5 && qalys < 1e-5 && parts < 1e-4, "{shares} {qalys} {parts}");
}

/// The change that extrapolation makes is at least about as large as the error.
#[test]
fn the_estimated_error_of_the_cycle_is_not_too_small() {
    for (due, cycle) in
        [(&SINGULAR, "6 months"), (&SINGULAR, "1 month"), (&SMOOTH, "6 months"), (&SMOOTH, "1 month")]
    {
        let (shares, qalys, _) = errors(cycle, due);
        let (counts, _) = exact(&renewal(cycle, due));
        let estimated = counts.cycle_error;
        assert!(shares.max(qalys) < 1.5 * estimated, "{cycle}: {shares} and {qalys}, estimated {estimated}");
    }
}

/// Kaplan-Meier survival censors deaths, and must be that of the hazard of illness alone, whatever the cycle.
#[test]
fn net_survival_with_constant_rates_is_the_exponential() {
    for cycle in ["1 month", "1 year", "5 years"] {
        let mut text = illness_death_text(cycle, 10, 0.0, 0.03);
        text.push_str("[endpoints.illness]\nlabel = \"Illness\"\nfree = \"Free\"\nenters = \"ill\"\ncompeting = [\"dead\"]\n");
        let model = model(&text);
        let results = base_case::run(&model, &options(Engine::Cohort, 1, 1), &Watch::default()).unwrap();
        let exact = results.exact.unwrap();
        let curves = exact.solution.curves[0][0].as_ref().unwrap();
        near(curves.survival.at(5.0).unwrap().survival, (-0.15_f64 * 5.0).exp(), 1e-12);
        // Straight lines join the points: the median and the restricted mean have errors of second order in the cycle.
        if cycle == "1 month" {
            let median = landmarks::median(curves, Source::Exact).years.unwrap();
            near(median, 2.0_f64.ln() / 0.15, 1e-4);
            let mean = landmarks::restricted_mean(curves, Source::Exact, 5.0).unwrap().estimate;
            near(mean, (1.0 - (-0.15_f64 * 5.0).exp()) / 0.15, 1e-4);
        }
        let incidence = 0.15 / 0.19 * (1.0 - (-0.19_f64 * 5.0).exp());
        near(curves.incidence.at(0, 5.0).unwrap().probability, incidence, 1e-12);
    }
}

fn options(engine: Engine, patients: u64, seed: u64) -> Options {
    Options::new(engine, patients, seed, vec![1.0, 5.0, 10.0])
}

/// Both engines agree by the rule of the library, with seeds that nobody chose.
#[test]
fn both_engines_agree_in_continuous_time() {
    for (i, (due, cycle)) in
        [(&SINGULAR, "1 month"), (&SMOOTH, "1 month"), (&SMOOTH, "3 months")].iter().enumerate()
    {
        let seed = common::agreement::seed("continuous time", i as u64);
        let results =
            base_case::run(&renewal(cycle, due), &options(Engine::Both, 400_000, seed), &Watch::default());
        let agreement = results.unwrap().agreement.unwrap();
        let (headline, cell) = (agreement.worst_headline(), agreement.worst_cell);
        assert!(agreement.engines_agree(), "{cycle}, seed {seed}: {headline:?} {cell:?}");
    }
}

/// The two classic errors are found: losing exits that spend the hazard of the whole cycle, and deaths that come first in their cycle.
#[test]
fn planted_errors_are_found_in_continuous_time() {
    let model = renewal("6 months", &SMOOTH);
    let parameters = model.base_values();
    let tables = Tables::new(&model, &parameters);
    let (exact, _) = exact(&model);
    for (rule, wrong) in
        [(Rule::Correct, false), (Rule::LosersSpendTheCycle, true), (Rule::AbsorbingWins, true)]
    {
        let seed = common::agreement::seed("planted in continuous time", 0);
        let settings = Settings { rule, ..Settings::new(400_000, seed) };
        let simulated = run(&tables, &settings, &Watch::default()).unwrap();
        let agreement = compare(&model, &exact, &simulated.counts, &[2, 10, 20], exact.cycle_error);
        assert_eq!(!agreement.engines_agree(), wrong, "{rule:?}: {:?}", agreement.worst_cell);
    }
}

/// A patient's life does not depend on the cycle if hazards are constant.
#[test]
fn events_happen_at_their_own_times() {
    let course = |cycle: &str| {
        let model = illness_death(cycle, 20, 0.3, 0.0);
        let tables = Tables::new(&model, &model.base_values());
        let per_year = model.time.cycles_per_year;
        let lives = histories(&tables, &Settings::new(200, 3), 200);
        let times = lives.into_iter().flat_map(|life| life.moves).filter_map(move |m| match m {
            Move::Fired { edge, time, .. } => Some((edge, time / per_year)),
            Move::Start { .. } => None,
        });
        times.collect::<Vec<(usize, f64)>>()
    };
    let (weekly, yearly) = (course("1 week"), course("1 year"));
    assert_eq!(weekly.len(), yearly.len());
    assert!(weekly.len() > 200);
    for ((a, s), (b, t)) in weekly.iter().zip(&yearly) {
        assert!(a == b && (s - t).abs() < 1e-9, "{s} and {t}");
    }
}

/// README.txt of a run says how patients move, and where formulas read their age.
#[test]
fn the_folder_says_that_patients_move_at_any_time() {
    let folder = Folder::new();
    let path = Path::new(shipped::ROOT).join("scenarios/published/hip_replacement_continuous_time.toml");
    let run = ["run", path.to_str().unwrap(), "--engine", "cohort", "--out", "out", "-q"];
    code(&folder.arcosim(&run), 0);
    let readme = fs::read_to_string(folder.0.join("out/README.txt")).unwrap();
    assert!(readme.contains("any number of transitions of each patient, at any time"), "{readme}");
    assert!(readme.contains("that in the middle of a cycle"), "{readme}");
    assert!(!readme.contains("at most one transition"), "{readme}");
}
