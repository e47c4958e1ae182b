//! A disk that fills up under a host and is freed again: the same process goes on by itself, without a restart.
//!
//! As in `faults`, the program under test is this test binary, started as a child with a library that fails. Here the
//! disk is full from the n-th change on as long as a file is there, which the child takes away when it is told.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, atomic::AtomicU64, mpsc},
    time::Duration,
};

use guichet_host::{Host, HostError};
use guichet_package::TrustFile;

use crate::{
    app::PERMIT,
    device::{Running, Terminal, copy, id, options},
    faults::{FAR_TOO_MANY, Scene, has_met_a_fault, shim},
    store::NOW,
};

const FULL: &str = "disk/full";
/// What a child says whose refresh found no room.
const NOT_KEPT: &str = "what the store says was not kept";
/// Longest time a child waits for the next round of refreshing.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the host does while its disk is full.
#[derive(Clone, Copy)]
enum Deed {
    /// A person adds an app, and adds it again when they have made room.
    Install,
    /// It looks for a new release of an app that is open, round by round, and nobody asks it to.
    Update,
}

/// The disk is full as long as this file is there.
struct Room(PathBuf);

impl Room {
    fn fill(&self) {
        fs::write(&self.0, "").unwrap();
    }

    /// Makes room; says whether there was none.
    fn make(&self) -> bool {
        fs::remove_file(&self.0).is_ok()
    }
}

/// The first page as a launch shows it.
fn first_page(host: &Host) -> Result<String, HostError> {
    let running = Running::try_start(host, PERMIT)?;
    let page = String::from_utf8(running.session.serve("/pages/home").unwrap().bytes).unwrap();
    running.close();
    Ok(page)
}

fn install(host: &Host, room: &Room) {
    room.fill();
    let before = host.freshness().last_refresh_ms;
    let refresh = || {
        let refreshed = host.refresh();
        if refreshed.is_err() {
            // The store has answered: why nothing of that counts is said, for whoever asks later.
            let freshness = host.freshness();
            assert_eq!(freshness.last_error.map(|problem| problem.class), Some(FULL));
            assert_eq!(freshness.last_refresh_ms, before);
            println!("{NOT_KEPT}");
        }
        refreshed
    };
    while let Err(error) = refresh().and_then(|_| host.install(&id(PERMIT), &mut |_| {})) {
        assert_eq!(error.class(), FULL, "{error}");
        assert!(room.make(), "with room it is done at once: {error}");
    }
}

fn update(host: &Host, room: &Room) {
    let running = Running::start(host, PERMIT);
    let page = running.loaded();
    running.ready(page);
    let is_open =
        || String::from_utf8(running.session.serve("/pages/home").unwrap().bytes).unwrap().contains("version 1");
    room.fill();
    let (tell, told) = mpsc::channel();
    let fresh = host.keep_fresh(Duration::from_millis(5), |_, _| {}, move |news| drop(tell.send(news))).unwrap();
    loop {
        let news = told.recv_timeout(DEADLINE).unwrap();
        assert!(is_open(), "what is open does not notice");
        if news.staged.contains(&id(PERMIT)) {
            break;
        }
        for problem in news.failed {
            assert_eq!(problem.class, FULL, "{}", problem.what);
            room.make();
        }
    }
    fresh.stop();
    // Where there is no room to keep the data aside, the release before runs and the new one waits.
    match first_page(host) {
        Ok(page) => assert!(page.contains("version 2") || room.0.exists(), "{page}"),
        Err(error) => assert_eq!(error.class(), FULL, "{error}"),
    }
}

#[test]
#[ignore = "run as a child by the other tests of this file"]
fn child() {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).unwrap();
    let trust = TrustFile::parse(&fs::read(variable("GUICHET_TEST_TRUST")).unwrap()).unwrap();
    let host = Host::open(options(&variable("GUICHET_TEST_HOME"), trust, &Arc::new(AtomicU64::new(NOW)))).unwrap();
    let room = Room(variable("GUICHET_FAULT_WHILE"));
    match env::var("GUICHET_TEST_DEED").unwrap().as_str() {
        "install" => install(&host, &room),
        _ => update(&host, &room),
    }
    room.make();
    assert!(first_page(&host).unwrap().contains("version 2"));
    println!("went on");
}

fn run(scene: &Scene, library: &Path, deed: Deed, at: u32) -> (PathBuf, Output) {
    let home = scene.path(&format!("home-{at}"));
    copy(scene.template.home(), &home);
    let trust = scene.path("trust.json");
    fs::write(&trust, scene.store.trust_file().to_text().unwrap()).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "room::child", "--ignored", "--nocapture"])
        .env("GUICHET_TEST_HOME", &home)
        .env("GUICHET_TEST_TRUST", trust)
        .env(
            "GUICHET_TEST_DEED",
            match deed {
                Deed::Install => "install",
                Deed::Update => "update",
            },
        )
        .env("GUICHET_FAULT_FOLDER", &home)
        .env("GUICHET_FAULT_MODE", "full")
        .env("GUICHET_FAULT_AT", at.to_string())
        .env("GUICHET_FAULT_WHILE", scene.path("full"))
        .env("LD_PRELOAD", library)
        .output()
        .unwrap();
    (home, output)
}

/// Fills the disk at every `stride`-th change until one run does not notice. Returns how many did.
fn goes_on(deed: Deed, stride: u32) -> u32 {
    let mut scene = Scene::new();
    if matches!(deed, Deed::Install) {
        scene.template = Terminal::new(&scene.store);
    }
    let library = shim(scene.folder.path());
    let mut unkept = 0;
    for (times, at) in (1..FAR_TOO_MANY).step_by(stride as usize).enumerate() {
        let (home, output) = run(&scene, &library, deed, at);
        let said = String::from_utf8_lossy(&output.stdout);
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("went on"), "full at change {at}: {said}{complaints}");
        assert_eq!(scene.check(&home, at), 2);
        unkept += u32::from(said.contains(NOT_KEPT));
        fs::remove_dir_all(home).unwrap();
        if !has_met_a_fault(&output) {
            assert!(unkept > 0 || matches!(deed, Deed::Update), "there was room for what the store says every time");
            return u32::try_from(times).unwrap();
        }
    }
    panic!("the child never came to its end");
}

#[test]
fn a_host_whose_disk_was_full_goes_on_by_itself() {
    assert!(goes_on(Deed::Install, 9) > 3);
    assert!(goes_on(Deed::Update, 9) > 3);
}

#[test]
#[ignore = "minutes; run by cargo xtask test --full"]
fn without_room_at_any_change_the_same_process_installs_later() {
    assert!(goes_on(Deed::Install, 1) > 30);
}

#[test]
#[ignore = "minutes; run by cargo xtask test --full"]
fn without_room_at_any_change_the_same_process_updates_later() {
    assert!(goes_on(Deed::Update, 1) > 30);
}
