//! Views: what draws a page, and all that is closed around it.
//!
//! Invariant: an app's views are made for one session in a fresh ephemeral context of its own, and what comes out of one is
//! attributed to that session because of the view it came out of, never because of an address or a message.

mod app;
mod capsule;
mod channel;
mod drag;
mod features;
mod folder;
mod fonts;
mod garbage;
mod harden;
mod idle;
mod keyboard;
mod lane;
mod network;
mod orphan;
mod page;
mod panel;
mod paper;
mod portion;
mod pulse;
mod script;
mod shelf;
mod socket;
mod stand;
mod symbol;
#[cfg(test)]
mod ways_out;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use gtk::prelude::*;
use tao::{platform::unix::WindowExtUnix, window::Window};
use webkit2gtk::WebViewExt as _;
use wry::{
    NewWindowResponse, PermissionResponse, ProxyConfig, ProxyEndpoint, WebContext, WebView, WebViewBuilder,
    WebViewBuilderExtUnix, WebViewExtUnix,
};

pub(crate) use self::{
    app::AppView,
    capsule::Capsule,
    fonts::list_fonts,
    garbage::collect_garbage,
    idle::IdleView,
    keyboard::{Keyboard, Look},
    paper::Sheet,
    portion::read_in_portions,
    shelf::Shelf,
    socket::give_back_messages,
    stand::Stand,
};
use self::{folder::EngineFolder, network::Network, page::PageView, pulse::Pulse, shelf::Shelves};
use crate::{
    action::Action,
    desk::{AtKiosk, Event},
    field::{self, Place},
    home,
    machine::{Post, Signal},
    origin::{APP_SCHEME, HOME_SCHEME, HOME_URL},
    pool::Pool,
    trace,
};

/// The id of the view of the host's own page.
const HOME: &str = "home";

/// How long the host's own page may say nothing: a machine that has much to do loads it within that.
const HOME_PATIENCE: Duration = Duration::from_secs(20);
/// What it says when it is there.
const IS_HOME: &str = "typeof guichetHome === 'object'";

/// WebKitWebDriver waits for the next frame before it takes a picture, and a still page has none.
const KEEP_DRAWING: &str = "setInterval((turn => () => { const root = document.documentElement; \
    if (root) root.style.outline = `${turn.odd ^= 1}px solid transparent`; })({ odd: 0 }), 100);";

/// Tells a kiosk which keys a field wants.
const FIELD: &str = include_str!("view/field.js");

/// A page's console, told to whoever wants a report; the page's own console stays.
const LISTEN: &str = include_str!("view/listen.js");

/// A proxy where nobody listens; and with a proxy not even names are looked up.
const NOWHERE: (&str, &str) = ("127.0.0.1", "1");

/// What every view is made with.
pub(crate) struct Views {
    overlay: gtk::Overlay,
    automation: Option<Automation>,
    /// Through which all others load; a WebDriver's one context has its own.
    network: Option<Network>,
    /// Whether the consoles of pages are listened to.
    listens: bool,
    /// Whether what people do with pages is noted.
    notes: bool,
    /// Of the host's own page.
    pulse: Pulse,
    /// Whether it is told which keys a field wants.
    has_keyboard: bool,
    /// A view that is nobody's yet.
    warm: Option<PageView>,
    /// Which view leads to which session; each has an id that no other ever had.
    shelves: Shelves,
    /// Views that were made, so that each has a number of its own.
    made: u64,
    pool: Pool,
    post: Post,
}

/// The one context a WebDriver may drive; only with `--automation`.
struct Automation {
    context: WebContext,
    folder: EngineFolder,
}

