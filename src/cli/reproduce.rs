//! `arcosim reproduce`: runs a folder's command again from the inputs that the folder holds, and compares every file.

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
    /// Folder that a command has written, its manifest.json, or an archive of it
    folder: PathBuf,
    /// Run it however long it takes; without this, work of more than some hours is refused
    #[arg(long)]
    allow_long: bool,
    /// Keep the new run in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Threads to use (the results do not depend on it); default: all cores
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    threads: Option<u16>,
    /// No progress: only the result of the comparison
    #[arg(long, short)]
    quiet: bool,
}

/// Findings that are listed one by one.
const LISTED: usize = 40;
/// Added files that are named.
const NAMED: usize = 10;
/// Where an archive is unpacked in the temporary folder.
const UNPACKED: &str = "unpacked";
/// Where the command writes in the temporary folder.
const AGAIN: &str = "again";

/// Runs a folder again and compares.
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
        text.push_str("the inputs are not those of the results; nothing was run again:\n");
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
    text.push_str(&told(&compared, &added));
    if let Some(keep) = &args.keep {
        copy(&target, &after, keep)?;
        text.push_str(&format!("The new run is in {}\n", keep.display()));
    }
    Ok(print(&text).or_findings(compared.findings.is_empty()))
}

/// The folder that a path means: itself, that of its manifest, or what an archive holds.
fn source(path: &Path, work: &Path, stop: &AtomicBool) -> Result<PathBuf, Exit> {
    if path.is_dir() {
        return Ok(path.to_path_buf());
    }
    if path.file_name().is_some_and(|name| name == MARK) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        return Ok(folder.unwrap_or(Path::new(".")).to_path_buf());
    }
    // A pipe or a device would wait, or never end.
    if !path.is_file() {
        return Err(Exit::System(format!("there is no folder or archive `{}`", path.display())));
    }
    let into = work.join(UNPACKED);
    Ok(unpack(path, &into, stop)?)
}

/// What an archive holds beside its folder of results; nothing where there was no archive.
fn beside(unpacked: &Path, folder: &Path) -> Result<Vec<String>, FileError> {
    let Ok(results) = folder.strip_prefix(unpacked) else {
        return Ok(Vec::new());
    };
    let all = output::contents(unpacked)?;
    let others = all.iter().filter(|name| !name.starts_with(results));
    Ok(others.map(|name| format!("{} (beside the folder)", name.display())).collect())
}

/// A run that is kept must not take the place of the folder that it is compared with.
fn keepable(args: &ReproduceArgs, folder: &Path) -> Result<(), Exit> {
    let Some(keep) = &args.keep else { return Ok(()) };
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    if let (Ok(keep), Ok(folder)) = (whole(keep), whole(folder))
        && keep.starts_with(&folder)
    {
        return Err(Exit::Usage("--keep names the folder itself, or one in it; name another".into()));
    }
    if keep.file_name().is_none() {
        return Err(Exit::Usage("--keep must name a folder to create".into()));
    }
    Ok(output::refuse_foreign(keep)?)
}

/// What may explain a difference from the outset.
fn remarks(before: &Recorded) -> String {
    let mut text = String::new();
    let own = env!("CARGO_PKG_VERSION");
    if before.version != own {
        text.push_str(&format!(
            "written by arcosim {}, run again by arcosim {own}: the versions may be all that differs\n",
            arcosim_core::words::printable(&before.version)
        ));
    }
    if before.figures.iter().map(String::as_str).ne(formats().iter().copied()) {
        text.push_str(&format!(
            "its figures are {}, those of this program {}: it was built with other features\n",
            arcosim_core::words::printable(&before.figures.join(" and ")),
            formats().join(" and ")
        ));
    }
    text
}

/// Copies the inputs, after a look at whether they name any file that is not one of them: nothing else is read.
fn inputs(args: &ReproduceArgs, before: &Recorded, folder: &Path, work: &Path) -> Result<(), Exit> {
    let reads = command_line::reads(&before.command_line).map_err(|why| {
        let line = command_line::typed(&before.command_line);
        Exit::Usage(format!(
            "the {MARK} holds a command line that cannot be run again, {line}: {}",
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
                "{}\nthe inputs in `{INPUTS}/` alone make no scenario that can be run",
                text.trim_end()
            )));
        };
        if !args.allow_long {
            bounded(&command_line::work(&before.command_line, &scenario).map_err(Exit::Usage)?)?;
        }
        // Only a run reads them; the other commands have not kept them.
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

/// Cycles of patients that are run without a question. A processor does between 50 (a model with clocks) and 1000 million
/// (three states) a second, so that this is the work of a quarter of an hour to six hours.
const MOST_WORK: f64 = 1e12;

/// Refuses a folder whose numbers would keep this machine busy for days: it may come from a stranger.
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
         If you know where the folder comes from and want to wait, run again with --allow-long.",
        arcosim_core::words::grouped(work.patients),
        arcosim_core::words::grouped(work.cycles),
    )))
}

/// Runs the command line by a program of its own, which is this one: whatever becomes of it, we go on to tell.
fn rerun(args: &ReproduceArgs, before: &Recorded, work: &Path, stop: &AtomicBool) -> Result<(), Exit> {
    let failed = |error: std::io::Error| Exit::System(format!("arcosim could not be started again: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command
        .current_dir(work)
        .args(&before.command_line)
        .args(["--out", AGAIN])
        // The original may have been allowed to read more widely; here it is all below this folder.
        .args(["--root", INPUTS])
        // We hold the other end: when we are killed, it ends too.
        .arg("--tied")
        .stdin(Stdio::piped());
    if let Some(threads) = args.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    // Its progress is ours; what it prints of the results is not asked for.
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
        // 1 is a finding about the results, which have been written.
        Some(0 | 1) => Ok(()),
        Some(130) => Err(Exit::Interrupted),
        Some(3) => Err(Exit::System("the command could not be run again; see above".into())),
        Some(4) | None => Err(Exit::Internal("the command failed when it was run again".into())),
        Some(_) => Err(said("this command cannot be run again; see above")),
    }
}

/// What came of it, for people.
fn told(compared: &Compared, added: &[String]) -> String {
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
            "not compared, as no run wrote it: {}{}\n",
            named.join(", "),
            match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            }
        ));
    }
    text
}

/// Puts the new run where the user wants it, whole or not at all.
fn copy(from: &Path, recorded: &Recorded, to: &Path) -> Result<(), Exit> {
    let folder = Partial::begin(to)?;
    for name in recorded.files.keys() {
        if let Some(bytes) = bytes(from, name, u64::MAX - 1)? {
            folder.write(name, &bytes)?;
        }
    }
    Ok(folder.finish()?)
}
