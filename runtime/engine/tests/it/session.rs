//! A host in small: performs calls in order of time, from memory, and keeps the journal.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use guichet_contract::{Failure, Value};
use guichet_engine::{Budget, Ended, Engine, EngineOptions, Event, Logic, Output, Program, Wasm};
use serde_json::Value as Json;

/// For tests that are not about time: a busy machine must not fail them.
pub(crate) const PATIENT: Budget =
    Budget { memory_bytes: 64 << 20, event_ms: 10_000, boot_ms: 10_000, pending_calls: 256, output_bytes: 4 << 20 };
/// When every session begins.
pub(crate) const START_MS: u64 = 1_790_000_000_000;

/// The engine that `main.rs` chooses: the same tests run behind one wall and behind two.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(EngineOptions { cache: None, walls: crate::walls() }).unwrap())
}

fn guests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests")
}

/// The JavaScript app in `tests/guests/js/<name>`.
pub(crate) fn script(name: &str) -> Program {
    folder(&guests().join("js").join(name))
}

/// The JavaScript app in a folder.
pub(crate) fn folder(root: &Path) -> Program {
    let mut sources = BTreeMap::new();
    read(root, root, &mut sources);
    Program::Script(sources)
}

fn read(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, into);
        } else {
            into.insert(
                path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            );
        }
    }
}

/// A JavaScript app of one file.
pub(crate) fn one_file(source: &str) -> Program {
    Program::Script(BTreeMap::from([("app.js".to_owned(), source.to_owned())]))
}

/// The Rust guest in `tests/guests`.
pub(crate) fn rust() -> Program {
    component("test_guest")
}

/// A component, as `cargo xtask guests` built it.
pub(crate) fn component(name: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/guests/{name}.wasm"));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask guests`", path.display()));
    Program::Component(Wasm::new(bytes))
}

pub(crate) struct Session {
    logic: Logic,
    pub(crate) now: u64,
    /// The interfaces of which every call is denied.
    pub(crate) denied: BTreeSet<&'static str>,
    questions: u32,
    kept: BTreeMap<String, Value>,
    /// By time and call: what will complete.
    due: BTreeMap<(u64, u32), Result<Value, Failure>>,
    pub(crate) journal: Vec<(u64, Event)>,
    pub(crate) outputs: Vec<Output>,
}

impl Session {
    /// Boots, without launching.
    pub(crate) fn boot(program: &Program, budget: Budget) -> Result<Self, Ended> {
        Ok(Self::of(engine().load(program)?.start(budget)?))
    }

    /// A session of logic that has booted.
    pub(crate) fn of(logic: Logic) -> Self {
        Self {
            logic,
            now: START_MS,
            denied: BTreeSet::new(),
            questions: 0,
            kept: BTreeMap::new(),
            due: BTreeMap::new(),
            journal: vec![],
            outputs: vec![],
        }
    }

    /// Boots and launches.
    pub(crate) fn launch(program: &Program) -> Self {
        Self::launch_within(program, PATIENT)
    }

    pub(crate) fn launch_within(program: &Program, budget: Budget) -> Self {
        let mut session = Self::boot(program, budget).unwrap();
        session.run(launched(), 0).unwrap();
        session
    }

