//! A newer release on its way to everybody, as terminals see it that it leaves out.

use guichet_contract::Channel;
use guichet_package::{Blob, Brake, PackageFile, ReleaseDocument, release::release_path};
use guichet_trust::metadata::TargetFile;

use crate::{
    app::{App, PERMIT},
    device::{Terminal, id},
    store::Store,
};

fn version(code: u32) -> PackageFile {
    App::new(PERMIT, code).asks_for(&["host:storage"]).seal("residence")
}

/// A release that names the one before it.
fn after(store: &mut Store, before: &ReleaseDocument, package: &PackageFile, is_wide: bool) -> ReleaseDocument {
    let before = Blob::of(&before.to_bytes().unwrap());
    store.release_as(package, is_wide, |release| release.before = Some(before))
}

/// Three releases, of which the newest has come to nobody.
fn held() -> (Store, ReleaseDocument) {
    let mut store = Store::new();
    let first = store.release(&version(1));
    let second = after(&mut store, &first, &version(2), true);
    let third = after(&mut store, &second, &version(3), true);
    store.brake(&Brake::lower(&third, 0, "").over([].into()));
    (store, third)
}

/// What a new terminal comes to, or why to nothing.
fn fresh(store: &Store) -> Result<u64, &'static str> {
    let terminal = Terminal::new(store);
    terminal.host.refresh().unwrap();
    let offered = terminal.host.library().first().and_then(|listing| listing.available.clone());
    let installed = terminal.install(PERMIT).map(|installed| installed.sequence).map_err(|error| error.class());
    assert_eq!(offered.map(|offered| offered.sequence), installed.ok(), "what is shown is what is installed");
    installed
}

#[test]
fn a_new_terminal_outside_the_share_gets_the_release_before_and_later_the_newer_one() {
    let (mut store, third) = held();
    let terminal = Terminal::new(&store);
    assert_eq!(terminal.host.refresh().unwrap().refused, []);
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!((listing.available.unwrap().version_name.as_str(), listing.installed.is_none()), ("2.0.0", true));
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
    assert!(terminal.home_page(PERMIT).contains("version 2"));
    assert!(terminal.host.listing(&id(PERMIT)).unwrap().available.is_none(), "it has what is meant for it");
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/not-yet");

    let terminal = terminal.restart();
    assert!(terminal.host.refresh_and_stage(|_, _| {}).staged.is_empty());
    store.brake(&Brake::lower(&third, 10_000, "").over([].into()));
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    assert!(terminal.home_page(PERMIT).contains("version 3"));
}

#[test]
fn a_terminal_that_starts_during_a_halt_gets_the_release_before_and_goes_on_with_the_rollout() {
    let (mut store, third) = held();
    let behind = Terminal::new(&store);
    behind.host.refresh().unwrap();
    store.brake(&Brake::halt(&third, "the fee is wrong").over([(2, 0)].into()));
    assert_eq!(fresh(&store), Ok(1), "what was held before is passed over");
    assert_eq!(behind.install(PERMIT).unwrap().sequence, 2, "what it knows is from before the halt");
    store.brake(&Brake::halt(&third, "the fee is wrong").over([].into()));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!((listing.available.unwrap().sequence, listing.halted), (2, None));
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
    assert!(terminal.home_page(PERMIT).contains("version 2"));
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!((listing.available, listing.halted.as_deref()), (None, Some("the fee is wrong")));
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/halted");

    let terminal = terminal.restart();
    store.brake(&Brake::lower(&third, 10_000, "").over([].into()));
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    assert!(terminal.home_page(PERMIT).contains("version 3"));
    store.brake(&Brake::halt(&third, "again").over([].into()));
    assert!(terminal.host.refresh_and_stage(|_, _| {}).staged.is_empty());
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/halted");
    assert!(terminal.home_page(PERMIT).contains("version 3"), "a halt takes nothing away");
}

#[test]
fn a_terminal_that_is_far_behind_comes_up_to_the_release_before_a_halted_one() {
    let mut store = Store::new();
    let first = store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let second = after(&mut store, &first, &version(2), true);
    let third = after(&mut store, &second, &version(3), true);
    store.brake(&Brake::halt(&third, "the fee is wrong").over([].into()));
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    assert_eq!((listing.staged, listing.halted), (true, None), "what waits is not what is held");
    assert!(terminal.home_page(PERMIT).contains("version 2"));
    assert_eq!(terminal.host.listing(&id(PERMIT)).unwrap().halted.as_deref(), Some("the fee is wrong"));
}

