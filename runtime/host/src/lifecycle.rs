//! The states of an app and its pages (MiniApp Lifecycle, L2, L6 and L7), and the stack the pages lie on. Pure: it only
//! says what changes.
//!
//! Invariant: a page is loaded, then shown, then ready, whatever its view says first (L16).

use guichet_engine::{PagePhase, Phase};

use crate::session::SessionEvent;

/// Most pages on top of each other.
pub(crate) const MAX_PAGES: usize = 32;

/// A page of an app, and what it is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `pages/x`.
    pub(crate) route: String,
    /// What follows the question mark: `pageInputQuery` (L13).
    pub(crate) query: String,
    /// What follows the number sign.
    pub(crate) fragment: String,
}

impl Target {
    /// What the shell is told when this page opens.
    pub(crate) fn open(self, page: u32) -> SessionEvent {
        let Self { route, query, fragment } = self;
        SessionEvent::Open { page, route, query, fragment }
    }

    /// What the shell is told when this page takes the place of another.
    pub(crate) fn replace(self, replaced: u32, page: u32) -> SessionEvent {
        let Self { route, query, fragment } = self;
        SessionEvent::Replace { replaced, page, route, query, fragment }
    }

    /// What the shell is told when this page alone is seen.
    pub(crate) fn switch(self, page: u32, closed: Vec<u32>) -> SessionEvent {
        let Self { route, query, fragment } = self;
        SessionEvent::Switch { page, closed, route, query, fragment }
    }

    /// What the shell is told of a page that it shows only when somebody goes back to it.
    pub(crate) fn below(self, page: u32) -> SessionEvent {
        let Self { route, query, fragment } = self;
        SessionEvent::Below { page, route, query, fragment }
    }
}

/// One page of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// 1, 2, 3… per session.
    pub(crate) id: u32,
    /// What it is.
    pub(crate) target: Target,
    /// Its state.
    pub(crate) phase: PagePhase,
    /// Whether it has been rendered once.
    is_rendered: bool,
    /// Whether it has been told so.
    pub(crate) is_ready: bool,
    /// It was there in a session before this one, and nobody has gone back to it yet: no view shows it.
    is_asleep: bool,
}

/// A state was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// By the app.
    App(Phase),
    /// By a page.
    Page(Page),
}

/// The pages of one session, the one that is seen last.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    stack: Vec<Page>,
    /// Routes of pages that lie beside each other; each lies alone at the bottom of the stack.
    tabs: Vec<String>,
    /// Pages of tabs that are not seen, and are there again as they were left.
    beside: Vec<Page>,
    last_id: u32,
    is_shown: bool,
}

/// The stack has no room, or nothing below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoMove {
    /// There are [`MAX_PAGES`] already.
    Full,
    /// There is no page below.
    Bottom,
}

/// A tab was turned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Switched {
    /// The page that is seen now.
    pub(crate) page: u32,
    /// What it was opened with.
    pub(crate) target: Target,
    /// Pages that are gone.
    pub(crate) closed: Vec<u32>,
}

impl Lifecycle {
    /// No pages yet; these routes will be tabs.
    pub(crate) fn with_tabs(tabs: Vec<String>) -> Self {
        Self { tabs, ..Self::default() }
    }

    /// Whether a page of this route lies beside others instead of on top of them.
    pub(crate) fn is_tab(&self, route: &str) -> bool {
        self.tabs.iter().any(|tab| tab == route)
    }

    /// The page that is seen.
    pub(crate) fn top(&self) -> Option<&Page> {
        self.stack.last()
    }

    /// A page of the stack, or of a tab beside it.
    pub(crate) fn page(&self, id: u32) -> Option<&Page> {
        self.stack.iter().chain(&self.beside).find(|page| page.id == id)
    }

