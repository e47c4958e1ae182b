//! What a page of a session was given, what was done with it and what it showed: the JSON of these lines, both ways.

use serde_json::{Map, Value as Json, json};

use crate::{lifecycle::Target, session::SessionEvent};

/// One line about a page, as the page has lived it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// The page; of a movement, the one that is seen after it.
    pub(crate) page: u32,
    /// Milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// What.
    pub(crate) kind: StepKind,
}

/// What a line about a page is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StepKind {
    /// It was opened above the others.
    Open(Target),
    /// It lies below those that will be opened.
    Below(Target),
    /// It took the place of another.
    Replace(u32, Target),
    /// Another was closed above it.
    Back(u32),
    /// It is a tab that was turned to; these pages were closed.
    Switch(Vec<u32>, Target),
    /// The host told it something.
    Told(Json),
    /// It said something that the host answers to.
    Said(Said),
    /// A person did something with it.
    Did(Json),
    /// It has come to rest with this in it; null if that is what it had before.
    Rest(Json),
}

/// What a page said; of a call, only its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// `loaded` or `ready`.
    Event(String),
    /// A call of the logic or of a host API.
    Call {
        /// The number its answer has.
        id: u64,
        /// `logic.<handler>` or `<interface>.<function>`.
        name: String,
    },
}

impl Said {
    /// What a message of a page says, if the host answers to it.
    pub(crate) fn of(message: &Json) -> Option<Self> {
        let text = |member: &str| message.get(member).and_then(Json::as_str);
        if let Some(event) = text("event") {
            return matches!(event, "loaded" | "ready").then(|| Self::Event(event.to_owned()));
        }
        let id = message.get("id").and_then(Json::as_u64)?;
        let name = match (text("ask"), text("interface"), text("function")) {
            (Some(handler), ..) => format!("logic.{handler}"),
            (None, Some(interface), Some(function)) => format!("{interface}.{function}"),
            _ => return None,
        };
        Some(Self::Call { id, name })
    }

    fn line(&self) -> Json {
        match self {
            Self::Event(event) => json!({ "event": event }),
            Self::Call { id, name } => json!({ "id": id, "call": name }),
        }
    }

    fn read(json: &Json) -> Option<Self> {
        let text = |member: &str| json.get(member).and_then(Json::as_str).map(str::to_owned);
        match (text("event"), text("call")) {
            (Some(event), None) => Some(Self::Event(event)),
            (None, Some(name)) => Some(Self::Call { id: json.get("id")?.as_u64()?, name }),
            _ => None,
        }
    }
}

impl Step {
    /// What the shell was told to show, if that is what the event is about.
    pub(crate) fn of(event: &SessionEvent, at_ms: u64) -> Option<Self> {
        let target = |route: &str, query: &str, fragment: &str| Target {
            route: route.to_owned(),
            query: query.to_owned(),
            fragment: fragment.to_owned(),
        };
        let (page, kind) = match event {
            SessionEvent::Open { page, route, query, fragment } => {
                (*page, StepKind::Open(target(route, query, fragment)))
            }
            SessionEvent::Below { page, route, query, fragment } => {
                (*page, StepKind::Below(target(route, query, fragment)))
            }
            SessionEvent::Replace { replaced, page, route, query, fragment } => {
                (*page, StepKind::Replace(*replaced, target(route, query, fragment)))
            }
            SessionEvent::Back { closed, page } => (*page, StepKind::Back(*closed)),
            SessionEvent::Switch { page, closed, route, query, fragment } => {
                (*page, StepKind::Switch(closed.clone(), target(route, query, fragment)))
            }
            _ => return None,
        };
        Some(Self { page, at_ms, kind })
    }

    /// The line, but for its session.
    pub(super) fn line(&self) -> Json {
        let (name, value) = match &self.kind {
            StepKind::Open(target) => ("open", target_line(target)),
            StepKind::Below(target) => ("below", target_line(target)),
            StepKind::Replace(replaced, target) => {
                let mut line = target_line(target);
                line["replaced"] = Json::from(*replaced);
                ("replace", line)
            }
            StepKind::Back(closed) => ("back", json!({ "closed": closed })),
            StepKind::Switch(closed, target) => {
                let mut line = target_line(target);
                line["closed"] = json!(closed);
                ("switch", line)
            }
            StepKind::Told(told) => ("told", told.clone()),
            StepKind::Said(said) => ("said", said.line()),
            StepKind::Did(deed) => ("did", deed.clone()),
            StepKind::Rest(tree) => ("rest", tree.clone()),
        };
        json!({ "page": self.page, "at": self.at_ms, name: value })
    }

