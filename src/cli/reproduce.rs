//! `arcosim reproduce`: runs the command of a folder of results again from the inputs in the folder, and compares every
//! file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::args::threads;
use super::session::{interruptible, memory_asked};
use super::{Exit, command_line, print};
use crate::output::bundle::{HOW_TO, unpack};
use crate::output::compared::{Compared, compare};
use crate::output::recorded::{Recorded, bytes};
use crate::output::{self, FileError, INPUTS, MARK, Partial, Temporary, formats};
use crate::scenario::diagnostic::render;
use crate::scenario::load_text;

/// Arguments of `arcosim reproduce`.
#[derive(Debug, clap::Args)]
pub struct ReproduceArgs {
    /// Folder of results, its manifest.json, or an archive of the folder
    folder: PathBuf,
    /// Allow work of more than a few hours
    #[arg(long)]
    allow_long: bool,
    /// Keep the new run in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Number of threads (does not affect the results); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    threads: Option<u16>,
    /// Print only the result of the comparison: no progress
    #[arg(long, short)]
    quiet: bool,
}

/// Largest number of differences between files that are listed individually.
const LISTED: usize = 40;
/// Maximum number of additional files that the message lists by name.
const NAMED: usize = 10;
/// Subfolder of the temporary folder for an unpacked archive.
const UNPACKED: &str = "unpacked";
/// Subfolder of the temporary folder for the new run.
const AGAIN: &str = "again";

/// Runs the command of a folder of results again and compares the results.
pub fn reproduce(args: &ReproduceArgs) -> Result<Exit, Exit> {
    let stop = interruptible();
    let work = Temporary::new()?;
    let folder = source(&args.folder, &work.path, stop)?;
    keepable(args, &folder)?;
    let before = Recorded::read(&folder)?;
    let remarks = remarks(&before);
    let altered = before.altered(&folder, before.inputs.keys())?;
    if !altered.is_empty() {
        let mut text = remarks;
        text.push_str("the inputs have changed since the results were written; nothing was run again:\n");
        for (name, what) in altered {
            text.push_str(&format!("  {} {what}\n", arcosim_core::words::printable(name)));
        }
        return Ok(print(&text).or_findings(false));
    }
    inputs(args, &before, &folder, &work.path)?;
    rerun(args, &before, &work.path, stop)?;
    let target = work.path.join(AGAIN);
    let after = Recorded::read(&target)?;
    let compared = compare((&folder, &before), (&target, &after))?;
    if stop.load(Ordering::Relaxed) {
        return Err(Exit::Interrupted);
    }
    let mut added = before.added(&folder)?;
    added.retain(|name| name != HOW_TO && !after.files.contains_key(name));
    added.extend(beside(&work.path.join(UNPACKED), &folder)?);
    let mut text = remarks;
    text.push_str(&summary(&compared, &added));
    if let Some(keep) = &args.keep {
        copy(&target, &after, keep)?;
        text.push_str(&format!("The new run is in {}\n", keep.display()));
    }
    Ok(print(&text).or_findings(compared.findings.is_empty()))
}

/// Folder of results for a path to a folder, to a manifest in a folder, or to an archive, which is unpacked.
fn source(path: &Path, work: &Path, stop: &AtomicBool) -> Result<PathBuf, Exit> {
    if path.is_dir() {
        return Ok(path.to_path_buf());
    }
    if path.file_name().is_some_and(|name| name == MARK) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        return Ok(folder.unwrap_or(Path::new(".")).to_path_buf());
    }
    // Only regular files are read, because reading a pipe or a device could block forever.
    if !path.is_file() {
        return Err(Exit::System(format!("there is no folder or archive `{}`", path.display())));
    }
    let into = work.join(UNPACKED);
    Ok(unpack(path, &into, stop)?)
}

/// Files in an archive outside its folder of results; empty if there was no archive.
fn beside(unpacked: &Path, folder: &Path) -> Result<Vec<String>, FileError> {
    let Ok(results) = folder.strip_prefix(unpacked) else {
        return Ok(Vec::new());
    };
    let all = output::contents(unpacked)?;
    let others = all.iter().filter(|name| !name.starts_with(results));
    Ok(others.map(|name| format!("{} (outside the folder of results)", name.display())).collect())
}