    /// Delivers an event and all that follows from it within `ms` of the session's time.
    pub(crate) fn run(&mut self, event: Event, ms: u64) -> Result<(), Ended> {
        let end = self.now + ms;
        self.deliver(event)?;
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= end) {
            let ((at, call), result) = entry.remove_entry();
            self.now = at;
            self.deliver(Event::Completed { call, result })?;
        }
        self.now = end;
        Ok(())
    }

    /// Asks a handler and returns its answer.
    pub(crate) fn ask(&mut self, name: &str, input: Json) -> Result<Result<Json, String>, Ended> {
        self.questions += 1;
        let id = self.questions;
        self.run(Event::Asked { id, page: 7, name: name.to_owned(), input: input.to_string() }, 1_000)?;
        let answer =
            self.told("page", "answer").into_iter().find(|arguments| arguments[0] == Value::Integer(id.into()));
        let Some([_, Value::Record(answer)]) = answer.as_deref() else {
            panic!("{name} did not answer: {:?}", self.outputs)
        };
        match (answer.get("ok"), answer.get("err")) {
            (Some(Value::Text(json)), None) => Ok(Ok(serde_json::from_str(json).unwrap())),
            (None, Some(Value::Text(sentence))) => Ok(Err(sentence.clone())),
            other => panic!("{other:?}"),
        }
    }

    /// The arguments of everything told so far to one function.
    pub(crate) fn told(&self, interface: &str, function: &str) -> Vec<Vec<Value>> {
        let told = |output: &Output| match output {
            Output::Tell { interface: i, function: f, arguments } if i == interface && f == function => {
                Some(arguments.clone())
            }
            _ => None,
        };
        self.outputs.iter().filter_map(told).collect()
    }

    /// What was told, as JSON lines.
    pub(crate) fn said(&self, interface: &str, function: &str) -> String {
        let lines =
            self.told(interface, function).into_iter().map(|arguments| Value::List(arguments).to_json().to_string());
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn logic(&mut self) -> &mut Logic {
        &mut self.logic
    }

    fn deliver(&mut self, event: Event) -> Result<(), Ended> {
        self.journal.push((self.now, event.clone()));
        for output in self.logic.handle(self.now, event)? {
            match &output {
                Output::Start { call, interface, function, arguments } => {
                    let (after, result) = self.perform(interface, function, arguments);
                    self.due.insert((self.now + after, *call), result);
                }
                Output::Forget { call } => self.due.retain(|(_, due), _| due != call),
                Output::Tell { .. } => {}
            }
            self.outputs.push(output);
        }
        Ok(())
    }

    fn perform(&mut self, interface: &str, function: &str, arguments: &[Value]) -> (u64, Result<Value, Failure>) {
        let denied = || Err(Failure::Denied(format!("{interface}.{function} needs a permission")));
        let result = match (interface, function, arguments) {
            _ if self.denied.contains(interface) => denied(),
            ("timer", "after", [Value::Integer(ms)]) => return (ms.unsigned_abs(), Ok(Value::Null)),
            ("storage", _, [Value::Text(key), ..]) if key.is_empty() && function != "keys" => {
                Err(Failure::Invalid(format!("storage.{function}: key must be 1 to 512 bytes long")))
            }
            ("storage", "get", [Value::Text(key)]) => Ok(self.kept.get(key).cloned().unwrap_or(Value::Null)),
            ("storage", "set", [Value::Text(key), value]) => {
                self.kept.insert(key.clone(), value.clone());
                Ok(Value::Null)
            }
            ("storage", "remove", [Value::Text(key)]) => {
                self.kept.remove(key);
                Ok(Value::Null)
            }
            ("storage", "keys", [Value::Text(prefix)]) => Ok(Value::List(
                self.kept.keys().filter(|key| key.starts_with(prefix.as_str())).cloned().map(Value::Text).collect(),
            )),
            ("app-info", "get", []) => Ok(Value::Record(BTreeMap::from([
                ("app-id".to_owned(), Value::Text("gov.example.desk".to_owned())),
                ("version-code".to_owned(), Value::Integer(3)),
                ("version-name".to_owned(), Value::Text("1.2.0".to_owned())),
                ("platform-code".to_owned(), Value::Integer(1)),
                ("lang".to_owned(), Value::Text("zh-Hans".to_owned())),
                ("terminal".to_owned(), Value::Text("desktop".to_owned())),
            ]))),
            _ => denied(),
        };
        (0, result)
    }
}

pub(crate) fn launched() -> Event {
    Event::Launched {
        route: "pages/index".to_owned(),
        query: "from=home".to_owned(),
        lang: "zh-Hans".to_owned(),
        dir: "auto".to_owned(),
        referrer: "guichet://miniapp/gov.example.hall/pages/list".to_owned(),
        seed: (11, 22),
    }
}
