//! `guichet publish`: submit a package to the store.

use std::path::Path;

use guichet_api::Submission;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::status::submission_fields;
use crate::{
    exit_status::ExitStatus, failure::Failure, message::Message, on_disk::open, printer::Printer, store::Store,
};

/// Checks the package here, so that most refusals cost no upload, then sends it.
pub(crate) fn run(file: &Path, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let package = open(file)?;
    if package.seals_bytes().is_none() {
        return Err(Failure::Unsealed { path: file.to_owned() });
    }
    printer.say(&Message::Uploading { path: file.display().to_string(), url: store.url().to_owned() });
    let bytes = package.bytes();
    let bar = progress(bytes.len() as u64, printer);
    let submission = store.submit(bytes.len() as u64, bar.wrap_read(bytes));
    bar.finish_and_clear();
    let submission = submission?;
    printer.result(&submission, |_| submission_fields(&submission, printer));
    say_next(&submission, printer);
    Ok(ExitStatus::Done)
}

fn say_next(submission: &Submission, printer: Printer) {
    if !submission.widens.is_empty() {
        let names: Vec<String> = submission.widens.iter().map(ToString::to_string).collect();
        printer.say(&Message::PublishWidens { names: names.join(", ") });
    }
    printer.say(&Message::PublishNext { needed: submission.approvals_needed });
}

/// A bar on a terminal, nothing elsewhere.
fn progress(length: u64, printer: Printer) -> ProgressBar {
    let target = if printer.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
