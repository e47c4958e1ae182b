//! The view of a developer's panel.

use wry::{WebView, WebViewExtUnix};

use super::{KEEP_DRAWING, ViewError, Views, builder, closed, harden};
use crate::dev::{PANEL_SCHEME, PANEL_URL, hear, serve};

/// The id of the view.
const PANEL: &str = "dev";

impl Views {
    /// What all views of apps, and the host's own page, lie on.
    pub(crate) fn overlay(&self) -> &gtk::Overlay {
        &self.overlay
    }

    /// Makes the view of the developer's panel; closed as every other.
    pub(crate) fn panel(&mut self, container: &gtk::Box) -> Result<WebView, ViewError> {
        let post = self.post.clone();
        let automation = self.automation.is_some();
        let view = closed(builder(self.automation.as_mut()))
            .with_id(PANEL)
            .with_focused(false)
            .with_clipboard(true)
            .with_navigation_handler(|url| url == PANEL_URL)
            .with_ipc_handler(move |request| hear(request.body(), &post))
            .with_asynchronous_custom_protocol(PANEL_SCHEME.to_owned(), |id, request, responder| {
                let url = if id == PANEL { request.uri().to_string() } else { String::new() };
                responder.respond(serve(&url));
            })
            .with_initialization_script(if automation { KEEP_DRAWING } else { "" })
            .with_url(PANEL_URL);
        let view = wry::WebViewBuilderExtUnix::build_gtk(view, container).map_err(ViewError::View)?;
        harden::close(&view.webview(), || {});
        Ok(view)
    }
}