/// A view could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ViewError {
    /// The window has no place for views.
    #[error("the window has no place for views")]
    Window,
    /// A folder of the engine's could not be made.
    #[error("could not make a folder for the engine")]
    Folder(#[source] std::io::Error),
    /// The view could not be made.
    #[error("could not make a view")]
    View(#[source] wry::Error),
    /// The view did not do what it was told.
    #[error("a view did not take what it was told")]
    Tell(#[source] wry::Error),
}

impl Views {
    /// Prepares for views. With `automation`, all views share one context that a WebDriver may drive; with `listens`,
    /// what pages write on their consoles is told too, and with `notes` what people do with them.
    pub(crate) fn new(automation: bool, listens: bool, notes: bool, pool: Pool, post: Post) -> Result<Self, ViewError> {
        let overlay = gtk::Overlay::new();
        overlay.show();
        let (automation, network) =
            if automation { (Some(Automation::new()?), None) } else { (None, Some(Network::start()?)) };
        Ok(Self {
            overlay,
            automation,
            network,
            listens,
            notes,
            has_keyboard: false,
            pulse: Pulse::default(),
            warm: None,
            shelves: Shelves::default(),
            made: 0,
            pool,
            post,
        })
    }

    /// Puts them into their window, which may be made while the first of them starts.
    pub(crate) fn put_into(&self, window: &Window) -> Result<(), ViewError> {
        window.default_vbox().ok_or(ViewError::Window)?.pack_start(&self.overlay, true, true, 0);
        self.warm.iter().for_each(PageView::realize);
        Ok(())
    }

    /// The same views, where a keyboard of the terminal's own comes for fields.
    pub(crate) fn with_keyboard(self) -> Self {
        Self { has_keyboard: true, ..self }
    }

    /// The folder of this program that goes with it.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let automation = self.automation.as_ref().map(|automation| automation.folder.path());
        self.network.as_ref().map(Network::folder).or(automation)
    }

    /// Takes away what the engine has kept for itself: the program ends, and drops nothing.
    pub(crate) fn clear(&mut self) {
        self.network.iter_mut().for_each(Network::clear);
        self.automation.iter_mut().for_each(|automation| automation.folder.clear());
    }

    /// Makes the view of the host's own page; it fills the window. What is typed goes there if `takes_keys`.
    pub(crate) fn home(&mut self, takes_keys: bool) -> Result<WebView, ViewError> {
        let (post, titled, ended) = (self.post.clone(), self.post.clone(), self.post.clone());
        let container = gtk::Box::new(gtk::Orientation::Vertical, 0);
        container.show();
        self.overlay.add(&container);
        let automation = self.automation.is_some();
        let shelves = automation.then(|| self.shelves.clone());
        let mut builder = closed(builder(self.automation.as_mut()))
            .with_id(HOME)
            .with_focused(takes_keys)
            .with_document_title_changed_handler(move |title| titled(Signal::Titled(title)))
            .with_navigation_handler(|url| url == HOME_URL)
            .with_ipc_handler(move |request| match serde_json::from_str::<Action>(request.body()) {
                _ if let Some(keys) = field::told(request.body()) => {
                    post(Signal::Kiosk(AtKiosk::Field(Place::Home, keys)));
                }
                Ok(action) => post(Signal::Desk(Event::Asked(action))),
                Err(error) => tracing::error!("the host's own page sent something else: {error}"),
            })
            .with_asynchronous_custom_protocol(HOME_SCHEME.to_owned(), move |id, request, responder| {
                // In a WebDriver's one context the page that asks who is there comes here too.
                let is_ours = id == HOME || (automation && id == "idle");
                let url = if is_ours { request.uri().to_string() } else { String::new() };
                responder.respond(home::serve(&url));
            })
            .with_initialization_script(if automation { KEEP_DRAWING } else { "" })
            .with_initialization_script(if self.has_keyboard { FIELD } else { "" })
            .with_url(HOME_URL);
        if let Some(shelves) = shelves {
            let pool = self.pool.clone();
            builder =
                builder.with_asynchronous_custom_protocol(APP_SCHEME.to_owned(), move |id, request, responder| {
                    shelves.answer(id, &pool, &request, responder);
                });
        }
        let making = tracing::trace_span!(target: trace::TARGET, "view", id = HOME);
        let view = making.in_scope(|| builder.build_gtk(&container)).map_err(ViewError::View)?;
        harden::close(&view.webview(), || {});
        harden::watch(&view.webview(), move |reason| ended(Signal::HomeEnded(reason)));
        Ok(view)
    }

    /// Ends the process that draws the host's own page if it has said nothing for too long, as nothing else would; that it has
    /// ended is told like any other end of it, and the page is loaded anew.
    pub(crate) fn revive_home(&self, view: &WebView, now: Instant) {
        if self.pulse.silence(view, IS_HOME, now) > HOME_PATIENCE {
            tracing::error!(
                "the host's own page has said nothing for {} s: its process is ended",
                HOME_PATIENCE.as_secs()
            );
            self.pulse.forgive();
            view.webview().terminate_web_process();
        }
    }

    /// Makes the capsule, above the views that are there.
    pub(crate) fn capsule(&self, lang: &str) -> Capsule {
        Capsule::new(&self.overlay, lang, &self.post)
    }

    /// Gives a session its view: the one that is ready, or a new one. Hidden until it is told to show itself.
    pub(crate) fn app(&mut self, mut shelf: Shelf) -> Result<AppView, ViewError> {
        shelf.is_noted = self.notes;
        shelf.has_keyboard = self.has_keyboard;
        let script = shelf.session.bridge_script() + if self.listens { LISTEN } else { "" };
        let warm = match self.warm.take().filter(|warm| !warm.is_gone()) {
            Some(warm) => {
                tracing::debug!(app = %shelf.app_id, "a view was ready");
                warm
            }
            None => self.make(None)?,
        };
        Ok(AppView::new(warm.bind(shelf.beside(), &script), shelf, script))
    }

    /// Shows a page of a session: as it was left if its document is still there, or loaded. All pages of one app are drawn by
    /// one process, and no page of another. A WebDriver drives one view of an app, which shows one page after another.
    pub(crate) fn turn_to(&mut self, app: &mut AppView, page: u32, url: &str) -> Result<(), ViewError> {
        if app.return_to(page) {
            return Ok(());
        }
        let free = if self.automation.is_some() { app.only() } else { app.first() };
        let view = match free {
            Some(first) => first,
            None => self.make(app.webview())?.bind(app.shelf.beside(), &app.script),
        };
        app.load(view, page, url)
    }

    /// Has a view ready for the next session. Nobody drives the views of a WebDriver before they are an app's.
    pub(crate) fn warm(&mut self) -> Result<(), ViewError> {
        if self.automation.is_some() || self.warm.as_ref().is_some_and(|warm| !warm.is_gone()) {
            return Ok(());
        }
        let warm = self.make(None)?;
        warm.start()?;
        self.warm = Some(warm);
        Ok(())
    }

    fn make(&mut self, related: Option<webkit2gtk::WebView>) -> Result<PageView, ViewError> {
        self.made += 1;
        let id = format!("view-{}", self.made);
        let (overlay, pool, post) = (self.overlay.clone(), self.pool.clone(), self.post.clone());
        let shared = self.automation.is_some();
        let shelves = self.shelves.clone();
        let builder = builder(self.automation.as_mut());
        let builder = if shared { builder.with_initialization_script(KEEP_DRAWING) } else { builder };
        let builder = match related {
            Some(related) => builder.with_related_view(related),
            None => builder,
        };
        let page = tracing::trace_span!(target: trace::TARGET, "view", id = id.as_str())
            .in_scope(|| PageView::new(builder, &overlay, id.clone(), shelves, shared, pool, &post))?;
        if let Some(view) = page.webview().filter(|_| self.has_keyboard) {
            harden::offer_no_colors(&view);
        }
        Ok(page)
    }
}

impl Automation {
    fn new() -> Result<Self, ViewError> {
        let folder = EngineFolder::make().map_err(ViewError::Folder)?;
        let mut context = WebContext::new(Some(folder.path().to_owned()));
        context.set_allows_automation(true);
        Ok(Self { context, folder })
    }
}

fn builder(automation: Option<&mut Automation>) -> WebViewBuilder<'_> {
    match automation {
        Some(automation) => WebViewBuilder::new_with_web_context(&mut automation.context),
        None => WebViewBuilder::new().with_incognito(true),
    }
}

/// Closes every way out of a view but the host's own channel.
fn closed(builder: WebViewBuilder<'_>) -> WebViewBuilder<'_> {
    let nowhere = ProxyEndpoint { host: NOWHERE.0.to_owned(), port: NOWHERE.1.to_owned() };
    builder
        .with_proxy_config(ProxyConfig::Http(nowhere))
        .with_new_window_req_handler(|_, _| NewWindowResponse::Deny)
        .with_download_started_handler(|_, _| false)
        .with_permission_handler(|_| PermissionResponse::Deny)
        .with_devtools(false)
        .with_clipboard(false)
        .with_autoplay(false)
        .with_back_forward_navigation_gestures(false)
}
