//! Key files.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::program::Desk;

#[test]
fn a_key_is_its_owners_alone_and_is_never_overwritten() {
    let desk = Desk::new();
    insta::assert_snapshot!(desk.run(&["key", "new", "my.key"]), @r"
    exit: 0
    ----- stdout
    key  ed25519:[DIGEST]
    id   [DIGEST]
    ----- stderr
    made a key in my.key; only you can read it. Keep a copy in a safe place, and never in version control
    ");
    assert_eq!(fs::metadata(desk.path("my.key")).unwrap().permissions().mode() & 0o777, 0o600);
    let before = desk.read("my.key");
    insta::assert_snapshot!(desk.run(&["key", "new", "my.key"]), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/exists]: there is already a file here, and it was not touched
      --> my.key
      hint: choose another name; a key that is overwritten is lost for good
    ");
    assert_eq!(desk.read("my.key"), before);
}

#[test]
fn showing_a_key_never_shows_the_secret() {
    let desk = Desk::new();
    let made = desk.ok(&["key", "new", "my.key"]);
    let secret = desk.read("my.key").split('"').rev().nth(1).unwrap().to_owned();
    assert_eq!(secret.len(), 44);
    let shown = desk.ok(&["key", "show", "my.key"]);
    assert_eq!(made, shown);
    assert!(!shown.contains(&secret) && !desk.ok(&["--json", "key", "show", "my.key"]).contains(&secret));
}

#[test]
fn a_key_that_others_can_read_is_used_and_warned_about() {
    let desk = Desk::new();
    desk.ok(&["key", "new", "my.key"]);
    fs::set_permissions(desk.path("my.key"), fs::Permissions::from_mode(0o644)).unwrap();
    insta::assert_snapshot!(desk.run(&["key", "show", "my.key"]), @r"
    exit: 0
    ----- stdout
    key  ed25519:[DIGEST]
    id   [DIGEST]
    ----- stderr
    note: others on this machine can read my.key; run chmod 600 my.key
    ");
}

#[test]
fn what_is_not_a_key_is_refused_without_repeating_it() {
    let desk = Desk::with_app();
    let build = || desk.run(&["build", "app", "--key", "my.key"]);
    insta::assert_snapshot!(build(), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/unreadable]: could not read the key file: No such file or directory (os error 2)
      --> my.key
      hint: name the key file with --key; guichet key new FILE makes one
    ");
    desk.write("my.key", "ed25519:0000");
    insta::assert_snapshot!(build(), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/malformed]: this is not a key file: it is not JSON
      --> my.key
      hint: name the file that guichet key new wrote; the text `ed25519:…` is only the public half
    ");
    desk.write("my.key", r#"{"format":1,"algorithm":"ed25519","secret":"c2hvcnQ="}"#);
    insta::assert_snapshot!(build(), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/malformed]: this is not a key file: its secret is not 32 bytes in base64
      --> my.key
      hint: name the file that guichet key new wrote; the text `ed25519:…` is only the public half
    ");
    fs::remove_file(desk.path("my.key")).unwrap();
    fs::create_dir(desk.path("my.key")).unwrap();
    insta::assert_snapshot!(build(), @r"
    exit: 1
    ----- stdout
    ----- stderr
    error[key/unreadable]: could not read the key file: Is a directory (os error 21)
      --> my.key
      hint: name the key file with --key; guichet key new FILE makes one
    ");
}
