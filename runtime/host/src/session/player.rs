//! Playing the pages of a session that was recorded: they are told what they were told, done with what was done, and have to
//! come to what they showed.
//!
//! A page is a function of what it is given. Speed decides nothing: each thing waits until the one before has happened, and
//! what a page shows is compared when it rests, for as long as it takes it to get there.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use guichet_package::Manifest;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{
    event::{Ending, SessionEvent, Sink},
    inbox::{Inbox, Work},
};
use crate::journal::{Recording, Said, Step, StepKind, WITNESSED, difference};

/// How long a page may take to do what it did when it was recorded.
const PATIENCE: Duration = Duration::from_secs(20);
/// After so much of it, what a page asks beyond what it had asked is answered as the last call of that name was: a timer may
/// have gone off once more.
const ODD_AFTER: Duration = Duration::from_secs(5);

/// What playing the pages of a session has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Played {
    /// Things that pages were told, and that were done with them.
    pub inputs: u64,
    /// How often a page at rest was compared.
    pub rests: u64,
    /// Where the pages differ for the first time; nothing after it was played.
    pub difference: Option<PageDifference>,
}

/// The first thing of a page that is not the one in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct PageDifference {
    /// The line of the journal.
    pub line: u64,
    /// The page's number in the session.
    pub page: u32,
    /// Its route.
    pub route: String,
    /// The last thing that the page was given, as in the journal; none if it has only been opened.
    pub input: Option<Json>,
    /// Where in the page, as a selector; `opened`, `said` or `did` if it is not about what it shows.
    pub place: String,
    /// What the journal has; none if there is nothing.
    pub expected: Option<String>,
    /// What came; none if there is nothing.
    pub got: Option<String>,
}

/// Plays one session.
pub(crate) struct Player<'a> {
    manifest: &'a Manifest,
    inbox: &'a Inbox,
    sink: &'a Sink,
    /// The time that its pages see.
    clock: &'a AtomicU64,
    pages: BTreeMap<u32, Live>,
    found: Played,
}

/// A page that is played.
#[derive(Default)]
struct Live {
    route: String,
    input: Option<Json>,
    /// Its document has been there once; another one counts anew.
    has_loaded: bool,
    /// What it has said and the journal has not come to yet.
    said: VecDeque<Said>,
    /// The number that a call has now, by the one it had.
    ids: HashMap<u64, u64>,
    /// The names of the calls by the number they had.
    names: HashMap<u64, String>,
    /// The last answer to a call of this name.
    answers: HashMap<String, Json>,
    /// What its document was given, and what it has seen of that.
    given: (u64, u64),
    seen: (u64, u64),
    /// What it shows, what it had seen by then, and what it had to show last.
    shows: Json,
    shown_at: (u64, u64),
    expected: Json,
    /// A deed had nothing to be done with.
    is_lost: bool,
}

/// Why playing ends before the journal does.
enum Over {
    Differs,
    Closed(Option<Ending>),
}

impl<'a> Player<'a> {
    pub(crate) fn new(manifest: &'a Manifest, inbox: &'a Inbox, sink: &'a Sink, clock: &'a AtomicU64) -> Self {
        Self { manifest, inbox, sink, clock, pages: BTreeMap::new(), found: Played::default() }
    }

    /// Plays to the end or the first difference, tells that, and waits until the session is closed.
    pub(crate) fn play(mut self, recording: &Recording) -> Ending {
        for (line, step) in &recording.steps {
            self.clock.store(step.at_ms, Ordering::SeqCst);
            match self.step(*line, step) {
                Ok(()) => {}
                Err(Over::Differs) => break,
                Err(Over::Closed(ending)) => return ending.unwrap_or_else(Ending::closed),
            }
        }
        (self.sink)(SessionEvent::Played(Box::new(std::mem::take(&mut self.found))));
        loop {
            if let Some(Work::Close(ending)) = self.inbox.next(None) {
                return ending.unwrap_or_else(Ending::closed);
            }
        }
    }

