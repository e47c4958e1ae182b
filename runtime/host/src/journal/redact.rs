//! Keeping personal data out of a journal, by what the manifest declares (`guichet.personal`).
//!
//! A value that belongs to somebody becomes a token, the same one wherever the value appears again. So logic that only
//! carries it puts out the token when the journal is replayed, just where the value had been. A replay treats its own
//! outputs in the same way: tokens stay what they are, and what is new gets the next one.

use std::collections::{BTreeMap, BTreeSet};

use guichet_contract::{Failure, Value};
use guichet_engine::{Event, Output};

use super::scan::{Change, Scalar, rewrite};

mod address;
mod page;

/// A text that belongs to somebody is looked for in every other text if it has this many bytes: shorter ones are words of any
/// sentence.
const LEAST_BYTES: usize = 4;
/// Most values that are looked for.
const MOST_VALUES: usize = 4096;
/// JSON texts in JSON texts in JSON texts are read this deep.
const MOST_LAYERS: u32 = 4;
/// Numbers that belong to somebody become this and more: no time, no amount, and exact in JavaScript.
const FIRST_NUMBER: u64 = 900_000_000_000;
const NUMBERS: u64 = 1_000_000_000;
/// Begins an entry of the declaration that is about keys of the storage.
pub(super) const STORAGE: &str = "storage:";

/// One session's redaction.
#[derive(Default)]
pub(super) struct Redactor {
    names: BTreeSet<String>,
    prefixes: Vec<String>,
    tokens: BTreeMap<String, String>,
    /// Those that are looked for everywhere, the longest first.
    sought: Vec<String>,
    last: u64,
    /// Calls that read a key under one of the prefixes.
    reading: BTreeSet<u32>,
    /// How many tokens of another were taken over.
    learned: usize,
}

impl Redactor {
    /// By the entries of `guichet.personal`.
    pub(super) fn new(declared: &[String]) -> Self {
        let mut redactor = Self::default();
        for entry in declared {
            match entry.strip_prefix(STORAGE) {
                Some(prefix) => redactor.prefixes.push(prefix.to_owned()),
                None => drop(redactor.names.insert(entry.clone())),
            }
        }
        redactor
    }

    /// Whether anything was declared.
    pub(super) fn is_asked(&self) -> bool {
        !(self.names.is_empty() && self.prefixes.is_empty())
    }

    pub(super) fn event(&mut self, event: &Event) -> Event {
        let mut event = event.clone();
        if !self.is_asked() {
            return event;
        }
        match &mut event {
            Event::Launched { query, referrer, .. } => {
                *query = self.query(query);
                *referrer = self.text(referrer, false, 0);
            }
            Event::Page { query, .. } => *query = self.query(query),
            Event::Asked { input, .. } => *input = self.text(input, false, 0),
            Event::Completed { call, result: Ok(value) } => {
                let is_personal = self.reading.remove(call);
                self.value(value, is_personal);
            }
            Event::Completed { result: Err(failure), .. } => {
                let (Failure::Denied(text) | Failure::Unavailable(text) | Failure::Invalid(text)) = failure;
                *text = self.text(text, false, 0);
            }
            Event::Phase(_) => {}
        }
        event
    }

    pub(super) fn output(&mut self, output: &Output) -> Output {
        let mut output = output.clone();
        if !self.is_asked() {
            return output;
        }
        match &mut output {
            Output::Start { call, interface, function, arguments } => {
                let is_personal = match (interface.as_str(), arguments.first()) {
                    ("storage", Some(Value::Text(key))) => self.prefixes.iter().any(|prefix| key.starts_with(prefix)),
                    _ => false,
                };
                if is_personal && function == "get" {
                    self.reading.insert(*call);
                }
                for (at, argument) in arguments.iter_mut().enumerate() {
                    self.value(argument, is_personal && function == "set" && at == 1);
                }
            }
            Output::Tell { arguments, .. } => arguments.iter_mut().for_each(|argument| self.value(argument, false)),
            Output::Forget { call } => drop(self.reading.remove(call)),
        }
        output
    }

    /// Words that came with an ending.
    pub(super) fn words(&mut self, text: &str) -> String {
        if self.is_asked() { self.text(text, false, 0) } else { text.to_owned() }
    }

