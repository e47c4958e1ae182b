//! Running a journal again: the logic alone, on a fresh engine, with the events, the time and the randomness of the journal,
//! to the first output that differs.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_contract::AppId;
use guichet_engine::{Budget, Ended, Engine, EngineOptions, Event, Logic, Program, Walls, Wasm};
use guichet_package::PackageFile;
use serde_json::Value as Json;

use super::{FORMAT, lines, read::Lines, redact::Redactor, steps::Step};
use crate::{files::Files, session::program};

/// Most sessions of a journal that are open at once.
const MOST_SESSIONS: usize = 64;
/// Most programs in a journal.
const MOST_PROGRAMS: usize = 1024;
/// How much longer than a terminal a replay waits for an event: the clock decides nothing here but that it ends.
const PATIENCE: u64 = 60;

/// Runs journals again, all on one engine.
pub struct Replayer {
    engine: Engine,
}

/// What a replay has found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replayed {
    /// Sessions that were begun again.
    pub sessions: u64,
    /// Sessions of other apps than the package's; they were left out.
    pub other_apps: u64,
    /// Events whose outputs were compared.
    pub events: u64,
    /// Outputs that were compared, endings included.
    pub outputs: u64,
    /// Whether personal data were kept out of the journal: logic that looks into them may go another way.
    pub is_redacted: bool,
    /// The last line is not whole, as after a crash; all before it counts.
    pub is_cut_short: bool,
    /// The journal reached its bound while sessions went on.
    pub is_full: bool,
    /// Sessions that something outside their logic stopped; each was run up to there.
    pub stopped: Vec<Outside>,
    /// Where the outputs differ for the first time; nothing after it was run.
    pub difference: Option<Difference>,
}

/// A session was stopped by the clock, or because its process was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The session.
    pub session: u64,
    /// The event in which, or after which, it was.
    pub event: u64,
    /// Such as `logic/event-deadline`.
    pub class: String,
    /// The sentence of the ending.
    pub reason: String,
}

/// The first output that is not the one in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The line of the journal with the outputs.
    pub line: u64,
    /// The session, 1, 2, 3… in a journal.
    pub session: u64,
    /// The app.
    pub app_id: String,
    /// The event, 1, 2, 3… in a session; 0 is loading the code.
    pub event: u64,
    /// What the event was, as in the journal; none for 0.
    pub input: Option<Json>,
    /// Which output of the event, 1, 2, 3….
    pub output: u64,
    /// What the journal has; none if it has no more outputs of this event.
    pub expected: Option<Json>,
    /// What came; none if nothing more came.
    pub got: Option<Json>,
}

/// The journal cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum JournalRefusal {
    /// The first line is another.
    #[error("this is not a journal")]
    NotAJournal,
    /// The form is a later one.
    #[error("the journal has form {0}, and this program reads form {FORMAT}")]
    Format(u64),
    /// A line that a recorder does not write.
    #[error("line {line} is not one of a journal: {why}")]
    Malformed {
        /// Which.
        line: u64,
        /// In what it differs.
        why: &'static str,
    },
    /// The program was too large for the journal.
    #[error("the journal does not have the program of {app_id}")]
    NoProgram {
        /// The app.
        app_id: String,
    },
    /// It was recorded by a host that recorded nothing of pages, or no page was opened.
    #[error("the journal has nothing of pages")]
    NoPages,
    /// The package was too large for the journal, or the cache had lost a part of it.
    #[error("the journal does not have the package of {app_id}")]
    NoPackage {
        /// The app.
        app_id: String,
    },
    /// No session is one of the package's app.
    #[error("the journal has no session of {app_id}")]
    OtherApp {
        /// The app of the package.
        app_id: AppId,
    },
    /// It cannot be read.
    #[error("the journal cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl JournalRefusal {
    /// A stable word.
    pub fn class(&self) -> &'static str {
        match self {
            Self::NotAJournal => "journal/not-a-journal",
            Self::Format(_) => "journal/format",
            Self::Malformed { .. } => "journal/malformed",
            Self::NoProgram { .. } => "journal/no-program",
            Self::NoPages => "journal/no-pages",
            Self::NoPackage { .. } => "journal/no-package",
            Self::OtherApp { .. } => "journal/other-app",
            Self::Unreadable(_) => "file/unreadable",
        }
    }
}

struct Replaying {
    app_id: String,
    program: u64,
    redactor: Redactor,
    /// None before it begins and after it has ended.
    logic: Option<Logic>,
    /// Why there is none any more.
    ended: Option<Ended>,
    has_begun: bool,
    events: u64,
    /// The event whose outputs come next.
    waiting: Option<(u64, Event, Json)>,
}

impl Replayer {
    /// A replayer on a new engine, with the folder where the script component is kept compiled, if there is one.
    pub fn new(walls: Walls, script_cache: Option<&Path>) -> Result<Self, guichet_engine::EngineError> {
        let cache = script_cache.and_then(crate::script_cache::open);
        Ok(Self { engine: Engine::new(EngineOptions { cache, walls })? })
    }

