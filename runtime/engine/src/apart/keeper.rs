//! The thread that starts our processes, sees them end and buries them.
//!
//! One thread for all of them, and one that lives as long as they do: the system ends a child when the *thread* that
//! started it ends. Invariant: when a [`Keeper`] is gone, so are its processes.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsRawFd as _, OwnedFd},
        unix::{net::UnixStream, process::ExitStatusExt as _},
    },
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use rustix::process::{Pid, PidfdFlags, Signal};

/// What a process may compute while it is asked nothing, in nanoseconds of a processor: putting away what it said takes
/// far less.
const MOST_AT_REST: u64 = 500_000_000;
/// How often those are looked at that are asked nothing.
const ROUND_MS: i32 = 2_000;
/// It is asked something: how long that may take is another matter.
const AT_WORK: u64 = u64::MAX;

/// What shall be started.
pub(crate) struct Program {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// What it is told to be.
    pub(crate) argument: &'static str,
    /// What it finds as its standard output: a file of code, to be read or to be written.
    pub(crate) code: Option<OwnedFd>,
    /// What it finds as its standard error: an image to write.
    pub(crate) image: Option<OwnedFd>,
}

/// A process of ours. Dropping it kills it.
pub(crate) struct Process {
    pub(crate) socket: UnixStream,
    fate: Arc<Fate>,
}

/// What becomes of a process.
pub(crate) struct Fate {
    id: u32,
    pidfd: OwnedFd,
    clock: libc::clockid_t,
    /// What it had computed when it was last asked nothing more, in nanoseconds; or [`AT_WORK`].
    rests_since: AtomicU64,
    /// Whether it was ended because it computed at rest.
    is_restless: AtomicBool,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    status: Option<ExitStatus>,
    at_end: Option<Box<dyn FnOnce() + Send>>,
}

/// Starts processes.
pub(crate) struct Keeper {
    orders: Mutex<Sender<(Program, SyncSender<io::Result<Process>>)>>,
    /// Wakes the thread; closed when the keeper goes.
    bell: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, orders) = mpsc::channel();
        let (bell, rings) = UnixStream::pair()?;
        rings.set_nonblocking(true)?;
        bell.set_nonblocking(true)?;
        let thread = thread::Builder::new()
            .name("guichet-keeper".to_owned())
            .spawn(move || Room { orders, rings, kept: Vec::new() }.keep())?;
        Ok(Self { orders: Mutex::new(sender), bell: Some(bell), thread: Some(thread) })
    }

    /// Starts a process.
    pub(crate) fn run(&self, program: Program) -> io::Result<Process> {
        let gone = || io::Error::other("the thread that starts processes is gone");
        let (reply, started) = mpsc::sync_channel(1);
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).send((program, reply)).map_err(|_| gone())?;
        // A bell that is full of rings has rung.
        let _ = self.bell.as_ref().ok_or_else(gone)?.write(&[0]);
        started.recv().map_err(|_| gone())?
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.bell = None;
        let thread = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id());
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that starts processes panicked");
        }
    }
}

impl Process {
    pub(crate) fn fate(&self) -> Arc<Fate> {
        Arc::clone(&self.fate)
    }

    /// Its number, for reports: whoever acts on it may meet another.
    pub(crate) fn id(&self) -> u32 {
        self.fate.id
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.fate.kill();
    }
}

