//! Reading a ZIP that another tool has made: stored or deflate (P-Z2, D8), in any order, and still in one way only
//! (P-Z1, P-Z6, P-A3).
//!
//! It refuses what the canonical reader refuses, by the same names, except for what cannot make two readers disagree:
//! the order of entries, deflate, folders without bytes, times and owners in extra fields, attributes of files, and a
//! signing block that nobody here can judge. What is left out is reported. Nothing is unpacked before all headers agree,
//! and nothing is kept before all of it was unpacked once and found to be what it says.

use std::{collections::BTreeMap, ops::Range};

use super::{
    ContainerFault as Fault, ContainerRefusal as Refused, block,
    inflate::inflate,
    read::{
        DEFLATE, Entry, begins_entry, check_extra, check_features, check_unique, is_folder, read_directory, read_frame,
        read_header, u16_at, u32_at, unix_kind,
    },
    write::{FLAGS, VERSION, check_sizes},
};
use crate::{
    Limits, PackagePath,
    source::{self, NotOpened, Source},
};

/// Times and owners, as Info-ZIP, macOS and Windows note them, and the mark of a Java archive.
const HARMLESS_FIELDS: [u16; 6] = [0x000a, 0x5455, 0x5855, 0x7855, 0x7875, 0xcafe];
/// How hard the packer tried, and that names are UTF-8.
const KNOWN_FLAGS: u16 = 1 << 1 | 1 << 2 | FLAGS;
/// Small files may be as regular as they like.
const RATIO_FREE_BYTES: u64 = 64 << 10;

/// A foreign archive all of which was looked through, and what of it is not taken over.
pub(crate) struct ForeignContainer<'a, S: ?Sized> {
    source: &'a S,
    pub(crate) files: BTreeMap<PackagePath, PackedFile>,
    /// Whether entries came in another order than sorted.
    pub(crate) unsorted: bool,
    pub(crate) folders: Vec<PackagePath>,
    pub(crate) extra_fields: usize,
    pub(crate) signing_block_bytes: usize,
}

/// A file of a foreign archive: it unpacks to its size, and its checksum was compared.
pub(crate) struct PackedFile {
    range: Range<usize>,
    pub(crate) size: usize,
    pub(crate) is_compressed: bool,
}

impl PackedFile {
    pub(crate) fn packed(&self) -> u64 {
        self.range.len() as u64
    }
}

impl<S: Source + ?Sized> ForeignContainer<'_, S> {
    /// The bytes of a file.
    pub(crate) fn unpack(&self, file: &PackedFile) -> Result<Vec<u8>, S::Error> {
        if !file.is_compressed {
            return source::bytes(self.source, file.range.clone());
        }
        let mut bytes = Vec::with_capacity(file.size);
        // It went well before.
        let _ = inflate(self.source, file.range.clone(), file.size, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }
}

/// Reads a foreign archive; every byte of it is accounted for.
pub(crate) fn read<'a, S: Source + ?Sized>(
    source: &'a S,
    limits: &Limits,
) -> Result<ForeignContainer<'a, S>, NotOpened<S::Error>> {
    let end = read_frame(source, limits)?;
    let mut entries = read_directory(source, &end, check_entry)?;
    check_unique(&entries)?;
    let (folders, files): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.is_folder);
    PackagePath::check_tree(files.iter().map(|entry| &entry.path), folders.iter().map(|entry| &entry.path))?;
    check_sizes(files.iter().map(|entry| (&entry.path, entry.size as u64)), limits)?;
    for entry in files {
        check_ratio(entry, limits).map_err(|fault| entry.refuse(fault))?;
    }
    let mut unsorted = !entries.is_sorted_by(|one, next| one.name() <= next.name());
    unsorted |= !entries.is_sorted_by_key(|entry| entry.offset);
    entries.sort_by_key(|entry| entry.offset);

    let mut at = 0;
    let mut ranges = Vec::with_capacity(entries.len());
    for entry in &entries {
        let range = read_header(source, entry, at, end.directory.start, &HARMLESS_FIELDS)?;
        if !entry.is_compressed {
            let judged = check_bytes(source, entry, range.clone()).map_err(NotOpened::Unread)?;
            judged.map_err(|fault| entry.refuse(fault))?;
        }
        at = range.end;
        ranges.push(range);
    }
    let rest = at..end.directory.start;
    check_rest(source, rest.clone()).map_err(NotOpened::Unread)?.map_err(|fault| Refused::at_offset(at, fault))?;
    let mut container = ForeignContainer {
        source,
        files: BTreeMap::new(),
        unsorted,
        folders: Vec::new(),
        extra_fields: entries.iter().filter(|entry| entry.has_extra).count(),
        signing_block_bytes: rest.len(),
    };
    for (entry, range) in entries.into_iter().zip(ranges) {
        if entry.is_compressed {
            let judged = check_bytes(source, &entry, range.clone()).map_err(NotOpened::Unread)?;
            judged.map_err(|fault| entry.refuse(fault))?;
        }
        if entry.is_folder {
            container.folders.push(entry.path);
        } else {
            let file = PackedFile { range, size: entry.size, is_compressed: entry.is_compressed };
            container.files.insert(entry.path, file);
        }
    }
    container.folders.sort();
    Ok(container)
}

