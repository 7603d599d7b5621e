//! Snapshots of the messages about errors in expressions.

use super::*;

/// Messages about several expressions, one after another.
fn all(cases: &[(&str, Expected)]) -> String {
    cases
        .iter()
        .map(|(text, expected)| format!("{}\n", messages(text, *expected).trim_end_matches(|c| c != '.')))
        .collect()
}

#[test]
fn a_hazard_ratio_on_a_probability() {
    insta::assert_snapshot!(messages("p.five * hr.new", Expected::ProbabilityPerCycle));
}

#[test]
fn grammar() {
    use Expected::Number;
    insta::assert_snapshot!(all(&[
        ("", Number),
        ("  ", Number),
        ("1 +", Number),
        ("number time", Number),
        ("2 (number + 1", Number),
        ("min(0,5, )", Number),
        ("1 < time < 5", Number),
        ("time = 5 && 1 ? 2", Number),
        ("number % 2", Number),
        ("1, 5", Number),
        ("sex in [female, male]", Number),
        ("age in (50, 60)", Number),
        ("'female' * 2", Number),
        ("number not time", Number),
        ("sex == 'female", Number),
        ("rate.by[sex][state]", Number),
    ]));
}

#[test]
fn too_long_or_deep() {
    let deep = format!("{}1{}", "(".repeat(101), ")".repeat(101));
    let text = messages(&deep, Expected::Number);
    assert!(text.contains("error[E0315]: the formula has more than 100 levels of brackets"), "{text}");
    assert!(text.ends_with("1 error - nothing was run.\n"), "{text}");
    let text = messages(&"1+".repeat(600), Expected::Number);
    assert!(
        text.contains("error[E0315]: the formula has 1200 parts, but at most 1000 are allowed"),
        "{text}"
    );
    let text = messages(&" ".repeat(10_001), Expected::Number);
    assert!(
        text.contains("error[E0315]: the formula has 10001 characters, but at most 10000 are allowed"),
        "{text}"
    );
}

#[test]
fn unknown_names() {
    use Expected::Number;
    insta::assert_snapshot!(all(&[
        ("rate.relapes * nothing_like_it", Number),
        ("female", Number),
        ("femal", Number),
        ("ill + sick", Number),
        ("exp + 1", Number),
        ("3a", Number),
        ("rate.by", Number),
        ("tme", Number),
        ("log(2) + number(2) + weibul_cumhaz(1, 2, 3)", Number),
        ("if(time < 5, 1)", Number),
        ("sex", Number),
    ]));
}

#[test]
fn categories_states_and_choices() {
    use Expected::{Condition, Number};
    insta::assert_snapshot!(all(&[
        ("sex == femal", Condition),
        ("sex in (femal, other)", Condition),
        ("state == sick", Condition),
        ("state in (il, nowhere)", Condition),
        ("sex == 1 + 1", Condition),
        ("time_in(sik)", Number),
        ("rate.half[sex]", Number),
        ("rate.bye[sex]", Number),
        ("number[sex]", Number),
        ("rate.mixed[sex]", Number),
        ("rate.by[sec]", Number),
        ("rate.by[female]", Number),
        ("rate.by[age]", Number),
    ]));
}

#[test]
fn what_cannot_be_read_here() {
    let world = world();
    let scope = Scope { attributes: true, ..PARAMETERS_ONLY };
    let (_, text) = compiled("age + time + time_in(ill) + hr.in[state]", Expected::Number, &scope, &world);
    insta::assert_snapshot!(text);
    let (_, text) = compiled("if(sex == female, weight, 1)", Expected::Number, &PARAMETERS_ONLY, &world);
    assert_eq!(text.matches("error[E0312]").count(), 2, "{text}");
}

#[test]
fn two_meanings() {
    let mut world = world();
    world.parameters.insert("time".into(), world.rows.len() - 1);
    insta::assert_snapshot!(compiled("time", Expected::Number, &EVERYTHING, &world).1);
    assert!(is_reserved("time") && !is_reserved("time.x"));
}

#[test]
fn numbers_that_do_not_go_together() {
    use Expected::*;
    insta::assert_snapshot!(all(&[
        ("prob(rate.relapse + 0.1) * hr.new", ProbabilityPerCycle),
        ("(1 - p.cycle) / hr.new", ProbabilityPerCycle),
        ("p.cycle * or.new", ProbabilityPerCycle),
        ("rate.relapse * rr.new", Rate),
        ("hr.new * or.new", Ratio),
        ("t.mean * hr.new", Time),
        ("p.five / 5 years", Rate),
        ("p.five + p.cycle", Number),
        ("rate.relapse + p.five", Rate),
        ("rate.relapse + hr.new", Rate),
        ("cost.visit + utility.ill", Number),
        ("if(time < 1, rate.relapse, hr.new)", Number),
        ("rate(p.five, 1 year)", Rate),
        ("rate(number)", Rate),
        ("rate(rate.relapse)", Rate),
        ("prob(p.five)", ProbabilityPerCycle),
        ("prob(rate.relapse, hr.new)", Number),
        ("if(age, 1, 2)", Number),
        ("if(hr.new, 1, 2)", Number),
    ]));
}

#[test]
fn not_what_the_place_asks_for() {
    use Expected::*;
    insta::assert_snapshot!(all(&[
        ("p.five", Rate),
        ("p.five / 5", Rate),
        ("p.five / 10", ProbabilityPerCycle),
        ("prob(rate.relapse)", Rate),
        ("t.median", Rate),
        ("hr.new", Rate),
        ("rate.relapse * t.lag", Rate),
        ("rate.relapse", ProbabilityPerCycle),
        ("p.five", ProbabilityPerCycle),
        ("share", ProbabilityPerCycle),
        ("rr.new", Ratio),
        ("p.cycle", Proportion),
        ("time < 5", Ratio),
        ("cost.visit", Condition),
        ("utility.ill", Time),
    ]));
}

#[test]
fn impossible_constants() {
    use Expected::*;
    insta::assert_snapshot!(all(&[
        ("1 / 0", Number),
        ("ln(-1) + 1e999", Number),
        ("-0.1", Rate),
        ("120 %", Proportion),
        ("prob(rate.relapse, 0)", Number),
    ]));
}

#[test]
fn several_errors_at_once_and_exact_places() {
    let text = messages("rate.relapes * hr.nwe + exp(1, 2) + (1 +", Expected::Rate);
    insta::assert_snapshot!(text);
}

#[test]
fn escaped_strings_are_underlined_whole() {
    let world = world();
    let mut out = Diagnostics::default();
    let span = Span { file: 0, start: 5, end: 40 };
    let place = Place { span, escaped: true };
    compile("1 + nothing", &place, Expected::Number, &EVERYTHING, &world.names(), &mut out);
    assert_eq!(out.list.iter().map(|d| d.span).collect::<Vec<_>>(), [Some(span)]);
}
