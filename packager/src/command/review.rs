//! `guichet review list`, `show` and `refuse`; approving has a module of its own.

use guichet_api::{Submission, SubmissionState};

use super::status::submission_fields;
use crate::{
    exit_status::ExitStatus, failure::Failure, message::Message, printer::Printer, store::Store, submission_view, table,
};

/// Shows what waits for a decision, or what is in one state.
pub(crate) fn list(state: Option<SubmissionState>, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let waits = |item: &Submission| item.state.is_reviewable();
    let items: Vec<Submission> = match state {
        Some(state) => store.submissions(Some(state))?,
        None => store.submissions(None)?.into_iter().filter(waits).collect(),
    };
    match items.first() {
        Some(first) if waits(first) => printer.say(&Message::ReviewNext { id: first.id.clone() }),
        Some(_) => {}
        None => printer.say(&Message::QueueEmpty),
    }
    printer.result(&serde_json::json!({ "items": items }), |_| submission_view::rows(&items, printer));
    Ok(ExitStatus::Done)
}

/// Shows one submission with all that a reviewer decides on.
pub(crate) fn show(id: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let detail = store.submission(id)?;
    printer.result(&detail, |lang| {
        let mut pairs = Vec::new();
        if let Some(description) = lang.choose(&detail.manifest.descriptions) {
            pairs.push((printer.pick("says", "说明"), table::plain(description)));
        }
        pairs.push((printer.pick("by", "提交人"), table::plain(&detail.submission.submitted_by)));
        pairs.push((printer.pick("department", "部门"), detail.submission.department.to_string()));
        if let Some(replaced) = &detail.replaces {
            pairs.push((
                printer.pick("replaces", "取代"),
                format!("{} ({})", table::plain(&replaced.name), replaced.code),
            ));
        }
        pairs.push((printer.pick("pages", "页面"), table::plain(&detail.manifest.pages.join(", "))));
        pairs.push((printer.pick("digest", "摘要"), detail.submission.package.sha256.clone()));
        pairs.push((printer.pick("size", "大小"), table::bytes(detail.submission.package.length)));
        format!(
            "{}{}\n{}\n{}",
            submission_fields(&detail.submission, printer),
            table::fields(pairs),
            submission_view::permissions(&detail, printer),
            submission_view::history(&detail, printer)
        )
    });
    Ok(ExitStatus::Done)
}

/// Sends a submission back, with what is to be changed.
pub(crate) fn refuse(id: &str, reason: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let submission = store.refuse(id, reason)?;
    printer.result(&submission, |_| submission_fields(&submission, printer));
    Ok(ExitStatus::Done)
}
