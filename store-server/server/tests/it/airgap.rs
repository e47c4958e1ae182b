//! Over the gap: a folder is exported, carried in whatever state, and imported by a mirror that believes nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_api::SubmissionState::Released;
use guichet_package::TrustFile;
use guichet_store::{
    airgap::{self, Imported},
    database::commit,
    error::NotDone,
    publish, repository,
};
use guichet_trust::{
    editor::{Draft, Listing, MOST_UNBINNED},
    log::{append_entry, leaf_hash},
    metadata::{Document, TargetFile, Targets},
};

use crate::{
    bins::approve,
    house::{House, NOW_MS, publisher, reviewers, told},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

struct Gap {
    house: House,
    folder: tempfile::TempDir,
    trust: TrustFile,
}

impl Gap {
    async fn open() -> Self {
        let house = House::open().await;
        let trust = TrustFile::parse(&fs::read(house.store.folder.trust_file()).unwrap()).unwrap();
        let gap = Self { house, folder: tempfile::tempdir().unwrap(), trust };
        gap.release(1).await;
        gap
    }

    async fn release(&self, code: u32) {
        let package = App::new(APP).version(code).sealed(&publisher());
        let submission = self.house.caller(&self.house.tokens.developer).submit(&package).await.unwrap();
        self.house.caller(&self.house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    }

    /// The department hands its list to bins, as it would if it listed too much for one document.
    async fn hand_to_bins(&self) {
        let (house, [key, _]) = (&self.house, &reviewers());
        let mut change = house.store.database.change().await.unwrap();
        let targets = repository::authority(&mut change).await.unwrap().targets;
        let present = repository::listing(&mut change, "residence").await.unwrap().own.unwrap();
        let (path, file) = present.signed().targets.first_key_value().unwrap();
        let expires_ms = NOW_MS + 400 * DAY_MS;
        let mut full = Draft::of_role(&targets, "residence", Some(&present), expires_ms).unwrap();
        for app in 0..MOST_UNBINNED {
            let other = format!("apps/residence/gov.example.residence.other-{app}/stable.json");
            full.set_target(&other, TargetFile::of(b"")).unwrap();
        }
        let full = Listing { own: Some(Document::parse(full.sign(&[key]).unwrap()).unwrap()), ..Listing::default() };
        let next = full.next(&targets, "residence", (path, file), expires_ms).unwrap();
        let [(_, own), bins @ ..] = next.drafts.as_slice() else { panic!("its own document comes first") };
        let own = Document::<Targets>::parse(own.sign(&[key]).unwrap()).unwrap();
        for (name, _) in bins {
            let mut bin = Draft::of_role(&own, name, None, expires_ms).unwrap();
            if own.signed().bins().unwrap().bin(path).name == *name {
                bin.set_target(path, file.clone()).unwrap();
            }
            let bin = Document::<Targets>::parse(bin.sign(&[key]).unwrap()).unwrap();
            repository::insert(&mut change, name, &bin).await.unwrap();
        }
        repository::insert(&mut change, "residence", &own).await.unwrap();
        repository::sign_snapshot(&mut change, &house.store.online, NOW_MS).await.unwrap();
        commit(change).await.unwrap();
        publish::publish(&house.store).await.unwrap();
    }

    fn stick(&self) -> PathBuf {
        self.folder.path().join("stick")
    }

    fn mirror(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    fn export(&self) -> airgap::Exported {
        airgap::export(&self.house.store.folder, &self.stick(), false).unwrap()
    }

    fn import(&self) -> Result<Imported, String> {
        self.import_at(NOW_MS)
    }

    fn import_at(&self, now_ms: u64) -> Result<Imported, String> {
        airgap::import(&self.stick(), &self.mirror(), &self.trust, now_ms).map_err(|not_done| match not_done {
            NotDone::Refused(problem) => problem.class,
            NotDone::Failed(_) => told(not_done),
        })
    }

    fn timestamp(&self) -> Option<Vec<u8>> {
        fs::read(self.mirror().join("metadata/timestamp.json")).ok()
    }
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn what_was_exported_is_imported_and_only_what_is_new_is_carried_again() {
    let gap = Gap::open().await;
    let first = gap.export();
    assert!(first.files > 10 && first.present == 0);
    let imported = gap.import().unwrap();
    assert_eq!((imported.apps, imported.refused.len()), (1, 0));
    gap.release(2).await;
    let second = gap.export();
    assert!(second.present > 10 && second.files < first.files, "{second:?}");
    let more = gap.import().unwrap();
    assert!(more.files > 0 && more.files < imported.files, "{more:?}");
    assert_eq!(gap.import().unwrap().files, 0, "there is nothing more to do");
    let published = gap.house.store.folder.public().join("metadata/timestamp.json");
    assert_eq!(gap.timestamp().unwrap(), fs::read(published).unwrap());
}

#[tokio::test]
async fn a_mirror_has_what_a_terminal_takes_that_a_rollout_leaves_out() {
    let gap = Gap::open().await;
    for code in 2..=3 {
        gap.release(code).await;
    }
    gap.export();
    assert_eq!(gap.import().unwrap().apps, 1);
    let there = |folder: &str| {
        let files = all_files(&gap.mirror().join(folder));
        files
            .iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "ma" || extension == "json"))
            .count()
    };
    assert_eq!((there("packages"), there("targets/apps")), (3, 3));
}

#[tokio::test]
async fn a_department_with_hash_bins_is_carried_bin_by_bin() {
    let gap = Gap::open().await;
    gap.hand_to_bins().await;
    gap.export();
    let imported = gap.import().unwrap();
    assert_eq!((imported.apps, imported.refused.as_slice()), (1, [].as_slice()));
    let bins = |folder: PathBuf| -> Vec<PathBuf> {
        let files = all_files(&folder.join("metadata")).into_iter();
        files.filter(|file| file.to_str().unwrap().contains("residence_bin-")).collect()
    };
    assert_eq!(bins(gap.mirror()).len(), 32);

    // The next release signs one bin, and that is what is carried.
    let package = App::new(APP).version(2).sealed(&publisher());
    let developer = gap.house.caller(&gap.house.tokens.developer);
    let id = developer.submit(&package).await.unwrap().id;
    assert_eq!(approve(&gap.house, &gap.house.tokens.first, &id, &reviewers()[1]).await, (1, Released));
    gap.export();
    let before = gap.timestamp();
    let newest = bins(gap.stick()).into_iter().find(|file| file.to_str().unwrap().contains("/2.residence_bin-"));
    let newest = newest.unwrap();
    let bytes = fs::read(&newest).unwrap();
    fs::remove_file(&newest).unwrap();
    assert_eq!(gap.import().unwrap_err(), "file/missing");
    assert_eq!(gap.timestamp(), before, "without the bin the mirror stays where it was");
    fs::write(&newest, String::from_utf8_lossy(&bytes).replace("stable.json", "stabla.json")).unwrap();
    assert!(gap.import().unwrap().refused[0].contains("_bin-"), "a bin that is wrong costs its department");
    fs::write(&newest, &bytes).unwrap();
    let imported = gap.import().unwrap();
    assert_eq!((imported.apps, imported.refused.as_slice()), (1, [].as_slice()));
    assert_eq!(bins(gap.mirror()).len(), 33);
    // The release that only the bin lists is there to be installed, whole.
    let released = all_files(&gap.mirror().join("packages"));
    assert!(released.iter().any(|file| fs::read(file).unwrap() == package.bytes()), "{released:?}");
}

#[tokio::test]
async fn a_mirror_never_goes_back() {
    let gap = Gap::open().await;
    gap.export();
    let older = gap.folder.path().join("older");
    copy(&gap.stick(), &older);
    gap.release(2).await;
    gap.export();
    gap.import().unwrap();
    let newest = gap.timestamp();
    fs::remove_dir_all(gap.stick()).unwrap();
    fs::rename(&older, gap.stick()).unwrap();
    assert_eq!(gap.import().unwrap_err(), "metadata/rollback");
    assert_eq!(gap.timestamp(), newest);
}

#[tokio::test]
async fn a_folder_too_old_is_refused() {
    let gap = Gap::open().await;
    gap.export();
    assert_eq!(gap.import_at(NOW_MS + 900 * DAY_MS).unwrap_err(), "metadata/expired");
    assert_eq!(gap.timestamp(), None);
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_refused() {
    let (gap, other) = (Gap::open().await, House::open().await);
    let stranger = guichet_trust::sign::SecretKey::generate([9; 32]);
    let mut root = Draft::first_root(NOW_MS + 365 * DAY_MS);
    for role in ["root", "targets", "snapshot", "timestamp"] {
        root.set_role(role, &[stranger.public()], 1).unwrap();
    }
    drop(other);
    gap.export();
    let theirs = TrustFile::new(&root.sign(&[&stranger]).unwrap(), "file:///nowhere", "").unwrap();
    let refused = airgap::import(&gap.stick(), &gap.mirror(), &theirs, NOW_MS);
    assert!(matches!(refused, Err(NotDone::Refused(problem)) if problem.class.starts_with("metadata/")));
    assert_eq!(gap.timestamp(), None);
}

#[tokio::test]
async fn every_file_that_is_missing_or_altered_is_noticed_and_the_mirror_offers_what_it_did() {
    let gap = Gap::open().await;
    gap.export();
    gap.import().unwrap();
    let before = gap.timestamp();
    gap.release(2).await;
    gap.export();
    let (whole, known) = (gap.folder.path().join("whole"), gap.folder.path().join("known"));
    copy(&gap.stick(), &whole);
    copy(&gap.mirror(), &known);
    gap.import().unwrap();
    let wanted = all_files(&gap.mirror()).into_iter().map(|path| path.strip_prefix(gap.mirror()).unwrap().to_owned());
    let wanted: std::collections::BTreeSet<PathBuf> = wanted.collect();
    fs::remove_dir_all(gap.mirror()).unwrap();
    copy(&known, &gap.mirror());
    let mut noticed = 0;
    for file in all_files(&whole) {
        let name = file.strip_prefix(&whole).unwrap();
        let is_optional = name.starts_with("packages") || name.extension().is_some_and(|end| end == "zst");
        if gap.mirror().join(name).exists() && !name.ends_with("timestamp.json") || !wanted.contains(name) {
            continue;
        }
        for alter in [false, true] {
            let place = gap.stick().join(name);
            let bytes = fs::read(&file).unwrap();
            match alter {
                false => fs::remove_file(&place).unwrap(),
                true => {
                    fs::write(&place, [&bytes[..bytes.len() / 2], &[0xFF], &bytes[bytes.len() / 2..]].concat()).unwrap()
                }
            }
            match gap.import() {
                Err(class) => {
                    assert!(
                        ["file/missing", "file/altered"].contains(&class.as_str())
                            || class.starts_with("metadata/")
                            || class.starts_with("log/")
                            || class.starts_with("json/"),
                        "{class} for {name:?}"
                    );
                    assert_eq!(gap.timestamp(), before, "{name:?}");
                    noticed += 1;
                }
                // A role's document that is wrong costs its department; a sibling or a package is only a convenience,
                // and a file whose sibling is there is made from it.
                Ok(imported) => {
                    let is_made = !alter && gap.mirror().join(name).exists();
                    assert!(is_optional || is_made || !imported.refused.is_empty(), "{name:?} {alter}");
                }
            }
            fs::write(&place, bytes).unwrap();
            fs::remove_dir_all(gap.mirror()).unwrap();
            copy(&known, &gap.mirror());
        }
    }
    assert!(noticed > 8, "{noticed}");
    gap.import().unwrap();
    assert_ne!(gap.timestamp(), before, "the whole folder is taken after all that");
}

#[tokio::test]
async fn what_a_stick_lost_or_changed_is_carried_again_whatever_its_length() {
    let gap = Gap::open().await;
    gap.export();
    let proof = all_files(&gap.stick().join("log/proof")).remove(0);
    let bytes = fs::read(&proof).unwrap();
    fs::write(&proof, vec![b'x'; bytes.len()]).unwrap();
    assert!(gap.export().present > 10);
    assert!(fs::read(&proof).unwrap() == bytes);
}

#[tokio::test]
async fn a_log_that_is_not_the_one_the_mirror_has_shown_is_refused() {
    let gap = Gap::open().await;
    gap.export();
    gap.import().unwrap();
    let before = gap.timestamp();
    // Signed by the log's own key, and of another history: a mirror has a memory as a terminal has.
    let signed = |size, leaf: &[u8]| {
        let mut tree = guichet_trust::log::Frontier::new();
        (0..size).for_each(|_| tree.append(leaf_hash(leaf)));
        gap.house.store.log.sign(size, tree.root()).to_text()
    };
    let checkpoint = gap.mirror().join("log/checkpoint");
    let known = fs::read(&checkpoint).unwrap();
    for (size, class) in [(1, "log/fork"), (2, "log/smaller")] {
        fs::write(&checkpoint, signed(size, b"another release")).unwrap();
        assert_eq!(gap.import().unwrap_err(), class);
    }
    assert_eq!(gap.timestamp(), before);
    fs::write(&checkpoint, known).unwrap();
    gap.release(2).await;
    gap.export();
    gap.import().unwrap();
}

#[tokio::test]
async fn a_log_that_agrees_with_itself_and_not_with_what_was_signed_is_refused() {
    let gap = Gap::open().await;
    gap.export();
    let leaf = b"a release of another time";
    let mut bundle = Vec::new();
    append_entry(&mut bundle, leaf).unwrap();
    fs::write(gap.stick().join("log/tile/entries/000.p/1"), bundle).unwrap();
    fs::write(gap.stick().join("log/tile/0/000.p/1"), leaf_hash(leaf).as_bytes()).unwrap();
    let refused = airgap::import(&gap.stick(), &gap.mirror(), &gap.trust, NOW_MS);
    let Err(NotDone::Refused(problem)) = refused else { panic!("{refused:?}") };
    assert!(problem.class == "file/altered" && problem.to_string().contains("log/checkpoint"), "{problem}");
    assert_eq!(gap.timestamp(), None);
}

#[tokio::test]
async fn proofs_of_releases_before_are_carried_and_checked_too() {
    let gap = Gap::open().await;
    let first = all_files(&gap.house.store.folder.log().join("proof")).remove(0);
    let name = first.file_name().unwrap();
    gap.release(2).await;
    gap.export();
    let carried = gap.stick().join("log/proof").join(name);
    let bytes = fs::read(&carried).unwrap();
    fs::write(&carried, [&bytes[..], b"x"].concat()).unwrap();
    assert!(gap.import().is_err());
    assert_eq!(gap.timestamp(), None);
    fs::write(&carried, &bytes).unwrap();
    gap.import().unwrap();
    assert!(fs::read(gap.mirror().join("log/proof").join(name)).unwrap() == bytes, "terminals with that release ask");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in all_files(from) {
        let place = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(file, place).unwrap();
    }
}
