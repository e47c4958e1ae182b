//! Backups, and stores made of them in both databases; the whole story of a release in PostgreSQL.

use std::{fs, path::Path};

use guichet_api::SubmissionState::{Approved, Released, Submitted};
use guichet_store::{
    backup, clock::Clock, commands, database::Location, error::NotDone, folder::StoreFolder, http::router, store::Store,
};

use tokio::sync::watch;

use crate::{
    house::{House, NOW_MS, publisher, reviewers, told},
    log::{self, witnesses},
    packages::App,
    people::Device,
    postgres::Postgres,
    restart::files,
};

const APP: &str = "gov.example.residence.permit";

async fn release(house: &House, code: u32) {
    let package = App::new(APP).version(code).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    let done = house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    assert_eq!(done.state, Released);
}

/// The same people with another store.
async fn at(house: House, folder: StoreFolder) -> House {
    let store = Store::open(folder, house.store.clock.clone()).await.unwrap();
    let store = std::sync::Arc::new(store);
    commands::prepare(&store).await.unwrap();
    House { router: router(std::sync::Arc::clone(&store)), store, ..house }
}

/// A device installs what the store offers, and people go on where they were.
async fn goes_on(house: &House, next: u32) {
    let device = Device::refresh(house, &["residence"]).await;
    let release_now = device.release(house, "residence", APP).await.unwrap();
    device.install(house, &release_now, "residence").await;
    release(house, next).await;
}

