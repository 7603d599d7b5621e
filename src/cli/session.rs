//! Functions shared by all commands that run an analysis: memory limit, threads, output folder and Ctrl-C.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::args::Output;
use super::progress::Progress;
use super::{Exit, complain, print};
use crate::analysis::limits::MOST_MEMORY;
use crate::analysis::{Observer, Session};
use crate::output::{self, Report, write_report};
use crate::scenario::Scenario;

/// Memory limit in bytes, if given with `--memory`.
static MEMORY: OnceLock<f64> = OnceLock::new();

/// Sets the memory limit, in gigabytes.
pub fn allow(memory: Option<f64>) {
    if let Some(gigabytes) = memory {
        // The limit is set only once, because a process has only one command line.
        let _ = MEMORY.set(gigabytes * 1e9);
    }
}

/// Memory limit in bytes: the user's limit, otherwise three quarters of the machine's memory and at most
/// [`MOST_MEMORY`].
pub fn memory() -> f64 {
    let of_machine = || machine().map_or(MOST_MEMORY, |bytes| MOST_MEMORY.min(0.75 * bytes));
    MEMORY.get().copied().unwrap_or_else(of_machine)
}

/// Memory limit given by the user, in gigabytes.
pub fn memory_asked() -> Option<f64> {
    MEMORY.get().map(|bytes| bytes / 1e9)
}

/// Memory of the machine in bytes, if the system reports it.
fn machine() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes = line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()?;
    Some(1024.0 * kilobytes)
}

/// Session of an analysis: stop flag, memory limit and progress output.
pub fn session(progress: &Progress) -> Session<'_> {
    Session { stop: interruptible(), memory: memory(), observer: progress }
}

/// Writes the folder of results of an analysis, and reports the number of files.
pub fn write(report: Report, target: &Path, progress: &Progress) -> Result<(), Exit> {
    let began = Instant::now();
    let files = write_report(report, target, interruptible())?;
    progress.say("Wrote", &format!("{files} files in {:.2} s", began.elapsed().as_secs_f64()));
    Ok(())
}

/// Prints the tables of an analysis (unless quiet), and the path of the file to open.
pub fn printed(quiet: bool, tables: impl FnOnce() -> String, target: &Path, file: &str) -> Exit {
    let mut text = if quiet { String::new() } else { tables() };
    text.push_str(&format!("Open {}\n", target.join(file).display()));
    print(&text)
}

/// Starts the threads of a run. The operating system may refuse threads if memory is short or the threads of a user are
/// limited.
pub fn pool(threads: Option<u16>) -> Result<rayon::ThreadPool, Exit> {
    // 0 means one thread per core.
    let wanted = threads.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(wanted).build();
    pool.map_err(|error| {
        Exit::System(format!(
            "could not start the {}threads of this run: {error}\n\
            The system refuses this many; nothing was written. Run again with fewer, for example --threads {}: the \
            results do not depend on the number of threads.",
            threads.map_or(String::new(), |n| format!("{n} ")),
            if wanted > 8 { 4 } else { 1 }
        ))
    })
}

/// Output folder: the folder given with `--out`, otherwise `output/<name>`. The folder is refused if it contains files
/// that arcosim did not write, or (for the default name) results of other scenarios.
pub fn folder(output: &Output, name: &str, scenarios: &[&Scenario]) -> Result<PathBuf, Exit> {
    let out = output.out.as_deref();
    let target = out.map_or_else(|| PathBuf::from("output").join(name), Path::to_path_buf);
    if target.file_name().is_none() {
        return Err(Exit::Usage("--out must name a folder to create".into()));
    }
    output::refuse_foreign(&target).map_err(|error| Exit::System(error.to_string()))?;
    if out.is_none()
        && let Some(other) = output::of_another(&target, scenarios)
    {
        return Err(Exit::Usage(format!(
            "`{0}` contains the results of another scenario (\"{other}\"), which would be replaced. Nothing was run.\n\
            Name another folder with --out, for example --out {0}-2; to replace those results: --out {0}",
            target.display()
        )));
    }
    for left in output::sweep(&target) {
        complain(&format!("removed `{}`, left behind by a run that was killed", left.display()));
    }
    Ok(target)
}

/// Stop flag, which Ctrl-C sets.
pub fn interruptible() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    // Only the first call can set the handler, and errors of later calls are ignored. If no handler can be set (in a
    // test), Ctrl-C ends the program at once.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    &STOP
}

/// Ends this program when its stdin closes. The parent process keeps the other end of the pipe, and the system closes
/// the pipe when the parent ends for any reason, even if the parent is killed.
pub fn end_with_stdin() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        std::process::exit(130);
    });
}
