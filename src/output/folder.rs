//! Writes the output folder atomically: files are written to a hidden folder next to it, which replaces the output folder at
//! the end, in one step if the system supports this. Only a folder written by an earlier run is ever replaced, and files added
//! by the user are kept. Runs that write to the same place wait for each other and remove the leftovers of killed runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};

/// An error while reading or writing a file or folder.
#[derive(Debug)]
pub struct FileError {
    /// The attempted action in words, ending with the path.
    pub doing: String,
    /// The error of the operating system; `None` if this program refused the action.
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

/// The name of the file that identifies a folder of results.
pub const MARK: &str = "manifest.json";

/// Follows a link: results are written to the folder that the link points to, and the link is kept. Other paths are
/// returned unchanged. A broken link is refused, because its disk may be missing only temporarily, and the results must
/// neither replace the link nor be written to a new folder in its place.
pub fn resolved(target: &Path) -> Result<PathBuf, FileError> {
    if !fs::symlink_metadata(target).is_ok_and(|there| there.is_symlink()) {
        return Ok(target.to_path_buf());
    }
    target.canonicalize().map_err(|error| {
        let leads = fs::read_link(target).unwrap_or_default();
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "which does not exist".to_string(),
            _ => format!("which cannot be reached ({error})"),
        };
        FileError {
            doing: format!(
                "`{}` is a link to `{}`, {why}; nothing was written.\n\
                Create the folder that the link points to, or name another folder with --out",
                target.display(),
                leads.display()
            ),
            error: None,
        }
    })
}

/// The target folder and the state of its manifest ([`written_when`]) at the start of the command; a command writes one folder.
static FOUND: OnceLock<(PathBuf, Option<Written>)> = OnceLock::new();

/// Refuses a `target` that must not be replaced. This check precedes any computation.
pub fn refuse_foreign(target: &Path) -> Result<(), FileError> {
    let resolved = resolved(target)?;
    if resolved.is_file() && resolved != target {
        return Err(FileError {
            doing: format!(
                "`{}` is a link to the file `{}`, but results need a folder; nothing was written.\n\
                Name another folder with --out",
                target.display(),
                resolved.display()
            ),
            error: None,
        });
    }
    // The state before the computation is stored, to detect later whether another run has written the folder in the meantime.
    let _ = FOUND.set((resolved, written_when(target)));
    let ours = target.join(MARK).is_file();
    let empty = || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if ours || !target.exists() || target.is_dir() && empty() {
        return Ok(());
    }
    Err(FileError {
        doing: format!(
            "`{0}` exists and was not written by arcosim (it has no {MARK}); nothing in it was changed.\n\
            Name another folder with --out, or move `{0}` away",
            target.display()
        ),
        error: None,
    })
}

/// Name of the file that identifies an unfinished folder of this program; a finished folder contains [`MARK`] instead.
const UNFINISHED: &str = ".arcosim-unfinished";

/// A folder under construction, removed on drop unless finished.
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    /// Names of the files written so far, each with its SHA-256.
    written: Mutex<BTreeMap<String, String>>,
    finished: bool,
    /// Whether another run wrote the folder after this run began.
    overtaken: bool,
    /// Lock that is kept until the folder is in place, so that two runs that write the same folder take turns.
    _turn: Option<File>,
}

impl Partial {
    /// Creates the hidden folder that will replace `target`.
    pub fn begin(target: &Path) -> Result<Partial, FileError> {
        refuse_foreign(target)?;
        // If the target is a link, the folder that the link points to is replaced and the link is kept.
        let target = &resolved(target)?;
        let parent = parent(target);
        fs::create_dir_all(parent).map_err(failed("cannot create the folder", parent))?;
        let turn = turn(target)?;
        let found = FOUND.get().filter(|(folder, _)| folder == target);
        let overtaken = found.is_some_and(|(_, before)| written_when(target) != *before);
        if turn.is_some() {
            clear_left_behind(target)?;
        }
        let path = hidden(target, "partial");
        let partial = Partial {
            target: target.to_path_buf(),
            path,
            written: Mutex::default(),
            finished: false,
            overtaken,
            _turn: turn,
        };
        clear(&partial.path)?;
        fs::create_dir_all(&partial.path).map_err(failed("cannot create the folder", &partial.path))?;
        let unfinished = partial.path.join(UNFINISHED);
        fs::write(&unfinished, "").map_err(failed("cannot write", &unfinished))?;
        Ok(partial)
    }

