//! A kill, or a full disk, at every single change of the file system during an update: the old release or the new one.
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

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, copy, id, open, options},
    store::{NOW, Store},
};

/// More changes than any update makes: reaching it means that the counting is broken.
const FAR_TOO_MANY: u32 = 2000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Kill,
    Full,
}

/// What the child does: refresh and install, as a host does it.
#[test]
#[ignore = "run as a child by the other tests of this file"]
fn child() {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).unwrap();
    let trust = TrustFile::parse(&fs::read(variable("GUICHET_TEST_TRUST")).unwrap()).unwrap();
    let clock = Arc::new(AtomicU64::new(NOW));
    let done = Host::open(options(&variable("GUICHET_TEST_HOME"), trust, &clock))
        .and_then(|host| host.refresh().map(|_| host))
        .and_then(|host| host.install(&id(PERMIT), &mut |_| {}));
    match done {
        Ok(installed) => println!("installed {}", installed.sequence),
        Err(error) => println!("refused {}", error.class()),
    }
}

/// The library that fails, built once for both tests.
fn shim(folder: &Path) -> PathBuf {
    let library = folder.join("faults.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults.c");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(built.unwrap().success(), "a C compiler is needed, as for linking Rust");
    library
}

struct Scene {
    store: Store,
    template: Terminal,
    folder: tempfile::TempDir,
}

impl Scene {
    /// A terminal on which release 1 was launched, and a store with release 2.
    fn new() -> Self {
        let mut store = Store::new();
        store.release(&App::new(PERMIT, 1).seal("residence"));
        let template = Terminal::with(&store, PERMIT);
        assert!(template.home_page(PERMIT).contains("version 1"));
        store.release(&App::new(PERMIT, 2).file("pages/new.html", "new").seal("residence"));
        Self { store, template, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the child on a copy of the home. Returns the copy and what the child said.
    fn run(&self, library: &Path, mode: Mode, at: u32) -> (PathBuf, Output) {
        let home = self.path(&format!("home-{at}"));
        copy(self.template.home(), &home);
        let trust = self.path("trust.json");
        fs::write(&trust, self.store.trust_file().to_text().unwrap()).unwrap();
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "faults::child", "--ignored", "--nocapture"])
            .env("GUICHET_TEST_HOME", &home)
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
    fn check(&self, home: &Path, at: u32) -> u64 {
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
        let (home, output) = scene.run(&library, Mode::Kill, at);
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
        let (home, output) = scene.run(&library, Mode::Full, at);
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
