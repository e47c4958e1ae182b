//! The examples of the reference, each run as it stands: in JavaScript by the script component, in Rust by a component,
//! against a host with its services in memory.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

use guichet_contract::network::{Body, Request, Response};
use guichet_host::{Look, LookOptions, LookTerminal, SessionEvent, Start, Walls};
use guichet_services::{
    Memory, clipboard, files, notify, open_app,
    print::{Simulated, SimulatedPages},
    scan, speech, telemetry,
};
use serde_json::json;

use crate::{
    app::{App, PERMIT},
    component::guest,
    device::{Running, TOUCHED},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host-apis/examples")
}

/// The sections of every JavaScript file as they stand, with their names, `interface.function`.
fn sections() -> BTreeMap<String, Vec<(String, String)>> {
    let mut all = BTreeMap::<_, Vec<(String, String)>>::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "js") {
            continue;
        }
        let interface = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        for section in text.split("//# ").skip(1) {
            let (function, code) = section.split_once('\n').unwrap();
            let name = format!("{interface}.{}", function.trim());
            let of_one = all.entry(interface.clone()).or_default();
            assert!(of_one.iter().all(|(known, _)| *known != name), "{name} has two examples");
            of_one.push((name, code.to_owned()));
        }
    }
    all
}

/// `expression; // → JSON` holds the value of the expression against the JSON.
fn held(code: &str) -> String {
    let mut text = String::new();
    for line in code.lines() {
        match line.split_once("; // → ") {
            Some((expression, expected)) => {
                let shown = json!(line);
                writeln!(text, "equal({expression}, {expected}, {shown});").unwrap();
            }
            None => writeln!(text, "{line}").unwrap(),
        }
    }
    text
}

/// The host that examples ask.
fn answer(request: &Request) -> Response {
    let (status, body) = match request.url.to_string().as_str() {
        "https://data.example/reports" => (201, json!({"number": 7})),
        _ => (200, json!({"place": "18 Mill Lane"})),
    };
    Response {
        status,
        url: request.url.clone(),
        is_redirected: false,
        headers: Vec::new(),
        body: Body::Text(body.to_string()),
    }
}

/// An app on a device with simulated parts.
fn open(app: &App) -> Look {
    let services = Memory::default().with_parts(|parts| parts.with_pages(Arc::new(SimulatedPages)));
    let services = services.with_printer(Arc::new(Simulated::new("A4")));
    let services = services.with_reader(Arc::new(guichet_services::card::Simulated::new("reader")));
    let services = services.with_parts(|parts| parts.with_voice(Arc::<speech::Simulated>::default()));
    let services = services.with_parts(|parts| parts.with_clipboard(Arc::<clipboard::Simulated>::default()));
    let services = services.with_parts(|parts| parts.with_scanners(vec![Arc::new(scan::Simulated::new("A4"))]));
    let services = services.with_parts(|parts| parts.with_notices(Arc::<notify::Simulated>::default()));
    let services = services.with_parts(|parts| parts.with_chooser(Arc::<files::Simulated>::default()));
    let services = services.with_parts(|parts| parts.with_apps(Arc::<open_app::Simulated>::default()));
    let services = services.with_parts(|parts| parts.with_counter(Arc::<telemetry::Simulated>::default()));
    services.network.host("data.example", answer);
    let options = LookOptions {
        services: Arc::new(services),
        lang: "en".to_owned(),
        terminal: LookTerminal::Desktop,
        walls: Walls::One,
        script_cache: Some(crate::script_cache::shared()),
        recorder: None,
        plays: None,
    };
    Look::open(app.seal("residence"), options).unwrap()
}

