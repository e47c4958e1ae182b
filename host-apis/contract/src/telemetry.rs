//! `telemetry`: how often declared events happen, and nothing else about them.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::{
    AppId, Arguments, Call, Failure, InvalidArguments, Permission, PermissionName, Permit, Scope, Services, Stop, Value,
};

/// Most events that one app may declare, each with its value.
pub const MAX_EVENTS: usize = 32;
/// Longest name and longest value, in bytes.
pub const MAX_WORD_BYTES: usize = 32;
/// Most events of one session of an app.
pub const MAX_IN_ALL: u32 = 200;

/// The member of the scope that lists events.
const EVENTS: &str = "events";

/// What may be counted: `sent`, or `left:form` with a value. Neither can hold a text that a person has written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Event(String);

/// A text is not an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an event: write a name, or a name and a value as in left:form, each 1 to 32 of a-z, 0-9 and -")]
pub struct InvalidEvent(pub String);

impl Event {
    /// As it is declared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Event {
    type Err = InvalidEvent;

    fn from_str(text: &str) -> Result<Self, InvalidEvent> {
        let is_word = |word: &str| {
            (1..=MAX_WORD_BYTES).contains(&word.len())
                && word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let (name, value) = text.split_once(':').map_or((text, None), |(name, value)| (name, Some(value)));
        if is_word(name) && value.is_none_or(is_word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEvent(text.to_owned()))
        }
    }
}

impl TryFrom<String> for Event {
    type Error = InvalidEvent;

    fn try_from(text: String) -> Result<Self, InvalidEvent> {
        text.parse()
    }
}

impl From<Event> for String {
    fn from(event: Event) -> Self {
        event.0
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a terminal must provide for `telemetry` to work.
pub trait Telemetry: Send + Sync {
    /// Counts an event once.
    fn count(&self, permit: Permit<Count>) -> Result<(), Failure>;

    /// What an app has counted since this was last asked, for whoever tells the store.
    fn take(&self, app: &AppId) -> BTreeMap<Event, u32>;
}

/// Counts an event once.
#[derive(Debug)]
pub struct Count {
    /// Which.
    pub event: Event,
    /// Raised when nobody wants the answer any more.
    pub stop: Stop,
}

/// Nothing, as a [`Value`].
#[derive(Debug)]
pub struct Counted;

impl Call for Count {
    type Reply = Counted;

    fn needs(&self) -> Permission {
        declaring(&self.event)
    }

    fn perform(permit: Permit<Self>, services: &dyn Services) -> Result<Counted, Failure> {
        services.telemetry().count(permit).map(|()| Counted)
    }

    fn stop(&self) -> Option<Stop> {
        Some(self.stop.clone())
    }
}

impl From<Counted> for Value {
    fn from(_: Counted) -> Self {
        Self::Null
    }
}

/// The permission under which an event is counted.
pub fn declaring(event: &Event) -> Permission {
    Permission::limited(permission_name(), EVENTS, json!([event.as_str()]))
}

/// The name of the permission.
pub(crate) fn permission_name() -> PermissionName {
    PermissionName::host("telemetry")
}

/// What is wrong with a scope: it has to list events, and nothing else.
pub(crate) fn scope_fault(scope: &Scope) -> Option<String> {
    if let Some(other) = scope.members().keys().find(|member| *member != EVENTS) {
        return Some(format!("`{other}` limits nothing here; `{EVENTS}` does"));
    }
    let events = match scope.members().get(EVENTS) {
        Some(Json::Array(events)) if !events.is_empty() => events,
        _ => return Some("it lists no `events`".to_owned()),
    };
    if events.len() > MAX_EVENTS {
        return Some(format!("it lists more than {MAX_EVENTS} `events`"));
    }
    let fault = |event: &Json| match event.as_str().map(str::parse::<Event>) {
        Some(Ok(_)) => None,
        Some(Err(invalid)) => Some(invalid.to_string()),
        None => Some(InvalidEvent(event.to_string()).to_string()),
    };
    events.iter().find_map(fault)
}

impl Count {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let name = arguments.text("event")?;
        let text = match arguments.value() {
            None | Some(Value::Null) => name,
            Some(Value::Text(value)) => format!("{name}:{value}"),
            Some(_) => return Err(arguments.wrong("value", "a text")),
        };
        let event = text.parse();
        let event = event.map_err(|_| {
            arguments.wrong("event", "an event, with a value or without, each 1 to 32 of a-z, 0-9 and -")
        })?;
        arguments.end().map(|()| Self { event, stop: Stop::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(scope: &str) -> Permission {
        serde_json::from_str(&format!(r#"{{"name":"host:telemetry","scope":{scope}}}"#)).unwrap()
    }

    #[test]
    fn a_scope_lists_events_and_no_text_of_a_person_is_one() {
        let fault = |scope: &str| permission(scope).scope_fault().unwrap_or_default();
        assert_eq!(fault(r#"{"events":["sent","left:form"]}"#), "");
        insta::assert_snapshot!(fault("{}"), @"it lists no `events`");
        insta::assert_snapshot!(fault(r#"{"events":["sent"],"people":true}"#), @"`people` limits nothing here; `events` does");
        insta::assert_snapshot!(fault(r#"{"events":["left:form:name"]}"#), @"`left:form:name` is not an event: write a name, or a name and a value as in left:form, each 1 to 32 of a-z, 0-9 and -");
        insta::assert_snapshot!(fault(r#"{"events":[7]}"#), @"`7` is not an event: write a name, or a name and a value as in left:form, each 1 to 32 of a-z, 0-9 and -");
        let many: Vec<String> = (0..33).map(|number| format!("e{number}")).collect();
        insta::assert_snapshot!(fault(&json!({ "events": many }).to_string()), @"it lists more than 32 `events`");
        for text in ["", "Sent", "张三", "a b", "1a", "a:", ":a", &"a".repeat(33)] {
            assert!(text.parse::<Event>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_event_needs_to_be_declared_with_its_value() {
        let held = permission(r#"{"events":["sent","left:form"]}"#);
        let covers = |event: &str| held.covers(&declaring(&event.parse().unwrap()));
        assert!(covers("sent") && covers("left:form"));
        assert!(!covers("left") && !covers("sent:twice") && !covers("left:sent"));
    }
}
