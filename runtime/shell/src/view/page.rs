//! The view of one page: its messages up and the host's answers down.
//!
//! Invariant: it is nobody's until it is bound, is bound once, and is never given back.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use gtk::prelude::*;
use guichet_host::Problem;
use guichet_package::manifest::Color;
use webkit2gtk::{
    UserContentInjectedFrames, UserContentManagerExt as _, UserScript, UserScriptInjectionTime, WebViewExt as _,
};
use wry::{WebView, WebViewBuilder, WebViewBuilderExtUnix, WebViewExtUnix};

use super::{
    Shelf, ViewError, channel, closed, harden,
    lane::{self, Lane, NOTHING},
    orphan,
    shelf::Shelves,
};
use crate::{
    crowd,
    desk::Event,
    glass::frame,
    machine::{Post, Signal},
    origin::APP_SCHEME,
    pool::Pool,
    trace,
};

/// A page that does not answer for this long on a machine at rest is stopped.
const PATIENCE: Duration = Duration::from_secs(6);

/// A view that shows one page. Until it is bound to a session its process runs and shows nothing; a process that has run an
/// app's code is not swapped for another.
pub(super) struct PageView {
    view: Option<WebView>,
    container: gtk::Box,
    shelves: Shelves,
    lane: Rc<Lane>,
    post: Post,
}

impl PageView {
    /// Makes a view of a context of its own; `id` is no other view's.
    pub(super) fn new(
        builder: WebViewBuilder<'_>,
        overlay: &gtk::Overlay,
        id: String,
        shelves: Shelves,
        shared: bool,
        pool: Pool,
        post: &Post,
    ) -> Result<Self, ViewError> {
        let lane = Rc::new(Lane::new(id, shared));
        let container = gtk::Box::new(gtk::Orientation::Vertical, 0);
        overlay.add_overlay(&container);
        // Below what is seen, until there is something to see in it; and the capsule stays above all.
        overlay.reorder_overlay(&container, 0);
        let mut builder = closed(builder)
            .with_id(&lane.id)
            .with_focused(false)
            .with_navigation_handler(lane::judge(&lane, post))
            .with_ipc_handler(lane::hear(&lane, post))
            .with_on_page_load_handler(lane::follow(&lane, post));
        if !shared {
            let shelves = shelves.clone();
            builder =
                builder.with_asynchronous_custom_protocol(APP_SCHEME.to_owned(), move |view, request, responder| {
                    shelves.answer(view, &pool, &request, responder);
                });
        }
        let view = orphan::taken_along(|| builder.build_gtk(&container)).map_err(ViewError::View)?;
        lane.view.set(Some(&view.webview()));
        channel::close(&view);
        let (of, closing) = (Rc::clone(&lane), post.clone());
        harden::close(&view.webview(), move || {
            if let Some(shelf) = of.shelf.get() {
                closing(Signal::Desk(Event::Closed(shelf.run)));
            }
        });
        harden::offer_no_files(&view.webview());
        let (of, crashing) = (Rc::clone(&lane), post.clone());
        harden::watch(&view.webview(), move |reason| {
            let Some(shelf) = of.shelf.get().filter(|_| !of.is_over.get()) else {
                of.is_gone.set(true);
                return;
            };
            let problem = Problem {
                class: "page/crashed",
                what: format!("the process that draws the page ended: {reason}"),
                place: None,
                hint: "open it again".to_owned(),
            };
            crashing(Signal::Desk(Event::Broke(shelf.run, problem)));
        });
        Ok(Self { view: Some(view), container, shelves, lane, post: post.clone() })
    }

    /// Starts its process, so that an app need not wait for that.
    pub(super) fn start(&self) -> Result<(), ViewError> {
        let Some(view) = &self.view else { return Ok(()) };
        if self.container.toplevel().is_some_and(|above| above.is::<gtk::Window>()) {
            self.realize();
        }
        view.load_url(NOTHING).map_err(ViewError::Tell)
    }

    /// Prepares it for a place in a window.
    pub(super) fn realize(&self) {
        if let Some(view) = &self.view {
            self.container.realize();
            view.webview().realize();
        }
    }

    /// From now on it is no crash when its process ends.
    pub(super) fn expect_end(&self) {
        self.lane.is_over.set(true);
    }

    /// Ends its process at once, and with it all other pages that this process draws.
    pub(super) fn end_process(&self) {
        if let Some(view) = self.view.as_ref().filter(|_| !self.lane.is_driven.get()) {
            view.webview().terminate_web_process();
        }
    }

    /// Whether its process has ended before anybody needed it.
    pub(super) fn is_gone(&self) -> bool {
        self.lane.is_gone.get()
    }

    /// Gives it to a session, with the script that goes before those of its pages.
    pub(super) fn bind(self, shelf: Shelf, script: &str) -> Self {
        if let Some(scripts) = self.view.as_ref().and_then(|view| view.webview().user_content_manager()) {
            let (frames, time) = (UserContentInjectedFrames::TopFrame, UserScriptInjectionTime::Start);
            let before = channel::watch(&scripts, shelf.session.watch());
            if shelf.is_noted {
                channel::note(&scripts);
            }
            if shelf.has_keyboard {
                channel::tell_fields(&scripts);
            }
            let script = before + channel::PAGE_SIDE + script;
            scripts.add_script(&UserScript::new(&script, frames, time, &[], &[]));
        }
        self.shelves.open(self.lane.id.clone(), shelf.clone());
        if self.lane.shelf.set(shelf).is_err() {
            tracing::error!("a view was bound twice");
        }
        self
    }

