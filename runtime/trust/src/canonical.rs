//! Canonical JSON: one sequence of bytes for one value, integers only; and a parser that refuses what is ambiguous.
//!
//! Everything Guichet signs is RFC 8785. TUF documents are signed over the older OLPC form, which differs in how
//! strings are escaped and members sorted; it stays inside this crate.

mod parse;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Refusal, refusal::Reason};

/// Levels of arrays and objects that are read or written.
pub const MAX_DEPTH: usize = 32;

/// The largest integer every JSON reader keeps exactly.
pub(crate) const MAX_INTEGER: u64 = 9_007_199_254_740_991;

/// The RFC 8785 bytes of `value`; floats and integers beyond 2^53 - 1 are refused.
pub fn to_vec(value: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    let value = serde_json::to_value(value).map_err(|error| Reason::JsonShape(error.to_string()))?;
    write(&value, Form::Rfc8785)
}

/// Reads one JSON value; a duplicate member, a number that is not a safe integer, more than [`MAX_DEPTH`] levels and
/// bytes after the end are refused.
pub fn parse(bytes: &[u8]) -> Result<Value, Refusal> {
    parse::value(bytes)
}

/// Reads one JSON value strictly, as a `T`.
pub fn parse_as<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    shape(parse(bytes)?)
}

/// Reads a `T` from bytes that must be exactly the canonical form of what they say.
pub fn parse_canonical<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let value = parse(bytes)?;
    if write(&value, Form::Rfc8785)? != bytes {
        return Err(Reason::JsonNotCanonical.into());
    }
    shape(value)
}

/// The OLPC canonical bytes of `value`, over which TUF documents are signed.
pub(crate) fn olpc(value: &Value) -> Result<Vec<u8>, Refusal> {
    write(value, Form::Olpc)
}

fn shape<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| Reason::JsonShape(error.to_string()).into())
}

#[derive(Clone, Copy)]
enum Form {
    Rfc8785,
    Olpc,
}

fn write(value: &Value, form: Form) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    form.value(value, 0, &mut out)?;
    Ok(out)
}

impl Form {
    fn value(self, value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match value {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Number(number) => {
                let safe = number.as_i64().is_some_and(|integer| integer.unsigned_abs() <= MAX_INTEGER);
                if !safe {
                    return Err(Reason::JsonNumber(number.to_string()).into());
                }
                out.extend_from_slice(number.to_string().as_bytes());
            }
            Value::String(text) => self.string(text, out)?,
            Value::Array(items) => {
                let depth = deeper(depth)?;
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    self.value(item, depth, out)?;
                }
                out.push(b']');
            }
            Value::Object(members) => {
                let depth = deeper(depth)?;
                let mut members: Vec<_> = members.iter().collect();
                match self {
                    Self::Rfc8785 => members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16())),
                    Self::Olpc => members.sort_by_key(|(name, _)| name.as_bytes()),
                }
                out.push(b'{');
                for (index, (name, member)) in members.into_iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    self.string(name, out)?;
                    out.push(b':');
                    self.value(member, depth, out)?;
                }
                out.push(b'}');
            }
        }
        Ok(())
    }

    fn string(self, text: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match self {
            // serde_json escapes exactly what RFC 8785 section 3.2.2.2 escapes.
            Self::Rfc8785 => serde_json::to_writer(out, text).map_err(|error| Reason::JsonShape(error.to_string()))?,
            Self::Olpc => {
                out.push(b'"');
                for byte in text.bytes() {
                    if matches!(byte, b'"' | b'\\') {
                        out.push(b'\\');
                    }
                    out.push(byte);
                }
                out.push(b'"');
            }
        }
        Ok(())
    }
}

fn deeper(depth: usize) -> Result<usize, Refusal> {
    if depth == MAX_DEPTH { Err(Reason::JsonDepth(MAX_DEPTH).into()) } else { Ok(depth + 1) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rfc(value: &Value) -> String {
        String::from_utf8(to_vec(value).unwrap()).unwrap()
    }

    #[test]
    fn members_are_sorted_and_nothing_is_spaced() {
        insta::assert_snapshot!(rfc(&json!({"b": [1, -2, null], "a": {"z": true, "y": false}, "": ""})),
            @r#"{"":"","a":{"y":false,"z":true},"b":[1,-2,null]}"#);
    }

    #[test]
    fn rfc_8785_sorts_by_utf_16_and_olpc_by_bytes() {
        // U+FB33 comes after U+1F600 in UTF-16 (0xD83D first) and before it in UTF-8: RFC 8785 section 3.2.3.
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2});
        assert_eq!(rfc(&value), "{\"\u{1f600}\":2,\"\u{fb33}\":1}");
        assert_eq!(olpc(&value).unwrap(), "{\"\u{fb33}\":1,\"\u{1f600}\":2}".as_bytes());
    }

    #[test]
    fn the_forms_escape_differently() {
        let value = json!("\u{20ac}$\u{f}\nA'\u{42}\"\\\u{7f}/");
        assert_eq!(rfc(&value), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\u{7f}/\"");
        assert_eq!(olpc(&value).unwrap(), "\"\u{20ac}$\u{f}\nA'B\\\"\\\\\u{7f}/\"".as_bytes());
    }

    #[test]
    fn numbers_that_readers_disagree_about_are_not_written() {
        assert_eq!(rfc(&json!([MAX_INTEGER, -9_007_199_254_740_991_i64])), "[9007199254740991,-9007199254740991]");
        for number in [json!(1.5), json!(1.0), json!(MAX_INTEGER + 1), json!(u64::MAX), json!(i64::MIN)] {
            assert_eq!(to_vec(&number).unwrap_err().class(), "json/number", "{number}");
        }
    }

    #[test]
    fn only_the_canonical_bytes_are_canonical() {
        assert_eq!(parse_canonical::<Value>(br#"{"a":1,"b":2}"#), Ok(json!({"a": 1, "b": 2})));
        for other in [r#"{"b":2,"a":1}"#, r#"{"a":1, "b":2}"#, "{\"a\":1,\"b\":2}\n", r#"{"\u0061":1,"b":2}"#] {
            assert_eq!(
                parse_canonical::<Value>(other.as_bytes()).unwrap_err().class(),
                "json/not-canonical",
                "{other}"
            );
        }
    }
}
