//! Reading a ZIP with suspicion: each known way to make two readers disagree is refused by name.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use guichet_trust::digest::{Digest, Hasher};

use super::{
    Container, ContainerFault as Fault, ContainerRefusal as Refused, StoredFile, block,
    write::{CENTRAL, CENTRAL_LENGTH, END, END_LENGTH, FLAGS, LOCAL, LOCAL_LENGTH, check_sizes},
};
use crate::{
    Limits, PackagePath, Refusal,
    source::{self, NotOpened, Source},
};

pub(super) const DEFLATE: u16 = 8;
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DATA_DESCRIPTOR: u16 = 1 << 3;
const UNICODE_PATH: u16 = 0x7075;
const ZIP64: u16 = 0x0001;
/// Stands before the end of an archive that has a second, 64-bit end.
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const ZIP64_LOCATOR_LENGTH: usize = 20;

/// One entry of the directory.
pub(super) struct Entry {
    /// Without the `/` that ends a folder's name.
    pub(super) path: PackagePath,
    pub(super) is_folder: bool,
    pub(super) is_compressed: bool,
    pub(super) has_extra: bool,
    /// Its bytes as they are packed.
    pub(super) packed: usize,
    pub(super) size: usize,
    pub(super) offset: usize,
    /// The 24 bytes that the local header repeats.
    pub(super) common: [u8; COMMON_LENGTH],
}

const COMMON_LENGTH: usize = 24;

impl Entry {
    pub(super) fn name(&self) -> Cow<'_, str> {
        let path = self.path.as_str();
        if self.is_folder { Cow::Owned(format!("{path}/")) } else { Cow::Borrowed(path) }
    }

    pub(super) fn checksum(&self) -> u32 {
        u32_at(&self.common, 10)
    }

    pub(super) fn refuse(&self, fault: Fault) -> Refused {
        Refused::at_entry(&self.name(), fault)
    }
}

/// What the end of the archive says.
pub(super) struct End {
    pub(super) count: usize,
    pub(super) directory: Range<usize>,
}

/// Reads it: where everything lies, and each file's checksum, which was compared, and digest.
pub(super) fn read<S: Source + ?Sized>(source: &S, limits: &Limits) -> Result<Container, NotOpened<S::Error>> {
    let end = read_frame(source, limits)?;
    let entries = read_directory(source, &end, check_directory_entry)?;
    check_names(&entries)?;
    check_sizes(entries.iter().map(|entry| (&entry.path, entry.size as u64)), limits)?;

    let mut at = 0;
    let mut files = BTreeMap::new();
    for entry in entries {
        let range = read_header(source, &entry, at, end.directory.start, &[])?;
        let (crc, sha256) = sums(source, range.clone()).map_err(NotOpened::Unread)?;
        if crc != entry.checksum() {
            return Err(entry.refuse(Fault::Checksum).into());
        }
        at = range.end;
        files.insert(entry.path, StoredFile { range, sha256, crc });
    }
    let (statement, seals) = read_rest(source, at..end.directory.start)
        .map_err(NotOpened::Unread)?
        .map_err(|fault| Refused::at_offset(at, fault))?;
    Ok(Container { files, statement, seals })
}

/// The two sums of a file, made in one look; the first is that of ZIP (P-Z3).
fn sums<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Result<(u32, Digest), S::Error> {
    let (mut crc, mut sha256) = (crc32fast::Hasher::new(), Hasher::new());
    source::pieces(source, range, &mut |piece| {
        crc.update(piece);
        sha256.update(piece);
    })?;
    Ok((crc.finalize(), sha256.finish()))
}

/// Looks at the beginning and the end, and bounds what is read between them.
pub(super) fn read_frame<S: Source + ?Sized>(source: &S, limits: &Limits) -> Result<End, NotOpened<S::Error>> {
    let length = usize::try_from(source.length()).unwrap_or(usize::MAX);
    if length as u64 > limits.container_bytes {
        return Err(Refused::whole(Fault::TooLarge { most: limits.container_bytes }).into());
    }
    let beginning = source::bytes(source, 0..length.min(4)).map_err(NotOpened::Unread)?;
    if !beginning.starts_with(&LOCAL.to_le_bytes()) {
        let is_end = beginning.starts_with(&END.to_le_bytes());
        let inside = find(source, 0..length, LOCAL).map_err(NotOpened::Unread)?;
        let fault = if is_end {
            Fault::Empty
        } else if inside.is_some() {
            Fault::Prefix
        } else {
            Fault::NotAZip
        };
        return Err(Refused::whole(fault).into());
    }
    let tail = length.saturating_sub(END_LENGTH + ZIP64_LOCATOR_LENGTH)..length;
    let tail = source::bytes(source, tail).map_err(NotOpened::Unread)?;
    let at = length.saturating_sub(END_LENGTH);
    let (before, end) = tail.split_at(tail.len().saturating_sub(END_LENGTH));
    if end.len() < END_LENGTH || !end.starts_with(&END.to_le_bytes()) {
        return Err(Refused::whole(why_no_end(source, length).map_err(NotOpened::Unread)?).into());
    }
    let end = read_end(end, at, before.starts_with(&ZIP64_LOCATOR.to_le_bytes())).map_err(Refused::whole)?;
    if end.count > limits.files {
        return Err(Refused::whole(Fault::TooManyFiles { most: limits.files }).into());
    }
    if end.count == 0 {
        return Err(Refused::whole(Fault::Empty).into());
    }
    Ok(end)
}