    fn value(&mut self, value: &mut Value, is_personal: bool) {
        match value {
            Value::Text(text) => *text = self.text(text, is_personal, 0),
            Value::Bytes(bytes) if is_personal => {
                let text = std::str::from_utf8(bytes).ok().filter(|text| number_of(text).is_some());
                let token = match text {
                    Some(token) => self.token(token),
                    None => self.token(&crate::home::hex_of(bytes)),
                };
                *bytes = token.into_bytes();
            }
            Value::Integer(number) if is_personal => {
                let word = self.number(&number.to_string());
                *number = word.parse().unwrap_or_default();
            }
            Value::Bool(value) if is_personal => *value = false,
            Value::Float(number) if is_personal => *number = 0.0,
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item, is_personal)),
            Value::Record(members) => {
                for (name, value) in members {
                    let is_personal = is_personal || self.names.contains(name);
                    self.value(value, is_personal);
                }
            }
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Bytes(_) => {}
        }
    }

    /// Texts are often JSON: then it is their scalars that count.
    fn text(&mut self, text: &str, is_personal: bool, layer: u32) -> String {
        let inside = |scalar: Scalar<'_>| self.scalar(&scalar, layer + 1);
        let mut inside = inside;
        let rewritten = if layer < MOST_LAYERS { rewrite(text, is_personal, &mut inside) } else { None };
        match rewritten {
            Some(rewritten) => rewritten,
            None if is_personal => self.token(text),
            None => self.address(text, layer),
        }
    }

    fn scalar(&mut self, scalar: &Scalar<'_>, layer: u32) -> Change {
        match *scalar {
            Scalar::Name(name) if self.names.contains(name) => Change::Personal,
            Scalar::Name(text) => changed(text, self.sought_in(text)),
            Scalar::Text(text, is_personal) => changed(text, self.text(text, is_personal, layer)),
            Scalar::Word("true", true) => Change::Word("false".to_owned()),
            Scalar::Word("false" | "null", _) | Scalar::Word(_, false) => Change::Keep,
            Scalar::Word(number, true) => Change::Word(self.number(number)),
        }
    }

    /// The token of a text; nothing belongs to nobody.
    fn token(&mut self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        if let Some(number) = number_of(text) {
            self.last = self.last.max(number);
            return text.to_owned();
        }
        if let Some(token) = self.tokens.get(text) {
            return token.clone();
        }
        self.last += 1;
        let token = format!("~personal-{}~", self.last);
        self.tokens.insert(text.to_owned(), token.clone());
        self.seek(text);
        token
    }

    fn number(&mut self, word: &str) -> String {
        let own = word.parse().ok().and_then(|number: u64| number.checked_sub(FIRST_NUMBER));
        if let Some(number) = own.filter(|number| *number < NUMBERS) {
            self.last = self.last.max(number);
            return word.to_owned();
        }
        if let Some(token) = self.tokens.get(word).and_then(|token| number_of(token)) {
            return (FIRST_NUMBER + token).to_string();
        }
        self.last += 1;
        self.tokens.insert(word.to_owned(), format!("~personal-{}~", self.last));
        (FIRST_NUMBER + self.last % NUMBERS).to_string()
    }

    fn sought_in(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.sought {
            if text.contains(value.as_str())
                && let Some(token) = self.tokens.get(value)
            {
                text = text.replace(value.as_str(), token);
            }
        }
        text
    }
}

/// The number of a token; none if the text is no token.
fn number_of(text: &str) -> Option<u64> {
    text.strip_prefix("~personal-")?.strip_suffix('~')?.parse().ok()
}

