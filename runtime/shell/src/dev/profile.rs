//! Terminals and people that a developer's window stands in for.

use guichet_host::LookTerminal;
use serde::{Deserialize, Serialize};

/// Whose window it is, for now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Profile {
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
    /// A desktop of somebody who hears the page.
    Reader,
}

impl Profile {
    /// All there are, in the order in which they are offered.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] =
        [Self::Phone, Self::Tablet, Self::Desktop, Self::Kiosk, Self::Elder, Self::Reader];

    /// Width and height of the window, in CSS pixels.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Tablet | Self::Elder => (820, 1180),
            Self::Desktop | Self::Reader => (1280, 800),
            Self::Kiosk => (1080, 1920),
        }
    }

    /// What the app is told it runs on.
    pub(crate) fn terminal(self) -> LookTerminal {
        match self {
            Self::Phone | Self::Tablet | Self::Elder => LookTerminal::Phone,
            Self::Desktop | Self::Reader => LookTerminal::Desktop,
            Self::Kiosk => LookTerminal::RehearsedKiosk,
        }
    }

    /// How much larger than written the pages of apps are drawn.
    pub(crate) fn enlarged(self) -> f64 {
        if self == Self::Elder { 1.5 } else { 1.0 }
    }
}

/// How much smaller than it is the window has to be drawn, so that it fits beside the panel on this screen.
pub(crate) fn scale(profile: Profile, screen: (u32, u32), panel: u32) -> f64 {
    /// What a desktop itself takes of the height: its bars, and the frame of the window.
    const FRAME: u32 = 64;
    /// Below this nothing can be read.
    const SMALLEST: f64 = 0.3;
    let (width, height) = profile.size();
    let room = |all: u32, taken: u32, wanted: u32| f64::from(all.saturating_sub(taken)) / f64::from(wanted);
    room(screen.0, panel, width).min(room(screen.1, FRAME, height)).clamp(SMALLEST, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_is_larger_than_the_screen_is_drawn_smaller() {
        assert!((scale(Profile::Phone, (1920, 1080), 460) - 1.0).abs() < 1e-9);
        assert!((scale(Profile::Kiosk, (1920, 1080), 460) - 1016.0 / 1920.0).abs() < 1e-9);
        assert!((scale(Profile::Desktop, (1280, 800), 460) - 820.0 / 1280.0).abs() < 1e-9);
        assert!((scale(Profile::Kiosk, (1, 1), 460) - 0.3).abs() < 1e-9);
    }

    #[test]
    fn every_profile_is_known_by_its_name() {
        let names = Profile::ALL.map(|profile| serde_json::to_value(profile).unwrap());
        assert_eq!(names, ["phone", "tablet", "desktop", "kiosk", "elder", "reader"]);
    }
}
