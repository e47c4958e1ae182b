//! `window`: how the window around a MiniApp looks; what is wrong in it keeps its default (M-window-1, M-window-2).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{color::Color, members::Members};

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
    /// Whether the design width follows the terminal; `design_width` is then ignored (M-window-auto_design_width).
    pub auto_design_width: bool,
    /// The color behind pages (M-window-background_color).
    pub background_color: Color,
    /// The style of texts behind pages (M-window-background_text_style).
    pub background_text_style: BackgroundTextStyle,
    /// The width the pages were designed for, in CSS pixels (M-window-design_width).
    pub design_width: f64,
    /// Whether pulling down refreshes (M-window-enable_pull_down_refresh).
    pub enable_pull_down_refresh: bool,
    /// Whether the app fills the screen (M-window-fullscreen, D1).
    pub fullscreen: bool,
    /// The color of the navigation bar (M-window-navigation_bar_background_color).
    pub navigation_bar_background_color: Color,
    /// The color of its text (M-window-navigation_bar_text_style).
    pub navigation_bar_text_style: NavigationBarTextStyle,
    /// Its title, localizable (M-window-navigation_bar_title_text, D2).
    pub navigation_bar_title_text: Option<String>,
    /// Whether the host or the page draws it (M-window-navigation_style, D2).
    pub navigation_style: NavigationStyle,
    /// How far from the bottom "reached the bottom" begins, in CSS pixels (M-window-on_reach_bottom_distance).
    pub on_reach_bottom_distance: f64,
    /// The orientation of the screen (M-window-orientation).
    pub orientation: Orientation,
    /// The members that the manifest names with a value that counts; all others have their default.
    pub named: BTreeSet<&'static str>,
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
