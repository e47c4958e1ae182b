//! A session that was recorded runs again with the same outputs; another program, another time or an altered journal does not.

use std::{
    fs,
    io::{BufReader, Cursor},
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use guichet_contract::Services;
use guichet_host::{Difference, HostOptions, JournalRefusal, Recorder, Replayed, Replayer, Walls};
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    component::guest,
    device::{Running, Terminal, options},
    store::Store,
};

/// Carries what it is given, rolls dice, waits, stores, is denied and throws.
const DESK: &str = r#"
    console.log("loaded", Math.random());
    export async function keep(form) {
      await guichet.storage.set("form/1", JSON.stringify({ form, at: Date.now(), dice: Math.random() }));
      guichet.page.update({ greeting: `Kept for ${form.name}`, form });
      return JSON.parse(await guichet.storage.get("form/1"));
    }
    export async function wait() { await new Promise((done) => setTimeout(done, 1)); return new Date().toISOString(); }
    export const age = ({ born }) => 2026 - born;
    export const refused = () => guichet.navigation.navigate("pages/nowhere");
    export const throws = () => null.x;
    export const hoard = () => { const kept = []; for (;;) kept.push(new ArrayBuffer(5e7)); };
    export const spin = () => { for (;;); };
    export default { launched() { console.info("launched", Date.now()) }, pageLoaded: ({ route }) => console.debug(route) };
"#;

/// A terminal that records, and where.
pub(crate) struct Recording {
    pub(crate) terminal: Terminal,
    path: PathBuf,
    folder: tempfile::TempDir,
}

impl Recording {
    pub(crate) fn of(store: &Store, app: &str) -> Self {
        Self::changed(store, app, |options| options)
    }

    /// One of a terminal that has other parts.
    pub(crate) fn on(store: &Store, app: &str, services: Arc<dyn Services>) -> Self {
        Self::changed(store, app, |options| HostOptions { services, ..options })
    }

    fn changed(store: &Store, app: &str, change: impl FnOnce(HostOptions) -> HostOptions) -> Self {
        let terminal = Terminal::with(store, app);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.journal");
        let recorder = Some(Recorder::create(&path).unwrap());
        let recording = change(options(terminal.home(), store.trust_file(), &terminal.clock));
        let terminal = terminal.reopened(HostOptions { recorder, ..recording });
        Self { terminal, path, folder }
    }

    pub(crate) fn with(logic: &str) -> Self {
        Self::of_app(&desk(logic))
    }

    fn of_app(app: &App) -> Self {
        let mut store = Store::new();
        store.release(&app.seal("residence"));
        Self::of(&store, PERMIT)
    }

    /// Uses the app in every way.
    fn session(&self) -> Running {
        let running = self.terminal.launch(PERMIT);
        let page = running.loaded();
        running.ready(page);
        running.ask(page, "keep", json!({"name": "Ada", "list": [1, 2.5, null]})).unwrap();
        self.terminal.live(86_400_000);
        running.ask(page, "wait", Json::Null).unwrap();
        running.ask(page, "refused", Json::Null).unwrap_err();
        running.ask(page, "throws", Json::Null).unwrap_err();
        running.ask(page, "nobody", json!("日")).unwrap_err();
        running.session.hidden();
        running.session.shown();
        running
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    /// The journal after the terminal was switched off.
    pub(crate) fn end(self) -> Vec<u8> {
        drop(self.terminal);
        let journal = fs::read(&self.path).unwrap();
        drop(self.folder);
        journal
    }
}

fn desk(logic: &str) -> App {
    App::new(PERMIT, 1).asks_for(&["host:storage"]).logic(logic)
}

fn replayer() -> &'static Replayer {
    static REPLAYER: OnceLock<Replayer> = OnceLock::new();
    REPLAYER.get_or_init(|| Replayer::new(Walls::One, Some(&crate::script_cache::shared())).unwrap())
}

pub(crate) fn replay(journal: &[u8]) -> Result<Replayed, JournalRefusal> {
    replayer().replay(BufReader::new(Cursor::new(journal)), None)
}

fn with_other(journal: &[u8], other: &App) -> Result<Replayed, JournalRefusal> {
    replayer().replay(BufReader::new(Cursor::new(journal)), Some(other.seal("residence")))
}

/// The journal with each line changed that `change` gives another for.
fn altered(journal: &[u8], change: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let text = std::str::from_utf8(journal).unwrap();
    text.lines().map(|line| change(line).unwrap_or_else(|| line.to_owned()) + "\n").collect::<String>().into_bytes()
}

#[test]
fn sessions_from_an_image_and_from_code_run_again_with_the_same_outputs() {
    let recording = Recording::with(DESK);
    let image = recording.terminal.home().join("apps").join(PERMIT).join("slots/1/logic.image");
    assert!(image.is_file());
    recording.session().close();
    fs::remove_file(&image).unwrap();
    recording.session().close();
    let replayed = replay(&recording.end()).unwrap();
    let Replayed { sessions, events, outputs, .. } = replayed.clone();
    assert!(events > 20 && outputs > 20, "{replayed:?}");
    assert_eq!(replayed, Replayed { sessions, events, outputs, ..Replayed::default() });
    assert_eq!(sessions, 2);
}