    /// All pages, the lowest first.
    #[cfg(test)]
    pub(crate) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.stack.iter()
    }

    /// Whether the app is in front.
    pub(crate) fn is_shown(&self) -> bool {
        self.is_shown
    }

    /// Lays a page below those that will be opened: one of a session that was unloaded (L5). It is loaded when somebody goes
    /// back to it.
    pub(crate) fn lay(&mut self, target: Target) -> Result<u32, NoMove> {
        if self.stack.len() + 1 >= MAX_PAGES {
            return Err(NoMove::Full);
        }
        let mut page = self.page_of(target);
        page.is_asleep = true;
        self.stack.push(page);
        Ok(self.last_id)
    }

    /// Puts a page on top of the others.
    pub(crate) fn navigate(&mut self, target: Target) -> Result<(u32, Vec<Change>), NoMove> {
        if self.stack.len() >= MAX_PAGES {
            return Err(NoMove::Full);
        }
        let mut changes = Vec::new();
        self.hide_top(&mut changes);
        let id = self.push(target, &mut changes);
        Ok((id, changes))
    }

    /// Puts a page in the place of the topmost. Returns the page that is gone, and the new one.
    pub(crate) fn redirect(&mut self, target: Target) -> (Option<u32>, u32, Vec<Change>) {
        let mut changes = Vec::new();
        let replaced = self.pop(&mut changes);
        let id = self.push(target, &mut changes);
        (replaced, id, changes)
    }

    /// Turns to the tab of a page: what lies on the tab that is seen is gone, that tab waits beside, and the other one is
    /// there as it was left, or opened. A page at the bottom that is no tab is gone too.
    pub(crate) fn switch(&mut self, target: Target) -> (Switched, Vec<Change>) {
        let (mut changes, mut closed) = (Vec::new(), Vec::new());
        while self.stack.len() > 1 {
            closed.extend(self.pop(&mut changes));
        }
        if self.top().is_none_or(|bottom| bottom.target.route != target.route) {
            if self.top().is_some_and(|bottom| self.is_tab(&bottom.target.route)) {
                self.hide_top(&mut changes);
                self.beside.extend(self.stack.pop());
            } else {
                closed.extend(self.pop(&mut changes));
            }
            match self.beside.iter().position(|page| page.target.route == target.route) {
                Some(at) => self.stack.push(self.beside.remove(at)),
                None => drop(self.push(target.clone(), &mut changes)),
            }
        }
        self.wake_top(&mut changes);
        self.show_top(&mut changes);
        let (page, target) = self.top().map_or((self.last_id, target), |top| (top.id, top.target.clone()));
        (Switched { page, target, closed }, changes)
    }

    /// Takes the topmost page away. Returns it, and the page that is seen now.
    pub(crate) fn back(&mut self) -> Result<(u32, u32, Vec<Change>), NoMove> {
        let [.., below, _] = self.stack.as_slice() else { return Err(NoMove::Bottom) };
        let below = below.id;
        let mut changes = Vec::new();
        let Some(closed) = self.pop(&mut changes) else { return Err(NoMove::Bottom) };
        self.wake_top(&mut changes);
        self.show_top(&mut changes);
        Ok((closed, below, changes))
    }

    /// The page has been rendered. It is ready once (L7), and not before it was shown.
    pub(crate) fn rendered(&mut self, id: u32) -> Option<Change> {
        let page = self.stack.iter_mut().chain(&mut self.beside).find(|page| page.id == id)?;
        page.is_rendered = true;
        page.ready()
    }

    /// The page is gone, wherever it lay.
    pub(crate) fn close(&mut self, id: u32) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.top().is_some_and(|top| top.id == id) {
            self.pop(&mut changes);
            self.wake_top(&mut changes);
            self.show_top(&mut changes);
        } else if let Some(position) = self.stack.iter().position(|page| page.id == id) {
            let page = self.stack.remove(position);
            changes.extend(page.unloaded());
        }
        changes.extend(self.beside.extract_if(.., |page| page.id == id).filter_map(Page::unloaded));
        changes
    }

    /// The app comes to the front.
    pub(crate) fn show(&mut self) -> Vec<Change> {
        if self.is_shown {
            return Vec::new();
        }
        self.is_shown = true;
        let mut changes = vec![Change::App(Phase::Shown)];
        self.show_top(&mut changes);
        changes
    }

    /// The app goes to the background.
    pub(crate) fn hide(&mut self) -> Vec<Change> {
        if !self.is_shown {
            return Vec::new();
        }
        let mut changes = Vec::new();
        self.hide_top(&mut changes);
        self.is_shown = false;
        changes.push(Change::App(Phase::Hidden));
        changes
    }

    /// The app ends.
    pub(crate) fn unload(&mut self) -> Vec<Change> {
        let mut changes = self.hide();
        while self.pop(&mut changes).is_some() {}
        changes.extend(self.beside.drain(..).filter_map(Page::unloaded));
        changes.push(Change::App(Phase::Unloaded));
        changes
    }

    fn push(&mut self, target: Target, changes: &mut Vec<Change>) -> u32 {
        let page = self.page_of(target);
        changes.push(Change::Page(page.clone()));
        self.stack.push(page);
        self.show_top(changes);
        self.last_id
    }

    fn page_of(&mut self, target: Target) -> Page {
        self.last_id = self.last_id.saturating_add(1);
        let phase = PagePhase::Loaded;
        Page { id: self.last_id, target, phase, is_rendered: false, is_ready: false, is_asleep: false }
    }

    fn wake_top(&mut self, changes: &mut Vec<Change>) {
        if let Some(top) = self.stack.last_mut()
            && std::mem::take(&mut top.is_asleep)
        {
            changes.push(Change::Page(top.clone()));
        }
    }

    fn pop(&mut self, changes: &mut Vec<Change>) -> Option<u32> {
        self.hide_top(changes);
        let page = self.stack.pop()?;
        let id = page.id;
        changes.extend(page.unloaded());
        Some(id)
    }

    fn show_top(&mut self, changes: &mut Vec<Change>) {
        self.turn_top(PagePhase::Shown, changes);
    }

    fn hide_top(&mut self, changes: &mut Vec<Change>) {
        if self.top().is_some_and(|top| top.phase == PagePhase::Shown) {
            self.turn_top(PagePhase::Hidden, changes);
        }
    }

    fn turn_top(&mut self, phase: PagePhase, changes: &mut Vec<Change>) {
        if !self.is_shown {
            return;
        }
        if let Some(top) = self.stack.last_mut()
            && top.phase != phase
        {
            top.phase = phase;
            changes.push(Change::Page(top.clone()));
            changes.extend(top.ready());
        }
    }
}

