//! Brotli with a raw dictionary (RFC 9841), in safe Rust.

use std::fmt;

use mbrotli::{
    DecodeError, DecodeLimits, DecoderConfig, Decompressor, WindowLimit,
    dictionary::{DecodeDictionary, DictionaryAttachment},
};

use super::DeltaRefusal;

/// The largest window a decoder of `dcb` has to hold: 16 MiB (RFC 9842, section 4).
pub(super) const WINDOW_BITS: u8 = 24;

/// Decodes to at most `most` bytes.
pub(super) fn decode(dictionary: &[u8], stream: &[u8], most: usize) -> Result<Vec<u8>, DeltaRefusal> {
    let mut decoder = decoder(most)?;
    let dictionary = prepare(dictionary)?;
    decoder.decompress_with_dictionary(&dictionary, stream).map_err(|error| refuse(&error, most))
}

/// Decodes to at most `length` bytes, directly into their place, which then is the window too.
pub(super) fn decode_in_place(dictionary: &[u8], stream: &[u8], length: usize) -> Result<Vec<u8>, DeltaRefusal> {
    let mut decoder = decoder(length)?;
    let dictionary = prepare(dictionary)?;
    let mut result = vec![0; length];
    let written = decoder.decompress_with_dictionary_to_slice(&dictionary, stream, &mut result);
    result.truncate(written.map_err(|error| refuse(&error, length))?);
    Ok(result)
}

fn decoder(most: usize) -> Result<Decompressor, DeltaRefusal> {
    let window = WindowLimit::standard(WINDOW_BITS).map_err(undecodable)?;
    let limits = DecodeLimits::default().with_max_output_bytes(Some(most as u64));
    Decompressor::new(DecoderConfig::new().with_window_limit(window).with_limits(limits)).map_err(undecodable)
}

fn prepare(dictionary: &[u8]) -> Result<DecodeDictionary, DeltaRefusal> {
    DecodeDictionary::new(&[DictionaryAttachment::Raw(dictionary)], Default::default()).map_err(undecodable)
}

fn refuse(error: &DecodeError, most: usize) -> DeltaRefusal {
    match error {
        DecodeError::OutputTooSmall { .. } | DecodeError::OutputLimitExceeded { .. } => {
            DeltaRefusal::TooLarge { most: most as u64 }
        }
        error => undecodable(error),
    }
}

fn undecodable(error: impl fmt::Display) -> DeltaRefusal {
    DeltaRefusal::Undecodable { why: error.to_string() }
}
