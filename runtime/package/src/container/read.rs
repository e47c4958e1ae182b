//! Reading a ZIP with suspicion: each known way to make two readers disagree is refused by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    Container, ContainerFault as Fault, ContainerRefusal as Refused, block,
    write::{CENTRAL, CENTRAL_LENGTH, END, END_LENGTH, FLAGS, LOCAL, LOCAL_LENGTH, check_sizes},
};
use crate::{Limits, PackagePath, Refusal};

pub(super) const DEFLATE: u16 = 8;
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DATA_DESCRIPTOR: u16 = 1 << 3;
const UNICODE_PATH: u16 = 0x7075;
const ZIP64: u16 = 0x0001;
/// Stands before the end of an archive that has a second, 64-bit end.
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const ZIP64_LOCATOR_LENGTH: usize = 20;

/// One entry of the directory.
struct Entry<'a> {
    name: &'a str,
    path: PackagePath,
    size: usize,
    offset: usize,
    /// The 24 bytes that the local header repeats.
    common: &'a [u8],
}

/// What the end of the archive says.
pub(super) struct End {
    pub(super) count: usize,
    pub(super) directory: Range<usize>,
}

/// What the local header of an entry must repeat.
pub(super) struct Header<'a> {
    pub(super) name: &'a [u8],
    pub(super) offset: usize,
    /// The bytes as they are packed.
    pub(super) size: usize,
    pub(super) common: &'a [u8],
    /// The extra fields that may stand there.
    pub(super) extra_fields: &'a [u16],
}

/// Reads it: where everything lies, and the checksum of each file, which was compared with its bytes.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Container, Vec<u32>), Refusal> {
    let end = read_frame(bytes, limits)?;
    let entries = read_directory(bytes, &end, read_directory_entry)?;
    check_names(&entries)?;
    check_sizes(entries.iter().map(|entry| (&entry.path, entry.size as u64)), limits)?;

    let mut at = 0;
    let mut files = BTreeMap::new();
    let mut checksums = Vec::with_capacity(entries.len());
    for entry in entries {
        let (range, checksum) =
            read_entry(bytes, &entry, at, end.directory.start).map_err(|fault| Refused::at_entry(entry.name, fault))?;
        at = range.end;
        checksums.push(checksum);
        files.insert(entry.path, range);
    }
    let (statement, seals) =
        read_rest(bytes, at..end.directory.start).map_err(|fault| Refused::at_offset(at, fault))?;
    Ok((Container { files, statement, seals }, checksums))
}

/// Looks at the beginning and the end, and bounds what is read between them.
pub(super) fn read_frame(bytes: &[u8], limits: &Limits) -> Result<End, Refused> {
    if bytes.len() as u64 > limits.container_bytes {
        return Err(Refused::whole(Fault::TooLarge { most: limits.container_bytes }));
    }
    check_beginning(bytes).map_err(Refused::whole)?;
    let end = read_end(bytes).map_err(Refused::whole)?;
    if end.count > limits.files {
        return Err(Refused::whole(Fault::TooManyFiles { most: limits.files }));
    }
    if end.count == 0 {
        return Err(Refused::whole(Fault::Empty));
    }
    Ok(end)
}

fn check_beginning(bytes: &[u8]) -> Result<(), Fault> {
    let local = LOCAL.to_le_bytes();
    if bytes.starts_with(&local) {
        return Ok(());
    }
    if bytes.starts_with(&END.to_le_bytes()) {
        return Err(Fault::Empty);
    }
    let is_inside = bytes.windows(local.len()).any(|window| window == local);
    Err(if is_inside { Fault::Prefix } else { Fault::NotAZip })
}

/// The end must be the last 22 bytes; where it is looked for otherwise only decides how the refusal is called.
fn read_end(bytes: &[u8]) -> Result<End, Fault> {
    let at = match bytes.len().checked_sub(END_LENGTH) {
        Some(at) if bytes[at..].starts_with(&END.to_le_bytes()) => at,
        _ => return Err(why_no_end(bytes)),
    };
    let end = &bytes[at..];
    let [disk, directory_disk, here, count] = [4, 6, 8, 10].map(|field| u16_at(end, field));
    let [size, offset] = [12, 16].map(|field| u32_at(end, field));
    let locator = at.checked_sub(ZIP64_LOCATOR_LENGTH).map_or(0, |at| u32_at(bytes, at));
    if locator == ZIP64_LOCATOR || here == u16::MAX || count == u16::MAX || size == u32::MAX || offset == u32::MAX {
        return Err(Fault::Zip64);
    }
    if disk != 0 || directory_disk != 0 {
        return Err(Fault::Split);
    }
    if here != count {
        return Err(Fault::EntryCount);
    }
    if u16_at(end, 20) != 0 {
        return Err(Fault::Truncated);
    }
    let start = offset as usize;
    if start.checked_add(size as usize) != Some(at) {
        return Err(Fault::DirectoryPosition);
    }
    Ok(End { count: count.into(), directory: start..at })
}

