//! Unpacking deflate in pieces, never more than was promised.

use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};

use super::ContainerFault as Fault;
use crate::source::{self, Source};

/// What is unpacked at once, in bytes.
const PIECE: usize = 32 << 10;

/// Shows what a range unpacks to, piece by piece; it must be one stream of exactly `size` bytes.
pub(super) fn inflate<S: Source + ?Sized>(
    source: &S,
    range: Range<usize>,
    size: usize,
    see: &mut dyn FnMut(&[u8]),
) -> Result<Result<(), Fault>, S::Error> {
    let mut inflation = Inflation {
        stream: Decompress::new(false),
        buffer: vec![0; PIECE],
        size: size as u64,
        ended: false,
        verdict: Ok(()),
    };
    source::pieces(source, range, &mut |piece| inflation.take(piece, see))?;
    Ok(inflation.finish())
}

struct Inflation {
    stream: Decompress,
    buffer: Vec<u8>,
    size: u64,
    ended: bool,
    verdict: Result<(), Fault>,
}

impl Inflation {
    fn take(&mut self, packed: &[u8], see: &mut dyn FnMut(&[u8])) {
        let mut rest = packed;
        while self.verdict.is_ok() && !(self.ended && rest.is_empty()) {
            if self.ended {
                self.verdict = Err(Fault::Deflate);
                return;
            }
            let (taken, given) = (self.stream.total_in(), self.stream.total_out());
            let Ok(status) = self.stream.decompress(rest, &mut self.buffer, FlushDecompress::None) else {
                self.verdict = Err(Fault::Deflate);
                return;
            };
            if self.stream.total_out() > self.size {
                self.verdict = Err(Fault::SizeMismatch);
                return;
            }
            let step = |now: u64, before: u64| usize::try_from(now - before).unwrap_or_default();
            let (taken, given) = (step(self.stream.total_in(), taken), step(self.stream.total_out(), given));
            see(self.buffer.get(..given).unwrap_or_default());
            rest = rest.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            if !self.ended && (taken, given) == (0, 0) {
                return;
            }
        }
    }

    fn finish(self) -> Result<(), Fault> {
        self.verdict?;
        match self.ended {
            true if self.stream.total_out() == self.size => Ok(()),
            true => Err(Fault::SizeMismatch),
            false => Err(Fault::Deflate),
        }
    }
}
