//! Apps in the background: kept as they were, unloaded when they wait too long or are too many (L4, L5), and put back
//! where they were for whoever returns.

use std::time::Duration;

use guichet_contract::AppId;
use guichet_host::Start;

use super::{Desk, Effect, Notice, On, OpenApp, Status};
use crate::origin;

/// What may wait in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Background {
    /// How long an app stays loaded there.
    pub(crate) longest: Duration,
    /// How many apps stay loaded there.
    pub(crate) most: usize,
    /// Whether an app that is left goes there; otherwise it ends, as on a machine that many people use.
    pub(crate) takes_what_is_left: bool,
}

impl Default for Background {
    fn default() -> Self {
        Self { longest: Duration::from_secs(300), most: 4, takes_what_is_left: true }
    }
}

impl OpenApp {
    /// Ends what runs; what it takes to put it back stays.
    fn unload(&mut self) -> Effect {
        self.status = Status::Unloaded;
        Effect::End(self.run)
    }

    /// How to begin where this run has ended: its pages, and for whom it was opened.
    pub(super) fn as_it_was(&self) -> Start {
        if self.pages.is_empty() {
            return self.asked.clone();
        }
        let mut pages = self.pages.iter().map(|page| origin::page_text(&page.route, &page.query, &page.fragment));
        let page = pages.next_back();
        Start { page: page.or_else(|| self.asked.page.clone()), below: pages.collect(), ..self.asked.clone() }
    }
}

impl Desk {
    /// The person leaves the open app: it goes to the background (L4), or ends where nothing may stay there.
    pub(super) fn put_aside(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects: Vec<_> = self.open.take().and_then(|open| self.aside(open, now_ms)).into_iter().collect();
        effects.extend(self.uncover(now_ms));
        effects.extend(self.unload(now_ms, false));
        effects
    }

    /// The same for the open app and all that wait below it, so that nothing lies under what comes.
    pub(super) fn put_all_aside(&mut self, now_ms: u64) -> Vec<Effect> {
        let all = std::mem::take(&mut self.below).into_iter().chain(self.open.take());
        all.collect::<Vec<_>>().into_iter().filter_map(|open| self.aside(open, now_ms)).collect()
    }

    fn aside(&mut self, open: OpenApp, now_ms: u64) -> Option<Effect> {
        let (run, stays) = (open.run, self.background.takes_what_is_left);
        match open.status {
            Status::Running if stays => {
                self.aside.push(open.left(now_ms));
                Some(Effect::Hide(run))
            }
            Status::Unloaded => {
                self.aside.extend(stays.then_some(open));
                None
            }
            _ => Some(Effect::End(run)),
        }
    }

    /// Opens an app: the one in the background where it was, with the page that is asked for on top; else a new run.
    pub(super) fn open_or_return(&mut self, app_id: AppId, start: Start, now_ms: u64) -> Vec<Effect> {
        let is_asked_for = |open: &OpenApp| {
            let version = start.version.as_ref();
            open.app_id == app_id && version.is_none_or(|version| version.eq_ignore_ascii_case(&open.version_name))
        };
        let Some(at) = self.aside.iter().position(is_asked_for) else { return self.launch(app_id, start, now_ms) };
        let waiting = self.aside.remove(at);
        let page = start.page.filter(|page| !page.starts_with(['?', '#']));
        match waiting.status {
            Status::Running if !self.is_staged(&app_id) => {
                let run = waiting.run;
                let mut effects: Vec<_> =
                    self.open.replace(waiting).map(|open| Effect::End(open.run)).into_iter().collect();
                effects.push(Effect::Show(run));
                effects.extend(page.map(|page| Effect::VisitPage(run, page)));
                effects
            }
            _ => self.put_back(waiting, page, now_ms),
        }
    }