    /// Writes a file; `name` may contain folders, with `/` as separator. Can be called from several threads.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("cannot create the folder", folder))?;
        }
        fs::write(&path, bytes).map_err(failed("cannot write", &self.target.join(name)))?;
        self.names().insert(name.to_string(), sha256(bytes));
        Ok(())
    }

    /// Names of the files written so far, sorted so that the result does not depend on the order of threads.
    pub fn written(&self) -> Vec<String> {
        self.names().keys().cloned().collect()
    }

    /// SHA-256 of the files written so far, by name.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.names().clone()
    }

    fn names(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        // A poisoned lock is accepted: the map is consistent even after a panic in another thread, because each insertion is complete.
        self.written.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Moves the new folder to its final place, and removes the old folder except for files added by the user.
    pub fn finish(mut self) -> Result<(), FileError> {
        let unfinished = self.path.join(UNFINISHED);
        fs::remove_file(&unfinished).map_err(failed("cannot remove", &unfinished))?;
        if !self.target.exists() {
            fs::rename(&self.path, &self.target).map_err(failed("cannot create the folder", &self.target))?;
            self.finished = true;
            return Ok(());
        }
        self.keep_foreign()?;
        let old = exchange(&self.path, &self.target)?;
        self.finished = true;
        if self.overtaken {
            // Only the last run to finish can report that it has overwritten the results of another run.
            let _ = writeln!(
                std::io::stderr(),
                "another run wrote `{}` in the meantime; its results were replaced by those of this run",
                arcosim_core::words::printable(&self.target.display().to_string())
            );
        }
        clear(&old)
    }

    /// Copies files added by the user from the old to the new folder. The old folder keeps these files until it is removed, so
    /// nothing is lost if the program is stopped in between.
    fn keep_foreign(&self) -> Result<(), FileError> {
        let ours = listed(&self.target);
        for name in contents(&self.target)?.difference(&ours) {
            let (from, to) = (self.target.join(name), self.path.join(name));
            // The file of the new run is kept if both have the same name.
            if to.is_file() {
                continue;
            }
            let parent = to.parent().unwrap_or(&self.path);
            fs::create_dir_all(parent)
                .and_then(|()| link_or_copy(&from, &to))
                .map_err(failed("nothing was replaced, because the file cannot be kept:", &from))?;
        }
        Ok(())
    }
}

/// The files listed in the manifest of the last run; empty if its program version did not list files.
fn listed(folder: &Path) -> BTreeSet<PathBuf> {
    let manifest = fs::read(folder.join(MARK)).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let files = manifest["files"].as_array().into_iter().flatten();
    files.filter_map(|name| name.as_str()).map(PathBuf::from).collect()
}

/// Files and empty folders below `folder`, as relative paths.
pub fn contents(folder: &Path) -> Result<BTreeSet<PathBuf>, FileError> {
    let mut found = BTreeSet::new();
    let mut open = vec![PathBuf::new()];
    while let Some(inner) = open.pop() {
        let path = folder.join(&inner);
        let mut empty = true;
        for entry in fs::read_dir(&path).map_err(failed("cannot read the folder", &path))? {
            let entry = entry.map_err(failed("cannot read the folder", &path))?;
            let name = inner.join(entry.file_name());
            empty = false;
            // A link to a folder counts as a file and is not followed, because the linked contents are elsewhere.
            match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => open.push(name),
                false => _ = found.insert(name),
            }
        }
        if empty {
            found.insert(inner);
        }
    }
    Ok(found)
}

