//! Tests with random text: the compiler never panics, and never fails without a message.

use super::*;

/// Next number of a linear congruential generator, so that the test is the same on every computer.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    (*state >> 33) as usize
}

const PIECES: [&str; 60] = [
    "1",
    "0.5",
    "1e3",
    "80 %",
    "5 years",
    "0",
    "-",
    "+",
    "*",
    "/",
    "^",
    "(",
    ")",
    "[",
    "]",
    ",",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    "and",
    "or",
    "not",
    "in",
    "if",
    "exp",
    "ln",
    "prob",
    "rate",
    "min",
    "time_in",
    "sex",
    "state",
    "age",
    "time",
    "female",
    "ill",
    "sick",
    "rate.relapse",
    "rate.by",
    "hr.new",
    "p.five",
    "p.cycle",
    "rr.new",
    "or.new",
    "t.mean",
    "share",
    "hr.in",
    "unknown",
    "3a",
    "\u{e9}",
    "\u{1f600}",
    "'",
    "=",
    "&&",
    ".",
    "%",
    "odds_ratio",
    "gompertz_cumhaz",
];

const EXPECTED: [Expected; 7] = [
    Expected::Rate,
    Expected::ProbabilityPerCycle,
    Expected::Ratio,
    Expected::Proportion,
    Expected::Condition,
    Expected::Number,
    Expected::Time,
];

#[test]
fn random_tokens() {
    of_random_tokens(7);
}

/// The other half, so that two cores share the work.
#[test]
fn more_random_tokens() {
    of_random_tokens(8);
}

fn of_random_tokens(seed: u64) {
    let world = world();
    let mut state = seed;
    for round in 0..8_000 {
        let length = next(&mut state) % 14;
        let pieces: Vec<&str> = (0..length).map(|_| PIECES[next(&mut state) % PIECES.len()]).collect();
        let text = pieces.join(if round % 3 == 0 { "" } else { " " });
        let scope = if round % 5 == 0 { PARAMETERS_ONLY } else { EVERYTHING };
        // `compiled` asserts that there is an error exactly when there is no result.
        compiled(&text, EXPECTED[round % EXPECTED.len()], &scope, &world);
    }
}

#[test]
fn random_characters() {
    let world = world();
    let mut state = 11;
    for round in 0..5_000 {
        let length = next(&mut state) % 30;
        let text: String = (0..length)
            .map(|_| {
                char::from_u32((next(&mut state) % if round % 2 == 0 { 128 } else { 0x3000 }) as u32)
                    .unwrap_or('?')
            })
            .collect();
        compiled(&text, EXPECTED[round % EXPECTED.len()], &EVERYTHING, &world);
    }
}

#[test]
fn deep_and_long_texts() {
    let world = world();
    for text in [
        "(".repeat(9_000),
        "-".repeat(9_000),
        "not ".repeat(2_400),
        "exp(".repeat(2_400),
        "2^".repeat(4_900),
        "1+".repeat(4_900),
        "rate.by[".repeat(1_200),
        "x ".repeat(4_900),
        "time*".repeat(400),
        format!("{}1{}", "(".repeat(99), ")".repeat(99)),
        format!("time{}", "+time".repeat(499)),
    ] {
        compiled(&text, Expected::Number, &EVERYTHING, &world);
    }
}
