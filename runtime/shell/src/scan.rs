//! Reads a QR code in a picture that the host's own page has decoded: the picture's own bytes never come here.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_host::{Problem, preview::PreviewAddress};
use guichet_package::Address;

use crate::{
    action::{Action, Picture},
    desk::{Event, problem_of},
};

/// The widest and highest picture, in pixels; the page makes it smaller before.
const MOST: usize = 2048;

/// The address in the picture, or why there is none.
pub(crate) fn read(picture: &Picture) -> Event {
    match text_in(picture) {
        Some(text) if PreviewAddress::is_meant(&text) => Event::Asked(Action::Visit { text }),
        Some(text) => match Address::given(&text) {
            Ok(address) => Event::Visit(address),
            Err(refusal) => Event::Misread(problem_of(&refusal)),
        },
        None => Event::Misread(Problem {
            class: "address/no-qr-code",
            what: "no QR code can be read in the picture".to_owned(),
            place: None,
            hint: "take it again: straight from the front, the whole code with its light border, in even light"
                .to_owned(),
        }),
    }
}

fn text_in(picture: &Picture) -> Option<String> {
    let grey = STANDARD.decode(&picture.grey).ok()?;
    let width = picture.width;
    let height = grey.len().checked_div(width)?;
    if width > MOST || height > MOST || width * height != grey.len() {
        return None;
    }
    let pixel = |x: usize, y: usize| grey.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    prepared.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of a text, four pixels a module, in a picture with some room around.
    fn picture(text: &str) -> Picture {
        let code = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::M).build().unwrap();
        let width = (code.size + 16) * 4;
        let module = |at: usize| (at / 4).checked_sub(8).filter(|at| *at < code.size);
        let is_dark = |x, y| module(y).zip(module(x)).is_some_and(|(y, x): (usize, usize)| code[y][x].value());
        let grey: Vec<u8> =
            (0..width * width).map(|at| if is_dark(at % width, at / width) { 30 } else { 220 }).collect();
        Picture { width, grey: STANDARD.encode(grey) }
    }

    #[test]
    fn a_code_opens_its_address() {
        let text = "guichet://miniapp/gov.example.permit/pages/new?case=1";
        let Event::Visit(address) = read(&picture(text)) else { panic!("an address") };
        assert_eq!(address.to_string(), text);
    }

    fn class(picture: &Picture) -> &'static str {
        match read(picture) {
            Event::Misread(problem) => problem.class,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a10_what_is_no_address_is_said() {
        assert_eq!(class(&picture("https://example.org/")), "address/not-an-address");
        let blank = |width: usize, bytes: usize| Picture { width, grey: STANDARD.encode(vec![255; bytes]) };
        for picture in
            [blank(100, 10_000), blank(0, 0), blank(0, 9), blank(7, 50), blank(usize::MAX, 4), blank(4000, 8000)]
        {
            assert_eq!(class(&picture), "address/no-qr-code");
        }
        assert_eq!(class(&Picture { width: 2, grey: "no base64".to_owned() }), "address/no-qr-code");
    }
}
