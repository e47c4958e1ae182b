//! The developer's computer: it shows a draft to terminals it is paired with, and pairs with those whose person types the code.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use guichet_package::shown::shown_name;
use rustls::ServerConfig;

use super::{
    CODE_LASTS_S, Ending, LONGEST_PREVIEW_S, Paired, Pairings, PeerKey, PreviewAddress, PreviewError, PreviewId,
    PreviewLine, PreviewProblem,
    address::encode,
    channel::{PATIENCE, ServerEnd, Until as _, accept},
    console::is_moderate,
    wire::{Heard, Hello, Said, Typed, read, write},
};
use crate::Clock;

/// Most connections at once.
const MOST_CONNECTIONS: usize = 16;
/// How often one code may be wrong.
const TRIES: u32 = 3;
/// How many codes may be given up on before a preview pairs nobody any more: a guesser has 15 in a million.
const MOST_CODES: u32 = 5;
/// How often a terminal is told that the computer is there.
const STILL: Duration = Duration::from_secs(2);
/// How long a package may take to be sent.
const SENDING: Duration = Duration::from_secs(120);

/// What a preview is begun with.
#[derive(Debug)]
pub struct PreviewOptions {
    /// Where to listen; with port 0 any that is free.
    pub listen: SocketAddr,
    /// How long it goes on, in seconds; at most [`LONGEST_PREVIEW_S`].
    pub lasts_s: u64,
    /// What this computer calls itself.
    pub name: String,
    /// Where the time comes from.
    pub clock: Clock,
}

/// What happens with terminals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewNews {
    /// A terminal asks to be paired: a person has to type this code at it.
    Asks {
        /// What it calls itself.
        name: String,
        /// Its key.
        key: PeerKey,
        /// Six digits.
        code: String,
    },
    /// It has been paired.
    Paired {
        /// What it calls itself.
        name: String,
    },
    /// It has got this draft, and shows it unless it finds something.
    Given {
        /// What it calls itself.
        name: String,
        /// How large the draft was, in bytes.
        bytes: u64,
    },
    /// The app's console has said something there.
    Console {
        /// What the terminal calls itself.
        name: String,
        /// What was said.
        line: PreviewLine,
    },
    /// It shows the preview no more.
    Left {
        /// What it calls itself.
        name: String,
    },
    /// It was refused.
    Refused {
        /// What it calls itself.
        name: String,
        /// Why.
        error: PreviewError,
    },
}

type Says = dyn Fn(PreviewNews) + Send + Sync;

/// One preview, as long as this lives.
pub struct PreviewServer {
    shared: Arc<Shared>,
}

struct Shared {
    pairings: Pairings,
    options: PreviewOptions,
    address: PreviewAddress,
    ends_ms: u64,
    config: Arc<ServerConfig>,
    shown: Mutex<Shown>,
    has_changed: Condvar,
    /// One terminal is paired at a time, so that a person knows which screen a code is for.
    pairing: Mutex<()>,
    codes: AtomicU32,
    connections: AtomicUsize,
    says: Box<Says>,
}

#[derive(Default)]
struct Shown {
    /// 1, 2, 3… with every change of what follows.
    number: u64,
    package: Option<Arc<[u8]>>,
    /// The number with which the package has come.
    package_number: u64,
    problems: Vec<PreviewProblem>,
    ended: Option<Ending>,
}

