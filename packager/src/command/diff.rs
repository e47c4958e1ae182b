//! `guichet diff`: show what a package may do and contains that another did not.

use std::path::Path;

use crate::{diff_view::DiffView, exit_status::ExitStatus, failure::Failure, on_disk::open, printer::Printer};

/// Opens both packages, which checks everything but the seals, and shows the differences.
pub(crate) fn run(old: &Path, new: &Path, printer: Printer) -> Result<ExitStatus, Failure> {
    let view = DiffView::of(&open(old)?, &open(new)?);
    printer.result(&view, |lang| view.text(lang));
    Ok(ExitStatus::Done)
}
