//! Temporary working folder that is removed on drop or, after a crash, by the next run.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::folder::{FileError, gone};

/// Prefix of the folder's name, followed by the process id and a number.
const WORK: &str = "arcosim-reproduce-";

/// Name of the file that is locked while the folder is in use.
const LOCK: &str = ".lock";

/// A folder that is removed on drop. The folder contains a locked file; the system releases the lock when the process ends.
pub struct Temporary {
    /// Path of the folder.
    pub path: PathBuf,
    lock: Option<File>,
}

/// Removes temporary folders left by processes that were killed.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(WORK));
        let id = id.and_then(|rest| rest.split_once('-')).map_or("", |(id, _)| id);
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // The lock is checked in addition to the process id, because a process on another machine or in another container that
        // shares the folder has an id that is unknown here.
        let lock = || File::open(entry.path().join(LOCK));
        let free = || lock().map_or_else(|_| true, |file| file.try_lock().is_ok());
        if folder && gone(id) && free() {
            // Errors are ignored, because folders of other users cannot be removed and need not be.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Temporary {
    /// Creates a folder whose name no other process uses.
    pub fn new() -> Result<Temporary, FileError> {
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
                    return Ok(Temporary { path, lock: locked });
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
        // The lock file must be closed first, because some systems do not remove a folder with open files.
        self.lock = None;
        if let Err(error) = fs::remove_dir_all(&self.path) {
            let _ = writeln!(std::io::stderr(), "`{}` could not be removed: {error}", self.path.display());
        }
    }
}
