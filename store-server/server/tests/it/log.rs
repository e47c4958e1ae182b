//! The transparency log of a store: every release is in it before it is listed, and witnesses have seen it.

use std::fs;

use guichet_api::SubmissionState::{Approved, Released, Superseded};
use guichet_contract::Channel;
use guichet_package::{LogLeaf, TrustFile};
use guichet_store::{brake, commands, database::tree, publish, transparency};
use guichet_trust::{
    digest::Digest,
    log::{Frontier, LogProof, Policy, SignedNote, leaf_hash},
    metadata::{Document, Targets},
};

use crate::{
    ceremony::secret,
    house::{House, key, publisher, reviewers, told},
    packages::App,
    people::Device,
    witness::Witness,
};

const APP: &str = "gov.example.residence.permit";

/// The policy a host is given.
pub(crate) fn policy(house: &House) -> Policy {
    let file = fs::read(house.store.folder.trust_file()).unwrap();
    TrustFile::parse(&file).unwrap().policy().unwrap().unwrap()
}

/// The size of the tree everybody is shown.
fn shown(house: &House) -> u64 {
    let note = fs::read(house.store.folder.log().join("checkpoint")).unwrap();
    policy(house).open(&SignedNote::parse(&note).unwrap()).unwrap().checkpoint.size
}

pub(crate) async fn release(house: &House, code: u32) -> guichet_api::Submission {
    approve(house, &submit(house, code).await).await
}

async fn submit(house: &House, code: u32) -> String {
    let package = App::new(APP).version(code).sealed(&publisher());
    house.caller(&house.tokens.developer).submit(&package).await.unwrap().id
}

async fn approve(house: &House, id: &str) -> guichet_api::Submission {
    house.caller(&house.tokens.first).approve(id, &reviewers()[0]).await.unwrap()
}

/// The release a device sees, with its proof judged.
async fn seen(house: &House) -> Option<(u64, LogProof)> {
    let device = Device::refresh(house, &["residence"]).await;
    let release = device.release(house, "residence", APP).await?;
    let bytes = release.to_bytes().unwrap();
    let answer = house.get(&format!("/static/log/proof/{}.tlog-proof", Digest::of(&bytes))).await;
    let proof = LogProof::parse(&answer.body).unwrap();
    proof.verify(&policy(house)).unwrap();
    LogLeaf::parse(&proof.leaf).unwrap().is_about(&"residence".parse().unwrap(), &release, &bytes).unwrap();
    Some((release.sequence, proof))
}

pub(crate) async fn witnesses(house: &House, count: usize) -> Vec<Witness> {
    let mut witnesses = Vec::new();
    for number in 0..count {
        let witness = Witness::start(&format!("w{number}.example")).await;
        witness.kept.add_log(house.store.log.key()).unwrap();
        transparency::add_witness(&house.store, &witness.key, &witness.url(), None).await.map_err(told).unwrap();
        witnesses.push(witness);
    }
    publish::publish_or_lag(&house.store).await;
    witnesses
}

#[tokio::test]
async fn a_release_is_proved_to_be_in_the_log() {
    let house = House::open().await;
    assert_eq!(shown(&house), 0, "the log begins empty and signed");
    assert_eq!(policy(&house).log().name(), "store.example/static/log");
    assert_eq!(release(&house, 1).await.state, Released);
    let (sequence, proof) = seen(&house).await.unwrap();
    assert_eq!((sequence, proof.index, shown(&house)), (1, 0, 1));
    let leaf = LogLeaf::parse(&proof.leaf).unwrap();
    assert_eq!(leaf.publishers, [publisher().public().id()].into());
    assert_eq!(leaf.approvals, [reviewers()[0].public().id()].into());
    assert_eq!(leaf.roles, [("residence".to_owned(), 1)].into());

    assert_eq!(release(&house, 2).await.state, Released);
    let (sequence, proof) = seen(&house).await.unwrap();
    assert_eq!((sequence, proof.index, shown(&house)), (2, 1, 2));
    let checkpoint = house.get("/static/log/checkpoint").await;
    assert_eq!((checkpoint.header("cache-control"), checkpoint.status.as_u16()), ("no-cache", 200));
    for tile in ["tile/0/000.p/1", "tile/0/000.p/2", "tile/entries/000.p/1", "tile/entries/000.p/2"] {
        assert_eq!(house.get(&format!("/static/log/{tile}")).await.status, 200, "{tile}");
    }
}

