//! The channel of an app's pages: the engine's own is in a world of scripts that no page and no frame can reach, and what
//! goes through it is measured there, in the process of the page.
//!
//! A message that has come as far as the host takes memory of the host, however it is judged; so what is too long or too
//! much does not leave its process. A process that has been taken over can still send it: that is what the limits in
//! [`super::page`] are for.

use webkit2gtk::{
    UserContentInjectedFrames, UserContentManagerExt as _, UserScript, UserScriptInjectionTime, WebViewExt as _,
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
