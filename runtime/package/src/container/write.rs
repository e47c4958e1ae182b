//! Writing the canonical ZIP, piece by piece, so that it can be kept or compared.

use super::{ContainerFault, ContainerRefusal, block};
use crate::{Limits, PackagePath};

pub(super) const LOCAL: u32 = 0x0403_4b50;
pub(super) const CENTRAL: u32 = 0x0201_4b50;
pub(super) const END: u32 = 0x0605_4b50;
pub(super) const LOCAL_LENGTH: usize = 30;
pub(super) const CENTRAL_LENGTH: usize = 46;
pub(super) const END_LENGTH: usize = 22;

/// Version 2.0 of the format, made on and needed by anything (MiniApp Packaging, *ZIP file requirements*).
pub(super) const VERSION: u16 = 20;
/// Names are UTF-8.
pub(super) const FLAGS: u16 = 1 << 11;
/// 1980-01-01, midnight: the first moment a ZIP can say.
pub(super) const TIME: u16 = 0;
pub(super) const DATE: u16 = 0x21;

/// Holds the sizes of files against the limits, before anything is copied.
pub(super) fn check_sizes<'a>(
    files: impl Iterator<Item = (&'a PackagePath, u64)>,
    limits: &Limits,
) -> Result<(), ContainerRefusal> {
    let mut count = 0;
    let mut total: u64 = 0;
    for (path, size) in files {
        count += 1;
        total = total.saturating_add(size);
        if size > limits.file_bytes {
            return Err(ContainerRefusal::at_entry(
                path.as_str(),
                ContainerFault::FileTooLarge { most: limits.file_bytes },
            ));
        }
        if total > limits.total_bytes {
            return Err(ContainerRefusal::whole(ContainerFault::FilesTooLarge { most: limits.total_bytes }));
        }
        if count > limits.files {
            return Err(ContainerRefusal::whole(ContainerFault::TooManyFiles { most: limits.files }));
        }
    }
    Ok(())
}

/// A file as it is written.
pub(super) struct Part<'a> {
    pub(super) path: &'a str,
    pub(super) length: usize,
    pub(super) crc: u32,
}

/// What is written next; of what comes from elsewhere only the length is known here.
pub(super) enum Piece<'a> {
    Bytes(&'a [u8]),
    /// The bytes of the next file.
    File(usize),
    Statement(usize),
    Seals(usize),
}

/// Writes files, which come sorted, and a block with a statement and perhaps seals of these lengths. Sizes beyond 32
/// bits were refused before.
pub(super) fn write<'a>(
    files: impl Iterator<Item = Part<'a>>,
    block: Option<(usize, Option<usize>)>,
    out: &mut dyn FnMut(Piece<'_>),
) {
    let mut offset = 0;
    let mut directory = Vec::new();
    let mut count: usize = 0;
    for Part { path, length, crc } in files {
        let entry = common_fields(path, crc, length);
        out(Piece::Bytes(&[&LOCAL.to_le_bytes()[..], &entry, &0_u16.to_le_bytes(), path.as_bytes()].concat()));
        out(Piece::File(length));

        directory.extend_from_slice(&CENTRAL.to_le_bytes());
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&entry);
        // No extra field, no comment, disk 0, no attributes.
        directory.extend_from_slice(&[0; 12]);
        directory.extend_from_slice(&low32(offset).to_le_bytes());
        directory.extend_from_slice(path.as_bytes());
        offset += LOCAL_LENGTH + path.len() + length;
        count += 1;
    }
    if let Some((statement, seals)) = block {
        offset += block::write(statement, seals, out);
    }
    out(Piece::Bytes(&directory));

    let mut end = Vec::with_capacity(END_LENGTH);
    end.extend_from_slice(&END.to_le_bytes());
    end.extend_from_slice(&[0; 4]);
    end.extend_from_slice(&low16(count).to_le_bytes());
    end.extend_from_slice(&low16(count).to_le_bytes());
    end.extend_from_slice(&low32(directory.len()).to_le_bytes());
    end.extend_from_slice(&low32(offset).to_le_bytes());
    end.extend_from_slice(&[0; 2]);
    out(Piece::Bytes(&end));
}

/// The 24 bytes that local header and directory share: version needed to the length of the name.
fn common_fields(path: &str, crc: u32, size: usize) -> [u8; 24] {
    let mut fields = [0; 24];
    fields[0..2].copy_from_slice(&VERSION.to_le_bytes());
    fields[2..4].copy_from_slice(&FLAGS.to_le_bytes());
    // Method 0: stored.
    fields[6..8].copy_from_slice(&TIME.to_le_bytes());
    fields[8..10].copy_from_slice(&DATE.to_le_bytes());
    fields[10..14].copy_from_slice(&crc.to_le_bytes());
    fields[14..18].copy_from_slice(&low32(size).to_le_bytes());
    fields[18..22].copy_from_slice(&low32(size).to_le_bytes());
    fields[22..24].copy_from_slice(&low16(path.len()).to_le_bytes());
    fields
}

/// The low bits; a container that needs more is over its limits and its bytes are dropped.
fn low32(number: usize) -> u32 {
    (number & 0xffff_ffff) as u32
}

fn low16(number: usize) -> u16 {
    (number & 0xffff) as u16
}
