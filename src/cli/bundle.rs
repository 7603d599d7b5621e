//! `arcosim bundle`: one archive of a folder of results that a reviewer can run again.

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
    /// Folder that a command has written
    folder: PathBuf,
    /// Archive to write; default: <folder>.zip beside it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Bundles a folder.
pub fn bundle(args: &BundleArgs) -> Result<Exit, Exit> {
    let folder = &args.folder;
    if folder.is_file() {
        return Err(Exit::Usage(format!(
            "`{}` is a file; name the folder that a run has written",
            folder.display()
        )));
    }
    let recorded = Recorded::read(folder)?;
    let altered = recorded.altered(folder, recorded.files.keys())?;
    if !altered.is_empty() {
        let mut text = "nothing was bundled, as the folder is not as it was written:\n".to_string();
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
        return Err(Exit::Usage("--out must name an archive to write, such as results.zip".into()));
    }
    let target = crate::output::resolved(&target)?;
    let how_to = how_to(&recorded, &name);
    pack((folder, &recorded), (&name, &how_to), &target, interruptible())?;
    let mut text = String::new();
    let added = recorded.added(folder)?;
    let added = added.iter().filter(|name| *name != HOW_TO).count();
    if added > 0 {
        text.push_str(&format!("{added} files that no run wrote were left out\n"));
    }
    text.push_str(&format!(
        "{} files in {}; to run it again: arcosim reproduce {}\n",
        recorded.files.len() + 1,
        target.display(),
        target.display()
    ));
    Ok(print(&text))
}

/// The archive that has the name of a folder and stands beside it.
fn beside(folder: &Path, name: &str) -> PathBuf {
    let whole = folder.canonicalize().ok();
    let place = match folder.file_name() {
        Some(_) => folder.parent().map(Path::to_path_buf),
        // `.` and `..` have no name of their own.
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
         This archive holds results of arcosim {version} and every file that they were made from. README.txt in it says how to\n\
         read the results.\n\n\
         TO RUN IT AGAIN AND COMPARE EVERY FILE BYTE FOR BYTE\n  \
         Install arcosim {version} (Rust and the source of that version: cargo install --path .), then\n\n    \
         arcosim reproduce {name}.zip\n\n  \
         The unpacked folder will do as well. Another version says that it is one, and shows what differs.\n\n\
         TO RUN IT WITH CHANGES\n  \
         Unpack the archive, edit what is in {INPUTS}/, and run in the unpacked folder\n\n    \
         {}\n\n  \
         with --out for the folder to write. The number of threads changes nothing.\n\n\
         INPUTS (SHA-256)\n{}\n\n\
         {MARK} has the SHA-256 of every other file.\n",
        "=".repeat(title.chars().count()),
        command_line::typed(&recorded.command_line),
        inputs.join("\n")
    )
}
