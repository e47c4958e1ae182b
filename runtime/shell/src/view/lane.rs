//! What goes through the view of one page: which document it shows, what that says, and what it is told.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use gtk::{gio, glib};
use guichet_host::{Problem, Watch};
use webkit2gtk::WebViewExt as _;
use wry::PageLoadEvent;

use super::{Shelf, pulse::Pulse, script};
use crate::{
    desk::{AtKiosk, Event},
    dev::DevSignal,
    field::{self, Place},
    machine::{Post, Signal},
    origin::{self, Verdict},
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

/// What a view shows that is nobody's.
pub(super) const NOTHING: &str = "about:blank";

/// The member that calls and their answers have in common.
pub(super) const CALL: &str = "\"id\":";

/// How begins what a person has done with a page, for a journey.
const NOTED: &str = "{\"note\":";

/// How begins what the host has seen of a page.
const WITNESSED: &str = "{\"glass\":";

/// Which page the view shows: the host asks for one, the view commits to it.
#[derive(Default)]
pub(super) struct Lane {
    /// What no other view is called.
    pub(super) id: String,
    /// The view, once it is made.
    pub(super) view: glib::WeakRef<webkit2gtk::WebView>,
    /// Whose view it is; nobody's at first.
    pub(super) shelf: OnceCell<Shelf>,
    expected: RefCell<Option<String>>,
    loading: Cell<Option<u32>>,
    present: RefCell<Option<String>>,
    pub(super) page: Cell<Option<u32>>,
    waiting: RefCell<Vec<String>>,
    /// Its document has been told nothing yet.
    is_silent: Cell<bool>,
    /// When it was told something last.
    pub(super) told: Cell<Option<Instant>>,
    second: Cell<Option<Instant>>,
    messages: Cell<u32>,
    /// Calls of the document that have no answer yet, as far as one can tell from outside.
    pub(super) unanswered: Cell<u32>,
    pub(super) pulse: Pulse,
    /// Bytes that its document was sent and has not taken.
    untaken: RefCell<Arc<AtomicU64>>,
    /// Its process has ended while it was nobody's.
    pub(super) is_gone: Cell<bool>,
    /// Its session is over: that its process ends is no crash.
    pub(super) is_over: Cell<bool>,
    /// A WebDriver drives it: it stays bound to a process that ends, and finds no other view any more.
    pub(super) is_driven: Cell<bool>,
}

impl Lane {
    /// That of a view of this name, which a WebDriver may drive.
    pub(super) fn new(id: String, is_driven: bool) -> Self {
        Self { id, is_driven: Cell::new(is_driven), ..Self::default() }
    }

    /// The document at this URL is asked for, to show this page; what waited for another goes nowhere.
    pub(super) fn expect(&self, page: u32, url: &str) {
        self.loading.set(Some(page));
        *self.expected.borrow_mut() = Some(url.to_owned());
        if let Some(shelf) = self.shelf.get() {
            shelf.expect(url);
        }
        self.waiting.borrow_mut().clear();
        // What was sent to the document before is taken by nobody.
        *self.untaken.borrow_mut() = Arc::default();
        self.is_silent.set(true);
    }

    /// Another document is there: hands over what has been waiting for it.
    pub(super) fn committed(&self, post: &Post) {
        if self.loading.get().is_none() {
            let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
            waiting.iter().for_each(|json| self.receive(json, post));
        }
    }

    /// Hands a JSON text to the page; at once if its document is there and nothing waits for it, or as soon as that is so.
    pub(super) fn deliver(&self, json: String, post: &Post) {
        if self.loading.get().is_some() || !self.waiting.borrow().is_empty() {
            self.waiting.borrow_mut().push(json);
        } else {
            self.receive(&json, post);
        }
    }

    fn receive(&self, json: &str, post: &Post) {
        if json.contains(CALL) {
            self.unanswered.set(self.unanswered.get().saturating_sub(1));
        }
        if self.is_silent.replace(false) {
            tracing::trace!(target: trace::TARGET, id = self.id.as_str(), "first data");
        }
        self.told.set(Some(Instant::now()));
        let Some(view) = self.view.upgrade() else { return };
        let watch = self.shelf.get().map_or(Watch::Nothing, |shelf| shelf.session.watch());
        let script = script::handing(json, watch);
        if script.len() <= SMALL_MESSAGE {
            return script::run(&view, &script);
        }
        // Until the page takes it, it lies in the memory of the host.
        let (untaken, bytes) = (Arc::clone(&self.untaken.borrow()), script.len() as u64);
        if untaken.load(Ordering::SeqCst).saturating_add(bytes) > MOST_UNTAKEN {
            if let Some(shelf) = self.shelf.get() {
                let problem = flood("the page asked for more than it takes");
                post(Signal::Desk(Event::Broke(shelf.run, problem)));
            }
            return;
        }
        untaken.fetch_add(bytes, Ordering::SeqCst);
        view.evaluate_javascript(&script, None, None, gio::Cancellable::NONE, move |_| {
            untaken.fetch_sub(bytes, Ordering::SeqCst);
        });
    }

    /// Whether this may be heard, whoever has taken over the process that draws.
    fn takes(&self, text: &str, now: Instant) -> bool {
        !self.is_flooded(now) && text.len() <= LONGEST_MESSAGE
    }

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

/// Decides where the document may go.
pub(super) fn judge(lane: &Rc<Lane>, post: &Post) -> impl Fn(String) -> bool + 'static {
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

/// Takes in what the document says.
pub(super) fn hear(lane: &Rc<Lane>, post: &Post) -> impl Fn(wry::http::Request<String>) + 'static {
    let (lane, post) = (Rc::clone(lane), post.clone());
    move |request| {
        let Some(shelf) = lane.shelf.get() else { return };
        let text = request.into_body();
        if !lane.takes(&text, Instant::now()) {
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
            let ask = || shelf.session.page_message(page, &text);
            if lane.loading.get().is_some() {
                // What the document that goes is answered is not for the one that comes.
                return ask();
            }
            shelf.mailbox.hear(page, ask, |json| lane.deliver(json, &post));
        }
    }
}

/// Follows which document is there.
pub(super) fn follow(lane: &Rc<Lane>, post: &Post) -> impl Fn(PageLoadEvent, String) + 'static {
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

/// Whether a page says that it has been drawn; it may say so too early, and then only it looks unfinished.
fn is_ready(text: &str) -> bool {
    text.len() <= 64
        && serde_json::from_str::<serde_json::Value>(text)
            .is_ok_and(|message| message.get("event").is_some_and(|event| event == "ready"))
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
    fn nothing_overtakes_what_waits_for_a_document() {
        let lane = Lane::default();
        let post: Post = Arc::new(|_| {});
        lane.expect(1, "guichet-app://a/pages/a.html");
        lane.deliver("first".to_owned(), &post);
        // The document is there; the thread that draws has not dealt with that yet.
        lane.loading.set(None);
        lane.deliver("second".to_owned(), &post);
        assert_eq!(*lane.waiting.borrow(), ["first", "second"]);
        lane.committed(&post);
        assert!(lane.waiting.borrow().is_empty());
    }

    #[test]
    fn a_flood_is_counted_by_the_second() {
        let lane = Lane::default();
        let start = Instant::now();
        let later = start + Duration::from_secs(2);
        assert!((0..MOST_MESSAGES).all(|_| lane.takes("{}", start)));
        assert!(!lane.takes("{}", start));
        assert!(lane.takes("{}", later));
    }

    #[test]
    fn one_message_has_a_length() {
        let (lane, mut text) = (Lane::default(), " ".repeat(LONGEST_MESSAGE));
        assert!(lane.takes(&text, Instant::now()));
        text.push(' ');
        assert!(!lane.takes(&text, Instant::now()));
    }
}