#[test]
fn what_a_terminal_had_is_never_exchanged_for_something_older() {
    let (mut store, third) = held();
    store.brake(&Brake::lower(&third, 10_000, "").over([].into()));
    let terminal = Terminal::with(&store, PERMIT);
    assert_eq!(terminal.sequence(PERMIT), Some(3));
    store.brake(&Brake::lower(&third, 0, "").over([].into()));
    assert!(terminal.host.refresh_and_stage(|_, _| {}).staged.is_empty());
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/not-yet");
    assert!(terminal.home_page(PERMIT).contains("version 3"));
}

#[test]
fn a_terminal_that_is_behind_comes_as_far_as_it_may() {
    let mut store = Store::new();
    let first = store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let second = after(&mut store, &first, &version(2), true);
    let third = after(&mut store, &second, &version(3), true);
    store.brake(&Brake::lower(&third, 0, "").over([].into()));
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}

#[test]
fn a_halt_a_recall_and_a_release_that_goes_back_are_what_they_were() {
    let (mut store, third) = held();
    assert_eq!(fresh(&store), Ok(2));
    store.brake(&Brake::lower(&third, 0, "").over([(2, 0)].into()));
    assert_eq!(fresh(&store), Ok(1), "the one before was held too");
    store.brake(&Brake::halt(&third, "the fee is wrong"));
    assert_eq!(fresh(&store), Err("release/halted"), "a halt that says nothing of earlier ones is for all of them");
    let before = Blob::of(&third.to_bytes().unwrap());
    let fourth = store.release_as(&version(4), true, |release| {
        release.before = Some(before);
        release.revoked.extend([2, 3]);
    });
    store.brake(&Brake::lower(&fourth, 0, "").over([].into()));
    assert_eq!(fresh(&store), Ok(1), "what was recalled is passed over");
    let fifth = store.release(&version(1));
    store.brake(&Brake::lower(&fifth, 0, ""));
    assert_eq!(fresh(&store), Err("release/not-yet"), "a release that goes back leads to nothing");
    store.release_as(&version(1), true, |release| release.revoked.extend([2, 3, 5, 6]));
    assert_eq!(fresh(&store), Err("release/recalled"));
}

#[test]
fn the_release_before_is_judged_like_any_other() {
    let asking = |code, names: &'static [&'static str]| App::new(PERMIT, code).asks_for(names).seal("residence");
    let mut store = Store::new();
    let first = store.release(&asking(1, &["host:storage"]));
    let second = after(&mut store, &first, &asking(2, &[]), true);
    store.brake(&Brake::lower(&second, 0, "").over([].into()));
    assert_eq!(fresh(&store), Ok(1), "two reviewers signed what names it");

    // One reviewer names it behind another release that two have signed for less.
    let first_again = Blob::of(&first.to_bytes().unwrap());
    let third = store.release_as(&asking(3, &[]), false, |release| release.before = Some(first_again));
    store.brake(&Brake::lower(&third, 0, "").over([].into()));
    let terminal = Terminal::new(&store);
    let refused = terminal.host.refresh().unwrap().refused;
    assert_eq!(refused.iter().map(|(_, problem)| problem.class).collect::<Vec<_>>(), ["release/widened"]);
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/not-yet");

    let later = store.document_of(&asking(9, &[]), 9).to_bytes().unwrap();
    let path = release_path(&"residence".parse().unwrap(), &id(PERMIT), &Channel::stable());
    store.put(&format!("targets/{}", TargetFile::of(&later).hashed_path(&path)), &later);
    store.release_as(&asking(4, &[]), false, |release| {
        release.before = Some(Blob::of(&later));
        release.rollout.ceiling = 0;
    });
    let refused = Terminal::new(&store).host.refresh().unwrap().refused;
    insta::assert_snapshot!(refused[0].1.what, @"a document at the place of apps/residence/gov.example.residence.permit/stable.json is about release 9 as the one before 4");
}
