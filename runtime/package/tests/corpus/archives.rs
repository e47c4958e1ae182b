//! Archives that two readers would take for different files, and archives that cost too much.

use std::sync::OnceLock;

use super::{
    Hostile, Spoiling,
    app::{Base, SCRIPT, folder, package},
    zip::{Entry, Zip, deflated, entry},
};

const UNIX: Option<u16> = Some(0x0314);

/// Changes the entry in the middle.
macro_rules! entry {
    (|$entry:ident| $change:expr) => {
        |zip| {
            let $entry = &mut zip.entries[SCRIPT];
            $change;
        }
    };
}

fn field(id: u16, bytes: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &(bytes.len() as u16).to_le_bytes(), bytes].concat()
}

/// 20 MiB in 20 KiB.
fn bomb() -> Entry {
    static BOMB: OnceLock<Entry> = OnceLock::new();
    BOMB.get_or_init(|| deflated(Entry { data: vec![0; 20 << 20], ..entry("zz.bin", "") })).clone()
}

fn hidden() -> Entry {
    Entry { hidden: true, ..entry("hidden.js", "evil()") }
}

/// A second end that says that there is nothing.
fn end_of_nothing() -> Vec<u8> {
    Zip::default().write()
}

/// The 64-bit end record and its locator, which say other numbers than the end.
fn end_64() -> Vec<u8> {
    [&b"PK\x06\x06"[..], &[0x2c, 0, 0, 0, 0, 0, 0, 0], &[0; 44], b"PK\x06\x07", &[0; 16]].concat()
}

fn block(size_change: i64, magic: &[u8; 16]) -> Vec<u8> {
    let size = 30_u64.wrapping_add_signed(size_change).to_le_bytes();
    [&size[..], &[7; 6], &30_u64.to_le_bytes(), magic].concat()
}

