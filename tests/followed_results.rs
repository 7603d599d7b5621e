//! Clinical results in every draw of a probabilistic analysis, against closed forms of the drawn parameters.

use crate::common;

use std::fs;

use common::program::{Folder, code, columns, numbers, stderr, stdout};

const SCENARIO: &str = r#"
format     = 1
title      = "Followed results"
parameters = "numbers.csv"

[time]
cycle   = "1 year"
horizon = "10 years"

[population.start]
well = "rest"

[states]
well = {}
ill  = { absorbing = true }

[transitions]
fall_ill = { from = "well", to = "ill", rate = "rate.ill" }

[endpoints.illness]
enters = "ill"

[strategies.usual]
reference = true
[[strategies.drug.effects]]
on           = "fall_ill"
hazard_ratio = "hr.drug"

[outcomes.cost]
unit       = "EUR"
correction = "start"
discount   = "none"
[outcomes.years]
unit       = "years"
correction = "start"
discount   = "none"

[rewards]
care  = { outcome = "cost", per_year = "cost.care", in = "ill" }
years = { outcome = "years", per_year = 1, in = "well" }

[decision]
cost      = "cost"
effect    = "years"
thresholds = [{ value = 20_000, source = "test", date = "2026-11-29" }]
"#;

const FOLLOW: &str = r#"
[uncertainty]
curves = ["illness"]

[uncertainty.follow]
ill_5    = { quantity = "cumulative_incidence", subject = "illness", years = 5 }
healthy  = { quantity = "outcome", subject = "years" }

[uncertainty.claims]
better = { says = "ill_5.drug < ill_5.usual" }
rarely = { label = "Few fall ill", says = "ill_5.drug < 0.3 and healthy.drug > 7" }
"#;

const NUMBERS: &str = "\
name,kind,unit,base,distribution,se,base_is,evidence,source
rate.ill,rate,per year,0.1,gamma,0.03,,assumption,test
hr.drug,hr,,0.8,lognormal,0.2,median,assumption,test
cost.care,cost,EUR per year,1000,gamma,200,,assumption,test
";

fn psa(follow: &str) -> Folder {
    let folder = Folder::new();
    fs::write(folder.0.join("study.toml"), format!("{SCENARIO}{follow}")).unwrap();
    fs::write(folder.0.join("numbers.csv"), NUMBERS).unwrap();
    let output = folder.arcosim(&["psa", "study.toml", "--draws", "400", "--out", "out"]);
    code(&output, 0);
    fs::write(folder.0.join("screen"), stdout(&output)).unwrap();
    folder
}

/// Type-7 quantile.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = share * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    sorted[below] + (at - at.floor()) * (sorted[(below + 1).min(sorted.len() - 1)] - sorted[below])
}

#[test]
fn results_bands_and_claims_are_those_of_the_drawn_parameters() {
    let folder = psa(FOLLOW);
    let drawn = columns(&folder.0.join("out/psa/draws.csv"));
    let (rates, ratios) = (numbers(&drawn["rate.ill"]), numbers(&drawn["hr.drug"]));
    let hazards = [rates.clone(), rates.iter().zip(&ratios).map(|(r, hr)| r * hr).collect::<Vec<_>>()];
    let ill = |hazard: f64, years: f64| 1.0 - (-hazard * years).exp();
    let healthy = |hazard: f64| (0..10).map(|k| (-hazard * f64::from(k)).exp()).sum::<f64>();

    let followed = columns(&folder.0.join("out/psa/followed.csv"));
    for (s, name) in ["usual", "drug"].iter().enumerate() {
        let five = numbers(&followed[&format!("ill_5.{name}")]);
        let years = numbers(&followed[&format!("healthy.{name}")]);
        for (k, hazard) in hazards[s].iter().enumerate() {
            assert!((five[k] - ill(*hazard, 5.0)).abs() < 1e-12, "{name}, draw {}", k + 1);
            assert!((years[k] - healthy(*hazard)).abs() < 1e-11, "{name}, draw {}", k + 1);
        }
    }
    let summaries = columns(&folder.0.join("out/tables/followed.csv"));
    let of_drug: Vec<f64> = hazards[1].iter().map(|h| ill(*h, 5.0)).collect();
    let row =
        (0..4).find(|&i| summaries["result"][i] == "ill_5" && summaries["strategy"][i] == "drug").unwrap();
    let cell = |name: &str| summaries[name][row].parse::<f64>().unwrap();
    assert!((cell("mean") - of_drug.iter().sum::<f64>() / 400.0).abs() < 1e-12);
    assert!((cell("lower") - quantile(&of_drug, 0.025)).abs() < 1e-12);
    assert!((cell("upper") - quantile(&of_drug, 0.975)).abs() < 1e-12);
    assert!((cell("at_base") - ill(0.08, 5.0)).abs() < 1e-12);

    let bands = columns(&folder.0.join("out/tables/curve_bands.csv"));
    let mut checked = 0;
    for i in 0..bands["strategy"].len() {
        let years: f64 = bands["time_years"][i].parse().unwrap();
        let own = &hazards[usize::from(bands["strategy"][i] == "drug")];
        let incidence = bands["quantity"][i] == "cumulative_incidence";
        let value = |h: &f64| if incidence { ill(*h, years) } else { 1.0 - ill(*h, years) };
        let all: Vec<f64> = own.iter().map(value).collect();
        for (column, share) in [("lower", 0.025), ("median", 0.5), ("upper", 0.975)] {
            let cell: f64 = bands[column][i].parse().unwrap();
            assert!((cell - quantile(&all, share)).abs() < 1e-12, "{years} {column}");
            checked += 1;
        }
    }
    assert_eq!(checked, 2 * 2 * 11 * 3);

    let claims = columns(&folder.0.join("out/tables/claims.csv"));
    let better = ratios.iter().filter(|hr| **hr < 1.0).count() as f64 / 400.0;
    let rarely =
        hazards[1].iter().filter(|h| ill(**h, 5.0) < 0.3 && healthy(**h) > 7.0).count() as f64 / 400.0;
    assert!(better > 0.6 && better < 1.0 && rarely > 0.1 && rarely < 0.9, "{better} {rarely}");
    assert_eq!(numbers(&claims["probability"]), [better, rarely]);
    assert_eq!(claims["at_base"], ["yes", "no"]);
    let screen = fs::read_to_string(folder.0.join("screen")).unwrap();
    assert!(screen.contains(&format!("Few fall ill: {rarely:.3} (not true at base values)")), "{screen}");
    assert!(folder.0.join("out/figures/uncertainty_illness_drug.svg").exists());
}

