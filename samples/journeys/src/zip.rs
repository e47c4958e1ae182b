//! Archives as other tools write them: names without the UTF-8 flag, entries for folders, stored or compressed.

use std::{collections::BTreeSet, io::Write as _};

use anyhow::Result;
use flate2::{Compression, write::DeflateEncoder};

/// How the bytes of files are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As they are.
    Stored,
    /// Compressed.
    Deflate,
}

/// Writes an archive of these files, in this order, each folder before its first file.
pub fn write(files: &[(&str, Vec<u8>)], method: Method) -> Result<Vec<u8>> {
    let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    let mut folders = BTreeSet::new();
    let mut add = |name: &str, bytes: &[u8], method: Method| -> Result<()> {
        let (number, packed) = match method {
            Method::Stored => (0_u16, bytes.to_vec()),
            Method::Deflate => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(bytes)?;
                (8, encoder.finish()?)
            }
        };
        let mut common = Vec::new();
        for number in [20, 0, number, 0, 33] {
            common.extend_from_slice(&u16::to_le_bytes(number));
        }
        for number in [checksum(bytes), u32::try_from(packed.len())?, u32::try_from(bytes.len())?] {
            common.extend_from_slice(&number.to_le_bytes());
        }
        common.extend_from_slice(&u16::try_from(name.len())?.to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        let offset = u32::try_from(out.len())?;
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 6]);
        directory.extend_from_slice(&[if name.ends_with('/') { 0x10 } else { 0 }, 0, 0, 0]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        count += 1;
        Ok(())
    };
    for (name, bytes) in files {
        for (at, _) in name.match_indices('/') {
            if let Some(folder) = name.get(..=at)
                && folders.insert(folder.to_owned())
            {
                add(folder, b"", Method::Stored)?;
            }
        }
        add(name, bytes, method)?;
    }
    let (start, size) = (u32::try_from(out.len())?, u32::try_from(directory.len())?);
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for number in [count, count] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    Ok(out)
}

/// CRC-32 as archives have it; these are small.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
