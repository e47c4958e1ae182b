//! The pages' part of a tape: what they were given, what was done with them and what they showed, in the order in which
//! each page has lived it.
//!
//! What the host tells a page is written when the page says that it has heard so much: a person may have clicked before. What
//! the page says is written when the shell has seen how much it had heard by then.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value as Json;

use super::{
    redact::Redactor,
    steps::{Said, Step, StepKind},
};
use crate::{lifecycle::Target, session::SessionEvent};

/// How what the shell has seen of a page begins; no page can say that.
pub(crate) const WITNESSED: &str = "{\"glass\":";
/// Most that waits for one page to hear it.
const MOST_WAITING: usize = 1024;

/// The pages of a session that is recorded.
pub(super) struct PagesTape {
    pub(super) redactor: Redactor,
    pages: BTreeMap<u32, Heard>,
    /// Calls that read a declared key of the storage.
    reading: BTreeSet<(u32, u64)>,
}

/// How far a page has come.
#[derive(Default)]
struct Heard {
    count: u64,
    waiting: VecDeque<Step>,
    said: Vec<Step>,
}

impl PagesTape {
    pub(super) fn new(personal: &[String]) -> Self {
        Self { redactor: Redactor::of_pages(personal), pages: BTreeMap::new(), reading: BTreeSet::new() }
    }

    /// What the shell is told. Returns the steps to be written.
    pub(super) fn event(&mut self, at_ms: u64, event: &SessionEvent) -> Vec<Step> {
        if let SessionEvent::ToPage { page, json } = event {
            let id = serde_json::from_str::<Json>(json).ok().and_then(|told| told["id"].as_u64());
            let is_personal = id.is_some_and(|id| self.reading.remove(&(*page, id)));
            let kind = StepKind::Told(self.redactor.told(json, is_personal));
            let heard = self.pages.entry(*page).or_default();
            heard.waiting.push_back(Step { page: *page, at_ms, kind });
            return if heard.waiting.len() > MOST_WAITING { heard.up_to(u64::MAX) } else { Vec::new() };
        }
        let Some(mut moved) = Step::of(event, at_ms) else { return Vec::new() };
        if let StepKind::Open(target)
        | StepKind::Below(target)
        | StepKind::Replace(_, target)
        | StepKind::Switch(_, target) = &mut moved.kind
        {
            let Target { query, fragment, .. } = target;
            (*query, *fragment) = (self.redactor.page_query(query), self.redactor.page_query(fragment));
        }
        let mut steps = self.rest();
        steps.push(moved);
        steps
    }

    /// What a page has said.
    pub(super) fn said(&mut self, page: u32, at_ms: u64, text: &str) -> Vec<Step> {
        let message = serde_json::from_str::<Json>(text).unwrap_or_default();
        let Some(said) = Said::of(&message) else { return Vec::new() };
        let mut steps = Vec::new();
        match &said {
            Said::Event(event) if event == "loaded" => {
                if let Some(mut before) = self.pages.remove(&page) {
                    steps = before.up_to(u64::MAX);
                }
            }
            Said::Call { id, name }
                if name == "storage.get"
                    && message["arguments"][0].as_str().is_some_and(|key| self.redactor.is_declared_key(key)) =>
            {
                self.reading.insert((page, *id));
            }
            _ => {}
        }
        let said = Step { page, at_ms, kind: StepKind::Said(said) };
        self.pages.entry(page).or_default().said.push(said);
        steps
    }

    /// What the shell has seen: a deed, or what the page shows at rest.
    pub(super) fn witnessed(&mut self, page: u32, at_ms: u64, text: &str) -> Vec<Step> {
        let mut seen = serde_json::from_str::<Json>(text).unwrap_or_default()["glass"].take();
        let count = seen["told"].as_u64().unwrap_or_default();
        let mut steps = self.pages.get_mut(&page).map(|heard| heard.up_to(count)).unwrap_or_default();
        // Only that it has said something.
        if seen["heard"] == true || self.redactor.is_full() {
            return steps;
        }
        let kind = if seen["did"].is_object() {
            let mut deed = seen["did"].take();
            self.redactor.deed(&mut deed);
            StepKind::Did(deed)
        } else {
            let mut tree = seen["rest"].take();
            self.redactor.tree(&mut tree, false);
            StepKind::Rest(tree)
        };
        steps.push(Step { page, at_ms, kind });
        steps
    }

    /// All that still waits.
    pub(super) fn rest(&mut self) -> Vec<Step> {
        self.pages.values_mut().flat_map(|heard| heard.up_to(u64::MAX)).collect()
    }
}

impl Heard {
    /// The page has heard so much of its document's.
    fn up_to(&mut self, count: u64) -> Vec<Step> {
        let mut steps = Vec::new();
        while self.count < count
            && let Some(step) = self.waiting.pop_front()
        {
            self.count += 1;
            steps.push(step);
        }
        steps.append(&mut self.said);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(steps: Vec<Step>) -> Vec<&'static str> {
        let name = |step: Step| match step.kind {
            StepKind::Told(_) => "told",
            StepKind::Said(_) => "said",
            StepKind::Did(_) => "did",
            StepKind::Rest(_) => "rest",
            _ => "moved",
        };
        steps.into_iter().map(name).collect()
    }

    /// The host is quicker than a page: what it has told is not yet what the page has heard.
    #[test]
    fn the_order_is_that_of_the_page() {
        let mut tape = PagesTape::new(&[]);
        let told = SessionEvent::ToPage { page: 1, json: r#"{"update":{},"state":{}}"#.to_owned() };
        assert_eq!(kinds(tape.said(1, 1, r#"{"event":"loaded"}"#)), [""; 0]);
        assert_eq!(kinds(tape.witnessed(1, 2, r#"{"glass":{"heard":true,"told":0}}"#)), ["said"]);
        assert_eq!(kinds(tape.event(3, &told)), [""; 0]);
        assert_eq!(kinds(tape.event(4, &told)), [""; 0]);
        assert_eq!(kinds(tape.witnessed(1, 5, r#"{"glass":{"did":{"do":"click","at":[1]},"told":0}}"#)), ["did"]);
        assert_eq!(kinds(tape.said(1, 6, r#"{"event":"ready"}"#)), [""; 0]);
        assert_eq!(kinds(tape.witnessed(1, 7, r#"{"glass":{"heard":true,"told":1}}"#)), ["told", "said"]);
        assert_eq!(kinds(tape.witnessed(1, 8, r#"{"glass":{"rest":{"tag":"html"},"told":2}}"#)), ["told", "rest"]);
        assert_eq!(kinds(tape.event(9, &told)), [""; 0]);
        let back = SessionEvent::Back { closed: 2, page: 1 };
        assert_eq!(kinds(tape.event(10, &back)), ["told", "moved"], "a movement waits for nothing");
    }
}