fn check_entry(entry: &[u8], name: &[u8], extra: &[u8]) -> Result<(), Fault> {
    check_extra(extra, &HARMLESS_FIELDS)?;
    check_features(entry, name)?;
    if u16_at(entry, 6) > VERSION {
        return Err(Fault::Feature("needs a newer version of ZIP than 2.0"));
    }
    if u16_at(entry, 8) & !KNOWN_FLAGS != 0 {
        return Err(Fault::Feature("sets flags that no package needs"));
    }
    let method = u16_at(entry, 10);
    let [packed, size] = [20, 24].map(|field| u32_at(entry, field));
    match method {
        0 if packed != size => return Err(Fault::SizeMismatch),
        0 | DEFLATE => {}
        other => return Err(Fault::Method(other)),
    }
    let is_named_folder = name.ends_with(b"/");
    let is_regular = unix_kind(entry) == 0o10;
    if is_folder(entry, name) && (!is_named_folder || is_regular || packed != 0 || size != 0) {
        return Err(Fault::FolderEntry);
    }
    match unix_kind(entry) {
        0 | 0o04 | 0o10 => Ok(()),
        _ => Err(Fault::Feature("is a device, a pipe or a socket")),
    }
}

/// Bounds what unpacking may cost before anything is unpacked.
fn check_ratio(entry: &Entry, limits: &Limits) -> Result<(), Fault> {
    let (packed, size) = (entry.packed as u64, entry.size as u64);
    if entry.is_compressed && size > RATIO_FREE_BYTES && size > packed.saturating_mul(limits.ratio) {
        return Err(Fault::Ratio { most: limits.ratio });
    }
    Ok(())
}

/// What stands between the last entry and the directory: nothing or signing blocks.
fn check_rest<S: Source + ?Sized>(source: &S, rest: Range<usize>) -> Result<Result<(), Fault>, S::Error> {
    if begins_entry(source, &rest)? {
        return Ok(Err(Fault::HiddenBytes));
    }
    let fault = Fault::SigningBlock("it is of no kind we know");
    Ok(if block::is_foreign(source, rest)? { Ok(()) } else { Err(fault) })
}

/// Holds the bytes of an entry against its size and checksum, and keeps none of them.
fn check_bytes<S: Source + ?Sized>(
    source: &S,
    entry: &Entry,
    range: Range<usize>,
) -> Result<Result<(), Fault>, S::Error> {
    let mut crc = crc32fast::Hasher::new();
    if !entry.is_compressed {
        source::pieces(source, range, &mut |piece| crc.update(piece))?;
    } else if !entry.is_folder
        && let Err(fault) = inflate(source, range, entry.size, &mut |piece| crc.update(piece))?
    {
        return Ok(Err(fault));
    }
    Ok(if crc.finalize() == entry.checksum() { Ok(()) } else { Err(Fault::Checksum) })
}
