//! `guichet inspect`: show what a package contains and asks for.

use std::{fs, path::Path};

use guichet_package::PublisherKeys;

use crate::{exit_status::ExitStatus, failure::Failure, inspect_view::InspectView, on_disk::open, printer::Printer};

/// Opens a package, which checks everything but the seal, and shows it.
pub(crate) fn run(file: &Path, keys: Option<&Path>, printer: Printer) -> Result<ExitStatus, Failure> {
    let package = open(file)?;
    let keys = keys.map(|path| {
        let bytes = fs::read(path).map_err(|source| Failure::Read { path: path.to_owned(), source })?;
        PublisherKeys::parse(&bytes).map_err(|refusal| Failure::package(refusal, path))
    });
    let view = InspectView::of(&package, keys.transpose()?.as_ref(), printer.lang);
    printer.result(&view, |lang| view.text(lang));
    Ok(ExitStatus::Done)
}
