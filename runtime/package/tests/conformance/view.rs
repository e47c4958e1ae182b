//! A processed manifest as JSON, by the names of MiniApp Manifest.

use guichet_package::{
    Manifest,
    manifest::{
        BackgroundTextStyle, ColorScheme, Direction, NavigationBarTextStyle, NavigationStyle, Orientation, Window,
    },
};
use serde_json::{Value, json};

pub(crate) fn manifest(manifest: &Manifest) -> Value {
    json!({
        "app_id": manifest.app_id,
        "name": manifest.name,
        "short_name": manifest.short_name,
        "description": manifest.description,
        "dir": match manifest.dir { Direction::Ltr => "ltr", Direction::Rtl => "rtl", Direction::Auto => "auto" },
        "lang": manifest.lang,
        "color_scheme": manifest.color_scheme.map(|scheme| match scheme {
            ColorScheme::Auto => "auto",
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        }),
        "icons": manifest.icons.iter().map(|icon| json!({
            "src": icon.src.as_str(), "sizes": icon.sizes, "label": icon.label,
        })).collect::<Vec<_>>(),
        "pages": manifest.pages.iter().map(|page| page.as_str()).collect::<Vec<_>>(),
        "platform_version": {
            "min_code": manifest.platform_version.min_code,
            "target_code": manifest.platform_version.target_code,
            "release_type": manifest.platform_version.release_type,
        },
        "version": {"code": manifest.version.code, "name": manifest.version.name},
        "device_type": manifest.device_type,
        "req_permissions": manifest.req_permissions.iter().map(|request| json!({
            "name": request.permission.name.to_string(), "reason": request.reason,
        })).collect::<Vec<_>>(),
        "widgets": manifest.widgets.iter().map(|widget| json!({
            "name": widget.name, "path": widget.path.as_str(), "min_code": widget.min_code,
        })).collect::<Vec<_>>(),
        "window": window(&manifest.window),
    })
}

fn window(window: &Window) -> Value {
    json!({
        "auto_design_width": window.auto_design_width,
        "background_color": window.background_color.to_string(),
        "background_text_style": match window.background_text_style {
            BackgroundTextStyle::Light => "light",
            BackgroundTextStyle::Dark => "dark",
        },
        "design_width": window.design_width,
        "enable_pull_down_refresh": window.enable_pull_down_refresh,
        "fullscreen": window.fullscreen,
        "navigation_bar_background_color": window.navigation_bar_background_color.to_string(),
        "navigation_bar_text_style": match window.navigation_bar_text_style {
            NavigationBarTextStyle::White => "white",
            NavigationBarTextStyle::Black => "black",
        },
        "navigation_bar_title_text": window.navigation_bar_title_text,
        "navigation_style": match window.navigation_style {
            NavigationStyle::Default => "default",
            NavigationStyle::Custom => "custom",
        },
        "on_reach_bottom_distance": window.on_reach_bottom_distance,
        "orientation": match window.orientation {
            Orientation::Portrait => "portrait",
            Orientation::Landscape => "landscape",
        },
    })
}