    /// Runs the sessions of a journal to the first difference, with the program in the journal or that of another package.
    pub fn replay(&self, journal: impl BufRead, other: Option<PackageFile>) -> Result<Replayed, JournalRefusal> {
        let mut replay = Replay {
            engine: &self.engine,
            programs: BTreeMap::new(),
            other: None,
            sessions: BTreeMap::new(),
            packages: 0,
            begun: 0,
            line: 0,
            found: Replayed::default(),
        };
        if let Some(package) = other {
            let (manifest, files) = (package.manifest().clone(), Files::of_package(package.into()));
            let program = program(&files, &manifest).map_err(|error| io::Error::other(error.to_string()))?;
            replay.other = Some((manifest.app_id, program));
        }
        replay.run(journal)?;
        if let Some((app_id, _)) = replay.other
            && replay.found.sessions == 0
        {
            return Err(JournalRefusal::OtherApp { app_id });
        }
        Ok(replay.found)
    }
}

struct Replay<'a> {
    engine: &'a Engine,
    programs: BTreeMap<u64, Option<Program>>,
    other: Option<(AppId, Program)>,
    /// None for one of another app.
    sessions: BTreeMap<u64, Option<Replaying>>,
    /// How many packages were read; they are numbered 1, 2, 3….
    packages: u64,
    begun: u64,
    line: u64,
    found: Replayed,
}

impl Replay<'_> {
    fn run(&mut self, journal: impl BufRead) -> Result<(), JournalRefusal> {
        let mut lines = Lines::of(journal)?;
        while self.found.difference.is_none()
            && let Some(line) = lines.next()?
        {
            self.line = lines.line;
            self.take(line)?;
        }
        self.found.is_cut_short = lines.is_cut_short;
        Ok(())
    }

    fn take(&mut self, mut line: Json) -> Result<(), JournalRefusal> {
        if line["full"] == true {
            self.found.is_full = true;
            return Ok(());
        }
        if let (Some(number), true) = (line["package"].as_u64(), line["is"].is_string()) {
            if number != self.packages + 1 {
                return Err(self.malformed("its package has a number that is taken"));
            }
            self.packages = number;
            return Ok(());
        }
        if let Some(number) = line["program"].as_u64() {
            return self.program(number, line["is"].take());
        }
        let session = line["session"].as_u64().ok_or_else(|| self.malformed("it names no session"))?;
        if line.get("begin").is_some() {
            return self.begin(session, &line["begin"]);
        }
        let known = self.sessions.remove(&session).ok_or_else(|| self.malformed("its session has not begun"))?;
        let Some(mut replaying) = known else {
            if line.get("end").is_none() {
                self.sessions.insert(session, None);
            }
            return Ok(());
        };
        if line.get("end").is_some() {
            return Ok(());
        }
        if line.get("page").is_some() {
            Step::read(&line).ok_or_else(|| self.malformed("that is nothing of a page"))?;
            self.sessions.insert(session, Some(replaying));
            return Ok(());
        }
        let n = line["n"].as_u64().ok_or_else(|| self.malformed("it has no number"))?;
        if line.get("event").is_some() {
            let event = lines::read_event(&line["event"]).ok_or_else(|| self.malformed("that is no event"))?;
            let at_ms = line["at"].as_u64().ok_or_else(|| self.malformed("its event has no time"))?;
            if replaying.waiting.is_some() || n != replaying.events + 1 {
                return Err(self.malformed("its event comes out of turn"));
            }
            replaying.events = n;
            replaying.waiting = Some((at_ms, event, line["event"].take()));
        } else if n != replaying.events {
            return Err(self.malformed("its number is that of another event"));
        } else if let Json::Array(outputs) = line["outputs"].take() {
            if replaying.waiting.is_none() && n > 0 {
                return Err(self.malformed("no event has brought it"));
            }
            self.compare(session, &mut replaying, outputs)?;
        } else if line.get("lost").is_some() {
            self.found.stopped.push(outside(session, n, &line["lost"]));
            replaying.logic = None;
        } else {
            return Err(self.malformed("it is of no known kind"));
        }
        self.sessions.insert(session, Some(replaying));
        Ok(())
    }

    fn program(&mut self, number: u64, body: Json) -> Result<(), JournalRefusal> {
        if self.programs.len() >= MOST_PROGRAMS || self.programs.contains_key(&number) {
            return Err(self.malformed("its program has a number that is taken"));
        }
        let wrong = || self.malformed("that is no program");
        let program = match body {
            Json::Null => None,
            Json::Object(mut body) => Some(match (body.remove("script"), body.remove("component")) {
                (Some(modules), None) => Program::Script(serde_json::from_value(modules).map_err(|_| wrong())?),
                (None, Some(Json::String(text))) => {
                    Program::Component(Wasm::new(STANDARD.decode(text).map_err(|_| wrong())?))
                }
                _ => return Err(wrong()),
            }),
            _ => return Err(wrong()),
        };
        self.programs.insert(number, program);
        Ok(())
    }

    fn begin(&mut self, session: u64, begin: &Json) -> Result<(), JournalRefusal> {
        if session != self.begun + 1 || self.sessions.len() >= MOST_SESSIONS {
            return Err(self.malformed("its session begins out of turn, or beside too many"));
        }
        self.begun = session;
        let wrong = || self.malformed("that is no beginning");
        let app_id = begin["app_id"].as_str().ok_or_else(wrong)?.to_owned();
        let program = begin["program"].as_u64().ok_or_else(wrong)?;
        if begin["package"].as_u64().is_some_and(|number| number > self.packages) {
            return Err(self.malformed("its session has a package that was not written"));
        }
        let personal: Vec<String> = serde_json::from_value(begin["personal"].clone()).map_err(|_| wrong())?;
        if self.other.as_ref().is_some_and(|(other, _)| other.as_str() != app_id) {
            self.found.other_apps += 1;
            self.sessions.insert(session, None);
            return Ok(());
        }
        let redactor = Redactor::new(&personal);
        self.found.sessions += 1;
        self.found.is_redacted |= redactor.is_asked();
        let replaying = Replaying {
            app_id,
            program,
            redactor,
            logic: None,
            ended: None,
            has_begun: false,
            events: 0,
            waiting: None,
        };
        self.sessions.insert(session, Some(replaying));
        Ok(())
    }

    /// Delivers the event that waits and compares what comes with what the journal has.
    fn compare(&mut self, session: u64, replaying: &mut Replaying, expected: Vec<Json>) -> Result<(), JournalRefusal> {
        let event = replaying.events;
        let waiting = replaying.waiting.take();
        // What the clock or a signal did is no output of the logic, and cannot come again by itself.
        if let Some(ended) = expected.last().map(|last| &last["ended"]).filter(|ended| ended["outside"] == true) {
            self.found.stopped.push(outside(session, event, ended));
            replaying.logic = None;
            return Ok(());
        }
        let started = if replaying.has_begun { Ok(()) } else { self.start(replaying)? };
        let got = match (started, &waiting) {
            (Err(ended), _) => replaying.ending(&[], &ended),
            (Ok(()), Some((at_ms, event, _))) => replaying.handle(*at_ms, event),
            (Ok(()), None) => Vec::new(),
        };
        self.found.events += u64::from(waiting.is_some());
        let most = expected.len().max(got.len());
        for at in 0..most {
            let (expected, got) = (expected.get(at), got.get(at));
            if expected != got {
                self.found.difference = Some(Difference {
                    line: self.line,
                    session,
                    app_id: replaying.app_id.clone(),
                    event,
                    input: waiting.map(|(_, _, input)| input),
                    output: at as u64 + 1,
                    expected: expected.cloned(),
                    got: got.cloned(),
                });
                return Ok(());
            }
            self.found.outputs += 1;
        }
        Ok(())
    }

    fn start(&self, replaying: &mut Replaying) -> Result<Result<(), Ended>, JournalRefusal> {
        replaying.has_begun = true;
        let program = match &self.other {
            Some((_, program)) => program,
            None => match self.programs.get(&replaying.program) {
                Some(Some(program)) => program,
                Some(None) => return Err(JournalRefusal::NoProgram { app_id: replaying.app_id.clone() }),
                None => return Err(self.malformed("its session has a program that was not written")),
            },
        };
        let budget = Budget::default();
        let patient = Budget { event_ms: budget.event_ms * PATIENCE, boot_ms: budget.boot_ms * PATIENCE, ..budget };
        Ok(match self.engine.load(program).and_then(|loaded| loaded.start(patient)) {
            Ok(logic) => {
                replaying.logic = Some(logic);
                Ok(())
            }
            Err(ended) => {
                replaying.ended = Some(ended.clone());
                Err(ended)
            }
        })
    }

    fn malformed(&self, why: &'static str) -> JournalRefusal {
        JournalRefusal::Malformed { line: self.line, why }
    }
}

