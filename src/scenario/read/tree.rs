//! Limits which files a scenario may read, because a scenario from an untrusted source must not access the rest of
//! the disk.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::Diagnostic;

/// The folder from which a scenario may read files.
///
/// By default this is the scenario's own folder, or the folder above it if that contains scenarios (`.toml` files)
/// too, so that `variants/dearer.toml` can extend `../base.toml`. Hidden folders and files, such as `.ssh`, are
/// excluded. A user who trusts a scenario can allow a wider folder.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Allowed folders, with links resolved: the scenario's own folder and the one above it, or the folder that the
    /// user allowed.
    folders: Vec<PathBuf>,
    /// Whether the user allowed the folder explicitly.
    named: bool,
}

/// Reason why a file must not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The file is outside the allowed folders.
    Outside,
    /// The path is inside the allowed folders, but contains a link to a file outside.
    Link,
    /// The file, or a folder of its path, is hidden.
    Hidden,
}

impl Tree {
    /// The folders that the scenario in `file` may read by default.
    pub fn of(file: &Path) -> Tree {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let own = folder.canonicalize().ok();
        let above = own.as_deref().and_then(Path::parent);
        let above = above.filter(|above| holds_scenarios(above)).map(Path::to_path_buf);
        Tree { folders: own.into_iter().chain(above).collect(), named: false }
    }

    /// The folder that the user allows.
    ///
    /// # Errors
    ///
    /// The error of the operating system if the folder does not exist.
    pub fn below(folder: &Path) -> std::io::Result<Tree> {
        Ok(Tree { folders: vec![folder.canonicalize()?], named: true })
    }

    /// Checks that `path` may be read: with links resolved, it must be inside an allowed folder. For a file that does
    /// not exist, the nearest existing folder above the file must be inside, so that a scenario cannot find out which
    /// files exist elsewhere.
    ///
    /// # Errors
    ///
    /// The reason why the file must not be read.
    pub fn allows(&self, path: &Path) -> Result<(), Refused> {
        let real = resolved(path).ok_or(Refused::Outside)?;
        let below = |path: &Path| -> Vec<PathBuf> {
            let all = self.folders.iter();
            all.filter_map(|folder| path.strip_prefix(folder).ok().map(Path::to_path_buf)).collect()
        };
        let inner = below(&real);
        let seen = |inner: &PathBuf| self.named || !inner.components().any(is_hidden);
        if inner.iter().any(seen) {
            return Ok(());
        }
        let plain = std::path::absolute(path).map(|path| without_steps(&path));
        Err(match plain {
            _ if !inner.is_empty() => Refused::Hidden,
            Ok(plain) if !below(&plain).is_empty() => Refused::Link,
            _ => Refused::Outside,
        })
    }
}

impl Refused {
    /// Message about a refused file with this name in the scenario; it shows nothing of the contents of the file.
    pub fn message(self, name: &str) -> Diagnostic {
        let title = match self {
            Refused::Outside => format!("`{name}` is outside the folders of this scenario"),
            Refused::Link => format!("`{name}` is a link to a file outside the folders of this scenario"),
            Refused::Hidden => format!("`{name}` is hidden or in a hidden folder"),
        };
        let remedy = match self {
            Refused::Outside | Refused::Link => {
                let file = name.rsplit('/').next().unwrap_or(name);
                format!("copy the file to the folder of the scenario and write only its name, \"{file}\"")
            }
            Refused::Hidden => "use a file and folders whose names do not start with a point".into(),
        };
        Diagnostic::error("E0115", title)
            .why(
                "otherwise a scenario from other people could copy private files of this computer into results that you \
                 pass on",
            )
            .note(
                "a scenario can use files in its own folder and its subfolders, and also in the folder above if that contains scenarios (.toml); \
                 hidden files are excluded",
            )
            .help(format!(
                "{remedy}; or, if you trust the scenario, add --root FOLDER to the command, where FOLDER is a folder that \
                 contains both the scenario and the file"
            ))
    }
}

fn holds_scenarios(folder: &Path) -> bool {
    let is_scenario = |entry: std::fs::DirEntry| {
        let path = entry.path();
        let hidden = path.components().next_back().is_some_and(is_hidden);
        !hidden && path.extension().is_some_and(|extension| extension == "toml") && path.is_file()
    };
    let entries = folder.read_dir().into_iter().flatten();
    entries.filter_map(Result::ok).any(is_scenario)
}

/// Path with links resolved, as far as it exists.
fn resolved(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    let mut missing = Vec::new();
    let mut at = absolute.as_path();
    loop {
        if let Ok(mut real) = at.canonicalize() {
            real.extend(missing.iter().rev());
            return Some(real);
        }
        // A broken link could lead anywhere, and so could a path with `..` below it.
        if at.is_symlink() {
            return None;
        }
        missing.push(at.file_name()?);
        at = at.parent()?;
    }
}

/// The absolute path with `..` resolved by name only, without following links.
fn without_steps(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = plain.pop(),
            other => plain.push(other),
        }
    }
    plain
}

fn is_hidden(part: Component) -> bool {
    matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn study(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("arcosim-tree-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for inner in ["study/variants", "study/tables", "study/.git", "other"] {
            fs::create_dir_all(folder.join(inner)).unwrap();
        }
        for file in ["study/base.toml", "study/tables/a.csv", "study/.git/config", "other/b.csv"] {
            fs::write(folder.join(file), "x").unwrap();
        }
        folder
    }

    #[test]
    fn a_scenario_reads_below_its_folder_and_beside_the_scenarios_above_it() {
        let folder = study("plain");
        let at = |path: &str| folder.join(path);
        let variant = Tree::of(&at("study/variants/x.toml"));
        for inside in
            ["study/base.toml", "study/tables/a.csv", "study/variants/../base.toml", "study/new.csv"]
        {
            assert_eq!(variant.allows(&at(inside)), Ok(()), "{inside}");
        }
        for outside in ["other/b.csv", "study/../other/b.csv", "other/missing.csv", ".."] {
            assert_eq!(variant.allows(&at(outside)), Err(Refused::Outside), "{outside}");
        }
        assert_eq!(variant.allows(Path::new("/etc/passwd")), Err(Refused::Outside));
        assert_eq!(variant.allows(&at("study/.git/config")), Err(Refused::Hidden));
        // The folder above `study` contains no scenarios.
        let base = Tree::of(&at("study/base.toml"));
        assert_eq!(base.allows(&at("other/b.csv")), Err(Refused::Outside));
        let wider = Tree::below(&folder).unwrap();
        assert_eq!(wider.allows(&at("other/b.csv")), Ok(()));
        assert_eq!(wider.allows(&at("../x.csv")), Err(Refused::Outside));
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_before_they_are_judged() {
        use std::os::unix::fs::symlink;
        let folder = study("links");
        let at = |path: &str| folder.join(path);
        symlink(at("other"), at("study/away")).unwrap();
        symlink(at("other/b.csv"), at("study/one.csv")).unwrap();
        symlink(at("other/nothing.csv"), at("study/dangling.csv")).unwrap();
        symlink(at("study/tables"), at("study/here")).unwrap();
        let tree = Tree::of(&at("study/base.toml"));
        assert_eq!(tree.allows(&at("study/away/b.csv")), Err(Refused::Link));
        assert_eq!(tree.allows(&at("study/one.csv")), Err(Refused::Link));
        assert_eq!(tree.allows(&at("study/dangling.csv")), Err(Refused::Outside));
        assert_eq!(tree.allows(&at("study/here/a.csv")), Ok(()));
        fs::remove_dir_all(folder).unwrap();
    }
}
