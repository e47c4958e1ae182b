//! Hostile archives: each is refused, and called by its name.

use guichet_package::{Limits, PackageFile, Refusal, container};

use crate::corpus::zip::{Entry, Zip, entry};

fn small_limits() -> Limits {
    Limits { files: 64, file_bytes: 1000, total_bytes: 3000, container_bytes: 40_000, ..Limits::default() }
}

/// What a foreign archive may have, at least in part; `import.rs` says which.
const ONLY_OURS: [&str; 5] = [
    "container/not-sorted",
    "container/not-canonical",
    "container/compressed",
    "container/folder-entry",
    "container/extra-field",
];

fn parse(bytes: &[u8]) -> Result<container::Container, Refusal> {
    container::parse(bytes, &small_limits())
}

fn check(zip: &Zip, class: &str) {
    check_bytes(&zip.write(), class);
}

fn check_bytes(bytes: &[u8], class: &str) {
    let refusal = parse(bytes).unwrap_err();
    assert_eq!(refusal.class(), class, "{refusal}");
    let foreign = Refusal::from(PackageFile::import(bytes, &small_limits()).unwrap_err());
    if !ONLY_OURS.contains(&class) {
        assert_eq!(foreign.class(), class, "as a foreign archive: {foreign}");
    }
}

/// An honest archive with one entry changed.
fn with(change: impl FnOnce(&mut Entry)) -> Zip {
    let mut zip = honest();
    change(&mut zip.entries[1]);
    zip
}

fn honest() -> Zip {
    Zip::of(&[entry("app.css", ""), entry("app.js", "x();"), entry("manifest.json", "{}")])
}

#[test]
fn the_control_is_accepted() {
    let bytes = honest().write();
    assert_eq!(parse(&bytes).unwrap().files.len(), 3);
}

#[test]
fn names_that_count_twice_are_refused() {
    check(&Zip::of(&[entry("app.js", "1"), entry("app.js", "2")]), "container/duplicate-entry");
    check(&Zip::of(&[entry("app.js", "1"), entry("b", ""), entry("app.js", "2")]), "container/duplicate-entry");
    check(&Zip::of(&[entry("APP.js", "1"), entry("app.js", "2")]), "path/collision");
    check(&Zip::of(&[entry("e\u{301}", "1")]), "path/not-normalized");
    check(&Zip::of(&[entry("a", "1"), entry("a/b", "2")]), "path/file-and-folder");
    check(&Zip::of(&[entry("b", "1"), entry("a", "2")]), "container/not-sorted");
}

#[test]
fn headers_that_disagree_are_refused() {
    check(&with(|entry| entry.local_name = Some(b"app.jx".to_vec())), "container/local-name");
    check(&with(|entry| entry.local_name = Some(b"longer.js".to_vec())), "container/local-name");
    check(&with(|entry| entry.local_size = Some(3)), "container/local-size");
    check(&with(|entry| entry.local_crc = Some(3)), "container/local-checksum");
    check(&with(|entry| entry.local_time = 7), "container/local-header");
    check(&with(|entry| entry.crc = Some(3)), "container/checksum");
    check(&with(|entry| entry.full_size = Some(5)), "container/size-mismatch");
    check(&with(|entry| entry.size = Some(900)), "container/truncated");
    check(&with(|entry| entry.size = Some(3)), "container/checksum");
}

#[test]
fn bytes_outside_the_entries_are_refused() {
    let secret = Entry { hidden: true, ..entry("secret.js", "x()") };
    check(&Zip::of(&[entry("a", ""), secret.clone(), entry("z", "")]), "container/hidden-bytes");
    check(&Zip::of(&[entry("a", ""), secret.clone()]), "container/hidden-bytes");
    check(&Zip::of(&[secret, entry("z", "")]), "container/hidden-bytes");
    check(&Zip { prefix: b"#!/bin/sh\n".to_vec(), ..honest() }, "container/prefix");
    check(&Zip { suffix: b"tail".to_vec(), ..honest() }, "container/trailing-bytes");
    check(&Zip { before_directory: b"tail".to_vec(), ..honest() }, "container/signing-block");
    check_bytes(&[honest().write(), honest().write()].concat(), "container/directory-position");
    check_bytes(b"<html>", "container/not-a-zip");
    check_bytes(b"", "container/not-a-zip");
    check(&Zip::default(), "container/empty");
    check(&Zip { prefix: b"PK\x03\x04".to_vec(), ..Zip::default() }, "container/empty");
}

