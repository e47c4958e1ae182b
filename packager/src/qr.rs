//! An address as a QR code (ISO/IEC 18004): for a poster, a letter, a screen.

use std::{fmt::Write as _, io};

use fast_qr::{ECL, QRBuilder};

/// The light border that a reader needs, in modules.
const QUIET: usize = 4;
/// How large a module is in a PNG, in pixels: 40 modules are 8 cm at 100 dpi.
const PIXELS: usize = 8;

/// Dark and light modules, row by row, without the border.
pub(crate) struct Code {
    size: usize,
    dark: Vec<bool>,
}

impl Code {
    /// The code of a text, readable with 15 % of it covered; none if the text is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let size = code.size;
        let dark = (0..size * size).map(|at| code[at / size][at % size].value()).collect();
        Some(Self { size, dark })
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.size);
        let module = inside(y).zip(inside(x)).and_then(|(y, x)| self.dark.get(y * self.size + x));
        module.copied().unwrap_or(false)
    }

    /// With the border.
    fn width(&self) -> usize {
        self.size + 2 * QUIET
    }

    /// For a terminal: two rows of modules in a line, light ones drawn and dark ones left out, on black whatever the terminal's
    /// own colours are.
    pub(crate) fn text(&self) -> String {
        let width = self.width();
        let mut text = String::new();
        for y in (0..width).step_by(2) {
            text.push_str("\u{1b}[97;40m");
            for x in 0..width {
                let is_light = |y: usize| y < width && !self.is_dark(x, y);
                text.push(match (is_light(y), is_light(y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            text.push_str("\u{1b}[0m\n");
        }
        text
    }

    /// A picture that stays sharp at any size.
    pub(crate) fn svg(&self) -> String {
        let (width, side) = (self.width(), self.width() * PIXELS);
        let mut path = String::new();
        for (y, x) in (0..width).flat_map(|y| (0..width).map(move |x| (y, x))).filter(|(y, x)| self.is_dark(*x, *y)) {
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" width=\"{side}\" height=\"{side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{width}v{width}h-{width}z\"/><path d=\"{path}\"/></svg>\n"
        )
    }

    /// A picture in black and white.
    pub(crate) fn png(&self) -> io::Result<Vec<u8>> {
        let pixels = self.width() * PIXELS;
        let side = u32::try_from(pixels).map_err(io::Error::other)?;
        let row = |y: usize| {
            let byte = move |at: usize| {
                (at * 8..at * 8 + 8).fold(0u8, |byte, x| byte << 1 | u8::from(!self.is_dark(x / PIXELS, y / PIXELS)))
            };
            (0..pixels.div_ceil(8)).map(byte)
        };
        let data: Vec<u8> = (0..pixels).flat_map(row).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer.write_image_data(&data).map_err(io::Error::other)?;
        writer.finish().map_err(io::Error::other)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a scanner of another maker reads in it.
    fn scanned(code: &Code) -> String {
        let side = code.width() * PIXELS;
        let grey = |x: usize, y: usize| if code.is_dark(x / PIXELS, y / PIXELS) { 0 } else { 255 };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
        picture.detect_grids().pop().unwrap().decode().unwrap().1
    }

    #[test]
    fn a_scanner_reads_the_address() {
        for address in [
            "guichet://miniapp/a.b".to_owned(),
            "https://hall.example/miniapp/gov.example.permit;version=1.0.1-trial/pages/%E8%AF%81?case=1#top".to_owned(),
            format!("guichet://miniapp/a.b?{}", "x".repeat(1500)),
        ] {
            assert_eq!(scanned(&Code::of(&address).unwrap()), address);
        }
    }

    #[test]
    fn a_scanner_reads_what_the_terminal_shows() {
        let code = Code::of("guichet://preview/127.0.0.1:7411/AQ/Ag").unwrap();
        let plain = code.text().replace("\u{1b}[97;40m", "").replace("\u{1b}[0m", "");
        let lines: Vec<Vec<char>> = plain.lines().map(|line| line.chars().collect()).collect();
        let is_light = |x: usize, y: usize| match lines[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        };
        for (y, x) in (0..code.width()).flat_map(|y| (0..code.width()).map(move |x| (y, x))) {
            assert_eq!(is_light(x, y), !code.is_dark(x, y), "{x} {y}");
        }
        assert_eq!(scanned(&code), "guichet://preview/127.0.0.1:7411/AQ/Ag");
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_none() {
        assert!(Code::of(&"x".repeat(8000)).is_none());
    }

    #[test]
    fn both_pictures_show_the_same_modules() {
        let code = Code::of("guichet://miniapp/a.b").unwrap();
        let bytes = code.png().unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(&bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let side = code.width() * PIXELS;
        let line = reader.output_line_size(u32::try_from(side).unwrap()).unwrap_or(side / 8);
        let svg = code.svg();
        for (y, x) in (0..code.width()).flat_map(|y| (0..code.width()).map(move |x| (y, x))) {
            let pixel = pixels[y * PIXELS * line + x * PIXELS / 8] >> (7 - x * PIXELS % 8) & 1;
            assert_eq!(pixel == 0, code.is_dark(x, y));
            assert_eq!(svg.contains(&format!("M{x} {y}h1v1")), code.is_dark(x, y));
        }
    }
}
