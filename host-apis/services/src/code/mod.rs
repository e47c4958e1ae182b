//! `code`: QR codes by libraries of two makers, one that writes and one that reads; bar codes by a library that writes, and a
//! reader of our own.

mod bars;
mod drawn;

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};
use guichet_contract::{
    Failure,
    code::{Bars, Code, Picture},
};

/// The light border that a reader needs, in modules (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;
/// How large a module is at first, in CSS pixels.
const PIXELS: usize = 8;
/// Most codes of one picture that are read.
const MOST: usize = 16;

/// QR and bar codes, on every terminal the same.
#[derive(Debug, Default)]
pub(crate) struct Codes;

impl Code for Codes {
    fn make(&self, text: &str) -> Result<String, Failure> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| {
            let class = "code/too-long";
            Failure::Invalid(format!("{class}: no code holds this text; hint: write less, such as an address"))
        })?;
        let width = code.size + 2 * QUIET;
        let mut path = String::new();
        for (y, x) in (0..code.size).flat_map(|y| (0..code.size).map(move |x| (y, x))) {
            if code[y][x].value() {
                // A text takes all that is written into it.
                let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
            }
        }
        let side = width * PIXELS;
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" width=\"{side}\" height=\"{side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{width}v{width}h-{width}z\"/><path d=\"{path}\"/></svg>"
        ))
    }

    fn make_bars(&self, text: &str, bars: Bars) -> Result<String, Failure> {
        drawn::draw(text, bars)
    }

    fn read(&self, picture: &Picture) -> Vec<String> {
        let pixel = |x: usize, y: usize| picture.pixel(x, y);
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width(), picture.height(), pixel);
        let grids = prepared.detect_grids().into_iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text);
        grids.chain(bars::read(picture)).take(MOST).collect()
    }
}
