//! Localizing a manifest from `i18n/<tag>.json` (P-L6, M-base-5).
//!
//! MiniApp Packaging fixes the files (JSON objects of texts, nested at will, one per BCP 47 tag) but not how a manifest
//! refers to them. Our reading: the manifest's own texts are plain text in its `lang`, so that every W3C host can show
//! them, and a localization resource may carry an object `manifest` with the same members in its language:
//!
//! ```json
//! {"manifest": {"name": "居住证", "description": "…", "window": {"navigation_bar_title_text": "…"},
//!               "req_permissions": {"host:storage": "…"}, "widgets": {"widgets/next": "…"},
//!               "tabs": {"pages/home": "…"}}}
//! ```
//!
//! Permissions are keyed by name and hold the reason; widgets and tabs are keyed by path and hold the name. What a resource does
//! not say stays as it is in the manifest.

use serde_json::{Map, Value};

use super::Manifest;
use crate::{PackagePath, json};

/// One `i18n/<tag>.json`, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocalizationResource(Map<String, Value>);

/// A localization resource that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidResource(String);

impl LocalizationResource {
    /// Reads an object whose values are texts or such objects.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidResource> {
        match json::parse(bytes) {
            Ok(Value::Object(object)) if is_texts(&object) => Ok(Self(object)),
            Ok(_) => Err(InvalidResource("it is not an object of texts".to_owned())),
            Err(json::JsonFault::NotJson(why) | json::JsonFault::DuplicateMember(why)) => Err(InvalidResource(why)),
        }
    }

    /// The text under nested names, such as `["manifest", "name"]`.
    pub fn text(&self, names: &[&str]) -> Option<&str> {
        let (last, folders) = names.split_last()?;
        let mut object = &self.0;
        for name in folders {
            object = object.get(*name)?.as_object()?;
        }
        object.get(*last)?.as_str()
    }
}

fn is_texts(object: &Map<String, Value>) -> bool {
    object.values().all(|value| value.is_string() || value.as_object().is_some_and(is_texts))
}

impl Manifest {
    /// The manifest in the language of a localization resource.
    pub fn localized(&self, resource: &LocalizationResource) -> Self {
        let mut localized = self.clone();
        let text = |names: &[&str]| {
            let names: Vec<&str> = ["manifest"].into_iter().chain(names.iter().copied()).collect();
            resource.text(&names).map(str::to_owned)
        };
        let replace = |old: &mut Option<String>, new: Option<String>| {
            if new.is_some() {
                *old = new;
            }
        };
        if let Some(name) = text(&["name"]) {
            localized.name = name;
        }
        replace(&mut localized.short_name, text(&["short_name"]));
        replace(&mut localized.description, text(&["description"]));
        replace(&mut localized.window.navigation_bar_title_text, text(&["window", "navigation_bar_title_text"]));
        for request in &mut localized.req_permissions {
            replace(&mut request.reason, text(&["req_permissions", request.permission.name.as_str()]));
        }
        for widget in &mut localized.widgets {
            if let Some(name) = text(&["widgets", widget.path.as_str()]) {
                widget.name = name;
            }
        }
        for tab in &mut localized.guichet.tabs {
            if let Some(name) = text(&["tabs", tab.page.as_str()]) {
                tab.name = name;
            }
        }
        localized
    }
}

/// The localization resource that fits a language best among a package's files, if any does.
///
/// RFC 4647 lookup: the tag itself, then shorter and shorter. A Chinese tag with a region finds the script of that
/// region, and a language alone finds any resource in it.
pub fn resource_for<'a>(lang: &str, paths: impl Iterator<Item = &'a PackagePath>) -> Option<&'a PackagePath> {
    let resources: Vec<(&str, &PackagePath)> = paths.filter_map(|path| Some((tag_of(path)?, path))).collect();
    let find = |wanted: &str| resources.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted)).map(|(_, path)| *path);
    let any = || resources.iter().find(|(tag, _)| speaks(tag, lang)).map(|(_, path)| *path);
    ranges(lang).iter().find_map(|range| find(range)).or_else(any)
}

/// Whether texts in one language are texts in another: the same language, and for Chinese the same script.
pub(super) fn speaks(tag: &str, wanted: &str) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    primary(tag) == primary(wanted) && script_of(tag) == script_of(wanted)
}

/// The tag of a path `i18n/<tag>.json`.
fn tag_of(path: &PackagePath) -> Option<&str> {
    path.as_str().strip_prefix("i18n/")?.strip_suffix(".json").filter(|tag| !tag.contains('/'))
}

fn ranges(lang: &str) -> Vec<String> {
    let mut ranges = vec![lang.to_owned()];
    let mut rest = lang;
    while let Some((shorter, _)) = rest.rsplit_once('-') {
        ranges.push(shorter.to_owned());
        rest = shorter;
    }
    if let Some(script) = script_of(lang) {
        let last = ranges.len() - 1;
        ranges.insert(last, format!("zh-{script}"));
    }
    ranges
}

/// The script Chinese is written in under this tag, if it says so or its region does.
fn script_of(lang: &str) -> Option<&'static str> {
    let mut subtags = lang.split('-').map(str::to_ascii_lowercase);
    if subtags.next().as_deref() != Some("zh") {
        return None;
    }
    subtags
        .find_map(|subtag| match subtag.as_str() {
            "hant" | "tw" | "hk" | "mo" => Some("Hant"),
            "hans" | "cn" | "sg" | "my" => Some("Hans"),
            _ => None,
        })
        .or(Some("Hans"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lang: &str, tags: &[&str], expected: Option<&str>) {
        let paths: Vec<PackagePath> = tags.iter().map(|tag| format!("i18n/{tag}.json").parse().unwrap()).collect();
        let found = resource_for(lang, paths.iter()).and_then(tag_of);
        assert_eq!(found, expected, "{lang} among {tags:?}");
    }

    #[test]
    fn the_nearest_language_is_found() {
        check("en", &["en", "zh-Hans"], Some("en"));
        check("en-US", &["en", "zh-Hans"], Some("en"));
        check("EN-gb", &["zh-Hans", "en"], Some("en"));
        check("zh-CN", &["en", "zh-Hans", "zh-Hant"], Some("zh-Hans"));
        check("zh-TW", &["en", "zh-Hans", "zh-Hant"], Some("zh-Hant"));
        check("zh", &["en", "zh-Hans"], Some("zh-Hans"));
        check("zh-Hans-CN", &["zh-CN", "en"], Some("zh-CN"));
        check("zh-Hant", &["zh-Hans", "en"], None);
        check("en", &["en-US"], Some("en-US"));
        check("fr", &["en", "zh-Hans"], None);
        check("en", &[], None);
    }

    #[test]
    fn only_files_of_the_i18n_folder_are_resources() {
        let paths: [PackagePath; 3] = ["en.json", "i18n/more/en.json", "i18n/en.txt"].map(|path| path.parse().unwrap());
        assert_eq!(resource_for("en", paths.iter()), None);
    }

    #[test]
    fn a_resource_holds_nested_texts_only() {
        let resource = LocalizationResource::parse(br#"{"title":"A","page":{"main":"B"}}"#).unwrap();
        assert_eq!(resource.text(&["page", "main"]), Some("B"));
        assert_eq!(resource.text(&["page"]), None);
        for bad in ["[]", r#"{"a":1}"#, r#"{"a":{"b":["c"]}}"#, r#"{"a":"b","a":"c"}"#, "{"] {
            assert!(LocalizationResource::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
