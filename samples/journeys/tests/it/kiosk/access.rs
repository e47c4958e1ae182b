//! The pages of a kiosk and of the samples on it, for whoever hears them, has only keys, or wants all of it larger.

use std::{fs, path::Path};

use guichet_journeys::{
    hall::papers,
    town::{OFFICES, Office, Town},
    watched::{HOME, Watched},
};
use serde_json::{Value, json};

const RECORDS: Office =
    Office { id: "records", name_zh: "档案", name_en: "Records office", prefix: "gov.example.records" };
const QUEUES: Office = Office { id: "hall", name_zh: "大厅", name_en: "Hall", prefix: "gov.example.hall" };

/// A sample: folder, department and app.
type App = (&'static str, &'static str, &'static str);

/// Those of a counter.
const SAMPLES: [App; 3] = [
    ("certificate-printer", "records", "gov.example.records.certificate"),
    ("document-scan", "records", "gov.example.records.scan"),
    ("queue-board", "hall", "gov.example.hall.queue"),
];
const PERMIT: App = ("residence-permit", "residence", "gov.example.residence.permit");
const ESTIMATOR: App = ("benefit-estimator", "benefits", "gov.example.benefits.estimator");

/// The least that is touched, and the least that is read in large and simple, in pixels on the glass.
pub(super) const TARGET: f64 = 60.0;
const LARGE_TEXT: f64 = 28.0;

/// What a person reaches with keys, in the order of the document, and where it lies.
const REACHED: &str = "return [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex=\"0\"]')]\
    .filter((e) => !e.disabled && e.getClientRects().length && e.checkVisibility({ visibilityProperty: true }))\
    .filter((e) => e.type !== 'radio' || e.checked || !document.querySelector(`input[name='${e.name}']:checked`))\
    .map((e) => e.outerHTML.slice(0, 120))";

/// What has the focus, in the same words.
pub(super) const FOCUSED: &str =
    "const e = document.activeElement; return e && e !== document.body ? e.outerHTML.slice(0, 120) : ''";

/// What is smaller than a finger, on a glass of 1080 pixels: a label is touched as well as its field.
pub(super) const SMALL: &str = "const scale = 1080 / innerWidth; const of = (e) => { const r = e.getBoundingClientRect(); return [r.width * scale, r.height * scale]; };\
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea')].filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length);\
    return all.map((e) => [e.closest('label') ?? e, e]).map(([e, field]) => [e.outerHTML.slice(0, 80), ...of(e)]).filter(([, w, h]) => Math.min(w, h) < LEAST - 0.5).map(([e, w, h]) => `${Math.round(w)}x${Math.round(h)} ${e}`)";

/// Text that is smaller than that.
const FINE: &str = "const scale = 1080 / innerWidth; const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const found = [];\
    while (texts.nextNode()) { const node = texts.currentNode; const parent = node.parentElement; if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true }) || parent.closest('.vh, script, svg, option')) continue;\
    const size = parseFloat(getComputedStyle(parent).fontSize) * scale; if (size < LEAST - 0.5) found.push(`${Math.round(size)} ${node.data.trim().slice(0, 40)}`); } return found";

fn town(folder: &Path, apps: &[App]) -> Town {
    let town = Town::found(folder, &[RECORDS, QUEUES, OFFICES[0], OFFICES[1]]).unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (sample, office, _) in apps {
        let package = folder.join(format!("{sample}.ma"));
        town.release(office, &samples.join(sample), &package).unwrap();
    }
    town
}

/// A kiosk with these apps: at most four, which whoever wants less sees at once.
fn kiosk(folder: &Path, apps: &[App], change: impl FnOnce(&mut Value)) -> (Town, Watched) {
    let town = town(folder, apps);
    let policy = papers(&folder.join("papers"), &town, |policy| {
        policy["idle"] = json!({ "warn_seconds": 600, "reset_seconds": 900 });
        policy["devices"] = json!({
            "printers": [{ "name": "A4", "ipp": "ipp://127.0.0.1:1/ipp/print" }],
            "scanners": [{ "name": "Flatbed", "sane": "test:0" }],
        });
        change(policy);
    })
    .unwrap();
    let apps: Vec<&str> = apps.iter().map(|(_, _, app)| *app).collect();
    let kiosk = Watched::open(folder, &policy, &apps).unwrap();
    (town, kiosk)
}

/// Changes a switch of the strip and waits until the page has it.
fn switch(kiosk: &Watched, action: &str, attribute: &str) {
    let is_on = format!("return String(document.documentElement.getAttribute('{attribute}'))");
    let before = kiosk.browser.ask(&is_on).unwrap();
    kiosk.touch(&format!("#strip [data-action={action}]")).unwrap();
    kiosk.browser.until("it is switched", &format!("{is_on} !== {before}")).unwrap();
    kiosk.browser.drawn().unwrap();
}

/// Home from an app.
fn home(kiosk: &Watched) {
    kiosk.browser.turn_to(HOME).unwrap();
    kiosk.touch("#strip [data-action=close-app]").unwrap();
    kiosk.browser.until("the home page is there", "return !document.getElementById('kiosk').hidden").unwrap();
}

fn seen(kiosk: &Watched, found: &mut Vec<String>, place: &str, script: &str) {
    let list = kiosk.browser.ask(script).unwrap();
    found.extend(list.as_array().unwrap().iter().map(|one| format!("{place}: {}", one.as_str().unwrap_or_default())));
}

/// Goes through everything with the Tab key alone, and compares with the order of the document.
fn tabs(kiosk: &Watched, place: &str) {
    let wanted = kiosk.browser.ask(REACHED).unwrap();
    let wanted: Vec<&str> = wanted.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(!wanted.is_empty(), "{place}");
    kiosk.browser.ask("document.activeElement?.blur(); getSelection().removeAllRanges(); return 1").unwrap();
    let mut before = String::new();
    let mut order = Vec::new();
    for _ in 0..wanted.len() {
        kiosk.display.key("Tab").unwrap();
        let moved = format!(
            "{} !== {} && document.activeElement !== document.body",
            FOCUSED.replace("return e &&", "const now = e &&").replace(": ''", ": '';") + " return now",
            json!(before)
        );
        kiosk.browser.until(&format!("{place}: the focus moves on from {before}"), &moved).unwrap();
        before = kiosk.browser.ask(FOCUSED).unwrap().as_str().unwrap_or_default().to_owned();
        order.push(before.clone());
    }
    assert_eq!(order, wanted, "{place}");
}

fn axe(kiosk: &Watched, source: &str, found: &mut Vec<String>, place: &str) {
    kiosk.browser.drawn().unwrap();
    if kiosk.browser.ask("return typeof axe").unwrap() == "undefined" {
        kiosk.browser.ask(source).unwrap();
    }
    let run = "globalThis.found = null; axe.run(document).then(({ violations }) => { found = violations.map(({ id, help, nodes }) => \
        `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`); }, (error) => { found = [String(error)]; }); return 1";
    kiosk.browser.ask(run).unwrap();
    kiosk.browser.until("axe has looked", "return globalThis.found !== null").unwrap();
    seen(kiosk, found, place, "return found");
}

/// axe-core is npm's, so this runs in `--full`.
#[test]
#[ignore = "needs axe-core: cargo xtask test --full"]
fn axe_finds_nothing_on_the_kiosk_and_its_samples_and_all_is_large_enough() {
    let modules =
        std::env::var("GUICHET_AXE").unwrap_or_else(|_| panic!("set GUICHET_AXE to a node_modules with axe-core"));
    let source = fs::read_to_string(Path::new(&modules).join("axe-core/axe.min.js")).unwrap();
    let [first, second, third] = SAMPLES;
    let mut found = Vec::new();
    for apps in [&[first, second, third, PERMIT][..], &[ESTIMATOR]] {
        measure(&source, apps, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// In both languages and every display that can be chosen.
fn measure(source: &str, apps: &[App], found: &mut Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (_town, kiosk) = kiosk(folder.path(), apps, |policy| {
        policy["idle"] = json!({ "warn_seconds": 45, "reset_seconds": 600 });
    });
    let small = SMALL.replace("LEAST", &TARGET.to_string());
    let fine = FINE.replace("LEAST", &LARGE_TEXT.to_string());
    for lang in ["zh-Hans", "en"] {
        for (mode, switches) in [
            ("standard", &[][..]),
            ("contrast", &[("set-contrast", "data-contrast")]),
            ("elder", &[("set-contrast", "data-contrast"), ("set-mode", "data-mode")]),
        ] {
            for (action, attribute) in switches {
                switch(&kiosk, action, attribute);
            }
            let place = format!("{lang} {mode} home");
            axe(&kiosk, source, found, &place);
            seen(&kiosk, found, &place, &small);
            if mode == "elder" {
                seen(&kiosk, found, &place, &fine);
            }
            for (sample, _, app) in apps {
                let place = format!("{lang} {mode} {sample}");
                kiosk.open_app(app).unwrap();
                kiosk
                    .browser
                    .until("it has its words", "return document.querySelector('h1')?.innerText.trim()")
                    .unwrap();
                axe(&kiosk, source, found, &place);
                seen(&kiosk, found, &place, &small);
                if mode == "elder" {
                    seen(&kiosk, found, &place, &fine);
                }
                kiosk.browser.turn_to(HOME).unwrap();
                axe(&kiosk, source, found, &format!("{place}: bar and strip"));
                seen(&kiosk, found, &format!("{place}: bar and strip"), &small);
                home(&kiosk);
            }
        }
        switch(&kiosk, "set-mode", "data-mode");
        if lang == "zh-Hans" {
            switch(&kiosk, "set-language", "lang");
        }
    }
    // Nobody does anything, and is asked.
    kiosk.says(0, "asked").unwrap();
    kiosk.browser.turn_to("idle.html").unwrap();
    kiosk.reads("#title", "still there").unwrap();
    axe(&kiosk, source, found, "the question");
    seen(&kiosk, found, "the question", &small);
    kiosk.close().unwrap();
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn keys_reach_everything_in_the_order_of_reading() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, third] = SAMPLES;
    let (_town, kiosk) = kiosk(folder.path(), &[first, second, third, PERMIT], |_| {});
    tabs(&kiosk, "home");
    for (sample, _, app) in SAMPLES {
        kiosk.open_app(app).unwrap();
        kiosk.browser.until("it has its words", "return document.querySelector('h1')?.innerText.trim()").unwrap();
        tabs(&kiosk, sample);
        home(&kiosk);
    }
    kiosk.close().unwrap();
}
