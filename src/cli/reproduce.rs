//! `arcosim reproduce`: runs a folder's command again from the inputs that the folder holds, and compares every file.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::args::Reproduce as Args;
use super::work::{interruptible, memory_asked, unwritten};
use super::{Exit, again, print};
use crate::output::bundle::{HOW_TO, unpack};
use crate::output::compared::{Compared, compare};
use crate::output::recorded::{Recorded, Unusable, bytes};
use crate::output::{self, FileError, INPUTS, MARK, Partial, formats};
use crate::scenario::diagnostic::render;
use crate::scenario::load_text;

/// Findings that are listed one by one.
const LISTED: usize = 40;
/// Added files that are named.
const NAMED: usize = 10;
/// Where an archive is unpacked in the temporary folder.
const UNPACKED: &str = "unpacked";
/// Where the command writes in the temporary folder.
const AGAIN: &str = "again";

/// Runs a folder again and compares.
pub fn reproduce(args: &Args) -> Exit {
    match run(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn run(args: &Args) -> Result<Exit, Exit> {
    let stop = interruptible();
    let work = Temporary::new().map_err(files)?;
    let folder = source(&args.folder, &work.0, stop)?;
    keepable(args, &folder)?;
    let before = Recorded::read(&folder).map_err(unusable)?;
    let remarks = remarks(&before);
    let altered = before.altered(&folder, before.inputs.keys()).map_err(files)?;
    if !altered.is_empty() {
        let mut text = remarks;
        text.push_str("the inputs are not those of the results; nothing was run again:\n");
        for (name, what) in altered {
            text.push_str(&format!("  {} {what}\n", arcosim_core::words::printable(name)));
        }
        return Ok(findings(print(&text)));
    }
    inputs(args, &before, &folder, &work.0)?;
    rerun(args, &before, &work.0, stop)?;
    let target = work.0.join(AGAIN);
    let after = Recorded::read(&target).map_err(unusable)?;
    let compared = compare((&folder, &before), (&target, &after)).map_err(files)?;
    if stop.load(Ordering::Relaxed) {
        return Err(Exit::Interrupted);
    }
    let mut added = before.added(&folder).map_err(files)?;
    added.retain(|name| name != HOW_TO && !after.files.contains_key(name));
    added.extend(beside(&work.0.join(UNPACKED), &folder).map_err(files)?);
    let mut text = remarks;
    text.push_str(&told(&compared, &added));
    if let Some(keep) = &args.keep {
        copy(&target, &after, keep)?;
        text.push_str(&format!("The new run is in {}\n", keep.display()));
    }
    let written = print(&text);
    Ok(match compared.findings.is_empty() {
        true => written,
        false => findings(written),
    })
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
    unpack(path, &into, stop).map_err(unusable)
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
fn keepable(args: &Args, folder: &Path) -> Result<(), Exit> {
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
    output::refuse_foreign(keep).map_err(files)
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
fn inputs(args: &Args, before: &Recorded, folder: &Path, work: &Path) -> Result<(), Exit> {
    let reads = again::reads(&before.command_line).map_err(|why| {
        let line = again::typed(&before.command_line);
        Exit::Usage(format!(
            "the {MARK} holds a command line that cannot be run again, {line}: {}",
            arcosim_core::words::printable(&why)
        ))
    })?;
    let texts = before.texts(folder).map_err(unusable)?;
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
            bounded(&again::work(&before.command_line, &scenario).map_err(Exit::Usage)?)?;
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
            files(FileError { doing: format!("cannot write `{}`", path.display()), error: Some(error) })
        })?;
    }
    Ok(())
}

/// Cycles of patients that are run without a question. A processor does between 50 (a model with clocks) and 1000 million
/// (three states) a second, so that this is the work of a quarter of an hour to six hours.
const MOST_WORK: f64 = 1e12;

/// Refuses a folder whose numbers would keep this machine busy for days: it may come from a stranger.
fn bounded(work: &again::Work) -> Result<(), Exit> {
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
fn rerun(args: &Args, before: &Recorded, work: &Path, stop: &AtomicBool) -> Result<(), Exit> {
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
    let said = |text: &str| Exit::Usage(format!("{text}: {}", again::typed(&before.command_line)));
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
    let folder = Partial::begin(to).map_err(files)?;
    for name in recorded.files.keys() {
        if let Some(bytes) = bytes(from, name, u64::MAX - 1).map_err(files)? {
            folder.write(name, &bytes).map_err(files)?;
        }
    }
    folder.finish().map_err(files)
}

/// The end of a command that has told of findings.
fn findings(written: Exit) -> Exit {
    match written {
        Exit::Done => Exit::Findings,
        other => other,
    }
}

/// How a command ends that cannot take up a folder.
pub fn unusable(why: Unusable) -> Exit {
    match why {
        Unusable::Foreign(text) => Exit::Usage(text),
        Unusable::File(error) => files(error),
        Unusable::Stopped => Exit::Interrupted,
    }
}

fn files(error: FileError) -> Exit {
    unwritten(error.into())
}

/// How the folders begin in which folders are run again; then come the process and a number.
const WORK: &str = "arcosim-reproduce-";

/// The file in such a folder that is locked while it is used.
const LOCK: &str = ".lock";

/// A folder that vanishes in the end. The file in it is locked: the system lets go of it when we end.
struct Temporary(PathBuf, Option<File>);

/// Removes the folders of reproductions that were killed.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(WORK));
        let id = id.and_then(|rest| rest.split_once('-')).map_or("", |(id, _)| id);
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // The number of a process means nothing to another machine or container that shares the folder; a lock does.
        let lock = || File::open(entry.path().join(LOCK));
        let free = || lock().map_or_else(|_| true, |file| file.try_lock().is_ok());
        if folder && output::gone(id) && free() {
            // Somebody else's is theirs to remove.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Temporary {
    /// Creates a folder that nobody else has.
    fn new() -> Result<Temporary, FileError> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let base = std::env::temp_dir();
        sweep(&base);
        loop {
            let n = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = base.join(format!("{WORK}{}-{n}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => {
                    let lock = File::create(path.join(LOCK)).ok();
                    let locked = lock.filter(|file| file.try_lock().is_ok());
                    return Ok(Temporary(path, locked));
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && n < 1000 => {}
                Err(error) => {
                    return Err(FileError {
                        doing: format!("cannot create the folder `{}`", path.display()),
                        error: Some(error),
                    });
                }
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Some systems remove no folder that is open.
        self.1 = None;
        if let Err(error) = fs::remove_dir_all(&self.0) {
            let _ = writeln!(std::io::stderr(), "`{}` could not be removed: {error}", self.0.display());
        }
    }
}
