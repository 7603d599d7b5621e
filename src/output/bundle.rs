//! Packs a folder of results into a zip archive, and unpacks an archive of results safely. The same folder produces the same
//! bytes: names are sorted, all times are equal, and the compressor does not depend on the processor.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use super::WriteError;
use super::folder::{FileError, MARK, failed, sha256};
use super::recorded::{Recorded, Unusable, bytes, safe};

/// Name of the file with instructions for the reviewer, which is added to the archive.
pub const HOW_TO: &str = "HOW_TO_REPRODUCE.txt";

/// Limit on the number of entries of an archive; archives written by arcosim have far fewer.
const MOST_ENTRIES: usize = 10_000;
/// Limit on the unpacked size of an archive, in bytes.
const MOST_BYTES: u64 = 2 << 30;

/// Packs the recorded files of a folder and the text `how_to` into the archive `target`, below a folder `name`. The
/// archive is written completely or not at all. An existing file is replaced only if it is an archive of results.
pub fn pack(
    (folder, recorded): (&Path, &Recorded),
    (name, how_to): (&str, &str),
    target: &Path,
    stop: &AtomicBool,
) -> Result<(), WriteError> {
    if target.exists() && !is_bundle(target) {
        return Err(WriteError::File(FileError {
            doing: format!(
                "`{}` exists and was not written by `arcosim bundle`; it was not changed. Choose another name with --out",
                target.display()
            ),
            error: None,
        }));
    }
    let file = target.file_name().unwrap_or_default().to_string_lossy();
    let partial = PartialArchive(target.with_file_name(format!(".{file}.partial-{}", std::process::id())));
    let cannot = |error: ZipError| failed("cannot write", target)(error.into());
    let file = File::create(&partial.0).map_err(failed("cannot write", &partial.0))?;
    let mut archive = ZipWriter::new(io::BufWriter::new(file));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .system(System::Unix);
    let mut size = 0;
    let mut names: Vec<&str> = recorded.files.keys().map(String::as_str).collect();
    names.push(HOW_TO);
    names.sort_unstable();
    for own in names {
        if stop.load(Ordering::Relaxed) {
            return Err(WriteError::Stopped);
        }
        let bytes = match own {
            HOW_TO => how_to.as_bytes().to_vec(),
            own => bytes(folder, own, MOST_BYTES)?.ok_or_else(|| FileError {
                doing: format!("cannot read `{}`", folder.join(own).display()),
                error: None,
            })?,
        };
        let recorded_hash = recorded.files.get(own).and_then(Option::as_deref);
        if recorded_hash.is_some_and(|recorded| recorded != sha256(&bytes)) {
            return Err(WriteError::File(FileError {
                doing: format!("`{}` changed while it was packed", folder.join(own).display()),
                error: None,
            }));
        }
        size += bytes.len() as u64;
        if size > MOST_BYTES || recorded.files.len() >= MOST_ENTRIES {
            return Err(WriteError::File(FileError {
                doing: format!(
                    "an archive can contain at most {MOST_ENTRIES} files and {} GB, because larger ones are refused when they are unpacked",
                    MOST_BYTES >> 30
                ),
                error: None,
            }));
        }
        archive.start_file(format!("{name}/{own}"), options).map_err(cannot)?;
        archive.write_all(&bytes).map_err(failed("cannot write", target))?;
    }
    let mut file = archive.finish().map_err(cannot)?;
    file.flush().map_err(failed("cannot write", target))?;
    drop(file);
    fs::rename(&partial.0, target).map_err(failed("cannot write", target))?;
    Ok(())
}

/// An unfinished archive, removed on drop unless it has been renamed.
struct PartialArchive(PathBuf);