/// Refuses to keep the new run in the folder that it is compared with.
fn keepable(args: &ReproduceArgs, folder: &Path) -> Result<(), Exit> {
    let Some(keep) = &args.keep else { return Ok(()) };
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    if let (Ok(keep), Ok(folder)) = (whole(keep), whole(folder))
        && keep.starts_with(&folder)
    {
        return Err(Exit::Usage(
            "--keep is the folder of results itself or lies inside it; name another folder".into(),
        ));
    }
    if keep.file_name().is_none() {
        return Err(Exit::Usage("--keep must name a folder to create".into()));
    }
    Ok(output::refuse_foreign(keep)?)
}

/// Describes known reasons for differences: another version or other build features.
fn remarks(before: &Recorded) -> String {
    let mut text = String::new();
    let own = env!("CARGO_PKG_VERSION");
    if before.version != own {
        text.push_str(&format!(
            "written by arcosim {}, run again by arcosim {own}: differences may be due to the version\n",
            arcosim_core::words::printable(&before.version)
        ));
    }
    if before.figures.iter().map(String::as_str).ne(formats().iter().copied()) {
        text.push_str(&format!(
            "the folder has figures as {}, and this program writes {}: it was built with other features\n",
            arcosim_core::words::printable(&before.figures.join(" and ")),
            formats().join(" and ")
        ));
    }
    text
}

/// Copies the inputs to a temporary folder. Before that, a check ensures that they refer to no other file, so that the
/// new run reads nothing else.
fn inputs(args: &ReproduceArgs, before: &Recorded, folder: &Path, work: &Path) -> Result<(), Exit> {
    let reads = command_line::reads(&before.command_line).map_err(|why| {
        let line = command_line::typed(&before.command_line);
        Exit::Usage(format!(
            "the {MARK} contains a command line that cannot be run again, because {line}: {}",
            arcosim_core::words::printable(&why)
        ))
    })?;
    let texts = before.texts(folder)?;
    for (place, set) in &reads {
        let Some(own) = texts.iter().find(|(name, _)| name == place) else {
            return Err(Exit::Usage(format!(
                "the command line reads `{}`, which is not among the inputs",
                arcosim_core::words::printable(place)
            )));
        };
        let others = texts.iter().filter(|(name, _)| name != place);
        let all: Vec<(&str, &str)> =
            [own].into_iter().chain(others).map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let loaded = load_text(&all, set);
        let Some(scenario) = loaded.scenario else {
            let text = render(&loaded.diagnostics, &loaded.sources, false);
            return Err(Exit::Usage(format!(
                "{}\nthe inputs in `{INPUTS}/` alone are not a scenario that can be run",
                text.trim_end()
            )));
        };
        if !args.allow_long {
            bounded(&command_line::work(&before.command_line, &scenario).map_err(Exit::Usage)?)?;
        }
        // Only `arcosim run` reads expected numbers, so folders of other commands do not contain them.
        let reads_expected = before.command_line.first().is_some_and(|command| command == "run");
        let expected = scenario.expected_file.as_deref().filter(|_| reads_expected);
        if let Some(path) = expected.filter(|path| !texts.iter().any(|(name, _)| Path::new(name) == *path)) {
            return Err(Exit::Usage(format!(
                "`{place}` names expected numbers in `{}`, which are not among the inputs",
                arcosim_core::words::printable(&path.display().to_string())
            )));
        }
    }
    for (name, text) in &texts {
        let path = work.join(name);
        let parent = path.parent().unwrap_or(work);
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, text)).map_err(|error| {
            Exit::from(FileError { doing: format!("cannot write `{}`", path.display()), error: Some(error) })
        })?;
    }
    Ok(())
}

/// Largest number of patient-cycles that are run without `--allow-long`. A processor runs between 50 million (a model
/// with clocks) and 1,000 million (three states) patient-cycles per second, so this number takes a quarter of an hour
/// to six hours.
const MOST_WORK: f64 = 1e12;

