//! Submissions as people are shown them.

use guichet_api::{Submission, SubmissionDetail, SubmissionKind, SubmissionState};

use crate::{printer::Printer, table};

/// The app's name and id.
pub(crate) fn app(submission: &Submission, printer: Printer) -> String {
    let name = printer.lang.choose(&submission.names).unwrap_or_default();
    format!("{}  {}", table::plain(name), submission.app_id)
}

/// The version's name and code.
pub(crate) fn version(submission: &Submission) -> String {
    format!("{} ({})", table::plain(&submission.version.name), submission.version.code)
}

/// A state in one word, the console's.
pub(crate) fn state(state: SubmissionState, printer: Printer) -> &'static str {
    let [english, chinese] = state.said();
    printer.pick(english, chinese)
}

/// What a submission hands in, if it is no new package.
pub(crate) fn kind(submission: &Submission, printer: Printer) -> Option<&'static str> {
    kind_word(submission.kind, printer)
}

/// A kind in a word, if it is no new package.
pub(crate) fn kind_word(kind: SubmissionKind, printer: Printer) -> Option<&'static str> {
    kind.said().map(|[english, chinese]| printer.pick(english, chinese))
}

/// A table of submissions.
pub(crate) fn rows(items: &[Submission], printer: Printer) -> String {
    if items.is_empty() {
        return String::new();
    }
    let head = [
        printer.pick("submission", "提交"),
        printer.pick("app", "应用"),
        printer.pick("version", "版本"),
        printer.pick("state", "状态"),
        printer.pick("by", "提交人"),
        printer.pick("widens", "增加的权限"),
    ];
    let mut table = vec![head.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()];
    table.extend(items.iter().map(|item| {
        let widens: Vec<String> = item.widens.iter().map(ToString::to_string).collect();
        let state = kind(item, printer).into_iter().chain([state(item.state, printer)]).collect::<Vec<_>>().join(", ");
        let by = table::plain(&item.submitted_by);
        vec![item.id.clone(), item.app_id.to_string(), version(item), state, by, widens.join(" ")]
    }));
    table::columns(&table)
}

/// What happened to a submission, oldest first.
pub(crate) fn history(detail: &SubmissionDetail, printer: Printer) -> String {
    let rows = detail.history.iter().map(|entry| {
        let note = table::plain(entry.note.as_deref().unwrap_or(""));
        vec![format!("  {}", time(entry.at_ms)), state(entry.state, printer).to_owned(), table::plain(&entry.by), note]
    });
    format!("{}\n{}", printer.pick("history", "经过"), table::columns(&rows.collect::<Vec<_>>()))
}

/// What a submission asks for, and what of it is new.
pub(crate) fn permissions(detail: &SubmissionDetail, printer: Printer) -> String {
    let head = printer.pick("permissions", "权限");
    if detail.permissions.is_empty() && detail.removed.is_empty() {
        return format!("{head}\n  {}\n", printer.pick("asks for nothing", "不要任何权限"));
    }
    let asked = detail.permissions.iter().map(|ask| {
        let mark = match (ask.widens, &ask.before) {
            (true, None) => printer.pick("+ new", "+ 新增"),
            (true, Some(_)) => printer.pick("→ wider", "→ 扩大"),
            (false, _) => "",
        };
        let scope = if ask.scope.is_unlimited() { String::new() } else { serde_json::json!(ask.scope).to_string() };
        let reason = table::plain(ask.reason.as_deref().unwrap_or(""));
        vec![format!("  {}", ask.name), mark.to_owned(), reason, scope]
    });
    let removed = detail.removed.iter().map(|name| {
        vec![format!("  {name}"), printer.pick("− no longer", "− 不再要").to_owned(), String::new(), String::new()]
    });
    format!("{head}\n{}", table::columns(&asked.chain(removed).collect::<Vec<_>>()))
}

/// A time as the store counts it: UTC.
pub(crate) fn time(ms: u64) -> String {
    let stamp = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(|| ms.to_string(), |stamp| stamp.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
