//! Stops anywhere between the commit and the last static file, and what the next start makes of them.

use std::{collections::BTreeSet, fs, path::Path};

use guichet_api::SubmissionState::Released;
use guichet_store::{freshness, publish};

use crate::{
    house::{House, publisher, reviewers},
    packages::App,
    people::Device,
};

const APP: &str = "gov.example.residence.permit";

pub(crate) fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

async fn released() -> House {
    released_after().await.0
}

/// A store with one release, and the timestamp from before it.
async fn released_after() -> (House, Vec<u8>) {
    let house = House::open().await;
    let timestamp = fs::read(house.store.folder.public().join("metadata/timestamp.json")).unwrap();
    let submission = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    let done = house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    assert_eq!(done.state, Released);
    (house, timestamp)
}

#[tokio::test]
async fn lost_static_files_are_made_again() {
    let house = released().await;
    let public = house.store.folder.public();
    let before = files(&public);
    assert!(before.len() > 20, "{before:?}");
    fs::remove_dir_all(&public).unwrap();
    let house = house.reopened().await;
    assert_eq!(files(&public), before);
    let device = Device::refresh(&house, &["residence"]).await;
    let release = device.release(&house, "residence", APP).await.unwrap();
    device.install(&house, &release, "residence").await;
}

#[tokio::test]
async fn a_stop_after_any_file_shows_the_old_state_or_the_new_and_never_half() {
    let (house, timestamp_before) = released_after().await;
    let public = house.store.folder.public();
    let all = files(&public);
    let state = publish::PublicState::read(&house.store.database).await.unwrap();
    let old = tempfile::tempdir().unwrap();
    copy_before_release(&house, &timestamp_before, old.path());

    let mut performed = 0;
    loop {
        fs::remove_dir_all(&public).unwrap();
        copy(old.path(), &public);
        let mut stopped = false;
        for (count, step) in state.steps(&house.store.folder, &house.store.limits).enumerate() {
            if count == performed {
                stopped = true;
                break;
            }
            step.unwrap().perform(&house.store.folder).unwrap();
        }
        let device = Device::refresh(&house, &["residence"]).await;
        match device.release(&house, "residence", APP).await {
            Some(release) => {
                assert!(!stopped, "the new state is seen only after the last file");
                device.install(&house, &release, "residence").await;
            }
            None => assert!(stopped),
        }
        if !stopped {
            break;
        }
        performed += 1;
    }
    assert!(performed > 15, "{performed}");
    assert_eq!(files(&public), all);
}

/// The static files as they were before the release: without its files, and with the timestamp of that time.
fn copy_before_release(house: &House, timestamp: &[u8], to: &Path) {
    let public = house.store.folder.public();
    copy(&public, to);
    for gone in ["blobs", "packages", "targets/apps"] {
        fs::remove_dir_all(to.join(gone)).unwrap();
    }
    fs::remove_file(to.join("metadata/1.residence.json")).unwrap();
    let newest = files(&to.join("metadata"))
        .iter()
        .filter_map(|name| name.strip_suffix(".snapshot.json")?.parse::<u64>().ok())
        .max()
        .unwrap();
    fs::remove_file(to.join(format!("metadata/{newest}.snapshot.json"))).unwrap();
    fs::write(to.join("metadata/timestamp.json"), timestamp).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}

#[tokio::test]
async fn what_an_earlier_run_left_half_written_is_swept() {
    let house = released().await;
    let folder = house.store.folder.clone();
    fs::write(folder.staging().join("half"), "x").unwrap();
    let orphan = folder.package_path(guichet_trust::digest::Digest::of(b"orphan"));
    fs::write(&orphan, "x").unwrap();
    let kept = fs::read_dir(folder.packages()).unwrap().count();
    let _house = house.reopened().await;
    assert_eq!(fs::read_dir(folder.staging()).unwrap().count(), 0);
    assert!(!orphan.exists());
    assert_eq!(fs::read_dir(folder.packages()).unwrap().count(), kept - 1);
}

#[tokio::test]
async fn freshness_is_renewed_before_it_ends_and_only_then() {
    const HOUR_MS: u64 = 60 * 60 * 1000;
    let house = released().await;
    let versions = async || {
        let device = Device::refresh(&house, &["residence"]).await;
        (device.trusted.version("snapshot").unwrap(), device.trusted.version("timestamp").unwrap())
    };
    let (snapshot, timestamp) = versions().await;
    assert!(!freshness::renew(&house.store).await.unwrap());
    for (hours, expected) in [(23, (0, 0)), (2, (0, 1)), (47, (0, 2)), (24 * 11, (0, 3)), (24 * 2, (1, 4))] {
        house.store.clock.advance(hours * HOUR_MS);
        freshness::renew(&house.store).await.unwrap();
        publish::publish(&house.store).await.unwrap();
        assert_eq!(versions().await, (snapshot + expected.0, timestamp + expected.1), "{hours}");
    }
}