    fn step(&mut self, line: u64, step: &Step) -> Result<(), Over> {
        let page = step.page;
        match &step.kind {
            StepKind::Open(target) => {
                self.opens(line, page, &target.route)?;
                (self.sink)(target.clone().open(page));
            }
            StepKind::Below(target) => {
                self.opens(line, page, &target.route)?;
                (self.sink)(target.clone().below(page));
            }
            StepKind::Replace(replaced, target) => {
                self.opens(line, page, &target.route)?;
                (self.sink)(target.clone().replace(*replaced, page));
            }
            StepKind::Back(closed) => (self.sink)(SessionEvent::Back { closed: *closed, page }),
            StepKind::Switch(closed, target) => {
                if !self.pages.contains_key(&page) {
                    self.opens(line, page, &target.route)?;
                }
                (self.sink)(target.clone().switch(page, closed.clone()));
            }
            StepKind::Told(told) => self.tell(step, told),
            StepKind::Said(said) => self.await_said(line, page, said)?,
            StepKind::Did(deed) => {
                self.input(page, &json!({ "did": deed }));
                self.give(page, step.at_ms, deed.clone());
                let done = |live: &mut Live| (live.seen.1 >= live.given.1).then_some(());
                let is_done = self.until(page, PATIENCE, done)?.is_some();
                if !is_done || self.live(page).is_lost {
                    return Err(self.differs(line, page, "did", Some(deed.to_string()), None));
                }
            }
            StepKind::Rest(tree) => self.await_rest(line, page, tree)?,
        }
        Ok(())
    }

    fn opens(&mut self, line: u64, page: u32, route: &str) -> Result<(), Over> {
        self.pages.insert(page, Live { route: route.to_owned(), ..Live::default() });
        match self.manifest.page(route) {
            Some(_) => Ok(()),
            None => Err(self.differs(line, page, "opened", Some(route.to_owned()), None)),
        }
    }

    fn tell(&mut self, step: &Step, told: &Json) {
        let page = step.page;
        self.input(page, &json!({ "told": told }));
        let live = self.live(page);
        let mut told = told.clone();
        if let Some(id) = told["id"].as_u64() {
            // A call that the page did not make has been found to be missing before.
            let Some(now) = live.ids.get(&id).copied() else { return };
            told["id"] = Json::from(now);
            if let Some(name) = live.names.get(&id).cloned() {
                live.answers.insert(name, told.clone());
            }
        }
        self.give(page, step.at_ms, json!({"do": "clock"}));
        self.hand(page, &told);
    }

    fn await_said(&mut self, line: u64, page: u32, said: &Said) -> Result<(), Over> {
        let found = self.until(page, PATIENCE, |live| {
            let at = live.said.iter().position(|now| match (now, said) {
                (Said::Call { name, .. }, Said::Call { name: wanted, .. }) => name == wanted,
                (now, said) => now == said,
            })?;
            live.said.remove(at)
        })?;
        match (found, said) {
            (Some(Said::Call { id: now, .. }), Said::Call { id, name }) => {
                let live = self.live(page);
                live.ids.insert(*id, now);
                live.names.insert(*id, name.clone());
                Ok(())
            }
            (Some(_), _) => Ok(()),
            (None, said) => {
                let name = match said {
                    Said::Event(event) => event,
                    Said::Call { name, .. } => name,
                };
                Err(self.differs(line, page, "said", Some(name.clone()), None))
            }
        }
    }