impl PreviewServer {
    /// Begins to listen. `says` hears what happens, on threads of its own.
    pub fn start(
        pairings: Pairings,
        mut options: PreviewOptions,
        says: impl Fn(PreviewNews) + Send + Sync + 'static,
    ) -> Result<Self, PreviewError> {
        let identity = pairings.identity()?;
        let unheard = |source: std::io::Error| PreviewError::Listen { at: options.listen, why: source.to_string() };
        let listener = TcpListener::bind(options.listen).map_err(unheard)?;
        let at = listener.local_addr().map_err(unheard)?;
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| PreviewError::Pairings { why: error.to_string() })?;
        let address = PreviewAddress { at, key: identity.public(), id: PreviewId(id) };
        options.lasts_s = options.lasts_s.min(LONGEST_PREVIEW_S);
        let shared = Arc::new(Shared {
            pairings,
            ends_ms: options.clock.now_ms().saturating_add(options.lasts_s * 1000),
            options,
            address,
            config: identity.server().map_err(|error| PreviewError::broken(&error))?,
            shown: Mutex::default(),
            has_changed: Condvar::new(),
            pairing: Mutex::default(),
            codes: AtomicU32::new(0),
            connections: AtomicUsize::new(0),
            says: Box::new(says),
        });
        let listening = Arc::clone(&shared);
        let spawned = thread::Builder::new().name("previews".to_owned()).spawn(move || listening.listen(&listener));
        spawned.map_err(|source| PreviewError::Listen { at, why: source.to_string() })?;
        Ok(Self { shared })
    }

    /// What a terminal opens.
    pub fn address(&self) -> &PreviewAddress {
        &self.shared.address
    }

    /// When it ends, in milliseconds since 1970.
    pub fn ends_ms(&self) -> u64 {
        self.shared.ends_ms
    }

    /// From now on this is the draft.
    pub fn show(&self, package: Vec<u8>) {
        self.shared.change(|shown| {
            shown.package = Some(package.into());
            shown.package_number = shown.number;
            shown.problems.clear();
        });
    }

    /// The folder cannot be packed now; the last good draft stays.
    pub fn trouble(&self, problems: Vec<PreviewProblem>) {
        self.shared.change(|shown| shown.problems = problems);
    }

    /// Whether its time is over.
    pub fn is_over(&self) -> bool {
        self.shared.is_over()
    }
}

