//! What an app does on each event, and the two functions that a component exports.

use std::{collections::BTreeMap, fmt::Display, pin::Pin, rc::Rc};

use serde::{Serialize, de::DeserializeOwned};

use crate::bindings::exports::guichet::app::logic::{Event, Launch, PageEvent, Phase, Question};
use crate::bindings::guichet::app::{log, page};
use crate::{clock, tasks};

type Work = Pin<Box<dyn Future<Output = ()>>>;
type On<T> = Option<Rc<dyn Fn(T) -> Work>>;
type Handler = Rc<dyn Fn(Question) -> Pin<Box<dyn Future<Output = Result<String, String>>>>>;

/// A handler's input together with the page that asks.
pub struct Asked<I> {
    /// The page: 1, 2, 3… per session.
    pub page: u32,
    /// What the page passed.
    pub input: I,
}

/// What the logic of an app does; everything is optional.
#[derive(Clone, Default)]
pub struct App {
    launched: On<Launch>,
    phase: On<Phase>,
    page: On<PageEvent>,
    handlers: BTreeMap<&'static str, Handler>,
}

impl App {
    /// An app that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to do when the app is launched.
    pub fn launched<F: Future<Output = ()> + 'static>(self, run: impl Fn(Launch) -> F + 'static) -> Self {
        Self { launched: on(run), ..self }
    }

    /// What to do when the app is shown, hidden or unloaded.
    pub fn phase<F: Future<Output = ()> + 'static>(self, run: impl Fn(Phase) -> F + 'static) -> Self {
        Self { phase: on(run), ..self }
    }

    /// What to do when a page of the app reaches a state.
    pub fn page<F: Future<Output = ()> + 'static>(self, run: impl Fn(PageEvent) -> F + 'static) -> Self {
        Self { page: on(run), ..self }
    }

    /// What pages reach with `guichet.logic.call(name, input)`: JSON in, JSON out. The error becomes the page's `Error`.
    pub fn handler<I, O, E, F>(self, name: &'static str, run: impl Fn(I) -> F + 'static) -> Self
    where
        I: DeserializeOwned + 'static,
        O: Serialize,
        E: Display,
        F: Future<Output = Result<O, E>> + 'static,
    {
        self.handler_for_page(name, move |asked: Asked<I>| run(asked.input))
    }

    /// As [`App::handler`], for a handler that must know which page asks.
    pub fn handler_for_page<I, O, E, F>(mut self, name: &'static str, run: impl Fn(Asked<I>) -> F + 'static) -> Self
    where
        I: DeserializeOwned + 'static,
        O: Serialize,
        E: Display,
        F: Future<Output = Result<O, E>> + 'static,
    {
        let run = Rc::new(run);
        let handler: Handler = Rc::new(move |question| {
            let run = run.clone();
            Box::pin(async move {
                let input = serde_json::from_str(&question.input).map_err(|error| format!("{name} cannot read its input: {error}"))?;
                let output = run(Asked { page: question.page, input }).await.map_err(|error| error.to_string())?;
                serde_json::to_string(&output).map_err(|error| format!("{name} cannot write its output: {error}"))
            })
        });
        self.handlers.insert(name, handler);
        self
    }

    fn start(&self, event: Event) {
        match event {
            Event::Launched(launch) => start(&self.launched, launch),
            Event::Phase(phase) => start(&self.phase, phase),
            Event::Page(event) => start(&self.page, event),
            Event::Asked(question) => self.answer(question),
            Event::Completed(call) => tasks::complete(call),
        }
    }

    fn answer(&self, question: Question) {
        let id = question.id;
        let Some(handler) = self.handlers.get(question.name.as_str()) else {
            return page::answer(id, Err(&format!("the logic has no handler '{}'", question.name)));
        };
        let work = handler(question);
        tasks::spawn(async move {
            let answer = work.await;
            page::answer(id, answer.as_deref().map_err(String::as_str));
        });
    }
}

fn on<T, F: Future<Output = ()> + 'static>(run: impl Fn(T) -> F + 'static) -> On<T> {
    Some(Rc::new(move |event| Box::pin(run(event))))
}

fn start<T>(run: &On<T>, event: T) {
    if let Some(run) = run {
        tasks::spawn(run(event));
    }
}

thread_local! {
    static APP: std::cell::RefCell<Option<App>> = const { std::cell::RefCell::new(None) };
}

/// `logic.boot`.
pub fn boot(app: impl FnOnce() -> App) -> Result<(), String> {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message").to_owned();
        let stack = panic.location().map(|place| format!("    at {place}")).unwrap_or_default();
        log::report(&log::Fault { message, stack });
    }));
    APP.set(Some(app()));
    Ok(())
}

/// `logic.handle`.
pub fn handle(at: u64, event: Event) {
    clock::set(at);
    if let Event::Launched(launch) = &event {
        clock::seed(launch.seed);
    }
    if let Some(app) = APP.with_borrow(Clone::clone) {
        app.start(event);
        tasks::run();
    }
}
