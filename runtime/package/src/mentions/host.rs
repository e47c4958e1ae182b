//! What the host offers to scripts, read from the very types that authors get.

use std::collections::{BTreeMap, BTreeSet};

const TYPES: &str = include_str!("../../../host-apis/types/index.d.ts");

/// One member of the global `guichet`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Interface {
    /// What may be called or read; empty for a plain value.
    pub(crate) members: BTreeSet<&'static str>,
    /// The permission that its calls need.
    pub(crate) permission: Option<&'static str>,
}

/// The members of `guichet` by their JavaScript names.
pub(crate) fn interfaces() -> BTreeMap<&'static str, Interface> {
    let global = TYPES.split("declare const guichet: {").nth(1).and_then(|rest| rest.split("\n};").next());
    let mut found = BTreeMap::new();
    let mut permission = None;
    for line in global.unwrap_or_default().lines().map(str::trim) {
        if let Some((name, kind)) = line.strip_prefix("readonly ").and_then(|rest| rest.split_once(": ")) {
            let kind = kind.trim_end_matches(';');
            let members = kind.strip_prefix("Guichet.").map(members).unwrap_or_default();
            found.insert(name, Interface { members, permission: permission.take() });
        } else if let Some((_, rest)) = line.split_once("Permission `") {
            permission = rest.split('`').next();
        }
    }
    found
}

/// The members of one interface of the namespace.
fn members(interface: &str) -> BTreeSet<&'static str> {
    let opening = format!("\n  interface {interface} {{\n");
    let body = TYPES.split_once(&opening).and_then(|(_, rest)| rest.split("\n  }").next()).unwrap_or_default();
    let name = |line: &'static str| {
        let line = line.strip_prefix("    ")?.trim_start_matches("readonly ");
        let end = line.find(|c: char| !c.is_ascii_alphanumeric())?;
        line.get(..end).filter(|name| !name.is_empty())
    };
    body.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_say_what_there_is_and_what_it_needs() {
        let all = interfaces();
        let storage = &all["storage"];
        assert_eq!(storage.members, BTreeSet::from(["get", "keys", "remove", "set"]));
        assert_eq!(storage.permission, Some("host:storage"));
        assert_eq!(all["navigation"].members, BTreeSet::from(["back", "navigate", "redirect"]));
        assert_eq!(all["navigation"].permission, None);
        assert!(all["page"].members.contains("onupdate") && all["appInfo"].members.contains("get"));
        assert!(all["lang"].members.is_empty());
    }
}
