//! Which keys a field wants, as the page's side tells the shell of a kiosk.

use serde::Deserialize;

/// How begins what is told of fields; no page can say it (`view/channel.js`).
pub(crate) const TOLD: &str = "{\"field\":";

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Keys {
    /// Letters, digits and signs.
    Latin,
    /// Digits, and what dates and amounts have between them.
    Number,
    /// Digits and the X that the number of an identity card may end with.
    Id,
}

/// Where the field is that has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the host's own page.
    Home,
    /// In this page of this run.
    Page(u64, u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    field: Option<Keys>,
}

/// What a text tells: the keys that are wanted, or that none are. No answer: it tells nothing of fields.
pub(crate) fn told(text: &str) -> Option<Option<Keys>> {
    if !text.starts_with(TOLD) || text.len() > 64 {
        return None;
    }
    serde_json::from_str(text).ok().map(|Told { field }| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_kinds_of_keys_can_be_asked_for() {
        assert_eq!(told(r#"{"field":"latin"}"#), Some(Some(Keys::Latin)));
        assert_eq!(told(r#"{"field":"id"}"#), Some(Some(Keys::Id)));
        assert_eq!(told(r#"{"field":null}"#), Some(None));
        for other in
            [r#"{"field":"emoji"}"#, r#"{"field":"id","type":"1"}"#, r#"{"id":1,"field":"id"}"#, "", "{\"field\":"]
        {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
