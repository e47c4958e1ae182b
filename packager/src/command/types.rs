//! `guichet types`: the types of the host APIs, as a package that npm installs from its folder.

use std::{fs, path::Path};

use serde::Serialize;

use crate::{exit_status::ExitStatus, failure::Failure, message::Message, printer::Printer, template};

#[derive(Serialize)]
struct Written {
    directory: String,
    version: &'static str,
    files: Vec<&'static str>,
}

/// Writes the package; its own files are replaced and others stay.
pub(crate) fn run(folder: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    fs::create_dir_all(folder).map_err(|source| Failure::Write { path: folder.to_owned(), source })?;
    for (name, text) in template::TYPES_PACKAGE {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|source| Failure::Write { path, source })?;
    }
    let written = Written {
        directory: folder.display().to_string(),
        version: env!("CARGO_PKG_VERSION"),
        files: template::TYPES_PACKAGE.iter().map(|(name, _)| *name).collect(),
    };
    // npm takes a bare name for one of its registry's.
    let from = if folder.is_relative() { format!("./{}", written.directory) } else { written.directory.clone() };
    printer.say(&Message::TypesWritten { directory: written.directory.clone(), from });
    if printer.json {
        printer.result(&written, |_| String::new());
    }
    Ok(ExitStatus::Done)
}