    /// The app below is the open one again, where it was.
    pub(super) fn uncover(&mut self, now_ms: u64) -> Vec<Effect> {
        match self.below.pop() {
            None => vec![],
            Some(below) if below.status == Status::Unloaded => self.put_back(below, None, now_ms),
            Some(below) => {
                let run = below.run;
                self.open = Some(below);
                vec![Effect::Show(run)]
            }
        }
    }

    /// A new run in the place of one that was unloaded, or is not used any more: on its pages, with another on top if one is
    /// asked for. What a person had typed is gone, and they are told so.
    fn put_back(&mut self, gone: OpenApp, page: Option<String>, now_ms: u64) -> Vec<Effect> {
        let mut effects: Vec<_> =
            (gone.status != Status::Unloaded).then_some(Effect::End(gone.run)).into_iter().collect();
        let mut start = gone.as_it_was();
        if let Some(page) = page {
            start.below.extend(start.page.replace(page));
        }
        effects.extend(self.launch(gone.app_id.clone(), start, now_ms));
        if !gone.typed.is_empty() {
            self.notice(Notice::Unloaded(gone.app_id));
        }
        effects
    }

    /// A new run in the place of the open one, on its pages: a developer has changed what it is made of, or the person wants it in
    /// the language of the terminal.
    pub(super) fn begin_anew(&mut self, app_id: AppId, on: On, now_ms: u64) -> Vec<Effect> {
        let gone = self.open.take();
        let mut effects: Vec<_> = gone.iter().map(|gone| Effect::End(gone.run)).collect();
        let start = gone.filter(|_| on == On::ItsPages).map(|gone| gone.as_it_was()).unwrap_or_default();
        effects.extend(self.launch(app_id, start, now_ms));
        effects
    }

    /// Unloads what has been in the background for too long, what is too much there, and one app more if memory is short; the
    /// one that was left first goes first (L5).
    pub(super) fn unload(&mut self, now_ms: u64, is_short: bool) -> Vec<Effect> {
        let Background { longest, most, .. } = self.background;
        let waiting = self.below.iter_mut().chain(&mut self.aside);
        let mut waiting: Vec<_> = waiting.filter(|open| open.status == Status::Running).collect();
        waiting.sort_by_key(|open| open.left_ms);
        let surplus = waiting.len().saturating_sub(most).max(usize::from(is_short));
        let is_due = |open: &OpenApp| u128::from(now_ms.saturating_sub(open.left_ms)) >= longest.as_millis();
        let unloaded = waiting.into_iter().enumerate().filter(|(at, open)| *at < surplus || is_due(open));
        unloaded.map(|(_, open)| open.unload()).collect()
    }

    /// Another language is spoken: what waits in the old one begins anew when it is returned to, unless that loses something.
    pub(super) fn unload_what_has_nothing_to_lose(&mut self) -> Vec<Effect> {
        let waiting = self.below.iter_mut().chain(&mut self.aside);
        let waiting = waiting.filter(|open| open.status == Status::Running && open.typed.is_empty());
        waiting.map(OpenApp::unload).collect()
    }

    /// The view of an app in the background is gone: it is as if it had been unloaded.
    pub(super) fn broke_unseen(&mut self, run: u64) -> Option<Effect> {
        let mut waiting = self.below.iter_mut().chain(&mut self.aside);
        waiting.find(|open| open.run == run && open.status == Status::Running).map(OpenApp::unload)
    }

    /// Nothing of an app waits in the background any more: it is opened anew or removed.
    pub(super) fn forget_aside(&mut self, app_id: &AppId) -> Vec<Effect> {
        let forgotten = self.aside.extract_if(.., |open| open.app_id == *app_id);
        forgotten.filter(|open| open.status != Status::Unloaded).map(|open| Effect::End(open.run)).collect()
    }

    /// Apps that wait in the background as they were.
    pub(super) fn running_aside(&self) -> impl Iterator<Item = &AppId> {
        self.aside.iter().filter(|open| open.status == Status::Running).map(|open| &open.app_id)
    }
}
