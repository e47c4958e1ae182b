//! Making deltas: the store's half, which no device has (feature `make`).

use std::{
    fmt,
    io::{self, Write},
};

use guichet_trust::digest::Digest;
use mbrotli::{CompressionMode, Compressor, EncoderConfig, Quality, Window, dictionary::DictionaryBuilder};

use super::{Coding, Script, Step, brotli::WINDOW_BITS};

/// What a decoder of `dcz` has to hold at least, and at most (RFC 9842, section 5).
const ZSTD_WINDOW_LOGS: std::ops::RangeInclusive<u32> = 23..=27;
/// Sorting the suffixes of the dictionary takes sixteen times its size in memory.
const MOST_TO_SORT: usize = 32 << 20;

/// How long a delta may take to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Somebody waits for it.
    Quick,
    /// It is made once and fetched often.
    Best,
}

/// A library could not make a delta.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotMade(String);

fn failed(error: impl fmt::Display) -> NotMade {
    NotMade(error.to_string())
}

/// Dictionary-Compressed Brotli.
pub fn dcb(dictionary: &[u8], result: &[u8], effort: Effort) -> Result<Vec<u8>, NotMade> {
    let quality = if effort == Effort::Best { Quality::Q11 } else { Quality::Q5 };
    let stream = brotli(dictionary, result, quality, CompressionMode::Generic)?;
    Ok([Coding::Dcb.header(&Digest::of(dictionary)), stream].concat())
}

/// Dictionary-Compressed Zstandard.
pub fn dcz(dictionary: &[u8], result: &[u8], effort: Effort) -> Result<Vec<u8>, NotMade> {
    let level = if effort == Effort::Best { 19 } else { 3 };
    // A decoder holds a window of 8 MiB or 1.25 times the dictionary, whichever is more: the power of two that fits in.
    let most = (dictionary.len() / 4 * 5).checked_ilog2().unwrap_or_default();
    let window_log = most.clamp(*ZSTD_WINDOW_LOGS.start(), *ZSTD_WINDOW_LOGS.end());
    let made = || -> io::Result<Vec<u8>> {
        let header = Coding::Dcz.header(&Digest::of(dictionary));
        let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(header, level, dictionary)?;
        encoder.window_log(window_log)?;
        encoder.long_distance_matching(effort == Effort::Best)?;
        encoder.set_pledged_src_size(Some(result.len() as u64))?;
        encoder.write_all(result)?;
        encoder.finish()
    };
    made().map_err(failed)
}

/// Copies with differences; none if the dictionary is too large to sort.
pub fn bsdiff(dictionary: &[u8], result: &[u8]) -> Result<Option<Vec<u8>>, NotMade> {
    if dictionary.len() > MOST_TO_SORT {
        return Ok(None);
    }
    let mut raw = Vec::new();
    ::bsdiff::diff(dictionary, result, &mut raw).map_err(failed)?;
    let script = script_of(&raw).ok_or_else(|| failed("bsdiff wrote something else than steps"))?;
    let mut smallest: Option<Vec<u8>> = None;
    for mode in [CompressionMode::Generic, CompressionMode::Text] {
        let stream = brotli(dictionary, &script, Quality::Q11, mode)?;
        if smallest.as_ref().is_none_or(|smallest| stream.len() < smallest.len()) {
            smallest = Some(stream);
        }
    }
    let header = Coding::Bsdiff.header(&Digest::of(dictionary));
    Ok(smallest.map(|stream| [header, stream].concat()))
}

/// The deltas that are worth keeping, the smallest first: `dcb`, which everybody reads, and what is smaller.
pub fn best(dictionary: &[u8], result: &[u8]) -> Result<Vec<(Coding, Vec<u8>)>, NotMade> {
    let by_brotli = dcb(dictionary, result, Effort::Best)?;
    let others =
        [(Coding::Dcz, Some(dcz(dictionary, result, Effort::Best)?)), (Coding::Bsdiff, bsdiff(dictionary, result)?)];
    let smaller = others.into_iter().filter_map(|(coding, delta)| Some((coding, delta?)));
    let mut deltas: Vec<_> = smaller.filter(|(_, delta)| delta.len() < by_brotli.len()).collect();
    deltas.push((Coding::Dcb, by_brotli));
    deltas.sort_by_key(|(_, delta)| delta.len());
    Ok(deltas)
}

