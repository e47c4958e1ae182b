//! The signing block: `u64 size · pairs {u64 length, u32 id, value} · u64 size · magic` (MiniApp Packaging, RPK framing).
//!
//! The length of a pair counts its id; the size counts everything after its first occurrence.

use std::ops::Range;

use super::{ContainerFault, SigningBlock};

/// The last 16 bytes of the block.
pub(super) const MAGIC: &[u8; 16] = b"Guichet Seal 01\0";
/// Ours, and those of MiniApp Packaging's appendix and of the format it comes from.
const FOREIGN_MAGICS: [&[u8; 16]; 4] = [MAGIC, b"RPK Sig Block 42", b"MIX Sig Block 42", b"APK Sig Block 42"];
const STATEMENT: u32 = 1;
const SEALS: u32 = 2;
const SIZE_LENGTH: usize = 8;
const PAIR_LENGTH: usize = 12;

pub(super) fn encode(block: SigningBlock<'_>) -> Vec<u8> {
    let mut pairs = Vec::new();
    let values = [(STATEMENT, Some(block.statement)), (SEALS, block.seals)];
    for (id, value) in values.into_iter().filter_map(|(id, value)| Some((id, value?))) {
        pairs.extend_from_slice(&(value.len() as u64 + 4).to_le_bytes());
        pairs.extend_from_slice(&id.to_le_bytes());
        pairs.extend_from_slice(value);
    }
    let size = ((pairs.len() + SIZE_LENGTH + MAGIC.len()) as u64).to_le_bytes();
    [&size[..], &pairs, &size, MAGIC].concat()
}

/// Reads the block that fills `range`: where the statement and the seals lie.
pub(super) fn read(bytes: &[u8], range: Range<usize>) -> Result<(Range<usize>, Option<Range<usize>>), ContainerFault> {
    let fault = |why| Err(ContainerFault::SigningBlock(why));
    let block = &bytes[range.clone()];
    if block.len() < 2 * SIZE_LENGTH + MAGIC.len() || !block.ends_with(MAGIC) {
        return fault("it does not end with our magic");
    }
    let size = (block.len() - SIZE_LENGTH) as u64;
    let end = block.len() - MAGIC.len() - SIZE_LENGTH;
    if number(&block[..SIZE_LENGTH]) != size || number(&block[end..end + SIZE_LENGTH]) != size {
        return fault("its size is not what it says");
    }
    let mut pairs = Vec::new();
    let mut at = SIZE_LENGTH;
    while at < end {
        let header = block.get(at..at + PAIR_LENGTH).filter(|_| at + PAIR_LENGTH <= end);
        let Some(header) = header else { return fault("a pair is cut off") };
        let length = number(&header[..SIZE_LENGTH]);
        let value = at + PAIR_LENGTH;
        let next = usize::try_from(length).ok().and_then(|length| (at + SIZE_LENGTH).checked_add(length));
        match next {
            Some(next) if next >= value && next <= end => {
                pairs.push((number(&header[SIZE_LENGTH..]), range.start + value..range.start + next));
                at = next;
            }
            _ => return fault("a pair is longer than the block"),
        }
    }
    match pairs.as_slice() {
        [(1, statement)] => Ok((statement.clone(), None)),
        [(1, statement), (2, seals)] => Ok((statement.clone(), Some(seals.clone()))),
        _ => fault("it holds something else than a statement and seals"),
    }
}

/// Whether one or several signing blocks of any known kind fill these bytes: the last 16 of each are its magic.
pub(super) fn is_foreign(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((body, magic)) = rest.split_last_chunk::<16>() {
        let size = body.split_last_chunk::<SIZE_LENGTH>().map(|(_, size)| u64::from_le_bytes(*size));
        let length = size.and_then(|size| usize::try_from(size).ok()?.checked_add(SIZE_LENGTH));
        let start = length.and_then(|length| rest.len().checked_sub(length));
        let Some(start) = start.filter(|_| length >= Some(2 * SIZE_LENGTH + MAGIC.len())) else { return false };
        let first = rest[start..].first_chunk::<SIZE_LENGTH>().map(|size| u64::from_le_bytes(*size));
        if first != size || !FOREIGN_MAGICS.contains(&magic) {
            return false;
        }
        rest = &rest[..start];
    }
    rest.is_empty()
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
