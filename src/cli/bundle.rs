//! `arcosim bundle`: packs a folder of results into one archive that a reviewer can run again.

use std::path::{Path, PathBuf};

use super::session::interruptible;
use super::{Exit, command_line, print};
use crate::output::bundle::{HOW_TO, pack};
use crate::output::recorded::{Recorded, safe};
use crate::output::{INPUTS, MARK};
use arcosim_core::words::printable;

/// Arguments of `arcosim bundle`.
#[derive(Debug, clap::Args)]
pub struct BundleArgs {
    /// Folder of results written by a command
    folder: PathBuf,
    /// Archive to write; default: <folder>.zip in the same place
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Packs a folder of results.
pub fn bundle(args: &BundleArgs) -> Result<Exit, Exit> {
    let folder = &args.folder;
    if folder.is_file() {
        return Err(Exit::Usage(format!("`{}` is a file; give the folder of results", folder.display())));
    }
    let recorded = Recorded::read(folder)?;
    let altered = recorded.altered(folder, recorded.files.keys())?;
    if !altered.is_empty() {
        let mut text =
            "nothing was bundled, because the folder has changed since it was written:\n".to_string();
        for (name, what) in altered {
            text.push_str(&format!("  {} {what}\n", printable(name)));
        }
        text.push_str("Run the scenario again, and bundle the new folder.\n");
        return Ok(print(&text).or_findings(false));
    }
    let name = command_line::name_of(folder);
    let name = if safe(&name) && !name.contains('/') { name } else { "results".into() };
    let target = args.out.clone().unwrap_or_else(|| beside(folder, &name));
    if target.file_name().is_none() || target.is_dir() {
        return Err(Exit::Usage("--out must be the name of an archive, such as results.zip".into()));
    }
    let target = crate::output::resolved(&target)?;
    let how_to = how_to(&recorded, &name);
    pack((folder, &recorded), (&name, &how_to), &target, interruptible())?;
    let mut text = String::new();
    let added = recorded.added(folder)?;
    let added = added.iter().filter(|name| *name != HOW_TO).count();
    if added > 0 {
        text.push_str(&format!("{added} files that were not written by a run were left out\n"));
    }
    text.push_str(&format!(
        "{} files in {}; to run it again: arcosim reproduce {}\n",
        recorded.files.len() + 1,
        target.display(),
        target.display()
    ));
    Ok(print(&text))
}

/// Default path of the archive: next to the folder, with the folder's name.
fn beside(folder: &Path, name: &str) -> PathBuf {
    let whole = folder.canonicalize().ok();
    let place = match folder.file_name() {
        Some(_) => folder.parent().map(Path::to_path_buf),
        // The path `.` or `..` does not contain the folder's name, so the absolute path is used.
        None => whole.and_then(|whole| whole.parent().map(Path::to_path_buf)),
    };
    place.unwrap_or_default().join(format!("{name}.zip"))
}

fn how_to(recorded: &Recorded, name: &str) -> String {
    let version = &recorded.version;
    let title = format!("How to reproduce {name}");
    let inputs: Vec<String> =
        recorded.inputs.iter().map(|(place, hash)| format!("  {hash}  {place}")).collect();
    format!(
        "{title}\n{}\n\n\
        This archive contains results of arcosim {version} and every file that they were computed from. README.txt explains how to\n\
        read the results.\n\n\
        TO RUN IT AGAIN AND COMPARE EVERY FILE BYTE FOR BYTE\n  \
        Install arcosim {version} (Rust and the source of that version: cargo install --path .), then\n\n    \
        arcosim reproduce {name}.zip\n\n  \
        You can also give the unpacked folder. If the version differs, arcosim reports it and shows all differences.\n\n\
        TO RUN IT WITH CHANGES\n  \
        Unpack the archive, edit the files in {INPUTS}/, and run in the unpacked folder\n\n    \
        {}\n\n  \
        with --out and the name of a new folder. The number of threads does not affect the results.\n\n\
        INPUTS (SHA-256)\n{}\n\n\
        {MARK} lists the SHA-256 of every other file.\n",
        "=".repeat(title.chars().count()),
        command_line::typed(&recorded.command_line),
        inputs.join("\n")
    )
}
