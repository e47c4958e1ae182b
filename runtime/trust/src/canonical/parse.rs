//! A strict reader of JSON: what two readers could understand differently is refused.

use std::{cell::RefCell, fmt};

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{MAX_DEPTH, MAX_INTEGER};
use crate::{Refusal, refusal::Reason};

pub(super) fn value(bytes: &[u8]) -> Result<Value, Refusal> {
    let refused = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0, refused: &refused }.deserialize(&mut deserializer);
    value.and_then(|value| deserializer.end().map(|()| value)).map_err(|error| {
        // serde errors are text; the reason was put aside where it arose.
        refused.take().unwrap_or_else(|| Reason::JsonSyntax(error.to_string())).into()
    })
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    refused: &'a RefCell<Option<Reason>>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(self, reason: Reason) -> E {
        let error = E::custom(&reason);
        *self.refused.borrow_mut() = Some(reason);
        error
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(Reason::JsonDepth(MAX_DEPTH)));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_INTEGER { Err(self.refuse(Reason::JsonNumber(value.to_string()))) } else { Ok(value.into()) }
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        let safe = value.unsigned_abs() <= MAX_INTEGER;
        if safe { Ok(value.into()) } else { Err(self.refuse(Reason::JsonNumber(value.to_string()))) }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Err(self.refuse(Reason::JsonNumber(format!("{value:?}"))))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(Reason::JsonDuplicate(name)));
            }
            let member = members.next_value_seed(inner)?;
            object.insert(name, member);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::canonical;

    fn check(text: &str, class: &str) {
        assert_eq!(value(text.as_bytes()).map_err(|refusal| refusal.class()), Err(class), "{text}");
    }

    #[test]
    fn plain_json_is_read() {
        assert_eq!(
            value(r#" {"a":[1,-1,0,"é\n",true,null,{}]} "#.as_bytes()),
            Ok(json!({"a": [1, -1, 0, "é\n", true, null, {}]}))
        );
    }

    #[test]
    fn ambiguous_json_is_refused() {
        check(r#"{"a":1,"a":1}"#, "json/duplicate-member");
        check(r#"{"a":1,"\u0061":2}"#, "json/duplicate-member");
        check(r#"[{"x":{"b":1,"b":2}}]"#, "json/duplicate-member");
        for number in ["1.0", "1e3", "-0", "0.1", "9007199254740992", "-9007199254740992", "18446744073709551616"] {
            check(number, "json/number");
        }
        for syntax in
            ["", "{", "[1,]", "01", "+1", "NaN", "{'a':1}", "1 2", "[] x", "\u{feff}{}", r#""\ud800""#, "tru", "\"\n\""]
        {
            check(syntax, "json/syntax");
        }
        assert_eq!(value(b"\"\xff\"").unwrap_err().class(), "json/syntax");
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(value(nested(MAX_DEPTH).as_bytes()).is_ok());
        check(&nested(MAX_DEPTH + 1), "json/depth");
        check(&"[".repeat(1_000_000), "json/depth");
        check(&r#"{"a":"#.repeat(100_000), "json/depth");
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = value(&bytes);
        }

        #[test]
        fn what_is_written_reads_back(entries in proptest::collection::btree_map(".*", (any::<i32>(), ".*"), 0..8)) {
            let object = json!(entries);
            let bytes = canonical::to_vec(&object).unwrap();
            prop_assert_eq!(canonical::parse_canonical::<Value>(&bytes), Ok(object));
        }
    }
}
