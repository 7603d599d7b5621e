//! Output folders when a run fails while it writes: killed, disk full, folder not writable, two runs at once, Ctrl-C.
//! The new folder must be complete, and an earlier folder must not be lost.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use arcosim::engine::random::philox2x64;
use common::program::{Folder, code};
use sha2::{Digest, Sha256};

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/three_states/scenario.toml");
/// A user's own file in the results folder.
const NOTES: &str = "notes of a user";

/// Checks that all files in the manifest of a folder exist unchanged, and returns the seed of the run; `None` if the
/// folder has no manifest.
fn whole(folder: &Path) -> Option<u64> {
    let manifest = fs::read(folder.join("manifest.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("a manifest is whole");
    let listed: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert!(listed.len() > 10);
    for name in &listed {
        assert!(folder.join(name).is_file(), "{name} is missing");
    }
    let hashes = manifest["files_sha256"].as_object().expect("hashes of the files");
    assert_eq!(hashes.len() + 1, listed.len(), "all but the manifest itself");
    for (name, hash) in hashes {
        let bytes = fs::read(folder.join(name)).unwrap();
        let own: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(own, hash.as_str().unwrap(), "{name} is not what was written");
    }
    Some(manifest["seed"].as_u64().expect("a seed"))
}

fn run(folder: &Folder, seed: u64) -> Command {
    let mut command = folder.command(&["run", SMALL, "--out", "out", "-n", "2000", "-q"]);
    command.args(["--seed", &seed.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills this number of runs that write to the same folder, each at a random moment of the run.
fn killed(times: u64) {
    let folder = Folder::new();
    let out = folder.0.join("out");
    let began = Instant::now();
    assert!(run(&folder, 0).status().unwrap().success());
    let long = began.elapsed();
    fs::write(out.join("notes.txt"), NOTES).unwrap();
    let (mut replaced, mut stopped) = (0, 0);
    let mut last = whole(&out).unwrap();
    for seed in 1..=times {
        let share = philox2x64([seed, 0], 7)[0] as f64 / u64::MAX as f64;
        let mut child = run(&folder, seed).spawn().unwrap();
        std::thread::sleep(long.mul_f64(1.1 * share));
        let _ = child.kill();
        child.wait().unwrap();
        let now = whole(&out).expect("the earlier folder, or the new one");
        assert!(now == seed || now == last, "{now} is neither {last} nor {seed}");
        assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), NOTES);
        match now == seed {
            true => replaced += 1,
            false => stopped += 1,
        }
        last = now;
    }
    println!("{stopped} of {times} were killed before their folder stood, {replaced} after");
    assert!(stopped > times / 4, "killed too late to show anything: {stopped} of {times}");
    // The next run removes the temporary folders of the killed runs.
    assert!(run(&folder, 1000).status().unwrap().success());
    assert_eq!(whole(&out), Some(1000));
    assert_eq!(folder.names(), ["out"]);
}

#[test]
fn a_run_that_is_killed_leaves_the_earlier_folder() {
    killed(12);
}

#[test]
#[ignore = "two hundred runs; .ci/run runs it"]
fn two_hundred_runs_that_are_killed_leave_the_earlier_folder() {
    killed(200);
}

/// A run was killed after it moved the old folder away and before it put the new folder in place, on a system that
/// cannot exchange two folders.
#[test]
fn a_folder_that_was_moved_away_comes_back() {
    let folder = Folder::new();
    assert!(run(&folder, 1).status().unwrap().success());
    fs::write(folder.0.join("out/notes.txt"), NOTES).unwrap();
    fs::rename(folder.0.join("out"), folder.0.join(".out.old-4711")).unwrap();
    fs::create_dir(folder.0.join(".out.partial-4711")).unwrap();
    // Folders of other programs, which must not be removed.
    for name in [".out.partial-x", ".other.partial-1"] {
        fs::create_dir(folder.0.join(name)).unwrap();
    }
    assert!(run(&folder, 2).status().unwrap().success());
    assert_eq!(folder.names(), [".other.partial-1", ".out.partial-x", "out"]);
    assert_eq!(fs::read_to_string(folder.0.join("out/notes.txt")).unwrap(), NOTES);
    assert_eq!(whole(&folder.0.join("out")), Some(2));
}

#[test]
fn two_runs_into_one_folder_come_one_after_the_other() {
    let folder = Folder::new();
    assert!(run(&folder, 0).status().unwrap().success());
    fs::write(folder.0.join("out/notes.txt"), NOTES).unwrap();
    for _ in 0..3 {
        let children: Vec<_> = (1..=4).map(|seed| run(&folder, seed).spawn().unwrap()).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let seed = whole(&folder.0.join("out")).unwrap();
        assert!((1..=4).contains(&seed));
        assert_eq!(fs::read_to_string(folder.0.join("out/notes.txt")).unwrap(), NOTES);
        assert_eq!(folder.names(), ["out"]);
    }
}

/// Messages on stderr of a run to `out`.
fn told(folder: &Folder, out: &str, expected: i32) -> String {
    let output = folder.arcosim(&["run", SMALL, "--out", out, "-n", "200", "-q"]);
    code(&output, expected);
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn results_land_where_a_link_leads_and_the_link_stays() {
    let folder = Folder::new();
    let path = |name: &str| folder.0.join(name);
    fs::create_dir_all(path("disk/results")).unwrap();
    std::os::unix::fs::symlink("disk/results", path("out")).unwrap();
    std::os::unix::fs::symlink("out", path("further")).unwrap();
    for name in ["out", "out", "further"] {
        told(&folder, name, 0);
        assert_eq!(fs::read_link(path("out")).unwrap(), Path::new("disk/results"));
        assert_eq!(fs::read_link(path("further")).unwrap(), Path::new("out"));
        assert!(whole(&path("disk/results")).is_some());
        // No temporary files remain next to the link or next to the folder.
        assert_eq!(folder.names(), ["disk", "further", "out"]);
        assert_eq!(fs::read_dir(path("disk")).unwrap().count(), 1);
    }
}

#[test]
fn a_link_that_leads_to_no_folder_is_refused() {
    let folder = Folder::new();
    fs::write(folder.0.join("file"), NOTES).unwrap();
    for (link, to, why) in [
        ("nowhere", "gone/results", "which does not exist"),
        ("a", "b", "cannot be reached"),
        ("b", "a", "cannot be reached"),
        ("on_file", "file", "is a link to the file"),
    ] {
        std::os::unix::fs::symlink(to, folder.0.join(link)).unwrap();
        if link == "a" {
            continue;
        }
        let said = told(&folder, link, 3);
        assert!(said.contains(why), "{link}: {said}");
        assert_eq!(fs::read_link(folder.0.join(link)).unwrap(), Path::new(to));
    }
    assert_eq!(folder.names(), ["a", "b", "file", "nowhere", "on_file"]);
    assert_eq!(fs::read_to_string(folder.0.join("file")).unwrap(), NOTES);
}

#[test]
fn what_a_killed_run_left_is_removed_by_a_run_to_another_place_and_said() {
    let folder = Folder::new();
    // The first number is too large for a process id; the second is the id of this test.
    let (dead, alive) = (".old.partial-99999999", format!(".old.partial-{}", std::process::id()));
    for (name, file) in [
        (dead, ".arcosim-unfinished"),
        (alive.as_str(), ".arcosim-unfinished"),
        (".theirs.partial-99999998", "data"),
    ] {
        fs::create_dir(folder.0.join(name)).unwrap();
        fs::write(folder.0.join(name).join(file), "").unwrap();
    }
    let said = told(&folder, "new", 0);
    assert!(said.contains("removed") && said.contains(dead), "{said}");
    assert_eq!(folder.names(), [alive.as_str(), ".theirs.partial-99999998", "new"]);
}

#[test]
fn a_run_that_replaces_what_another_wrote_meanwhile_says_so() {
    let folder = Folder::new();
    assert_eq!(told(&folder, "out", 0).matches("another run").count(), 0);
    // The run must wait because the test locks the folder; meanwhile the test writes a results folder.
    let turn = fs::File::open(&folder.0).unwrap();
    turn.lock().unwrap();
    let mut late = run(&folder, 5);
    let late = late.stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let manifest = folder.0.join("out/manifest.json");
    let text = fs::read(&manifest).unwrap();
    fs::write(&manifest, [&text[..], b"\n"].concat()).unwrap();
    turn.unlock().unwrap();
    let output = late.wait_with_output().unwrap();
    code(&output, 0);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("another run wrote `out` in the meantime"), "{said}");
    assert_eq!(whole(&folder.0.join("out")), Some(5));
    assert!(!told(&folder, "out", 0).contains("another run"));
}

/// Runs a shell command, with the program as `$ARCOSIM`, in a folder with earlier results. Checks that the earlier
/// results remain, and returns the message.
fn refused(folder: &Folder, script: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(&folder.0)
        .env("ARCOSIM", env!("CARGO_BIN_EXE_arcosim"))
        .env("SMALL", SMALL)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    code(&output, 3);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!message.contains("panicked") && !message.contains("internal error"), "{message}");
    message
}

/// A limit on file size imitates a full disk: the write fails half-way.
#[test]
fn a_full_disk_leaves_the_earlier_folder() {
    let folder = Folder::new();
    assert!(run(&folder, 1).status().unwrap().success());
    // The limit is in blocks of 512 bytes.
    let script = "trap '' XFSZ; ulimit -f 20; exec \"$ARCOSIM\" run \"$SMALL\" --out out -n 2000 --seed 2 -q";
    let message = refused(&folder, script);
    assert!(message.contains("cannot write `out/"), "{message}");
    assert_eq!(whole(&folder.0.join("out")), Some(1));
    assert_eq!(folder.names(), ["out"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    // No user can create files in /proc, not even an administrator.
    let message = refused(&folder, "exec \"$ARCOSIM\" run \"$SMALL\" --out /proc/nowhere/out -n 2000 -q");
    assert!(message.contains("cannot create the folder `/proc/nowhere"), "{message}");
    assert!(folder.names().is_empty());
}

/// Ctrl-C during the draws of an analysis keeps the earlier results.
#[test]
fn an_interrupted_analysis_leaves_the_earlier_one() {
    let folder = Folder::new();
    let scenario: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "scenarios", "published", "sick_sicker.toml"].iter().collect();
    let psa = |draws: &str| {
        let mut command = folder.command(&["psa"]);
        command.arg(&scenario).args(["--out", "out", "-q", "--draws", draws]);
        command
    };
    assert!(psa("20").stdout(Stdio::null()).status().unwrap().success());
    let before = common::program::contents(&folder.0);
    let child = psa("1000000").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(800));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    code(&output, 130);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("interrupted; nothing was written"), "{message}");
    assert!(before == common::program::contents(&folder.0));
}
