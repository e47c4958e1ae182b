//! The grammar of permissions: `host:<interface>[.<verb>]` with a scope that only ever narrows.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{card, clipboard, files, network, notify, open_app, print, scan, speech, telemetry};

/// A text or a scope is not a permission.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a permission: {why}")]
pub struct InvalidPermission {
    /// What was given.
    pub text: String,
    /// Why it cannot be one.
    pub why: &'static str,
}

/// `host:storage`, `host:card.read`, or a department's own `<department>:<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermissionName(String);

impl PermissionName {
    /// The permission for a whole host interface, such as `host:storage`.
    pub(crate) fn host(interface: &'static str) -> Self {
        Self(format!("host:{interface}"))
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Holding `host:card` includes `host:card.read`.
    pub fn includes(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl FromStr for PermissionName {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, InvalidPermission> {
        let refuse = |why| Err(InvalidPermission { text: text.to_owned(), why });
        let Some((space, name)) = text.split_once(':') else {
            return refuse("it has no namespace, as in host:storage");
        };
        let is_word = |word: &str| {
            (1..=63).contains(&word.len())
                && word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let words: Vec<&str> = name.split('.').collect();
        if !is_word(space) || words.len() > 2 || !words.into_iter().all(is_word) {
            return refuse("write <namespace>:<interface>[.<verb>] in a-z, 0-9 and -");
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for PermissionName {
    type Error = InvalidPermission;

    fn try_from(text: String) -> Result<Self, InvalidPermission> {
        text.parse()
    }
}

impl From<PermissionName> for String {
    fn from(name: PermissionName) -> String {
        name.0
    }
}

impl fmt::Display for PermissionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a permission is limited to: members that are lists (one of), whole numbers (at most) or `false` (not).
///
/// A member that is absent is no limit, so adding one narrows and removing one widens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Json>", into = "BTreeMap<String, Json>")]
pub struct Scope(BTreeMap<String, Json>);

impl Scope {
    /// Whether there is no limit at all.
    pub fn is_unlimited(&self) -> bool {
        self.0.is_empty()
    }

    /// The members as JSON, for showing.
    pub fn members(&self) -> &BTreeMap<String, Json> {
        &self.0
    }

    /// What is wrong with the scope of an interface that reads none.
    fn any_fault(&self) -> Option<String> {
        self.0.keys().next().map(|member| format!("`{member}` limits nothing here; leave the scope out"))
    }

    fn covers(&self, narrower: &Self) -> bool {
        self.0.iter().all(|(member, limit)| match (limit, narrower.0.get(member)) {
            (Json::Array(all), Some(Json::Array(some))) => some.iter().all(|one| all.contains(one)),
            (Json::Number(most), Some(Json::Number(less))) => less.as_u64() <= most.as_u64(),
            (Json::Bool(wide), Some(Json::Bool(narrow))) => *wide || !narrow,
            _ => false,
        })
    }
}

impl TryFrom<BTreeMap<String, Json>> for Scope {
    type Error = InvalidPermission;

    fn try_from(members: BTreeMap<String, Json>) -> Result<Self, InvalidPermission> {
        let is_limit = |limit: &Json| match limit {
            Json::Array(items) => items.iter().all(|item| item.is_string() || item.is_u64()),
            Json::Number(number) => number.is_u64(),
            Json::Bool(_) => true,
            _ => false,
        };
        match members.iter().find(|(_, limit)| !is_limit(limit)) {
            None => Ok(Self(members)),
            Some((member, _)) => Err(InvalidPermission {
                text: member.clone(),
                why: "a scope member is a list of texts or whole numbers, a whole number, or true or false",
            }),
        }
    }
}

impl From<Scope> for BTreeMap<String, Json> {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

/// What an interface finds wrong with a scope.
type ScopeFault = fn(&Scope) -> Option<String>;

/// A permission as it is signed: a name and what it is limited to. The reason an author gives stays in the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// What may be asked.
    pub name: PermissionName,
    /// What it is limited to.
    #[serde(default, skip_serializing_if = "Scope::is_unlimited")]
    pub scope: Scope,
}

impl Permission {
    /// A permission without limits.
    pub fn unlimited(name: PermissionName) -> Self {
        Self { name, scope: Scope::default() }
    }

    /// A permission with one limit.
    pub(crate) fn limited(name: PermissionName, member: &str, limit: Json) -> Self {
        Self { name, scope: Scope(BTreeMap::from([(member.to_owned(), limit)])) }
    }

    /// What is wrong with the scope of a permission whose interface reads it; nothing can be granted for it.
    pub fn scope_fault(&self) -> Option<String> {
        let of_interface: [(PermissionName, ScopeFault); 10] = [
            (network::permission_name(), network::scope_fault),
            (print::permission_name(), print::scope_fault),
            (card::permission_name(), card::scope_fault),
            (speech::permission_name(), Scope::any_fault),
            (clipboard::permission_name(), Scope::any_fault),
            (scan::permission_name(), Scope::any_fault),
            (notify::permission_name(), Scope::any_fault),
            (files::permission_name(), files::scope_fault),
            (open_app::permission_name(), open_app::scope_fault),
            (telemetry::permission_name(), telemetry::scope_fault),
        ];
        let (_, fault) = of_interface.into_iter().find(|(name, _)| name.includes(&self.name))?;
        fault(&self.scope)
    }

    /// Whether whoever holds this may do all that the other allows.
    pub fn covers(&self, other: &Self) -> bool {
        self.name.includes(&other.name) && self.scope.covers(&other.scope)
    }

    /// Those of `wanted` that no permission in `held` covers: what a release would widen.
    pub fn beyond<'a>(held: &[Self], wanted: &'a [Self]) -> Vec<&'a Self> {
        wanted.iter().filter(|want| !held.iter().any(|have| have.covers(want))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(json: &str) -> Permission {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn names_have_a_namespace_and_at_most_one_verb() {
        for good in ["host:storage", "host:card.read", "residence:case-data"] {
            assert!(good.parse::<PermissionName>().is_ok(), "{good}");
        }
        for bad in
            ["storage", "host:", ":storage", "host:a.b.c", "Host:storage", "host:sto rage", "host:storage\u{202e}"]
        {
            assert!(bad.parse::<PermissionName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_scope_only_narrows() {
        let wide = permission(r#"{"name":"host:network","scope":{"domains":["a.example","b.example"],"bytes":100}}"#);
        let narrow = permission(r#"{"name":"host:network","scope":{"domains":["a.example"],"bytes":50}}"#);
        let unlimited = permission(r#"{"name":"host:network"}"#);
        assert!(wide.covers(&narrow) && !narrow.covers(&wide));
        assert!(unlimited.covers(&wide) && !wide.covers(&unlimited));
    }

    #[test]
    fn a_permission_without_a_verb_includes_its_verbs() {
        assert!(permission(r#"{"name":"host:card"}"#).covers(&permission(r#"{"name":"host:card.read"}"#)));
        assert!(!permission(r#"{"name":"host:card.read"}"#).covers(&permission(r#"{"name":"host:card"}"#)));
        assert!(!permission(r#"{"name":"host:car"}"#).covers(&permission(r#"{"name":"host:card"}"#)));
    }

    #[test]
    fn a_scope_of_objects_or_fractions_is_refused() {
        assert!(serde_json::from_str::<Permission>(r#"{"name":"host:network","scope":{"domains":{}}}"#).is_err());
        assert!(serde_json::from_str::<Permission>(r#"{"name":"host:network","scope":{"bytes":1.5}}"#).is_err());
        assert!(serde_json::from_str::<Permission>(r#"{"name":"host:network","reason":"x"}"#).is_err());
    }
}