/// The end must be the last 22 bytes.
fn read_end(end: &[u8], at: usize, has_locator: bool) -> Result<End, Fault> {
    let [disk, directory_disk, here, count] = [4, 6, 8, 10].map(|field| u16_at(end, field));
    let [size, offset] = [12, 16].map(|field| u32_at(end, field));
    if has_locator || here == u16::MAX || count == u16::MAX || size == u32::MAX || offset == u32::MAX {
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

/// Where the end is looked for otherwise only decides how the refusal is called.
fn why_no_end<S: Source + ?Sized>(source: &S, length: usize) -> Result<Fault, S::Error> {
    let whole_ends = 0..(length + 4).saturating_sub(END_LENGTH);
    let Some(at) = find(source, whole_ends, END)? else { return Ok(Fault::Truncated) };
    let comment = usize::from(u16_at(&source::bytes(source, at..at + END_LENGTH)?, 20));
    let after = length - at - END_LENGTH;
    Ok(if comment == 0 || after > comment {
        Fault::TrailingBytes
    } else if after == comment {
        Fault::Comment
    } else {
        Fault::Truncated
    })
}

/// The last place of a signature in a range.
fn find<S: Source + ?Sized>(source: &S, range: Range<usize>, signature: u32) -> Result<Option<usize>, S::Error> {
    let signature = signature.to_le_bytes();
    let mut window = Vec::new();
    let mut at = range.start;
    let mut found = None;
    source::pieces(source, range, &mut |piece| {
        window.extend_from_slice(piece);
        found = window.windows(4).rposition(|four| four == signature).map(|inside| at + inside).or(found);
        let seen = window.len().saturating_sub(3);
        window.drain(..seen);
        at += seen;
    })?;
    Ok(found)
}

/// Reads each entry of the directory, its record, its name and its extra fields being judged by `check`.
pub(super) fn read_directory<S: Source + ?Sized>(
    source: &S,
    end: &End,
    check: impl Fn(&[u8], &[u8], &[u8]) -> Result<(), Fault>,
) -> Result<Vec<Entry>, NotOpened<S::Error>> {
    let directory = &end.directory;
    let mut entries = Vec::with_capacity(end.count);
    let mut at = directory.start;
    while at < directory.end {
        if entries.len() == end.count {
            return Err(Refused::at_offset(at, Fault::EntryCount).into());
        }
        let record = at..directory.end.min(at + CENTRAL_LENGTH);
        let record = source::bytes(source, record).map_err(NotOpened::Unread)?;
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(u16_at(&record, field)));
        let variable = at + CENTRAL_LENGTH..at + CENTRAL_LENGTH + name + extra;
        let next = variable.end + comment;
        if record.len() < CENTRAL_LENGTH || u32_at(&record, 0) != CENTRAL || next > directory.end {
            return Err(Refused::at_offset(at, Fault::DirectoryDamaged).into());
        }
        let variable = source::bytes(source, variable).map_err(NotOpened::Unread)?;
        let (name, extra) = variable.split_at(name);
        entries.push(read_directory_entry(&record, name, extra, &check)?);
        at = next;
    }
    if entries.len() != end.count {
        return Err(Refused::at_offset(at, Fault::EntryCount).into());
    }
    Ok(entries)
}

fn read_directory_entry(
    record: &[u8],
    name: &[u8],
    extra: &[u8],
    check: impl Fn(&[u8], &[u8], &[u8]) -> Result<(), Fault>,
) -> Result<Entry, Refusal> {
    let refuse = |fault| Refused::at_entry(&String::from_utf8_lossy(name), fault);
    check(record, name, extra).map_err(refuse)?;
    let text = std::str::from_utf8(name).map_err(|_| refuse(Fault::NameEncoding))?;
    let mut common = [0; COMMON_LENGTH];
    common.copy_from_slice(&record[6..6 + COMMON_LENGTH]);
    Ok(Entry {
        path: text.strip_suffix('/').filter(|name| !name.is_empty()).unwrap_or(text).parse()?,
        is_folder: text.ends_with('/'),
        is_compressed: u16_at(record, 10) == DEFLATE,
        has_extra: !extra.is_empty(),
        packed: u32_at(record, 20) as usize,
        size: u32_at(record, 24) as usize,
        offset: u32_at(record, 42) as usize,
        common,
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

fn check_names(entries: &[Entry]) -> Result<(), Refusal> {
    check_unique(entries)?;
    PackagePath::check_together(entries.iter().map(|entry| &entry.path))?;
    let is_sorted = entries.is_sorted_by(|one, next| one.path <= next.path);
    if is_sorted { Ok(()) } else { Err(Refused::whole(Fault::NotSorted).into()) }
}

/// No two entries have one name.
pub(super) fn check_unique(entries: &[Entry]) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    match entries.iter().find(|entry| !seen.insert((&entry.path, entry.is_folder))) {
        Some(entry) => Err(entry.refuse(Fault::DuplicateEntry)),
        None => Ok(()),
    }
}

/// Reads the local header that must begin at `at`, and finds the bytes behind it. Extra fields are refused, except
/// those that are named here.
pub(super) fn read_header<S: Source + ?Sized>(
    source: &S,
    entry: &Entry,
    at: usize,
    end: usize,
    extra_fields: &[u16],
) -> Result<Range<usize>, NotOpened<S::Error>> {
    let refuse = |fault| NotOpened::from(entry.refuse(fault));
    if entry.offset < at {
        return Err(refuse(Fault::Overlap));
    }
    if entry.offset > at {
        return Err(refuse(Fault::HiddenBytes));
    }
    let first = |length: usize| source::bytes(source, at..end.min(at + length).max(at)).map_err(NotOpened::Unread);
    let expected = LOCAL_LENGTH + entry.name().len();
    let mut header = first(expected)?;
    let length = LOCAL_LENGTH + usize::from(u16_at(&header, 26)) + usize::from(u16_at(&header, 28));
    if length > expected {
        header = first(length)?;
    }
    let length = check_header(&header, entry, extra_fields).map_err(refuse)?;
    let range = at + length..at + length + entry.packed;
    if range.end > end {
        return Err(refuse(Fault::Truncated));
    }
    Ok(range)
}

/// Holds a local header against the directory's entry, and gives its length.
fn check_header(header: &[u8], entry: &Entry, extra_fields: &[u16]) -> Result<usize, Fault> {
    if header.len() < LOCAL_LENGTH || u32_at(header, 0) != LOCAL {
        return Err(Fault::Truncated);
    }
    let [name, extra] = [26, 28].map(|field| usize::from(u16_at(header, field)));
    if header.get(LOCAL_LENGTH..LOCAL_LENGTH + name) != Some(entry.name().as_bytes()) {
        return Err(Fault::LocalName);
    }
    let extra = header.get(LOCAL_LENGTH + name..LOCAL_LENGTH + name + extra).ok_or(Fault::Truncated)?;
    check_extra(extra, extra_fields)?;
    let (local, common) = (&header[4..28], &entry.common);
    if local[2..4] != common[2..4] && u16_at(local, 2) & DATA_DESCRIPTOR != 0 {
        return Err(Fault::DataDescriptor);
    }
    if local[14..22] != common[14..22] {
        return Err(Fault::LocalSize);
    }
    if local[10..14] != common[10..14] {
        return Err(Fault::LocalChecksum);
    }
    if local != common {
        return Err(Fault::LocalHeader);
    }
    Ok(LOCAL_LENGTH + name + extra.len())
}

type Block = (Option<Range<usize>>, Option<Range<usize>>);

/// What stands between the last entry and the directory: nothing or one signing block.
fn read_rest<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Result<Result<Block, Fault>, S::Error> {
    if range.start > range.end {
        return Ok(Err(Fault::Overlap));
    }
    if range.is_empty() {
        return Ok(Ok((None, None)));
    }
    if begins_entry(source, &range)? {
        return Ok(Err(Fault::HiddenBytes));
    }
    Ok(block::read(source, range)?.map(|(statement, seals)| (Some(statement), seals)))
}

/// Whether an entry that the directory does not list begins here.
pub(super) fn begins_entry<S: Source + ?Sized>(source: &S, range: &Range<usize>) -> Result<bool, S::Error> {
    Ok(source::bytes(source, range.start..range.end.min(range.start + 4))? == LOCAL.to_le_bytes())
}

/// Fields lie inside records whose length was checked; a record cut short reads as zeros.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |field| u16::from_le_bytes([field[0], field[1]]))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
