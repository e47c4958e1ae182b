//! Packages of other tools: taken over if they can be read in one way only, and refused by the same names if not.

use guichet_package::{Change, Imported, Limits, PackageFile, Refusal};
use proptest::prelude::*;

use crate::{
    corpus::zip::{Entry, Zip, deflate, deflated, entry},
    support::{Files, MANIFEST, draft, files, files_with_manifest, path, sealed},
};

fn import(bytes: &[u8]) -> Result<Imported, Refusal> {
    Ok(PackageFile::import(bytes, &Limits::default())?)
}

fn check(zip: &Zip, class: &str) {
    let refusal = import(&zip.write()).unwrap_err();
    assert_eq!(refusal.class(), class, "{refusal}");
}

fn entries(files: &Files) -> Vec<Entry> {
    let entry_of = |(path, bytes): (&guichet_package::PackagePath, &Vec<u8>)| Entry {
        name: path.as_str().into(),
        data: bytes.clone(),
        flags: Some(0),
        ..Entry::default()
    };
    files.iter().map(entry_of).collect()
}

fn stored() -> Zip {
    Zip::of(&entries(&files()))
}

fn compressed() -> Zip {
    Zip::of(&entries(&files()).into_iter().map(deflated).collect::<Vec<_>>())
}

/// A benign compressed archive with one entry changed.
fn with(change: impl FnOnce(&mut Entry)) -> Zip {
    let mut zip = compressed();
    change(&mut zip.entries[1]);
    zip
}

/// Both benign forms with one more entry.
fn check_with(more: Entry, class: &str) {
    for mut zip in [stored(), compressed()] {
        zip.entries.push(more.clone());
        check(&zip, class);
    }
}

fn folder(name: &str) -> Entry {
    Entry { flags: Some(0), made_by: Some(0x0314), attributes: 0o040_755 << 16 | 0x10, ..entry(name, "") }
}

/// Extended timestamps, as Info-ZIP writes them: longer in front of the file than in the directory.
fn with_times(entry: Entry) -> Entry {
    let field = |bytes: &[u8]| [&0x5455_u16.to_le_bytes()[..], &(bytes.len() as u16).to_le_bytes(), bytes].concat();
    Entry { extra: field(&[3, 1, 2, 3, 4]), local_extra: field(&[3, 1, 2, 3, 4, 5, 6, 7, 8]), ..entry }
}

fn unsealed() -> Vec<u8> {
    draft(files()).unwrap().unsealed().unwrap().bytes().to_vec()
}

fn check_accepted(zip: &Zip) -> Vec<Change> {
    let imported = import(&zip.write()).unwrap();
    assert_eq!(imported.draft.unsealed().unwrap().bytes(), unsealed());
    imported.changes
}

#[test]
fn benign_archives_become_the_canonical_package() {
    assert_eq!(check_accepted(&stored()), []);
    let changes = check_accepted(&compressed());
    assert_eq!(changes.len(), files().len());
    let manifest = deflate(MANIFEST.as_bytes()).len() as u64;
    let size = MANIFEST.len() as u64;
    assert!(changes.contains(&Change::Unpacked { path: path("manifest.json"), packed: manifest, size }));

    let mut reversed = stored();
    reversed.entries.reverse();
    assert_eq!(check_accepted(&reversed), [Change::Sorted]);
}

#[test]
fn folders_times_and_attributes_are_left_out_and_said() {
    let mut zip = stored();
    zip.entries.insert(0, folder("pages/"));
    zip.entries = zip.entries.into_iter().map(with_times).collect();
    zip.entries.iter_mut().skip(1).for_each(|entry| {
        (entry.made_by, entry.attributes, entry.local_time) = (Some(0x031e), 0o100_644 << 16, 0);
    });
    let entries = zip.entries.len();
    let dropped = Change::FolderDropped { path: path("pages") };
    assert_eq!(check_accepted(&zip), [Change::Sorted, dropped, Change::ExtraFieldsDropped { entries }]);
}

fn block(magic: &[u8; 16], length: usize) -> Vec<u8> {
    let size = (length as u64 + 24).to_le_bytes();
    [&size[..], &vec![7; length], &size, magic].concat()
}

#[test]
fn foreign_signing_blocks_are_dropped_and_said() {
    let change = |bytes| [Change::SigningBlockDropped { bytes }];
    for magic in [b"RPK Sig Block 42", b"MIX Sig Block 42", b"Guichet Seal 01\0"] {
        assert_eq!(check_accepted(&Zip { before_directory: block(magic, 100), ..stored() }), change(132));
    }
    let two = [block(b"RPK Sig Block 42", 0), block(b"MIX Sig Block 42", 9)].concat();
    assert_eq!(check_accepted(&Zip { before_directory: two, ..stored() }), change(32 + 41));
    let imported = import(sealed().bytes()).unwrap();
    assert_eq!(imported.draft.unsealed().unwrap().bytes(), unsealed());
    assert_eq!(imported.changes.len(), 1);
}