impl Page {
    /// It is gone; of a page that was never loaded nobody hears that.
    fn unloaded(self) -> Option<Change> {
        (!self.is_asleep).then_some(Change::Page(Self { phase: PagePhase::Unloaded, ..self }))
    }

    fn ready(&mut self) -> Option<Change> {
        if self.is_ready || !self.is_rendered || self.phase == PagePhase::Loaded {
            return None;
        }
        self.is_ready = true;
        Some(Change::Page(Self { phase: PagePhase::Ready, ..self.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(route: &str, query: &str) -> Target {
        Target { route: route.to_owned(), query: query.to_owned(), fragment: String::new() }
    }

    fn said(changes: Vec<Change>) -> Vec<String> {
        changes
            .into_iter()
            .map(|change| match change {
                Change::App(phase) => format!("app {phase:?}"),
                Change::Page(page) => format!("{} {:?}", page.id, page.phase),
            })
            .collect()
    }

    fn shown_with_two_pages() -> Lifecycle {
        let mut lifecycle = Lifecycle::default();
        lifecycle.show();
        lifecycle.navigate(target("pages/a", "")).unwrap();
        lifecycle.navigate(target("pages/b", "x=1")).unwrap();
        lifecycle
    }

    #[test]
    fn l6_a_page_is_loaded_then_shown_and_hides_the_one_below() {
        let mut lifecycle = Lifecycle::default();
        assert_eq!(said(lifecycle.show()), ["app Shown"]);
        let (first, changes) = lifecycle.navigate(target("pages/a", "")).unwrap();
        assert_eq!(said(changes), ["1 Loaded", "1 Shown"]);
        assert_eq!(said(lifecycle.rendered(first).into_iter().collect()), ["1 Ready"]);
        assert_eq!(lifecycle.rendered(first), None, "ready comes once");
        let (_, changes) = lifecycle.navigate(target("pages/b", "")).unwrap();
        assert_eq!(said(changes), ["1 Hidden", "2 Loaded", "2 Shown"]);
    }

    #[test]
    fn l16_a_page_that_is_rendered_in_the_background_is_ready_after_it_was_shown() {
        let mut lifecycle = Lifecycle::default();
        let (first, changes) = lifecycle.navigate(target("pages/a", "")).unwrap();
        assert_eq!(said(changes), ["1 Loaded"]);
        assert_eq!(lifecycle.rendered(first), None);
        assert_eq!(said(lifecycle.show()), ["app Shown", "1 Shown", "1 Ready"]);
        lifecycle.hide();
        assert_eq!(said(lifecycle.show()), ["app Shown", "1 Shown"], "and only once");
    }

    #[test]
    fn l6_back_unloads_the_top_and_shows_what_is_below() {
        let mut lifecycle = shown_with_two_pages();
        let (closed, top, changes) = lifecycle.back().unwrap();
        assert_eq!((closed, top), (2, 1));
        assert_eq!(said(changes), ["2 Hidden", "2 Unloaded", "1 Shown"]);
        assert_eq!(lifecycle.back(), Err(NoMove::Bottom));
    }

    #[test]
    fn l6_redirect_puts_a_new_page_in_the_place_of_the_top() {
        let mut lifecycle = shown_with_two_pages();
        let (replaced, page, changes) = lifecycle.redirect(target("pages/c", ""));
        assert_eq!((replaced, page), (Some(2), 3));
        assert_eq!(said(changes), ["2 Hidden", "2 Unloaded", "3 Loaded", "3 Shown"]);
        assert_eq!(lifecycle.pages().map(|page| page.id).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn l2_the_background_hides_the_page_and_then_the_app() {
        let mut lifecycle = shown_with_two_pages();
        assert_eq!(said(lifecycle.hide()), ["2 Hidden", "app Hidden"]);
        assert_eq!(said(lifecycle.hide()), Vec::<String>::new());
        assert_eq!(said(lifecycle.show()), ["app Shown", "2 Shown"]);
    }

    #[test]
    fn l6_a_closed_page_is_unloaded_wherever_it_lies() {
        let mut lifecycle = shown_with_two_pages();
        assert_eq!(said(lifecycle.close(1)), ["1 Unloaded"]);
        assert_eq!(said(lifecycle.close(2)), ["2 Hidden", "2 Unloaded"]);
        assert_eq!(said(lifecycle.close(2)), Vec::<String>::new());
    }

    #[test]
    fn l2_unloading_ends_everything_from_the_top() {
        let mut lifecycle = shown_with_two_pages();
        assert_eq!(said(lifecycle.unload()), ["2 Hidden", "app Hidden", "2 Unloaded", "1 Unloaded", "app Unloaded"]);
    }

    #[test]
    fn l5_a_page_of_the_session_before_is_loaded_when_somebody_goes_back_to_it() {
        let mut lifecycle = Lifecycle::default();
        lifecycle.show();
        assert_eq!(lifecycle.lay(target("pages/a", "x=1")), Ok(1));
        assert_eq!(lifecycle.lay(target("pages/b", "")), Ok(2));
        let (_, changes) = lifecycle.navigate(target("pages/c", "")).unwrap();
        assert_eq!(said(changes), ["3 Loaded", "3 Shown"]);
        let (closed, top, changes) = lifecycle.back().unwrap();
        assert_eq!((closed, top), (3, 2));
        assert_eq!(said(changes), ["3 Hidden", "3 Unloaded", "2 Loaded", "2 Shown"]);
        assert_eq!(said(lifecycle.unload()), ["2 Hidden", "app Hidden", "2 Unloaded", "app Unloaded"], "not of 1");
    }

    #[test]
    fn a_tab_waits_beside_the_one_that_is_seen_and_what_lay_on_it_is_gone() {
        let mut lifecycle = Lifecycle::with_tabs(vec!["pages/a".to_owned(), "pages/b".to_owned()]);
        lifecycle.show();
        lifecycle.navigate(target("pages/a", "")).unwrap();
        lifecycle.navigate(target("pages/c", "")).unwrap();
        let (switched, changes) = lifecycle.switch(target("pages/b", ""));
        assert_eq!((switched.page, switched.closed), (3, vec![2]));
        assert_eq!(said(changes), ["2 Hidden", "2 Unloaded", "3 Loaded", "3 Shown"]);
        assert_eq!(lifecycle.back(), Err(NoMove::Bottom));
        let (switched, changes) = lifecycle.switch(target("pages/a", "x=1"));
        assert_eq!((switched.page, switched.target.query.as_str(), switched.closed), (1, "", vec![]), "as it was left");
        assert_eq!(said(changes), ["3 Hidden", "1 Shown"]);
        assert_eq!(said(lifecycle.switch(target("pages/a", "")).1), Vec::<String>::new());
        assert_eq!(lifecycle.page(3).map(|page| page.phase), Some(PagePhase::Hidden));
        assert_eq!(said(lifecycle.unload()), ["1 Hidden", "app Hidden", "1 Unloaded", "3 Unloaded", "app Unloaded"]);
    }

    #[test]
    fn a_page_that_is_no_tab_is_gone_when_a_tab_is_turned_to() {
        let mut lifecycle = Lifecycle::with_tabs(vec!["pages/a".to_owned(), "pages/b".to_owned()]);
        lifecycle.show();
        lifecycle.navigate(target("pages/c", "")).unwrap();
        let (switched, changes) = lifecycle.switch(target("pages/a", ""));
        assert_eq!((switched.page, switched.closed), (2, vec![1]));
        assert_eq!(said(changes), ["1 Hidden", "1 Unloaded", "2 Loaded", "2 Shown"]);
    }

    #[test]
    fn the_stack_has_a_limit() {
        let mut lifecycle = Lifecycle::default();
        for _ in 0..MAX_PAGES {
            lifecycle.navigate(target("pages/a", "")).unwrap();
        }
        assert_eq!(lifecycle.navigate(target("pages/a", "")), Err(NoMove::Full));
    }
}
