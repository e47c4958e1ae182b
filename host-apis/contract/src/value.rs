//! What travels in a call and its completion, whichever engine or bridge it came over.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value as Json;

/// The values of WIT as JavaScript sees them.
///
/// A WIT variant whose cases differ in kind (text or bytes) is its payload; any other is a record `{tag, val}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `none`, or no value at all.
    Null,
    /// A truth value.
    Bool(bool),
    /// Any WIT integer up to 53 bits.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// `string`, `char`, or the case of an enum.
    Text(String),
    /// `list<u8>`.
    Bytes(Vec<u8>),
    /// Any other list, or a tuple.
    List(Vec<Value>),
    /// A record.
    Record(BTreeMap<String, Value>),
}

/// The one member of the JSON form of bytes.
const BYTES: &str = "$bytes";

impl Value {
    /// The JSON form used on the bridge; bytes are `{"$bytes": "<base64>"}`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::from(*value),
            Self::Integer(value) => Json::from(*value),
            Self::Float(value) => Json::from(*value),
            Self::Text(value) => Json::from(value.as_str()),
            Self::Bytes(value) => {
                Json::Object([(BYTES.to_owned(), Json::from(STANDARD.encode(value)))].into_iter().collect())
            }
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Record(members) => {
                Json::Object(members.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
        }
    }

    /// Reads the JSON form; an object whose only member is `$bytes` with valid base64 is bytes.
    pub fn from_json(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Text(text),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from_json).collect()),
            Json::Object(members) => {
                let only = if members.len() == 1 { members.get(BYTES).and_then(Json::as_str) } else { None };
                match only.and_then(|text| STANDARD.decode(text).ok()) {
                    Some(bytes) => Self::Bytes(bytes),
                    None => {
                        Self::Record(members.into_iter().map(|(name, value)| (name, Self::from_json(value))).collect())
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_back_keeps_every_kind() {
        let record = Value::Record(BTreeMap::from([
            ("text".to_owned(), Value::Text("证".to_owned())),
            ("bytes".to_owned(), Value::Bytes(vec![0, 255, 7])),
            (
                "list".to_owned(),
                Value::List(vec![Value::Null, Value::Bool(true), Value::Integer(-3), Value::Float(0.5)]),
            ),
        ]));
        assert_eq!(Value::from_json(record.to_json()), record);
    }

    #[test]
    fn bytes_that_are_not_base64_stay_a_record() {
        let json = serde_json::json!({"$bytes": "not base64!"});
        assert!(matches!(Value::from_json(json), Value::Record(_)));
    }
}
