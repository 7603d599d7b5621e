//! The output folder appears whole or not at all: files are written into a hidden folder beside it, which takes
//! its place in the end, in one step where the system has one. Only a folder that an earlier run wrote is ever replaced,
//! and what others put into it stays. Who writes beside another waits for its turn, and clears away what runs left behind
//! that were killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};

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

/// Where a path leads that may be a link: results land in the folder that a link names, and the link stays. What is no
/// link comes back as it is. A link that leads nowhere is refused: the disk that it names may not be there today, and
/// neither it nor a folder in its place is what the user means.
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
                 Create what it leads to, or name another place with --out",
                target.display(),
                leads.display()
            ),
            error: None,
        }
    })
}

/// The folder of this command as it was found, with [`written_when`]. A command writes one folder.
static FOUND: OnceLock<(PathBuf, Option<Written>)> = OnceLock::new();

/// Says why `target` must not be replaced, if it must not. A run asks before it computes anything.
pub fn refuse_foreign(target: &Path) -> Result<(), FileError> {
    let resolved = resolved(target)?;
    if resolved.is_file() && resolved != target {
        return Err(FileError {
            doing: format!(
                "`{}` is a link to the file `{}`, and results are a folder; nothing was written.\n\
                 Name another folder with --out",
                target.display(),
                resolved.display()
            ),
            error: None,
        });
    }
    // What stands there before anything is computed, to know later whether another run wrote in between.
    let _ = FOUND.set((resolved, written_when(target)));
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

/// In a folder under construction, the sign that it is ours; a folder that is done has [`MARK`] instead.
const UNFINISHED: &str = ".arcosim-unfinished";

/// A folder under construction; dropped unfinished, it vanishes.
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    /// Names of the files written so far, each with its SHA-256.
    written: Mutex<BTreeMap<String, String>>,
    finished: bool,
    /// Whether another run wrote the folder since this one began.
    overtaken: bool,
    /// Held until the folder stands, so that two runs into one folder come one after the other.
    _turn: Option<File>,
}

impl Partial {
    /// Begins the folder that will become `target`.
    pub fn begin(target: &Path) -> Result<Partial, FileError> {
        refuse_foreign(target)?;
        // A link stays: the exchange happens where it leads.
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

    /// Writes a file; `name` may hold folders, with `/`. Safe to call from several threads.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.path.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed("cannot create the folder", folder))?;
        }
        fs::write(&path, bytes).map_err(failed("cannot write", &self.target.join(name)))?;
        self.names().insert(name.to_string(), sha256(bytes));
        Ok(())
    }

    /// Names of the files written so far, sorted, so that threads do not show.
    pub fn written(&self) -> Vec<String> {
        self.names().keys().cloned().collect()
    }

    /// The SHA-256 of the files written so far, by name.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.names().clone()
    }

    fn names(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        // A table of names is whole even if a thread that held it has panicked.
        self.written.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Puts the folder in its place, and the one that was there away, but for what others had put into it.
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
            // The last one wins, and only it can tell.
            let _ = writeln!(
                std::io::stderr(),
                "another run wrote `{}` in the meantime; its results were replaced by those of this run",
                arcosim_core::words::printable(&self.target.display().to_string())
            );
        }
        clear(&old)
    }

    /// Takes over what no run wrote. The old folder keeps it too until it goes, so that nothing is lost if we are
    /// stopped in between.
    fn keep_foreign(&self) -> Result<(), FileError> {
        let ours = listed(&self.target);
        for name in contents(&self.target)?.difference(&ours) {
            let (from, to) = (self.target.join(name), self.path.join(name));
            // The new run wrote this very file.
            if to.is_file() {
                continue;
            }
            let parent = to.parent().unwrap_or(&self.path);
            fs::create_dir_all(parent)
                .and_then(|()| link_or_copy(&from, &to))
                .map_err(failed("nothing was replaced, as we cannot keep", &from))?;
        }
        Ok(())
    }
}

/// The files that the last run says it wrote; none if it is too old to say.
fn listed(folder: &Path) -> BTreeSet<PathBuf> {
    let manifest = fs::read(folder.join(MARK)).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let files = manifest["files"].as_array().into_iter().flatten();
    files.filter_map(|name| name.as_str()).map(PathBuf::from).collect()
}

/// Files and empty folders below `folder`, as seen from it.
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
            // A link to a folder is not followed: what it leads to is not in here.
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

/// A second name for a file costs nothing and keeps its date; some file systems can only copy.
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

/// The hidden folder beside `target` that belongs to this process and serves this purpose.
fn hidden(target: &Path, purpose: &str) -> PathBuf {
    target.with_file_name(format!("{}{}", hidden_name(target, purpose), std::process::id()))
}

fn hidden_name(target: &Path, purpose: &str) -> String {
    let name = target.file_name().map_or("output".into(), |n| n.to_string_lossy());
    format!(".{name}.{purpose}-")
}

/// Longest wait for somebody else who writes into the same folder of folders; writing takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until nobody else writes beside `target`: a lock on the folder that holds both. None where the system cannot
/// lock a folder.
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
                        "another run has been writing beside `{}` for two minutes; nothing was written.\n\
                         Run again when it is done, or name a folder elsewhere with --out",
                        target.display()
                    ),
                    error: None,
                });
            }
            Err(fs::TryLockError::Error(_)) => return Ok(None),
        }
    }
}

/// Removes what runs left behind that were killed while they wrote `target`. Whoever has the turn knows that no other run
/// is alive there. The folder that a run had moved away when it was killed comes back.
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

/// Removes what killed runs left behind beside `target`, whatever they were to write, and names it. Only folders that are
/// ours by their name and by what is in them, whose process is no more, while nobody else writes there.
pub fn sweep(target: &Path) -> Vec<PathBuf> {
    let Ok(target) = resolved(target) else {
        return Vec::new();
    };
    let parent = parent(&target);
    let Ok(folder) = File::open(parent) else {
        return Vec::new();
    };
    // The next run will do it.
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

/// Whether the process of this number is known to run no more; false where the system does not say.
pub fn gone(id: &str) -> bool {
    let number = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    let processes = Path::new("/proc");
    number && processes.join("self").exists() && !processes.join(id).exists()
}

/// When a manifest was written, and its bytes.
type Written = (SystemTime, Vec<u8>);

/// When the manifest of a folder was written, and what it says: another run leaves another.
fn written_when(folder: &Path) -> Option<Written> {
    let manifest = folder.join(MARK);
    let when = fs::metadata(&manifest).and_then(|there| there.modified()).ok()?;
    Some((when, fs::read(manifest).ok()?))
}

/// Puts the folder `new` in the place of the folder `target`; returns where the replaced one now is.
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

/// Exchanges two folders in one step, so that there is no moment at which neither stands in its place; false where the
/// system cannot.
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

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The error of doing this to a path.
pub fn failed(doing: &str, path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
    let doing = format!("{doing} `{}`", path.display());
    |error| FileError { doing, error: Some(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test, removed in the end.
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

    /// What a run of any version does: its files, and last the manifest that lists them.
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
        // The user's file stands where a run needs a folder: neither may win in silence.
        put(&target, "patients");
        let refused = run(&target, &["patients/c.csv"], true).unwrap_err().to_string();
        assert!(refused.contains("nothing was replaced"), "{refused}");
        fs::remove_file(target.join("patients")).unwrap();
        assert_eq!(names(&target), before);
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
    }
}
