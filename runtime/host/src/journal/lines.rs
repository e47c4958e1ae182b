//! The JSON of a journal's lines. What is written is read back as the very same event, whatever a guest puts into it.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_contract::{Failure, Value};
use guichet_engine::{Ended, Event, Output, PagePhase, Phase};
use serde_json::{Map, Value as Json, json};

const PHASES: [(Phase, &str); 3] = [(Phase::Shown, "shown"), (Phase::Hidden, "hidden"), (Phase::Unloaded, "unloaded")];
const PAGE_PHASES: [(PagePhase, &str); 5] = [
    (PagePhase::Loaded, "loaded"),
    (PagePhase::Ready, "ready"),
    (PagePhase::Shown, "shown"),
    (PagePhase::Hidden, "hidden"),
    (PagePhase::Unloaded, "unloaded"),
];

pub(super) fn event(event: &Event) -> Json {
    match event {
        Event::Launched { route, query, lang, dir, referrer, seed: (a, b) } => {
            // JSON's numbers end at 53 bits.
            let seed = [a.to_string(), b.to_string()];
            json!({"launched": {
                "route": route, "query": query, "lang": lang, "dir": dir, "referrer": referrer, "seed": seed,
            }})
        }
        Event::Phase(phase) => json!({"phase": word(&PHASES, *phase)}),
        Event::Page { page, route, query, phase } => {
            json!({"page": {"page": page, "route": route, "query": query, "phase": word(&PAGE_PHASES, *phase)}})
        }
        Event::Asked { id, page, name, input } => {
            json!({"asked": {"id": id, "page": page, "name": name, "input": input}})
        }
        Event::Completed { call, result: Ok(result) } => json!({"completed": {"call": call, "ok": value(result)}}),
        Event::Completed { call, result: Err(failure) } => {
            let mut err = Map::new();
            err.insert(failure.case().to_owned(), Json::from(failure.to_string()));
            json!({"completed": {"call": call, "err": err}})
        }
    }
}

pub(super) fn read_event(json: &Json) -> Option<Event> {
    let object = json.as_object().filter(|object| object.len() == 1)?;
    let (kind, json) = object.iter().next()?;
    let text = |member: &str| json.get(member).and_then(Json::as_str).map(str::to_owned);
    let number = |member: &str| json.get(member).and_then(Json::as_u64).and_then(|number| u32::try_from(number).ok());
    Some(match kind.as_str() {
        "launched" => {
            let [Json::String(a), Json::String(b)] = json.get("seed")?.as_array()?.as_slice() else { return None };
            Event::Launched {
                route: text("route")?,
                query: text("query")?,
                lang: text("lang")?,
                dir: text("dir")?,
                referrer: text("referrer")?,
                seed: (a.parse().ok()?, b.parse().ok()?),
            }
        }
        "phase" => Event::Phase(named(&PHASES, json.as_str()?)?),
        "page" => Event::Page {
            page: number("page")?,
            route: text("route")?,
            query: text("query")?,
            phase: named(&PAGE_PHASES, &text("phase")?)?,
        },
        "asked" => {
            Event::Asked { id: number("id")?, page: number("page")?, name: text("name")?, input: text("input")? }
        }
        "completed" => {
            let result = match (json.get("ok"), json.get("err")) {
                (Some(ok), None) => Ok(read_value(ok)?),
                (None, Some(err)) => Err(read_failure(err)?),
                _ => return None,
            };
            Event::Completed { call: number("call")?, result }
        }
        _ => return None,
    })
}

pub(super) fn output(output: &Output) -> Json {
    let values = |arguments: &[Value]| arguments.iter().map(value).collect::<Json>();
    match output {
        Output::Start { call, interface, function, arguments } => json!({"start": {
            "call": call, "interface": interface, "function": function, "arguments": values(arguments),
        }}),
        Output::Forget { call } => json!({"forget": call}),
        Output::Tell { interface, function, arguments } => {
            json!({"tell": {"interface": interface, "function": function, "arguments": values(arguments)}})
        }
    }
}

/// An event as a journal has it.
pub(crate) fn text(event: &Event) -> String {
    self::event(event).to_string()
}

/// An output as a journal has it.
pub(crate) fn output_text(output: &Output) -> String {
    self::output(output).to_string()
}

/// What an event is, in a word or two.
pub(crate) fn kind(event: &Event) -> String {
    match event {
        Event::Launched { .. } => "launched".to_owned(),
        Event::Phase(phase) => word(&PHASES, *phase).to_owned(),
        Event::Page { phase, .. } => format!("page {}", word(&PAGE_PHASES, *phase)),
        Event::Asked { name, .. } => format!("asked {name}"),
        Event::Completed { call, .. } => format!("completed {call}"),
    }
}

