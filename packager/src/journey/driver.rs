//! WebDriver (W3C), as far as journeys need it, and the processes behind it.

use std::{
    io::ErrorKind,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value as Json, json};
use ureq::Agent;

use super::bare::Thrown;
use crate::glass::Display;

/// How long a program may take until it answers.
const TO_START: Duration = Duration::from_secs(30);
/// The driver waits for ever if somebody else takes the port by which it reaches the program, so it is tried again.
const TRIES: u32 = 3;
/// The member in which WebDriver names an element.
pub(crate) const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A window cannot be shown or driven here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoGlass {
    /// A program is not installed.
    Missing(&'static str),
    /// A program did not do what it was started for.
    NotStarted(String),
}

/// A program that ends, with all it has started, when this is dropped.
struct Program(Child);

impl Program {
    fn start(name: &'static str, command: &mut Command) -> Result<Self, NoGlass> {
        let started = command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
        started.map(Self).map_err(|error| match error.kind() {
            ErrorKind::NotFound => NoGlass::Missing(name),
            _ => NoGlass::NotStarted(format!("{name}: {error}")),
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // Gone already is as good.
            let _ = kill_process_group(group, Signal::KILL);
        }
        drop(self.0.wait());
    }
}

/// One program under WebDriver.
pub(crate) struct Driver {
    agent: Agent,
    session: String,
    _driver: Program,
}

impl Driver {
    /// Starts a program on a display.
    pub(crate) fn start(display: &Display, program: &Path, arguments: &[String]) -> Result<Self, NoGlass> {
        let mut last = NoGlass::Missing("WebKitWebDriver");
        for _ in 0..TRIES {
            match Self::try_start(display, program, arguments) {
                Err(NoGlass::NotStarted(why)) => last = NoGlass::NotStarted(why),
                outcome => return outcome,
            }
        }
        Err(last)
    }

    fn try_start(display: &Display, program: &Path, arguments: &[String]) -> Result<Self, NoGlass> {
        let failed = |why: String| NoGlass::NotStarted(format!("WebKitWebDriver: {why}"));
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| failed(error.to_string()))?.port();
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1").stdout(Stdio::null());
        display.lend(&mut command);
        let driver = Program::start("WebKitWebDriver", &mut command)?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > TO_START {
                return Err(failed("it does not listen".to_owned()));
            }
            pause();
        }
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(TO_START));
        let agent = Agent::new_with_config(config.build());
        let wanted = json!({"webkitgtk:browserOptions": {"binary": program, "args": arguments}});
        let mut made = Self { agent, session: format!("http://127.0.0.1:{port}/session"), _driver: driver };
        let answer = made.ask("", Some(&json!({"capabilities": {"alwaysMatch": wanted}})));
        let answer = answer.map_err(|thrown| failed(thrown.message))?;
        let id = answer["sessionId"].as_str().ok_or_else(|| failed("it names no session".to_owned()))?;
        made.session = format!("{}/{id}", made.session);
        Ok(made)
    }

    /// The views of the program.
    pub(crate) fn views(&self) -> Result<Vec<String>, Thrown> {
        let handles = self.ask("/window/handles", None)?;
        Ok(handles.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect())
    }

    /// Turns to a view.
    pub(crate) fn turn_to(&self, view: &str) -> Result<(), Thrown> {
        self.ask("/window", Some(&json!({ "handle": view }))).map(drop)
    }

    /// Runs a script in the page and gives what it returns.
    pub(crate) fn run(&self, script: &str, arguments: &[Json]) -> Result<Json, Thrown> {
        self.ask("/execute/sync", Some(&json!({ "script": script, "args": arguments })))
    }

    /// Runs a script that ends with its last argument, a function, and gives what that is called with.
    pub(crate) fn run_until_told(&self, script: &str, arguments: &[Json]) -> Result<Json, Thrown> {
        self.ask("/execute/async", Some(&json!({ "script": script, "args": arguments })))
    }

    /// Clicks on an element that a script has returned.
    pub(crate) fn click(&self, element: &str) -> Result<(), Thrown> {
        self.ask(&format!("/element/{element}/click"), Some(&json!({}))).map(drop)
    }

    /// Clicks on a place of the view, in pixels of the view itself.
    pub(crate) fn click_at(&self, x: f64, y: f64) -> Result<(), Thrown> {
        let at = json!({"type": "pointerMove", "duration": 0, "x": x.round(), "y": y.round(), "origin": "viewport"});
        let button = |kind: &str| json!({ "type": kind, "button": 0 });
        let mouse = json!({
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [at, button("pointerDown"), button("pointerUp")],
        });
        self.ask("/actions", Some(&json!({ "actions": [mouse] }))).map(drop)
    }

    /// Empties an element.
    pub(crate) fn clear(&self, element: &str) -> Result<(), Thrown> {
        self.ask(&format!("/element/{element}/clear"), Some(&json!({}))).map(drop)
    }

    /// Types into an element.
    pub(crate) fn keys(&self, element: &str, text: &str) -> Result<(), Thrown> {
        self.ask(&format!("/element/{element}/value"), Some(&json!({ "text": text }))).map(drop)
    }

    /// The element that has the focus.
    pub(crate) fn focused(&self) -> Result<String, Thrown> {
        element(&self.ask("/element/active", None)?).ok_or_else(|| Thrown::new("nothing has the focus"))
    }

    /// A picture of the page, a PNG.
    pub(crate) fn picture(&self) -> Result<Vec<u8>, Thrown> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let picture = self.ask("/screenshot", None)?;
        let decoded = STANDARD.decode(picture.as_str().unwrap_or_default());
        decoded.map_err(|error| Thrown::new(format!("the picture cannot be read: {error}")))
    }

    /// Ends the program.
    pub(crate) fn close(self) {
        // The processes are ended either way.
        drop(self.agent.delete(&self.session).call());
    }

    fn ask(&self, path: &str, body: Option<&Json>) -> Result<Json, Thrown> {
        let url = format!("{}{path}", self.session);
        let answer = match body {
            Some(body) => self.agent.post(&url).send_json(body),
            None => self.agent.get(&url).call(),
        };
        let answer = answer.and_then(|mut answer| answer.body_mut().with_config().limit(64 << 20).read_json::<Json>());
        let answer = answer.map_err(|error| Thrown::new(format!("the window does not answer: {error}")))?;
        let value = answer["value"].clone();
        match value["error"].as_str().filter(|_| value.get("stacktrace").is_some() || value.get("message").is_some()) {
            None => Ok(value),
            Some(kind) => {
                let said = value["message"].as_str().unwrap_or_default();
                Err(Thrown::new(if said.is_empty() { kind.to_owned() } else { said.to_owned() }))
            }
        }
    }
}

/// The element that a value names.
pub(crate) fn element(value: &Json) -> Option<String> {
    value[ELEMENT].as_str().map(str::to_owned)
}

/// Looks again after a while: the one place that waits without being told.
#[expect(clippy::disallowed_methods, reason = "a driver has no way to tell that something has changed")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(40));
}
