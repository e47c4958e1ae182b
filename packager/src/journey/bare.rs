//! A session without glass: what a page would say to it is said from here.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use guichet_host::{HostError, Look, Session, SessionEvent, Start};
use serde_json::{Value as Json, json};

/// What a call or a question brought instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thrown {
    /// The name of the error, such as `DeniedError`.
    pub(crate) name: String,
    /// What it says.
    pub(crate) message: String,
}

impl Thrown {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { name: "Error".to_owned(), message: message.into() }
    }
}

/// A running app whose pages are not drawn.
pub(crate) struct Bare {
    session: Session,
    events: mpsc::Receiver<SessionEvent>,
    page: u32,
    asked: u64,
    state: Json,
    said: Vec<String>,
}

impl Bare {
    /// Launches the app at a page, or at its first, and waits until that page is there.
    pub(crate) fn open(look: &Look, page: Option<&str>, deadline: Duration) -> Result<Self, Thrown> {
        let (heard, events) = mpsc::channel();
        let sink = Arc::new(move |event| drop(heard.send(event)));
        let start = Start { page: page.map(str::to_owned), ..Start::default() };
        let session = look.launch(&start, sink).map_err(|error: HostError| Thrown::new(error.to_string()))?;
        let mut bare = Self { session, events, page: 0, asked: 0, state: json!({}), said: Vec::new() };
        bare.session.shown();
        bare.until(Instant::now() + deadline, "its first page opens", |bare, _| (bare.page > 0).then_some(()))?;
        Ok(bare)
    }

    /// Asks a handler of the logic, and waits for its answer.
    pub(crate) fn ask(&mut self, name: &str, input: &Json, deadline: Duration) -> Result<Json, Thrown> {
        self.asked += 1;
        let id = self.asked;
        self.session.page_message(self.page, &json!({ "id": id, "ask": name, "input": input }).to_string());
        let answer = self.until(Instant::now() + deadline, &format!("`{name}` answers"), |_, told| {
            told.filter(|told| told["id"] == id).cloned()
        })?;
        match answer.get("error") {
            None => Ok(answer["ok"].clone()),
            Some(error) => {
                let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
                Err(Thrown { name: text("name"), message: text("message") })
            }
        }
    }

    /// The state that logic and pages share, with all that has been put out so far.
    pub(crate) fn state(&mut self) -> Json {
        while let Ok(event) = self.events.try_recv() {
            drop(self.hear(event));
        }
        self.state.clone()
    }

    /// Goes back one page.
    pub(crate) fn back(&self) {
        self.session.back();
    }

    /// Whether the app has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.session.has_ended()
    }

    /// What the app has said on its console.
    pub(crate) fn said(&self) -> &[String] {
        &self.said
    }

    fn until<T>(
        &mut self,
        deadline: Instant,
        state: &str,
        mut is_there: impl FnMut(&Self, Option<&Json>) -> Option<T>,
    ) -> Result<T, Thrown> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(event) = self.events.recv_timeout(left) else {
                return Err(Thrown::new(format!("waited in vain until {state}")));
            };
            let told = self.hear(event)?;
            if let Some(found) = is_there(self, told.as_ref()) {
                return Ok(found);
            }
        }
    }

    /// Takes in an event; what was told to the page comes back.
    fn hear(&mut self, event: SessionEvent) -> Result<Option<Json>, Thrown> {
        match event {
            SessionEvent::Open { page, .. }
            | SessionEvent::Replace { page, .. }
            | SessionEvent::Switch { page, .. } => {
                self.page = page;
                for event in ["loaded", "ready"] {
                    self.session.page_message(page, &json!({ "event": event }).to_string());
                }
                Ok(None)
            }
            SessionEvent::Back { page, .. } => {
                self.page = page;
                Ok(None)
            }
            SessionEvent::ToPage { page, json } if page == self.page => {
                let told: Json = serde_json::from_str(&json).unwrap_or_default();
                if let Some(state) = told.get("state") {
                    self.state = state.clone();
                }
                Ok(Some(told))
            }
            SessionEvent::Log(line) => {
                self.said.push(line.text);
                Ok(None)
            }
            SessionEvent::Ended(ending) => Err(Thrown::new(format!("{}: {}", ending.class, ending.reason))),
            _ => Ok(None),
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.session.close();
    }
}
