//! Packages in a bucket: what holds of it as of a folder, what is believed of what it says, and what operators are told.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use guichet_api::SubmissionState::Released;
use guichet_package::TrustFile;
use guichet_store::{
    airgap, backup,
    blobs::{Failure, Remote},
    commands,
    error::{NotDone, StoreError},
    folder::StoreFolder,
    http::router,
    store::Store,
};
use guichet_trust::digest::Digest;

use crate::{
    fake_bucket::{FakeBucket, Fault},
    house::{House, publisher, reviewers, send, told},
    packages::App,
    people::Device,
    restart::files,
};

const APP: &str = "gov.example.residence.permit";
const MUCH: u64 = 1 << 30;
/// Longer than a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

/// What holds wherever packages are kept. `open` is the same place, as a new process finds it.
pub(crate) fn contract(open: &dyn Fn() -> StoreFolder) {
    let folder = open();
    folder.create().unwrap();
    let (package, part) = (Digest::of(b"a package"), Digest::of(b"a part"));
    let compressed = zstd::encode_all(&b"a part"[..], 3).unwrap();
    let path = folder.package_path(package);
    let (blob, sibling) = (folder.blob(part), folder.blob(part).with_extension("zst"));
    let all = [(&path, &b"a package"[..]), (&blob, b"a part"), (&sibling, &compressed)];
    for (path, _) in all {
        assert!(!folder.is_kept(path).unwrap());
        assert_eq!(folder.length(path).unwrap(), None);
    }
    folder.read_package(package).unwrap_err();
    for (path, bytes) in all.into_iter().chain(all) {
        folder.keep(path, bytes).unwrap();
    }
    for folder in [&folder, &open()] {
        for (path, bytes) in all {
            assert!(folder.is_kept(path).unwrap());
            assert_eq!(folder.length(path).unwrap(), Some(bytes.len() as u64));
            assert_eq!(fs::read(folder.here(path).unwrap()).unwrap(), bytes);
        }
        assert_eq!(folder.read_package(package).unwrap(), b"a package");
        assert_eq!(folder.packages_kept().unwrap(), std::slice::from_ref(&path));
    }
    folder.discard(&path).unwrap();
    folder.discard(&path).unwrap();
    for folder in [&folder, &open()] {
        assert!(!folder.is_kept(&path).unwrap());
        folder.read_package(package).unwrap_err();
        assert!(folder.packages_kept().unwrap().is_empty() && folder.is_kept(&blob).unwrap());
    }
}

/// What holds of a bucket besides: whatever lies in the folder can be lost.
pub(crate) fn contract_of_a_cache(open: &dyn Fn() -> StoreFolder) {
    let folder = open();
    folder.create().unwrap();
    let digests: Vec<Digest> = (0..20_u8).map(|number| Digest::of(&[number])).collect();
    for (number, digest) in (0..).zip(&digests) {
        folder.keep(&folder.blob(*digest), &[number]).unwrap();
    }
    fs::remove_dir_all(folder.public()).unwrap();
    for folder in [folder, open()] {
        for (number, digest) in (0_u8..).zip(&digests) {
            assert_eq!(fs::read(folder.here(&folder.blob(*digest)).unwrap()).unwrap(), [number]);
        }
        fs::remove_dir_all(folder.public()).unwrap();
    }
}

#[test]
fn a_folder_and_a_bucket_keep_the_same_promises() {
    let place = tempfile::tempdir().unwrap();
    contract(&|| StoreFolder::new(place.path().join("folder")));
    let fake = FakeBucket::start();
    contract(&|| StoreFolder::new(place.path().join("one")).with_bucket(fake.remote("one", MUCH)));
    contract_of_a_cache(&|| StoreFolder::new(place.path().join("two")).with_bucket(fake.remote("two", MUCH)));
    assert!(fake.objects().keys().all(|name| name.starts_with("one/static/") || name.starts_with("two/static/blobs/")));
}

impl House {
    /// The same store, served by a process whose packages are in a bucket.
    pub(crate) async fn kept_in(self, remote: Remote) -> Self {
        self.store.database.close().await;
        let folder = StoreFolder::new(self.store.folder.settings().parent().unwrap());
        let folder = folder.with_database(self.store.folder.database()).with_bucket(remote);
        let trust = TrustFile::parse(&fs::read(folder.trust_file()).unwrap()).unwrap();
        assert!(folder.claim(trust.root_bytes()).unwrap());
        let store = Arc::new(Store::open(folder, self.store.clock.clone()).await.unwrap());
        commands::prepare(&store).await.unwrap();
        Self { router: router(Arc::clone(&store)), store, ..self }
    }

