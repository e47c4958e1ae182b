//! The open app: its run, its pages and how it ends.

use std::collections::BTreeSet;

use guichet_contract::AppId;
use guichet_host::{Problem, SessionEvent, Start};
use guichet_package::address;

use super::{Bar, Desk, Effect, Notice, Order, bar::Tab};
use crate::{origin, settings::Last};

/// One app on the glass.
#[derive(Debug)]
pub(crate) struct OpenApp {
    /// The run: 1, 2, 3… as long as the shell lives.
    pub(crate) run: u64,
    /// The app.
    pub(crate) app_id: AppId,
    /// `version.name` of the release in use.
    pub(crate) version_name: String,
    /// How it is.
    pub(crate) status: Status,
    /// The bar above it.
    pub(crate) bar: Bar,
    /// The language it speaks, if it would speak the terminal's own when it is begun anew, and the person has not said that they
    /// go on in this one.
    pub(super) foreign: Option<String>,
    /// Its pages, the present one last.
    pub(crate) pages: Vec<Page>,
    /// Pages that a person has typed something into: if the view goes, that is lost.
    pub(super) typed: BTreeSet<u32>,
    /// When it was left for another or for the home page, in milliseconds since 1970.
    pub(super) left_ms: u64,
    /// How it was asked for.
    pub(super) asked: Start,
    is_updating: bool,
    /// Its new release has been given up, and no page of the one before has been shown yet.
    has_gone_back: bool,
    pub(super) has_opened: bool,
}

/// How the open app is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing to see yet.
    Opening,
    /// Its page is on the glass.
    Running,
    /// It was in the background for too long: nothing of it runs, and its pages open again when it is returned to.
    Unloaded,
    /// It cannot go on.
    Stopped {
        /// Why.
        problem: Problem,
        /// When, in milliseconds since 1970.
        at_ms: u64,
    },
}

/// A page on the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its number in the session.
    pub(crate) page: u32,
    /// `pages/x`.
    pub(crate) route: String,
    /// What follows the question mark; may be empty.
    pub(crate) query: String,
    /// What follows the number sign; may be empty.
    pub(crate) fragment: String,
}

impl OpenApp {
    /// Whether Back leads to another page of the app.
    pub(crate) fn can_go_back(&self) -> bool {
        self.status == Status::Running && self.pages.len() > 1
    }

    /// The tabs that can be turned to, and whether each is the one that is seen; none on a page that lies on others or is
    /// no tab.
    pub(crate) fn tabs(&self) -> impl Iterator<Item = (&Tab, bool)> {
        // They are there before the page, which would be moved by them.
        let is_seen = matches!(self.status, Status::Opening | Status::Running);
        let alone = self.pages.first().filter(|_| is_seen && self.pages.len() == 1);
        let seen = alone.filter(|page| self.bar.tabs.iter().any(|tab| tab.route == page.route));
        let tabs = self.bar.tabs.iter().filter(move |_| seen.is_some());
        tabs.map(move |tab| (tab, seen.is_some_and(|page| page.route == tab.route)))
    }

    /// Whether a person has typed something into this page.
    pub(crate) fn has_typed(&self, page: u32) -> bool {
        self.typed.contains(&page)
    }

    /// The address of the page that has opened it; empty if it was the person.
    pub(crate) fn referrer(&self) -> &str {
        &self.asked.referrer
    }

    /// The same, left at this time.
    pub(super) fn left(self, now_ms: u64) -> Self {
        Self { left_ms: now_ms, ..self }
    }

    fn load_top(&self) -> Vec<Effect> {
        let load = |top: &Page| {
            Effect::Load(self.run, top.page, origin::page_url(&self.app_id, &top.route, &top.query, &top.fragment))
        };
        self.pages.last().map(load).into_iter().collect()
    }
}

impl Desk {
    /// Switches to the waiting version of an app now: the open app is closed and opened again.
    pub(super) fn update_now(&mut self, app_id: AppId, now_ms: u64) -> Vec<Effect> {
        self.note_reverting(&app_id);
        if self.open.as_ref().is_none_or(|open| open.app_id != app_id) {
            return vec![Effect::Order(Order::Activate(app_id))];
        }
        let effects = self.launch(app_id, Start::default(), now_ms);
        if let Some(open) = &mut self.open {
            open.is_updating = true;
        }
        effects
    }

