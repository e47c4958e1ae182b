//! The manifest of a MiniApp: W3C MiniApp Manifest with its own handling of errors, and the member `guichet` of ours.
//!
//! What the W3C rejects is a [`ManifestRefusal`]; what it defaults, skips or drops becomes a [`Note`] so that an author
//! hears of it.

mod color;
mod extension;
mod i18n;
mod launch;
mod members;
mod process;
mod refusal;
mod tabs;
mod url;
mod window;

use std::fmt;

use guichet_contract::{AppId, Permission};

pub use color::Color;
pub use extension::{Extension, Glaze};
pub use i18n::{LocalizationResource, resource_for};
pub use launch::StartPage;
pub(crate) use process::page_route;
pub use process::process;
pub use refusal::{ManifestFault, ManifestRefusal};
pub use tabs::Tab;
pub use window::{BackgroundTextStyle, NavigationBarTextStyle, NavigationStyle, Orientation, Window};

use crate::PackagePath;

/// Where the manifest lies in every package.
pub const MANIFEST_PATH: &str = "manifest.json";

/// Something in the manifest that was read otherwise than it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A JSON pointer to the member.
    pub place: String,
    /// What became of it.
    pub what: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A processed manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// `app_id`.
    pub app_id: AppId,
    /// `name`, localizable.
    pub name: String,
    /// `short_name`, localizable (M-short_name-1).
    pub short_name: Option<String>,
    /// `description`, localizable (M-description-1).
    pub description: Option<String>,
    /// `dir`: the direction of the manifest's texts and of the whole app.
    pub dir: Direction,
    /// `lang`, a BCP 47 tag: the language of the manifest's own texts.
    pub lang: Option<String>,
    /// `color_scheme`.
    pub color_scheme: Option<ColorScheme>,
    /// `icons`; never empty.
    pub icons: Vec<Icon>,
    /// `pages`; the first is the start page.
    pub pages: Vec<PageRoute>,
    /// `platform_version`.
    pub platform_version: PlatformVersion,
    /// `version`.
    pub version: Version,
    /// `device_type`, if every item was a text.
    pub device_type: Option<Vec<String>>,
    /// `req_permissions`.
    pub req_permissions: Vec<PermissionRequest>,
    /// `widgets`.
    pub widgets: Vec<Widget>,
    /// `window`.
    pub window: Window,
    /// `guichet`, ours.
    pub guichet: Extension,
}

/// The direction of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
    /// As the text itself says.
    #[default]
    Auto,
}

/// The color scheme an app asks for; it overrides the window's colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorScheme {
    /// As the terminal is set.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// One icon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// The image.
    pub src: PackagePath,
    /// `sizes` as written, such as `48x48 96x96` or `any`.
    pub sizes: Option<String>,
    /// A text for those who do not see it.
    pub label: Option<String>,
}

/// A page of the app: the path of its files without an extension, such as `pages/home/home`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageRoute(PackagePath);

/// `platform_version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformVersion {
    /// The lowest platform code the app runs on.
    pub min_code: u32,
    /// The platform code it was made for.
    pub target_code: Option<u32>,
    /// Such as `Beta1` or `Release`.
    pub release_type: Option<String>,
}

/// `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The number that only ever rises.
    pub code: u32,
    /// What people read, such as `1.2.0`.
    pub name: String,
}

/// One item of `req_permissions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionRequest {
    /// What is asked for.
    pub permission: Permission,
    /// Why, in the author's words; localizable.
    pub reason: Option<String>,
}

/// One item of `widgets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widget {
    /// Its name, localizable.
    pub name: String,
    /// Its page.
    pub path: PageRoute,
    /// The lowest platform code it runs on.
    pub min_code: u32,
}

impl Manifest {
    /// The permissions that are asked for, without their reasons: what the statement carries.
    pub fn permissions(&self) -> Vec<Permission> {
        self.req_permissions.iter().map(|request| request.permission.clone()).collect()
    }

    /// The color behind pages, on a terminal that is set to dark or to light colors.
    ///
    /// `color_scheme` overrides the window's own color (MiniApp Manifest, *color_scheme member*); which light and which
    /// dark, the draft leaves to the user agent.
    pub fn background_color(&self, is_dark_terminal: bool) -> Color {
        let is_dark = match self.color_scheme {
            None => return self.window.background_color,
            Some(ColorScheme::Auto) => is_dark_terminal,
            Some(ColorScheme::Light) => false,
            Some(ColorScheme::Dark) => true,
        };
        Color { rgb: if is_dark { [0x1e; 3] } else { [0xff; 3] } }
    }
}

impl PageRoute {
    fn new(path: &PackagePath) -> Option<Self> {
        let route = path.as_str();
        route.strip_suffix(".html").unwrap_or(route).parse().ok().map(Self)
    }

    /// The route as the manifest names it, without an extension.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The page itself.
    pub fn html(&self) -> String {
        format!("{}.html", self.0)
    }

    /// Its style sheet, which may be absent.
    pub fn css(&self) -> String {
        format!("{}.css", self.0)
    }

    /// Its script, which may be absent.
    pub fn js(&self) -> String {
        format!("{}.js", self.0)
    }

    fn is(&self, route: &str) -> bool {
        let route = route.strip_prefix('/').unwrap_or(route);
        route.strip_suffix(".html").unwrap_or(route) == self.as_str()
    }
}

impl fmt::Display for PageRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
