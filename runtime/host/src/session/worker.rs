//! What a session does: one thing at a time, whoever it comes from.

mod at_once;
mod renew;
mod watch;

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use guichet_contract::{Failure, Level, SessionCall, Tell, Value, navigation::Navigation, network};
use guichet_engine::{Budget, Ended, Engine, Event, Image, Logic, Output, PagePhase, Phase, Program};
use serde_json::{Value as Json, json};

use self::at_once::AtOnce;
use super::{
    Running,
    door::{Door, Passed},
    event::{Ending, LifecycleEvent, LogLine, SessionEvent, Sink},
    inbox::{Inbox, Work},
    pages::Pages,
    rehearsal::History,
    resolve,
    timers::Timers,
    waiting::{Asker, Waiting},
};
use crate::{
    bridge::FromPage,
    journal::{Tape, WITNESSED},
    lifecycle::{Change, Lifecycle, MAX_PAGES, NoMove, Target},
    trial::Trial,
};

/// So a shell says that a person has touched a page, and how many milliseconds ago. No page can say it: whoever keeps its
/// channel lets nothing pass that begins so.
const TOUCHED: &str = "{\"touched\":";
/// Longest line of an app's console that is passed on, in bytes.
const MAX_LINE_BYTES: usize = 8192;

/// What the logic hears first, and the changes that the first pages make.
pub(super) type First = (Event, Vec<Change>);
/// How a session has ended, and its trial if that is not decided.
pub(super) type Over = (Ending, Option<Trial>);

/// What comes next in a session.
pub(super) enum Step {
    /// Whatever there is to do, or nothing until then.
    Wait(Option<Instant>),
    /// Its end.
    Over(Option<Ending>),
}

/// A session's own things.
pub(crate) struct Worker {
    running: Arc<Running>,
    inbox: Arc<Inbox>,
    sink: Sink,
    logic: Logic,
    /// What it is given and what it puts out, if that is recorded.
    tape: Tape,
    door: Door,
    lifecycle: Lifecycle,
    pages: Pages,
    timers: Timers,
    waiting: Waiting,
    completions: VecDeque<(u32, Result<Value, Failure>)>,
    /// Movements the logic has asked for; each reaches the logic again, so they wait until its event is over.
    moves: VecDeque<(u32, Navigation)>,
    /// The page the app was launched with.
    start_route: String,
    /// Until the release has proved itself.
    trial: Option<Trial>,
    /// What the app or a page threw.
    mistake: Option<String>,
    /// In a developer's window: every event so far, for new logic.
    history: Option<History>,
    /// Calls that were told to a developer.
    calls: u64,
    /// When a person last touched a page of the app, or pressed a key in it.
    touched: Option<Instant>,
    engine: Engine,
    at_once: AtOnce,
}

impl Worker {
    /// Begins a session. The view is told what to load before the logic is, so both layers start side by side (L1). Returns
    /// what the logic has to hear first.
    #[expect(clippy::too_many_arguments, reason = "called once, by the thread that is made for it")]
    pub(super) fn begin(
        running: Arc<Running>,
        inbox: &Arc<Inbox>,
        sink: Sink,
        engine: &Engine,
        (program, image): (&Program, Option<&Image>),
        below: Vec<Target>,
        target: Target,
        seed: (u64, u64),
        trial: Option<Trial>,
    ) -> Result<(Self, First), Box<Over>> {
        let mut tape = running.tape(program, &target.route);
        let sink = tape.along(sink, running.clock.clone());
        let tabs = running.manifest.guichet.tabs.iter().map(|tab| tab.page.to_string());
        let mut lifecycle = Lifecycle::with_tabs(tabs.collect());
        let mut changes = lifecycle.show();
        for target in below {
            if let Ok(page) = lifecycle.lay(target.clone()) {
                sink(target.below(page));
            }
        }
        if let Ok((page, opened)) = lifecycle.navigate(target.clone()) {
            sink(target.clone().open(page));
            changes.extend(opened);
        }
        let budget = Budget::default();
        let app = &running.info.app_id;
        let starting = tracing::trace_span!(target: "opening", "logic", %app);
        let started = match &running.image {
            Some(kept) => kept.start(engine, program, image, budget),
            None => engine.load(program).and_then(|loaded| loaded.start(budget)),
        };
        let logic = match started {
            Ok(logic) => logic,
            Err(ended) => {
                tape.ended(&[], &ended);
                tape.end(ended.class());
                return Err(Box::new((ending(&ended), trial)));
            }
        };
        drop(starting);
        let told = Arc::clone(inbox);
        logic.at_end(move || told.push(Work::LogicGone));
        let door = Door::new(Arc::clone(&running.grants), Arc::clone(&running.services), running.counts.clone());
        let pages = Pages::new(Arc::clone(&sink));
        let start_route = target.route.clone();
        let launched = Event::Launched {
            route: target.route,
            query: target.query,
            lang: running.info.lang.clone(),
            dir: running.dir().to_owned(),
            referrer: running.referrer.clone(),
            seed,
        };
        let (timers, completions, moves) = (Timers::default(), VecDeque::new(), VecDeque::new());
        let waiting = Waiting::new(Arc::clone(inbox));
        let history = running.rehearsal.is_some().then(History::default);
        let worker = Self {
            running,
            inbox: Arc::clone(inbox),
            sink,
            logic,
            tape,
            door,
            lifecycle,
            pages,
            timers,
            waiting,
            completions,
            moves,
            start_route,
            trial,
            mistake: None,
            history,
            calls: 0,
            touched: None,
            engine: engine.clone(),
            at_once: AtOnce::default(),
        };
        Ok((worker, (launched, changes)))
    }

