//! Realistic mistakes: each a small change to a good app, found where it is, and gone after its fix. The reference shows
//! the same table.

use std::{fmt::Write as _, path::Path};

use super::{Files, Found, Origin, fixed};
use crate::{args::TemplateName, lang::Lang, project::Project, template};

/// What is done wrong to the template `page`.
enum Change {
    /// A file has this text instead of that.
    Text(&'static str, &'static str, &'static str),
    /// A file is there with this beginning.
    Added(&'static str, &'static [u8]),
    /// A file is gone.
    Gone(&'static str),
}

/// What mends it.
enum Fix {
    /// `--fix`.
    Automatic,
    /// The hint, followed by hand: what is wrong is not done.
    Undo,
    /// The hint, followed by hand: a file has another text instead.
    Hand(&'static str, &'static str, &'static str),
}

/// In words, done, the class, the file and line that are named (0: the whole file), mended.
type Mistake = (&'static str, Change, &'static str, &'static str, usize, Fix);

use Change::{Added, Gone, Text};
use Fix::{Automatic, Hand, Undo};

const HOME: &str = "pages/home.html";
const SCRIPT: &str = "pages/home.js";
const REPORT: &str = "pages/report.html";
const MANIFEST: &str = "manifest.json";
const DRAW: &str = "draw(await";
const REQUEST: &str = "\"req_permissions\": [";

/// By file: pages, scripts of pages, styles, the logic, the manifest, the package.
#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    ("a script from a CDN", Text(HOME, "src=\"home.js\"", "src=\"https://cdn.example/vue.js\""), "web/remote-script", HOME, 9, Undo),
    ("a style sheet from a CDN", Text(HOME, "href=\"home.css\"", "href=\"//cdn.example/a.css\""), "web/remote-style", HOME, 8, Undo),
    ("a picture from the network", Text(HOME, "<main>", "<main><img alt=\"\" src=\"https://img.example/a.png\">"), "web/remote-image", HOME, 12, Hand(HOME, "https://img.example/a.png", "../common/icon.svg")),
    ("`Home.js` for `home.js`", Text(HOME, "src=\"home.js\"", "src=\"Home.js\""), "web/wrong-case", HOME, 9, Automatic),
    ("a link to a page that is not there", Text(HOME, "href=\"report.html\"", "href=\"reports.html\""), "web/missing-file", HOME, 16, Undo),
    ("a link to a page that the manifest does not list", Text(MANIFEST, ", \"pages/report\"", ""), "check/unlisted-page", HOME, 16, Automatic),
    ("`onclick`", Text(HOME, "<main>", "<main onclick=\"go()\">"), "web/inline-handler", HOME, 12, Undo),
    ("a script inside the page", Text(HOME, "<main>", "<script>go()</script><main>"), "web/inline-script", HOME, 12, Hand(HOME, "<script>go()</script>", "<script src=\"../common/words.js\"></script>")),
    ("an import map", Text(HOME, "<meta charset", "<script type=\"importmap\">{}</script><meta charset"), "web/import-map", HOME, 4, Undo),
    ("a `javascript:` address", Text(HOME, "<main>", "<a href=\"javascript:go()\">x</a><main>"), "web/javascript-url", HOME, 12, Hand(HOME, "<a href=\"javascript:go()\">x</a>", "<button id=\"go\">x</button>")),
    ("a frame", Text(HOME, "<main>", "<iframe src=\"x\"></iframe><main>"), "web/frame", HOME, 12, Hand(HOME, "<iframe src=\"x\"></iframe>", "<a href=\"report.html\">x</a>")),
    ("a form that sends itself", Text(REPORT, "<form id", "<form action=\"/send\" id"), "web/form", REPORT, 17, Hand(REPORT, " action=\"/send\"", "")),
    ("`<base>`", Text(HOME, "<meta charset", "<base href=\"/app/\"><meta charset"), "web/base-element", HOME, 4, Undo),
    ("a refresh", Text(HOME, "<meta charset", "<meta http-equiv=\"refresh\" content=\"0\"><meta charset"), "web/meta-refresh", HOME, 4, Undo),
    ("`v-if` in the page itself", Text(HOME, "<main>", "<main v-if=\"open\">"), "web/template-compiler", HOME, 12, Undo),
    ("the logic as a script of the page", Text(HOME, "src=\"home.js\"", "src=\"../app.js\""), "web/app-js", HOME, 9, Undo),
    ("a page in no language", Text(HOME, "<html lang=\"zh-Hans\">", "<html>"), "web/no-lang", HOME, 2, Automatic),
    ("a picture without a text", Text(HOME, "<main>", "<main><img src=\"../common/icon.svg\">"), "web/no-alt", HOME, 12, Hand(HOME, "<img ", "<img alt=\"\" ")),
    ("a field without a label", Text(HOME, "<main>", "<main><input id=\"q\">"), "web/no-label", HOME, 12, Hand(HOME, "<input id=\"q\">", "<label for=\"q\">?</label><input id=\"q\">")),

    ("`eval`", Text(SCRIPT, DRAW, "eval(\"1\"); draw(await"), "web/eval", SCRIPT, 38, Undo),
    ("a timer that is given text", Text(SCRIPT, DRAW, "setTimeout(\"go()\", 9); draw(await"), "web/eval", SCRIPT, 38, Hand(SCRIPT, "\"go()\"", "() => go()")),
    ("a template that is compiled in the page", Text(SCRIPT, DRAW, "make({ template: \"<p>{{ a }}</p>\" }); draw(await"), "web/template-compiler", SCRIPT, 38, Undo),
    ("a WebSocket", Text(SCRIPT, DRAW, "new WebSocket(\"wss://a.example\"); draw(await"), "web/channel", SCRIPT, 38, Undo),
    ("an import only a bundler finds", Text(SCRIPT, "../common/words.js", "vue"), "web/bare-import", SCRIPT, 1, Undo),
    ("an import from a CDN", Text(SCRIPT, "../common/words.js", "https://esm.example/vue"), "web/remote-module", SCRIPT, 1, Undo),
    ("an import of `Words.js`", Text(SCRIPT, "../common/words.js", "../common/Words.js"), "web/wrong-case", SCRIPT, 1, Automatic),
    ("an import of a file that is not there", Text(SCRIPT, "../common/words.js", "../common/texts.js"), "web/missing-file", SCRIPT, 1, Undo),
    ("cookies", Text(SCRIPT, DRAW, "document.cookie = \"a=1\"; draw(await"), "web/cookies", SCRIPT, 38, Undo),
    ("`localStorage`", Text(SCRIPT, DRAW, "localStorage.a = 1; draw(await"), "web/not-kept", SCRIPT, 38, Hand(SCRIPT, "localStorage.a = 1", "guichet.storage.set(\"a\", \"1\")")),
    ("a service worker", Text(SCRIPT, DRAW, "navigator.serviceWorker.register(\"sw.js\"); draw(await"), "web/service-worker", SCRIPT, 38, Undo),
    ("a request to a host that is not declared", Text(SCRIPT, DRAW, "fetch(\"https://api.example/x\"); draw(await"), "web/undeclared-host", SCRIPT, 38, Hand(MANIFEST, REQUEST, "\"req_permissions\": [{ \"name\": \"host:network\", \"reason\": \"查询。\", \"scope\": { \"domains\": [\"api.example\"] } },")),
    ("a request without encryption", Text(SCRIPT, DRAW, "fetch(\"http://api.example/x\"); draw(await"), "web/insecure-request", SCRIPT, 38, Undo),
    ("a router that uses the path", Text(SCRIPT, DRAW, "history.pushState(0, \"\", \"router-link-active\"); draw(await"), "web/history", SCRIPT, 38, Undo),
    ("the position of the device", Text(SCRIPT, DRAW, "navigator.geolocation.watchPosition(go); draw(await"), "web/unsupported-api", SCRIPT, 38, Undo),
    ("a host call that there is not", Text(SCRIPT, "guichet.logic.call", "guichet.logic.ask"), "check/unknown-call", SCRIPT, 24, Undo),
    ("going to a page that there is not", Text(SCRIPT, DRAW, "guichet.navigation.navigate(\"pages/raport\"); draw(await"), "check/unknown-page", SCRIPT, 38, Hand(SCRIPT, "pages/raport", "pages/report")),

    ("a style sheet that imports from the network", Text("app.css", "", "@import url(https://fonts.example/a);\n"), "web/remote-style", "app.css", 1, Undo),
    ("a font that is not there", Text("app.css", "", "@font-face { font-family: A;\n  src: url(\"common/a.woff2\"); }\n"), "web/missing-file", "app.css", 2, Undo),
    ("a background from the network", Text("app.css", "", "\n\nbody { background: url('//img.example/a.png'); }\n"), "web/remote-file", "app.css", 3, Hand("app.css", "//img.example/a.png", "common/icon.svg")),

    ("logic that reaches for the page", Text("app.js", "const KINDS", "document.title;\nconst KINDS"), "web/no-page", "app.js", 4, Undo),
    ("a script that cannot be read", Text("app.js", "const KINDS", "const const KINDS"), "check/syntax", "app.js", 4, Undo),
    ("a random text in the source", Text("app.js", "const KINDS", "const KEY = \"q8Zr4TfW1xLp9KvB2nYc7HsDj3MgEa6U\";\nconst KINDS"), "check/random-text", "app.js", 4, Undo),
    ("a key of a cloud in the source", Text("app.js", "const KINDS", "const KEY = \"AKIAABCDEFGHIJKLMNOP\";\nconst KINDS"), "check/secret", "app.js", 4, Undo),
    ("a permission that is not asked for", Text(MANIFEST, "\"host:storage\"", "\"works:x\""), "check/undeclared-permission", "app.js", 14, Undo),

    ("a manifest that is no JSON", Text(MANIFEST, "\"lang\": \"zh-Hans\",", "\"lang\": \"zh-Hans\",,"), "manifest/not-json", MANIFEST, 8, Undo),
    ("an app id that is none", Text(MANIFEST, "gov.example.app", "Gov.Example"), "manifest/app-id", MANIFEST, 3, Undo),
    ("an app without a name", Text(MANIFEST, "  \"name\": \"街面报修\",\n", ""), "manifest/missing-member", MANIFEST, 1, Undo),
    ("a page path that is wrong", Text(MANIFEST, "pages/report", "pages/raport"), "layout/missing-page", MANIFEST, 11, Undo),
    ("an icon that is not there", Text(MANIFEST, "common/icon.svg", "common/ikon.svg"), "check/missing-icon", MANIFEST, 7, Undo),
    ("a language that is none", Text(MANIFEST, "\"zh-Hans\"", "\"zh_CN\""), "check/manifest-note", MANIFEST, 8, Undo),
    ("a permission that no terminal knows", Text(MANIFEST, REQUEST, "\"req_permissions\": [{ \"name\": \"host:camera\", \"reason\": \"拍照。\" },"), "check/unknown-permission", MANIFEST, 12, Undo),
    ("a permission nobody uses", Text(MANIFEST, REQUEST, "\"req_permissions\": [{ \"name\": \"host:network\", \"reason\": \"查询。\", \"scope\": { \"domains\": [\"api.example\"] } },"), "check/unused-permission", MANIFEST, 12, Undo),
    ("a permission without a reason", Text(MANIFEST, ", \"reason\": \"在这台设备上保存您的报修记录和草稿。\"", ""), "check/no-reason", MANIFEST, 13, Undo),
    ("the network without hosts", Text(MANIFEST, REQUEST, "\"req_permissions\": [{ \"name\": \"host:network\", \"reason\": \"查询。\" },"), "check/scope", MANIFEST, 12, Undo),

    ("a picture of 4 000 by 3 000 pixels", Added("common/photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x0f\xa0\0\0\x0b\xb8\x08\x02\0\0\0"), "check/large-image", "common/photo.png", 0, Undo),
    ("no `app.css`", Gone("app.css"), "layout/missing-file", MANIFEST, 0, Undo),
];

fn template(name: TemplateName) -> Files {
    let files = template::files(name, &"gov.example.app".parse().unwrap());
    let packed = files.into_iter().filter(|(path, _)| {
        let is_for_the_desk = path.ends_with(".d.ts") || path.starts_with("tests/") || path == "manifest.schema.json";
        let is_packed = !path.ends_with("README.md") && !is_for_the_desk && path != "jsconfig.json";
        !path.starts_with('.') && !path.starts_with("logic/") && is_packed
    });
    packed.map(|(path, text)| (path.parse().unwrap(), text.into_bytes())).collect()
}

fn good() -> Files {
    template(TemplateName::Page)
}

fn check(files: &Files) -> Vec<Found> {
    super::check(files, Origin::Folder)
}

fn put(files: &mut Files, file: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[file].clone()).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    files.insert(file.parse().unwrap(), text.replacen(from, to, 1).into_bytes());
}

fn done(change: &Change) -> Files {
    let mut files = good();
    match change {
        Text(file, from, to) => put(&mut files, file, from, to),
        Added(file, start) => drop(files.insert(file.parse().unwrap(), start.to_vec())),
        Gone(file) => drop(files.remove(*file)),
    }
    files
}

fn said(found: &[Found]) -> Vec<(&str, &str, usize)> {
    found.iter().map(|found| (found.class, found.path.as_str(), found.at.map_or(0, |at| at.line))).collect()
}

#[test]
fn a_good_app_is_clean() {
    assert_eq!(said(&check(&good())), []);
    let mut component = template(TemplateName::Component);
    assert_eq!(said(&check(&component)), [("layout/missing-logic", MANIFEST, 13)], "its logic is not built");
    component.insert("logic.wasm".parse().unwrap(), b"\0asm\x0d\0\x01\0".to_vec());
    assert_eq!(said(&check(&component)), []);
}

#[test]
fn the_samples_are_clean() {
    for sample in ["residence-permit", "benefit-estimator"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(sample);
        let mut files = Project::read(&folder).unwrap().files;
        // Where it has not been built.
        files.entry("logic.wasm".parse().unwrap()).or_insert(b"\0asm\x0d\0\x01\0".to_vec());
        files.retain(|path, _| path.as_str() != "logic.wasm" || sample == "benefit-estimator");
        assert_eq!(said(&check(&files)), [], "{sample}");
    }
}

#[test]
fn each_mistake_is_found_where_it_is_and_gone_when_it_is_mended() {
    let mut faults = Vec::new();
    for (what, change, class, path, line, fix) in MISTAKES {
        let files = done(change);
        let all = check(&files);
        // What follows from it may be said, too; of its own kind there is one.
        let own: Vec<_> = said(&all).into_iter().filter(|(known, ..)| known == class).collect();
        if own != [(*class, *path, *line)] {
            faults.push(format!("{what}: {:?}", said(&all)));
            continue;
        }
        assert_eq!(all.iter().any(|found| found.class == *class && found.fix.is_some()), matches!(fix, Automatic));
        let mended = match fix {
            Automatic => fixed(&files, &all).0,
            Undo => good(),
            Hand(file, from, to) => {
                let mut files = files;
                put(&mut files, file, from, to);
                files
            }
        };
        if !check(&mended).is_empty() {
            faults.push(format!("{what}, mended: {:?}", said(&check(&mended))));
        }
    }
    assert!(faults.is_empty() && MISTAKES.len() >= 40, "{faults:#?}");
}

#[test]
fn an_event_is_counted_as_it_is_declared() {
    let classes = |script: &str| {
        let mut files = good();
        let asked = "\"req_permissions\": [{ \"name\": \"host:telemetry\", \"reason\": \"计数。\", \"scope\": { \"events\": [\"sent\", \"left:form\"] } },";
        put(&mut files, MANIFEST, REQUEST, asked);
        put(&mut files, SCRIPT, DRAW, &format!("{script}; draw(await"));
        let found = check(&files);
        found.iter().map(|found| found.class).collect::<Vec<_>>()
    };
    for good in ["count('sent')", "count('left', 'form')", "count('sent', null)", "count(name)", "count('left', step)"]
    {
        assert_eq!(classes(&format!("guichet.telemetry.{good}")), [""; 0], "{good}");
    }
    for bad in ["count('left')", "count('sent', 'form')", "count('opened')", "count('Left', 'form')"] {
        assert_eq!(classes(&format!("guichet.telemetry.{bad}")), ["check/undeclared-event"], "{bad}");
    }
}

#[test]
fn the_reference_lists_the_mistakes() {
    let reference = include_str!("../../../docs/reference/mistakes.md");
    let mut table = String::from("| mistake | class | what to do |\n| --- | --- | --- |\n");
    for (what, change, class, _, _, fix) in MISTAKES {
        let found = check(&done(change)).into_iter().find(|found| found.class == *class).unwrap();
        let (_, hint) = found.words(Lang::En);
        let hint = hint.replace('|', "\\|").replace('<', "\\<");
        let fix = if matches!(fix, Automatic) { " (`--fix` does it)" } else { "" };
        let _ = writeln!(table, "| {} | `{class}` | {hint}{fix} |", what);
    }
    assert!(reference.contains(&table), "docs/reference/mistakes.md should have\n{table}");
}
