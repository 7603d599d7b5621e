//! Exit codes listed in `arcosim --help`, each provoked in at least one way: 0 done; 1 findings; 2 bad scenario or
//! usage; 3 the operating system refused a file or threads; 130 interrupted. Each test also checks which files are
//! written. Code 4 (internal error) cannot be provoked from the command line; its test is in `cli::main`.

use crate::common;

use std::fs;

use common::program::{Folder, code};

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/three_states/scenario.toml");
const MISSED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/three_states/wrong_expectation.toml");
const BROKEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/broken/unknown_state/scenario.toml");

/// Folder with the small scenario and an overlay, whose expected numbers are in `file`.
fn expecting(file: &str) -> Folder {
    let folder = Folder::new();
    for name in ["scenario.toml", "parameters.csv", "life_table.csv"] {
        fs::copy(std::path::Path::new(SMALL).with_file_name(name), folder.0.join(name)).unwrap();
    }
    let overlay = format!("extends = \"scenario.toml\"\n[expected]\nfile = {file:?}\n");
    fs::write(folder.0.join("overlay.toml"), overlay).unwrap();
    folder
}

/// Runs each command line in a new folder, and checks the exit code and the names of the files written.
#[track_caller]
fn all_end(expected: i32, names: &[&str], commands: &[&[&str]]) {
    for command in commands {
        let folder = Folder::new();
        let output = folder.arcosim(command);
        println!("{command:?}");
        code(&output, expected);
        assert_eq!(folder.names(), names, "{command:?}");
        if expected > 1 {
            // An error must be explained by a message, and the message must not look like a crash of the program.
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(!message.trim().is_empty(), "{command:?} says nothing");
            assert!(!message.contains("panicked") && !message.contains("RUST_BACKTRACE"), "{message}");
        }
    }
}

#[test]
fn zero_is_done() {
    all_end(
        0,
        &[],
        &[
            &["--help"],
            &["--version"],
            &["run", "--help"],
            &["check", SMALL],
            &["schema"],
            &["explain", "E0204"],
        ],
    );
    all_end(0, &["out"], &[&["run", SMALL, "--out", "out", "--engine", "cohort"]]);
}

#[test]
fn one_is_a_check_that_failed_and_everything_is_written() {
    all_end(
        1,
        &["out"],
        &[
            &["run", MISSED, "--out", "out", "--engine", "cohort"],
            &["run", MISSED, "--out", "out", "--engine", "both", "-n", "1000", "-q"],
        ],
    );
    // Without the exact engine, results are not compared with expected numbers, so the exit code is 0.
    all_end(0, &["out"], &[&["run", MISSED, "--out", "out", "--engine", "microsim", "-n", "1000"]]);
}

#[test]
fn two_is_a_bad_scenario_or_usage_and_nothing_is_written() {
    all_end(
        2,
        &[],
        &[
            &[],
            &["simulate", SMALL],
            &["run", BROKEN],
            &["check", BROKEN],
            &["run", SMALL, "--patients", "0"],
            &["run", SMALL, "--patients", "many"],
            &["run", SMALL, "--seed=-1"],
            &["run", SMALL, "--seed", "-1"],
            &["run", SMALL, "-n", "-5"],
            &["run", SMALL, "--threads", "0"],
            &["run", SMALL, "--set", "rate.fall"],
            &["run", SMALL, "--set", "rate.fall=-1"],
            &["run", SMALL, "--out", ".."],
            &["explain", "no.such.parameter", "--scenario", SMALL],
        ],
    );
    // A malformed file of expected numbers is an error of the scenario, because its author must correct the file.
    let folder = expecting("expected.csv");
    fs::write(folder.0.join("expected.csv"), "strategy,quantity\nusual,occupancy\n").unwrap();
    let output = folder.arcosim(&["run", "overlay.toml", "--out", "out", "-q"]);
    code(&output, 2);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("there is no column `subject`"), "{message}");
    assert!(!folder.0.join("out").exists());
}

