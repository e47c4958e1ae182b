//! What a session tells its pages: lifecycle (L2, L6), the state they see, and answers. A page hears nothing before it is
//! loaded.

use std::collections::{BTreeSet, HashMap};

use guichet_contract::Failure;
use guichet_engine::{PagePhase, Phase};
use serde_json::Value as Json;

use super::event::{SessionEvent, Sink};
use crate::{bridge, lifecycle::Page};

/// Most of the state that pages see, in bytes of its JSON text.
const MAX_STATE_BYTES: usize = 1 << 20;
/// Most questions of pages that wait for the logic.
const MAX_QUESTIONS: usize = 256;

/// The pages' side of a session.
pub(crate) struct Pages {
    sink: Sink,
    /// Pages whose scripts have run.
    loaded: BTreeSet<u32>,
    /// Those whose document is another one than at first.
    reloaded: BTreeSet<u32>,
    /// Whether any page was told that the app was launched.
    has_told_launch: bool,
    state: Json,
    /// No less than the state's JSON text, in bytes.
    state_bytes: usize,
    questions: HashMap<u32, (u32, u64)>,
    last_question: u32,
}

impl Pages {
    pub(crate) fn new(sink: Sink) -> Self {
        Self {
            sink,
            loaded: BTreeSet::new(),
            reloaded: BTreeSet::new(),
            has_told_launch: false,
            state: Json::Object(serde_json::Map::new()),
            state_bytes: 0,
            questions: HashMap::new(),
            last_question: 0,
        }
    }

    /// A page's scripts have run, for the first time or after a reload: it learns all that it has missed.
    pub(crate) fn loaded(&mut self, page: &Page, is_app_shown: bool) {
        if !self.loaded.insert(page.id) {
            self.reloaded.insert(page.id);
        }
        let is_first = !std::mem::replace(&mut self.has_told_launch, true);
        self.send(page.id, bridge::lifecycle_global("launched", None, !is_first));
        let phase = if is_app_shown { "shown" } else { "hidden" };
        self.send(page.id, bridge::lifecycle_global(phase, None, !is_first));
        if self.state.as_object().is_none_or(|members| !members.is_empty()) {
            self.send(page.id, bridge::update(&self.state, &self.state));
        }
        self.send(page.id, bridge::lifecycle_page("loaded", &page.target.query));
        if page.phase == PagePhase::Shown {
            self.send(page.id, bridge::lifecycle_page("shown", &page.target.query));
        }
    }

    /// A page has been rendered. For one that is ready already it is another document, which has to hear it too (L7).
    pub(crate) fn rendered(&mut self, page: &Page) {
        if self.reloaded.remove(&page.id) && page.is_ready {
            self.send(page.id, bridge::lifecycle_page("ready", &page.target.query));
        }
    }

    /// A page has reached a state.
    pub(crate) fn page_changed(&mut self, page: &Page) {
        let phase = match page.phase {
            PagePhase::Loaded => return,
            PagePhase::Ready => "ready",
            PagePhase::Shown => "shown",
            PagePhase::Hidden => "hidden",
            PagePhase::Unloaded => "unloaded",
        };
        if self.loaded.contains(&page.id) {
            self.send(page.id, bridge::lifecycle_page(phase, &page.target.query));
        }
        if page.phase == PagePhase::Unloaded {
            self.loaded.remove(&page.id);
            self.reloaded.remove(&page.id);
            self.questions.retain(|_, (asker, _)| *asker != page.id);
        }
    }

    /// The app has reached a state.
    pub(crate) fn app_changed(&self, phase: Phase) {
        let phase = match phase {
            Phase::Shown => "shown",
            Phase::Hidden => "hidden",
            Phase::Unloaded => "unloaded",
        };
        self.send_all(&bridge::lifecycle_global(phase, None, false));
    }

    /// The logic or a page threw, and nobody caught it: the app's `error` event (L3). The app goes on.
    pub(crate) fn app_threw(&self, message: &str) {
        self.send_all(&bridge::lifecycle_global("error", Some(message), false));
    }

    /// Merges a patch (RFC 7396) into the state all pages see, unless it grows too large.
    pub(crate) fn update(&mut self, patch: &Json) -> Result<(), String> {
        let mut state = self.state.clone();
        json_patch::merge(&mut state, patch);
        let message = bridge::update(patch, &state);
        if message.len() > 2 * MAX_STATE_BYTES {
            return Err(format!(
                "page.update: the state would be larger than {} KiB and stays as it was; hint: keep what a page does not show in guichet.storage",
                MAX_STATE_BYTES >> 10
            ));
        }
        self.state = state;
        self.state_bytes = message.len();
        self.send_all(&message);
        Ok(())
    }

    /// Puts another state in the place of the one pages see, if it differs.
    pub(crate) fn put_state(&mut self, state: Json) {
        if self.state == state {
            return;
        }
        let patch = difference(&self.state, &state);
        self.state = state;
        let message = bridge::update(&patch, &self.state);
        self.state_bytes = message.len();
        self.send_all(&message);
    }

    /// No less than the JSON text of what pages see, in bytes.
    pub(crate) fn state_bytes(&self) -> usize {
        self.state_bytes
    }

    /// Keeps a question of a page until the logic answers it. Returns the question's number.
    pub(crate) fn ask(&mut self, page: u32, id: u64) -> Result<u32, Failure> {
        if self.questions.len() >= MAX_QUESTIONS {
            return Err(Failure::Unavailable(format!(
                "more than {MAX_QUESTIONS} questions wait for the app's logic; hint: await some first"
            )));
        }
        self.last_question = self.last_question.wrapping_add(1);
        self.questions.insert(self.last_question, (page, id));
        Ok(self.last_question)
    }

    /// The logic has answered a question. One that nobody asked is nobody's.
    pub(crate) fn answer_question(&mut self, question: u32, answer: Result<Json, String>) {
        let Some((page, id)) = self.questions.remove(&question) else { return };
        self.answer(page, id, answer.map_err(Failure::Invalid));
    }

    /// Answers a call of a page.
    pub(crate) fn answer(&self, page: u32, id: u64, answer: Result<Json, Failure>) {
        let message = match answer {
            Ok(ok) => bridge::answer(id, &ok),
            Err(failure) => bridge::failed(id, &failure),
        };
        self.send(page, message);
    }

    fn send_all(&self, message: &str) {
        for page in &self.loaded {
            self.send(*page, message.to_owned());
        }
    }

    fn send(&self, page: u32, json: String) {
        (self.sink)(SessionEvent::ToPage { page, json });
    }
}

/// The patch (RFC 7396) that makes one state of another.
fn difference(before: &Json, after: &Json) -> Json {
    let (Json::Object(before), Json::Object(after)) = (before, after) else { return after.clone() };
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), Json::Null));
    let new = after.iter().filter_map(|(name, value)| match before.get(name) {
        Some(known) if known == value => None,
        Some(known) => Some((name.clone(), difference(known, value))),
        None => Some((name.clone(), value.clone())),
    });
    Json::Object(gone.chain(new).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_is_a_patch_that_makes_one_of_the_other() {
        let before = json!({"a": 1, "b": {"c": 1, "d": [1]}, "gone": true, "same": "x"});
        let after = json!({"a": {"x": 2}, "b": {"c": 1, "d": [2]}, "same": "x", "new": []});
        let patch = difference(&before, &after);
        assert_eq!(patch, json!({"a": {"x": 2}, "b": {"d": [2]}, "gone": null, "new": []}));
        let mut made = before;
        json_patch::merge(&mut made, &patch);
        assert_eq!(made, after);
    }
}
