//! Comparing what two pages show: the first place, in the order of the document, where they differ.
//!
//! A tree is what `view/watch.js` of the shell reads out of a page: a text, or `{tag, attributes?, now?, children?}`, where
//! `now` is what somebody has entered. Where a journal has a token, anything is the same.

use serde_json::{Map, Value as Json};

/// Where two trees differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// As a selector, with ` @name` for an attribute and ` .name` for what was entered.
    pub(crate) place: String,
    /// What the first has there.
    pub(crate) expected: Option<String>,
    /// What the second has there.
    pub(crate) got: Option<String>,
}

/// The first difference; none if what they show is the same.
pub(crate) fn difference(expected: &Json, got: &Json) -> Option<Place> {
    nodes(Some(expected), Some(got), "", &step(expected, 1))
}

fn nodes(expected: Option<&Json>, got: Option<&Json>, above: &str, step: &str) -> Option<Place> {
    let here = || if above.is_empty() { step.to_owned() } else { format!("{above} > {step}") };
    let whole = || Some(Place { place: here(), expected: expected.map(html), got: got.map(html) });
    match (expected, got) {
        (Some(Json::String(one)), Some(Json::String(other))) => {
            if alike(one, other) {
                None
            } else {
                whole()
            }
        }
        (Some(Json::Object(one)), Some(Json::Object(other))) if one.get("tag") == other.get("tag") => {
            let here = here();
            let children = |node: &Map<String, Json>| {
                node.get("children").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default().to_vec()
            };
            members(one, other, "attributes", &format!("{here} @"))
                .or_else(|| members(one, other, "now", &format!("{here} .")))
                .or_else(|| {
                    let (one, other) = (children(one), children(other));
                    (0..one.len().max(other.len())).find_map(|at| {
                        let (one, other) = (one.get(at), other.get(at));
                        nodes(one, other, &here, &self::step(one.or(other)?, at + 1))
                    })
                })
        }
        _ => whole(),
    }
}

fn members(one: &Map<String, Json>, other: &Map<String, Json>, member: &str, place: &str) -> Option<Place> {
    let nothing = Map::new();
    let of = |node: &Map<String, Json>| node.get(member).and_then(Json::as_object).cloned();
    let (one, other) = (of(one).unwrap_or_else(|| nothing.clone()), of(other).unwrap_or(nothing));
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.into_iter().find_map(|name| {
        let (expected, got) = (one.get(name), other.get(name));
        let is_same = match (expected, got) {
            (Some(Json::String(expected)), Some(Json::String(got))) => alike(expected, got),
            (Some(Json::String(expected)), _) => alike(expected, ""),
            (expected, got) => expected == got,
        };
        let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (!is_same).then(|| Place { place: format!("{place}{name}"), expected: expected.map(text), got: got.map(text) })
    })
}

