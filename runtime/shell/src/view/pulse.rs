//! Signs of life of a page: it is asked again and again, and tells by answering that its process draws and runs.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use wry::WebView;

const NOTHING: u8 = 0;
const NO: u8 = 1;
const YES: u8 = 2;

/// Since when a page owes an answer, and what it has said.
#[derive(Default)]
pub(super) struct Pulse {
    owed: Cell<Option<Instant>>,
    said: Arc<AtomicU8>,
}

impl Pulse {
    /// For how long the page has not said `true` to a script, which it is asked again as soon as it has answered.
    pub(super) fn silence(&self, view: &WebView, script: &str, now: Instant) -> Duration {
        match self.said.swap(NOTHING, Ordering::SeqCst) {
            YES => self.owed.set(None),
            NO => {}
            _ if self.owed.get().is_some() => return self.owed_for(now),
            _ => {}
        }
        let said = Arc::clone(&self.said);
        let answer = move |json: String| said.store(if json == "true" { YES } else { NO }, Ordering::SeqCst);
        if view.evaluate_script_with_callback(script, answer).is_ok() && self.owed.get().is_none() {
            self.owed.set(Some(now));
        }
        self.owed_for(now)
    }

    /// Its process is another one now, and owes nothing yet.
    pub(super) fn forgive(&self) {
        self.owed.set(None);
        self.said.store(NOTHING, Ordering::SeqCst);
    }

    fn owed_for(&self, now: Instant) -> Duration {
        self.owed.get().map_or(Duration::ZERO, |owed| now.saturating_duration_since(owed))
    }
}
