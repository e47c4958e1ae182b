//! Halt, going back and recall: what each does to a session that runs, to an app that is installed, and to one that is not.

use guichet_package::{Brake, PackageFile, ReleaseDocument};
use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, id},
    store::Store,
};

fn version(code: u32) -> PackageFile {
    App::new(PERMIT, code).asks_for(&["host:storage"]).seal("residence")
}

/// A store with two releases, a terminal that runs the second and keeps a draft, and one that has nothing.
struct Scene {
    store: Store,
    second: ReleaseDocument,
    terminal: Terminal,
    running: Running,
    bare: Terminal,
}

impl Scene {
    fn new() -> Self {
        let mut store = Store::new();
        store.release(&version(1));
        let terminal = Terminal::with(&store, PERMIT);
        terminal.home_page(PERMIT);
        let second = store.release(&version(2));
        terminal.host.refresh_and_stage(|_, _| {});
        terminal.home_page(PERMIT);
        let running = terminal.launch(PERMIT);
        let page = running.loaded();
        running.ready(page);
        running.call(page, "storage", "set", json!(["draft", "mine"])).unwrap();
        let bare = Terminal::new(&store);
        Self { store, second, terminal, running, bare }
    }

    fn look(&self) {
        for terminal in [&self.terminal, &self.bare] {
            terminal.host.refresh_and_stage(|_, _| {});
        }
    }

    fn draft(&self) -> serde_json::Value {
        let running = self.terminal.launch(PERMIT);
        let page = running.loaded();
        let draft = running.call(page, "storage", "get", json!(["draft"])).unwrap();
        running.close();
        draft
    }

    /// The newest release is taken back: a document of the next sequence that names itself among the revoked.
    fn recall(&mut self) {
        let sequence = self.second.sequence;
        self.store.release_as(&version(2), true, |release| {
            release.revoked.extend([sequence, release.sequence]);
            release.reason = Some("it shows the names of others".to_owned());
        });
    }
}

#[test]
fn a_halt_leaves_what_is_in_use_and_installs_nowhere() {
    let mut scene = Scene::new();
    scene.store.brake(&Brake::halt(&scene.second, "the fee is wrong"));
    scene.look();
    let page = scene.running.until_open("pages/home");
    assert_eq!(scene.running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!("mine"), "it runs on");
    scene.running.close();
    assert_eq!(scene.draft(), json!("mine"), "and opens again");
    let error = scene.bare.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"release 2 of gov.example.residence.permit is halted: the fee is wrong");
    assert!(scene.bare.host.library().is_empty());
}

#[test]
fn a_halt_holds_back_a_release_that_waits_already() {
    let mut scene = Scene::new();
    let third = scene.store.release(&version(3));
    scene.look();
    assert!(scene.terminal.host.listing(&id(PERMIT)).unwrap().staged);
    scene.store.brake(&Brake::halt(&third, "the fee is wrong"));
    scene.look();
    scene.running.close();
    let listing = scene.terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!((listing.staged, listing.halted.as_deref()), (false, Some("the fee is wrong")));
    assert_eq!(scene.terminal.host.activate(&id(PERMIT)).unwrap_err().class(), "release/halted");
    assert!(scene.terminal.home_page(PERMIT).contains("version 2"));
    scene.store.brake(&Brake::lower(&third, 10_000, ""));
    scene.look();
    assert!(scene.terminal.home_page(PERMIT).contains("version 3"), "it goes on by itself");
}

#[test]
fn going_back_is_a_release_like_any_other() {
    let mut scene = Scene::new();
    scene.store.release(&version(1));
    scene.look();
    let page = scene.running.until_open("pages/home");
    assert_eq!(scene.running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!("mine"), "it runs on");
    scene.running.close();
    let listing = scene.terminal.host.listing(&id(PERMIT)).unwrap();
    let (installed, available) = (listing.installed.unwrap(), listing.available.unwrap());
    assert!(listing.staged && available.sequence == 3 && available.version_code < installed.version_code);
    assert_eq!(available.download_bytes, 0, "old bytes that are still here");
    assert!(scene.terminal.home_page(PERMIT).contains("version 1"));
    assert_eq!(scene.draft(), json!("mine"));
    scene.bare.install(PERMIT).unwrap();
    assert!(scene.bare.home_page(PERMIT).contains("version 1"));
}

#[test]
fn a_recall_ends_what_runs_and_opens_and_installs_nowhere() {
    let mut scene = Scene::new();
    scene.recall();
    scene.look();
    let ending = scene.running.ending();
    insta::assert_snapshot!(ending.reason, @"gov.example.residence.permit was taken back by its department: it shows the names of others");
    insta::assert_snapshot!(ending.hint, @"it can be used again when its department releases a new version; what was entered is kept");
    assert_eq!((ending.class, ending.is_closed()), ("release/recalled", false));
    let listing = scene.terminal.host.listing(&id(PERMIT)).unwrap();
    assert!(listing.recalled && listing.available.is_none());
    assert_eq!(listing.recall_reason.as_deref(), Some("it shows the names of others"));
    assert_eq!(Running::try_start(&scene.terminal.host, PERMIT).err().unwrap().class(), "release/recalled");
    assert_eq!(scene.bare.install(PERMIT).unwrap_err().class(), "release/recalled");
    assert!(scene.bare.host.library().is_empty());

    scene.store.release_as(&version(4), true, |release| release.revoked.extend([2, 3]));
    scene.look();
    assert!(!scene.terminal.host.listing(&id(PERMIT)).unwrap().recalled || scene.terminal.sequence(PERMIT) == Some(2));
    assert_eq!(scene.draft(), json!("mine"), "nothing that was entered is lost");
    assert_eq!(scene.terminal.sequence(PERMIT), Some(4));
}

#[test]
fn a_recall_is_not_undone_by_an_older_document_or_a_restart() {
    let mut scene = Scene::new();
    scene.recall();
    scene.look();
    let Scene { terminal, running, .. } = scene;
    drop(running);
    let terminal = terminal.restart();
    assert_eq!(Running::try_start(&terminal.host, PERMIT).err().unwrap().class(), "release/recalled");
}

#[test]
fn a_recalled_release_on_trial_is_left_for_the_one_before() {
    let mut scene = Scene::new();
    let third = scene.store.release(&version(3));
    scene.look();
    scene.running.close();
    let running = scene.terminal.launch(PERMIT);
    running.ready(running.loaded());
    let own = third.sequence;
    scene.store.release_as(&version(3), true, |release| release.revoked.extend([own, release.sequence]));
    scene.look();
    assert_eq!(running.ending().class, "release/recalled");
    assert_eq!(running.went_back(), (2, "2.0.0".to_owned()));
    assert_eq!(scene.draft(), json!("mine"));
}
