//! The one canonical form of a package as a file: a ZIP that any reader opens and that can be read in one way only.
//!
//! Entries, signing block, directory, end (P-Z4, P-Z6). Entries are stored, sorted by the bytes of their paths, with every other field fixed; the signing block of MiniApp
//! Packaging stands before the central directory. Reading is *parse, write again, compare*: whatever this crate would
//! not write, it refuses. Files are looked through in pieces, so that reading takes no more memory for a large package.

mod block;
pub(crate) mod foreign;
mod inflate;
mod read;
mod refusal;
mod write;

use std::{collections::BTreeMap, ops::Range};

use guichet_trust::digest::{Digest, Hasher};

pub use refusal::{ContainerFault, ContainerRefusal};

use crate::{
    Blob, Limits, PackagePath, Refusal,
    source::{self, NotOpened, Source},
};

/// What stands in the signing block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningBlock<'a> {
    /// The statement's bytes.
    pub statement: &'a [u8],
    /// The seals' bytes; a package that nobody sealed has none.
    pub seals: Option<&'a [u8]>,
}

/// Where everything lies in a container that was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Every file.
    pub files: BTreeMap<PackagePath, StoredFile>,
    /// The bytes of the statement, if there is a signing block.
    pub statement: Option<Range<usize>>,
    /// The bytes of the seals, if there are any.
    pub seals: Option<Range<usize>>,
}

/// A file in a container: its checksum was compared with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where its bytes lie.
    pub range: Range<usize>,
    /// The digest of its bytes, made on the same way.
    pub sha256: Digest,
    crc: u32,
}

/// Holds the sizes of files against the limits.
pub(crate) fn check_sizes<B: AsRef<[u8]>>(files: &BTreeMap<PackagePath, B>, limits: &Limits) -> Result<(), Refusal> {
    Ok(write::check_sizes(files.iter().map(|(path, bytes)| (path, bytes.as_ref().len() as u64)), limits)?)
}

/// Writes the canonical container of these files.
pub fn encode<B: AsRef<[u8]>>(
    files: &BTreeMap<PackagePath, B>,
    block: Option<SigningBlock<'_>>,
    limits: &Limits,
) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    write_all(files, block, limits, &mut |part| bytes.extend_from_slice(part))?;
    Ok(bytes)
}

/// The digest and length of the canonical container of these files, without writing it.
pub(crate) fn digest<B: AsRef<[u8]>>(
    files: &BTreeMap<PackagePath, B>,
    block: Option<SigningBlock<'_>>,
    limits: &Limits,
) -> Result<Blob, Refusal> {
    let mut hasher = Hasher::new();
    let length = write_all(files, block, limits, &mut |part| hasher.update(part))?;
    Ok(Blob { sha256: hasher.finish(), length })
}

/// Writes the canonical container piece by piece, and says how long it was.
fn write_all<B: AsRef<[u8]>>(
    files: &BTreeMap<PackagePath, B>,
    block: Option<SigningBlock<'_>>,
    limits: &Limits,
    out: &mut dyn FnMut(&[u8]),
) -> Result<u64, Refusal> {
    if files.is_empty() {
        return Err(ContainerRefusal::whole(ContainerFault::Empty).into());
    }
    PackagePath::check_together(files.keys())?;
    check_sizes(files, limits)?;
    let parts = files.iter().map(|(path, bytes)| {
        let bytes = bytes.as_ref();
        write::Part { path: path.as_str(), length: bytes.len(), crc: crc32fast::hash(bytes) }
    });
    let lengths = block.map(|block| (block.statement.len(), block.seals.map(<[u8]>::len)));
    let mut contents = files.values();
    let mut length = 0;
    write::write(parts, lengths, &mut |piece| {
        let part = match piece {
            write::Piece::Bytes(part) => part,
            write::Piece::File(_) => contents.next().map_or(&[][..], AsRef::as_ref),
            write::Piece::Statement(_) => block.map_or(&[][..], |block| block.statement),
            write::Piece::Seals(_) => block.and_then(|block| block.seals).unwrap_or_default(),
        };
        length += part.len() as u64;
        out(part);
    });
    let most = limits.container_bytes.min(u64::from(u32::MAX) - 1);
    if length > most {
        return Err(ContainerRefusal::whole(ContainerFault::TooLarge { most }).into());
    }
    Ok(length)
}

/// Reads a container; every byte of it is accounted for.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Container, Refusal> {
    Ok(read(bytes, limits)?)
}

/// Reads a container from wherever it lies.
pub(crate) fn read<S: Source + ?Sized>(source: &S, limits: &Limits) -> Result<Container, NotOpened<S::Error>> {
    let container = read::read(source, limits)?;
    PackagePath::check_together(container.files.keys())?;
    let parts = container.files.iter().map(|(path, file)| write::Part {
        path: path.as_str(),
        length: file.range.len(),
        crc: file.crc,
    });
    let lengths = container.statement.as_ref().map(|range| (range.len(), container.seals.as_ref().map(Range::len)));
    let mut comparison = Comparison { source, at: 0, verdict: Ok(true) };
    write::write(parts, lengths, &mut |piece| match piece {
        write::Piece::Bytes(part) => comparison.bytes(part),
        // These were written from the very place where they would be looked for.
        write::Piece::File(length) | write::Piece::Statement(length) | write::Piece::Seals(length) => {
            comparison.skip(length);
        }
    });
    let same = comparison.verdict.map_err(NotOpened::Unread)?;
    if !same || comparison.at as u64 != source.length() {
        return Err(ContainerRefusal::at_offset(comparison.at, ContainerFault::NotCanonical).into());
    }
    Ok(container)
}

/// Whether a signing block of ours stands before the directory: then the package says that it is one of ours.
pub(crate) fn has_own_block(bytes: &[u8]) -> bool {
    let end = bytes.len().checked_sub(write::END_LENGTH).and_then(|at| bytes.get(at..));
    let offset = end.and_then(|end| end.get(16..20)?.try_into().ok()).map(u32::from_le_bytes);
    let before = offset.and_then(|offset| bytes.get(..usize::try_from(offset).ok()?));
    before.is_some_and(|before| before.ends_with(block::MAGIC))
}

/// What is written again, held against what is there.
struct Comparison<'a, S: Source + ?Sized> {
    source: &'a S,
    /// How far both are the same.
    at: usize,
    verdict: Result<bool, S::Error>,
}

impl<S: Source + ?Sized> Comparison<'_, S> {
    fn bytes(&mut self, part: &[u8]) {
        if !matches!(self.verdict, Ok(true)) {
            return;
        }
        let end = usize::try_from(self.source.length()).unwrap_or(usize::MAX).min(self.at + part.len());
        let mut rest = part;
        let mut differs = false;
        let read = source::pieces(self.source, self.at..end, &mut |there| {
            let (wanted, more) = rest.split_at(there.len().min(rest.len()));
            let same = wanted.iter().zip(there).take_while(|(one, other)| one == other).count();
            if !differs {
                self.at += same;
                differs = same < wanted.len();
            }
            rest = more;
        });
        self.verdict = read.map(|()| !differs && rest.is_empty());
    }

    fn skip(&mut self, length: usize) {
        if matches!(self.verdict, Ok(true)) {
            self.at += length;
        }
    }
}