    /// Loses what also lies in the bucket.
    pub(crate) fn lose_the_cache(&self) {
        let (public, packages) = (self.store.folder.public(), self.store.folder.packages());
        let places = [public.join("blobs"), public.join("packages"), packages];
        for folder in places.iter().filter(|place| place.exists()) {
            for file in files(folder) {
                fs::remove_file(folder.join(file)).unwrap();
            }
        }
    }
}

pub(crate) async fn release(house: &House, code: u32) {
    let package = App::new(APP).version(code).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    let done = house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    assert_eq!(done.state, Released);
}

/// A device installs the newest release.
pub(crate) async fn installs(house: &House, sequence: u64) {
    let device = Device::refresh(house, &["residence"]).await;
    let release = device.release(house, "residence", APP).await.unwrap();
    assert_eq!(release.sequence, sequence);
    device.install(house, &release, "residence").await;
}

#[tokio::test]
async fn a_store_moves_into_a_bucket_and_needs_nothing_of_its_folder_for_packages() {
    let fake = FakeBucket::start();
    let house = House::open().await;
    release(&house, 1).await;
    let before = files(&house.store.folder.public());
    let house = house.kept_in(fake.remote("", MUCH)).await;
    let of_bucket = |house: &House| {
        let names = |folder: &Path, below: &str| {
            files(folder).into_iter().map(|name| format!("{below}/{name}")).collect::<Vec<_>>()
        };
        let folder = &house.store.folder;
        let mut all = names(&folder.packages(), "packages");
        all.extend(names(&folder.public().join("blobs"), "static/blobs"));
        all.extend(names(&folder.public().join("packages"), "static/packages"));
        all
    };
    let kept: Vec<_> = fake.objects().into_keys().filter(|name| name != "guichet-store").collect();
    assert_eq!(kept, of_bucket(&house));
    release(&house, 2).await;
    house.lose_the_cache();
    installs(&house, 2).await;
    assert!(files(&house.store.folder.public()).len() > before.len());

    // The next release compares with the last, and a delta is made from it, wherever they lie.
    house.lose_the_cache();
    release(&house, 3).await;
    guichet_store::delta::make_ahead(&house.store).await.unwrap();
    installs(&house, 3).await;
    // What another process finds is the same.
    house.lose_the_cache();
    let house = house.kept_in(fake.remote("", MUCH)).await;
    installs(&house, 3).await;
    let kept: Vec<_> = fake.objects().into_keys().filter(|name| name != "guichet-store").collect();
    house.lose_the_cache();
    let to = house.folder.path().join("stick");
    airgap::export(&house.store.folder, &to, false).unwrap();
    let carried = files(&to);
    for name in kept.iter().filter_map(|name| name.strip_prefix("static/")) {
        assert!(carried.contains(name), "{name}");
    }
}

async fn get(house: &House, path: &str) -> (u16, Vec<u8>) {
    get_of(&house.router, path).await
}

async fn get_of(router: &Router, path: &str) -> (u16, Vec<u8>) {
    let answer = send(router, Request::get(path).body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.body)
}

#[tokio::test]
async fn what_a_bucket_gives_is_served_only_if_it_is_what_was_put_there() {
    let fake = FakeBucket::start();
    let house = House::open().await.kept_in(fake.remote("", MUCH)).await;
    release(&house, 1).await;
    let names: Vec<_> = fake.objects().into_keys().filter(|name| name.starts_with("static/")).collect();
    assert!(names.len() > 10, "{names:?}");
    for fault in [Fault::OtherBytes, Fault::Endless, Fault::Cut, Fault::Lost, Fault::Broken] {
        for name in [&names[0], &names[1], &names[names.len() - 1]] {
            house.lose_the_cache();
            // A process that has nothing in memory.
            let path = format!("/{name}");
            let fresh = Store::open(house.store.folder.clone(), house.store.clock.clone()).await.unwrap();
            let here = router(Arc::new(fresh));
            fake.fail_after(0, fault);
            assert_eq!(get_of(&here, &path).await, (500, Vec::new()), "{fault:?} {name}");
            assert!(fake.mend());
            assert!(!files(&house.store.folder.public()).contains(name.strip_prefix("static/").unwrap()));
            assert!(files(&house.store.folder.staging()).is_empty());
            // What follows from a package is put there again.
            guichet_store::publish::publish(&house.store).await.unwrap();
            let (status, body) = get_of(&here, &path).await;
            assert_eq!((status, body.as_slice()), (200, &fake.objects()[name][..]), "{fault:?} {name}");
        }
    }
    // Unknown names are nobody's question to the bucket.
    let before = fake.asked().len();
    assert_eq!(get(&house, &format!("/static/blobs/00/{}", "0".repeat(64))).await.0, 404);
    assert_eq!(fake.asked().len(), before);
}

