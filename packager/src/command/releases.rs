//! `guichet halt`, `resume`, `revert` and `recall`: what is done about releases that are out, by the store's own verbs.

use guichet_api::{Reach, Submission, SubmissionState};

use super::status::submission_fields;
use crate::{
    args::LineArgs, exit_status::ExitStatus, failure::Failure, message::Message, printer::Printer, store::Store, table,
};

/// Holds the newest release back, at once.
pub(crate) fn halt(line: &LineArgs, reason: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let reach = store.halt(&line.app_id, &line.channel, reason)?;
    show(&reach, printer.pick("halted", "已暂停"), printer);
    printer.say(&Message::HaltedNext { app_id: line.app_id.to_string() });
    Ok(ExitStatus::Done)
}

/// Lets them go on.
pub(crate) fn resume(
    line: &LineArgs,
    reason: Option<&str>,
    store: &Store,
    printer: Printer,
) -> Result<ExitStatus, Failure> {
    let reach = store.resume(&line.app_id, &line.channel, reason)?;
    show(&reach, printer.pick("goes on", "已恢复"), printer);
    Ok(ExitStatus::Done)
}

/// Proposes the contents of an earlier release again.
pub(crate) fn revert(
    line: &LineArgs,
    to: Option<u64>,
    reason: &str,
    store: &Store,
    printer: Printer,
) -> Result<ExitStatus, Failure> {
    let to = match to {
        Some(to) => to,
        None => before_newest(&store.submissions(None)?, line)?,
    };
    let proposed = store.revert(&line.app_id, &line.channel, to, reason)?;
    printer.result(&proposed, |_| submission_fields(&proposed, printer));
    printer.say(&Message::RevertNext { id: proposed.id.clone(), to });
    Ok(ExitStatus::Done)
}

/// Proposes to take the app back.
pub(crate) fn recall(line: &LineArgs, reason: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let proposed = store.recall(&line.app_id, &line.channel, reason)?;
    printer.result(&proposed, |_| submission_fields(&proposed, printer));
    printer.say(&Message::RecallNext { id: proposed.id.clone() });
    Ok(ExitStatus::Done)
}

/// The sequence of the release before the newest.
fn before_newest(all: &[Submission], line: &LineArgs) -> Result<u64, Failure> {
    // Stores of before say no time, and call each of them released.
    let is_out = |one: &Submission| one.released_at_ms.is_some() || one.state == SubmissionState::Released;
    let of_line = all.iter().filter(|one| one.app_id == line.app_id && one.channel == line.channel && is_out(one));
    let mut sequences: Vec<u64> = of_line.filter(|one| one.kind.has_contents()).map(|one| one.sequence).collect();
    sequences.sort_unstable();
    sequences.iter().rev().nth(1).copied().ok_or_else(|| Failure::NothingBefore { app_id: line.app_id.to_string() })
}

fn show(reach: &Reach, state: &str, printer: Printer) {
    printer.result(reach, |_| {
        table::fields([
            (printer.pick("app", "应用"), reach.app_id.to_string()),
            (printer.pick("channel", "通道"), reach.channel.to_string()),
            (printer.pick("up to", "截至"), reach.sequence.to_string()),
            (printer.pick("state", "状态"), state.to_owned()),
        ])
    });
}
