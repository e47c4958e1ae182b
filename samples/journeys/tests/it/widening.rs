//! A release that asks for more than the one before: with one reviewer it comes to no device, and between a person's look and
//! their click it comes as nothing they have not seen.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_journeys::{
    attacks::{self, PREFIX},
    browser::Browser,
    display::Display,
    process::programs,
    town::Town,
    until::DEADLINE,
};
use serde_json::{Value, json};

use super::isolation::HOSTILE;

/// Tries to keep something, and says what it was told.
const ASKER: &str = "asks-for-more";
/// Its release says that a device has seen what came before it.
const MARKER: &str = "bystander";

/// A package of a MiniApp's release with this number.
fn build(town: &Town, folder: &Path, name: &str, code: u32, permissions: &[&str]) -> PathBuf {
    let place = folder.join(format!("{name}-{code}"));
    let permissions: Vec<_> = permissions.iter().map(|&name| name.to_owned()).collect();
    attacks::lay_out(name, &permissions, None, &place).unwrap();
    let manifest = place.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(manifest, text.replace(r#""version": { "code": 1"#, &format!(r#""version": {{ "code": {code}"#)))
        .unwrap();
    let package = place.with_extension("ma");
    town.build(HOSTILE.id, &place, &package).unwrap();
    package
}

/// The home page of a window, and the app that is looked at in it.
struct Window {
    browser: Browser,
    app: String,
}

impl Window {
    fn open(display: &Display, home: &Path, trust: &Path) -> Self {
        let arguments = ["--automation", "--lang", "en", "--trust", trust.to_str().unwrap()];
        let arguments = [&arguments[..], &["--home", home.to_str().unwrap()]].concat();
        let browser = Browser::start(display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
        Self { browser, app: format!("{PREFIX}{ASKER}") }
    }

    fn act(&self, action: &Value) {
        self.browser.turn_to("guichet-home").unwrap();
        let message = serde_json::to_string(&action.to_string()).unwrap();
        self.browser.ask(&format!("ipc.postMessage({message})")).unwrap();
    }

    fn at_home(&self, state: &str, script: &str) -> Value {
        self.browser.turn_to("guichet-home").unwrap();
        let script = format!(
            "const {{ state }} = guichetHome; const of = (id) => state.library?.find((one) => one.app_id === id); \
             const app = of('{}'); return {script}",
            self.app
        );
        self.browser.until_within(DEADLINE, state, &script).unwrap()
    }

    /// The release that its entry on the home page shows, and how much that asks for.
    fn looked_at(&self, permissions: usize) -> u64 {
        let script = format!("app?.permissions.length === {permissions} && (app.available ?? app.installed).sequence");
        self.at_home(&format!("it is seen to ask for {permissions}"), &script).as_u64().unwrap()
    }

    fn install(&self, sequence: u64) {
        self.act(&json!({"action": "install", "app_id": self.app, "sequence": sequence}));
    }

    /// What the app is told when it tries to keep something.
    fn told(&self) -> Value {
        self.act(&json!({"action": "open", "app_id": self.app}));
        self.browser.turn_to(&self.app).unwrap();
        self.browser.until("the page is there", "return !!globalThis.attack").unwrap();
        self.browser.ask("run()").unwrap();
        let told = self.browser.until("it was told", "return document.querySelector('#answer').textContent").unwrap();
        let view = self.browser.view().unwrap();
        // A page that closes its window closes its app.
        self.browser.ask("setTimeout(close)").unwrap();
        self.browser.gone(&view).unwrap();
        told
    }
}

#[test]
fn who_asks_for_more_gets_it_from_two_reviewers_and_from_who_has_seen_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let town = Town::found(folder, &[HOSTILE]).unwrap();
    let release = |package: &Path| town.approve(HOSTILE.id, &town.publish(HOSTILE.id, package).unwrap()).unwrap();
    release(&build(&town, folder, ASKER, 1, &[]));
    let display = Display::start().unwrap();
    let window = Window::open(&display, &folder.join("device"), &town.trust_file());
    let first = window.looked_at(0);
    window.install(first);
    window.at_home("it is added", "app?.installed");
    assert_eq!(window.told(), "DeniedError");

    let submission = town.publish(HOSTILE.id, &build(&town, folder, ASKER, 2, &["host:storage"])).unwrap();
    let [one, _] = town.reviewers(HOSTILE.id).unwrap();
    assert!(town.approve_as(one, &submission).unwrap().status.success());
    release(&build(&town, folder, MARKER, 1, &[]));
    window.act(&json!({"action": "refresh"}));
    window.at_home("what was released after it is seen", &format!("of('{PREFIX}{MARKER}')"));
    assert_eq!(window.looked_at(0), first, "one reviewer is not enough");
    assert_eq!(window.told(), "DeniedError");

    window.act(&json!({"action": "remove", "app_id": window.app}));
    window.at_home("it is removed", "app && !app.installed");
    // What the first has signed stood on the document before the other release.
    assert_eq!(town.approve(HOSTILE.id, &submission).unwrap(), 2);
    window.act(&json!({"action": "refresh"}));
    let second = window.looked_at(1);
    window.install(first);
    window.at_home("it is refused as another than was seen", "state.error?.class === 'release/not-as-shown'");
    window.at_home("nothing was added", "!app.installed");
    window.install(second);
    window.at_home("what was seen is added", "app?.installed");
    assert_eq!(window.told(), "kept");
    window.browser.close().unwrap();
}
