//! `guichet status`: show where submissions stand.

use guichet_api::{Submission, SubmissionState};
use guichet_contract::AppId;

use crate::{
    exit_status::ExitStatus, failure::Failure, lang::Lang, message::Message, printer::Printer, store::Store,
    submission_view, table,
};

/// Shows one submission, those of one app, or all.
pub(crate) fn run(what: Option<&str>, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let Some(what) = what else {
        let me = store.me()?;
        let department = me.department.as_ref().map(ToString::to_string).unwrap_or_default();
        let [english, chinese] = me.role.said();
        let role = table::plain(if printer.lang == Lang::Zh { chinese } else { english });
        printer.say(&Message::Whoami { name: table::plain(&me.name), role, department });
        return list(&store.submissions(None)?, printer);
    };
    match what.parse::<AppId>() {
        Ok(app_id) => {
            let all = store.submissions(None)?;
            let items: Vec<Submission> = all.into_iter().filter(|submission| submission.app_id == app_id).collect();
            if items.is_empty() {
                return Err(Failure::NoSubmission { what: what.to_owned() });
            }
            list(&items, printer)
        }
        Err(_) => {
            let detail = store.submission(what)?;
            printer.result(&detail, |_| {
                format!(
                    "{}\n{}",
                    submission_fields(&detail.submission, printer),
                    submission_view::history(&detail, printer)
                )
            });
            Ok(ExitStatus::Done)
        }
    }
}

fn list(items: &[Submission], printer: Printer) -> Result<ExitStatus, Failure> {
    if items.is_empty() {
        printer.say(&Message::NothingSubmitted);
    }
    printer.result(&serde_json::json!({ "items": items }), |_| submission_view::rows(items, printer));
    Ok(ExitStatus::Done)
}

/// One submission in a few lines.
pub(crate) fn submission_fields(submission: &Submission, printer: Printer) -> String {
    let mut pairs = vec![
        (printer.pick("submission", "提交"), submission.id.clone()),
        (printer.pick("app", "应用"), submission_view::app(submission, printer)),
        (printer.pick("version", "版本"), submission_view::version(submission)),
        (printer.pick("state", "状态"), submission_view::state(submission.state, printer).to_owned()),
    ];
    if let Some(kind) = submission_view::kind(submission, printer) {
        pairs.push((printer.pick("kind", "种类"), kind.to_owned()));
    }
    if submission.state.is_reviewable() {
        let have = submission.approvals.len();
        pairs.push((printer.pick("signed", "已签名"), format!("{have}/{}", submission.approvals_needed)));
    }
    if submission.released_at_ms.is_some() || submission.state == SubmissionState::Released {
        pairs.push((printer.pick("sequence", "序号"), submission.sequence.to_string()));
    }
    if let Some(reason) = &submission.refusal_reason {
        pairs.push((printer.pick("reason", "理由"), table::plain(reason)));
    }
    table::fields(pairs)
}