/// Creates a hard link, which needs no space and keeps the date; the file is copied on file systems without hard links.
fn link_or_copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if fs::symlink_metadata(from)?.is_dir() {
        return fs::create_dir_all(to);
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn parent(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// The path of this process's hidden folder next to `target`, for the given purpose.
fn hidden(target: &Path, purpose: &str) -> PathBuf {
    target.with_file_name(format!("{}{}", hidden_name(target, purpose), std::process::id()))
}

fn hidden_name(target: &Path, purpose: &str) -> String {
    let name = target.file_name().map_or("output".into(), |n| n.to_string_lossy());
    format!(".{name}.{purpose}-")
}

/// Longest wait for another run that writes to the same parent folder; writing a folder takes only seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Locks the parent folder of `target`, after waiting for any other run that writes next to `target`. `None` if the system
/// cannot lock a folder.
fn turn(target: &Path) -> Result<Option<File>, FileError> {
    let Ok(folder) = File::open(parent(target)) else {
        return Ok(None);
    };
    let began = Instant::now();
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(Some(folder)),
            Err(fs::TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(FileError {
                    doing: format!(
                        "another run has been writing next to `{}` for two minutes; nothing was written.\n\
                        Run again when it has finished, or name a folder elsewhere with --out",
                        target.display()
                    ),
                    error: None,
                });
            }
            Err(fs::TryLockError::Error(_)) => return Ok(None),
        }
    }
}

