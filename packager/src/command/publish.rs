//! `guichet publish`: submit a package to the store.

use std::{
    collections::BTreeMap,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use guichet_api::{Journeys, Submission, SubmissionState};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::status::submission_fields;
use crate::{
    check_view, exit_status::ExitStatus, failure::Failure, message::Message, on_disk::open, printer::Printer,
    store::Store,
};

/// How long to wait for the store's checks; they go on without anybody waiting.
const LONGEST_LOOK: Duration = Duration::from_secs(300);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// As what a package is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kind {
    /// As a draft of its publisher.
    pub(crate) draft: bool,
    /// In the place of this submission.
    pub(crate) replaces: Option<String>,
}

/// Checks the package here, so that most refusals cost no upload, then sends it.
pub(crate) fn run(
    file: &Path,
    kind: &Kind,
    tests: Option<&Path>,
    store: &Store,
    printer: Printer,
) -> Result<ExitStatus, Failure> {
    let package = open(file)?;
    if package.seals_bytes().is_none() {
        return Err(Failure::Unsealed { path: file.to_owned() });
    }
    printer.say(&Message::Uploading { path: file.display().to_string(), url: store.url().to_owned() });
    let bytes = package.bytes();
    let bar = progress(bytes.len() as u64, printer);
    let submission = store.submit(kind, bytes.len() as u64, bar.wrap_read(bytes));
    bar.finish_and_clear();
    let submission = submission?;
    send_journeys(file, tests, store, &submission.id, printer)?;
    sent(submission, store, printer)
}

/// What became of what was handed in, once machines have looked at it.
pub(crate) fn sent(submission: Submission, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let submission = looked_at(store, submission, printer)?;
    let checks = if was_looked_at(&submission) { store.checks(&submission.id)? } else { Vec::new() };
    printer.result(&submission, |_| {
        format!("{}{}", submission_fields(&submission, printer), check_view::found(&checks, printer))
    });
    if submission.state == SubmissionState::Quarantined {
        printer.say(&Message::PublishQuarantined);
        return Ok(ExitStatus::Refused);
    }
    say_next(&submission, printer);
    Ok(ExitStatus::Done)
}

/// Sends the journeys that lie beside the package's folder, or where it was said. A store that makes no checks has no use for
/// them.
fn send_journeys(file: &Path, tests: Option<&Path>, store: &Store, id: &str, printer: Printer) -> Result<(), Failure> {
    let built_in = file.parent().filter(|folder| folder.file_name().is_some_and(|name| name == "dist"));
    let of_the_app = built_in.and_then(Path::parent).filter(|app| app.join("manifest.json").is_file());
    let Some(folder) = tests.map(Path::to_owned).or_else(|| of_the_app.map(|app| app.join("tests"))) else {
        return Ok(());
    };
    let files: BTreeMap<String, String> = super::test::read(&folder)?
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
        .collect();
    if files.is_empty() {
        return if tests.is_some() { Err(Failure::NoJourneys { path: folder }) } else { Ok(()) };
    }
    let count = files.len();
    if store.hand_over(id, &Journeys { files })? {
        printer.say(&Message::JourneysSent { count });
    }
    Ok(())
}

/// Whether machines have looked at it before people do.
fn was_looked_at(submission: &Submission) -> bool {
    matches!(submission.state, SubmissionState::InReview | SubmissionState::Quarantined | SubmissionState::Scanning)
}

/// The submission once machines have looked at it, as long as that does not take too long.
fn looked_at(store: &Store, submission: Submission, printer: Printer) -> Result<Submission, Failure> {
    if submission.state != SubmissionState::Scanning {
        return Ok(submission);
    }
    printer.say(&Message::Checking);
    let begun = Instant::now();
    loop {
        let now = store.submission(&submission.id)?.submission;
        if now.state != SubmissionState::Scanning || begun.elapsed() > LONGEST_LOOK {
            return Ok(now);
        }
        thread::park_timeout(BETWEEN_LOOKS);
    }
}

fn say_next(submission: &Submission, printer: Printer) {
    if !submission.widens.is_empty() {
        let names: Vec<String> = submission.widens.iter().map(ToString::to_string).collect();
        printer.say(&Message::PublishWidens { names: names.join(", ") });
    }
    if submission.state == SubmissionState::Draft {
        printer.say(&Message::DraftNext { id: submission.id.clone() });
    } else {
        printer.say(&Message::PublishNext { needed: submission.approvals_needed });
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress(length: u64, printer: Printer) -> ProgressBar {
    let target = if printer.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
