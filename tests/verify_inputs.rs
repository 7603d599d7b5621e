//! Checks of inputs and of plausibility: no findings in the shipped scenarios, and planted errors are found and named.

use crate::common;

use std::sync::atomic::AtomicBool;

use arcosim::analysis::verify::{Checked, Options, Severity, Status, Verification, verify};
use arcosim::scenario::Scenario;
use common::shipped;

const SOUND: &str = r#"
format = 1
title = "Well, ill, worse, dead"
parameters = "parameters.csv"

[tables.mortality]
file = "life_table.csv"
by = ["age"]
kind = "rate per year"

[time]
cycle = "6 months"
horizon = "40 years"

[population.attributes]
age = { normal = { mean = "age.mean", sd = "age.sd" }, within = [20, 90] }
sex = { female = "share.female", male = "rest" }

[population.start]
well = "share.well"
ill = "rest"

[states]
well = { label = "Well" }
ill = { label = "Ill" }
worse = { label = "Worse" }
operated = { label = "After the operation" }
dead = { label = "Dead", absorbing = true }

[groups]
alive = { except = ["dead"] }

[transitions.fall]
from = "well"
to = "ill"
rate = "rate.fall * hr.fall[sex]"

[transitions.recover]
from = "ill"
to = "well"
rate = "rate.recover"

[transitions.worsen]
from = "ill"
to = "worse"
rate = "rate.worsen"

[transitions.operate]
from = "worse"
to = { dead = "mortality.operation", operated = "rest" }
rate = "rate.operate"

[transitions.die]
from = "alive"
to = "dead"
table = "mortality"
hazard_ratio = "smr[state]"

[strategies.usual]
reference = true

[strategies.new]
evidence_until = "5 years"

[[strategies.new.effects]]
on = ["worsen"]
hazard_ratio = "hr.new"
full_until = "4 years"
gone_after = "6 years"

[outcomes.cost]
unit = "GBP"
correction = "life-table"
discount = { rate = "discount.cost", at = "middle" }

[outcomes.qaly]
unit = "QALYs"
correction = "life-table"
discount = { rate = "discount.effect", at = "middle" }

[rewards.care]
outcome = "cost"
per_year = "cost[state]"
in = "alive"

[rewards.drug_new]
outcome = "cost"
strategies = "new"
per_year = "if(time < 5 years, cost.new, 0)"
in = ["ill"]

[rewards.operation]
outcome = "cost"
once = "cost.operation"
on = ["operate"]

[rewards.quality]
outcome = "qaly"
per_year = "utility[state]"
in = "alive"

[decision]
cost = "cost"
effect = "qaly"
thresholds = [{ value = 20_000, date = "2024", source = "assumption" }]

[endpoints.death]
enters = "dead"

[verify]
progression = ["ill", "worse"]

[verify.plausible.ten_years]
strategy = "usual"
quantity = "kaplan_meier_survival"
subject = "death"
years = 10
low = 0.5
high = 0.99
source = "assumption"
"#;

