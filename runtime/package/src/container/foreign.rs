//! Reading a ZIP that another tool has made: stored or deflate, in any order, and still in one way only.
//!
//! It refuses what the canonical reader refuses, by the same names, except for what cannot make two readers disagree:
//! the order of entries, deflate, folders without bytes, times and owners in extra fields, attributes of files, and a
//! signing block that nobody here can judge. What is left out is reported, and nothing is unpacked before all headers
//! agree.

use std::{collections::BTreeMap, ops::Range};

use flate2::{Decompress, FlushDecompress, Status};

use super::{
    ContainerFault as Fault, ContainerRefusal as Refused, block,
    read::{
        DEFLATE, Header, check_extra, check_features, check_sum, check_unique, is_folder, read_directory, read_frame,
        read_header, u16_at, u32_at, unix_kind,
    },
    write::{FLAGS, LOCAL, check_sizes},
};
use crate::{Limits, PackagePath, Refusal};

/// Times and owners, as Info-ZIP, macOS and Windows note them, and the mark of a Java archive.
const HARMLESS_FIELDS: [u16; 6] = [0x000a, 0x5455, 0x5855, 0x7855, 0x7875, 0xcafe];
/// How hard the packer tried, and that names are UTF-8.
const KNOWN_FLAGS: u16 = 1 << 1 | 1 << 2 | FLAGS;
/// Small files may be as regular as they like.
const RATIO_FREE_BYTES: u64 = 64 << 10;

/// The files of a foreign archive, and what of it is not taken over.
pub(crate) struct ForeignContainer {
    pub(crate) files: BTreeMap<PackagePath, Vec<u8>>,
    /// The files that were compressed, with their packed size.
    pub(crate) compressed: Vec<(PackagePath, u64)>,
    /// Whether entries came in another order than sorted.
    pub(crate) unsorted: bool,
    pub(crate) folders: Vec<PackagePath>,
    pub(crate) extra_fields: usize,
    pub(crate) signing_block_bytes: usize,
}

struct Entry<'a> {
    name: &'a str,
    /// Without the `/` that ends a folder's name.
    path: PackagePath,
    is_folder: bool,
    is_compressed: bool,
    packed: usize,
    size: usize,
    offset: usize,
    common: &'a [u8],
    has_extra: bool,
}

/// Reads a foreign archive; every byte of it is accounted for.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<ForeignContainer, Refusal> {
    let end = read_frame(bytes, limits)?;
    let mut entries = read_directory(bytes, &end, read_entry)?;
    check_unique(&entries.iter().map(|entry| entry.name).collect::<Vec<_>>())?;
    let (folders, files): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.is_folder);
    PackagePath::check_tree(files.iter().map(|entry| &entry.path), folders.iter().map(|entry| &entry.path))?;
    check_sizes(files.iter().map(|entry| (&entry.path, entry.size as u64)), limits)?;
    for entry in files {
        check_ratio(entry, limits).map_err(|fault| Refused::at_entry(entry.name, fault))?;
    }
    let mut unsorted = !entries.is_sorted_by_key(|entry| entry.name);
    unsorted |= !entries.is_sorted_by_key(|entry| entry.offset);
    entries.sort_by_key(|entry| entry.offset);

    let (ranges, rest) = locate(bytes, &entries, end.directory.start)?;
    check_rest(&bytes[rest.clone()]).map_err(|fault| Refused::at_offset(rest.start, fault))?;
    let mut container = ForeignContainer {
        files: BTreeMap::new(),
        compressed: Vec::new(),
        unsorted,
        folders: Vec::new(),
        extra_fields: entries.iter().filter(|entry| entry.has_extra).count(),
        signing_block_bytes: rest.len(),
    };
    for (entry, range) in entries.into_iter().zip(ranges) {
        let packed = &bytes[range];
        let unpacked = unpack(&entry, packed).map_err(|fault| Refused::at_entry(entry.name, fault))?;
        if entry.is_folder {
            container.folders.push(entry.path);
            continue;
        }
        if entry.is_compressed {
            container.compressed.push((entry.path.clone(), packed.len() as u64));
        }
        container.files.insert(entry.path, unpacked);
    }
    container.compressed.sort();
    container.folders.sort();
    Ok(container)
}

