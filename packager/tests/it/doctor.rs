//! `guichet doctor`: what it prints and ends with.

use crate::{
    program::Desk,
    server::{Answer, Server},
};

fn looked(desk: &Desk, arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let output =
        desk.command(&[&["doctor", "--json"], arguments].concat()).env("PATH", desk.path("bin")).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn of<'a>(looked: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    looked["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[cfg(unix)]
fn program(desk: &Desk, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    desk.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(desk.path(&format!("bin/{name}")), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn programs_and_fonts_are_looked_for_where_a_shell_would() {
    let desk = Desk::new();
    let (_, none) = looked(&desk, &[]);
    assert_eq!(of(&none, "rust")["state"], "optional");
    assert_eq!(of(&none, "fonts")["what"], "the system does not list its fonts");
    program(&desk, "cargo", "echo cargo 1.95.0");
    program(&desk, "rustc", "echo /");
    program(&desk, "node", "echo v18.0.0");
    program(&desk, "Xvfb", "true");
    program(&desk, "WebKitWebDriver", "true");
    assert_eq!(of(&none, "driver")["state"], "optional");
    assert_eq!(of(&none, "xvfb")["fix"], "apt-get install xvfb; guichet test --headless needs none");
    program(&desk, "fc-list", "echo Noto Sans CJK SC");
    let (_, some) = looked(&desk, &[]);
    assert_eq!(of(&some, "rust"), &serde_json::json!({"name": "rust", "state": "good", "what": "cargo 1.95.0"}));
    for name in ["driver", "xvfb"] {
        assert_eq!(of(&some, name)["state"], "good", "{name}");
    }
    assert_eq!(of(&some, "wasm")["state"], "good");
    assert_eq!(of(&some, "fonts")["what"], "1 with Chinese");
    assert_eq!(of(&some, "node")["fix"], "install Node.js 20 or later");
    program(&desk, "fc-list", "true");
    assert_eq!(of(&looked(&desk, &[]).1, "fonts")["state"], "bad");
}

#[test]
fn a_store_is_asked_and_its_clock_compared() {
    let desk = Desk::new();
    let problem = guichet_api::Problem::new(401, "access/unknown-token", "who asks?", "give a token");
    let server = Server::start(move |_| Answer::json(401, &problem));
    let (_, answered) = looked(&desk, &["--store", server.url()]);
    assert_eq!(of(&answered, "store")["state"], "good", "{answered:#}");
    assert_eq!(of(&answered, "clock")["what"], "nothing to compare it with");
    let (code, silent) = looked(&desk, &["--store", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert_eq!(of(&silent, "store")["state"], "bad", "{silent:#}");
    let page = Server::start(|_| Answer { status: 200, kind: "text/html", body: b"<p>".to_vec() });
    let (_, page) = looked(&desk, &["--store", page.url()]);
    assert_eq!(of(&page, "store")["state"], "bad", "a web page is no store: {page:#}");
}
