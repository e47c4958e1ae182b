//! A real browser without a window, driven over WebDriver, with an authenticator of its own (WebAuthn 11).

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(30);

/// Chromium, until it is dropped.
pub(crate) struct Browser {
    driver: Child,
    session: String,
}

impl Browser {
    /// Starts one with an authenticator that a person has unlocked.
    pub(crate) fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`cargo xtask setup` installs chromium-driver: {error}"));
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port =
            lines.find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()));
        let address = format!("http://127.0.0.1:{}", port.unwrap());
        // Whatever else it says is read, so that it does not wait for us.
        std::thread::spawn(move || lines.count());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
            "--lang=en",
        ];
        let options = json!({ "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let made = request("POST", &format!("{address}/session"), Some(wanted)).unwrap();
        let session = format!("{address}/session/{}", made["sessionId"].as_str().unwrap());
        let browser = Self { driver, session };
        browser.send(
            "webauthn/authenticator",
            json!({
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
                "isUserConsenting": true, "isUserVerified": true,
            }),
        );
        browser
    }

    fn send(&self, path: &str, body: Value) -> Value {
        request("POST", &format!("{}/{path}", self.session), Some(body))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Opens an address.
    pub(crate) fn open(&self, url: &str) {
        self.send("url", json!({ "url": url }));
    }

    /// The text that is seen on the page.
    pub(crate) fn text(&self) -> String {
        let script = json!({ "script": "return document.body.innerText", "args": [] });
        self.send("execute/sync", script).as_str().unwrap_or_default().to_owned()
    }

    /// What a script of the test's own finds.
    pub(crate) fn found(&self, script: &str) -> Value {
        self.send("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// What a script of the test's own hands to `done`, later.
    pub(crate) fn later(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        self.send("execute/async", json!({ "script": script, "args": [] }))
    }

    /// Waits until the page has this text, and returns all of it.
    pub(crate) fn sees(&self, wanted: &str) -> String {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if text.contains(wanted) {
                return text;
            }
            assert!(begun.elapsed() < DEADLINE, "no `{wanted}` in: {text}");
        }
    }

    /// Waits until a script of the test's own says `true`, also across a change of pages.
    pub(crate) fn awaits(&self, script: &str) {
        let begun = Instant::now();
        let body = json!({ "script": script, "args": [] });
        while request("POST", &format!("{}/execute/sync", self.session), Some(body.clone())) != Ok(Value::Bool(true)) {
            assert!(begun.elapsed() < DEADLINE, "never: {script}");
        }
    }

    /// Does something with an element; one that goes away meanwhile, with its page, is looked for again.
    fn with(&self, css: &str, act: &str, body: &Value) {
        let begun = Instant::now();
        loop {
            let wanted = json!({ "using": "css selector", "value": css });
            let found = request("POST", &format!("{}/element", self.session), Some(wanted));
            let done = found.and_then(|found| {
                let id = found.as_object().and_then(|found| found.values().next()?.as_str()).unwrap().to_owned();
                request("POST", &format!("{}/element/{id}/{act}", self.session), Some(body.clone()))
            });
            match done {
                Ok(_) => return,
                Err(error) => assert!(begun.elapsed() < DEADLINE, "{act} {css}: {error}"),
            }
        }
    }

    /// Clicks.
    pub(crate) fn click(&self, css: &str) {
        self.with(css, "click", &json!({}));
    }

    /// Types.
    pub(crate) fn enter(&self, css: &str, text: &str) {
        self.with(css, "value", &json!({ "text": text }));
    }

    /// Makes the window as large as this.
    pub(crate) fn size(&self, width: u32, height: u32) {
        self.send("window/rect", json!({ "width": width, "height": height }));
    }

    /// A picture of what is seen, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let picture = request("GET", &format!("{}/screenshot", self.session), None).unwrap();
        STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    /// A command of the browser's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: Value) {
        self.send("goog/cdp/execute", json!({ "cmd": command, "params": parameters }));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser that is gone already needs no end.
        let _gone = request("DELETE", &self.session, None);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn request(method: &str, url: &str, body: Option<Value>) -> Result<Value, String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build().into();
    let answer = match (method, body) {
        ("POST", Some(body)) => agent.post(url).send_json(body),
        ("DELETE", _) => agent.delete(url).call(),
        _ => agent.get(url).call(),
    };
    let mut answer = answer.map_err(|error| error.to_string())?;
    let value: Value = answer.body_mut().read_json().map_err(|error| error.to_string())?;
    match value["value"]["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", value["value"]["message"])),
        None => Ok(value["value"].clone()),
    }
}
