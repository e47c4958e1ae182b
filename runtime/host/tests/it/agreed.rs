//! What a person, or a department, has agreed to is what they get: nothing changes between the look and the deed, and
//! nothing that was granted to one release is another's by itself.

use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, id},
    store::{Store, department, key},
};

fn version(code: u32) -> App {
    App::new(PERMIT, code)
}

#[test]
fn what_is_added_is_the_release_that_was_looked_at() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    let shown = terminal.host.listing(&id(PERMIT)).unwrap();
    assert!(shown.permissions.is_empty());

    store.release(&version(2).asks_for(&["host:storage"]).seal("residence"));
    terminal.host.refresh().unwrap();
    let add = |sequence| terminal.host.install_shown(&id(PERMIT), sequence, &mut |_| {});
    let error = add(shown.available.unwrap().sequence).unwrap_err();
    insta::assert_snapshot!(error, @"release 2 of gov.example.residence.permit has come meanwhile, and release 1 was looked at");
    insta::assert_snapshot!(error.hint(), @"look at it again before you add it: it may ask for something else");
    assert_eq!(terminal.sequence(PERMIT), None, "nothing was added");

    let shown = terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!(shown.permissions.len(), 1);
    add(shown.available.unwrap().sequence).unwrap();
    assert_eq!(terminal.sequence(PERMIT), Some(2));
}

fn get(running: &Running) -> Result<serde_json::Value, (String, String)> {
    running.call(running.loaded(), "storage", "get", json!(["draft"]))
}

#[test]
fn a_grant_ends_with_the_key_and_the_release_it_was_given_to() {
    let mut store = Store::new();
    store.release(&version(1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    get(&terminal.launch(PERMIT)).unwrap();

    let keys = store.keys.get_mut(&department(&id(PERMIT))).unwrap();
    keys.keys[0].revoked = true;
    keys.add(key("the next publisher").public());
    store.list_keys();
    terminal.host.refresh().unwrap();
    assert_eq!(Running::try_start(&terminal.host, PERMIT).err().unwrap().class(), "seal/revoked-key");

    // The new key's release asks for the same, and nobody has approved that for it.
    let second = version(2).asks_for(&["host:storage"]).seal("the next publisher");
    store.release_as(&second, false, |release| release.permissions.clear());
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    assert!(!terminal.host.listing(&id(PERMIT)).unwrap().permissions[0].granted);
    assert_eq!(get(&terminal.launch(PERMIT)).unwrap_err().0, "DeniedError");

    // And what the person has taken back stays with the app, whoever seals it.
    terminal.host.withdraw(&id(PERMIT), &"host:storage".parse().unwrap()).unwrap();
    store.release(&version(3).asks_for(&["host:storage"]).seal("the next publisher"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    assert_eq!(get(&terminal.launch(PERMIT)).unwrap_err().0, "DeniedError");
}

#[test]
fn a_name_is_shown_so_that_it_turns_and_hides_nothing() {
    let mut store = Store::new();
    let named = |code: u32, name: &str| version(code).manifest("name", json!(name)).seal("residence");
    store.release(&named(1, "Permit\u{202e}\n\u{2066}tiucric"));
    let terminal = Terminal::with(&store, PERMIT);
    let shown = || terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!(shown().name, "Permit tiucric");
    for (code, name, expected) in [(2, "\u{202e}\u{2060}", PERMIT), (3, "long name ", "long name")] {
        store.release(&named(code, &name.repeat(1000)));
        terminal.host.refresh().unwrap();
        terminal.install(PERMIT).unwrap();
        assert!(shown().name.starts_with(expected) && shown().name.chars().count() <= 64, "{}", shown().name);
    }
    assert_eq!(shown().department_name, "Office of residence", "the office's own word stands beside it");
}

#[cfg(unix)]
#[test]
fn nobody_else_on_this_device_can_look_into_a_home() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut store = Store::new();
    store.release(&version(1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    running.call(running.loaded(), "storage", "set", json!(["draft", "secret"])).unwrap();
    running.close();
    drop(running);
    let mode = |home: &std::path::Path| std::fs::metadata(home).unwrap().permissions().mode() & 0o777;
    let home = terminal.home().to_owned();
    assert_eq!(mode(&home), 0o700, "whatever lies below, others do not come so far");

    // A home that somebody has opened to others is closed when a host takes it.
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o777)).unwrap();
    let terminal = terminal.restart();
    assert_eq!(mode(&home), 0o700);
    assert_eq!(get(&terminal.launch(PERMIT)).unwrap(), json!("secret"));
}