pub(super) const SPOILINGS: &[Spoiling] = &[
    ("duplicate entry", "container/duplicate-entry", |zip| {
        zip.entries.push(Entry { data: b"evil()".to_vec(), ..entry("app.js", "") });
    }),
    ("duplicate entry beside its twin", "container/duplicate-entry", |zip| {
        zip.entries.insert(SCRIPT, entry("app.js", "evil()"));
    }),
    ("two manifests", "container/duplicate-entry", |zip| zip.entries.push(entry("manifest.json", "{}"))),
    ("local name", "container/local-name", entry!(|entry| entry.local_name = Some(b"evil.j".to_vec()))),
    ("longer local name", "container/local-name", entry!(|entry| entry.local_name = Some(b"pages/evil.html".to_vec()))),
    ("no local name", "container/local-name", entry!(|entry| entry.local_name = Some(Vec::new()))),
    ("local size", "container/local-size", entry!(|entry| entry.local_size = Some(3))),
    ("no local size", "container/local-size", entry!(|entry| entry.local_size = Some(0))),
    ("local checksum", "container/local-checksum", entry!(|entry| entry.local_crc = Some(3))),
    ("local time", "container/local-header", entry!(|entry| entry.local_time = 7)),
    ("local date", "container/local-header", entry!(|entry| entry.local_date = Some(0x5a21))),
    ("local method", "container/local-header", entry!(|entry| entry.local_method = Some(12))),
    ("local flags", "container/local-header", entry!(|entry| entry.local_flags = Some(1))),
    ("local data descriptor", "container/data-descriptor", entry!(|entry| entry.local_flags = Some(1 << 3))),
    ("checksum", "container/checksum", entry!(|entry| entry.crc = Some(3))),
    ("hidden entry at the beginning", "container/hidden-bytes", |zip| zip.entries.insert(0, hidden())),
    ("hidden entry in the middle", "container/hidden-bytes", |zip| zip.entries.insert(SCRIPT, hidden())),
    ("hidden entry at the end", "container/hidden-bytes", |zip| zip.entries.push(hidden())),
    ("gap", "container/hidden-bytes", entry!(|entry| entry.gap = b"evil".to_vec())),
    ("gap of zeros", "container/hidden-bytes", entry!(|entry| entry.gap = vec![0; 100])),
    ("gap before the directory", "container/signing-block", |zip| zip.before_directory = b"evil".to_vec()),
    ("block of an unknown kind", "container/signing-block", |zip| {
        zip.before_directory = block(0, b"Other Sig Blk 42");
    }),
    ("block that lies about its size", "container/signing-block", |zip| {
        zip.before_directory = block(1, b"APK Sig Block 42");
    }),
    ("block behind a gap", "container/signing-block", |zip| {
        zip.before_directory = [b"evil", &block(0, b"APK Sig Block 42")[..]].concat();
    }),
    ("prefix", "container/prefix", |zip| zip.prefix = b"#!/bin/sh\necho evil\n".to_vec()),
    ("program before it", "container/prefix", |zip| zip.prefix = [b"dex\n035\0", &[0; 200][..]].concat()),
    ("marker of a split archive", "container/prefix", |zip| zip.prefix = b"PK\x07\x08".to_vec()),
    ("prefix that begins an entry", "container/hidden-bytes", |zip| zip.prefix = b"PK\x03\x04evil".to_vec()),
    ("trailing bytes", "container/trailing-bytes", |zip| zip.suffix = b"evil".to_vec()),
    ("trailing zero", "container/trailing-bytes", |zip| zip.suffix = vec![0]),
    ("comment", "container/comment", |zip| zip.comment = b"evil".to_vec()),
    ("comment longer than said", "container/trailing-bytes", |zip| {
        (zip.comment, zip.suffix) = (b"evil".to_vec(), b"more".to_vec());
    }),
    ("end inside the comment", "container/directory-position", |zip| zip.comment = end_of_nothing()),
    ("end before the directory", "container/signing-block", |zip| zip.before_directory = end_of_nothing()),
    ("overlapping entries", "container/overlap", |zip| {
        zip.entries.push(Entry { ghost: true, offset: Some(0), ..entry("zz.js", "evil") });
    }),
    ("entry inside an entry", "container/overlap", entry!(|entry| entry.offset = Some(8))),
    ("entry of bytes that are elsewhere", "container/hidden-bytes", entry!(|entry| entry.offset = Some(900))),
    ("entry of the directory's bytes", "container/truncated", |zip| {
        let last = zip.entries.last_mut().unwrap();
        (last.size, last.full_size) = (Some(5000), Some(5000));
    }),
    ("symbolic link", "container/symbolic-link", |zip| {
        let link = entry("zz", "/etc/passwd");
        zip.entries.push(Entry { made_by: UNIX, attributes: 0o120_777 << 16, ..link });
    }),
    ("write through a symbolic link", "container/symbolic-link", |zip| {
        let link = entry("zz", "..");
        zip.entries.push(Entry { made_by: UNIX, attributes: 0o120_777 << 16, ..link });
        zip.entries.push(entry("zz/evil.js", "evil"));
    }),
    ("symbolic link that says it is of MS-DOS", "container/symbolic-link", |zip| {
        zip.entries.push(Entry { attributes: 0o120_777 << 16, ..entry("zz", "/etc/passwd") });
    }),
    ("device", "container/feature", entry!(|entry| entry.attributes = 0o060_644 << 16)),
    ("pipe", "container/feature", entry!(|entry| entry.attributes = 0o010_644 << 16)),
    ("socket", "container/feature", entry!(|entry| entry.attributes = 0o140_644 << 16)),
    ("folder with bytes", "container/folder-entry", |zip| {
        zip.entries.push(Entry { data: b"evil".to_vec(), ..folder("zz/") });
    }),
    ("compressed folder with bytes", "container/folder-entry", |zip| {
        zip.entries.push(deflated(Entry { data: b"evil".to_vec(), ..folder("zz/") }));
    }),
    ("folder by attribute only", "container/folder-entry", |zip| {
        zip.entries.push(Entry { name: b"zz".to_vec(), ..folder("") });
    }),
    ("folder that says it is a file", "container/folder-entry", |zip| {
        zip.entries.push(Entry { attributes: 0o100_644 << 16, ..folder("zz/") });
    }),
    ("folder of a file's name", "path/file-and-folder", |zip| zip.entries.push(folder("app.js/"))),
    ("unicode path", "container/unicode-path", entry!(|entry| entry.extra = field(0x7075, b"\x01\0\0\0\0evil.js"))),
    (
        "local unicode path",
        "container/unicode-path",
        entry!(|entry| {
            entry.local_extra = field(0x7075, b"\x01\0\0\0\0evil.js");
        }),
    ),
    (
        "unicode path behind times",
        "container/unicode-path",
        entry!(|entry| {
            entry.extra = [field(0x5455, &[1, 0, 0, 0, 0]), field(0x7075, b"\x01\0\0\0\0evil.js")].concat();
        }),
    ),
    ("unknown extra field", "container/extra-field", entry!(|entry| entry.extra = field(0x1234, b"evil"))),
    ("extra field that is cut off", "container/extra-field", entry!(|entry| entry.extra = vec![0x55, 0x54, 9, 0, 1])),
    ("local extra field", "container/extra-field", entry!(|entry| entry.local_extra = field(0x1234, b"evil"))),
    ("data descriptor", "container/data-descriptor", entry!(|entry| entry.flags = Some(1 << 3 | 1 << 11))),
    ("encrypted", "container/encrypted", entry!(|entry| entry.flags = Some(1 | 1 << 11))),
    ("strongly encrypted", "container/encrypted", entry!(|entry| entry.flags = Some(1 << 6 | 1 << 11))),
    ("encrypted directory", "container/encrypted", entry!(|entry| entry.flags = Some(1 << 13 | 1 << 11))),
    ("patched data", "container/feature", entry!(|entry| entry.flags = Some(1 << 5 | 1 << 11))),
    ("method nobody knows", "container/method", entry!(|entry| entry.method = 97)),
    ("method of 64 KiB deflate", "container/method", entry!(|entry| entry.method = 9)),
    ("comment of an entry", "container/comment", entry!(|entry| entry.comment = b"evil".to_vec())),
    ("fewer entries than there are", "container/entry-count", |zip| zip.count = Some(3)),
    ("no entries", "container/empty", |zip| zip.count = Some(0)),
    ("more entries than there are", "container/entry-count", |zip| zip.count = Some(9)),
    ("other entries here than in all", "container/entry-count", |zip| zip.count_here = Some(2)),
    ("junk in the directory", "container/entry-count", |zip| zip.in_directory = b"evil".to_vec()),
    ("damaged directory", "container/directory-damaged", |zip| {
        (zip.in_directory, zip.count) = (vec![0; 46], Some(6));
    }),
    ("directory elsewhere", "container/directory-position", |zip| zip.directory_offset = Some(3)),
    ("shorter directory", "container/directory-position", |zip| zip.directory_size = Some(46)),
    ("two volumes", "container/split", |zip| zip.disk = 1),
    ("entry on another volume", "container/split", entry!(|entry| entry.disk = 1)),
    ("64-bit end that disagrees", "container/zip64", |zip| zip.in_directory = end_64()),
    ("64-bit count", "container/zip64", |zip| zip.count = Some(u16::MAX)),
    ("64-bit directory", "container/zip64", |zip| zip.directory_offset = Some(u32::MAX)),
    ("64-bit size", "container/zip64", entry!(|entry| entry.full_size = Some(u32::MAX))),
    (
        "64-bit sizes that disagree",
        "container/zip64",
        entry!(|entry| entry.extra = field(1, &[9, 0, 0, 0, 0, 0, 0, 0])),
    ),
    ("local 64-bit sizes", "container/zip64", entry!(|entry| entry.local_extra = field(1, &[0; 16]))),
    (
        "larger than it is",
        "container/size-mismatch",
        entry!(|entry| {
            entry.full_size = Some(entry.full_size.unwrap_or(entry.data.len() as u32) + 1);
            entry.size = entry.size.or(Some(entry.data.len() as u32));
        }),
    ),
    (
        "smaller than it is",
        "container/size-mismatch",
        entry!(|entry| {
            entry.full_size = Some(entry.full_size.unwrap_or(entry.data.len() as u32) - 1);
            entry.size = entry.size.or(Some(entry.data.len() as u32));
        }),
    ),
    ("4 GiB that are not there", "container/file-too-large", |zip| {
        let said = Some(u32::MAX - 1);
        zip.entries.push(Entry { full_size: said, size: said, ..entry("zz.bin", "x") });
    }),
    ("compressed junk", "container/deflate", |zip| {
        let mut junk = deflated(entry("zz.bin", "evil evil evil"));
        junk.data[0] = 7;
        zip.entries.push(junk);
    }),
    ("compressed bytes that go on", "container/deflate", |zip| {
        let mut long = deflated(entry("zz.bin", "evil evil evil"));
        long.data.extend(b"evil");
        long.size = Some(long.data.len() as u32);
        zip.entries.push(long);
    }),
    ("compressed bytes cut off", "container/deflate", |zip| {
        let mut short = deflated(entry("zz.bin", "evil evil evil"));
        short.data.pop();
        short.size = Some(short.data.len() as u32);
        zip.entries.push(short);
    }),
    ("bomb", "container/ratio", |zip| {
        zip.entries.push(bomb());
    }),
    ("bomb that lies about its size", "container/size-mismatch", |zip| {
        zip.entries.push(Entry { full_size: Some(1000), ..bomb() });
    }),
    ("many bombs", "container/files-too-large", |zip| {
        let said = Some(30 << 20);
        zip.entries.extend(["zz1", "zz2", "zz3"].map(|name| Entry { full_size: said, ..deflated(entry(name, "x")) }));
    }),
    ("bomb of one file for many entries", "container/overlap", |zip| {
        let ghost = |n| Entry { ghost: true, offset: Some(0), ..deflated(entry(&format!("zz{n:03}"), "x")) };
        zip.entries.extend((0..200).map(ghost));
    }),
    ("5 000 entries", "container/too-many-files", |zip| {
        zip.entries.extend((0..5000).map(|n| entry(&format!("zz/{n:05}"), "")));
    }),
    ("70 000 entries", "container/too-many-files", |zip| {
        zip.entries.extend((0..70_000).map(|n| entry(&format!("zz/{n:05}"), "")));
    }),
    ("70 000 entries that say they are few", "container/entry-count", |zip| {
        zip.entries.extend((0..70_000).map(|n| entry(&format!("zz/{n:05}"), "")));
        zip.count = Some(5);
    }),
];

/// What is done to a whole file.
pub(super) fn whole() -> impl Iterator<Item = Hostile> {
    let ours = package().bytes().to_vec();
    let hostile = |name: String, class, bytes| Hostile { name, class, only_in_statement: false, bytes };
    let cut = |at: usize| ours[..ours.len() - at].to_vec();
    let singles = [
        ("nothing", "container/not-a-zip", Vec::new()),
        ("a page", "container/not-a-zip", b"<!doctype html>".to_vec()),
        ("an end alone", "container/empty", end_of_nothing()),
        ("cut inside the end", "container/truncated", cut(1)),
        ("cut before the end", "container/truncated", cut(22)),
        ("cut in the middle", "container/truncated", cut(ours.len() / 2)),
    ];
    let singles = singles.map(|(name, class, bytes)| hostile(format!("ours/{name}"), class, bytes));
    let twice = Base::ALL.map(|base| {
        let bytes = base.zip().write();
        let twice = [bytes.as_slice(), &bytes].concat();
        hostile(format!("{}/two archives in one", base.name()), "container/directory-position", twice)
    });
    singles.into_iter().chain(twice)
}
