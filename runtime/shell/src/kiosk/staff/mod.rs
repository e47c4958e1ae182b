//! The page for staff, behind their PIN. Like the one that says sorry it is a window without a web view, in a process of its
//! own: it is needed most when all else fails.
//!
//! ```text
//! window: "pin …"  ─► judged here, slowly, and counted ─► "wrong <ms>"
//!                     └─ right ─► the citizen's session ends ─► all of it is gone ─► "page {…}"
//! window: "look"   ─► "page {…}"
//! window: its end  ─► the next citizen may come
//! ```
//!
//! Invariant: nothing is shown of the terminal, and no citizen's session is on the glass, unless the other is gone.

mod report;
pub(super) mod window;
mod words;

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, mpsc::Sender},
    thread,
};

use guichet_host::{
    Freshness, Host,
    policy::{Door, Knock, SignedPolicy, Unwritten},
};
use guichet_package::policy::PinHash;
use guichet_services::Device;

use super::{
    supervisor::{Event, now_ms},
    telling::Pad,
    watchdog,
};

/// What reaches the supervisor from a page for staff.
pub(super) enum Told {
    /// Its window says something.
    Line(String),
    /// What became of a PIN.
    Knocked(Knock),
    /// What is to be shown, as JSON on one line.
    Page(String),
    /// The window is gone.
    Gone,
}

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// In front of the door.
    Outside,
    /// The PIN was right; what a citizen has left is not gone yet.
    Waiting,
    /// On the page.
    Inside,
}

/// Whom to tell the page's contents of.
pub(super) struct About {
    pub(super) host: Host,
    pub(super) device: Arc<Device>,
    pub(super) pad: Pad,
    pub(super) policy: Arc<SignedPolicy>,
    pub(super) freshness: Option<Freshness>,
    /// The operator's public key, as it lies beside the policy.
    pub(super) operator: String,
    pub(super) folders: [std::path::PathBuf; 2],
}

/// One page for staff, from the question for the PIN to its end.
pub(super) struct Staff {
    number: u64,
    child: Child,
    orders: Option<ChildStdin>,
    at: Where,
    /// A PIN is being judged, and no other is meanwhile.
    judges: bool,
    tell: Sender<Event>,
}

impl Staff {
    /// Asks for the PIN.
    pub(super) fn ask(number: u64, lang: &str, tell: &Sender<Event>) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--staff", lang]).env_remove(watchdog::SOCKET).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let orders = child.stdin.take();
        let said = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let telling = tell.clone();
        thread::Builder::new().name("staff".to_owned()).spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if telling.send(Event::Staff(number, Told::Line(line))).is_err() {
                    return;
                }
            }
            let _ = telling.send(Event::Staff(number, Told::Gone));
        })?;
        Ok(Self { number, child, orders, at: Where::Outside, judges: false, tell: tell.clone() })
    }

    /// Whether this is the page of that number.
    pub(super) fn is(&self, number: u64) -> bool {
        self.number == number
    }

    /// Whether somebody of the staff is there, so that nobody else may be let in.
    pub(super) fn is_in(&self) -> bool {
        self.at != Where::Outside
    }

    /// Whether they are on the page, and so nothing of a citizen is left.
    pub(super) fn is_inside(&self) -> bool {
        self.at == Where::Inside
    }

    /// Whether they wait for what a citizen has left to be gone.
    pub(super) fn waits(&self) -> bool {
        self.at == Where::Waiting
    }

    /// Judges a PIN, which takes some tenths of a second; it is told what became of it.
    pub(super) fn knock(
        &mut self,
        hash: PinHash,
        (home, unwritten): (&Path, &Unwritten),
        pin: String,
    ) -> io::Result<()> {
        if self.at != Where::Outside || std::mem::replace(&mut self.judges, true) {
            return Ok(());
        }
        let mut door = Door::new(hash, home, unwritten);
        self.aside("PIN", move || Told::Knocked(door.knock(&pin, now_ms())))
    }

    /// The PIN was right.
    pub(super) fn let_in(&mut self) {
        self.at = Where::Waiting;
        self.order("clearing");
    }

    /// It was wrong, and none is looked at before this time.
    pub(super) fn refuse(&mut self, wait_until_ms: u64) {
        self.judges = false;
        self.order(&format!("wrong {}", wait_until_ms.saturating_sub(now_ms())));
    }

    /// Finds out what is to be shown; printers and readers are asked, which may take a while.
    pub(super) fn look(&mut self, about: About) -> io::Result<()> {
        self.at = Where::Inside;
        self.aside("staff's page", move || Told::Page(serde_json::to_string(&report::of(&about)).unwrap_or_default()))
    }

    /// Shows it.
    pub(super) fn show(&mut self, page: &str) {
        self.order(&format!("page {page}"));
    }

    /// The window goes.
    pub(super) fn put_away(mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            tracing::warn!(%error, "the page for staff stays");
        }
    }

    fn aside(&self, what: &str, work: impl FnOnce() -> Told + Send + 'static) -> io::Result<()> {
        let (number, tell) = (self.number, self.tell.clone());
        let work = move || drop(tell.send(Event::Staff(number, work())));
        thread::Builder::new().name(what.to_owned()).spawn(work).map(drop)
    }

    fn order(&mut self, line: &str) {
        if let Some(orders) = &mut self.orders {
            // Who does not take it is gone, and that is heard too.
            let _ = writeln!(orders, "{line}").and_then(|()| orders.flush());
        }
    }
}