/// Whether two texts are the same, save where the first has tokens.
fn alike(expected: &str, got: &str) -> bool {
    if expected == got {
        return true;
    }
    let mut parts = without_tokens(expected);
    let last = if parts.len() > 1 { parts.pop() } else { return false };
    let (Some(first), Some(last)) = (parts.first().copied(), last) else { return false };
    let Some(mut rest) = got.strip_prefix(first) else { return false };
    for part in parts.into_iter().skip(1) {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// What stands before, between and after the tokens.
fn without_tokens(text: &str) -> Vec<&str> {
    const BEGIN: &str = "~personal-";
    let (mut parts, mut from, mut search) = (Vec::new(), 0, 0);
    while let Some(at) = text.get(search..).and_then(|rest| rest.find(BEGIN)).map(|at| search + at) {
        let after = at + BEGIN.len();
        let digits = text.get(after..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
        let end = after + digits;
        if digits > 0 && text.as_bytes().get(end) == Some(&b'~') {
            parts.push(text.get(from..at).unwrap_or_default());
            from = end + 1;
        }
        search = end;
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

fn step(node: &Json, number: usize) -> String {
    let Some(tag) = node["tag"].as_str() else { return format!("text({number})") };
    let attribute = |name: &str| node["attributes"][name].as_str();
    match (tag, attribute("id")) {
        ("html" | "head" | "body", _) => tag.to_owned(),
        (_, Some(id)) => format!("{tag}#{id}"),
        _ => format!("{tag}({number})"),
    }
}

/// A node as one would write it.
fn html(node: &Json) -> String {
    let Some(tag) = node["tag"].as_str() else { return node.as_str().unwrap_or_default().to_owned() };
    let mut text = format!("<{tag}");
    for (name, value) in ["attributes", "now"].iter().filter_map(|member| node[*member].as_object()).flatten() {
        text += &match value {
            Json::String(value) => format!(" {name}={value:?}"),
            value => format!(" {name}={value}"),
        };
    }
    text += ">";
    node["children"].as_array().into_iter().flatten().for_each(|child| text += &html(child));
    text + &format!("</{tag}>")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(note: &Json, value: &str) -> Json {
        json!({"tag": "html", "children": [{"tag": "body", "children": [
            {"tag": "p", "attributes": {"class": "a"}, "children": ["hello"]},
            {"tag": "input", "attributes": {"id": "name"}, "now": {"value": value}},
            note,
        ]}]})
    }

    fn found(expected: &Json, got: &Json) -> (String, String, String) {
        let Place { place, expected, got } = difference(expected, got).expect("they differ");
        (place, expected.unwrap_or_default(), got.unwrap_or_default())
    }

    #[test]
    fn the_first_place_in_the_order_of_the_document_is_named() {
        let one = page(&json!("kept"), "Ada");
        assert_eq!(difference(&one, &one), None);
        let said = |other: &Json| {
            let (place, expected, got) = found(&one, other);
            format!("{place}: {expected} / {got}")
        };
        assert_eq!(said(&page(&json!("lost"), "Ada")), "html > body > text(3): kept / lost");
        assert_eq!(said(&page(&json!("lost"), "Bo")), "html > body > input#name .value: Ada / Bo");
        let box_ = json!({"tag": "b", "attributes": {"title": "x"}, "children": ["kept"]});
        assert_eq!(said(&page(&box_, "Ada")), r#"html > body > text(3): kept / <b title="x">kept</b>"#);
        let mut other = one.clone();
        other["children"][0]["children"][0]["attributes"] = json!({"hidden": ""});
        assert_eq!(said(&other), "html > body > p(1) @class: a / ");
        let mut other = one.clone();
        other["children"][0]["children"].as_array_mut().unwrap().truncate(2);
        assert_eq!(said(&other), "html > body > text(3): kept / ");
        assert_eq!(found(&other, &one).2, "kept", "and the other way round");
    }

    #[test]
    fn where_something_personal_stood_anything_is_the_same() {
        for (expected, got) in [
            ("~personal-1~", ""),
            ("~personal-1~", "Ada"),
            ("for ~personal-500000001~ (~personal-2~)", "for Ada (1815)"),
            ("~personal-1~-11-27", "2026-11-27"),
            ("a~personal-1~b~personal-2~c", "axbybc"),
        ] {
            assert!(alike(expected, got), "{expected} {got}");
        }
        for (expected, got) in [
            ("for ~personal-1~.", "of Ada."),
            ("for ~personal-1~.", "for Ada!"),
            ("~personal-x~", "Ada"),
            ("~personal-1", "Ada"),
            ("Ada", "~personal-1~"),
            ("ab~personal-1~bc", "abc"),
        ] {
            assert!(!alike(expected, got), "{expected} {got}");
        }
        let one = json!({"tag": "input", "now": {"checked": "~personal-0~"}});
        assert_eq!(difference(&one, &json!({"tag": "input", "now": {"checked": true}})), None);
    }
}