fn brotli(dictionary: &[u8], bytes: &[u8], quality: Quality, mode: CompressionMode) -> Result<Vec<u8>, NotMade> {
    let dictionary = DictionaryBuilder::new().add_prefix(dictionary).build();
    let dictionary = dictionary.map_err(failed)?;
    let window = Window::standard(WINDOW_BITS).map_err(failed)?;
    let config = EncoderConfig::default().with_quality(quality).with_window(window).with_mode(mode);
    let mut compressor = Compressor::new(config).map_err(failed)?;
    compressor.compress_with_dictionary(&dictionary, bytes).map_err(failed)
}

/// Sorts what the library wrote into a script of ours. It writes `{u64 copy, u64 extra, i64 seek, copy differences, extra
/// bytes}`, the last number with its sign in the highest bit.
fn script_of(mut raw: &[u8]) -> Option<Vec<u8>> {
    let (mut steps, mut differences, mut extra) = (Vec::new(), Vec::new(), Vec::new());
    while !raw.is_empty() {
        let (head, rest) = raw.split_first_chunk::<24>()?;
        let (numbers, _) = head.as_chunks::<8>();
        let [copy, more, seek] = [numbers[0], numbers[1], numbers[2]].map(u64::from_le_bytes);
        let magnitude = (seek & !(1 << 63)).cast_signed();
        let seek = if seek >> 63 == 1 { -magnitude } else { magnitude };
        let (copy, more) = (usize::try_from(copy).ok()?, usize::try_from(more).ok()?);
        let (difference, rest) = rest.split_at_checked(copy)?;
        let (between, rest) = rest.split_at_checked(more)?;
        differences.extend_from_slice(difference);
        extra.extend_from_slice(between);
        steps.push(Step { copy, extra: more, seek });
        raw = rest;
    }
    Some(Script::new(steps, &differences, &extra).to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::{self, Dictionary};

    /// Text that repeats itself a little, and the same with changes.
    fn pair() -> (Vec<u8>, Vec<u8>) {
        let line = |number: u32| format!("call({}, {number});\n", number.wrapping_mul(2_654_435_761) >> 12);
        let old: String = (0..800).map(line).collect();
        let new: String = (0..200).chain(210..840).map(line).collect();
        let mut new = new.into_bytes();
        new.iter_mut().skip(500).step_by(997).for_each(|byte| *byte = byte.wrapping_add(1));
        (old.into_bytes(), new)
    }

    #[test]
    fn every_delta_leads_to_the_result() {
        let (old, new) = pair();
        let dictionary = Dictionary { bytes: &old, digest: Digest::of(&old) };
        let length = new.len() as u64;
        for effort in [Effort::Quick, Effort::Best] {
            let by_brotli = dcb(&old, &new, effort).unwrap();
            assert_eq!(delta::apply(Coding::Dcb, dictionary, &by_brotli, length).unwrap(), new);
            let by_zstd = dcz(&old, &new, effort).unwrap();
            assert_eq!(delta::apply(Coding::Dcz, dictionary, &by_zstd, length).unwrap(), new);
        }
        let by_script = bsdiff(&old, &new).unwrap().unwrap();
        assert_eq!(delta::apply(Coding::Bsdiff, dictionary, &by_script, length).unwrap(), new);
    }

    #[test]
    fn the_best_are_sorted_and_always_hold_a_dcb() {
        let (old, new) = pair();
        let deltas = best(&old, &new).unwrap();
        assert!(deltas.is_sorted_by_key(|(_, delta)| delta.len()));
        let by_brotli = deltas.iter().position(|(coding, _)| *coding == Coding::Dcb).unwrap();
        assert_eq!(by_brotli, deltas.len() - 1, "nothing is kept that is larger");
        assert!(deltas[0].1.len() * 10 < new.len());
    }

    #[test]
    fn a_delta_of_or_to_almost_nothing_is_one() {
        for (old, new) in [(&b"old"[..], &b""[..]), (b"same", b"same")] {
            let dictionary = Dictionary { bytes: old, digest: Digest::of(old) };
            let by_script = bsdiff(old, new).unwrap().unwrap();
            for (coding, made) in [(Coding::Dcb, dcb(old, new, Effort::Best).unwrap()), (Coding::Bsdiff, by_script)] {
                let applied = delta::apply(coding, dictionary, &made, new.len() as u64);
                assert_eq!(applied.unwrap(), new, "{coding}");
            }
        }
    }
}
