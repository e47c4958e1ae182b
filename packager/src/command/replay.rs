//! `guichet replay`: run the logic of recorded sessions again and find the first output that differs; with `--glass` their
//! pages too.

use std::{fs::File, io::BufReader, path::Path};

use guichet_host::{
    Difference, EngineError, JournalRefusal, PageDifference, Replayed, Replayer, Walls, WithPages, sessions_with_pages,
    users_script_cache,
};
use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    exit_status::ExitStatus,
    failure::Failure,
    glass::{self, Pages},
    lang::Lang,
    message::Message,
    on_disk::open,
    printer::Printer,
    table::{fields, plain},
};

/// Longest output that is shown; JSON has it whole.
const MOST_CHARACTERS: usize = 400;

#[derive(Serialize)]
struct Report<'a> {
    same: bool,
    sessions: u64,
    other_apps: u64,
    events: u64,
    outputs: u64,
    redacted: bool,
    cut_short: bool,
    full: bool,
    stopped: Vec<Stopped<'a>>,
    difference: Option<Differs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<PagesReport<'a>>,
}

#[derive(Serialize)]
struct PagesReport<'a> {
    same: bool,
    sessions: u64,
    inputs: u64,
    rests: u64,
    difference: Option<PageDiffers<'a>>,
}

#[derive(Serialize)]
struct PageDiffers<'a> {
    session: u64,
    app_id: &'a str,
    #[serde(flatten)]
    difference: &'a PageDifference,
}

#[derive(Serialize)]
struct Stopped<'a> {
    session: u64,
    event: u64,
    class: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Differs<'a> {
    line: u64,
    session: u64,
    app_id: &'a str,
    event: u64,
    input: Option<&'a Json>,
    output: u64,
    expected: Option<&'a Json>,
    got: Option<&'a Json>,
}

/// Runs the journal with its own programs or those of another package, and with `glass` its pages. Exit code 1 says that
/// something differs.
pub(crate) fn run(
    journal: &Path,
    package: Option<&Path>,
    glass: bool,
    printer: Printer,
) -> Result<ExitStatus, Failure> {
    let unread = |source| Failure::Read { path: journal.to_owned(), source };
    let refused = |refusal| match refusal {
        JournalRefusal::Unreadable(source) => unread(source),
        refusal => Failure::Journal { path: journal.to_owned(), refusal },
    };
    let read = || File::open(journal).map(BufReader::new).map_err(unread);
    let file = read()?;
    let other = package.map(open).transpose()?;
    let app_id = other.as_ref().map(|package| package.manifest().app_id.to_string());
    let replayer =
        walls().and_then(|walls| Replayer::new(walls, users_script_cache().as_deref())).map_err(Failure::Engine)?;
    let replayed = replayer.replay(file, other).map_err(refused)?;
    let pages = match glass {
        true => {
            let mut sessions = sessions_with_pages(read()?).map_err(refused)?;
            sessions.retain(|session| app_id.as_ref().is_none_or(|app_id| session.app_id == *app_id));
            Some(glass::play(journal, &sessions, package)?)
        }
        false => None,
    };
    let text = |lang| {
        let logic = text(&replayed, journal, lang);
        match &pages {
            Some(pages) => format!("{logic}\n{}", pages_text(pages, journal, lang)),
            None => logic,
        }
    };
    printer.result(&report(&replayed, pages.as_ref()), text);
    notes(&replayed, printer);
    let is_same = replayed.difference.is_none() && pages.is_none_or(|pages| pages.difference.is_none());
    Ok(if is_same { ExitStatus::Done } else { ExitStatus::Failed })
}

/// A journal is from anywhere, so its programs run behind the walls of a terminal.
pub(super) fn walls() -> Result<Walls, EngineError> {
    #[cfg(target_os = "linux")]
    return guichet_host::Programs::beside_this_one().map(Walls::Two);
    #[cfg(not(target_os = "linux"))]
    Ok(Walls::One)
}

fn report<'a>(replayed: &'a Replayed, pages: Option<&'a Pages>) -> Report<'a> {
    let stopped = replayed.stopped.iter().map(|stopped| Stopped {
        session: stopped.session,
        event: stopped.event,
        class: &stopped.class,
        reason: &stopped.reason,
    });
    let difference = replayed.difference.as_ref().map(|difference| Differs {
        line: difference.line,
        session: difference.session,
        app_id: &difference.app_id,
        event: difference.event,
        input: difference.input.as_ref(),
        output: difference.output,
        expected: difference.expected.as_ref(),
        got: difference.got.as_ref(),
    });
    Report {
        same: replayed.difference.is_none(),
        sessions: replayed.sessions,
        other_apps: replayed.other_apps,
        events: replayed.events,
        outputs: replayed.outputs,
        redacted: replayed.is_redacted,
        cut_short: replayed.is_cut_short,
        full: replayed.is_full,
        stopped: stopped.collect(),
        difference,
        pages: pages.map(|pages| PagesReport {
            same: pages.difference.is_none(),
            sessions: pages.sessions,
            inputs: pages.inputs,
            rests: pages.rests,
            difference: pages.difference.as_ref().map(|(WithPages { session, app_id, .. }, difference)| PageDiffers {
                session: *session,
                app_id,
                difference,
            }),
        }),
    }
}