#[test]
fn an_end_that_lies_is_refused() {
    check(&Zip { count: Some(2), ..honest() }, "container/entry-count");
    check(&Zip { count: Some(4), ..honest() }, "container/entry-count");
    check(&Zip { count_here: Some(2), ..honest() }, "container/entry-count");
    check(&Zip { count: Some(u16::MAX), ..honest() }, "container/zip64");
    check(&Zip { directory_offset: Some(u32::MAX), ..honest() }, "container/zip64");
    check(&Zip { directory_offset: Some(3), ..honest() }, "container/directory-position");
    check(&Zip { directory_size: Some(3), ..honest() }, "container/directory-position");
    check(&Zip { disk: 1, ..honest() }, "container/split");
    check(&Zip { in_directory: b"junk".to_vec(), ..honest() }, "container/entry-count");
    check(&Zip { in_directory: vec![0; 46], count: Some(4), ..honest() }, "container/directory-damaged");
    check(&Zip { comment: b"hello".to_vec(), ..honest() }, "container/comment");
    let embedded = Zip { prefix: Vec::new(), ..Zip::default() }.write();
    check(&Zip { comment: embedded, ..honest() }, "container/directory-position");
    let long = Zip { comment: b"hello".to_vec(), ..honest() }.write();
    check_bytes(&long[..long.len() - 2], "container/truncated");
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let again = Entry { ghost: true, offset: Some(0), ..entry("b", "1") };
    check(&Zip::of(&[entry("a", "1"), again]), "container/overlap");
    check(&with(|entry| entry.offset = Some(1)), "container/overlap");
    check(&with(|entry| entry.offset = Some(200)), "container/hidden-bytes");
    let mut long = honest();
    let length = (long.write().len() - 30) as u32;
    long.entries[2].size = Some(length);
    check(&long, "container/truncated");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let long = vec!["a"; 4000].join("/");
    for (name, class) in [
        ("../evil", "path/dot-segment"),
        ("a/../../evil", "path/dot-segment"),
        ("/etc/passwd", "path/absolute"),
        ("a\\b", "path/forbidden-character"),
        ("C:evil", "path/forbidden-character"),
        ("a\0.js", "path/forbidden-character"),
        ("a.js:stream", "path/forbidden-character"),
        ("NUL.txt", "path/reserved-name"),
        ("a.", "path/trailing-dot-or-space"),
        ("\u{202e}sj.a", "path/invisible-character"),
        ("", "path/empty"),
        (long.as_str(), "path/too-deep"),
        ("folder/", "container/folder-entry"),
    ] {
        check(&Zip::of(&[entry(name, "")]), class);
    }
    check(&with(|entry| entry.name = b"a\xff".to_vec()), "container/name-encoding");
    let unmarked = Entry { flags: Some(0), ..entry("é", "") };
    check(&Zip::of(&[unmarked]), "container/name-encoding");
}

#[test]
fn links_folders_and_attributes_are_refused() {
    let unix = Some(0x0314);
    check(&with(|entry| (entry.made_by, entry.attributes) = (unix, 0o120_777 << 16)), "container/symbolic-link");
    check(&with(|entry| (entry.made_by, entry.attributes) = (unix, 0o040_755 << 16)), "container/folder-entry");
    check(&with(|entry| entry.attributes = 0x10), "container/folder-entry");
    check(&with(|entry| (entry.made_by, entry.attributes) = (unix, 0o100_644 << 16)), "container/not-canonical");
    check(&with(|entry| entry.attributes = 1), "container/not-canonical");
}