#[test]
fn a_gap_that_is_no_signing_block_is_refused() {
    let check_gap = |gap: Vec<u8>, class: &str| check(&Zip { before_directory: gap, ..stored() }, class);
    check_gap(b"junk".to_vec(), "container/signing-block");
    check_gap(vec![0; 400], "container/signing-block");
    check_gap(block(b"Other Sig Blk 42", 9), "container/signing-block");
    check_gap([b"junk", &block(b"RPK Sig Block 42", 9)[..]].concat(), "container/signing-block");
    let mut lying = block(b"RPK Sig Block 42", 9);
    lying[0] ^= 1;
    check_gap(lying, "container/signing-block");
    let mut huge = block(b"RPK Sig Block 42", 9);
    let at = huge.len() - 24;
    huge[at..at + 8].fill(0xff);
    check_gap(huge, "container/signing-block");
    let hidden = Entry { hidden: true, ..entry("secret.js", "x()") };
    for at in [0, 2, files().len()] {
        let mut zip = stored();
        zip.entries.insert(at, hidden.clone());
        check(&zip, "container/hidden-bytes");
    }
}

#[test]
fn folders_that_are_more_than_a_name_are_refused() {
    check_with(Entry { data: b"x".to_vec(), ..folder("more/") }, "container/folder-entry");
    check_with(deflated(Entry { data: b"x".to_vec(), ..folder("more/") }), "container/folder-entry");
    check_with(Entry { attributes: 0o100_644 << 16, ..folder("more/") }, "container/folder-entry");
    check_with(Entry { name: b"more".to_vec(), ..folder("more/") }, "container/folder-entry");
    check_with(folder("app.js/"), "path/file-and-folder");
    check_with(folder("Pages/"), "path/collision");
    check_with(folder("../"), "path/dot-segment");
    check_with(folder("/"), "path/absolute");
    check_with(folder("a//"), "path/empty");
}

#[test]
fn names_that_some_system_reads_otherwise_are_refused() {
    for (name, class) in [
        ("pages\u{ff0f}evil.html", "path/lookalike-separator"),
        ("pages\u{ff3c}evil.html", "path/lookalike-separator"),
        ("pages\u{2215}evil.html", "path/lookalike-separator"),
        ("\u{ff0e}\u{ff0e}/evil.html", "path/dot-segment"),
        ("../evil.html", "path/dot-segment"),
        ("PAGES/home.html", "path/collision"),
        ("app.cſs", "path/collision"),
        ("common/ﬁ", ""),
    ] {
        let more = Entry { flags: None, ..entry(name, "x") };
        let mut zip = compressed();
        zip.entries.push(more);
        let class_of = import(&zip.write()).err().map_or("", |refusal| refusal.class());
        assert_eq!(class_of, class, "{name}");
    }
    let mut both = stored();
    both.entries.extend(["Straße", "STRASSE"].map(|name| Entry { flags: None, ..entry(name, "x") }));
    check(&both, "path/collision");
}