    fn await_rest(&mut self, line: u64, page: u32, tree: &Json) -> Result<(), Over> {
        let live = self.live(page);
        if !tree.is_null() {
            live.expected = tree.clone();
        }
        if live.expected.is_null() {
            return Ok(());
        }
        let is_there = |live: &mut Live| {
            let is_at_rest = live.shown_at == live.given && !live.shows.is_null();
            (is_at_rest && difference(&live.expected, &live.shows).is_none()).then_some(())
        };
        let mut is_same = self.until(page, ODD_AFTER, is_there)?.is_some();
        if !is_same {
            self.answer_what_is_odd(page);
            is_same = self.until(page, PATIENCE, is_there)?.is_some();
        }
        if is_same {
            self.found.rests += 1;
            return Ok(());
        }
        let live = self.live(page);
        let (place, expected, got) = match difference(&live.expected, &live.shows) {
            Some(found) => (found.place, found.expected, found.got),
            None => ("html".to_owned(), Some("rest".to_owned()), None),
        };
        Err(self.differs(line, page, &place, expected, got))
    }

    fn answer_what_is_odd(&mut self, page: u32) {
        let live = self.live(page);
        let odd: Vec<Json> = live
            .said
            .iter()
            .filter_map(|said| match said {
                Said::Call { id, name } => {
                    let mut answer = live.answers.get(name)?.clone();
                    answer["id"] = Json::from(*id);
                    Some(answer)
                }
                Said::Event(_) => None,
            })
            .collect();
        if !odd.is_empty() {
            live.said.retain(|said| matches!(said, Said::Event(_)));
        }
        odd.iter().for_each(|answer| self.hand(page, answer));
    }

    /// Has the shell do something with a page.
    fn give(&mut self, page: u32, at_ms: u64, mut deed: Json) {
        deed["clock"] = Json::from(at_ms);
        self.live(page).given.1 += 1;
        (self.sink)(SessionEvent::ToPage { page, json: json!({ "play": deed }).to_string() });
    }

    fn hand(&mut self, page: u32, told: &Json) {
        self.live(page).given.0 += 1;
        (self.sink)(SessionEvent::ToPage { page, json: told.to_string() });
    }

    fn input(&mut self, page: u32, input: &Json) {
        self.found.inputs += 1;
        self.live(page).input = Some(input.clone());
    }

    /// Waits until something holds of a page; none if it does not come to that.
    fn until<T>(
        &mut self,
        page: u32,
        patience: Duration,
        holds: impl Fn(&mut Live) -> Option<T>,
    ) -> Result<Option<T>, Over> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(found) = holds(self.live(page)) {
                return Ok(Some(found));
            }
            match self.inbox.next(Some(deadline)) {
                Some(Work::Message { page, text }) => self.hear(page, &text),
                Some(Work::Close(ending)) => return Err(Over::Closed(ending)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    fn hear(&mut self, page: u32, text: &str) {
        let Ok(mut message) = serde_json::from_str::<Json>(text) else { return };
        let live = self.live(page);
        if text.starts_with(WITNESSED) {
            let mut seen = message["glass"].take();
            let count = |member: &str| seen[member].as_u64().unwrap_or_default();
            live.seen = (count("told"), count("played"));
            live.is_lost |= seen["lost"] == true;
            if seen.get("rest").is_some() {
                live.shown_at = live.seen;
            }
            if seen["rest"].is_object() {
                live.shows = seen["rest"].take();
            }
        } else if let Some(said) = Said::of(&message) {
            if said == Said::Event("loaded".to_owned()) && std::mem::replace(&mut live.has_loaded, true) {
                (live.given, live.seen, live.shows) = ((0, 0), (0, 0), Json::Null);
            }
            live.said.push_back(said);
        }
    }

    fn differs(&mut self, line: u64, page: u32, place: &str, expected: Option<String>, got: Option<String>) -> Over {
        let live = self.live(page);
        let (route, input) = (live.route.clone(), live.input.clone());
        let place = place.to_owned();
        self.found.difference = Some(PageDifference { line, page, route, input, place, expected, got });
        Over::Differs
    }

    fn live(&mut self, page: u32) -> &mut Live {
        self.pages.entry(page).or_default()
    }
}