/// Removes the leftovers of runs that were killed while they wrote `target`; the lock guarantees that no other run is
/// writing. If a killed run had moved the old `target` away, the old folder is moved back.
fn clear_left_behind(target: &Path) -> Result<(), FileError> {
    let names = ["partial", "old"].map(|purpose| hidden_name(target, purpose));
    let parent = parent(target);
    let entries = fs::read_dir(parent).map_err(failed("cannot read the folder", parent))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let of = |purpose: &String| {
            let process = name.strip_prefix(purpose.as_str());
            process.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        };
        let [partial, old] = names.each_ref().map(of);
        if old && !target.exists() && entry.path().join(MARK).is_file() {
            fs::rename(entry.path(), target).map_err(failed("cannot put back", target))?;
        } else if partial || old {
            clear(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes unfinished folders of killed runs next to `target`, whatever their own target, and returns the removed paths. A
/// folder is removed only if arcosim wrote it (by name and contents), its process has ended, and no other run writes here.
pub fn sweep(target: &Path) -> Vec<PathBuf> {
    let Ok(target) = resolved(target) else {
        return Vec::new();
    };
    let parent = parent(&target);
    let Ok(folder) = File::open(parent) else {
        return Vec::new();
    };
    // If another run is writing here, the cleanup is left to a later run.
    if folder.try_lock().is_err() {
        return Vec::new();
    }
    let left = |path: &Path| {
        let name = path.file_name()?.to_str()?.strip_prefix('.')?;
        let (_, id) = name.rsplit_once(".partial-")?;
        let real = fs::symlink_metadata(path).is_ok_and(|there| there.is_dir());
        let ours = path.join(UNFINISHED).is_file() || path.join(MARK).is_file();
        (real && ours && gone(id)).then_some(())
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut removed: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| left(path).is_some() && fs::remove_dir_all(path).is_ok())
        .collect();
    removed.sort();
    removed
}

/// Whether the process with the given id is known to have ended; false if the system does not list processes.
pub fn gone(id: &str) -> bool {
    let number = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    let processes = Path::new("/proc");
    number && processes.join("self").exists() && !processes.join(id).exists()
}

/// Modification time and bytes of a manifest.
type Written = (SystemTime, Vec<u8>);

/// Modification time and contents of a folder's manifest, which change whenever another run writes the folder.
fn written_when(folder: &Path) -> Option<Written> {
    let manifest = folder.join(MARK);
    let when = fs::metadata(&manifest).and_then(|there| there.modified()).ok()?;
    Some((when, fs::read(manifest).ok()?))
}

/// Replaces the folder `target` by the folder `new`; returns the path to which the old folder was moved.
fn exchange(new: &Path, target: &Path) -> Result<PathBuf, FileError> {
    if exchanged(new, target) {
        return Ok(new.to_path_buf());
    }
    let old = hidden(target, "old");
    clear(&old)?;
    fs::rename(target, &old).map_err(failed("cannot replace", target))?;
    if let Err(error) = fs::rename(new, target) {
        let _ = fs::rename(&old, target);
        return Err(failed("cannot create the folder", target)(error));
    }
    Ok(old)
}

/// Exchanges two folders in one step, so that both names exist at every moment; false if the system does not support the
/// exchange.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn exchanged(a: &Path, b: &Path) -> bool {
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    renameat2(AT_FDCWD, a, AT_FDCWD, b, RenameFlags::RENAME_EXCHANGE).is_ok()
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn exchanged(_: &Path, _: &Path) -> bool {
    false
}

fn clear(path: &Path) -> Result<(), FileError> {
    match path.exists() {
        true => fs::remove_dir_all(path).map_err(failed("cannot remove", path)),
        false => Ok(()),
    }
}

/// SHA-256 hash of `bytes` in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Builds the error for a failed action on a path.
pub fn failed(doing: &str, path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
    let doing = format!("{doing} `{}`", path.display());
    |error| FileError { doing, error: Some(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A separate temporary folder for each test, removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let path = std::env::temp_dir().join(format!("arcosim-folder-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Scratch(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// Imitates a run: writes files, then the manifest, which lists these files if `lists` (older versions listed none).
    fn run(target: &Path, names: &[&str], lists: bool) -> Result<(), FileError> {
        let partial = Partial::begin(target)?;
        for name in names {
            partial.write(name, b"ours")?;
        }
        let list = match lists {
            true => serde_json::json!({ "files": partial.written() }),
            false => serde_json::json!({}),
        };
        partial.write(MARK, list.to_string().as_bytes())?;
        partial.finish()
    }

    fn put(target: &Path, name: &str) {
        let path = target.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "the user's").unwrap();
    }

    fn names(target: &Path) -> Vec<String> {
        let all = contents(target).unwrap();
        all.iter().map(|p| p.to_string_lossy().replace('\\', "/")).collect()
    }

    #[test]
    fn what_the_user_put_into_the_folder_stays_and_what_a_run_wrote_goes() {
        let scratch = Scratch::new("keep");
        let target = scratch.0.join("out");
        run(&target, &["a.csv", "figures/b.svg", "patients/c.csv"], true).unwrap();
        put(&target, "my_analysis.xlsx");
        put(&target, "figures/final/edited.svg");
        fs::create_dir(target.join("for later")).unwrap();
        for _ in 0..2 {
            run(&target, &["a.csv", "figures/d.svg"], true).unwrap();
            assert_eq!(
                names(&target),
                [
                    "a.csv",
                    "figures/d.svg",
                    "figures/final/edited.svg",
                    "for later",
                    "manifest.json",
                    "my_analysis.xlsx"
                ]
            );
        }
        let kept = fs::read_to_string(target.join("figures/final/edited.svg")).unwrap();
        assert_eq!(kept, "the user's");
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
    }

    #[test]
    fn without_a_list_all_stays_that_is_not_written_anew() {
        let scratch = Scratch::new("old");
        let target = scratch.0.join("out");
        run(&target, &["a.csv", "b.csv"], false).unwrap();
        put(&target, "mine.txt");
        run(&target, &["a.csv"], true).unwrap();
        assert_eq!(names(&target), ["a.csv", "b.csv", "manifest.json", "mine.txt"]);
    }

    #[test]
    fn a_run_that_does_not_finish_leaves_the_folder_as_it_was() {
        let scratch = Scratch::new("stopped");
        let target = scratch.0.join("out");
        run(&target, &["a.csv"], true).unwrap();
        put(&target, "mine.txt");
        let before = names(&target);
        let partial = Partial::begin(&target).unwrap();
        partial.write("b.csv", b"ours").unwrap();
        drop(partial);
        // The run needs a folder with the name of a user's file, and neither may replace the other silently.
        put(&target, "patients");
        let refused = run(&target, &["patients/c.csv"], true).unwrap_err().to_string();
        assert!(refused.contains("nothing was replaced"), "{refused}");
        fs::remove_file(target.join("patients")).unwrap();
        assert_eq!(names(&target), before);
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
    }
}
