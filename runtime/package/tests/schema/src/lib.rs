//! docs/reference/manifest.schema.json accepts a manifest exactly if the parser reads it as it is written: without a
//! refusal and without a note. Where a schema cannot see what the parser sees, the case is named here.

#![cfg(test)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use guichet_package::{Refusal, manifest::process};
use jsonschema::Validator;
use serde_json::{Value, json};

/// Good by the schema, although the parser has something to say.
const BEYOND: &[(&str, &str)] = &[
    ("G2-widgets-only", "an app of widgets only is a way of ours; the note is for other hosts"),
    ("G6-first-widget", "the same"),
    ("M-base-4-other-start", "that `start_url` names the first of `pages` takes a look at both"),
    ("M-pages-2-none-left", "where `..` leads is counted"),
    ("M-window-background_color-wrong", "the names of colours are CSS's"),
    ("P-A15-escaped", "where `..` leads is counted"),
    ("P-A15-widgets", "where `..` leads is counted"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../..")
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text.replace("__APP_ID__", "gov.example.repairs")).unwrap()
}

fn schema() -> Validator {
    jsonschema::draft202012::new(&read(&root().join("docs/reference/manifest.schema.json"))).unwrap()
}

/// What the parser makes of a manifest: nothing to say, notes, or the class of a refusal.
#[derive(Debug, PartialEq)]
enum Parsed {
    AsWritten,
    Noted(Vec<String>),
    Refused(&'static str),
}

fn parse(manifest: &Value) -> Parsed {
    match process(manifest.to_string().as_bytes()) {
        Ok((_, notes)) if notes.is_empty() => Parsed::AsWritten,
        Ok((_, notes)) => Parsed::Noted(notes.iter().map(ToString::to_string).collect()),
        Err(refusal) => Parsed::Refused(Refusal::from(refusal).class()),
    }
}

/// The manifests of the conformance suite that differ from its base by members.
fn cases() -> Vec<(String, Value)> {
    let suite = root().join("fixtures/conformance");
    let base = read(&suite.join("base/manifest.json"));
    let mut cases = Vec::new();
    for entry in fs::read_dir(&suite).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("input.json").is_file() {
            continue;
        }
        let input = read(&folder.join("input.json"));
        let mut manifest = base.clone();
        for (pointer, value) in input["set"].as_object().into_iter().flatten() {
            set(&mut manifest, pointer, Some(value.clone()));
        }
        for pointer in input["remove"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            set(&mut manifest, pointer, None);
        }
        cases.push((folder.file_name().unwrap().to_str().unwrap().to_owned(), manifest));
    }
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    cases
}