/// Refuses a folder that would keep the machine busy for a long time, because it may come from an unknown source.
fn bounded(work: &command_line::Work) -> Result<(), Exit> {
    if work.size() <= MOST_WORK {
        return Ok(());
    }
    let days = |per_second: f64| work.size() / per_second / 86_400.0;
    let days = match (days(1e9), days(5e7)) {
        (fast, slow) if slow < 2.0 => format!("{:.1} to {:.0} hours", 24.0 * fast, 24.0 * slow),
        (fast, slow) => format!("{fast:.1} to {slow:.0} days"),
    };
    let draws = match work.draws {
        1 => String::new(),
        draws => format!("{} draws of ", arcosim_core::words::grouped(draws)),
    };
    Err(Exit::Usage(format!(
        "the {MARK} asks for {draws}{} patients over {} cycles of its strategies, about {days} of one processor; nothing was run.\n\
        If you trust the source of the folder and want to wait, run again with --allow-long.",
        arcosim_core::words::grouped(work.patients),
        arcosim_core::words::grouped(work.cycles),
    )))
}

/// Runs the command line in a child process of this program, so that a failure of the command can be reported.
fn rerun(args: &ReproduceArgs, before: &Recorded, work: &Path, stop: &AtomicBool) -> Result<(), Exit> {
    let failed = |error: std::io::Error| Exit::System(format!("arcosim could not be started again: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command
        .current_dir(work)
        .args(&before.command_line)
        .args(["--out", AGAIN])
        // Only the inputs may be read, even if the original command was allowed a wider root.
        .args(["--root", INPUTS])
        // This process keeps the other end of the pipe, so the child stops if this process is killed.
        .arg("--tied")
        .stdin(Stdio::piped());
    if let Some(threads) = args.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    // The results that the child process prints are not needed; its progress is still shown on stderr.
    command.stdout(Stdio::null());
    if let Some(gigabytes) = memory_asked() {
        command.args(["--memory", &gigabytes.to_string()]);
    }
    if args.quiet {
        command.arg("--quiet");
    }
    let mut child = command.spawn().map_err(failed)?;
    let status = loop {
        if stop.load(Ordering::Relaxed) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Exit::Interrupted);
        }
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let said = |text: &str| Exit::Usage(format!("{text}: {}", command_line::typed(&before.command_line)));
    match status.code() {
        // Exit code 1 means that the results were written, but a check of the results failed.
        Some(0 | 1) => Ok(()),
        Some(130) => Err(Exit::Interrupted),
        Some(3) => Err(Exit::System("the command could not be run again; see above".into())),
        Some(4) | None => Err(Exit::Internal("the command failed when it was run again".into())),
        Some(_) => Err(said("this command cannot be run again; see above")),
    }
}

/// Text with the result of the comparison.
fn summary(compared: &Compared, added: &[String]) -> String {
    let mut text = format!("{} of {} files are the same, byte for byte\n", compared.same, compared.all);
    for finding in compared.findings.iter().take(LISTED) {
        text.push_str(&format!("  {finding}\n"));
    }
    if compared.findings.len() > LISTED {
        text.push_str(&format!("  and {} more\n", compared.findings.len() - LISTED));
    }
    if !added.is_empty() {
        let named: Vec<String> =
            added.iter().take(NAMED).map(|name| arcosim_core::words::printable(name)).collect();
        let more = added.len() - named.len();
        text.push_str(&format!(
            "not compared, because no run wrote it: {}{}\n",
            named.join(", "),
            match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            }
        ));
    }
    text
}

/// Copies the new run to the user's folder, completely or not at all.
fn copy(from: &Path, recorded: &Recorded, to: &Path) -> Result<(), Exit> {
    let folder = Partial::begin(to)?;
    for name in recorded.files.keys() {
        if let Some(bytes) = bytes(from, name, u64::MAX - 1)? {
            folder.write(name, &bytes)?;
        }
    }
    Ok(folder.finish()?)
}