    /// What comes before anything else.
    pub(super) fn launch(&mut self, (launched, changes): First) -> Result<(), Ended> {
        self.tell(None, "launched", self.running.input(&self.start_route));
        self.event(launched)?;
        tracing::trace!(target: "opening", app = %self.running.info.app_id, "logic ready");
        self.changed(changes)
    }

    /// Does what has come, then what is due.
    pub(super) fn step(&mut self, work: Option<Work>) -> Result<Step, Ended> {
        self.settle()?;
        match work {
            Some(Work::Close(ending)) => {
                self.unload()?;
                return Ok(Step::Over(ending));
            }
            Some(work) => self.work(work)?,
            None => {}
        }
        let dropped = self.inbox.take_dropped();
        if dropped > 0 {
            let text = format!("{dropped} messages of pages were dropped: too many at once, or too long");
            self.log(Level::Warn, None, &text);
        }
        if let Some(mistake) = self.mistake.take().filter(|_| self.trial.as_ref().is_some_and(Trial::can_go_back)) {
            return Ok(Step::Over(Some(Ending::mistake(&mistake))));
        }
        if let Some(trial) = self.trial.take_if(|trial| trial.is_over()) {
            trial.succeeded();
        }
        while let Some(call) = self.timers.take_due(Instant::now()) {
            self.completions.push_back((call, Ok(Value::Null)));
        }
        if let Some((call, navigation)) = self.moves.pop_front() {
            let result = self.go(navigation)?;
            self.completions.push_back((call, result.map(|()| Value::Null)));
        }
        Ok(Step::Wait(match self.completions.pop_front() {
            Some((call, result)) => {
                self.event(Event::Completed { call, result })?;
                // A logic that starts a call at every completion must not keep its pages waiting.
                Some(Instant::now())
            }
            None => [self.timers.next_due(), self.trial.as_ref().and_then(Trial::due)].into_iter().flatten().min(),
        }))
    }

    /// The session is over, because somebody wanted it or because its logic has ended.
    pub(super) fn end(mut self, over: Result<Option<Ending>, Ended>) -> Over {
        let ending = match over {
            Ok(ending) => ending.unwrap_or_else(Ending::closed),
            Err(ended) => {
                let last_words = self.logic.last_words();
                self.tape.ended(&last_words, &ended);
                for output in last_words {
                    self.output(output);
                }
                ending(&ended)
            }
        };
        self.tape.end(ending.class);
        self.running.services.over(&self.running.info.app_id);
        (ending, self.trial)
    }

    fn unload(&mut self) -> Result<(), Ended> {
        let changes = self.lifecycle.unload();
        self.changed(changes)
    }