const NUMBERS: &str = "\
name,kind,base,unit,low,high,distribution,p1,p2,base_is,source,evidence
age.mean,number,50,years,,,fixed,,,,A 2020,cohort
age.sd,number,10,years,,,fixed,,,,A 2020,cohort
share.female,proportion,0.5,,,,beta,50,50,,A 2020,cohort
share.well,proportion,0.4,,,,beta,40,60,,A 2020,cohort
rate.fall,rate,0.01,per month,,,gamma,36,0.000277777777777778,,A 2020,cohort
hr.fall.female,hr,0.8,,0.6,1.1,lognormal,-0.2231436,0.1,median,A 2020,cohort
hr.fall.male,hr,1,,,,fixed,,,,A 2020,cohort
rate.recover,rate,0.2,per year,,,gamma,100,0.002,,A 2020,cohort
rate.worsen,rate,0.3,per year,0.2,0.4,gamma,100,0.003,,A 2020,cohort
rate.operate,rate,0.4,per year,,,gamma,100,0.004,,A 2020,cohort
mortality.operation,proportion,0.01,,,,beta,10,990,,A 2020,cohort
smr.well,hr,1,,,,fixed,,,,A 2020,cohort
smr.ill,hr,1.5,,,,lognormal,0.4054651,0.1,median,A 2020,cohort
smr.worse,hr,2,,,,lognormal,0.6931472,0.1,median,A 2020,cohort
smr.operated,hr,1.2,,,,lognormal,0.1823216,0.1,median,A 2020,cohort
hr.new,hr,0.6,,,,lognormal,-0.5108256,0.1,median,A 2020,rct
discount.cost,proportion,0.035,,,,fixed,,,,A 2020,expert
discount.effect,proportion,0.035,,,,fixed,,,,A 2020,expert
cost.well,cost,100,GBP 2023 per year,,,gamma,25,4,,A 2020,cohort
cost.ill,cost,1000,GBP 2023 per year,,,gamma,25,40,,A 2020,cohort
cost.worse,cost,3000,GBP 2023 per year,,,gamma,25,120,,A 2020,cohort
cost.operated,cost,500,GBP 2023 per year,,,gamma,25,20,,A 2020,cohort
cost.new,cost,2000,GBP 2023 per year,,,fixed,,,,A 2020,cohort
cost.operation,cost,8000,GBP 2023,,,gamma,25,320,,A 2020,cohort
utility.well,utility,0.9,,,,beta,90,10,,A 2020,cohort
utility.ill,utility,0.7,,,,beta,70,30,,A 2020,cohort
utility.worse,utility,0.5,,,,beta,50,50,,A 2020,cohort
utility.operated,utility,0.5,,,,beta,50,50,,A 2020,cohort
";

const LIFE_TABLE: &str = "age,value\n20,0.001\n40,0.003\n60,0.01\n80,0.08\n100,0.4\n";

/// A text and its replacement; the text must exist.
type Edit = (&'static str, &'static str);

fn edited(text: &str, edits: &[Edit]) -> String {
    edits.iter().fold(text.to_string(), |text, (from, to)| {
        assert!(text.contains(from), "nothing to plant: {from}");
        text.replacen(from, to, 1)
    })
}

fn scenario(edits: &[Edit], rows: &[Edit]) -> Scenario {
    let (text, numbers) = (edited(SOUND, edits), edited(NUMBERS, rows));
    let files = [
        ("scenario.toml", text.as_str()),
        ("parameters.csv", numbers.as_str()),
        ("life_table.csv", LIFE_TABLE),
    ];
    shipped::from_texts(&files, &[])
}

fn run(scenario: &Scenario, only: &[&str], quick: bool) -> Verification {
    let options = Options { only: only.iter().map(|id| id.to_string()).collect(), quick };
    let stop = AtomicBool::new(false);
    verify(scenario, &options, &stop, &|_| {}).unwrap().expect("nobody stops it")
}

fn told(checked: &Checked) -> Vec<String> {
    let findings = checked.verdict.findings.iter();
    findings.map(|f| format!("{:?} {}: {}", f.severity, f.subject, f.text)).collect()
}

/// Requires that the check finds the planted error, names its subject, and uses `words` in its text.
fn finds(id: &str, severity: Severity, subject: &str, words: &str, edits: &[Edit], rows: &[Edit]) {
    let verification = run(&scenario(edits, rows), &[id], false);
    let checked = &verification.checks[0];
    let found = checked
        .verdict
        .findings
        .iter()
        .any(|f| f.severity == severity && f.subject == subject && f.text.contains(words));
    assert!(found, "{id} does not find it: {:?} {:?}", checked.verdict, told(checked));
}

fn fails(id: &str, subject: &str, words: &str, edits: &[Edit], rows: &[Edit]) {
    finds(id, Severity::Fail, subject, words, edits, rows);
}

fn warns(id: &str, subject: &str, words: &str, edits: &[Edit], rows: &[Edit]) {
    finds(id, Severity::Warn, subject, words, edits, rows);
}

#[test]
fn shipped_scenarios_do_not_fail() {
    none_fails(shipped::originals());
}

#[test]
#[ignore = "all overlays"]
fn shipped_overlays_do_not_fail() {
    none_fails(shipped::overlays());
}

