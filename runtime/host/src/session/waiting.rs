//! Calls that wait for others, such as `network.fetch`: each on a thread of its own, a few at a time, the rest in line.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use guichet_contract::{Failure, Stop, Value};

use super::inbox::{Inbox, Work};

/// Most calls of one session that run at once.
const MOST_AT_ONCE: usize = 6;
/// Most calls of one session that wait for their turn.
const MOST_IN_LINE: usize = 128;

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A page, with the number it gave.
    Page { page: u32, id: u64 },
    /// The logic, with the number it got.
    Logic { call: u32 },
}

impl Asker {
    /// The page; none: the logic.
    pub(crate) fn page(self) -> Option<u32> {
        match self {
            Self::Page { page, .. } => Some(page),
            Self::Logic { .. } => None,
        }
    }
}

/// A call that has passed the door and is not performed yet; the grants are asked when its turn comes.
pub(crate) struct Slow {
    /// The interface it is of: the first word of its classes.
    pub(crate) interface: String,
    /// How it is given up.
    pub(crate) stop: Stop,
    /// Decides, and performs it if it is permitted.
    pub(crate) perform: Box<dyn FnOnce() -> Result<Value, Failure> + Send>,
}

impl fmt::Debug for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slow").finish_non_exhaustive()
    }
}

type Done = Arc<Mutex<VecDeque<(Asker, Result<Value, Failure>)>>>;

/// The calls of one session that are not answered yet. Dropping it gives all of them up.
pub(crate) struct Waiting {
    inbox: Arc<Inbox>,
    running: Vec<(Asker, Stop)>,
    in_line: VecDeque<(Asker, Slow)>,
    /// Calls of the logic whose answer is dropped when it comes.
    forgotten: Vec<Asker>,
    done: Done,
}

impl Waiting {
    pub(crate) fn new(inbox: Arc<Inbox>) -> Self {
        Self { inbox, running: Vec::new(), in_line: VecDeque::new(), forgotten: Vec::new(), done: Done::default() }
    }

    /// Starts a call, now or when its turn comes; its answer is announced by [`Work::Answered`].
    pub(crate) fn start(&mut self, asker: Asker, slow: Slow) {
        if self.in_line.len() >= MOST_IN_LINE {
            let class = match slow.interface.as_str() {
                "card" => "card/too-many",
                "clipboard" => "clipboard/too-many",
                "speech" => "speech/too-many",
                "scan" => "scan/too-many",
                "notify" => "notify/too-many",
                "files" => "files/too-many",
                "open-app" => "open-app/too-many",
                "telemetry" => "telemetry/too-many",
                "code" => "code/too-many",
                "print" => "print/too-many",
                _ => "network/too-many",
            };
            self.finish(
                asker,
                Err(Failure::Unavailable(format!(
                    "{class}: {MOST_IN_LINE} requests of the app wait already; hint: wait for answers before asking more"
                ))),
            );
            return;
        }
        self.in_line.push_back((asker, slow));
        self.go_on();
    }

    /// Gives a call up. A page still gets an answer, which says so; the logic gets none.
    pub(crate) fn forget(&mut self, asker: Asker) {
        let is_answered_to = |(one, _): &(Asker, Stop)| *one == asker;
        if matches!(asker, Asker::Logic { .. }) && self.running.iter().any(is_answered_to) {
            self.forgotten.push(asker);
        }
        self.give_up(|one| *one == asker);
    }

    /// Gives up what a page has asked.
    pub(crate) fn page_gone(&mut self, page: u32) {
        self.give_up(|one| matches!(one, Asker::Page { page: asking, .. } if *asking == page));
    }

    /// An answer that has come, and whose it is.
    pub(crate) fn take_done(&mut self) -> Option<(Asker, Result<Value, Failure>)> {
        let (asker, result) = self.done.lock().unwrap_or_else(PoisonError::into_inner).pop_front()?;
        if let Some(at) = self.running.iter().position(|(one, _)| *one == asker) {
            self.running.remove(at);
        }
        self.go_on();
        match self.forgotten.iter().position(|one| *one == asker) {
            Some(at) => {
                self.forgotten.remove(at);
                None
            }
            None => Some((asker, result)),
        }
    }

    fn give_up(&mut self, is_it: impl Fn(&Asker) -> bool) {
        for (asker, stop) in &self.running {
            if is_it(asker) {
                stop.stop();
            }
        }
        let (gone, kept) = std::mem::take(&mut self.in_line).into_iter().partition(|(asker, _)| is_it(asker));
        self.in_line = kept;
        let gone: VecDeque<(Asker, Slow)> = gone;
        for (asker, _) in gone {
            if let Asker::Page { .. } = asker {
                self.finish(asker, Err(given_up()));
            }
        }
    }

