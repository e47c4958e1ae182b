//! Packages as dictionaries for the packages after them: negotiated as browsers do it, and made ahead as files.

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use guichet_package::{
    PackageFile,
    delta::{self, Coding, DeltaIndex, Dictionary},
};
use guichet_store::delta::make_ahead;
use guichet_trust::digest::Digest;

use crate::{
    house::{Answer, House, publisher, reviewers, send},
    packages::App,
};

/// A page that is long enough to be worth a delta, with one line that only this version has.
fn app(code: u32) -> App {
    let line = |number: u32| format!("<p>{}", number.wrapping_mul(2_654_435_761));
    let text: String = (0..700).map(line).chain([format!("<p>version {code}")]).collect();
    App { text: text.leak(), ..App::new("gov.example.residence.permit").version(code) }
}

async fn release(house: &House, package: &PackageFile) {
    let submission = house.caller(&house.tokens.developer).submit(package).await.unwrap();
    house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
}

/// Two releases of one app.
async fn released() -> (House, PackageFile, PackageFile) {
    let house = House::open().await;
    let (old, new) = (app(1).sealed(&publisher()), app(2).sealed(&publisher()));
    release(&house, &old).await;
    release(&house, &new).await;
    (house, old, new)
}

fn path(package: &PackageFile) -> String {
    format!("/static/packages/{}.ma", package.digest())
}

async fn ask(house: &House, package: &PackageFile, dictionary: Digest, accept: &str) -> Answer {
    let request = Request::get(path(package))
        .header("available-dictionary", format!(":{}:", STANDARD.encode(dictionary.as_bytes())))
        .header("accept-encoding", accept);
    send(&house.router, request.body(Body::empty()).unwrap()).await
}

fn applied(coding: Coding, old: &PackageFile, new: &PackageFile, delta: &[u8]) -> Vec<u8> {
    let dictionary = Dictionary { bytes: old.bytes(), digest: old.digest() };
    delta::apply(coding, dictionary, delta, new.bytes().len() as u64).unwrap()
}

#[tokio::test]
async fn whoever_holds_the_package_before_is_given_the_difference() {
    let (house, old, new) = released().await;
    for (accept, coding) in
        [("gzip, br, zstd, dcb, dcz", Coding::Dcb), ("dcz", Coding::Dcz), ("dcb;q=0, dcz", Coding::Dcz)]
    {
        let answer = ask(&house, &new, old.digest(), accept).await;
        assert_eq!(answer.header("content-encoding"), coding.as_str(), "{accept}");
        assert_eq!(answer.header("vary"), "accept-encoding, available-dictionary");
        assert_eq!(answer.header("content-type"), "application/miniapp-pkg+zip");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(answer.body.len() < 2500, "{} bytes", answer.body.len());
        assert_eq!(applied(coding, &old, &new, &answer.body), new.bytes());
        assert_ne!(answer.header("etag"), house.get(&path(&new)).await.header("etag"));
    }
}

#[tokio::test]
async fn a_package_says_that_it_is_a_dictionary_and_what_its_answer_depends_on() {
    let (house, old, _) = released().await;
    let answer = house.get(&path(&old)).await;
    assert_eq!(answer.header("use-as-dictionary"), "match=\"/static/packages/*.ma\"");
    assert_eq!(answer.header("vary"), "accept-encoding, available-dictionary");
    let sibling = house.get(&format!("{}.zst", path(&old))).await;
    assert_eq!((sibling.header("use-as-dictionary"), sibling.header("vary")), ("", ""));
}

#[tokio::test]
async fn everybody_else_is_given_the_package() {
    let (house, old, new) = released().await;
    let stranger = App::new("gov.example.residence.other").sealed(&publisher());
    release(&house, &stranger).await;
    for (what, package, dictionary, accept) in [
        ("no coding", &new, old.digest(), "gzip, br"),
        ("a coding that is refused", &new, old.digest(), "dcb;q=0"),
        ("an unknown dictionary", &new, Digest::of(b"unknown"), "dcb"),
        ("a dictionary of another app", &new, stranger.digest(), "dcb"),
        ("a dictionary that is newer", &old, new.digest(), "dcb"),
        ("itself", &new, new.digest(), "dcb"),
    ] {
        let answer = ask(&house, package, dictionary, accept).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, ""), "{what}");
        assert_eq!(answer.body, package.bytes(), "{what}");
    }
    assert_eq!(house.store.on_request.size(), (0, 0), "nothing was made");
}

