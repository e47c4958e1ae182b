//! Changing scalars inside a JSON text, and not one other byte of it: an app that writes its text again in its own way must
//! find it as it was.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// A scalar of a JSON text, or the name of a member.
pub(super) enum Scalar<'a> {
    /// The name of a member; whether it is personal is asked here, and so is another name for it.
    Name(&'a str),
    /// A text, and whether it belongs to somebody.
    Text(&'a str, bool),
    /// A number, `true`, `false` or `null` as it is written, and whether it belongs to somebody.
    Word(&'a str, bool),
}

/// What becomes of it.
pub(super) enum Change {
    /// Stays as it is written.
    Keep,
    /// Of a name: what stands under it belongs to somebody.
    Personal,
    /// Another text in its place.
    Text(String),
    /// Another number or word in its place.
    Word(String),
}

struct Level {
    is_object: bool,
    is_personal: bool,
}

/// The text with its scalars changed; none if it is not a JSON array, object or string.
pub(super) fn rewrite(
    text: &str,
    is_all_personal: bool,
    change: &mut dyn FnMut(Scalar<'_>) -> Change,
) -> Option<String> {
    let begins = text.trim_start().as_bytes().first();
    if !matches!(begins, Some(b'{' | b'[' | b'"')) || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return None;
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut levels: Vec<Level> = Vec::new();
    let (mut at, mut is_name, mut is_personal) = (0, false, is_all_personal);
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'"' => string_end(bytes, at),
            b'{' | b'[' => {
                levels.push(Level { is_object: byte == b'{', is_personal });
                is_name = byte == b'{';
                at + 1
            }
            b'}' | b']' => {
                levels.pop();
                at + 1
            }
            b',' => {
                is_name = levels.last().is_some_and(|level| level.is_object);
                is_personal = levels.last().map_or(is_all_personal, |level| level.is_personal);
                at + 1
            }
            b':' => {
                is_name = false;
                at + 1
            }
            _ if byte.is_ascii_whitespace() => at + 1,
            _ => bytes[at..].iter().position(|byte| b",]} \t\r\n".contains(byte)).map_or(bytes.len(), |n| at + n),
        };
        let span = text.get(at..end)?;
        let changed = match byte {
            b'"' => {
                let inner: Cow<'_, str> = serde_json::from_str(span).map(Cow::Owned).unwrap_or(Cow::Borrowed(span));
                if is_name {
                    is_personal = levels.last().map_or(is_all_personal, |level| level.is_personal);
                    match change(Scalar::Name(&inner)) {
                        Change::Personal => {
                            is_personal = true;
                            Change::Keep
                        }
                        changed => changed,
                    }
                } else {
                    change(Scalar::Text(&inner, is_personal))
                }
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => Change::Keep,
            _ if byte.is_ascii_whitespace() => Change::Keep,
            _ => change(Scalar::Word(span, is_personal)),
        };
        match changed {
            Change::Keep | Change::Personal => out.push_str(span),
            Change::Text(text) => out.push_str(&serde_json::Value::from(text).to_string()),
            Change::Word(word) => out.push_str(&word),
        }
        at = end;
    }
    Some(out)
}

/// Where a string ends that begins here; the text is known to be JSON.
fn string_end(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks all that belongs to somebody under `name` with an X, or a 0.
    fn marked(text: &str) -> Option<String> {
        rewrite(text, false, &mut |scalar| match scalar {
            Scalar::Name("name") => Change::Personal,
            Scalar::Text(_, true) => Change::Text("X".to_owned()),
            Scalar::Word(_, true) => Change::Word("0".to_owned()),
            _ => Change::Keep,
        })
    }

    #[test]
    fn only_what_was_asked_for_is_changed() {
        let text = " { \"a\" : [1, \"name\", {\"name\":\"N\\\"}\"}] ,\n\"name\": {\"x\":[\"y\",1.5e3,true], \"z\":null}, \"b\":\"\\u8bc1\", \"c\":2}";
        let wanted = " { \"a\" : [1, \"name\", {\"name\":\"X\"}] ,\n\"name\": {\"x\":[\"X\",0,0], \"z\":0}, \"b\":\"\\u8bc1\", \"c\":2}";
        assert_eq!(marked(text).as_deref(), Some(wanted));
        assert_eq!(marked(r#"{"name":[[1],2],"b":[1]}"#).as_deref(), Some(r#"{"name":[[0],0],"b":[1]}"#));
    }

    #[test]
    fn what_is_not_json_is_left_to_others() {
        for text in ["", "name", "12", "{", "{\"name\":}", "[1,]", "\"open"] {
            assert_eq!(marked(text), None, "{text}");
        }
    }

    #[test]
    fn a_thousand_levels_are_no_stack() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(marked(&text), Some(text));
    }
}