fn why_no_end(bytes: &[u8]) -> Fault {
    let end = END.to_le_bytes();
    match bytes.windows(END_LENGTH).rposition(|window| window.starts_with(&end)) {
        None => Fault::Truncated,
        Some(at) => {
            let comment: usize = u16_at(&bytes[at..], 20).into();
            let after = bytes.len() - at - END_LENGTH;
            if comment == 0 || after > comment {
                Fault::TrailingBytes
            } else if after == comment {
                Fault::Comment
            } else {
                Fault::Truncated
            }
        }
    }
}

/// Reads each entry of the directory: its record, its name, its extra fields.
pub(super) fn read_directory<'a, T>(
    bytes: &'a [u8],
    end: &End,
    read_entry: impl Fn(&'a [u8], &'a [u8], &'a [u8]) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let mut entries = Vec::with_capacity(end.count);
    let mut at = end.directory.start;
    while at < end.directory.end {
        if entries.len() == end.count {
            return Err(Refused::at_offset(at, Fault::EntryCount).into());
        }
        let rest = &bytes[at..end.directory.end];
        if rest.len() < CENTRAL_LENGTH || u32_at(rest, 0) != CENTRAL {
            return Err(Refused::at_offset(at, Fault::DirectoryDamaged).into());
        }
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(u16_at(rest, field)));
        let variable = CENTRAL_LENGTH + name..CENTRAL_LENGTH + name + extra;
        if rest.len() < variable.end + comment {
            return Err(Refused::at_offset(at, Fault::DirectoryDamaged).into());
        }
        entries.push(read_entry(rest, &rest[CENTRAL_LENGTH..variable.start], &rest[variable.clone()])?);
        at += variable.end + comment;
    }
    if entries.len() != end.count {
        return Err(Refused::at_offset(at, Fault::EntryCount).into());
    }
    Ok(entries)
}

fn read_directory_entry<'a>(entry: &'a [u8], name: &'a [u8], extra: &'a [u8]) -> Result<Entry<'a>, Refusal> {
    let shown = String::from_utf8_lossy(name);
    check_directory_entry(entry, name, extra).map_err(|fault| Refused::at_entry(&shown, fault))?;
    let name = std::str::from_utf8(name).map_err(|_| Refused::at_entry(&shown, Fault::NameEncoding))?;
    Ok(Entry {
        name,
        path: name.parse().map_err(Refusal::Path)?,
        size: u32_at(entry, 24) as usize,
        offset: u32_at(entry, 42) as usize,
        common: &entry[6..30],
    })
}

fn check_directory_entry(entry: &[u8], name: &[u8], extra: &[u8]) -> Result<(), Fault> {
    check_extra(extra, &[])?;
    check_features(entry, name)?;
    match u16_at(entry, 10) {
        0 => {}
        DEFLATE => return Err(Fault::Compressed),
        other => return Err(Fault::Method(other)),
    }
    if u32_at(entry, 20) != u32_at(entry, 24) {
        return Err(Fault::SizeMismatch);
    }
    if is_folder(entry, name) { Err(Fault::FolderEntry) } else { Ok(()) }
}

/// What no package has, whoever made it.
pub(super) fn check_features(entry: &[u8], name: &[u8]) -> Result<(), Fault> {
    let flags = u16_at(entry, 8);
    if flags & ENCRYPTED != 0 {
        return Err(Fault::Encrypted);
    }
    if flags & DATA_DESCRIPTOR != 0 {
        return Err(Fault::DataDescriptor);
    }
    if [20, 24, 42].map(|field| u32_at(entry, field)).contains(&u32::MAX) {
        return Err(Fault::Zip64);
    }
    if u16_at(entry, 32) != 0 {
        return Err(Fault::Comment);
    }
    if u16_at(entry, 34) != 0 {
        return Err(Fault::Split);
    }
    if unix_kind(entry) == 0o12 {
        return Err(Fault::SymbolicLink);
    }
    if flags & FLAGS == 0 && !name.is_ascii() {
        return Err(Fault::NameEncoding);
    }
    Ok(())
}

/// The upper half of the attributes is a Unix mode if the entry was made there: 0o12 is a link, 0o04 a folder, 0o10 a
/// file.
pub(super) fn unix_kind(entry: &[u8]) -> u32 {
    u32_at(entry, 38) >> 28
}

/// Whether anything says that it is a folder.
pub(super) fn is_folder(entry: &[u8], name: &[u8]) -> bool {
    unix_kind(entry) == 0o04 || u32_at(entry, 38) & 0x10 != 0 || name.ends_with(b"/")
}

