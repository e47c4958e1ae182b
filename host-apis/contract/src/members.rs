//! The members of a record of the WIT, taken one by one; what is not what it should be is none.

use std::collections::BTreeMap;

use crate::Value;

/// The members that are left.
pub(crate) struct Members(BTreeMap<String, Value>);

impl Members {
    /// Of a record; none if it is something else.
    pub(crate) fn of(value: Value) -> Option<Self> {
        match value {
            Value::Record(members) => Some(Self(members)),
            _ => None,
        }
    }

    /// A member; [`Value::Null`] if it is left out.
    pub(crate) fn take(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or(Value::Null)
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&mut self, name: &str) -> Option<Vec<Value>> {
        match self.take(name) {
            Value::List(items) => Some(items),
            _ => None,
        }
    }
}

/// A record of these members.
pub(crate) fn record<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Record(members.map(|(name, value)| (name.to_owned(), value)).into())
}