#[test]
fn a_component_runs_again_and_so_does_its_panic() {
    let recording = Recording::of_app(&App::new(PERMIT, 1).asks_for(&["host:storage"]).component(&guest()));
    let running = recording.terminal.launch(PERMIT);
    let page = running.loaded();
    for handler in ["count", "count", "dice", "bytes", "leave"] {
        let _ = running.ask(page, handler, Json::Null);
    }
    running.session.page_message(page, r#"{"id":99,"ask":"panic","input":"why"}"#);
    assert_eq!(running.ending().class, "logic/panic");
    let journal = recording.end();
    assert!(String::from_utf8_lossy(&journal).contains(r#""class":"logic/panic","outside":false"#));
    let replayed = replay(&journal).unwrap();
    assert_eq!((replayed.difference, replayed.stopped), (None, vec![]));
}

/// A script whose memory is full is told so and goes on; one that does not end is ended.
#[test]
fn bombs_run_again_and_what_the_clock_stopped_is_told() {
    let recording = Recording::with(DESK);
    let running = recording.terminal.launch(PERMIT);
    let page = running.loaded();
    let (name, message) = running.ask(page, "hoard", Json::Null).unwrap_err();
    assert_eq!((name.as_str(), message.as_str()), ("InvalidError", "out of memory"));
    running.session.page_message(page, &json!({"id": 9, "ask": "spin", "input": null}).to_string());
    assert_eq!(running.ending().class, "logic/event-deadline");
    let replayed = replay(&recording.end()).unwrap();
    assert_eq!(replayed.difference, None);
    let last = replayed.stopped.last().unwrap();
    assert_eq!((last.session, last.class.as_str()), (1, "logic/event-deadline"));
}

#[test]
fn another_release_differs_where_it_first_does_something_else() {
    let recording = Recording::with(DESK);
    recording.session().close();
    let journal = recording.end();
    assert_eq!(with_other(&journal, &desk(DESK)).unwrap().difference, None);
    let found = with_other(&journal, &desk(&DESK.replace("Kept for", "Stored for"))).unwrap().difference.unwrap();
    let Difference { app_id, event: _, session, input, output, expected, got, line } = found;
    assert_eq!((app_id.as_str(), session, output), (PERMIT, 1, 1));
    assert!(input.unwrap().get("completed").is_some());
    let patch = |json: Option<Json>| json.unwrap()["tell"]["arguments"][0].as_str().unwrap().to_owned();
    let (expected, got) = (patch(expected), patch(got));
    assert!(expected.contains("Kept for Ada") && got.contains("Stored for Ada"), "{expected} {got}");
    let text = String::from_utf8(journal).unwrap();
    assert!(text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap().contains("Kept for Ada"));
    let silent = with_other(text.as_bytes(), &desk("export default {};")).unwrap().difference.unwrap();
    assert_eq!((silent.event, silent.output), (1, 1), "what is said while the code is loaded");
    assert_eq!(silent.got, None);
    let broken = with_other(text.as_bytes(), &desk("throw new Error('no')")).unwrap().difference.unwrap();
    assert_eq!(broken.got.unwrap()["ended"]["class"], "logic/boot-failed");
}

/// Controls: time, randomness and completions of a replay come from the journal and from nowhere else.
#[test]
fn an_altered_journal_differs() {
    let recording = Recording::with(DESK);
    recording.session().close();
    let journal = recording.end();
    let differs = |change: &dyn Fn(&str) -> Option<String>| {
        let altered = altered(&journal, change);
        assert_ne!(altered, journal);
        replay(&altered).unwrap().difference.unwrap()
    };
    let member = |line: &str, path: &str, change: &dyn Fn(&mut Json)| {
        let mut line: Json = serde_json::from_str(line).unwrap();
        line.pointer_mut(path).map(change)?;
        Some(line.to_string())
    };
    differs(&|line| member(line, "/at", &|at| *at = json!(at.as_u64().unwrap() + 1)));
    differs(&|line| member(line, "/event/launched/seed/0", &|seed| *seed = json!("7")));
    differs(&|line| member(line, "/event/asked/input", &|input| *input = json!(r#"{"name":"Eve"}"#)));
    differs(&|line| member(line, "/event/completed/err", &|err| *err = json!({"invalid": "otherwise"})));
    differs(&|line| member(line, "/outputs/0/tell/arguments/1", &|text| *text = json!("other")));
    let missing = differs(&|line| member(line, "/outputs", &|outputs| drop(outputs.as_array_mut().unwrap().pop())));
    assert_eq!(missing.expected, None);
}

#[test]
fn personal_data_stay_out_and_logic_that_carries_them_runs_again() {
    let personal = json!({"glaze": "plum", "personal": ["name", "born", "storage:secret/"]});
    let logic = format!(
        "{DESK}\nexport const secret = async ({{ text }}) => {{ await guichet.storage.set('secret/1', text); return guichet.storage.get('secret/1') }};"
    );
    let recording = Recording::of_app(&desk(&logic).manifest("guichet", personal));
    let running = recording.terminal.launch(PERMIT);
    let page = running.loaded();
    // As long as this: seeds and dice of a session are random digits, and those contain any year now and then.
    let born = 18_151_210_103_000_u64;
    let answer = running.ask(page, "keep", json!({"name": "Ada \"L\"\nLovelace", "born": born, "area": "urban"}));
    assert_eq!(answer.unwrap()["form"]["name"], "Ada \"L\"\nLovelace", "the session itself knows nothing of it");
    running.ask(page, "secret", json!({"text": "tell nobody"})).unwrap();
    running.close();
    let text = recording.text();
    let redacted: String = text.lines().filter(|line| !line.contains(r#""text":"tell nobody""#)).collect();
    assert!(!redacted.contains("Lovelace") && !redacted.contains(&born.to_string()), "{text}");
    assert!(text.contains("Kept for ~personal-") && text.contains("900000000"), "{text}");
    // What came before it was put under the declared key was not declared itself; after that it is known.
    let after = text.split("secret/1").nth(1).unwrap();
    assert!(!after.contains("tell nobody"), "{after}");
    let replayed = replay(text.as_bytes()).unwrap();
    assert!(replayed.is_redacted);
    assert_eq!(replayed.difference, None);
}

#[test]
fn logic_that_looks_into_personal_data_may_differ_and_it_is_known_why() {
    let recording = Recording::of_app(&desk(DESK).manifest("guichet", json!({"personal": ["born"]})));
    let running = recording.terminal.launch(PERMIT);
    let page = running.loaded();
    assert_eq!(running.ask(page, "age", json!({"born": 1985})).unwrap(), json!(41));
    running.close();
    let replayed = replay(&recording.end()).unwrap();
    assert!(replayed.is_redacted && replayed.difference.is_some());
}

#[test]
fn a_journal_that_ends_anywhere_is_run_to_its_last_whole_line() {
    let recording = Recording::with("export const add = ({ a }) => a + 1; export default {};");
    let running = recording.terminal.launch(PERMIT);
    running.ask(running.loaded(), "add", json!({"a": 1})).unwrap();
    // As after a crash: the session has not ended.
    let journal = fs::read(&recording.path).unwrap();
    let first = journal.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let step = journal.len() / 60;
    for end in (first..=journal.len()).step_by(step) {
        let replayed = replay(&journal[..end]).unwrap();
        assert_eq!(replayed.difference, None, "{end}");
        assert_eq!(replayed.is_cut_short, journal[end - 1] != b'\n', "{end}");
    }
    for end in 0..first - 1 {
        assert!(matches!(replay(&journal[..end]), Err(JournalRefusal::NotAJournal)), "{end}");
    }
}

#[test]
fn what_no_recorder_writes_is_refused_with_its_line() {
    let recording = Recording::with("export default {};");
    recording.terminal.launch(PERMIT).close();
    let journal = String::from_utf8(recording.end()).unwrap();
    let refused = |text: &str| replay(text.as_bytes()).unwrap_err().to_string();
    let lines: Vec<_> = journal.lines().collect();
    let twice = |n: usize| refused(&format!("{}\n{}\n", lines[..=n].join("\n"), lines[n]));
    let without = |n: usize| {
        let kept: Vec<_> = lines.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, line)| *line).collect();
        refused(&(kept.join("\n") + "\n"))
    };
    let mut said =
        vec![
            refused(""),
            refused("PK\u{3}\u{4}"),
            refused("{\"format\":3,\"journal\":\"guichet\"}\n"),
            refused(&(journal.clone() + "{]\n")),
            refused(&(journal.clone() + "{\"session\":9,\"n\":1}\n")),
            refused(&journal.replace("\"phase\":\"shown\"", "\"phase\":\"seen\"")),
            refused(&journal.replace("\"n\":2", "\"n\":3")),
            refused(&journal.replace("\"script\"", "\"text\"")),
            refused(&journal.replace(
                "{\"script\":{\"app.js\":\"export default {};\",\"pages/form.js\":\"// the form\\n\"}}",
                "null",
            )),
        ];
    said.extend([1, 2, 3, 5].map(twice));
    said.extend([1, 2, 3].map(without));
    said.push(with_other(journal.as_bytes(), &App::new("gov.example.residence.other", 1)).unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n"), @r"
    this is not a journal
    this is not a journal
    the journal has form 3, and this program reads form 2
    line 23 is not one of a journal: it is not JSON
    line 23 is not one of a journal: its session has not begun
    line 8 is not one of a journal: that is no event
    line 8 is not one of a journal: its event comes out of turn
    line 2 is not one of a journal: that is no program
    the journal does not have the program of gov.example.residence.permit
    line 3 is not one of a journal: its program has a number that is taken
    line 4 is not one of a journal: its package has a number that is taken
    line 5 is not one of a journal: its session begins out of turn, or beside too many
    line 7 is not one of a journal: its event comes out of turn
    line 6 is not one of a journal: its session has a program that was not written
    line 3 is not one of a journal: its session has a package that was not written
    line 4 is not one of a journal: its session has not begun
    the journal has no session of gov.example.residence.other
    ");
}