    /// Reads a line about a page; none if no recorder writes it.
    pub(super) fn read(line: &Json) -> Option<Self> {
        let line = line.as_object()?;
        let page = number(line, "page")?;
        let at_ms = line.get("at")?.as_u64()?;
        let mut rest = line.iter().filter(|(name, _)| !matches!(name.as_str(), "page" | "at" | "session"));
        let (Some((name, value)), None) = (rest.next(), rest.next()) else { return None };
        let is_object = value.is_object();
        let kind = match name.as_str() {
            "open" => StepKind::Open(target(value)?),
            "below" => StepKind::Below(target(value)?),
            "replace" => StepKind::Replace(number(value.as_object()?, "replaced")?, target(value)?),
            "back" => StepKind::Back(number(value.as_object()?, "closed")?),
            "switch" => StepKind::Switch(numbers(value.get("closed")?)?, target(value)?),
            "told" if is_object => StepKind::Told(value.clone()),
            "said" => StepKind::Said(Said::read(value)?),
            "did" if is_object => StepKind::Did(value.clone()),
            "rest" if is_object || value.is_null() => StepKind::Rest(value.clone()),
            _ => return None,
        };
        Some(Self { page, at_ms, kind })
    }
}

fn target_line(target: &Target) -> Json {
    json!({ "route": target.route, "query": target.query, "fragment": target.fragment })
}

fn target(json: &Json) -> Option<Target> {
    let text = |member: &str| json.get(member).and_then(Json::as_str).map(str::to_owned);
    Some(Target { route: text("route")?, query: text("query")?, fragment: text("fragment")? })
}

fn number(object: &Map<String, Json>, member: &str) -> Option<u32> {
    object.get(member)?.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn numbers(json: &Json) -> Option<Vec<u32>> {
    json.as_array()?.iter().map(|number| u32::try_from(number.as_u64()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_as_it_was_written() {
        let target = Target { route: "pages/a".to_owned(), query: "x=1".to_owned(), fragment: String::new() };
        let kinds = [
            StepKind::Open(target.clone()),
            StepKind::Below(target.clone()),
            StepKind::Replace(7, target.clone()),
            StepKind::Switch(vec![2, 3], target),
            StepKind::Back(2),
            StepKind::Told(json!({"id": 5, "ok": null})),
            StepKind::Said(Said::Event("loaded".to_owned())),
            StepKind::Said(Said::Call { id: 1 << 52, name: "logic.quote".to_owned() }),
            StepKind::Did(json!({"do": "click", "at": [1, 0]})),
            StepKind::Rest(json!({"tag": "html"})),
            StepKind::Rest(Json::Null),
        ];
        for kind in kinds {
            let step = Step { page: 3, at_ms: 17, kind };
            let mut line = step.line();
            line["session"] = Json::from(1);
            assert_eq!(Step::read(&line), Some(step), "{line}");
        }
    }

    #[test]
    fn what_no_recorder_writes_is_no_line() {
        for line in [
            json!({"page": 1, "at": 1}),
            json!({"page": 1, "told": {}}),
            json!({"page": -1, "at": 1, "told": {}}),
            json!({"page": 1, "at": 1, "told": "x"}),
            json!({"page": 1, "at": 1, "told": {}, "did": {}}),
            json!({"page": 1, "at": 1, "open": {"route": "pages/a"}}),
            json!({"page": 1, "at": 1, "switch": {"route": "pages/a", "query": "", "fragment": "", "closed": [-1]}}),
            json!({"page": 1, "at": 1, "said": {"call": "logic.x"}}),
            json!({"page": 1, "at": 1, "rest": 1}),
        ] {
            assert_eq!(Step::read(&line), None, "{line}");
        }
    }

    #[test]
    fn of_what_a_page_says_only_what_is_answered_counts() {
        let said = |text: &str| Said::of(&serde_json::from_str(text).unwrap());
        assert_eq!(said(r#"{"event":"ready"}"#), Some(Said::Event("ready".to_owned())));
        let call = |name: &str| Some(Said::Call { id: 4, name: name.to_owned() });
        assert_eq!(said(r#"{"id":4,"ask":"quote","input":{"name":"Ada"}}"#), call("logic.quote"));
        assert_eq!(said(r#"{"id":4,"interface":"storage","function":"get","arguments":["k"]}"#), call("storage.get"));
        for other in
            [r#"{"event":"typed"}"#, r#"{"interface":"log","function":"write"}"#, r#"{"report":{}}"#, r#"{"forget":4}"#]
        {
            assert_eq!(said(other), None, "{other}");
        }
    }
}