/// Runs one example in a session of its own, and gives what became of it; the page that asked may be gone by then.
fn run(look: &Look, name: &str) -> Result<(), String> {
    let running = Running::by(|sink| look.launch(&Start::default(), sink)).unwrap();
    let page = running.loaded();
    running.ready(page);
    running.touch(page);
    thread::scope(|scope| {
        // However long a busy machine needs for the example, somebody has just touched the page.
        let (over, is_over) = channel::<()>();
        let touched = running.session.clone();
        scope.spawn(move || {
            while is_over.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                touched.page_message(page, TOUCHED);
            }
        });
        running.ask(page, "example", json!(name)).unwrap();
        let outcome = running.until("what becomes of the example", |event| match event {
            SessionEvent::Log(line) if line.text == "example: done" => Some(Ok(())),
            SessionEvent::Log(line) if line.text.starts_with("example: ") => Some(Err(line.text.clone())),
            SessionEvent::Ended(ending) => Some(Err(format!("{}: {}", ending.class, ending.reason))),
            _ => None,
        });
        drop(over);
        outcome
    })
}

/// An app that holds whatever examples need.
fn app() -> App {
    let permissions = json!([
        {"name": "host:storage", "reason": "for the example"},
        {"name": "host:print", "reason": "for the example"},
        {"name": "host:card", "reason": "for the example", "scope": {"applets": ["F0475549434845540001"]}},
        {"name": "host:speech", "reason": "for the example"},
        {"name": "host:clipboard", "reason": "for the example"},
        {"name": "host:scan", "reason": "for the example"},
        {"name": "host:files", "reason": "for the example", "scope": {"endings": ["txt", "pdf"]}},
        {"name": "host:open-app", "reason": "for the example", "scope": {"apps": ["gov.example.tax"]}},
        {"name": "host:notify", "reason": "for the example"},
        {"name": "host:telemetry", "reason": "for the example", "scope": {"events": ["sent", "left:form"]}},
        {"name": "host:network", "reason": "for the example", "scope": {"domains": ["data.example"]}},
    ]);
    App::new(PERMIT, 1).manifest("req_permissions", permissions)
}

const EQUAL: &str = "const equal = (got, expected, line) => {\n\
    const [one, other] = [JSON.stringify(got), JSON.stringify(expected)];\n\
    if (one !== other) throw new Error(`${line} brought ${one}`);\n};\nexport default {};\nconst all = {};\n\
    export function example(name) {\n\
    const say = (text) => guichet.log.write('info', `example: ${text}`);\n\
    all[name]().then(() => say('done'), (error) => say(`${error.name}: ${error.message}`));\n}\n";

/// One app with all these examples.
fn script(sections: &[(String, String)]) -> App {
    let mut logic = EQUAL.to_owned();
    for (name, code) in sections {
        writeln!(logic, "all[{}] = async () => {{\n{}}};", json!(name), held(code)).unwrap();
    }
    app().logic(&logic)
}

#[test]
fn every_example_in_javascript_does_what_it_says() {
    let sections = sections();
    assert!(sections.len() >= 10, "{:?}", sections.keys());
    // One device for each interface, whose examples find it as the ones before have left it.
    for examples in sections.values() {
        let look = open(&script(examples));
        for (name, _) in examples {
            assert_eq!(run(&look, name), Ok(()), "host-apis/examples: {name}");
        }
    }
}

#[test]
fn an_example_that_says_something_else_fails() {
    let code = "await guichet.storage.get(\"draft\") ?? \"nothing yet\"; // → \"something\"\n".to_owned();
    let why = run(&open(&script(&[("wrong".to_owned(), code)])), "wrong").unwrap_err();
    assert!(why.contains("brought \"nothing yet\""), "{why}");
}

#[test]
fn every_example_in_rust_does_what_it_says() {
    let text = fs::read_to_string(folder().join("examples.rs")).unwrap();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => ").map(|(name, _)| name))
        .collect();
    assert!(names.len() >= 10, "{names:?}");
    let look = open(&app().component(&guest()));
    for name in names {
        assert_eq!(run(&look, name), Ok(()), "host-apis/examples/examples.rs: {name}");
    }
}