impl Replaying {
    fn handle(&mut self, at_ms: u64, event: &Event) -> Vec<Json> {
        // Tokens that an event brings are known from here on, as they were when it was recorded.
        let _ = self.redactor.event(event);
        let Some(logic) = &mut self.logic else {
            let ended = self.ended.clone();
            return ended.map(|ended| self.ending(&[], &ended)).unwrap_or_default();
        };
        match logic.handle(at_ms, event.clone()) {
            Ok(outputs) => outputs.iter().map(|output| lines::output(&self.redactor.output(output))).collect(),
            Err(ended) => {
                let words = logic.last_words();
                self.logic = None;
                self.ended = Some(ended.clone());
                self.ending(&words, &ended)
            }
        }
    }

    fn ending(&mut self, last_words: &[guichet_engine::Output], ended: &Ended) -> Vec<Json> {
        let mut outputs: Vec<_> =
            last_words.iter().map(|output| lines::output(&self.redactor.output(output))).collect();
        let reason = self.redactor.words(&ended.to_string());
        outputs.push(lines::ended(ended, &reason));
        outputs
    }
}

fn outside(session: u64, event: u64, ended: &Json) -> Outside {
    let text = |member: &str| ended[member].as_str().unwrap_or_default().to_owned();
    Outside { session, event, class: text("class"), reason: text("reason") }
}
