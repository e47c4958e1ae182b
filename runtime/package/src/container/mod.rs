//! The one canonical form of a package as a file: a ZIP that any reader opens and that can be read in one way only.
//!
//! Entries are stored, sorted by the bytes of their paths, with every other field fixed; the signing block of MiniApp
//! Packaging stands before the central directory. Reading is *parse, write again, compare*: whatever this crate would
//! not write, it refuses.

mod block;
pub(crate) mod foreign;
mod read;
mod refusal;
mod write;

use std::{collections::BTreeMap, ops::Range};

pub use refusal::{ContainerFault, ContainerRefusal};

use crate::{Limits, PackagePath, Refusal};

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
    /// The bytes of every file.
    pub files: BTreeMap<PackagePath, Range<usize>>,
    /// The bytes of the statement, if there is a signing block.
    pub statement: Option<Range<usize>>,
    /// The bytes of the seals, if there are any.
    pub seals: Option<Range<usize>>,
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
    if files.is_empty() {
        return Err(ContainerRefusal::whole(ContainerFault::Empty).into());
    }
    PackagePath::check_together(files.keys())?;
    check_sizes(files, limits)?;
    let mut bytes = Vec::new();
    let parts = files.iter().map(|(path, bytes)| {
        let bytes = bytes.as_ref();
        write::Part { path: path.as_str(), bytes, crc: crc32fast::hash(bytes) }
    });
    write::write(parts, block, &mut |part| bytes.extend_from_slice(part));
    let most = limits.container_bytes.min(u64::from(u32::MAX) - 1);
    if bytes.len() as u64 > most {
        return Err(ContainerRefusal::whole(ContainerFault::TooLarge { most }).into());
    }
    Ok(bytes)
}

/// Reads a container; every byte of it is accounted for.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Container, Refusal> {
    let (container, checksums) = read::read(bytes, limits)?;
    PackagePath::check_together(container.files.keys())?;
    let block = container.statement.clone().map(|statement| SigningBlock {
        statement: &bytes[statement],
        seals: container.seals.clone().map(|seals| &bytes[seals]),
    });
    let mut compared = 0;
    let mut same = true;
    let parts = container.files.iter().zip(checksums).map(|((path, range), crc)| write::Part {
        path: path.as_str(),
        bytes: &bytes[range.clone()],
        crc,
    });
    write::write(parts, block, &mut |part| {
        if same {
            let there = bytes.get(compared..compared + part.len()).unwrap_or(&bytes[compared..]);
            // A file's bytes are usually written from the very place where they are looked for.
            same = std::ptr::eq(there, part) || there == part;
            compared += if same { part.len() } else { first_difference(there, part) };
        }
    });
    if !same || compared != bytes.len() {
        return Err(ContainerRefusal::at_offset(compared, ContainerFault::NotCanonical).into());
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

fn first_difference(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}