    /// Opens an app in place of the open one.
    pub(super) fn launch(&mut self, app_id: AppId, start: Start, now_ms: u64) -> Vec<Effect> {
        let mut effects: Vec<_> = self.open.take().map(|open| Effect::End(open.run)).into_iter().collect();
        effects.extend(self.forget_aside(&app_id));
        let run = self.number();
        self.error = None;
        self.notices.retain(|_, notice| !matches!(notice, Notice::Added(added) if *added == app_id));
        self.settings.last = Some(Last { app_id: app_id.clone(), opened_ms: now_ms });
        self.open = Some(OpenApp {
            run,
            app_id: app_id.clone(),
            version_name: self.version(&app_id),
            status: Status::Opening,
            bar: Bar::default(),
            foreign: None,
            pages: Vec::new(),
            typed: BTreeSet::new(),
            left_ms: now_ms,
            asked: start.clone(),
            is_updating: false,
            has_gone_back: false,
            has_opened: false,
        });
        effects.push(Effect::Keep(self.settings.clone()));
        effects.push(Effect::Order(Order::Launch { run, app_id, start }));
        effects
    }

    /// The person leaves the open app: for the home page, or for good if there is nothing else to see.
    pub(super) fn leave(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = self.put_aside(now_ms);
        if self.is_look {
            effects.push(Effect::Exit);
        }
        effects
    }

    /// Ends the open app; the one it was opened from is there again.
    pub(super) fn close(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects: Vec<_> = self.open.take().map(|open| Effect::End(open.run)).into_iter().collect();
        effects.extend(self.uncover(now_ms));
        effects
    }

    /// Runs a step on the app of this run if it still runs: in front, below or in the background.
    pub(super) fn with_open(
        &mut self,
        run: u64,
        step: impl FnOnce(&mut OpenApp, &mut Self) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let is_meant = |open: &OpenApp| open.run == run && open.status != Status::Unloaded;
        if let Some(at) = self.below.iter().position(is_meant) {
            let mut open = self.below.remove(at);
            let effects = step(&mut open, self);
            self.below.insert(at.min(self.below.len()), open);
            return effects;
        }
        if let Some(at) = self.aside.iter().position(is_meant) {
            let mut open = self.aside.remove(at);
            let effects = step(&mut open, self);
            // What stops in the background is not there any more; opened again, it begins anew.
            if open.status == Status::Running {
                self.aside.insert(at.min(self.aside.len()), open);
            }
            return effects;
        }
        let Some(mut open) = self.open.take_if(|open| open.run == run) else { return vec![] };
        let effects = step(&mut open, self);
        self.open.get_or_insert(open);
        effects
    }