impl Drop for PreviewServer {
    /// Terminals are told, and nobody can connect any more.
    fn drop(&mut self) {
        self.shared.change(|shown| {
            shown.ended.get_or_insert(Ending::Closed);
        });
        // Whoever waits for connections sees that it is over.
        drop(TcpStream::connect_timeout(&self.shared.address.at, PATIENCE));
        let told = self.shared.lock();
        let is_anybody_there = |_: &mut Shown| self.shared.connections.load(Ordering::SeqCst) > 0;
        let told = self.shared.has_changed.wait_timeout_while(told, STILL, is_anybody_there);
        drop(told);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Shown)) {
        let mut shown = self.lock();
        shown.number += 1;
        change(&mut shown);
        self.has_changed.notify_all();
    }

    fn is_over(&self) -> bool {
        self.options.clock.now_ms() >= self.ends_ms
    }

    fn ending(&self) -> Option<Ending> {
        self.lock().ended.or_else(|| self.is_over().then_some(Ending::Time))
    }

    fn listen(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.lock().ended.is_some() {
                return;
            }
            let Ok(stream) = stream else { continue };
            let most = |now: usize| (now < MOST_CONNECTIONS).then_some(now + 1);
            if self.connections.fetch_update(Ordering::SeqCst, Ordering::SeqCst, most).is_err() {
                continue;
            }
            let serving = Arc::clone(self);
            let spawned = thread::Builder::new().name("preview".to_owned()).spawn(move || {
                serving.serve(stream);
                serving.connections.fetch_sub(1, Ordering::SeqCst);
                serving.has_changed.notify_all();
            });
            if spawned.is_err() {
                self.connections.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    fn serve(&self, stream: TcpStream) {
        // Whoever cannot shake hands is nobody we could name.
        let Ok((mut end, key)) = accept(Arc::clone(&self.config), stream) else { return };
        let Ok(hello) = read::<Hello>(&mut end) else { return };
        let name = shown_name(&hello.name);
        let served = self.admit(&mut end, key, &hello, &name).and_then(|()| self.give(&mut end, key, &name));
        match served {
            Ok(()) | Err(PreviewError::Channel { .. }) => (self.says)(PreviewNews::Left { name }),
            Err(error) => {
                if PreviewError::TOLD.contains(&error) {
                    drop(write(end.get_mut(), &Said::Refused(error.class().to_owned())));
                }
                (self.says)(PreviewNews::Refused { name, error });
            }
        }
        let owned = end.get_mut();
        owned.conn.send_close_notify();
        drop(owned.conn.complete_io(&mut owned.sock));
    }

    /// Nobody passes who is not paired, on both sides.
    fn admit(&self, end: &mut ServerEnd, key: PeerKey, hello: &Hello, name: &str) -> Result<(), PreviewError> {
        if hello.preview != encode(&self.address.id.0) || self.ending().is_some() {
            return Err(PreviewError::Over);
        }
        if hello.paired && self.pairings.has(key)? {
            return Ok(());
        }
        let _alone = match self.pairing.try_lock() {
            Ok(alone) => alone,
            Err(TryLockError::WouldBlock) => return Err(PreviewError::Busy),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        if self.codes.load(Ordering::SeqCst) >= MOST_CODES {
            return Err(PreviewError::TooManyCodes);
        }
        // Counted before it is shown: whoever goes away has had the code as well.
        self.codes.fetch_add(1, Ordering::SeqCst);
        let code = code()?;
        let until_ms = self.options.clock.now_ms().saturating_add(CODE_LASTS_S * 1000);
        (self.says)(PreviewNews::Asks { name: name.to_owned(), key, code: code.clone() });
        end.within(Duration::from_secs(CODE_LASTS_S) + PATIENCE);
        for tries in (1..=TRIES).rev() {
            say(end, &Said::Code { tries, seconds: CODE_LASTS_S })?;
            let typed: Typed = read(end)?;
            if self.options.clock.now_ms() >= until_ms {
                return Err(PreviewError::CodeExpired);
            }
            let digits: String = typed.code.chars().filter(|character| !character.is_whitespace()).collect();
            if digits == code {
                self.pairings.add(Paired { key, name: name.to_owned(), since_ms: self.options.clock.now_ms() })?;
                self.codes.fetch_sub(1, Ordering::SeqCst);
                say(end, &Said::Paired {})?;
                (self.says)(PreviewNews::Paired { name: name.to_owned() });
                return Ok(());
            }
        }
        Err(PreviewError::WrongCode)
    }

    /// Gives drafts, as they come, until it is over.
    fn give(&self, end: &mut ServerEnd, key: PeerKey, name: &str) -> Result<(), PreviewError> {
        let seconds = self.ends_ms.saturating_sub(self.options.clock.now_ms()) / 1000;
        end.within(PATIENCE);
        say(end, &Said::Begins { name: self.options.name.clone(), seconds })?;
        let (mut seen, mut given) = (0, 0);
        loop {
            let shown = self.lock();
            let waited = self
                .has_changed
                .wait_timeout_while(shown, STILL, |shown| shown.number == seen && shown.ended.is_none());
            let shown = waited.unwrap_or_else(PoisonError::into_inner).0;
            let (number, package_number, problems) = (shown.number, shown.package_number, shown.problems.clone());
            let package = shown.package.clone().filter(|_| package_number > given);
            drop(shown);
            end.within(PATIENCE);
            if let Some(ending) = self.ending() {
                return say(end, &Said::Ended(ending));
            }
            if !self.pairings.has(key)? {
                return say(end, &Said::Ended(Ending::Unpaired));
            }
            if let Some(package) = package {
                end.within(SENDING);
                say(end, &Said::Draft(package.len() as u64))?;
                let sent = std::io::Write::write_all(end.get_mut(), &package);
                sent.and_then(|()| std::io::Write::flush(end.get_mut()))
                    .map_err(|error| PreviewError::broken(&error))?;
                given = package_number;
                (self.says)(PreviewNews::Given { name: name.to_owned(), bytes: package.len() as u64 });
            }
            if number != seen {
                say(end, &Said::Problems(problems))?;
                seen = number;
                continue;
            }
            say(end, &Said::Still {})?;
            let Heard { console } = read(end)?;
            if !is_moderate(&console) {
                return Err(PreviewError::Protocol { what: format!("{} lines of a console", console.len()) });
            }
            for line in console {
                (self.says)(PreviewNews::Console { name: name.to_owned(), line });
            }
        }
    }
}

fn say(end: &mut ServerEnd, said: &Said) -> Result<(), PreviewError> {
    write(end.get_mut(), said).map_err(|error| PreviewError::broken(&error))
}

/// Six digits, each as likely as any other.
fn code() -> Result<String, PreviewError> {
    const CODES: u32 = 1_000_000;
    loop {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|error| PreviewError::Pairings { why: error.to_string() })?;
        let number = u32::from_le_bytes(bytes);
        if number < u32::MAX - u32::MAX % CODES {
            return Ok(format!("{:06}", number % CODES));
        }
    }
}
