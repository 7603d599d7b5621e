//! `arcosim reproduce` and `arcosim bundle` end to end: a results folder is run again from its own copy of the inputs
//! after the originals are deleted, every difference is reported, and files from unknown sources do no harm.

use crate::common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Output;

use common::program::{Folder, code, contents, stderr, stdout};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;

const OVERLAY: &str =
    "extends = \"../scenario.toml\"\n[set]\n\"hr.prevention\" = 0.7\n\"cost.prevention\" = 400\n";

/// A folder with the study that `arcosim new` writes, and an overlay in a separate folder.
fn study() -> Folder {
    let folder = Folder::new();
    code(&folder.arcosim(&["new", "study"]), 0);
    fs::create_dir(folder.0.join("study/variants")).unwrap();
    fs::write(folder.0.join("study/variants/dear.toml"), OVERLAY).unwrap();
    folder
}

/// A folder that contains only a small results folder, `out`.
fn results() -> Folder {
    let folder = study();
    let run = ["run", "study", "-n", "500", "--seed", "3", "--out", "out", "-q"];
    code(&folder.arcosim(&run), 0);
    fs::remove_dir_all(folder.0.join("study")).unwrap();
    folder
}

fn manifest(folder: &Folder) -> Value {
    serde_json::from_slice(&fs::read(folder.0.join("out/manifest.json")).unwrap()).unwrap()
}

