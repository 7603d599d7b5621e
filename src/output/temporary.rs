//! A folder for work in progress that vanishes in the end.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::folder::{FileError, gone};

/// How the folders begin in which folders are run again; then come the process and a number.
const WORK: &str = "arcosim-reproduce-";

/// The file in such a folder that is locked while it is used.
const LOCK: &str = ".lock";

/// A folder that vanishes in the end. The file in it is locked: the system lets go of it when we end.
pub struct Temporary {
    /// Where it is.
    pub path: PathBuf,
    lock: Option<File>,
}

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
        if folder && gone(id) && free() {
            // Somebody else's is theirs to remove.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Temporary {
    /// Creates a folder that nobody else has.
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
        // Some systems remove no folder that is open.
        self.lock = None;
        if let Err(error) = fs::remove_dir_all(&self.path) {
            let _ = writeln!(std::io::stderr(), "`{}` could not be removed: {error}", self.path.display());
        }
    }
}
