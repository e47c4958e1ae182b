//! The program with a store in PostgreSQL: which database is whose, and every other test over it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::{
    house::OVER_POSTGRES,
    postgres::Postgres,
    process::{serving, store, typed},
    restart::files,
};

pub(crate) fn init(dir: &Path, database: &str) -> Output {
    store(&[
        "init",
        "--dir",
        dir.to_str().unwrap(),
        "--static-url",
        "http://127.0.0.1:1/static",
        "--database",
        database,
    ])
}

/// What a server says that must not begin to serve.
fn not_serving(dir: &Path, database: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_guichet-store"))
        .args(["serve", "--dir", dir.to_str().unwrap(), "--listen", "127.0.0.1:0", "--database", database])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if !line.is_empty() {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(line, "", "it serves");
    output
}

/// The class of what was refused.
pub(crate) fn class(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("hint: "), "{text}");
    text.split_once("error[").and_then(|(_, rest)| Some(rest.split_once(']')?.0.to_owned())).unwrap_or(text)
}

#[test]
fn a_store_in_postgresql_is_made_served_and_guarded() {
    let server = Postgres::shared();
    let (one, two) = (server.database("one"), server.database("two"));
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    assert!(init(&first, &one).status.success());
    assert!(!first.join("store.db").exists());
    let refused = init(&second, &one);
    assert_eq!((class(&refused).as_str(), second.exists()), ("database/in-use", false), "nothing is made");
    assert!(init(&second, &two).status.success());

    let dir = first.to_str().unwrap();
    let (mut child, _) = serving(dir, Some(&one));
    // The operator adds a person while the server runs, and says by the environment where.
    let person = ["admin", "person", "add", "--dir", dir, "--name", "A", "--role", "administrator"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet-store"));
    let added = command.args(person).env("GUICHET_DATABASE", &one).output().unwrap();
    assert!(added.status.success(), "{added:?}");
    // A copy of the folder on another machine has another lock.
    let copy = folder.path().join("copy");
    assert!(Command::new("cp").arg("-r").args([&first, &copy]).status().unwrap().success());
    assert_eq!(class(&not_serving(&copy, &one)), "serve/in-use");
    child.kill().unwrap();
    child.wait().unwrap();

    // Whoever is wrong about the database loses nothing: a start would sweep away packages that no row names.
    let package = copy.join("packages").join(format!("{}.ma", "0".repeat(64)));
    fs::write(&package, "x").unwrap();
    let before = files(&copy);
    let empty = server.database("empty");
    for (database, wanted) in [
        (two.as_str(), "database/other"),
        (empty.as_str(), "database/other"),
        ("postgres://store@127.0.0.1:1/none", "database/unreachable"),
        ("mysql://store@127.0.0.1/none", "database/address"),
    ] {
        assert_eq!(class(&not_serving(&copy, database)), wanted, "{database}");
    }
    assert_eq!(
        class(&store(&["serve", "--dir", copy.to_str().unwrap(), "--listen", "127.0.0.1:0"])),
        "database/missing"
    );
    assert_eq!(files(&copy), before);
    assert!(init(&folder.path().join("third"), &empty).status.success(), "it was left empty");
    let (mut child, _) = serving(copy.to_str().unwrap(), Some(&one));
    assert!(!package.exists());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_guide_to_databases_is_replayed_with_either() {
    let lines = typed("database-and-backup.md");
    assert_eq!(lines, typed("database-and-backup.zh-Hans.md"), "both languages type the same");
    let server = Postgres::shared();
    for over_postgres in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (mut made, mut database) = (BTreeMap::new(), None);
        for line in &lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["createdb", name] if over_postgres => {
                    made.insert(name.to_owned(), server.database(&format!("guide-{name}")));
                }
                ["export", setting] if over_postgres => {
                    assert!(setting.starts_with("GUICHET_DATABASE=postgres://"), "{line}");
                    database = Some(made[setting.rsplit('/').next().unwrap()].clone());
                }
                ["createdb" | "export", ..] => {}
                ["guichet-store", "serve", "--dir", dir] => {
                    let (mut child, _) = serving(folder.path().join(dir).to_str().unwrap(), database.as_deref());
                    child.kill().unwrap();
                    child.wait().unwrap();
                }
                ["guichet-store", ..] => {
                    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet-store"));
                    command.current_dir(folder.path()).args(&words[1..]);
                    let output = command.envs(database.iter().map(|it| ("GUICHET_DATABASE", it))).output().unwrap();
                    assert!(output.status.success(), "{line}: {output:?}");
                }
                _ => panic!("the guide types `{line}`"),
            }
        }
        let metadata = |store: &str| files(&folder.path().join(store).join("static/metadata"));
        assert_eq!(metadata("restored"), metadata("store"));
        assert_eq!(folder.path().join("restored/store.db").exists(), !over_postgres);
    }
}

#[test]
fn every_other_test_of_a_store_passes_over_postgresql() {
    let mut again = Command::new(std::env::current_exe().unwrap());
    // These say themselves which database they are about.
    for apart in ["process::", "databases::", "remote::", "killed::", "postgresql", "backup::"] {
        again.args(["--skip", apart]);
    }
    let output = again.env(OVER_POSTGRES, "yes").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
