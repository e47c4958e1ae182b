//! `guichet logs`: what has happened to an app's submissions, in the order it happened.

use guichet_api::{HistoryEntry, SubmissionKind, Version};
use guichet_contract::AppId;
use serde::Serialize;

use crate::{exit_status::ExitStatus, failure::Failure, printer::Printer, store::Store, submission_view, table};

#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    entry: HistoryEntry,
    submission: String,
    kind: SubmissionKind,
    version: Version,
    sequence: u64,
}

/// Shows every step of the newest submissions, oldest first.
pub(crate) fn run(app_id: &AppId, last: usize, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let newest_first = store.submissions(None)?.into_iter().filter(|one| one.app_id == *app_id);
    let mut entries = Vec::new();
    for submission in newest_first.take(last) {
        let detail = store.submission(&submission.id)?;
        entries.extend(detail.history.into_iter().map(|entry| Entry {
            entry,
            submission: submission.id.clone(),
            kind: submission.kind,
            version: submission.version.clone(),
            sequence: submission.sequence,
        }));
    }
    if entries.is_empty() {
        return Err(Failure::NoSubmission { what: app_id.to_string() });
    }
    entries.sort_by_key(|one| one.entry.at_ms);
    printer.result(&serde_json::json!({ "items": entries }), |_| {
        let rows: Vec<Vec<String>> = entries.iter().map(|one| row(one, printer)).collect();
        table::columns(&rows)
    });
    Ok(ExitStatus::Done)
}

fn row(one: &Entry, printer: Printer) -> Vec<String> {
    let state = submission_view::state(one.entry.state, printer);
    let kind = submission_view::kind_word(one.kind, printer);
    vec![
        submission_view::time(one.entry.at_ms),
        format!("{} ({})", table::plain(&one.version.name), one.version.code),
        kind.into_iter().chain([state]).collect::<Vec<_>>().join(", "),
        table::plain(&one.entry.by),
        table::plain(one.entry.note.as_deref().unwrap_or_default()),
    ]
}
