//! Every metadata document of the fixtures, changed at random, with and without signatures that fit: nothing panics, and
//! what a device keeps is what it takes again.

use std::{collections::BTreeMap, fs, path::Path};

use guichet_trust::{canonical, client::TrustedMetadata};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::store::{Device, Store, forge, signed};

fn documents() -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats/v1/repository/metadata");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

fn mutate(bytes: &mut Vec<u8>, edits: &[(prop::sample::Index, usize, Vec<u8>)]) {
    for (at, length, piece) in edits {
        let at = at.index(bytes.len() + 1);
        let end = bytes.len().min(at + length);
        bytes.splice(at..end, piece.iter().copied());
    }
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
    let words: &[&[u8]] =
        &[b"{", b"}", b"[", b"]", b"\"", b",", b":", b"null", b"-1", b"18446744073709551616", b"\\ud800", b"**"];
    let piece =
        prop_oneof![prop::sample::select(words).prop_map(<[u8]>::to_vec), prop::collection::vec(any::<u8>(), 0..8)];
    prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, piece), 1..5)
}

/// The places of a JSON value, as pointers.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(members) => {
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            members.iter().for_each(|(name, value)| places(value, &format!("{here}/{}", escaped(name)), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{here}/{index}"), found));
        }
        _ => {}
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn stored_documents_that_were_changed_are_dropped(which in any::<prop::sample::Index>(), edits in edits()) {
        let good = documents();
        let mut stored = good.clone();
        let name = good.keys().nth(which.index(good.len())).unwrap();
        mutate(stored.get_mut(name).unwrap(), &edits);
        let root = &good["1.root.json"];
        let trusted = TrustedMetadata::restore(root, &stored).unwrap();
        for (kept, bytes) in trusted.documents() {
            prop_assert!(good.values().any(|document| document == bytes), "{} was kept", kept);
        }
        let _ = TrustedMetadata::from_root(&stored["1.root.json"]);
        let _ = canonical::parse(&stored[name]);
    }

    #[test]
    fn documents_with_fitting_signatures_may_say_anything(
        (path, signer) in prop::sample::select(&[
            ("2.root.json", "root"), ("timestamp.json", "timestamp"), ("2.snapshot.json", "snapshot"),
            ("1.targets.json", "targets"), ("1.residence.json", "ana"),
        ][..]),
        which in any::<prop::sample::Index>(),
        instead in prop::sample::select(vec![
            json!(null), json!(-1), json!(0), json!(9_007_199_254_740_991_u64), json!(""), json!("..\u{0}"), json!([]), json!({}), json!([[]]), json!({"": {}}),
        ]),
    ) {
        let mut store = Store::new();
        store.reroot(&["root"], |_| {});
        let mut device = Device::new(&store);
        let mut said = signed(&store.files[path]);
        let mut found = Vec::new();
        places(&said, "", &mut found);
        *said.pointer_mut(&found[which.index(found.len())]).unwrap() = instead;
        store.replace(path, forge(&said, &[signer]));
        device.update(&store, &["residence"]);
        let restored = device.trusted.documents().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
        let restored = TrustedMetadata::restore(&device.bootstrap, &restored).unwrap();
        for role in ["root", "timestamp", "snapshot", "targets", "residence"] {
            prop_assert_eq!(restored.version(role), device.trusted.version(role), "{}", role);
        }
    }
}