    pub(super) fn session(&mut self, open: &mut OpenApp, event: SessionEvent, now_ms: u64) -> Vec<Effect> {
        match event {
            SessionEvent::ToPage { page, json } => vec![Effect::Deliver(open.run, page, json)],
            SessionEvent::Open { page, route, query, fragment } => {
                let asked =
                    open.asked.page.as_deref().filter(|asked| open.pages.is_empty() && !asked.starts_with(['?', '#']));
                if asked.is_some_and(|asked| {
                    address::page(asked.split(['?', '#']).next().unwrap_or_default()).as_ref() != Some(&route)
                }) {
                    self.notice(Notice::NoPage(open.app_id.clone()));
                }
                open.pages.push(Page { page, route, query, fragment });
                open.load_top()
            }
            SessionEvent::Below { page, route, query, fragment } => {
                open.pages.push(Page { page, route, query, fragment });
                vec![]
            }
            SessionEvent::Typed { page } => {
                open.typed.insert(page);
                vec![]
            }
            SessionEvent::Replace { replaced, page, route, query, fragment } => {
                open.pages.pop();
                open.typed.remove(&replaced);
                open.pages.push(Page { page, route, query, fragment });
                let mut effects = open.load_top();
                effects.push(Effect::Shut(open.run, replaced));
                effects
            }
            SessionEvent::Back { page, .. } => {
                let mut closed = Vec::new();
                while let Some(above) = open.pages.pop_if(|top| top.page != page) {
                    open.typed.remove(&above.page);
                    closed.push(Effect::Shut(open.run, above.page));
                }
                open.load_top().into_iter().chain(closed).collect()
            }
            SessionEvent::Switch { page, closed, route, query, fragment } => {
                open.pages.clear();
                open.pages.push(Page { page, route, query, fragment });
                let mut effects = open.load_top();
                for closed in closed {
                    open.typed.remove(&closed);
                    effects.push(Effect::Shut(open.run, closed));
                }
                effects
            }
            SessionEvent::WentBack { version_name, .. } => {
                self.notices
                    .retain(|_, notice| !matches!(notice, Notice::Updated(app_id, _) | Notice::Reverted(app_id, _) if *app_id == open.app_id));
                self.notice(Notice::WentBack(open.app_id.clone(), version_name.clone()));
                open.version_name = version_name;
                open.is_updating = false;
                open.has_gone_back = true;
                vec![]
            }
            SessionEvent::Undecided(_) => vec![Effect::Order(Order::List)],
            SessionEvent::Ended(_) if open.has_gone_back && self.open.is_none() => {
                let mut effects = vec![Effect::End(open.run)];
                let start = Start { version: None, ..std::mem::take(&mut open.asked) };
                effects.extend(self.launch(open.app_id.clone(), start, now_ms));
                effects
            }
            SessionEvent::Ended(ending) => {
                let problem = Problem { class: ending.class, what: ending.reason, place: None, hint: ending.hint };
                self.stop(open, problem, now_ms)
            }
            SessionEvent::Log(_)
            | SessionEvent::Lifecycle(_)
            | SessionEvent::Played(_)
            | SessionEvent::Asked(_)
            | SessionEvent::Handled { .. }
            | SessionEvent::Renewed(_) => vec![],
        }
    }

    pub(super) fn loaded(&mut self, open: &mut OpenApp, page: u32) -> Vec<Effect> {
        let is_top = open.pages.last().is_some_and(|top| top.page == page);
        if !is_top || open.status != Status::Opening {
            return vec![];
        }
        open.status = Status::Running;
        open.has_gone_back = false;
        if std::mem::take(&mut open.is_updating) {
            self.updated(open.app_id.clone(), open.version_name.clone());
        }
        vec![]
    }

    pub(super) fn ready(&mut self, open: &mut OpenApp, page: u32) -> Vec<Effect> {
        let is_top = open.pages.last().is_some_and(|top| top.page == page);
        if !is_top || std::mem::replace(&mut open.has_opened, true) {
            return vec![];
        }
        // The list of all apps is made now, when the person sees the one they wanted.
        let mut effects = vec![Effect::Say(format!("opened {}", open.app_id)), Effect::Order(Order::List)];
        if self.picture {
            effects.push(Effect::Finish);
        }
        effects
    }

    /// The view cannot go on. Before a page was seen the session has the last word: it may go back to the release before.
    pub(super) fn broke(&mut self, open: &mut OpenApp, problem: Problem, now_ms: u64) -> Vec<Effect> {
        if open.has_opened { self.stop(open, problem, now_ms) } else { vec![Effect::GiveUp(open.run, problem)] }
    }

    pub(super) fn stop(&mut self, open: &mut OpenApp, problem: Problem, now_ms: u64) -> Vec<Effect> {
        if matches!(open.status, Status::Stopped { .. }) {
            return vec![];
        }
        let mut effects =
            vec![Effect::End(open.run), Effect::Say(format!("stopped {} {}", open.app_id, problem.class))];
        if !open.has_opened {
            effects.push(Effect::Order(Order::List));
        }
        open.status = Status::Stopped { problem, at_ms: now_ms };
        open.asked = open.as_it_was();
        open.pages.clear();
        if self.picture {
            effects.push(Effect::Finish);
        }
        effects
    }
}