/// About how many bytes an event takes.
pub(crate) fn weight(event: &Event) -> usize {
    fn of(value: &Value) -> usize {
        16 + match value {
            Value::Text(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(items) => items.iter().map(of).sum(),
            Value::Record(members) => members.iter().map(|(name, value)| name.len() + of(value)).sum(),
            _ => 0,
        }
    }
    64 + match event {
        Event::Launched { query, referrer, .. } => query.len() + referrer.len(),
        Event::Page { query, .. } => query.len(),
        Event::Asked { name, input, .. } => name.len() + input.len(),
        Event::Completed { result: Ok(result), .. } => of(result),
        Event::Completed { result: Err(failure), .. } => failure.to_string().len(),
        Event::Phase(_) => 0,
    }
}

pub(super) fn ended(ended: &Ended, reason: &str) -> Json {
    json!({"ended": {"class": ended.class(), "reason": reason, "outside": ended.is_from_outside()}})
}

/// Unlike the form of the bridge, this one keeps apart all that JSON has no word for.
fn value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::from(*value),
        // JSON's numbers end at 53 bits elsewhere, not here.
        Value::Integer(value) => Json::from(*value),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Float(float) => json!({"$float": format!("{:016x}", float.to_bits())}),
        Value::Bytes(bytes) => json!({"$bytes": STANDARD.encode(bytes)}),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Record(members) => {
            let object: Map<_, _> = members.iter().map(|(name, value)| (name.clone(), self::value(value))).collect();
            if members.keys().any(|name| name.starts_with('$')) {
                json!({"$record": object})
            } else {
                Json::Object(object)
            }
        }
    }
}

fn read_value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Integer(number.as_i64()?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(read_value).collect::<Option<_>>()?),
        Json::Object(members) => {
            let only = members.iter().next().filter(|_| members.len() == 1);
            match only.map(|(name, value)| (name.as_str(), value)) {
                Some(("$float", bits)) => Value::Float(f64::from_bits(u64::from_str_radix(bits.as_str()?, 16).ok()?)),
                Some(("$bytes", text)) => Value::Bytes(STANDARD.decode(text.as_str()?).ok()?),
                Some(("$record", Json::Object(members))) => Value::Record(read_members(members)?),
                _ => Value::Record(read_members(members)?),
            }
        }
    })
}

fn read_members(members: &Map<String, Json>) -> Option<BTreeMap<String, Value>> {
    members.iter().map(|(name, value)| Some((name.clone(), read_value(value)?))).collect()
}

fn read_failure(json: &Json) -> Option<Failure> {
    let object = json.as_object().filter(|object| object.len() == 1)?;
    let (case, text) = object.iter().next()?;
    let text = text.as_str()?.to_owned();
    match case.as_str() {
        "denied" => Some(Failure::Denied(text)),
        "unavailable" => Some(Failure::Unavailable(text)),
        "invalid" => Some(Failure::Invalid(text)),
        _ => None,
    }
}

fn word<T: Copy + PartialEq>(table: &[(T, &'static str)], case: T) -> &'static str {
    table.iter().find(|(known, _)| *known == case).map_or("", |(_, word)| word)
}

fn named<T: Copy>(table: &[(T, &'static str)], word: &str) -> Option<T> {
    table.iter().find(|(_, known)| *known == word).map(|(case, _)| *case)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(result: Result<Value, Failure>) -> Event {
        Event::Completed { call: 7, result }
    }

    #[test]
    fn every_event_is_read_back_as_it_was() {
        let record = |name: &str| Value::Record(BTreeMap::from([(name.to_owned(), Value::Bytes(vec![0, 255]))]));
        let mut events = vec![
            Event::Launched {
                route: "pages/a".to_owned(),
                query: "x=1".to_owned(),
                lang: "zh-Hans".to_owned(),
                dir: "ltr".to_owned(),
                referrer: String::new(),
                seed: (u64::MAX, 1 << 60),
            },
            Event::Asked { id: 1, page: 2, name: "证".to_owned(), input: "{\"a\": \"\\u0000\"}".to_owned() },
            completed(Ok(Value::List(vec![
                Value::Null,
                Value::Bool(true),
                Value::Integer(i64::MIN),
                Value::Float(-0.0),
                Value::Text("$".to_owned()),
                record("$bytes"),
                record("$record"),
                record("plain"),
            ]))),
            completed(Err(Failure::Denied("no".to_owned()))),
            completed(Err(Failure::Unavailable("not now".to_owned()))),
            completed(Err(Failure::Invalid("never".to_owned()))),
        ];
        events.extend(PHASES.map(|(phase, _)| Event::Phase(phase)));
        events.extend(PAGE_PHASES.map(|(phase, _)| Event::Page {
            page: 1,
            route: "pages/a".to_owned(),
            query: String::new(),
            phase,
        }));
        for wanted in events {
            let line = event(&wanted).to_string();
            assert_eq!(read_event(&serde_json::from_str(&line).unwrap()).as_ref(), Some(&wanted), "{line}");
        }
    }

    #[test]
    fn a_float_keeps_every_bit() {
        for bits in [f64::NAN.to_bits(), f64::NAN.to_bits() | 5, (-0.0_f64).to_bits(), f64::INFINITY.to_bits()] {
            let line = value(&Value::Float(f64::from_bits(bits)));
            let Some(Value::Float(float)) = read_value(&line) else { panic!("a float") };
            assert_eq!(float.to_bits(), bits);
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        for line in [
            "null",
            "{}",
            r#"{"phase":"gone"}"#,
            r#"{"phase":"shown","page":{}}"#,
            r#"{"completed":{"call":1}}"#,
            r#"{"completed":{"call":1,"ok":1,"err":{"denied":""}}}"#,
            r#"{"completed":{"call":4294967296,"ok":1}}"#,
            r#"{"completed":{"call":1,"ok":0.5}}"#,
            r#"{"asked":{"id":1,"page":1,"name":"a"}}"#,
        ] {
            assert_eq!(read_event(&serde_json::from_str(line).unwrap()), None, "{line}");
        }
    }
}