fn read_entry<'a>(entry: &'a [u8], name: &'a [u8], extra: &'a [u8]) -> Result<Entry<'a>, Refusal> {
    let shown = String::from_utf8_lossy(name);
    check_entry(entry, name, extra).map_err(|fault| Refused::at_entry(&shown, fault))?;
    let name = std::str::from_utf8(name).map_err(|_| Refused::at_entry(&shown, Fault::NameEncoding))?;
    Ok(Entry {
        name,
        path: name.strip_suffix('/').filter(|name| !name.is_empty()).unwrap_or(name).parse()?,
        is_folder: name.ends_with('/'),
        is_compressed: u16_at(entry, 10) == DEFLATE,
        packed: u32_at(entry, 20) as usize,
        size: u32_at(entry, 24) as usize,
        offset: u32_at(entry, 42) as usize,
        common: &entry[6..30],
        has_extra: !extra.is_empty(),
    })
}

fn check_entry(entry: &[u8], name: &[u8], extra: &[u8]) -> Result<(), Fault> {
    check_extra(extra, &HARMLESS_FIELDS)?;
    check_features(entry, name)?;
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
fn check_ratio(entry: &Entry<'_>, limits: &Limits) -> Result<(), Fault> {
    let (packed, size) = (entry.packed as u64, entry.size as u64);
    if entry.is_compressed && size > RATIO_FREE_BYTES && size > packed.saturating_mul(limits.ratio) {
        return Err(Fault::Ratio { most: limits.ratio });
    }
    Ok(())
}

type Located = (Vec<Range<usize>>, Range<usize>);

/// Where the bytes of each entry lie, one behind the other without a gap, and what stands behind the last.
fn locate(bytes: &[u8], entries: &[Entry<'_>], end: usize) -> Result<Located, Refused> {
    let mut at = 0;
    let mut ranges = Vec::with_capacity(entries.len());
    for entry in entries {
        let header = Header {
            name: entry.name.as_bytes(),
            offset: entry.offset,
            size: entry.packed,
            common: entry.common,
            extra_fields: &HARMLESS_FIELDS,
        };
        let refuse = |fault| Refused::at_entry(entry.name, fault);
        let range = read_header(bytes, &header, at, end).map_err(refuse)?;
        if !entry.is_compressed {
            check_sum(&bytes[range.clone()], entry.common).map_err(refuse)?;
        }
        at = range.end;
        ranges.push(range);
    }
    Ok((ranges, at..end))
}

/// What stands between the last entry and the directory: nothing or signing blocks.
fn check_rest(rest: &[u8]) -> Result<(), Fault> {
    if rest.starts_with(&LOCAL.to_le_bytes()) {
        return Err(Fault::HiddenBytes);
    }
    if block::is_foreign(rest) { Ok(()) } else { Err(Fault::SigningBlock("it is of no kind we know")) }
}

/// The bytes of a file. At most one byte more than the size it gives is ever unpacked.
fn unpack(entry: &Entry<'_>, packed: &[u8]) -> Result<Vec<u8>, Fault> {
    if !entry.is_compressed {
        return Ok(packed.to_vec());
    }
    let bytes = if entry.is_folder { Vec::new() } else { inflate(packed, entry.size)? };
    check_sum(&bytes, entry.common)?;
    Ok(bytes)
}

fn inflate(packed: &[u8], size: usize) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![0; size.saturating_add(1)];
    let mut stream = Decompress::new(false);
    let status = stream.decompress(packed, &mut bytes, FlushDecompress::Finish).map_err(|_| Fault::Deflate)?;
    if stream.total_out() != size as u64 && (status == Status::StreamEnd || stream.total_out() > size as u64) {
        return Err(Fault::SizeMismatch);
    }
    if status != Status::StreamEnd || stream.total_in() != packed.len() as u64 {
        return Err(Fault::Deflate);
    }
    bytes.truncate(size);
    Ok(bytes)
}