fn put_manifest(folder: &Folder, manifest: &Value) {
    fs::write(folder.0.join("out/manifest.json"), serde_json::to_vec_pretty(manifest).unwrap()).unwrap();
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Changes a file of `out` together with its hash in the manifest.
fn forge(folder: &Folder, name: &str, text: &str) {
    fs::write(folder.0.join("out").join(name), text).unwrap();
    let mut about = manifest(folder);
    let hash: Value = sha256(text.as_bytes()).into();
    about["files_sha256"][name] = hash.clone();
    for input in about["inputs"].as_array_mut().unwrap() {
        if input["path"] == name {
            input["sha256"] = hash.clone();
        }
    }
    put_manifest(folder, &about);
}

#[track_caller]
fn is_the_same(output: &Output) {
    code(output, 0);
    let said = stdout(output);
    let words: Vec<&str> = said.split_whitespace().collect();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(words[0] == words[2] && words[0].parse::<usize>().unwrap() > 5, "{said}");
    assert!(said.ends_with("files are the same, byte for byte\n"), "{said}");
}

/// All commands that write a folder, with a wide range of their options.
const COMMANDS: [&[&str]; 9] = [
    &["verify", "study/variants/dear.toml", "--quick", "--only", "F", "S"],
    &[
        "run",
        "study",
        "-n",
        "2000",
        "--histories",
        "5",
        "--set",
        "rate.ill = 0.11",
        "--set",
        "hr.prevention=0.6",
    ],
    &["run", "study/variants/dear.toml", "--engine", "cohort"],
    &["psa", "study", "--draws", "32", "--sampling", "latin hypercube", "--wtp", "12345.5", "--seed", "9"],
    &["psa", "study", "--draws", "10", "--engine", "microsim", "-n", "100"],
    &["voi", "study/variants/dear.toml", "--draws", "100"],
    &[
        "dsa",
        "study",
        "--two-way",
        "hr.prevention, cost.prevention",
        "--scenarios",
        "study/variants/dear.toml",
    ],
    &[
        "dsa",
        "study",
        "--threshold-of",
        "hr.prevention",
        "rate.ill",
        "--strategy",
        "prevention",
        "--set",
        "rate.ill=0.1",
    ],
    &["diff", "study", "study/variants/dear.toml", "--wtp", "30000"],
];

#[test]
fn every_folder_is_run_again_when_its_originals_are_gone() {
    let folder = study();
    for (i, command) in COMMANDS.iter().enumerate() {
        let out = format!("out-{i}");
        let output = folder.arcosim(&[command, &["--out", &out, "-q"][..]].concat());
        // Exit code 1 is allowed for `verify`, because a check may have findings.
        let ended = output.status.code();
        assert!(ended == Some(0) || command[0] == "verify" && ended == Some(1), "{}", stderr(&output));
    }
    // The results do not depend on the working directory, and the folder keeps paths of inputs only relative to each
    // other.
    let out = folder.0.join("inside");
    let from_inside = ["run", "dear.toml", "--engine", "cohort", "-q", "--out", out.to_str().unwrap()];
    let inside = folder.command(&from_inside).current_dir(folder.0.join("study/variants")).output();
    code(&inside.unwrap(), 0);
    assert!(contents(&out) == contents(&folder.0.join("out-2")));
    let inputs = out.join("inputs");
    let names: Vec<String> = contents(&inputs).into_iter().map(|file| file.0).collect();
    let under = ["parameters.csv", "scenario.toml", "variants/dear.toml"].map(|name| format!("study/{name}"));
    assert_eq!(names, under, "a variant is named after its model");

    fs::remove_dir_all(folder.0.join("study")).unwrap();
    let elsewhere = Folder::new();
    let temporary = Folder::new();
    for (i, command) in COMMANDS.iter().enumerate() {
        let moved = elsewhere.0.join(format!("moved {i}"));
        fs::rename(folder.0.join(format!("out-{i}")), &moved).unwrap();
        let before = contents(&moved);
        for threads in ["1", "3"] {
            let again = ["reproduce", moved.to_str().unwrap(), "--threads", threads, "-q"];
            let output = folder.command(&again).env("TMPDIR", &temporary.0).output().unwrap();
            is_the_same(&output);
        }
        assert!(before == contents(&moved), "{command:?}: reproducing touched the folder");
    }
    assert!(temporary.names().is_empty(), "{:?} stayed", temporary.names());
}

/// An analysis that does not read expected numbers does not keep a copy of them, and is reproduced without them.
#[test]
fn an_analysis_of_a_scenario_with_expected_numbers_is_run_again() {
    let folder = Folder::new();
    let scenario =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/three_states/wrong_expectation.toml");
    let verify = ["verify", scenario.to_str().unwrap(), "--only", "R", "--out", "out", "-q"];
    code(&folder.arcosim(&verify), 0);
    assert!(!folder.0.join("out/inputs/three_states/wrong_expectation.csv").exists());
    is_the_same(&folder.arcosim(&["reproduce", "out"]));
}

/// A finding of the original run, for example an expected number that is missed, is not a finding of the reproduction.
#[test]
fn a_run_with_findings_is_reproduced_with_its_table_of_expected_numbers() {
    let folder = Folder::new();
    let scenario =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/three_states/wrong_expectation.toml");
    let run = ["run", scenario.to_str().unwrap(), "--engine", "cohort", "--out", "out", "-q"];
    code(&folder.arcosim(&run), 1);
    let names: Vec<String> = contents(&folder.0.join("out/inputs")).into_iter().map(|file| file.0).collect();
    let own = [
        "life_table.csv",
        "parameters.csv",
        "scenario.toml",
        "wrong_expectation.csv",
        "wrong_expectation.toml",
    ];
    assert_eq!(names, own.map(|name| format!("three_states/{name}")));
    is_the_same(&folder.arcosim(&["reproduce", "out/manifest.json"]));
    let readme = fs::read_to_string(folder.0.join("out/README.txt")).unwrap();
    assert!(readme.contains("inputs/"), "{readme}");
}

/// Files that a user allowed a scenario to read are copied to the folder, so the reproduction needs no permission.
#[test]
fn a_scenario_that_was_allowed_to_read_more_is_run_again_from_its_folder() {
    let folder = study();
    fs::create_dir_all(folder.0.join("far/away")).unwrap();
    let overlay = "extends = \"../../study/scenario.toml\"\n";
    fs::write(folder.0.join("far/away/wide.toml"), overlay).unwrap();
    let run = ["run", "far/away/wide.toml", "--engine", "cohort", "--out", "out", "-q"];
    code(&folder.arcosim(&run), 2);
    code(&folder.arcosim(&[&run[..], &["--root", "."]].concat()), 0);
    fs::remove_dir_all(folder.0.join("study")).unwrap();
    is_the_same(&folder.arcosim(&["reproduce", "out"]));
}

#[test]
fn what_is_not_the_same_is_told() {
    let folder = results();
    let table = folder.0.join("out/trace.csv");
    let sound = fs::read(&table).unwrap();
    let text = String::from_utf8(sound.clone()).unwrap();
    let (heading, rows) = text.split_once('\n').unwrap();
    let (row, rest) = rows.split_once('\n').unwrap();
    let (cells, _) = row.rsplit_once(',').unwrap();
    fs::write(&table, format!("{heading}\n{cells},0.125x\n{rest}")).unwrap();
    fs::remove_file(folder.0.join("out/events.csv")).unwrap();
    fs::write(folder.0.join("out/my notes.txt"), "mine").unwrap();
    fs::write(folder.0.join("out/figures/edited.svg"), "mine").unwrap();
    let output = folder.arcosim(&["reproduce", "out", "-q"]);
    code(&output, 1);
    let said = stdout(&output);
    let column = heading.rsplit(',').next().unwrap();
    for wanted in [
        "  trace.csv was changed after it was written; the new run reproduces the original\n",
        &format!("row 1, column `{column}`: `0.125x` here, `"),
        "  events.csv is missing\n",
        "not compared, because no run wrote it: figures/edited.svg, my notes.txt\n",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in\n{said}");
    }
    let (same, all) = (said.split(' ').next().unwrap(), said.split(' ').nth(2).unwrap());
    assert_eq!(same.parse::<usize>().unwrap() + 2, all.parse::<usize>().unwrap(), "{said}");
}

#[test]
fn a_manifest_that_lies_is_found_out() {
    let folder = results();
    let sound = manifest(&folder);
    let said = |change: &dyn Fn(&mut Value)| {
        let mut about = sound.clone();
        change(&mut about);
        put_manifest(&folder, &about);
        let output = folder.arcosim(&["reproduce", "out", "-q"]);
        code(&output, 1);
        stdout(&output)
    };
    let lie = said(&|m| m["files_sha256"]["trace.csv"] = "0".repeat(64).into());
    assert!(lie.contains("trace.csv is the same in the new run, but the manifest has another hash"), "{lie}");
    assert!(lie.contains("manifest.json differs in the new run\n    line "), "{lie}");
    let seed = |m: &mut Value| {
        let words = m["command_line"].as_array_mut().unwrap();
        *words.iter_mut().find(|word| **word == "--seed=3").unwrap() = "--seed=4".into();
    };
    let lie = said(&seed);
    assert!(lie.contains("agreement.csv differs in the new run\n    row "), "{lie}");
    assert!(!lie.contains("changed after"), "{lie}");
    let version = said(&|m| m["version"] = "0.0.1\u{1b}[31m".into());
    assert!(version.starts_with("written by arcosim 0.0.1\\u{1b}[31m, run again by arcosim "), "{version}");
}

#[test]
fn changed_inputs_are_not_run() {
    let folder = results();
    let input = folder.0.join("out/inputs/study/parameters.csv");
    let text = fs::read_to_string(&input).unwrap();
    fs::write(&input, text.replace("0.10", "0.11")).unwrap();
    let output = folder.arcosim(&["reproduce", "out"]);
    code(&output, 1);
    let said = stdout(&output);
    assert!(said.contains("nothing was run again"), "{said}");
    assert!(said.contains("inputs/study/parameters.csv was changed after it was written"), "{said}");
}

#[test]
fn the_new_run_can_be_kept_but_not_in_the_folder_itself() {
    let folder = results();
    let output = folder.arcosim(&["reproduce", "out", "--keep", "kept"]);
    code(&output, 0);
    assert!(contents(&folder.0.join("kept")) == contents(&folder.0.join("out")));
    for keep in ["out", "out/again", "./kept/../out"] {
        code(&folder.arcosim(&["reproduce", "out", "--keep", keep]), 2);
    }
    fs::create_dir(folder.0.join("mine")).unwrap();
    fs::write(folder.0.join("mine/a.txt"), "mine").unwrap();
    code(&folder.arcosim(&["reproduce", "out", "--keep", "mine"]), 3);
    assert_eq!(folder.names(), ["kept", "mine", "out"]);
}

#[test]
fn what_is_no_folder_of_ours_is_refused() {
    let folder = Folder::new();
    code(&folder.arcosim(&["reproduce", "nowhere"]), 3);
    fs::create_dir(folder.0.join("out")).unwrap();
    let refused = |said: &str| {
        for command in ["reproduce", "bundle"] {
            let output = folder.arcosim(&[command, "out"]);
            code(&output, 2);
            assert!(stderr(&output).contains(said), "{}", stderr(&output));
        }
    };
    refused("it has no manifest.json");
    let put = |text: &str| fs::write(folder.0.join("out/manifest.json"), text).unwrap();
    put("");
    refused("cannot be read");
    put(&"[".repeat(100_000));
    refused("cannot be read");
    put("{\"program\": \"another\"}");
    refused("does not name the program");
    put("{\"program\": \"arcosim\", \"version\": \"0.1.0\", \"files\": []}");
    refused("did not keep copies of the inputs");
    put("{\"program\": \"arcosim\", \"command_line\": []}");
    refused("is damaged");
    assert_eq!(folder.names(), ["out"]);
}

/// A manifest is treated as untrusted data: no path may lead out of the folder, and no command other than arcosim's own
/// is run.
#[test]
fn a_hostile_manifest_reaches_nothing() {
    let folder = results();
    let sound = manifest(&folder);
    fs::write(folder.0.join("secret.csv"), "name,secret\n").unwrap();
    let outside = folder.0.join("secret.csv").display().to_string();
    let refused = |change: &dyn Fn(&mut Value), wanted: &str| {
        let mut about = sound.clone();
        change(&mut about);
        put_manifest(&folder, &about);
        let output = folder.arcosim(&["reproduce", "out"]);
        code(&output, 2);
        assert!(stderr(&output).contains(wanted), "{wanted} is not in\n{}", stderr(&output));
    };
    for path in ["../secret.csv", outside.as_str(), "inputs/../../secret.csv", "..\\secret.csv"] {
        refused(&|m| m["files"][0] = path.into(), "not a name of a file");
        refused(&|m| m["files_sha256"][path] = "0".repeat(64).into(), "not a name of a file");
        refused(&|m| m["inputs"][0]["path"] = path.into(), "not a name of a file");
        refused(&|m| m["command_line"] = serde_json::json!(["run", path]), "not among the inputs");
    }
    let scenario = "inputs/study/scenario.toml";
    for (line, wanted) in [
        (vec!["run", scenario, "--out=elsewhere"], "sets the output folder"),
        (vec!["new", "elsewhere"], "writes no folder"),
        (vec!["reproduce", "out"], "writes no folder"),
        (vec!["explain", "rate.ill", "--scenario", scenario], "writes no folder"),
        (vec!["psa", scenario, "--draw=1"], "writes no folder"),
        (vec!["run", "trace.csv"], "not among the inputs"),
        (vec!["dsa", scenario, "--scenarios=study"], "not among the inputs"),
        (vec![], "cannot be run again"),
        (vec!["--version"], "cannot be run again"),
        (vec!["run", scenario, "--seed=\u{1b}[2J"], "cannot be run again"),
    ] {
        refused(&|m| m["command_line"] = serde_json::json!(line), wanted);
    }
    put_manifest(&folder, &sound);
    // Scenario inputs that refer to files outside the folder.
    let text = fs::read_to_string(folder.0.join("out").join(scenario)).unwrap();
    for path in ["../../../secret.csv", outside.as_str()] {
        let path = path.replace('\\', "/");
        forge(&folder, scenario, &text.replace("\"parameters.csv\"", &format!("\"{path}\"")));
        let output = folder.arcosim(&["reproduce", "out"]);
        code(&output, 2);
        assert!(!stderr(&output).contains("name,secret"), "{}", stderr(&output));
    }
    assert_eq!(folder.names(), ["out", "secret.csv"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = results();
    let input = folder.0.join("out/inputs/study/parameters.csv");
    fs::rename(&input, folder.0.join("parameters.csv")).unwrap();
    std::os::unix::fs::symlink(folder.0.join("parameters.csv"), &input).unwrap();
    let output = folder.arcosim(&["reproduce", "out"]);
    code(&output, 1);
    assert!(stdout(&output).contains("parameters.csv is missing"), "{}", stdout(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    let folder = results();
    let mut about = manifest(&folder);
    about["command_line"] = serde_json::json!(["run", "inputs/study/scenario.toml", "--patients=4000000000"]);
    put_manifest(&folder, &about);
    let temporary = Folder::new();
    let mut command = folder.command(&["reproduce", "out", "--allow-long", "-q", "--threads", "1"]);
    let mut child = command.env("TMPDIR", &temporary.0).spawn().unwrap();
    while temporary.names().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    let id = child.id().to_string();
    std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(temporary.names().is_empty(), "{:?} stayed", temporary.names());
}

#[test]
fn a_bundle_is_the_same_twice_and_a_reviewer_runs_it_again() {
    let folder = results();
    fs::write(folder.0.join("out/my notes.txt"), "mine").unwrap();
    let output = folder.arcosim(&["bundle", "out"]);
    code(&output, 0);
    assert!(
        stdout(&output).contains("1 files that were not written by a run were left out"),
        "{}",
        stdout(&output)
    );
    let first = fs::read(folder.0.join("out.zip")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    code(&folder.arcosim(&["bundle", "out"]), 0);
    assert!(first == fs::read(folder.0.join("out.zip")).unwrap(), "the time of day shows");
    code(&folder.arcosim(&["bundle", "out/", "--out", "b.zip"]), 0);
    assert!(first == fs::read(folder.0.join("b.zip")).unwrap());

    let mut archive = zip::ZipArchive::new(File::open(folder.0.join("out.zip")).unwrap()).unwrap();
    let names: Vec<String> =
        (0..archive.len()).map(|i| archive.by_index(i).unwrap().name().unwrap().into_owned()).collect();
    assert!(names.is_sorted() && !names.iter().any(|name| name.contains("notes")), "{names:?}");
    let mut how_to = String::new();
    archive.by_name("out/HOW_TO_REPRODUCE.txt").unwrap().read_to_string(&mut how_to).unwrap();
    assert!(how_to.contains("arcosim reproduce out.zip"), "{how_to}");
    assert!(
        how_to.contains("arcosim run inputs/study/scenario.toml --engine=both --patients=500 --seed=3\n"),
        "{how_to}"
    );

    let reviewer = Folder::new();
    fs::rename(folder.0.join("out.zip"), reviewer.0.join("sent.zip")).unwrap();
    is_the_same(&reviewer.arcosim(&["reproduce", "sent.zip", "-q"]));
    assert_eq!(reviewer.names(), ["sent.zip"]);
    // Unpacked without arcosim, including the text for the reviewer.
    archive.extract(reviewer.0.join("by hand")).unwrap();
    is_the_same(&reviewer.arcosim(&["reproduce", "by hand/out"]));
}

#[test]
fn a_bundle_is_not_made_of_what_was_changed_nor_in_the_place_of_another_file() {
    let folder = results();
    fs::write(folder.0.join("out.zip"), "something else").unwrap();
    code(&folder.arcosim(&["bundle", "out"]), 3);
    assert_eq!(fs::read_to_string(folder.0.join("out.zip")).unwrap(), "something else");
    fs::write(folder.0.join("out/trace.csv"), "changed").unwrap();
    fs::remove_file(folder.0.join("out/events.csv")).unwrap();
    let output = folder.arcosim(&["bundle", "out", "--out", "new.zip"]);
    code(&output, 1);
    let said = stdout(&output);
    assert!(said.contains("trace.csv was changed") && said.contains("events.csv is missing"), "{said}");
    code(&folder.arcosim(&["bundle", "out/manifest.json"]), 2);
    assert_eq!(folder.names(), ["out", "out.zip"]);
}

/// Creates an archive with these entries.
fn archive(folder: &Folder, entries: &[(&str, &str)]) {
    let mut archive = zip::ZipWriter::new(File::create(folder.0.join("sent.zip")).unwrap());
    for (name, text) in entries {
        match name.strip_prefix("link:") {
            Some(name) => archive.add_symlink(name, *text, SimpleFileOptions::default()).unwrap(),
            None => {
                archive.start_file(*name, SimpleFileOptions::default()).unwrap();
                archive.write_all(text.as_bytes()).unwrap();
            }
        }
    }
    archive.finish().unwrap();
}

#[test]
fn a_hostile_archive_writes_nothing_elsewhere() {
    let folder = Folder::new();
    let inner = folder.0.join("inner");
    let temporary = inner.join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let refused = |wanted: &str| {
        let mut command = folder.command(&["reproduce", "sent.zip"]);
        let output = command.env("TMPDIR", &temporary).output().unwrap();
        code(&output, 2);
        assert!(stderr(&output).contains(wanted), "{wanted} is not in\n{}", stderr(&output));
        assert_eq!(contents(&folder.0).len(), 1, "something was written");
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    };
    let absolute = folder.0.join("evil.txt").display().to_string();
    for name in
        ["../evil.txt", "a/../../../evil.txt", &absolute, "..\\evil.txt", "C:\\evil.txt", "a/\u{1b}[2J"]
    {
        archive(&folder, &[("a/manifest.json", "{}"), (name, "evil")]);
        refused("not a valid name of a file");
    }
    archive(&folder, &[("link:a/inputs", "../.."), ("a/manifest.json", "{}")]);
    refused("is a link");
    archive(&folder, &[("a/README.txt", "")]);
    refused("does not contain exactly one folder");
    archive(&folder, &[("a/manifest.json", "{}"), ("b/manifest.json", "{}")]);
    refused("does not contain exactly one folder");
    archive(&folder, &[("a/manifest.json", "{}")]);
    refused("does not name the program");
    let many: Vec<String> = (0..10_001).map(|i| format!("a/{i}")).collect();
    archive(&folder, &many.iter().map(|name| (name.as_str(), "")).collect::<Vec<_>>());
    refused("10001 entries");
    let whole = fs::read(folder.0.join("sent.zip")).unwrap();
    fs::write(folder.0.join("sent.zip"), &whole[..whole.len() / 2]).unwrap();
    refused("is not an archive");
    fs::write(folder.0.join("sent.zip"), "no archive at all").unwrap();
    refused("is not an archive");
}

/// Changes the number of patients in the manifest.
fn ask(folder: &Folder, patients: &str) {
    let mut about = manifest(folder);
    for word in about["command_line"].as_array_mut().unwrap() {
        if word.as_str().unwrap().starts_with("--patients=") {
            *word = format!("--patients={patients}").into();
        }
    }
    put_manifest(folder, &about);
}

#[test]
fn work_without_end_is_not_begun_for_a_stranger() {
    let folder = results();
    ask(&folder, "4000000000");
    let output = folder.arcosim(&["reproduce", "out"]);
    code(&output, 2);
    let said = stderr(&output);
    for part in ["4,000,000,000 patients", "hours of one processor", "nothing was run", "--allow-long"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // A short run needs no confirmation.
    ask(&folder, "600");
    code(&folder.arcosim(&["reproduce", "out", "-q"]), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_reproduction_that_is_killed_leaves_no_process_and_the_next_removes_its_folder() {
    use std::time::{Duration, Instant};
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let folder = results();
    let original = fs::read(folder.0.join("out/manifest.json")).unwrap();
    ask(&folder, "4000000000");
    let temporary = folder.0.join("temporary");
    fs::create_dir(&temporary).unwrap();
    let left = || fs::read_dir(&temporary).unwrap().count();
    let mut parent = folder
        .command(&["reproduce", "out", "-q", "--allow-long", "--threads", "1"])
        .env("TMPDIR", &temporary)
        .spawn()
        .unwrap();
    let id = parent.id();
    let children = || fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    until("it starts no process", &|| !children().trim().is_empty());
    let child = format!("/proc/{}", children().trim());
    parent.kill().unwrap();
    parent.wait().unwrap();
    // A process that has ended is still listed until its parent collects it, but its command line is empty.
    let runs = || fs::read(format!("{child}/cmdline")).is_ok_and(|line| !line.is_empty());
    until("its process runs on", &|| !runs());
    assert_eq!(left(), 1);
    fs::write(folder.0.join("out/manifest.json"), original).unwrap();
    let again = folder.command(&["reproduce", "out", "-q"]).env("TMPDIR", &temporary).output().unwrap();
    is_the_same(&again);
    assert_eq!(left(), 0);
}

#[test]
fn what_an_archive_holds_besides_is_told() {
    let folder = results();
    code(&folder.arcosim(&["bundle", "out", "--out", "sent.zip"]), 0);
    let path = folder.0.join("sent.zip");
    let file = File::options().read(true).write(true).open(&path).unwrap();
    let mut archive = zip::ZipWriter::new_append(file).unwrap();
    for name in ["out/inputs/more.csv", "inputs/other.csv"] {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(b"a,b\n").unwrap();
    }
    archive.finish().unwrap();
    let output = folder.arcosim(&["reproduce", "sent.zip", "-q"]);
    code(&output, 0);
    let line = "not compared, because no run wrote it: inputs/more.csv, inputs/other.csv (outside the folder of results)";
    assert!(stdout(&output).contains(line), "{}", stdout(&output));
}
