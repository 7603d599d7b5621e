//! The program is generic: no Rust file contains the name of a disease, a disease stage or a treatment. The
//! forbidden words are taken from the shipped scenarios, so a new scenario adds its own words. Words that any
//! model may need are listed as exceptions.

use crate::common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use arcosim::model::{AttributeKind, Model};
use common::shipped;

/// Words in names and labels that are not specific to a disease: plain English, and terms of every model.
const GENERIC: &str = "
    access advance after again and any at become before below care cause causes cohort combination complication
    complications core die end expanded fall female first free from further head healthy ill in male men model months new
    no none not of old one operation or other others primary procedure rate recover replace replaced settle sick
    size standard start state states strategies strategy survival the time to treated treatment treatments
    uneventful usual well with without women year years
    age alive dead death sex as own uses full told yes bundle drugs only site sites medium three through never
    an another annual chronic continued early for late next recurrence response responses wear wears
    against delay delays disease diseases everyone excluded exclusion help helps if nobody on reason reasons";

/// Beginnings of words for diseases and treatments, which are forbidden even if no scenario uses them.
const MEDICAL: &str = "
    osteonecro necrosis necrotic onfh femoral femur femora arco hip collaps decompress bmsc mesenchym marrow
    arthroplast arthrit prosthe implant lesion bone steroid alcohol trauma arthro orthopaed
    cancer tumour tumor carcinoma leukaemia leukemia hiv aids zidovudine lamivudine valve diabet dementia
    chemotherap";

/// Exceptions, in which a forbidden word has another meaning: the file, the words, and the reason.
const ELSEWHERE: [(&str, &str, &str); 4] = [
    ("benches/psa.rs", "onfh hip hip_replacement replacement sicker", "names of the scenarios that it times"),
    (
        "benches/published.rs",
        "hip hip_replacement replacement sicker",
        "names of the scenarios that it times",
    ),
    ("src/scenario/read/unit.rs", "infusion", "one of the occasions that a risk may be counted by"),
    ("src/core/survival/log_rank.rs", "cancer chemotherapy", "the name of a journal"),
];

/// The words of a text in lower case; `CamelCase` and `snake_case` are split into words.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in text.chars().chain([' ']) {
        let begins = c.is_uppercase() && before.is_lowercase();
        if (!c.is_alphabetic() || begins) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

/// Names and labels of all parts of a model that a scenario names.
fn named(model: &Model) -> Vec<&str> {
    let mut all = Vec::new();
    for x in &model.states {
        all.extend([x.name.as_str(), x.label.as_str()]);
    }
    for x in &model.groups {
        all.extend([x.name.as_str(), x.label.as_str()]);
    }
    for x in &model.endpoints {
        all.extend([x.name.as_str(), x.label.as_str(), x.free_label.as_str()]);
    }
    for x in &model.transitions {
        all.extend([x.name.as_str(), x.label.as_str()]);
        all.extend(x.branches.iter().map(|b| b.name.as_str()));
    }
    for x in &model.strategies {
        all.extend([x.name.as_str(), x.label.as_str()]);
        all.extend(x.at_start.iter().map(|b| b.name.as_str()));
    }
    for x in &model.attributes {
        all.extend([x.name.as_str(), x.label.as_str()]);
        if let AttributeKind::Categorical { categories, .. } = &x.kind {
            all.extend(categories.iter().map(String::as_str));
        }
    }
    all
}

/// Tokens of a line that are compared: its words, and its whole names (`cd_1` is a name, but `cd` in `0x0cd8` is
/// not).
fn tokens(line: &str) -> BTreeSet<String> {
    let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let whole = names.filter(|name| !name.is_empty()).map(str::to_lowercase);
    let words = words(line).into_iter().filter(|word| word.len() > 2);
    whole.chain(words).collect()
}

#[test]
fn no_rust_file_names_a_disease_a_stage_or_a_treatment() {
    let generic: BTreeSet<&str> = GENERIC.split_whitespace().collect();
    // Each forbidden word, with the scenario from which the word is taken.
    let mut foreign: BTreeMap<String, String> = BTreeMap::new();
    for (file, scenario) in shipped::scenarios() {
        for token in named(&scenario.model).into_iter().flat_map(tokens) {
            let meant = token.len() > 1 && !token.starts_with(|c: char| c.is_ascii_digit());
            if meant && !generic.contains(token.as_str()) {
                foreign.entry(token).or_insert(file.clone());
            }
        }
    }
    let why = |token: &str| -> Option<String> {
        let single = token.strip_suffix('s').unwrap_or(token);
        let own = foreign.get(token).or_else(|| foreign.get(single));
        let medical = || MEDICAL.split_whitespace().any(|m| token.starts_with(m) && !generic.contains(token));
        match own {
            _ if token.starts_with("arcosim") => None,
            Some(scenario) => Some(format!("a word of {scenario}")),
            None => medical().then(|| "a medical word".to_string()),
        }
    };
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut offenders = Vec::new();
    for path in ["src", "benches"].iter().flat_map(|f| shipped::files(f, "rs")) {
        let file = shipped::relative(&path);
        let meant_otherwise = |token: &str| {
            let mut places = ELSEWHERE.iter();
            places.any(|(f, words, _)| *f == file && words.split(' ').any(|w| w == token))
        };
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for token in tokens(line).into_iter().filter(|t| !meant_otherwise(t)) {
                if !known.contains_key(&token) {
                    known.insert(token.clone(), why(&token));
                }
                if let Some(why) = &known[&token] {
                    offenders.push(format!("{file}:{}: `{token}`, {why}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    assert!(
        offenders.is_empty(),
        "{} places (a word that any model may need belongs into the list GENERIC of this test):\n{}",
        offenders.len(),
        offenders.join("\n")
    );
}

#[test]
fn words_are_taken_apart() {
    assert_eq!(words("HipReplaced at_once, 3b"), ["hip", "replaced", "at", "once", "b"]);
    assert!(tokens("arco_3a").contains("arco_3a") && tokens("arco_3a").contains("arco"));
    assert!(!tokens("0x0cd8").contains("cd"));
}