#[tokio::test]
async fn what_is_asked_for_often_is_asked_of_the_bucket_once() {
    let fake = FakeBucket::start();
    let house = House::open().await.kept_in(fake.remote("", MUCH)).await;
    release(&house, 1).await;
    house.lose_the_cache();
    let house = house.kept_in(fake.remote("", MUCH)).await;
    let name = fake.objects().into_keys().find(|name| name.starts_with("static/packages/")).unwrap();
    let path = format!("/{name}");
    let before = fake.asked().len();
    let many: Vec<_> = (0..20)
        .map(|_| {
            let (router, path) = (house.router.clone(), path.clone());
            tokio::spawn(async move { send(&router, Request::get(path).body(Body::empty()).unwrap()).await.status })
        })
        .collect();
    for one in many {
        assert_eq!(one.await.unwrap(), 200);
    }
    // It lies in memory, and need not lie on the disk.
    house.lose_the_cache();
    assert_eq!(get(&house, &path).await.0, 200);
    assert_eq!(fake.asked()[before..], [format!("GET {name}")]);
}

#[tokio::test]
async fn the_folder_keeps_no_more_of_a_bucket_than_it_has_room_for() {
    const ROOM: u64 = 60_000;
    let fake = FakeBucket::start();
    let house = House::open().await.kept_in(fake.remote("", ROOM)).await;
    for code in 1..=12 {
        let words: String =
            (0..300_u32).map(|number| Digest::of(&(number + 1000 * code).to_be_bytes()).to_string()).collect();
        let package = App { text: words.leak(), ..App::new(APP) }.version(code).sealed(&publisher());
        let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
        house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    }
    let folder = &house.store.folder;
    let lying: u64 = [folder.packages(), folder.public().join("blobs"), folder.public().join("packages")]
        .iter()
        .flat_map(|place| files(place).into_iter().map(|name| fs::metadata(place.join(name)).unwrap().len()))
        .sum();
    let kept: u64 = fake.objects().values().map(|bytes| bytes.len() as u64).sum();
    let largest = fake.objects().values().map(|bytes| bytes.len() as u64).max().unwrap();
    assert!(kept > 5 * ROOM && lying <= ROOM + ROOM / 16 + largest, "{kept} {lying}");
    installs(&house, 12).await;
    for name in fake.objects().keys().filter(|name| name.starts_with("static/")) {
        assert_eq!(get(&house, &format!("/{name}")).await.0, 200, "{name}");
    }
}

#[tokio::test]
async fn a_backup_has_what_lies_in_a_bucket_and_becomes_a_store_in_another_or_in_a_folder() {
    let fake = FakeBucket::start();
    let house = House::open().await.kept_in(fake.remote("one", MUCH)).await;
    release(&house, 1).await;
    house.lose_the_cache();
    let place = house.folder.path().to_owned();
    let saved = place.join("backup");
    backup::backup(&house.store, &saved).await.map_err(told).unwrap();
    let other = StoreFolder::new(place.join("two")).with_bucket(fake.remote("two", MUCH));
    backup::restore(&other, &saved).await.map_err(told).unwrap();
    let moved = StoreFolder::new(place.join("three"));
    backup::restore(&moved, &saved).await.map_err(told).unwrap();
    // A place that has something of others is left alone.
    fake.lay("four/of-others", b"x");
    let refused = StoreFolder::new(place.join("four")).with_bucket(fake.remote("four", MUCH));
    let Err(NotDone::Refused(problem)) = backup::restore(&refused, &saved).await else { panic!("it was taken") };
    assert_eq!((problem.class.as_str(), place.join("four/store.json").exists()), ("bucket/other", false));

    house.store.database.close().await;
    let mut house = house;
    for (folder, in_bucket) in [(other, true), (moved, false)] {
        let store = Arc::new(Store::open(folder, house.store.clock.clone()).await.unwrap());
        commands::prepare(&store).await.unwrap();
        house = House { router: router(Arc::clone(&store)), store, ..house };
        installs(&house, 1).await;
        release(&house, 2).await;
        installs(&house, 2).await;
        let packages = fake.objects().into_keys().filter(|name| name.starts_with("two/packages/")).count();
        assert_eq!(packages, 2, "{in_bucket}");
    }
}

