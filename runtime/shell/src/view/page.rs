//! The view of one page: its messages up and the host's answers down.
//!
//! Invariant: it is nobody's until it is bound, is bound once, and is never given back.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use gtk::prelude::*;
use guichet_host::{Problem, Watch};
use guichet_package::manifest::Color;
use webkit2gtk::{
    UserContentInjectedFrames, UserContentManagerExt as _, UserScript, UserScriptInjectionTime, WebViewExt as _,
};
use wry::{PageLoadEvent, WebView, WebViewBuilder, WebViewBuilderExtUnix, WebViewExtUnix};

use super::{Shelf, ViewError, channel, closed, harden, orphan, pulse::Pulse, shelf::Shelves};
use crate::{
    crowd,
    desk::{AtKiosk, Event},
    dev::DevSignal,
    field::{self, Place},
    glass::frame,
    machine::{Post, Signal},
    origin::{self, APP_SCHEME, Verdict},
    pool::Pool,
    trace,
};

/// Messages of a page in one second; a view that sends more is stopped before other windows feel it.
const MOST_MESSAGES: u32 = 5_000;

/// The longest message of a page, in bytes.
const LONGEST_MESSAGE: usize = 8 << 20;

/// What a page may have been sent and not taken yet, in bytes: as much as it may fetch at once.
const MOST_UNTAKEN: u64 = 32 << 20;

/// What is shorter is not counted: a page cannot ask often enough to make much of it.
const SMALL_MESSAGE: usize = 4 << 10;

/// A page that does not answer for this long on a machine at rest is stopped.
const PATIENCE: Duration = Duration::from_secs(6);

/// What a view shows that is nobody's.
const NOTHING: &str = "about:blank";

/// The member that calls and their answers have in common.
const CALL: &str = "\"id\":";

/// How a deed begins that a session wants done again.
const PLAY: &str = "{\"play\":";

/// How begins what a person has done with a page, for a journey.
const NOTED: &str = "{\"note\":";

/// How begins what the host has seen of a page.
const WITNESSED: &str = "{\"glass\":";

/// A view that shows one page. Until it is bound to a session its process runs and shows nothing; a process that has run an
/// app's code is not swapped for another.
pub(super) struct PageView {
    view: Option<WebView>,
    container: gtk::Box,
    id: String,
    shelves: Shelves,
    lane: Rc<Lane>,
    post: Post,
}

