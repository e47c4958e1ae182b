//! Messages of the bridge: one JSON text each, parsed once at the door.

use guichet_contract::{Failure, Fault, Value};
use serde_json::{Map, Value as Json, json};

/// Largest number a page may give its calls.
const MAX_ID: u64 = 1 << 53;
/// Longest name of a handler.
const MAX_NAME_BYTES: usize = 128;
/// Most of a report that is kept.
const MAX_REPORT_BYTES: usize = 4096;

/// What a page says.
#[derive(Debug, PartialEq)]
pub(crate) enum FromPage {
    /// Call a host API, or tell it something if there is no number.
    Call { id: Option<u64>, interface: String, function: String, arguments: Vec<Value> },
    /// Call a handler of the logic.
    Ask { id: u64, name: String, input: Json },
    /// The answer to this call is no longer wanted.
    Forget { id: u64 },
    /// The page's scripts have run.
    Loaded,
    /// The page has been rendered for the first time.
    Ready,
    /// A person has typed something into the page, or chosen something.
    Typed,
    /// Nobody caught this.
    Report {
        /// What was thrown.
        fault: Fault,
        /// Whether the app's `error` event does not follow, because it comes of one.
        is_quiet: bool,
    },
}

impl FromPage {
    /// Reads a message, or says in one sentence why it is none.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let json: Json =
            serde_json::from_str(text).map_err(|error| format!("a message of the page is not JSON: {error}"))?;
        let Json::Object(mut members) = json else { return Err("a message of the page is not an object".to_owned()) };
        if let Some(event) = members.get("event") {
            return match event.as_str() {
                Some("loaded") => Ok(Self::Loaded),
                Some("ready") => Ok(Self::Ready),
                Some("typed") => Ok(Self::Typed),
                _ => Err("a page has no such event".to_owned()),
            };
        }
        if let Some(Json::Object(report)) = members.get("report") {
            return Ok(Self::Report {
                fault: Fault { message: report_text(report, "message"), stack: report_text(report, "stack") },
                is_quiet: report.get("quiet").is_some_and(|quiet| quiet == true),
            });
        }
        if let Some(id) = members.get("forget").and_then(Json::as_u64) {
            return Ok(Self::Forget { id });
        }
        let id = match members.get("id") {
            None => None,
            Some(id) => {
                Some(id.as_u64().filter(|id| *id <= MAX_ID).ok_or("the number of a call is not a whole number")?)
            }
        };
        if let Some(name) = members.get("ask") {
            let name = name
                .as_str()
                .filter(|name| name.len() <= MAX_NAME_BYTES)
                .ok_or("the name of a handler is not a short text")?;
            let name = name.to_owned();
            let id = id.ok_or("a question has no number")?;
            return Ok(Self::Ask { id, name, input: members.remove("input").unwrap_or_default() });
        }
        let interface = name_of(&members, "interface")?;
        let function = name_of(&members, "function")?;
        match members.remove("arguments") {
            Some(Json::Array(arguments)) => {
                let arguments = arguments.into_iter().map(Value::from_json).collect();
                Ok(Self::Call { id, interface, function, arguments })
            }
            _ => Err("a call has no list of arguments".to_owned()),
        }
    }
}

fn name_of(members: &Map<String, Json>, member: &str) -> Result<String, String> {
    let name = members.get(member).and_then(Json::as_str).filter(|name| name.len() <= MAX_NAME_BYTES);
    name.map(str::to_owned).ok_or_else(|| format!("a call has no {member}"))
}

fn report_text(report: &Map<String, Json>, member: &str) -> String {
    let text = report.get(member).and_then(Json::as_str).unwrap_or_default();
    text.chars()
        .scan(0, |bytes, c| {
            *bytes += c.len_utf8();
            (*bytes <= MAX_REPORT_BYTES).then_some(c)
        })
        .collect()
}

/// The answer to a call.
pub(crate) fn answer(id: u64, ok: &Json) -> String {
    json!({"id": id, "ok": ok}).to_string()
}

