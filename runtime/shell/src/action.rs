//! What the host's own page asks for: its messages, parsed once.

use std::fmt;

use guichet_contract::{AppId, PermissionName};
use serde::Deserialize;

/// One message of the host's own page (`src/home/README.md`).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub(crate) enum Action {
    /// The page can receive.
    Ready,
    /// The page has been painted; asked for by the shell itself.
    Painted,
    /// Look for new releases now.
    Refresh,
    /// Add a service.
    Install {
        /// Which.
        app_id: AppId,
        /// The release that the person was looking at.
        #[serde(default)]
        sequence: Option<u64>,
    },
    /// Open a service.
    Open {
        /// Which.
        app_id: AppId,
    },
    /// Open what an address or an app id says.
    Visit {
        /// As it was typed, pasted or scanned.
        text: String,
    },
    /// Open what the QR code in a picture says.
    Scan(Picture),
    /// Remove a service with its data.
    Remove {
        /// Which.
        app_id: AppId,
    },
    /// Erase what a service keeps; the service stays.
    Erase {
        /// Which.
        app_id: AppId,
    },
    /// Take a permission back.
    Withdraw {
        /// From which app.
        app_id: AppId,
        /// Which.
        permission: PermissionName,
    },
    /// Give a permission back.
    Allow {
        /// To which app.
        app_id: AppId,
        /// Which.
        permission: PermissionName,
    },
    /// Switch to the waiting version now.
    UpdateNow {
        /// Of which app.
        app_id: AppId,
    },
    /// Switch at the next launch.
    UpdateLater {
        /// Of which app.
        app_id: AppId,
    },
    /// Keep the version in use, although going back was offered.
    KeepVersion {
        /// Of which app.
        app_id: AppId,
    },
    /// Go back to the version that was offered, and lose what was entered since.
    GoBackVersion {
        /// Of which app.
        app_id: AppId,
    },
    /// Drop a notice or the error.
    Dismiss {
        /// Which.
        id: String,
    },
    /// Close and open again.
    Reopen {
        /// Which.
        app_id: AppId,
    },
    /// Close and open again on the same pages, in the language of the terminal.
    ReopenHere {
        /// Which.
        app_id: AppId,
    },
    /// Back to the home page.
    CloseApp,
    /// One page back, or home.
    Back,
    /// Turn to a tab of the open app.
    Tab {
        /// Its page.
        page: String,
    },
    /// The bar or what hangs from it has another height.
    Panel {
        /// What is open.
        #[serde(default)]
        name: Option<String>,
        /// The bar's height in CSS pixels.
        chrome_px: f64,
        /// The height of what hangs from the bar.
        height_px: f64,
        /// At a kiosk: the height of the strip below the app.
        #[serde(default)]
        foot_px: f64,
    },
    /// Another language.
    SetLanguage {
        /// A BCP 47 tag.
        lang: String,
    },
    /// Elder mode.
    SetMode {
        /// Which mode.
        mode: Mode,
    },
    /// High contrast.
    SetContrast {
        /// Which contrast.
        contrast: Contrast,
    },
    /// At a kiosk: everything lies within reach of somebody who sits, or fills the glass.
    SetReach {
        /// Which reach.
        reach: Reach,
    },
    /// At a kiosk: the citizen is done, and all that is theirs goes.
    End,
    /// At a kiosk: the citizen is still there.
    Stay,
    /// At a kiosk: somebody of the staff wants to see how it is.
    Staff,
    /// At a kiosk: the page can be touched; asked for by the shell itself.
    Shown,
}

/// A picture as the host's own page has decoded it, in shades of grey.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Picture {
    /// In pixels.
    pub(crate) width: usize,
    /// Row by row, one byte a pixel, in base64.
    pub(crate) grey: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("width", &self.width).finish_non_exhaustive()
    }
}

/// How large and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// Larger and shorter pages.
    Elder,
    /// As designed.
    Standard,
}

/// Where on the glass everything lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reach {
    /// In its lower part.
    Low,
    /// All over it.
    Standard,
}

/// How strong lines and ink are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Contrast {
    /// Black or white.
    More,
    /// As designed.
    Standard,
}