    fn work(&mut self, work: Work) -> Result<(), Ended> {
        match work {
            Work::Message { page, text } if text.starts_with(WITNESSED) => {
                self.tape.witnessed(page, self.running.clock.now_ms(), &text);
                Ok(())
            }
            Work::Message { text, .. } if text.starts_with(TOUCHED) => {
                let ago = text.strip_prefix(TOUCHED).and_then(|rest| rest.strip_suffix('}')?.parse().ok());
                let at = ago.and_then(|ms| Instant::now().checked_sub(Duration::from_millis(ms)));
                self.touched = self.touched.max(at);
                Ok(())
            }
            Work::Message { page, text } => match FromPage::parse(&text) {
                Ok(message) => {
                    self.tape.said(page, self.running.clock.now_ms(), &text);
                    self.message(page, message)
                }
                Err(why) => {
                    self.log(Level::Error, Some(page), &why);
                    Ok(())
                }
            },
            Work::Follow(target) => match self.navigate(target)? {
                Ok(()) => Ok(()),
                Err(failure) => {
                    self.log(Level::Error, None, &failure.to_string());
                    Ok(())
                }
            },
            Work::Back => self.back().map(drop),
            Work::Closed { page } => {
                let changes = self.lifecycle.close(page);
                self.changed(changes)
            }
            Work::Show => {
                let changes = self.lifecycle.show();
                self.changed(changes)
            }
            Work::Hide => {
                let changes = self.lifecycle.hide();
                self.changed(changes)
            }
            Work::Answered => {
                match self.waiting.take_done() {
                    Some((Asker::Page { page, id }, result)) => {
                        self.pages.answer(page, id, result.map(|value| value.to_json()));
                    }
                    Some((Asker::Logic { call }, result)) => {
                        self.completions.push_back((call, network::for_logic(result)));
                    }
                    None => {}
                }
                Ok(())
            }
            Work::Begun => Ok(()),
            Work::LogicGone => self.logic.check(),
            Work::Renew => {
                self.renew();
                Ok(())
            }
            Work::Close(_) => Ok(()),
        }
    }

    /// A message of a page that is on the stack; what a page says after it was closed is not heard.
    fn message(&mut self, page: u32, message: FromPage) -> Result<(), Ended> {
        let Some(known) = self.lifecycle.page(page).cloned() else { return Ok(()) };
        match message {
            FromPage::Loaded => self.pages.loaded(&known, self.lifecycle.is_shown()),
            FromPage::Ready => {
                if let Some(trial) = self.trial.take_if(Trial::painted) {
                    trial.succeeded();
                }
                self.pages.rendered(&known);
                let changes = self.lifecycle.rendered(page).into_iter().collect();
                return self.changed(changes);
            }
            FromPage::Typed => (self.sink)(SessionEvent::Typed { page }),
            FromPage::Report { fault, is_quiet } => {
                if !is_quiet {
                    self.tell(None, "error", self.running.lifecycle_error(&fault.message));
                    self.pages.app_threw(&fault.message);
                }
                self.log(Level::Error, Some(page), &format!("{}\n{}", fault.message, fault.stack));
                // Engines tell of a layout that needs another round as if it were an error.
                if !fault.message.starts_with("ResizeObserver loop") {
                    self.mistake.get_or_insert(fault.message);
                }
            }
            FromPage::Ask { id, name, input } => match self.pages.ask(page, id) {
                Ok(question) => {
                    return self.event(Event::Asked { id: question, page, name, input: input.to_string() });
                }
                Err(failure) => self.pages.answer(page, id, Err(failure)),
            },
            FromPage::Call { id: None, interface, function, arguments } => {
                match Tell::decode(&interface, &function, arguments) {
                    Ok(Tell::Log(level, text)) => self.log(level, Some(page), &text),
                    Ok(Tell::Report(fault)) => {
                        return self.message(page, FromPage::Report { fault, is_quiet: false });
                    }
                    Ok(_) => self.log(Level::Error, Some(page), &format!("a page cannot tell {interface}.{function}")),
                    Err(invalid) => self.log(Level::Error, Some(page), &invalid.to_string()),
                }
            }
            FromPage::Call { id: Some(id), interface, function, arguments } => {
                match self.ask(Asker::Page { page, id }, &interface, &function, arguments) {
                    Ok(Passed::Waits(slow)) => self.waiting.start(Asker::Page { page, id }, slow),
                    Ok(Passed::Session(call)) => {
                        let answer = self.page_call(page, call)?;
                        self.pages.answer(page, id, answer.map(|value| value.to_json()));
                    }
                    Ok(Passed::Answered(value)) => self.pages.answer(page, id, Ok(value.to_json())),
                    Err(failure) => self.pages.answer(page, id, Err(failure)),
                }
            }
            FromPage::Forget { id } => self.waiting.forget(Asker::Page { page, id }),
        }
        Ok(())
    }

