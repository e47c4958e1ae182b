//! The views of one session: a page each, in one process of their own, so that Back finds a page as it was left.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
    time::{Duration, Instant},
};

use guichet_contract::print::Paper;
use guichet_package::manifest::Color;
use guichet_services::print::PageTrouble;

use super::{
    Shelf, ViewError,
    page::PageView,
    paper::{self, Sheet},
};
use crate::machine::{Post, Signal};

/// Most pages of one app that keep their documents; one below these is loaded anew when somebody goes back to it.
const MOST_PAGES: usize = 6;

/// The views of one session.
pub(crate) struct AppView {
    /// The run they belong to.
    pub(crate) run: u64,
    pub(super) shelf: Shelf,
    /// What runs in every page before its own scripts.
    pub(super) script: String,
    /// A view without a page: only before the first one is loaded.
    first: Option<PageView>,
    /// By number; a page that lies above another, or beside it and was seen later, has the larger one.
    pages: BTreeMap<u32, PageView>,
    /// Pages that were closed, and whether they have heard it; they go when they have and are not seen any more.
    closed: BTreeMap<u32, (PageView, bool)>,
    /// The page that the session shows.
    top: Option<u32>,
    /// The page that is seen: the one before until the document of the top one is there.
    seen: Option<u32>,
    /// The page that was given the keyboard when it came to be seen; afterwards a person moves it.
    focused: Option<u32>,
    background: Option<Color>,
    /// The pages that are being drawn on paper: their views stay meanwhile, for the engine's process dies of one that goes.
    drawing: Rc<RefCell<BTreeSet<u32>>>,
}

impl AppView {
    pub(super) fn new(first: PageView, shelf: Shelf, script: String) -> Self {
        Self {
            run: shelf.run,
            shelf,
            script,
            first: Some(first),
            pages: BTreeMap::new(),
            closed: BTreeMap::new(),
            top: None,
            seen: None,
            focused: None,
            background: None,
            drawing: Rc::default(),
        }
    }

    /// Shows a page as it was left, if its document is still there.
    pub(super) fn return_to(&mut self, page: u32) -> bool {
        let is_kept = self.pages.contains_key(&page);
        if is_kept {
            self.top = Some(page);
            self.seen = self.top;
            self.settle();
        }
        is_kept
    }

    /// The view that has no page yet.
    pub(super) fn first(&mut self) -> Option<PageView> {
        self.first.take()
    }

    /// The one view there is, whatever page it shows.
    pub(super) fn only(&mut self) -> Option<PageView> {
        self.first().or_else(|| self.pages.pop_last().map(|(_, view)| view))
    }

    /// Loads a page in a view of this session. What has been seen stays until its document is there.
    pub(super) fn load(&mut self, view: PageView, page: u32, url: &str) -> Result<(), ViewError> {
        if let Some(color) = self.background {
            view.set_background(color);
        }
        let told = view.load(page, url);
        self.pages.insert(page, view);
        self.top = Some(page);
        let surplus = self.pages.len().saturating_sub(MOST_PAGES);
        let may_go = |kept: &&u32| **kept != page && !self.drawing.borrow().contains(*kept);
        let lowest: Vec<u32> = self.pages.keys().filter(may_go).take(surplus).copied().collect();
        self.pages.retain(|kept, _| !lowest.contains(kept));
        told
    }

    /// The document of a page is there: it is seen now, if it is the one to be shown.
    pub(crate) fn arrived(&mut self, page: u32) {
        if self.top == Some(page) {
            self.seen = self.top;
            self.settle();
        }
    }

    /// A page was closed; its view goes when the page has heard that.
    pub(crate) fn shut(&mut self, page: u32, post: &Post) {
        let Some(view) = self.pages.remove(&page) else { return };
        let (run, post) = (self.run, post.clone());
        let told = view.after_all(move || post(Signal::Shut(run, page)));
        self.closed.insert(page, (view, told.is_err()));
        self.settle();
    }

    /// A page is drawn on paper no longer, and goes if it was closed meanwhile.
    pub(crate) fn was_drawn(&mut self) {
        self.settle();
    }

    /// A closed page has heard that it is.
    pub(crate) fn has_heard(&mut self, page: u32) {
        if let Some((_, has_heard)) = self.closed.get_mut(&page) {
            *has_heard = true;
        }
        self.settle();
    }

    /// Gives up the documents of all pages but the one on top and those of which the person would lose something.
    pub(crate) fn give_up_what_is_below(&mut self, is_precious: impl Fn(u32) -> bool) {
        let (top, seen, drawing) = (self.top, self.seen, self.drawing.borrow());
        let is_kept = |page| Some(page) == top || Some(page) == seen || drawing.contains(&page) || is_precious(page);
        self.pages.retain(|page, _| is_kept(*page));
    }

    /// Hands a JSON text to a page; at once if its document is there, or as soon as it is. A page that is gone gets nothing.
    pub(crate) fn deliver(&self, page: u32, json: String) {
        if let Some(view) = self.pages.get(&page) {
            view.deliver(json);
        }
    }

    /// A view shows another document: hands over what has been waiting for it.
    pub(crate) fn committed(&self) {
        self.pages.values().for_each(PageView::committed);
    }

