//! Zstandard with a raw dictionary.

use std::io::{self, Read};

use super::DeltaRefusal;

/// The largest window that a decoder of `dcz` may have to hold: 128 MiB (RFC 9842, section 5).
const WINDOW_LOG: u32 = 27;

/// Decodes to at most `most` bytes.
pub(super) fn decode(dictionary: &[u8], stream: &[u8], most: usize) -> Result<Vec<u8>, DeltaRefusal> {
    let undecodable = |error: io::Error| DeltaRefusal::Undecodable { why: error.to_string() };
    let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(stream, dictionary).map_err(undecodable)?;
    decoder.window_log_max(WINDOW_LOG).map_err(undecodable)?;
    let mut bytes = Vec::with_capacity(most.saturating_add(1));
    decoder.take(most as u64 + 1).read_to_end(&mut bytes).map_err(undecodable)?;
    if bytes.len() > most { Err(DeltaRefusal::TooLarge { most: most as u64 }) } else { Ok(bytes) }
}