fn pages_text(pages: &Pages, journal: &Path, lang: Lang) -> String {
    let Pages { sessions, inputs, rests, difference } = pages;
    let Some((WithPages { session, app_id, .. }, difference)) = difference else {
        return match lang {
            Lang::En => format!("the pages are the same: {sessions} sessions, {inputs} inputs, at rest {rests} times"),
            Lang::Zh => format!("页面完全相同：{sessions} 个会话，{inputs} 项输入，静止 {rests} 次"),
        };
    };
    let PageDifference { line, page, route, input, place, expected, got } = difference;
    let (title, nothing, opened) = match lang {
        Lang::En => ("the pages differ", "nothing", "it was opened"),
        Lang::Zh => ("页面不同", "没有", "刚打开"),
    };
    let words = match lang {
        Lang::En => ["session", "page", "after", "where", "expected", "got"],
        Lang::Zh => ["会话", "页面", "之前", "位置", "应为", "实为"],
    };
    let shown = |text: &Option<String>| text.as_deref().map_or_else(|| nothing.to_owned(), short);
    let values = [
        format!("{session} ({})", plain(app_id)),
        format!("{page} ({})", plain(route)),
        input.as_ref().map_or_else(|| opened.to_owned(), shortened),
        short(place),
        shown(expected),
        shown(got),
    ];
    format!("{title}\n  --> {}:{line}\n{}", journal.display(), fields(words.into_iter().zip(values)))
}

fn text(replayed: &Replayed, journal: &Path, lang: Lang) -> String {
    let Replayed { sessions, events, outputs, .. } = replayed;
    match (&replayed.difference, lang) {
        (None, Lang::En) => format!("the same: {sessions} sessions, {events} events, {outputs} outputs"),
        (None, Lang::Zh) => format!("完全相同：{sessions} 个会话，{events} 个事件，{outputs} 项输出"),
        (Some(difference), lang) => differs(difference, journal, lang),
    }
}

fn differs(difference: &Difference, journal: &Path, lang: Lang) -> String {
    let Difference { line, session, app_id, event, input, output, expected, got } = difference;
    let (title, nothing) = match lang {
        Lang::En => ("the outputs differ", "nothing"),
        Lang::Zh => ("输出不同", "没有"),
    };
    let words = match lang {
        Lang::En => ["session", "event", "output", "expected", "got"],
        Lang::Zh => ["会话", "事件", "第几项", "应为", "实为"],
    };
    let loading = match lang {
        Lang::En => "loading the code",
        Lang::Zh => "装入代码",
    };
    let shown = |json: &Option<Json>, none: &str| json.as_ref().map_or_else(|| none.to_owned(), shortened);
    let values = [
        format!("{session} ({})", plain(app_id)),
        format!("{event} {}", shown(input, loading)),
        output.to_string(),
        shown(expected, nothing),
        shown(got, nothing),
    ];
    format!("{title}\n  --> {}:{line}\n{}", journal.display(), fields(words.into_iter().zip(values)))
}

fn shortened(json: &Json) -> String {
    short(&json.to_string())
}

fn short(text: &str) -> String {
    let text = plain(text);
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn notes(replayed: &Replayed, printer: Printer) {
    for stopped in &replayed.stopped {
        let (session, event, class) = (stopped.session, stopped.event, plain(&stopped.class));
        printer.say(&Message::ReplayStopped { session, event, class });
    }
    if replayed.other_apps > 0 {
        printer.say(&Message::ReplayOtherApps { sessions: replayed.other_apps });
    }
    if replayed.is_cut_short {
        printer.say(&Message::ReplayCutShort);
    }
    if replayed.is_full {
        printer.say(&Message::ReplayFull);
    }
    if replayed.is_redacted && replayed.difference.is_some() {
        printer.say(&Message::ReplayRedacted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(difference: Option<PageDifference>) -> String {
        let session =
            WithPages { session: 1, app_id: "gov.example.repairs".to_owned(), terminal: "desktop".to_owned() };
        let pages = Pages { sessions: 1, inputs: 45, rests: 9, difference: difference.map(|found| (session, found)) };
        let text = |lang| pages_text(&pages, Path::new("hang.journal"), lang);
        format!("{}\n{}", text(Lang::En), text(Lang::Zh))
    }

    #[test]
    fn pages_that_are_the_same_are_counted_and_a_difference_has_its_place() {
        insta::assert_snapshot!(pages(None), @"
        the pages are the same: 1 sessions, 45 inputs, at rest 9 times
        页面完全相同：1 个会话，45 项输入，静止 9 次
        ");
        let found = PageDifference {
            line: 118,
            page: 2,
            route: "pages/form".to_owned(),
            input: Some(serde_json::json!({"did": {"at": [1, 0, 2], "do": "click"}})),
            place: "html > body > button#next @disabled".to_owned(),
            expected: None,
            got: Some("disabled".to_owned()),
        };
        insta::assert_snapshot!(pages(Some(found)), @r#"
        the pages differ
          --> hang.journal:118
        session   1 (gov.example.repairs)
        page      2 (pages/form)
        after     {"did":{"at":[1,0,2],"do":"click"}}
        where     html > body > button#next @disabled
        expected  nothing
        got       disabled

        页面不同
          --> hang.journal:118
        会话  1 (gov.example.repairs)
        页面  2 (pages/form)
        之前  {"did":{"at":[1,0,2],"do":"click"}}
        位置  html > body > button#next @disabled
        应为  没有
        实为  disabled
        "#);
    }
}