    fn go_on(&mut self) {
        while self.running.len() < MOST_AT_ONCE {
            let Some((asker, Slow { stop, perform, .. })) = self.in_line.pop_front() else { return };
            let (done, inbox) = (Arc::clone(&self.done), Arc::clone(&self.inbox));
            let work = move || {
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(perform))
                    .unwrap_or_else(|_| Err(Failure::Unavailable("the host made a mistake in this call".to_owned())));
                done.lock().unwrap_or_else(PoisonError::into_inner).push_back((asker, result));
                inbox.push(Work::Answered);
            };
            self.running.push((asker, stop));
            if thread::Builder::new().name("waiting call".to_owned()).spawn(work).is_err() {
                self.finish(asker, Err(Failure::Unavailable("the device has no room for another request".to_owned())));
            }
        }
    }

    fn finish(&self, asker: Asker, result: Result<Value, Failure>) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push_back((asker, result));
        self.inbox.push(Work::Answered);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.running.iter().for_each(|(_, stop)| stop.stop());
    }
}

fn given_up() -> Failure {
    Failure::Unavailable("the call was given up before its turn came".to_owned())
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    const LOGIC: fn(u32) -> Asker = |call| Asker::Logic { call };

    /// Calls that say when they run and end when they are told, or given up.
    struct Calls {
        waiting: Waiting,
        ran: (mpsc::Sender<u32>, mpsc::Receiver<u32>),
        go: Vec<mpsc::Sender<()>>,
    }

    impl Calls {
        fn new() -> Self {
            Self { waiting: Waiting::new(Arc::default()), ran: mpsc::channel(), go: Vec::new() }
        }

        fn start(&mut self, call: u32) -> Stop {
            let (go, gone) = mpsc::channel();
            self.go.push(go);
            let (ran, stop) = (self.ran.0.clone(), Stop::default());
            let perform = move || {
                ran.send(call).unwrap();
                gone.recv_timeout(Duration::from_secs(60)).unwrap();
                Ok(Value::Integer(call.into()))
            };
            let (interface, perform) = ("network".to_owned(), Box::new(perform));
            self.waiting.start(LOGIC(call), Slow { interface, stop: stop.clone(), perform });
            stop
        }

        fn next_run(&self) -> u32 {
            self.ran.1.recv_timeout(Duration::from_secs(20)).unwrap()
        }

        fn next_done(&mut self) -> (Asker, Result<Value, Failure>) {
            self.answered().unwrap()
        }

        fn answered(&mut self) -> Option<(Asker, Result<Value, Failure>)> {
            assert_eq!(
                self.waiting.inbox.next(Some(std::time::Instant::now() + Duration::from_secs(20))),
                Some(Work::Answered)
            );
            self.waiting.take_done()
        }
    }

    #[test]
    fn six_run_at_once_and_the_rest_in_turn() {
        let mut calls = Calls::new();
        for call in 0..8 {
            calls.start(call);
        }
        let mut running: Vec<_> = (0..6).map(|_| calls.next_run()).collect();
        running.sort_unstable();
        assert_eq!(running, [0, 1, 2, 3, 4, 5]);
        assert!(calls.ran.1.try_recv().is_err(), "the others wait");
        calls.go[3].send(()).unwrap();
        assert_eq!(calls.next_done(), (LOGIC(3), Ok(Value::Integer(3))));
        assert_eq!(calls.next_run(), 6);
        calls.go.iter().for_each(|go| go.send(()).unwrap_or_default());
    }

    #[test]
    fn what_is_forgotten_is_stopped_and_what_waited_never_runs() {
        let mut calls = Calls::new();
        let stops: Vec<_> = (0..7).map(|call| calls.start(call)).collect();
        (0..6).for_each(|_| assert!(calls.next_run() < 6));
        calls.waiting.forget(LOGIC(6));
        calls.waiting.forget(LOGIC(2));
        assert!(stops[2].is_stopped() && !stops[1].is_stopped());
        calls.go[2].send(()).unwrap();
        assert_eq!(calls.answered(), None, "nobody wants it");
        assert!(calls.ran.1.try_recv().is_err(), "the seventh was given up in line");
        drop(calls.waiting);
        assert!(stops[1].is_stopped(), "the session has ended");
        calls.go.iter().for_each(|go| go.send(()).unwrap_or_default());
    }

    #[test]
    fn a_flood_is_refused() {
        let mut calls = Calls::new();
        for call in 0..135 {
            calls.start(call);
        }
        let (asker, result) = calls.next_done();
        assert_eq!(asker, LOGIC(134));
        insta::assert_snapshot!(result.unwrap_err(), @"network/too-many: 128 requests of the app wait already; hint: wait for answers before asking more");
        calls.waiting.in_line.clear();
        calls.go.iter().for_each(|go| go.send(()).unwrap_or_default());
    }
}
