//! Values as the pages show them.

use std::collections::BTreeMap;

use guichet_api::SubmissionState;
use guichet_contract::Scope;
use jiff::Timestamp;

use super::words::Language;

/// A time to the minute; the store keeps UTC and says so.
pub(super) fn time(at_ms: u64) -> String {
    let milliseconds = i64::try_from(at_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| at_ms.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// A day; the store keeps UTC.
pub(super) fn day(at_ms: u64) -> String {
    let time = time(at_ms);
    time.split(' ').next().unwrap_or_default().to_owned()
}

/// What a browser calls itself, as people would: `Firefox, Windows`.
pub(super) fn browser(agent: &str) -> String {
    let first = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // Each calls itself by the names of those before it, too.
    let program = first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program}, {system}"),
        _ if agent.is_empty() => "–".to_owned(),
        _ => agent.to_owned(),
    }
}

/// A length in the unit that leaves at most three digits before the point.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => tenths(bytes, 1000, "KB"),
        1_000_000.. => tenths(bytes, 1_000_000, "MB"),
    }
}

fn tenths(bytes: u64, unit: u64, name: &str) -> String {
    let tenths = bytes.saturating_mul(10) / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// The name for a reader of this language, else the manifest's own.
pub(super) fn localized(names: &BTreeMap<String, String>, language: Language) -> &str {
    let prefix = language.short();
    names
        .iter()
        .find(|(tag, _)| tag.to_ascii_lowercase().starts_with(prefix))
        .or_else(|| names.get_key_value("default"))
        .or_else(|| names.first_key_value())
        .map_or("", |(_, name)| name)
}

/// A scope in one line: `domains: a.example, b.example; bytes: 50`.
pub(super) fn scope(scope: &Scope, unlimited: &str) -> String {
    if scope.is_unlimited() {
        return unlimited.to_owned();
    }
    let member = |(name, limit): (&String, &serde_json::Value)| {
        let limit = match limit {
            serde_json::Value::Array(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
                items.join(", ")
            }
            other => other.to_string(),
        };
        format!("{name}: {limit}")
    };
    scope.members().iter().map(member).collect::<Vec<_>>().join("; ")
}

/// The tint of a state's tag; its word is always beside it.
pub(super) fn tint(state: SubmissionState) -> &'static str {
    match state {
        SubmissionState::Submitted | SubmissionState::Scanning => "info",
        SubmissionState::InReview | SubmissionState::Trial | SubmissionState::ChangesRequested => "warn",
        SubmissionState::Approved | SubmissionState::Released => "good",
        SubmissionState::Quarantined | SubmissionState::Paused | SubmissionState::Recalled => "bad",
        SubmissionState::Draft | SubmissionState::Superseded | SubmissionState::Archived | SubmissionState::Unknown => {
            ""
        }
    }
}

/// The icon of a state's tag.
pub(super) fn icon(state: SubmissionState) -> &'static str {
    match state {
        SubmissionState::Submitted | SubmissionState::Scanning => "clock",
        SubmissionState::InReview | SubmissionState::Trial => "users",
        SubmissionState::Approved | SubmissionState::Released => "check",
        SubmissionState::ChangesRequested => "alert",
        SubmissionState::Quarantined | SubmissionState::Paused | SubmissionState::Recalled => "stop",
        SubmissionState::Superseded => "arrow",
        SubmissionState::Draft | SubmissionState::Archived | SubmissionState::Unknown => "minus",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sizes_and_scopes_read_like_text() {
        assert_eq!(time(1_795_420_800_000), "2026-11-23 08:00 UTC");
        assert_eq!([size(999), size(1000), size(212_345), size(5_250_000)], ["999 B", "1.0 KB", "212.3 KB", "5.2 MB"]);
        let limits: Scope = serde_json::from_str(r#"{"domains":["a.example","b.example"],"bytes":50}"#).unwrap();
        assert_eq!(scope(&limits, "-"), "bytes: 50; domains: a.example, b.example");
        assert_eq!(scope(&Scope::default(), "-"), "-");
    }

    #[test]
    fn a_browser_is_called_as_people_call_it() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
                "Chrome, Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0",
                "Edge, Windows",
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, macOS"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iOS"),
            ("curl/8.5", "curl/8.5"),
            ("", "–"),
        ] {
            assert_eq!(browser(agent), name);
        }
    }

    #[test]
    fn a_name_falls_back_to_the_manifests_own() {
        let names =
            BTreeMap::from([("default".to_owned(), "Permit".to_owned()), ("zh-Hans".to_owned(), "居住证".to_owned())]);
        assert_eq!(localized(&names, Language::Chinese), "居住证");
        assert_eq!(localized(&names, Language::English), "Permit");
    }
}
