//! `guichet inspect`: show what a package contains and asks for.

use std::path::Path;

use super::build::open;
use crate::{exit_status::ExitStatus, failure::Failure, package_view::PackageView, printer::Printer};

/// Opens a package, which checks everything but the seal, and shows it.
pub(crate) fn run(file: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    let view = PackageView::of(&open(file)?, printer.lang);
    printer.result(&view, |lang| format!("{}\n{}\n{}", view.head(lang), view.permissions(lang), view.files(lang)));
    Ok(ExitStatus::Done)
}
