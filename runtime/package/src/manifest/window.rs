//! `window`: how the window around a MiniApp looks; what is wrong in it keeps its default.

use std::{collections::BTreeSet, fmt};

use serde_json::{Map, Value};

use super::members::Members;

const KNOWN: &[&str] = &[
    "auto_design_width",
    "background_color",
    "background_text_style",
    "design_width",
    "enable_pull_down_refresh",
    "fullscreen",
    "navigation_bar_background_color",
    "navigation_bar_text_style",
    "navigation_bar_title_text",
    "navigation_style",
    "on_reach_bottom_distance",
    "orientation",
];

/// `window` of the manifest, with the defaults of MiniApp Manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Whether the design width follows the terminal; `design_width` is then ignored.
    pub auto_design_width: bool,
    /// The color behind pages.
    pub background_color: Color,
    /// The style of texts behind pages.
    pub background_text_style: BackgroundTextStyle,
    /// The width the pages were designed for, in CSS pixels.
    pub design_width: f64,
    /// Whether pulling down refreshes.
    pub enable_pull_down_refresh: bool,
    /// Whether the app fills the screen.
    pub fullscreen: bool,
    /// The color of the navigation bar.
    pub navigation_bar_background_color: Color,
    /// The color of its text.
    pub navigation_bar_text_style: NavigationBarTextStyle,
    /// Its title, localizable.
    pub navigation_bar_title_text: Option<String>,
    /// Whether the host or the page draws it.
    pub navigation_style: NavigationStyle,
    /// How far from the bottom "reached the bottom" begins, in CSS pixels.
    pub on_reach_bottom_distance: f64,
    /// The orientation of the screen.
    pub orientation: Orientation,
    /// The members that the manifest names with a value that counts; all others have their default.
    pub named: BTreeSet<&'static str>,
}

/// An sRGB color without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

/// `background_text_style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackgroundTextStyle {
    /// Light text.
    Light,
    /// Dark text.
    #[default]
    Dark,
}

/// `navigation_bar_text_style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NavigationBarTextStyle {
    /// White text.
    #[default]
    White,
    /// Black text.
    Black,
}

/// `navigation_style`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NavigationStyle {
    /// The host draws the navigation bar.
    #[default]
    Default,
    /// The page draws it; the host's own button stays.
    Custom,
}

/// `orientation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    /// Upright.
    #[default]
    Portrait,
    /// Across.
    Landscape,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            auto_design_width: false,
            background_color: Color { rgb: [255; 3] },
            background_text_style: BackgroundTextStyle::default(),
            design_width: 750.0,
            enable_pull_down_refresh: false,
            fullscreen: false,
            navigation_bar_background_color: Color { rgb: [0; 3] },
            navigation_bar_text_style: NavigationBarTextStyle::default(),
            navigation_bar_title_text: None,
            navigation_style: NavigationStyle::default(),
            on_reach_bottom_distance: 50.0,
            orientation: Orientation::default(),
            named: BTreeSet::new(),
        }
    }
}

impl Window {
    /// *Process the window member*: no `window` at all means the same defaults (so the upstream tests expect).
    pub(super) fn process(members: &mut Members<'_>) -> Self {
        let nothing = Map::new();
        let object = members.optional("window", "an object", Value::as_object).unwrap_or(&nothing);
        let place = members.place("window");
        let mut inner = members.below(object, place);
        inner.note_unknown(KNOWN);
        let default = Self::default();
        let mut window = Self {
            auto_design_width: truth(&mut inner, "auto_design_width"),
            background_color: color(&mut inner, "background_color", default.background_color),
            background_text_style: one_of(
                &mut inner,
                "background_text_style",
                &[("light", BackgroundTextStyle::Light), ("dark", BackgroundTextStyle::Dark)],
            ),
            design_width: length(&mut inner, "design_width", default.design_width),
            enable_pull_down_refresh: truth(&mut inner, "enable_pull_down_refresh"),
            fullscreen: truth(&mut inner, "fullscreen"),
            navigation_bar_background_color: color(
                &mut inner,
                "navigation_bar_background_color",
                default.navigation_bar_background_color,
            ),
            navigation_bar_text_style: one_of(
                &mut inner,
                "navigation_bar_text_style",
                &[("white", NavigationBarTextStyle::White), ("black", NavigationBarTextStyle::Black)],
            ),
            navigation_bar_title_text: inner.optional_text("navigation_bar_title_text"),
            navigation_style: one_of(
                &mut inner,
                "navigation_style",
                &[("default", NavigationStyle::Default), ("custom", NavigationStyle::Custom)],
            ),
            on_reach_bottom_distance: length(&mut inner, "on_reach_bottom_distance", default.on_reach_bottom_distance),
            orientation: one_of(
                &mut inner,
                "orientation",
                &[("portrait", Orientation::Portrait), ("landscape", Orientation::Landscape)],
            ),
            named: BTreeSet::new(),
        };
        window.named = KNOWN.iter().copied().filter(|name| inner.counts(name)).collect();
        window
    }

    /// Whether the manifest names this member with a value that counts.
    pub fn names(&self, member: &str) -> bool {
        self.named.contains(member)
    }
}

fn truth(members: &mut Members<'_>, name: &str) -> bool {
    members.optional(name, "true or false", Value::as_bool).unwrap_or(false)
}

fn length(members: &mut Members<'_>, name: &str, default: f64) -> f64 {
    let is_length = |value: &Value| value.as_f64().filter(|length| *length >= 0.0);
    members.optional(name, "a number of 0 or more", is_length).unwrap_or(default)
}

fn color(members: &mut Members<'_>, name: &str, default: Color) -> Color {
    members.optional(name, "a color such as #ffffff", |value| Color::parse(value.as_str()?)).unwrap_or(default)
}

fn one_of<T: Copy + Default>(members: &mut Members<'_>, name: &str, words: &[(&str, T)]) -> T {
    let wanted: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    let find = |value: &Value| words.iter().find(|(word, _)| value.as_str() == Some(word)).map(|(_, meaning)| *meaning);
    members.optional(name, &wanted.join(" or "), find).unwrap_or_default()
}

impl Color {
    /// `#rgb` or `#rrggbb`.
    fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .strip_prefix('#')?
            .chars()
            .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect::<Option<_>>()?;
        match digits[..] {
            [r, g, b] => Some(Self { rgb: [r * 17, g * 17, b * 17] }),
            [r1, r2, g1, g2, b1, b2] => Some(Self { rgb: [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2] }),
            _ => None,
        }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.rgb;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}