    fn page_call(&mut self, page: u32, call: SessionCall) -> Result<Result<Value, Failure>, Ended> {
        match call {
            SessionCall::AppInfo => Ok(Ok(self.running.info.clone().into())),
            SessionCall::Timer(_) => Ok(Err(Failure::Unavailable(
                "timer.after: this is the logic's; hint: use setTimeout in a page".to_owned(),
            ))),
            SessionCall::Navigation(navigation) => {
                if self.lifecycle.top().is_none_or(|top| top.id != page) {
                    return Ok(Err(Failure::Unavailable(
                        "navigation: this page is not in front; hint: move on only from the page that is seen"
                            .to_owned(),
                    )));
                }
                Ok(self.go(navigation)?.map(|()| Value::Null))
            }
        }
    }

    fn go(&mut self, navigation: Navigation) -> Result<Result<(), Failure>, Ended> {
        let find = |route: &str| {
            resolve(&self.running.manifest, route).ok_or_else(|| {
                Failure::Invalid(format!(
                    "navigation: the app has no page `{route}`; hint: list it in manifest.json: \"pages\""
                ))
            })
        };
        match navigation {
            Navigation::Navigate { route } => match find(&route) {
                Ok(target) => self.navigate(target),
                Err(failure) => Ok(Err(failure)),
            },
            Navigation::Redirect { route } => match find(&route) {
                Ok(target) if self.lifecycle.is_tab(&target.route) => self.switch(target).map(Ok),
                Ok(target) => {
                    let (replaced, page, changes) = self.lifecycle.redirect(target.clone());
                    let moved = match replaced {
                        Some(replaced) => target.replace(replaced, page),
                        None => target.open(page),
                    };
                    self.moved(changes, Some(moved)).map(Ok)
                }
                Err(failure) => Ok(Err(failure)),
            },
            Navigation::Back => self.back(),
        }
    }

    fn switch(&mut self, target: Target) -> Result<(), Ended> {
        let (switched, changes) = self.lifecycle.switch(target);
        if changes.is_empty() {
            return Ok(());
        }
        self.moved(changes, Some(switched.target.switch(switched.page, switched.closed)))
    }

    fn navigate(&mut self, target: Target) -> Result<Result<(), Failure>, Ended> {
        if self.lifecycle.is_tab(&target.route) {
            return self.switch(target).map(Ok);
        }
        match self.lifecycle.navigate(target.clone()) {
            Ok((page, changes)) => self.moved(changes, Some(target.open(page))).map(Ok),
            Err(NoMove::Full | NoMove::Bottom) => Ok(Err(Failure::Unavailable(format!(
                "navigation: {MAX_PAGES} pages lie on each other already; hint: go back, or use redirect"
            )))),
        }
    }

    fn back(&mut self) -> Result<Result<(), Failure>, Ended> {
        match self.lifecycle.back() {
            Ok((closed, page, changes)) => self.moved(changes, Some(SessionEvent::Back { closed, page })).map(Ok),
            Err(NoMove::Full | NoMove::Bottom) => Ok(Err(Failure::Unavailable(
                "navigation.back: there is no page below; hint: offer no way back on the first page".to_owned(),
            ))),
        }
    }

    fn changed(&mut self, changes: Vec<Change>) -> Result<(), Ended> {
        self.moved(changes, None)
    }

