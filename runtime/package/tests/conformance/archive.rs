//! From a case's input to the bytes of a package.

use std::{collections::BTreeMap, fs, io::Write as _};

use flate2::{Compression, write::DeflateEncoder};
use serde_json::Value;

use crate::{
    case::{self, Archive, Block, Entry, Input},
    zip,
};

/// The files of a case: those of the base app, as the input changes them.
pub(crate) fn files(input: &Input) -> BTreeMap<String, Vec<u8>> {
    let mut files = base();
    let manifest = match &input.manifest {
        Some(text) => text.clone(),
        None => changed(&files["manifest.json"], input),
    };
    files.insert("manifest.json".to_owned(), manifest.into_bytes());
    for (path, text) in &input.files {
        match text {
            Some(text) => drop(files.insert(path.clone(), text.clone().into_bytes())),
            None => drop(files.remove(path).unwrap_or_else(|| panic!("there is no {path} to leave out"))),
        }
    }
    files
}

/// The base app.
pub(crate) fn base() -> BTreeMap<String, Vec<u8>> {
    let root = case::folder().join("base");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn changed(manifest: &[u8], input: &Input) -> String {
    let mut manifest: Value = serde_json::from_slice(manifest).unwrap();
    for (pointer, value) in &input.set {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let parent = manifest.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} has no parent"));
        parent.as_object_mut().unwrap().insert(member.to_owned(), value.clone());
    }
    for pointer in &input.remove {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let parent = manifest.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.remove(member).unwrap_or_else(|| panic!("there is no {pointer} to leave out"));
    }
    manifest.to_string()
}

/// Packs files as the input says.
pub(crate) fn pack(files: &BTreeMap<String, Vec<u8>>, archive: &Archive) -> Vec<u8> {
    if let Some(bytes) = &archive.bytes {
        return hex(bytes);
    }
    let mut entries: Vec<zip::Entry> = files.iter().map(|(path, bytes)| plain(&archive.root, path, bytes)).collect();
    for entry in &mut entries {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        if let Some(change) = archive.change.get(&name) {
            apply(entry, change);
        }
    }
    if archive.deflate {
        entries = entries.into_iter().map(deflated).collect();
    }
    if archive.reversed {
        entries.reverse();
    }
    entries.extend(archive.add.iter().map(|entry| {
        let mut added = plain("", "", b"");
        apply(&mut added, entry);
        added
    }));
    let blocks: Vec<u8> = archive.blocks.iter().flat_map(block).collect();
    let mut zip = zip::Zip {
        prefix: archive.prefix.clone().into_bytes(),
        entries,
        before_directory: blocks,
        in_directory: hex(&archive.in_directory),
        count: archive.count,
        disk: archive.disk,
        comment: archive.comment.clone().into_bytes(),
        suffix: archive.suffix.clone().into_bytes(),
        ..zip::Zip::default()
    };
    if archive.directory_shift != 0 {
        let whole = zip.write();
        let at = whole.len() - 6;
        let offset = u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
        zip.directory_offset = Some(offset.wrapping_add_signed(archive.directory_shift));
    }
    let mut bytes = zip.write();
    bytes.truncate(bytes.len() - archive.cut);
    bytes
}

/// An entry as the tools of W3C's own tests write it: no flag, also for names in UTF-8 that are ASCII.
fn plain(root: &str, path: &str, bytes: &[u8]) -> zip::Entry {
    let name = format!("{root}{path}");
    let flags = if name.is_ascii() { 0 } else { 1 << 11 };
    zip::Entry { name: name.into_bytes(), data: bytes.to_vec(), flags: Some(flags), ..zip::Entry::default() }
}

fn apply(entry: &mut zip::Entry, change: &Entry) {
    if let Some(name) = &change.name {
        entry.name = name.clone().into_bytes();
        entry.flags = Some(if name.is_ascii() { 0 } else { 1 << 11 });
    }
    if let Some(name) = &change.name_hex {
        entry.name = hex(name);
    }
    if let Some(text) = &change.text {
        entry.data = text.clone().into_bytes();
    }
    entry.local_name = change.local_name.clone().map(String::into_bytes);
    entry.method = change.method.unwrap_or(entry.method);
    entry.flags = change.flags.or(entry.flags);
    entry.crc = change.crc.or(entry.crc);
    entry.local_crc = change.local_crc;
    entry.full_size = change.size.or(entry.full_size);
    entry.needed = change.needed;
    entry.made_by = change.made_by;
    entry.attributes = change.attributes;
    entry.disk = change.disk;
    entry.offset = change.offset;
    entry.extra = hex(&change.extra);
    entry.hidden = change.hidden;
    entry.ghost = change.ghost;
}

fn deflated(entry: zip::Entry) -> zip::Entry {
    if entry.data.is_empty() {
        return entry;
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&entry.data).unwrap();
    let data = encoder.finish().unwrap();
    zip::Entry {
        crc: entry.crc.or(Some(crc32fast::hash(&entry.data))),
        full_size: entry.full_size.or(Some(entry.data.len() as u32)),
        size: Some(data.len() as u32),
        method: if entry.method == 0 { 8 } else { entry.method },
        data,
        ..entry
    }
}

/// `u64 size · pairs {u64 length, u32 id, value} · u64 size · magic`.
fn block(block: &Block) -> Vec<u8> {
    let mut pairs = Vec::new();
    for (id, value) in &block.pairs {
        pairs.extend((value.len() as u64 + 4).to_le_bytes());
        pairs.extend(id.to_le_bytes());
        pairs.extend(value.as_bytes());
    }
    let size = pairs.len() as u64 + 24;
    let first = block.size.unwrap_or(size);
    [&first.to_le_bytes()[..], &pairs, &size.to_le_bytes(), block.magic.as_bytes(), block.behind.as_bytes()].concat()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
