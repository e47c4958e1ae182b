//! The navigation bar as an app's manifest wants it (MiniApp Manifest, *MiniApp window resource members*).

use guichet_package::{
    Manifest,
    manifest::{Color, NavigationBarTextStyle, NavigationStyle},
    shown::shown_name,
};

/// Contrast of text that is large or bold, after WCAG 2.2; what has less is not legible to everyone.
const LEAST_CONTRAST: f64 = 3.0;

const BLACK: Color = Color { rgb: [0; 3] };
const WHITE: Color = Color { rgb: [255; 3] };

/// What an app says about the bar above it. What it does not name is the terminal's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bar {
    /// `navigation_bar_title_text`; the app's name stays beside it.
    pub(crate) title: Option<String>,
    /// `navigation_bar_background_color`.
    pub(crate) background: Option<String>,
    /// The color of the title.
    pub(crate) ink: Option<String>,
    /// The page draws a bar of its own or fills the screen; only the capsule stays.
    pub(crate) is_hidden: bool,
    /// Pages that lie beside each other, in a row below the bar; where the bar is hidden there is none.
    pub(crate) tabs: Vec<Tab>,
}

/// One of the row below the bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tab {
    /// `pages/x`.
    pub(crate) route: String,
    /// What stands on it.
    pub(crate) name: String,
}

impl Bar {
    /// As the manifest has it. `color_scheme` overrides the colors; a title that could not be read is turned round.
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let window = &manifest.window;
        let names_color = window.names("navigation_bar_background_color") || window.names("navigation_bar_text_style");
        let colors = (names_color && manifest.color_scheme.is_none()).then(|| {
            let background = window.navigation_bar_background_color;
            let wanted = match window.navigation_bar_text_style {
                NavigationBarTextStyle::White => WHITE,
                NavigationBarTextStyle::Black => BLACK,
            };
            let other = if wanted == WHITE { BLACK } else { WHITE };
            let is_legible = contrast(background, wanted) >= LEAST_CONTRAST;
            (background.to_string(), if is_legible { wanted } else { other }.to_string())
        });
        let (background, ink) = colors.unzip();
        let is_hidden = window.fullscreen || window.navigation_style == NavigationStyle::Custom;
        let tabs = manifest.guichet.tabs.iter().filter(|_| !is_hidden);
        Self {
            title: window.navigation_bar_title_text.as_deref().map(shown_name).filter(|title| !title.is_empty()),
            background,
            ink,
            is_hidden,
            tabs: tabs.map(|tab| Tab { route: tab.page.to_string(), name: shown_name(&tab.name) }).collect(),
        }
    }
}

/// Contrast of two colors, 1 to 21 (WCAG 2.2, *contrast ratio*).
fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(color: Color) -> f64 {
    let [red, green, blue] = color.rgb.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(members: &str) -> Bar {
        let manifest = format!(
            r#"{{"app_id":"a.b","name":"A","icons":[{{"src":"a.svg"}}],"pages":["pages/a","pages/b"],
                "platform_version":{{"min_code":1}},"version":{{"code":1,"name":"1"}},{members}}}"#
        );
        Bar::of(&guichet_package::manifest::process(manifest.as_bytes()).unwrap().0)
    }

    #[test]
    fn what_is_not_named_is_the_terminal_s() {
        assert_eq!(bar(r#""window":{}"#), Bar::default());
        assert_eq!(bar(r#""window":{"navigation_bar_background_color":"no"}"#), Bar::default());
    }

    #[test]
    fn what_is_named_is_the_app_s() {
        let bar = bar(
            r##""window":{"navigation_bar_background_color":"#123456","navigation_bar_title_text":"Permits","navigation_style":"custom"}"##,
        );
        assert_eq!((bar.background.as_deref(), bar.ink.as_deref()), (Some("#123456"), Some("#ffffff")));
        assert_eq!((bar.title.as_deref(), bar.is_hidden), (Some("Permits"), true));
    }

    #[test]
    fn a_title_turns_and_hides_nothing_beside_it() {
        let title = |title: &str| bar(&format!(r#""window":{{"navigation_bar_title_text":"{title}"}}"#)).title;
        assert_eq!(title(r"Tax\u202e\n\u2066ediug").as_deref(), Some("Tax ediug"));
        assert_eq!(title(&"long ".repeat(200)).unwrap().chars().count(), 64);
        assert_eq!(title(r" \u202e "), None);
    }

    #[test]
    fn tabs_hang_from_the_bar() {
        let tabs = r#""guichet":{"tabs":[{"page":"pages/a","name":"A"},{"page":"pages/b","name":"\u202eB"}]}"#;
        let of = |window: &str| bar(&format!(r#"{tabs},"window":{window}"#)).tabs;
        let names: Vec<_> = of("{}").into_iter().map(|tab| tab.name).collect();
        assert_eq!(names, ["A", "B"]);
        assert_eq!(of(r#"{"navigation_style":"custom"}"#), []);
    }

    #[test]
    fn white_on_white_is_turned_round() {
        let ink = |members: &str| bar(members).ink;
        let near_white = r##""window":{"navigation_bar_background_color":"#f8f8f8"}"##;
        assert_eq!(ink(near_white).as_deref(), Some("#000000"));
        assert_eq!(ink(r#""window":{"navigation_bar_text_style":"black"}"#).as_deref(), Some("#ffffff"));
    }

    #[test]
    fn a_color_scheme_overrides_the_colors_and_fullscreen_hides_the_bar() {
        let all = r##""window":{"navigation_bar_background_color":"#123456"},"color_scheme":"light""##;
        assert_eq!(bar(all), Bar::default());
        assert!(bar(r#""window":{"fullscreen":true}"#).is_hidden);
    }
}
