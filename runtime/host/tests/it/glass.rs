//! The pages of a session that was recorded are played: by a page of the test's own, so that no view is needed.

use std::sync::{Arc, mpsc};

use guichet_host::{
    JournalRefusal, Look, LookOptions, LookTerminal, Played, Recording as Pages, SessionEvent, Start, Walls,
    sessions_with_pages,
};
use guichet_package::{Limits, PackageFile};
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    journal::{Recording, replay},
    store::Store,
};

const LOGIC: &str = "export const keep = ({ name }) => `Kept for ${name}`; export default {};";

fn app() -> App {
    App::new(PERMIT, 1).logic(LOGIC).manifest("guichet", json!({"glaze": "indigo", "personal": ["name"]}))
}

fn witnessed(what: &Json, told: u64, played: u64) -> String {
    let mut seen = what.clone();
    seen["told"] = Json::from(told);
    seen["played"] = Json::from(played);
    json!({ "glass": seen }).to_string()
}

fn showing(text: &str) -> Json {
    json!({"tag": "html", "children": [{"tag": "p", "attributes": {"id": "said"}, "children": [text]}]})
}

/// Somebody types a name and is greeted by it.
fn recorded() -> Vec<u8> {
    let mut store = Store::new();
    store.release(&app().seal("residence"));
    let recording = Recording::of(&store, PERMIT);
    let running = recording.terminal.launch(PERMIT);
    let page = running.loaded();
    let told = || {
        let is_told = |event: &SessionEvent| matches!(event, SessionEvent::ToPage { page: to, .. } if *to == page);
        running.events().iter().filter(|event| is_told(event)).count() as u64
    };
    let see = |what: Json, told| running.session.page_message(page, &witnessed(&what, told, 0));
    see(json!({"heard": true}), 0);
    running.ready(page);
    see(json!({"heard": true}), told() - 1);
    let typed = json!({"do": "input", "at": [1, 0], "name": "name", "value": "Ada Lovelace", "personal": false});
    see(json!({ "did": typed }), told());
    let answer = running.ask(page, "keep", json!({"name": "Ada Lovelace"})).unwrap();
    see(json!({"heard": true}), told() - 1);
    see(json!({"rest": showing(answer.as_str().unwrap())}), told());
    // What a session is told to end for goes before what waits.
    running.session.page_message(page, r#"{"event":"typed"}"#);
    running.until("typed", |event| matches!(event, SessionEvent::Typed { .. }).then_some(()));
    running.close();
    recording.end()
}

/// What a page of the test's own does when it is played.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    WhatItDid,
    /// Asks twice before it is answered, as a timer does that goes off once more.
    AsksTwice,
    /// Has no field to type into.
    HasNoField,
}