    /// Tells the pages what states were reached, then the shell what to show, then the logic (both layers, L2 and L6).
    ///
    /// So a page hears that it is covered or closed while it is still there, and a new one loads while the logic works.
    fn moved(&mut self, changes: Vec<Change>, shown: Option<SessionEvent>) -> Result<(), Ended> {
        for change in &changes {
            match change {
                Change::App(phase) => {
                    let name = match phase {
                        Phase::Shown => "shown",
                        Phase::Hidden => "hidden",
                        Phase::Unloaded => "unloaded",
                    };
                    self.tell(None, name, self.running.input(&self.start_route));
                    self.pages.app_changed(*phase);
                }
                Change::Page(page) => {
                    let name = match page.phase {
                        PagePhase::Loaded => "loaded",
                        PagePhase::Ready => "ready",
                        PagePhase::Shown => "shown",
                        PagePhase::Hidden => "hidden",
                        PagePhase::Unloaded => "unloaded",
                    };
                    self.tell(Some(page.id), name, json!({ "pageInputQuery": page.target.query }));
                    self.pages.page_changed(page);
                    if page.phase == PagePhase::Unloaded {
                        self.waiting.page_gone(page.id);
                    }
                }
            }
        }
        if let Some(shown) = shown {
            (self.sink)(shown);
        }
        for change in changes {
            match change {
                Change::App(phase) => self.event(Event::Phase(phase))?,
                Change::Page(page) => {
                    let Target { route, query, .. } = page.target;
                    self.event(Event::Page { page: page.id, route, query, phase: page.phase })?;
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), Ended> {
        let at_ms = self.running.clock.now_ms();
        self.tape.event(at_ms, &event);
        let kept = self.history.is_some().then(|| event.clone());
        let begun = Instant::now();
        let outputs = self.logic.handle(at_ms, event)?;
        self.tape.outputs(&outputs);
        if let (Some(history), Some(event)) = (&mut self.history, kept) {
            (self.sink)(SessionEvent::Handled { event: crate::journal::kind(&event), took: begun.elapsed() });
            history.add(at_ms, event, &outputs);
        }
        for output in outputs {
            self.output(output);
        }
        Ok(())
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Start { call, interface, function, arguments } => {
                match self.ask(Asker::Logic { call }, &interface, &function, arguments) {
                    Ok(Passed::Session(SessionCall::Timer(after))) => self.timers.start(call, after.ms, Instant::now()),
                    Ok(Passed::Session(SessionCall::AppInfo)) => {
                        self.completions.push_back((call, Ok(self.running.info.clone().into())));
                    }
                    Ok(Passed::Session(SessionCall::Navigation(navigation))) => {
                        self.moves.push_back((call, navigation))
                    }
                    Ok(Passed::Answered(value)) => self.completions.push_back((call, Ok(value))),
                    Ok(Passed::Waits(slow)) => self.waiting.start(Asker::Logic { call }, slow),
                    Err(failure) => self.completions.push_back((call, Err(failure))),
                }
            }
            Output::Forget { call } => {
                self.timers.forget(call);
                self.waiting.forget(Asker::Logic { call });
                self.completions.retain(|(waiting, _)| *waiting != call);
            }
            Output::Tell { interface, function, arguments } => match Tell::decode(&interface, &function, arguments) {
                Ok(Tell::Update(patch)) => {
                    if let Err(why) = self.pages.update(&patch) {
                        self.log(Level::Error, None, &why);
                    }
                }
                Ok(Tell::Answer { question, answer }) => self.pages.answer_question(question, answer),
                Ok(Tell::Log(level, text)) => self.log(level, None, &text),
                Ok(Tell::Report(fault)) => {
                    self.tell(None, "error", self.running.lifecycle_error(&fault.message));
                    self.pages.app_threw(&fault.message);
                    self.log(Level::Error, None, &format!("{}\n{}", fault.message, fault.stack));
                    self.mistake.get_or_insert(fault.message);
                }
                Err(invalid) => self.log(Level::Error, None, &invalid.to_string()),
            },
        }
    }

    fn tell(&self, page: Option<u32>, phase: &'static str, input: Json) {
        (self.sink)(SessionEvent::Lifecycle(LifecycleEvent { page, phase, input }));
    }

    fn log(&self, level: Level, page: Option<u32>, text: &str) {
        let end = text.floor_char_boundary(MAX_LINE_BYTES.min(text.len()));
        let text = text.get(..end).unwrap_or_default().trim_end().to_owned();
        let line = LogLine { level, page, text };
        if let Some(console) = &self.running.console {
            console.write(self.running.clock.now_ms(), &line);
        }
        (self.sink)(SessionEvent::Log(line));
    }
}

fn ending(ended: &Ended) -> Ending {
    let said = ended.to_string();
    let (reason, hint) =
        said.split_once("; hint: ").unwrap_or((&said, "open the app again; if it stays so, tell the department"));
    Ending { class: ended.class(), reason: reason.to_owned(), hint: hint.to_owned() }
}
