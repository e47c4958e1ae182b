//! `guichet hand-in`, `trial`, `withdraw` and `archive`: what a publisher does with what is theirs, by the store's own verbs.

use guichet_api::{Submission, SubmissionState};

use super::{publish::sent, status::submission_fields};
use crate::{exit_status::ExitStatus, failure::Failure, message::Message, printer::Printer, store::Store};

/// Hands a draft in, or what a reviewer wanted changed and an answer was enough for.
pub(crate) fn hand_in(id: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    sent(store.hand_in(id)?, store, printer)
}

/// Lets these people try a draft out; nobody ends the trial.
pub(crate) fn try_out(id: &str, testers: &[String], store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let submission = store.try_out(id, testers)?;
    show(&submission, printer);
    if submission.state == SubmissionState::Trial {
        let page = format!("{}/trials/{}", store.url(), submission.id);
        printer.say(&Message::TrialNext { page, id: submission.id });
    } else {
        printer.say(&Message::DraftNext { id: submission.id });
    }
    Ok(ExitStatus::Done)
}

/// Takes a submission back: it is a draft again.
pub(crate) fn withdraw(id: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let submission = store.withdraw(id)?;
    show(&submission, printer);
    printer.say(&Message::DraftNext { id: submission.id });
    Ok(ExitStatus::Done)
}

/// Puts a submission away.
pub(crate) fn archive(id: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    show(&store.archive(id)?, printer);
    Ok(ExitStatus::Done)
}

fn show(submission: &Submission, printer: Printer) {
    printer.result(submission, |_| submission_fields(submission, printer));
}
