//! Deltas: what is made is what comes out, and whatever else comes in is refused.

use guichet_package::{
    Refusal,
    delta::{self, Coding, DeltaEntry, DeltaIndex, DeltaRefusal, Dictionary, Script, Step},
};
use guichet_trust::digest::Digest;
use mbrotli::{Compressor, EncoderConfig, Quality, Window, dictionary::DictionaryBuilder};
use proptest::prelude::*;

/// Bytes that do not compress, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state: u32 = 1;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn old() -> Vec<u8> {
    noise(20_000)
}

/// The old bytes with some changed, some put in and some left out.
fn new() -> Vec<u8> {
    let mut bytes = old();
    for at in (1000..12_000).step_by(200) {
        bytes[at] = bytes[at].wrapping_add(3);
    }
    bytes.splice(6000..6010, b"something that was not there before".iter().copied());
    bytes.drain(16_000..17_000);
    bytes
}

fn brotli(dictionary: &[u8], bytes: &[u8], window: u8) -> Vec<u8> {
    let dictionary = DictionaryBuilder::new().add_prefix(dictionary).build().unwrap();
    let window = Window::standard(window).unwrap();
    let config = EncoderConfig::default().with_quality(Quality::Q5).with_window(window);
    Compressor::new(config).unwrap().compress_with_dictionary(&dictionary, bytes).unwrap()
}

fn dcb(dictionary: &[u8], bytes: &[u8]) -> Vec<u8> {
    [Coding::Dcb.header(&Digest::of(dictionary)), brotli(dictionary, bytes, 24)].concat()
}

fn bsdiff(dictionary: &[u8], script: &[u8]) -> Vec<u8> {
    [Coding::Bsdiff.header(&Digest::of(dictionary)), brotli(dictionary, script, 24)].concat()
}

/// One copy of all that is as long, with differences, and the rest.
fn script_to(bytes: &[u8]) -> Vec<u8> {
    let old = old();
    let copy = bytes.len().min(old.len());
    let differences: Vec<_> = bytes.iter().zip(&old).map(|(new, old)| new.wrapping_sub(*old)).collect();
    let step = Step { copy, extra: bytes.len() - copy, seek: 0 };
    Script::new(vec![step], &differences, &bytes[copy..]).to_bytes()
}

fn apply(coding: Coding, delta: &[u8], length: usize) -> Result<Vec<u8>, Refusal> {
    let old = old();
    delta::apply(coding, Dictionary { bytes: &old, digest: Digest::of(&old) }, delta, length as u64)
}

fn class(coding: Coding, delta: &[u8], length: usize) -> &'static str {
    apply(coding, delta, length).unwrap_err().class()
}

#[test]
fn what_was_made_comes_out() {
    let new = new();
    let by_dictionary = dcb(&old(), &new);
    assert!(by_dictionary.len() < 5000, "{} bytes", by_dictionary.len());
    assert_eq!(apply(Coding::Dcb, &by_dictionary, new.len()).unwrap(), new);
    assert_eq!(apply(Coding::Bsdiff, &bsdiff(&old(), &script_to(&new)), new.len()).unwrap(), new);
}

/// RFC 9842: "0xff, 0x44, 0x43, 0x42" and "0x5e, 0x2a, 0x4d, 0x18, 0x20, 0x00, 0x00, 0x00", each before the 32 bytes of the
/// SHA-256 digest of the dictionary.
#[test]
fn headers_are_those_of_rfc_9842() {
    let digest = Digest::of(b"dictionary");
    let with = |magic: &[u8]| [magic, digest.as_bytes()].concat();
    assert_eq!(Coding::Dcb.header(&digest), with(&[0xff, 0x44, 0x43, 0x42]));
    assert_eq!(Coding::Dcz.header(&digest), with(&[0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0]));
    assert_eq!(Coding::Bsdiff.header(&digest), with(&[0xff, b'G', b'B', b'D']));
    for coding in Coding::ALL {
        assert_eq!(coding.to_string().parse(), Ok(coding));
        let delta = [&coding.header(&digest)[..], b"payload"].concat();
        assert_eq!(coding.payload(&delta, &digest).unwrap(), b"payload");
    }
}

#[test]
fn a_delta_from_another_release_is_known_by_its_header() {
    let other = dcb(b"another release", &new());
    assert_eq!(class(Coding::Dcb, &other, new().len()), "delta/other-dictionary");
}

