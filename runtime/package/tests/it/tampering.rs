//! No byte of a sealed package can change unnoticed.

use guichet_package::{Limits, PackageFile, PublisherKeys, container};
use guichet_trust::digest::Digest;
use proptest::prelude::*;

use crate::support::{draft, files, key, keys, open, path, sealed};

fn is_accepted(bytes: Vec<u8>, keys: &PublisherKeys) -> bool {
    PackageFile::open(bytes, &Limits::default()).and_then(|file| file.verify(keys)).is_ok()
}

#[test]
fn flipping_any_bit_of_any_byte_is_refused() {
    let mut files = files();
    files.retain(|path, _| !path.as_str().starts_with("i18n/"));
    let good = draft(files).unwrap().seal(&key(7)).unwrap().bytes().to_vec();
    let keys = keys();
    assert!(is_accepted(good.clone(), &keys));
    for at in 0..good.len() {
        for flip in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            assert!(!is_accepted(bytes, &keys), "byte {at} of {} with {flip:#x}", good.len());
        }
    }
}

#[test]
fn every_shorter_and_every_longer_file_is_refused() {
    let good = sealed().bytes().to_vec();
    for length in 0..good.len() {
        assert!(open(good[..length].to_vec()).is_err(), "the first {length} bytes");
        assert!(open(good[length + 1..].to_vec()).is_err(), "without the first {length} bytes");
    }
    for more in [b"\0".as_slice(), b"PK\x05\x06", &good] {
        assert!(open([&good, more].concat()).is_err());
        assert!(open([more, &good].concat()).is_err());
    }
}

#[test]
fn a_file_that_was_exchanged_with_its_checksum_is_refused() {
    let package = sealed();
    let mut files: crate::support::Files =
        package.files().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect();
    let block = container::SigningBlock { statement: package.statement_bytes(), seals: package.seals_bytes() };
    let check = |files: &crate::support::Files, class: &str| {
        let bytes = container::encode(files, Some(block), &Limits::default()).unwrap();
        assert_eq!(open(bytes).unwrap_err().class(), class);
    };
    files.insert(path("app.js"), b"steal();".to_vec());
    check(&files, "contents/altered");
    files = package.files().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect();
    files.insert(path("more.js"), b"steal();".to_vec());
    check(&files, "contents/unlisted-file");
    files.remove("more.js");
    files.remove("pages/home.css");
    check(&files, "contents/missing-file");
}

#[test]
fn a_package_is_made_again_from_its_blobs() {
    let package = sealed().verify(&keys()).unwrap();
    let blobs: std::collections::HashMap<Digest, Vec<u8>> =
        package.file().files().map(|(_, bytes)| (Digest::of(bytes), bytes.to_vec())).collect();
    let contents = package.contents();
    let assemble = |blobs: &std::collections::HashMap<Digest, Vec<u8>>| {
        let (statement, seals) = (contents.statement_bytes().to_vec(), contents.seals_bytes().to_vec());
        guichet_package::VerifiedPackage::assemble(
            statement,
            seals,
            &keys(),
            |digest| blobs.get(digest).cloned(),
            &Limits::default(),
        )
    };
    assert_eq!(assemble(&blobs).unwrap().file().bytes(), package.file().bytes());

    let page = Digest::of(package.file().file("pages/home.html").unwrap());
    let mut altered = blobs.clone();
    altered.get_mut(&page).unwrap()[0] ^= 1;
    assert_eq!(assemble(&altered).unwrap_err().class(), "contents/altered");
    let mut truncated = blobs.clone();
    truncated.get_mut(&page).unwrap().pop();
    assert_eq!(assemble(&truncated).unwrap_err().class(), "contents/altered");
    let mut missing = blobs;
    missing.remove(&page);
    assert_eq!(assemble(&missing).unwrap_err().class(), "contents/missing-file");
}

#[test]
fn contents_judge_each_file_when_it_is_read() {
    let package = sealed().verify(&keys()).unwrap();
    let contents = package.contents();
    let home = contents.file("pages/home.html").unwrap();
    assert!(home.check(b"<h1>Home</h1>\n").is_ok());
    assert_eq!(home.check(b"<h1>Hame</h1>\n").unwrap_err().class(), "contents/altered");
    assert!(contents.file("pages/other.html").is_none());
    let manifest = package.file().file("manifest.json").unwrap();
    assert_eq!(contents.manifest(manifest).unwrap(), *package.manifest());
    assert_eq!(contents.manifest(b"{}").unwrap_err().class(), "contents/altered");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutations_never_panic_and_are_refused(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6)) {
        let good = sealed().bytes().to_vec();
        let mut bytes = good.clone();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => { bytes.remove(at); }
                _ => bytes.truncate(bytes.len() - at % 64),
            }
            if bytes.is_empty() { break }
        }
        prop_assert_eq!(is_accepted(bytes.clone(), &keys()), bytes == good);
    }

    #[test]
    fn any_bytes_after_a_beginning_never_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let good = sealed().bytes().to_vec();
        for kept in [0, 4, 30, good.len() - 22, good.len()] {
            let _ = container::parse(&[&good[..kept], &tail].concat(), &Limits::default());
        }
        let _ = container::parse(&[&tail, &good[good.len() - 22..]].concat(), &Limits::default());
    }
}