#[test]
fn three_is_a_file_that_cannot_be_read_or_written() {
    all_end(
        3,
        &[],
        &[
            &["run", "no_such.toml"],
            &["check", "no_such_folder"],
            &["explain", "rate.fall", "--scenario", "no_such.toml"],
        ],
    );
    let folder = Folder::new();
    fs::write(folder.0.join("a_file"), "").unwrap();
    // A path below a file cannot be read either, because the file is not a folder.
    code(&folder.arcosim(&["check", "a_file/scenario.toml"]), 3);
    let cohort = ["--engine", "cohort", "-q"];
    // An output folder can neither be created below a file nor replace a file.
    for out in ["a_file/out", "a_file"] {
        code(&folder.arcosim(&[&["run", SMALL, "--out", out], &cohort[..]].concat()), 3);
    }
    assert_eq!(folder.names(), ["a_file"]);
    // A missing file of expected numbers is a file that cannot be read.
    let folder = expecting("nowhere.csv");
    code(&folder.arcosim(&[&["run", "overlay.toml", "--out", "out"], &cohort[..]].concat()), 3);
    assert!(!folder.0.join("out").exists());
}

/// A named pipe is refused, because reading from a pipe could wait forever.
#[cfg(unix)]
#[test]
fn three_is_also_what_is_no_file() {
    let folder = Folder::new();
    let pipe = std::process::Command::new("mkfifo").arg(folder.0.join("pipe.toml")).status().unwrap();
    assert!(pipe.success());
    let output = folder.arcosim(&["check", "pipe.toml"]);
    code(&output, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("`pipe.toml` is not a file"));
}

/// Results that cannot be written, for example to a full disk, must not end with exit code 0.
#[cfg(target_os = "linux")]
#[test]
fn three_is_also_a_full_disk() {
    let folder = Folder::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = folder.command(&["check", SMALL]).stdout(full).output().unwrap();
    code(&output, 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to stdout"));
}

/// If the system cannot start the requested number of threads, the message must suggest a smaller number.
#[cfg(target_os = "linux")]
#[test]
fn three_is_also_a_system_without_room_for_threads() {
    let folder = Folder::new();
    // Within 512 MB of address space there is room for a few stacks of 100 MB. The next one is refused while the threads that have
    // started still have memory: with small stacks they would end for want of it, some of the time.
    let program = env!("CARGO_BIN_EXE_arcosim");
    let script = format!("ulimit -v 524288; exec {program:?} run {SMALL:?} --out out --threads 1000 -q");
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(&folder.0)
        .env("NO_COLOR", "1")
        .env("RUST_MIN_STACK", "100000000")
        .env("MALLOC_ARENA_MAX", "1")
        .output()
        .unwrap();
    code(&output, 3);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("could not start the 1000 threads of this run"), "{message}");
    assert!(message.contains("--threads 4"), "{message}");
    assert!(!message.contains("internal error"), "{message}");
    assert!(folder.names().is_empty());
}

/// After an interruption by Ctrl-C or by a job scheduler (SIGTERM), no partial output remains and existing results are
/// unchanged.
#[cfg(unix)]
#[test]
fn one_hundred_and_thirty_is_an_interruption() {
    use std::io::{BufRead, BufReader, Read};
    for signal in ["-INT", "-TERM"] {
        let folder = Folder::new();
        code(&folder.arcosim(&["run", SMALL, "--out", "out", "--engine", "cohort", "-q"]), 0);
        let before = common::program::contents(&folder.0);
        let mut child = folder
            .command(&["run", SMALL, "--out", "out", "-n", "2000000000"])
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // The signal must not be sent before the message `Running`, because the program handles signals only from then
        // on.
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("Running") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}: {said}");
        assert!(said.contains("interrupted; nothing was written"), "{said}");
        assert!(before == common::program::contents(&folder.0), "{signal}");
    }
}