    /// Shows or hides the page that is seen, below so many pixels and above so many. The one that is loading lies behind it.
    pub(crate) fn arrange(&mut self, between: (i32, i32), is_visible: bool) {
        let closed = self.closed.iter().map(|(page, (view, _))| (page, view));
        for (page, view) in self.pages.iter().chain(closed) {
            let is_loading = self.top == Some(*page) && self.seen != self.top;
            view.arrange(between, is_visible && (self.seen == Some(*page) || is_loading));
        }
        let seen = self.seen.filter(|_| is_visible);
        if let Some(view) = seen.filter(|_| seen != self.focused).and_then(|page| self.pages.get(&page)) {
            view.take_focus();
        }
        self.focused = seen;
    }

    /// Asks the page on top for a sign of life; says that it has failed to give one for too long.
    pub(crate) fn is_stuck(&self, now: Instant) -> bool {
        self.front().is_some_and(|view| view.is_stuck(now))
    }

    /// The color behind pages that have none of their own.
    pub(crate) fn set_background(&mut self, color: Color) {
        self.background = Some(color);
        self.first.iter().chain(self.pages.values()).for_each(|view| view.set_background(color));
    }

    /// The color that is behind the page on top.
    pub(crate) fn background(&self) -> Option<Color> {
        self.front()?.background()
    }

    /// Width and height of the page on top, in CSS pixels.
    pub(crate) fn size(&self) -> (i32, i32) {
        self.front().map_or((0, 0), PageView::size)
    }

    /// Whether the page on top still waits for answers.
    pub(crate) fn is_waiting(&self) -> bool {
        self.front().is_some_and(PageView::is_waiting)
    }

    /// For how long no page has been told anything.
    pub(crate) fn silence(&self) -> Option<Duration> {
        self.pages.values().filter_map(PageView::told).max().map(|told| told.elapsed())
    }

    /// The view of the page on top, for a picture or for keys.
    pub(crate) fn webview(&self) -> Option<webkit2gtk::WebView> {
        self.front()?.webview()
    }

    /// Draws the page on top on paper, into a file below `above`; if a person sees it, and if it is this one. One sheet at a time:
    /// the engine's process dies of two of one page. No sheet is handed on while another is drawn.
    pub(crate) fn print(
        &self,
        page: Option<u32>,
        above: &Path,
        paper: Paper,
        then: impl FnOnce(Result<Option<Sheet>, PageTrouble>) + 'static,
    ) {
        let top = self.top.filter(|top| self.seen == Some(*top) && page.is_none_or(|page| page == *top));
        let Some((page, view)) = top.and_then(|top| Some((top, self.pages.get(&top)?.webview()?))) else {
            return then(Err(PageTrouble::NotSeen));
        };
        if !self.drawing.borrow_mut().insert(page) {
            return then(Ok(None));
        }
        let drawing = Rc::clone(&self.drawing);
        paper::print(&view, above, paper, move |sheet| {
            drawing.borrow_mut().remove(&page);
            then(sheet.map(Some));
        });
    }

    /// Calls back when all pages have heard all that they were told: one process tells them one after another.
    pub(crate) fn after_all(&self, then: impl Fn() + Send + 'static) -> Result<(), ViewError> {
        self.front().map_or(Ok(()), |view| view.after_all(then))
    }

    /// Loads the document of a page once more; those below are loaded anew when somebody goes back to them.
    pub(crate) fn reload(&mut self, page: u32) -> Result<(), ViewError> {
        self.give_up_what_is_below(|_| false);
        self.pages.get(&page).map_or(Ok(()), |view| view.reload(page))
    }

    /// Draws all pages larger or smaller than they are written.
    pub(crate) fn zoom(&self, zoom: f64) {
        self.first.iter().chain(self.pages.values()).for_each(|view| view.zoom(zoom));
    }

    /// Runs a script of the host's in the page on top and hands on what it gives, as JSON.
    pub(crate) fn ask(&self, script: &str, then: impl Fn(String) + Send + 'static) -> Result<(), ViewError> {
        self.front().map_or(Ok(()), |view| view.ask(script, then))
    }

    /// Runs a script of the host's in every page.
    pub(crate) fn ask_all(&self, script: &str) -> Result<(), ViewError> {
        self.pages.values().try_for_each(|view| view.ask(script, |_| {}))
    }

    /// Reads the title and the text of the page on top.
    pub(crate) fn read(&self, then: impl Fn(String) + Send + 'static) -> Result<(), ViewError> {
        self.front().map_or(Ok(()), |view| view.read(then))
    }

    fn front(&self) -> Option<&PageView> {
        self.top.and_then(|page| self.pages.get(&page)).or(self.first.as_ref())
    }

    fn settle(&mut self) {
        let (seen, drawing) = (self.seen, self.drawing.borrow());
        self.closed.retain(|page, (_, has_heard)| !*has_heard || seen == Some(*page) || drawing.contains(page));
    }
}

impl Drop for AppView {
    /// Ends the process of its pages before they go. A page that is closed while its process runs is told so, and the engine
    /// cuts the line in the same moment; if the process was quick enough to ask whether it may end, the engine (WebKitGTK
    /// 2.50) keeps that line, a thread and a descriptor of the host's, for ever.
    fn drop(&mut self) {
        let closed = self.closed.values().map(|(view, _)| view);
        let pages: Vec<&PageView> = self.first.iter().chain(self.pages.values()).chain(closed).collect();
        pages.iter().for_each(|page| page.expect_end());
        if let Some(page) = pages.first() {
            page.end_process();
        }
    }
}
