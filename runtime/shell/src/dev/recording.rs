//! A journey while it is recorded: what a person did, one thing after another, and what the page showed before each.
//!
//! What comes of it is written by `guichet dev`: the window knows no folder.

use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Most steps of a journey; nobody reads a longer one.
const MOST_STEPS: usize = 500;

/// What has been seen so far.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    steps: Vec<Json>,
    look: Json,
    /// Since when the page has been asked whether there is more.
    pub(crate) ends: Option<Instant>,
}

#[derive(Deserialize)]
struct Noted {
    note: Note,
}

#[derive(Deserialize)]
struct Note {
    did: Option<Json>,
    look: Option<Json>,
    #[serde(default)]
    end: bool,
}

impl Recording {
    /// Takes a note of the page; says whether it was the last one.
    pub(crate) fn take(&mut self, text: &str) -> bool {
        let Ok(Noted { note: Note { did, look, end } }) = serde_json::from_str(text) else {
            tracing::error!("a note of a page cannot be read");
            return false;
        };
        if let Some(look) = look {
            self.look = look;
        }
        if let Some(did) = did {
            self.step(did);
        }
        end
    }

    /// Takes what was done in the window and not in the page.
    pub(crate) fn did(&mut self, what: &str) {
        self.step(json!({ "do": what }));
    }

    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// All of it, for whoever writes it down: each step with what the page showed before, and what it shows now.
    pub(crate) fn told(self, declared: &[String], lang: &str) -> Json {
        let Self { steps, look, .. } = self;
        json!({"is": "recorded", "steps": steps, "after": look, "declared": declared, "lang": lang})
    }

    fn step(&mut self, did: Json) {
        if self.steps.len() < MOST_STEPS {
            self.steps.push(json!({ "did": did, "look": self.look }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_kept_with_what_was_seen_before_it() {
        let mut recording = Recording::default();
        assert!(!recording.take(r#"{"note":{"look":{"lines":["Home"]}}}"#));
        assert!(!recording.take(r#"{"note":{"did":{"do":"tap","name":"Report"},"look":{"lines":["Home","New"]}}}"#));
        assert!(!recording.take("{\"note\":1}"), "what cannot be read is no step");
        assert!(!recording.take(r#"{"note":{"look":{"lines":["Form"]}}}"#));
        recording.did("back");
        assert!(recording.take(r#"{"note":{"end":true}}"#));
        assert_eq!(
            recording.told(&["name".to_owned()], "en"),
            json!({
                "is": "recorded", "declared": ["name"], "lang": "en", "after": {"lines": ["Form"]},
                "steps": [
                    {"did": {"do": "tap", "name": "Report"}, "look": {"lines": ["Home", "New"]}},
                    {"did": {"do": "back"}, "look": {"lines": ["Form"]}},
                ],
            })
        );
    }
}
