//! What the desk wants done, carried out on sessions, views and the window.

use std::time::{Duration, Instant};

use gtk::glib;

use super::{Glass, report};
use crate::{
    desk::{Effect, Event, Order, Status},
    machine::Signal,
    preview, scan,
};

/// Asks the host's own page to tell when it has been painted.
const AWAIT_PAINT: &str =
    "requestAnimationFrame(() => requestAnimationFrame(() => window.ipc.postMessage('{\"action\":\"painted\"}')))";

/// What opens within this time seems to open at once, and is not announced: what would be drawn of it before costs the app its
/// processors, and shows a person three pictures where one was wanted.
const AT_ONCE: Duration = Duration::from_millis(150);

impl Glass {
    fn announce_late(&mut self, run: u64) {
        self.unannounced = Some(run);
        let post = self.post.clone();
        glib::timeout_add_local_once(AT_ONCE, move || post(Signal::StillOpening(run)));
    }

    /// Whether the open app has only just been asked for.
    pub(super) fn is_unannounced(&self) -> bool {
        let is_new = |run| self.unannounced == Some(run);
        self.desk.open().is_some_and(|open| open.status == Status::Opening && is_new(open.run))
    }

    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Order(order) => {
                if let Order::Launch { run, .. } = order {
                    self.announce_late(run);
                }
                self.machine.order(order);
            }
            Effect::OpenPage(run, path) => {
                if self.sessions.get(&run).is_some_and(|session| !session.follow(&path)) {
                    tracing::warn!(path, "a link leads to no page of the app");
                }
            }
            Effect::VisitPage(run, path) => match self.sessions.get(&run) {
                Some(session) if session.follow(&path) => {}
                Some(session) => {
                    let first = session.manifest().start_page(None).map(|start| start.page.to_string());
                    if first.is_some_and(|first| session.follow(&first)) {
                        self.tell(Event::NoPage(run));
                    }
                }
                None => self.held.push(Effect::VisitPage(run, path)),
            },
            Effect::GoBack(run) => {
                if let Some(session) = self.sessions.get(&run) {
                    session.back();
                }
            }
            Effect::Hide(run) => {
                // An app that waits below another has nothing to say about the window.
                if self.desk.open().is_none_or(|open| open.run != run) {
                    self.unframe(run);
                }
                if let Some(session) = self.sessions.get(&run) {
                    session.hidden();
                }
            }
            Effect::Show(run) => {
                if let Some(session) = self.sessions.get(&run).cloned() {
                    session.shown();
                    self.frame_again(run, &session);
                }
            }
            Effect::Preview(address) => {
                let Some(home) = &self.home else { return };
                let (lang, text) = (self.desk.lang(), address.to_string());
                if let Err(error) = preview::begin_beside(home, lang, &text, self.post.clone()) {
                    tracing::error!("no window for a preview: {error}");
                }
            }
            Effect::Raise => {
                self.window.set_minimized(false);
                self.window.set_focus();
            }
            Effect::Scan(picture) => {
                let post = self.post.clone();
                self.pool.run(move || post(Signal::Desk(scan::read(&picture))));
            }
            Effect::Load(run, page, url) => match self.app_views.get_mut(&run) {
                Some(view) => report(self.views.turn_to(view, page, &url)),
                None => self.held.push(Effect::Load(run, page, url)),
            },
            Effect::Deliver(run, page, json) => match self.view_of(run) {
                Some(view) => view.deliver(page, json),
                None => self.held.push(Effect::Deliver(run, page, json)),
            },
            Effect::Shut(run, page) => {
                if let Some(view) = self.app_views.get_mut(&run) {
                    view.shut(page, &self.post);
                }
            }
            Effect::GiveUp(run, problem) => {
                if let Some(session) = self.sessions.get(&run) {
                    session.fail(&problem);
                }
            }
            Effect::End(run) => {
                let is_of_run = |effect: &mut Effect| matches!(effect, Effect::Load(of, ..) | Effect::Deliver(of, ..) | Effect::VisitPage(of, _) if *of == run);
                self.held.extract_if(.., is_of_run).for_each(drop);
                self.unframe(run);
                if let Some(session) = self.sessions.remove(&run) {
                    if let Some(mut view) = self.app_views.remove(&run).filter(|_| !session.has_ended()) {
                        view.arrange((0, 0), false);
                        self.leaving.insert(run, (view, Instant::now()));
                    }
                    session.close();
                    self.closing.push(session);
                    self.heap_loose_since = Some(Instant::now());
                }
                if self.app_views.is_empty() {
                    self.capsule = None;
                }
            }
            Effect::AwaitPaint => {
                self.told.clear();
                self.redraw();
                if let Some(view) = &self.home_view {
                    report(view.evaluate_script(AWAIT_PAINT));
                }
            }
            Effect::Say(line) => say(&line),
            Effect::Begun => self.begun(),
            Effect::Speak => self.speak(),
            Effect::Keep(settings) => {
                if let Some(home) = &self.home
                    && let Err(error) = settings.keep(home)
                {
                    tracing::warn!("settings could not be kept: {error}");
                }
            }
            Effect::Finish => self.finishing = Some(Instant::now()),
            Effect::Exit => self.exit = Some((0, Instant::now())),
        }
    }
}

/// Writes a line for whoever started the program; if nobody reads it, nothing is lost.
pub(super) fn say(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
