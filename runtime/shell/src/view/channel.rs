//! The channel of an app's pages: the engine's own is in a world of scripts that no page and no frame can reach, and what
//! goes through it is measured there, in the process of the page.
//!
//! A message that has come as far as the host takes memory of the host, however it is judged; so what is too long or too
//! much does not leave its process. A process that has been taken over can still send it: that is what the limits in
//! [`super::lane`] are for.

use guichet_host::Watch;
use webkit2gtk::{
    UserContentInjectedFrames, UserContentManager, UserContentManagerExt as _, UserScript, UserScriptInjectionTime,
    WebViewExt as _,
};
use wry::{WebView, WebViewExtUnix as _};

/// The name that wry gives the engine's channel.
const NAME: &str = "ipc";

/// The world of our own scripts.
const WORLD: &str = "guichet";

/// Passes on what the page's side hands it, with a measure.
const KEEPER: &str = include_str!("channel.js");

/// The page's side, which the bridge takes away before any script of the page runs.
pub(super) const PAGE_SIDE: &str = "globalThis.guichetChannel = (() => {
  const { apply } = Reflect, { dispatchEvent } = EventTarget.prototype, TheEvent = CustomEvent, { setPrototypeOf } = Object;
  return { postMessage: (text) => { apply(dispatchEvent, globalThis, [new TheEvent('guichet-message', setPrototypeOf({ detail: text }, null))]); } };
})();
";

/// Sees what people do and what pages show, and does it again.
const WATCH: &str = include_str!("watch.js");

/// Notes what people do, in the words of journeys.
const NOTE: &str = include_str!("note.js");

/// The clock of pages that are played.
const CLOCK: &str = include_str!("clock.js");

/// How long nothing must happen in a page before it is at rest, in milliseconds. A page that is played is asked earlier, for
/// what it shows is compared again until it is what it has to be.
const QUIET_MS: [u64; 2] = [400, 100];

/// Has pages watched, if the session wants that. Returns what goes before the scripts of its pages.
pub(super) fn watch(manager: &UserContentManager, watch: Watch) -> String {
    let [recorded, played] = QUIET_MS;
    let (plays, quiet, before) = match watch {
        Watch::Nothing => return String::new(),
        Watch::Records => (false, recorded, String::new()),
        Watch::Plays(now_ms) => (true, played, CLOCK.replace("__GUICHET_NOW__", &now_ms.to_string())),
    };
    let script =
        WATCH.replace("__GUICHET_PLAYS__", &plays.to_string()).replace("__GUICHET_QUIET__", &quiet.to_string());
    let (frames, time) = (UserContentInjectedFrames::TopFrame, UserScriptInjectionTime::Start);
    manager.add_script(&UserScript::for_world(&script, frames, time, WORLD, &[], &[]));
    before
}

/// Has what people do with pages noted, for a journey that `guichet dev` records.
pub(super) fn note(manager: &UserContentManager) {
    let (frames, time) = (UserContentInjectedFrames::TopFrame, UserScriptInjectionTime::Start);
    manager.add_script(&UserScript::for_world(NOTE, frames, time, WORLD, &[], &[]));
}

/// Has it told which keys the field wants that has the focus.
pub(super) fn tell_fields(manager: &UserContentManager) {
    let (frames, time) = (UserContentInjectedFrames::TopFrame, UserScriptInjectionTime::Start);
    manager.add_script(&UserScript::for_world(super::FIELD, frames, time, WORLD, &[], &[]));
}

/// Moves the channel out of the reach of pages.
pub(super) fn close(view: &WebView) {
    let Some(manager) = view.webview().user_content_manager() else { return };
    manager.unregister_script_message_handler(NAME);
    if !manager.register_script_message_handler_in_world(NAME, WORLD) {
        tracing::error!("the channel of a page could not be opened");
    }
    let (frames, time) = (UserContentInjectedFrames::TopFrame, UserScriptInjectionTime::Start);
    manager.add_script(&UserScript::for_world(KEEPER, frames, time, WORLD, &[], &[]));
}
