//! W3C's tests of MiniApps, rebuilt with the same defects: the payload under `src/`, a route that names another file,
//! pages that are templates, icons that are named and may be missing, and a function that was removed from the draft.

use anyhow::Result;
use serde_json::{Value, json};

use crate::zip::{self, Method};

/// The pages' folder and name: the manifest says `pages/home/home`, the files are `pages/home.*`.
pub const ROUTE: &str = "pages/home/home";

/// One test: its name as W3C has it, and the package.
#[derive(Clone, Debug)]
pub struct W3cTest {
    /// Such as `mnf-window-background-color`.
    pub name: &'static str,
    window: Option<Value>,
    app_css: &'static str,
    app_js: &'static str,
    page_css: Option<&'static str>,
    page_js: Option<&'static str>,
    method: Method,
    has_icon: bool,
}

/// What the page of every test says.
pub fn text_of(name: &str) -> String {
    format!("This page belongs to {name}.")
}

const LIFECYCLE: &str = "
const onShown = (input) => {
  console.log(`opened with ${input.pagePath}`);
  if (input.pagePath === 'pages/home/home') console.log('TEST PASSED');
  else console.warn('TEST FAILED');
};
const state = global.getGlobalState(() => console.log('launched'), onShown, () => {}, () => {});
console.log(`state ${state}`);
";

/// A page's script as component frameworks write it.
const COMPONENT: &str = "export default {\n  onInit() {\n    console.log('never called here');\n  }\n}\n";

impl W3cTest {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            window: None,
            app_css: "/* for all pages */\n",
            app_js: "// nothing to do\n",
            page_css: None,
            page_js: None,
            method: Method::Deflate,
            has_icon: true,
        }
    }

    fn window(name: &'static str, window: Value) -> Self {
        Self { window: Some(window), ..Self::new(name) }
    }

    /// All eleven.
    pub fn all() -> Vec<Self> {
        vec![
            Self { app_css: "", method: Method::Stored, ..Self::new("pkg-root-app-css-empty") },
            Self {
                page_css: Some("div { border-left: 40px solid #0000ff; }\n"),
                page_js: Some("console.log('the script of the page has run');\n"),
                ..Self::new("pkg-pages-same-filenames")
            },
            Self { app_css: "div { background: yellow; color: #000 }\n", ..Self::new("pkg-css-global-support") },
            Self {
                has_icon: false,
                ..Self::window("mnf-window-background-color", json!({"background_color": "#00FF00"}))
            },
            Self { has_icon: false, ..Self::new("mnf-window-background-color-default") },
            Self::window("mnf-window-fullscreen-true", json!({"fullscreen": true})),
            Self::new("mnf-window-fullscreen-default"),
            Self { page_js: Some(COMPONENT), ..Self::new("mnf-window-orientation-default") },
            Self {
                page_js: Some(COMPONENT),
                page_css: Some("/* nothing */\n"),
                ..Self::window("mnf-window-orientation-portrait", json!({"orientation": "portrait"}))
            },
            Self::window("mnf-window-orientation-landscape", json!({"orientation": "landscape"})),
            Self { app_js: LIFECYCLE, ..Self::new("lcy-global-launched-callback-page-path") },
        ]
    }

    /// The package as W3C's own tool packs it.
    pub fn package(&self) -> Result<Vec<u8>> {
        let mut manifest = json!({
            "dir": "ltr",
            "lang": "en",
            "app_id": "org.example.miniapp",
            "name": "MiniApp test",
            "pages": [ROUTE],
            "version": {"name": "1.0.0", "code": 1},
            "icons": [{"label": "A square", "src": "common/icon48x48.png", "sizes": "48x48"}],
            "platform_version": {"min_code": 1, "release_type": "Beta", "target_code": 1},
        });
        if let Some(window) = &self.window {
            manifest["window"] = window.clone();
        }
        let page = format!(
            "<!--\n  home.html of {0}\n-->\n<template>\n    <div>\n        <text>{1}</text>\n    </div>\n</template>",
            self.name,
            text_of(self.name)
        );
        let description = json!({"@type": "earl:TestCase", "dc:identifier": self.name});
        let text = |text: &str| text.as_bytes().to_vec();
        let mut files = vec![
            ("test.jsonld", serde_json::to_vec_pretty(&description)?),
            ("src/app.css", text(self.app_css)),
            ("src/app.js", text(self.app_js)),
            ("src/manifest.json", serde_json::to_vec_pretty(&manifest)?),
            ("src/pages/home.html", text(&page)),
        ];
        files.extend(self.page_css.map(|css| ("src/pages/home.css", text(css))));
        files.extend(self.page_js.map(|js| ("src/pages/home.js", text(js))));
        if self.has_icon {
            files.push(("src/common/icon48x48.png", text("not really a picture, and nobody looks")));
        }
        zip::write(&files, self.method)
    }
}
