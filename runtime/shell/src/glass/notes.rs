//! Recording a journey in a developer's window: the app begins as it does for a person who has never opened it, and what is done
//! with it is noted until somebody says that this is all.

use std::time::Instant;

use guichet_host::SessionEvent;
use serde_json::json;

use super::{Glass, dev::KEEPING, report};
use crate::{
    action::Action,
    desk::{Event, On},
    dev::{Recording, Turn},
    machine::Signal,
};

/// Has a page's notes from now on.
const ON: &str = "dispatchEvent(new CustomEvent('guichet-note', { detail: 'on' }))";
/// Has the last of them.
const END: &str = "dispatchEvent(new CustomEvent('guichet-note', { detail: 'end' }))";

impl Glass {
    /// Begins to record: nothing is kept of before, and the app is on its first page.
    pub(super) fn record(&mut self) {
        let Some(dev) = self.dev.as_mut().filter(|dev| dev.recording.is_none()) else { return };
        let look = dev.current.get();
        let app_id = look.app_id().clone();
        dev.recording = Some(Recording::default());
        dev.typed = None;
        if let Some(services) = &dev.services {
            services.erase(&app_id);
        }
        dev.turn = Some(Turn { kind: "anew", since: Instant::now() });
        let entry = dev.state();
        dev.push(entry);
        self.tell(Event::Library(look.listing().into_iter().collect()));
        self.tell(Event::Anew(app_id, On::ItsFirst));
    }

    /// Asks the page for what it has not told yet; then it is all.
    pub(super) fn stop_recording(&mut self) {
        let Some(recording) = self.dev.as_mut().and_then(|dev| dev.recording.as_mut()) else { return };
        recording.ends = Some(Instant::now());
        let asked = self.front_view().map(|view| view.ask(END, |_| {}));
        if !matches!(asked, Some(Ok(()))) {
            self.recorded();
        }
    }

    /// Takes a note of a page. Those of an app that was there before are none.
    pub(super) fn noted(&mut self, run: u64, text: &str) {
        if self.desk.open().is_none_or(|open| open.run != run) {
            return;
        }
        let Some(dev) = &mut self.dev else { return };
        let Some(recording) = &mut dev.recording else { return };
        let steps = recording.len();
        let is_last = recording.take(text) && recording.ends.is_some();
        if recording.len() > steps {
            let entry = json!({"is": "step", "steps": recording.len()});
            dev.push(entry);
        }
        if is_last {
            self.recorded();
        }
    }

    /// Sees what is done in the window itself, and which pages have to be asked for notes.
    pub(super) fn note_signal(&mut self, signal: &Signal) {
        let can_go_back = self.desk.open().is_some_and(|open| open.can_go_back());
        let Some(recording) = self.dev.as_mut().and_then(|dev| dev.recording.as_mut()) else { return };
        match signal {
            Signal::Desk(Event::Asked(Action::Back)) if can_go_back => recording.did("back"),
            Signal::Desk(Event::Asked(Action::Tab { .. })) => recording.did("tab"),
            Signal::Committed(run)
            | Signal::Desk(Event::Loaded(run, _) | Event::Session(run, SessionEvent::Back { .. })) => {
                if let Some(view) = self.app_views.get(run) {
                    report(view.ask_all(ON));
                }
            }
            _ => {}
        }
    }

    /// Some time has passed: a page that does not answer has nothing more to tell.
    pub(super) fn note_time(&mut self) {
        let Some(recording) = self.dev.as_ref().and_then(|dev| dev.recording.as_ref()) else { return };
        match recording.ends {
            Some(since) if since.elapsed() > KEEPING => self.recorded(),
            _ => {
                if let Some(view) = self.front_view() {
                    report(view.ask(ON, |_| {}));
                }
            }
        }
    }

    /// It is all: `guichet dev` writes it down.
    fn recorded(&mut self) {
        let run = self.desk.open().map(|open| open.run);
        let session = run.and_then(|run| self.sessions.get(&run));
        let declared = session.map(|session| session.manifest().guichet.personal.clone()).unwrap_or_default();
        let Some(dev) = &mut self.dev else { return };
        let Some(recording) = dev.recording.take() else { return };
        let told = recording.told(&declared, &dev.setup.lang);
        dev.say(&told);
        let entry = dev.state();
        dev.push(entry);
    }
}
