//! The process that is always there: it lets one citizen in after another, and whatever dies, it begins again.
//!
//! ```text
//! stocked ─► a keeper is started ─► "ready" ─► (nobody is there) "show" ─► "shown" ─► "over" ─► its input ends ─► wiped ─┐
//!    ▲                                  ▲ the next one waits here, and is not seen yet             ◄──────────────────────┘
//! ```

mod calls;

use std::{
    convert::Infallible,
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use guichet_host::{
    Freshness, Host, HostOptions, Walls,
    fleet::KeepTelling,
    policy::{PolicyError, PolicyFiles, SignedPolicy, Unwritten},
};
use guichet_package::TrustFile;
use guichet_services::{Device, Parts, telemetry::Waiting};

use super::{
    backoff::Backoff,
    duty::{self, Duty},
    error::KioskError,
    keeper::{COUNTED, DIED, WIPED},
    library::{InForce, Library},
    options::Options,
    room::{self, Memory},
    seat::{PICTURE, PICTURED, SHOW, SHOW_AFTER_CARD, Seat},
    staff::{self, Staff},
    telling::{self, Pad},
    watchdog::{self, Watchdog},
};
use crate::glass::{DeskApps, ScreenClipboard};

/// How long after a card was taken whoever has taken it may still stand there.
const LATELY: Duration = Duration::from_secs(30);

/// How long a window may take to make a picture of the home page before it is told again.
const TO_PICTURE: Duration = Duration::from_secs(5);

/// How often it is looked whether windows still answer.
const LOOK: Duration = Duration::from_millis(500);
/// A window that has said nothing for so long hangs. It says something every two seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a window may take until its page is drawn.
const TO_BE_READY: Duration = Duration::from_secs(90);
/// How long the next session waits for room in memory before it is tried again.
const TO_MAKE_ROOM: Duration = Duration::from_secs(2);
/// How long everything of a citizen may take to be gone; after that nobody is let in.
const TO_WIPE: Duration = Duration::from_secs(15);

/// What reaches the supervisor.
pub(super) enum Event {
    /// There is another stock for the sessions that begin from now on.
    Stocked(io::Result<PathBuf>),
    /// How lately the store was heard.
    Fresh(Freshness),
    /// A session says something.
    Said(u64, String),
    /// A session and its keeper are gone.
    Gone(u64),
    /// Somebody wants to the page for staff, from the window that says sorry.
    Called,
    /// The page for staff of this number says something.
    Staff(u64, staff::Told),
}

/// One session, from its keeper's start to the keeper's end.
struct Sitting {
    number: u64,
    keeper: Child,
    /// Its end is the end of the session.
    orders: Option<ChildStdin>,
    room: PathBuf,
    stock: PathBuf,
    begun: Instant,
    heard: Instant,
    is_ready: bool,
    /// Somebody has touched it, or put a card.
    is_used: bool,
    /// When it was told last to make a picture of the home page.
    pictured: Option<Instant>,
    /// Since when it is being taken away.
    ending: Option<Instant>,
}

struct Supervisor {
    starting: Starting,
    memory: Memory,
    seat: Seat,
    tell: Sender<Event>,
    stock: Option<PathBuf>,
    stocks: Vec<PathBuf>,
    numbers: u64,
    /// The one on the glass.
    seen: Option<Sitting>,
    /// The one that comes next.
    next: Option<Sitting>,
    /// Those that are being taken away.
    leaving: Vec<Sitting>,
    backoff: Backoff,
    rests_until: Option<Instant>,
    sorry: Option<(Child, &'static str)>,
    staff: Option<Staff>,
    /// Wrong PINs that a full disk has not taken.
    unwritten: Unwritten,
    host: Host,
    device: Arc<Device>,
    policy: InForce,
    paper: Paper,
    library: Library,
    pad: Pad,
    /// None at a terminal that has enrolled at no store.
    telling: Option<KeepTelling>,
    /// How lately the store was heard; none: nobody has looked yet.
    freshness: Option<Freshness>,
    duty: Duty,
    watchdog: Watchdog,
    /// Since when a citizen's end has been asked for, until the next one's page is there.
    changing: Option<Instant>,
    /// When the session before ended because its card was taken.
    card_taken: Option<Instant>,
    has_served: bool,
}

/// What windows are started with.
struct Starting {
    arguments: Vec<String>,
}

/// Keeps the terminal until something makes that impossible.
pub(super) fn run(options: &Options) -> Result<Infallible, KioskError> {
    let home = options.home().ok_or(KioskError::NoHome)?;
    let files = options.files();
    let paper = Paper::of(&files, &home);
    let policy = InForce::new(files.read(&home, now_ms())?);
    let (trust_text, trust) = read_trust(&files.trust)?;
    let seat = Seat::of(policy.now().policy(), trust_text);
    let memory = Memory::take(Some(&options.memory))?;
    let (host, device) = open_host(&home, trust, &seat, &files.policy)?;
    let pad = Pad::default();
    pad.follows(policy.now().policy().sequence);
    let telling = telling::begin(&home, files, host.clone(), Arc::clone(&device), pad.clone())?;
    let (tell, told) = mpsc::channel();
    let folders = (home, memory.folder().to_owned());
    let pause = Duration::from_secs(options.refresh_seconds);
    let library = Library::follow(host.clone(), folders, policy.clone(), pause, (tell.clone(), pad.clone()))?;
    let mut supervisor = Supervisor {
        starting: Starting { arguments: options.of_a_window() },
        memory,
        seat,
        tell,
        stock: None,
        stocks: Vec::new(),
        numbers: 0,
        seen: None,
        next: None,
        leaving: Vec::new(),
        backoff: Backoff::default(),
        rests_until: None,
        sorry: None,
        staff: None,
        unwritten: Unwritten::default(),
        host,
        device,
        policy,
        paper,
        library,
        pad,
        telling,
        freshness: None,
        duty: Duty::Serves { stale_since_ms: None },
        watchdog: Watchdog::of(std::env::var_os(watchdog::SOCKET).as_deref(), Instant::now()),
        changing: None,
        card_taken: None,
        has_served: false,
    };
    loop {
        match told.recv_timeout(LOOK) {
            Ok(event) => supervisor.take(event)?,
            Err(RecvTimeoutError::Timeout) => {}
            // The supervisor itself holds a sender.
            Err(RecvTimeoutError::Disconnected) => {}
        }
        supervisor.look()?;
    }
}

impl Supervisor {
    fn take(&mut self, event: Event) -> Result<(), KioskError> {
        match event {
            Event::Stocked(Err(error)) => {
                return match self.stock {
                    // Sessions go on with what there was.
                    Some(_) => {
                        tracing::error!(%error, "what is installed now cannot be shown to sessions");
                        Ok(())
                    }
                    None => Err(KioskError::Memory(self.memory.folder().to_owned(), error)),
                };
            }
            Event::Stocked(Ok(stock)) => {
                self.stocks.push(stock.clone());
                self.stock = Some(stock);
                if let Some(next) = self.next.take() {
                    self.end(next);
                }
            }
            Event::Fresh(freshness) => self.freshness = Some(freshness),
            Event::Said(number, line) => self.said(number, &line),
            Event::Gone(number) => self.gone(number)?,
            Event::Called => self.call_staff(),
            Event::Staff(number, told) => self.staff_told(number, told),
        }
        Ok(())
    }

    fn said(&mut self, number: u64, line: &str) {
        let sitting = self.seen.iter_mut().chain(&mut self.next).chain(&mut self.leaving);
        let Some(sitting) = sitting.into_iter().find(|sitting| sitting.number == number) else { return };
        sitting.heard = Instant::now();
        match line {
            "beat" => {}
            "ready" => sitting.is_ready = true,
            PICTURED if !sitting.is_used => match fs::read(Seat::picture(&sitting.room)) {
                Ok(png) => {
                    if self.pad.pictured(png)
                        && let Some(telling) = &self.telling
                    {
                        telling.now();
                    }
                }
                Err(error) => tracing::warn!(%error, "there is no picture of the home page"),
            },
            PICTURED => {}
            "staff" => self.call_staff(),
            "begun" => {
                sitting.is_used = true;
                say("session begun");
            }
            "shown" => {
                if let Some((child, _)) = self.sorry.take() {
                    put_away(child);
                }
                match self.changing.take() {
                    Some(since) => say(&format!("session shown after {} ms", since.elapsed().as_millis())),
                    None => say("session shown"),
                }
                if !std::mem::replace(&mut self.has_served, true) {
                    say("guichet-kiosk ready");
                }
            }
            _ if line.starts_with(COUNTED) => self.host.gather(line.trim_start_matches(COUNTED)),
            _ if line.starts_with("over ") => {
                self.card_taken = (line == "over card").then(Instant::now);
                say(&format!("session {line}"));
                self.change();
            }
            _ => say(line),
        }
    }

    /// The citizen who is there goes, and the next one may come.
    fn change(&mut self) {
        // Whoever has not shown a PIN yet does not stand before the next citizen.
        self.staff.take_if(|staff| !staff.is_in()).into_iter().for_each(Staff::put_away);
        if let Some(seen) = self.seen.take() {
            self.changing.get_or_insert_with(Instant::now);
            self.backoff.went_well();
            self.end(seen);
        }
    }

    /// Has the home page pictured if the store wants it and nobody is in a session: else when the next one waits.
    fn ask_for_picture(&mut self, now: Instant) {
        if !self.pad.wants_picture() || self.changing.is_some() {
            return;
        }
        let Some(seen) = self.seen.as_mut().filter(|seen| !seen.is_used) else { return };
        if seen.pictured.is_none_or(|at| now - at > TO_PICTURE) {
            seen.pictured = Some(now);
            tell(seen, PICTURE);
        }
    }

    /// Everything of a session is taken away, by its keeper.
    fn end(&mut self, mut sitting: Sitting) {
        sitting.orders = None;
        sitting.ending = Some(Instant::now());
        self.leaving.push(sitting);
    }

    fn gone(&mut self, number: u64) -> Result<(), KioskError> {
        let is_it = |sitting: &Sitting| sitting.number == number;
        let leaving = self.leaving.iter().position(is_it).map(|at| self.leaving.remove(at));
        let was_seen = self.seen.as_ref().is_some_and(is_it);
        let sitting =
            leaving.or_else(|| self.seen.take_if(|seen| is_it(seen))).or_else(|| self.next.take_if(|next| is_it(next)));
        let Some(mut sitting) = sitting else { return Ok(()) };
        let status = sitting.keeper.wait().map_err(|error| KioskError::Process("a keeper", error))?;
        let is_left = sitting.room.exists();
        if is_left || ![Some(WIPED.into()), Some(DIED.into())].contains(&status.code()) {
            // The keeper was killed: what was below it has ended with it, and its folder is taken away here.
            room::remove(&sitting.room)
                .map_err(|error| KioskError::NotWiped(format!("{}: {error}", sitting.room.display())))?;
            tracing::error!(%status, "a keeper has not done its work");
        }
        if sitting.ending.is_none() {
            self.pad.failed("kiosk/session-died");
            let pause = self.backoff.died(sitting.begun.elapsed());
            say(&format!("session died, the next one in {} ms", pause.as_millis()));
            self.rests_until = Some(Instant::now() + pause);
            if was_seen {
                self.changing.get_or_insert_with(Instant::now);
            }
        }
        Ok(())
    }

    /// What time brings.
    fn look(&mut self) -> Result<(), KioskError> {
        let now = Instant::now();
        if let Some(late) =
            self.leaving.iter().find(|sitting| sitting.ending.is_some_and(|since| now - since > TO_WIPE))
        {
            return Err(KioskError::NotWiped(format!(
                "{} is not gone after {} s",
                late.room.display(),
                TO_WIPE.as_secs()
            )));
        }
        for sitting in [&mut self.seen, &mut self.next] {
            let hangs = |sitting: &mut Sitting| {
                now - sitting.heard > PATIENCE || (!sitting.is_ready && now - sitting.begun > TO_BE_READY)
            };
            if let Some(hanging) = sitting.take_if(hangs) {
                self.pad.failed("kiosk/session-hangs");
                say("session hangs");
                let pause = self.backoff.died(hanging.begun.elapsed());
                self.rests_until = Some(now + pause);
                self.leaving.push(Sitting { orders: None, ending: Some(now), ..hanging });
            }
        }
        let is_lit = self.seen.is_some() || self.sorry.is_some() || self.staff.is_some();
        self.watchdog.lives(is_lit, now);
        self.rests_until.take_if(|until| *until <= now);
        self.look_at_policy();
        self.look_at_duty();
        // Nobody is let in while anything of a citizen is left.
        self.ask_for_picture(now);
        let is_clean = self.leaving.iter().all(|sitting| !sitting.is_used);
        let has_newer = self.next.as_ref().is_some_and(|next| next.is_ready)
            && self.seen.as_ref().is_some_and(|seen| !seen.is_used && Some(&seen.stock) != self.stock.as_ref());
        if has_newer && let Some(seen) = self.seen.take() {
            self.end(seen);
        }
        let is_staff_in = self.staff.as_ref().is_some_and(Staff::is_in);
        let serves = self.duty.why_not().is_none() && self.freshness.is_some() && !is_staff_in;
        self.show_staff();
        if self.seen.is_none() && is_clean && serves && self.next.as_ref().is_some_and(|next| next.is_ready) {
            self.seen = self.next.take();
            if let Some(seen) = &mut self.seen {
                seen.heard = now;
                let is_lately = self.card_taken.take().is_some_and(|at| now - at < LATELY);
                tell(seen, if is_lately { SHOW_AFTER_CARD } else { SHOW });
            }
        }
        if self.next.is_none()
            && self.rests_until.is_none()
            && let Some(stock) = self.stock.clone()
        {
            match self.begin(stock) {
                Ok(next) => self.next = Some(next),
                // Whoever is there has filled it, and goes on; when they have gone there is room again.
                Err(KioskError::Memory(room, error)) if self.seen.is_some() || !self.leaving.is_empty() => {
                    self.pad.failed("kiosk/memory");
                    tracing::error!(%error, "the next session has no room in {} yet", room.display());
                    self.rests_until = Some(now + TO_MAKE_ROOM);
                }
                Err(error) => return Err(error),
            }
        }
        let broken = self.backoff.keeps_dying().then_some("broken");
        if let Some(why) = self.duty.why_not().or(broken)
            && self.seen.is_none()
            && self.staff.is_none()
            && self.sorry.as_ref().is_none_or(|(_, said)| *said != why)
        {
            let other = self.sorry.take();
            let has_door = self.policy.now().policy().staff.is_some();
            let child =
                sorry(why, has_door, &self.tell).inspect_err(|error| tracing::error!(%error, "nobody tells people"));
            self.sorry = child.ok().map(|child| (child, why));
            // After the other one: between them nothing else is to be seen.
            other.into_iter().for_each(|(child, _)| put_away(child));
        }
        let used: Vec<_> =
            self.seen.iter().chain(&self.next).chain(&self.leaving).map(|one| one.stock.clone()).collect();
        let present = self.stock.clone();
        self.stocks.retain(|stock| {
            let is_needed = Some(stock) == present.as_ref() || used.contains(stock);
            if !is_needed && let Err(error) = room::remove(stock) {
                tracing::warn!(%error, "an old stock stays in memory");
            }
            is_needed
        });
        Ok(())
    }

    /// Follows another policy, if its file has become another: the store has sent it, or somebody has laid it there.
    fn look_at_policy(&mut self) {
        let Some(read) = self.paper.read_again() else { return };
        match read {
            Ok(policy) if policy.policy().sequence == self.policy.now().policy().sequence => {}
            Ok(policy) => {
                say(&format!("policy {}", policy.policy().sequence));
                self.pad.follows(policy.policy().sequence);
                let stale_since_ms = self.seat.stale_since_ms;
                self.seat = Seat { stale_since_ms, ..Seat::of(policy.policy(), std::mem::take(&mut self.seat.trust)) };
                self.policy.put(policy);
                self.library.look_again();
            }
            Err(error) => {
                self.pad.failed(error.class());
                tracing::error!(class = error.class(), "the policy before stays in force: {error}");
            }
        }
    }

    /// Begins and ends to serve, as hours, store and policy have it. Whoever is there already finishes.
    fn look_at_duty(&mut self) {
        let Some(freshness) = &self.freshness else { return };
        let duty = Duty::at(self.policy.now().policy(), freshness, now_ms(), duty::here());
        let before = std::mem::replace(&mut self.duty, duty);
        if duty.why_not() != before.why_not() {
            match duty.why_not() {
                Some(why) => say(&format!("out of service: {why}")),
                None => say("in service"),
            }
        }
        if duty.why_not().is_some()
            && let Some(unused) = self.seen.take_if(|seen| !seen.is_used)
        {
            self.end(unused);
        }
        if let (Duty::Serves { stale_since_ms: now }, Duty::Serves { stale_since_ms: then }) = (duty, before)
            && now.is_some() != then.is_some()
        {
            // The one that waits has been told otherwise.
            self.seat.stale_since_ms = now;
            self.next.take().into_iter().for_each(|next| self.end(next));
        }
    }

    fn begin(&mut self, stock: PathBuf) -> Result<Sitting, KioskError> {
        self.numbers += 1;
        let (number, room) = (self.numbers, self.memory.room(self.numbers));
        if let Err(error) = room::make(&room, &stock, &self.seat) {
            room::remove(&room).map_err(|left| KioskError::NotWiped(format!("{}: {left}", room.display())))?;
            return Err(KioskError::Memory(room, error));
        }
        let failed = |error| KioskError::Process("a session", error);
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(&self.starting.arguments).arg("--keep").arg(&room).env_remove(watchdog::SOCKET);
        // A signal for the terminal is for this process; the keeper ends when its input does.
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).spawn();
        let mut keeper = spawned.map_err(failed)?;
        let orders = keeper.stdin.take();
        let said = keeper.stdout.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        let tell = self.tell.clone();
        let listen = move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if tell.send(Event::Said(number, line)).is_err() {
                    return;
                }
            }
            let _ = tell.send(Event::Gone(number));
        };
        thread::Builder::new().name("listen".to_owned()).spawn(listen).map_err(failed)?;
        let now = Instant::now();
        Ok(Sitting {
            number,
            keeper,
            orders,
            room,
            stock,
            begun: now,
            heard: now,
            is_ready: false,
            is_used: false,
            pictured: None,
            ending: None,
        })
    }
}

