//! The same tree gives the same bytes, and the bytes give the same tree.

use guichet_package::{Limits, container};
use proptest::prelude::*;

use crate::support::{Files, draft, files, key, open, path};

#[test]
fn the_order_in_which_files_are_found_does_not_count() {
    let found: Vec<_> = files().into_iter().collect();
    let reversed: Files = found.iter().rev().cloned().collect();
    let mut rotated = found.clone();
    rotated.rotate_left(3);
    let one = draft(found.into_iter().collect()).unwrap().seal(&key(7)).unwrap();
    for other in [reversed, rotated.into_iter().collect()] {
        assert_eq!(draft(other).unwrap().seal(&key(7)).unwrap().bytes(), one.bytes());
    }
}

#[test]
fn sealing_later_gives_the_same_bytes_as_sealing_at_once() {
    let draft = draft(files()).unwrap();
    let unsealed = draft.unsealed().unwrap();
    assert_eq!(unsealed.seals_bytes(), None);
    let later = open(unsealed.bytes().to_vec()).unwrap().seal(&key(7)).unwrap();
    assert_eq!(later.bytes(), draft.seal(&key(7)).unwrap().bytes());
    let both = later.seal(&key(8)).unwrap();
    let other_order = draft.seal(&key(8)).unwrap().seal(&key(7)).unwrap();
    assert_eq!(both.bytes(), other_order.bytes());
    assert_eq!(both.seal(&key(7)).unwrap().bytes(), both.bytes());
}

#[test]
fn a_file_may_hold_an_archive() {
    let inner = draft(files()).unwrap().seal(&key(7)).unwrap().bytes().to_vec();
    let mut outer = files();
    outer.insert(path("zz/inner.ma"), inner.clone());
    outer.insert(path("zz/end"), b"PK\x05\x06".repeat(8));
    let package = draft(outer).unwrap().seal(&key(7)).unwrap();
    assert_eq!(package.file("zz/inner.ma"), Some(inner.as_slice()));
}

fn tree() -> impl Strategy<Value = Files> {
    let name = "[a-z0-9._ -]{1,6}|[\u{4e00}-\u{4e20}]{1,3}|PK\u{3}?";
    let file = (prop::collection::vec(name, 1..4), prop::collection::vec(any::<u8>(), 0..64));
    prop::collection::vec(file, 1..12).prop_map(|found| {
        let mut files = Files::new();
        files.insert(path("app.js"), Vec::new());
        for (names, bytes) in found {
            let Ok(path) = names.join("/").parse() else { continue };
            let mut more = files.clone();
            more.insert(path, bytes);
            if guichet_package::PackagePath::check_together(more.keys()).is_ok() {
                files = more;
            }
        }
        files
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_comes_back(files in tree(), statement in prop::collection::vec(any::<u8>(), 0..64), seals in prop::option::of(prop::collection::vec(any::<u8>(), 0..64))) {
        let limits = Limits::default();
        let blocks = [None, Some(container::SigningBlock { statement: &statement, seals: seals.as_deref() })];
        for block in blocks {
            let bytes = container::encode(&files, block, &limits).unwrap();
            let read = container::parse(&bytes, &limits).unwrap();
            let back: Files = read.files.into_iter().map(|(path, file)| (path, bytes[file.range].to_vec())).collect();
            prop_assert_eq!(&back, &files);
            prop_assert_eq!(read.statement.map(|range| &bytes[range]), block.map(|block| block.statement));
            prop_assert_eq!(read.seals.map(|range| &bytes[range]), block.and_then(|block| block.seals));
        }
    }
}