/// Following results changes neither the draws nor the totals.
#[test]
fn totals_are_those_of_an_analysis_that_follows_nothing() {
    let [with, without] = [FOLLOW, ""].map(psa);
    assert!(!without.0.join("out/tables/followed.csv").exists());
    let [with, without] = [&with, &without].map(|folder| columns(&folder.0.join("out/psa/results.csv")));
    assert_eq!(with.len(), 4);
    for (name, cells) in &with {
        for (a, b) in numbers(cells).iter().zip(numbers(&without[name])) {
            assert!((a - b).abs() <= 1e-12 * b.abs(), "{name}: {a} and {b}");
        }
    }
}

/// Claims about strategies that `[run]` leaves out are left out, and the others still read the right strategies.
#[test]
fn claims_follow_the_selection_of_strategies() {
    let aside = SCENARIO.replace("[strategies.usual]", "[strategies.aside]\n[strategies.usual]");
    let more = format!("{FOLLOW}third = {{ says = \"ill_5.aside < ill_5.drug\" }}\n");
    let folder = Folder::new();
    let selected = "\n[run]\nstrategies = [\"usual\", \"drug\"]\n";
    fs::write(folder.0.join("study.toml"), format!("{aside}{more}{selected}")).unwrap();
    fs::write(folder.0.join("numbers.csv"), NUMBERS).unwrap();
    code(&folder.arcosim(&["psa", "study.toml", "--draws", "400", "--out", "out"]), 0);
    let [own, all] = [&folder, &psa(FOLLOW)].map(|folder| columns(&folder.0.join("out/tables/claims.csv")));
    assert_eq!(own["claim"], ["better", "rarely"]);
    assert_eq!(own["probability"], all["probability"]);
    let said = stdout(&folder.arcosim(&["check", "study.toml"]));
    assert!(said.contains("claims: `third`: left out, because a strategy in it is left out"), "{said}");
}

/// An unknown quantity, and one that no draw has.
#[test]
fn what_cannot_be_followed_is_refused() {
    for (from, to, said) in [
        ("\"cumulative_incidence\"", "\"incidence\"", "`incidence` is not a quantity"),
        ("quantity = \"outcome\", ", "quantity = \"outcome_sd\", ", "`outcome_sd` cannot be followed"),
        ("years = 5", "years = 50", "year 50 is beyond the horizon"),
    ] {
        let folder = Folder::new();
        fs::write(folder.0.join("study.toml"), format!("{SCENARIO}{FOLLOW}").replace(from, to)).unwrap();
        fs::write(folder.0.join("numbers.csv"), NUMBERS).unwrap();
        let output = folder.arcosim(&["psa", "study.toml", "--draws", "4", "--out", "out"]);
        code(&output, 2);
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
        assert!(!folder.0.join("out").exists());
    }
}
