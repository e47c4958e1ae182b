//! Where the bytes of a package are: in memory, or in a file that is read piece by piece.

use std::{convert::Infallible, ops::Range};

use crate::Refusal;

/// The most bytes that are held at once of what is only looked through.
const PIECE: usize = 64 << 10;

/// Bytes that can be read at any place. A package is judged through this, so that nobody has to hold it whole.
pub trait Source {
    /// Why bytes could not be read.
    type Error;

    /// How many bytes there are.
    fn length(&self) -> u64;

    /// Fills the buffer with the bytes from `at` on; nothing beyond the length is asked for.
    fn read(&self, at: u64, buffer: &mut [u8]) -> Result<(), Self::Error>;

    /// Shows a range in pieces, in order.
    fn pieces(&self, range: Range<u64>, see: &mut dyn FnMut(&[u8])) -> Result<(), Self::Error> {
        let mut buffer = vec![0; length_of(&range).min(PIECE)];
        let mut at = range.start;
        while at < range.end {
            let piece = length_of(&(at..range.end)).min(PIECE);
            let piece = buffer.get_mut(..piece).unwrap_or_default();
            self.read(at, piece)?;
            see(piece);
            at += piece.len() as u64;
        }
        Ok(())
    }
}

impl Source for [u8] {
    type Error = Infallible;

    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, at: u64, buffer: &mut [u8]) -> Result<(), Infallible> {
        if let Some(bytes) = usize::try_from(at).ok().and_then(|at| self.get(at..at.checked_add(buffer.len())?)) {
            buffer.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn pieces(&self, range: Range<u64>, see: &mut dyn FnMut(&[u8])) -> Result<(), Infallible> {
        let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        let bytes = range.and_then(|(start, end)| self.get(start..end)).unwrap_or_default();
        bytes.chunks(PIECE).for_each(see);
        Ok(())
    }
}

fn length_of(range: &Range<u64>) -> usize {
    usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX)
}

/// The bytes of a range that the caller has bounded.
pub(crate) fn bytes<S: Source + ?Sized>(source: &S, range: Range<usize>) -> Result<Vec<u8>, S::Error> {
    let mut bytes = vec![0; range.len()];
    source.read(range.start as u64, &mut bytes)?;
    Ok(bytes)
}

/// Shows a range in pieces, in order.
pub(crate) fn pieces<S: Source + ?Sized>(
    source: &S,
    range: Range<usize>,
    see: &mut dyn FnMut(&[u8]),
) -> Result<(), S::Error> {
    source.pieces(range.start as u64..range.end as u64, see)
}

/// Why a package was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpened<E> {
    /// It is not acceptable.
    Refused(Refusal),
    /// Its bytes could not be read.
    Unread(E),
}

/// Bytes in memory can always be read.
impl From<NotOpened<Infallible>> for Refusal {
    fn from(reason: NotOpened<Infallible>) -> Self {
        match reason {
            NotOpened::Refused(refusal) => refusal,
            NotOpened::Unread(never) => match never {},
        }
    }
}

impl<E> From<Refusal> for NotOpened<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Whatever a package can be refused for stops its opening.
macro_rules! refused {
    ($($refusal:path),*) => {$(
        impl<E> From<$refusal> for NotOpened<E> {
            fn from(refusal: $refusal) -> Self {
                Self::Refused(refusal.into())
            }
        }
    )*};
}

refused!(
    crate::container::ContainerRefusal,
    crate::contents::ContentsRefusal,
    crate::layout::LayoutRefusal,
    crate::manifest::ManifestRefusal,
    crate::path::PathRefusal
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that give only what they are asked for, in the default way.
    struct Slow(Vec<u8>);

    impl Source for Slow {
        type Error = Infallible;

        fn length(&self) -> u64 {
            self.0.length()
        }

        fn read(&self, at: u64, buffer: &mut [u8]) -> Result<(), Infallible> {
            self.0.read(at, buffer)
        }
    }

    #[test]
    fn pieces_are_the_range_and_small() {
        let all: Vec<u8> = (0..3 * PIECE + 7).map(|at| (at % 251) as u8).collect();
        for range in [0..0, 5..6, 0..PIECE, 1..PIECE + 2, 9..3 * PIECE + 7] {
            let mut seen = [Vec::new(), Vec::new()];
            let [one, other] = &mut seen;
            let collect = |into: &mut Vec<u8>, piece: &[u8]| {
                assert!(!piece.is_empty() && piece.len() <= PIECE);
                into.extend(piece);
            };
            pieces(all.as_slice(), range.clone(), &mut |piece| collect(one, piece)).unwrap();
            pieces(&Slow(all.clone()), range.clone(), &mut |piece| collect(other, piece)).unwrap();
            assert_eq!(seen, [all[range.clone()].to_vec(), all[range].to_vec()]);
        }
    }
}