/// The host that keeps what is installed; no app ever runs in it.
fn open_host(home: &Path, trust: TrustFile, seat: &Seat, policy: &Path) -> Result<(Host, Arc<Device>), KioskError> {
    let parts = Parts::parse(seat.devices.to_string().as_bytes());
    let parts = parts.map_err(|invalid| KioskError::Devices(policy.to_owned(), invalid.to_string()))?;
    // What its windows have besides.
    let parts = parts.with_clipboard(Arc::new(ScreenClipboard)).with_apps(Arc::<DeskApps>::default());
    let parts = if trust.api_url.is_empty() { parts } else { parts.with_counter(Arc::<Waiting>::default()) };
    let walls = guichet_host::Programs::beside_this_one().map(Walls::Two);
    let walls = walls.map_err(|error| KioskError::Process("the programs beside this one", io::Error::other(error)))?;
    let device = Arc::new(Device::new(home.join("apps")).with_parts(parts));
    let options = HostOptions {
        lang: seat.lang.clone(),
        terminal: "kiosk".to_owned(),
        walls,
        ..HostOptions::new(home.to_owned(), trust, Arc::clone(&device) as Arc<_>)
    };
    let host = Host::open(options).map_err(|error| KioskError::Library(Box::new(error)))?;
    Ok((host, device))
}