impl Fate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the process, whatever it does.
    pub(crate) fn kill(&self) {
        // It may have ended already.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// It has said all it was asked for: from now on it has nothing to compute.
    pub(crate) fn rest(&self) {
        self.rests_since.store(self.computed().unwrap_or(AT_WORK), Ordering::Relaxed);
    }

    /// It is about to be asked something; false if it has used its rest to compute, and then it is ended.
    pub(crate) fn wake(&self) -> bool {
        let is_honest = self.rests() && !self.is_restless();
        self.rests_since.store(AT_WORK, Ordering::Relaxed);
        is_honest
    }

    /// Whether it was ended because it computed while it was asked nothing.
    pub(crate) fn is_restless(&self) -> bool {
        self.is_restless.load(Ordering::Relaxed)
    }

    fn rests(&self) -> bool {
        let since = self.rests_since.load(Ordering::Relaxed);
        // Who is asked something meanwhile is judged when that is over.
        let is_honest = since == AT_WORK
            || self.computed().is_none_or(|now| now.saturating_sub(since) <= MOST_AT_REST)
            || self.rests_since.load(Ordering::Relaxed) != since;
        if !is_honest {
            self.is_restless.store(true, Ordering::Relaxed);
            self.kill();
        }
        is_honest
    }

    /// What it has computed so far, in nanoseconds of a processor; none once it is gone.
    fn computed(&self) -> Option<u64> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the call writes one timespec, which is ours.
        #[expect(unsafe_code, reason = "the standard library does not read the clocks of processes")]
        let told = unsafe { libc::clock_gettime(self.clock, &raw mut time) };
        let (seconds, nanoseconds) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
        (told == 0).then(|| seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds))
    }

    /// How the process ended, if it does before the deadline.
    pub(crate) fn wait(&self, deadline: Instant) -> Option<ExitStatus> {
        let mut state = self.lock();
        loop {
            if state.status.is_some() {
                return state.status;
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            state = self.ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the process has ended, by what the system knows now.
    pub(crate) fn has_ended(&self) -> bool {
        let mut watched = libc::pollfd { fd: self.pidfd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: the pointer and the number describe one value, which is not touched until poll returns.
        #[expect(unsafe_code, reason = "the standard library has no poll")]
        let ready = unsafe { libc::poll(&raw mut watched, 1, 0) };
        ready != 0
    }

    /// Runs this once the process has ended; at once if it has.
    pub(crate) fn at_end(&self, run: Box<dyn FnOnce() + Send>) {
        let mut state = self.lock();
        if state.status.is_none() {
            state.at_end = Some(run);
        } else {
            drop(state);
            run();
        }
    }

    fn end(&self, status: ExitStatus) {
        let mut state = self.lock();
        state.status = Some(status);
        let at_end = state.at_end.take();
        drop(state);
        self.ended.notify_all();
        if let Some(at_end) = at_end {
            at_end();
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("pidfd", &self.fate.pidfd.as_raw_fd()).finish_non_exhaustive()
    }
}

/// How a process ended, for a sentence.
pub(crate) fn described(status: ExitStatus) -> String {
    match status.signal() {
        Some(libc::SIGSYS) => "it wanted something of the system that no app may have".to_owned(),
        Some(signal) => format!("its process was ended by signal {signal}"),
        None => format!("its process left with code {}", status.code().unwrap_or_default()),
    }
}

/// What the thread has.
struct Room {
    orders: Receiver<(Program, SyncSender<io::Result<Process>>)>,
    rings: UnixStream,
    kept: Vec<(Child, Arc<Fate>)>,
}

impl Room {
    fn keep(mut self) {
        while self.wait() {
            while let Ok((program, reply)) = self.orders.try_recv() {
                // Who does not wait any more has dropped it, and that kills it.
                let _ = reply.send(self.start(program));
            }
            self.bury();
            for (_, fate) in &self.kept {
                fate.rests();
            }
        }
        for (mut child, fate) in std::mem::take(&mut self.kept) {
            fate.kill();
            if let Ok(status) = child.wait() {
                fate.end(status);
            }
        }
    }

    /// Waits until something is to be done; false if the keeper is gone.
    fn wait(&mut self) -> bool {
        let bell = libc::pollfd { fd: self.rings.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let mut watched = vec![bell];
        let pidfd = |fate: &Fate| libc::pollfd { fd: fate.pidfd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        watched.extend(self.kept.iter().map(|(_, fate)| pidfd(fate)));
        let longest = if self.kept.is_empty() { -1 } else { ROUND_MS };
        // SAFETY: the pointer and the number describe one vector, which is not touched until poll returns.
        #[expect(unsafe_code, reason = "the standard library has no poll")]
        unsafe {
            libc::poll(watched.as_mut_ptr(), watched.len() as libc::nfds_t, longest)
        };
        let mut rings = [0; 64];
        loop {
            match self.rings.read(&mut rings) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
    }

    /// Buries those that have ended.
    fn bury(&mut self) {
        self.kept.retain_mut(|(child, fate)| match child.try_wait() {
            Ok(None) => true,
            Ok(Some(status)) => {
                fate.end(status);
                false
            }
            Err(error) => {
                tracing::error!(%error, "how a process ended is not known");
                fate.end(ExitStatus::from_raw(libc::SIGKILL));
                false
            }
        });
    }

    fn start(&mut self, program: Program) -> io::Result<Process> {
        let (ours, theirs) = UnixStream::pair()?;
        // It has a terminal of nobody, an environment of nobody, and the descriptors that it needs.
        let mut child = Command::new(&program.path)
            .arg(program.argument)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(program.code.map_or_else(Stdio::null, |code| Stdio::from(File::from(code))))
            .stderr(program.image.map_or_else(Stdio::null, |image| Stdio::from(File::from(image))))
            .spawn()?;
        let opened = Pid::from_raw(child.id().cast_signed())
            .ok_or(rustix::io::Errno::SRCH)
            .and_then(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()));
        let pidfd = match opened {
            Ok(pidfd) => pidfd,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error.into());
            }
        };
        let fate = Arc::new(Fate {
            id: child.id(),
            pidfd,
            clock: clock_of(child.id()),
            rests_since: AtomicU64::new(AT_WORK),
            is_restless: AtomicBool::new(false),
            state: Mutex::default(),
            ended: Condvar::new(),
        });
        self.kept.push((child, Arc::clone(&fate)));
        Ok(Process { socket: ours, fate })
    }
}

/// The clock that says what a process has computed.
fn clock_of(pid: u32) -> libc::clockid_t {
    let mut clock = 0;
    // SAFETY: the call writes one number, which is ours.
    #[expect(unsafe_code, reason = "the standard library does not know the clocks of processes")]
    let known = unsafe { libc::clock_getcpuclockid(pid.cast_signed(), &raw mut clock) };
    // No clock has this number, so what is computed is not known.
    if known == 0 { clock } else { libc::clockid_t::MAX }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::apart::code::Code;

    fn run(keeper: &Keeper, path: &str) -> io::Result<Process> {
        keeper.run(Program { path: path.into(), argument: "-", code: Some(Code::room().unwrap().into()), image: None })
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn a_process_talks_through_its_socket_and_its_end_is_seen() {
        let keeper = Keeper::start().unwrap();
        let mut process = run(&keeper, "/bin/cat").unwrap();
        let (sender, ended) = mpsc::channel();
        process.fate().at_end(Box::new(move || sender.send(()).unwrap()));
        process.socket.shutdown(std::net::Shutdown::Write).unwrap();
        let mut nothing = Vec::new();
        process.socket.read_to_end(&mut nothing).unwrap();
        ended.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(process.fate().wait(soon()).unwrap().success());
    }

    #[test]
    fn a_process_ends_when_nobody_holds_it_or_its_keeper() {
        let keeper = Keeper::start().unwrap();
        let dropped = run(&keeper, "/bin/cat").unwrap();
        let fate = dropped.fate();
        drop(dropped);
        assert_eq!(fate.wait(soon()).unwrap().signal(), Some(libc::SIGKILL));
        let left = run(&keeper, "/bin/cat").unwrap();
        drop(keeper);
        assert_eq!(left.fate().wait(Instant::now()).unwrap().signal(), Some(libc::SIGKILL));
    }

    #[test]
    fn who_computes_at_rest_is_ended_and_who_waits_is_not() {
        let keeper = Keeper::start().unwrap();
        let waits = run(&keeper, "/bin/cat").unwrap();
        waits.fate().rest();
        let mut busy = run(&keeper, "/bin/sh").unwrap();
        busy.fate().rest();
        busy.socket.write_all(b"while :; do :; done\n").unwrap();
        assert_eq!(busy.fate().wait(soon()).unwrap().signal(), Some(libc::SIGKILL));
        assert!(busy.fate().is_restless() && !busy.fate().wake());
        assert!(waits.fate().wake() && !waits.fate().is_restless());

        // At work it may, and what it does then is not held against it later.
        let mut works = run(&keeper, "/bin/sh").unwrap();
        works.socket.write_all(b"while :; do :; done\n").unwrap();
        while works.fate().computed().unwrap() < 2 * MOST_AT_REST {
            thread::yield_now();
        }
        works.fate().rest();
        assert!(works.fate().wake());
        // Nobody has looked meanwhile: it is found when it is asked again.
        works.fate().rest();
        let since = works.fate().computed().unwrap();
        while works.fate().computed().is_some_and(|now| now < since + 2 * MOST_AT_REST) {
            thread::yield_now();
        }
        assert!(!works.fate().wake());
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_and_no_harm() {
        let keeper = Keeper::start().unwrap();
        assert_eq!(run(&keeper, "/no/such/program").unwrap_err().kind(), io::ErrorKind::NotFound);
        run(&keeper, "/bin/cat").unwrap();
    }
}
