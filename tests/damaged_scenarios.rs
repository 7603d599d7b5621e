//! Damage to scenario files as it happens (an editor, a merge, a spreadsheet, a cut-off download): the reader never
//! panics, and says what is wrong whenever it gives no scenario.

mod common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arcosim::engine::random::philox2x64;
use arcosim::scenario::diagnostic::{Severity, render};
use arcosim::scenario::{Loaded, load_text};
use common::shipped;

const DAMAGES: u64 = 300;

/// Numbers that depend on nothing but where we are.
struct Dice {
    key: u64,
    rolls: u64,
}

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.rolls += 1;
        (philox2x64([self.rolls, 0], self.key)[0] % n.max(1) as u64) as usize
    }
}

/// One thing that goes wrong with a file; says what.
fn damage(text: &str, dice: &mut Dice) -> (String, String) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = dice.below(lines.len());
    let mut characters: Vec<char> = text.chars().collect();
    let at = dice.below(characters.len());
    let with_line = |new: String| {
        let mut all: Vec<&str> = lines.clone();
        all[line] = &new;
        all.concat()
    };
    let say = |what: &str, place: usize| format!("{what} {place}");
    match dice.below(12) {
        0 => (with_line(String::new()), say("without line", line)),
        1 => (with_line(lines[line].repeat(2)), say("twice line", line)),
        2 => {
            let other = (at + 1) % characters.len();
            characters.swap(at, other);
            (characters.into_iter().collect(), say("swapped character", at))
        }
        3 => (characters[..at].iter().collect(), say("cut off at", at)),
        4 | 5 => {
            // The n-th number becomes a text, or another number.
            let digits: Vec<usize> = (0..characters.len())
                .filter(|&i| characters[i].is_ascii_digit())
                .collect();
            let instead = [
                "n/a",
                "1,5",
                "-1",
                "1e308",
                "NaN",
                "inf",
                "03-Mar",
                "#REF!",
                "1.234.567",
                "0",
            ];
            let at = digits[dice.below(digits.len())];
            let instead = instead[dice.below(instead.len())];
            characters.splice(at..=at, instead.chars());
            (
                characters.into_iter().collect(),
                format!("{instead} for digit {at}"),
            )
        }
        6 => {
            let stray = [
                '\u{feff}', '\0', '\u{a0}', '\u{200b}', '\r', '"', '\'', '[', '}', '=', ';', '\t', 'é', '😀',
            ];
            let stray = stray[dice.below(stray.len())];
            characters.insert(at, stray);
            (characters.into_iter().collect(), format!("{stray:?} at {at}"))
        }
        7 => {
            characters.remove(at);
            (characters.into_iter().collect(), say("without character", at))
        }
        8 => (format!("\u{feff}{text}"), "byte order mark".into()),
        9 => (text.replace('\n', "\r\n"), "line ends of Windows".into()),
        10 => (
            with_line(lines[line].replace(['=', ','], "")),
            say("no separators in line", line),
        ),
        _ => {
            let conflict = format!("<<<<<<< HEAD\n{}=======\n", lines[line]);
            (with_line(conflict), say("unresolved merge at line", line))
        }
    }
}

/// What a scenario must be after any damage.
fn check(loaded: std::thread::Result<Loaded>, what: &str) -> bool {
    let loaded = loaded.unwrap_or_else(|_| panic!("{what}: the reader panicked"));
    let errors = loaded
        .diagnostics
        .list
        .iter()
        .filter(|d| d.severity == Severity::Error);
    let errors =
        errors.inspect(|d| assert!(!d.title.trim().is_empty() && !d.code.is_empty(), "{what}: {d:?}"));
    let errors = errors.count();
    assert_eq!(loaded.scenario.is_none(), errors > 0, "{what}: {errors} errors");
    let rendered = catch_unwind(|| render(&loaded.diagnostics, &loaded.sources, false));
    let text = rendered.unwrap_or_else(|_| panic!("{what}: the messages cannot be shown"));
    assert_eq!(
        text.trim().is_empty(),
        loaded.diagnostics.list.is_empty(),
        "{what}: {text}"
    );
    // A scenario that is let through must be one that can be run.
    if let Some(scenario) = &loaded.scenario {
        assert!(
            !scenario.model.states.is_empty() && !scenario.model.strategies.is_empty(),
            "{what}"
        );
        assert!(
            scenario.model.parameters.iter().all(|p| p.base.is_finite()),
            "{what}"
        );
    }
    errors > 0
}

/// All files that ship with scenarios, by their paths inside `scenarios/`.
fn texts() -> Vec<(String, String)> {
    let mut files = shipped::files("scenarios", "toml");
    files.extend(shipped::files("scenarios", "csv"));
    let name = |path: &PathBuf| shipped::relative(path).replacen("scenarios/", "", 1);
    files
        .iter()
        .map(|path| (name(path), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn damaged_shipped_scenarios_are_reported() {
    let texts = texts();
    let scenarios: Vec<&String> = texts
        .iter()
        .map(|t| &t.0)
        .filter(|name| name.ends_with(".toml"))
        .collect();
    let (mut tried, mut refused) = (0, 0);
    for (number, scenario) in scenarios.iter().enumerate() {
        // The scenario comes first; the others are found by their names.
        let mut whole: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        whole.sort_by_key(|(name, _)| name != scenario);
        let sound = load_text(&whole, &[]).scenario;
        let sound = sound.unwrap_or_else(|| panic!("{scenario} cannot be read from memory"));
        // Damage what it reads.
        let read = |name: &str| sound.files.iter().any(|(path, _)| path == Path::new(name));
        let victims: Vec<usize> = (0..whole.len()).filter(|&i| read(whole[i].0)).collect();
        assert!(!victims.is_empty(), "{scenario}: {:?}", sound.files);
        for index in 0..DAMAGES.div_ceil(scenarios.len() as u64) {
            let mut dice = Dice {
                key: number as u64 * 1_000_003 + index,
                rolls: 0,
            };
            let victim = victims[dice.below(victims.len())];
            let (text, what) = damage(whole[victim].1, &mut dice);
            let what = format!("{} for {scenario}, damage {index}: {what}", whole[victim].0);
            let mut damaged = whole.clone();
            damaged[victim].1 = &text;
            let loaded = catch_unwind(AssertUnwindSafe(|| load_text(&damaged, &[])));
            tried += 1;
            refused += usize::from(check(loaded, &what));
        }
    }
    println!("{refused} of {tried} damaged scenarios refused");
    // Most damage breaks something; were little refused, we would not be damaging what is read.
    assert!(tried >= 300 && refused > tried / 3, "{refused} of {tried}");
}