/// Which page the view shows: the host asks for one, the view commits to it.
#[derive(Default)]
struct Lane {
    /// Whose view it is; nobody's at first.
    shelf: OnceCell<Shelf>,
    expected: RefCell<Option<String>>,
    loading: Cell<Option<u32>>,
    present: RefCell<Option<String>>,
    page: Cell<Option<u32>>,
    waiting: RefCell<Vec<String>>,
    /// Its document has been told nothing yet.
    is_silent: Cell<bool>,
    second: Cell<Option<Instant>>,
    messages: Cell<u32>,
    /// Calls of the document that have no answer yet, as far as one can tell from outside.
    unanswered: Cell<u32>,
    pulse: Pulse,
    /// Bytes that its document was sent and has not taken.
    untaken: RefCell<Arc<AtomicU64>>,
    /// Its process has ended while it was nobody's.
    is_gone: Cell<bool>,
    /// Its session is over: that its process ends is no crash.
    is_over: Cell<bool>,
    /// A WebDriver drives it: it stays bound to a process that ends, and finds no other view any more.
    is_driven: Cell<bool>,
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
        let lane = Rc::new(Lane { is_driven: Cell::new(shared), ..Lane::default() });
        let container = gtk::Box::new(gtk::Orientation::Vertical, 0);
        overlay.add_overlay(&container);
        // Below what is seen, until there is something to see in it; and the capsule stays above all.
        overlay.reorder_overlay(&container, 0);
        let mut builder = closed(builder)
            .with_id(&id)
            .with_focused(false)
            .with_navigation_handler(judge(&lane, post))
            .with_ipc_handler(hear(&lane, post))
            .with_on_page_load_handler(follow(&lane, post));
        if !shared {
            let shelves = shelves.clone();
            builder =
                builder.with_asynchronous_custom_protocol(APP_SCHEME.to_owned(), move |view, request, responder| {
                    shelves.answer(view, &pool, &request, responder);
                });
        }
        let view = orphan::taken_along(|| builder.build_gtk(&container)).map_err(ViewError::View)?;
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
        Ok(Self { view: Some(view), container, id, shelves, lane, post: post.clone() })
    }

    /// Starts its process, so that an app need not wait for that.
    pub(super) fn start(&self) -> Result<(), ViewError> {
        let Some(view) = &self.view else { return Ok(()) };
        self.container.realize();
        view.webview().realize();
        view.load_url(NOTHING).map_err(ViewError::Tell)
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
        self.shelves.open(self.id.clone(), shelf.clone());
        if self.lane.shelf.set(shelf).is_err() {
            tracing::error!("a view was bound twice");
        }
        self
    }

    /// Loads its page.
    pub(super) fn load(&self, page: u32, url: &str) -> Result<(), ViewError> {
        self.lane.loading.set(Some(page));
        *self.lane.expected.borrow_mut() = Some(url.to_owned());
        if let Some(shelf) = self.lane.shelf.get() {
            shelf.expect(url);
        }
        self.lane.waiting.borrow_mut().clear();
        // What was sent to the document before is taken by nobody.
        *self.lane.untaken.borrow_mut() = Arc::default();
        self.lane.is_silent.set(true);
        tracing::trace!(target: trace::TARGET, id = self.id.as_str(), page, "page asked for");
        self.view.as_ref().map_or(Ok(()), |view| view.load_url(url).map_err(ViewError::Tell))
    }

    /// Loads the document that is there once more, wherever it has gone.
    pub(super) fn reload(&self, page: u32) -> Result<(), ViewError> {
        let Some(view) = self.webview() else { return Ok(()) };
        let url = view.uri().map(String::from).unwrap_or_default();
        self.lane.loading.set(Some(page));
        *self.lane.expected.borrow_mut() = Some(url.clone());
        if let Some(shelf) = self.lane.shelf.get() {
            shelf.expect(&url);
        }
        self.lane.waiting.borrow_mut().clear();
        *self.lane.untaken.borrow_mut() = Arc::default();
        self.lane.is_silent.set(true);
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
    pub(super) fn deliver(&self, json: String) -> Result<(), ViewError> {
        if self.lane.loading.get().is_none() {
            return self.receive(&json);
        }
        self.lane.waiting.borrow_mut().push(json);
        Ok(())
    }

    /// The view shows another document: hands over what has been waiting for it.
    pub(super) fn committed(&self) -> Result<(), ViewError> {
        if self.lane.loading.get().is_some() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut *self.lane.waiting.borrow_mut());
        waiting.iter().try_for_each(|json| self.receive(json))
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

    fn receive(&self, json: &str) -> Result<(), ViewError> {
        if json.contains(CALL) {
            self.lane.unanswered.set(self.lane.unanswered.get().saturating_sub(1));
        }
        if self.lane.is_silent.replace(false) {
            tracing::trace!(target: trace::TARGET, id = self.id.as_str(), "first data");
        }
        let Some(view) = &self.view else { return Ok(()) };
        let watch = self.lane.shelf.get().map_or(Watch::Nothing, |shelf| shelf.session.watch());
        let script = match watch {
            Watch::Nothing => received(json),
            Watch::Plays(_) if json.starts_with(PLAY) => done_again(json),
            _ => told(json),
        };
        if script.len() <= SMALL_MESSAGE {
            return view.evaluate_script(&script).map_err(ViewError::Tell);
        }
        // Until the page takes it, it lies in the memory of the host.
        let (untaken, bytes) = (Arc::clone(&self.lane.untaken.borrow()), script.len() as u64);
        if untaken.load(Ordering::SeqCst).saturating_add(bytes) > MOST_UNTAKEN {
            if let Some(shelf) = self.lane.shelf.get() {
                let problem = flood("the page asked for more than it takes");
                (self.post)(Signal::Desk(Event::Broke(shelf.run, problem)));
            }
            return Ok(());
        }
        untaken.fetch_add(bytes, Ordering::SeqCst);
        let taken = move |_| {
            untaken.fetch_sub(bytes, Ordering::SeqCst);
        };
        view.evaluate_script_with_callback(&script, taken).map_err(ViewError::Tell)
    }
}