#[test]
fn features_no_package_needs_are_refused() {
    check(&with(|entry| entry.flags = Some(1 << 11 | 1)), "container/encrypted");
    check(&with(|entry| entry.flags = Some(1 << 11 | 1 << 6)), "container/encrypted");
    check(&with(|entry| entry.flags = Some(1 << 11 | 1 << 13)), "container/encrypted");
    check(&with(|entry| entry.flags = Some(1 << 11 | 1 << 3)), "container/data-descriptor");
    check(&with(|entry| entry.flags = Some(0)), "container/not-canonical");
    check(&with(|entry| entry.method = 8), "container/compressed");
    check(&with(|entry| entry.method = 93), "container/method");
    check(&with(|entry| entry.size = Some(u32::MAX)), "container/zip64");
    check(&with(|entry| entry.disk = 1), "container/split");
    check(&with(|entry| entry.comment = b"hi".to_vec()), "container/comment");
    check(&with(|entry| entry.made_by = Some(21)), "container/not-canonical");
    let field = |id: u16| [&id.to_le_bytes()[..], &[2, 0, 1, 2]].concat();
    check(&with(|entry| entry.extra = field(0x7075)), "container/unicode-path");
    check(&with(|entry| entry.extra = [field(0x5455), field(0x7075)].concat()), "container/unicode-path");
    check(&with(|entry| entry.extra = field(1)), "container/zip64");
    check(&with(|entry| entry.extra = field(0x5455)), "container/extra-field");
    check(&with(|entry| entry.extra = vec![1]), "container/extra-field");
    check(&with(|entry| entry.local_extra = field(0x5455)), "container/extra-field");
    check(&with(|entry| entry.local_extra = field(0x7075)), "container/unicode-path");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let big = "x".repeat(1001);
    check(&Zip::of(&[entry("a", &big)]), "container/file-too-large");
    let most = "x".repeat(1000);
    check(&Zip::of(&["a", "b", "c", "d"].map(|name| entry(name, &most))), "container/files-too-large");
    let many: Vec<Entry> = (0..65).map(|n| entry(&format!("{n:02}"), "")).collect();
    check(&Zip::of(&many), "container/too-many-files");
    check(&Zip { count: Some(65_000), ..honest() }, "container/too-many-files");
    check_bytes(&[0; 40_001], "container/too-large");
    check(&with(|entry| entry.size = Some(900_000_000)), "container/file-too-large");
}

fn block(pairs: &[(u64, u32, &[u8])], size_change: i64) -> Vec<u8> {
    let mut body = Vec::new();
    for (length_change, id, value) in pairs {
        body.extend((value.len() as u64 + 4).wrapping_add(*length_change).to_le_bytes());
        body.extend(id.to_le_bytes());
        body.extend(*value);
    }
    let size = (body.len() as u64 + 24).wrapping_add_signed(size_change).to_le_bytes();
    [&size[..], &body, &size, b"Guichet Seal 01\0"].concat()
}

#[test]
fn a_signing_block_is_read_in_one_way_only() {
    let check_block = |block: Vec<u8>, class: Option<&str>| {
        let bytes = Zip { before_directory: block, ..honest() }.write();
        assert_eq!(parse(&bytes).err().map(|refusal| refusal.class()), class);
    };
    let bad = Some("container/signing-block");
    check_block(block(&[(0, 1, b"statement")], 0), None);
    check_block(block(&[(0, 1, b"statement"), (0, 2, b"seals")], 0), None);
    check_block(block(&[], 0), bad);
    check_block(block(&[(0, 2, b"seals")], 0), bad);
    check_block(block(&[(0, 2, b"seals"), (0, 1, b"statement")], 0), bad);
    check_block(block(&[(0, 1, b"one"), (0, 1, b"two")], 0), bad);
    check_block(block(&[(0, 1, b"statement"), (0, 2, b"seals"), (0, 3, b"more")], 0), bad);
    check_block(block(&[(0, 1, b"statement")], 1), bad);
    check_block(block(&[(1, 1, b"statement")], 0), bad);
    check_block(block(&[(u64::MAX, 1, b"")], 0), bad);
    check_block(block(&[(u64::MAX - 20, 1, b"statement")], 0), bad);
    check_block([block(&[(0, 1, b"a")], 0), block(&[(0, 1, b"b")], 0)].concat(), bad);
    let mut other_magic = block(&[(0, 1, b"statement")], 0);
    let at = other_magic.len() - 2;
    other_magic[at] = b'2';
    check_block(other_magic, bad);
}