fn read_trust(path: &Path) -> Result<(String, TrustFile), KioskError> {
    let hint = "give --trust FILE with the guichet.trust.json that `guichet-store init` has written";
    let unreadable = |why: String| KioskError::Trust(path.to_owned(), why, hint.to_owned());
    let text =
        fs::read_to_string(path).map_err(|error| unreadable(format!("the trust file cannot be read: {error}")))?;
    let trust = TrustFile::parse(text.as_bytes())
        .map_err(|refusal| KioskError::Trust(path.to_owned(), refusal.what(), refusal.hint()))?;
    Ok((text, trust))
}

fn tell(sitting: &mut Sitting, order: &str) {
    if let Some(orders) = &mut sitting.orders {
        // Who does not take it is gone, and that is heard too.
        let _ = writeln!(orders, "{order}").and_then(|()| orders.flush());
    }
}

/// The file of the policy, looked at again and again.
struct Paper {
    files: PolicyFiles,
    home: PathBuf,
    written: Option<SystemTime>,
}

impl Paper {
    fn of(files: &PolicyFiles, home: &Path) -> Self {
        Self { files: files.clone(), home: home.to_owned(), written: written(&files.policy) }
    }

    /// Reads it, if it was written since it was looked at last.
    fn read_again(&mut self) -> Option<Result<SignedPolicy, PolicyError>> {
        let written = written(&self.files.policy);
        if std::mem::replace(&mut self.written, written) == written {
            return None;
        }
        Some(self.files.read(&self.home, now_ms()))
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// A window without a web view: it dies with this process.
fn sorry(why: &str, has_door: bool, tell: &Sender<Event>) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--sorry", why]).args(has_door.then_some("--staff-door")).env_remove(watchdog::SOCKET);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let said = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let tell = tell.clone();
    thread::Builder::new().name("sorry".to_owned()).spawn(move || {
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            if line == "staff" && tell.send(Event::Called).is_err() {
                return;
            }
        }
    })?;
    Ok(child)
}

fn put_away(mut child: Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        tracing::warn!(%error, "the page that says sorry stays");
    }
}

/// A line for whoever keeps the terminal; nothing of a person is in it.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The clock of this machine, in milliseconds since 1970.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
