//! Bar codes as SVG: what a text becomes in the sets of Code 128, and bars of one height beside each other.

use std::fmt::Write as _;

use barcoders::{
    error::Error,
    sym::{code128::Code128, ean13::EAN13},
};
use guichet_contract::{Failure, code::Bars};

/// How wide a module is at first, in CSS pixels.
const PIXELS: usize = 2;
/// How high the bars are at first, in CSS pixels: a hand that holds a reader need not be steady.
const HEIGHT: usize = 96;
/// The light border on either side, in modules: what Code 128 needs, and the wider side of EAN-13.
const QUIET: usize = 11;
/// So many digits in a row are shorter in pairs, at an end of a text and within it (ISO/IEC 15417, annex E).
const PAIRS_AT_AN_END: usize = 4;
const PAIRS_WITHIN: usize = 6;

/// The library's names of the sets.
const SET_B: char = 'Ɓ';
const SET_C: char = 'Ć';

/// The code of a text that the contract has let through.
pub(super) fn draw(text: &str, bars: Bars) -> Result<String, Failure> {
    let modules = match bars {
        Bars::Code128 => Code128::new(in_sets(text)).map(|code| code.encode()),
        Bars::Ean13 => EAN13::new(text).map(|code| code.encode()),
    };
    modules.map(|modules| svg(&modules)).map_err(|error| refused(&error))
}

fn refused(error: &Error) -> Failure {
    Failure::Invalid(match error {
        Error::Checksum => {
            "code/check-digit: the last digit is not the one that the others have; hint: leave it out, and it is added"
                .to_owned()
        }
        _ => "code/no-bars: no bar code holds this text; hint: make a QR code of it".to_owned(),
    })
}

/// A text with the sets that it is written in: digits in pairs where that is shorter.
fn in_sets(text: &str) -> String {
    let mut out = String::new();
    let mut set = None;
    let mut write = |wanted: char, part: &str| {
        if !part.is_empty() {
            if set.replace(wanted) != Some(wanted) {
                out.push(wanted);
            }
            out.push_str(part);
        }
    };
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let is_first = rest.len() == text.len();
        let is_at_an_end = is_first || digits == rest.len();
        if digits >= if is_at_an_end { PAIRS_AT_AN_END } else { PAIRS_WITHIN } {
            // The odd one goes with what is before, or behind if nothing is.
            let (odd, pairs) = rest[..digits].split_at(if is_first { 0 } else { digits % 2 });
            let pairs = &pairs[..pairs.len() & !1];
            write(SET_B, odd);
            write(SET_C, pairs);
            rest = &rest[odd.len() + pairs.len()..];
        } else {
            let others = rest.bytes().skip(digits).take_while(|byte| !byte.is_ascii_digit()).count();
            let (part, after) = rest.split_at(digits + others);
            write(SET_B, part);
            rest = after;
        }
    }
    out
}

/// Bars of one height, each a rectangle; 1 is dark.
fn svg(modules: &[u8]) -> String {
    let width = modules.len() + 2 * QUIET;
    let mut path = String::new();
    let mut at = QUIET;
    for run in modules.chunk_by(|one, next| one == next) {
        if run[0] == 1 {
            // A text takes all that is written into it.
            let _ = write!(path, "M{at} 0h{0}v1h-{0}z", run.len());
        }
        at += run.len();
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} 1\" width=\"{}\" height=\"{HEIGHT}\" preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{width}v1h-{width}z\"/><path d=\"{path}\"/></svg>",
        width * PIXELS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_in_pairs_where_that_is_shorter() {
        let of = |texts: &[&str]| texts.iter().map(|text| in_sets(text)).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(of(&["A", "12", "123", "1234", "12345", "A1234", "A12345", "12A", "1234A", "A1234B", "A123456B", "A1234567B", "12345B1"]), @"
        ƁA
        Ɓ12
        Ɓ123
        Ć1234
        Ć1234Ɓ5
        ƁAĆ1234
        ƁA1Ć2345
        Ɓ12A
        Ć1234ƁA
        ƁA1234B
        ƁAĆ123456ƁB
        ƁA1Ć234567ƁB
        Ć1234Ɓ5B1
        ");
    }

    #[test]
    fn a_bar_is_as_wide_as_its_modules() {
        insta::assert_snapshot!(svg(&[1, 1, 0, 1]), @r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 1" width="52" height="96" preserveAspectRatio="none" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h26v1h-26z"/><path d="M11 0h2v1h-2zM14 0h1v1h-1z"/></svg>"##);
    }

    #[test]
    fn what_is_refused_says_what_to_do() {
        let why = |text: &str, bars| draw(text, bars).unwrap_err().to_string();
        insta::assert_snapshot!(why("4006381333932", Bars::Ean13), @"code/check-digit: the last digit is not the one that the others have; hint: leave it out, and it is added");
        insta::assert_snapshot!(refused(&Error::Character), @"code/no-bars: no bar code holds this text; hint: make a QR code of it");
    }
}
