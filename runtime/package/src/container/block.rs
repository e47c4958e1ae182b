//! The signing block: `u64 size · pairs {u64 length, u32 id, value} · u64 size · magic` (MiniApp Packaging, RPK framing).
//!
//! It stands immediately before the directory, whose offset the end record gives (P-S1, P-S2, D9); ours has this framing
//! (P-S3) and a magic of its own (P-S5). The length of a pair counts its id; the size counts everything after its first occurrence.

use std::ops::Range;

use super::{ContainerFault, write::Piece};
use crate::source::{self, Source};

/// The last 16 bytes of the block.
pub(super) const MAGIC: &[u8; 16] = b"Guichet Seal 01\0";
/// Ours, and those of MiniApp Packaging's appendix and of the format it comes from.
const FOREIGN_MAGICS: [&[u8; 16]; 4] = [MAGIC, b"RPK Sig Block 42", b"MIX Sig Block 42", b"APK Sig Block 42"];
/// A foreign package has no more blocks than there are kinds of them.
const MOST_FOREIGN: usize = FOREIGN_MAGICS.len();
const STATEMENT: u32 = 1;
const SEALS: u32 = 2;
const SIZE_LENGTH: usize = 8;
const PAIR_LENGTH: usize = 12;
/// The size that is repeated, and the magic.
const TAIL_LENGTH: usize = SIZE_LENGTH + MAGIC.len();

/// Writes a block with values of these lengths, and gives its own length.
pub(super) fn write(statement: usize, seals: Option<usize>, out: &mut dyn FnMut(Piece<'_>)) -> usize {
    let pairs = [Some((STATEMENT, statement)), seals.map(|length| (SEALS, length))];
    let pairs_length: usize = pairs.iter().flatten().map(|(_, length)| PAIR_LENGTH + length).sum();
    let size = ((pairs_length + TAIL_LENGTH) as u64).to_le_bytes();
    out(Piece::Bytes(&size));
    for (id, length) in pairs.into_iter().flatten() {
        out(Piece::Bytes(&[&(length as u64 + 4).to_le_bytes()[..], &id.to_le_bytes()].concat()));
        out(if id == STATEMENT { Piece::Statement(length) } else { Piece::Seals(length) });
    }
    out(Piece::Bytes(&[&size[..], MAGIC].concat()));
    SIZE_LENGTH + pairs_length + TAIL_LENGTH
}

/// Where the statement and the seals lie, or what is wrong with the block.
type Read = Result<(Range<usize>, Option<Range<usize>>), ContainerFault>;

/// Reads the block that fills `range`.
pub(super) fn read<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Result<Read, S::Error> {
    let fault = |why| Ok(Err(ContainerFault::SigningBlock(why)));
    if range.len() < SIZE_LENGTH + TAIL_LENGTH {
        return fault("it does not end with our magic");
    }
    let end = range.end - TAIL_LENGTH;
    let first = source::bytes(source, range.start..range.start + SIZE_LENGTH)?;
    let tail = source::bytes(source, end..range.end)?;
    if !tail.ends_with(MAGIC) {
        return fault("it does not end with our magic");
    }
    let size = (range.len() - SIZE_LENGTH) as u64;
    if number(&first) != size || number(&tail[..SIZE_LENGTH]) != size {
        return fault("its size is not what it says");
    }
    let mut pairs = Vec::new();
    let mut at = range.start + SIZE_LENGTH;
    while at < end && pairs.len() <= 2 {
        if at + PAIR_LENGTH > end {
            return fault("a pair is cut off");
        }
        let header = source::bytes(source, at..at + PAIR_LENGTH)?;
        let value = at + PAIR_LENGTH;
        let length = usize::try_from(number(&header[..SIZE_LENGTH])).ok();
        match length.and_then(|length| (at + SIZE_LENGTH).checked_add(length)) {
            Some(next) if next >= value && next <= end => {
                pairs.push((number(&header[SIZE_LENGTH..]), value..next));
                at = next;
            }
            _ => return fault("a pair is longer than the block"),
        }
    }
    match pairs.as_slice() {
        [(1, statement)] => Ok(Ok((statement.clone(), None))),
        [(1, statement), (2, seals)] => Ok(Ok((statement.clone(), Some(seals.clone())))),
        _ => fault("it holds something else than a statement and seals"),
    }
}

/// Whether nothing or a few signing blocks of any known kind fill a range: the last 16 bytes of each are its magic (P-S1,
/// P-S4). What is in their pairs is nobody's business here (P-S3).
pub(super) fn is_foreign<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Result<bool, S::Error> {
    let mut end = range.end;
    for _ in 0..MOST_FOREIGN {
        if end == range.start {
            return Ok(true);
        }
        let Some(tail) = end.checked_sub(TAIL_LENGTH).filter(|tail| *tail >= range.start) else { return Ok(false) };
        let last = source::bytes(source, tail..end)?;
        let size = number(&last[..SIZE_LENGTH]);
        let length = usize::try_from(size).ok().and_then(|size| size.checked_add(SIZE_LENGTH));
        let length = length.filter(|length| *length >= SIZE_LENGTH + TAIL_LENGTH);
        let start = length.and_then(|length| end.checked_sub(length)).filter(|start| *start >= range.start);
        let Some(start) = start else { return Ok(false) };
        let first = source::bytes(source, start..start + SIZE_LENGTH)?;
        if number(&first) != size || !FOREIGN_MAGICS.iter().any(|magic| last.ends_with(*magic)) {
            return Ok(false);
        }
        end = start;
    }
    Ok(end == range.start)
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