/// Requires that no check of the inputs fails.
fn none_fails(scenarios: Vec<(String, Scenario)>) {
    for (name, scenario) in scenarios {
        let verification = run(&scenario, &["S", "D"], name.contains("/variants/"));
        for checked in &verification.checks {
            println!("{name} {} {:?} {} ms", checked.check.id, checked.status, checked.took.as_millis());
            told(checked).iter().for_each(|line| println!("    {line}"));
            assert_ne!(checked.status, Status::Fail, "{name} {}: {:?}", checked.check.id, told(checked));
        }
    }
}

#[test]
fn a_sound_scenario_passes() {
    let verification = run(&scenario(&[], &[]), &["S", "D"], false);
    for checked in &verification.checks {
        let skipped = checked.status == Status::Skip;
        let may_skip =
            ["S12", "S17", "S30", "S32", "S33", "S34", "S35", "S36", "D08"].contains(&checked.check.id);
        assert!(
            checked.status == Status::Pass || skipped && may_skip,
            "{} {:?} {:?}",
            checked.check.id,
            checked.verdict.skipped,
            told(checked)
        );
    }
}

#[test]
fn numbers_that_are_odd() {
    warns(
        "S01",
        "rate.fall",
        "still open",
        &[],
        &[("0.000277777777777778,,A 2020", "0.000277777777777778,,TODO")],
    );
    warns(
        "S02",
        "rate.worsen",
        "events a year",
        &[],
        &[("0.3,per year,0.2,0.4,gamma,100,0.003", "30,per year,,,gamma,100,0.3")],
    );
    warns(
        "S02",
        "utility.worse",
        "worse than death",
        &[],
        &[("utility.worse,utility,0.5,,,,beta,50,50", "utility.worse,utility,-0.2,,,,fixed,,")],
    );
    warns(
        "S02",
        "hr.new",
        "twentyfold",
        &[],
        &[("hr.new,hr,0.6,,,,lognormal,-0.5108256,0.1,median", "hr.new,hr,60,,,,fixed,,,")],
    );
    warns(
        "S10",
        "utility.well",
        "can have",
        &[],
        &[("utility.well,utility,0.9,,,,beta,90,10", "utility.well,utility,0.9,,,,normal,0.9,0.1")],
    );
    warns("S10", "hr.new", "beta", &[], &[("lognormal,-0.5108256,0.1,median", "beta,60,40,")]);
    warns(
        "S11",
        "cost.ill",
        "between patients",
        &[],
        &[(
            "cost.ill,cost,1000,GBP 2023 per year,,,gamma,25,40",
            "cost.ill,cost,1000,GBP 2023 per year,,,gamma,1,1000",
        )],
    );
    warns("S11", "utility.ill", "between patients", &[], &[("beta,70,30", "beta,2.1,0.9")]);
    warns("S13", "cost.operation", "prices of 2015", &[], &[("8000,GBP 2023", "8000,GBP 2015")]);
    fails("S13", "cost.operation", "is in USD", &[], &[("8000,GBP 2023", "8000,USD 2023")]);
}

#[test]
fn ways_that_lead_wrong() {
    fails(
        "S04",
        "operated",
        "leave it by",
        &[("[verify]\n", "[verify]\ndead = [\"dead\", \"operated\"]\n")],
        &[],
    );
    let nothing = ("utility[state]", "utility[state] * if(state == ill, 0, 1)");
    warns("S04", "ill", "to live again", &[nothing], &[]);
    fails(
        "S05",
        "operated",
        "start dead",
        &[
            ("[verify]\n", "[verify]\ndead = [\"dead\", \"operated\"]\n"),
            ("ill = \"rest\"", "operated = \"rest\""),
        ],
        &[],
    );
    warns(
        "S14",
        "operate",
        "never fires",
        &[],
        &[("rate.operate,rate,0.4,per year,,,gamma,100,0.004", "rate.operate,rate,0,per year,,,fixed,,")],
    );
    fails(
        "S16",
        "worsen",
        "leads back",
        &[("progression = [\"ill\", \"worse\"]", "progression = [\"worse\", \"ill\"]")],
        &[],
    );
    fails(
        "S20",
        "ill",
        "cannot die",
        &[("from = \"alive\"\nto = \"dead\"", "from = [\"well\", \"worse\", \"operated\"]\nto = \"dead\"")],
        &[],
    );
    warns(
        "S20",
        "worse",
        "does not apply there",
        &[("from = \"alive\"\nto = \"dead\"", "from = [\"well\", \"ill\", \"operated\"]\nto = \"dead\"")],
        &[],
    );
}

