//! Regression tests of the readers of input files: inputs that failed in the past, and a few thousand generated
//! inputs. This file is a small, portable version of the fuzzers in `tests/fuzz`.

use crate::common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use common::dice::Dice;
use common::readers::{READERS, Reader, by_name};
use common::shipped;

/// Number of generated inputs per reader, unless the environment variable `FUZZ_INPUTS` sets another number.
const INPUTS: u64 = 400;
/// Longest permitted time to read one input. The inputs are so small that even a slow build on a busy machine
/// needs less.
const LONGEST: Duration = Duration::from_secs(20);

fn survives(reader: Reader, input: &[u8], what: &str) {
    let begun = Instant::now();
    let answered = catch_unwind(AssertUnwindSafe(|| reader(input)));
    assert!(answered.is_ok(), "{what}: {}", String::from_utf8_lossy(input));
    let took = begun.elapsed();
    assert!(took < LONGEST, "{what} took {took:?}");
}

/// The files of `tests/fuzz/regressions/READER/` are inputs for which a fuzzer found a fault.
#[test]
fn inputs_that_went_wrong_once() {
    let mut tried = 0;
    for (name, reader) in READERS {
        let folder = format!("{}/tests/fuzz/regressions/{name}", shipped::ROOT);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let input = fs::read(&path).expect("an input");
            survives(reader, &input, &shipped::relative(&path));
            tried += 1;
        }
    }
    assert!(tried > 0);
}

/// Valid inputs of a reader, from which inputs are generated; most are files of the fuzzers.
fn seeds(reader: &str) -> Vec<&'static [u8]> {
    let frame: &[u8] = include_bytes!("fuzz/frame/scenario.toml");
    match reader {
        "scenario" | "run" => vec![frame, b"extends = \"base.toml\"\n@@ set\nhr.new=0.7\n"],
        "parameters" => {
            vec![include_bytes!("fuzz/frame/short.csv"), include_bytes!("fuzz/frame/parameters.csv")]
        }
        "life_table" => vec![include_bytes!("fuzz/frame/life_table.csv")],
        "lookup_table" => vec![include_bytes!("fuzz/frame/norms.csv")],
        "draws" => vec![include_bytes!("fuzz/frame/draws.csv")],
        "expected_numbers" => vec![include_bytes!("fuzz/frame/expected.csv")],
        "expression" => vec![
            b"\x0frate.relapse[sex] * if(time_in(sick) < 1 year, 1, hr.ill)",
            b"\x17lookup(norms, age) + min(2^3, 80 %) / max(1, cycle)",
            b"\x13not (sex == female and state in sick) or time >= 6 months",
        ],
        "numeral" => vec![b"1.234,5\n1,234.5\n27.5%\n1e-3\n<0.01\n12/15\n03-Mar\n5 EUR"],
        other => panic!("no seeds for {other}"),
    }
}

/// Pieces of text that have a meaning for some reader.
const PIECES: [&str; 28] = [
    "\"",
    "'",
    "\n",
    "\r\n",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ";",
    "\t",
    "%",
    "-",
    "1e308",
    "NaN",
    "0",
    "1,5",
    "\u{feff}",
    "\0",
    "é",
    "😀",
    "rest",
    "@@ parameters.csv\n",
    "(",
    "^",
    "#",
    "\"\"\"",
];

/// The input `seed` after one to four random changes.
fn changed(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..1 + dice.below(4) {
        let at = dice.below(input.len() + 1);
        let end = (at + dice.below(12)).min(input.len());
        match dice.below(5) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => {
                // Copies a random part of the input to another position.
                let copy = input[at..end].to_vec();
                let to = dice.below(input.len() + 1);
                input.splice(to..to, copy);
            }
            3 => {
                let piece = dice.pick(&PIECES).bytes();
                input.splice(at..end.min(at + 1), piece);
            }
            _ if at < input.len() => input[at] = dice.below(256) as u8,
            _ => {}
        }
    }
    input
}

#[test]
fn a_little_fuzzing() {
    let wanted = std::env::var("FUZZ_INPUTS").ok();
    let inputs = wanted.map_or(INPUTS, |n| n.parse().expect("FUZZ_INPUTS is a number"));
    for (name, _) in READERS {
        let seeds = seeds(name);
        for index in 0..inputs {
            let mut dice = Dice::new(index);
            let seed = seeds[dice.below(seeds.len())];
            survives(by_name(name), &changed(seed, &mut dice), &format!("{name}, input {index}"));
        }
        for seed in seeds {
            survives(by_name(name), seed, name);
        }
    }
}