/// The refusal of a call.
pub(crate) fn failed(id: u64, failure: &Failure) -> String {
    let name = match failure {
        Failure::Denied(_) => "DeniedError",
        Failure::Unavailable(_) => "UnavailableError",
        Failure::Invalid(_) => "InvalidError",
    };
    let mut error = json!({"name": name, "message": failure.to_string()});
    if let Some(class) = failure.class() {
        error["class"] = class.into();
    }
    json!({"id": id, "error": error}).to_string()
}

/// The state all pages see has changed.
pub(crate) fn update(patch: &Json, state: &Json) -> String {
    json!({"update": patch, "state": state}).to_string()
}

/// A page has reached a state.
pub(crate) fn lifecycle_page(phase: &str, query: &str) -> String {
    json!({"lifecycle": {"target": "page", "phase": phase, "query": query}}).to_string()
}

/// The app has reached a state; `quiet` if the page only needs to know it, because it was not there when it happened.
pub(crate) fn lifecycle_global(phase: &str, error: Option<&str>, quiet: bool) -> String {
    json!({"lifecycle": {"target": "global", "phase": phase, "error": error, "quiet": quiet}}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read() {
        let call =
            FromPage::parse(r#"{"id":1,"interface":"storage","function":"set","arguments":["k",{"$bytes":"AP8="}]}"#);
        let arguments = vec![Value::Text("k".to_owned()), Value::Bytes(vec![0, 255])];
        let expected =
            FromPage::Call { id: Some(1), interface: "storage".to_owned(), function: "set".to_owned(), arguments };
        assert_eq!(call, Ok(expected));
        let ask = FromPage::parse(r#"{"id":2,"ask":"quote","input":{"__proto__":1}}"#);
        assert_eq!(ask, Ok(FromPage::Ask { id: 2, name: "quote".to_owned(), input: json!({"__proto__": 1}) }));
        assert_eq!(FromPage::parse(r#"{"event":"ready"}"#), Ok(FromPage::Ready));
        assert_eq!(FromPage::parse(r#"{"forget":7}"#), Ok(FromPage::Forget { id: 7 }));
        let report = FromPage::parse(r#"{"report":{"message":"oh","stack":"at x"}}"#);
        let fault = Fault { message: "oh".to_owned(), stack: "at x".to_owned() };
        assert_eq!(report, Ok(FromPage::Report { fault, is_quiet: false }));
        let quiet = FromPage::parse(r#"{"report":{"message":"oh","quiet":true}}"#);
        assert!(matches!(quiet, Ok(FromPage::Report { is_quiet: true, .. })));
    }

    #[test]
    fn what_is_no_message_is_refused_in_a_sentence() {
        let why = |text: &str| FromPage::parse(text).unwrap_err();
        insta::assert_snapshot!(why("[]"), @"a message of the page is not an object");
        insta::assert_snapshot!(why(r#"{"id":-1,"ask":"x"}"#), @"the number of a call is not a whole number");
        insta::assert_snapshot!(why(r#"{"id":1e300,"ask":"x"}"#), @"the number of a call is not a whole number");
        insta::assert_snapshot!(why(r#"{"ask":"x"}"#), @"a question has no number");
        insta::assert_snapshot!(why(r#"{"id":1}"#), @"a call has no interface");
        insta::assert_snapshot!(why(r#"{"id":1,"interface":"storage","function":"get","arguments":{}}"#), @"a call has no list of arguments");
        insta::assert_snapshot!(why(r#"{"event":"shown"}"#), @"a page has no such event");
        assert!(FromPage::parse(&format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))).is_err(), "deep nesting");
    }

    #[test]
    fn a_long_report_is_cut() {
        let text = json!({"report": {"message": "证".repeat(10_000)}}).to_string();
        let Ok(FromPage::Report { fault, .. }) = FromPage::parse(&text) else { panic!("a report") };
        assert_eq!(fault.message.chars().count(), MAX_REPORT_BYTES / 3);
    }
}