#[test]
fn a_manifest_that_says_something_twice_is_refused() {
    let twice = MANIFEST.replacen(r#""lang": "en""#, r#""lang": "en", "app_id": "gov.example.other""#, 1);
    check(&Zip::of(&entries(&files_with_manifest(&twice))), "manifest/duplicate-member");
    check_with(Entry { flags: Some(0), ..entry("manifest.json", "{}") }, "container/duplicate-entry");
    check_with(Entry { flags: Some(0), ..entry("Manifest.json", "{}") }, "path/collision");
}

#[test]
fn a_second_64_bit_end_is_refused() {
    let locator = [&b"PK\x06\x07"[..], &[0; 16]].concat();
    let record = [&b"PK\x06\x06"[..], &[0; 52]].concat();
    check(&Zip { in_directory: [record, locator.clone()].concat(), ..stored() }, "container/zip64");
    check(&Zip { in_directory: locator, ..stored() }, "container/zip64");
    check(&with(|entry| entry.full_size = Some(u32::MAX)), "container/zip64");
    check(&with(|entry| entry.extra = vec![1, 0, 8, 0, 9, 0, 0, 0, 0, 0, 0, 0]), "container/zip64");
    check(&with(|entry| entry.local_extra = vec![1, 0, 0, 0]), "container/zip64");
}

#[test]
fn extra_fields_that_are_not_harmless_are_refused() {
    check(&with(|entry| entry.extra = vec![0x55, 0x54, 9, 0, 1]), "container/extra-field");
    check(&with(|entry| entry.extra = vec![0x34, 0x12, 0, 0]), "container/extra-field");
    check(&with(|entry| entry.extra = vec![0x55, 0x54, 0, 0, 0]), "container/extra-field");
    check(&with(|entry| entry.local_extra = vec![0x34, 0x12, 0, 0]), "container/extra-field");
    check(&with(|entry| entry.extra = vec![0x55, 0x54, 0, 0, 0x75, 0x70, 0, 0]), "container/unicode-path");
}

#[test]
fn features_that_no_package_needs_are_refused() {
    check(&with(|entry| entry.flags = Some(1 << 4)), "container/feature");
    check(&with(|entry| entry.flags = Some(1 << 5)), "container/feature");
    check(&with(|entry| entry.flags = Some(1 << 3)), "container/data-descriptor");
    check(&with(|entry| entry.flags = Some(1)), "container/encrypted");
    check(&with(|entry| entry.method = 9), "container/method");
    check(&with(|entry| entry.attributes = 0o120_777 << 16), "container/symbolic-link");
    check(&with(|entry| entry.attributes = 0o010_644 << 16), "container/feature");
    check(&with(|entry| entry.attributes = 0o060_644 << 16), "container/feature");
}

#[test]
fn compressed_bytes_that_lie_are_refused() {
    check(&with(|entry| entry.full_size = entry.full_size.map(|size| size + 1)), "container/size-mismatch");
    check(&with(|entry| entry.full_size = entry.full_size.map(|size| size - 1)), "container/size-mismatch");
    check(&with(|entry| entry.full_size = Some(0)), "container/size-mismatch");
    check(&with(|entry| entry.crc = Some(1)), "container/checksum");
    check(&with(|entry| entry.data[0] = 7), "container/deflate");
    let longer = |entry: &mut Entry| {
        entry.data.push(0);
        entry.size = Some(entry.data.len() as u32);
    };
    check(&with(longer), "container/deflate");
    let shorter = |entry: &mut Entry| {
        entry.data.pop();
        entry.size = Some(entry.data.len() as u32);
    };
    check(&with(shorter), "container/deflate");
    check(&with(|entry| entry.local_size = Some(3)), "container/local-size");
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let zeros = vec![0; 20 << 20];
    check_with(deflated(Entry { data: zeros, ..entry("bomb.bin", "") }), "container/ratio");
    let honest_size = deflated(Entry { data: vec![0; 1 << 20], ..entry("bomb.bin", "") });
    check_with(Entry { full_size: Some(1000), ..honest_size }, "container/size-mismatch");
    let said = |size| Entry { full_size: Some(size), ..deflated(entry("bomb.bin", "x")) };
    check_with(said(u32::MAX - 1), "container/file-too-large");
    check_with(said(31 << 20), "container/ratio");
    let many: Vec<Entry> = (0..3).map(|n| Entry { name: format!("bomb{n}").into(), ..said(30 << 20) }).collect();
    check(&Zip::of(&many), "container/files-too-large");
    // One file for which many entries stand: each claims the same bytes.
    let mut zip = compressed();
    let ghosts = (0..100).map(|n| Entry { ghost: true, offset: Some(0), ..deflated(entry(&format!("{n}"), "x")) });
    zip.entries.extend(ghosts);
    check(&zip, "container/overlap");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a mutated archive is taken for, it is a package that opens; and nothing panics.
    #[test]
    fn mutations_never_panic(packed: bool, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6)) {
        let mut bytes = if packed { compressed() } else { stored() }.write();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 | 1 => bytes[at] = byte,
                2 => bytes.insert(at, byte),
                _ if bytes.len() > 1 => { bytes.remove(at); }
                _ => {}
            }
        }
        if let Ok(imported) = import(&bytes) {
            prop_assert!(imported.draft.unsealed().is_ok());
        }
    }

    #[test]
    fn any_bytes_as_deflate_never_panic(data in prop::collection::vec(any::<u8>(), 0..300), size in 0..100_000_u32) {
        let mut zip = compressed();
        let packed = data.len() as u32;
        let change = |entry: &mut Entry| {
            (entry.data, entry.size, entry.full_size) = (data.clone(), Some(packed), Some(size));
        };
        change(&mut zip.entries[2]);
        prop_assert!(import(&zip.write()).is_err());
    }
}