fn set(manifest: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match (manifest.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => drop(members.insert(name.to_owned(), value)),
        (Some(Value::Object(members)), None) => drop(members.remove(name)),
        (Some(Value::Array(items)), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        (Some(Value::Array(items)), None) => drop(items.remove(name.parse().unwrap())),
        (other, _) => panic!("nothing at {pointer}: {other:?}"),
    }
}

fn said(schema: &Validator, manifest: &Value) -> Vec<String> {
    schema.iter_errors(manifest).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_schema_is_one_of_its_draft_and_describes_every_member() {
    let document = read(&root().join("docs/reference/manifest.schema.json"));
    assert!(jsonschema::meta::is_valid(&document));
    for (name, member) in document["properties"].as_object().unwrap() {
        assert!(member["description"].is_string(), "{name} has no description");
    }
}

/// The names in the lists of members that the parser knows.
fn known(file: &str, list: &str) -> Vec<String> {
    let source = fs::read_to_string(root().join("runtime/package/src/manifest").join(file)).unwrap();
    let text = source.split(list).nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let mut names: Vec<_> = text.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn the_schema_has_the_members_that_the_parser_knows() {
    let document = read(&root().join("docs/reference/manifest.schema.json"));
    let members = |pointer: &str| {
        let mut names: Vec<_> = document.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(members("/properties"), known("process.rs", "const KNOWN: &[&str] = &["));
    assert_eq!(members("/properties/window/properties"), known("window.rs", "const KNOWN: &[&str] = &["));
    assert_eq!(members("/properties/guichet/properties"), known("extension.rs", "note_unknown(&["));
    assert_eq!(members("/properties/req_permissions/items/properties"), known("process.rs", "note_unknown(&["));
}

#[test]
fn every_case_of_the_suite_is_judged_as_the_parser_judges_it() {
    let schema = schema();
    let cases = cases();
    assert!(cases.len() > 250, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, manifest) in &cases {
        let (parsed, said) = (parse(manifest), said(&schema, manifest));
        let is_beyond = BEYOND.iter().any(|(known, _)| known == name);
        let agree = (parsed == Parsed::AsWritten) == said.is_empty();
        if agree == is_beyond {
            wrong.push(format!("{name}: {parsed:?}, and the schema says {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn our_own_manifests_are_good() {
    let schema = schema();
    let root = root();
    let below = |folder: &str| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = below("packager/templates").chain(below("samples")).map(|folder| folder.join("manifest.json"));
    let files: Vec<_> = files.filter(|file| file.is_file()).collect();
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let manifest = read(&file);
        assert_eq!(parse(&manifest), Parsed::AsWritten, "{}", file.display());
        assert_eq!(said(&schema, &manifest), Vec::<String>::new(), "{}", file.display());
    }
}

/// A manifest that has every member there is.
fn full() -> Value {
    json!({
        "$schema": "./manifest.schema.json",
        "app_id": "gov.example.full",
        "color_scheme": "dark",
        "description": "All of it.",
        "device_type": ["phone"],
        "dir": "ltr",
        "guichet": {"logic": "logic.wasm", "glaze": "moss", "storage_version": 2, "personal": ["name", "storage:draft/"],
                    "requires": ["print"],
                    "tabs": [{"page": "pages/home", "name": "Home"}, {"page": "pages/form", "name": "Form"}]},
        "icons": [{"src": "common/icon.svg", "sizes": "48x48 any", "label": "A moss arch"}],
        "lang": "zh-Hans",
        "name": "Full",
        "pages": ["pages/home", "/pages/form.html"],
        "platform_version": {"min_code": 1, "target_code": 1, "release_type": "Release"},
        "req_permissions": [
            {"name": "host:storage", "reason": "Keeps it."},
            {"name": "host:network", "reason": "Asks.", "scope": {"domains": ["data.example.gov"], "most": 3, "write": false}}
        ],
        "scope": ".",
        "short_name": "Full",
        "start_url": "pages/home",
        "version": {"code": 1, "name": "1.0.0"},
        "widgets": [{"name": "Next", "path": "widgets/next", "min_code": "1"}],
        "window": {
            "auto_design_width": true, "background_color": "#eff3f1", "background_text_style": "light", "design_width": 375,
            "enable_pull_down_refresh": true, "fullscreen": true, "navigation_bar_background_color": "rgb(1, 2, 3)",
            "navigation_bar_text_style": "black", "navigation_bar_title_text": "Full", "navigation_style": "custom",
            "on_reach_bottom_distance": 0, "orientation": "landscape"
        }
    })
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect()
        }
        _ => Vec::new(),
    };
    for (place, value) in below {
        places(value, &place, found);
        found.push(place);
    }
}

/// What a schema cannot see: whether a text is a colour's name, and that `start_url` is the first of `pages`. Where it is
/// narrower on purpose: `$schema`, which no host reads, and `domains`, of which `guichet check` says the same. That a tab
/// is one of `pages`, and of those only once, takes a look at both.
fn is_beyond(place: &str, value: Option<&Value>) -> bool {
    match place {
        "/start_url" | "/pages" | "/pages/0" | "/pages/1" | "/$schema" => true,
        _ if place.starts_with("/guichet/tabs/") && place.ends_with("/page") => true,
        _ if place.contains("/scope/domains") => true,
        _ if place.ends_with("_color") => {
            value.and_then(Value::as_str).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_alphabetic()))
        }
        _ => false,
    }
}

/// Every member of the fullest manifest, left out or replaced by a value of every kind.
#[test]
fn every_member_with_every_kind_of_value_is_judged_as_the_parser_judges_it() {
    let schema = schema();
    assert_eq!((parse(&full()), said(&schema, &full())), (Parsed::AsWritten, Vec::new()));
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(1.5),
        json!(-1),
        json!(4_294_967_296_u64),
        json!(""),
        json!(" "),
        json!("a"),
        json!("A text"),
        json!("1"),
        json!("a.b"),
        json!("https://a.example/x"),
        json!("a?b"),
        json!("a:b"),
        json!("a*b"),
        json!("a//b"),
        json!("light"),
        json!("en-GB"),
        json!("host:storage.get"),
        json!("#123"),
        json!("#12345"),
        json!("."),
        json!([]),
        json!(["a"]),
        json!([1]),
        json!([{}]),
        json!({}),
        json!({"x": 1}),
        json!({"x": "y"}),
    ];
    let mut all = Vec::new();
    places(&full(), "", &mut all);
    let (mut judged, mut wrong) = (0, Vec::new());
    for place in &all {
        for value in std::iter::once(None).chain(values.iter().map(Some)) {
            if is_beyond(place, value) {
                continue;
            }
            let mut manifest = full();
            set(&mut manifest, place, value.cloned());
            let (parsed, said) = (parse(&manifest), said(&schema, &manifest));
            judged += 1;
            if (parsed == Parsed::AsWritten) != said.is_empty() {
                wrong.push(format!("{place} = {value:?}: {parsed:?}, and the schema says {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {judged}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(judged > 1500, "{judged}");
}
