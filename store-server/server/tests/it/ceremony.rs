//! The guide *The key ceremony*, its commands run as they stand, in both languages; and what a ceremony refuses.

use std::{fs, path::Path, process::Command};

use guichet_store::{clock::Clock, commands, folder::StoreFolder, store::Store};
use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    sign::SecretKey,
};

use crate::house::{House, key, told};

/// The words of a command line; `"$(guichet key show FILE)"` is the public key in that file.
fn words(line: &str, folder: &Path) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), line);
    while let Some((before, after)) = rest.split_once("\"$(guichet key show ") {
        let (file, after) = after.split_once(")\"").unwrap();
        words.extend(before.split_whitespace().map(str::to_owned));
        words.push(secret(&folder.join(file)).public().to_string());
        rest = after;
    }
    words.extend(rest.split_whitespace().map(str::to_owned));
    words
}

pub(crate) fn secret(file: &Path) -> SecretKey {
    SecretKey::from_file(&fs::read_to_string(file).unwrap()).unwrap()
}

fn typed(guide: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guides").join(guide);
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// Runs a guide in a folder; what its last `keys list` said.
fn replay(guide: &str, folder: &Path) -> String {
    let mut said = String::new();
    for (number, line) in typed(guide).iter().enumerate() {
        let words = words(line, folder);
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            // The other program is not built here: what it would do.
            ["guichet", "key", "new", file] => {
                let key = SecretKey::generate([u8::try_from(number).unwrap(); 32]);
                fs::write(folder.join(file), key.to_file()).unwrap();
            }
            ["mkdir", name] => fs::create_dir(folder.join(name)).unwrap(),
            ["guichet-store", ..] => {
                let output = Command::new(env!("CARGO_BIN_EXE_guichet-store"))
                    .args(&words[1..])
                    .current_dir(folder)
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
                if line.starts_with("guichet-store keys list") {
                    said = String::from_utf8(output.stdout).unwrap();
                }
            }
            _ => panic!("not a command of this guide: {line}"),
        }
    }
    said
}

/// A device that has only the trust file follows the published files to their end.
fn follow(store: &Path, now_ms: u64) -> TrustedMetadata {
    let metadata = store.join("static/metadata");
    let first = fs::read(metadata.join("1.root.json")).unwrap();
    let mut refresh = Refresh::begin(TrustedMetadata::from_root(&first).unwrap(), now_ms, Limits::default());
    while let Some(fetch) = refresh.next() {
        refresh.accept(fs::read(metadata.join(&fetch.path)).ok()).unwrap();
    }
    refresh.finish()
}

#[test]
fn the_guides_work_as_they_are_written() {
    let guides = ["key-ceremony.md", "key-ceremony.zh-Hans.md"];
    assert_eq!(typed(guides[0]), typed(guides[1]));
    let folder = tempfile::tempdir().unwrap();
    let list = replay(guides[0], folder.path());
    let heads: Vec<_> = list.lines().filter(|line| line.contains(" of ")).collect();
    assert_eq!(
        heads,
        [
            "root: 2 of 3",
            "targets: 1 of 1",
            "snapshot: 1 of 1",
            "timestamp: 1 of 1",
            "brake: 1 of 1",
            "residence: 1 of 1",
            "residence-wide: 3 of 0"
        ]
    );
    let store = folder.path().join("store");
    let now_ms = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as u64;
    let trusted = follow(&store, now_ms);
    assert_eq!((trusted.version("root"), trusted.version("targets")), (Some(6), Some(6)));
    // The server's own key is the new one, in a file only its owner reads; the log has one, too.
    let keys: Vec<_> = fs::read_dir(store.join("online")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(keys.len(), 6, "{keys:?}");
}

#[tokio::test]
async fn a_ceremony_that_is_not_complete_changes_nothing() {
    let house = House::open().await;
    let offline = secret(&house.offline().join("root.key"));
    let change =
        commands::KeyChange { add: vec![key(61).public(), key(62).public()], threshold: Some(2), ..Default::default() };
    let mut ceremony = commands::prepare_document(&house.store, "root", change).await.map_err(told).unwrap();
    let refused = |result: Result<_, guichet_store::error::NotDone>| {
        result.map(|_: guichet_trust::editor::Question| ()).map_err(told).unwrap_err()
    };
    assert!(refused(commands::import_document(&house.store, &ceremony).await).contains("key/unsigned"));
    ceremony.sign(&offline).unwrap();
    assert!(
        refused(commands::import_document(&house.store, &ceremony).await).contains("key/unsigned"),
        "the new root asks for two"
    );
    let another = commands::KeyChange { renew: true, ..Default::default() };
    let mut another = commands::prepare_document(&house.store, "root", another).await.map_err(told).unwrap();
    another.sign(&offline).unwrap();
    commands::import_document(&house.store, &another).await.map_err(told).unwrap();
    ceremony.sign(&key(61)).unwrap();
    assert!(refused(commands::import_document(&house.store, &ceremony).await).contains("key/outdated"));
    let wrong = commands::KeyChange { online: true, ..Default::default() };
    let not_online = commands::prepare_document(&house.store, "residence", wrong).await.map_err(told).unwrap_err();
    assert!(not_online.contains("key/not-online"), "{not_online}");
}

#[tokio::test]
async fn a_running_store_signs_with_the_key_that_is_listed() {
    let house = House::open().await;
    let offline = secret(&house.offline().join("root.key"));
    for role in ["snapshot", "timestamp"] {
        let change = commands::KeyChange { online: true, ..Default::default() };
        let mut ceremony = commands::prepare_document(&house.store, role, change).await.map_err(told).unwrap();
        // The new key lies ready and signs nothing yet: the store goes on.
        let department = "residence".parse().unwrap();
        let (folder, reviewer) = (house.offline(), key(70 + role.len() as u8).public());
        commands::add_reviewer(&house.store, &folder, &department, reviewer).await.map_err(told).unwrap();
        ceremony.sign(&offline).unwrap();
        commands::import_document(&house.store, &ceremony).await.map_err(told).unwrap();
    }
    // As another process that had the store open all the time.
    let other = Store::open(StoreFolder::new(house.folder.path().join("store")), Clock::at(crate::house::NOW_MS))
        .await
        .unwrap();
    let department = "tax".parse().unwrap();
    commands::add_reviewer(&other, &house.offline(), &department, key(80).public()).await.map_err(told).unwrap();
    let trusted = follow(&house.folder.path().join("store"), crate::house::NOW_MS);
    assert_eq!(trusted.version("root"), Some(3));
}
