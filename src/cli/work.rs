//! What commands that compute have in common: threads, a folder to write, an end by Ctrl-C.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Exit;
use crate::output::{self, WriteError};

/// Memory that a run may take, in bytes, where the user says so (`--memory`).
static MEMORY: OnceLock<f64> = OnceLock::new();

/// Takes the memory, in gigabytes, that this command may use.
pub fn allow(memory: Option<f64>) {
    if let Some(gigabytes) = memory {
        // A command has one command line.
        let _ = MEMORY.set(gigabytes * 1e9);
    }
}

/// The threads of a run. A system that is short of memory, or limits the threads of a user, may refuse them.
pub fn pool(threads: Option<u16>) -> Result<rayon::ThreadPool, Exit> {
    // 0 leaves the number to the machine: one for each core.
    let wanted = threads.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(wanted).build();
    pool.map_err(|error| {
        Exit::System(format!(
            "the {}threads of this run could not be started: {error}\n\
             The system refuses so many; nothing was written. Run again with fewer, for example --threads {}: the \
             results do not depend on their number.",
            threads.map_or(String::new(), |n| format!("{n} ")),
            if wanted > 8 { 4 } else { 1 }
        ))
    })
}

/// The folder to write: the one that was asked for, or `output/<name>`; refused if it holds what no run wrote.
pub fn folder(out: Option<&Path>, name: &str) -> Result<PathBuf, Exit> {
    let target = out.map_or_else(|| PathBuf::from("output").join(name), Path::to_path_buf);
    if target.file_name().is_none() {
        return Err(Exit::Usage("--out must name a folder to create".into()));
    }
    output::refuse_foreign(&target).map_err(|error| Exit::System(error.to_string()))?;
    Ok(target)
}

/// How a command ends that could not write its folder.
pub fn unwritten(error: WriteError) -> Exit {
    match error {
        WriteError::File(error) => Exit::System(error.to_string()),
        WriteError::Stopped => Exit::Interrupted,
        WriteError::Figure(text) => Exit::Internal(text),
    }
}

/// A flag that Ctrl-C sets.
pub fn interruptible() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    // Without a handler (there is already one, in a test) Ctrl-C ends the program at once, as it always did.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    &STOP
}