#[test]
fn effects_the_wrong_way_round() {
    fails(
        "S06",
        "hr.fall.female",
        "acts in the opposite direction",
        &[("rate.fall * hr.fall[sex]", "rate.fall / hr.fall[sex]")],
        &[],
    );
    fails(
        "S06",
        "hr.new",
        "acts in the opposite direction",
        &[("hazard_ratio = \"hr.new\"", "hazard_ratio = \"1 / hr.new\"")],
        &[],
    );
    warns(
        "S21",
        "new",
        "for the worse, by 1.6",
        &[],
        &[("hr.new,hr,0.6,,,,lognormal,-0.5108256,0.1,median", "hr.new,hr,1.6,,,,fixed,,,")],
    );
    warns(
        "S21",
        "new",
        "for the better, by 0.6",
        &[("on = [\"worsen\"]", "on = [\"worsen\", \"recover\"]")],
        &[],
    );
    warns("S23", "new", "general population", &[("on = [\"worsen\"]", "on = [\"worsen\", \"die\"]")], &[]);
    let curve = "from = \"ill\"\nto = \"worse\"\nloglogistic = { shape = 1.5, scale = 4 }\nclock = \"time\"";
    warns(
        "S18",
        "new",
        "no proportional hazards",
        &[("from = \"ill\"\nto = \"worse\"\nrate = \"rate.worsen\"", curve)],
        &[],
    );
}

#[test]
fn amounts_that_are_forgotten_or_doubled() {
    fails(
        "S15",
        "ill",
        "as if it were not lived",
        &[(
            "per_year = \"utility[state]\"\nin = \"alive\"",
            "per_year = \"utility[state]\"\nin = [\"well\", \"worse\", \"operated\"]",
        )],
        &[],
    );
    warns(
        "S15",
        "ill",
        "3 other states",
        &[
            (
                "per_year = \"cost[state]\"\nin = \"alive\"",
                "per_year = \"cost[state]\"\nin = [\"well\", \"worse\", \"operated\"]",
            ),
            ("in = [\"ill\"]", "in = [\"well\"]"),
        ],
        &[],
    );
    fails(
        "S15",
        "dead",
        "the dead in `dead`",
        &[(
            "[rewards.quality]",
            "[rewards.after]\noutcome = \"qaly\"\nper_year = \"utility.well\"\nin = \"dead\"\n\n[rewards.quality]",
        )],
        &[],
    );
    let again =
        "[rewards.again]\noutcome = \"qaly\"\nper_year = \"utility[state]\"\nin = \"alive\"\n\n[decision]";
    fails("S19", "well", "is 1.8 and should be at most 1", &[("[decision]", again)], &[]);
    fails("S22", "again", "both count `utility.well`", &[("[decision]", again)], &[]);
    let entering = "[rewards.entering]\noutcome = \"cost\"\nonce = \"cost.operation\"\non_entering = \"operated\"\n\n[decision]";
    fails("S22", "entering", "with `operate` under", &[("[decision]", entering)], &[]);
    warns(
        "S25",
        "operation",
        "8000",
        &[("once = \"cost.operation\"", "once = \"8000 + cost.operation\"")],
        &[],
    );
    warns("S25", "recover", "0.2", &[("rate = \"rate.recover\"", "rate = \"0.2 + rate.recover\"")], &[]);
    let one = "per_year = \"if(state == ill, cost.worse, if(state == worse, cost.ill, if(state == well, cost.well, cost.operated)))\"";
    warns("S26", "cost.ill", "nothing to do with state `ill`", &[("per_year = \"cost[state]\"", one)], &[]);
    warns(
        "S26",
        "hr.new",
        "not used under strategy `new`",
        &[("[[strategies.new.effects]]", "[[strategies.usual.effects]]")],
        &[],
    );
    warns("S26", "drug_new", "does not apply to", &[("strategies = \"new\"", "strategies = \"usual\"")], &[]);
}