fn changed(before: &str, after: String) -> Change {
    if before == after { Change::Keep } else { Change::Text(after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn redactor() -> Redactor {
        Redactor::new(&["name", "id", "storage:draft/"].map(str::to_owned))
    }

    pub(super) fn asked(redactor: &mut Redactor, input: &str) -> String {
        let event = Event::Asked { id: 1, page: 1, name: "keep".to_owned(), input: input.to_owned() };
        let Event::Asked { input, .. } = redactor.event(&event) else { panic!("a question") };
        input
    }

    pub(super) fn told(redactor: &mut Redactor, text: &str) -> String {
        let output = Output::Tell {
            interface: "log".to_owned(),
            function: "write".to_owned(),
            arguments: vec![Value::Text(text.to_owned())],
        };
        let Output::Tell { arguments, .. } = redactor.output(&output) else { panic!("told") };
        let [Value::Text(text)] = arguments.as_slice() else { panic!("one text") };
        text.clone()
    }

    fn start(redactor: &mut Redactor, call: u32, function: &str, arguments: &[Value]) -> Vec<Value> {
        let output = Output::Start {
            call,
            interface: "storage".to_owned(),
            function: function.to_owned(),
            arguments: arguments.to_vec(),
        };
        let Output::Start { arguments, .. } = redactor.output(&output) else { panic!("a call") };
        arguments
    }

    #[test]
    fn a_value_has_one_token_wherever_it_appears() {
        let mut redactor = redactor();
        let input = r#"{ "step": 1, "fields": {"name":"张三","id":["110101"], "area":"urban"}}"#;
        let wanted = r#"{ "step": 1, "fields": {"name":"~personal-1~","id":["~personal-2~"], "area":"urban"}}"#;
        assert_eq!(asked(&mut redactor, input), wanted);
        assert_eq!(told(&mut redactor, "kept 张三 (110101)"), "kept ~personal-1~ (~personal-2~)");
        assert_eq!(
            told(&mut redactor, r#"{"张三":"{\"text\":\"for 张三\"}"}"#),
            r#"{"~personal-1~":"{\"text\":\"for ~personal-1~\"}"}"#
        );
    }

    #[test]
    fn short_words_are_not_looked_for_elsewhere() {
        let mut redactor = redactor();
        assert_eq!(asked(&mut redactor, r#"{"name":"Bo","id":""}"#), r#"{"name":"~personal-1~","id":""}"#);
        assert_eq!(told(&mut redactor, "Boot"), "Boot");
    }

    #[test]
    fn numbers_stay_numbers_and_truth_is_not_told() {
        let mut redactor = redactor();
        let input = r#"{"id":[42,4.5,true,null],"n":42}"#;
        assert_eq!(asked(&mut redactor, input), r#"{"id":[900000000001,900000000002,false,null],"n":42}"#);
        assert_eq!(asked(&mut redactor, r#"{"id":42}"#), r#"{"id":900000000001}"#);
    }

    #[test]
    fn what_lies_under_a_declared_key_is_all_personal() {
        let mut redactor = redactor();
        let text = |text: &str| Value::Text(text.to_owned());
        let kept = start(&mut redactor, 1, "set", &[text("draft/1"), text(r#"{"a":"secret","b":[7]}"#)]);
        assert_eq!(kept, [text("draft/1"), text(r#"{"a":"~personal-1~","b":[900000000002]}"#)]);
        assert_eq!(start(&mut redactor, 2, "set", &[text("plain"), text("open")]), [text("plain"), text("open")]);
        start(&mut redactor, 3, "get", &[text("draft/2")]);
        start(&mut redactor, 4, "get", &[text("plain")]);
        let completed = |call, value| Event::Completed { call, result: Ok(value) };
        assert_eq!(redactor.event(&completed(3, text("other"))), completed(3, text("~personal-3~")));
        assert_eq!(redactor.event(&completed(4, text("other one"))), completed(4, text("~personal-3~ one")));
        start(&mut redactor, 5, "get", &[text("draft/3")]);
        let bytes = redactor.event(&completed(5, Value::Bytes(vec![0, 9])));
        assert_eq!(bytes, completed(5, Value::Bytes(b"~personal-4~".to_vec())));
    }

    /// What makes a replay agree: a second redaction of the first's result changes nothing, and counts on from there.
    #[test]
    fn tokens_are_what_they_are() {
        let (mut first, mut second) = (redactor(), redactor());
        let input = r#"{"name":"Ada Lovelace","id":1815}"#;
        let redacted = asked(&mut first, input);
        assert_eq!(asked(&mut second, &redacted), redacted);
        let new = r#"{"name":"Somebody else"}"#;
        assert_eq!(told(&mut first, new), told(&mut second, new));
        assert_eq!(told(&mut second, "for ~personal-1~"), "for ~personal-1~");
    }

    #[test]
    fn nothing_declared_is_nothing_changed() {
        let mut redactor = Redactor::new(&[]);
        assert!(!redactor.is_asked());
        assert_eq!(asked(&mut redactor, r#"{"name":"张三"}"#), r#"{"name":"张三"}"#);
    }
}