#[tokio::test]
async fn a_quick_delta_is_made_once_and_only_where_there_is_a_place() {
    let (house, old, new) = released().await;
    let all_places = house.store.on_request.hold().unwrap();
    let busy = ask(&house, &new, old.digest(), "dcb").await;
    assert_eq!((busy.header("content-encoding"), busy.body.len()), ("", new.bytes().len()));
    drop(all_places);
    let first = ask(&house, &new, old.digest(), "dcb").await;
    assert_eq!(house.store.on_request.size(), (1, first.body.len()));
    let _all_places = house.store.on_request.hold().unwrap();
    let second = ask(&house, &new, old.digest(), "dcb").await;
    assert_eq!(second.header("content-encoding"), "dcb", "it is kept, and needs no place");
    assert_eq!(second.body, first.body);
}

#[tokio::test]
async fn deltas_are_made_ahead_from_the_three_releases_before() {
    let house = House::open().await;
    let packages: Vec<_> = (1..=5).map(|code| app(code).sealed(&publisher())).collect();
    for package in &packages {
        release(&house, package).await;
    }
    let (new, before) = packages.split_last().unwrap();
    make_ahead(&house.store).await.unwrap();

    let index = house.get(&format!("/static/delta/{}.json", new.digest())).await;
    assert_eq!((index.header("content-type"), index.header("cache-control")), ("application/json", "no-cache"));
    let index = DeltaIndex::parse(&index.body);
    for (number, old) in before.iter().enumerate() {
        let smallest = index.smallest(&[old.digest()], Coding::KNOWN);
        assert_eq!(smallest.is_some(), number > 0, "the oldest is too old");
        let Some((dictionary, coding, length)) = smallest else { continue };
        let file = house.get(&format!("/static/delta/{dictionary}/{}.{coding}", new.digest())).await;
        assert_eq!(file.header("content-encoding"), "", "a file is a file");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.body.len() as u64, length);
        assert_eq!(applied(coding, old, new, &file.body), new.bytes());
    }

    let old = &before[3];
    let negotiated = ask(&house, new, old.digest(), "dcb, dcz").await;
    let path = format!("/static/delta/{}/{}.dcb", old.digest(), new.digest());
    assert_eq!(negotiated.body, house.get(&path).await.body, "what was made ahead is given");
    assert_eq!(house.store.on_request.size(), (0, 0));
}

#[tokio::test]
async fn what_was_made_ahead_is_not_made_again_and_a_kill_before_the_index_is_made_up_for() {
    let (house, old, new) = released().await;
    make_ahead(&house.store).await.unwrap();
    let index = house.store.folder.delta_index(new.digest());
    let made = std::fs::metadata(&index).unwrap().modified().unwrap();
    make_ahead(&house.store).await.unwrap();
    assert_eq!(std::fs::metadata(&index).unwrap().modified().unwrap(), made);

    let delta = house.store.folder.delta(old.digest(), new.digest(), Coding::Dcb);
    std::fs::remove_file(&index).unwrap();
    std::fs::remove_file(&delta).unwrap();
    make_ahead(&house.store).await.unwrap();
    assert!(index.exists() && delta.exists());
}

#[tokio::test]
async fn a_delta_that_saves_nothing_is_not_listed() {
    let house = House::open().await;
    let package = |code, text: &'static str| {
        App { text, ..App::new("gov.example.residence.permit").version(code) }.sealed(&publisher())
    };
    // Only the manifest differs, and as a file it is small.
    release(&house, &package(1, "same")).await;
    let new = package(2, "same");
    release(&house, &new).await;
    make_ahead(&house.store).await.unwrap();
    let index = house.get(&format!("/static/delta/{}.json", new.digest())).await;
    let missing =
        new.file("manifest.json").unwrap().len() + new.statement_bytes().len() + new.seals_bytes().unwrap().len();
    let index = DeltaIndex::parse(&index.body);
    assert!(index.deltas.iter().all(|delta| delta.length < missing as u64), "{index:?}");
}
