//! What the host offers to scripts, read from the very types that authors get.

use std::collections::{BTreeMap, BTreeSet};

use super::secrets::Words;

/// About a call whose permission is not asked for: `check/undeclared-permission`.
pub const UNDECLARED: Words = Words {
    en: (
        "the app calls this and does not ask for `{name}`, so every call is denied",
        "add { \"name\": \"{name}\", \"reason\": \"…\" } to `req_permissions` in manifest.json",
    ),
    zh: (
        "应用调用了它，却没有申请 `{name}`，每次都会被拒绝",
        "在 manifest.json 的 `req_permissions` 里加上 { \"name\": \"{name}\", \"reason\": \"…\" }",
    ),
};

const TYPES: &str = include_str!("../../../../host-apis/types/index.d.ts");

/// One member of the global `guichet`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// What may be called or read; empty for a plain value.
    pub members: BTreeSet<&'static str>,
    /// The permission that its calls need.
    pub permission: Option<&'static str>,
}

/// The members of `guichet` by their JavaScript names.
pub fn interfaces() -> BTreeMap<&'static str, Interface> {
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

/// The permission that a mentioned call needs: `guichet.storage.get` of a script, or `guichet:app/storage@0.1.0#get` of a
/// component. None for what needs no permission, and an error for what no host has.
pub fn permission(call: &str) -> Result<Option<&'static str>, UnknownInterface> {
    let interface = match call.strip_prefix("guichet.") {
        Some(rest) => rest.split('.').next().unwrap_or_default().to_owned(),
        None => {
            let interface = call.strip_prefix("guichet:app/").ok_or(UnknownInterface)?;
            let name = interface.split(['@', '#']).next().unwrap_or_default();
            let parts = name.split('-').enumerate().map(|(number, part)| match number {
                0 => part.to_owned(),
                _ => part.get(..1).unwrap_or_default().to_uppercase() + part.get(1..).unwrap_or_default(),
            });
            parts.collect()
        }
    };
    interfaces().get(interface.as_str()).map(|known| known.permission).ok_or(UnknownInterface)
}

/// No host has an interface of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownInterface;

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

    #[test]
    fn a_call_of_a_script_and_an_import_of_a_component_need_the_same() {
        for call in ["guichet.storage.get", "guichet.storage", "guichet:app/storage@0.1.0#get"] {
            assert_eq!(permission(call), Ok(Some("host:storage")), "{call}");
        }
        assert_eq!(permission("guichet:app/app-info@0.1.0#get"), Ok(None));
        for call in ["guichet.camera.take", "wasi:cli/stdout@0.2.0#get-stdout", "env#f"] {
            assert_eq!(permission(call), Err(UnknownInterface), "{call}");
        }
    }
}
