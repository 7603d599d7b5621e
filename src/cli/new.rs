//! `arcosim new`: writes a small scenario to start from.

use std::fs;
use std::path::PathBuf;

use super::{Exit, print};

/// Arguments of `arcosim new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// Folder to create
    folder: PathBuf,
}

const FILES: [(&str, &str); 3] = [
    ("scenario.toml", include_str!("template/scenario.toml")),
    ("parameters.csv", include_str!("template/parameters.csv")),
    ("README.md", include_str!("template/README.md")),
];

/// Writes the template, unless the folder already has one of its files.
pub fn new(args: &NewArgs) -> Result<Exit, Exit> {
    let folder = &args.folder;
    let shown = folder.display();
    if let Some((name, _)) = FILES.iter().find(|(name, _)| folder.join(name).exists()) {
        return Err(Exit::System(format!("`{shown}` already has a {name}; nothing was written")));
    }
    let written = fs::create_dir_all(folder)
        .and_then(|()| FILES.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text)));
    match written {
        Ok(()) => Ok(print(&format!(
            "`{shown}` now contains a scenario to start from. Edit parameters.csv in a spreadsheet, then\n  arcosim run {}\n",
            folder.join("scenario.toml").display()
        ))),
        Err(error) => Err(Exit::System(format!("cannot write `{shown}`: {error}"))),
    }
}
