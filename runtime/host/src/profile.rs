//! The terminals, and the people at them, that a window or a test can stand in for. This is the one list of them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::look::LookTerminal;

/// A terminal and whoever uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A phone, upright.
    Phone,
    /// A tablet, upright.
    Tablet,
    /// A window on a desk.
    #[default]
    Desktop,
    /// A self-service machine, upright.
    Kiosk,
    /// A tablet of somebody who needs large type.
    Elder,
    /// A desktop of somebody who hears the page and uses the keyboard.
    Reader,
}

impl Profile {
    /// All there are, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Phone, Self::Tablet, Self::Desktop, Self::Kiosk, Self::Elder, Self::Reader];

    /// The word for it, wherever it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Desktop => "desktop",
            Self::Kiosk => "kiosk",
            Self::Elder => "elder",
            Self::Reader => "reader",
        }
    }

    /// Width and height of the window, in CSS pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Tablet | Self::Elder => (820, 1180),
            Self::Desktop | Self::Reader => (1280, 800),
            Self::Kiosk => (1080, 1920),
        }
    }

    /// What the app is told it runs on, where nobody vouches for it.
    pub fn terminal(self) -> LookTerminal {
        match self {
            Self::Phone | Self::Tablet | Self::Elder => LookTerminal::Phone,
            Self::Desktop | Self::Reader => LookTerminal::Desktop,
            Self::Kiosk => LookTerminal::RehearsedKiosk,
        }
    }

    /// How much larger than written the pages of apps are drawn, and for whoever has chosen large and simple at a kiosk: there
    /// a page's text of 16 pixels is as large as the kiosk's own, and what is 44 pixels high is more than a thumb needs.
    pub fn enlarged(self, is_large_and_simple: bool) -> f64 {
        match self {
            Self::Kiosk if is_large_and_simple => 2.0,
            Self::Kiosk => 1.625,
            Self::Elder => 1.5,
            Self::Phone | Self::Tablet | Self::Desktop | Self::Reader => 1.0,
        }
    }

    /// The same on a glass that is so many pixels high. Where a kiosk's glass lies low, pages are drawn less large, so that more
    /// than a few lines are seen at once; and never so small that a button of 44 pixels is less than a thumb needs.
    pub fn enlarged_on(self, is_large_and_simple: bool, height: u32) -> f64 {
        let full = self.enlarged(is_large_and_simple);
        if self != Self::Kiosk {
            return full;
        }
        let least = if is_large_and_simple { self.enlarged(false) } else { THUMB / BUTTON };
        (full * f64::from(height) / LOW_GLASS).clamp(least, full)
    }
}

/// What a thumb needs, what a button of a page has at least, and below which height a glass lies low, in pixels.
const THUMB: f64 = 60.0;
const BUTTON: f64 = 44.0;
const LOW_GLASS: f64 = 1000.0;

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|profile| profile.name() == text).ok_or_else(|| {
            let [first @ .., last] = Self::ALL.map(Self::name);
            format!("there is no profile `{text}`; hint: {} or {last}", first.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_less_large_where_the_glass_lies_low_and_what_is_touched_is_as_large_as_a_thumb() {
        let on = |is_large, height| Profile::Kiosk.enlarged_on(is_large, height);
        for is_large in [false, true] {
            for height in [1000, 1024, 1080, 1920, u32::MAX] {
                assert!((on(is_large, height) - Profile::Kiosk.enlarged(is_large)).abs() < 1e-9, "{height}");
            }
            let all: Vec<_> = (0..1100).map(|height| on(is_large, height)).collect();
            assert!(all.is_sorted() && all.iter().all(|enlarged| 44.0 * enlarged > 59.9));
        }
        // 1024 by 768, less the bar and the strip: what a page has of it.
        assert_eq!((f64::from(768 - 88 - 96) / on(false, 768)).round(), 428.0);
        assert_eq!((f64::from(768 - 112 - 136) / on(true, 768)).round(), 320.0);
        assert_eq!(Profile::Elder.enlarged_on(false, 600), Profile::Elder.enlarged(false));
    }

    #[test]
    fn every_profile_is_known_by_its_name() {
        for profile in Profile::ALL {
            assert_eq!(profile.name().parse(), Ok(profile));
            assert_eq!(serde_json::to_value(profile).unwrap(), profile.name());
        }
        assert_eq!(
            "watch".parse::<Profile>().unwrap_err(),
            "there is no profile `watch`; hint: phone, tablet, desktop, kiosk, elder or reader"
        );
    }
}