#[test]
fn another_form_is_not_taken_for_this_one() {
    let new = new();
    let delta = dcb(&old(), &new);
    assert_eq!(class(Coding::Bsdiff, &delta, new.len()), "delta/not-a-delta");
    assert_eq!(class(Coding::Dcz, &delta, new.len()), "delta/not-a-delta");
    assert!(Coding::KNOWN.contains(&Coding::Dcb));
    for length in 0..36 {
        assert_eq!(class(Coding::Dcb, &delta[..length], new.len()), "delta/not-a-delta");
    }
}

#[test]
fn a_shorter_delta_is_refused() {
    let new = new();
    for (coding, delta) in [(Coding::Dcb, dcb(&old(), &new)), (Coding::Bsdiff, bsdiff(&old(), &script_to(&new)))] {
        let last = delta.len() - 20..delta.len();
        for length in (36..delta.len()).step_by(13).chain(last) {
            assert!(apply(coding, &delta[..length], new.len()).is_err(), "{length} bytes of {coding}");
        }
    }
}

#[test]
fn a_delta_of_more_or_less_than_was_announced_is_refused() {
    let new = new();
    let (by_dictionary, by_script) = (dcb(&old(), &new), bsdiff(&old(), &script_to(&new)));
    for (coding, delta) in [(Coding::Dcb, by_dictionary), (Coding::Bsdiff, by_script)] {
        assert_eq!(class(coding, &delta, new.len() - 1), "delta/too-large", "{coding}");
        assert_eq!(class(coding, &delta, new.len() + 1), "delta/other-length", "{coding}");
    }
}

#[test]
fn a_small_delta_that_decodes_to_a_flood_is_cut_off() {
    let flood = vec![0; 2 << 20];
    let by_dictionary = dcb(&old(), &flood);
    assert!(by_dictionary.len() < 10_000);
    assert_eq!(class(Coding::Dcb, &by_dictionary, 1000), "delta/too-large");
    assert_eq!(class(Coding::Bsdiff, &bsdiff(&old(), &flood), 1000), "delta/too-large");
    let copies = vec![Step { copy: 20_000, extra: 0, seek: -20_000 }; 3000];
    let script = Script::new(copies, &[], &[]).to_bytes();
    assert_eq!(class(Coding::Bsdiff, &bsdiff(&old(), &script), 30_000), "delta/too-large");
}

#[test]
fn a_window_that_no_terminal_has_to_hold_is_refused() {
    let dictionary = DictionaryBuilder::new().add_prefix(old()).build().unwrap();
    let config = EncoderConfig::default().with_quality(Quality::Q5).with_window(Window::large(30).unwrap());
    let stream = Compressor::new(config).unwrap().compress_with_dictionary(&dictionary, &new()).unwrap();
    let delta = [Coding::Dcb.header(&Digest::of(&old())), stream].concat();
    assert_eq!(class(Coding::Dcb, &delta, new().len()), "delta/undecodable");
}

#[test]
fn a_script_that_copies_from_elsewhere_is_refused() {
    for step in [
        Step { copy: 20_001, extra: 0, seek: 0 },
        Step { copy: usize::try_from(u32::MAX).unwrap(), extra: 0, seek: 0 },
        Step { copy: 10, extra: 5, seek: 0 },
    ] {
        let script = Script::new(vec![step], &[], &[]).to_bytes();
        assert_eq!(class(Coding::Bsdiff, &bsdiff(&old(), &script), 15), "delta/undecodable", "{step:?}");
    }
    for seek in [-11, 20_000, i64::from(u32::MAX), i64::from(i32::MIN)] {
        let steps = vec![Step { copy: 10, extra: 0, seek }, Step { copy: 1, extra: 0, seek: 0 }];
        let script = Script::new(steps, &[], &[]).to_bytes();
        assert_eq!(class(Coding::Bsdiff, &bsdiff(&old(), &script), 11), "delta/undecodable", "{seek}");
    }
    let left_over = Script::new(vec![Step { copy: 1, extra: 0, seek: 0 }], &[0, 1], b"x").to_bytes();
    assert_eq!(class(Coding::Bsdiff, &bsdiff(&old(), &left_over), 1), "delta/undecodable");
}

#[test]
fn skips_of_every_length_find_their_byte() {
    for skip in [0, 1, 254, 255, 256, 509, 510, 511, 15_000] {
        let mut wanted = old();
        wanted[skip] = wanted[skip].wrapping_add(200);
        wanted[19_999] ^= 1;
        assert_eq!(apply(Coding::Bsdiff, &bsdiff(&old(), &script_to(&wanted)), 20_000).unwrap(), wanted, "{skip}");
    }
}