#[test]
fn evidence_that_does_not_carry() {
    let by_its_effects = scenario(&[], &[("0.1,median,A 2020,rct", "0.1,median,A 2020,promotional")]);
    assert_eq!(
        by_its_effects.model.strategies.iter().map(|s| s.hypothetical).collect::<Vec<_>>(),
        [false, true],
        "a promotional effect marks its strategy; nothing is left for S17 to find"
    );
    fails(
        "S17",
        "new",
        "promotional",
        &[("if(time < 5 years, cost.new, 0)", "if(time < 5 years, cost.new * share.taken, 0)")],
        &[("cost.well,", "share.taken,proportion,0.9,,,,beta,90,10,,A 2020,promotional\ncost.well,")],
    );
    warns(
        "S17",
        "utility.ill",
        "every strategy",
        &[],
        &[("beta,70,30,,A 2020,cohort", "beta,70,30,,A 2020,animal")],
    );
    let two = "share.well,proportion,0.4,,,,beta,40,60,,A 2020,cohort\nshare.worse,proportion,0.1,,,,beta,10,90,,A 2020,cohort\n";
    warns(
        "S12",
        "start",
        "drawn independently",
        &[("well = \"share.well\"", "well = \"share.well\"\nworse = \"share.worse\"")],
        &[("share.well,proportion,0.4,,,,beta,40,60,,A 2020,cohort\n", two)],
    );
    warns("D06", "new", "full for 9 years", &[("4 years", "9 years"), ("6 years", "10 years")], &[]);
    warns("D07", "well", "0.5 times", &[], &[("smr.well,hr,1,", "smr.well,hr,0.5,")]);
    warns(
        "D01",
        "worse",
        "the state before it",
        &[],
        &[("utility.worse,utility,0.5,,,,beta,50,50", "utility.worse,utility,0.8,,,,beta,80,20")],
    );
    warns(
        "D01",
        "operated",
        "delaying it",
        &[],
        &[("utility.operated,utility,0.5,,,,beta,50,50", "utility.operated,utility,0.8,,,,beta,80,20")],
    );
    warns("D02", "ten_years", "expected 0.5 to 0.6", &[("high = 0.99", "high = 0.6")], &[]);
}

#[test]
fn plausible_ranges_name_what_there_is() {
    let odd = scenario(&[("subject = \"death\"", "subject = \"relapse\"")], &[]);
    let options = Options::default();
    let stop = AtomicBool::new(false);
    let problem = verify(&odd, &options, &stop, &|_| {}).map(|_| ()).unwrap_err();
    assert!(problem.contains("ten_years") && problem.contains("`relapse`"), "{problem}");
}

#[test]
fn things_that_meet_twice_or_never() {
    let effect =
        "[[strategies.new.effects]]\non = [\"worsen\"]\nhazard_ratio = \"hr.new\"\n\n[outcomes.cost]";
    warns("S22", "new", "two effects", &[("[outcomes.cost]", effect)], &[]);
    let early = (
        "discount = { rate = \"discount.cost\", at = \"middle\" }",
        "discount = { rate = \"discount.cost\", at = \"end\" }",
    );
    warns("S27", "qaly", "different times", &[early], &[]);
    let corrected = ("unit = \"GBP\"\ncorrection = \"life-table\"", "unit = \"GBP\"\ncorrection = \"start\"");
    warns("S27", "qaly", "corrections", &[corrected], &[]);
    let swapped = ("cost = \"cost\"\neffect = \"qaly\"", "cost = \"qaly\"\neffect = \"cost\"");
    fails("S28", "cost", "contains no utilities", &[swapped], &[]);
    let odd = ("age.mean,number,50", "age.mean,number,5");
    warns("S05", "age", "outside its limits", &[], &[odd]);
    let nobody = (
        "evidence_until = \"5 years\"",
        "evidence_until = \"5 years\"\neligible = \"state == worse\"\notherwise = \"usual\"",
    );
    warns("S14", "new", "no patient is eligible", &[nobody], &[]);
}
