//! The output folder appears whole or not at all: files are written into a hidden folder beside it, which takes
//! its place in the end. Only a folder that an earlier run wrote is ever replaced.

use std::fs;
use std::path::{Path, PathBuf};

/// What went wrong with a file.
#[derive(Debug)]
pub struct FileError {
    /// What we tried, as a sentence that ends in the path.
    pub doing: String,
    /// What the system said; none if it is our own refusal.
    pub error: Option<std::io::Error>,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match &self.error {
            Some(error) => write!(f, "{}: {error}", self.doing),
            None => write!(f, "{}", self.doing),
        }
    }
}

impl std::error::Error for FileError {}

/// The file by which a folder is known as ours.
pub const MARK: &str = "manifest.json";

/// Says why `target` must not be replaced, if it must not. A run asks before it computes anything.
pub fn refuse_foreign(target: &Path) -> Result<(), FileError> {
    let ours = target.join(MARK).is_file();
    let empty = || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if ours || !target.exists() || target.is_dir() && empty() {
        return Ok(());
    }
    Err(FileError {
        doing: format!(
            "`{0}` exists and was not written by arcosim (it has no {MARK}); nothing in it was touched.\n\
             Name another folder with --out, or move `{0}` away",
            target.display()
        ),
        error: None,
    })
}

/// A folder under construction; dropped unfinished, it vanishes.
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Partial {
    /// Begins the folder that will become `target`.
    pub fn begin(target: &Path) -> Result<Partial, FileError> {
        refuse_foreign(target)?;
        let name = target
            .file_name()
            .map_or("output".into(), |n| n.to_string_lossy());
        let path = beside(target, &format!(".{name}.partial-{}", std::process::id()));
        let partial = Partial {
            target: target.to_path_buf(),
            path,
            finished: false,
        };
        clear(&partial.path)?;
        fs::create_dir_all(&partial.path).map_err(failed("cannot create the folder", &partial.path))?;
        Ok(partial)
    }

    /// Writes a file; `name` may hold folders, with `/`. Safe to call from several threads.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("cannot create the folder", folder))?;
        }
        fs::write(&path, bytes).map_err(failed("cannot write", &self.target.join(name)))
    }

    /// Puts the folder in its place, and the one that was there away.
    pub fn finish(mut self) -> Result<(), FileError> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let old = beside(&self.target, &name.replace(".partial-", ".old-"));
        let replaces = self.target.exists();
        if replaces {
            clear(&old)?;
            fs::rename(&self.target, &old).map_err(failed("cannot replace", &self.target))?;
        }
        if let Err(error) = fs::rename(&self.path, &self.target) {
            if replaces {
                let _ = fs::rename(&old, &self.target);
            }
            return Err(failed("cannot create the folder", &self.target)(error));
        }
        self.finished = true;
        if replaces { clear(&old) } else { Ok(()) }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn beside(target: &Path, name: &str) -> PathBuf {
    target.with_file_name(name)
}

fn clear(path: &Path) -> Result<(), FileError> {
    match path.exists() {
        true => fs::remove_dir_all(path).map_err(failed("cannot remove", path)),
        false => Ok(()),
    }
}

fn failed(doing: &str, path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
    let doing = format!("{doing} `{}`", path.display());
    |error| FileError {
        doing,
        error: Some(error),
    }
}
