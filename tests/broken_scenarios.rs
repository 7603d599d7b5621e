//! Error messages: every folder of `tests/broken` contains a scenario with one mistake, and its snapshot contains the
//! messages that the author of the scenario sees.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use arcosim::model::memory::MOST_MEMORY;
use arcosim::scenario::codes;
use arcosim::scenario::diagnostic::render;
use arcosim::scenario::{Loaded, Tree, load, load_text, load_within};

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("tests/broken")
        .expect("the folder of broken scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Path of the scenario in a folder: `scenario.toml`, or the path written in `path.txt`.
fn scenario_of(folder: &Path) -> PathBuf {
    match fs::read_to_string(folder.join("path.txt")) {
        Ok(name) if name.trim() == "." => folder.to_path_buf(),
        Ok(name) => folder.join(name.trim()),
        Err(_) => folder.join("scenario.toml"),
    }
}

/// Loads a scenario with access to all of `tests/broken`, because most broken scenarios extend the valid scenario in
/// `tests/broken/sound`.
fn read(path: &Path) -> Loaded {
    let tree = Tree::below(Path::new("tests/broken")).expect("the folder of broken scenarios");
    load_within(path, &[], tree, MOST_MEMORY)
}

#[test]
fn the_sound_models_have_nothing_to_say() {
    for file in ["scenario.toml", "counted.toml"] {
        let loaded = load(&Path::new("tests/broken/sound").join(file), &[]);
        assert_eq!(render(&loaded.diagnostics, &loaded.sources, false), "");
        assert!(loaded.scenario.is_some());
    }
}

#[test]
fn every_broken_scenario_says_what_is_wrong() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        for folder in folders() {
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            if name == "sound" {
                continue;
            }
            let loaded = read(&scenario_of(&folder));
            let message = render(&loaded.diagnostics, &loaded.sources, false);
            assert!(!loaded.diagnostics.list.is_empty(), "{name} is not broken");
            assert_eq!(loaded.scenario.is_none(), loaded.diagnostics.has_errors(), "{name}");
            insta::assert_snapshot!(name, message);
        }
    });
}

/// Error codes that depend on the machine and not on a scenario, and are therefore tested in other files.
const OF_THE_MACHINE: [&str; 1] = [
    // File that is locked or that the user may not read; tested in `tests/exit_codes.rs`.
    "E0104",
];

/// Every documented code must be raised by a broken scenario, because its explanation would otherwise never be compared
/// with a real message.
#[test]
fn every_code_is_raised_by_a_broken_scenario() {
    let raised: BTreeSet<&str> = folders()
        .iter()
        .flat_map(|folder| read(&scenario_of(folder)).diagnostics.list)
        .map(|diagnostic| diagnostic.code)
        .collect();
    let documented: BTreeSet<&str> = codes::all().iter().map(|code| code.code).collect();
    let never: Vec<&&str> = documented.difference(&raised).collect();
    assert_eq!(never, OF_THE_MACHINE.iter().collect::<Vec<_>>(), "documented, and never raised");
    let unknown: Vec<&&str> = raised.difference(&documented).collect();
    assert!(unknown.is_empty(), "raised, and not documented: {unknown:?}");
}

/// A file that was cut off, or that contains a stray character, must lead to a message and never to a crash.
#[test]
fn damaged_files_are_reported() {
    let folder = Path::new("tests/broken/sound");
    let scenario = fs::read_to_string(folder.join("scenario.toml")).expect("the sound scenario");
    let numbers = fs::read_to_string(folder.join("parameters.csv")).expect("its parameters");
    let check = |scenario: &str, numbers: &str| {
        let loaded = load_text(&[("scenario.toml", scenario), ("parameters.csv", numbers)], &[]);
        render(&loaded.diagnostics, &loaded.sources, false);
        assert_eq!(loaded.scenario.is_none(), loaded.diagnostics.has_errors());
    };
    for at in 0..scenario.len() {
        check(&scenario[..at], &numbers);
        for stray in ["\"", "[", "{", "=", "é", "1e999"] {
            check(&format!("{}{stray}{}", &scenario[..at], &scenario[at..]), &numbers);
        }
    }
    for at in 0..numbers.len() {
        check(&scenario, &numbers[..at]);
        for stray in ["\"", ",", ";", "é", "\n"] {
            check(&scenario, &format!("{}{stray}{}", &numbers[..at], &numbers[at..]));
        }
    }
}