/// Extra fields are refused, except those that are named here and whole.
pub(super) fn check_extra(extra: &[u8], allowed: &[u16]) -> Result<(), Fault> {
    let mut fields = extra;
    let mut harmless = true;
    while let [id, high, _, _, ..] = fields {
        let id = u16::from_le_bytes([*id, *high]);
        match id {
            UNICODE_PATH => return Err(Fault::UnicodePath),
            ZIP64 => return Err(Fault::Zip64),
            _ => {}
        }
        let next = fields.get(4 + usize::from(u16_at(fields, 2))..);
        harmless &= next.is_some() && allowed.contains(&id);
        fields = next.unwrap_or(&[]);
    }
    if harmless && fields.is_empty() { Ok(()) } else { Err(Fault::ExtraField) }
}

fn check_names(entries: &[Entry<'_>]) -> Result<(), Refusal> {
    let names: Vec<_> = entries.iter().map(|entry| entry.name).collect();
    check_unique(&names)?;
    PackagePath::check_together(entries.iter().map(|entry| &entry.path))?;
    if names.is_sorted() { Ok(()) } else { Err(Refused::whole(Fault::NotSorted).into()) }
}

/// No two entries have one name.
pub(super) fn check_unique(names: &[&str]) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(**name)) {
        Some(name) => Err(Refused::at_entry(name, Fault::DuplicateEntry)),
        None => Ok(()),
    }
}

fn read_entry(bytes: &[u8], entry: &Entry<'_>, at: usize, end: usize) -> Result<(Range<usize>, u32), Fault> {
    let header = Header {
        name: entry.name.as_bytes(),
        offset: entry.offset,
        size: entry.size,
        common: entry.common,
        extra_fields: &[],
    };
    let range = read_header(bytes, &header, at, end)?;
    let checksum = check_sum(&bytes[range.clone()], entry.common)?;
    Ok((range, checksum))
}

/// Reads the local header that must begin at `at`, and finds the bytes behind it.
pub(super) fn read_header(bytes: &[u8], entry: &Header<'_>, at: usize, end: usize) -> Result<Range<usize>, Fault> {
    if entry.offset < at {
        return Err(Fault::Overlap);
    }
    if entry.offset > at {
        return Err(Fault::HiddenBytes);
    }
    let header = bytes.get(at..end).unwrap_or(&[]);
    if header.len() < LOCAL_LENGTH || u32_at(header, 0) != LOCAL {
        return Err(Fault::Truncated);
    }
    let [name, extra] = [26, 28].map(|field| usize::from(u16_at(header, field)));
    if header.get(LOCAL_LENGTH..LOCAL_LENGTH + name) != Some(entry.name) {
        return Err(Fault::LocalName);
    }
    let extra = header.get(LOCAL_LENGTH + name..LOCAL_LENGTH + name + extra).ok_or(Fault::Truncated)?;
    check_extra(extra, entry.extra_fields)?;
    let local = &header[4..28];
    if local[2..4] != entry.common[2..4] && u16_at(local, 2) & DATA_DESCRIPTOR != 0 {
        return Err(Fault::DataDescriptor);
    }
    if local[14..22] != entry.common[14..22] {
        return Err(Fault::LocalSize);
    }
    if local[10..14] != entry.common[10..14] {
        return Err(Fault::LocalChecksum);
    }
    if local != entry.common {
        return Err(Fault::LocalHeader);
    }
    let start = at + LOCAL_LENGTH + name + extra.len();
    let range = start..start.saturating_add(entry.size);
    if range.end > end {
        return Err(Fault::Truncated);
    }
    Ok(range)
}

/// Holds the bytes of a file against the checksum that both headers give.
pub(super) fn check_sum(bytes: &[u8], common: &[u8]) -> Result<u32, Fault> {
    let checksum = crc32fast::hash(bytes);
    if checksum == u32_at(common, 10) { Ok(checksum) } else { Err(Fault::Checksum) }
}

type Block = (Option<Range<usize>>, Option<Range<usize>>);

/// What stands between the last entry and the directory: nothing or one signing block.
fn read_rest(bytes: &[u8], range: Range<usize>) -> Result<Block, Fault> {
    if range.start > range.end {
        return Err(Fault::Overlap);
    }
    if range.is_empty() {
        return Ok((None, None));
    }
    if bytes[range.clone()].starts_with(&LOCAL.to_le_bytes()) {
        return Err(Fault::HiddenBytes);
    }
    block::read(bytes, range).map(|(statement, seals)| (Some(statement), seals))
}

/// Fields lie inside records whose length was checked; a record cut short reads as zeros.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |field| u16::from_le_bytes([field[0], field[1]]))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