fn class(refused: Result<backup::Contents, NotDone>) -> String {
    match refused {
        Err(NotDone::Refused(problem)) => problem.class,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_backup_of_either_database_becomes_a_store_in_the_other() {
    let server = Postgres::start();
    let at_postgres = |name: &str| Location::postgres(&server.database(name)).unwrap();

    let house = House::open().await;
    release(&house, 1).await;
    let waiting = App::new(APP).version(2).sealed(&publisher());
    let waiting = house.caller(&house.tokens.developer).submit(&waiting).await.unwrap();
    assert_eq!(waiting.state, Submitted);
    let before = files(&house.store.folder.public());
    let place = house.folder.path().to_owned();
    let first = place.join("backup-1");
    let contents = backup::backup(&house.store, &first).await.map_err(told).unwrap();
    assert_eq!(contents.rows["log"], 1);

    // SQLite's into PostgreSQL.
    let folder = StoreFolder::new(place.join("second")).with_database(at_postgres("second"));
    assert_eq!(backup::restore(&folder, &first).await.map_err(told).unwrap(), contents);
    house.store.database.close().await;
    let house = at(house, folder).await;
    assert!(!house.store.folder.database_file().exists());
    assert_eq!(files(&house.store.folder.public()), before, "the static files follow from it");
    let refused = house.caller(&house.tokens.first).refuse(&waiting.id, "later").await;
    assert!(refused.is_ok(), "{refused:?}");
    goes_on(&house, 3).await;

    // PostgreSQL's into SQLite, and into another PostgreSQL.
    let second = place.join("backup-2");
    let contents = backup::backup(&house.store, &second).await.map_err(told).unwrap();
    assert_eq!(contents.rows["log"], 2);
    let again = StoreFolder::new(place.join("fourth")).with_database(at_postgres("fourth"));
    backup::restore(&again, &second).await.map_err(told).unwrap();
    let folder = StoreFolder::new(place.join("third"));
    backup::restore(&folder, &second).await.map_err(told).unwrap();
    let house = at(house, folder).await;
    goes_on(&house, 4).await;
    let house = at(house, again).await;
    goes_on(&house, 5).await;
    // A dead server is told of, and a living one is found again.
    server.restart();
    goes_on(&house, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_taken_while_releases_are_made_is_of_one_moment() {
    const RELEASES: u32 = 5;
    for server in [None, Some(Postgres::shared())] {
        let house = House::open_in(Clock::at(NOW_MS), server).await;
        let beside = house.beside().await;
        let (tell, told_to_stop) = watch::channel(false);
        let (count, mut counted) = watch::channel(0);
        let place = house.folder.path().to_owned();
        let taken = tokio::spawn(async move {
            let mut taken = Vec::new();
            while !*told_to_stop.borrow() {
                let to = place.join(format!("backup-{}", taken.len()));
                taken.push((backup::backup(&beside, &to).await.map_err(told).unwrap(), to));
                count.send_replace(taken.len());
            }
            taken
        });
        for code in 1..=RELEASES {
            release(&house, code).await;
            if code == RELEASES / 2 {
                // One begins now and ends before the next release.
                let before = *counted.borrow();
                counted.wait_for(|count| *count > before + 1).await.unwrap();
            }
        }
        tell.send(true).unwrap();
        let taken = taken.await.unwrap();
        for (contents, _) in &taken {
            let rows = |table: &str| contents.rows[table];
            // Four files list keys; each release adds one.
            assert_eq!([rows("leaves"), rows("targets") - 4], [rows("log"); 2], "{contents:?}");
        }
        // One from between two releases is a store like any other.
        let between = |contents: &backup::Contents| (1..u64::from(RELEASES)).contains(&contents.rows["log"]);
        let (contents, from) = taken.iter().rfind(|(contents, _)| between(contents)).unwrap();
        let folder = StoreFolder::new(house.folder.path().join("restored"));
        backup::restore(&folder, from).await.map_err(told).unwrap();
        let house = at(house, folder).await;
        goes_on(&house, RELEASES + 1).await;
        let device = Device::refresh(&house, &["residence"]).await;
        let now = device.release(&house, "residence", APP).await.unwrap();
        assert_eq!(now.sequence, contents.rows["log"] + 1);
    }
}

#[tokio::test]
async fn a_device_accepts_a_restored_store_and_an_older_one_only_when_it_has_caught_up() {
    let house = House::open().await;
    release(&house, 1).await;
    let before = Device::refresh(&house, &["residence"]).await;
    let backup_folder = house.folder.path().join("backup");
    backup::backup(&house.store, &backup_folder).await.map_err(told).unwrap();
    release(&house, 2).await;
    let after = Device::refresh(&house, &["residence"]).await;

    let folder = StoreFolder::new(house.folder.path().join("restored"));
    backup::restore(&folder, &backup_folder).await.map_err(told).unwrap();
    let house = at(house, folder).await;
    let before = before.refreshed(&house, &["residence"]).await.unwrap();
    let seen = before.release(&house, "residence", APP).await.unwrap();
    before.install(&house, &seen, "residence").await;
    assert_eq!(seen.sequence, 1);
    let Err(refused) = after.refreshed(&house, &["residence"]).await else { panic!("it went back") };
    assert_eq!(refused.class(), "metadata/rollback");

    // The release that the backup lacks is made again, and then another.
    release(&house, 2).await;
    let before = before.refreshed(&house, &["residence"]).await.unwrap();
    assert_eq!(before.release(&house, "residence", APP).await.unwrap().sequence, 2);
    release(&house, 3).await;
    let after = after.refreshed(&house, &["residence"]).await.unwrap();
    assert_eq!(after.release(&house, "residence", APP).await.unwrap().sequence, 3);
}

#[tokio::test]
async fn witnesses_follow_a_store_restored_with_its_last_release_and_no_older_one() {
    let house = House::open().await;
    let _witnesses = witnesses(&house, 1).await;
    let place = house.folder.path().to_owned();
    let [older, newest] = ["older", "newest"].map(|name| place.join(name));
    release(&house, 1).await;
    backup::backup(&house.store, &older).await.map_err(told).unwrap();
    release(&house, 2).await;
    backup::backup(&house.store, &newest).await.map_err(told).unwrap();

    let folders = [&older, &newest].map(|from| StoreFolder::new(from.with_extension("restored")));
    for (folder, from) in folders.iter().zip([&older, &newest]) {
        backup::restore(folder, from).await.map_err(told).unwrap();
    }
    let [older, newest] = folders;
    let house = at(house, older).await;
    assert_eq!(log::release(&house, 3).await.state, Approved, "they have seen another second release");
    let house = at(house, newest).await;
    assert_eq!(log::release(&house, 3).await.state, Released);
}

#[tokio::test]
async fn a_backup_that_is_not_whole_makes_no_store() {
    let house = House::open().await;
    release(&house, 1).await;
    let place = house.folder.path().to_owned();
    let good = place.join("backup");
    backup::backup(&house.store, &good).await.map_err(told).unwrap();
    assert_eq!(class(backup::backup(&house.store, &good).await), "backup/not-empty");
    assert_eq!(class(backup::restore(&house.store.folder, &good).await), "restore/not-empty");

    let target = StoreFolder::new(place.join("restored"));
    let spoil = |path: &Path, with: &str| {
        let kept = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        fs::write(path, with).unwrap();
        kept
    };
    let package = fs::read_dir(good.join("packages")).unwrap().next().unwrap().unwrap().path();
    for path in [good.join("database.jsonl"), good.join("store.json"), package] {
        let kept = spoil(&path, "{}");
        assert_eq!(class(backup::restore(&target, &good).await), "backup/altered", "{}", path.display());
        fs::write(&path, kept).unwrap();
    }
    let contents = good.join("backup.json");
    let text = fs::read_to_string(&contents).unwrap();
    let known: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tables = known["tables"].as_u64().unwrap();
    let with_tables = |number: u64| text.replace(&format!("\"tables\": {tables}"), &format!("\"tables\": {number}"));
    for (with, wanted) in [
        (text.replace("\"format\": 1", "\"format\": 2"), "backup/newer"),
        (with_tables(99_999), "backup/newer"),
        (with_tables(tables - 1), "backup/altered"),
        (text.replace("\"log\": 1", "\"log\": 0"), "backup/altered"),
        (text.replace("\"store.json\"", "\"../store.json\""), "backup/altered"),
        ("{".to_owned(), "backup/altered"),
    ] {
        assert_ne!(with, text);
        fs::write(&contents, with).unwrap();
        assert_eq!(class(backup::restore(&target, &good).await), wanted);
    }
    fs::remove_file(&contents).unwrap();
    assert_eq!(class(backup::restore(&target, &good).await), "backup/unfinished");
    assert!(!place.join("restored").exists(), "nothing was made");
    fs::write(&contents, text).unwrap();
    backup::restore(&target, &good).await.map_err(told).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_for_its_owner_only_and_has_no_keys_of_the_security_office() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::open().await;
    let to = house.folder.path().join("backup");
    backup::backup(&house.store, &to).await.map_err(told).unwrap();
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o700);
    let all = files(&to);
    assert!(
        all.iter().any(|path| path.starts_with("online/")) && !all.iter().any(|path| path.contains("offline")),
        "{all:?}"
    );
    for path in all {
        assert_eq!(fs::metadata(to.join(&path)).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
}
