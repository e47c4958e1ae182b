//! What a session has said and the thread that draws has not dealt with yet, in its order.
//!
//! A session answers faster than a view takes what it is told, and what lies between them is memory of the host. So a session
//! waits with what is large until less is under way; whoever asked for it waits with it, and nobody else.
//!
//! What a page is answered while it is [heard](Mailbox::hear) goes to it from here, without a turn of the event loop: the
//! engine then tells the page's process that it was heard and what the answer is in one go.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use guichet_host::SessionEvent;

use crate::machine::{Post, Signal};

/// What is shorter is not counted, in bytes.
const SMALL: usize = 4 << 10;
/// Most bytes under way; one that is longer goes alone.
const MOST: usize = 4 << 20;
/// Nobody waits longer than this: the thread that draws may have ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is under way from the session of one run.
pub(crate) struct Mailbox {
    /// The run.
    pub(crate) run: u64,
    post: Post,
    inside: Mutex<Inside>,
    less: Condvar,
}

#[derive(Default)]
struct Inside {
    events: VecDeque<SessionEvent>,
    /// Of what is large and under way.
    bytes: usize,
    /// A page is heard: what comes is not announced yet.
    is_heard: bool,
}

impl Mailbox {
    /// An empty one, for a run.
    pub(crate) fn new(run: u64, post: Post) -> Arc<Self> {
        Arc::new(Self { run, post, inside: Mutex::default(), less: Condvar::new() })
    }

    /// Takes in what the session says, and has the thread that draws deal with it; waits if too much is under way.
    pub(crate) fn put(self: &Arc<Self>, event: SessionEvent) {
        let bytes = counted(&event);
        let end = Instant::now() + PATIENCE;
        let mut inside = self.lock();
        while bytes > 0 && inside.bytes > 0 && inside.bytes.saturating_add(bytes) > MOST {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            inside = self.less.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        inside.bytes = inside.bytes.saturating_add(bytes);
        inside.events.push_back(event);
        let is_heard = inside.is_heard;
        drop(inside);
        if !is_heard {
            self.announce();
        }
    }

    /// Deals with what was said first, if it has not been yet.
    pub(crate) fn deal(&self, with: impl FnOnce(SessionEvent)) {
        let Some(event) = self.lock().events.pop_front() else { return };
        let bytes = counted(&event);
        with(event);
        if bytes > 0 {
            let mut inside = self.lock();
            inside.bytes = inside.bytes.saturating_sub(bytes);
            self.less.notify_all();
        }
    }

    /// Has a page heard by `ask`. What the session tells this page at once is delivered before this returns, unless something
    /// else was said before.
    pub(crate) fn hear(self: &Arc<Self>, page: u32, ask: impl FnOnce(), mut deliver: impl FnMut(String)) {
        let mut inside = self.lock();
        if !inside.events.is_empty() {
            drop(inside);
            return ask();
        }
        inside.is_heard = true;
        drop(inside);
        ask();
        let mut inside = self.lock();
        inside.is_heard = false;
        let is_for_it = |event: &SessionEvent| matches!(event, SessionEvent::ToPage { page: of, json } if *of == page && json.len() <= SMALL);
        let short = inside.events.iter().take_while(|event| is_for_it(event)).count();
        let told: Vec<_> = inside.events.drain(..short).collect();
        let left = inside.events.len();
        drop(inside);
        for event in told {
            if let SessionEvent::ToPage { json, .. } = event {
                deliver(json);
            }
        }
        (0..left).for_each(|_| self.announce());
    }

    fn announce(self: &Arc<Self>) {
        (self.post)(Signal::Said(Arc::clone(self)));
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of it is counted, in bytes.
fn counted(event: &SessionEvent) -> usize {
    match event {
        SessionEvent::ToPage { json, .. } if json.len() > SMALL => json.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            atomic::{AtomicUsize, Ordering},
            mpsc::channel,
        },
        thread,
    };

    use super::*;

    fn told(page: u32, json: &str) -> SessionEvent {
        SessionEvent::ToPage { page, json: json.to_owned() }
    }

    /// A mailbox, and how often the thread that draws was called.
    fn mailbox() -> (Arc<Mailbox>, Arc<AtomicUsize>) {
        let calls = Arc::<AtomicUsize>::default();
        let counting = Arc::clone(&calls);
        let post: Post = Arc::new(move |_| {
            counting.fetch_add(1, Ordering::SeqCst);
        });
        (Mailbox::new(1, post), calls)
    }

    /// What lies in it.
    fn rest(mailbox: &Mailbox) -> Vec<(u32, String)> {
        let mut rest = Vec::new();
        while !mailbox.lock().events.is_empty() {
            mailbox.deal(|event| {
                if let SessionEvent::ToPage { page, json } = event {
                    rest.push((page, json));
                }
            });
        }
        rest
    }

    #[test]
    fn what_is_large_waits_until_less_is_under_way() {
        let (mailbox, _) = mailbox();
        mailbox.put(told(1, &"x".repeat(MOST * 2)));
        let (done, waited) = channel();
        let other = Arc::clone(&mailbox);
        let waiting = thread::spawn(move || {
            other.put(told(1, &"x".repeat(MOST)));
            done.send(()).unwrap();
        });
        mailbox.put(told(1, "small never waits"));
        assert!(waited.try_recv().is_err(), "it waits");
        mailbox.deal(drop);
        waiting.join().unwrap();
        waited.recv().unwrap();
    }

    #[test]
    fn a_page_is_answered_while_it_is_heard() {
        let (mailbox, calls) = mailbox();
        let mut heard = Vec::new();
        let saying = Arc::clone(&mailbox);
        let ask = move || {
            saying.put(told(3, "state"));
            saying.put(told(3, "answer"));
        };
        mailbox.hear(3, ask, |json| heard.push(json));
        assert_eq!(heard, ["state", "answer"]);
        assert_eq!(calls.load(Ordering::SeqCst), 0, "nobody else has to deal with it");
        mailbox.put(told(3, "later"));
        assert_eq!((calls.load(Ordering::SeqCst), rest(&mailbox)), (1, vec![(3, "later".to_owned())]));
    }

    #[test]
    fn nothing_overtakes_what_was_said_before() {
        let (mailbox, calls) = mailbox();
        mailbox.put(told(3, "before"));
        let saying = Arc::clone(&mailbox);
        mailbox.hear(3, move || saying.put(told(3, "answer")), |json| panic!("{json} overtakes"));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        assert_eq!(rest(&mailbox), [(3, "before".to_owned()), (3, "answer".to_owned())]);

        let saying = Arc::clone(&mailbox);
        let mut heard = Vec::new();
        let long = "x".repeat(SMALL + 1);
        let ask = || {
            saying.put(told(3, "first"));
            saying.put(told(4, "another page's"));
            saying.put(told(3, "second"));
            saying.put(told(3, &long));
        };
        mailbox.hear(3, ask, |json| heard.push(json));
        assert_eq!(heard, ["first"]);
        assert_eq!(calls.load(Ordering::SeqCst), 5, "each that is left is announced");
        let rest: Vec<_> = rest(&mailbox).into_iter().map(|(page, json)| (page, json.len())).collect();
        assert_eq!(rest, [(4, 14), (3, 6), (3, long.len())]);
    }
}