#[test]
fn an_index_finds_the_smallest_delta_that_can_be_used() {
    let entry = |dictionary: &[u8], coding: &str, length| DeltaEntry {
        dictionary: Digest::of(dictionary),
        coding: coding.to_owned(),
        length,
    };
    let index = DeltaIndex::new(vec![
        entry(b"1", "dcb", 300),
        entry(b"1", "bsdiff", 200),
        entry(b"1", "of tomorrow", 10),
        entry(b"2", "dcz", 100),
    ]);
    let index = DeltaIndex::parse(&index.to_bytes());
    let smallest = |from: &[u8], codings| index.smallest(&[Digest::of(from)], codings).map(|(_, _, length)| length);
    assert_eq!(smallest(b"1", &Coding::ALL), Some(200));
    assert_eq!(smallest(b"1", &[Coding::Dcb]), Some(300));
    assert_eq!(smallest(b"2", &[Coding::Dcb]), None);
    assert_eq!(smallest(b"3", &Coding::ALL), None);
    for bad in [&b"not json"[..], b"{}", br#"{"format":2,"deltas":[]}"#] {
        assert!(DeltaIndex::parse(bad).deltas.is_empty());
    }
}

#[test]
fn a_refused_delta_says_that_nothing_is_to_be_done() {
    let refusals = [
        DeltaRefusal::NotADelta { coding: Coding::Dcb },
        DeltaRefusal::OtherDictionary,
        DeltaRefusal::Undecodable { why: "it is cut off".to_owned() },
        DeltaRefusal::TooLarge { most: 1000 },
        DeltaRefusal::OtherLength { expected: 1000, found: 999 },
    ];
    let texts: Vec<_> = refusals.map(Refusal::from).iter().map(|r| format!("[{}] {r}", r.class())).collect();
    insta::assert_snapshot!(texts.join("\n"), @"
    [delta/not-a-delta] this is no delta of the form dcb
    [delta/other-dictionary] the delta was made from another release than the one here
    [delta/undecodable] the delta cannot be decoded: it is cut off
    [delta/too-large] the delta decodes to more than 1000 bytes
    [delta/other-length] the delta decodes to 999 bytes and not to 1000
    ");
    insta::assert_snapshot!(Refusal::from(DeltaRefusal::OtherDictionary).hint(), @"nothing is to be done: the files themselves are fetched instead");
}

/// What others make of our deltas: C's brotli and zstd give back the very bytes.
#[cfg(feature = "make")]
#[test]
#[ignore = "`cargo xtask test --full` builds the peers and runs it"]
fn programs_of_others_decode_our_deltas() {
    use std::{env, fs, path::Path, process::Command};

    use guichet_package::delta::make::{self, Effort};

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (dictionary, delta, out) = (folder.join("dictionary"), folder.join("delta"), folder.join("out"));
    fs::write(&dictionary, old()).unwrap();
    for effort in [Effort::Quick, Effort::Best] {
        // It does not know the header, which is ours to write.
        let by_brotli = make::dcb(&old(), &new(), effort).unwrap();
        fs::write(&delta, &by_brotli[36..]).unwrap();
        let mut brotli = Command::new(env::var_os("GUICHET_BROTLI").unwrap());
        brotli.args(["-d", "-f", "-D"]).args([&dictionary, &delta]).arg("-o").arg(&out);
        assert!(brotli.status().unwrap().success());
        assert_eq!(fs::read(&out).unwrap(), new());

        // It skips the header, which is a skippable frame.
        fs::write(&delta, make::dcz(&old(), &new(), effort).unwrap()).unwrap();
        let mut zstd = Command::new("zstd");
        zstd.args(["-d", "-f", "-q", "--long=27"]).arg(format!("--patch-from={}", dictionary.display()));
        zstd.arg(&delta).arg("-o").arg(&out);
        assert!(zstd.status().unwrap().success());
        assert_eq!(fs::read(&out).unwrap(), new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, it is the announced number of bytes or a refusal.
    #[test]
    fn no_delta_does_more_than_it_may(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        of_script in any::<bool>(),
        inside in any::<bool>(),
    ) {
        let new = new();
        let change = |bytes: &mut Vec<u8>, from: usize| {
            for (at, byte) in &changes {
                let at = from + at.index(bytes.len() - from);
                bytes[at] = *byte;
            }
        };
        let coding = if of_script { Coding::Bsdiff } else { Coding::Dcb };
        let mut script = script_to(&new);
        if inside {
            change(&mut script, 0);
        }
        let mut delta = if of_script { bsdiff(&old(), &script) } else { dcb(&old(), &new) };
        if !inside {
            change(&mut delta, 36);
        }
        if let Ok(result) = apply(coding, &delta, new.len()) {
            prop_assert_eq!(result.len(), new.len());
        }
    }
}