impl Drop for PartialArchive {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn is_bundle(path: &Path) -> bool {
    let archive = path.is_file().then(|| File::open(path).ok()).flatten();
    let archive = archive.and_then(|file| ZipArchive::new(io::BufReader::new(file)).ok());
    archive.is_some_and(|archive| {
        archive.file_names().any(|name| name.as_ref().is_ok_and(|name| name.ends_with(&format!("/{MARK}"))))
    })
}

/// Unpacks an archive into the new folder `into`, and returns the unpacked folder that contains the manifest. Links, names
/// that lead outside, too many entries and too many bytes are refused, because the archive may be from an unknown source.
pub fn unpack(path: &Path, into: &Path, stop: &AtomicBool) -> Result<PathBuf, Unusable> {
    unpack_within(MOST_BYTES, path, into, stop)
}

fn unpack_within(most: u64, path: &Path, into: &Path, stop: &AtomicBool) -> Result<PathBuf, Unusable> {
    let file = File::open(path).map_err(failed("cannot read", path))?;
    let refused = |why: &str| {
        Unusable::Foreign(format!(
            "`{}` is not an archive written by `arcosim bundle`: {why}",
            path.display()
        ))
    };
    let mut archive = ZipArchive::new(io::BufReader::new(file))
        .map_err(|error| refused(&arcosim_core::words::printable(&error.to_string())))?;
    if archive.len() > MOST_ENTRIES {
        return Err(refused(&format!("it has {} entries, and the limit is {MOST_ENTRIES}", archive.len())));
    }
    let names = names(&mut archive).map_err(|why| refused(&why))?;
    let mut left = most;
    for (i, name) in names.iter().enumerate() {
        let Some(name) = name else { continue };
        if stop.load(Ordering::Relaxed) {
            return Err(Unusable::Stopped);
        }
        let target = into.join(name);
        let parent = target.parent().unwrap_or(into);
        fs::create_dir_all(parent).map_err(failed("cannot create the folder", parent))?;
        let mut file = File::create_new(&target).map_err(failed("cannot write", &target))?;
        let entry = archive
            .by_index(i)
            .map_err(|error| refused(&arcosim_core::words::printable(&error.to_string())))?;
        // The unpacked bytes are counted, because the sizes stated in the archive may be wrong.
        let copied = io::copy(&mut entry.take(left + 1), &mut file);
        let copied = copied.map_err(|error| {
            refused(&arcosim_core::words::printable(&format!("`{name}` cannot be unpacked: {error}")))
        })?;
        if copied > left {
            return Err(refused(&format!("it contains more than {} MB", most >> 20)));
        }
        left -= copied;
    }
    let manifests: Vec<&str> = names.iter().flatten().filter_map(|name| name.strip_suffix(MARK)).collect();
    match manifests[..] {
        [""] => Ok(into.to_path_buf()),
        // A manifest that is more than one folder deep, for example among the inputs, is ignored.
        _ => {
            let shallow = manifests.iter().filter(|folder| folder.matches('/').count() == 1);
            match shallow.collect::<Vec<_>>()[..] {
                [folder] => Ok(into.join(folder.trim_end_matches('/'))),
                _ => Err(refused(&format!("it does not contain exactly one folder with a {MARK}"))),
            }
        }
    }
}

/// The names of all entries (`None` for folders), or the reason why an entry must not be unpacked.
fn names<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Vec<Option<String>>, String> {
    let mut names = Vec::with_capacity(archive.len());
    for i in 0..archive.len() {
        let entry =
            archive.by_index_raw(i).map_err(|error| arcosim_core::words::printable(&error.to_string()))?;
        let name =
            entry.name().map_err(|error| arcosim_core::words::printable(&error.to_string()))?.into_owned();
        let shown = arcosim_core::words::printable(&name);
        if entry.is_symlink() {
            return Err(format!("`{shown}` is a link"));
        }
        if !safe(name.strip_suffix('/').unwrap_or(&name)) {
            return Err(format!("`{shown}` is not a valid name of a file in a folder"));
        }
        names.push((!entry.is_dir()).then_some(name));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limit applies to the unpacked bytes, not to the sizes stated in the archive.
    #[test]
    fn an_archive_that_swells_is_refused() {
        let folder = std::env::temp_dir().join(format!("arcosim-bundle-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("sent.zip");
        let mut archive = ZipWriter::new(File::create(&path).unwrap());
        for name in ["a/manifest.json", "a/zeros"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![0; 1 << 20]).unwrap();
        }
        archive.finish().unwrap();
        let unpacked =
            |most, into: &str| unpack_within(most, &path, &folder.join(into), &AtomicBool::new(false));
        let refused = unpacked((2 << 20) - 1, "first");
        let enough = unpacked(2 << 20, "second");
        let stopped = unpack(&path, &folder.join("third"), &AtomicBool::new(true));
        fs::remove_dir_all(&folder).unwrap();
        assert!(matches!(refused, Err(Unusable::Foreign(why)) if why.contains("more than 1 MB")));
        assert!(enough.is_ok_and(|found| found.ends_with("second/a")));
        assert!(matches!(stopped, Err(Unusable::Stopped)));
    }
}