impl Drop for PageView {
    fn drop(&mut self) {
        self.shelves.shut(&self.id);
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

fn judge(lane: &Rc<Lane>, post: &Post) -> impl Fn(String) -> bool + 'static {
    let (lane, post) = (Rc::clone(lane), post.clone());
    move |url| {
        let Some(Shelf { run, app_id, .. }) = lane.shelf.get() else { return url == NOTHING };
        let run = *run;
        let verdict = origin::judge(app_id, lane.expected.borrow().as_deref(), lane.present.borrow().as_deref(), &url);
        match verdict {
            Verdict::Load => true,
            Verdict::Page(path) => {
                post(Signal::Desk(Event::Linked(run, path)));
                false
            }
            Verdict::Visit(address) => {
                post(Signal::Desk(Event::Called(run, address)));
                false
            }
            Verdict::Refuse => {
                tracing::warn!(app = %app_id, url, "a page may not go there");
                false
            }
        }
    }
}

fn hear(lane: &Rc<Lane>, post: &Post) -> impl Fn(wry::http::Request<String>) + 'static {
    let (lane, post) = (Rc::clone(lane), post.clone());
    move |request| {
        let Some(shelf) = lane.shelf.get() else { return };
        let text = request.into_body();
        if lane.is_flooded(Instant::now()) || text.len() > LONGEST_MESSAGE {
            let problem = flood("the page sent more messages than a terminal can take");
            return post(Signal::Desk(Event::Broke(shelf.run, problem)));
        }
        if text.starts_with(NOTED) {
            if shelf.is_noted {
                post(Signal::Dev(DevSignal::Noted(shelf.run, text)));
            }
            return;
        }
        if let Some(keys) = field::told(&text) {
            if let Some(page) = lane.page.get().filter(|_| shelf.has_keyboard) {
                post(Signal::Kiosk(AtKiosk::Field(Place::Page(shelf.run, page), keys)));
            }
            return;
        }
        if let Some(page) = lane.page.get() {
            if text.contains(CALL) && !text.starts_with(WITNESSED) {
                lane.unanswered.set(lane.unanswered.get().saturating_add(1));
            }
            if is_ready(&text) {
                tracing::trace!(target: trace::TARGET, run = shelf.run, page, "first paint");
                post(Signal::Desk(Event::Ready(shelf.run, page)));
            }
            shelf.session.page_message(page, &text);
        }
    }
}

fn follow(lane: &Rc<Lane>, post: &Post) -> impl Fn(PageLoadEvent, String) + 'static {
    let (lane, post) = (Rc::clone(lane), post.clone());
    move |event, url| {
        let Some(run) = lane.shelf.get().map(|shelf| shelf.run) else { return };
        // What it showed before it was anybody's may still be on its way.
        if url == NOTHING && lane.page.get().is_none() {
            return;
        }
        followed(&lane, run, &post, event, url);
    }
}

fn followed(lane: &Lane, run: u64, post: &Post, event: PageLoadEvent, url: String) {
    match event {
        PageLoadEvent::Started => {
            if lane.expected.borrow().as_deref() == Some(url.as_str()) {
                *lane.expected.borrow_mut() = None;
                if let Some(page) = lane.loading.take() {
                    lane.page.set(Some(page));
                }
            }
            *lane.present.borrow_mut() = Some(url);
            lane.pulse.forgive();
            lane.unanswered.set(0);
            tracing::trace!(target: trace::TARGET, run, page = lane.page.get(), "page there");
            post(Signal::Committed(run));
        }
        PageLoadEvent::Finished => {
            if let (Some(page), None) = (lane.page.get(), lane.loading.get()) {
                tracing::trace!(target: trace::TARGET, run, page, "page loaded");
                post(Signal::Desk(Event::Loaded(run, page)));
            }
        }
    }
}

