//! What was seen, as JSON for whoever starts the program for its sake.

use std::{fs, io, path::Path};

use guichet_host::{LifecycleEvent, Played, Problem};
use guichet_package::compat::Bend;
use serde::Serialize;
use serde_json::Value;

/// Everything that is said about one picture.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Whether what was asked for is what was seen.
    pub(crate) ok: bool,
    /// The terminal that was stood in for.
    pub(crate) profile: &'static str,
    /// The app, as its manifest names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<String>,
    /// `version.name` of its manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version_name: Option<String>,
    /// The route of the page the app was opened with.
    pub(crate) start_page: Option<String>,
    /// The route of the page that is seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
    /// Its title.
    pub(crate) title: String,
    /// All text on it.
    pub(crate) page_text: String,
    /// The picture's width, in pixels.
    pub(crate) width: i32,
    /// The picture's height, in pixels.
    pub(crate) height: i32,
    /// `window` of the manifest, and what became of it.
    pub(crate) window: Option<Frame>,
    /// The states the app and its pages have reached, in order.
    pub(crate) lifecycle: Vec<Reached>,
    /// Lines of the app's console.
    pub(crate) console: Vec<String>,
    /// What `--compat` bent.
    pub(crate) bent: Vec<Bent>,
    /// Why it is not well.
    pub(crate) error: Option<Refused>,
}

/// Writes what playing the pages of a session has found, or why they could not be played.
pub(crate) fn write_played(path: &Path, played: Result<Played, Refused>) -> io::Result<()> {
    let (played, error) = (played.as_ref().ok(), played.as_ref().err());
    fs::write(path, serde_json::json!({ "ok": error.is_none(), "played": played, "error": error }).to_string())
}

/// The window as the manifest has it, and as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Frame {
    /// What the manifest says, defaults included, and the size that follows from it.
    pub(crate) requested: FrameState,
    /// What the window and the view say.
    pub(crate) applied: FrameState,
    /// The members the manifest names itself.
    pub(crate) named: Vec<&'static str>,
}

/// One state of the window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FrameState {
    /// Behind the page, such as `#00ff00`.
    pub(crate) background_color: String,
    /// Whether the app fills the screen.
    pub(crate) fullscreen: bool,
    /// `portrait` or `landscape`.
    pub(crate) orientation: &'static str,
    /// The view's width, in CSS pixels.
    pub(crate) width: i32,
    /// The view's height, in CSS pixels.
    pub(crate) height: i32,
}

/// A state of the app or of a page.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Reached {
    target: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    event: String,
    phase: &'static str,
    input: Value,
}

/// One thing that was bent.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Bent {
    bend: &'static str,
    #[serde(rename = "where")]
    place: String,
    what: String,
}

/// Why something is refused or has failed.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Refused {
    class: String,
    what: String,
    #[serde(rename = "where")]
    place: Option<String>,
    hint: String,
}

impl Report {
    /// Nothing was seen, and this is why.
    pub(crate) fn refused(profile: &'static str, error: Refused) -> Self {
        Self { profile, error: Some(error), ..Self::default() }
    }

    /// Writes it as JSON.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, serde_json::to_vec_pretty(self)?)
    }
}

impl Reached {
    /// Whether a page has been rendered for the first time.
    pub(crate) fn is_page_ready(&self) -> bool {
        self.event == "pageready"
    }

    /// As a session says it.
    pub(crate) fn of(event: LifecycleEvent) -> Self {
        let target = if event.page.is_some() { "page" } else { "global" };
        Self {
            target,
            page: event.page,
            event: format!("{target}{}", event.phase),
            phase: event.phase,
            input: event.input,
        }
    }
}

impl Bent {
    /// As the package says it.
    pub(crate) fn of(bend: &Bend) -> Self {
        Self { bend: bend.name(), place: bend.place(), what: bend.to_string() }
    }
}

impl Refused {
    /// From its parts.
    pub(crate) fn new(class: &str, what: String, place: Option<String>, hint: String) -> Self {
        Self { class: class.to_owned(), what, place, hint }
    }

    /// As the host says it.
    pub(crate) fn of(problem: &Problem) -> Self {
        let Problem { class, what, place, hint } = problem.clone();
        Self::new(class, what, place, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_reported_with_every_member() {
        let refused = Refused::new("manifest/missing", "there is none".to_owned(), None, "add one".to_owned());
        let report = serde_json::to_string_pretty(&Report::refused("desktop", refused)).unwrap();
        insta::assert_snapshot!(report);
    }

    #[test]
    fn a_state_is_told_by_its_w3c_event() {
        let event = LifecycleEvent { page: Some(1), phase: "ready", input: serde_json::json!({"pageInputQuery": ""}) };
        let told = serde_json::to_string(&Reached::of(event)).unwrap();
        insta::assert_snapshot!(told, @r#"{"target":"page","page":1,"event":"pageready","phase":"ready","input":{"pageInputQuery":""}}"#);
    }
}