    /// Loads its page.
    pub(super) fn load(&self, page: u32, url: &str) -> Result<(), ViewError> {
        self.lane.expect(page, url);
        tracing::trace!(target: trace::TARGET, id = self.lane.id.as_str(), page, "page asked for");
        self.view.as_ref().map_or(Ok(()), |view| view.load_url(url).map_err(ViewError::Tell))
    }

    /// Loads the document that is there once more, wherever it has gone.
    pub(super) fn reload(&self, page: u32) -> Result<(), ViewError> {
        let Some(view) = self.webview() else { return Ok(()) };
        let url = view.uri().map(String::from).unwrap_or_default();
        self.lane.expect(page, &url);
        view.reload();
        Ok(())
    }

    /// Draws it larger or smaller than it is written.
    pub(super) fn zoom(&self, zoom: f64) {
        if let Some(view) = self.webview().filter(|view| (view.zoom_level() - zoom).abs() > 1e-6) {
            view.set_zoom_level(zoom);
        }
    }

    /// Runs a script of the host's in the page and hands on what it gives, as JSON.
    pub(super) fn ask(&self, script: &str, then: impl Fn(String) + Send + 'static) -> Result<(), ViewError> {
        let view = self.view.as_ref();
        view.map_or(Ok(()), |view| view.evaluate_script_with_callback(script, then).map_err(ViewError::Tell))
    }

    /// Hands a JSON text to the page; at once if its document is there, or as soon as it is.
    pub(super) fn deliver(&self, json: String) {
        self.lane.deliver(json, &self.post);
    }

    /// The view shows another document: hands over what has been waiting for it.
    pub(super) fn committed(&self) {
        self.lane.committed(&self.post);
    }

    /// When the page was told something last.
    pub(super) fn told(&self) -> Option<Instant> {
        self.lane.told.get()
    }

    /// Shows or hides the view, below `top` pixels and above `foot`.
    pub(super) fn arrange(&self, (top, foot): (i32, i32), is_visible: bool) {
        self.container.set_margin_top(top);
        self.container.set_margin_bottom(foot);
        if is_visible == self.container.is_visible() {
            return;
        }
        if is_visible {
            self.container.show_all();
        } else {
            self.container.hide();
        }
    }

    /// What a person types goes here.
    pub(super) fn take_focus(&self) {
        if let Some(view) = &self.view {
            view.webview().grab_focus();
        }
    }

    /// Asks the page for a sign of life; says that it has failed to give one for too long.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        let Some(view) = self.view.as_ref().filter(|_| self.lane.page.get().is_some()) else { return false };
        let silence = self.lane.pulse.silence(view, "true", now);
        silence > PATIENCE && silence > crowd::patience(PATIENCE)
    }

    /// The color behind pages that have none of their own.
    pub(super) fn set_background(&self, color: Color) {
        if let Some(view) = &self.view {
            view.webview().set_background_color(&frame::rgba(color));
        }
    }

    /// The color that is behind pages.
    pub(super) fn background(&self) -> Option<Color> {
        let color = self.view.as_ref()?.webview().background_color();
        let part = |part: f64| (part * 255.0).round().clamp(0.0, 255.0) as u8;
        Some(Color { rgb: [part(color.red()), part(color.green()), part(color.blue())] })
    }

    /// Width and height of the view, in CSS pixels.
    pub(super) fn size(&self) -> (i32, i32) {
        let view = self.webview();
        view.map_or((0, 0), |view| (view.allocated_width(), view.allocated_height()))
    }

    /// Whether the page still waits for answers.
    pub(super) fn is_waiting(&self) -> bool {
        self.lane.unanswered.get() > 0
    }

    /// The view itself, for a picture.
    pub(super) fn webview(&self) -> Option<webkit2gtk::WebView> {
        self.view.as_ref().map(WebViewExtUnix::webview)
    }

    /// Calls back when the page has heard all that it was told.
    pub(super) fn after_all(&self, then: impl Fn() + Send + 'static) -> Result<(), ViewError> {
        let view = self.view.as_ref();
        view.map_or(Ok(()), |view| view.evaluate_script_with_callback("0", move |_| then()).map_err(ViewError::Tell))
    }

    /// Reads the page's title and text.
    pub(super) fn read(&self, then: impl Fn(String) + Send + 'static) -> Result<(), ViewError> {
        const READ: &str = "({title: document.title, text: document.body ? document.body.innerText : ''})";
        self.view
            .as_ref()
            .map_or(Ok(()), |view| view.evaluate_script_with_callback(READ, then).map_err(ViewError::Tell))
    }
}

impl Drop for PageView {
    fn drop(&mut self) {
        self.shelves.shut(&self.lane.id);
        if self.lane.shelf.get().is_none() {
            self.end_process();
        }
        if let Some(view) = self.view.take() {
            harden::release(&view.webview());
        }
        if let Some(overlay) = self.container.parent().and_downcast::<gtk::Overlay>() {
            overlay.remove(&self.container);
        }
    }
}
