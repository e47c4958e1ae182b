//! Colors of a manifest: what Web App Manifest's *process a color member* takes, as far as it is sRGB.

use std::fmt;

/// An sRGB color without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

impl Color {
    /// A CSS color: a name, `#rgb`, `#rrggbb`, `rgb()`, `hsl()`, `hwb()`. A window is opaque, so alpha is left out.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let [r, g, b, _] = csscolorparser::parse(text.trim_ascii()).ok()?.to_rgba8();
        Some(Self { rgb: [r, g, b] })
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.rgb;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}
