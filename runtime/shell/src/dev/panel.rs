//! The panel: a page of the host's own beside the app, outside of its view and in another process.

use std::cell::Cell;

use serde::Deserialize;
use serde_json::Value as Json;
use wry::WebView;

use super::{DevSignal, wire::Set};
use crate::{
    answer::{self, Answer},
    machine::{Post, Signal},
};

/// The scheme of the panel.
pub(crate) const SCHEME: &str = "guichet-dev";

/// The panel's page.
pub(crate) const FILES_URL: &str = "guichet-dev://dev/index.html";

macro_rules! files {
    ($($name:literal $from:literal $mime:literal;)*) => {
        const FILES: &[(&str, &str, &[u8])] = &[$(($name, $mime, include_bytes!($from))),*];
    };
}

files! {
    "index.html" "page/index.html" "text/html; charset=utf-8";
    "dev.css" "page/dev.css" "text/css; charset=utf-8";
    "dev.js" "page/dev.js" "text/javascript; charset=utf-8";
    "rows.js" "page/rows.js" "text/javascript; charset=utf-8";
    "text.js" "page/text.js" "text/javascript; charset=utf-8";
    "tokens.css" "../home/tokens.css" "text/css; charset=utf-8";
    "faces.css" "../home/faces.css" "text/css; charset=utf-8";
    "dom.js" "../home/dom.js" "text/javascript; charset=utf-8";
}

/// One message of the panel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub(crate) enum Asked {
    /// It can receive.
    Ready,
    /// Something is switched.
    Set(Set),
    /// Load the page again.
    Reload,
    /// Begin the session anew, on the same pages.
    Anew,
    /// Record a journey from now on.
    Record,
    /// It is all: write it down.
    Stop,
    /// Say what the app keeps.
    Storage,
    /// Erase what the app keeps.
    Erase,
}

/// The panel's view.
pub(crate) struct Panel {
    view: WebView,
    is_ready: Cell<bool>,
}

impl Panel {
    /// The panel in its view.
    pub(crate) fn new(view: WebView) -> Self {
        Self { view, is_ready: Cell::new(false) }
    }

    /// Whether it can receive.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready.get()
    }

    /// It can.
    pub(crate) fn set_ready(&self) {
        self.is_ready.set(true);
    }

    /// Hands it entries.
    pub(crate) fn receive(&self, entries: &Json) {
        if let Err(error) = self.view.evaluate_script(&format!("window.guichetDev.receive({entries})")) {
            tracing::error!("the panel did not take what it was told: {error}");
        }
    }
}

/// Takes a message of the panel.
pub(crate) fn hear(text: &str, post: &Post) {
    match serde_json::from_str(text) {
        Ok(asked) => post(Signal::Dev(DevSignal::Asked(asked))),
        Err(error) => tracing::error!("the panel sent something else: {error}"),
    }
}

/// Answers a request of the panel.
pub(crate) fn serve(url: &str) -> Answer {
    answer::own(FILES, url.strip_prefix(SCHEME).and_then(|rest| rest.strip_prefix("://dev/")))
}

#[cfg(test)]
mod tests {
    use guichet_host::Profile;

    use super::*;
    use crate::answer::POLICY;

    #[test]
    fn every_file_of_the_panel_is_served_and_nothing_else() {
        assert_eq!(serve(FILES_URL).headers()["content-security-policy"], POLICY);
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/dev/page")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert_eq!(serve(&format!("guichet-dev://dev/{name}")).status(), 200, "{name}");
        }
        for url in ["guichet-dev://dev/", "guichet-dev://other/index.html", "guichet-dev://dev/../mod.rs", "x"] {
            assert_eq!(serve(url).status(), 404, "{url}");
        }
    }

    #[test]
    fn the_panel_has_nothing_inline() {
        let html = include_str!("page/index.html");
        for inline in ["<style", " style=", " onclick=", "javascript:"] {
            assert!(!html.contains(inline), "{inline}");
        }
    }

    #[test]
    fn the_panel_is_understood() {
        let asked = |text| serde_json::from_str::<Asked>(text).unwrap();
        assert_eq!(asked(r#"{"action":"ready"}"#), Asked::Ready);
        let set = Set { profile: Some(Profile::Elder), ..Set::default() };
        assert_eq!(asked(r#"{"action":"set","profile":"elder"}"#), Asked::Set(set));
    }
}
