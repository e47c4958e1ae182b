//! A window driven through WebKitWebDriver: what a person sees of a page, and does to it.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail};
pub use fantoccini::key::Key;
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
    wd::WindowHandle,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    display::Display,
    ports,
    process::Running,
    until::{DEADLINE, until},
};

/// How often a session is tried.
const TRIES: u32 = 3;

/// How long the driver may take to start the program.
const CONNECT: Duration = Duration::from_secs(30);

/// How long the driver may be silent about an action before one looks at the page instead.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the driver says of an action that it has not done, for the element has no place in the window as yet.
const NOT_DONE: [&str; 4] =
    ["element not interactable", "element click intercepted", "move target out of bounds", "stale element reference"];

/// A driver, the program it drives, and the views of that program.
pub struct Browser {
    runtime: Runtime,
    client: Client,
    driver: Running,
    port: u16,
}

impl Browser {
    /// Starts a program under automation on a display.
    ///
    /// WebKitWebDriver chooses the port by which it reaches the program itself, and waits for ever if somebody else
    /// listens there; so it gets a second and a third try.
    pub fn start(display: &Display, program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::try_start(display, program, arguments, environment) {
                Err(error) if tries < TRIES => eprintln!("once more, because {error:#}"),
                outcome => return outcome,
            }
        }
    }

    fn try_start(display: &Display, program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let port = ports::free()?;
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
        command.env("DISPLAY", display.name()).envs(environment.iter().copied());
        let driver = Running::start("WebKitWebDriver", &mut command)?;
        until("WebKitWebDriver listens", Duration::from_secs(20), || {
            Ok(std::net::TcpStream::connect(("127.0.0.1", port)).ok())
        })?;

        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let wanted = json!({"webkitgtk:browserOptions": {"binary": program, "args": arguments}});
        let wanted = wanted.as_object().cloned().unwrap_or_default();
        let connect = async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(wanted).connect(&format!("http://127.0.0.1:{port}")).await
        };
        match runtime.block_on(async { tokio::time::timeout(CONNECT, connect).await }) {
            Ok(Ok(client)) => Ok(Self { runtime, client, driver, port }),
            outcome => {
                let why = match outcome {
                    Ok(Err(error)) => error.to_string(),
                    _ => format!("there was no session within {} s", CONNECT.as_secs()),
                };
                let said = driver.said();
                driver.stop_with_children()?;
                bail!("WebKitWebDriver could not start the program: {why}\n{said}")
            }
        }
    }

    /// What driver and program have said so far.
    pub fn said(&self) -> String {
        self.driver.said()
    }

    /// Turns to the view whose address contains a text.
    pub fn turn_to(&self, address: &str) -> Result<()> {
        until(&format!("there is a view of {address}"), DEADLINE, || {
            for handle in self.runtime.block_on(self.client.windows())? {
                if self.switch(handle).is_err() {
                    continue;
                }
                let url = self.runtime.block_on(self.client.execute("return location.href", vec![]));
                if url.is_ok_and(|url| url.as_str().is_some_and(|url| url.contains(address))) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
    }

    /// Waits until a view is no more.
    pub fn gone(&self, view: &WindowHandle) -> Result<()> {
        until("the view is gone", DEADLINE, || {
            Ok((!self.runtime.block_on(self.client.windows())?.contains(view)).then_some(()))
        })
    }

    /// The view it is turned to, to come back to without asking any other.
    pub fn view(&self) -> Result<WindowHandle> {
        Ok(self.runtime.block_on(self.client.window())?)
    }

    /// Turns to a view.
    pub fn turn_back(&self, view: &WindowHandle) -> Result<()> {
        self.switch(view.clone())
    }

    fn switch(&self, handle: WindowHandle) -> Result<()> {
        Ok(self.runtime.block_on(self.client.switch_to_window(handle))?)
    }

    /// Runs a script in the page and gives what it returns.
    pub fn ask(&self, script: &str) -> Result<Value> {
        Ok(self.runtime.block_on(self.client.execute(script, vec![]))?)
    }

    /// Waits until a script returns something true, and gives it.
    pub fn until(&self, state: &str, script: &str) -> Result<Value> {
        self.until_within(DEADLINE, state, script)
    }

    /// The same with a deadline of its own.
    pub fn until_within(&self, deadline: Duration, state: &str, script: &str) -> Result<Value> {
        let seen = until(state, deadline, || {
            let value = self.ask(script).unwrap_or(Value::Null);
            Ok((!value.is_null() && value != json!(false) && value != json!("")).then_some(value))
        });
        seen.with_context(|| format!("the page shows:\n{}", self.page_text().unwrap_or_default()))
    }

    /// All text a person can read on the page.
    pub fn page_text(&self) -> Result<String> {
        Ok(self.ask("return document.body.innerText")?.as_str().unwrap_or_default().to_owned())
    }

    /// What a screen reader is told of an element, out of the engine's accessibility tree: its role and its name.
    pub fn spoken(&self, selector: &str) -> Result<(String, String)> {
        let element = self.find(selector)?.element_id();
        let tell = |what: &str| -> Result<String> {
            let url = self.address(&format!("element/{element}/{what}"))?;
            let answer: Value = serde_json::from_str(&ureq::get(&url).call()?.body_mut().read_to_string()?)?;
            Ok(answer["value"].as_str().with_context(|| format!("no {what} of {selector}: {answer}"))?.to_owned())
        };
        Ok((tell("computedrole")?, tell("computedlabel")?))
    }

    /// Waits until what the page holds now has been drawn: two frames later.
    pub fn drawn(&self) -> Result<()> {
        self.ask(
            "globalThis.drawn = false; requestAnimationFrame(() => requestAnimationFrame(() => { drawn = true; }))",
        )?;
        self.until("the page is drawn", "return drawn").map(drop)
    }

    /// Clicks on what a CSS selector finds, once it is there and takes a click.
    ///
    /// A click can put another view before this one. A page that is not seen is not drawn, and the engine may tell the
    /// driver of the click with the next drawing only: then that the page is hidden is the answer.
    pub fn click(&self, selector: &str) -> Result<()> {
        let clicked = until(&format!("{selector} takes a click"), DEADLINE, || {
            let element = self.find(selector)?;
            // The host's own page draws anew what has changed: then another one is there.
            if !self.runtime.block_on(element.attr("data-fresh")).is_ok_and(|fresh| fresh.is_none()) {
                return Ok(None);
            }
            match self.post(&format!("element/{}/click", element.element_id()))? {
                Some(told) if told["value"].is_null() => Ok(Some(())),
                Some(told) if NOT_DONE.iter().any(|error| told["value"]["error"] == *error) => Ok(None),
                Some(told) => bail!("the driver says {told}"),
                None => {
                    self.until("the page is hidden", "return document.visibilityState === 'hidden'").map(|_| Some(()))
                }
            }
        });
        clicked.with_context(|| format!("cannot click on {selector}"))
    }

    /// Presses what a CSS selector finds, lets a script change the page meanwhile, and lets go.
    pub fn press_while(&self, selector: &str, script: &str) -> Result<()> {
        let element = self.find(selector)?;
        let pressing = async {
            let pointer = || MouseActions::new("pointer".to_owned());
            let button = MOUSE_BUTTON_LEFT;
            let down = pointer()
                .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
                .then(PointerAction::Down { button });
            self.client.perform_actions(down).await?;
            self.client.execute(script, vec![]).await?;
            self.client.perform_actions(pointer().then(PointerAction::Up { button })).await
        };
        self.runtime.block_on(pressing).with_context(|| format!("cannot press {selector}"))
    }

    /// Empties a field and types into it.
    pub fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.find(selector)?;
        let typing = async {
            element.clear().await?;
            element.send_keys(text).await
        };
        self.runtime.block_on(typing).with_context(|| format!("cannot type into {selector}"))
    }

    /// Chooses a file in a field for files, which need not be seen.
    pub fn upload(&self, selector: &str, path: &Path) -> Result<()> {
        let path = path.to_str().context("the path is no text")?;
        let choosing = async { self.client.find(Locator::Css(selector)).await?.send_keys(path).await };
        self.runtime.block_on(choosing).with_context(|| format!("cannot choose a file in {selector}"))
    }

    /// Presses the Tab key in a field, so that it is left.
    pub fn leave(&self, selector: &str) -> Result<()> {
        let element = self.find(selector)?;
        Ok(self.runtime.block_on(element.send_keys(&Key::Tab.to_string()))?)
    }

    /// Presses a key where the focus is.
    pub fn press(&self, key: Key) -> Result<()> {
        let pressing = async { self.client.active_element().await?.send_keys(&key.to_string()).await };
        Ok(self.runtime.block_on(pressing)?)
    }

    fn find(&self, selector: &str) -> Result<Element> {
        let found = until(&format!("{selector} is on the page"), DEADLINE, || {
            let Ok(element) = self.runtime.block_on(self.client.find(Locator::Css(selector))) else { return Ok(None) };
            let shown = self.runtime.block_on(element.is_displayed()).unwrap_or(false);
            Ok(shown.then_some(element))
        });
        found.with_context(|| format!("the page shows:\n{}", self.page_text().unwrap_or_default()))
    }

    /// Asks the driver for an action, past the client, which asks for one thing after the other; `None` if it says
    /// nothing for a while.
    fn post(&self, action: &str) -> Result<Option<Value>> {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        match agent.new_agent().post(self.address(action)?).content_type("application/json").send("{}") {
            Ok(mut answer) => Ok(Some(serde_json::from_str(&answer.body_mut().read_to_string()?)?)),
            Err(ureq::Error::Timeout(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn address(&self, command: &str) -> Result<String> {
        let session = self.runtime.block_on(self.client.session_id())?.context("there is no session")?;
        Ok(format!("http://127.0.0.1:{}/session/{session}/{command}", self.port))
    }

    /// Ends the session and waits until driver and program are gone.
    pub fn close(self) -> Result<()> {
        let closed =
            self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), self.client.close()).await });
        self.driver.stop_with_children()?;
        match closed {
            Ok(closed) => Ok(closed?),
            Err(_) => bail!("the window did not close within 20 seconds"),
        }
    }
}