#[tokio::test]
async fn two_of_three_witnesses_are_enough_and_one_is_not() {
    let house = House::open().await;
    let mut witnesses = witnesses(&house, 3).await;
    assert_eq!((policy(&house).quorum().needed(), policy(&house).witnesses().len()), (2, 3));
    assert_eq!(release(&house, 1).await.state, Released);
    witnesses[0].stop().await;
    assert_eq!(release(&house, 2).await.state, Released);
    assert_eq!(seen(&house).await.unwrap().0, 2);

    witnesses[1].stop().await;
    let waiting = release(&house, 3).await;
    assert_eq!(waiting.state, Approved);
    assert!(house.store.is_lagging());
    let error = transparency::advance(&house.store).await.unwrap_err().to_string();
    assert!(error.contains("1 of the 2 witnesses") && error.contains("w1.example: "), "{error}");
    assert_eq!((seen(&house).await.unwrap().0, shown(&house)), (2, 2), "nobody is shown it");
    // What waits keeps nothing else back.
    brake::halt(&house.store, guichet_store::people::Actor::Machine, &APP.parse().unwrap(), &Channel::stable(), "wait")
        .await
        .map_err(told)
        .unwrap();
    let device = Device::refresh(&house, &["residence", "brake"]).await;
    assert_eq!(device.brake(&house, APP).await.unwrap().reason, "wait");
    // A next release is signed on top of it and waits with it: a reviewer's machine is given what nobody else is shown.
    let fourth = submit(&house, 4).await;
    let proposal = house.caller(&house.tokens.first).proposal(&fourth).await.unwrap();
    let documents = proposal.waiting.iter().map(|it| (it.role.as_str(), it.document.clone().into_bytes()));
    let versions = documents.map(|(role, bytes)| (role, Document::<Targets>::parse(bytes).unwrap().version()));
    assert_eq!(versions.collect::<Vec<_>>(), [("residence", 3)]);
    assert_eq!(approve(&house, &fourth).await.state, Approved);
    assert_eq!(seen(&house).await.unwrap().0, 2);

    let house = house.reopened().await;
    assert_eq!(seen(&house).await.unwrap().0, 2, "a new start changes nothing");
    witnesses[1].go_on().await;
    publish::publish_or_lag(&house.store).await;
    assert!(!house.store.is_lagging());
    assert_eq!((seen(&house).await.unwrap().0, shown(&house)), (4, 4));
    let detail = house.caller(&house.tokens.first).detail(&waiting.id).await.unwrap();
    assert_eq!(detail.submission.state, Superseded, "the next one came with it");
    let steps: Vec<_> = detail.history.iter().map(|entry| format!("{} {}", entry.by, entry.state)).collect();
    assert_eq!(steps, ["dev submitted", "first approved", "first released", "first paused", "first superseded"]);
    // The one that slept is behind, says so, and catches up.
    witnesses[0].go_on().await;
    assert_eq!(release(&house, 5).await.state, Released);
}

#[tokio::test]
async fn a_department_whose_keys_change_while_its_release_waits_holds_nobody_up() {
    let house = House::open().await;
    let mut witnesses = witnesses(&house, 1).await;
    witnesses[0].stop().await;
    let waiting = release(&house, 1).await;
    assert_eq!(waiting.state, Approved);
    let change = commands::KeyChange {
        add: vec![key(71).public()],
        remove: vec![reviewers()[0].public().id()],
        ..Default::default()
    };
    let mut ceremony = commands::prepare_document(&house.store, "residence", change).await.map_err(told).unwrap();
    ceremony.sign(&secret(&house.offline().join("targets.key"))).unwrap();
    commands::import_document(&house.store, &ceremony).await.map_err(told).unwrap();

    witnesses[0].go_on().await;
    transparency::advance(&house.store).await.unwrap();
    publish::publish_or_lag(&house.store).await;
    assert!(!house.store.is_lagging());
    assert_eq!(shown(&house), 1);
    assert_eq!(house.caller(&house.tokens.first).detail(&waiting.id).await.unwrap().submission.state, Released);
}

#[tokio::test]
async fn a_new_witness_sees_what_was_released_before_and_every_proof_is_made_anew() {
    let house = House::open().await;
    release(&house, 1).await;
    release(&house, 2).await;
    let witnesses = witnesses(&house, 1).await;
    assert_eq!(policy(&house).quorum().needed(), 1);
    let (_, proof) = seen(&house).await.unwrap();
    assert!(proof.note.signed_by(&witnesses[0].key).unwrap().is_some());
    let all = fs::read_dir(house.store.folder.log().join("proof")).unwrap();
    for file in all.map(Result::unwrap) {
        LogProof::parse(&fs::read(file.path()).unwrap()).unwrap().verify(&policy(&house)).unwrap();
    }
    let left = transparency::remove_witness(&house.store, &witnesses[0].key, None).await.map_err(told).unwrap();
    assert_eq!((left.quorum().needed(), left.witnesses().len()), (0, 0));
    assert!(transparency::remove_witness(&house.store, &witnesses[0].key, None).await.is_err());
    assert!(transparency::set_quorum(&house.store, 1).await.is_err());
}

#[tokio::test]
async fn lost_files_of_the_log_are_made_again_as_they_were() {
    let house = House::open().await;
    for code in 1..4 {
        release(&house, code).await;
    }
    let folder = house.store.folder.log();
    let read = || -> Vec<_> {
        let names = crate::restart::files(&folder);
        names.into_iter().map(|name| (fs::read(folder.join(&name)).unwrap(), name)).collect()
    };
    let before = read();
    fs::remove_dir_all(&folder).unwrap();
    let _house = house.reopened().await;
    assert!(read() == before);
}

#[tokio::test]
async fn a_database_that_was_taken_back_is_not_signed_over() {
    let house = House::open().await;
    let witnesses = witnesses(&house, 1).await;
    release(&house, 1).await;
    let mut change = house.store.database.change().await.unwrap();
    assert!(tree::sign(&mut change, 0, || unreachable!()).await.is_err(), "no smaller tree is ever signed");
    drop(change);
    // The witness has seen more than this store has.
    let larger = {
        let mut tree = Frontier::new();
        let mut connection = house.store.database.read().await.unwrap();
        for leaf in tree::leaves(&mut connection, 0, 1).await.unwrap() {
            tree.append(leaf_hash(&leaf));
        }
        tree.append(leaf_hash(b"a release of another time"));
        house.store.log.sign(2, tree.root())
    };
    let cosigned = witnesses[0].kept.signer().unwrap().cosign(&larger, 1).unwrap();
    let mut seen = larger.clone();
    seen.add(cosigned);
    witnesses[0].kept.keep(house.store.log.key().name(), &seen).unwrap();
    assert_eq!(release(&house, 2).await.state, Approved, "another tree of two leaves");
    assert_eq!(shown(&house), 1);
}