#[test]
fn each_failure_of_a_bucket_is_told_apart() {
    let place = tempfile::tempdir().unwrap();
    let fake = FakeBucket::start();
    let name = "static/blobs/00/00";
    fake.lay(name, b"some bytes");
    let tell = |fault: Fault| {
        let bucket = fake.bucket("", if fault == Fault::Silent { Duration::from_millis(100) } else { LONG });
        fake.fail_after(0, fault);
        let mut file = tempfile::tempfile_in(place.path()).unwrap();
        let got = bucket.get(name, 10, &mut file).map(|is_there| is_there.to_string());
        let put = bucket.put(name, &vec![7; 1 << 20]).map(|()| "put".to_owned());
        let listed = bucket.list("static/").map(|all| all.len().to_string());
        let removed = bucket.remove("none").map(|()| "removed".to_owned());
        assert!(fake.mend());
        fake.lay(name, b"some bytes");
        let word = |done: Result<String, Failure>| match done {
            Ok(text) => text,
            Err(Failure::Unreachable(_)) => "unreachable".to_owned(),
            Err(failure) => failure.to_string(),
        };
        format!("{fault:?}: {} · {} · {} · {}", word(got), word(put), word(listed), word(removed))
    };
    let all = [Fault::Broken, Fault::Silent, Fault::Cut, Fault::Endless, Fault::Lost].map(tell);
    insta::assert_snapshot!(all.join("\n"), @r"
    Broken: it answers 500 Internal Server Error InternalError · it answers 500 Internal Server Error InternalError · it answers 500 Internal Server Error InternalError · it answers 500 Internal Server Error InternalError
    Silent: it does not answer · it does not answer · it does not answer · it does not answer
    Cut: unreachable · unreachable · unreachable · unreachable
    Endless: it gives other bytes than were put there · put · 1 · removed
    Lost: false · put · 1 · removed
    ");
    // What fails once is asked again.
    for fault in [Fault::Broken, Fault::Cut] {
        fake.fail_once(fault);
        let mut file = tempfile::tempfile_in(place.path()).unwrap();
        assert!(fake.bucket("", LONG).get(name, 10, &mut file).unwrap());
        assert_eq!(file.metadata().unwrap().len(), 10, "nothing of the first try is left");
        fake.fail_once(fault);
        fake.bucket("", LONG).put(name, &vec![7; 1 << 20]).unwrap();
        assert_eq!(fake.objects()[name].len(), 1 << 20);
        fake.lay(name, b"some bytes");
    }
}

/// What the program says that cannot begin to serve.
fn said(dir: &Path, blobs: Option<&str>, environment: &[(&'static str, String)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet-store"));
    command.args(["serve", "--dir", dir.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    command.args(blobs.map(|address| format!("--blobs={address}")));
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_str().is_some_and(|name| name.starts_with("AWS_"))) {
        command.env_remove(name);
    }
    command.env("RUST_LOG", "off").envs(environment.iter().map(|(name, value)| (name, value)));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn operators_are_told_why_a_bucket_cannot_be_used() {
    let place = tempfile::tempdir().unwrap();
    let dir = crate::process::init(place.path());
    let dir = Path::new(&dir);
    let fake = FakeBucket::start();
    let with = |name: &'static str, value: &str| {
        let mut set = fake.environment();
        set.retain(|(one, _)| *one != name);
        set.push((name, value.to_owned()));
        set
    };
    let before = files(dir);
    let mut all = vec![
        said(dir, Some("guichet"), &fake.environment()),
        said(dir, Some("s3://guichet/one"), &with("AWS_SECRET_ACCESS_KEY", "")),
        said(dir, Some("s3://guichet/one"), &with("AWS_ACCESS_KEY_ID", "another")),
        said(dir, Some("s3://guichet/one"), &with("AWS_ENDPOINT_URL", "")),
        said(dir, Some("s3://guichet/one"), &with("AWS_ENDPOINT_URL", "http://s3.example")),
        said(dir, Some("s3://guichet/one"), &with("AWS_ENDPOINT_URL", "http://127.0.0.1:1")),
    ];
    fake.lay("others/x", b"x");
    all.push(said(dir, Some("s3://guichet/others"), &fake.environment()));
    fake.lay("theirs/guichet-store", format!("{}\n", Digest::of(b"another root")).as_bytes());
    all.push(said(dir, Some("s3://guichet/theirs"), &fake.environment()));
    assert_eq!(files(dir), before, "nothing is touched");

    fs::write(dir.join("bucket"), "s3://guichet/one\n").unwrap();
    all.push(said(dir, None, &[]));
    all.push(said(dir, Some("s3://guichet/two"), &fake.environment()));
    fs::remove_file(dir.join("bucket")).unwrap();
    fake.take_away();
    all.push(said(dir, Some("s3://guichet/one"), &fake.environment()));
    insta::assert_snapshot!(all.join(""), @"
    error[bucket/address]: --blobs takes the address of a bucket
      --> guichet
      hint: s3://BUCKET or s3://BUCKET/PREFIX, in letters, digits, `.`, `-` and `_`; leave it away to keep packages in the store's folder
    error[bucket/no-key]: there is no key for the bucket in the environment
      hint: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for a key that passes
    error[bucket/refused]: the bucket cannot be used: it refuses the key: InvalidAccessKeyId
      --> s3://guichet/one/guichet-store
      hint: correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    error[bucket/no-region]: it is not said where the bucket is
      hint: set AWS_REGION; or AWS_ENDPOINT_URL for a server of your own, such as https://minio.example
    error[bucket/plain]: the bucket would be reached over a network without TLS
      --> http://s3.example
      hint: give an https:// address in AWS_ENDPOINT_URL; or set AWS_ALLOW_HTTP=true if nobody else is on that network
    error[bucket/unreachable]: the bucket cannot be used: it cannot be reached: io: Connection refused (os error 111)
      --> s3://guichet/one/guichet-store
      hint: look at AWS_ENDPOINT_URL, the network and the certificate (AWS_CA_BUNDLE), and start again
    error[bucket/other]: this place in the bucket is not this store's
      --> s3://guichet/others
      hint: correct --dir or --blobs; a new store takes a place where nothing is, such as s3://BUCKET/PREFIX
    error[bucket/other]: this place in the bucket is not this store's
      --> s3://guichet/theirs
      hint: correct --dir or --blobs; a new store takes a place where nothing is, such as s3://BUCKET/PREFIX
    error[bucket/not-named]: the packages of this store are in a bucket, s3://guichet/one
      hint: give --blobs or set GUICHET_BLOBS; to move them, make a backup and restore it elsewhere
    error[bucket/other]: this place in the bucket is not this store's
      --> s3://guichet/two
      hint: correct --dir or --blobs; a new store takes a place where nothing is, such as s3://BUCKET/PREFIX
    error[bucket/missing]: the bucket cannot be used: there is no such bucket
      --> s3://guichet/one/guichet-store
      hint: make it first, private and in this region, or correct --blobs
    ");
}

#[test]
fn a_failure_names_the_object_and_never_a_signature() {
    let place = tempfile::tempdir().unwrap();
    let fake = FakeBucket::start();
    let folder = StoreFolder::new(place.path()).with_bucket(Remote::new(fake.bucket("one", LONG), MUCH));
    folder.create().unwrap();
    let digest = Digest::of(b"x");
    folder.keep(&folder.package_path(digest), b"x").unwrap();
    fs::remove_file(folder.package_path(digest)).unwrap();
    fake.fail_after(0, Fault::OtherBytes);
    let error = folder.read_package(digest).unwrap_err();
    let StoreError::Bucket { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(
        format!("{error}: {source}"),
        format!(
            "the bucket could not give back `s3://guichet/one/packages/{digest}.ma`: it gives other bytes than were put there"
        )
    );
    assert!(!format!("{error:?} {folder:?}").contains("secret"));
}
