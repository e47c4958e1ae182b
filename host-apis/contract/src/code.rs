//! `code`: QR and bar codes, made and read. It needs no permission: an app could bring a library that does the same.

use crate::{
    Arguments, Failure, Grants, InvalidArguments, ServiceCall, Services, Stop, Value, members::Members, words::words,
};

/// Longest text of a code that is made, in bytes.
pub const MAX_TEXT_BYTES: usize = 2_000;
/// Longest text of a Code 128 that is made, in characters.
pub const MAX_BARS: usize = 80;
/// Most pixels of a picture.
pub const MAX_PIXELS: usize = 1 << 20;

words! {
    /// Bar codes that forms and goods carry.
    Bars {
        /// Code 128 (ISO/IEC 15417): any printable ASCII.
        Code128 = "code128",
        /// EAN-13 (ISO/IEC 15420): twelve digits, and one that checks them.
        Ean13 = "ean13",
    }
}

impl Bars {
    /// Whether such a code could hold a text; a wrong check digit is not seen here.
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Code128 => {
                (1..=MAX_BARS).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            }
            Self::Ean13 => (12..=13).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
        }
    }

    fn takes_what(self) -> &'static str {
        match self {
            Self::Code128 => "1 to 80 printable characters of ASCII",
            Self::Ean13 => "12 digits, or 13 with the check digit",
        }
    }
}

/// A picture in greys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    grey: Vec<u8>,
}

impl Picture {
    /// Pixels of one row; more than none.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many rows there are.
    pub fn height(&self) -> usize {
        self.grey.len() / self.width.max(1)
    }

    /// How light a pixel is.
    pub fn pixel(&self, x: usize, y: usize) -> u8 {
        self.grey.get(y * self.width + x).copied().unwrap_or(u8::MAX)
    }
}

/// What a terminal must provide for `code` to work.
pub trait Code: Send + Sync {
    /// The code of a text as SVG.
    fn make(&self, text: &str) -> Result<String, Failure>;
    /// The bar code of a text as SVG.
    fn make_bars(&self, text: &str, bars: Bars) -> Result<String, Failure>;
    /// The texts of the codes in a picture.
    fn read(&self, picture: &Picture) -> Vec<String>;
}

/// Makes a code.
#[derive(Debug)]
pub struct Make {
    text: String,
    stop: Stop,
}

/// Makes a bar code.
#[derive(Debug)]
pub struct MakeBars {
    text: String,
    bars: Bars,
    stop: Stop,
}

/// Reads codes.
#[derive(Debug)]
pub struct Read {
    picture: Picture,
    stop: Stop,
}

impl ServiceCall for Make {
    fn perform(self: Box<Self>, _: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        services.code().make(&self.text).map(Value::Text)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

impl ServiceCall for MakeBars {
    fn perform(self: Box<Self>, _: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        services.code().make_bars(&self.text, self.bars).map(Value::Text)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

impl ServiceCall for Read {
    fn perform(self: Box<Self>, _: &Grants, services: &dyn Services) -> Result<Value, Failure> {
        Ok(Value::List(services.code().read(&self.picture).into_iter().map(Value::Text).collect()))
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

impl Make {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let text = arguments.text("text")?;
        if !(1..=MAX_TEXT_BYTES).contains(&text.len()) {
            return Err(arguments.wrong("text", "1 to 2000 bytes long"));
        }
        arguments.end().map(|()| Self { text, stop: Stop::default() })
    }
}

impl MakeBars {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let text = arguments.text("text")?;
        let bars = arguments.value().as_ref().and_then(Bars::of);
        let bars = bars.ok_or_else(|| arguments.wrong("bars", "code128 or ean13"))?;
        if !bars.takes(&text) {
            return Err(arguments.wrong("text", bars.takes_what()));
        }
        arguments.end().map(|()| Self { text, bars, stop: Stop::default() })
    }
}

impl Read {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let picture = arguments.value().and_then(Members::of);
        let mut members = picture.ok_or_else(|| arguments.wrong("picture", "a record {width, grey}"))?;
        let Value::Bytes(grey) = members.take("grey") else {
            return Err(arguments.wrong("grey", "the bytes of pixels"));
        };
        if grey.is_empty() || grey.len() > MAX_PIXELS {
            return Err(arguments.wrong("grey", "one byte for each pixel, and at most 1 MiB"));
        }
        let width = match members.take("width") {
            Value::Integer(width) => usize::try_from(width).ok(),
            _ => None,
        };
        let fits = |width: &usize| (1..=grey.len()).contains(width) && grey.len().is_multiple_of(*width);
        let width =
            width.filter(fits).ok_or_else(|| arguments.wrong("width", "the pixels of one of its whole rows"))?;
        arguments.end().map(|()| Self { picture: Picture { width, grey }, stop: Stop::default() })
    }
}
