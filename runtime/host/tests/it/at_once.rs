//! Questions that are answered on the thread they come on, and that nothing but the time changes by it.

use std::{
    env,
    sync::{Arc, Mutex, mpsc},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use guichet_host::{HostOptions, Programs, Session, SessionEvent, Start, Walls};
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::{Terminal, id, options},
    store::Store,
};

const PATIENCE: Duration = Duration::from_secs(120);
const LOGIC: &str = r#"
let count = 0;
export const echo = (input) => input;
export const long = () => "x".repeat(2000);
export const slow = () => { for (let at = 0; at < 300000; at += 1) count += at % 2; return "slow"; };
export const keep = async (value) => { await guichet.storage.set("kept", value); return guichet.storage.get("kept"); };
export const show = (value) => { guichet.page.update({ value }); return value; };
export const fails = () => { throw new Error("no such form"); };
export const ends = () => { for (;;); };
export default {};
"#;

/// A session, and what it says with the thread that says it.
struct Heard {
    session: Session,
    said: mpsc::Receiver<(ThreadId, SessionEvent)>,
    _terminal: Terminal,
    _store: Store,
}

fn started() -> Heard {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).logic(LOGIC).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let options = options(terminal.home(), store.trust_file(), &terminal.clock);
    let terminal = terminal.reopened(HostOptions { walls: Walls::Two(programs()), ..options });
    let (say, said) = mpsc::channel();
    let say = Mutex::new(say);
    let sink = Arc::new(move |event| drop(say.lock().unwrap().send((thread::current().id(), event))));
    let session = terminal.host.launch(&id(PERMIT), &Start::default(), sink).unwrap();
    let heard = Heard { session, said, _terminal: terminal, _store: store };
    heard.session.page_message(1, r#"{"event":"loaded"}"#);
    heard.told(|json| json["lifecycle"]["target"] == "page");
    heard
}

/// Built before by `cargo build --workspace --bins`, as for journeys.
fn programs() -> Programs {
    let own = env::current_exe().unwrap();
    Programs::in_folder(own.ancestors().nth(2).unwrap()).unwrap()
}

impl Heard {
    fn ask(&self, id: u64, name: &str, input: Json) {
        self.session.page_message(1, &json!({"id": id, "ask": name, "input": input}).to_string());
    }

    /// The next thing a page is told that is wanted, and who told it.
    fn told(&self, wanted: impl Fn(&Json) -> bool) -> (ThreadId, Json) {
        loop {
            let (by, event) = self.said.recv_timeout(PATIENCE).unwrap();
            let SessionEvent::ToPage { json, .. } = event else { continue };
            let json: Json = serde_json::from_str(&json).unwrap();
            if wanted(&json) {
                return (by, json);
            }
        }
    }

    fn answer(&self) -> (ThreadId, Json) {
        self.told(|json| json.get("id").is_some())
    }
}

#[test]
fn what_is_answered_at_once_is_told_by_who_has_asked() {
    let app = started();
    let until = Instant::now() + PATIENCE;
    for number in 1.. {
        app.ask(number, "show", json!(number));
        let (by, told) = app.told(|json| json.get("state").is_some());
        assert_eq!(told["state"], json!({ "value": number }));
        let (answered_by, answer) = app.answer();
        assert_eq!((by, &answer), (answered_by, &json!({"id": number, "ok": number})));
        // A machine that does much else is not always in time.
        if by == thread::current().id() {
            break;
        }
        assert!(Instant::now() < until, "{number} questions, and all were answered by the session's thread");
    }
    app.ask(0, "long", Json::Null);
    assert_ne!(app.answer().0, thread::current().id(), "a sink may wait with what is long");
    app.ask(0, "keep", json!("a"));
    let (by, kept) = app.answer();
    assert_eq!((by == thread::current().id(), &kept["ok"]), (false, &json!("a")), "who draws does not write to a disk");
}

#[test]
fn questions_of_all_kinds_are_answered_as_if_one_thread_had_taken_them() {
    let app = started();
    let kinds = [
        ("echo", json!("a"), json!("a")),
        ("slow", Json::Null, json!("slow")),
        ("show", json!(7), json!(7)),
        ("long", Json::Null, json!("x".repeat(2000))),
        ("echo", json!({"b": [1]}), json!({"b": [1]})),
    ];
    let asked = (1..=200).zip(kinds.iter().cycle());
    let mut answers = (1..=200).zip(kinds.iter().cycle());
    for (number, (name, input, _)) in asked {
        app.ask(number, name, input.clone());
        // Some are waited for, so that the session has nothing to do when the next one comes.
        if number % 3 == 0 {
            for (number, (_, _, ok)) in answers.by_ref().take(3) {
                assert_eq!(app.answer().1, json!({"id": number, "ok": ok}));
            }
        }
    }
    for (number, (_, _, ok)) in answers {
        assert_eq!(app.answer().1, json!({"id": number, "ok": ok}));
    }
    app.ask(300, "fails", Json::Null);
    assert_eq!(app.answer().1["error"]["message"], "no such form");
    app.ask(301, "ends", Json::Null);
    app.ask(302, "echo", Json::Null);
    let class = loop {
        if let (_, SessionEvent::Ended(ending)) = app.said.recv_timeout(PATIENCE).unwrap() {
            break ending.class;
        }
    };
    assert_eq!(class, "logic/event-deadline");
    app.ask(303, "echo", Json::Null);
    assert!(app.session.has_ended());
}