fn play(journal: &[u8], other: Option<&App>, does: Does) -> Played {
    let mut pages = Pages::read(journal, 1).unwrap();
    assert_eq!(pages.lang(), "en");
    let bytes = pages.take_package().unwrap();
    let package = match other {
        Some(app) => app.seal("residence"),
        None => PackageFile::open(bytes, &Limits::default()).unwrap(),
    };
    let options = LookOptions {
        services: Arc::new(guichet_services::Memory::default()),
        lang: "zh-Hans".to_owned(),
        terminal: LookTerminal::Desktop,
        walls: Walls::One,
        script_cache: Some(crate::script_cache::shared()),
        recorder: None,
        plays: Some(pages),
    };
    let (sender, events) = mpsc::channel();
    let sink = Arc::new(move |event| drop(sender.send(event)));
    let session = Look::open(package, options).unwrap().launch(&Start::default(), sink).unwrap();
    let (mut told, mut played, mut shown) = (0, 0, showing(""));
    loop {
        match events.recv_timeout(std::time::Duration::from_secs(60)).unwrap() {
            SessionEvent::Open { page, .. } => session.page_message(page, r#"{"event":"loaded"}"#),
            SessionEvent::ToPage { page, json } => {
                let message: Json = serde_json::from_str(&json).unwrap();
                let say = |message: Json| session.page_message(page, &message.to_string());
                let mut is_lost = false;
                if message["play"].is_object() {
                    played += 1;
                    assert!(message["play"]["clock"].as_u64() > Some(0), "{message}");
                    if message["play"]["do"] == "input" {
                        assert_eq!(message["play"]["value"], "~personal-500000001~");
                        is_lost = does == Does::HasNoField;
                        let times = if does == Does::AsksTwice { 2 } else { 1 };
                        (0..times).for_each(|time| say(json!({"id": 900 + time, "ask": "keep", "input": {}})));
                    }
                } else {
                    told += 1;
                    if message["lifecycle"]["phase"] == "loaded" {
                        say(json!({"event": "ready"}));
                    }
                    if message["id"] == 900 {
                        shown = showing(message["ok"].as_str().unwrap());
                    }
                }
                session.page_message(page, &witnessed(&json!({ "lost": is_lost }), told, played));
                session.page_message(page, &witnessed(&json!({ "rest": shown }), told, played));
            }
            SessionEvent::Played(played) => return *played,
            _ => {}
        }
    }
}

#[test]
fn pages_that_come_to_what_they_showed_are_the_same() {
    let journal = recorded();
    for does in [Does::WhatItDid, Does::AsksTwice] {
        let played = play(&journal, None, does);
        assert_eq!((played.rests, played.difference), (1, None));
        assert!(played.inputs > 3, "{}", played.inputs);
    }
    assert_eq!(replay(&journal).unwrap().difference, None, "and the lines about pages do not disturb the logic's");
}

#[test]
fn no_line_holds_what_was_typed_and_each_is_where_the_page_was() {
    let text = String::from_utf8(recorded()).unwrap();
    assert!(!text.contains("Lovelace"), "{text}");
    let about_the_page = |line: &&str| line.contains("\"page\":1") && !line.contains("\"n\":");
    let kinds = text.lines().filter(about_the_page).map(|line| {
        ["open", "told", "said", "did", "rest"].into_iter().find(|kind| line.contains(&format!("\"{kind}\":"))).unwrap()
    });
    let kinds: Vec<_> = kinds.collect();
    assert_eq!(kinds.first_chunk(), Some(&["open", "said", "told"]), "{kinds:?}");
    assert!(kinds.windows(4).any(|some| some == ["did", "said", "told", "rest"]), "{kinds:?}");
}

#[test]
fn a_page_that_is_not_there_or_has_nothing_to_do_it_with_is_a_difference() {
    let journal = recorded();
    let lost = play(&journal, None, Does::HasNoField).difference.unwrap();
    assert_eq!((lost.place.as_str(), lost.route.as_str(), lost.got), ("did", "pages/home", None));
    assert!(lost.input.unwrap()["did"]["do"] == "input" && lost.line > 0);
    let other = app().manifest("pages", json!(["pages/form", "pages/list"]));
    let gone = play(&journal, Some(&other), Does::WhatItDid).difference.unwrap();
    assert_eq!((gone.place.as_str(), gone.expected.as_deref(), gone.got), ("opened", Some("pages/home"), None));
}

#[test]
fn a_journal_says_which_sessions_have_pages_and_one_without_is_refused() {
    let journal = recorded();
    let sessions = sessions_with_pages(journal.as_slice()).unwrap();
    let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!((session.session, session.app_id.as_str(), session.terminal.as_str()), (1, PERMIT, "desktop"));
    assert!(matches!(Pages::read(journal.as_slice(), 2), Err(JournalRefusal::NoPages)));

    let text = String::from_utf8(journal).unwrap();
    let before = "{\"format\":1,\"host\":\"0.1.0\",\"journal\":\"guichet\"}\n";
    assert!(matches!(sessions_with_pages(before.as_bytes()), Err(JournalRefusal::NoPages)));
    let without: String =
        text.lines().filter(|line| !line.contains("\"package\":1}")).fold(String::new(), |all, line| all + line + "\n");
    let refused = Pages::read(without.as_bytes(), 1).unwrap().take_package().unwrap_err();
    assert_eq!(refused.class(), "journal/no-package");
    let odd = text.replace("\"rest\":", "\"unrest\":");
    for refused in [Pages::read(odd.as_bytes(), 1).unwrap_err(), replay(odd.as_bytes()).unwrap_err()] {
        assert_eq!(refused.class(), "journal/malformed");
    }
}
