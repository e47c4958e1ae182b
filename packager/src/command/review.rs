//! `guichet review list`, `show` and `refuse`; approving has a module of its own.

use guichet_api::{Submission, SubmissionDetail, SubmissionState};

use super::status::submission_fields;
use crate::{
    exit_status::ExitStatus, failure::Failure, lang::Lang, message::Message, printer::Printer, store::Store,
    submission_view, table,
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
    printer.result(&detail, |_| text(&detail, printer));
    Ok(ExitStatus::Done)
}

fn text(detail: &SubmissionDetail, printer: Printer) -> String {
    let mut pairs = Vec::new();
    if let Some(lost) = &detail.lost {
        pairs.push((
            printer.pick("beware", "注意"),
            table::plain(if printer.lang == Lang::Zh { &lost.zh } else { &lost.en }),
        ));
    }
    let description = detail.manifest.as_ref().and_then(|manifest| printer.lang.choose(&manifest.descriptions));
    if let Some(description) = description {
        pairs.push((printer.pick("says", "说明"), table::plain(description)));
    }
    pairs.push((printer.pick("by", "提交人"), table::plain(&detail.submission.submitted_by)));
    pairs.push((printer.pick("department", "部门"), detail.submission.department.to_string()));
    if let Some(replaced) = &detail.replaces {
        pairs.push((printer.pick("replaces", "取代"), format!("{} ({})", table::plain(&replaced.name), replaced.code)));
    }
    if let Some(manifest) = &detail.manifest {
        pairs.push((printer.pick("pages", "页面"), table::plain(&manifest.pages.join(", "))));
    }
    pairs.push((printer.pick("digest", "摘要"), detail.submission.package.sha256.clone()));
    pairs.push((printer.pick("size", "大小"), table::bytes(detail.submission.package.length)));
    format!(
        "{}{}\n{}\n{}",
        submission_fields(&detail.submission, printer),
        table::fields(pairs),
        submission_view::permissions(detail, printer),
        submission_view::history(detail, printer)
    )
}

/// Sends a submission back, with what is to be changed.
pub(crate) fn refuse(id: &str, reason: &str, store: &Store, printer: Printer) -> Result<ExitStatus, Failure> {
    let submission = store.refuse(id, reason)?;
    printer.result(&submission, |_| submission_fields(&submission, printer));
    Ok(ExitStatus::Done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_submission_whose_package_is_lost_is_shown_as_far_as_it_is_known() {
        let detail = json!({
            "id": "0190", "app_id": "gov.example.permit", "department": "residence", "channel": "stable",
            "names": { "default": "Permit" }, "glaze": "tiao", "version": { "code": 2, "name": "2.0.0" }, "sequence": 2,
            "state": "in_review", "package": { "sha256": "00ff", "length": 4096 }, "submitted_by": "Ana", "submitted_at_ms": 0,
            "widens": ["host:network"], "approvals_needed": 2, "approvals": [], "replaces": { "code": 1, "name": "1.0.0" },
            "permissions": [{ "name": "host:network", "scope": {}, "reason": null, "widens": true, "before": null }],
            "removed": [], "files": [], "history": [{ "at_ms": 0, "by": "Ana", "state": "submitted" }],
            "lost": { "en": "the package cannot be looked at", "zh": "看不到软件包" },
        });
        let detail: SubmissionDetail = serde_json::from_value(detail).unwrap();
        let shown = |lang| text(&detail, Printer { json: false, lang });
        insta::assert_snapshot!(shown(Lang::En), @r"
        submission  0190
        app         Permit  gov.example.permit
        version     2.0.0 (2)
        state       in review
        signed      0/2
        beware      the package cannot be looked at
        by          Ana
        department  residence
        replaces    1.0.0 (1)
        digest      00ff
        size        4.00 KiB

        permissions
          host:network  + new

        history
          1970-01-01 00:00 UTC  submitted  Ana
        ");
        insta::assert_snapshot!(shown(Lang::Zh), @r"
        提交    0190
        应用    Permit  gov.example.permit
        版本    2.0.0 (2)
        状态    审核中
        已签名  0/2
        注意    看不到软件包
        提交人  Ana
        部门    residence
        取代    1.0.0 (1)
        摘要    00ff
        大小    4.00 KiB

        权限
          host:network  + 新增

        经过
          1970-01-01 00:00 UTC  等待审核  Ana
        ");
    }
}
