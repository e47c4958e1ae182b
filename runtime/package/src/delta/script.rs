//! The script of a `bsdiff`: which pieces of the dictionary to copy, where they differ, and what comes between them.
//!
//! ```text
//! n                 how many steps
//! n × copy          bytes to copy from the dictionary
//! n × extra         bytes of `extra` that follow
//! n × move          signed: how far to move in the dictionary after the copy
//! p                 how many pairs
//! p × (skip, add)   among all copied bytes: pass over `skip`, add `add` to the next one modulo 256;
//!                   (255, 0) passes over 255 and changes nothing
//! extra             to the end
//! ```
//!
//! Numbers are LEB128, signed ones in zigzag. After Colin Percival's bsdiff, whose differences are almost all zero: the pairs
//! leave the zeros out.

use std::{borrow::Cow, ops::Range, slice};

use super::DeltaRefusal;

/// A skip that changes nothing.
const FAR: u8 = 255;
/// The most bytes of a number: those of 35 bits.
const NUMBER_BYTES: usize = 5;

/// One piece of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes to copy from the dictionary, with differences.
    pub copy: usize,
    /// Bytes to take from the extra ones.
    pub extra: usize,
    /// How far to move in the dictionary after the copy.
    pub seek: i64,
}

/// A script that was read or is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script<'a> {
    steps: Vec<Step>,
    pairs: Cow<'a, [u8]>,
    extra: Cow<'a, [u8]>,
}

impl<'a> Script<'a> {
    /// The most bytes of a script for a result of this length that is worth running.
    pub(super) fn most_bytes(result: usize) -> usize {
        result.saturating_mul(2).saturating_add(1 << 16)
    }

    /// Makes a script: `differences` are of all copied bytes, in order.
    pub fn new(steps: Vec<Step>, differences: &[u8], extra: &'a [u8]) -> Self {
        let mut pairs = Vec::new();
        let mut skip: usize = 0;
        for add in differences {
            if *add == 0 {
                skip += 1;
                continue;
            }
            while let Some(rest) = skip.checked_sub(usize::from(FAR)) {
                pairs.extend([FAR, 0]);
                skip = rest;
            }
            pairs.extend([skip.to_le_bytes()[0], *add]);
            skip = 0;
        }
        Self { steps, pairs: pairs.into(), extra: extra.into() }
    }

    /// The bytes of a script.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.steps.len() as u64);
        self.steps.iter().for_each(|step| put(&mut bytes, step.copy as u64));
        self.steps.iter().for_each(|step| put(&mut bytes, step.extra as u64));
        self.steps.iter().for_each(|step| put(&mut bytes, zigzag(step.seek)));
        put(&mut bytes, self.pairs.len() as u64 / 2);
        bytes.extend_from_slice(&self.pairs);
        bytes.extend_from_slice(&self.extra);
        bytes
    }

    /// Reads a script.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DeltaRefusal> {
        let mut reader = Reader(bytes);
        let count = reader.length()?;
        // Each step takes three bytes at least.
        if count > bytes.len() / 3 {
            return Err(cut());
        }
        let copies = (0..count).map(|_| reader.length()).collect::<Result<Vec<_>, _>>()?;
        let extras = (0..count).map(|_| reader.length()).collect::<Result<Vec<_>, _>>()?;
        let seeks = (0..count).map(|_| reader.number().map(unzigzag)).collect::<Result<Vec<_>, _>>()?;
        let steps = copies.into_iter().zip(extras).zip(seeks).map(|((copy, extra), seek)| Step { copy, extra, seek });
        let steps = steps.collect();
        let pairs = reader.length()?.checked_mul(2).ok_or_else(cut)?;
        let (pairs, extra) = reader.0.split_at_checked(pairs).ok_or_else(cut)?;
        Ok(Self { steps, pairs: pairs.into(), extra: extra.into() })
    }

    /// Makes the result, which must have this length.
    pub fn run(&self, dictionary: &[u8], length: usize) -> Result<Vec<u8>, DeltaRefusal> {
        let mut result = Vec::with_capacity(length);
        let mut extra = &*self.extra;
        let (pairs, _) = self.pairs.as_chunks();
        let mut differences = Differences { pairs: pairs.iter(), skip: 0, add: None };
        differences.advance();
        let mut at: i64 = 0;
        for step in &self.steps {
            let piece = usize::try_from(at).ok().and_then(|at| dictionary.get(at..at.checked_add(step.copy)?));
            let piece = piece.ok_or_else(|| undecodable("it copies from outside the dictionary"))?;
            let (next, rest) = extra.split_at_checked(step.extra).ok_or_else(cut)?;
            extra = rest;
            if piece.len() + next.len() > length - result.len() {
                return Err(DeltaRefusal::TooLarge { most: length as u64 });
            }
            let start = result.len();
            result.extend_from_slice(piece);
            differences.apply(&mut result, start..start + piece.len());
            result.extend_from_slice(next);
            // Both are below 2^36 and so is their sum.
            at = at.saturating_add_unsigned(step.copy as u64).saturating_add(step.seek);
        }
        if extra.is_empty() && differences.add.is_none() {
            Ok(result)
        } else {
            Err(undecodable("something is left over"))
        }
    }
}

/// The differences that are still to be made.
struct Differences<'a> {
    pairs: slice::Iter<'a, [u8; 2]>,
    /// Copied bytes before the next difference.
    skip: usize,
    add: Option<u8>,
}

impl Differences<'_> {
    /// Finds the next difference.
    fn advance(&mut self) {
        self.add = None;
        for [skip, add] in self.pairs.by_ref() {
            self.skip += usize::from(*skip);
            if (*skip, *add) != (FAR, 0) {
                self.add = Some(*add);
                return;
            }
        }
    }

    /// Makes those that lie among these copied bytes.
    fn apply(&mut self, result: &mut [u8], copied: Range<usize>) {
        let mut at = copied.start;
        while let Some(add) = self.add {
            let left = copied.end - at;
            if self.skip >= left {
                self.skip -= left;
                return;
            }
            at += self.skip;
            if let Some(byte) = result.get_mut(at) {
                *byte = byte.wrapping_add(add);
            }
            at += 1;
            self.skip = 0;
            self.advance();
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Result<u64, DeltaRefusal> {
        let mut number = 0;
        for shift in 0..NUMBER_BYTES {
            let (byte, rest) = self.0.split_first().ok_or_else(cut)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << (7 * shift);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(undecodable("a number is too large"))
    }

    fn length(&mut self) -> Result<usize, DeltaRefusal> {
        usize::try_from(self.number()?).map_err(|_| undecodable("a number is too large"))
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn cut() -> DeltaRefusal {
    undecodable("it is cut off")
}

fn undecodable(why: &str) -> DeltaRefusal {
    DeltaRefusal::Undecodable { why: why.to_owned() }
}
