//! Every hostile package given to every program that reads packages: refused by the same class, and nothing is kept.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use guichet_journeys::{
    process::{program, run},
    town::{OFFICES, Town},
};
use serde_json::Value;

#[path = "../../../runtime/package/tests/corpus/mod.rs"]
mod corpus;

use corpus::Hostile;

/// How a reader ended and what it called the package.
type Verdict = (i32, String);

/// A program with `--json`: its exit code and the class it gives.
fn verdict(command: &mut Command) -> Verdict {
    let finished = run(command).unwrap();
    let said: Value = serde_json::from_str(&finished.stdout).unwrap_or_default();
    (finished.status.code().unwrap_or(-1), said["class"].as_str().unwrap_or_default().to_owned())
}

fn guichet(arguments: &[&str], file: &Path) -> Command {
    let mut command = program("guichet").unwrap();
    command.arg("--json").args(arguments).arg(file);
    command
}

/// `guichet-desktop` without a display: whatever it refuses, it refuses before it opens a window.
fn looked_at(file: &Path, home: &Path) -> Verdict {
    let mut command = program("guichet-desktop").unwrap();
    command.args(["--open".as_ref(), file.as_os_str()]).args(["--unsealed", "--compat", "--lang", "en"]);
    command.env("DISPLAY", "").env_remove("WAYLAND_DISPLAY").env("GUICHET_HOME", home);
    let finished = run(&mut command).unwrap();
    let class = finished.stderr.split_once("error[").and_then(|(_, rest)| Some(rest.split_once(']')?.0.to_owned()));
    (finished.status.code().unwrap_or(-1), class.unwrap_or(finished.stderr))
}

/// Hands a package in at the store: the status and the class of the answer.
fn submitted(town: &Town, bytes: &[u8]) -> Verdict {
    let token = &town.developer("residence").unwrap().token;
    let mut answer = ureq::post(format!("{}/api/v1/submissions", town.url()))
        .config()
        .http_status_as_error(false)
        .build()
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/miniapp-pkg+zip")
        .send(bytes)
        .unwrap();
    let problem: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    (answer.status().as_u16().into(), problem["class"].as_str().unwrap_or_default().to_owned())
}

/// The record of who did what, refusals too, which the store signs from time to time.
const RECORD: &str = "static/audit/checkpoint";

/// Every file in the store's folder, except the database's own and its signed record.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.file_name().unwrap().to_string_lossy().starts_with("store.db") && !path.ends_with(RECORD) {
                found.insert(path);
            }
        }
    }
    found
}

/// What the store knows of, as its developer sees it.
fn listed(town: &Town) -> Value {
    let mut command = town.guichet(town.developer("residence").unwrap()).unwrap();
    let said = run(command.args(["--json", "status"])).unwrap();
    serde_json::from_str::<Value>(&said.stdout).unwrap()["items"].clone()
}

#[test]
fn every_reader_refuses_every_hostile_package_by_the_same_class() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES[..1]).unwrap();
    let (file, imported) = (folder.path().join("hostile.ma"), folder.path().join("imported.ma"));
    let home = folder.path().join("no-home");
    let output = imported.to_str().unwrap();
    let before = files(&town.store_folder());
    let mut wrong = Vec::new();
    let mut judged = 0;
    for Hostile { name, class, only_in_statement, bytes } in corpus::hostile() {
        fs::write(&file, &bytes).unwrap();
        let mut check = |reader: &str, found: Verdict, code: i32| {
            if found != (code, class.to_owned()) {
                wrong.push(format!("{name}, {reader}: {found:?} and not {class}"));
            }
        };
        let (verified, looked, submitted, taken) = thread::scope(|scope| {
            let verified = scope.spawn(|| verdict(&mut guichet(&["verify", "--unsealed"], &file)));
            let looked = scope.spawn(|| looked_at(&file, &home));
            let submitted = scope.spawn(|| submitted(&town, &bytes));
            let taken = verdict(&mut guichet(&["import", "-o", output], &file));
            (verified.join().unwrap(), looked.join().unwrap(), submitted.join().unwrap(), taken)
        });
        check("verify", verified, 2);
        check("look", looked, 2);
        check("store", submitted, 422);
        if only_in_statement {
            // The statement is made anew from the files that are there.
            assert_eq!(taken.0, 0, "{name}");
            fs::remove_file(&imported).unwrap();
        } else {
            check("import", taken, 2);
            assert!(!imported.exists(), "{name} was refused and written");
        }
        judged += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(judged > 400, "{judged}");
    assert!(!home.exists(), "a look made a home");
    assert_eq!(listed(&town), serde_json::json!([]), "the store kept a row");
    assert_eq!(files(&town.store_folder()), before, "the store kept a file");
}

#[test]
fn benign_packages_of_other_tools_are_taken_over_and_then_accepted() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in corpus::benign() {
        let (theirs, ours) = (folder.path().join("theirs.ma"), folder.path().join("ours.ma"));
        fs::write(&theirs, &bytes).unwrap();
        let (code, class) = verdict(&mut guichet(&["verify", "--unsealed"], &theirs));
        assert_eq!(code, 2, "{name}");
        let another_tools =
            ["container/compressed", "container/folder-entry", "container/not-canonical", "container/not-sorted"];
        assert!(another_tools.contains(&class.as_str()), "{name}: {class}");
        let taken = run(&mut guichet(&["import", "-o", ours.to_str().unwrap()], &theirs)).unwrap();
        assert!(taken.status.success(), "{name}: {}", taken.stdout);
        let verified = run(&mut guichet(&["verify", "--unsealed"], &ours)).unwrap();
        assert!(verified.status.success(), "{name}: {}", verified.stdout);
    }
}