fn flood(what: &str) -> Problem {
    Problem {
        class: "page/flood",
        what: what.to_owned(),
        place: None,
        hint: "open it again; its department has to correct it".to_owned(),
    }
}

/// The script that hands a JSON text to the bridge.
///
/// JSON is JavaScript (since ES2019 even U+2028 and U+2029 may stand in a string), but for one name: a member `__proto__`
/// would be the object's prototype and not a member.
fn received(json: &str) -> String {
    if json.contains(r#""__proto__""#) {
        return format!("__guichet.receive({})", serde_json::Value::from(json));
    }
    format!("__guichet.receive({json})")
}

/// The same, and whoever watches the page knows that it was told something.
fn told(json: &str) -> String {
    let is_answer = json.contains(CALL);
    format!("dispatchEvent(new CustomEvent('guichet-told', {{ detail: {is_answer} }}));{}", received(json))
}

/// The script that has something done with a page as a person did it.
fn done_again(json: &str) -> String {
    let deed = json.strip_prefix(PLAY).and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    format!("dispatchEvent(new CustomEvent('guichet-play', {{ detail: {} }}))", serde_json::Value::from(deed))
}

/// Whether a page says that it has been drawn; it may say so too early, and then only it looks unfinished.
fn is_ready(text: &str) -> bool {
    text.len() <= 64
        && serde_json::from_str::<serde_json::Value>(text)
            .is_ok_and(|message| message.get("event").is_some_and(|event| event == "ready"))
}

impl Lane {
    fn is_flooded(&self, now: Instant) -> bool {
        let is_new =
            self.second.get().is_none_or(|second| now.saturating_duration_since(second) >= Duration::from_secs(1));
        if is_new {
            self.second.set(Some(now));
            self.messages.set(0);
        }
        self.messages.set(self.messages.get().saturating_add(1));
        self.messages.get() > MOST_MESSAGES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bridge_s_word_is_ready() {
        assert!(is_ready(r#"{"event":"ready"}"#));
        for other in [r#"{"event":"loaded"}"#, r#"{"id":1,"ask":"ready"}"#, "ready", ""] {
            assert!(!is_ready(other), "{other}");
        }
    }

    #[test]
    fn a_member_that_is_no_member_in_javascript_goes_as_a_text() {
        assert_eq!(received(r#"{"id":1,"ok":null}"#), r#"__guichet.receive({"id":1,"ok":null})"#);
        assert_eq!(received(r#"{"ok":{"__proto__":1}}"#), r#"__guichet.receive("{\"ok\":{\"__proto__\":1}}")"#);
    }

    #[test]
    fn whoever_watches_knows_what_a_page_was_told() {
        let answer = told(r#"{"id":1,"ok":null}"#);
        assert!(
            answer.starts_with("dispatchEvent(new CustomEvent('guichet-told', { detail: true }));__guichet"),
            "{answer}"
        );
        assert!(told(r#"{"update":{},"state":{}}"#).contains("detail: false"));
        let deed = done_again(r#"{"play":{"do":"click","at":[1]}}"#);
        assert_eq!(
            deed,
            r#"dispatchEvent(new CustomEvent('guichet-play', { detail: "{\"do\":\"click\",\"at\":[1]}" }))"#
        );
    }

    #[test]
    fn a_flood_is_counted_by_the_second() {
        let lane = Lane::default();
        let start = Instant::now();
        let later = start + Duration::from_secs(2);
        assert!((0..MOST_MESSAGES).all(|_| !lane.is_flooded(start)));
        assert!(lane.is_flooded(start));
        assert!(!lane.is_flooded(later));
    }
}
