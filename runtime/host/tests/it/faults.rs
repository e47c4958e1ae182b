//! A kill, or a full disk, at every single change of the file system: the old release or the new one, with its data.
//!
//! Covered are an update, the trial of a new release that fails and goes back with its data, and the removal of an app.
//! The exhaustive runs of the last two are ignored here; `cargo xtask test --full` runs them, and a sample runs always.
//!
//! The program under test is this very test binary, started as a child with a library before the system's own that
//! counts changes below the home and fails at the n-th (`faults.c`).

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, atomic::AtomicU64},
};

use guichet_host::Host;
use guichet_package::TrustFile;
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, copy, id, open, options},
    store::{NOW, Store},
};

/// More changes than any update makes: reaching it means that the counting is broken.
pub(crate) const FAR_TOO_MANY: u32 = 2000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Kill,
    Full,
}

/// What the child does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Refresh and install, as a host does it.
    Update,
    /// The first launch of a release that spoils the data and throws.
    Trial,
    /// Remove the app.
    Remove,
}

#[test]
#[ignore = "run as a child by the other tests of this file"]
fn child() {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).unwrap();
    let trust = TrustFile::parse(&fs::read(variable("GUICHET_TEST_TRUST")).unwrap()).unwrap();
    let clock = Arc::new(AtomicU64::new(NOW));
    let host = Host::open(options(&variable("GUICHET_TEST_HOME"), trust, &clock));
    let done = host.and_then(|host| match env::var("GUICHET_TEST_DEED").unwrap().as_str() {
        "trial" => Running::try_start(&host, PERMIT).map(|running| {
            let page = running.until_open("pages/home");
            running.session.page_message(page, r#"{"event":"loaded"}"#);
            running.session.page_message(page, r#"{"event":"ready"}"#);
            // Where there is no room the data stay as they are: that is for the parent to see.
            drop(running.call(page, "storage", "set", json!(["draft", "spoiled"])));
            running.session.page_message(page, r#"{"report":{"message":"oh","stack":""}}"#);
            running.session.page_message(page, r#"{"interface":"app-info","function":"get","arguments":[],"id":77}"#);
            running.until("the end, or that it goes on", |event| match event {
                guichet_host::SessionEvent::Ended(_) => Some(()),
                guichet_host::SessionEvent::ToPage { json, .. } if json.contains("\"id\":77") => Some(()),
                _ => None,
            });
            running.close();
            "tried".to_owned()
        }),
        "remove" => host.remove(&id(PERMIT)).map(|()| "removed".to_owned()),
        _ => host
            .refresh()
            .and_then(|_| host.install(&id(PERMIT), &mut |_| {}))
            .map(|installed| format!("installed {}", installed.sequence)),
    });
    match done {
        Ok(done) => println!("{done}"),
        Err(error) => println!("refused {}", error.class()),
    }
}

/// The library that fails, built once for both tests.
pub(crate) fn shim(folder: &Path) -> PathBuf {
    let library = folder.join("faults.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults.c");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(built.unwrap().success(), "a C compiler is needed, as for linking Rust");
    library
}

pub(crate) struct Scene {
    pub(crate) store: Store,
    pub(crate) template: Terminal,
    pub(crate) folder: tempfile::TempDir,
}

impl Scene {
    /// A terminal on which release 1 was launched, and a store with release 2.
    pub(crate) fn new() -> Self {
        let mut store = Store::new();
        store.release(&App::new(PERMIT, 1).seal("residence"));
        let template = Terminal::with(&store, PERMIT);
        assert!(template.home_page(PERMIT).contains("version 1"));
        store.release(&App::new(PERMIT, 2).file("pages/new.html", "new").seal("residence"));
        Self { store, template, folder: tempfile::tempdir().unwrap() }
    }

    /// A terminal on which release 1 keeps a draft and release 2 waits for its first launch.
    fn with_a_draft() -> Self {
        let app = |code| App::new(PERMIT, code).asks_for(&["host:storage"]).seal("residence");
        let mut store = Store::new();
        store.release(&app(1));
        let template = Terminal::with(&store, PERMIT);
        let running = template.launch(PERMIT);
        let page = running.loaded();
        running.ready(page);
        running.call(page, "storage", "set", json!(["draft", "of release 1"])).unwrap();
        running.close();
        drop(running);
        store.release(&app(2));
        template.host.refresh_and_stage(|_, _| {});
        Self { store, template, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the child on a copy of the home. Returns the copy and what the child said.
    fn run(&self, library: &Path, deed: Deed, mode: Mode, at: u32) -> (PathBuf, Output) {
        let home = self.path(&format!("home-{at}"));
        copy(self.template.home(), &home);
        let trust = self.path("trust.json");
        fs::write(&trust, self.store.trust_file().to_text().unwrap()).unwrap();
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "faults::child", "--ignored", "--nocapture"])
            .env("GUICHET_TEST_HOME", &home)
            .env(
                "GUICHET_TEST_DEED",
                match deed {
                    Deed::Update => "update",
                    Deed::Trial => "trial",
                    Deed::Remove => "remove",
                },
            )
            .env("GUICHET_TEST_TRUST", trust)
            .env("GUICHET_FAULT_FOLDER", &home)
            .env("GUICHET_FAULT_MODE", if mode == Mode::Kill { "kill" } else { "full" })
            .env("GUICHET_FAULT_AT", at.to_string())
            .env("LD_PRELOAD", library)
            .output()
            .unwrap();
        (home, output)
    }

    /// Without any store, the home holds one whole release; with the store, it comes to the newest.
    pub(crate) fn check(&self, home: &Path, at: u32) -> u64 {
        let clock = Arc::new(AtomicU64::new(NOW));
        let mut nowhere = self.store.trust_file();
        nowhere.static_url = "file:///nowhere".to_owned();
        let host = open(&options(home, nowhere, &clock));
        let sequence = host.listing(&id(PERMIT)).unwrap().installed.unwrap().sequence;
        let running = Running::start(&host, PERMIT);
        let serve = |path: &str| {
            running.session.serve(path).map(|resource| String::from_utf8_lossy(&resource.bytes).into_owned())
        };
        assert!(serve("/pages/home.html").unwrap().contains(&format!("version {sequence}")), "at change {at}");
        assert_eq!(serve("/pages/new.html").is_ok(), sequence == 2, "at change {at}");
        for path in ["/app.js", "/app.css", "/manifest.json", "/common/photo.bin", "/common/icon.svg", "/pages/form.js"]
        {
            assert!(serve(path).is_ok(), "{path} at change {at}");
        }
        running.close();
        drop((running, host));

        let host = open(&options(home, self.store.trust_file(), &clock));
        host.refresh().unwrap();
        assert_eq!(host.install(&id(PERMIT), &mut |_| {}).unwrap().sequence, 2, "after change {at}");
        sequence
    }
}

#[test]
fn killed_at_any_change_the_old_release_or_the_new_one_is_there() {
    let scene = Scene::new();
    let library = shim(scene.folder.path());
    let mut old_and_new = [0, 0];
    for at in 1..FAR_TOO_MANY {
        let (home, output) = scene.run(&library, Deed::Update, Mode::Kill, at);
        let sequence = scene.check(&home, at);
        old_and_new[if sequence == 2 { 1 } else { 0 }] += 1;
        fs::remove_dir_all(home).unwrap();
        if output.status.success() {
            let [old, new] = old_and_new;
            assert!(old > 20 && new > 1, "killed {old} times before the switch and {new} times after");
            return;
        }
    }
    panic!("the child never came to its end");
}

#[test]
fn a_disk_that_is_full_at_any_change_is_said_and_the_old_release_runs() {
    let scene = Scene::new();
    let library = shim(scene.folder.path());
    for at in 1..FAR_TOO_MANY {
        let (home, output) = scene.run(&library, Deed::Update, Mode::Full, at);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let sequence = scene.check(&home, at);
        fs::remove_dir_all(home).unwrap();
        if said.contains("installed 2") {
            assert!(at > 20, "the disk was full {at} times");
            return;
        }
        assert!(said.contains("refused disk/full"), "{said}");
        assert_eq!(sequence, 1, "at change {at}");
    }
    panic!("the child never came to its end");
}

#[test]
fn a_full_disk_is_said_with_a_hint() {
    let path = PathBuf::from("/home/kiosk/blobs");
    let why = std::io::Error::from(std::io::ErrorKind::StorageFull);
    let error = guichet_host::HostError::Disk { doing: "write a file", path, why };
    insta::assert_snapshot!(error, @"could not write a file: no storage space");
    insta::assert_snapshot!(error.hint(), @"free some space and try again; what is installed has not been touched");
    assert_eq!(error.class(), "disk/full");
}

/// What one launch without any store shows: the version of the first page and the draft. Nobody throws any more.
fn shown(host: &Host) -> (u64, Json) {
    let running = Running::start(host, PERMIT);
    let page = running.loaded();
    let sequence = host.listing(&id(PERMIT)).unwrap().installed.unwrap().sequence;
    let text = running.session.serve("/pages/home").unwrap().bytes;
    // A trial that could not be kept aside leaves the release before running.
    let version = if String::from_utf8_lossy(&text).contains("version 1") { 1 } else { 2 };
    assert!(version <= sequence);
    let draft = running.call(page, "storage", "get", json!(["draft"])).unwrap();
    running.close();
    (version, draft)
}

/// Runs the failing trial with a fault at every `stride`-th change, until it comes through. Returns how many times.
fn trial_with_faults(mode: Mode, stride: u32) -> u32 {
    let scene = Scene::with_a_draft();
    let library = shim(scene.folder.path());
    let mut went_back = 0;
    for (times, at) in (1..FAR_TOO_MANY).step_by(stride as usize).enumerate() {
        let (home, output) = scene.run(&library, Deed::Trial, mode, at);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let clock = Arc::new(AtomicU64::new(NOW));
        let host = open(&options(&home, scene.store.trust_file(), &clock));
        for launch in 1..=3 {
            let (version, draft) = shown(&host);
            let fits = match version {
                1 => draft == json!("of release 1"),
                _ => draft == json!("of release 1") || draft == json!("spoiled"),
            };
            assert!(fits, "release {version} with {draft} in launch {launch} after change {at}: {said}");
            went_back += u32::from(version == 1 && launch == 3);
        }
        host.refresh().unwrap();
        host.remove(&id(PERMIT)).unwrap();
        assert_eq!(host.install(&id(PERMIT), &mut |_| {}).unwrap().sequence, 2, "and it goes on after change {at}");
        drop(host);
        fs::remove_dir_all(home).unwrap();
        if output.status.success() && mode == Mode::Kill {
            assert!(went_back > 0, "it never went back");
            return u32::try_from(times).unwrap();
        }
        if mode == Mode::Full && !has_met_a_fault(&output) {
            return u32::try_from(times).unwrap();
        }
    }
    panic!("the child never came to its end");
}

/// Whether the disk was full at least once for this child; `faults.c` says so when the process ends.
pub(crate) fn has_met_a_fault(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr).contains("faults: the disk was full")
}

#[test]
fn killed_or_without_room_on_trial_the_release_and_its_data_belong_together() {
    assert!(trial_with_faults(Mode::Kill, 13) > 2);
    assert!(trial_with_faults(Mode::Full, 17) > 2);
}

#[test]
#[ignore = "minutes; run by cargo xtask test --full"]
fn killed_at_any_change_on_trial_the_release_and_its_data_belong_together() {
    assert!(trial_with_faults(Mode::Kill, 1) > 40);
}

#[test]
#[ignore = "minutes; run by cargo xtask test --full"]
fn without_room_at_any_change_on_trial_the_release_and_its_data_belong_together() {
    assert!(trial_with_faults(Mode::Full, 1) > 40);
}

#[test]
fn killed_while_an_app_is_removed_it_is_there_or_not() {
    let scene = Scene::with_a_draft();
    let library = shim(scene.folder.path());
    let mut there_and_gone = [0, 0];
    for at in (1..FAR_TOO_MANY).step_by(3) {
        let (home, output) = scene.run(&library, Deed::Remove, Mode::Kill, at);
        let clock = Arc::new(AtomicU64::new(NOW));
        let host = open(&options(&home, scene.store.trust_file(), &clock));
        let is_there = host.listing(&id(PERMIT)).is_ok_and(|listing| listing.installed.is_some());
        there_and_gone[usize::from(!is_there)] += 1;
        if is_there {
            assert_eq!(shown(&host).1, json!("of release 1"), "after change {at}");
        } else {
            host.refresh().unwrap();
            host.install(&id(PERMIT), &mut |_| {}).unwrap();
            assert_eq!(shown(&host).1, Json::Null, "nothing of it is left after change {at}");
        }
        drop(host);
        fs::remove_dir_all(home).unwrap();
        if output.status.success() {
            assert!(there_and_gone[1] > 1, "{there_and_gone:?}");
            return;
        }
    }
    panic!("the child never came to its end");
}
