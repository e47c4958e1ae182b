//! Terminals that a desktop can stand in for: how large the glass is, and what the app is told it runs on.

use std::str::FromStr;

/// A kind of terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Profile {
    /// A window on a desk.
    #[default]
    Desktop,
    /// A phone, upright.
    Phone,
    /// A self-service machine, upright.
    Kiosk,
}

impl Profile {
    /// What `app-info` calls it.
    pub(crate) fn terminal(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
            Self::Kiosk => "kiosk",
        }
    }

    /// Width and height of the window, in CSS pixels.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Self::Desktop => (1280, 800),
            Self::Phone => (390, 844),
            Self::Kiosk => (1080, 1920),
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Desktop, Self::Phone, Self::Kiosk]
            .into_iter()
            .find(|profile| profile.terminal() == text)
            .ok_or_else(|| format!("there is no profile `{text}`; hint: desktop, phone or kiosk"))
    }
}
