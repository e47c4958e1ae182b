//! The question whether somebody is still there: a view of the host's own above all of an app's.

use gtk::prelude::*;
use serde_json::Value;
use wry::{WebView, WebViewBuilderExtUnix as _, WebViewExtUnix as _};

use super::{KEEP_DRAWING, ViewError, Views, builder, closed, harden};
use crate::{
    action::Action,
    desk::Event,
    home,
    machine::Signal,
    origin::{HOME_SCHEME, IDLE_URL},
};

/// The id of the view.
const IDLE: &str = "idle";

/// The view, hidden as long as nobody has to be asked.
pub(crate) struct IdleView {
    view: WebView,
    container: gtk::Box,
    overlay: gtk::Overlay,
    told: String,
}

impl Views {
    /// Makes it, hidden, above everything that is in the window.
    pub(crate) fn idle(&mut self) -> Result<IdleView, ViewError> {
        let post = self.post.clone();
        let container = gtk::Box::new(gtk::Orientation::Vertical, 0);
        self.overlay.add_overlay(&container);
        let automation = self.automation.is_some();
        let view = closed(builder(self.automation.as_mut()))
            .with_id(IDLE)
            .with_focused(false)
            .with_navigation_handler(|url| url == IDLE_URL)
            .with_ipc_handler(move |request| match serde_json::from_str::<Action>(request.body()) {
                Ok(action @ (Action::Stay | Action::End)) => post(Signal::Desk(Event::Asked(action))),
                Ok(other) => tracing::error!(?other, "whoever asks whether somebody is there asks for something else"),
                Err(error) => tracing::error!("the host's own page sent something else: {error}"),
            })
            .with_initialization_script(if automation { KEEP_DRAWING } else { "" });
        // In a WebDriver's one context the scheme is there already.
        let view = match automation {
            true => view,
            false => view.with_asynchronous_custom_protocol(HOME_SCHEME.to_owned(), |id, request, responder| {
                let url = if id == IDLE { request.uri().to_string() } else { String::new() };
                responder.respond(home::serve(&url));
            }),
        };
        let view = view.with_url(IDLE_URL).build_gtk(&container).map_err(ViewError::View)?;
        harden::close(&view.webview(), || {});
        Ok(IdleView { view, container, overlay: self.overlay.clone(), told: String::new() })
    }
}

impl IdleView {
    /// Whether it is seen.
    pub(crate) fn is_seen(&self) -> bool {
        self.container.is_visible()
    }

    /// Shows how much time is left, or hides it.
    pub(crate) fn ask(&mut self, state: Option<&Value>) -> Result<(), ViewError> {
        let Some(state) = state else {
            self.container.hide();
            self.told.clear();
            return Ok(());
        };
        let text = state.to_string();
        if !self.is_seen() {
            self.overlay.reorder_overlay(&self.container, -1);
            self.container.show_all();
            self.view.focus().map_err(ViewError::Tell)?;
        }
        if self.told != text {
            let script = format!("window.guichetIdle && window.guichetIdle.receive({text})");
            self.view.evaluate_script(&script).map_err(ViewError::Tell)?;
            self.told = text;
        }
        Ok(())
    }
}
